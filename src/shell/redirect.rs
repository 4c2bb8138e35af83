//! Redirections, and the commands inside words and heredocs.

use shuck_ast::{Redirect as RedirectNode, RedirectKind, RedirectTarget};

use super::ast::{Arg, Redirect};
use super::state::{Context, Walk};

impl<'s> Walk<'s, '_, '_> {
    pub(super) fn read_redirects(
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
