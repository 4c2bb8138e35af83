//! The file system of each stage, from what its instructions and commands do to it.
//!
//! Commands that are known to write nowhere near an application leave no trace; those that write
//! where they are told mark that place as generated; scripts and programs that are not known mark
//! everything.

use std::sync::Arc;

use crate::context::image::{
    Base as FileBase, CopyFrom as FileFrom, CopySource, CopyStep, ImageFs, executable_mode,
};
use crate::dockerfile::ast::Keyword;
use crate::facts::build::at::Places;
use crate::facts::files::writing::{self, Told};
use crate::facts::model::{
    BaseKind, BuildPhase, CommandFact, CopyFact, CopyFrom, Edit, Edits, StageFiles,
};
use crate::knowledge::images::Family;
use crate::knowledge::programs::{self, Role};
use crate::knowledge::texts::List;
use crate::knowledge::words::OptionWords;
use crate::shell::ast::{Arg, Command, Runs};
use crate::source::absolute;
use crate::span::Span;

/// Builds the file systems of all stages.
pub(crate) fn build(p: &BuildPhase) -> Vec<StageFiles> {
    let mut all: Vec<StageFiles> = Vec::with_capacity(p.stages.len());
    let told = Told::of(p);
    for stage in &p.stages {
        let base = match stage.base.kind {
            BaseKind::Scratch => FileBase::Empty,
            BaseKind::Stage(parent) => FileBase::Stage(Arc::clone(&all[parent].fs)),
            BaseKind::Image | BaseKind::Unknown => match stage.base.knowledge.family {
                Family::Python
                | Family::Debian
                | Family::Ubuntu
                | Family::Alpine
                | Family::BuildpackDeps
                | Family::Uv
                | Family::Node
                | Family::Pypy
                | Family::Distroless => FileBase::System,
                _ => FileBase::Unknown,
            },
        };
        let mut edits = match stage.base.kind {
            BaseKind::Stage(parent) => Edits::after(&all[parent].edits),
            _ => Edits::default(),
        };
        let mut fs = ImageFs::new(base);
        let mut commands = Vec::new();
        let mut workdirs = stage.workdirs.iter().peekable();
        let mut copies = stage.copies.iter().map(|copy| &p.copies[*copy]).peekable();
        for layer in &stage.layers {
            let fact = &p.layers[*layer];
            while let Some(workdir) = workdirs.next_if(|w| w.instruction < fact.instruction) {
                if let Some(path) = &workdir.path {
                    fs.mkdir(path, workdir.span);
                }
            }
            match fact.keyword {
                Keyword::Run if fact.is_onbuild => {}
                Keyword::Run => run(p, *layer, &told, &mut fs, &mut edits, &mut commands),
                _ => {
                    while copies.next_if(|copy| copy.layer < *layer).is_some() {}
                    if let Some(copy) = copies.next_if(|copy| copy.layer == *layer) {
                        let span = p.dockerfile.instructions[copy.instruction].span;
                        match step(p, copy, &all) {
                            Some(step) => fs.copy(step, span),
                            None => fs.unknown_all(span),
                        }
                    }
                }
            }
        }
        for workdir in workdirs {
            if let Some(path) = &workdir.path {
                fs.mkdir(path, workdir.span);
            }
        }
        all.push(StageFiles {
            fs: Arc::new(fs),
            commands,
            edits: Arc::new(edits),
        });
    }
    all
}

/// A COPY as an effect; `None` when its destination is not known.
fn step(p: &BuildPhase, copy: &CopyFact, stages: &[StageFiles]) -> Option<CopyStep> {
    let target = copy.target.as_ref()?;
    let written = copy.destination.1.as_ref()?.as_str();
    let dest = if names_directory(written) && target != "/" {
        format!("{target}/")
    } else {
        target.clone()
    };
    let sources = copy
        .sources
        .iter()
        .map(|(_, text)| match text {
            Some(text) if text.as_str().starts_with("<<") => heredoc(p, copy, text.span()),
            Some(text) if text.as_str().contains("://") || text.as_str().starts_with("git@") => {
                CopySource::Opaque
            }
            Some(text) => CopySource::Path(text.as_str().to_owned()),
            None => CopySource::Opaque,
        })
        .collect();
    Some(CopyStep {
        sources,
        from: match copy.from {
            CopyFrom::Context => FileFrom::Context,
            CopyFrom::Stage(stage) => FileFrom::Stage(Arc::clone(&stages.get(stage)?.fs)),
            CopyFrom::Other(_) => FileFrom::External,
        },
        dest,
        chmod: copy
            .chmod
            .as_ref()
            .map(|mode| mode.as_deref().and_then(|mode| executable_mode(mode).0)),
        chown: copy.chown.clone(),
        has_parents: copy.has_parents,
        excludes: copy.excludes.clone(),
        is_add: copy.keyword == Keyword::Add,
    })
}

