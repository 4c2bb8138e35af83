//! Variables: those that ENV and ARG set, and the places that use them.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use crate::dockerfile::ast::Keyword;
use crate::dockerfile::expand::{self, Lookup, Var};
use crate::facts::build::variables::{self, Seen};
use crate::facts::build::{application, at, env_text};
use crate::facts::model::{ArgFact, EnvFact, Maybe, Project, Reference, SettingsFact};
use crate::facts::nodes::instruction::{INSTRUCTION, InstructionNode};
use crate::facts::nodes::{
    CommandNode, StageNode, at, known_str, maybe_str, str_or_absent, table, traced,
};
use crate::facts::table::{Cell, Reach, Type};
use crate::knowledge::secret::{self, Reason, Verdict};
use crate::knowledge::{env_names, uwsgi};
use crate::python::settings::verdicts::{self, Answer};
use crate::shell::ast::{OnFailure, Runs};
use crate::span::{Span, Traced};

/// Calls of pip behind a variable that are looked at.
const MAX_PIPS: usize = 64;

/// The longest list of paths that is looked at.
const MAX_PATHS: usize = 2000;

/// One pair of an ENV.
#[derive(Debug, Clone)]
pub(crate) struct EnvNode {
    p: Arc<Project>,
    i: usize,
    /// Several rules ask, and looking through all names is dear.
    meant: OnceLock<Option<(String, &'static str)>>,
}

impl EnvNode {
    pub(crate) fn new(p: &Arc<Project>, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            i,
            meant: OnceLock::new(),
        }
    }

    fn fact(&self) -> &EnvFact {
        &self.p.envs[self.i]
    }

    fn pair_span(&self) -> Span {
        self.fact().name.span().cover(self.fact().raw.span())
    }

    fn piece(&self, find: impl Fn(&EnvFact, char) -> Option<Traced>) -> Cell {
        find(self.fact(), self.p.dockerfile.escape).map_or(Cell::ABSENT, |found| traced(&found))
    }

    fn meant(&self) -> Option<&(String, &'static str)> {
        let meant = self.meant.get_or_init(|| {
            let name = self.fact().name.as_str();
            if let Some(option) = uwsgi::misspelt_prefix(name) {
                return Some((uwsgi::env_name(option.name), "uwsgi"));
            }
            env_names::suggest(name).map(|known| (known.name.to_owned(), known.reader))
        });
        meant.as_ref()
    }

    /// The first pip of a built stage that finds this very value in its environment.
    fn pip_after(&self) -> Cell {
        let fact = self.fact();
        let Some(value) = &fact.value else {
            return Cell::UNKNOWN;
        };
        let runs_pip = |index: &usize| {
            let command = &self.p.commands[*index];
            let layer = &self.p.layers[command.layer];
            let stage = &self.p.stages[command.stage];
            command.command.name.as_deref() == Some("pip")
                && command.command.runs == Runs::Always
                && command.command.on_failure == OnFailure::Stops
                && command.command.flag("--isolated").is_none()
                && stage.reach != Reach::Unused
                && !layer.is_onbuild
                && layer.instruction > fact.instruction
        };
        let mut all = (0..self.p.commands.len())
            .filter(runs_pip)
            .take(MAX_PIPS)
            .filter(|index| {
                let seen = variables::seen(&self.p, *index, fact.name.as_str());
                matches!(seen, Seen::Set(seen) if seen.span() == value.span())
            });
        all.next().map_or(Cell::ABSENT, |index| {
            Cell::fact(Arc::new(CommandNode::new(&self.p, index)))
        })
    }

    fn judged(&self) -> Option<Verdict> {
        let fact = self.fact();
        let text = &self.p.text.text;
        let value = fact.value.as_ref()?.as_str();
        let of =
            |at: u32| secret::judge_in(fact.name.as_str(), Some(value), text, at as usize, false);
        let verdict = of(fact.name.span().start);
        // What is said above the instruction goes for all of its variables.
        let own = &self.p.dockerfile.instructions[fact.instruction];
        match verdict {
            Verdict::Harmless | Verdict::Dummy => Some(verdict),
            _ => Some(of(own.span.start)),
        }
    }

    /// Why it is no secret although it has the name of one: `guessable`, `stand-in`; absent otherwise.
    fn weak(&self) -> Cell {
        match self.judged() {
            None => Cell::UNKNOWN,
            Some(Verdict::Guessable) => Cell::str("guessable"),
            Some(Verdict::Dummy) => Cell::str("stand-in"),
            Some(_) => Cell::ABSENT,
        }
    }

