//! The language server as clients see it: sessions over standard input and output.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use crate::fixtures::projects;
use crate::lsp_client::{Client, QUESTIONS, able, question};
use crate::support::{Project, copy_tree, root};

const DOCKERFILE: &str = "FROM python:3.13-slim-trixie\nWORKDIR /app\nCOPY . .\nUSER 1000\n\
                          CMD [\"gunicorn\", \"--bind=0.0.0.0:80\", \"shop.wsgi\"]\n";

/// A Django project whose settings are in production what the Dockerfile makes of them.
fn shop() -> Project {
    Project::new(&[
        ("Dockerfile", DOCKERFILE),
        (".dockerignore", ".git\n"),
        ("compose.yaml", "services:\n  web:\n    build: .\n"),
        (
            "manage.py",
            "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
        ),
        ("shop/__init__.py", ""),
        (
            "shop/wsgi.py",
            "import os\nfrom django.core.wsgi import get_wsgi_application\n\
             os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\napplication = get_wsgi_application()\n",
        ),
        ("shop/settings.py", "DEBUG = False\n"),
    ])
}

/// Everything that is shown, as `file: code begin..end severity`, in bytes of the files.
fn shown(client: &Client, root: &Path) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for (path, list) in &client.shown {
        let text = std::fs::read_to_string(root.join(path)).unwrap_or_default();
        let text = text.trim_start_matches('\u{feff}');
        let starts: Vec<usize> = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        let offset = |place: &Value| {
            let line = usize::try_from(place["line"].as_u64().unwrap()).unwrap();
            let column = usize::try_from(place["character"].as_u64().unwrap()).unwrap();
            starts.get(line).map_or(text.len(), |start| start + column)
        };
        for one in list {
            let (start, end) = (offset(&one["range"]["start"]), offset(&one["range"]["end"]));
            let code = one["code"].as_str().unwrap_or("problem");
            out.insert(format!("{path}: {code} {start}..{end} {}", one["severity"]));
        }
    }
    out
}

/// The same of the command.
fn reported(root: &Path) -> BTreeSet<String> {
    let mut command = crate::support::seatrial();
    command
        .current_dir(root)
        .args(["check", ".", "--format", "json"]);
    let report = crate::support::finish(command, None).json();
    let mut out = BTreeSet::new();
    let bom = |file: &str| {
        let text = std::fs::read_to_string(root.join(file)).unwrap_or_default();
        if text.starts_with('\u{feff}') { 3 } else { 0 }
    };
    for one in report["findings"].as_array().unwrap() {
        let file = one["file"].as_str().unwrap();
        let offset = |end: &str| {
            one["range"][end]["offset"]
                .as_u64()
                .unwrap()
                .saturating_sub(bom(file))
        };
        let severity = match one["severity"].as_str() {
            Some("error") => 1,
            Some("warning") => 2,
            _ => 3,
        };
        let rule = one["rule"].as_str().unwrap();
        out.insert(format!(
            "{file}: {rule} {}..{} {severity}",
            offset("start"),
            offset("end")
        ));
    }
    for one in report["errors"].as_array().unwrap() {
        let file = one["file"].as_str().unwrap();
        let offset = |end: &str| {
            one["range"][end]["offset"]
                .as_u64()
                .unwrap_or(0)
                .saturating_sub(bom(file))
        };
        out.insert(format!(
            "{file}: problem {}..{} 1",
            offset("start"),
            offset("end")
        ));
    }
    out
}

