//! Lists, tuples and dictionaries: items, iteration, methods that read and methods that change.

use ruff_python_ast::{Expr, ExprCall, ExprSubscript};

use crate::python::settings::library::{lift, lift2, read_required};
use crate::python::settings::machine::Interpreter;
use crate::python::settings::value::{
    Cast, Growing, Kind, Object, Reader, Reason, Thing, Value, equals, position, unknown_reason,
};
use crate::span::Span;

impl Interpreter<'_> {
    pub(crate) fn subscript(&mut self, subscript: &ExprSubscript, span: Span) -> Value {
        let base = self.eval(&subscript.value);
        if let Expr::Slice(slice) = subscript.slice.as_ref() {
            let mut bound = |bound: &Option<Box<Expr>>| match bound {
                None => Some(None),
                Some(bound) => match self.eval(bound).settled().kind {
                    Kind::Int(int) => Some(Some(int)),
                    Kind::None => Some(None),
                    _ => None,
                },
            };
            let bounds = (bound(&slice.lower), bound(&slice.upper));
            let (Some(lower), Some(upper), None) = (bounds.0, bounds.1, &slice.step) else {
                return Value::unknown(Reason::Unsupported, span);
            };
            return lift(self, &base, None, span, &mut |_, base| {
                cut(base, lower, upper, span)
            });
        }
        let key = self.eval(&subscript.slice);
        self.item(&base, &key, span)
    }

    /// `base[key]`.
    pub(crate) fn item(&mut self, base: &Value, key: &Value, span: Span) -> Value {
        match &base.kind {
            Kind::Object(Object(Thing::External(name))) if &**name == "os.environ" => {
                return read_required(self, key, Reader::Stdlib, span);
            }
            Kind::Object(Object(Thing::Namespace)) => {
                return match key.as_str() {
                    Some(name) => self.lookup(name).unwrap_or_else(|| {
                        Value::unknown(Reason::Undefined(name.to_owned()), span)
                    }),
                    None => Value::unknown(Reason::Unsupported, span),
                };
            }
            Kind::Object(Object(Thing::External(name)))
                if &**name == "sys.modules"
                    && key.as_str() == Some(&self.modules[self.module()].name.dotted) =>
            {
                let current = Thing::Module(self.module());
                return Value::new(Kind::Object(Object(current)), span);
            }
            Kind::Object(_) => {
                self.may_raise = true;
                return Value::unknown(Reason::Unsupported, span);
            }
            Kind::FromFile(_) => return base.clone().at(span),
            Kind::Unknown(_) => {
                self.may_raise = true;
                return Value::unknown(unknown_reason(base), span);
            }
            _ => {}
        }
        if matches!(key.kind, Kind::Unknown(_)) {
            self.may_raise = true;
            return Value::unknown(Reason::Unsupported, span);
        }
        lift2(
            self,
            base,
            key,
            Some(Cast::Other),
            span,
            &mut |this, base, key| {
                let found = match (&base.kind, &key.kind) {
                    (Kind::List(items) | Kind::Tuple(items), Kind::Int(at)) if !items.is_open => {
                        position(*at, items.items.len())
                            .and_then(|at| items.items.get(at))
                            .cloned()
                    }
                    (Kind::Dict(dict), _) if !dict.is_open => dict
                        .entries
                        .iter()
                        .find(|(known, _)| equals(known, key) == Some(true))
                        .map(|(_, value)| value.clone()),
                    (Kind::Str(text), Kind::Int(at)) => {
                        let chars: Vec<char> = text.chars().collect();
                        position(*at, chars.len()).map(|at| Value::str(chars[at].to_string(), span))
                    }
                    _ => None,
                };
                found.unwrap_or_else(|| {
                    this.may_raise = true;
                    Value::unknown(Reason::Unsupported, span)
                })
            },
        )
    }

    /// The keyword arguments of a call as a dictionary.
    pub(crate) fn keyword_dict(&mut self, call: &ExprCall, span: Span) -> Value {
        let mut entries = Growing::default();
        let mut is_open = false;
        for keyword in &call.arguments.keywords {
            let value = self.eval(&keyword.value);
            match &keyword.arg {
                Some(name) => {
                    let at = self.span(name);
                    entries.put(Value::str(name.as_str(), at), value);
                }
                None => match value.as_dict() {
                    Some(more) => {
                        is_open |= more.is_open;
                        for (key, value) in more.entries.clone() {
                            entries.put(key, value);
                        }
                    }
                    None => {
                        entries.clear();
                        is_open = true;
                    }
                },
            }
        }
        Value::dict(entries.into_entries(), is_open, span)
    }
}

/// `[lower:upper]`.
fn cut(base: &Value, lower: Option<i64>, upper: Option<i64>, span: Span) -> Value {
    let bounds = |length: usize| {
        let length_i = i64::try_from(length).unwrap_or(i64::MAX);
        let clamp = |at: i64| {
            let at = if at < 0 { length_i + at } else { at };
            usize::try_from(at.clamp(0, length_i)).unwrap_or(0)
        };
        let (start, end) = (lower.map_or(0, clamp), upper.map_or(length, clamp));
        start..end.max(start)
    };
    match &base.kind {
        Kind::List(items) if !items.is_open => {
            let range = bounds(items.items.len());
            Value::list(items.items[range].to_vec(), false, span)
        }
        Kind::Tuple(items) if !items.is_open => {
            let range = bounds(items.items.len());
            Value::tuple(items.items[range].to_vec(), false, span)
        }
        Kind::Str(text) => {
            let chars: Vec<char> = text.chars().collect();
            let range = bounds(chars.len());
            Value::str(chars[range].iter().collect::<String>(), span)
        }
        // All elements may still be there, or not.
        Kind::List(_) => Value::list(Vec::new(), true, span),
        _ => Value::unknown(Reason::Unsupported, span),
    }
}
