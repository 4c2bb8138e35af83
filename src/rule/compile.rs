//! From the text of a condition or place to a checked [`Expr`]; templates are read in
//! [`super::template`].
//!
//! MiniJinja's parser reads the text. Every name, field, filter and test is then looked up in the
//! table of facts and in the list of what rules may use, so an expression that compiles has only
//! values of the right type to meet. All mistakes are collected, each with its bytes in the text.

use std::ops::Range;

use minijinja::machinery::parse_expr;

use crate::facts::table::{Cell, Kind, Schema, Val};

use super::expr::{Expr, Math, Pattern};
use super::source::OptionSpec;
use super::suggest;
use super::tree::{Comparison, Node, Operator, Tree};
use super::types::{Same, Ty};

/// A mistake in an expression, in bytes of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) range: Range<usize>,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

/// What an expression may name.
#[derive(Clone)]
pub(crate) struct Names<'n> {
    /// The kind that is selected; its `vars` are known without it.
    pub(crate) kind: &'static Kind,
    /// Where tables are found that facts of this kind lead to.
    pub(crate) schema: &'static Schema,
    pub(crate) options: &'n [OptionSpec],
    /// Local variables, outermost first.
    pub(crate) locals: Vec<(String, Ty)>,
    /// Compile regular expressions at once: for the check, not for use.
    pub(crate) tries_patterns: bool,
}

/// Bytes that an expression or template may have.
pub(super) const MAX_LENGTH: usize = 16 * 1024;

/// Reads a condition or a place.
pub(crate) fn expression(text: &str, names: &Names<'_>) -> (Expr, Ty, Vec<Fault>) {
    let mut compiler = Compiler::new(text, names);
    let (expr, ty) = match tree(text) {
        Ok(tree) => compiler.expr(&tree),
        Err(fault) => {
            compiler.faults.push(fault);
            (Expr::Const(Cell::ABSENT), Ty::Any)
        }
    };
    (expr, ty, compiler.faults)
}

/// The tree of an expression.
///
/// # Errors
/// The first mistake in its grammar.
pub(super) fn tree(text: &str) -> Result<Tree<'_>, Fault> {
    let fault = |range: Range<usize>, message: &str| Fault {
        range,
        message: message.to_owned(),
        help: None,
    };
    if text.len() > MAX_LENGTH {
        return Err(fault(0..text.len(), "this is too long"));
    }
    if let Some(at) = stray_end(text) {
        let message = "write a condition without `{{ }}` and `{% %}`";
        return Err(fault(at..at + 2, message));
    }
    match parse_expr(text) {
        Ok(expr) => Ok(Tree::of(&expr)),
        Err(error) => Err(syntax(text, &error)),
    }
}

/// An expression that was kept as bytes because it has no mistakes: see [`super::source::Rule::clauses`].
pub(crate) fn kept(bytes: &[u8], names: &Names<'_>) -> Expr {
    let tree = postcard::from_bytes(bytes);
    debug_assert!(tree.is_ok(), "{tree:?}");
    // What cannot be read holds never.
    tree.map_or(Expr::Const(Cell::ABSENT), |tree: Tree<'_>| {
        Compiler::new("", names).expr(&tree).0
    })
}

/// Where the end of a tag stands outside of a string. MiniJinja's lexer does not expect one in an
/// expression and panics.
fn stray_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut quote = None;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match (quote, byte) {
            (Some(_), b'\\') => at += 1,
            (Some(open), _) if byte == open => quote = None,
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'}' | b'%') if bytes.get(at + 1) == Some(&b'}') => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// What the parser says.
pub(super) fn syntax(text: &str, error: &minijinja::Error) -> Fault {
    let end = text.len();
    let range = error.range().unwrap_or(0..end);
    let message = match error.detail() {
        Some(detail) => detail.to_owned(),
        None => error.kind().to_string(),
    };
    Fault {
        range: range.start.min(end)..range.end.min(end),
        message,
        help: None,
    }
}

pub(super) struct Compiler<'n, 't> {
    pub(super) text: &'t str,
    kind: &'static Kind,
    schema: &'static Schema,
    options: &'n [OptionSpec],
    pub(super) locals: Vec<(String, Ty)>,
    tries_patterns: bool,
    pub(super) faults: Vec<Fault>,
}

