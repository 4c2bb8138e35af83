//! A script that runs when the container starts.

use crate::maps::HashSet;

use crate::compose::MountKind;
use crate::context::Origin;
use crate::facts::files::origin;
use crate::facts::model::{ScriptFact, ServiceFact, StartFact};
use crate::facts::nodes::cells::{at, known_bool, list, str_or_absent};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::nodes::owner::{Owner, owners};
use crate::facts::start::{called, elsewhere, errexit, owner_only, script_arguments, script_text};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::source::is_in;
use crate::span::{Span, Traced};

pub(super) const KIND: Kind = Kind {
    name: "script",
    table: &TABLE,
    key: "its path in the image",
    vars: &["image"],
    doc: "a script that runs when a shipped image starts",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    let mut seen = HashSet::default();
    for (owner, stage, intent) in owners(p) {
        for (at, script) in owner.scripts(p).iter().enumerate() {
            // What the image starts itself stands for all who start it as well.
            if !seen.insert((stage, script.path.as_str())) && matches!(owner, Owner::Service(_)) {
                continue;
            }
            let node = Id::Script { owner, i: at }.node(p);
            let covers = vec![script.word];
            let mut selected = facts.selected(Some(stage), &script.path, node, covers);
            selected.intent = intent.unwrap_or(selected.intent);
            each(selected);
        }
    }
}

table! {
    "script",
    "A script that runs when the container starts.";
    path: Type::Str, "in the image; marks the word that names it";
    presence: Type::Str,
        "`there`, `missing` or `ignored` by .dockerignore; unknown when the context is not certain enough, or \
         the image fills no directory above it, so that the platform may mount it";
    ignored_by: Type::Str, "the pattern that excludes it from the build; absent otherwise";
    source: Type::Str, "its path in the build context; absent when it does not come from there";
    is_executable: Type::Bool, "it has an execute bit in the image";
    is_bound: Type::Bool, "its service has a directory of the host mounted where it lies";
    closed_to: Type::Str,
        "the user, not root, as whom it is certainly started and who may not execute it: it belongs to root, and \
         `chmod` lets its owner alone; marks the mode of `chmod`; absent otherwise";
    is_direct: Type::Bool, "it is started itself, not read by `sh script` or `. script`: mode and first line matter";
    lacks_runner: Type::Str,
        "the first program that runs it (`tini`, `gosu`, a shell) and that the image certainly does not have where it \
         is called, as it is called; absent otherwise";
    lacks_runner_package: Type::Str, "the system package that contains that one, which is not installed";
    runner_elsewhere: Type::Str, "the directory in which the image has that one; absent where it has none";
    is_first: Type::Bool, "ENTRYPOINT or CMD names it, no other script";
    first_line: Type::Str, "its first line";
    interpreter_elsewhere: Type::Str,
        "where its first line names a Python by a path at which the image certainly has none: the directory of the \
         image's own; absent otherwise";
    interpreter: Type::Str, "the program its first line names: `sh`, `bash`, `python`; absent without `#!`";
    has_bom: Type::Bool, "a byte order mark stands before its first line";
    has_crlf: Type::Bool, "its first line ends with a carriage return";
    crlf_stops: Type::Bool,
        "carriage returns at its line ends keep it from running: the kernel looks for an interpreter of another \
         name, or the shell stops at `set -e` or a compound command; false without any";
    is_process: Type::Bool, "the kernel starts it as process 1: no shell and no other program stands between";
    is_certain: Type::Bool, "it is called at every start: no branch, loop or alternative around the call";
    stops_on_failure: Type::Bool, "when it fails, the start fails";
    hides_failure: Type::Bool,
        "when it fails, the next command runs all the same: `;` or a line end joins them without `set -e`";
    is_shell: Type::Bool, "a shell reads it";
    has_errexit: Type::Bool, "`set -e` or the first line ends it at the first failure";
    arguments: Type::Str, "how it names its arguments: `\"$@\"`, `$@`, `$*`; absent when it does not";
    uses_arguments: Type::Bool,
        "it looks at its arguments in any way: `$@`, `$1`, `$#`, `shift`; unknown when it sources a file";
    errors: Type::List(&Type::Str), "what the shell cannot read";
    commands: Type::List(&Type::Link("start")), "its commands, without those of scripts it starts";
    may_fail: Type::List(&Type::Link("start")),
        "its commands that may fail on purpose, and whose failure would end it under `set -e`";
    migrates_early: Type::Bool,
        "its first `migrate` may run before the database of the compose stack is ready, and is not started \
         again when it then fails: nothing before it waits, and the service neither waits for the health of \
         another one nor restarts";
    errexit_line: Type::Str,
        "what puts `set -e` at its head, written after the place that it marks; absent where that is not simple";
    image: Type::Link("image"), "the image";
    service: Type::Link("service"),
        "the compose service whose `command` or `entrypoint` leads to it; absent when ENTRYPOINT or CMD do";
}

