//! A file or directory of the build context that a COPY or ADD of the directory around it takes into the image.

use crate::facts::build::{manager, opaque};
use crate::facts::deploy::passwords;
use crate::facts::files::carried_along;
use crate::facts::model::{Category, Firsts, HistoryReaders, UnwantedFact};
use crate::facts::nodes::cells::str_or_absent;
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::python::settings::verdicts;
use crate::shell::ast::{Arg, Command};
use crate::span::{Span, Traced};

pub(super) const KIND: Kind = Kind {
    name: "unwanted",
    table: &TABLE,
    key: "the category: `history`, `secret`, `virtualenv`, `database`, `node-modules`, `cache`",
    vars: &["copy", "stage"],
    doc: "something of the build context that a copied directory takes along",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, unwanted) in p.unwanted.iter().enumerate() {
        let copy = &p.copies[unwanted.copy];
        let node = Id::Unwanted(i).node(p);
        let covers = facts.instruction_span(copy.instruction);
        let key = unwanted.category.name();
        each(facts.selected(Some(copy.stage), key, node, covers));
    }
}

table! {
    "unwanted",
    "A file or directory of the build context that a COPY or ADD of the directory around it takes into the image.";
    path: Type::Str, "in the build context";
    category: Type::Str, "`history` (`.git`), `secret`, `virtualenv`, `database`, `node-modules` or `cache`";
    secret: Type::Str, "for a secret: the variable that holds it, or `a private key`; marks it; absent for others";
    first: Type::Str, "the first of the same category that a COPY of the Dockerfile takes along";
    is_for_development: Type::Bool,
        "for a secret: the file is for development or tests, by its name, DEBUG or the settings that it chooses, a \
         key by the certificate beside it, which is one of mkcert or for `localhost`, and no compose file for \
         production reads it";
    is_generated: Type::Bool, "for a secret: the only one is a key as Django's `startproject` makes it";
    is_named: Type::Bool, "an instruction after the COPY names the file";
    repository: Type::Str,
        "for `.git`: marks a file of the repository, the same one for every Dockerfile; absent for others";
    is_published: Type::Bool,
        "for `.git`: continuous integration or a platform publishes the image, or a compose stack for \
         production builds it";
    is_built_from_git: Type::Bool,
        "for `.git`: a workflow or platform builds the image from git by itself, which leaves it out";
    is_archived: Type::Bool,
        "for `.git`: all that ships the image, a platform like Dokku, gets the files from an archive or a push, \
         without it";
    is_one_commit: Type::Bool,
        "for `.git`: the workflows that build images check out one commit, without the history";
    is_used: Type::Bool, "for `.git`: a command of the stage may read it";
    is_in_settings: Type::Bool, "for a database: NAME of a database of the settings is a file of that name";
    ignore_file: Type::Str, "the ignore file of the build context; absent without";
    copy: Type::Link("copy"), "the COPY or ADD";
    stage: Type::Link("stage"), "its stage";
}

view! { Unwanted(i: usize) }

