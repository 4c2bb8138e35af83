//! Comments against the places they cover.

use std::borrow::Cow;

use super::*;
use crate::span::{FileId, Span};

const FILE: FileId = FileId(0);

fn place(text: &str, marked: &str) -> Span {
    let start = text.find(marked).unwrap();
    let end = start + marked.len();
    Span::new(
        FILE,
        u32::try_from(start).unwrap(),
        u32::try_from(end).unwrap(),
    )
}

fn covered(text: &str, marked: &str) -> bool {
    scan_other(FILE, "a.py", text)
        .iter()
        .any(|pragma| pragma.scope.covers(FILE, place(text, marked)))
}

#[test]
fn a_comment_that_ends_a_line_covers_it() {
    let text = "A = 1  # seatrial: ignore[x] because\nB = [\n  2,\n]  # seatrial: ignore[y]\n";
    assert!(covered(text, "A = 1"));
    assert!(covered(text, "B = [\n  2,\n]"));
    assert!(!covered(text, "2"));
    let pragmas = scan_other(FILE, "a.py", text);
    assert_eq!(pragmas[0].reason, "because");
    assert!(!pragmas[0].owns_line);
}

#[test]
fn a_comment_alone_covers_the_next_line() {
    let text = "# seatrial: ignore[x, y]\n\n# more\ngunicorn\nuwsgi\n";
    assert!(covered(text, "gunicorn"));
    assert!(!covered(text, "uwsgi"));
    let pragmas = scan_other(FILE, "a.py", text);
    let words: Vec<_> = pragmas[0]
        .words
        .iter()
        .map(|w| w.span.slice(text))
        .collect();
    assert_eq!(words, ["x", "y"]);
}

#[test]
fn ini_comments_and_whole_files() {
    let text = "[uwsgi]\n; seatrial: ignore[x]\nhttp = :80\n# seatrial: ignore-file[y] all of it\n";
    assert!(covered(text, "http = :80"));
    let scopes: Vec<_> = scan_other(FILE, "a.py", text)
        .iter()
        .map(|p| p.scope)
        .collect();
    assert_eq!(scopes[1], Scope::File);
    assert!(scan_other(FILE, "a.py", "x = 'seatrial: ignore[x]'").is_empty());
    assert!(scan_other(FILE, "a.py", "a = 1; seatrial: ignore[x]").is_empty());
    // There it is part of the value, or of the pattern.
    assert!(scan_other(FILE, "uwsgi.ini", "a = 1  # seatrial: ignore[x]").is_empty());
    assert!(scan_other(FILE, "ui/.dockerignore", "*.log # seatrial: ignore[x]").is_empty());
}

/// A sign of several bytes before the words, and in them, cuts nothing in two.
#[test]
fn characters_of_several_bytes() {
    for before in [
        "é",
        "—",
        "\u{a0}",
        "\u{3000}",
        "\u{feff}",
        "é#",
        "é;",
        "# é",
        "\u{3000}#",
        "#\u{a0}",
    ] {
        for after in [
            "ignore[x]",
            "ignore[é]",
            "ignoreé[x]",
            "ignore[x]é",
            "é",
            "allow é",
            "ignore-file[x",
        ] {
            let text = format!("é\n{before}seatrial:{after}\n{before} seatrial: {after}\nx\n");
            for pragma in scan_other(FILE, "a.py", &text) {
                assert!(text.get(pragma.span.range()).is_some(), "{text}");
                for word in &pragma.words {
                    assert!(text.get(word.span.range()).is_some(), "{text}");
                }
            }
            let dockerfile = format!("FROM x\n# {before}seatrial:{after}\nRUN <<E\n{text}E\n");
            let tree = crate::dockerfile::parse(FILE, &dockerfile);
            for pragma in scan_dockerfile(&tree, &dockerfile) {
                assert!(
                    dockerfile.get(pragma.span.range()).is_some(),
                    "{dockerfile}"
                );
            }
        }
    }
    assert!(scan_other(FILE, "a.py", "é seatrial: ignore[x]\nx\n").is_empty());
    assert!(covered("x = 'é'  # seatrial: ignore[x]\n", "x = 'é'"));
    assert!(covered("é = 1 #\u{a0}seatrial: ignore[x]\n", "é = 1"));
}

#[test]
fn brackets_may_be_forgotten_but_not_silently() {
    let text = "# seatrial: ignore everything\nx\n";
    let pragmas = scan_other(FILE, "a.py", text);
    assert_eq!(pragmas[0].words[0].text, "");
    assert_eq!(pragmas[0].words[0].span.slice(text), "ignore");
    assert!(scan_other(FILE, "a.py", "# seatrial: hello\nx").is_empty());
}

#[test]
fn other_dialects_go_through_aliases() {
    let rule = |aliases: &[&'static str]| Known {
        id: Cow::Borrowed("r"),
        topic: Cow::Borrowed("t"),
        aliases: aliases.iter().copied().map(Cow::Borrowed).collect(),
        renamed_from: Cow::Owned(vec![Cow::Borrowed("old")]),
        severity: crate::finding::Severity::Warning,
        is_default: true,
    };
    let both = rule(&["DL3008", "JSONArgsRecommended"]);
    assert!(Dialect::Hadolint.names("DL3008", &both));
    assert!(!Dialect::Hadolint.names("r", &both));
    assert!(Dialect::BuildKit.names("jsonargsrecommended", &both));
    assert!(Dialect::BuildKit.names("all", &both));
    assert!(!Dialect::BuildKit.names("all", &rule(&["DL3008"])));
    assert!(!Dialect::BuildKit.names("old", &both));
    assert!(Dialect::Seatrial.names("r", &both));
    assert!(Dialect::Seatrial.names("old", &both));
    assert!(!Dialect::Seatrial.names("DL3008", &both));
}
