//! A command that installs Python packages, writes a list of them or builds their wheels.

use crate::facts::build::variables;
use crate::facts::deploy::rights;
use crate::facts::model::{InstallFact, Lack, Project};
use crate::facts::nodes::cells::{at, known_bool, list, str_or_absent};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::nodes::shared::is_tool;
use crate::facts::python::installs::unsourced;
use crate::facts::python::{dependencies, environments, groups, releases};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::knowledge::Series;
use crate::knowledge::installers::{Asks, Dialect, Pythons};
use crate::knowledge::servers;
use crate::python::requirements::Requirement;
use crate::span::Span;

pub(super) const KIND: Kind = Kind {
    name: "install",
    table: &TABLE,
    key: "the tool, as `rules/data/installers.tsv` calls it: `pip`, `uv`",
    vars: &["command", "stage"],
    doc: "a command that installs Python packages",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, install) in p.installs.iter().enumerate() {
        let node = Id::Install(i).node(p);
        let covers = vec![p.commands[install.command].command.span];
        each(facts.selected(Some(install.stage), install.row.called, node, covers));
    }
}

table! {
    "install",
    "A command that installs Python packages, writes a list of them or builds their wheels.";
    tool: Type::Str, "as `rules/data/installers.tsv` calls it: `pip`, `uv`";
    is_certain: Type::Bool, "it runs in every build of the stage";
    is_export: Type::Bool, "it writes a list or builds wheels that another command installs";
    is_read: Type::Bool, "everything it is given could be followed and read";
    is_locked: Type::Bool, "a lock file, or a list with all dependencies, decides every version";
    is_shipped: Type::Bool,
        "what it installs ends up in a shipped image: its stage is part of one, or one copies the virtual \
         environment";
    is_served: Type::Bool, "a server that is not Django's own starts in such an image";
    is_constrained: Type::Bool,
        "a constraints file, or an environment of conda that is there already, bounds versions too";
    lock_left_out: Type::Str,
        "the lock file that the build context has beside the project and that is not in the image when it runs; \
         absent otherwise";
    is_private: Type::Bool, "packages may come from another index than PyPI";
    requirements: Type::List(&Type::Link("requirement")),
        "what it requires, with the dependencies where a lock file lists them; open when something could not be \
         read";
    tools: Type::List(&Type::Link("requirement")), "requirements that only test, lint, debug or document, by name";
    tool_groups: Type::List(&Type::Str),
        "dependency groups and extras with such requirements; each marked where `default-groups` names it, else \
         at its first one";
    asks_for_all: Type::Bool, "an option includes every group: `--all-groups`";
    lacks_environment: Type::Bool, "uv looks for a virtual environment to install into, and there certainly is none";
    is_guarded: Type::Bool,
        "pip of the distribution's own Python refuses it: that environment is externally managed (PEP 668); \
         unknown where something may have allowed it";
    lacks: Type::List(&Type::Str),
        "files and directories without which the project cannot be built, and which are certainly not there when it \
         runs; each marked where the project names it; those for which poetry before 2.0 only warns count from 2.0 on";
    installs_nothing: Type::Str,
        "the package of the project in `src`, which is copied after it only, so that the project is installed without \
         a module, while the server of an image loads its application from there and nothing else leads to it; absent \
         otherwise";
    lacks_nowhere: Type::Bool, "the first of them is the module of the project, and the project has none of that name";
    lacks_ignored_by: Type::Str, "the pattern of the ignore file that keeps the first of them out; absent without";
    without_project: Type::Str, "the option that installs all but the project itself; absent where there is none";
    closed_environment: Type::Str,
        "the virtual environment that root made and that it installs into as another user, who may write nothing \
         there; marks the command that made it; absent otherwise";
    passes_by: Type::Str,
        "the virtual environment that the stage made before, that a later ENV puts on PATH and that nothing is ever \
         installed into, where this goes elsewhere; absent otherwise";
    add_flag: Type::Str,
        "the one flag that keeps these groups out when it is added; absent where something is to be removed";
    leave_out: Type::Str,
        "what keeps these groups out, for this tool and what the command says already: ``add `--no-dev` ``";
    files: Type::List(&Type::Link("requirement_file")), "requirements files on its command line";
    requires_python: Type::Str, "`requires-python` of the project it installs; absent without";
    python_is_refused: Type::Bool,
        "no release of the stage's Python satisfies `requires-python`, and the installer looks at that; unknown \
         where it may fetch another Python";
    command: Type::Link("command"), "the command";
    base: Type::Link("base"), "the base image of its stage";
    stage: Type::Link("stage"), "the stage it runs in";
}

