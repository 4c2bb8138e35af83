//! Whether a configuration says of which media types files are.

use super::syntax::{Config, Directive};
use crate::span::Traced;

/// The `http` of files that say nothing of media types, where all that is read is known.
pub(super) fn untyped(configs: &[&Config]) -> Option<Traced> {
    let mut all = configs.iter().flat_map(|config| &config.directives);
    let http = all.find(|it| it.is("http"))?;
    let is_open = configs.iter().any(|config| says_types(&config.directives));
    (!is_open).then(|| http.name.clone())
}

/// It has media types, or may include them.
fn says_types(directives: &[Directive]) -> bool {
    directives.iter().any(|it| {
        let path = it.args.first().map_or("", |path| path.as_str());
        let is_site = path.contains("conf.d/") || path.contains("sites-enabled/");
        let is_module = path.contains("modules-enabled/") || path.contains("/modules/");
        it.is("types") || it.is("include") && !is_site && !is_module || says_types(it.inner())
    })
}
