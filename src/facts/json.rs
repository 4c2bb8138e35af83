//! The facts as JSON, for authors of rules: what `seatrial facts` prints.
//!
//! Walks the same tables as the rules do. Unknown is `{"unknown": true}`; it also stands at the end of
//! a list, and under `"..."` in a map, that may hold more. Absent is `null`. A fact that belongs
//! elsewhere is its text.

use serde_json::{Map, Value, json};

use crate::facts::Facts;
use crate::facts::SCHEMA;
use crate::facts::table::{Cell, NodeRef, Type, Val, Visit};
use crate::source::Sources;
use crate::span::Span;

impl Facts {
    /// Everything rules can ask of this Dockerfile.
    #[must_use]
    pub fn to_json(&self, sources: &Sources) -> Value {
        let mut out = Map::new();
        out.insert("dockerfile".to_owned(), json!(self.0.text.name));
        for kind in SCHEMA.kinds {
            let Some(key) = SCHEMA.key(kind) else {
                continue;
            };
            let mut items = Vec::new();
            self.visit(kind, &mut |selected| {
                items.push(fact(&selected.node, sources))
            });
            out.insert(key.to_owned(), Value::Array(items));
        }
        Value::Object(out)
    }
}

fn fact(node: &NodeRef, sources: &Sources) -> Value {
    let mut out = Map::new();
    if let Some(span) = node.span() {
        out.insert("at".to_owned(), json!(place(span, sources)));
    }
    for (index, field) in node.table().fields.iter().enumerate() {
        let cell = node.field(index);
        out.insert(field.name.to_owned(), value(&cell, &field.ty, sources));
    }
    Value::Object(out)
}

fn value(cell: &Cell, ty: &Type, sources: &Sources) -> Value {
    match &cell.value {
        Val::Unknown => unknown(),
        Val::Absent => Value::Null,
        Val::Bool(value) => json!(value),
        Val::Int(value) => json!(value),
        Val::Str(value) => json!(&**value),
        Val::Fact(node) => match ty {
            Type::Link(_) => json!(node.text()),
            _ => fact(node, sources),
        },
        Val::List(list) => {
            let item = match ty {
                Type::List(item) => *item,
                _ => ty,
            };
            let mut items: Vec<Value> = list
                .items
                .iter()
                .map(|cell| value(cell, item, sources))
                .collect();
            if !list.is_closed {
                items.push(unknown());
            }
            Value::Array(items)
        }
        Val::Map(map) => {
            let item = match ty {
                Type::Map(item) => *item,
                _ => ty,
            };
            let mut out = Map::new();
            for (key, cell) in map.items.iter() {
                out.insert(key.to_string(), value(cell, item, sources));
            }
            if !map.is_closed {
                out.insert("...".to_owned(), unknown());
            }
            Value::Object(out)
        }
    }
}

fn unknown() -> Value {
    json!({ "unknown": true })
}

fn place(span: Span, sources: &Sources) -> String {
    let file = sources.get(span.file);
    let start = file.position(span.start);
    format!("{}:{}:{}", file.name, start.line, start.column)
}
