//! uvicorn, daphne, hypercorn and granian: command line, and the variables and files they read.

use super::bind::{self, Address, Bind, Protocol};
use super::env::{FileState, Surroundings};
use super::gunicorn::from_variable;
use super::options::{Layer, Layers, parse};
use super::{DevFlag, Process, Server, Setting, conf, module_target};
use crate::knowledge::servers::{self, Flag, Server as Product};

pub(crate) fn server(process: &Process, around: &Surroundings<'_>) -> Server {
    let product = process.product;
    let flags = servers::flags(match product {
        Product::Daphne | Product::Hypercorn | Product::Granian => product,
        // The others start uvicorn.
        _ => Product::Uvicorn,
    });
    let mut server = Server::new(product, process.span);
    let line = parse(&process.args, flags);
    let mut layers = Layers::default();
    match product {
        Product::Hypercorn => layers
            .0
            .push(hypercorn_file(&Layer::of(&line), around, &mut server)),
        Product::Uvicorn => layers.0.push(variables("UVICORN_", flags, around)),
        Product::Granian => layers.0.push(variables("GRANIAN_", flags, around)),
        _ => {}
    }
    layers.0.push(Layer::of(&line));
    server.is_open = layers.is_open();
    server.app = line.operands.first().and_then(|arg| {
        let text = arg.text.as_ref()?;
        Some(module_target(text, arg.span))
    });
    if product == Product::Hypercorn {
        many(&layers, &mut server);
    } else {
        single(product, &layers, &mut server);
    }
    server.workers = layers.get("workers");
    if product == Product::Uvicorn && server.workers.is_absent() {
        server.workers = from_variable(around, "WEB_CONCURRENCY");
    }
    server.threads = layers.get(if product == Product::Granian {
        "blocking-threads"
    } else {
        "threads"
    });
    server.chdir = match product {
        Product::Uvicorn => layers.get("app-dir"),
        Product::Granian => layers.get("working-dir"),
        _ => Setting::Absent,
    };
    server.worker_class = match product {
        Product::Hypercorn => layers.get("worker-class"),
        Product::Granian | Product::Uvicorn => layers.get("interface"),
        _ => Setting::Absent,
    };
    server.user = layers.get("user");
    server.group = layers.get("group");
    for key in ["reload", "debug"] {
        if let Some((true, Some(span))) = layers.switch(key) {
            server.dev_flags.push(DevFlag {
                name: key.to_owned(),
                span,
            });
        }
    }
    server.settings = layers.all();
    server
}

/// The variables click reads options from: `UVICORN_HOST` is `--host`.
fn variables(prefix: &str, flags: &[Flag], around: &Surroundings<'_>) -> Layer {
    let mut layer = Layer::default();
    for var in &around.env.vars {
        let Some(rest) = var.name.strip_prefix(prefix) else {
            continue;
        };
        let key = rest.to_ascii_lowercase().replace('_', "-");
        if let Some(flag) = flags.iter().find(|flag| *flag.key == *key) {
            layer.variable(around, &var.name, flag.key.as_str());
        }
    }
    layer
}

