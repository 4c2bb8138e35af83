//! `schemas/facts.json` describes what `seatrial facts` prints. It is made from the tables that rules ask.

use crate::facts::SCHEMA;
use crate::facts::table::{Table, Type};
use serde_json::{Map, Value, json};

/// Nothing, or what is not known, in the place of a value.
fn or_nothing(known: &Value) -> Value {
    json!({ "anyOf": [known, { "type": "null" }, { "$ref": "#/$defs/unknown" }] })
}

/// What a field holds.
fn value(ty: Type) -> Value {
    match ty {
        Type::Bool => json!({ "$ref": "#/$defs/bool" }),
        Type::Int => json!({ "$ref": "#/$defs/int" }),
        Type::Str => json!({ "$ref": "#/$defs/string" }),
        Type::Link(_) => json!({ "$ref": "#/$defs/link" }),
        Type::Fact(table) => or_nothing(&json!({ "$ref": format!("#/$defs/{table}") })),
        Type::List(item) => or_nothing(&json!({ "type": "array", "items": value(*item) })),
        Type::Map(item) => {
            or_nothing(&json!({ "type": "object", "additionalProperties": value(*item) }))
        }
    }
}

fn table(table: &Table) -> Value {
    let mut properties = Map::new();
    let at =
        "Where it stands: `file:line:column`, both from 1. Absent where it is written nowhere.";
    properties.insert(
        "at".to_owned(),
        json!({ "type": "string", "description": at }),
    );
    for field in table.fields {
        let mut schema = value(field.ty);
        schema["description"] = json!(field.doc);
        properties.insert(field.name.to_owned(), schema);
    }
    let required: Vec<&str> = table.fields.iter().map(|field| field.name).collect();
    json!({
        "type": "object",
        "description": table.doc,
        "required": required,
        "properties": properties
    })
}

/// The JSON Schema of what `seatrial facts` prints.
pub(crate) fn schema() -> Value {
    let mut properties = Map::new();
    let name = "The Dockerfile, from the working directory.";
    properties.insert(
        "dockerfile".to_owned(),
        json!({ "type": "string", "description": name }),
    );
    for kind in SCHEMA.kinds {
        if let Some(key) = SCHEMA.key(kind) {
            let items = json!({ "$ref": format!("#/$defs/{}", kind.name) });
            properties.insert(key.to_owned(), json!({ "type": "array", "items": items }));
        }
    }
    let required: Vec<&String> = properties.keys().collect();
    let mut defs = Map::new();
    for each in SCHEMA.tables.iter().copied().flatten() {
        defs.insert(each.name.to_owned(), table(each));
    }
    for name in ["bool", "int", "string"] {
        let ty = match name {
            "bool" => "boolean",
            "int" => "integer",
            other => other,
        };
        defs.insert(name.to_owned(), or_nothing(&json!({ "type": ty })));
    }
    let mut link = or_nothing(&json!({ "type": "string" }));
    link["description"] = json!("A fact that belongs elsewhere, as text.");
    defs.insert("link".to_owned(), link);
    let unknown = "It is not known from the files. At the end of a list, and under `...` in a map: there may be more.";
    defs.insert(
        "unknown".to_owned(),
        json!({
            "type": "object",
            "description": unknown,
            "required": ["unknown"],
            "properties": { "unknown": { "const": true } }
        }),
    );
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What rules can ask",
        "description": "The list that `seatrial facts` prints: one object a Dockerfile.",
        "type": "array",
        "items": { "type": "object", "required": required, "properties": properties },
        "$defs": defs
    })
}
