//! Hosts that a service gives to ALLOWED_HOSTS.

use crate::facts::model::{DjangoPhase, ServiceFact, SettingsFact};
use crate::maps::HashMap;
use crate::python::settings::verdicts::{self, Texts};
use crate::python::settings::{EnvState, Kind, Reader, Value};
use crate::span::Traced;

/// Values that are looked at; the settings are read again for each.
const MAX_VALUES: usize = 8;

/// The texts of a list setting where a container is given this variable; `None` when they are not known.
pub(crate) type TextsWith<'a> = dyn Fn(&SettingsFact, &str, (&str, &Traced)) -> Option<Texts> + 'a;

/// Of the variables of each service that ALLOWED_HOSTS is read from, the entries that match no host.
pub(crate) fn find(p: &DjangoPhase, services: &mut [ServiceFact], texts_with: &TextsWith<'_>) {
    const SETTING: &str = "ALLOWED_HOSTS";
    // Services of one image are mostly given the same.
    let mut known: HashMap<(usize, String, String), Vec<String>> = HashMap::default();
    for service in services {
        let Some(fact) = service.settings(p) else {
            continue;
        };
        let Some(setting) = fact.settings.get(SETTING) else {
            continue;
        };
        let env = &service.deployed(p).env;
        let mut found = Vec::new();
        for (i, var) in env.vars.iter().enumerate() {
            let Some(value) = var.value.as_ref().filter(|_| !var.may_vary) else {
                continue;
            };
            let is_suspect = |c: char| c.is_whitespace() || ",;/:*@".contains(c);
            let name = var.name.as_str();
            if !value.as_str().contains(is_suspect) || !reads(&setting.value, name) {
                continue;
            }
            let key = (fact.image, name.to_owned(), value.as_str().to_owned());
            if !known.contains_key(&key) && known.len() >= MAX_VALUES {
                continue;
            }
            let odd = known.entry(key).or_insert_with(|| {
                let texts = texts_with(fact, SETTING, (name, value));
                let entries = texts.into_iter().flat_map(|texts| texts.entries);
                let texts = entries.map(|(text, _)| text);
                texts
                    .filter(|text| verdicts::matches_no_host(text))
                    .collect()
            });
            if !odd.is_empty() {
                found.push((i, odd.clone()));
            }
        }
        service.unmatched_hosts = found;
    }
}

/// The value is read from a variable that nothing gives, or has an element that is.
fn reads(value: &Value, name: &str) -> bool {
    match &value.kind {
        // Other readers strip entries, or do so from a release on.
        Kind::Env(env) => {
            env.name == name && env.state != EnvState::Set && env.reader == Reader::Stdlib
        }
        Kind::List(items) | Kind::Tuple(items) => items.items.iter().any(|item| reads(item, name)),
        _ => false,
    }
}
