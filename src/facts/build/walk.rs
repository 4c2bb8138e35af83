//! Walks the instructions once, in order, and records what each does to its stage.
//!
//! RUN bodies are read by `facts::build::run`, what becomes of packages and caches is settled afterwards by
//! `facts::system::fate` and `facts::system::caches`.

use crate::dockerfile::ast::{Args, Dockerfile, Instruction, Keyword};
use crate::dockerfile::expand::{self, Expanded};
use crate::dockerfile::image::ImageRef;
use crate::facts::Inputs;
use crate::facts::build::base;
use crate::facts::build::shell::ShellState;
use crate::facts::build::variables::{AtStart, Spent, Variables};
use crate::facts::build::walker::{Walker, value_of};
use crate::knowledge::intent_words::Intent;

use crate::facts::model::{
    Arena, ArgFact, BaseFact, BaseKind, EnvFact, Maybe, PortFact, ProcessFact, Reference, Set,
    StageFact, UserFact, WorkdirFact,
};
use crate::facts::table::Reach;
use crate::knowledge::images::Base;
use crate::shell;
use crate::span::{Span, Traced};

/// So many stages that stand on each other are followed: what a storage of layers can hold, and more than people write.
const MAX_DEPTH: usize = 128;

/// What the instructions of a Dockerfile do, one after the other.
pub(crate) fn read(dockerfile: &Dockerfile, inputs: &Inputs<'_>) -> Arena {
    let mut walker = Walker {
        arena: Arena::default(),
        dockerfile,
        inputs,
        shells: Vec::new(),
        brought: crate::maps::HashSet::default(),
        spent: Spent::default(),
    };
    for (index, instruction) in dockerfile.instructions.iter().enumerate() {
        walker.instruction(index, instruction);
    }
    walker.arena.is_cut = walker.spent.is_over();
    walker.arena
}

