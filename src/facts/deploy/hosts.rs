//! What a service gives to settings of Django that these cannot use: hosts, origins, addresses of files.

use crate::facts::model::{DjangoPhase, Misfit, MisfitFact, ServiceFact, SettingsFact};
use crate::maps::HashMap;
use crate::python::settings::origins;
use crate::python::settings::verdicts::{self, Texts};
use crate::python::settings::{EnvState, Kind, Reader, Value};
use crate::span::Traced;

/// Values that are looked at; the settings are read again for each.
const MAX_VALUES: usize = 8;

/// The texts of a list setting where a container is given this variable; `None` when they are not known.
pub(crate) type TextsWith<'a> = dyn Fn(&SettingsFact, &str, (&str, &Traced)) -> Option<Texts> + 'a;

/// What can be wrong with a setting.
struct Asked {
    setting: &'static str,
    kind: Misfit,
}

const ASKED: [Asked; 7] = [
    asked("ALLOWED_HOSTS", Misfit::Host),
    asked("STATIC_URL", Misfit::Slash),
    asked("MEDIA_URL", Misfit::Slash),
    asked(TRUSTED, Misfit::Scheme),
    asked(TRUSTED, Misfit::Path),
    asked("CORS_ALLOWED_ORIGINS", Misfit::Scheme),
    asked("CORS_ALLOWED_ORIGINS", Misfit::Path),
];

/// The origins that Django itself asks for.
const TRUSTED: &str = "CSRF_TRUSTED_ORIGINS";

const fn asked(setting: &'static str, kind: Misfit) -> Asked {
    Asked { setting, kind }
}

impl Asked {
    /// A value that cannot be wrong is not read by the settings again.
    fn is_suspect(&self, value: &str) -> bool {
        match self.kind {
            Misfit::Host => may_match_no_host(value),
            Misfit::Slash => lacks_slash(value),
            Misfit::Scheme => may_lack_scheme(value),
            Misfit::Path => may_have_path(value),
        }
    }

    fn is_wrong(&self, text: &str) -> bool {
        match self.kind {
            Misfit::Host => verdicts::matches_no_host(text),
            Misfit::Slash => lacks_slash(text),
            Misfit::Scheme => lacks_scheme(text),
            Misfit::Path if self.setting == TRUSTED => origins::is_trusted_origin_with_path(text),
            Misfit::Path => origins::is_origin_with_path(text),
        }
    }
}

fn may_match_no_host(value: &str) -> bool {
    value.contains(|c: char| c.is_whitespace() || ",;/:*@".contains(c))
}

fn lacks_slash(value: &str) -> bool {
    !value.is_empty() && !value.ends_with('/')
}

fn may_lack_scheme(value: &str) -> bool {
    let parts = value.split(|c: char| c.is_whitespace() || ",;".contains(c));
    parts.into_iter().any(lacks_scheme)
}

/// `shop.example` and `shop.example:8443`, no text that only looks like a list.
fn lacks_scheme(text: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-.:*".contains(c);
    text.contains(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(is_name)
}

fn may_have_path(value: &str) -> bool {
    value.matches('/').count() > 2
}

/// Of the variables of each service, what settings take from them and cannot use.
pub(crate) fn find(p: &DjangoPhase, services: &mut [ServiceFact], texts_with: &TextsWith<'_>) {
    // Services of one image are mostly given the same.
    let mut known: HashMap<(usize, &str, String, String), Option<Texts>> = HashMap::default();
    for service in services {
        let Some(fact) = service.settings(p) else {
            continue;
        };
        let env = &service.deployed(p).env;
        let mut found = Vec::new();
        for asked in &ASKED {
            let Some(setting) = fact.settings.get(asked.setting) else {
                continue;
            };
            for (i, var) in env.vars.iter().enumerate() {
                let Some(value) = var.value.as_ref().filter(|_| !var.may_vary) else {
                    continue;
                };
                let name = var.name.as_str();
                if !asked.is_suspect(value.as_str()) || !reads(&setting.value, name, asked.kind) {
                    continue;
                }
                let text = value.as_str().to_owned();
                let key = (fact.image, asked.setting, name.to_owned(), text);
                let is_full =
                    || known.keys().filter(|it| it.1 == asked.setting).count() >= MAX_VALUES;
                if !known.contains_key(&key) && is_full() {
                    continue;
                }
                let with = || texts_with(fact, asked.setting, (name, value));
                let texts = known.entry(key).or_insert_with(with);
                let entries = texts.iter().flat_map(|texts| &texts.entries);
                let all = texts.as_ref().map_or(&[][..], |texts| &texts.entries);
                let is_harmless = |text: &str| {
                    asked.kind == Misfit::Host && verdicts::is_matched_beside(text, all)
                };
                let wrong = entries.filter(|(text, _)| asked.is_wrong(text) && !is_harmless(text));
                let texts: Vec<String> = wrong.map(|(text, _)| text.clone()).collect();
                if !texts.is_empty() {
                    found.push(MisfitFact {
                        variable: i,
                        kind: asked.kind,
                        setting: asked.setting,
                        texts,
                    });
                }
            }
        }
        service.misfits = found;
    }
}

/// The value is read from a variable that nothing gives, or has an element that is.
fn reads(value: &Value, name: &str, kind: Misfit) -> bool {
    match &value.kind {
        // Other readers strip the entries of a list of hosts, or do so from a release on.
        Kind::Env(env) => {
            env.name == name
                && env.state != EnvState::Set
                && (env.reader == Reader::Stdlib || kind != Misfit::Host)
        }
        Kind::List(items) | Kind::Tuple(items) => {
            let mut items = items.items.iter();
            items.any(|item| reads(item, name, kind))
        }
        _ => false,
    }
}
