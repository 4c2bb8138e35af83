//! Containers as task definitions of ECS describe them, which `Dockerrun.aws.json` of the second version takes over.
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html>

use super::model::{Deployed, Look};
use super::names::{Name, Names};
use crate::compose::yaml::Node;
use crate::compose::{
    CommandForm, CommandLine, EnvVar, Environment, Healthcheck, Mount, MountKind, Port, Project,
    Text, purpose_of,
};
use crate::knowledge::intent_words::Intent;
use crate::span::Traced;

/// Containers, variables and words that are read.
const MAX_ENTRIES: usize = 200;

/// The containers of a definition, and whether one may be of the project and is not known to be.
pub(super) fn containers(
    source: &'static str,
    look: &Look<'_>,
    compose: &Project,
    path: &str,
    definition: &Node,
) -> (Vec<Deployed>, bool) {
    let items = definition.get("containerDefinitions");
    let items = items.map_or(&[][..], Node::items).iter().take(MAX_ENTRIES);
    let names = look.names(compose);
    let family = definition.get("family").and_then(Node::scalar);
    let purpose = purpose_of(path).or_else(|| purpose_of(family?.as_str()));
    let mut is_open = false;
    let all = items.filter_map(|node| {
        let name = node.get("name")?.scalar()?.text.clone();
        let image = node.get("image").map(value);
        let written = image.as_ref().map(|image| image.scalar.as_str());
        let build = written.and_then(|written| names.built(look.root, written));
        is_open |= build.is_none() && written.is_none_or(|written| may_be_own(names, written));
        Some(Deployed {
            purpose: Some(purpose.unwrap_or(Intent::Production)),
            build,
            image,
            entrypoint: node.get("entryPoint").and_then(line),
            command: node.get("command").and_then(line),
            env: environment(node),
            has_unread_env_file: node.get("environmentFiles").is_some(),
            user: node.get("user").map(value),
            read_only: node
                .get("readonlyRootFilesystem")
                .filter(|node| node.scalar().is_some_and(|it| it.as_str() == "true"))
                .map(|node| node.span),
            workdir: node.get("workingDirectory").map(value),
            mounts: mounts(node),
            ports: ports(node),
            probe: node.get("healthCheck").and_then(check),
            ..Deployed::new(source, name, path)
        })
    });
    let all: Vec<Deployed> = all.collect();
    (all, is_open)
}

fn may_be_own(names: &Names, reference: &str) -> bool {
    Name::of(reference).is_none_or(|name| name.may_be_own()) || names.has(reference)
}

/// A text, unless it is there to be replaced.
pub(super) fn value(node: &Node) -> Text {
    match node.scalar() {
        Some(scalar) if !scalar.as_str().contains("${") => Text::verbatim(scalar.clone()),
        _ => Text::unknown(node.span),
    }
}

/// A list of words; one that is empty is not there.
fn line(node: &Node) -> Option<CommandLine> {
    if node.is_null() || node.is_sequence() && node.items().is_empty() {
        return None;
    }
    let words = node.items().iter().take(MAX_ENTRIES).map(value);
    Some(CommandLine {
        span: node.span,
        form: match node.is_sequence() {
            true => CommandForm::List(words.collect()),
            false => CommandForm::Line(Text::unknown(node.span)),
        },
    })
}

fn environment(node: &Node) -> Environment {
    let var = |node: &Node, is_kept_elsewhere: bool| {
        let given = node.get("value").filter(|_| !is_kept_elsewhere);
        let text = given.map(value);
        Some(EnvVar {
            name: node.get("name")?.scalar()?.text.clone(),
            value: text.as_ref().and_then(|text| text.value.clone()),
            may_vary: text.is_none_or(|text| text.value.is_none()),
            scalar: given.and_then(Node::scalar).cloned(),
        })
    };
    let all = |key: &str| {
        node.get(key)
            .map_or(&[][..], Node::items)
            .iter()
            .take(MAX_ENTRIES)
    };
    let plain = all("environment").filter_map(|it| var(it, false));
    let secret = all("secrets").filter_map(|it| var(it, true));
    Environment::open(plain.chain(secret))
}

fn mounts(node: &Node) -> Vec<Mount> {
    let points = node.get("mountPoints").map_or(&[][..], Node::items);
    let tmpfs = node.get("linuxParameters").and_then(|it| it.get("tmpfs"));
    let tmpfs = tmpfs.map_or(&[][..], Node::items);
    let all = points.iter().chain(tmpfs).take(MAX_ENTRIES);
    all.filter_map(|point| {
        let path = point.get("containerPath")?;
        let is_read_only = point.get("readOnly").and_then(Node::scalar);
        Some(mount(
            path,
            is_read_only.is_some_and(|it| it.as_str() == "true"),
        ))
    })
    .collect()
}

/// Something lies there; whether it has what the image has is not known.
pub(super) fn mount(path: &Node, is_read_only: bool) -> Mount {
    Mount {
        span: path.span,
        kind: MountKind::Unknown,
        source: None,
        source_path: None,
        target: value(path).value,
        is_read_only,
    }
}

fn ports(node: &Node) -> Vec<Port> {
    let mappings = node.get("portMappings").map_or(&[][..], Node::items);
    let port = |mapping: &Node| {
        let node = mapping.get("containerPort")?;
        let protocol = mapping.get("protocol").and_then(Node::scalar);
        Some(port(node, protocol.map_or("tcp", |it| it.as_str())))
    };
    mappings.iter().take(MAX_ENTRIES).filter_map(port).collect()
}

pub(super) fn port(node: &Node, protocol: &str) -> Port {
    let number = node.scalar().and_then(|it| it.as_str().parse().ok());
    Port {
        span: node.span,
        short: None,
        host_ip: None,
        published: None::<Traced>,
        target: number.map(|number| (number, number)),
        target_span: node.span,
        protocol: protocol.to_ascii_lowercase(),
    }
}

/// Its words are those of Docker: `CMD` or `CMD-SHELL` and what is run.
fn check(node: &Node) -> Option<Healthcheck> {
    let command = node.get("command")?;
    Some(Healthcheck {
        span: node.span,
        test: line(command),
        is_disabled: false,
    })
}
