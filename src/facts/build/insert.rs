//! Where another pair can be written into an ENV.

use crate::dockerfile::ast::Keyword;
use crate::facts::model::Project;
use crate::span::Span;

/// A line that is longer goes on in another one.
const LONG: usize = 120;

/// Text around a new option.
#[derive(Debug, Clone)]
pub(crate) struct Insert {
    pub(crate) at: Span,
    pub(crate) before: String,
    pub(crate) after: &'static str,
}

/// The end of the last pair of the instruction.
pub(crate) fn end_of(p: &Project, env: usize) -> Span {
    let of = p.envs[env].instruction;
    let ends = p.envs[p.envs_of(of)].iter();
    let end = ends.map(|other| other.raw.span().end).max();
    let span = p.envs[env].raw.span();
    Span::point(span.file, end.unwrap_or(span.end))
}

/// Behind a pair of ENV: beside it, or on a line of its own where each has one.
pub(crate) fn in_env(p: &Project, env: usize) -> Insert {
    let fact = &p.envs[env];
    let span = fact.name.span().cover(fact.raw.span());
    let beside: Vec<Span> = p.envs[p.envs_of(fact.instruction)]
        .iter()
        .map(|other| other.name.span().cover(other.raw.span()))
        .collect();
    let text = &p.text.text;
    let insert = |at: u32, before: String| Insert {
        at: Span::point(span.file, at),
        before,
        after: "",
    };
    let is_env = |at: Option<usize>| {
        at.and_then(|at| p.dockerfile.instructions.get(at))
            .is_some_and(|instruction| instruction.keyword == Keyword::Env)
    };
    let at = fact.instruction;
    if fact.is_legacy || beside.len() == 1 && (is_env(at.checked_sub(1)) || is_env(Some(at + 1))) {
        return insert(end_of(p, env).end, "\nENV ".to_owned());
    }
    let line = line_of(text, span);
    let is_alone = beside.len() > 1
        && beside
            .iter()
            .all(|other| *other == span || line_of(text, *other) != line);
    let is_long = line.1 - line.0 > LONG;
    if !is_alone && !is_long {
        return insert(span.end, " ".to_owned());
    }
    // Indented like the pairs that begin a line.
    let lead = |span: &Span| {
        let (start, _) = line_of(text, *span);
        let lead = text.get(start..span.start as usize)?;
        let is_blank = lead.bytes().all(|b| matches!(b, b' ' | b'\t'));
        is_blank.then_some(lead)
    };
    let indent = lead(&span)
        .or_else(|| beside.iter().find_map(lead))
        .unwrap_or("    ");
    // A long line is not torn apart.
    let at = if is_alone {
        span.end
    } else {
        end_of(p, env).end
    };
    insert(at, format!(" {}\n{indent}", p.dockerfile.escape))
}

/// The bytes of the line on which a span ends.
fn line_of(text: &str, span: Span) -> (usize, usize) {
    let end = (span.end as usize).min(text.len());
    let start = text.as_bytes()[..end].iter().rposition(|b| *b == b'\n');
    let rest = text.as_bytes()[end..].iter().position(|b| *b == b'\n');
    (
        start.map_or(0, |at| at + 1),
        rest.map_or(text.len(), |at| end + at),
    )
}
