//! What starts in a shipped image: ENTRYPOINT and CMD, or what a compose service puts in their place,
//! followed through the scripts of the project.
//!
//! A script is followed when its file is known; one that is not leaves the process unknown. Values of
//! ENV are what the container sees unless told otherwise; a variable that is not set may be given
//! when it starts, so it is unknown.

use std::sync::{Arc, OnceLock};

use crate::compose::{CommandForm, CommandLine};
use crate::context::{Found, Origin};
use crate::deployed::Deployed;
use crate::facts::build::at;
use crate::facts::build::variables::{AtStart, Variables};
use crate::facts::files::origin;
use crate::facts::model::{
    BesideFact, Edited, ImageFact, Kept, ProcessFact, PythonPhase, RunFact, ScriptFact,
    ShippedImage, StartFact, Supervised, Supervising,
};
use crate::facts::start::frame::Frame;
use crate::facts::start::image::server_of;
use crate::facts::start::{behind, foreground, gains, given, script_text, supervised};
use crate::knowledge::programs::{self, is_shell};
use crate::knowledge::words::DirectoryWords;
use crate::shell::ast::{Command, OnFailure, Runs};
use crate::shell::{self, Dialect, Options, ShellError};
use crate::source::{SourceError, Sources};
use crate::span::{Span, Traced};

/// Scripts that start scripts are followed this far.
const MAX_DEPTH: usize = 5;
/// Scripts that are followed, each call counted.
const MAX_SCRIPTS: usize = 40;
/// Bytes of all scripts that are followed.
const MAX_TEXT: usize = 1 << 20;

/// Every image with its scripts, commands and server.
pub(crate) fn images(p: &PythonPhase, sources: &Sources) -> Vec<ImageFact> {
    let images = p.images.iter().enumerate();
    images
        .map(|(index, image)| followed(p, sources, index, image.clone()))
        .collect()
}

fn followed(p: &PythonPhase, sources: &Sources, index: usize, shipped: ShippedImage) -> ImageFact {
    let (run, started_by) = match given(p, sources, index) {
        Some((run, by)) => (run, Some(by)),
        None => {
            let mut walk = Walk::new(p, sources, index, None);
            walk.run();
            (walk.end(), None)
        }
    };
    let is_known = run.is_known && !run.starts.is_empty();
    let is_open = !is_known && run.beside.is_empty();
    let guessed = || is_open.then(|| given::by_convention(p, index)).flatten();
    let server = run.server.or_else(guessed);
    let unread = |server| BesideFact {
        server,
        served: None,
    };
    ImageFact {
        shipped,
        server,
        served: None,
        beside: run.beside.into_iter().map(unread).collect(),
        started_by,
        words: run.words,
        process_is_known: is_known,
        scripts: run.scripts,
        starts: run.starts,
        supervised: run.supervised,
        gains: run.gains,
        lost: OnceLock::new(),
        no_python: OnceLock::new(),
    }
}

/// What files beside the Dockerfile start in an image that leaves it to them: the first of it that is a server.
fn given(p: &PythonPhase, sources: &Sources, index: usize) -> Option<(RunFact, usize)> {
    given::starters(p, index).into_iter().find_map(|by| {
        let deployed = &p.around.deployed.all[by];
        let run = of_service(p, sources, index, deployed);
        let serves = run.server.is_some() || !run.beside.is_empty();
        let is_left_to_it = serves && given::is_handed_over(p, index, deployed, &run);
        is_left_to_it.then_some((run, by))
    })
}

/// What is started in an image of the project in the place of its own.
pub(crate) fn of_service(
    p: &PythonPhase,
    sources: &Sources,
    image: usize,
    deployed: &Deployed,
) -> RunFact {
    let mut walk = Walk::new(p, sources, image, Some(deployed));
    walk.run_service(deployed);
    walk.end()
}

struct Walk<'a> {
    p: &'a PythonPhase,
    sources: &'a Sources,
    image: usize,
    /// What is started in the place of the image's own.
    deployed: Option<&'a Deployed>,
    scripts: Vec<ScriptFact>,
    starts: Vec<StartFact>,
    /// What a supervisord among them starts.
    supervised: Supervised,
    words: Vec<Traced>,
    /// Everything that starts could be read.
    is_known: bool,
    /// Bytes of scripts read.
    read: usize,
}

