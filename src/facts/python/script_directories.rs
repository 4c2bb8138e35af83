//! The directory that an install puts the programs of its packages into: that of the system, of a user, or of a virtual
//! environment. By the installers' documentation, and tried with pip 25.3, uv 0.9, poetry 2.1 and pipenv 2025.0.

use crate::context::Origin;
use crate::facts::build::users::CurrentUser;
use crate::facts::build::variables::{self, Seen};
use crate::facts::build::{at, users};
use crate::facts::files::origin;
use crate::facts::model::{InstallFact, PlaceKind, Project, Scripts};
use crate::facts::python::virtualenvs;
use crate::knowledge::images::Family;
use crate::knowledge::installers::Dialect;
use crate::knowledge::words::{DirectoryWords, OptionWords, ValueWords, VariableWords};
use crate::shell::ast::{Command, CommandFlag};

/// Where pip puts programs when it runs as root.
const SYSTEM: &str = "/usr/local/bin";

fn system() -> Scripts {
    Scripts {
        directory: SYSTEM.to_owned(),
        kind: PlaceKind::System,
    }
}

fn environment(directory: &str) -> Scripts {
    Scripts {
        directory: format!("{}/bin", directory.trim_end_matches('/')),
        kind: PlaceKind::Environment,
    }
}

/// Where an install puts its programs; `None` when that is not known.
pub(crate) fn of(p: &Project, install: &InstallFact) -> Option<Scripts> {
    let command = &p.commands[install.command].command;
    let is_known = command.is_complete && !changes_environment(p, install.command);
    if !is_known {
        return None;
    }
    match (install.row.dialect, command.name.as_deref()) {
        (Dialect::Pip, Some("pip")) => by_pip(p, install, command),
        (Dialect::Pip, Some("uv")) => by_uv_pip(p, install, command),
        (Dialect::Uv, _) => by_uv(p, install, command),
        (Dialect::Poetry, _) => by_poetry(p, install),
        (Dialect::Pipenv, _) => by_pipenv(p, install, command),
        (Dialect::Pdm, _) => by_pdm(p, install, command),
        _ => None,
    }
}

/// A command before it in its RUN reads a script or says what PATH is.
fn changes_environment(p: &Project, command: usize) -> bool {
    let layer = &p.layers[p.commands[command].layer];
    let sets = |one: &Command| {
        let sources = matches!(one.name.as_deref(), Some("." | "source"));
        let is_path = |name: &str| matches!(name, "PATH" | "VIRTUAL_ENV");
        sources
            || one.assignments.iter().any(|it| is_path(&it.name))
            || one.args.iter().any(|arg| {
                arg.prefix.starts_with("PATH=") || arg.prefix.starts_with("VIRTUAL_ENV=")
            })
    };
    p.commands[layer.commands.start..=command]
        .iter()
        .any(|fact| sets(&fact.command))
}

fn by_pip(p: &Project, install: &InstallFact, command: &Command) -> Option<Scripts> {
    let given = |name: &str| command.flag(name).is_some();
    if VariableWords::PipScripts
        .iter()
        .any(|name| variables::may_be_set(p, install.command, name))
        || OptionWords::PipScripts.iter().any(given)
    {
        return None;
    }
    if let Some(target) = command.flag("--target") {
        let is_plain = !given("--user") && !given("--prefix");
        return below(p, install, target).filter(|_| is_plain);
    }
    if let Some(prefix) = command.flag("--prefix") {
        return below(p, install, prefix);
    }
    let fact = &p.commands[install.command];
    let program = command.program.as_deref()?;
    if let Some((directory, _)) = program.rsplit_once('/') {
        let directory = at::path_of(p, fact, directory)?;
        return match DirectoryWords::Programs.contains(&directory) {
            true => by_system_pip(p, install, given("--user")),
            false => Some(environment(directory.strip_suffix("/bin")?)),
        };
    }
    let layer = &p.layers[fact.layer];
    let made = virtualenvs::virtualenvs(p, &at::chain(&p.stages, install.stage));
    for directory in at::added_to_path(p, install.stage, layer.instruction) {
        let directory = directory?;
        let directory = directory.trim_end_matches('/');
        let is_made = |(path, by): &(String, usize)| {
            *by < install.command && directory.strip_suffix("/bin") == Some(path)
        };
        if made.iter().any(is_made) {
            return Some(environment(directory.strip_suffix("/bin")?));
        }
        // Whatever else lies there has no pip of its own.
        if !DirectoryWords::WithoutPip.is_within(directory) {
            return None;
        }
    }
    by_system_pip(p, install, given("--user"))
}

