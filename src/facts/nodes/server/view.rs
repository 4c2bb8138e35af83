//! A server as its fields look at it.

use std::sync::Arc;

use crate::facts::model::ServerFact;
use crate::facts::nodes::node::view;
use crate::facts::table::Cell;
use crate::server::Server;

view! { Server { i: usize, beside: Option<usize> } }

impl View<'_> {
    pub(super) fn fact(&self) -> Option<&ServerFact> {
        let image = &self.p.images[self.i];
        match self.beside {
            Some(at) => image.beside.get(at).map(|one| &one.server),
            None => image.server.as_ref(),
        }
    }

    /// The server with all that it is told.
    pub(super) fn told(&self) -> Option<&Arc<Server>> {
        let image = &self.p.images[self.i];
        match self.beside {
            Some(at) => image.beside.get(at)?.served.as_ref(),
            None => image.served.as_ref(),
        }
    }

    /// Nothing else in its container answers, or gets the signals.
    pub(super) fn is_alone(&self) -> bool {
        self.beside.is_none() && self.fact().is_some_and(|server| !server.shares)
    }

    pub(super) fn with(&self, get: impl Fn(&ServerFact) -> Cell) -> Cell {
        self.fact().map_or(Cell::UNKNOWN, get)
    }
}
