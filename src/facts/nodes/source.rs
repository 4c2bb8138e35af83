//! Sources of COPY and ADD in the build context.

use std::sync::Arc;

use crate::context::{Certainty, join};
use crate::facts::model::{Project, SourceFact, SourcePresence};
use crate::facts::nodes::{CopyNode, StageNode, str_or_absent, table};
use crate::facts::table::{Cell, Type};
use crate::source::{Entry, normalize};
use crate::span::Span;

/// Names of one directory below which a missing source is looked for.
const MAX_LISTED: usize = 200;

#[derive(Debug, Clone)]
pub(crate) struct SourceNode {
    p: Arc<Project>,
    i: usize,
}

impl SourceNode {
    pub(crate) fn new(p: &Arc<Project>, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            i,
        }
    }

    fn fact(&self) -> &SourceFact {
        &self.p.sources[self.i]
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().path.span())
    }

    fn label(&self) -> String {
        self.fact().path.as_str().to_owned()
    }

    fn normal(&self) -> Option<String> {
        normalize(self.fact().path.as_str().trim_matches('/'))
    }

    /// The first directory on the way to a missing source that is not there.
    fn missing_directory(&self) -> Option<String> {
        let path = self.normal()?;
        let context = &self.p.around.context;
        let slashes = path.match_indices('/').map(|(at, _)| &path[..at]);
        let mut above = slashes.filter(|above| context.entry(above) == Entry::Missing);
        above.next().map(str::to_owned)
    }

    /// The first source of the stage for which the same directory is missing.
    fn first_below(&self) -> Option<Cell> {
        if !matches!(self.fact().presence, SourcePresence::Missing) {
            return None;
        }
        let directory = self.missing_directory()?;
        let stage = |fact: &SourceFact| self.p.copies[fact.copy].stage;
        let first = (0..self.p.sources.len()).find(|i| {
            let other = Self::new(&self.p, *i);
            matches!(other.fact().presence, SourcePresence::Missing)
                && stage(other.fact()) == stage(self.fact())
                && other.missing_directory().as_ref() == Some(&directory)
        });
        let first = self.p.sources.get(first?)?;
        Some(Cell::str(&directory).at(first.path.span()))
    }

    /// The one directory of the context, at most two levels down, that has a missing source.
    fn instead(&self) -> Option<String> {
        if !matches!(self.fact().presence, SourcePresence::Missing) {
            return None;
        }
        let path = self.normal()?;
        let context = &self.p.around.context;
        let below = |directory: &str| -> Vec<String> {
            let names = context.list(directory);
            let names = names.iter().flat_map(|names| names.iter().take(MAX_LISTED));
            let directories = names.filter(|name| !name.contains('.'));
            directories.map(|name| join(directory, name)).collect()
        };
        let first = below("");
        let second: Vec<String> = first
            .iter()
            .flat_map(|directory| below(directory))
            .collect();
        let all = first.iter().chain(&second).map(|it| join(it, &path));
        let mut found = all.filter(|path| {
            matches!(context.entry(path), Entry::File { .. } | Entry::Directory)
                && context.ignored_by(path).is_none()
        });
        found.next().filter(|_| found.next().is_none())
    }

    /// The directory of the context as people see it.
    fn context(&self) -> String {
        let context = &self.p.around.context;
        let name = context.root.display(&context.base);
        if name.is_empty() {
            ".".to_owned()
        } else {
            name
        }
    }
}

table! {
    SOURCE = "source", "A source of COPY or ADD in the build context.", for SourceNode;
    path: Type::Str, "as written, expanded", |n| Cell::str(n.fact().path.as_str()).at(n.fact().path.span());
    presence: Type::Str, "`there`, `missing` or `ignored`; unknown when the build context is not certain enough to say", |n| match &n.fact().presence { SourcePresence::There => Cell::str("there"), SourcePresence::Missing => Cell::str("missing"), SourcePresence::Ignored(..) => Cell::str("ignored"), SourcePresence::Unknown => Cell::UNKNOWN };
    ignored_by: Type::Str, "the pattern of the ignore file that keeps it out; absent otherwise", |n| match &n.fact().presence { SourcePresence::Ignored(span, text) => Cell::str(text).at(*span), SourcePresence::Unknown => Cell::UNKNOWN, _ => Cell::ABSENT };
    context: Type::Str, "the directory that is the build context", |n| Cell::str(&n.context());
    instead: Type::Str, "for a missing one: the same path below the one directory of the context, at most two levels down, that has it; absent otherwise", |n| str_or_absent(n.instead().as_deref());
    missing_directory: Type::Str, "for a missing one: the first directory on the way that is not there; marks the first source of the stage for which it is missing; absent where only the last part is", |n| n.first_below().unwrap_or(Cell::ABSENT);
    context_is_certain: Type::Bool, "the context was named, by `--context` or by a compose service", |n| Cell::bool(n.p.around.context.certainty == Certainty::Certain);
    copy: Type::Link(&super::instruction::COPY), "the COPY or ADD", |n| Cell::fact(Arc::new(CopyNode::new(&n.p, n.fact().copy)));
    stage: Type::Link(&super::stage::STAGE), "its stage", |n| Cell::fact(Arc::new(StageNode::new(&n.p, n.p.copies[n.fact().copy].stage)));
}
