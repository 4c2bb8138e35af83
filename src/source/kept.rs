//! What other files said, remembered beyond one check: an editor checks a project at each keystroke, and the disk
//! below it has hardly changed. Whoever keeps it says when to look again; then one question for each path that was
//! ever asked for tells what has changed.

use crate::maps::HashMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use super::files::{Files, Found, Kind, Names, Stamp};

/// As much of what files say is kept, in bytes; the rest is read each time.
const MOST_BYTES: usize = 128 * 1024 * 1024;

/// As many paths are known; what is typed may name any number.
const MOST_PLACES: usize = 200_000;

/// Other files, each asked once.
#[derive(Debug)]
pub struct Kept {
    below: Arc<dyn Files>,
    most_places: usize,
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    places: HashMap<OsString, Place>,
    bytes: usize,
    /// Stamps were forgotten: nobody can tell whether those places have changed.
    has_forgotten: bool,
}

/// What is known of a path.
#[derive(Debug, Default)]
struct Place {
    /// Taken before anything else was asked.
    stamp: Stamp,
    /// A later change shows in the stamp.
    is_settled: bool,
    /// Its names or its text were asked for.
    is_opened: bool,
    entry: Option<Answer<Found>>,
    target: Option<Answer<Found>>,
    canonical: Option<Answer<PathBuf>>,
    names: Option<Names>,
    text: Option<Text>,
}

#[derive(Debug)]
struct Text {
    bytes: Arc<[u8]>,
    is_whole: bool,
}

/// `Err`: nothing is there, in one of the ways in which nothing can be.
type Answer<T> = Result<T, io::ErrorKind>;

impl Kept {
    /// Nothing is known yet.
    #[must_use]
    pub fn new(below: Arc<dyn Files>) -> Self {
        Self {
            below,
            most_places: MOST_PLACES,
            known: RwLock::default(),
        }
    }

    /// Forgets what is not so any more; whether that was anything.
    pub fn look_again(&self) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let other = known.places.iter().filter_map(|(key, place)| {
            let path = Path::new(key);
            let stamp = self.below.stamp(path);
            if place.is_settled && stamp == place.stamp {
                return None;
            }
            let is_settled = self.below.has_settled(path);
            let is_same = self.says_the_same(path, place);
            Some((key.clone(), is_same.then_some((stamp, is_settled))))
        });
        let other: Vec<(OsString, Option<(Stamp, bool)>)> = other.collect();
        drop(known);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let mut changed = Vec::new();
        for (path, same) in other {
            match (same, known.places.get_mut(&path)) {
                (Some(state), Some(place)) => (place.stamp, place.is_settled) = state,
                _ => changed.push(path),
            }
        }
        if changed.is_empty() && !known.has_forgotten {
            return false;
        }
        known.has_forgotten = false;
        for path in changed {
            if let Some(Place {
                text: Some(text), ..
            }) = known.places.remove(&path)
            {
                known.bytes = known.bytes.saturating_sub(text.bytes.len());
            }
        }
        // A link anywhere above may lead elsewhere now.
        let places = known.places.values_mut();
        places.for_each(|place| place.canonical = None);
        true
    }

    /// Whether all that was asked of a place has the same answer: of a directory that nobody lists it makes no
    /// difference what comes and goes in it.
    fn says_the_same(&self, path: &Path, place: &Place) -> bool {
        let is_known = place.entry.is_some() || place.target.is_some() || place.canonical.is_some();
        is_known
            && !place.is_opened
            && is_still(place.entry.map(|one| one.map(sized)), || {
                self.below.entry(path).map(sized)
            })
            && is_still(place.target.map(|one| one.map(sized)), || {
                self.below.target(path).map(sized)
            })
            && is_still(place.canonical.clone(), || self.below.canonical(path))
    }

    fn recall<T>(&self, path: &Path, recall: impl Fn(&Place) -> Option<T>) -> Option<T> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.places.get(path.as_os_str()).and_then(recall)
    }

    /// What is known to be nowhere.
    fn missing(&self, path: &Path) -> io::Result<()> {
        let known = self.recall(path, |place| place.target?.err());
        known.map_or(Ok(()), |kind| Err(kind.into()))
    }

    /// Runs `ask`, and remembers what it gives with the state of the path before.
    fn ask<T>(
        &self,
        path: &Path,
        ask: impl FnOnce() -> io::Result<T>,
        keep: impl FnOnce(&mut Place, &mut usize, &io::Result<T>),
    ) -> io::Result<T> {
        let fresh = match self.recall(path, |_| Some(())) {
            Some(()) => None,
            None => Some((self.below.stamp(path), self.below.has_settled(path))),
        };
        let answer = ask();
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let Known {
            places,
            bytes,
            has_forgotten,
        } = &mut *known;
        let key: &OsStr = path.as_os_str();
        if !places.contains_key(key) {
            // Somebody forgot it meanwhile: what was asked may be of before that.
            let Some((stamp, is_settled)) = fresh else {
                return answer;
            };
            if places.len() >= self.most_places {
                places.clear();
                *bytes = 0;
                *has_forgotten = true;
            }
            let place = Place {
                stamp,
                is_settled,
                ..Place::default()
            };
            places.insert(key.to_owned(), place);
        }
        if let Some(place) = places.get_mut(key) {
            keep(place, bytes, &answer);
        }
        answer
    }
}

