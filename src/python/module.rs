//! Any module, looked at without evaluating it: which names it defines at the top, what it writes
//! into the environment (`manage.py`, `wsgi.py`, `asgi.py`).
//!
//! Nothing is imported; a star import leaves the names open.

use std::collections::BTreeMap;

use ruff_python_ast::{ExceptHandler, Expr, ExprCall, Number, Stmt};
use ruff_text_size::Ranged;

use super::{roundabout, syntax};
use crate::span::{FileId, Span, Traced};

/// What a module says on its face.
#[derive(Clone, Debug, Default)]
pub struct ModuleFacts {
    /// Names bound at the top, branches included; the last binding of each.
    pub names: BTreeMap<String, TopName>,
    /// Writes into `os.environ`, those in functions included, in order.
    pub env_writes: Vec<EnvWrite>,
    /// Modules imported at the top, by absolute or relative name as written (`.base`).
    pub imports: Vec<(String, Span)>,
    /// Names may come from a star import, `globals()` or `__getattr__`.
    pub is_open: bool,
    /// The name that Django's application is bound to, where the module does nothing else than name its settings:
    /// `application = get_wsgi_application()`.
    pub serves_django: Option<String>,
    /// The key `websocket` of what the module hands to `ProtocolTypeRouter` at its top.
    pub websockets: Option<Span>,
    /// The module cannot be parsed; the rest is empty and open.
    pub error: Option<(Span, String)>,
}

/// A name at the top of a module.
#[derive(Clone, Debug)]
pub struct TopName {
    /// The name where it is bound.
    pub span: Span,
    /// Bound in a branch, loop or `try`.
    pub is_conditional: bool,
    pub value: Option<Bound>,
}

/// What a name is bound to: a value that stands there as it is, or what a known function returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    Text(Traced),
    Int(i64),
    Bool(bool),
    None,
    /// The application that a function of Django or channels makes.
    Application(Interface),
}

/// How a server calls an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interface {
    Wsgi,
    Asgi,
}

impl Interface {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wsgi => "WSGI",
            Self::Asgi => "ASGI",
        }
    }

    /// Of what `get_wsgi_application()`, `get_asgi_application()` and `ProtocolTypeRouter(...)` return.
    fn made_by(call: &ExprCall) -> Option<Self> {
        let name = match call.func.as_ref() {
            Expr::Name(name) => name.id.as_str(),
            Expr::Attribute(attribute) => attribute.attr.as_str(),
            _ => return None,
        };
        match name {
            "get_wsgi_application" => Some(Self::Wsgi),
            "get_asgi_application" | "ProtocolTypeRouter" => Some(Self::Asgi),
            _ => None,
        }
    }
}

/// `os.environ.setdefault(name, value)` or `os.environ[name] = value`.
#[derive(Clone, Debug)]
pub struct EnvWrite {
    pub name: String,
    /// The text without quotes; `None` when it is computed.
    pub value: Option<Traced>,
    /// The whole call or assignment.
    pub span: Span,
    /// `setdefault`: a value from outside wins. Otherwise this one does.
    pub is_default: bool,
    /// In a branch, loop or handler.
    pub is_conditional: bool,
}

impl ModuleFacts {
    /// Whether the module defines a name at its top; `None` when that is not sure.
    #[must_use]
    pub fn defines(&self, name: &str) -> Option<bool> {
        match self.names.get(name) {
            Some(top) if !top.is_conditional => Some(true),
            Some(_) => None,
            None => (!self.is_open).then_some(false),
        }
    }

    /// The writes of `DJANGO_SETTINGS_MODULE`.
    pub fn settings_modules(&self) -> impl Iterator<Item = &EnvWrite> {
        self.env_writes
            .iter()
            .filter(|write| write.name == "DJANGO_SETTINGS_MODULE")
    }
}

/// Reads a module.
#[must_use]
pub(crate) fn read_module(file: FileId, text: &str) -> ModuleFacts {
    let mut reader = Reader {
        file,
        text,
        facts: ModuleFacts::default(),
    };
    match syntax::parse(text) {
        Ok(parsed) => {
            let body = &parsed.syntax().body;
            reader.block(body, Place::Top);
            reader.facts.serves_django = serves_django(body);
            let roundabout = roundabout::names(body);
            reader.facts.is_open |= roundabout.is_open;
            for (name, range) in roundabout.names {
                reader.bind(&name, reader.span(range), None, Place::Branch);
            }
        }
        Err(error) => {
            reader.facts.is_open = true;
            let span = reader.span(error.range);
            reader.facts.error = Some((span, error.message));
        }
    }
    reader.facts
}

