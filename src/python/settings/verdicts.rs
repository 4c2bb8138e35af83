//! What settings say to the questions of a deployment.
//!
//! Pure functions: each gives an [`Answer`], and [`Answer::Unknown`] whenever two ways disagree or
//! something was not read. What is good or bad is for the rules to say.

use crate::span::Span;

use super::value::path;
use super::{Cast, Entries, EnvState, Kind, Settings, Value};

/// What is known of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer<T> {
    Known(Known<T>),
    /// It depends on a variable that nothing known sets.
    Env(FromEnv<T>),
    /// No module assigns it: Django's default holds.
    Unassigned,
    Unknown,
}

/// A value that holds when the container starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known<T> {
    pub value: T,
    /// The expression in the settings.
    pub span: Span,
    /// The variable that gives it.
    pub env: Option<GivenEnv>,
}

/// A variable that has a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GivenEnv {
    pub name: String,
    /// Where the value is given; the reading expression when that place is not known.
    pub span: Span,
}

/// A value that the start of the container may give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FromEnv<T> {
    pub name: String,
    pub default: Default<T>,
    /// What the text becomes.
    pub cast: Cast,
    /// Nothing that was read sets the variable; false when that is not known.
    pub is_unset: bool,
    /// The expression that reads it.
    pub span: Span,
}

/// The value when the variable is not set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Default<T> {
    /// There is none: the import fails.
    Required,
    /// The value and where it is written.
    Known(T, Span),
    Unknown,
}

impl<T> Answer<T> {
    /// The value that holds for sure.
    #[must_use]
    pub(crate) fn known(&self) -> Option<&T> {
        match self {
            Answer::Known(known) => Some(&known.value),
            _ => None,
        }
    }

    /// The expression in the settings, where there is one.
    #[must_use]
    pub(crate) fn span(&self) -> Option<Span> {
        match self {
            Answer::Known(known) => Some(known.span),
            Answer::Env(env) => Some(env.span),
            Answer::Unassigned | Answer::Unknown => None,
        }
    }
}

/// Texts of a list setting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Texts {
    /// Those that are there for sure, in order.
    pub entries: Vec<(String, Span)>,
    /// There may be more.
    pub is_open: bool,
    /// The setting is one text where Django wants a list.
    pub is_text: bool,
}

impl Texts {
    /// Whether an entry is there.
    #[must_use]
    pub(crate) fn contains(&self, text: &str) -> Option<bool> {
        if self.entries.iter().any(|(entry, _)| entry == text) {
            Some(true)
        } else {
            (!self.is_open).then_some(false)
        }
    }
}

/// `DEBUG`, by its truth.
#[must_use]
pub(crate) fn debug(settings: &Settings) -> Answer<bool> {
    flag(settings, "DEBUG")
}

/// A setting that Django takes as true or false.
#[must_use]
pub(crate) fn flag(settings: &Settings, name: &str) -> Answer<bool> {
    setting(settings, name, &Value::truth)
}

/// A boolean setting that holds the text of a variable: any text, `False` too, is true.
///
/// Gives the variable's name and the expression that reads it.
#[must_use]
pub(crate) fn uncast_flag(settings: &Settings, name: &str) -> Option<(String, Span)> {
    match &settings.get(name)?.value.kind {
        Kind::Env(env) if matches!(env.cast, Cast::Str | Cast::Truthy) => {
            Some((env.name.clone(), env.span))
        }
        _ => None,
    }
}

/// `INSTALLED_APPS`.
#[must_use]
pub(crate) fn installed_apps(settings: &Settings) -> Answer<Texts> {
    texts(settings, "INSTALLED_APPS")
}

/// `MIDDLEWARE`.
#[must_use]
pub(crate) fn middleware(settings: &Settings) -> Answer<Texts> {
    texts(settings, "MIDDLEWARE")
}

/// A setting that holds a list of texts. Of alternatives, what all of them hold.
#[must_use]
pub(crate) fn texts(settings: &Settings, name: &str) -> Answer<Texts> {
    if let Some(value) = settings.get(name).map(|setting| setting.value.settled())
        && let Kind::Either(values) = &value.kind
    {
        let lists: Option<Vec<Texts>> = values.iter().map(list).collect();
        return match lists.as_deref() {
            Some([first, rest @ ..]) => {
                let in_all = |entry: &&(String, Span)| {
                    rest.iter()
                        .all(|list| list.contains(&entry.0) == Some(true))
                };
                let entries: Vec<_> = first.entries.iter().filter(in_all).cloned().collect();
                let length = entries.len();
                let same = |list: &Texts| list.entries.len() == length && !list.is_open;
                let shared = Texts {
                    is_open: !(same(first) && rest.iter().all(same)),
                    is_text: false,
                    entries,
                };
                Answer::Known(known(shared, value))
            }
            _ => Answer::Unknown,
        };
    }
    setting(settings, name, &list)
}

