//! Commands that nobody can look into: a script could do anything.

use crate::knowledge::programs::{self, Role};
use crate::shell::ast::Command;

/// A later command of the layer that nobody can look into: a script could clean up.
pub(crate) fn may_clean(command: &Command) -> bool {
    match command.name.as_deref() {
        None => true,
        Some(name) => {
            let script = command.program.as_deref().unwrap_or(name);
            script.ends_with(".sh")
                || script.starts_with("./")
                || programs::is(name, Role::Evaluates)
                || programs::is_shell(name)
                    && command.operands.iter().any(|arg| arg.as_str() != Some("-"))
        }
    }
}
