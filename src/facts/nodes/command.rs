//! Shell commands of RUN, their flags, and the packages they install.

use std::sync::Arc;

use crate::facts::build::manager::{Action, package_action};
use crate::facts::build::{copied, unquoted};
use crate::facts::model::{CommandFact, Fate, Maybe, PackageFact, Project};
use crate::facts::nodes::{
    CopyNode, LayerNode, StageNode, at, known_bool, known_str, list, map, str_or_absent, table,
};
use crate::facts::python::commands;
use crate::facts::start::ownership;
use crate::facts::system::{apt, fate};
use crate::facts::table::{Cell, NodeRef, Type};
use crate::knowledge::packages::{self, BuildOnly};
use crate::knowledge::removed_options::RemovedOption;
use crate::python::requirements::normalize_name;
use crate::shell::ast::{Arg, Command, Connector, OnFailure, Runs};
use crate::span::Span;

#[derive(Debug, Clone)]
pub(crate) struct CommandNode {
    p: Arc<Project>,
    i: usize,
}

impl CommandNode {
    pub(crate) fn new(p: &Arc<Project>, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            i,
        }
    }

    fn fact(&self) -> &CommandFact {
        &self.p.commands[self.i]
    }

    fn command(&self) -> &Command {
        &self.fact().command
    }

    /// The commands of the layer before this one.
    fn before(&self) -> &[CommandFact] {
        let layer = &self.p.layers[self.fact().layer];
        &self.p.commands[layer.commands.start..self.i]
    }

    /// No COPY has brought the file that `python manage.py` names.
    fn manage_is_missing(&self) -> Cell {
        let command = self.command();
        if command.management.is_none() {
            return Cell::ABSENT;
        }
        let file = match command.name.as_deref() {
            Some("python") => command.args.first().and_then(Arg::as_str),
            Some("manage.py") => command.program.as_deref(),
            _ => return Cell::ABSENT,
        };
        let Some(file) = file.filter(|file| file.ends_with("manage.py")) else {
            return Cell::ABSENT;
        };
        let layer = &self.p.layers[self.fact().layer];
        if !layer.mounts.is_empty() || layer.is_onbuild {
            return Cell::UNKNOWN;
        }
        let path = match file.strip_prefix('/') {
            Some(_) => file.to_owned(),
            None => match crate::facts::build::at::directory_of(&self.p, self.fact()) {
                Some(directory) => format!("{directory}/{file}"),
                None => return Cell::UNKNOWN,
            },
        };
        let path = crate::context::image::absolute("/", &path);
        let found = crate::facts::files::origin::as_command_sees(&self.p, self.i, &path);
        match found {
            crate::context::Origin::Missing => Cell::bool(true),
            crate::context::Origin::Unknown | crate::context::Origin::Generated => Cell::UNKNOWN,
            _ => Cell::bool(false),
        }
    }

    fn is_updated(&self) -> Option<bool> {
        let (manager, _) = package_action(self.command())?;
        let layer = &self.p.layers[self.fact().layer];
        let updates = self
            .before()
            .iter()
            .any(|earlier| package_action(&earlier.command) == Some((manager, Action::Update)));
        if updates {
            return Some(true);
        }
        let unknown = layer.is_opaque
            || self
                .before()
                .iter()
                .any(|earlier| crate::facts::build::opaque::may_clean(&earlier.command));
        (!unknown).then_some(false)
    }

    fn unquoted_versions(&self) -> Vec<Cell> {
        let text = &self.p.text.text;
        let found = unquoted::versions(self.command()).into_iter();
        let found = found.filter(|span| span.file == self.p.dockerfile.file);
        found
            .filter_map(|span| Some(Cell::str(text.get(span.range())?).at(span)))
            .collect()
    }

    fn removed(&self, part: impl Fn(&RemovedOption) -> Option<&'static str>) -> Cell {
        let found = crate::facts::python::releases::removed(&self.p, self.i);
        let text = found.and_then(|(row, span)| Some((part(row)?, span)));
        text.map_or(Cell::ABSENT, |(text, span)| Cell::str(text).at(span))
    }

    /// The operands that name a package without an upper bound, but for what is there already.
    fn unbounded(&self) -> Cell {
        let (mut operands, mut closed) = commands::unbounded(self.fact());
        if !operands.is_empty() {
            let name =
                |arg: &Arg| Some(normalize_name(commands::package_name(arg.as_str()?)).to_string());
            let asked = operands.iter().filter_map(|arg| name(arg)).collect();
            let there = crate::facts::python::downloads::may_be_there(&self.p, self.i);
            let (pinned, is_read) =
                crate::facts::python::downloads::pinned_beside(&self.p, self.i, &asked);
            operands.retain(|arg| {
                let is_settled = name(arg)
                    .is_some_and(|name| there.contains(&name.as_str()) || pinned.contains(&name));
                !is_settled && unquoted::with_version(self.command(), arg).is_none()
            });
            if !is_read {
                operands.clear();
                closed = false;
            }
        }
        let items = operands.iter().filter_map(|arg| {
            let text = arg.as_str()?;
            Some(Cell::str(text).at(arg.span))
        });
        list(items.collect(), closed)
    }

    pub(crate) fn place(&self) -> Option<Span> {
        Some(self.command().span)
    }

    pub(crate) fn label(&self) -> String {
        let command = self.command();
        let mut text = command.name.clone().unwrap_or_default();
        if let Some(sub) = command.subcommand.as_ref().and_then(Arg::as_str) {
            text.push(' ');
            text.push_str(sub);
        }
        text
    }
}