view! { Script { owner: Owner, i: usize } }

impl View<'_> {
    fn find_arguments(&self) -> Option<(Span, String)> {
        script_arguments::first(self.fact().text.as_ref()?)
    }

    fn fact(&self) -> &ScriptFact {
        &self.owner.scripts(self.p)[self.i]
    }

    fn presence(&self) -> Cell {
        match &self.fact().found.origin {
            Origin::Context(_) | Origin::Inline(_) | Origin::Generated => Cell::str("there"),
            Origin::Missing
                if self.owner.image_index(self.p).is_some_and(|image| {
                    origin::is_in_own_directory(self.p, image, &self.fact().path)
                }) =>
            {
                Cell::str("missing")
            }
            Origin::Missing => Cell::UNKNOWN,
            Origin::Ignored(_, pattern) => Cell::str("ignored").at(pattern.span()),
            Origin::Directory(_) | Origin::Unknown => Cell::UNKNOWN,
        }
    }

    /// The first byte of the script's file, or the word that names it.
    fn start(&self) -> Span {
        let fact = self.fact();
        match &fact.text {
            Some(text) => {
                let line = text.as_str().find('\n').unwrap_or(text.len());
                text.span_of(0..line.min(text.len()))
            }
            None => fact.word,
        }
    }

    fn with_text(&self, get: impl Fn(&str) -> Cell) -> Cell {
        self.fact()
            .text
            .as_ref()
            .map_or(Cell::UNKNOWN, |text| get(text.as_str()))
    }

    fn crlf_stops(&self) -> Cell {
        let fact = self.fact();
        self.with_text(|text| {
            let has_crlf = text
                .split_once('\n')
                .is_some_and(|(first, _)| first.ends_with('\r'));
            if fact.line_ends_are_fixed || !has_crlf {
                return Cell::bool(false);
            }
            if !fact.is_interpreted && !fact.is_sourced && fact.shebang.is_some() {
                return Cell::bool(true);
            }
            let stops = |dialect| script_text::stops_at_carriage_returns(text, dialect);
            Cell::bool(fact.dialect.is_some_and(stops))
        })
    }

    fn starts(&self) -> Vec<(usize, &StartFact)> {
        self.owner
            .starts(self.p)
            .iter()
            .enumerate()
            .filter(|(_, start)| start.script == Some(self.i))
            .collect()
    }

    fn find_migrates_early(&self) -> bool {
        let runs = |fact: &ServiceFact| match self.owner {
            Owner::Image(image) => fact.image == Some(image),
            Owner::Service(i) => std::ptr::eq(fact, &self.p.services[i]),
        };
        let starts = self.owner.starts(self.p);
        let first = starts.iter().position(|start| {
            let management = start.command.management.as_ref();
            start.script == Some(self.i) && management.and_then(|it| it.as_str()) == Some("migrate")
        });
        first.is_some_and(|at| errexit::comes_early(self.p, runs, starts, at))
    }

    fn is_bound(&self) -> Cell {
        let path = self.fact().path.as_str();
        let service = self.owner.service_index().map(|i| &self.p.services[i]);
        let mut mounts = service.iter().flat_map(|it| &it.deployed(self.p).mounts);
        Cell::bool(mounts.any(|mount| {
            let target = mount.target.as_ref().map(Traced::as_str);
            let is_over = |target: &str| is_in(path, target.trim_end_matches('/'));
            mount.kind == MountKind::Bind && target.is_some_and(is_over)
        }))
    }

    fn find_has_errexit(&self) -> bool {
        let by_shebang = self
            .fact()
            .shebang
            .as_ref()
            .is_some_and(|shebang| !self.fact().is_interpreted && shebang.options().errexit);
        by_shebang
            || self
                .starts()
                .iter()
                .any(|(_, start)| start.command.sets_errexit())
    }

    /// `None` when something it sources may look at them for it.
    fn find_uses_arguments(&self) -> Option<bool> {
        script_arguments::are_looked_at(self.fact().text.as_ref()?.as_str())
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().word)
    }

    fn label(&self) -> String {
        self.fact().path.clone()
    }
}

