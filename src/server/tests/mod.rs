//! Processes and servers: which program starts, and what it is told from every side.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::knowledge::servers;
use crate::server::{FileState, Files, Process, ProcessEnv, Server, Setting, Surroundings, read};
use crate::shell::ast::Arg;
use crate::source::Sources;
use crate::span::Traced;

mod listen;
mod uwsgi;

/// The files of a container, below `/code`.
struct Container {
    sources: Sources,
    files: BTreeMap<String, crate::span::FileId>,
}

impl Container {
    fn new(files: &[(&str, &str)]) -> Self {
        let sources = Sources::new();
        let files = files.iter().map(|(name, text)| {
            let path = format!("/code/{name}");
            (path, sources.add(*name, *text))
        });
        let files = files.collect();
        Self { sources, files }
    }
}

impl Files for Container {
    fn read(&self, path: &str) -> FileState {
        match self.files.get(path) {
            Some(file) => FileState::Known(*file, Arc::clone(&self.sources.get(*file))),
            None => FileState::Missing,
        }
    }
}

/// Words; `?` is one that is not known, `--x=?` has a value that is not.
fn words(sources: &Sources, line: &[&str]) -> Vec<Arg> {
    let text = line.join(" ");
    let file = sources.add("command", text);
    let mut at = 0;
    line.iter()
        .map(|word| {
            let start = at;
            at += word.len() + 1;
            let byte = |at: usize| u32::try_from(at).expect("a short line");
            let span = crate::span::Span::new(file, byte(start), byte(start + word.len()));
            let is_known = !word.ends_with('?');
            Arg {
                text: is_known.then(|| Traced::new(*word, span)),
                prefix: word.trim_end_matches('?').to_owned(),
                suffix: String::new(),
                span,
                word: span,
                is_quoted: false,
            }
        })
        .collect()
}

fn environment(sources: &Sources, vars: &[(&str, &str)], is_closed: bool) -> ProcessEnv {
    let mut env = ProcessEnv::default();
    env.is_closed = is_closed;
    for (name, value) in vars {
        let file = sources.add("env", format!("{name}={value}"));
        let byte = |at: usize| u32::try_from(at).expect("a short line");
        let name_span = crate::span::Span::new(file, 0, byte(name.len()));
        let span = crate::span::Span::new(
            file,
            byte(name.len() + 1),
            byte(name.len() + 1 + value.len()),
        );
        let value = (*value != "?").then(|| Traced::new(*value, span));
        env.set(name, name_span, value);
    }
    env
}

struct Case<'a> {
    line: &'a [&'a str],
    env: &'a [(&'a str, &'a str)],
    files: &'a [(&'a str, &'a str)],
    is_closed: bool,
}

fn serve(case: &Case<'_>) -> Option<Server> {
    let container = Container::new(case.files);
    let env = environment(&container.sources, case.env, case.is_closed);
    let around = Surroundings {
        env: &env,
        files: &container,
        cwd: Some("/code"),
    };
    // `python manage.py runserver` and the like: the words before the server's own are its name.
    let names = case
        .line
        .iter()
        .take_while(|word| matches!(**word, "python" | "manage.py"));
    let at = names.count();
    let row = match at {
        0 => servers::by_command(case.line[0])?,
        _ => servers::by_management_command(case.line[at])?,
    };
    let words = words(&container.sources, case.line);
    let process = Process {
        product: row,
        span: words[0].span,
        args: words[at + 1..].to_vec(),
    };
    read(&process, &around)
}

fn run(line: &str, env: &[(&str, &str)], files: &[(&str, &str)]) -> Server {
    let line: Vec<&str> = line.split(' ').collect();
    let case = Case {
        line: &line,
        env,
        files,
        is_closed: true,
    };
    serve(&case).unwrap_or_else(|| panic!("{line:?} is a server"))
}

