//! What conditions ask of which it is not known whether they hold.

use crate::python::settings::machine::Hint;
use crate::python::settings::value::{EnvState, Kind, Value};

/// Variables remembered of one condition, at most.
const MAX_NAMES: usize = 40;

/// Values looked at for them.
const MAX_DEPTH: u8 = 8;

/// What conditions ask.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guard {
    pub(crate) names: Vec<String>,
    pub(crate) is_vague: bool,
    /// The condition is decided while one variable is not set.
    pub(crate) hint: Option<Hint>,
}

impl Guard {
    pub(crate) fn vague() -> Self {
        Self {
            is_vague: true,
            ..Self::default()
        }
    }

    /// The variables that decide what a value is.
    pub(crate) fn add(&mut self, value: &Value) {
        self.walk(value, 0);
    }

    pub(crate) fn name(&mut self, name: &str) {
        if self.names.len() >= MAX_NAMES {
            self.is_vague = true;
        } else if !self.names.iter().any(|known| known == name) {
            self.names.push(name.to_owned());
        }
    }

    fn walk(&mut self, value: &Value, depth: u8) {
        if depth > MAX_DEPTH {
            self.is_vague = true;
            return;
        }
        match &value.kind {
            Kind::Env(env) => {
                if env.state != EnvState::Set {
                    self.name(&env.name);
                }
                for part in env.default.iter().chain(&env.resolved) {
                    self.walk(part, depth + 1);
                }
            }
            Kind::Either(values) => values.iter().for_each(|one| self.walk(one, depth + 1)),
            // What is known of it and does not decide may still depend on what was left out.
            _ => self.is_vague |= value.truth().is_none(),
        }
    }
}
