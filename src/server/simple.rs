//! waitress, and Django's own development servers.

use super::bind::{self, Address, Bind, Protocol};
use super::options::{Layer, Layers, Parsed, parse};
use super::{DevFlag, Process, Server, Setting, module_target};
use crate::knowledge::servers::{self, Server as Product};

pub(crate) fn server(process: &Process) -> Server {
    match process.product {
        Product::Waitress => waitress(process),
        _ => runserver(process),
    }
}

fn waitress(process: &Process) -> Server {
    let mut server = Server::new(Product::Waitress, process.span);
    let line = parse(&process.args, servers::flags(Product::Waitress));
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

fn runserver(process: &Process) -> Server {
    let mut server = Server::new(process.product, process.span);
    let line = parse(&process.args, servers::flags(Product::Runserver));
    let layers = Layers(vec![Layer::of(&line)]);
    server.is_open = layers.is_open();
    server.binds.push(address(&line, process));
    server.dev_flags.push(DevFlag {
        name: process.product.name().to_owned(),
        span: process.span,
    });
    server.settings = layers.all();
    server
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
