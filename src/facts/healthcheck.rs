//! Which ports of its own container a HEALTHCHECK asks, as far as they are written out.

use crate::facts::model::{ImageFact, Project};
use crate::span::Span;

const OWN_HOSTS: [&str; 5] = ["localhost", "127.0.0.1", "0.0.0.0", "[::1]", "::1"];

/// The ports in addresses of the container itself: `http://localhost:8000/`, `nc -z 127.0.0.1 8000`. `None`
/// where an address has a variable in the place of its port.
pub(crate) fn ports(p: &Project, image: &ImageFact) -> Option<Vec<(u16, Span)>> {
    let stages = image.chain.iter().map(|stage| &p.stages[*stage]);
    let Some(instruction) = stages.filter_map(|stage| stage.healthcheck).next() else {
        return Some(Vec::new());
    };
    let span = p.dockerfile.instructions[instruction].span;
    let text = span.slice(&p.text.text);
    let place = |start: usize, end: usize| {
        let at = |offset: usize| span.start + u32::try_from(offset).unwrap_or(0);
        Span::new(span.file, at(start), at(end))
    };
    let mut out = Vec::new();
    for (at, _) in text.match_indices("://") {
        let secure = text[..at].ends_with("https");
        let start = at + "://".len();
        let end = text[start..]
            .find(|c: char| c == '/' || c == '?' || c == '"' || c == '\'' || c.is_whitespace())
            .map_or(text.len(), |end| start + end);
        let authority = &text[start..end];
        let Some(host) = OWN_HOSTS.iter().find(|host| authority.starts_with(**host)) else {
            continue;
        };
        match authority[host.len()..].strip_prefix(':') {
            Some(port) => out.push((port.parse().ok()?, place(start, end))),
            None if authority.len() == host.len() => {
                out.push((if secure { 443 } else { 80 }, place(start, end)));
            }
            None => {}
        }
    }
    let is_part = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '[' | ']');
    let mut words = text.split(is_part).filter(|word| !word.is_empty());
    if words.any(|word| matches!(word, "nc" | "ncat" | "netcat")) {
        let mut host = false;
        for word in words {
            if host {
                let start = word.as_ptr() as usize - text.as_ptr() as usize;
                out.push((word.parse().ok()?, place(start, start + word.len())));
                break;
            }
            host = OWN_HOSTS.contains(&word);
        }
    }
    Some(out)
}