impl<'n, 't> Compiler<'n, 't> {
    pub(super) fn new(text: &'t str, names: &Names<'n>) -> Self {
        Self {
            text,
            kind: names.kind,
            schema: names.schema,
            options: names.options,
            locals: names.locals.clone(),
            tries_patterns: names.tries_patterns,
            faults: Vec::new(),
        }
    }

    /// Notes a mistake; gives an expression that no further mistake is seen in.
    pub(super) fn fault(
        &mut self,
        range: Range<usize>,
        message: impl Into<String>,
        help: Option<String>,
    ) -> (Expr, Ty) {
        self.faults.push(Fault {
            range,
            message: message.into(),
            help,
        });
        (Expr::Const(Cell::ABSENT), Ty::Any)
    }

    pub(super) fn fault_count(&self) -> usize {
        self.faults.len()
    }

    /// Places the faults from `from` on that have no place of their own.
    pub(super) fn move_faults(&mut self, from: usize, range: &Range<usize>) {
        let whole = 0..self.text.len();
        for fault in self.faults.iter_mut().skip(from) {
            if fault.range == whole {
                fault.range = range.clone();
            }
        }
    }

    /// The pattern of `matches`.
    pub(super) fn pattern(&mut self, source: &str, range: Range<usize>) -> Pattern {
        if self.tries_patterns
            && let Err(message) = Pattern::compile(source)
        {
            self.fault(range, message, None);
        }
        Pattern::new(source)
    }

    /// Where a name that the parser borrowed from the text stands.
    pub(super) fn place(&self, name: &str) -> Range<usize> {
        let start = (name.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize);
        match self.text.get(start..start.saturating_add(name.len())) {
            Some(found) if found == name => start..start + name.len(),
            _ => 0..self.text.len(),
        }
    }

    /// Where it stands, within the text.
    pub(super) fn range(&self, tree: &Tree<'_>) -> Range<usize> {
        let range = tree.range();
        let end = range.end.min(self.text.len());
        range.start.min(end)..end
    }

    /// A part of a string literal at `range`; all of it when it is written with escapes.
    pub(super) fn part(
        &self,
        range: &Range<usize>,
        literal: &str,
        offset: usize,
        length: usize,
    ) -> Range<usize> {
        let inner = range.start + 1..range.end.saturating_sub(1);
        match self.text.get(inner.clone()) {
            Some(written) if written == literal => {
                inner.start + offset..inner.start + offset + length
            }
            _ => range.clone(),
        }
    }

