//! What an editor can do about findings: what it changes is what the command would change, and what is ignored is
//! quiet.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use crate::fixtures::projects;
use crate::lsp_client::{Client, able};
use crate::support::{Project, copy_tree, finish, root, seatrial};

/// Applies the edits of one file; places count bytes.
fn edited(text: &str, edits: &[Value]) -> String {
    let starts: Vec<usize> = std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at + 1))
        .collect();
    let offset = |place: &Value| {
        let number = |key: &str| usize::try_from(place[key].as_u64().unwrap()).unwrap();
        starts
            .get(number("line"))
            .map_or(text.len(), |start| start + number("character"))
    };
    let mut sorted: Vec<(usize, usize, &str)> = edits
        .iter()
        .map(|edit| {
            let range = &edit["range"];
            let new = edit["newText"].as_str().unwrap();
            (offset(&range["start"]), offset(&range["end"]), new)
        })
        .collect();
    sorted.sort();
    let mut out = text.to_owned();
    for (start, end, new) in sorted.into_iter().rev() {
        out.replace_range(start..end, new);
    }
    out
}

/// What an edit of the workspace makes of texts, by path.
fn applied(client: &Client, edit: &Value, texts: &mut BTreeMap<String, String>) -> Vec<String> {
    let mut changed = Vec::new();
    for change in edit["documentChanges"].as_array().unwrap() {
        if change["kind"] == "create" {
            continue;
        }
        let uri = change["textDocument"]["uri"].as_str().unwrap();
        let path = uri
            .strip_prefix(&client.uri(""))
            .unwrap()
            .trim_start_matches('/');
        let text = texts.entry(path.to_owned()).or_default();
        *text = edited(text, change["edits"].as_array().unwrap());
        changed.push(path.to_owned());
    }
    changed
}

fn actions(client: &mut Client, path: &str, range: Value, only: Option<&str>) -> Vec<Value> {
    let mut context = json!({"diagnostics": []});
    if let Some(only) = only {
        context["only"] = json!([only]);
    }
    let uri = client.uri(path);
    let params = json!({"textDocument": {"uri": uri}, "range": range, "context": context});
    let given = client.request("textDocument/codeAction", params);
    given.as_array().unwrap().clone()
}

fn everywhere() -> Value {
    json!({"start": {"line": 0, "character": 0}, "end": {"line": 9999, "character": 0}})
}

fn texts(directory: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![directory.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let below = path.strip_prefix(directory).unwrap().display().to_string();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                found.insert(below, text);
            }
        }
    }
    found
}

#[test]
fn fixing_all_of_each_file_does_what_the_command_does() {
    let mut fixed = 0;
    for project in projects() {
        let copy = tempfile::tempdir().unwrap();
        let directory = copy.path().canonicalize().unwrap();
        copy_tree(&project, &directory);
        let mut client = Client::start(&directory, able());
        client.settle();
        let mut now = texts(&directory);
        let named: Vec<String> = client.shown.keys().cloned().collect();
        for path in named {
            let Some(text) = now.get(&path).cloned() else {
                continue;
            };
            client.open(&path, &text);
            for action in actions(&mut client, &path, everywhere(), Some("source.fixAll")) {
                assert_eq!(action["kind"], "source.fixAll.seatrial");
                let whole = client.request("codeAction/resolve", action);
                for changed in applied(&client, &whole["edit"], &mut now) {
                    assert_eq!(changed, path, "it changes the file that it was asked for");
                    client.set(&path, &now[&path]);
                    fixed += 1;
                }
            }
        }
        let mut command = seatrial();
        command
            .current_dir(&directory)
            .args(["check", ".", "--fix"]);
        finish(command, None);
        assert_eq!(now, texts(&directory), "{}", project.display());
    }
    assert!(fixed > 3, "{fixed} files with fixes");
}

