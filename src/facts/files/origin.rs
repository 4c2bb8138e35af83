//! Where paths of the image come from: sources of COPY in the context, files behind image paths.

use std::borrow::Cow;

use crate::context::{Context, Found, Origin, Pattern, Presence, glob};
use crate::deployed::builders;
use crate::facts::build::at;
use crate::facts::files::cron_jobs;
use crate::facts::model::{
    BuildPhase, CommandFact, CopyFact, CopyFrom, CronFact, Edited, FilesPhase, Mounted, SourceFact,
    SourcePresence,
};
use crate::knowledge::intent_words;
use crate::knowledge::words::FileWords;
use crate::maps::HashMap;
use crate::shell::ast::Arg;
use crate::source::{Entry, Sources, absolute, join, normalize, parent};
use crate::span::{Span, Traced};

/// The list of a package of Node.
const PACKAGE: &str = "package.json";

/// Names at the top of the project that are looked through for scripts.
const MAX_SCRIPTS: usize = 300;

/// Tells a guessed context which sources the Dockerfile names: what exists there confirms the guess.
pub(crate) fn confirm(context: &mut Context, copies: &[CopyFact]) {
    let of_context = copies.iter().filter(|copy| copy.from == CopyFrom::Context);
    let texts = of_context.flat_map(|copy| &copy.sources);
    let names = texts.filter_map(|(_, text)| text.as_ref().map(Traced::as_str));
    context.confirm(names);
}

/// What the context has for every source.
pub(crate) fn sources(p: &BuildPhase, files: &Sources) -> Vec<SourceFact> {
    let called = crontabs(p);
    let mut out = Vec::new();
    for (index, copy) in p.copies.iter().enumerate() {
        if copy.from != CopyFrom::Context {
            continue;
        }
        for (_, text) in &copy.sources {
            let Some(text) = text else { continue };
            out.push(SourceFact {
                copy: index,
                path: text.clone(),
                presence: presence(p, files, text),
                cron_table: cron_table(p, files, copy, text, &called),
            });
        }
    }
    out
}

/// What is handed to `crontab`, with the first command that does so.
fn crontabs(p: &BuildPhase) -> HashMap<&str, Span> {
    let mut out = HashMap::default();
    let is_it = |fact: &&CommandFact| fact.command.name.as_deref() == Some("crontab");
    for command in p.commands.iter().filter(is_it).map(|fact| &fact.command) {
        for operand in command.operands.iter().filter_map(Arg::as_str) {
            out.entry(operand).or_insert(command.span);
        }
    }
    out
}

/// The table of cron that a source becomes.
fn cron_table(
    p: &BuildPhase,
    sources: &Sources,
    copy: &CopyFact,
    text: &Traced,
    called: &HashMap<&str, Span>,
) -> Option<CronFact> {
    let target = copy.target.as_deref()?;
    let name = text.as_str().rsplit('/').next()?;
    let is_into = copy
        .destination
        .1
        .as_ref()
        .is_some_and(|it| it.as_str().ends_with('/'));
    let target = match is_into || copy.sources.len() > 1 || cron_jobs::is_directory(target) {
        true => join(target, name),
        false => target.trim_end_matches('/').to_owned(),
    };
    let installed = called.get(target.as_str()).copied();
    if !cron_jobs::is_table(&target) && installed.is_none() {
        return None;
    }
    let path = p.around.context.below_root(text.as_str())?;
    let file = p.around.root.read(sources, &path).ok()?;
    Some(CronFact {
        table: cron_jobs::read(file, &sources.get(file).text),
        target,
        installed,
    })
}

fn presence(p: &BuildPhase, sources: &Sources, text: &Traced) -> SourcePresence {
    let path = &*from_top(text.as_str());
    if path.starts_with("<<")
        || path.contains("://")
        || path.starts_with("git@")
        || path.contains(['*', '?', '['])
    {
        return SourcePresence::Unknown;
    }
    let context = &p.around.context;
    match context.source_presence(path) {
        Presence::Missing if is_made_before(p, sources, path) || is_bundled(p, sources, path) => {
            SourcePresence::Unknown
        }
        Presence::Missing => SourcePresence::Missing,
        Presence::Unknown => SourcePresence::Unknown,
        Presence::File { .. } => ignored(context.ignored_by(path)),
        Presence::Directory => match context.ignored_by(path) {
            // Something below it may come back in.
            Some(_)
                if context
                    .ignore
                    .as_ref()
                    .is_some_and(|i| i.may_reinclude_below(path)) =>
            {
                SourcePresence::There
            }
            pattern => ignored(pattern),
        },
    }
}

