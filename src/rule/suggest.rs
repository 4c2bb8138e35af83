//! The name that was probably meant.

use crate::knowledge::letters_of;

/// The name of `known` that was probably meant; `None` when none is close.
pub(crate) fn suggest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let length = name.chars().count();
    let limit = 1 + length / 4;
    let distances = known.into_iter().filter_map(|candidate| {
        let (short, long) = match candidate.len() < name.len() {
            true => (candidate, name),
            false => (name, candidate),
        };
        // Cheaper to look at than the text: which letters there are, and how many.
        let has_all = letters_of(short) & !letters_of(long) == 0;
        let is_part = name.len() > 3 && has_all && long.contains(short);
        let may_be_near = candidate.chars().count().abs_diff(length) <= limit;
        let distance = may_be_near.then(|| strsim::damerau_levenshtein(name, candidate));
        match is_part {
            true => Some((distance.unwrap_or(limit).min(limit), candidate)),
            false => Some((distance?, candidate)),
        }
    });
    let near = distances.filter(|(distance, _)| *distance <= limit);
    near.min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
