//! What decides which findings count: selection, severities, suppression comments, baseline, order.
//!
//! Policy never looks at facts and never prints. A few rules about ignores are its own, because only it can know
//! them: those that silence nothing, name no rule, have expired, or are about what a policy sets.

pub(crate) mod baseline;
pub(crate) mod cascade;
pub(crate) mod fingerprint;
pub(crate) mod judge;
pub(crate) mod known;
pub(crate) mod outcome;
pub(crate) mod own;
pub(crate) mod selection;
pub(crate) mod suppress;
pub(crate) mod terms;

pub(crate) use baseline::KnownFile;
pub use baseline::{Baseline, BaselineError};
pub(crate) use judge::{Examined, Surroundings, judge};
pub(crate) use known::Comparison;
pub use outcome::{Compared, Outcome, Purposes, Reported, Silence, Silenced, Status};
pub use selection::Overrides;
pub(crate) use selection::{Known, Selection};
pub(crate) use terms::Terms;
