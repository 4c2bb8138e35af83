//! `heroku.yml`: the images that Heroku builds, and the processes that it runs in them.
//!
//! The platform reads it at the root of the repository. A process without a command runs the image's own. A command is
//! a line for a shell. The containers do not run as root, whatever USER says; config vars may be set anew by hand.
//! <https://devcenter.heroku.com/articles/build-docker-images-heroku-yml>

use super::built::{BuildArg, Built};
use super::model::{Deployed, Deployments, Look, Source};
use crate::compose::yaml::{Entry, Node};
use crate::compose::{CommandForm, CommandLine, EnvVar, Environment, Text};
use crate::knowledge::intent_words::Intent;
use crate::source::normalize;

const PATH: &str = "heroku.yml";

/// Processes and images that are read.
const MAX_ENTRIES: usize = 100;

pub(super) struct Heroku;

impl Source for Heroku {
    fn name(&self) -> &'static str {
        "heroku"
    }

    fn files(&self) -> &'static [&'static str] {
        &[PATH]
    }

    fn read(&self, look: &Look<'_>, found: &mut Deployments) {
        let parsed = look.yaml(PATH);
        let Some(root) = parsed.as_ref().and_then(|parsed| parsed.root.as_ref()) else {
            return;
        };
        let manifest = Manifest {
            images: entries(root, &["build", "docker"]),
            runs: entries(root, &["run"]),
            env: config(entries(root, &["setup", "config"])),
            args: args(entries(root, &["build", "config"])),
        };
        let group = found.next_group();
        let processes = manifest.images.iter().chain(manifest.runs);
        let mut names: Vec<&str> = Vec::new();
        for entry in processes {
            if names.contains(&entry.key.as_str()) {
                continue;
            }
            names.push(entry.key.as_str());
            let run = manifest
                .runs
                .iter()
                .find(|run| run.key.as_str() == entry.key.as_str());
            found.all.push(Deployed {
                group,
                ..manifest.process(self.name(), entry, run.map(|run| &run.value))
            });
        }
        if let Some(release) = root.entry("release") {
            found.all.push(Deployed {
                group,
                ..manifest.process(self.name(), release, Some(&release.value))
            });
        }
    }
}

struct Manifest<'n> {
    images: &'n [Entry],
    runs: &'n [Entry],
    env: Environment,
    /// For all images.
    args: Vec<BuildArg>,
}

impl Manifest<'_> {
    fn process(&self, source: &'static str, named: &Entry, run: Option<&Node>) -> Deployed {
        let image = run.and_then(|run| run.get("image")?.scalar());
        let image = image.map_or(named.key.as_str(), |image| image.as_str());
        let built = self.images.iter().find(|built| built.key.as_str() == image);
        Deployed {
            purpose: Some(Intent::Production),
            build: built.and_then(|built| build(&built.value)).map(|it| Built {
                args: self.args.clone(),
                ..it
            }),
            command: run.map(command),
            env: self.env.clone(),
            is_unprivileged: true,
            ..Deployed::new(source, named.key.text.clone(), PATH)
        }
    }
}

/// The entries of the mapping at a path of keys.
fn entries<'n>(root: &'n Node, path: &[&str]) -> &'n [Entry] {
    let node = path.iter().try_fold(root, |node, key| node.get(key));
    let entries = node.map_or(&[][..], Node::entries);
    &entries[..entries.len().min(MAX_ENTRIES)]
}

/// A Dockerfile is built in its own directory.
fn build(node: &Node) -> Option<Built> {
    let dockerfile = normalize(node.scalar()?.as_str())?;
    let context = dockerfile.rsplit_once('/').map_or("", |(above, _)| above);
    Some(Built {
        context: Some(context.to_owned()),
        dockerfile: Some(dockerfile),
        target: None,
        ..Built::default()
    })
}

/// A line by itself, or `command` with one; what becomes of several is not known.
fn command(node: &Node) -> CommandLine {
    let command = node.get("command").unwrap_or(node);
    let line = match command.items() {
        [] => command.scalar(),
        [line] => line.scalar(),
        _ => None,
    };
    let text = match line {
        Some(line) => Text::verbatim(line.clone()),
        None => Text::unknown(command.span),
    };
    CommandLine {
        span: text.span(),
        form: CommandForm::Shell(text),
    }
}

/// Build arguments.
fn args(entries: &[Entry]) -> Vec<BuildArg> {
    let arg = |entry: &Entry| {
        let value = entry.value.scalar().map(|it| it.as_str().to_owned());
        BuildArg {
            name: entry.key.as_str().to_owned(),
            value,
            may_vary: false,
        }
    };
    entries.iter().map(arg).collect()
}

/// Config vars that an application begins with.
fn config(entries: &[Entry]) -> Environment {
    let var = |entry: &Entry| EnvVar {
        name: entry.key.text.clone(),
        value: entry.value.scalar().map(|value| value.text.clone()),
        may_vary: true,
        scalar: entry.value.scalar().cloned(),
    };
    Environment::open(entries.iter().map(var))
}
