//! The texts that are open in the editor, as they are there.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use gen_lsp_types::{
    DidChangeTextDocumentParams, DidOpenTextDocumentParams, LanguageKind,
    TextDocumentContentChangeEvent,
};

use super::text::{self, Encoding};
use super::uri;
use crate::check::names;

/// An open text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Document {
    /// As the client writes it.
    pub(super) uri: String,
    /// Absolute, through whichever links the client has it.
    pub(super) path: PathBuf,
    pub(super) version: i32,
    pub(super) text: Arc<String>,
    /// By what the client takes it for, or by its name.
    pub(super) is_dockerfile: bool,
}

/// The open texts, by their address.
#[derive(Debug, Default)]
pub(super) struct Documents {
    open: BTreeMap<String, Document>,
}

impl Documents {
    /// Whether it is one that matters: a file.
    pub(super) fn open(&mut self, params: DidOpenTextDocumentParams) -> bool {
        let item = params.text_document;
        let Some(path) = uri::to_path(&item.uri.0) else {
            return false;
        };
        let name = path.file_name().and_then(|name| name.to_str());
        let is_named =
            name.is_some_and(|name| names::shape(name) == Some(names::Shape::Dockerfile));
        let document = Document {
            uri: item.uri.0,
            path,
            version: item.version,
            text: Arc::new(item.text),
            is_dockerfile: is_named || item.language_id == LanguageKind::Dockerfile,
        };
        self.open.insert(document.uri.clone(), document);
        true
    }

    /// Whether a text that matters changed.
    pub(super) fn change(
        &mut self,
        params: DidChangeTextDocumentParams,
        encoding: Encoding,
    ) -> bool {
        let id = params.text_document;
        let uri = &id.text_document_identifier.uri.0;
        let Some(document) = self.open.get_mut(uri) else {
            return false;
        };
        document.version = id.version;
        let text = Arc::make_mut(&mut document.text);
        for change in params.content_changes {
            match change {
                TextDocumentContentChangeEvent::TextDocumentContentChangePartial(part) => {
                    text::replace(text, part.range, &part.text, encoding);
                }
                TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(whole) => {
                    *text = whole.text;
                }
            }
        }
        true
    }

    pub(super) fn close(&mut self, uri: &str) -> bool {
        self.open.remove(uri).is_some()
    }

    pub(super) fn get(&self, uri: &str) -> Option<&Document> {
        self.open.get(uri)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Document> {
        self.open.values()
    }
}