view! { Install(i: usize) }

impl View<'_> {
    fn fact(&self) -> &InstallFact {
        &self.p.installs[self.i]
    }

    fn find_requirements(&self, keep: impl Fn(&Requirement) -> bool) -> Cell {
        let set = &self.fact().set;
        let items = set
            .requirements
            .iter()
            .enumerate()
            .filter(|(_, requirement)| keep(requirement))
            .map(|(at, _)| {
                Id::Requirement {
                    install: self.i,
                    i: at,
                }
                .cell(self.p)
            })
            .collect();
        list(items, self.fact().is_followed && set.is_complete)
    }

    fn find_lacks(&self) -> impl Iterator<Item = &Lack> {
        let only_named = self.fact().row.dialect == Dialect::Poetry
            && !releases::is_from(self.p, self.fact().command, "poetry", "2.0", Series(3, 9));
        let lacks = self.fact().lacks.iter();
        lacks.filter(move |lack| !only_named || lack.is_named)
    }

    fn installs_nothing(&self) -> Cell {
        str_or_absent(unsourced::installs_nothing(self.p, self.fact()))
    }

    fn closed_environment(&self) -> Cell {
        let found = rights::closed_environment(self.p, self.i);
        found.map_or(Cell::ABSENT, |(directory, span)| {
            Cell::str(directory).at(span)
        })
    }

    fn passes_by(&self) -> Cell {
        let found = environments::passed_by(self.p, self.fact());
        found.map_or(Cell::ABSENT, |(directory, span)| {
            Cell::str(directory).at(span)
        })
    }

    fn place(&self) -> Option<Span> {
        let command = &self.p.commands[self.fact().command].command;
        Some(match &command.subcommand {
            Some(subcommand) => command.name_span.cover(subcommand.span),
            None => command.name_span,
        })
    }

    fn label(&self) -> String {
        Id::Command(self.fact().command).node(self.p).text()
    }
}

