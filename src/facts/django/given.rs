//! Settings as they are where a container is given a variable that the image alone does not have.

use crate::facts::django::settings::{RunEnv, path_to_settings};
use crate::facts::model::{SettingsFact, StartPhase};
use crate::python::settings::verdicts::{self, Texts};
use crate::python::settings::{EnvSource, EnvValue, Interpreter};
use crate::source::Sources;
use crate::span::Traced;

/// The environment of a container, and one variable more.
struct Given<'a> {
    env: &'a RunEnv<'a>,
    name: &'a str,
    value: &'a Traced,
}

impl EnvSource for Given<'_> {
    fn get(&self, name: &str) -> EnvValue {
        if name == self.name {
            EnvValue::Set(self.value.as_str().to_owned(), Some(self.value.span()))
        } else {
            self.env.get(name)
        }
    }
}

/// The texts of a list setting with this variable; `None` when they are not known.
pub(crate) fn texts_with(
    p: &StartPhase,
    sources: &Sources,
    fact: &SettingsFact,
    setting: &str,
    (name, value): (&str, &Traced),
) -> Option<Texts> {
    let path = path_to_settings(p, fact.image, sources)?;
    let env = RunEnv::new(p, &p.images[fact.image]);
    let given = Given {
        env: &env,
        name,
        value,
    };
    let settings = Interpreter::new(&path, &given).settings(fact.module.as_str());
    verdicts::texts(&settings, setting).known().cloned()
}
