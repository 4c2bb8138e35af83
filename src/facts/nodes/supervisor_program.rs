//! A program that a supervisord of a shipped image starts.

use crate::facts::deploy::rights;
use crate::facts::model::SupervisorFact;
use crate::facts::nodes::cells::{at, traced};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::system::accounts;
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::server::supervisor::{self, Program, Value};
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
            Value::Unknown => Cell::UNKNOWN,
        }
    }

    /// A word of the command, if there is such a one.
    fn word(&self, found: Option<Traced>) -> Cell {
        match (found, &self.fact().command) {
            (Some(word), _) => traced(&word),
            (None, Value::Unknown) => Cell::UNKNOWN,
            (None, _) => Cell::ABSENT,
        }
    }

    fn operator(&self) -> Cell {
        self.word(self.fact().operator())
    }

    fn built_in(&self) -> Cell {
        self.word(self.fact().built_in())
    }

    fn lacks_user(&self) -> Cell {
        let stage = self.p.images[self.supervisor().image].stage;
        let user = match &self.fact().user {
            Value::Known(user) => user,
            Value::Absent => return Cell::bool(false),
            Value::Unknown => return Cell::UNKNOWN,
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
        Value::Unknown => Cell::UNKNOWN,
    }
}
