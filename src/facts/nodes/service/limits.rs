//! What a service may not do that its image needs.

use crate::facts::deploy::{foreign_images, frontend_servers, required, uploads};
use crate::facts::django::refused;
use crate::facts::nodes::cells::{at, traced};
use crate::facts::nodes::service::view::View;
use crate::facts::start::confined;
use crate::facts::table::Cell;

impl View<'_> {
    pub(super) fn refused_user(&self) -> Cell {
        let found = confined::refused_user(self.p, self.fact());
        found.map_or(Cell::ABSENT, |(user, span)| Cell::str(&user).at(span))
    }

    pub(super) fn unset_variables(&self) -> Cell {
        // The module of the application may set some itself.
        let is_plain = |image: usize| refused::is_plain(self.p, image);
        let found = match self.fact().image.is_some_and(is_plain) {
            true => required::lacking(self.p, self.i),
            false => Vec::new(),
        };
        let nowhere = found.iter().filter(|it| it.given_to.is_none());
        Cell::list(nowhere.map(|it| Cell::str(it.name).at(it.read)).collect())
    }

    pub(super) fn frontend_on_loopback(&self) -> Cell {
        let found = frontend_servers::on_loopback(self.p, self.fact());
        found.map_or(Cell::ABSENT, |(program, span)| Cell::str(program).at(span))
    }

    pub(super) fn frontend_asks_itself(&self) -> Cell {
        let found = frontend_servers::asks_itself(self.p, self.fact());
        found.map_or(Cell::ABSENT, |(port, span)| {
            Cell::int(i64::from(port)).at(span)
        })
    }

    pub(super) fn lost_uploads(&self) -> Cell {
        let found = uploads::lost(self.p, self.fact());
        let span = self.deployed().name.span();
        found.map_or(Cell::ABSENT, |(root, _)| Cell::str(&root).at(span))
    }

    pub(super) fn upload_field(&self) -> Cell {
        let found = uploads::lost(self.p, self.fact());
        found.map_or(Cell::ABSENT, |(_, span)| Cell::str("").at(span))
    }

    pub(super) fn lacks_temporary(&self) -> Cell {
        let found = confined::lacks_temporary(self.p, self.fact());
        at(Cell::bool(found.is_some()), found)
    }

    pub(super) fn dropped_capabilities(&self) -> Cell {
        let Some((_, lost)) = foreign_images::dropped(self.p, self.fact()) else {
            return Cell::list(Vec::new());
        };
        Cell::list(
            lost.into_iter()
                .map(|(name, place)| Cell::str(name).at(place))
                .collect(),
        )
    }

    pub(super) fn steps_down_to(&self) -> Cell {
        let found = foreign_images::dropped(self.p, self.fact());
        found.map_or(Cell::ABSENT, |(row, _)| Cell::str(row.account))
    }

    pub(super) fn plain_address(&self) -> Cell {
        let found = foreign_images::plain_address(self.p, self.fact());
        found.map_or(Cell::ABSENT, |(_, address)| traced(&address))
    }

    pub(super) fn browser_host(&self) -> Cell {
        let found = foreign_images::for_browsers(self.p, self.fact());
        found.map_or(Cell::ABSENT, |(_, host)| traced(&host))
    }

    pub(super) fn bundler(&self) -> Cell {
        let found = foreign_images::for_browsers(self.p, self.fact());
        found.map_or(Cell::ABSENT, |(row, _)| Cell::str(row.tool))
    }

    pub(super) fn tls_server(&self) -> Cell {
        let found = foreign_images::plain_address(self.p, self.fact());
        found.map_or(Cell::ABSENT, |(row, _)| Cell::str(row.name))
    }

    pub(super) fn tls_switch(&self) -> Cell {
        let found = foreign_images::plain_address(self.p, self.fact());
        found.map_or(Cell::ABSENT, |(row, _)| Cell::str(row.off))
    }
}