    pub(super) fn expr(&mut self, tree: &Tree<'_>) -> (Expr, Ty) {
        match &tree.node {
            Node::Name(name) => self.variable(name),
            Node::None => (Expr::Const(Cell::ABSENT), Ty::None),
            Node::Bool(value) => (Expr::Const(Cell::bool(*value)), Ty::Bool),
            Node::Int(number) => (Expr::Const(Cell::int(*number)), Ty::Int),
            Node::OtherNumber => {
                let message = "only whole numbers are supported in rules";
                self.fault(self.range(tree), message, None)
            }
            Node::Text(text) => (Expr::Const(Cell::str(text)), Ty::Str),
            Node::Field(of, name) => {
                // `options.name` is no field of anything.
                if matches!(of.node, Node::Name("options"))
                    && !self.locals.iter().any(|(name, _)| name == "options")
                {
                    return self.option(name);
                }
                let (of, ty) = self.expr(of);
                self.attribute(of, &ty, name, self.place(name))
            }
            Node::Item(sides) => self.item(sides),
            Node::Slice(of, bounds) => self.slice(of, bounds),
            Node::Not(of) => {
                let (of, _) = self.expr(of);
                (Expr::Not(Box::new(of)), Ty::Bool)
            }
            Node::Negate(operand) => {
                let (of, ty) = self.expr(operand);
                self.expect(&ty, &Ty::Int, self.range(operand));
                (Expr::Negate(Box::new(of)), Ty::Int)
            }
            Node::And(sides) => {
                let (left, right, ty) = self.sides(sides);
                (Expr::And(left, right), ty)
            }
            Node::Or(sides) => {
                let (left, right, ty) = self.sides(sides);
                (Expr::Or(left, right), ty)
            }
            Node::Binary(operator, sides) => self.binary(*operator, sides),
            Node::Compare(first, rest) => self.comparison(first, rest),
            Node::If(test_and_yes, no) => {
                let [test, yes] = &**test_and_yes;
                let (test, _) = self.expr(test);
                let (yes, yes_ty) = self.expr(yes);
                let (no, no_ty) = match no {
                    Some(tree) => self.expr(tree),
                    None => (Expr::Const(Cell::ABSENT), Ty::None),
                };
                let parts = (Box::new(test), Box::new(yes), Box::new(no));
                (Expr::If(parts.0, parts.1, parts.2), yes_ty.or(no_ty))
            }
            Node::List(list) => {
                let mut ty = Ty::None;
                let mut items = Vec::with_capacity(list.len());
                for item in list {
                    let (item, item_ty) = self.expr(item);
                    items.push(item);
                    ty = ty.or(item_ty);
                }
                let ty = if ty == Ty::None { Ty::Any } else { ty };
                (Expr::List(items), Ty::List(Box::new(ty)))
            }
            Node::Filter(of, call) => self.filter(of.as_deref(), call),
            Node::Test(of, call) => {
                let (of, ty) = self.expr(of);
                match self.test(call.name, &call.arguments, &ty) {
                    Some((test, true)) => (Expr::Test(Box::new(of), test), Ty::Bool),
                    Some((test, false)) => {
                        let test = Expr::Test(Box::new(of), test);
                        (Expr::Not(Box::new(test)), Ty::Bool)
                    }
                    None => (Expr::Const(Cell::ABSENT), Ty::Any),
                }
            }
            Node::Call(method) => {
                let help = match method {
                    Some(name) => format!("write a filter or a test: `x | {name}`"),
                    None => "write a filter: `x | length`, not `length(x)`".to_owned(),
                };
                let message = "functions and methods are not supported in rules";
                self.fault(self.range(tree), message, Some(help))
            }
            Node::Map => self.fault(self.range(tree), "maps are not supported in rules", None),
            Node::TooDeep => self.fault(self.range(tree), "this is nested too deeply", None),
        }
    }

