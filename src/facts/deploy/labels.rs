//! What the labels of a service tell a proxy that reads them.

use crate::compose::{Pair, Service};
use crate::span::{Span, Traced};

/// The port at which a proxy asks the container of a service.
pub(crate) struct LabelledPort {
    pub(crate) program: &'static str,
    pub(crate) port: u16,
    pub(crate) span: Span,
}

/// The port that the labels of a service name; `None` where they name none, several, or switch the proxy off.
pub(crate) fn port(service: &Service) -> Option<LabelledPort> {
    let is_off = |label: &Pair| {
        let value = label.value.as_ref().and_then(|value| value.as_str());
        label.key.as_str() == "traefik.enable" && value != Some("true")
    };
    let mut all = service.labels.iter().filter_map(named);
    let found = all.next()?;
    let is_only = all.all(|other| other.port == found.port);
    (is_only && !service.labels.iter().any(is_off) && service.extends.is_none()).then_some(found)
}

fn named(label: &Pair) -> Option<LabelledPort> {
    let (key, value) = (label.key.as_str(), label.value.as_ref()?.value.as_ref()?);
    if key == "traefik.port" || key.starts_with("traefik.") && key.ends_with(".server.port") {
        return read("Traefik", value, value.as_str());
    }
    // `caddy.reverse_proxy`, `caddy_0.handle_path.reverse_proxy`: `{{upstreams 8000}}`.
    let is_proxied = key.starts_with("caddy") && key.ends_with("reverse_proxy");
    let text = value.as_str().trim();
    let inner = text.strip_prefix("{{")?.strip_suffix("}}")?.trim();
    let words = inner.strip_prefix("upstreams")?;
    let port = words.split_whitespace().last().filter(|_| is_proxied)?;
    read("caddy-docker-proxy", value, port)
}

fn read(program: &'static str, value: &Traced, port: &str) -> Option<LabelledPort> {
    Some(LabelledPort {
        program,
        port: port.parse().ok()?,
        span: value.span(),
    })
}
