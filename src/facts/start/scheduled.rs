//! Whether cron runs at all as the user of a container, and whether it finds what its jobs call.

use crate::context::Origin;
use crate::facts::build::at;
use crate::facts::files::{cron_jobs, origin};
use crate::facts::model::{CronFact, Edited, ImageFact, Project, RunFact, ScriptFact, StartPhase};
use crate::facts::start::script_place::hands_path_on;
use crate::facts::start::user;
use crate::facts::system::accounts;
use crate::knowledge::images::{Family, PackageManager};
use crate::knowledge::programs::{self, Role};
use crate::knowledge::words::DirectoryWords;
use crate::shell::ast::Command;
use crate::span::{Span, Traced};

fn is_on_debian(p: &StartPhase, stage: usize, families: &[Family]) -> bool {
    let base = &at::root(&p.stages, stage).base.knowledge;
    base.package_manager == PackageManager::Apt && families.contains(&base.family)
}

/// The program that a job calls by its bare name and that cron does not find: Python's official image has it in
/// `/usr/local/bin` alone.
pub(crate) fn unfound(p: &Project, source: usize) -> Vec<(String, Span)> {
    let fact = &p.sources[source];
    let stage = p.copies[fact.copy].stage;
    let table = fact.cron_table.as_ref();
    let Some(cron) = table.filter(|_| is_on_debian(p, stage, &[Family::Python])) else {
        return Vec::new();
    };
    if cron.table.called.is_empty() || cron.installed.is_some() {
        return Vec::new();
    }
    let is_installed = is_installed(p, stage);
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
    let jobs = cron.table.called.iter();
    jobs.filter(|(name, _)| is_unfound(name)).cloned().collect()
}

/// Debian's cron is in the image and reads a table as it is written: one of the system, or one that `crontab` gives to
/// a user.
pub(crate) fn is_read(p: &StartPhase, stage: usize, cron: &CronFact) -> bool {
    let families = [Family::Python, Family::Debian, Family::Ubuntu];
    let is_edited = p.files[stage].edited(&p.around.context, &cron.target) != Edited::No;
    !is_edited
        && is_on_debian(p, stage, &families)
        && is_installed(p, stage)
        && (cron.installed.is_some()
            || cron_jobs::is_table(&cron.target) && cron_jobs::is_read_by_name(&cron.target))
}

/// The `%` that ends the command of a job where its quotes or brackets are still open, so that its shell cannot read
/// what is left: Debian's cron hands a shell the text before it (crontab(5)).
pub(crate) fn cut(p: &Project, source: usize) -> Option<Traced> {
    let fact = &p.sources[source];
    let cron = fact.cron_table.as_ref()?;
    if !is_read(p, p.copies[fact.copy].stage, cron) {
        return None;
    }
    cron.table.jobs.iter().find_map(cron_jobs::cut)
}

/// Debian's cron is installed by name.
fn is_installed(p: &StartPhase, stage: usize) -> bool {
    let mut packages = p.packages.iter();
    packages.any(|one| one.name == "cron" && at::is_part(&p.stages, one.stage, stage))
}

/// What of a table makes Debian's cron pass over it, or over all that it says.
pub(crate) struct Fault {
    /// `user`, `name` or `newline` for a table of the system, `owner` for one of a user.
    pub(crate) kind: &'static str,
    pub(crate) text: String,
    pub(crate) span: Span,
}

/// The fault of a table of cron that a COPY brings.
pub(crate) fn fault(p: &Project, source: usize) -> Option<Fault> {
    let fact = &p.sources[source];
    let cron = fact.cron_table.as_ref()?;
    let stage = p.copies[fact.copy].stage;
    let families = [Family::Python, Family::Debian, Family::Ubuntu];
    let is_edited = p.files[stage].edited(&p.around.context, &cron.target) != Edited::No;
    if is_edited || !is_on_debian(p, stage, &families) || !is_installed(p, stage) {
        return None;
    }
    let is_account = |name: &str| accounts::is_account(p, stage, name);
    let mut users = cron.table.users.iter();
    let fault = |kind, text: &str, span| {
        let text = text.to_owned();
        Some(Fault { kind, text, span })
    };
    if cron.installed.is_some() {
        // The word that a job begins with, where that is a user and no program.
        let user = users.find(|word| matches!(word.as_str(), "root" | "www-data" | "nobody"))?;
        return fault("owner", user.as_str(), user.span());
    }
    if !cron_jobs::is_table(&cron.target) || cron.table.users.is_empty() {
        return None;
    }
    // Something else may read the file, or copy it to another place.
    let name = cron.target.rsplit('/').next().unwrap_or_default();
    let is_named_again =
        p.text.text.matches(cron.target.as_str()).count() > 1 || is_handed_on(p, name);
    if !cron_jobs::is_read_by_name(&cron.target) {
        let is_told = is_named_again || p.text.text.contains("/etc/default/cron");
        return (!is_told).then(|| fault("name", name, fact.path.span()))?;
    }
    if let Some(last) = cron.table.unended {
        return fault("newline", "", last);
    }
    let user = users.find(|word| {
        let text = word.as_str();
        let is_none = text.contains(['/', '$', '=']) || is_account(text) == Some(false);
        let may_be_one = is_account(text) == Some(true) || text.is_empty();
        (is_none || is_program(text)) && !may_be_one
    })?;
    (!is_named_again).then(|| fault("user", user.as_str(), user.span()))?
}

/// A program that nobody calls an account by.
fn is_program(word: &str) -> bool {
    [Role::Quiet, Role::Shell, Role::SetsVariables]
        .into_iter()
        .any(|role| programs::is(word, role))
        || word.starts_with("python")
}

/// A script or command names `crontab`, which makes a table of the system one of a user.
fn is_handed_on(p: &Project, name: &str) -> bool {
    let names = |text: &str| text.contains("crontab ") || text.contains(name);
    let images = p.images.iter();
    let scripts = images.clone().flat_map(|image| &image.scripts);
    let runs = p.services.iter().filter_map(|fact| fact.run.as_ref());
    let all = scripts.chain(runs.clone().flat_map(|run| &run.scripts));
    let mut texts = all.filter_map(|script| script.text.as_ref());
    let commands = p.commands.iter().map(|fact| &fact.command);
    let starts = images.flat_map(ImageFact::all_starts);
    let starts = starts.chain(runs.flat_map(RunFact::all_starts));
    let mut all = commands.chain(starts.map(|start| &start.command));
    texts.any(|text| names(text.as_str()))
        || all.any(|command| command.name.as_deref() == Some("crontab"))
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
