//! Scripts that run when a container starts, and the commands that start.

use std::sync::Arc;

use crate::context::Origin;
use crate::facts::files::origin;
use crate::facts::model::{Project, ScriptFact, ServiceFact, StartFact};
use crate::facts::nodes::command::{args, assignments, flags};
use crate::facts::nodes::service::{SERVICE, ServiceNode};
use crate::facts::nodes::{
    EnvNode, ImageNode, at, known_bool, known_str, list, str_or_absent, table, traced,
};
use crate::facts::start::commands;
use crate::facts::start::errexit;
use crate::facts::start::script_text;
use crate::facts::table::{Cell, NodeRef, Type};
use crate::shell::ast::{Command, Connector, Runs};
use crate::span::Span;

/// What starts something: a shipped image by itself, or a compose service that runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    Image(usize),
    Service(usize),
}

impl Owner {
    pub(crate) fn scripts(self, p: &Project) -> &[ScriptFact] {
        match self {
            Self::Image(i) => &p.images[i].scripts,
            Self::Service(i) => p.services[i].run.as_ref().map_or(&[], |run| &run.scripts),
        }
    }

    pub(crate) fn starts(self, p: &Project) -> &[StartFact] {
        match self {
            Self::Image(i) => &p.images[i].starts,
            Self::Service(i) => p.services[i].run.as_ref().map_or(&[], |run| &run.starts),
        }
    }

    fn image(self, p: &Arc<Project>) -> Cell {
        self.image_index(p).map_or(Cell::UNKNOWN, |i| {
            Cell::fact(Arc::new(ImageNode::new(p, i)))
        })
    }

    fn image_index(self, p: &Project) -> Option<usize> {
        match self {
            Self::Image(i) => Some(i),
            Self::Service(i) => p.services[i].image,
        }
    }

    fn service(self, p: &Arc<Project>) -> Cell {
        match self {
            Self::Image(_) => Cell::ABSENT,
            Self::Service(i) => Cell::fact(Arc::new(ServiceNode::new(p, i))),
        }
    }

