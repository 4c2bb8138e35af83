//! Python packages as they are asked for: installs, requirements files, requirements.

use std::sync::Arc;

use crate::context::Origin;
use crate::facts::build::variables;
use crate::facts::model::{InstallFact, Maybe, Project, TargetFact};
use crate::facts::nodes::command::COMMAND;
use crate::facts::nodes::{
    BaseNode, CommandNode, StageNode, at, known_bool, list, map, str_or_absent, table,
};
use crate::facts::python::dependencies;
use crate::facts::python::downloads;
use crate::facts::python::drivers;
use crate::facts::python::environments;
use crate::facts::python::groups;
use crate::facts::system::compiling;
use crate::facts::system::libraries;
use crate::facts::system::succession;
use crate::facts::table::{Cell, NodeRef, Type};
use crate::knowledge::Series;
use crate::knowledge::django::{self, DjangoSeries};
use crate::knowledge::pypi;
use crate::knowledge::pypi_names;
use crate::python::requirements::{Requirement, Specifier, Versions};
use crate::span::Span;

/// A command that installs Python packages.
#[derive(Debug, Clone)]
pub(crate) struct InstallNode {
    p: Arc<Project>,
    i: usize,
}

impl InstallNode {
    pub(crate) fn new(p: &Arc<Project>, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            i,
        }
    }

    fn fact(&self) -> &InstallFact {
        &self.p.installs[self.i]
    }

    fn requirements(&self, keep: impl Fn(&Requirement) -> bool) -> Cell {
        let set = &self.fact().set;
        let items = set
            .requirements
            .iter()
            .enumerate()
            .filter(|(_, requirement)| keep(requirement))
            .map(|(at, _)| {
                Cell::fact(Arc::new(RequirementNode::new(&self.p, self.i, at)) as NodeRef)
            })
            .collect();
        list(items, self.fact().is_followed && set.is_complete)
    }

    fn flag(&self, names: &[&str]) -> Cell {
        let command = &self.p.commands[self.fact().command].command;
        let found = command
            .flags
            .iter()
            .find(|flag| names.contains(&flag.name.as_str()));
        found.map_or(Cell::ABSENT, |flag| Cell::str(&flag.written).at(flag.span))
    }

    fn place(&self) -> Option<Span> {
        let command = &self.p.commands[self.fact().command].command;
        Some(match &command.subcommand {
            Some(subcommand) => command.name_span.cover(subcommand.span),
            None => command.name_span,
        })
    }

    fn label(&self) -> String {
        CommandNode::new(&self.p, self.fact().command).label()
    }
}

/// It only tests, lints or debugs, and the project itself asks for it.
fn is_tool(requirement: &Requirement) -> bool {
    pypi_names::is_tool(&requirement.name)
}

fn requires_newer_python(n: &InstallNode) -> Option<bool> {
    let install = n.fact();
    let wanted = install.set.requires_python.as_ref()?;
    let command = &n.p.commands[install.command].command;
    let is_unasked = command.flag("--ignore-requires-python").is_some()
        || variables::may_be_set(&n.p, install.command, "PIP_IGNORE_REQUIRES_PYTHON");
    if is_unasked {
        return Some(false);
    }
    // pdm and uv fetch a Python that fits.
    if install.tool == "pdm"
        || command.name.as_deref() == Some("uv")
        || dependencies::may_find_another(&n.p, install)
    {
        return None;
    }
    let python = dependencies::python_for(&n.p, install)?;
    let versions = crate::python::requirements::Versions::parse(wanted.as_str());
    // Any patch release will do.
    let allowed = (0..40).map(|patch| versions.allow(&format!("{python}.{patch}")));
    let mut any = None;
    for verdict in allowed {
        match verdict {
            Some(true) => return Some(false),
            Some(false) => any = Some(true),
            None => return None,
        }
    }
    any
}

