//! A second, independent reader: the crate `dockerfile-parser`.

use std::collections::BTreeMap;

use crate::dockerfile::ast::{Args, Instruction, Keyword};
use crate::dockerfile::expand::unquote;
use crate::span::Traced;
use dockerfile_parser::{Dockerfile, Instruction as Theirs, ShellOrExecExpr};

use super::{Parsed, own_files, parsed};
use crate::shared::corpus::oracle;

/// An instruction as both can tell it: where it starts, and what it says.
type Told = (usize, String);

fn theirs(dockerfile: &Dockerfile) -> Vec<Told> {
    let tell = |instruction: &Theirs| {
        let text = match instruction {
            Theirs::From(from) => {
                let alias = from.alias.as_ref().map(|alias| alias.content.as_str());
                format!("FROM {} {}", from.image.content, alias.unwrap_or(""))
            }
            Theirs::Arg(arg) => format!("ARG {}", arg.name.content),
            Theirs::Label(label) => {
                let names = label.labels.iter().map(|label| label.name.content.clone());
                format!("LABEL {}", names.collect::<Vec<_>>().join(" "))
            }
            Theirs::Env(env) => {
                let names = env.vars.iter().map(|var| var.key.content.clone());
                format!("ENV {}", names.collect::<Vec<_>>().join(" "))
            }
            Theirs::Run(run) => command("RUN", &run.expr),
            Theirs::Cmd(cmd) => command("CMD", &cmd.expr),
            Theirs::Entrypoint(entrypoint) => command("ENTRYPOINT", &entrypoint.expr),
            Theirs::Copy(copy) => {
                let sources = copy.sources.iter().map(|source| source.content.as_str());
                let words: Vec<_> = sources.chain([copy.destination.content.as_str()]).collect();
                format!("COPY {}", words.join(" "))
            }
            Theirs::Misc(misc) => misc.instruction.content.to_uppercase(),
        };
        (instruction.span().start, text)
    };
    dockerfile.instructions.iter().map(tell).collect()
}

fn command(keyword: &str, expr: &ShellOrExecExpr) -> String {
    match expr {
        ShellOrExecExpr::Shell(text) => format!("{keyword} {}", text.to_string().trim()),
        ShellOrExecExpr::Exec(words) => {
            let words: Vec<_> = words.elements.iter().map(|word| &word.content).collect();
            format!("{keyword} {words:?}")
        }
    }
}

fn ours(file: &Parsed, instruction: &Instruction) -> String {
    let escape = file.tree.escape;
    let keyword = instruction.keyword.name();
    let joined = |words: &[Traced]| {
        let words: Vec<_> = words
            .iter()
            .map(|word| unquote(word, escape).to_string())
            .collect();
        words.join(" ")
    };
    match (&instruction.args, instruction.keyword) {
        (Args::Words(words), Keyword::From) => {
            let alias = words.get(2).map_or("", |word| word.as_str());
            format!("FROM {} {alias}", words[0])
        }
        (Args::Words(words), Keyword::Arg) => {
            let name = words[0].as_str().split('=').next().unwrap();
            format!("ARG {name}")
        }
        (Args::Pairs(pairs), _) => {
            let names: Vec<_> = pairs.iter().map(|pair| pair.key.clone()).collect();
            format!("{keyword} {}", joined(&names))
        }
        (Args::Text(_) | Args::None, Keyword::Run | Keyword::Cmd | Keyword::Entrypoint) => {
            let flags = instruction.flags.iter();
            let flags: String = flags
                .map(|flag| format!("{} ", flag.span.slice(&file.source.text)))
                .collect();
            format!("{keyword} {flags}{}", instruction.rest)
        }
        (Args::Json(words), Keyword::Run | Keyword::Cmd | Keyword::Entrypoint) => {
            let words: Vec<_> = words.iter().map(|word| word.as_str()).collect();
            format!("{keyword} {words:?}")
        }
        (Args::Json(words) | Args::Words(words), Keyword::Copy) => {
            format!("COPY {}", joined(words))
        }
        _ => instruction.keyword_text.as_str().to_uppercase(),
    }
}

