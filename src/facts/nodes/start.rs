//! A command that runs when the container starts: of ENTRYPOINT, CMD, or a script they lead to.

mod managed;

use crate::compose::{CommandForm, CommandLine};
use crate::facts::deploy::mounted_code;
use crate::facts::model::{ScriptFact, StartFact};
use crate::facts::nodes::cells::{at, known_bool, known_str, str_or_absent, traced};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::nodes::owner::{Owner, owners};
use crate::facts::nodes::shared::{args, assignments, flags};
use crate::facts::python::releases;
use crate::facts::start::{called_programs, celery, commands};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::knowledge::installers;
use crate::knowledge::programs::{self, Role};
use crate::knowledge::pypi;
use crate::shell::ast::{Command, Connector, Runs};
use crate::shell::reserved;
use crate::span::{FileId, Span};

mod view;

pub(super) const KIND: Kind = Kind {
    name: "start",
    table: &TABLE,
    key: "the program as meant",
    vars: &["image"],
    doc: "a command that runs when a shipped image starts, scripts followed",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (owner, stage, intent) in owners(p) {
        for (at, start) in owner.starts(p).iter().enumerate() {
            let node = Id::Start { owner, i: at }.node(p);
            let key = start.command.name.as_deref().unwrap_or_default();
            let covers = vec![start.command.span];
            let mut selected = facts.selected(Some(stage), key, node, covers);
            selected.intent = intent.unwrap_or(selected.intent);
            each(selected);
        }
    }
}

