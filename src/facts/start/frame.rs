//! Where commands that are followed stand: in which script, under which conditions, below which shell.

use crate::facts::model::{Kept, ProcessFact, StartFact};
use crate::facts::start::supervised::Started;
use crate::shell::ast::{Arg, Assignment, Command, Runs};
use crate::span::Span;

/// Where the commands that are followed stand.
#[derive(Clone)]
pub(crate) struct Frame<'f> {
    /// ENTRYPOINT or CMD they begin with.
    pub(crate) process: &'f ProcessFact,
    /// ENTRYPOINT and CMD of the image.
    pub(crate) own: &'f [Option<&'f ProcessFact>],
    pub(crate) script: Option<usize>,
    pub(crate) depth: usize,
    /// They run whenever the container starts, as far as their callers go.
    pub(crate) runs: Runs,
    /// When the script fails, the start fails.
    pub(crate) stops: bool,
    pub(crate) is_background: bool,
    pub(crate) loop_depth: u32,
    /// See [`Command::guard`], of the call.
    pub(crate) guard: Option<Span>,
    /// What the outermost shell that stays runs.
    pub(crate) kept: Option<Kept>,
    /// The shell that sources the script ends at the first failure.
    pub(crate) errexit: bool,
    /// Debian's or Alpine's sh reads it: a file that `.` cannot read ends it.
    pub(crate) is_posix: bool,
    /// The working directory at its beginning; `None` when not known.
    pub(crate) directory: Option<String>,
    /// What a supervisord gives them that starts them: variables, a user.
    pub(crate) supervised: Option<(&'f [Assignment], Option<&'f Arg>)>,
}

impl<'f> Frame<'f> {
    pub(crate) fn top(
        process: &'f ProcessFact,
        own: &'f [Option<&'f ProcessFact>],
        directory: Option<String>,
    ) -> Self {
        Self {
            process,
            own,
            script: None,
            depth: 0,
            runs: Runs::Always,
            stops: true,
            is_background: false,
            loop_depth: 0,
            guard: None,
            kept: None,
            errexit: false,
            is_posix: true,
            directory,
            supervised: None,
        }
    }

    /// The commands of a program that a supervisord starts, which `start` is.
    pub(crate) fn supervised(
        &self,
        start: &StartFact,
        process: &'f ProcessFact,
        program: &'f Started,
    ) -> Self {
        Self {
            script: None,
            depth: self.depth + 1,
            runs: start.command.runs,
            stops: false,
            is_background: true,
            loop_depth: start.command.loop_depth,
            guard: start.command.guard,
            supervised: Some((&program.given, program.run_as.as_ref())),
            ..Self::top(process, self.own, program.directory.clone())
        }
    }

    /// What a command is given by the supervisord that starts it, if one does.
    pub(crate) fn give(&self, command: &mut Command) {
        let Some((given, user)) = self.supervised else {
            return;
        };
        command.cd = self.directory_of(command);
        command.assignments.splice(0..0, given.iter().cloned());
        command.run_as = command.run_as.take().or_else(|| user.cloned());
    }

    /// Where a command runs; `None` when not known.
    pub(crate) fn directory_of(&self, command: &Command) -> Option<String> {
        match command.cd.as_deref()? {
            "" => self.directory.clone(),
            to if to.starts_with('/') => Some(to.to_owned()),
            to => Some(crate::source::absolute(self.directory.as_deref()?, to)),
        }
    }

    /// The instruction that the words of a command stand in.
    pub(crate) fn instruction(&self, command: &Command) -> usize {
        let is_in = |own: &&&ProcessFact| {
            let mut words = own.words.iter();
            words.any(|word| word.span().contains(command.name_span))
        };
        let own = self.own.iter().flatten().find(is_in);
        own.map_or(self.process.instruction, |own| own.instruction)
    }
}
