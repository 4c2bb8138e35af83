//! Queries of a model that run when a module is loaded: at its top or in the body of a class, under no condition.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Comprehension, Expr, ExprCall, Stmt};
use ruff_text_size::Ranged;

use super::syntax;
use crate::knowledge::words::ValueWords;
use crate::span::{FileId, Span};

/// A query that runs.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    /// The module that the model is taken of by its name, where that is written: `models` of `models.Wax.objects`.
    pub(crate) of: Option<String>,
    pub(crate) model: String,
    /// `Wax.objects`
    pub(crate) span: Span,
}

/// The queries of a module; none where it cannot be parsed.
pub(crate) fn at_import(file: FileId, text: &str) -> Vec<Query> {
    let Ok(parsed) = syntax::parse(text) else {
        return Vec::new();
    };
    let mut reader = Reader {
        file,
        out: Vec::new(),
    };
    reader.block(&parsed.syntax().body);
    reader.out
}

/// Something in the module uses the model: names it elsewhere than in an import, an annotation or the bases of a class.
/// False where the module cannot be parsed.
pub(crate) fn uses(text: &str, model: &str) -> bool {
    if !text.contains(model) {
        return false;
    }
    let Ok(parsed) = syntax::parse(text) else {
        return false;
    };
    let mut uses = Uses {
        model,
        is_found: false,
    };
    uses.visit_body(&parsed.syntax().body);
    uses.is_found
}

struct Uses<'a> {
    model: &'a str,
    is_found: bool,
}

impl<'a> Visitor<'a> for Uses<'_> {
    fn visit_annotation(&mut self, _: &'a Expr) {}

    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::ClassDef(class) => {
                for decorator in &class.decorator_list {
                    self.visit_decorator(decorator);
                }
                self.visit_body(&class.body);
            }
            _ => visitor::walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        let is_it = match expression {
            Expr::Name(name) => name.id.as_str() == self.model,
            Expr::Attribute(attribute) => attribute.attr.as_str() == self.model,
            _ => false,
        };
        self.is_found |= is_it;
        visitor::walk_expr(self, expression);
    }
}

struct Reader {
    file: FileId,
    out: Vec<Query>,
}

impl Reader {
    fn block(&mut self, body: &[Stmt]) {
        for statement in body {
            match statement {
                Stmt::ClassDef(class) => self.block(&class.body),
                Stmt::Assign(_) | Stmt::AnnAssign(_) | Stmt::AugAssign(_) | Stmt::Expr(_) => {
                    self.visit_stmt(statement);
                }
                Stmt::For(each) => self.runs(&each.iter),
                Stmt::Raise(_) => return,
                _ => {}
            }
        }
    }

    /// Something goes through what the expression is.
    fn runs(&mut self, expression: &Expr) {
        if let Some((of, model, root)) = lazy(expression) {
            let range = root.range();
            let span = Span::new(self.file, range.start().to_u32(), range.end().to_u32());
            self.out.push(Query { of, model, span });
        }
    }

    fn call(&mut self, call: &ExprCall) {
        match call.func.as_ref() {
            Expr::Attribute(method) if ValueWords::RunsQuery.contains(method.attr.as_str()) => {
                self.runs(&method.value);
            }
            Expr::Name(name) if ValueWords::GoesThrough.contains(name.id.as_str()) => {
                if let Some(first) = call.arguments.args.first() {
                    self.runs(first);
                }
            }
            _ => {}
        }
    }
}

/// A set of rows that no query has been made for yet: `Wax.objects`, and methods that only narrow it down.
fn lazy(expression: &Expr) -> Option<(Option<String>, String, &Expr)> {
    match expression {
        Expr::Attribute(manager) if manager.attr.as_str() == "objects" => {
            match manager.value.as_ref() {
                Expr::Name(model) => Some((None, model.id.to_string(), expression)),
                Expr::Attribute(model) => match model.value.as_ref() {
                    Expr::Name(of) => {
                        Some((Some(of.id.to_string()), model.attr.to_string(), expression))
                    }
                    _ => None,
                },
                _ => None,
            }
        }
        Expr::Call(call) => match call.func.as_ref() {
            Expr::Attribute(method) if ValueWords::NarrowsQuery.contains(method.attr.as_str()) => {
                lazy(&method.value)
            }
            _ => None,
        },
        _ => None,
    }
}

