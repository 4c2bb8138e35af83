//! Where the comments of a file are and what each of them covers.

use std::ops::Range;

use super::pragma::{self, Said};
use super::{Pragma, Scope};
use crate::dockerfile::ast::Dockerfile;
use crate::span::{FileId, Span};

/// The comments of a Dockerfile: between instructions they cover the next one, within one the line
/// that follows. In heredocs they are what [`scan_other`] takes them for.
#[must_use]
pub(crate) fn scan_dockerfile(dockerfile: &Dockerfile, text: &str) -> Vec<Pragma> {
    let mut found = Vec::new();
    for directive in &dockerfile.directives {
        if directive.name == "check"
            && let Some(said) =
                pragma::check_directive(directive.value.as_str(), directive.value.span())
        {
            found.push(make(said, directive.span, Scope::File, true));
        }
    }
    if !text.contains("seatrial:") && !text.contains("hadolint") {
        return found;
    }
    for comment in &dockerfile.comments {
        let Some(said) = pragma::read(comment.span.slice(text), comment.span) else {
            continue;
        };
        let scope = if comment.is_inside_instruction {
            next_line(
                text,
                comment.span.file,
                comment.span.end as usize..text.len(),
            )
        } else {
            let position = dockerfile
                .instructions
                .partition_point(|instruction| instruction.span.start < comment.span.end);
            dockerfile
                .instructions
                .get(position)
                .map_or(Scope::Nothing, |instruction| {
                    Scope::Within(instruction.span)
                })
        };
        found.push(make(said, comment.span, scope, true));
    }
    for instruction in &dockerfile.instructions {
        for heredoc in &instruction.heredocs {
            let range = heredoc.content.span().range();
            found.extend(scan_range(text, dockerfile.file, range, true));
        }
    }
    found
}

/// The comments of a script, a settings module, a requirements, ini or YAML file: one that ends a
/// line covers that line, one on a line of its own the next line that is no comment.
#[must_use]
pub(crate) fn scan_other(file: FileId, name: &str, text: &str) -> Vec<Pragma> {
    scan_range(text, file, 0..text.len(), has_line_end_comments(name))
}

/// Whether a comment may end a line of the file. In ini files, as uWSGI reads them, and in ignore files it would be
/// part of the value or the pattern.
pub(crate) fn has_line_end_comments(name: &str) -> bool {
    !name.ends_with(".ini") && !name.ends_with("ignore")
}

fn scan_range(text: &str, file: FileId, range: Range<usize>, ends_lines: bool) -> Vec<Pragma> {
    let mut found = Vec::new();
    let mut from = range.start;
    while let Some(at) = text
        .get(from..range.end)
        .and_then(|rest| rest.find("seatrial:"))
    {
        let at = from + at;
        let line = line_around(text, at);
        from = line.end;
        let before = text[line.start..at].trim_end();
        let is_comment = match before.strip_suffix(';') {
            Some(rest) => rest.trim().is_empty(),
            None => before.ends_with('#'),
        };
        if !is_comment {
            continue;
        }
        let start = line.start + before.trim_end_matches(['#', ';']).len();
        let span = span(file, start..line.end);
        let Some(said) = pragma::read(span.slice(text), span) else {
            continue;
        };
        let owns_line = text[line.start..start].trim().is_empty();
        if !owns_line && !ends_lines {
            continue;
        }
        let scope = if owns_line {
            next_line(text, file, line.end..range.end)
        } else {
            Scope::Touches(self::span(file, line.clone()))
        };
        found.push(make(said, span, scope, owns_line));
    }
    found
}

fn make(said: Said, span: Span, scope: Scope, owns_line: bool) -> Pragma {
    Pragma {
        span,
        dialect: said.dialect,
        words: said.words,
        until: said.until,
        reason: said.reason,
        scope: if said.is_global { Scope::File } else { scope },
        owns_line,
    }
}

/// The first line of `range` (which begins at the end of a line) that is neither blank nor a comment.
fn next_line(text: &str, file: FileId, range: Range<usize>) -> Scope {
    let Some(rest) = text.get(range.clone()) else {
        return Scope::Nothing;
    };
    let mut at = range.start;
    for line in rest.split_inclusive('\n') {
        let content = line.trim();
        let is_first = at == range.start;
        if !is_first && !content.is_empty() && !content.starts_with(['#', ';']) {
            return Scope::Begins(span(file, at..at + line.trim_end().len()));
        }
        at += line.len();
    }
    Scope::Nothing
}

/// The line that holds the byte at `at`, without its end.
fn line_around(text: &str, at: usize) -> Range<usize> {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    let trimmed = text[start..end].trim_end_matches('\r').len();
    start..start + trimmed
}

fn span(file: FileId, range: Range<usize>) -> Span {
    let offset = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    Span::new(file, offset(range.start), offset(range.end))
}
