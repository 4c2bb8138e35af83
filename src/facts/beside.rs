//! Images beside the application (a proxy, a database): whether anybody ships them. What is no Python application is
//! judged by what builds it alone.

use crate::compose::Purpose;
use crate::context::join;
use crate::facts::build::at;
use crate::facts::ci::is_published;
use crate::facts::intent::develops;
use crate::facts::model::Project;
use crate::knowledge::intent_words;
use crate::source::{Entry, Root, Sources};

/// Names of one directory that are looked through for what builds.
const MAX_LISTED: usize = 200;

/// Directories with files that build, beside those on the way to the Dockerfile.
const DIRECTORIES: [&str; 7] = [
    ".circleci",
    ".github/workflows",
    "bin",
    "ci",
    "deploy",
    "docker",
    "scripts",
];

/// Whether a Dockerfile makes no Python application, and only stacks to develop or test with build it, or nothing does
/// while compose builds other Dockerfiles of the project.
pub(crate) fn is_shipped_by_nobody(p: &Project, sources: &Sources, path: &str) -> bool {
    let stages: Vec<usize> = (0..p.stages.len()).collect();
    if stages.iter().any(|stage| at::is_python(p, *stage)) || at::installs_requirements(p, &stages)
    {
        return false;
    }
    let root = &p.around.root;
    let mut building = p.services.iter().filter(|fact| fact.builds_this).peekable();
    let is_spared = if building.peek().is_some() {
        building.all(|fact| is_developed_stack(p, fact.stack))
    } else {
        builds_others(p) && is_named_nowhere(root, sources, path)
    };
    is_spared && !is_published(root, sources, path)
}

/// Whether a stack is to develop or test with by its name, or by a development server that one of its services starts.
fn is_developed_stack(p: &Project, stack: usize) -> bool {
    match p.around.compose.stacks[stack].purpose {
        Purpose::Development | Purpose::Test => true,
        Purpose::Production => false,
        Purpose::Unspoken => {
            let mut own = p.services.iter().filter(|fact| fact.stack == stack);
            own.any(|fact| develops(p, fact))
        }
    }
}

/// Whether compose builds Dockerfiles of the project, all of them known.
fn builds_others(p: &Project) -> bool {
    let stacks = p.around.compose.stacks.iter();
    let services = stacks.flat_map(|stack| &stack.services);
    let mut builds = services
        .filter_map(|service| service.build.as_ref())
        .peekable();
    builds.peek().is_some() && builds.all(|build| build.dockerfile_path.is_some())
}

/// Whether no file that may build it, nor any that tells people how, names a Dockerfile, by its name or its directory.
/// Comments name nothing.
fn is_named_nowhere(root: &Root, sources: &Sources, path: &str) -> bool {
    let Some((directory, name)) = path.rsplit_once('/') else {
        return false;
    };
    let last = directory.rsplit('/').next().unwrap_or(directory);
    // A Dockerfile of the usual name is named by its directory.
    let mark = if name == "Dockerfile" {
        format!("/{last}")
    } else {
        name.to_owned()
    };
    let above = directory
        .match_indices('/')
        .map(|(end, _)| &directory[..end]);
    let directories = [""].into_iter().chain(above).chain(DIRECTORIES);
    let mut files = directories.flat_map(|directory| {
        let names = root.list(directory, MAX_LISTED);
        let names = names.iter().filter(|name| intent_words::may_build(name));
        names
            .map(|name| join(directory, name))
            .collect::<Vec<String>>()
    });
    !files.any(|file| {
        let is_file = matches!(root.entry(&file), Entry::File { .. });
        let read = root.read(sources, &file).ok().filter(|_| is_file);
        read.is_some_and(|file| {
            let source = sources.get(file);
            let mut lines = source.text.lines();
            lines.any(|line| !line.trim_start().starts_with('#') && line.contains(&mark))
        })
    })
}
