//! What settings say of addresses: databases, caches, brokers, layers of channels, mail.

use crate::knowledge::brokers::{self, Broker};
use crate::knowledge::databases::Engine;
use crate::python::settings::verdicts::{self, Answer, Entry};
use crate::python::settings::{EnvState, Kind, Settings, Value};
use crate::span::{Span, Traced};

/// What is meant to answer.
#[derive(Debug, Clone, Copy)]
pub(super) enum Server {
    Broker(&'static Broker),
    Database(Engine),
}

/// An address.
#[derive(Debug)]
pub(super) struct Local {
    pub(super) server: Server,
    pub(super) host: Traced,
    /// A variable would replace it.
    pub(super) is_default: bool,
    /// The variable that some of what starts the image sets, and not all.
    pub(super) variable: Option<String>,
    /// Django or celery asks there.
    pub(super) is_used: bool,
    /// celery reads the setting, and variables of its own before it.
    pub(super) is_of_celery: bool,
}

impl Local {
    /// A backend whose name holds that of the server asks at the address; others take it as a mere name.
    fn is_read_by(&self, is_of: &dyn Fn(&str) -> bool) -> bool {
        matches!(self.server, Server::Broker(broker) if is_of(broker.name))
    }
}

/// Text of the settings, or the default of a variable that nothing sets.
struct Written<'a> {
    text: &'a str,
    span: Span,
    is_default: bool,
    variable: Option<&'a str>,
}

/// The addresses that settings certainly have.
pub(super) fn of(settings: &Settings) -> Vec<Local> {
    let mut out = Vec::new();
    for (name, setting) in &settings.values {
        let is_used = name.starts_with("CELERY_") || name == "BROKER_URL";
        if let Some(found) = written(&setting.value) {
            out.extend(url(&found, is_used).map(|local| Local {
                is_of_celery: is_used,
                ..local
            }));
        }
    }
    // Whether anything asks for an alias of the project's own is not known.
    for cache in entries(settings, "CACHES") {
        let is_used = cache.alias == "default";
        let backend = cache.text("BACKEND");
        let is_of = |kind: &str| backend.known().is_some_and(|it| it.contains(kind));
        for place in member(&cache.value, "LOCATION").into_iter().flat_map(each) {
            let Some(found) = written(place) else {
                continue;
            };
            out.extend(url(&found, is_used).filter(|local| local.is_read_by(&is_of)));
            let place = host_and_port(&found, "memcached", is_used);
            out.extend(place.filter(|_| is_of("memcached")));
        }
    }
    let layers = entries(settings, "CHANNEL_LAYERS").into_iter();
    let is_redis = |layer: &Entry| {
        let backend = layer.text("BACKEND");
        backend.known().is_some_and(|it| it.contains("redis"))
    };
    for layer in layers.filter(is_redis) {
        let config = member(&layer.value, "CONFIG");
        let hosts = config.and_then(|config| member(config, "hosts"));
        for host in hosts.into_iter().flat_map(each) {
            out.extend(written(host).and_then(|found| url(&found, true)));
            let first = host.as_items().and_then(|pair| pair.items.first());
            let found = first.and_then(written);
            out.extend(found.and_then(|found| host_and_port(&found, "redis", true)));
        }
    }
    for database in entries(settings, "DATABASES") {
        let kind = database.text("ENGINE");
        let server = kind.known().and_then(|name| engine(name.as_str()));
        let host = member(&database.value, "HOST").and_then(written);
        if let (Some(engine), Some(found)) = (server, host) {
            let is_used = database.alias == "default";
            out.extend(local(&found, found.text, Server::Database(engine), is_used));
        }
    }
    out.extend(mail(settings));
    out.extend(store(settings));
    search(settings, &mut out);
    out
}

/// The kind of server behind an ENGINE.
pub(super) fn engine(name: &str) -> Option<Engine> {
    if name.contains("postg") {
        Some(Engine::Postgres)
    } else {
        name.ends_with(".mysql").then_some(Engine::Mysql)
    }
}

/// EMAIL_HOST, where mail goes out by SMTP.
fn mail(settings: &Settings) -> Option<Local> {
    let goes_out = match verdicts::text(settings, "EMAIL_BACKEND") {
        Answer::Known(known) => known.value.ends_with(".smtp.EmailBackend"),
        Answer::Unassigned => true,
        Answer::Env(_) | Answer::Unknown => false,
    };
    let host = settings.get("EMAIL_HOST").filter(|_| goes_out)?;
    let found = written(&host.value)?;
    host_and_port(&found, "smtp", true)
}

