//! Where the program of a server lies, when it is not where it is looked for.

use crate::facts::model::{Brought, Lost, NoPython, PlaceKind};
use crate::facts::nodes::cells::{at, known_str};
use crate::facts::nodes::server::view::View;
use crate::facts::start::{interpreters, script_place};
use crate::facts::table::Cell;

impl View<'_> {
    /// Why it certainly does not start; of several servers nobody is asked.
    pub(super) fn lost(&self) -> Option<&Lost> {
        let is_main = self.beside.is_none();
        is_main
            .then(|| script_place::lost(self.p, self.i))
            .flatten()
    }

    pub(super) fn off_path(&self) -> Cell {
        let Some(Lost::OffPath(brought)) = self.lost() else {
            return Cell::ABSENT;
        };
        let install = &self.p.installs[brought.install];
        let span = self.p.commands[install.command].command.name_span;
        let directory = brought.now.as_deref();
        at(known_str(directory), Some(span))
    }

    pub(super) fn is_of_user(&self) -> Cell {
        let lost = self.lost();
        Cell::bool(matches!(lost, Some(Lost::OffPath(it)) if it.made.kind == PlaceKind::User))
    }

    pub(super) fn named_by(&self) -> Cell {
        match self.lost() {
            Some(Lost::OffPath(it)) if it.made.kind == PlaceKind::Unnamed => {
                Cell::str(self.p.installs[it.install].row.called)
            }
            _ => Cell::ABSENT,
        }
    }

    pub(super) fn of_copy(&self, brought: &Brought, text: &str) -> Cell {
        let copy = brought.copy.map(|copy| self.p.copies[copy].instruction);
        let span = copy.map(|at| self.p.dockerfile.instructions[at].span);
        at(known_str(Some(text)), span)
    }

    pub(super) fn left_behind(&self) -> Cell {
        match self.lost() {
            Some(Lost::LeftBehind(it)) => self.of_copy(it, &it.made.directory),
            _ => Cell::ABSENT,
        }
    }

    fn no_python(&self) -> Option<&NoPython> {
        let is_main = self.beside.is_none();
        is_main
            .then(|| interpreters::lost(self.p, self.i))
            .flatten()
    }

    pub(super) fn lacks_python(&self) -> Cell {
        match self.no_python() {
            Some(it) if !it.is_closed_off => self.of_copy(&it.brought, &it.python),
            _ => Cell::ABSENT,
        }
    }

    pub(super) fn unreachable_python(&self) -> Cell {
        let Some(found) = self.no_python().filter(|it| it.is_closed_off) else {
            return Cell::ABSENT;
        };
        let install = &self.p.installs[found.brought.install];
        let span = self.p.commands[install.command].command.name_span;
        at(known_str(Some(&found.python)), Some(span))
    }

    pub(super) fn moved_from(&self) -> Cell {
        match self.lost() {
            Some(Lost::Moved(it)) => self.of_copy(it, it.made.directory.trim_end_matches("/bin")),
            _ => Cell::ABSENT,
        }
    }
}
