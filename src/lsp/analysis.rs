//! One state of everything a client has, checked: what is asked about it is answered from here.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use gen_lsp_types::{Location, Range};

use super::documents::Document;
use super::settings::{Client, Settings};
use super::text::Lines;
use super::uri;
use crate::check::{Checked, Request, Workspace};
use crate::source::{SourceFile, Sources};
use crate::span::{FileId, Span};

/// What is to be checked.
#[derive(Clone, Debug)]
pub(super) struct Snapshot {
    /// Counts the states.
    pub(super) epoch: u64,
    pub(super) documents: Vec<Document>,
    /// As the client writes them.
    pub(super) folders: Vec<PathBuf>,
    pub(super) settings: Arc<Settings>,
    pub(super) client: Client,
    /// The disk may have changed.
    pub(super) looks: bool,
    /// Once it is set nobody waits for the outcome.
    pub(super) stop: Arc<AtomicBool>,
}

/// One state, checked.
#[derive(Debug)]
pub(super) struct Analysis {
    pub(super) snapshot: Snapshot,
    pub(super) projects: Vec<Project>,
    pub(super) names: Names,
}

/// A directory that was checked.
#[derive(Debug)]
pub(super) struct Project {
    pub(super) root: PathBuf,
    pub(super) workspace: Workspace,
    pub(super) request: Request,
    pub(super) checked: Checked,
}

/// Paths as the client writes them.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Open texts by path, also by the one without links: their address.
    pub(super) open: HashMap<PathBuf, String>,
    /// Folders without links, and as the client has them.
    pub(super) folders: Vec<(PathBuf, PathBuf)>,
}

impl Names {
    pub(super) fn uri(&self, path: &Path) -> String {
        if let Some(uri) = self.open.get(path) {
            return uri.clone();
        }
        let given = self.folders.iter().find_map(|(real, given)| {
            let below = path.strip_prefix(real).ok()?;
            Some(given.join(below))
        });
        uri::of(given.as_deref().unwrap_or(path))
    }
}

impl Analysis {
    /// An open text by its address.
    pub(super) fn document(&self, uri: &str) -> Option<&Document> {
        let mut documents = self.snapshot.documents.iter();
        documents.find(|document| document.uri == uri)
    }

    /// The projects that read the file of that address, each with its id there.
    pub(super) fn files<'a>(
        &'a self,
        uri: &'a str,
    ) -> impl Iterator<Item = (&'a Project, FileId)> + 'a {
        self.projects.iter().filter_map(move |project| {
            let sources = &project.checked.sources;
            let is_it = |id: &FileId| {
                let file = sources.get(*id);
                let path = file.path.as_deref();
                path.is_some_and(|path| self.names.uri(path) == uri)
            };
            Some((project, sources.ids().find(is_it)?))
        })
    }

    /// The places of a project as the client counts them.
    pub(super) fn places<'a>(&'a self, project: &'a Project) -> Places<'a> {
        Places {
            analysis: self,
            sources: &project.checked.sources,
            pages: RefCell::default(),
        }
    }
}

/// Places of the files of a project, as the client counts them.
pub(super) struct Places<'a> {
    analysis: &'a Analysis,
    sources: &'a Sources,
    pages: RefCell<HashMap<FileId, Rc<Page>>>,
}

/// A file that places lie in.
struct Page {
    /// `None`: it is none that a client could open.
    uri: Option<String>,
    lines: Lines<Text>,
    /// Bytes that the client does not see: editors do not show a byte order mark.
    hidden: usize,
}

struct Text {
    file: Arc<SourceFile>,
    hidden: usize,
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self.file.text.get(self.hidden..).unwrap_or_default()
    }
}

impl Places<'_> {
    fn page(&self, id: FileId) -> Rc<Page> {
        if let Some(page) = self.pages.borrow().get(&id) {
            return Rc::clone(page);
        }
        let file = self.sources.get(id);
        let uri = file.path.as_deref();
        let uri = uri.map(|path| self.analysis.names.uri(path));
        let is_open = uri
            .as_deref()
            .is_some_and(|uri| self.analysis.document(uri).is_some());
        let mark = '\u{feff}';
        let hidden = match !is_open && file.text.starts_with(mark) {
            true => mark.len_utf8(),
            false => 0,
        };
        let page = Rc::new(Page {
            uri,
            lines: Lines::new(
                Text { file, hidden },
                self.analysis.snapshot.client.encoding,
            ),
            hidden,
        });
        self.pages.borrow_mut().insert(id, Rc::clone(&page));
        page
    }

    pub(super) fn range(&self, span: Span) -> Range {
        let page = self.page(span.file);
        let range = span.range();
        let shown = |at: usize| at.saturating_sub(page.hidden);
        page.lines.range(shown(range.start)..shown(range.end))
    }

    pub(super) fn uri(&self, file: FileId) -> Option<String> {
        self.page(file).uri.clone()
    }

    pub(super) fn location(&self, span: Span) -> Option<Location> {
        let uri = self.uri(span.file)?;
        Some(Location::new(uri.into(), self.range(span)))
    }

    /// The byte of a file at a place.
    pub(super) fn offset(&self, file: FileId, position: gen_lsp_types::Position) -> u32 {
        let page = self.page(file);
        let at = page.lines.offset(position) + page.hidden;
        u32::try_from(at).unwrap_or(u32::MAX)
    }
}
