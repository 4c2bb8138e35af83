//! The engine on invented facts: what conditions say, what is unknown, where mistakes are marked.

mod example;
mod own;
mod toy;
mod user;

use crate::knowledge::intent_words::Intent;
use proptest::prelude::{Strategy, prop_assert, proptest};

use crate::facts::table::Reach;
use crate::finding::Finding;
use crate::lint::{self, LintResult};
use crate::source::Sources;

use super::compile::{self, Names};
use super::eval::{Eval, Stop};
use super::load::read_rule;
use super::template;
use super::tree::Tree;
use super::{Catalogue, Rule, RuleSet, Selection};
use toy::{SCHEMA, span};

fn names() -> Names<'static> {
    Names {
        kind: &SCHEMA.kinds[0],
        schema: &SCHEMA,
        options: &[],
        locals: Vec::new(),
        tries_patterns: true,
    }
}

fn holds(condition: &str) -> Result<bool, Stop> {
    let (expr, _, faults) = compile::expression(condition, &names());
    assert_eq!(faults, [], "{condition}");
    Eval::new(&toy::command(), "command", &[]).is_true(&expr)
}

#[track_caller]
fn is_unknown(condition: &str, path: &str) {
    assert_eq!(holds(condition), Err(Stop::Unknown(path.to_owned())));
}

fn rendered(template: &str) -> String {
    let (parts, faults) = template::read(template, &names());
    assert_eq!(faults, [], "{template}");
    let node = toy::command();
    let mut text = String::new();
    Eval::new(&node, "command", &[])
        .render(&parts, &mut text)
        .unwrap();
    text
}

/// The mistakes in a condition as `marked text: message (help)`.
fn mistakes(condition: &str) -> Vec<String> {
    let faults = compile::expression(condition, &names()).2.into_iter();
    faults
        .map(|fault| {
            let help = fault
                .help
                .map_or(String::new(), |help| format!(" ({help})"));
            format!("{}: {}{help}", &condition[fault.range], fault.message)
        })
        .collect()
}

#[test]
fn conditions_read_as_they_should() {
    for condition in [
        "command.name == 'pip'",
        "command.name is startswith(['apt', 'pi'])",
        "command.name | startswith('p')",
        "command.name is matches('^p.p$')",
        "not command.name is matches('^x')",
        "command.name in ['pip', 'uv']",
        "stage.name != 'final'",
        "'--flag' in command.flags",
        "command.flags['--flag'] == ''",
        "command.uid is none and not command.uid",
        "not command.uid > 5 and not command.uid < 5",
        "command.uid | default(7) == 7",
        "command.is_last and (stage.name | length) == 5",
        "'django' in command.words",
        "command.words[2] == 'django'",
        "command.packages | selectattr('is_build')",
        "(command.packages | selectattr('is_build') | first).name == 'gcc'",
        "command.packages | map(attribute='name') | select('eq', 'django')",
        "'g++' in command.packages | map(attribute='name')",
        "command.packages | selectattr('name', 'in', ['django'])",
        "command.packages | rejectattr('name', 'eq', 'gcc')",
        "stage.name[1:3] == 'ui'",
        "stage.name | upper | lower | replace('b', 'B') == 'Build'",
        "('a b' | split | last) == 'b'",
        "1 + 2 * 3 == 7 and 7 % 4 == 3",
        "(1 if command.is_last else 2) == 1",
        "1 < 2 <= 2",
        "('x' ~ 1) == 'x1'",
        "stage == command.stage",
    ] {
        assert_eq!(holds(condition), Ok(true), "{condition}");
    }
}

