//! The text of one comment: `seatrial: ignore[...]`, `hadolint ignore=...`, `check=skip=...`.

use crate::knowledge::Date;
use crate::knowledge::foreign_codes::is_build_check;
use crate::policy::Known;
use crate::span::{FileId, Span};

/// Whose language a comment is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Ours: words are rule ids.
    Seatrial,
    /// Words are codes such as `DL3008`, found in the aliases of rules.
    Hadolint,
    /// Words are names of build checks, found in the aliases of rules in any case; `all` is every one.
    BuildKit,
}

impl Dialect {
    /// Whether `word` names the rule.
    #[must_use]
    pub(crate) fn names(self, word: &str, rule: &Known) -> bool {
        match self {
            Self::Seatrial => rule.is_called(word),
            Self::Hadolint => rule.aliases.iter().any(|alias| alias == word),
            Self::BuildKit => rule.aliases.iter().any(|alias| {
                is_build_check(alias)
                    && (word.eq_ignore_ascii_case(alias) || word.eq_ignore_ascii_case("all"))
            }),
        }
    }
}

/// A rule that a comment names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub text: String,
    pub span: Span,
    /// It silenced a finding.
    pub is_used: bool,
    /// It would have silenced one that the policy does not let it.
    pub is_overruled: bool,
}

/// How long a comment counts: `until=2027-01-31`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Until {
    /// The last day; `None`: what is written is not one.
    pub day: Option<Date>,
    /// The word.
    pub span: Span,
}

impl Until {
    /// Whether the comment no longer counts. One whose day cannot be read does not.
    #[must_use]
    pub(crate) fn is_over(self, today: Date) -> bool {
        self.day.is_none_or(|day| day < today)
    }
}

/// What a comment says, before it is known what it covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub dialect: Dialect,
    pub words: Vec<Word>,
    pub until: Option<Until>,
    pub reason: String,
    pub is_global: bool,
}

/// What other linters say for `ignore`; understood, to tell what is written here.
const ELSEWHERE: [&str; 6] = ["allow", "disable", "noqa", "nosec", "skip", "suppress"];

/// Reads a comment; `span` is where `text` stands, from the comment sign on. `None`: it silences nothing.
pub(super) fn read(text: &str, span: Span) -> Option<Said> {
    let body = text.trim_start_matches(['#', ';']).trim_start();
    let at = text.len() - body.len();
    if let Some(rest) = body.strip_prefix("seatrial:") {
        return ours(rest, at + "seatrial:".len(), span);
    }
    let rest = body.strip_prefix("hadolint")?;
    hadolint(rest, at + "hadolint".len(), span)
}

/// `ignore[a, b] until=2027-01-31 reason` and `ignore-file[a, b] reason`. Without brackets the word is empty, so that
/// it is reported as naming no rule.
fn ours(rest: &str, at: usize, span: Span) -> Option<Said> {
    let said = rest.trim_start();
    let at = at + rest.len() - said.len();
    let (is_global, after) = if let Some(after) = said.strip_prefix("ignore-file") {
        (true, after)
    } else if let Some(after) = said.strip_prefix("ignore") {
        (false, after)
    } else {
        let wrong = ELSEWHERE.iter().find(|word| said.starts_with(**word))?;
        return Some(nameless(part(span, at, at + wrong.len()), false));
    };
    let at = at + said.len() - after.len();
    let inner = after.trim_start().strip_prefix('[');
    let Some((inner, reason)) = inner.and_then(|inner| inner.split_once(']')) else {
        let span = part(span, at - (said.len() - after.len()), at);
        return Some(nameless(span, is_global));
    };
    let start = at + after.len() - after.trim_start().len() + 1;
    let (until, reason) = until(reason, start + inner.len() + 1, span);
    Some(Said {
        dialect: Dialect::Seatrial,
        words: words(inner, start, span, &[',']),
        until,
        reason,
        is_global,
    })
}

/// The day in what is written after the brackets, and the rest of it. `rest` begins at `at`.
fn until(rest: &str, at: usize, span: Span) -> (Option<Until>, String) {
    const KEY: &str = "until=";
    let mut place = at;
    let mut until = None;
    let mut reason: Vec<&str> = Vec::new();
    for word in rest.split_inclusive(char::is_whitespace) {
        let text = word.trim();
        match text.strip_prefix(KEY) {
            Some(day) if until.is_none() => {
                until = Some(Until {
                    day: day.parse().ok(),
                    span: part(span, place, place + text.len()),
                });
            }
            _ if text.is_empty() => {}
            _ => reason.push(text),
        }
        place += word.len();
    }
    match until {
        None => (None, rest.trim().to_owned()),
        until => (until, reason.join(" ")),
    }
}

