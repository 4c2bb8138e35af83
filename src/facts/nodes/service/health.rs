//! What a service says of its health.

use crate::facts::deploy::{backgrounded, database_servers, yaml_numbers};
use crate::facts::nodes::cells::traced;
use crate::facts::nodes::service::view::View;
use crate::facts::nodes::shared::{
    has_healthcheck, lacking_module, lacking_package, lacking_program,
};
use crate::facts::start::{healthcheck, one_word, own_client, service_check};
use crate::facts::table::Cell;

impl View<'_> {
    fn lacking(&self) -> Option<healthcheck::Lacking> {
        let image = self.fact().image?;
        let stage = self.p.images[image].stage;
        if self.fact().gains(self.p).is_none_or(|it| it.programs) {
            return None;
        }
        healthcheck::of_service(self.p, self.deployed())?.lacks(self.p, stage)
    }

    pub(super) fn has_healthcheck(&self) -> Cell {
        has_healthcheck(self.p, self.fact())
    }

    pub(super) fn healthcheck_accepts(&self) -> Cell {
        let fact = self.fact();
        let check = healthcheck::of_service(self.p, fact.deployed(self.p));
        let check = check.filter(|_| fact.builds_this);
        let found = check.and_then(|check| healthcheck::accepts_errors(&check));
        found.map_or(Cell::ABSENT, |span| Cell::str("curl").at(span))
    }

    pub(super) fn leaves_foreground(&self) -> Cell {
        let found = backgrounded::of_service(self.p, self.i);
        found.map_or(Cell::ABSENT, |(name, span)| Cell::str(name).at(span))
    }

    pub(super) fn changed_number(&self) -> Cell {
        let found = self.compose().and_then(yaml_numbers::changed);
        found.map_or(Cell::ABSENT, |it| traced(it.written))
    }

    pub(super) fn changed_to(&self) -> Cell {
        let found = self.compose().and_then(yaml_numbers::changed);
        found.map_or(Cell::ABSENT, |it| Cell::str(&it.becomes))
    }

    pub(super) fn changed_name(&self) -> Cell {
        let found = self.compose().and_then(yaml_numbers::changed);
        found.map_or(Cell::ABSENT, |it| traced(it.name))
    }

    pub(super) fn lacks_env_file(&self) -> Cell {
        let mut all = self.p.missing_env_files.iter();
        let found = all.find(|it| it.service == self.i);
        found.map_or(Cell::ABSENT, |it| traced(&it.written))
    }

    pub(super) fn env_file_instead(&self) -> Cell {
        let mut all = self.p.missing_env_files.iter();
        let found = all.find(|it| it.service == self.i);
        found.map_or(Cell::ABSENT, |it| Cell::str(&it.instead))
    }

    pub(super) fn daemonized(&self) -> Cell {
        let mut all = self.p.daemonized.iter();
        let found = all.find(|it| it.service == self.i);
        found.map_or(Cell::ABSENT, |it| Cell::str(it.server).at(it.span))
    }

    pub(super) fn healthcheck_lacks(&self) -> Cell {
        lacking_program(self.lacking())
    }

    pub(super) fn healthcheck_package(&self) -> Cell {
        lacking_package(self.lacking())
    }

    pub(super) fn healthcheck_module(&self) -> Cell {
        let check = || healthcheck::of_service(self.p, self.deployed());
        self.fact()
            .image
            .map_or(Cell::ABSENT, |image| lacking_module(self.p, image, check()))
    }

    pub(super) fn healthcheck_form(&self) -> Cell {
        service_check::unknown_form(self.deployed()).map_or(Cell::ABSENT, traced)
    }

    pub(super) fn healthcheck_alone(&self) -> Cell {
        service_check::ignored(self.deployed()).map_or(Cell::ABSENT, |(script, _)| traced(script))
    }

    pub(super) fn healthcheck_ignored(&self) -> Cell {
        service_check::ignored(self.deployed()).map_or(Cell::ABSENT, |(_, word)| traced(word))
    }

    pub(super) fn healthcheck_answers_alike(&self) -> Cell {
        Cell::bool(service_check::answers_alike(self.deployed()))
    }

    pub(super) fn healthcheck_program(&self) -> Cell {
        let words = service_check::words_without_shell(self.deployed());
        words.first().map_or(Cell::ABSENT, |word| traced(word))
    }

    pub(super) fn healthcheck_unread(&self) -> Cell {
        let words = service_check::words_without_shell(self.deployed());
        let unread = healthcheck::unread(&words).into_iter();
        Cell::list(unread.map(traced).collect())
    }

    pub(super) fn healthcheck_misses(&self) -> Cell {
        let missed = service_check::missed_ports(self.p, self.fact());
        let ports = missed.into_iter();
        let ports = ports.map(|(port, span)| Cell::int(i64::from(port)).at(span));
        Cell::list(ports.collect())
    }

    pub(super) fn healthcheck_gone(&self) -> Cell {
        let found = service_check::gone(self.p, self.fact());
        found.map_or(Cell::ABSENT, |it| Cell::str(it.name).at(it.span))
    }

    pub(super) fn healthcheck_instead(&self) -> Cell {
        let found = service_check::gone(self.p, self.fact());
        found.map_or(Cell::ABSENT, |it| Cell::str(&it.instead))
    }

    pub(super) fn healthcheck_refused(&self) -> Cell {
        let found = database_servers::refused_by_psql(self.p, self.fact());
        found.map_or(Cell::ABSENT, |it| Cell::str(&it.found).at(it.span))
    }

    pub(super) fn healthcheck_refused_part(&self) -> Cell {
        let found = database_servers::refused_by_psql(self.p, self.fact());
        found.map_or(Cell::ABSENT, |it| Cell::str(it.part))
    }

    pub(super) fn healthcheck_made(&self) -> Cell {
        let found = database_servers::refused_by_psql(self.p, self.fact());
        found.map_or(Cell::ABSENT, |it| Cell::str(&it.expected))
    }

    pub(super) fn healthcheck_unauthenticated(&self) -> Cell {
        let found = service_check::unauthenticated(self.p, self.fact());
        found.map_or(Cell::ABSENT, |span| Cell::str("redis-cli").at(span))
    }

    pub(super) fn healthcheck_usual_port(&self) -> Cell {
        let found = own_client::wrong_port(self.p, self.fact());
        found.map_or(Cell::ABSENT, |it| {
            Cell::int(i64::from(it.usual)).at(it.span)
        })
    }

    pub(super) fn healthcheck_own_port(&self) -> Cell {
        let found = own_client::wrong_port(self.p, self.fact());
        found.map_or(Cell::ABSENT, |it| Cell::int(i64::from(it.own)))
    }

    pub(super) fn healthcheck_no_worker(&self) -> Cell {
        let found = own_client::no_worker(self.p, self.fact());
        found.map_or(Cell::ABSENT, |(runs, span)| Cell::str(&runs).at(span))
    }

    pub(super) fn inherited_port(&self) -> Cell {
        let found = service_check::inherited(self.p, self.fact());
        found.map_or(Cell::ABSENT, |port| Cell::int(i64::from(port)))
    }

    pub(super) fn several_in_one(&self) -> Cell {
        let found = one_word::of_service(self.p, self.fact().image, self.deployed());
        Cell::list(found.iter().map(traced).collect())
    }
}
