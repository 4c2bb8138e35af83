//! Whether Django refuses what the image's own health check asks. Tried with Django 5.2: `CommonMiddleware` asks for
//! the host of each request, and one that ALLOWED_HOSTS lacks is answered with 400.

use crate::facts::django::needs;
use crate::facts::model::{ApplicationFact, Project};
use crate::facts::start::healthcheck::{self, Asked};
use crate::knowledge::Series;
use crate::knowledge::words::ValueWords;
use crate::python::settings::Settings;
use crate::python::settings::verdicts::{self, Answer, Texts};
use crate::server::{Protocol, Server};
use crate::span::Traced;

/// Asks for the host of each request.
const COMMON: &str = "django.middleware.common.CommonMiddleware";

/// Looks at the origin of each form.
const CSRF: &str = "django.middleware.csrf.CsrfViewMiddleware";

/// The address that the HEALTHCHECK of an image asks and that its settings certainly refuse by ALLOWED_HOSTS.
pub(crate) fn healthcheck(p: &Project, i: usize) -> Option<Asked> {
    let image = &p.images[p.settings[i].image];
    let served = image.served.as_deref().filter(|_| image.process_is_known)?;
    let gate = Gate::of(p, i, served)?;
    let mut asked = healthcheck::needs_answer(p, image).into_iter();
    asked.find(|asked| {
        let is_asked = gate.front.answers(asked.port, asked.is_secure, &asked.path);
        is_asked && !gate.lets_in(asked.host)
    })
}

/// The probe by which a cluster asks what runs with these settings under the address of its pod, which ALLOWED_HOSTS
/// certainly refuses.
pub(crate) fn probe(p: &Project, i: usize) -> Option<&Traced> {
    let fact = &p.settings[i];
    let mut runs = p.services.iter().filter(|it| it.image == Some(fact.image));
    runs.find_map(|service| {
        let served = service.served.as_deref();
        let served = served.filter(|_| service.is_known(p) && !service.has_several(p))?;
        let gate = Gate::of(p, i, served)?;
        let mut asked = service.deployed(p).asked.iter().filter(|it| it.is_http);
        let refused = asked.find(|asked| {
            let path = asked.path.as_ref().map_or("/", |path| path.as_str());
            let is_asked = gate.front.answers(asked.port, asked.is_secure, path);
            let host = asked.host.as_ref();
            // The pod has an address of its own, which nobody knows before.
            let is_let_in = match host.map(|host| host.as_str()) {
                Some(Some(host)) => gate.lets_in(host.split(':').next().unwrap_or(host)),
                Some(None) => true,
                None => gate.is_open,
            };
            is_asked && !is_let_in
        });
        refused.map(|asked| &asked.name)
    })
}

/// Django certainly refuses each request with this `Host`; `true` where it is no name of a host (RFC 1034: no
/// underscore), so that it does whatever ALLOWED_HOSTS says.
pub(crate) fn refuses_host(p: &Project, i: usize, served: &Server, host: &str) -> Option<bool> {
    let settings = &p.settings[i].settings;
    let reads_another = match verdicts::flag(settings, "USE_X_FORWARDED_HOST") {
        Answer::Known(known) => known.value,
        Answer::Unassigned => false,
        Answer::Env(_) | Answer::Unknown => true,
    };
    let is_plain_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    if reads_another || !host.chars().all(is_plain_name) {
        return None;
    }
    if host.contains('_') {
        let is_asked = is_plain(p, p.settings[i].image)
            && comes_to(settings, COMMON, &|name| {
                ValueWords::PassesOn.contains(name)
            });
        return is_asked.then_some(true);
    }
    let gate = Gate::of(p, i, served)?;
    (!gate.lets_in(&host.to_ascii_lowercase())).then_some(false)
}

/// Django certainly takes a form for one of another site whose page was at this port, where the proxy says the host
/// without it: no setting trusts an origin with the port, and nothing says that a proxy stands before that one.
pub(crate) fn refuses_origin(p: &Project, i: usize, port: u16) -> bool {
    let settings = &p.settings[i].settings;
    // Before 4.0 the header `Origin` is not looked at.
    let is_looked_at =
        needs::django(p, p.settings[i].image).is_some_and(|it| it.series >= Series(4, 0));
    let is_off = |name: &str| match verdicts::flag(settings, name) {
        Answer::Known(known) => !known.value,
        Answer::Unassigned => true,
        Answer::Env(_) | Answer::Unknown => false,
    };
    let trusts = match verdicts::texts(settings, "CSRF_TRUSTED_ORIGINS") {
        Answer::Unassigned => false,
        Answer::Known(known) => {
            let end = format!(":{port}");
            let is_it = |entry: &str| entry.ends_with(&end) || entry.starts_with("https:");
            known.value.is_open || known.value.entries.iter().any(|(entry, _)| is_it(entry))
        }
        Answer::Env(_) | Answer::Unknown => true,
    };
    let behind = [
        "SECURE_PROXY_SSL_HEADER",
        "SECURE_SSL_REDIRECT",
        "CSRF_COOKIE_SECURE",
    ];
    let is_behind = behind.iter().any(|name| settings.get(name).is_some());
    let passes = |name: &str| ValueWords::PassesOn.contains(name);
    is_looked_at
        && is_off("USE_X_FORWARDED_HOST")
        && is_off("USE_X_FORWARDED_PORT")
        && !trusts
        && !is_behind
        && comes_to(settings, CSRF, &passes)
}

