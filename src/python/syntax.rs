//! The parser's door: text that is nested too deeply is refused before the parser sees it.
//!
//! The tree is dropped and walked by recursion, so its depth is bounded here. Within one bracket
//! and between two commas a tree is at most as deep as there are tokens; the sum over the open
//! brackets bounds the whole.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{Expr, ModModule};
use ruff_python_parser::{Mode, Parsed, lexer};
use ruff_text_size::{Ranged, TextRange};

/// Brackets open at once, at most; Python itself stops at 200.
const MAX_BRACKETS: usize = 200;
/// Tokens that may add to the depth of one tree.
const MAX_CHAIN: usize = 4000;
/// Blocks inside blocks, at most; Python itself stops at 100.
const MAX_INDENT: usize = 100;

/// Why a module has no tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) range: TextRange,
    pub(crate) message: String,
}

/// What the expression holds need not run where it does: one side is not looked at, or nothing goes through it.
pub(crate) fn is_conditional(expression: &Expr) -> bool {
    matches!(
        expression,
        Expr::If(_)
            | Expr::BoolOp(_)
            | Expr::Lambda(_)
            | Expr::Generator(_)
            | Expr::ListComp(_)
            | Expr::SetComp(_)
            | Expr::DictComp(_)
    )
}

/// Parses a module.
pub(crate) fn parse(text: &str) -> Result<Parsed<ModModule>, SyntaxError> {
    if is_too_deep(text) {
        // The lexer does not tell where it stands, so the whole file is meant.
        return Err(SyntaxError {
            range: TextRange::default(),
            message: "the code is nested too deeply".to_owned(),
        });
    }
    ruff_python_parser::parse_module(text).map_err(|error| SyntaxError {
        range: error.range(),
        message: lower(&error.error.to_string()),
    })
}

fn lower(message: &str) -> String {
    let mut chars = message.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            let head: String = first.to_lowercase().collect();
            format!("{head}{}", &message[first.len_utf8()..])
        }
        _ => message.to_owned(),
    }
}

/// Whether a bound is exceeded somewhere.
fn is_too_deep(text: &str) -> bool {
    // Fewer bytes than the smallest bound cannot exceed any.
    if text.len() <= MAX_INDENT {
        return false;
    }
    let mut lexer = lexer::lex(text, Mode::Module);
    let mut indent = 0usize;
    let mut open: Vec<usize> = vec![0];
    let mut total = 0usize;
    loop {
        let kind = lexer.next_token();
        let level = open.len() - 1;
        match kind {
            TokenKind::EndOfFile => return false,
            TokenKind::Indent => indent += 1,
            TokenKind::Dedent => indent = indent.saturating_sub(1),
            TokenKind::Newline | TokenKind::Semi if level == 0 => {
                open[0] = 0;
                total = 0;
            }
            TokenKind::Comma => total -= std::mem::take(&mut open[level]),
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => {
                open[level] += 1;
                total += 1;
                open.push(0);
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace if level > 0 => {
                total -= open.pop().unwrap_or(0);
            }
            TokenKind::Comment | TokenKind::NonLogicalNewline | TokenKind::Newline => {}
            _ => {
                open[level] += 1;
                total += 1;
            }
        }
        if indent > MAX_INDENT || open.len() > MAX_BRACKETS || total > MAX_CHAIN {
            return true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_code_is_refused_and_long_code_is_not() {
        let deep = format!("X = {}1{}\n", "(".repeat(10_000), ")".repeat(10_000));
        assert!(parse(&deep).is_err());
        for chain in ["not ", "-", "lambda: ", "1 if 1 else ", "f(", "{1: ", "f'{"] {
            assert!(
                parse(&format!("X = {}1\n", chain.repeat(10_000))).is_err(),
                "{chain}"
            );
        }
        assert!(parse(&format!("X = 1{}\n", " + 1".repeat(100_000))).is_err());
        assert!(parse(&format!("X = a{}\n", ".b".repeat(100_000))).is_err());
        let long = format!("X = [{}]\n", "'a', ".repeat(20_000));
        assert!(parse(&long).is_ok());
        assert!(parse(&"X = 1\n".repeat(20_000)).is_ok());
        let blocks: String = (0..200)
            .map(|n| format!("{}if x:\n", " ".repeat(n)))
            .collect();
        assert!(parse(&format!("{blocks}{}pass\n", " ".repeat(200))).is_err());
    }

    #[test]
    fn messages_begin_small() {
        let error = parse("print 'x'\n").unwrap_err();
        assert!(
            error.message.starts_with(|c: char| !c.is_uppercase()),
            "{}",
            error.message
        );
    }
}
