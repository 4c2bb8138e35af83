//! uvicorn, daphne, hypercorn and granian: command line, and the variables and files they read.

use super::bind::{self, Address, Bind, Protocol};
use super::env::{FileState, Surroundings};
use super::gunicorn::from_variable;
use super::options::{Flag, Layer, Layers, parse, switch, value};
use super::process::Process;
use super::uwsgi::{ConfigFile, ConfigState};
use super::{DevFlag, Server, Setting, conf, module_target};
use crate::knowledge::servers::Server as Product;

const UVICORN: &[Flag] = &[
    value(&["--host"], "host"),
    value(&["--port"], "port"),
    value(&["--uds"], "uds"),
    value(&["--fd"], "fd"),
    value(&["--workers"], "workers"),
    value(&["--loop"], "loop"),
    value(&["--http"], "http"),
    value(&["--ws"], "ws"),
    value(&["--ws-max-size"], "ws-max-size"),
    value(&["--ws-max-queue"], "ws-max-queue"),
    value(&["--ws-ping-interval"], "ws-ping-interval"),
    value(&["--ws-ping-timeout"], "ws-ping-timeout"),
    value(&["--ws-per-message-deflate"], "ws-per-message-deflate"),
    value(&["--lifespan"], "lifespan"),
    value(&["--interface"], "interface"),
    value(&["--env-file"], "env-file"),
    value(&["--log-config"], "log-config"),
    value(&["--log-level"], "log-level"),
    value(&["--forwarded-allow-ips"], "forwarded-allow-ips"),
    value(&["--root-path"], "root-path"),
    value(&["--limit-concurrency"], "limit-concurrency"),
    value(&["--backlog"], "backlog"),
    value(&["--limit-max-requests"], "limit-max-requests"),
    value(
        &["--limit-max-requests-jitter"],
        "limit-max-requests-jitter",
    ),
    value(&["--timeout-keep-alive"], "timeout-keep-alive"),
    value(
        &["--timeout-graceful-shutdown"],
        "timeout-graceful-shutdown",
    ),
    value(
        &["--timeout-worker-healthcheck"],
        "timeout-worker-healthcheck",
    ),
    value(&["--ssl-keyfile"], "ssl-keyfile"),
    value(&["--ssl-certfile"], "ssl-certfile"),
    value(&["--ssl-keyfile-password"], "ssl-keyfile-password"),
    value(&["--ssl-version"], "ssl-version"),
    value(&["--ssl-cert-reqs"], "ssl-cert-reqs"),
    value(&["--ssl-ca-certs"], "ssl-ca-certs"),
    value(&["--ssl-ciphers"], "ssl-ciphers"),
    value(&["--header"], "header"),
    value(&["--app-dir"], "app-dir"),
    value(
        &["--h11-max-incomplete-event-size"],
        "h11-max-incomplete-event-size",
    ),
    value(&["--reload-dir"], "reload-dir"),
    value(&["--reload-include"], "reload-include"),
    value(&["--reload-exclude"], "reload-exclude"),
    value(&["--reload-delay"], "reload-delay"),
    switch(&["--reload"], "reload"),
    switch(&["--debug"], "debug"),
    switch(&["--factory"], "factory"),
    switch(&["--http2"], "http2"),
    switch(&["--reset-contextvars"], "reset-contextvars"),
    switch(&["--access-log"], "access-log"),
    switch(&["--no-access-log"], "no-access-log"),
    switch(&["--use-colors"], "use-colors"),
    switch(&["--no-use-colors"], "no-use-colors"),
    switch(&["--proxy-headers"], "proxy-headers"),
    switch(&["--no-proxy-headers"], "no-proxy-headers"),
    switch(&["--server-header"], "server-header"),
    switch(&["--no-server-header"], "no-server-header"),
    switch(&["--date-header"], "date-header"),
    switch(&["--no-date-header"], "no-date-header"),
];

