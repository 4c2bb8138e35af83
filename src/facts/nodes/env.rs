//! One variable of an ENV instruction.

use crate::facts::build::variables::{self, Seen};
use crate::facts::build::{application, env_text};
use crate::facts::deploy::{code_names, numbers};
use crate::facts::model::{EnvFact, Project, SettingsFact};
use crate::facts::nodes::cells::{at, known_str, str_or_absent, traced};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::nodes::shared::{in_settings, verdict};
use crate::facts::table::{Cell, Kind, Reach, Selected, Type};
use crate::knowledge::secret::{self, Verdict};
use crate::knowledge::{env_names, uwsgi};
use crate::python::settings::verdicts::{self, Answer};
use crate::shell::ast::{OnFailure, Runs};
use crate::span::{Span, Traced};

pub(super) const KIND: Kind = Kind {
    name: "env",
    table: &TABLE,
    key: "the variable: `UWSGI_HTTP`",
    vars: &["stage"],
    doc: "one `NAME=value` of an ENV instruction",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, env) in p.envs.iter().enumerate() {
        let node = Id::Env(i).node(p);
        each(facts.selected(
            Some(env.stage),
            env.name.as_str(),
            node,
            facts.instruction_span(env.instruction),
        ));
    }
}

table! {
    "env",
    "One variable of an ENV instruction.";
    name: Type::Str, "the variable";
    value: Type::Str, "expanded and without quotes, as the container sees it";
    raw: Type::Str, "as written";
    is_legacy: Type::Bool, "written with a space: `ENV KEY value`";
    first_legacy: Type::Str, "the first variable of the Dockerfile that is written so; absent when none is";
    modern: Type::Str,
        "for one written with a space: the same with `=`, in quotes where it needs them; absent where that is \
         not simple";
    swallowed: Type::List(&Type::Str),
        "for one written with a space: the names at the beginning of further lines that its value took in, when \
         each of them reads as a variable: `B` of `ENV A 1 \\` and `B 2`";
    swallowed_gaps: Type::List(&Type::Str),
        "marks what stands between the names and values of these lines and of the first one; empty where a \
         value would need quotes";
    replaced_by: Type::Link("env"), "the later ENV of the stage that sets it again; absent when this one holds";
    only_feeds: Type::Link("env"),
        "the one ENV whose value alone uses it, where settings, scripts and commands do not name it; absent \
         otherwise";
    lost_escape: Type::Str,
        "the first escape outside quotes that loses its backslash although it protects nothing: `\\.`; absent \
         when there is none";
    lost_parameter: Type::Str,
        "the first `$1`, `$$` or the like: a parameter that only shells have, the build puts nothing in its \
         place; absent when there is none";
    pip_after: Type::Link("command"),
        "the first pip that certainly runs with it, and whose failure ends the build; absent when none is known \
         to";
    is_list_for_uwsgi: Type::Bool,
        "an option of uWSGI that may be given several times, of which ENV holds the last one only";
    has_django: Type::Bool, "something in the stages it belongs to names Django, as for an image; unknown otherwise";
    is_mentioned: Type::Bool, "its name stands elsewhere in the Dockerfile than where it is set";
    meant: Type::Str,
        "the well-known variable, or the `UWSGI_` one, that the name was likely meant for; absent when it is \
         none";
    meant_for: Type::Str,
        "who reads the variable that was meant: `python`, `pip`, `uv`, `django`, `uwsgi`, ...; absent when none \
         was";
    secret: Type::Str,
        "why it is a secret: `name` (the name says so and the value is not a dummy) or `value` (a password in a \
         URL, a private key, a token of a known provider); absent when it is none";
    weak_secret: Type::Str,
        "what is used instead of a secret: `guessable` (words anybody would try) or `stand-in` (the value \
         or a comment beside it says so); absent when it is a secret, or has nothing to do with one";
    in_settings: Type::Str,
        "`named` or `not named`: whether the settings of an image that has it name the variable; absent where \
         they are not known";
    is_read_nowhere: Type::Bool,
        "it has a usual name of Django's key in an image with Django, and no code of the project reads a variable of \
         that name";
    gives_debug: Type::Bool, "Django's DEBUG certainly has its value from it";
    is_secret_key: Type::Bool,
        "Django's SECRET_KEY comes from it, unless the start of the container says otherwise; where the \
         settings are not known: it has a usual name, and no compose file sets it";
    number_call: Type::Str,
        "the call by which the settings certainly make a number of it, where the value is none: \
         `int(os.environ[...])`; marks it; absent otherwise";
    stage: Type::Link("stage"), "its stage";
}

