//! The Dockerfile step by step: what each instruction does to its stage, and what holds at each point.

pub(crate) mod application;
pub(crate) mod at;
pub(crate) mod base;
pub(crate) mod copied;
pub(crate) mod copy;
pub(crate) mod env_forms;
pub(crate) mod env_text;
pub(crate) mod insert;
pub(crate) mod joined;
pub(crate) mod lost_variables;
pub(crate) mod manager;
pub(crate) mod opaque;
pub(crate) mod ports;
pub(crate) mod reach;
pub(crate) mod run;
pub(crate) mod secret_mounts;
pub(crate) mod shell;
pub(crate) mod unquoted;
pub(crate) mod users;
pub(crate) mod variables;
pub(crate) mod walk;
pub(crate) mod walker;
