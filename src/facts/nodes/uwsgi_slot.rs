//! Where another option of uWSGI is written, as rules see it.

use crate::facts::nodes::{at, known_str, str_or_absent, table};
use crate::facts::start::uwsgi::slot::{Form, Slot};
use crate::facts::table::{Cell, Type};
use crate::span::Span;

#[derive(Debug, Clone)]
pub(crate) struct SlotNode {
    slot: Slot,
    /// The server.
    otherwise: Option<Span>,
}

impl SlotNode {
    pub(crate) fn new(slot: Slot, otherwise: Option<Span>) -> Self {
        Self { slot, otherwise }
    }

    /// What findings about an option that is not given mark.
    fn mark(&self) -> Option<Span> {
        let is_file = self.slot.path.is_some();
        self.slot.mark.filter(|_| is_file).or(self.otherwise)
    }

    fn end(&self) -> Cell {
        let insert = self.slot.insert.as_ref();
        insert.map_or(Cell::UNKNOWN, |insert| Cell::str("").at(insert.at))
    }

    fn within(&self) -> String {
        match (self.slot.form, &self.slot.path) {
            (Form::CommandLine, _) => " on uWSGI's command line".to_owned(),
            (_, Some(path)) => format!(" in `{path}`"),
            _ => String::new(),
        }
    }

    fn pattern(&self, is_flag: bool) -> String {
        let (sign, on) = (&self.slot.sign, &self.slot.on);
        match (self.slot.form, is_flag) {
            (Form::Env, true) => format!("UWSGI_NAME={on}"),
            (Form::Env, false) => "UWSGI_NAME=VALUE".to_owned(),
            (Form::CommandLine, true) => "--name".to_owned(),
            (Form::CommandLine, false) => "--name=VALUE".to_owned(),
            (Form::Ini, true) => format!("name{sign}{on}"),
            (Form::Ini, false) => format!("name{sign}VALUE"),
            (Form::Yaml, true) => "name: true".to_owned(),
            (Form::Yaml, false) => "name: VALUE".to_owned(),
            (Form::Xml, true) => "<name>true</name>".to_owned(),
            (Form::Xml, false) => "<name>VALUE</name>".to_owned(),
            (Form::Json, true) => "\"name\": true".to_owned(),
            (Form::Json, false) => "\"name\": \"VALUE\"".to_owned(),
        }
    }

    fn place(&self) -> Option<Span> {
        self.mark()
    }

    fn label(&self) -> String {
        self.within()
    }
}

table! {
    SLOT = "slot", "Where a project keeps the options of uWSGI, and how another one is written there. Marks the server, or a line of the configuration file.", for SlotNode;
    path: Type::Str, "the configuration file they are kept in; absent where there is none", |n| str_or_absent(n.slot.path.as_deref());
    within: Type::Str, "where that is, for people: ` in `uwsgi.ini``, ` on uWSGI's command line`, empty for ENV", |n| Cell::str(&n.within());
    flag: Type::Str, "how an option without value is switched on there, with `NAME` and `name` in the place of its own: `UWSGI_NAME=1`, `--name`, `name = true` or, where the options beside it are written so, `name = True`", |n| Cell::str(&n.pattern(true));
    option: Type::Str, "how an option is given there, with `NAME` or `name`, and `VALUE`: `UWSGI_NAME=VALUE`, `--name=VALUE`, `name = VALUE`", |n| Cell::str(&n.pattern(false));
    end: Type::Str, "marks the point behind which another one is written; unknown where that is not sure", |n| n.end();
    before: Type::Str, "what is written there before it: a blank, the end of a line", |n| known_str(n.slot.insert.as_ref().map(|insert| insert.before.as_str()));
    after: Type::Str, "what is written there after it", |n| at(known_str(n.slot.insert.as_ref().map(|insert| insert.after)), None);
}
