//! Which regular expressions PCRE certainly refuses to compile, so that uWSGI does not start.
//!
//! A scan, not a compiler: brackets, repetitions and ranges, as both PCRE and PCRE2 judge them (tried with
//! PCRE2 10.42). A pattern with what this does not follow is taken for a good one.

use std::iter::Peekable;
use std::str::Chars;

/// The largest number in `{}`.
const MAX_REPEAT: u32 = 65_535;

/// What is wrong with a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// A bracket is not closed, or closes nothing.
    Bracket,
    /// `*.x`, `a**`: a repetition with nothing before it.
    Repetition,
    /// `a{3,1}`, `[z-a]`: the larger bound comes first.
    Order,
    /// `a\`: nothing follows the backslash.
    Backslash,
}

/// The first fault of a pattern; `None` when it has none, or has what is not followed here.
pub(crate) fn broken(pattern: &str) -> Option<Broken> {
    let mut scan = Scan {
        chars: pattern.chars().peekable(),
        depth: 0,
        can_repeat: false,
    };
    match scan.run() {
        Err(Stop::Broken(broken)) => Some(broken),
        Err(Stop::NotFollowed) => None,
        Ok(()) => (scan.depth > 0).then_some(Broken::Bracket),
    }
}

enum Stop {
    Broken(Broken),
    NotFollowed,
}

type Step = Result<(), Stop>;

struct Scan<'a> {
    chars: Peekable<Chars<'a>>,
    /// Open groups.
    depth: u32,
    /// What was read last may be repeated.
    can_repeat: bool,
}

