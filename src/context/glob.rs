//! Patterns over slash-separated paths: moby's for ignore files, Go's for COPY sources.
//!
//! Moby turns a pattern into a regular expression, with shortcuts that change its meaning a little
//! (`**foo` ends with `foo`, `a**` begins with `a`); the shortcuts are kept because docker has them.
//! Nothing here knows ignore files or contexts.

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(crate) enum Glob {
    Exact(String),
    Prefix(String),
    /// Ends with it; one that starts with `/` also matches the rest alone.
    Suffix(String),
    Tokens(Vec<Token>),
}

#[derive(Debug, Clone)]
pub(crate) enum Token {
    Char(char),
    /// `?`: one character but `/`.
    One,
    /// `*`: any number of characters but `/`.
    Star,
    /// `.*`
    Deep,
    /// `(.*/)?`
    DeepDirectory,
    Class {
        is_negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Glob {
    /// A cleaned pattern of an ignore file, by moby's rules; `None` when docker refuses it.
    pub(crate) fn moby(pattern: &str) -> Option<Self> {
        #[derive(PartialEq)]
        enum Shape {
            Exact,
            Prefix,
            Suffix,
            Tokens,
        }
        let mut shape = Shape::Exact;
        let mut tokens = Vec::new();
        let mut chars = pattern.chars().peekable();
        let mut is_first = true;
        while let Some(ch) = chars.next() {
            match ch {
                '*' if chars.peek() == Some(&'*') => {
                    chars.next();
                    if chars.peek() == Some(&'/') {
                        chars.next();
                    }
                    if chars.peek().is_none() {
                        if shape == Shape::Exact {
                            shape = Shape::Prefix;
                        } else {
                            shape = Shape::Tokens;
                        }
                        tokens.push(Token::Deep);
                    } else {
                        tokens.push(Token::DeepDirectory);
                        shape = Shape::Tokens;
                    }
                    if is_first {
                        shape = Shape::Suffix;
                    }
                }
                '*' => {
                    tokens.push(Token::Star);
                    shape = Shape::Tokens;
                }
                '?' => {
                    tokens.push(Token::One);
                    shape = Shape::Tokens;
                }
                '\\' => {
                    tokens.push(Token::Char(chars.next()?));
                    shape = Shape::Tokens;
                }
                '[' => {
                    tokens.push(class(&mut chars)?);
                    shape = Shape::Tokens;
                }
                other => tokens.push(Token::Char(other)),
            }
            is_first = false;
        }
        Some(match shape {
            Shape::Exact => Self::Exact(pattern.to_owned()),
            Shape::Prefix => Self::Prefix(pattern.strip_suffix("**").unwrap_or(pattern).to_owned()),
            Shape::Suffix => Self::Suffix(pattern.strip_prefix("**").unwrap_or(pattern).to_owned()),
            Shape::Tokens => Self::Tokens(tokens),
        })
    }

    /// A COPY source or one of its components, by Go's `filepath.Match`; `None` when it is malformed.
    pub(crate) fn path(pattern: &str) -> Option<Self> {
        if !has_wildcard(pattern) {
            return Some(Self::Exact(pattern.to_owned()));
        }
        let mut tokens = Vec::new();
        let mut chars = pattern.chars().peekable();
        while let Some(ch) = chars.next() {
            tokens.push(match ch {
                '*' => Token::Star,
                '?' => Token::One,
                '\\' => Token::Char(chars.next()?),
                '[' => class(&mut chars)?,
                other => Token::Char(other),
            });
        }
        Some(Self::Tokens(tokens))
    }

    pub(crate) fn matches(&self, path: &str) -> bool {
        match self {
            Self::Exact(text) => path == text,
            Self::Prefix(text) => path.starts_with(text.as_str()),
            Self::Suffix(text) => {
                path.ends_with(text.as_str()) || text.strip_prefix('/') == Some(path)
            }
            Self::Tokens(tokens) => match tokens.as_slice() {
                [Token::DeepDirectory, rest @ ..] if is_plain(rest) => {
                    last_components(path, slashes(rest)).is_some_and(|end| match_plain(rest, end))
                }
                all if is_plain(all) => match_plain(all, path),
                all => match_tokens(all, path),
            },
        }
    }
}

/// Whether a COPY source holds a wildcard.
pub(crate) fn has_wildcard(pattern: &str) -> bool {
    pattern.contains(['*', '?', '[', '\\'])
}

fn class(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<Token> {
    let is_negated = chars.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        if !ranges.is_empty() && chars.next_if_eq(&']').is_some() {
            return Some(Token::Class { is_negated, ranges });
        }
        let low = class_char(chars)?;
        let high = if chars.next_if_eq(&'-').is_some() {
            class_char(chars)?
        } else {
            low
        };
        ranges.push((low, high));
    }
}

fn class_char(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<char> {
    match chars.next()? {
        '-' | ']' => None,
        '\\' => chars.next(),
        other => Some(other),
    }
}

/// Only characters, `?` and `*`: matched without following several ways at once.
fn is_plain(tokens: &[Token]) -> bool {
    tokens
        .iter()
        .all(|token| matches!(token, Token::Char(_) | Token::One | Token::Star))
}

fn slashes(tokens: &[Token]) -> usize {
    let is_slash = |token: &&Token| matches!(token, Token::Char('/'));
    tokens.iter().filter(is_slash).count()
}

/// The last components of a path with `slashes` slashes between them; `None` when it has fewer.
fn last_components(path: &str, slashes: usize) -> Option<&str> {
    match path.rmatch_indices('/').nth(slashes) {
        Some((at, _)) => Some(&path[at + 1..]),
        None => (path.matches('/').count() == slashes).then_some(path),
    }
}

/// Only the last `*` ever needs another try: an earlier one could only move what follows it
/// to the right, and none crosses a `/`.
fn match_plain(tokens: &[Token], text: &str) -> bool {
    let mut at = 0;
    let mut rest = text.chars();
    let mut retry: Option<(usize, std::str::Chars<'_>)> = None;
    loop {
        let mut ahead = rest.clone();
        let is_step = match (tokens.get(at), ahead.next()) {
            (Some(Token::Star), _) => {
                at += 1;
                retry = Some((at, rest.clone()));
                continue;
            }
            (None, None) => return true,
            (Some(Token::Char(expected)), Some(ch)) => ch == *expected,
            (Some(Token::One), Some(ch)) => ch != '/',
            _ => false,
        };
        if is_step {
            at += 1;
            rest = ahead;
            continue;
        }
        let Some((after, from)) = &mut retry else {
            return false;
        };
        match from.next() {
            Some(ch) if ch != '/' => {
                at = *after;
                rest = from.clone();
            }
            _ => return false,
        }
    }
}

/// Follows every way through the tokens at once: the cost is tokens times characters, whatever the
/// pattern.
fn match_tokens(tokens: &[Token], path: &str) -> bool {
    let mut states = vec![false; tokens.len() + 1];
    let mut next = vec![false; tokens.len() + 1];
    states[0] = true;
    // A `(.*/)?` that has been entered is left only after a `/`.
    let mut inside = vec![false; tokens.len()];
    close(tokens, &mut states, &mut inside);
    for ch in path.chars() {
        next.fill(false);
        let mut next_inside = vec![false; tokens.len()];
        for (i, token) in tokens.iter().enumerate() {
            match token {
                Token::DeepDirectory => {
                    if inside[i] {
                        next_inside[i] = true;
                        if ch == '/' {
                            next[i + 1] = true;
                        }
                    }
                }
                _ if !states[i] => {}
                Token::Char(expected) => next[i + 1] |= ch == *expected,
                Token::One => next[i + 1] |= ch != '/',
                Token::Star => next[i] |= ch != '/',
                Token::Deep => next[i] = true,
                Token::Class { is_negated, ranges } => {
                    let is_in = ranges
                        .iter()
                        .any(|(low, high)| (*low..=*high).contains(&ch));
                    next[i + 1] |= is_in != *is_negated;
                }
            }
        }
        std::mem::swap(&mut states, &mut next);
        inside = next_inside;
        close(tokens, &mut states, &mut inside);
    }
    states[tokens.len()]
}

/// Adds the states that are reached without a character.
fn close(tokens: &[Token], states: &mut [bool], inside: &mut [bool]) {
    for (i, token) in tokens.iter().enumerate() {
        if !states[i] {
            continue;
        }
        match token {
            Token::Star | Token::Deep => states[i + 1] = true,
            Token::DeepDirectory => {
                states[i + 1] = true;
                inside[i] = true;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moby_patterns() {
        let table: &[(&str, &[&str], &[&str])] = &[
            ("a", &["a"], &["a/b", "b/a", "ab"]),
            ("*", &["a", ".git"], &["a/b"]),
            ("**", &["a", "a/b"], &[]),
            ("**/a", &["a", "x/a", "x/y/a"], &["xa", "a/b"]),
            ("**a", &["a", "xa", "x/ya"], &["ab"]),
            ("a/**", &["a/b", "a/b/c"], &["a", "ab"]),
            ("a**", &["a", "abc", "a/b"], &["b"]),
            ("a/**/b", &["a/b", "a/x/b", "a/x/y/b"], &["a/xb", "ab"]),
            ("**/*.pyc", &["x.pyc", "a/x.pyc", "a/b/x.pyc"], &["x.pyo"]),
            ("*.pyc", &["x.pyc"], &["a/x.pyc"]),
            ("**/.git*", &[".git", "a/.gitignore"], &["git"]),
            ("a?c", &["abc"], &["a/c", "ac"]),
            ("[a-c]x", &["ax", "cx"], &["dx"]),
            ("[^a]x", &["bx"], &["ax"]),
            (r"a\*", &["a*"], &["ab"]),
            ("a.b", &["a.b"], &["axb"]),
            ("**/x/**", &["x/y", "a/x/y"], &["x", "a/x"]),
            ("*/temp*", &["a/tempo"], &["a/b/temp", "temp"]),
        ];
        for (pattern, yes, no) in table {
            let glob = Glob::moby(pattern).expect(pattern);
            for path in *yes {
                assert!(glob.matches(path), "`{pattern}` matches `{path}`");
            }
            for path in *no {
                assert!(!glob.matches(path), "`{pattern}` does not match `{path}`");
            }
        }
        for bad in ["[", "[]a]", "a\\", "[a-]", "[-a]"] {
            assert!(Glob::moby(bad).is_none(), "`{bad}` is refused");
        }
    }

    #[test]
    fn a_hostile_pattern_ends() {
        let wide = Glob::moby(&format!("{}b", "*a".repeat(200))).expect("valid");
        assert!(!wide.matches(&"a".repeat(5000)));
        let deep = Glob::moby(&format!("{}b", "**/a/".repeat(50))).expect("valid");
        assert!(!deep.matches(&"a/".repeat(500)));
    }
}
