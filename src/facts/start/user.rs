//! Whether what starts as root stays root.

use crate::deployed::Deployed;
use crate::dockerfile::ast::Keyword;
use crate::facts::build::{at, users};
use crate::facts::model::{Project, ServerFact, ServiceFact, UserFact};
use crate::knowledge::intent_words::Intent;
use crate::knowledge::programs::{self, Role};
use crate::server::{Server, Setting};
use crate::shell::ast::Command;

/// Whether what starts as root stays root: known for programs that switch the user by their
/// command line alone. A script that was not read leaves it open.
pub(crate) fn keeps_root(p: &Project, image: usize) -> Option<bool> {
    let fact = &p.images[image];
    let is_other = |name: &str| {
        let name = name.split(':').next().unwrap_or_default();
        !users::is_root_name(name)
    };
    for service in p.around.plain() {
        if let Some(user) = &service.user
            && is_other(user.as_str()?)
        {
            return Some(false);
        }
    }
    let has_production = p.around.has_production();
    let is_given = |found: &Deployed| {
        let user = found.user.as_ref().and_then(|user| user.as_str());
        user.is_some_and(is_other)
    };
    let is_meant = |found: &&Deployed| !has_production || found.purpose == Some(Intent::Production);
    let mut building = p.around.deployed.building();
    let mut relevant = building.clone().filter(is_meant).peekable();
    if building.len() > 0 && building.all(is_given)
        || relevant.peek().is_some() && relevant.all(|found| found.is_unprivileged)
    {
        return Some(false);
    }
    if fact
        .all_starts()
        .any(|start| start.command.run_as.is_some())
    {
        return Some(false);
    }
    if !fact.process_is_known
        || fact
            .starts
            .iter()
            .any(|start| may_drop_root(&start.command))
        || needs_root(p, image)
    {
        return None;
    }
    let keeps = |server: &ServerFact, served: Option<&Server>| {
        if server.command.run_as.is_some() {
            return Some(false);
        }
        match &served?.user {
            Setting::Given(..) => Some(false),
            Setting::Absent => Some(true),
            Setting::Unknown(_) => None,
        }
    };
    if let Some(server) = &fact.server {
        return keeps(server, fact.served.as_deref());
    }
    if !fact.beside.is_empty() {
        let mut beside = fact.beside.iter();
        let all = beside.all(|one| keeps(&one.server, one.served.as_deref()) == Some(true));
        return all.then_some(true);
    }
    // An interpreter without a program is an image to build on, not one that serves.
    let command = &fact.starts.last()?.command;
    let serves = command.name.as_deref() == Some("celery") || command.management.is_some();
    serves.then_some(true)
}

/// Something in the stages up to one may belong to one of its users, for others of the same account to find: a chown, a
/// volume of the image or of who starts it.
pub(crate) fn may_own(p: &Project, stage: usize, user: &UserFact) -> bool {
    let chain = at::chain(&p.stages, stage);
    let is_owner = |text: Option<&str>| {
        text.is_none_or(|text| {
            let owner = text.split([':', '.']).next();
            user.name.is_none() || owner == user.name.as_deref()
        })
    };
    let parts = chain
        .iter()
        .map(|part| p.stages[*part].instructions.clone());
    let mut all = parts.flat_map(|part| p.dockerfile.instructions.get(part).unwrap_or(&[]));
    let mut copies = p.copies.iter().filter(|copy| chain.contains(&copy.stage));
    let mut changes = p.commands.iter().filter(|fact| {
        chain.contains(&fact.stage)
            && matches!(fact.command.name.as_deref(), Some("chown" | "install"))
    });
    let runs_it =
        |image: Option<usize>| image.is_some_and(|image| p.images[image].chain.contains(&stage));
    let mut services = p.services.iter().filter(|fact| runs_it(fact.image));
    all.any(|it| it.keyword == Keyword::Volume)
        || copies.any(|copy| {
            copy.chown
                .as_ref()
                .is_some_and(|owner| is_owner(owner.as_deref()))
        })
        || changes.any(|fact| {
            let mut words = fact.command.args.iter();
            words.any(|word| is_owner(word.as_str()))
        })
        || services.any(|fact| !fact.deployed(p).mounts.is_empty())
}

