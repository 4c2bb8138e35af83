//! gunicorn: configuration file, `GUNICORN_CMD_ARGS`, command line, each over the one before.

use super::bind::{self, Protocol};
use super::env::{EnvValue, FileState, Surroundings};
use super::options::{Flag, Layer, Layers, Parsed, parse, switch, value};
use super::process::{Argv, Process};
use super::uwsgi::{ConfigFile, ConfigState};
use super::{Address, Bind, DevFlag, Server, Setting, TargetKind, conf, module_target};
use crate::compose::model::split;
use crate::knowledge::servers::Server as Product;
use crate::span::Traced;

/// Flags by their names on the command line, with the names of the settings they set.
const FLAGS: &[Flag] = &[
    value(&["-b", "--bind"], "bind"),
    value(&["-c", "--config"], "config"),
    value(&["-w", "--workers"], "workers"),
    value(&["-k", "--worker-class"], "worker_class"),
    value(&["--threads"], "threads"),
    value(&["-t", "--timeout"], "timeout"),
    value(&["--graceful-timeout"], "graceful_timeout"),
    value(&["--keep-alive"], "keepalive"),
    value(&["--worker-connections"], "worker_connections"),
    value(&["--worker-tmp-dir"], "worker_tmp_dir"),
    value(&["--max-requests"], "max_requests"),
    value(&["--max-requests-jitter"], "max_requests_jitter"),
    value(&["--chdir"], "chdir"),
    value(&["--pythonpath"], "pythonpath"),
    value(&["-u", "--user"], "user"),
    value(&["-g", "--group"], "group"),
    value(&["-m", "--umask"], "umask"),
    value(&["-e", "--env"], "raw_env"),
    value(&["-n", "--name"], "proc_name"),
    value(&["-p", "--pid"], "pidfile"),
    value(&["--paste", "--paster"], "paste"),
    value(&["--paste-global"], "raw_paste_global_conf"),
    value(&["--access-logfile"], "accesslog"),
    value(&["--access-logformat"], "access_log_format"),
    value(&["--error-logfile", "--log-file"], "errorlog"),
    value(&["--log-level"], "loglevel"),
    value(&["--log-config"], "logconfig"),
    value(&["--log-config-json"], "logconfig_json"),
    value(&["--logger-class"], "logger_class"),
    value(&["--log-syslog-to"], "syslog_addr"),
    value(&["--log-syslog-prefix"], "syslog_prefix"),
    value(&["--log-syslog-facility"], "syslog_facility"),
    value(&["--backlog"], "backlog"),
    value(&["--limit-request-line"], "limit_request_line"),
    value(&["--limit-request-fields"], "limit_request_fields"),
    value(&["--limit-request-field_size"], "limit_request_field_size"),
    value(&["--forwarded-allow-ips"], "forwarded_allow_ips"),
    value(&["--forwarder-headers"], "forwarder_headers"),
    value(&["--header-map"], "header_map"),
    value(&["--proxy-allow-from"], "proxy_allow_ips"),
    value(&["--uwsgi-allow-from"], "uwsgi_allow_ips"),
    value(&["--protocol"], "protocol"),
    value(&["--root-path"], "root_path"),
    value(&["--keyfile"], "keyfile"),
    value(&["--certfile"], "certfile"),
    value(&["--ca-certs"], "ca_certs"),
    value(&["--cert-reqs"], "cert_reqs"),
    value(&["--ciphers"], "ciphers"),
    value(&["--ssl-version"], "ssl_version"),
    value(&["--statsd-host"], "statsd_host"),
    value(&["--statsd-prefix"], "statsd_prefix"),
    value(&["--dogstatsd-tags"], "dogstatsd_tags"),
    value(&["--reload-engine"], "reload_engine"),
    value(&["--reload-extra-file"], "reload_extra_files"),
    value(&["--control-socket"], "control_socket"),
    value(&["--control-socket-mode"], "control_socket_mode"),
    value(&["--asgi-loop"], "asgi_loop"),
    value(&["--asgi-lifespan"], "asgi_lifespan"),
    value(
        &["--asgi-disconnect-grace-period"],
        "asgi_disconnect_grace_period",
    ),
    value(&["--http-protocols"], "http_protocols"),
    value(&["--http-parser"], "http_parser"),
    value(&["--dirty-app"], "dirty_apps"),
    value(&["--dirty-workers"], "dirty_workers"),
    value(&["--dirty-threads"], "dirty_threads"),
    value(&["--dirty-timeout"], "dirty_timeout"),
    value(&["--dirty-graceful-timeout"], "dirty_graceful_timeout"),
    value(
        &["--websocket-max-message-size"],
        "websocket_max_message_size",
    ),
    switch(&["--reload"], "reload"),
    switch(&["--preload"], "preload_app"),
    switch(&["-D", "--daemon"], "daemon"),
    switch(&["--spew"], "spew"),
    switch(&["--check-config"], "check_config"),
    switch(&["--print-config"], "print_config"),
    switch(&["--capture-output"], "capture_output"),
    switch(
        &["-R", "--enable-stdio-inheritance"],
        "enable_stdio_inheritance",
    ),
    switch(
        &["--disable-redirect-access-to-syslog"],
        "disable_redirect_access_to_syslog",
    ),
    switch(&["--log-syslog"], "syslog"),
    switch(&["--no-sendfile"], "no_sendfile"),
    switch(&["--reuse-port"], "reuse_port"),
    switch(&["--initgroups"], "initgroups"),
    switch(&["--proxy-protocol"], "proxy_protocol"),
    switch(&["--do-handshake-on-connect"], "do_handshake_on_connect"),
    switch(&["--suppress-ragged-eofs"], "suppress_ragged_eofs"),
    switch(&["--strip-header-spaces"], "strip_header_spaces"),
    switch(&["--permit-obsolete-folding"], "permit_obsolete_folding"),
    switch(
        &["--permit-unconventional-http-method"],
        "permit_unconventional_http_method",
    ),
    switch(
        &["--permit-unconventional-http-version"],
        "permit_unconventional_http_version",
    ),
    switch(&["--casefold-http-method"], "casefold_http_method"),
    switch(&["--enable-backlog-metric"], "enable_backlog_metric"),
    switch(&["--no-control-socket"], "control_socket_disable"),
    switch(&["--debug"], "debug"),
    switch(&["-v", "--version"], "version"),
    switch(&["-h", "--help"], "help"),
];

