//! Frontends that a build bundles: what their `package.json` needs for development only, and steps that call it where
//! npm left it out.

use serde_json::Value;

use crate::context::Origin;
use crate::context::placed::may_be_placed;
use crate::facts::build::at;
use crate::facts::files::{bundlers, frontend_bundles, frontend_imports, frontend_servers, origin};
use crate::facts::model::{BuildPhase, CommandFact, FilesPhase, Frontend};
use crate::knowledge::frontend_tools;
use crate::knowledge::words::{OptionWords, ValueWords};
use crate::maps::{HashMap, HashSet};
use crate::shell::ast::{Arg, Command, CommandFlag, Runs};
use crate::shell::{self, Dialect, Options, UnknownVariables};
use crate::source::{Entry, Sources, join};
use crate::span::{FileId, Span, Traced};

/// The frontends whose lists some COPY brings.
pub(crate) fn collect(p: &BuildPhase, sources: &Sources) -> Vec<Frontend> {
    const LIST: &str = "package.json";
    // Nothing is read where no step calls one.
    let needs = |command: &Command| may_bundle(command) || installs_packages(command);
    if !p.commands.iter().any(|fact| needs(&fact.command)) {
        return Vec::new();
    }
    let mut paths: Vec<String> = Vec::new();
    let texts = p.copies.iter().flat_map(|copy| &copy.sources);
    for text in texts.filter_map(|(_, text)| text.as_ref()) {
        let text = text.as_str().trim_start_matches("./").trim_matches('/');
        let (directory, name) = text.rsplit_once('/').unwrap_or(("", text));
        let is_list = name == LIST || name.starts_with("package") && name.contains('*');
        let path = match (is_list, text) {
            (true, _) => join(directory, LIST),
            (false, "" | ".") => LIST.to_owned(),
            (false, text) if !name.contains('.') => join(text, LIST),
            _ => continue,
        };
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    let read = paths.into_iter().filter_map(|path| read(p, sources, path));
    read.collect()
}

fn json(p: &BuildPhase, sources: &Sources, path: &str) -> Option<Value> {
    let path = p.around.context.below_root(path)?;
    let file = p.around.root.read(sources, &path).ok()?;
    serde_json::from_str(&sources.get(file).text).ok()
}

fn read(p: &BuildPhase, sources: &Sources, path: String) -> Option<Frontend> {
    let list = json(p, sources, &path)?;
    let keys = |name: &str| -> HashSet<String> {
        let found = list.get(name).and_then(Value::as_object);
        found
            .into_iter()
            .flat_map(|it| it.keys().cloned())
            .collect()
    };
    let own = keys("dependencies");
    let directory = path.strip_suffix("package.json")?.trim_end_matches('/');
    let lock = json(p, sources, &join(directory, "package-lock.json"));
    // Another package may bring one of them along.
    let is_left_out = |name: &String| match &lock {
        Some(lock) => {
            let entry = lock
                .get("packages")
                .and_then(|all| all.get(format!("node_modules/{name}")));
            entry.and_then(|it| it.get("dev")) == Some(&Value::Bool(true))
        }
        None => own.is_empty(),
    };
    let mut left_out = keys("devDependencies");
    left_out.retain(|name| !own.contains(name) && is_left_out(name));
    let scripts = list.get("scripts").and_then(Value::as_object);
    let scripts = scripts.into_iter().flatten();
    let scripts: HashMap<String, Vec<Command>> = scripts
        .filter_map(|(name, text)| Some((name.clone(), commands(text.as_str()?))))
        .collect();
    // npm runs `prebuild` and `postbuild` with `build`.
    let is_alone = |name: &str| {
        let mut beside = ["pre", "post"].into_iter();
        !beside.any(|when| scripts.contains_key(&format!("{when}{name}")))
    };
    let alone = scripts.iter().filter(|(name, _)| is_alone(name));
    let bundles = alone.filter_map(|(name, script)| {
        let made = frontend_bundles::directory(p, sources, directory, script)?;
        Some((name.clone(), made))
    });
    let major = |package: &str| major(&list, lock.as_ref(), package);
    let servers = scripts.iter().filter_map(|(name, script)| {
        let server = frontend_servers::server(p, sources, directory, script, &major)?;
        Some((name.clone(), server))
    });
    let (bundles, servers) = (bundles.collect(), servers.collect());
    let webpacks = bundlers::webpacks(p, sources, directory, lock.as_ref());
    Some(Frontend {
        left_out,
        scripts,
        may_hash_otherwise: bundlers::has_old(&webpacks)
            && bundlers::may_hash_otherwise(p, sources, directory),
        webpacks,
        bundles,
        servers,
        left_out_modules: frontend_imports::left_out(p, sources, directory),
        path,
    })
}

/// The first number of a package's release: what the lock file has, or what the list asks for and no more.
fn major(list: &Value, lock: Option<&Value>, package: &str) -> Option<u32> {
    let locked = lock.and_then(|lock| {
        let flat = lock
            .get("packages")
            .and_then(|all| all.get(format!("node_modules/{package}")));
        let nested = || lock.get("dependencies").and_then(|all| all.get(package));
        flat.or_else(nested)?.get("version")?.as_str()
    });
    let asked = || {
        let lists = ["dependencies", "devDependencies"];
        let mut found = lists
            .iter()
            .filter_map(|of| list.get(of)?.get(package)?.as_str());
        let range = found.next()?.trim_start_matches(['^', '~', '=', 'v']);
        let is_one = range
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'x' | b'*'));
        is_one.then_some(range)
    };
    locked.or_else(asked)?.split('.').next()?.parse().ok()
}

