//! The database of a stack that a service asks.

use crate::compose::Service;
use crate::facts::deploy::databases::Url;
use crate::facts::deploy::groups;
use crate::facts::model::{Project, ServiceFact};
use crate::facts::start::service;
use crate::python::settings::verdicts::{self, Answer, Default};

/// The one service of a stack that is a database.
pub(crate) fn only<'p>(p: &'p Project, fact: &'p ServiceFact) -> Option<&'p Service> {
    let beside = groups::beside(p, fact);
    let stack = fact.stack(p)?;
    let is_one = beside.databases == 1 && beside.built_databases == 0;
    let mut all = stack.services.iter();
    all.find(|one| service::engine(one).is_some())
        .filter(|_| is_one)
}

/// A service asks a database of its stack: its settings, or a variable that it gets, name that one as the host. `None`
/// where that is not known.
pub(crate) fn asks(p: &Project, fact: &ServiceFact, database: &Service) -> Option<bool> {
    let own = fact.compose(p)?;
    let env = own.env();
    let names = database.host_names();
    let is_given = env.vars.iter().any(|var| {
        let Some(value) = var.value.as_ref() else {
            return false;
        };
        let is_host = var.name.as_str().ends_with("HOST") && names.contains(&value.as_str());
        is_host || Url::parse(value).is_some_and(|url| names.contains(&url.host.as_str()))
    });
    if is_given {
        return Some(true);
    }
    let mut settings = p.settings.iter().filter(|it| Some(it.image) == fact.image);
    let only = settings.next().filter(|_| settings.next().is_none())?;
    let (entries, _) = verdicts::databases(&only.settings)?;
    let default = entries.iter().find(|entry| entry.alias == "default")?;
    let given = |name: &str| {
        let var = env.get(name)?;
        let value = var.value.as_ref().filter(|_| !var.may_vary)?;
        Some(value.as_str().to_owned())
    };
    let host = match default.text("HOST") {
        Answer::Known(known) => match known.env {
            Some(variable) if env.get(&variable.name).is_some() => given(&variable.name)?,
            _ => known.value,
        },
        Answer::Env(variable) => match (env.get(&variable.name), variable.default) {
            (Some(_), _) => given(&variable.name)?,
            (None, Default::Known(value, _)) if env.is_closed => value,
            _ => return None,
        },
        Answer::Unassigned | Answer::Unknown => return None,
    };
    Some(names.contains(&host.as_str()))
}
