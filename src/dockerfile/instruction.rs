//! From a logical line to an [`Instruction`]: keyword, flags, arguments by the keyword's rules.
//!
//! What BuildKit's parser refuses is reported here; what it refuses one step later is the business
//! of `validate`.

use std::ops::Range;

use super::ast::{Args, Instruction, Keyword, Pair, SyntaxError, SyntaxErrorKind};
use super::{json, words};
use crate::span::{Span, Traced};

/// How deep `ONBUILD ONBUILD ...` is read. BuildKit refuses the second one already.
const MAX_TRIGGERS: u32 = 8;

/// Where an instruction stands.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub span: Span,
    pub start_line: u32,
    pub end_line: u32,
}

/// Reads logical lines of one file.
pub(super) struct Reader<'a> {
    /// The whole file.
    pub text: &'a str,
    pub escape: char,
    pub errors: Vec<SyntaxError>,
}

impl Reader<'_> {
    /// Reads a whole logical line. Heredocs are added by the caller.
    pub(super) fn read(&mut self, line: &Traced, place: Place) -> Instruction {
        self.part(line, 0..line.len(), place, 0)
    }

    fn part(
        &mut self,
        line: &Traced,
        range: Range<usize>,
        place: Place,
        depth: u32,
    ) -> Instruction {
        let text = line.as_str();
        let range = words::trim(text, range);
        let (keyword_range, after) = words::split_first(text, range);
        let keyword = Keyword::parse(&text[keyword_range.clone()]);
        let (flags, rest_range) = words::flags(line, after, self.escape);
        let rest_range = words::trim(text, rest_range);
        let mut instruction = Instruction {
            keyword,
            keyword_text: line.slice(keyword_range),
            span: place.span,
            start_line: place.start_line,
            end_line: place.end_line,
            flags,
            rest: line.slice(rest_range.clone()),
            args: Args::None,
            heredocs: Vec::new(),
            trigger: None,
            is_broken: false,
        };
        if rest_range.is_empty() || keyword == Keyword::Unknown {
            return instruction;
        }
        if keyword == Keyword::Onbuild {
            if depth < MAX_TRIGGERS {
                let place = self.place_within(line, &rest_range, place);
                let trigger = self.part(line, rest_range, place, depth + 1);
                instruction.is_broken = trigger.is_broken;
                instruction.trigger = Some(Box::new(trigger));
            }
            return instruction;
        }
        let before = self.errors.len();
        instruction.args = self.args(keyword, line, rest_range, &instruction.rest);
        instruction.is_broken = self.errors.len() > before;
        instruction
    }

    /// The place of a trigger: it may begin on a later line than its ONBUILD.
    fn place_within(&self, line: &Traced, range: &Range<usize>, outer: Place) -> Place {
        let start = line
            .span_of(range.start..range.start)
            .start
            .max(outer.span.start);
        let start = start.min(outer.span.end);
        let before = Span::new(outer.span.file, outer.span.start, start).slice(self.text);
        let lines = before.bytes().filter(|b| *b == b'\n').count();
        Place {
            span: Span::new(outer.span.file, start, outer.span.end),
            start_line: outer.start_line + u32::try_from(lines).unwrap_or(0),
            end_line: outer.end_line,
        }
    }

    fn args(
        &mut self,
        keyword: Keyword,
        line: &Traced,
        range: Range<usize>,
        rest: &Traced,
    ) -> Args {
        match keyword {
            Keyword::Run | Keyword::Cmd | Keyword::Entrypoint | Keyword::Shell => self
                .json(line, range)
                .unwrap_or_else(|| Args::Text(rest.clone())),
            Keyword::Add | Keyword::Copy | Keyword::Volume => self
                .json(line, range.clone())
                .unwrap_or_else(|| Args::Words(words::split_blanks(line, range))),
            Keyword::From | Keyword::Expose => Args::Words(words::split_blanks(line, range)),
            Keyword::Workdir | Keyword::User | Keyword::Stopsignal | Keyword::Maintainer => {
                Args::Text(rest.clone())
            }
            Keyword::Arg => Args::Words(
                words::split_quoted(line.as_str(), range, self.escape)
                    .into_iter()
                    .map(|word| line.slice(word))
                    .collect(),
            ),
            Keyword::Env | Keyword::Label => self.pairs(keyword, line, range),
            Keyword::Healthcheck => {
                let command = healthcheck_command(line.as_str(), range);
                if command.is_empty() {
                    return Args::None;
                }
                self.json(line, command.clone())
                    .unwrap_or_else(|| Args::Text(line.slice(command)))
            }
            Keyword::Onbuild | Keyword::Unknown => Args::None,
        }
    }

    /// The JSON form; `None` when the arguments are to be read in the other one.
    fn json(&mut self, line: &Traced, range: Range<usize>) -> Option<Args> {
        match json::array(line, range) {
            json::Array::Strings(strings) => Some(Args::Json(strings)),
            json::Array::NotJson => None,
            json::Array::NotStrings(span) => {
                let message = "every element of the JSON form must be a string: quote this one";
                self.error(span, message.to_owned());
                Some(Args::None)
            }
        }
    }

    fn pairs(&mut self, keyword: Keyword, line: &Traced, range: Range<usize>) -> Args {
        let text = line.as_str();
        let name = keyword.name();
        let words = words::split_quoted(text, range.clone(), self.escape);
        let Some(first) = words.first() else {
            return Args::None;
        };
        if !text[first.clone()].contains('=') {
            let (key, value) = words::split_first(text, range);
            if value.is_empty() {
                let written = &text[key.clone()];
                let message = format!("`{name} {written}` has no value: write `{written}=value`");
                self.error(line.span_of(key), message);
                return Args::None;
            }
            return Args::Pairs(vec![Pair {
                key: line.slice(key),
                value: line.slice(value),
                is_legacy: true,
            }]);
        }
        let mut pairs = Vec::with_capacity(words.len());
        let mut is_reported = false;
        for word in words {
            let Some(equals) = text[word.clone()].find('=') else {
                if !is_reported {
                    let message = missing_equals(name, &text[word.clone()]);
                    self.error(line.span_of(word), message);
                    is_reported = true;
                }
                continue;
            };
            let equals = word.start + equals;
            pairs.push(Pair {
                key: line.slice(word.start..equals),
                value: line.slice(equals + 1..word.end),
                is_legacy: false,
            });
        }
        Args::Pairs(pairs)
    }

    pub(super) fn error(&mut self, span: Span, message: String) {
        self.errors.push(SyntaxError {
            kind: SyntaxErrorKind::Parse,
            span,
            message,
        });
    }
}

fn missing_equals(name: &str, word: &str) -> String {
    let upper = Keyword::parse(word);
    if upper != Keyword::Unknown && word == upper.name() {
        return format!(
            "`{word}` is read as part of this {name}: end the line before it without a continuation"
        );
    }
    format!("`{word}` has no `=`: {name} takes `name=value`, and quotes around a value with spaces")
}

/// What follows the first word of HEALTHCHECK.
fn healthcheck_command(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let after = &part[first_word(part).len()..];
    let is_blank = |c: char| c.is_ascii() && c.is_whitespace();
    range.end - after.trim_start_matches(is_blank).len()..range.end
}

/// What HEALTHCHECK has before its command. Only ASCII white space ends it.
pub(super) fn first_word(text: &str) -> &str {
    text.split(|c: char| c.is_ascii() && c.is_whitespace())
        .next()
        .unwrap_or("")
}
