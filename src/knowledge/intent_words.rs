//! Words in names that say what a Dockerfile, stage or compose file is for.

use super::find;

/// What a word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    Production,
    Development,
    /// Tests, lints, builds for nobody's use.
    Test,
}

#[derive(Debug)]
struct IntentWord {
    word: &'static str,
    dockerfile: Option<Meaning>,
    compose: Option<Meaning>,
}

static WORDS: &[IntentWord] = include!(concat!(env!("OUT_DIR"), "/intent-words.rs"));

/// What a word, in lower case, says of a Dockerfile or stage.
#[must_use]
pub fn of_dockerfile(word: &str) -> Option<Meaning> {
    find(WORDS, word, |row| row.word)?.dockerfile
}

/// What a word, in lower case, says of a compose file.
#[must_use]
pub fn of_compose(word: &str) -> Option<Meaning> {
    find(WORDS, word, |row| row.word)?.compose
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_mean_different_things_in_different_names() {
        assert!(WORDS.is_sorted_by(|a, b| a.word < b.word));
        assert_eq!(of_dockerfile("prod"), Some(Meaning::Production));
        assert_eq!(of_dockerfile("deploy"), None);
        assert_eq!(of_compose("deploy"), Some(Meaning::Production));
        assert_eq!(of_compose("latest"), None);
    }
}
