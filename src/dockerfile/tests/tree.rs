//! What the tree holds beyond what BuildKit's own parser tells: places, comments, triggers.

use super::parse;
use crate::dockerfile::ast::{Args, Instruction, Keyword};
use crate::span::Traced;

fn only(text: &str) -> Instruction {
    let mut tree = parse(text);
    assert_eq!(tree.instructions.len(), 1, "{text}");
    tree.instructions.remove(0)
}

fn texts(words: &[Traced]) -> Vec<&str> {
    words.iter().map(Traced::as_str).collect()
}

#[test]
fn an_instruction_knows_its_bytes() {
    let text = "FROM a\n  RUN b \\\n  # c\n\n   d \nCMD e\r\n";
    let tree = parse(text);
    let spans: Vec<_> = tree
        .instructions
        .iter()
        .map(|instruction| instruction.span.slice(text))
        .collect();
    assert_eq!(spans, ["FROM a", "RUN b \\\n  # c\n\n   d ", "CMD e"]);
    let run = &tree.instructions[1];
    assert_eq!((run.start_line, run.end_line), (2, 5));
    assert_eq!(run.keyword_text.span().slice(text), "RUN");
    assert_eq!(run.rest.as_str(), "b    d");
    assert_eq!(run.rest.span().slice(text), "b \\\n  # c\n\n   d");
}

#[test]
fn words_know_their_places_over_continuations() {
    let text = "ENV A=\"x y\" \\\n  LONG=be\\\ngin C=\\\n";
    let instruction = only(text);
    let Args::Pairs(pairs) = &instruction.args else {
        panic!("{instruction:?}");
    };
    let told: Vec<_> = pairs
        .iter()
        .map(|pair| {
            (
                pair.key.as_str(),
                pair.value.as_str(),
                pair.value.span().slice(text),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("A", "\"x y\"", "\"x y\""),
            ("LONG", "begin", "be\\\ngin"),
            ("C", "", ""),
        ]
    );
}

#[test]
fn json_strings_know_the_place_of_each_character() {
    let text = r#"CMD ["a\tb", "", "\u00e9x"]"#;
    let Args::Json(words) = only(text).args else {
        panic!("no JSON form");
    };
    assert_eq!(texts(&words), ["a\tb", "", "éx"]);
    assert_eq!(words[0].span().slice(text), r"a\tb");
    assert_eq!(words[0].span_of(1..2).slice(text), r"\t");
    assert_eq!(words[0].span_of(2..3).slice(text), "b");
    assert_eq!(words[2].span_of(0..2).slice(text), r"\u00e9");
    assert_eq!(words[1].span().start, 14);
}

#[test]
fn flags_know_their_places() {
    let text = "COPY --from=a --chown=\"b c\" --link -- --x y";
    let instruction = only(text);
    let flags: Vec<_> = instruction
        .flags
        .iter()
        .map(|flag| {
            let value = flag.value.as_ref().map(Traced::as_str);
            (flag.name.as_str(), value, flag.span.slice(text))
        })
        .collect();
    assert_eq!(
        flags,
        [
            ("from", Some("a"), "--from=a"),
            ("chown", Some("b c"), "--chown=\"b c\""),
            ("link", None, "--link"),
        ]
    );
    let value = instruction.flags[0].value.as_ref().unwrap();
    assert_eq!(value.span().slice(text), "a");
    assert_eq!(instruction.rest.as_str(), "--x y");
}

#[test]
fn comments_and_directives_are_kept() {
    let text = "# syntax = a/b:1 \n#escape=`\n # one\nRUN a `\n  # two\n b\n#three\r\n";
    let tree = parse(text);
    let comments: Vec<_> = tree
        .comments
        .iter()
        .map(|comment| (comment.span.slice(text), comment.is_inside_instruction))
        .collect();
    assert_eq!(
        comments,
        [("# one", false), ("# two", true), ("#three", false)]
    );
    let directives: Vec<_> = tree
        .directives
        .iter()
        .map(|directive| {
            let value = directive.value.span().slice(text);
            (directive.name.as_str(), value, directive.span.slice(text))
        })
        .collect();
    assert_eq!(
        directives,
        [
            ("syntax", "a/b:1", "# syntax = a/b:1 "),
            ("escape", "`", "#escape=`"),
        ]
    );
    assert_eq!(tree.escape, '`');
}

#[test]
fn heredocs_know_their_places() {
    let text = "RUN <<A cat 3<<-\"B C\"\na\nA\n\tb\n\tB C\nUSER x\n";
    let tree = parse(text);
    let run = &tree.instructions[0];
    let told: Vec<_> = run
        .heredocs
        .iter()
        .map(|heredoc| {
            (
                heredoc.name.as_str(),
                heredoc.word.slice(text),
                heredoc.content.span().slice(text),
                heredoc.terminator.slice(text),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("A", "<<A", "a\n", "A"),
            ("B C", "3<<-\"B C\"", "\tb\n", "B C")
        ]
    );
    assert!(run.span.slice(text).ends_with("B C"));
    assert_eq!((run.end_line, tree.instructions[1].start_line), (5, 6));
}

#[test]
fn a_trigger_is_an_instruction_of_its_own() {
    let text = "ONBUILD --x \\\n  RUN --network=none <<A\na\nA\n";
    let onbuild = only(text);
    let trigger = onbuild.trigger.as_ref().unwrap();
    assert_eq!(trigger.keyword, Keyword::Run);
    assert_eq!((trigger.start_line, trigger.end_line), (2, 4));
    assert_eq!(trigger.span.slice(text), "RUN --network=none <<A\na\nA");
    assert_eq!(trigger.flags[0].span.slice(text), "--network=none");
    assert_eq!((onbuild.heredocs.len(), trigger.heredocs.len()), (1, 0));
    assert!(matches!(onbuild.args, Args::None));
}

#[test]
fn arguments_have_the_shape_of_their_instruction() {
    let shape = |text: &str| match only(text).args {
        Args::Json(words) => format!("json {:?}", texts(&words)),
        Args::Words(words) => format!("words {:?}", texts(&words)),
        Args::Text(text) => format!("text {text}"),
        Args::Pairs(pairs) => {
            let pairs = pairs.iter();
            let told: Vec<_> = pairs
                .map(|pair| format!("{}|{}|{}", pair.key, pair.value, pair.is_legacy))
                .collect();
            format!("pairs {told:?}")
        }
        Args::None => "none".to_owned(),
    };
    for (text, expected) in [
        ("RUN a  b", "text a  b"),
        ("RUN [\"a\"]", "json [\"a\"]"),
        ("RUN", "none"),
        ("RUN []", "json []"),
        ("FROM a AS b", "words [\"a\", \"AS\", \"b\"]"),
        ("VOLUME a \"b c\"", r#"words ["a", "\"b", "c\""]"#),
        ("ARG A B=\"1 2\"", r#"words ["A", "B=\"1 2\""]"#),
        ("ENV A 1  2", "pairs [\"A|1  2|true\"]"),
        ("ENV A=1=2 B=", "pairs [\"A|1=2|false\", \"B||false\"]"),
        ("USER a b", "text a b"),
        ("HEALTHCHECK NONE", "none"),
        ("HEALTHCHECK CMD a b", "text a b"),
        ("HEALTHCHECK CMD [\"a\"]", "json [\"a\"]"),
        ("ONBUILD RUN a", "none"),
        ("OTHER a b", "none"),
    ] {
        assert_eq!(shape(text), expected, "{text}");
    }
    assert_eq!(only("OTHER a b").rest.as_str(), "a b");
}
