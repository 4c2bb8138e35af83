//! What a module certainly imports when it is loaded: the imports at its top that stand under no condition.
//!
//! Whatever is in a branch, a `try` or a function may never run, and is left out.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Arguments, Expr, Stmt, StmtClassDef};
use ruff_text_size::{Ranged, TextRange};

use super::attributes::{self, Attribute};
use super::syntax;
use crate::knowledge::words::ValueWords;
use crate::span::{FileId, Span};

/// The imports of a module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Imports {
    pub(crate) all: Vec<Import>,
    /// Modules that `include("shop.urls")` of Django names, in an expression that certainly runs.
    pub(crate) includes: Vec<(String, Span)>,
    /// The `name` that each class at the top gives itself, as configurations of applications do.
    pub(crate) names: Vec<(String, String)>,
    /// The calls of celery's `crontab` anywhere in it that name an hour and no minute, as written.
    pub(crate) every_minute: Vec<(String, Span)>,
    /// The locales that `locale.setlocale` sets at its top.
    pub(crate) locales: Vec<(String, Span)>,
    /// The fields of Django's models anywhere in it that keep files of users, without a storage of their own.
    pub(crate) uploads: Vec<(String, Span)>,
    /// The classes at its top that are models of Django with a table of their own, which migrations make.
    pub(crate) tables: Vec<(String, Span)>,
    /// Names of modules that it uses by an attribute and that a later release lacks.
    pub(crate) attributes: Vec<Attribute>,
}

/// One import.
#[derive(Clone, Debug)]
pub(crate) struct Import {
    /// Without the dots of a relative one.
    pub(crate) module: String,
    /// How many dots stand before it.
    pub(crate) level: usize,
    /// The names that are taken from it; empty for `import module`, and where all are taken.
    pub(crate) names: Vec<(String, Span)>,
    pub(crate) span: Span,
}

/// Reads a module; nothing where it cannot be parsed, or changes where imports look.
pub(crate) fn read(file: FileId, text: &str) -> Imports {
    let mut out = Imports::default();
    let changes_path = [
        "sys.path",
        "sys.modules",
        "sys.meta_path",
        "site.addsitedir",
    ];
    if changes_path.iter().any(|name| text.contains(name)) {
        return out;
    }
    if let Ok(parsed) = syntax::parse(text) {
        let mut reader = Reader {
            file,
            out: &mut out,
        };
        reader.block(&parsed.syntax().body);
        let is_crontab = |import: &Import| {
            import.module == "celery.schedules"
                && import.names.iter().any(|(name, _)| name == "crontab")
        };
        if out.all.iter().any(is_crontab) {
            let mut schedules = Schedules {
                file,
                text,
                out: Vec::new(),
            };
            schedules.visit_body(&parsed.syntax().body);
            out.every_minute = schedules.out;
        }
        if out.all.iter().any(takes_models) {
            let mut fields = Fields {
                file,
                out: Vec::new(),
            };
            fields.visit_body(&parsed.syntax().body);
            out.uploads = fields.out;
        }
        out.tables = tables(file, &out.all, &parsed.syntax().body);
        out.attributes = attributes::read(file, text, &parsed.syntax().body);
    }
    out
}

/// `from django.db import models`
fn takes_models(import: &Import) -> bool {
    import.module == "django.db" && import.names.iter().any(|(name, _)| name == "models")
}

