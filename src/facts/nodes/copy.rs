//! A COPY or ADD.

use crate::dockerfile::ast::Instruction;
use crate::dockerfile::heredoc;
use crate::facts::files::copied_bundles;
use crate::facts::model::{CopyFact, CopyFrom, Maybe};
use crate::facts::nodes::cells::{at, known_bool, known_str, list, str_or_absent, traced};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::python::overlaid;
use crate::facts::start::{fetched, modes};
use crate::facts::system::accounts;
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::knowledge::images::Libc;
use crate::knowledge::words::FileWords;
use crate::span::{Span, Traced};

pub(super) const KIND: Kind = Kind {
    name: "copy",
    table: &TABLE,
    key: "the keyword: `COPY` or `ADD`",
    vars: &["stage"],
    doc: "a COPY or ADD",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, copy) in p.copies.iter().enumerate() {
        let node = Id::Copy(i).node(p);
        each(facts.selected(
            Some(copy.stage),
            copy.keyword.name(),
            node,
            facts.instruction_span(copy.instruction),
        ));
    }
}

table! {
    "copy",
    "A COPY or ADD.";
    keyword: Type::Str, "`COPY` or `ADD`";
    sources: Type::List(&Type::Str), "expanded; open when one is not known";
    destination: Type::Str, "as written, expanded";
    target: Type::Str, "the destination as an absolute path";
    needs_slash: Type::Bool,
        "two sources or more are files by their names, so that the destination has to be a directory, and \
         neither a slash at its end nor WORKDIR makes it one";
    takes_name_of: Type::Str,
        "the name of a file of another kind that its destination is, where what it copies is a file of the project \
         with a name that tools look for: `pyproject.toml` for `COPY poetry.lock pyproject.toml`; absent otherwise";
    from: Type::Str, "`context`, `stage` or `image`";
    from_stage: Type::Link("stage"), "the stage it copies from; absent for others";
    copies_all: Type::Bool, "the whole build context is a source: `.`";
    brings_packages_for: Type::Str,
        "the series of Python whose packages it takes from another stage: `3.11` for \
         `/usr/local/lib/python3.11/site-packages`, and for a virtual environment that was made with 3.11; \
         absent for others, and where PYTHONPATH names that place";
    of_another_libc: Type::List(&Type::Str),
        "the compiled Python packages that it takes from a stage with another C library, glibc or musl: none of them \
         can be imported; marks the target; empty for others";
    overlaid: Type::Str,
        "the virtual environment of the image that it writes over with the one of a developer: git ignores a directory \
         of that name, and the ignore file of the build lets it in; absent otherwise";
    overlaid_by: Type::Str, "that directory, by its path in the build context; absent where `overlaid` is";
    bundle_directory: Type::Str,
        "for a COPY from the stage that bundles a frontend: the directory that its bundler makes, where the source is \
         another one that nothing makes; marks the source; absent otherwise";
    other_libc: Type::Str, "the C library of the stage that it copies from: `glibc` or `musl`; absent where not known";
    lost_parameters: Type::List(&Type::Str),
        "parameters of a shell in the text of its heredocs that the build replaces by nothing, as no quotes are around \
         the word after `<<`: `$@`, `$1`; empty without";
    is_plain: Type::Bool, "nothing of it needs ADD: no URL, git reference, archive or checksum";
    unreadable: Type::Str,
        "for an ADD from an address: the script that it makes, which an image starts as another user than root, who \
         may not read it; marks the mode that `chmod` gives it; absent otherwise";
    unreadable_for: Type::Str, "that user";
    chown: Type::Str, "`--chown`, expanded; absent without";
    unknown_owner: Type::Str,
        "the user or group of `--chown` that nothing has made when it copies; marks the flag; absent otherwise";
    owner_made_later: Type::Str, "the command that makes it in a later step of the stage; marks it; absent without";
    chmod: Type::Str, "`--chmod`, expanded; absent without";
    closed_directory: Type::Str,
        "a directory of the build context that nobody but its owner can enter in the image, as the mode of `--chmod` \
         lacks the right and no later step of the stage changes modes; marks the flag; absent otherwise";
    stage: Type::Link("stage"), "its stage";
}

view! { Copy(i: usize) }

