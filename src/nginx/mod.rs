//! Configuration files of nginx and Caddy: their grammars, tolerant and with places, and what they say of where
//! requests go. Knows nothing of images and services.

pub(crate) mod caddy;
mod covered;
mod dropped;
pub(crate) mod misplaced;
mod site;
mod syntax;
mod types;

pub(crate) use dropped::Dropped;
pub(crate) use misplaced::Misplaced;
pub(crate) use site::{Files, Pass, Site, Spoken, To};
pub(crate) use syntax::{Config, parse};
