//! Variables of which the settings certainly make a number, where they are given something else.

use crate::facts::build::at;
use crate::facts::model::{Project, ServiceFact, SettingsFact, StartFact};
use crate::python::numbers::{self, Number};
use crate::span::Span;

const MODULE: &str = "DJANGO_SETTINGS_MODULE";

/// Where the settings make a number of a variable that has this value, as written.
fn refused(fact: &SettingsFact, name: &str, value: &str) -> Option<(String, Span)> {
    let is_it =
        |number: &&Number| number.name == name && !numbers::is_number(value, number.is_float);
    let span = fact.numbers.iter().find(is_it)?.span;
    let (_, source) = fact.texts.iter().find(|(file, _)| *file == span.file)?;
    let call = source.text.get(span.range())?;
    Some((call.to_owned(), span))
}

/// It loads the settings as it starts.
fn loads(p: &Project, fact: &ServiceFact) -> bool {
    let is_django = |start: &StartFact| {
        start.command.management.is_some() || start.command.name.as_deref() == Some("celery")
    };
    fact.server(p).is_some() || fact.starts(p).iter().any(is_django)
}

/// Where the settings of a service make a number of a variable that it is given another text for.
pub(crate) fn of_service(p: &Project, service: usize, variable: usize) -> Option<(String, Span)> {
    let fact = &p.services[service];
    let env = &fact.deployed(p).env;
    let var = env.vars.get(variable).filter(|var| !var.may_vary)?;
    let (name, value) = (var.name.as_str(), var.value.as_ref()?.as_str());
    let settings = fact.settings(p)?;
    let found = refused(settings, name, value)?;
    let is_other = env.get(MODULE).is_some_and(|var| {
        let value = var.value.as_ref().filter(|_| !var.may_vary);
        value.is_none_or(|value| value.as_str() != settings.module.as_str())
    });
    let sets = |start: &StartFact| {
        let command = &start.command;
        let names = |text: Option<&str>| text.is_none_or(|text| text.starts_with(name));
        let mut assignments = command.assignments.iter();
        assignments.any(|it| it.name == name || it.name == MODULE)
            || command.name.as_deref() == Some("export")
                && command.args.iter().any(|arg| names(arg.as_str()))
            || command.flag("--settings").is_some()
    };
    let is_sure = !is_other && loads(p, fact) && !fact.starts(p).iter().any(sets);
    is_sure.then_some(found)
}

/// The same for a variable of an image that nothing else sets.
pub(crate) fn of_image(p: &Project, env: usize) -> Option<(String, Span)> {
    let fact = &p.envs[env];
    let name = fact.name.as_str();
    let value = fact.value.as_ref()?;
    let is_changed = p.around.service_variables().contains(name)
        || p.around.service_variables().contains(MODULE);
    let mut settings = p.settings.iter().filter(|it| {
        let image = &p.images[it.image];
        let holds = at::env(p, image.stage, name).flatten();
        image.chain.contains(&fact.stage)
            && holds.is_some_and(|it| it.span() == value.span())
            && image.server.is_some()
    });
    settings
        .find_map(|it| refused(it, name, value.as_str()))
        .filter(|_| !is_changed)
}
