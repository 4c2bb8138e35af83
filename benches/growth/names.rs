//! Which kinds the words of a command line mean.

use super::kinds::Kind;

/// The options of the command line, and the names.
pub(crate) fn command_line() -> (Vec<String>, Vec<String>) {
    let words = std::env::args().skip(1).filter(|word| word != "--bench");
    words.partition(|word| word.starts_with("--"))
}

/// Whether one of these names it, with a part of its name or `=` and the whole, or there are none.
pub(crate) fn is_one_of(kind: &Kind, names: &[String]) -> bool {
    let matches = |name: &String| match name.strip_prefix('=') {
        Some(name) => kind.name == name,
        None => kind.name.contains(name.as_str()),
    };
    names.is_empty() || names.iter().any(matches)
}
