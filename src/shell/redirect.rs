//! Redirections, and the commands inside words and heredocs.

use shuck_ast::{
    CommandSubstitutionSyntax, Heredoc, HeredocBodyPart, Redirect as RedirectNode, RedirectKind,
    RedirectTarget, StmtSeq, WordPart, WordPartNode,
};

use super::Dialect;
use super::ast::{Arg, Connector, Redirect};
use super::walk::{Context, Walk};

impl<'s> Walk<'s, '_, '_> {
    pub(super) fn redirects(
        &mut self,
        nodes: &'s [RedirectNode],
        context: &Context,
    ) -> Vec<Redirect> {
        nodes
            .iter()
            .map(|node| self.redirect(node, context))
            .collect()
    }

    fn redirect(&mut self, node: &'s RedirectNode, context: &Context) -> Redirect {
        let script = self.script;
        let text = &script.text;
        let start = node.span.start.offset().min(text.len());
        let end = node.span.end.offset().clamp(start, text.len());
        let raw = text.as_str().get(start..end).unwrap_or("");
        let digits = raw.len() - raw.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let sign = sign(node.kind);
        let operator = [&raw[..digits], sign].concat();
        let (target, body) = match &node.target {
            RedirectTarget::Heredoc(heredoc) => {
                let body = heredoc.body.span;
                let body_start = body.start.offset().min(text.len());
                let body_end = body.end.offset().clamp(body_start, text.len());
                (None, Some(text.slice(body_start..body_end)))
            }
            RedirectTarget::Word(word) => {
                let mut range = word.span.start.offset()..word.span.end.offset();
                if range.is_empty() || range.start < start || range.end > end {
                    // Targets like the `1` of `2>&1` carry no place of their own.
                    let skip = raw.len()
                        - raw
                            .trim_start_matches(|c: char| {
                                c.is_ascii_digit() || c.is_whitespace() || "<>&|".contains(c)
                            })
                            .len();
                    let sign_at = raw.find(['<', '>', '&']).unwrap_or(0);
                    let behind = raw.get(sign_at..).unwrap_or("");
                    let target = behind
                        .trim_start_matches(|c: char| "<>&|".contains(c) || c.is_whitespace());
                    range = if target.is_empty() {
                        start + skip..end
                    } else {
                        end - target.len()..end
                    };
                }
                let mut fields = Vec::new();
                self.expand_range(range, context, &mut fields);
                let mut fields = fields.into_iter();
                let target: Option<Arg> = match (fields.next(), fields.next()) {
                    (Some(field), None) => Some(field.arg),
                    _ => None,
                };
                (target, None)
            }
        };
        Redirect {
            operator,
            target,
            body,
            span: text.span_of(start..end),
        }
    }

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

    fn substitution(
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

fn sign(kind: RedirectKind) -> &'static str {
    match kind {
        RedirectKind::Output => ">",
        RedirectKind::Clobber => ">|",
        RedirectKind::Append => ">>",
        RedirectKind::Input => "<",
        RedirectKind::ReadWrite => "<>",
        RedirectKind::HereDoc => "<<",
        RedirectKind::HereDocStrip => "<<-",
        RedirectKind::HereString => "<<<",
        RedirectKind::DupOutput => ">&",
        RedirectKind::DupInput => "<&",
        RedirectKind::OutputBoth => "&>",
    }
}
