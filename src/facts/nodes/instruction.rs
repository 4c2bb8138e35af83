//! An instruction of the Dockerfile.

use std::sync::Arc;

use crate::dockerfile::ast::{Args, Instruction, Keyword};
use crate::facts::build::at;
use crate::facts::model::{BaseKind, ImageFact};
use crate::facts::nodes::cells::{known_bool, map, traced};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::start::script_arguments;
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::knowledge::programs::{self, Role};
use crate::knowledge::servers;
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
    is_legacy: Type::Bool, "ENV or LABEL in the form with a blank: `ENV KEY value`";
    is_relative_workdir: Type::Bool, "a relative WORKDIR with no other before it in its stages";
    several_in_one: Type::Str,
        "for a CMD or ENTRYPOINT in exec form: the string in which a server, `celery`, `python` or `manage.py` \
         stands together with its arguments; absent otherwise";
    is_started_as_written: Type::Bool,
        "for CMD and ENTRYPOINT in exec form: the first string is looked up as a program. Unknown for a CMD \
         behind an ENTRYPOINT that may take it apart";
    next_same: Type::Link("instruction"),
        "the next instruction with the same keyword in this stage; absent when there is none";
    stage: Type::Link("stage"), "the stage it stands in";
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

    /// A string that holds a program of an application and its arguments.
    fn find_several_in_one(&self) -> Option<&Traced> {
        let Args::Json(words) = &self.ast().args else {
            return None;
        };
        let first = words.first()?;
        let (program, rest) = first
            .as_str()
            .split_once(' ')
            .unwrap_or((first.as_str(), ""));
        let name = program.rsplit('/').next()?;
        let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        let is_server = servers::by_command(name).is_some_and(|server| server.called.is_some());
        if !is_server && !programs::is(name, Role::Application) && plain != "python" {
            return None;
        }
        if !rest.is_empty() {
            return Some(first);
        }
        let second = words.get(1)?;
        let (script, rest) = second.as_str().split_once(' ')?;
        let is_command = rest.starts_with(|c: char| c.is_ascii_lowercase());
        (script.ends_with("manage.py") && is_command).then_some(second)
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
            .map(|(_, image)| self.is_passed_on(image))
            .try_fold(true, |all, one| Some(all && one?))
    }

    /// Whether what starts an image hands the words of its CMD on as they are.
    fn is_passed_on(&self, image: &ImageFact) -> Option<bool> {
        let p = &self.p;
        let Some(stage) = image.entrypoint else {
            let base = &at::root(&p.stages, image.stage).base;
            let is_empty = matches!(base.kind, BaseKind::Scratch)
                || base.knowledge.entrypoint.is_some_and(<[_]>::is_empty);
            return is_empty.then_some(true);
        };
        let entrypoint = p.stages[stage].entrypoint.as_ref()?;
        let words: Vec<&str> = entrypoint.words.iter().map(Traced::as_str).collect();
        let program = words.first()?.rsplit('/').next()?;
        if !entrypoint.is_json || programs::is_shell(program) && words.last() == Some(&"-c") {
            return Some(false);
        }
        if programs::is(program, Role::Init) {
            return Some(true);
        }
        let scripts = image.scripts.iter().enumerate();
        let mut called = scripts.filter(|(_, script)| script.caller.is_none());
        let (script, _) = called.next().filter(|_| called.next().is_none())?;
        script_arguments::are_passed_on(image.scripts[script].text.as_ref()?)
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
        let is_process = matches!(self.ast().keyword, Keyword::Cmd | Keyword::Entrypoint);
        let found = self.find_several_in_one().filter(|_| is_process);
        found.map_or(Cell::ABSENT, traced)
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
