//! Evaluates expressions over facts.
//!
//! A look at something unknown ends the evaluation with the path of what was looked at: whatever the
//! rest of the condition says, nothing can be concluded. `and` and `or` stop at the first side that
//! decides, so what stands behind it is not looked at. A hit in an open collection is known; a
//! missing key, and running off the end, are looks at the unknown.

use std::sync::Arc;

use crate::facts::table::{Cell, List, NodeRef, Table, Val};
use crate::span::Span;

use super::below::is_below;
use super::expr::{Expr, Math, Step, Test};
use super::print::{print, print_value, printed_length};
use super::tree::Comparison;

/// Steps that one evaluation may take: enough for any project, and no input makes a run hang.
const FUEL: u32 = 200_000;

/// Bytes of text that one evaluation may put together, what it throws away again among them.
const ROOM: usize = 1024 * 1024;

/// How much of a value a message shows, in bytes.
const MOST_SHOWN: usize = 400;

/// Why an evaluation has no result.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Stop {
    /// What was looked at, as rules write it.
    Unknown(String),
    OutOfFuel,
}

impl Stop {
    /// For people: what could not be decided, which `summary` says of a rule, and the fact that was not known.
    pub(crate) fn reason(&self, summary: &str) -> String {
        match self {
            Self::Unknown(path) => format!("unknown whether {summary} (`{path}`)"),
            Self::OutOfFuel => "the condition takes too many steps".to_owned(),
        }
    }
}

type Result<T> = std::result::Result<T, Stop>;

/// One evaluation: the selected fact, the options, the local variables, the fuel.
pub(crate) struct Eval<'e> {
    subject: &'e NodeRef,
    /// The name of its kind.
    name: &'e str,
    options: &'e [Cell],
    pub(super) locals: Vec<Cell>,
    fuel: u32,
    room: usize,
    /// How many bytes of a value a template prints; absent: all of them.
    pub(super) most: Option<usize>,
    /// A template came upon something unknown and printed nothing for it.
    pub(crate) has_gap: bool,
    /// A value came out empty: perhaps between backticks.
    pub(crate) has_hole: bool,
}

impl<'e> Eval<'e> {
    pub(crate) fn new(subject: &'e NodeRef, name: &'e str, options: &'e [Cell]) -> Self {
        Self {
            subject,
            name,
            options,
            locals: Vec::new(),
            fuel: FUEL,
            room: ROOM,
            most: None,
            has_gap: false,
            has_hole: false,
        }
    }

    /// For text that people read: of a long value enough is printed to recognise it.
    pub(crate) fn for_people(mut self) -> Self {
        self.most = Some(MOST_SHOWN);
        self
    }

    /// With one local variable.
    pub(crate) fn with_local(mut self, value: Cell) -> Self {
        self.locals.push(value);
        self
    }

    /// Whether a condition holds.
    pub(crate) fn is_true(&mut self, expr: &Expr) -> Result<bool> {
        let cell = self.eval(expr)?;
        self.truth(&cell, expr)
    }

    /// The values at an expression that have a place, each with it: the items of a list one by one.
    pub(crate) fn places(&mut self, expr: &Expr) -> Result<Vec<(Cell, Span)>> {
        let cell = self.eval(expr)?;
        let mut places = Vec::new();
        collect_places(cell, &mut places);
        Ok(places)
    }

    pub(super) fn burn(&mut self, steps: usize) -> Result<()> {
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
        let left = self.fuel.checked_sub(steps);
        // What is used up stays used up, however little the next step takes.
        self.fuel = left.unwrap_or_default();
        left.map(drop).ok_or(Stop::OutOfFuel)
    }

    /// Before a text of so many bytes is made.
    pub(super) fn take(&mut self, bytes: usize) -> Result<()> {
        let left = self.room.checked_sub(bytes);
        self.room = left.unwrap_or_default();
        left.map(drop).ok_or(Stop::OutOfFuel)
    }

    /// How a template prints a value, within what may be printed.
    pub(super) fn printed(&mut self, cell: &Cell) -> Result<String> {
        self.take(printed_length(&cell.value))?;
        Ok(print(cell))
    }

    fn unknown<T>(&self, expr: &Expr) -> Result<T> {
        Err(Stop::Unknown(self.describe(expr)))
    }

