//! How the command of a server is kept, and what a fix may do to it.

use crate::dockerfile::ast::Args;
use crate::facts::model::{ServerFact, StartFact};
use crate::facts::nodes::server::view::View;
use crate::facts::start::written;
use crate::facts::table::Cell;
use crate::knowledge::programs::is_shell;
use crate::shell::ast::Arg;
use crate::span::Span;

impl View<'_> {
    pub(super) fn is_exec_form(&self) -> Cell {
        self.with(|server| {
            let image = &self.p.images[self.i];
            if !image.process_is_known {
                return Cell::UNKNOWN;
            }
            let start = image
                .starts
                .iter()
                .find(|start| start.command.name_span == server.command.name_span);
            let has_shell = server.command.wrappers.iter().any(|name| is_shell(name));
            // A script that ends with `exec "$@"` leaves them as they are.
            let instruction = &self.p.dockerfile.instructions[server.instruction];
            let is_given = |arg: &Arg| {
                arg.text
                    .as_ref()
                    .is_some_and(|text| instruction.span.contains(text.span()))
            };
            let is_passed = matches!(instruction.args, Args::Json(_))
                && server.command.args.iter().all(is_given);
            let is_direct =
                |start: &StartFact| start.script.is_none() && !start.in_shell || is_passed;
            Cell::bool(start.is_some_and(is_direct) && !has_shell)
        })
    }

    pub(super) fn find_kept_command(&self, server: &ServerFact) -> Cell {
        server
            .kept
            .as_ref()
            .map_or(Cell::ABSENT, |kept| self.written_at(kept.span))
    }

    pub(super) fn find_kept_form(&self, server: &ServerFact) -> Cell {
        let Some(kept) = &server.kept else {
            return Cell::ABSENT;
        };
        written::exec_form(self.p, kept).map_or(Cell::ABSENT, |text| Cell::str(&text))
    }

    pub(super) fn kept_command(&self) -> Cell {
        self.with(|s| self.find_kept_command(s))
    }

    pub(super) fn kept_form(&self) -> Cell {
        self.with(|s| self.find_kept_form(s))
    }

    /// The shell that evaluates them stays, whatever they are.
    pub(super) fn evaluates(&self) -> Cell {
        let scripts = self.p.images[self.i].scripts.iter();
        let texts = scripts.filter_map(|script| script.text.as_ref());
        let mut lines = texts.flat_map(|text| text.as_str().lines()).map(str::trim);
        let is_it = |line: &&str| {
            let given = line.strip_prefix("eval ").map(|it| it.trim_matches('"'));
            matches!(given, Some("$@" | "$*"))
        };
        lines.find(is_it).map_or(Cell::ABSENT, Cell::str)
    }

    pub(super) fn own_line(&self) -> Cell {
        self.with(|s| {
            s.own_line
                .map_or(Cell::ABSENT, |span| self.written_at(span))
        })
    }

    /// A command as written.
    pub(super) fn written_at(&self, span: Span) -> Cell {
        let written = written::at(self.p, self.i, span);
        written.map_or(Cell::UNKNOWN.at(span), |text| {
            Cell::str(&written::in_one_line(text)).at(span)
        })
    }
}
