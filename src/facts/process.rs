//! What starts in a shipped image: ENTRYPOINT and CMD, or what a compose service puts in their place,
//! followed through the scripts of the project.
//!
//! A script is followed when its file is known; one that is not leaves the process unknown. Values of
//! ENV are what the container sees unless told otherwise; a variable that is not set may be given
//! when it starts, so it is unknown.

use crate::compose::{CommandForm, CommandLine, Environment, Service};
use crate::context::{Found, Origin};
use crate::dockerfile::ast::Keyword;
use crate::facts::files::Edited;
use crate::facts::images::server_name;
use crate::facts::model::{
    ImageFact, ProcessFact, Project, RunFact, ScriptFact, ServerFact, StartFact,
};
use crate::facts::{effective, origins};
use crate::knowledge::images::PackageManager;
use crate::knowledge::programs::is_shell;
use crate::shell::ast::{Arg, Command, Runs};
use crate::shell::{self, Dialect, Options, ShellError, Var, Variables};
use crate::source::{SourceError, Sources};
use crate::span::{Span, Traced};

/// Scripts that start scripts are followed this far.
const MAX_DEPTH: usize = 5;
/// Scripts that are followed, each call counted.
const MAX_SCRIPTS: usize = 40;
/// Bytes of all scripts that are followed.
const MAX_TEXT: usize = 1 << 20;

/// The environment a container starts with.
pub(crate) struct RunEnv<'a> {
    p: &'a Project,
    stage: usize,
    service: Option<&'a Environment>,
}

impl Variables for RunEnv<'_> {
    fn get(&self, name: &str) -> Var {
        // What a service switches on by a variable is switched all the same.
        if self
            .service
            .is_some_and(|service| service.get(name).is_some())
        {
            return Var::Unknown;
        }
        match effective::env(self.p, self.stage, name) {
            Some(Some(value)) => Var::Known(value.clone()),
            _ => Var::Unknown,
        }
    }
}

/// Settles scripts, commands and server of every image.
pub(crate) fn settle(p: &mut Project, sources: &Sources) {
    for index in 0..p.images.len() {
        let mut walk = Walk::new(p, sources, index, None);
        walk.run();
        let run = walk.end();
        let is_known = run.is_known && !run.starts.is_empty();
        let guessed = || (!is_known).then(|| by_convention(p, index)).flatten();
        let server = run.server.or_else(guessed);
        let image = &mut p.images[index];
        image.scripts = run.scripts;
        image.starts = run.starts;
        image.process_is_known = is_known;
        image.server = server;
    }
}

/// An entrypoint that is not known starts what CMD names, by all convention.
fn by_convention(p: &Project, image: usize) -> Option<ServerFact> {
    let image = &p.images[image];
    p.stages[image.entrypoint?]
        .entrypoint
        .as_ref()
        .filter(|entrypoint| entrypoint.is_json)?;
    let cmd = p.stages[image.cmd?].cmd.as_ref()?;
    let named = |command| server_name(command).map(|name| (name, command));
    let (name, command) = cmd.commands.iter().rev().find_map(named)?;
    let has_shell = !cmd.is_json || command.wrappers.iter().any(|name| is_shell(name));
    Some(ServerFact {
        name,
        command: command.clone(),
        instruction: cmd.instruction,
        is_child_of_shell: has_shell && !command.wrappers.iter().any(|name| name == "exec"),
    })
}

/// What a compose service starts in an image of the project.
pub(crate) fn of_service(
    p: &Project,
    sources: &Sources,
    image: usize,
    service: &Service,
    env: &Environment,
) -> RunFact {
    let mut walk = Walk::new(p, sources, image, Some(env));
    walk.run_service(service);
    walk.end()
}

struct Walk<'a> {
    p: &'a Project,
    sources: &'a Sources,
    image: usize,
    /// What a compose service sets.
    env: Option<&'a Environment>,
    scripts: Vec<ScriptFact>,
    starts: Vec<StartFact>,
    /// Everything that starts could be read.
    is_known: bool,
    /// Bytes of scripts read.
    read: usize,
}

impl<'a> Walk<'a> {
    fn new(
        p: &'a Project,
        sources: &'a Sources,
        image: usize,
        env: Option<&'a Environment>,
    ) -> Self {
        Self {
            p,
            sources,
            image,
            env,
            scripts: Vec::new(),
            starts: Vec::new(),
            is_known: true,
            read: 0,
        }
    }

    fn end(self) -> RunFact {
        RunFact {
            server: server(self.p, self.image, &self.starts),
            scripts: self.scripts,
            starts: self.starts,
            is_known: self.is_known,
        }
    }
}

