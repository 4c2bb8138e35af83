//! Where a module of settings certainly asks for TLS to its database: `ssl_require=True` of dj-database-url, `sslmode`
//! in OPTIONS, in the one assignment of DATABASES at its top.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::syntax;
use crate::knowledge::words::ValueWords;
use crate::span::{FileId, Span};

/// Reads a module; `None` where it cannot be parsed, or assigns DATABASES or a part of it again.
pub(crate) fn read(file: FileId, text: &str) -> Option<Span> {
    if !text.contains("ssl_require") && !text.contains("sslmode") {
        return None;
    }
    let parsed = syntax::parse(text).ok()?;
    let mut found = None;
    let mut assigned = 0;
    for statement in &parsed.syntax().body {
        let names = text.get(statement.range().to_std_range())?;
        if !names.contains("DATABASES") {
            continue;
        }
        assigned += 1;
        if let Stmt::Assign(assign) = statement {
            let mut reader = Reader { found: None };
            reader.visit_expr(&assign.value);
            found = reader.found;
        }
    }
    let range = found.filter(|_| assigned == 1)?;
    let span = Span::new(file, range.start().to_u32(), range.end().to_u32());
    Some(span)
}

struct Reader {
    found: Option<TextRange>,
}

impl<'a> Visitor<'a> for Reader {
    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            _ if syntax::is_conditional(expression) => return,
            Expr::Call(call) => {
                let asked = call.arguments.find_keyword("ssl_require");
                let is_true = |value: &Expr| match value {
                    Expr::BooleanLiteral(it) => it.value,
                    _ => false,
                };
                self.found = asked
                    .filter(|it| is_true(&it.value))
                    .map(Ranged::range)
                    .or(self.found);
            }
            Expr::Dict(dict) => {
                for item in &dict.items {
                    let key = item.key.as_ref().and_then(text_of);
                    let value = text_of(&item.value);
                    if key == Some("sslmode")
                        && value.is_some_and(|it| ValueWords::AsksTls.contains(it))
                    {
                        self.found = Some(item.value.range());
                    }
                }
            }
            _ => {}
        }
        visitor::walk_expr(self, expression);
    }
}

fn text_of(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::StringLiteral(text) => Some(text.value.to_str()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(text: &str) -> bool {
        read(FileId(0), text).is_some()
    }

    #[test]
    fn only_what_is_certain_counts() {
        assert!(asks(
            "import d\nDATABASES = {'default': d.config(ssl_require=True)}\n"
        ));
        assert!(asks(
            "DATABASES = {'default': {'OPTIONS': {'sslmode': 'require'}}}\n"
        ));
        assert!(!asks(
            "DATABASES = {'default': {'OPTIONS': {'sslmode': 'prefer'}}}\n"
        ));
        assert!(!asks(
            "import d\nDATABASES = {'default': d.config(ssl_require=not X)}\n"
        ));
        assert!(!asks(
            "import d\nDATABASES = {'default': d.config(ssl_require=True)}\nif X:\n    DATABASES = {}\n"
        ));
    }
}
