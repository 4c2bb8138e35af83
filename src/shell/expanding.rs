//! Words of a walk, expanded with what the shell knows then.

use std::ops::Range;

use shuck_ast::Word;

use crate::shell::field::Field;
use crate::shell::state::{Context, Walk};

use super::expander::Expander;

impl<'v> Walk<'_, '_, 'v> {
    pub(super) fn expander(&mut self, context: &Context) -> Expander<'_, 'v> {
        let shared = &mut *self.shared;
        Expander {
            environment: &mut shared.environment,
            args: &shared.mode.args,
            dialect: self.script.dialect,
            in_backticks: context.in_backticks,
            has_own_separators: shared.mode.has_own_separators,
            depth: 0,
        }
    }

    pub(super) fn expand(&mut self, word: &Word, context: &Context, out: &mut Vec<Field>) {
        self.expand_range(range(word.span), context, out);
    }

    pub(super) fn expand_range(
        &mut self,
        word: Range<usize>,
        context: &Context,
        out: &mut Vec<Field>,
    ) {
        let before = out.len();
        let script = self.script;
        self.expander(context).fields(&script.text, word, out);
        self.shared.step(out.len() - before);
    }
}

/// The bytes of a piece of syntax.
pub(super) fn range(span: shuck_ast::Span) -> Range<usize> {
    span.start.offset()..span.end.offset()
}
