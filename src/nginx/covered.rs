//! Locations of static files that a location with a pattern takes requests away from: nginx tries patterns first.

use super::syntax::{Config, Directive};
use crate::span::Traced;

/// Endings of stylesheets and scripts.
const STYLES: [&str; 2] = ["css", "js"];

/// What a location with a pattern may say without answering from anywhere else than its server.
const PLAIN: [&str; 9] = [
    "access_log",
    "add_header",
    "error_log",
    "etag",
    "expires",
    "gzip",
    "gzip_static",
    "log_not_found",
    "gzip_types",
];

/// A prefix whose stylesheets or scripts are looked for elsewhere.
#[derive(Debug, Clone)]
pub(crate) struct Covered {
    /// The prefix of the requests, as written.
    pub(crate) prefix: Traced,
    pub(crate) pattern: Traced,
}

/// All of them in files that are read together, where none says a directory for whole servers.
pub(super) fn read(configs: &[&Config]) -> Vec<Covered> {
    let mut out = Vec::new();
    if configs.iter().any(|it| may_say_root(&it.directives)) {
        return out;
    }
    for config in configs {
        servers(&config.directives, &mut out);
    }
    out
}

/// `root`, or what may say one, outside of locations.
fn may_say_root(directives: &[Directive]) -> bool {
    directives.iter().any(|it| {
        let includes = it.is("include") && !it.is_usual_include() && !it.includes_parameters();
        it.is("root") || includes || !it.is("location") && may_say_root(it.inner())
    })
}

fn servers(directives: &[Directive], out: &mut Vec<Covered>) {
    for directive in directives {
        let inner = directive.inner();
        if !directive.is("server") {
            if directive.is("http") {
                servers(inner, out);
            }
            continue;
        }
        let mut locations = inner.iter().filter(|it| it.is("location"));
        let Some(pattern) = locations.clone().find_map(bare_pattern) else {
            continue;
        };
        let covered = locations.find_map(|it| match it.args.as_slice() {
            [prefix] if keeps_files(it) => Some(prefix),
            _ => None,
        });
        out.extend(covered.map(|prefix| Covered {
            prefix: prefix.clone(),
            pattern: pattern.clone(),
        }));
    }
}

/// `location /static/ { alias /srv/static/; }` without patterns of its own.
fn keeps_files(location: &Directive) -> bool {
    let inner = location.inner();
    let has = |name: &str| inner.iter().any(|it| it.is(name));
    (has("alias") || has("root")) && !has("location")
}

/// The pattern of a location for stylesheets or scripts at any path that says nothing of where they are.
fn bare_pattern(location: &Directive) -> Option<&Traced> {
    let [modifier, pattern] = location.args.as_slice() else {
        return None;
    };
    let is_pattern = matches!(modifier.as_str(), "~" | "~*");
    let endings = pattern.as_str().trim_start_matches(".*");
    let endings = endings.trim_start_matches(".+").strip_prefix("\\.")?;
    let endings = endings
        .strip_suffix('$')?
        .strip_prefix('(')?
        .strip_suffix(')')?;
    let mut endings = endings.trim_start_matches("?:").split('|');
    let is_bare = location
        .inner()
        .iter()
        .all(|it| PLAIN.contains(&it.name.as_str()));
    (is_pattern && is_bare && endings.any(|it| STYLES.contains(&it))).then_some(pattern)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nginx::parse;
    use crate::span::FileId;

    fn found(text: &str) -> Vec<String> {
        let config = parse(FileId(0), text);
        assert!(!config.is_broken, "{text}");
        let all = read(&[&config]).into_iter();
        all.map(|it| it.prefix.to_string()).collect()
    }

    #[test]
    fn patterns_cover_prefixes() {
        let of = |prefix: &str, pattern: &str, more: &str| {
            format!(
                "server {{ {more} location {prefix} {{ alias /s/; }} location {pattern} {{ expires 1d; }} }}"
            )
        };
        let styles = "~* \\.(css|js|png)$";
        assert_eq!(found(&of("/static/", styles, "")), ["/static/"]);
        assert!(found(&of("^~ /static/", styles, "")).is_empty());
        assert!(found(&of("/static/", styles, "root /srv;")).is_empty());
        assert!(found(&of("/static/", "~* \\.(mp4|png)$", "")).is_empty());
        assert!(found(&of("/static/", "~ ^/api/", "")).is_empty());
    }
}
