//! `fly.toml`: the machines of Fly.io, which run an image by itself or by what stands in `[processes]`.
//!
//! The file lies in the directory that is built. No shell reads its commands: they are split into words, which replace
//! CMD; ENTRYPOINT stays. Secrets that the platform keeps win over `[env]`.
//! <https://fly.io/docs/reference/configuration/>

use super::built::{BuildArg, Built};
use super::model::{Deployed, Deployments, Look, Source};
use crate::compose::{
    CommandForm, CommandLine, EnvVar, Environment, Mount, MountKind, Port, Text, purpose_of_project,
};
use crate::knowledge::intent_words::Intent;
use crate::python::requirements::toml_tree::{Table, Value, with_table};
use crate::source::join;
use crate::source::normalize;
use crate::span::{FileId, Span, Traced};

const NAME: &str = "fly.toml";

/// Processes, variables and the like that are read.
const MAX_ENTRIES: usize = 100;

pub(super) struct Fly;

impl Source for Fly {
    fn name(&self) -> &'static str {
        "fly"
    }

    fn files(&self) -> &'static [&'static str] {
        &[NAME]
    }

    fn read(&self, look: &Look<'_>, found: &mut Deployments) {
        for directory in look.directories() {
            let path = join(directory, NAME);
            let Some(file) = look.read(&path) else {
                continue;
            };
            let group = found.next_group();
            let source = look.sources.get(file);
            let read = with_table(file, &source.text, |table, error| match error {
                None => {
                    App::read(table, file, directory).map(|app| app.processes(self.name(), &path))
                }
                Some(_) => None,
            });
            let read = read.unwrap_or_default().into_iter();
            found.all.extend(read.map(|it| Deployed { group, ..it }));
        }
    }
}

struct App<'a, 'i> {
    table: Table<'a, 'i>,
    purpose: Option<Intent>,
    build: Built,
    env: Environment,
    mounts: Vec<Mount>,
    /// The name of its only process, where it names none.
    name: Traced,
}

impl<'a, 'i> App<'a, 'i> {
    /// `None` where no Dockerfile is built.
    fn read(table: Table<'a, 'i>, file: FileId, directory: &str) -> Option<Self> {
        let build = table.at(&["build"]);
        let has = |key: &str| build.is_some_and(|build| build.get(key).is_some());
        if ["image", "builder", "buildpacks", "builtin"]
            .into_iter()
            .any(has)
        {
            return None;
        }
        let text = |key: &str| build.and_then(|build| build.traced(build.get(key)?));
        let written = text("dockerfile");
        let written = written.as_ref().map_or("Dockerfile", Traced::as_str);
        let app = table.get("app").and_then(|app| table.traced(app));
        let purpose = app.as_ref().map(|app| purpose_of_project(app.as_str()));
        Some(Self {
            table,
            purpose: match purpose {
                None | Some(None) => Some(Intent::Production),
                Some(purpose) => purpose,
            },
            build: Built {
                // `fly deploy -c deploy/fly.toml` builds where it is called.
                context: directory.is_empty().then(String::new),
                dockerfile: normalize(&join(directory, written)),
                target: text("build-target").map(Text::from),
                args: args(table),
                is_named: false,
            },
            env: env(table),
            mounts: mounts(table),
            name: Traced::new("app", app.map_or(Span::point(file, 0), |app| app.span())),
        })
    }

    fn processes(&self, source: &'static str, path: &str) -> Vec<Deployed> {
        let new = |name: &Traced| Deployed {
            purpose: self.purpose,
            build: Some(self.build.clone()),
            env: self.env.clone(),
            ..Deployed::new(source, name.clone(), path)
        };
        let processes = self.table.at(&["processes"]);
        let processes = processes.map_or(Vec::new(), |table| table.entries());
        let is_only = processes.len() < 2;
        let experimental = self.table.at(&["experimental"]);
        let list = |key: &str| experimental.and_then(|table| list(table, table.get(key)?));
        let machine = |name: &Traced| Deployed {
            entrypoint: list("entrypoint"),
            command: list("cmd"),
            mounts: self.mounts.clone(),
            ports: ports(self.table, name.as_str(), is_only),
            ..new(name)
        };
        let mut all: Vec<Deployed> = processes
            .iter()
            .take(MAX_ENTRIES)
            .map(|(name, value)| {
                let own = line(self.table, value);
                let machine = machine(name);
                Deployed {
                    command: own.or(machine.command.clone()),
                    ..machine
                }
            })
            .collect();
        if processes.is_empty() {
            all.push(machine(&self.name));
        }
        if let Some(deploy) = self.table.at(&["deploy"])
            && let Some(value) = deploy.get("release_command")
        {
            let place = deploy.span(value);
            all.push(Deployed {
                command: line(self.table, value),
                ..new(&Traced::new("release_command", place))
            });
        }
        all
    }
}