/// Text files of a directory, by path below it.
fn files(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![directory.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(directory).unwrap().display().to_string());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn the_server_shows_what_the_command_reports() {
    for project in projects() {
        // A copy that lies in no repository, for both.
        let copy = tempfile::tempdir().unwrap();
        let directory = copy.path().canonicalize().unwrap();
        copy_tree(&project, &directory);
        let expected = reported(&directory);
        let mut client = Client::start(&directory, able());
        client.settle();
        let name = project.file_name().unwrap().to_string_lossy();
        assert_eq!(
            shown(&client, &directory),
            expected,
            "{name}: as it is on the disk"
        );
        for file in files(&directory) {
            if let Ok(text) = std::fs::read_to_string(directory.join(&file)) {
                client.open(&file, text.trim_start_matches('\u{feff}'));
            }
        }
        client.settle();
        assert_eq!(
            shown(&client, &directory),
            expected,
            "{name}: with all files open"
        );
    }
}

/// A baseline that the configuration names keeps quiet what it does for the command.
#[test]
fn what_a_baseline_knows_is_not_shown() {
    let project = shop();
    let directory = project.path().canonicalize().unwrap();
    project.write("shop/settings.py", "DEBUG = True\n");
    assert!(!reported(&directory).is_empty());
    project.write("seatrial.toml", "baseline = \"known.json\"\n");
    let written = project.run(&["check", "--write-baseline"]);
    assert_eq!(written.code, 0, "{}", written.err);
    assert_eq!(reported(&directory), BTreeSet::new());
    let mut client = Client::start(&directory, able());
    client.settle();
    assert_eq!(shown(&client, &directory), BTreeSet::new());
}

#[test]
fn an_edit_shows_wherever_it_matters_and_goes_with_it() {
    let project = shop();
    let mut client = Client::start(project.path(), able());
    client.settle();
    assert_eq!(client.codes("shop/settings.py"), Vec::<String>::new());

    client.open("shop/settings.py", "DEBUG = False\n");
    client.change(
        "shop/settings.py",
        json!([{"range": {"start": {"line": 0, "character": 8}, "end": {"line": 0, "character": 13}}, "text": "True"}]),
    );
    client.settle();
    assert_eq!(client.codes("shop/settings.py"), ["debug-enabled"]);
    assert_eq!(client.versions["shop/settings.py"], 2);
    let told = &client.shown["shop/settings.py"][0];
    assert_eq!(told["source"], "seatrial");
    assert_eq!(told["range"]["start"], json!({"line": 0, "character": 8}));
    let related = told["relatedInformation"].as_array();
    let places = related
        .into_iter()
        .flatten()
        .map(|one| one["location"]["uri"].clone());
    assert!(
        told["codeDescription"]["href"]
            .as_str()
            .is_none_or(|href| href.starts_with("https://")),
        "{told} {:?}",
        places.collect::<Vec<_>>()
    );

    // A Dockerfile that is not saved yet: other settings, of which the old ones do not hear.
    client.open("Dockerfile", DOCKERFILE);
    client.set(
        "Dockerfile",
        &DOCKERFILE.replace("USER", "ENV DJANGO_SETTINGS_MODULE=shop.other\nUSER"),
    );
    client.settle();
    assert_eq!(client.codes("shop/settings.py"), Vec::<String>::new());
    assert_eq!(client.codes("Dockerfile"), ["settings-module-missing"]);
    client.open("shop/other.py", "DEBUG = True\n");
    client.settle();
    assert_eq!(client.codes("shop/other.py"), ["debug-enabled"]);
    assert_eq!(client.codes("Dockerfile"), Vec::<String>::new());
    // It was never on the disk.
    client.close("shop/other.py");
    client.close("Dockerfile");
    client.settle();
    assert_eq!(client.codes("shop/other.py"), Vec::<String>::new());
    assert_eq!(client.codes("shop/settings.py"), ["debug-enabled"]);
    client.close("shop/settings.py");
    client.settle();
    assert!(
        client.shown.values().all(Vec::is_empty),
        "{:?}",
        client.shown
    );
    assert_eq!(client.end(), Some(0));
}

#[test]
fn the_disk_counts_as_soon_as_it_changes() {
    let project = shop();
    let mut watching = Client::start(project.path(), able());
    watching.settle();
    let register = watching
        .heard
        .iter()
        .find(|one| one["method"] == "client/registerCapability");
    assert!(register.is_some_and(|one| one.to_string().contains("didChangeWatchedFiles")));
    let mut blind = Client::start(project.path(), json!({}));
    blind.settle();
    project.write("shop/settings.py", "DEBUG = True\n");
    watching.changed_on_disk("shop/settings.py", 2);
    watching.settle();
    assert_eq!(watching.codes("shop/settings.py"), ["debug-enabled"]);
    // Nobody tells it.
    blind.until(|client| client.codes("shop/settings.py") == ["debug-enabled"]);
    project.write("web/Dockerfile", "FROM python\nCMD [\"python\"]\n");
    watching.changed_on_disk("web/Dockerfile", 1);
    watching.settle();
    assert!(!watching.codes("web/Dockerfile").is_empty());
    blind.until(|client| !client.codes("web/Dockerfile").is_empty());
}

#[test]
fn what_no_check_asked_for_is_no_reason_for_another() {
    let project = shop();
    project.write("var/app.log", "");
    let options = json!({"server": {"logLevel": "debug"}});
    let mut client = Client::with(project.path(), able(), options.clone());
    client.settings = options;
    client.settle();
    // What has just been written is looked at once more.
    std::thread::sleep(std::time::Duration::from_millis(200));
    client.changed_on_disk("var/app.log", 2);
    client.settle();
    let checks = |client: &Client| {
        let heard = client.heard.iter();
        let told = heard.filter(|one| one.to_string().contains("checked in"));
        told.count()
    };
    let before = checks(&client);
    assert!(before > 0, "{:?}", client.heard);
    for line in ["one\n", "two\n", "three\n"] {
        project.write("var/app.log", line);
        client.changed_on_disk("var/app.log", 2);
        client.settle();
    }
    assert_eq!(checks(&client), before);
    project.write("shop/settings.py", "DEBUG = True\n");
    client.changed_on_disk("shop/settings.py", 2);
    client.settle();
    assert_eq!(client.codes("shop/settings.py"), ["debug-enabled"]);
}

#[test]
fn places_are_right_in_both_encodings() {
    let line = "ENV É=é🙂 UWSGI_PROCESES=2\r\n";
    let text = format!("FROM python:3.13-slim-trixie\r\n{line}CMD [\"uwsgi\", \"--http=:80\"]\r\n");
    let project = Project::new(&[("Dockerfile", &text)]);
    for (encodings, column) in [
        (json!(["utf-8"]), "ENV É=é🙂 ".len()),
        (json!(["utf-16"]), 10),
    ] {
        let capabilities = json!({"general": {"positionEncodings": encodings}});
        let mut client = Client::start(project.path(), capabilities);
        client.open("Dockerfile", &text);
        client.settle();
        let list = &client.shown["Dockerfile"];
        let found = list
            .iter()
            .find(|one| one["message"].to_string().contains("UWSGI_PROCESES"));
        let start = &found.unwrap_or_else(|| panic!("{list:?}"))["range"]["start"];
        assert_eq!(
            start,
            &json!({"line": 1, "character": column}),
            "{encodings}"
        );
        // What is typed before it moves it, and what is typed there lands there.
        let at = json!({"line": 1, "character": column + "UWSGI_PROCES".len()});
        client.change(
            "Dockerfile",
            json!([{"range": {"start": at, "end": at}, "text": "S"}]),
        );
        client.settle();
        let list = &client.shown["Dockerfile"];
        assert!(
            list.iter()
                .all(|one| !one["message"].to_string().contains("UWSGI_PROC")),
            "{list:?}"
        );
    }
}

#[test]
fn the_client_may_choose() {
    let project = shop();
    project.write("shop/settings.py", "DEBUG = True\n");
    let options = json!({"ignore": ["debug-enabled"], "server": {"logLevel": "debug"}});
    let mut client = Client::with(project.path(), able(), options);
    client.settle();
    assert_eq!(client.codes("shop/settings.py"), Vec::<String>::new());
    assert!(
        client
            .heard
            .iter()
            .any(|one| one["method"] == "window/logMessage")
    );
    client.settings = json!({"severity": {"debug-enabled": "info"}});
    client.notify(
        "workspace/didChangeConfiguration",
        json!({"settings": null}),
    );
    client.until(|client| !client.codes("shop/settings.py").is_empty());
    assert_eq!(client.shown["shop/settings.py"][0]["severity"], 3);
    // Settings with a mistake are told, and do not count.
    client.settings = json!({"ignore": "debug-enabled"});
    client.notify(
        "workspace/didChangeConfiguration",
        json!({"settings": null}),
    );
    client.until(|client| {
        client
            .heard
            .iter()
            .any(|one| one["method"] == "window/showMessage")
    });
    client.settle();
    assert_eq!(client.codes("shop/settings.py"), ["debug-enabled"]);
    // The project's own configuration, not saved yet.
    client.settings = Value::Null;
    client.open("seatrial.toml", "ignore = [\"debug-enabled\"]\n");
    client.settle();
    assert_eq!(client.codes("shop/settings.py"), Vec::<String>::new());
    client.set("seatrial.toml", "ignore = [\"debug-onn\"]\n");
    client.settle();
    assert_eq!(client.codes("seatrial.toml"), ["problem"]);
}

#[test]
fn folders_come_and_go() {
    let (one, other) = (shop(), shop());
    other.write("shop/settings.py", "DEBUG = True\n");
    let mut client = Client::start(one.path(), able());
    client.settle();
    let other_path = other.path().canonicalize().unwrap();
    let uri = format!("file://{}", other_path.display());
    let settings = other_path.join("shop/settings.py").display().to_string();
    let event = |added: &[&str], removed: &[&str]| {
        let list = |uris: &[&str]| -> Value {
            uris.iter()
                .map(|uri| json!({"uri": uri, "name": "other"}))
                .collect()
        };
        json!({"event": {"added": list(added), "removed": list(removed)}})
    };
    client.notify("workspace/didChangeWorkspaceFolders", event(&[&uri], &[]));
    client.settle();
    assert_eq!(client.codes(&settings), ["debug-enabled"]);
    client.notify("workspace/didChangeWorkspaceFolders", event(&[], &[&uri]));
    client.settle();
    assert_eq!(client.codes(&settings), Vec::<String>::new());
    // An open file of a project that is no folder.
    client.open(&settings, "DEBUG = True\n");
    client.settle();
    assert_eq!(client.codes(&settings), ["debug-enabled"]);
}

#[test]
fn who_asks_for_diagnostics_is_not_told_twice() {
    let project = shop();
    let mut capabilities = able();
    capabilities["textDocument"]["diagnostic"] = json!({});
    capabilities["workspace"]["diagnostics"] = json!({"refreshSupport": true});
    let mut client = Client::start(project.path(), capabilities);
    assert_eq!(
        client.capabilities["diagnosticProvider"]["interFileDependencies"],
        true
    );
    client.open("Dockerfile", DOCKERFILE);
    client.open("shop/settings.py", "DEBUG = True\n");
    let uri = client.uri("shop/settings.py");
    let params = json!({"textDocument": {"uri": uri}});
    let full = client.request("textDocument/diagnostic", params);
    assert_eq!(full["kind"], "full");
    assert_eq!(full["items"][0]["code"], "debug-enabled");
    assert!(
        client.shown.values().all(Vec::is_empty),
        "{:?}",
        client.shown
    );
    let id = full["resultId"].clone();
    let known = json!({"textDocument": {"uri": uri}, "previousResultId": id});
    let same = client.request("textDocument/diagnostic", known.clone());
    assert_eq!(same, json!({"kind": "unchanged", "resultId": id}));
    // An edit elsewhere: the client is told to ask again.
    client.set("Dockerfile", "FROM scratch\n");
    client.until(|client| {
        client
            .heard
            .iter()
            .any(|one| one["method"] == "workspace/diagnostic/refresh")
    });
    let other = client.request("textDocument/diagnostic", known);
    assert_eq!(other["items"], json!([]));
    client.set("Dockerfile", DOCKERFILE);
    let all = client.request("workspace/diagnostic", json!({"previousResultIds": []}));
    let items = all["items"].as_array().unwrap();
    let of = |uri: &str| items.iter().find(|one| one["uri"] == uri);
    assert_eq!(of(&uri).unwrap()["items"][0]["code"], "debug-enabled");
    assert_eq!(of(&uri).unwrap()["version"], 1);
    let known: Vec<Value> = items
        .iter()
        .map(|one| json!({"uri": one["uri"], "value": one["resultId"]}))
        .collect();
    let all = client.request("workspace/diagnostic", json!({"previousResultIds": known}));
    let mut kinds = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["kind"]);
    assert!(kinds.all(|kind| kind == "unchanged"), "{all}");
}

