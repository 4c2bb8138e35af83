//! Cells from plain values.

use std::sync::Arc;

use crate::facts::build::at::{env_indices, is_closed};
use crate::facts::model::{Maybe, Project};
use crate::facts::table::{Cell, List, Map, Val};
use crate::python::settings::verdicts::{Answer, Default, Texts};
use crate::span::{Span, Traced};

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
    let items = items.into();
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

/// Texts without places.
pub(crate) fn texts(texts: Vec<String>) -> Cell {
    Cell::list(texts.iter().map(|text| Cell::str(text)).collect())
}

/// A day as `YYYY-MM-DD`; absent when the tables lack it.
pub(crate) fn date(day: Option<crate::knowledge::Date>) -> Cell {
    day.map_or(Cell::ABSENT, |day| Cell::str(&day.to_string()))
}
