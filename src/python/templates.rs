//! Templates of Django, style sheets and scripts: which static files they name. Nothing is rendered: a name that is not
//! written out is left out.

use std::ops::Range;

/// A name, and where it stands in the text, quotes aside.
pub(crate) type Named = (String, Range<usize>);

/// Names of one text that are kept.
const MAX_NAMES: usize = 400;

/// The names in `{% static 'css/site.css' %}`, comments aside.
pub(crate) fn static_names(text: &str) -> Vec<Named> {
    let mut out = Vec::new();
    for (tag, from) in tags(text) {
        let Some(rest) = tag.trim_start().strip_prefix("static") else {
            continue;
        };
        let Some(rest) = rest.strip_prefix(char::is_whitespace) else {
            continue;
        };
        let rest = rest.trim_start();
        let at = from + (tag.len() - rest.len());
        if let Some(name) = quoted(rest).filter(|_| out.len() < MAX_NAMES) {
            out.push((name.to_owned(), at + 1..at + 1 + name.len()));
        }
    }
    out
}

/// What stands between `{%` and `%}`, and where, without comments and what is shown as it is.
fn tags(text: &str) -> Vec<(&str, usize)> {
    let mut out = Vec::new();
    let mut at = 0;
    let mut until: Option<&str> = None;
    while let Some(found) = text[at..].find("{") {
        let start = at + found;
        let rest = &text[start..];
        if until.is_none() && rest.starts_with("{#") {
            at = rest.find("#}").map_or(text.len(), |end| start + end + 2);
            continue;
        }
        let Some(end) = rest.strip_prefix("{%").and_then(|rest| rest.find("%}")) else {
            at = start + 1;
            continue;
        };
        let body = start + 2..start + 2 + end;
        at = body.end + 2;
        let tag = &text[body.clone()];
        let name = tag.split_whitespace().next().unwrap_or_default();
        match (until, name) {
            (Some(last), name) if last == name => until = None,
            (Some(_), _) => {}
            (None, "comment") => until = Some("endcomment"),
            (None, "verbatim") => until = Some("endverbatim"),
            (None, _) => out.push((tag, body.start)),
        }
    }
    out
}

/// The text that begins with a quote, up to the next one.
fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let rest = &text[1..];
    let name = &rest[..rest.find(quote)?];
    (!name.is_empty() && !name.contains("{{")).then_some(name)
}

/// The files that a style sheet names, as the storages of Django with hashed names look for them: `url(...)`,
/// `@import`, the map of its source. Names in comments are left out, as not every release looks at them.
pub(crate) fn style_names(text: &str) -> Vec<Named> {
    let plain = without_comments(text);
    let mut out = Vec::new();
    for (word, open) in [("url(", ")"), ("@import", ";")] {
        for (found, _) in plain.match_indices(word) {
            let from = found + word.len();
            let rest = &plain[from..];
            let lead = rest.len() - rest.trim_start().len();
            let rest = rest.trim_start();
            let name = match rest.chars().next() {
                Some('"' | '\'') => quoted(rest).map(|name| (name, 1)),
                _ if open == ")" => rest.find(')').map(|end| (rest[..end].trim_end(), 0)),
                _ => None,
            };
            let Some((name, quote)) = name else { continue };
            let at = from + lead + quote;
            if out.len() < MAX_NAMES && !name.is_empty() {
                out.push((name.to_owned(), at..at + name.len()));
            }
        }
    }
    out.extend(source_map(text, "/*# sourceMappingURL=", "*/"));
    out
}

/// The map that a script names, as Django (4.0 and later) looks for it.
pub(crate) fn script_names(text: &str) -> Vec<Named> {
    source_map(text, "//# sourceMappingURL=", "\n")
        .into_iter()
        .collect()
}

/// The map of a source that a line of its own names.
fn source_map(text: &str, before: &str, after: &str) -> Option<Named> {
    let found = text.rfind(before)?;
    let is_line = found == 0 || text[..found].ends_with('\n');
    let from = found + before.len();
    let rest = &text[from..];
    let name = rest[..rest.find(after).unwrap_or(rest.len())].trim_end();
    let is_one = is_line && !name.is_empty() && !name.contains(char::is_whitespace);
    is_one.then(|| (name.to_owned(), from..from + name.len()))
}

/// The text with spaces in the place of comments.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("/*") {
        out.push_str(&rest[..start]);
        let end = rest[start..]
            .find("*/")
            .map_or(rest.len(), |end| start + end + 2);
        out.extend(std::iter::repeat_n(' ', end - start));
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// The name of the file that a style sheet, by its own name, means by an address; `None` where it is elsewhere.
pub(crate) fn meant(own: &str, address: &str, static_url: &str) -> Option<String> {
    let end = address.find(['?', '#']).unwrap_or(address.len());
    let path = &address[..end];
    let has_scheme = path.find(':').is_some_and(|at| !path[..at].contains('/'));
    if path.is_empty()
        || has_scheme
        || path.starts_with("//")
        || path.contains(['%', '$', '{', '\\'])
    {
        return None;
    }
    if path.starts_with('/') {
        let rest = path
            .strip_prefix(static_url)
            .filter(|_| static_url.starts_with('/'))?;
        return Some(rest.to_owned()).filter(|rest| !rest.is_empty());
    }
    let mut parts: Vec<&str> = own.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    (!path.ends_with('/') && !parts.is_empty()).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(found: Vec<Named>, text: &str) -> Vec<String> {
        let own = found.into_iter().map(|(name, range)| {
            assert_eq!(&text[range], name);
            name
        });
        own.collect()
    }

    #[test]
    fn names_of_templates() {
        let text = "{% load static %}{# {% static 'a' %} #}<link href=\"{% static 'css/site.css' %}\">{%static \
         \"x.js\" as y%}\n\
                    {% comment %}{% static 'b' %}{% endcomment %}{% static name %}{% get_static_prefix %}{% static \
                    '' %}";
        assert_eq!(names(static_names(text), text), ["css/site.css", "x.js"]);
    }

    #[test]
    fn names_of_style_sheets_and_scripts() {
        let text = "/* url(no.png) */\n@import \"a.css\";\nb { background: url('../img/x.svg#i') } c { src: url( \
         y.woff ) }\n\
                    /*# sourceMappingURL=site.css.map */";
        assert_eq!(
            names(style_names(text), text),
            ["../img/x.svg#i", "y.woff", "a.css", "site.css.map"]
        );
        let script = "x()\n//# sourceMappingURL=x.js.map\n";
        assert_eq!(names(script_names(script), script), ["x.js.map"]);
        assert!(script_names("x('//# sourceMappingURL=y')").is_empty());
        let means = |address: &str| meant("css/site.css", address, "/static/");
        assert_eq!(means("../img/x.svg#i").as_deref(), Some("img/x.svg"));
        assert_eq!(means("y.woff?v=1").as_deref(), Some("css/y.woff"));
        assert_eq!(means("/static/z.png").as_deref(), Some("z.png"));
        for other in [
            "data:x",
            "https://a/b",
            "//a/b",
            "/media/x",
            "#x",
            "../../x",
            "x/",
        ] {
            assert_eq!(means(other), None, "{other}");
        }
    }
}
