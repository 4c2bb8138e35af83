//! Cells from plain values, and the macro that makes a table of fields.

use std::sync::Arc;

use crate::facts::build::at::{env_indices, is_closed};
use crate::facts::model::{Maybe, Project};
use crate::facts::table::{Cell, List, Map, Val};
use crate::python::settings::verdicts::{Answer, Default, Texts};
use crate::span::{Span, Traced};

/// Defines a table and the node type that answers it.
macro_rules! table {
    (
        $(#[$meta:meta])*
        $TABLE:ident = $name:literal, $doc:literal, for $Node:ident;
        $( $field:ident: $ty:expr, $fdoc:literal, |$n:pat_param| $get:expr; )*
    ) => {
        $(#[$meta])*
        pub(crate) static $TABLE: crate::facts::table::Table = crate::facts::table::Table {
            name: $name,
            doc: $doc,
            fields: &[ $( crate::facts::table::Field {
                name: stringify!($field),
                ty: $ty,
                doc: $fdoc,
            } ),* ],
        };

        impl crate::facts::table::Node for $Node {
            fn table(&self) -> &'static crate::facts::table::Table {
                &$TABLE
            }

            fn field(&self, index: usize) -> crate::facts::table::Cell {
                static GETTERS: &[fn(&$Node) -> crate::facts::table::Cell] =
                    &[ $( |$n: &$Node| $get ),* ];
                GETTERS.get(index).map_or(crate::facts::table::Cell::UNKNOWN, |get| get(self))
            }

            fn span(&self) -> Option<crate::span::Span> {
                self.place()
            }

            fn text(&self) -> String {
                self.label()
            }
        }
    };
}
pub(crate) use table;

/// Text that is known, or unknown.
pub(crate) fn known_str(value: Option<&str>) -> Cell {
    value.map_or(Cell::UNKNOWN, Cell::str)
}

/// Text that is there, or absent.
pub(crate) fn str_or_absent(value: Option<&str>) -> Cell {
    value.map_or(Cell::ABSENT, Cell::str)
}

/// A flag that is known, or unknown.
pub(crate) fn known_bool(value: Option<bool>) -> Cell {
    value.map_or(Cell::UNKNOWN, Cell::bool)
}

/// Text with its place.
pub(crate) fn traced(value: &Traced) -> Cell {
    Cell::str(value.as_str()).at(value.span())
}

pub(crate) fn maybe_str<T: AsRef<str>>(value: &Maybe<T>) -> Cell {
    match value {
        Maybe::Known(value) => Cell::str(value.as_ref()),
        Maybe::Absent => Cell::ABSENT,
        Maybe::Unknown => Cell::UNKNOWN,
    }
}

pub(crate) fn at(cell: Cell, span: Option<Span>) -> Cell {
    Cell { span, ..cell }
}

pub(crate) fn map(items: Vec<(Arc<str>, Cell)>, is_closed: bool) -> Cell {
    Cell::new(Val::Map(Map { items, is_closed }))
}

pub(crate) fn list(items: Vec<Cell>, is_closed: bool) -> Cell {
    Cell::new(Val::List(List { items, is_closed }))
}

/// The environment at the end of a stage as a map, latest values only, open when the base's is not known.
pub(crate) fn env_cell(p: &Project, stage: usize) -> Cell {
    let mut items: Vec<(Arc<str>, Cell)> = Vec::new();
    for env in env_indices(p, stage) {
        let env = &p.envs[env];
        let value = known_str(env.value.as_ref().map(Traced::as_str)).at(env.raw.span());
        items.push((Arc::from(env.name.as_str()), value));
    }
    map(items, is_closed(&p.stages, stage))
}

/// The value that holds when the container is started as it is.
pub(crate) fn effective<T>(answer: &Answer<T>, cell: impl Fn(&T) -> Cell) -> Cell {
    match answer {
        Answer::Known(known) => at(cell(&known.value), Some(known.span)),
        Answer::Env(env) => match &env.default {
            Default::Known(value, _) if env.is_unset => at(cell(value), Some(env.span)),
            _ => at(Cell::UNKNOWN, Some(env.span)),
        },
        Answer::Unassigned => Cell::ABSENT,
        Answer::Unknown => Cell::UNKNOWN,
    }
}

pub(crate) fn texts_cell(texts: &Texts) -> Cell {
    let items = texts
        .entries
        .iter()
        .map(|(text, span)| Cell::str(text).at(*span))
        .collect();
    list(items, !texts.is_open)
}