/// The name that Django's application is bound to; `None` where another statement may put something around it.
fn serves_django(body: &[Stmt]) -> Option<String> {
    let mut bound = None;
    for statement in body {
        match statement {
            Stmt::Import(_) | Stmt::ImportFrom(_) => {}
            Stmt::Expr(it) if it.value.is_string_literal_expr() => {}
            Stmt::Expr(it) if sets_environment(&it.value) => {}
            Stmt::Assign(assign) => match (&assign.targets[..], assign.value.as_ref()) {
                ([Expr::Name(name)], Expr::Call(call)) if bound.is_none() && makes(call) => {
                    bound = Some(name.id.to_string());
                }
                _ => return None,
            },
            _ => return None,
        }
    }
    bound
}

/// The key `websocket` in `ProtocolTypeRouter({"http": ..., "websocket": ...})`.
fn websockets(value: &Expr) -> Option<ruff_text_size::TextRange> {
    let call = value.as_call_expr()?;
    let name = call.func.as_name_expr()?.id.as_str();
    let dict = call.arguments.args.first()?.as_dict_expr()?;
    let mut keys = dict.items.iter().filter_map(|item| item.key.as_ref());
    let is_it = |key: &&Expr| {
        let text = key.as_string_literal_expr();
        text.is_some_and(|text| text.value.to_str() == "websocket")
    };
    let found = keys.find(is_it).filter(|_| name == "ProtocolTypeRouter")?;
    Some(found.range())
}

/// `get_wsgi_application()`
fn makes(call: &ExprCall) -> bool {
    Interface::made_by(call).is_some() && call.arguments.is_empty()
}

/// `os.environ.setdefault(...)`
fn sets_environment(value: &Expr) -> bool {
    let called = value
        .as_call_expr()
        .and_then(|call| call.func.as_attribute_expr());
    called.is_some_and(|method| {
        let of = method.value.as_attribute_expr();
        method.attr.as_str() == "setdefault" && of.is_some_and(|it| it.attr.as_str() == "environ")
    })
}

/// Where a statement stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    Branch,
    /// In a function or class: no names of the module.
    Inner {
        is_conditional: bool,
    },
}

impl Place {
    fn branch(self) -> Self {
        match self {
            Place::Top | Place::Branch => Place::Branch,
            Place::Inner { .. } => Place::Inner {
                is_conditional: true,
            },
        }
    }

    fn is_conditional(self) -> bool {
        matches!(
            self,
            Place::Branch
                | Place::Inner {
                    is_conditional: true
                }
        )
    }
}

struct Reader<'a> {
    file: FileId,
    text: &'a str,
    facts: ModuleFacts,
}

