//! A requirements or constraints file that an install names, or that another one includes.

use crate::context::Origin;
use crate::context::glob::has_wildcard;
use crate::facts::files::origin;
use crate::facts::intent;
use crate::facts::model::{InstallFact, SourcePresence, TargetFact};
use crate::facts::nodes::cells::{at, known_str};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::nodes::shared::is_tool;
use crate::facts::python::{dependencies, downloads, releases};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::knowledge::pypi_names;
use crate::python::requirements::{ProblemKind, Requirement, Specifier};
use crate::source::{is_in, join};
use crate::span::Span;

pub(super) const KIND: Kind = Kind {
    name: "requirement_file",
    table: &TABLE,
    key: "the path as written",
    vars: &["install", "stage"],
    doc: "a requirements file that an install names or another one includes",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, install) in p.installs.iter().enumerate() {
        for (at, target) in install.targets.iter().enumerate() {
            let node = Id::RequirementFile { install: i, i: at }.node(p);
            let key = target.written.as_str();
            let command = p.commands[install.command].command.span;
            let covers = vec![command, target.written.span()];
            each(facts.selected(Some(install.stage), key, node, covers));
        }
    }
}

table! {
    "requirement_file",
    "A requirements or constraints file that an install names, or that another one includes.";
    path: Type::Str, "as written";
    image_path: Type::Str, "absolute, in the image; unknown when the working directory is";
    presence: Type::Str,
        "`there`, `missing`, `ignored` (the build context has it, the ignore file excludes it) or `generated`; \
         unknown when that is not certain";
    ignored_by: Type::Str, "the pattern of the ignore file that excludes it; absent otherwise";
    copied_by: Type::Link("copy"), "a COPY before it of a file of this name, or to this place; absent without";
    elsewhere: Type::Str,
        "where a COPY before it puts a file of this name instead; marks the destination; absent without";
    is_constraint: Type::Bool, "given with `-c`";
    is_for_development: Type::Bool, "it is called after development or tests: `dev.txt`, `requirements-test.txt`";
    name: Type::Str, "the last part of the path without `.txt`";
    requirements: Type::List(&Type::Link("requirement")), "entries of this file";
    tools: Type::List(&Type::Link("requirement")),
        "entries of this file that only test, lint, debug or document, by name";
    single_equals: Type::List(&Type::Str),
        "lines of this file with a single `=` after a name, which no tool that reads the list takes: what is wrong \
         with each";
    is_of_the_past: Type::Bool,
        "the stage's Python ended over a year ago, or the Django that the stage installs over three: hardly \
         anything new comes for it";
    unbounded: Type::List(&Type::Link("requirement")),
        "entries of this file that allow any later version: neither they nor a constraint has an upper bound, \
         and no earlier install of the stage has put them there";
    install: Type::Link("install"), "the install";
    stage: Type::Link("stage"), "the stage it is installed in";
}

view! { RequirementFile { install: usize, i: usize } }

