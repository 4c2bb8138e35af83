//! SARIF 2.1.0: the whole catalogue, findings with fixes and fingerprints, what was silenced and why.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::place::further;
use super::{Report, RuleDoc};
use crate::finding::{Edit, Finding, Fix, Problem, Severity};
use crate::policy::{Reported, Silence};
use crate::source::Sources;
use crate::span::Span;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let outcome = report.outcome;
    let sarif = Sarif {
        sources: report.sources,
        rules: report.rules,
    };
    let mut results: Vec<Value> = outcome
        .findings
        .iter()
        .map(|one| sarif.result(one))
        .collect();
    for silenced in &outcome.silenced {
        let mut result = sarif.result(&silenced.reported);
        let suppression = match &silenced.by {
            Silence::Comment { reason } if reason.is_empty() => json!({"kind": "inSource"}),
            Silence::Comment { reason } => {
                json!({"kind": "inSource", "justification": reason})
            }
            Silence::Baseline => json!({"kind": "external"}),
        };
        result["suppressions"] = json!([suppression]);
        results.push(result);
    }
    let notifications = |problems: &[Problem], level: &str| -> Vec<Value> {
        let problems = problems.iter();
        let notification = |problem: &Problem| {
            let physical = match problem.span {
                Some(span) => sarif.physical(span),
                None => json!({"artifactLocation": artifact(&problem.file)}),
            };
            json!({
                "level": level,
                "message": {"text": problem.message},
                "locations": [{"physicalLocation": physical}],
            })
        };
        problems.map(notification).collect()
    };
    let mut invocation = json!({
        "executionSuccessful": outcome.problems.is_empty(),
        "toolExecutionNotifications": notifications(&outcome.problems, "error"),
    });
    if !outcome.warnings.is_empty() {
        let warnings = notifications(&outcome.warnings, "warning");
        invocation["toolConfigurationNotifications"] = json!(warnings);
    }
    let root = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": env!("CARGO_PKG_NAME"),
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": report.rules.iter().map(rule).collect::<Vec<Value>>(),
            }},
            "automationDetails": {"id": "seatrial/"},
            "columnKind": "unicodeCodePoints",
            "invocations": [invocation],
            "results": results,
        }],
    });
    super::text::json(out, &root)?;
    out.write_all(b"\n")
}

fn rule(rule: &RuleDoc) -> Value {
    let mut value = json!({
        "id": rule.id,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "defaultConfiguration": {
            "level": level(rule.severity),
            "enabled": rule.is_default,
        },
        "help": {
            "text": if rule.why.is_empty() { &rule.summary } else { &rule.why },
            "markdown": if rule.why.is_empty() { &rule.summary } else { &rule.why },
        },
        "properties": {
            "tags": [rule.topic],
            "precision": "very-high",
            "problem.severity": match rule.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "recommendation",
            },
        },
    });
    if rule.is_security {
        let properties = &mut value["properties"];
        properties["tags"] = json!([rule.topic, "security"]);
        // Code scanning has levels of its own for these: high from 7, medium from 4, low below.
        properties["security-severity"] = json!(match rule.severity {
            Severity::Error => "8.0",
            Severity::Warning => "5.5",
            Severity::Info => "3.0",
        });
    }
    if let Some(url) = &rule.url {
        value["helpUri"] = json!(url);
    }
    value
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

struct Sarif<'a> {
    sources: &'a Sources,
    rules: &'a [RuleDoc],
}

impl Sarif<'_> {
    fn result(&self, reported: &Reported) -> Value {
        let finding = &reported.finding;
        let mut result = json!({
            "ruleId": &*finding.rule,
            "level": level(finding.severity),
            "message": {"text": message(finding)},
            "locations": [{"physicalLocation": self.physical(finding.primary)}],
            "partialFingerprints": {
                "primaryLocationLineHash": reported.fingerprint,
                "seatrial/v1": reported.fingerprint,
            },
        });
        if let Some(index) = self.rules.iter().position(|rule| *rule.id == *finding.rule) {
            result["ruleIndex"] = json!(index);
        }
        let related = further(finding).enumerate().map(|(id, (span, message))| {
            json!({
                "id": id,
                "physicalLocation": self.physical(span),
                "message": {"text": message},
            })
        });
        let related: Vec<Value> = related.collect();
        if !related.is_empty() {
            result["relatedLocations"] = Value::Array(related);
        }
        if let Some(fix) = &finding.fix {
            result["fixes"] = json!([self.fix(fix)]);
        }
        result
    }

    fn fix(&self, fix: &Fix) -> Value {
        let mut changes: Vec<Value> = Vec::new();
        let mut rest: Vec<&Edit> = fix.edits.iter().collect();
        while let Some(first) = rest.first() {
            let file = first.span.file;
            let (here, elsewhere): (Vec<&Edit>, Vec<&Edit>) =
                rest.into_iter().partition(|edit| edit.span.file == file);
            rest = elsewhere;
            let replacements = here.iter().map(|edit| {
                let mut replacement = Map::new();
                replacement.insert("deletedRegion".to_owned(), self.region(edit.span));
                if !edit.text.is_empty() {
                    replacement.insert("insertedContent".to_owned(), json!({"text": edit.text}));
                }
                Value::Object(replacement)
            });
            changes.push(json!({
                "artifactLocation": artifact(&self.sources.get(file).name),
                "replacements": replacements.collect::<Vec<Value>>(),
            }));
        }
        json!({"description": {"text": fix.title}, "artifactChanges": changes})
    }

    fn physical(&self, span: Span) -> Value {
        json!({
            "artifactLocation": artifact(&self.sources.get(span.file).name),
            "region": self.region(span),
        })
    }

    fn region(&self, span: Span) -> Value {
        let place = self.sources.place(span);
        json!({
            "startLine": place.start.line,
            "startColumn": place.start.column,
            "endLine": place.end.line,
            "endColumn": place.end.column,
        })
    }
}

/// Message and help: viewers show nothing else.
fn message(finding: &Finding) -> String {
    match &finding.help {
        Some(help) => format!("{}\n{help}", finding.message),
        None => finding.message.clone(),
    }
}

fn artifact(file: &str) -> Value {
    let mut uri = String::with_capacity(file.len());
    for byte in file.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    if file.starts_with('/') {
        json!({"uri": format!("file://{uri}")})
    } else {
        json!({"uri": uri, "uriBaseId": "%SRCROOT%"})
    }
}
