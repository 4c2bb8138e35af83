//! The interpreter's state, and what is done to it without evaluating anything.

mod flow;
mod guard;
mod state;
mod stops;
mod ways;

pub(crate) use state::Interpreter;

pub(crate) use flow::{Branch, Flow};
pub(crate) use guard::Guard;
pub(crate) use state::{Frame, MAX_DEPTH, MAX_MODULES, Resolution, State, place};
pub(crate) use stops::can_stop;
pub(crate) use ways::{Hint, Returned, Way, of_all, unless_set};
