//! What a command does to the packages of the distribution.

use crate::facts::build::{at, manager};
use crate::facts::deploy::cache_mounts;
use crate::facts::files::{frontends, without_bit};
use crate::facts::nodes::cells::{at as placed, known_bool, list, maybe_str, str_or_absent};
use crate::facts::nodes::command::view::View;
use crate::facts::nodes::node::Id;
use crate::facts::python::commands;
use crate::facts::start::{by_script, lacking};
use crate::facts::system::{account_options, apt, passwords};
use crate::facts::table::Cell;
use crate::knowledge::packages;

impl View<'_> {
    pub(super) fn left_out(&self) -> Cell {
        let found = frontends::lacking(self.p, self.i);
        found.map_or(Cell::ABSENT, |(program, _)| Cell::str(&program))
    }

    pub(super) fn left_out_by(&self) -> Cell {
        let env = frontends::lacking(self.p, self.i).and_then(|(_, env)| env);
        env.map_or(Cell::ABSENT, |env| Id::Env(env).cell(self.p))
    }

    pub(super) fn lacks_lock(&self) -> Cell {
        let found = frontends::lacks_lock(self.p, self.i);
        found.map_or(Cell::ABSENT, |(name, pattern)| {
            placed(Cell::str(name), pattern)
        })
    }

    pub(super) fn account_option(&self) -> Cell {
        let found = account_options::refused(self.p, self.i);
        found.map_or(Cell::ABSENT, |(_, flag, _)| {
            Cell::str(&flag.written).at(flag.span)
        })
    }

    pub(super) fn account_option_instead(&self) -> Cell {
        let found = account_options::refused(self.p, self.i);
        str_or_absent(found.and_then(|(row, _, _)| row.instead))
    }

    pub(super) fn account_option_of(&self) -> Cell {
        let found = account_options::refused(self.p, self.i);
        str_or_absent(found.map(|(_, _, distribution)| distribution))
    }

    pub(super) fn makes_nothing(&self) -> Cell {
        let found = account_options::refused(self.p, self.i);
        found.map_or(Cell::ABSENT, |(row, _, _)| Cell::bool(row.helps))
    }

    pub(super) fn lacks_bit(&self) -> Cell {
        let name = self.command().name_span;
        let found = without_bit::called(self.p, self.i);
        found.map_or(Cell::ABSENT, |path| Cell::str(&path).at(name))
    }

    pub(super) fn no_cache(&self) -> Cell {
        Cell::list(
            crate::facts::python::no_cache::edits(self.p, self.i)
                .into_iter()
                .map(|(span, text)| Cell::str(&text).at(span))
                .collect(),
        )
    }

    pub(super) fn closed_cache(&self) -> Cell {
        let found = cache_mounts::closed_cache(self.p, self.i);
        found.map_or(Cell::ABSENT, |(mount, _)| {
            Cell::str(&mount.target).at(mount.span)
        })
    }

    pub(super) fn needs_cache(&self) -> Cell {
        let found = cache_mounts::closed_cache(self.p, self.i);
        found.map_or(Cell::ABSENT, |(_, is_needed)| Cell::bool(is_needed))
    }

    pub(super) fn apt_is_configured(&self) -> Cell {
        known_bool(apt::apt_is_configured(self.p, self.i))
    }

    pub(super) fn asks(&self) -> Cell {
        if manager::is_apt(self.command()) {
            known_bool(apt::asks(self.p, self.i))
        } else {
            Cell::ABSENT
        }
    }

    pub(super) fn sets_password(&self) -> Cell {
        known_bool(passwords::sets_password(self.p, self.i))
    }

    pub(super) fn is_of_another_distribution(&self) -> Cell {
        known_bool(apt::is_of_another_distribution(self.p, self.i))
    }

    pub(super) fn installs_listed(&self) -> Cell {
        Cell::bool(manager::installs_listed(self.command()))
    }

    pub(super) fn lists_own_code(&self) -> Cell {
        Cell::bool(crate::facts::python::downloads::lists_own_code(
            self.p, self.i,
        ))
    }

    pub(super) fn sources_changed_before(&self) -> Cell {
        Cell::bool(apt::sources_changed_before(self.p, self.i))
    }

    pub(super) fn sources_changed(&self) -> Cell {
        Cell::bool(apt::sources_changed(self.p, self.i))
    }

    pub(super) fn installed_before(&self) -> Cell {
        Cell::bool(commands::installed_before(self.p, self.i))
    }

    pub(super) fn lacks_package(&self) -> Cell {
        maybe_str(&lacking::lacks_for_management(self.p, self.i))
    }

    pub(super) fn off_path(&self) -> Cell {
        let found = by_script::off_path(self.p, self.i);
        found.map_or(Cell::ABSENT, |(directory, script)| {
            Cell::str(&directory).at(script)
        })
    }

    pub(super) fn lacks_activation(&self) -> Cell {
        known_bool(by_script::lacks_activation(self.p, self.i))
    }

    pub(super) fn lacks_program(&self) -> Cell {
        maybe_str(&lacking::lacks_program(self.p, self.i))
    }

    pub(super) fn instead_of_program(&self) -> Cell {
        let stage = self.p.commands[self.i].stage;
        let suite = at::root(&self.p.stages, stage).base.knowledge.debian();
        let name = self.p.commands[self.i].command.name.as_deref();
        let instead = suite.zip(name);
        str_or_absent(instead.and_then(|(row, name)| packages::left_out_of(name, row.codename)))
    }

    pub(super) fn may_be_brought(&self) -> Cell {
        Cell::bool(crate::facts::start::placed::may_be_brought(self.p, self.i))
    }

    pub(super) fn recommended(&self) -> Cell {
        Cell::list(
            crate::facts::system::recommends::all(self.p, self.i)
                .into_iter()
                .map(Cell::str)
                .collect(),
        )
    }

    pub(super) fn recommended_is_exact(&self) -> Cell {
        Cell::bool(crate::facts::system::recommends::is_exact(self.p, self.i))
    }

    pub(super) fn needed_recommends(&self) -> Cell {
        Cell::list(
            crate::facts::system::recommends::needed(self.p, self.i)
                .into_iter()
                .map(Cell::str)
                .collect(),
        )
    }

    pub(super) fn recommends_can_go(&self) -> Cell {
        Cell::bool(crate::facts::system::recommends::habit(self.p).can_go)
    }

    pub(super) fn recommends_place(&self) -> Cell {
        crate::facts::system::recommends::place(self.p, self.i)
            .map_or(Cell::ABSENT, |span| Cell::str("").at(span))
    }

    pub(super) fn unasked(&self) -> Cell {
        str_or_absent(crate::facts::system::fate::unasked(self.p, self.i))
    }

    pub(super) fn removable(&self) -> Cell {
        Cell::list(
            crate::facts::build::joined::removable(self.p, self.i)
                .into_iter()
                .map(|span| Cell::str("").at(span))
                .collect(),
        )
    }

    pub(super) fn lists_used_by(&self) -> Cell {
        crate::facts::system::apt_lists::lists_used_by(self.p, self.i)
            .map_or(Cell::ABSENT, |i| Id::Command(i).cell(self.p))
    }

    pub(super) fn lists_readers(&self) -> Cell {
        Cell::list(
            crate::facts::system::apt_lists::readers(self.p, self.i)
                .into_iter()
                .map(|i| Id::Command(i).cell(self.p))
                .collect(),
        )
    }

    pub(super) fn lists_lacked_for(&self) -> Cell {
        let found = crate::facts::system::apt_lists::lacks_lists(self.p, self.i);
        str_or_absent(found)
    }

    pub(super) fn lists_are_read(&self) -> Cell {
        Cell::bool(crate::facts::system::apt_lists::are_read(self.p, self.i))
    }

    pub(super) fn lists_removal(&self) -> Cell {
        crate::facts::system::apt_lists::removal(self.p, self.i)
            .map_or(Cell::ABSENT, |(span, text)| Cell::str(&text).at(span))
    }

    pub(super) fn packages(&self) -> Cell {
        let items = self
            .p
            .packages
            .iter()
            .enumerate()
            .filter(|(_, package)| package.command == self.i)
            .map(|(i, _)| Id::Package(i).cell(self.p))
            .collect();
        list(items, self.command().is_complete)
    }

    pub(super) fn removes(&self) -> Cell {
        let (removed, closed) = &self.fact().removes;
        list(
            removed
                .iter()
                .map(|i| Id::Package(*i).cell(self.p))
                .collect(),
            *closed,
        )
    }
}
