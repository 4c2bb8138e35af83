//! What the tables of installers, servers, databases and secrets mean for what is written: examples that
//! `seatrial facts` is asked for, so that no entry of a table can change unseen. An example is a line
//! `what is written -> what is found` of a file in `tables/`; a `#` begins a comment. What is found is never rewritten
//! by a machine: whoever changes a table says here what it means.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Project, root};

/// The examples of a file: what is written, what is found.
fn examples(name: &str) -> Vec<(String, String)> {
    let path = root().join(format!("tests/suite/tables/{name}"));
    let text = std::fs::read_to_string(&path).unwrap();
    // `# comment | NAME=value` is an example.
    let lines = text.lines().filter(|line| line.contains(" -> "));
    let pair = |line: &str| {
        let (written, found) = line
            .rsplit_once(" -> ")
            .unwrap_or_else(|| panic!("{name}: {line}"));
        (written.to_owned(), found.to_owned())
    };
    lines.map(pair).collect()
}

/// Asks for the facts of a directory for each example, and compares what `show` says of them.
fn hold(
    name: &str,
    files: impl Fn(&str) -> Vec<(&'static str, String)>,
    show: impl Fn(&Value) -> String,
) {
    let examples = examples(name);
    // Each in a directory of its own: what lies beside it would count.
    let shown = examples.iter().map(|(written, _)| {
        let project = Project::new(&[]);
        for (path, text) in files(written) {
            project.write(path, text);
        }
        show(&project.run(&["facts", "."]).json()[0])
    });
    let wrong = examples
        .iter()
        .zip(shown)
        .filter(|((_, found), shown)| found != shown);
    let wrong: Vec<String> = wrong
        .map(|((written, found), shown)| format!("{written} -> {found}\n    found: {shown}"))
        .collect();
    assert!(
        wrong.is_empty(),
        "{name}: {} examples fail\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn text<'a>(fact: &'a Value, field: &str) -> &'a str {
    fact[field].as_str().unwrap_or_default()
}

fn is(fact: &Value, field: &str) -> bool {
    fact[field] == Value::Bool(true)
}

/// `a=b, c` of a map, sorted by name; `...` where there may be more.
fn map(fields: &Value) -> String {
    let Some(fields) = fields.as_object() else {
        return "?".to_owned();
    };
    let shown = fields.iter().map(|(name, value)| match value.as_str() {
        Some("") => name.clone(),
        Some(value) => format!("{name}={value}"),
        None => name.clone(),
    });
    shown.collect::<Vec<_>>().join(", ")
}

#[test]
fn secrets_are_told_from_what_is_none() {
    // One Dockerfile is enough: each variable stands alone, below a comment of its own.
    let examples = examples("secrets.txt");
    let mut dockerfile = "FROM python:3.13-slim\n".to_owned();
    for (written, _) in &examples {
        let (comment, pair) = written.split_once(" | ").unwrap_or(("", written));
        let (name, value) = pair.split_once('=').unwrap();
        dockerfile.push_str(&format!("\n{comment}\nENV {name}=\"{value}\"\n"));
    }
    let project = Project::new(&[("Dockerfile", &dockerfile)]);
    let facts = project.run(&["facts", "."]).json();
    let envs = facts[0]["env"].as_array().unwrap();
    assert_eq!(envs.len(), examples.len());
    let verdict = |env: &Value| match (env["secret"].as_str(), env["weak_secret"].as_str()) {
        (Some(_), _) => "secret".to_owned(),
        (None, weak) => weak.unwrap_or("nothing").to_owned(),
    };
    let wrong = examples
        .iter()
        .zip(envs)
        .filter(|((_, found), env)| *found != verdict(env));
    let wrong: Vec<String> = wrong
        .map(|((written, found), env)| format!("{written} -> {found}\n    found: {}", verdict(env)))
        .collect();
    assert!(
        wrong.is_empty(),
        "{} examples fail\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn servers_are_known_with_their_options() {
    let files = |written: &str| {
        let (written, requirement) = written.split_once(" | ").unwrap_or((written, ""));
        let words = written.split(' ').map(|word| format!("{word:?}"));
        let words: Vec<String> = words.collect();
        let command = match written.contains(';') {
            true => written.to_owned(),
            false => format!("[{}]", words.join(", ")),
        };
        let install = "COPY requirements.txt .\nRUN pip install --no-deps -r requirements.txt";
        let dockerfile = format!("FROM python:3.13-slim\n{install}\nCMD {command}\n");
        let requirements = format!("django==5.2\n{requirement}\n");
        vec![
            ("Dockerfile", dockerfile),
            ("requirements.txt", requirements),
        ]
    };
    let show = |facts: &Value| {
        let image = &facts["images"][0];
        let server = &image["server"];
        let mut shown = match server["name"].as_str() {
            Some(name) => format!("{name}: {}", map(&server["settings"])),
            None => "none".to_owned(),
        };
        let binds = server["binds"].as_array().into_iter().flatten();
        for bind in binds {
            shown.push_str(&format!("; at {}", text(bind, "text")));
        }
        if server["is_certain"] == Value::Bool(false) {
            shown.push_str("; perhaps");
        }
        if is(server, "is_daemon") {
            shown.push_str("; in the background");
        }
        if is(image, "lacks_server") {
            shown.push_str("; not installed");
        }
        if let Some(listed) = image["lists_server"].as_str() {
            shown.push_str(&format!("; lists {listed}"));
        }
        shown
    };
    hold("servers.txt", files, show);
}

/// The files of a project that installers find in each example.
const INSTALLED: &[(&str, &str)] = &[
    ("requirements.txt", "django==5.2\n"),
    (
        "pyproject.toml",
        "[project]\nname = \"shop\"\nversion = \"1\"\ndependencies = [\"celery==5.5\"]\n",
    ),
    (
        "parts/pyproject.toml",
        "[project]\nname = \"whole\"\nversion = \"1\"\ndependencies = [\"vine==5.1\"]\n\
         optional-dependencies.fast = [\"orjson==3.10\"]\n\
         [dependency-groups]\ndev = [\"pytest==8.0\"]\ndocs = [\"sphinx==8.0\"]\n",
    ),
    (
        "Pipfile",
        "[packages]\nredis = \"==6.0\"\n[dev-packages]\nwatchdog = \"==6.0\"\n",
    ),
    (
        "sub/pyproject.toml",
        "[project]\nname = \"part\"\nversion = \"1\"\ndependencies = [\"kombu==5.5\"]\n",
    ),
    (
        "built/pyproject.toml",
        "[build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n\
         [project]\nname = \"built\"\nversion = \"1\"\nreadme = \"README.md\"\n",
    ),
    ("uv.lock", ""),
    ("poetry.lock", ""),
    ("pdm.lock", ""),
    ("Pipfile.lock", ""),
    ("built/README.md", ""),
    (".dockerignore", "*.lock\n**/*.md\n"),
];

#[test]
fn installers_are_read_as_they_install() {
    let files = |written: &str| {
        let dockerfile = format!(
            "FROM python:3.13-slim\nWORKDIR /app\nCOPY . .\nRUN {written}\nCMD [\"serve\"]\n"
        );
        let rest = INSTALLED
            .iter()
            .map(|(path, text)| (*path, (*text).to_owned()));
        std::iter::once(("Dockerfile", dockerfile))
            .chain(rest)
            .collect()
    };
    let show = |facts: &Value| {
        let installs = facts["install"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|install| {
                let names = install["requirements"].as_array().into_iter().flatten();
                let names: Vec<&str> = names.filter_map(Value::as_str).collect();
                let mut shown = format!("{} {}", text(install, "tool"), names.join(" "));
                if is(install, "is_export") {
                    shown.push_str(" for another");
                }
                if let Some(lock) = install["lock_left_out"].as_str() {
                    shown.push_str(&format!(" without {lock}"));
                }
                for path in install["lacks"].as_array().into_iter().flatten() {
                    shown.push_str(&format!(" lacking {}", path.as_str().unwrap_or_default()));
                }
                if is(install, "lacks_environment") {
                    shown.push_str(" into nothing");
                }
                if !is(install, "is_read") {
                    shown.push_str(" and more");
                }
                if is(install, "is_constrained") {
                    shown.push_str(" constrained");
                }
                shown
            });
        let image = &facts["images"][0]["requirements"];
        let is_whole = image
            .as_object()
            .is_some_and(|all| !all.contains_key("..."));
        let whole = std::iter::once(if is_whole { "all read" } else { "more unread" }.to_owned());
        installs.chain(whole).collect::<Vec<_>>().join("; ")
    };
    hold("installers.txt", files, show);
}

#[test]
fn databases_are_known_by_image_variables_and_address() {
    let files = |written: &str| {
        let mut parts = written.split(" | ");
        let mut part = || parts.next().unwrap_or_default();
        let (service, url, more) = (part(), part(), part());
        let web = format!(
            "{{build: ., environment: {{DATABASE_URL: \"{url}\"{more}}}, depends_on: [db]}}"
        );
        let compose = format!("services:\n  web: {web}\n  db: {service}\n");
        let dockerfile = "FROM python:3.13-slim\nCMD [\"python\", \"app.py\"]\n".to_owned();
        vec![("Dockerfile", dockerfile), ("compose.yaml", compose)]
    };
    let show = |facts: &Value| {
        let services = facts["service"].as_array().unwrap();
        let named = |name: &str| {
            services
                .iter()
                .find(|service| text(service, "name") == name)
                .unwrap()
        };
        let db = named("db");
        let mut shown = text(db, "database").to_owned();
        if is(db, "lacks_password") {
            shown.push_str(", no password");
        }
        let web = named("web")["variables"].as_array().unwrap();
        for variable in web
            .iter()
            .filter(|variable| variable["url_part"].is_string())
        {
            shown.push_str(&format!(
                "; {} {} for {}",
                text(variable, "url_part"),
                text(variable, "url_found"),
                text(variable, "url_expected")
            ));
        }
        shown
    };
    hold("databases.txt", files, show);
}

#[test]
fn drivers_of_databases_are_known() {
    let files = |written: &str| {
        let (engine, requirement) = written.split_once(" | ").unwrap();
        let dockerfile = "FROM python:3.13-slim\nCOPY . .\nRUN pip install --no-deps -r requirements.txt\n\
                          ENV DJANGO_SETTINGS_MODULE=shop.settings\nCMD [\"gunicorn\", \"shop.wsgi\"]\n";
        let settings =
            format!("DATABASES = {{\"default\": {{\"ENGINE\": {engine:?}, \"NAME\": \"x\"}}}}\n");
        vec![
            ("Dockerfile", dockerfile.to_owned()),
            ("manage.py", String::new()),
            ("shop/__init__.py", String::new()),
            ("shop/wsgi.py", String::new()),
            ("shop/settings.py", settings),
            (
                "requirements.txt",
                format!("django==5.2\ngunicorn==23.0\n{requirement}\n"),
            ),
        ]
    };
    let show = |facts: &Value| {
        let settings = facts["settings"].as_array().unwrap();
        let missing = settings[0]["missing_drivers"].as_array().unwrap();
        let missing: Vec<&str> = missing.iter().filter_map(Value::as_str).collect();
        match missing.is_empty() {
            true => "nothing".to_owned(),
            false => missing.join(" "),
        }
    };
    hold("drivers.txt", files, show);
}

#[test]
fn texts_of_secret_settings_are_not_shown() {
    for name in [
        "API_KEY",
        "CACHES",
        "CREDENTIAL",
        "DATABASES",
        "PASSWORD",
        "SECRET",
        "TOKEN",
    ] {
        let settings = format!("SHOP_{name}_X = {{'default': 'hunter77'}}\nSHOP_X = 'shown'\n");
        let project = Project::new(&[
            (
                "Dockerfile",
                concat!(
                    "FROM python:3.13-slim\n",
                    "COPY . .\n",
                    "ENV DJANGO_SETTINGS_MODULE=shop.settings\n",
                    "CMD [\"gunicorn\", \"shop.wsgi\"]\n",
                ),
            ),
            ("manage.py", ""),
            ("shop/__init__.py", ""),
            ("shop/settings.py", &settings),
        ]);
        let shown = project.run(&["facts", "."]).out;
        assert!(
            shown.contains(&format!("SHOP_{name}_X")) && shown.contains("\\\"shown\\\""),
            "{shown}"
        );
        assert!(!shown.contains("hunter77"), "{name}");
    }
}

/// The lines of a table of `rules/data`: cells by the names of the fields.
fn rows(table: &str) -> Vec<BTreeMap<String, String>> {
    let path = root().join(format!("rules/data/{table}.tsv"));
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    let head = lines.next().unwrap().split('\t');
    let names: Vec<&str> = head.map(|field| field.split(':').next().unwrap()).collect();
    let row = |line: &str| {
        let cells = line.split('\t').map(str::to_owned);
        names
            .iter()
            .map(|name| (*name).to_owned())
            .zip(cells)
            .collect()
    };
    lines.map(row).collect()
}

/// The words of a cell, or its phrases, and what stands between them.
fn words<'a>(
    row: &'a BTreeMap<String, String>,
    field: &str,
    between: &'static str,
) -> impl Iterator<Item = &'a str> {
    row[field]
        .split(between)
        .filter(|word| *word != "-" && !word.is_empty())
}

/// The text of a file of the repository.
fn file(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

#[test]
fn every_row_has_an_example() {
    let missing = RefCell::new(Vec::new());
    let ask = |table: &str, texts: &[&str], wanted: String| {
        if !texts.iter().any(|text| text.contains(&wanted)) {
            let told = format!("{table}: no example has `{wanted}`");
            missing.borrow_mut().push(told);
        }
    };
    let servers = file("tests/suite/tables/servers.txt");
    let told = file("src/server/tests/listen.rs");
    let told = told.as_str();
    let mut commands = BTreeMap::new();
    for row in rows("servers") {
        let management = words(&row, "management", " ").map(|name| format!("manage.py {name}"));
        let names: Vec<String> = words(&row, "commands", " ")
            .map(str::to_owned)
            .chain(management)
            .collect();
        for name in &names {
            let mut lines = servers.lines();
            let begins = |line: &str| {
                line.split([' ', ';']).any(|word| word == name)
                    || name.contains(' ') && line.contains(name.as_str())
            };
            if !lines.any(begins) {
                missing
                    .borrow_mut()
                    .push(format!("servers: no example has `{name}`"));
            }
        }
        for module in words(&row, "modules", " ") {
            ask("servers", &[&servers], format!("python -m {module} "));
        }
        for distribution in words(&row, "distributions", " ") {
            ask("servers", &[&servers], format!("| {distribution} "));
        }
        for field in [
            "variables",
            "arguments",
            "port_variable",
            "workers_variable",
            "default_file",
        ] {
            for name in words(&row, field, " ") {
                ask("servers", &[told], name.to_owned());
            }
        }
        commands.insert(row["name"].clone(), names);
    }
    for row in rows("server-flags") {
        let commands = &commands[&row["server"]];
        for name in words(&row, "names", " ") {
            let mut lines = servers.lines();
            let shows = |line: &str| {
                let starts = commands
                    .iter()
                    .any(|command| line.contains(&format!("{command} ")));
                starts && line.contains(&format!(" {name} "))
            };
            if !lines.any(shows) {
                missing.borrow_mut().push(format!(
                    "server-flags: no example has `{name}` of {}",
                    row["server"]
                ));
            }
        }
        if row["names"] == "-" {
            ask("server-flags", &[told], row["key"].clone());
        }
    }
    let installers = file("tests/suite/tables/installers.txt");
    for row in rows("installers") {
        for field in [
            "installs",
            "names",
            "exports",
            "builds",
            "lists",
            "takes_project",
            "bare",
            "makes",
            "environment",
            "own",
        ] {
            for phrase in words(&row, field, ", ") {
                let phrase = phrase.trim_end_matches('*').trim_end();
                let wanted = format!("{} {phrase}", row["program"]);
                ask("installers", &[&installers], wanted.trim_end().to_owned());
            }
        }
        for option in words(&row, "directory", " ") {
            ask("installers", &[&installers], format!(" {option} "));
        }
        for name in words(&row, "lock", " ").chain(words(&row, "project", " ")) {
            ask("installers", &[&installers], name.to_owned());
        }
    }
    let mut programs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows("installers") {
        let first = row["program"].split(' ').next().unwrap_or_default();
        let all = programs.entry(row["dialect"].clone()).or_default();
        all.push(first.to_owned());
    }
    for row in rows("installer-flags") {
        for name in words(&row, "names", " ").chain(words(&row, "variables", " ")) {
            let mut lines = installers.lines();
            let shows = |line: &str| {
                let call = line.split(" -> ").next().unwrap_or_default();
                let has = |wanted: &str| call.split([' ', '=']).any(|word| word == wanted);
                programs[&row["dialect"]].iter().any(|it| has(it)) && has(name)
            };
            if !lines.any(shows) {
                missing.borrow_mut().push(format!(
                    "installer-flags: no example has `{name}` of {}",
                    row["dialect"]
                ));
            }
        }
    }
    let secrets = file("tests/suite/tables/secrets.txt").to_lowercase();
    // `4dm1n`: words that anybody tries are written so.
    let plain = ["4a", "3e", "0o", "1i", "5s", "7t"];
    let plain = plain.iter().fold(secrets.clone(), |text, pair| {
        text.replace(&pair[..1], &pair[1..])
    });
    for row in rows("secret-words") {
        // Parts of names of settings have a test of their own.
        if row["role"] != "hidden" {
            ask(
                "secret-words",
                &[&secrets, &plain],
                row["word"].to_lowercase(),
            );
        }
    }
    for row in rows("secret-tokens") {
        ask("secret-tokens", &[&secrets], row["prefix"].to_lowercase());
    }
    let drivers = file("tests/suite/tables/drivers.txt");
    for row in rows("django-drivers") {
        for name in words(&row, "drivers", " ") {
            ask("django-drivers", &[&drivers], name.to_owned());
        }
        ask(
            "django-drivers",
            &[&drivers],
            format!("{} | ", row["engine"]),
        );
    }
    let missing = missing.into_inner();
    assert!(
        missing.is_empty(),
        "{} rows\n{}",
        missing.len(),
        missing.join("\n")
    );
}
