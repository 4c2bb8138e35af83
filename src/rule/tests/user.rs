//! Rules in a directory of one's own: they load, find, and say where they are misspelt.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::check::run_example;
use crate::facts::SCHEMA;
use crate::rule::example::{Project, test_rules};
use crate::rule::{Catalogue, OptionValue, RuleSet, Selection, Settings, docs};
use crate::source::{MemoryFile, Sources};

use super::own::show;

/// The root of the repository.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn load(path: &Path) -> (Catalogue, Sources, String) {
    let sources = Sources::new();
    let mut catalogue = Catalogue::empty();
    let errors = catalogue.load_directory(path, "rules", &SCHEMA, &sources);
    let errors = errors.err().unwrap_or_default();
    let shown = show(&sources, &errors);
    (catalogue, sources, shown)
}

fn dockerfile(text: &str) -> Project {
    let file = MemoryFile {
        content: text.as_bytes().to_vec(),
        is_executable: false,
    };
    Project {
        dockerfile: Some("Dockerfile".to_owned()),
        files: BTreeMap::from([("Dockerfile".to_owned(), file)]),
        ..Project::default()
    }
}

const PROJECT: &str = "\
FROM python:3.13-slim
RUN curl -O https://example.com/tool
";

fn messages(catalogue: &Catalogue, selection: &Selection) -> Vec<String> {
    let rules = RuleSet::new(catalogue, selection, &SCHEMA);
    let checked = run_example(&rules, &dockerfile(PROJECT)).expect("checked");
    let found = checked.findings.iter().map(|finding| {
        let marked = checked.sources.slice(finding.primary);
        let help = finding.help.as_deref().unwrap_or_default();
        format!("{}: {marked}: {}; {help}", finding.rule, finding.message)
    });
    let mut found: Vec<String> = found.collect();
    found.sort();
    found
}

#[test]
fn a_directory_of_rules_loads_and_finds() {
    let (catalogue, _, errors) = load(&root().join("fixtures/user-rules"));
    assert_eq!(errors, "");
    assert_eq!(
        messages(&catalogue, &Selection::default()),
        [
            "download-by-hand: https://example.com/tool: `curl` downloads what nobody has checked; \
             use `ADD --checksum=sha256:... URL`, or a mirror",
            "image-from-elsewhere: python:3.13-slim: `python:3.13-slim` comes from a registry that is \
             not allowed; use an image of `registry.acme.example`",
            "label-missing: python:3.13-slim: the image has no label \
             `org.opencontainers.image.source`; add `LABEL org.opencontainers.image.source=...`",
        ]
    );
}

#[test]
fn options_and_switches_of_the_configuration_count() {
    let (catalogue, _, _) = load(&root().join("fixtures/user-rules"));
    let list = |items: &[&'static str]| {
        OptionValue::List(items.iter().map(|item| (*item).into()).collect())
    };
    let mut selection = Selection::default();
    let off = Settings {
        is_enabled: Some(false),
        ..Settings::default()
    };
    selection.rules.insert("download-by-hand".to_owned(), off);
    let allowed = Settings {
        options: BTreeMap::from([("registries".to_owned(), list(&["docker.io"]))]),
        ..Settings::default()
    };
    selection
        .rules
        .insert("image-from-elsewhere".to_owned(), allowed);
    let labels = Settings {
        options: BTreeMap::from([("labels".to_owned(), list(&["team", "source"]))]),
        ..Settings::default()
    };
    selection.rules.insert("label-missing".to_owned(), labels);
    assert_eq!(
        messages(&catalogue, &selection),
        [
            "label-missing: python:3.13-slim: the image has no label `team`, `source`; add `LABEL team=...`"
        ]
    );
    let rule = catalogue.get("label-missing").expect("the rule");
    let wrong = rule
        .check_option("label", &list(&[]))
        .expect_err("misspelt");
    assert_eq!(
        wrong,
        "`label-missing` has no option `label`; did you mean `labels`?"
    );
    let wrong = rule
        .check_option("labels", &OptionValue::Bool(true))
        .expect_err("no list");
    assert_eq!(wrong, "`labels` of `label-missing` is a list, not a bool");
}