#[test]
fn every_finding_can_be_ignored_and_each_offer_holds() {
    let mut tried = 0;
    // Each rule once: every offer costs several checks.
    let mut seen = BTreeSet::new();
    for name in [
        "caktus-guide",
        "first-steps",
        "broken-uwsgi",
        "compose-tree",
        "broken-settings",
    ] {
        let copy = tempfile::tempdir().unwrap();
        let directory = copy.path().canonicalize().unwrap();
        copy_tree(&root().join("fixtures/projects").join(name), &directory);
        let mut client = Client::start(&directory, able());
        client.settle();
        let now = texts(&directory);
        let shown = client.shown.clone();
        let all: usize = shown.values().map(Vec::len).sum();
        let of_rule = |shown: &BTreeMap<String, Vec<Value>>, code: &str| {
            let all = shown.values().flatten();
            all.filter(|one| one["code"] == code).count()
        };
        for (path, list) in &shown {
            for one in list.iter().filter(|one| one["code"].is_string()) {
                let code = one["code"].as_str().unwrap();
                if !seen.insert(code.to_owned()) {
                    continue;
                }
                let given = actions(&mut client, path, one["range"].clone(), Some("quickfix"));
                let ignores = given.into_iter().filter(|action| {
                    action["title"]
                        .as_str()
                        .unwrap()
                        .starts_with(&format!("Ignore `{code}`"))
                        && action["diagnostics"][0]["range"] == one["range"]
                });
                let ignores: Vec<Value> = ignores.collect();
                assert_eq!(ignores.len(), 3, "{path}: {code}");
                for (at, action) in ignores.into_iter().enumerate() {
                    tried += 1;
                    let whole = client.request("codeAction/resolve", action);
                    let mut then = now.clone();
                    for changed in applied(&client, &whole["edit"], &mut then) {
                        client.open(&changed, &then[&changed]);
                        client.settle();
                        let left: usize = client.shown.values().map(Vec::len).sum();
                        // A rule that does not run at all hides no findings of others.
                        let is_less = at == 2 || left < all;
                        assert!(is_less, "{path}: {code}: {}", then[&changed]);
                        let still = of_rule(&client.shown, code);
                        assert!(still < of_rule(&shown, code), "{path}: {code}: {at}");
                        client.close(&changed);
                    }
                }
                client.settle();
            }
        }
    }
    assert!(tried > 100, "{tried} offers");
}

#[test]
fn a_fix_is_offered_at_its_place_and_safe_ones_first() {
    let project = Project::new(&[(
        "Dockerfile",
        "FROM python:3.13-slim-trixie\nRUN apt-get update && apt-get install -y git\nRUN pip install gunicorn\n\
         CMD gunicorn shop.wsgi\n",
    )]);
    let mut client = Client::start(project.path(), able());
    let text = project.read("Dockerfile");
    client.open("Dockerfile", &text);
    let line = |line: u32| json!({"start": {"line": line, "character": 10}, "end": {"line": line, "character": 10}});
    let given = actions(&mut client, "Dockerfile", everywhere(), None);
    let fixes: Vec<&Value> = given
        .iter()
        .filter(|one| one.get("isPreferred").is_some())
        .collect();
    let safe = fixes.iter().map(|fix| fix["isPreferred"] == true);
    let safe: Vec<bool> = safe.collect();
    assert!(safe.contains(&true) && safe.contains(&false), "{given:?}");
    assert!(safe.is_sorted_by(|one, next| one >= next), "{safe:?}");
    let titles = |given: &[Value]| -> String { json!(given).to_string() };
    assert!(titles(&given).contains("Apply all safe fixes"), "{given:?}");
    let edit = &fixes[0]["edit"]["documentChanges"][0];
    assert_eq!(edit["textDocument"]["version"], 1);
    assert_eq!(
        actions(&mut client, "Dockerfile", line(0), Some("refactor")),
        Vec::<Value>::new()
    );
    // A client that knows neither versions nor actions that are completed later.
    let mut plain = Client::start(project.path(), json!({}));
    plain.open("Dockerfile", &text);
    let given = actions(&mut plain, "Dockerfile", everywhere(), None);
    let uri = plain.uri("Dockerfile");
    assert!(given.len() > 3, "{given:?}");
    // What is worked out at once costs checks: only who asks for it has it.
    assert!(
        !titles(&given).contains("Apply all safe fixes"),
        "{given:?}"
    );
    let asked = actions(
        &mut plain,
        "Dockerfile",
        everywhere(),
        Some("source.fixAll"),
    );
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0]["edit"]["changes"].get(&uri).is_some(), "{asked:?}");
    assert!(
        given
            .iter()
            .all(|one| one["edit"]["changes"].get(&uri).is_some()
                || one["title"].to_string().contains("configuration")),
        "{given:?}"
    );
    // Places to fill in, where a client has them.
    let mut capabilities = able();
    capabilities["workspace"]["workspaceEdit"]["snippetEditSupport"] = json!(true);
    let mut rich = Client::start(project.path(), capabilities);
    rich.open("Dockerfile", &text);
    let given = actions(&mut rich, "Dockerfile", line(3), None);
    let ignore = given
        .iter()
        .find(|one| one["title"].to_string().ends_with("here\""))
        .unwrap();
    let whole = rich.request("codeAction/resolve", ignore.clone());
    let edit = &whole["edit"]["documentChanges"][0]["edits"][0];
    assert!(
        edit["snippet"]["value"].to_string().contains("] ${1:why}"),
        "{edit}"
    );
}

