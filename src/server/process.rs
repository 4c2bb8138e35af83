//! Which program a command starts, behind the programs that start it.

use crate::knowledge::programs;
use crate::knowledge::servers::{self, Server as Product, ServerRow};
use crate::shell::ast::{Arg, Command};
use crate::span::{Span, Traced};

/// Programs inside programs.
const MAX_WRAPPERS: usize = 20;

/// A command line as words.
#[derive(Debug, Clone, Default)]
pub struct Argv {
    pub words: Vec<Arg>,
}

/// What a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A web server, or a manager of processes.
    Server(Product),
    /// `celery` and other workers of queues.
    Worker,
    /// `manage.py` with another subcommand than a server's.
    Manage,
    /// A shell with a script or a string.
    Shell,
    /// `python` with a script, a module or nothing.
    Python,
    /// `honcho`, `foreman`: they start what a Procfile says.
    Procfile,
    /// Another program, by its name.
    Other,
    /// The word is not known.
    Unknown,
}

/// The program a command line starts.
#[derive(Debug, Clone)]
pub struct Process {
    pub kind: Kind,
    /// Name of the program without directory and version: `gunicorn`, `python`; empty when not known.
    pub name: String,
    /// The words that name it: `gunicorn`, `-m gunicorn`, `manage.py runserver`.
    pub span: Span,
    /// What it is given.
    pub args: Vec<Arg>,
    /// Names of the programs around it, outermost first.
    pub wrappers: Vec<String>,
    /// The script: `manage.py` of a management command, the first operand of a shell or `python`.
    pub script: Option<Arg>,
}

impl Argv {
    /// The words of a list: JSON form of CMD, `command` of compose.
    #[must_use]
    pub fn from_words(words: &[Traced]) -> Self {
        Self {
            words: words.iter().map(Arg::whole).collect(),
        }
    }
}

impl From<&Command> for Argv {
    /// The program as meant (`gunicorn` for `python -m gunicorn`) and its arguments.
    fn from(command: &Command) -> Self {
        let name = command.name.as_ref().filter(|name| !name.is_empty());
        let program = Arg {
            text: name.map(|name| Traced::new(name.clone(), command.name_span)),
            prefix: name.cloned().unwrap_or_default(),
            suffix: String::new(),
            span: command.name_span,
            word: command.name_span,
            is_quoted: false,
        };
        let mut words = vec![program];
        words.extend(command.args.iter().cloned());
        Self { words }
    }
}

/// A program that starts another, and how its own words are told from the other's.
struct Wrapper {
    name: &'static str,
    /// The first operand must be this: `run` of `uv run`.
    subcommand: Option<&'static str>,
    /// Flags that take the next word.
    valued: &'static [&'static str],
    /// Operands before the program: the user of `gosu`.
    operands: usize,
    /// The program begins behind `--` only.
    needs_dashes: bool,
}

const fn plain(name: &'static str) -> Wrapper {
    Wrapper {
        name,
        subcommand: None,
        valued: &[],
        operands: 0,
        needs_dashes: false,
    }
}

const fn runner(
    name: &'static str,
    subcommand: &'static str,
    valued: &'static [&'static str],
) -> Wrapper {
    Wrapper {
        name,
        subcommand: Some(subcommand),
        valued,
        operands: 0,
        needs_dashes: false,
    }
}

