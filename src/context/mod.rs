//! The build context: which directory it is, what its ignore file keeps out, and which of its files
//! a path of the image comes from.
//!
//! Only what is asked for is looked at: nothing here walks a tree. It knows paths and effects, not
//! Dockerfiles or commands; [`image::ImageFs`] is filled by the facts.

mod brought;
mod concerning;
mod directory;
pub(crate) mod glob;
pub(crate) mod ignore;
pub(crate) mod image;
mod listing;
mod lookup;
mod paths;
pub(crate) mod placed;
mod places;
mod sources;
#[cfg(test)]
mod tests;
mod trail;
mod weight;

pub(crate) use directory::{Certainty, Context, MAX_LISTED, Presence, Search};
pub(crate) use ignore::Pattern;
pub(crate) use trail::{Found, Listing, Origin, Owner};
pub(crate) use weight::weigh;
