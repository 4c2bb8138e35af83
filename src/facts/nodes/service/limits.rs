//! What a service may not do that its image needs.

use crate::facts::nodes::cells::at;
use crate::facts::nodes::service::view::View;
use crate::facts::start::confined;
use crate::facts::table::Cell;

impl View<'_> {
    pub(super) fn refused_user(&self) -> Cell {
        let found = confined::refused_user(self.p, self.fact());
        found.map_or(Cell::ABSENT, |(user, span)| Cell::str(&user).at(span))
    }

    pub(super) fn lacks_temporary(&self) -> Cell {
        let found = confined::lacks_temporary(self.p, self.fact());
        at(Cell::bool(found.is_some()), found)
    }
}
