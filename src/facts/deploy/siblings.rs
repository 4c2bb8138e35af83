//! Other Dockerfiles of the same name, with what theirs says of their purpose.

use crate::dockerfile::beside;
use crate::facts::ci::is_file;
use crate::facts::intent::{by_name, by_words, words};
use crate::knowledge::intent_words::{self, Intent};
use crate::source::{Root, Sources, clean, join};
use crate::span::Traced;

/// Names of one directory that are looked through for other Dockerfiles.
const MAX_LISTED: usize = 300;

/// Whether a Dockerfile lies beside that is called the same but for words that tell `intent`:
/// `Dockerfile.prod`, `prod.Dockerfile` beside `Dockerfile`.
pub(super) fn has_sibling(
    root: &Root,
    path: &str,
    intent: Intent,
    meaning: fn(&str) -> Option<Intent>,
) -> bool {
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    let own: Vec<String> = words(name).collect();
    let names = root.list(directory, MAX_LISTED);
    names.iter().any(|other| {
        other != name
            && other.len() < name.len() + 16
            && by_words(other, meaning) == Some(intent)
            && words(other)
                .filter(|word| meaning(word).is_none())
                .eq(own.iter().cloned())
    })
}

/// Whether a Dockerfile of that name lies in a directory for production: `prod/Dockerfile` or
/// `docker/prod/Dockerfile` beside `Dockerfile`.
pub(super) fn has_production_directory(root: &Root, path: &str) -> bool {
    let (directory, own) = path.rsplit_once('/').unwrap_or(("", path));
    // A name with an ending is hardly ever a directory.
    let below = |directory: &str| -> Vec<String> {
        let names = root.list(directory, MAX_LISTED);
        let names = names.iter().filter(|name| !name.contains('.'));
        names.map(|name| join(directory, name)).collect()
    };
    let is_production = |directory: &String| {
        let name = directory.rsplit('/').next().unwrap_or(directory);
        by_name(name) == Some(Intent::Production) && is_file(root, &join(directory, own))
    };
    let near = below(directory);
    near.iter().any(is_production)
        || near.iter().any(|directory| {
            ["prod", "production"]
                .iter()
                .any(|word| is_file(root, &join(&join(directory, word), own)))
        })
}

/// Whether a Dockerfile in a directory for what is shipped, `deployment` or `scripts/release`, copies the directory of
/// this one: `COPY ./shop-worker/ /code`.
pub(super) fn is_shipped_by_another(root: &Root, sources: &Sources, path: &str) -> bool {
    let Some((own, _)) = path.rsplit_once('/') else {
        return false;
    };
    let names = |directory: &str| -> Vec<String> {
        let names = root.list(directory, MAX_LISTED);
        let names = names.iter().filter(|name| !name.contains('.'));
        names.map(|name| join(directory, name)).collect()
    };
    let last = |path: &String| path.rsplit('/').next().unwrap_or(path).to_owned();
    let is_shipping =
        |path: &String| by_words(&last(path), intent_words::of_sibling) == Some(Intent::Production);
    let top = names("");
    let below = top
        .iter()
        .filter(|path| matches!(last(path).as_str(), "docker" | "scripts"));
    let below: Vec<String> = below.flat_map(|path| names(path)).collect();
    let mut files = top
        .iter()
        .chain(&below)
        .filter(|path| is_shipping(path))
        .flat_map(|directory| {
            let files = root.list(directory, MAX_LISTED);
            let files = files.iter().filter(|name| name.contains("Dockerfile"));
            files.map(|name| join(directory, name)).collect::<Vec<_>>()
        });
    let is_own = |word: &Traced| clean(word.as_str()) == own;
    files.any(|path| {
        let tree = beside::read(root, sources, &path);
        let instructions = tree.iter().flat_map(|tree| &tree.instructions);
        let mut taken = instructions.flat_map(|it| it.written_sources());
        taken.any(is_own)
    })
}