impl Place {
    /// Remembers that nothing is there, if that is what an answer says.
    fn miss<T>(&mut self, answer: &io::Result<T>) {
        if let (None, Err(error)) = (&self.target, answer)
            && is_absence(error)
        {
            self.target = Some(Err(error.kind()));
        }
    }
}

/// Whether a question has the answer that it had, if it was asked.
fn is_still<T: PartialEq>(before: Option<Answer<T>>, ask: impl FnOnce() -> io::Result<T>) -> bool {
    before.is_none_or(|before| ask().map_err(|error| error.kind()) == before)
}

/// The size of a directory says nothing.
fn sized(found: Found) -> Found {
    match found.kind {
        Kind::Directory => Found { size: 0, ..found },
        _ => found,
    }
}

fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// What can be remembered: something, or that nothing is there. Other errors may pass.
fn kept<T: Clone>(answer: &io::Result<T>) -> Option<Answer<T>> {
    match answer {
        Ok(found) => Some(Ok(found.clone())),
        Err(error) => is_absence(error).then_some(Err(error.kind())),
    }
}

impl Files for Kept {
    fn entry(&self, path: &Path) -> io::Result<Found> {
        if let Some(answer) = self.recall(path, |place| place.entry) {
            return answer.map_err(io::Error::from);
        }
        let ask = || self.below.entry(path);
        self.ask(path, ask, |place, _, answer| place.entry = kept(answer))
    }

    fn list(&self, directory: &Path, limit: usize) -> io::Result<Names> {
        let known = self.recall(directory, |place| {
            let names = place.names.as_ref()?;
            (names.items.len() <= limit).then(|| names.clone())
        });
        if let Some(names) = known {
            return Ok(names);
        }
        self.missing(directory)?;
        let ask = || self.below.list(directory, limit);
        self.ask(directory, ask, |place, _, answer| {
            place.is_opened = true;
            match answer {
                Ok(names) if names.is_all => place.names = Some(names.clone()),
                Ok(_) => {}
                Err(_) => place.miss(answer),
            }
        })
    }

    fn read(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        let most_bytes = usize::try_from(most).unwrap_or(usize::MAX);
        let known = self.recall(path, |place| {
            let text = place.text.as_ref()?;
            let start = text.bytes.get(..most_bytes);
            start
                .or(text.is_whole.then_some(&*text.bytes))
                .map(<[u8]>::to_vec)
        });
        if let Some(bytes) = known {
            return Ok(bytes);
        }
        self.missing(path)?;
        let ask = || self.below.read(path, most);
        self.ask(path, ask, |place, total, answer| {
            place.is_opened = true;
            let Ok(read) = answer else {
                return place.miss(answer);
            };
            let before = place.text.as_ref().map_or(0, |text| text.bytes.len());
            if *total - before + read.len() > MOST_BYTES {
                return;
            }
            *total = *total - before + read.len();
            place.text = Some(Text {
                bytes: read.as_slice().into(),
                is_whole: read.len() < most_bytes,
            });
        })
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        if let Some(answer) = self.recall(path, |place| place.canonical.clone()) {
            return answer.map_err(io::Error::from);
        }
        let ask = || self.below.canonical(path);
        self.ask(path, ask, |place, _, answer| place.canonical = kept(answer))
    }

    fn target(&self, path: &Path) -> io::Result<Found> {
        if let Some(answer) = self.recall(path, |place| place.target) {
            return answer.map_err(io::Error::from);
        }
        let ask = || self.below.target(path);
        self.ask(path, ask, |place, _, answer| place.target = kept(answer))
    }

    fn stamp(&self, path: &Path) -> Stamp {
        self.below.stamp(path)
    }