fn list(value: &Value) -> Option<Texts> {
    if let Kind::Str(text) = &value.kind {
        return Some(Texts {
            entries: vec![(text.to_string(), value.span)],
            is_open: false,
            is_text: true,
        });
    }
    let items = value.as_items()?;
    // An element that a variable would replace holds as long as nothing sets it.
    let text = |item: &Value| match &item.kind {
        Kind::Env(env) if env.state == EnvState::Unset => {
            env.default.as_ref()?.as_str().map(str::to_owned)
        }
        _ => item.as_str().map(str::to_owned),
    };
    let entries: Vec<(String, Span)> = items
        .items
        .iter()
        .filter_map(|item| Some((text(item)?, item.span)))
        .collect();
    Some(Texts {
        is_open: items.is_open || entries.len() < items.items.len(),
        is_text: false,
        entries,
    })
}

/// A key that is written down or has a default that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Secret {
    pub text: String,
    /// Django's own mark of keys made by `startproject`.
    pub is_insecure: bool,
}

/// `SECRET_KEY`. A key read from a file is unknown, as it should be.
#[must_use]
pub(crate) fn secret_key(settings: &Settings) -> Answer<Secret> {
    setting(settings, "SECRET_KEY", &|value| {
        let text = match &value.kind {
            Kind::None => "",
            _ => value.as_str()?,
        };
        Some(Secret {
            text: text.to_owned(),
            is_insecure: text.starts_with("django-insecure-"),
        })
    })
}

/// `STATIC_ROOT`, normalised, without a slash at the end; empty for `None`. A relative path is
/// relative to the working directory of the process.
#[must_use]
pub(crate) fn static_root(settings: &Settings) -> Answer<String> {
    directory(settings, "STATIC_ROOT")
}

/// A setting that holds a directory, as [`static_root`].
#[must_use]
pub(crate) fn directory(settings: &Settings, name: &str) -> Answer<String> {
    setting(settings, name, &|value| match &value.kind {
        Kind::None => Some(String::new()),
        _ => match value.as_str()? {
            "" => Some(String::new()),
            path => Some(path::normalize(path)),
        },
    })
}

/// Whether a directory as settings write it is this normalised one.
#[must_use]
pub(crate) fn is_path(written: &str, normalised: &str) -> bool {
    path::normalize(written) == normalised
}

/// `STATIC_URL` with a slash at both ends; addresses with a host stay as they are.
#[must_use]
pub(crate) fn static_url(settings: &Settings) -> Answer<String> {
    url_path(settings, "STATIC_URL")
}

/// A setting that holds a path below the site, as [`static_url`]; empty for `None`.
#[must_use]
pub(crate) fn url_path(settings: &Settings, name: &str) -> Answer<String> {
    setting(settings, name, &|value| match &value.kind {
        Kind::None => Some(String::new()),
        _ => {
            let text = value.as_str()?;
            let slash = if text.ends_with('/') { "" } else { "/" };
            Some(
                if text.contains("://") || text.starts_with("//") || text.is_empty() {
                    text.to_owned()
                } else {
                    format!("/{}{slash}", text.trim_start_matches('/'))
                },
            )
        }
    })
}

/// A setting that holds text.
#[must_use]
pub(crate) fn text(settings: &Settings, name: &str) -> Answer<String> {
    setting(settings, name, &plain_text)
}

/// A setting that holds a whole number.
#[must_use]
pub(crate) fn number(settings: &Settings, name: &str) -> Answer<i64> {
    setting(settings, name, &|value| match value.kind {
        Kind::Int(int) => Some(int),
        Kind::Bool(truth) => Some(i64::from(truth)),
        _ => None,
    })
}

fn plain_text(value: &Value) -> Option<String> {
    match &value.kind {
        Kind::None => Some(String::new()),
        _ => value.as_str().map(str::to_owned),
    }
}

/// Where static files are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StaticStorage {
    /// `STORAGES["staticfiles"]["BACKEND"]`; unassigned without `STORAGES` or without that key.
    pub storages: Answer<String>,
    /// `STATICFILES_STORAGE`.
    pub legacy: Answer<String>,
    /// `STORAGES` is assigned.
    pub has_storages: Option<bool>,
    /// It has the keys `default` and `staticfiles`; `None` without `STORAGES` or when not known.
    pub has_default: Option<bool>,
    pub has_staticfiles: Option<bool>,
}

