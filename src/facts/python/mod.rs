//! Python packages of an image: what installs ask for, which releases that means, where Python finds them.

pub(crate) mod closure;
pub(crate) mod commands;
pub(crate) mod conflicts;
pub(crate) mod copied;
pub(crate) mod dependencies;
pub(crate) mod downloads;
pub(crate) mod drivers;
pub(crate) mod environments;
pub(crate) mod groups;
pub(crate) mod hashes;
pub(crate) mod import_path;
pub(crate) mod installs;
pub(crate) mod marks;
pub(crate) mod newest;
pub(crate) mod no_cache;
pub(crate) mod overlaid;
pub(crate) mod releases;
pub(crate) mod script_directories;
pub(crate) mod virtualenvs;
