//! Variables of which a module certainly makes a number when it is loaded: `int(os.environ["WORKERS"])` at its top.
//!
//! Whatever is in a branch, a `try` or a function may never run, and is left out.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, ExprCall, Stmt};
use ruff_text_size::Ranged;

use super::module::is_environ;
use super::syntax;
use crate::span::{FileId, Span};

/// A variable that is read as a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    pub(crate) name: String,
    pub(crate) is_float: bool,
    /// The call.
    pub(crate) span: Span,
}

/// Reads a module; nothing where it cannot be parsed.
pub(crate) fn read(file: FileId, text: &str) -> Vec<Number> {
    let mut reader = Reader {
        file,
        has_env: text.contains("environ.Env(") || text.contains("Env()"),
        has_config: text.contains("from decouple import"),
        out: Vec::new(),
    };
    if let Ok(parsed) = syntax::parse(text) {
        for statement in &parsed.syntax().body {
            // Nothing of these runs for certain, or somebody catches what it raises.
            let is_plain = matches!(
                statement,
                Stmt::Assign(_) | Stmt::AnnAssign(_) | Stmt::Expr(_) | Stmt::AugAssign(_)
            );
            if is_plain {
                reader.visit_stmt(statement);
            }
        }
    }
    reader.out
}

struct Reader {
    file: FileId,
    /// `env` is a reader of django-environ or environs.
    has_env: bool,
    has_config: bool,
    out: Vec<Number>,
}

impl<'a> Visitor<'a> for Reader {
    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            _ if syntax::is_conditional(expression) => return,
            Expr::Call(call) => {
                if let Some((name, is_float)) = self.number(call) {
                    let range = call.range();
                    let span = Span::new(self.file, range.start().to_u32(), range.end().to_u32());
                    self.out.push(Number {
                        name,
                        is_float,
                        span,
                    });
                }
            }
            _ => {}
        }
        visitor::walk_expr(self, expression);
    }
}

impl Reader {
    /// The variable that a call makes a number of, and whether of the kind with a point.
    fn number(&self, call: &ExprCall) -> Option<(String, bool)> {
        match call.func.as_ref() {
            Expr::Name(name) if matches!(name.id.as_str(), "int" | "float") => {
                let [only] = &*call.arguments.args else {
                    return None;
                };
                let is_plain = call.arguments.keywords.is_empty();
                let variable = variable_of(only).filter(|_| is_plain)?;
                Some((variable, name.id.as_str() == "float"))
            }
            Expr::Attribute(method) if self.has_env && is_name(&method.value, "env") => {
                let is_number = matches!(method.attr.as_str(), "int" | "float");
                let variable = first_text(call).filter(|_| is_number)?;
                Some((variable, method.attr.as_str() == "float"))
            }
            Expr::Name(name) => {
                let is_env = self.has_env && name.id.as_str() == "env";
                let is_config = self.has_config && name.id.as_str() == "config";
                let cast = call.arguments.find_keyword("cast")?;
                let is_float = is_name(&cast.value, "float");
                let is_number = is_float || is_name(&cast.value, "int");
                let variable = first_text(call).filter(|_| is_number && (is_env || is_config))?;
                Some((variable, is_float))
            }
            _ => None,
        }
    }
}

fn is_name(expression: &Expr, wanted: &str) -> bool {
    matches!(expression, Expr::Name(name) if name.id.as_str() == wanted)
}

fn text_of(expression: &Expr) -> Option<String> {
    match expression {
        Expr::StringLiteral(text) => Some(text.value.to_str().to_owned()),
        _ => None,
    }
}

fn first_text(call: &ExprCall) -> Option<String> {
    call.arguments.args.first().and_then(text_of)
}

/// The variable that an expression reads as it is: `os.environ["X"]`, `os.environ.get("X", "1")`, `os.getenv("X")`.
fn variable_of(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Subscript(it) if is_environ(&it.value) => text_of(&it.slice),
        Expr::Call(call) => {
            let reads = match call.func.as_ref() {
                Expr::Attribute(it) => match it.attr.as_str() {
                    "get" => is_environ(&it.value),
                    "getenv" => is_name(&it.value, "os"),
                    _ => false,
                },
                other => is_name(other, "getenv"),
            };
            first_text(call).filter(|_| reads)
        }
        _ => None,
    }
}

/// Python makes a number of the text.
#[must_use]
pub(crate) fn is_number(text: &str, is_float: bool) -> bool {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    // Digits of other scripts are digits as well.
    if !text.is_ascii() {
        return true;
    }
    if is_float {
        let plain = text.replace('_', "");
        return plain.parse::<f64>().is_ok();
    }
    let is_separated = digits.starts_with('_') || digits.ends_with('_') || digits.contains("__");
    let is_digit = |c: char| c.is_ascii_digit() || c == '_';
    !digits.is_empty() && !is_separated && digits.chars().all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        read(FileId(0), text)
            .into_iter()
            .map(|it| it.name)
            .collect()
    }

    #[test]
    fn numbers_are_found_where_they_are_certainly_read() {
        assert_eq!(
            names(
                "DEBUG = bool(int(os.environ.get('A', '0')))\nX = {'a': float(os.environ['B'])}\n"
            ),
            ["A", "B"]
        );
        let env = "env = environ.Env()\nX = env.int('A')\nY = env('B', cast=int)\nZ = env('C')\n";
        assert_eq!(names(env), ["A", "B"]);
        let config =
            "from decouple import config\nX = config('A', cast=int)\nY = config('B', cast=bool)\n";
        assert_eq!(names(config), ["A"]);
        assert!(names("if X:\n    A = int(os.environ['A'])\n").is_empty());
        assert!(names("try:\n    A = int(os.environ['A'])\nexcept ValueError: pass\n").is_empty());
        assert!(
            names("A = 1 if X else int(os.environ['A'])\nB = int(f(os.environ['B']))\n").is_empty()
        );
    }

    #[test]
    fn numbers_are_those_of_python() {
        for text in ["0", " 1 ", "-3", "+1_000", "٣"] {
            assert!(is_number(text, false), "{text}");
        }
        for text in ["", "False", "1.5", "10m", "_1", "0x1f"] {
            assert!(!is_number(text, false), "{text}");
        }
        assert!(is_number("1.5", true) && is_number("inf", true) && !is_number("off", true));
    }
}
