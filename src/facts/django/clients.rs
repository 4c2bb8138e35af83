//! Packages that what the settings name needs when it is used, where the image certainly lacks them.

use crate::facts::model::{Celery, Project, StartFact};
use crate::facts::python::{closure, dependencies};
use crate::knowledge::clients;
use crate::knowledge::words::ValueWords;
use crate::python::settings::Kind;
use crate::python::settings::verdicts::{self, Answer, Default};
use crate::span::Span;

const CELERY: &str = "celery";

/// What is lacking, with the place that needs it.
type Missing = Vec<(&'static str, Span)>;

fn add(p: &Project, i: usize, of: &str, name: &str, span: Span, out: &mut Missing) {
    let Some(names) = clients::needed(of, name) else {
        return;
    };
    let is_there = |first: &&'static str| out.iter().any(|(known, _)| known == first);
    let image = p.settings[i].image;
    let lacks = match of.starts_with(|c: char| c.is_ascii_lowercase()) {
        true => lacks_beside_celery(p, image, names),
        false => closure::lacks(p, image, names) == Some(true),
    };
    if let Some(first) = names.first().filter(|first| lacks && !is_there(first)) {
        out.push((first, span));
    }
}

/// The image has celery and certainly lacks these beside it: celery brings none of them without an extra.
fn lacks_beside_celery(p: &Project, image: usize, names: &[&str]) -> bool {
    let is_plain = |name: &str| {
        let found = dependencies::named(p, image, name).unwrap_or_default();
        found.iter().all(|(_, one)| one.extras.is_empty())
    };
    dependencies::lists(p, image, CELERY)
        && is_plain(CELERY)
        && is_plain("kombu")
        && closure::lacks_beside(p, image, names, CELERY) == Some(true)
}

/// Classes of caches, layers of channels and storages.
pub(crate) fn of_classes(p: &Project, i: usize) -> Missing {
    let settings = &p.settings[i].settings;
    let mut out = Vec::new();
    for name in clients::settings() {
        for entry in verdicts::entries(settings, name).unwrap_or_default().0 {
            if let Answer::Known(class) = entry.text("BACKEND") {
                add(p, i, name, &class.value, class.span, &mut out);
            }
        }
    }
    out
}

/// Brokers and result backends of celery.
pub(crate) fn of_celery(p: &Project, i: usize) -> Missing {
    let fact = &p.settings[i];
    let (broker, result) = match fact.celery {
        Celery::Prefixed => ("CELERY_BROKER_URL", "CELERY_RESULT_BACKEND"),
        Celery::AsSettings => ("BROKER_URL", "CELERY_RESULT_BACKEND"),
        Celery::Itself | Celery::Unknown => return Vec::new(),
    };
    let is_eager = |name: &&str| {
        let setting = fact.settings.get(name);
        setting.is_some_and(|setting| !matches!(setting.value.kind, Kind::Bool(false)))
    };
    if ["CELERY_TASK_ALWAYS_EAGER", "CELERY_ALWAYS_EAGER"]
        .iter()
        .any(is_eager)
    {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (of, name) in [("broker", broker), ("result", result)] {
        for (text, span) in texts(p, i, name) {
            let scheme = text
                .split_once("://")
                .map_or(text.as_str(), |(scheme, _)| scheme);
            add(p, i, of, scheme, span, &mut out);
        }
    }
    out
}

/// What a setting is in the containers that are known: its own text, or what services give the variable that it reads.
fn texts(p: &Project, i: usize, name: &str) -> Vec<(String, Span)> {
    let fact = &p.settings[i];
    // celery asks these variables first.
    let is_overruled = |name: &str| p.around.service_variables().contains(name);
    match verdicts::text(&fact.settings, name) {
        Answer::Known(known) => match &known.env {
            None if ValueWords::CeleryAddress.iter().any(is_overruled) => Vec::new(),
            _ => vec![(known.value, known.span)],
        },
        Answer::Env(env) => {
            let services = p.services.iter().filter(|it| it.image == Some(fact.image));
            let given: Vec<_> = services
                .filter_map(|service| {
                    let variables = &service.deployed(p).env;
                    let var = variables.get(&env.name).filter(|var| !var.may_vary)?;
                    let value = var.value.as_ref()?;
                    Some((value.as_str().to_owned(), value.span()))
                })
                .collect();
            match env.default {
                Default::Known(text, span) if !is_overruled(&env.name) && env.is_unset => {
                    vec![(text, span)]
                }
                _ => given,
            }
        }
        Answer::Unassigned | Answer::Unknown => Vec::new(),
    }
}

/// A worker or the beat of celery is started in the image.
pub(crate) fn starts_celery(p: &Project, image: usize) -> bool {
    let is_celery = |start: &StartFact| {
        let command = &start.command;
        command.name.as_deref() == Some(CELERY)
            && matches!(command.subcommand(), Some("worker" | "beat"))
    };
    p.starts_in(image).any(is_celery)
}