    fn truth(&self, cell: &Cell, expr: &Expr) -> Result<bool> {
        match &cell.value {
            Val::Unknown => self.unknown(expr),
            Val::Absent => Ok(false),
            Val::Bool(value) => Ok(*value),
            Val::Int(value) => Ok(*value != 0),
            Val::Str(text) => Ok(!text.is_empty()),
            Val::List(list) if list.items.is_empty() && !list.is_closed => self.unknown(expr),
            Val::List(list) => Ok(!list.items.is_empty()),
            Val::Map(map) if map.items.is_empty() && !map.is_closed => self.unknown(expr),
            Val::Map(map) => Ok(!map.items.is_empty()),
            Val::Fact(_) => Ok(true),
        }
    }

    /// The value of an expression; never unknown itself, though an item of it may be.
    pub(crate) fn eval(&mut self, expr: &Expr) -> Result<Cell> {
        self.burn(1)?;
        match expr {
            Expr::Const(cell) => Ok(cell.clone()),
            Expr::Subject => Ok(Cell::new(Val::Fact(Arc::clone(self.subject)))),
            Expr::Local(index) => match self.locals.get(*index) {
                Some(cell) => self.known(cell.clone(), expr),
                None => Ok(Cell::ABSENT),
            },
            Expr::Option(index) => Ok(self.options.get(*index).cloned().unwrap_or(Cell::ABSENT)),
            Expr::Field { of, table, index } => {
                let cell = match &**of {
                    Expr::Subject => field(self.subject, table, *index),
                    of => match self.eval(of)?.value {
                        Val::Fact(node) => field(&node, table, *index),
                        _ => Cell::ABSENT,
                    },
                };
                self.known(cell, expr)
            }
            Expr::Item(of, key) => {
                let value = self.eval(of)?;
                let key = self.eval(key)?;
                self.item(&value, &key, expr)
            }
            Expr::Slice(of, start, stop) => {
                let value = self.eval(of)?;
                let start = self.bound(start.as_deref())?;
                let stop = self.bound(stop.as_deref())?;
                self.slice(value, start, stop, of)
            }
            Expr::List(items) => {
                let items = items.iter().map(|item| self.eval(item));
                Ok(Cell::list(items.collect::<Result<_>>()?))
            }
            Expr::Not(of) => Ok(Cell::bool(!self.is_true(of)?)),
            Expr::Negate(of) => Ok(match self.eval(of)?.value {
                Val::Int(value) => Cell::int(value.saturating_neg()),
                _ => Cell::ABSENT,
            }),
            Expr::And(left, right) => {
                let value = self.eval(left)?;
                match self.truth(&value, left)? {
                    true => self.eval(right),
                    false => Ok(value),
                }
            }
            Expr::Or(left, right) => {
                let value = self.eval(left)?;
                match self.truth(&value, left)? {
                    true => Ok(value),
                    false => self.eval(right),
                }
            }
            Expr::If(test, yes, no) => match self.is_true(test)? {
                true => self.eval(yes),
                false => self.eval(no),
            },
            Expr::Compare(first, rest) => {
                let mut left = self.eval(first)?;
                let mut left_expr = &**first;
                for (op, right_expr) in rest {
                    let right = self.eval(right_expr)?;
                    if !self.compare(*op, (&left, left_expr), (&right, right_expr))? {
                        return Ok(Cell::bool(false));
                    }
                    left = right;
                    left_expr = right_expr;
                }
                Ok(Cell::bool(true))
            }
            Expr::Math(op, left, right) => {
                let left = self.eval(left)?;
                let right = self.eval(right)?;
                Ok(math(*op, left, right))
            }
            Expr::Concat(left, right) => {
                let (left, right) = (self.eval(left)?, self.eval(right)?);
                let text = self.printed(&left)? + &self.printed(&right)?;
                Ok(Cell::str(&text))
            }
            Expr::Test(of, test) => {
                let value = self.eval(of)?;
                Ok(Cell::bool(self.test(&value, test, of)?))
            }
            Expr::Filter(of, filter) => self.filter(of, filter),
        }
    }