/// Servers with one host and one port.
fn single(product: Product, layers: &Layers, server: &mut Server) {
    let host = layers.get("host");
    let port = layers.get("port");
    let socket = layers.get("uds");
    let is_said = !host.is_absent() || !port.is_absent();
    for (setting, is_socket) in [(&socket, true), (&layers.get("fd"), false)] {
        match setting {
            Setting::Given(text, span) => server.binds.push(Bind {
                port: None,
                address: if is_socket {
                    Address::Unix(text.as_str().to_owned())
                } else {
                    Address::Fd
                },
                text: Some(text.clone()),
                span: *span,
                is_default: false,
                protocol: Protocol::Http,
            }),
            Setting::Unknown(_) => server.binds_are_known = false,
            Setting::Absent => {}
        }
    }
    match layers.get("endpoint") {
        Setting::Given(text, span) => server.binds.push(Bind {
            address: endpoint(text.as_str()),
            text: Some(text),
            span,
            port: None,
            is_default: false,
            protocol: Protocol::Http,
        }),
        Setting::Unknown(_) => server.binds_are_known = false,
        Setting::Absent => {}
    }
    // A socket replaces the address; daphne listens on both when both are said.
    if !server.binds.is_empty() && (product != Product::Daphne || !is_said) {
        return;
    }
    let address = Address::Tcp {
        host: known(&host, "127.0.0.1"),
        port: known(&port, "8000").and_then(|port| port.parse().ok()),
    };
    server.binds.push(Bind {
        address,
        text: match &host {
            Setting::Given(text, _) => Some(text.clone()),
            _ => None,
        },
        span: host.span().unwrap_or(server.span),
        port: Bind::port_of(&port),
        is_default: !is_said,
        protocol: Protocol::Http,
    });
}

fn known(setting: &Setting, default: &str) -> Option<String> {
    match setting {
        Setting::Given(text, _) => Some(text.as_str().to_owned()),
        Setting::Absent => Some(default.to_owned()),
        Setting::Unknown(_) => None,
    }
}

/// `tcp:port=8000:interface=0.0.0.0`, `ssl:443:...`, `unix:/run/x`.
fn endpoint(text: &str) -> Address {
    let mut fields = text.split(':');
    let kind = fields.next().unwrap_or_default();
    if kind == "unix" {
        let path = fields.next().unwrap_or_default();
        return Address::Unix(path.trim_start_matches("address=").to_owned());
    }
    if !matches!(kind, "tcp" | "tcp6" | "ssl") {
        return Address::Unknown;
    }
    let mut host = Some(String::new());
    let mut port = None;
    for (at, field) in fields.enumerate() {
        match field.split_once('=') {
            Some(("port", value)) => port = value.parse().ok(),
            Some(("interface", value)) => host = Some(value.replace('\\', "")),
            None if at == 0 => port = field.parse().ok(),
            _ => {}
        }
    }
    Address::Tcp { host, port }
}

/// hypercorn: any number of addresses.
fn many(layers: &Layers, server: &mut Server) {
    let mut is_said = false;
    for key in ["bind", "insecure-bind"] {
        let Some(given) = layers.list(key) else {
            server.binds_are_known = false;
            continue;
        };
        for bind in given {
            is_said |= key == "bind";
            let Some(text) = &bind.value else {
                server.binds_are_known = false;
                continue;
            };
            server.binds.push(Bind {
                address: bind::parse(text.as_str(), 8000),
                text: Some(text.clone()),
                span: bind.span,
                port: None,
                is_default: false,
                protocol: Protocol::Http,
            });
        }
    }
    if !is_said && server.binds_are_known {
        server
            .binds
            .push(bind::default("127.0.0.1", 8000, server.span));
    }
}

/// A TOML file, a Python file (`file:`), a module (`python:`).
fn hypercorn_file(line: &Layer, around: &Surroundings<'_>, server: &mut Server) -> Layer {
    let unknown = Layer {
        is_open: true,
        ..Layer::default()
    };
    let Some(named) = line.given.iter().rev().find(|given| given.key == "config") else {
        return if line.is_open {
            unknown
        } else {
            Layer::default()
        };
    };
    let Some(written) = &named.value else {
        return unknown;
    };
    let raw = written.as_str();
    let is_python = raw.starts_with("python:") || raw.starts_with("file:");
    match conf::open(written, around, server) {
        FileState::Known(file, source) if is_python => {
            let mut layer = conf::read(file, &source.text, around);
            for given in &mut layer.given {
                given.key = given.key.replace('_', "-");
            }
            layer
        }
        FileState::Known(file, source) => conf::toml(file, &source.text),
        _ => unknown,
    }
}
