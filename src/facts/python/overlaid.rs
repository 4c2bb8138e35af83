//! A virtual environment or the packages of a frontend that the image has and that a COPY of the whole project writes
//! over: whoever builds has such a directory beside the project, which git ignores and the ignore file of the build
//! does not.

use crate::facts::build::at;
use crate::facts::files::frontends;
use crate::facts::model::{BaseKind, CopyFrom, PlaceKind, Project};
use crate::facts::python::script_directories;
use crate::knowledge::installers;
use crate::source::{Entry, absolute, is_in, join, normalize};

/// Where the tools of Node.js install packages.
const NODE: &str = "node_modules";

/// The directory in the image, and the one of the context that is written over it.
pub(crate) fn overlaid(p: &Project, index: usize) -> Option<(String, String)> {
    let copy = &p.copies[index];
    let target = copy.target.as_deref()?.trim_end_matches('/');
    if copy.from != CopyFrom::Context || !copy.excludes.is_empty() || copy.has_parents {
        return None;
    }
    let context = &p.around.context;
    let whole = copy.sources.iter().find_map(|(_, text)| {
        let path = normalize(text.as_ref()?.as_str().trim_matches('/'))?;
        let shown = if path.is_empty() { "." } else { path.as_str() };
        // Whoever develops has an environment beside the files that say what to install.
        let mut files = installers::project_files().chain(["requirements.txt", "package.json"]);
        let is_there = |name: &str| matches!(context.entry(&join(&path, name)), Entry::File { .. });
        let is_project = context.entry(shown) == Entry::Directory && files.any(is_there);
        is_project.then_some(path)
    })?;
    let made = &p.environments.get_or_init(|| environments(p))[copy.stage];
    let is_overlaid = |directory: &str| {
        let below = directory.strip_prefix(target)?.trim_matches('/');
        let path = join(&whole, below);
        let root = context.below_root(&path)?;
        let is_let_in = context.ignored_by(&path).is_none();
        // What is made once more behind the COPY takes its place.
        let mut of = made.iter().filter(|it| it.0 == directory);
        let is_made_before = of.all(|it| it.1 < copy.layer);
        let is_there = p.around.root.entry(&root) != Entry::Missing;
        let is_local = !is_there && p.around.root.is_git_ignored(&root);
        (!below.is_empty() && !below.contains('/') && is_let_in && is_made_before && is_local)
            .then_some(path)
    };
    let mut all = made.iter().filter(|it| is_in(&it.0, target));
    all.find_map(|(directory, _)| Some((directory.clone(), is_overlaid(directory)?)))
}

/// The virtual environments and packages of frontends that commands and copies put into each stage, with their layers.
fn environments(p: &Project) -> Vec<Vec<(String, usize)>> {
    let clean = |directory: &str| directory.trim_end_matches('/').to_owned();
    let mut own: Vec<Vec<(String, usize)>> = vec![Vec::new(); p.stages.len()];
    for (stage, made) in p.marks.virtualenvs.iter().enumerate() {
        let layer = |command: usize| p.commands[command].layer;
        let made = made.iter();
        own[stage].extend(made.map(|(directory, command)| (directory.clone(), layer(*command))));
    }
    for install in &p.installs {
        let found = script_directories::of(p, install);
        if let Some(found) = found.filter(|it| it.kind == PlaceKind::Environment)
            && let Some(directory) = found.directory.strip_suffix("/bin")
        {
            own[install.stage].push((clean(directory), p.commands[install.command].layer));
        }
    }
    for fact in p
        .commands
        .iter()
        .filter(|it| frontends::installs_packages(&it.command))
    {
        if let Some(directory) = at::directory_of(p, fact) {
            own[fact.stage].push((absolute(&directory, NODE), fact.layer));
        }
    }
    // A stage stands on earlier ones only, and copies from them.
    let mut all: Vec<Vec<(String, usize)>> = Vec::new();
    for (i, made) in own.into_iter().enumerate() {
        let stage = &p.stages[i];
        let mut here = match stage.base.kind {
            BaseKind::Stage(parent) => all.get(parent).cloned().unwrap_or_default(),
            _ => Vec::new(),
        };
        here.extend(made);
        for copy in stage.copies.iter().map(|copy| &p.copies[*copy]) {
            let CopyFrom::Stage(from) = copy.from else {
                continue;
            };
            let Some((elsewhere, target)) = all.get(from).zip(copy.target.as_deref()) else {
                continue;
            };
            for (_, text) in &copy.sources {
                let source = text.as_ref().map(|text| clean(text.as_str()));
                if source.is_some_and(|source| elsewhere.iter().any(|it| it.0 == source)) {
                    here.push((clean(target), copy.layer));
                }
            }
        }
        all.push(here);
    }
    all
}
