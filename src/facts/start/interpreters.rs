//! Whether the Python is there, and may be run, that the virtual environment of a server starts with: an environment
//! holds a link to it, and COPY takes the link.

use std::cell::Cell;

use crate::facts::build::variables::{self, Seen};
use crate::facts::build::{at, users};
use crate::facts::model::{Brought, InstallFact, NoPython, PlaceKind, Project};
use crate::facts::python::virtualenvs;
use crate::facts::start::script_place::{self, MAX_DEPTH, MAX_STAGES};
use crate::facts::system::installed::{self, There};
use crate::knowledge::Series;
use crate::knowledge::images::Family;
use crate::knowledge::programs::{self, Role};
use crate::knowledge::words::{OptionWords, ValueWords, VariableWords};
use crate::shell::ast::Command;
use crate::source::is_in;

/// Where uv keeps the Pythons that it downloads, when root runs it.
const BY_UV: &str = "/root/.local/share/uv/python";

/// Where the images of Python have theirs.
const BY_IMAGE: &str = "/usr/local/bin";

/// The Python that the server of an image certainly cannot start with; `None` when it may.
pub(crate) fn lost(p: &Project, image: usize) -> Option<&NoPython> {
    let found = p.images[image].no_python.get_or_init(|| find(p, image));
    found.as_ref()
}

fn find(p: &Project, image: usize) -> Option<NoPython> {
    let fact = &p.images[image];
    let server = fact.server.as_ref().filter(|_| fact.process_is_known)?;
    let names = server.product.distributions;
    let program = server.command.program.as_deref()?;
    let is_alone = server
        .command
        .wrappers
        .iter()
        .all(|it| script_place::hands_path_on(it));
    let is_found_elsewhere = match program.rsplit_once('/') {
        Some(_) => !program.starts_with('/'),
        None => script_place::may_be_led_elsewhere(p, image, program),
    };
    if names.is_empty() || !is_alone || is_found_elsewhere {
        return None;
    }
    let added = at::added_to_path(p, fact.stage, usize::MAX);
    let is_searched = |directory: &str| match program.rsplit_once('/') {
        Some((own, _)) => own == directory,
        None => added.iter().any(|it| it.as_deref() == Some(directory)),
    };
    let budget = Cell::new(MAX_STAGES);
    let brought = script_place::at_end(p, fact.stage, names, MAX_DEPTH, &budget)?;
    let first = brought.first()?.clone();
    let is_one = brought.iter().all(|it| {
        let now = it.now.as_deref();
        let is_beside = p.installs[it.install].stage == p.installs[first.install].stage;
        now.is_some_and(is_searched) && is_beside && it.made == first.made
    });
    let is_environment = first.made.kind == PlaceKind::Environment
        && first.now.as_deref() == Some(first.made.directory.as_str());
    if !is_one || !is_environment {
        return None;
    }
    let install = &p.installs[first.install];
    let python = python_of(p, install, &first.made.directory)?;
    let is_own = at::is_part(&p.stages, install.stage, fact.stage);
    if is_own {
        let is_closed_off =
            python == BY_UV && is_no_root(p, fact.stage) && !opens_home(p, fact.stage);
        return is_closed_off.then_some(NoPython {
            brought: first,
            python,
            is_closed_off: true,
        });
    }
    (!has(p, fact.stage, &python, &first)).then_some(NoPython {
        brought: first,
        python,
        is_closed_off: false,
    })
}

/// The Python that an environment links to: the path of the image's own, or the directory of uv's.
fn python_of(p: &Project, install: &InstallFact, programs: &str) -> Option<String> {
    let place = programs.strip_suffix("/bin")?;
    let made = virtualenvs::virtualenvs(p, &at::chain(&p.stages, install.stage));
    let maker = made.iter().find(|(path, _)| path == place);
    let maker = maker.map_or(install.command, |(_, command)| *command);
    let fact = &p.commands[maker];
    let base = &at::root(&p.stages, install.stage).base.knowledge;
    let is_plain = fact.command.is_complete && fact.runs_as_root == Some(true);
    let series = || {
        let series = p.marks.pythons[install.stage];
        let is_image = matches!(base.family, Family::Python | Family::Uv);
        series.filter(|_| is_image && base.python.is_some())
    };
    let of_image = || series().map(|series| format!("{BY_IMAGE}/python{series}"));
    let program = fact.command.program.as_deref().unwrap_or_default();
    match fact.command.name.as_deref()? {
        "uv" => match takes_own(p, install, maker)? {
            true => is_plain.then(|| BY_UV.to_owned()),
            false => of_image(),
        },
        "poetry" | "pipenv" => of_image(),
        _ if ValueWords::OwnPython.contains(program) => of_image(),
        _ => None,
    }
}

