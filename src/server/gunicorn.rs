//! gunicorn: configuration file, `GUNICORN_CMD_ARGS`, command line, each over the one before.

use super::bind::{self, Protocol};
use super::env::{EnvValue, FileState, Surroundings};
use super::options::{Layer, Layers, Parsed, parse};
use super::uwsgi::{ConfigFile, ConfigState};
use super::{Address, Bind, DevFlag, Process, Server, Setting, TargetKind, conf, module_target};
use crate::compose::model::split;
use crate::knowledge::servers::{self, Server as Product};
use crate::shell::ast::Arg;
use crate::span::Traced;

pub(crate) fn server(process: &Process, around: &Surroundings<'_>) -> Server {
    let mut server = Server::new(Product::Gunicorn, process.span);
    let line = parse(&process.args, servers::flags(Product::Gunicorn));
    let variable = variable(around);
    let mut layers = Layers::default();
    layers.0.push(file(&line, &variable, around, &mut server));
    layers.0.push(Layer::of(&variable));
    layers.0.push(Layer::of(&line));

    server.is_open = layers.is_open();
    server.app = application(&line, &variable, &layers);
    binds(&layers, around, &mut server);
    server.workers = layers.get("workers");
    if server.workers.is_absent() {
        server.workers = from_variable(around, "WEB_CONCURRENCY");
    }
    server.threads = layers.get("threads");
    server.worker_class = layers.get("worker_class");
    server.chdir = layers.get("chdir");
    server.user = layers.get("user");
    server.group = layers.get("group");
    for name in ["reload", "spew", "debug"] {
        if let Some((true, Some(span))) = layers.switch(name) {
            server.dev_flags.push(DevFlag {
                name: name.to_owned(),
                span,
            });
        }
    }
    server.settings = layers.all();
    server
}

/// `GUNICORN_CMD_ARGS`, split as a shell would.
fn variable(around: &Surroundings<'_>) -> Parsed {
    match around.env.get("GUNICORN_CMD_ARGS") {
        EnvValue::Known(text) => match split(text) {
            Some(words) => {
                let words: Vec<Arg> = words.iter().map(Arg::whole).collect();
                parse(&words, servers::flags(Product::Gunicorn))
            }
            None => open(),
        },
        EnvValue::Unset => Parsed::default(),
        EnvValue::Unknown
            if around
                .env
                .vars
                .iter()
                .any(|var| var.name == "GUNICORN_CMD_ARGS") =>
        {
            open()
        }
        // Nobody in the files speaks of it.
        EnvValue::Unknown => Parsed::default(),
    }
}

fn open() -> Parsed {
    Parsed {
        is_open: true,
        ..Parsed::default()
    }
}

/// The configuration file: `-c` of the command line, else of the variable, else the default one.
fn file(line: &Parsed, variable: &Parsed, around: &Surroundings<'_>, server: &mut Server) -> Layer {
    let named = line.last("config").or_else(|| variable.last("config"));
    let unknown = Layer {
        is_open: true,
        ..Layer::default()
    };
    let Some(named) = named else {
        if line.is_open || variable.is_open {
            return unknown;
        }
        return match around.read("gunicorn.conf.py") {
            FileState::Known(file, source) => {
                server.files.push(ConfigFile {
                    path: Traced::new("gunicorn.conf.py", process_point(server)),
                    absolute: around.absolute("gunicorn.conf.py"),
                    state: ConfigState::Read,
                });
                conf::read(file, &source.text, around)
            }
            // A file nobody names is not expected in a directory that is not known.
            FileState::Missing | FileState::Unknown => Layer::default(),
        };
    };
    let Some(written) = &named.value else {
        return unknown;
    };
    match conf::open(written, around, server) {
        FileState::Known(file, source) => conf::read(file, &source.text, around),
        _ => unknown,
    }
}

fn process_point(server: &Server) -> crate::span::Span {
    crate::span::Span::point(server.span.file, server.span.start)
}

fn application(line: &Parsed, variable: &Parsed, layers: &Layers) -> Option<super::Target> {
    let operand = line.operands.first().or_else(|| variable.operands.first());
    match operand {
        Some(arg) => {
            let text = arg.text.as_ref()?;
            Some(target(text, arg.span))
        }
        None => match layers.get("wsgi_app") {
            Setting::Given(text, span) => Some(target(&text, span)),
            _ => None,
        },
    }
}

/// `module:attribute`, where the attribute may be a call.
fn target(text: &Traced, span: crate::span::Span) -> super::Target {
    let mut target = module_target(text, span);
    if target.module.as_str().contains('/') {
        target.kind = TargetKind::File;
    }
    target
}

fn binds(layers: &Layers, around: &Surroundings<'_>, server: &mut Server) {
    let Some(given) = layers.list("bind") else {
        server.binds_are_known = false;
        return;
    };
    for bind in &given {
        let Some(text) = &bind.value else {
            server.binds_are_known = false;
            continue;
        };
        // A file may name several in one text.
        for part in parts(text) {
            server.binds.push(Bind {
                address: bind::parse(part.as_str(), 8000),
                span: bind.span,
                text: Some(part),
                port: None,
                is_default: false,
                protocol: Protocol::Http,
            });
        }
    }
    if !given.is_empty() {
        return;
    }
    match around.env.get("PORT") {
        EnvValue::Known(port) => server.binds.push(Bind {
            address: bind::tcp("0.0.0.0", Some(port.as_str()), 8000),
            text: Some(port.clone()),
            span: port.span(),
            port: None,
            is_default: true,
            protocol: Protocol::Http,
        }),
        EnvValue::Unknown if around.env.var("PORT").is_some() => {
            server.binds.push(Bind {
                address: Address::Tcp {
                    host: Some("0.0.0.0".to_owned()),
                    port: None,
                },
                text: None,
                span: server.span,
                port: None,
                is_default: true,
                protocol: Protocol::Http,
            });
        }
        _ => server
            .binds
            .push(bind::default("127.0.0.1", 8000, server.span)),
    }
}

fn parts(text: &Traced) -> Vec<Traced> {
    let raw = text.as_str();
    let mut out = Vec::new();
    let mut at = 0;
    for part in raw.split(',') {
        let piece = text.slice(at..at + part.len()).trim();
        if !piece.is_empty() {
            out.push(piece);
        }
        at += part.len() + 1;
    }
    out
}

/// A variable a server reads a setting from.
pub(crate) fn from_variable(around: &Surroundings<'_>, name: &str) -> Setting {
    match around.env.get(name) {
        EnvValue::Known(value) => Setting::Given(value.clone(), value.span()),
        EnvValue::Unset => Setting::Absent,
        EnvValue::Unknown => {
            let var = around.env.var(name);
            Setting::Unknown(var.map(|var| var.name_span))
        }
    }
}