    pub(crate) fn serves(self, p: &Project) -> Option<bool> {
        let (server, is_known) = match self {
            Self::Image(i) => {
                let image = &p.images[i];
                let serves = image.server.is_some() || !image.beside.is_empty();
                (serves, image.process_is_known)
            }
            Self::Service(i) => {
                let run = p.services[i].run.as_ref()?;
                (run.server.is_some() || !run.beside.is_empty(), run.is_known)
            }
        };
        (server || is_known).then_some(server)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct ScriptNode {
    p: Arc<Project>,
    owner: Owner,
    i: usize,
}

impl ScriptNode {
    pub(crate) fn new(p: &Arc<Project>, owner: Owner, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            owner,
            i,
        }
    }

    fn fact(&self) -> &ScriptFact {
        &self.owner.scripts(&self.p)[self.i]
    }

    fn presence(&self) -> Cell {
        match &self.fact().found.origin {
            Origin::Context(_) | Origin::Inline(_) | Origin::Generated => Cell::str("there"),
            Origin::Missing
                if self.owner.image_index(&self.p).is_some_and(|image| {
                    origin::is_in_own_directory(&self.p, image, &self.fact().path)
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
            .starts(&self.p)
            .iter()
            .enumerate()
            .filter(|(_, start)| start.script == Some(self.i))
            .collect()
    }

    fn migrates_early(&self) -> bool {
        let runs = |fact: &ServiceFact| match self.owner {
            Owner::Image(image) => fact.image == Some(image),
            Owner::Service(i) => std::ptr::eq(fact, &self.p.services[i]),
        };
        let starts = self.owner.starts(&self.p);
        let first = starts.iter().position(|start| {
            let management = start.command.management.as_ref();
            start.script == Some(self.i) && management.and_then(|it| it.as_str()) == Some("migrate")
        });
        first.is_some_and(|at| errexit::comes_early(&self.p, runs, starts, at))
    }

    fn has_errexit(&self) -> bool {
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

    /// The first `"$@"`, `$@` or `$*` of the script as written, one behind `exec` before all others.
    fn arguments(&self) -> Option<(Span, String)> {
        let text = self.fact().text.as_ref()?;
        let mut offset = 0;
        let mut first = None;
        for line in text.as_str().split_inclusive('\n') {
            if let Some((at, written)) = arguments_of(line) {
                let start = offset + at;
                let found = (
                    text.span_of(start..start + written.len()),
                    written.to_owned(),
                );
                if line.split_whitespace().any(|word| word == "exec") {
                    return Some(found);
                }
                first.get_or_insert(found);
            }
            offset += line.len();
        }
        first
    }

    /// It hands its arguments on to a program, each as one word; `None` where it does something else with them.
    pub(crate) fn passes_words_on(&self) -> Option<bool> {
        let text = self.fact().text.as_ref()?.as_str();
        let (_, written) = self.arguments()?;
        let mut lines = text.lines().filter(|line| line.contains(written.as_str()));
        // `sh -c "$@"` takes the first one for a script.
        let is_whole = written.contains('@') && written.starts_with('"');
        (is_whole && !lines.any(|line| line.contains(" -c"))).then_some(true)
    }

    /// `None` when something it sources may look at them for it.
    fn uses_arguments(&self) -> Option<bool> {
        let text = self.fact().text.as_ref()?.as_str();
        if uses_arguments(text) {
            return Some(true);
        }
        let sources = code_words(text).any(|word| matches!(word, "." | "source"));
        (!sources).then_some(false)
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().word)
    }

    fn label(&self) -> String {
        self.fact().path.clone()
    }
}

table! {
    SCRIPT = "script", "A script that runs when the container starts.", for ScriptNode;
    path: Type::Str, "in the image; marks the word that names it", |n| Cell::str(&n.fact().path).at(n.fact().word);
    presence: Type::Str, "`there`, `missing` or `ignored` by .dockerignore; unknown when the context is not certain enough, or the image fills no directory above it, so that the platform may mount it", |n| n.presence();
    ignored_by: Type::Str, "the pattern that keeps it out of the build; absent otherwise", |n| match &n.fact().found.origin { Origin::Ignored(_, pattern) => Cell::str(pattern.text.as_str()).at(pattern.span()), Origin::Unknown => Cell::UNKNOWN, _ => Cell::ABSENT };
    source: Type::Str, "its path in the build context; absent when it does not come from there", |n| match &n.fact().found.origin { Origin::Context(path) => Cell::str(path), _ => Cell::ABSENT };
    is_executable: Type::Bool, "it has an execute bit in the image", |n| known_bool(n.fact().found.is_executable);
    is_direct: Type::Bool, "it is started itself, not read by `sh script` or `. script`: mode and first line matter", |n| Cell::bool(!n.fact().is_interpreted && !n.fact().is_sourced);
    is_first: Type::Bool, "ENTRYPOINT or CMD names it, no other script", |n| Cell::bool(n.fact().caller.is_none());
    first_line: Type::Str, "its first line", |n| at(n.with_text(|text| Cell::str(text.lines().next().unwrap_or_default())), Some(n.start()));
    interpreter: Type::Str, "the program its first line names: `sh`, `bash`, `python`; absent without `#!`", |n| match &n.fact().text { None => Cell::UNKNOWN, Some(_) => at(str_or_absent(n.fact().shebang.as_ref().map(|shebang| shebang.interpreter.as_str())), Some(n.start())) };
    has_bom: Type::Bool, "a byte order mark stands before its first line", |n| n.with_text(|text| Cell::bool(text.starts_with('\u{feff}')));
    has_crlf: Type::Bool, "its first line ends with a carriage return", |n| n.with_text(|text| Cell::bool(!n.fact().line_ends_are_fixed && text.split('\n').next().is_some_and(|line| line.ends_with('\r') && text.contains('\n'))));
    crlf_stops: Type::Bool, "carriage returns at its line ends keep it from running: the kernel looks for an interpreter of another name, or the shell stops at `set -e` or a compound command; false without any", |n| n.crlf_stops();
    is_process: Type::Bool, "the kernel starts it as process 1: no shell and no other program stands between", |n| Cell::bool(n.fact().is_process);
    is_certain: Type::Bool, "it is called at every start: no branch, loop or alternative around the call", |n| Cell::bool(n.fact().is_certain);
    stops_on_failure: Type::Bool, "when it fails, the start fails", |n| Cell::bool(n.fact().stops);
    hides_failure: Type::Bool, "when it fails, the next command runs all the same: `;` or a line end joins them without `set -e`", |n| Cell::bool(n.fact().hides_failure && !n.fact().stops);
    is_shell: Type::Bool, "a shell reads it", |n| match (&n.fact().text, &n.fact().shebang) { (None, _) => Cell::UNKNOWN, (_, Some(shebang)) => Cell::bool(shebang.dialect().is_some()), _ => Cell::bool(true) };
    has_errexit: Type::Bool, "`set -e` or the first line ends it at the first failure", |n| if n.fact().text.is_some() { Cell::bool(n.has_errexit()) } else { Cell::UNKNOWN };
    arguments: Type::Str, "how it names its arguments: `\"$@\"`, `$@`, `$*`; absent when it does not", |n| if n.fact().text.is_none() { Cell::UNKNOWN } else { n.arguments().map_or(Cell::ABSENT, |(span, text)| Cell::str(&text).at(span)) };
    uses_arguments: Type::Bool, "it looks at its arguments in any way: `$@`, `$1`, `$#`, `shift`; unknown when it sources a file", |n| known_bool(n.uses_arguments());
    errors: Type::List(&Type::Str), "what the shell cannot read", |n| Cell::list(n.fact().errors.iter().filter(|error| !error.is_limit).map(|error| Cell::str(&error.message).at(error.span)).collect());
    commands: Type::List(&Type::Link(&START)), "its commands, without those of scripts it starts", |n| list(n.starts().iter().map(|(i, _)| Cell::fact(Arc::new(StartNode::new(&n.p, n.owner, *i)) as NodeRef)).collect(), n.fact().text.is_some() && n.fact().errors.is_empty());
    may_fail: Type::List(&Type::Link(&START)), "its commands that may fail on purpose, and whose failure would end it under `set -e`", |n| list(n.starts().iter().filter(|(_, start)| errexit::may_fail(start)).map(|(i, _)| Cell::fact(Arc::new(StartNode::new(&n.p, n.owner, *i)) as NodeRef)).collect(), n.fact().text.is_some() && n.fact().errors.is_empty());
    migrates_early: Type::Bool, "its first `migrate` may run before the database of the compose stack is ready, and is not started again when it then fails: nothing before it waits, and the service neither waits for the health of another one nor restarts", |n| Cell::bool(n.migrates_early());
    errexit_line: Type::Str, "what puts `set -e` at its head, written behind the place that it marks; absent where that is not simple", |n| errexit::line(n.fact()).map_or(Cell::ABSENT, |(span, text)| Cell::str(text).at(span));
    image: Type::Link(&super::image::IMAGE), "the image", |n| n.owner.image(&n.p);
    service: Type::Link(&SERVICE), "the compose service whose `command` or `entrypoint` leads to it; absent when ENTRYPOINT or CMD do", |n| n.owner.service(&n.p);
}

/// How a line names all arguments, and where. Inside longer quotes (`echo "args: $@"`) they are text to show.
fn arguments_of(line: &str) -> Option<(usize, &'static str)> {
    let mut quote = None;
    let mut before = None;
    for (at, c) in line.char_indices() {
        let rest = &line[at..];
        let is_escaped = before == Some('\\');
        match (quote, c) {
            (None, '#') if before.is_none_or(char::is_whitespace) => return None,
            (None, '"' | '\'') if !is_escaped => {
                let whole = ["\"$@\"", "\"${@}\"", "\"$*\""];
                if let Some(written) = whole.into_iter().find(|whole| rest.starts_with(whole)) {
                    return Some((at, written));
                }
                quote = Some(c);
            }
            (None, '$') if !is_escaped => {
                if let Some(written) = ["$@", "$*"].into_iter().find(|bare| rest.starts_with(bare))
                {
                    return Some((at, written));
                }
            }
            (Some('"'), '"') if !is_escaped => quote = None,
            (Some('\''), '\'') => quote = None,
            _ => {}
        }
        // A backslash that is itself escaped protects nothing.
        before = Some(if is_escaped && c == '\\' { ' ' } else { c });
    }
    None
}

/// The words of all lines that are no comments, cut at `;`, `&`, `|` and brackets too.
fn code_words(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .flat_map(|line| line.split(|c: char| c.is_whitespace() || ";&|(){}`".contains(c)))
}

/// Outside comments, one of `$@`, `$*`, `$#`, `$1` to `$9`, with or without braces, or `shift`.
fn uses_arguments(text: &str) -> bool {
    text.lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .any(|line| {
            let after = line
                .match_indices('$')
                .map(|(at, _)| line[at + 1..].trim_start_matches('{'));
            let named = after
                .filter_map(|rest| rest.chars().next())
                .any(|c| matches!(c, '@' | '*' | '#' | '1'..='9'));
            named || line.split_whitespace().any(|word| word == "shift")
        })
}

/// Where a path of the image is: `there` or `missing`, when that is sure.
pub(crate) fn presence(p: &Project, stage: usize, path: &str) -> Cell {
    match crate::facts::files::origin::at_end(p, stage, path).origin {
        Origin::Context(_) | Origin::Inline(_) => Cell::str("there"),
        Origin::Missing | Origin::Ignored(..) => Cell::str("missing"),
        Origin::Directory(_) | Origin::Generated | Origin::Unknown => Cell::UNKNOWN,
    }
}

/// A command that runs when the container starts.
#[derive(Debug, Clone)]
pub(crate) struct StartNode {
    p: Arc<Project>,
    owner: Owner,
    i: usize,
}

impl StartNode {
    pub(crate) fn new(p: &Arc<Project>, owner: Owner, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            owner,
            i,
        }
    }

    fn fact(&self) -> &StartFact {
        &self.owner.starts(&self.p)[self.i]
    }

    fn is_checked(&self) -> bool {
        let fact = self.fact();
        let scripts = self.owner.scripts(&self.p);
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

    fn script(&self) -> Option<&ScriptFact> {
        self.owner.scripts(&self.p).get(self.fact().script?)
    }

    fn stage(&self) -> Option<usize> {
        Some(self.p.images[self.owner.image_index(&self.p)?].stage)
    }

    fn is_installed(&self) -> Cell {
        let Some((stage, name)) = self.stage().zip(self.command().name.as_deref()) else {
            return Cell::UNKNOWN;
        };
        let is_plain = self.command().program.as_deref() == Some(name);
        let mut installed = commands::is_installed(&self.p, stage, name).filter(|_| is_plain);
        let starts = self.owner.starts(&self.p);
        if installed == Some(false) && commands::may_be_made(starts, self.i, name) {
            installed = None;
        }
        at(known_bool(installed), Some(self.command().name_span))
    }

    fn package(&self) -> Cell {
        let named = self.stage().zip(self.command().name.as_deref());
        str_or_absent(named.and_then(|(stage, name)| commands::package_of(&self.p, stage, name)))
    }

    fn bash_only(&self) -> Cell {
        let found = self.stage().zip(self.script()).and_then(|(stage, script)| {
            commands::bash_only(&self.p, stage, script, self.command())
        });
        found.map_or(Cell::ABSENT, |(text, span)| Cell::str(text).at(span))
    }

    /// Operators of a shell among the words that compose hands over.
    fn operators(&self) -> Vec<Cell> {
        let files = &self.p.around.compose.files;
        // In a test of bash they are its own.
        if matches!(
            self.command().name.as_deref(),
            Some("[[" | "[" | "test" | "expr")
        ) {
            return Vec::new();
        }
        let args = self.command().args.iter();
        let operators = args.filter(|arg| {
            let is_operator = arg
                .as_str()
                .is_some_and(|word| matches!(word, "&&" | "||" | "|" | ">" | ">>" | "2>&1" | ";"));
            is_operator && files.iter().any(|file| file.file == arg.span.file)
        });
        operators
            .map(|arg| Cell::str(arg.as_str().unwrap_or_default()).at(arg.span))
            .collect()
    }

    fn switch(&self) -> Cell {
        let starts = self.owner.starts(&self.p);
        let found = commands::switch(&self.p, starts, self.command());
        found.map_or(Cell::ABSENT, |i| {
            Cell::fact(Arc::new(EnvNode::new(&self.p, i)) as NodeRef)
        })
    }

    fn refused_url(&self) -> Cell {
        let Some(image) = self.owner.image_index(&self.p) else {
            return Cell::UNKNOWN;
        };
        let service = match self.owner {
            Owner::Service(service) => Some(service),
            Owner::Image(_) => None,
        };
        let found = commands::refused_url(&self.p, image, service, self.script(), self.fact());
        found.map_or(Cell::ABSENT, |scheme| traced(&scheme))
    }

    /// Whether the `manage.py` that it runs is where it is looked for.
    fn manage(&self) -> Cell {
        let command = self.command();
        let Some(script) = command
            .args
            .first()
            .filter(|_| command.management.is_some())
        else {
            return Cell::ABSENT;
        };
        let Some(path) = script.as_str().filter(|path| path.ends_with("manage.py")) else {
            return Cell::ABSENT;
        };
        let Some(stage) = self.stage() else {
            return Cell::UNKNOWN;
        };
        let cell = match (path.starts_with('/'), &self.fact().directory) {
            (true, _) => presence(&self.p, stage, path),
            (false, Some(directory)) => {
                let path = crate::context::image::absolute(directory, path);
                presence(&self.p, stage, &path)
            }
            (false, None) => Cell::UNKNOWN,
        };
        cell.at(script.span)
    }

    fn place(&self) -> Option<Span> {
        Some(self.command().span)
    }

    fn label(&self) -> String {
        let command = self.command();
        let mut text = command.name.clone().unwrap_or_default();
        let sub = command.management.as_ref().or(command.subcommand.as_ref());
        if let Some(sub) = sub.and_then(|arg| arg.as_str()) {
            text.push(' ');
            text.push_str(sub);
        }
        text
    }
}

table! {
    START = "start", "A command that runs when the container starts: of ENTRYPOINT, CMD, or a script they lead to.", for StartNode;
    name: Type::Str, "the program as meant", |n| at(known_str(n.command().name.as_deref()), Some(n.command().name_span));
    program: Type::Str, "the program as written", |n| at(known_str(n.command().program.as_deref()), Some(n.command().name_span));
    text: Type::Str, "name and subcommand or management command", |n| Cell::str(&n.label()).at(n.command().span);
    subcommand: Type::Str, "first operand of programs that have subcommands; absent without", |n| n.command().subcommand.as_ref().map_or(Cell::ABSENT, |arg| at(known_str(arg.as_str()), Some(arg.span)));
    management: Type::Str, "Django's management command; absent without", |n| n.command().management.as_ref().map_or(Cell::ABSENT, |arg| at(known_str(arg.as_str()), Some(arg.span)));
    flags: Type::Map(&Type::Str), "flags, as for a command", |n| flags(n.command());
    operands: Type::List(&Type::Str), "operands, as for a command", |n| args(&n.command().operands);
    args: Type::List(&Type::Str), "everything after the program", |n| args(&n.command().args);
    assignments: Type::Map(&Type::Str), "variables set for it", |n| assignments(n.command());
    wrappers: Type::List(&Type::Str), "programs that run it, outermost first", |n| Cell::list(n.command().wrappers.iter().map(|w| Cell::str(w)).collect());
    run_as: Type::Str, "the user that `gosu`, `su-exec` and the like switch to; absent without", |n| n.command().run_as.as_ref().map_or(Cell::ABSENT, |arg| at(known_str(arg.as_str()), Some(arg.span)));
    is_complete: Type::Bool, "all its words are known", |n| Cell::bool(n.command().is_complete);
    is_certain: Type::Bool, "it runs at every start: no branch, loop or alternative around it", |n| Cell::bool(n.command().runs == Runs::Always);
    stops_on_failure: Type::Bool, "when it fails, the start fails", |n| Cell::bool(n.fact().stops);
    is_condition: Type::Bool, "it is the test of an `if`, `while` or `until`", |n| Cell::bool(n.command().is_condition);
    hides_failure: Type::Bool, "when it fails, the next command runs all the same: `;` or a line end joins them without `set -e`", |n| Cell::bool(n.fact().hides_failure);
    is_checked: Type::Bool, "the line behind it looks at its status, `$?`", |n| Cell::bool(n.is_checked());
    is_background: Type::Bool, "it runs beside what follows (`&`)", |n| Cell::bool(n.command().is_background);
    loop_depth: Type::Int, "loops around it", |n| Cell::int(i64::from(n.command().loop_depth));
    connector: Type::Str, "what joins it to the command before: `;`, `&&`, `||` or `|`", |n| Cell::str(match n.command().connector { Connector::Sequence => ";", Connector::And => "&&", Connector::Or => "||", Connector::Pipe => "|" });
    is_last: Type::Bool, "nothing that starts follows", |n| Cell::bool(n.i + 1 == n.owner.starts(&n.p).len());
    in_script: Type::Bool, "it stands in a script", |n| Cell::bool(n.fact().script.is_some());
    script: Type::Link(&SCRIPT), "the script it stands in; absent for ENTRYPOINT and CMD", |n| n.fact().script.map_or(Cell::ABSENT, |i| Cell::fact(Arc::new(ScriptNode::new(&n.p, n.owner, i))));
    is_installed: Type::Bool, "the image has the program; false only where the base is known not to have it and nothing that is installed brings it", |n| n.is_installed();
    package: Type::Str, "the package of the image's system that brings the program; absent when the tables know none", |n| n.package();
    waits_without_end: Type::Bool, "the test of a loop that asks for another service (`psql`, `nc`, `curl`) and never gives up", |n| Cell::bool(commands::waits_without_end(n.owner.starts(&n.p), n.i));
    hangs_on_failure: Type::Bool, "the only test of a loop that goes on until it succeeds: nothing in the loop lets the script go on without it", |n| Cell::bool(commands::hangs(&n.p, n.owner.image_index(&n.p), n.owner.starts(&n.p), n.i));
    directory: Type::Str, "the directory it runs in", |n| known_str(n.fact().directory.as_deref());
    switch: Type::Link(&super::variable::ENV), "the ENV whose value lets it run: `if [ \"$MIGRATE\" = on ]`; absent where no test of known values stands before it", |n| n.switch();
    bash_only: Type::Str, "what of it only bash knows, where Debian's sh reads the script: `[[`, `source`, or `==` in a test; absent when nothing is", |n| n.bash_only();
    split_urls: Type::List(&Type::Str), "arguments that are a variable alone, without quotes, with an address in it: `$DATABASE_URL`", |n| Cell::list(commands::split_urls(&n.p, n.script(), n.fact()).into_iter().map(|(text, span)| Cell::str(&text).at(span)).collect());
    operators: Type::List(&Type::Str), "arguments from `command` or `entrypoint` of a compose service that are operators of a shell, which does not read them: `&&`, `>`", |n| Cell::list(n.operators());
    refused_url: Type::Str, "the scheme of an address that a client of PostgreSQL is given and cannot read: `postgis`, `mysql`; absent when there is none", |n| n.refused_url();
    manage: Type::Str, "`there` or `missing`: the `manage.py` that it runs; absent when it runs none", |n| n.manage();
    name_word: Type::Str, "the word that names it, as written", |n| traced(&crate::span::Traced::new(n.command().program.clone().unwrap_or_default(), n.command().name_span));
    image: Type::Link(&super::image::IMAGE), "the image", |n| n.owner.image(&n.p);
    service: Type::Link(&SERVICE), "the compose service whose `command` or `entrypoint` leads to it; absent when ENTRYPOINT or CMD do", |n| n.owner.service(&n.p);
    serves: Type::Bool, "a server is among what starts with it", |n| known_bool(n.owner.serves(&n.p));
}
