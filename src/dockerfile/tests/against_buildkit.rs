//! Agreement with BuildKit's own parser: on fixtures for each construct, and on the corpus.

use crate::dockerfile::buildkit;
use serde_json::Value;

use super::{fixtures, own_files, parsed};
use crate::shared::corpus::oracle;

fn json_of(name: &str, bytes: &[u8]) -> String {
    let file = parsed(name, bytes);
    buildkit::to_json(&file.tree, &file.source.text, name)
}

/// What is compared: everything on a file BuildKit accepts, no message texts, and only the fact of
/// an error where its parser gives up.
fn comparable(line: &str) -> Value {
    let mut value: Value = serde_json::from_str(line).unwrap();
    let object = value.as_object_mut().unwrap();
    if object.contains_key("parse_error") {
        object.insert("instructions".to_owned(), Value::Null);
    }
    for key in ["parse_error", "instruction_error"] {
        if let Some(message) = object.get_mut(key) {
            *message = Value::Bool(true);
        }
    }
    value
}

fn is_refused(value: &Value) -> bool {
    ["parse_error", "instruction_error"]
        .iter()
        .any(|key| value.get(key).is_some())
}

/// The answers in `fixtures/syntax/*.json` were written by BuildKit's parser.
#[test]
fn agrees_with_buildkit_on_every_fixture() {
    for (name, bytes) in own_files() {
        let answer = name.replace(".Dockerfile", ".json");
        let expected = std::fs::read_to_string(fixtures().join(answer)).unwrap();
        let ours = json_of(&name, &bytes);
        assert_eq!(comparable(&ours), comparable(&expected), "{name}");
    }
}

#[test]
#[ignore = "needs the shared corpus"]
fn agrees_with_buildkit_on_every_file_of_the_corpus() {
    let oracle = oracle();
    let mut wrong = Vec::new();
    let mut refused = 0;
    for line in &oracle.lines {
        let expected = comparable(line);
        let name = expected["file"].as_str().unwrap();
        let ours_line = json_of(name, &oracle.files[name]);
        let ours = comparable(&ours_line);
        refused += usize::from(is_refused(&ours));
        // Where BuildKit has no error, even the bytes of the line are the same.
        if ours != expected || (!is_refused(&expected) && &ours_line != line) {
            wrong.push(name.to_owned());
        }
    }
    let total = oracle.lines.len();
    println!(
        "{} of {total} agree, {refused} refused",
        total - wrong.len()
    );
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!((total, refused), (1704, 19));
}

/// Every line of output is JSON that reads back, also with instructions recovered after an error.
#[test]
fn instructions_are_recovered_after_a_parse_error() {
    let text = b"FROM scratch\nENV A\nRUN b\nCMD [1]\nUSER c\n";
    let value: Value = serde_json::from_str(&json_of("x", text)).unwrap();
    assert_eq!(value["escape"], "");
    assert_eq!(
        value["parse_error"],
        "`ENV A` has no value: write `A=value`"
    );
    let keywords: Vec<_> = value["instructions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|instruction| instruction["keyword"].as_str().unwrap())
        .collect();
    assert_eq!(keywords, ["FROM", "ENV", "RUN", "CMD", "USER"]);
}
