//! Ignore files of a build context, by moby's rules.
//!
//! Patterns are anchored at the context root, the last one that matches decides, a pattern that
//! matches a directory holds for everything below it, and `!` takes a path back in. This module
//! knows neither where ignore files lie nor what is copied.

use crate::maps::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::glob::Glob;
use crate::knowledge::names_below::name_below;
use crate::source::{clean, parent};
use crate::span::{FileId, Span, Traced};

/// Longer paths exist on no system docker runs on.
const MAX_PATH: usize = 4096;

/// A `.dockerignore`.
#[derive(Debug)]
pub struct Ignore {
    pub file: FileId,
    /// In file order; comments and blank lines left out.
    pub patterns: Vec<Pattern>,
    /// Patterns docker refuses: with one of them the build fails before it starts.
    pub errors: Vec<IgnoreError>,
    /// A comment speaks of `.gitignore`: the two files may have to say the same.
    pub speaks_of_git: bool,
    /// What each directory asked for matched, one flag a pattern.
    directories: Mutex<HashMap<String, Arc<[bool]>>>,
    /// See [`Ignore::top_only`].
    top_only: OnceLock<Vec<usize>>,
}

/// One line of an ignore file.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// As written, without the blanks around it: `!` and leading `/` kept.
    pub text: Traced,
    /// What docker matches with: `./a/`, `/a` and `a` are `a`.
    pub cleaned: String,
    /// `!pattern`: a path that matches is sent although an earlier pattern keeps it out.
    pub is_exception: bool,
    glob: Glob,
}

impl Pattern {
    #[must_use]
    pub fn span(&self) -> Span {
        self.text.span()
    }

    /// Whether the pattern matches this very path (not a directory above it).
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.glob.matches(path)
    }
}

/// A line docker refuses.
#[derive(Debug, Clone)]
pub struct IgnoreError {
    pub span: Span,
    pub message: String,
}

impl Ignore {
    /// Reads an ignore file. Never fails: bad patterns are left out and stand in `errors`.
    #[must_use]
    pub fn parse(file: FileId, text: &str) -> Self {
        let mut patterns = Vec::new();
        let mut errors = Vec::new();
        let mut speaks_of_git = false;
        let mut at = 0;
        for raw in text.split_inclusive('\n') {
            let start = at;
            at += raw.len();
            let line = raw.strip_suffix('\n').unwrap_or(raw);
            let line = line.strip_suffix('\r').unwrap_or(line);
            let unmarked = if start == 0 {
                line.strip_prefix('\u{feff}').unwrap_or(line)
            } else {
                line
            };
            if unmarked.starts_with('#') {
                speaks_of_git |= unmarked.contains(".gitignore");
                continue;
            }
            let written = unmarked.trim();
            if written.is_empty() {
                continue;
            }
            let lead = line.len() - unmarked.trim_start().len();
            let text = Traced::new(written, span(file, start + lead, written.len()));
            match compile(written) {
                Ok((cleaned, is_exception, glob)) => patterns.push(Pattern {
                    text,
                    cleaned,
                    is_exception,
                    glob,
                }),
                Err(message) => errors.push(IgnoreError {
                    span: text.span(),
                    message,
                }),
            }
        }
        Self {
            file,
            patterns,
            errors,
            speaks_of_git,
            directories: Mutex::default(),
            top_only: OnceLock::new(),
        }
    }

    /// The pattern that decides about `path` (relative to the context, `/` between components);
    /// `None` when none matches it or a directory above it. An exception as answer means the path
    /// is sent.
    #[must_use]
    pub fn matches(&self, path: &str) -> Option<&Pattern> {
        let path = clean(path);
        let path = path.trim_start_matches('/');
        if path.is_empty() || path == "." || path.len() > MAX_PATH {
            return None;
        }
        let above = self.directory(parent(path));
        let matched = self.step(path, above.as_deref());
        self.decider(&matched)
    }