/// An argument in typographic quotes, which no shell knows.
fn typographic(arg: &Arg) -> Option<Cell> {
    let text = arg.as_str().filter(|text| !text.is_ascii())?;
    let value = match text.split_once('=') {
        Some((name, value)) if name.starts_with('-') => value,
        _ => text,
    };
    value
        .starts_with(['“', '”', '‘', '’'])
        .then(|| Cell::str(text).at(arg.span))
}

/// The known ones; open when one is not known.
pub(crate) fn args(args: &[Arg]) -> Cell {
    let items = args
        .iter()
        .filter_map(|arg| arg.as_str().map(|text| Cell::str(text).at(arg.span)))
        .collect();
    list(items, args.iter().all(|arg| arg.text.is_some()))
}

pub(crate) fn flags(command: &Command) -> Cell {
    let items = command
        .flags
        .iter()
        .map(|flag| {
            let value = match &flag.value {
                Some(value) => known_str(value.as_str()),
                None => Cell::str(&flag.name),
            };
            (Arc::from(flag.name.as_str()), value.at(flag.span))
        })
        .collect();
    map(items, command.is_complete)
}

pub(crate) fn assignments(command: &Command) -> Cell {
    let items = command
        .assignments
        .iter()
        .map(|assignment| {
            let value = known_str(assignment.value.as_ref().map(|value| value.as_str()));
            (
                Arc::from(assignment.name.as_str()),
                value.at(assignment.span),
            )
        })
        .collect();
    map(items, true)
}

fn arg_cell(arg: Option<&Arg>) -> Cell {
    arg.map_or(Cell::ABSENT, |arg| {
        at(known_str(arg.as_str()), Some(arg.span))
    })
}

