//! A service as its fields look at it.

use crate::compose::{Service, Stack, Text};
use crate::deployed::Deployed;
use crate::facts::model::ServiceFact;
use crate::facts::nodes::cells::{at, known_str};
use crate::facts::nodes::node::view;
use crate::facts::table::Cell;

/// A text, where it stands.
pub(super) fn text(text: &Text) -> Cell {
    at(known_str(text.as_str()), Some(text.span()))
}

view! { Service(i: usize) }

impl View<'_> {
    pub(super) fn fact(&self) -> &ServiceFact {
        &self.p.services[self.i]
    }

    pub(super) fn deployed(&self) -> &Deployed {
        self.fact().deployed(self.p)
    }

    /// What only compose says of it.
    pub(super) fn compose(&self) -> Option<&Service> {
        self.fact().compose(self.p)
    }

    pub(super) fn stack(&self) -> Option<&Stack> {
        self.fact().stack(self.p)
    }

    pub(super) fn is_whole(&self) -> bool {
        self.stack().is_some_and(|stack| stack.is_whole)
    }

    /// A text that only compose has.
    pub(super) fn text_of(&self, get: fn(&Service) -> Option<&Text>) -> Cell {
        self.compose().and_then(get).map_or(Cell::ABSENT, text)
    }

    /// The services of its stack; none where it is of no compose file.
    pub(super) fn in_stack(&self) -> &[Service] {
        self.stack().map_or(&[], |stack| &stack.services)
    }

    /// What an image that cannot be told means: none where the service builds one.
    pub(super) fn no_image(&self) -> Cell {
        if self.deployed().build.is_some() || self.deployed().image.is_none() {
            Cell::ABSENT
        } else {
            Cell::UNKNOWN
        }
    }
}
