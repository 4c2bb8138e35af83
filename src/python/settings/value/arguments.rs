//! Arguments of a call, evaluated.

use crate::python::settings::value::Value;

/// Arguments of a call, evaluated.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arguments {
    pub(crate) positional: Vec<Value>,
    pub(crate) keywords: Vec<(String, Value)>,
    /// Some were spread from something that is not known.
    pub(crate) is_open: bool,
}

impl Arguments {
    pub(crate) fn keyword(&self, name: &str) -> Option<&Value> {
        let found = self.keywords.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value)
    }

    /// By position or by name.
    pub(crate) fn get(&self, at: usize, name: &str) -> Option<&Value> {
        self.positional.get(at).or_else(|| self.keyword(name))
    }
}
