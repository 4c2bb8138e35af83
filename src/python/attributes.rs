//! Names of modules that a module uses by an attribute, `Image.ANTIALIAS`, where a release of their package no longer
//! has them. What is guarded, by `try` or by a question for versions, is left out, and so is what the module gives back
//! itself.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, ExprContext, Parameter, Stmt};
use ruff_text_size::{Ranged, TextRange};

use crate::knowledge::{removed_modules, removed_names};
use crate::maps::{HashMap, HashSet};
use crate::span::{FileId, Span};

/// A name of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attribute {
    /// `PIL.Image`
    pub(crate) module: String,
    pub(crate) name: String,
    pub(crate) span: Span,
}

/// The attributes that a later release lacks, in order; each name once.
pub(crate) fn read(file: FileId, text: &str, body: &[Stmt]) -> Vec<Attribute> {
    let mut bound: HashMap<String, Option<String>> = HashMap::default();
    for statement in body {
        bind(statement, &mut bound);
    }
    let may_hold =
        |dotted: &String| removed_modules::may_hold(dotted) || removed_names::may_hold(dotted);
    if !bound.values().flatten().any(may_hold) {
        return Vec::new();
    }
    let mut rebound = Rebound(&mut bound, true);
    rebound.visit_body(body);
    let mut uses = Uses {
        file,
        text,
        bound: &bound,
        judged: HashSet::default(),
        out: Vec::new(),
    };
    uses.visit_body(body);
    uses.out
}

/// What an import at the top binds; a name that two of them bind is none.
fn bind(statement: &Stmt, bound: &mut HashMap<String, Option<String>>) {
    let mut put = |name: &str, dotted: String| {
        let known = bound.insert(name.to_owned(), Some(dotted.clone()));
        if known.is_some_and(|known| known.as_ref() != Some(&dotted)) {
            bound.insert(name.to_owned(), None);
        }
    };
    match statement {
        Stmt::Import(import) => {
            for alias in &import.names {
                let dotted = alias.name.as_str();
                let first = dotted.split('.').next().unwrap_or(dotted);
                match &alias.asname {
                    Some(name) => put(name.as_str(), dotted.to_owned()),
                    None => put(first, first.to_owned()),
                }
            }
        }
        Stmt::ImportFrom(import) if import.level == 0 => {
            let Some(module) = &import.module else { return };
            for alias in &import.names {
                let name = alias.asname.as_ref().unwrap_or(&alias.name);
                put(name.as_str(), format!("{module}.{}", alias.name));
            }
        }
        _ => {}
    }
}

/// Takes away the names that anything else binds too. The flag: the top of the module.
struct Rebound<'b>(&'b mut HashMap<String, Option<String>>, bool);

impl Rebound<'_> {
    fn drop(&mut self, name: &str) {
        if let Some(entry) = self.0.get_mut(name) {
            *entry = None;
        }
    }
}

impl<'a> Visitor<'a> for Rebound<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let is_top = self.1;
        match statement {
            Stmt::Import(_) | Stmt::ImportFrom(_) if is_top => {}
            Stmt::Import(import) => {
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    self.drop(name.split('.').next().unwrap_or(name));
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    self.drop(alias.asname.as_ref().unwrap_or(&alias.name).as_str());
                }
            }
            _ => {
                match statement {
                    Stmt::FunctionDef(function) => self.drop(function.name.as_str()),
                    Stmt::ClassDef(class) => self.drop(class.name.as_str()),
                    _ => {}
                }
                self.1 = false;
                visitor::walk_stmt(self, statement);
                self.1 = is_top;
            }
        }
    }

    fn visit_parameter(&mut self, parameter: &'a Parameter) {
        self.drop(parameter.name.as_str());
        visitor::walk_parameter(self, parameter);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Name(name) = expression
            && !matches!(name.ctx, ExprContext::Load)
        {
            self.drop(name.id.as_str());
        }
        visitor::walk_expr(self, expression);
    }
}

