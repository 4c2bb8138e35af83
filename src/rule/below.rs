//! Names of images, and the registries and paths that they are below.

use crate::context::glob::{Glob, Token};
use crate::dockerfile::image::ImageRef;

/// Whether an image, by its full name, is at a registry or below a path of one: `ghcr.io/acme`. A `*` stands for any
/// text within a part; what does not begin with a registry is a path of Docker Hub.
pub(super) fn is_below(image: &str, pattern: &str) -> bool {
    let pattern = pattern.trim_end_matches('/');
    let host = pattern.split('/').next().unwrap_or(pattern);
    let hub = match host.contains(['.', ':', '*']) || host == "localhost" {
        true => None,
        false => Some(ImageRef::HUB),
    };
    let mut parts = image.split('/');
    let mut wanted = hub.into_iter().chain(pattern.split('/'));
    wanted.all(|wanted| parts.next().is_some_and(|part| is_like(part, wanted)))
}

/// `*` stands for any text; large and small letters are alike, as in names of hosts.
fn is_like(text: &str, pattern: &str) -> bool {
    let token = |ch: char| match ch {
        '*' => Token::Star,
        other => Token::Char(other.to_ascii_lowercase()),
    };
    let wanted = Glob::Tokens(pattern.chars().map(token).collect());
    wanted.matches(&text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::is_below;

    #[test]
    fn images_are_below_registries_and_paths() {
        for (image, pattern, is) in [
            ("docker.io/library/python", "docker.io", true),
            ("docker.io/library/python", "docker.io/library", true),
            ("docker.io/acme/shop", "acme", true),
            ("docker.io/acme/shop", "acme/*", true),
            ("docker.io/acme/shop", "acme/shop/", true),
            ("docker.io/other/shop", "acme", false),
            ("ghcr.io/acme/shop", "ghcr.io/acme", true),
            ("ghcr.io/acme2/shop", "ghcr.io/acme", false),
            ("ghcr.io/acme2/shop", "ghcr.io/acme*", true),
            ("ghcr.io/acme", "ghcr.io/acme/shop", false),
            ("eu.gcr.io/acme/shop", "*.gcr.io", true),
            ("gcr.io/acme/shop", "*.gcr.io", false),
            ("eu.gcr.io.evil.example/shop", "*.gcr.io", false),
            ("registry.example.org/a/b", "registry.*", true),
            ("GHCR.io/acme/shop", "ghcr.io", true),
            ("localhost:5000/shop", "localhost:5000", true),
            ("ghcr.io/acme/shop", "*", true),
            ("GHCR.io/acme/shop", "ghcr.*", true),
            ("ghcr.io/a[b]?c/shop", "ghcr.io/*[b]?*", true),
        ] {
            assert_eq!(is_below(image, pattern), is, "{image} {pattern}");
        }
    }
    #[test]
    fn many_stars_do_not_multiply() {
        let pattern = format!("docker.io/{}b", "*a".repeat(40));
        let image = format!("docker.io/{}", "a".repeat(2_000));
        assert!(!is_below(&image, &pattern));
        assert!(is_below(&format!("{image}b"), &pattern));
    }
}