/// Binds, application, workers and development flags in one line.
fn summary(server: &Server) -> String {
    let binds: Vec<String> = server
        .binds
        .iter()
        .map(|bind| {
            let default = if bind.is_default { "!" } else { "" };
            let address = match &bind.address {
                crate::server::Address::Tcp { host, port } => format!(
                    "{}:{}",
                    host.as_deref().unwrap_or("?"),
                    port.map_or("?".to_owned(), |port| port.to_string())
                ),
                crate::server::Address::Unix(path) => format!("unix {path}"),
                crate::server::Address::Fd => "fd".to_owned(),
                crate::server::Address::Unknown => "?".to_owned(),
            };
            format!("{default}{address}")
        })
        .collect();
    let app = server.app.as_ref().map_or("-".to_owned(), |app| {
        let attribute = app
            .attribute
            .as_ref()
            .map(|a| format!(":{a}"))
            .unwrap_or_default();
        format!("{}{attribute}", app.module)
    });
    let setting = |setting: &Setting| match setting {
        Setting::Given(text, _) => text.as_str().to_owned(),
        Setting::Absent => "-".to_owned(),
        Setting::Unknown(_) => "?".to_owned(),
    };
    let flags: Vec<&str> = server
        .dev_flags
        .iter()
        .map(|flag| flag.name.as_str())
        .collect();
    let open = if server.is_open { " open" } else { "" };
    format!(
        "{} app {app} workers {} flags {}{open}",
        binds.join(" "),
        setting(&server.workers),
        if flags.is_empty() {
            "-".to_owned()
        } else {
            flags.join(" ")
        }
    )
}

#[test]
fn hostile_configurations_end() {
    let looped = "[uwsgi]\nini = u.ini\ninclude = u.ini\ninherit = u.ini\n";
    let server = run("uwsgi u.ini", &[], &[("u.ini", looped)]);
    assert!(server.is_open);
    let mut growth = "[uwsgi]\nv0 = xxxxxxxxxx\n".to_owned();
    for i in 1..300 {
        growth.push_str(&format!("v{i} = %(v{p})%(v{p})%(v{p})\n", p = i - 1));
    }
    growth.push_str("module = %(v299)\n");
    let server = run("uwsgi u.ini", &[], &[("u.ini", &growth)]);
    assert!(server.app.is_none());
    let long = format!("[uwsgi]\n{}", "env = A=%(x)\n".repeat(30_000));
    assert!(run("uwsgi u.ini", &[], &[("u.ini", &long)]).is_open);
    let nested = format!("bind = {}1{}\n", "(".repeat(10_000), ")".repeat(10_000));
    assert!(run("gunicorn p", &[], &[("gunicorn.conf.py", &nested)]).is_open);
    let odd = [
        "%",
        "[",
        "[]\n=",
        "<uwsgi",
        "<uwsgi><a>",
        "\u{feff}[uwsgi]\nx",
        "=\n[uwsgi\n=%",
        "{",
        "uwsgi: [",
    ];
    for text in odd {
        for name in ["u.ini", "u.xml", "u.yaml", "u.json"] {
            let _ = run(&format!("uwsgi {name}"), &[], &[(name, text)]);
        }
        let _ = run("gunicorn p", &[], &[("gunicorn.conf.py", text)]);
        let _ = run("hypercorn -c u.toml p", &[], &[("u.toml", text)]);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(200))]
    /// Whatever stands in the files and variables: no panic.
    #[test]
    fn any_text_is_survived(
        pieces in proptest::collection::vec(
            proptest::sample::select(vec![
                "[uwsgi]\n", "http = :80\n", "%(", "$(", "@(", ")", "%", "if-env = X\n", "endif =\n", "ini = :x\n",
                "include = u.ini\n", "<uwsgi>", "<a>", "</a>", "<b/>", "</uwsgi>", "<!--", "-->", "uwsgi:\n",
                "  a: b\n", "bind = ", "'", "\"", "f\"{x}\"", "os.environ['X']", "(", "[", "]", "\n",
                "é", "🙂", "=", ":", "\r\n", "-",
            ]),
            0..40,
        ),
    ) {
        let text = pieces.concat();
        for name in ["u.ini", "u.xml", "u.yaml", "u.json"] {
            let _ = summary(&run(&format!("uwsgi {name}"), &[("UWSGI_INI", &text), ("X", &text)], &[(name, &text)]));
        }
        let env = [("GUNICORN_CMD_ARGS", text.as_str())];
        let _ = summary(&run("gunicorn p", &env, &[("gunicorn.conf.py", &text)]));
        let _ = summary(&run("hypercorn -c u.toml p", &[], &[("u.toml", &text)]));
        let _ = summary(&run(&format!("uvicorn {}", text.replace('\n', " ")), &[], &[]));
        let _ = summary(&run(&format!("daphne -e {}", text.replace('\n', " ")), &[], &[]));
        let _ = summary(&run(&format!("manage.py runserver {}", text.replace('\n', " ")), &[], &[]));
    }
}
