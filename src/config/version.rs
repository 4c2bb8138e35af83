//! `required-version`: which versions of seatrial a configuration is written for.

/// Whether `version` is one of those that `wanted` names: conditions like `>=0.1` with commas between them, or a
/// version alone. `None` when it is not written so.
pub(super) fn meets(version: &str, wanted: &str) -> Option<bool> {
    let own = numbers(version)?;
    let mut meets = true;
    for condition in wanted.split(',') {
        let condition = condition.trim();
        let digits = condition.find(|char: char| char.is_ascii_digit())?;
        let (operator, other) = condition.split_at(digits);
        let other = numbers(other)?;
        meets &= match operator.trim_end() {
            "" | "==" => own == other,
            "!=" => own != other,
            ">=" => own >= other,
            ">" => own > other,
            "<=" => own <= other,
            "<" => own < other,
            _ => return None,
        };
    }
    Some(meets)
}

/// Three numbers; those that are left out are 0.
fn numbers(version: &str) -> Option<[u64; 3]> {
    let mut numbers = [0; 3];
    let mut parts = version.trim().split('.');
    for number in &mut numbers {
        match parts.next() {
            Some(part) => *number = part.parse().ok()?,
            None => break,
        }
    }
    parts.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions() {
        for (wanted, meets_it) in [
            ("0.2.0", Some(true)),
            ("==0.2", Some(true)),
            (">=0.1, <0.3", Some(true)),
            (">=0.10", Some(false)),
            (">0.2.0", Some(false)),
            ("!=0.2", Some(false)),
            ("<= 0.2", Some(true)),
            ("~=0.2", None),
            ("", None),
            ("0.2.0.1", None),
            ("0.x", None),
        ] {
            assert_eq!(meets("0.2.0", wanted), meets_it, "{wanted}");
        }
    }
}
