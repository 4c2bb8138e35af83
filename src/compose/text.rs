//! Values after interpolation: `$X`, `${X:-default}`, `$$`, in compose files and dotenv files.
//!
//! What a variable is comes from the dotenv file of the project; the shell that runs compose may say
//! otherwise, so such a value is marked. A variable nobody sets is unknown, not empty.

use super::yaml::{Scalar, Style};
use crate::span::{Span, Traced};

/// Defaults inside defaults.
const MAX_DEPTH: u32 = 20;
/// What stands for a variable in [`skeleton`].
pub(crate) const UNKNOWN: &str = "\u{fffc}";
/// Bytes a value may grow to.
const MAX_LEN: usize = 65_536;

/// A scalar and what interpolation makes of it.
#[derive(Debug, Clone)]
pub struct Text {
    /// As written.
    pub scalar: Scalar,
    /// After interpolation; `None` when a variable in it is not known.
    pub value: Option<Traced>,
    /// Variables of the outermost level, in order.
    pub variables: Vec<Variable>,
    /// `$` that compose refuses: an error for it. In dotenv files never.
    pub invalid: Vec<Span>,
    /// Part of the value is a default or from a dotenv file: the shell may say otherwise.
    pub may_vary: bool,
}

/// A `$NAME` or `${NAME...}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    pub name: String,
    /// With the `$`.
    pub span: Span,
    /// `${NAME...}`; a bare `$NAME` may be a `$` somebody forgot to double.
    pub is_braced: bool,
    /// `:-` or `-`.
    pub has_default: bool,
}

/// What is known of the variables.
pub(crate) type Lookup<'a> = dyn Fn(&str) -> Option<Traced> + 'a;

/// The dialects of interpolation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `$$` is `$`, and a `${` that opens no variable is an error: compose 2.26.1 takes `a$`, `$)` and `$1` as they
    /// stand, and refuses `${`, `${}`, `${1}`, `${A!}` and an unclosed `${A`.
    Compose,
    /// `$$` is two of them, and `${` is itself where it opens no variable.
    Dotenv,
}

impl Text {
    /// Interpolates a scalar.
    #[must_use]
    pub fn new(scalar: Scalar, dialect: Dialect, lookup: &Lookup<'_>) -> Self {
        let mut walk = Walk {
            dialect,
            lookup,
            variables: Vec::new(),
            invalid: Vec::new(),
            may_vary: false,
        };
        let value = if scalar.as_str().contains('$') {
            // Values over the limit are unknown.
            walk.expand(&scalar.text, 0)
        } else {
            Some(scalar.text.clone())
        };
        Self {
            variables: walk.variables,
            invalid: walk.invalid,
            may_vary: walk.may_vary,
            value,
            scalar,
        }
    }

    /// Text that is taken as it is.
    #[must_use]
    pub fn verbatim(scalar: Scalar) -> Self {
        Self {
            value: Some(scalar.text.clone()),
            scalar,
            variables: Vec::new(),
            invalid: Vec::new(),
            may_vary: false,
        }
    }

    /// Something that is not known stands there.
    #[must_use]
    pub fn unknown(span: Span) -> Self {
        let scalar = Scalar {
            text: Traced::empty(span),
            style: Style::Plain,
            span,
        };
        Self {
            value: None,
            ..Self::verbatim(scalar)
        }
    }

    /// The value, when known.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.value.as_ref().map(Traced::as_str)
    }

    /// Where it was written.
    #[must_use]
    pub fn span(&self) -> Span {
        self.scalar.span
    }

    /// Nothing or `null`, not quoted.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.scalar.is_null()
    }

    /// A part of the scalar, interpolated by itself.
    #[must_use]
    pub fn part(
        scalar: &Scalar,
        range: std::ops::Range<usize>,
        dialect: Dialect,
        lookup: &Lookup<'_>,
    ) -> Self {
        Self::new(part(scalar, range), dialect, lookup)
    }
}

/// A part of a scalar, by bytes of its text.
#[must_use]
pub(crate) fn part(scalar: &Scalar, range: std::ops::Range<usize>) -> Scalar {
    let text = scalar.text.slice(range);
    Scalar {
        span: text.span(),
        text,
        style: Style::Part,
    }
}

/// A value with [`UNKNOWN`] in the place of every variable.
#[must_use]
pub(crate) fn skeleton(scalar: &Scalar) -> Traced {
    let text = &scalar.text;
    let raw = text.as_str();
    let mut out = Traced::empty(text.span());
    let mut at = 0;
    while let Some(found) = raw[at..].find('$') {
        let dollar = at + found;
        out.push_traced(&text.slice(at..dollar));
        let rest = &raw[dollar + 1..];
        let inner = rest.strip_prefix('{').and_then(closing);
        at = match inner {
            _ if rest.starts_with('$') => dollar + 2,
            Some(len) => dollar + 2 + len + 1,
            None => dollar + 1 + name_len(rest),
        };
        let mark = if rest.starts_with('$') { "$" } else { UNKNOWN };
        out.push(mark, text.span_of(dollar..at));
    }
    out.push_traced(&text.slice(at..raw.len()));
    out
}