    /// The one ENV whose value alone uses it, where the settings do not read it themselves.
    fn only_feeds(&self) -> Option<usize> {
        let fact = self.fact();
        let name = fact.name.as_str();
        let mut settings = settings_of(&self.p, fact).peekable();
        settings.peek()?;
        let is_silent = |one: &SettingsFact| {
            one.settings.is_found && !one.settings.is_open && !one.name_variable(name)
        };
        let in_script = |text: &Traced| text.as_str().contains(name);
        let mut scripts = self.p.images.iter().flat_map(|image| &image.scripts);
        if !settings.all(is_silent)
            || scripts.any(|script| script.text.as_ref().is_none_or(in_script))
        {
            return None;
        }
        let is_own = |command: &crate::shell::ast::Command| {
            command.args.iter().any(|arg| {
                let text = self.p.text.text.get(arg.span.range()).unwrap_or_default();
                arg.span.file == self.p.dockerfile.file && text.contains(name)
            })
        };
        let mut uses = self.p.references.iter().filter(|one| one.name == name);
        let first = uses.next()?;
        let holds = |span: Span| {
            self.p
                .envs
                .iter()
                .position(|env| env.raw.span().contains(span))
        };
        let composed = holds(first.span)?;
        (composed != self.i
            && uses.all(|one| holds(one.span) == Some(composed))
            && !self.p.commands.iter().any(|fact| is_own(&fact.command)))
        .then_some(composed)
    }

    pub(crate) fn place(&self) -> Option<Span> {
        Some(self.pair_span())
    }

    pub(crate) fn label(&self) -> String {
        self.fact().name.as_str().to_owned()
    }
}

/// Why a value is a secret: `by name`, `by value`; absent when it is none.
fn verdict(verdict: Verdict) -> Cell {
    match verdict {
        Verdict::Secret(Reason::Name) => Cell::str("name"),
        Verdict::Secret(_) => Cell::str("value"),
        Verdict::Guessable | Verdict::Dummy | Verdict::Harmless => Cell::ABSENT,
    }
}

/// As [`verdict`] for an ARG: whatever it is given instead may be a secret.
fn of_arg(fact: &ArgFact, text: &str) -> Cell {
    let name = fact.name.as_str();
    let value = match &fact.value {
        Maybe::Known(value) => Some(value.as_str()),
        Maybe::Absent => None,
        Maybe::Unknown => return Cell::UNKNOWN,
    };
    match secret::judge_in(name, value, text, fact.name.span().start as usize, false) {
        Verdict::Guessable => Cell::str("name"),
        other => verdict(other),
    }
}

/// The settings of the shipped images that a variable goes into.
fn settings_of<'a>(p: &'a Project, env: &EnvFact) -> impl Iterator<Item = &'a SettingsFact> {
    let stage = env.stage;
    p.settings
        .iter()
        .filter(move |fact| p.images[fact.image].chain.contains(&stage))
}

fn in_settings(p: &Project, env: &EnvFact) -> Cell {
    let name = env.name.as_str();
    let mut is_known = false;
    for fact in settings_of(p, env) {
        if fact.name_variable(name) {
            return Cell::str("named");
        }
        if fact.settings.is_open || !fact.settings.is_found {
            return Cell::ABSENT;
        }
        is_known = true;
    }
    if is_known {
        Cell::str("not named")
    } else {
        Cell::ABSENT
    }
}

/// Django's DEBUG certainly has its value from the variable.
fn gives_debug(p: &Project, env: &EnvFact) -> bool {
    let value = env.raw.span();
    settings_of(p, env).any(|fact| match verdicts::flag(&fact.settings, "DEBUG") {
        Answer::Known(known) => known.env.is_some_and(|given| value.contains(given.span)),
        _ => false,
    })
}

/// The key that a container of a shipped image signs with, unless somebody gives it another.
fn is_secret_key(p: &Project, env: &EnvFact) -> bool {
    let mut is_open = true;
    for fact in settings_of(p, env) {
        match verdicts::secret_key(&fact.settings) {
            Answer::Known(known) => {
                let value = env.raw.span();
                if known.env.is_some_and(|given| value.contains(given.span)) {
                    return true;
                }
                is_open = false;
            }
            Answer::Env(_) | Answer::Unassigned => is_open = false,
            Answer::Unknown => {}
        }
    }
    let name = env.name.as_str();
    is_open
        && matches!(name, "SECRET_KEY" | "DJANGO_SECRET_KEY")
        && !p
            .around
            .environment()
            .iter()
            .any(|(other, ..)| other == name)
}

