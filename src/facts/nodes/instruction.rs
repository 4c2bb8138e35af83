//! An instruction of the Dockerfile.

use std::sync::Arc;

use crate::dockerfile::ast::{Args, Instruction, Keyword};
use crate::facts::nodes::cells::{known_bool, map, traced};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::start::one_word;
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::span::{Span, Traced};

pub(super) const KIND: Kind = Kind {
    name: "instruction",
    table: &TABLE,
    key: "the keyword in upper case: `COPY`",
    vars: &["stage"],
    doc: "an instruction of a stage",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (stage_index, stage) in p.stages.iter().enumerate() {
        for i in stage.instructions.clone() {
            let key = p.dockerfile.instructions[i].keyword.name();
            each(
                facts.selected(
                    Some(stage_index),
                    key,
                    Id::Instruction {
                        i,
                        stage: Some(stage_index),
                    }
                    .node(p),
                    facts.instruction_span(i),
                ),
            );
        }
    }
}

table! {
    "instruction",
    "An instruction of the Dockerfile.";
    keyword: Type::Str, "in upper case";
    text: Type::Str, "what follows keyword and flags, as written, continuations joined";
    words: Type::List(&Type::Str),
        "elements of a JSON form, words of FROM, EXPOSE, ARG, ADD, COPY, VOLUME, keys of ENV and LABEL, the one \
         text of other instructions; as written";
    flags: Type::Map(&Type::Str), "flags by name without dashes, as written; empty for a flag without value";
    is_json: Type::Bool, "it is in JSON (exec) form";
    is_legacy: Type::Bool, "ENV or LABEL in the form with a space: `ENV KEY value`";
    is_relative_workdir: Type::Bool, "a relative WORKDIR with no other before it in its stages";
    several_in_one: Type::Str,
        "for a CMD or ENTRYPOINT in exec form: the string in which a server, `celery`, `python`, a shell or \
         `manage.py` is joined with its arguments; for a HEALTHCHECK any program; absent otherwise";
    is_started_as_written: Type::Bool,
        "for CMD, ENTRYPOINT and HEALTHCHECK in exec form: the first string is looked up as a program. Unknown for \
         a CMD after an ENTRYPOINT that may take it apart";
    next_same: Type::Link("instruction"),
        "the next instruction with the same keyword in this stage; absent when there is none";
    stage: Type::Link("stage"), "its stage";
}

view! { Instruction { i: usize, stage: Option<usize> } }

impl View<'_> {
    fn ast(&self) -> &Instruction {
        &self.p.dockerfile.instructions[self.i]
    }

    fn find_words(&self) -> Vec<Cell> {
        match &self.ast().args {
            Args::Json(words) | Args::Words(words) => words.iter().map(traced).collect(),
            Args::Text(text) => vec![traced(text)],
            Args::Pairs(pairs) => pairs.iter().map(|pair| traced(&pair.key)).collect(),
            Args::None => Vec::new(),
        }
    }

    fn relative_workdir(&self) -> Option<bool> {
        let Some(stage) = self.stage else {
            return Some(false);
        };
        let Some(position) = self.p.stages[stage]
            .workdirs
            .iter()
            .position(|w| w.instruction == self.i)
        else {
            return Some(false);
        };
        let has_earlier = position > 0
            || crate::facts::build::at::chain(&self.p.stages, stage)[1..]
                .iter()
                .any(|parent| !self.p.stages[*parent].workdirs.is_empty());
        if has_earlier {
            return Some(false);
        }
        self.p.stages[stage].workdirs[position]
            .is_absolute
            .map(|absolute| !absolute)
    }

    /// A string that holds a program and its arguments.
    fn find_several_in_one(&self) -> Option<&Traced> {
        let Args::Json(words) = &self.ast().args else {
            return None;
        };
        match self.ast().keyword {
            Keyword::Cmd | Keyword::Entrypoint => one_word::of(words),
            Keyword::Healthcheck => one_word::of_check(words),
            _ => None,
        }
    }

    /// `None` where a script, the ENTRYPOINT of a base image or that of an image built on it may take the words apart.
    fn find_is_started_as_written(&self) -> Option<bool> {
        let Args::Json(_) = &self.ast().args else {
            return Some(false);
        };
        if self.ast().keyword != Keyword::Cmd {
            return Some(true);
        }
        let stage = self.stage?;
        let images = self.p.images.iter().enumerate();
        let mut images = images
            .filter(|(_, image)| image.cmd == Some(stage))
            .peekable();
        images.peek()?;
        images
            .map(|(_, image)| one_word::is_passed_on(self.p, image))
            .try_fold(true, |all, one| Some(all && one?))
    }

    /// The next instruction with this keyword in the same stage.
    fn repeated(&self) -> Cell {
        let Some(stage) = self.stage else {
            return Cell::ABSENT;
        };
        let range = self.i + 1..self.p.stages[stage].instructions.end;
        range
            .clone()
            .find(|i| self.p.dockerfile.instructions[*i].keyword == self.ast().keyword)
            .map_or(Cell::ABSENT, |i| {
                Id::Instruction {
                    i,
                    stage: self.stage,
                }
                .cell(self.p)
            })
    }

    fn place(&self) -> Option<Span> {
        Some(self.ast().span)
    }

    fn label(&self) -> String {
        self.ast().keyword.name().to_owned()
    }
}

impl View<'_> {
    fn keyword(&self) -> Cell {
        Cell::str(self.ast().keyword.name()).at(self.ast().keyword_text.span())
    }

    fn text(&self) -> Cell {
        traced(&self.ast().rest)
    }

    fn words(&self) -> Cell {
        Cell::list(self.find_words())
    }

    fn flags(&self) -> Cell {
        map(
            self.ast()
                .flags
                .iter()
                .map(|flag| {
                    (
                        Arc::from(flag.name.as_str()),
                        Cell::str(flag.value.as_ref().map_or("", Traced::as_str)).at(flag.span),
                    )
                })
                .collect(),
            true,
        )
    }

    fn is_json(&self) -> Cell {
        Cell::bool(matches!(self.ast().args, Args::Json(_)))
    }

    fn is_legacy(&self) -> Cell {
        Cell::bool(
            matches!(&self.ast().args, Args::Pairs(pairs) if pairs.iter().any(|pair| pair.is_legacy)),
        )
    }

    fn is_relative_workdir(&self) -> Cell {
        known_bool(self.relative_workdir())
    }

    fn several_in_one(&self) -> Cell {
        self.find_several_in_one().map_or(Cell::ABSENT, traced)
    }

    fn is_started_as_written(&self) -> Cell {
        known_bool(self.find_is_started_as_written())
    }

    fn next_same(&self) -> Cell {
        self.repeated()
    }

    fn stage(&self) -> Cell {
        self.stage
            .map_or(Cell::ABSENT, |stage| Id::Stage(stage).cell(self.p))
    }
}
