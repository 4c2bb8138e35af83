//! An entry of DATABASES.

use std::sync::Arc;

use crate::facts::model::Project;
use crate::facts::nodes::cells::{effective, traced};
use crate::facts::nodes::node::{Id, Node, table};
use crate::facts::system::libraries;
use crate::facts::table::{Cell, Type};
use crate::knowledge::secret::{self, Verdict};
use crate::python::settings::verdicts::{Answer, Entry};
use crate::span::{Span, Traced};

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
    odbc_driver: Type::Str, "`driver` of its OPTIONS, for SQL Server";
    lacks_package: Type::Str,
        "the package with that driver, where the image certainly lacks it; marks the driver; absent otherwise";
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

    fn find_driver(&self) -> Option<Traced> {
        let engine = self.entry.text("ENGINE");
        engine.known().filter(|engine| *engine == "mssql")?;
        match self.entry.within("OPTIONS", "driver") {
            Answer::Known(known) if known.env.is_none() => {
                Some(Traced::new(known.value, known.span))
            }
            _ => None,
        }
    }

    fn odbc_driver(&self) -> Cell {
        self.find_driver().map_or(Cell::ABSENT, |it| traced(&it))
    }

    fn lacks_package(&self) -> Cell {
        let image = self.p.settings[self.settings].image;
        let found = self.find_driver().and_then(|driver| {
            let package = libraries::missing_odbc_driver(self.p, image, driver.as_str())?;
            Some(Cell::str(&package).at(driver.span()))
        });
        found.unwrap_or(Cell::ABSENT)
    }

    fn settings(&self) -> Cell {
        Id::Settings(self.settings).cell(self.p)
    }
}
