//! The string literals of Rust files: for tests of what they say, and of how they are broken into lines.

use regex::Regex;

use super::architecture::{rust_files, shown};

/// The strings of a Rust text as they are written, each with where it starts.
fn literals(text: &str) -> Vec<(usize, &str)> {
    let literal = Regex::new(concat!(
        r"(?s)//[^\n]*",
        r##"|r#"(?P<raw>.*?)"#"##,
        r#"|"(?P<text>(?:[^"\\]|\\.)*)""#,
        r"|'(?:[^'\\]|\\.)'"
    ))
    .expect("a pattern");
    let found = literal.captures_iter(text).filter_map(|captures| {
        let string = captures.name("text").or_else(|| captures.name("raw"))?;
        Some((string.start(), string.as_str()))
    });
    found.collect()
}

/// The number of the line that a place is in, from 1.
fn line(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// The strings of a Rust file before its tests, in one line where they go on below, each with its line.
pub(super) fn strings(text: &str) -> Vec<(usize, String)> {
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let joined = Regex::new(r"\\\n\s*").expect("a pattern");
    literals(&text[..end])
        .into_iter()
        .map(|(at, string)| (line(text, at), joined.replace_all(string, "").into_owned()))
        .collect()
}

/// A line with the first word of the next one is as long as this at least.
const FULL: usize = 100;

/// How many lines below the first a string is broken where it should not be, and why it should not.
fn broken(string: &str, column: usize) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    let lines: Vec<&str> = string.split('\n').collect();
    for (at, pair) in lines.windows(2).enumerate() {
        let Some(line) = pair[0].strip_suffix('\\') else {
            continue;
        };
        let goes_on = line.ends_with(' ');
        if line.ends_with('\\') || !goes_on {
            continue;
        }
        let is_indented = line.trim_end_matches(' ').ends_with("\\n");
        let word = pair[1].trim_start().split(' ').next().unwrap_or_default();
        let from = if at == 0 { column } else { 0 };
        let width = from + line.chars().count() + word.chars().count();
        if is_indented {
            found.push((
                at,
                "indentation at the end of a line: write `concat!`, a line each",
            ));
        } else if width < FULL {
            found.push((
                at,
                "the next word fits into the line: join the two, and wrap again",
            ));
        }
    }
    found
}

#[test]
fn strings_are_broken_where_lines_are_full() {
    let mut wrong = Vec::new();
    for path in [
        "src",
        "build",
        "tests",
        "examples",
        "fuzz/fuzz_targets",
        "benches",
    ]
    .iter()
    .flat_map(|folder| rust_files(folder))
    {
        let text = std::fs::read_to_string(&path).unwrap();
        for (start, string) in literals(&text) {
            if !string.contains("\\\n") {
                continue;
            }
            let line = line(&text, start);
            let column = start - text[..start].rfind('\n').map_or(0, |end| end + 1);
            let faults = broken(string, column).into_iter();
            wrong.extend(faults.map(|(at, why)| format!("{}:{}: {why}", shown(&path), line + at)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn broken_strings_are_seen() {
    let faults = |string: &str, column| {
        let faults = broken(string, column).into_iter();
        faults.map(|(at, _)| at).collect::<Vec<_>>()
    };
    assert_eq!(faults("of the \\\n     settings", 9), [0]);
    assert_eq!(faults("of the \\\n     settings", 100), [0; 0]);
    assert_eq!(faults("a:\\n  \\\n     b: 1\\n", 100), [0]);
    assert_eq!(faults("a:\\n\\\n     b: 1\\n", 9), [0; 0]);
    assert_eq!(faults("RUN a \\\\\n  && b", 9), [0; 0]);
    let long = "x".repeat(100);
    assert_eq!(faults(&format!("{long} \\\n  a \\\n  b"), 9), [1]);
}

#[test]
fn strings_are_found() {
    let text = "// \"no\"\nlet a = '\"'; let b = \"one \\\n    two \\\"x\\\"\";\nlet c = r#\"th\"ree\"#;\n";
    let found: Vec<_> = strings(text)
        .into_iter()
        .map(|(_, string)| string)
        .collect();
    assert_eq!(found, ["one two \\\"x\\\"", "th\"ree"]);
    let (at, first) = literals(text)[0];
    assert_eq!(line(text, at), 2);
    assert_eq!(first, "one \\\n    two \\\"x\\\"");
}