/// Something beside the server has to be root: cron, a service of the distribution, a client of the host's Docker.
fn needs_root(p: &Project, image: usize) -> bool {
    let mut starts = p.images[image].starts.iter();
    starts.any(|start| {
        let name = start.command.name.as_deref();
        name.is_some_and(|name| programs::is(name, Role::NeedsRoot))
    }) || asks_docker_of_host(p, image)
}

/// A service of the image is given the socket of the host's Docker, or one of an image that may be it: what the
/// settings read is given to it.
fn asks_docker_of_host(p: &Project, image: usize) -> bool {
    let has_socket = |found: &Deployed| {
        let mut sources = found.mounts.iter().filter_map(|it| it.source.as_ref());
        sources.any(|source| source.as_str().ends_with("/docker.sock"))
    };
    let is_configured = |found: &Deployed| {
        let mut own = p.settings.iter().filter(|fact| fact.image == image);
        let mut vars = found.env.vars.iter();
        own.any(|fact| vars.any(|var| fact.name_variable(var.name.as_str())))
    };
    let mut services = p.services.iter().filter(|fact| fact.builds_this);
    // By its name it may be another one's.
    let is_by_name = |it: &&Deployed| it.build.as_ref().is_none_or(|build| build.is_named);
    let mut others = p.around.deployed.all.iter().filter(is_by_name);
    services.any(|fact| has_socket(fact.deployed(p)))
        || others.any(|found| has_socket(found) && is_configured(found))
}

/// Programs that switch the user in ways their command line does not tell.
fn may_drop_root(command: &Command) -> bool {
    let is_switch = |name: &str| programs::is(name, Role::SwitchesUser);
    command.wrappers.iter().any(|wrapper| is_switch(wrapper))
        || command
            .name
            .as_deref()
            .is_some_and(|name| is_switch(name) || programs::is(name, Role::Manages))
}

/// The program that a command is run by to become another user, where who starts it is certainly none that may do so.
pub(crate) fn refused_switch<'a>(
    p: &Project,
    image: usize,
    service: Option<usize>,
    command: &'a Command,
) -> Option<&'a str> {
    let needs_root = |name: &&String| {
        programs::is(name, Role::SwitchesUser) && programs::is(name, Role::NeedsRoot)
    };
    let switch = command.wrappers.iter().find(needs_root)?.as_str();
    command.run_as.as_ref()?;
    not_root(p, image, service)?;
    // Anybody may run it as its owner, root.
    let is_opened = p.commands.iter().any(|fact| {
        let mut args = fact.command.args.iter();
        fact.command.name.as_deref() == Some("chmod")
            && args.any(|arg| arg.as_str().is_none_or(|text| text.contains(switch)))
    });
    (!is_opened).then_some(switch)
}

/// The user as whom a container certainly starts, where that is not root.
pub(crate) fn not_root(p: &Project, image: usize, service: Option<usize>) -> Option<String> {
    let users_of = |fact: &ServiceFact| fact.deployed(p).user.is_some();
    let given = match service {
        Some(service) => p.services[service].deployed(p).user.as_ref(),
        // A service that runs the image as it is may run it as root.
        None if p
            .services
            .iter()
            .any(|it| it.image == Some(image) && users_of(it)) =>
        {
            return None;
        }
        None => None,
    };
    let user = match given {
        Some(user) => user.as_str()?.split(':').next()?.to_owned(),
        None => users::current(&p.stages, p.images[image].stage)?.name,
    };
    (!users::is_root_name(&user)).then_some(user)
}
