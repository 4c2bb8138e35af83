//! What facts are computed from.

use crate::knowledge::intent_words::Intent;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::facts::surroundings::Surroundings;
use crate::knowledge::Date;
use crate::source::{SourceFile, Sources};

/// What facts are computed from, besides the tree.
#[derive(Debug)]
pub(crate) struct Inputs<'a> {
    /// The Dockerfile's own file.
    pub text: Arc<SourceFile>,
    /// `--build-arg`, compose `build.args`.
    pub build_args: &'a BTreeMap<String, String>,
    /// `--target`, compose `build.target`: a stage's name or number.
    pub target: Option<&'a str>,
    /// What the Dockerfile is for, as the configuration or its path says; see `intent::by_path`. `None`:
    /// neither does.
    pub intent: Option<Intent>,
    pub today: Date,
    pub around: &'a Surroundings,
    pub sources: &'a Sources,
}
