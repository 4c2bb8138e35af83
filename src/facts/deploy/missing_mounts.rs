//! Files of the project that a compose file mounts and that nobody has: Docker makes a directory of such a name and
//! mounts that where the container wants a file.

use crate::compose::{Mount, MountKind, Service};
use crate::context::placed::may_be_placed;
use crate::deployed::builders;
use crate::facts::deploy::groups;
use crate::facts::model::{DjangoPhase, MissingMount, ServiceFact};
use crate::knowledge::words::FileWords;
use crate::source::{Entry, Root, Sources, is_in, join};
use crate::span::Traced;

/// Names of a directory that are looked through for what may make the file.
const MAX_NAMES: usize = 200;

/// Every mount of a stack with a service of this Dockerfile whose file is certainly not there.
pub(crate) fn collect(
    p: &DjangoPhase,
    services: &[ServiceFact],
    sources: &Sources,
) -> Vec<MissingMount> {
    let used = groups::used(p, services);
    let mut out = Vec::new();
    for (service, fact) in services.iter().enumerate() {
        let Some(own) = fact.compose(p) else {
            continue;
        };
        if !used.contains(&fact.deployed(p).group) || own.extends.is_some() {
            continue;
        }
        let mounts = fact.deployed(p).mounts.iter().enumerate();
        let missing = mounts.filter(|(_, mount)| is_missing(p, own, mount, sources));
        out.extend(missing.map(|(mount, _)| MissingMount { service, mount }));
    }
    out
}

fn is_missing(p: &DjangoPhase, service: &Service, mount: &Mount, sources: &Sources) -> bool {
    let root = &p.around.root;
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
    if !is_meant || root.entry(path) != Entry::Missing {
        return false;
    }
    // Something else that the service builds on or mounts is there, so that this is the directory that is meant.
    let mut others = service
        .volumes
        .iter()
        .filter_map(|it| it.source_path.as_deref());
    let is_known = others.any(|other| root.entry(other) != Entry::Missing)
        || service.build.is_some()
        || path.matches('/').count() <= 1;
    is_known
        && !may_be_placed(root, path)
        && !has_template(root, path)
        && !is_of_submodule(root, path, sources)
        && !is_named(root, &name(path), sources)
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

/// A script, a workflow or a page that is read before the deployment names it: it may make it, or say how.
fn is_named(root: &Root, name: &str, sources: &Sources) -> bool {
    let is_told = |file: &str| {
        let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
        let is_compose = file.contains("compose");
        !is_compose && (FileWords::TellsOfFiles.contains(ending) || file.starts_with("Makefile"))
    };
    let further = ["docs", "deploy", "scripts"];
    let mut files = builders(root, further.into_iter(), MAX_NAMES, is_told);
    files.any(|path| {
        let Ok(file) = root.read(sources, &path) else {
            return true;
        };
        sources.get(file).text.contains(name)
    }) || root.is_file(&join("", &format!("{name}.dvc")))
}
