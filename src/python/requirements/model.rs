//! What an installer is asked for, as plain data.

use crate::maps::HashMap;
use std::sync::OnceLock;

use crate::python::requirements::marker::Marker;
use crate::python::requirements::name::normalize_name;
use crate::python::requirements::specifier::{Specifier, Versions};
use crate::span::{FileId, Span, Traced};

/// One thing an installer is asked for.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// Normalised as PEP 503 says (`Django_Foo` is `django-foo`); empty when the text does not tell
    /// (an address without `#egg=`, a local path).
    pub name: String,
    /// Where the name stands; the whole entry when there is none.
    pub name_span: Span,
    /// The whole entry without options and comments.
    pub span: Span,
    /// Extras asked for, normalised.
    pub extras: Vec<String>,
    pub specifier: Specifier,
    /// Where the versions or the address stand.
    pub specifier_span: Option<Span>,
    /// The versions allowed; see [`Versions`].
    pub versions: Versions,
    pub marker: Option<Marker>,
    /// Number of `--hash` options, or of hashes in the lock.
    pub hashes: u32,
    /// Names of the wheels for x86_64 Linux, or for any platform, that a lock file lists.
    pub wheels: Vec<String>,
    pub is_editable: bool,
    /// The extra or the dependency group that lists it; `None` for the project's own list.
    pub group: Option<String>,
    /// For an entry of a lock file: where the project's own list asks for the same package.
    pub declared: Option<Span>,
    /// The versions that the project's own list allows there.
    pub declared_versions: Option<Versions>,
    /// In a compiled list: the first of the packages that ask for it, where the project itself does not.
    pub via: Option<String>,
    /// For [`Specifier::Path`]: the path as written, relative to the file that has it.
    pub path: Option<String>,
}

/// `-r` or `-c` in a requirements file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Include {
    /// The file name in the option.
    pub span: Span,
    /// Below the root, normalised; `None` when it leaves the root or is an address.
    pub path: Option<String>,
    pub is_constraint: bool,
    /// The file read for it.
    pub file: Option<FileId>,
}

/// What a requirements file tells the installer beside names.
#[derive(Clone, Debug, Default)]
pub struct IndexOptions {
    /// `-i`, `--index-url`; the last one counts.
    pub index_url: Option<Traced>,
    pub extra_index_urls: Vec<Traced>,
    pub find_links: Vec<Traced>,
    pub no_index: Option<Span>,
    /// Values of `--no-binary`, one entry a package (`:all:` and `:none:` as they are).
    pub no_binary: Vec<Traced>,
    /// Values of `--only-binary`, as [`IndexOptions::no_binary`].
    pub only_binary: Vec<Traced>,
    pub require_hashes: Option<Span>,
    pub pre: Option<Span>,
}

impl IndexOptions {
    /// Whether packages may come from elsewhere than the public index.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.index_url.is_some()
            || self.no_index.is_some()
            || !self.extra_index_urls.is_empty()
            || !self.find_links.is_empty()
    }
}

/// Why something in a file could not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// An included file or the file itself is not there.
    Missing,
    /// It lies outside the root and was not read.
    Outside,
    /// It could not be read: too large, no permission, a directory.
    Unreadable,
    /// Includes run in a circle or deeper than the bound.
    TooDeep,
    /// The text is no requirement, no option, no TOML, no JSON.
    Syntax,
    /// A name with a single `=` behind it, as Poetry and Pipenv write it: no tool that reads the list takes it.
    SingleEquals,
    /// The value depends on an environment variable or a template.
    Unresolved,
}

/// Something that could not be used, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub kind: ProblemKind,
    /// `None` when the problem is the file named by the caller.
    pub span: Option<Span>,
    /// One clause, lower case; quotes nothing from outside the root.
    pub message: String,
}