    /// The cell itself, unless nothing is known of it.
    pub(super) fn known(&self, cell: Cell, expr: &Expr) -> Result<Cell> {
        match cell.value {
            Val::Unknown => self.unknown(expr),
            _ => Ok(cell),
        }
    }

    fn bound(&mut self, expr: Option<&Expr>) -> Result<Option<i64>> {
        let Some(expr) = expr else {
            return Ok(None);
        };
        Ok(match self.eval(expr)?.value {
            Val::Int(value) => Some(value),
            _ => None,
        })
    }

    fn item(&self, value: &Cell, key: &Cell, expr: &Expr) -> Result<Cell> {
        match (&value.value, &key.value) {
            (Val::List(list), Val::Int(index)) => {
                let length = list.items.len();
                let at = match usize::try_from(*index) {
                    Ok(at) => Some(at),
                    // The end of an open list is not where it ends.
                    Err(_) if !list.is_closed => return self.unknown(expr),
                    Err(_) => usize::try_from(index.unsigned_abs())
                        .ok()
                        .and_then(|back| length.checked_sub(back)),
                };
                match at.and_then(|at| list.items.get(at)) {
                    Some(cell) => self.known(cell.clone(), expr),
                    None if list.is_closed => Ok(Cell::ABSENT),
                    None => self.unknown(expr),
                }
            }
            (Val::Map(map), Val::Str(key)) => {
                match map.items.iter().rev().find(|(name, _)| name == key) {
                    Some((_, cell)) => self.known(cell.clone(), expr),
                    None if map.is_closed => Ok(Cell::ABSENT),
                    None => self.unknown(expr),
                }
            }
            _ => Ok(Cell::ABSENT),
        }
    }

    fn slice(
        &mut self,
        value: Cell,
        start: Option<i64>,
        stop: Option<i64>,
        of: &Expr,
    ) -> Result<Cell> {
        let from_end = start.is_some_and(|at| at < 0) || stop.is_some_and(|at| at < 0);
        let range = |length: usize| {
            let at = |bound: i64| match usize::try_from(bound) {
                Ok(at) => at.min(length),
                Err(_) => length.saturating_sub(usize::try_from(bound.unsigned_abs()).unwrap_or(0)),
            };
            let start = start.map_or(0, at);
            start..stop.map_or(length, at).max(start)
        };
        match value.value {
            Val::Str(text) => {
                self.take(text.len())?;
                let range = range(text.chars().count());
                let part: String = text.chars().skip(range.start).take(range.len()).collect();
                Ok(Cell::str(&part))
            }
            Val::List(list) if !list.is_closed && from_end => self.unknown(of),
            Val::List(list) => {
                let range = range(list.items.len());
                let reaches_end = stop.is_none_or(|stop| {
                    usize::try_from(stop).is_ok_and(|stop| stop > list.items.len())
                });
                let items: Vec<Cell> = list.items.get(range).unwrap_or_default().to_vec();
                Ok(Cell::new(Val::List(List {
                    items,
                    is_closed: list.is_closed || !reaches_end,
                })))
            }
            _ => Ok(Cell::ABSENT),
        }
    }

    fn compare(
        &mut self,
        op: Comparison,
        (left, left_expr): (&Cell, &Expr),
        (right, right_expr): (&Cell, &Expr),
    ) -> Result<bool> {
        let order = |left: &Cell, right: &Cell| match (&left.value, &right.value) {
            (Val::Int(a), Val::Int(b)) => Some(a.cmp(b)),
            (Val::Str(a), Val::Str(b)) => Some(a.cmp(b)),
            // What is not there is neither more nor less than anything.
            _ => None,
        };
        Ok(match op {
            Comparison::Eq => self.is_equal((left, left_expr), (right, right_expr))?,
            Comparison::Ne => !self.is_equal((left, left_expr), (right, right_expr))?,
            Comparison::Lt => order(left, right).is_some_and(std::cmp::Ordering::is_lt),
            Comparison::Le => order(left, right).is_some_and(std::cmp::Ordering::is_le),
            Comparison::Gt => order(left, right).is_some_and(std::cmp::Ordering::is_gt),
            Comparison::Ge => order(left, right).is_some_and(std::cmp::Ordering::is_ge),
            Comparison::In => self.is_in(left, right, right_expr)?,
            Comparison::NotIn => !self.is_in(left, right, right_expr)?,
        })
    }