struct Walk<'a> {
    dialect: Dialect,
    lookup: &'a Lookup<'a>,
    variables: Vec<Variable>,
    invalid: Vec<Span>,
    may_vary: bool,
}

impl Walk<'_> {
    fn expand(&mut self, text: &Traced, depth: u32) -> Option<Traced> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut out = Some(Traced::empty(text.span()));
        let raw = text.as_str();
        let mut at = 0;
        while let Some(found) = raw[at..].find('$') {
            let dollar = at + found;
            push(&mut out, Some(text.slice(at..dollar)));
            let rest = &raw[dollar + 1..];
            if rest.starts_with('$') && self.dialect == Dialect::Compose {
                push(&mut out, Some(text.slice(dollar + 1..dollar + 2)));
                at = dollar + 2;
                continue;
            }
            let (end, value) = if let Some(inner) = rest.strip_prefix('{') {
                match closing(inner) {
                    Some(len) => {
                        let end = dollar + 2 + len + 1;
                        let body = text.slice(dollar + 2..dollar + 2 + len);
                        (end, self.braced(&body, text.span_of(dollar..end), depth))
                    }
                    None => (dollar + 1, Err(())),
                }
            } else {
                let len = name_len(rest);
                let end = dollar + 1 + len;
                if len == 0 {
                    // Neither compose nor dotenv takes a `$` before anything else for a variable.
                    (end, Ok(Some(text.slice(dollar..end))))
                } else {
                    let span = text.span_of(dollar..end);
                    (end, Ok(self.plain(&rest[..len], span, depth)))
                }
            };
            match value {
                Ok(value) => push(&mut out, value),
                Err(()) => {
                    if self.dialect == Dialect::Compose {
                        let next = raw[dollar + 1..].chars().next().map_or(0, char::len_utf8);
                        self.invalid.push(text.span_of(dollar..dollar + 1 + next));
                        out = None;
                    } else {
                        push(&mut out, Some(text.slice(dollar..end.max(dollar + 1))));
                    }
                }
            }
            at = end.max(dollar + 1);
        }
        push(&mut out, Some(text.slice(at..raw.len())));
        out
    }

    fn note(&mut self, name: &str, span: Span, is_braced: bool, has_default: bool, depth: u32) {
        if depth == 0 {
            self.variables.push(Variable {
                name: name.to_owned(),
                span,
                is_braced,
                has_default,
            });
        }
    }

    fn plain(&mut self, name: &str, span: Span, depth: u32) -> Option<Traced> {
        self.note(name, span, false, false, depth);
        self.known(name)
    }

    fn known(&mut self, name: &str) -> Option<Traced> {
        let value = (self.lookup)(name)?;
        self.may_vary = true;
        Some(value)
    }

    /// What stands between the braces; an error when compose refuses it.
    fn braced(&mut self, body: &Traced, span: Span, depth: u32) -> Result<Option<Traced>, ()> {
        let raw = body.as_str();
        let len = name_len(raw);
        if len == 0 {
            return Err(());
        }
        let (name, operator) = raw.split_at(len);
        let skip = match operator.as_bytes() {
            [] => 0,
            [b':', b'-' | b'?' | b'+', ..] => 2,
            [b'-' | b'?' | b'+', ..] => 1,
            _ => return Err(()),
        };
        let has_default = operator.get(..skip).is_some_and(|o| o.ends_with('-'));
        self.note(name, span, true, has_default, depth);
        let known = self.known(name);
        let is_colon = operator.starts_with(':');
        let word = body.slice(len + skip..raw.len());
        Ok(match operator.get(..skip).and_then(|o| o.chars().last()) {
            Some('-') => match known {
                Some(value) if !(is_colon && value.is_empty()) => Some(value),
                _ => {
                    self.may_vary = true;
                    self.expand(&word, depth + 1)
                }
            },
            Some('+') => match known {
                Some(value) if !(is_colon && value.is_empty()) => self.expand(&word, depth + 1),
                _ => None,
            },
            _ => known,
        })
    }
}

fn push(out: &mut Option<Traced>, piece: Option<Traced>) {
    match (out.as_mut(), piece) {
        (Some(out), Some(piece)) if piece.is_empty() || out.len() + piece.len() <= MAX_LEN => {
            out.push_traced(&piece);
        }
        _ => *out = None,
    }
}

fn name_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    if !bytes
        .first()
        .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
    {
        return 0;
    }
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    bytes.iter().take_while(|b| is_name(b)).count()
}

/// The length of what stands before the brace that closes; braces of inner variables are skipped.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_u32;
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' if at > 0 && bytes[at - 1] == b'$' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}
