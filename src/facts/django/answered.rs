//! Whether Django sends what the image's own health check asks elsewhere, has no URL for it, or refuses its method.

use crate::facts::build::at;
use crate::facts::django::refused::{Front, closed, comes_to};
use crate::facts::django::routes::{self, Found};
use crate::facts::model::Project;
use crate::facts::start::healthcheck::{self, Asked};
use crate::knowledge::words::ValueWords;
use crate::python::settings::verdicts::{self, Answer, Default};
use crate::python::settings::{Kind, Settings};
use regex_lite::Regex;

/// Sends requests by HTTP on to HTTPS.
const SECURITY: &str = "django.middleware.security.SecurityMiddleware";

/// The address that the HEALTHCHECK of an image asks by HTTP and that its settings certainly send on to HTTPS, which
/// the server does not speak, where the check goes there. Tried with Django 5.2.
pub(crate) fn redirect(p: &Project, i: usize) -> Option<Asked> {
    let fact = &p.settings[i];
    let settings = &fact.settings;
    let image = &p.images[fact.image];
    // uWSGI may tell the application that a request came by HTTPS.
    let is_plain = image.served.as_ref().is_some_and(|it| it.uwsgi.is_none());
    let is_on =
        matches!(verdicts::flag(settings, "SECURE_SSL_REDIRECT"), Answer::Known(it) if it.value);
    if !is_on || !is_plain || !healthcheck::goes_on(p, image) {
        return None;
    }
    let patterns = exempt(settings)?;
    let mut asked = answered(p, i, SECURITY)?.into_iter();
    asked.find(|asked| !is_exempt(asked, &patterns))
}

/// What SECURE_REDIRECT_EXEMPT lets through; `None` where a pattern is not read as Python reads it.
fn exempt(settings: &Settings) -> Option<Vec<Regex>> {
    let exempt = match verdicts::texts(settings, "SECURE_REDIRECT_EXEMPT") {
        Answer::Unassigned => Vec::new(),
        answer => closed(answer)?.entries,
    };
    let patterns = exempt.iter().map(|(entry, _)| Regex::new(entry).ok());
    patterns.collect()
}

fn is_exempt(asked: &Asked, patterns: &[Regex]) -> bool {
    let path = asked.path.split('?').next().unwrap_or_default();
    let path = path.trim_start_matches('/');
    patterns.iter().any(|pattern| pattern.is_match(path))
}

/// The path that the HEALTHCHECK of an image asks for and that certainly no URL has. Tried with Django 5.2.
pub(crate) fn missing(p: &Project, i: usize) -> Option<Asked> {
    let settings = &p.settings[i].settings;
    let routes = p.settings[i].routes.as_ref()?;
    let is_debug = !matches!(verdicts::debug(settings), Answer::Known(it) if !it.value);
    let mut asked = passed(p, i, true)?.into_iter();
    asked.find(|asked| {
        // Without URLs of its own a project greets while it is developed.
        plain_path(asked).is_some_and(|path| {
            let with_slash = format!("{path}/");
            let mut ways = [path, with_slash.as_str()].into_iter();
            !(path.is_empty() && is_debug)
                && ways.all(|path| routes::find(routes, path) == Found::Nothing)
        })
    })
}

/// The method with which the HEALTHCHECK of an image asks, and those that the view takes which answers, where it is
/// none of them. Tried with Django 5.2.
pub(crate) fn method(p: &Project, i: usize) -> Option<(String, Vec<String>, Asked)> {
    let fact = &p.settings[i];
    let routes = fact.routes.as_ref()?;
    let method = healthcheck::method(p, &p.images[fact.image])?;
    passed(p, i, false)?.into_iter().find_map(|asked| {
        let Found::View(view) = routes::find(routes, plain_path(&asked)?) else {
            return None;
        };
        let methods = view.methods.clone()?;
        let is_refused = !methods.is_empty() && !methods.contains(&method);
        is_refused.then(|| (method.clone(), methods, asked))
    })
}

