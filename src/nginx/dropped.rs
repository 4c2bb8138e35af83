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
        out.extend(dropped(directive));
        collect(directive.inner(), out);
    }
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