/// Everything asked for.
#[derive(Clone, Debug, Default)]
pub struct RequirementSet {
    /// Files read, in order of reading.
    pub files: Vec<FileId>,
    pub requirements: Vec<Requirement>,
    /// Entries of `-c` files: they bound versions and install nothing.
    pub constraints: Vec<Requirement>,
    pub includes: Vec<Include>,
    pub options: IndexOptions,
    /// Every list of direct requirements was read and understood. When false, a package that is
    /// not here may still be asked for.
    pub is_complete: bool,
    /// The list names everything that will be installed, dependencies of dependencies included:
    /// a lock file, the output of a compiler of requirements, or all entries with hashes.
    pub is_closed: bool,
    /// Lists whose head says that a compiler of requirements wrote them.
    pub compiled_files: Vec<FileId>,
    /// The lock file that decides the versions.
    pub lock: Option<FileId>,
    /// `requires-python` of the project, where it has one.
    pub requires_python: Option<Traced>,
    /// The Pythons that this text allows, also where it is written in Poetry's dialect.
    pub python_versions: Option<Versions>,
    /// The one Python that the `[requires]` of a Pipfile or a `.python-version` names.
    pub named_python: Option<Traced>,
    /// The groups that the project's `default-groups` names, each where it stands.
    pub default_groups: Vec<Traced>,
    /// The project names plugins that its installer has to have.
    pub has_plugins: bool,
    pub problems: Vec<Problem>,
    /// Major and minor version of the Python it is installed for, where known: entries for others bound nothing.
    pub python: Option<(u8, u8)>,
    /// Made when it is first asked for.
    pub(super) together: OnceLock<Together>,
    /// The same.
    pub(super) index: OnceLock<Index>,
}

/// Where the entries of each name are.
#[derive(Clone, Debug)]
pub(super) struct Index {
    requirements: HashMap<String, Vec<usize>>,
    constraints: HashMap<String, Vec<usize>>,
    /// The numbers of requirements and constraints that there were.
    size: (usize, usize),
}

impl Index {
    fn of(set: &RequirementSet) -> Self {
        let by_name = |entries: &[Requirement]| {
            let mut all: HashMap<String, Vec<usize>> = HashMap::default();
            for (at, entry) in entries.iter().enumerate() {
                match all.get_mut(&entry.name) {
                    Some(places) => places.push(at),
                    None => _ = all.insert(entry.name.clone(), vec![at]),
                }
            }
            all
        };
        Self {
            requirements: by_name(&set.requirements),
            constraints: by_name(&set.constraints),
            size: set.size(),
        }
    }
}

/// What the entries for each name allow together.
#[derive(Clone, Debug)]
pub(super) struct Together {
    versions: HashMap<String, Versions>,
    /// The numbers of requirements and constraints that there were.
    size: (usize, usize),
}

