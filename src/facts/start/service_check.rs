//! The health checks of services: forms that do not say what was meant, ports that nobody serves, programs and
//! passwords of the images that they run in.

use crate::compose::{CommandForm, CommandLine, Text};
use crate::deployed::Deployed;
use crate::facts::model::{Project, ServiceFact};
use crate::facts::start::healthcheck::{self, Check};
use crate::facts::start::{celery, server, service};
use crate::knowledge::Series;
use crate::knowledge::databases::{self, GoneProgram};
use crate::knowledge::foreign_images;
use crate::knowledge::words::OptionWords;
use crate::server::{Address, Server};
use crate::shell::ast::{Command, OnFailure, Runs};
use crate::span::{Span, Traced};

fn test(deployed: &Deployed) -> Option<&CommandLine> {
    let probe = deployed.probe.as_ref().filter(|it| !it.is_disabled)?;
    probe.test.as_ref()
}

/// The words of a check that is a list.
fn words(deployed: &Deployed) -> Option<Vec<&Traced>> {
    match &test(deployed)?.form {
        CommandForm::List(items) => items.iter().map(|item| item.value.as_ref()).collect(),
        _ => None,
    }
}

/// The first string of a list that is none of the words with which a check begins.
pub(crate) fn unknown_form(deployed: &Deployed) -> Option<&Traced> {
    let first = words(deployed)?.into_iter().next()?;
    let is_known = matches!(first.as_str(), "CMD" | "CMD-SHELL" | "NONE");
    (!is_known && !first.as_str().is_empty()).then_some(first)
}

/// The program that a shell runs alone, and the first of the words behind it, which it does not see.
pub(crate) fn ignored(deployed: &Deployed) -> Option<(&Traced, &Traced)> {
    let words = words(deployed)?;
    let (form, rest) = words.split_first()?;
    let [script, ignored, ..] = healthcheck::behind_options(rest) else {
        return None;
    };
    // Options of nothing say nothing: `-U ""`.
    let mut pairs = rest.iter().skip_while(|word| *word != script).skip(1);
    let mut says_nothing = true;
    while let Some(word) = pairs.next() {
        let is_option = word.as_str().starts_with('-') && !word.as_str().contains('=');
        says_nothing &= word.as_str().is_empty()
            || is_option && pairs.next().is_some_and(|value| value.as_str().is_empty());
    }
    if says_nothing {
        return None;
    }
    // `$0` and `$1` of the script are these words.
    let is_alone = form.as_str() == "CMD-SHELL" && !script.as_str().contains('$');
    is_alone.then_some((*script, *ignored))
}

/// The words that a shell does not see change nothing of the answer: `pg_isready` does not look whether the user and
/// the database are there.
pub(crate) fn answers_alike(deployed: &Deployed) -> bool {
    let is_place = |word: &str| {
        let is_long = word.starts_with("--host") || word.starts_with("--port");
        is_long || word.starts_with("-h") || word.starts_with("-p")
    };
    let is_script = ignored(deployed).is_some_and(|(script, _)| script.as_str() == "pg_isready");
    is_script
        && words(deployed).is_some_and(|words| words.iter().all(|word| !is_place(word.as_str())))
}

/// The words of a check without a shell, its program first; none where there is a shell.
pub(crate) fn words_without_shell(deployed: &Deployed) -> Vec<&Traced> {
    let mut words = words(deployed).unwrap_or_default();
    if words.first().is_none_or(|form| form.as_str() != "CMD") {
        return Vec::new();
    }
    words.split_off(1)
}

/// The ports that the check of a service asks, where its server certainly listens on none of them.
pub(crate) fn missed_ports(p: &Project, fact: &ServiceFact) -> Vec<(u16, Span)> {
    let check = healthcheck::of_service(p, fact.deployed(p));
    let asked = check.and_then(|check| healthcheck::ports_of(&check));
    let asked = asked.unwrap_or_default();
    let ports: Vec<Option<u16>> = asked.iter().map(|(port, _)| Some(*port)).collect();
    let misses = |served: &Server| {
        server::misses(served, &ports, true) == Some(true) || only_socket(served).is_some()
    };
    let Some(served) = fact.served.as_deref() else {
        return Vec::new();
    };
    let mut missed = if misses(served) { asked } else { Vec::new() };
    // Each of them by itself has to be answered.
    for probe in &fact.deployed(p).asked {
        let is_missed = |port: &u16| server::misses(served, &[Some(*port)], true) == Some(true);
        missed.extend(probe.port.filter(is_missed).map(|port| (port, probe.span)));
    }
    missed
}

