//! `$1`, `$2`, `"$@"`: the arguments of a script or function.

use std::rc::Rc;

use super::environment::Value;
use crate::span::Traced;

/// Arguments as far as they are known.
#[derive(Clone, Debug)]
pub(super) struct Positional {
    pub(super) known: Rc<[Traced]>,
    pub(super) tail: Tail,
}

/// What follows the known arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tail {
    Nothing,
    /// All that the script was given.
    Given,
    Unknown,
}

impl Positional {
    /// The arguments a script is started with.
    pub(super) fn new(args: Option<&[Traced]>) -> Self {
        Self {
            known: Rc::from(args.unwrap_or_default()),
            tail: if args.is_some() {
                Tail::Nothing
            } else {
                Tail::Given
            },
        }
    }

    pub(super) fn unknown() -> Self {
        Self {
            known: Rc::from([]),
            tail: Tail::Unknown,
        }
    }

    /// There are no more than the known ones.
    pub(super) fn is_closed(&self) -> bool {
        self.tail == Tail::Nothing
    }

    /// `"$@"` is what the script was given, no more and no less.
    pub(super) fn is_as_given(&self) -> bool {
        self.known.is_empty() && self.tail == Tail::Given
    }

    /// `$number`, from 1.
    pub(super) fn get(&self, number: usize) -> Value {
        match number.checked_sub(1).and_then(|at| self.known.get(at)) {
            Some(text) => Value::Known(Rc::new(text.clone())),
            None if self.is_closed() => Value::Unset,
            None => Value::Unknown,
        }
    }

    pub(super) fn shift(&mut self, count: usize) {
        let kept = self.known.get(count..).map(Rc::from);
        if kept.is_none() && self.tail == Tail::Given {
            self.tail = Tail::Unknown;
        }
        self.known = kept.unwrap_or_else(|| Rc::from([]));
    }

    /// After one of two ways.
    pub(super) fn join(&self, other: &Self) -> Self {
        let is_same = self.tail == other.tail
            && self.known.len() == other.known.len()
            && self
                .known
                .iter()
                .zip(other.known.iter())
                .all(|(a, b)| a.as_str() == b.as_str());
        if is_same {
            self.clone()
        } else {
            Self::unknown()
        }
    }
}
