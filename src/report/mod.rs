//! Reporters: one file per format, each a function from a [`Report`] to bytes.
//!
//! They only speak: what counts was decided before. Text from inputs is hostile here; every format
//! escapes it in its own way, and control characters never reach a terminal.

mod checkstyle;
mod concise;
mod github;
mod gitlab;
mod hadolint;
mod human;
mod input;
mod json;
mod junit;
mod markdown;
pub(crate) mod place;
mod rdjson;
mod sarif;
mod statistics;
pub(crate) mod text;
mod xml;

pub use input::{Report, RuleDoc};

use std::io::{self, Write};

/// How findings are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// With the lines of the file and carets, for people.
    Human,
    /// One line a finding.
    Concise,
    /// One versioned JSON object; its schema is `schemas/seatrial-v1.json`.
    Json,
    /// For code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// GitLab Code Quality.
    Gitlab,
    /// The XML of Checkstyle.
    Checkstyle,
    /// The XML of JUnit.
    Junit,
    /// Reviewdog.
    Rdjson,
    /// The JSON of hadolint.
    HadolintJson,
    /// A comment for a pull request.
    Markdown,
}

impl Format {
    /// Every format with its name on the command line.
    pub const ALL: [(&'static str, Format); 11] = [
        ("human", Format::Human),
        ("concise", Format::Concise),
        ("json", Format::Json),
        ("sarif", Format::Sarif),
        ("github", Format::Github),
        ("gitlab", Format::Gitlab),
        ("checkstyle", Format::Checkstyle),
        ("junit", Format::Junit),
        ("rdjson", Format::Rdjson),
        ("hadolint-json", Format::HadolintJson),
        ("markdown", Format::Markdown),
    ];

    /// The format of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, format)| *format)
    }

    /// Whether the format speaks of the whole catalogue.
    #[must_use]
    pub fn needs_rules(self) -> bool {
        self == Self::Sarif
    }
}

/// Writes the report in a format.
///
/// # Errors
/// Those of the writer.
pub fn write(format: Format, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Human if report.statistics => statistics::write(report, out),
        Format::Concise if report.statistics => statistics::write(report, out),
        Format::Human => human::write(report, out),
        Format::Concise => concise::write(report, out),
        Format::Json => json::write(report, out),
        Format::Sarif => sarif::write(report, out),
        Format::Github => github::write(report, out),
        Format::Gitlab => gitlab::write(report, out),
        Format::Checkstyle => checkstyle::write(report, out),
        Format::Junit => junit::write(report, out),
        Format::Rdjson => rdjson::write(report, out),
        Format::HadolintJson => hadolint::write(report, out),
        Format::Markdown => markdown::write(report, out),
    }
}