    fn is_equal(&self, left: (&Cell, &Expr), right: (&Cell, &Expr)) -> Result<bool> {
        match equal(&left.0.value, &right.0.value) {
            Some(result) => Ok(result),
            None if holds_unknown(&left.0.value) => self.unknown(left.1),
            None => self.unknown(right.1),
        }
    }

    /// A hit among the known items is a hit, whatever the others are.
    fn is_in(&mut self, needle: &Cell, hay: &Cell, expr: &Expr) -> Result<bool> {
        match &hay.value {
            Val::Str(text) => {
                self.burn(text.len() / 64)?;
                Ok(match &needle.value {
                    Val::Str(part) => text.contains(&**part),
                    _ => false,
                })
            }
            Val::List(list) => {
                self.burn(list.items.len())?;
                let mut is_sure = list.is_closed;
                for item in &list.items {
                    match equal(&item.value, &needle.value) {
                        Some(true) => return Ok(true),
                        Some(false) => {}
                        None => is_sure = false,
                    }
                }
                if is_sure {
                    Ok(false)
                } else {
                    self.unknown(expr)
                }
            }
            Val::Map(map) => {
                self.burn(map.items.len())?;
                let Val::Str(key) = &needle.value else {
                    return Ok(false);
                };
                if map.items.iter().any(|(name, _)| name == key) {
                    Ok(true)
                } else if map.is_closed {
                    Ok(false)
                } else {
                    self.unknown(expr)
                }
            }
            _ => Ok(false),
        }
    }

    pub(super) fn test(&mut self, value: &Cell, test: &Test, of: &Expr) -> Result<bool> {
        if matches!(value.value, Val::Unknown) {
            return self.unknown(of);
        }
        match test {
            Test::True => self.truth(value, of),
            Test::None => Ok(matches!(value.value, Val::Absent)),
            Test::Compare(op, other) => {
                let right = self.eval(other)?;
                self.compare(*op, (value, of), (&right, other))
            }
            Test::StartsWith(text) => self.any_text(value, text, |a, b| a.starts_with(b)),
            Test::Below(text) => self.any_text(value, text, is_below),
            Test::EndsWith(text) => self.any_text(value, text, |a, b| a.ends_with(b)),
            Test::Matches(pattern) => match &value.value {
                Val::Str(text) => {
                    self.burn(text.len() / 64)?;
                    Ok(pattern.is_match(text))
                }
                _ => Ok(false),
            },
        }
    }

    fn any_text(
        &mut self,
        value: &Cell,
        text: &Expr,
        matches: fn(&str, &str) -> bool,
    ) -> Result<bool> {
        let wanted = self.eval(text)?;
        let Val::Str(value) = &value.value else {
            return Ok(false);
        };
        match &wanted.value {
            Val::Str(wanted) => Ok(matches(value, wanted)),
            Val::List(list) => {
                self.burn(list.items.len())?;
                let mut is_sure = list.is_closed;
                for item in &list.items {
                    match &item.value {
                        Val::Str(wanted) if matches(value, wanted) => return Ok(true),
                        Val::Unknown => is_sure = false,
                        _ => {}
                    }
                }
                if is_sure {
                    Ok(false)
                } else {
                    self.unknown(text)
                }
            }
            _ => Ok(false),
        }
    }

    /// The value at the end of a path below an item; unknown where a step is.
    pub(super) fn walk(&self, item: &Cell, path: &[Step]) -> Cell {
        let mut cell = item.clone();
        for step in path {
            cell = match (step, &cell.value) {
                (Step::Field(table, index), Val::Fact(node)) => field(node, table, *index),
                (Step::Key(key), Val::Map(map)) => {
                    match map.items.iter().rev().find(|(name, _)| **name == **key) {
                        Some((_, cell)) => cell.clone(),
                        None if map.is_closed => Cell::ABSENT,
                        None => Cell::UNKNOWN,
                    }
                }
                (_, Val::Unknown) => return Cell::UNKNOWN,
                _ => return Cell::ABSENT,
            };
        }
        cell
    }

