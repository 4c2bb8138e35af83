//! What a module says of celery: which tasks it shares among applications, and where a view sends one.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Decorator, Expr, ExprCall, Stmt, StmtFunctionDef};
use ruff_text_size::Ranged;

use super::imports::Import;
use super::syntax;
use crate::span::{FileId, Span};

/// What a module says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tasks {
    /// Every import, wherever it stands, with the names as they are bound.
    pub(crate) imports: Vec<Import>,
    /// Functions at the top below `@shared_task` of celery.
    pub(crate) shared: Vec<String>,
    /// Where applications are made: `Celery` of `Celery("shop")`.
    pub(crate) made: Vec<Span>,
    /// The module binds one at its top, where celery looks for it.
    pub(crate) binds: bool,
    /// Tasks that a view sends under no condition of the settings.
    pub(crate) sent: Vec<Sent>,
}

/// `weigh.delay(...)`
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    /// The module that the task is taken of by its name, where the call says so: `tasks` of `tasks.weigh.delay()`.
    pub(crate) of: Option<String>,
    pub(crate) task: String,
    /// How it is sent: `delay`.
    pub(crate) by: String,
    pub(crate) span: Span,
}

/// How the text of a module looks that makes an application.
pub(crate) const MAKES: &str = "Celery(";

/// Reads a module; nothing where it cannot be parsed.
pub(crate) fn read(file: FileId, text: &str) -> Option<Tasks> {
    let parsed = syntax::parse(text).ok()?;
    let mut reader = Reader {
        file,
        out: Tasks::default(),
        is_view: false,
    };
    let body = &parsed.syntax().body;
    reader.visit_body(body);
    let mut out = reader.out;
    out.binds = body.iter().any(|statement| match statement {
        Stmt::Assign(assign) => makes(&assign.value),
        Stmt::AnnAssign(assign) => assign.value.as_deref().is_some_and(makes),
        _ => false,
    });
    let is_celery = |import: &Import| {
        import.level == 0
            && import.module == "celery"
            && (import.names.is_empty() || import.names.iter().any(|(it, _)| it == "shared_task"))
    };
    if !out.imports.iter().any(is_celery) {
        out.shared.clear();
    }
    Some(out)
}

struct Reader {
    file: FileId,
    out: Tasks,
    /// What is read now certainly answers a request where it is called.
    is_view: bool,
}

impl Reader {
    fn span(&self, node: &impl Ranged) -> Span {
        let range = node.range();
        Span::new(self.file, range.start().to_u32(), range.end().to_u32())
    }

    fn import(&mut self, module: String, level: usize, names: Vec<(String, Span)>, span: Span) {
        self.out.imports.push(Import {
            module,
            level,
            names,
            span,
        });
    }

    fn function(&mut self, function: &StmtFunctionDef, is_method: bool) {
        let mut decorators = function.decorator_list.iter();
        if !is_method && decorators.any(is_shared) {
            self.out.shared.push(function.name.to_string());
        }
        let mut names = function.parameters.iter().map(|it| it.name().as_str());
        let is_task = function.decorator_list.iter().any(is_task);
        let before = self.is_view;
        self.is_view = !is_task && (is_method || names.any(|name| name == "request"));
        self.visit_body(&function.body);
        self.is_view = before;
    }

    fn call(&mut self, call: &ExprCall) {
        let Expr::Attribute(method) = call.func.as_ref() else {
            return;
        };
        let mut keywords = call.arguments.keywords.iter();
        let is_plain = keywords.all(|it| {
            let name = it.arg.as_ref().map(|name| name.as_str());
            name.is_some_and(|name| !matches!(name, "connection" | "producer" | "publisher"))
        });
        let by = method.attr.as_str();
        if !matches!(by, "delay" | "apply_async") || !is_plain {
            return;
        }
        let (of, task) = match method.value.as_ref() {
            Expr::Name(task) => (None, task.id.to_string()),
            Expr::Attribute(task) => match task.value.as_ref() {
                Expr::Name(of) => (Some(of.id.to_string()), task.attr.to_string()),
                _ => return,
            },
            _ => return,
        };
        let span = self.span(call.func.as_ref());
        self.out.sent.push(Sent {
            of,
            task,
            by: by.to_owned(),
            span,
        });
    }
}

/// `Celery("shop")`
fn makes(expression: &Expr) -> bool {
    let Expr::Call(call) = expression else {
        return false;
    };
    match call.func.as_ref() {
        Expr::Name(name) => name.id.as_str() == "Celery",
        Expr::Attribute(name) => name.attr.as_str() == "Celery",
        _ => false,
    }
}

/// `@shared_task`, `@shared_task(...)`, `@celery.shared_task`
fn is_shared(decorator: &Decorator) -> bool {
    name_of(decorator) == Some("shared_task")
}

/// It makes a task, of whatever application.
fn is_task(decorator: &Decorator) -> bool {
    name_of(decorator).is_some_and(|name| name.ends_with("task"))
}

fn name_of(decorator: &Decorator) -> Option<&str> {
    let called = match &decorator.expression {
        Expr::Call(call) => call.func.as_ref(),
        other => other,
    };
    match called {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(name) => Some(name.attr.as_str()),
        _ => None,
    }
}

