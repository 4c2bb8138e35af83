//! `Dockerrun.aws.json`: what Elastic Beanstalk starts. The first version runs one image, which it builds from the
//! Dockerfile beside it where the file names none; the second has containers as ECS has them.
//! <https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/single-container-docker-configuration.html>

use super::built::Built;
use super::model::{Deployed, Deployments, Look, Source};
use super::task;
use crate::compose::yaml::Node;
use crate::compose::{CommandForm, CommandLine, Text};
use crate::knowledge::intent_words::Intent;
use crate::source::join;
use crate::span::Traced;

const NAME: &str = "Dockerrun.aws.json";

pub(super) struct Beanstalk;

impl Source for Beanstalk {
    fn name(&self) -> &'static str {
        "beanstalk"
    }

    fn files(&self) -> &'static [&'static str] {
        &[NAME]
    }

    fn read(&self, look: &Look<'_>, found: &mut Deployments) {
        for directory in look.directories() {
            let path = join(directory, NAME);
            let Some(documents) = look.documents(&path) else {
                continue;
            };
            let Some(root) = documents.all.first().filter(|_| documents.is_whole) else {
                found.is_open = true;
                continue;
            };
            let group = found.next_group();
            let version = root.get("AWSEBDockerrunVersion").and_then(Node::scalar);
            let started = match version.map(|version| version.as_str()) {
                Some("1") => one(self.name(), look, found, directory, root),
                Some("2") => {
                    let (all, is_open) =
                        task::containers(self.name(), look, &found.compose, &path, root);
                    found.is_open |= is_open;
                    all
                }
                // The third leaves it to compose.
                _ => Vec::new(),
            };
            found
                .all
                .extend(started.into_iter().map(|it| Deployed { group, ..it }));
        }
    }
}

fn one(
    source: &'static str,
    look: &Look<'_>,
    found: &mut Deployments,
    directory: &str,
    root: &Node,
) -> Vec<Deployed> {
    let version = root.entry("AWSEBDockerrunVersion").map(|it| it.key.span);
    let Some(place) = version else {
        return Vec::new();
    };
    let image = root.get("Image").and_then(|image| image.get("Name"));
    let build = match image {
        Some(image) => {
            let written = image.scalar().map_or("", |it| it.as_str());
            let built = look.names(&found.compose).built(look.root, written);
            found.is_open |= built.is_none();
            built
        }
        None => {
            let path = join(directory, "Dockerfile");
            look.root.is_file(&path).then(|| Built {
                context: Some(directory.to_owned()),
                dockerfile: Some(path),
                target: None,
                ..Built::default()
            })
        }
    };
    let items = |key: &str| root.get(key).map_or(&[][..], Node::items).iter();
    let line = |key: &str| {
        let node = root.get(key).filter(|node| !node.is_null())?;
        Some(CommandLine {
            span: node.span,
            form: CommandForm::Line(plain(node)),
        })
    };
    let volumes = items("Volumes").filter_map(|it| it.get("ContainerDirectory"));
    let ports = items("Ports").filter_map(|it| it.get("ContainerPort"));
    vec![Deployed {
        purpose: Some(Intent::Production),
        build,
        image: image.map(task::value),
        entrypoint: line("Entrypoint"),
        command: line("Command"),
        mounts: volumes.map(|path| task::mount(path, false)).collect(),
        ports: ports.map(|node| task::port(node, "tcp")).collect(),
        ..Deployed::new(source, Traced::new("web", place), &join(directory, NAME))
    }]
}

/// A text without anything that a shell would read; whether one does is not said.
pub(super) fn plain(node: &Node) -> Text {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " -_./:=,@%+".contains(c);
    match node.scalar() {
        Some(text) if text.as_str().chars().all(is_plain) => Text::verbatim(text.clone()),
        _ => Text::unknown(node.span),
    }
}
