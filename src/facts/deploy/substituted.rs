//! Configuration that `envsubst` fills without a list of names, so that it empties the variables of nginx as well.

use crate::compose::{MountKind, Service};
use crate::context::Origin;
use crate::facts::files::origin;
use crate::facts::model::{DjangoPhase, Emptied, ServiceFact, StartFact};
use crate::shell::ast::{Arg, Command};
use crate::shell::{self, Options, UnknownVariables};
use crate::source::{Sources, absolute, join};
use crate::span::{FileId, Span, Traced};

/// Of each such configuration the first variable that it loses.
pub(crate) fn collect(
    p: &DjangoPhase,
    services: &[ServiceFact],
    sources: &Sources,
) -> Vec<Emptied> {
    let mut out = Vec::new();
    for (i, fact) in services.iter().enumerate() {
        let Some(service) = fact.compose(p).filter(|_| fact.image.is_none()) else {
            continue;
        };
        let lines = [&service.entrypoint, &service.command];
        let words: Option<Vec<Vec<Traced>>> =
            lines.into_iter().flatten().map(|it| it.words()).collect();
        let Some(words) = words.map(|all| all.concat()).filter(|all| !all.is_empty()) else {
            continue;
        };
        let commands = shell::exec_form(&words, &UnknownVariables, &Options::default());
        let env = service.env();
        for command in &commands {
            let file = filled(command).and_then(|path| mounted(p, service, &path, sources));
            let is_set = |name: &str| !env.is_closed || env.get(name).is_some();
            if let Some(file) = file {
                out.extend(emptied(file, sources, &is_set, command.name_span, Some(i)));
            }
        }
    }
    let images = p.images.iter().enumerate();
    let own = images.flat_map(|(i, image)| image.starts.iter().map(move |start| (i, start)));
    for (image, start) in own {
        let file = filled(&start.command).and_then(|path| copied(p, image, start, &path, sources));
        if let Some(file) = file {
            out.extend(emptied(
                file,
                sources,
                &|_| false,
                start.command.name_span,
                None,
            ));
        }
    }
    out
}

/// The file that `envsubst` reads as a whole, where no list says which variables it replaces.
fn filled(command: &Command) -> Option<String> {
    let is_one = command.name.as_deref() == Some("envsubst")
        && command.args.is_empty()
        && command.assignments.is_empty();
    let mut reads = command.redirects.iter().filter(|it| it.operator == "<");
    let target = reads.next().filter(|_| is_one)?.target.as_ref();
    target.and_then(Arg::as_str).map(str::to_owned)
}

/// The file of the project that is mounted at a path of a container.
fn mounted(p: &DjangoPhase, service: &Service, path: &str, sources: &Sources) -> Option<FileId> {
    let found = service.volumes.iter().find_map(|mount| {
        let target = mount.target.as_ref()?.as_str().trim_end_matches('/');
        let rest = path.strip_prefix(target)?;
        let is_it = rest.is_empty() || rest.starts_with('/');
        let source = mount.source_path.as_deref();
        let source = source.filter(|_| is_it && mount.kind == MountKind::Bind)?;
        Some(join(source, rest.trim_start_matches('/')))
    });
    let path = found?;
    let is_file = p.around.root.is_file(&path);
    is_file.then(|| p.around.root.read(sources, &path).ok())?
}

/// The file of the project that lies at a path of an image.
fn copied(
    p: &DjangoPhase,
    image: usize,
    start: &StartFact,
    path: &str,
    sources: &Sources,
) -> Option<FileId> {
    let path = match path.starts_with('/') {
        true => absolute("/", path),
        false => absolute(start.directory.as_deref()?, path),
    };
    let Origin::Context(found) = origin::at_end(p, p.images[image].stage, &path).origin else {
        return None;
    };
    p.around.context.read(sources, &found).ok()
}

/// The first variable of nginx in a configuration that is not one of the environment.
fn emptied(
    file: FileId,
    sources: &Sources,
    is_set: &dyn Fn(&str) -> bool,
    command: Span,
    service: Option<usize>,
) -> Option<Emptied> {
    let text = &sources.get(file).text;
    let is_nginx = ["proxy_pass", "uwsgi_pass", "server_name"];
    if !is_nginx.iter().any(|word| text.contains(word)) {
        return None;
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if line.trim_start().starts_with('#') {
            continue;
        }
        for (found, _) in line.match_indices('$') {
            let rest = &line[found + 1..];
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let end = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
            let name = &rest[..end];
            if name.starts_with(|c: char| c.is_ascii_lowercase()) && !is_set(name) {
                let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
                let span = Span::new(file, byte(start + found), byte(start + found + 1 + end));
                return Some(Emptied {
                    name: name.to_owned(),
                    span,
                    command,
                    service,
                });
            }
        }
    }
    None
}