impl<'a> Visitor<'a> for Reader {
    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            // They run later, or not for sure.
            Expr::Lambda(_) | Expr::If(_) | Expr::BoolOp(_) => return,
            Expr::Call(call) => self.call(call),
            Expr::Subscript(part) if !matches!(part.slice.as_ref(), Expr::Slice(_)) => {
                self.runs(&part.value);
            }
            Expr::ListComp(it) => return self.comprehension(&it.generators),
            Expr::SetComp(it) => return self.comprehension(&it.generators),
            Expr::DictComp(it) => return self.comprehension(&it.generators),
            Expr::Generator(it) => return self.comprehension(&it.generators),
            _ => {}
        }
        visitor::walk_expr(self, expression);
    }
}

impl Reader {
    /// What a comprehension goes through first is asked for where it stands; the rest runs for each row.
    fn comprehension(&mut self, generators: &[Comprehension]) {
        if let Some(first) = generators.first() {
            self.runs(&first.iter);
            self.visit_expr(&first.iter);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Vec<String> {
        let found = at_import(FileId(0), text).into_iter();
        found.map(|it| it.span.slice(text).to_owned()).collect()
    }

    #[test]
    fn queries_that_run_at_import() {
        for text in [
            "class F(Form):\n    a = ChoiceField(choices=[(w.pk, w) for w in Wax.objects.all()])\n",
            "a = list(Wax.objects.values_list('pk', 'name'))\n",
            "a = Wax.objects.filter(x=1).first()\n",
            "a = {w.pk: w for w in Wax.objects.order_by('x')}\n",
            "for w in Wax.objects.all():\n    pass\n",
            "a = Wax.objects.all()[0]\n",
            "a = ((w.pk, w) for w in Wax.objects.all())\n",
            "a = len(Wax.objects.all()) + 1\n",
        ] {
            assert_eq!(asked(text), ["Wax.objects"], "{text}");
        }
        let found = at_import(FileId(0), "a = models.Wax.objects.get(pk=1)\n");
        assert_eq!(found[0].of.as_deref(), Some("models"));
    }

    #[test]
    fn queries_that_run_later_or_never() {
        for text in [
            "class F(Form):\n    a = ModelChoiceField(queryset=Wax.objects.all())\n",
            "def f():\n    return list(Wax.objects.all())\n",
            "class V(View):\n    def get(self, request):\n        return Wax.objects.get(pk=1)\n",
            "a = lambda: list(Wax.objects.all())\n",
            "try:\n    a = list(Wax.objects.all())\nexcept Exception:\n    a = []\n",
            "if x:\n    a = Wax.objects.first()\n",
            "a = Wax.objects.all()[:10]\n",
            "a = DEBUG and Wax.objects.first()\n",
            "a = Wax.objects.using('other').first()\n",
        ] {
            assert!(asked(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_model_that_a_module_uses() {
        for text in [
            "def f():\n    return Wax.objects.all()\n",
            "admin.site.register(models.Wax)\n",
            "@admin.register(Wax)\nclass A:\n    pass\n",
            "class F(ModelForm):\n    class Meta:\n        model = Wax\n",
        ] {
            assert!(uses(text, "Wax"), "{text}");
        }
        for text in [
            "from .models import Wax\n",
            "class Wax(models.Model):\n    name = models.TextField()\n",
            "class B(Wax):\n    pass\n",
            "def f(a: Wax):\n    pass\n",
            "a = 'Wax'\n",
        ] {
            assert!(!uses(text, "Wax"), "{text}");
        }
    }
}
