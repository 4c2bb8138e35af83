//! A program that a supervisord of a shipped image starts.

use crate::facts::deploy::rights;
use crate::facts::model::{Kept, StartFact, SupervisorFact};
use crate::facts::nodes::cells::{at, str_or_absent, traced};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::start::image::signal_name;
use crate::facts::start::{elsewhere, kept_open, signals, written};
use crate::facts::system::accounts;
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::knowledge::stop_signals;
use crate::knowledge::words::ValueWords;
use crate::server::supervisor::{self, Program, Value};
use crate::shell::ast::Runs;
use crate::span::{Span, Traced};

pub(super) const KIND: Kind = Kind {
    name: "supervisor_program",
    table: &TABLE,
    key: "its name",
    vars: &["image"],
    doc: "a program that the supervisord of a shipped image starts",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (supervisor, fact) in p.supervisors.iter().enumerate() {
        let stage = p.images[fact.image].stage;
        for (i, program) in fact.config.programs.iter().enumerate() {
            let node = Id::SupervisorProgram { supervisor, i }.node(p);
            let covers = vec![program.name.span()];
            each(facts.selected(Some(stage), program.name.as_str(), node, covers));
        }
    }
}

/// The seconds that supervisord waits for a program by default (supervisord.org, `stopwaitsecs`).
const STOP_WAIT: f64 = 10.0;

table! {
    "supervisor_program",
    "A program of the configuration that the supervisord of a shipped image certainly reads.";
    name: Type::Str, "its name, as in `[program:NAME]`";
    command: Type::Str, "its command; absent without, unknown with a variable in it";
    user: Type::Str, "its `user`; absent without, unknown with a variable in it";
    broken_pair: Type::Str,
        "the part of its `environment` at which supervisord ends, as it is no `NAME=value`: what follows a comma \
         without quotes; absent otherwise";
    operator: Type::Str,
        "the first operator of a shell among the words of its command, which no shell reads: `&&`; absent without";
    built_in: Type::Str,
        "the first word of its command, where only a shell knows it: `cd`; absent otherwise";
    kept_command: Type::Str,
        "the server or worker that a script, or the shell of its command, starts as a child, so that the signal of \
         supervisord ends the shell alone: as written; absent otherwise, and with `stopasgroup`";
    keeps: Type::Str, "the program of that command";
    broken_percent: Type::Str,
        "the first `%` of its options that supervisord cannot expand, with what belongs to it: `%h`; absent without";
    unfinished: Type::Str,
        "the signal that stops it, `stopsignal` or `TERM`, on which it does not finish what it is at; marks the \
         program where no option says it; absent otherwise, and for programs of which that is not known";
    finishing_signal: Type::Str, "the signal on which it does: `QUIT`; absent where `unfinished` is";
    has_stop_signal: Type::Bool, "it has a `stopsignal`";
    longer_grace: Type::Str,
        "the `stop_grace_period` of a service that starts the image as it is, where supervisord kills the program \
         after ten seconds, as it has no `stopwaitsecs`, although it would finish what it is at; absent otherwise";
    program: Type::Str, "the program that its command starts, without directory; absent without, unknown as `command`";
    elsewhere: Type::Str,
        "where its command calls a Python program by a path at which the image certainly has none: the directory into \
         which the package was installed; marks the path; absent otherwise";
    lacks_user: Type::Bool, "no account of the image is called like its `user`; unknown where one may be";
    lacks_directory: Type::Str,
        "the directory of the first of its log files that certainly is not there when supervisord starts; marks the \
         file; absent otherwise";
    image: Type::Link("image"), "the image";
}

view! { SupervisorProgram { supervisor: usize, i: usize } }

