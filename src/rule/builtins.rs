//! The filters and tests that rules may use: their names, their arguments, their documentation.
//!
//! The names are MiniJinja's where MiniJinja has them. The list is short on purpose: what is not in
//! it wants a fact.

use std::ops::Range;

use super::compile::{Compiler, did_you_mean, literal};
use super::expr::{Expr, Filter, Step, Test};
use super::tree::{Argument, Call, Comparison, Tree};
use super::types::{Same, Ty};

/// A filter or test with a line of documentation.
pub(crate) struct Builtin {
    pub(crate) usage: &'static str,
    pub(crate) doc: &'static str,
}

/// Every filter; the name is the start of the usage.
pub(crate) const FILTERS: &[Builtin] = &[
    entry("default(value)", "`value` when there is none"),
    entry("first", "the first item"),
    entry("int", "the whole number that a string spells, else none"),
    entry(
        "join(separator)",
        "the items as text, joined; `, ` is the default separator",
    ),
    entry("keys", "the keys of a map"),
    entry("last", "the last item"),
    entry(
        "length",
        "how many items, or characters; `count` is the same",
    ),
    entry("lower", "in lower case"),
    entry(
        "map(attribute=\"name\")",
        "that field of each item; `a.b` is a field of a field",
    ),
    entry("reject(test, argument)", "the items that fail the test"),
    entry(
        "rejectattr(\"name\", test, argument)",
        "the items whose field fails the test",
    ),
    entry("replace(old, new)", "with every `old` replaced"),
    entry("select(test, argument)", "the items that pass the test"),
    entry(
        "selectattr(\"name\", test, argument)",
        "the items whose field passes the test; without a test, the items whose field is true",
    ),
    entry("sort", "in ascending order"),
    entry(
        "split(separator)",
        "the parts of a string; split at white space by default",
    ),
    entry("trim", "without leading and trailing white space"),
    entry("unique", "each item once"),
    entry("upper", "in upper case"),
    entry("values", "the values of a map"),
];

/// Every test; the name is the start of the usage.
pub(crate) const TESTS: &[Builtin] = &[
    entry(
        "below(list)",
        "an image, by its full name, is at a registry or below a path of the list; `*` is any text in a part",
    ),
    entry("defined", "there is a value"),
    entry(
        "endswith(text)",
        "a string ends with the text, or with one of a list",
    ),
    entry(
        "eq(value)",
        "equal, for `selectattr`; also `ne`, `lt`, `le`, `gt`, `ge`",
    ),
    entry("in(list)", "an item of a list, a part of a string"),
    entry(
        "matches(\"regex\")",
        "the regular expression matches somewhere in a string; anchor it with `^` and `$`",
    ),
    entry("none", "there is no value"),
    entry(
        "startswith(text)",
        "a string starts with the text, or with one of a list",
    ),
];

/// Names of tests that the table shows under another, or that other engines use.
const MORE_TESTS: &[&str] = &[
    "ne",
    "lt",
    "le",
    "gt",
    "ge",
    "startingwith",
    "endingwith",
    "undefined",
];

const fn entry(usage: &'static str, doc: &'static str) -> Builtin {
    Builtin { usage, doc }
}

impl Builtin {
    pub(crate) fn name(&self) -> &'static str {
        self.usage.split('(').next().unwrap_or_default()
    }
}

type Args<'a, 'e> = &'a [Argument<'e>];