#[test]
fn a_look_at_the_unknown_decides_nothing() {
    is_unknown("stage.is_slim", "command.stage.is_slim");
    is_unknown("not stage.is_slim", "command.stage.is_slim");
    is_unknown("command.flags['-q']", "command.flags[\"-q\"]");
    is_unknown("'-q' not in command.flags", "command.flags");
    is_unknown("'flask' in command.words", "command.words");
    is_unknown("command.words[1] == 'x'", "command.words[1]");
    is_unknown("command.words[7] == 'x'", "command.words[7]");
    is_unknown("command.words | length > 1", "command.words");
    is_unknown("(command.words | last) == 'x'", "command.words");
    is_unknown(
        "not (command.packages | selectattr('name', 'eq', 'flask'))",
        "command.packages",
    );
    is_unknown(
        "(command.packages | sort | first) is none",
        "command.packages",
    );
}

#[test]
fn what_is_not_looked_at_does_not_matter() {
    assert_eq!(holds("command.name == 'apt' and stage.is_slim"), Ok(false));
    assert_eq!(holds("command.is_last or stage.is_slim"), Ok(true));
    assert_eq!(holds("1 if command.is_last else stage.is_slim"), Ok(true));
}

#[test]
fn a_condition_ends() {
    let list = format!("[{}]", "1,".repeat(400));
    let doubled = format!("({list} + {list} + {list} + {list})");
    let many = format!(
        "not ({doubled} | select('in', {doubled} + [{doubled} | length]) | select('in', {doubled}) | select('eq', 2))"
    );
    assert_eq!(holds(&many), Err(Stop::OutOfFuel));
}

#[test]
fn templates_print_what_is_known() {
    assert_eq!(
        rendered("`{{ command }}` in {{ stage }}"),
        "`pip install` in build"
    );
    assert_eq!(rendered("{{ command.uid }}|{{ stage.is_slim }}"), "|");
    assert_eq!(rendered("{{ stage.is_slim | default('x') }}"), "x");
    assert_eq!(
        rendered("{{ command.packages | selectattr('is_build') | join(' and ') }}"),
        "gcc and g++"
    );
    assert_eq!(
        rendered("{% for p in command.packages %}{{ p.name }};{% endfor %}"),
        "gcc;django;g++;other;"
    );
    assert_eq!(
        rendered("{% if stage.is_slim %}a{% else %}b{% endif %}"),
        "b"
    );
}

#[test]
fn every_mistake_is_marked() {
    let all = [
        (
            "stage.is_slm",
            "is_slm: `stage` has no field `is_slm` (did you mean `is_slim`?)",
        ),
        (
            "comand.name",
            "comand: there is no `comand` (did you mean `command`?)",
        ),
        (
            "uid == 0",
            "uid: there is no `uid` (did you mean `command.uid`?)",
        ),
        ("command.name.x", "x: a string has no fields"),
        (
            "command.packages.name",
            "name: a list of `package` has no fields (its items have: `| map(attribute=\"name\")`)",
        ),
        (
            "command.is_last == 'yes'",
            "command.is_last == 'yes': a boolean is never equal to a string (a boolean needs no comparison)",
        ),
        (
            "stage == 'build'",
            "stage == 'build': the fact `stage` is never equal to a string (compare one of its fields)",
        ),
        (
            "'gcc' in command.packages",
            "'gcc' in command.packages: a string is never in a list of `package` (look in one of their fields: `| \
                map(attribute=\"...\")`)",
        ),
        (
            "command.uid < 'x'",
            "command.uid < 'x': a number is neither more nor less than a string",
        ),
        (
            "command.name | lowr",
            "lowr: there is no filter `lowr` (did you mean `lower`?)",
        ),
        (
            "command.name is startwith('a')",
            "startwith: there is no test `startwith` (did you mean `startswith`?)",
        ),
        (
            "command.name is matches('(')",
            "'(': found open group without closing ')'",
        ),
        (
            "command.name.startswith('a')",
            ".startswith('a'): functions and methods are not supported in rules (write a filter or a test: `x | \
                startswith`)",
        ),
        (
            "options.x",
            "x: the rule has no option `x` (declare it under `[options]`)",
        ),
        (
            "command.packages | selectattr('is_bild')",
            "is_bild: `package` has no field `is_bild` (did you mean `is_build`?)",
        ),
        (
            "command.packages | selectattr('name', 'eqq', 'x')",
            "'eqq': there is no test `eqq` (did you mean `eq`?)",
        ),
        (
            "command.words | join(1)",
            "1: this is a number, where a string is needed",
        ),
        (
            "command.name | upper(1)",
            "upper: `upper` takes no argument, not 1",
        ),
        (
            "command.uid | length",
            "command.uid: a number has no length",
        ),
        (
            "command.flags[1]",
            "1: this is a number, where a string is needed",
        ),
        (
            "command['name']",
            "'name': write the fields of `command` with a dot",
        ),
    ];
    for (condition, expected) in all {
        assert_eq!(mistakes(condition), [expected], "{condition}");
    }
    let several = mistakes("stage.nme == 1 and command.is_lst");
    assert_eq!(several.len(), 2, "{several:?}");
    assert_eq!(mistakes("command.name ==").len(), 1);
}

