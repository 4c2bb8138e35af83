//! Facts by kind and place, for whoever shows them: the questions that rules ask as well.

use crate::facts::table::{Cell, NodeRef, Val, Visit as _};
use crate::facts::{Facts, SCHEMA};
use crate::span::Span;

/// The facts of a kind, in file order.
pub(super) fn all(facts: &Facts, kind: &str) -> Vec<NodeRef> {
    let mut found = Vec::new();
    if let Some(kind) = SCHEMA.kind(kind) {
        facts.visit(kind, &mut |selected| found.push(selected.node));
    }
    found
}

/// The facts of a kind that are written at a place.
pub(super) fn at(facts: &Facts, kind: &str, place: Span) -> Vec<NodeRef> {
    let mut found = all(facts, kind);
    found.retain(|node| node.span().is_some_and(|span| span.contains(place)));
    found
}

/// What a fact says; unknown for a question that there is not.
pub(super) fn get(node: &NodeRef, field: &str) -> Cell {
    let field = node.table().field(field);
    field.map_or(Cell::UNKNOWN, |(index, _)| node.field(index))
}

/// As [`get`], where that is text, a number or a truth.
pub(super) fn text(node: &NodeRef, field: &str) -> Option<String> {
    plain(&get(node, field))
}

/// A value as people read it; `None` for what is not known, not there, or no single value.
pub(super) fn plain(cell: &Cell) -> Option<String> {
    match &cell.value {
        Val::Bool(value) => Some(if *value { "yes" } else { "no" }.to_owned()),
        Val::Int(value) => Some(value.to_string()),
        Val::Str(value) => Some(value.to_string()),
        Val::Fact(node) => Some(node.text()),
        Val::Unknown | Val::Absent | Val::List(_) | Val::Map(_) => None,
    }
}

/// The fact that a fact leads to.
pub(super) fn fact(node: &NodeRef, field: &str) -> Option<NodeRef> {
    match get(node, field).value {
        Val::Fact(node) => Some(node),
        _ => None,
    }
}

/// The items of a list; none where it is not known.
pub(super) fn list(node: &NodeRef, field: &str) -> Vec<Cell> {
    match get(node, field).value {
        Val::List(list) => list.items,
        _ => Vec::new(),
    }
}

/// The entries of a map, and whether there may be more.
pub(super) fn map(node: &NodeRef, field: &str) -> (Vec<(String, Cell)>, bool) {
    match get(node, field).value {
        Val::Map(map) => {
            let items = map.items.iter();
            let items = items.map(|(key, cell)| (key.to_string(), cell.clone()));
            (items.collect(), !map.is_closed)
        }
        _ => (Vec::new(), true),
    }
}