/// A source as the build looks for it: `..` at the beginning leads nowhere, the top of the context is above nothing.
fn from_top(path: &str) -> Cow<'_, str> {
    let is_url = path.contains("://") || path.starts_with("git@");
    match path.trim_start_matches(['.', '/']).len() < path.len() && path.contains("..") && !is_url {
        true => Cow::Owned(absolute("/", path)),
        false => Cow::Borrowed(path),
    }
}

/// The nearest directory above the context that has a missing source, below the root.
pub(crate) fn above<'p>(p: &'p BuildPhase, source: &SourceFact) -> Option<&'p str> {
    if !matches!(source.presence, SourcePresence::Missing) {
        return None;
    }
    let path = normalize(from_top(source.path.as_str()).trim_matches('/'))?;
    let context = &p.around.context;
    let mut directory = Some(context.base.as_str());
    while let Some(base) = directory.filter(|base| !base.is_empty()) {
        let next = base.rsplit_once('/').map_or("", |(above, _)| above);
        let there = context.root.entry(&join(next, &path));
        if matches!(there, Entry::File { .. } | Entry::Directory) {
            return Some(next);
        }
        directory = Some(next);
    }
    None
}

/// A line of a script writes a file. What a stream is led into is none.
fn writes(line: &str) -> bool {
    let line = &without_streams(line);
    let mut words = FileWords::WritesBehind.into_iter();
    FileWords::WritesInside.is_within(line)
        || words.any(|word| {
            let mut behind = line.match_indices(word);
            behind.any(|(at, _)| line[at + word.len()..].starts_with(' '))
        })
}

