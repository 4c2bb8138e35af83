//! Whether an install with pip or uv downloads anything: what is installed already stays as it is, and
//! what a directory of wheels has comes from there.

use crate::maps::{HashMap, HashSet};

use jiff::civil::Date;

use crate::context::Origin;
use crate::facts::build::{at, manager, variables};
use crate::facts::files::origin;
use crate::facts::model::{CommandFact, InstallFact, InstallPhase, Maybe, Project};
use crate::facts::python::dependencies;
use crate::knowledge::images::Family;
use crate::knowledge::python::PythonSeries;
use crate::knowledge::words::{OptionWords, ValueWords, VariableWords};
use crate::knowledge::{Series, pypi, pypi_names, wheels};
use crate::python::requirements::{Requirement, Specifier, Versions};
use crate::shell::ast::{Arg, Command};

/// Earlier installs of a stage that are looked at; those before them count as not known to be there.
const MAX_EARLIER: usize = 32;

/// Layers, and commands of one, that are looked at for the first of two steps.
const MAX_STEPS: usize = 32;

/// Names of one command that are looked for in them.
const MAX_ASKED: usize = 100;

/// Commands before an install among which an environment of conda is looked for.
const MAX_BEFORE: usize = 200;

/// Later installs of a stage that are looked at.
const MAX_LATER: usize = 16;

/// Whether a package is installed already in the version that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum There {
    Yes,
    No,
    Unknown,
}

/// For each command whether its download cache stays in the image, when that of its layer alone is given: what
/// downloads nothing leaves none.
pub(crate) fn leaves_cache(p: &InstallPhase, own: &[Maybe<bool>]) -> Vec<Maybe<bool>> {
    let mut all = own.to_vec();
    for install in &p.installs {
        if own[install.command] != Maybe::Known(true) {
            continue;
        }
        match downloads(p, install) {
            Some(true) => {}
            Some(false) => all[install.command] = Maybe::Known(false),
            None => all[install.command] = Maybe::Unknown,
        }
    }
    all
}

/// Whether an install downloads something; `None` when that is not known.
fn downloads(p: &InstallPhase, install: &InstallFact) -> Option<bool> {
    let command = &p.commands[install.command].command;
    if command.name.as_deref() == Some("pip") && has_pip_without_cache(p, install.stage) {
        return None;
    }
    if !is_pip(command) {
        return Some(true);
    }
    if looks_in_directories_only(p, install) {
        return Some(false);
    }
    if install.is_export || replaces(command) || !command.flags.iter().all(is_no_project) {
        return Some(true);
    }
    let words: Vec<&str> = command.operands.iter().filter_map(Arg::as_str).collect();
    let is_wheel = |word: &&str| word.ends_with(".whl") || word.ends_with("/*") || *word == "*";
    if words.len() == command.operands.len() && !words.is_empty() && words.iter().all(is_wheel) {
        // What they need may lie beside them.
        return None;
    }
    if !install.is_followed || !install.set.is_complete || install.set.requirements.is_empty() {
        return Some(true);
    }
    let mut verdict = Some(false);
    let earlier = Earlier::new(p, install);
    for requirement in &install.set.requirements {
        if dependencies::applies(install, requirement) == Some(false) {
            continue;
        }
        match earlier.has(requirement) {
            There::Yes => {}
            There::No => return Some(true),
            There::Unknown => verdict = None,
        }
    }
    verdict
}

/// The names that an install asks for and that are or may be there already.
pub(crate) fn may_be_there(p: &Project, command: usize) -> Vec<&str> {
    let Ok(at) = dependencies::position(p, command) else {
        return Vec::new();
    };
    let install = &p.installs[at];
    let earlier = Earlier::new(p, install);
    let named = install.set.requirements.iter();
    let named = named.filter(|one| earlier.may_have(one));
    named.map(|one| one.name.as_str()).collect()
}

/// A list that pip or Pipenv installs names the directory that it lies in: what is installed is made of the code.
pub(crate) fn lists_own_code(p: &Project, command: usize) -> bool {
    let name = p.commands[command].command.name.as_deref();
    let Ok(at) = dependencies::position(p, command) else {
        return false;
    };
    let is_own = |requirement: &Requirement| {
        let path = requirement.path.as_deref().unwrap_or_default();
        let path = path.split('[').next().unwrap_or_default();
        requirement.specifier == Specifier::Path && matches!(path, "." | "./")
    };
    matches!(name, Some("pip" | "pipenv")) && p.installs[at].set.requirements.iter().any(is_own)
}