table! {
    INSTALL = "install", "A command that installs Python packages, writes a list of them or builds their wheels.", for InstallNode;
    tool: Type::Str, "`pip`, `pip-sync`, `uv`, `poetry`, `pdm` or `pipenv`", |n| at(Cell::str(n.fact().tool), n.place());
    is_certain: Type::Bool, "it runs in every build of the stage", |n| Cell::bool(n.fact().is_certain);
    is_export: Type::Bool, "it writes a list or builds wheels that another command installs", |n| Cell::bool(n.fact().is_export);
    is_read: Type::Bool, "everything it is given could be followed and read", |n| Cell::bool(n.fact().is_followed && n.fact().set.is_complete);
    is_locked: Type::Bool, "a lock file, or a list with all dependencies, decides every version", |n| if n.fact().set.is_closed { Cell::bool(true) } else if n.fact().is_followed && n.fact().set.is_complete { Cell::bool(false) } else { Cell::UNKNOWN };
    is_shipped: Type::Bool, "what it installs ends up in a shipped image: its stage is part of one, or one copies the virtual environment", |n| Cell::bool(n.p.dependencies.iter().any(|listed| listed.installs.contains(&n.i)));
    is_served: Type::Bool, "a server that is not Django's own starts in such an image", |n| Cell::bool(is_served(n));
    is_constrained: Type::Bool, "a constraints file, or an environment of conda that is there already, bounds versions too", |n| Cell::bool(n.fact().is_constrained);
    lock_left_out: Type::Str, "the lock file that the build context has beside the project and that is not in the image when it runs; absent otherwise", |n| n.fact().lock_left_out.map_or(Cell::ABSENT, Cell::str);
    is_private: Type::Bool, "packages may come from another index than PyPI", |n| Cell::bool(n.fact().is_private);
    requirements: Type::List(&Type::Link(&REQUIREMENT)), "what it asks for, with the dependencies where a lock file lists them; open when something could not be read", |n| n.requirements(|_| true);
    tools: Type::List(&Type::Link(&REQUIREMENT)), "requirements that only test, lint, debug or document, by name", |n| n.requirements(is_tool);
    tool_groups: Type::List(&Type::Str), "dependency groups and extras with such requirements; each marked where `default-groups` names it, else at its first one", |n| tool_groups(n);
    lacks_environment: Type::Bool, "uv looks for a virtual environment to install into, and there certainly is none", |n| known_bool(environments::is_missing(&n.p, n.fact()));
    is_guarded: Type::Bool, "pip of the distribution's own Python refuses it: that environment is externally managed (PEP 668); unknown where something may have allowed it", |n| known_bool(environments::is_guarded(&n.p, n.fact()));
    add_flag: Type::Str, "the one flag that keeps these groups out when it is added; absent where something is to be removed", |n| leave_out(n, groups::add_flag);
    leave_out: Type::Str, "what keeps these groups out, for this tool and what the command says already: ``add `--no-dev` ``", |n| leave_out(n, |p, install, names| Some(groups::leave_out(p, install, names)));
    files: Type::List(&Type::Link(&REQUIREMENT_FILE)), "requirements files on its command line", |n| files(n);
    without_development: Type::Str, "the flag that leaves development groups out: `--no-dev`, `--only main`, `--without dev`; absent without", |n| n.flag(&["--no-dev", "--only", "--without", "--no-group", "--only-group", "--no-default-groups", "--prod", "--only-root"]);
    requires_python: Type::Str, "`requires-python` of the project it installs; absent without", |n| n.fact().set.requires_python.as_ref().map_or(Cell::ABSENT, |text| Cell::str(text.as_str()).at(text.span()));
    python_is_refused: Type::Bool, "no release of the stage's Python satisfies `requires-python`, and the installer looks at that; unknown where it may fetch another Python", |n| known_bool(requires_newer_python(n));
    command: Type::Link(&COMMAND), "the command", |n| Cell::fact(Arc::new(CommandNode::new(&n.p, n.fact().command)));
    base: Type::Link(&super::stage::BASE), "the base image of its stage", |n| Cell::fact(Arc::new(BaseNode::new(&n.p, n.fact().stage)));
    stage: Type::Link(&super::stage::STAGE), "the stage it runs in", |n| Cell::fact(Arc::new(StageNode::new(&n.p, n.fact().stage)));
}