impl View<'_> {
    fn fact(&self) -> &UnwantedFact {
        &self.p.unwanted[self.i]
    }

    /// A command or a build tool of the stage reads the history, or git is configured for whoever runs in it.
    fn uses_git(&self) -> bool {
        let stage = self.p.copies[self.fact().copy].stage;
        let configures = |(_, text): &(Span, Option<Traced>)| {
            text.as_ref()
                .is_some_and(|text| text.as_str().ends_with("gitconfig"))
        };
        let mut copies = self.p.copies.iter().filter(|copy| copy.stage == stage);
        let readers = self.p.history_readers.get_or_init(|| {
            let firsts = |is_one: fn(&Command) -> bool| {
                Firsts::new(&self.p.stages, &self.p.commands, |it| is_one(&it.command))
            };
            HistoryReaders {
                always: firsts(reads_history),
                for_version: firsts(manager::installs_project),
            }
        });
        copies.any(|copy| copy.sources.iter().any(configures))
            || readers.always.is_own(stage)
            || self.fact().gives_version && readers.for_version.is_own(stage)
    }

    /// An instruction behind the COPY names the file.
    fn find_is_named(&self) -> bool {
        let path = &self.fact().path;
        let name = path.rsplit('/').next().unwrap_or(path);
        let at = self.fact().source.end as usize;
        let rest = self.p.text.text.get(at..).unwrap_or_default();
        rest.lines().skip(1).any(|line| {
            let words = line.split(|c: char| c.is_whitespace() || "=\"',;/".contains(c));
            !line.trim_start().starts_with('#') && words.into_iter().any(|word| word == name)
        })
    }

    /// Settings that are known name a file that is called like it.
    fn find_is_in_settings(&self) -> bool {
        let path = &self.fact().path;
        let name = path.rsplit('/').next().unwrap_or(path);
        let all = self.p.settings.iter();
        let all = all.filter_map(|fact| verdicts::databases(&fact.settings));
        let mut names = all
            .flat_map(|(entries, _)| entries)
            .map(|entry| entry.text("NAME"));
        names.any(|text| {
            let last = |text: &String| text.rsplit('/').next() == Some(name);
            text.known().is_some_and(last)
        })
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().source)
    }

    fn label(&self) -> String {
        self.fact().path.clone()
    }
}

impl View<'_> {
    fn path(&self) -> Cell {
        Cell::str(&self.fact().path).at(self.fact().source)
    }

    fn category(&self) -> Cell {
        Cell::str(self.fact().category.name())
    }

    fn secret(&self) -> Cell {
        self.fact()
            .secret
            .as_ref()
            .map_or(Cell::ABSENT, |(name, span)| Cell::str(name).at(*span))
    }

    fn first(&self) -> Cell {
        let p = &self.p;
        let first = p
            .unwanted
            .iter()
            .find(|other| other.category == self.fact().category);
        first.map_or(Cell::ABSENT, |first| {
            Cell::str(&first.path).at(first.source)
        })
    }

    fn is_for_development(&self) -> Cell {
        let fact = self.fact();
        Cell::bool(
            fact.is_for_development
                || passwords::are_secrets_of_development(self.p, &fact.secrets)
                    && !carried_along::is_used_in_production(self.p, &fact.path),
        )
    }

    fn is_generated(&self) -> Cell {
        Cell::bool(self.fact().is_generated)
    }

    fn is_named(&self) -> Cell {
        Cell::bool(self.find_is_named())
    }

    fn is_in_settings(&self) -> Cell {
        Cell::bool(self.fact().category == Category::Database && self.find_is_in_settings())
    }

    fn repository(&self) -> Cell {
        self.fact()
            .repository
            .map_or(Cell::ABSENT, |span| Cell::str(&self.fact().path).at(span))
    }

    fn is_published(&self) -> Cell {
        Cell::bool(self.fact().is_published)
    }

    fn is_built_from_git(&self) -> Cell {
        Cell::bool(self.fact().is_built_from_git)
    }

    fn is_archived(&self) -> Cell {
        Cell::bool(self.fact().is_archived)
    }

    fn is_one_commit(&self) -> Cell {
        Cell::bool(self.fact().is_one_commit)
    }

    fn is_used(&self) -> Cell {
        Cell::bool(self.uses_git())
    }

    fn ignore_file(&self) -> Cell {
        str_or_absent(self.fact().ignore_file.as_deref())
    }

    fn copy(&self) -> Cell {
        Id::Copy(self.fact().copy).cell(self.p)
    }

    fn stage(&self) -> Cell {
        Id::Stage(self.p.copies[self.fact().copy].stage).cell(self.p)
    }
}

/// A command that may read what git keeps, whatever the project says of its version.
fn reads_history(command: &Command) -> bool {
    let is_project = |operand: &Arg| matches!(operand.as_str(), Some("." | "./" | ".[all]"));
    let name = command.name.as_deref();
    name == Some("git")
        || opaque::may_clean(command)
        || name == Some("pip") && command.operands.iter().any(is_project)
}