impl Reader<'_> {
    fn span(&self, range: ruff_text_size::TextRange) -> Span {
        Span::new(self.file, range.start().to_u32(), range.end().to_u32())
    }

    fn block(&mut self, body: &[Stmt], place: Place) {
        for statement in body {
            self.statement(statement, place);
        }
    }

    fn statement(&mut self, statement: &Stmt, place: Place) {
        let branch = place.branch();
        match statement {
            Stmt::Assign(assign) => {
                if matches!(place, Place::Top) {
                    let found = websockets(&assign.value).map(|range| self.span(range));
                    self.facts.websockets = found.or(self.facts.websockets);
                }
                for target in &assign.targets {
                    self.target(target, Some(&assign.value), place);
                    self.env_assignment(target, &assign.value, statement, place);
                }
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.target(&assign.target, Some(value), place);
                }
            }
            Stmt::AugAssign(assign) => self.target(&assign.target, None, place),
            Stmt::Expr(expression) => {
                if let Expr::Call(call) = expression.value.as_ref() {
                    self.call(call, place);
                }
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let span = self.span(alias.name.range());
                    if !matches!(place, Place::Inner { .. }) {
                        self.facts.imports.push((alias.name.to_string(), span));
                    }
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    let first = name.as_str().split('.').next().unwrap_or("");
                    self.bind(first, self.span(name.range()), None, place);
                }
            }
            Stmt::ImportFrom(import) => {
                let dots = ".".repeat(import.level.min(16) as usize);
                let module = import.module.as_ref().map_or("", |name| name.as_str());
                let span = self.span(import.range());
                if !matches!(place, Place::Inner { .. }) {
                    self.facts.imports.push((format!("{dots}{module}"), span));
                }
                for alias in &import.names {
                    if alias.name.as_str() == "*" {
                        self.facts.is_open = true;
                        continue;
                    }
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.bind(name.as_str(), self.span(name.range()), None, place);
                }
            }
            Stmt::FunctionDef(function) => {
                let span = self.span(function.name.range());
                if function.name.as_str() == "__getattr__" {
                    self.facts.is_open = true;
                }
                self.bind(function.name.as_str(), span, None, place);
                let inner = Place::Inner {
                    is_conditional: place.is_conditional(),
                };
                self.block(&function.body, inner);
            }
            Stmt::ClassDef(class) => {
                let span = self.span(class.name.range());
                self.bind(class.name.as_str(), span, None, place);
            }
            Stmt::If(statement) => {
                // What runs only as a script is not defined for a server that imports it.
                let is_main = is_main_test(&statement.test);
                let body_place = if is_main && matches!(place, Place::Top) {
                    Place::Inner {
                        is_conditional: false,
                    }
                } else {
                    branch
                };
                self.block(&statement.body, body_place);
                for clause in &statement.elif_else_clauses {
                    self.block(&clause.body, branch);
                }
            }
            Stmt::For(statement) => {
                self.target(&statement.target, None, branch);
                self.block(&statement.body, branch);
                self.block(&statement.orelse, branch);
            }
            Stmt::While(statement) => self.block(&statement.body, branch),
            Stmt::With(statement) => {
                for item in &statement.items {
                    if let Some(target) = &item.optional_vars {
                        self.target(target, None, place);
                    }
                }
                self.block(&statement.body, place);
            }
            Stmt::Try(statement) => {
                self.block(&statement.body, branch);
                for ExceptHandler::ExceptHandler(handler) in &statement.handlers {
                    self.block(&handler.body, branch);
                }
                self.block(&statement.orelse, branch);
                self.block(&statement.finalbody, place);
            }
            Stmt::Match(statement) => {
                for case in &statement.cases {
                    self.block(&case.body, branch);
                }
            }
            Stmt::Delete(delete) => {
                for target in &delete.targets {
                    if let Expr::Name(name) = target {
                        self.facts.names.remove(name.id.as_str());
                    }
                }
            }
            _ => {}
        }
    }

    fn target(&mut self, target: &Expr, value: Option<&Expr>, place: Place) {
        match target {
            Expr::Name(name) => {
                let found = value.and_then(|value| self.bound(value));
                let span = self.span(name.range());
                self.bind(name.id.as_str(), span, found, place);
            }
            Expr::Tuple(tuple) => {
                for one in &tuple.elts {
                    self.target(one, None, place);
                }
            }
            Expr::List(list) => {
                for one in &list.elts {
                    self.target(one, None, place);
                }
            }
            Expr::Starred(starred) => self.target(&starred.value, None, place),
            Expr::Subscript(subscript) if is_namespace(&subscript.value) => {
                self.facts.is_open = true;
            }
            _ => {}
        }
    }

    fn bind(&mut self, name: &str, span: Span, value: Option<Bound>, place: Place) {
        if matches!(place, Place::Inner { .. }) {
            return;
        }
        // A name bound before for sure stays bound for sure.
        let was_sure = self
            .facts
            .names
            .get(name)
            .is_some_and(|known| !known.is_conditional);
        let is_conditional = place.is_conditional() && !was_sure;
        let value = if place.is_conditional() { None } else { value };
        let top = TopName {
            span,
            is_conditional,
            value,
        };
        self.facts.names.insert(name.to_owned(), top);
    }

    fn call(&mut self, call: &ruff_python_ast::ExprCall, place: Place) {
        let Expr::Attribute(attribute) = call.func.as_ref() else {
            return;
        };
        if attribute.attr.as_str() != "setdefault" || !is_environ(&attribute.value) {
            return;
        }
        let [name, value, ..] = &*call.arguments.args else {
            return;
        };
        self.write(name, value, self.span(call.range()), true, place);
    }

    fn env_assignment(&mut self, target: &Expr, value: &Expr, statement: &Stmt, place: Place) {
        if let Expr::Subscript(subscript) = target
            && is_environ(&subscript.value)
        {
            let span = self.span(statement.range());
            self.write(&subscript.slice, value, span, false, place);
        }
    }

    fn write(&mut self, name: &Expr, value: &Expr, span: Span, is_default: bool, place: Place) {
        let Some(Bound::Text(name)) = self.bound(name) else {
            return;
        };
        let value = match self.bound(value) {
            Some(Bound::Text(text)) => Some(text),
            Some(_) => None,
            None => match value {
                Expr::Name(name) => self.named_text(name.id.as_str()),
                _ => None,
            },
        };
        self.facts.env_writes.push(EnvWrite {
            name: name.as_str().to_owned(),
            value,
            span,
            is_default,
            is_conditional: place.is_conditional(),
        });
    }

    fn named_text(&self, name: &str) -> Option<Traced> {
        let top = self.facts.names.get(name)?;
        match (&top.value, top.is_conditional) {
            (Some(Bound::Text(text)), false) => Some(text.clone()),
            _ => None,
        }
    }

    fn bound(&self, value: &Expr) -> Option<Bound> {
        Some(match value {
            Expr::StringLiteral(literal) => {
                let content = literal.value.to_str();
                let range = literal.range();
                let (start, end) = (range.start().to_u32(), range.end().to_u32());
                let inner = Span::new(self.file, start + 1, end.saturating_sub(1).max(start + 1));
                let span = if inner.slice(self.text) == content {
                    inner
                } else {
                    self.span(range)
                };
                Bound::Text(if content.is_empty() {
                    Traced::empty(span)
                } else {
                    Traced::new(content, span)
                })
            }
            Expr::NumberLiteral(literal) => match &literal.value {
                Number::Int(int) => Bound::Int(int.as_i64()?),
                _ => return None,
            },
            Expr::BooleanLiteral(literal) => Bound::Bool(literal.value),
            Expr::NoneLiteral(_) => Bound::None,
            Expr::Call(call) => Bound::Application(Interface::made_by(call)?),
            _ => return None,
        })
    }
}