/// It may call a bundler, by itself or through a script of a `package.json`.
fn may_bundle(command: &Command) -> bool {
    command.name.as_deref().is_some_and(|name| {
        matches!(name, "npm" | "yarn" | "pnpm") || frontend_tools::is_webpack_caller(name)
    })
}

/// The commands of a script of a `package.json`.
fn commands(text: &str) -> Vec<Command> {
    let text = Traced::new(text, Span::new(FileId(0), 0, 0));
    shell::parse(&text, Dialect::Posix).commands(&UnknownVariables, &Options::default())
}

/// The program that a script calls first, by its bare name.
fn first_program(script: &[Command]) -> Option<&str> {
    let first = script.first()?;
    let is_plain = first.runs == Runs::Always && first.wrappers.is_empty();
    let program = first.program.as_deref();
    program.filter(|name| is_plain && !name.contains('/'))
}

/// It calls a script of a `package.json`.
pub(super) fn runs_script(command: &Command) -> bool {
    command.name.as_deref() == Some("npm")
        && matches!(command.subcommand(), Some("run" | "run-script"))
}

/// It installs the packages that the `package.json` of its directory lists.
pub(crate) fn installs_packages(command: &Command) -> bool {
    let is_bare = command.name.as_deref() == Some("yarn") && command.subcommand.is_none();
    let name = command.name.as_deref();
    let is_tool = name.is_some_and(|name| ValueWords::NodeTools.contains(name));
    let is_install = command
        .subcommand()
        .is_some_and(|it| OptionWords::NodeInstalls.contains(it));
    let moves = |flag: &CommandFlag| OptionWords::NodeElsewhere.contains(&flag.name);
    is_tool
        && (is_bare || is_install)
        && command.is_complete
        && command.operands.is_empty()
        && command.runs == Runs::Always
        && !command.flags.iter().any(moves)
}

/// What an `npm run` of the build calls first and npm has left out, and the ENV that made it.
pub(crate) fn lacking(p: &FilesPhase, index: usize) -> Option<(String, Option<usize>)> {
    let fact = &p.commands[index];
    let command = &fact.command;
    let is_run = runs_script(command) && command.is_complete && command.wrappers.is_empty();
    let name = command
        .operands
        .first()
        .and_then(Arg::as_str)
        .filter(|_| is_run)?;
    let directory = at::directory_of(p, fact)?;
    let list = format!("{}/package.json", directory.trim_end_matches('/'));
    let Origin::Context(path) = origin::as_command_sees(p, index, &list) else {
        return None;
    };
    let frontend = p.frontends.iter().find(|it| it.path == path)?;
    let program = first_program(frontend.scripts.get(name)?)?;
    let mut brought_by = frontend_tools::packages(program);
    let is_left_out = brought_by.any(|package| frontend.left_out.contains(package));
    let install = only_install(p, index).filter(|_| is_left_out)?;
    let before = &p.commands[install];
    if at::directory_of(p, before)? != directory {
        return None;
    }
    let env = leaves_out(p, before)?;
    Some((program.to_owned(), env))
}

/// The one command before another one that may have installed packages of npm in its stages; `None` where there are
/// others, or something else may have brought them.
fn only_install(p: &FilesPhase, index: usize) -> Option<usize> {
    let fact = &p.commands[index];
    let is_own = |it: &CommandFact| at::is_part(&p.stages, it.stage, fact.stage);
    let before = p.commands[..index].iter().enumerate();
    let mut own = before.filter(|(_, it)| is_own(it));
    let installs = |command: &Command| {
        let name = command.name.as_deref();
        let is_npm = name == Some("npm")
            && !matches!(command.subcommand(), Some("run" | "config" | "cache"));
        is_npm || name.is_none_or(|name| matches!(name, "yarn" | "pnpm" | "npx"))
    };
    let mut all = own.by_ref().filter(|(_, it)| installs(&it.command));
    let (at, only) = all.next().filter(|_| all.next().is_none())?;
    let command = &only.command;
    let is_plain = matches!(command.subcommand(), Some("ci" | "install" | "i"))
        && command.operands.is_empty()
        && command.is_complete
        && command.runs == Runs::Always
        && command.wrappers.is_empty();
    let has_modules = p.copies.iter().any(|copy| {
        let mut sources = copy.sources.iter().filter_map(|(_, text)| text.as_ref());
        copy.stage == fact.stage && sources.any(|text| text.as_str().contains("node_modules"))
    });
    let has_mounts =
        !p.layers[only.layer].mounts.is_empty() || !p.layers[fact.layer].mounts.is_empty();
    (is_plain && !has_modules && !has_mounts).then_some(at)
}

