//! Which ports of its own container a HEALTHCHECK asks, as far as they are written out, and which program of its test
//! the image lacks.

use crate::compose::CommandForm;
use crate::deployed::Deployed;
use crate::dockerfile::ast::Args;
use crate::facts::build::at;
use crate::facts::model::{ImageFact, Project, ServiceFact};
use crate::facts::start::commands;
use crate::knowledge::words::{OptionWords, ValueWords, VariableWords};
use crate::shell::ast::{Command, OnFailure, Runs};
use crate::shell::{self, Dialect, Options, UnknownVariables};
use crate::span::{Span, Traced};

/// A program that a health check cannot do without and that the image lacks.
pub(crate) struct Lacking {
    pub(crate) program: String,
    pub(crate) span: Span,
    pub(crate) package: &'static str,
}

/// What the HEALTHCHECK of an image lacks.
pub(crate) fn lacking(p: &Project, image: &ImageFact) -> Option<Lacking> {
    let commands = commands_of(p, instruction(p, image)?);
    lacking_of(p, image.stage, &commands)
}

/// The commands of a HEALTHCHECK; empty for `NONE`.
fn commands_of(p: &Project, instruction: usize) -> Vec<Command> {
    match &p.dockerfile.instructions[instruction].args {
        Args::Json(words) => exec_form(words),
        Args::Text(text) => shell_form(text),
        _ => Vec::new(),
    }
}

/// What the check of a service lacks in the image that it builds.
pub(crate) fn lacking_in_service(p: &Project, stage: usize, service: &Deployed) -> Option<Lacking> {
    let check = service.probe.as_ref().filter(|check| !check.is_disabled)?;
    let commands = match &check.test.as_ref()?.form {
        CommandForm::Line(text) | CommandForm::Shell(text) => shell_form(text.value.as_ref()?),
        CommandForm::List(items) => {
            let words: Option<Vec<Traced>> = items.iter().map(|item| item.value.clone()).collect();
            let words = words?;
            let (first, rest) = words.split_first()?;
            match first.as_str() {
                "CMD" => exec_form(rest),
                "CMD-SHELL" => shell_form(rest.first()?),
                _ => return None,
            }
        }
        CommandForm::Null => return None,
    };
    lacking_of(p, stage, &commands)
}

fn exec_form(words: &[Traced]) -> Vec<Command> {
    shell::exec_form(words, &UnknownVariables, &Options::default())
}

fn shell_form(text: &Traced) -> Vec<Command> {
    let script = shell::parse(text, Dialect::Posix);
    script.commands(&UnknownVariables, &Options::default())
}

/// A command that certainly runs, and whose failing is the failing of the check.
fn lacking_of(p: &Project, stage: usize, commands: &[Command]) -> Option<Lacking> {
    commands.iter().find_map(|command| {
        let name = command.name.as_deref()?;
        let is_needed = command.runs == Runs::Always
            && command.on_failure == OnFailure::Stops
            && !command.is_condition
            && !command.is_substitution
            && command.function.is_none()
            && command.program.as_deref() == Some(name);
        if !is_needed || commands::is_installed(p, stage, name) != Some(false) {
            return None;
        }
        Some(Lacking {
            program: name.to_owned(),
            span: command.name_span,
            package: commands::package_of(p, stage, name)?,
        })
    })
}

/// An address of the container itself that a check asks by HTTP.
pub(crate) struct Asked {
    pub(crate) is_secure: bool,
    /// `localhost`, `127.0.0.1`, `[::1]`
    pub(crate) host: &'static str,
    /// `None` where a variable stands for it.
    pub(crate) port: Option<u16>,
    /// With the slash in front; empty for none.
    pub(crate) path: String,
    /// Host and port.
    pub(crate) span: Span,
}

/// The instruction that checks an image.
fn instruction(p: &Project, image: &ImageFact) -> Option<usize> {
    let mut stages = image.chain.iter().map(|stage| &p.stages[*stage]);
    stages.find_map(|stage| stage.healthcheck)
}