#[test]
fn a_client_that_errs_is_answered() {
    let project = shop();
    let mut client = Client::start(project.path(), able());
    client.raw("Content-Length: 5\r\n\r\n{\"a\":Content-Length: x\r\n\r\nhello\r\n\r\n");
    let id = client.ask("textDocument/nothing", json!({}));
    assert_eq!(client.answer(id)["error"]["code"], -32601);
    let id = client.ask("textDocument/diagnostic", json!({"textDocument": 1}));
    assert_eq!(client.answer(id)["error"]["code"], -32602);
    client.notify(
        "textDocument/didChange",
        json!({"textDocument": {"uri": "file:///nowhere", "version": 1}, "contentChanges": []}),
    );
    client.notify("textDocument/didOpen", json!([]));
    client.settle();
    // Whoever cancels is told so, or was answered before.
    client.open("Dockerfile", DOCKERFILE);
    let uri = client.uri("Dockerfile");
    let id = client.ask(
        "textDocument/diagnostic",
        json!({"textDocument": {"uri": uri}}),
    );
    client.notify("$/cancelRequest", json!({"id": id}));
    let answer = client.answer(id);
    let code = &answer["error"]["code"];
    assert!(code == -32800 || answer.get("result").is_some(), "{answer}");
    client.request("shutdown", Value::Null);
    let id = client.ask(
        "textDocument/diagnostic",
        json!({"textDocument": {"uri": uri}}),
    );
    assert_eq!(client.answer(id)["error"]["code"], -32600);
    assert_eq!(client.vanish(), Some(1));
}

