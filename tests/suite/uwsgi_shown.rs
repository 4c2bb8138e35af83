//! What `seatrial facts` shows of uWSGI's options, against what uWSGI itself shows: ENV, compose, files and
//! command line together.

use std::path::PathBuf;
use std::process::Command as Program;

use serde_json::Value;

use crate::support::Project;

/// A uWSGI to ask: `SEATRIAL_UWSGI`, or `uwsgi` or `pyuwsgi` on the path.
fn uwsgi() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("SEATRIAL_UWSGI") {
        return Some(PathBuf::from(path));
    }
    let path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&path)
        .flat_map(|directory| ["uwsgi", "pyuwsgi"].map(|name| directory.join(name)));
    found.into_iter().find(|path| path.is_file())
}

/// Environment, command line and files of one process.
type Mixture = (
    &'static [(&'static str, &'static str)],
    &'static str,
    &'static [(&'static str, &'static str)],
);

const MIXTURES: &[Mixture] = &[
    (
        &[],
        "--http :8000 --module p.wsgi --processes 2 --threads 4 --master",
        &[],
    ),
    (
        &[("UWSGI_WORKERS", "2"), ("UWSGI_THREADS", "4")],
        "--http :8000",
        &[],
    ),
    (
        &[("UWSGI_WORKERS", "2"), ("UWSGI_PROCESSES", "3")],
        "--threads 2",
        &[],
    ),
    (
        &[("UWSGI_PROCESSES", "3"), ("UWSGI_WORKERS", "2")],
        "-p 5",
        &[],
    ),
    (
        &[("UWSGI_HTTP", ":8000"), ("UWSGI_MASTER", "")],
        "--http :9000",
        &[],
    ),
    (
        &[("UWSGI_LAZY_APPS", "1"), ("UWSGI_MASTER", "false")],
        "-M",
        &[],
    ),
    (
        &[
            ("UWSGI_NO_SUCH", "x"),
            ("UWSGI_Http", ":1"),
            ("UWSGI_RELOADS", "3"),
        ],
        "",
        &[],
    ),
    (
        &[("UWSGI_STATIC_MAP", "/s/=/code/s/")],
        "--static-map /m/=/code/m/",
        &[],
    ),
    (
        &[("UWSGI_INI", "u.ini")],
        "--processes 4",
        &[("u.ini", "[uwsgi]\nprocesses = 2\nmaster = true\n")],
    ),
    (
        &[],
        "--ini u.ini --processes 4",
        &[("u.ini", "[uwsgi]\nprocesses = 2\n")],
    ),
    (
        &[],
        "--processes 4 --ini u.ini",
        &[("u.ini", "[uwsgi]\nprocesses = 2\n")],
    ),
    (
        &[],
        "u.ini --processes 4",
        &[("u.ini", "[uwsgi]\nprocesses = 2\n")],
    ),
    (
        &[("UWSGI_WORKERS", "7")],
        "u.ini",
        &[("u.ini", "[uwsgi]\nbuffer-size=8192\n")],
    ),
    (
        &[],
        "--ini u.ini:prod",
        &[("u.ini", "[uwsgi]\nthreads = 1\n[prod]\nthreads = 2\n")],
    ),
    (
        &[],
        "u.ini",
        &[(
            "u.ini",
            "[uwsgi]\nini = :base\nthreads = 2\n[base]\nthreads = 8\nmaster\n",
        )],
    ),
    (
        &[],
        "u.ini",
        &[(
            "u.ini",
            "[uwsgi]\nbase = /srv\nvenv = %(base)/venv\nenv = X=%(venv):%(nothing)\n",
        )],
    ),
    (
        &[("APP", "shop")],
        "u.ini",
        &[("u.ini", "[uwsgi]\nmodule = $(APP).wsgi\nenv = Y=$(NONE)\n")],
    ),
    (
        &[("APP", "shop"), ("UWSGI_MODULE", "$(APP).wsgi:application")],
        "",
        &[],
    ),
    (
        &[("UWSGI_MODULE", "%(name).wsgi")],
        "u.ini",
        &[("u.ini", "[uwsgi]\nname = p\n")],
    ),
    (
        &[],
        "u.ini",
        &[
            ("u.ini", "[uwsgi]\ninclude = more.ini\nthreads = 2\n"),
            ("more.ini", "[uwsgi]\nthreads = 4\nenv = A=1\n"),
        ],
    ),
    (
        &[],
        "u.ini",
        &[
            ("u.ini", "[uwsgi]\ninherit = more.ini\nthreads = 2\n"),
            ("more.ini", "[uwsgi]\nthreads = 4\n"),
        ],
    ),
    (
        &[],
        "u.ini",
        &[(
            "u.ini",
            "# c\n; d\n[x]\nthreads=9\n [uwsgi]\n  threads  =  3  \nmaster\nenv = A=b # not a comment\nempty =\n",
        )],
    ),
    (
        &[],
        "u.ini",
        &[(
            "u.ini",
            "[uwsgi]\nenv = D=%d\nenv = N=%n\nenv = S=%s\nenv = P=%p\nenv = C=%c\nenv = E=%e\n",
        )],
    ),
    (
        &[],
        "u.xml",
        &[(
            "u.xml",
            "<uwsgi>\n <master/>\n <!-- x --><processes>4</processes>\n <module> p.wsgi </module>\n</uwsgi>\n",
        )],
    ),
    (
        &[],
        "u.yaml",
        &[(
            "u.yaml",
            "uwsgi:\n  master: true\n  processes: 4\n  module: p.wsgi\n",
        )],
    ),
    (
        &[("UWSGI_THREADS", "2")],
        "u.json",
        &[(
            "u.json",
            "{\"uwsgi\": {\"processes\": \"4\", \"module\": \"p.wsgi\"}}",
        )],
    ),
    (&[], "-Mp4 -b 8192 --env A=1 --env=B=2 --pythonpath /x", &[]),
    (&[], "--process 3 --buffer-siz 9000", &[]),
    (
        &[
            ("UWSGI_ROUTE_HOST", "^(?!x$) break:400"),
            ("UWSGI_STATIC_EXPIRES_URI", "/s/.*\\.css 100"),
        ],
        "",
        &[],
    ),
    (
        &[
            ("UWSGI_HTTP_KEEPALIVE", "1"),
            ("UWSGI_HTTP_AUTO_CHUNKED", "1"),
        ],
        "--http-keepalive=5",
        &[],
    ),
    (
        &[("UWSGI_WSGI_FILE", "p/wsgi.py"), ("UWSGI_FILE", "q.py")],
        "--wsgi-file r.py --die-on-term",
        &[],
    ),
    (
        &[("UWSGI_HTTP_KEEPALIVE", "")],
        "--need-app --harakiri 30 --ini a.ini --ini b.ini",
        &[
            ("a.ini", "[uwsgi]\nharakiri=10\n"),
            ("b.ini", "[uwsgi]\nharakiri=20\n"),
        ],
    ),
    (
        &[("UWSGI_DISABLE_LOGGING", "1"), ("UWSGI_LOG_4XX", "1")],
        "-s /tmp/seatrial-none.sock",
        &[],
    ),
];

