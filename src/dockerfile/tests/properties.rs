//! Nothing panics, and spans name what they say, whatever the bytes.

use crate::dockerfile::ast::{Args, Instruction};
use crate::dockerfile::buildkit;
use crate::dockerfile::expand::{Lookup, Var, expand, unquote};
use crate::dockerfile::image::ImageRef;
use crate::span::Traced;
use proptest::prelude::*;

use super::{Parsed, own_files, parsed};
use crate::shared::corpus::oracle;

/// Everything that can be asked of a file; panics where a span does not fit.
fn check(bytes: &[u8]) {
    let file = check_tree(bytes);
    for instruction in &file.tree.instructions {
        check_expansion(instruction, &file.source.text, file.tree.escape);
    }
}

/// The part that is quick enough for a hundred thousand files.
fn check_tree(bytes: &[u8]) -> Parsed {
    let file = parsed("Dockerfile", bytes);
    let text = &file.source.text;
    let tree = &file.tree;
    let length = u32::try_from(text.len()).unwrap();
    let line_count = u32::try_from(file.source.line_starts().len()).unwrap();
    let mut end = 0;
    for instruction in &tree.instructions {
        assert!(instruction.span.start >= end, "instructions overlap");
        end = instruction.span.end;
        assert!(end <= length);
        let start = file.source.position(instruction.span.start);
        assert_eq!(start.line, instruction.start_line);
        assert!(instruction.end_line <= line_count);
        let last = file.source.position(instruction.span.end);
        assert!(last.line <= instruction.end_line);
        check_instruction(instruction, text);
    }
    for comment in &tree.comments {
        assert!(comment.span.slice(text).starts_with('#'));
        assert!(!comment.span.slice(text).contains('\n'));
    }
    for directive in &tree.directives {
        check_text(&directive.value, text);
        let written = directive.span.slice(text);
        assert!(written.to_lowercase().contains(&directive.name));
    }
    for error in &tree.errors {
        assert!(error.span.end <= length);
        assert!(text.is_char_boundary(error.span.start as usize));
        assert!(text.is_char_boundary(error.span.end as usize));
        assert!(!error.message.is_empty());
    }
    let is_sorted = tree.errors.is_sorted_by_key(|error| error.span.start);
    assert!(is_sorted, "errors are in file order");
    let json = buildkit::to_json(tree, text, "Dockerfile");
    assert_eq!(
        json.matches("{\"keyword\":").count(),
        tree.instructions.len()
    );
    file
}

/// Every text of an instruction.
fn texts(instruction: &Instruction) -> Vec<&Traced> {
    let mut texts = vec![&instruction.keyword_text, &instruction.rest];
    match &instruction.args {
        Args::Json(words) | Args::Words(words) => texts.extend(words),
        Args::Text(text) => texts.push(text),
        Args::Pairs(pairs) => {
            texts.extend(pairs.iter().flat_map(|pair| [&pair.key, &pair.value]));
        }
        Args::None => {}
    }
    for flag in &instruction.flags {
        texts.push(&flag.name);
        texts.extend(&flag.value);
    }
    texts
}

fn check_instruction(instruction: &Instruction, text: &str) {
    for flag in &instruction.flags {
        let written = flag.span.slice(text);
        // A continuation may stand between the dashes.
        assert!(
            written.starts_with("--") || written.starts_with("-\\") || written.starts_with("-`")
        );
        assert!(instruction.span.contains(flag.span));
    }
    for heredoc in &instruction.heredocs {
        check_text(&heredoc.content, text);
        assert!(heredoc.word.slice(text).contains('<'));
        assert!(instruction.span.contains(heredoc.terminator));
        let terminator = heredoc.terminator.slice(text);
        assert!(instruction.is_broken || terminator == heredoc.name);
    }
    for part in texts(instruction) {
        check_text(part, text);
        assert!(instruction.span.contains(part.span()), "{part:?}");
    }
    if let Some(trigger) = &instruction.trigger {
        assert!(instruction.span.contains(trigger.span));
        check_instruction(trigger, text);
    }
}

fn check_expansion(instruction: &Instruction, text: &str, escape: char) {
    for part in texts(instruction) {
        check_text(&unquote(part, escape), text);
        let expanded = expand(part, escape, &Variables);
        assert!(expanded.text.is_none() || expanded.error.is_none());
        for (name, span) in &expanded.names {
            let written = span.slice(text);
            assert!(written.starts_with('$'));
            // Between its characters there may be a continuation or a quote, and JSON may write them
            // as escapes.
            let mut rest = written.chars();
            let in_order = name.chars().all(|char| rest.any(|other| other == char));
            assert!(in_order || written.contains('\\'), "{name}: {written}");
        }
        let _ = ImageRef::parse(part);
    }
    if let Some(trigger) = &instruction.trigger {
        check_expansion(trigger, text, escape);
    }
}

