//! waitress, and Django's own development servers.

use super::bind::{self, Address, Bind, Protocol};
use super::env::Surroundings;
use super::options::{Flag, Layer, Layers, Parsed, parse, switch, value};
use super::process::Process;
use super::{DevFlag, Server, Setting, Target, TargetKind, module_target};
use crate::knowledge::servers::Server as Product;

const WAITRESS: &[Flag] = &[
    value(&["--host"], "host"),
    value(&["--port"], "port"),
    value(&["--listen"], "listen"),
    value(&["--unix-socket"], "unix-socket"),
    value(&["--unix-socket-perms"], "unix-socket-perms"),
    value(&["--url-scheme"], "url-scheme"),
    value(&["--url-prefix"], "url-prefix"),
    value(&["--ident"], "ident"),
    value(&["--threads"], "threads"),
    value(&["--backlog"], "backlog"),
    value(&["--recv-bytes"], "recv-bytes"),
    value(&["--send-bytes"], "send-bytes"),
    value(&["--outbuf-overflow"], "outbuf-overflow"),
    value(&["--outbuf-high-watermark"], "outbuf-high-watermark"),
    value(&["--inbuf-overflow"], "inbuf-overflow"),
    value(&["--connection-limit"], "connection-limit"),
    value(&["--cleanup-interval"], "cleanup-interval"),
    value(&["--channel-timeout"], "channel-timeout"),
    value(&["--max-request-header-size"], "max-request-header-size"),
    value(&["--max-request-body-size"], "max-request-body-size"),
    value(&["--asyncore-loop-timeout"], "asyncore-loop-timeout"),
    value(
        &["--channel-request-lookahead"],
        "channel-request-lookahead",
    ),
    value(&["--trusted-proxy"], "trusted-proxy"),
    value(&["--trusted-proxy-count"], "trusted-proxy-count"),
    value(&["--trusted-proxy-headers"], "trusted-proxy-headers"),
    value(&["--app"], "app"),
    switch(&["--call"], "call"),
    switch(&["--ipv4"], "ipv4"),
    switch(&["--no-ipv4"], "no-ipv4"),
    switch(&["--ipv6"], "ipv6"),
    switch(&["--no-ipv6"], "no-ipv6"),
    switch(&["--log-socket-errors"], "log-socket-errors"),
    switch(&["--no-log-socket-errors"], "no-log-socket-errors"),
    switch(&["--expose-tracebacks"], "expose-tracebacks"),
    switch(&["--no-expose-tracebacks"], "no-expose-tracebacks"),
    switch(&["--asyncore-use-poll"], "asyncore-use-poll"),
    switch(
        &["--clear-untrusted-proxy-headers"],
        "clear-untrusted-proxy-headers",
    ),
    switch(
        &["--no-clear-untrusted-proxy-headers"],
        "no-clear-untrusted-proxy-headers",
    ),
    switch(
        &["--log-untrusted-proxy-headers"],
        "log-untrusted-proxy-headers",
    ),
    switch(&["--help"], "help"),
];

const RUNSERVER: &[Flag] = &[
    value(&["--settings"], "settings"),
    value(&["--pythonpath"], "pythonpath"),
    value(&["-v", "--verbosity"], "verbosity"),
    value(&["--cert-file", "--cert"], "cert-file"),
    value(&["--key-file"], "key-file"),
    value(&["--reloader-interval"], "reloader-interval"),
    value(&["--reloader-type"], "reloader-type"),
    value(&["--extra-file"], "extra-file"),
    switch(&["--noreload"], "noreload"),
    switch(&["--nothreading"], "nothreading"),
    switch(&["--nostatic"], "nostatic"),
    switch(&["--insecure"], "insecure"),
    switch(&["--noasgi"], "noasgi"),
    switch(&["-6", "--ipv6"], "ipv6"),
    switch(&["--traceback"], "traceback"),
    switch(&["--no-color"], "no-color"),
    switch(&["--force-color"], "force-color"),
    switch(&["--skip-checks"], "skip-checks"),
    switch(&["--threaded"], "threaded"),
    switch(&["--print-sql"], "print-sql"),
    switch(&["--nopin"], "nopin"),
    switch(&["--keep-meta-shutdown"], "keep-meta-shutdown"),
];

pub(crate) fn server(product: Product, process: &Process, _: &Surroundings<'_>) -> Server {
    match product {
        Product::Waitress => waitress(process),
        _ => runserver(product, process),
    }
}

