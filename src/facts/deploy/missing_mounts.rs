//! Files of the project that a compose file mounts or reads and that nobody has: Docker makes a directory of such a
//! name and mounts that where the container wants a file; compose ends without a file of variables.

use crate::compose::{Mount, MountKind, Service};
use crate::context::placed::may_be_placed;
use crate::deployed::builders;
use crate::facts::deploy::groups;
use crate::facts::model::{DjangoPhase, MissingEnvFile, MissingMount, ServiceFact};
use crate::knowledge::words::FileWords;
use crate::source::{Entry, Root, Sources, is_in, join};
use crate::span::Traced;

/// Names of a directory that are looked through for what may make the file.
const MAX_NAMES: usize = 200;

/// Directories below those of the top directory that are looked through.
const MAX_BELOW: usize = 500;

/// Files that are not there of which it is asked whether somebody makes them.
const MAX_LACKING: usize = 200;

/// A service of a stack with a service of this Dockerfile.
struct Used<'a> {
    at: usize,
    fact: &'a ServiceFact,
    own: &'a Service,
    stack: &'a [Service],
}

/// Those that name all of their files themselves.
fn used<'a>(p: &'a DjangoPhase, services: &'a [ServiceFact]) -> impl Iterator<Item = Used<'a>> {
    let used = groups::used(p, services);
    let all = services.iter().enumerate();
    all.filter_map(move |(at, fact)| {
        let own = fact.compose(p)?;
        let stack = fact.stack(p).map_or(&[][..], |stack| &stack.services);
        let is_used = used.contains(&fact.deployed(p).group) && own.extends.is_none();
        is_used.then_some(Used {
            at,
            fact,
            own,
            stack,
        })
    })
}

/// Every mount of a stack with a service of this Dockerfile whose file is certainly not there.
pub(crate) fn collect(
    p: &DjangoPhase,
    services: &[ServiceFact],
    sources: &Sources,
) -> Vec<MissingMount> {
    let all = used(p, services).flat_map(|it| {
        let mounts = it.fact.deployed(p).mounts.iter().enumerate();
        mounts.map(move |(at, mount)| (it.at, at, it.own, it.stack, mount))
    });
    let is_lacking = |mount: &Mount| {
        let path = mount.source_path.as_deref();
        path.is_some_and(|path| p.around.root.entry(path) == Entry::Missing)
    };
    let lacking = all.filter(|it| is_lacking(it.4)).take(MAX_LACKING);
    lacking
        .filter(|(_, _, own, stack, mount)| is_missing(p, (own, stack), mount, sources))
        .map(|(service, mount, ..)| MissingMount { service, mount })
        .collect()
}

fn is_missing(
    p: &DjangoPhase,
    (service, stack): (&Service, &[Service]),
    mount: &Mount,
    sources: &Sources,
) -> bool {
    let Some((path, target)) = mount.source_path.as_deref().zip(mount.target.as_ref()) else {
        return false;
    };
    let source = mount.source.as_ref().map_or("", Traced::as_str);
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let is_meant = mount.kind == MountKind::Bind
        && source.starts_with('.')
        && !source.ends_with('/')
        && is_file(&name(path))
        && is_file(&name(target.as_str()));
    is_meant && is_gone(p, (service, stack), path, sources)
}

/// Every file of variables of such a stack that is certainly not there, while one of its name is elsewhere.
pub(crate) fn env_files(
    p: &DjangoPhase,
    services: &[ServiceFact],
    sources: &Sources,
) -> Vec<MissingEnvFile> {
    let root = &p.around.root;
    let all = used(p, services).flat_map(|it| {
        let files = it.own.env_files.iter().filter(|file| file.is_required);
        files.map(move |file| (it.at, it.own, it.stack, file))
    });
    let lacking = all.filter_map(|(service, own, stack, file)| {
        let path = file.resolved.as_deref()?;
        (root.entry(path) == Entry::Missing).then_some((service, own, stack, file, path))
    });
    let found = lacking
        .take(MAX_LACKING)
        .filter_map(|(service, own, stack, file, path)| {
            let written = file.path.value.clone()?;
            let instead = elsewhere(root, path)?;
            is_gone(p, (own, stack), path, sources).then_some(MissingEnvFile {
                service,
                written,
                instead,
            })
        });
    found.collect()
}

/// A file of the same name, other than `.env`, in a directory of the top or one below.
fn elsewhere(root: &Root, path: &str) -> Option<String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    if name == ".env" {
        return None;
    }
    let directories = root.once(Directories::of);
    let others = directories.0.iter().map(|directory| join(directory, name));
    let mut found = others.filter(|other| other != path && root.is_file(other));
    let first = found.next();
    first.filter(|_| found.next().is_none())
}

