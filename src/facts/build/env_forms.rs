//! ENV in the form with a blank, `ENV KEY value`, and how the same is written with `=`.

use crate::facts::model::{EnvFact, Project};
use crate::span::Span;

/// A line that the value of a variable took in although it reads as a variable of its own.
pub(crate) struct Swallowed {
    pub(crate) name: String,
    pub(crate) span: Span,
}

fn written<'p>(p: &'p Project, env: &EnvFact) -> &'p str {
    let (name, raw) = (env.name.span(), env.raw.span());
    p.text.slice(Span::new(
        p.dockerfile.file,
        raw.start.max(name.end),
        raw.end,
    ))
}

/// The same pair with `=`; `None` where quotes would have to change, and over several lines.
pub(crate) fn modern(p: &Project, env: &EnvFact) -> Option<String> {
    if !env.is_legacy || written(p, env).contains('\n') {
        return None;
    }
    Some(format!(
        "{}={}",
        env.name.as_str(),
        value(env.raw.as_str())?
    ))
}

/// The value as a word. Docker expands variables without splitting what they hold, and takes quotes off in both forms.
fn value(raw: &str) -> Option<String> {
    let is_whole = |quote: char| {
        let inner = raw
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote));
        inner.is_some_and(|inner| !inner.contains([quote, '\\', '`']))
    };
    if !raw.contains(char::is_whitespace) || is_whole('"') || is_whole('\'') {
        return Some(raw.to_owned());
    }
    (!raw.contains(['"', '\'', '\\', '`'])).then(|| format!("\"{raw}\""))
}

/// The lines behind the first that a value took in and that each read as a variable: `NAME value` or `NAME=value`.
/// Empty unless all of them do.
pub(crate) fn swallowed(p: &Project, env: &EnvFact) -> Vec<Swallowed> {
    if !env.is_legacy {
        return Vec::new();
    }
    let start = env.raw.span().start;
    let mut at = start;
    let mut out = Vec::new();
    for (i, line) in written(p, env).split_inclusive('\n').enumerate() {
        let from = at + u32::try_from(line.len() - line.trim_start().len()).unwrap_or(0);
        at += u32::try_from(line.len()).unwrap_or(0);
        let line = line.trim();
        if i == 0 || line.starts_with('#') || line.is_empty() {
            continue;
        }
        let end = line.find([' ', '\t', '=']).unwrap_or(0);
        let name = &line[..end];
        let is_name = name.starts_with(|c: char| c.is_ascii_uppercase())
            && name
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        if !is_name || name.len() < 2 {
            return Vec::new();
        }
        let length = u32::try_from(name.len()).unwrap_or(0);
        out.push(Swallowed {
            name: name.to_owned(),
            span: Span::new(env.raw.span().file, from, from + length),
        });
    }
    out
}

/// The edits that make variables of a value and the lines it took in: a `=` behind each name.
pub(crate) fn apart(p: &Project, env: &EnvFact) -> Vec<Span> {
    let file = p.dockerfile.file;
    let names: Vec<Span> = swallowed(p, env)
        .into_iter()
        .map(|line| line.span)
        .collect();
    if names.is_empty() || env.raw.span().file != file {
        return Vec::new();
    }
    let mut out = Vec::new();
    for name in std::iter::once(env.name.span()).chain(names) {
        let rest = p.text.slice(Span::new(file, name.end, env.raw.span().end));
        let line = rest.lines().next().unwrap_or_default();
        let line = line
            .trim_end()
            .trim_end_matches(p.dockerfile.escape)
            .trim_end();
        let gap = line.len() - line.trim_start_matches([' ', '\t', '=']).len();
        // A value that needs quotes is for a person.
        if gap == 0 || line[gap..].is_empty() || line[gap..].contains([' ', '\t', '"', '\'']) {
            return Vec::new();
        }
        let end = name.end + u32::try_from(gap).unwrap_or(0);
        out.push(Span::new(file, name.end, end));
    }
    out
}