table! {
    COMMAND = "command", "A shell command, as it is meant: wrappers, paths and version suffixes are taken off its name.", for CommandNode;
    name: Type::Str, "the program: `pip` for `/venv/bin/pip3.12`, `python -m pip`, `env X=1 pip` and `sudo pip`", |n| at(known_str(n.command().name.as_deref()), Some(n.command().name_span));
    program: Type::Str, "the program as written: `/venv/bin/pip3.12`", |n| at(known_str(n.command().program.as_deref()), Some(n.command().name_span));
    text: Type::Str, "name and subcommand: `pip install`", |n| Cell::str(&n.label()).at(n.command().span);
    subcommand: Type::Str, "first operand of programs that have subcommands: `install`, `pip install` for uv; absent when there is none", |n| arg_cell(n.command().subcommand.as_ref());
    manage_is_missing: Type::Bool, "the `manage.py` it runs is not in the image at that time; absent for other commands", |n| n.manage_is_missing();
    management: Type::Str, "the Django management command of `python manage.py NAME`, `django-admin NAME`, `python -m django NAME`; absent for other commands", |n| arg_cell(n.command().management.as_ref());
    database_is_file: Type::Bool, "for a Django management command: every database of the image's settings is a file of SQLite; absent for others, unknown where the settings are", |n| if n.command().management.is_some() { known_bool(crate::facts::deploy::databases::is_in_files(&n.p, n.fact().stage)) } else { Cell::ABSENT };
    flags: Type::Map(&Type::Str), "flags by name with dashes; the value, or the name itself for a switch", |n| flags(n.command());
    operands: Type::List(&Type::Str), "arguments that are neither flags, their values nor the subcommand", |n| args(&n.command().operands);
    args: Type::List(&Type::Str), "everything after the program", |n| args(&n.command().args);
    typographic: Type::List(&Type::Str), "the known arguments that begin with a typographic quote, or whose value does: `--name=”x”`", |n| Cell::list(n.command().args.iter().filter_map(typographic).collect());
    assignments: Type::Map(&Type::Str), "variables set for this command only (`NAME=value command`), or by this bare assignment", |n| assignments(n.command());
    wrappers: Type::List(&Type::Str), "programs that run it, outermost first: `sudo`, `env`, `xargs`", |n| Cell::list(n.command().wrappers.iter().map(|w| Cell::str(w)).collect());
    is_complete: Type::Bool, "all its words are known", |n| Cell::bool(n.command().is_complete);
    is_certain: Type::Bool, "it runs whenever the layer is built: it stands in no branch, loop or alternative", |n| Cell::bool(n.command().runs == Runs::Always);
    stops_on_failure: Type::Bool, "when it fails, the build fails", |n| Cell::bool(n.command().on_failure == OnFailure::Stops);
    is_condition: Type::Bool, "it is the test of an `if`, `while` or `until`", |n| Cell::bool(n.command().is_condition);
    is_substitution: Type::Bool, "it stands in `$(...)`", |n| Cell::bool(n.command().is_substitution);
    connector: Type::Str, "what joins it to the command before: `;`, `&&`, `||` or `|`", |n| Cell::str(match n.command().connector { Connector::Sequence => ";", Connector::And => "&&", Connector::Or => "||", Connector::Pipe => "|" });
    position: Type::Int, "its place among the commands of the layer, from 0", |n| Cell::int(i64::try_from(n.fact().position).unwrap_or(i64::MAX));
    is_last: Type::Bool, "no command of the layer follows it", |n| Cell::bool(n.i + 1 == n.p.layers[n.fact().layer].commands.end);
    pipeline_length: Type::Int, "commands in its pipeline", |n| Cell::int(i64::from(n.command().pipeline.1));
    loop_depth: Type::Int, "loops around it", |n| Cell::int(i64::from(n.command().loop_depth));
    leaves_cache: Type::Bool, "what it downloads stays in the layer: package lists of `apt-get update`, caches of pip, uv, poetry, pipenv, npm, conda, apk; absent for other commands", |n| match &n.fact().leaves_cache { Maybe::Known(value) => Cell::bool(*value), Maybe::Absent => Cell::ABSENT, Maybe::Unknown => Cell::UNKNOWN };
    is_updated: Type::Bool, "package lists were updated before it in the same layer; unknown when a script runs before", |n| known_bool(n.is_updated());
    hides_failure: Type::Bool, "when it fails, a later command runs all the same: `;` or a line end joins them without `set -e`", |n| Cell::bool(crate::facts::build::at::hides_failure(&n.p, n.i));
    is_checked_later: Type::Bool, "for a package manager of the system: it certainly does not run as root, which fails always, or the last command of the layer, whose failure ends the build, cannot do without what is installed: `git` for `pip install git+...`, or the program of that name", |n| Cell::bool(n.fact().runs_as_root == Some(false) || fate::last_needs_installs(&n.p, n.i));
    copied_all_before: Type::Link(&super::instruction::COPY), "a COPY or ADD of the whole context before it in the stage; absent without", |n| copied::copied_all_before(&n.p, n.i).map_or(Cell::ABSENT, |copy| Cell::fact(Arc::new(CopyNode::new(&n.p, copy))));
    first_cache: Type::Link(&COMMAND), "the first command of the same program in its stage that leaves its cache; absent without", |n| crate::facts::python::downloads::first_cache(&n.p, n.i).map_or(Cell::ABSENT, |i| Cell::fact(Arc::new(CommandNode::new(&n.p, i))));
    knows_no_cache_variable: Type::Bool, "for pip: it takes `PIP_NO_CACHE_DIR=1` as meant (19 and later): the official image has such a one, and no install before it pins an older one", |n| Cell::bool(crate::facts::python::downloads::knows_variable(&n.p, n.i));
    mounted_before: Type::Str, "for the second of `uv sync --no-install-project` and `uv sync`: where the first one has its cache mounted; absent otherwise", |n| str_or_absent(crate::facts::python::downloads::mounted_before(&n.p, n.i));
    installs_little: Type::Bool, "a `pip install` of one to three packages in pure Python or of a few megabytes that bring little along: `pip install gunicorn`", |n| Cell::bool(crate::facts::python::downloads::installs_little(n.command()));
    installs_installers: Type::Bool, "a `pip install` of nothing but what installs others: `pip install -U pip setuptools`", |n| Cell::bool(crate::facts::python::downloads::installs_installers(n.command()));
    removed_option: Type::Str, "the option or command that the release of its program which an earlier command installed does not have any more: `--no-dev` of poetry; absent without", |n| n.removed(|row| Some(row.option.unwrap_or(row.subcommand)));
    removed_from: Type::Str, "the first release without it", |n| n.removed(|row| Some(row.from));
    removed_for: Type::Str, "what took its place; absent for nothing", |n| n.removed(|row| row.instead);
    removed_unless: Type::Str, "the package that brings it back; absent without", |n| n.removed(|row| row.unless);
    unquoted_versions: Type::List(&Type::Str), "operands with a version that the shell takes for a redirection, because no quotes are around them: `django>=4`", |n| Cell::list(n.unquoted_versions());
    unbounded: Type::List(&Type::Str), "operands that name a Python package without an upper bound or a version, no tool to install, test or debug with, that no earlier install of the stage has put there and no later one pins; open when one is not known", |n| n.unbounded();
    recopied: Type::List(&Type::Link(&super::instruction::COPY)), "for a recursive `chown` or `chmod`: the COPY and ADD of its stage whose files it stores a second time; empty for others", |n| Cell::list(ownership::recopied(&n.p, n.i).into_iter().map(|copy| Cell::fact(Arc::new(CopyNode::new(&n.p, copy)) as NodeRef)).collect());
    recopied_weight: Type::Str, "how much these files are together: `small` (under 1 MB), `medium`, `large` (50 MB and more, or installed packages), or `unmeasured` where they cannot be looked at", |n| Cell::str(ownership::weight(&n.p, &ownership::recopied(&n.p, n.i)).name());
    mode_changes_too: Type::Bool, "for a `chown`: a recursive `chmod` of its layer stores files again anyway", |n| Cell::bool(ownership::mode_changes_too(&n.p, n.i));
    changes_copied: Type::Bool, "for a `chmod`: a COPY or ADD before it brought something to a directory that it changes, or to one around it; unknown where one is not known", |n| known_bool(ownership::changes_copied(&n.p, n.i));
    owner_flag: Type::Str, "for a recursive `chown` or `chmod`: the flag of COPY that does the same: `--chown=app:app`; absent for others", |n| str_or_absent(ownership::flag(&n.p, n.i).as_deref());
    copy_with_owner: Type::Str, "the COPY of `recopied` as it is written with that flag; absent where there are several, and where it is long", |n| str_or_absent(ownership::form(&n.p, n.i, &ownership::recopied(&n.p, n.i)).as_deref());
    owner_made_later: Type::Link(&COMMAND), "for a `chown`: the command that creates its user or group after a COPY of `recopied`; absent without", |n| ownership::made_later(&n.p, n.i, &ownership::recopied(&n.p, n.i)).map_or(Cell::ABSENT, |i| Cell::fact(Arc::new(CommandNode::new(&n.p, i))));
    unused_owner: Type::Str, "for a `chown`: its user, where the Dockerfile creates it and every image with that command certainly runs as root; absent otherwise", |n| match ownership::unused_owner(&n.p, n.i) { Maybe::Known(name) => Cell::str(name), _ => Cell::ABSENT };
    apt_is_configured: Type::Bool, "a file under /etc/apt/apt.conf.d was written before it: flags may be set there; unknown where the base image may have one", |n| known_bool(apt::apt_is_configured(&n.p, n.i));
    sources_changed: Type::Bool, "something before it writes apt's list of sources", |n| Cell::bool(apt::sources_changed(&n.p, n.i));
    installed_before: Type::Bool, "the same tool installed dependencies in an earlier layer of the stage", |n| Cell::bool(commands::installed_before(&n.p, n.i));
    directory: Type::Str, "the working directory it runs in", |n| known_str(crate::facts::build::at::directory_of(&n.p, n.fact()).as_deref());
    may_be_brought: Type::Bool, "something before it in its stages may have brought its program: a package called after it, a COPY into the search path, a download, a script", |n| Cell::bool(crate::facts::start::commands::may_be_brought(&n.p, n.i));
    recommended: Type::List(&Type::Str), "for an installation by apt: packages that are installed only because those that it names recommend them, the first few of each; empty for none, or where that is not known", |n| Cell::list(crate::facts::system::recommends::all(&n.p, n.i).into_iter().map(Cell::str).collect());
    recommended_is_exact: Type::Bool, "it installs one package only, so that nothing else brings those of `recommended`", |n| Cell::bool(crate::facts::system::recommends::is_exact(&n.p, n.i));
    needed_recommends: Type::List(&Type::Str), "for an installation: recommended packages without which the packages do not do what most install them for, and that nothing installs by name: `chromium-sandbox` for `chromium`", |n| Cell::list(crate::facts::system::recommends::needed(&n.p, n.i).into_iter().map(Cell::str).collect());
    recommends_can_go: Type::Bool, "no install of apt in the Dockerfile has `needed_recommends`, or could have any", |n| Cell::bool(crate::facts::system::recommends::habit(&n.p).can_go);
    recommends_place: Type::Str, "marks the word behind which `--no-install-recommends` is written, as the file does it elsewhere", |n| crate::facts::system::recommends::place(&n.p, n.i).map_or(Cell::ABSENT, |span| Cell::str("").at(span));
    no_cache: Type::List(&Type::Str), "for pip: what is inserted at the places it marks so that no pip of the stage leaves a cache: a flag of each, or `ENV PIP_NO_CACHE_DIR=1` where the stage has many installs, or a command that runs pip itself; empty where an earlier stage does it", |n| Cell::list(crate::facts::python::no_cache::edits(&n.p, n.i).into_iter().map(|(span, text)| Cell::str(&text).at(span)).collect());
    unasked: Type::Str, "for an installation on an official image of Python: a package that certainly comes along, so that apt asks; absent where none is known", |n| str_or_absent(crate::facts::system::fate::unasked(&n.p, n.i));
    removable: Type::List(&Type::Str), "marks what goes when it is deleted: its pipeline with what joins it to the others, and the sentence about its paths in the comment above the instruction; empty where it cannot be deleted so", |n| Cell::list(crate::facts::build::joined::removable(&n.p, n.i).into_iter().map(|span| Cell::str("").at(span)).collect());
    lists_used_by: Type::Link(&COMMAND), "for `apt-get update`: the first install of a later layer that reads the lists it fetched; absent when none does", |n| crate::facts::system::apt_lists::lists_used_by(&n.p, n.i).map_or(Cell::ABSENT, |i| Cell::fact(Arc::new(CommandNode::new(&n.p, i))));
    lists_readers: Type::List(&Type::Link(&COMMAND)), "for `apt-get update`: the first command of each later layer that installs or upgrades from the lists it fetched", |n| Cell::list(crate::facts::system::apt_lists::readers(&n.p, n.i).into_iter().map(|i| Cell::fact(Arc::new(CommandNode::new(&n.p, i)) as NodeRef)).collect());
    lists_are_read: Type::Bool, "for `apt-get update`: a command of apt behind it in the layer, or of a later layer, works with the lists it fetched", |n| Cell::bool(crate::facts::system::apt_lists::are_read(&n.p, n.i));
    lists_removal: Type::Str, "for `apt-get update`: marks the last command of apt in its layer, and is what joins the removal of the lists to it, in the style of the layer; absent where that is not simple", |n| crate::facts::system::apt_lists::removal(&n.p, n.i).map_or(Cell::ABSENT, |(span, text)| Cell::str(&text).at(span));
    as_root: Type::Bool, "it runs as root", |n| known_bool(n.fact().runs_as_root);
    packages: Type::List(&Type::Fact(&PACKAGE)), "system packages it installs; open when a word is not known", |n| { let items = n.p.packages.iter().enumerate().filter(|(_, package)| package.command == n.i).map(|(i, _)| Cell::fact(Arc::new(PackageNode::new(&n.p, i)) as NodeRef)).collect(); list(items, n.command().is_complete) };
    removes: Type::List(&Type::Fact(&PACKAGE)), "system packages installed before it in the stage that it removes: by name, or (`autoremove`) the compilers whose dependencies an earlier removal left; open when there may be more", |n| { let (removed, closed) = &n.fact().removes; list(removed.iter().map(|i| Cell::fact(Arc::new(PackageNode::new(&n.p, *i)) as NodeRef)).collect(), *closed) };
    layer: Type::Link(&super::instruction::LAYER), "the layer it runs in", |n| Cell::fact(Arc::new(LayerNode::new(&n.p, n.fact().layer)));
    stage: Type::Link(&super::stage::STAGE), "the stage it runs in", |n| Cell::fact(Arc::new(StageNode::new(&n.p, n.fact().stage)));
}

