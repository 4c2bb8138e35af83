//! Packages that read environment variables: django-environ, environs, decouple, dj-database-url.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::python::settings::library::{
    Caster, Host, Parts, cast, caster_of, env_file, lift, method_change, read, read_required,
};
use crate::python::settings::outcome::EnvFile;
use crate::python::settings::value::{
    Arguments, Csv, Kind, Object, Reader, Reason, Scheme, Thing, Value, external,
};
use crate::span::Span;

/// Calls of readers that are plain functions.
pub(crate) fn reader_call<H: Host>(
    host: &mut H,
    dotted: &str,
    arguments: &Arguments,
    span: Span,
) -> Option<Value> {
    if let Some(reader) = env_file_reader(dotted) {
        env_file(host, arguments, reader, span);
        return Some(Value::new(Kind::None, span));
    }
    let none = || Value::new(Kind::None, span);
    match dotted {
        "os.environ.get" | "os.getenv" => {
            let name = arguments.get(0, "key")?.clone();
            let default = arguments.get(1, "default").cloned().unwrap_or_else(none);
            Some(read(
                host,
                &name,
                Some(default),
                &Caster::None,
                Reader::Stdlib,
                span,
            ))
        }
        "os.environ.pop" => {
            let name = arguments.get(0, "key")?.clone();
            let default = arguments.get(1, "default").cloned();
            Some(read(
                host,
                &name,
                default,
                &Caster::None,
                Reader::Stdlib,
                span,
            ))
        }
        "os.environ.__getitem__" => {
            let name = arguments.get(0, "key")?.clone();
            Some(read_required(host, &name, Reader::Stdlib, span))
        }
        "os.environ.setdefault" => {
            let name = arguments.get(0, "key")?.clone();
            let value = arguments.get(1, "default")?.clone();
            let key = name.as_str()?.to_owned();
            let value = read(
                host,
                &name,
                Some(value),
                &Caster::None,
                Reader::Stdlib,
                span,
            );
            host.variables().overlay.assign(&key, value.clone(), span);
            Some(value)
        }
        "os.environ.copy" => None,
        "os.environ.update" => {
            for (key, value) in arguments.keywords.clone() {
                host.variables().overlay.assign(&key, value, span);
            }
            Some(none())
        }
        "environ.Env" | "environ.environ.Env" | "environ.FileAwareEnv" => {
            let mut scheme = Scheme {
                names: BTreeMap::new(),
                casts_by_default: Some(true),
                depth: 0,
            };
            for (name, value) in &arguments.keywords {
                let (cast, default) = match value.as_items() {
                    Some(pair) if pair.items.len() == 2 => {
                        (&pair.items[0], Some(pair.items[1].clone()))
                    }
                    _ => (value, None),
                };
                let cast = Caster::of(cast).cast();
                scheme.names.insert(name.clone(), (cast, default));
            }
            let defaults = scheme
                .names
                .values()
                .filter_map(|(_, default)| default.as_ref());
            scheme.depth = Value::depth_over(defaults)?;
            Some(Value::new(
                Kind::Object(Object(Thing::DjangoEnv(Arc::new(scheme)))),
                span,
            ))
        }
        "environs.Env" | "environs.FileAwareEnv" => {
            Some(Value::new(Kind::Object(Object(Thing::Environs)), span))
        }
        "environs.env.read_env" => {
            env_file(host, arguments, Reader::Environs, span);
            Some(none())
        }
        _ if dotted.starts_with("environs.env.") => {
            let method = dotted.trim_start_matches("environs.env.").to_owned();
            Some(environs(host, &method, arguments, span))
        }
        "environs.env" => Some(environs(host, "__call__", arguments, span)),
        "decouple.config" | "decouple.AutoConfig.__call__" | "prettyconf.config" => {
            decouple(host, arguments, span)
        }
        "decouple.AutoConfig" | "decouple.Config" => Some(external("decouple.config", span)),
        "decouple.Csv" | "prettyconf.casts.List" => {
            let delimiter = arguments.get(1, "delimiter").and_then(Value::as_str);
            let post = arguments.keyword("post_process").map(Caster::of);
            let csv = Csv {
                delimiter: delimiter.unwrap_or(",").to_owned(),
                is_tuple: matches!(post, Some(Caster::List { is_tuple: true, .. })),
            };
            Some(Value::new(
                Kind::Object(Object(Thing::Csv(Arc::new(csv)))),
                span,
            ))
        }
        "dj_database_url.config" => {
            let name = arguments.get(0, "env").cloned();
            let name = name.unwrap_or_else(|| Value::str("DATABASE_URL", span));
            let default = arguments.get(1, "default").cloned();
            let default = match default {
                Some(value) if !matches!(value.kind, Kind::None) => {
                    cast(host, &Caster::DatabaseUrl, &value, span)
                }
                _ => Value::dict(Vec::new(), false, span),
            };
            let value = read(
                host,
                &name,
                Some(default),
                &Caster::DatabaseUrl,
                Reader::DjDatabaseUrl,
                span,
            );
            Some(with_database_options(host, &value, arguments, span))
        }
        "dj_database_url.parse" => {
            let url = arguments.get(0, "url")?.clone();
            let value = cast(host, &Caster::DatabaseUrl, &url, span);
            Some(with_database_options(host, &value, arguments, span))
        }
        "dj_email_url.config" | "django_cache_url.config" | "dj_search_url.config" => {
            let name = match dotted {
                "dj_email_url.config" => "EMAIL_URL",
                "django_cache_url.config" => "CACHE_URL",
                _ => "SEARCH_URL",
            };
            let name = arguments
                .get(0, "env")
                .cloned()
                .unwrap_or_else(|| Value::str(name, span));
            let default = Value::unknown(Reason::Call(dotted.to_owned()), span);
            Some(read(
                host,
                &name,
                Some(default),
                &Caster::Url,
                Reader::Other,
                span,
            ))
        }
        _ => None,
    }
}

