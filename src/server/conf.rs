//! Configuration files in Python (`gunicorn.conf.py`): the names a module assigns at top level.
//!
//! Constants, lists of them, variables with defaults, and simple text put together are known; the
//! rest is unknown. A name assigned in a branch or loop is unknown.

use crate::maps::HashMap;

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{ExceptHandler, Expr, Number, Operator, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::Server;
use super::env::{EnvValue, FileState, Surroundings};
use super::options::{Layer, Layered};
use super::uwsgi::{ConfigFile, ConfigState};
use crate::knowledge::words::ValueWords;
use crate::python::syntax;
use crate::span::{FileId, Span, Traced};

/// Expressions inside expressions.
const MAX_DEPTH: u32 = 30;

/// Reads the assignments of a module; the last one of a name wins.
pub(crate) fn read(file: FileId, text: &str, around: &Surroundings<'_>) -> Layer {
    let mut module = Module {
        file,
        text,
        around,
        layer: Layer::default(),
        names: HashMap::default(),
        given: Vec::new(),
    };
    match syntax::parse(text) {
        Ok(parsed) => {
            module.block(&parsed.syntax().body, false);
            if parsed.tokens().iter().any(|token| {
                token.kind() == TokenKind::Name
                    && ValueWords::ModuleNames.contains(&text[token.range()])
            }) {
                module.open();
            }
        }
        Err(_) => module.layer.is_open = true,
    }
    module.finish()
}

/// Reads a file as an option names it, `python:a.module`, `file:a/path` or `a/path`, and notes it at
/// the server.
pub(crate) fn open(written: &Traced, around: &Surroundings<'_>, server: &mut Server) -> FileState {
    let raw = written.as_str();
    let module = raw.strip_prefix("python:");
    let path = match module {
        Some(module) => format!("{}.py", module.replace('.', "/")),
        None => raw.strip_prefix("file:").unwrap_or(raw).to_owned(),
    };
    let state = around.read(&path);
    server.files.push(ConfigFile {
        path: written.clone(),
        absolute: around.absolute(&path),
        state: match &state {
            FileState::Known(..) => ConfigState::Read,
            // A module may come from anywhere on the path.
            FileState::Missing if module.is_none() => ConfigState::Missing,
            _ => ConfigState::Unknown,
        },
    });
    state
}

/// A value of the module.
#[derive(Debug, Clone)]
enum Value {
    Text(Traced),
    Int(i64, Span),
    Bool(bool, Span),
    None,
    List(Vec<Value>),
    Unknown,
}

struct Module<'a> {
    file: FileId,
    text: &'a str,
    around: &'a Surroundings<'a>,
    layer: Layer,
    /// Values of names so far, for later expressions, and which assignment gave it.
    names: HashMap<String, (Value, usize)>,
    /// What was given, and by which assignment.
    given: Vec<(Layered, usize)>,
}