/// A line without what leads a stream into another, or away: `2>&1`, `> /dev/null`.
fn without_streams(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find('>') {
        let behind = rest[at + 1..].trim_start_matches('>');
        let target = behind.trim_start();
        let is_stream = behind.starts_with('&') || target.starts_with("/dev/");
        out.push_str(&rest[..at]);
        out.push_str(if is_stream { " " } else { ">" });
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// Whether what bundles a frontend beside or around the path names it as a place that it fills.
fn is_bundled(p: &BuildPhase, sources: &Sources, path: &str) -> bool {
    let root = &p.around.root;
    let Some(path) = p.around.context.below_root(path) else {
        return false;
    };
    let mut below = path.trim_matches('/');
    while !below.is_empty() {
        let (directory, name) = below.rsplit_once('/').unwrap_or(("", below));
        let names = root.list(directory, MAX_SCRIPTS);
        let is_bundler = |file: &&String| {
            let mut words = FileWords::Bundler.iter();
            file.as_str() == PACKAGE || words.any(|word| file.starts_with(word))
        };
        let paths = names.iter().filter(is_bundler);
        let paths = paths.map(|file| join(directory, file));
        let mut files = paths.filter(|path| root.is_file(path));
        let is_named = |path: String| {
            // What cannot be read may name it.
            let Ok(file) = root.read(sources, &path) else {
                return true;
            };
            let text = &sources.get(file).text;
            // Of a package what its scripts build: `vue-cli-service build --dest dist_gui`.
            let is_list = path.ends_with(PACKAGE);
            let mut lines = text
                .lines()
                .filter(|line| !is_list || line.contains("build"));
            lines.any(|line| {
                let mut words =
                    line.split(|c: char| !c.is_ascii_alphanumeric() && !"_-.".contains(c));
                words.any(|word| word == name)
            })
        };
        if files.any(is_named) {
            return true;
        }
        below = directory;
    }
    false
}

/// Whether something writes the file, by its path from the top of the project, before the image is built: a script, a
/// makefile, a workflow, what is to be typed; or the file is kept elsewhere, with a note of that beside it.
fn is_made_before(p: &BuildPhase, sources: &Sources, path: &str) -> bool {
    let root = &p.around.root;
    let Some(path) = p.around.context.below_root(path) else {
        return false;
    };
    let path = path.trim_end_matches('/');
    if root.is_file(&format!("{path}.dvc")) {
        return true;
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_driver = |name: &str| {
        intent_words::may_build(name)
            || FileWords::DrivesBuild.begins(name)
            || name.ends_with(".ps1")
    };
    let mut files = builders(root, std::iter::empty(), MAX_SCRIPTS, is_driver)
        .filter_map(|path| root.read(sources, &path).ok());
    files.any(|file| {
        let text = &sources.get(file).text;
        let mut lines = text.lines().filter(|line| line.contains(name));
        lines.any(|line| {
            names(line, path) && (writes(line) || line.trim_start().starts_with("path:"))
                || names(line, name) && writes(line)
        })
    })
}

/// A path is among the words of a line of a script.
fn names(line: &str, path: &str) -> bool {
    let mut words = line.split([' ', '\t', '"', '\'', '>', '=', ';', '&', ')', ',', '`']);
    words.any(|word| word.trim_start_matches("./") == path)
}

/// A script or recipe at the top of the project writes a file that is here, given by its place in the build context:
/// `cat <<EOF > shop/settings.py`. What it holds then is not known.
pub(crate) fn is_rewritten(p: &BuildPhase, sources: &Sources, path: &str) -> bool {
    let root = &p.around.root;
    let Some(path) = p.around.context.below_root(path) else {
        return false;
    };
    let is_one = |name: &str| name.ends_with(".sh") || name.eq_ignore_ascii_case("makefile");
    let top = root.list("", MAX_SCRIPTS);
    let mut files = top.iter().filter(|name| is_one(name));
    files.any(|name| {
        let Ok(file) = root.read(sources, name) else {
            return false;
        };
        let text = &sources.get(file).text;
        let mut lines = text.lines().filter(|line| line.contains(&path));
        lines.any(|line| names(line, &path) && writes(line))
    })
}

fn ignored(pattern: Option<&Pattern>) -> SourcePresence {
    match pattern {
        Some(pattern) => SourcePresence::Ignored(pattern.span(), pattern.text.as_str().to_owned()),
        None => SourcePresence::There,
    }
}

/// Where a path of a stage's end comes from.
pub(crate) fn at_end(p: &FilesPhase, stage: usize, path: &str) -> Found {
    let mut found = p.files[stage].fs.lookup(&p.around.context, path);
    if matches!(found.origin, Origin::Missing) && is_mounted(p, path) {
        found.origin = Origin::Unknown;
    }
    found
}

/// What the Dockerfile made of a path by the end of a stage, or before a command of it; what its base image may have
/// there counts for nothing, where that is a plain one.
pub(crate) fn made(p: &FilesPhase, stage: usize, path: &str, before: Option<usize>) -> Found {
    let files = &p.files[stage];
    let upto = before.and_then(|command| {
        let at = files.commands.binary_search_by_key(&command, |(at, _)| *at);
        Some(files.commands[at.ok()?].1)
    });
    let upto = upto.unwrap_or(files.fs.effects.len());
    files.fs.made_before(&p.around.context, path, upto)
}

/// What those that build this Dockerfile mount: what the image lacks may come from there.
pub(crate) fn mounted(p: &BuildPhase) -> Mounted {
    let mut mounted = Mounted::default();
    for mount in p.around.deployed.building().flat_map(|found| &found.mounts) {
        match mount.target.as_ref().map(Traced::as_str) {
            None => mounted.is_open = true,
            Some(target) => {
                let target = target.trim_end_matches('/');
                mounted.targets.insert(target.to_owned());
            }
        }
    }
    mounted
}

/// Something is mounted over the path.
pub(crate) fn is_mounted(p: &FilesPhase, path: &str) -> bool {
    let above = std::iter::successors(Some(path), |path| {
        path.rsplit_once('/').map(|(parent, _)| parent)
    });
    let mut above = above.filter(|path| p.mounted.targets.contains(*path));
    p.mounted.is_open || above.next().is_some()
}

/// COPY or ADD fill a directory that the path lies in, or one below the WORKDIR that it lies in, so that the image is
/// meant to bring it. What lies elsewhere may be mounted by the platform. The root counts for what lies directly in it.
pub(crate) fn is_in_own_directory(p: &FilesPhase, image: usize, path: &str) -> bool {
    let image = &p.images[image];
    let Some(path) = at::workdir(&p.stages, image.stage)
        .map(|workdir| crate::source::absolute(&workdir, path))
        .or_else(|| path.starts_with('/').then(|| path.to_owned()))
    else {
        return false;
    };
    let parent = parent(&path);
    let is_below = |path: &str, directory: &str| {
        path.strip_prefix(directory)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let holds = |directory: &str| match directory.trim_end_matches('/') {
        "" => parent.is_empty(),
        directory => is_below(parent, directory),
    };
    let targets = || {
        let stages = image.chain.iter().map(|stage| &p.stages[*stage]);
        let copies = stages.flat_map(|stage| &stage.copies);
        copies.filter_map(|copy| p.copies[*copy].target.as_deref())
    };
    if targets().any(holds) {
        return true;
    }
    let workdirs = image
        .chain
        .iter()
        .flat_map(|stage| &p.stages[*stage].workdirs)
        .filter_map(|workdir| workdir.path.as_deref());
    let mut filled = workdirs.filter(|workdir| targets().any(|target| is_below(target, workdir)));
    filled.any(holds)
}

/// A COPY or ADD of the image takes the whole build context: its code is not mounted.
pub(crate) fn brings_code(p: &FilesPhase, image: usize) -> bool {
    let stages = p.images[image].chain.iter().map(|stage| &p.stages[*stage]);
    let mut copies = stages.flat_map(|stage| &stage.copies);
    copies.any(|copy| crate::facts::build::copied::copies_all(&p.copies[*copy]) == Some(true))
}

/// All that the image gets by COPY and ADD are lists and the like, named one by one: its code is mounted.
pub(crate) fn brings_lists_only(p: &FilesPhase, image: usize) -> bool {
    let stages = p.images[image].chain.iter().map(|stage| &p.stages[*stage]);
    let mut copies = stages
        .flat_map(|stage| &stage.copies)
        .map(|copy| &p.copies[*copy]);
    let is_module = |(_, text): &(Span, Option<Traced>)| {
        let text = text.as_ref().map(Traced::as_str);
        text.is_some_and(|path| path.ends_with(".py"))
    };
    copies.all(|copy| {
        crate::facts::build::copied::is_few_files(copy) && !copy.sources.iter().any(is_module)
    })
}

/// COPY puts a file of that name into the image of a stage, or may: it names the file, a directory that has it at its
/// top or one below, or what is not known.
pub(crate) fn may_have(p: &FilesPhase, stage: usize, name: &str) -> bool {
    let context = &p.around.context;
    let has = |path: &str| match context.entry(path) {
        Entry::File { .. } => path.rsplit('/').next() == Some(name),
        Entry::Directory => {
            let below = context.below_root(path).unwrap_or_default();
            let names = p.around.root.list(&below, MAX_SCRIPTS);
            let is_there = |directory: &str| p.around.root.is_file(&join(directory, name));
            is_there(&below) || names.iter().any(|part| is_there(&join(&below, part)))
        }
        Entry::Missing => false,
        Entry::Unknown => true,
    };
    let copies = at::chain(&p.stages, stage)
        .into_iter()
        .flat_map(|part| &p.stages[part].copies)
        .map(|copy| &p.copies[*copy]);
    copies.into_iter().any(|copy| {
        let mut sources = copy.sources.iter();
        copy.from != CopyFrom::Context
            || sources.any(|(_, text)| {
                let path = text.as_ref().map(Traced::as_str);
                path.is_none_or(|path| glob::has_wildcard(path) || has(path))
            })
    })
}

/// A command of a RUN certainly reads the text at a path as a file of the context has it: nothing has edited it.
pub(crate) fn is_as_copied(p: &FilesPhase, command: usize, path: &str) -> bool {
    let fact = &p.commands[command];
    let context = &p.around.context;
    let files = &p.files[fact.stage];
    let mounts = &p.layers[fact.layer].mounts;
    let is_mounted = mounts.iter().any(|mount| mount.kind == "bind");
    let is_bound = || {
        // What is mounted into one RUN is what the context has, unless the RUN writes there.
        let commands = p.layers[fact.layer].commands.clone();
        commands.start == command && matches!(as_command_sees(p, command, path), Origin::Context(_))
    };
    if is_mounted {
        return is_bound();
    }
    files
        .fs
        .is_as_copied(context, path, files.before_command(command))
        && files.edited(context, path) != Edited::Text
}

/// Where an absolute path comes from as a command of a RUN sees it, mounts of that RUN included.
pub(crate) fn as_command_sees(p: &FilesPhase, command: usize, path: &str) -> Origin {
    let fact = &p.commands[command];
    let mounts = &p.layers[fact.layer].mounts;
    let over = mounts.iter().rev().find_map(|mount| {
        let target = mount.target.trim_end_matches('/');
        let rest = path.strip_prefix(target)?;
        let is_below = rest.is_empty() || rest.starts_with('/');
        (is_below && !mount.target.is_empty()).then_some((mount, rest.trim_start_matches('/')))
    });
    match over {
        Some((mount, rest)) if mount.kind == "bind" && !mount.is_external => {
            let source = mount.source.trim_matches('/').trim_start_matches("./");
            let source = if source == "." { "" } else { source };
            let inner = join(source, rest);
            match mount.from_stage {
                Some(stage) => at_end(p, stage, &format!("/{inner}")).origin,
                None => in_context(p, &inner),
            }
        }
        Some(_) => Origin::Generated,
        None => {
            let files = &p.files[fact.stage];
            let upto = files.before_command(command);
            files.fs.lookup_before(&p.around.context, path, upto).origin
        }
    }
}

/// A path of the context as the build sees it.
fn in_context(p: &FilesPhase, path: &str) -> Origin {
    let context = &p.around.context;
    let shown = if path.is_empty() { "." } else { path };
    let presence = context.presence(shown);
    match (presence, context.ignored_by(shown)) {
        (Presence::Missing, _) => Origin::Missing,
        (Presence::Unknown, _) => Origin::Unknown,
        (Presence::File { .. }, Some(pattern)) => Origin::Ignored(path.to_owned(), pattern.clone()),
        (Presence::Directory, _) => Origin::Directory(Some(path.to_owned())),
        (Presence::File { .. }, None) => Origin::Context(path.to_owned()),
    }
}