/// `os.environ`, or `environ` imported from `os`.
pub(super) fn is_environ(expression: &Expr) -> bool {
    match expression {
        Expr::Name(name) => name.id.as_str() == "environ",
        Expr::Attribute(attribute) => attribute.attr.as_str() == "environ",
        _ => false,
    }
}

fn is_namespace(expression: &Expr) -> bool {
    let Expr::Call(call) = expression else {
        return false;
    };
    match call.func.as_ref() {
        Expr::Name(name) => matches!(name.id.as_str(), "globals" | "locals" | "vars"),
        _ => false,
    }
}

/// `__name__ == "__main__"`.
fn is_main_test(test: &Expr) -> bool {
    let Expr::Compare(compare) = test else {
        return false;
    };
    match compare.left.as_ref() {
        Expr::Name(name) => name.id.as_str() == "__name__",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> ModuleFacts {
        read_module(FileId(0), text)
    }

    #[test]
    fn a_server_file_defines_its_application() {
        let text = "import os\nfrom django.core.wsgi import get_wsgi_application\n\
                    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site.settings')\n\
                    application = get_wsgi_application()\n";
        let facts = read(text);
        assert_eq!(facts.defines("application"), Some(true));
        assert_eq!(facts.defines("app"), Some(false));
        let write = facts.settings_modules().next().unwrap();
        assert!(write.is_default && !write.is_conditional);
        let value = write.value.as_ref().unwrap();
        assert_eq!(value.span().slice(text), "site.settings");
    }

    #[test]
    fn writes_in_functions_count_and_branches_are_doubtful() {
        let facts = read(
            "import os, sys\nNAME = 'site.dev'\ndef main():\n    os.environ['DJANGO_SETTINGS_MODULE'] = NAME\n\
             if 'test' in sys.argv:\n    os.environ.setdefault('DJANGO_SETTINGS_MODULE', compute())\n    app = 1\n\
             if __name__ == '__main__':\n    main()\n    late = 1\n",
        );
        let writes: Vec<_> = facts.settings_modules().collect();
        assert_eq!(writes.len(), 2);
        assert_eq!(
            writes[0].value.as_ref().map(|v| v.as_str()),
            Some("site.dev")
        );
        assert!(!writes[0].is_default && !writes[0].is_conditional);
        assert!(writes[1].value.is_none() && writes[1].is_conditional);
        assert_eq!(facts.defines("app"), None);
        assert_eq!(facts.defines("late"), Some(false));
        let Some(Bound::Text(name)) = &facts.names["NAME"].value else {
            panic!("{:?}", facts.names["NAME"]);
        };
        assert_eq!(name.as_str(), "site.dev");
    }

    #[test]
    fn names_that_are_bound_in_roundabout_ways_are_doubtful() {
        for text in [
            "def make():\n    global application\n    application = 1\nmake()\n",
            "if (application := make()):\n    pass\n",
            "match make():\n    case [application, *rest]:\n        pass\n",
            "match make():\n    case {'a': 1, **application}:\n        pass\n",
            "exec(open('server.py').read())\n",
            "import sys\nsetattr(sys.modules[__name__], 'application', make())\n",
            "import sys\nsys.modules[__name__].__dict__['application'] = 1\n",
            "def make():\n    globals().update(application=1)\nmake()\n",
            "try:\n    pass\nexcept* E as application:\n    pass\n",
        ] {
            assert_eq!(read(text).defines("application"), None, "{text}");
        }
        let sure = "first, *application = make()\n[app, other] = make()\n";
        assert_eq!(read(sure).defines("application"), Some(true));
        assert_eq!(read(sure).defines("app"), Some(true));
        let local = "def make():\n    application = 1\n";
        assert_eq!(read(local).defines("application"), Some(false));
    }

    #[test]
    fn star_imports_and_errors_leave_names_open() {
        assert_eq!(read("from .wsgi import *\n").defines("application"), None);
        assert_eq!(read("globals()['x'] = 1\n").defines("application"), None);
        let broken = read("def (\n");
        assert!(broken.error.is_some());
        assert_eq!(broken.defines("application"), None);
    }
}
