//! `ports`: the short form `[IP:][HOST:]CONTAINER[/PROTOCOL]` and the long one.

use super::model::Port;
use super::read::{MAX_ITEMS, Reader};
use super::text::Text;
use super::yaml::Node;
use crate::span::Traced;

pub(crate) fn read(reader: &mut Reader<'_>, node: Option<&Node>) -> Vec<Port> {
    let items = node.map_or(&[][..], Node::items).iter().take(MAX_ITEMS);
    items
        .filter_map(|item| {
            if item.is_mapping() {
                return Some(long(reader, item));
            }
            let text = reader.text("ports", item)?;
            Some(short(text))
        })
        .collect()
}

fn long(reader: &mut Reader<'_>, node: &Node) -> Port {
    let mut value = |key: &str| {
        let node = node.get(key)?;
        reader.text(key, node)
    };
    let target = value("target");
    let published = value("published").and_then(|text| text.value);
    let host_ip = value("host_ip").and_then(|text| text.value);
    let protocol = value("protocol").and_then(|text| text.value);
    Port {
        span: node.span,
        short: None,
        host_ip,
        published,
        target: target.as_ref().and_then(|text| range(text.as_str()?)),
        target_span: target.map_or(node.span, |text| text.span()),
        protocol: protocol.map_or_else(|| "tcp".to_owned(), |text| text.as_str().to_owned()),
    }
}

fn short(text: Text) -> Port {
    let span = text.span();
    let mut port = Port {
        span,
        host_ip: None,
        published: None,
        target: None,
        target_span: span,
        protocol: "tcp".to_owned(),
        short: None,
    };
    if let Some(value) = &text.value {
        let (start, target, protocol) = target_part(value);
        port.protocol = protocol;
        port.target = range(target.as_str());
        port.target_span = target.span();
        if start > 0 {
            let host = value.slice(0..start - 1);
            let raw = host.as_str();
            match raw.rfind(':') {
                Some(at) => {
                    let published = host.slice(at + 1..raw.len());
                    port.published = Some(published).filter(|text| !text.is_empty());
                    port.host_ip = Some(host.slice(0..at));
                }
                None => port.published = Some(host).filter(|text| !text.is_empty()),
            }
        }
    } else {
        // `${PORT}:8000`: what stands behind the last variable may be all that is needed.
        let raw = text.scalar.as_str();
        let tail = raw.rfind(':').map_or(0, |at| at + 1);
        if tail > 0 && !raw[tail..].contains(['$', '}']) {
            let target = text.scalar.text.slice(tail..raw.len());
            let (_, target, protocol) = target_part(&target);
            port.protocol = protocol;
            port.target = range(target.as_str());
            port.target_span = target.span();
        }
    }
    port.short = Some(text);
    port
}

/// Where the container's side begins, the side itself, and the protocol.
fn target_part(value: &Traced) -> (usize, Traced, String) {
    let raw = value.as_str();
    let (end, protocol) = match raw.rfind('/') {
        Some(at) => (at, raw[at + 1..].to_ascii_lowercase()),
        None => (raw.len(), "tcp".to_owned()),
    };
    let start = raw[..end].rfind(':').map_or(0, |at| at + 1);
    (start, value.slice(start..end), protocol)
}

fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some((first.trim().parse().ok()?, last.trim().parse().ok()?))
}
