//! Variables that the settings require and that a service certainly does not get: what it starts ends as it loads
//! them.

use crate::compose::{Mount, MountKind};
use crate::facts::build::at;
use crate::facts::deploy::groups;
use crate::facts::model::{Project, ScriptFact, ServiceFact, StartFact};
use crate::facts::start::foreground;
use crate::facts::start::image::server_of;
use crate::knowledge::programs::{self, Role, is_shell};
use crate::knowledge::servers::Means;
use crate::maps::HashSet;
use crate::shell::ast::{Arg, Command, Runs};
use crate::span::{Span, Traced};

/// A variable that a service lacks.
pub(crate) struct Lacking<'p> {
    pub(crate) name: &'p str,
    /// Where the settings read it.
    pub(crate) read: Span,
    /// A service of the stack that runs the same image and is given it.
    pub(crate) given_to: Option<&'p Traced>,
}

/// The variables that a service lacks, each once; empty where something may give them.
pub(crate) fn lacking(p: &Project, service: usize) -> Vec<Lacking<'_>> {
    find(p, &p.services[service]).unwrap_or_default()
}

fn find<'p>(p: &'p Project, fact: &'p ServiceFact) -> Option<Vec<Lacking<'p>>> {
    let image = fact.image?;
    let deployed = fact.deployed(p);
    // Another file may be put over this one and give them.
    let is_alone = !groups::added_to(p).contains(deployed.name.as_str());
    let stands_alone = match fact.stack(p).zip(fact.compose(p)) {
        Some((stack, service)) => stack.is_complete && service.extends.is_none(),
        None => true,
    };
    let is_whole = stands_alone && deployed.env.is_closed && !deployed.has_unread_env_file;
    let chooses = deployed.env.get("DJANGO_SETTINGS_MODULE").is_some();
    let mut settings = p.settings.iter().filter(|it| it.image == image);
    let from = settings.next().filter(|_| settings.next().is_none())?;
    let settings = &from.settings;
    // What is mounted may have the file that they read.
    let is_named = |mount: &Mount| matches!(mount.kind, MountKind::Named | MountKind::Anonymous);
    let has_file = from.may_read_env_file || !deployed.mounts.iter().all(is_named);
    let reads_file = !settings.env_files.is_empty() && has_file;
    let is_plain = is_alone && is_whole && !chooses && fact.is_known(p);
    if !is_plain || reads_file || !settings.stops.is_empty() {
        return None;
    }
    let (starts, scripts) = match &fact.run {
        Some(run) => (&run.starts, &run.scripts),
        None => (&p.images[image].starts, &p.images[image].scripts),
    };
    let loads = |start: &StartFact| loads_settings(p, image, fact, &start.command);
    if !starts.iter().any(loads)
        || starts.iter().any(|start| sets_unseen(&start.command))
        || is_told_by_server(fact)
    {
        return None;
    }
    let stage = p.images[image].stage;
    let others = groups::beside(p, fact).services.iter();
    let others = others.map(|other| &p.services[*other]);
    let others: Vec<_> = others
        .filter(|other| other.image == fact.image && !std::ptr::eq(*other, fact))
        .map(|other| other.deployed(p))
        .collect();
    let mut seen: HashSet<&str> = HashSet::default();
    let lacking = settings.required_env.iter().filter_map(|it| {
        let name = it.name.as_str();
        let is_lacking = it.is_certain
            && !it.is_set
            && deployed.env.get(name).is_none()
            && at::env(p, stage, name).is_none()
            && !at::base_may_set(&p.stages, stage, name)
            && !may_be_set(starts, scripts, name);
        let mut others = others.iter();
        let given = others.find(|other| other.env.get(name).is_some());
        // What others get in another file may be meant for it as well.
        let is_elsewhere = given.is_none() && p.around.service_variables().contains(name);
        (is_lacking && !is_elsewhere && seen.insert(name)).then_some(Lacking {
            name,
            read: it.span,
            given_to: given.map(|other| &other.name),
        })
    });
    Some(lacking.collect())
}

/// A command that certainly runs and loads the settings: a server with the application of the image, a management
/// command, celery.
fn loads_settings(p: &Project, image: usize, fact: &ServiceFact, command: &Command) -> bool {
    let serves = |command: &Command| {
        let mut applications = p.applications.iter().filter(|it| it.image == image);
        applications.any(|application| {
            let target = application.target.as_str();
            let is_it = |arg: &Arg| arg.as_str().is_some_and(|text| text.starts_with(target));
            command.args.iter().any(is_it)
        })
    };
    let is_server = server_of(command).is_some();
    let loads = command.management_name().is_some()
        || command.name.as_deref() == Some("celery") && foreground::stays(command)
        || is_server && (fact.run.is_none() || serves(command));
    loads && command.runs == Runs::Always && !command.is_condition
}

/// The server is given variables in its own way, or may be.
fn is_told_by_server(fact: &ServiceFact) -> bool {
    fact.served.as_deref().is_some_and(|served| {
        let mut keys = served.product.keys(Means::Variable);
        served.is_open || served.uwsgi.is_some() || keys.any(|key| !served.setting(key).is_absent())
    })
}

/// It sets variables in ways that are not read, or what runs it may.
fn sets_unseen(command: &Command) -> bool {
    let reads = matches!(
        command.name.as_deref(),
        None | Some("." | "source" | "eval")
    );
    let is_known = |name: &String| {
        let roles = [Role::Init, Role::SwitchesUser];
        name == "exec"
            || name.starts_with("python")
            || is_shell(name)
            || roles.iter().any(|role| programs::is(name, *role))
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