impl Module<'_> {
    fn span(&self, range: TextRange) -> Span {
        Span::new(self.file, range.start().into(), range.end().into())
    }

    fn block(&mut self, body: &[Stmt], is_conditional: bool) {
        for statement in body {
            match statement {
                Stmt::Assign(assign) => {
                    for target in &assign.targets {
                        self.assign(target, Some(&assign.value), is_conditional);
                    }
                }
                Stmt::AnnAssign(assign) if assign.value.is_some() => {
                    self.assign(&assign.target, assign.value.as_deref(), is_conditional);
                }
                Stmt::AugAssign(assign) => self.assign(&assign.target, None, true),
                Stmt::ImportFrom(import) => {
                    for alias in &import.names {
                        let name = alias.asname.as_ref().unwrap_or(&alias.name);
                        if name.as_str() == "*" {
                            self.open();
                        } else {
                            self.set(name, &Value::Unknown, self.span(alias.range()));
                        }
                    }
                }
                Stmt::If(branch) => {
                    self.block(&branch.body, true);
                    for clause in &branch.elif_else_clauses {
                        self.block(&clause.body, true);
                    }
                }
                Stmt::For(repeated) => {
                    self.assign(&repeated.target, None, true);
                    self.block(&repeated.body, true);
                    self.block(&repeated.orelse, true);
                }
                Stmt::While(repeated) => {
                    self.block(&repeated.body, true);
                    self.block(&repeated.orelse, true);
                }
                Stmt::With(with) => {
                    for item in &with.items {
                        if let Some(target) = &item.optional_vars {
                            self.assign(target, None, true);
                        }
                    }
                    self.block(&with.body, is_conditional);
                }
                Stmt::Match(choice) => {
                    for case in &choice.cases {
                        self.block(&case.body, true);
                    }
                }
                Stmt::Try(attempt) => {
                    self.block(&attempt.body, true);
                    self.block(&attempt.orelse, true);
                    self.block(&attempt.finalbody, true);
                    for handler in &attempt.handlers {
                        let ruff_python_ast::ExceptHandler::ExceptHandler(handler) = handler;
                        self.block(&handler.body, true);
                    }
                }
                Stmt::Delete(delete) => {
                    for target in &delete.targets {
                        self.assign(target, None, true);
                    }
                }
                // Hooks that the server calls later change no option, but a helper that is called
                // while the file is read may.
                Stmt::FunctionDef(function) => self.globals_of(&function.body, 0),
                _ => {}
            }
        }
    }

    /// Names that a function declares `global`.
    fn globals_of(&mut self, body: &[Stmt], depth: u32) {
        if depth > MAX_DEPTH {
            return;
        }
        for statement in body {
            match statement {
                Stmt::Global(global) => {
                    for name in &global.names {
                        self.set(name, &Value::Unknown, self.span(name.range()));
                    }
                }
                Stmt::If(branch) => {
                    self.globals_of(&branch.body, depth + 1);
                    for clause in &branch.elif_else_clauses {
                        self.globals_of(&clause.body, depth + 1);
                    }
                }
                Stmt::For(inner) => {
                    self.globals_of(&inner.body, depth + 1);
                    self.globals_of(&inner.orelse, depth + 1);
                }
                Stmt::While(inner) => {
                    self.globals_of(&inner.body, depth + 1);
                    self.globals_of(&inner.orelse, depth + 1);
                }
                Stmt::With(inner) => self.globals_of(&inner.body, depth + 1),
                Stmt::Try(inner) => {
                    for body in [&inner.body, &inner.orelse, &inner.finalbody] {
                        self.globals_of(body, depth + 1);
                    }
                    for ExceptHandler::ExceptHandler(handler) in &inner.handlers {
                        self.globals_of(&handler.body, depth + 1);
                    }
                }
                Stmt::Match(inner) => {
                    for case in &inner.cases {
                        self.globals_of(&case.body, depth + 1);
                    }
                }
                Stmt::FunctionDef(inner) => self.globals_of(&inner.body, depth + 1),
                _ => {}
            }
        }
    }

    /// Anything may be set, and what was set before may be replaced.
    fn open(&mut self) {
        self.layer.is_open = true;
        for (given, _) in &mut self.given {
            given.value = None;
        }
        self.names.clear();
    }

    /// The last assignment of each name.
    fn finish(mut self) -> Layer {
        for (given, turn) in self.given {
            let last = self.names.get(&given.key).map(|(_, last)| *last);
            if last.is_none_or(|last| last == turn) {
                self.layer.given.push(given);
            }
        }
        self.layer
    }

    fn assign(&mut self, target: &Expr, value: Option<&Expr>, is_conditional: bool) {
        let elements = match target {
            Expr::Name(name) => {
                let known = match value {
                    Some(expression) if !is_conditional => self.value(expression, 0),
                    _ => Value::Unknown,
                };
                let place = value.map_or(target.range(), Ranged::range);
                self.set(name.id.as_str(), &known, self.span(place));
                return;
            }
            Expr::Tuple(tuple) => &tuple.elts,
            Expr::List(list) => &list.elts,
            Expr::Starred(starred) => return self.assign(&starred.value, None, true),
            _ => return,
        };
        let values: &[Expr] = match value {
            Some(Expr::Tuple(tuple)) => &tuple.elts,
            Some(Expr::List(list)) => &list.elts,
            _ => &[],
        };
        let fits = values.len() == elements.len()
            && !elements.iter().chain(values).any(Expr::is_starred_expr);
        for (at, element) in elements.iter().enumerate() {
            self.assign(element, values.get(at).filter(|_| fits), is_conditional);
        }
    }

    fn set(&mut self, name: &str, value: &Value, span: Span) {
        let turn = self.given.len();
        self.names.insert(name.to_owned(), (value.clone(), turn));
        let items = match value {
            Value::List(items) => items.as_slice(),
            other => std::slice::from_ref(other),
        };
        for item in items {
            let value = match item {
                Value::Text(text) => Some(text.clone()),
                Value::Int(number, span) => Some(Traced::new(number.to_string(), *span)),
                Value::Bool(is, span) => {
                    Some(Traced::new(if *is { "true" } else { "false" }, *span))
                }
                Value::None => continue,
                Value::List(_) | Value::Unknown => None,
            };
            let given = Layered {
                key: name.to_owned(),
                span: value.as_ref().map_or(span, Traced::span),
                value,
            };
            self.given.push((given, turn));
        }
    }

    fn value(&self, expression: &Expr, depth: u32) -> Value {
        if depth > MAX_DEPTH {
            return Value::Unknown;
        }
        let span = self.span(expression.range());
        match expression {
            Expr::StringLiteral(literal) => Value::Text(self.literal(literal.value.to_str(), span)),
            Expr::NumberLiteral(literal) => match &literal.value {
                Number::Int(number) => number
                    .as_i64()
                    .map_or(Value::Unknown, |n| Value::Int(n, span)),
                _ => Value::Unknown,
            },
            Expr::BooleanLiteral(literal) => Value::Bool(literal.value, span),
            Expr::NoneLiteral(_) => Value::None,
            Expr::List(list) => Value::List(
                list.elts
                    .iter()
                    .map(|item| self.value(item, depth + 1))
                    .collect(),
            ),
            Expr::Tuple(list) => Value::List(
                list.elts
                    .iter()
                    .map(|item| self.value(item, depth + 1))
                    .collect(),
            ),
            Expr::Name(name) => {
                let known = self.names.get(name.id.as_str());
                known.map_or(Value::Unknown, |(value, _)| value.clone())
            }
            Expr::BinOp(sum) => self.binary(
                &self.value(&sum.left, depth + 1),
                sum.op,
                &self.value(&sum.right, depth + 1),
                span,
            ),
            Expr::FString(_) => self.format(expression, depth),
            Expr::Call(call) => self.call(call, depth, span),
            Expr::Subscript(subscript) => match (&*subscript.value, &*subscript.slice) {
                (Expr::Attribute(attribute), Expr::StringLiteral(name))
                    if attribute.attr.as_str() == "environ" =>
                {
                    self.variable(name.value.to_str(), None)
                }
                _ => Value::Unknown,
            },
            _ => Value::Unknown,
        }
    }

    /// The text of a literal where it stands between its quotes.
    fn literal(&self, value: &str, span: Span) -> Traced {
        let raw = span.slice(self.text);
        match raw.find(value) {
            Some(at) if !value.is_empty() => {
                let start = span.start + u32::try_from(at).unwrap_or(0);
                let end = start + u32::try_from(value.len()).unwrap_or(0);
                Traced::new(value, Span::new(span.file, start, end))
            }
            _ => Traced::new(value, span),
        }
    }

    fn binary(&self, left: &Value, operator: Operator, right: &Value, span: Span) -> Value {
        match (left, operator, right) {
            (Value::Int(a, _), Operator::Add, Value::Int(b, _)) => number(a.checked_add(*b), span),
            (Value::Int(a, _), Operator::Sub, Value::Int(b, _)) => number(a.checked_sub(*b), span),
            (Value::Int(a, _), Operator::Mult, Value::Int(b, _)) => number(a.checked_mul(*b), span),
            (Value::Text(a), Operator::Add, Value::Text(b)) if a.len() + b.len() < 65_536 => {
                let mut text = a.clone();
                text.push_traced(b);
                Value::Text(text)
            }
            _ => Value::Unknown,
        }
    }

    fn format(&self, expression: &Expr, depth: u32) -> Value {
        let Expr::FString(string) = expression else {
            return Value::Unknown;
        };
        let span = self.span(expression.range());
        let mut out = String::new();
        for element in string.value.elements() {
            match element {
                ruff_python_ast::InterpolatedStringElement::Literal(literal) => {
                    out.push_str(&literal.value)
                }
                ruff_python_ast::InterpolatedStringElement::Interpolation(inner) => {
                    if inner.format_spec.is_some() || inner.debug_text.is_some() {
                        return Value::Unknown;
                    }
                    match self.value(&inner.expression, depth + 1) {
                        Value::Text(text) => out.push_str(text.as_str()),
                        Value::Int(number, _) => out.push_str(&number.to_string()),
                        _ => return Value::Unknown,
                    }
                }
            }
            if out.len() > 65_536 {
                return Value::Unknown;
            }
        }
        Value::Text(Traced::new(out, span))
    }

    /// `os.environ.get("X", "d")`, `os.getenv(...)`, `int(...)`, `str(...)`.
    fn call(&self, call: &ruff_python_ast::ExprCall, depth: u32, span: Span) -> Value {
        let name = match &*call.func {
            Expr::Name(name) => name.id.as_str(),
            Expr::Attribute(attribute) => attribute.attr.as_str(),
            _ => return Value::Unknown,
        };
        if !call.arguments.keywords.is_empty() {
            return Value::Unknown;
        }
        let args: Vec<Value> = call
            .arguments
            .args
            .iter()
            .map(|arg| self.value(arg, depth + 1))
            .collect();
        let is_environment = match &*call.func {
            Expr::Attribute(attribute) => {
                let owner = &self.text[attribute.value.range()];
                name == "getenv" || (name == "get" && owner.ends_with("environ"))
            }
            _ => name == "getenv",
        };
        match (name, args.as_slice()) {
            (_, [Value::Text(variable)]) if is_environment => {
                self.variable(variable.as_str(), Some(Value::None))
            }
            (_, [Value::Text(variable), default]) if is_environment => {
                self.variable(variable.as_str(), Some(default.clone()))
            }
            ("int", [Value::Int(n, at)]) => Value::Int(*n, *at),
            ("int", [Value::Text(text)]) => number(text.as_str().trim().parse().ok(), text.span()),
            ("str", [Value::Int(n, at)]) => Value::Text(Traced::new(n.to_string(), *at)),
            ("str", [Value::Text(text)]) => Value::Text(text.clone()),
            ("bool", [Value::Text(text)]) => Value::Bool(!text.is_empty(), span),
            ("bool", [Value::Int(n, _)]) => Value::Bool(*n != 0, span),
            _ => Value::Unknown,
        }
    }

    fn variable(&self, name: &str, default: Option<Value>) -> Value {
        match self.around.env.get(name) {
            EnvValue::Known(value) => Value::Text(value.clone()),
            EnvValue::Unset => default.unwrap_or(Value::Unknown),
            EnvValue::Unknown => Value::Unknown,
        }
    }
}

