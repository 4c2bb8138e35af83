//! Packages of the distribution: installed, left, removed, missing; what they bring, and what other bases would.

pub(crate) mod account_options;
pub(crate) mod accounts;
pub(crate) mod alpine;
pub(crate) mod apt;
pub(crate) mod apt_lists;
pub(crate) mod bindings;
pub(crate) mod caches;
pub(crate) mod compiling;
pub(crate) mod fate;
pub(crate) mod installed;
pub(crate) mod leftovers;
pub(crate) mod libraries;
pub(crate) mod locales;
pub(crate) mod musl;
pub(crate) mod passwords;
pub(crate) mod programs;
pub(crate) mod proven;
pub(crate) mod recommends;
pub(crate) mod succession;
pub(crate) mod zones;
