//! What fetches data of a package into the home directory of who runs it.

/// A command line, or a text of Python, that does so.
#[derive(Debug)]
pub(crate) struct HomeDownload {
    pub words: &'static str,
    /// The module that looks for them later.
    pub package: &'static str,
    /// Below the home directory.
    pub directory: &'static str,
    /// Variables that lead elsewhere.
    pub variables: &'static [&'static str],
    options: &'static [&'static str],
    /// It fetches them again when it finds none.
    pub again: bool,
}

static ROWS: &[HomeDownload] = include!(concat!(env!("OUT_DIR"), "/home-downloads.rs"));

/// A row may be of a command line that begins with this word.
pub(crate) fn may_begin(word: &str) -> bool {
    let from = ROWS.partition_point(|row| row.words < word);
    let own = ROWS.get(from);
    own.is_some_and(|row| row.words.starts_with(word))
}

/// What a command line, or a text of Python that is run, fetches into the home directory.
pub(crate) fn of(line: &str, is_code: bool) -> Option<&'static HomeDownload> {
    let is_it = |row: &&HomeDownload| match is_code {
        true => row.words.contains(['(', '.']) && line.contains(row.words),
        false => line
            .strip_prefix(row.words)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')),
    };
    let row = ROWS.iter().find(is_it)?;
    let names_place = |option: &&str| match is_code {
        true => line.contains(*option),
        false => line.split([' ', '=']).any(|word| word == *option),
    };
    (!row.options.iter().any(names_place)).then_some(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn downloads_are_found_by_their_words() {
        let firsts = ROWS.iter().map(|row| row.words.split(' ').next());
        assert!(firsts.flatten().all(may_begin));
        assert!(!may_begin("gunicorn"));
        let package = |line: &str, is_code| of(line, is_code).map(|row| row.package);
        assert_eq!(package("nltk.downloader punkt_tab", false), Some("nltk"));
        assert_eq!(package("nltk.downloader -d /x punkt", false), None);
        assert_eq!(
            package("import nltk; nltk.download('punkt')", true),
            Some("nltk")
        );
        assert_eq!(package("nltk.download('x', download_dir='/d')", true), None);
        assert_eq!(
            package("playwright install --with-deps chromium", false),
            Some("playwright")
        );
        assert_eq!(package("playwright install-deps", false), None);
        assert_eq!(package("import nltk", true), None);
    }
}