fn run(
    p: &BuildPhase,
    layer: usize,
    told: &Told,
    fs: &mut ImageFs,
    edits: &mut Edits,
    marks: &mut Vec<(usize, usize)>,
) {
    let fact = &p.layers[layer];
    let span = p.dockerfile.instructions[fact.instruction].span;
    if fact.is_opaque {
        fs.unknown_all(span);
    }
    for index in fact.commands.clone() {
        marks.push((index, fs.effects.len()));
        command(p, index, told, fs, edits);
    }
}

/// `install -d`: makes directories and copies nothing.
fn is_of_directories(command: &Command) -> bool {
    ["-d", "--directory"]
        .iter()
        .any(|it| command.flag(it).is_some())
}

fn command(p: &BuildPhase, index: usize, told: &Told, fs: &mut ImageFs, edits: &mut Edits) {
    let fact = &p.commands[index];
    let command = &fact.command;
    let span = command.span;
    let places = Places::of(p, fact);
    let is_certain = command.runs == Runs::Always;
    for redirect in &command.redirects {
        if redirect.operator.contains('>') {
            match redirect.target.as_ref().and_then(|target| target.as_str()) {
                Some(path) => opaque(fs, &places, path, span),
                None if redirect
                    .target
                    .as_ref()
                    .is_some_and(|t| t.prefix.starts_with('/')) => {}
                None => fs.unknown_all(span),
            }
        }
    }
    let Some(name) = command.name.as_deref() else {
        fs.unknown_all(span);
        return;
    };
    let operands = paths(fact, &places);
    // Of files that are looked for: what these do to a script counts, what they write or remove lies elsewhere.
    if command.is_searched() && !programs::is(name, Role::Edits) {
        return;
    }
    match name {
        "mkdir" => known(operands, fs, span, |fs, path| fs.mkdir(path, span)),
        "install" if is_of_directories(command) => {
            let owner = ["-o", "--owner"].iter().find_map(|it| command.flag(it));
            known(operands, fs, span, |fs, path| {
                fs.mkdir(path, span);
                if let Some(owner) = owner {
                    let name = owner.value.as_ref().and_then(Arg::as_str);
                    fs.chown(path, name.map(str::to_owned), false, span);
                }
            });
        }
        "rm" | "rmdir" => known(operands, fs, span, |fs, path| {
            fs.remove(path, span, is_certain)
        }),
        "mv" | "cp" | "ln" => transfer(name, fact, &places, operands, fs, span),
        "chmod" => change(fact, &places, fs, |fs, mode, path, deep| {
            fs.chmod(path, mode, deep, span)
        }),
        "chown" | "chgrp" => change(fact, &places, fs, |fs, owner, path, deep| {
            if name == "chown" {
                fs.chown(path, owner.map(str::to_owned), deep, span);
            }
        }),
        "touch" => known(operands, fs, span, |fs, path| fs.opaque(path, span)),
        name if programs::is(name, Role::Rewrites) => {
            let is_line_ends = match name {
                "dos2unix" => true,
                "sed" => command
                    .args
                    .iter()
                    .any(|arg| arg.as_str().is_some_and(|text| text.contains("\\r"))),
                _ => false,
            };
            let unknown = unknown_places(command, &places);
            let unknown = unknown.map(|place| format!("{}/*", place.trim_end_matches('/')));
            let edited = operands.into_iter().flatten().chain(unknown);
            let after = fs.effects.len();
            let edit = Edit {
                is_line_ends,
                after,
            };
            edited.for_each(|path| edits.add(path, edit));
        }
        "python" | "django-admin" if command.management.is_some() => {
            management(fact, &places, fs, span)
        }
        "python" | "ruby" | "node" => match module(command) {
            Some(module) if OptionWords::PythonQuiet.contains(module) => {}
            Some("venv" | "virtualenv") => {
                known(operands, fs, span, |fs, path| fs.opaque(path, span));
            }
            // A program may write anywhere.
            _ => fs.unknown_all(span),
        },
        "pip" | "pip-sync" => installed(command, &places, fs, span),
        "" => {}
        name if programs::is(name, Role::Quiet) || writing::only_configures(command) => {}
        _ if crate::facts::build::opaque::may_clean(command) => fs.unknown_all(span),
        _ => {
            let first = fs.effects.len();
            writing::mark(command, places.directory.as_deref(), fs, span);
            told.mark(command, fs, span);
            if writing::keeps_modes(command) {
                fs.leave_modes(first);
            }
        }
    }
}

