//! Functions of the language and of packages that settings use, by their dotted names.

use std::sync::Arc;

use ruff_python_ast::Expr;

use crate::span::Span;

use super::calls::Arguments;
use super::expressions::put;
use super::imports::external;
use super::interpreter::{Interpreter, Resolution};
use super::object::{Object, Thing};
use super::value::{Cast, Kind, Reader, Reason, Value};

impl Interpreter<'_> {
    /// A call of something outside the project.
    pub(super) fn library(&mut self, dotted: &str, arguments: &Arguments, span: Span) -> Value {
        if let Some(value) = self.known_call(dotted, arguments, span) {
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
            self.poison(dotted, span);
        }
        self.may_raise = true;
        Value::unknown(Reason::Call(dotted.to_owned()), span)
    }

    fn exit(&mut self, span: Span) -> Value {
        let exception = super::attempts::exception("SystemExit");
        self.stop(exception.clone(), span);
        self.raised = Some(exception);
        Value::unknown(Reason::Unsupported, span)
    }

    fn known_call(&mut self, dotted: &str, arguments: &Arguments, span: Span) -> Option<Value> {
        if arguments.is_open {
            return None;
        }
        if let Some(name) = dotted.strip_prefix("builtins.") {
            return self.builtin(name, arguments, span);
        }
        if let Some(name) = dotted.strip_prefix("os.path.") {
            return self.os_path(name, &arguments.positional, span);
        }
        if let Some(value) = self.reader_call(dotted, arguments, span) {
            return Some(value);
        }
        if let Some(value) = super::configuration::value_class(dotted, arguments, span) {
            return Some(value);
        }
        let first = arguments.positional.first();
        match dotted {
            "sys.exit" | "os._exit" | "os.abort" => Some(self.exit(span)),
            "os.fspath" | "os.path.fspath" => Some(self.text_of_value(&first?.clone(), span)),
            "pathlib.Path"
            | "pathlib.PurePath"
            | "pathlib.PosixPath"
            | "pathlib.PurePosixPath"
            | "path.Path"
            | "unipath.Path"
            | "unipath.FSPath"
            | "pathlib2.Path" => Some(self.new_path(&arguments.positional, span)),
            "environ.Path" | "environ.environ.Path" => {
                Some(self.environ_path(&arguments.positional, span))
            }
            "json.loads" | "ujson.loads" | "simplejson.loads" => {
                let value = first?.clone();
                Some(self.parsed(&value, span, json))
            }
            "json.load" | "yaml.safe_load" | "yaml.load" | "toml.load" | "tomllib.load"
            | "tomllib.loads" => {
                self.may_raise = true;
                matches!(
                    first?.kind,
                    Kind::FromFile(_) | Kind::Object(Object(Thing::OpenFile(_)))
                )
                .then(|| Value::new(Kind::FromFile(None), span))
            }
            "ast.literal_eval" => {
                let value = first?.clone();
                let literal =
                    |this: &mut Self, value: &Value| this.literal(value.as_str()?, value.span);
                Some(
                    self.lift(&value, Some(Cast::Data), span, &mut |this, value| {
                        literal(this, value)
                            .unwrap_or_else(|| Value::unknown(Reason::Unsupported, span))
                    }),
                )
            }
            "distutils.util.strtobool"
            | "setuptools._distutils.util.strtobool"
            | "str2bool.str2bool" => {
                let value = first?.clone();
                Some(
                    self.parsed(&value, span, |text, span| {
                        super::readers::truth_of(text).map(|truth| Value::bool(truth, span))
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
                self.builtin("dict", arguments, span)
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
                self.imported(&name, span)
            }
            "split_settings.tools.include" => {
                self.split_include(&arguments.positional, span);
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
                self.poison(dotted, span);
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

    /// The object of a module that is named by text.
    fn imported(&mut self, dotted: &str, span: Span) -> Option<Value> {
        match self.resolve(dotted) {
            Resolution::Module(index) => {
                Some(Value::new(Kind::Object(Object(Thing::Module(index))), span))
            }
            Resolution::External if !dotted.starts_with('.') => Some(external(dotted, span)),
            _ => None,
        }
    }

    /// Text that holds data.
    fn parsed(
        &mut self,
        value: &Value,
        span: Span,
        parse: fn(&str, Span) -> Option<Value>,
    ) -> Value {
        if let Kind::FromFile(_) = value.kind {
            return value.clone();
        }
        self.may_raise = true;
        self.lift(value, Some(Cast::Data), span, &mut |this, value| {
            let text = value.as_str();
            this.spend(text.map_or(0, str::len) / 8);
            text.and_then(|text| parse(text, value.span))
                .unwrap_or_else(|| Value::unknown(Reason::Unsupported, span))
        })
    }

    /// A literal in a text.
    fn literal(&mut self, text: &str, span: Span) -> Option<Value> {
        let parsed = crate::python::syntax::parse(text.trim()).ok()?;
        let [ruff_python_ast::Stmt::Expr(statement)] = parsed.syntax().body.as_slice() else {
            return None;
        };
        let is_literal = matches!(
            statement.value.as_ref(),
            Expr::StringLiteral(_)
                | Expr::NumberLiteral(_)
                | Expr::BooleanLiteral(_)
                | Expr::NoneLiteral(_)
                | Expr::List(_)
                | Expr::Tuple(_)
                | Expr::Dict(_)
                | Expr::UnaryOp(_)
        );
        is_literal.then(|| place_all(self.eval(&statement.value), span))
    }

    fn builtin(&mut self, name: &str, arguments: &Arguments, span: Span) -> Option<Value> {
        let first = arguments.positional.first();
        match name {
            "str" | "unicode" | "bytes" => match first {
                None => Some(Value::str("", span)),
                Some(value) => Some(self.text_of_value(&value.clone(), span)),
            },
            "bool" => {
                let value = first?.clone();
                if matches!(value.kind, Kind::FromFile(_)) {
                    return None;
                }
                // `bool` of text asks whether there is any: the usual mistake with variables.
                let is_text = matches!(&value.kind, Kind::Env(env) if env.cast == Cast::Str);
                let cast = if is_text { Cast::Truthy } else { Cast::Bool };
                Some(self.lift(
                    &value,
                    Some(cast),
                    span,
                    &mut |_, value| match value.truth() {
                        Some(truth) => Value::bool(truth, span),
                        None => Value::unknown(Reason::Unsupported, span),
                    },
                ))
            }
            "int" => {
                let value = first?.clone();
                self.may_raise = true;
                Some(self.lift(&value, Some(Cast::Int), span, &mut |_, value| {
                    let int = match &value.kind {
                        Kind::Int(int) => Some(*int),
                        Kind::Bool(truth) => Some(i64::from(*truth)),
                        Kind::Str(text) => text.trim().parse().ok(),
                        _ => None,
                    };
                    match int {
                        Some(int) => Value::new(Kind::Int(int), span),
                        None => Value::unknown(Reason::Unsupported, span),
                    }
                }))
            }
            "float" => {
                let value = first?.clone();
                self.may_raise = true;
                Some(self.lift(&value, Some(Cast::Float), span, &mut |_, value| {
                    let float = match &value.kind {
                        Kind::Float(float) => Some(*float),
                        Kind::Int(int) => int.to_string().parse().ok(),
                        Kind::Str(text) => text.trim().parse().ok(),
                        _ => None,
                    };
                    match float {
                        Some(float) => Value::new(Kind::Float(float), span),
                        None => Value::unknown(Reason::Unsupported, span),
                    }
                }))
            }
            "list" | "tuple" | "set" | "frozenset" | "sorted" | "reversed" => {
                let make = if matches!(name, "list" | "sorted" | "reversed") {
                    Value::list
                } else {
                    Value::tuple
                };
                let Some(value) = first.cloned() else {
                    return Some(make(Vec::new(), false, span));
                };
                if name == "sorted" && !arguments.keywords.is_empty() {
                    return None;
                }
                Some(
                    self.lift(&value, Some(Cast::List), span, &mut |this, value| {
                        if let Some(items) = value.as_items().filter(|items| items.is_open) {
                            return make(items.items.clone(), true, span);
                        }
                        let Some(mut items) = this.iterate(value) else {
                            return Value::unknown(Reason::Unsupported, span);
                        };
                        if name == "sorted" {
                            if items.iter().any(|item| item.as_str().is_none()) {
                                return Value::unknown(Reason::Unsupported, span);
                            }
                            items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
                        } else if name == "reversed" {
                            items.reverse();
                        }
                        make(items, false, span)
                    }),
                )
            }
            "dict" => {
                let mut dict = match first {
                    Some(value) => self.dict_of(&value.clone(), span),
                    None => Value::dict(Vec::new(), false, span),
                };
                if !arguments.keywords.is_empty() {
                    let mut entries = Vec::new();
                    for (name, value) in &arguments.keywords {
                        put(&mut entries, Value::str(name, value.span), value.clone());
                    }
                    let more = Value::dict(entries, false, span);
                    dict = self.method_change(&dict, "update", &[more], span)?;
                }
                Some(dict)
            }
            "len" => {
                let value = first?.clone();
                Some(
                    self.lift(&value, Some(Cast::Int), span, &mut |this, value| {
                        let length = match &value.kind {
                            Kind::Str(text) => Some(text.chars().count()),
                            _ => this.iterate(value).map(|items| items.len()),
                        };
                        match length.and_then(|length| i64::try_from(length).ok()) {
                            Some(length) => Value::new(Kind::Int(length), span),
                            None => Value::unknown(Reason::Unsupported, span),
                        }
                    }),
                )
            }
            "any" | "all" => {
                let value = first?.clone();
                let items = self.iterate(&value)?;
                let truths: Vec<Option<bool>> = items.iter().map(Value::truth).collect();
                let decisive = name == "any";
                let truth = if truths.contains(&Some(decisive)) {
                    Some(decisive)
                } else {
                    (!truths.contains(&None)).then_some(!decisive)
                };
                truth.map(|truth| Value::bool(truth, span))
            }
            "filter" => {
                let function = first?.clone();
                let list = arguments.positional.get(1)?.clone();
                self.filter(&function, &list, span)
            }
            "map" => {
                let function = first?.clone();
                let list = arguments.positional.get(1)?.clone();
                Some(self.lift(&list, Some(Cast::List), span, &mut |this, list| {
                    let Some(items) = this.iterate(list) else {
                        return Value::unknown(Reason::Unsupported, span);
                    };
                    let items = items
                        .into_iter()
                        .map(|item| this.apply_function(&function, item, span))
                        .collect();
                    Value::list(items, false, span)
                }))
            }
            "getattr" => {
                let base = first?.clone();
                let name = arguments.positional.get(1)?.as_str()?.to_owned();
                let value = self.attribute(&base, &name, span);
                let is_absent = matches!(&value.kind, Kind::Unknown(Reason::Undefined(_)));
                match arguments.positional.get(2) {
                    Some(default) if is_absent => Some(default.clone()),
                    _ => Some(value),
                }
            }
            "open" => {
                self.may_raise = true;
                let path = first.and_then(Value::as_str).map(Arc::from);
                Some(Value::new(
                    Kind::Object(Object(Thing::OpenFile(path))),
                    span,
                ))
            }
            "globals" | "locals" | "vars" if arguments.positional.is_empty() => {
                Some(Value::new(Kind::Object(Object(Thing::Namespace)), span))
            }
            "setattr" | "exec" | "execfile" | "delattr" => {
                self.poison(name, span);
                None
            }
            "print" => Some(Value::new(Kind::None, span)),
            "exit" | "quit" => Some(self.exit(span)),
            "__import__" => {
                let name = first?.as_str()?.split('.').next()?.to_owned();
                self.imported(&name, span)
            }
            "range" => {
                let bounds: Option<Vec<i64>> = arguments
                    .positional
                    .iter()
                    .map(|bound| match bound.settled().kind {
                        Kind::Int(int) => Some(int),
                        _ => None,
                    })
                    .collect();
                let (from, to) = match bounds?.as_slice() {
                    [to] => (0, *to),
                    [from, to] => (*from, *to),
                    _ => return None,
                };
                let is_short = to.saturating_sub(from) <= 1000;
                is_short.then(|| {
                    let ints = (from..to).map(|int| Value::new(Kind::Int(int), span));
                    Value::list(ints.collect(), false, span)
                })
            }
            _ => None,
        }
    }

    fn filter(&mut self, function: &Value, list: &Value, span: Span) -> Option<Value> {
        Some(self.lift(list, Some(Cast::List), span, &mut |this, list| {
            let Some(items) = this.iterate(list) else {
                return Value::unknown(Reason::Unsupported, span);
            };
            let mut kept = Vec::new();
            let mut is_open = false;
            for item in items {
                let test = if matches!(function.kind, Kind::None) {
                    item.clone()
                } else {
                    this.apply_function(function, item.clone(), span)
                };
                match test.truth() {
                    Some(true) => kept.push(item),
                    Some(false) => {}
                    None => is_open = true,
                }
            }
            Value::list(kept, is_open, span)
        }))
    }

    /// A function of one argument: of the project, of the language, or a method like `str.strip`.
    pub(super) fn apply_function(&mut self, function: &Value, item: Value, span: Span) -> Value {
        if let Kind::Object(Object(Thing::External(dotted))) = &function.kind
            && let Some(method) = dotted.strip_prefix("builtins.str.")
        {
            let method = method.to_owned();
            return self.lift(&item, None, span, &mut |this, item| {
                item.as_str()
                    .map(str::to_owned)
                    .and_then(|text| this.text_method(&text, &method, &[], &[], span))
                    .unwrap_or_else(|| Value::unknown(Reason::Unsupported, span))
            });
        }
        let arguments = Arguments {
            positional: vec![item],
            ..Arguments::default()
        };
        self.call_value(function, &arguments, span)
    }

    /// An attribute of a package: mostly another name, sometimes a constant.
    pub(super) fn library_constant(&mut self, dotted: &str, name: &str, span: Span) -> Value {
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
}

impl Value {
    /// The same value of a variable whose text is read otherwise.
    pub(super) fn recast(self, cast: Cast) -> Value {
        match self.kind {
            Kind::Env(env) => {
                let mut env = (*env).clone();
                env.cast = cast;
                Value::env(env, self.span)
            }
            kind => Value::new(kind, self.span),
        }
    }
}

/// Which `.env` reader a call is, if it is one.
pub(super) fn env_file_reader(dotted: &str) -> Option<Reader> {
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

fn json(text: &str, span: Span) -> Option<Value> {
    let parsed: serde_json::Value = serde_json::from_str(text).ok()?;
    from_json(&parsed, span)
}

fn from_json(json: &serde_json::Value, span: Span) -> Option<Value> {
    Some(match json {
        serde_json::Value::Null => Value::new(Kind::None, span),
        serde_json::Value::Bool(truth) => Value::bool(*truth, span),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(int) => Value::new(Kind::Int(int), span),
            None => Value::new(Kind::Float(number.as_f64()?), span),
        },
        serde_json::Value::String(text) => Value::str(text, span),
        serde_json::Value::Array(items) => {
            let items = items
                .iter()
                .map(|item| from_json(item, span))
                .collect::<Option<_>>()?;
            Value::list(items, false, span)
        }
        serde_json::Value::Object(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| Some((Value::str(key, span), from_json(value, span)?)))
                .collect::<Option<_>>()?;
            Value::dict(entries, false, span)
        }
    })
}

/// A value made of text that stands at one place.
fn place_all(value: Value, span: Span) -> Value {
    let kind = match value.kind {
        Kind::List(items) => {
            let list = items.items.iter().map(|item| place_all(item.clone(), span));
            return Value::list(list.collect(), items.is_open, span);
        }
        Kind::Tuple(items) => {
            let list = items.items.iter().map(|item| place_all(item.clone(), span));
            return Value::tuple(list.collect(), items.is_open, span);
        }
        Kind::Dict(dict) => {
            let entry = |(key, value): &(Value, Value)| {
                (place_all(key.clone(), span), place_all(value.clone(), span))
            };
            let entries = dict.entries.iter().map(entry).collect();
            return Value::dict(entries, dict.is_open, span);
        }
        kind => kind,
    };
    Value::new(kind, span)
}
