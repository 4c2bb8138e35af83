//! A shell command, as it is meant: wrappers, paths and version suffixes are taken off its name.

mod fetched;
mod packages;
mod view;

use crate::facts::build::{copied, unquoted};
use crate::facts::deploy::rights;
use crate::facts::model::Maybe;
use crate::facts::nodes::cells::{at, known_bool, known_str, list, str_or_absent, traced};
use crate::facts::nodes::command::view::View;
use crate::facts::nodes::node::{Facts, Id, table};
use crate::facts::nodes::shared::{args, assignments, flags};
use crate::facts::python::{commands, dependencies, downloads};
use crate::facts::start::ownership;
use crate::facts::system::proven;
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::knowledge::removed_options::RemovedOption;
use crate::python::requirements::normalize_name;
use crate::shell::ast::{Arg, Connector, OnFailure, Runs};
use crate::span::Span;

pub(super) const KIND: Kind = Kind {
    name: "command",
    table: &TABLE,
    key: "the program as meant: `pip` for `/venv/bin/pip3.12` and `python -m pip`",
    vars: &["layer", "stage"],
    doc: "a shell command of a RUN",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, fact) in p.commands.iter().enumerate() {
        let node = Id::Command(i).node(p);
        let key = fact.command.name.as_deref().unwrap_or_default();
        each(facts.selected(Some(fact.stage), key, node, vec![fact.command.span]));
    }
}

