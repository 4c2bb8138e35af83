//! What a COPY of whole directories takes along that has no place in an image: version history,
//! secrets, virtual environments, databases. Looked for in the copied directory itself, never below.

use crate::context::join;
use crate::facts::model::{CopyFrom, Project};
use crate::knowledge::secret;
use crate::source::{Entry, Sources};
use crate::span::{FileId, Span};

/// Something of the build context that is copied into an image.
#[derive(Debug)]
pub struct UnwantedFact {
    pub copy: usize,
    /// The source that takes it along.
    pub source: Span,
    /// Path in the context.
    pub path: String,
    pub category: Category,
    /// For secrets: the variable, where it is written.
    pub secret: Option<(String, Span)>,
}

/// What is unwanted about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// `.git` at the top of the context.
    History,
    /// A file of variables with a secret, a private key.
    Secret,
    Virtualenv,
    Database,
    NodeModules,
    Caches,
}

impl Category {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::History => "history",
            Self::Secret => "secret",
            Self::Virtualenv => "virtualenv",
            Self::Database => "database",
            Self::NodeModules => "node-modules",
            Self::Caches => "cache",
        }
    }
}

/// Looks through the directories that are copied from the context.
pub(crate) fn collect(p: &Project, sources: &Sources) -> Vec<UnwantedFact> {
    let mut out = Vec::new();
    for (index, copy) in p.copies.iter().enumerate() {
        if copy.from != CopyFrom::Context || copy.has_parents || !copy.excludes.is_empty() {
            continue;
        }
        for (span, text) in &copy.sources {
            let Some(text) = text else { continue };
            let path = text.as_str();
            if path.contains(['*', '?', '[']) || path.contains("://") || path.starts_with("<<") {
                continue;
            }
            let Some(directory) = crate::source::normalize(path.trim_matches('/')) else {
                continue;
            };
            directory_of(p, sources, index, *span, &directory, &mut out);
        }
    }
    out
}

fn directory_of(
    p: &Project,
    sources: &Sources,
    copy: usize,
    source: Span,
    directory: &str,
    out: &mut Vec<UnwantedFact>,
) {
    let context = &p.around.context;
    let shown = if directory.is_empty() { "." } else { directory };
    if context.entry(shown) != Entry::Directory {
        return;
    }
    let Some(names) = context.list(directory) else {
        return;
    };
    for name in names.iter() {
        let path = join(directory, name);
        let Some(category) = category(p, &path, name) else {
            continue;
        };
        let is_directory = context.entry(&path) == Entry::Directory;
        if context.ignored_by(&path).is_some() {
            continue;
        }
        // Everything in the directory may be kept out one level down.
        if is_directory && is_emptied(p, &path) {
            continue;
        }
        let mut secret = None;
        if category == Category::Secret {
            let Ok(file) = context.read(sources, &path) else {
                continue;
            };
            secret = secret_in(file, &sources.get(file).text);
            if secret.is_none() {
                continue;
            }
        }
        out.push(UnwantedFact {
            copy,
            source,
            path,
            category,
            secret,
        });
    }
}

/// The ignore file keeps out what lies in the directory, if not the directory itself.
fn is_emptied(p: &Project, directory: &str) -> bool {
    let context = &p.around.context;
    match context.list(directory) {
        Some(names) => names
            .iter()
            .all(|name| context.ignored_by(&join(directory, name)).is_some()),
        None => true,
    }
}

fn category(p: &Project, path: &str, name: &str) -> Option<Category> {
    let context = &p.around.context;
    let is_directory = || context.entry(path) == Entry::Directory;
    let is_file = || matches!(context.entry(path), Entry::File { .. });
    let lower = name.to_ascii_lowercase();
    match lower.as_str() {
        // A repository below is a submodule, whose history lies elsewhere.
        ".git" => {
            (path == name && context.is_settled() && is_directory()).then_some(Category::History)
        }
        "node_modules" => is_directory().then_some(Category::NodeModules),
        ".tox" | ".nox" | ".mypy_cache" | ".pytest_cache" | ".ruff_cache" => {
            is_directory().then_some(Category::Caches)
        }
        "id_rsa" | "id_ed25519" | "id_ecdsa" => is_file().then_some(Category::Secret),
        _ if lower == ".env" || lower.starts_with(".env.") || lower.ends_with(".env") => {
            let is_example = [
                "example", "sample", "template", "dist", "tmpl", "default", "test", "ci",
            ]
            .iter()
            .any(|word| lower.contains(word));
            (!is_example && is_file()).then_some(Category::Secret)
        }
        _ if lower.ends_with(".pem") || lower.ends_with(".key") => {
            is_file().then_some(Category::Secret)
        }
        _ if [".sqlite3", ".sqlite", ".db"]
            .iter()
            .any(|end| lower.ends_with(end)) =>
        {
            is_file().then_some(Category::Database)
        }
        _ if is_directory() => {
            let config = join(path, "pyvenv.cfg");
            matches!(context.entry(&config), Entry::File { .. }).then_some(Category::Virtualenv)
        }
        _ => None,
    }
}

/// The first secret of a file of variables, or the head of a private key.
fn secret_in(file: FileId, text: &str) -> Option<(String, Span)> {
    let mut at = 0;
    for raw in text.split_inclusive('\n') {
        let start = at;
        at += raw.len();
        let line = raw.trim_end();
        let span = |from: usize, to: usize| {
            let offset = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
            Span::new(file, offset(start + from), offset(start + to))
        };
        if line.starts_with("-----BEGIN") && line.contains("PRIVATE KEY") {
            return Some(("a private key".to_owned(), span(0, line.len())));
        }
        let body = line.trim_start();
        let body = body.strip_prefix("export ").unwrap_or(body);
        let Some((name, value)) = body.split_once('=') else {
            continue;
        };
        let name = name.trim();
        let value = value.split(" #").next().unwrap_or(value);
        let value = value.trim().trim_matches(['"', '\'']);
        let verdict = secret::judge_in(name, Some(value), text, start, true);
        let is_secret = matches!(verdict, secret::Verdict::Secret(_));
        if !name.starts_with('#') && !value.is_empty() && is_secret {
            let from = line.len() - body.len();
            return Some((name.to_owned(), span(from, from + name.len())));
        }
    }
    None
}
