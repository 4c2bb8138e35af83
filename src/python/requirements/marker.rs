//! Environment markers, asked about the Linux images that containers are.

use std::sync::OnceLock;

use pep440_rs::Version;

use super::comparison::{Comparison, Environment};
use super::name::normalize_name;
use crate::span::Span;

/// The condition after `;`.
#[derive(Clone, Debug)]
pub struct Marker {
    pub text: String,
    pub span: Span,
    /// `None` when the text is not understood.
    tree: Option<Tree>,
}

/// Minor versions of Python 3 tried when the interpreter is not known.
const MINORS: std::ops::RangeInclusive<u8> = 5..=16;

impl Marker {
    pub(super) fn new(text: &str, span: Span) -> Self {
        Self {
            text: text.to_owned(),
            span,
            tree: Tree::parse(text),
        }
    }

    /// Whether the text is a marker.
    #[must_use]
    pub fn is_understood(&self) -> bool {
        self.tree.is_some()
    }

    /// Whether the requirement counts on Linux with this Python (major and minor), with these
    /// extras of the project asked for. Without a version, only what holds for all of Python 3 is
    /// known.
    #[must_use]
    pub fn applies(&self, python: Option<(u8, u8)>, extras: &[String]) -> Option<bool> {
        let tree = self.tree.as_ref()?;
        let extras: Vec<String> = extras.iter().map(|extra| normalize_name(extra)).collect();
        let environments = match tree.asks_patch() {
            true => releases(),
            false => minors(),
        };
        let mut answers = environments
            .iter()
            .filter(|(version, _)| python.is_none_or(|python| python == *version))
            .map(|(_, environment)| tree.holds(environment, &extras).unwrap_or(true));
        let first = answers.next()?;
        answers.all(|answer| answer == first).then_some(first)
    }
}

/// Brackets in brackets that are followed.
const MAX_DEPTH: usize = 64;

/// How comparisons are joined.
#[derive(Clone, Debug)]
enum Tree {
    One(Comparison),
    All(Vec<Tree>),
    Any(Vec<Tree>),
}

impl Tree {
    fn parse(text: &str) -> Option<Self> {
        let tokens = tokens(text)?;
        let mut rest = tokens.as_slice();
        let tree = Self::any(&mut rest, 0)?;
        rest.is_empty().then_some(tree)
    }

    fn any(rest: &mut &[Token<'_>], depth: usize) -> Option<Self> {
        let mut parts = vec![Self::all(rest, depth)?];
        while let [Token::Or, after @ ..] = *rest {
            *rest = after;
            parts.push(Self::all(rest, depth)?);
        }
        match parts.len() {
            1 => parts.pop(),
            _ => Some(Self::Any(parts)),
        }
    }

    fn all(rest: &mut &[Token<'_>], depth: usize) -> Option<Self> {
        let mut parts = vec![Self::one(rest, depth)?];
        while let [Token::And, after @ ..] = *rest {
            *rest = after;
            parts.push(Self::one(rest, depth)?);
        }
        match parts.len() {
            1 => parts.pop(),
            _ => Some(Self::All(parts)),
        }
    }

    fn one(rest: &mut &[Token<'_>], depth: usize) -> Option<Self> {
        match **rest {
            [Token::Comparison(text), ref after @ ..] => {
                *rest = after;
                Some(Self::One(Comparison::parse(text)?))
            }
            [Token::Open, ref after @ ..] if depth < MAX_DEPTH => {
                *rest = after;
                let inner = Self::any(rest, depth + 1)?;
                let [Token::Close, after @ ..] = *rest else {
                    return None;
                };
                *rest = after;
                Some(inner)
            }
            _ => None,
        }
    }

    /// The answer may differ between the releases of a minor version.
    fn asks_patch(&self) -> bool {
        match self {
            Self::One(comparison) => comparison.asks_patch(),
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::asks_patch),
        }
    }

    /// `None` where there is nothing to compare: installers pass over a comparison that makes no sense.
    fn holds(&self, environment: &Environment, extras: &[String]) -> Option<bool> {
        let each = |part: &Self| part.holds(environment, extras);
        match self {
            Self::One(comparison) => comparison.holds(environment, extras),
            Self::All(parts) => parts.iter().filter_map(each).reduce(|all, one| all && one),
            Self::Any(parts) => parts.iter().filter_map(each).reduce(|any, one| any || one),
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Token<'a> {
    Open,
    Close,
    And,
    Or,
    Comparison(&'a str),
}

/// The brackets of a marker, the words between its comparisons, and these.
fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    let mut tokens = Vec::new();
    // The comparison that is being read, and the word in it.
    let mut start = 0;
    let mut word = 0;
    let mut quote = None;
    let mut flush = |from: usize, to: usize, token: Option<Token<'static>>| -> Option<()> {
        let before = text.get(from..to)?.trim();
        if !before.is_empty() {
            tokens.push(Token::Comparison(before));
        }
        tokens.extend(token);
        Some(())
    };
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (quote, c) {
            (Some(open), _) if c == open => {
                quote = None;
                word = at + 1;
            }
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | ')') => {
                let joint = joint(text.get(word..at)?);
                flush(start, if joint.is_some() { word } else { at }, joint)?;
                let bracket = if c == '(' { Token::Open } else { Token::Close };
                flush(at, at, Some(bracket))?;
                (start, word) = (at + 1, at + 1);
            }
            (None, c) if c.is_whitespace() => {
                if let Some(joint) = joint(text.get(word..at)?) {
                    flush(start, word, Some(joint))?;
                    start = at;
                }
                word = at + c.len_utf8();
            }
            (None, _) => {}
        }
    }
    flush(start, text.len(), None)?;
    quote.is_none().then_some(tokens)
}

/// A word between two comparisons.
fn joint(word: &str) -> Option<Token<'static>> {
    match word {
        "and" => Some(Token::And),
        "or" => Some(Token::Or),
        _ => None,
    }
}

