//! Servers that are told by flags, variables and files: one reader for all that the table of servers says it of.

use super::env::{EnvValue, FileState, Surroundings};
use super::options::{Layer, Layers, Parsed, Told, is_off, parse};
use super::uwsgi::{ConfigFile, ConfigState};
use super::{DevFlag, Process, Server, Setting, Target, TargetKind, conf, listens, module_target};
use crate::compose::model::split;
use crate::knowledge::servers::{Flag, Means, Operand};
use crate::shell::ast::Arg;
use crate::span::{Span, Traced};

/// Reads the options of a server: configuration file, variables, command line, each over the one before.
pub(super) fn server(process: &Process, around: &Surroundings<'_>) -> Server {
    let product = process.product;
    let mut server = Server::new(product, process.span);
    let flags = product.flags();
    let line = parse(&process.args, flags);
    let added = product.arguments.map(|name| arguments(name, flags, around));
    let added = added.unwrap_or_default();
    let mut layers = Layers::default();
    layers.0.push(file(&line, &added, around, &mut server));
    let variables = product
        .variables
        .map(|begin| variables(begin, flags, around));
    layers.0.extend(variables);
    layers.0.push(Layer::of(&added));
    layers.0.push(Layer::of(&line));
    let told = Told {
        product,
        line,
        added,
        layers,
    };

    server.is_open = told.layers.is_open();
    server.app = application(&told);
    listens::binds(&told, around, &mut server);
    server.workers = told.get(Means::Workers);
    if let Some(name) = product.workers_variable
        && server.workers.is_absent()
    {
        server.workers = from_variable(around, name);
    }
    server.threads = told.get(Means::Threads);
    server.worker_class = told.get(Means::Class);
    server.chdir = told.get(Means::Directory);
    server.user = told.get(Means::User);
    server.group = told.get(Means::Group);
    server.background = match told.get(Means::Background) {
        Setting::Given(text, _) if is_off(text.as_str()) => Setting::Absent,
        other => other,
    };
    for key in product.keys(Means::Develops) {
        if let Some((true, Some(span))) = told.layers.switch(key) {
            server.dev_flags.push(DevFlag {
                name: key.to_owned(),
                span,
            });
        }
    }
    if product.is_for_development() {
        server.dev_flags.push(DevFlag {
            name: product.name.to_owned(),
            span: process.span,
        });
    }
    server.settings = told.layers.all();
    server
}

/// The variables that options are read from: `UVICORN_HOST` is `--host`.
fn variables(begin: &str, flags: &[Flag], around: &Surroundings<'_>) -> Layer {
    let mut layer = Layer::default();
    for var in &around.env.vars {
        let Some(rest) = var.name.strip_prefix(begin) else {
            continue;
        };
        let key = rest.to_ascii_lowercase().replace('_', "-");
        if let Some(flag) = flags.iter().find(|flag| *flag.key == *key) {
            layer.variable(around, &var.name, flag.key.as_str());
        }
    }
    layer
}

/// The variable with words of the command line, split as a shell would.
fn arguments(name: &str, flags: &[Flag], around: &Surroundings<'_>) -> Parsed {
    let open = Parsed {
        is_open: true,
        ..Parsed::default()
    };
    match around.env.get(name) {
        EnvValue::Known(text) => split(text).map_or(open, |words| {
            let words: Vec<Arg> = words.iter().map(Arg::whole).collect();
            parse(&words, flags)
        }),
        EnvValue::Unknown if around.env.var(name).is_some() => open,
        // Nobody in the files speaks of it.
        EnvValue::Unset | EnvValue::Unknown => Parsed::default(),
    }
}

/// The configuration file: the one that the command line names, else the variable, else the one that is read unasked.
fn file(line: &Parsed, added: &Parsed, around: &Surroundings<'_>, server: &mut Server) -> Layer {
    let unknown = Layer {
        is_open: true,
        ..Layer::default()
    };
    let product = server.product;
    let named = |means| {
        let mut keys = product.keys(means);
        keys.find_map(|key| line.last(key).or_else(|| added.last(key)))
    };
    let in_toml = named(Means::TomlFile);
    let Some(given) = in_toml.or_else(|| named(Means::File)) else {
        let mut keys = product
            .keys(Means::File)
            .chain(product.keys(Means::TomlFile));
        let may_be_named = keys.next().is_some() && (line.is_open || added.is_open);
        return match product.default_file {
            _ if may_be_named => unknown,
            Some(path) => unasked(path, around, server),
            None => Layer::default(),
        };
    };
    let Some(written) = &given.value else {
        return unknown;
    };
    let raw = written.as_str();
    let is_python = in_toml.is_none() || raw.starts_with("python:") || raw.starts_with("file:");
    match conf::open(written, around, server) {
        FileState::Known(file, source) if is_python => {
            let layer = conf::read(file, &source.text, around);
            as_flags(layer, product.flags())
        }
        FileState::Known(file, source) => conf::toml(file, &source.text),
        _ => unknown,
    }
}

/// The file that is read where nobody names one.
fn unasked(path: &str, around: &Surroundings<'_>, server: &mut Server) -> Layer {
    match around.read(path) {
        FileState::Known(file, source) => {
            let start = Span::point(server.span.file, server.span.start);
            server.files.push(ConfigFile {
                path: Traced::new(path, start),
                absolute: around.absolute(path),
                state: ConfigState::Read,
            });
            conf::read(file, &source.text, around)
        }
        FileState::Unknown if around.files.brings(path) => Layer {
            is_open: true,
            ..Layer::default()
        },
        // A file that nobody names and the project lacks is not expected.
        FileState::Missing | FileState::Unknown => Layer::default(),
    }
}

/// The names of a module as the flags are called: those of some servers have dashes.
fn as_flags(mut layer: Layer, flags: &[Flag]) -> Layer {
    for given in &mut layer.given {
        let dashed = given.key.replace('_', "-");
        if flags.iter().any(|flag| *flag.key == *dashed) {
            given.key = dashed;
        }
    }
    layer
}

/// What is served: the first operand, or a setting.
fn application(told: &Told) -> Option<Target> {
    let may_be_file = match told.product.operand? {
        Operand::Application => false,
        Operand::ApplicationOrFile => true,
        Operand::Address => return None,
    };
    let mut operands = told.line.operands.iter().chain(&told.added.operands);
    let (text, span) = match operands.next() {
        Some(arg) => (arg.text.clone()?, arg.span),
        None => match told.get(Means::Application) {
            Setting::Given(text, span) => (text, span),
            Setting::Absent | Setting::Unknown(_) => return None,
        },
    };
    let mut target = module_target(&text, span);
    if may_be_file && target.module.as_str().contains('/') {
        target.kind = TargetKind::File;
    }
    Some(target)
}

/// A variable a server reads a setting from.
fn from_variable(around: &Surroundings<'_>, name: &str) -> Setting {
    match around.env.get(name) {
        EnvValue::Known(value) => Setting::Given(value.clone(), value.span()),
        EnvValue::Unset => Setting::Absent,
        EnvValue::Unknown => {
            let var = around.env.var(name);
            Setting::Unknown(var.map(|var| var.name_span))
        }
    }
}