/// `STORAGES` and `STATICFILES_STORAGE`.
#[must_use]
pub(crate) fn static_storage(settings: &Settings) -> StaticStorage {
    let storages = settings.get("STORAGES").map(|setting| &setting.value);
    let has = |key: &str| {
        let dict = storages?.as_dict()?;
        match dict.get(key) {
            Some(_) => Some(true),
            None => dict.is_closed().then_some(false),
        }
    };
    StaticStorage {
        storages: match storages {
            None => absent(settings),
            Some(value) => member(value, &["staticfiles", "BACKEND"], &plain_text),
        },
        legacy: text(settings, "STATICFILES_STORAGE"),
        has_storages: match storages {
            Some(value) if !may_be_unset(value) => Some(true),
            Some(_) => None,
            None => (!settings.is_open && settings.is_found).then_some(false),
        },
        has_default: has("default"),
        has_staticfiles: has("staticfiles"),
    }
}

/// One entry of `DATABASES` or another setting of dictionaries by alias.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub alias: String,
    /// The alias in the settings.
    pub alias_span: Span,
    pub value: Value,
}

impl Entry {
    /// A text of the entry (`ENGINE`, `NAME`, `PASSWORD`); unassigned when it has no such key.
    #[must_use]
    pub(crate) fn text(&self, key: &str) -> Answer<String> {
        member(&self.value, &[key], &|value| match &value.kind {
            Kind::Int(int) => Some(int.to_string()),
            _ => plain_text(value),
        })
    }

    /// A text of a dictionary in the entry: `driver` of `OPTIONS`.
    #[must_use]
    pub(crate) fn within(&self, key: &str, inner: &str) -> Answer<String> {
        member(&self.value, &[key, inner], &plain_text)
    }
}

/// The entries of a setting of dictionaries by alias (`DATABASES`, `CACHES`), and whether there may
/// be more. `None` when nothing is known; empty and closed when it is not assigned.
#[must_use]
pub(crate) fn entries(settings: &Settings, name: &str) -> Option<(Vec<Entry>, bool)> {
    let Some(setting) = settings.get(name) else {
        let is_known = settings.is_found && !settings.is_open;
        return is_known.then(|| (Vec::new(), false));
    };
    let dict = setting.value.as_dict()?;
    let entry = |(key, value): &(Value, Value)| {
        Some(Entry {
            alias: key.as_str()?.to_owned(),
            alias_span: key.span,
            value: value.clone(),
        })
    };
    let entries: Vec<Entry> = dict.entries.iter().filter_map(entry).collect();
    let is_open = dict.is_open || entries.len() < dict.entries.len();
    Some((entries, is_open))
}

/// `DATABASES`, as [`entries`].
#[must_use]
pub(crate) fn databases(settings: &Settings) -> Option<(Vec<Entry>, bool)> {
    entries(settings, "DATABASES")
}

/// A setting, by what `read` makes of a value that is neither unknown nor from the environment.
fn setting<T: PartialEq>(
    settings: &Settings,
    name: &str,
    read: &dyn Fn(&Value) -> Option<T>,
) -> Answer<T> {
    match settings.get(name) {
        Some(setting) => answer(&setting.value, read),
        None => absent(settings),
    }
}

fn absent<T>(settings: &Settings) -> Answer<T> {
    if settings.is_found && !settings.is_open {
        Answer::Unassigned
    } else {
        Answer::Unknown
    }
}

fn may_be_unset(value: &Value) -> bool {
    match &value.kind {
        Kind::Either(values) => values.iter().any(may_be_unset),
        kind => matches!(kind, Kind::Unset),
    }
}

fn answer<T: PartialEq>(value: &Value, read: &dyn Fn(&Value) -> Option<T>) -> Answer<T> {
    match &value.kind {
        Kind::Env(env) if env.state != EnvState::Set => Answer::Env(FromEnv {
            name: env.name.clone(),
            default: match &env.default {
                None => Default::Required,
                Some(default) => default_of(default, read),
            },
            cast: env.cast,
            is_unset: env.state == EnvState::Unset,
            span: value.span,
        }),
        Kind::Either(values) => {
            let mut answers = values.iter().map(|value| answer(value, read));
            match answers.next() {
                Some(Answer::Known(first)) => {
                    let agree = |other: Answer<T>| other.known() == Some(&first.value);
                    if answers.all(agree) {
                        Answer::Known(first)
                    } else {
                        Answer::Unknown
                    }
                }
                _ => Answer::Unknown,
            }
        }
        Kind::Unknown(_) | Kind::Unset | Kind::FromFile(_) | Kind::Object(_) => Answer::Unknown,
        _ => match read(value.settled()) {
            Some(read) if is_plain(value.settled()) => Answer::Known(known(read, value)),
            _ => Answer::Unknown,
        },
    }
}

