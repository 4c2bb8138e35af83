//! What one call of an installer puts into the environment.

use crate::knowledge::installers::{Dialect, Installer};
use crate::source::{Root, SourceError, Sources};
use crate::span::Traced;

use super::lock::{self, Edge, Place};
use super::lock_walk::{roots, walk, with_lock};
use super::name::normalize_name;
use super::problem::kind_of;
use super::project::Project;
use super::{ProblemKind, Requirement, RequirementSet, pipfile, txt};
use crate::source::join;

/// Extras and dependency groups asked for, in any spelling.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    pub extras: Vec<String>,
    pub all_extras: bool,
    /// Added to the default ones: `--group`, `--with`, `-G`.
    pub with: Vec<String>,
    /// Left out: `--no-group`, `--without`.
    pub without: Vec<String>,
    /// Nothing but these: `--only-group`, `--only`. Poetry calls the project's own list `main`.
    pub only: Vec<String>,
    /// Nothing but the project itself: `--only-root`.
    pub only_project: bool,
    pub all_groups: bool,
    /// No development groups: `--no-dev`, `--prod`.
    pub no_dev: bool,
    /// `--no-default-groups`.
    pub no_default: bool,
    /// Packages for development too: `--dev` of pipenv.
    pub dev: bool,
}

/// A directory given to `pip install`.
#[derive(Clone, Debug, Default)]
pub(crate) struct PipProject {
    /// Below the root; empty: the root itself.
    pub directory: String,
    pub extras: Vec<String>,
    /// `--group`.
    pub groups: Vec<String>,
    /// Of the project itself nothing is asked for.
    pub is_groups_only: bool,
}

/// A call of an installer, its paths already translated to paths below the root.
#[derive(Clone, Debug)]
pub(crate) enum Invocation {
    /// `pip install`, `uv pip install`, `uv pip sync`.
    Pip {
        /// Values of `-r`.
        files: Vec<String>,
        /// Values of `-c`.
        constraints: Vec<String>,
        /// Requirements on the command line.
        requirements: Vec<Traced>,
        projects: Vec<PipProject>,
        /// `--no-deps`: the list is all there is.
        no_deps: bool,
    },
    /// `uv sync`, `poetry install`, `pdm export`, `pipenv install`.
    Project {
        installer: &'static Installer,
        directory: String,
        groups: Groups,
        /// `--deploy`, `--ignore-pipfile`, `sync`, or a lock that is used because it is there;
        /// false for `--skip-lock`.
        uses_lock: bool,
    },
}

/// Everything the call asks for, read below `root`.
#[must_use]
pub(crate) fn installed_by(
    invocation: &Invocation,
    sources: &Sources,
    root: &Root,
) -> RequirementSet {
    match invocation {
        Invocation::Pip {
            files,
            constraints,
            requirements,
            projects,
            no_deps,
        } => {
            let mut set = RequirementSet::new();
            for path in files {
                let mut read = txt::read_requirements(sources, root, path);
                local_projects(&mut read, sources, root);
                set.merge(read);
            }
            if !requirements.is_empty() {
                let mut named = RequirementSet::new();
                for text in requirements {
                    named.add_text(text, None);
                }
                set.merge(named);
            }
            for project in projects {
                set.merge(pip_project(project, sources, root));
            }
            for path in constraints {
                let read = txt::read_requirements(sources, root, path);
                set.problems.extend(read.problems);
                set.files.extend(read.files);
                set.constraints.extend(read.requirements);
                set.constraints.extend(read.constraints);
            }
            set.is_closed |= *no_deps;
            set
        }
        Invocation::Project {
            installer,
            directory,
            groups,
            uses_lock,
        } => match installer.dialect {
            Dialect::Pipenv => pipfile::installed(sources, root, directory, groups.dev, *uses_lock),
            _ => locked(sources, root, directory, groups, installer),
        },
    }
}

/// Directories named in a requirements file bring their own lists along. Where they lie in the
/// image depends on the working directory, so what is found is added and the list stays open.
fn local_projects(set: &mut RequirementSet, sources: &Sources, root: &Root) {
    let paths: Vec<String> = set
        .requirements
        .iter()
        .filter(|entry| entry.is_editable || entry.name.is_empty())
        .filter_map(|entry| entry.path.clone())
        .collect();
    for path in paths {
        set.is_complete = false;
        let Some(directory) = crate::source::normalize(&path) else {
            continue;
        };
        let read = pip_project(
            &PipProject {
                directory,
                ..PipProject::default()
            },
            sources,
            root,
        );
        set.requirements.extend(read.requirements);
    }
}

fn pip_project(request: &PipProject, sources: &Sources, root: &Root) -> RequirementSet {
    let project = Project::read(sources, root, &request.directory);
    let mut list = match request.is_groups_only {
        true => Vec::new(),
        false => project.with_extras(&request.extras, false),
    };
    for group in &request.groups {
        list.extend(
            project
                .groups
                .get(&normalize_name(group))
                .into_iter()
                .flatten()
                .cloned(),
        );
    }
    RequirementSet {
        requirements: list,
        ..project.set
    }
}

