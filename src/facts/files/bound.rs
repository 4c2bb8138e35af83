//! Directories of the host that lie over those of an image, and whether they hold its code.

use crate::compose::MountKind;
use crate::deployed::Deployed;
use crate::facts::build::at;
use crate::facts::model::{BuildPhase, ScriptFact};
use crate::source::{Entry, Root, is_in, join};
use crate::span::Span;

/// Names of one directory that are looked through.
const MAX_LISTED: usize = 300;

/// Whether a directory of the host with the code lies over that of the image: the build context, one around it, or
/// one with code, over the working directory, a part of it, or what a COPY fills.
pub(crate) fn binds_code(p: &BuildPhase, image: Option<usize>, service: &Deployed) -> bool {
    let Some(context) = service
        .build
        .as_ref()
        .and_then(|build| build.context.as_deref())
    else {
        return false;
    };
    let root = &p.around.root;
    let is_code = |source: &str| is_in(context, source) || holds_code(root, source);
    let mut filled: Vec<String> = Vec::new();
    if let Some(image) = image {
        let image = &p.images[image];
        filled.extend(at::workdir(&p.stages, image.stage));
        let copies = image
            .chain
            .iter()
            .flat_map(|stage| &p.stages[*stage].copies);
        filled.extend(copies.filter_map(|copy| p.copies[*copy].target.clone()));
    }
    let own = service.workdir.as_ref().and_then(|path| path.as_str());
    filled.extend(own.map(str::to_owned));
    filled.retain(|path| !path.trim_matches('/').is_empty());
    let is_over = |target: &str| {
        let target = target.trim_end_matches('/');
        let path = |path: &String| is_in(path, target) || is_in(target, path);
        filled.is_empty() || filled.iter().any(path)
    };
    service.mounts.iter().any(|mount| {
        mount.kind == MountKind::Bind
            && mount.source_path.as_deref().is_some_and(is_code)
            && mount.target.as_ref().is_some_and(|it| is_over(it.as_str()))
    })
}

/// The mount that lays a directory of the host over a script which is started itself, where the script has no execute
/// bit on the host.
pub(crate) fn unexecutable(
    p: &BuildPhase,
    service: &Deployed,
    script: &ScriptFact,
) -> Option<Span> {
    let is_direct = !script.is_interpreted && !script.is_sourced && script.caller.is_none();
    if !is_direct || script.found.is_executable == Some(false) {
        return None;
    }
    let over = service.mounts.iter().filter_map(|mount| {
        let target = mount.target.as_ref()?.as_str().trim_end_matches('/');
        is_in(&script.path, target).then_some((target, mount))
    });
    let (target, mount) = over.max_by_key(|(target, _)| target.len())?;
    let source = mount.source_path.as_deref();
    let source = source.filter(|_| mount.kind == MountKind::Bind)?;
    let rest = script.path.get(target.len()..)?.trim_start_matches('/');
    let path = join(source, rest);
    let Entry::File { is_executable } = p.around.root.entry(&path) else {
        return None;
    };
    (p.around.root.is_executable(&path, is_executable) == Some(false)).then_some(mount.span)
}

/// Whether a directory has code in it, or a package right below it.
pub(crate) fn holds_code(root: &Root, directory: &str) -> bool {
    if root.entry(directory) != Entry::Directory {
        return false;
    }
    let names = root.list(directory, MAX_LISTED);
    let is_package = |name: &str| {
        let below = join(directory, name);
        ["__init__.py", "manage.py"]
            .iter()
            .any(|file| root.is_file(&join(&below, file)))
    };
    names.iter().any(|name| {
        name.ends_with(".py") || name == "package.json" || !name.contains('.') && is_package(name)
    })
}