    fn has_settled(&self, path: &Path) -> bool {
        self.below.has_settled(path)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::source::Disk;

    /// The disk, which counts how often it is asked.
    #[derive(Debug, Default)]
    struct Counted(AtomicUsize);

    impl Counted {
        fn disk(&self) -> Disk {
            self.0.fetch_add(1, Ordering::Relaxed);
            Disk
        }
    }

    impl Files for Counted {
        fn entry(&self, path: &Path) -> io::Result<Found> {
            self.disk().entry(path)
        }

        fn list(&self, directory: &Path, limit: usize) -> io::Result<Names> {
            self.disk().list(directory, limit)
        }

        fn read(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
            self.disk().read(path, most)
        }

        fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
            self.disk().canonical(path)
        }

        fn stamp(&self, path: &Path) -> Stamp {
            Disk.stamp(path)
        }

        fn has_settled(&self, path: &Path) -> bool {
            Disk.has_settled(path)
        }
    }

    fn all(files: &Kept, root: &Path) -> String {
        let mut said = String::new();
        for name in ["a", "b", "below", "below/c", "link"] {
            let path = root.join(name);
            let kind = files.target(&path).map(|found| found.kind);
            let text = files.read(&path, 3).map(String::from_utf8);
            let names = files.list(&path, 9).map(|names| names.items.len());
            let real = files
                .canonical(&path)
                .map(|real| real.file_name().map(OsStr::to_owned));
            said.push_str(&format!(
                "{name} {:?} {:?} {:?} {:?}\n",
                kind.ok(),
                text.ok(),
                names.ok(),
                real.ok()
            ));
        }
        said
    }

    #[test]
    fn the_disk_is_asked_once_until_it_changes() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        let write = |name: &str, text: &str| std::fs::write(root.join(name), text).unwrap();
        std::fs::create_dir(root.join("below")).unwrap();
        write("a", "long text");
        write("below/c", "c");
        #[cfg(unix)]
        std::os::unix::fs::symlink(root.join("a"), root.join("link")).unwrap();
        // What has just been written may be written again without that it shows.
        std::thread::sleep(std::time::Duration::from_millis(150));

        let counted = Arc::new(Counted::default());
        let files = Kept::new(Arc::clone(&counted) as Arc<dyn Files>);
        let fresh = || all(&Kept::new(Arc::new(Disk)), &root);
        assert_eq!(all(&files, &root), fresh());
        assert_eq!(files.read(&root.join("a"), 100).unwrap(), b"long text");
        let asked = counted.0.load(Ordering::Relaxed);
        assert_eq!(files.entry(&root.join("a")).unwrap().kind, Kind::File);
        let once = counted.0.load(Ordering::Relaxed) - asked;
        assert!(!files.look_again());
        let before = all(&files, &root);
        // Errors that are not those of absence are asked for again.
        let again = counted.0.load(Ordering::Relaxed) - asked - once;
        assert!(again < asked, "{asked} {again}");

        write("b", "new");
        std::fs::remove_file(root.join("below/c")).unwrap();
        write("a", "other");
        assert_eq!(all(&files, &root), before);
        assert!(files.look_again());
        assert_eq!(all(&files, &root), fresh());
        std::thread::sleep(std::time::Duration::from_millis(150));
        // What had not settled when it was read is looked at once more.
        files.look_again();
        assert_eq!(all(&files, &root), fresh());
        assert!(!files.look_again());
    }

    #[test]
    fn what_nobody_asked_for_may_change() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        let wait = || std::thread::sleep(std::time::Duration::from_millis(150));
        let below = root.join("below");
        std::fs::create_dir(&below).unwrap();
        std::fs::write(root.join("a"), "text").unwrap();
        wait();
        let files = Kept::new(Arc::new(Disk));
        assert!(files.has_directory(&below) && files.has_file(&root.join("a")));
        std::fs::write(below.join("b"), "").unwrap();
        assert!(!files.look_again(), "nobody knows what is in it");
        wait();
        assert!(!files.look_again());
        assert_eq!(files.list(&below, 9).unwrap().items.len(), 1);
        std::fs::write(below.join("c"), "").unwrap();
        assert!(files.look_again());
        assert_eq!(files.list(&below, 9).unwrap().items.len(), 2);
        wait();
        files.look_again();
        std::fs::write(root.join("a"), "longer text").unwrap();
        assert!(files.look_again(), "its size is known");
        assert!(files.has_directory(&below));
        std::fs::remove_dir_all(&below).unwrap();
        assert!(files.look_again());
        assert!(!files.has_directory(&below));
    }

    #[test]
    fn whoever_forgets_cannot_say_that_nothing_changed() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        for name in ["a", "b"] {
            std::fs::write(root.join(name), "text").unwrap();
        }
        std::thread::sleep(std::time::Duration::from_millis(150));
        let mut files = Kept::new(Arc::new(Disk));
        files.most_places = 1;
        assert_eq!(files.read(&root.join("a"), 9).unwrap(), b"text");
        assert!(!files.look_again());
        assert_eq!(files.read(&root.join("b"), 9).unwrap(), b"text");
        assert!(files.look_again(), "`a` may have changed");
        assert!(!files.look_again());
    }
}
