//! The file system of an image as the effects that made it, in order.
//!
//! The facts fill an [`ImageFs`] from COPY, ADD, WORKDIR and the commands of RUN; questions are
//! answered from the last effect back (see `super::lookup`). Image paths are absolute and clean
//! ([`absolute`]). An effect nobody understood must be told as [`ImageFs::opaque`] or
//! [`ImageFs::unknown_all`]: what is not told is taken not to have happened.

use crate::source::absolute;
use std::sync::{Arc, OnceLock};

use super::glob::{Glob, has_wildcard};

use super::ignore::{Ignore, Pattern};
use super::places::Places;
use crate::span::{FileId, Span, Traced};

/// What an image holds before its first effect.
#[derive(Debug, Clone)]
pub(crate) enum Base {
    /// `scratch`.
    Empty,
    /// A plain distribution or language image: content only in the directories of the system.
    System,
    /// An image nothing is known of.
    Unknown,
    /// `FROM stage`.
    Stage(Arc<ImageFs>),
}

/// Everything that happened to the files of a stage.
#[derive(Debug, Clone)]
pub(crate) struct ImageFs {
    pub(crate) base: Base,
    pub(crate) effects: Vec<Effect>,
    /// Which of them concern a path; made when there are many and somebody asks.
    pub(super) places: OnceLock<Places>,
}

/// One effect and the place it was written at.
#[derive(Debug, Clone)]
pub(crate) struct Effect {
    pub(crate) kind: EffectKind,
    pub(crate) span: Span,
    /// It happens in every build; otherwise it is only a possibility.
    pub(crate) is_certain: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum EffectKind {
    Copy(CopyStep),
    Mkdir(String),
    /// `mv` and `cp`.
    Move {
        from: Target,
        to: String,
        /// `to` was written with a slash at its end: a directory.
        into: bool,
        keeps_source: bool,
    },
    Link {
        target: String,
        at: String,
    },
    Remove(Target),
    Chmod {
        target: Target,
        is_executable: Option<bool>,
        is_recursive: bool,
    },
    Chown {
        target: Target,
        owner: Option<String>,
        is_recursive: bool,
    },
    /// Something may have been made at or below the path.
    Opaque(String),
    /// The same by what leaves the modes of files alone that are there.
    Filled(String),
    UnknownAll,
}

/// A path that may hold wildcards.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) path: String,
    glob: Option<Glob>,
}

impl Target {
    fn new(path: &str) -> Self {
        let path = absolute("/", path);
        let glob = has_wildcard(&path).then(|| Glob::path(&path)).flatten();
        Self { path, glob }
    }

    /// The part of `path` below the target (empty for the target itself), and the target it is.
    pub(crate) fn rest<'a>(&self, path: &'a str) -> Option<(&'a str, &'a str)> {
        let Some(glob) = &self.glob else {
            return strip(path, &self.path).map(|rest| (&path[..path.len() - rest.len()], rest));
        };
        let ends = path.match_indices('/').map(|(at, _)| at).skip(1);
        ends.chain([path.len()])
            .find(|end| glob.matches(&path[..*end]))
            .map(|end| (&path[..end], path[end..].trim_start_matches('/')))
    }

    pub(crate) fn is_pattern(&self) -> bool {
        self.glob.is_some()
    }
}

/// COPY or ADD.
#[derive(Debug, Clone)]
pub(crate) struct CopyStep {
    pub sources: Vec<CopySource>,
    pub from: CopyFrom,
    /// As the instruction means it after WORKDIR: absolute. A trailing slash is kept: it makes the
    /// destination a directory.
    pub dest: String,
    /// `--chmod`: `None` without it, inner `None` when its value is not understood.
    pub chmod: Option<Option<bool>>,
    /// `--chown`: `None` without it, inner `None` when its value is not known.
    pub chown: Option<Option<String>>,
    /// `--parents`
    pub has_parents: bool,
    /// `--exclude`
    pub excludes: Vec<String>,
    /// ADD: local archives are unpacked.
    pub is_add: bool,
}

/// One source of a [`CopyStep`].
#[derive(Debug, Clone)]
pub(crate) enum CopySource {
    /// A path as written, perhaps with wildcards.
    Path(String),
    /// A heredoc: its name and its content.
    Inline(String, Arc<Traced>),
    /// An URL, a repository, a word that could not be resolved.
    Opaque,
}

/// Where the sources of a [`CopyStep`] lie.
#[derive(Debug, Clone)]
pub(crate) enum CopyFrom {
    Context,
    Stage(Arc<ImageFs>),
    /// Another image, a named context: nothing is known of it.
    External,
}

impl CopyStep {
    /// The destination without trailing slash.
    pub(crate) fn directory(&self) -> String {
        absolute("/", &self.dest)
    }

    /// The destination is a directory whatever is copied.
    pub(crate) fn is_into(&self) -> bool {
        self.dest.ends_with('/')
            || self.dest.ends_with("/.")
            || self.dest == "."
            || self.sources.len() > 1
    }

    /// Whether `--exclude` may leave out a path, seen from the copied directory or the context.
    pub(crate) fn may_exclude(&self, relative: &str, source: &str) -> bool {
        if self.excludes.is_empty() {
            return false;
        }
        let text = self.excludes.join("\n");
        let ignore = Ignore::parse(FileId(0), &text);
        let name = source.rsplit('/').next().unwrap_or(source);
        let out = |path: &str| {
            ignore
                .matches(path)
                .is_some_and(|p: &Pattern| !p.is_exception)
        };
        !ignore.errors.is_empty() || out(relative) || out(source) || out(name)
    }
}