/// An install before this one, in its stage or one that this builds on, may have put there what a requirement asks for.
pub(crate) fn may_be_installed(
    p: &InstallPhase,
    install: &InstallFact,
    wanted: &Requirement,
) -> bool {
    let end = dependencies::position(p, install.command).unwrap_or(0);
    let near = p.installs[..end].iter().rev().take(8 * MAX_EARLIER);
    let before = near.filter(|earlier| {
        at::is_part(&p.stages, earlier.stage, install.stage) && !earlier.is_export
    });
    let mut lists = before
        .take(MAX_EARLIER)
        .flat_map(|earlier| std::iter::once(earlier).chain(taken(p, earlier)));
    lists.any(|list| {
        let versions = list.set.versions_of(&wanted.name);
        versions.is_some_and(|versions| {
            let pinned = versions.pinned();
            pinned.and_then(|version| wanted.versions.allow(&version)) != Some(false)
        })
    })
}

/// The names that the command itself, or a later install of its stage, has pinned: what is there in the end is no
/// matter of the day. False: one of them could not be read.
pub(crate) fn pinned_beside(
    p: &Project,
    command: usize,
    asked: &HashSet<String>,
) -> (Vec<String>, bool) {
    let stage = p.commands[command].stage;
    let start = p.installs.partition_point(|one| one.command < command);
    let later = p.installs[start..].iter();
    let later = later.take_while(|one| one.stage == stage).take(MAX_LATER);
    let mut names = Vec::new();
    let mut is_read = true;
    if asked.len() > MAX_ASKED {
        return (names, is_read);
    }
    for install in later.filter(|one| !one.is_export) {
        for set in std::iter::once(&install.set).chain(&install.likely) {
            for name in set.requirements.iter().map(|one| &one.name) {
                if asked.contains(name) && !names.contains(name) {
                    let versions = set.versions_of(name);
                    if versions.is_some_and(|versions| versions.pinned().is_some()) {
                        names.push(name.clone());
                    }
                }
            }
        }
        let takes_list = p.commands[install.command].command.flag("--requirement");
        is_read &= install.command == command
            || takes_list.is_none()
            || install.is_followed
            || install.likely.is_some();
    }
    (names, is_read)
}

/// The pip of an old distribution (1.5): it keeps nothing, and has no `--no-cache-dir`, unless a newer one was put
/// over it.
fn has_pip_without_cache(p: &InstallPhase, stage: usize) -> bool {
    let base = &at::root(&p.stages, stage).base;
    let Some(image) = &base.image else {
        return false;
    };
    let tag = image.tag.as_ref().map_or("", |tag| tag.as_str());
    match image.repository.rsplit('/').next() {
        Some("ubuntu") => ValueWords::OldUbuntu.begins(tag),
        Some("debian") => ValueWords::OldDebian.begins(tag),
        _ => false,
    }
}

/// pip takes `PIP_NO_CACHE_DIR=1` as meant: one of 19 or later, as every official image of Python 3.8 and later
/// brings it.
pub(crate) fn knows_variable(p: &Project, index: usize) -> bool {
    let base = &at::root(&p.stages, p.commands[index].stage).base.knowledge;
    let is_recent = base.python.is_some_and(|python| python >= Series(3, 8));
    let pinned = crate::facts::python::releases::installed(p, index, "pip");
    let is_old = |versions: Versions| versions.stay_below("19") != Some(false);
    base.family == Family::Python && is_recent && !pinned.is_some_and(is_old)
}

/// For the second of `uv sync --no-install-project` and `uv sync`: where the first has its cache mounted. What the
/// project needs was fetched there.
pub(crate) fn mounted_before(p: &Project, index: usize) -> Option<&str> {
    let fact = &p.commands[index];
    let is_sync = |command: &Command| {
        command.name.as_deref() == Some("uv") && command.subcommand() == Some("sync")
    };
    let is_first = |command: &Command| is_sync(command) && manager::leaves_project_out(command);
    if !is_sync(&fact.command) {
        return None;
    }
    let layers = p.stages[fact.stage].layers.iter().take(MAX_STEPS);
    let mut before = layers.map(|layer| &p.layers[*layer]);
    before.find_map(|layer| {
        let own = layer.commands.clone();
        let start = own.start;
        let mut commands = p.commands[own].iter().take(MAX_STEPS);
        if start >= index || !commands.any(|one| is_first(&one.command)) {
            return None;
        }
        let mut mounts = layer.mounts.iter();
        let holds = |target: &str| target.contains("uv") || target.ends_with("/.cache");
        let mount = mounts.find(|mount| mount.kind == "cache" && holds(&mount.target))?;
        Some(mount.target.as_str())
    })
}

