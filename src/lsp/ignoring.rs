//! Where a comment goes that keeps a finding quiet, and what a configuration says that does. Texts only.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::text::hidden;
use super::words;
use crate::dockerfile;
use crate::policy::suppress::{
    Dialect, Pragma, Scope, has_line_end_comments, scan_dockerfile, scan_other,
};
use crate::span::{FileId, Span};

/// Text that is put in at a byte; `reason` is where somebody may write why, in bytes of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Insertion {
    pub(crate) at: usize,
    pub(crate) text: String,
    pub(crate) reason: Option<usize>,
}

impl Insertion {
    /// The text with it.
    pub(crate) fn apply(&self, text: &str) -> String {
        let at = text.floor_char_boundary(self.at.min(text.len()));
        format!("{}{}{}", &text[..at], self.text, &text[at..])
    }
}

/// What is known of the file that a comment goes into.
#[derive(Clone, Copy)]
pub(crate) struct File<'a> {
    /// Its path, as reports name it.
    pub(crate) name: &'a str,
    pub(crate) is_dockerfile: bool,
}

/// The comments that may keep a finding at `place` quiet, the best first. Whether one does depends on what the place
/// is: whoever asks tries them.
pub(crate) fn here(text: &str, place: Span, rule: &str, file: File<'_>) -> Vec<Insertion> {
    let mut found = Vec::new();
    let at = text.floor_char_boundary((place.start as usize).min(text.len()));
    if file.is_dockerfile {
        let tree = dockerfile::parse(place.file, text);
        let mut instructions = tree.instructions.iter();
        let around =
            instructions.find(|one| one.span.range().contains(&at) || one.span.range().end == at);
        if let Some(instruction) = around {
            let mut pragmas = scan_dockerfile(&tree, text).into_iter();
            let known = pragmas.find(|pragma| {
                let is_it = matches!(pragma.scope, Scope::Within(span) if span == instruction.span);
                is_it && is_ours(pragma)
            });
            found.push(match known.and_then(|pragma| one_more(&pragma, rule)) {
                Some(more) => more,
                None => above(text, instruction.span.start as usize, "ignore", rule),
            });
        }
        return found;
    }
    let line = line_of(text, at);
    for pragma in scan_other(place.file, file.name, text) {
        if pragma.scope.covers(place.file, place) && pragma.scope != Scope::File && is_ours(&pragma)
        {
            found.extend(one_more(&pragma, rule));
        }
    }
    found.push(above(text, line.start, "ignore", rule));
    if !has_line_end_comments(file.name) {
        return found;
    }
    let end = line.start + text[line].trim_end().len();
    let comment = format!("  # seatrial: ignore[{rule}]");
    found.push(Insertion {
        at: end,
        reason: Some(comment.len()),
        text: comment,
    });
    found
}

/// The comment that keeps a rule quiet in a whole file.
pub(super) fn in_file(id: FileId, text: &str, rule: &str, file: File<'_>) -> Insertion {
    let tree = file.is_dockerfile.then(|| dockerfile::parse(id, text));
    let pragmas = match &tree {
        Some(tree) => scan_dockerfile(tree, text),
        None => scan_other(id, file.name, text),
    };
    let mut pragmas = pragmas.iter();
    let known = pragmas.find(|pragma| pragma.scope == Scope::File && is_ours(pragma));
    if let Some(more) = known.and_then(|pragma| one_more(pragma, rule)) {
        return more;
    }
    let mark = hidden(text, false);
    let mut at = mark;
    for line in text[mark..].split_inclusive('\n') {
        let is_directive = tree.as_ref().is_some_and(|tree| {
            let mut directives = tree.directives.iter();
            directives.any(|one| (at..at + line.len()).contains(&(one.span.start as usize)))
        });
        // What a kernel, Python or an editor looks for stands first.
        let is_first = line.starts_with("#!") || line.starts_with('#') && line.contains("coding");
        if !(is_directive || is_first && tree.is_none()) || !line.ends_with('\n') {
            break;
        }
        at += line.len();
    }
    above(text, at, "ignore-file", rule)
}

fn is_ours(pragma: &Pragma) -> bool {
    pragma.dialect == Dialect::Seatrial && pragma.words.iter().all(|word| !word.text.is_empty())
}

/// A rule more for a comment that is there.
fn one_more(pragma: &Pragma, rule: &str) -> Option<Insertion> {
    let last = pragma.words.last()?;
    Some(Insertion {
        at: last.span.end as usize,
        text: format!(", {rule}"),
        reason: None,
    })
}

/// A comment on a line of its own before the line that begins at or around `at`.
fn above(text: &str, at: usize, word: &str, rule: &str) -> Insertion {
    let start = line_of(text, at).start;
    let rest = &text[start..];
    let indent = &rest[..rest.len() - rest.trim_start_matches([' ', '\t']).len()];
    let comment = format!("{indent}# seatrial: {word}[{rule}]");
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    Insertion {
        at: start,
        reason: Some(comment.len()),
        text: comment + end,
    }
}

/// The line that holds a byte, without its end and without a byte order mark.
fn line_of(text: &str, at: usize) -> Range<usize> {
    let mark = hidden(text, false);
    let line = words::line(&text[mark..], at.saturating_sub(mark));
    mark + line.start..mark + line.end
}