#[test]
fn the_policy_that_the_environment_names_holds_in_an_editor() {
    let project = Project::new(&[
        (
            "org/policy.toml",
            "rules = [\"house\"]\nselect = [\"own\"]\n",
        ),
        ("org/house/own/run-forbidden.toml", crate::support::RULE),
        ("shop/.git/HEAD", ""),
        ("shop/seatrial.toml", "ignore = [\"own\"]\n"),
        ("shop/Dockerfile", "FROM python:3.13-slim\nRUN ls\n"),
    ]);
    let shop = project.path().join("shop");
    let codes = |policy: &str| {
        // A relative path is meant from where the server was started, as for the command.
        let mut command = seatrial();
        command
            .current_dir(project.path())
            .env("SEATRIAL_POLICY", policy);
        let mut client = Client::of(command, &shop, able(), Value::Null);
        client.settle();
        let codes = client.codes("Dockerfile");
        let given = actions(&mut client, "Dockerfile", everywhere(), Some("quickfix"));
        let titles = given.iter().filter_map(|action| action["title"].as_str());
        let titles: Vec<String> = titles.map(str::to_owned).collect();
        client.end();
        (codes, titles.join("\n"))
    };
    let (with, offered) = codes("org/policy.toml");
    assert_eq!(with, ["run-forbidden"]);
    assert!(!offered.contains("Ignore `run-forbidden`"), "{offered}");
    let (without, _) = codes("");
    assert!(
        !without.contains(&"run-forbidden".to_owned()),
        "{without:?}"
    );
}

#[test]
fn the_configuration_that_the_environment_names_holds_in_an_editor() {
    let project = Project::new(&[
        (
            "org/seatrial.toml",
            "select = [\"wrong-package-manager\"]\n",
        ),
        ("org/quiet.toml", "ignore = [\"wrong-package-manager\"]\n"),
        ("shop/.git/HEAD", ""),
        (
            "shop/seatrial.toml",
            "ignore = [\"wrong-package-manager\"]\n",
        ),
        (
            "shop/Dockerfile",
            "FROM python:3.13-slim\nRUN apk add bash\n",
        ),
    ]);
    let shop = project.path().join("shop");
    let codes = |named: &str, settings: Value| {
        let mut command = seatrial();
        command
            .current_dir(project.path())
            .env("SEATRIAL_CONFIG", named);
        let mut client = Client::of(command, &shop, able(), settings);
        client.settle();
        let codes = client.codes("Dockerfile");
        client.end();
        codes
    };
    let own = |file: &str| json!({"configuration": project.path().join(file)});
    let found = ["wrong-package-manager"];
    assert_eq!(codes("org/seatrial.toml", Value::Null), found);
    assert!(!codes("", Value::Null).contains(&found[0].to_owned()));
    // What the editor says comes first.
    let quiet = codes("org/seatrial.toml", own("org/quiet.toml"));
    assert!(!quiet.contains(&found[0].to_owned()), "{quiet:?}");
    assert_eq!(codes("org/quiet.toml", own("org/seatrial.toml")), found);
    let isolated = codes("org/quiet.toml", json!({"isolated": true}));
    assert!(isolated.contains(&found[0].to_owned()), "{isolated:?}");
}
