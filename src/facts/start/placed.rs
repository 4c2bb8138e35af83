//! Whether something before a command of the build may have brought programs: a package called after one, a COPY into
//! the search path, a download, a script. What is first the case is found out once for each stage.

use std::sync::{Mutex, OnceLock};

use crate::context::Presence;
use crate::dockerfile::ast::Keyword;
use crate::facts::build::at;
use crate::facts::model::{CopyFact, CopyFrom, Firsts, ProgramMarks, Project, Searched};
use crate::facts::start::plain_python::PYTHON;
use crate::knowledge::programs::{self, Role};
use crate::knowledge::words::{DirectoryWords, FileWords};
use crate::maps::HashSet;
use crate::shell::ast::{Arg, Command};
use crate::source::is_in;
use crate::span::{Span, Traced};

/// Something before a command of the build may have brought its program: a package called after it, a COPY into the
/// search path, a download, a script.
pub(crate) fn may_be_brought(p: &Project, command: usize) -> bool {
    let fact = &p.commands[command];
    let Some(name) = fact.command.name.as_deref() else {
        return true;
    };
    let name = name.strip_suffix("-get").unwrap_or(name);
    let packaged = marks(p).packaged(name, || {
        // Its packages are many, and few of them have the program.
        let is_named = |package: &str| match name == PYTHON {
            true => package == PYTHON || package.starts_with("python-is-"),
            false => package.contains(name),
        };
        let named = p.packages.iter().filter(|it| is_named(&it.name));
        Firsts::of(&p.stages, named.map(|it| (it.stage, it.command)))
    });
    packaged.is_before(fact.stage, command) || may_be_placed(p, command)
}

/// Something before a command of the build, or a mount of its RUN, may have brought programs in another way than by
/// packages of the system: a COPY into the search path, a download, a script.
pub(crate) fn may_be_placed(p: &Project, command: usize) -> bool {
    let fact = &p.commands[command];
    let marks = marks(p);
    let is_set = |name: &str| {
        let mut sets = fact.command.assignments.iter();
        sets.any(|set| set.name == name)
    };
    let mut mounts = p.layers[fact.layer].mounts.iter();
    is_copied_to_path(p, command)
        || is_set("PATH") && mounts.any(|it| it.is_external || it.from_stage.is_some())
        || marks.opaque.is_before(fact.stage, fact.layer)
        || marks.installing.is_before(fact.stage, command)
}

/// A COPY before a command of the build, or a mount of its RUN, may have put programs into the search path.
pub(super) fn is_copied_to_path(p: &Project, command: usize) -> bool {
    let fact = &p.commands[command];
    let searched = searched(p, fact.stage);
    let mut mounts = p.layers[fact.layer].mounts.iter();
    mounts.any(|mount| is_for_programs(&mount.target, &searched.added))
        || searched.first_copy.is_some_and(|first| first < fact.layer)
}

fn marks(p: &Project) -> &ProgramMarks {
    p.program_marks.get_or_init(|| {
        let opaque = p.layers.iter().enumerate().filter(|(_, it)| it.is_opaque);
        ProgramMarks {
            installing: Firsts::new(&p.stages, &p.commands, |it| {
                may_install_programs(&it.command)
            }),
            opaque: Firsts::of(&p.stages, opaque.map(|(at, layer)| (layer.stage, at))),
            searched: p.stages.iter().map(|_| OnceLock::new()).collect(),
            packaged: Mutex::default(),
        }
    })
}

fn searched(p: &Project, stage: usize) -> &Searched {
    marks(p).searched[stage].get_or_init(|| {
        let added = at::added_to_path(p, stage, usize::MAX);
        let parts: HashSet<usize> = at::parts(&p.stages, stage).collect();
        let own = p.copies.iter().filter(|copy| parts.contains(&copy.stage));
        let placing = own.filter(|copy| may_bring_programs(copy, &added));
        Searched {
            first_copy: placing.map(|copy| copy.layer).min(),
            added,
        }
    })
}

/// A COPY that may put a program of that name into the search path.
pub(super) fn may_bring(
    p: &Project,
    copy: &CopyFact,
    searched: &[Option<String>],
    program: &str,
) -> bool {
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let is_other = |text: &str| {
        let is_file = matches!(p.around.context.presence(text), Presence::File { .. });
        let to = copy.destination.1.as_ref().map(|to| name(to.as_str()));
        is_file && name(text) != program && to.is_some_and(|to| to != program)
    };
    let is_known = |(_, text): &(Span, Option<Traced>)| {
        text.as_ref().is_some_and(|text| is_other(text.as_str()))
    };
    let brings_others = copy.from == CopyFrom::Context && copy.sources.iter().all(is_known);
    !brings_others && may_bring_programs(copy, searched)
}

/// A COPY that may put programs into the search path, with what ENV adds to it.
fn may_bring_programs(copy: &CopyFact, searched: &[Option<String>]) -> bool {
    let Some(target) = copy.target.as_deref() else {
        return true;
    };
    let is_wide = || {
        let target = target.trim_end_matches('/');
        target.is_empty() || DirectoryWords::Wide.contains(target)
    };
    let is_archive = |text: &Option<Traced>| {
        let text = text.as_ref().map(Traced::as_str);
        text.is_none_or(|text| FileWords::Archive.is_within(text))
    };
    let may_unpack =
        copy.keyword == Keyword::Add && copy.sources.iter().any(|(_, text)| is_archive(text));
    is_for_programs(target, searched) || (copy.from != CopyFrom::Context || may_unpack) && is_wide()
}

/// A path in or above which programs are looked for.
fn is_for_programs(target: &str, searched: &[Option<String>]) -> bool {
    let target = target.trim_end_matches('/');
    let mut searched = searched.iter();
    searched.any(|directory| directory.as_deref().is_none_or(|it| is_in(it, target)))
        || target.split('/').any(|part| matches!(part, "bin" | "sbin"))
}

/// A command that may bring programs in another way than by packages of the system.
pub(super) fn may_install_programs(command: &Command) -> bool {
    let Some(name) = command.name.as_deref() else {
        return true;
    };
    if is_key(command) {
        return false;
    }
    let is_script = programs::is_shell(name) || matches!(name, "." | "source");
    let is_program = |arg: &Arg| {
        arg.as_str()
            .is_none_or(|text| text == "-c" || text.ends_with(".py"))
    };
    let mut redirects = command.redirects.iter();
    is_script
        || name == "update-alternatives"
        || name == "python" && command.management.is_none() && command.args.iter().any(is_program)
        || redirects.any(|redirect| {
            let target = redirect.target.as_ref().and_then(|target| target.as_str());
            redirect.operator.contains('>')
                && target
                    .is_none_or(|path| path.split('/').any(|part| matches!(part, "bin" | "sbin")))
        })
        || name.ends_with(".sh")
        || command
            .program
            .as_deref()
            .is_some_and(|program| program.starts_with("./") || program.ends_with(".py"))
        || programs::is(name, Role::Brings)
}

/// A download of keys or certificates into a file.
fn is_key(command: &Command) -> bool {
    let option = match command.name.as_deref() {
        Some("curl") => "-o",
        Some("wget") => "-O",
        _ => return false,
    };
    let kept = command
        .flag(option)
        .and_then(|flag| flag.value.as_ref()?.as_str());
    let is_plain = command.is_complete && command.pipeline.1 == 1;
    is_plain && kept.is_some_and(|path| FileWords::FetchedKey.ends(path))
}
