//! A comment for a pull request.

use std::io::{self, Write};

use super::Report;
use super::text::{inline_code, is_wild};
use crate::finding::Severity;

/// Comments have a limit of 65,536 characters; this many rows stay well below it.
const MOST_ROWS: usize = 100;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let outcome = report.outcome;
    writeln!(out, "### seatrial: {}", super::human::headline(outcome))?;
    if outcome.findings.is_empty() && outcome.problems.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n| | where | what | rule |\n|---|---|---|---|")?;
    for problem in &outcome.problems {
        let line = problem
            .span
            .map(|span| report.sources.place(span))
            .map(|place| place.start.line);
        row(out, "❌", &problem.file, line, &problem.message, None, None)?;
    }
    for reported in outcome.findings.iter().take(MOST_ROWS) {
        let finding = &reported.finding;
        let sign = match finding.severity {
            Severity::Error => "❌",
            Severity::Warning => "⚠️",
            Severity::Info => "ℹ️",
        };
        let place = report.sources.place(finding.primary);
        let rule = Some((&*finding.rule, finding.url.as_deref()));
        let (line, help) = (Some(place.start.line), finding.help.as_deref());
        row(out, sign, &place.file, line, &finding.message, help, rule)?;
    }
    if let Some(more) = outcome.findings.len().checked_sub(MOST_ROWS)
        && more > 0
    {
        writeln!(out, "\nand {more} more")?;
    }
    Ok(())
}

fn row(
    out: &mut dyn Write,
    sign: &str,
    file: &str,
    line: Option<u32>,
    message: &str,
    help: Option<&str>,
    rule: Option<(&str, Option<&str>)>,
) -> io::Result<()> {
    write!(out, "| {sign} | {}", code(file))?;
    if let Some(line) = line {
        write!(out, ":{line}")?;
    }
    write!(out, " | {}", cell(message))?;
    if let Some(help) = help {
        write!(out, "<br>{}", cell(help))?;
    }
    match rule {
        Some((rule, Some(url))) if is_plain_url(url) => writeln!(out, " | [{rule}]({url}) |"),
        Some((rule, _)) => writeln!(out, " | {rule} |"),
        None => writeln!(out, " | |"),
    }
}

/// Text in a cell: code in backticks stays code, everything else that Markdown or HTML would obey
/// is escaped.
fn cell(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut parts = text.split('`').peekable();
    let mut is_code = false;
    while let Some(part) = parts.next() {
        let closes = parts.peek().is_some();
        if is_code && closes {
            escaped.push_str(&code(part));
        } else {
            if is_code {
                escaped.push_str("\\`");
            }
            escaped.push_str(&plain(part));
        }
        is_code = closes && !is_code;
    }
    escaped
}

fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\n' | '\r' => escaped.push(' '),
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            '|' | '*' | '_' | '[' | ']' | '\\' | '~' | '@' | '#' => {
                escaped.push('\\');
                escaped.push(char);
            }
            char if is_wild(char) || char == '\t' => escaped.push('\u{fffd}'),
            char => escaped.push(char),
        }
    }
    escaped
}

/// Inline code; a table ends its cell at `|`, code or not.
fn code(text: &str) -> String {
    inline_code(&text.replace('|', "\\|"))
}

fn is_plain_url(url: &str) -> bool {
    url.starts_with("https://") && !url.contains([' ', '(', ')', '|', '<', '>', '\n'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_of_its_cell() {
        assert_eq!(
            cell("a | b <i> `x|y` *z*"),
            "a \\| b &lt;i> `x\\|y` \\*z\\*"
        );
        assert_eq!(cell("one ` left"), "one \\` left");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(cell("line\nbreak"), "line break");
    }
}
