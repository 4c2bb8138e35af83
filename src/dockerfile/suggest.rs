//! The name a typo was meant to be.

/// The nearest of `names`, if one is near enough to be meant; the first of equals.
pub(super) fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    if length == 0 || length > 32 {
        return None;
    }
    names
        .map(|name| (strsim::osa_distance(word, name), name))
        .filter(|(distance, name)| *distance <= allowed(length.min(name.len())))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// How many slips a word of this length may have.
fn allowed(length: usize) -> usize {
    match length {
        0..=1 => 0,
        2..=4 => 1,
        _ => 2,
    }
}
