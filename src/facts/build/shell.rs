//! The shell that RUN, CMD and ENTRYPOINT use at some point of a stage.

use crate::shell::{Dialect, shell_dialect};

/// The shell that RUN uses at some point of a stage.
#[derive(Debug, Clone)]
pub(crate) struct ShellState {
    /// `None`: not a shell that can be read.
    pub(crate) dialect: Option<Dialect>,
    pub(crate) errexit: bool,
    pub(crate) pipefail: bool,
}

impl ShellState {
    /// From the words of SHELL.
    pub(crate) fn from_words(words: &[&str]) -> Self {
        let program = words.first().copied().unwrap_or_default();
        let program = program.rsplit('/').next().unwrap_or_default();
        let dialect = shell_dialect(program);
        let mut state = Self {
            dialect,
            errexit: false,
            pipefail: false,
        };
        let mut words = words.iter().skip(1).peekable();
        while let Some(word) = words.next() {
            let Some(letters) = word.strip_prefix('-') else {
                continue;
            };
            if letters.starts_with('-') {
                continue;
            }
            state.errexit |= letters.contains('e');
            if letters.ends_with('o') {
                match words.next() {
                    Some(&"pipefail") => state.pipefail = true,
                    Some(&"errexit") => state.errexit = true,
                    _ => {}
                }
            }
        }
        state
    }
}
