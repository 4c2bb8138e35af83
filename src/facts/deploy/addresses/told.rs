//! What says where a service connects to beside its settings: how it is started, what is mounted over them, and what
//! celery reads before them.

use crate::compose::{Environment, Service};
use crate::facts::build::at;
use crate::facts::model::{Celery, Project, ServiceFact, SettingsFact, StartFact};
use crate::facts::start::celery;
use crate::knowledge::servers;
use crate::knowledge::words::{OptionWords, ValueWords};
use crate::python::settings::Kind;
use crate::shell::ast::Arg;

const MODULE: &str = "DJANGO_SETTINGS_MODULE";

fn text(arg: &Arg) -> &str {
    arg.as_str().unwrap_or(&arg.prefix)
}

/// Other settings than these may be what a service runs with.
pub(super) fn are_replaced(
    p: &Project,
    fact: &ServiceFact,
    settings: &SettingsFact,
    own: &Service,
) -> bool {
    let is_mounted = own.keys.iter().any(|key| key.as_str() == "configs")
        || own.volumes.iter().any(|mount| {
            let target = mount.target.as_ref();
            target.is_none_or(|target| target.as_str().ends_with(".py"))
        });
    let module = settings.module.as_str();
    let names_others = |start: &StartFact| {
        let command = &start.command;
        let is_other = |arg: &Arg| {
            let text = text(arg);
            (text.contains(MODULE) || text.starts_with("--settings")) && !text.ends_with(module)
        };
        command.assignments.iter().any(|set| set.name == MODULE)
            || command.args.iter().any(is_other)
    };
    let application = |served: Option<&std::sync::Arc<crate::server::Server>>| {
        let target = served.and_then(|server| server.app.as_ref());
        target.map(|target| target.module.as_str().to_owned())
    };
    let of_image = fact.image.and_then(|image| p.images[image].served.as_ref());
    let is_another = fact.served.is_some()
        && of_image.is_some()
        && application(fact.served.as_ref()) != application(of_image);
    is_mounted || is_another || fact.starts(p).iter().any(names_others)
}

/// The start of a service, its server's files, the module of the application or the settings may set variables that
/// nothing else sets.
pub(super) fn sets_variables(p: &Project, fact: &ServiceFact, settings: &SettingsFact) -> bool {
    let sets = |start: &StartFact| {
        let command = &start.command;
        !command.assignments.is_empty()
            || command.name.as_deref() == Some("export")
            || servers::by_command(command.name.as_deref().unwrap_or_default()).is_some()
                && command.args.iter().any(|arg| {
                    OptionWords::SetsVariable
                        .contains(text(arg).split('=').next().unwrap_or_default())
                })
    };
    let served = fact.served.as_ref();
    let has_file = served.is_some_and(|server| !server.files.is_empty());
    let writes = p.applications.iter().any(|application| {
        Some(application.image) == fact.image
            && application.module.as_ref().is_none_or(|module| {
                let mut imports = module.imports.iter();
                module.env_writes.iter().any(|write| write.name != MODULE)
                    || imports.any(|(name, _)| ValueWords::ReadsVariables.contains(name))
            })
    });
    let reads = |text: &str| ValueWords::ReadsVariables.is_within(text);
    let mut texts = settings.texts.iter();
    has_file
        || writes
        || texts.any(|(_, source)| reads(&source.text))
        || fact.starts(p).iter().any(sets)
}

/// celery may not ask where the settings say: variables of its own or an option of a worker say something else, or
/// its tasks run where they are called.
pub(super) fn may_lead_celery(p: &Project, settings: &SettingsFact, env: &Environment) -> bool {
    let is_own = |name: &str| ValueWords::CeleryAddress.contains(name);
    let stage = p.images[settings.image].stage;
    let mut names = ValueWords::CeleryAddress.iter();
    let is_eager = ["CELERY_TASK_ALWAYS_EAGER", "CELERY_ALWAYS_EAGER"]
        .iter()
        .any(|name| {
            let setting = settings.settings.get(name);
            setting.is_some_and(|setting| !matches!(setting.value.kind, Kind::Bool(false)))
        });
    let is_told = |start: &StartFact| {
        let command = &start.command;
        let mut flags = command.flags.iter();
        let has_option = command.name.as_deref() == Some("celery")
            && flags.any(|flag| OptionWords::CeleryAddress.contains(&flag.name));
        has_option
            || command.assignments.iter().any(|set| is_own(&set.name))
            || command
                .args
                .iter()
                .any(|arg| ValueWords::CeleryAddress.is_within(text(arg)))
    };
    let mut texts = settings.texts.iter();
    // A file of variables that is not here is for what the settings read: these they do not.
    env.vars.iter().any(|var| is_own(var.name.as_str()))
        || names.any(|name| at::env(p, stage, name).is_some())
        || is_eager
        || texts.any(|(_, source)| ValueWords::ReadsVariables.is_within(&source.text))
        || settings.celery == Celery::Itself
        || p.services
            .iter()
            .flat_map(|fact| fact.starts(p))
            .any(is_told)
}

/// The service serves or works: it does ask.
pub(super) fn asks(p: &Project, fact: &ServiceFact) -> bool {
    let is_worker = |start: &StartFact| start.command.name.as_deref() == Some("celery");
    fact.server(p).is_some() || fact.starts(p).iter().any(is_worker)
}

/// The service certainly asks what the settings name for everybody: it serves, or is a worker of celery.
pub(super) fn works(p: &Project, fact: &ServiceFact) -> bool {
    let is_worker = |start: &StartFact| celery::is_worker(&start.command);
    fact.server(p).is_some() || fact.starts(p).iter().any(is_worker)
}
