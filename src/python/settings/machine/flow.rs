//! Where execution goes, and what a branch did.

use crate::python::settings::exception::Exception;
use crate::python::settings::value::Changes;

/// Where execution goes after a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    Next,
    /// The value was put on the frame.
    Return,
    Raise(Exception),
}

/// What a branch did to the current function and module and to the environment.
#[derive(Default)]
pub(crate) struct Branch {
    pub(crate) module: Changes,
    pub(crate) locals: Changes,
    pub(crate) overlay: Changes,
}
