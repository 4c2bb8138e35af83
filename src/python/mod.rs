//! Python: what gets installed and what the settings say.
//!
//! A library over [`crate::source`] and [`crate::span`] that knows nothing of Dockerfiles: callers
//! say which installer runs, where modules lie and what the environment holds.

pub(crate) mod attributes;
pub(crate) mod celery;
pub(crate) mod imports;
pub(crate) mod module;
pub(crate) mod numbers;
pub(crate) mod process;
pub(crate) mod queries;
pub(crate) mod renders;
pub(crate) mod requirements;
mod roundabout;
pub(crate) mod settings;
pub(crate) mod syntax;
pub(crate) mod templates;
#[cfg(test)]
mod tests;
pub(crate) mod tls;
pub(crate) mod upload_views;
pub(crate) mod urls;
