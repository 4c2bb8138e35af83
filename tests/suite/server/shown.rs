//! What `seatrial facts` shows of uWSGI's options, against what uWSGI itself shows: ENV, compose, files and
//! command line together.

use serde_json::Value;

use super::uwsgi::{MIXTURES, Mixture, shown, uwsgi};
use crate::support::Project;

/// Variables of compose, beside ENV, command line and files. Without `http`, whose router would outlive the test.
const COMPOSED: &[(&[(&str, &str)], Mixture)] = &[
    (
        &[("UWSGI_WORKERS", "4")],
        (
            &[("UWSGI_WORKERS", "2"), ("UWSGI_MASTER", "1")],
            "--http-socket :8000",
            &[],
        ),
    ),
    (
        &[("UWSGI_THREADS", "8"), ("UWSGI_LAZY_APPS", "1")],
        (&[("UWSGI_HTTP_SOCKET", ":8000")], "--threads 2", &[]),
    ),
    (
        &[("UWSGI_INI", "prod.ini")],
        (
            &[("UWSGI_HTTP_SOCKET", ":8000")],
            "--processes 3",
            &[("prod.ini", "[uwsgi]\nprocesses = 9\nmaster = true\n")],
        ),
    ),
    (
        &[("APP", "blog")],
        (
            &[("APP", "shop")],
            "u.ini",
            &[(
                "u.ini",
                "[uwsgi]\nmodule = $(APP).wsgi\nhttp-socket = :8000\n",
            )],
        ),
    ),
    (
        &[("UWSGI_ROUTE_HOST", "^(?!x$) break:400")],
        (
            &[("UWSGI_HTTP_SOCKET", ":8000"), ("UWSGI_NEED_APP", "1")],
            "",
            &[],
        ),
    ),
    (
        &[
            ("UWSGI_HTTP_KEEPALIVE", "75"),
            ("UWSGI_HTTP_AUTO_CHUNKED", "1"),
        ],
        (
            &[("UWSGI_HTTP_KEEPALIVE", "1")],
            "--http-socket :8000 --master",
            &[],
        ),
    ),
];

/// A project whose image starts uWSGI so.
fn write(project: &Project, directory: &str, mixture: &Mixture, composed: &[(&str, &str)]) {
    let (env, line, files) = mixture;
    let mut dockerfile = "FROM python:3.13-slim-trixie\nWORKDIR /code\nCOPY . /code/\n".to_owned();
    for (name, value) in *env {
        let value = value
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('$', "\\$");
        dockerfile += &format!("ENV {name}=\"{value}\"\n");
    }
    let words = std::iter::once("uwsgi").chain(line.split(' ').filter(|word| !word.is_empty()));
    let words: Vec<String> = words.map(|word| format!("{word:?}")).collect();
    dockerfile += &format!("CMD [{}]\n", words.join(", "));
    project.write(&format!("{directory}/Dockerfile"), dockerfile);
    project.write(&format!("{directory}/.git/HEAD"), "ref: refs/heads/main\n");
    project.write(&format!("{directory}/manage.py"), "");
    for (name, text) in *files {
        project.write(&format!("{directory}/{name}"), text);
    }
    if !composed.is_empty() {
        let mut compose = "services:\n  web:\n    build: .\n    environment:\n".to_owned();
        for (name, value) in composed {
            compose += &format!("      {name}: \"{}\"\n", value.replace('$', "$$"));
        }
        project.write(&format!("{directory}/compose.prod.yaml"), compose);
    }
}

/// Names and values; a switch without a value is `true`, as uWSGI prints it.
fn ours(fact: &Value) -> Vec<(String, String)> {
    let options = fact["uwsgi_option"].as_array().expect("a list");
    let pair = |option: &Value| {
        let name = option["name"].as_str().unwrap_or_default().to_owned();
        let value = option["value"].as_str().unwrap_or("<unknown>").trim_start();
        let is_switch = value.is_empty() && option["source"] == "command line";
        (name, if is_switch { "true" } else { value }.to_owned())
    };
    options.iter().map(pair).collect()
}

#[test]
fn facts_show_the_options_that_uwsgi_shows() {
    let Some(binary) = uwsgi() else {
        println!("skipped: no uWSGI (set SEATRIAL_UWSGI)");
        return;
    };
    let plain = MIXTURES.iter().map(|mixture| (&[][..], mixture));
    let composed = COMPOSED
        .iter()
        .map(|(composed, mixture)| (*composed, mixture));
    let cases: Vec<(&[(&str, &str)], &Mixture)> = plain.chain(composed).collect();
    assert!(cases.len() >= 30);
    let project = Project::new(&[]);
    for (index, (composed, mixture)) in cases.iter().enumerate() {
        write(&project, &format!("p{index:02}"), mixture, composed);
    }
    let ran = project.run(&["facts", "."]);
    let facts: Vec<Value> = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(facts.len(), cases.len());
    let mut wrong = String::new();
    for ((composed, mixture), fact) in cases.iter().zip(&facts) {
        let (env, line, files) = mixture;
        // Compose sets in its place what ENV sets, and adds the rest behind.
        let mut env: Vec<(&str, &str)> = env.to_vec();
        for (name, value) in *composed {
            match env.iter_mut().find(|(known, _)| known == name) {
                Some(known) => known.1 = value,
                None => env.push((name, value)),
            }
        }
        let directory = tempfile::tempdir().expect("a directory");
        let code = directory
            .path()
            .canonicalize()
            .expect("a path")
            .join("code");
        std::fs::create_dir(&code).expect("a directory");
        let here = code.display().to_string();
        let mut theirs: Vec<(String, String)> = shown(&binary, &env, line, files, &code)
            .into_iter()
            .map(|(name, value)| (name, value.replace(&here, "/code")))
            .collect();
        let mut ours = ours(fact);
        // What a file defines for its own values only is no option.
        let is_option = |(name, _): &(String, String)| !matches!(name.as_str(), "base" | "name");
        theirs.retain(is_option);
        ours.retain(is_option);
        if line.contains("u.json") {
            theirs.sort();
            ours.sort();
        }
        if ours != theirs {
            wrong += &format!("{composed:?} {mixture:?}\n  uWSGI: {theirs:?}\n  facts: {ours:?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