impl View<'_> {
    fn find_install(&self) -> &InstallFact {
        &self.p.installs[self.install]
    }

    fn fact(&self) -> &TargetFact {
        &self.find_install().targets[self.i]
    }

    fn presence(&self) -> Cell {
        match &self.fact().origin {
            Origin::Context(_) | Origin::Inline(_) => Cell::str("there"),
            Origin::Missing if self.may_be_copied() => Cell::UNKNOWN,
            Origin::Missing => Cell::str("missing"),
            Origin::Ignored(..) => Cell::str("ignored"),
            Origin::Generated => Cell::str("generated"),
            Origin::Directory(_) | Origin::Unknown => Cell::UNKNOWN,
        }
    }

    /// A COPY before the command puts it there, of which it is not known whether the build context has it.
    fn may_be_copied(&self) -> bool {
        let fact = &self.p.commands[self.fact().command];
        let Some(path) = self.fact().image_path.as_deref() else {
            return false;
        };
        self.p.sources.iter().any(|source| {
            let copy = &self.p.copies[source.copy];
            let name = source.path.as_str().rsplit('/').next().unwrap_or_default();
            let target = copy.target.as_deref().unwrap_or_default();
            let is_file = target == path || join(target.trim_end_matches('/'), name) == path;
            let is_before = copy.stage == fact.stage && copy.layer < fact.layer;
            // A directory gives what is in it; what a pattern takes is looked up.
            let is_above = is_in(path, target) && !has_wildcard(source.path.as_str());
            is_before && (is_file || is_above) && matches!(source.presence, SourcePresence::Unknown)
        })
    }

    /// A COPY before the command of a file of that name, or to the place where it is looked for.
    fn copied_by(&self) -> Cell {
        let fact = &self.p.commands[self.fact().command];
        let written = self.fact().written.as_str();
        let name = written.rsplit('/').next().unwrap_or(written);
        let mut copies = self.p.copies.iter().enumerate();
        let found = copies.find(|(i, copy)| {
            let mut sources = copy.sources.iter().filter_map(|(_, text)| text.as_ref());
            let is_it = |text: &crate::span::Traced| text.as_str().rsplit('/').next() == Some(name);
            let is_there = copy.target.is_some() && copy.target == self.fact().image_path;
            let is_there = is_there || self.is_below_missing(*i);
            copy.stage == fact.stage && copy.layer < fact.layer && (is_there || sources.any(is_it))
        });
        found.map_or(Cell::ABSENT, |(i, _)| Id::Copy(i).cell(self.p))
    }

    /// COPY puts a directory above it there that the build context does not have.
    fn is_below_missing(&self, copy: usize) -> bool {
        let target = self.p.copies[copy].target.as_deref().unwrap_or("/");
        let path = self.fact().image_path.as_deref().unwrap_or_default();
        let mut sources = self.p.sources.iter().filter(|it| it.copy == copy);
        target != "/"
            && is_in(path, target)
            && sources.any(|source| matches!(source.presence, SourcePresence::Missing))
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
        let install = self.find_install();
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

    fn single_equals(&self) -> Cell {
        let own = self.fact().file;
        let path = self.fact().image_path.as_deref();
        let is_unchanged = |path| origin::is_as_copied(self.p, self.fact().command, path);
        if !path.is_some_and(is_unchanged) {
            return Cell::list(Vec::new());
        }
        let problems = self.find_install().set.problems.iter();
        let items = problems.filter_map(|problem| {
            let is_it = problem.kind == ProblemKind::SingleEquals;
            let span = problem
                .span
                .filter(|span| is_it && Some(span.file) == own)?;
            Some(Cell::str(&problem.message).at(span))
        });
        Cell::list(items.collect())
    }

    fn unbounded(&self) -> Cell {
        if self.fact().is_constraint {
            return Cell::list(Vec::new());
        }
        let install = self.find_install();
        let earlier = downloads::Earlier::new(self.p, install);
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
                    && !releases::is_held(install, requirement)
            })
            .map(|(at, _)| {
                Id::Requirement {
                    install: self.install,
                    i: at,
                }
                .cell(self.p)
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

impl View<'_> {
    fn path(&self) -> Cell {
        Cell::str(self.fact().written.as_str()).at(self.fact().written.span())
    }

    fn image_path(&self) -> Cell {
        at(known_str(self.fact().image_path.as_deref()), self.place())
    }

    fn ignored_by(&self) -> Cell {
        match &self.fact().origin {
            Origin::Ignored(_, pattern) => Cell::str(pattern.text.as_str()).at(pattern.span()),
            _ => Cell::ABSENT,
        }
    }

    fn is_constraint(&self) -> Cell {
        Cell::bool(self.fact().is_constraint)
    }

    fn name(&self) -> Cell {
        Cell::str(intent::stem_of_list(self.fact().written.as_str())).at(self.fact().written.span())
    }

    fn is_for_development(&self) -> Cell {
        Cell::bool(intent::is_development_list(self.fact().written.as_str()))
    }

    fn requirements(&self) -> Cell {
        Cell::list(
            self.own()
                .into_iter()
                .map(|(at, _)| {
                    Id::Requirement {
                        install: self.install,
                        i: at,
                    }
                    .cell(self.p)
                })
                .collect(),
        )
    }

    fn tools(&self) -> Cell {
        Cell::list(
            self.own()
                .into_iter()
                .filter(|(_, r)| is_tool(r))
                .map(|(at, _)| {
                    Id::Requirement {
                        install: self.install,
                        i: at,
                    }
                    .cell(self.p)
                })
                .collect(),
        )
    }

    fn is_of_the_past(&self) -> Cell {
        Cell::bool(downloads::is_of_the_past(self.p, self.find_install()))
    }

    fn install(&self) -> Cell {
        Id::Install(self.install).cell(self.p)
    }

    fn stage(&self) -> Cell {
        Id::Stage(self.find_install().stage).cell(self.p)
    }
}