impl<'a> Walk<'a> {
    fn image(&self) -> &'a ImageFact {
        &self.p.images[self.image]
    }

    fn run(&mut self) {
        let image = self.image();
        let p = self.p;
        let entrypoint = image
            .entrypoint
            .and_then(|stage| p.stages[stage].entrypoint.as_ref());
        let cmd = image.cmd.and_then(|stage| p.stages[stage].cmd.as_ref());
        let (process, commands) = match (entrypoint, cmd) {
            (Some(entrypoint), Some(cmd)) if entrypoint.is_json => {
                let mut words = entrypoint.words.clone();
                if cmd.is_json {
                    words.extend(cmd.words.iter().cloned());
                } else {
                    // The shell form of CMD reaches the entrypoint as `/bin/sh -c "..."`.
                    let span = cmd.words.first().map_or(
                        p.dockerfile.instructions[cmd.instruction].span,
                        Traced::span,
                    );
                    words.push(Traced::new("/bin/sh", Span::point(span.file, span.start)));
                    words.push(Traced::new("-c", Span::point(span.file, span.start)));
                    words.extend(cmd.words.iter().cloned());
                }
                (entrypoint, self.exec_form(&words))
            }
            (Some(process), _) | (None, Some(process)) => (process, process.commands.clone()),
            (None, None) => {
                self.is_known = false;
                return;
            }
        };
        if entrypoint.is_none() && !effective::is_closed(&p.stages, image.stage) {
            self.is_known = false;
        }
        let own = [entrypoint, cmd];
        self.follow(commands, process, &own, None, 0);
    }

    /// `entrypoint` and `command` of a service stand in the place of the image's own; a new entrypoint
    /// drops the image's CMD.
    fn run_service(&mut self, service: &Service) {
        let image = self.image();
        let p = self.p;
        let own = image
            .entrypoint
            .and_then(|stage| p.stages[stage].entrypoint.as_ref());
        let cmd = image.cmd.and_then(|stage| p.stages[stage].cmd.as_ref());
        let given = |line: &CommandLine| match line.form {
            CommandForm::Null => None,
            _ => Some(line.words()),
        };
        let command = service.command.as_ref().and_then(given);
        let (mut words, rest) = match &service.entrypoint {
            Some(line) => (line.words(), command.unwrap_or(Some(Vec::new()))),
            None => match own {
                Some(own) if !own.is_json => {
                    // It takes no arguments.
                    let (commands, all) = (own.commands.clone(), [Some(own), None]);
                    self.follow(commands, own, &all, None, 0);
                    return;
                }
                own => {
                    let words = own.map(|own| own.words.clone()).unwrap_or_default();
                    let rest = command.unwrap_or_else(|| {
                        cmd.filter(|cmd| cmd.is_json).map(|cmd| cmd.words.clone())
                    });
                    (Some(words), rest)
                }
            },
        };
        let (Some(words), Some(rest)) = (&mut words, rest) else {
            self.is_known = false;
            return;
        };
        words.extend(rest);
        if words.is_empty() {
            self.is_known = false;
            return;
        }
        let process = ProcessFact {
            instruction: p.stages[image.stage].from,
            is_json: true,
            commands: Vec::new(),
            words: std::mem::take(words),
        };
        let commands = self.exec_form(&process.words);
        self.follow(commands, &process, &[own, cmd], None, 0);
    }

    fn exec_form(&self, words: &[Traced]) -> Vec<Command> {
        shell::exec_form(words, &self.env(), &Options::default())
    }

    fn env(&self) -> RunEnv<'a> {
        RunEnv {
            p: self.p,
            stage: self.image().stage,
            service: self.env,
        }
    }

    /// Records commands in order, with those of the scripts they start.
    fn follow(
        &mut self,
        commands: Vec<Command>,
        process: &ProcessFact,
        own: &[Option<&ProcessFact>],
        script: Option<usize>,
        depth: usize,
    ) {
        let in_shell = script.is_some() || !process.is_json;
        for command in commands {
            let instruction = own
                .iter()
                .flatten()
                .find(|own| {
                    own.words
                        .iter()
                        .any(|word| word.span().contains(command.name_span))
                })
                .map_or(process.instruction, |own| own.instruction);
            if reads_unknown(&command)
                || command.runs_arguments
                || command.name.is_none() && server_name(&command).is_none()
            {
                self.is_known = false;
            }
            if depth < MAX_DEPTH
                && let Some((path, word, is_interpreted)) = self.script_path(&command)
            {
                self.script(
                    &command,
                    path,
                    word,
                    is_interpreted,
                    script,
                    process,
                    own,
                    depth,
                );
                continue;
            }
            // A script that was not found may start anything.
            let is_script = |name: &str| name.ends_with(".sh") || name.contains("entrypoint");
            if command.program.as_deref().is_some_and(is_script) {
                self.is_known = false;
            }
            self.starts.push(StartFact {
                instruction,
                script,
                in_shell,
                command,
            });
        }
    }

    /// The script that a command runs: its path in the image, the word that names it, and whether an
    /// interpreter is called to read it.
    fn script_path(&self, command: &Command) -> Option<(String, Span, bool)> {
        let name = command.name.as_deref()?;
        let directory = effective::workdir(&self.p.stages, self.image().stage);
        let absolute = |text: &str| {
            if text.starts_with('/') {
                Some(crate::context::image::absolute("/", text))
            } else {
                Some(crate::context::image::absolute(directory.as_deref()?, text))
            }
        };
        if command.activates_virtualenv() {
            return None;
        }
        if is_shell(name) || matches!(name, "." | "source") {
            let operand = command.operands.first()?;
            return Some((absolute(operand.as_str()?)?, operand.span, true));
        }
        let program = command.program.as_deref()?;
        if server_name(command).is_some() || command.management.is_some() {
            return None;
        }
        if program.contains('/') {
            let path = absolute(program)?;
            // What the system brings is no script of the project.
            let is_system = ["/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/"]
                .iter()
                .any(|directory| path.starts_with(directory));
            return (!is_system || program.ends_with(".sh")).then_some((
                path,
                command.name_span,
                false,
            ));
        }
        // A bare name: a script only where the project put one into the search path.
        let candidates = ["/usr/local/bin/", "/usr/bin/", "/bin/"];
        candidates.iter().find_map(|directory| {
            let path = format!("{directory}{program}");
            let found = origins::at_end(self.p, self.image().stage, &path);
            matches!(
                found.origin,
                Origin::Context(_) | Origin::Inline(_) | Origin::Ignored(..)
            )
            .then_some((path, command.name_span, false))
        })
    }

    #[expect(clippy::too_many_arguments, reason = "the state of one walk")]
    fn script(
        &mut self,
        command: &Command,
        path: String,
        word: Span,
        is_interpreted: bool,
        caller: Option<usize>,
        process: &ProcessFact,
        own: &[Option<&ProcessFact>],
        depth: usize,
    ) {
        if self.scripts.len() >= MAX_SCRIPTS {
            self.is_known = false;
            return;
        }
        let found = origins::at_end(self.p, self.image().stage, &path);
        let edited = self.p.files[self.image().stage].edited(&path);
        let read = match edited {
            Edited::Text => Ok(None),
            _ => self.read(&found),
        };
        // Larger than any script.
        let too_large = read.as_ref().err().map(|error| ShellError {
            span: word,
            message: error.to_string(),
            is_limit: true,
        });
        let text = read.ok().flatten();
        let mut fact = ScriptFact {
            path,
            word,
            found,
            is_interpreted,
            caller,
            text: text.clone(),
            shebang: text.as_ref().and_then(shell::shebang),
            dialect: None,
            errors: too_large.into_iter().collect(),
            line_ends_are_fixed: edited == Edited::LineEnds,
            is_sourced: matches!(command.name.as_deref(), Some("." | "source")),
        };
        let Some(text) = text else {
            self.is_known = false;
            self.scripts.push(fact);
            return;
        };
        self.read += text.len();
        if self.read > MAX_TEXT && !self.scripts.is_empty() {
            self.is_known = false;
            return;
        }
        let named = match command.name.as_deref() {
            Some("bash") if is_interpreted => Some(Dialect::Bash),
            _ if is_interpreted => Some(Dialect::Posix),
            _ => None,
        };
        let dialect = named.or_else(|| match &fact.shebang {
            Some(shebang) => shebang.dialect(),
            None => Some(Dialect::Posix),
        });
        let Some(dialect) = dialect else {
            // Another language: what it starts is not known.
            self.is_known = false;
            self.scripts.push(fact);
            return;
        };
        fact.dialect = Some(dialect);
        let script = shell::parse(&text, dialect);
        fact.errors.clone_from(&script.errors);
        let mut options = match &fact.shebang {
            Some(shebang) if !is_interpreted => shebang.options(),
            _ => Options::default(),
        };
        let args: &[Arg] = if is_interpreted {
            let from = command.operands.first().map(|first| first.span);
            let at = command.args.iter().position(|arg| Some(arg.span) == from);
            at.and_then(|at| command.args.get(at + 1..)).unwrap_or(&[])
        } else {
            &command.args
        };
        let known: Option<Vec<Traced>> = args.iter().map(|arg| arg.text.clone()).collect();
        options.args = known;
        if !script.errors.is_empty() {
            self.is_known = false;
        }
        let commands = script.commands(&self.env(), &options);
        let index = self.scripts.len();
        self.scripts.push(fact);
        self.follow(commands, process, own, Some(index), depth + 1);
    }

    /// Its text, when it is known; an error for a file that is too large.
    fn read(&self, found: &Found) -> Result<Option<Traced>, SourceError> {
        match &found.origin {
            Origin::Context(path) => {
                let file = match self.p.around.context.read(self.sources, path) {
                    Ok(file) => file,
                    Err(error @ SourceError::TooLarge { .. }) => return Err(error),
                    Err(_) => return Ok(None),
                };
                let source = self.sources.get(file);
                let end = u32::try_from(source.text.len()).unwrap_or(u32::MAX);
                let span = Span::new(file, 0, end);
                Ok(Some(Traced::new(source.text.clone(), span)))
            }
            Origin::Inline(text) => Ok(Some((**text).clone())),
            _ => Ok(None),
        }
    }
}