fn is_served(n: &InstallNode) -> bool {
    n.p.dependencies.iter().enumerate().any(|(image, listed)| {
        listed.installs.contains(&n.i)
            && n.p.images[image]
                .servers()
                .any(|server| server.name != "runserver")
    })
}

fn tool_groups(n: &InstallNode) -> Cell {
    let mut items: Vec<Cell> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for requirement in &n.fact().set.requirements {
        let Some(group) = requirement
            .group
            .as_deref()
            .filter(|_| is_tool(requirement))
        else {
            continue;
        };
        if !seen.contains(&group) {
            seen.push(group);
            let mut defaults = n.fact().set.default_groups.iter();
            let default = defaults.find(|one| one.as_str() == group);
            let place = match (default, requirement.declared) {
                (Some(default), _) => default.span(),
                (None, Some(declared)) => declared,
                (None, None) => requirement.name_span,
            };
            items.push(Cell::str(group).at(place));
        }
    }
    list(items, n.fact().set.is_complete)
}

fn leave_out(
    n: &InstallNode,
    say: impl Fn(&Project, &InstallFact, &[&str]) -> Option<String>,
) -> Cell {
    let mut names: Vec<&str> = Vec::new();
    for requirement in n.fact().set.requirements.iter().filter(|one| is_tool(one)) {
        if let Some(group) = requirement.group.as_deref()
            && !names.contains(&group)
        {
            names.push(group);
        }
    }
    let text = Some(names).filter(|names| !names.is_empty());
    let text = text.and_then(|names| say(&n.p, n.fact(), &names));
    str_or_absent(text.as_deref())
}

fn files(n: &InstallNode) -> Cell {
    let items = n
        .fact()
        .targets
        .iter()
        .enumerate()
        .filter(|(_, target)| target.included_by.is_none())
        .map(|(at, _)| Cell::fact(Arc::new(TargetNode::new(&n.p, n.i, at)) as NodeRef))
        .collect();
    Cell::list(items)
}

/// A requirements file.
#[derive(Debug, Clone)]
pub(crate) struct TargetNode {
    p: Arc<Project>,
    install: usize,
    i: usize,
}

