//! Words of bash that dash takes for the name of a program.

use super::by_name::find_by_name;

/// A word that begins a command.
#[derive(Debug)]
pub(crate) struct BashWord {
    pub(crate) name: &'static str,
    /// What does the same in every sh.
    pub(crate) instead: Option<&'static str>,
}

static WORDS: &[BashWord] = include!(concat!(env!("OUT_DIR"), "/bash-words.rs"));

/// The word, where only bash has it.
pub(crate) fn only_bash(name: &str) -> Option<&'static BashWord> {
    find_by_name!(WORDS, name)(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_by_name() {
        assert!(WORDS.is_sorted_by_key(|row| row.name));
        let source = only_bash("source");
        assert_eq!(source.and_then(|row| row.instead), Some("`.`"));
        assert!(only_bash("[").is_none() && only_bash("export").is_none());
    }
}
