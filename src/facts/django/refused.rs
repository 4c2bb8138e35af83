//! Whether Django refuses what the image's own health check asks. Tried with Django 5.2: `CommonMiddleware` asks for
//! the host of each request, and one that ALLOWED_HOSTS lacks is answered with 400.

use crate::facts::model::{ApplicationFact, Project};
use crate::facts::start::healthcheck::{self, Asked};
use crate::python::settings::verdicts::{self, Answer, Texts};
use crate::server::Protocol;

/// Asks for the host of each request.
const COMMON: &str = "django.middleware.common.CommonMiddleware";

/// The address that the HEALTHCHECK of an image asks and that its settings certainly refuse by ALLOWED_HOSTS.
pub(crate) fn healthcheck(p: &Project, i: usize) -> Option<Asked> {
    let fact = &p.settings[i];
    let settings = &fact.settings;
    let image = &p.images[fact.image];
    let served = image.served.as_ref().filter(|_| image.process_is_known)?;
    let is_set = |name: &str| !matches!(verdicts::texts(settings, name), Answer::Unassigned);
    // What answers in Django's place.
    if !is_plain(p, fact.image) || is_set("SECURE_SSL_HOST") || is_set("WHITENOISE_ROOT") {
        return None;
    }
    let hosts = closed(verdicts::texts(settings, "ALLOWED_HOSTS"))?;
    let middleware = closed(verdicts::middleware(settings))?;
    let mut names = middleware.entries.iter().map(|(name, _)| name.as_str());
    // Those of others may answer before it.
    let is_asked = names
        .by_ref()
        .take_while(|name| *name != COMMON)
        .all(|name| name.starts_with("django.") || name.starts_with("whitenoise."));
    let has_common = middleware.entries.iter().any(|(name, _)| name == COMMON);
    if !is_asked || !has_common || hosts.entries.is_empty() {
        return None;
    }
    let static_url = match verdicts::static_url(settings) {
        Answer::Known(url) => url.value,
        Answer::Unassigned => String::new(),
        Answer::Env(_) | Answer::Unknown => return None,
    };
    let is_answered_by_django = |asked: &Asked| {
        let mut binds = served.binds.iter();
        let is_own = binds.any(|bind| {
            let is_there = asked.port.is_some() && bind.tcp_port() == asked.port;
            is_there && bind.protocol == Protocol::Http
        });
        served.binds_are_known
            && is_own
            && !asked.is_secure
            && (static_url.len() < 2 || !asked.path.starts_with(&static_url))
    };
    let is_allowed = |host: &str| hosts.entries.iter().any(|(entry, _)| allows(entry, host));
    let mut asked = healthcheck::needs_answer(p, image).into_iter();
    asked.find(|asked| is_answered_by_django(asked) && !is_allowed(asked.host))
}

/// The image serves what Django gives, with nothing around it.
fn is_plain(p: &Project, image: usize) -> bool {
    let mut served = p.applications.iter().filter(|it| it.image == image);
    let is_alone = |it: &ApplicationFact| {
        let module = it.module.as_ref();
        module.is_some_and(|module| module.serves_django.as_ref() == Some(&it.attribute))
    };
    served.next().is_some_and(is_alone) && served.next().is_none()
}

fn closed(answer: Answer<Texts>) -> Option<Texts> {
    match answer {
        Answer::Known(known) if !known.value.is_open => Some(known.value),
        _ => None,
    }
}

/// As Django compares a host with an entry of ALLOWED_HOSTS.
fn allows(entry: &str, host: &str) -> bool {
    let entry = entry.to_ascii_lowercase();
    let is_domain =
        entry.starts_with('.') && (host.ends_with(&entry) || host == entry.trim_start_matches('.'));
    entry == "*" || entry == host || is_domain
}

#[cfg(test)]
mod tests {
    use super::allows;

    #[test]
    fn hosts_are_compared_as_django_does() {
        assert!(allows("*", "localhost") && allows("localhost", "localhost"));
        assert!(allows(".localhost", "localhost") && allows(".example.org", "a.example.org"));
        assert!(!allows("example.org", "localhost") && !allows("127.0.0.1", "localhost"));
    }
}