impl RequirementSet {
    /// A set to which nothing was added yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            is_complete: true,
            ..Self::default()
        }
    }

    fn size(&self) -> (usize, usize) {
        (self.requirements.len(), self.constraints.len())
    }

    /// The entries for a package, by any spelling of its name, in order.
    pub fn named<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Requirement> + use<'a> {
        let places = self.places(name).into_iter();
        places.filter_map(|at| self.requirements.get(at))
    }

    /// The positions in `requirements` of the entries for a package, by any spelling of its name, in order.
    pub(crate) fn places(&self, name: &str) -> Vec<usize> {
        self.find(name, &self.requirements, |index| &index.requirements)
    }

    /// The bounds that `-c` files give a package, by any spelling of its name, in order.
    pub(crate) fn constraints_of<'a>(
        &'a self,
        name: &str,
    ) -> impl Iterator<Item = &'a Requirement> + use<'a> {
        let places = self.find(name, &self.constraints, |index| &index.constraints);
        let places = places.into_iter();
        places.filter_map(|at| self.constraints.get(at))
    }

    fn find(
        &self,
        name: &str,
        entries: &[Requirement],
        of: impl Fn(&Index) -> &HashMap<String, Vec<usize>>,
    ) -> Vec<usize> {
        let name = normalize_name(name);
        let index = self.index.get_or_init(|| Index::of(self));
        if index.size == self.size() {
            return of(index).get(&name).cloned().unwrap_or_default();
        }
        // Something was added since: who adds asks the entries themselves.
        let all = entries.iter().enumerate();
        let own = all.filter(|(_, entry)| entry.name == name);
        own.map(|(at, _)| at).collect()
    }

    /// It is installed for this Python.
    pub(crate) fn is_for(&mut self, python: Option<(u8, u8)>) {
        self.python = python;
        self.together = OnceLock::new();
    }

    /// The versions allowed for a package by its entry and the constraints together; `None` when it
    /// is not listed.
    #[must_use]
    pub fn versions_of(&self, name: &str) -> Option<Versions> {
        let size = self.size();
        let together = self.together.get_or_init(|| self.put_together());
        // Rules ask when everything was added; who adds something asks the entries themselves.
        match together.size == size {
            true => together.versions.get(&normalize_name(name)).cloned(),
            false => self
                .put_together()
                .versions
                .get(&normalize_name(name))
                .cloned(),
        }
    }

    /// The versions of every name that is listed, by all entries for it that count.
    fn put_together(&self) -> Together {
        let mut entries: HashMap<&str, Vec<&Versions>> = HashMap::default();
        let counts = |entry: &&Requirement| {
            let marker = entry.marker.as_ref();
            marker.is_none_or(|marker| marker.applies(self.python, &[]) != Some(false))
        };
        for entry in self.requirements.iter().filter(counts) {
            let all = entries.entry(entry.name.as_str()).or_default();
            all.push(&entry.versions);
        }
        for entry in self.constraints.iter().filter(counts) {
            if let Some(all) = entries.get_mut(entry.name.as_str()) {
                all.push(&entry.versions);
            }
        }
        let versions = entries
            .into_iter()
            .map(|(name, all)| (name.to_owned(), Versions::all(&all)));
        Together {
            versions: versions.collect(),
            size: self.size(),
        }
    }

    /// Whether the list asks for the package: `Some(false)` only if the list is complete and closed.
    #[must_use]
    pub fn installs(&self, name: &str) -> Option<bool> {
        if self.named(name).next().is_some() {
            Some(true)
        } else if self.is_complete && self.is_closed {
            Some(false)
        } else {
            None
        }
    }

    pub(crate) fn problem(
        &mut self,
        kind: ProblemKind,
        span: Option<Span>,
        message: impl Into<String>,
    ) {
        self.is_complete = false;
        self.problems.push(Problem {
            kind,
            span,
            message: message.into(),
        });
    }

    /// Adds what `other` asks for; completeness and closedness hold only if both have it.
    pub fn merge(&mut self, other: RequirementSet) {
        let is_first = self.files.is_empty() && self.requirements.is_empty();
        self.compiled_files.extend(other.compiled_files);
        for file in other.files {
            if !self.files.contains(&file) {
                self.files.push(file);
            }
        }
        self.requirements.extend(other.requirements);
        self.constraints.extend(other.constraints);
        self.includes.extend(other.includes);
        self.options.index_url = other.options.index_url.or(self.options.index_url.take());
        self.options
            .extra_index_urls
            .extend(other.options.extra_index_urls);
        self.options.find_links.extend(other.options.find_links);
        self.options.no_binary.extend(other.options.no_binary);
        self.options.only_binary.extend(other.options.only_binary);
        self.options.no_index = self.options.no_index.or(other.options.no_index);
        self.options.require_hashes = self.options.require_hashes.or(other.options.require_hashes);
        self.options.pre = self.options.pre.or(other.options.pre);
        self.is_complete &= other.is_complete;
        self.is_closed = other.is_closed && (is_first || self.is_closed);
        self.lock = self.lock.or(other.lock);
        if self.requires_python.is_none() {
            self.requires_python = other.requires_python;
            self.python_versions = other.python_versions;
        }
        self.named_python = self.named_python.take().or(other.named_python);
        self.problems.extend(other.problems);
    }
}