const DAPHNE: &[Flag] = &[
    value(&["-p", "--port"], "port"),
    value(&["-b", "--bind"], "host"),
    value(&["-u", "--unix-socket"], "uds"),
    value(&["--fd"], "fd"),
    value(&["-e", "--endpoint"], "endpoint"),
    value(&["-v", "--verbosity"], "verbosity"),
    value(&["-t", "--http-timeout"], "http-timeout"),
    value(&["--access-log"], "access-log"),
    value(&["--log-fmt"], "log-fmt"),
    value(&["--ping-interval"], "ping-interval"),
    value(&["--ping-timeout"], "ping-timeout"),
    value(&["--websocket_timeout"], "websocket-timeout"),
    value(
        &["--websocket_connect_timeout"],
        "websocket-connect-timeout",
    ),
    value(
        &["--websocket-max-message-size"],
        "websocket-max-message-size",
    ),
    value(&["--websocket-max-frame-size"], "websocket-max-frame-size"),
    value(
        &["--application-close-timeout"],
        "application-close-timeout",
    ),
    value(&["--root-path"], "root-path"),
    value(&["--proxy-headers-host"], "proxy-headers-host"),
    value(&["--proxy-headers-port"], "proxy-headers-port"),
    value(&["-s", "--server-name"], "server-name"),
    switch(&["--proxy-headers"], "proxy-headers"),
    switch(&["--no-server-name"], "no-server-name"),
];

const HYPERCORN: &[Flag] = &[
    value(&["-b", "--bind"], "bind"),
    value(&["--insecure-bind"], "insecure-bind"),
    value(&["--quic-bind"], "quic-bind"),
    value(&["-c", "--config"], "config"),
    value(&["-w", "--workers"], "workers"),
    value(&["-k", "--worker-class"], "worker-class"),
    value(&["-u", "--user"], "user"),
    value(&["-g", "--group"], "group"),
    value(&["-m", "--umask"], "umask"),
    value(&["-p", "--pid"], "pid"),
    value(&["--access-log", "--access-logfile"], "access-logfile"),
    value(&["--access-logformat"], "access-logformat"),
    value(
        &["--error-log", "--error-logfile", "--log-file"],
        "error-logfile",
    ),
    value(&["--backlog"], "backlog"),
    value(&["--ca-certs"], "ca-certs"),
    value(&["--certfile"], "certfile"),
    value(&["--cert-reqs"], "cert-reqs"),
    value(&["--ciphers"], "ciphers"),
    value(&["--graceful-timeout"], "graceful-timeout"),
    value(&["--read-timeout"], "read-timeout"),
    value(&["--max-requests"], "max-requests"),
    value(&["--max-requests-jitter"], "max-requests-jitter"),
    value(&["--keep-alive"], "keep-alive"),
    value(&["--keyfile"], "keyfile"),
    value(&["--keyfile-password"], "keyfile-password"),
    value(&["--log-config"], "log-config"),
    value(&["--log-level"], "log-level"),
    value(&["--root-path"], "root-path"),
    value(&["--server-name"], "server-name"),
    value(&["--statsd-host"], "statsd-host"),
    value(&["--statsd-prefix"], "statsd-prefix"),
    value(&["--verify-mode"], "verify-mode"),
    value(&["--websocket-ping-interval"], "websocket-ping-interval"),
    switch(&["--reload"], "reload"),
    switch(&["--debug"], "debug"),
    switch(&["-D", "--daemon"], "daemon"),
];

