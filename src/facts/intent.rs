//! What a Dockerfile or stage is for, by names only, never by what the rules judge.

use crate::facts::table::Intent;
use crate::knowledge::intent_words::{self, Meaning};

/// The intent that a name tells: `Dockerfile.dev`, `test`, `local-base`; `None` when it tells none.
#[must_use]
pub fn by_name(name: &str) -> Option<Intent> {
    let words = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .map(str::to_ascii_lowercase);
    let mut intent = None;
    for word in words {
        match intent_words::of_dockerfile(&word) {
            Some(Meaning::Production) => return Some(Intent::Production),
            Some(Meaning::Development) => intent = intent.or(Some(Intent::Development)),
            Some(Meaning::Test) => intent = intent.or(Some(Intent::Ci)),
            None => {}
        }
    }
    intent
}

/// The intent of a Dockerfile by its path from the project root, with `/`: the file name decides,
/// else the nearest directory that tells one.
#[must_use]
pub fn by_path(path: &str) -> Intent {
    path.rsplit('/')
        .find_map(by_name)
        .unwrap_or(Intent::Production)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_intent() {
        assert_eq!(
            by_path("compose/local/django/Dockerfile"),
            Intent::Development
        );
        assert_eq!(
            by_path("compose/production/django/Dockerfile"),
            Intent::Production
        );
        assert_eq!(by_path("Dockerfile.dev"), Intent::Development);
        assert_eq!(by_path("dev/Dockerfile.prod"), Intent::Production);
        assert_eq!(by_path(".devcontainer/Dockerfile"), Intent::Development);
        assert_eq!(by_path("docker/test.Dockerfile"), Intent::Ci);
        assert_eq!(by_path("devices/Dockerfile"), Intent::Production);
        assert_eq!(by_name("latest"), None);
    }
}
