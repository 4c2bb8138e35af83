//! What a command fetches for the process of the image, and the bundlers of frontends that it runs.

use crate::facts::files::bundlers;
use crate::facts::nodes::cells::at;
use crate::facts::nodes::command::view::View;
use crate::facts::start::home_downloads::{self, Unfound};
use crate::facts::table::Cell;

impl View<'_> {
    pub(super) fn refused_webpack(&self) -> Cell {
        let found = bundlers::refused(self.p, self.i);
        found.map_or(Cell::ABSENT, |it| Cell::str(&it.release))
    }

    pub(super) fn refusing_node(&self) -> Cell {
        let found = bundlers::refused(self.p, self.i);
        found.map_or(Cell::ABSENT, |it| Cell::int(i64::from(it.node)))
    }

    fn find_unfound(&self, read: impl Fn(&Unfound) -> Cell) -> Cell {
        let found = home_downloads::unfound(self.p, self.i);
        found.as_ref().map_or(Cell::ABSENT, read)
    }

    pub(super) fn kept_by_root(&self) -> Cell {
        let span = self.command().span;
        self.find_unfound(|it| at(Cell::str(it.row.directory), Some(span)))
    }

    pub(super) fn fetched_for(&self) -> Cell {
        self.find_unfound(|it| Cell::str(it.row.package))
    }

    pub(super) fn fetched_again(&self) -> Cell {
        self.find_unfound(|it| Cell::bool(it.row.again))
    }

    pub(super) fn fetched_is_imported(&self) -> Cell {
        self.find_unfound(|it| Cell::bool(home_downloads::is_imported(self.p, it)))
    }

    pub(super) fn fetched_user(&self) -> Cell {
        self.find_unfound(|it| Cell::str(&it.user))
    }
}