/// The last part of a version of Python that is tried; 3.8 ended with 3.8.20.
const MAX_PATCH: u64 = 20;

/// Environments by their minor version.
type Environments = Vec<((u8, u8), Environment)>;

/// An environment for each minor version.
fn minors() -> &'static Environments {
    static MINOR: OnceLock<Environments> = OnceLock::new();
    MINOR.get_or_init(|| environments(0..=0))
}

/// An environment for each release of each minor version: few markers ask for one.
fn releases() -> &'static Environments {
    static RELEASES: OnceLock<Environments> = OnceLock::new();
    RELEASES.get_or_init(|| environments(0..=MAX_PATCH))
}

/// Linux on the two common machines.
fn environments(patches: std::ops::RangeInclusive<u64>) -> Environments {
    let machines = ["x86_64", "aarch64"];
    let versions = MINORS.flat_map(|minor| machines.map(|machine| (minor, machine)));
    let releases = versions.flat_map(|(minor, machine)| {
        patches.clone().map(move |patch| {
            let environment = Environment {
                python: Version::new([3, u64::from(minor)]),
                full: Version::new([3, u64::from(minor), patch]),
                machine,
            };
            ((3, minor), environment)
        })
    });
    releases.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;

    fn applies(text: &str, extras: &[&str]) -> Option<bool> {
        let extras: Vec<String> = extras.iter().map(|&extra| extra.to_owned()).collect();
        let span = Span::new(FileId(0), 0, 0);
        Marker::new(text, span).applies(Some((3, 13)), &extras)
    }

    #[test]
    fn comparisons_are_joined_as_written() {
        for (text, expected) in [
            ("python_version >= '3.8'", Some(true)),
            ("python_version<'3.8'or sys_platform=='linux'", Some(true)),
            (
                "(python_version < '3.8') and(sys_platform == 'linux')",
                Some(false),
            ),
            (
                "python_version < '3.8' and os_name == 'nt' or sys_platform == 'linux'",
                Some(true),
            ),
            (
                "python_version < '3.8' and (os_name == 'nt' or sys_platform == 'linux')",
                Some(false),
            ),
            ("sys_platform not in 'win32 and darwin'", Some(true)),
            ("extra == 'a' or extra == \"b\"", Some(false)),
            // Which of 3.13 it is, is not known.
            ("python_full_version == '3.13.5'", None),
            ("python_full_version >= '3.13.1'", None),
            ("python_full_version < '3.13.0a5'", Some(false)),
            ("python_full_version >= '3.12.4'", Some(true)),
            ("python_full_version == '3.12.5'", Some(false)),
            ("python_version < '3.8' or", None),
            ("(python_version < '3.8'", None),
            ("python_version < '3.8' sys_platform == 'linux'", None),
            ("", None),
        ] {
            assert_eq!(applies(text, &[]), expected, "{text}");
        }
        assert_eq!(
            applies("extra == 'a' and extra == 'b'", &["a", "b"]),
            Some(true)
        );
        assert_eq!(
            applies("extra == 'a' and extra == 'b'", &["a"]),
            Some(false)
        );
    }

    #[test]
    fn many_parts_and_deep_brackets_end() {
        let parts: Vec<String> = (0..5000)
            .map(|i| format!("(extra == 'a{i}' and extra == 'b{i}')"))
            .collect();
        assert_eq!(applies(&parts.join(" or "), &["a7", "b7"]), Some(true));
        let deep = format!("{}extra == 'a'{}", "(".repeat(20_000), ")".repeat(20_000));
        assert_eq!(applies(&deep, &["a"]), None);
    }
}