impl View<'_> {
    fn fact(&self) -> &CopyFact {
        &self.p.copies[self.i]
    }

    fn instruction(&self) -> &Instruction {
        &self.p.dockerfile.instructions[self.fact().instruction]
    }

    /// ADD does what COPY does: no URL, no git reference, no archive to unpack, no checksum.
    fn find_is_plain(&self) -> Option<bool> {
        let special = ["checksum", "keep-git-dir", "unpack"];
        if self
            .instruction()
            .flags
            .iter()
            .any(|flag| special.contains(&flag.name.as_str()))
        {
            return Some(false);
        }
        let mut unknown = false;
        for (_, source) in &self.fact().sources {
            match source {
                None => unknown = true,
                Some(text) if is_special(text.as_str()) => return Some(false),
                Some(_) => {}
            }
        }
        (!unknown).then_some(true)
    }

    /// Several files are copied to what nothing says to be a directory.
    fn find_needs_slash(&self) -> Option<bool> {
        let fact = self.fact();
        let sources = fact.sources.iter().filter_map(|(_, text)| text.as_ref());
        let files = sources.filter(|text| is_file_name(text.as_str())).count();
        if files < 2 {
            let is_known = fact.sources.iter().all(|(_, text)| text.is_some());
            return is_known.then_some(false);
        }
        let destination = fact.destination.1.as_ref()?.as_str();
        let is_directory = destination.ends_with('/')
            || destination.ends_with("/.")
            || matches!(destination, "." | "..");
        if is_directory {
            return Some(false);
        }
        let workdir = crate::facts::build::at::workdir(&self.p.stages, fact.stage)?;
        Some(fact.target.as_deref()? != workdir)
    }

    /// The whole build context is copied.
    fn find_copies_all(&self) -> Option<bool> {
        crate::facts::build::copied::copies_all(self.fact())
    }

    fn place(&self) -> Option<Span> {
        Some(self.instruction().span)
    }

    fn label(&self) -> String {
        self.fact().keyword.name().to_owned()
    }
}

