//! What Django is told: its settings as a process sees them, what they need, collectstatic.

pub(crate) mod answered;
pub(crate) mod applications;
pub(crate) mod before_setup;
pub(crate) mod cache_tables;
pub(crate) mod celery_applications;
pub(crate) mod clients;
pub(crate) mod collectstatic;
pub(crate) mod compressors;
pub(crate) mod cron_environment;
pub(crate) mod finders;
pub(crate) mod found;
pub(crate) mod given;
pub(crate) mod gone;
pub(crate) mod joined;
pub(crate) mod loaded;
pub(crate) mod management;
pub(crate) mod middleware;
pub(crate) mod needs;
pub(crate) mod refused;
pub(crate) mod removed;
pub(crate) mod routes;
pub(crate) mod settings;
pub(crate) mod statics;
pub(crate) mod unfit;
pub(crate) mod unloaded_celery;
