//! What uWSGI's options come to: addresses, application, workers.

use super::{Effective, OptionValue, UwsgiConfig, read};
use crate::knowledge::servers::Means;
use crate::knowledge::uwsgi::ValueKind;
use crate::server::bind::{Address, Bind, Protocol};
use crate::server::env::Surroundings;
use crate::server::{DevFlag, Process, Server, Setting, Target, TargetKind, module_target};

/// Options that make uWSGI listen, and what is spoken there.
const LISTENERS: [(&str, Protocol); 16] = [
    ("http", Protocol::Http),
    ("https", Protocol::Http),
    ("https2", Protocol::Http),
    ("http-to-https", Protocol::Http),
    ("httprouter", Protocol::Http),
    ("http-socket", Protocol::Http),
    ("http11-socket", Protocol::Http),
    ("https-socket", Protocol::Http),
    ("socket", Protocol::Binary),
    ("uwsgi-socket", Protocol::Binary),
    ("suwsgi-socket", Protocol::Binary),
    ("fastcgi-socket", Protocol::Binary),
    ("scgi-socket", Protocol::Binary),
    ("puwsgi-socket", Protocol::Binary),
    ("fastrouter", Protocol::Binary),
    ("zmq-socket", Protocol::Binary),
];

/// Options that are for development only.
const DEVELOPMENT: [&str; 3] = ["py-autoreload", "catch-exceptions", "honour-stdin"];

/// Reads the options of a uWSGI process.
#[must_use]
pub(crate) fn server(process: &Process, around: &Surroundings<'_>) -> Server {
    let config = read(&process.args, around);
    let mut server = Server::new(process.product, process.span);
    server.is_open = config.is_open();
    server.binds_are_known = !server.is_open;
    for (name, protocol) in LISTENERS {
        for value in own(&config, name) {
            match &value.value {
                Some(text) if !value.is_conditional => server.binds.push(Bind {
                    address: address(text.as_str()),
                    text: Some(text.clone()),
                    span: value.span,
                    port: None,
                    is_default: false,
                    protocol,
                }),
                _ => server.binds_are_known = false,
            }
        }
    }
    server.app = application(&config);
    server.workers = setting(&config, "workers");
    server.threads = setting(&config, "threads");
    server.chdir = setting(&config, "chdir");
    server.user = setting(&config, "uid");
    server.group = setting(&config, "gid");
    let background = process.product.keys(Means::Background);
    let mut background = background.map(|key| setting(&config, key));
    let is_said = |setting: &Setting| !setting.is_absent();
    server.background = background.find(is_said).unwrap_or(Setting::Absent);
    for name in DEVELOPMENT {
        if let Effective::Known(value, text) = config.effective(name) {
            let is_on = match value.option.map(|option| option.kind) {
                Some(ValueKind::Flag) | None => {
                    crate::knowledge::uwsgi::is_on(ValueKind::Flag, text.as_str())
                }
                Some(_) => crate::knowledge::uwsgi::atoi(text.as_str()) > 0,
            };
            if is_on && !server.dev_flags.iter().any(|flag| flag.span == value.span) {
                server.dev_flags.push(DevFlag {
                    name: value.name.clone(),
                    span: value.span,
                });
            }
        }
    }
    server.settings = config
        .all()
        .map(|value| {
            let setting = match &value.value {
                Some(text) if !value.is_conditional => Setting::Given(text.clone(), value.span),
                _ => Setting::Unknown(Some(value.span)),
            };
            (value.name.clone(), setting)
        })
        .collect();
    server.files = config.files.clone();
    server.uwsgi = Some(config);
    server
}

/// Values of an option under this very name: `socket` has aliases that speak another protocol.
fn own<'a>(config: &'a UwsgiConfig, name: &'a str) -> impl Iterator<Item = &'a OptionValue> {
    config.all().filter(move |value| value.name == name)
}

fn setting(config: &UwsgiConfig, name: &str) -> Setting {
    match config.effective(name) {
        Effective::Known(value, text) => Setting::Given(text.clone(), value.span),
        Effective::Absent => Setting::Absent,
        Effective::Unknown => Setting::Unknown(config.get(name).last().map(|value| value.span)),
    }
}

/// `:8000`, `host:8000`; without a colon a UNIX socket of that name.
fn address(text: &str) -> Address {
    let text = text.split(',').next().unwrap_or(text);
    let text = text.strip_prefix('=').unwrap_or(text);
    match text.rsplit_once(':') {
        Some((host, port)) => Address::Tcp {
            host: Some(host.trim_matches(['[', ']']).to_owned()),
            port: port.parse().ok(),
        },
        None if text.starts_with("fd") => Address::Unknown,
        None => Address::Unix(text.to_owned()),
    }
}

/// `module` wins over `wsgi-file`: it is loaded first.
fn application(config: &UwsgiConfig) -> Option<Target> {
    let callable = match config.effective("callable") {
        Effective::Known(_, text) => Some(text.clone()),
        _ => None,
    };
    if let Effective::Known(value, text) = config.effective("module") {
        let mut target = module_target(text, value.span);
        target.attribute = target.attribute.or(callable);
        return Some(target);
    }
    match config.effective("wsgi-file") {
        Effective::Known(value, text) => Some(Target {
            kind: TargetKind::File,
            module: text.clone(),
            attribute: callable,
            span: value.span,
        }),
        _ => None,
    }
}