/// <https://fly.io/docs/reference/configuration/#specify-docker-build-arguments>
fn args(table: Table<'_, '_>) -> Vec<BuildArg> {
    let given = table.at(&["build", "args"]);
    let given = given.map_or(Vec::new(), |table| table.entries());
    let arg = |(name, value): (Traced, &Value<'_>)| {
        let value = table.traced(value);
        BuildArg {
            name: name.as_str().to_owned(),
            value: value.map(|it| it.as_str().to_owned()),
            may_vary: false,
        }
    };
    given.into_iter().take(MAX_ENTRIES).map(arg).collect()
}

/// A command in one text; none where it is empty, which means the image's own.
fn line(table: Table<'_, '_>, value: &Value<'_>) -> Option<CommandLine> {
    let text = match table.traced(value) {
        Some(text) if text.as_str().trim().is_empty() => return None,
        Some(text) => Text::from(text),
        None => Text::unknown(table.span(value)),
    };
    Some(CommandLine {
        span: text.span(),
        form: CommandForm::Line(text),
    })
}

/// A command as a list of words, or in one text.
fn list(table: Table<'_, '_>, value: &Value<'_>) -> Option<CommandLine> {
    let Some(items) = value.get_ref().as_array() else {
        return line(table, value);
    };
    let word = |item| match table.traced(item) {
        Some(text) => Text::from(text),
        None => Text::unknown(table.span(item)),
    };
    Some(CommandLine {
        span: table.span(value),
        form: CommandForm::List(items.iter().map(word).collect()),
    })
}

fn env(table: Table<'_, '_>) -> Environment {
    let given = table
        .at(&["env"])
        .map_or(Vec::new(), |table| table.entries());
    let var = |(name, value): (Traced, &Value<'_>)| {
        let value = table.traced(value);
        EnvVar {
            name,
            may_vary: true,
            scalar: value.clone().map(|value| Text::from(value).scalar),
            value,
        }
    };
    Environment::open(given.into_iter().take(MAX_ENTRIES).map(var))
}

/// The tables under a key, whether there is one or a list of them.
fn tables<'a, 'i>(table: Table<'a, 'i>, key: &str) -> Vec<Table<'a, 'i>> {
    let all = match table.get(key) {
        Some(value) if value.get_ref().is_table() => std::slice::from_ref(value),
        _ => table.array(key),
    };
    let all = all.iter().take(MAX_ENTRIES);
    all.filter_map(|value| Some(table.inner(value.get_ref().as_table()?)))
        .collect()
}

fn mounts(table: Table<'_, '_>) -> Vec<Mount> {
    let mount = |mount: Table<'_, '_>| {
        let source = mount.get("source").and_then(|value| mount.traced(value));
        let target = mount.get("destination")?;
        Some(Mount {
            span: mount.span(target),
            kind: MountKind::Named,
            source,
            source_path: None,
            target: mount.traced(target),
            is_read_only: false,
        })
    };
    let all = tables(table, "mounts").into_iter();
    all.filter_map(mount).collect()
}

/// The ports of the machine to which requests are handed on.
fn ports(table: Table<'_, '_>, process: &str, is_only: bool) -> Vec<Port> {
    let port = |service: Table<'_, '_>| {
        let names = service.strings("processes");
        let is_meant =
            names.iter().any(|name| name.as_str() == process) || names.is_empty() && is_only;
        let value = service.get("internal_port").filter(|_| is_meant)?;
        let number = value.get_ref().as_integer()?;
        let number = u16::from_str_radix(number.as_str(), number.radix()).ok()?;
        let span = service.span(value);
        Some(Port {
            span,
            short: None,
            host_ip: None,
            published: None,
            target: Some((number, number)),
            target_span: span,
            protocol: service.str("protocol").unwrap_or("tcp").to_owned(),
        })
    };
    let http = tables(table, "http_service").into_iter();
    let all = http.chain(tables(table, "services"));
    all.filter_map(port).collect()
}