view! { Env(i: usize) }

impl View<'_> {
    fn fact(&self) -> &EnvFact {
        &self.p.envs[self.i]
    }

    fn number_call(&self) -> Cell {
        let found = numbers::of_image(self.p, self.i);
        found.map_or(Cell::ABSENT, |(call, span)| Cell::str(&call).at(span))
    }

    fn pair_span(&self) -> Span {
        self.fact().name.span().cover(self.fact().raw.span())
    }

    fn piece(&self, find: impl Fn(&EnvFact, char) -> Option<Traced>) -> Cell {
        find(self.fact(), self.p.dockerfile.escape).map_or(Cell::ABSENT, |found| traced(&found))
    }

    fn find_meant(&self) -> Option<&(String, &'static str)> {
        let meant = self.fact().meant.get_or_init(|| {
            let name = self.fact().name.as_str();
            if let Some(option) = uwsgi::misspelt_prefix(name) {
                return Some((uwsgi::env_name(&option.name), "uwsgi"));
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
                let seen = variables::seen(self.p, *index, fact.name.as_str());
                matches!(seen, Seen::Set(seen) if seen.span() == value.span())
            });
        all.next()
            .map_or(Cell::ABSENT, |index| Id::Command(index).cell(self.p))
    }

    fn judged(&self) -> Option<Verdict> {
        let fact = self.fact();
        let text = &self.p.text.text;
        let Some(value) = &fact.value else {
            // By its value alone nothing can be said of it.
            let may_be_secret = secret::is_secret_name(fact.name.as_str());
            return (!may_be_secret).then_some(Verdict::Harmless);
        };
        let value = value.as_str();
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
    fn find_only_feeds(&self) -> Option<usize> {
        let fact = self.fact();
        let name = fact.name.as_str();
        let mut settings = settings_of(self.p, fact).peekable();
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
        let mut uses = self.p.index.references(name).iter();
        let holds = |reference: &usize| {
            let reference = &self.p.references[*reference];
            let is_inside = |env: &usize| self.p.envs[*env].raw.span().contains(reference.span);
            self.p.envs_of(reference.instruction).find(is_inside)
        };
        let composed = holds(uses.next()?)?;
        (composed != self.i
            && uses.all(|one| holds(one) == Some(composed))
            && !self.p.commands.iter().any(|fact| is_own(&fact.command)))
        .then_some(composed)
    }

    fn place(&self) -> Option<Span> {
        Some(self.pair_span())
    }

    fn label(&self) -> String {
        self.fact().name.as_str().to_owned()
    }
}

/// Calls of pip behind a variable that are looked at.
const MAX_PIPS: usize = 64;

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
            Answer::Unknown => is_open = is_open && !takes_another_key(fact, env.name.as_str()),
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

/// The settings take SECRET_KEY from a variable, and do not name this one.
fn takes_another_key(fact: &SettingsFact, name: &str) -> bool {
    !fact.name_variable(name) && fact.assign_from_variable("SECRET_KEY")
}

/// The settings of the shipped images that a variable goes into.
fn settings_of<'a>(p: &'a Project, env: &EnvFact) -> impl Iterator<Item = &'a SettingsFact> {
    let stage = env.stage;
    p.settings
        .iter()
        .filter(move |fact| p.images[fact.image].chain.contains(&stage))
}

