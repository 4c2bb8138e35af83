//! Filters of uWSGI that refuse every host but some: `^(?!example\\.com$) break:400`.

/// What is wrong with a filter, each by its name in rules; empty for what is none.
pub(crate) fn faults(value: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    if let Some((pattern, "break")) = value.split_once(' ').map(action) {
        if pattern.starts_with("(?!") {
            found.push("not-anchored");
        }
        if let Some(inner) = pattern.strip_prefix("^(?!") {
            let hosts = inner.strip_suffix(')');
            if hosts.is_some_and(|hosts| !hosts.is_empty() && !hosts.contains('$')) {
                found.push("open-end");
            }
            if has_bare_dot(inner) {
                found.push("dot-for-any");
            }
        }
    }
    let inner = value.strip_prefix("^(?!");
    if inner
        .and_then(|inner| inner.split_once(") break:"))
        .is_some_and(|it| is_own(it.0))
    {
        found.push("own-machine");
    }
    found
}

/// The pattern, and the name of the action behind it.
fn action<'v>((pattern, rest): (&'v str, &'v str)) -> (&'v str, &'v str) {
    (pattern, rest.split_once(':').map_or("", |(name, _)| name))
}

/// A dot between the parts of a name that no backslash makes a dot.
fn has_bare_dot(hosts: &str) -> bool {
    let is_end = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b')';
    let is_begin = |b: u8| b.is_ascii_lowercase() || b == b'(';
    let mut three = hosts.as_bytes().windows(3);
    three.any(|it| is_end(it[0]) && it[1] == b'.' && is_begin(it[2]))
}

/// The one host is the machine's own name or address.
fn is_own(hosts: &str) -> bool {
    let host = hosts.strip_prefix('(').unwrap_or(hosts);
    let is_address = host.strip_prefix("127").is_some_and(|rest| {
        let end = rest.find(|c: char| c.is_ascii_lowercase());
        rest[..end.unwrap_or(rest.len())].contains('1')
    });
    !host.contains('|') && (host.starts_with("localhost") || is_address)
}

#[cfg(test)]
mod tests {
    use super::faults;

    #[test]
    fn filters_are_judged() {
        for (value, wrong) in [
            (r"^(?!(www\.)?example\.com(:\d+)?$) break:400", &[][..]),
            (r"(?!example\.com$) break:400", &["not-anchored"]),
            (r"^(?!example\.com) break:400", &["open-end"]),
            ("^(?!www.example.com$) break:400", &["dot-for-any"]),
            ("^(?!localhost:8000$) break:400", &["own-machine"]),
            (r"^(?!127\.0\.0\.1$) break:400", &["own-machine"]),
            (r"^(?!localhost$|10\.0\.0\.1$) break:400", &[]),
            ("^(?!localhost) break:400", &["open-end", "own-machine"]),
            ("^admin route:x", &[]),
            ("", &[]),
        ] {
            assert_eq!(faults(value), wrong, "{value}");
        }
    }
}
