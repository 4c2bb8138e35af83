//! What becomes of an ENV value between the Dockerfile and the container, and whether anything names a variable.
//!
//! Works on the text as written; what a value expands to is [`crate::dockerfile::expand`]'s.

use crate::maps::HashSet;

use crate::facts::model::{EnvFact, Project};
use crate::span::Traced;

/// How a piece of an ENV value is quoted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quote {
    None,
    Single,
    Double,
}

/// The pieces of a value with their quoting: each character, those after an escape with it.
fn pieces(raw: &str, escape: char) -> Vec<(usize, &str, Quote)> {
    let mut out = Vec::new();
    let mut quote = Quote::None;
    let mut rest = raw.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let next = match (quote, c) {
            (Quote::None, '\'') => Quote::Single,
            (Quote::None, '"') => Quote::Double,
            (Quote::Single, '\'') | (Quote::Double, '"') => Quote::None,
            _ => quote,
        };
        if next != quote {
            quote = next;
            continue;
        }
        let mut end = at + c.len_utf8();
        if c == escape
            && quote != Quote::Single
            && let Some((at, c)) = rest.next()
        {
            end = at + c.len_utf8();
        }
        out.push((at, &raw[at..end], quote));
    }
    out
}

/// The first escape outside quotes that loses its backslash although it protects nothing: `\.`, `\d`.
pub(crate) fn lost_escape(env: &EnvFact, escape: char) -> Option<Traced> {
    let raw = env.raw.as_str();
    if !raw.contains(escape) {
        return None;
    }
    let (at, text, _) = pieces(raw, escape).into_iter().find(|(_, text, quote)| {
        *quote == Quote::None
            && text
                .strip_prefix(escape)
                .and_then(|rest| rest.chars().next())
                .is_some_and(|c| c.is_ascii_alphanumeric() || c == '.')
    })?;
    Some(env.raw.slice(at..at + text.len()))
}

/// The first `$1`, `$$`, `$?` or the like: the build puts nothing in its place.
pub(crate) fn lost_parameter(env: &EnvFact, escape: char) -> Option<Traced> {
    let raw = env.raw.as_str();
    if !raw.contains('$') {
        return None;
    }
    let pieces = pieces(raw, escape);
    let found = pieces.windows(2).find(|pair| {
        let [(_, dollar, quote), (_, sign, after)] = pair else {
            return false;
        };
        *dollar == "$"
            && *quote != Quote::Single
            && quote == after
            && sign
                .chars()
                .next()
                .is_some_and(|c| c.is_ascii_digit() || "@*#?-$!".contains(c))
    })?;
    let (start, _, _) = found.first()?;
    let (last, sign, _) = found.last()?;
    Some(env.raw.slice(*start..last + sign.len()))
}

/// The name of a variable stands somewhere in the instructions other than where ENV or ARG set it.
pub(crate) fn is_mentioned(p: &Project, name: &str) -> bool {
    if !name.chars().all(is_word) {
        // No word of the file can be told from what is around it.
        return true;
    }
    let words = p.mentioned.get_or_init(|| mentioned(p));
    words.contains(name)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// All words of the instructions but the names that ENV and ARG set.
fn mentioned(p: &Project) -> HashSet<String> {
    let text: &str = &p.text.text;
    let set: HashSet<(usize, &str)> = p
        .envs
        .iter()
        .map(|env| &env.name)
        .chain(p.global_args.iter().map(|arg| &arg.name))
        .chain(p.stages.iter().flat_map(|s| s.args.iter().map(|a| &a.name)))
        .map(|key| (key.span().range().start, key.as_str()))
        .collect();
    let mut words = HashSet::default();
    for instruction in &p.dockerfile.instructions {
        let mut at = instruction.span.range().start;
        for piece in instruction
            .span
            .slice(text)
            .split_inclusive(|c| !is_word(c))
        {
            let word = piece.trim_end_matches(|c| !is_word(c));
            if !word.is_empty() && !set.contains(&(at, word)) && !words.contains(word) {
                words.insert(word.to_owned());
            }
            at += piece.len();
        }
    }
    words
}