impl View<'_> {
    fn supervisor(&self) -> &SupervisorFact {
        &self.p.supervisors[self.supervisor]
    }

    fn fact(&self) -> &Program {
        &self.supervisor().config.programs[self.i]
    }

    fn name(&self) -> Cell {
        traced(&self.fact().name)
    }

    fn command(&self) -> Cell {
        value(&self.fact().command)
    }

    fn user(&self) -> Cell {
        value(&self.fact().user)
    }

    fn broken_pair(&self) -> Cell {
        match &self.fact().environment {
            Value::Known(pairs) => {
                let found = supervisor::broken_pair(pairs);
                found.map_or(Cell::ABSENT, |part| traced(&part))
            }
            Value::Absent => Cell::ABSENT,
            Value::Open(_) | Value::Unknown => Cell::UNKNOWN,
        }
    }

    /// A word of the command, if there is such a one.
    fn word(&self, found: Option<Traced>) -> Cell {
        match (found, &self.fact().command) {
            (Some(word), _) => traced(&word),
            (None, Value::Open(_) | Value::Unknown) => Cell::UNKNOWN,
            (None, _) => Cell::ABSENT,
        }
    }

    fn operator(&self) -> Cell {
        self.word(self.fact().operator())
    }

    fn built_in(&self) -> Cell {
        self.word(self.fact().built_in())
    }

    /// The server or worker that stays the child of a shell, by its position among what the program starts.
    fn find_kept(&self) -> Option<(Kept, &StartFact)> {
        let fact = self.supervisor();
        let run = fact.runs.get(self.i)?.as_ref()?;
        let is_on = |text: &str| ValueWords::Yes.contains(text);
        let is_together = match &self.fact().stops_group {
            Value::Absent => false,
            Value::Known(value) => is_on(&value.as_str().to_ascii_lowercase()),
            Value::Open(_) | Value::Unknown => true,
        };
        if is_together || !run.is_known || kept_open::may_trap(run.starts.iter()) {
            return None;
        }
        let starts = run.starts.iter().enumerate();
        let mut found = starts.filter_map(|(at, start)| {
            let is_certain = start.command.runs == Runs::Always && start.command.loop_depth == 0;
            let kept = signals::kept(self.p, fact.image, &run.starts, at)?;
            is_certain.then_some((kept, start))
        });
        found.next()
    }

    fn kept_command(&self) -> Cell {
        let found = self.find_kept().and_then(|(kept, _)| {
            let text = written::at(self.p, self.supervisor().image, kept.span)?;
            Some(Cell::str(&written::in_one_line(text)).at(kept.span))
        });
        found.unwrap_or(Cell::ABSENT)
    }

    fn keeps(&self) -> Cell {
        let found = self.find_kept();
        let name = found.and_then(|(_, start)| start.command.name.clone());
        str_or_absent(name.as_deref())
    }

    fn broken_percent(&self) -> Cell {
        let found = self.fact().broken_percent.as_ref();
        found.map_or(Cell::ABSENT, traced)
    }

    /// The signal that stops it and does not let it finish, and the one that does.
    fn find_unfinished(&self) -> Option<(String, Span, &'static str)> {
        let program = self.fact().program()?;
        let finishing = stop_signals::finishing(program.as_str())?;
        let (signal, span) = match &self.fact().stop_signal {
            Value::Known(signal) => (signal_name(signal), signal.span()),
            Value::Absent => ("TERM".to_owned(), program.span()),
            Value::Unknown | Value::Open(_) => return None,
        };
        let drops = !signal.is_empty() && !finishing.contains(&signal.as_str());
        drops.then_some((signal, span, finishing.last()?))
    }

    fn unfinished(&self) -> Cell {
        let found = self.find_unfinished();
        found.map_or(Cell::ABSENT, |(signal, span, _)| {
            Cell::str(&signal).at(span)
        })
    }

    fn finishing_signal(&self) -> Cell {
        str_or_absent(self.find_unfinished().map(|it| it.2))
    }

    fn has_stop_signal(&self) -> Cell {
        Cell::bool(!matches!(self.fact().stop_signal, Value::Absent))
    }

    fn longer_grace(&self) -> Cell {
        let fact = self.fact();
        let program = fact.program();
        let finishes = program.is_some_and(|it| stop_signals::finishing(it.as_str()).is_some());
        // Who sets a time has chosen it.
        if !finishes || !matches!(fact.stop_wait, Value::Absent) {
            return Cell::ABSENT;
        }
        let programs = self.supervisor().config.programs.iter();
        let others = programs.map(|it| match &it.stop_wait {
            Value::Absent => 0.0,
            Value::Known(time) => time.as_str().parse().unwrap_or(f64::INFINITY),
            Value::Open(_) | Value::Unknown => f64::INFINITY,
        });
        let others = others.fold(0.0, f64::max);
        let image = Some(self.supervisor().image);
        let mut services = self.p.services.iter();
        let found = services.find_map(|fact| {
            let starts_it = fact.image == image && fact.run.is_none();
            let service = fact.compose(self.p).filter(|_| starts_it)?;
            let written = service.stop_grace_period.as_ref()?;
            let grace = signals::grace(service)?;
            // supervisord itself ends after its programs, and what another one of them needs may be what it is for.
            (grace > 2.0 * STOP_WAIT && grace > 2.0 * others).then_some(written)
        });
        found.map_or(Cell::ABSENT, |text| {
            Cell::str(text.as_str().unwrap_or_default()).at(text.span())
        })
    }

    fn program(&self) -> Cell {
        self.word(self.fact().program())
    }

    fn elsewhere(&self) -> Cell {
        let fact = self.supervisor();
        let run = fact.runs.get(self.i).and_then(Option::as_ref);
        let first = run.and_then(|run| run.starts.first());
        let first = first.filter(|start| start.script.is_none() && fact.is_alone);
        let found = first.and_then(|start| elsewhere::of(self.p, fact.image, &start.command));
        found.map_or(Cell::ABSENT, |it| Cell::str(&it.directory).at(it.span()))
    }

    fn lacks_user(&self) -> Cell {
        let stage = self.p.images[self.supervisor().image].stage;
        let user = match &self.fact().user {
            Value::Known(user) => user,
            Value::Absent => return Cell::bool(false),
            Value::Open(_) | Value::Unknown => return Cell::UNKNOWN,
        };
        let exists = accounts::is_account(self.p, stage, user.as_str());
        match exists.filter(|_| self.supervisor().is_alone) {
            Some(exists) => at(Cell::bool(!exists), Some(user.span())),
            None => Cell::UNKNOWN,
        }
    }

    fn lacks_directory(&self) -> Cell {
        let fact = self.supervisor();
        let stage = self.p.images[fact.image].stage;
        let missing = |log: &Traced| {
            let (parent, _) = log.as_str().rsplit_once('/')?;
            let is_missing = fact.is_alone && rights::is_not_there(self.p, stage, parent);
            is_missing.then(|| Cell::str(parent).at(log.span()))
        };
        let found = self.fact().logs.iter().find_map(missing);
        found.unwrap_or(Cell::ABSENT)
    }

    fn image(&self) -> Cell {
        Id::Image(self.supervisor().image).cell(self.p)
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().name.span())
    }

    fn label(&self) -> String {
        self.fact().name.as_str().to_owned()
    }
}

fn value(value: &Value) -> Cell {
    match value {
        Value::Known(value) => traced(value),
        Value::Absent => Cell::ABSENT,
        Value::Open(_) | Value::Unknown => Cell::UNKNOWN,
    }
}
