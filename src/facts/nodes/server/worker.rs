//! What the workers of a server need, and what it does not answer.

use crate::facts::build::at;
use crate::facts::nodes::cells::known_str;
use crate::facts::nodes::server::view::View;
use crate::facts::python::{closure, dependencies, releases};
use crate::facts::start::healthcheck::{self, Asked};
use crate::facts::table::Cell;
use crate::knowledge::servers::{self, RemovedWorker};
use crate::server::{Bind, Protocol, Setting};
use crate::span::Span;

impl View<'_> {
    pub(super) fn lacks_worker(&self) -> Cell {
        let Some(served) = self.told() else {
            return Cell::UNKNOWN;
        };
        let class = match &served.worker_class {
            Setting::Given(class, _) => class.as_str(),
            Setting::Absent => return Cell::ABSENT,
            Setting::Unknown(_) => return Cell::UNKNOWN,
        };
        let names = servers::brings_worker(class);
        let Some(first) = names.first() else {
            return Cell::ABSENT;
        };
        // Packages may lie where that variable says.
        if at::sets_env(self.p, self.p.images[self.i].stage, "PYTHONPATH") {
            return Cell::UNKNOWN;
        }
        match dependencies::lacks(self.p, self.i, names) {
            Some(true) => known_str(Some(*first)),
            Some(false) => self.lacks_of_worker(class),
            None => Cell::UNKNOWN,
        }
    }

    /// What its class imports beside its own package, and only the extra of gunicorn for the class still requires.
    fn lacks_of_worker(&self, class: &str) -> Cell {
        let row = servers::imported_by_worker(class);
        let lacks = row.filter(|row| {
            releases::has_since(self.p, self.i, "gunicorn", row.from, row.python) == Some(true)
                && closure::lacks(self.p, self.i, &[row.imports]) == Some(true)
        });
        lacks.map_or(Cell::ABSENT, |row| Cell::str(row.imports))
    }

    /// The package of its worker class with its release and the oldest that its gunicorn takes, where it is older.
    fn old_worker(&self) -> Option<(String, &'static str, Span)> {
        let served = self.told()?;
        let Setting::Given(class, _) = &served.worker_class else {
            return None;
        };
        let name = *servers::brings_worker(class.as_str()).first()?;
        let (gunicorn, _) = releases::pinned(self.p, self.i, "gunicorn")?;
        let (version, place) = releases::pinned(self.p, self.i, name)?;
        let mut rows = servers::oldest_for_worker(name);
        let (_, oldest) = rows.find(|(from, _)| releases::is_at_least(&gunicorn, from))?;
        let is_old = !releases::is_at_least(&version, oldest);
        is_old.then(|| (format!("{name} {version}"), oldest, place))
    }

    /// The first gunicorn that has its worker class with the release of its package, where its own is older.
    fn find_gunicorn_from(&self) -> Option<(&'static str, String, Span)> {
        let Setting::Given(class, _) = &self.told()?.worker_class else {
            return None;
        };
        let name = *servers::brings_worker(class.as_str()).first()?;
        let (gunicorn, place) = releases::pinned(self.p, self.i, "gunicorn")?;
        let (version, _) = releases::pinned(self.p, self.i, name)?;
        let mut rows = servers::oldest_with_worker(name);
        let (_, server) = rows.find(|(from, server)| {
            releases::is_at_least(&version, from) && !releases::is_at_least(&gunicorn, server)
        })?;
        Some((server, format!("{name} {version}"), place))
    }

    /// Its worker class, where the gunicorn of the image certainly does not have it any more.
    fn find_removed_worker(&self) -> Option<(&'static RemovedWorker, Cell)> {
        let Setting::Given(class, place) = &self.told()?.worker_class else {
            return None;
        };
        let row = servers::removed_worker(class.as_str())?;
        let has = releases::has_since(self.p, self.i, "gunicorn", row.from, row.python);
        (has == Some(true)).then(|| (row, Cell::str(class.as_str()).at(*place)))
    }

    pub(super) fn removed_worker(&self) -> Cell {
        let found = self.find_removed_worker();
        found.map_or(Cell::ABSENT, |(_, class)| class)
    }

    pub(super) fn worker_instead(&self) -> Cell {
        let found = self.find_removed_worker();
        found.map_or(Cell::ABSENT, |(row, _)| Cell::str(row.instead))
    }

    pub(super) fn gunicorn_from(&self) -> Cell {
        let found = self.find_gunicorn_from();
        found.map_or(Cell::ABSENT, |(server, _, place)| {
            Cell::str(server).at(place)
        })
    }

    pub(super) fn gunicorn_lags_behind(&self) -> Cell {
        let found = self.find_gunicorn_from();
        found.map_or(Cell::ABSENT, |(_, package, _)| Cell::str(&package))
    }

    pub(super) fn worker_from(&self) -> Cell {
        let found = self.old_worker();
        found.map_or(Cell::ABSENT, |(_, oldest, place)| {
            Cell::str(oldest).at(place)
        })
    }

    pub(super) fn worker_package(&self) -> Cell {
        let found = self.old_worker();
        found.map_or(Cell::ABSENT, |(text, ..)| Cell::str(&text))
    }

    pub(super) fn refuses_healthcheck(&self) -> Cell {
        let Some(served) = self.told().filter(|_| self.beside.is_none()) else {
            return Cell::UNKNOWN;
        };
        let asked = healthcheck::needs_answer(self.p, &self.p.images[self.i]);
        let is_refused = |asked: &Asked| {
            let of_port = |bind: &&Bind| bind.tcp_port() == asked.port;
            let mut here = served.binds.iter().filter(of_port).peekable();
            asked.port.is_some()
                && served.binds_are_known
                && here.peek().is_some()
                && here.all(|bind| bind.protocol == Protocol::Binary)
        };
        let found = asked.into_iter().find(is_refused);
        found.map_or(Cell::ABSENT, |asked| {
            Cell::int(i64::from(asked.port.unwrap_or_default())).at(asked.span)
        })
    }
}