fn locked(
    sources: &Sources,
    root: &Root,
    directory: &str,
    groups: &Groups,
    installer: &Installer,
) -> RequirementSet {
    let dialect = installer.dialect;
    let project = Project::read(sources, root, directory);
    let names = group_names(&project, groups, dialect);
    let asks_main = groups.only.is_empty() || groups.only.iter().any(|only| only == "main");
    let takes_main = asks_main && !groups.only_project;
    let mut list = if takes_main {
        project.with_extras(&groups.extras, groups.all_extras)
    } else {
        Vec::new()
    };
    for name in &names {
        list.extend(project.groups.get(name).into_iter().flatten().cloned());
    }
    let mut set = project.set.clone();
    if project.file().is_none() {
        let path = join(directory, "pyproject.toml");
        let message = format!("`{}` does not exist", root.display(&path));
        set.problem(ProblemKind::Missing, None, message);
    }
    let Some(lock_name) = installer.lock else {
        set.requirements = list;
        return set;
    };
    let file = match root.read(sources, &join(directory, lock_name)) {
        Ok(file) => file,
        Err(error) => {
            if !matches!(error, SourceError::Missing { .. }) {
                set.problem(kind_of(&error), None, error.to_string());
            }
            set.requirements = list;
            return set;
        }
    };
    let source = sources.get(file);
    let (packages, error) = lock::read(file, &source.text);
    set.files = with_lock(set.files, file);
    set.lock = Some(file);
    if let Some((span, message)) = error {
        set.problem(ProblemKind::Syntax, Some(span), message);
        set.requirements = list;
        return set;
    }
    let mut starts = roots(&list);
    let own = packages.iter().find(|package| {
        matches!(&package.place, Place::Local(path) if path == "." || path.is_empty())
            || (dialect == Dialect::Uv
                && matches!(package.place, Place::Local(_))
                && project.name.as_deref() == Some(package.name.as_str()))
    });
    if let (Dialect::Uv, Some(own)) = (dialect, own) {
        // The lock says what its own project asked for when it was made.
        starts.clear();
        let mut add = |edges: &[Edge], group: Option<&str>| {
            let edges = edges.iter().cloned();
            starts.extend(edges.map(|edge| (edge, group.map(str::to_owned))));
        };
        if takes_main {
            add(&own.edges, None);
            for (extra, edges) in &own.extras {
                let is_asked = groups.extras.iter().any(|e| normalize_name(e) == *extra);
                if groups.all_extras || is_asked {
                    add(edges, Some(extra));
                }
            }
        }
        for name in &names {
            if let Some(edges) = own.groups.get(name) {
                add(edges, Some(name));
            }
        }
        // The lists are in the lock, wherever the project takes them from.
        set.is_complete = set.problems.is_empty();
    }
    set.requirements = walk(&packages, starts, &list);
    set.requirements.extend(unlocked(&list, &packages, dialect));
    set.is_closed = true;
    set
}

/// Direct entries that the lock does not have: out of date, so nothing is sure about them; uv
/// installs what the lock says.
fn unlocked(list: &[Requirement], packages: &[lock::Locked], dialect: Dialect) -> Vec<Requirement> {
    if dialect == Dialect::Uv {
        return Vec::new();
    }
    let is_locked = |name: &str| packages.iter().any(|package| package.name == name);
    list.iter()
        .filter(|entry| !is_locked(&entry.name))
        .filter(|entry| {
            let marker = entry.marker.as_ref();
            marker.is_none_or(|marker| marker.applies(None, &[]) != Some(false))
        })
        .cloned()
        .collect()
}

/// The dependency groups that the call installs, normalised.
fn group_names(project: &Project, groups: &Groups, dialect: Dialect) -> Vec<String> {
    let normal = |names: &[String]| -> Vec<String> {
        names.iter().map(|name| normalize_name(name)).collect()
    };
    if groups.only_project {
        return Vec::new();
    }
    let without = normal(&groups.without);
    let mut names: Vec<String> = if !groups.only.is_empty() {
        normal(&groups.only)
    } else {
        let defaults: Vec<String> = match dialect {
            Dialect::Uv => project
                .uv_default_groups
                .clone()
                .unwrap_or_else(|| vec!["dev".to_owned()]),
            Dialect::Poetry => project
                .groups
                .keys()
                .filter(|name| !project.optional_groups.contains(*name))
                .cloned()
                .collect(),
            _ => project.groups.keys().cloned().collect(),
        };
        let mut names = if groups.no_default {
            Vec::new()
        } else {
            defaults
        };
        if groups.no_dev {
            match dialect {
                // Poetry's `--no-dev` is the old spelling of `--only main`.
                Dialect::Uv => names.retain(|name| name != "dev"),
                _ => names.clear(),
            }
        }
        if groups.all_groups {
            names = project.groups.keys().cloned().collect();
        }
        for name in normal(&groups.with) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    };
    names.retain(|name| !without.contains(name));
    names
}