table! {
    ENV = "env", "One variable of an ENV instruction.", for EnvNode;
    name: Type::Str, "the variable", |n| traced(&n.fact().name);
    value: Type::Str, "expanded and without quotes, as the container sees it", |n| at(known_str(n.fact().value.as_ref().map(Traced::as_str)), Some(n.fact().raw.span()));
    raw: Type::Str, "as written", |n| traced(&n.fact().raw);
    is_legacy: Type::Bool, "written with a blank: `ENV KEY value`", |n| Cell::bool(n.fact().is_legacy);
    first_legacy: Type::Str, "the first variable of the Dockerfile that is written so; absent when none is", |n| n.p.envs.iter().find(|env| env.is_legacy).map_or(Cell::ABSENT, |env| traced(&env.name));
    modern: Type::Str, "for one written with a blank: the same with `=`, in quotes where it needs them; absent where that is not simple", |n| str_or_absent(crate::facts::build::env_forms::modern(&n.p, n.fact()).as_deref());
    swallowed: Type::List(&Type::Str), "for one written with a blank: the names at the beginning of further lines that its value took in, when each of them reads as a variable: `B` of `ENV A 1 \\` and `B 2`", |n| Cell::list(crate::facts::build::env_forms::swallowed(&n.p, n.fact()).into_iter().map(|line| Cell::str(&line.name).at(line.span)).collect());
    swallowed_gaps: Type::List(&Type::Str), "marks what stands between the names and values of these lines and of the first one; empty where a value would need quotes", |n| Cell::list(crate::facts::build::env_forms::apart(&n.p, n.fact()).into_iter().map(|span| Cell::str("").at(span)).collect());
    replaced_by: Type::Link(&ENV), "the later ENV of the stage that sets it again; absent when this one holds", |n| n.fact().replaced_by.map_or(Cell::ABSENT, |i| Cell::fact(Arc::new(EnvNode::new(&n.p, i))));
    only_feeds: Type::Link(&ENV), "the one ENV whose value alone uses it, where settings, scripts and commands do not name it; absent otherwise", |n| n.only_feeds().map_or(Cell::ABSENT, |i| Cell::fact(Arc::new(EnvNode::new(&n.p, i))));
    lost_escape: Type::Str, "the first escape outside quotes that loses its backslash although it protects nothing: `\\.`; absent when there is none", |n| n.piece(env_text::lost_escape);
    lost_parameter: Type::Str, "the first `$1`, `$$` or the like: a parameter that only shells have, the build puts nothing in its place; absent when there is none", |n| n.piece(env_text::lost_parameter);
    pip_after: Type::Link(&super::command::COMMAND), "the first pip that certainly runs with it, and whose failure ends the build; absent when none is known to", |n| n.pip_after();
    is_list_for_uwsgi: Type::Bool, "an option of uWSGI that may be given several times, of which ENV holds the last one only", |n| Cell::bool(matches!(uwsgi::from_env(n.fact().name.as_str()), uwsgi::EnvName::Option(option) if option.is_list()));
    has_django: Type::Bool, "something in the stages it belongs to names Django, as for an image; unknown otherwise", |n| if application::has_django(&n.p, &at::chain(&n.p.stages, n.fact().stage)) { Cell::bool(true) } else { Cell::UNKNOWN };
    is_mentioned: Type::Bool, "its name stands elsewhere in the Dockerfile than where it is set", |n| Cell::bool(env_text::is_mentioned(&n.p, n.fact().name.as_str()));
    meant: Type::Str, "the well-known variable, or the `UWSGI_` one, that the name was probably meant for; absent when it is none", |n| n.meant().map_or(Cell::ABSENT, |(name, _)| Cell::str(name));
    meant_for: Type::Str, "who reads the variable that was meant: `python`, `pip`, `uv`, `django`, `uwsgi`, ...; absent when none was", |n| n.meant().map_or(Cell::ABSENT, |(_, reader)| Cell::str(reader));
    secret: Type::Str, "why it is a secret: `name` (the name says so and the value is no dummy) or `value` (a password in a URL, a private key, a token of a known provider); absent when it is none", |n| n.judged().map_or(Cell::UNKNOWN, verdict);
    weak_secret: Type::Str, "what stands in the place of a secret: `guessable` (words anybody would try) or `stand-in` (the value or a comment beside it says so); absent when it is a secret, or has nothing to do with one", |n| n.weak();
    in_settings: Type::Str, "`named` or `not named`: whether the settings of an image that has it name the variable; absent where they are not known", |n| in_settings(&n.p, n.fact());
    gives_debug: Type::Bool, "Django's DEBUG certainly has its value from it", |n| Cell::bool(gives_debug(&n.p, n.fact()));
    is_secret_key: Type::Bool, "Django's SECRET_KEY comes from it, unless the start of the container says otherwise; where the settings are not known: it has a usual name, and no compose file sets it", |n| Cell::bool(is_secret_key(&n.p, n.fact()));
    stage: Type::Link(&super::stage::STAGE), "the stage it stands in", |n| Cell::fact(Arc::new(StageNode::new(&n.p, n.fact().stage)));
}

