//! A service as its fields look at it.

use crate::compose::Service;
use crate::facts::model::ServiceFact;
use crate::facts::nodes::node::view;
use crate::facts::table::Cell;

view! { Service(i: usize) }

impl View<'_> {
    pub(super) fn fact(&self) -> &ServiceFact {
        &self.p.services[self.i]
    }

    pub(super) fn service(&self) -> &Service {
        self.fact().service(self.p)
    }

    pub(super) fn find_siblings(&self) -> &[Service] {
        &self.p.around.compose.stacks[self.fact().stack].services
    }

    /// What an image that cannot be told means: none where the service builds one.
    pub(super) fn no_image(&self) -> Cell {
        if self.service().build.is_some() || self.service().image.is_none() {
            Cell::ABSENT
        } else {
            Cell::UNKNOWN
        }
    }
}