/// Where django-storages looks for a store of objects that speaks as S3 does.
fn store(settings: &Settings) -> Option<Local> {
    let found = written(&settings.get("AWS_S3_ENDPOINT_URL")?.value)?;
    let (_, rest) = found.text.split_once("://")?;
    let host = rest.split([':', '/']).next()?;
    let server = Server::Broker(object_store()?);
    local(&found, host, server, keeps_in_s3(settings))
}

/// The store of objects that stands in for that of Amazon in a stack.
pub(super) fn object_store() -> Option<&'static Broker> {
    brokers::named("minio")
}

/// A storage of the settings is that of django-storages for S3.
pub(super) fn keeps_in_s3(settings: &Settings) -> bool {
    let is_s3 = |name: Answer<String>| name.known().is_some_and(|it| it.contains(".s3"));
    let old = ["DEFAULT_FILE_STORAGE", "STATICFILES_STORAGE"];
    let storages = entries(settings, "STORAGES");
    storages.iter().any(|it| is_s3(it.text("BACKEND")))
        || old.iter().any(|name| is_s3(verdicts::text(settings, name)))
}

/// Where django-elasticsearch-dsl and django-haystack look for a search engine.
fn search(settings: &Settings, out: &mut Vec<Local>) {
    let apps = verdicts::installed_apps(settings);
    let has = |name: &str| {
        let known = apps.known();
        known.is_some_and(|apps| apps.contains(name) == Some(true))
    };
    let mut places: Vec<(&Value, bool)> = Vec::new();
    let dsl = entries(settings, "ELASTICSEARCH_DSL");
    for entry in &dsl {
        let hosts = member(&entry.value, "hosts").into_iter().flat_map(each);
        places.extend(hosts.map(|host| (host, has("django_elasticsearch_dsl"))));
    }
    let haystack = entries(settings, "HAYSTACK_CONNECTIONS");
    for entry in &haystack {
        let engine = entry.text("ENGINE");
        if engine
            .known()
            .is_some_and(|it| it.contains("elasticsearch"))
        {
            let urls = member(&entry.value, "URL").into_iter().flat_map(each);
            places.extend(urls.map(|url| (url, has("haystack"))));
        }
    }
    for (found, is_used) in places
        .into_iter()
        .filter_map(|(value, is_used)| Some((written(value)?, is_used)))
    {
        let text = found.text;
        let text = text
            .strip_prefix("http://")
            .or(text.strip_prefix("https://"))
            .unwrap_or(text);
        let plain = Written { text, ..found };
        out.extend(host_and_port(&plain, "elasticsearch", is_used));
    }
}

fn entries(settings: &Settings, name: &str) -> Vec<Entry> {
    verdicts::entries(settings, name).map_or(Vec::new(), |(entries, _)| entries)
}

fn member<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    value.as_dict()?.get(key)
}

/// The elements of a list, or the one value.
fn each(value: &Value) -> Vec<&Value> {
    match value.as_items() {
        Some(items) => items.items.iter().collect(),
        None => vec![value],
    }
}

fn written(value: &Value) -> Option<Written<'_>> {
    match &value.kind {
        Kind::Str(text) => Some(Written {
            text,
            span: value.span,
            is_default: false,
            variable: None,
        }),
        Kind::Env(env) if env.state != EnvState::Set => {
            let default = env.default.as_ref()?;
            let Kind::Str(text) = &default.kind else {
                return None;
            };
            Some(Written {
                text,
                span: default.span,
                is_default: true,
                variable: (env.state != EnvState::Unset).then_some(&env.name),
            })
        }
        _ => None,
    }
}

/// `scheme://host:port`, with the scheme of a broker.
fn url(found: &Written<'_>, is_used: bool) -> Option<Local> {
    let (scheme, rest) = found.text.split_once("://")?;
    let broker = brokers::of_scheme(scheme)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let place = rest[..end].rsplit('@').next()?;
    let host = place.split(':').next()?;
    local(found, host, Server::Broker(broker), is_used)
}

/// `host:port`, or the host alone.
fn host_and_port(found: &Written<'_>, scheme: &str, is_used: bool) -> Option<Local> {
    let host = found.text.split(':').next()?;
    local(
        found,
        host,
        Server::Broker(brokers::of_scheme(scheme)?),
        is_used,
    )
}

fn local(found: &Written<'_>, host: &str, server: Server, is_used: bool) -> Option<Local> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    (!host.is_empty() && host.chars().all(is_name)).then(|| Local {
        server,
        host: Traced::new(host, found.span),
        is_default: found.is_default,
        variable: found.variable.map(str::to_owned),
        is_used,
        is_of_celery: false,
    })
}
