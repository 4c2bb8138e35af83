//! Families of exceptions that matter to settings, and which handlers take them.

use ruff_python_ast::{ExceptHandler, Expr};

/// Families of exceptions that matter to settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Exception {
    Import,
    Key,
    /// By the last part of its name.
    Named(String),
}

/// The family of an exception's name.
pub(crate) fn exception(name: &str) -> Exception {
    match name {
        "ImportError" | "ModuleNotFoundError" => Exception::Import,
        "KeyError" => Exception::Key,
        name => Exception::Named(name.to_owned()),
    }
}

/// Whether a handler takes an exception, going by names.
pub(crate) fn catches(handler: &ExceptHandler, raised: &Exception) -> bool {
    let ExceptHandler::ExceptHandler(handler) = handler;
    let Some(types) = handler.type_.as_deref() else {
        return true;
    };
    let elements = match types {
        Expr::Tuple(tuple) => tuple.elts.as_slice(),
        single => std::slice::from_ref(single),
    };
    elements.iter().any(|one| {
        let name = exception_name(one);
        match name {
            "BaseException" => true,
            "Exception" => *raised != exception("SystemExit"),
            "LookupError" => *raised == Exception::Key,
            _ => exception(name) == *raised,
        }
    })
}

/// The last part of the name in `raise X(...)`.
pub(crate) fn exception_name(expression: &Expr) -> &str {
    match expression {
        Expr::Call(call) => exception_name(&call.func),
        Expr::Attribute(attribute) => attribute.attr.as_str(),
        Expr::Name(name) => name.id.as_str(),
        _ => "",
    }
}