impl Compiler<'_, '_> {
    pub(super) fn filter(&mut self, of: Option<&Tree<'_>>, call: &Call<'_>) -> (Expr, Ty) {
        let name = call.name;
        let args = call.arguments.as_slice();
        let place = self.place(name);
        let Some(operand) = of else {
            return self.fault(place, "a filter needs a value", None);
        };
        let (of, ty) = self.expr(operand);
        let operand_range = self.range(operand);
        let is_known = FILTERS.iter().any(|known| known.name() == name) || name == "count";
        if !is_known {
            // A test reads well as a filter too: `name | startswith("x")`.
            if is_test(name) {
                return match self.test(name, args, &ty) {
                    Some((test, expected)) => {
                        let test = Expr::Test(Box::new(of), test);
                        let expr = match expected {
                            true => test,
                            false => Expr::Not(Box::new(test)),
                        };
                        (expr, Ty::Bool)
                    }
                    None => self.nothing(),
                };
            }
            let known: Vec<&str> = FILTERS.iter().map(Builtin::name).collect();
            let help = did_you_mean(name, &known, "there are");
            return self.fault(place, format!("there is no filter `{name}`"), Some(help));
        }
        let item = match &ty {
            Ty::List(item) => (**item).clone(),
            Ty::Map(_) if matches!(name, "join" | "first" | "last" | "sort") => Ty::Str,
            _ => Ty::Any,
        };
        let wants = match name {
            "lower" | "upper" | "trim" | "split" | "replace" | "int" => Some(Ty::Str),
            "first" | "last" | "sort" | "unique" | "join" | "select" | "reject" | "selectattr"
            | "rejectattr" | "map" => Some(Ty::List(Box::new(Ty::Any))),
            "keys" | "values" => Some(Ty::Map(Box::new(Ty::Any))),
            _ => None,
        };
        if let Some(wanted) = wants {
            self.expect(&ty, &wanted, operand_range.clone());
        }
        let (filter, result) = match name {
            "length" | "count" => {
                if matches!(ty, Ty::Bool | Ty::Int | Ty::Fact(_)) {
                    let message = format!("{} has no length", ty.describe());
                    return self.fault(operand_range, message, None);
                }
                (self.plain(Filter::Length, name, args), Ty::Int)
            }
            "lower" => (self.plain(Filter::Lower, name, args), Ty::Str),
            "upper" => (self.plain(Filter::Upper, name, args), Ty::Str),
            "trim" => (self.plain(Filter::Trim, name, args), Ty::Str),
            "int" => (self.plain(Filter::Int, name, args), Ty::Int),
            "first" => (self.plain(Filter::First, name, args), item),
            "last" => (self.plain(Filter::Last, name, args), item),
            "sort" => (self.plain(Filter::Sort, name, args), list(item)),
            "unique" => (self.plain(Filter::Unique, name, args), list(item)),
            "keys" => (self.plain(Filter::Keys, name, args), list(Ty::Str)),
            "values" => {
                let value = match ty {
                    Ty::Map(value) => *value,
                    _ => Ty::Any,
                };
                (self.plain(Filter::Values, name, args), list(value))
            }
            "join" => {
                let separator = self.optional(name, args, &Ty::Str);
                (separator.map(Filter::Join), Ty::Str)
            }
            "split" => {
                let separator = self.optional(name, args, &Ty::Str);
                (separator.map(Filter::Split), list(Ty::Str))
            }
            "replace" => match self.positional(name, args, 2, 2).as_deref() {
                Some([old, new]) => {
                    let old = self.typed(old, &Ty::Str);
                    let new = self.typed(new, &Ty::Str);
                    (Some(Filter::Replace(old, new)), Ty::Str)
                }
                _ => (None, Ty::Any),
            },
            "default" => match self.positional(name, args, 1, 1).as_deref() {
                Some([value]) => {
                    let (value, value_ty) = self.expr(value);
                    (Some(Filter::Default(Box::new(value))), ty.or(value_ty))
                }
                _ => (None, Ty::Any),
            },
            "map" => self.map(args, &item, place),
            _ => (self.selection(name, args, &item, place), list(item)),
        };
        match filter {
            Some(filter) => (Expr::Filter(Box::new(of), filter), result),
            None => self.nothing(),
        }
    }

