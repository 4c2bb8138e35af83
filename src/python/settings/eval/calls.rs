//! Calls: what is called, with which arguments.

use ruff_python_ast::{Expr, ExprCall};

use crate::python::settings::library::{
    collection_method, django_environ, environ_path, environs, iterate, join_path, library, lift,
    path_method, text_method,
};
use crate::python::settings::machine::Interpreter;
use crate::python::settings::value::{
    Arguments, Cast, Kind, Object, Reason, Thing, Value, unknown_reason,
};
use crate::span::Span;

impl Interpreter<'_> {
    pub(crate) fn call(&mut self, call: &ExprCall, span: Span) -> Value {
        if let Expr::Attribute(attribute) = call.func.as_ref() {
            let base = self.eval(&attribute.value);
            let method = attribute.attr.as_str();
            if matches!(method, "pop" | "setdefault" | "popitem") && base.as_dict().is_some()
                || (method == "pop" && matches!(base.kind, Kind::List(_)))
            {
                let arguments = self.arguments(call);
                let result = self.method(&base, method, &arguments, span);
                self.changing_call(call);
                return result;
            }
            let arguments = self.arguments(call);
            if self.raised.is_some() {
                return Value::unknown(Reason::Unsupported, span);
            }
            return self.method(&base, method, &arguments, span);
        }
        let callee = self.eval(&call.func);
        let arguments = self.arguments(call);
        if self.raised.is_some() {
            return Value::unknown(Reason::Unsupported, span);
        }
        self.call_value(&callee, &arguments, span)
    }

    fn arguments(&mut self, call: &ExprCall) -> Arguments {
        let mut out = Arguments::default();
        for argument in &call.arguments.args {
            let value = self.eval(argument);
            if argument.is_starred_expr() {
                match iterate(self, &value) {
                    Some(items) => out.positional.extend(items),
                    None => out.is_open = true,
                }
            } else {
                out.positional.push(value);
            }
        }
        for keyword in &call.arguments.keywords {
            let value = self.eval(&keyword.value);
            match &keyword.arg {
                Some(name) => out.keywords.push((name.to_string(), value)),
                None => match value.as_dict() {
                    Some(dict) if !dict.is_open => {
                        for (key, value) in &dict.entries {
                            match key.as_str() {
                                Some(key) => out.keywords.push((key.to_owned(), value.clone())),
                                None => out.is_open = true,
                            }
                        }
                    }
                    _ => out.is_open = true,
                },
            }
        }
        out
    }

    /// `base.method(...)`.
    fn method(&mut self, base: &Value, method: &str, arguments: &Arguments, span: Span) -> Value {
        if !self.spend(1) || self.is_too_deep() {
            return Value::unknown(Reason::Bounded, span);
        }
        let result = match &base.kind {
            Kind::Object(Object(thing)) => {
                return self.deeper(|this| this.thing_method(thing, method, arguments, span));
            }
            Kind::Unknown(_) => None,
            Kind::FromFile(_) => Some(base.clone().at(span)),
            Kind::Env(_) | Kind::Either(_) => {
                let cast = match method {
                    "split" | "rsplit" | "splitlines" | "copy" => Some(Cast::List),
                    "startswith" | "endswith" | "isdigit" => Some(Cast::Bool),
                    "get" => Some(Cast::Other),
                    _ => None,
                };
                Some(lift(self, base, cast, span, &mut |this, one| {
                    this.deeper(|this| this.method(one, method, arguments, span))
                }))
            }
            Kind::Str(text) => self.method_of_text(text, method, arguments, span),
            Kind::Path(_) => path_method(self, base, method, &arguments.positional, span),
            _ => collection_method(base, method, &arguments.positional, span),
        };
        result.unwrap_or_else(|| {
            self.may_raise = true;
            Value::unknown(Reason::Call(method.to_owned()), span)
        })
    }

    /// Arguments that depend on the environment make the result depend on it.
    fn method_of_text(
        &mut self,
        text: &str,
        method: &str,
        arguments: &Arguments,
        span: Span,
    ) -> Option<Value> {
        if arguments.is_open {
            return None;
        }
        let open = |value: &Value| matches!(value.kind, Kind::Env(_) | Kind::Either(_));
        if let Some(at) = arguments.positional.iter().position(open) {
            let value = arguments.positional[at].clone();
            return Some(lift(
                self,
                &value,
                Some(Cast::Other),
                span,
                &mut |this, one| {
                    let mut arguments = arguments.clone();
                    arguments.positional[at] = one.clone();
                    this.deeper(|this| this.method_of_text(text, method, &arguments, span))
                        .unwrap_or_else(|| Value::unknown(Reason::Unsupported, span))
                },
            ));
        }
        if let Some(at) = arguments.keywords.iter().position(|(_, value)| open(value)) {
            let value = arguments.keywords[at].1.clone();
            return Some(lift(
                self,
                &value,
                Some(Cast::Other),
                span,
                &mut |this, one| {
                    let mut arguments = arguments.clone();
                    arguments.keywords[at].1 = one.clone();
                    this.deeper(|this| this.method_of_text(text, method, &arguments, span))
                        .unwrap_or_else(|| Value::unknown(Reason::Unsupported, span))
                },
            ));
        }
        text_method(
            self,
            text,
            method,
            &arguments.positional,
            &arguments.keywords,
            span,
        )
    }

    fn thing_method(
        &mut self,
        thing: &Thing,
        method: &str,
        arguments: &Arguments,
        span: Span,
    ) -> Value {
        match thing {
            Thing::External(dotted) => {
                let dotted = format!("{dotted}.{method}");
                library(self, &dotted, arguments, span)
            }
            Thing::DjangoEnv(scheme) => django_environ(self, scheme, method, arguments, span),
            Thing::Environs => environs(self, method, arguments, span),
            Thing::EnvironPath(path) => match method {
                "path" | "__call__" => {
                    let base = Value::str(&**path, span);
                    let joined = join_path(self, &base, &arguments.positional, false, span);
                    if method == "path" {
                        return environ_path(self, std::slice::from_ref(&joined), span);
                    }
                    joined
                }
                "file" => Value::unknown(Reason::Unsupported, span),
                _ => Value::unknown(Reason::Unsupported, span),
            },
            Thing::OpenFile(path) => {
                self.may_raise = true;
                Value::new(Kind::FromFile(path.clone()), span)
            }
            Thing::Namespace if method == "get" => {
                match arguments.get(0, "").and_then(Value::as_str) {
                    Some(name) => self
                        .lookup(name)
                        .or_else(|| arguments.positional.get(1).cloned())
                        .unwrap_or_else(|| Value::new(Kind::None, span)),
                    None => Value::unknown(Reason::Unsupported, span),
                }
            }
            _ => {
                let base = Value::new(Kind::Object(Object(thing.clone())), span);
                let callee = self.attribute(&base, method, span);
                self.call_value(&callee, arguments, span)
            }
        }
    }

    pub(crate) fn call_value(
        &mut self,
        callee: &Value,
        arguments: &Arguments,
        span: Span,
    ) -> Value {
        let Kind::Object(Object(thing)) = &callee.kind else {
            self.may_raise = true;
            self.forget(&arguments.positional, span);
            let reason = unknown_reason(callee);
            return Value::unknown(reason, span);
        };
        match thing {
            Thing::External(dotted) => {
                let dotted = std::sync::Arc::clone(dotted);
                library(self, &dotted, arguments, span)
            }
            Thing::Function(function) => {
                if arguments.is_open {
                    self.may_raise = true;
                    self.unfollowed(function, span);
                    return Value::unknown(Reason::Call(function.name.clone()), span);
                }
                self.call_function(function, &arguments.positional, &arguments.keywords, span)
                    .at(span)
            }
            Thing::Class(class) => self.instance(class, arguments, span),
            Thing::DjangoEnv(scheme) => django_environ(self, scheme, "__call__", arguments, span),
            Thing::Environs => environs(self, "__call__", arguments, span),
            Thing::EnvironPath(_) => self.thing_method(thing, "__call__", arguments, span),
            _ => {
                self.may_raise = true;
                self.forget(&arguments.positional, span);
                Value::unknown(Reason::Call(String::new()), span)
            }
        }
    }
}
