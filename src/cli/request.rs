//! The request that the arguments of several commands make.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::check::{Configuration, Request, Workspace};

use super::args::{BuildArgs, CONFIG, POLICY, RulesArgs, TODAY};
use crate::knowledge::Date;

/// What the arguments that several commands share ask for; no paths yet.
pub(super) fn request(build: &BuildArgs, rules: &RulesArgs) -> anyhow::Result<Request> {
    let today = build.today.unwrap_or_else(clock);
    let mut request = Request::new(working_directory()?, today);
    request.rules.clone_from(&rules.rules);
    request.context.clone_from(&build.context);
    request.target.clone_from(&build.target);
    request.build_args.clone_from(&build.build_args);
    Ok(request)
}

/// The day that the clock shows.
fn clock() -> Date {
    let now = jiff::Timestamp::now();
    now.to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// The day that ages are counted to by whoever runs for long.
pub(super) fn today() -> Date {
    let said = std::env::var(TODAY).ok();
    let said = said.and_then(|day| day.parse().ok());
    said.unwrap_or_else(clock)
}

/// The disk, with the configuration that the arguments ask for.
pub(super) fn workspace(rules: &RulesArgs) -> Workspace {
    Workspace::disk()
        .with_configuration(match (&rules.config, named_configuration()) {
            (Some(file), _) => Configuration::File(file.clone()),
            (None, _) if rules.no_config => Configuration::None,
            (None, Some(file)) => Configuration::File(file),
            (None, None) => Configuration::Nearest,
        })
        .with_policy(rules.policy.clone().or_else(named_policy))
}

/// The configuration that the environment names.
pub(super) fn named_configuration() -> Option<PathBuf> {
    let named = std::env::var_os(CONFIG).filter(|value| !value.is_empty());
    named.map(PathBuf::from)
}

/// The policy that the environment names.
pub(super) fn named_policy() -> Option<PathBuf> {
    let named = std::env::var_os(POLICY).filter(|value| !value.is_empty());
    named.map(PathBuf::from)
}

/// Where the command runs.
pub(super) fn working_directory() -> anyhow::Result<std::path::PathBuf> {
    std::env::current_dir().context("the working directory cannot be found out")
}