impl TargetNode {
    pub(crate) fn new(p: &Arc<Project>, install: usize, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            install,
            i,
        }
    }

    fn install(&self) -> &InstallFact {
        &self.p.installs[self.install]
    }

    fn fact(&self) -> &TargetFact {
        &self.install().targets[self.i]
    }

    fn presence(&self) -> Cell {
        match &self.fact().origin {
            Origin::Context(_) | Origin::Inline(_) => Cell::str("there"),
            Origin::Missing => Cell::str("missing"),
            Origin::Ignored(..) => Cell::str("ignored"),
            Origin::Generated => Cell::str("generated"),
            Origin::Directory(_) | Origin::Unknown => Cell::UNKNOWN,
        }
    }

    /// A COPY before the command of a file of that name, or to the place where it is looked for.
    fn copied_by(&self) -> Cell {
        let fact = &self.p.commands[self.fact().command];
        let written = self.fact().written.as_str();
        let name = written.rsplit('/').next().unwrap_or(written);
        let found = self.p.copies.iter().position(|copy| {
            let mut sources = copy.sources.iter().filter_map(|(_, text)| text.as_ref());
            let is_it = |text: &crate::span::Traced| text.as_str().rsplit('/').next() == Some(name);
            let is_there = copy.target.is_some() && copy.target == self.fact().image_path;
            copy.stage == fact.stage && copy.layer < fact.layer && (is_there || sources.any(is_it))
        });
        found.map_or(Cell::ABSENT, |i| {
            Cell::fact(Arc::new(super::CopyNode::new(&self.p, i)) as NodeRef)
        })
    }

    /// Where a COPY before the command puts a file of that name instead.
    fn elsewhere(&self) -> Cell {
        let fact = &self.p.commands[self.fact().command];
        let written = self.fact().written.as_str();
        let name = written.rsplit('/').next().unwrap_or(written);
        for copy in self.p.copies.iter().rev() {
            if copy.stage != fact.stage || copy.layer >= fact.layer {
                continue;
            }
            for (_, source) in &copy.sources {
                let (Some(source), Some(target)) = (source, &copy.target) else {
                    continue;
                };
                let is_it = source.as_str().rsplit('/').next() == Some(name);
                if !is_it {
                    continue;
                }
                let is_directory = copy.destination.1.as_ref().is_none_or(|to| {
                    to.as_str().ends_with('/')
                        || to.as_str().ends_with('.') && !to.as_str().ends_with(name)
                }) || copy.sources.len() > 1;
                let place = if is_directory {
                    format!("{}/{name}", target.trim_end_matches('/'))
                } else {
                    target.clone()
                };
                return Cell::str(&place).at(copy.destination.0);
            }
        }
        Cell::ABSENT
    }

    /// The requirements of this very file.
    fn own(&self) -> Vec<(usize, &Requirement)> {
        let install = self.install();
        let Some(own) = self.fact().file else {
            return Vec::new();
        };
        install
            .set
            .requirements
            .iter()
            .enumerate()
            .filter(|(_, requirement)| requirement.span.file == own)
            .collect()
    }

    fn unbounded(&self) -> Cell {
        if self.fact().is_constraint {
            return Cell::list(Vec::new());
        }
        let install = self.install();
        let earlier = downloads::Earlier::new(&self.p, install);
        let items = self
            .own()
            .into_iter()
            .filter(|(_, requirement)| {
                let versions = dependencies::versions(install, requirement);
                !requirement.name.is_empty()
                    && !pypi_names::is_finished(&requirement.name)
                    && requirement.hashes == 0
                    && matches!(
                        requirement.specifier,
                        Specifier::Unbounded | Specifier::LowerOnly
                    )
                    && matches!(
                        versions.specifier(),
                        Specifier::Unbounded | Specifier::LowerOnly
                    )
                    && !earlier.may_have(requirement)
            })
            .map(|(at, _)| {
                Cell::fact(Arc::new(RequirementNode::new(&self.p, self.install, at)) as NodeRef)
            })
            .collect();
        Cell::list(items)
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().written.span())
    }

    fn label(&self) -> String {
        self.fact().written.as_str().to_owned()
    }
}