table! {
    "command",
    "A shell command, as it is meant: wrappers, paths and version suffixes are taken off its name.";
    name: Type::Str, "the program: `pip` for `/venv/bin/pip3.12`, `python -m pip`, `env X=1 pip` and `sudo pip`";
    program: Type::Str, "the program as written: `/venv/bin/pip3.12`";
    text: Type::Str, "name and subcommand: `pip install`";
    subcommand: Type::Str,
        "first operand of programs that have subcommands: `install`, `pip install` for uv; absent without";
    manage_is_missing: Type::Bool,
        "the `manage.py` it runs is not in the image at that time; absent for other commands";
    lacks_package: Type::Str,
        "for a management command of Django that calls a program of the system: the package that it cannot do without, \
         where the image certainly lacks it at that time; absent otherwise";
    off_path: Type::Str,
        "the directory that a script of its makers has put its program into, where PATH does not lead: \
         `/root/.local/bin`; marks that script; absent otherwise";
    bash_only: Type::Str,
        "what of it only bash understands, where Debian's sh certainly reads it: `source`, `[[`; absent otherwise";
    bash_instead: Type::Str, "what every sh has in place of that word; absent where nothing short has";
    refused_option: Type::Str,
        "the option of `set` that Debian's sh, which certainly reads it, does not have: `pipefail`; absent otherwise";
    account_option: Type::Str,
        "for `adduser` and `addgroup`: the option at which those of its distribution end, or that makes them print \
         their help; absent otherwise";
    account_option_instead: Type::Str, "the option that does the same there; absent where none does";
    account_option_of: Type::Str, "the distribution: `Debian` or `Alpine`; absent without `account_option`";
    makes_nothing: Type::Bool, "it prints its help and ends well; absent without `account_option`";
    lacks_bit: Type::Str,
        "the path of a file of the build context that it calls and that has no execute bit then; absent otherwise";
    lacks_activation: Type::Bool,
        "for `conda activate`: the shell of its RUN does not know it, since nothing initialized it; false for others";
    lacks_lock: Type::Str,
        "for an install of frontend packages: the lock file that is not there when it runs and that it fails without, \
         `package-lock.json` for `npm ci`; marks the pattern that excludes it; absent otherwise";
    closed_cache: Type::Str,
        "the mounted cache that it fills as another user than root, whom nothing lets write there: \
         `--mount=type=cache` without `uid` belongs to root; marks the mount; absent otherwise";
    needs_cache: Type::Bool, "it fails where it may not write to that cache; absent without `closed_cache`";
    left_out: Type::Str,
        "for `npm run`: the program that its script calls first and that npm did not install, as for production; \
         absent otherwise";
    left_out_by: Type::Link("env"), "the ENV because of which npm did not install it; absent where an option did";
    refused_webpack: Type::Str,
        "the release of webpack with which it certainly bundles a frontend and which asks the OpenSSL of Node.js for \
         MD4: `4.46.0`; absent where the Node.js of its stage gives it, and otherwise";
    refusing_node: Type::Int, "that Node.js; absent without `refused_webpack`";
    kept_by_root: Type::Str,
        "the directory below the home directory of root into which it fetches data of a package, while the process of \
         the image is another user: `nltk_data`; absent otherwise";
    fetched_for: Type::Str, "the module that looks for them; absent where `kept_by_root` is";
    fetched_again: Type::Bool, "that module fetches them again when it finds none";
    fetched_is_imported: Type::Bool, "the settings of the image certainly load a module that imports it";
    fetched_user: Type::Str, "that user; absent where `kept_by_root` is";
    lacks_program: Type::Str,
        "the system package that contains its program, where the image certainly lacks it at that time; absent \
         otherwise, and for programs that are not known";
    instead_of_program: Type::Str,
        "what does the work of a program that the images of its Debian no longer have; absent where they have it";
    management: Type::Str,
        "the Django management command of `python manage.py NAME`, `django-admin NAME`, `python -m django \
         NAME`; absent for other commands";
    unset_variables: Type::List(&Type::Str),
        "for a management command of a RUN, `collectstatic` aside: the variables that the settings require and that \
         it certainly does not have, each at the place that reads it";
    database_is_file: Type::Bool,
        "for a Django management command: every database of the image's settings is a file of SQLite; absent \
         for others, unknown where the settings are";
    flags: Type::Map(&Type::Str), "flags by name with dashes; the value, or the name itself for a switch";
    operands: Type::List(&Type::Str), "arguments that are neither flags, their values nor the subcommand";
    args: Type::List(&Type::Str), "everything after the program";
    typographic: Type::List(&Type::Str),
        "the known arguments that begin with a typographic quote, or whose value does: `--name=”x”`";
    assignments: Type::Map(&Type::Str),
        "variables set for this command only (`NAME=value command`), or by this bare assignment";
    wrappers: Type::List(&Type::Str), "programs that run it, outermost first: `sudo`, `env`, `xargs`";
    is_complete: Type::Bool, "all its words are known";
    starts_service: Type::Str,
        "the service of the distribution that it starts: `postgresql` of `service postgresql start`, \
         `/etc/init.d/postgresql start` and `pg_ctlcluster 17 main start`; absent for others";
    refused_change: Type::Str,
        "the file that `chmod`, `chown` or `chgrp` cannot change: it belongs to root, and the step runs as another \
         user; absent otherwise";
    is_certain: Type::Bool, "it runs whenever the layer is built: it is not in a branch, loop or alternative";
    stops_on_failure: Type::Bool, "when it fails, the build fails";
    is_condition: Type::Bool, "it is the test of an `if`, `while` or `until`";
    connector: Type::Str, "what joins it to the command before: `;`, `&&`, `||` or `|`";
    is_last: Type::Bool, "no command of the layer follows it";
    pipeline_length: Type::Int, "commands in its pipeline";
    leaves_cache: Type::Bool,
        "what it downloads stays in the layer: package lists of `apt-get update`, caches of pip, uv, poetry, \
         pipenv, npm, conda, apk; absent for other commands";
    hides_failure: Type::Bool,
        "when it fails, a later command runs all the same: `;` or a line end joins them without `set -e`";
    is_checked_later: Type::Bool,
        "for a package manager of the system: it certainly does not run as root, which fails always, or a later \
         command of the layer, whose failure ends the build, cannot do without what it does: the lists, `git` \
         for `pip install git+...`, the program of that name";
    is_proven_later: Type::Bool,
        "a management command in a later layer, whose failure ends the build, cannot do without what is installed \
         by it or by what `&&` joins to it";
    is_in_list: Type::Bool, "`&&` joins another command after it: `set -e` does not see it fail";
    copied_all_before: Type::Link("copy"),
        "a COPY or ADD of the whole context before it in the stage; absent without";
    first_cache: Type::Link("command"),
        "the first command of the same program in its stage that leaves its cache; absent without";
    knows_no_cache_variable: Type::Bool,
        "for pip: it honours `PIP_NO_CACHE_DIR=1` (since 19), as that of the official image does where no install \
         before it pins an older one";
    mounted_before: Type::Str,
        "for the second of `uv sync --no-install-project` and `uv sync`: where the first one has its cache \
         mounted; absent otherwise";
    installs_little: Type::Bool,
        "a `pip install` of one to three packages in pure Python or of a few megabytes with few dependencies: \
         `pip install gunicorn`";
    installs_installers: Type::Bool,
        "a `pip install` of nothing but what installs others: `pip install -U pip setuptools`";
    removed_option: Type::Str,
        "the option or command that the release of its program which an earlier command installed no longer \
         has: `--no-dev` of poetry; absent without";
    removed_from: Type::Str, "the first release without it";
    removed_for: Type::Str, "what took its place; absent for nothing";
    removed_unless: Type::Str, "the package that provides it again; absent without";
    removed_call: Type::Str, "the command to call in its place; absent without";
    unquoted_versions: Type::List(&Type::Str),
        "operands with a version that the shell takes for a redirection, because no quotes are around them: \
         `django>=4`";
    unbounded: Type::List(&Type::Str),
        "operands that name a Python package without an upper bound or a version, no tool to install, test or \
         debug with, that no earlier install of the stage has put there and no later one pins; open when one is \
         not known";
    is_of_the_past: Type::Bool,
        "for an installer of Python packages: hardly any of them still makes releases for the Python or Django of its \
         stage";
    recopied: Type::List(&Type::Link("copy")),
        "for a recursive `chown` or `chmod`: the COPY and ADD of its stage whose files it stores a second time; \
         empty for others";
    recopied_weight: Type::Str,
        "how much these files are together: `small` (under 1 MB), `medium`, `large` (50 MB and more, or \
         installed packages), or `unmeasured` where they cannot be looked at";
    mode_changes_too: Type::Bool, "for a `chown`: a recursive `chmod` of its layer stores files again anyway";
    changes_copied: Type::Bool,
        "for a `chmod`: a COPY or ADD before it copied something to a directory that it changes, or to one \
         around it; unknown where one is not known";
    owner_flag: Type::Str,
        "for a recursive `chown` or `chmod`: the flag of COPY that does the same: `--chown=app:app`; absent for \
         others";
    copy_with_owner: Type::Str,
        "the COPY of `recopied` as it is written with that flag; absent where there are several, and where it \
         is long";
    owner_made_later: Type::Link("command"),
        "for a `chown`: the command that creates its user or group after a COPY of `recopied`; absent without";
    unused_owner: Type::Str,
        "for a `chown`: its user, where the Dockerfile creates it and every image with that command certainly \
         runs as root; absent otherwise";
    apt_is_configured: Type::Bool,
        "a file under /etc/apt/apt.conf.d was written before it: flags may be set there; unknown where the base \
         image may have one";
    asks: Type::Bool,
        "for apt: it changes packages and prompts, as no flag, configuration or pipe answers; absent for \
         others";
    sets_password: Type::Bool,
        "it sets the password of an account, and contains it: `useradd -p HASH`, `echo NAME:PASSWORD | chpasswd`";
    is_of_another_distribution: Type::Bool,
        "a package manager that its base image, one of a distribution or of Python or Node on it, does not have";
    installs_listed: Type::Bool,
        "it installs what files of the project list: `pip install -r`, `poetry install`, `uv sync`";
    lists_own_code: Type::Bool, "a list that pip or Pipenv installs names the project itself: `-e .`";
    sources_changed_before: Type::Bool, "something before it, and not it itself, writes apt's list of sources";
    sources_changed: Type::Bool, "it, or something before it, writes apt's list of sources, or dnf's of repositories";
    installed_before: Type::Bool, "the same tool installed dependencies in an earlier layer of the stage";
    directory: Type::Str, "the working directory it runs in";
    may_be_brought: Type::Bool,
        "something before it in its stages may have installed its program: a package named after it, a COPY into \
         the search path, a download, a script";
    recommended: Type::List(&Type::Str),
        "for an installation by apt: packages that are installed only because those that it names recommend \
         them, the first few of each; empty for none, or where that is not known";
    recommended_is_exact: Type::Bool,
        "it installs one package only, so that nothing else pulls those of `recommended`";
    needed_recommends: Type::List(&Type::Str),
        "for an installation: recommended packages without which the packages do not do what most install them \
         for, and that nothing installs by name: `chromium-sandbox` for `chromium`";
    recommends_can_go: Type::Bool, "no install of apt in the Dockerfile has `needed_recommends`, or could have any";
    recommends_place: Type::Str,
        "marks the word after which `--no-install-recommends` is written, as the file does it elsewhere";
    no_cache: Type::List(&Type::Str),
        "for pip: what is inserted at the places it marks so that no pip of the stage leaves a cache: a flag of \
         each, or `ENV PIP_NO_CACHE_DIR=1` where the stage has many installs, or a command that runs pip \
         itself; empty where an earlier stage does it";
    unasked: Type::Str,
        "for an installation on an official image of Python: a package that certainly comes along, so that apt \
         asks; absent where none is known";
    removable: Type::List(&Type::Str),
        "marks what goes when it is deleted: its pipeline with what joins it to the others, and the sentence \
         about its paths in the comment above the instruction; empty where it cannot be deleted so";
    lists_used_by: Type::Link("command"),
        "for `apt-get update`: the first install of a later layer that reads the lists it fetched; absent when \
         none does";
    lists_readers: Type::List(&Type::Link("command")),
        "for `apt-get update`: the first command of each later layer that installs or upgrades from the lists \
         it fetched";
    lists_are_read: Type::Bool,
        "for `apt-get update`: a command of apt after it in the layer, or of a later layer, works with the \
         lists it fetched";
    lists_lacked_for: Type::Str,
        "for `apt-get install`: a package that is not there yet and cannot be found, since nothing fetched the lists \
         that the base image does not have; absent otherwise";
    lists_removal: Type::Str,
        "for `apt-get update`: marks the last command of apt in its layer, and is what joins the removal of the \
         lists to it, in the style of the layer; absent where that is not simple";
    as_root: Type::Bool, "it runs as root";
    packages: Type::List(&Type::Fact("package")), "system packages it installs; open when a word is not known";
    removes: Type::List(&Type::Fact("package")),
        "system packages installed before it in the stage that it removes: by name, or (`autoremove`) the \
         compilers whose dependencies an earlier removal left; open when there may be more";
    layer: Type::Link("layer"), "the layer it runs in";
    stage: Type::Link("stage"), "the stage it runs in";
}

