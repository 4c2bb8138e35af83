//! What the ending of a file's name says of the file.

use super::find;

/// An ending, and what a file with it is to a Dockerfile.
#[derive(Debug)]
pub(crate) struct FileEnding {
    pub ending: &'static str,
    /// Something fills the file in before it is used.
    pub is_template: bool,
    /// A Dockerfile may lead to such a file.
    pub is_companion: bool,
}

static ENDINGS: &[FileEnding] = include!(concat!(env!("OUT_DIR"), "/file-endings.rs"));

/// What the ending of a name, in lower case, says; `None` when it says nothing (`Dockerfile.prod`).
#[must_use]
pub(crate) fn of(name: &str) -> Option<&'static FileEnding> {
    let (_, ending) = name.rsplit_once('.')?;
    let ending = if ending.starts_with("jinja") {
        "jinja"
    } else {
        ending
    };
    find(ENDINGS, ending, |row| row.ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_known() {
        assert!(ENDINGS.is_sorted_by(|a, b| a.ending < b.ending));
        let template = |name| of(name).map(|ending| ending.is_template);
        assert_eq!(template("dockerfile.j2"), Some(true));
        assert_eq!(template("dockerfile.jinja3"), Some(true));
        assert_eq!(template("dockerfile.js"), Some(false));
        assert_eq!(template("dockerfile.prod"), None);
        assert_eq!(template("dockerfile"), None);
        assert!(of("settings.py").is_some_and(|ending| ending.is_companion));
    }
}