table! {
    REQUIREMENT_FILE = "requirement_file", "A requirements or constraints file that an install names, or that another one includes.", for TargetNode;
    path: Type::Str, "as written", |n| Cell::str(n.fact().written.as_str()).at(n.fact().written.span());
    image_path: Type::Str, "absolute, in the image; unknown when the working directory is", |n| at(super::known_str(n.fact().image_path.as_deref()), n.place());
    presence: Type::Str, "`there`, `missing`, `ignored` (the build context has it, the ignore file keeps it out) or `generated`; unknown when that is not certain", |n| n.presence();
    ignored_by: Type::Str, "the pattern of the ignore file that keeps it out; absent otherwise", |n| match &n.fact().origin { Origin::Ignored(_, pattern) => Cell::str(pattern.text.as_str()).at(pattern.span()), _ => Cell::ABSENT };
    copied_by: Type::Link(&super::instruction::COPY), "a COPY before it of a file of this name, or to this place; absent without", |n| n.copied_by();
    elsewhere: Type::Str, "where a COPY before it puts a file of this name instead; marks the destination; absent without", |n| n.elsewhere();
    is_constraint: Type::Bool, "given with `-c`", |n| Cell::bool(n.fact().is_constraint);
    is_included: Type::Bool, "named by a line of another file, not by the command", |n| Cell::bool(n.fact().included_by.is_some());
    name: Type::Str, "the last part of the path without `.txt`", |n| Cell::str(stem(n.fact().written.as_str())).at(n.fact().written.span());
    requirements: Type::List(&Type::Link(&REQUIREMENT)), "entries of this file", |n| Cell::list(n.own().into_iter().map(|(at, _)| Cell::fact(Arc::new(RequirementNode::new(&n.p, n.install, at)) as NodeRef)).collect());
    tools: Type::List(&Type::Link(&REQUIREMENT)), "entries of this file that only test, lint, debug or document, by name", |n| Cell::list(n.own().into_iter().filter(|(_, r)| is_tool(r)).map(|(at, _)| Cell::fact(Arc::new(RequirementNode::new(&n.p, n.install, at)) as NodeRef)).collect());
    is_of_the_past: Type::Bool, "the stage's Python ended over a year ago, or the Django that the stage installs over three: hardly anything new comes for it", |n| Cell::bool(downloads::is_of_the_past(&n.p, n.install()));
    unbounded: Type::List(&Type::Link(&REQUIREMENT)), "entries of this file that allow any later version: neither they nor a constraint has an upper bound, and no earlier install of the stage has put them there", |n| n.unbounded();
    install: Type::Link(&INSTALL), "the install", |n| Cell::fact(Arc::new(InstallNode::new(&n.p, n.install)));
    stage: Type::Link(&super::stage::STAGE), "the stage it is installed in", |n| Cell::fact(Arc::new(StageNode::new(&n.p, n.install().stage)));
}

fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".txt").unwrap_or(name)
}

/// A requirement.
#[derive(Debug, Clone)]
pub(crate) struct RequirementNode {
    p: Arc<Project>,
    install: usize,
    i: usize,
}

