//! Reports, read by programs that are not ours: JSON Schema, an XML parser, the shapes of others.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::support::{Project, assert_kept, root, seatrial};

/// Everything that a format could trip over, in names, messages and texts.
pub(crate) const HOSTILE: &str = "we<i>r&d \"%, ::\n|`*é🙂";

/// Marks the words of ECHO-like RUN instructions, with a label in another line and a fix.
const RULE: &str = r#"
summary = "marks <everything> & \"all\""
severity = "error"
select = { instruction = ["RUN"] }
at = "instruction"
message = "found `{{ instruction.text }}` :: 100%"
help = "write | <b>less</b>, {{ instruction.text }}"
why = "Because **`<x>`**."
references = ["https://example.org/a?b=c&d=e"]
intent = "any"
scope = "any"

[[label]]
at = "stage.from"
text = "stage of {{ instruction.text }}"

[fix]
title = "remove `{{ instruction.text }}`"
safety = "safe"
delete = "instruction"

[[bad]]
dockerfile = '''
FROM python:3.13-slim
«RUN ls»
'''
fixed = '''
FROM python:3.13-slim

'''

[[good]]
dockerfile = '''
FROM python:3.13-slim
'''
"#;

fn hostile() -> Project {
    let project = Project::new(&[("house/own/marks-all.toml", RULE)]);
    project.write(
        &format!("{HOSTILE}/Dockerfile"),
        concat!(
            "FROM python:3.13-slim\n",
            "RUN é && echo '<&\"%::,|`*_🙂' \u{1b}[31m \\\n",
            "  && b\n",
            "# seatrial: ignore[marks-all] <why> & \"not\"\n",
            "RUN c\n",
        ),
    );
    project.write(
        "broken/Dockerfile",
        "FROM python:3.13-slim\nFROB<&\"%,::\u{7}NICATE\nRUN ls\n",
    );
    project.write("clean/Dockerfile", "FROM python:3.13-slim\n");
    project
}

/// Projects of `fixtures/projects`, as they are.
fn fixtures() -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(root().join("fixtures/projects")).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.is_dir());
    paths.sort();
    assert!(!paths.is_empty());
    paths
}

/// Folders of Dockerfiles without a project.
const LONE: [&str; 4] = ["healthy", "must-not-flag", "syntax", "weaknesses"];

/// The report of the hostile project, then those of the fixtures.
pub(crate) fn reports(format: &str) -> Vec<String> {
    let project = hostile();
    let own = [
        "check",
        "--rules",
        "house",
        "--select",
        "own,policy",
        "--format",
        format,
    ];
    let mut reports = vec![project.run(&own).out];
    for path in fixtures() {
        let mut command = seatrial();
        command
            .current_dir(path)
            .args(["check", "--format", format]);
        reports.push(super::support::finish(command, None).out);
    }
    let mut command = seatrial();
    command
        .current_dir(root().join("fixtures"))
        .args(["check", "--format", format])
        .args(LONE);
    reports.push(super::support::finish(command, None).out);
    reports
}

pub(crate) fn json_reports(format: &str) -> Vec<Value> {
    let texts = reports(format);
    let parsed = texts.iter().map(|text| serde_json::from_str(text).unwrap());
    parsed.collect()
}

/// The schema allows keys that it does not name, since a later version may add some; ours are all named.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.contains_key("properties") {
                object.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            object.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// One of our schemas, whose keys are all that there are.
pub(crate) fn closed(text: &str) -> jsonschema::Validator {
    let mut schema: Value = serde_json::from_str(text).unwrap();
    close(&mut schema);
    jsonschema::options().build(&schema).unwrap()
}

fn schema(path: &str) -> jsonschema::Validator {
    let text = std::fs::read_to_string(root().join(path)).unwrap();
    if path.starts_with("schemas/") {
        return closed(&text);
    }
    // One pattern of SARIF's schema is read by JavaScript only: an unescaped bracket.
    let text = text.replace("{2}]?$", "{2}\\\\]?$");
    let schema: Value = serde_json::from_str(&text).unwrap();
    jsonschema::options().build(&schema).unwrap()
}

