//! Arguments sorted into subcommand, flags and operands, Django's management commands included.

use super::ast::{Arg, CommandFlag};
use super::grammar;

#[derive(Debug, Default)]
pub(super) struct Sorted {
    pub(super) subcommand: Option<Arg>,
    pub(super) management: Option<Arg>,
    pub(super) flags: Vec<CommandFlag>,
    pub(super) operands: Vec<Arg>,
}

/// Sorts the arguments of the program `name` (as meant).
pub(super) fn sort(name: &str, args: &[Arg]) -> Sorted {
    let parsed = grammar::parse(name, args);
    let rest = args.get(parsed.read..).unwrap_or_default();
    let mut sorted = Sorted {
        subcommand: parsed.subcommand,
        management: None,
        flags: parsed.flags,
        operands: parsed.operands,
    };
    match name {
        "django-admin" => sorted.management.clone_from(&sorted.subcommand),
        "python" => {
            let is_module = sorted.flags.last().is_some_and(|flag| flag.written == "-m");
            let script = if is_module { None } else { rest.first() };
            let grammar = match script {
                Some(script) if is_manage(script) => "django-admin",
                _ => "",
            };
            if let Some(script) = script.filter(|_| grammar.is_empty()) {
                sorted.operands.push(script.clone());
            }
            let behind = rest
                .get(usize::from(script.is_some())..)
                .unwrap_or_default();
            let inner = grammar::parse(grammar, behind);
            sorted.management = inner.subcommand;
            sorted.flags.extend(inner.flags);
            sorted.operands.extend(inner.operands);
        }
        _ => sorted.operands.extend_from_slice(rest),
    }
    sorted
}

/// `manage.py`, with any directory.
fn is_manage(script: &Arg) -> bool {
    let text = script.as_str().unwrap_or(&script.suffix);
    text == "manage.py" || text.ends_with("/manage.py")
}
