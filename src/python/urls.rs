//! The lists of URLs in a module of Django, as far as they are written out, and the methods that a view takes. Knows
//! nothing of files, and runs nothing: what is put together in another way leaves its list open.

use std::cell::Cell;
use std::collections::BTreeMap;

use ruff_python_ast::{Expr, ExprCall, Stmt, StmtFunctionDef};
use ruff_text_size::Ranged;

use super::syntax;
use crate::maps::{HashMap, HashSet};

/// A list of URLs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Urls {
    pub(crate) entries: Vec<Entry>,
    /// It has no others.
    pub(crate) is_closed: bool,
}

/// One of its entries; those that only some branch adds are among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) route: Route,
    pub(crate) leads: Leads,
}

/// What a path has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// As `path()` writes it: `shop/<int:pk>/`.
    Path(String),
    /// An expression, as `re_path()` has it.
    Pattern(String),
    Unknown,
}

/// Where an entry leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Leads {
    /// The list of another module.
    Module(String),
    List(Urls),
    /// A view, by the name it has there; `None` for one without a name.
    View(Option<String>),
    /// To one view or to many.
    Unknown,
}

/// Entries that are taken from lists by their names.
const MAX_ENTRIES: usize = 4000;

/// Where the functions come from that make entries.
const MODULES: [&str; 4] = [
    "django.urls",
    "django.conf.urls",
    "django.conf.urls.static",
    "django.contrib.staticfiles.urls",
];

/// The list `urlpatterns` of a module; `None` where it cannot be parsed or has none.
pub(crate) fn read(text: &str) -> Option<Urls> {
    let parsed = syntax::parse(text).ok()?;
    let mut reader = Reader {
        text,
        known: HashSet::default(),
        lists: BTreeMap::new(),
        left: Cell::new(MAX_ENTRIES),
    };
    reader.block(&parsed.syntax().body, false);
    reader.lists.remove("urlpatterns")
}

struct Reader<'a> {
    text: &'a str,
    /// Names that were taken from Django.
    known: HashSet<String>,
    lists: BTreeMap<String, Urls>,
    /// Entries that may still be taken from lists by their names.
    left: Cell<usize>,
}

impl Urls {
    /// How many entries it has, those of lists below among them.
    fn weight(&self) -> usize {
        let below = self.entries.iter().map(|entry| match &entry.leads {
            Leads::List(list) => 1 + list.weight(),
            _ => 1,
        });
        below.sum()
    }
}

