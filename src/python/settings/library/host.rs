//! What the library needs of whoever runs the code.

use ruff_python_ast::Expr;

use crate::python::settings::exception::Exception;
use crate::python::settings::library::Variables;
use crate::python::settings::loader::EnvValue;
use crate::python::settings::value::{Arguments, Value};
use crate::span::Span;

/// Runs the code that calls the library.
pub(crate) trait Host: Sized {
    /// Spends work; false when there is none left.
    fn spend(&mut self, amount: usize) -> bool;

    fn is_too_deep(&self) -> bool;

    /// Runs `f` one level deeper, on a larger stack where needed.
    fn deeper<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T;

    /// What was evaluated may have raised.
    fn may_raise(&mut self);

    /// The import may end here.
    fn stop(&mut self, exception: Exception, span: Span);

    /// What was evaluated raises for sure.
    fn raise(&mut self, exception: Exception);

    /// The code runs in a `try`.
    fn is_tried(&self) -> bool;

    /// The code runs whatever the conditions say.
    fn is_certain(&self) -> bool;

    /// It is asked whether there is something at a path.
    fn asks_for(&mut self, path: &str);

    /// A directory is made, or was there.
    fn makes_directory(&mut self, path: &str, span: Span);

    /// Nothing is known any more of the settings assigned so far in the current module.
    fn poison(&mut self, cause: &str, span: Span);

    /// Where a reader of the settings should look for something done in a helper function.
    fn outer_span(&self, span: Span) -> Span;

    fn variables(&mut self) -> &mut Variables;

    /// What the environment says of a variable, files of variables included.
    fn env_value(&self, name: &str) -> EnvValue;

    fn call_value(&mut self, callee: &Value, arguments: &Arguments, span: Span) -> Value;

    fn attribute(&mut self, base: &Value, name: &str, span: Span) -> Value;

    fn evaluate(&mut self, expression: &Expr) -> Value;

    /// The object of a module that is named by text.
    fn imported(&mut self, dotted: &str, span: Span) -> Option<Value>;

    /// `include("components/*.py", optional("local.py"))` of django-split-settings.
    fn split_include(&mut self, arguments: &[Value], span: Span);
}
