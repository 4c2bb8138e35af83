//! Servers of a stack that ask others by the addresses that a file of the project gives them: Caddy, Prometheus.

use crate::compose::yaml::Node;
use crate::compose::{MountKind, Service, parsed};
use crate::dockerfile::ast::{Args, Instruction, Keyword};
use crate::dockerfile::beside;
use crate::dockerfile::image::ImageRef;
use crate::facts::deploy::groups;
use crate::facts::model::{AskerFact, DjangoPhase, ProxyFact, ServiceFact};
use crate::facts::start::service;
use crate::knowledge::stack_clients::{self, StackClient};
use crate::knowledge::words::{OptionWords, ValueWords};
use crate::nginx::{Pass, Site, Spoken, To, caddy};
use crate::source::{Entry, Sources, is_in, join};
use crate::span::{FileId, Traced};

/// Every such server that stands in a stack with a service of this Dockerfile, and whose file is certain.
pub(crate) fn collect(
    p: &DjangoPhase,
    services: &[ServiceFact],
    sources: &Sources,
) -> Vec<AskerFact> {
    let found = groups::others(p, services).filter_map(|(i, fact)| {
        let (row, file) = file_of(p, fact.compose(p)?, sources)?;
        let mut site = match row.listens {
            0 => caddy::read(file, &sources.get(file).text),
            _ => scraped(file, sources),
        };
        site.listens
            .extend(Some(row.listens).filter(|port| *port != 0));
        let proxy = ProxyFact {
            service: i,
            site,
            is_plain: false,
            placed: None,
            misplaced: None,
        };
        Some(AskerFact {
            name: row.name,
            proxy,
        })
    });
    found.collect()
}

/// The file of the project that the server of a service certainly reads.
fn file_of(
    p: &DjangoPhase,
    service: &Service,
    sources: &Sources,
) -> Option<(&'static StackClient, FileId)> {
    let of_image = |image: ImageRef| {
        let is_hub = image.registry.as_deref().is_none_or(|it| it == "docker.io");
        stack_clients::of(&image.repository).filter(|_| is_hub)
    };
    let (row, copied) = match &service.build {
        None => (of_image(service::image(service)?)?, None),
        Some(build) => {
            let tree = beside::read(&p.around.root, sources, build.dockerfile_path.as_ref()?)?;
            let from = tree
                .stages()
                .next_back()
                .filter(|_| build.target.is_none())?;
            let rest = &tree.instructions[from + 1..];
            let row = of_image(ImageRef::parse(tree.instructions[from].written_base()?))?;
            let starts =
                |it: &Instruction| matches!(it.keyword, Keyword::Cmd | Keyword::Entrypoint);
            if rest.iter().any(starts) {
                return None;
            }
            (row, Some(copied(build.context_path.as_ref()?, row, rest)?))
        }
    };
    let is_changed = service.entrypoint.is_some() || service.extends.is_some();
    if is_changed || service.has_key(ValueWords::MountsMore) {
        return None;
    }
    let usual = row.usual_file();
    let path = named_file(service, row)?.unwrap_or_else(|| usual.clone());
    let over = service.volumes.iter().filter_map(|mount| {
        let target = mount.target.as_ref()?.as_str().trim_end_matches('/');
        is_in(&path, target).then_some((mount, target))
    });
    let over: Vec<_> = over.collect();
    if service.volumes.iter().any(|mount| mount.target.is_none()) {
        return None;
    }
    let source = match over.as_slice() {
        [] => copied.flatten().filter(|_| path == usual)?,
        [(mount, target)] if mount.kind == MountKind::Bind => {
            let source = mount.source_path.as_deref()?;
            match path.strip_prefix(target)?.trim_start_matches('/') {
                "" => source.to_owned(),
                below => join(source, below),
            }
        }
        _ => return None,
    };
    let is_file = matches!(p.around.root.entry(&source), Entry::File { .. });
    let file = is_file.then(|| p.around.root.read(sources, &source).ok())??;
    Some((row, file))
}

