//! The request that the arguments of several commands make.

use anyhow::Context as _;

use crate::check::Request;

use super::args::{BuildArgs, RulesArgs};

/// What the arguments that several commands share ask for; no paths yet.
pub(super) fn request(build: &BuildArgs, rules: &RulesArgs) -> anyhow::Result<Request> {
    let today = match build.today {
        Some(today) => today,
        None => jiff::Timestamp::now()
            .to_zoned(jiff::tz::TimeZone::UTC)
            .date(),
    };
    let mut request = Request::new(working_directory()?, today);
    request.rules.clone_from(&rules.rules);
    request.config.clone_from(&rules.config);
    request.no_config = rules.no_config;
    request.context.clone_from(&build.context);
    request.target.clone_from(&build.target);
    request.build_args.clone_from(&build.build_args);
    Ok(request)
}

/// Where the command runs.
pub(super) fn working_directory() -> anyhow::Result<std::path::PathBuf> {
    std::env::current_dir().context("the working directory cannot be found out")
}