/// ARG of a stage or before the first FROM.
#[derive(Debug, Clone)]
pub(crate) struct ArgNode {
    p: Arc<Project>,
    stage: Option<usize>,
    i: usize,
}

impl ArgNode {
    pub(crate) fn new(p: &Arc<Project>, stage: Option<usize>, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            stage,
            i,
        }
    }

    fn fact(&self) -> &ArgFact {
        match self.stage {
            Some(stage) => &self.p.stages[stage].args[self.i],
            None => &self.p.global_args[self.i],
        }
    }

    /// The ENV of the stage that keeps its value in the image.
    fn kept_by(&self) -> Cell {
        let Some(stage) = self.stage else {
            return Cell::ABSENT;
        };
        let name = self.fact().name.as_str();
        let mut uses = self.p.references.iter().filter(|it| it.name == name);
        let keeps = |span: Span| {
            let mut envs = self.p.stages[stage]
                .envs
                .iter()
                .map(|env| &self.p.envs[*env]);
            envs.find(|env| env.raw.span().contains(span))
        };
        uses.find_map(|it| keeps(it.span))
            .map_or(Cell::ABSENT, |env| traced(&env.name))
    }

    pub(crate) fn place(&self) -> Option<Span> {
        Some(self.fact().name.span())
    }

    pub(crate) fn label(&self) -> String {
        self.fact().name.as_str().to_owned()
    }
}

table! {
    ARG = "arg", "A build argument.", for ArgNode;
    name: Type::Str, "its name", |n| traced(&n.fact().name);
    value: Type::Str, "from the command line, else the default, else the ARG before the first FROM; absent without one", |n| maybe_str(&match &n.fact().value { Maybe::Known(value) => Maybe::Known(value.as_str()), Maybe::Absent => Maybe::Absent, Maybe::Unknown => Maybe::Unknown });
    has_default: Type::Bool, "it is written with a default", |n| Cell::bool(n.fact().has_default);
    secret: Type::Str, "why it is a secret, as for ENV: `name` or `value`; without a default, or with one that anybody would guess, the name decides; absent when it is none", |n| of_arg(n.fact(), &n.p.text.text);
    kept_by: Type::Str, "the variable of an ENV of the stage whose value uses it; absent when there is none", |n| n.kept_by();
    stage: Type::Link(&super::stage::STAGE), "the stage it stands in; absent before the first FROM", |n| n.stage.map_or(Cell::ABSENT, |stage| Cell::fact(Arc::new(StageNode::new(&n.p, stage))));
}

/// The variables of a value, one of them with another text.
struct Beside<'a>(HashMap<&'a str, Option<Traced>>);

impl Lookup for Beside<'_> {
    fn get(&self, name: &str) -> Var<'_> {
        match self.0.get(name) {
            Some(Some(value)) => Var::Known(value),
            _ => Var::Unset,
        }
    }
}

/// A variable used in an instruction.
#[derive(Debug, Clone)]
pub(crate) struct ReferenceNode {
    p: Arc<Project>,
    i: usize,
}

