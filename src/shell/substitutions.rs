//! Commands in `$( ... )` of words, redirects and assignments.

use shuck_ast::Assignment as AssignmentNode;
use shuck_ast::AssignmentValue;
use shuck_ast::CommandSubstitutionSyntax;
use shuck_ast::Heredoc;
use shuck_ast::HeredocBodyPart;
use shuck_ast::Redirect as RedirectNode;
use shuck_ast::StmtSeq;
use shuck_ast::Word;
use shuck_ast::WordPart;
use shuck_ast::WordPartNode;

use crate::shell::Dialect;
use crate::shell::ast::Connector;
use crate::shell::state::{Context, Walk};

impl<'s> Walk<'s, '_, '_> {
    /// Walks the commands inside the pieces of a word. `is_assigned`: the word is a bare assignment,
    /// so that the status of the last substitution is the status of the statement.
    pub(super) fn substitutions(
        &mut self,
        parts: &'s [WordPartNode],
        context: &Context,
        is_assigned: bool,
    ) {
        for part in parts {
            match &part.kind {
                WordPart::CommandSubstitution { body, syntax } => {
                    let in_backticks = *syntax == CommandSubstitutionSyntax::Backtick;
                    self.substitution(body, context, is_assigned, in_backticks);
                }
                WordPart::ProcessSubstitution { body, .. } => {
                    self.substitution(body, context, false, false);
                }
                WordPart::DoubleQuoted { parts, .. } => {
                    self.substitutions(parts, context, is_assigned);
                }
                WordPart::ParameterExpansion {
                    operand_word_ast, ..
                }
                | WordPart::IndirectExpansion {
                    operand_word_ast, ..
                } => {
                    if let Some(word) = operand_word_ast {
                        self.substitutions(&word.parts, context, is_assigned);
                    }
                }
                WordPart::Parameter(parameter) => {
                    let operand = parameter
                        .bourne()
                        .and_then(|bourne| bourne.operand_word_ast());
                    if let Some(word) = operand {
                        self.substitutions(&word.parts, &context.clone().perhaps(), is_assigned);
                    }
                }
                WordPart::ArithmeticExpansion {
                    expression_word_ast,
                    ..
                } => {
                    self.substitutions(&expression_word_ast.parts, context, false);
                }
                WordPart::Literal(_)
                | WordPart::ZshQualifiedGlob(_)
                | WordPart::SingleQuoted { .. }
                | WordPart::Variable(_)
                | WordPart::Length(_)
                | WordPart::ArrayAccess(_)
                | WordPart::ArrayLength(_)
                | WordPart::ArrayIndices(_)
                | WordPart::Substring { .. }
                | WordPart::ArraySlice { .. }
                | WordPart::PrefixMatch { .. }
                | WordPart::Transformation { .. } => {}
            }
        }
    }

    pub(super) fn heredoc_substitutions(&mut self, heredoc: &'s Heredoc, context: &Context) {
        for part in &heredoc.body.parts {
            if let HeredocBodyPart::CommandSubstitution { body, syntax } = &part.kind {
                let in_backticks = *syntax == CommandSubstitutionSyntax::Backtick;
                self.substitution(body, context, false, in_backticks);
            }
        }
    }

    pub(super) fn substitution(
        &mut self,
        body: &'s StmtSeq,
        context: &Context,
        is_assigned: bool,
        in_backticks: bool,
    ) {
        let mut inner = context.clone();
        inner.depth += 1;
        inner.is_substitution = true;
        inner.in_backticks |= in_backticks;
        inner.connector = Connector::Sequence;
        inner.pipeline = (0, 1);
        inner.status = is_assigned && context.stops(&self.shared.mode);
        inner.abort = inner.status;
        let is_bash = self.script.dialect == Dialect::Bash;
        self.apart(|walk| {
            // Only bash forgets `set -e` here.
            walk.shared.mode.errexit &= !is_bash;
            walk.sequence(body, &inner);
        });
    }
}

impl<'s> Walk<'s, '_, '_> {
    pub(super) fn word_substitutions(&mut self, words: &'s [Word], context: &Context) {
        for word in words {
            self.substitutions(&word.parts, context, false);
        }
    }

    pub(super) fn assignment_substitutions(
        &mut self,
        node: &'s AssignmentNode,
        context: &Context,
        is_bare: bool,
    ) {
        match &node.value {
            AssignmentValue::Scalar(word) => self.substitutions(&word.parts, context, is_bare),
            AssignmentValue::Compound(array) => {
                for element in &array.elements {
                    self.substitutions(&element.value().word.parts, context, false);
                }
            }
        }
    }

    pub(super) fn redirect_substitutions(&mut self, nodes: &'s [RedirectNode], context: &Context) {
        for node in nodes {
            if let Some(word) = node.word_target() {
                self.substitutions(&word.parts, context, false);
            } else if let Some(heredoc) = node.heredoc() {
                self.heredoc_substitutions(heredoc, context);
            }
        }
    }
}
