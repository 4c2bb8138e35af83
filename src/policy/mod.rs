//! What decides which findings count: selection, severities, suppression comments, baseline, order.
//!
//! Policy never looks at facts and never prints. Two rules are its own, because only it can know
//! them: an ignore that silences nothing and an ignore of a rule that does not exist.

pub mod baseline;
pub mod cascade;
pub mod fingerprint;
pub mod judge;
pub mod outcome;
pub mod own;
pub mod selection;
pub mod suppress;

pub use baseline::{Baseline, BaselineError};
pub use judge::{Examined, Surroundings, Terms, judge};
pub use outcome::{Outcome, Reported, Silence, Silenced, Status};
pub use selection::{Known, Overrides, Selection};
