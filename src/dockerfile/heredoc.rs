//! Heredocs: which words of a logical line open one, and where it ends.
//!
//! A word opens one by BuildKit's own word lexer (always with `\` as escape), not by a shell's.

use crate::maps::HashMap;

use super::ast::{Args, Heredoc, Instruction, Keyword};
use super::lex::{Lexer, Mode};
use super::lines::{Line, Lines};
use crate::span::{FileId, Span, Traced};

/// A `<<NAME` word.
pub(super) struct Marker {
    pub name: String,
    pub word: Span,
    pub expand: bool,
    pub chomp: bool,
}

/// The parameters of a shell in a text whose variables the build fills in: it has none of them, and puts nothing in
/// their place. One behind a `\` stays. (BuildKit's `isSpecialParam`; quotes in the text do not count.)
pub(crate) fn lost_parameters(text: &Traced) -> Vec<Traced> {
    let bytes = text.as_str().as_bytes();
    let is_parameter = |byte: &u8| byte.is_ascii_digit() || b"@*#".contains(byte);
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'$' => {
                let is_braced = bytes.get(at + 1) == Some(&b'{');
                let name = at + 1 + usize::from(is_braced);
                let end = name + 1 + usize::from(is_braced);
                let is_closed = !is_braced || bytes.get(name + 1) == Some(&b'}');
                if bytes.get(name).is_some_and(is_parameter) && is_closed {
                    out.push(Traced::new(&text.as_str()[at..end], text.span_of(at..end)));
                }
                at = name;
            }
            _ => at += 1,
        }
    }
    out
}

/// Whether heredocs are looked for: ADD, COPY and RUN, also under ONBUILD, not in JSON form.
pub(super) fn may_have(instruction: &Instruction) -> bool {
    let instruction = match (&instruction.keyword, &instruction.trigger) {
        (Keyword::Onbuild, Some(trigger)) => trigger,
        _ => instruction,
    };
    matches!(
        instruction.keyword,
        Keyword::Add | Keyword::Copy | Keyword::Run
    ) && !matches!(instruction.args, Args::Json(_))
}

/// The heredocs a logical line opens. A line that the lexer cannot read opens none.
///
/// # Errors
/// When the name of one cannot be read.
pub(super) fn markers(line: &Traced) -> Result<Vec<Marker>, (Span, String)> {
    let mut lexer = Lexer::new(line, '\\', Mode::HeredocLine, &NoVariables);
    let Ok(words) = lexer.words() else {
        return Ok(Vec::new());
    };
    let mut markers = Vec::new();
    for word in words {
        if let Some(marker) = marker(&word)? {
            markers.push(marker);
        }
    }
    Ok(markers)
}

/// The heredoc a single word opens, if it opens one.
///
/// # Errors
/// When its name cannot be read.
pub(super) fn marker(word: &Traced) -> Result<Option<Marker>, (Span, String)> {
    let text = word.as_str();
    let after_digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let Some(after) = after_digits.strip_prefix("<<") else {
        return Ok(None);
    };
    let (chomp, after) = match after.strip_prefix('-') {
        Some(after) => (true, after),
        None => (false, after),
    };
    let name = after.trim_start_matches(['\t', '\n', '\x0c', '\r', ' ']);
    if name.is_empty() || name.contains('<') {
        return Ok(None);
    }
    let name = word.slice(text.len() - name.len()..text.len());
    let read = |mode| Lexer::new(&name, '\\', mode, &NoVariables).words();
    let words = read(Mode::HeredocName).map_err(|e| (e.span, e.message))?;
    let [plain] = words.as_slice() else {
        return Ok(None);
    };
    let raw = read(Mode::HeredocRawName).map_err(|e| (e.span, e.message))?;
    let [raw] = raw.as_slice() else {
        let message = "the name of this heredoc cannot be read".to_owned();
        return Err((word.span(), message));
    };
    let plain = plain.as_str();
    Ok(Some(Marker {
        name: plain.to_owned(),
        word: word.span(),
        expand: quotes(plain) == quotes(raw.as_str()),
        chomp,
    }))
}

fn quotes(text: &str) -> usize {
    text.bytes().filter(|b| matches!(b, b'\'' | b'"')).count()
}

/// Nothing is set: names of heredocs are not expanded.
struct NoVariables;

impl super::variables::Lookup for NoVariables {
    fn get(&self, _name: &str) -> super::variables::Var<'_> {
        super::variables::Var::Unset
    }
}

/// Reads the bodies of heredocs.
pub(super) struct Bodies<'a> {
    file: FileId,
    text: &'a str,
    /// Where each line that could end a heredoc stands last; made on the first heredoc that is not
    /// closed, so that a file full of them is not read again and again.
    last: Option<HashMap<&'a str, usize>>,
}

/// A heredoc as it was read.
pub(super) struct Body {
    pub heredoc: Heredoc,
    /// Why it has no end.
    pub error: Option<String>,
}

