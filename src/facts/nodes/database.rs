//! An entry of DATABASES.

use std::sync::Arc;

use crate::facts::model::Project;
use crate::facts::nodes::cells::effective;
use crate::facts::nodes::node::{Id, Node, table};
use crate::facts::table::{Cell, Type};
use crate::knowledge::secret::{self, Verdict};
use crate::python::settings::verdicts::{Answer, Entry};
use crate::span::Span;

table! {
    "database",
    "An entry of DATABASES.";
    alias: Type::Str, "its key: `default`";
    engine: Type::Str, "ENGINE";
    host: Type::Str, "HOST";
    database: Type::Str, "NAME";
    written_password: Type::Str,
        "`secret` or `guessable` (words anybody would try), where PASSWORD is in the settings; absent where \
         it does not, or where it or a comment beside it says that it is a stand-in";
    settings: Type::Link("settings"), "the settings that it belongs to";
}

pub(super) struct View<'a> {
    p: &'a Arc<Project>,
    settings: usize,
    entry: &'a Entry,
}

impl<'a> View<'a> {
    fn of(node: &'a Node) -> Option<Self> {
        match &node.id {
            Id::Database { settings, entry } => Some(Self {
                p: &node.p,
                settings: *settings,
                entry,
            }),
            _ => None,
        }
    }
}

impl View<'_> {
    /// What PASSWORD is where it stands in the settings.
    fn written_password(&self) -> Cell {
        let known = match self.entry.text("PASSWORD") {
            Answer::Known(known) if known.env.is_none() => known,
            Answer::Known(_) | Answer::Env(_) | Answer::Unassigned => return Cell::ABSENT,
            Answer::Unknown => return Cell::UNKNOWN,
        };
        // One that a variable gives stands where the variable is set.
        let Some(text) = self.p.settings[self.settings].text_of(known.span.file) else {
            return Cell::ABSENT;
        };
        let beside = ["USER", "NAME"].map(|key| self.entry.text(key));
        let beside: Vec<&str> = beside
            .iter()
            .filter_map(|text| text.known().map(String::as_str))
            .collect();
        let at = known.span.start as usize;
        let cell = match secret::judge_password(&known.value, &beside, text, at) {
            Verdict::Secret(_) => Cell::str("secret"),
            Verdict::Guessable => Cell::str("guessable"),
            Verdict::Dummy | Verdict::Harmless => return Cell::ABSENT,
        };
        cell.at(known.span)
    }

    fn place(&self) -> Option<Span> {
        Some(self.entry.alias_span)
    }

    fn label(&self) -> String {
        self.entry.alias.clone()
    }
}

impl View<'_> {
    fn alias(&self) -> Cell {
        Cell::str(&self.entry.alias).at(self.entry.alias_span)
    }

    fn engine(&self) -> Cell {
        effective(&self.entry.text("ENGINE"), |text| Cell::str(text))
    }

    fn host(&self) -> Cell {
        effective(&self.entry.text("HOST"), |text| Cell::str(text))
    }

    fn database(&self) -> Cell {
        effective(&self.entry.text("NAME"), |text| Cell::str(text))
    }

    fn settings(&self) -> Cell {
        Id::Settings(self.settings).cell(self.p)
    }
}