impl Scan<'_> {
    fn run(&mut self) -> Step {
        while let Some(c) = self.chars.next() {
            match c {
                '\\' => self.escape()?,
                '(' => self.open()?,
                ')' if self.depth == 0 => return Err(Stop::Broken(Broken::Bracket)),
                ')' => {
                    self.depth -= 1;
                    self.can_repeat = true;
                }
                '[' => {
                    self.class()?;
                    self.can_repeat = true;
                }
                '|' | '^' | '$' => self.can_repeat = false,
                '*' | '+' | '?' => self.repeat()?,
                '{' => self.braces()?,
                _ => self.can_repeat = true,
            }
        }
        Ok(())
    }

    fn escape(&mut self) -> Step {
        match self.chars.next() {
            None => return Err(Stop::Broken(Broken::Backslash)),
            Some('Q' | 'E' | 'c') => return Err(Stop::NotFollowed),
            // `\x{20ac}`, `\p{L}`: braces of its own.
            Some('x' | 'p' | 'P' | 'g' | 'k' | 'N' | 'o' | 'u') => {
                if self.chars.peek() == Some(&'{') {
                    self.skip_to('}')?;
                }
            }
            Some(_) => {}
        }
        self.can_repeat = true;
        Ok(())
    }

    /// What follows `(`.
    fn open(&mut self) -> Step {
        match self.chars.peek() {
            // `(*UTF8)`
            Some('*') => return Err(Stop::NotFollowed),
            Some('?') => {
                self.chars.next();
            }
            _ => {
                self.depth += 1;
                self.can_repeat = false;
                return Ok(());
            }
        }
        match self.chars.peek().copied() {
            Some('#') => {
                // A comment: what is before it may still be repeated.
                return self.skip_to(')');
            }
            Some(':' | '=' | '!' | '>' | '|') => {
                self.chars.next();
            }
            Some('<' | 'P' | '\'') => self.named()?,
            Some(c) if c.is_ascii_alphabetic() || c == '-' || c == '^' => {
                return self.flags();
            }
            _ => return Err(Stop::NotFollowed),
        }
        self.depth += 1;
        self.can_repeat = false;
        Ok(())
    }

    /// `(?<name>`, `(?P<name>`, `(?'name'`, and the lookbehinds `(?<=`, `(?<!`.
    fn named(&mut self) -> Step {
        let mut first = self.chars.next();
        if first == Some('P') {
            first = self.chars.next();
            if first != Some('<') {
                return Err(Stop::NotFollowed);
            }
        } else if first == Some('<') && matches!(self.chars.peek(), Some('=' | '!')) {
            self.chars.next();
            return Ok(());
        }
        self.skip_to(if first == Some('<') { '>' } else { '\'' })
    }

    /// `(?i)` and `(?i:`.
    fn flags(&mut self) -> Step {
        for c in self.chars.by_ref() {
            match c {
                ')' => {
                    self.can_repeat = true;
                    return Ok(());
                }
                ':' => {
                    self.depth += 1;
                    self.can_repeat = false;
                    return Ok(());
                }
                'i' | 'm' | 's' | 'J' | 'U' | '-' | '^' => {}
                // With `x` spaces and `#` mean something else; the rest calls groups.
                _ => return Err(Stop::NotFollowed),
            }
        }
        Err(Stop::Broken(Broken::Bracket))
    }

    fn skip_to(&mut self, end: char) -> Step {
        if self.chars.any(|c| c == end) {
            Ok(())
        } else if end == ')' {
            Err(Stop::Broken(Broken::Bracket))
        } else {
            Err(Stop::NotFollowed)
        }
    }

    fn class(&mut self) -> Step {
        self.chars.next_if_eq(&'^');
        // The last single character, which a range may begin with.
        let mut last = self.chars.next_if_eq(&']');
        let unclosed = || Err(Stop::Broken(Broken::Bracket));
        loop {
            let Some(c) = self.chars.next() else {
                return unclosed();
            };
            match c {
                ']' => return Ok(()),
                '\\' => {
                    match self.chars.next() {
                        Some('Q' | 'E') => return Err(Stop::NotFollowed),
                        Some(_) => {}
                        None => return unclosed(),
                    }
                    last = None;
                }
                '[' if matches!(self.chars.peek(), Some(':' | '.' | '=')) => {
                    self.posix();
                    last = None;
                }
                '-' => {
                    let end = self.chars.peek().copied();
                    match (last, end) {
                        (Some(start), Some(end)) if !matches!(end, ']' | '[' | '\\') => {
                            self.chars.next();
                            if start > end {
                                return Err(Stop::Broken(Broken::Order));
                            }
                            last = None;
                        }
                        _ => last = (last.is_none()).then_some('-'),
                    }
                }
                c => last = Some(c),
            }
        }
    }

    /// `[:alpha:]` inside a class, when it is one.
    fn posix(&mut self) {
        let mut ahead = self.chars.clone();
        let Some(sign) = ahead.next() else {
            return;
        };
        while let Some(c) = ahead.next() {
            if c == sign && ahead.peek() == Some(&']') {
                ahead.next();
                self.chars = ahead;
                return;
            }
            if !c.is_ascii_alphabetic() && c != '^' {
                return;
            }
        }
    }

    /// `*`, `+`, `?`, with the sign behind that makes it lazy or possessive.
    fn repeat(&mut self) -> Step {
        if !self.can_repeat {
            return Err(Stop::Broken(Broken::Repetition));
        }
        self.chars.next_if(|c| matches!(c, '+' | '?'));
        self.can_repeat = false;
        Ok(())
    }

    /// `{2}`, `{2,}` and `{2,5}`; any other `{` is a character.
    fn braces(&mut self) -> Step {
        let mut ahead = self.chars.clone();
        let mut text = String::new();
        let is_closed = loop {
            match ahead.next() {
                Some('}') => break true,
                Some(c) if (c.is_ascii_digit() || c == ',') && text.len() < 20 => text.push(c),
                _ => break false,
            }
        };
        let (least, most) = match text.split_once(',') {
            Some((least, most)) => (least, Some(most)),
            None => (text.as_str(), None),
        };
        if !is_closed || least.is_empty() || most.is_some_and(|most| most.contains(',')) {
            self.can_repeat = true;
            return Ok(());
        }
        let number = |text: &str| text.parse::<u32>().ok().filter(|n| *n <= MAX_REPEAT);
        let Some(least) = number(least) else {
            return Err(Stop::Broken(Broken::Order));
        };
        if let Some(most) = most.filter(|most| !most.is_empty())
            && number(most).is_none_or(|most| most < least)
        {
            return Err(Stop::Broken(Broken::Order));
        }
        self.chars = ahead;
        self.repeat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pcre_refuses() {
        for (pattern, expected) in [
            ("*.x", Broken::Repetition),
            ("a|*b", Broken::Repetition),
            ("(+x)", Broken::Repetition),
            ("(?:*a)", Broken::Repetition),
            ("a**", Broken::Repetition),
            ("a+++", Broken::Repetition),
            ("^*", Broken::Repetition),
            ("a{2}{3}", Broken::Repetition),
            ("a{3,1}", Broken::Order),
            ("x{70000}", Broken::Order),
            ("[z-a]", Broken::Order),
            ("[]a", Broken::Bracket),
            ("[^]", Broken::Bracket),
            ("a(b", Broken::Bracket),
            ("a)b", Broken::Bracket),
            ("(?#open", Broken::Bracket),
            ("a\\", Broken::Backslash),
        ] {
            assert_eq!(broken(pattern), Some(expected), "{pattern}");
        }
    }

    #[test]
    fn what_pcre_takes() {
        for pattern in [
            "",
            "a(?#x)*",
            "(?#a[b)",
            "a++",
            "a*?",
            "a{,3}",
            "a{2,1",
            "a{2,}",
            "(?x)a#(",
            "(?i)a|b",
            "(?i:a)+",
            "(?=a)*",
            "(?!a)+b",
            "(?<n>a)\\k{n}",
            "(?P<n>a)(?P=n)",
            "(?<=/)a",
            "[]a]",
            "[a-z-]",
            "[-a]",
            "[a-\\d]",
            "[[:alpha:]_-]",
            "[[:a]",
            "\\Q(\\E",
            "\\x{20ac}+",
            "\\(",
            "^(?!(www\\.)?example\\.com(:\\d+)?$)",
            "/static/.*\\.[a-f0-9]{12,}\\.(css|js)",
            "é*",
        ] {
            assert_eq!(broken(pattern), None, "{pattern}");
        }
    }
}
