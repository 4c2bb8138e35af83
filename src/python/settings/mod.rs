//! Settings modules, read without running them.
//!
//! An abstract interpreter over the syntax tree: assignments, imports, conditions and the usual
//! readers of environment variables. What it does not understand becomes unknown; it never
//! guesses. It knows nothing of images: a [`ModuleLoader`] finds modules and an [`EnvSource`] says
//! what is in the environment.
//!
//! ```text
//! read(&loader, &env, "project.settings.deploy") -> Settings
//! ```

mod defaults;
mod eval;
mod exception;
mod library;
mod loader;
mod machine;
pub(crate) mod outcome;
mod read;
pub(crate) mod storages;
mod value;

pub(crate) mod origins;
pub(crate) mod verdicts;

pub(crate) use defaults::read;
pub(crate) use loader::{EnvSource, EnvValue, Loaded, LoadedModule, ModuleLoader, ModuleName};
pub(crate) use machine::Interpreter;
pub(crate) use outcome::{RequiredEnv, Setting, Settings};
pub(crate) use value::{Cast, Entries, Env, EnvState, Kind, Reader, Reason, Value};
