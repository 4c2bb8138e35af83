//! Health checks that ask somebody who does not answer there: a server at its usual port although it listens on another
//! one, a worker of celery in a container that runs none.

use crate::compose::{CommandForm, Text};
use crate::deployed::Deployed;
use crate::facts::model::{Project, ServiceFact};
use crate::facts::start::{celery, healthcheck, service};
use crate::knowledge::own_clients::{self, OwnClient};
use crate::knowledge::words::OptionWords;
use crate::shell::ast::Command;
use crate::span::Span;

/// A client that asks its own server at a port where that does not listen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WrongPort {
    pub(crate) usual: u32,
    pub(crate) own: u32,
    /// The name of the client.
    pub(crate) span: Span,
}

/// The client in the check of a service that asks at the usual port, where the command of the service names another.
pub(crate) fn wrong_port(p: &Project, fact: &ServiceFact) -> Option<WrongPort> {
    let image = service::image(fact.compose(p)?)?;
    let deployed = fact.deployed(p);
    if image.registry.is_some() || deployed.entrypoint.is_some() {
        return None;
    }
    let check = healthcheck::of_service(p, deployed)?;
    check.needed().find_map(|(command, name)| {
        let row = own_clients::of(&image.repository, name)?;
        let is_open = || {
            let mut variables = row.variables.iter();
            let is_set = |name: &str| deployed.env.get(name).is_some() || check.text.contains(name);
            !deployed.env.is_closed || variables.any(|name| is_set(name))
        };
        let own = told_port(deployed, row).filter(|port| *port != row.usual)?;
        let usual = asked_port(command, row)?;
        (usual == row.usual && !is_open()).then_some(WrongPort {
            usual,
            own,
            span: command.name_span,
        })
    })
}

/// The port at which a client asks the server of its own container.
fn asked_port(command: &Command, row: &OwnClient) -> Option<u32> {
    let has = |names: &[&str]| names.iter().find_map(|name| command.flag(name));
    let is_here = |name: &&str| {
        command.flag(name).is_none_or(|flag| {
            let value = flag.value.as_ref().and_then(|it| it.as_str());
            let is_host = matches!(*name, "-h" | "--host");
            let is_name = matches!(*name, "-d" | "--dbname");
            is_host && value.is_some_and(|it| matches!(it, "localhost" | "127.0.0.1"))
                || is_name && value.is_some_and(|it| !it.contains(['=', ':', '$']))
        })
    };
    if !command.is_complete || !row.away.iter().all(is_here) {
        return None;
    }
    match has(row.port) {
        Some(flag) => flag.value.as_ref()?.as_str()?.parse().ok(),
        None => Some(row.usual),
    }
}

/// The port that a command line tells the server of an image.
fn told_port(deployed: &Deployed, row: &OwnClient) -> Option<u32> {
    let texts: Vec<&Text> = match &deployed.command.as_ref()?.form {
        CommandForm::Line(text) | CommandForm::Shell(text) => vec![text],
        CommandForm::List(items) => items.iter().collect(),
        CommandForm::Null => return None,
    };
    let words: Vec<&str> = texts
        .iter()
        .flat_map(|it| it.scalar.as_str().split_whitespace())
        .collect();
    let is_one = !words.iter().any(|word| word.contains([';', '&', '|']));
    let value = |at: usize| {
        let word = words[at].trim_matches(['"', '\'']);
        row.listens.iter().find_map(|option| {
            let rest = word.strip_prefix(option)?;
            match option.ends_with('=') {
                true => Some(rest),
                false if rest.is_empty() => words.get(at + 1).copied(),
                false => rest.strip_prefix('='),
            }
        })
    };
    let mut told = (0..words.len()).filter_map(value);
    let port = told.next().filter(|_| is_one && told.next().is_none())?;
    port.trim_matches(['"', '\''])
        .parse()
        .ok()
        .filter(|port| *port != 0)
}

/// The `celery inspect ping` of a check to a worker of its own container, where that runs the beat or another program
/// of celery which answers nobody; with what it runs.
pub(crate) fn no_worker(p: &Project, fact: &ServiceFact) -> Option<(String, Span)> {
    let run = fact.run.as_ref().filter(|run| run.is_known)?;
    let [start] = &run.starts[..] else {
        return None;
    };
    let runs = celery::runs(&start.command).filter(|it| OptionWords::CeleryDeaf.contains(it))?;
    let deployed = fact.deployed(p);
    let check = match deployed.probe {
        Some(_) => healthcheck::of_service(p, deployed)?,
        None => healthcheck::of_image(p, &p.images[fact.image?])?,
    };
    let (command, _) = check.needed().find(|(command, _)| {
        let subcommand = celery::runs(command);
        let asks = subcommand == Some("status")
            || subcommand == Some("inspect")
                && command.args.iter().any(|arg| arg.as_str() == Some("ping"));
        let to = [command.flag("-d"), command.flag("--destination")];
        let own = |text: &str| text.contains("HOSTNAME") || text.contains("hostname");
        asks && to.into_iter().flatten().any(|_| own(check.text))
    })?;
    Some((runs.to_owned(), command.name_span))
}