#[test]
fn their_examples_hold() {
    let (catalogue, _, _) = load(&root().join("fixtures/user-rules"));
    let report = test_rules(&catalogue, &SCHEMA, &run_example);
    assert_eq!(report.failures, []);
    assert_eq!((report.rules, report.passed), (3, 9));
}

#[test]
fn every_misspelling_is_marked_in_the_rule_file() {
    let (_, _, errors) = load(&root().join("fixtures/bad-rules"));
    insta::assert_snapshot!(errors, @r#"
    rules/broken-operator.toml:7:48: `im`: unexpected identifier, expected in
    rules/download-by-hand.toml:5:38: `"^(https?://"`: found open group without closing ')'
    rules/download-by-hand.toml:6:13: `nmae`: `command` has no field `nmae` (did you mean `name`?)
    rules/download-by-hand.toml:6:37: `command.is_complete == "yes"`: a boolean is never equal to a string (a boolean needs no comparison)
    rules/download-by-hand.toml:8:15: `operand`: `command` has no field `operand` (did you mean `operands`?)
    rules/download-by-hand.toml:12:6: `"'here'"`: this is not a place in a file (name the fact (`command`) or something in it)
    rules/download-by-hand.toml:13:31: `itm`: there is no `itm` (did you mean `item`?)
    rules/download-by-hand.toml:19:8: `"x"`: a deletion has no `text`
    rules/image-from-elsewhere.toml:3:12: `bas`: there are no facts `bas` to select (did you mean `base`?)
    rules/image-from-elsewhere.toml:9:41: `"docker.io"`: the default is not a list of strings
    rules/label-missing.toml:2:12: `"high"`: unknown value `high` (there are `error`, `warning`, `info`)
    rules/label-missing.toml:4:17: `label`: the rule has no option `label` (did you mean `labels`?)
    rules/label-missing.toml:4:32: `'im'`: there is no test `im` (did you mean `in`?)
    rules/label-missing.toml:4:66: `lables`: `stage` has no field `lables` (did you mean `labels`?)
    rules/label-missing.toml:6:1: `mesage`: unknown key `mesage` (did you mean `message`?)
    rules/label-missing.toml:7:56: `jion`: there is no filter `jion` (did you mean `join`?)
    "#);
}

#[test]
fn a_directory_without_rules_is_a_mistake() {
    let folder = tempfile::tempdir().expect("a directory");
    let (_, _, errors) = load(folder.path());
    assert!(errors.contains("there is no rule file"), "{errors}");
    let (_, _, errors) = load(&folder.path().join("absent"));
    assert!(!errors.is_empty());
}

#[test]
fn a_rule_explains_itself() {
    let (catalogue, _, _) = load(&root().join("fixtures/user-rules"));
    insta::assert_snapshot!(docs::list(&catalogue), @r"
    acme
      download-by-hand      warning  a file is downloaded by hand
      image-from-elsewhere  error    the base image comes from a registry that is not allowed
      label-missing         warning  the image lacks a label that the inventory needs
    ");
    let rule = catalogue.get("image-from-elsewhere").expect("the rule");
    insta::assert_snapshot!(docs::explain(rule, None), @r###"
    # image-from-elsewhere

    the base image comes from a registry that is not allowed

    - severity: error
    - topic: acme
    - looks at: also stages that the final stage is built from

    ## Help

    use an image of `{{ options.registries | join('`, `') }}`

    ## Why

    Only images that the platform team scans are shipped; see chapter 3 of the handbook.

    ## Options

    Under `[rule.image-from-elsewhere]`:

    - `registries` (list, default `["registry.acme.example"]`): Registries that images may come from; Docker Hub is `docker.io`.

    ## Bad

    ```dockerfile
    FROM «python:3.13-slim» AS build
    FROM registry.acme.example/python:3.13-slim
    COPY --from=build /app /app
    ```

    with `registries = ["docker.io"]`:

    ```dockerfile
    FROM «registry.acme.example/python:3.13-slim»
    ```

    ## Good

    where `$BASE` comes from is not known:

    ```dockerfile
    ARG BASE
    FROM $BASE AS app
    FROM registry.acme.example/python:3.13-slim
    COPY --from=app /app /app
    ```
    "###);
}