/// The environment of the stage that an option names, by its directory or by its Python.
fn of_python(p: &Project, install: &InstallFact, option: &CommandFlag) -> Option<Scripts> {
    let path = option.value.as_ref()?.as_str()?;
    let path = at::path_of(p, &p.commands[install.command], path)?;
    let directory = path.rsplit_once("/bin/").map_or(&*path, |(above, _)| above);
    let made = virtualenvs::virtualenvs(p, &at::chain(&p.stages, install.stage));
    let is_it = |(path, by): &(String, usize)| *by < install.command && path == directory;
    made.iter().any(is_it).then(|| environment(directory))
}

/// The directory of programs below the one that an option names.
fn below(p: &Project, install: &InstallFact, option: &CommandFlag) -> Option<Scripts> {
    let directory = option.value.as_ref()?.as_str()?;
    let directory = at::path_of(p, &p.commands[install.command], directory)?;
    Some(Scripts {
        directory: format!("{}/bin", directory.trim_end_matches('/')),
        kind: PlaceKind::System,
    })
}

/// pip of the Python on PATH: beside that, or in the home directory of who may not write there.
fn by_system_pip(p: &Project, install: &InstallFact, for_user: bool) -> Option<Scripts> {
    let family = at::root(&p.stages, install.stage).base.knowledge.family;
    let is_root = p.commands[install.command].runs_as_root?;
    if is_root && !for_user {
        return Some(system());
    }
    if family != Family::Python || may_write_to_system(p, install) {
        return None;
    }
    Some(Scripts {
        directory: format!("{}/.local/bin", home(p, install)?),
        kind: PlaceKind::User,
    })
}

/// Something before the install gives others what belongs to root.
fn may_write_to_system(p: &Project, install: &InstallFact) -> bool {
    let chain = at::chain(&p.stages, install.stage);
    let by_copy = p.copies.iter().any(|copy| {
        let is_given = copy.chown.is_some() || copy.chmod.is_some();
        let target = copy.target.as_deref();
        let is_system = target.is_none_or(|it| it == "/" || it.starts_with("/usr"));
        chain.contains(&copy.stage) && is_given && is_system
    });
    by_copy
        || p.commands[..install.command].iter().any(|fact| {
            let command = &fact.command;
            let changes = matches!(command.name.as_deref(), Some("chown" | "chmod" | "setfacl"));
            chain.contains(&fact.stage)
                && changes
                && command.args.iter().any(|arg| {
                    arg.text.is_none() || arg.prefix == "/" || arg.prefix.starts_with("/usr")
                })
        })
}

/// The home directory of the user that an install runs as.
fn home(p: &Project, install: &InstallFact) -> Option<String> {
    let layer = &p.layers[p.commands[install.command].layer];
    let user = users::before(&p.stages, install.stage, layer.instruction)?;
    home_of(p, install.stage, &user).map(|(home, _)| home)
}

/// The home directory of a user of a stage, and whether the account was made without making that directory.
pub(crate) fn home_of(p: &Project, stage: usize, user: &CurrentUser) -> Option<(String, bool)> {
    let chain = at::chain(&p.stages, stage);
    let changes = |command: &Command| match command.name.as_deref() {
        Some("usermod") => true,
        Some("useradd") => OptionWords::MovesHome
            .iter()
            .any(|name| command.flag(name).is_some()),
        _ => false,
    };
    let mut commands = p.commands.iter().filter(|fact| chain.contains(&fact.stage));
    if at::sets_env(p, stage, "HOME") || commands.any(|fact| changes(&fact.command)) {
        return None;
    }
    let mut accounts = p.accounts.iter().filter(|account| {
        !account.is_group
            && [&account.name, &account.id].contains(&&Some(user.name.clone()))
            && chain.contains(&account.stage)
    });
    if users::is_root(user) {
        return Some(("/root".to_owned(), false));
    }
    let account = accounts.next()?;
    if accounts.next().is_some() {
        return None;
    }
    let command = &p.commands[account.command].command;
    let mut said = OptionWords::HomeOfUser
        .iter()
        .filter_map(|name| command.flag(name));
    let is_missing = command.name.as_deref() == Some("useradd")
        && command.flag("-m").is_none()
        && command.flag("--create-home").is_none();
    let home = match said.next() {
        Some(flag) => flag.value.as_ref()?.as_str().map(str::to_owned)?,
        None => format!("/home/{}", account.name.as_ref()?),
    };
    Some((home, is_missing))
}

