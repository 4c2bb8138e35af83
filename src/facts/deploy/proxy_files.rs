//! What the configuration of an nginx says of files that are not there, and what it leaves to nginx for requests.

use crate::facts::deploy::{proxied, uploads};
use crate::facts::model::{Project, ProxyFact};
use crate::knowledge::nginx_files::{self, NginxPackage};
use crate::nginx::Spoken;
use crate::source::{absolute, is_in};
use crate::span::{Span, Traced};

/// Where nginx keeps its configuration, and looks for files that are named without a slash in front.
const HOME: &str = "/etc/nginx";

/// The first file that it includes and that certainly is not there: nginx ends at it.
pub(crate) fn missing_include(proxy: &ProxyFact) -> Option<&Traced> {
    let placed = proxy.placed.as_ref()?;
    let is_missing = |path: &&Traced| {
        let text = path.as_str();
        let is_plain = !text.is_empty() && !text.contains(['*', '?', '[', '$']);
        let whole = absolute(HOME, text);
        let below = whole.strip_prefix(HOME).unwrap_or_default();
        let below = below.trim_start_matches('/');
        // Links to modules, and what the entrypoint of the image makes of templates.
        let may_be_made = below.starts_with("modules")
            || below.starts_with("conf.d/")
                && placed
                    .iter()
                    .any(|it| is_in(it, &format!("{HOME}/templates")));
        let is_placed = placed
            .iter()
            .any(|it| is_in(&whole, it) || is_in(it, &whole));
        is_plain
            && is_in(&whole, HOME)
            && !below.is_empty()
            && !may_be_made
            && !is_placed
            && !nginx_files::has(NginxPackage::Makers, below)
    };
    proxy.site.included.iter().find(is_missing)
}

/// The file is one that Debian's package of nginx has.
pub(crate) fn is_of_debian(path: &str) -> bool {
    let whole = absolute(HOME, path);
    let below = whole.strip_prefix(HOME).unwrap_or_default();
    nginx_files::has(NginxPackage::Debian, below.trim_start_matches('/'))
}

/// Where it passes requests to a Django that keeps files of users, while nothing says how large their bodies may be:
/// what passes them, and the field that keeps the files.
pub(crate) fn small_bodies<'a>(p: &Project, proxy: &'a ProxyFact) -> Option<(&'a Traced, Span)> {
    if proxy.site.may_limit_bodies {
        return None;
    }
    proxy.site.passes.iter().find_map(|pass| {
        let is_asked = matches!(pass.spoken, Some(Spoken::Http | Spoken::Uwsgi));
        let (settings, _) = proxied::settings_of(p, proxy, pass).filter(|_| is_asked)?;
        Some((&pass.directive, uploads::field(p, settings)?))
    })
}
