//! The rules that only policy can judge: ignores that silence nothing, that name no rule, whose day has passed, that a
//! policy does not let count.

use std::borrow::Cow;
use std::sync::Arc;

use super::suppress::{Dialect, Pragma, Until, Word};
use super::{Known, Selection};
use crate::finding::{About, Edit, Finding, Fix, Related, Safety, Severity, Tag};
use crate::knowledge::Date;
use crate::span::Span;

/// What `explain` and the lists of rules say of a rule of policy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Own {
    pub id: &'static str,
    pub summary: &'static str,
    pub why: &'static str,
    /// How bad what it finds is, unless a configuration says otherwise.
    pub severity: Severity,
}

/// The folder they would lie in.
pub(crate) const TOPIC: &str = "policy";

/// An ignore that silences nothing.
pub(crate) const UNUSED: Own = Own {
    id: "unused-ignore",
    summary: "an ignore comment silences nothing",
    why: "A comment that no longer silences anything hides the next finding of that rule, and shows \
          the reader a problem that does not exist. Only `seatrial:` comments are checked, only for \
          rules that ran, and only where everything that could need the comment was checked.",
    severity: Severity::Warning,
};

/// An ignore of a rule that does not exist.
pub(crate) const UNKNOWN: Own = Own {
    id: "unknown-ignore",
    summary: "an ignore comment does not name an existing rule",
    why: "A misspelt rule id silences nothing, although it looks as if it did.",
    severity: Severity::Warning,
};

/// An ignore whose last day has passed.
pub(crate) const EXPIRED: Own = Own {
    id: "expired-ignore",
    summary: "the day until which an ignore comment counts has passed",
    why: "An exception with a date, `# seatrial: ignore[rule-id] until=2027-01-31 reason`, is a promise to look at it \
          again. The comment counts up to and including that day; after it, what it silenced is reported again. A date \
          that cannot be read is reported in the same way, and the comment has no effect.",
    severity: Severity::Warning,
};

/// An ignore of a rule that the policy sets.
pub(crate) const OVERRULED: Own = Own {
    id: "overruled-ignore",
    summary: "an ignore comment has no effect because the policy sets its rule",
    why: "Comments cannot silence the rules that a policy (`--policy`) selects: what they are about is reported. \
          Exceptions are made in the policy.",
    severity: Severity::Info,
};

/// All, by id.
pub(crate) const ALL: [Own; 4] = [EXPIRED, OVERRULED, UNKNOWN, UNUSED];

/// All, as the other rules are known.
pub(crate) fn known() -> impl Iterator<Item = Known> {
    ALL.into_iter().map(|own| Known {
        id: Cow::Borrowed(own.id),
        topic: Cow::Borrowed(TOPIC),
        aliases: Cow::Borrowed(&[]),
        renamed_from: Cow::Borrowed(&[]),
        severity: own.severity,
        is_default: true,
    })
}

/// What has to be known to judge a comment.
pub(super) struct Knows<'a> {
    pub(super) selection: &'a Selection,
    pub(super) today: Date,
    /// Everything that could need the comment was checked.
    pub(super) may_be_unused: bool,
    pub(super) is_active: &'a dyn Fn(&str) -> bool,
    /// The rule could not decide at a place that the comment covers.
    pub(super) is_undecided: &'a dyn Fn(&str) -> bool,
    /// The first place in the file of the comment at which the rule is reported all the same, with its line.
    pub(super) reported_at: &'a dyn Fn(&str) -> Option<(Span, u32)>,
}