impl<'a> Bodies<'a> {
    pub(super) fn new(file: FileId, text: &'a str) -> Self {
        Self {
            file,
            text,
            last: None,
        }
    }

    /// Reads one body from where `lines` stand, and leaves them after its terminator.
    ///
    /// Without a terminator the body ends before the first line that looks like the next
    /// instruction.
    pub(super) fn read(
        &mut self,
        marker: Marker,
        lines: &mut Lines<'a>,
        too_long: &mut Vec<Span>,
    ) -> Body {
        let start = lines.offset();
        if !self.is_surely_open(&marker, start) {
            let mut ahead = lines.clone();
            let mut long = Vec::new();
            while let Some(line) = ahead.next() {
                if line.is_too_long {
                    long.push(self.span(line.start, line.end()));
                }
                if closes(&marker, &line) {
                    *lines = ahead;
                    too_long.append(&mut long);
                    let name_start = line.end() - marker.name.len();
                    let terminator = self.span(name_start, line.end());
                    return self.body(marker, start, line.start, terminator, None);
                }
            }
            self.index();
        }
        let error = self.why_open(&marker, lines.clone());
        let end = skip_to_instruction(lines);
        let body = self.text[start..end].trim_end_matches(['\r', '\n']);
        let point = if body.is_empty() {
            Span::point(marker.word.file, marker.word.end)
        } else {
            Span::point(self.file, offset(start + body.len()))
        };
        self.body(marker, start, end, point, Some(error))
    }

    fn body(
        &self,
        marker: Marker,
        start: usize,
        end: usize,
        terminator: Span,
        error: Option<String>,
    ) -> Body {
        let span = self.span(start, end.max(start));
        Body {
            heredoc: Heredoc {
                name: marker.name,
                word: marker.word,
                expand: marker.expand,
                chomp: marker.chomp,
                content: Traced::new(span.slice(self.text), span),
                terminator,
            },
            error,
        }
    }

    fn index(&mut self) {
        if self.last.is_some() {
            return;
        }
        let mut last = HashMap::default();
        for line in Lines::new(self.text) {
            last.insert(line.text, line.start);
            last.insert(line.text.trim_start_matches('\t'), line.start);
        }
        self.last = Some(last);
    }

    /// No line from `start` on can end it.
    fn is_surely_open(&self, marker: &Marker, start: usize) -> bool {
        self.last.as_ref().is_some_and(|last| {
            last.get(marker.name.as_str())
                .is_none_or(|last| *last < start)
        })
    }

    /// Says what is missing, and where a near miss stands.
    fn why_open(&self, marker: &Marker, lines: Lines<'a>) -> String {
        let name = &marker.name;
        let core = name.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '_');
        // A near miss further down is of no use, and looking for it is not free.
        for line in lines.take(200) {
            if line.text.trim() == name {
                let number = line.number;
                return if line.text.starts_with('\t') && !marker.chomp {
                    format!(
                        "the heredoc is not closed: line {number} is indented, open it with `<<-{name}` or start the \
                            line with `{name}`"
                    )
                } else {
                    format!(
                        "the heredoc is not closed: line {number} must be `{name}` without spaces around it"
                    )
                };
            }
            if core != name && !core.is_empty() && line.text.trim() == core {
                return format!(
                    "the heredoc ends at a line `{name}`, not `{core}`: put a space after `<<{core}`"
                );
            }
        }
        format!("the heredoc is not closed: a line `{name}` is missing")
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, offset(start), offset(end))
    }
}

fn closes(marker: &Marker, line: &Line<'_>) -> bool {
    let text = if marker.chomp {
        line.text.trim_start_matches('\t')
    } else {
        line.text
    };
    text == marker.name
}

/// Moves to the first line that begins with a keyword in upper case, or to the end.
fn skip_to_instruction(lines: &mut Lines<'_>) -> usize {
    loop {
        let at = lines.offset();
        let mut ahead = lines.clone();
        let Some(line) = ahead.next() else {
            return at;
        };
        let word = line.text.split([' ', '\t']).next().unwrap_or("");
        let keyword = Keyword::parse(word);
        if keyword != Keyword::Unknown && keyword.name() == word && word.len() < line.text.len() {
            return at;
        }
        *lines = ahead;
    }
}

fn offset(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_that_the_build_replaces_by_nothing() {
        let text = "exec \"$@\" ${1} \\$@ $HOME $(id) ${@:2} $0\n\\";
        let traced = Traced::new(
            text,
            Span::new(FileId(0), 0, u32::try_from(text.len()).unwrap()),
        );
        let found = lost_parameters(&traced);
        let texts: Vec<_> = found.iter().map(Traced::as_str).collect();
        assert_eq!(texts, ["$@", "${1}", "$0"]);
        assert!(found.iter().all(|it| it.span().slice(text) == it.as_str()));
    }
}