impl Walker<'_> {
    fn instruction(&mut self, index: usize, instruction: &Instruction) {
        match instruction.keyword {
            Keyword::From => return self.from(index, instruction),
            Keyword::Arg => return self.arg(index, instruction),
            _ => {}
        }
        let Some(stage) = self.arena.stages.last_mut() else {
            return;
        };
        stage.instructions.end = index + 1;
        match instruction.keyword {
            Keyword::Env => self.env(index, instruction),
            Keyword::User => self.user(index, instruction),
            Keyword::Workdir => self.workdir(index, instruction),
            Keyword::Shell => self.shell(instruction),
            Keyword::Expose => self.expose(index, instruction),
            Keyword::Cmd | Keyword::Entrypoint => self.process(index, instruction),
            Keyword::Run => self.run_layer(index, instruction, false),
            Keyword::Copy | Keyword::Add => self.copy(index, instruction),
            Keyword::Stopsignal => {
                let text = match &instruction.args {
                    Args::Text(text) => self.expand(index, text).text,
                    _ => None,
                };
                self.stage_mut().stop_signal =
                    Some(text.unwrap_or_else(|| Traced::empty(instruction.span)));
            }
            Keyword::Healthcheck => self.stage_mut().healthcheck = Some(index),
            Keyword::Label => self.label(index, instruction),
            Keyword::Onbuild => {
                if let Some(trigger) = &instruction.trigger
                    && trigger.keyword == Keyword::Run
                {
                    self.run_layer(index, trigger, true);
                }
            }
            Keyword::From
            | Keyword::Arg
            | Keyword::Volume
            | Keyword::Maintainer
            | Keyword::Unknown => {}
        }
    }

    fn from(&mut self, index: usize, instruction: &Instruction) {
        let words: &[Traced] = match &instruction.args {
            Args::Words(words) => words,
            _ => &[],
        };
        let written = words
            .first()
            .cloned()
            .unwrap_or_else(|| Traced::empty(instruction.span));
        let name = match words {
            [_, keyword, name, ..] if keyword.as_str().eq_ignore_ascii_case("as") => {
                Some(name.clone())
            }
            _ => None,
        };
        let expanded = self.expanded_base(index, &written);
        let platform = instruction
            .flags
            .iter()
            .find(|flag| flag.name.as_str() == "platform")
            .map(|flag| flag.span);
        let mut base = self.base(written, expanded, platform);
        let at = self.arena.stages.len();
        let mut parent = match base.kind {
            BaseKind::Stage(parent) => Some(&self.arena.stages[parent]),
            _ => None,
        };
        if parent.is_some_and(|parent| parent.depth >= MAX_DEPTH) {
            parent = None;
            base.kind = BaseKind::Unknown;
            base.knowledge = Base::UNKNOWN;
            self.arena.is_too_deep = true;
        }
        let depth = parent.map_or(0, |parent| parent.depth + 1);
        let root = parent.map_or(at, |parent| parent.root);
        let user_from = parent.map_or(at, |parent| match parent.users.is_empty() {
            true => parent.user_from,
            false => parent.index,
        });
        let workdir_from = parent.map_or(at, |parent| match parent.workdirs.is_empty() {
            true => parent.workdir_from,
            false => parent.index,
        });
        let shell = match parent {
            Some(parent) => self.shells[parent.index].clone(),
            None => ShellState {
                dialect: base::dialect(&base.knowledge),
                errexit: false,
                pipefail: false,
            },
        };
        self.shells.push(shell);
        let intent = name
            .as_ref()
            .and_then(|name| crate::facts::intent::by_name(name.as_str()))
            .unwrap_or(Intent::Production);
        if let Some(name) = &name {
            self.arena.names.add(name.as_str(), at);
        }
        self.arena.stages.push(StageFact {
            index: at,
            name,
            from: index,
            base,
            instructions: index..index + 1,
            reach: Reach::Unused,
            intent,
            depth,
            root,
            user_from,
            workdir_from,
            envs: Vec::new(),
            args: Vec::new(),
            set: Set::default(),
            users: Vec::new(),
            workdirs: Vec::new(),
            layers: Vec::new(),
            copies: Vec::new(),
            ports: Vec::new(),
            entrypoint: None,
            cmd: None,
            stop_signal: None,
            healthcheck: None,
            labels: Vec::new(),
        });
    }

    /// The image that FROM names. Only the ARGs before the first FROM count in it.
    fn expanded_base(&mut self, index: usize, written: &Traced) -> Expanded {
        let scope = Variables {
            stage: None,
            ..self.variables()
        };
        let expanded = expand::expand(written, self.dockerfile.escape, &scope);
        let names = expanded.names.iter();
        let references: Vec<Reference> = names
            .map(|(name, span)| Reference {
                instruction: index,
                name: name.clone(),
                span: *span,
                value: value_of(&scope, name),
            })
            .collect();
        self.arena.references.extend(references);
        expanded
    }

    /// The stage of a name among those before.
    fn called(&self, name: &str) -> Option<usize> {
        self.arena.names.called(name, self.arena.stages.len())
    }

    fn base(&self, written: Traced, expanded: Expanded, platform: Option<Span>) -> BaseFact {
        let mut base = BaseFact {
            kind: BaseKind::Unknown,
            written,
            text: expanded.text,
            image: None,
            tag_is_known: false,
            knowledge: Base::UNKNOWN,
            platform,
        };
        let Some(text) = &base.text else {
            // `python:${VERSION}-slim` without a value is still the python image.
            let repository = expanded.prefix.split([':', '@']).next().unwrap_or_default();
            if repository.len() < expanded.prefix.len() && !repository.is_empty() {
                base.image = Some(ImageRef::parse(&Traced::new(
                    repository,
                    base.written.span(),
                )));
                base.kind = BaseKind::Image;
                if let Some(image) = &base.image {
                    base.knowledge = base::classify_untagged(image, self.inputs.today);
                }
            }
            return base;
        };
        if text.is_empty() {
            return base;
        }
        if let Some(parent) = self.called(text.as_str()) {
            base.kind = BaseKind::Stage(parent);
            base.tag_is_known = true;
            base.knowledge = self.arena.stages[parent].base.knowledge;
            return base;
        }
        if text.as_str() == "scratch" {
            base.kind = BaseKind::Scratch;
            base.tag_is_known = true;
            base.knowledge = Base::SCRATCH;
            return base;
        }
        let image = ImageRef::parse(text);
        base.kind = BaseKind::Image;
        base.tag_is_known = true;
        base.knowledge = base::classify(&image, self.inputs.today);
        base.image = Some(image);
        base
    }

    fn arg(&mut self, index: usize, instruction: &Instruction) {
        let Args::Words(words) = &instruction.args else {
            return;
        };
        for word in words {
            let (name, default) = match word.as_str().find('=') {
                Some(at) => (
                    word.slice(0..at),
                    Some(word.slice(at + 1..word.as_str().len())),
                ),
                None => (word.clone(), None),
            };
            let name = expand::unquote(&name, self.dockerfile.escape);
            let given = self
                .inputs
                .build_args
                .get(name.as_str())
                .map(|value| Traced::new(value.clone(), name.span()));
            let has_default = default.is_some();
            let default = default.map(|default| {
                let expanded = if self.arena.stages.is_empty() {
                    let scope = self.variables();
                    expand::expand(&default, self.dockerfile.escape, &scope)
                } else {
                    self.expand(index, &default)
                };
                expanded.text
            });
            let global = self.arena.global_args.last(name.as_str());
            let global = global.filter(|_| !self.arena.stages.is_empty());
            let inherited = match global.map(|arg| &arg.value) {
                Some(Maybe::Known(value)) => Some(value.as_str()),
                _ => None,
            };
            let written = match &default {
                Some(default) => default.as_ref().map(Traced::as_str),
                None => inherited,
            };
            let around = self.inputs.around.build_argument(name.as_str(), written);
            let around = around.map(|value| match value {
                Some(value) => Maybe::Known(Traced::new(value, name.span())),
                None => Maybe::Unknown,
            });
            let value = match (given.map(Maybe::Known).or(around), default) {
                (Some(given), _) => given,
                (None, Some(default)) => default.map_or(Maybe::Unknown, Maybe::Known),
                (None, None) => global.map_or(Maybe::Absent, |arg| arg.value.clone()),
            };
            let fact = ArgFact {
                name,
                value,
                has_default,
                instruction: index,
            };
            if let Some(stage) = self.arena.stages.last_mut() {
                stage.instructions.end = index + 1;
                stage.add_arg(fact);
            } else {
                self.arena.global_args.push(fact);
            }
        }
    }

    fn env(&mut self, index: usize, instruction: &Instruction) {
        let Args::Pairs(pairs) = &instruction.args else {
            return;
        };
        let mut new = Vec::with_capacity(pairs.len());
        for pair in pairs {
            let value = self.expand(index, &pair.value).text;
            let name = self.expand(index, &pair.key);
            let Some(name) = name.text else {
                continue;
            };
            new.push(EnvFact {
                stage: self.stage_index(),
                instruction: index,
                name,
                raw: pair.value.clone(),
                value,
                is_legacy: pair.is_legacy,
                replaced_by: None,
                meant: std::sync::OnceLock::new(),
            });
        }
        for fact in new {
            let at = self.arena.envs.len();
            let stage = self.stage_index();
            let known = &mut self.arena.stages[stage].set.envs;
            let same = known.entry(fact.name.as_str().to_owned()).or_default();
            if let Some(earlier) = same.last() {
                self.arena.envs[*earlier].replaced_by = Some(at);
            }
            same.push(at);
            self.arena.envs.push(fact);
            self.arena.stages[stage].envs.push(at);
        }
    }

    fn user(&mut self, index: usize, instruction: &Instruction) {
        let Args::Text(written) = &instruction.args else {
            return;
        };
        let expanded = self.expand(index, written);
        let is_expanded = !expanded.names.is_empty();
        let (name, group) = match &expanded.text {
            None => {
                // `app:$GROUP` is user `app` whatever the group is.
                match expanded.prefix.split_once(':') {
                    Some((name, _)) => (Some(name.to_owned()), Maybe::Unknown),
                    None => (None, Maybe::Unknown),
                }
            }
            Some(text) => match text.as_str().trim().split_once(':') {
                Some((name, group)) => (Some(name.to_owned()), Maybe::Known(group.to_owned())),
                None => (Some(text.as_str().trim().to_owned()), Maybe::Absent),
            },
        };
        let fact = UserFact {
            instruction: index,
            name,
            group,
            span: written.span(),
            is_expanded,
        };
        self.stage_mut().users.push(fact);
    }

    fn workdir(&mut self, index: usize, instruction: &Instruction) {
        let Args::Text(written) = &instruction.args else {
            return;
        };
        let text = self.expand(index, written).text;
        let is_absolute = text.as_ref().map(|text| text.as_str().starts_with('/'));
        let path = text.and_then(|text| self.absolute(text.as_str()));
        let fact = WorkdirFact {
            instruction: index,
            path,
            span: written.span(),
            is_absolute,
        };
        self.stage_mut().workdirs.push(fact);
    }

    fn shell(&mut self, instruction: &Instruction) {
        let Args::Json(words) = &instruction.args else {
            return;
        };
        let words: Vec<&str> = words.iter().map(Traced::as_str).collect();
        let index = self.stage_index();
        self.shells[index] = ShellState::from_words(&words);
    }

    fn expose(&mut self, index: usize, instruction: &Instruction) {
        let Args::Words(words) = &instruction.args else {
            return;
        };
        for word in words {
            let text = self.expand(index, word).text;
            let (number, protocol) = match &text {
                Some(text) => match text.as_str().split_once('/') {
                    Some((number, protocol)) => (Some(number), protocol.to_ascii_lowercase()),
                    None => (Some(text.as_str()), "tcp".to_owned()),
                },
                None => (None, "tcp".to_owned()),
            };
            let port = number.and_then(|number| {
                // `8000:80` exposes the container's side.
                number.rsplit(':').next().and_then(|port| port.parse().ok())
            });
            let fact = PortFact {
                instruction: index,
                written: word.clone(),
                port,
                protocol,
                text: text.map(|text| text.as_str().to_owned()),
            };
            self.stage_mut().ports.push(fact);
        }
    }

    fn process(&mut self, index: usize, instruction: &Instruction) {
        let (is_json, words, commands) = match &instruction.args {
            Args::Json(words) => (
                true,
                words.clone(),
                shell::exec_form(
                    words,
                    &AtStart {
                        variables: self.variables(),
                        service: None,
                    },
                    &shell::Options::default(),
                ),
            ),
            Args::Text(text) => {
                let state = self.shells[self.stage_index()].clone();
                let commands = match state.dialect {
                    Some(dialect) => {
                        let script = shell::parse(text, dialect);
                        let options = shell::Options {
                            errexit: state.errexit,
                            pipefail: state.pipefail,
                            args: None,
                        };
                        script.commands(
                            &AtStart {
                                variables: self.variables(),
                                service: None,
                            },
                            &options,
                        )
                    }
                    None => Vec::new(),
                };
                (false, vec![text.clone()], commands)
            }
            _ => (false, Vec::new(), Vec::new()),
        };
        let fact = ProcessFact {
            instruction: index,
            is_json,
            words,
            commands,
        };
        let stage = self.stage_mut();
        if instruction.keyword == Keyword::Cmd {
            stage.cmd = Some(fact);
        } else {
            stage.entrypoint = Some(fact);
        }
    }

    fn label(&mut self, index: usize, instruction: &Instruction) {
        let Args::Pairs(pairs) = &instruction.args else {
            return;
        };
        let mut labels = Vec::with_capacity(pairs.len());
        for pair in pairs {
            let Some(key) = self.expand(index, &pair.key).text else {
                continue;
            };
            labels.push((key, self.expand(index, &pair.value).text));
        }
        self.stage_mut().labels.extend(labels);
    }
}