/// The socket of the file system that a server listens on, and on nothing else.
pub(crate) fn only_socket(served: &Server) -> Option<&Traced> {
    let is_socket = |address: &Address| matches!(address, Address::Unix(_));
    let all = served.binds.iter().all(|bind| is_socket(&bind.address));
    let first = served
        .binds
        .first()
        .filter(|_| all && served.binds_are_known)?;
    first.text.as_ref()
}

/// The port that a service is asked by the HEALTHCHECK of its image, while what it starts instead listens on nothing.
pub(crate) fn inherited(p: &Project, fact: &ServiceFact) -> Option<u16> {
    let image = &p.images[fact.image?];
    let run = fact.run.as_ref().filter(|run| run.is_known)?;
    let serves = run.server.is_some() || !run.beside.is_empty();
    let is_checked = fact.deployed(p).probe.is_some();
    let works = run.starts.last().is_some_and(|it| works(&it.command));
    // Who runs it otherwise does not look at the HEALTHCHECK of the image.
    if serves || is_checked || !works || fact.compose(p).is_none() {
        return None;
    }
    let check = healthcheck::of_image(p, image)?;
    let fails =
        |command: &Command| command.runs == Runs::Always && command.on_failure == OnFailure::Stops;
    let ports = healthcheck::ports_of(&check)?;
    let is_certain = matches!(&check.commands[..], [only] if fails(only));
    // The exit of a shell that fails anyway.
    let is_with_exit = matches!(&check.commands[..], [_, exit] if exit.name.as_deref() == Some("exit")
        && exit.args.first().and_then(|arg| arg.as_str()) == Some("1"));
    let is_caught = check.text.contains("except");
    let (port, _) = ports.first()?;
    ((is_certain || is_with_exit) && !is_caught).then_some(*port)
}

/// It works off what others put into a queue, and listens on no port.
fn works(command: &Command) -> bool {
    let of_celery = || matches!(celery::runs(command), Some("worker" | "beat"));
    let management = command.management_name();
    match (command.name.as_deref(), management) {
        (_, Some(name)) => OptionWords::ManagementWorks.contains(name),
        (Some("celery"), _) => of_celery(),
        (Some("rq"), _) => command.subcommand() == Some("worker"),
        (Some(name), _) => matches!(name, "dramatiq" | "rqworker"),
        _ => false,
    }
}

/// A program that a check cannot do without and that the image does not have.
pub(crate) struct Gone {
    pub(crate) name: &'static str,
    /// What does its work, as people read it.
    pub(crate) instead: String,
    pub(crate) span: Span,
}

/// `RELEASE.2023-11-01T18-37-25Z`: the year, and the month with the day.
fn dated(tag: &str) -> Option<Series> {
    let mut parts = tag.strip_prefix("RELEASE.")?.get(..10)?.split('-');
    let mut number = || parts.next()?.parse::<u16>().ok();
    let (year, month, day) = (number()?, number()?, number()?);
    Some(Series(year, month * 100 + day))
}

/// The program that a check of a service cannot do without and that the official image does not have, or has no more.
pub(crate) fn gone(p: &Project, fact: &ServiceFact) -> Option<Gone> {
    let compose = fact.compose(p)?;
    let image = service::image(compose)?;
    let engine = service::engine(compose);
    let series = engine.and_then(|_| service::series(compose));
    let release = image.tag.as_ref().and_then(|tag| {
        let text = tag.as_str();
        dated(text).or_else(|| Series::parse(text.split('-').next().unwrap_or(text)))
    });
    let is_of_today = || {
        let tag = image.tag.as_ref().map_or("latest", |tag| tag.as_str());
        matches!(tag, "latest" | "lts") && image.digest.is_none()
    };
    let deployed = fact.deployed(p);
    // Images of others, and what is mounted or made at the start, may have it.
    let is_official = image.registry.is_none() && !image.repository.contains('/')
        || foreign_images::is_of_makers(&image.repository);
    let brings = |target: &str| target.starts_with("/usr") || target.starts_with("/bin");
    let mut mounts = deployed.mounts.iter();
    let is_mounted = mounts.any(|it| it.target.as_ref().is_none_or(|it| brings(it.as_str())));
    if !is_official || is_mounted || deployed.entrypoint.is_some() {
        return None;
    }
    let check = healthcheck::of_service(p, deployed)?;
    let is_alpine = image
        .tag
        .as_ref()
        .is_some_and(|tag| tag.as_str().contains("alpine"));
    check.needed().find_map(|(command, name)| {
        let span = command.name_span;
        let row = engine.and_then(|engine| databases::gone(engine, name));
        let is_gone = |row: &&GoneProgram| series.map_or_else(is_of_today, |it| it >= row.from);
        if let Some(row) = row.filter(is_gone) {
            let instead = format!("`{}`", row.instead);
            return Some(Gone {
                name: row.name,
                instead,
                span,
            });
        }
        let row = foreign_images::lacking(&image.repository, name)?;
        let is_of_release = row.from == Series(0, 0) && image.digest.is_none()
            || release.map_or_else(is_of_today, |it| it >= row.from);
        let is_back = row
            .until
            .is_some_and(|until| release.is_none_or(|it| it >= until));
        (is_of_release && !is_back && !(row.debian_only && is_alpine)).then(|| Gone {
            name: row.program,
            instead: row.instead.to_owned(),
            span,
        })
    })
}

