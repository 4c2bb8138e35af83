//! Syntax of Dockerfiles: BuildKit's grammar, lossless and tolerant.
//!
//! [`parse`] turns text into a [`ast::Dockerfile`]; it never fails. [`expand`] expands `$NAME` in
//! words as BuildKit does. [`image`] reads image references. [`buildkit`] writes the instruction
//! list as BuildKit's parser has it. Nothing here knows stages or layers.

pub(crate) mod ast;
pub(crate) mod buildkit;
pub(crate) mod expand;
pub(crate) mod image;
pub(crate) mod variables;

pub(crate) mod beside;

mod directives;
mod flags;
pub(crate) mod heredoc;
mod instruction;
mod json;
mod lex;
mod lines;
mod pattern;
mod suggest;
mod text;
mod validate;
mod words;

#[cfg(test)]
mod tests;

use ast::{Comment, Directive, Dockerfile, Instruction, SyntaxError, SyntaxErrorKind};
use instruction::{Place, Reader};
use lines::{Line, Lines};

use crate::span::{FileId, Span, Traced};

/// Reads a Dockerfile. What BuildKit refuses is in [`Dockerfile::errors`]; everything else is read
/// all the same.
#[must_use]
pub(crate) fn parse(file: FileId, text: &str) -> Dockerfile {
    let mut parser = Parser {
        file,
        lines: Lines::new(text),
        bodies: heredoc::Bodies::new(file, text),
        reader: Reader {
            text,
            escape: '\\',
            errors: Vec::new(),
        },
        directives: Vec::new(),
        comments: Vec::new(),
    };
    let instructions = parser.instructions();
    if instructions.is_empty() {
        let at = Span::point(file, 0);
        let message = "this file contains no instruction".to_owned();
        parser.reader.error(at, message);
    }
    let mut dockerfile = Dockerfile {
        file,
        escape: parser.reader.escape,
        directives: parser.directives,
        instructions,
        comments: parser.comments,
        errors: parser.reader.errors,
    };
    validate::check(&mut dockerfile);
    dockerfile
}

struct Parser<'a> {
    file: FileId,
    lines: Lines<'a>,
    bodies: heredoc::Bodies<'a>,
    reader: Reader<'a>,
    directives: Vec<Directive>,
    comments: Vec<Comment>,
}

impl<'a> Parser<'a> {
    fn instructions(&mut self) -> Vec<Instruction> {
        let mut instructions = Vec::new();
        let mut may_be_directive = true;
        while let Some(line) = self.next_line() {
            let trimmed = line.trimmed();
            if lines::is_comment(trimmed) {
                if !(may_be_directive && self.directive(&line)) {
                    may_be_directive = false;
                    self.comment(&line, false);
                }
                continue;
            }
            may_be_directive = false;
            if !trimmed.is_empty() {
                let instruction = self.instruction(&line);
                instructions.push(instruction);
            }
        }
        instructions
    }

    fn next_line(&mut self) -> Option<Line<'a>> {
        let line = self.lines.next()?;
        if line.is_too_long {
            let span = self.span(line.start, line.end());
            self.too_long(span);
        }
        Some(line)
    }

    fn too_long(&mut self, span: Span) {
        let limit = lines::MAX_LINE;
        let message = format!("the line is longer than {limit} bytes: break it up");
        self.reader.error(span, message);
    }

    fn comment(&mut self, line: &Line<'_>, is_inside_instruction: bool) {
        self.comments.push(Comment {
            span: self.span(line.indent(), line.end()),
            is_inside_instruction,
        });
    }

    /// Whether the line is a directive.
    fn directive(&mut self, line: &Line<'_>) -> bool {
        let trimmed = line.trimmed();
        let Some(found) = directives::read(trimmed) else {
            return false;
        };
        let span = self.span(line.indent(), line.end());
        let start = line.indent() + found.value_start;
        let value_span = self.span(start, start + found.value.len());
        if self.directives.iter().any(|other| other.name == found.name) {
            let message = format!("`{}` is set twice: one line is enough", found.name);
            self.reader.error(span, message);
        } else if found.name == "escape" {
            match found.value {
                "\\" => self.reader.escape = '\\',
                "`" => self.reader.escape = '`',
                other => {
                    let message = format!("the escape is `\\` or a backtick, not `{other}`");
                    self.reader.error(value_span, message);
                }
            }
        }
        self.directives.push(Directive {
            name: found.name,
            value: Traced::new(found.value, value_span),
            span,
        });
        true
    }

    /// Reads an instruction whose first line is `first`.
    fn instruction(&mut self, first: &Line<'a>) -> Instruction {
        let start = first.indent();
        let (joined, end) = self.logical_line(first);
        let place = Place {
            span: self.span(start, end),
            start_line: first.number,
            end_line: self.lines.number(),
        };
        let mut instruction = self.reader.read(&joined, place);
        if joined.as_str().contains("<<") && heredoc::may_have(&instruction) {
            self.heredocs(&joined, &mut instruction);
        }
        instruction
    }

    /// Joins a line with those it goes on in; also where the last one read ends.
    fn logical_line(&mut self, first: &Line<'a>) -> (Traced, usize) {
        let escape = self.reader.escape;
        let text = first.trimmed();
        let start = first.indent();
        let Some(length) = lines::continued(text, escape) else {
            let span = self.span(start, first.end());
            return (Traced::new(text, span), first.end());
        };
        let mut joined = Traced::new(&text[..length], self.span(start, start + length));
        let mut end = first.end();
        while let Some(line) = self.next_line() {
            end = line.end();
            let trimmed = line.trimmed();
            if lines::is_comment(trimmed) {
                self.comment(&line, true);
                continue;
            }
            if trimmed.is_empty() {
                continue;
            }
            let continued = lines::continued(line.text, escape);
            let length = continued.unwrap_or(line.text.len());
            let span = self.span(line.start, line.start + length);
            joined.push(&line.text[..length], span);
            if continued.is_none() {
                break;
            }
        }
        (joined, end)
    }

    fn heredocs(&mut self, line: &Traced, instruction: &mut Instruction) {
        let markers = match heredoc::markers(line) {
            Ok(markers) => markers,
            Err((span, message)) => {
                self.reader.error(span, message);
                instruction.is_broken = true;
                return;
            }
        };
        let mut is_open = false;
        for marker in markers {
            let word = marker.word;
            let mut too_long = Vec::new();
            let body = self.bodies.read(marker, &mut self.lines, &mut too_long);
            for span in too_long {
                self.too_long(span);
            }
            instruction.end_line = self.lines.number();
            instruction.span.end = instruction.span.end.max(body.heredoc.terminator.end);
            instruction.heredocs.push(body.heredoc);
            if let Some(message) = body.error {
                // The others cannot be closed either: one error is enough.
                if !is_open {
                    self.reader.error(word, message);
                }
                is_open = true;
                instruction.is_broken = true;
            }
        }
        if let Some(trigger) = &mut instruction.trigger {
            trigger.span.end = instruction.span.end;
            trigger.end_line = instruction.end_line;
            trigger.is_broken |= is_open;
        }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, offset(start), offset(end))
    }
}

/// Files are far smaller than 4 GiB.
fn offset(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// The first error of a kind.
fn first_error(dockerfile: &Dockerfile, kind: SyntaxErrorKind) -> Option<&SyntaxError> {
    dockerfile.errors.iter().find(|error| error.kind == kind)
}