const RULE: &str = r#"
summary = "compilers stay"
severity = "warning"
select = { command = ["pip", "uv*"] }
when = '''command.packages | selectattr("is_build") and stage.name != options.final'''
at = "command.packages | selectattr('is_build')"
message = "`{{ command }}` leaves {{ command.packages | selectattr('is_build') | join(', ') }}"
references = ["https://example.org/why"]

[options]
final = { type = "string", default = "x", doc = "The last stage." }

[[label]]
at = "stage.name"
text = "in `{{ item }}`"

[[label]]
at = "stage.is_slim"
text = "never seen"

[fix]
title = "remove them"
safety = "unsafe"
delete = "command.packages | selectattr('is_build')"
"#;

fn run(text: &str) -> LintResult {
    let sources = Sources::new();
    let file = sources.add("rules/own/leaves-compilers.toml", text);
    let rule = read_rule("rules/own/leaves-compilers.toml", text, file, &SCHEMA)
        .expect("a rule without mistakes");
    run_rule(rule)
}

fn run_rule(rule: Rule) -> LintResult {
    let mut catalogue = Catalogue::empty();
    catalogue.add(rule).expect("the only rule");
    let rules = RuleSet::new(&catalogue, &Selection::default(), &SCHEMA);
    lint::run(&rules, &toy::Facts::new(vec![toy::command()]))
}

#[test]
fn a_rule_finds_labels_and_mends() {
    let result = run(RULE);
    assert_eq!(result.undecided, []);
    let [finding]: [Finding; 1] = result.findings.try_into().expect("one finding");
    assert_eq!(finding.message, "`pip install` leaves gcc, g++");
    assert_eq!(
        (finding.primary, finding.also),
        (span(19, 22), vec![span(30, 33)])
    );
    assert_eq!(finding.related.len(), 1);
    assert_eq!(finding.related[0].span, span(90, 95));
    assert_eq!(finding.related[0].message, "in `build`");
    let fix = finding.fix.expect("a fix");
    let spans: Vec<_> = fix.edits.iter().map(|edit| edit.span).collect();
    assert_eq!(spans, [span(19, 22), span(30, 33)]);
    assert_eq!(finding.url.as_deref(), Some("https://example.org/why"));
}

#[test]
fn an_undecided_rule_says_what_it_looked_at() {
    let result = run(&RULE.replace("and stage.name", "and stage.is_slim and stage.name"));
    assert_eq!(result.findings, []);
    assert_eq!(result.undecided.len(), 1);
    assert_eq!(
        result.undecided[0].reason,
        "unknown whether compilers stay (`command.stage.is_slim`)"
    );
}

/// The mistakes in a rule file as `marked text: message (help)`.
fn problems(text: &str) -> Vec<String> {
    let sources = Sources::new();
    let path = "rules/own/leaves-compilers.toml";
    let file = sources.add(path, text);
    let errors = read_rule(path, text, file, &SCHEMA).expect_err("mistakes");
    let shown = errors.into_iter().map(|error| {
        let marked = error.span.map_or("", |span| span.slice(text)).to_owned();
        let help = error
            .help
            .map_or(String::new(), |help| format!(" ({help})"));
        format!("{marked}: {}{help}", error.message)
    });
    shown.collect()
}

