//! Functions of the language and of packages that settings use, by their dotted names.

use std::sync::Arc;

use crate::python::settings::library::{
    Host, builtin, environ_path, exit, json, lift, literal, new_path, os_path, parsed, reader_call,
    text_of_value, truth_of, value_class,
};
use crate::python::settings::value::{
    Arguments, Cast, Kind, Object, Reason, Thing, Value, external,
};
use crate::span::Span;

/// A call of something outside the project.
pub(crate) fn library<H: Host>(
    host: &mut H,
    dotted: &str,
    arguments: &Arguments,
    span: Span,
) -> Value {
    if let Some(value) = known_call(host, dotted, arguments, span) {
        return value;
    }
    let takes_namespace = arguments
        .positional
        .iter()
        .chain(arguments.keywords.iter().map(|(_, value)| value))
        .any(|value| matches!(value.kind, Kind::Object(Object(Thing::Namespace))));
    // Helpers that load settings put them into the module that calls.
    let last = dotted.rsplit('.').next().unwrap_or("");
    let is_loader = ["settings", "include", "inject"]
        .iter()
        .any(|word| last.contains(word));
    if takes_namespace || is_loader {
        host.poison(dotted, span);
    }
    host.may_raise();
    Value::unknown(Reason::Call(dotted.to_owned()), span)
}

fn known_call<H: Host>(
    host: &mut H,
    dotted: &str,
    arguments: &Arguments,
    span: Span,
) -> Option<Value> {
    if arguments.is_open {
        return None;
    }
    if let Some(name) = dotted.strip_prefix("builtins.") {
        return builtin(host, name, arguments, span);
    }
    let path = arguments.positional.first().and_then(Value::as_str);
    match (dotted, path) {
        ("os.path.exists" | "os.path.isdir", Some(path)) => host.asks_for(path),
        ("os.makedirs" | "os.mkdir", Some(path)) => host.makes_directory(path, span),
        _ => {}
    }
    if let Some(name) = dotted.strip_prefix("os.path.") {
        return os_path(host, name, &arguments.positional, span);
    }
    if let Some(value) = reader_call(host, dotted, arguments, span) {
        return Some(value);
    }
    if let Some(value) = value_class(dotted, arguments, span) {
        return Some(value);
    }
    let first = arguments.positional.first();
    match dotted {
        "sys.exit" | "os._exit" | "os.abort" => Some(exit(host, span)),
        "os.fspath" | "os.path.fspath" => Some(text_of_value(host, &first?.clone(), span)),
        "pathlib.Path"
        | "pathlib.PurePath"
        | "pathlib.PosixPath"
        | "pathlib.PurePosixPath"
        | "path.Path"
        | "unipath.Path"
        | "unipath.FSPath"
        | "pathlib2.Path" => Some(new_path(host, &arguments.positional, span)),
        "environ.Path" | "environ.environ.Path" => {
            Some(environ_path(host, &arguments.positional, span))
        }
        "json.loads" | "ujson.loads" | "simplejson.loads" => {
            let value = first?.clone();
            Some(parsed(host, &value, span, json))
        }
        "json.load" | "yaml.safe_load" | "yaml.load" | "toml.load" | "tomllib.load"
        | "tomllib.loads" => {
            host.may_raise();
            matches!(
                first?.kind,
                Kind::FromFile(_) | Kind::Object(Object(Thing::OpenFile(_)))
            )
            .then(|| Value::new(Kind::FromFile(None), span))
        }
        "ast.literal_eval" => {
            let value = first?.clone();
            let literal = |this: &mut H, value: &Value| literal(this, value.as_str()?, value.span);
            Some(lift(
                host,
                &value,
                Some(Cast::Data),
                span,
                &mut |this, value| {
                    literal(this, value)
                        .unwrap_or_else(|| Value::unknown(Reason::Unsupported, span))
                },
            ))
        }
        "distutils.util.strtobool"
        | "setuptools._distutils.util.strtobool"
        | "str2bool.str2bool" => {
            let value = first?.clone();
            Some(
                parsed(host, &value, span, |text, span| {
                    truth_of(text).map(|truth| Value::bool(truth, span))
                })
                .recast(Cast::Bool),
            )
        }
        "copy.copy" | "copy.deepcopy" => {
            let value = first?.clone();
            // A new object: what is changed in it is changed there only.
            Some(match &value.kind {
                Kind::List(items) => Value::list(items.items.clone(), items.is_open, span),
                Kind::Dict(dict) => Value::dict(dict.entries.clone(), dict.is_open, span),
                _ => value,
            })
        }
        "pydantic_settings.SettingsConfigDict" | "pydantic.ConfigDict" => {
            builtin(host, "dict", arguments, span)
        }
        "platform.system" => Some(Value::str("Linux", span)),
        "django.utils.translation.gettext_lazy"
        | "django.utils.translation.gettext"
        | "django.utils.translation.ugettext_lazy"
        | "django.utils.translation.ugettext"
        | "django.utils.translation.gettext_noop"
        | "django.utils.text.format_lazy"
        | "typing.cast" => arguments.positional.last().cloned(),
        "importlib.import_module" => {
            let name = first?.as_str()?.to_owned();
            host.imported(&name, span)
        }
        "split_settings.tools.include" => {
            host.split_include(&arguments.positional, span);
            Some(Value::new(Kind::None, span))
        }
        "split_settings.tools.optional" => {
            let pattern: Arc<str> = first?.as_str()?.into();
            Some(Value::new(
                Kind::Object(Object(Thing::Optional(pattern))),
                span,
            ))
        }
        "dynaconf.DjangoDynaconf" | "dynaconf.Dynaconf" | "dynaconf.LazySettings" => {
            host.poison(dotted, span);
            None
        }
        // Called for what they do to the process.
        "sys.path.append"
        | "sys.path.insert"
        | "sys.path.extend"
        | "logging.getLogger"
        | "warnings.filterwarnings"
        | "warnings.simplefilter"
        | "mimetypes.add_type"
        | "logging.captureWarnings"
        | "logging.disable" => {
            Some(Value::new(Kind::None, span)).filter(|_| !dotted.ends_with("getLogger"))
        }
        _ => None,
    }
}

/// An attribute of a package: mostly another name, sometimes a constant.
pub(crate) fn library_constant(dotted: &str, name: &str, span: Span) -> Value {
    match (dotted, name) {
        ("os" | "os.path", "sep") => Value::str("/", span),
        ("os" | "os.path", "pardir") => Value::str("..", span),
        ("os" | "os.path", "curdir") => Value::str(".", span),
        ("os", "linesep") => Value::str("\n", span),
        ("os", "pathsep") => Value::str(":", span),
        // Containers run Linux.
        ("os", "name") => Value::str("posix", span),
        ("sys", "platform") => Value::str("linux", span),
        _ => external(&format!("{dotted}.{name}"), span),
    }
}