fn number(value: Option<i64>, span: Span) -> Value {
    value.map_or(Value::Unknown, |value| Value::Int(value, span))
}

/// The top level of a TOML file: texts, numbers, booleans and lists of them.
pub(crate) fn toml(file: FileId, text: &str) -> Layer {
    let mut layer = Layer::default();
    let Ok(table) = text.parse::<toml::Table>() else {
        layer.is_open = true;
        return layer;
    };
    for (key, value) in table {
        let items = match value {
            toml::Value::Array(items) => items,
            other => vec![other],
        };
        // Only whole values are marked: the line of the key.
        let start = line_of(text, &key);
        let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let span = Span::new(file, byte(start.0), byte(start.1));
        for item in items {
            let value = match item {
                toml::Value::String(text) => Some(text),
                toml::Value::Integer(number) => Some(number.to_string()),
                toml::Value::Boolean(is) => Some(is.to_string()),
                _ => None,
            };
            layer.given.push(Layered {
                key: key.replace('_', "-"),
                value: value.map(|value| Traced::new(value, span)),
                span,
            });
        }
    }
    layer
}

/// The line that assigns a key of the top level, without spaces around it.
fn line_of(text: &str, key: &str) -> (usize, usize) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        let rest = trimmed.strip_prefix(key).map(str::trim_start);
        if rest.is_some_and(|rest| rest.starts_with('=')) {
            let start = at + line.len() - line.trim_start().len();
            return (start, start + trimmed.len());
        }
        at += line.len();
    }
    (0, 0)
}