/// How often a rule finds something in a fact of that key, reach and intent.
fn count(head: &str, key: &'static str, reach: Reach, intent: Intent) -> usize {
    let text = format!("summary = 's'\nseverity = 'info'\nat = 'command'\nmessage = 'm'\n{head}");
    let rule = read_rule("r/o/rule.toml", &text, toy::FILE, &SCHEMA).expect("a rule");
    let mut catalogue = Catalogue::empty();
    catalogue.add(rule).expect("the only rule");
    let rules = RuleSet::new(&catalogue, &Selection::default(), &SCHEMA);
    let facts = toy::Facts {
        key,
        reach,
        intent,
        ..toy::Facts::new(vec![toy::command(), toy::command()])
    };
    lint::run(&rules, &facts).findings.len()
}

#[test]
fn a_rule_is_asked_of_what_it_selects() {
    let by_key = |keys: &str, key| {
        let head = format!("select = {{ command = {keys} }}");
        count(&head, key, Reach::Shipped, Intent::Production)
    };
    // The two facts are at one place, and that is one finding.
    assert_eq!(by_key("'pip'", "pip"), 1);
    assert_eq!(by_key("['uv', 'pip', 'pi*', '*']", "pip"), 1);
    assert_eq!(by_key("'pi*'", "pip"), 1);
    assert_eq!(by_key("'*'", ""), 1);
    assert_eq!(by_key("['uv', 'pipx*']", "pip"), 0);
    assert_eq!(by_key("'pip'", "pip3"), 0);

    let all = "select = { command = '*' }\n";
    let by_reach = |more: &str, reach| count(&format!("{all}{more}"), "", reach, Intent::Ci);
    assert_eq!(by_reach("intent = 'any'", Reach::Shipped), 1);
    assert_eq!(by_reach("", Reach::Shipped), 0);
    assert_eq!(by_reach("intent = 'any'", Reach::Built), 0);
    assert_eq!(by_reach("intent = 'any'\nscope = 'built'", Reach::Built), 1);
    assert_eq!(
        by_reach("intent = 'any'\nscope = 'built'", Reach::Unused),
        0
    );
    assert_eq!(by_reach("intent = 'any'\nscope = 'any'", Reach::Unused), 1);
    assert_eq!(
        by_reach("intent = 'any'\ndefault = false", Reach::Shipped),
        0
    );
}

#[test]
fn all_mistakes_of_a_file_are_told_at_once() {
    let wrong = RULE
        .replace("summary", "sumary")
        .replace("\"warning\"", "\"warn\"")
        .replace(
            "safety = \"unsafe\"",
            "safety = \"unsafe\"\nwehn = \"command.nme\"",
        );
    assert_eq!(
        problems(&wrong),
        [
            "sumary: unknown key `sumary` (did you mean `summary`?)",
            "\"warn\": unknown value `warn` (did you mean `warning`?)",
            "wehn: unknown key `wehn` (did you mean `when`?)",
        ]
    );
    let wrong = RULE
        .replace("at = \"stage.name\"", "at = \"stage.nam\"\nxyz = 1")
        .replace("{{ item }}", "{{ itm }}")
        .replace("\"uv*\"", "\"u*v\"")
        .replace("delete =", "replace =")
        .replace("default = \"x\"", "default = 1");
    assert_eq!(
        problems(&wrong),
        [
            "\"u*v\": a key must be literal, or end with one `*`",
            "1: the default is not of type `string`",
            "nam: `stage` has no field `nam` (did you mean `name`?)",
            "xyz: unknown key `xyz` (there are `at`, `text`)",
            "itm: there is no `itm` (did you mean `item`?)",
            "[fix]: the edit has no `text`",
        ]
    );
    assert_eq!(
        problems("summary = 'x'\nseverity = "),
        [": string values must be quoted, expected literal string"]
    );
}