/// Why the two may differ on an instruction. In each case BuildKit reads it as we do.
type Reason = (&'static str, fn(&Parsed, &Instruction) -> bool);

const REASONS: &[Reason] = &[
    ("it knows no escape but the backslash", |file, _| {
        file.tree.escape != '\\'
    }),
    (
        "it takes RUN with flags for the shell form",
        |_, instruction| matches!(instruction.args, Args::Json(_)) && !instruction.flags.is_empty(),
    ),
    ("it keeps the `--` that ends flags", |file, instruction| {
        let written = instruction.span.slice(&file.source.text);
        written.split_whitespace().any(|word| word == "--")
    }),
    (
        "a flag without a value is a path to it",
        |_, instruction| instruction.flags.iter().any(|flag| flag.value.is_none()),
    ),
    ("it knows no JSON form of COPY", |_, instruction| {
        instruction.keyword == Keyword::Copy && matches!(instruction.args, Args::Json(_))
    }),
    (
        "a blank line ends an instruction for it",
        |file, instruction| {
            let written = instruction.span.slice(&file.source.text);
            written.lines().any(|line| line.trim().is_empty())
        },
    ),
    (
        "an escape at the end of the file is text to it",
        |file, instruction| {
            let written = instruction.span.slice(&file.source.text).trim_end();
            instruction.span.end as usize == file.source.text.len() && written.ends_with('\\')
        },
    ),
    (
        "it reads one ARG with a plain name",
        |_, instruction| match &instruction.args {
            Args::Words(words) => {
                instruction.keyword == Keyword::Arg
                    && (words.len() > 1 || words[0].as_str().contains(['$', '{', '\\']))
            }
            _ => false,
        },
    ),
];

/// The instructions on which they differ, each with the reason; the empty one is none.
fn differences(file: &Parsed, other: &Dockerfile) -> Vec<(&'static str, String)> {
    let mut told = theirs(other).into_iter().peekable();
    let mut differences = Vec::new();
    for instruction in &file.tree.instructions {
        let mut within = Vec::new();
        while let Some(next) = told.next_if(|(start, _)| *start < instruction.span.end as usize) {
            within.push(next);
        }
        let start = instruction.span.start as usize;
        // Blanks are not compared: it keeps flags and their continuations in the text.
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let our_text = plain(&ours(file, instruction));
        if let [(at, text)] = within.as_slice()
            && *at == start
            && plain(text) == our_text
        {
            continue;
        }
        let reason = REASONS
            .iter()
            .find(|(_, applies)| applies(file, instruction))
            .map_or("", |(name, _)| *name);
        differences.push((reason, format!("{our_text:?} and {within:?}")));
    }
    differences.extend(told.map(|(_, text)| ("", text)));
    differences
}

/// How often each reason was needed, and what has none.
#[derive(Debug, Default)]
struct Outcome {
    compared: usize,
    reasons: BTreeMap<&'static str, usize>,
    unexplained: Vec<String>,
}

fn compare(name: &str, bytes: &[u8], outcome: &mut Outcome) {
    let file = parsed(name, bytes);
    let Ok(other) = Dockerfile::parse(&file.source.text) else {
        return;
    };
    // It accepts what BuildKit refuses; that is compared with BuildKit.
    if !file.tree.errors.is_empty() {
        return;
    }
    outcome.compared += 1;
    for (reason, difference) in differences(&file, &other) {
        if reason.is_empty() {
            outcome.unexplained.push(format!("{name}: {difference}"));
        }
        *outcome.reasons.entry(reason).or_default() += 1;
    }
}

#[test]
fn agrees_with_another_reader_on_fixtures_or_has_a_reason() {
    let mut outcome = Outcome::default();
    for (name, bytes) in own_files() {
        compare(&name, &bytes, &mut outcome);
    }
    println!("{outcome:#?}");
    assert_eq!(outcome.unexplained, Vec::<String>::new());
    assert!(outcome.compared >= 10);
}

#[test]
#[ignore = "needs the shared corpus"]
fn agrees_with_another_reader_on_the_corpus_or_has_a_reason() {
    let oracle = oracle();
    let mut outcome = Outcome::default();
    for (name, bytes) in &oracle.files {
        compare(name, bytes, &mut outcome);
    }
    println!("{outcome:#?}");
    assert_eq!(outcome.unexplained, Vec::<String>::new());
    assert!(outcome.compared >= 1400);
}