/// A shell that reads its script from a pipe or a file.
fn reads_unknown(command: &Command) -> bool {
    let is_given = command.pipeline.0 > 0
        || command
            .redirects
            .iter()
            .any(|redirect| redirect.operator.starts_with('<'));
    is_given && command.operands.is_empty() && command.name.as_deref().is_some_and(is_shell)
}

/// The server among what starts: the last that certainly runs, else the one that all branches agree on.
fn server(p: &Project, image: usize, starts: &[StartFact]) -> Option<ServerFact> {
    let may_be_called =
        |start: &&StartFact| start.command.function.is_none() || start.command.runs == Runs::Always;
    let servers: Vec<(&StartFact, &'static str)> = starts
        .iter()
        .filter(may_be_called)
        .filter_map(|start| server_name(&start.command).map(|name| (start, name)))
        .collect();
    let certain = servers
        .iter()
        .rev()
        .find(|(start, _)| start.command.runs == Runs::Always);
    let (start, name) = match certain {
        Some(found) => *found,
        None => {
            let first = *servers.first()?;
            if servers.iter().any(|(_, name)| *name != first.1) {
                return None;
            }
            first
        }
    };
    let command = &start.command;
    // `exec sh -c "server"` puts a shell in the place of the shell.
    let inner = command.wrappers.iter().rposition(|name| is_shell(name));
    let behind = inner.map_or(0, |at| at + 1);
    let is_exec = command.wrappers[behind..]
        .iter()
        .any(|wrapper| wrapper == "exec");
    let has_shell = start.in_shell || inner.is_some();
    Some(ServerFact {
        name,
        command: command.clone(),
        instruction: start.instruction,
        is_child_of_shell: has_shell && !is_exec && !is_replaced(p, image, start, starts),
    })
}

/// The shell puts the last command of its `-c` in its own place: bash does, the sh of Alpine does, the sh
/// of Debian does not (tried with bash 5.2, BusyBox 1.35, dash 0.5.12), and none does at the end of a file.
fn is_replaced(p: &Project, image: usize, start: &StartFact, starts: &[StartFact]) -> bool {
    let command = &start.command;
    let is_last = starts
        .last()
        .is_some_and(|last| last.command.span == command.span);
    if start.script.is_some()
        || !is_last
        || command.pipeline.1 > 1
        || command.is_background
        || command.runs != Runs::Always
    {
        return false;
    }
    let chain = &p.images[image].chain;
    let named = command
        .wrappers
        .iter()
        .rev()
        .find(|wrapper| is_shell(wrapper))
        .map(String::as_str);
    let by_instruction = || {
        let mut shells = chain.iter().filter_map(|stage| {
            p.dockerfile.instructions[p.stages[*stage].instructions.clone()]
                .iter()
                .rfind(|instruction| instruction.keyword == Keyword::Shell)
        });
        shells
            .next()
            .map(|shell| shell.rest.as_str().contains("bash"))
    };
    let is_bash = match named {
        Some(name) => name == "bash" || name == "zsh",
        None => by_instruction().unwrap_or(false),
    };
    let root = chain.last().map(|root| &p.stages[*root].base.knowledge);
    let is_busybox = named != Some("dash")
        && root.is_some_and(|base| base.package_manager == PackageManager::Apk);
    is_bash || is_busybox
}