#[test]
fn files_of_an_example_are_checked_too() {
    let wrong = format!("{RULE}\n[[good]]\nfiles = {{ a = {{ content = '', exec = true }} }}\n");
    assert_eq!(
        problems(&wrong),
        ["exec: unknown key `exec` (did you mean `executable`?)"]
    );
}

#[test]
fn the_clauses_of_a_condition_say_what_it_says() {
    let mut several = 0;
    for rule in Catalogue::embedded().rules() {
        let Some(when) = &rule.when else {
            assert!(rule.clauses.is_empty(), "{}", rule.id);
            continue;
        };
        let kept: Vec<Tree<'_>> = rule
            .clauses
            .iter()
            .map(|bytes| postcard::from_bytes(bytes).unwrap())
            .collect();
        assert_eq!(kept, compile::tree(when).unwrap().clauses(), "{}", rule.id);
        several += usize::from(kept.len() > 1);
    }
    assert!(
        several > 50,
        "only {several} conditions have several clauses"
    );
}

#[test]
fn clauses_are_what_and_joins_outermost() {
    let texts = |text: &'static str| {
        let clauses = compile::tree(text).unwrap().clauses();
        let places = clauses.iter().map(|clause| &text[clause.range()]);
        places.collect::<Vec<_>>()
    };
    assert_eq!(texts("a and b or c"), ["a and b or c"]);
    assert_eq!(texts("(a or b) and (c and d)"), ["a or b", "c", "d"]);
    assert_eq!(texts("a if b and c"), ["a if b and c"]);
    assert_eq!(texts("not (a and b)"), ["not (a and b)"]);
}

#[test]
fn depth_and_length_are_bounded() {
    let deep = format!("1{}", " and 1".repeat(2500));
    assert!(mistakes(&deep)[0].ends_with("this is nested too deeply"));
    assert!(mistakes(&"1".repeat(20_000))[0].ends_with("this is too long"));
    let parens = format!("{}1{}", "(".repeat(5000), ")".repeat(5000));
    assert_eq!(mistakes(&parens).len(), 1);
}

/// Parts of a rule that are thrown together at random.
fn scraps() -> impl Strategy<Value = String> {
    let words = [
        "command",
        "stage",
        ".",
        ".name",
        "['x']",
        "[0]",
        " and ",
        " not ",
        "(",
        ")",
        "| ",
        "join",
        "selectattr('is_build')",
        "is none",
        "'",
        "\"",
        "\\u00e9",
        "é",
        "{{",
        "}}",
        "{% if ",
        "%}",
        "\n",
        "1",
        "in ",
        "options.final",
        "=",
        "[fix]",
        "'''",
        ",",
        "default(",
    ];
    proptest::collection::vec(proptest::sample::select(words.to_vec()), 0..12)
        .prop_map(|words| words.concat())
}

proptest! {
    #[test]
    fn no_rule_file_is_too_odd(scraps in scraps(), at in 0..RULE.len(), cut in 0..40usize) {
        if let (Some(head), Some(tail)) = (RULE.get(..at), RULE.get((at + cut).min(RULE.len())..)) {
            let text = format!("{head}{scraps}{tail}");
            let path = "rules/own/leaves-compilers.toml";
            match read_rule(path, &text, toy::FILE, &SCHEMA) {
                Ok(rule) => drop(run_rule(rule)),
                Err(errors) => {
                    prop_assert!(!errors.is_empty());
                    for span in errors.iter().filter_map(|error| error.span) {
                        prop_assert!(text.get(span.range()).is_some());
                    }
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn no_expression_is_too_odd(scraps in scraps()) {
        let node = toy::command();
        let (expr, _, faults) = compile::expression(&scraps, &names());
        if faults.is_empty() {
            let _ = Eval::new(&node, "command", &[]).places(&expr);
        }
        for text in [format!("{{{{{scraps}}}}}"), scraps] {
            let (parts, faults) = template::read(&text, &names());
            if faults.is_empty() {
                let _ = Eval::new(&node, "command", &[]).render(&parts, &mut String::new());
            }
        }
    }
}
