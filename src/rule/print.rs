//! How templates print values.

use crate::facts::table::{Cell, Val};

/// How a template prints a value: absent and unknown ones not at all.
pub(crate) fn print(cell: &Cell) -> String {
    print_value(&cell.value)
}

pub(super) fn print_value(value: &Val) -> String {
    match value {
        Val::Unknown | Val::Absent => String::new(),
        Val::Bool(value) => value.to_string(),
        Val::Int(value) => value.to_string(),
        Val::Str(text) => text.to_string(),
        Val::List(list) => join(&list.items, ", "),
        Val::Map(map) => {
            let items = map.items.iter();
            let items = items.map(|(key, cell)| format!("{key}={}", print(cell)));
            items.collect::<Vec<_>>().join(", ")
        }
        Val::Fact(node) => node.text(),
    }
}

/// At least how many bytes [`print_value`] gives.
pub(super) fn printed_length(value: &Val) -> usize {
    let of = |cell: &Cell| printed_length(&cell.value).saturating_add(2);
    match value {
        Val::Str(text) => text.len(),
        Val::List(list) => list.items.iter().map(of).fold(0, usize::saturating_add),
        Val::Map(map) => {
            let items = map.items.iter();
            let lengths = items.map(|(key, cell)| of(cell).saturating_add(key.len()));
            lengths.fold(0, usize::saturating_add)
        }
        _ => 0,
    }
}

pub(super) fn join(items: &[Cell], separator: &str) -> String {
    let known = items
        .iter()
        .filter(|cell| !matches!(cell.value, Val::Unknown));
    known.map(print).collect::<Vec<_>>().join(separator)
}
