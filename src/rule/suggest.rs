//! The name that was probably meant.

/// The name of `known` that was probably meant; `None` when none is close.
pub(crate) fn suggest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let limit = 1 + name.chars().count() / 4;
    let distances = known.into_iter().map(|candidate| {
        let is_part = name.len() > 3 && (candidate.contains(name) || name.contains(candidate));
        let distance = strsim::damerau_levenshtein(name, candidate);
        (
            if is_part {
                distance.min(limit)
            } else {
                distance
            },
            candidate,
        )
    });
    let near = distances.filter(|(distance, _)| *distance <= limit);
    near.min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