const WRAPPERS: &[Wrapper] = &[
    runner(
        "uv",
        "run",
        &[
            "--with",
            "--extra",
            "--group",
            "--only-group",
            "--no-group",
            "--env-file",
            "--python",
            "-p",
            "--package",
            "--project",
            "--directory",
            "--with-requirements",
            "--index",
            "--cache-dir",
            "--with-editable",
            "--no-extra",
        ],
    ),
    runner("poetry", "run", &["-C", "--directory", "-P", "--project"]),
    runner("pipenv", "run", &[]),
    runner("pdm", "run", &["-p", "--project"]),
    runner("rye", "run", &[]),
    runner("hatch", "run", &[]),
    runner("pixi", "run", &["-e", "--environment"]),
    runner("conda", "run", &["-n", "--name", "-p", "--prefix", "--cwd"]),
    runner("newrelic-admin", "run-program", &[]),
    runner("newrelic-admin", "run-python", &[]),
    runner(
        "doppler",
        "run",
        &["-p", "-c", "--project", "--config", "-t", "--token"],
    ),
    runner(
        "infisical",
        "run",
        &["--env", "--path", "--projectId", "--token"],
    ),
    runner("dotenv", "run", &["-f", "--file"]),
    runner("op", "run", &["--env-file"]),
    Wrapper {
        needs_dashes: true,
        ..runner("chamber", "exec", &[])
    },
    Wrapper {
        needs_dashes: true,
        ..plain("wait-for-it")
    },
    Wrapper {
        needs_dashes: true,
        ..plain("wait-for-it.sh")
    },
    Wrapper {
        needs_dashes: true,
        ..plain("wait-for")
    },
    Wrapper {
        valued: &[
            "-wait",
            "-timeout",
            "-template",
            "-stdout",
            "-stderr",
            "-wait-retry-interval",
            "-wait-http-header",
        ],
        ..plain("dockerize")
    },
    Wrapper {
        valued: &["-g", "-p"],
        ..plain("tini")
    },
    Wrapper {
        valued: &["--rewrite", "-r"],
        ..plain("dumb-init")
    },
    plain("catatonit"),
    plain("ddtrace-run"),
    plain("opentelemetry-instrument"),
    plain("scout_apm"),
    plain("exec"),
    plain("nohup"),
    plain("setsid"),
    plain("command"),
    Wrapper {
        valued: &["-n", "--adjustment"],
        ..plain("nice")
    },
    Wrapper {
        valued: &["-i", "-o", "-e"],
        ..plain("stdbuf")
    },
    Wrapper {
        valued: &["-s", "--signal", "-k", "--kill-after"],
        operands: 1,
        ..plain("timeout")
    },
    Wrapper {
        valued: &["-u", "--user", "-g", "--group", "-C", "-D"],
        ..plain("sudo")
    },
    Wrapper {
        operands: 1,
        ..plain("gosu")
    },
    Wrapper {
        operands: 1,
        ..plain("su-exec")
    },
    Wrapper {
        valued: &["-u", "-U", "-e", "-/", "-n", "-l", "-L", "-m"],
        ..plain("chpst")
    },
    Wrapper {
        valued: &[
            "--reuid",
            "--regid",
            "--groups",
            "--inh-caps",
            "--ambient-caps",
            "--bounding-set",
            "--securebits",
        ],
        ..plain("setpriv")
    },
    Wrapper {
        valued: &["-u", "--unset", "-C", "--chdir", "-S"],
        ..plain("env")
    },
    Wrapper {
        needs_dashes: true,
        ..runner("watchmedo", "auto-restart", &[])
    },
    Wrapper {
        valued: &["-n", "--server-num", "-s", "--server-args", "-e", "-f"],
        ..plain("xvfb-run")
    },
    plain("aws-lambda-rie"),
];

/// Finds the program a command line starts.
#[must_use]
pub fn identify(argv: &Argv) -> Process {
    let mut words = argv.words.as_slice();
    let mut wrappers = Vec::new();
    while wrappers.len() < MAX_WRAPPERS {
        let Some((first, rest)) = words.split_first() else {
            break;
        };
        let Some(name) = first.as_str().map(program) else {
            return process(Kind::Unknown, "", first.span, rest, wrappers, None);
        };
        if let Some(inner) = unwrap(&name, rest) {
            wrappers.push(name);
            words = inner;
            continue;
        }
        if name == "python" {
            match python(first, rest, &mut wrappers) {
                Python::Inner(inner) => {
                    words = inner;
                    continue;
                }
                Python::Done(found) => return *found,
            }
        }
        return known(&name, first.span, rest, wrappers);
    }
    let span = argv.words.first().map(|word| word.span);
    match span {
        Some(span) => process(Kind::Unknown, "", span, &[], wrappers, None),
        None => Process {
            kind: Kind::Unknown,
            name: String::new(),
            span: Span::point(crate::span::FileId(0), 0),
            args: Vec::new(),
            wrappers,
            script: None,
        },
    }
}

