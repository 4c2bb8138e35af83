//! What BuildKit takes for a port of EXPOSE.

/// What is wrong with a port, by the name of the fault in rules; `None` for a port, and for text with blanks, which is
/// several.
pub(crate) fn fault(text: &str, protocol: &str) -> Option<&'static str> {
    if text.is_empty() || text.contains(char::is_whitespace) {
        return None;
    }
    if !protocol.is_empty() && !matches!(protocol, "tcp" | "udp" | "sctp") {
        return Some("protocol");
    }
    // `127.0.0.1:80:8000/tcp` exposes what stands behind the last colon.
    let ports = text.split('/').next().unwrap_or_default();
    let ports = ports.rsplit(':').next().unwrap_or_default();
    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
    match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => None,
        (Some(_), Some(_)) => Some("range"),
        _ => Some("number"),
    }
}

fn number(text: &str) -> Option<u16> {
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn ports_are_judged() {
        for (text, protocol, wrong) in [
            ("8000", "tcp", None),
            ("8000-8010/udp", "udp", None),
            ("127.0.0.1:80:8000", "tcp", None),
            ("80000", "tcp", Some("number")),
            ("http", "tcp", Some("number")),
            ("8000-", "tcp", Some("number")),
            ("8010-8000", "tcp", Some("range")),
            ("8000-80000", "tcp", Some("number")),
            ("8000/http", "http", Some("protocol")),
            ("8000 8001", "tcp", None),
        ] {
            assert_eq!(fault(text, protocol), wrong, "{text}");
        }
    }
}