    /// A test, and whether it must be true (`ne` is `eq` that must not).
    pub(super) fn test(&mut self, name: &str, args: Args<'_, '_>, ty: &Ty) -> Option<(Test, bool)> {
        let place = self.place(name);
        let compare = match name {
            "eq" | "equalto" | "==" => Some(Comparison::Eq),
            "ne" | "!=" => Some(Comparison::Ne),
            "lt" | "lessthan" | "<" => Some(Comparison::Lt),
            "le" | "<=" => Some(Comparison::Le),
            "gt" | "greaterthan" | ">" => Some(Comparison::Gt),
            "ge" | ">=" => Some(Comparison::Ge),
            "in" => Some(Comparison::In),
            _ => None,
        };
        if let Some(op) = compare {
            let args = self.positional(name, args, 1, 1)?;
            let (value, value_ty) = self.expr(args.first()?);
            self.comparable(op, ty, &value_ty, place);
            return Some((Test::Compare(op, Box::new(value)), true));
        }
        match name {
            "none" | "undefined" => {
                self.positional(name, args, 0, 0)?;
                Some((Test::None, true))
            }
            "defined" => {
                self.positional(name, args, 0, 0)?;
                Some((Test::None, false))
            }
            "startswith" | "startingwith" | "endswith" | "endingwith" => {
                self.expect(ty, &Ty::Str, place.clone());
                let args = self.positional(name, args, 1, 1)?;
                let (value, value_ty) = self.expr(args.first()?);
                if !value_ty.is_comparable(&list(Ty::Str)) {
                    self.expect(&value_ty, &Ty::Str, self.range(args.first()?));
                }
                let value = Box::new(value);
                let test = match name.starts_with('s') {
                    true => Test::StartsWith(value),
                    false => Test::EndsWith(value),
                };
                Some((test, true))
            }
            "below" => {
                self.expect(ty, &Ty::Str, place.clone());
                let args = self.positional(name, args, 1, 1)?;
                let (value, value_ty) = self.expr(args.first()?);
                if !value_ty.is_comparable(&list(Ty::Str)) {
                    self.expect(&value_ty, &Ty::Str, self.range(args.first()?));
                }
                Some((Test::Below(Box::new(value)), true))
            }
            "matches" => {
                self.expect(ty, &Ty::Str, place);
                let args = self.positional(name, args, 1, 1)?;
                let argument = args.first()?;
                let range = self.range(argument);
                let (value, _) = self.expr(argument);
                let Some(source) = literal(&value) else {
                    let message = "the pattern of `matches` must be a literal string";
                    self.fault(range, message, None);
                    return None;
                };
                let pattern = self.pattern(source, range);
                Some((Test::Matches(pattern), true))
            }
            _ => {
                let names = TESTS.iter().map(Builtin::name);
                let known: Vec<&str> = names.chain(MORE_TESTS.iter().copied()).collect();
                let help = did_you_mean(name, &known, "there are");
                self.fault(place, format!("there is no test `{name}`"), Some(help));
                None
            }
        }
    }

    fn nothing(&self) -> (Expr, Ty) {
        (Expr::Const(crate::facts::table::Cell::ABSENT), Ty::Any)
    }

    fn plain(&mut self, filter: Filter, name: &str, args: Args<'_, '_>) -> Option<Filter> {
        self.positional(name, args, 0, 0).map(|_| filter)
    }

    fn typed(&mut self, expr: &Tree<'_>, wanted: &Ty) -> Box<Expr> {
        let (value, ty) = self.expr(expr);
        self.expect(&ty, wanted, self.range(expr));
        Box::new(value)
    }

    /// `None` after a mistake; `Some(None)` when the argument was left out.
    fn optional(
        &mut self,
        name: &str,
        args: Args<'_, '_>,
        wanted: &Ty,
    ) -> Option<Option<Box<Expr>>> {
        let args = self.positional(name, args, 0, 1)?;
        Some(args.first().map(|arg| self.typed(arg, wanted)))
    }