/// The addresses of the container itself that the HEALTHCHECK of an image asks by HTTP: `http://localhost:8000/`.
fn addresses(p: &Project, instruction: usize) -> Vec<Asked> {
    let span = p.dockerfile.instructions[instruction].span;
    let text = span.slice(&p.text.text);
    let mut out = Vec::new();
    for (at, _) in text.match_indices("://") {
        let start = at + "://".len();
        let ends = |c: char| matches!(c, '/' | '?' | '"' | '\'') || c.is_whitespace();
        let end = text[start..]
            .find(ends)
            .map_or(text.len(), |end| start + end);
        let authority = &text[start..end];
        let mut hosts = ValueWords::OwnHost.iter();
        let Some(host) = hosts.find(|host| authority.starts_with(host)) else {
            continue;
        };
        let is_secure = text[..at].ends_with("https");
        let port = match authority[host.len()..].strip_prefix(':') {
            Some(port) => port.parse().ok(),
            None if authority.len() != host.len() => continue,
            None => Some(if is_secure { 443 } else { 80 }),
        };
        let path = &text[end..];
        let stops = |c: char| matches!(c, '"' | '\'') || c.is_whitespace();
        let path = path.split(stops).next().unwrap_or_default();
        out.push(Asked {
            is_secure,
            host,
            port,
            path: path.to_owned(),
            span: place(span, start, end),
        });
    }
    out
}

/// A part of what an instruction says.
fn place(whole: Span, start: usize, end: usize) -> Span {
    let at = |offset: usize| whole.start + u32::try_from(offset).unwrap_or(0);
    Span::new(whole.file, at(start), at(end))
}

/// The addresses of the container itself that its HEALTHCHECK asks by HTTP, under no other name than theirs, and whose
/// refusal certainly fails it.
pub(crate) fn needs_answer(p: &Project, image: &ImageFact) -> Vec<Asked> {
    let Some(instruction) = instruction(p, image) else {
        return Vec::new();
    };
    // A service may check in another way, and a proxy may answer.
    let checks = |service: &ServiceFact| {
        service
            .image
            .is_some_and(|it| p.images[it].stage == image.stage)
            && service.deployed(p).probe.is_some()
    };
    let has_proxy = VariableWords::Proxy
        .iter()
        .any(|name| at::sets_env(p, image.stage, name));
    let span = p.dockerfile.instructions[instruction].span;
    let is_one = span.slice(&p.text.text).matches("://").count() == 1;
    if p.services.iter().any(checks) || has_proxy || !is_one {
        return Vec::new();
    }
    let commands = commands_of(p, instruction);
    let says = |command: &Command, part: &str| {
        let mut args = command.args.iter();
        args.any(|arg| {
            let text = arg.prefix.to_ascii_lowercase().replace("localhost", "");
            text.contains(part)
        })
    };
    let fails = |command: &Command| {
        let is_certain = command.runs == Runs::Always && command.on_failure == OnFailure::Stops;
        let is_plain = !says(command, "host:");
        let fails = match command.name.as_deref() {
            Some("curl")
                if OptionWords::AsksElsewhere
                    .iter()
                    .any(|it| command.flag(it).is_some()) =>
            {
                false
            }
            Some("curl") => {
                command.flag("--fail").is_some() || command.flag("--fail-with-body").is_some()
            }
            Some("wget") => true,
            Some("python") => {
                says(command, "urlopen(") && !says(command, "request(") && !says(command, "except")
            }
            _ => false,
        };
        is_certain && command.is_complete && is_plain && fails && !says(command, "header")
    };
    match &commands[..] {
        [command] if fails(command) => addresses(p, instruction),
        _ => Vec::new(),
    }
}

/// The ports in addresses of the container itself: `http://localhost:8000/`, `nc -z 127.0.0.1 8000`. `None`
/// where an address has a variable in the place of its port.
pub(crate) fn ports(p: &Project, image: &ImageFact) -> Option<Vec<(u16, Span)>> {
    let Some(instruction) = instruction(p, image) else {
        return Some(Vec::new());
    };
    let span = p.dockerfile.instructions[instruction].span;
    let text = span.slice(&p.text.text);
    let mut out = Vec::new();
    for asked in addresses(p, instruction) {
        out.push((asked.port?, asked.span));
    }
    let is_part = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '[' | ']');
    let mut words = text.split(is_part).filter(|word| !word.is_empty());
    if words.any(|word| matches!(word, "nc" | "ncat" | "netcat")) {
        let mut host = false;
        for word in words {
            if host {
                let start = word.as_ptr() as usize - text.as_ptr() as usize;
                out.push((word.parse().ok()?, place(span, start, start + word.len())));
                break;
            }
            host = ValueWords::OwnHost.contains(word);
        }
    }
    Some(out)
}