fn requires_newer_python(n: &View<'_>) -> Option<bool> {
    let install = n.fact();
    let wanted = install.set.requires_python.as_ref()?;
    let command = &n.p.commands[install.command].command;
    let is_unasked = command.flag("--ignore-requires-python").is_some()
        || variables::may_be_set(n.p, install.command, "PIP_IGNORE_REQUIRES_PYTHON");
    if is_unasked {
        return Some(false);
    }
    if install.row.python == Some(Pythons::Fetches) || dependencies::may_find_another(n.p, install)
    {
        return None;
    }
    let python = dependencies::python_for(n.p, install)?;
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

fn is_served(n: &View<'_>) -> bool {
    n.p.dependencies.iter().enumerate().any(|(image, listed)| {
        listed.installs.contains(&n.i)
            && n.p.images[image]
                .servers()
                .any(|server| !server.product.is_for_development())
    })
}

fn tool_groups(n: &View<'_>) -> Cell {
    let mut items: Vec<Cell> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    // What brings a server is there to run with.
    let serving = n.fact().set.requirements.iter();
    let serving = serving.filter(|one| servers::for_production().any(|name| name == one.name));
    let serving: Vec<&str> = serving.filter_map(|one| one.group.as_deref()).collect();
    // What a lock pulls along says nothing of what the group is for.
    let is_locked = n
        .fact()
        .set
        .requirements
        .iter()
        .any(|one| one.declared.is_some());
    for requirement in &n.fact().set.requirements {
        let is_pulled = is_locked && requirement.declared.is_none();
        let is_one = |group: &&str| {
            is_tool(requirement) && !is_pulled && !groups::are_left_out_later(n.p, n.fact(), group)
        };
        let Some(group) = requirement.group.as_deref().filter(is_one) else {
            continue;
        };
        if !seen.contains(&group) && !serving.contains(&group) {
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
    n: &View<'_>,
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
    let text = text.and_then(|names| say(n.p, n.fact(), &names));
    str_or_absent(text.as_deref())
}

fn files(n: &View<'_>) -> Cell {
    let items = n
        .fact()
        .targets
        .iter()
        .enumerate()
        .filter(|(_, target)| target.included_by.is_none())
        .map(|(at, _)| {
            Id::RequirementFile {
                install: n.i,
                i: at,
            }
            .cell(n.p)
        })
        .collect();
    Cell::list(items)
}

impl View<'_> {
    fn tool(&self) -> Cell {
        at(Cell::str(self.fact().row.called), self.place())
    }

    fn is_certain(&self) -> Cell {
        Cell::bool(self.fact().is_certain)
    }

    fn is_export(&self) -> Cell {
        Cell::bool(self.fact().is_export)
    }

    fn is_read(&self) -> Cell {
        Cell::bool(self.fact().is_followed && self.fact().set.is_complete)
    }

    fn is_locked(&self) -> Cell {
        if self.fact().set.is_closed {
            Cell::bool(true)
        } else if self.fact().is_followed && self.fact().set.is_complete {
            Cell::bool(false)
        } else {
            Cell::UNKNOWN
        }
    }

    fn is_shipped(&self) -> Cell {
        Cell::bool(
            self.p
                .dependencies
                .iter()
                .any(|listed| listed.installs.contains(&self.i)),
        )
    }

    fn is_served(&self) -> Cell {
        Cell::bool(is_served(self))
    }

    fn is_constrained(&self) -> Cell {
        Cell::bool(self.fact().is_constrained)
    }

    fn lock_left_out(&self) -> Cell {
        self.fact().lock_left_out.map_or(Cell::ABSENT, Cell::str)
    }

    fn is_private(&self) -> Cell {
        Cell::bool(self.fact().is_private)
    }

    fn requirements(&self) -> Cell {
        self.find_requirements(|_| true)
    }

    fn tools(&self) -> Cell {
        self.find_requirements(is_tool)
    }

    fn tool_groups(&self) -> Cell {
        tool_groups(self)
    }

    fn asks_for_all(&self) -> Cell {
        Cell::bool(self.fact().groups.all_groups)
    }

    fn lacks_environment(&self) -> Cell {
        known_bool(environments::is_missing(self.p, self.fact()))
    }

    fn is_guarded(&self) -> Cell {
        known_bool(environments::is_guarded(self.p, self.fact()))
    }

    fn lacks(&self) -> Cell {
        let lacks = self.find_lacks();
        let cells = lacks.map(|lack| Cell::str(&lack.path).at(lack.span));
        Cell::list(cells.collect())
    }

    fn lacks_nowhere(&self) -> Cell {
        Cell::bool(self.find_lacks().next().is_some_and(|lack| lack.is_nowhere))
    }

    fn lacks_ignored_by(&self) -> Cell {
        let first = self.find_lacks().next();
        let pattern = first.and_then(|lack| lack.ignored.as_ref());
        pattern.map_or(Cell::ABSENT, |it| Cell::str(it.text.as_str()).at(it.span()))
    }

    fn without_project(&self) -> Cell {
        let mut names = self.fact().row.flags(Asks::NoProject);
        str_or_absent(names.next())
    }

    fn add_flag(&self) -> Cell {
        leave_out(self, groups::add_flag)
    }

    fn leave_out(&self) -> Cell {
        leave_out(self, |p, install, names| {
            Some(groups::leave_out(p, install, names))
        })
    }

    fn files(&self) -> Cell {
        files(self)
    }

    fn requires_python(&self) -> Cell {
        self.fact()
            .set
            .requires_python
            .as_ref()
            .map_or(Cell::ABSENT, |text| {
                Cell::str(text.as_str()).at(text.span())
            })
    }

    fn python_is_refused(&self) -> Cell {
        if self.fact().set.requires_python.is_none() {
            return Cell::ABSENT;
        }
        known_bool(requires_newer_python(self))
    }

    fn command(&self) -> Cell {
        Id::Command(self.fact().command).cell(self.p)
    }

    fn base(&self) -> Cell {
        Id::base(self.p, self.fact().stage).cell(self.p)
    }

    fn stage(&self) -> Cell {
        Id::Stage(self.fact().stage).cell(self.p)
    }
}