/// Every piece that is as long as its place stands there literally.
fn check_text(part: &Traced, text: &str) {
    let mut whole = String::new();
    for (piece, span) in part.pieces() {
        let written = span.slice(text);
        assert_eq!(written.len(), span.len() as usize, "{span:?} does not fit");
        assert!(written.len() != piece.len() || written == piece);
        whole.push_str(piece);
    }
    assert_eq!(whole, part.as_str());
}

/// Every other name is unset or unknown.
struct Variables;

impl Lookup for Variables {
    fn get(&self, name: &str) -> Var<'_> {
        if name.len().is_multiple_of(2) {
            Var::Unset
        } else {
            Var::Unknown
        }
    }
}

const PARTS: [&str; 72] = [
    "FROM a",
    "FROM",
    "\nRUN ",
    "\nCOPY ",
    "\nENV ",
    "\nLABEL ",
    "\nARG ",
    "\nONBUILD ",
    "\nCMD ",
    "\nHEALTHCHECK ",
    "\nSHELL ",
    "\nEXPOSE ",
    "\nVOLUME ",
    "\nUSER ",
    "\nWORKDIR ",
    "\nADD ",
    "# escape=`\n",
    "# escape=\\\n",
    "# syntax=a\n",
    "# check = \n",
    "#",
    "\u{feff}",
    "<<EOF",
    "<<-EOF",
    "<< E",
    "<<\"E\"",
    "<<'E F'",
    "3<<A",
    "<<${X}",
    "<<${X:-a b}",
    "\nEOF\n",
    "\n\tEOF\n",
    "\nE\n",
    "EOF)",
    "\\\n",
    "\\ \t\r\n",
    "`\n",
    "\n",
    "\r\n",
    "\r",
    " ",
    "\t",
    "\u{a0}",
    "\u{3000}",
    "\"",
    "'",
    "\\",
    "`",
    "$",
    "${",
    "}",
    ":-",
    "${X:-",
    "${X#*",
    "${X//a/b}",
    "$X",
    "=",
    "a=b",
    "a=\"b c\"",
    "--mount=type=cache",
    "--from=x",
    "--",
    "[\"a\"]",
    "[",
    "]",
    "[\"\\ud83d",
    "1",
    "[1]",
    "é",
    "☃",
    "CMD ",
    " AS ",
];

fn soup() -> impl Strategy<Value = String> {
    let part = proptest::sample::select(PARTS.as_slice());
    proptest::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        check(&bytes);
    }

    #[test]
    fn random_constructs_do_no_harm(text in soup()) {
        check(text.as_bytes());
    }

    #[test]
    fn mutated_fixtures_do_no_harm(
        file in any::<proptest::sample::Index>(),
        at in any::<proptest::sample::Index>(),
        removed in 0..12_usize,
        inserted in proptest::sample::select(PARTS.as_slice()),
    ) {
        let files = own_files();
        let (_, bytes) = file.get(&files);
        let at = at.index(bytes.len() + 1);
        let after = (at + removed).min(bytes.len());
        check(&[&bytes[..at], inserted.as_bytes(), &bytes[after..]].concat());
    }
}

#[test]
fn fixtures_hold_cut_anywhere() {
    for (_, bytes) in own_files() {
        for end in 0..=bytes.len() {
            check(&bytes[..end]);
        }
    }
}

#[test]
#[ignore = "needs the shared corpus"]
fn corpus_files_hold_cut_at_every_97th_byte() {
    let oracle = oracle();
    let mut count = 0;
    for bytes in oracle.files.values() {
        check(bytes);
        for end in (0..bytes.len()).step_by(97) {
            count += 1;
            check_tree(&bytes[..end]);
        }
    }
    println!("{count} cuts");
    assert!(count > 10_000);
}

/// Sizes at which anything quadratic would be noticed.
#[test]
fn large_inputs_are_read_in_reasonable_time() {
    let unclosed: String = (0..40_000).map(|i| format!("RUN <<E{i}\n")).collect();
    let closed = "RUN <<E\nE\n".repeat(40_000);
    let continued = format!("RUN a{}\n", " \\\n b".repeat(100_000));
    let words = format!("ENV A=1{}\n", " \\\n B=2".repeat(40_000));
    let triggers = format!("{}RUN a\n", "ONBUILD ".repeat(50_000));
    let nested = format!("RUN {}<<A\n", "${X:-".repeat(50_000));
    let flags = format!("RUN{} a\n", " --mount=a".repeat(40_000));
    let brackets = format!("CMD {}{}\n", "[".repeat(100_000), "]".repeat(100_000));
    let long = format!("RUN {}\n", "a".repeat(500_000));
    let started = std::time::Instant::now();
    for text in [
        unclosed, closed, continued, words, triggers, nested, flags, brackets, long,
    ] {
        let file = parsed("Dockerfile", text.as_bytes());
        let json = buildkit::to_json(&file.tree, &file.source.text, "Dockerfile");
        assert!(!json.is_empty());
    }
    assert!(started.elapsed().as_secs() < 120, "{:?}", started.elapsed());
}
