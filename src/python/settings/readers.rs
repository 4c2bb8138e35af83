//! Readers of environment variables.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::span::Span;

use super::calls::Arguments;
use super::casters::{Caster, Parts, caster_of};
use super::interpreter::{Exception, Interpreter};
use super::libraries::env_file_reader;
use super::loader::EnvValue;
use super::object::{Csv, Object, Scheme, Thing};
use super::urls;
use super::value::{Env, EnvState, Kind, Reader, Reason, Value, Weight};
use super::{EnvFile, RequiredEnv};

impl Interpreter<'_> {
    /// `os.environ[name]` and whatever fails without the variable.
    pub(super) fn read_required(&mut self, name: &Value, reader: Reader, span: Span) -> Value {
        self.read(name, None, &Caster::None, reader, span)
    }

    /// Reads a variable; the default is taken as it is.
    pub(super) fn read(
        &mut self,
        name: &Value,
        default: Option<Value>,
        caster: &Caster,
        reader: Reader,
        span: Span,
    ) -> Value {
        let Some(name) = name.as_str().map(str::to_owned) else {
            self.may_raise = true;
            return Value::unknown(Reason::Unsupported, span);
        };
        if let Some(binding) = self.overlay.get(&name) {
            let value = binding.value.clone();
            return self.cast(caster, &value, span);
        }
        let (state, resolved) = match self.env_value(&name) {
            EnvValue::Set(text, place) => {
                let text = Value::str(text, place.unwrap_or(span));
                (EnvState::Set, Some(self.cast(caster, &text, span)))
            }
            EnvValue::Unset => (EnvState::Unset, None),
            EnvValue::Unknown => (EnvState::Unknown, None),
            EnvValue::Absent => match default {
                Some(default) => return default,
                None => {
                    let exception = match reader {
                        Reader::Stdlib => Exception::Key,
                        Reader::Decouple => Exception::Named("UndefinedValueError".to_owned()),
                        Reader::Environs => Exception::Named("EnvError".to_owned()),
                        _ => Exception::Named("ImproperlyConfigured".to_owned()),
                    };
                    self.stop(exception.clone(), span);
                    if self.tries > 0 {
                        self.raised = Some(exception);
                    }
                    (EnvState::Unset, None)
                }
            },
        };
        if default.is_none() && !self.given.contains(&name) {
            let is_set = state == EnvState::Set;
            self.may_raise |= !is_set;
            let span = self.outer_span(span);
            if self.required.len() < 2000 {
                self.required.push(RequiredEnv {
                    name: name.clone(),
                    span,
                    reader,
                    is_certain: self.undecided == 0,
                    is_set,
                });
            }
        }
        let env = Env {
            name,
            cast: caster.cast(),
            default,
            state,
            resolved,
            span: self.outer_span(span),
            reader,
            weight: Weight::default(),
        };
        Value::env(env, span)
    }

    /// What a caster makes of a text.
    pub(super) fn cast(&mut self, caster: &Caster, value: &Value, span: Span) -> Value {
        let place = value.span;
        self.lift(value, Some(caster.cast()), place, &mut |this, value| {
            let text = value.as_str();
            let known = match (caster, text) {
                (Caster::None | Caster::Str, _) => Some(value.clone()),
                (Caster::Bool, Some(text)) => truth_of(text).map(|truth| Value::bool(truth, place)),
                (Caster::Bool, None) => value.truth().map(|truth| Value::bool(truth, place)),
                (Caster::Int, Some(text)) => {
                    let int = text.trim().parse().ok();
                    int.map(|int| Value::new(Kind::Int(int), place))
                }
                (Caster::Float, Some(text)) => {
                    let float = text.trim().parse().ok();
                    float.map(|float| Value::new(Kind::Float(float), place))
                }
                (Caster::Int | Caster::Float, None) => Some(value.clone()),
                (
                    Caster::List {
                        separator,
                        is_tuple,
                        parts: kept,
                    },
                    Some(text),
                ) => {
                    // django-environ takes the parentheses of a tuple.
                    let text = match (*is_tuple, *kept) {
                        (true, Parts::Filled) => text.trim_matches('(').trim_matches(')'),
                        _ => text,
                    };
                    let parts = text.split(separator.as_str());
                    let parts = parts.map(|part| match kept {
                        Parts::Stripped => part.trim(),
                        Parts::Filled | Parts::All => part,
                    });
                    let keeps_empty = *kept == Parts::All && !text.is_empty();
                    let parts = parts.filter(|part| keeps_empty || !part.is_empty());
                    let parts = parts.map(|part| Value::str(part, place)).collect();
                    Some(if *is_tuple {
                        Value::tuple(parts, false, place)
                    } else {
                        Value::list(parts, false, place)
                    })
                }
                (Caster::List { .. } | Caster::Data, None) => Some(value.clone()),
                (Caster::DatabaseUrl, Some(text)) => urls::database(text, place),
                (Caster::Path, Some(text)) => Some(Value::path(text, place)),
                (Caster::Call(function), _) => {
                    this.may_raise = true;
                    Some(this.apply_function(function, value.clone(), span))
                }
                (Caster::Data, Some(_)) | (Caster::Url, _) => None,
                (Caster::DatabaseUrl | Caster::Path, None) => Some(value.clone()),
            };
            known.unwrap_or_else(|| Value::unknown(Reason::Unsupported, place))
        })
    }

    /// Calls of readers that are plain functions.
    pub(super) fn reader_call(
        &mut self,
        dotted: &str,
        arguments: &Arguments,
        span: Span,
    ) -> Option<Value> {
        if let Some(reader) = env_file_reader(dotted) {
            self.env_file(arguments, reader, span);
            return Some(Value::new(Kind::None, span));
        }
        let none = || Value::new(Kind::None, span);
        match dotted {
            "os.environ.get" | "os.getenv" => {
                let name = arguments.get(0, "key")?.clone();
                let default = arguments.get(1, "default").cloned().unwrap_or_else(none);
                Some(self.read(&name, Some(default), &Caster::None, Reader::Stdlib, span))
            }
            "os.environ.pop" => {
                let name = arguments.get(0, "key")?.clone();
                let default = arguments.get(1, "default").cloned();
                Some(self.read(&name, default, &Caster::None, Reader::Stdlib, span))
            }
            "os.environ.__getitem__" => {
                let name = arguments.get(0, "key")?.clone();
                Some(self.read_required(&name, Reader::Stdlib, span))
            }
            "os.environ.setdefault" => {
                let name = arguments.get(0, "key")?.clone();
                let value = arguments.get(1, "default")?.clone();
                let key = name.as_str()?.to_owned();
                let value = self.read(&name, Some(value), &Caster::None, Reader::Stdlib, span);
                self.overlay.assign(&key, value.clone(), span);
                Some(value)
            }
            "os.environ.copy" => None,
            "os.environ.update" => {
                for (key, value) in arguments.keywords.clone() {
                    self.overlay.assign(&key, value, span);
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
                self.env_file(arguments, Reader::Environs, span);
                Some(none())
            }
            _ if dotted.starts_with("environs.env.") => {
                let method = dotted.trim_start_matches("environs.env.").to_owned();
                Some(self.environs(&method, arguments, span))
            }
            "environs.env" => Some(self.environs("__call__", arguments, span)),
            "decouple.config" | "decouple.AutoConfig.__call__" | "prettyconf.config" => {
                self.decouple(arguments, span)
            }
            "decouple.AutoConfig" | "decouple.Config" => {
                Some(super::imports::external("decouple.config", span))
            }
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
                        self.cast(&Caster::DatabaseUrl, &value, span)
                    }
                    _ => Value::dict(Vec::new(), false, span),
                };
                let value = self.read(
                    &name,
                    Some(default),
                    &Caster::DatabaseUrl,
                    Reader::DjDatabaseUrl,
                    span,
                );
                Some(self.with_database_options(&value, arguments, span))
            }
            "dj_database_url.parse" => {
                let url = arguments.get(0, "url")?.clone();
                let value = self.cast(&Caster::DatabaseUrl, &url, span);
                Some(self.with_database_options(&value, arguments, span))
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
                Some(self.read(&name, Some(default), &Caster::Url, Reader::Other, span))
            }
            _ => None,
        }
    }

    /// A call that loads variables from a file.
    pub(super) fn env_file(&mut self, arguments: &Arguments, reader: Reader, span: Span) {
        let first = arguments
            .positional
            .first()
            .or_else(|| arguments.keyword("dotenv_path"))
            .or_else(|| arguments.keyword("env_file"))
            .or_else(|| arguments.keyword("path"));
        let path = first.and_then(super::text::known_text);
        if self.env_files.len() < 100 {
            self.env_files.push(EnvFile { span, path, reader });
        }
        // `overwrite=True` lets the file win over the environment.
        let overrides = ["overwrite", "override"].iter().any(|name| {
            let value = arguments.keyword(name);
            value.is_some_and(|value| value.truth() != Some(false))
        });
        if overrides {
            self.file_overrides = true;
        }
    }

    /// `config("X", default=d, cast=c)`: the cast is applied to the default as well.
    fn decouple(&mut self, arguments: &Arguments, span: Span) -> Option<Value> {
        // It always looks for `settings.ini` and `.env`, from the settings upwards.
        let is_listed = |file: &EnvFile| file.reader == Reader::Decouple && file.path.is_none();
        if self.env_files.len() < 100 && !self.env_files.iter().any(is_listed) {
            self.env_files.push(EnvFile {
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
            _ => self.cast(&caster, &default, span),
        });
        Some(self.read(&name, default, &caster, Reader::Decouple, span))
    }

    /// A call on an `environ.Env`.
    pub(super) fn django_environ(
        &mut self,
        scheme: &Arc<Scheme>,
        method: &str,
        arguments: &Arguments,
        span: Span,
    ) -> Value {
        if method == "read_env" {
            self.env_file(arguments, Reader::DjangoEnviron, span);
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
            self.may_raise = true;
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
                self.may_raise = true;
                return Value::unknown(Reason::Call(method.to_owned()), span);
            }
        };
        let default = default.or_else(|| listed.and_then(|(_, default)| default));
        let default = default.map(|default| match &caster {
            Caster::DatabaseUrl | Caster::Url | Caster::Path => self.cast(&caster, &default, span),
            _ => default,
        });
        let value = self.read(&name, default, &caster, Reader::DjangoEnviron, span);
        if let Caster::DatabaseUrl = caster {
            return self.with_database_options(&value, arguments, span);
        }
        value
    }

    /// A call on an `environs.Env`.
    pub(super) fn environs(&mut self, method: &str, arguments: &Arguments, span: Span) -> Value {
        match method {
            "read_env" => {
                self.env_file(arguments, Reader::Environs, span);
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
                self.may_raise = true;
                return Value::unknown(Reason::Call(method.to_owned()), span);
            }
        };
        let name = arguments.get(0, "name").and_then(Value::as_str);
        let (Some(name), false) = (name, arguments.is_open) else {
            self.may_raise = true;
            return Value::unknown(Reason::Unsupported, span);
        };
        if self.prefixes.iter().any(|prefix| prefix == "\0") {
            return Value::unknown(Reason::Unsupported, span);
        }
        let name = Value::str(self.prefixes.concat() + name, span);
        let default = arguments.get(1, "default").cloned();
        let default = default.map(|default| match &caster {
            Caster::DatabaseUrl | Caster::Url | Caster::Path => self.cast(&caster, &default, span),
            _ => default,
        });
        let value = self.read(&name, default, &caster, Reader::Environs, span);
        if let Caster::DatabaseUrl = caster {
            return self.with_database_options(&value, arguments, span);
        }
        value
    }

    /// `conn_max_age=600` and the like end up in the dictionary.
    fn with_database_options(&mut self, value: &Value, arguments: &Arguments, span: Span) -> Value {
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
        self.lift(value, None, span, &mut |this, value| {
            // Without an address there are no options either.
            if value
                .as_dict()
                .is_some_and(|dict| dict.entries.is_empty() && !dict.is_open)
            {
                return value.clone();
            }
            this.method_change(value, "update", std::slice::from_ref(&more), span)
                .unwrap_or_else(|| Value::unknown(Reason::Unsupported, span))
        })
    }

    /// `"X" in os.environ`, or `not in`.
    pub(super) fn is_in_environment(&mut self, name: &str, is_in: bool, span: Span) -> Value {
        let there = Value::bool(is_in, span);
        let absent = Value::bool(!is_in, span);
        if self.overlay.get(name).is_some() {
            return there;
        }
        let (state, resolved) = match self.env_value(name) {
            EnvValue::Absent => return absent,
            EnvValue::Set(..) => (EnvState::Set, Some(there)),
            EnvValue::Unset => (EnvState::Unset, None),
            EnvValue::Unknown => (EnvState::Unknown, None),
        };
        let env = Env {
            name: name.to_owned(),
            cast: super::value::Cast::Bool,
            default: Some(absent),
            state,
            resolved,
            span: self.outer_span(span),
            reader: Reader::Stdlib,
            weight: Weight::default(),
        };
        Value::env(env, span)
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

/// The meaning of a text that stands for true or false in all readers that agree on it.
pub(super) fn truth_of(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "on" | "y" | "yes" | "1" => Some(true),
        "false" | "off" | "n" | "no" | "0" => Some(false),
        _ => None,
    }
}
