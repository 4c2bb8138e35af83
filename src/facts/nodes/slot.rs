//! Where a project keeps the options of uWSGI, and how another one is written there. Marks the server, or a line of
//! the configuration file.

use crate::facts::nodes::cells::{at, known_str, str_or_absent};
use crate::facts::nodes::node::{Id, Node, table};
use crate::facts::start::uwsgi::slot::{Form, Slot};
use crate::facts::table::{Cell, Type};
use crate::span::Span;

table! {
    "slot",
    "Where a project keeps the options of uWSGI, and how another one is written there. Marks the server, or a \
     line of the configuration file.";
    path: Type::Str, "the configuration file they are kept in; absent where there is none";
    within: Type::Str, "where that is, for people: ` in `uwsgi.ini``, ` on uWSGI's command line`, empty for ENV";
    flag: Type::Str,
        "how an option without value is switched on there, with `NAME` and `name` instead of its own: \
         `UWSGI_NAME=1`, `--name`, `name = true` or, where the options beside it are written so, `name = True`";
    option: Type::Str,
        "how an option is given there, with `NAME` or `name`, and `VALUE`: `UWSGI_NAME=VALUE`, `--name=VALUE`, \
         `name = VALUE`";
    end: Type::Str, "marks the point after which another one is written; unknown where that is not sure";
    before: Type::Str, "what is written there before it: a space, the end of a line";
    after: Type::Str, "what is written there after it";
}

pub(super) struct View<'a> {
    slot: &'a Slot,
    otherwise: Option<Span>,
}

impl<'a> View<'a> {
    fn of(node: &'a Node) -> Option<Self> {
        match &node.id {
            Id::Slot { slot, otherwise } => Some(Self {
                slot,
                otherwise: *otherwise,
            }),
            _ => None,
        }
    }
}

impl View<'_> {
    /// What findings about an option that is not given mark.
    fn mark(&self) -> Option<Span> {
        let is_file = self.slot.path.is_some();
        self.slot.mark.filter(|_| is_file).or(self.otherwise)
    }

    fn end(&self) -> Cell {
        let insert = self.slot.insert.as_ref();
        insert.map_or(Cell::UNKNOWN, |insert| Cell::str("").at(insert.at))
    }

    fn find_within(&self) -> String {
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
        self.find_within()
    }
}

impl View<'_> {
    fn path(&self) -> Cell {
        str_or_absent(self.slot.path.as_deref())
    }

    fn within(&self) -> Cell {
        Cell::str(&self.find_within())
    }

    fn flag(&self) -> Cell {
        Cell::str(&self.pattern(true))
    }

    fn option(&self) -> Cell {
        Cell::str(&self.pattern(false))
    }

    fn before(&self) -> Cell {
        known_str(
            self.slot
                .insert
                .as_ref()
                .map(|insert| insert.before.as_str()),
        )
    }

    fn after(&self) -> Cell {
        at(
            known_str(self.slot.insert.as_ref().map(|insert| insert.after)),
            None,
        )
    }
}
