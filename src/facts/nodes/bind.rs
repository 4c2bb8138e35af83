//! An address that a server listens on.

use std::sync::Arc;

use crate::facts::nodes::cells::{at, known_bool, known_str, traced};
use crate::facts::nodes::node::{Id, Node, table};
use crate::facts::nodes::shared::written;
use crate::facts::table::{Cell, Type};
use crate::server::{Address, Bind, Protocol, Server};
use crate::span::{Span, Traced};

table! {
    "bind",
    "An address that a server listens on.";
    text: Type::Str, "as written; of a default, address and port";
    host: Type::Str, "the address, without brackets; empty for all; absent when it is not a TCP one";
    port: Type::Int, "the port; absent when it is not a TCP address";
    out_of_range: Type::Str,
        "the address, or the option for the port, when it names a port above 65535; absent otherwise";
    is_loopback: Type::Bool, "an address that only this container reaches: `127.0.0.1`, `localhost`, `::1`";
    is_default: Type::Bool, "nothing names it: the server's default";
    is_http: Type::Bool, "HTTP is spoken there, not a protocol for proxies";
}

pub(super) struct View<'a> {
    served: &'a Arc<Server>,
    i: usize,
}

impl<'a> View<'a> {
    fn of(node: &'a Node) -> Option<Self> {
        match &node.id {
            Id::Bind { served, i } => Some(Self { served, i: *i }),
            _ => None,
        }
    }
}

impl View<'_> {
    fn fact(&self) -> Option<&Bind> {
        self.served.binds.get(self.i)
    }

    fn with(&self, get: impl Fn(&Bind) -> Cell) -> Cell {
        self.fact().map_or(Cell::UNKNOWN, get)
    }

    fn place(&self) -> Option<Span> {
        self.fact().map(|bind| bind.span)
    }

    fn label(&self) -> String {
        self.fact().map(written).unwrap_or_default()
    }
}

fn out_of_range(bind: &Bind) -> Option<Traced> {
    let text = bind.port.as_ref().or(bind.text.as_ref())?;
    let port = text.as_str().rsplit(':').next()?;
    let is_port = bind.port.is_some() || text.as_str().contains(':');
    let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    (is_port && is_number && port.parse::<u16>().is_err()).then(|| text.clone())
}

impl View<'_> {
    fn text(&self) -> Cell {
        self.with(|b| Cell::str(&written(b)).at(b.span))
    }

    fn host(&self) -> Cell {
        self.with(|b| match &b.address {
            Address::Tcp { host, .. } => at(known_str(host.as_deref()), Some(b.span)),
            Address::Unknown => Cell::UNKNOWN,
            _ => Cell::ABSENT,
        })
    }

    fn port(&self) -> Cell {
        self.with(|b| match &b.address {
            Address::Tcp { port, .. } => at(
                port.map_or(Cell::UNKNOWN, |port| Cell::int(i64::from(port))),
                Some(b.port.as_ref().map_or(b.span, Traced::span)),
            ),
            Address::Unknown => Cell::UNKNOWN,
            _ => Cell::ABSENT,
        })
    }

    fn out_of_range(&self) -> Cell {
        self.with(|b| {
            out_of_range(b).map_or(Cell::ABSENT, |text| {
                traced(&text).at(if b.port.is_some() {
                    text.span()
                } else {
                    b.span
                })
            })
        })
    }

    fn is_loopback(&self) -> Cell {
        self.with(|b| match &b.address {
            Address::Tcp { .. } => known_bool(b.is_loopback()),
            Address::Unknown => Cell::UNKNOWN,
            _ => Cell::bool(false),
        })
    }

    fn is_default(&self) -> Cell {
        self.with(|b| Cell::bool(b.is_default))
    }

    fn is_http(&self) -> Cell {
        self.with(|b| Cell::bool(b.protocol == Protocol::Http))
    }
}
