//! Whether the server that an image starts is where it is looked for: what installs put where, what copies carry from
//! stage to stage, and where the search path leads.

use std::cell::Cell;

use crate::context::Origin;
use crate::dockerfile::ast::Keyword;
use crate::facts::build::at;
use crate::facts::build::manager::{Action, package_action};
use crate::facts::files::origin;
use crate::facts::model::{Brought, CopyFact, CopyFrom, Lost, PlaceKind, Project};
use crate::facts::python::dependencies;
use crate::facts::python::script_directories;
use crate::facts::python::virtualenvs;
use crate::knowledge::images::{Family, PackageManager};
use crate::knowledge::installers;
use crate::knowledge::programs::{self, Role};
use crate::knowledge::words::DirectoryWords;
use crate::shell::ast::Command;
use crate::source::{absolute, is_in};
use crate::span::Traced;

/// Stages that hand programs on to each other at most.
pub(crate) const MAX_DEPTH: usize = 8;

/// Stages that are looked at for one image, each as often as something is copied from it.
pub(crate) const MAX_STAGES: usize = 64;

/// Installs whose programs are followed into one image.
const MAX_BROUGHT: usize = 64;

/// Why the server of an image certainly does not start; `None` when it may.
pub(crate) fn lost(p: &Project, image: usize) -> Option<&Lost> {
    let found = p.images[image].lost.get_or_init(|| find_lost(p, image));
    found.as_ref()
}

fn find_lost(p: &Project, image: usize) -> Option<Lost> {
    let fact = &p.images[image];
    let server = fact.server.as_ref().filter(|_| fact.process_is_known)?;
    let names = server.product.distributions;
    let command = &server.command;
    let program = command.program.as_deref().filter(|it| !it.contains('/'))?;
    let login = login_shell(p, image);
    let is_login = |name: &String| login.is_some() && programs::is_shell(name);
    let mut wrappers = command.wrappers.iter();
    let is_alone = wrappers.all(|it| hands_path_on(it) || is_login(it));
    if names.is_empty() || !is_alone || command.name.as_deref() != Some(program) {
        return None;
    }
    if may_be_led_elsewhere(p, image, program) {
        return None;
    }
    let budget = Cell::new(MAX_STAGES);
    let mut brought = at_end(p, fact.stage, names, MAX_DEPTH, &budget)?;
    brought.dedup_by(|a, b| a.now == b.now && a.made == b.made);
    let added: Option<Vec<String>> = at::added_to_path(p, fact.stage, usize::MAX)
        .into_iter()
        .collect();
    let added = if login.is_some() { Vec::new() } else { added? };
    let is_searched = |directory: &str| {
        DirectoryWords::Programs.contains(directory)
            || added.iter().any(|it| it.trim_end_matches('/') == directory)
    };
    let is_brought = |directory: &str| {
        let path = format!("{}/{program}", directory.trim_end_matches('/'));
        let found = origin::at_end(p, fact.stage, &path).origin;
        matches!(found, Origin::Context(_) | Origin::Inline(_))
    };
    if DirectoryWords::Programs.iter().any(is_brought) || added.iter().any(|it| is_brought(it)) {
        return None;
    }
    let (found, others): (Vec<Brought>, Vec<Brought>) = brought
        .into_iter()
        .partition(|it| it.now.as_deref().is_some_and(is_searched));
    if found.is_empty() {
        let made = virtualenvs::virtualenvs(p, &fact.chain);
        let is_of_user = others.iter().any(|it| it.made.kind == PlaceKind::User);
        // The files of a login add that directory again.
        if login.is_some() && is_of_user {
            return None;
        }
        // An environment below that directory has a name of its own, so that none is called `bin`.
        let is_above = |directory: &str| {
            let unnamed = others
                .iter()
                .filter(|it| it.made.kind == PlaceKind::Unnamed);
            let mut above = unnamed.map(|it| it.made.directory.as_str());
            above.any(|above| directory.trim_end_matches('/').strip_suffix("/bin") == Some(above))
        };
        let is_accounted_for = |directory: &String| {
            // What ENV makes of the home directory, which the build does not know.
            directory.as_str() == "/.local/bin"
                || is_above(directory)
                || made.iter().any(|(path, _)| is_in(directory, path))
                || DirectoryWords::Programs.contains(directory)
                || DirectoryWords::WithoutPip.is_within(directory)
                    && !(is_of_user && directory.contains("/.local/bin"))
        };
        // What else lies on the search path may be where the programs are, by another name.
        if !added.iter().all(is_accounted_for) {
            return None;
        }
        let (off, left): (Vec<Brought>, Vec<Brought>) =
            others.into_iter().partition(|it| it.now.is_some());
        let off = off.into_iter().next().map(Lost::OffPath);
        return off.or(left.into_iter().next().map(Lost::LeftBehind));
    }
    let is_broken = |it: &Brought| {
        let made_in = p.installs[it.install].stage;
        is_moved(it) && !is_made_anew(p, fact.stage, it) && !is_prepared(p, made_in)
    };
    let all = found.iter().all(is_broken);
    found.into_iter().next().filter(|_| all).map(Lost::Moved)
}