struct Uses<'b> {
    file: FileId,
    text: &'b str,
    bound: &'b HashMap<String, Option<String>>,
    judged: HashSet<(String, String)>,
    out: Vec<Attribute>,
}

impl Uses<'_> {
    /// The dotted name of a module or of a name in one.
    fn dotted(&self, expression: &Expr) -> Option<String> {
        match expression {
            Expr::Name(name) => self.bound.get(name.id.as_str())?.clone(),
            Expr::Attribute(attribute) => {
                let above = self.dotted(&attribute.value)?;
                Some(format!("{above}.{}", attribute.attr))
            }
            _ => None,
        }
    }

    fn asks_release(&self, range: TextRange) -> bool {
        let words = ["hasattr", "getattr", "version", "VERSION", "PY2", "PY3"];
        let text = self.text.get(range.to_std_range()).unwrap_or_default();
        words.iter().any(|word| text.contains(word))
    }

    /// It is given back, or looked for by its name: `setattr(Image, "ANTIALIAS", ...)`.
    fn is_named(&self, name: &str) -> bool {
        let quoted = [format!("\"{name}\""), format!("'{name}'")];
        let assigned = format!(".{name} =");
        quoted.iter().any(|it| self.text.contains(it.as_str())) || self.text.contains(&assigned)
    }
}

impl<'a> Visitor<'a> for Uses<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Try(_) => {}
            Stmt::If(branch) if self.asks_release(branch.test.range()) => {}
            _ => visitor::walk_stmt(self, statement),
        }
    }

    fn visit_annotation(&mut self, _: &'a Expr) {}

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::If(_) | Expr::BoolOp(_) if self.asks_release(expression.range()) => return,
            Expr::Attribute(attribute) if matches!(attribute.ctx, ExprContext::Load) => {
                let name = attribute.attr.as_str();
                if let Some(module) = self.dotted(&attribute.value)
                    && (removed_modules::name(&module, name).is_some()
                        || removed_names::name(&module, name).is_some())
                    && self.judged.insert((module.clone(), name.to_owned()))
                    && !self.is_named(name)
                {
                    let range = expression.range();
                    let span = Span::new(self.file, range.start().to_u32(), range.end().to_u32());
                    self.out.push(Attribute {
                        module,
                        name: name.to_owned(),
                        span,
                    });
                }
            }
            _ => {}
        }
        visitor::walk_expr(self, expression);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::python::syntax;

    fn found(text: &str) -> Vec<String> {
        let parsed = syntax::parse(text).expect("it parses");
        let all = read(FileId(0), text, &parsed.syntax().body);
        all.iter()
            .map(|it| format!("{}.{}", it.module, it.name))
            .collect()
    }

    #[test]
    fn attributes_of_modules_are_followed_through_their_names() {
        let pillow = "from PIL import Image\nx = Image.ANTIALIAS\n";
        assert_eq!(found(pillow), ["PIL.Image.ANTIALIAS"]);
        let inside =
            "import numpy as np\ndef f(a):\n    if a:\n        return a.astype(np.float)\n";
        assert_eq!(found(inside), ["numpy.float"]);
        assert_eq!(
            found("import PIL.Image\nx = PIL.Image.ANTIALIAS\n"),
            ["PIL.Image.ANTIALIAS"]
        );
        let django = "from django.utils import timezone\nx = timezone.utc\n";
        assert_eq!(found(django), ["django.utils.timezone.utc"]);
    }

    #[test]
    fn guards_and_other_bindings_leave_it_open() {
        for text in [
            "from PIL import Image\ntry:\n    x = Image.ANTIALIAS\nexcept AttributeError:\n    x = 1\n",
            "from PIL import Image\nx = Image.ANTIALIAS if hasattr(Image, 'ANTIALIAS') else 1\n",
            "from PIL import Image\nif not hasattr(Image, 'X'):\n    Image.ANTIALIAS = 1\nx = Image.ANTIALIAS\n",
            "from django.utils import timezone\ndef f(timezone):\n    return timezone.utc\n",
            "from datetime import timezone\nx = timezone.utc\n",
            "import numpy as np\nx: np.float = 1\n",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
    }
}
