//! uWSGI's options, also against a real one.

use std::path::PathBuf;
use std::process::Command as Program;

use seatrial::server::uwsgi::{ConfigState, Effective};
use seatrial::server::{Surroundings, TargetKind};
use seatrial::span::Traced;

use super::{Case, Container, environment, run, serve, words};

#[test]
fn uwsgi_values_know_their_place_and_their_doubts() {
    let ini = "[uwsgi]\nchdir = /code\nif-env = X\nworkers = 9\nendif =\nmodule = %(chdir).wsgi\nhttp = :%k\n";
    let server = run(
        "uwsgi --ini u.ini",
        &[("UWSGI_WORKERS", "3"), ("UWSGI_LAZY_APPS", "")],
        &[("u.ini", ini)],
    );
    let config = server.uwsgi.as_ref().expect("options");
    assert!(matches!(config.effective("processes"), Effective::Unknown));
    assert_eq!(config.flag("lazy-apps"), Some(true));
    assert_eq!(config.flag("master"), Some(false));
    assert_eq!(config.get("workers").len(), 2);
    assert_eq!(
        server.app.as_ref().map(|app| app.module.as_str()),
        Some("/code.wsgi")
    );
    assert!(!server.binds_are_known);
    let Effective::Known(value, _) = config.effective("chdir") else {
        panic!("known");
    };
    assert_eq!(value.name_span.len(), 5);
    let open = Case {
        line: &["uwsgi", "--processes", "4"],
        env: &[("UWSGI_HTTP", ":80")],
        files: &[],
        is_closed: false,
    };
    let open = serve(&open).expect("a server");
    assert_eq!(open.workers.as_str(), Some("4"));
    let config = open.uwsgi.as_ref().expect("options");
    assert_eq!(config.flag("master"), None);
    assert_eq!(config.has_master(), None);
    let has_master = |line, env| {
        let server = run(line, env, &[]);
        server.uwsgi.as_ref().and_then(|config| config.has_master())
    };
    assert_eq!(has_master("uwsgi --stats :1", &[]), Some(true));
    assert_eq!(
        has_master("uwsgi --stats :1", &[("UWSGI_MASTER", "0")]),
        Some(false)
    );
    let refused = run("uwsgi --nosuch --master=1 --http :1", &[], &[]);
    assert_eq!(
        refused.uwsgi.as_ref().map(|config| config.refused.len()),
        Some(2)
    );
    for (line, state) in [
        ("uwsgi none.ini", ConfigState::Missing),
        ("uwsgi --ini u.ini:other", ConfigState::NoSection),
        ("uwsgi u.ini", ConfigState::Read),
        ("uwsgi --ini http://x/u.ini", ConfigState::Unknown),
    ] {
        assert_eq!(
            run(line, &[], &[("u.ini", ini)]).files[0].state,
            state,
            "{line}"
        );
    }
    let app = run("uwsgi --wsgi-file a/wsgi.py --callable app", &[], &[])
        .app
        .expect("a target");
    assert_eq!(app.kind, TargetKind::File);
    assert_eq!(app.attribute.as_ref().map(Traced::as_str), Some("app"));
}

/// A uWSGI to ask: `SEATRIAL_UWSGI`, or `uwsgi` or `pyuwsgi` on the path.
pub(super) fn uwsgi() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("SEATRIAL_UWSGI") {
        return Some(PathBuf::from(path));
    }
    let path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&path)
        .flat_map(|directory| ["uwsgi", "pyuwsgi"].map(|name| directory.join(name)));
    found.into_iter().find(|path| path.is_file())
}

/// Environment, command line and files of one process.
pub(super) type Mixture = (
    &'static [(&'static str, &'static str)],
    &'static str,
    &'static [(&'static str, &'static str)],
);

pub(super) const MIXTURES: &[Mixture] = &[
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
pub(super) fn shown(
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

#[test]
fn effective_options_are_those_uwsgi_shows() {
    let Some(binary) = uwsgi() else {
        println!("skipped: no uWSGI (set SEATRIAL_UWSGI)");
        return;
    };
    assert!(MIXTURES.len() >= 30);
    for mixture in MIXTURES {
        let (env, line, files) = mixture;
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory
            .path()
            .canonicalize()
            .expect("a path")
            .join("code");
        std::fs::create_dir(&path).expect("a directory");
        let theirs = shown(&binary, env, line, files, &path).into_iter();
        let theirs =
            theirs.map(|(key, value)| (key, value.replace(&path.display().to_string(), "/code")));
        let mut theirs: Vec<(String, String)> = theirs.collect();
        let container = Container::new(files);
        let env = environment(&container.sources, env, true);
        let around = Surroundings {
            env: &env,
            files: &container,
            cwd: Some("/code"),
        };
        let line: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).collect();
        let config = seatrial::server::uwsgi::read(&words(&container.sources, &line), &around);
        let mut ours: Vec<(String, String)> = config
            .all()
            .map(|option| {
                let value = option.value.as_ref().map_or("<unknown>", Traced::as_str);
                (option.name.clone(), value.trim_start().to_owned())
            })
            .collect();
        if line.contains(&"u.json") {
            // Objects have no order.
            theirs.sort();
            ours.sort();
        }
        assert_eq!(ours, theirs, "{mixture:?}");
    }
}