/// The option by which the shell that an image starts reads `/etc/profile`, where that is Debian's own, which sets the
/// search path anew.
pub(crate) fn login_shell(p: &Project, image: usize) -> Option<&Traced> {
    let fact = &p.images[image];
    let base = &at::root(&p.stages, fact.stage).base.knowledge;
    let is_debian = matches!(base.family, Family::Python | Family::Debian)
        && base.package_manager == PackageManager::Apt;
    let [shell, option, ..] = &fact.words[..] else {
        return None;
    };
    let name = shell.as_str().rsplit('/').next().unwrap_or_default();
    let text = option.as_str();
    let is_login =
        text == "--login" || text.starts_with('-') && !text.starts_with("--") && text.contains('l');
    // Whatever names one of its files may add to what they say.
    let is_plain = !p.text.text.contains("profile") && !p.text.text.contains("bash_login");
    let is_shell = matches!(name, "bash" | "sh");
    (is_debian && is_shell && is_login && is_plain).then_some(option)
}

/// A shell that reads files of its own, or whoever starts the container, may say where programs are looked for.
pub(crate) fn may_be_led_elsewhere(p: &Project, image: usize, program: &str) -> bool {
    let fact = &p.images[image];
    let sets = |name: &str| at::sets_env(p, fact.stage, name);
    let mut stages = fact.chain.iter().map(|stage| &p.stages[*stage]);
    let has_shell = stages.any(|stage| {
        let mut own = p.dockerfile.instructions[stage.instructions.clone()].iter();
        own.any(|instruction| instruction.keyword == Keyword::Shell)
    });
    let texts = || {
        fact.scripts
            .iter()
            .filter_map(|script| script.text.as_ref())
    };
    let is_login = texts().any(|text| {
        let first = text.as_str().lines().next().unwrap_or_default();
        let mut words = first.split_whitespace().skip(1);
        words.any(|word| word.starts_with('-') && word.contains('l'))
    });
    let mut building = p.around.deployed.building();
    let is_given = building.any(|found| found.env.get("PATH").is_some());
    let evaluates = |name: &str| matches!(name, "eval" | "alias");
    let mut starts = fact.starts.iter();
    let may_change = starts.any(|start| start.command.name.as_deref().is_none_or(evaluates));
    let function = format!("{program}()");
    let is_function = texts().any(|text| text.as_str().contains(&function));
    let may_change = may_change || is_function;
    has_shell || is_login || is_given || may_change || sets("BASH_ENV") || sets("ENV")
}

/// Something in the stage that made an environment may have made it fit for another place.
fn is_prepared(p: &Project, stage: usize) -> bool {
    let chain = at::chain(&p.stages, stage);
    let prepares = |command: &Command| {
        let name = command.name.as_deref().unwrap_or_default();
        let edits = programs::is(name, Role::Edits) || programs::is(name, Role::Rewrites);
        let mut args = command.args.iter();
        edits || command.is_searched() || args.any(|arg| arg.prefix.contains("relocatable"))
    };
    let mut commands = p.commands.iter().filter(|fact| chain.contains(&fact.stage));
    commands.any(|fact| prepares(&fact.command)) || at::sets_env(p, stage, "UV_VENV_RELOCATABLE")
}

