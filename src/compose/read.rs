//! From the tree of a compose file to services: short and long forms, lists and mappings.

use std::sync::Arc;

use super::merge::as_mapping;
use super::model::Pair;
use super::text::{Dialect, Lookup, Text, part};
use super::yaml::{Entry, Node, REFUSED_DOLLAR, Scalar, YamlError};
use crate::source::join;
use crate::source::normalize;
use crate::span::{FileId, Span};

/// Items of one list that are read.
pub(crate) const MAX_ITEMS: usize = 1000;

/// Reads nodes with the variables and directories of their files.
pub(crate) struct Reader<'a> {
    pub(crate) lookup: &'a Lookup<'a>,
    /// The directory of a compose file, below the root: relative paths start there.
    pub(crate) directory: &'a dyn Fn(FileId) -> String,
    /// The lines of an env file, by its path below the root.
    pub(crate) env_file: &'a dyn Fn(&str) -> Option<Arc<[Pair]>>,
    pub(crate) errors: Vec<YamlError>,
}

impl Reader<'_> {
    pub(crate) fn fail(&mut self, span: Span, message: impl Into<String>) {
        if self.errors.len() < 100 {
            self.errors.push(YamlError::new(span, message));
        }
    }

    pub(crate) fn limit(&mut self, span: Span, message: impl Into<String>) {
        if self.errors.len() < 100 {
            self.errors.push(YamlError::limit(span, message));
        }
    }

    pub(crate) fn scalar_text(&mut self, scalar: &Scalar) -> Text {
        let text = Text::new(scalar.clone(), Dialect::Compose, self.lookup);
        for span in &text.invalid {
            self.fail(*span, REFUSED_DOLLAR);
        }
        text
    }

    /// The scalar of a node; anything else is an error that names the key.
    pub(crate) fn text(&mut self, key: &str, node: &Node) -> Option<Text> {
        match node.scalar() {
            Some(scalar) => Some(self.scalar_text(scalar)),
            None => {
                self.fail(node.span, format!("`{key}` takes a single value here"));
                None
            }
        }
    }

    pub(crate) fn value(&mut self, node: &Node, key: &str) -> Option<Text> {
        let value = node.get(key).filter(|value| !value.is_null())?;
        self.text(key, value)
    }

    /// A list of scalars, or one of them alone.
    pub(crate) fn texts(&mut self, node: Option<&Node>) -> Vec<Text> {
        let Some(node) = node else {
            return Vec::new();
        };
        if let Some(scalar) = node.scalar() {
            return if scalar.is_null() {
                Vec::new()
            } else {
                vec![self.scalar_text(scalar)]
            };
        }
        let items = node.items().iter().take(MAX_ITEMS).filter_map(Node::scalar);
        items.map(|scalar| self.scalar_text(scalar)).collect()
    }

    /// `KEY=value` items or a mapping.
    pub(crate) fn pairs(&mut self, node: Option<&Node>) -> Vec<Pair> {
        let Some(node) = node else {
            return Vec::new();
        };
        if let Some(scalar) = node.scalar() {
            if !scalar.is_null() {
                self.fail(scalar.span, "a list or a mapping is expected here");
            }
            return Vec::new();
        }
        if node.is_sequence() {
            for item in node
                .items()
                .iter()
                .filter(|item| item.scalar().is_none())
                .take(10)
            {
                self.fail(
                    item.span,
                    "an item is `KEY=value` here, not a mapping or list",
                );
            }
        }
        let mapping = as_mapping(node);
        let entries = mapping.entries().iter().take(MAX_ITEMS);
        entries.filter_map(|entry| self.pair(entry)).collect()
    }

    fn pair(&mut self, entry: &Entry) -> Option<Pair> {
        let value = match entry.value.scalar() {
            Some(scalar) if scalar.is_null() => None,
            Some(scalar) => Some(self.scalar_text(scalar)),
            None => {
                let message = format!("`{}` takes a single value", entry.key.as_str());
                self.fail(entry.value.span, message);
                return None;
            }
        };
        let key = part(&entry.key, 0..entry.key.as_str().len()).text;
        Some(Pair { key, value })
    }

    /// A path as written in the file of `span`, below the root.
    pub(crate) fn path(&self, written: &str, span: Span) -> Option<String> {
        if written.starts_with(['/', '~']) || written.contains("://") {
            return None;
        }
        normalize(&join(&(self.directory)(span.file), written))
    }
}