/// `pip install` of nothing but what installs others: some megabytes.
pub(crate) fn installs_installers(command: &Command) -> bool {
    let is_installer = |arg: &Arg| {
        let name = arg
            .as_str()
            .map(crate::facts::python::commands::package_name);
        name.is_some_and(pypi_names::is_installer)
    };
    command.name.as_deref() == Some("pip")
        && command.subcommand() == Some("install")
        && !command.operands.is_empty()
        && command.operands.iter().all(is_installer)
        && command.flags.iter().all(is_no_list)
}

/// `pip install` of one to three packages without compiled code or of a few megabytes, none of which brings more along.
pub(crate) fn installs_little(command: &Command) -> bool {
    let is_little = |arg: &Arg| {
        let name = arg
            .as_str()
            .map(crate::facts::python::commands::package_name);
        name.is_some_and(|name| {
            let name = crate::python::requirements::normalize_name(name);
            // Django itself takes eight megabytes.
            pypi_names::is_installer(&name)
                || pypi_names::is_little(&name)
                || name != "django"
                    && pypi_names::is_plain(&name)
                    && wheels::of(&name).is_empty()
                    && pypi::distribution(&name).is_none()
        })
    };
    command.name.as_deref() == Some("pip")
        && command.subcommand() == Some("install")
        && (1..=3).contains(&command.operands.len())
        && command.operands.iter().all(is_little)
        && command.flags.iter().all(is_no_list)
}

fn is_no_list(flag: &crate::shell::ast::CommandFlag) -> bool {
    !matches!(
        flag.name.as_str(),
        "--requirement" | "--editable" | "--group"
    )
}

/// `--no-index` with nothing but directories to look in.
pub(crate) fn looks_in_directories_only(p: &InstallPhase, install: &InstallFact) -> bool {
    let command = &p.commands[install.command].command;
    let is_offline = command.flag("--no-index").is_some()
        || install.set.options.no_index.is_some()
        || variables::may_be_set(p, install.command, "PIP_NO_INDEX");
    let is_address = |text: Option<&str>| text.is_none_or(|text| text.contains("://"));
    let mut flags = command.flags.iter();
    is_offline
        && !flags.any(|flag| {
            flag.name == "--find-links" && is_address(flag.value.as_ref().and_then(Arg::as_str))
        })
        && !install
            .set
            .options
            .find_links
            .iter()
            .any(|link| is_address(Some(link.as_str())))
}

/// It takes packages away.
pub(crate) fn uninstalls(command: &Command) -> bool {
    is_pip(command) && command.subcommand() == Some("uninstall")
}

/// `pip install`, `uv pip install`.
fn is_pip(command: &Command) -> bool {
    matches!(
        (command.name.as_deref(), command.subcommand()),
        (Some("pip"), _) | (Some("uv"), Some("pip install"))
    )
}

/// What is installed already is fetched again, or goes elsewhere.
fn replaces(command: &Command) -> bool {
    command
        .flags
        .iter()
        .any(|flag| OptionWords::Replaces.contains(&flag.name))
}

/// Not `-e .`, whose tools of building are fetched each time.
fn is_no_project(flag: &crate::shell::ast::CommandFlag) -> bool {
    !matches!(flag.name.as_str(), "--editable" | "--group")
}

/// What the installs before one have put into its stage, by name.
pub(crate) struct Earlier<'a> {
    p: &'a InstallPhase,
    install: &'a InstallFact,
    /// In order: the install, the list it takes it from, the entry.
    entries: HashMap<&'a str, Vec<(&'a InstallFact, &'a InstallFact, &'a Requirement)>>,
    /// Those whose version the build finds out: `GDAL==$(gdal-config --version)`.
    computed: HashSet<String>,
}

