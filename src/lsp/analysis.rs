//! One state of everything a client has, checked: what is asked about it is answered from here.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use gen_lsp_types::{Location, Range};

use super::documents::Document;
use super::settings::{Client, Settings};
use super::text::{self, Lines};
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

impl Snapshot {
    /// Whether the client has and wants the same.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.documents == other.documents
            && self.folders == other.folders
            && self.settings == other.settings
    }
}

/// One state, checked.
#[derive(Debug)]
pub(super) struct Analysis {
    /// Once it is set nobody waits for the answer to the question at hand.
    pub(super) asked: Arc<AtomicBool>,
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
    /// The files that were read, by their address.
    files: OnceCell<HashMap<String, FileId>>,
    /// What leads to what; made by whoever first asks for it.
    pub(super) links: OnceCell<Vec<Link>>,
    /// Modules of settings by their names; likewise.
    pub(super) settings: OnceCell<Vec<String>>,
}

/// A place, and where it leads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Link {
    pub(super) from: Span,
    pub(super) to: Goal,
}

/// Where something leads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Goal {
    Place(Span),
    File(PathBuf),
}

impl Project {
    pub(super) fn new(
        root: PathBuf,
        workspace: Workspace,
        request: Request,
        checked: Checked,
    ) -> Self {
        Self {
            root,
            workspace,
            request,
            checked,
            files: OnceCell::new(),
            links: OnceCell::new(),
            settings: OnceCell::new(),
        }
    }

    /// The file of an address.
    fn file(&self, uri: &str, names: &Names) -> Option<FileId> {
        let files = self.files.get_or_init(|| {
            let mut files = HashMap::new();
            let sources = &self.checked.sources;
            for id in sources.ids() {
                if let Some(path) = &sources.get(id).path {
                    files.entry(names.uri(path)).or_insert(id);
                }
            }
            files
        });
        files.get(uri).copied()
    }
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
        let projects = self.projects.iter();
        projects.filter_map(move |project| Some((project, project.file(uri, &self.names)?)))
    }

    /// What a check for a question asks for: it ends when nobody waits for the answer.
    pub(super) fn request(&self, project: &Project) -> Request {
        Request {
            stop: Some(Arc::clone(&self.asked)),
            ..project.request.clone()
        }
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
        let hidden = text::hidden(&file.text, is_open);
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