fn by_uv_pip(p: &Project, install: &InstallFact, command: &Command) -> Option<Scripts> {
    let given = |name: &str| command.flag(name).is_some();
    let is_system = match variables::seen(p, install.command, "UV_SYSTEM_PYTHON") {
        Seen::Set(value) => ValueWords::YesOfTool.contains(&value.as_str().to_ascii_lowercase()),
        Seen::Unset => false,
        Seen::SetUnknown | Seen::Unknown => return None,
    };
    let is_elsewhere =
        |name: &str| !matches!(name, "--system" | "--target" | "--python") && given(name);
    if OptionWords::UvElsewhere.iter().any(is_elsewhere) {
        return None;
    }
    if let Some(target) = command.flag("--target") {
        return below(p, install, target);
    }
    if let Some(python) = command.flag("--python") {
        return of_python(p, install, python);
    }
    if is_system || given("--system") {
        return (p.commands[install.command].runs_as_root == Some(true)).then(system);
    }
    let moves = VariableWords::UvElsewhere
        .iter()
        .filter(|name| *name != "VIRTUAL_ENV");
    for name in moves {
        if variables::seen(p, install.command, name) != Seen::Unset {
            return None;
        }
    }
    match variables::seen(p, install.command, "VIRTUAL_ENV") {
        Seen::Set(value) => Some(environment(&at::path_of(
            p,
            &p.commands[install.command],
            value.as_str(),
        )?)),
        Seen::Unset => {
            let directory = at::directory_of(p, &p.commands[install.command])?;
            let own = format!("{}/.venv", directory.trim_end_matches('/'));
            let chain = at::chain(&p.stages, install.stage);
            let made = virtualenvs::virtualenvs(p, &chain);
            let is_own = |(path, by): &(String, usize)| *by < install.command && *path == own;
            made.iter().any(is_own).then(|| environment(&own))
        }
        Seen::SetUnknown | Seen::Unknown => None,
    }
}

/// The directory of a project whose file an installer reads, when it certainly runs there.
fn project(p: &Project, install: &InstallFact) -> Option<String> {
    let directory = at::directory_of(p, &p.commands[install.command])?;
    let directory = directory.trim_end_matches('/');
    let mut files = install.row.project.iter();
    let is_there = files.any(|file| {
        let path = format!("{directory}/{file}");
        let found = origin::as_command_sees(p, install.command, &path);
        matches!(found, Origin::Context(_) | Origin::Inline(_))
    });
    is_there.then(|| directory.to_owned())
}

fn by_uv(p: &Project, install: &InstallFact, command: &Command) -> Option<Scripts> {
    if OptionWords::UvProjectElsewhere
        .iter()
        .any(|name| command.flag(name).is_some())
    {
        return None;
    }
    match variables::seen(p, install.command, "UV_PROJECT_ENVIRONMENT") {
        Seen::Set(value) => {
            let path = match value.as_str() {
                path if path.starts_with('/') => path.to_owned(),
                path => format!("{}/{path}", project(p, install)?),
            };
            Some(match path.trim_end_matches('/') {
                "/usr/local" | "/usr" => system(),
                path => environment(path),
            })
        }
        Seen::Unset => {
            let directory = project(p, install)?;
            // A member of a workspace has its environment in a directory above.
            let mut above = std::iter::successors(Some(directory.as_str()), |it| {
                it.rsplit_once('/').map(|(parent, _)| parent)
            });
            let is_member = above.by_ref().skip(1).any(|parent| {
                let path = format!("{parent}/pyproject.toml");
                let found = origin::as_command_sees(p, install.command, &path);
                !matches!(found, Origin::Missing)
            });
            (!is_member).then(|| environment(&format!("{directory}/.venv")))
        }
        Seen::SetUnknown | Seen::Unknown => None,
    }
}

/// What a variable switches; `None` where it may be either.
fn switch(p: &Project, command: usize, name: &str) -> Option<Option<bool>> {
    match variables::seen(p, command, name) {
        Seen::Set(value) => {
            let value = value.as_str().to_ascii_lowercase();
            if ValueWords::YesOfTool.contains(&value) {
                Some(Some(true))
            } else if ValueWords::No.contains(&value) {
                Some(Some(false))
            } else {
                None
            }
        }
        Seen::Unset => Some(None),
        Seen::SetUnknown | Seen::Unknown => None,
    }
}

