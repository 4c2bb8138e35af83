//! A server with what it was told, whichever it is.

use crate::knowledge::servers::Server as Product;
use crate::server::bind::Bind;
use crate::server::setting::Setting;
use crate::server::uwsgi::{ConfigFile, UwsgiConfig};
use crate::shell::ast::Arg;
use crate::span::{Span, Traced};

/// A process that is a server.
#[derive(Debug, Clone)]
pub(crate) struct Process {
    pub product: &'static Product,
    /// The words that name it: `gunicorn`, `-m gunicorn`, `manage.py runserver`.
    pub span: Span,
    /// What it is given.
    pub args: Vec<Arg>,
}

/// A server with its effective configuration.
#[derive(Debug, Clone)]
pub struct Server {
    pub product: &'static Product,
    /// The words of the command that name it.
    pub span: Span,
    /// What it serves; `None` when nothing was said or it is not known (see `is_open`).
    pub app: Option<Target>,
    /// Where it listens; a single default one when nothing was said.
    pub binds: Vec<Bind>,
    /// `binds` are all there are.
    pub binds_are_known: bool,
    /// Processes, as written.
    pub workers: Setting,
    /// For each worker, as written.
    pub threads: Setting,
    /// Options that are for development only, and are on.
    pub dev_flags: Vec<DevFlag>,
    /// Where it changes to before it loads the application.
    pub chdir: Setting,
    pub user: Setting,
    pub group: Setting,
    /// It leaves the foreground; the value may name a log file.
    pub background: Setting,
    /// The class of workers (`gthread`, `uvicorn.workers.UvicornWorker`), the interface of granian.
    pub worker_class: Setting,
    /// Every other option that was given, by its long name without dashes, in order of strength,
    /// weakest first.
    pub settings: Vec<(String, Setting)>,
    /// Configuration files it reads.
    pub files: Vec<ConfigFile>,
    /// There may be options that are not known.
    pub is_open: bool,
    /// All of uWSGI's options; `None` for other servers.
    pub uwsgi: Option<UwsgiConfig>,
}

impl Server {
    /// A server nothing is known of yet.
    pub(crate) fn new(product: &'static Product, span: Span) -> Self {
        Self {
            product,
            span,
            app: None,
            binds: Vec::new(),
            binds_are_known: true,
            workers: Setting::Absent,
            threads: Setting::Absent,
            dev_flags: Vec::new(),
            chdir: Setting::Absent,
            user: Setting::Absent,
            group: Setting::Absent,
            background: Setting::Absent,
            worker_class: Setting::Absent,
            settings: Vec::new(),
            files: Vec::new(),
            is_open: false,
            uwsgi: None,
        }
    }

    /// Another option, by its long name.
    #[must_use]
    pub fn setting(&self, name: &str) -> Setting {
        let found = self.settings.iter().rev().find(|(other, _)| other == name);
        match found {
            Some((_, setting)) => setting.clone(),
            None if self.is_open => Setting::Unknown(None),
            None => Setting::Absent,
        }
    }
}

/// What a server was told to serve.
#[derive(Debug, Clone)]
pub struct Target {
    pub kind: TargetKind,
    /// `proj.wsgi`, or the path of a file.
    pub module: Traced,
    /// What follows the colon; `None`: the server's default (`application` mostly).
    pub attribute: Option<Traced>,
    pub span: Span,
}

/// How a target names the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetKind {
    /// `package.module[:attribute]`
    Module,
    /// A Python file.
    File,
}

/// An option that is for development.
#[derive(Debug, Clone)]
pub struct DevFlag {
    /// As people know it: `reload`, `py-autoreload`, `debug`.
    pub name: String,
    pub span: Span,
}

/// `module:attribute`
pub(crate) fn module_target(text: &Traced, span: Span) -> Target {
    let raw = text.as_str();
    let (module, attribute) = match raw.find(':') {
        Some(at) => (text.slice(0..at), Some(text.slice(at + 1..raw.len()))),
        None => (text.clone(), None),
    };
    Target {
        kind: TargetKind::Module,
        module,
        attribute: attribute.filter(|attribute| !attribute.is_empty()),
        span,
    }
}