fn process(
    kind: Kind,
    name: &str,
    span: Span,
    args: &[Arg],
    wrappers: Vec<String>,
    script: Option<Arg>,
) -> Process {
    Process {
        kind,
        name: name.to_owned(),
        span,
        args: args.to_vec(),
        wrappers,
        script,
    }
}

/// A program by its name and first words.
fn known(name: &str, span: Span, rest: &[Arg], wrappers: Vec<String>) -> Process {
    let first = rest.first();
    let word = first.and_then(Arg::as_str).unwrap_or_default();
    if let Some(row) = servers::by_subcommand(name, word)
        && let Some(first) = first
    {
        return process(
            Kind::Server(row.name),
            name,
            span.cover(first.span),
            &rest[1..],
            wrappers,
            None,
        );
    }
    if let Some(row) = servers::by_command(name) {
        return process(Kind::Server(row.name), name, span, rest, wrappers, None);
    }
    if matches!(name, "manage.py" | "django-admin" | "django-admin.py") {
        return manage(name, span, None, rest, wrappers);
    }
    let kind = match name {
        "celery" | "dramatiq" | "huey_consumer" | "huey_consumer.py" | "rq" | "arq"
        | "rqworker" => Kind::Worker,
        "honcho" | "foreman" | "forego" | "goreman" | "hivemind" | "overmind" => Kind::Procfile,
        _ if programs::is_shell(name) => Kind::Shell,
        _ => Kind::Other,
    };
    let script = match kind {
        Kind::Shell => rest.iter().find(|arg| {
            arg.as_str()
                .is_some_and(|text| !text.starts_with(['-', '+']))
        }),
        _ => None,
    };
    let script = script.cloned();
    process(kind, name, span, rest, wrappers, script)
}

/// A management command of Django.
fn manage(
    name: &str,
    span: Span,
    script: Option<Arg>,
    rest: &[Arg],
    wrappers: Vec<String>,
) -> Process {
    let at = rest
        .iter()
        .position(|arg| arg.as_str().is_none_or(|text| !text.starts_with('-')));
    let subcommand = at.and_then(|at| rest.get(at));
    let word = subcommand.and_then(Arg::as_str);
    let row: Option<&ServerRow> = word.and_then(servers::by_management_command);
    match (row, subcommand, at) {
        (Some(row), Some(subcommand), Some(at)) => {
            let mut args = rest[..at].to_vec();
            args.extend_from_slice(&rest[at + 1..]);
            process(
                Kind::Server(row.name),
                name,
                span.cover(subcommand.span),
                &args,
                wrappers,
                script,
            )
        }
        (_, Some(_), _) if word.is_none() => {
            process(Kind::Unknown, name, span, rest, wrappers, script)
        }
        _ => process(Kind::Manage, name, span, rest, wrappers, script),
    }
}

enum Python<'a> {
    /// It runs another command line: `coverage run`, `debugpy`.
    Inner(&'a [Arg]),
    Done(Box<Process>),
}