impl<'a> Walk<'a> {
    fn new(
        p: &'a PythonPhase,
        sources: &'a Sources,
        image: usize,
        deployed: Option<&'a Deployed>,
    ) -> Self {
        Self {
            p,
            sources,
            image,
            deployed,
            scripts: Vec::new(),
            starts: Vec::new(),
            supervised: Supervised::default(),
            words: Vec::new(),
            is_known: true,
            read: 0,
        }
    }

    fn end(mut self) -> RunFact {
        behind::note(&mut self.starts);
        foreground::doubt_what_follows(&mut self.starts, &mut self.scripts);
        let (starts, supervised) = (&self.starts, &self.supervised.starts);
        let (server, beside) = foreground::servers(self.p, self.image, starts, supervised);
        let gains = gains::of(starts.iter().chain(supervised));
        RunFact {
            gains,
            server,
            beside,
            scripts: self.scripts,
            starts: self.starts,
            supervised: self.supervised,
            words: self.words,
            is_known: self.is_known,
        }
    }
}

impl<'a> Walk<'a> {
    fn image(&self) -> &'a ShippedImage {
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
                let commands = self.exec_form(&words);
                self.words = words;
                (entrypoint, commands)
            }
            (Some(process), _) | (None, Some(process)) => {
                if process.is_json {
                    self.words.clone_from(&process.words);
                }
                (process, process.commands.clone())
            }
            (None, None) => {
                self.is_known = false;
                return;
            }
        };
        if entrypoint.is_none() && !at::is_closed(&p.stages, image.stage) {
            self.is_known = false;
        }
        let own = [entrypoint, cmd];
        self.follow(commands, &self.top(process, &own));
    }

    /// `entrypoint` and `command` of a service stand in the place of the image's own; a new entrypoint
    /// drops the image's CMD.
    fn run_service(&mut self, service: &Deployed) {
        let image = self.image();
        let p = self.p;
        let own = image
            .entrypoint
            .and_then(|stage| p.stages[stage].entrypoint.as_ref());
        let cmd = image.cmd.and_then(|stage| p.stages[stage].cmd.as_ref());
        let form = service.command.as_ref().map(|line| &line.form);
        if let Some(CommandForm::Shell(text)) = form {
            return self.run_shell(text.value.as_ref());
        }
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
                    self.follow(commands, &self.top(own, &all));
                    return;
                }
                own => {
                    if own.is_none() && !at::is_closed(&p.stages, image.stage) {
                        self.is_known = false;
                    }
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
        let process =
            ProcessFact::of_words(p.stages[image.stage].from, true, std::mem::take(words));
        let commands = self.exec_form(&process.words);
        self.words.clone_from(&process.words);
        self.follow(commands, &self.top(&process, &[own, cmd]));
    }

    /// A line that the shell of the image reads. How an entrypoint would be given it, platforms do not say.
    fn run_shell(&mut self, line: Option<&Traced>) {
        let image = self.image();
        let line = line.filter(|_| image.entrypoint.is_none());
        let Some(line) = line else {
            self.is_known = false;
            return;
        };
        if !at::is_closed(&self.p.stages, image.stage) {
            self.is_known = false;
        }
        let script = shell::parse(line, Dialect::Posix);
        if !script.errors.is_empty() {
            self.is_known = false;
        }
        let process =
            ProcessFact::of_words(self.p.stages[image.stage].from, false, vec![line.clone()]);
        let commands = script.commands(&self.env(), &Options::default());
        self.follow(commands, &self.top(&process, &[]));
    }

    fn exec_form(&self, words: &[Traced]) -> Vec<Command> {
        shell::exec_form(words, &self.env(), &Options::default())
    }

    fn env(&self) -> AtStart<'a> {
        AtStart {
            variables: Variables::at_end(self.p, self.image().stage),
            service: self.deployed.map(|it| &it.env),
        }
    }

    fn top<'f>(&self, process: &'f ProcessFact, own: &'f [Option<&'f ProcessFact>]) -> Frame<'f> {
        let own_directory = self.deployed.and_then(|it| it.workdir.as_ref());
        let directory = match own_directory {
            Some(path) => path.as_str().map(str::to_owned),
            None => at::workdir(&self.p.stages, self.image().stage),
        };
        Frame::top(process, own, directory)
    }

    /// Records commands in order, with those of the scripts they start.
    fn follow(&mut self, commands: Vec<Command>, frame: &Frame<'_>) {
        let in_shell = frame.script.is_some() || !frame.process.is_json;
        let last = commands.last().map(|last| last.span);
        let mut commands = commands.into_iter().peekable();
        while let Some(mut command) = commands.next() {
            // Of the branches of a script the arguments of a service choose one.
            if command.is_passed_over && self.deployed.is_some() {
                continue;
            }
            let next = commands.peek();
            let hides_failure = next.is_some_and(|next| command.hides_failure_from(next));
            let is_last = last == Some(command.span);
            let stops = frame.stops && command.on_failure == OnFailure::Stops;
            if frame.runs == Runs::Perhaps {
                command.runs = Runs::Perhaps;
            }
            command.is_background |= frame.is_background;
            command.loop_depth += frame.loop_depth;
            command.guard = command.guard.or(frame.guard);
            frame.give(&mut command);
            if script_text::reads_unknown(&command)
                || command.runs_arguments
                || command.name.is_none() && server_of(&command).is_none()
            {
                self.is_known = false;
            }
            let start = StartFact {
                instruction: frame.instruction(&command),
                script: frame.script,
                in_shell,
                stops,
                hides_failure,
                kept: frame.kept,
                behind_exec: None,
                behind_foreground: None,
                directory: frame.directory_of(&command),
                command,
            };
            if frame.depth < MAX_DEPTH
                && let Some((path, word, is_interpreted)) = self.script_path(&start)
            {
                let is_replaced = is_last && foreground::is_replaced(self.p, self.image, &start);
                // Not every shell knows the word.
                if start.command.name.as_deref() == Some("source") {
                    self.starts.push(start.clone());
                }
                self.script(&start, path, word, is_interpreted, is_replaced, frame);
                continue;
            }
            // A script that was not found may start anything.
            let is_script = |name: &str| name.ends_with(".sh") || name.contains("entrypoint");
            if start.command.program.as_deref().is_some_and(is_script) {
                self.is_known = false;
            }
            self.supervise(&start, frame);
            self.starts.push(start);
        }
    }

    /// Records what a supervisord starts, beside the commands that lead to it.
    fn supervise(&mut self, start: &StartFact, frame: &Frame<'_>) {
        let stage = self.image().stage;
        let is_first = frame.supervised.is_none();
        let config = is_first.then(|| supervised::config(self.p, stage, start, self.sources));
        let Some((path, config)) = config.flatten() else {
            return;
        };
        let programs = supervised::programs(&path, &config, start, &self.env());
        self.supervised.by.push(Supervising {
            word: start.command.name_span,
            path,
            config: Arc::new(config),
        });
        let Some((programs, is_all)) = programs else {
            return;
        };
        self.is_known &= is_all;
        std::mem::swap(&mut self.starts, &mut self.supervised.starts);
        for program in programs {
            let process = ProcessFact::of_words(start.instruction, true, program.words.clone());
            let inner = frame.supervised(start, &process, &program);
            self.follow(program.commands.clone(), &inner);
        }
        std::mem::swap(&mut self.starts, &mut self.supervised.starts);
    }

    /// The script that a command runs: its path in the image, the word that names it, and whether an
    /// interpreter is called to read it.
    fn script_path(&self, start: &StartFact) -> Option<(String, Span, bool)> {
        let command = &start.command;
        let name = command.name.as_deref()?;
        let absolute = |text: &str| {
            if text.starts_with('/') {
                Some(crate::source::absolute("/", text))
            } else {
                let directory = start.directory.as_deref()?;
                Some(crate::source::absolute(directory, text))
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
        // A script of the project may be called like the server that it starts.
        let is_own = |path: &str| {
            let found = origin::at_end(self.p, self.image().stage, path);
            matches!(found.origin, Origin::Context(_) | Origin::Inline(_))
        };
        let is_called_so = || program.starts_with('/') && is_own(program);
        if command.management.is_some() || server_of(command).is_some() && !is_called_so() {
            return None;
        }
        if program.contains('/') {
            let path = absolute(program)?;
            // What the system or an install brings is no script of the project.
            let is_installed =
                path.contains("/bin/") && programs::is_listed(name) && !is_own(&path);
            let is_system = DirectoryWords::is_of_system(&path) || is_installed;
            return (!is_system || program.ends_with(".sh")).then_some((
                path,
                command.name_span,
                false,
            ));
        }
        // A bare name: a script only where the project put one into the search path.
        DirectoryWords::Programs.iter().find_map(|directory| {
            let path = format!("{directory}/{program}");
            let found = origin::at_end(self.p, self.image().stage, &path);
            matches!(
                found.origin,
                Origin::Context(_) | Origin::Inline(_) | Origin::Ignored(..)
            )
            .then_some((path, command.name_span, false))
        })
    }

    fn script(
        &mut self,
        start: &StartFact,
        path: String,
        word: Span,
        is_interpreted: bool,
        is_replaced: bool,
        frame: &Frame<'_>,
    ) {
        if self.scripts.len() >= MAX_SCRIPTS {
            self.is_known = false;
            return;
        }
        let command = &start.command;
        let mut fact = self.script_fact(start, path, word, is_interpreted, frame);
        self.read += fact.text.as_ref().map_or(0, |text| text.len());
        // One start is not followed through more text than that: what lies in the script is not known.
        if self.read > MAX_TEXT && fact.text.is_some() && !self.scripts.is_empty() {
            self.is_known = false;
            return;
        }
        let is_errexit = fact.is_sourced && (frame.errexit || self.has_errexit(frame.script));
        let options = script_text::options(&fact, command, is_errexit);
        // A text in another language, or none: what it starts is not known.
        let commands = fact.text.as_ref().zip(fact.dialect).map(|(text, dialect)| {
            let readable = script_text::readable(text);
            let script = shell::parse(&readable, dialect);
            let errors = script_text::reached(&readable, dialect, &script.errors);
            (script.commands(&self.env(), &options), errors)
        });
        let commands = commands.map(|(commands, errors)| {
            fact.errors = errors;
            commands
        });
        self.is_known &= commands.is_some() && fact.errors.is_empty();
        let is_child = !fact.is_sourced && !is_replaced && foreground::is_child(start);
        let kept = Kept {
            instruction: start.instruction,
            span: command.span,
            needs_shell: !is_interpreted && fact.shebang.is_none(),
        };
        let inner = Frame {
            script: Some(self.scripts.len()),
            depth: frame.depth + 1,
            runs: command.runs,
            stops: start.stops,
            is_background: command.is_background,
            loop_depth: command.loop_depth,
            guard: command.guard,
            kept: frame.kept.or_else(|| is_child.then_some(kept)),
            errexit: options.errexit,
            is_posix: fact.dialect != Some(Dialect::Bash),
            directory: start.directory.clone(),
            ..*frame
        };
        self.scripts.push(fact);
        if let Some(commands) = commands {
            self.follow(commands, &inner);
        }
    }

    /// A script as far as its file and the command that calls it say.
    fn script_fact(
        &self,
        start: &StartFact,
        path: String,
        word: Span,
        is_interpreted: bool,
        frame: &Frame<'_>,
    ) -> ScriptFact {
        let command = &start.command;
        let found = origin::at_end(self.p, self.image().stage, &path);
        let context = &self.p.around.context;
        let edited = self.p.files[self.image().stage].edited(context, &path);
        let read = match edited {
            Edited::Text => Ok(None),
            _ => self.read(&found),
        };
        let is_sourced = matches!(command.name.as_deref(), Some("." | "source"));
        // Larger than any script.
        let too_large = read.as_ref().err().map(|error| ShellError {
            span: word,
            message: error.to_string(),
            is_limit: true,
        });
        let text = read.ok().flatten();
        let shebang = text.as_ref().and_then(shell::shebang);
        let dialect = match command.name.as_deref() {
            Some("bash") if is_interpreted => Some(Dialect::Bash),
            _ if is_interpreted => Some(Dialect::Posix),
            _ => match &shebang {
                Some(shebang) => shebang.dialect(),
                None => Some(Dialect::Posix),
            },
        };
        let shell = command.program.as_deref().filter(|_| is_interpreted);
        let shell = shell.map(|program| Traced::new(program, command.name_span));
        ScriptFact {
            path,
            word,
            runners: command.runners.iter().cloned().chain(shell).collect(),
            found,
            is_interpreted,
            caller: frame.script,
            is_process: frame.script.is_none()
                && !start.in_shell
                && !is_interpreted
                && command.wrappers.is_empty(),
            before: self.starts.len(),
            is_certain: command.runs == Runs::Always
                && !command.is_condition
                && frame.supervised.is_none(),
            // A file that `.` cannot read, or not to its end, ends the sh that reads it.
            stops: start.stops || is_sourced && frame.is_posix && frame.stops,
            hides_failure: start.hides_failure,
            dialect: dialect.filter(|_| text.is_some()),
            text,
            shebang,
            errors: too_large.into_iter().collect(),
            line_ends_are_fixed: edited == Edited::LineEnds,
            is_sourced,
        }
    }

    /// The script has come upon `set -e`.
    fn has_errexit(&self, script: Option<usize>) -> bool {
        let mut before = self.starts.iter().filter(|start| start.script == script);
        script.is_some() && before.any(|start| start.command.sets_errexit())
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
