//! Which of the ports that others ask a server listens on.

use crate::facts::build;
use crate::facts::nodes::cells::{known_bool, traced};
use crate::facts::nodes::server::view::View;
use crate::facts::start::{healthcheck, server, service_check};
use crate::facts::table::Cell;
use crate::server::{Address, Bind, Protocol};
use crate::span::Traced;

impl View<'_> {
    pub(super) fn misses_exposed(&self) -> Cell {
        let image = &self.p.images[self.i];
        let stages = image.chain.iter().map(|stage| &self.p.stages[*stage]);
        let exposed: Vec<Option<u16>> = stages.flat_map(|it| &it.ports).map(|it| it.port).collect();
        let is_all = build::at::is_closed(&self.p.stages, image.stage);
        self.misses(&exposed, is_all)
    }

    pub(super) fn ports(&self) -> Cell {
        let Some(served) = self.told() else {
            return Cell::UNKNOWN;
        };
        let ports = |is_one: &dyn Fn(&Bind) -> bool| -> Vec<Cell> {
            let binds = served.binds.iter().filter(|bind| is_one(bind));
            let port = |bind: &Bind| {
                let Address::Tcp { port, .. } = &bind.address else {
                    return None;
                };
                let place = bind.port.as_ref().map_or(bind.span, Traced::span);
                Some(Cell::int(i64::from((*port)?)).at(place))
            };
            binds.filter_map(port).collect()
        };
        let by_http = ports(&|bind| bind.protocol == Protocol::Http);
        Cell::list(if by_http.is_empty() {
            ports(&|_| true)
        } else {
            by_http
        })
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
