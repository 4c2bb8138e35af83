//! What a start script does with the words it is started with.

use crate::span::{Span, Traced};

/// The first `"$@"`, `$@` or `$*` of the script as written, one behind `exec` before all others.
pub(crate) fn first(text: &Traced) -> Option<(Span, String)> {
    let mut offset = 0;
    let mut first = None;
    for line in text.as_str().split_inclusive('\n') {
        if let Some((at, written)) = arguments_of(line) {
            let start = offset + at;
            let found = (
                text.span_of(start..start + written.len()),
                written.to_owned(),
            );
            if line.split_whitespace().any(|word| word == "exec") {
                return Some(found);
            }
            first.get_or_insert(found);
        }
        offset += line.len();
    }
    first
}

/// It hands its arguments on to a program, each as one word; `None` where it does something else with them.
pub(crate) fn are_passed_on(text: &Traced) -> Option<bool> {
    let (_, written) = first(text)?;
    let mut lines = text
        .as_str()
        .lines()
        .filter(|line| line.contains(written.as_str()));
    // `sh -c "$@"` takes the first one for a script; `cmd="$@"` makes one text of all, which a shell may split again.
    let assigned = format!("={written}");
    let is_whole = written.contains('@') && written.starts_with('"');
    let takes_apart = |line: &str| line.contains(" -c") || line.contains(&assigned);
    (is_whole && !lines.any(takes_apart)).then_some(true)
}

/// The script looks at its arguments; `None` when something it sources may do so for it.
pub(crate) fn are_looked_at(text: &str) -> Option<bool> {
    if are_used(text) {
        return Some(true);
    }
    let sources = code_words(text).any(|word| matches!(word, "." | "source"));
    (!sources).then_some(false)
}

/// How a line names all arguments, and where. Inside longer quotes (`echo "args: $@"`) they are text to show.
fn arguments_of(line: &str) -> Option<(usize, &'static str)> {
    let mut quote = None;
    let mut before = None;
    for (at, c) in line.char_indices() {
        let rest = &line[at..];
        let is_escaped = before == Some('\\');
        match (quote, c) {
            (None, '#') if before.is_none_or(char::is_whitespace) => return None,
            (None, '"' | '\'') if !is_escaped => {
                let whole = ["\"$@\"", "\"${@}\"", "\"$*\""];
                if let Some(written) = whole.into_iter().find(|whole| rest.starts_with(whole)) {
                    return Some((at, written));
                }
                quote = Some(c);
            }
            (None, '$') if !is_escaped => {
                if let Some(written) = ["$@", "$*"].into_iter().find(|bare| rest.starts_with(bare))
                {
                    return Some((at, written));
                }
            }
            (Some('"'), '"') if !is_escaped => quote = None,
            (Some('\''), '\'') => quote = None,
            _ => {}
        }
        // A backslash that is itself escaped protects nothing.
        before = Some(if is_escaped && c == '\\' { ' ' } else { c });
    }
    None
}

/// The words of all lines that are no comments, cut at `;`, `&`, `|` and brackets too.
pub(crate) fn code_words(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .flat_map(|line| line.split(|c: char| c.is_whitespace() || ";&|(){}`".contains(c)))
}

/// Outside comments, one of `$@`, `$*`, `$#`, `$1` to `$9`, with or without braces, or `shift`.
pub(crate) fn are_used(text: &str) -> bool {
    text.lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .any(|line| {
            let after = line
                .match_indices('$')
                .map(|(at, _)| line[at + 1..].trim_start_matches('{'));
            let named = after
                .filter_map(|rest| rest.chars().next())
                .any(|c| matches!(c, '@' | '*' | '#' | '1'..='9'));
            named || line.split_whitespace().any(|word| word == "shift")
        })
}