    fn sides(&mut self, sides: &[Tree<'_>; 2]) -> (Box<Expr>, Box<Expr>, Ty) {
        let (left, left_ty) = self.expr(&sides[0]);
        let (right, right_ty) = self.expr(&sides[1]);
        (Box::new(left), Box::new(right), left_ty.or(right_ty))
    }

    fn variable(&mut self, name: &str) -> (Expr, Ty) {
        if let Some(index) = self.locals.iter().rposition(|(local, _)| local == name) {
            return (Expr::Local(index), self.locals[index].1.clone());
        }
        let kind = self.kind;
        if name == kind.name {
            return (Expr::Subject, Ty::Fact(Same(kind.table)));
        }
        if kind.vars.contains(&name)
            && let Some((index, field)) = kind.table.field(name)
        {
            let expr = Expr::Field {
                of: Box::new(Expr::Subject),
                table: kind.table,
                index,
            };
            return (expr, Ty::of(field.ty, self.schema));
        }
        let range = self.place(name);
        if name == "options" {
            return self.fault(range, "write an option as `options.name`", None);
        }
        let help = if kind.table.field(name).is_some() {
            Some(format!("did you mean `{}.{name}`?", kind.name))
        } else {
            let locals = self.locals.iter().map(|(local, _)| local.as_str());
            let known = locals.chain([kind.name]).chain(kind.vars.iter().copied());
            let known: Vec<&str> = known.chain(["options"]).collect();
            Some(did_you_mean(name, &known, "there are"))
        };
        self.fault(range, format!("there is no `{name}`"), help)
    }

    fn option(&mut self, name: &str) -> (Expr, Ty) {
        let options = self.options;
        if let Some(index) = options.iter().position(|option| option.name == name) {
            return (Expr::Option(index), (&options[index].default).into());
        }
        let known: Vec<&str> = options.iter().map(|option| option.name.as_ref()).collect();
        let help = if known.is_empty() {
            "declare it under `[options]`".to_owned()
        } else {
            did_you_mean(name, &known, "the options are")
        };
        let message = format!("the rule has no option `{name}`");
        self.fault(self.place(name), message, Some(help))
    }

    pub(super) fn attribute(
        &mut self,
        of: Expr,
        ty: &Ty,
        name: &str,
        range: Range<usize>,
    ) -> (Expr, Ty) {
        match ty {
            Ty::Fact(Same(table)) => {
                if let Some((index, field)) = table.field(name) {
                    let expr = Expr::Field {
                        of: Box::new(of),
                        table,
                        index,
                    };
                    return (expr, Ty::of(field.ty, self.schema));
                }
                let known: Vec<&str> = table.fields.iter().map(|field| field.name).collect();
                let help = did_you_mean(name, &known, "it has");
                let message = format!("`{}` has no field `{name}`", table.name);
                self.fault(range, message, Some(help))
            }
            Ty::Map(item) => {
                let key = Expr::Const(Cell::str(name));
                (Expr::Item(Box::new(of), Box::new(key)), (**item).clone())
            }
            Ty::Any if !self.faults.is_empty() => (of, Ty::Any),
            Ty::List(_) => {
                let help = format!("its items have: `| map(attribute=\"{name}\")`");
                let message = format!("{} has no fields", ty.describe());
                self.fault(range, message, Some(help))
            }
            _ => self.fault(range, format!("{} has no fields", ty.describe()), None),
        }
    }

    fn item(&mut self, sides: &[Tree<'_>; 2]) -> (Expr, Ty) {
        let (of, ty) = self.expr(&sides[0]);
        let (key, key_ty) = self.expr(&sides[1]);
        let range = self.range(&sides[1]);
        let item = match &ty {
            Ty::List(item) => {
                self.expect(&key_ty, &Ty::Int, range);
                (**item).clone()
            }
            Ty::Map(item) => {
                self.expect(&key_ty, &Ty::Str, range);
                (**item).clone()
            }
            Ty::Any => Ty::Any,
            Ty::Fact(Same(table)) => {
                let message = format!("write the fields of `{}` with a dot", table.name);
                return self.fault(range, message, None);
            }
            _ => return self.fault(range, format!("{} has no items", ty.describe()), None),
        };
        (Expr::Item(Box::new(of), Box::new(key)), item)
    }

    fn slice(&mut self, tree: &Tree<'_>, bounds: &[Option<Box<Tree<'_>>>; 3]) -> (Expr, Ty) {
        let (of, ty) = self.expr(tree);
        if !matches!(ty, Ty::Any | Ty::Str | Ty::List(_)) {
            let message = format!("{} cannot be sliced", ty.describe());
            return self.fault(self.range(tree), message, None);
        }
        let [start, stop, step] = bounds;
        if let Some(step) = step {
            return self.fault(
                self.range(step),
                "slices with a step are not supported in rules",
                None,
            );
        }
        let mut bound = |tree: &Option<Box<Tree<'_>>>| {
            let tree = tree.as_deref()?;
            let (bound, ty) = self.expr(tree);
            self.expect(&ty, &Ty::Int, self.range(tree));
            Some(Box::new(bound))
        };
        let (start, stop) = (bound(start), bound(stop));
        (Expr::Slice(Box::new(of), start, stop), ty)
    }

