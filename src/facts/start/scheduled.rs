//! Whether cron runs at all as the user of a container, and whether it finds what its jobs call.

use crate::context::Origin;
use crate::facts::build::at;
use crate::facts::files::origin;
use crate::facts::model::{Project, ScriptFact};
use crate::facts::start::script_place::hands_path_on;
use crate::facts::start::user;
use crate::knowledge::images::{Family, PackageManager};
use crate::knowledge::programs;
use crate::knowledge::words::DirectoryWords;
use crate::shell::ast::Command;
use crate::span::Span;

fn is_on_debian(p: &Project, stage: usize, families: &[Family]) -> bool {
    let base = &at::root(&p.stages, stage).base.knowledge;
    base.package_manager == PackageManager::Apt && families.contains(&base.family)
}

/// The program that a job calls by its bare name and that cron does not find: Python's official image has it in
/// `/usr/local/bin` alone.
pub(crate) fn unfound(p: &Project, source: usize) -> Vec<(String, Span)> {
    let fact = &p.sources[source];
    let stage = p.copies[fact.copy].stage;
    if fact.cron_jobs.is_empty() || !is_on_debian(p, stage, &[Family::Python]) {
        return Vec::new();
    }
    let is_installed = p
        .packages
        .iter()
        .any(|one| one.name == "cron" && at::is_part(&p.stages, one.stage, stage));
    // cron takes variables from there.
    const VARIABLES: &str = "/etc/environment";
    let names = |script: &ScriptFact| {
        let text = script.text.as_ref();
        text.is_none_or(|text| {
            let text = text.as_str();
            text.contains(VARIABLES) || text.contains("/etc/cron")
        })
    };
    let scripts = p.images.iter().flat_map(|image| &image.scripts);
    let runs = p.services.iter().filter_map(|fact| fact.run.as_ref());
    let of_services = runs.flat_map(|run| &run.scripts);
    let is_told = p.text.text.contains(VARIABLES)
        || p.text.text.contains("crontab ")
        || scripts.chain(of_services).any(names);
    if !is_installed || is_told {
        return Vec::new();
    }
    let lies_there = |directory: &str, name: &str| {
        let path = format!("{directory}/{name}");
        let found = origin::at_end(p, stage, &path).origin;
        !matches!(found, Origin::Missing | Origin::Unknown)
    };
    let is_unfound = |name: &str| {
        let is_of_python = matches!(name, "python" | "celery" | "django-admin");
        let mut system = DirectoryWords::Programs.iter();
        is_of_python && !system.any(|it| !it.starts_with("/usr/local") && lies_there(it, name))
    };
    let jobs = fact.cron_jobs.iter();
    jobs.filter(|(name, _)| is_unfound(name)).cloned().collect()
}

/// The user, not root, as whom Debian's cron is started: it cannot write its number below `/run`.
pub(crate) fn refused_cron(
    p: &Project,
    image: usize,
    service: Option<usize>,
    command: &Command,
) -> Option<String> {
    let stays = |wrapper: &String| hands_path_on(wrapper) || programs::is_shell(wrapper);
    let is_cron = command.name.as_deref() == Some("cron")
        && command.run_as.is_none()
        && command.wrappers.iter().all(stays);
    let stage = p.images[image].stage;
    let families = [Family::Python, Family::Debian, Family::Ubuntu];
    let mut places = ["crond.pid", "/run", "/sbin/cron"].iter();
    let is_opened = places.any(|place| p.text.text.contains(place));
    if !is_cron || is_opened || !is_on_debian(p, stage, &families) {
        return None;
    }
    user::not_root(p, image, service)
}
