//! Expansion of `$NAME` in words, as BuildKit does it before an instruction runs.
//!
//! Three-valued: a word that needs something unknown has no text, but the part before it. Knows no
//! stages: what is set is told by [`Lookup`].

use super::lex::{Lexer, Mode};
pub(crate) use super::variables::{Lookup, Var};
use crate::span::{Span, Traced};

/// A word after expansion.
#[derive(Debug, Clone)]
pub(crate) struct Expanded {
    /// Each piece where it was written: the value of a variable where that value stands. `None`
    /// when something unknown is needed, and on an error.
    pub text: Option<Traced>,
    /// The known text before the first thing unknown; the whole text when all is known.
    pub prefix: String,
    /// The variables used, in order, with the place of `$NAME` or `${NAME`. Those in a default
    /// that is not needed are among them.
    pub names: Vec<(String, Span)>,
    /// Why BuildKit refuses the word.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the reader of the instruction reports errors")
    )]
    pub error: Option<(Span, String)>,
}

/// Expands one word and removes its quotes; blanks in it stay.
#[must_use]
pub(crate) fn expand(word: &Traced, escape: char, vars: &dyn Lookup) -> Expanded {
    if is_plain(word, escape) {
        return known(word.clone());
    }
    let mut lexer = Lexer::new(word, escape, Mode::Expand, vars);
    let (out, error) = lexer.word();
    let names = std::mem::take(&mut lexer.names);
    let prefix = &out.as_str()[..out.unknown.unwrap_or(out.as_str().len())];
    Expanded {
        prefix: prefix.to_owned(),
        names,
        text: (out.unknown.is_none() && error.is_none()).then_some(out.text),
        error: error.map(|error| (error.span, error.message)),
    }
}

/// Removes quotes and escapes; `$` is a character like others. A word with an open quote is given
/// back as it is.
#[must_use]
pub(crate) fn unquote(word: &Traced, escape: char) -> Traced {
    if is_plain(word, escape) {
        return word.clone();
    }
    match Lexer::new(word, escape, Mode::Unquote, &Nothing).word() {
        (out, None) => out.text,
        (_, Some(_)) => word.clone(),
    }
}

fn is_plain(word: &Traced, escape: char) -> bool {
    !word.as_str().contains(['$', '\'', '"', escape])
}

fn known(text: Traced) -> Expanded {
    Expanded {
        prefix: text.as_str().to_owned(),
        text: Some(text),
        names: Vec::new(),
        error: None,
    }
}

/// No variable is set.
struct Nothing;

impl Lookup for Nothing {
    fn get(&self, _name: &str) -> Var<'_> {
        Var::Unset
    }
}