    fn binary(&mut self, operator: Operator, sides: &[Tree<'_>; 2]) -> (Expr, Ty) {
        let (left, left_ty) = self.expr(&sides[0]);
        let (right, right_ty) = self.expr(&sides[1]);
        let (left, right) = (Box::new(left), Box::new(right));
        let (left_at, right_at) = (self.range(&sides[0]), self.range(&sides[1]));
        let math = match operator {
            Operator::Concatenate => return (Expr::Concat(left, right), Ty::Str),
            Operator::Add if matches!(left_ty, Ty::List(_)) => {
                self.expect(&right_ty, &left_ty, right_at);
                return (Expr::Math(Math::Add, left, right), left_ty);
            }
            Operator::Add if left_ty == Ty::Str => {
                self.expect(&right_ty, &Ty::Str, right_at);
                return (Expr::Concat(left, right), Ty::Str);
            }
            Operator::Add => Math::Add,
            Operator::Subtract => Math::Sub,
            Operator::Multiply => Math::Mul,
            Operator::Divide => Math::Div,
            Operator::Remainder => Math::Rem,
            Operator::Power => {
                let help = "`+`, `-`, `*`, `/` and `%` are".to_owned();
                let message = "this operator is not supported in rules";
                return self.fault(left_at.start..right_at.end, message, Some(help));
            }
        };
        self.expect(&left_ty, &Ty::Int, left_at);
        self.expect(&right_ty, &Ty::Int, right_at);
        (Expr::Math(math, left, right), Ty::Int)
    }

    fn comparison(&mut self, first: &Tree<'_>, others: &[(Comparison, Tree<'_>)]) -> (Expr, Ty) {
        let mut start = self.range(first).start;
        let (first, mut left_ty) = self.expr(first);
        let mut rest = Vec::with_capacity(others.len());
        for (op, tree) in others {
            let (right, right_ty) = self.expr(tree);
            let range = self.range(tree);
            self.comparable(*op, &left_ty, &right_ty, start..range.end);
            start = range.start;
            left_ty = right_ty;
            rest.push((*op, right));
        }
        (Expr::Compare(Box::new(first), rest), Ty::Bool)
    }

    pub(super) fn comparable(
        &mut self,
        op: Comparison,
        left: &Ty,
        right: &Ty,
        range: Range<usize>,
    ) {
        let can = match op {
            Comparison::Eq | Comparison::Ne => left.is_comparable(right),
            Comparison::Lt | Comparison::Le | Comparison::Gt | Comparison::Ge => {
                let ordered = |ty: &Ty| matches!(ty, Ty::Any | Ty::Int | Ty::Str);
                left.is_comparable(right) && ordered(left) && ordered(right)
            }
            Comparison::In | Comparison::NotIn => match right {
                Ty::Str => Ty::Str.is_comparable(left),
                Ty::List(item) => item.is_comparable(left),
                Ty::Map(_) => Ty::Str.is_comparable(left),
                Ty::Any => true,
                _ => {
                    let message = format!("{} cannot contain anything", right.describe());
                    self.fault(range, message, None);
                    return;
                }
            },
        };
        if can {
            return;
        }
        let help = match (left, right) {
            (_, Ty::List(item)) if matches!(**item, Ty::Fact(_)) => {
                Some("look in one of their fields: `| map(attribute=\"...\")`".to_owned())
            }
            (Ty::Fact(_), _) | (_, Ty::Fact(_)) => Some("compare one of its fields".to_owned()),
            (Ty::Bool, _) | (_, Ty::Bool) => Some("a boolean needs no comparison".to_owned()),
            _ => None,
        };
        let (left, right) = (left.describe(), right.describe());
        let message = match op {
            Comparison::Eq | Comparison::Ne => format!("{left} is never equal to {right}"),
            Comparison::In | Comparison::NotIn => format!("{left} is never in {right}"),
            _ => format!("{left} is neither more nor less than {right}"),
        };
        self.fault(range, message, help);
    }

    /// Notes a mistake when a value has another type than is needed.
    pub(super) fn expect(&mut self, ty: &Ty, wanted: &Ty, range: Range<usize>) {
        if !ty.is_comparable(wanted) {
            let message = format!(
                "this is {}, where {} is needed",
                ty.describe(),
                wanted.describe()
            );
            self.fault(range, message, None);
        }
    }
}

/// A suggestion, or what there is to choose from.
pub(super) fn did_you_mean(name: &str, known: &[&str], otherwise: &str) -> String {
    match suggest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("{otherwise} `{}`", known.join("`, `")),
    }
}

/// A constant string, as patterns and attribute names must be.
pub(super) fn literal(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Const(Cell {
            value: Val::Str(text),
            ..
        }) => Some(text),
        _ => None,
    }
}