/// The server in front of Django, with nothing that answers in Django's place.
pub(crate) struct Front<'a> {
    served: &'a Server,
    static_url: String,
}

impl<'a> Front<'a> {
    /// `None` where something else may answer.
    pub(crate) fn of(p: &Project, i: usize, served: &'a Server) -> Option<Self> {
        let fact = &p.settings[i];
        let settings = &fact.settings;
        let is_set = |name: &str| !matches!(verdicts::texts(settings, name), Answer::Unassigned);
        // What answers in Django's place.
        if !is_plain(p, fact.image) || is_set("SECURE_SSL_HOST") || is_set("WHITENOISE_ROOT") {
            return None;
        }
        let static_url = match verdicts::static_url(settings) {
            Answer::Known(url) => url.value,
            Answer::Unassigned => String::new(),
            Answer::Env(_) | Answer::Unknown => return None,
        };
        Some(Self { served, static_url })
    }

    /// Django itself answers what is asked.
    pub(crate) fn answers(&self, port: Option<u16>, is_secure: bool, path: &str) -> bool {
        let mut binds = self.served.binds.iter();
        let is_own = binds.any(|bind| {
            let is_there = port.is_some() && bind.tcp_port() == port;
            is_there && bind.protocol == Protocol::Http
        });
        self.served.binds_are_known
            && is_own
            && !is_secure
            && (self.static_url.len() < 2 || !path.starts_with(&self.static_url))
    }
}

/// Requests certainly come to a middleware; to the URLs where none is named. Those of others may answer before it,
/// unless `passes` says that they do not.
pub(crate) fn comes_to(settings: &Settings, by: &str, passes: &dyn Fn(&str) -> bool) -> bool {
    let Some(middleware) = closed(verdicts::middleware(settings)) else {
        return false;
    };
    let mut names = middleware.entries.iter().map(|(name, _)| name.as_str());
    let is_asked = names
        .by_ref()
        .take_while(|name| *name != by)
        .all(|name| name.starts_with("django.") || name.starts_with("whitenoise.") || passes(name));
    let mut all = middleware.entries.iter();
    is_asked && (by.is_empty() || all.any(|(name, _)| name == by))
}

/// What Django does with the host of a request.
struct Gate<'a> {
    front: Front<'a>,
    hosts: Texts,
    /// Hosts that nobody knows before may be let in.
    is_open: bool,
}

impl<'a> Gate<'a> {
    /// `None` where something else may answer, or it is not known which hosts are let in.
    fn of(p: &Project, i: usize, served: &'a Server) -> Option<Self> {
        let settings = &p.settings[i].settings;
        let front = Front::of(p, i, served)?;
        let hosts = closed(verdicts::texts(settings, "ALLOWED_HOSTS"))?;
        if hosts.entries.is_empty()
            || !comes_to(settings, COMMON, &|name| {
                ValueWords::PassesOn.contains(name)
            })
        {
            return None;
        }
        // An address may stand among them that happens to be the pod's.
        let is_address =
            |(entry, _): &(String, _)| entry.starts_with(|c: char| c.is_ascii_digit() || c == '*');
        Some(Self {
            is_open: hosts.entries.iter().any(is_address),
            front,
            hosts,
        })
    }

    fn lets_in(&self, host: &str) -> bool {
        self.hosts
            .entries
            .iter()
            .any(|(entry, _)| allows(entry, host))
    }
}

/// The image serves what Django gives, with nothing around it.
pub(crate) fn is_plain(p: &Project, image: usize) -> bool {
    let mut served = p.applications.iter().filter(|it| it.image == image);
    let is_alone = |it: &ApplicationFact| {
        let module = it.module.as_ref();
        module.is_some_and(|module| module.serves_django.as_ref() == Some(&it.attribute))
    };
    served.next().is_some_and(is_alone) && served.next().is_none()
}

pub(crate) fn closed(answer: Answer<Texts>) -> Option<Texts> {
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
