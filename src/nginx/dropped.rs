//! Prefixes of locations that the path of an address takes the place of: `location /api/` with
//! `proxy_pass http://web/`.

use super::syntax::{Config, Directive};
use crate::span::{Span, Traced};

/// Such a location.
#[derive(Debug, Clone)]
pub(crate) struct Dropped {
    /// The prefix, with a slash at both ends: `/api/`.
    pub(crate) prefix: Traced,
    /// The address with its slash.
    pub(crate) target: Span,
    /// That slash.
    pub(crate) slash: Span,
}

/// All of them.
#[must_use]
pub(crate) fn read(configs: &[&Config]) -> Vec<Dropped> {
    let mut out = Vec::new();
    for config in configs {
        collect(&config.directives, &mut out);
    }
    out
}

fn collect(directives: &[Directive], out: &mut Vec<Dropped>) {
    for directive in directives {
        if directive.is("stream") || directive.is("mail") {
            continue;
        }
        out.extend(
            dropped(directive).filter(|found| !is_led_elsewhere(found, directive, directives)),
        );
        collect(directive.inner(), out);
    }
}

/// What stands beside a location may take its requests, or write other paths into them: `rewrite`, and a location with
/// a regular expression, unless the prefix is marked with `^~`.
fn is_led_elsewhere(found: &Dropped, location: &Directive, beside: &[Directive]) -> bool {
    let is_first = location
        .args
        .first()
        .is_some_and(|sign| sign.as_str() == "^~");
    let prefix = found.prefix.as_str();
    let rewrites = |it: &Directive| {
        it.is("rewrite") || it.is("if") && it.inner().iter().any(|it| it.is("rewrite"))
    };
    let mut beside = beside.iter();
    beside.any(|it| {
        let takes = it.is("location") && pattern(it).is_some_and(|it| may_match(it, prefix));
        rewrites(it) || takes && !is_first
    })
}

/// The regular expression of a location: `location ~ ^/api/`.
fn pattern(location: &Directive) -> Option<&str> {
    match &location.args[..] {
        [sign, pattern] if matches!(sign.as_str(), "~" | "~*") => Some(pattern.as_str()),
        [pattern] => {
            let text = pattern.as_str().strip_prefix('~')?;
            Some(text.strip_prefix('*').unwrap_or(text))
        }
        _ => None,
    }
}

/// A regular expression may match paths below a prefix: it neither begins with another path nor asks for the ending of
/// a file.
fn may_match(pattern: &str, prefix: &str) -> bool {
    let is_ending = pattern.contains(r"\.") && pattern.ends_with('$');
    let Some(path) = pattern.strip_prefix('^') else {
        return !is_ending;
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_');
    let end = path.find(|c: char| !is_plain(c)).unwrap_or(path.len());
    let path = &path[..end];
    prefix.starts_with(path) || path.starts_with(prefix)
}

fn dropped(location: &Directive) -> Option<Dropped> {
    let prefix = match &location.args[..] {
        [prefix] => prefix,
        [sign, prefix] if sign.as_str() == "^~" => prefix,
        _ => return None,
    };
    let text = prefix.as_str();
    let is_prefix = text.len() > 2 && text.starts_with('/') && text.ends_with('/');
    let inner = location.inner();
    let says_more = |it: &Directive| it.is("rewrite") || it.is("include") || it.block.is_some();
    if !location.is("location") || !is_prefix || inner.iter().any(says_more) {
        return None;
    }
    let target = inner.iter().find(|it| it.is("proxy_pass"))?.args.first()?;
    let raw = target.as_str();
    let (_, rest) = raw.split_once("://")?;
    let is_slash = rest.find('/') == Some(rest.len() - 1) && !raw.contains('$');
    is_slash.then(|| Dropped {
        prefix: prefix.clone(),
        target: target.span(),
        slash: target.slice(raw.len() - 1..raw.len()).span(),
    })
}