/// `config("X", default=d, cast=c)`: the cast is applied to the default as well.
fn decouple<H: Host>(host: &mut H, arguments: &Arguments, span: Span) -> Option<Value> {
    // It always looks for `settings.ini` and `.env`, from the settings upwards.
    let is_listed = |file: &EnvFile| file.reader == Reader::Decouple && file.path.is_none();
    if !host.variables().env_files.iter().any(is_listed) {
        host.variables().load(EnvFile {
            span,
            path: None,
            reader: Reader::Decouple,
        });
    }
    let name = arguments.get(0, "option")?.clone();
    let caster = arguments.get(2, "cast").map_or(Caster::None, |cast| {
        match Caster::of(cast) {
            // `list("a,b")` makes letters of it; only `Csv` takes it apart.
            Caster::List {
                parts: Parts::Filled,
                ..
            } => Caster::Data,
            caster => caster,
        }
    });
    let default = arguments.get(1, "default").cloned();
    let default = default.map(|default| match (&caster, &default.kind) {
        (Caster::None, _) => default,
        (Caster::Call(_), Kind::None) => Value::unknown(Reason::Unsupported, span),
        _ => cast(host, &caster, &default, span),
    });
    Some(read(host, &name, default, &caster, Reader::Decouple, span))
}

/// A call on an `environ.Env`.
pub(crate) fn django_environ<H: Host>(
    host: &mut H,
    scheme: &Arc<Scheme>,
    method: &str,
    arguments: &Arguments,
    span: Span,
) -> Value {
    if method == "read_env" {
        env_file(host, arguments, Reader::DjangoEnviron, span);
        return Value::new(Kind::None, span);
    }
    let standard = match method {
        "db" | "db_url" => Some("DATABASE_URL"),
        "cache" | "cache_url" => Some("CACHE_URL"),
        "email" | "email_url" => Some("EMAIL_URL"),
        "search_url" => Some("SEARCH_URL"),
        "channels" | "channels_url" => Some("CHANNELS_URL"),
        _ => None,
    };
    let name = arguments.get(0, "var").cloned();
    let name = name.or_else(|| standard.map(|name| Value::str(name, span)));
    let (Some(name), false) = (name, arguments.is_open) else {
        host.may_raise();
        return Value::unknown(Reason::Unsupported, span);
    };
    let listed = name
        .as_str()
        .and_then(|name| scheme.names.get(name))
        .cloned();
    let takes_cast = matches!(method, "__call__" | "get_value" | "list" | "tuple" | "dict");
    let default = arguments
        .positional
        .get(if takes_cast { 2 } else { 1 })
        .or_else(|| arguments.keyword("default"))
        .cloned();
    let caster = match method {
        "__call__" | "get_value" => match arguments.get(1, "cast") {
            Some(cast) => Caster::of(cast),
            None => match &listed {
                Some((cast, _)) => caster_of(*cast),
                None => match &default {
                    Some(default) => by_default(scheme, default),
                    None => Caster::Str,
                },
            },
        },
        "str" | "unicode" | "bytes" => Caster::Str,
        "bool" => Caster::Bool,
        "int" => Caster::Int,
        "float" => Caster::Float,
        "list" => Caster::separated(false, Parts::Filled),
        "tuple" => Caster::separated(true, Parts::Filled),
        "json" | "dict" => Caster::Data,
        "db" | "db_url" => Caster::DatabaseUrl,
        "path" => Caster::Path,
        "url" => Caster::Str,
        _ if standard.is_some() => Caster::Url,
        _ => {
            host.may_raise();
            return Value::unknown(Reason::Call(method.to_owned()), span);
        }
    };
    let default = default.or_else(|| listed.and_then(|(_, default)| default));
    let default = default.map(|default| match &caster {
        Caster::DatabaseUrl | Caster::Url | Caster::Path => cast(host, &caster, &default, span),
        _ => default,
    });
    let value = read(host, &name, default, &caster, Reader::DjangoEnviron, span);
    if let Caster::DatabaseUrl = caster {
        return with_database_options(host, &value, arguments, span);
    }
    value
}