impl View<'_> {
    fn path(&self) -> Cell {
        Cell::str(&self.fact().path).at(self.fact().word)
    }

    fn ignored_by(&self) -> Cell {
        match &self.fact().found.origin {
            Origin::Ignored(_, pattern) => Cell::str(pattern.text.as_str()).at(pattern.span()),
            Origin::Unknown => Cell::UNKNOWN,
            _ => Cell::ABSENT,
        }
    }

    fn source(&self) -> Cell {
        match &self.fact().found.origin {
            Origin::Context(path) => Cell::str(path),
            _ => Cell::ABSENT,
        }
    }

    fn is_executable(&self) -> Cell {
        known_bool(self.fact().found.is_executable)
    }

    fn closed_to(&self) -> Cell {
        let service = self.owner.service_index();
        let image = self.owner.image_index(self.p);
        let found =
            image.and_then(|image| owner_only::closed_to(self.p, image, service, self.fact()));
        found.map_or(Cell::ABSENT, |(user, mode)| Cell::str(&user).at(mode))
    }

    fn is_direct(&self) -> Cell {
        Cell::bool(!self.fact().is_interpreted && !self.fact().is_sourced)
    }

    fn is_first(&self) -> Cell {
        Cell::bool(self.fact().caller.is_none())
    }

    fn first_line(&self) -> Cell {
        at(
            self.with_text(|text| Cell::str(text.lines().next().unwrap_or_default())),
            Some(self.start()),
        )
    }

    fn interpreter_elsewhere(&self) -> Cell {
        let line = self
            .fact()
            .text
            .as_ref()
            .and_then(|text| text.as_str().lines().next());
        let image = self.owner.image_index(self.p);
        let found = image
            .zip(line)
            .and_then(|(image, line)| elsewhere::of_first_line(self.p, image, line));
        at(str_or_absent(found), Some(self.start()))
    }

    fn interpreter(&self) -> Cell {
        match &self.fact().text {
            None => Cell::UNKNOWN,
            Some(_) => at(
                str_or_absent(
                    self.fact()
                        .shebang
                        .as_ref()
                        .map(|shebang| shebang.interpreter.as_str()),
                ),
                Some(self.start()),
            ),
        }
    }

    fn has_bom(&self) -> Cell {
        self.with_text(|text| Cell::bool(text.starts_with('\u{feff}')))
    }

    fn has_crlf(&self) -> Cell {
        self.with_text(|text| {
            Cell::bool(
                !self.fact().line_ends_are_fixed
                    && text
                        .split('\n')
                        .next()
                        .is_some_and(|line| line.ends_with('\r') && text.contains('\n')),
            )
        })
    }

    fn is_process(&self) -> Cell {
        Cell::bool(self.fact().is_process)
    }

    fn find_lacking(&self) -> Option<called::Lacking> {
        let image = self.owner.image_index(self.p)?;
        let (stage, fact) = (self.p.images[image].stage, self.fact());
        let starts = self.owner.starts(self.p);
        called::runner_lacking(self.p, stage, &fact.runners, starts, fact.before)
    }

    fn find_elsewhere(&self) -> Option<elsewhere::Elsewhere> {
        let image = self.owner.image_index(self.p)?;
        let stage = self.p.images[image].stage;
        elsewhere::of_runners(self.p, stage, &self.fact().runners)
    }

    fn lacks_runner(&self) -> Cell {
        let missing = || Some(self.find_lacking()?.word);
        let found = missing().or_else(|| Some(self.find_elsewhere()?.path));
        found.map_or(Cell::ABSENT, |it| Cell::str(it.as_str()).at(it.span()))
    }

    fn lacks_runner_package(&self) -> Cell {
        let found = self.find_lacking();
        found.map_or(Cell::ABSENT, |it| Cell::str(it.package))
    }

    fn runner_elsewhere(&self) -> Cell {
        let found = self.find_elsewhere();
        found.map_or(Cell::ABSENT, |it| Cell::str(&it.directory))
    }

    fn is_certain(&self) -> Cell {
        Cell::bool(self.fact().is_certain)
    }

    fn stops_on_failure(&self) -> Cell {
        Cell::bool(self.fact().stops)
    }

    fn hides_failure(&self) -> Cell {
        Cell::bool(self.fact().hides_failure && !self.fact().stops)
    }

    fn is_shell(&self) -> Cell {
        match (&self.fact().text, &self.fact().shebang) {
            (None, _) => Cell::UNKNOWN,
            (_, Some(shebang)) => Cell::bool(shebang.dialect().is_some()),
            _ => Cell::bool(true),
        }
    }

    fn has_errexit(&self) -> Cell {
        if self.fact().text.is_some() {
            Cell::bool(self.find_has_errexit())
        } else {
            Cell::UNKNOWN
        }
    }

    fn arguments(&self) -> Cell {
        if self.fact().text.is_none() {
            Cell::UNKNOWN
        } else {
            self.find_arguments()
                .map_or(Cell::ABSENT, |(span, text)| Cell::str(&text).at(span))
        }
    }

    fn uses_arguments(&self) -> Cell {
        known_bool(self.find_uses_arguments())
    }

    fn errors(&self) -> Cell {
        Cell::list(
            self.fact()
                .errors
                .iter()
                .filter(|error| !error.is_limit)
                .map(|error| Cell::str(&error.message).at(error.span))
                .collect(),
        )
    }

    /// The commands of it that `keep` says, open where the script could not be read to its end.
    fn commands_that(&self, keep: impl Fn(&StartFact) -> bool) -> Cell {
        let (owner, fact) = (self.owner, self.fact());
        let starts = self.starts();
        let kept = starts.iter().filter(|(_, start)| keep(start));
        let cells = kept.map(|(i, _)| Id::Start { owner, i: *i }.cell(self.p));
        list(
            cells.collect(),
            fact.text.is_some() && fact.errors.is_empty(),
        )
    }

    fn commands(&self) -> Cell {
        self.commands_that(|_| true)
    }

    fn may_fail(&self) -> Cell {
        self.commands_that(errexit::may_fail)
    }

    fn migrates_early(&self) -> Cell {
        Cell::bool(self.find_migrates_early())
    }

    fn errexit_line(&self) -> Cell {
        errexit::line(self.fact()).map_or(Cell::ABSENT, |(span, text)| Cell::str(text).at(span))
    }

    fn image(&self) -> Cell {
        self.owner.image(self.p)
    }

    fn service(&self) -> Cell {
        self.owner.service(self.p)
    }
}