/// The module of `python -m`, or a lone question like `--version`.
fn module(command: &Command) -> Option<&str> {
    let mut words = command.args.iter().map(|arg| arg.as_str());
    match words.next()?? {
        "-m" => words.next()?,
        word => Some(word),
    }
}

/// Where an install is told to write.
fn installed(command: &Command, places: &Places<'_>, fs: &mut ImageFs, span: Span) {
    let mut words = command.args.iter().peekable();
    while let Some(word) = words.next() {
        let (flag, joined) = match word.prefix.split_once('=') {
            Some((flag, _)) => (flag, true),
            None => (word.prefix.as_str(), false),
        };
        if !OptionWords::InstallPlace.contains(flag) {
            continue;
        }
        let place = if joined {
            word.as_str()
                .and_then(|text| text.split_once('='))
                .map(|(_, path)| path)
        } else {
            words.peek().and_then(|next| next.as_str())
        };
        match place {
            Some(path) => opaque(fs, places, path, span),
            None => fs.unknown_all(span),
        }
    }
}

fn management(fact: &CommandFact, places: &Places<'_>, fs: &mut ImageFs, span: Span) {
    let name = fact.command.management_name();

    if name.is_some_and(|name| OptionWords::ManagementQuiet.contains(name)) {
        return;
    }
    match &places.directory {
        Some(directory) => fs.opaque(directory, span),
        None => fs.unknown_all(span),
    }
}

/// What a command writes to a place that it names: `&1` is none.
fn opaque(fs: &mut ImageFs, places: &Places<'_>, word: &str, span: Span) {
    if word.starts_with('&') || word.is_empty() {
        return;
    }
    match places.path(word) {
        Some(path) => fs.opaque(&path, span),
        None => fs.unknown_all(span),
    }
}

/// A word says by its end that it is a directory.
fn names_directory(word: &str) -> bool {
    word.ends_with('/') || matches!(word, "." | "..") || word.ends_with("/.")
}

/// Operands as absolute paths, with the slash at the end that says "a directory"; `None` where one is not known.
fn paths(fact: &CommandFact, places: &Places<'_>) -> Vec<Option<String>> {
    let path = |word: &str| {
        let path = places.path(word)?;
        let is_marked = names_directory(word) && path != "/";
        Some(if is_marked { format!("{path}/") } else { path })
    };
    let operands = fact.command.operands.iter();
    operands.map(|operand| path(operand.as_str()?)).collect()
}

fn known(
    operands: Vec<Option<String>>,
    fs: &mut ImageFs,
    span: Span,
    mut each: impl FnMut(&mut ImageFs, &str),
) {
    for operand in operands {
        match operand {
            Some(path) => each(fs, &path),
            None => fs.unknown_all(span),
        }
    }
}