    /// An expression as rules write it.
    pub(super) fn describe(&self, expr: &Expr) -> String {
        match expr {
            Expr::Subject => self.name.to_owned(),
            Expr::Field { of, table, index } => {
                let name = table.fields.get(*index).map_or("?", |field| field.name);
                format!("{}.{name}", self.describe(of))
            }
            Expr::Item(of, key) => match &**key {
                Expr::Const(cell) => match &cell.value {
                    Val::Str(key) => format!("{}[\"{key}\"]", self.describe(of)),
                    other => format!("{}[{}]", self.describe(of), print_value(other)),
                },
                _ => format!("{}[...]", self.describe(of)),
            },
            Expr::Filter(of, _)
            | Expr::Test(of, _)
            | Expr::Slice(of, ..)
            | Expr::Not(of)
            | Expr::Negate(of) => self.describe(of),
            Expr::And(left, _) | Expr::Or(left, _) => self.describe(left),
            _ => "a value".to_owned(),
        }
    }
}

/// The field of a fact. Its position is known when the fact has the table that the compiler saw.
fn field(node: &NodeRef, table: &'static Table, index: usize) -> Cell {
    let actual = node.table();
    if std::ptr::eq(actual, table) {
        return node.field(index);
    }
    let name = table.fields.get(index).map_or("", |field| field.name);
    match actual.field(name) {
        Some((index, _)) => node.field(index),
        None => Cell::ABSENT,
    }
}

fn collect_places(cell: Cell, places: &mut Vec<(Cell, Span)>) {
    match &cell.value {
        Val::List(list) if !list.items.is_empty() => {
            for item in &list.items {
                collect_places(item.clone(), places);
            }
        }
        Val::Fact(node) => {
            if let Some(span) = cell.span.or_else(|| node.span()) {
                places.push((cell, span));
            }
        }
        Val::Unknown | Val::Absent => {}
        _ => {
            if let Some(span) = cell.span {
                places.push((cell, span));
            }
        }
    }
}

fn holds_unknown(value: &Val) -> bool {
    match value {
        Val::Unknown => true,
        Val::List(list) => {
            !list.is_closed || list.items.iter().any(|item| holds_unknown(&item.value))
        }
        Val::Map(map) => {
            !map.is_closed || map.items.iter().any(|(_, item)| holds_unknown(&item.value))
        }
        _ => false,
    }
}

/// Whether two values are equal; `None` when an unknown in one of them could decide it.
pub(super) fn equal(left: &Val, right: &Val) -> Option<bool> {
    match (left, right) {
        (Val::Unknown, _) | (_, Val::Unknown) => None,
        (Val::Absent, Val::Absent) => Some(true),
        (Val::Bool(a), Val::Bool(b)) => Some(a == b),
        (Val::Int(a), Val::Int(b)) => Some(a == b),
        (Val::Str(a), Val::Str(b)) => Some(a == b),
        (Val::Fact(a), Val::Fact(b)) => Some(Arc::ptr_eq(a, b)),
        (Val::List(a), Val::List(b)) => {
            let is_sure = a.is_closed && b.is_closed;
            if is_sure && a.items.len() != b.items.len() {
                return Some(false);
            }
            let mut result = is_sure.then_some(true);
            for (a, b) in a.items.iter().zip(&b.items) {
                match equal(&a.value, &b.value) {
                    Some(false) => return Some(false),
                    Some(true) => {}
                    None => result = None,
                }
            }
            result
        }
        _ => Some(false),
    }
}

fn math(op: Math, left: Cell, right: Cell) -> Cell {
    match (left.value, right.value) {
        (Val::Int(a), Val::Int(b)) => {
            let result = match op {
                Math::Add => a.checked_add(b),
                Math::Sub => a.checked_sub(b),
                Math::Mul => a.checked_mul(b),
                Math::Div => a.checked_div_euclid(b),
                Math::Rem => a.checked_rem_euclid(b),
            };
            result.map_or(Cell::ABSENT, Cell::int)
        }
        (Val::List(mut a), Val::List(b)) if op == Math::Add => {
            a.items.extend(b.items);
            a.is_closed &= b.is_closed;
            Cell::new(Val::List(a))
        }
        (Val::List(list), Val::Absent) | (Val::Absent, Val::List(list)) if op == Math::Add => {
            Cell::new(Val::List(list))
        }
        _ => Cell::ABSENT,
    }
}