table! {
    "start",
    "A command that runs when the container starts: of ENTRYPOINT, CMD, or a script they lead to.";
    name: Type::Str, "the program as meant";
    program: Type::Str, "the program as written";
    text: Type::Str, "name and subcommand or management command";
    subcommand: Type::Str, "first operand of programs that have subcommands; absent without";
    management: Type::Str, "Django's management command; absent without";
    flags: Type::Map(&Type::Str), "flags, as for a command";
    operands: Type::List(&Type::Str), "operands, as for a command";
    args: Type::List(&Type::Str), "everything after the program";
    assignments: Type::Map(&Type::Str), "variables set for it";
    wrappers: Type::List(&Type::Str), "programs that run it, outermost first";
    is_complete: Type::Bool, "all its words are known";
    is_certain: Type::Bool, "it runs at every start: no branch, loop or alternative around it";
    stops_on_failure: Type::Bool, "when it fails, the start fails";
    is_condition: Type::Bool, "it is the test of an `if`, `while` or `until`";
    hides_failure: Type::Bool,
        "when it fails, the next command runs all the same: `;` or a line end joins them without `set -e`";
    is_checked: Type::Bool, "the line after it looks at its status, `$?`";
    serves_in_branch: Type::Bool,
        "it is the only server that the image starts, apart from development servers, in a branch that a \
         variable chooses";
    follows_clearing: Type::Bool, "an `rm` before it empties a directory of static files";
    connector: Type::Str, "what joins it to the command before: `;`, `&&`, `||` or `|`";
    is_last: Type::Bool, "nothing that starts follows";
    in_script: Type::Bool, "it is in a script";
    script: Type::Link("script"), "its script; absent for ENTRYPOINT and CMD";
    is_installed: Type::Bool,
        "the image has the program; false only where the base is known not to have it and nothing that is installed \
         contains it";
    lacks_wrapper: Type::Str,
        "the installer of Python packages that runs it (`uv run`) and that the image certainly lacks; absent otherwise";
    lacks_program: Type::Str,
        "the first program, one that runs it (`tini`, `gosu`) or its own, that the image certainly does not have, as \
         it is called; absent otherwise";
    lacks_program_package: Type::Str, "the system package that contains that one";
    package: Type::Str, "the system package that contains the program; absent when the tables know none";
    waits_without_end: Type::Bool,
        "the test of a loop that waits for another service (`psql`, `nc`, `curl`) and never gives up";
    hangs_on_failure: Type::Bool,
        "the only test of a loop that goes on until it succeeds: nothing in the loop lets the script go on \
         without it";
    directory: Type::Str, "the directory it runs in";
    only_beside: Type::Str,
        "for a script that ENTRYPOINT, CMD or a service names without a slash: where it is in that directory, and no \
         directory of the search path has it; absent otherwise";
    switch: Type::Link("env"),
        "the ENV whose value lets it run: `if [ \"$MIGRATE\" = on ]`; absent where no test of known values \
         stands before it";
    bash_only: Type::Str,
        "what of it only bash knows, where Debian's sh reads the script: `[[`, `source`, or `==` in a test; \
         absent when nothing is";
    split_urls: Type::List(&Type::Str),
        "arguments that are a variable alone, without quotes, with an address in it: `$DATABASE_URL`";
    operators: Type::List(&Type::Str),
        "arguments from `command` or `entrypoint` of a service that are operators of a shell, which \
         does not read them: `&&`, `>`";
    never_equal: Type::Str,
        "for a test of a script: what it compares its first argument with, which CMD in shell form makes `/bin/sh`, \
         where no test of the script looks for a shell; absent otherwise";
    unread: Type::List(&Type::Str),
        "words after the script of `sh -c` that starts it, where the script looks at no argument: all but `gunicorn` \
         of `sh -c gunicorn shop.wsgi`";
    swallowed: Type::Str,
        "the program that CMD, or `command` of a service, names, where this one, which ENTRYPOINT starts, takes it for \
         an argument; absent otherwise";
    later_line: Type::Str,
        "the program that a later line of `command` of a service names, where no shell reads the lines and this one \
         takes it for an argument; absent otherwise";
    behind_exec: Type::Str,
        "the command of its script that `exec` replaces the shell with before it, at every start; absent \
         without";
    behind_foreground: Type::Str,
        "the command of its script that stays in the foreground before it, at every start; absent without";
    stays: Type::Bool, "a server or worker in the foreground: it runs until it is stopped";
    is_closing: Type::Bool,
        "it says something, or ends or waits for something, and changes nothing: `exit 1`, `echo`, `wait`";
    kept_command: Type::Str,
        "what the shell that stays process 1 runs as its child, as written, where that is a server or worker which \
         stays, or a script that leads to it; absent when no shell stays";
    init: Type::Str,
        "for what a service starts: the small process 1 that hands signals to its child alone: `tini`, `docker-init`; \
         absent without";
    is_looped: Type::Bool, "it is in a loop, or is the test of one";
    is_followed: Type::Bool, "another command of its script follows it, which does more than exit or wait";
    waits_for: Type::List(&Type::Str),
        "for `wait`: the servers and workers that its script starts in the background, where it sets no `trap`; empty \
         for others";
    keeps_open_for: Type::List(&Type::Str),
        "for `tail -f` and `sleep infinity` at the end: the servers and workers that certainly start in the background \
         before it, where the shell sets no `trap` and no small process 1 stands above it; empty for others";
    lacks_celery: Type::Str,
        "for celery: the module of `-A` that is not there (`shop`), or that has no application of celery, nor has a \
         module `celery` below it; marks it; absent otherwise";
    lacks_celery_module: Type::Bool, "that module itself is not there";
    lacks_celery_instead: Type::Str, "the package beside it with a module `celery`, where that module is not there";
    lacks_celery_elsewhere: Type::Str,
        "else the one module in the packages beside it that makes an application: `shop.tasks`; absent without";
    lacks_celery_package: Type::Bool, "for celery: the image certainly does not have it installed";
    python_child: Type::Str,
        "the server or worker that a program of Python of the project starts as its child and waits for, where the \
         program is process 1 and sets no handler for signals; marks the call; absent otherwise";
    python_loop: Type::Bool,
        "a program of Python of the project that is process 1, sets no handler for signals and loops without end; \
         marks the loop";
    loops_without_trap: Type::Bool,
        "the test of a loop that never ends and does some work, `while true`, in the shell that is process 1 and sets \
         no `trap`";
    unfinished: Type::List(&Type::Str),
        "signals that stop it, STOPSIGNAL or `stop_signal`, on which it does not finish what it is at: `QUIT` of \
         gunicorn; empty for programs of which that is not known";
    finishing_signal: Type::Str, "the signal on which it does: `TERM`; absent where `unfinished` is empty";
    keeper: Type::Str,
        "the program that runs it, a server or worker, stands above it as long as it runs, and does not let it finish \
         on the stop signal: `conda run`, `su`; absent otherwise";
    keeper_kills: Type::Bool, "that one hands the signal on and kills two seconds later";
    signalled_by: Type::Str,
        "for a worker of celery with processes of its own: the small process 1 that sends the stop signal to these as \
         well, `dumb-init`; absent otherwise";
    refused_switch: Type::Str,
        "the program that runs it as another user (`gosu`), where the container certainly does not start as root; \
         absent otherwise";
    refused_cron: Type::Str,
        "the user as whom it starts Debian's cron, which only root can do; absent otherwise";
    unknown_signal: Type::Str,
        "the signal that a `trap` names as only bash knows it, `SIGTERM`, where Debian's sh reads the script; absent \
         otherwise";
    refused_option: Type::Str,
        "the option of `set` that Debian's sh, which certainly reads it, does not have: `pipefail`; absent otherwise";
    refused_url: Type::Str,
        "the scheme of an address that a client of PostgreSQL is given and cannot read: `postgis`, `mysql`; \
         absent when there is none";
    call_instead: Type::Str,
        "what to call where the release of its distribution in the image no longer installs the program \
         (`flower`, `celeryd`); absent otherwise";
    misplaced: Type::Str,
        "for celery, its own option after the subcommand (`worker -A shop`), where the release in the image takes it \
         before that only; absent otherwise";
    leaves_foreground: Type::Str,
        "for a supervisord that starts last: the file that it certainly reads and that lacks `nodaemon=true`, where no \
         option says so either; absent otherwise";
    elsewhere: Type::Str,
        "for a program, its own or one that runs it, that is called by a path where the image certainly has none: the \
         directory into which its package was installed, `/usr/local/bin`; marks the path; absent otherwise";
    elsewhere_path: Type::Str, "that path";
    ends_start: Type::Str,
        "the server (`nginx` without `daemon off`) or the service (`service nginx start`) that goes to the background \
         as the last command, where nothing stays before it: the container ends; absent otherwise";
    migrates_later: Type::Str,
        "for a management command that needs the tables of the database (`loaddata`): the `migrate` that follows it in \
         its script, as every start runs it, and that none comes before; absent otherwise";
    lacks_static_root: Type::Bool,
        "for `collectstatic`: the settings of the image certainly have no STATIC_ROOT, so that it fails at each start";
    is_set_apart: Type::Bool,
        "compose has other services of its image start something else in place of ENTRYPOINT, so that one container \
         alone starts with it";
    refused_users: Type::List(&Type::Str),
        "for a supervisord: each `user` of the configuration that it certainly reads which is another than the one, \
         not root, that the container certainly runs as; empty for others";
    manage: Type::Str, "`there` or `missing`: the `manage.py` that it runs; absent when it runs none";
    manage_is_copied: Type::Bool,
        "COPY puts a `manage.py` into its image, or may: a directory that has one, or what is not known";
    name_word: Type::Str, "the word that names it, as written";
    image: Type::Link("image"), "the image";
    service: Type::Link("service"),
        "the compose service whose `command` or `entrypoint` leads to it; absent when ENTRYPOINT or CMD do";
    serves: Type::Bool, "a server is started together with it";
    runs_mounted: Type::Bool, "each service with its image runs code of the project that is mounted";
}

