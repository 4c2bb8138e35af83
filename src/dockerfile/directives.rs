//! Parser directives: `# syntax=`, `# escape=`, `# check=`.
//!
//! Knows the form of one line; which line may still be one is the parser's business.

/// One directive, as offsets into the trimmed line.
pub(super) struct Found<'a> {
    /// Lower case.
    pub name: String,
    pub value: &'a str,
    /// Where the value begins in the line.
    pub value_start: usize,
}

const NAMES: [&str; 3] = ["check", "escape", "syntax"];

/// Reads a line that begins with `#`; `None` when it is a plain comment.
pub(super) fn read(line: &str) -> Option<Found<'_>> {
    let body = line.strip_prefix('#')?.trim_start();
    let length = body.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let (name, after) = body.split_at(length);
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let name = NAMES.into_iter().find(|n| n.eq_ignore_ascii_case(name))?;
    let after = after.trim_start_matches(is_blank).strip_prefix('=')?;
    let mut value = after.trim_matches(is_blank);
    if value.is_empty() {
        // A value must have a character: of blanks alone, the last one is it.
        let last = after.char_indices().next_back()?.0;
        value = &after[last..];
    }
    let value_start = line.len() - after.len() + offset_in(after, value);
    Some(Found {
        name: name.to_owned(),
        value,
        value_start,
    })
}

/// The blanks that may stand around `=`.
fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\x0c' | '\r' | ' ')
}

fn offset_in(whole: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize)
}