/// uv downloads a Python for an environment, since the one of the image is none or another one; `None` where that is
/// not known.
fn takes_own(p: &Project, install: &InstallFact, maker: usize) -> Option<bool> {
    let fact = &p.commands[maker];
    let is_told = OptionWords::UvPythons
        .iter()
        .any(|name| fact.command.flag(name).is_some())
        || VariableWords::UvPythons
            .iter()
            .any(|name| variables::seen(p, maker, name) != Seen::Unset)
        || at::sets_env(p, install.stage, "HOME");
    // An environment of a cache has no Python in the image.
    let layer = &p.layers[fact.layer];
    let mut mounts = layer.mounts.iter();
    let is_cached = mounts.any(|mount| is_in(BY_UV, &mount.target) || is_in(&mount.target, BY_UV));
    if is_told || is_cached {
        return None;
    }
    if let Seen::Set(value) = variables::seen(p, maker, "UV_PYTHON_DOWNLOADS") {
        return is_off(value.as_str()).then_some(false);
    }
    let flag = fact.command.flag("--python");
    let asked = match (flag, variables::seen(p, maker, "UV_PYTHON")) {
        (Some(flag), _) => Some(series(flag.value.as_ref()?.as_str()?)?),
        (None, Seen::Set(value)) => Some(series(value.as_str())?),
        (None, Seen::Unset) => match &install.set.named_python {
            Some(text) => Some(series(text.as_str())?),
            None => None,
        },
        _ => return None,
    };
    let base = &at::root(&p.stages, install.stage).base.knowledge;
    match (base.family, base.python, asked) {
        (Family::Python | Family::Uv, Some(_), asked) => {
            let own = p.marks.pythons[install.stage]?;
            let is_allowed = install.set.python_versions.as_ref();
            let is_refused =
                || is_allowed.is_some_and(|it| it.allow(&format!("{own}.99")) == Some(false));
            match asked {
                Some(asked) => Some(asked != own),
                None => (!is_refused()).then_some(false),
            }
        }
        (Family::Debian | Family::Ubuntu | Family::Uv, None, _) => {
            let system = installed::follow(p, install.stage, Some(maker))?;
            (system.has("python3") == There::No).then_some(true)
        }
        _ => None,
    }
}

/// uv downloads no Python.
fn is_off(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    matches!(value.as_str(), "never" | "manual") || ValueWords::No.contains(&value)
}

/// `3.13`, `python3.13`, `cpython-3.13.2`; of another kind nothing is known.
fn series(text: &str) -> Option<Series> {
    let text = text.trim();
    let text = text
        .strip_prefix("cpython-")
        .or_else(|| text.strip_prefix("python"))
        .unwrap_or(text);
    let is_plain = |c: char| c.is_ascii_digit() || c == '.';
    (text.contains('.') && text.chars().all(is_plain)).then(|| Series::parse(text))?
}

/// The container certainly runs as somebody else than root.
fn is_no_root(p: &Project, stage: usize) -> bool {
    users::current(&p.stages, stage)
        .is_some_and(|user| !user.name.is_empty() && !users::is_root(&user))
}

/// A command may let others into the home directory of root, or move what is there.
fn opens_home(p: &Project, stage: usize) -> bool {
    let names = |command: &Command| {
        let changes = command.name.as_deref().is_none_or(|name| {
            programs::is(name, Role::SetsRights) || programs::is(name, Role::Places)
        });
        changes
            && command
                .args
                .iter()
                .any(|arg| arg.text.is_none() || arg.prefix.starts_with("/root"))
    };
    let chain = at::chain(&p.stages, stage);
    p.commands
        .iter()
        .any(|fact| chain.contains(&fact.stage) && names(&fact.command))
}

/// The image of a stage may have a Python at that place: its base, a COPY or a command brings it.
fn has(p: &Project, stage: usize, python: &str, brought: &Brought) -> bool {
    let base = &at::root(&p.stages, stage).base.knowledge;
    let is_image = matches!(base.family, Family::Python | Family::Uv | Family::Pypy);
    let lacks_by_nature = matches!(
        base.family,
        Family::Debian | Family::Ubuntu | Family::Distroless
    );
    let is_missing = match python == BY_UV {
        true => is_image || lacks_by_nature,
        false => lacks_by_nature,
    };
    let directory = if python == BY_UV { BY_UV } else { "/usr/local" };
    let chain = at::chain(&p.stages, stage);
    let is_copied = p.copies.iter().enumerate().any(|(index, copy)| {
        let target = copy.target.as_deref();
        let touches = |it: &str| is_in(it, directory) || is_in(directory, it);
        chain.contains(&copy.stage) && Some(index) != brought.copy && target.is_none_or(touches)
    });
    let by_command = |command: &Command| {
        let name = command.name.as_deref();
        let places = name.is_none_or(|name| {
            programs::is(name, Role::Places)
                || programs::is(name, Role::BringsPython)
                || name == "uv"
        });
        places
            || command
                .args
                .iter()
                .any(|arg| arg.prefix.contains(directory))
    };
    let is_made = p
        .commands
        .iter()
        .any(|fact| chain.contains(&fact.stage) && by_command(&fact.command))
        || p.layers
            .iter()
            .any(|layer| chain.contains(&layer.stage) && layer.is_opaque);
    !is_missing || is_copied || is_made
}
