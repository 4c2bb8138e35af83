//! Why a file could not be used.

use crate::python::requirements::ProblemKind;
use crate::source::SourceError;

pub(super) fn kind_of(error: &SourceError) -> ProblemKind {
    match error {
        SourceError::Missing { .. } => ProblemKind::Missing,
        SourceError::Outside { .. } => ProblemKind::Outside,
        SourceError::Io { .. } | SourceError::TooLarge { .. } => ProblemKind::Unreadable,
    }
}