/// The permission class of REST framework that refuses the HEALTHCHECK of an image, which says nothing of an account:
/// the settings name it, and the view that answers no other. Tried with REST framework 3.16.
pub(crate) fn login(p: &Project, i: usize) -> Option<(Asked, String)> {
    let fact = &p.settings[i];
    let routes = fact.routes.as_ref()?;
    let (entries, is_open) = verdicts::entries(&fact.settings, "REST_FRAMEWORK")?;
    let texts = |name: &str| {
        let entry = entries.iter().find(|entry| entry.alias == name);
        let items = |entry: &verdicts::Entry| {
            let (Kind::List(items) | Kind::Tuple(items)) = &entry.value.kind else {
                return None;
            };
            let texts = items.items.iter().map(|item| match &item.kind {
                Kind::Str(text) => Some(text.to_string()),
                _ => None,
            });
            texts
                .collect::<Option<Vec<String>>>()
                .filter(|_| !items.is_open)
        };
        entry.map(|entry| items(entry).unwrap_or_else(|| vec![String::new()]))
    };
    let of_framework = |name: &String| name.starts_with("rest_framework.");
    let others = texts("DEFAULT_AUTHENTICATION_CLASSES").unwrap_or_default();
    let refuses = |name: &String| {
        of_framework(name) && (name.ends_with(".IsAuthenticated") || name.ends_with(".IsAdminUser"))
    };
    let classes = texts("DEFAULT_PERMISSION_CLASSES")?;
    let class = classes.into_iter().find(refuses)?;
    let check = healthcheck::of_image(p, &p.images[fact.image])?;
    let says_who = ["--user", " -u", "@"]
        .iter()
        .any(|it| check.text.contains(it));
    if is_open || says_who || !others.iter().all(of_framework) {
        return None;
    }
    let asked = passed(p, i, false)?.into_iter().find(|asked| {
        let found = plain_path(asked).map(|path| routes::find(routes, path));
        matches!(found, Some(Found::View(view)) if view.asks_settings)
    })?;
    Some((asked, class))
}

/// Whoever starts the container may switch on a redirect to HTTPS, with which the HEALTHCHECK is content.
pub(crate) fn may_be_redirected(p: &Project, i: usize) -> bool {
    let fact = &p.settings[i];
    let answer = verdicts::flag(&fact.settings, "SECURE_SSL_REDIRECT");
    matches!(answer, Answer::Env(_)) && !healthcheck::goes_on(p, &p.images[fact.image])
}

/// A path as URLs are compared with it, where nothing in it has a meaning of its own.
fn plain_path(asked: &Asked) -> Option<&str> {
    let path = asked.path.split(['?', '#']).next().unwrap_or_default();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.');
    let path = path.strip_prefix('/').unwrap_or(path);
    path.chars().all(is_plain).then_some(path)
}

/// The addresses that the HEALTHCHECK of an image asks, where every middleware lets the request through to the URLs.
/// `is_missing`: there is none for it, so that nobody is asked to log in.
fn passed(p: &Project, i: usize, is_missing: bool) -> Option<Vec<Asked>> {
    let settings = &p.settings[i].settings;
    let middleware = closed(verdicts::middleware(settings))?;
    let passes = |name: &str| match name.strip_prefix("django.") {
        Some(_) => {
            let answers = ValueWords::AnswersItself.is_within(name);
            !answers || is_missing && name.contains("LoginRequired")
        }
        None => name.starts_with("whitenoise.") || ValueWords::PassesOn.contains(name),
    };
    let all = middleware.entries.iter().all(|(name, _)| passes(name));
    let is_at_root = matches!(
        verdicts::text(settings, "FORCE_SCRIPT_NAME"),
        Answer::Unassigned
    );
    let may_redirect = match verdicts::flag(settings, "SECURE_SSL_REDIRECT") {
        Answer::Unassigned => false,
        Answer::Known(known) => known.value,
        Answer::Env(read) => !matches!(read.default, Default::Known(false, _)),
        Answer::Unknown => true,
    };
    let patterns = match may_redirect {
        true => Some(exempt(settings)?),
        false => None,
    };
    let stage = p.images[p.settings[i].image].stage;
    if !all || !is_at_root || at::sets_env(p, stage, "SCRIPT_NAME") {
        return None;
    }
    let mut asked = answered(p, i, "")?;
    asked.retain(|asked| patterns.as_ref().is_none_or(|it| is_exempt(asked, it)));
    Some(asked)
}

/// The addresses that the HEALTHCHECK of an image cannot do without an answer of, and whose requests certainly come to
/// a middleware of Django; to the URLs where none is named.
fn answered(p: &Project, i: usize, by: &str) -> Option<Vec<Asked>> {
    let fact = &p.settings[i];
    let image = &p.images[fact.image];
    let served = image.served.as_ref().filter(|_| image.process_is_known)?;
    let front = Front::of(p, i, served)?;
    let passes = |name: &str| ValueWords::PassesOn.contains(name);
    if !comes_to(&fact.settings, by, &passes) {
        return None;
    }
    let mut asked = healthcheck::needs_answer(p, image);
    asked.retain(|asked| front.answers(asked.port, asked.is_secure, &asked.path));
    Some(asked)
}
