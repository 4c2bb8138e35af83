//! What the library asks of the interpreter.

use ruff_python_ast::Expr;

use crate::python::settings::exception::Exception;
use crate::python::settings::library::{Host, Variables};
use crate::python::settings::loader::EnvValue;
use crate::python::settings::machine::{Interpreter, Resolution};
use crate::python::settings::value::{Arguments, Kind, Object, Thing, Value, external};
use crate::span::Span;

impl Host for Interpreter<'_> {
    fn spend(&mut self, amount: usize) -> bool {
        self.spend(amount)
    }

    fn is_too_deep(&self) -> bool {
        self.is_too_deep()
    }

    fn deeper<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        self.deeper(f)
    }

    fn may_raise(&mut self) {
        self.may_raise = true;
    }

    fn stop(&mut self, exception: Exception, span: Span) {
        self.stop(exception, span);
    }

    fn raise(&mut self, exception: Exception) {
        self.raised = Some(exception);
    }

    fn is_tried(&self) -> bool {
        self.tries > 0
    }

    fn is_certain(&self) -> bool {
        self.undecided == 0
    }

    fn asks_for(&mut self, path: &str) {
        self.asked_for = Some(path.to_owned());
    }

    fn makes_directory(&mut self, path: &str, span: Span) {
        self.makes_directory(path, span);
    }

    fn poison(&mut self, cause: &str, span: Span) {
        self.poison(cause, span);
    }

    fn outer_span(&self, span: Span) -> Span {
        self.outer_span(span)
    }

    fn variables(&mut self) -> &mut Variables {
        &mut self.variables
    }

    fn env_value(&self, name: &str) -> EnvValue {
        self.env_value(name)
    }

    fn call_value(&mut self, callee: &Value, arguments: &Arguments, span: Span) -> Value {
        self.call_value(callee, arguments, span)
    }

    fn attribute(&mut self, base: &Value, name: &str, span: Span) -> Value {
        self.attribute(base, name, span)
    }

    fn evaluate(&mut self, expression: &Expr) -> Value {
        self.eval(expression)
    }

    fn imported(&mut self, dotted: &str, span: Span) -> Option<Value> {
        match self.resolve(dotted) {
            Resolution::Module(index) => {
                Some(Value::new(Kind::Object(Object(Thing::Module(index))), span))
            }
            Resolution::External if !dotted.starts_with('.') => Some(external(dotted, span)),
            _ => None,
        }
    }

    fn split_include(&mut self, arguments: &[Value], span: Span) {
        self.split_include(arguments, span);
    }
}