impl RequirementNode {
    pub(crate) fn new(p: &Arc<Project>, install: usize, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            install,
            i,
        }
    }

    fn install(&self) -> &InstallFact {
        &self.p.installs[self.install]
    }

    fn fact(&self) -> &Requirement {
        &self.install().set.requirements[self.i]
    }

    /// Where a person edits it: the project's own list, not the lock.
    fn own_place(&self) -> Span {
        self.fact().declared.unwrap_or(self.fact().span)
    }

    fn is_locked(&self) -> bool {
        self.install()
            .set
            .lock
            .is_some_and(|lock| lock == self.fact().span.file)
    }

    fn specifier(&self) -> Cell {
        let text = match &self.fact().specifier {
            Specifier::Unbounded => "unbounded",
            Specifier::LowerOnly => "lower",
            Specifier::Bounded => "bounded",
            Specifier::Pinned(_) => "pinned",
            Specifier::Url { is_vcs: true, .. } => "vcs",
            Specifier::Url { .. } => "url",
            Specifier::Path => "path",
            Specifier::Unknown => return Cell::UNKNOWN,
        };
        at(Cell::str(text), self.fact().specifier_span)
    }

    fn newest_django(&self) -> Option<&'static DjangoSeries> {
        dependencies::newest_django(self.install(), self.fact())
    }

    fn days_past_eol(&self) -> Cell {
        let Some(row) = self.newest_django() else {
            return Cell::UNKNOWN;
        };
        let days = self.p.today.since(row.eol).map(|span| span.get_days());
        days.map_or(Cell::UNKNOWN, |days| Cell::int(i64::from(days)))
    }

    /// The lock file alone holds an old Django: the project's own list allows a supported one.
    fn held(&self) -> Cell {
        let fact = self.fact();
        let Specifier::Pinned(version) = &fact.specifier else {
            return Cell::ABSENT;
        };
        let allows_supported = |versions: &Versions| {
            let mut supported = django::all().iter().filter(|row| row.eol >= self.p.today);
            supported.any(|row| {
                let Series(major, minor) = row.series;
                let release = |patch| [u64::from(major), u64::from(minor), patch];
                (0..40).any(|patch| versions.allow_release(&release(patch)) == Some(true))
            })
        };
        if self.is_locked() && fact.declared_versions.as_ref().is_none_or(allows_supported) {
            Cell::str(version).at(fact.specifier_span.unwrap_or(fact.span))
        } else {
            Cell::ABSENT
        }
    }

    fn missing_libraries(&self) -> Cell {
        match libraries::missing_libraries(&self.p, self.install, self.i) {
            Maybe::Known((image, names)) => {
                let from = self.p.stages[self.p.images[image].stage]
                    .base
                    .written
                    .span();
                Cell::list(names.into_iter().map(Cell::str).collect()).at(from)
            }
            Maybe::Absent => Cell::ABSENT,
            Maybe::Unknown => Cell::UNKNOWN,
        }
    }

    fn missing_build(&self) -> Cell {
        match compiling::missing_build(&self.p, self.install(), self.fact()) {
            Maybe::Known(names) => Cell::list(names.into_iter().map(Cell::str).collect()),
            Maybe::Absent => Cell::ABSENT,
            Maybe::Unknown => Cell::UNKNOWN,
        }
    }

    fn removed_at(&self) -> Cell {
        let Maybe::Known((image, names)) =
            libraries::missing_libraries(&self.p, self.install, self.i)
        else {
            return Cell::ABSENT;
        };
        let place = libraries::removed_at(&self.p, image, &names);
        place.map_or(Cell::ABSENT, |span| Cell::str("").at(span))
    }

    fn with_source(&self) -> Cell {
        let name = self.fact().name.strip_suffix("-binary");
        let mut all = self.install().set.requirements.iter();
        let twin = name.and_then(|name| all.find(|other| other.name == name));
        twin.map_or(Cell::ABSENT, |twin| Cell::str(&twin.name).at(twin.span))
    }

    fn is_started(&self) -> bool {
        let images = self.p.dependencies.iter().zip(&self.p.images);
        let mut images =
            images.filter(|(listed, _)| listed.items.contains(&(self.install, self.i)));
        images.any(|(_, image)| {
            let server = image.server.as_ref();
            server.is_some_and(|server| server.name == self.fact().name)
        })
    }

    fn is_django(&self) -> bool {
        self.fact().name == "django"
    }

    /// Of other packages than Django there is nothing to say.
    fn for_django(&self, get: impl Fn(&Self) -> Cell) -> Cell {
        if self.is_django() {
            get(self)
        } else {
            Cell::ABSENT
        }
    }

    fn place(&self) -> Option<Span> {
        Some(self.own_place())
    }

    fn label(&self) -> String {
        if self.fact().name.is_empty() {
            self.fact().path.clone().unwrap_or_default()
        } else {
            self.fact().name.clone()
        }
    }
}

fn series_text(series: Option<Series>) -> Cell {
    series.map_or(Cell::UNKNOWN, |series| Cell::str(&series.to_string()))
}

