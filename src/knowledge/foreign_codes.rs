//! Codes of other linters that no rule stands for.

use super::by_name::find_by_name;

#[derive(Debug)]
struct Code {
    code: &'static str,
    why: &'static str,
}

#[derive(Debug)]
struct Level {
    code: &'static str,
    level: &'static str,
}

static LEVELS: &[Level] = include!(concat!(env!("OUT_DIR"), "/hadolint-levels.rs"));

/// How severe hadolint takes what it reports under a code, in its own words, or that it has withdrawn it; `None` for
/// what is not a code of its.
pub(crate) fn level(code: &str) -> Option<&'static str> {
    let row = LEVELS.binary_search_by(|row| row.code.cmp(code));
    row.ok().map(|at| LEVELS[at].level)
}

static CODES: &[Code] = include!(concat!(env!("OUT_DIR"), "/foreign-codes.rs"));

/// Why there is no rule for a code of another linter; `None` for what is not one.
#[must_use]
pub(crate) fn why(code: &str) -> Option<&'static str> {
    if let Some(row) = find_by_name!(CODES, code)(code) {
        return Some(row.why);
    }
    let is_number =
        |digits: &str| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if code.strip_prefix("SC").is_some_and(is_number) {
        return Some(
            "it is ShellCheck's, which is not run; a few faults of shells have rules of their own",
        );
    }
    if code.strip_prefix("DL").is_some_and(is_number) {
        return Some("it is not known here, and no rule is called so");
    }
    None
}

/// Checks of BuildKit have plain names; the codes of other linters hold digits.
#[must_use]
pub(crate) fn is_build_check(code: &str) -> bool {
    !code.bytes().any(|byte| byte.is_ascii_digit())
}

/// The codes that no rule stands for, each with the reason.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    CODES.iter().map(|row| (row.code, row.why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_by_name() {
        assert!(CODES.is_sorted_by(|a, b| a.code < b.code));
        assert!(LEVELS.is_sorted_by(|a, b| a.code < b.code));
        assert_eq!(level("DL3020"), Some("error"));
        assert_eq!(
            (level("DL3005"), level("DL9999")),
            (Some("withdrawn"), None)
        );
        assert!(why("DL3008").is_some_and(|why| why.contains("mirrors")));
        assert!(why("SC2086").is_some_and(|why| why.contains("ShellCheck")));
        assert_eq!(why("runs-as-root"), None);
        assert_eq!(why("DLxxxx"), None);
        assert!(is_build_check("SecretsUsedInArgOrEnv"));
        assert!(!is_build_check("DL3008") && !is_build_check("SC2086"));
    }
}
