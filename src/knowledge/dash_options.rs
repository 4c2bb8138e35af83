//! Options of `set` in dash.

use super::find;

#[derive(Debug)]
struct DashOption {
    name: &'static str,
    letter: Option<&'static str>,
}

static OPTIONS: &[DashOption] = include!(concat!(env!("OUT_DIR"), "/dash-options.rs"));

/// It has an option of that long name.
pub(crate) fn has_name(name: &str) -> bool {
    find(OPTIONS, name, |row| row.name).is_some()
}

/// It has an option of that letter.
pub(crate) fn has_letter(letter: char) -> bool {
    let is_it = |row: &DashOption| row.letter.is_some_and(|it| it.starts_with(letter));
    OPTIONS.iter().any(is_it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_found_by_name_and_letter() {
        assert!(has_name("errexit") && !has_name("pipefail"));
        assert!(has_letter('e') && has_letter('E') && !has_letter('T'));
        assert!(OPTIONS.is_sorted_by(|a, b| a.name < b.name));
    }
}