/// Something of the settings or the environment decides: `settings.X`, `os.environ`, `USES_QUEUE`.
fn asks_settings(test: &Expr) -> bool {
    struct Asks(bool);
    impl<'a> Visitor<'a> for Asks {
        fn visit_expr(&mut self, expression: &'a Expr) {
            let (name, is_bare) = match expression {
                Expr::Name(name) => (name.id.as_str(), true),
                Expr::Attribute(name) => (name.attr.as_str(), false),
                _ => ("", false),
            };
            let is_constant = is_bare && !name.contains(|c: char| c.is_lowercase());
            self.0 |= is_constant || matches!(name, "settings" | "environ" | "getenv" | "config");
            visitor::walk_expr(self, expression);
        }
    }
    let mut asks = Asks(false);
    asks.visit_expr(test);
    asks.0
}

impl<'a> Visitor<'a> for Reader {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Import(import) => {
                for alias in &import.names {
                    let span = self.span(&alias.name);
                    let names = match &alias.asname {
                        Some(name) => vec![(name.to_string(), span)],
                        None => Vec::new(),
                    };
                    self.import(alias.name.to_string(), 0, names, span);
                }
            }
            Stmt::ImportFrom(import) => {
                let module = import.module.as_ref().map(ToString::to_string);
                // A name that is changed is not followed.
                let names = import.names.iter().filter(|it| it.asname.is_none());
                let names = names.map(|it| (it.name.to_string(), self.span(&it.name)));
                let names = names.collect();
                let span = self.span(import);
                let level = import.level as usize;
                self.import(module.unwrap_or_default(), level, names, span);
            }
            Stmt::FunctionDef(function) if !self.is_view => self.function(function, false),
            Stmt::ClassDef(class) => {
                for member in &class.body {
                    match member {
                        Stmt::FunctionDef(function) => self.function(function, true),
                        other => self.visit_stmt(other),
                    }
                }
            }
            // What fails may be done in another way, and one that is not meant to be sent is not.
            Stmt::Try(_) => self.without_calls(|it| visitor::walk_stmt(it, statement)),
            Stmt::If(branch) if asks_settings(&branch.test) => {
                self.without_calls(|it| visitor::walk_stmt(it, statement));
                // What follows is not reached with some settings.
                let returns = matches!(branch.body.last(), Some(Stmt::Return(_) | Stmt::Raise(_)));
                self.is_view &= !returns;
            }
            _ => visitor::walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Call(call) = expression {
            if makes(expression) {
                let span = self.span(call.func.as_ref());
                self.out.made.push(span);
            }
            if self.is_view {
                self.call(call);
            }
        }
        visitor::walk_expr(self, expression);
    }
}

impl Reader {
    /// Reads what is imported, and not what is sent.
    fn without_calls(&mut self, read: impl FnOnce(&mut Self)) {
        let count = self.out.sent.len();
        read(self);
        self.out.sent.truncate(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(text: &str) -> Vec<String> {
        let found = read(FileId(0), text).unwrap().sent.into_iter();
        found.map(|it| it.span.slice(text).to_owned()).collect()
    }

    #[test]
    fn tasks_that_are_shared() {
        let text = concat!(
            "from celery import shared_task\n@shared_task\ndef a(): pass\n",
            "@shared_task(bind=True)\ndef b(self): pass\ndef c(): pass\n",
            "@app.task\ndef d(): pass\n",
        );
        assert_eq!(read(FileId(0), text).unwrap().shared, ["a", "b"]);
        let own = text.replace("from celery", "from shop.queue");
        assert!(read(FileId(0), &own).unwrap().shared.is_empty());
    }

    #[test]
    fn applications_are_made_in_code() {
        let text = "from celery import Celery\n# app = Celery('old')\napp = Celery('shop')\n";
        let made = read(FileId(0), text).unwrap().made;
        let places: Vec<_> = made.iter().map(|it| it.start as usize).collect();
        assert_eq!(places, [text.rfind("Celery").unwrap()]);
        assert!(read(FileId(0), text).unwrap().binds);
        let within = "def make():\n    app = Celery('shop')\n    return app\n";
        let found = read(FileId(0), within).unwrap();
        assert!(!found.binds && found.made.len() == 1);
    }

    #[test]
    fn views_send_tasks() {
        let text = concat!(
            "def v(request):\n    if request.POST and form.is_valid():\n        a.delay(1)\n",
            "    tasks.b.apply_async(args=[1])\n",
            "class W(View):\n    def post(self, request):\n",
            "        transaction.on_commit(lambda: c.delay())\n",
        );
        assert_eq!(sent(text), ["a.delay", "tasks.b.apply_async", "c.delay"]);
    }

    #[test]
    fn not_all_that_is_sent_is_sent_by_a_view() {
        for text in [
            "def helper(order):\n    a.delay(1)\n",
            "@shared_task\ndef t(request):\n    a.delay(1)\n",
            "def v(request):\n    if settings.QUEUE:\n        a.delay(1)\n",
            "def v(request):\n    if not settings.QUEUE:\n        return x\n    a.delay(1)\n",
            "def v(request):\n    if ASYNC:\n        a.delay(1)\n    else:\n        a.apply_async()\n",
            "def v(request):\n    try:\n        a.delay(1)\n    except Exception:\n        a(1)\n",
            "def v(request):\n    a.apply_async(connection=c)\n    a.apply_async(**how)\n    f().delay()\n",
        ] {
            assert!(sent(text).is_empty(), "{text}");
        }
    }
}
