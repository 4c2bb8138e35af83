//! Variables that the settings require and that a service of compose certainly does not get: its server ends as it
//! loads them.

use crate::facts::build::at;
use crate::facts::deploy::groups;
use crate::facts::model::{Project, ScriptFact, ServiceFact, StartFact};
use crate::knowledge::programs::{self, Role, is_shell};
use crate::knowledge::servers::Means;
use crate::shell::ast::{Arg, Command};
use crate::span::Span;

/// The variables, with the places that read them.
pub(crate) fn unset(p: &Project, service: usize) -> Vec<(String, Span)> {
    find(p, &p.services[service]).unwrap_or_default()
}

fn find(p: &Project, fact: &ServiceFact) -> Option<Vec<(String, Span)>> {
    let image = fact.image?;
    let (stack, service) = (fact.stack(p)?, fact.compose(p)?);
    let served = fact.served.as_deref()?;
    let env = service.env();
    // Another file may be put over this one and give them.
    let is_alone = !groups::added_to(p).contains(service.name.as_str());
    let chooses = env.get("DJANGO_SETTINGS_MODULE").is_some();
    let is_plain = is_alone && stack.is_complete && env.is_closed && !chooses;
    let (starts, scripts) = match &fact.run {
        Some(run) => (&run.starts, &run.scripts),
        None => (&p.images[image].starts, &p.images[image].scripts),
    };
    let mut settings = p.settings.iter().filter(|it| it.image == image);
    let settings = settings.next().filter(|_| settings.next().is_none())?;
    if !is_plain
        || !fact.is_known(p)
        || !settings.settings.env_files.is_empty()
        || served.is_open
        || !loads_application(p, image, fact)
    {
        return None;
    }
    let mut keys = served.product.keys(Means::Variable);
    let is_given_by_server =
        served.uwsgi.is_some() || keys.any(|key| !served.setting(key).is_absent());
    if is_given_by_server || starts.iter().any(|start| sets_unseen(&start.command)) {
        return None;
    }
    let stage = p.images[image].stage;
    // What a service beside it gets, or one of that name in another file, may be meant for it as well.
    let is_elsewhere = |name: &str| {
        let compose = &p.around.deployed.compose;
        let mut others = compose.stacks.iter().flat_map(|stack| &stack.services);
        others.any(|other| other.env().get(name).is_some())
    };
    let required = settings.settings.required_env.iter();
    let lacking = required.filter(|it| {
        let name = it.name.as_str();
        it.is_certain
            && !it.is_set
            && at::env(p, stage, name).is_none()
            && !at::base_may_set(&p.stages, stage, name)
            && !is_elsewhere(name)
            && !may_be_set(starts, scripts, name)
    });
    let mut out: Vec<(String, Span)> = Vec::new();
    for one in lacking {
        if !out.iter().any(|(name, _)| *name == one.name) {
            out.push((one.name.clone(), one.span));
        }
    }
    Some(out)
}

/// The service starts the image's own server, or another one with the same application.
fn loads_application(p: &Project, image: usize, fact: &ServiceFact) -> bool {
    let Some(run) = &fact.run else {
        return p.images[image].server.is_some();
    };
    let mut applications = p.applications.iter().filter(|it| it.image == image);
    applications.any(|application| {
        let target = application.target.as_str();
        let is_it = |arg: &Arg| arg.as_str().is_some_and(|text| text.starts_with(target));
        run.server
            .as_ref()
            .is_some_and(|server| server.command.args.iter().any(is_it))
    })
}

/// It sets variables in ways that are not read, or what runs it may.
fn sets_unseen(command: &Command) -> bool {
    let reads = matches!(command.name.as_deref(), Some("." | "source" | "eval"));
    let is_known = |name: &String| {
        let roles = [Role::Init, Role::SwitchesUser];
        name == "exec" || is_shell(name) || roles.iter().any(|role| programs::is(name, *role))
    };
    reads && !command.activates_virtualenv() || !command.wrappers.iter().all(is_known)
}

/// A script or a command line may set the variable.
fn may_be_set(starts: &[StartFact], scripts: &[ScriptFact], name: &str) -> bool {
    let in_script = |script: &ScriptFact| {
        let text = script.text.as_ref();
        text.is_none_or(|text| text.as_str().contains(name))
    };
    let in_command = |start: &StartFact| {
        let command = &start.command;
        let is_it = |arg: &Arg| arg.as_str().unwrap_or(&arg.prefix).contains(name);
        command.assignments.iter().any(|it| it.name == name) || command.args.iter().any(is_it)
    };
    scripts.iter().any(in_script) || starts.iter().any(in_command)
}