/// The virtual environment that all packages of an image are in, and that a service starts with: on its search path, by
/// nothing that would make it anew. `None` when that is not certain.
pub(crate) fn environment(p: &Project, image: usize, service: usize) -> Option<String> {
    let fact = &p.images[image];
    let run = p.services[service].run.as_ref();
    let starts = run.map_or(&fact.starts, |run| &run.starts);
    let is_known = run.map_or(fact.process_is_known, |run| run.is_known);
    let names = |command: &Command| {
        let name = command.name.clone().into_iter();
        name.chain(command.wrappers.iter().cloned())
            .collect::<Vec<_>>()
    };
    let makes = |name: &String| installers::is_installer(name);
    let may_make = starts
        .iter()
        .any(|start| names(&start.command).iter().any(makes));
    let runs_python = starts.iter().any(|start| {
        let program = start.command.program.as_deref();
        program.is_some_and(|it| !it.contains('/')) && start.command.management.is_some()
    });
    if !is_known || may_make || !runs_python {
        return None;
    }
    let budget = Cell::new(MAX_STAGES);
    let brought = at_end(p, fact.stage, &["django"], MAX_DEPTH, &budget)?;
    let (first, rest) = brought.split_first()?;
    let directory = first.now.as_deref()?;
    let is_one = rest.iter().all(|it| it.now.as_deref() == Some(directory));
    let added = at::added_to_path(p, fact.stage, usize::MAX);
    let is_searched = added.iter().any(|it| it.as_deref() == Some(directory));
    let is_environment = first.made.kind == PlaceKind::Environment && is_one && is_searched;
    is_environment.then(|| directory.trim_end_matches("/bin").to_owned())
}

/// It runs another program and leaves the search path as it is.
pub(crate) fn hands_path_on(wrapper: &str) -> bool {
    wrapper == "exec" || programs::is(wrapper, Role::Init)
}

fn is_moved(brought: &Brought) -> bool {
    let now = brought.now.as_deref();
    brought.made.kind == PlaceKind::Environment && now != Some(brought.made.directory.as_str())
}

/// Something in the stage names the place where the environment was or is, or makes one: it may have mended it.
fn is_made_anew(p: &Project, stage: usize, brought: &Brought) -> bool {
    let chain = at::chain(&p.stages, stage);
    let place = brought.made.directory.trim_end_matches("/bin");
    let now = brought
        .now
        .as_deref()
        .unwrap_or(place)
        .trim_end_matches("/bin");
    let names = |text: &str| text.contains(place) || text.contains(now);
    let mends = |command: &Command| {
        let is_harmless = matches!(command.name.as_deref(), Some("chown" | "chmod" | "mkdir"));
        let makes = matches!(command.name.as_deref(), Some("venv" | "virtualenv"));
        makes
            || !is_harmless
                && command
                    .args
                    .iter()
                    .any(|arg| arg.as_str().is_none_or(names))
    };
    let of_stage = |part: usize| chain.contains(&part);
    let mut commands = p.commands.iter().filter(|fact| of_stage(fact.stage));
    let mut copies = p.copies.iter().filter(|copy| of_stage(copy.stage));
    commands.any(|fact| mends(&fact.command))
        || copies.any(|copy| {
            let target = copy.target.as_deref();
            target.is_none_or(|target| is_in(place, target) || is_in(target, place))
        })
}

/// What brings one of the packages, and where their programs lie at the end of a stage; `None` when something unseen
/// may bring them.
pub(crate) fn at_end(
    p: &Project,
    stage: usize,
    names: &[&str],
    depth: usize,
    budget: &Cell<usize>,
) -> Option<Vec<Brought>> {
    let depth = depth.checked_sub(1)?;
    budget.set(budget.get().checked_sub(1)?);
    let chain = at::chain(&p.stages, stage);
    let mut all = Vec::new();
    for part in chain.iter().rev() {
        if !dependencies::is_readable(p, *part) {
            return None;
        }
        let fact = &p.stages[*part];
        for layer in &fact.layers {
            let layer = &p.layers[*layer];
            let is_mounted = layer.mounts.iter().any(|mount| {
                mount.from_stage.is_some() || mount.is_external && !mount.target.contains("/bin")
            });
            let mut commands = p.commands[layer.commands.clone()].iter();
            if is_mounted || commands.any(|fact| may_place(&fact.command, names)) {
                return None;
            }
            let first = p
                .installs
                .partition_point(|it| it.command < layer.commands.start);
            let installs = p.installs[first..].iter().enumerate();
            for (at, install) in installs.take_while(|(_, it)| it.command < layer.commands.end) {
                if install.is_export || dependencies::is_without(install, names) {
                    continue;
                }
                if !install.is_certain || all.len() > MAX_BROUGHT {
                    return None;
                }
                let made = script_directories::of(p, install)?;
                all.push(Brought {
                    install: first + at,
                    now: Some(made.directory.clone()),
                    made,
                    copy: None,
                });
            }
        }
        for index in &fact.copies {
            all.extend(by_copy(p, *index, names, depth, budget)?);
            if all.len() > MAX_BROUGHT {
                return None;
            }
        }
    }
    Some(all)
}