/// A call on an `environs.Env`.
pub(crate) fn environs<H: Host>(
    host: &mut H,
    method: &str,
    arguments: &Arguments,
    span: Span,
) -> Value {
    match method {
        "read_env" => {
            env_file(host, arguments, Reader::Environs, span);
            return Value::new(Kind::None, span);
        }
        "seal" | "parser_for" | "add_parser" => return Value::new(Kind::None, span),
        _ => {}
    }
    let caster = match method {
        "__call__" | "str" | "url" | "uuid" | "enum" => Caster::Str,
        "bool" => Caster::Bool,
        "int" | "log_level" => Caster::Int,
        "float" | "decimal" => Caster::Float,
        "list" if arguments.keyword("subcast").is_some() => Caster::Data,
        "list" => Caster::List {
            separator: arguments
                .keyword("delimiter")
                .and_then(Value::as_str)
                .unwrap_or(",")
                .to_owned(),
            is_tuple: false,
            parts: Parts::All,
        },
        "dict" | "json" => Caster::Data,
        "dj_db_url" => Caster::DatabaseUrl,
        "dj_email_url" | "dj_cache_url" => Caster::Url,
        "path" => Caster::Path,
        _ => {
            host.may_raise();
            return Value::unknown(Reason::Call(method.to_owned()), span);
        }
    };
    let name = arguments.get(0, "name").and_then(Value::as_str);
    let (Some(name), false) = (name, arguments.is_open) else {
        host.may_raise();
        return Value::unknown(Reason::Unsupported, span);
    };
    if host
        .variables()
        .prefixes
        .iter()
        .any(|prefix| prefix == "\0")
    {
        return Value::unknown(Reason::Unsupported, span);
    }
    let name = Value::str(host.variables().prefixes.concat() + name, span);
    let default = arguments.get(1, "default").cloned();
    let default = default.map(|default| match &caster {
        Caster::DatabaseUrl | Caster::Url | Caster::Path => cast(host, &caster, &default, span),
        _ => default,
    });
    let value = read(host, &name, default, &caster, Reader::Environs, span);
    if let Caster::DatabaseUrl = caster {
        return with_database_options(host, &value, arguments, span);
    }
    value
}

/// `conn_max_age=600` and the like end up in the dictionary.
fn with_database_options<H: Host>(
    host: &mut H,
    value: &Value,
    arguments: &Arguments,
    span: Span,
) -> Value {
    let options = [
        ("conn_max_age", "CONN_MAX_AGE"),
        ("conn_health_checks", "CONN_HEALTH_CHECKS"),
        ("engine", "ENGINE"),
    ];
    let mut more = Vec::new();
    for (keyword, key) in options {
        if let Some(option) = arguments.keyword(keyword)
            && !matches!(option.kind, Kind::None)
        {
            more.push((Value::str(key, option.span), option.clone()));
        }
    }
    // These make more than they are given.
    let others = [("ssl_require", "OPTIONS"), ("test_options", "TEST")];
    for (keyword, key) in others {
        if arguments.keyword(keyword).is_some() {
            let made = Value::unknown(Reason::Unsupported, span);
            more.push((Value::str(key, span), made));
        }
    }
    if more.is_empty() {
        return value.clone();
    }
    let more = Value::dict(more, false, span);
    lift(host, value, None, span, &mut |this, value| {
        // Without an address there are no options either.
        if value
            .as_dict()
            .is_some_and(|dict| dict.entries.is_empty() && !dict.is_open)
        {
            return value.clone();
        }
        method_change(this, value, "update", std::slice::from_ref(&more), span)
            .unwrap_or_else(|| Value::unknown(Reason::Unsupported, span))
    })
}

/// Which `.env` reader a call is, if it is one.
pub(crate) fn env_file_reader(dotted: &str) -> Option<Reader> {
    match dotted {
        "dotenv.load_dotenv" | "dotenv.read_dotenv" | "dotenv.main.load_dotenv" => {
            Some(Reader::Other)
        }
        "environ.Env.read_env"
        | "environ.environ.Env.read_env"
        | "environ.FileAwareEnv.read_env" => Some(Reader::DjangoEnviron),
        "environs.Env.read_env" => Some(Reader::Environs),
        _ => None,
    }
}

/// What django-environ makes of a text when nothing but the default says which type is meant.
fn by_default(scheme: &Scheme, default: &Value) -> Caster {
    match scheme.casts_by_default {
        Some(true) => Caster::like(default),
        Some(false) => Caster::Str,
        None => Caster::Call(default.clone()),
    }
}