impl<'a> Earlier<'a> {
    pub(crate) fn new(p: &'a InstallPhase, install: &'a InstallFact) -> Self {
        let end = dependencies::position(p, install.command).unwrap_or(0);
        let near = p.installs[..end].iter().rev().take(8 * MAX_EARLIER);
        let before = near.filter(|earlier| {
            at::is_part(&p.stages, earlier.stage, install.stage)
                && !earlier.is_export
                && is_pip(&p.commands[earlier.command].command)
        });
        let mut before: Vec<&InstallFact> = before.take(MAX_EARLIER).collect();
        before.reverse();
        let mut entries: HashMap<&str, Vec<_>> = HashMap::default();
        let mut computed = HashSet::default();
        for earlier in before {
            let operands = p.commands[earlier.command].command.operands.iter();
            let open = operands.filter(|it| it.text.is_none() && it.prefix.ends_with("=="));
            computed.extend(open.map(|it| {
                let name = crate::facts::python::commands::package_name(&it.prefix);
                crate::python::requirements::normalize_name(name)
            }));
            for list in std::iter::once(earlier).chain(taken(p, earlier)) {
                for entry in &list.set.requirements {
                    let known = entries.entry(entry.name.as_str()).or_default();
                    known.push((earlier, list, entry));
                }
            }
        }
        Self {
            p,
            install,
            entries,
            computed,
        }
    }

    /// What an earlier install of the stage, or the base image, has of a requirement.
    fn has(&self, wanted: &Requirement) -> There {
        if wanted.name.is_empty()
            || matches!(
                wanted.specifier,
                Specifier::Url { .. } | Specifier::Path | Specifier::Unknown
            )
        {
            return There::No;
        }
        let known = self.entries.get(wanted.name.as_str());
        let mut known = known.into_iter().flatten().rev();
        let last = known.find(|(_, list, entry)| dependencies::applies(list, entry) != Some(false));
        let Some((earlier, list, entry)) = last else {
            return brought_by_base(self.p, self.install, wanted);
        };
        match satisfies(list, entry, wanted) {
            There::Yes if !self.is_sure(earlier) => There::Unknown,
            verdict => verdict,
        }
    }

    /// What an earlier install put there is there for sure, in the same environment.
    fn is_sure(&self, earlier: &InstallFact) -> bool {
        let commands = &self.p.commands;
        let (one, other) = (&commands[earlier.command], &commands[self.install.command]);
        earlier.is_certain && is_same_place(self.p, one, other) && !self.is_reduced()
    }

    /// Something took packages away.
    fn is_reduced(&self) -> bool {
        let (stage, command) = (self.install.stage, self.install.command);
        self.p.marks.uninstalls.is_before(stage, command)
    }

    /// A requirement is or may be there already, so that nothing newer is fetched for it.
    pub(crate) fn may_have(&self, wanted: &Requirement) -> bool {
        let command = &self.p.commands[self.install.command].command;
        is_pip(command)
            && !self.install.is_export
            && !replaces(command)
            && (self.has(wanted) != There::No || self.computed.contains(&wanted.name))
    }
}

/// The exports whose lists an install takes as a whole.
fn taken<'a>(
    p: &'a InstallPhase,
    install: &'a InstallFact,
) -> impl Iterator<Item = &'a InstallFact> {
    let whole = install.takes.iter().filter(|taken| taken.takes_all);
    whole.filter_map(|taken| {
        let at = dependencies::position(p, taken.command).ok()?;
        Some(&p.installs[at])
    })
}

/// What an installed entry means for one that is asked for later.
fn satisfies(install: &InstallFact, other: &Requirement, wanted: &Requirement) -> There {
    let has_extras = wanted
        .extras
        .iter()
        .all(|extra| other.extras.contains(extra));
    if !has_extras || dependencies::applies(install, other).is_none() {
        return There::Unknown;
    }
    if wanted.specifier == Specifier::Unbounded {
        return There::Yes;
    }
    let Some(version) = dependencies::versions(install, other).pinned() else {
        return There::Unknown;
    };
    match wanted.versions.allow(&version) {
        Some(true) => There::Yes,
        // The one that is asked for takes its place.
        Some(false) => There::No,
        None => There::Unknown,
    }
}

/// pip is in every image of Python, setuptools and wheel in those before 3.12.
fn brought_by_base(p: &InstallPhase, install: &InstallFact, wanted: &Requirement) -> There {
    let is_tool = matches!(wanted.name.as_str(), "pip" | "setuptools" | "wheel");
    let command = &p.commands[install.command].command;
    if !is_tool || command.name.as_deref() != Some("pip") {
        return There::No;
    }
    let base = &at::root(&p.stages, install.stage).base.knowledge;
    let has_tools = match base.python.filter(|_| base.family == Family::Python) {
        Some(python) => python < Series(3, 12),
        None if wanted.name == "pip" => false,
        None => return There::Unknown,
    };
    if wanted.name != "pip" && !has_tools {
        return There::No;
    }
    let is_global = command
        .program
        .as_deref()
        .is_some_and(|program| !program.contains('/') || program.starts_with("/usr/local/bin/"));
    if wanted.specifier == Specifier::Unbounded && (is_global || wanted.name == "pip") {
        There::Yes
    } else {
        There::Unknown
    }
}

