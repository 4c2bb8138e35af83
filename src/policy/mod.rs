//! What decides which findings count: selection, severities, suppression comments, baseline, order.
//!
//! Policy never looks at facts and never prints. Two rules are its own, because only it can know
//! them: an ignore that silences nothing and an ignore of a rule that does not exist.

pub(crate) mod baseline;
pub(crate) mod cascade;
pub(crate) mod fingerprint;
pub(crate) mod judge;
pub(crate) mod outcome;
pub(crate) mod own;
pub(crate) mod selection;
pub(crate) mod suppress;

pub use baseline::{Baseline, BaselineError};
pub(crate) use judge::{Examined, Surroundings, Terms, judge};
pub use outcome::{Outcome, Purposes, Reported, Silence, Silenced, Status};
pub use selection::Overrides;
pub(crate) use selection::{Known, Selection};
