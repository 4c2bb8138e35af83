//! What the workers of a server need, and what it does not answer.

use crate::facts::build::at;
use crate::facts::nodes::cells::known_str;
use crate::facts::nodes::server::view::View;
use crate::facts::python::dependencies;
use crate::facts::start::healthcheck::{self, Asked};
use crate::facts::table::Cell;
use crate::knowledge::servers;
use crate::server::{Bind, Protocol, Setting};

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
            Some(false) => Cell::ABSENT,
            None => Cell::UNKNOWN,
        }
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
