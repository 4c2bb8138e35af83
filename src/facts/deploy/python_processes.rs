//! Programs of Python in the project that are the process of a container, and what they wait for.

use crate::context::Origin;
use crate::facts::files::origin;
use crate::facts::model::{self, DjangoPhase, Edited, PythonProcess, ServiceFact, StartFact};
use crate::facts::start::foreground;
use crate::python::process::{self, Child, Entry, Process};
use crate::shell::ast::{Arg, Command};
use crate::shell::{self, Dialect, Options, UnknownVariables};
use crate::source::{SourceFile, Sources, absolute};
use crate::span::{FileId, Span, Traced};

/// Programs that are read for one Dockerfile.
const MAX_PROGRAMS: usize = 40;

/// What one file does, kept with the file: as it is run, and as a management command.
struct AtTop(Process);
struct OfCommand(Process);

/// The module of a management command of an image, by its name.
pub(crate) type ModuleOf<'a> = dyn Fn(usize, &str) -> Option<FileId> + 'a;

/// All of them, by the commands that start them.
pub(crate) fn collect(
    p: &DjangoPhase,
    services: &[ServiceFact],
    sources: &Sources,
    module_of: &ModuleOf<'_>,
) -> Vec<PythonProcess> {
    let programs = model::started(&p.images, services).filter_map(|(image, start)| {
        let (file, entry) = program(p, image, start, sources, module_of)?;
        Some((start, file, entry))
    });
    let mut out: Vec<PythonProcess> = Vec::new();
    for (start, file, entry) in programs.take(MAX_PROGRAMS) {
        let (at_top, of_command);
        let found = match entry {
            Entry::Top => {
                let read = |source: &SourceFile| AtTop(process::read(&source.text, entry));
                at_top = sources.once(file, read);
                &at_top.0
            }
            Entry::Command => {
                let read = |source: &SourceFile| OfCommand(process::read(&source.text, entry));
                of_command = sources.once(file, read);
                &of_command.0
            }
        };
        let place = |range: ruff_text_size::TextRange| {
            Span::new(file, range.start().into(), range.end().into())
        };
        let mut children = found.children.iter();
        let child = children.find_map(|child| Some((kept(child)?, place(child.range))));
        let endless = found.endless.map(place);
        if child.is_some() || endless.is_some() {
            out.push(PythonProcess {
                command: start.command.span,
                child,
                endless,
            });
        }
    }
    out
}

/// The program of a child that runs until it is stopped.
fn kept(child: &Child) -> Option<String> {
    let nowhere = |text: &String| Traced::new(text.as_str(), Span::point(FileId(0), 0));
    let texts: Vec<Traced> = child.words.iter().map(nowhere).collect();
    let options = Options::default();
    let commands: Vec<Command> = match child.is_line {
        true => {
            let script = shell::parse(texts.first()?, Dialect::Posix);
            script.commands(&UnknownVariables, &options)
        }
        false => shell::exec_form(&texts, &UnknownVariables, &options),
    };
    let mut stays = commands.iter().filter(|command| !command.is_background);
    let found = stays.find(|command| foreground::stays(command))?;
    found.name.clone()
}

/// The file of the project that Python runs, and where it begins.
fn program(
    p: &DjangoPhase,
    image: usize,
    start: &StartFact,
    sources: &Sources,
    module_of: &ModuleOf<'_>,
) -> Option<(FileId, Entry)> {
    let command = &start.command;
    if let Some(name) = command.management_name() {
        return Some((module_of(image, name)?, Entry::Command));
    }
    if command.name.as_deref() != Some("python") {
        return None;
    }
    let path = command.operands.first().and_then(Arg::as_str)?;
    if !path.ends_with(".py") {
        return None;
    }
    let path = match path.starts_with('/') {
        true => absolute("/", path),
        false => absolute(start.directory.as_deref()?, path),
    };
    let stage = p.images[image].stage;
    let Origin::Context(found) = origin::at_end(p, stage, &path).origin else {
        return None;
    };
    let context = &p.around.context;
    if p.files[stage].edited(context, &path) == Edited::Text {
        return None;
    }
    Some((context.read(sources, &found).ok()?, Entry::Top))
}
