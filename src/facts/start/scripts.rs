//! What the text of a start script says of the variables it is given.

/// A script looks whether the variable is set: `${NAME:?}`, `[ -z "$NAME" ]`, `${!variable}` in a
/// loop over names. It may stop without it.
pub(crate) fn asks_for(script: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let has_indirect = script.contains("${!");
    script.match_indices(name).any(|(at, _)| {
        let (before, after) = (&script[..at], &script[at + name.len()..]);
        if name.is_empty() || before.ends_with(is_part) || after.starts_with(is_part) {
            return false;
        }
        let Some(head) = before.strip_suffix("${").or(before.strip_suffix('$')) else {
            return has_indirect;
        };
        let head = head.trim_end_matches(['"', '\'']).trim_end();
        after.starts_with(":?")
            || (before.ends_with('{') && after.starts_with('?'))
            || head.ends_with("-z")
            || head.ends_with("-n")
    })
}

#[cfg(test)]
mod tests {
    use super::asks_for;

    #[test]
    fn scripts_that_ask_for_a_variable() {
        for asking in [
            ": \"${KEY:?set it}\"",
            "echo ${KEY?}",
            "if [ -z \"$KEY\" ]; then exit 1; fi",
            "test -n \"${KEY}\" || exit 1",
            "[[ -z $KEY ]] && exit 1",
            "for v in KEY DB; do [ \"${!v}\" ] || exit 1; done",
        ] {
            assert!(asks_for(asking, "KEY"), "{asking}");
        }
        for other in [
            "echo $KEY",
            "[ -z \"$KEYS\" ]",
            "export KEY=1",
            "[ -z \"$MY_KEY\" ]",
            "",
        ] {
            assert!(!asks_for(other, "KEY"), "{other}");
        }
    }
}
