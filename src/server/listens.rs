//! Where a server listens, as it is told by flags, variables and files, or else by default.

use super::bind::{self, Address, Bind, Protocol};
use super::env::{EnvValue, FileState, Surroundings};
use super::options::Told;
use super::{Server, Setting};
use crate::knowledge::servers::{Means, Operand};
use crate::shell::ast::Arg;
use crate::span::{Span, Traced};

/// The addresses of a server.
pub(super) fn binds(told: &Told, around: &Surroundings<'_>, server: &mut Server) {
    let product = told.product;
    let (Some(default_host), Some(default_port)) = (product.host, product.port) else {
        server.binds_are_known = false;
        return;
    };
    if product.operand == Some(Operand::Address) {
        let default = || bind::default(default_host, default_port, server.span);
        let operand = told.line.operands.first();
        let place = operand.map_or_else(default, |arg| address(arg, default_host, default_port));
        server.binds.push(place);
        return;
    }
    let mut is_said = false;
    for means in [Means::Address, Means::FurtherAddress] {
        for key in product.keys(means) {
            let Some(given) = told.layers.list(key) else {
                server.binds_are_known = false;
                continue;
            };
            for one in given {
                is_said |= means == Means::Address;
                let Some(text) = &one.value else {
                    server.binds_are_known = false;
                    continue;
                };
                // A text may name several.
                let parts = parts(text).into_iter();
                let parts = parts
                    .map(|part| said(bind::parse(part.as_str(), default_port), part, one.span));
                server.binds.extend(parts);
            }
        }
    }
    for means in [Means::Socket, Means::Descriptor, Means::Endpoint] {
        match told.get(means) {
            Setting::Given(text, span) => {
                is_said = true;
                let address = match means {
                    Means::Socket => Address::Unix(text.as_str().to_owned()),
                    Means::Descriptor => Address::Fd,
                    _ => bind::endpoint(text.as_str()),
                };
                server.binds.push(said(address, text, span));
            }
            Setting::Unknown(_) => server.binds_are_known = false,
            Setting::Absent => {}
        }
    }
    let host = told.get(Means::Host);
    let port = told.get(Means::Port);
    let is_placed = !host.is_absent() || !port.is_absent();
    // A socket replaces the address; what is built on Twisted listens on both when both are said.
    let takes_both = product.keys(Means::Endpoint).next().is_some();
    if is_said && !(takes_both && is_placed) {
        return;
    }
    if is_placed {
        let port_number = known(&port, || Some(default_port), |text| text.parse().ok());
        server.binds.push(Bind {
            address: Address::Tcp {
                host: known(
                    &host,
                    || Some(default_host.to_owned()),
                    |text| Some(text.to_owned()),
                ),
                port: port_number,
            },
            text: Bind::text_of(&host),
            span: host.span().unwrap_or(server.span),
            port: Bind::text_of(&port),
            is_default: false,
            protocol: Protocol::Http,
        });
    } else if server.binds_are_known {
        match unsaid(told, around, server, default_host, default_port) {
            Some(bind) => server.binds.push(bind),
            None => server.binds_are_known = false,
        }
    }
}

/// Where a server listens when nothing says so; `None` where a file that is read unasked may say it.
fn unsaid(
    told: &Told,
    around: &Surroundings<'_>,
    server: &Server,
    host: &str,
    port: u16,
) -> Option<Bind> {
    let file = told
        .product
        .default_file
        .filter(|_| server.files.is_empty());
    if file.is_some_and(|path| matches!(around.read(path), FileState::Unknown)) {
        return None;
    }
    let default = || bind::default(host, port, server.span);
    let Some(name) = told.product.port_variable else {
        return Some(default());
    };
    let at = |port, text: Option<Traced>, span| Bind {
        address: Address::Tcp {
            host: Some("0.0.0.0".to_owned()),
            port,
        },
        text,
        span,
        port: None,
        is_default: true,
        protocol: Protocol::Http,
    };
    Some(match around.env.get(name) {
        EnvValue::Known(text) => {
            let number = match text.as_str() {
                "" => Some(port),
                number => number.parse().ok(),
            };
            at(number, Some(text.clone()), text.span())
        }
        EnvValue::Unknown if around.env.var(name).is_some() => at(None, None, server.span),
        EnvValue::Unset | EnvValue::Unknown => default(),
    })
}

/// An address that somebody wrote.
fn said(address: Address, text: Traced, span: Span) -> Bind {
    Bind {
        address,
        text: Some(text),
        span,
        port: None,
        is_default: false,
        protocol: Protocol::Http,
    }
}

/// The value of a setting, or of its default; `None` when it is not known.
fn known<T>(
    setting: &Setting,
    default: impl Fn() -> Option<T>,
    read: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    match setting {
        Setting::Given(text, _) => read(text.as_str()),
        Setting::Absent => default(),
        Setting::Unknown(_) => None,
    }
}

/// The addresses of a text, with commas or blanks between them.
fn parts(text: &Traced) -> Vec<Traced> {
    let mut at = 0;
    let pieces = text.as_str().split([',', ' ']).map(|piece| {
        let start = at;
        at += piece.len() + 1;
        text.slice(start..start + piece.len()).trim()
    });
    pieces.filter(|piece| !piece.is_empty()).collect()
}

/// An operand that is an address: `8000`, `0:8000`, `0.0.0.0:8000`, `[::]:8000`.
fn address(arg: &Arg, host: &str, port: u16) -> Bind {
    let address = match arg.as_str() {
        // `0.0.0.0:$PORT`: the host at least is known.
        None => Address::Tcp {
            host: arg
                .prefix
                .strip_suffix(':')
                .filter(|host| !host.is_empty())
                .map(bind::host),
            port: None,
        },
        Some(text) if text.bytes().all(|b| b.is_ascii_digit()) => bind::tcp(host, Some(text), port),
        Some(text) => bind::parse(text, port),
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
