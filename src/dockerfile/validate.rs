//! What BuildKit refuses once it has the list of instructions.
//!
//! Knows what each instruction needs and in which order they may come. An instruction the parser
//! refused already is not judged again, and what only follows from an earlier error is not told.

use super::ast::{Args, Dockerfile, Instruction, Keyword, Pair, SyntaxError, SyntaxErrorKind};
use super::instruction::first_word;
use super::{flags, heredoc, suggest};
use crate::span::{Span, Traced};

type Problem = (Span, String);

/// Checks every instruction, marks the broken ones, and puts all errors in file order.
pub(super) fn check(dockerfile: &mut Dockerfile) {
    let mut found: Vec<Problem> = Vec::new();
    let mut has_stage = false;
    let mut before: Option<(Keyword, u32)> = None;
    for instruction in &mut dockerfile.instructions {
        let keyword = instruction.keyword;
        let is_told = instruction.is_broken;
        let mut problems = Vec::new();
        if keyword == Keyword::Unknown {
            instruction.is_broken = true;
            problem_of_unknown(instruction, before, &mut problems);
            // It may have been meant as FROM: what follows is not told to lack one.
            has_stage |= !problems.is_empty();
        } else if !is_told {
            of_instruction(instruction, &mut problems);
            instruction.is_broken = !problems.is_empty();
            if let Some(trigger) = &mut instruction.trigger {
                mark_trigger(trigger);
                instruction.is_broken |= trigger.is_broken;
            }
        }
        if !has_stage && !matches!(keyword, Keyword::From | Keyword::Arg | Keyword::Unknown) {
            if problems.is_empty() && !is_told {
                let name = keyword.name();
                let message = format!("{name} is before the first FROM, where only ARG is allowed");
                problems.push((instruction.keyword_text.span(), message));
                instruction.is_broken = true;
            }
            has_stage = true;
        }
        has_stage |= keyword == Keyword::From;
        before = Some((keyword, instruction.end_line));
        found.append(&mut problems);
    }
    let errors = found.into_iter().map(|(span, message)| SyntaxError {
        kind: SyntaxErrorKind::Instruction,
        span,
        message,
    });
    dockerfile.errors.extend(errors);
    dockerfile.errors.sort_by_key(|error| error.span.start);
}

/// BuildKit reads a trigger when another file builds on the image; it is no error of this one.
fn mark_trigger(trigger: &mut Instruction) {
    if trigger.keyword == Keyword::Unknown {
        trigger.is_broken = true;
    } else if !trigger.is_broken {
        let mut problems = Vec::new();
        of_instruction(trigger, &mut problems);
        trigger.is_broken = !problems.is_empty();
    }
}

/// An unknown word right after another is most likely more of the same.
fn problem_of_unknown(
    instruction: &Instruction,
    before: Option<(Keyword, u32)>,
    problems: &mut Vec<Problem>,
) {
    let word = instruction.keyword_text.as_str();
    let upper = word.to_uppercase();
    let meant = suggest::nearest(&upper, Keyword::ALL.iter().map(|(name, _)| *name));
    let follows = before.filter(|(_, line)| instruction.start_line == line + 1);
    let message = match (meant, follows) {
        (Some(meant), _) => format!("`{word}` is not an instruction: did you mean `{meant}`?"),
        (None, Some((Keyword::Unknown, _))) => return,
        (None, Some((keyword, _))) => {
            let name = keyword.name();
            format!(
                "`{word}` is not an instruction: if it belongs to the {name} above, end the line before it with a \
                    continuation"
            )
        }
        (None, None) if word.is_empty() => "an instruction is missing here".to_owned(),
        (None, None) => format!("`{word}` is not an instruction"),
    };
    problems.push((instruction.keyword_text.span(), message));
}

fn of_instruction(instruction: &Instruction, problems: &mut Vec<Problem>) {
    let keyword = instruction.keyword;
    let is_none = keyword == Keyword::Healthcheck && is_word(&instruction.rest, "NONE");
    if !is_none
        && !matches!(
            keyword,
            Keyword::Stopsignal | Keyword::Arg | Keyword::Unknown
        )
    {
        flags::check(keyword, &instruction.flags, problems);
    }
    match keyword {
        Keyword::From => from(instruction, problems),
        Keyword::Add | Keyword::Copy => copy(instruction, problems),
        Keyword::Workdir | Keyword::User | Keyword::Stopsignal | Keyword::Maintainer => {
            needs(instruction, "an argument", problems);
        }
        Keyword::Expose => {
            needs(instruction, "a port", problems);
        }
        Keyword::Volume => volume(instruction, problems),
        Keyword::Env | Keyword::Label => pairs(instruction, problems),
        Keyword::Arg => arg(instruction, problems),
        Keyword::Onbuild => onbuild(instruction, problems),
        Keyword::Healthcheck => healthcheck(instruction, problems),
        Keyword::Shell => shell(instruction, problems),
        Keyword::Run | Keyword::Cmd | Keyword::Entrypoint | Keyword::Unknown => {}
    }
}

fn is_word(text: &Traced, word: &str) -> bool {
    first_word(text.as_str()).eq_ignore_ascii_case(word)
}

/// Reports an instruction without arguments; whether it has some.
fn needs(instruction: &Instruction, what: &str, problems: &mut Vec<Problem>) -> bool {
    let is_empty = match &instruction.args {
        Args::None => true,
        Args::Json(words) | Args::Words(words) => words.is_empty(),
        Args::Text(_) => false,
        Args::Pairs(pairs) => pairs.is_empty(),
    };
    if is_empty {
        let name = instruction.keyword.name();
        let message = format!("{name} needs {what}");
        problems.push((instruction.keyword_text.span(), message));
    }
    !is_empty
}

