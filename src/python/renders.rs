//! Which templates a module of views or URLs names: `render(request, "x.html")`, `template_name = "x.html"`.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, ExprCall, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::syntax;
use super::templates::Named;

/// The names that are written out, with their places, quotes aside.
pub(crate) fn named(text: &str) -> Vec<Named> {
    let Ok(parsed) = syntax::parse(text) else {
        return Vec::new();
    };
    let mut reader = Reader {
        text,
        out: Vec::new(),
    };
    reader.visit_body(&parsed.syntax().body);
    reader.out
}

struct Reader<'t> {
    text: &'t str,
    out: Vec<Named>,
}

impl Reader<'_> {
    fn add(&mut self, expression: &Expr) {
        let Expr::StringLiteral(literal) = expression else {
            return;
        };
        let name = literal.value.to_str();
        let range: TextRange = literal.range();
        let whole = usize::from(range.start())..usize::from(range.end());
        let written = self.text.get(whole.clone()).unwrap_or_default();
        if let Some(at) = written.find(name).filter(|_| name.contains('.')) {
            let start = whole.start + at;
            self.out.push((name.to_owned(), start..start + name.len()));
        }
    }

    fn call(&mut self, call: &ExprCall) {
        let name = match &*call.func {
            Expr::Name(name) => name.id.as_str(),
            Expr::Attribute(attribute) => attribute.attr.as_str(),
            _ => return,
        };
        let positional = &call.arguments.args;
        match name {
            "render" if positional.len() >= 2 => self.add(&positional[1]),
            "render_to_string" | "get_template" if !positional.is_empty() => {
                self.add(&positional[0]);
            }
            "as_view" => {
                for keyword in &call.arguments.keywords {
                    let is_it = |name: &str| name == "template_name";
                    if keyword.arg.as_ref().is_some_and(|arg| is_it(arg.as_str())) {
                        self.add(&keyword.value);
                    }
                }
            }
            _ => {}
        }
    }
}

impl<'a> Visitor<'a> for Reader<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::ClassDef(class) => {
                for member in &class.body {
                    if let Stmt::Assign(assign) = member
                        && let [Expr::Name(name)] = assign.targets.as_slice()
                        && name.id.as_str() == "template_name"
                    {
                        self.add(&assign.value);
                    }
                }
            }
            // What fails may be tried on purpose.
            Stmt::Try(_) => return,
            _ => {}
        }
        visitor::walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Call(call) = expression {
            self.call(call);
        }
        visitor::walk_expr(self, expression);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_that_are_rendered() {
        let text = "class V(TemplateView):\n    template_name = 'a/list.html'\ndef f(request):\n    return \
         render(request, \"b.html\", {})\n\
                    urls = [path('', TemplateView.as_view(template_name='c.html'))]\nx = render_to_string('d.txt')\n\
                    try:\n    get_template('e.html')\nexcept Exception:\n    pass\nrender(request, name)\n";
        let names: Vec<String> = named(text)
            .into_iter()
            .map(|(name, range)| {
                assert_eq!(&text[range], name);
                name
            })
            .collect();
        assert_eq!(names, ["a/list.html", "b.html", "c.html", "d.txt"]);
    }
}
