//! From the text of a condition or place to a checked [`Expr`]; templates are read in
//! [`super::template`].
//!
//! MiniJinja's parser reads the text. Every name, field, filter and test is then looked up in the
//! table of facts and in the list of what rules may use, so an expression that compiles has only
//! values of the right type to meet. All mistakes are collected, each with its bytes in the text.

use std::ops::Range;

use minijinja::machinery::{ast, parse_expr};
use minijinja::value::ValueKind;

use crate::facts::table::{Cell, Kind, Val};

use super::expr::{Compare, Expr, Math, Pattern};
use super::source::OptionSpec;
use super::suggest;
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
    pub(crate) options: &'n [OptionSpec],
    /// Local variables, outermost first.
    pub(crate) locals: Vec<(String, Ty)>,
    /// Compile regular expressions at once: for the check, not for use.
    pub(crate) tries_patterns: bool,
}

/// Bytes that an expression or template may have.
pub(super) const MAX_LENGTH: usize = 16 * 1024;

/// How deep an expression may be nested; a chain of `and` nests too.
const MAX_DEPTH: usize = 120;

/// Reads a condition or a place.
pub(crate) fn expression(text: &str, names: &Names<'_>) -> (Expr, Ty, Vec<Fault>) {
    let mut compiler = Compiler::new(text, names);
    if text.len() > MAX_LENGTH {
        let (expr, ty) = compiler.fault(0..text.len(), "this is too long", None);
        return (expr, ty, compiler.faults);
    }
    if let Some(at) = stray_end(text) {
        let message = "a condition is written without `{{ }}` and `{% %}`";
        let (expr, ty) = compiler.fault(at..at + 2, message, None);
        return (expr, ty, compiler.faults);
    }
    let (expr, ty) = match parse_expr(text) {
        Ok(tree) => compiler.expr(&tree),
        Err(error) => compiler.syntax(&error),
    };
    (expr, ty, compiler.faults)
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

pub(super) struct Compiler<'n, 't> {
    pub(super) text: &'t str,
    kind: &'static Kind,
    options: &'n [OptionSpec],
    pub(super) locals: Vec<(String, Ty)>,
    tries_patterns: bool,
    depth: usize,
    pub(super) faults: Vec<Fault>,
}

impl<'n, 't> Compiler<'n, 't> {
    pub(super) fn new(text: &'t str, names: &Names<'n>) -> Self {
        Self {
            text,
            kind: names.kind,
            options: names.options,
            locals: names.locals.clone(),
            tries_patterns: names.tries_patterns,
            depth: 0,
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

    pub(super) fn syntax(&mut self, error: &minijinja::Error) -> (Expr, Ty) {
        let end = self.text.len();
        let range = error.range().unwrap_or(0..end);
        let range = range.start.min(end)..range.end.min(end);
        let message = match error.detail() {
            Some(detail) => detail.to_owned(),
            None => error.kind().to_string(),
        };
        self.fault(range, message, None)
    }

    /// Where a name that the parser borrowed from the text stands.
    pub(super) fn place(&self, name: &str) -> Range<usize> {
        let start = (name.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize);
        match self.text.get(start..start.saturating_add(name.len())) {
            Some(found) if found == name => start..start + name.len(),
            _ => 0..self.text.len(),
        }
    }

    pub(super) fn range(&self, expr: &ast::Expr<'_>) -> Range<usize> {
        let span = expr.span();
        let end = (span.end_offset as usize).min(self.text.len());
        (span.start_offset as usize).min(end)..end
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

    pub(super) fn expr(&mut self, expr: &ast::Expr<'_>) -> (Expr, Ty) {
        if self.depth >= MAX_DEPTH {
            return self.fault(self.range(expr), "this is nested too deeply", None);
        }
        self.depth += 1;
        let result = self.inner(expr);
        self.depth -= 1;
        result
    }

    fn inner(&mut self, expr: &ast::Expr<'_>) -> (Expr, Ty) {
        match expr {
            ast::Expr::Var(var) => self.variable(var.id),
            ast::Expr::Const(constant) => self.constant(&constant.value, self.range(expr)),
            ast::Expr::GetAttr(get) => {
                // `options.name` is no field of anything.
                if let ast::Expr::Var(var) = &get.expr
                    && var.id == "options"
                    && !self.locals.iter().any(|(name, _)| name == "options")
                {
                    return self.option(get.name);
                }
                let (of, ty) = self.expr(&get.expr);
                self.attribute(of, &ty, get.name, self.place(get.name))
            }
            ast::Expr::GetItem(get) => self.item(get),
            ast::Expr::Slice(slice) => self.slice(slice),
            ast::Expr::UnaryOp(unary) => {
                let (of, ty) = self.expr(&unary.expr);
                match unary.op {
                    ast::UnaryOpKind::Not => (Expr::Not(Box::new(of)), Ty::Bool),
                    ast::UnaryOpKind::Neg => {
                        self.expect(&ty, &Ty::Int, self.range(&unary.expr));
                        (Expr::Negate(Box::new(of)), Ty::Int)
                    }
                }
            }
            ast::Expr::BinOp(binary) => self.binary(binary),
            ast::Expr::Compare(compare) => self.comparison(compare),
            ast::Expr::IfExpr(choice) => {
                let (test, _) = self.expr(&choice.test_expr);
                let (yes, yes_ty) = self.expr(&choice.true_expr);
                let (no, no_ty) = match &choice.false_expr {
                    Some(expr) => self.expr(expr),
                    None => (Expr::Const(Cell::ABSENT), Ty::None),
                };
                let parts = (Box::new(test), Box::new(yes), Box::new(no));
                (Expr::If(parts.0, parts.1, parts.2), yes_ty.or(no_ty))
            }
            ast::Expr::List(list) => {
                let mut ty = Ty::None;
                let mut items = Vec::new();
                for item in &list.items {
                    let (item, item_ty) = self.expr(item);
                    items.push(item);
                    ty = ty.or(item_ty);
                }
                let ty = if ty == Ty::None { Ty::Any } else { ty };
                (Expr::List(items), Ty::List(Box::new(ty)))
            }
            ast::Expr::Filter(filter) => self.filter(filter),
            ast::Expr::Test(test) => {
                let (of, ty) = self.expr(&test.expr);
                match self.test(test.name, &test.args, &ty) {
                    Some((test, true)) => (Expr::Test(Box::new(of), test), Ty::Bool),
                    Some((test, false)) => {
                        let test = Expr::Test(Box::new(of), test);
                        (Expr::Not(Box::new(test)), Ty::Bool)
                    }
                    None => (Expr::Const(Cell::ABSENT), Ty::Any),
                }
            }
            ast::Expr::Call(call) => {
                let help = match call.identify_call() {
                    ast::CallType::Method(_, name) => {
                        Some(format!("write a filter or a test: `x | {name}`"))
                    }
                    _ => Some("write a filter: `x | length`, not `length(x)`".to_owned()),
                };
                let message = "there are no functions or methods in rules";
                self.fault(self.range(expr), message, help)
            }
            ast::Expr::Map(_) => {
                self.fault(self.range(expr), "maps cannot be written in rules", None)
            }
        }
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
            return (expr, field.ty.into());
        }
        let range = self.place(name);
        if name == "options" {
            return self.fault(range, "an option is written `options.name`", None);
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
                    return (expr, field.ty.into());
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

    fn item(&mut self, get: &ast::GetItem<'_>) -> (Expr, Ty) {
        let (of, ty) = self.expr(&get.expr);
        let (key, key_ty) = self.expr(&get.subscript_expr);
        let range = self.range(&get.subscript_expr);
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
                let message = format!("the fields of `{}` are written with a dot", table.name);
                return self.fault(range, message, None);
            }
            _ => return self.fault(range, format!("{} has no items", ty.describe()), None),
        };
        (Expr::Item(Box::new(of), Box::new(key)), item)
    }

    fn slice(&mut self, slice: &ast::Slice<'_>) -> (Expr, Ty) {
        let (of, ty) = self.expr(&slice.expr);
        if !matches!(ty, Ty::Any | Ty::Str | Ty::List(_)) {
            let message = format!("{} cannot be sliced", ty.describe());
            return self.fault(self.range(&slice.expr), message, None);
        }
        if let Some(step) = &slice.step {
            return self.fault(self.range(step), "slices have no step in rules", None);
        }
        let mut bound = |expr: &Option<ast::Expr<'_>>| {
            let expr = expr.as_ref()?;
            let (bound, ty) = self.expr(expr);
            self.expect(&ty, &Ty::Int, self.range(expr));
            Some(Box::new(bound))
        };
        let (start, stop) = (bound(&slice.start), bound(&slice.stop));
        (Expr::Slice(Box::new(of), start, stop), ty)
    }

    fn constant(&mut self, value: &minijinja::Value, range: Range<usize>) -> (Expr, Ty) {
        let (cell, ty) = match value.kind() {
            ValueKind::None | ValueKind::Undefined => (Cell::ABSENT, Ty::None),
            ValueKind::Bool => (Cell::bool(value.is_true()), Ty::Bool),
            ValueKind::String => (Cell::str(value.as_str().unwrap_or_default()), Ty::Str),
            _ => match value.as_i64() {
                Some(number) if value.is_integer() => (Cell::int(number), Ty::Int),
                _ => return self.fault(range, "only whole numbers can be written in rules", None),
            },
        };
        (Expr::Const(cell), ty)
    }

    fn binary(&mut self, binary: &ast::BinOp<'_>) -> (Expr, Ty) {
        use ast::BinOpKind;
        let compare = match binary.op {
            BinOpKind::Eq => Some(Compare::Eq),
            BinOpKind::Ne => Some(Compare::Ne),
            BinOpKind::Lt => Some(Compare::Lt),
            BinOpKind::Lte => Some(Compare::Le),
            BinOpKind::Gt => Some(Compare::Gt),
            BinOpKind::Gte => Some(Compare::Ge),
            BinOpKind::In => Some(Compare::In),
            _ => None,
        };
        let (left, left_ty) = self.expr(&binary.left);
        let (right, right_ty) = self.expr(&binary.right);
        if let Some(op) = compare {
            let range = self.range(&binary.left).start..self.range(&binary.right).end;
            self.comparable(op, &left_ty, &right_ty, range);
            return (Expr::Compare(Box::new(left), vec![(op, right)]), Ty::Bool);
        }
        let (left, right) = (Box::new(left), Box::new(right));
        let math = match binary.op {
            BinOpKind::ScAnd => return (Expr::And(left, right), left_ty.or(right_ty)),
            BinOpKind::ScOr => return (Expr::Or(left, right), left_ty.or(right_ty)),
            BinOpKind::Concat => return (Expr::Concat(left, right), Ty::Str),
            BinOpKind::Add if matches!(left_ty, Ty::List(_)) => {
                self.expect(&right_ty, &left_ty, self.range(&binary.right));
                return (Expr::Math(Math::Add, left, right), left_ty);
            }
            BinOpKind::Add => Math::Add,
            BinOpKind::Sub => Math::Sub,
            BinOpKind::Mul => Math::Mul,
            BinOpKind::Div | BinOpKind::FloorDiv => Math::Div,
            BinOpKind::Rem => Math::Rem,
            _ => {
                let range = self.range(&binary.left).start..self.range(&binary.right).end;
                let help = "`+`, `-`, `*`, `/` and `%` are".to_owned();
                return self.fault(range, "this operator is not used in rules", Some(help));
            }
        };
        if math == Math::Add && left_ty == Ty::Str {
            self.expect(&right_ty, &Ty::Str, self.range(&binary.right));
            return (Expr::Concat(left, right), Ty::Str);
        }
        self.expect(&left_ty, &Ty::Int, self.range(&binary.left));
        self.expect(&right_ty, &Ty::Int, self.range(&binary.right));
        (Expr::Math(math, left, right), Ty::Int)
    }

    fn comparison(&mut self, compare: &ast::Compare<'_>) -> (Expr, Ty) {
        let (first, mut left_ty) = self.expr(&compare.expr);
        let mut start = self.range(&compare.expr).start;
        let mut rest = Vec::new();
        for part in &compare.ops {
            let (right, right_ty) = self.expr(&part.expr);
            let op = match part.op {
                ast::CompareOpKind::Eq => Compare::Eq,
                ast::CompareOpKind::Ne => Compare::Ne,
                ast::CompareOpKind::Lt => Compare::Lt,
                ast::CompareOpKind::Lte => Compare::Le,
                ast::CompareOpKind::Gt => Compare::Gt,
                ast::CompareOpKind::Gte => Compare::Ge,
                ast::CompareOpKind::In => Compare::In,
                ast::CompareOpKind::NotIn => Compare::NotIn,
            };
            let range = self.range(&part.expr);
            self.comparable(op, &left_ty, &right_ty, start..range.end);
            start = range.start;
            left_ty = right_ty;
            rest.push((op, right));
        }
        (Expr::Compare(Box::new(first), rest), Ty::Bool)
    }

    pub(super) fn comparable(&mut self, op: Compare, left: &Ty, right: &Ty, range: Range<usize>) {
        let can = match op {
            Compare::Eq | Compare::Ne => left.is_comparable(right),
            Compare::Lt | Compare::Le | Compare::Gt | Compare::Ge => {
                let ordered = |ty: &Ty| matches!(ty, Ty::Any | Ty::Int | Ty::Str);
                left.is_comparable(right) && ordered(left) && ordered(right)
            }
            Compare::In | Compare::NotIn => match right {
                Ty::Str => Ty::Str.is_comparable(left),
                Ty::List(item) => item.is_comparable(left),
                Ty::Map(_) => Ty::Str.is_comparable(left),
                Ty::Any => true,
                _ => {
                    let message = format!("{} holds nothing to look for", right.describe());
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
            (Ty::Bool, _) | (_, Ty::Bool) => Some("a boolean is a condition by itself".to_owned()),
            _ => None,
        };
        let (left, right) = (left.describe(), right.describe());
        let message = match op {
            Compare::Eq | Compare::Ne => format!("{left} is never equal to {right}"),
            Compare::In | Compare::NotIn => format!("{left} is never in {right}"),
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