fn words(instruction: &Instruction) -> &[Traced] {
    match &instruction.args {
        Args::Json(words) | Args::Words(words) => words,
        _ => &[],
    }
}

fn from(instruction: &Instruction, problems: &mut Vec<Problem>) {
    match words(instruction) {
        [_] => {}
        [_, as_word, name] if as_word.as_str().eq_ignore_ascii_case("as") => {
            if !is_stage_name(&name.as_str().to_lowercase()) {
                let message = format!(
                    "`{name}` is not a valid stage name: it starts with a letter, then letters, digits, `-`, `_` \
                        and `.`"
                );
                problems.push((name.span(), message));
            }
        }
        [] => {
            let message = "FROM needs an image".to_owned();
            problems.push((instruction.keyword_text.span(), message));
        }
        [_, others @ ..] => {
            let first = &others[0];
            let span = others
                .last()
                .map_or(first.span(), |last| first.span().cover(last.span()));
            let message = match others {
                [word] if word.as_str().eq_ignore_ascii_case("as") => {
                    "the name of the stage is missing after `AS`".to_owned()
                }
                [word, _] => {
                    format!("`{word}` is not read: FROM takes an image, or `image AS name`")
                }
                [word, ..] if word.as_str().starts_with('#') => {
                    "a comment must be on a line of its own".to_owned()
                }
                _ => "FROM takes an image, or `image AS name`".to_owned(),
            };
            problems.push((span, message));
        }
    }
}

fn is_stage_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c))
}

fn copy(instruction: &Instruction, problems: &mut Vec<Problem>) {
    let name = instruction.keyword.name();
    match words(instruction) {
        [] => {
            let message = format!("{name} needs a source and a destination");
            problems.push((instruction.keyword_text.span(), message));
        }
        [only] => {
            let message = format!("{name} needs a destination after `{only}`");
            problems.push((only.span(), message));
        }
        [.., destination] => {
            if let Ok(Some(_)) = heredoc::marker(destination) {
                let message = format!("{name} needs a destination: a heredoc is only a source");
                problems.push((destination.span(), message));
            }
        }
    }
}

fn volume(instruction: &Instruction, problems: &mut Vec<Problem>) {
    if !needs(instruction, "a path", problems) {
        return;
    }
    let empty = words(instruction)
        .iter()
        .find(|word| word.as_str().trim().is_empty());
    if let Some(word) = empty {
        problems.push((word.span(), "a volume cannot be empty".to_owned()));
    }
}

fn pairs(instruction: &Instruction, problems: &mut Vec<Problem>) {
    if !needs(instruction, "`name=value`", problems) {
        return;
    }
    let Args::Pairs(pairs) = &instruction.args else {
        return;
    };
    let is_blank = |pair: &&Pair| pair.key.is_empty();
    if let Some(pair) = pairs.iter().find(is_blank) {
        let message = "a name is missing before `=`".to_owned();
        problems.push((pair.key.span(), message));
    }
}

fn arg(instruction: &Instruction, problems: &mut Vec<Problem>) {
    if !needs(instruction, "a name", problems) {
        return;
    }
    let nameless = words(instruction)
        .iter()
        .find(|word| word.as_str().starts_with('='));
    if let Some(word) = nameless {
        problems.push((word.span(), "a name is missing before `=`".to_owned()));
    }
}

fn onbuild(instruction: &Instruction, problems: &mut Vec<Problem>) {
    let Some(trigger) = &instruction.trigger else {
        let message = "ONBUILD needs an instruction".to_owned();
        problems.push((instruction.keyword_text.span(), message));
        return;
    };
    let keyword = Keyword::parse(trigger.keyword_text.as_str().trim());
    if let Keyword::Onbuild | Keyword::From | Keyword::Maintainer = keyword {
        let name = keyword.name();
        let message = format!("ONBUILD cannot contain {name}");
        problems.push((trigger.keyword_text.span(), message));
    }
}

fn healthcheck(instruction: &Instruction, problems: &mut Vec<Problem>) {
    let rest = &instruction.rest;
    if rest.is_empty() {
        let message = "HEALTHCHECK needs `CMD` with a command, or `NONE`".to_owned();
        problems.push((instruction.keyword_text.span(), message));
        return;
    }
    let length = first_word(rest.as_str()).len();
    let kind = rest.slice(0..length);
    let is_empty = match &instruction.args {
        Args::Json(words) => words.is_empty(),
        Args::Text(_) => false,
        _ => true,
    };
    if is_word(rest, "NONE") {
        if !is_empty {
            let span = rest.span_of(length..rest.len());
            problems.push((span, "`HEALTHCHECK NONE` takes no arguments".to_owned()));
        }
    } else if is_word(rest, "CMD") {
        if is_empty {
            let message = "a command is missing after `HEALTHCHECK CMD`".to_owned();
            problems.push((kind.span(), message));
        }
    } else {
        let message = format!("HEALTHCHECK takes `CMD` or `NONE`, not `{kind}`");
        problems.push((kind.span(), message));
    }
}

fn shell(instruction: &Instruction, problems: &mut Vec<Problem>) {
    if needs(instruction, "a JSON array", problems) && matches!(instruction.args, Args::Text(_)) {
        let message = "SHELL takes a JSON array: `[\"/bin/bash\", \"-c\"]`".to_owned();
        problems.push((instruction.rest.span(), message));
    }
}