/// A command that may put a server somewhere in another way than by an install.
fn may_place(command: &Command, names: &[&str]) -> bool {
    let Some(name) = command.name.as_deref() else {
        return true;
    };
    let is_part = |text: &str| text.contains("/bin") || names.iter().any(|it| text.contains(it));
    let args = || {
        command
            .args
            .iter()
            .map(|arg| arg.as_str().unwrap_or(&arg.prefix))
    };
    // Whole directories may have programs in them.
    let is_programs = |it: &str| it == "/" || it.starts_with("/usr");
    let places = programs::is(name, Role::Places)
        && (args().any(is_part) || args().next_back().is_some_and(is_programs));
    let writes = command.redirects.iter().any(|redirect| {
        let target = redirect
            .target
            .as_ref()
            .map(|target| target.as_str().map(is_part));
        redirect.operator.contains('>') && target.flatten().unwrap_or(false)
    });
    let hands_on =
        matches!(name, "tee" | "update-alternatives") && args().any(|it| it.contains("/bin"));
    let places = places || writes || hands_on;
    let is_package = matches!(package_action(command), Some((_, Action::Install)))
        && command.operands.iter().any(|arg| {
            arg.as_str()
                .is_none_or(|text| names.iter().any(|name| text.contains(name)))
        });
    places || is_package || command.activates_virtualenv()
}

/// What a COPY brings; `None` when that is not known.
fn by_copy(
    p: &Project,
    index: usize,
    names: &[&str],
    depth: usize,
    budget: &Cell<usize>,
) -> Option<Vec<Brought>> {
    let copy = &p.copies[index];
    let from = match &copy.from {
        CopyFrom::Context => return Some(Vec::new()),
        CopyFrom::Stage(from) => *from,
        CopyFrom::Other(_) => {
            // Single programs, into a directory of programs.
            let target = copy.target.as_deref()?;
            return target.contains("/bin").then(Vec::new);
        }
    };
    let target = copy.target.as_deref()?;
    let sources = sources(copy)?;
    let mut all = Vec::new();
    for brought in at_end(p, from, names, depth, budget)? {
        let Some(directory) = &brought.now else {
            continue;
        };
        let mut now = None;
        for source in &sources {
            if is_in(directory, source) {
                let below = directory.strip_prefix(source.trim_end_matches('/'))?;
                now = Some(absolute(target, below.trim_start_matches('/')));
            } else if is_in(source, directory) {
                // Some of its programs.
                return None;
            }
        }
        let takes_packages = sources.iter().any(|source| is_site(source));
        if now.is_some() || takes_packages {
            all.push(Brought {
                now: now.map(|it| it.trim_end_matches('/').to_owned()),
                copy: Some(index),
                ..brought
            });
        }
    }
    Some(all)
}

/// The paths of another stage that a COPY takes; `None` when one is not known or is a pattern.
fn sources(copy: &CopyFact) -> Option<Vec<String>> {
    let is_plain = !copy.has_parents && copy.excludes.is_empty() && !copy.has_heredocs;
    let mut sources = copy.sources.iter().map(|(_, text)| text.as_ref());
    let known: Option<Vec<String>> = sources
        .by_ref()
        .map(|text| {
            let text = text?.as_str();
            let is_plain = !text.is_empty() && !text.contains(['*', '?', '[']);
            is_plain.then(|| absolute("/", text))
        })
        .collect();
    known.filter(|_| is_plain)
}

/// The packages of a Python, without its programs.
fn is_site(path: &str) -> bool {
    matches!(
        path.rsplit('/').next(),
        Some("site-packages" | "dist-packages")
    )
}
