//! BuildKit's word lexer: quotes, escapes and `$NAME`, on text that knows its places.
//!
//! One engine for expansion and for finding heredocs, which BuildKit does with the same lexer. It
//! knows nothing of instructions, and of variables only what [`Lookup`] tells.

use std::ops::Range;

use super::pattern;
use super::text::{Text, Words};
use super::variables::{Lookup, Var};
use crate::span::{Span, Traced};

/// How deep `${A:-${B:-...}}` is read.
const MAX_DEPTH: u32 = 64;
/// Most text, in bytes, that the values of variables bring to one word; a piece with a place of its own
/// counts 32 more. What is longer is unknown: `ENV A=$A$A` sixty times would fill any memory.
const MAX_VALUES: usize = 16 * 1024;

/// What is done with quotes, escapes and variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Variables are expanded, quotes and escapes removed.
    Expand,
    /// Quotes and escapes are removed, `$` is a character like others.
    Unquote,
    /// A whole line: variables stay, quotes and escapes are kept.
    HeredocLine,
    /// Variables stay, quotes and escapes are removed.
    HeredocName,
    /// Variables stay, quotes are kept, escapes removed.
    HeredocRawName,
}

impl Mode {
    fn keeps_quotes(self) -> bool {
        matches!(self, Mode::HeredocLine | Mode::HeredocRawName)
    }

    fn keeps_escapes(self) -> bool {
        self == Mode::HeredocLine
    }

    fn keeps_variables(self) -> bool {
        !matches!(self, Mode::Expand | Mode::Unquote)
    }
}

/// What BuildKit cannot read, or a `${NAME:?}` that is not met.
#[derive(Debug, Clone)]
pub(super) struct LexError {
    pub span: Span,
    pub message: String,
    /// The text ended too early.
    at_end: bool,
}

type Result<T> = std::result::Result<T, LexError>;

