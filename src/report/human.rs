//! For people: the lines of the file with carets. With its parts, the only user of `codespan-reporting`.

mod folds;
mod head;
mod shelf;
mod summary;

use std::io::{self, Write};

use codespan_reporting::diagnostic::{Diagnostic, Label, Severity as Level};
use codespan_reporting::files::Error;
use codespan_reporting::term::termcolor::{Ansi, NoColor};
use codespan_reporting::term::{Config, Styles, StylesWriter, emit_to_write_style};

use super::Report;
use super::place::stage_name;
use super::text::{one_line, tame};
use crate::finding::{About, Problem, Safety, Severity, Undecided, Unfound};
use crate::policy::Reported;
use crate::span::{FileId, Span};
use folds::Folds;
use head::Head;
use shelf::Shelf;
pub(super) use summary::{headline, summary};

/// Places of one finding that are marked: drawing them takes longer the more there are.
const MOST_LABELS: usize = 100;
/// Longest list of Dockerfiles in a note.
const MOST_NAMES: usize = 3;

/// What is shown of one finding.
struct Shown<'a> {
    head: Head<'a>,
    below: Diagnostic<FileId>,
}

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut shown = Vec::new();
    if report.show_undecided {
        shown.extend(report.outcome.undecided.iter().map(undecided));
        shown.extend(report.outcome.unfound.iter().map(unfound));
    }
    // The gravest last, next to the prompt.
    let mut findings: Vec<&Reported> = report.outcome.findings.iter().collect();
    findings.sort_by_key(|reported| reported.finding.severity);
    let mut folds = Folds::new(report);
    for reported in findings {
        if !folds.is_folded(&reported.finding) {
            let more = folds.shown_with(&reported.finding);
            shown.push(finding(report, reported, more));
        }
    }
    shown.extend(report.outcome.problems.iter().map(problem));

    let shelf = Shelf::new(
        report,
        shown.iter().flat_map(|one| &one.below.labels),
        head::width(report),
    );
    let config = Config::default();
    let mut text = Vec::new();
    for one in &mut shown {
        let excerpt = shelf.excerpt(&mut one.below);
        let below = &one.below;
        let drawn = if report.colour {
            let styles = Styles::default();
            let mut writer = StylesWriter::new(Ansi::new(&mut text), &styles);
            emit_to_write_style(&mut writer, &config, &excerpt, below)
        } else {
            let styles = Styles::no_color();
            let mut writer = StylesWriter::new(NoColor::new(&mut text), &styles);
            emit_to_write_style(&mut writer, &config, &excerpt, below)
        };
        drawn.map_err(|error| match error {
            Error::Io(error) => error,
            other => io::Error::other(other.to_string()),
        })?;
        out.write_all(one.head.text(report).as_bytes())?;
        write_below(&text, out)?;
        text.clear();
    }
    summary(report, out)
}

/// What is drawn below the first line: without the first line that the drawing has of its own, and without lines that
/// only continue the border.
fn write_below(drawn: &[u8], out: &mut dyn Write) -> io::Result<()> {
    let lines = drawn.split_inclusive(|byte| *byte == b'\n').skip(1);
    for line in lines.filter(|line| !is_border(line)) {
        out.write_all(line)?;
    }
    Ok(())
}

/// Whether nothing of a line is seen but the border.
fn is_border(line: &[u8]) -> bool {
    let line = String::from_utf8_lossy(line);
    let mut seen = String::new();
    let mut chars = line.trim_end().chars();
    while let Some(char) = chars.next() {
        match char {
            // Colours: up to the letter that ends the sequence.
            '\u{1b}' => drop(chars.by_ref().find(char::is_ascii_alphabetic)),
            ' ' => {}
            char => seen.push(char),
        }
    }
    seen == "│"
}

