//! Whose text a piece of work was given: what it came to holds as long as these texts are the same, and who is where.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::span::FileId;

/// Whose text a piece of work was given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// What was asked of [`Sources`](super::Sources).
    pub(crate) files: BTreeSet<FileId>,
    /// Texts of an overlay that were read past them: whoever remembers what came of it may have told others.
    pub(crate) texts: BTreeSet<PathBuf>,
    /// Texts of an overlay whose size was asked for.
    pub(crate) sizes: BTreeSet<PathBuf>,
}

/// What a question of this thread is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    /// A text, or that something is there.
    Text,
    Size,
    /// A text that [`Sources`](super::Sources) keeps.
    Kept,
}

thread_local! {
    static NOW: RefCell<Vec<Seen>> = const { RefCell::new(Vec::new()) };
    static ABOUT: Cell<About> = const { Cell::new(About::Text) };
}

/// Undoes something, also when what was done meanwhile fails.
struct Finally<F: FnMut()>(F);

impl<F: FnMut()> Drop for Finally<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Runs `work` on this thread.
pub(crate) fn during<T>(work: impl FnOnce() -> T) -> (T, Seen) {
    NOW.with_borrow_mut(|now| now.push(Seen::default()));
    let _pop = Finally(|| NOW.with_borrow_mut(|now| _ = now.pop()));
    let made = work();
    let seen = NOW.with_borrow_mut(|now| now.last_mut().map(std::mem::take));
    (made, seen.unwrap_or_default())
}

fn note(note: impl FnOnce(&mut Seen)) {
    NOW.with_borrow_mut(|now| {
        if let Some(seen) = now.last_mut() {
            note(seen);
        }
    });
}

fn about<T>(what: About, ask: impl FnOnce() -> T) -> T {
    let before = ABOUT.replace(what);
    let _back = Finally(|| ABOUT.set(before));
    ask()
}

/// Asks for a size.
pub(super) fn size<T>(ask: impl FnOnce() -> T) -> T {
    about(About::Size, ask)
}

/// Reads what [`file`] tells of.
pub(super) fn kept<T>(ask: impl FnOnce() -> T) -> T {
    about(About::Kept, ask)
}

/// The text of a file was asked for.
pub(super) fn file(id: FileId) {
    note(|seen| _ = seen.files.insert(id));
}

/// An overlay gave the text at a place.
pub(super) fn text(place: impl FnOnce() -> PathBuf) {
    if ABOUT.get() != About::Kept {
        note(|seen| _ = seen.texts.insert(place()));
    }
}

/// An overlay told the size of the text at a place.
pub(super) fn entry(place: impl FnOnce() -> PathBuf) {
    if ABOUT.get() == About::Size {
        note(|seen| _ = seen.sizes.insert(place()));
    }
}

impl Seen {
    /// Whether what came of it may be another thing once these files have another text.
    pub(crate) fn depends_on(&self, changed: &Changed) -> bool {
        let is_at = |place: &PathBuf| self.sizes.contains(place) || self.texts.contains(place);
        !self.files.is_disjoint(&changed.files) || changed.places.iter().any(is_at)
    }
}

/// What has another text now.
#[derive(Debug)]
pub(crate) struct Changed {
    pub(super) files: BTreeSet<FileId>,
    pub(super) places: Vec<PathBuf>,
}
