//! Who starts these images and how: the services of compose stacks, their databases, addresses and passwords.

pub(crate) mod addresses;
pub(crate) mod cluster;
pub(crate) mod compose_callers;
pub(crate) mod database_servers;
pub(crate) mod databases;
pub(crate) mod groups;
pub(crate) mod hosts;
pub(crate) mod kept_data;
pub(crate) mod local_use;
pub(crate) mod made_to_develop;
pub(crate) mod names;
pub(crate) mod passwords;
pub(crate) mod powerless;
pub(crate) mod proxied;
pub(crate) mod proxies;
pub(crate) mod purpose;
pub(crate) mod rights;
pub(crate) mod search_servers;
pub(crate) mod services;
pub(crate) mod shipped;
mod siblings;
pub(crate) mod supervised;
pub(crate) mod switched;
pub(crate) mod unreachable;
pub(crate) mod writes;
