//! The servers of the images with all that they are told: command line, variables, configuration files.
//!
//! What they make of it is [`crate::server`]'s; this gives them the image's environment and files.

use std::sync::Arc;

use crate::context::{Origin, Presence};
use crate::facts::build::at;
use crate::facts::files::origin;
use crate::facts::model::{CopyFrom, ImageFact, PythonPhase, ServerFact};
use crate::knowledge::intent_words;
use crate::server::{self, Address, FileState, Files, Process, ProcessEnv, Server, Surroundings};
use crate::source::{Sources, join, normalize};
use crate::span::{Span, Traced};

/// Reads the servers of the images with all that they are told.
pub(crate) fn told(p: &PythonPhase, images: &mut [ImageFact], sources: &Sources) {
    let given = p.around.environment();
    for (index, image) in images.iter_mut().enumerate() {
        let read = |server: &ServerFact| read(p, index, server, given, sources).map(Arc::new);
        image.served = image.server.as_ref().and_then(read);
        for one in &mut image.beside {
            one.served = read(&one.server);
        }
    }
}

/// A variable that compose sets: its name, the name's place, and the value where it is known.
pub(crate) type Given = (String, Span, Option<Traced>);

/// Reads a server that runs in an image, with the variables that compose sets.
pub(crate) fn read(
    p: &PythonPhase,
    image: usize,
    server: &ServerFact,
    given: &[Given],
    sources: &Sources,
) -> Option<Server> {
    let fact = &p.images[image];
    let process = process(server);
    let mut env = ProcessEnv::default();
    for index in at::env_indices(p, fact.stage) {
        let var = &p.envs[index];
        env.set(var.name.as_str(), var.name.span(), var.value.clone());
    }
    for (name, name_span, value) in given {
        if value.is_some() || env.var(name).is_none() {
            env.set(name, *name_span, value.clone());
        }
    }
    for set in &server.command.assignments {
        env.set(&set.name, set.name_span, set.value.clone());
    }
    env.is_closed = at::is_closed(&p.stages, fact.stage);
    let cwd = at::workdir(&p.stages, fact.stage);
    let files = ImageFiles {
        p,
        stage: fact.stage,
        sources,
    };
    let around = Surroundings {
        env: &env,
        files: &files,
        cwd: cwd.as_deref(),
    };
    let mut read = server::read(&process, &around)?;
    // A debugger before it listens too.
    let mut wrappers = server.command.wrappers.iter();
    read.binds_are_known &= !wrappers.any(|name| intent_words::is_development_wrapper(name));
    Some(read)
}

fn process(fact: &ServerFact) -> Process {
    let command = &fact.command;
    let mut args = command.args.clone();
    if let Some(management) = &command.management
        && let Some(at) = args.iter().position(|arg| arg.span == management.span)
    {
        args.drain(..=at);
    }
    Process {
        product: fact.product,
        span: command.name_span,
        args,
    }
}

/// The files of an image, as far as they come from the context or the Dockerfile.
struct ImageFiles<'a> {
    p: &'a PythonPhase,
    stage: usize,
    sources: &'a Sources,
}

impl Files for ImageFiles<'_> {
    fn read(&self, path: &str) -> FileState {
        match origin::at_end(self.p, self.stage, path).origin {
            Origin::Context(path) => match self.p.around.context.read(self.sources, &path) {
                Ok(file) => FileState::Known(file, self.sources.get(file)),
                Err(_) => FileState::Unknown,
            },
            Origin::Missing => FileState::Missing,
            _ => FileState::Unknown,
        }
    }

    fn brings(&self, name: &str) -> bool {
        let copies = at::parts(&self.p.stages, self.stage);
        let copies = copies.flat_map(|stage| &self.p.stages[stage].copies);
        let copies = copies.map(|copy| &self.p.copies[*copy]);
        let sources = copies
            .filter(|copy| copy.from == CopyFrom::Context)
            .flat_map(|copy| &copy.sources);
        let context = &self.p.around.context;
        sources.filter_map(|(_, text)| text.as_ref()).any(|text| {
            let source = normalize(text.as_str().trim_matches('/'));
            source.is_some_and(|source| {
                let is_it = source.rsplit('/').next() == Some(name);
                let path = if is_it { source } else { join(&source, name) };
                matches!(context.presence(&path), Presence::File { .. })
            })
        })
    }
}

/// The TCP ports that a server listens on; `None` where there may be others.
pub(crate) fn ports(served: &Server) -> Option<Vec<u16>> {
    let mut ports = Vec::new();
    for bind in &served.binds {
        match &bind.address {
            Address::Tcp { port, .. } => ports.push((*port)?),
            Address::Unix(_) | Address::Fd => {}
            Address::Unknown => return None,
        }
    }
    served.binds_are_known.then_some(ports)
}

/// A server listens on ports, and on none of these; `None` where that is not known. `is_all`: there are no other ones
/// than these.
pub(crate) fn misses(served: &Server, asked: &[Option<u16>], is_all: bool) -> Option<bool> {
    let ports = ports(served)?;
    let hits = |port: &Option<u16>| port.is_some_and(|port| ports.contains(&port));
    if ports.is_empty() || is_all && asked.is_empty() || asked.iter().any(hits) {
        return Some(false);
    }
    (is_all && asked.iter().all(Option::is_some)).then_some(true)
}
