//! Development servers of frontends: where they listen, and whom they ask for the application, as far as their
//! configuration says.

use crate::facts::model::{BuildPhase, FrontendServer};
use crate::knowledge::frontend_tools::{self, ServerOfFrontend};
use crate::knowledge::texts::List;
use crate::shell::ast::{Arg, Command};
use crate::source::{Sources, join};
use crate::span::{FileId, Span};

/// Names in the directory of a frontend, at most.
const MAX_NAMES: usize = 200;

/// The server that a script of `package.json` starts and that listens to its own container alone: one command whose
/// options and configuration say nothing of where.
pub(super) fn server(
    p: &BuildPhase,
    sources: &Sources,
    frontend: &str,
    script: &[Command],
    major: &dyn Fn(&str) -> Option<u32>,
) -> Option<FrontendServer> {
    let [command] = script else {
        return None;
    };
    let row = frontend_tools::server(command.program.as_deref()?)?;
    let words: Option<Vec<&str>> = command.args.iter().map(Arg::as_str).collect();
    let words = words?;
    let first = words.first().copied().unwrap_or_default();
    let serves =
        row.commands.contains(first) || row.is_bare && (words.is_empty() || first.starts_with('-'));
    let has = |list: List| {
        let mut names = words.iter().filter_map(|it| it.split('=').next());
        names.any(|name| list.contains(name))
    };
    if !serves || !command.assignments.is_empty() || has(row.others) {
        return None;
    }
    let mut out = FrontendServer {
        program: row.program,
        port: row.port,
        is_loopback: !has(row.hosts) && is_of_old(row, major),
        asks: Vec::new(),
    };
    let below = p.around.context.below_root(frontend)?;
    let names = p.around.root.list(&below, MAX_NAMES);
    for name in names.iter().filter(|name| name.starts_with(row.config)) {
        let path = p.around.context.below_root(&join(frontend, name))?;
        let file = p.around.root.read(sources, &path).ok()?;
        read(row, file, &sources.get(file).text, &mut out)?;
    }
    Some(out)
}

/// Its release is one of those that listen on localhost by themselves.
fn is_of_old(row: &ServerOfFrontend, major: &dyn Fn(&str) -> Option<u32>) -> bool {
    let Some(package) = row.package else {
        return true;
    };
    major(package).is_some_and(|major| major < row.below)
}

/// What a configuration says; `None` where it may say more than is read.
fn read(row: &ServerOfFrontend, file: FileId, text: &str, out: &mut FrontendServer) -> Option<()> {
    let is_known = |line: &str| {
        let from = line.split_once(" from ").map_or(line, |(_, from)| from);
        row.imports.iter().any(|it| from.contains(it))
    };
    let mut imports = text.lines().filter(|line| line.starts_with("import"));
    // Keys that are computed may be any.
    let is_open = ["...", "]:", "fromEntries"];
    let is_open = is_open.iter().any(|it| text.contains(it));
    if !imports.all(is_known) || is_open {
        return None;
    }
    out.is_loopback &= key(text, "host").is_none();
    if let Some(at) = key(text, "port") {
        out.port = number(text.get(at..)?.trim_start_matches([':', ' ']))?;
    }
    let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let from = key(text, "proxy").unwrap_or(text.len());
    for start in ["http://localhost:", "http://127.0.0.1:"] {
        for (at, _) in text.match_indices(start).filter(|(at, _)| *at > from) {
            let line = text[..at].rfind('\n').map_or(0, |it| it + 1);
            // Something else may stand before it: `process.env.API || "http://localhost:8000"`.
            let is_alone = !text[line..at].contains("env") && !text[line..at].contains("//");
            if let Some(port) = number(&text[at + start.len()..]).filter(|_| is_alone) {
                let end = at + start.len() + port.to_string().len();
                out.asks.push((port, Span::new(file, byte(at), byte(end))));
            }
        }
    }
    Some(())
}

/// Behind the first time that a name stands for itself.
fn key(text: &str, name: &str) -> Option<usize> {
    let is_part = |it: char| it.is_alphanumeric() || it == '_';
    let mut all = text.match_indices(name);
    all.find_map(|(at, _)| {
        let end = at + name.len();
        let before = text[..at].chars().next_back().is_some_and(is_part);
        let after = text[end..].chars().next().is_some_and(is_part);
        (!before && !after).then_some(end)
    })
}

/// The number that a text begins with.
fn number(text: &str) -> Option<u16> {
    let end = text
        .find(|it: char| !it.is_ascii_digit())
        .unwrap_or(text.len());
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stands_for_itself() {
        assert_eq!(key("proxy: 'http://localhost:8'", "host"), None);
        assert_eq!(key("server: { host: true }", "host"), Some(14));
        assert_eq!(number("8000\","), Some(8000));
    }
}