/// What is wrong with a comment. `text` is that of its file.
pub(super) fn about(pragma: &Pragma, text: &str, knows: &Knows<'_>) -> Vec<Finding> {
    if pragma.dialect != Dialect::Seatrial {
        return Vec::new();
    }
    let mut found = Vec::new();
    let over = pragma.until.filter(|until| until.is_over(knows.today));
    if let Some(until) = over {
        found.push(expired(until));
    }
    for word in pragma.words.iter().filter(|word| !word.is_used) {
        if word.text.is_empty() {
            let message = "this ignore comment does not name a rule".to_owned();
            let help = "write the rule id in brackets: `# seatrial: ignore[rule-id] reason`";
            found.push(finding(UNKNOWN, word.span, message, Some(help.to_owned())));
            continue;
        }
        let Some(rule) = knows.selection.called(&word.text) else {
            let message = knows.selection.unknown(&word.text);
            found.push(finding(UNKNOWN, word.span, message, None));
            continue;
        };
        if over.is_some() {
            continue;
        }
        if word.is_overruled {
            let message = format!(
                "this ignore of `{}` has no effect: the policy sets the rule",
                word.text
            );
            let help = "fix what is reported; only the policy can make an exception".to_owned();
            found.push(finding(OVERRULED, word.span, message, Some(help)));
            continue;
        }
        if knows.may_be_unused && (knows.is_active)(&rule.id) && !(knows.is_undecided)(&rule.id) {
            let message = format!("this ignore of `{}` silences nothing", word.text);
            let mut finding = finding(UNUSED, word.span, message, Some("remove it".to_owned()));
            if let Some((span, line)) = (knows.reported_at)(&rule.id) {
                finding.help = Some(format!("write it above line {line}, or remove it"));
                finding.related.push(Related {
                    span,
                    message: "it is reported here".to_owned(),
                });
            } else {
                finding.tags = vec![Tag::Unnecessary];
                finding.fix = Some(removal(pragma, word, text));
            }
            found.push(finding);
        }
    }
    found
}

/// About a comment whose day has passed or cannot be read.
fn expired(until: Until) -> Finding {
    let (message, help) = match until.day {
        Some(day) => (
            format!("this ignore expired on {day} and no longer has an effect"),
            "fix what is reported and remove the comment, or set a later day",
        ),
        None => (
            "the day of this ignore cannot be read, so it has no effect".to_owned(),
            "write the last day as `until=2027-01-31`",
        ),
    };
    finding(EXPIRED, until.span, message, Some(help.to_owned()))
}

fn finding(rule: Own, primary: Span, message: String, help: Option<String>) -> Finding {
    Finding {
        rule: Arc::from(rule.id),
        severity: rule.severity,
        tags: Vec::new(),
        message,
        help,
        primary,
        also: Vec::new(),
        group: None,
        follows: Vec::new(),
        related: Vec::new(),
        about: About::Other,
        lasting: None,
        fix: None,
        url: None,
        covers: vec![primary],
    }
}

/// Removes the word, or the comment when it is the only one, or the line when nothing else is on it.
fn removal(pragma: &Pragma, word: &Word, text: &str) -> Fix {
    let bytes = text.as_bytes();
    let at = |offset: u32| bytes.get(offset as usize).copied();
    let span = if let [only] = pragma.words.as_slice()
        && only.span == word.span
    {
        let mut span = pragma.span;
        while span.start > 0 && matches!(at(span.start - 1), Some(b' ' | b'\t')) {
            span.start -= 1;
        }
        if pragma.owns_line {
            if at(span.end) == Some(b'\r') {
                span.end += 1;
            }
            if at(span.end) == Some(b'\n') {
                span.end += 1;
            }
        }
        span
    } else {
        let position = pragma
            .words
            .iter()
            .position(|other| other.span == word.span);
        let position = position.unwrap_or_default();
        match (
            position.checked_sub(1).and_then(|i| pragma.words.get(i)),
            pragma.words.get(position + 1),
        ) {
            (_, Some(next)) => Span::new(word.span.file, word.span.start, next.span.start),
            (Some(before), None) => Span::new(word.span.file, before.span.end, word.span.end),
            (None, None) => word.span,
        }
    };
    Fix {
        title: "remove the ignore".to_owned(),
        safety: Safety::Safe,
        edits: vec![Edit {
            span,
            text: String::new(),
        }],
    }
}