fn waitress(process: &Process) -> Server {
    let mut server = Server::new(Product::Waitress, process.span);
    let line = parse(&process.args, WAITRESS);
    let layers = Layers(vec![Layer::of(&line)]);
    server.is_open = layers.is_open();
    server.app = match layers.get("app") {
        Setting::Given(text, span) => Some(module_target(&text, span)),
        _ => line
            .operands
            .first()
            .and_then(|arg| Some(module_target(arg.text.as_ref()?, arg.span))),
    };
    for listen in line.all("listen") {
        let Some(text) = &listen.value else {
            server.binds_are_known = false;
            continue;
        };
        // `*:8080` is every interface.
        let raw = text.as_str().replace('*', "0.0.0.0");
        for part in raw.split_whitespace() {
            server.binds.push(Bind {
                address: bind::parse(part, 8080),
                text: Some(text.clone()),
                span: listen.span,
                port: None,
                is_default: false,
                protocol: Protocol::Http,
            });
        }
    }
    if let Setting::Given(path, span) = layers.get("unix-socket") {
        server.binds.push(Bind {
            address: Address::Unix(path.as_str().to_owned()),
            text: Some(path),
            span,
            port: None,
            is_default: false,
            protocol: Protocol::Http,
        });
    }
    if server.binds.is_empty() && server.binds_are_known {
        let host = layers.get("host");
        let port = layers.get("port");
        server.binds.push(Bind {
            address: Address::Tcp {
                host: value_or(&host, "0.0.0.0"),
                port: value_or(&port, "8080").and_then(|port| port.parse().ok()),
            },
            text: None,
            span: host.span().unwrap_or(process.span),
            port: Bind::port_of(&port),
            is_default: host.is_absent() && port.is_absent(),
            protocol: Protocol::Http,
        });
    }
    server.threads = layers.get("threads");
    if let Some((true, Some(span))) = layers.switch("expose-tracebacks") {
        server.dev_flags.push(DevFlag {
            name: "expose-tracebacks".to_owned(),
            span,
        });
    }
    server.settings = layers.all();
    server
}

fn value_or(setting: &Setting, default: &str) -> Option<String> {
    match setting {
        Setting::Given(text, _) => Some(text.as_str().to_owned()),
        Setting::Absent => Some(default.to_owned()),
        Setting::Unknown(_) => None,
    }
}

fn runserver(product: Product, process: &Process) -> Server {
    let mut server = Server::new(product, process.span);
    let line = parse(&process.args, RUNSERVER);
    let layers = Layers(vec![Layer::of(&line)]);
    server.is_open = layers.is_open();
    if let Some(script) = &process.script
        && let Some(text) = &script.text
    {
        server.app = Some(Target {
            kind: TargetKind::Project,
            module: text.clone(),
            attribute: None,
            span: script.span,
        });
    }
    server.binds.push(address(&line, process));
    server.dev_flags.push(DevFlag {
        name: process_name(product).to_owned(),
        span: process.span,
    });
    server.settings = layers.all();
    server
}

fn process_name(product: Product) -> &'static str {
    product.name()
}

/// `8000`, `0:8000`, `0.0.0.0:8000`, `[::]:8000`; nothing is `127.0.0.1:8000`.
fn address(line: &Parsed, process: &Process) -> Bind {
    let Some(arg) = line.operands.first() else {
        return bind::default("127.0.0.1", 8000, process.span);
    };
    let address = match arg.as_str() {
        None => {
            // `0.0.0.0:$PORT`: the host at least is known.
            let host = arg.prefix.strip_suffix(':').filter(|host| !host.is_empty());
            Address::Tcp {
                host: host.map(|host| {
                    if host == "0" {
                        "0.0.0.0".to_owned()
                    } else {
                        host.to_owned()
                    }
                }),
                port: None,
            }
        }
        Some(text) if text.bytes().all(|b| b.is_ascii_digit()) => {
            bind::tcp("127.0.0.1", Some(text), 8000)
        }
        Some(text) => match bind::parse(text, 8000) {
            Address::Tcp {
                host: Some(host),
                port,
            } if host == "0" => Address::Tcp {
                host: Some("0.0.0.0".to_owned()),
                port,
            },
            other => other,
        },
    };
    Bind {
        address,
        text: arg.text.clone(),
        span: arg.span,
        port: None,
        is_default: false,
        protocol: Protocol::Http,
    }
}
