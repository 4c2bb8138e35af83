//! What the language server answers about a place: hovers, completions, definitions, references, links, hints.

use serde_json::{Value, json};

use crate::lsp_client::{Client, able};
use crate::support::Project;

const DOCKERFILE: &str = "ARG NAME=build
FROM python:3.9-slim-bookworm AS base
ENV PORT=8000
ENV UWSGI_HTTP=:$PORT
FROM base AS build
COPY requirements.txt .
RUN pip install -r requirements.txt
FROM base AS final
WORKDIR /app
COPY --from=build /usr/local /usr/local
COPY . .
ENV DJANGO_SETTINGS_MODULE=shop.settings
USER 1000
CMD [\"uwsgi\", \"--ini\", \"uwsgi.ini\"]
";

fn project() -> Project {
    Project::new(&[
        ("Dockerfile", DOCKERFILE),
        (
            "compose.yaml",
            "services:\n  web:\n    build:\n      context: .\n      target: final\n",
        ),
        (".dockerignore", ".git\n"),
        ("requirements.txt", "Django~=4.2\nuwsgi\n"),
        (
            "manage.py",
            "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
        ),
        ("shop/__init__.py", ""),
        ("shop/wsgi.py", "application = 1\n"),
        (
            "shop/settings.py",
            "DEBUG = True\nALLOWED_HOSTS = ['example.org']\n",
        ),
        ("shop/settings_dev.py", "DEBUG = True\n"),
        (
            "uwsgi.ini",
            "[uwsgi]\nmodule = shop.wsgi\nmaster = true\nlazy-apps = true\n",
        ),
    ])
}

/// Where a text stands in a file, so many characters further on.
fn place(text: &str, at: &str, further: usize) -> Value {
    let at = text.find(at).unwrap_or_else(|| panic!("{at}")) + further;
    let line = text[..at].matches('\n').count();
    let column = at - text[..at].rfind('\n').map_or(0, |end| end + 1);
    json!({"line": line, "character": column})
}

struct Asked {
    client: Client,
    project: Project,
}

impl Asked {
    fn new() -> Self {
        let project = project();
        let mut client = Client::start(project.path(), able());
        for file in [
            "Dockerfile",
            "uwsgi.ini",
            "shop/settings.py",
            "compose.yaml",
        ] {
            let text = project.read(file);
            client.open(file, &text);
        }
        Self { client, project }
    }

    fn ask(&mut self, method: &str, file: &str, at: &Value) -> Value {
        let uri = self.client.uri(file);
        let mut params = json!({"textDocument": {"uri": uri}, "position": at});
        if method == "references" {
            params["context"] = json!({"includeDeclaration": true});
        }
        self.client
            .request(&format!("textDocument/{method}"), params)
    }

    fn hover(&mut self, file: &str, at: &str, further: usize) -> String {
        let text = self.project.read(file);
        let told = self.ask("hover", file, &place(&text, at, further));
        told["contents"]["value"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Files and lines that a place leads to.
    fn places(&mut self, method: &str, file: &str, at: &str, further: usize) -> Vec<String> {
        let text = self.project.read(file);
        let found = self.ask(method, file, &place(&text, at, further));
        let root = self.client.uri("");
        let found = found.as_array().expect("a list").iter();
        found
            .map(|one| {
                let uri = one["uri"].as_str().unwrap();
                let path = uri.strip_prefix(&root).unwrap().trim_start_matches('/');
                format!("{path}:{}", one["range"]["start"]["line"])
            })
            .collect()
    }

    /// What is offered at the end of an unsaved text.
    fn complete(&mut self, file: &str, text: &str) -> Vec<String> {
        self.client.open(file, text);
        let line = text.matches('\n').count();
        let column = text.len() - text.rfind('\n').map_or(0, |end| end + 1);
        let at = json!({"line": line, "character": column});
        let found = self.ask("completion", file, &at);
        let found = found.as_array().expect("a list").iter();
        let found = found.map(|one| {
            assert_eq!(one["textEdit"]["range"]["end"], at);
            one["textEdit"]["newText"].as_str().unwrap().to_owned()
        });
        found.collect()
    }
}

#[test]
fn hovers_tell_what_is_known() {
    let mut asked = Asked::new();
    let told = asked.hover("Dockerfile", "UWSGI_HTTP", 3);
    assert!(
        told.contains("**http** (uWSGI)") && told.contains(":8000"),
        "{told}"
    );
    assert!(asked.hover("Dockerfile", "$PORT", 2).contains("8000"));
    let told = asked.hover("Dockerfile", "python:3.9", 2);
    assert!(
        told.contains("3.9, until 2025-10") && told.contains("bookworm"),
        "{told}"
    );
    assert!(told.contains("## Why") && told.contains("## Bad"), "{told}");
    let told = asked.hover("Dockerfile", "shop.settings", 2);
    assert!(
        told.contains("`DEBUG`: `True`") && told.contains("example.org"),
        "{told}"
    );
    let told = asked.hover("Dockerfile", "CMD", 1);
    assert!(
        told.contains("server: `uwsgi`") && told.contains("user: `1000`"),
        "{told}"
    );
    assert!(told.contains("UWSGI_HTTP=:8000"), "{told}");
    let told = asked.hover("Dockerfile", "--from=build", 3);
    assert!(told.contains("from the stage `build`"), "{told}");
    let told = asked.hover("Dockerfile", "COPY requirements", 1);
    assert!(told.contains("`requirements.txt`: there"), "{told}");
    let told = asked.hover("uwsgi.ini", "lazy-apps", 2);
    assert!(
        told.contains("**lazy-apps**") && told.contains("UWSGI_LAZY_APPS"),
        "{told}"
    );
    assert!(
        asked
            .hover("shop/settings.py", "DEBUG = True", 9)
            .contains("## Why")
    );
    assert_eq!(asked.hover("compose.yaml", "services", 1), "");
}

#[test]
fn names_lead_to_what_they_name() {
    let mut asked = Asked::new();
    let mut to = |file: &str, at: &str, further| asked.places("definition", file, at, further);
    assert_eq!(to("Dockerfile", "$PORT", 2), ["Dockerfile:2"]);
    assert_eq!(to("Dockerfile", "--from=build", 9), ["Dockerfile:4"]);
    assert_eq!(to("Dockerfile", "FROM base AS", 6), ["Dockerfile:1"]);
    assert_eq!(to("Dockerfile", "shop.settings", 2), ["shop/settings.py:0"]);
    assert_eq!(
        to("Dockerfile", "-r requirements", 5),
        ["requirements.txt:0"]
    );
    assert_eq!(to("uwsgi.ini", "shop.wsgi", 2), ["shop/wsgi.py:0"]);
    assert_eq!(to("compose.yaml", "target: final", 9), ["Dockerfile:7"]);
    assert_eq!(to("compose.yaml", "web", 1), ["Dockerfile:0"]);
    assert_eq!(to("compose.yaml", "services", 1), Vec::<String>::new());
    let mut of = |file: &str, at: &str, further| asked.places("references", file, at, further);
    assert_eq!(
        of("Dockerfile", "PORT=8000", 1),
        ["Dockerfile:2", "Dockerfile:3"]
    );
    let stage = of("Dockerfile", "AS build", 4);
    assert_eq!(stage, ["Dockerfile:4", "Dockerfile:9"]);
    let settings = of("shop/settings.py", "DEBUG", 0);
    assert!(
        settings.contains(&"Dockerfile:11".to_owned()),
        "{settings:?}"
    );
    let uri = asked.client.uri("uwsgi.ini");
    let params = json!({"textDocument": {"uri": uri}});
    let links = asked.client.request("textDocument/documentLink", params);
    assert_eq!(links[0]["target"], asked.client.uri("shop/wsgi.py"));
}

#[test]
fn a_variable_leads_to_what_sets_it_on_the_way_down() {
    let text = "ARG TAG=1
FROM a:$TAG AS base
ARG A=1
ENV P=1
FROM b AS other
ENV P=2 ONLY=2
FROM base
ENV P=3 Q=$P
LABEL all=${A}-${ONLY}-$TAG
";
    let mut asked = Asked::new();
    asked.client.set("Dockerfile", text);
    asked.project.write("Dockerfile", text);
    let mut to = |at: &str, further| asked.places("definition", "Dockerfile", at, further);
    assert_eq!(to("$P", 1), ["Dockerfile:3"], "not what ENV sets itself");
    assert_eq!(to("${A}", 2), ["Dockerfile:2"]);
    assert_eq!(to("a:$TAG", 4), ["Dockerfile:0"]);
    assert_eq!(to("${ONLY}", 3), Vec::<String>::new());
    assert_eq!(to("${ONLY}-$TAG", 10), Vec::<String>::new());
}

#[test]
fn completions_know_where_they_are() {
    let mut asked = Asked::new();
    let mut has = |file: &str, text: &str, word: &str| {
        let found = asked.complete(file, text);
        assert!(found.contains(&word.to_owned()), "{text}: {found:?}");
        found.len()
    };
    assert!(has("Dockerfile", "FROM python\nENV UWSGI_LA", "UWSGI_LAZY_APPS") > 500);
    assert_eq!(
        has("Dockerfile", "FROM python\nENV UWSGI_LAZY_APPS=", "true"),
        2
    );
    assert_eq!(
        has(
            "Dockerfile",
            "FROM a AS one\nFROM b AS two\nCOPY --from=t",
            "one"
        ),
        2
    );
    has(
        "Dockerfile",
        "FROM a\n# seatrial: ignore[runs-as-root, debug-",
        "debug-enabled",
    );
    assert_eq!(
        has(
            "Dockerfile",
            "FROM a\nENV DJANGO_SETTINGS_MODULE=",
            "shop.settings_dev"
        ),
        2
    );
    has("uwsgi.ini", "[uwsgi]\nlazy", "lazy-apps");
    assert_eq!(has("uwsgi.ini", "[uwsgi]\nlazy-apps = ", "false"), 2);
    has("seatrial.toml", "ignore = [\"deb", "debug-enabled");
    has("seatrial.toml", "se", "severity");
    has("seatrial.toml", "[rule.de", "rule.debug-enabled");
    has(
        "pyproject.toml",
        "[tool.seatrial]\nignore = [\"",
        "debug-enabled",
    );
    for (file, text) in [
        ("Dockerfile", "FROM a\nRUN echo "),
        ("uwsgi.ini", "[other]\nlazy"),
        ("pyproject.toml", "[tool.other]\nignore = [\""),
        ("shop/settings.py", "DEBUG = "),
    ] {
        assert_eq!(asked.complete(file, text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn facts_of_what_is_not_saved_are_given() {
    let mut asked = Asked::new();
    asked.client.set("Dockerfile", "FROM scratch AS other\n");
    let uri = asked.client.uri("Dockerfile");
    let params = json!({"textDocument": {"uri": uri}});
    let facts = asked.client.request("seatrial/facts", params);
    assert_eq!(facts["stages"][0]["name"], "other");
    let uri = asked.client.uri("uwsgi.ini");
    let params = json!({"textDocument": {"uri": uri}});
    assert_eq!(asked.client.request("seatrial/facts", params), Value::Null);
}

#[test]
fn every_file_that_is_read_is_told_with_what_was_found() {
    let mut asked = Asked::new();
    let files = asked.client.request("seatrial/files", Value::Null);
    let files = files.as_array().unwrap();
    let of = |name: &str| files.iter().find(|one| one["name"] == name);
    assert_eq!(files[0]["name"], "Dockerfile");
    assert_eq!(files[0]["isDockerfile"], true);
    assert_eq!(files[0]["uri"], asked.client.uri("Dockerfile"));
    let settings = of("shop/settings.py").unwrap();
    assert_eq!(settings["isDockerfile"], false);
    let count = asked.client.shown["shop/settings.py"].len();
    assert!(count > 0 && settings["findings"] == count, "{settings}");
    assert!(of("shop/settings_dev.py").is_none());
}

#[test]
fn hints_are_there_when_they_are_wanted() {
    let project = project();
    let whole = json!({"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}});
    let hints = |options: Value| -> Vec<String> {
        let mut client = Client::with(project.path(), able(), options);
        client.open("Dockerfile", DOCKERFILE);
        let uri = client.uri("Dockerfile");
        let params = json!({"textDocument": {"uri": uri}, "range": whole});
        let found = client.request("textDocument/inlayHint", params);
        let found = found.as_array().unwrap().iter();
        found
            .map(|one| one["label"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(hints(Value::Null), Vec::<String>::new());
    let shown = hints(json!({"inlayHints": true}));
    for label in ["= 8000", "as 1000"] {
        assert!(shown.contains(&label.to_owned()), "{shown:?}");
    }
    assert!(
        shown
            .iter()
            .any(|label| label.starts_with("Python until 2025")),
        "{shown:?}"
    );
}

#[test]
fn a_hint_that_several_images_give_is_shown_once() {
    let text = "FROM python:3.13-slim-trixie AS base
CMD [\"gunicorn\", \"shop.wsgi\"]
FROM base AS one
FROM base AS two
USER 1000
FROM base AS three
";
    let service = |name: &str| format!("  {name}: {{build: {{context: ., target: {name}}}}}\n");
    let services = ["one", "two", "three"].map(service).concat();
    let compose = format!("services:\n{services}");
    let project = Project::new(&[("Dockerfile", text), ("compose.yaml", &compose)]);
    let mut client = Client::with(project.path(), able(), json!({"inlayHints": true}));
    client.open("Dockerfile", text);
    let range = json!({"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 0}});
    let uri = client.uri("Dockerfile");
    let params = json!({"textDocument": {"uri": uri}, "range": range});
    let found = client.request("textDocument/inlayHint", params);
    let labels = found.as_array().unwrap().iter();
    let labels: Vec<&str> = labels.map(|one| one["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["as 1000", "as root"]);
}
