//! Alpine releases and the tags of the `alpine` image.

use super::{Date, Series};

/// One release of Alpine.
#[derive(Debug)]
pub struct AlpineRelease {
    pub version: Series,
    /// The last day of support.
    pub eol: Date,
    /// Its `python3` package.
    pub python: Option<Series>,
}

static RELEASES: &[AlpineRelease] = include!(concat!(env!("OUT_DIR"), "/alpine.rs"));

/// Every release the table knows, oldest first.
#[cfg(test)]
pub(crate) fn all() -> &'static [AlpineRelease] {
    RELEASES
}

/// The release of `3.19` or `3.19.1`; `None` for `latest`, `edge` and what the table does not know.
#[must_use]
pub(crate) fn by_version(text: &str) -> Option<&'static AlpineRelease> {
    if !text.contains('.') {
        return None;
    }
    let version = Series::parse(text)?;
    RELEASES
        .binary_search_by(|row| row.version.cmp(&version))
        .ok()
        .and_then(|index| RELEASES.get(index))
}

impl AlpineRelease {
    #[must_use]
    pub fn is_eol(&self, today: Date) -> bool {
        self.eol < today
    }
}
