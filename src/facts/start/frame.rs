//! Where commands that are followed stand: in which script, under which conditions, below which shell.

use crate::facts::model::{Kept, ProcessFact};
use crate::shell::ast::{Command, Runs};
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
        }
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
