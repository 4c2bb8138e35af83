//! A command as its fields look at it.

use crate::facts::model::CommandFact;
use crate::facts::nodes::cells::{str_or_absent, traced};
use crate::facts::nodes::node::view;
use crate::facts::start::dash;
use crate::facts::table::Cell;
use crate::knowledge::bash_words;
use crate::shell::ast::{Arg, Command};

view! { Command(i: usize) }

impl View<'_> {
    pub(super) fn fact(&self) -> &CommandFact {
        &self.p.commands[self.i]
    }

    pub(super) fn command(&self) -> &Command {
        &self.fact().command
    }

    pub(super) fn unset_variables(&self) -> Cell {
        let found = self.p.managed.iter().find(|it| it.command == self.i);
        let missing = found.map_or(&[][..], |it| &it.missing[..]).iter();
        Cell::list(missing.map(|it| Cell::str(&it.name).at(it.span)).collect())
    }

    /// No COPY has brought the file that `python manage.py` names.
    pub(super) fn manage_is_missing(&self) -> Cell {
        let command = self.command();
        if command.management.is_none() {
            return Cell::ABSENT;
        }
        let file = match command.name.as_deref() {
            Some("python") => command.args.first().and_then(Arg::as_str),
            Some("manage.py") => command.program.as_deref(),
            _ => return Cell::ABSENT,
        };
        let Some(file) = file.filter(|file| file.ends_with("manage.py")) else {
            return Cell::ABSENT;
        };
        let layer = &self.p.layers[self.fact().layer];
        if !layer.mounts.is_empty() || layer.is_onbuild {
            return Cell::UNKNOWN;
        }
        let path = match file.strip_prefix('/') {
            Some(_) => file.to_owned(),
            None => match crate::facts::build::at::directory_of(self.p, self.fact()) {
                Some(directory) => format!("{directory}/{file}"),
                None => return Cell::UNKNOWN,
            },
        };
        let path = crate::source::absolute("/", &path);
        let found = crate::facts::files::origin::as_command_sees(self.p, self.i, &path);
        match found {
            crate::context::Origin::Missing => Cell::bool(true),
            crate::context::Origin::Unknown | crate::context::Origin::Generated => Cell::UNKNOWN,
            _ => Cell::bool(false),
        }
    }

    pub(super) fn bash_only(&self) -> Cell {
        let found = dash::bash_only_in_run(self.p, self.i);
        found.map_or(Cell::ABSENT, |(text, span)| Cell::str(text).at(span))
    }

    pub(super) fn bash_instead(&self) -> Cell {
        let found = dash::bash_only_in_run(self.p, self.i);
        let row = found.and_then(|(text, _)| bash_words::only_bash(text));
        str_or_absent(row.and_then(|row| row.instead))
    }

    pub(super) fn refused_option(&self) -> Cell {
        dash::refused_in_run(self.p, self.i).map_or(Cell::ABSENT, traced)
    }
}