/// The classes of a module that have a table for sure: they stand directly on a class of Django, and their Meta says
/// nothing of tables.
fn tables(file: FileId, imports: &[Import], body: &[Stmt]) -> Vec<(String, Span)> {
    let takes = |module: &str, name: &str| {
        let mut all = imports.iter().filter(|it| it.module == module);
        all.any(|it| it.names.iter().any(|(one, _)| one == name))
    };
    let is_model = |base: &Expr| match base {
        Expr::Attribute(base) => {
            base.attr.as_str() == "Model"
                && matches!(base.value.as_ref(), Expr::Name(it) if it.id.as_str() == "models")
                && imports.iter().any(takes_models)
        }
        Expr::Name(base) => match base.id.as_str() {
            "Model" => takes("django.db.models", "Model"),
            "AbstractUser" => takes("django.contrib.auth.models", "AbstractUser"),
            _ => false,
        },
        _ => false,
    };
    let mut out = Vec::new();
    for statement in body {
        let Stmt::ClassDef(class) = statement else {
            continue;
        };
        // What else it stands on may have a Meta of its own.
        let bases = class.arguments.as_ref().map_or(&[][..], |it| &it.args);
        if !bases.is_empty() && bases.iter().all(is_model) && has_plain_meta(class) {
            let range = class.name.range();
            let span = Span::new(file, range.start().to_u32(), range.end().to_u32());
            out.push((class.name.to_string(), span));
        }
    }
    out
}

/// Nothing says that the class has no table, or one that is made or named elsewhere.
fn has_plain_meta(class: &StmtClassDef) -> bool {
    let names = |statement: &Stmt| match statement {
        Stmt::Assign(assign) => assign.targets.iter().all(|target| match target {
            Expr::Name(name) => !ValueWords::ModelMeta.contains(name.id.as_str()),
            _ => false,
        }),
        Stmt::Expr(_) | Stmt::Pass(_) => true,
        _ => false,
    };
    class.body.iter().all(|statement| match statement {
        Stmt::ClassDef(meta) if meta.name.as_str() == "Meta" => {
            meta.arguments.is_none() && meta.body.iter().all(names)
        }
        _ => true,
    })
}

/// Looks for fields of models that keep files.
struct Fields {
    file: FileId,
    out: Vec<(String, Span)>,
}

impl<'a> Visitor<'a> for Fields {
    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Call(call) = expression
            && let Expr::Attribute(function) = call.func.as_ref()
            && let Expr::Name(module) = function.value.as_ref()
            && module.id.as_str() == "models"
            && matches!(function.attr.as_str(), "FileField" | "ImageField")
        {
            let mut keywords = call.arguments.keywords.iter();
            let is_plain = keywords.all(|it| {
                let name = it.arg.as_ref().map(|name| name.as_str());
                name.is_some_and(|name| name != "storage")
            });
            let range = function.attr.range();
            let span = Span::new(self.file, range.start().to_u32(), range.end().to_u32());
            if is_plain {
                self.out.push((function.attr.to_string(), span));
            }
        }
        visitor::walk_expr(self, expression);
    }
}

/// Looks for calls of celery's `crontab`.
struct Schedules<'a> {
    file: FileId,
    text: &'a str,
    out: Vec<(String, Span)>,
}

impl<'a> Visitor<'a> for Schedules<'_> {
    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Call(call) = expression
            && let Expr::Name(name) = call.func.as_ref()
            && name.id.as_str() == "crontab"
            && call.arguments.args.is_empty()
            && names_hour_only(&call.arguments)
        {
            let range = call.range();
            let span = Span::new(self.file, range.start().to_u32(), range.end().to_u32());
            let text = self.text.get(range.to_std_range()).unwrap_or_default();
            self.out.push((text.to_owned(), span));
        }
        visitor::walk_expr(self, expression);
    }
}

/// The hour is written out, not `*`, and the minute is left to its default, `*`.
fn names_hour_only(arguments: &Arguments) -> bool {
    let mut is_hour = false;
    for keyword in &arguments.keywords {
        match keyword.arg.as_ref().map(|name| name.as_str()) {
            Some("hour") => {
                is_hour = match &keyword.value {
                    Expr::StringLiteral(text) => text.value.to_str().trim() != "*",
                    Expr::NumberLiteral(_) => true,
                    _ => false,
                };
            }
            Some("minute") | None => return false,
            Some(_) => {}
        }
    }
    is_hour
}

struct Reader<'a> {
    file: FileId,
    out: &'a mut Imports,
}

