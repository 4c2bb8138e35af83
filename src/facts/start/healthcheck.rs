//! Which ports of its own container a HEALTHCHECK asks, as far as they are written out, and which program of its test
//! the image lacks.

use crate::compose::CommandForm;
use crate::deployed::Deployed;
use crate::dockerfile::ast::Args;
use crate::facts::model::{ImageFact, Project};
use crate::facts::start::commands;
use crate::knowledge::words::ValueWords;
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
    let mut stages = image.chain.iter().map(|stage| &p.stages[*stage]);
    let instruction = stages.find_map(|stage| stage.healthcheck)?;
    let commands = match &p.dockerfile.instructions[instruction].args {
        Args::Json(words) => exec_form(words),
        Args::Text(text) => shell_form(text),
        _ => return None,
    };
    lacking_of(p, image.stage, &commands)
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

/// The ports in addresses of the container itself: `http://localhost:8000/`, `nc -z 127.0.0.1 8000`. `None`
/// where an address has a variable in the place of its port.
pub(crate) fn ports(p: &Project, image: &ImageFact) -> Option<Vec<(u16, Span)>> {
    let stages = image.chain.iter().map(|stage| &p.stages[*stage]);
    let Some(instruction) = stages.filter_map(|stage| stage.healthcheck).next() else {
        return Some(Vec::new());
    };
    let span = p.dockerfile.instructions[instruction].span;
    let text = span.slice(&p.text.text);
    let place = |start: usize, end: usize| {
        let at = |offset: usize| span.start + u32::try_from(offset).unwrap_or(0);
        Span::new(span.file, at(start), at(end))
    };
    let mut out = Vec::new();
    for (at, _) in text.match_indices("://") {
        let secure = text[..at].ends_with("https");
        let start = at + "://".len();
        let end = text[start..]
            .find(|c: char| c == '/' || c == '?' || c == '"' || c == '\'' || c.is_whitespace())
            .map_or(text.len(), |end| start + end);
        let authority = &text[start..end];
        let Some(host) = ValueWords::OwnHost
            .iter()
            .find(|host| authority.starts_with(host))
        else {
            continue;
        };
        match authority[host.len()..].strip_prefix(':') {
            Some(port) => out.push((port.parse().ok()?, place(start, end))),
            None if authority.len() == host.len() => {
                out.push((if secure { 443 } else { 80 }, place(start, end)));
            }
            None => {}
        }
    }
    let is_part = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '[' | ']');
    let mut words = text.split(is_part).filter(|word| !word.is_empty());
    if words.any(|word| matches!(word, "nc" | "ncat" | "netcat")) {
        let mut host = false;
        for word in words {
            if host {
                let start = word.as_ptr() as usize - text.as_ptr() as usize;
                out.push((word.parse().ok()?, place(start, start + word.len())));
                break;
            }
            host = ValueWords::OwnHost.contains(word);
        }
    }
    Some(out)
}
