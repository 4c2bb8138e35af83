//! The runner of examples, on a rule that finds every `pip` in every file.

use crate::lint;
use crate::rule::example::{Checked, Project, Report, Verdict, test_rules};
use crate::rule::load::read_rule;
use crate::rule::{Catalogue, RuleSet};
use crate::source::{Root, Sources};

use super::toy::{self, SCHEMA};

fn check(rules: &RuleSet, project: &Project) -> Result<Checked, String> {
    let root = Root::memory(project.files.clone());
    let sources = Sources::new();
    let mut commands = Vec::new();
    let mut problems = 0;
    for path in project.files.keys() {
        let id = root
            .read(&sources, path)
            .map_err(|error| error.to_string())?;
        let text = sources.get(id).text.clone();
        problems += text.matches("??").count();
        commands.extend(toy::commands(id, &text));
    }
    let result = lint::run(rules, &toy::Facts::new(commands));
    Ok(Checked {
        findings: result.findings,
        undecided: result.undecided,
        sources,
        problems,
    })
}

const HEAD: &str = r#"
summary = "pip"
severity = "info"
select = { command = "pip" }
when = "options.on"
at = "command"
message = "pip"
options.on = { type = "bool", default = true, doc = "Whether." }
"#;

fn report(examples: &str) -> Report {
    let text = format!("{HEAD}{examples}");
    let file = Sources::new().add("rules/own/uses-pip.toml", text.as_str());
    let rule = read_rule("rules/own/uses-pip.toml", &text, file, &SCHEMA).expect("a rule");
    let mut catalogue = Catalogue::empty();
    catalogue.add(rule).expect("the only rule");
    test_rules(&catalogue, &SCHEMA, &check)
}

#[track_caller]
fn verdicts(examples: &str, expected: &[Verdict]) -> String {
    let report = report(examples);
    let found: Vec<_> = report
        .failures
        .iter()
        .map(|failure| failure.verdict)
        .collect();
    assert_eq!(found, expected, "{:#?}", report.failures);
    let mut details = report.failures.into_iter();
    details
        .next()
        .map_or(String::new(), |failure| failure.detail)
}

const GOOD: &str = "\n[[good]]\ndockerfile = \"RUN uv\"\n";

#[test]
fn marks_in_every_file_pass() {
    let examples = format!(
        "{GOOD}[[good]]\noptions.on = false\ndockerfile = 'RUN pip'\n
         [[bad]]\ndockerfile = 'RUN «pip» and «pip»'\nfiles = {{ 'a.sh' = '«pip»', b = '' }}\n"
    );
    let report = report(&examples);
    assert_eq!(
        (report.passed, report.failures.as_slice()),
        (3, [].as_slice())
    );
}

#[test]
fn each_way_to_fail_has_its_name() {
    let bad = |text: &str| format!("{GOOD}[[bad]]\ndockerfile = '''\n{text}'''\n");
    let detail = verdicts(&bad("«pip» pip"), &[Verdict::Noisy]);
    assert_eq!(
        detail,
        "expected:\n  Dockerfile:1: «pip» pip\nfound:\n  Dockerfile:1: «pip» «pip»\n"
    );
    let detail = verdicts(&bad("«pip» «uv»"), &[Verdict::Missing]);
    assert_eq!(
        detail,
        "expected:\n  Dockerfile:1: «pip» «uv»\nfound:\n  Dockerfile:1: «pip» uv\n"
    );
    verdicts(&bad("«p»ip"), &[Verdict::WrongMark]);
    verdicts(&bad("«pip"), &[Verdict::Broken]);
    verdicts(&bad("pip"), &[Verdict::Broken]);
    verdicts(
        "[[bad]]\ndockerfile = '«pip»'\n[[good]]\ndockerfile = 'pip'\n",
        &[Verdict::Noisy],
    );
    verdicts(
        &bad("«pip»").replace("[[good]]", "[[good]]\noptions.off = true"),
        &[Verdict::Broken],
    );
    verdicts("", &[Verdict::Broken, Verdict::Broken]);
    verdicts(
        &bad("«pip»").replace("[[bad]]", "[[bad]]\nseverity = 'warning'"),
        &[Verdict::WrongSeverity],
    );
}

#[test]
fn each_severity_is_shown_by_an_example() {
    let example = |severity: &str, rest: &str| {
        format!(
            "severity_when = {{ error = \"command.name == 'pip'\" }}\n{GOOD}
             [[bad]]\ndockerfile = '«pip»'\n{severity}\n{rest}"
        )
    };
    verdicts(&example("severity = 'error'", ""), &[]);
    verdicts(&example("", ""), &[Verdict::Broken, Verdict::WrongSeverity]);
}

#[test]
fn a_fix_gives_what_the_example_says() {
    let with = |fix: &str, fixed: &str| {
        format!(
            "[fix]\ntitle = 'use uv'\nsafety = 'safe'\n{fix}\n{GOOD}
             [[bad]]\ndockerfile = '«pip» «pip»'\nfiles = {{ a = '«pip»' }}\n{fixed}\n"
        )
    };
    let replace = "replace = 'command'\ntext = 'uv'";
    let right = "fixed = 'uv uv'\nfixed_files = { a = 'uv' }";
    verdicts(&with(replace, right), &[]);
    verdicts(&with(replace, ""), &[Verdict::Broken]);
    verdicts(&with(replace, "fixed = 'uv pip'"), &[Verdict::WrongFix]);
    let again = with("replace = 'command'\ntext = 'pip'", "fixed = 'pip pip'");
    let detail = verdicts(&again, &[Verdict::WrongFix]);
    assert!(
        detail.starts_with("after the fix the rule still finds"),
        "{detail}"
    );
    let breaks = with("replace = 'command'\ntext = '??'", "fixed = '?? ??'");
    let detail = verdicts(&breaks, &[Verdict::WrongFix]);
    assert!(detail.contains("can no longer be parsed"), "{detail}");
    let never = with(&format!("when = 'not command'\n{replace}"), right);
    let detail = verdicts(&never, &[Verdict::WrongFix]);
    assert_eq!(detail, "no finding of this example has a fix");
}