fn finding<'a>(report: &Report<'_>, reported: &'a Reported, more: Option<String>) -> Shown<'a> {
    let finding = &reported.finding;
    let level = match finding.severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
        Severity::Info => Level::Note,
    };
    let mut labels = vec![label(finding.primary, true)];
    let also = finding.also.iter().take(MOST_LABELS);
    labels.extend(also.map(|span| label(*span, true)));
    for related in finding.related.iter().take(MOST_LABELS) {
        labels.push(label(related.span, false).with_message(one_line(&related.message)));
    }
    let mut notes = Vec::new();
    let left = finding.also.len().saturating_sub(MOST_LABELS);
    if left > 0 {
        notes.push(format!("note: {left} more places are not marked here"));
    }
    if let Some(help) = &finding.help {
        notes.push(format!("help: {}", tame(help)));
    }
    notes.extend(image(report, reported).map(|image| format!("image: {image}")));
    notes.extend(more.map(|more| format!("note: {more}")));
    let padding = report.width.map_or(0, |_| padding(report, &labels));
    let notes = notes.iter().map(|note| head::note(note, padding, report));
    Shown {
        head: Head {
            word: finding.severity.name(),
            rule: Some(&finding.rule),
            url: finding.url.as_deref(),
            fix: finding.fix.as_ref().map(|fix| match fix.safety {
                Safety::Safe => "fix",
                Safety::Unsafe => "unsafe fix",
            }),
            message: one_line(&finding.message),
        },
        below: Diagnostic::new(level)
            .with_labels(labels)
            .with_notes(notes.collect()),
    }
}

/// The columns before a note: the number of the last line that is shown, and a sign.
fn padding(report: &Report<'_>, labels: &[Label<FileId>]) -> usize {
    let lines = labels.iter().map(|label| {
        let end = u32::try_from(label.range.end).unwrap_or(0);
        let place = report.sources.place(Span::new(label.file_id, 0, end));
        place.end.line
    });
    let digits = lines.max().unwrap_or_default().to_string().len();
    digits + " = ".len()
}

/// Which image a finding is about, where its marks do not show it.
fn image(report: &Report<'_>, reported: &Reported) -> Option<String> {
    let finding = &reported.finding;
    let About::Image(stage) = finding.about else {
        return None;
    };
    let related = finding.related.iter().map(|related| related.span);
    let marks = related
        .chain([finding.primary])
        .chain(finding.also.iter().copied());
    let mut files = marks.map(|span| span.file);
    let is_clear = report.outcome.files.len() == 1 && stage.is_none();
    if is_clear || files.any(|file| reported.dockerfiles.contains(&file)) {
        return None;
    }
    let names = reported.dockerfiles.iter().take(MOST_NAMES);
    let names: Vec<String> = names
        .map(|file| one_line(&report.sources.get(*file).name))
        .collect();
    let stage = stage.filter(|_| reported.dockerfiles.len() == 1);
    let stage = stage.map(|span| one_line(&stage_name(report.sources, span)));
    let mut image = names.join(", ");
    match (
        names.is_empty(),
        reported.dockerfiles.len().saturating_sub(MOST_NAMES),
        stage,
    ) {
        (true, ..) => return None,
        (_, 0, Some(stage)) => image.push_str(&format!(", stage `{stage}`")),
        (_, 0, None) => {}
        (_, more, _) => image.push_str(&format!(" and {more} more")),
    }
    Some(image)
}

fn undecided(undecided: &Undecided) -> Shown<'_> {
    Shown {
        head: Head {
            word: "undecided",
            rule: Some(&undecided.rule),
            url: None,
            fix: None,
            message: one_line(&undecided.reason),
        },
        below: Diagnostic::new(Level::Help).with_labels(vec![label(undecided.span, true)]),
    }
}

fn unfound(unfound: &Unfound) -> Shown<'_> {
    Shown {
        head: Head {
            word: "undecided",
            rule: None,
            url: None,
            fix: None,
            message: one_line(&unfound.reason),
        },
        below: Diagnostic::new(Level::Help).with_labels(vec![label(unfound.span, true)]),
    }
}

fn problem(problem: &Problem) -> Shown<'_> {
    let message = one_line(&problem.message);
    Shown {
        head: Head {
            word: "error",
            rule: None,
            url: None,
            fix: None,
            message: match problem.span {
                Some(_) => message,
                None => format!("{}: {message}", one_line(&problem.file)),
            },
        },
        below: Diagnostic::new(Level::Error).with_labels(
            problem
                .span
                .map(|span| label(span, true))
                .into_iter()
                .collect(),
        ),
    }
}

fn label(span: Span, is_primary: bool) -> Label<FileId> {
    if is_primary {
        Label::primary(span.file, span.range())
    } else {
        Label::secondary(span.file, span.range())
    }
}
