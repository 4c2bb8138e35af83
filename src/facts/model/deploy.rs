//! Services of compose stacks, and who of them holds which password.

use std::collections::HashMap;
use std::sync::Arc;

use crate::compose::EnvVar;
use crate::facts::model::RunFact;

/// A service of a compose stack.
#[derive(Debug)]
pub struct ServiceFact {
    /// Among the stacks of the compose project.
    pub stack: usize,
    /// Among the services of the stack.
    pub service: usize,
    /// It builds this Dockerfile.
    pub builds_this: bool,
    /// The shipped image that it runs, among `images`; `None` when it is another one.
    pub image: Option<usize>,
    /// What it starts in that image, when that is not the image's own.
    pub run: Option<RunFact>,
    /// The server that it runs, with its own variables.
    pub served: Option<Arc<crate::server::Server>>,
}

/// A variable of a service that holds a password.
#[derive(Debug)]
pub(crate) struct Holder {
    /// In the project's `services`.
    pub(crate) service: usize,
    pub(crate) var: EnvVar,
}

/// All of them by stack and password.
pub(crate) type Holders = HashMap<(usize, String), Vec<Holder>>;
