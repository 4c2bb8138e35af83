//! Which of the ports that others ask a server listens on.

use crate::facts::build;
use crate::facts::nodes::cells::{known_bool, traced};
use crate::facts::nodes::server::view::View;
use crate::facts::start::{healthcheck, server, service_check};
use crate::facts::table::Cell;

impl View<'_> {
    pub(super) fn misses_exposed(&self) -> Cell {
        let image = &self.p.images[self.i];
        let stages = image.chain.iter().map(|stage| &self.p.stages[*stage]);
        let exposed: Vec<Option<u16>> = stages.flat_map(|it| &it.ports).map(|it| it.port).collect();
        let is_all = build::at::is_closed(&self.p.stages, image.stage);
        self.misses(&exposed, is_all)
    }

    pub(super) fn only_socket(&self) -> Cell {
        let served = self.told().filter(|_| self.is_alone());
        let Some(first) = served.and_then(|served| service_check::only_socket(served)) else {
            return Cell::ABSENT;
        };
        traced(first)
    }

    pub(super) fn misses_healthcheck(&self) -> Cell {
        match healthcheck::ports(self.p, &self.p.images[self.i]) {
            None => Cell::UNKNOWN,
            Some(asked) => {
                let asked: Vec<Option<u16>> = asked.iter().map(|(port, _)| Some(*port)).collect();
                self.misses(&asked, true)
            }
        }
    }

    /// It listens on none of these ports. What other servers of the image listen on is not known of one.
    fn misses(&self, asked: &[Option<u16>], is_all: bool) -> Cell {
        let served = self.told().filter(|_| self.is_alone());
        known_bool(served.and_then(|served| server::misses(served, asked, is_all)))
    }
}
