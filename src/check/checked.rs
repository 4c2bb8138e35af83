//! What a check found, and what it leaves for the next one.

use std::any::Any;
use std::sync::Arc;

use super::examine::Looked;
use super::plan::Plan;
use crate::facts::Facts;
use crate::policy::Outcome;
use crate::source::{Seen, Sources};
use crate::span::FileId;

/// What a check leaves for the next one.
#[derive(Debug)]
pub(super) struct Remembered {
    pub(super) plan: Arc<Plan>,
    /// Whose text the plan was made of.
    pub(super) around: Seen,
    /// Of each job, where it came to something.
    pub(super) looked: Vec<Option<(Arc<Looked>, Arc<Seen>)>>,
}

/// What a check made and nobody reads any more.
pub(super) type Kept = Box<dyn Any + Send>;

/// What a check found, with the files that its findings point into.
#[derive(Debug)]
pub struct Checked {
    /// The files that were read.
    pub sources: Sources,
    /// What was found.
    pub outcome: Outcome,
    /// Of each Dockerfile, where they were wanted or cost nothing to keep.
    pub(crate) facts: Vec<(FileId, Facts)>,
    /// See [`Request::remembers`].
    pub(super) memory: Option<Remembered>,
    /// Freed with the rest: a process that ends may leave all of it to the system, which frees faster.
    #[expect(dead_code, reason = "held, not read")]
    pub(super) kept: Vec<Kept>,
}