view! { Start { owner: Owner, i: usize } }

impl View<'_> {
    fn fact(&self) -> &StartFact {
        &self.owner.starts(self.p)[self.i]
    }

    fn find_is_checked(&self) -> bool {
        let fact = self.fact();
        let scripts = self.owner.scripts(self.p);
        let script = fact.script.and_then(|i| scripts.get(i));
        let Some(text) = script.and_then(|script| script.text.as_ref()) else {
            return false;
        };
        let (whole, own) = (text.span(), fact.command.span);
        if whole.file != own.file || own.end < whole.start {
            return false;
        }
        let rest = text.as_str().get((own.end - whole.start) as usize..);
        let mut lines = rest.unwrap_or_default().lines();
        let same = lines.next().unwrap_or_default();
        let next = lines.find(|line| {
            let line = line.trim();
            !line.is_empty() && !line.starts_with('#')
        });
        same.contains("$?") || next.is_some_and(|line| line.contains("$?"))
    }

    fn command(&self) -> &Command {
        &self.fact().command
    }

    fn find_script(&self) -> Option<&ScriptFact> {
        self.owner.scripts(self.p).get(self.fact().script?)
    }

    fn stage(&self) -> Option<usize> {
        Some(self.p.images[self.owner.image_index(self.p)?].stage)
    }

    fn is_installed(&self) -> Cell {
        let Some((stage, name)) = self.stage().zip(self.command().name.as_deref()) else {
            return Cell::UNKNOWN;
        };
        let is_plain = self.command().program.as_deref() == Some(name);
        let mut installed = commands::is_installed(self.p, stage, name).filter(|_| is_plain);
        let starts = self.owner.starts(self.p);
        if installed == Some(false) && commands::may_be_made(starts, self.i, name) {
            installed = None;
        }
        at(known_bool(installed), Some(self.command().name_span))
    }

    fn lacks_wrapper(&self) -> Cell {
        let image = self.owner.image_index(self.p);
        let wrappers = self.command().wrappers.iter();
        let mut names = wrappers.filter_map(|wrapper| wrapper.split(' ').next());
        let first = names.find(|name| installers::is_installer(name));
        let lacking = image
            .zip(first)
            .filter(|(image, name)| called_programs::lacks_installer(self.p, *image, name));
        str_or_absent(lacking.map(|(_, name)| name))
    }

    fn package(&self) -> Cell {
        let named = self.stage().zip(self.command().name.as_deref());
        str_or_absent(named.and_then(|(stage, name)| commands::package_of(self.p, stage, name)))
    }

    fn bash_only(&self) -> Cell {
        let found = self
            .stage()
            .zip(self.find_script())
            .and_then(|(stage, script)| commands::bash_only(self.p, stage, script, self.command()));
        found.map_or(Cell::ABSENT, |(text, span)| Cell::str(text).at(span))
    }

    /// Operators of a shell among the words that are handed over without one.
    fn find_operators(&self) -> Vec<Cell> {
        let Owner::Service(service) = self.owner else {
            return Vec::new();
        };
        let deployed = self.p.services[service].deployed(self.p);
        let lines = [&deployed.command, &deployed.entrypoint];
        let without_shell = |line: &&CommandLine| !matches!(line.form, CommandForm::Shell(_));
        let lines = lines.into_iter().flatten().filter(without_shell);
        let files: Vec<FileId> = lines.map(|line| line.span.file).collect();
        // In a test of bash they are its own.
        if self
            .command()
            .name
            .as_deref()
            .is_some_and(|name| programs::is(name, Role::Tests))
        {
            return Vec::new();
        }
        let args = self.command().args.iter();
        let operators = args.filter(|arg| {
            let is_operator = arg.as_str().is_some_and(reserved::is_operator);
            is_operator && files.contains(&arg.span.file)
        });
        operators
            .map(|arg| Cell::str(arg.as_str().unwrap_or_default()).at(arg.span))
            .collect()
    }

    fn switch(&self) -> Cell {
        let starts = self.owner.starts(self.p);
        let found = commands::switch(self.p, starts, self.command());
        found.map_or(Cell::ABSENT, |i| Id::Env(i).cell(self.p))
    }

    fn refused_url(&self) -> Cell {
        let Some(image) = self.owner.image_index(self.p) else {
            return Cell::UNKNOWN;
        };
        let service = match self.owner {
            Owner::Service(service) => Some(service),
            Owner::Image(_) => None,
        };
        let found = commands::refused_url(self.p, image, service, self.find_script(), self.fact());
        found.map_or(Cell::ABSENT, |scheme| traced(&scheme))
    }

    /// Whether the `manage.py` that it runs is where it is looked for.
    fn place(&self) -> Option<Span> {
        Some(self.command().span)
    }

    fn label(&self) -> String {
        label_of(self.command())
    }
}