table! {
    REQUIREMENT = "requirement", "A Python package that an install asks for; where a lock file lists them, also what these depend on.", for RequirementNode;
    name: Type::Str, "normalised: `django-environ`; empty for a path or an address that does not tell", |n| Cell::str(&n.fact().name).at(n.fact().declared.unwrap_or(n.fact().name_span));
    specifier: Type::Str, "how the version is fixed: `unbounded`, `lower`, `bounded`, `pinned`, `vcs`, `url` or `path`", |n| n.specifier();
    version: Type::Str, "the one version that is allowed; absent when there are several", |n| { let pinned = dependencies::versions(n.install(), n.fact()).pinned(); at(str_or_absent(pinned.as_deref()), n.fact().specifier_span) };
    extras: Type::List(&Type::Str), "extras asked for", |n| Cell::list(n.fact().extras.iter().map(|extra| Cell::str(extra)).collect());
    group: Type::Str, "the dependency group or extra that lists it; absent for the project's own list", |n| str_or_absent(n.fact().group.as_deref());
    is_direct: Type::Bool, "the project asks for it itself; otherwise a lock file brings it", |n| Cell::bool(!n.is_locked() || n.fact().declared.is_some());
    is_locked: Type::Bool, "a lock file decides the version", |n| Cell::bool(n.is_locked());
    is_generated: Type::Bool, "it stands in a list that a compiler of requirements wrote, by the head of the file or the hash beside it", |n| Cell::bool(n.fact().hashes > 0 && !n.is_locked() || n.install().set.compiled_files.contains(&n.fact().span.file));
    is_tool: Type::Bool, "it only tests, lints, debugs or documents, by its name", |n| Cell::bool(is_tool(n.fact()));
    is_editable: Type::Bool, "with `-e`", |n| Cell::bool(n.fact().is_editable);
    applies: Type::Bool, "its marker holds on Linux with the stage's Python", |n| known_bool(dependencies::applies(&n.p, n.install(), n.fact()));
    revision: Type::Str, "what follows `@` in the address of a repository; absent without", |n| match &n.fact().specifier { Specifier::Url { revision, .. } => str_or_absent(revision.as_deref()), _ => Cell::ABSENT };
    is_refused: Type::Bool, "its address is `git://` at GitHub, which has served nothing there since March 2022, and no `git config` may write another one in its place", |n| Cell::bool(matches!(n.fact().specifier, Specifier::Url { is_refused: true, .. }) && !downloads::configures_git(&n.p));
    is_commit: Type::Bool, "the address names a commit by its hash", |n| match &n.fact().specifier { Specifier::Url { is_commit_pinned, .. } => Cell::bool(*is_commit_pinned), _ => Cell::bool(false) };
    is_compiled: Type::Bool, "pip compiles it where it is installed: there is no wheel", |n| known_bool(compiling::is_compiled(&n.p, n.install(), n.fact()));
    missing_build: Type::List(&Type::Str), "system packages without which compiling it fails there; unknown unless the base is the official Python image and all its packages are known; absent for packages that are not compiled", |n| n.missing_build();
    is_linked: Type::Bool, "it is linked to libraries of the system, by being compiled or by its wheels, so that importing it fails without them", |n| if pypi::distribution(&n.fact().name).is_some_and(pypi::Distribution::has_linked_wheels) { Cell::bool(true) } else { known_bool(compiling::is_compiled(&n.p, n.install(), n.fact())) };
    missing_libraries: Type::List(&Type::Str), "Debian packages of shared libraries that it loads and a shipped image lacks; marks the FROM of that image; absent for packages that need none", |n| n.missing_libraries();
    removed_at: Type::Str, "marks the command that removes one of these libraries; absent without", |n| n.removed_at();
    is_started: Type::Bool, "it is the server that an image with it starts", |n| Cell::bool(n.is_started());
    oldest_for_python: Type::Str, "the oldest release that works with the stage's Python, where the one version that is asked for is older; absent for others", |n| dependencies::oldest_for_python(&n.p, n.install(), n.fact()).map_or(Cell::ABSENT, Cell::str);
    django: Type::Str, "for Django, the newest series that is allowed: `5.2`; unknown without an upper bound", |n| n.for_django(|n| series_text(n.newest_django().map(|row| row.series)));
    django_eol: Type::Str, "the day that series reached or reaches its end of life", |n| n.for_django(|n| n.newest_django().map_or(Cell::UNKNOWN, |row| Cell::str(&row.eol.to_string())));
    days_past_eol: Type::Int, "days since then; negative before", |n| n.for_django(RequirementNode::days_past_eol);
    held: Type::Str, "for Django, the version that only the lock file holds, where the project's own list allows a supported one or does not name it; marks it in the lock file; absent otherwise", |n| n.for_django(RequirementNode::held);
    needs_newer_python: Type::Bool, "for Django, every release that is allowed refuses the stage's Python for being too old", |n| n.for_django(|n| known_bool(dependencies::needs_newer_python(&n.p, n.install(), n.fact())));
    python_is_too_new: Type::Bool, "for Django, no series that is allowed was made for the stage's Python, which is newer", |n| n.for_django(|n| known_bool(dependencies::python_is_too_new(&n.p, n.install(), n.fact())));
    fails_on_python: Type::Bool, "for Django, every series that is allowed imports a module that the stage's Python does not have any more, and nothing in the image brings it back", |n| n.for_django(|n| known_bool(dependencies::fails_on_python(&n.p, n.install, n.fact())));
    steps: Type::List(&Type::Str), "for Django, how to come from it and the stage's Python to a series that gets fixes: `Django 4.2`, `Python 3.12`, `Django 5.2`; empty where that is not known", |n| n.for_django(|n| { let steps = dependencies::python_for(&n.p, n.install()).zip(n.newest_django()); let steps = steps.map_or(Vec::new(), |(python, django)| succession::steps_of_django(n.p.today, python, django)); Cell::list(steps.iter().map(|text| Cell::str(text)).collect()) });
    supported_django: Type::Str, "the newest series of Django with long-term support: `5.2`", |n| str_or_absent(django::lts(n.p.today).map(|row| row.series.to_string()).as_deref());
    supported_django_python: Type::Str, "the oldest Python that this one runs on", |n| str_or_absent(django::lts(n.p.today).map(|row| row.python_min.to_string()).as_deref());
    python_range: Type::Str, "for Django, the Pythons of the newest series that is allowed: `3.10 to 3.14`", |n| { let rows = dependencies::django_series(n.install(), n.fact()); rows.and_then(|rows| rows.last().copied()).map_or(Cell::UNKNOWN, |row| Cell::str(&format!("{} to {}", row.python_min, row.python_max))) };
    with_psycopg_3: Type::Bool, "the same install brings psycopg 3, which Django takes before psycopg2", |n| Cell::bool(n.install().set.requirements.iter().any(|other| other.name == "psycopg"));
    with_source: Type::Str, "for `psycopg2-binary`: `psycopg2`, where the same install asks for it too; absent otherwise", |n| n.with_source();
    conflicting_django: Type::Link(&REQUIREMENT), "for psycopg2 and psycopg, the requirement of Django that cannot work with it; absent without", |n| drivers::conflicting_django(&n.p, n.install(), n.fact()).map_or(Cell::ABSENT, |i| Cell::fact(Arc::new(RequirementNode::new(&n.p, n.install, i))));
    is_left_over: Type::Bool, "for psycopg2 and psycopg, the settings are known and none of their databases is a PostgreSQL", |n| Cell::bool(crate::facts::deploy::databases::lack_postgres(&n.p, n.install().stage) == Some(true));
    fitting_versions: Type::Str, "the versions of it that work with `conflicting_django`: `>=2.8,<2.9`; absent where none does", |n| str_or_absent(drivers::fitting(&n.p, n.install(), n.fact()).as_deref());
    install: Type::Link(&INSTALL), "the install that asks for it", |n| Cell::fact(Arc::new(InstallNode::new(&n.p, n.install)));
    base: Type::Link(&super::stage::BASE), "the base image of that stage", |n| Cell::fact(Arc::new(BaseNode::new(&n.p, n.install().stage)));
    stage: Type::Link(&super::stage::STAGE), "the stage it is installed in", |n| Cell::fact(Arc::new(StageNode::new(&n.p, n.install().stage)));
}

/// The packages of an image by name.
pub(crate) fn of_image(p: &Arc<Project>, image: usize) -> Cell {
    let Some(listed) = p.dependencies.get(image) else {
        return Cell::UNKNOWN;
    };
    let mut items: Vec<(Arc<str>, Cell)> = Vec::new();
    for (install, i) in &listed.items {
        let name = p.installs[*install].set.requirements[*i].name.as_str();
        if !name.is_empty() && !items.iter().any(|(known, _)| &**known == name) {
            let node = RequirementNode::new(p, *install, *i);
            items.push((Arc::from(name), Cell::fact(Arc::new(node))));
        }
    }
    map(items, listed.is_closed)
}