/// The file that the command line names; inside, `None` where it names none. `None` where it is not known.
fn named_file(service: &Service, row: &StackClient) -> Option<Option<String>> {
    let Some(command) = &service.command else {
        return Some(None);
    };
    let words = command.words()?;
    let mut words = words.iter().map(Traced::as_str);
    while let Some(word) = words.next() {
        let Some(rest) = word.strip_prefix(row.option) else {
            continue;
        };
        let value = match rest.strip_prefix('=') {
            Some(value) => value,
            None if rest.is_empty() => words.next()?,
            None => continue,
        };
        return value.starts_with('/').then(|| Some(value.to_owned()));
    }
    // Caddy without its file answers from files or an API.
    (row.listens != 0 || command.texts().is_empty()).then_some(None)
}

/// The file of the project that lies where the server reads it; inside, `None` where nothing is copied there. `None`
/// where that is not known.
fn copied(context: &str, row: &StackClient, rest: &[Instruction]) -> Option<Option<String>> {
    let path = row.usual_file();
    let (directory, name) = path.rsplit_once('/')?;
    let mut found = None;
    for instruction in rest {
        let text = instruction.rest.as_str();
        match instruction.keyword {
            Keyword::Run if text.contains(directory) => return None,
            Keyword::Copy | Keyword::Add => {}
            _ => continue,
        }
        let (Args::Words(words) | Args::Json(words)) = &instruction.args else {
            return None;
        };
        let (target, copied) = words.split_last()?;
        let target = target.as_str().trim_end_matches('/');
        if !is_in(target, directory) && !is_in(directory, target) {
            if target.starts_with('/') {
                continue;
            }
            return None;
        }
        let [source] = copied else {
            return None;
        };
        let source = source.as_str();
        let is_plain = !source.contains(['$', '*', '?', '[', '<']) && instruction.flags.is_empty();
        let is_it =
            target == path || target == directory && source.rsplit('/').next() == Some(name);
        if !is_plain || !is_it {
            return None;
        }
        let source = crate::source::clean(source.trim_start_matches('/'));
        found = crate::source::normalize(&join(context, &source));
    }
    Some(found)
}

/// What a Prometheus asks: the targets that its file lists, where nothing rewrites them.
fn scraped(file: FileId, sources: &Sources) -> Site {
    let read = parsed(sources, file);
    let root = read.root.as_ref().filter(|_| read.errors.is_empty());
    let jobs = root.and_then(|root| root.get("scrape_configs"));
    let is_plain = |job: &&Node| {
        let mut others = OptionWords::ScrapesElsewhere.iter();
        others.all(|key| job.get(key).is_none())
    };
    let mut site = Site::default();
    for job in jobs
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .filter(is_plain)
    {
        let is_tls = job.get("scheme").and_then(Node::scalar);
        let is_tls = is_tls.is_some_and(|scheme| scheme.text.as_str() == "https");
        let groups = job.get("static_configs").map(Node::items);
        for group in groups.unwrap_or_default() {
            let targets = group.get("targets").map(Node::items).unwrap_or_default();
            let targets = targets.iter().filter_map(Node::scalar);
            let asked = targets.filter_map(|it| target(&it.text, is_tls));
            site.passes.extend(asked);
        }
    }
    site
}

fn target(text: &Traced, is_tls: bool) -> Option<Pass> {
    let raw = text.as_str();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':');
    if raw.is_empty() || !raw.chars().all(is_plain) {
        return None;
    }
    let colon = raw.rfind(':');
    let host = text.slice(0..colon.unwrap_or(raw.len()));
    let port = colon.map(|at| text.slice(at + 1..raw.len()));
    let number = match &port {
        Some(port) => port.as_str().parse().ok()?,
        None if is_tls => 443,
        None => 80,
    };
    Some(Pass {
        directive: text.clone(),
        spoken: (!is_tls).then_some(Spoken::Http),
        to: To::Tcp {
            host: host.clone(),
            port,
            number,
        },
        is_one_of_several: false,
        sent_host: (!is_tls).then_some(host),
        headers: None,
        ends_tls: false,
        given_host: None,
    })
}
