//! A command as its fields look at it.

use crate::facts::model::CommandFact;
use crate::facts::nodes::node::view;
use crate::shell::ast::Command;

view! { Command(i: usize) }

impl View<'_> {
    pub(super) fn fact(&self) -> &CommandFact {
        &self.p.commands[self.i]
    }

    pub(super) fn command(&self) -> &Command {
        &self.fact().command
    }
}
