//! What a service says of a database: which one, how old, where its data lies.

use crate::facts::deploy::databases;
use crate::facts::nodes::cells::{known_bool, known_str};
use crate::facts::nodes::service::view::View;
use crate::facts::start::service;
use crate::facts::table::Cell;
use crate::knowledge::databases as known;

impl View<'_> {
    pub(super) fn database(&self) -> Cell {
        match service::image(self.service()) {
            None => self.no_image(),
            Some(image) => known::engine(&image.repository).map_or(Cell::ABSENT, |engine| {
                Cell::str(databases::engine_name(engine)).at(image.span)
            }),
        }
    }

    pub(super) fn eol(&self) -> Cell {
        let service = self.service();
        let Some(engine) = service::engine(service) else {
            return Cell::ABSENT;
        };
        let Some(series) = databases::series(service) else {
            return Cell::UNKNOWN;
        };
        match known::series(engine, series) {
            Some(row) => Cell::str(&row.eol.to_string()),
            // Older than the tables: past its end.
            None => Cell::UNKNOWN,
        }
    }

    /// The stack runs several releases of the server, as to upgrade from one to the other.
    pub(super) fn is_upgrade(&self) -> bool {
        let own = databases::series(self.service());
        self.find_siblings().iter().any(|other| {
            service::engine(other) == service::engine(self.service())
                && databases::series(other) != own
        })
    }

    pub(super) fn days_past_eol(&self) -> Cell {
        let service = self.service();
        if self.is_upgrade() {
            return Cell::UNKNOWN;
        }
        let row = service::engine(service)
            .zip(databases::series(service))
            .and_then(|(engine, series)| known::series(engine, series));
        row.map_or(Cell::UNKNOWN, |row| {
            Cell::int(i64::from((self.p.today - row.eol).get_days()))
        })
    }

    pub(super) fn lacks_password(&self) -> Cell {
        let stack = self.fact().stack;
        let mut others = self.p.services.iter();
        let is_used = others.any(|fact| fact.stack == stack && fact.image.is_some());
        // A file that only adds to the service is given together with its own.
        let name = self.service().name.as_str();
        let files = self.p.around.compose.files.iter();
        let mut alike = files.flat_map(|file| &file.services);
        let is_added_to = alike.any(|other| {
            other.name.as_str() == name && other.image.is_none() && other.build.is_none()
        });
        if !is_used || is_added_to || !self.p.around.compose.stacks[stack].is_whole {
            return Cell::UNKNOWN;
        }
        known_bool(databases::lacks_password(self.service()))
    }

    pub(super) fn moved_data(&self) -> Cell {
        let service = self.service();
        match (service::engine(service), databases::series(service)) {
            (Some(engine), Some(series)) => {
                let is_library = service::image(service)
                    .is_some_and(|image| known::has_own_entrypoint(&image.repository));
                Cell::bool(is_library && known::moved_its_data(engine, series))
            }
            (None, _) => Cell::bool(false),
            _ => Cell::UNKNOWN,
        }
    }

    pub(super) fn database_series(&self) -> Cell {
        service::engine(self.service()).map_or(Cell::ABSENT, |_| {
            known_str(databases::series_text(self.service()).as_deref())
        })
    }

    pub(super) fn database_eol(&self) -> Cell {
        self.eol()
    }

    pub(super) fn database_days_past_eol(&self) -> Cell {
        self.days_past_eol()
    }

    pub(super) fn database_moved_data(&self) -> Cell {
        self.moved_data()
    }

    pub(super) fn keeps_old_data_path(&self) -> Cell {
        Cell::bool(databases::keeps_old_data_path(self.service()))
    }

    pub(super) fn needed_series(&self) -> Cell {
        match databases::needed_series(self.p, self.fact().stack, self.service()) {
            Some((series, span)) => {
                let name = databases::series_name(known::Engine::Postgres, series);
                Cell::str(&name).at(span)
            }
            None => Cell::ABSENT,
        }
    }
}
