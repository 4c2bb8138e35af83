//! What a command is asked.

use crate::shell::ast::{Arg, Command, CommandFlag, Connector, OnFailure};

impl Command {
    /// `find ... -exec` or `xargs` gives it what it works on.
    #[must_use]
    pub(crate) fn is_searched(&self) -> bool {
        let mut wrappers = self.wrappers.iter();
        wrappers.any(|it| matches!(it.as_str(), "find" | "xargs"))
    }

    /// The flag with this name, in any of its spellings; the last one when it is repeated.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<&CommandFlag> {
        let name = super::canonical_flag(self.name.as_deref().unwrap_or_default(), name);
        self.flags.iter().rev().find(|flag| flag.name == name)
    }

    /// The subcommand, when known.
    #[must_use]
    pub fn subcommand(&self) -> Option<&str> {
        self.subcommand.as_ref().and_then(Arg::as_str)
    }

    /// Django's management command, when known.
    #[must_use]
    pub fn management_name(&self) -> Option<&str> {
        self.management.as_ref().and_then(Arg::as_str)
    }

    /// The service of a Debian that it starts: `service NAME start`, `/etc/init.d/NAME start`, `pg_ctlcluster`.
    #[must_use]
    pub fn starts_service(&self) -> Option<&str> {
        let words: Option<Vec<&str>> = self.args.iter().map(Arg::as_str).collect();
        let program = self.program.as_deref()?;
        let (name, action) = match (self.name.as_deref()?, &words?[..]) {
            ("service", [name, action, ..]) => (*name, *action),
            ("pg_ctlcluster", [_, _, action, ..]) => ("postgresql", *action),
            (_, [action, ..]) => (program.strip_prefix("/etc/init.d/")?, *action),
            _ => return None,
        };
        matches!(action, "start" | "restart").then_some(name)
    }

    /// It is `. /venv/bin/activate`: sets PATH and VIRTUAL_ENV, and nothing else of what matters.
    #[must_use]
    pub fn activates_virtualenv(&self) -> bool {
        let file = self.args.first().and_then(Arg::as_str).unwrap_or_default();
        matches!(self.name.as_deref(), Some("." | "source"))
            && (file == "activate" || file.ends_with("/activate"))
    }

    /// It is `set -e`, also among other letters, or `set -o errexit`.
    #[must_use]
    pub fn sets_errexit(&self) -> bool {
        let is_errexit = |arg: &str| {
            let letters = arg.strip_prefix('-');
            arg == "errexit"
                || letters.is_some_and(|letters| !letters.starts_with('-') && letters.contains('e'))
        };
        self.name.as_deref() == Some("set")
            && self.args.iter().filter_map(Arg::as_str).any(is_errexit)
    }

    /// The command behind it runs although this one failed, because `;` or a line end joins them without
    /// `set -e`. Not so for tests, alternatives (`||`), pipes and what runs in the background.
    #[must_use]
    pub fn hides_failure_from(&self, next: &Self) -> bool {
        self.on_failure == OnFailure::Continues
            && !self.is_condition
            && !self.is_substitution
            && !self.is_background
            && self.pipeline.0 + 1 == self.pipeline.1
            && next.connector == Connector::Sequence
            && next.function == self.function
    }
}