/// What adds a rule to the `ignore` of a configuration; `None` where it is not understood or says it in a way that
/// has no place for it.
pub(super) fn in_configuration(text: &str, is_shared: bool, rule: &str) -> Option<Insertion> {
    let table = DeTable::parse(text).ok()?;
    let mut table = table.get_ref();
    if is_shared {
        for key in ["tool", "seatrial"] {
            table = match table.get(key)?.get_ref() {
                DeValue::Table(table) => table,
                _ => return None,
            };
        }
    }
    if let Some(value) = table.get("ignore") {
        let DeValue::Array(items) = value.get_ref() else {
            return None;
        };
        let (at, text) = match items.iter().last() {
            Some(last) => (last.span().end, format!(", \"{rule}\"")),
            None => (value.span().start + 1, format!("\"{rule}\"")),
        };
        let reason = None;
        return Some(Insertion { at, text, reason });
    }
    let mut at = hidden(text, false);
    if is_shared {
        let mut lines = text.split_inclusive('\n');
        let mut end = 0;
        lines.find(|line| {
            end += line.len();
            line.trim() == "[tool.seatrial]"
        })?;
        at = end;
    }
    let before = match at > 0 && is_shared && !text[..at].ends_with('\n') {
        true => "\n",
        false => "",
    };
    Some(Insertion {
        at,
        text: format!("{before}ignore = [\"{rule}\"]\n"),
        reason: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: FileId = FileId(0);

    fn first(text: &str, marked: &str, is_dockerfile: bool) -> String {
        let start = u32::try_from(text.find(marked).unwrap()).unwrap();
        let place = Span::point(FILE, start);
        here(text, place, "r", named("a.py", is_dockerfile))[0].apply(text)
    }

    fn named(name: &str, is_dockerfile: bool) -> File<'_> {
        File {
            name,
            is_dockerfile,
        }
    }

    #[test]
    fn a_comment_stands_before_what_it_covers() {
        assert_eq!(
            first("FROM a\r\nRUN b \\\r\n  c\r\n", "c\r", true),
            "FROM a\r\n# seatrial: ignore[r]\r\nRUN b \\\r\n  c\r\n"
        );
        assert_eq!(
            first("# seatrial: ignore[q] why\nFROM a\n", "a\n", true),
            "# seatrial: ignore[q, r] why\nFROM a\n"
        );
        assert_eq!(
            first("\u{feff}x:\n  y: 1\n", "y", false),
            "\u{feff}x:\n  # seatrial: ignore[r]\n  y: 1\n"
        );
        assert_eq!(
            first("a = 1  # seatrial: ignore[q]\n", "1", false),
            "a = 1  # seatrial: ignore[q, r]\n"
        );
        let end = here("a = 1", Span::point(FILE, 0), "r", named("a.py", false));
        assert_eq!(end[1].apply("a = 1"), "a = 1  # seatrial: ignore[r]");
        let ini = here(
            "a = 1",
            Span::point(FILE, 0),
            "r",
            named("uwsgi.ini", false),
        );
        assert_eq!(ini.len(), 1);
    }

    #[test]
    fn a_comment_for_the_file_stands_behind_what_has_to_be_first() {
        let file = |text: &str, is_dockerfile| {
            in_file(FILE, text, "r", named("a.sh", is_dockerfile)).apply(text)
        };
        assert_eq!(
            file("# syntax=a\n# escape=`\n# b\nFROM a\n", true),
            "# syntax=a\n# escape=`\n# seatrial: ignore-file[r]\n# b\nFROM a\n"
        );
        assert_eq!(
            file("#!/bin/sh\n# -*- coding: utf-8 -*-\nx\n", false),
            "#!/bin/sh\n# -*- coding: utf-8 -*-\n# seatrial: ignore-file[r]\nx\n"
        );
        assert_eq!(
            file("# seatrial: ignore-file[q]\nx\n", false),
            "# seatrial: ignore-file[q, r]\nx\n"
        );
        assert_eq!(file("", false), "# seatrial: ignore-file[r]\n");
    }

    #[test]
    fn a_configuration_learns_of_a_rule() {
        let own = |text: &str| in_configuration(text, false, "r").map(|one| one.apply(text));
        let shared = |text: &str| in_configuration(text, true, "r").map(|one| one.apply(text));
        assert_eq!(own("").as_deref(), Some("ignore = [\"r\"]\n"));
        assert_eq!(own("ignore = []\n").as_deref(), Some("ignore = [\"r\"]\n"));
        assert_eq!(
            own("ignore = [\n  \"q\", # why\n]\n[rule.x]\n").as_deref(),
            Some("ignore = [\n  \"q\", \"r\", # why\n]\n[rule.x]\n")
        );
        assert_eq!(
            own("[rule.x]\na = 1\n").as_deref(),
            Some("ignore = [\"r\"]\n[rule.x]\na = 1\n")
        );
        assert_eq!(
            shared("[a]\n\n[tool.seatrial]").as_deref(),
            Some("[a]\n\n[tool.seatrial]\nignore = [\"r\"]\n")
        );
        assert_eq!(shared("[tool.seatrial]\nignore = 1"), None);
        assert_eq!(own("a ="), None);
    }
}