impl Reader<'_> {
    fn block(&mut self, body: &[Stmt], is_branch: bool) {
        for statement in body {
            self.statement(statement, is_branch);
        }
    }

    fn statement(&mut self, statement: &Stmt, is_branch: bool) {
        match statement {
            Stmt::ImportFrom(import) => {
                let module = import.module.as_ref().map(|it| it.as_str());
                let is_django = import.level == 0 && module.is_some_and(|it| MODULES.contains(&it));
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    match alias.name.as_str() {
                        "*" => self.open_all(),
                        _ if is_django && alias.asname.is_none() => {
                            self.known.insert(name.to_owned());
                        }
                        _ => {
                            self.known.remove(name);
                            self.lists.remove(name);
                            if name == "urlpatterns" {
                                self.lists.insert(name.to_owned(), Urls::default());
                            }
                        }
                    }
                }
            }
            Stmt::Assign(assign) => match &assign.targets[..] {
                [Expr::Name(name)] => self.assign(name.id.as_str(), &assign.value, is_branch),
                _ => self.open_named(statement),
            },
            Stmt::AnnAssign(assign) => {
                if let (Expr::Name(name), Some(value)) = (assign.target.as_ref(), &assign.value) {
                    self.assign(name.id.as_str(), value, is_branch);
                }
            }
            Stmt::AugAssign(assign) => match assign.target.as_ref() {
                Expr::Name(name) => {
                    let more = self.list(&assign.value);
                    self.add(name.id.as_str(), more);
                }
                _ => self.open_named(statement),
            },
            Stmt::Expr(expression) => self.call(&expression.value, statement),
            Stmt::If(branches) => {
                self.block(&branches.body, true);
                for clause in &branches.elif_else_clauses {
                    self.block(&clause.body, true);
                }
            }
            Stmt::Try(parts) => {
                self.block(&parts.body, true);
                for handler in &parts.handlers {
                    let ruff_python_ast::ExceptHandler::ExceptHandler(handler) = handler;
                    self.block(&handler.body, true);
                }
                self.block(&parts.orelse, true);
                self.block(&parts.finalbody, true);
            }
            Stmt::Import(_) | Stmt::Pass(_) => {}
            _ => self.open_named(statement),
        }
    }

    fn assign(&mut self, name: &str, value: &Expr, is_branch: bool) {
        let list = self.list(value);
        match self.lists.get(name) {
            Some(_) if is_branch => self.add(name, list),
            _ => {
                self.lists.insert(name.to_owned(), list);
            }
        }
    }

    fn add(&mut self, name: &str, more: Urls) {
        let list = self.lists.entry(name.to_owned()).or_default();
        list.entries.extend(more.entries);
        list.is_closed &= more.is_closed;
    }

    /// `urlpatterns.append(...)`, `urlpatterns.extend(...)`
    fn call(&mut self, expression: &Expr, statement: &Stmt) {
        if let Expr::Call(call) = expression
            && let Expr::Attribute(attribute) = call.func.as_ref()
            && let Expr::Name(name) = attribute.value.as_ref()
            && let [only] = &call.arguments.args[..]
            && self.lists.contains_key(name.id.as_str())
        {
            let more = match attribute.attr.as_str() {
                "append" => Urls {
                    entries: vec![self.entry(only)],
                    is_closed: true,
                },
                "extend" => self.list(only),
                _ => Urls::default(),
            };
            self.add(name.id.as_str(), more);
        } else {
            self.open_named(statement);
        }
    }

    fn open_all(&mut self) {
        for list in self.lists.values_mut() {
            list.is_closed = false;
        }
        let list = self.lists.entry("urlpatterns".to_owned()).or_default();
        list.is_closed = false;
    }

    /// A statement that is not read may change the lists that it names.
    fn open_named(&mut self, statement: &Stmt) {
        let text = self
            .text
            .get(statement.range().to_std_range())
            .unwrap_or_default();
        for (name, list) in &mut self.lists {
            list.is_closed &= !text.contains(name.as_str());
        }
        if text.contains("urlpatterns") {
            self.lists.entry("urlpatterns".to_owned()).or_default();
        }
    }

    fn list(&self, expression: &Expr) -> Urls {
        let mut urls = Urls {
            entries: Vec::new(),
            is_closed: true,
        };
        match expression {
            Expr::List(list) => self.items(&list.elts, &mut urls),
            Expr::Tuple(tuple) => self.items(&tuple.elts, &mut urls),
            Expr::BinOp(both) => {
                for side in [&both.left, &both.right] {
                    let part = self.list(side);
                    urls.entries.extend(part.entries);
                    urls.is_closed &= part.is_closed;
                }
            }
            Expr::Name(name) => return self.named(name.id.as_str()),
            // Files, which answer no question for health.
            Expr::Call(call) if self.is_call(call, &["static", "staticfiles_urlpatterns"]) => {}
            _ => urls.is_closed = false,
        }
        urls
    }

    /// The list of a name; an open one where there is none, or much was taken so.
    fn named(&self, name: &str) -> Urls {
        let Some(list) = self.lists.get(name) else {
            return Urls::default();
        };
        match self.left.get().checked_sub(list.weight()) {
            Some(left) => {
                self.left.set(left);
                list.clone()
            }
            None => Urls::default(),
        }
    }

    fn items(&self, items: &[Expr], urls: &mut Urls) {
        for item in items {
            match item {
                Expr::Starred(starred) => {
                    let part = self.list(&starred.value);
                    urls.entries.extend(part.entries);
                    urls.is_closed &= part.is_closed;
                }
                _ => urls.entries.push(self.entry(item)),
            }
        }
    }

    /// A call of one of these functions of Django.
    fn is_call(&self, call: &ExprCall, names: &[&str]) -> bool {
        match call.func.as_ref() {
            Expr::Name(name) => {
                let name = name.id.as_str();
                names.contains(&name) && self.known.contains(name)
            }
            _ => false,
        }
    }

    fn entry(&self, expression: &Expr) -> Entry {
        let unknown = Entry {
            route: Route::Unknown,
            leads: Leads::Unknown,
        };
        let Expr::Call(call) = expression else {
            return unknown;
        };
        let is_path = self.is_call(call, &["path"]);
        if !is_path && !self.is_call(call, &["re_path", "url"]) {
            return unknown;
        }
        let [first, target, ..] = &call.arguments.args[..] else {
            return unknown;
        };
        let route = match first {
            Expr::StringLiteral(text) if is_path => Route::Path(text.value.to_str().to_owned()),
            Expr::StringLiteral(text) => Route::Pattern(text.value.to_str().to_owned()),
            _ => Route::Unknown,
        };
        Entry {
            route,
            leads: self.leads(target),
        }
    }

    fn leads(&self, target: &Expr) -> Leads {
        match target {
            Expr::Call(call) if self.is_call(call, &["include"]) => {
                let first = call.arguments.args.first();
                // A pair of a list and the name of its application.
                let first = match first {
                    Some(Expr::Tuple(pair)) => pair.elts.first(),
                    other => other,
                };
                match first {
                    Some(Expr::StringLiteral(text)) => {
                        Leads::Module(text.value.to_str().to_owned())
                    }
                    Some(list @ (Expr::List(_) | Expr::Name(_))) => Leads::List(self.list(list)),
                    _ => Leads::Unknown,
                }
            }
            Expr::Call(call) => match call.func.as_ref() {
                Expr::Attribute(it) if it.attr.as_str() == "as_view" => Leads::View(None),
                _ => Leads::Unknown,
            },
            Expr::Attribute(it) if it.attr.as_str() == "urls" => Leads::Unknown,
            Expr::Name(_) | Expr::Attribute(_) => Leads::View(dotted(target)),
            Expr::Lambda(_) => Leads::View(None),
            _ => Leads::Unknown,
        }
    }
}

