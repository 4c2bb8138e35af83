//! What runs when a container starts: scripts followed, servers, health checks, the options of uWSGI.

pub(crate) mod behind;
pub(crate) mod celery;
pub(crate) mod commands;
pub(crate) mod errexit;
pub(crate) mod follow;
pub(crate) mod foreground;
pub(crate) mod frame;
pub(crate) mod given;
pub(crate) mod handed;
pub(crate) mod healthcheck;
pub(crate) mod image;
pub(crate) mod lacking;
pub(crate) mod one_word;
pub(crate) mod ownership;
pub(crate) mod script_arguments;
pub(crate) mod script_place;
pub(crate) mod script_text;
pub(crate) mod scripts;
pub(crate) mod server;
pub(crate) mod service;
pub(crate) mod service_check;
pub(crate) mod signals;
pub(crate) mod unprivileged;
pub(crate) mod user;
pub(crate) mod uwsgi;
pub(crate) mod written;