pub(crate) fn server(process: &Process, around: &Surroundings<'_>) -> Server {
    let mut server = Server::new(Product::Gunicorn, process.span);
    let line = parse(&process.args, FLAGS);
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
    for (key, name) in [("reload", "reload"), ("spew", "spew"), ("debug", "debug")] {
        if let Some((true, Some(span))) = layers.switch(key) {
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
            Some(words) => parse(&Argv::from_words(&words).words, FLAGS),
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
    let raw = written.as_str();
    let path = match raw.strip_prefix("python:") {
        Some(module) => format!("{}.py", module.replace('.', "/")),
        None => raw.strip_prefix("file:").unwrap_or(raw).to_owned(),
    };
    let state = around.read(&path);
    server.files.push(ConfigFile {
        path: written.clone(),
        absolute: around.absolute(&path),
        state: match &state {
            FileState::Known(..) => ConfigState::Read,
            // A module may come from anywhere on the path.
            FileState::Missing if !raw.starts_with("python:") => ConfigState::Missing,
            _ => ConfigState::Unknown,
        },
    });
    match state {
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
        EnvValue::Unknown if around.env.vars.iter().any(|var| var.name == "PORT") => {
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
            let var = around.env.vars.iter().find(|var| var.name == name);
            Setting::Unknown(var.map(|var| var.name_span))
        }
    }
}
