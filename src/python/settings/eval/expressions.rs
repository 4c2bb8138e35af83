//! Expressions.

use ruff_python_ast::{
    BoolOp, Comprehension, Expr, ExprBoolOp, ExprCompare, FStringPart, InterpolatedStringElement,
    Number, Operator, UnaryOp,
};

use crate::python::settings::library::{
    dict_of, iterate, library_constant, lift, path_attribute, text_of_value,
};
use crate::python::settings::machine::{Flow, Guard, Interpreter};
use crate::python::settings::value::{
    Cast, Growing, Kind, MakeItems, Object, Reason, Thing, Value, external, is_plain,
    unknown_reason,
};
use crate::span::Span;

impl Interpreter<'_> {
    /// The value of an expression. Whatever is not understood is unknown.
    pub(crate) fn eval(&mut self, expression: &Expr) -> Value {
        let span = self.span(expression);
        if !self.spend(1) || self.is_too_deep() {
            self.may_raise = true;
            return Value::unknown(Reason::Bounded, span);
        }
        self.deeper(|this| this.expression(expression, span))
    }

    fn expression(&mut self, expression: &Expr, span: Span) -> Value {
        match expression {
            Expr::StringLiteral(literal) => Value::str(literal.value.to_str(), span),
            Expr::BytesLiteral(literal) => {
                let bytes: Vec<u8> = literal.value.bytes().collect();
                match String::from_utf8(bytes) {
                    Ok(text) => Value::str(text, span),
                    Err(_) => Value::unknown(Reason::Unsupported, span),
                }
            }
            Expr::NumberLiteral(literal) => match &literal.value {
                Number::Int(int) => match int.as_i64() {
                    Some(int) => Value::new(Kind::Int(int), span),
                    None => Value::unknown(Reason::Unsupported, span),
                },
                Number::Float(float) => Value::new(Kind::Float(*float), span),
                Number::Complex { .. } => Value::unknown(Reason::Unsupported, span),
            },
            Expr::BooleanLiteral(literal) => Value::bool(literal.value, span),
            Expr::NoneLiteral(_) => Value::new(Kind::None, span),
            Expr::Name(name) => self.name(name.id.as_str(), span),
            Expr::List(list) => self.sequence(&list.elts, span, Value::list),
            Expr::Tuple(tuple) => self.sequence(&tuple.elts, span, Value::tuple),
            Expr::Set(set) => self.sequence(&set.elts, span, Value::tuple),
            Expr::Dict(dict) => self.dict_display(dict, span),
            Expr::Attribute(attribute) => {
                let base = self.eval(&attribute.value);
                self.attribute(&base, attribute.attr.as_str(), span)
            }
            Expr::Subscript(subscript) => self.subscript(subscript, span),
            Expr::Call(call) => self.call(call, span),
            Expr::BinOp(operation) => {
                let left = self.eval(&operation.left);
                let right = self.eval(&operation.right);
                self.binary(operation.op, &left, &right, span)
            }
            Expr::UnaryOp(operation) => self.unary(operation.op, &operation.operand, span),
            Expr::BoolOp(operation) => self.bool_op(operation, span),
            Expr::Compare(compare) => self.comparison(compare, span),
            Expr::If(conditional) => {
                let test = self.eval(&conditional.test);
                self.choose(&test, &conditional.body, &conditional.orelse, span)
            }
            Expr::Named(named) => {
                let value = self.eval(&named.value);
                self.assign(&named.target, value.clone());
                value
            }
            Expr::FString(string) => self.f_string(string.value.as_slice(), span),
            Expr::ListComp(comp) => {
                self.comprehension(&comp.generators, span, Value::list, &mut |this| {
                    this.eval(&comp.elt)
                })
            }
            Expr::SetComp(comp) => {
                self.comprehension(&comp.generators, span, Value::tuple, &mut |this| {
                    this.eval(&comp.elt)
                })
            }
            Expr::Generator(comp) => {
                self.comprehension(&comp.generators, span, Value::list, &mut |this| {
                    this.eval(&comp.elt)
                })
            }
            Expr::DictComp(comp) => {
                let Some(key) = &comp.key else {
                    return Value::unknown(Reason::Unsupported, span);
                };
                let pairs = self.comprehension(&comp.generators, span, Value::list, &mut |this| {
                    let pair = vec![this.eval(key), this.eval(&comp.value)];
                    Value::tuple(pair, false, span)
                });
                dict_of(self, &pairs, span)
            }
            Expr::Lambda(lambda) => self.lambda(lambda, span),
            Expr::Starred(starred) => self.eval(&starred.value),
            _ => {
                self.may_raise = true;
                Value::unknown(Reason::Unsupported, span)
            }
        }
    }

    fn name(&mut self, name: &str, span: Span) -> Value {
        if let Some(value) = self.lookup(name) {
            return value;
        }
        let module = self.module();
        match name {
            "__file__" => {
                // A function or an included file still sees the module it belongs to.
                return match &self.modules[module].container_path {
                    Some(path) => Value::str(path.clone(), span),
                    None => Value::unknown(Reason::NotRead("__file__".to_owned()), span),
                };
            }
            "__name__" => return Value::str(self.modules[module].name.dotted.clone(), span),
            _ => {}
        }
        let stars = &self.modules[module].stars;
        if is_builtin(name) {
            return external(&format!("builtins.{name}"), span);
        }
        if let [star] = stars.as_slice() {
            let dotted = format!("{star}.{name}");
            return external(&dotted, span);
        }
        self.may_raise = true;
        let reason = if self.modules[module].is_open {
            Reason::NotRead(name.to_owned())
        } else {
            Reason::Undefined(name.to_owned())
        };
        Value::unknown(reason, span)
    }

    fn sequence(&mut self, elements: &[Expr], span: Span, make: MakeItems) -> Value {
        let mut items = Vec::with_capacity(elements.len());
        let mut is_open = false;
        for element in elements {
            let value = self.eval(element);
            if !element.is_starred_expr() {
                items.push(value);
                continue;
            }
            match iterate(self, &value) {
                Some(more) if self.spend(more.len()) => items.extend(more),
                _ => {
                    let known = value.as_items().map(|items| items.items.clone());
                    items.extend(known.unwrap_or_default());
                    is_open = true;
                }
            }
        }
        make(items, is_open, span)
    }

    fn dict_display(&mut self, dict: &ruff_python_ast::ExprDict, span: Span) -> Value {
        let mut entries = Growing::default();
        let mut is_open = false;
        for item in &dict.items {
            let value = match &item.key {
                Some(key) => {
                    let key = self.eval(key);
                    let value = self.eval(&item.value);
                    if is_plain(&key) {
                        entries.put(key, value);
                    } else {
                        // Any entry before may be replaced by it.
                        entries.clear();
                        is_open = true;
                    }
                    continue;
                }
                None => self.eval(&item.value),
            };
            match value.as_dict() {
                Some(more) if self.spend(more.entries.len()) => {
                    is_open |= more.is_open;
                    for (key, value) in more.entries.clone() {
                        entries.put(key, value);
                    }
                }
                // What is spread may replace what came before.
                _ => {
                    entries.clear();
                    is_open = true;
                }
            }
        }
        Value::dict(entries.into_entries(), is_open, span)
    }

    fn unary(&mut self, op: UnaryOp, operand: &Expr, span: Span) -> Value {
        let value = self.eval(operand);
        match op {
            UnaryOp::Not => self.negate(&value, span),
            UnaryOp::USub => lift(self, &value, None, span, &mut |_, value| match value.kind {
                Kind::Int(int) => match int.checked_neg() {
                    Some(int) => Value::new(Kind::Int(int), span),
                    None => Value::unknown(Reason::Bounded, span),
                },
                Kind::Float(float) => Value::new(Kind::Float(-float), span),
                _ => Value::unknown(Reason::Unsupported, span),
            }),
            UnaryOp::UAdd => value,
            UnaryOp::Invert => Value::unknown(Reason::Unsupported, span),
        }
    }

    fn negate(&mut self, value: &Value, span: Span) -> Value {
        if let Kind::Unknown(_) | Kind::FromFile(_) = value.kind {
            return Value::unknown(Reason::Unsupported, span);
        }
        lift(
            self,
            value,
            Some(Cast::Bool),
            span,
            &mut |_, value| match value.truth() {
                Some(truth) => Value::bool(!truth, span),
                None => Value::unknown(Reason::Unsupported, span),
            },
        )
    }

    /// `a or b or c`: the first that decides, else the last.
    fn bool_op(&mut self, operation: &ExprBoolOp, span: Span) -> Value {
        if self.all_ask_for_tests(operation) {
            return Value::bool(false, span);
        }
        let Some((first, rest)) = operation.values.split_first() else {
            return Value::unknown(Reason::Unsupported, span);
        };
        let first = self.eval(first);
        self.bool_rest(operation.op, &first, rest, span)
    }

    fn bool_rest(&mut self, op: BoolOp, value: &Value, rest: &[Expr], span: Span) -> Value {
        let Some((next, rest)) = rest.split_first() else {
            return value.clone();
        };
        let stops = |truth: bool| truth == (op == BoolOp::Or);
        let known = match &value.kind {
            // Which of two ways it is, is decided for each apart.
            Kind::Env(_) | Kind::Either(_) => None,
            _ => Some(value.truth()),
        };
        match known {
            None => {
                let mut guard = Guard::default();
                guard.add(value);
                self.perhaps(guard, |this| {
                    lift(
                        this,
                        value,
                        None,
                        span,
                        &mut |this, one| match one.truth() {
                            Some(truth) if stops(truth) => one.clone(),
                            Some(_) => {
                                let next = this.eval(next);
                                this.bool_rest(op, &next, rest, span)
                            }
                            None => Value::unknown(Reason::Unsupported, span),
                        },
                    )
                })
            }
            Some(Some(truth)) if stops(truth) => value.clone(),
            Some(Some(_)) => {
                let next = self.eval(next);
                self.deeper(|this| this.bool_rest(op, &next, rest, span))
            }
            Some(None) => {
                let other = self.perhaps(Guard::vague(), |this| {
                    let next = this.eval(next);
                    this.deeper(|this| this.bool_rest(op, &next, rest, span))
                });
                Value::either(vec![value.clone(), other], span)
            }
        }
    }

    fn comparison(&mut self, compare: &ExprCompare, span: Span) -> Value {
        if let Some(answer) = self.asks_for_tests(compare) {
            return Value::bool(answer, span);
        }
        let mut left = self.eval(&compare.left);
        let mut result: Option<Value> = None;
        for (op, right) in compare.ops.iter().zip(&compare.comparators) {
            let right = self.eval(right);
            let value = self.compare(*op, &left, &right, span);
            result = Some(match result {
                None => value,
                Some(before) => match (before.truth(), value.truth()) {
                    (Some(false), _) | (_, Some(false)) => Value::bool(false, span),
                    (Some(true), Some(true)) => Value::bool(true, span),
                    _ => Value::unknown(Reason::Unsupported, span),
                },
            });
            left = right;
        }
        result.unwrap_or_else(|| Value::unknown(Reason::Unsupported, span))
    }

    /// `a if test else b`.
    fn choose(&mut self, test: &Value, body: &Expr, orelse: &Expr, span: Span) -> Value {
        match test.truth() {
            Some(true) => return self.eval(body),
            Some(false) => return self.eval(orelse),
            None => {}
        }
        let mut guard = Guard::default();
        guard.add(test);
        self.perhaps(guard, |this| {
            if matches!(test.kind, Kind::Env(_)) {
                let cast = Some(Cast::Other);
                lift(this, test, cast, span, &mut |this, one| match one.truth() {
                    Some(true) => this.eval(body),
                    Some(false) => this.eval(orelse),
                    None => Value::unknown(Reason::Unsupported, span),
                })
            } else {
                let values = vec![this.eval(body), this.eval(orelse)];
                Value::either(values, span)
            }
        })
    }

    fn f_string(&mut self, parts: &[FStringPart], span: Span) -> Value {
        let mut text = Value::str("", span);
        for part in parts {
            match part {
                FStringPart::Literal(literal) => {
                    let literal = Value::str(literal.as_str(), span);
                    text = self.binary(Operator::Add, &text, &literal, span);
                }
                FStringPart::FString(string) => {
                    for element in &string.elements {
                        let piece = match element {
                            InterpolatedStringElement::Literal(literal) => {
                                Value::str(&literal.value, span)
                            }
                            InterpolatedStringElement::Interpolation(element) => {
                                let value = self.eval(&element.expression);
                                if element.format_spec.is_some()
                                    || element.debug_text.is_some()
                                    || !element.conversion.is_none()
                                {
                                    Value::unknown(Reason::Unsupported, span)
                                } else {
                                    text_of_value(self, &value, span)
                                }
                            }
                        };
                        text = self.binary(Operator::Add, &text, &piece, span);
                    }
                }
            }
        }
        text
    }

    fn comprehension(
        &mut self,
        generators: &[Comprehension],
        span: Span,
        make: MakeItems,
        element: &mut dyn FnMut(&mut Self) -> Value,
    ) -> Value {
        let [generator] = generators else {
            self.may_raise = true;
            return Value::unknown(Reason::Unsupported, span);
        };
        let iterable = self.eval(&generator.iter);
        lift(
            self,
            &iterable,
            Some(Cast::List),
            span,
            &mut |this, iterable| {
                let Some(items) = iterate(this, iterable) else {
                    this.may_raise = true;
                    return Value::unknown(Reason::Unsupported, span);
                };
                // The variable belongs to the comprehension alone.
                let mut results = Vec::new();
                let mut is_open = false;
                let (_, _) = this.branch(&mut |this| {
                    this.undecided = this.undecided.saturating_sub(1);
                    for item in &items {
                        if !this.spend(1) {
                            is_open = true;
                            break;
                        }
                        this.assign(&generator.target, item.clone());
                        let mut keeps = Some(true);
                        for test in &generator.ifs {
                            match this.eval(test).truth() {
                                Some(true) => {}
                                Some(false) => {
                                    keeps = Some(false);
                                    break;
                                }
                                None => keeps = None,
                            }
                        }
                        match keeps {
                            Some(true) => results.push(element(this)),
                            Some(false) => {}
                            None => is_open = true,
                        }
                    }
                    this.undecided += 1;
                    Flow::Next
                });
                make(results, is_open, span)
            },
        )
    }

    /// An attribute of a value.
    pub(crate) fn attribute(&mut self, base: &Value, name: &str, span: Span) -> Value {
        match &base.kind {
            Kind::Object(Object(thing)) => self.thing_attribute(thing, name, span),
            Kind::Either(_) | Kind::Env(_) => {
                lift(self, base, Some(Cast::Other), span, &mut |this, one| {
                    this.attribute(one, name, span)
                })
            }
            Kind::Path(path) => path_attribute(self, path, name, span),
            Kind::Unknown(_) => {
                self.may_raise = true;
                Value::unknown(unknown_reason(base), span)
            }
            Kind::FromFile(_) => base.clone(),
            _ => {
                self.may_raise = true;
                Value::unknown(Reason::Unsupported, span)
            }
        }
    }

    fn thing_attribute(&mut self, thing: &Thing, name: &str, span: Span) -> Value {
        match thing {
            Thing::Module(module) => {
                let value = self.member(*module, name, span);
                self.forced(value)
            }
            Thing::External(dotted) => library_constant(dotted, name, span),
            Thing::Class(class) => self.class_attribute(class, name, span),
            Thing::Instance(class) => self.class_attribute(class, name, span),
            Thing::OpenFile(path) => Value::new(Kind::FromFile(path.clone()), span),
            _ => {
                self.may_raise = true;
                Value::unknown(Reason::Unsupported, span)
            }
        }
    }
}

fn is_builtin(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "abs",
        "all",
        "any",
        "bool",
        "dict",
        "enumerate",
        "exec",
        "eval",
        "filter",
        "float",
        "frozenset",
        "getattr",
        "globals",
        "hasattr",
        "int",
        "isinstance",
        "iter",
        "len",
        "list",
        "locals",
        "map",
        "max",
        "min",
        "next",
        "object",
        "open",
        "print",
        "range",
        "repr",
        "reversed",
        "round",
        "set",
        "setattr",
        "sorted",
        "str",
        "sum",
        "super",
        "tuple",
        "type",
        "vars",
        "zip",
        "__import__",
        "execfile",
        "exit",
        "quit",
        "property",
        "staticmethod",
        "classmethod",
        "bytes",
        "ImportError",
        "KeyError",
        "Exception",
        "ValueError",
        "NotImplementedError",
        "unicode",
        "basestring",
        "delattr",
        "dir",
        "id",
        "callable",
    ];
    NAMES.contains(&name)
}
