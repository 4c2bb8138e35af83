//! The two rules that only policy can judge: an ignore that silences nothing, an ignore of no rule.

use std::borrow::Cow;
use std::sync::Arc;

use super::suppress::{Dialect, Pragma, Word};
use super::{Known, Selection};
use crate::finding::{About, Edit, Finding, Fix, Safety, Severity, Tag};
use crate::span::Span;

/// What `explain` and the lists of rules say of a rule of policy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Own {
    pub id: &'static str,
    pub summary: &'static str,
    pub why: &'static str,
}

/// The folder they would lie in.
pub(crate) const TOPIC: &str = "policy";

/// How bad what they find is, unless a configuration says otherwise.
pub(crate) const SEVERITY: Severity = Severity::Warning;

/// An ignore that silences nothing.
pub(crate) const UNUSED: Own = Own {
    id: "unused-ignore",
    summary: "an ignore comment silences nothing",
    why: "A comment that no longer silences anything hides the next finding of that rule, and shows \
          the reader a problem that does not exist. Only `seatrial:` comments are checked, only for \
          rules that ran, and only where everything that could need the comment was checked.",
};

/// An ignore of a rule that does not exist.
pub(crate) const UNKNOWN: Own = Own {
    id: "unknown-ignore",
    summary: "an ignore comment does not name an existing rule",
    why: "A misspelt rule id silences nothing, although it looks as if it did.",
};

/// Both.
pub(crate) const ALL: [Own; 2] = [UNKNOWN, UNUSED];

/// Both, as the other rules are known.
pub(crate) fn known() -> impl Iterator<Item = Known> {
    ALL.into_iter().map(|own| Known {
        id: Cow::Borrowed(own.id),
        topic: Cow::Borrowed(TOPIC),
        aliases: Cow::Borrowed(&[]),
        renamed_from: Cow::Borrowed(&[]),
        is_default: true,
    })
}

/// What has to be known to judge a comment.
pub(super) struct Knows<'a> {
    pub(super) selection: &'a Selection,
    /// Everything that could need the comment was checked.
    pub(super) may_be_unused: bool,
    pub(super) is_active: &'a dyn Fn(&str) -> bool,
    /// The rule could not decide at a place that the comment covers.
    pub(super) is_undecided: &'a dyn Fn(&str) -> bool,
}

/// What is wrong with a comment. `text` is that of its file.
pub(super) fn about(pragma: &Pragma, text: &str, knows: &Knows<'_>) -> Vec<Finding> {
    if pragma.dialect != Dialect::Seatrial {
        return Vec::new();
    }
    let mut found = Vec::new();
    for word in pragma.words.iter().filter(|word| !word.is_used) {
        if word.text.is_empty() {
            let message = "this ignore comment does not name a rule".to_owned();
            let help = "write the rule id in brackets: `# seatrial: ignore[rule-id] reason`";
            found.push(finding(
                UNKNOWN.id,
                word.span,
                message,
                Some(help.to_owned()),
            ));
            continue;
        }
        let Some(rule) = knows.selection.called(&word.text) else {
            let message = knows.selection.unknown(&word.text);
            found.push(finding(UNKNOWN.id, word.span, message, None));
            continue;
        };
        if knows.may_be_unused && (knows.is_active)(&rule.id) && !(knows.is_undecided)(&rule.id) {
            let message = format!("this ignore of `{}` silences nothing", word.text);
            let mut finding = finding(UNUSED.id, word.span, message, Some("remove it".to_owned()));
            finding.tags = vec![Tag::Unnecessary];
            finding.fix = Some(removal(pragma, word, text));
            found.push(finding);
        }
    }
    found
}

fn finding(rule: &str, primary: Span, message: String, help: Option<String>) -> Finding {
    Finding {
        rule: Arc::from(rule),
        severity: SEVERITY,
        tags: Vec::new(),
        message,
        help,
        primary,
        also: Vec::new(),
        group: None,
        follows: Vec::new(),
        related: Vec::new(),
        about: About::Other,
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
