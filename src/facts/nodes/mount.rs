//! A `--mount` of a RUN.

use crate::facts::model::Mount;
use crate::facts::nodes::node::{table, view};
use crate::facts::table::{Cell, Type};
use crate::span::Span;

table! {
    "mount",
    "A `--mount` of a RUN.";
    kind: Type::Str, "`bind`, `cache`, `tmpfs`, `secret` or `ssh`";
    target: Type::Str, "absolute; empty when not given or not known";
    source: Type::Str, "as written; empty when not given";
}

view! { Mount { layer: usize, i: usize } }

impl View<'_> {
    fn fact(&self) -> &Mount {
        &self.p.layers[self.layer].mounts[self.i]
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().span)
    }

    fn label(&self) -> String {
        self.fact().kind.clone()
    }
}

impl View<'_> {
    fn kind(&self) -> Cell {
        Cell::str(&self.fact().kind)
    }

    fn target(&self) -> Cell {
        Cell::str(&self.fact().target)
    }

    fn source(&self) -> Cell {
        Cell::str(&self.fact().source)
    }
}