impl View<'_> {
    fn find_unquoted_versions(&self) -> Vec<Cell> {
        let text = &self.p.text.text;
        let found = unquoted::versions(self.command()).into_iter();
        let found = found.filter(|span| span.file == self.p.dockerfile.file);
        found
            .filter_map(|span| Some(Cell::str(text.get(span.range())?).at(span)))
            .collect()
    }

    fn removed(&self, part: impl Fn(&RemovedOption) -> Option<&'static str>) -> Cell {
        let found = crate::facts::python::releases::removed(self.p, self.i);
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
            let there = crate::facts::python::downloads::may_be_there(self.p, self.i);
            let (pinned, is_read) =
                crate::facts::python::downloads::pinned_beside(self.p, self.i, &asked);
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

    fn place(&self) -> Option<Span> {
        Some(self.command().span)
    }

    fn label(&self) -> String {
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

fn arg_cell(arg: Option<&Arg>) -> Cell {
    arg.map_or(Cell::ABSENT, |arg| {
        at(known_str(arg.as_str()), Some(arg.span))
    })
}

impl View<'_> {
    fn name(&self) -> Cell {
        at(
            known_str(self.command().name.as_deref()),
            Some(self.command().name_span),
        )
    }

    fn program(&self) -> Cell {
        at(
            known_str(self.command().program.as_deref()),
            Some(self.command().name_span),
        )
    }

    fn text(&self) -> Cell {
        Cell::str(&self.label()).at(self.command().span)
    }

    fn subcommand(&self) -> Cell {
        arg_cell(self.command().subcommand.as_ref())
    }

    fn management(&self) -> Cell {
        arg_cell(self.command().management.as_ref())
    }

    fn database_is_file(&self) -> Cell {
        if self.command().management.is_some() {
            known_bool(crate::facts::deploy::databases::is_in_files(
                self.p,
                self.fact().stage,
            ))
        } else {
            Cell::ABSENT
        }
    }

    fn flags(&self) -> Cell {
        flags(self.command())
    }

    fn operands(&self) -> Cell {
        args(&self.command().operands)
    }

    fn args(&self) -> Cell {
        args(&self.command().args)
    }

    fn typographic(&self) -> Cell {
        Cell::list(self.command().args.iter().filter_map(typographic).collect())
    }

    fn assignments(&self) -> Cell {
        assignments(self.command())
    }

    fn wrappers(&self) -> Cell {
        Cell::list(
            self.command()
                .wrappers
                .iter()
                .map(|w| Cell::str(w))
                .collect(),
        )
    }

    fn is_complete(&self) -> Cell {
        Cell::bool(self.command().is_complete)
    }

    fn starts_service(&self) -> Cell {
        str_or_absent(self.command().starts_service())
    }

    fn refused_change(&self) -> Cell {
        rights::refused_change(self.p, self.i).map_or(Cell::ABSENT, traced)
    }

    fn is_certain(&self) -> Cell {
        Cell::bool(self.command().runs == Runs::Always)
    }

    fn stops_on_failure(&self) -> Cell {
        Cell::bool(self.command().on_failure == OnFailure::Stops)
    }

    fn is_condition(&self) -> Cell {
        Cell::bool(self.command().is_condition)
    }

    fn connector(&self) -> Cell {
        Cell::str(match self.command().connector {
            Connector::Sequence => ";",
            Connector::And => "&&",
            Connector::Or => "||",
            Connector::Pipe => "|",
        })
    }

    fn is_last(&self) -> Cell {
        Cell::bool(self.i + 1 == self.p.layers[self.fact().layer].commands.end)
    }

    fn pipeline_length(&self) -> Cell {
        Cell::int(i64::from(self.command().pipeline.1))
    }

    fn leaves_cache(&self) -> Cell {
        match &self.p.leaves_cache[self.i] {
            Maybe::Known(value) => Cell::bool(*value),
            Maybe::Absent => Cell::ABSENT,
            Maybe::Unknown => Cell::UNKNOWN,
        }
    }

    fn hides_failure(&self) -> Cell {
        Cell::bool(crate::facts::build::at::hides_failure(self.p, self.i))
    }

    fn is_checked_later(&self) -> Cell {
        Cell::bool(
            self.fact().runs_as_root == Some(false) || proven::is_needed_in_layer(self.p, self.i),
        )
    }

    fn is_proven_later(&self) -> Cell {
        Cell::bool(proven::is_proven_later(self.p, self.i))
    }

    fn is_in_list(&self) -> Cell {
        let end = self.p.layers[self.fact().layer].commands.end;
        Cell::bool(!crate::facts::build::at::list_behind(self.p, self.i, end).is_empty())
    }

    fn copied_all_before(&self) -> Cell {
        copied::copied_all_before(self.p, self.i)
            .map_or(Cell::ABSENT, |copy| Id::Copy(copy).cell(self.p))
    }

    fn first_cache(&self) -> Cell {
        crate::facts::python::no_cache::first_cache(self.p, self.i)
            .map_or(Cell::ABSENT, |i| Id::Command(i).cell(self.p))
    }

    fn knows_no_cache_variable(&self) -> Cell {
        Cell::bool(crate::facts::python::downloads::knows_variable(
            self.p, self.i,
        ))
    }

    fn mounted_before(&self) -> Cell {
        str_or_absent(crate::facts::python::downloads::mounted_before(
            self.p, self.i,
        ))
    }

    fn installs_little(&self) -> Cell {
        Cell::bool(crate::facts::python::downloads::installs_little(
            self.command(),
        ))
    }

    fn installs_installers(&self) -> Cell {
        Cell::bool(crate::facts::python::downloads::installs_installers(
            self.command(),
        ))
    }

    fn removed_option(&self) -> Cell {
        self.removed(|row| Some(row.option.unwrap_or(row.subcommand)))
    }

    fn removed_from(&self) -> Cell {
        self.removed(|row| Some(row.from))
    }

    fn removed_for(&self) -> Cell {
        self.removed(|row| row.instead)
    }

    fn removed_call(&self) -> Cell {
        let found = crate::facts::python::releases::call_instead(self.p, self.i);
        found.map_or(Cell::ABSENT, |(text, span)| Cell::str(&text).at(span))
    }

    fn removed_unless(&self) -> Cell {
        self.removed(|row| row.unless)
    }

    fn unquoted_versions(&self) -> Cell {
        Cell::list(self.find_unquoted_versions())
    }

    fn is_of_the_past(&self) -> Cell {
        let install = dependencies::position(self.p, self.i).ok();
        let install = install.map(|at| &self.p.installs[at]);
        Cell::bool(install.is_some_and(|install| downloads::is_of_the_past(self.p, install)))
    }

    fn recopied(&self) -> Cell {
        Cell::list(
            ownership::recopied(self.p, self.i)
                .into_iter()
                .map(|copy| Id::Copy(copy).cell(self.p))
                .collect(),
        )
    }

    fn recopied_weight(&self) -> Cell {
        Cell::str(ownership::weight(self.p, &ownership::recopied(self.p, self.i)).name())
    }

    fn mode_changes_too(&self) -> Cell {
        Cell::bool(ownership::mode_changes_too(self.p, self.i))
    }

    fn changes_copied(&self) -> Cell {
        known_bool(ownership::changes_copied(self.p, self.i))
    }

    fn owner_flag(&self) -> Cell {
        str_or_absent(ownership::flag(self.p, self.i).as_deref())
    }

    fn copy_with_owner(&self) -> Cell {
        str_or_absent(
            ownership::form(self.p, self.i, &ownership::recopied(self.p, self.i)).as_deref(),
        )
    }

    fn owner_made_later(&self) -> Cell {
        ownership::made_later(self.p, self.i, &ownership::recopied(self.p, self.i))
            .map_or(Cell::ABSENT, |i| Id::Command(i).cell(self.p))
    }

    fn unused_owner(&self) -> Cell {
        match ownership::unused_owner(self.p, self.i) {
            Maybe::Known(name) => Cell::str(name),
            _ => Cell::ABSENT,
        }
    }

    fn directory(&self) -> Cell {
        known_str(crate::facts::build::at::directory_of(self.p, self.fact()).as_deref())
    }

    fn as_root(&self) -> Cell {
        known_bool(self.fact().runs_as_root)
    }

    fn layer(&self) -> Cell {
        Id::Layer(self.fact().layer).cell(self.p)
    }

    fn stage(&self) -> Cell {
        Id::Stage(self.fact().stage).cell(self.p)
    }
}