/// A system package.
#[derive(Debug, Clone)]
pub(crate) struct PackageNode {
    p: Arc<Project>,
    i: usize,
}

impl PackageNode {
    pub(crate) fn new(p: &Arc<Project>, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            i,
        }
    }

    fn fact(&self) -> &PackageFact {
        &self.p.packages[self.i]
    }

    fn suite(&self) -> Option<&'static str> {
        crate::facts::build::base::suite(&self.p.stages[self.fact().stage].base.knowledge)
    }

    fn gone_from(&self) -> Cell {
        let fact = self.fact();
        let Some(suite) = self.suite() else {
            return Cell::UNKNOWN;
        };
        let is_gone = fact.manager == "apt"
            && packages::presence(&fact.name, suite)
                .is_some_and(|presence| !presence.can_be_installed());
        if !is_gone {
            return Cell::ABSENT;
        }
        if apt::sources_changed(&self.p, fact.command) {
            return Cell::UNKNOWN;
        }
        Cell::str(suite)
    }

    pub(crate) fn place(&self) -> Option<Span> {
        Some(self.fact().span)
    }

    pub(crate) fn label(&self) -> String {
        self.fact().name.clone()
    }
}

table! {
    PACKAGE = "package", "A system package that a RUN installs by name.", for PackageNode;
    is_called: Type::Bool, "for one whose Debian dropped it with its programs: a command calls one of them; unknown where they are not known, or a script may", |n| known_bool(crate::facts::system::fate::call_of_gone(&n.p, n.i).map(|call| call.is_some()));
    call: Type::Link(&COMMAND), "the first such command; absent without", |n| crate::facts::system::fate::call_of_gone(&n.p, n.i).flatten().map_or(Cell::ABSENT, |i| Cell::fact(Arc::new(CommandNode::new(&n.p, i))));
    instead_of_call: Type::Str, "what does the work of its program, as people read it; absent without", |n| { let call = crate::facts::system::fate::call_of_gone(&n.p, n.i).flatten(); let name = call.and_then(|i| n.p.commands[i].command.name.as_deref()); str_or_absent(name.and_then(|name| packages::gone_program(name, n.suite()?))) };
    name: Type::Str, "without version and architecture", |n| Cell::str(&n.fact().name).at(n.fact().span);
    is_repeated: Type::Bool, "for a compiler or headers: an earlier layer of its stages brought it, by itself or with another package, and left it", |n| Cell::bool(n.fact().is_repeated);
    version: Type::Str, "after `=`; absent when not pinned", |n| str_or_absent(n.fact().version.as_deref());
    manager: Type::Str, "`apt`, `apk` or `dnf`", |n| Cell::str(n.fact().manager);
    fate: Type::Str, "`left` in the image, `removed` in the same layer, `removed-later` in a later layer, which frees nothing", |n| match n.fact().fate { Fate::Left => Cell::str("left"), Fate::RemovedInLayer(span) => Cell::str("removed").at(span), Fate::RemovedLater(span) => Cell::str("removed-later").at(span), Fate::Unknown => Cell::UNKNOWN };
    removed_at: Type::Str, "marks the command that removes it; absent when nothing does", |n| match n.fact().fate { Fate::RemovedInLayer(span) | Fate::RemovedLater(span) => Cell::str("").at(span), Fate::Left => Cell::ABSENT, Fate::Unknown => Cell::UNKNOWN };
    is_compiler: Type::Bool, "a compiler or a set of build tools: `gcc`, `g++`, `clang`, `build-essential`, `build-base`", |n| Cell::bool(packages::is_build_only(&n.fact().name) == Some(BuildOnly::Compiler));
    is_headers: Type::Bool, "headers of a library: `libpq-dev`", |n| Cell::bool(packages::is_build_only(&n.fact().name) == Some(BuildOnly::Headers));
    gone_from: Type::Str, "the Debian suite of the base image, when it no longer has the package and no other source of packages was added; absent when it has it or the tables lack it", |n| n.gone_from();
    replacement: Type::Str, "the package that took its place there; absent when there is none in the tables", |n| n.suite().map_or(Cell::UNKNOWN, |suite| str_or_absent(packages::replacement(&n.fact().name, suite)));
    is_python2: Type::Bool, "it belongs to Python 2: `python-dev`, `python2`", |n| { let name = n.fact().name.as_str(); Cell::bool(n.fact().manager == "apt" && (name == "python" || name.starts_with("python2") || name.starts_with("python-")) && name != "python-software-properties" && !name.starts_with("python-is-")) };
    words: Type::List(&Type::Str), "marks the word, and the same word of other commands of the package manager in the stage: `apt-get remove` of it", |n| Cell::list(crate::facts::system::fate::words(&n.p, n.i).into_iter().map(|span| Cell::str(&n.fact().name).at(span)).collect());
    runtime: Type::List(&Type::Str), "for headers: the libraries that compiled programs load, packages of their own: `libxslt1.1` for `libxslt1-dev`; empty when they are not known", |n| Cell::list(crate::facts::system::fate::runtime(&n.p, n.i).iter().map(|name| Cell::str(name)).collect());
    command: Type::Link(&COMMAND), "the command that installs it", |n| Cell::fact(Arc::new(CommandNode::new(&n.p, n.fact().command)));
    layer: Type::Link(&super::instruction::LAYER), "the layer it is installed in", |n| Cell::fact(Arc::new(LayerNode::new(&n.p, n.fact().layer)));
    stage: Type::Link(&super::stage::STAGE), "the stage it is installed in", |n| Cell::fact(Arc::new(StageNode::new(&n.p, n.fact().stage)));
}
