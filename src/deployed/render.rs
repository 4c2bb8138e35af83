//! `render.yaml`: the services of Render, those of them that the platform builds from a Dockerfile.
//!
//! The file lies at the root of the repository, and its paths begin there. `dockerCommand` takes the place of CMD;
//! whether a shell reads it is not said, so only plain words are known. What the dashboard sets wins over `envVars`.
//! <https://render.com/docs/blueprint-spec>

use super::built::Built;
use super::model::{Deployed, Deployments, Look, Source};
use crate::compose::yaml::Node;
use crate::compose::{CommandForm, CommandLine, EnvVar, Environment, Text};
use crate::knowledge::intent_words::Intent;
use crate::source::normalize;
use crate::span::Traced;

const PATH: &str = "render.yaml";

/// Services, and variables of each, that are read.
const MAX_ENTRIES: usize = 100;

pub(super) struct Render;

impl Source for Render {
    fn name(&self) -> &'static str {
        "render"
    }

    fn files(&self) -> &'static [&'static str] {
        &[PATH]
    }

    fn read(&self, look: &Look<'_>, found: &mut Deployments) {
        let parsed = look.yaml(PATH);
        let Some(root) = parsed.as_ref().and_then(|parsed| parsed.root.as_ref()) else {
            return;
        };
        let group = found.next_group();
        let services = root.get("services").map_or(&[][..], Node::items);
        for service in services.iter().take(MAX_ENTRIES) {
            // `env` is the old name of `runtime`.
            let runtime = text(service, "runtime").or_else(|| text(service, "env"));
            let name = text(service, "name");
            if let Some(name) = name.filter(|_| runtime.is_some_and(|it| it.as_str() == "docker")) {
                found.all.push(Deployed {
                    group,
                    ..process(self.name(), name, service)
                });
            }
        }
    }
}

fn process(source: &'static str, name: Traced, service: &Node) -> Deployed {
    let variables = service.get("envVars").map_or(&[][..], Node::items);
    let variables = variables.iter().take(MAX_ENTRIES);
    Deployed {
        purpose: Some(Intent::Production),
        build: Some(build(service)),
        command: service.get("dockerCommand").map(command),
        env: Environment::open(variables.clone().filter_map(variable)),
        // A group of variables may be made in the dashboard.
        has_unread_env_file: variables.clone().any(|one| one.get("fromGroup").is_some()),
        ..Deployed::new(source, name, PATH)
    }
}

fn text(node: &Node, key: &str) -> Option<Traced> {
    Some(node.get(key)?.scalar()?.text.clone())
}

/// What is built; where another repository is, or another directory to begin in, is not known.
fn build(service: &Node) -> Built {
    let is_elsewhere = ["repo", "rootDir"]
        .iter()
        .any(|key| service.get(key).is_some());
    let place = |key: &str, default: &str| match service.get(key) {
        _ if is_elsewhere => None,
        Some(node) => normalize(node.scalar()?.as_str()),
        None => Some(default.to_owned()),
    };
    Built {
        context: place("dockerContext", ""),
        dockerfile: place("dockerfilePath", "Dockerfile"),
        target: None,
        ..Built::default()
    }
}

fn command(node: &Node) -> CommandLine {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " -_./:=,@%+".contains(c);
    let line = node
        .scalar()
        .filter(|line| line.as_str().chars().all(is_plain));
    let text = match line {
        Some(line) => Text::verbatim(line.clone()),
        None => Text::unknown(node.span),
    };
    CommandLine {
        span: text.span(),
        form: CommandForm::Line(text),
    }
}

fn variable(node: &Node) -> Option<EnvVar> {
    Some(EnvVar {
        name: text(node, "key")?,
        value: text(node, "value"),
        may_vary: true,
        scalar: node.get("value").and_then(Node::scalar).cloned(),
    })
}