/// The `redis-cli` of a check that asks a server with a password without one and wants its answer.
pub(crate) fn unauthenticated(p: &Project, fact: &ServiceFact) -> Option<Span> {
    let compose = fact.compose(p)?;
    let image = service::image(compose)?;
    let deployed = fact.deployed(p);
    let is_redis = matches!(image.repository.as_str(), "redis" | "valkey/valkey");
    if !is_redis || image.registry.is_some() || !wants_password(deployed) {
        return None;
    }
    let check = healthcheck::of_service(p, deployed)?;
    let is_client =
        |command: &&Command| matches!(command.program.as_deref(), Some("redis-cli" | "valkey-cli"));
    let mut clients = check.commands.iter().filter(is_client);
    let client = clients.next().filter(|_| clients.next().is_none())?;
    let is_plain = !OptionWords::RedisAccount
        .iter()
        .any(|name| client.flag(name).is_some())
        && client.is_complete
        && !check.text.contains("REDISCLI_AUTH")
        && deployed.env.get("REDISCLI_AUTH").is_none()
        && deployed.env.is_closed;
    let first = client.operands.first().and_then(|it| it.as_str());
    let pings = first.is_some_and(|it| it.eq_ignore_ascii_case("ping"));
    // Another server, and an answer that is one of several, or not this one.
    let port = client
        .flag("-p")
        .map(|it| it.value.as_ref().and_then(|it| it.as_str()));
    let is_own = client.flag("-h").is_none()
        && client.flag("-u").is_none()
        && port.is_none_or(|it| it == Some("6379"));
    let is_turned = check.text.contains("NOAUTH") || check.text.contains('!');
    let is_plain = is_plain && is_own && !is_turned;
    let is_alone = !check.text.contains("||") || check.text.contains("|| exit 1");
    let wants_answer = check.text.contains("PONG") && is_alone && is_answer_needed(&check, client);
    (is_plain && pings && wants_answer).then_some(client.name_span)
}

/// The check fails where the answer of a command is another one.
fn is_answer_needed(check: &Check<'_>, client: &Command) -> bool {
    let tests = |command: &Command| {
        let name = command.name.as_deref();
        matches!(name, Some("grep" | "[" | "test")) && command.runs == Runs::Always
    };
    let inverts = |command: &Command| command.flag("-v").is_some() || command.is_condition;
    let mut tests = check.commands.iter().filter(|it| tests(it));
    let test = tests.next().filter(|_| tests.next().is_none());
    let is_asked = client.pipeline.1 == 2 || client.is_substitution;
    is_asked && test.is_some_and(|test| !inverts(test))
}

/// Its command line gives a Redis a password that is not empty.
fn wants_password(deployed: &Deployed) -> bool {
    let lines = [deployed.entrypoint.as_ref(), deployed.command.as_ref()];
    lines.into_iter().flatten().any(|line| match &line.form {
        CommandForm::Line(text) | CommandForm::Shell(text) => {
            sets_password(deployed, &[text], true)
        }
        CommandForm::List(items) => {
            let items: Vec<&Text> = items.iter().collect();
            sets_password(deployed, &items, false)
        }
        CommandForm::Null => false,
    })
}

fn sets_password(deployed: &Deployed, texts: &[&Text], is_split: bool) -> bool {
    let mut words = texts
        .iter()
        .flat_map(|it| it.scalar.as_str().split_whitespace());
    let Some(_) = words.by_ref().find(|word| *word == "--requirepass") else {
        return false;
    };
    let Some(word) = words.next() else {
        return false;
    };
    let plain = word.trim_matches(['"', '\'', '\\']);
    let is_open = is_split && word.starts_with('$') && !word.contains(":-");
    match plain.strip_prefix("$$") {
        Some(name) => {
            let name = name.trim_matches(['{', '}']);
            let var = deployed.env.get(name);
            let known = var.and_then(|var| var.value.as_ref());
            let scalar = var.and_then(|var| var.scalar.as_ref());
            known.is_some_and(|it| !it.as_str().is_empty())
                || scalar.is_some_and(|it| it.as_str().contains(":?"))
        }
        None if plain.contains('$') => plain.contains(":?") || is_open,
        None => !plain.is_empty() && !plain.starts_with("--"),
    }
}