#[test]
fn texts_that_are_no_files_are_let_be() {
    let project = shop();
    let mut client = Client::start(project.path(), able());
    client.settle();
    let before = client.shown.clone();
    for uri in [
        "untitled:Untitled-1",
        "untitled:/p/Dockerfile",
        "vscode-notebook-cell:/p/a.ipynb#W0",
        "git:/p/Dockerfile?x",
    ] {
        let document = json!({"uri": uri, "languageId": "dockerfile", "version": 1, "text": "FROM python:3.8\n"});
        client.notify("textDocument/didOpen", json!({"textDocument": document}));
        client.notify(
            "textDocument/didChange",
            json!({"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": "FROM python:3.7\n"}]}),
        );
        let at = json!({"line": 0, "character": 6});
        let params = question(uri, &at);
        for method in QUESTIONS.iter().chain(&["diagnostic"]) {
            client.request(&format!("textDocument/{method}"), params.clone());
        }
        assert_eq!(client.request("seatrial/facts", params), Value::Null);
        let params = json!({"textDocument": {"uri": uri}});
        client.notify("textDocument/didSave", params.clone());
        client.notify("textDocument/didClose", params);
        client.settle();
        assert_eq!(client.shown, before, "{uri}");
    }
}

#[test]
fn tags_and_related_places_come_along() {
    let project = shop();
    let text = DOCKERFILE.replace("python:3.13-slim-trixie", "python:3.8-slim-bookworm");
    let text = text.replace(
        "USER",
        "# seatrial: ignore[single-uwsgi-worker]\nENV DJANGO_DEBUG=1\nUSER",
    );
    project.write(
        "shop/settings.py",
        "import os\nDEBUG = os.environ.get('DJANGO_DEBUG') == '1'\n",
    );
    let mut client = Client::start(project.path(), able());
    client.open("Dockerfile", &text);
    client.settle();
    let of = |file: &str, code: &str| {
        let mut list = client.shown[file].iter();
        let found = list.find(|one| one["code"] == code);
        found
            .unwrap_or_else(|| panic!("{code}: {:?}", client.shown))
            .clone()
    };
    assert_eq!(of("Dockerfile", "end-of-life-python")["tags"], json!([2]));
    assert_eq!(of("Dockerfile", "unused-ignore")["tags"], json!([1]));
    assert_eq!(
        of("Dockerfile", "debug-enabled-by-env")["tags"],
        Value::Null
    );
    let related = of("shop/settings.py", "debug-enabled")["relatedInformation"].clone();
    assert_eq!(related[0]["location"]["uri"], client.uri("shop/wsgi.py"));
}

#[test]
fn help_says_how_to_set_it_up() {
    let mut command = crate::support::seatrial();
    command.args(["server", "--help"]).current_dir(root());
    let ran = crate::support::finish(command, None);
    assert!(ran.out.contains("Language Server Protocol") && ran.out.contains("docs/editors.md"));
}
