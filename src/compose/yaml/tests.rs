//! YAML: spans, anchors, errors, hostile files.

use super::*;
use crate::source::Sources;

fn read(text: &str) -> (Option<Node>, Vec<YamlError>) {
    parse(Sources::new().add("x.yml", text), text)
}

/// Every scalar as it stands in the file, in order.
fn written(node: &Node, text: &str, out: &mut Vec<String>) {
    match node.value.as_ref() {
        Value::Scalar(scalar) => out.push(scalar.span.slice(text).to_owned()),
        Value::Sequence(items) => items.iter().for_each(|node| written(node, text, out)),
        Value::Mapping(entries) => {
            for entry in entries {
                out.push(entry.key.span.slice(text).to_owned());
                written(&entry.value, text, out);
            }
        }
    }
}

#[test]
fn scalars_know_their_bytes() {
    let text = concat!(
        "\u{feff}# é\n",
        "a: ü  # x\n",
        "'b 🙂': \"c\\n d\"\n",
        "l:\n",
        "  - plain words\n",
        "  - |\n",
        "    one\n",
        "    two\n",
        "f: {x: [1, 'y']}\n",
        "n:\n",
    );
    let (root, errors) = read(text);
    assert_eq!(errors, []);
    let mut out = Vec::new();
    written(&root.expect("a document"), text, &mut out);
    assert_eq!(
        out,
        [
            "a",
            "ü",
            "'b 🙂'",
            "\"c\\n d\"",
            "l",
            "plain words",
            "one\n    two",
            "f",
            "x",
            "1",
            "'y'",
            "n",
            ""
        ]
    );
}

#[test]
fn texts_are_traced_word_by_word() {
    let text = "a: |\n  exec\n    uwsgi\nb: \"x\\ty 'z'\"\nc: long\n  line\n";
    let (root, _) = read(text);
    let root = root.expect("a document");
    let value = |key: &str| {
        root.get(key)
            .and_then(Node::scalar)
            .expect("a scalar")
            .text
            .clone()
    };
    let a = value("a");
    assert_eq!(a.as_str(), "exec\n  uwsgi\n");
    assert_eq!(a.span_of(7..12).slice(text), "uwsgi");
    let b = value("b");
    assert_eq!(b.as_str(), "x\ty 'z'");
    assert_eq!(value("c").span_of(5..9).slice(text), "line");
    assert_eq!(
        root.get("c").expect("a node").span.slice(text),
        "long\n  line"
    );
}

#[test]
fn anchors_merge_and_the_first_wins() {
    let text = "x: &a {k: 1, l: 2}\ny: &b\n  <<: *a\n  k: 3\nz:\n  <<: [*b, *a]\n  m: 4\n";
    let (root, errors) = read(text);
    assert_eq!(errors, []);
    let root = root.expect("a document");
    let z = root.get("z").expect("z");
    let get = |key: &str| {
        z.get(key)
            .and_then(Node::scalar)
            .expect("a scalar")
            .as_str()
            .to_owned()
    };
    assert_eq!([get("k"), get("l"), get("m")], ["3", "2", "4"]);
    assert!(z.entry("k").is_some());
}

#[test]
fn what_stands_before_an_error_is_kept() {
    let (root, errors) = read("a: 1\nb:\n  c: [1, 2\nd: }\n");
    let root = root.expect("a part");
    assert!(root.get("a").is_some());
    assert_eq!(errors.len(), 1);
    let (root, errors) = read("a: 1\na: 2\n");
    assert_eq!(errors[0].message, "duplicate key `a`");
    let root = root.expect("a document");
    assert_eq!(root.entries().len(), 1);
    assert_eq!(
        root.get("a").and_then(Node::scalar).map(Scalar::as_str),
        Some("2")
    );
}

#[test]
fn hostile_files_end() {
    use std::fmt::Write as _;
    let mut bomb = "a0: &a0 [x]\n".to_owned();
    let mut deep = "b0: &b0 {x: 1}\n".to_owned();
    let mut merges = "c0: &c0 {x: 1}\n".to_owned();
    for i in 1..1000 {
        let p = i - 1;
        writeln!(bomb, "a{i}: &a{i} [*a{p}, *a{p}, *a{p}, *a{p}]").expect("a string");
        writeln!(deep, "b{i}: &b{i} {{x: *b{p}}}").expect("a string");
        writeln!(merges, "c{i}: &c{i} {{<<: [*c{p}, *c{p}], k{i}: 1}}").expect("a string");
    }
    let nested = "[".repeat(200_000);
    let braces = "{a: ".repeat(100_000);
    let dashes = "- ".repeat(100_000);
    let many = "- a\n".repeat(500_000);
    let cycle = "a: &a [*a, {b: *a}]\n".to_owned();
    for text in [bomb, deep, merges, nested, braces, dashes, many, cycle] {
        let started = std::time::Instant::now();
        let (_, errors) = read(&text);
        assert!(!errors.is_empty(), "{}", &text[..40.min(text.len())]);
        assert!(
            started.elapsed().as_secs() < 60,
            "{:?} {}",
            started.elapsed(),
            &text[..20]
        );
    }
}

#[test]
fn brackets_and_quotes_need_no_indentation() {
    let text = concat!(
        "s:\n",
        "  a: [\n",
        "    \"x\",\n",
        "    y  # é ]\n",
        "  ]   # all\n",
        "  b: {\n",
        "k: \"two\n",
        " words\",\n",
        "\tl: 'it''s'}\n",
        "  c: \"one\n",
        "two\"#c\n",
        "  d: |\n",
        "    [ \"not open\n",
        "  e: it's [fine\n",
        "  f: z\n",
    );
    let (root, errors) = read(text);
    assert_eq!(errors, []);
    let mut out = Vec::new();
    written(&root.expect("a document"), text, &mut out);
    assert_eq!(
        out,
        [
            "s",
            "a",
            "\"x\"",
            "y",
            "b",
            "k",
            "\"two\n words\"",
            "l",
            "'it''s'",
            "c",
            "\"one\ntwo\"",
            "d",
            "[ \"not open",
            "e",
            "it's [fine",
            "f",
            "z"
        ]
    );
}

#[test]
fn what_go_refuses_is_an_error() {
    for text in [
        "a: [x, y\nb: z\n",
        "a: {x: 1\nb: z}\n",
        "a: [x,,]\n",
        "a: [x]y\n",
        "a:\n  - x\n b: y\n",
        "a: x: y\n",
        "a:\n\t- x\n",
        "a: @x\n",
        "a: *x\n",
        "a: 1\na: 2\n",
    ] {
        let (_, errors) = read(text);
        assert!(
            errors.len() == 1 && !errors[0].is_limit,
            "{text}: {errors:?}"
        );
    }
    // Nobody knows without reading it as its parser does.
    let (_, errors) = read("a:\n  b: \"one\n\ntwo\"\n");
    assert!(errors.iter().all(|error| error.is_limit));
}
