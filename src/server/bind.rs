//! Addresses servers listen on.

use super::Setting;
use crate::span::{Span, Traced};

/// Something a server listens on.
#[derive(Debug, Clone)]
pub struct Bind {
    pub address: Address,
    /// As written; for a default, what the server makes of nothing.
    pub text: Option<Traced>,
    /// The option's value; for a default, the words that name the server.
    pub span: Span,
    /// The port, where it is an option of its own.
    pub port: Option<Traced>,
    /// Nobody said so.
    pub is_default: bool,
    /// What is spoken there.
    pub protocol: Protocol,
}

impl Bind {
    /// What a part of the address is set to, where it is an option of its own.
    pub(crate) fn text_of(setting: &Setting) -> Option<Traced> {
        match setting {
            Setting::Given(text, _) => Some(text.clone()),
            _ => None,
        }
    }
}

/// What is spoken at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Http,
    /// uWSGI's own, and FastCGI, SCGI: for a proxy only.
    Binary,
}

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    Tcp {
        /// Without brackets; empty for all interfaces. `None` when not known.
        host: Option<String>,
        /// `None` when not known.
        port: Option<u16>,
    },
    /// A UNIX socket.
    Unix(String),
    /// An open file descriptor.
    Fd,
    Unknown,
}

impl Bind {
    /// The TCP port; `None` when there is none or it is not known.
    pub(crate) fn tcp_port(&self) -> Option<u16> {
        match self.address {
            Address::Tcp { port, .. } => port,
            _ => None,
        }
    }

    /// Reachable from this container only; `None` when not known.
    #[must_use]
    pub fn is_loopback(&self) -> Option<bool> {
        match &self.address {
            Address::Tcp { host, .. } => host.as_deref().map(is_loopback),
            Address::Unix(_) => Some(true),
            Address::Fd | Address::Unknown => None,
        }
    }

    /// The TCP port, when it is one and known.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        match &self.address {
            Address::Tcp { port, .. } => *port,
            _ => None,
        }
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host == "::1" || host.starts_with("127.")
}

/// `host:port`, `:port`, `[::]:port`, `unix:path`, `fd://3`; a host alone gets `default_port`.
pub(crate) fn parse(text: &str, default_port: u16) -> Address {
    if let Some(path) = text.strip_prefix("unix:") {
        return Address::Unix(path.trim_start_matches("//").to_owned());
    }
    if text.starts_with("fd://") {
        return Address::Fd;
    }
    let text = text.strip_prefix("tcp://").unwrap_or(text);
    if let Some(inner) = text.strip_prefix('[') {
        let Some((host, rest)) = inner.split_once(']') else {
            return Address::Unknown;
        };
        return tcp(host, rest.strip_prefix(':'), default_port);
    }
    match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => tcp(host, Some(port), default_port),
        Some(_) => tcp(text, None, default_port),
        None => tcp(text, None, default_port),
    }
}

pub(crate) fn tcp(host: &str, port: Option<&str>, default_port: u16) -> Address {
    let port = match port {
        None | Some("") => Some(default_port),
        Some(port) => port.parse().ok(),
    };
    Address::Tcp {
        host: Some(self::host(host)),
        port,
    }
}

/// A host as it is meant: `0` and `*` are every interface.
pub(crate) fn host(host: &str) -> String {
    let host = if matches!(host, "0" | "*") {
        "0.0.0.0"
    } else {
        host
    };
    host.to_owned()
}

/// An address as Twisted writes it: `tcp:port=8000:interface=0.0.0.0`, `ssl:443:...`, `unix:/run/x`.
pub(crate) fn endpoint(text: &str) -> Address {
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

/// The default of a server, at the words that name it.
pub(crate) fn default(host: &str, port: u16, span: Span) -> Bind {
    Bind {
        address: Address::Tcp {
            host: Some(host.to_owned()),
            port: Some(port),
        },
        text: None,
        span,
        port: None,
        is_default: true,
        protocol: Protocol::Http,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        let tcp = |host: &str, port| Address::Tcp {
            host: Some(host.to_owned()),
            port,
        };
        let table = [
            ("0.0.0.0:8000", tcp("0.0.0.0", Some(8000))),
            (":80", tcp("", Some(80))),
            ("localhost", tcp("localhost", Some(8000))),
            ("[::]:81", tcp("::", Some(81))),
            ("[::1]", tcp("::1", Some(8000))),
            ("unix:/run/x.sock", Address::Unix("/run/x.sock".to_owned())),
            ("unix:///run/x", Address::Unix("/run/x".to_owned())),
            ("fd://3", Address::Fd),
            ("0.0.0.0:http", tcp("0.0.0.0", None)),
        ];
        for (text, address) in table {
            assert_eq!(parse(text, 8000), address, "{text}");
        }
    }
}
