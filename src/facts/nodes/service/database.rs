//! What a service says of a database: which one, how old, where its data lies.

use crate::compose::{Dependency, Service};
use crate::facts::deploy::{database_servers, databases, groups, startup_order, unreachable};
use crate::facts::model::StartFact;
use crate::facts::nodes::cells::{known_bool, known_str, str_or_absent, traced};
use crate::facts::nodes::service::view::View;
use crate::facts::start::service;
use crate::facts::table::Cell;
use crate::knowledge::Series;
use crate::knowledge::databases::{self as known, Engine};
use crate::knowledge::words::OptionWords;
use crate::shell::ast::{OnFailure, Runs};
use crate::span::Span;

impl View<'_> {
    fn engine(&self) -> Option<Engine> {
        self.compose().and_then(service::engine)
    }

    fn series(&self) -> Option<Series> {
        self.compose().and_then(service::series)
    }

    pub(super) fn database(&self) -> Cell {
        match self.compose().and_then(service::image) {
            None => self.no_image(),
            Some(image) => known::engine(&image.repository).map_or(Cell::ABSENT, |engine| {
                Cell::str(databases::engine_name(engine)).at(image.span)
            }),
        }
    }

    pub(super) fn eol(&self) -> Cell {
        let Some(engine) = self.engine() else {
            return Cell::ABSENT;
        };
        let Some(series) = self.series() else {
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
        if self.stack().is_none() {
            return false;
        }
        let all = &groups::beside(self.p, self.fact()).series;
        let series = all.get(&self.engine());
        series.is_some_and(|all| all.len() > 1 || !all.contains(&self.series()))
    }

    pub(super) fn days_past_eol(&self) -> Cell {
        if self.is_upgrade() {
            return Cell::UNKNOWN;
        }
        let row = self
            .engine()
            .zip(self.series())
            .and_then(|(engine, series)| known::series(engine, series));
        row.map_or(Cell::UNKNOWN, |row| {
            Cell::int(i64::from((self.p.today - row.eol).get_days()))
        })
    }

    pub(super) fn gone_option(&self) -> Cell {
        let found = database_servers::gone_option(self.p, self.fact());
        found.map_or(Cell::ABSENT, |(word, _)| traced(&word))
    }

    pub(super) fn gone_option_from(&self) -> Cell {
        let found = database_servers::gone_option(self.p, self.fact());
        found.map_or(Cell::ABSENT, |(_, row)| {
            let engine = self.engine().unwrap_or(Engine::Mysql);
            Cell::str(&databases::series_name(engine, row.from))
        })
    }

    pub(super) fn gone_option_instead(&self) -> Cell {
        let found = database_servers::gone_option(self.p, self.fact());
        str_or_absent(found.and_then(|(_, row)| row.instead))
    }

    pub(super) fn listens_alone(&self) -> Cell {
        let found = unreachable::listens_alone(self.p, self.i);
        found.map_or(Cell::ABSENT, |(address, _)| traced(&address))
    }

    pub(super) fn sends_back(&self) -> Cell {
        let found = unreachable::sends_back(self.p, self.i);
        found.map_or(Cell::ABSENT, |(address, _)| traced(&address))
    }

    pub(super) fn left_alone(&self) -> Cell {
        let found = unreachable::listens_alone(self.p, self.i);
        let found = found.or_else(|| unreachable::sends_back(self.p, self.i));
        found.map_or(Cell::ABSENT, |(_, client)| Cell::str(&client))
    }

    pub(super) fn keeps_data_in_memory(&self) -> Cell {
        let service = self.compose();
        Cell::bool(service.is_some_and(databases::keeps_data_in_memory))
    }

    pub(super) fn lacks_password(&self) -> Cell {
        let is_used = groups::beside(self.p, self.fact()).is_used;
        // A file that only adds to the service is given together with its own.
        let is_added_to = groups::added_to(self.p).contains(self.deployed().name.as_str());
        let service = self.compose().filter(|_| self.is_whole());
        match service.filter(|_| is_used && !is_added_to) {
            Some(service) => known_bool(databases::lacks_password(service)),
            None => Cell::UNKNOWN,
        }
    }

    pub(super) fn moved_data(&self) -> Cell {
        match (self.engine(), self.series()) {
            (Some(engine), Some(series)) => {
                let image = self.compose().and_then(service::image);
                let is_library =
                    image.is_some_and(|image| known::has_own_entrypoint(&image.repository));
                Cell::bool(is_library && known::moved_its_data(engine, series))
            }
            (None, _) => Cell::bool(false),
            _ => Cell::UNKNOWN,
        }
    }

    pub(super) fn database_series(&self) -> Cell {
        self.engine().map_or(Cell::ABSENT, |_| {
            let text = self.compose().and_then(databases::series_text);
            known_str(text.as_deref())
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

    pub(super) fn refuses_old_mount(&self) -> Cell {
        let runs_server = self.compose().is_some_and(databases::looks_for_old_mounts);
        match runs_server {
            true => self.moved_data(),
            false => Cell::bool(false),
        }
    }

    pub(super) fn newest_refuses_mount(&self) -> Cell {
        Cell::bool(self.compose().is_some_and(databases::newest_refuses_mount))
    }

    pub(super) fn keeps_old_data_path(&self) -> Cell {
        Cell::bool(databases::keeps_old_data_path(&self.deployed().mounts))
    }

    pub(super) fn own_series(&self) -> Cell {
        let found = self.compose().and_then(databases::own_series);
        found.map_or(Cell::ABSENT, |(engine, series, span)| {
            Cell::str(&databases::series_name(engine, series)).at(span)
        })
    }

    pub(super) fn needed_series(&self) -> Cell {
        match databases::needed_series(self.p, self.fact()) {
            Some((series, span)) => {
                let name = databases::series_name(known::Engine::Postgres, series);
                Cell::str(&name).at(span)
            }
            None => Cell::ABSENT,
        }
    }

    /// What migrates when it starts, where nothing lets the database come up before and nothing starts it again.
    pub(super) fn schedules_unready(&self) -> Cell {
        let found = startup_order::schedules_unready(self.p, self.fact());
        found.map_or(Cell::ABSENT, |(maker, span)| Cell::str(maker).at(span))
    }

    pub(super) fn migrates_unready(&self) -> Cell {
        let found = self.compose().filter(|_| self.is_whole()).and_then(|own| {
            let restart = own.restart.as_ref().map(|text| text.as_str());
            let is_once = matches!(restart, None | Some(Some("no")));
            let has_policy = own.keys.iter().any(|key| key.as_str() == "deploy");
            // Another one may wait in its place.
            let in_stack = |name: &str| self.in_stack().iter().find(|it| it.name.as_str() == name);
            let waits = |one: &Dependency| {
                let condition = one.condition.as_ref().map(|text| text.as_str());
                !matches!(condition, None | Some(Some("service_started")))
            };
            let is_waiting = own.depends_on.iter().any(|one| {
                let other = in_stack(one.service.as_str());
                waits(one) || other.is_some_and(|other| other.depends_on.iter().any(waits))
            });
            let stage = self.fact().image.map(|image| self.p.images[image].stage);
            let in_files = stage.and_then(|stage| databases::is_in_files(self.p, stage));
            if is_waiting || in_files == Some(true) {
                return None;
            }
            let database = own.depends_on.iter().find(|one| {
                let condition = one.condition.as_ref().map(|text| text.as_str());
                let starts = matches!(condition, None | Some(Some("service_started")));
                let named = |other: &&Service| other.name.as_str() == one.service.as_str();
                let other = self.in_stack().iter().find(named);
                starts && other.and_then(service::engine).is_some()
            })?;
            let migrate = self.starts().and_then(unready)?;
            (is_once && !has_policy).then_some((database, migrate))
        });
        found.map_or(Cell::ABSENT, |(database, migrate)| {
            Cell::str(database.service.as_str()).at(migrate)
        })
    }

    /// The commands that it starts, where all are known.
    fn starts(&self) -> Option<&[StartFact]> {
        let fact = self.fact();
        fact.is_known(self.p).then(|| fact.starts(self.p))
    }
}

/// A `migrate` whose failure ends the start, and that nothing stands before which may wait.
fn unready(starts: &[StartFact]) -> Option<Span> {
    let management = |start: &StartFact| start.command.management_name().map(str::to_owned);
    let at = starts
        .iter()
        .position(|start| management(start).as_deref() == Some("migrate"))?;
    let command = &starts[at].command;
    let is_certain = command.runs == Runs::Always && command.on_failure == OnFailure::Stops;
    let waits_not = |start: &StartFact| match management(start) {
        Some(name) => OptionWords::ManagementQuiet.contains(&name),
        None => matches!(start.command.name.as_deref(), Some("set" | "echo" | "cd")),
    };
    let word = command.management.as_ref()?.span;
    (is_certain && starts[..at].iter().all(waits_not)).then_some(word)
}
