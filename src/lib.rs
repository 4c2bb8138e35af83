//! `seatrial` checks the Dockerfiles of Python and Django projects.
//!
//! Text becomes a tree, the tree becomes facts, rules ask the facts, policy decides what counts,
//! reporters only speak.
//!
//! A [`Workspace`] has the files and the rules of checks, a [`Request`] says what is to be checked, and what was found
//! is [`Checked`]:
//!
//! ```
//! use std::sync::Arc;
//!
//! use seatrial::{Memory, MemoryFile, Request, Severity, Workspace};
//!
//! let dockerfile = "FROM python:3.13-slim-trixie\nWORKDIR /app\nCOPY . .\nUSER app\nCMD [\"python\"]\n";
//! let file = MemoryFile::new(dockerfile);
//! let files = Memory::new([("shop/Dockerfile".to_owned(), file)].into());
//! let today = "2026-11-22".parse()?;
//! let request = Request::new("/shop", today).paths(["Dockerfile"]);
//! let checked = Workspace::new(Arc::new(files)).check(&request);
//! for reported in &checked.outcome.findings {
//!     let finding = &reported.finding;
//!     let place = checked.sources.place(finding.primary);
//!     println!("{}:{}: {}", place.file, place.start.line, finding.message);
//! }
//! assert_eq!(checked.outcome.count(Severity::Error), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![warn(missing_docs)]

mod check;
mod cli;
mod compose;
mod config;
mod context;
mod deployed;
mod dockerfile;
mod facts;
mod finding;
mod fix;
#[doc(hidden)]
pub mod fuzzing;
mod knowledge;
mod lint;
mod lsp;
mod maps;
mod nginx;
mod policy;
mod python;
mod report;
mod rule;
mod server;
mod shell;
mod source;
mod span;

#[cfg(test)]
#[path = "../tests/shared/mod.rs"]
mod shared;

pub use check::{Buffer, Checked, Configuration, Refused, Request, Workspace};
pub use finding::{
    About, Edit, Finding, Fix, Problem, Related, Safety, Severity, Tag, Undecided, Unfound,
};
pub use knowledge::Date;
pub use policy::{
    Baseline, BaselineError, Compared, Outcome, Overrides, Purposes, Reported, Silence, Silenced,
    Status,
};
pub use report::{Format, Report, RuleDoc, write};
pub use rule::{Catalogue, Rule};
pub use source::{
    Disk, Files, Found, Kept, Kind, Memory, MemoryFile, Names, Overlay, Place, Position,
    SourceFile, Sources, Stamp,
};
pub use span::{FileId, Span};

/// The command.
#[doc(hidden)]
pub use cli::run;

/// Texts of this repository that are made from its tables and rules, for its tests.
#[doc(hidden)]
pub mod made {
    use crate::facts::{SCHEMA, schema};
    use crate::rule::{Catalogue, docs};

    /// `rules/README.md`
    #[must_use]
    pub fn reference() -> String {
        docs::readme(&Catalogue::embedded(), &SCHEMA)
    }

    /// The names of files that say who starts images.
    #[must_use]
    pub fn deployment_files() -> Vec<&'static str> {
        crate::deployed::files().collect()
    }

    /// Codes of other linters that no rule stands for, each with the reason.
    #[must_use]
    pub fn foreign_codes() -> Vec<(&'static str, &'static str)> {
        crate::knowledge::foreign_codes::all().collect()
    }

    /// `docs/hadolint.md`
    #[must_use]
    pub fn foreign_page() -> String {
        let others = crate::knowledge::foreign_codes::all();
        docs::foreign(&Catalogue::embedded(), others)
    }

    /// The keys of a configuration.
    #[must_use]
    pub fn configuration_keys() -> Vec<&'static str> {
        crate::config::KEYS.to_vec()
    }

    /// `schemas/facts.json`
    #[must_use]
    pub fn facts_schema() -> String {
        format!("{:#}\n", schema::schema())
    }
}