/// What `--show-config` prints, as pairs.
fn shown(
    binary: &std::path::Path,
    env: &[(&str, &str)],
    line: &str,
    files: &[(&str, &str)],
    directory: &std::path::Path,
) -> Vec<(String, String)> {
    for (name, text) in files {
        std::fs::write(directory.join(name), text).expect("a file");
    }
    // `env` keeps the order of the variables, as a container does.
    let output = Program::new("env")
        .arg("-i")
        .args(env.iter().map(|(name, value)| format!("{name}={value}")))
        .arg(binary)
        .args(line.split(' ').filter(|word| !word.is_empty()))
        .args(["--show-config", "--no-server"])
        .current_dir(directory)
        .output()
        .expect("uWSGI runs");
    let text = String::from_utf8_lossy(&output.stderr).into_owned()
        + &String::from_utf8_lossy(&output.stdout);
    let body = text
        .split("[uwsgi]\n")
        .nth(1)
        .unwrap_or_else(|| panic!("{line}: {text}"));
    let body = body
        .split(";end of configuration")
        .next()
        .unwrap_or_default();
    let pairs = body.lines().filter_map(|line| line.split_once(" ="));
    pairs
        .map(|(key, value)| (key.to_owned(), value.trim_start().to_owned()))
        .filter(|(key, _)| !matches!(key.as_str(), "show-config" | "no-server"))
        .collect()
}

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