    /// The pattern that keeps `path` out of the context; `None` when it is sent.
    #[must_use]
    pub fn excludes(&self, path: &str) -> Option<&Pattern> {
        self.matches(path).filter(|pattern| !pattern.is_exception)
    }

    /// Whether something below the directory may be sent although the directory itself is kept out.
    #[must_use]
    pub fn may_reinclude_below(&self, directory: &str) -> bool {
        let below = format!("{}/", clean(directory).trim_start_matches('/'));
        self.patterns.iter().any(|pattern| {
            pattern.is_exception
                && (pattern.cleaned.starts_with(&below)
                    || super::glob::has_wildcard(&pattern.cleaned))
        })
    }

    /// The patterns that are meant for every directory, like `__pycache__`, where no line keeps such files out below
    /// the top directory; by their places in `patterns`.
    #[must_use]
    pub fn top_only(&self) -> &[usize] {
        self.top_only.get_or_init(|| {
            let mut covered: HashMap<&str, bool> = HashMap::default();
            let patterns = self.patterns.iter().enumerate();
            let bare = patterns.filter(|(_, pattern)| {
                let row = name_below(&pattern.cleaned).filter(|_| !pattern.is_exception);
                row.is_some_and(|row| {
                    let is_out = || {
                        let below = format!("some/where/{}", row.sample);
                        self.excludes(&below).is_some()
                    };
                    !*covered.entry(row.name).or_insert_with(is_out)
                })
            });
            bare.map(|(i, _)| i).collect()
        })
    }

    /// What matched a directory; `None` for the context root, which no pattern is asked about.
    fn directory(&self, path: &str) -> Option<Arc<[bool]>> {
        if path.is_empty() {
            return None;
        }
        let known = self.lock().get(path).cloned();
        if known.is_some() {
            return known;
        }
        let mut above: Option<Arc<[bool]>> = None;
        let ends = path.match_indices('/').map(|(at, _)| at);
        for end in ends.chain([path.len()]) {
            let matched: Arc<[bool]> = self.step(&path[..end], above.as_deref()).into();
            above = Some(matched);
        }
        let matched = above?;
        self.lock().insert(path.to_owned(), Arc::clone(&matched));
        Some(matched)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<[bool]>>> {
        self.directories
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// What matches `path` when the directory above it matched `above`. A pattern that could not
    /// change the verdict is not asked, as in docker.
    fn step(&self, path: &str, above: Option<&[bool]>) -> Vec<bool> {
        let mut is_out = false;
        let mut matched = vec![false; self.patterns.len()];
        for (i, pattern) in self.patterns.iter().enumerate() {
            let inherited = above.is_some_and(|above| above[i]);
            let hit = inherited || (pattern.is_exception == is_out && pattern.glob.matches(path));
            matched[i] = hit;
            if hit {
                is_out = !pattern.is_exception;
            }
        }
        matched
    }

    fn decider(&self, matched: &[bool]) -> Option<&Pattern> {
        let last = matched.iter().rposition(|hit| *hit)?;
        self.patterns.get(last)
    }
}

/// A single line, blanks around it removed: cleaned pattern, exception or not, matcher.
fn compile(written: &str) -> Result<(String, bool, Glob), String> {
    let (is_exception, body) = match written.strip_prefix('!') {
        Some(rest) => (true, rest.trim()),
        None => (false, written),
    };
    if body.is_empty() {
        return Err("`!` needs a pattern after it".to_owned());
    }
    let mut cleaned = clean(body);
    if cleaned.len() > 1 && cleaned.starts_with('/') {
        cleaned.remove(0);
    }
    let glob = Glob::moby(&cleaned)
        .ok_or_else(|| format!("`{written}` is not a valid pattern: Docker refuses to build"))?;
    Ok((cleaned, is_exception, glob))
}

fn span(file: FileId, start: usize, len: usize) -> Span {
    let at = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    Span::new(file, at(start), at(start + len))
}
