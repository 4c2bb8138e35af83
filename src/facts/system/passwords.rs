//! Passwords of accounts that commands write into the image.

use crate::facts::model::Project;
use crate::shell::ast::Command;

/// What Azure's documentation gives root for its SSH, which only its own network reaches.
const OF_A_PLATFORM: &str = "root:Docker!";

/// A command gives an account a password that stands in it; `None` where it is not known.
pub(crate) fn sets_password(p: &Project, index: usize) -> Option<bool> {
    let fact = &p.commands[index];
    let command = &fact.command;
    match command.name.as_deref()? {
        "useradd" | "usermod" => {
            let Some(flag) = command.flag("--password") else {
                return command.is_complete.then_some(false);
            };
            let value = flag.value.as_ref()?.as_str()?;
            // These lock the account.
            Some(!value.is_empty() && !value.starts_with(['!', '*']))
        }
        "chpasswd" if command.pipeline == (1, 2) => {
            let first = p.layers[fact.layer].commands.start;
            let before = p.commands[first..index].last()?;
            says_password(&before.command)
        }
        _ => Some(false),
    }
}

/// It writes `NAME:PASSWORD`, in plain text.
fn says_password(command: &Command) -> Option<bool> {
    if !matches!(command.name.as_deref(), Some("echo" | "printf")) {
        return Some(false);
    }
    let mut said = command.operands.iter().filter_map(|arg| arg.as_str());
    if said.any(|text| text == OF_A_PLATFORM) {
        return Some(false);
    }
    let Some(first) = command.operands.first() else {
        return Some(false);
    };
    let text = first.as_str()?;
    let Some((name, password)) = text.trim_start_matches(['"', '\'']).split_once(':') else {
        return Some(false);
    };
    let is_begin = |b: u8| b.is_ascii_lowercase() || b == b'_';
    let is_name = name.bytes().next().is_some_and(is_begin)
        && name
            .bytes()
            .all(|b| is_begin(b) || b.is_ascii_digit() || b == b'-');
    let is_plain = !password.is_empty() && !password.starts_with(['!', '*', '$', '%']);
    Some(is_name && is_plain)
}
