//! What uWSGI is told of static files: mount points, directories, expiry rules.

use crate::knowledge::words::ValueWords;
use crate::source::absolute;
use crate::span::Traced;

/// Mount point (with a slash at both ends) and directory (without one at its end) of a
/// `static-map`; `None` when the value is none or its directory is not absolute.
pub(crate) fn mapping(value: &Traced) -> Option<(Traced, Traced)> {
    let text = value.as_str();
    let at = text.find('=')?;
    let directory = value.slice(at + 1..text.len()).trim();
    if !directory.as_str().starts_with('/') {
        return None;
    }
    let mount = value.slice(0..at).trim();
    let inner = mount.as_str().trim_matches('/');
    let mount_text = if inner.is_empty() {
        "/".to_owned()
    } else {
        format!("/{inner}/")
    };
    Some((
        Traced::new(mount_text, mount.span()),
        Traced::new(absolute("/", directory.as_str()), directory.span()),
    ))
}

/// The seconds of an expiry rule: `REGEX SECONDS`.
pub(crate) fn seconds(value: &str) -> Option<i64> {
    let (_, seconds) = value
        .trim()
        .rsplit_once(|c: char| c.is_whitespace() || c == '=')?;
    seconds.parse().ok()
}

/// The expression of an expiry rule only matches names with a hash in them.
pub(crate) fn asks_for_hash(value: &str) -> bool {
    ValueWords::Hashed.is_within(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::{FileId, Span};

    #[test]
    fn maps_are_normalised() {
        let text = "/static=/code/static//";
        let span = Span::new(FileId(0), 0, u32::try_from(text.len()).unwrap_or(0));
        let (mount, directory) = mapping(&Traced::new(text, span)).expect("a map");
        assert_eq!(
            (mount.as_str(), directory.as_str()),
            ("/static/", "/code/static")
        );
        assert_eq!(directory.span(), Span::new(FileId(0), 8, 22));
        assert!(mapping(&Traced::new("/static/", span)).is_none());
    }

    #[test]
    fn expiry_rules() {
        let rule = r"/static/.*\.[a-f0-9]{12,}\.(css|js) 315360000";
        assert_eq!(seconds(rule), Some(315_360_000));
        assert!(asks_for_hash(rule) && !asks_for_hash("/static/.* 3600"));
        assert_eq!(seconds("/static/.*"), None);
    }
}
