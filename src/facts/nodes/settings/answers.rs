//! What Django answers with these settings, and what keeps it from starting.

use crate::facts::django::{answered, middleware, refused};
use crate::facts::nodes::cells::traced;
use crate::facts::nodes::settings::View;
use crate::facts::table::Cell;

impl View<'_> {
    pub(super) fn refuses_healthcheck(&self) -> Cell {
        let asked = refused::healthcheck(self.p, self.i);
        asked.map_or(Cell::ABSENT, |asked| Cell::str(asked.host).at(asked.span))
    }

    pub(super) fn refuses_probe(&self) -> Cell {
        refused::probe(self.p, self.i).map_or(Cell::ABSENT, traced)
    }

    pub(super) fn lacks_healthcheck_url(&self) -> Cell {
        let asked = answered::missing(self.p, self.i);
        asked.map_or(Cell::ABSENT, |asked| Cell::str(&asked.path).at(asked.span))
    }

    pub(super) fn healthcheck_method(&self) -> Cell {
        let found = answered::method(self.p, self.i);
        found.map_or(Cell::ABSENT, |(method, _, asked)| {
            Cell::str(&method).at(asked.span)
        })
    }

    pub(super) fn healthcheck_methods(&self) -> Cell {
        let methods = answered::method(self.p, self.i).map(|(_, methods, _)| methods);
        let methods = methods.unwrap_or_default();
        Cell::list(methods.iter().map(|one| Cell::str(one)).collect())
    }

    pub(super) fn may_redirect_healthcheck(&self) -> Cell {
        Cell::bool(answered::may_be_redirected(self.p, self.i))
    }

    pub(super) fn redirects_healthcheck(&self) -> Cell {
        let asked = answered::redirect(self.p, self.i);
        asked.map_or(Cell::ABSENT, |asked| Cell::str(&asked.path).at(asked.span))
    }

    pub(super) fn lacks_middleware(&self) -> Cell {
        let found = middleware::lacking(self.p, self.i);
        found.map_or(Cell::ABSENT, |(row, span)| {
            Cell::str(row.middleware).at(span)
        })
    }

    pub(super) fn healthcheck_login(&self) -> Cell {
        let found = answered::login(self.p, self.i);
        found.map_or(Cell::ABSENT, |(asked, class)| {
            Cell::str(&class).at(asked.span)
        })
    }
}
