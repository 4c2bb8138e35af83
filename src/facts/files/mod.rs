//! What lies where in each stage, where it comes from, and what is carried along.

pub(crate) mod bound;
pub(crate) mod bundlers;
pub(crate) mod carried_along;
mod certificates;
pub(crate) mod copied_bundles;
pub(crate) mod cron_jobs;
pub(crate) mod effects;
mod frontend_bundles;
mod frontend_imports;
mod frontend_servers;
pub(crate) mod frontends;
pub(crate) mod origin;
pub(crate) mod without_bit;
pub(crate) mod writing;