pub(crate) fn assert_valid(schema: &jsonschema::Validator, instance: &Value) {
    let errors: Vec<String> = schema
        .iter_errors(instance)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn json_is_what_its_schema_says() {
    let schema = schema("schemas/seatrial-v1.json");
    for report in json_reports("json") {
        assert_valid(&schema, &report);
    }
    let text = std::fs::read_to_string(root().join("schemas/seatrial-v1.json")).unwrap();
    assert!(!text.contains("additionalProperties"), "keys may be added");
    let hostile = &json_reports("json")[0];
    let finding = hostile["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["file"] != "broken/Dockerfile")
        .unwrap();
    assert_eq!(finding["file"], format!("{HOSTILE}/Dockerfile"));
    let message = finding["message"].as_str().unwrap();
    assert!(message.contains("'<&\"%::,|`*_🙂' \u{1b}[31m"), "{message}");
    assert_eq!(finding["fix"]["safety"], "safe");
}

#[test]
fn sarif_is_what_the_official_schema_says() {
    let schema = schema("tests/schemas/sarif-2.1.0.json");
    let reports = json_reports("sarif");
    for report in &reports {
        assert_valid(&schema, report);
        let run = &report["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        let ids: BTreeSet<&str> = rules
            .iter()
            .map(|rule| rule["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids.len(), rules.len());
        assert!(ids.contains("runs-as-root") && ids.contains("unused-ignore"));
        let root = rules
            .iter()
            .find(|rule| rule["id"] == "runs-as-root")
            .unwrap();
        assert_eq!(
            root["properties"]["tags"],
            serde_json::json!(["user", "security"])
        );
        assert_eq!(root["properties"]["security-severity"], "5.5");
        let other = rules
            .iter()
            .find(|rule| rule["id"] == "unused-ignore")
            .unwrap();
        assert_eq!(other["properties"].get("security-severity"), None);
        for result in run["results"].as_array().unwrap() {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(result["ruleId"], rules[index]["id"]);
        }
    }
    let run = &reports[0]["runs"][0];
    let results = run["results"].as_array().unwrap();
    let location = &results[1]["locations"][0]["physicalLocation"];
    let uri = location["artifactLocation"]["uri"].as_str().unwrap();
    assert_eq!(percent_decoded(uri), format!("{HOSTILE}/Dockerfile"));
    assert_eq!(location["region"]["startLine"], 2);
    assert_eq!(
        results[1]["relatedLocations"][0]["physicalLocation"]["region"]["startLine"],
        1
    );
    let change = &results[1]["fixes"][0]["artifactChanges"][0];
    assert_eq!(
        change["replacements"][0]["deletedRegion"],
        location["region"]
    );
    let silenced: Vec<&Value> = results
        .iter()
        .filter(|result| result.get("suppressions").is_some())
        .collect();
    assert_eq!(silenced.len(), 1);
    assert_eq!(
        silenced[0]["suppressions"][0]["justification"],
        "<why> & \"not\""
    );
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let notification = &invocation["toolExecutionNotifications"][0];
    assert!(
        notification["message"]["text"]
            .as_str()
            .unwrap()
            .contains("FROB<&")
    );
}

fn percent_decoded(uri: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = uri.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            let digits = std::str::from_utf8(&digits).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn github_commands_come_through() {
    for report in reports("github") {
        let (commands, last) = github_parts(&report);
        assert!(
            commands.iter().all(|line| line.starts_with("::")),
            "{report}"
        );
        assert!(
            !last.starts_with("::") && last.contains(" Dockerfile"),
            "{last}"
        );
    }
    let report = &reports("github")[0];
    let mut told = Vec::new();
    for line in github_parts(report).0 {
        // As the runner reads it: up to the next `::`, then the data.
        let (head, data) = line[2..].split_once("::").unwrap();
        let (_, properties) = head.split_once(' ').unwrap();
        let properties: BTreeMap<&str, String> = properties
            .split(',')
            .map(|property| property.split_once('=').unwrap())
            .map(|(name, value)| (name, github_decoded(value)))
            .collect();
        told.push((properties["file"].clone(), github_decoded(data)));
    }
    let hostile = format!("{HOSTILE}/Dockerfile");
    let found = told.iter().find(|(file, _)| *file == hostile).unwrap();
    assert!(found.1.contains("'<&\"%::,|`*_🙂'"), "{found:?}");
    assert!(found.1.contains("\nhelp: write | <b>less</b>"), "{found:?}");
    assert_eq!(told.len(), 3);
}

/// The commands, and the line for the log.
fn github_parts(report: &str) -> (Vec<&str>, &str) {
    let mut lines: Vec<&str> = report.lines().collect();
    let last = lines.pop().unwrap_or_default();
    (lines, last)
}

fn github_decoded(text: &str) -> String {
    text.replace("%0A", "\n")
        .replace("%0D", "\r")
        .replace("%3A", ":")
        .replace("%2C", ",")
        .replace("%25", "%")
}

/// What GitLab documents of its Code Quality report.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: String,
    location: IssueLocation,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct IssueLocation {
    path: String,
    positions: Positions,
}

#[derive(serde::Deserialize)]
struct Positions {
    begin: Point,
}

#[derive(serde::Deserialize)]
struct Point {
    line: u64,
}

#[test]
fn gitlab_issues_are_complete_and_unique() {
    for report in reports("gitlab") {
        let issues: Vec<Issue> = serde_json::from_str(&report).unwrap();
        let mut seen = BTreeSet::new();
        for issue in &issues {
            let known = ["info", "minor", "major", "critical", "blocker"];
            assert!(known.contains(&issue.severity.as_str()));
            assert!(
                seen.insert(issue.fingerprint.clone()),
                "{}",
                issue.fingerprint
            );
            assert!(issue.location.positions.begin.line > 0);
            assert!(!issue.description.is_empty() && !issue.check_name.is_empty());
        }
    }
    let issues: Vec<Issue> = serde_json::from_str(&reports("gitlab")[0]).unwrap();
    let paths: BTreeSet<&str> = issues
        .iter()
        .map(|issue| issue.location.path.as_str())
        .collect();
    assert!(paths.contains(format!("{HOSTILE}/Dockerfile").as_str()));
}

/// hadolint's own keys, nothing more.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct HadolintEntry {
    file: String,
    line: u64,
    column: u64,
    level: String,
    code: String,
    message: String,
}

#[test]
fn hadolint_entries_have_its_shape() {
    for report in reports("hadolint-json") {
        let entries: Vec<HadolintEntry> = serde_json::from_str(&report).unwrap();
        for entry in entries {
            assert!(entry.line > 0 && entry.column > 0);
            assert!(["error", "warning", "info", "style"].contains(&entry.level.as_str()));
            assert!(!entry.file.is_empty() && !entry.code.is_empty() && !entry.message.is_empty());
        }
    }
}

/// What reviewdog documents of its format, as far as it is written here.
mod rdjson {
    use serde::Deserialize;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Result {
        pub(super) source: Source,
        pub(super) diagnostics: Vec<Diagnostic>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Source {
        pub(super) name: String,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Diagnostic {
        pub(super) message: String,
        pub(super) location: Location,
        #[serde(rename = "severity")]
        pub(super) _severity: Severity,
        pub(super) code: Code,
        #[serde(default)]
        pub(super) suggestions: Vec<Suggestion>,
        #[serde(default)]
        pub(super) related_locations: Vec<Related>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "UPPERCASE")]
    pub(super) enum Severity {
        Error,
        Warning,
        Info,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Code {
        pub(super) value: String,
        #[serde(default)]
        pub(super) url: Option<String>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Location {
        pub(super) path: String,
        pub(super) range: Option<Range>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Range {
        pub(super) start: Point,
        pub(super) end: Point,
    }

    #[derive(Deserialize, PartialEq, PartialOrd)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Point {
        pub(super) line: u32,
        pub(super) column: u32,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Suggestion {
        pub(super) range: Range,
        #[serde(rename = "text")]
        pub(super) _text: String,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Related {
        pub(super) message: String,
        pub(super) location: Location,
    }
}

#[test]
fn rdjson_is_complete() {
    let mut places = 0;
    for report in reports("rdjson") {
        let report: rdjson::Result = serde_json::from_str(&report).unwrap();
        assert_eq!(report.source.name, "seatrial");
        for one in report.diagnostics {
            assert!(!one.message.is_empty() && !one.code.value.is_empty());
            assert!(one.code.url.is_none_or(|url| url.starts_with("https://")));
            let related = one.related_locations;
            assert!(related.iter().all(|related| !related.message.is_empty()));
            let related = related.into_iter().map(|related| related.location);
            for location in related.chain([one.location]) {
                assert!(!location.path.is_empty());
                if let Some(range) = location.range {
                    places += 1;
                    assert!(range.start.line > 0 && range.start.column > 0);
                    assert!(range.start <= range.end);
                }
            }
            for suggestion in one.suggestions {
                assert!(suggestion.range.start <= suggestion.range.end);
            }
        }
    }
    assert!(places > 100, "{places} places");
}

#[test]
fn rdjson_counts_bytes() {
    let project = Project::new(&[
        ("house/own/marks-all.toml", RULE),
        ("Dockerfile", "FROM python:3.13-slim\nRUN é🙂\n"),
    ]);
    let own = ["--rules", "house", "--select", "own", "--format", "rdjson"];
    let json = project.run(&own).json();
    let range = &json["diagnostics"][0]["location"]["range"];
    assert_eq!(range["end"]["column"], "RUN é🙂".len() + 1);
    assert_eq!(json["diagnostics"][0]["suggestions"][0]["range"], *range);
    assert_eq!(json["diagnostics"][0]["suggestions"][0]["text"], "");
}

#[test]
fn markdown_is_a_table_whatever_is_in_it() {
    let report = &reports("markdown")[0];
    let rows: Vec<&str> = report
        .lines()
        .filter(|line| line.starts_with('|'))
        .collect();
    assert_eq!(rows.len(), 2 + 3, "{report}");
    for row in rows {
        let bars = row.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 5, "{row}");
        assert!(!row.contains("<b>"), "{row}");
    }
}

/// Pictures of what people see.
#[test]
fn people_see_carets() {
    let project = Project::new(&[
        ("house/own/marks-all.toml", RULE),
        (
            "Dockerfile",
            concat!(
                "FROM python:3.13-slim AS build\n",
                "\n",
                "RUN\tapt-get update \\\n",
                "    # why\n",
                "    && apt-get install gcc\n",
                "RUN é🙂 && x\r\n",
                "FROB\n",
            ),
        ),
    ]);
    let own = ["--rules", "house", "--select", "own"];
    for format in ["human", "concise", "markdown"] {
        let ran = project.run(&[&own[..], &["--format", format]].concat());
        let path = root().join(format!("fixtures/reports/{format}.txt"));
        assert_kept(&path, &ran.out);
    }
}
