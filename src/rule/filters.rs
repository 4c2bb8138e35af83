//! What the filters of rules do, and how templates are filled in.
//!
//! Openness passes through: a selection from an open list, or one that had to leave out an item of
//! which nothing is known, is open itself.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::facts::table::{Cell, List, Val};

use super::eval::{Eval, Stop, equal};
use super::expr::{Expr, Filter, Part, Step, Test};
use super::print::{join, print_value, printed_length};
use crate::span::shorter;

type Result<T> = std::result::Result<T, Stop>;

impl Eval<'_> {
    pub(super) fn filter(&mut self, of: &Expr, filter: &Filter) -> Result<Cell> {
        let value = self.eval(of)?;
        let unknown = |this: &Self| Err(Stop::Unknown(this.describe(of)));
        Ok(match filter {
            Filter::Default(other) => match value.value {
                Val::Absent => self.eval(other)?,
                _ => value,
            },
            Filter::Length => match &value.value {
                Val::List(list) if !list.is_closed => return unknown(self),
                Val::Map(map) if !map.is_closed => return unknown(self),
                Val::List(list) => count(list.items.len()),
                Val::Map(map) => count(map.items.len()),
                Val::Str(text) => count(text.chars().count()),
                _ => count(0),
            },
            Filter::Lower => self.text(value, |text| text.to_lowercase())?,
            Filter::Upper => self.text(value, |text| text.to_uppercase())?,
            Filter::Trim => self.text(value, |text| text.trim().to_owned())?,
            Filter::Int => match &value.value {
                Val::Str(text) => text.trim().parse().map_or(Cell::ABSENT, Cell::int),
                Val::Int(_) => value,
                _ => Cell::ABSENT,
            },
            Filter::First => {
                let list = items(value);
                match list.items.into_iter().next() {
                    Some(first) => self.known(first, of)?,
                    None if list.is_closed => Cell::ABSENT,
                    None => return unknown(self),
                }
            }
            Filter::Last => {
                let list = items(value);
                match list.items.into_iter().next_back() {
                    // The end of an open list is not where it ends.
                    _ if !list.is_closed => return unknown(self),
                    Some(last) => self.known(last, of)?,
                    None => Cell::ABSENT,
                }
            }
            Filter::Sort => {
                let mut list = items(value);
                self.burn(list.items.len())?;
                if !list.is_closed || list.items.iter().any(is_unknown) {
                    return unknown(self);
                }
                list.items.sort_by(order);
                Cell::new(Val::List(list))
            }
            Filter::Unique => self.unique(items(value))?,
            Filter::Keys => Cell::new(Val::List(items(value))),
            Filter::Values => match value.value {
                Val::Map(map) => Cell::new(Val::List(List {
                    items: map.items.iter().map(|(_, cell)| cell.clone()).collect(),
                    is_closed: map.is_closed,
                })),
                _ => Cell::list(Vec::new()),
            },
            Filter::Join(separator) => {
                let separator = match separator {
                    Some(separator) => {
                        let separator = self.eval(separator)?;
                        self.printed(&separator)?
                    }
                    None => ", ".to_owned(),
                };
                let list = items(value);
                self.take(separator.len().saturating_mul(list.items.len()))?;
                let list = Cell::new(Val::List(list));
                self.take(printed_length(&list.value))?;
                Cell::str(&join(&items(list).items, &separator))
            }
            Filter::Split(separator) => self.split(&value, separator.as_deref())?,
            Filter::Replace(old, new) => {
                let (old, new) = (self.eval(old)?, self.eval(new)?);
                let (old, new) = (self.printed(&old)?, self.printed(&new)?);
                let Val::Str(text) = &value.value else {
                    return Ok(value);
                };
                if old.is_empty() {
                    return Ok(value);
                }
                self.burn(text.len() / 64)?;
                let count = text.matches(&old).count();
                self.take(text.len().saturating_add(new.len().saturating_mul(count)))?;
                Cell {
                    value: Val::Str(Arc::from(text.replace(&old, &new))),
                    span: value.span,
                }
            }
            Filter::Select { path, test, keep } => self.select(value, path, test, *keep, of)?,
            Filter::Map(path) => {
                let list = items(value);
                self.burn(list.items.len())?;
                let mapped = list.items.iter().map(|item| self.walk(item, path));
                Cell::new(Val::List(List {
                    items: mapped.collect(),
                    is_closed: list.is_closed,
                }))
            }
        })
    }

    /// The first of each that are equal.
    fn unique(&mut self, list: List) -> Result<Cell> {
        self.burn(list.items.len().saturating_mul(list.items.len()) / 16)?;
        let is_closed = list.is_closed && !list.items.iter().any(is_unknown);
        let mut seen: Vec<Cell> = Vec::new();
        for item in list.items {
            let is_new = !seen
                .iter()
                .any(|other| equal(&other.value, &item.value) == Some(true));
            if is_new {
                seen.push(item);
            }
        }
        Ok(Cell::new(Val::List(List {
            items: seen,
            is_closed,
        })))
    }

    /// At white space without a separator, as in Python.
    fn split(&mut self, value: &Cell, separator: Option<&Expr>) -> Result<Cell> {
        let separator = match separator {
            Some(separator) => {
                let separator = self.eval(separator)?;
                self.printed(&separator)?
            }
            None => String::new(),
        };
        let Val::Str(text) = &value.value else {
            return Ok(Cell::list(Vec::new()));
        };
        self.burn(text.len() / 8)?;
        let part = |part: &str| Cell {
            value: Val::Str(Arc::from(part)),
            span: value.span,
        };
        Ok(Cell::list(if separator.is_empty() {
            text.split_whitespace().map(part).collect()
        } else {
            text.split(&*separator).map(part).collect()
        }))
    }

    fn select(
        &mut self,
        value: Cell,
        path: &[Step],
        test: &Test,
        keep: bool,
        of: &Expr,
    ) -> Result<Cell> {
        let list = items(value);
        let mut is_closed = list.is_closed;
        let mut kept = Vec::new();
        for item in list.items {
            self.burn(1)?;
            let attribute = self.walk(&item, path);
            match self.test(&attribute, test, of) {
                Ok(passes) if passes == keep => kept.push(item),
                Ok(_) => {}
                Err(Stop::Unknown(_)) => is_closed = false,
                Err(stop) => return Err(stop),
            }
        }
        Ok(Cell::new(Val::List(List {
            items: kept,
            is_closed,
        })))
    }

    /// A text that a filter changes, and anything else as it is.
    fn text(&mut self, cell: Cell, change: impl FnOnce(&str) -> String) -> Result<Cell> {
        let Val::Str(text) = &cell.value else {
            return Ok(cell);
        };
        self.take(text.len())?;
        Ok(Cell {
            value: Val::Str(Arc::from(change(text))),
            span: cell.span,
        })
    }

    /// Fills in a template. What is unknown prints nothing, and is false in an `if`.
    ///
    /// # Errors
    /// [`Stop::OutOfFuel`], when it takes too many steps or becomes too long; `out` is of no use then.
    pub(crate) fn render(&mut self, parts: &[Part], out: &mut String) -> Result<()> {
        for part in parts {
            match part {
                Part::Raw(raw) => {
                    self.take(raw.len())?;
                    out.push_str(raw);
                }
                Part::Emit(expr) => {
                    let text = self.lenient(expr)?;
                    self.has_hole |= text.trim().is_empty();
                    match self.most {
                        Some(most) => out.push_str(&shorter(&text, most)),
                        None => out.push_str(&text),
                    }
                }
                Part::If(test, yes, no) => {
                    let is_true = match self.is_true(test) {
                        Err(stop) => self.gap(stop).map(|()| false)?,
                        Ok(is_true) => is_true,
                    };
                    self.render(if is_true { yes } else { no }, out)?;
                }
                Part::For(list, body) => {
                    let value = match self.eval(list) {
                        Err(stop) => {
                            self.gap(stop)?;
                            continue;
                        }
                        Ok(value) => value,
                    };
                    for item in items(value).items {
                        self.burn(1)?;
                        self.locals.push(item);
                        self.render(body, out)?;
                        self.locals.pop();
                    }
                }
            }
        }
        Ok(())
    }

    /// Something unknown prints nothing.
    fn gap(&mut self, stop: Stop) -> Result<()> {
        match stop {
            Stop::Unknown(_) => {
                self.has_gap = true;
                Ok(())
            }
            Stop::OutOfFuel => Err(stop),
        }
    }

    fn lenient(&mut self, expr: &Expr) -> Result<String> {
        match (self.eval(expr), expr) {
            (Ok(cell), _) => self.printed(&cell),
            (Err(Stop::Unknown(_)), Expr::Filter(_, Filter::Default(other))) => self.lenient(other),
            (Err(stop), _) => self.gap(stop).map(|()| String::new()),
        }
    }
}

fn is_unknown(cell: &Cell) -> bool {
    matches!(cell.value, Val::Unknown)
}

fn count(length: usize) -> Cell {
    Cell::int(i64::try_from(length).unwrap_or(i64::MAX))
}

/// The items of a list, the keys of a map, nothing of what is not there.
fn items(cell: Cell) -> List {
    match cell.value {
        Val::List(list) => list,
        Val::Map(map) => {
            let keys = map.items.iter().map(|(key, value)| Cell {
                value: Val::Str(Arc::clone(key)),
                span: value.span,
            });
            List {
                items: keys.collect(),
                is_closed: map.is_closed,
            }
        }
        _ => List {
            items: Vec::new(),
            is_closed: true,
        },
    }
}

fn order(left: &Cell, right: &Cell) -> Ordering {
    match (&left.value, &right.value) {
        (Val::Int(a), Val::Int(b)) => a.cmp(b),
        (Val::Str(a), Val::Str(b)) => a.cmp(b),
        (a, b) => print_value(a).cmp(&print_value(b)),
    }
}