/// The top directory, those in it and those in them.
struct Directories(Vec<String>);

impl Directories {
    fn of(root: &Root) -> Self {
        let inside = |directory: &str| {
            let names = root.list(directory, MAX_NAMES);
            let paths = names.iter().map(|name| join(directory, name));
            let paths = paths.filter(|path| root.entry(path) == Entry::Directory);
            paths.collect::<Vec<_>>()
        };
        let top = inside("");
        let below = top.iter().flat_map(|directory| inside(directory));
        let below: Vec<String> = below.take(MAX_BELOW).collect();
        let all = [String::new()].into_iter().chain(top).chain(below);
        Self(all.collect())
    }
}

/// A file of the project is not there, although the directory of the stack's compose files is the one that is meant,
/// and nothing says that somebody makes it.
fn is_gone(
    p: &DjangoPhase,
    (service, stack): (&Service, &[Service]),
    path: &str,
    sources: &Sources,
) -> bool {
    let root = &p.around.root;
    if root.entry(path) != Entry::Missing {
        return false;
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    // Something else that its stack builds on or mounts is there, so that this is the directory that is meant.
    let is_there = |other: &Mount| {
        let mut source = other.source_path.iter();
        source.any(|other| !other.is_empty() && root.entry(other) != Entry::Missing)
    };
    let builds = |it: &Service| {
        let build = it.build.iter();
        let mut paths = build.filter_map(|build| build.dockerfile_path.as_deref());
        paths.any(|path| root.is_file(path))
    };
    let mut all = stack.iter();
    let is_known = all.any(|it| builds(it) || it.volumes.iter().any(is_there))
        || service.volumes.iter().any(is_there)
        || service.build.is_some()
        || path.matches('/').count() <= 1;
    is_known
        && !may_be_placed(root, path)
        && !has_template(root, path)
        && !is_of_submodule(root, path, sources)
        && !is_named(root, path, name, sources)
}

/// A name of a file that is no secret: configuration, a script, statements.
fn is_file(name: &str) -> bool {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    FileWords::MountedFile.contains(ending)
}

/// The file lies beside it, or in the top directory, under a name that says that it is to be copied, or in other case.
fn has_template(root: &Root, path: &str) -> bool {
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name
        .rsplit_once('.')
        .map_or(name, |(stem, _)| stem)
        .to_ascii_lowercase();
    let names = |directory: &str| {
        let names = root.list(directory, MAX_NAMES);
        names.iter().any(|other| {
            let other = other.to_ascii_lowercase();
            let rest = other.strip_prefix(&stem);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
        })
    };
    names(directory) || names("")
}

/// It lies in a submodule, which a checkout may lack.
fn is_of_submodule(root: &Root, path: &str, sources: &Sources) -> bool {
    let Ok(file) = root.read(sources, ".gitmodules") else {
        return false;
    };
    let text = &sources.get(file).text;
    let mut paths = text.lines().filter_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "path").then(|| value.trim())
    });
    paths.any(|submodule| is_in(path, submodule))
}

/// A script, a workflow or a page that is read before the deployment names it: it may make it, or say how. Another file
/// of that name, by a path of which it is there, is not it.
fn is_named(root: &Root, path: &str, name: &str, sources: &Sources) -> bool {
    let is_told = |file: &str| {
        let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
        let is_compose = file.contains("compose");
        !is_compose && (FileWords::TellsOfFiles.contains(ending) || file.starts_with("Makefile"))
    };
    let further = ["docs", "deploy", "scripts"];
    let mut files = builders(root, further.into_iter(), MAX_NAMES, is_told);
    files.any(|told| {
        let Ok(file) = root.read(sources, &told) else {
            return true;
        };
        let text = &sources.get(file).text;
        let mut places = text.match_indices(name);
        places.any(|(at, _)| !is_of_another(root, path, &text[..at + name.len()]))
    }) || root.is_file(&join("", &format!("{name}.dvc")))
}

/// A text ends with the path of a file that is there, and no part of the one that is not.
fn is_of_another(root: &Root, path: &str, text: &str) -> bool {
    let is_end = |c: char| !(c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-'));
    let start = text.rfind(is_end).map_or(0, |at| at + 1);
    let text = text.get(start..).unwrap_or(text);
    let text = text.strip_prefix("./").unwrap_or(text);
    text.contains('/') && !path.ends_with(text) && root.is_file(text)
}