impl View<'_> {
    fn name(&self) -> Cell {
        traced(&self.fact().name)
    }

    fn value(&self) -> Cell {
        at(
            known_str(self.fact().value.as_ref().map(Traced::as_str)),
            Some(self.fact().raw.span()),
        )
    }

    fn raw(&self) -> Cell {
        traced(&self.fact().raw)
    }

    fn is_legacy(&self) -> Cell {
        Cell::bool(self.fact().is_legacy)
    }

    fn first_legacy(&self) -> Cell {
        self.p
            .envs
            .iter()
            .find(|env| env.is_legacy)
            .map_or(Cell::ABSENT, |env| traced(&env.name))
    }

    fn modern(&self) -> Cell {
        str_or_absent(crate::facts::build::env_forms::modern(self.p, self.fact()).as_deref())
    }

    fn swallowed(&self) -> Cell {
        Cell::list(
            crate::facts::build::env_forms::swallowed(self.p, self.fact())
                .into_iter()
                .map(|line| Cell::str(&line.name).at(line.span))
                .collect(),
        )
    }

    fn swallowed_gaps(&self) -> Cell {
        Cell::list(
            crate::facts::build::env_forms::apart(self.p, self.fact())
                .into_iter()
                .map(|span| Cell::str("").at(span))
                .collect(),
        )
    }

    fn replaced_by(&self) -> Cell {
        self.fact()
            .replaced_by
            .map_or(Cell::ABSENT, |i| Id::Env(i).cell(self.p))
    }

    fn only_feeds(&self) -> Cell {
        self.find_only_feeds()
            .map_or(Cell::ABSENT, |i| Id::Env(i).cell(self.p))
    }

    fn lost_escape(&self) -> Cell {
        self.piece(env_text::lost_escape)
    }

    fn lost_parameter(&self) -> Cell {
        self.piece(env_text::lost_parameter)
    }

    fn is_list_for_uwsgi(&self) -> Cell {
        Cell::bool(
            matches!(uwsgi::from_env(self.fact().name.as_str()), uwsgi::EnvName::Option(option) if option.is_list()),
        )
    }

    fn has_django(&self) -> Cell {
        if application::has_django(self.p, self.fact().stage) {
            Cell::bool(true)
        } else {
            Cell::UNKNOWN
        }
    }

    fn is_mentioned(&self) -> Cell {
        Cell::bool(env_text::is_mentioned(self.p, self.fact().name.as_str()))
    }

    fn meant(&self) -> Cell {
        self.find_meant()
            .map_or(Cell::ABSENT, |(name, _)| Cell::str(name))
    }

    fn meant_for(&self) -> Cell {
        self.find_meant()
            .map_or(Cell::ABSENT, |(_, reader)| Cell::str(reader))
    }

    fn secret(&self) -> Cell {
        self.judged().map_or(Cell::UNKNOWN, verdict)
    }

    fn weak_secret(&self) -> Cell {
        self.weak()
    }

    fn in_settings(&self) -> Cell {
        let settings = settings_of(self.p, self.fact());
        in_settings(settings, self.fact().name.as_str())
    }

    fn is_read_nowhere(&self) -> Cell {
        let name = self.fact().name.as_str();
        let is_key = code_names::is_key(name);
        // Another framework may take whatever begins with its name.
        let is_django = application::has_django(self.p, self.fact().stage);
        Cell::bool(is_key && is_django && self.p.code_names.lack(name))
    }

    fn gives_debug(&self) -> Cell {
        Cell::bool(gives_debug(self.p, self.fact()))
    }

    fn is_secret_key(&self) -> Cell {
        Cell::bool(is_secret_key(self.p, self.fact()))
    }

    fn stage(&self) -> Cell {
        Id::Stage(self.fact().stage).cell(self.p)
    }
}
