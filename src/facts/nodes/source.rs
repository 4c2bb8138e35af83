//! Sources of COPY and ADD in the build context.

use std::sync::Arc;

use crate::context::Certainty;
use crate::facts::model::{Project, SourceFact, SourcePresence};
use crate::facts::nodes::{CopyNode, StageNode, table};
use crate::facts::table::{Cell, Type};
use crate::span::Span;

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
    context_is_certain: Type::Bool, "the context was named, by `--context` or by a compose service", |n| Cell::bool(n.p.around.context.certainty == Certainty::Certain);
    copy: Type::Link(&super::instruction::COPY), "the COPY or ADD", |n| Cell::fact(Arc::new(CopyNode::new(&n.p, n.fact().copy)));
    stage: Type::Link(&super::stage::STAGE), "its stage", |n| Cell::fact(Arc::new(StageNode::new(&n.p, n.p.copies[n.fact().copy].stage)));
}
