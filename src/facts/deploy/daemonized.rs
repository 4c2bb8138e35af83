//! Servers of a stack whose configuration, mounted or on the command line, sends them to the background: the container
//! ends with the process that it started.

use crate::compose::{Mount, MountKind};
use crate::facts::deploy::groups;
use crate::facts::model::{Daemonized, DjangoPhase, ServiceFact};
use crate::facts::start::service;
use crate::knowledge::daemon_settings::{self, DaemonSetting};
use crate::source::Sources;
use crate::span::{Span, Traced};

/// Every service of a stack with a service of this Dockerfile that certainly goes to the background.
pub(crate) fn collect(
    p: &DjangoPhase,
    services: &[ServiceFact],
    sources: &Sources,
) -> Vec<Daemonized> {
    let used = groups::used(p, services);
    let mut out = Vec::new();
    for (service, fact) in services.iter().enumerate() {
        if used.contains(&fact.deployed(p).group)
            && let Some((server, span)) = of_service(p, fact, sources)
        {
            out.push(Daemonized {
                service,
                server,
                span,
            });
        }
    }
    out
}

fn of_service(
    p: &DjangoPhase,
    fact: &ServiceFact,
    sources: &Sources,
) -> Option<(&'static str, Span)> {
    let own = fact.compose(p)?;
    let image = service::image(own)?;
    if own.entrypoint.is_some() || own.extends.is_some() || own.build.is_some() {
        return None;
    }
    let words: Vec<Traced> = own.command.as_ref()?.words()?;
    let (program, args) = words.split_first()?;
    let row = daemon_settings::of_program(program.as_str())?;
    if !row.is_image(image.repository.as_str()) {
        return None;
    }
    if let Some((span, value)) = told(row, args) {
        return row.is_yes(value).then_some((row.name, span));
    }
    let file = args.first()?.as_str();
    let is_it = |mount: &&Mount| mount.target.as_ref().is_some_and(|it| it.as_str() == file);
    let mount = own.volumes.iter().find(is_it)?;
    let path = mount.source_path.as_deref();
    let path = path.filter(|_| mount.kind == MountKind::Bind)?;
    let id = p.around.root.read(sources, path).ok()?;
    let text = &sources.get(id).text;
    let (start, line) = last_line(row, text)?;
    let value = line.split_whitespace().nth(1)?;
    // Another file may say something else behind it.
    let is_whole = !text
        .lines()
        .any(|line| line.trim_start().starts_with("include"));
    let end = start + line.trim_end().len();
    let span = Span::new(id, u32::try_from(start).ok()?, u32::try_from(end).ok()?);
    (is_whole && row.is_yes(value)).then_some((row.name, span))
}

/// The option on the command line, with its value.
fn told<'a>(row: &DaemonSetting, args: &'a [Traced]) -> Option<(Span, &'a str)> {
    let at = args.iter().rposition(|it| it.as_str() == row.option)?;
    let value = args.get(at + 1)?;
    Some((args[at].span().cover(value.span()), value.as_str()))
}

/// The last line of a configuration with the setting, and where it begins.
fn last_line<'a>(row: &DaemonSetting, text: &'a str) -> Option<(usize, &'a str)> {
    let mut at = 0;
    let mut found = None;
    for line in text.split_inclusive('\n') {
        if line.split_whitespace().next() == Some(row.key) {
            let lead = line.len() - line.trim_start().len();
            found = Some((at + lead, &line[lead..]));
        }
        at += line.len();
    }
    found
}