/// An install of npm leaves out what is needed for development only: `Some(Some)` because of an ENV.
fn leaves_out(p: &FilesPhase, fact: &CommandFact) -> Option<Option<usize>> {
    let command = &fact.command;
    let value = |name: &str| {
        let flag = command.flag(name)?;
        Some(
            flag.value
                .as_ref()
                .and_then(Arg::as_str)
                .unwrap_or_default(),
        )
    };
    let mut includes = ["--include", "--also", "--dev"].into_iter();
    if includes.any(|name| command.flag(name).is_some()) || value("--production") == Some("false") {
        return None;
    }
    if value("--omit") == Some("dev") || value("--production").is_some() {
        return Some(None);
    }
    if command.flag("--omit").is_some() || command.flag("--only").is_some() {
        return None;
    }
    let instruction = p.layers[fact.layer].instruction;
    let is_set = |name: &str| command.assignments.iter().any(|it| it.name == name);
    let mut parts = at::parts(&p.stages, fact.stage);
    let env = parts.find_map(|part| {
        let envs = p.stages[part].envs.iter().rev();
        envs.copied().find(|at| {
            let env = &p.envs[*at];
            let is_before = part != fact.stage || env.instruction < instruction;
            env.name.as_str() == "NODE_ENV" && is_before
        })
    })?;
    let is_production = p.envs[env].value.as_ref().map(Traced::as_str) == Some("production");
    (is_production && !is_set("NODE_ENV")).then_some(Some(env))
}

/// The lock file that an install of frontend packages cannot do without and that is certainly not there when it runs.
pub(crate) fn lacks_lock(p: &FilesPhase, index: usize) -> Option<(&'static str, Option<Span>)> {
    let fact = &p.commands[index];
    let command = &fact.command;
    let name = command.name.as_deref()?;
    let row = frontend_tools::locked(name, command.subcommand()?)?;
    let is_asked = row
        .flag
        .is_none_or(|flag| command.flag(flag).is_some_and(|it| it.value.is_none()));
    let mut moves = row.moves.iter();
    let is_plain = command.wrappers.is_empty()
        && command.is_complete
        && command.operands.is_empty()
        && !moves.any(|flag| command.flag(flag).is_some());
    let directory = at::directory_of(p, fact).filter(|_| is_asked && is_plain)?;
    let see = |name: &str| {
        let path = format!("{}/{name}", directory.trim_end_matches('/'));
        origin::as_command_sees(p, index, &path)
    };
    let is_missing = |name: &str| matches!(see(name), Origin::Missing | Origin::Ignored(..));
    // With the list, so that this is where the packages are meant to be installed.
    let Origin::Context(list) = see("package.json") else {
        return None;
    };
    // A list above it may be that of a workspace, with the lock file beside it.
    let mut above = directory.trim_end_matches('/');
    while let Some((next, _)) = above.rsplit_once('/') {
        above = next;
        let lists = ["package.json", "pnpm-workspace.yaml"].map(|name| format!("{above}/{name}"));
        let is_alone = |list: &String| {
            matches!(
                origin::as_command_sees(p, index, list),
                Origin::Missing | Origin::Ignored(..)
            )
        };
        if !lists.iter().all(is_alone) {
            return None;
        }
    }
    let above = list.rsplit_once('/').map_or("", |(above, _)| above);
    // What git ignores may lie beside it where the image is built.
    let may_lie_there = |name: &str| {
        let path = p.around.context.below_root(&join(above, name));
        path.is_none_or(|path| {
            p.around.root.entry(&path) == Entry::Missing && may_be_placed(&p.around.root, &path)
        })
    };
    let is_sure = row
        .locks
        .iter()
        .all(|name| is_missing(name) && !may_lie_there(name));
    let pattern = match see(row.locks.first()?) {
        Origin::Ignored(_, pattern) => Some(pattern.span()),
        _ => None,
    };
    is_sure.then(|| (row.locks.first().copied().unwrap_or_default(), pattern))
}