fn transfer(
    name: &str,
    fact: &CommandFact,
    places: &Places<'_>,
    operands: Vec<Option<String>>,
    fs: &mut ImageFs,
    span: Span,
) {
    let command = &fact.command;
    let is_certain = command.runs == Runs::Always;
    let told = command
        .flags
        .iter()
        .find(|flag| matches!(flag.name.as_str(), "-t" | "--target-directory"));
    let (to, from) = match told {
        // `cp -t directory file ...`
        Some(flag) => {
            let place = flag.value.as_ref().and_then(Arg::as_str);
            match place.and_then(|place| places.path(place)) {
                Some(place) => (format!("{}/", place.trim_end_matches('/')), &operands[..]),
                None => return fs.unknown_all(span),
            }
        }
        None => match operands.split_last() {
            Some((Some(to), from)) => (to.clone(), from),
            _ => return fs.unknown_all(span),
        },
    };
    let is_symbolic = command
        .flags
        .iter()
        .any(|flag| matches!(flag.name.as_str(), "-s" | "--symbolic"));
    for (index, source) in from.iter().enumerate() {
        let Some(source) = source else {
            fs.opaque(&to, span);
            continue;
        };
        let written = command.operands.get(index).and_then(Arg::as_str);
        let written = written.unwrap_or(source);
        // `cp -r code/. /srv`: what the directory holds.
        let content = (written.ends_with("/.") || written == ".")
            .then(|| format!("{}/*", source.trim_end_matches("/.").trim_end_matches('/')));
        let source = content.as_deref().unwrap_or(source);
        match name {
            "mv" => fs.rename(source, &to, span, is_certain),
            "cp" => fs.duplicate(source, &to, span, is_certain),
            _ => {
                let last = source.trim_end_matches('/').rsplit('/').next();
                let at = match last {
                    Some(last) if to.ends_with('/') || to.ends_with("/bin") || from.len() > 1 => {
                        absolute(&to, last)
                    }
                    _ => to.clone(),
                };
                // A link's own directory is where it starts from.
                let above = at.rsplit_once('/').map_or("/", |(above, _)| above);
                let target = if is_symbolic && !written.starts_with('/') {
                    absolute(above, written)
                } else {
                    source.to_owned()
                };
                fs.link(&target, &at, span);
            }
        }
    }
}

fn change(
    fact: &CommandFact,
    places: &Places<'_>,
    fs: &mut ImageFs,
    mut each: impl FnMut(&mut ImageFs, Option<&str>, &str, bool),
) {
    let command = &fact.command;
    let is_deep = command
        .flags
        .iter()
        .any(|flag| matches!(flag.name.as_str(), "-R" | "--recursive"));
    // `chmod +x file`: the mode may look like a flag (`-x`), the words are then one short.
    let mut words = command.operands.iter();
    let first = words.next();
    let mode = first.and_then(Arg::as_str);
    for word in words {
        if let Some(path) = word.as_str().and_then(|word| places.path(word)) {
            each(fs, mode, &path, is_deep);
        }
    }
    for place in unknown_places(command, places) {
        each(fs, None, &place, true);
    }
}

/// The directories in which the operands lie that are not known.
fn unknown_places(command: &Command, places: &Places<'_>) -> impl Iterator<Item = String> {
    let by_search = command.wrappers.iter().any(|wrapper| wrapper == "xargs");
    let place = |operand: &Arg| {
        let head = operand.prefix.rfind('/').map(|at| &operand.prefix[..=at]);
        let place = head.and_then(|head| places.path(head));
        place.unwrap_or_else(|| "/".to_owned())
    };
    let unknown = command
        .operands
        .iter()
        .skip(programs_among_operands(command))
        .filter(|operand| operand.text.is_none());
    let places: Vec<String> = unknown.map(place).collect();
    places.into_iter().chain(by_search.then(|| "/".to_owned()))
}

/// How many operands are what a command is to do, and no files: `sed "s/a/$X/" file`.
fn programs_among_operands(command: &Command) -> usize {
    let flags = match command.name.as_deref() {
        Some("sed") => *OptionWords::SedProgram,
        Some("awk") => *OptionWords::AwkProgram,
        Some("perl") => List::EMPTY,
        Some("tr") => return command.operands.len(),
        _ => return 0,
    };
    let is_by_flag = command.flags.iter().any(|flag| flags.contains(&flag.name));
    usize::from(!is_by_flag)
}

/// The heredoc whose word is at `span`, under its name.
fn heredoc(p: &BuildPhase, copy: &CopyFact, span: Span) -> CopySource {
    let heredocs = &p.dockerfile.instructions[copy.instruction].heredocs;
    match heredocs
        .iter()
        .find(|heredoc| heredoc.word.contains(span) || span.contains(heredoc.word))
    {
        // Variables in it are expanded when the image is built.
        Some(heredoc) if !heredoc.expand || !heredoc.content.as_str().contains('$') => {
            CopySource::Inline(heredoc.name.clone(), Arc::new(heredoc.content.clone()))
        }
        _ => CopySource::Opaque,
    }
}