/// A name with an ending: `requirements.txt`.
fn is_file_name(text: &str) -> bool {
    let name = text.rsplit('/').next().unwrap_or(text);
    name.rsplit_once('.').is_some_and(|(stem, ending)| {
        stem.contains(|c: char| c != '.')
            && !ending.is_empty()
            && ending.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

fn is_special(text: &str) -> bool {
    text.contains("://")
        || text.starts_with("git@")
        || text.contains(['*', '?', '['])
        || FileWords::Archive.ends(text)
        || FileWords::ArchiveFurther.ends(text)
}

impl View<'_> {
    fn keyword(&self) -> Cell {
        Cell::str(self.fact().keyword.name()).at(self.instruction().keyword_text.span())
    }

    fn sources(&self) -> Cell {
        list(
            self.fact()
                .sources
                .iter()
                .filter_map(|(span, text)| {
                    text.as_ref().map(|text| Cell::str(text.as_str()).at(*span))
                })
                .collect(),
            self.fact().sources.iter().all(|(_, text)| text.is_some()),
        )
    }

    fn destination(&self) -> Cell {
        at(
            known_str(self.fact().destination.1.as_ref().map(Traced::as_str)),
            Some(self.fact().destination.0),
        )
    }

    fn bundle_directory(&self) -> Cell {
        let found = copied_bundles::elsewhere(self.p, self.i);
        found.map_or(Cell::ABSENT, |(made, span)| Cell::str(&made).at(span))
    }

    fn takes_name_of(&self) -> Cell {
        let name = |text: &Traced| {
            let name = text.as_str().rsplit('/').next().unwrap_or_default();
            FileWords::ProjectFile
                .contains(name)
                .then(|| name.to_owned())
        };
        let to = self.fact().destination.1.as_ref().and_then(name);
        let sources = self.fact().sources.iter();
        let from: Option<Vec<String>> = sources.map(|(_, text)| name(text.as_ref()?)).collect();
        let found = to.zip(from).filter(|(to, from)| {
            !from.is_empty()
                && !from.contains(to)
                && !self.fact().has_heredocs
                && !self.fact().has_parents
        });
        found.map_or(Cell::ABSENT, |(to, _)| Cell::str(&to))
    }

    fn needs_slash(&self) -> Cell {
        known_bool(self.find_needs_slash())
    }

    fn target(&self) -> Cell {
        at(
            known_str(self.fact().target.as_deref()),
            Some(self.fact().destination.0),
        )
    }

    fn from(&self) -> Cell {
        Cell::str(match self.fact().from {
            CopyFrom::Context => "context",
            CopyFrom::Stage(_) => "stage",
            CopyFrom::Other(_) => "image",
        })
    }

    // A field is called as rules name it.
    #[expect(clippy::wrong_self_convention, reason = "named as the field")]
    fn from_stage(&self) -> Cell {
        match self.fact().from {
            CopyFrom::Stage(stage) => Id::Stage(stage).cell(self.p),
            _ => Cell::ABSENT,
        }
    }

    fn lost_parameters(&self) -> Cell {
        let texts = self.instruction().heredocs.iter();
        let texts = texts.filter(|it| it.expand);
        let found = texts.flat_map(|it| heredoc::lost_parameters(&it.content));
        Cell::list(found.map(|it| traced(&it)).collect())
    }

    fn copies_all(&self) -> Cell {
        known_bool(self.find_copies_all())
    }

    fn brings_packages_for(&self) -> Cell {
        match crate::facts::python::copied::brings_packages_for(self.p, self.i) {
            Maybe::Known(series) => at(Cell::str(&series), Some(self.fact().destination.0)),
            Maybe::Absent => Cell::ABSENT,
            Maybe::Unknown => Cell::UNKNOWN,
        }
    }

    fn of_another_libc(&self) -> Cell {
        let names = crate::facts::python::copied::of_another_libc(self.p, self.i);
        let place = self.fact().destination.0;
        let names = names.iter().map(|name| Cell::str(name).at(place));
        Cell::list(names.collect())
    }

    fn overlaid(&self) -> Cell {
        let found = overlaid::overlaid(self.p, self.i);
        str_or_absent(found.as_ref().map(|it| it.0.as_str()))
    }

    fn overlaid_by(&self) -> Cell {
        let found = overlaid::overlaid(self.p, self.i);
        str_or_absent(found.as_ref().map(|it| it.1.as_str()))
    }

    fn other_libc(&self) -> Cell {
        let CopyFrom::Stage(from) = self.fact().from else {
            return Cell::ABSENT;
        };
        let stages = &self.p.stages;
        match crate::facts::build::at::root(stages, from)
            .base
            .knowledge
            .libc
        {
            Libc::Glibc => Cell::str("glibc"),
            Libc::Musl => Cell::str("musl"),
            Libc::Unknown => Cell::ABSENT,
        }
    }

    fn is_plain(&self) -> Cell {
        known_bool(self.find_is_plain())
    }

    fn unreadable(&self) -> Cell {
        match fetched::unreadable(self.p, self.i) {
            Some(found) => at(Cell::str(&found.path), found.mode.or(self.place())),
            None => Cell::ABSENT,
        }
    }

    fn unreadable_for(&self) -> Cell {
        let found = fetched::unreadable(self.p, self.i);
        found.map_or(Cell::ABSENT, |found| Cell::str(&found.user))
    }

    fn chown(&self) -> Cell {
        match &self.fact().chown {
            None => Cell::ABSENT,
            Some(value) => known_str(value.as_deref()),
        }
    }

    fn closed_directory(&self) -> Cell {
        let flags = &self.instruction().flags;
        let flag = flags.iter().find(|flag| flag.name.as_str() == "chmod");
        let found = modes::closed_directory(self.p, self.fact());
        found.map_or(Cell::ABSENT, |path| {
            at(
                Cell::str(&path),
                flag.map(|flag| flag.span).or(self.place()),
            )
        })
    }

    fn unknown_owner(&self) -> Cell {
        let flags = &self.instruction().flags;
        let flag = flags.iter().find(|flag| flag.name.as_str() == "chown");
        let found = accounts::unknown_owner(self.p, self.fact());
        found.map_or(Cell::ABSENT, |(name, _)| {
            at(Cell::str(name), flag.map(|flag| flag.span).or(self.place()))
        })
    }

    fn owner_made_later(&self) -> Cell {
        let found = accounts::unknown_owner(self.p, self.fact()).and_then(|(_, later)| later);
        found.map_or(Cell::ABSENT, |index| {
            let command = &self.p.commands[index].command;
            let name = command.name.as_deref().unwrap_or_default();
            at(Cell::str(name), Some(command.span))
        })
    }

    fn chmod(&self) -> Cell {
        match &self.fact().chmod {
            None => Cell::ABSENT,
            Some(value) => known_str(value.as_deref()),
        }
    }

    fn stage(&self) -> Cell {
        Id::Stage(self.fact().stage).cell(self.p)
    }
}
