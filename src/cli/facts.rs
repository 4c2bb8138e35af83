//! `seatrial facts`: what rules can ask, as JSON.
//!
//! Absent is `null`. Unknown is `{"unknown": true}`. A list or map of which more may exist than was
//! seen is `{"open": ...}`.

use std::path::Path;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::args::{BuildArgs, RulesArgs};
use super::{check, output};
use crate::check::facts;
use crate::facts::table::{Cell, Kind, Node, Selected, Type, Val, Visit};
use crate::facts::{Facts, KINDS};
use crate::policy::Status;
use crate::source::Sources;

pub(super) fn run(path: &Path, build: &BuildArgs, rules: &RulesArgs) -> anyhow::Result<Status> {
    let mut request = check::request(build, rules)?;
    request.paths.push(path.to_owned());
    let sources = Sources::new();
    let (files, problems) = facts(&sources, &request);
    let files: Vec<File<'_>> = files
        .iter()
        .map(|(file, facts)| File {
            name: sources.get(*file).name.clone(),
            facts,
        })
        .collect();
    output::to_stdout(|out| {
        serde_json::to_writer_pretty(&mut *out, &files)?;
        out.write_all(b"\n")
    })?;
    for problem in &problems {
        output::complain(&format!("{}: {}", problem.file, problem.message));
    }
    Ok(if problems.is_empty() {
        Status::Clean
    } else {
        Status::Failed
    })
}

struct File<'a> {
    name: String,
    facts: &'a Facts,
}

impl Serialize for File<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("file", &self.name)?;
        for kind in KINDS {
            let mut selected = Vec::new();
            self.facts.visit(kind, &mut |one| selected.push(one));
            map.serialize_entry(kind.name, &Visited { kind, selected })?;
        }
        map.end()
    }
}

struct Visited<'a> {
    kind: &'a Kind,
    selected: Vec<Selected>,
}

impl Serialize for Visited<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.selected.len()))?;
        for one in &self.selected {
            debug_assert_eq!(one.node.table().name, self.kind.table.name);
            list.serialize_element(&Fields(&*one.node))?;
        }
        list.end()
    }
}

/// A fact with all its fields.
struct Fields<'a>(&'a dyn Node);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let table = self.0.table();
        let mut map = serializer.serialize_map(Some(table.fields.len()))?;
        for (index, field) in table.fields.iter().enumerate() {
            let cell = self.0.field(index);
            let ty = field.ty;
            map.serialize_entry(field.name, &Typed { cell: &cell, ty })?;
        }
        map.end()
    }
}

struct Typed<'a> {
    cell: &'a Cell,
    ty: Type,
}

impl Serialize for Typed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let inner = match self.ty {
            Type::List(inner) | Type::Map(inner) => *inner,
            other => other,
        };
        match &self.cell.value {
            Val::Unknown => Marked("unknown", &true).serialize(serializer),
            Val::Absent => serializer.serialize_none(),
            Val::Bool(value) => serializer.serialize_bool(*value),
            Val::Int(value) => serializer.serialize_i64(*value),
            Val::Str(text) => serializer.serialize_str(text),
            Val::List(list) => {
                let items: Vec<Typed<'_>> = list
                    .items
                    .iter()
                    .map(|cell| Typed { cell, ty: inner })
                    .collect();
                if list.is_closed {
                    items.serialize(serializer)
                } else {
                    Marked("open", &items).serialize(serializer)
                }
            }
            Val::Map(map) => {
                let items = Items(
                    map.items
                        .iter()
                        .map(|(key, cell)| (&**key, Typed { cell, ty: inner }))
                        .collect(),
                );
                if map.is_closed {
                    items.serialize(serializer)
                } else {
                    Marked("open", &items).serialize(serializer)
                }
            }
            // A fact that belongs elsewhere is printed there.
            Val::Fact(node) if matches!(self.ty, Type::Link(_)) => {
                serializer.serialize_str(&node.text())
            }
            Val::Fact(node) => Fields(&**node).serialize(serializer),
        }
    }
}

struct Items<'a>(Vec<(&'a str, Typed<'a>)>);

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

struct Marked<'a, T>(&'static str, &'a T);

impl<T: Serialize> Serialize for Marked<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.0, self.1)?;
        map.end()
    }
}
