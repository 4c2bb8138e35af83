//! Names of a module that no statement at its top binds on its face: `global` in a function, `:=`, captures of `match`,
//! `setattr` and `exec`.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{ExceptHandler, Expr, Pattern, Stmt};
use ruff_text_size::{Ranged, TextRange};

/// What may be bound, and whether anything else may.
#[derive(Default)]
pub(super) struct Roundabout {
    pub(super) names: Vec<(String, TextRange)>,
    /// `exec`, `setattr`, a namespace as a dictionary.
    pub(super) is_open: bool,
}

pub(super) fn names(body: &[Stmt]) -> Roundabout {
    let mut found = Roundabout::default();
    found.visit_body(body);
    found
}

impl Roundabout {
    fn name(&mut self, name: &ruff_python_ast::Identifier) {
        self.names.push((name.to_string(), name.range()));
    }
}

impl<'a> Visitor<'a> for Roundabout {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if let Stmt::Global(global) = statement {
            for name in &global.names {
                self.name(name);
            }
        }
        visitor::walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Named(named) => {
                if let Expr::Name(name) = named.target.as_ref() {
                    self.names.push((name.id.to_string(), name.range()));
                }
            }
            Expr::Call(call) => {
                if let Expr::Name(name) = call.func.as_ref() {
                    self.is_open |= matches!(
                        name.id.as_str(),
                        "exec" | "eval" | "execfile" | "setattr" | "globals" | "locals" | "vars"
                    );
                }
            }
            Expr::Attribute(attribute) => {
                self.is_open |= matches!(attribute.attr.as_str(), "__dict__" | "__setattr__");
            }
            _ => {}
        }
        visitor::walk_expr(self, expression);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        let name = match pattern {
            Pattern::MatchAs(one) => one.name.as_ref(),
            Pattern::MatchStar(one) => one.name.as_ref(),
            Pattern::MatchMapping(one) => one.rest.as_ref(),
            _ => None,
        };
        if let Some(name) = name {
            self.name(name);
        }
        visitor::walk_pattern(self, pattern);
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(one) = handler;
        if let Some(name) = &one.name {
            self.name(name);
        }
        visitor::walk_except_handler(self, handler);
    }
}
