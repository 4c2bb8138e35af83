//! Reads templates: messages, helps, the texts of labels and edits.

use minijinja::machinery::{WhitespaceConfig, ast, parse};

use super::compile::{Compiler, Fault, MAX_LENGTH, Names, syntax};
use super::expr::Part;
use super::tree::Tree;
use super::types::Ty;

/// Reads a message, a help or the text of a label or edit.
pub(crate) fn read(text: &str, names: &Names<'_>) -> (Vec<Part>, Vec<Fault>) {
    // Most help texts are plain.
    if !text.contains('{') {
        return (vec![Part::Raw(text.to_owned())], Vec::new());
    }
    let mut compiler = Compiler::new(text, names);
    if text.len() > MAX_LENGTH {
        compiler.fault(0..text.len(), "this is too long", None);
        return (Vec::new(), compiler.faults);
    }
    let whitespace = WhitespaceConfig {
        keep_trailing_newline: true,
        ..Default::default()
    };
    let parts = match parse(text, "<template>", Default::default(), whitespace) {
        Ok(ast::Stmt::Template(template)) => compiler.parts(&template.children),
        Ok(_) => Vec::new(),
        Err(error) => {
            compiler.faults.push(syntax(text, &error));
            Vec::new()
        }
    };
    (parts, compiler.faults)
}

impl Compiler<'_, '_> {
    fn parts(&mut self, statements: &[ast::Stmt<'_>]) -> Vec<Part> {
        let mut parts = Vec::new();
        for statement in statements {
            match statement {
                ast::Stmt::EmitRaw(raw) => parts.push(Part::Raw(raw.raw.to_owned())),
                ast::Stmt::EmitExpr(emit) => {
                    parts.push(Part::Emit(self.expr(&Tree::of(&emit.expr)).0))
                }
                ast::Stmt::IfCond(choice) => {
                    let (test, _) = self.expr(&Tree::of(&choice.expr));
                    let yes = self.parts(&choice.true_body);
                    let no = self.parts(&choice.false_body);
                    parts.push(Part::If(test, yes, no));
                }
                ast::Stmt::ForLoop(each) => {
                    let iter = Tree::of(&each.iter);
                    let (list, ty) = self.expr(&iter);
                    let item = match ty {
                        Ty::List(item) => *item,
                        Ty::Map(_) => Ty::Str,
                        Ty::Any => Ty::Any,
                        other => {
                            let message = format!("{} has no items", other.describe());
                            self.fault(self.range(&iter), message, None);
                            Ty::Any
                        }
                    };
                    let name = match &each.target {
                        ast::Expr::Var(var) => var.id.to_owned(),
                        other => {
                            let message = "a loop in a rule must have one variable";
                            self.fault(self.range(&Tree::of(other)), message, None);
                            String::new()
                        }
                    };
                    self.locals.push((name, item));
                    let body = self.parts(&each.body);
                    self.locals.pop();
                    parts.push(Part::For(list, body));
                }
                _ => {
                    let message = "only `{{ }}`, `{% if %}` and `{% for %}` are supported in rules";
                    self.fault(0..self.text.len(), message, None);
                }
            }
        }
        parts
    }
}