/// `views.health`
fn dotted(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Name(name) => Some(name.id.to_string()),
        Expr::Attribute(it) => Some(format!("{}.{}", dotted(&it.value)?, it.attr)),
        _ => None,
    }
}

/// What the decorators of a function say of it as a view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Decorated {
    /// The methods that it takes; `None` where they do not say.
    pub(crate) methods: Option<Vec<String>>,
    /// REST framework answers for it and nothing says who may ask, so that its settings do.
    pub(crate) asks_settings: bool,
}

/// The functions of a module.
pub(crate) type Views = HashMap<String, Decorated>;

/// The functions of a module, by their outermost decorators; nothing is known of a name that is given twice.
pub(crate) fn views(text: &str) -> Views {
    let mut all = Views::default();
    let Ok(parsed) = syntax::parse(text) else {
        return all;
    };
    let is_known = |module: &str| text.contains(&format!("from {module} import "));
    let of_django = is_known("django.views.decorators.http");
    let of_rest = is_known("rest_framework.decorators");
    for statement in &parsed.syntax().body {
        if let Stmt::FunctionDef(function) = statement {
            let found = Decorated {
                methods: decorated(function, of_django, of_rest),
                asks_settings: of_rest && is_plain_api(function),
            };
            let known = all.entry(function.name.to_string());
            known
                .and_modify(|known| *known = Decorated::default())
                .or_insert(found);
        }
    }
    all
}

/// `api_view` is its only decorator.
fn is_plain_api(found: &StmtFunctionDef) -> bool {
    let [only] = &found.decorator_list[..] else {
        return false;
    };
    let function = match &only.expression {
        Expr::Call(call) => call.func.as_ref(),
        other => other,
    };
    function
        .as_name_expr()
        .is_some_and(|name| name.id.as_str() == "api_view")
}

