//! The signals on which programs finish what they are working at.

use super::by_name::find_by_name;

#[derive(Debug)]
struct Finishing {
    name: &'static str,
    signals: &'static [&'static str],
    unasked: bool,
}

static PROGRAMS: &[Finishing] = include!(concat!(env!("OUT_DIR"), "/stop-signals.rs"));

/// The signals, without `SIG`, on which a program finishes its work and ends; `None` where nobody knows.
#[must_use]
pub(crate) fn finishing(name: &str) -> Option<&'static [&'static str]> {
    find_by_name!(PROGRAMS, name)(name).map(|row| row.signals)
}

/// The signal that stops containers where nothing names one makes a program drop its work, which is worth a word.
#[must_use]
pub(crate) fn is_told_unasked(name: &str) -> bool {
    find_by_name!(PROGRAMS, name)(name).is_some_and(|row| row.unasked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_by_name() {
        assert!(PROGRAMS.is_sorted_by(|a, b| a.name < b.name));
        assert_eq!(finishing("gunicorn"), Some(&["TERM"][..]));
        assert_eq!(finishing("sh"), None);
        assert!(is_told_unasked("run_huey") && !is_told_unasked("nginx"));
    }
}
