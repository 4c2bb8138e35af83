//! What HEALTHCHECK of an image says that its program reads otherwise.

use crate::facts::nodes::cells;
use crate::facts::nodes::image::View;
use crate::facts::start::healthcheck;
use crate::facts::table::Cell;

impl View<'_> {
    pub(super) fn healthcheck_unread(&self) -> Cell {
        let words = healthcheck::words_of_image(self.p, self.fact());
        let unread = healthcheck::unread(&words).into_iter();
        Cell::list(unread.map(cells::traced).collect())
    }

    pub(super) fn healthcheck_options(&self) -> Cell {
        let found = healthcheck::misplaced(self.p, self.fact()).into_iter();
        Cell::list(
            found
                .map(|(_, option, span)| Cell::str(&option).at(span))
                .collect(),
        )
    }

    pub(super) fn healthcheck_options_of(&self) -> Cell {
        let found = healthcheck::misplaced(self.p, self.fact()).into_iter();
        let first = found.map(|(program, ..)| program).next();
        cells::str_or_absent(first.as_deref())
    }
}
