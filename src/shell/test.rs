//! `[ ... ]` and `test` on known words.

use super::ast::Command;

/// Whether a test holds; `None` when that depends on files, on what is not known, or on more than one
/// comparison.
pub(super) fn outcome(command: &Command) -> Option<bool> {
    let mut words: Vec<&str> = Vec::new();
    for arg in &command.args {
        words.push(arg.as_str()?);
    }
    match command.name.as_deref()? {
        "[" => {
            if words.pop()? != "]" {
                return None;
            }
        }
        "test" => {}
        _ => return None,
    }
    let (words, is_negated) = match words.as_slice() {
        ["!", rest @ ..] => (rest, true),
        all => (all, false),
    };
    let holds = match words {
        [] => false,
        [word] => !word.is_empty(),
        ["-n", word] => !word.is_empty(),
        ["-z", word] => word.is_empty(),
        [left, "=" | "==", right] => left == right,
        [left, "!=", right] => left != right,
        [left, operator, right] => {
            let (left, right) = (left.parse::<i64>().ok()?, right.parse::<i64>().ok()?);
            match *operator {
                "-eq" => left == right,
                "-ne" => left != right,
                "-lt" => left < right,
                "-le" => left <= right,
                "-gt" => left > right,
                "-ge" => left >= right,
                _ => return None,
            }
        }
        _ => return None,
    };
    Some(holds != is_negated)
}
