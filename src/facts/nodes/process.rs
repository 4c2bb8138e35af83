//! CMD or ENTRYPOINT.

use crate::facts::model::ProcessFact;
use crate::facts::nodes::cells::{at, known_str, traced};
use crate::facts::nodes::node::{table, view};
use crate::facts::nodes::shared::{args, assignments, flags};
use crate::facts::start::image::server_of;
use crate::facts::start::script_place;
use crate::facts::table::{Cell, Type};
use crate::shell::ast::Command;
use crate::span::Span;

table! {
    "process",
    "CMD or ENTRYPOINT.";
    keyword: Type::Str, "`CMD` or `ENTRYPOINT`";
    is_json: Type::Bool, "in exec form";
    words: Type::List(&Type::Str), "elements of the exec form, or the one text of the shell form";
    name: Type::Str, "the program it runs last, as meant";
    flags: Type::Map(&Type::Str), "its flags, as for a command";
    operands: Type::List(&Type::Str), "its operands, as for a command";
    assignments: Type::Map(&Type::Str), "variables set for it";
    wrappers: Type::List(&Type::Str), "programs that run it, outermost first: `sh`, `exec`, `tini`";
    text: Type::Str, "as written, after the keyword";
    is_server: Type::Bool, "a server is among its commands";
    login_option: Type::Str,
        "the option of its shell with which Debian's `/etc/profile` resets PATH: `-lc`; absent otherwise";
}

view! { Process { image: usize, is_cmd: bool } }

impl View<'_> {
    fn fact(&self) -> &ProcessFact {
        let image = &self.p.images[self.image];
        let process = if self.is_cmd {
            image
                .cmd
                .and_then(|stage| self.p.stages[stage].cmd.as_ref())
        } else {
            image
                .entrypoint
                .and_then(|stage| self.p.stages[stage].entrypoint.as_ref())
        };
        // Nodes are only made for processes that are there.
        process.unwrap_or(&EMPTY)
    }

    /// The command that runs: the only one, or the last.
    fn main(&self) -> Option<&Command> {
        self.fact().commands.last()
    }

    fn with_main(&self, get: impl Fn(&Command) -> Cell) -> Cell {
        self.main().map_or(Cell::UNKNOWN, get)
    }

    fn place(&self) -> Option<Span> {
        let at = self.fact().instruction;
        self.p.dockerfile.instructions.get(at).map(|i| i.span)
    }

    fn label(&self) -> String {
        if self.is_cmd { "CMD" } else { "ENTRYPOINT" }.to_owned()
    }

    fn text_span(&self) -> Option<Span> {
        let words = &self.fact().words;
        let first = words.first()?.span();
        Some(words.last().map_or(first, |last| first.cover(last.span())))
    }
}

static EMPTY: ProcessFact = ProcessFact {
    instruction: 0,
    is_json: true,
    words: Vec::new(),
    commands: Vec::new(),
};

impl View<'_> {
    fn keyword(&self) -> Cell {
        Cell::str(&self.label())
    }

    fn is_json(&self) -> Cell {
        at(Cell::bool(self.fact().is_json), self.text_span())
    }

    fn words(&self) -> Cell {
        at(
            Cell::list(self.fact().words.iter().map(traced).collect()),
            self.text_span(),
        )
    }

    fn name(&self) -> Cell {
        self.with_main(|c| at(known_str(c.name.as_deref()), Some(c.name_span)))
    }

    fn flags(&self) -> Cell {
        self.with_main(flags)
    }

    fn operands(&self) -> Cell {
        self.with_main(|c| args(&c.operands))
    }

    fn assignments(&self) -> Cell {
        self.with_main(assignments)
    }

    fn wrappers(&self) -> Cell {
        self.with_main(|c| Cell::list(c.wrappers.iter().map(|w| Cell::str(w)).collect()))
    }

    fn text(&self) -> Cell {
        self.p
            .dockerfile
            .instructions
            .get(self.fact().instruction)
            .map_or(Cell::UNKNOWN, |i| traced(&i.rest))
    }

    fn login_option(&self) -> Cell {
        script_place::login_shell(self.p, self.image).map_or(Cell::ABSENT, traced)
    }

    fn is_server(&self) -> Cell {
        Cell::bool(
            self.fact()
                .commands
                .iter()
                .any(|command| server_of(command).is_some()),
        )
    }
}