impl ReferenceNode {
    pub(crate) fn new(p: &Arc<Project>, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            i,
        }
    }

    fn fact(&self) -> &Reference {
        &self.p.references[self.i]
    }

    pub(crate) fn stage_index(&self) -> Option<usize> {
        let at = self.fact().instruction;
        self.p
            .stages
            .iter()
            .position(|stage| stage.instructions.contains(&at))
    }

    fn keyword(&self) -> Keyword {
        self.p.dockerfile.instructions[self.fact().instruction].keyword
    }

    /// Another pair of the same ENV that sets the variable.
    fn set_beside(&self) -> Cell {
        let fact = self.fact();
        let beside = self.p.envs.iter().position(|env| {
            env.instruction == fact.instruction
                && env.name.as_str() == fact.name
                && !env.raw.span().contains(fact.span)
        });
        let beside = beside.filter(|i| !self.lists_the_same(&self.p.envs[*i]));
        beside.map_or(Cell::ABSENT, |i| {
            Cell::fact(Arc::new(EnvNode::new(&self.p, i)))
        })
    }

    /// With the new value the pair that uses the variable gives the same list of paths as with the old one.
    fn lists_the_same(&self, beside: &EnvFact) -> bool {
        let fact = self.fact();
        let mut envs = self.p.envs.iter();
        let own = envs.find(|env| env.raw.span().contains(fact.span));
        let (Some(own), Some(new)) = (own, &beside.value) else {
            return false;
        };
        let Some(old) = own.value.as_ref().filter(|old| old.len() < MAX_PATHS) else {
            return false;
        };
        let is_inside = |one: &&Reference| own.raw.span().contains(one.span);
        let (before, from) = self.p.references.split_at(self.i);
        let before = before.iter().rev().take_while(is_inside);
        let inside = from.iter().take_while(is_inside).chain(before);
        let mut values: HashMap<&str, Option<Traced>> = HashMap::new();
        for one in inside {
            let value = match &one.value {
                Maybe::Known(value) => Some(Traced::new(value.clone(), one.span)),
                _ => None,
            };
            values.insert(&one.name, value);
        }
        values.insert(&fact.name, Some(new.clone()));
        let word = expand::expand(&own.raw, self.p.dockerfile.escape, &Beside(values));
        let paths = |text: &str| {
            let mut out: Vec<String> = Vec::new();
            for path in text.split(':').filter(|path| !path.is_empty()) {
                if !out.iter().any(|known| known == path) {
                    out.push(path.to_owned());
                }
            }
            out
        };
        old.as_str().contains(':')
            && word
                .text
                .is_some_and(|text| paths(text.as_str()) == paths(old.as_str()))
    }

    /// The global ARG of the name, when the stage did not declare it before this use.
    fn undeclared_global(&self) -> Cell {
        let fact = self.fact();
        let Some(stage) = self.stage_index() else {
            return Cell::ABSENT;
        };
        if self.keyword() == Keyword::From {
            return Cell::ABSENT;
        }
        let Some(global) = self
            .p
            .global_args
            .iter()
            .position(|arg| arg.name.as_str() == fact.name)
        else {
            return Cell::ABSENT;
        };
        let mut at = Some(stage);
        while let Some(index) = at {
            let stage = &self.p.stages[index];
            let before =
                |i: usize| index != self.stage_index().unwrap_or(index) || i < fact.instruction;
            let declared = stage
                .args
                .iter()
                .any(|arg| arg.name.as_str() == fact.name && before(arg.instruction))
                || stage.envs.iter().any(|env| {
                    let env = &self.p.envs[*env];
                    env.name.as_str() == fact.name && before(env.instruction)
                });
            if declared {
                return Cell::ABSENT;
            }
            at = match stage.base.kind {
                crate::facts::model::BaseKind::Stage(parent) => Some(parent),
                _ => None,
            };
        }
        // The base image may set a variable of the same name.
        if self.p.stages[stage].base_env_is_open(&self.p, &fact.name) {
            return Cell::UNKNOWN;
        }
        Cell::fact(Arc::new(ArgNode::new(&self.p, None, global)))
    }

    pub(crate) fn place(&self) -> Option<Span> {
        Some(self.fact().span)
    }

    pub(crate) fn label(&self) -> String {
        self.fact().name.clone()
    }
}

table! {
    REFERENCE = "reference", "A variable used in an instruction other than a RUN in shell form.", for ReferenceNode;
    name: Type::Str, "the variable", |n| at(Cell::str(&n.fact().name), n.place());
    keyword: Type::Str, "the instruction it is used in, upper case", |n| Cell::str(n.keyword().name());
    value: Type::Str, "what it expands to there; absent when the variable is not set", |n| maybe_str(&n.fact().value);
    instruction: Type::Link(&INSTRUCTION), "the instruction", |n| Cell::fact(Arc::new(InstructionNode::new(&n.p, n.fact().instruction, n.stage_index())));
    set_beside: Type::Link(&ENV), "the variable set in the same ENV instruction: its old value is used here; absent when it is not", |n| n.set_beside();
    undeclared_global: Type::Link(&ARG), "the ARG before the first FROM that it would have if the stage declared it; absent when it is declared or there is none", |n| n.undeclared_global();
    stage: Type::Link(&super::stage::STAGE), "its stage", |n| n.stage_index().map_or(Cell::ABSENT, |stage| Cell::fact(Arc::new(StageNode::new(&n.p, stage))));
}
