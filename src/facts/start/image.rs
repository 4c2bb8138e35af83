//! What commands and signals are called: the server that a command starts, the signal that stops it.

use crate::knowledge::servers::{self, Server};
use crate::shell::ast::Command;
use crate::span::Traced;

/// The server that a command starts, when rules look at it.
pub(crate) fn server_of(command: &Command) -> Option<&'static Server> {
    let management = command.management_name();
    let row = match management {
        Some(name) => servers::by_management_command(name)?,
        None => servers::by_command(command.name.as_deref()?)?,
    };
    row.called.is_some().then_some(row)
}

/// The value of a stop signal as the kernel names it, without `SIG`.
#[must_use]
pub(crate) fn signal_name(text: &Traced) -> String {
    let upper = text.as_str().trim().to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    match name {
        "1" => "HUP",
        "2" => "INT",
        "3" => "QUIT",
        "9" => "KILL",
        "15" => "TERM",
        other => other,
    }
    .to_owned()
}
