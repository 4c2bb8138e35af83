//! The instruction list in the shape of BuildKit's own parser, for comparing and for tool authors.
//!
//! Texts here are BuildKit's, quirks included; nothing else in the crate reads this form.

use super::ast::{Args, Dockerfile, Flag, Heredoc, Instruction, Keyword, SyntaxErrorKind};
use super::instruction::first_word;
use super::{first_error, words};

/// One JSON object on one line, without a line end.
///
/// `file` is written as given. `parse_error` or `instruction_error` is there when BuildKit refuses
/// the file; with `parse_error` the `escape` is empty, as BuildKit does not get that far, and the
/// instructions are those that could be recovered.
#[must_use]
pub(crate) fn to_json(dockerfile: &Dockerfile, text: &str, file: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2 + 256);
    let parse_error = first_error(dockerfile, SyntaxErrorKind::Parse);
    let mut buffer = [0; 4];
    let escape = if parse_error.is_some() {
        ""
    } else {
        dockerfile.escape.encode_utf8(&mut buffer)
    };
    out.push_str("{\"file\":");
    string(&mut out, file);
    out.push_str(",\"escape\":");
    string(&mut out, escape);
    if let Some(error) = parse_error {
        out.push_str(",\"parse_error\":");
        string(&mut out, &error.message);
    } else if let Some(error) = first_error(dockerfile, SyntaxErrorKind::Instruction) {
        out.push_str(",\"instruction_error\":");
        string(&mut out, &error.message);
    }
    out.push_str(",\"instructions\":");
    list(&mut out, &dockerfile.instructions, |out, item| {
        instruction(out, item, text);
    });
    out.push('}');
    out
}

fn instruction(out: &mut String, instruction: &Instruction, source: &str) {
    out.push_str("{\"keyword\":");
    string(out, instruction.keyword_text.as_str());
    out.push_str(",\"start_line\":");
    out.push_str(&instruction.start_line.to_string());
    out.push_str(",\"end_line\":");
    out.push_str(&instruction.end_line.to_string());
    out.push_str(",\"flags\":");
    list(out, &instruction.flags, |out, item| flag(out, item, source));
    out.push_str(",\"args\":");
    list(out, &args(instruction), |out, arg| string(out, arg));
    out.push_str(",\"json\":");
    let is_json = matches!(instruction.args, Args::Json(_));
    out.push_str(if is_json { "true" } else { "false" });
    out.push_str(",\"heredocs\":");
    list(out, &instruction.heredocs, heredoc);
    out.push('}');
}

fn args(instruction: &Instruction) -> Vec<&str> {
    let mut args = Vec::new();
    match instruction.keyword {
        Keyword::Unknown => args.push(""),
        Keyword::Onbuild if instruction.trigger.is_some() => args.push(""),
        Keyword::Healthcheck => {
            let kind = first_word(instruction.rest.as_str());
            args.extend((!kind.is_empty()).then_some(kind));
        }
        _ => {}
    }
    match &instruction.args {
        Args::None => {}
        Args::Text(text) => args.push(text.as_str()),
        Args::Json(words) | Args::Words(words) => {
            args.extend(words.iter().map(crate::span::Traced::as_str));
        }
        Args::Pairs(pairs) => {
            for pair in pairs {
                let sign = if pair.is_legacy { "" } else { "=" };
                args.extend([pair.key.as_str(), pair.value.as_str(), sign]);
            }
        }
    }
    args
}

/// BuildKit reads flags byte by byte: each byte of a character beyond ASCII becomes a character,
/// and one that looks like a blank ends the flag.
fn flag(out: &mut String, flag: &Flag, source: &str) {
    let mut text = format!("--{}", flag.name);
    if let Some(value) = &flag.value {
        text.push('=');
        text.push_str(value.as_str());
    }
    if !text.is_ascii() {
        let mut bytes = text.as_bytes();
        let is_cut = text.ends_with(words::has_byte_blank)
            && flag.span.slice(source).chars().next_back() == text.chars().next_back();
        if is_cut {
            let is_blank = |byte: &u8| words::BYTE_BLANKS.contains(byte);
            bytes = &bytes[..bytes.iter().rposition(is_blank).unwrap_or(bytes.len())];
        }
        text = bytes.iter().copied().map(char::from).collect();
    }
    string(out, &text);
}

fn heredoc(out: &mut String, heredoc: &Heredoc) {
    out.push_str("{\"name\":");
    string(out, &heredoc.name);
    out.push_str(if heredoc.expand {
        ",\"expand\":true"
    } else {
        ",\"expand\":false"
    });
    out.push_str(if heredoc.chomp {
        ",\"chomp\":true"
    } else {
        ",\"chomp\":false"
    });
    out.push_str(",\"content\":");
    string(out, heredoc.content.as_str());
    out.push('}');
}

fn list<T>(out: &mut String, items: &[T], write: impl Fn(&mut String, &T)) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(']');
}

/// A JSON string, escaped as Go does: also what HTML and JavaScript would trip over.
fn string(out: &mut String, text: &str) {
    out.push('"');
    let mut run = 0;
    for (at, c) in text.char_indices() {
        let short = match c {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\u{8}' => "\\b",
            '\u{c}' => "\\f",
            '\0'..='\x1f' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => "",
            _ => continue,
        };
        out.push_str(&text[run..at]);
        if short.is_empty() {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push_str(short);
        }
        run = at + c.len_utf8();
    }
    out.push_str(&text[run..]);
    out.push('"');
}