    fn positional<'a, 'e>(
        &mut self,
        name: &str,
        args: &'a [Argument<'e>],
        least: usize,
        most: usize,
    ) -> Option<Vec<&'a Tree<'e>>> {
        let mut all = Vec::new();
        for arg in args {
            match arg {
                Argument::Positional(expr) => all.push(expr),
                Argument::Named(key, _) => {
                    let message = format!("`{name}` has no argument `{key}`");
                    self.fault(self.place(key), message, None);
                    return None;
                }
                Argument::Spread(expr) => {
                    let range = self.range(expr);
                    self.fault(range, "arguments cannot be unpacked", None);
                    return None;
                }
            }
        }
        if (least..=most).contains(&all.len()) {
            return Some(all);
        }
        let wanted = match (least, most) {
            (0, 0) => "no argument".to_owned(),
            (1, 1) => "one argument".to_owned(),
            (a, b) if a == b => format!("{a} arguments"),
            (a, b) => format!("{a} to {b} arguments"),
        };
        let message = format!("`{name}` takes {wanted}, not {}", all.len());
        self.fault(self.place(name), message, None);
        None
    }

    fn map(&mut self, args: Args<'_, '_>, item: &Ty, place: Range<usize>) -> (Option<Filter>, Ty) {
        let [Argument::Named("attribute", path)] = args else {
            self.fault(place, "`map` is used as `map(attribute=\"name\")`", None);
            return (None, Ty::Any);
        };
        match self.path(path, item) {
            Some((steps, ty)) => (Some(Filter::Map(steps)), list(ty)),
            None => (None, Ty::Any),
        }
    }

    /// `select`, `reject`, `selectattr`, `rejectattr`.
    fn selection(
        &mut self,
        name: &str,
        args: Args<'_, '_>,
        item: &Ty,
        place: Range<usize>,
    ) -> Option<Filter> {
        let by_attribute = name.ends_with("attr");
        let keep = name.starts_with("select");
        let (path, rest, ty) = match (by_attribute, args) {
            (true, [Argument::Positional(path), rest @ ..]) => {
                let (steps, ty) = self.path(path, item)?;
                (steps, rest, ty)
            }
            (true, _) => {
                let message = format!("`{name}` needs the name of a field");
                self.fault(place, message, None);
                return None;
            }
            (false, args) => (Vec::new(), args, item.clone()),
        };
        let (test, expected) = match rest {
            [] => (Test::True, true),
            [Argument::Positional(test), rest @ ..] => {
                let range = self.range(test);
                let (value, _) = self.expr(test);
                let Some(name) = literal(&value) else {
                    self.fault(range, "the name of a test must be in quotes", None);
                    return None;
                };
                let before = self.fault_count();
                let found = self.test(name, rest, &ty);
                self.move_faults(before, &range);
                found?
            }
            _ => {
                self.fault(place, "the name of a test must be in quotes", None);
                return None;
            }
        };
        Some(Filter::Select {
            path,
            test,
            keep: keep == expected,
        })
    }

    /// The attribute path in a string: `stage.name`.
    fn path(&mut self, expr: &Tree<'_>, item: &Ty) -> Option<(Vec<Step>, Ty)> {
        let range = self.range(expr);
        let (value, _) = self.expr(expr);
        let Some(path) = literal(&value) else {
            let message = "the name of a field must be in quotes";
            self.fault(range, message, None);
            return None;
        };
        let mut steps = Vec::new();
        let mut ty = item.clone();
        let mut offset = 0;
        for name in path.split('.') {
            let range = self.part(&range, path, offset, name.len());
            offset += name.len() + 1;
            let before = self.fault_count();
            let (step, next) = self.attribute(Expr::Subject, &ty, name, range);
            if self.fault_count() > before {
                return None;
            }
            let step = match (step, &ty) {
                (Expr::Field { table, index, .. }, Ty::Fact(Same(_))) => Step::Field(table, index),
                _ => Step::Key(name.to_owned()),
            };
            steps.push(step);
            ty = next;
        }
        Some((steps, ty))
    }
}

fn is_test(name: &str) -> bool {
    TESTS.iter().any(|test| test.name() == name) || MORE_TESTS.contains(&name)
}

fn list(item: Ty) -> Ty {
    Ty::List(Box::new(item))
}
