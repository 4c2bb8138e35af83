//! Packages without which what a setting names does not work, and which Django and celery load only when they use it.

#[derive(Debug)]
struct Client {
    setting: &'static str,
    name: &'static str,
    distributions: &'static [&'static str],
}

static CLIENTS: &[Client] = include!(concat!(env!("OUT_DIR"), "/clients.rs"));

/// The distributions of which what `setting` names needs one.
#[must_use]
pub(crate) fn needed(setting: &str, name: &str) -> Option<&'static [&'static str]> {
    let row = CLIENTS
        .binary_search_by(|row| (row.setting, row.name).cmp(&(setting, name)))
        .ok()?;
    CLIENTS.get(row).map(|row| row.distributions)
}

/// The settings of dictionaries whose classes it knows.
pub(crate) fn settings() -> impl Iterator<Item = &'static str> {
    let mut last = "";
    let names = CLIENTS.iter().map(|row| row.setting);
    let upper = names.filter(|it| it.starts_with(|c: char| c.is_ascii_uppercase()));
    upper.filter(move |it| std::mem::replace(&mut last, *it) != *it)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_found() {
        assert!(CLIENTS.is_sorted_by_key(|row| (row.setting, row.name)));
        assert_eq!(needed("broker", "redis"), Some(&["redis"][..]));
        assert_eq!(needed("broker", "amqp"), None);
        assert_eq!(settings().next(), Some("CACHES"));
    }
}