/// `settled` may still end at something unknown.
fn is_plain(value: &Value) -> bool {
    !matches!(
        value.kind,
        Kind::Unknown(_) | Kind::Unset | Kind::FromFile(_) | Kind::Env(_) | Kind::Object(_)
    )
}

fn known<T>(read: T, value: &Value) -> Known<T> {
    let env = match &value.kind {
        Kind::Env(env) => Some(GivenEnv {
            name: env.name.clone(),
            span: value.settled().span,
        }),
        _ => None,
    };
    Known {
        value: read,
        span: value.span,
        env,
    }
}

/// A default that itself reads a variable counts by that one's default.
fn default_of<T: PartialEq>(value: &Value, read: &dyn Fn(&Value) -> Option<T>) -> Default<T> {
    match answer(value, read) {
        Answer::Known(known) => Default::Known(known.value, known.span),
        Answer::Env(env) if env.is_unset => env.default,
        _ => Default::Unknown,
    }
}

/// What `read` makes of the value at a path of keys.
fn member<T: PartialEq>(
    value: &Value,
    path: &[&str],
    read: &dyn Fn(&Value) -> Option<T>,
) -> Answer<T> {
    let Some((key, rest)) = path.split_first() else {
        return answer(value, read);
    };
    let of = |dict: &Entries| match dict.get(key) {
        Some(inner) => member(inner, rest, read),
        None if dict.is_closed() => Answer::Unassigned,
        None => Answer::Unknown,
    };
    match &value.kind {
        Kind::Dict(dict) => of(dict),
        Kind::Env(env) if env.state == EnvState::Set => match value.as_dict() {
            Some(dict) => match of(dict) {
                Answer::Known(inner) => Answer::Known(Known {
                    span: value.span,
                    env: Some(GivenEnv {
                        name: env.name.clone(),
                        span: inner.span,
                    }),
                    ..inner
                }),
                other => other,
            },
            None => Answer::Unknown,
        },
        Kind::Env(env) => Answer::Env(FromEnv {
            name: env.name.clone(),
            default: match &env.default {
                None => Default::Required,
                Some(default) => match member(default, path, read) {
                    Answer::Known(known) => Default::Known(known.value, known.span),
                    Answer::Env(env) if env.is_unset => env.default,
                    _ => Default::Unknown,
                },
            },
            cast: Cast::Other,
            is_unset: env.state == EnvState::Unset,
            span: value.span,
        }),
        Kind::Either(values) => {
            let mut answers = values.iter().map(|value| member(value, path, read));
            match answers.next() {
                Some(Answer::Known(first)) => {
                    if answers.all(|other| other.known() == Some(&first.value)) {
                        Answer::Known(first)
                    } else {
                        Answer::Unknown
                    }
                }
                Some(Answer::Unassigned) if answers.all(|one| one == Answer::Unassigned) => {
                    Answer::Unassigned
                }
                _ => Answer::Unknown,
            }
        }
        _ => Answer::Unknown,
    }
}

/// Django compares an entry of ALLOWED_HOSTS with a host name without its port; this one is none.
#[must_use]
pub(crate) fn matches_no_host(entry: &str) -> bool {
    let has_port = !entry.contains(['[', ']'])
        && entry.split_once(':').is_some_and(|(host, port)| {
            !host.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
        });
    let is_split = |c: char| c.is_whitespace() || ",;@/".contains(c);
    has_port || entry.contains(is_split) || entry.len() > 1 && entry.starts_with('*')
}

/// The host that such an entry was meant for is matched by another entry: nobody misses it.
#[must_use]
pub(crate) fn is_matched_beside(entry: &str, entries: &[(String, Span)]) -> bool {
    let host = entry.trim();
    let host = host.split_once("://").map_or(host, |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or(host);
    let matches = |other: &str| {
        other == "*"
            || other.eq_ignore_ascii_case(host)
            || other
                .strip_prefix('.')
                .is_some_and(|domain| host == domain || host.ends_with(other))
    };
    let mut others = entries.iter().filter(|(other, _)| !matches_no_host(other));
    !host.is_empty() && others.any(|(other, _)| matches(other))
}