fn by_poetry(p: &Project, install: &InstallFact) -> Option<Scripts> {
    let directory = project(p, install)?;
    let path = format!("{directory}/poetry.toml");
    let has_file = !matches!(
        origin::as_command_sees(p, install.command, &path),
        Origin::Missing
    );
    let mut elsewhere = VariableWords::PoetryElsewhere.iter();
    if has_file || elsewhere.any(|name| variables::seen(p, install.command, name) != Seen::Unset) {
        return None;
    }
    // An environment that is active is filled, whatever else is said.
    match variables::seen(p, install.command, "VIRTUAL_ENV") {
        Seen::Set(value) if value.as_str().starts_with('/') => {
            return Some(environment(value.as_str()));
        }
        Seen::Unset => {}
        _ => return None,
    }
    let create = switch(p, install.command, "POETRY_VIRTUALENVS_CREATE")?.or(configured(
        p,
        install,
        "poetry",
        "virtualenvs.create",
    )?);
    if create == Some(false) {
        return by_system_pip(p, install, false);
    }
    let in_project = switch(p, install.command, "POETRY_VIRTUALENVS_IN_PROJECT")?.or(configured(
        p,
        install,
        "poetry",
        "virtualenvs.in-project",
    )?);
    if in_project == Some(true) {
        return Some(environment(&format!("{directory}/.venv")));
    }
    Some(Scripts {
        directory: format!("{}/.cache/pypoetry/virtualenvs", home(p, install)?),
        kind: PlaceKind::Unnamed,
    })
}

/// What `config` of a tool said before; the inner is absent where it said nothing, the outer where that is not known.
fn configured(p: &Project, install: &InstallFact, tool: &str, key: &str) -> Option<Option<bool>> {
    let chain = at::chain(&p.stages, install.stage);
    let before = p.commands[..install.command].iter().rev();
    for fact in before.filter(|fact| chain.contains(&fact.stage)) {
        let command = &fact.command;
        let words = command
            .args
            .iter()
            .map(|arg| arg.as_str().unwrap_or_default());
        let mut words = words.filter(|word| !word.starts_with('-'));
        if command.name.as_deref() != Some(tool) || words.next() != Some("config") {
            continue;
        }
        if !command.is_complete {
            return None;
        }
        if words.next() == Some(key) {
            return match words.next()? {
                "true" => Some(Some(true)),
                "false" => Some(Some(false)),
                _ => None,
            };
        }
    }
    Some(None)
}

fn by_pipenv(p: &Project, install: &InstallFact, command: &Command) -> Option<Scripts> {
    let directory = project(p, install)?;
    let mut elsewhere = VariableWords::PipenvProject.iter();
    if elsewhere.any(|name| variables::seen(p, install.command, name) != Seen::Unset) {
        return None;
    }
    let by_variable = switch(p, install.command, "PIPENV_SYSTEM")?;
    let is_system = command.flag("--system").is_some() || by_variable == Some(true);
    match variables::seen(p, install.command, "VIRTUAL_ENV") {
        Seen::Set(value) if !is_system && value.as_str().starts_with('/') => {
            return Some(environment(value.as_str()));
        }
        Seen::Unset if is_system => return by_system_pip(p, install, false),
        Seen::Unset => {}
        _ => return None,
    }
    let in_project = switch(p, install.command, "PIPENV_VENV_IN_PROJECT")?;
    let path = format!("{directory}/.venv");
    let has_own = !matches!(
        origin::as_command_sees(p, install.command, &path),
        Origin::Missing
    );
    if in_project == Some(true) {
        return Some(environment(&path));
    }
    if has_own {
        return None;
    }
    let above = match variables::seen(p, install.command, "WORKON_HOME") {
        Seen::Set(path) if path.as_str().starts_with('/') => {
            path.as_str().trim_end_matches('/').to_owned()
        }
        Seen::Unset => format!("{}/.local/share/virtualenvs", home(p, install)?),
        _ => return None,
    };
    match variables::seen(p, install.command, "PIPENV_CUSTOM_VENV_NAME") {
        Seen::Set(name) => Some(environment(&format!("{above}/{}", name.as_str()))),
        Seen::Unset => Some(Scripts {
            directory: above,
            kind: PlaceKind::Unnamed,
        }),
        _ => None,
    }
}

/// pdm without environments puts packages below the project, by the series of Python.
fn by_pdm(p: &Project, install: &InstallFact, command: &Command) -> Option<Scripts> {
    let directory = project(p, install)?;
    let path = format!("{directory}/pdm.toml");
    let has_file = !matches!(
        origin::as_command_sees(p, install.command, &path),
        Origin::Missing
    );
    let uses = configured(p, install, "pdm", "python.use_venv")?;
    let is_elsewhere = command.flag("--project").is_some() || command.flag("--global").is_some();
    let is_set = |name: &str| variables::seen(p, install.command, name) != Seen::Unset;
    let is_told = is_set("VIRTUAL_ENV") || is_set("PDM_USE_VENV") || is_set("PDM_PYTHON");
    if has_file || is_elsewhere || is_told || uses != Some(false) {
        return None;
    }
    let series = p.marks.pythons[install.stage]?;
    Some(Scripts {
        directory: format!("{directory}/__pypackages__/{series}/bin"),
        kind: PlaceKind::System,
    })
}
