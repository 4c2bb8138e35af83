//! Putting one service or file over another, by compose's rules, on the tree: every node keeps the
//! place it was written at.

use super::text::part;
use super::yaml::{Entry, Node, Tag, Value, nothing};

/// Keys of a service whose value replaces the other whole.
const REPLACED: [&str; 3] = ["command", "entrypoint", "test"];
/// Keys that are a list of `KEY=value` or a mapping.
const KEYED: [&str; 8] = [
    "environment",
    "args",
    "labels",
    "annotations",
    "sysctls",
    "extra_hosts",
    "depends_on",
    "networks",
];
/// Keys that are one value or a list of them.
const LISTED: [&str; 5] = ["env_file", "dns", "dns_search", "tmpfs", "label_file"];

/// Entries of one mapping or list that are looked at.
const MAX_ITEMS: usize = 1000;

/// `over` put over `base`, both the value of `key`.
#[must_use]
pub(crate) fn merge(key: &str, base: &Node, over: &Node) -> Node {
    if over.tag == Some(Tag::Override) || REPLACED.contains(&key) {
        return over.clone();
    }
    if key == "build" {
        return merge_mappings(&as_build(base), &as_build(over));
    }
    if KEYED.contains(&key) {
        return merge_mappings(&as_mapping(base), &as_mapping(over));
    }
    if LISTED.contains(&key) {
        return append(key, &as_list(base), &as_list(over));
    }
    match (base.value.as_ref(), over.value.as_ref()) {
        (Value::Mapping(_), Value::Mapping(_)) => merge_mappings(base, over),
        (Value::Sequence(_), Value::Sequence(_)) => append(key, base, over),
        _ => over.clone(),
    }
}

fn merge_mappings(base: &Node, over: &Node) -> Node {
    let mut entries: Vec<Entry> = base.entries().iter().take(MAX_ITEMS).cloned().collect();
    for entry in over.entries().iter().take(MAX_ITEMS) {
        let key = entry.key.as_str();
        let at = entries.iter().position(|old| old.key.as_str() == key);
        match (at, entry.value.tag) {
            (Some(at), Some(Tag::Reset)) => {
                entries.remove(at);
            }
            (None, Some(Tag::Reset)) => {}
            (Some(at), _) => {
                let value = merge(key, &entries[at].value, &entry.value);
                entries[at] = Entry {
                    value,
                    ..entry.clone()
                };
            }
            (None, _) => entries.push(entry.clone()),
        }
    }
    Node::new(Value::Mapping(entries), over.span)
}

fn append(key: &str, base: &Node, over: &Node) -> Node {
    let mut items: Vec<Node> = base.items().iter().take(MAX_ITEMS).cloned().collect();
    for item in over.items().iter().take(MAX_ITEMS) {
        let name = identity(key, item);
        items.retain(|old| name.is_none() || identity(key, old) != name);
        items.push(item.clone());
    }
    Node::new(Value::Sequence(items), over.span)
}

/// What makes an item of a list the same as another: the target of a volume, the text of a scalar.
fn identity(key: &str, item: &Node) -> Option<String> {
    if key == "volumes" {
        return match item.scalar() {
            Some(scalar) => {
                let mut parts = scalar.as_str().split(':');
                let first = parts.next()?;
                Some(
                    parts
                        .next()
                        .unwrap_or(first)
                        .trim_end_matches('/')
                        .to_owned(),
                )
            }
            None => Some(
                item.get("target")?
                    .scalar()?
                    .as_str()
                    .trim_end_matches('/')
                    .to_owned(),
            ),
        };
    }
    Some(item.scalar()?.as_str().to_owned())
}

fn as_list(node: &Node) -> Node {
    match node.value.as_ref() {
        Value::Scalar(scalar) if !scalar.is_null() => {
            Node::new(Value::Sequence(vec![node.clone()]), node.span)
        }
        _ => node.clone(),
    }
}

/// A list of `KEY=value` (or names) as the mapping it stands for.
pub(crate) fn as_mapping(node: &Node) -> Node {
    let Value::Sequence(items) = node.value.as_ref() else {
        return node.clone();
    };
    let mut entries: Vec<Entry> = Vec::new();
    for scalar in items.iter().take(MAX_ITEMS).filter_map(Node::scalar) {
        let text = scalar.as_str();
        let equals = text.find('=');
        let key = part(scalar, 0..equals.unwrap_or(text.len()));
        let value = match equals {
            Some(at) => {
                let value = part(scalar, at + 1..text.len());
                Node::new(Value::Scalar(value.clone()), value.span)
            }
            None => nothing(crate::span::Span::point(scalar.span.file, scalar.span.end)),
        };
        entries.retain(|old| old.key.as_str() != key.as_str());
        entries.push(Entry { key, value });
    }
    Node::new(Value::Mapping(entries), node.span)
}

fn as_build(node: &Node) -> Node {
    let Value::Scalar(scalar) = node.value.as_ref() else {
        return node.clone();
    };
    if scalar.is_null() {
        return Node::new(Value::Mapping(Vec::new()), node.span);
    }
    let mut key = part(scalar, 0..0);
    key.text = crate::span::Traced::new("context", scalar.span);
    let entry = Entry {
        key,
        value: node.clone(),
    };
    Node::new(Value::Mapping(vec![entry]), node.span)
}

/// The service `over` put over the one it extends: what `extends` says is taken out.
#[must_use]
pub(crate) fn extend(base: &Node, over: &Node) -> Node {
    let without = |node: &Node| {
        let entries = node
            .entries()
            .iter()
            .filter(|entry| entry.key.as_str() != "extends");
        Node::new(Value::Mapping(entries.cloned().collect()), node.span)
    };
    merge_mappings(&without(base), &without(over))
}
