//! What a Dockerfile is judged by.

use std::sync::Arc;

use super::Selection;
use super::baseline::KnownFile;
use crate::config::Config;

/// What a Dockerfile is judged by.
#[derive(Debug)]
pub(crate) struct Terms {
    pub config: Config,
    pub selection: Selection,
    /// Findings that are known there.
    pub known: Option<Arc<KnownFile>>,
}