/// A command as people name it.
fn label_of(command: &Command) -> String {
    let mut text = command.name.clone().unwrap_or_default();
    let sub = command.management.as_ref().or(command.subcommand.as_ref());
    if let Some(sub) = sub.and_then(|arg| arg.as_str()) {
        text.push(' ');
        text.push_str(sub);
    }
    text
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
        self.command()
            .subcommand
            .as_ref()
            .map_or(Cell::ABSENT, |arg| {
                at(known_str(arg.as_str()), Some(arg.span))
            })
    }

    fn management(&self) -> Cell {
        self.command()
            .management
            .as_ref()
            .map_or(Cell::ABSENT, |arg| {
                at(known_str(arg.as_str()), Some(arg.span))
            })
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

    fn is_certain(&self) -> Cell {
        Cell::bool(self.command().runs == Runs::Always)
    }

    fn stops_on_failure(&self) -> Cell {
        Cell::bool(self.fact().stops)
    }

    fn is_condition(&self) -> Cell {
        Cell::bool(self.command().is_condition)
    }

    fn hides_failure(&self) -> Cell {
        Cell::bool(self.fact().hides_failure)
    }

    fn is_checked(&self) -> Cell {
        Cell::bool(self.find_is_checked())
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
        Cell::bool(self.i + 1 == self.owner.starts(self.p).len())
    }

    fn in_script(&self) -> Cell {
        Cell::bool(self.fact().script.is_some())
    }

    fn script(&self) -> Cell {
        self.fact().script.map_or(Cell::ABSENT, |i| {
            Id::Script {
                owner: self.owner,
                i,
            }
            .cell(self.p)
        })
    }

    fn waits_without_end(&self) -> Cell {
        Cell::bool(commands::waits_without_end(
            self.owner.starts(self.p),
            self.i,
        ))
    }

    fn hangs_on_failure(&self) -> Cell {
        Cell::bool(commands::hangs(
            self.p,
            self.owner.image_index(self.p),
            self.owner.starts(self.p),
            self.i,
        ))
    }

    fn directory(&self) -> Cell {
        known_str(self.fact().directory.as_deref())
    }

    fn split_urls(&self) -> Cell {
        Cell::list(
            commands::split_urls(self.p, self.find_script(), self.fact())
                .into_iter()
                .map(|(text, span)| Cell::str(&text).at(span))
                .collect(),
        )
    }

    fn operators(&self) -> Cell {
        Cell::list(self.find_operators())
    }

    fn call_instead(&self) -> Cell {
        let image = self.owner.image_index(self.p);
        let program = self.command().program.as_deref();
        let row = image.zip(program).and_then(|(image, program)| {
            let row = pypi::removed_program(program)?;
            let has = releases::has_since(self.p, image, row.distribution, row.from, row.python);
            (has == Some(true)).then_some(row)
        });
        row.map_or(Cell::ABSENT, |row| {
            Cell::str(row.instead).at(self.command().name_span)
        })
    }

    fn misplaced(&self) -> Cell {
        let image = self.owner.image_index(self.p);
        let found = image.and_then(|image| celery::misplaced(self.p, image, self.fact()));
        found.map_or(Cell::ABSENT, traced)
    }

    fn name_word(&self) -> Cell {
        traced(&crate::span::Traced::new(
            self.command().program.clone().unwrap_or_default(),
            self.command().name_span,
        ))
    }

    fn image(&self) -> Cell {
        self.owner.image(self.p)
    }

    fn service(&self) -> Cell {
        self.owner.service(self.p)
    }

    fn serves(&self) -> Cell {
        known_bool(self.owner.serves(self.p))
    }

    fn runs_mounted(&self) -> Cell {
        let image = self.owner.image_index(self.p);
        Cell::bool(image.is_some_and(|image| mounted_code::runs_mounted(self.p, image)))
    }
}
