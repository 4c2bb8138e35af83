//! Checkstyle's XML, which most CI servers read.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::Report;
use super::xml::escape;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut add = |file: &str,
                   line: u32,
                   column: u32,
                   severity: &str,
                   message: &str,
                   rule: &str| {
        files.entry(file.to_owned()).or_default().push(format!(
            r#"    <error line="{line}" column="{column}" severity="{severity}" message="{}" source="seatrial.{}"/>"#,
            escape(message),
            escape(rule)
        ));
    };
    for reported in &report.outcome.findings {
        let finding = &reported.finding;
        let place = report.sources.place(finding.primary);
        let severity = finding.severity.name();
        let start = place.start;
        let (message, rule) = (&finding.message, &finding.rule);
        add(
            &place.file,
            start.line,
            start.column,
            severity,
            message,
            rule,
        );
    }
    for problem in &report.outcome.problems {
        let place = problem.span.map(|span| report.sources.place(span));
        let start = place.map_or((1, 1), |place| (place.start.line, place.start.column));
        add(
            &problem.file,
            start.0,
            start.1,
            "error",
            &problem.message,
            "error",
        );
    }
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<checkstyle version="4.3">"#)?;
    for (file, errors) in &files {
        writeln!(out, r#"  <file name="{}">"#, escape(file))?;
        for error in errors {
            writeln!(out, "{error}")?;
        }
        writeln!(out, "  </file>")?;
    }
    writeln!(out, "</checkstyle>")
}