impl Reader<'_> {
    fn span(&self, range: TextRange) -> Span {
        Span::new(self.file, range.start().to_u32(), range.end().to_u32())
    }

    fn block(&mut self, body: &[Stmt]) {
        for statement in body {
            match statement {
                Stmt::Import(import) => {
                    for alias in &import.names {
                        self.out.all.push(Import {
                            module: alias.name.to_string(),
                            level: 0,
                            names: Vec::new(),
                            span: self.span(alias.name.range()),
                        });
                    }
                }
                Stmt::ImportFrom(import) => {
                    let module = import.module.as_ref();
                    let names = import.names.iter().filter(|it| it.name.as_str() != "*");
                    let names = names.map(|it| (it.name.to_string(), self.span(it.name.range())));
                    let names = names.collect();
                    let range = module.map_or(import.range(), |it| it.range());
                    self.out.all.push(Import {
                        module: module.map_or_else(String::new, ToString::to_string),
                        level: import.level as usize,
                        names,
                        span: self.span(range),
                    });
                }
                // What cannot be entered may let go of an exception.
                Stmt::With(_) => {}
                Stmt::Expr(statement) => self.locale(&statement.value),
                Stmt::Assign(assign) => self.expression(&assign.value),
                Stmt::AugAssign(assign) => self.expression(&assign.value),
                Stmt::AnnAssign(assign) => {
                    if let Some(value) = &assign.value {
                        self.expression(value);
                    }
                }
                Stmt::ClassDef(class) => self.class(class),
                Stmt::Raise(_) => return,
                _ => {}
            }
        }
    }

    /// `locale.setlocale(locale.LC_ALL, "pt_PT.UTF-8")`
    fn locale(&mut self, expression: &Expr) {
        if let Expr::Call(call) = expression
            && let Expr::Attribute(called) = call.func.as_ref()
            && called.attr.as_str() == "setlocale"
            && matches!(called.value.as_ref(), Expr::Name(name) if name.id.as_str() == "locale")
            && let [_, Expr::StringLiteral(text)] = &*call.arguments.args
        {
            let span = self.span(text.range());
            self.out
                .locales
                .push((text.value.to_str().to_owned(), span));
        }
    }

    /// The name that a class gives itself.
    fn class(&mut self, class: &StmtClassDef) {
        for statement in &class.body {
            let Stmt::Assign(assign) = statement else {
                continue;
            };
            if let ([Expr::Name(name)], Expr::StringLiteral(text)) =
                (&assign.targets[..], assign.value.as_ref())
                && name.id.as_str() == "name"
            {
                let name = text.value.to_str().to_owned();
                self.out.names.push((class.name.to_string(), name));
            }
        }
    }

    /// Lists and calls in each other: what a list of URL patterns is made of.
    fn expression(&mut self, expression: &Expr) {
        match expression {
            Expr::List(list) => list.elts.iter().for_each(|it| self.expression(it)),
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|it| self.expression(it)),
            Expr::BinOp(both) => {
                self.expression(&both.left);
                self.expression(&both.right);
            }
            Expr::Call(call) => {
                let arguments = &call.arguments;
                if let Expr::Name(name) = call.func.as_ref()
                    && name.id.as_str() == "include"
                    && let Some(Expr::StringLiteral(text)) = arguments.args.first()
                {
                    let span = self.span(text.range());
                    self.out
                        .includes
                        .push((text.value.to_str().to_owned(), span));
                }
                arguments.args.iter().for_each(|it| self.expression(it));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modules(text: &str) -> Vec<String> {
        let imports = read(FileId(0), text);
        imports.all.iter().map(|it| it.module.clone()).collect()
    }

    #[test]
    fn only_what_certainly_runs_is_imported() {
        let text = "import os, a.b\nfrom .c import d\nif x:\n    import e\ntry:\n    import f\n\
                    except ImportError:\n    import g\ndef h():\n    import i\nwith x:\n    import j\n";
        assert_eq!(modules(text), ["os", "a.b", "c"]);
        assert!(modules("import sys\nsys.path.insert(0, 'lib')\nimport a\n").is_empty());
        assert!(modules("import (\n").is_empty());
        assert_eq!(modules("import a\nraise SystemExit\nimport b\n"), ["a"]);
    }

    #[test]
    fn locales_that_are_set_as_it_loads() {
        let text = "import locale\n\"\"\"\nlocale.setlocale(locale.LC_ALL, 'xx')\n\"\"\"\n\
                    locale.setlocale(locale.LC_ALL, 'pt_PT.UTF-8')\nlocale.setlocale(locale.LC_TIME, name)\n\
                    def later():\n    locale.setlocale(locale.LC_ALL, 'de_DE')\n";
        let found = read(FileId(0), text).locales;
        let names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["pt_PT.UTF-8"]);
        assert_eq!(found[0].1.slice(text), "'pt_PT.UTF-8'");
    }

    #[test]
    fn fields_that_keep_files() {
        let text = concat!(
            "from django.db import models\n",
            "class A(models.Model):\n",
            "    a = models.FileField(upload_to='x')\n",
            "    b = models.ImageField(storage=s)\n",
            "    c = models.CharField()\n",
            "    d = models.ImageField(**more)\n",
        );
        let found = read(FileId(0), text).uploads;
        let names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["FileField"]);
        assert_eq!(found[0].1.slice(text), "FileField");
        assert!(
            read(FileId(0), &text.replace("django.db", "shop"))
                .uploads
                .is_empty()
        );
    }

    #[test]
    fn models_with_tables() {
        let text = concat!(
            "from django.db import models\nfrom shop.base import Dated\n",
            "class A(models.Model):\n    class Meta:\n        ordering = ['x']\n",
            "class B(Dated): pass\n",
            "class C(models.Model):\n    class Meta:\n        abstract = True\n",
            "class D(models.Model):\n    class Meta:\n        managed = False\n",
            "class E(Dated, models.Model): pass\n",
            "if x:\n    class F(models.Model): pass\n",
            "class G(models.Model):\n    class Meta(A.Meta): pass\n",
        );
        let found = read(FileId(0), text).tables;
        let names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["A"]);
        let own = text.replace("django.db", "shop");
        assert!(read(FileId(0), &own).tables.is_empty());
    }

    #[test]
    fn schedules_without_a_minute() {
        let text = "from celery.schedules import crontab\nBEAT = {'a': {'schedule': crontab(hour=6)}, 'b': \
                    crontab(hour='*/2', day_of_week=1), 'c': crontab(hour=6, minute=0), 'd': crontab(), \
                    'e': crontab(hour='*'), 'f': crontab(minute='*', hour=3), 'g': crontab(**when)}\n\
                    def later(sender):\n    sender.add(crontab(hour='3'))\n";
        let found = read(FileId(0), text).every_minute;
        let texts: Vec<_> = found.iter().map(|(text, _)| text.as_str()).collect();
        let expected = [
            "crontab(hour=6)",
            "crontab(hour='*/2', day_of_week=1)",
            "crontab(hour='3')",
        ];
        assert_eq!(texts, expected);
        assert!(found.iter().all(|(it, span)| span.slice(text) == it));
        let other = "from shop.dates import crontab\nx = crontab(hour=6)\n";
        assert!(read(FileId(0), other).every_minute.is_empty());
    }

    #[test]
    fn includes_and_names_of_configurations() {
        let text = concat!(
            "urlpatterns = [path('', include('shop.urls')), path('x', include(x.urls))] + extra(include('y.urls'))\n",
            "if debug:\n",
            "    urlpatterns += [path('', include('debug.urls'))]\n",
            "class Shop(AppConfig):\n",
            "    name = 'my.shop'\n",
        );
        let imports = read(FileId(0), text);
        let includes: Vec<_> = imports
            .includes
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(includes, ["shop.urls", "y.urls"]);
        assert_eq!(imports.names, [("Shop".to_owned(), "my.shop".to_owned())]);
    }
}