pub(super) struct Lexer<'a> {
    source: &'a Traced,
    text: &'a str,
    at: usize,
    escape: char,
    mode: Mode,
    keeps_escapes: bool,
    variables: &'a dyn Lookup,
    pub(super) names: Vec<(String, Span)>,
    depth: u32,
    /// What values may still bring, see [`MAX_VALUES`].
    room: usize,
    /// A nested text was read: while it looks for heredocs, BuildKit then forgets the start of the
    /// word this text stands in.
    has_nested: bool,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(
        source: &'a Traced,
        escape: char,
        mode: Mode,
        variables: &'a dyn Lookup,
    ) -> Self {
        Self {
            source,
            text: source.as_str(),
            at: 0,
            escape,
            mode,
            keeps_escapes: mode.keeps_escapes(),
            variables,
            names: Vec::new(),
            depth: 0,
            room: MAX_VALUES,
            has_nested: false,
        }
    }

    /// The whole text as one word; what was read up to an error comes with it.
    pub(super) fn word(&mut self) -> (Text, Option<LexError>) {
        let mut out = Text::empty(self.source.span());
        let error = self.until(None, &mut out, None).err();
        (out, error)
    }

    /// The words of the text, split at white space outside quotes after expansion.
    pub(super) fn words(&mut self) -> Result<Vec<Traced>> {
        let mut words = Words {
            current: None,
            done: Vec::new(),
        };
        let mut unused = Text::empty(self.source.span());
        self.until(None, &mut unused, Some(&mut words))?;
        words.flush();
        Ok(words.done)
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn piece(&self, start: usize, end: usize) -> Text {
        Text::known(self.source.slice(start..end))
    }

    fn error<T>(&self, start: usize, message: impl Into<String>, at_end: bool) -> Result<T> {
        Err(LexError {
            span: self.source.span_of(start..self.at.max(start)),
            message: message.into(),
            at_end,
        })
    }

    /// Reads up to `stop`, or to the end without one.
    fn until(
        &mut self,
        stop: Option<char>,
        out: &mut Text,
        mut words: Option<&mut Words>,
    ) -> Result<()> {
        let begin = self.at;
        while let Some(c) = self.peek() {
            let start = self.at;
            if stop == Some(c) {
                self.next();
                return Ok(());
            }
            let is_split = c == '$';
            let text = match c {
                '$' if self.mode != Mode::Unquote => self.dollar()?,
                '\'' => self.single_quoted()?,
                '"' => self.double_quoted()?,
                '<' => self.less_than(),
                c if c == self.escape => self.escaped(),
                _ => {
                    self.skip_plain(stop);
                    let text = self.piece(start, self.at);
                    match words.as_deref_mut() {
                        Some(words) => words.split(&text),
                        None => out.append(&text),
                    }
                    continue;
                }
            };
            match words.as_deref_mut() {
                Some(words) => {
                    if std::mem::take(&mut self.has_nested) && self.mode.keeps_variables() {
                        words.current = None;
                    }
                    if is_split {
                        words.split(&text);
                    } else {
                        words.append(&text);
                    }
                }
                None => out.append(&text),
            }
        }
        match stop {
            Some(stop) => self.error(begin, format!("`{stop}` is missing"), true),
            None => Ok(()),
        }
    }

    fn skip_plain(&mut self, stop: Option<char>) {
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| {
            matches!(c, '$' | '\'' | '"' | '<') || c == self.escape || stop == Some(c)
        });
        // In `Unquote` mode a `$` may be first: it is plain there.
        let length = match length {
            Some(0) => rest.chars().next().map_or(0, char::len_utf8),
            Some(length) => length,
            None => rest.len(),
        };
        self.at += length;
    }

    /// An escape takes the next character along; at the end it is dropped.
    fn escaped(&mut self) -> Text {
        let start = self.at;
        self.next();
        let inner = self.at;
        let next = self.next();
        if self.keeps_escapes {
            return self.piece(start, self.at);
        }
        if next.is_none() {
            return self.piece(inner, inner);
        }
        self.unescaped(start, inner)
    }

    /// The character from `inner` on, standing for the place from `start` on.
    fn unescaped(&self, start: usize, inner: usize) -> Text {
        let span = self.source.span_of(start..self.at);
        let mut text = Traced::empty(span);
        text.push(&self.text[inner..self.at], span);
        Text::known(text)
    }

    fn single_quoted(&mut self) -> Result<Text> {
        let start = self.at;
        let body = start + 1;
        let Some(length) = self.text[body..].find('\'') else {
            self.at = self.text.len();
            return self.error(start, "the `'` is not closed", true);
        };
        self.at = body + length + 1;
        Ok(if self.mode.keeps_quotes() {
            self.piece(start, self.at)
        } else {
            self.piece(body, body + length)
        })
    }

    fn double_quoted(&mut self) -> Result<Text> {
        let start = self.at;
        self.next();
        let mut run = self.at;
        let mut out = self.piece(run, run);
        if self.mode.keeps_quotes() {
            run = start;
        }
        loop {
            let at = self.at;
            match self.peek() {
                None => return self.error(start, "the `\"` is not closed", true),
                Some('"') => {
                    self.next();
                    let end = if self.mode.keeps_quotes() {
                        self.at
                    } else {
                        at
                    };
                    out.append(&self.piece(run, end));
                    return Ok(out);
                }
                Some('$') if self.mode != Mode::Unquote => {
                    out.append(&self.piece(run, at));
                    out.append(&self.dollar()?);
                    run = self.at;
                }
                Some(c) if c == self.escape => {
                    self.next();
                    let inner = self.at;
                    match self.peek() {
                        Some(next) if matches!(next, '"' | '$') || next == self.escape => {
                            self.next();
                            if !self.keeps_escapes {
                                out.append(&self.piece(run, at));
                                out.append(&self.unescaped(at, inner));
                                run = self.at;
                            }
                        }
                        // With escapes kept, BuildKit writes this one twice; a heredoc's name
                        // cannot tell the difference.
                        _ => {}
                    }
                }
                Some(_) => {
                    self.next();
                }
            }
        }
    }

    /// `<`, or `<<` with the blanks after it, which belong to the word.
    fn less_than(&mut self) -> Text {
        let start = self.at;
        self.next();
        if self.peek() == Some('<') {
            self.next();
            while matches!(self.peek(), Some('\t' | '\r' | ' ')) {
                self.next();
            }
        }
        self.piece(start, self.at)
    }

    fn dollar(&mut self) -> Result<Text> {
        let start = self.at;
        self.next();
        if self.peek() == Some('{') {
            return self.braced(start);
        }
        let name = self.name();
        if name.is_empty() || self.mode.keeps_variables() {
            return Ok(self.piece(start, self.at));
        }
        let end = self.at;
        Ok(self.value(name, start..end))
    }

    fn braced(&mut self, start: usize) -> Result<Text> {
        self.next();
        match self.peek() {
            None => return self.error(start, "`}` is missing", true),
            Some('{' | '}' | ':') => {
                self.next();
                return self.error(start, "a variable's name is missing after `${`", false);
            }
            _ => {}
        }
        let name = self.name();
        let modifier_at = self.at;
        match self.next() {
            Some('}') if self.mode.keeps_variables() => Ok(self.piece(start, self.at)),
            Some('}') => {
                let end = self.at;
                Ok(self.value(name, start..end))
            }
            Some('/') => self.replaced(name, start..modifier_at),
            Some(c @ ('+' | '-' | '?' | '#' | '%')) => {
                self.modified(name, start..modifier_at, c, false)
            }
            Some(':') => {
                let modifier = self.next();
                if let Some(c @ ('#' | '%')) = modifier {
                    return self.error(start, format!("`:{c}` is not a modifier here"), false);
                }
                self.modified(name, start..modifier_at, modifier.unwrap_or(' '), true)
            }
            Some(c) => self.error(start, format!("`{c}` is not a modifier here"), false),
            None => self.error(start, "`}` is missing", true),
        }
    }

    /// A nested text, up to `stop`.
    fn nested(&mut self, stop: char, start: usize, keeps_escapes: bool) -> Result<Text> {
        if self.depth >= MAX_DEPTH {
            return self.error(start, "this is nested too deep", false);
        }
        self.has_nested = true;
        self.depth += 1;
        let outer = std::mem::replace(&mut self.keeps_escapes, keeps_escapes);
        let mut out = self.piece(self.at, self.at);
        let result = self.until(Some(stop), &mut out, None);
        self.keeps_escapes = outer;
        self.depth -= 1;
        self.has_nested = true;
        match result {
            Ok(()) => Ok(out),
            Err(error) if error.at_end => {
                self.at = self.text.len();
                self.error(start, format!("`{stop}` is missing"), true)
            }
            Err(error) => Err(error),
        }
    }

    /// `${NAME-word}` and its like.
    fn modified(
        &mut self,
        name: &'a str,
        opening: Range<usize>,
        modifier: char,
        empty_is_unset: bool,
    ) -> Result<Text> {
        let start = opening.start;
        let modifier_at = opening.end;
        let value = self.lookup(name, opening);
        let is_pattern = matches!(modifier, '#' | '%');
        let word_at = self.at;
        let word = self.nested('}', start, is_pattern)?;
        if self.mode.keeps_variables() {
            let mut out = self.piece(start, word_at);
            out.append(&word);
            out.append(&self.piece(self.at - 1, self.at));
            return Ok(out);
        }
        let value = match value {
            Var::Unknown if matches!(modifier, '+' | '-' | '?' | '#' | '%') => {
                return Ok(Text::unknown(self.source.span_of(start..self.at)));
            }
            Var::Known(value) => Some(value),
            Var::Unset | Var::Unknown => None,
        };
        let is_set = value.is_some_and(|value| !empty_is_unset || !value.is_empty());
        let nothing = || Text::empty(self.source.span_of(start..start));
        let current = || value.map_or_else(nothing, |value| Text::known(value.clone()));
        match modifier {
            '-' if is_set => Ok(current()),
            '-' => Ok(word),
            '+' if is_set => Ok(word),
            '+' => Ok(nothing()),
            '?' if is_set => Ok(current()),
            '?' => {
                let why = match (word.as_str(), value) {
                    ("", None) => "it is not set",
                    ("", Some(_)) => "it is empty",
                    (message, _) => message,
                };
                let message = format!("`{name}` must have a value: {why}");
                self.error(start, message, false)
            }
            '#' | '%' => {
                if word.unknown.is_some() {
                    return Ok(Text::unknown(self.source.span_of(start..self.at)));
                }
                let value = current().text;
                pattern::trim(&value, modifier, word.as_str())
                    .map(Text::known)
                    .or_else(|message| self.error(start, message, false))
            }
            _ => {
                let written = &self.text[modifier_at..word_at];
                self.error(start, format!("`{written}` is not a modifier here"), false)
            }
        }
    }

    /// `${NAME/pattern/replacement}`, with `//` for every match.
    fn replaced(&mut self, name: &'a str, opening: Range<usize>) -> Result<Text> {
        let start = opening.start;
        let value = self.lookup(name, opening);
        let all = self.peek() == Some('/');
        if all {
            self.next();
        }
        let head = self.at;
        let pattern = self.nested('/', start, true)?;
        let replacement = self.nested('}', start, true)?;
        if self.mode.keeps_variables() {
            // BuildKit writes a single slash back, whichever it was.
            let mut out = self.piece(start, if all { head - 1 } else { head });
            out.append(&pattern);
            out.append(&self.piece(head - 1, head));
            out.append(&replacement);
            out.append(&self.piece(self.at - 1, self.at));
            return Ok(out);
        }
        let value = match value {
            Var::Known(value) => value,
            Var::Unset => return Ok(Text::empty(self.source.span_of(start..start))),
            Var::Unknown => return Ok(Text::unknown(self.source.span_of(start..self.at))),
        };
        if pattern.unknown.is_some() || replacement.unknown.is_some() {
            return Ok(Text::unknown(self.source.span_of(start..self.at)));
        }
        pattern::replace(value, pattern.as_str(), &replacement.text, all)
            .map(Text::known)
            .or_else(|message| self.error(start, message, false))
    }

    fn value(&mut self, name: &'a str, written: Range<usize>) -> Text {
        let place = self.source.span_of(written.clone());
        match self.lookup(name, written) {
            Var::Known(value) => Text::known(value.clone()),
            Var::Unset => Text::empty(place),
            Var::Unknown => Text::unknown(place),
        }
    }

    /// Special and positional parameters are never set in a Dockerfile.
    fn lookup(&mut self, name: &'a str, written: Range<usize>) -> Var<'a> {
        if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return Var::Unset;
        }
        let span = self.source.span_of(written);
        self.names.push((name.to_owned(), span));
        let found = self.variables.get(name);
        if let Var::Known(value) = found {
            let cost = value.len() + 32 * value.pieces().len();
            match self.room.checked_sub(cost) {
                Some(room) => self.room = room,
                None => return Var::Unknown,
            }
        }
        found
    }

    /// A name, digits, or one special parameter.
    fn name(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let length = match rest.chars().next() {
            Some(c) if c.is_ascii_digit() => rest.find(|c: char| !c.is_ascii_digit()),
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => Some(1),
            _ => rest.find(|c: char| !c.is_alphanumeric() && c != '_'),
        };
        let name = &rest[..length.unwrap_or(rest.len())];
        self.at += name.len();
        name
    }
}
