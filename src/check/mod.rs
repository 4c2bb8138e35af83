//! The one pipeline from paths to an outcome, used by every command.
//!
//! Paths become Dockerfiles ([`discover`]), each gets its configuration and rules (`setup`), is
//! read and linted on its own (`plan`, `examine`), and policy judges everything together (`run`). A file that
//! cannot be read is a problem in the outcome and silences no other file. Nothing is printed here.

mod checked;
mod described;
pub(crate) mod discover;
mod examine;
mod example;
pub(crate) mod guard;
pub(crate) mod known;
mod mend;
mod named;
pub(crate) mod names;
pub(crate) mod places;
mod plan;
mod request;
mod run;
mod settings;
mod setup;
mod walk;
mod workspace;

pub use checked::Checked;
pub(crate) use example::run_example;
pub(crate) use known::{project as project_of_entry, read as read_baseline};
pub(crate) use request::Knowing;
pub use request::{Buffer, Request};
pub(crate) use settings::Line;
pub(crate) use setup::rule_problem;
pub use workspace::{Configuration, Refused, Workspace};
