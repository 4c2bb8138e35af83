//! Other Dockerfiles of the same name, with what theirs says of their purpose.

use crate::facts::ci::is_file;
use crate::facts::intent::{by_name, by_words, words};
use crate::knowledge::intent_words::Intent;
use crate::source::{Root, join};

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