fn decorated(found: &StmtFunctionDef, of_django: bool, of_rest: bool) -> Option<Vec<String>> {
    for decorator in &found.decorator_list {
        let (function, call) = match &decorator.expression {
            Expr::Call(call) => (call.func.as_ref(), Some(call)),
            other => (other, None),
        };
        let Expr::Name(name) = function else {
            return None;
        };
        let fixed: &[&str] = match name.id.as_str() {
            "csrf_exempt" | "never_cache" => continue,
            "require_GET" if of_django => &["GET"],
            "require_POST" if of_django => &["POST"],
            "require_safe" if of_django => &["GET", "HEAD"],
            "require_http_methods" if of_django => return call.and_then(listed),
            // Of the methods of REST framework HEAD is one of its own.
            "api_view" if of_rest => return call.and_then(listed),
            _ => return None,
        };
        return Some(fixed.iter().map(|it| (*it).to_owned()).collect());
    }
    None
}

/// The strings of the list that a call is given.
fn listed(call: &ExprCall) -> Option<Vec<String>> {
    let items = match call.arguments.args.first()? {
        Expr::List(list) => &list.elts,
        Expr::Tuple(tuple) => &tuple.elts,
        _ => return None,
    };
    let text = |item: &Expr| match item {
        Expr::StringLiteral(text) => Some(text.value.to_str().to_ascii_uppercase()),
        _ => None,
    };
    items.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_lead_to_modules_lists_and_views() {
        let text = "from django.contrib import admin\nfrom django.urls import include, path, re_path\n\
                    from . import views\n\
                    api = [path('items/<int:pk>/', views.item)]\n\
                    urlpatterns = [path('admin/', admin.site.urls), path('api/', include((api, 'api'))),\n\
                    re_path(r'^shop/', include('shop.urls')), path('x/', views.X.as_view())]\n";
        let urls = read(text).expect("it has a list");
        let leads: Vec<&Leads> = urls.entries.iter().map(|it| &it.leads).collect();
        assert!(urls.is_closed && leads[0] == &Leads::Unknown && leads[3] == &Leads::View(None));
        assert_eq!(leads[2], &Leads::Module("shop.urls".to_owned()));
        assert_eq!(urls.entries[2].route, Route::Pattern("^shop/".to_owned()));
        let Leads::List(api) = leads[1] else {
            panic!("a list is included");
        };
        let item = &api.entries[0];
        assert_eq!(item.leads, Leads::View(Some("views.item".to_owned())));
    }

    #[test]
    fn what_is_put_together_otherwise_leaves_the_list_open() {
        let is_closed = |rest: &str| {
            let head = "from django.urls import path\nurlpatterns = [path('a/', a)]\n";
            read(&format!("{head}{rest}")).is_some_and(|urls| urls.is_closed)
        };
        assert!(is_closed("") && is_closed("if DEBUG:\n    urlpatterns += [path('b/', b)]\n"));
        assert!(is_closed("urlpatterns.append(path('b/', b))\n") && is_closed("x = 1\n"));
        assert!(!is_closed("urlpatterns += router.urls\n") && !is_closed("from x import *\n"));
        assert!(!is_closed(
            "for one in more:\n    urlpatterns.insert(0, one)\n"
        ));
        assert!(!is_closed("urlpatterns = i18n_patterns(*urlpatterns)\n"));
        assert!(read("from django.urls import path\n").is_none());
    }

    #[test]
    fn methods_by_decorators() {
        let of = |decorators: &str| {
            let head = "from django.views.decorators.http import require_GET, require_http_methods\n\
                        from rest_framework.decorators import api_view\n";
            let text = format!("{head}{decorators}\ndef health(request):\n    pass\n");
            views(&text).remove("health").and_then(|it| it.methods)
        };
        let text = "from rest_framework.decorators import api_view\n@api_view(['GET'])\n\
                    def health(request):\n    pass\n";
        assert!(views(text)["health"].asks_settings);
        let text = text.replace("def health", "@permission_classes([AllowAny])\ndef health");
        assert!(!views(&text)["health"].asks_settings);
        assert_eq!(of("@require_GET"), Some(vec!["GET".to_owned()]));
        assert_eq!(
            of("@csrf_exempt\n@api_view(['get'])"),
            Some(vec!["GET".to_owned()])
        );
        assert_eq!(of("@login_required\n@require_GET"), None);
        assert_eq!(of("@require_http_methods(METHODS)"), None);
        let twice = "@require_GET\ndef health(request):\n    pass\ndef health(request):\n    pass";
        assert_eq!(of(twice), None);
    }
}
