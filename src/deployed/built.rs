//! Which part of which Dockerfile is built, and with which arguments.

use crate::compose::Text;

/// A build argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildArg {
    pub name: String,
    /// `None` where it is not known.
    pub value: Option<String>,
    /// The shell of whoever builds may say otherwise.
    pub may_vary: bool,
}

/// Which part of which Dockerfile is built.
#[derive(Debug, Clone, Default)]
pub struct Built {
    /// The directory of the context below the root; `None` when it is remote, lies outside or is not known.
    pub context: Option<String>,
    /// The Dockerfile below the root; `None` when it is not known, outside, or inline.
    pub dockerfile: Option<String>,
    /// The stage; `None` for the last.
    pub target: Option<Text>,
    /// It is told by the name of an image alone: something else builds it.
    pub is_named: bool,
    /// The build arguments that it is given.
    pub args: Vec<BuildArg>,
}
