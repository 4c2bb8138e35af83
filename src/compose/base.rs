//! What the image of a service is based on, where the Dockerfile that it builds has one stage.

use crate::source::{Root, Sources};
use crate::span::{Span, Traced};

/// The image that the one FROM of a Dockerfile names, without variables; `None` where there is another, or none.
pub(super) fn of(root: &Root, sources: &Sources, dockerfile: &str) -> Option<Traced> {
    let file = root.read(sources, dockerfile).ok()?;
    let source = sources.get(file);
    let mut found = None;
    let mut start = 0;
    for line in source.text.split_inclusive('\n') {
        let mut words = line.split_ascii_whitespace();
        if words
            .next()
            .is_some_and(|word| word.eq_ignore_ascii_case("from"))
        {
            let image = words.find(|word| !word.starts_with("--"))?;
            let at = start + line.find(image)?;
            if found.is_some() || image.contains('$') {
                return None;
            }
            let place = |at: usize| u32::try_from(at).ok();
            let span = Span::new(file, place(at)?, place(at + image.len())?);
            found = Some(Traced::new(image, span));
        }
        start += line.len();
    }
    found
}
