//! What fixes come to: written to files, or shown as a diff.

use std::path::Path;

use super::args::{CheckArgs, Colour};
use super::output::{self, Screen};
use super::request::workspace;
use super::words::counted;
use crate::check::Request;
use crate::finding::Safety;
use crate::fix::{self, Fixed};
use crate::policy::Status;
use crate::report::text::{one_line, tame};

/// What the fixes come to; nothing is written.
pub(super) fn mend(request: &Request, args: &CheckArgs) -> Fixed {
    let least = if args.unsafe_fixes {
        Safety::Unsafe
    } else {
        Safety::Safe
    };
    workspace(&args.rules).mend(request, least, |_, _| true)
}

/// Whether anything was written, and whether all was.
pub(super) fn write(fixed: &Fixed) -> (bool, bool) {
    for sentence in &fixed.refused {
        output::remark(sentence);
    }
    let files = fixed
        .changes
        .iter()
        .filter(|(path, _)| *path != Path::new(fix::INPUT));
    let (mut is_all, mut is_any) = (true, fixed.changes.contains_key(Path::new(fix::INPUT)));
    for (path, change) in files {
        match fix::write::mended(path, &change.before, &change.after) {
            Ok(()) => is_any = true,
            Err(error) => {
                is_all = false;
                output::complain(&format!("cannot write `{}`: {error}", change.name));
            }
        }
    }
    (is_any, is_all)
}

/// A diff for whoever looks at it: what a terminal would obey is replaced, ends of lines are not.
fn shown(diff: &str) -> String {
    let lines = diff
        .split_inclusive('\n')
        .map(|line| match line.strip_suffix("\r\n") {
            Some(line) => format!("{}\r\n", tame(line)),
            None => tame(line).into_owned(),
        });
    lines.collect()
}

/// Shows the changes; 1 when there are any.
pub(super) fn diff(fixed: &Fixed, colour: Colour) -> anyhow::Result<Status> {
    for sentence in &fixed.refused {
        output::remark(sentence);
    }
    let mut changes: Vec<_> = fixed.changes.values().collect();
    changes.sort_by(|a, b| a.name.cmp(&b.name));
    let is_coloured = Screen::of(colour).colour;
    output::to_stdout(|out| {
        for change in &changes {
            let diff = similar::TextDiff::from_lines(&change.before, &change.after);
            let name = &change.name;
            let header = (
                one_line(&format!("a/{name}")),
                one_line(&format!("b/{name}")),
            );
            let diff = diff.unified_diff().header(&header.0, &header.1).to_string();
            let diff = shown(&diff);
            match is_coloured {
                true => write!(out, "{}", coloured(&diff))?,
                false => write!(out, "{diff}")?,
            }
        }
        Ok(())
    })?;
    if changes.is_empty() {
        return Ok(Status::Clean);
    }
    let findings = counted(fixed.count, "finding", "findings");
    let files = counted(changes.len(), "file", "files");
    output::remark(&format!("{findings} would be fixed in {files}"));
    Ok(Status::Findings)
}

/// The lines of a diff in the colours that git gives them.
fn coloured(diff: &str) -> String {
    let mut out = String::with_capacity(diff.len() + diff.len() / 4);
    for line in diff.split_inclusive('\n') {
        let text = line.trim_end_matches(['\r', '\n']);
        let colour = match text.as_bytes() {
            [b'-', b'-', b'-', ..] | [b'+', b'+', b'+', ..] => "1",
            [b'@', ..] => "36",
            [b'-', ..] => "31",
            [b'+', ..] => "32",
            _ => {
                out.push_str(line);
                continue;
            }
        };
        out.push_str(&format!(
            "\u{1b}[{colour}m{text}\u{1b}[0m{}",
            &line[text.len()..]
        ));
    }
    out
}