impl ImageFs {
    #[must_use]
    pub(crate) fn new(base: Base) -> Self {
        Self {
            base,
            effects: Vec::new(),
            places: OnceLock::new(),
        }
    }

    fn push(&mut self, kind: EffectKind, span: Span, is_certain: bool) {
        self.places.take();
        self.effects.push(Effect {
            kind,
            span,
            is_certain,
        });
    }

    /// COPY or ADD.
    pub(crate) fn copy(&mut self, copy: CopyStep, span: Span) {
        self.push(EffectKind::Copy(copy), span, true);
    }

    /// WORKDIR, `mkdir -p`.
    pub(crate) fn mkdir(&mut self, path: &str, span: Span) {
        self.push(EffectKind::Mkdir(absolute("/", path)), span, true);
    }

    /// `mv from to`; `is_certain` is false in a branch or loop.
    pub(crate) fn rename(&mut self, from: &str, to: &str, span: Span, is_certain: bool) {
        self.transfer(from, to, span, is_certain, false);
    }

    /// `cp -r from to`; `is_certain` as above.
    pub(crate) fn duplicate(&mut self, from: &str, to: &str, span: Span, is_certain: bool) {
        self.transfer(from, to, span, is_certain, true);
    }

    fn transfer(&mut self, from: &str, to: &str, span: Span, is_certain: bool, keeps_source: bool) {
        let kind = EffectKind::Move {
            from: Target::new(from),
            to: absolute("/", to),
            into: to.ends_with('/') || to.ends_with("/.") || has_wildcard(from),
            keeps_source,
        };
        self.push(kind, span, is_certain);
    }

    /// `ln -s target at`, both absolute.
    pub(crate) fn link(&mut self, target: &str, at: &str, span: Span) {
        let kind = EffectKind::Link {
            target: absolute("/", target),
            at: absolute("/", at),
        };
        self.push(kind, span, true);
    }

    /// `rm -r path`; may hold wildcards.
    pub(crate) fn remove(&mut self, path: &str, span: Span, is_certain: bool) {
        self.push(EffectKind::Remove(Target::new(path)), span, is_certain);
    }

    /// `chmod`; the mode as written, `None` when it is not known. The path may hold wildcards.
    pub(crate) fn chmod(&mut self, path: &str, mode: Option<&str>, is_recursive: bool, span: Span) {
        let is_executable = match mode.map(executable_mode) {
            Some((None, true)) => return,
            Some((verdict, _)) => verdict,
            None => None,
        };
        let kind = EffectKind::Chmod {
            target: Target::new(path),
            is_executable,
            is_recursive,
        };
        self.push(kind, span, true);
    }

    /// `chown`; `None` is an owner that is not known. May hold wildcards.
    pub(crate) fn chown(
        &mut self,
        path: &str,
        owner: Option<String>,
        is_recursive: bool,
        span: Span,
    ) {
        let kind = EffectKind::Chown {
            target: Target::new(path),
            owner,
            is_recursive,
        };
        self.push(kind, span, true);
    }

    /// Something was generated, cloned, downloaded or unpacked at or below `path`. Files that were
    /// copied there before stay.
    pub(crate) fn opaque(&mut self, path: &str, span: Span) {
        self.push(EffectKind::Opaque(absolute("/", path)), span, true);
    }

    /// What was generated by the effects from `first` on left the modes of files alone that were there.
    pub(crate) fn leave_modes(&mut self, first: usize) {
        self.places.take();
        for effect in self.effects.iter_mut().skip(first) {
            if let EffectKind::Opaque(path) = &mut effect.kind {
                effect.kind = EffectKind::Filled(std::mem::take(path));
            }
        }
    }

    /// Something may have been made anywhere. Files that were copied before stay.
    pub(crate) fn unknown_all(&mut self, span: Span) {
        self.push(EffectKind::UnknownAll, span, true);
    }
}

/// What `chmod MODE` makes of the execute bits: `Some(true)` sets one, `Some(false)` clears all,
/// `None` leaves them or is not understood (then the second value is false).
#[must_use]
pub(crate) fn executable_mode(mode: &str) -> (Option<bool>, bool) {
    if !mode.is_empty() && mode.bytes().all(|b| b.is_ascii_digit()) {
        let bits = u32::from_str_radix(mode, 8).ok();
        return (bits.map(|bits| bits & 0o111 != 0), bits.is_some());
    }
    let mut verdict = None;
    for clause in mode.split(',') {
        let Some(at) = clause.find(['+', '-', '=']) else {
            return (None, false);
        };
        let (who, change) = clause.split_at(at);
        if !who.chars().all(|c| "ugoa".contains(c)) {
            return (None, false);
        }
        let has_x = change.contains('x');
        let is_all = who.is_empty() || who.contains('a') || who == "ugo";
        match change.as_bytes().first() {
            Some(b'+' | b'=') if has_x => verdict = Some(true),
            Some(b'=') if is_all && !change.contains('X') => verdict = Some(false),
            Some(b'-') if has_x && is_all => verdict = Some(false),
            _ if change.contains('X') => return (None, false),
            _ => {}
        }
    }
    (verdict, true)
}

/// The part of `path` below `directory` (empty for itself); `None` when it lies elsewhere.
pub(crate) fn strip<'a>(path: &'a str, directory: &str) -> Option<&'a str> {
    if directory == "/" {
        return path.strip_prefix('/');
    }
    let rest = path.strip_prefix(directory)?;
    if rest.is_empty() {
        Some(rest)
    } else {
        rest.strip_prefix('/')
    }
}