/// `python [flags] -m module ...`, `python script ...`
fn python<'a>(first: &Arg, rest: &'a [Arg], wrappers: &mut Vec<String>) -> Python<'a> {
    let done = |found: Process| Python::Done(Box::new(found));
    let mut at = 0;
    while let Some(word) = rest.get(at) {
        let Some(text) = word.as_str() else {
            return done(process(
                Kind::Unknown,
                "python",
                first.span,
                rest,
                std::mem::take(wrappers),
                None,
            ));
        };
        let module = if text == "-m" {
            rest.get(at + 1).map(|module| (module, at + 2))
        } else if text.starts_with("-m") && text.len() > 2 {
            Some((word, at + 1))
        } else {
            None
        };
        if let Some((module, after)) = module {
            let name = module.as_str().unwrap_or_default();
            let name = name.strip_prefix("-m").unwrap_or(name);
            let args = rest.get(after..).unwrap_or_default();
            if let Some(inner) = debugger(name, args) {
                wrappers.push(name.to_owned());
                return Python::Inner(inner);
            }
            let span = word.span.cover(module.span);
            let wrappers = std::mem::take(wrappers);
            return done(match servers::by_module(name) {
                Some(row) => process(Kind::Server(row.name), name, span, args, wrappers, None),
                None if name.is_empty() => process(Kind::Unknown, "", span, args, wrappers, None),
                None if name == "django" => manage("django-admin", span, None, args, wrappers),
                None => known(name, span, args, wrappers),
            });
        }
        if text == "-c" {
            break;
        }
        if text.starts_with('-') && text.len() > 1 {
            at += if matches!(text, "-W" | "-X" | "--check-hash-based-pycs") {
                2
            } else {
                1
            };
            continue;
        }
        let args = rest.get(at + 1..).unwrap_or_default();
        let wrappers = std::mem::take(wrappers);
        let script = text.rsplit('/').next().unwrap_or(text);
        return done(match script {
            "manage.py" | "django-admin.py" | "django-admin" => {
                manage("manage.py", word.span, Some(word.clone()), args, wrappers)
            }
            _ if servers::by_command(script).is_some() => known(script, word.span, args, wrappers),
            _ => process(
                Kind::Python,
                "python",
                first.span,
                args,
                wrappers,
                Some(word.clone()),
            ),
        });
    }
    done(process(
        Kind::Python,
        "python",
        first.span,
        rest,
        std::mem::take(wrappers),
        None,
    ))
}

/// Modules that run a script or `-m module`: what they run, as a command line that begins with the
/// script. A module behind them is not followed.
fn debugger<'a>(name: &str, args: &'a [Arg]) -> Option<&'a [Arg]> {
    let valued: &[&str] = match name {
        "debugpy" => &["--listen", "--connect", "--log-to"],
        "coverage" => &["--rcfile", "--source", "-p", "--concurrency", "--data-file"],
        "pdb" | "cProfile" | "scalene" | "memray" => &["-o", "-s"],
        _ => return None,
    };
    let mut at = 0;
    while let Some(text) = args.get(at).and_then(Arg::as_str) {
        if text == "-m" {
            return None;
        }
        if text.starts_with('-') {
            at += if valued.contains(&text) { 2 } else { 1 };
        } else if matches!((name, text), ("coverage" | "memray", "run")) {
            at += 1;
        } else {
            return args.get(at..);
        }
    }
    None
}

/// What a wrapper runs; `None` when `name` is none, or runs nothing.
fn unwrap<'a>(name: &str, rest: &'a [Arg]) -> Option<&'a [Arg]> {
    WRAPPERS
        .iter()
        .filter(|wrapper| wrapper.name == name)
        .find_map(|wrapper| {
            let mut at = 0;
            let mut left = wrapper.operands;
            let mut wanted = wrapper.subcommand;
            loop {
                let arg = rest.get(at)?;
                let Some(text) = arg.as_str() else {
                    // An unknown word may be the user; a flag or the program it is not known to be.
                    if wanted.is_none() && left > 0 {
                        left -= 1;
                        at += 1;
                        continue;
                    }
                    return rest
                        .get(at..)
                        .filter(|_| !wrapper.needs_dashes && wanted.is_none());
                };
                if let Some(subcommand) = wanted
                    && !text.starts_with('-')
                {
                    if text != subcommand {
                        return None;
                    }
                    wanted = None;
                    at += 1;
                } else if text == "--" && wanted.is_none() {
                    return rest.get(at + 1..).filter(|rest| !rest.is_empty());
                } else if wrapper.needs_dashes {
                    at += 1;
                } else if text.starts_with('-') && text.len() > 1 {
                    at += if wrapper.valued.contains(&text) { 2 } else { 1 };
                } else if name == "env" && text.contains('=') {
                    at += 1;
                } else if left > 0 {
                    left -= 1;
                    at += 1;
                } else {
                    return rest.get(at..);
                }
            }
        })
}

/// `/venv/bin/python3.12` is `python`.
fn program(word: &str) -> String {
    let name = word.rsplit('/').next().unwrap_or(word);
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    match stem {
        "python" | "pypy" => "python".to_owned(),
        "gunicorn" | "uwsgi" => stem.to_owned(),
        _ => name.to_owned(),
    }
}
