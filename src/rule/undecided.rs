//! What was not known, in words: the documentation of the field that a condition looked at.

use crate::facts::table::{Field, Schema, Type};

/// What is said of a path as rules write it: `image.server`.
pub(super) fn words(schema: &Schema, path: &str) -> String {
    let Some(field) = field(schema, path) else {
        return format!("`{path}` is unknown");
    };
    let doc = field.doc.split(';').next().unwrap_or_default().trim();
    match field.ty {
        Type::Bool => format!("it is unknown whether {doc} (`{path}`)"),
        _ => format!("unknown: {doc} (`{path}`)"),
    }
}

/// The field that the path ends at.
fn field(schema: &Schema, path: &str) -> Option<&'static Field> {
    let mut parts = path
        .split('.')
        .map(|part| part.split('[').next().unwrap_or(part));
    let first = parts.next()?;
    let kind = schema.kinds.iter().find(|kind| kind.name == first)?;
    let (mut table, mut found) = (Some(kind.table), None);
    for part in parts {
        let (_, field) = table?.field(part)?;
        table = field.ty.leads_to().and_then(|name| schema.table(name));
        found = Some(field);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::SCHEMA;

    #[test]
    fn fields_are_named_by_what_they_say() {
        assert_eq!(
            words(&SCHEMA, "image.server"),
            "unknown: the server that ENTRYPOINT and CMD start (`image.server`)"
        );
        let whether = words(&SCHEMA, "image.stage.base.is_scratch");
        assert!(whether.starts_with("it is unknown whether "), "{whether}");
        assert_eq!(words(&SCHEMA, "image"), "`image` is unknown");
        assert_eq!(
            words(&SCHEMA, "image.nothing"),
            "`image.nothing` is unknown"
        );
    }
}
