//! What a cursor is on, told by the text alone: words, variables of uWSGI, options of its files.

use std::ops::Range;

use crate::knowledge::uwsgi::{self, EnvName, UwsgiOption};

/// The word around a byte: what names of variables, options, modules and rules are made of.
pub(super) fn around(text: &str, at: usize) -> Range<usize> {
    let at = text.floor_char_boundary(at.min(text.len()));
    let is_part = |char: &char| char.is_alphanumeric() || matches!(char, '_' | '-' | '.');
    let before = text[..at].chars().rev().take_while(is_part);
    let start = at - before.map(char::len_utf8).sum::<usize>();
    let after = text[at..].chars().take_while(is_part);
    start..at + after.map(char::len_utf8).sum::<usize>()
}

/// The line around a byte, without its end.
pub(super) fn line(text: &str, at: usize) -> Range<usize> {
    let at = text.floor_char_boundary(at.min(text.len()));
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    start..end
}

/// Whether a byte lies in a section `[uwsgi]` of an ini file, by what stands above it.
pub(super) fn is_in_uwsgi_ini(path: &str, text: &str, at: usize) -> bool {
    let is_ini = path.ends_with(".ini") || path.ends_with(".cfg") || path.ends_with(".conf");
    let above = &text[..line(text, at).start];
    let mut lines = above.lines().rev().map(str::trim);
    is_ini && lines.find(|line| line.starts_with('[')) == Some("[uwsgi]")
}

/// The option of uWSGI that is named around a byte, and where.
pub(super) fn option(
    path: &str,
    text: &str,
    at: usize,
) -> Option<(&'static UwsgiOption, Range<usize>)> {
    let range = around(text, at);
    let word = &text[range.clone()];
    if let EnvName::Option(option) = uwsgi::from_env(word) {
        return Some((option, range));
    }
    let long = word.strip_prefix("--");
    let line = line(text, at);
    if long.is_some() && text[line.clone()].contains("uwsgi") {
        return uwsgi::option(long?).map(|option| (option, range));
    }
    let is_key = text[line.start..range.start].trim().is_empty();
    if is_key && is_in_uwsgi_ini(path, text, at) {
        return uwsgi::option(word).map(|option| (option, range));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str, at: &str) -> Option<&'static str> {
        let at = text.find(at).unwrap() + 1;
        option(path, text, at).map(|(option, _)| option.name.as_str())
    }

    #[test]
    fn options_are_found_where_they_are_options() {
        assert_eq!(
            found("Dockerfile", "ENV UWSGI_LAZY_APPS=1\n", "LAZY"),
            Some("lazy-apps")
        );
        assert_eq!(
            found("x.ini", "[uwsgi]\nlazy-apps = 1\n", "lazy"),
            Some("lazy-apps")
        );
        assert_eq!(found("x.ini", "[other]\nlazy-apps = 1\n", "lazy"), None);
        assert_eq!(found("x.py", "[uwsgi]\nlazy-apps = 1\n", "lazy"), None);
        assert_eq!(
            found("run.sh", "exec uwsgi --need-app\n", "need"),
            Some("need-app")
        );
        assert_eq!(found("run.sh", "exec other --need-app\n", "need"), None);
        assert_eq!(around("é=aé.b c", 4), 3..8);
    }
}