const GRANIAN: &[Flag] = &[
    value(&["--host"], "host"),
    value(&["--port"], "port"),
    value(&["--uds"], "uds"),
    value(&["--uds-permissions"], "uds-permissions"),
    value(&["--interface"], "interface"),
    value(&["--http"], "http"),
    value(&["--workers"], "workers"),
    value(&["--threads"], "threads"),
    value(&["--threading-mode"], "threading-mode"),
    value(&["--blocking-threads"], "blocking-threads"),
    value(
        &["--blocking-threads-idle-timeout"],
        "blocking-threads-idle-timeout",
    ),
    value(&["--runtime-threads"], "runtime-threads"),
    value(&["--runtime-blocking-threads"], "runtime-blocking-threads"),
    value(&["--runtime-mode"], "runtime-mode"),
    value(&["--loop"], "loop"),
    value(&["--task-impl"], "task-impl"),
    value(&["--backlog"], "backlog"),
    value(&["--backpressure"], "backpressure"),
    value(&["--http1-buffer-size"], "http1-buffer-size"),
    value(
        &["--http1-header-read-timeout"],
        "http1-header-read-timeout",
    ),
    value(&["--log-level"], "log-level"),
    value(&["--log-config"], "log-config"),
    value(&["--access-log-fmt"], "access-log-fmt"),
    value(&["--ssl-certificate"], "ssl-certificate"),
    value(&["--ssl-keyfile"], "ssl-keyfile"),
    value(&["--ssl-keyfile-password"], "ssl-keyfile-password"),
    value(&["--ssl-ca"], "ssl-ca"),
    value(&["--url-path-prefix"], "url-path-prefix"),
    value(&["--respawn-interval"], "respawn-interval"),
    value(&["--workers-lifetime"], "workers-lifetime"),
    value(&["--workers-max-rss"], "workers-max-rss"),
    value(&["--workers-kill-timeout"], "workers-kill-timeout"),
    value(&["--working-dir"], "working-dir"),
    value(&["--env-files"], "env-files"),
    value(&["--static-path-route"], "static-path-route"),
    value(&["--static-path-mount"], "static-path-mount"),
    value(&["--static-path-expires"], "static-path-expires"),
    value(&["--metrics-address"], "metrics-address"),
    value(&["--metrics-port"], "metrics-port"),
    value(&["--reload-paths"], "reload-paths"),
    value(&["--process-name"], "process-name"),
    value(&["--pid-file"], "pid-file"),
    switch(&["--ws"], "ws"),
    switch(&["--no-ws"], "no-ws"),
    switch(&["--log"], "log"),
    switch(&["--no-log"], "no-log"),
    switch(&["--access-log"], "access-log"),
    switch(&["--no-access-log"], "no-access-log"),
    switch(&["--respawn-failed-workers"], "respawn-failed-workers"),
    switch(
        &["--no-respawn-failed-workers"],
        "no-respawn-failed-workers",
    ),
    switch(&["--factory"], "factory"),
    switch(&["--no-factory"], "no-factory"),
    switch(&["--metrics"], "metrics"),
    switch(&["--reload"], "reload"),
    switch(&["--no-reload"], "no-reload"),
];

pub(crate) fn server(product: Product, process: &Process, around: &Surroundings<'_>) -> Server {
    let flags = match product {
        Product::Daphne => DAPHNE,
        Product::Hypercorn => HYPERCORN,
        Product::Granian => GRANIAN,
        _ => UVICORN,
    };
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
        if let Some(flag) = flags.iter().find(|flag| flag.key == key) {
            layer.variable(around, &var.name, flag.key);
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
    let (path, is_python) = match (raw.strip_prefix("python:"), raw.strip_prefix("file:")) {
        (Some(module), _) => (format!("{}.py", module.replace('.', "/")), true),
        (_, Some(path)) => (path.to_owned(), true),
        _ => (raw.to_owned(), false),
    };
    let state = around.read(&path);
    server.files.push(ConfigFile {
        path: written.clone(),
        absolute: around.absolute(&path),
        state: match &state {
            FileState::Known(..) => ConfigState::Read,
            FileState::Missing if !raw.starts_with("python:") => ConfigState::Missing,
            _ => ConfigState::Unknown,
        },
    });
    match state {
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
