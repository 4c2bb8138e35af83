//! Functions of one argument, as `map` and casts call them.

use crate::python::settings::library::{Host, lift, text_method};
use crate::python::settings::value::{Arguments, Kind, Object, Reason, Thing, Value};
use crate::span::Span;

/// A function of one argument: of the project, of the language, or a method like `str.strip`.
pub(crate) fn apply_function<H: Host>(
    host: &mut H,
    function: &Value,
    item: Value,
    span: Span,
) -> Value {
    if let Kind::Object(Object(Thing::External(dotted))) = &function.kind
        && let Some(method) = dotted.strip_prefix("builtins.str.")
    {
        let method = method.to_owned();
        return lift(host, &item, None, span, &mut |this, item| {
            item.as_str()
                .map(str::to_owned)
                .and_then(|text| text_method(this, &text, &method, &[], &[], span))
                .unwrap_or_else(|| Value::unknown(Reason::Unsupported, span))
        });
    }
    let arguments = Arguments {
        positional: vec![item],
        ..Arguments::default()
    };
    host.call_value(function, &arguments, span)
}