/// One that is reported as naming no rule.
fn nameless(span: Span, is_global: bool) -> Said {
    Said {
        dialect: Dialect::Seatrial,
        words: vec![Word {
            text: String::new(),
            span,
            is_used: false,
            is_overruled: false,
        }],
        until: None,
        reason: String::new(),
        is_global,
    }
}

/// `ignore=DL3008,DL3009 # reason`, also `global ignore=`.
fn hadolint(rest: &str, at: usize, span: Span) -> Option<Said> {
    let trimmed = rest.trim_start();
    if trimmed.len() == rest.len() {
        return None;
    }
    let (is_global, trimmed) = match trimmed.strip_prefix("global") {
        Some(after) => (true, after.trim_start()),
        None => (false, trimmed),
    };
    let list = trimmed.strip_prefix("ignore")?.trim_start();
    let list = list.strip_prefix('=')?;
    let start = at + rest.len() - list.len();
    let (list, reason) = list.split_once('#').unwrap_or((list, ""));
    Some(Said {
        dialect: Dialect::Hadolint,
        words: words(list, start, span, &[',', ' ', '\t']),
        until: None,
        reason: reason.trim().to_owned(),
        is_global,
    })
}

/// The names of `# check=skip=A,B;error=true`, where `value` (after `check=`) stands at `span`.
pub(super) fn check_directive(value: &str, span: Span) -> Option<Said> {
    let mut at = 0;
    for part in value.split(';') {
        let trimmed = part.trim_start();
        if let Some(list) = trimmed.strip_prefix("skip=") {
            let start = at + part.len() - list.len();
            return Some(Said {
                dialect: Dialect::BuildKit,
                words: words(list, start, span, &[',']),
                until: None,
                reason: String::new(),
                is_global: true,
            });
        }
        at += part.len() + 1;
    }
    None
}

fn words(list: &str, start: usize, span: Span, separators: &[char]) -> Vec<Word> {
    let mut words = Vec::new();
    let mut at = start;
    for piece in list.split(separators) {
        let text = piece.trim();
        if !text.is_empty() {
            let begin = at + piece.len() - piece.trim_start().len();
            words.push(Word {
                text: text.to_owned(),
                span: part(span, begin, begin + text.len()),
                is_used: false,
                is_overruled: false,
            });
        }
        at += piece.len() + 1;
    }
    words
}

fn part(span: Span, start: usize, end: usize) -> Span {
    let place = |at: usize| {
        u32::try_from(at)
            .ok()
            .and_then(|at| span.start.checked_add(at))
            .map_or(span.end, |at| at.min(span.end))
    };
    Span::new(span.file, place(start), place(end))
}

/// One comment that silences something.
#[derive(Debug, Clone)]
pub(crate) struct Pragma {
    /// From the comment sign to the end of the comment.
    pub span: Span,
    pub dialect: Dialect,
    pub words: Vec<Word>,
    /// `None`: it always counts.
    pub until: Option<Until>,
    /// What is written after the brackets; may be empty.
    pub reason: String,
    pub scope: Scope,
    /// The comment has a line of its own.
    pub owns_line: bool,
}

/// What a comment covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// The whole file.
    File,
    /// Whatever lies in this place: the next instruction.
    Within(Span),
    /// Whatever begins in this place: the next line, with the commands that begin on it.
    Begins(Span),
    /// Whatever begins or ends in this place: the line that the comment ends.
    Touches(Span),
    /// Nothing follows the comment.
    Nothing,
}

impl Scope {
    /// Whether a place of a finding is covered.
    #[must_use]
    pub(crate) fn covers(self, file: FileId, place: Span) -> bool {
        let begins = |line: Span| {
            place.file == line.file && line.start <= place.start && place.start <= line.end
        };
        match self {
            Self::File => place.file == file,
            Self::Within(span) => span.contains(place),
            Self::Begins(line) => begins(line),
            Self::Touches(line) => {
                begins(line)
                    || place.file == line.file && line.start < place.end && place.end <= line.end
            }
            Self::Nothing => false,
        }
    }
}
