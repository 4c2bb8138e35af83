//! Words that the grammar of shells keeps for itself, for those who look at the text of a script.

/// Begins a compound command.
pub(crate) fn opens(word: &str) -> bool {
    matches!(word, "if" | "while" | "until" | "for" | "case")
}

/// Goes on with a compound command, or ends it.
pub(crate) fn goes_on(word: &str) -> bool {
    matches!(word, "then" | "do" | "else" | "in") || matches!(word, "fi" | "done" | "esac")
}

/// Ends a branch of a compound command.
pub(crate) fn ends_branch(word: &str) -> bool {
    matches!(word, "else" | "elif" | "fi" | "esac" | "done" | "}")
}

/// Joins commands, or leads their output elsewhere.
pub(crate) fn is_operator(word: &str) -> bool {
    matches!(word, "&&" | "||" | "|" | ";" | ">" | ">>" | "2>&1")
}
