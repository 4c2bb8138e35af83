//! Caches in tables of the database that nothing makes: `migrate` does not, `createcachetable` does.

use crate::facts::model::{DjangoPhase, Project, StartFact};
use crate::python::settings::verdicts::{self, Answer};
use crate::source::{Entry, Root, Sources, join};
use crate::span::Traced;

/// Keeps a cache in a table.
const BACKEND: &str = "django.core.cache.backends.db.DatabaseCache";

/// Makes it.
const MAKES: &str = "createcachetable";

/// Files and directories that are looked through, and how deep.
const MAX_ENTRIES: usize = 3_000;
const MAX_DEPTH: usize = 6;

/// The cache of settings that is kept in a table, and the name of that.
fn table(settings: &crate::python::settings::Settings) -> Option<(Traced, String)> {
    let (caches, _) = verdicts::entries(settings, "CACHES")?;
    caches.iter().find_map(|entry| {
        let Answer::Known(backend) = entry.text("BACKEND") else {
            return None;
        };
        let Answer::Known(table) = entry.text("LOCATION") else {
            return None;
        };
        (backend.value == BACKEND).then(|| {
            (
                Traced::new(backend.value.clone(), backend.span),
                table.value,
            )
        })
    })
}

/// A file of the project makes tables of caches, or says that somebody does. Asked only where settings have such a
/// cache.
pub(crate) fn are_made(p: &DjangoPhase, sources: &Sources) -> bool {
    let mut all = p.settings.iter();
    let mut left = MAX_ENTRIES;
    all.any(|fact| table(&fact.settings).is_some())
        && says_so(&p.around.root, sources, "", 0, &mut left)
}

fn says_so(
    root: &Root,
    sources: &Sources,
    directory: &str,
    depth: usize,
    left: &mut usize,
) -> bool {
    let names = root.list(directory, MAX_ENTRIES);
    names.iter().any(|name| {
        if *left == 0 || depth > MAX_DEPTH {
            return true;
        }
        if name == ".git" || name == "node_modules" {
            return false;
        }
        *left -= 1;
        let path = join(directory, name);
        match root.entry(&path) {
            Entry::Directory => says_so(root, sources, &path, depth + 1, left),
            Entry::File { .. } => {
                let file = root.read(sources, &path);
                file.is_ok_and(|file| sources.get(file).text.contains(MAKES))
            }
            _ => false,
        }
    })
}

/// The backend of a cache whose table nothing makes, although what starts with these settings prepares the database
/// itself, by `migrate`; and the name of the table.
pub(crate) fn lacking(p: &Project, i: usize) -> Option<(Traced, String)> {
    let fact = &p.settings[i];
    let found = table(&fact.settings)?;
    let migrates = |starts: &[StartFact]| {
        let mut names = starts.iter().map(|it| it.command.management_name());
        names.any(|name| name == Some("migrate"))
    };
    let image = &p.images[fact.image];
    let mut runs = p.services.iter().filter(|it| it.image == Some(fact.image));
    let is_prepared = migrates(&image.starts)
        || runs.any(|it| it.run.as_ref().is_some_and(|run| migrates(&run.starts)));
    (is_prepared && !p.makes_cache_tables).then_some(found)
}