/// Both commands install into the same environment, as far as their words and PATH say.
fn is_same_place(p: &InstallPhase, one: &CommandFact, other: &CommandFact) -> bool {
    let directory = |fact: &CommandFact| -> Option<String> {
        let program = fact.command.program.as_deref()?;
        let parent = program.rsplit_once('/').map(|(parent, _)| parent);
        Some(parent.unwrap_or_default().to_owned())
    };
    let choice = |fact: &CommandFact| -> Vec<(String, Option<String>)> {
        let flags = fact.command.flags.iter();
        flags
            .filter(|flag| OptionWords::Into.contains(&flag.name))
            .map(|flag| {
                let value = flag.value.as_ref().and_then(Arg::as_str);
                (flag.name.clone(), value.map(str::to_owned))
            })
            .collect()
    };
    let activates = |fact: &CommandFact| {
        let layer = &p.layers[fact.layer];
        p.commands[layer.commands.start..layer.commands.start + fact.position]
            .iter()
            .any(|before| before.command.activates_virtualenv())
    };
    let from = p.layers[one.layer].instruction;
    let to = p.layers[other.layer].instruction;
    let mut places = VariableWords::MovesInstall.iter();
    let is_moved = places.any(|name| p.env_between(name, from, to));
    one.command.name == other.command.name
        && directory(one).is_some()
        && directory(one) == directory(other)
        && choice(one) == choice(other)
        && activates(one) == activates(other)
        && !is_moved
}

/// The Python of an install's stage ended over a year ago, or the Django that the stage installs over three: hardly
/// anything new comes for them.
pub(crate) fn is_of_the_past(p: &Project, install: &InstallFact) -> bool {
    let days = |day: Date| p.today.since(day).map_or(0, |span| span.get_days());
    let python = at::root(&p.stages, install.stage).base.knowledge.python;
    let python = python.and_then(crate::knowledge::python::series);
    let beside = p.installs.iter().filter(|it| it.stage == install.stage);
    let mut django = beside.take(MAX_EARLIER).flat_map(|install| {
        let django = install.set.named("django").take(MAX_EARLIER);
        django.filter_map(|it| dependencies::newest_django(install, it))
    });
    let python = conda_python(p, install).or(python);
    let ended = python.and_then(|row| row.eol);
    ended.is_some_and(|day| days(day) > 365) || django.any(|row| days(row.eol) > 3 * 365)
}

/// The Python of the environment that conda made in the stage before an install: `conda create -n shop python=3.7`.
fn conda_python(p: &Project, install: &InstallFact) -> Option<&'static PythonSeries> {
    let makes = |fact: &&CommandFact| {
        let name = fact.command.name.as_deref();
        fact.stage == install.stage && name.is_some_and(|name| matches!(name, "conda" | "mamba"))
    };
    let before = p.commands[..install.command].iter().rev();
    let mut before = before.take(MAX_BEFORE).filter(makes);
    before.find_map(|fact| {
        let mut args = fact.command.args.iter().filter_map(Arg::as_str);
        let version = args.find_map(|arg| arg.strip_prefix("python="))?;
        let version = version.trim_start_matches('=');
        crate::knowledge::python::series(Series::parse(version)?)
    })
}

/// Where git reads its configuration.
const GIT_FILES: [&str; 3] = [
    "/etc/gitconfig",
    "/root/.gitconfig",
    "/root/.config/git/config",
];

/// Git gets a configuration, which may give addresses another protocol: a RUN, a variable, a file or a mount.
pub(crate) fn configures_git(p: &Project) -> bool {
    let mut names = ["gitconfig", ".config/git", "GIT_CONFIG"].into_iter();
    let is_brought = |stage: usize| {
        GIT_FILES.iter().any(|path| {
            let found = origin::at_end(p, stage, path).origin;
            matches!(found, Origin::Context(_) | Origin::Inline(_))
        })
    };
    names.any(|name| p.text.text.contains(name))
        || (0..p.stages.len()).any(is_brought)
        || p.commands.iter().any(|fact| {
            let command = &fact.command;
            let mut args = command.args.iter().filter_map(Arg::as_str);
            command.name.as_deref() == Some("git") && args.any(|arg| arg == "config")
        })
}
