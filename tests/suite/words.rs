//! Words of the world stand in the tables of `rules/data`: the code that answers questions has no lists of them.

use crate::support::root;

/// Where no list may stand.
const PARTS: [&str; 3] = ["src/facts", "src/server", "src/context"];

/// Files with matches over more names than that, how many, and what they are: words of a grammar, beside what reads it.
const GRAMMARS: &[(&str, usize, &str)] = &[
    (
        "src/facts/build/run.rs",
        2,
        "keys of a mount; the two programs that make accounts and the two that make groups",
    ),
    (
        "src/facts/files/effects.rs",
        2,
        "what each program does to files",
    ),
    (
        "src/facts/model/read.rs",
        1,
        "what of the shell sets variables",
    ),
    (
        "src/facts/nodes/server.rs",
        1,
        "what of the shell sets variables",
    ),
    ("src/facts/start/image.rs", 1, "signals by their numbers"),
    (
        "src/facts/start/signals.rs",
        1,
        "units of compose's durations",
    ),
    (
        "src/facts/start/unprivileged.rs",
        1,
        "what each program leaves in the home of root",
    ),
    ("src/facts/start/uwsgi/slot.rs", 1, "forms of uWSGI's files"),
    ("src/server/uwsgi/files.rs", 1, "forms of uWSGI's files"),
    (
        "src/server/supervisor.rs",
        2,
        "options of the configuration of supervisord and of its programs",
    ),
];

/// As many names in a row are no list yet.
const FEW: usize = 3;

/// A text in quotes, where it stands.
struct Quoted {
    start: usize,
    end: usize,
    text: String,
}

/// The texts in quotes of a file, comments and unit tests aside. Byte and raw strings are read as others: a list of
/// them is one, too.
fn quoted(code: &str) -> Vec<Quoted> {
    let mut out = Vec::new();
    let bytes = code.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at = code[at..].find('\n').map_or(bytes.len(), |end| at + end);
            }
            // `'"'`, `'\''`; a lifetime has no quote behind it.
            b'\'' => {
                let length = match (bytes.get(at + 1), bytes.get(at + 2), bytes.get(at + 3)) {
                    (Some(b'\\'), Some(_), Some(b'\'')) => 4,
                    (Some(_), Some(b'\''), _) => 3,
                    _ => 1,
                };
                at += length;
            }
            b'"' => {
                let start = at;
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at = (at + 1).min(bytes.len());
                let text = code[start + 1..at - 1].to_owned();
                out.push(Quoted {
                    start,
                    end: at,
                    text,
                });
            }
            _ => at += 1,
        }
    }
    out
}

/// Nothing but what separates the members of a list stands between two texts: `,`, `|`, `), (` and ` => true, `.
fn is_joined(between: &str) -> bool {
    let between = between.replace("=> true", "");
    let only = |c: char| c.is_whitespace() || ",|()&".contains(c);
    between.chars().all(only) && between.contains([',', '|'])
}

/// The lists of names of a file, each with the line it begins in and how many there are. Names of our own do not count.
fn lists(code: &str, own: &[String]) -> Vec<(usize, usize)> {
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    let names: Vec<Quoted> = quoted(code);
    let is_name = |name: &Quoted| !name.text.contains(' ') && !own.contains(&name.text);
    let mut out = Vec::new();
    let mut count = 0;
    for (at, name) in names.iter().enumerate() {
        let goes_on =
            at > 0 && count > 0 && is_name(name) && is_joined(&code[names[at - 1].end..name.start]);
        if !goes_on && count > FEW {
            let first = &names[at - count];
            out.push((code[..first.start].matches('\n').count() + 1, count));
        }
        count = match (goes_on, is_name(name)) {
            (true, _) => count + 1,
            (false, named) => usize::from(named),
        };
    }
    if count > FEW {
        let first = &names[names.len() - count];
        out.push((code[..first.start].matches('\n').count() + 1, count));
    }
    out
}

/// The code with what is in quotes and in comments taken out: each byte stays in its place.
fn bare(code: &str) -> String {
    let mut out: Vec<u8> = code.bytes().collect();
    for text in quoted(code) {
        out[text.start + 1..text.end - 1].fill(b' ');
    }
    let mut at = 0;
    let mut is_inside = false;
    while at < out.len() {
        match out[at] {
            b'"' => is_inside = !is_inside,
            b'/' if !is_inside && out.get(at + 1) == Some(&b'/') => {
                let end = out[at..].iter().position(|byte| *byte == b'\n');
                let end = end.map_or(out.len(), |end| at + end);
                out[at..end].fill(b' ');
            }
            // `'{'`, `'\''`; a lifetime has no quote behind it.
            b'\'' if !is_inside => {
                let length = match (out.get(at + 1), out.get(at + 2), out.get(at + 3)) {
                    (Some(b'\\'), _, Some(b'\'')) => 4,
                    (Some(_), Some(b'\''), _) => 3,
                    _ => 1,
                };
                out[at..at + length].fill(b' ');
                at += length - 1;
            }
            _ => {}
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The patterns of a `match` whose arms begin at `start`, without what stands behind their `if`.
fn patterns(code: &str, start: usize) -> Vec<std::ops::Range<usize>> {
    let bytes = code.as_bytes();
    let mut out = Vec::new();
    let (mut depth, mut at, mut from) = (0usize, start, Some(start));
    while at < bytes.len() {
        match bytes[at] {
            b'(' | b'[' | b'{' => depth += 1,
            b'}' if depth == 0 => break,
            b')' | b']' | b'}' => {
                depth -= 1;
                // The end of an arm that is a block.
                if depth == 0 && bytes[at] == b'}' && from.is_none() {
                    from = Some(at + 1);
                }
            }
            b',' if depth == 0 && from.is_none() => from = Some(at + 1),
            b'=' if depth == 0 && bytes.get(at + 1) == Some(&b'>') => {
                if let Some(from) = from.take() {
                    let end = code[from..at].find(" if ").map_or(at, |end| from + end);
                    out.push(from..end);
                }
            }
            _ => {}
        }
        at += 1;
    }
    out
}

/// The matches of a file over more than a few names, each with its line and the names.
fn dispatches(code: &str, own: &[String]) -> Vec<(usize, Vec<String>)> {
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    let texts = quoted(code);
    let bare = bare(code);
    let mut out = Vec::new();
    for (start, _) in bare.match_indices("match ") {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        if bare[..start].ends_with(is_word) {
            continue;
        }
        let Some(open) = bare[start..].find('{').map(|open| start + open + 1) else {
            continue;
        };
        let patterns = patterns(&bare, open);
        let is_name = |text: &&Quoted| {
            let mut ranges = patterns.iter();
            ranges.any(|range| range.contains(&text.start))
                && !text.text.is_empty()
                && !text.text.contains(' ')
                && !own.contains(&text.text)
        };
        let names = texts.iter().filter(is_name).map(|text| text.text.clone());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names.dedup();
        if names.len() > FEW {
            out.push((bare[..start].matches('\n').count() + 1, names));
        }
    }
    out
}

#[test]
fn lists_are_seen() {
    let code = concat!(
        "fn f() {\n",
        "  // \"a\", \"b\", \"c\", \"d\"\n",
        "  matches!(x, '\"' | \"a\");\n",
        "  [\"a\", \"b\",\n",
        " \"c\", \"d\"]\n",
        "}\n",
        "matches!(x, \"a\" | \"b\" | \"c\");\n",
        "let y = [(\"a\", \"b\"), (\"c\", \"d\"), (\"e\", \"a few words\")];\n",
    );
    assert_eq!(lists(code, &[]), [(4, 4), (8, 5)]);
    assert!(lists("x(\"a\" | \"b\" | \"c\" | \"own\")", &["own".to_owned()]).is_empty());
}

#[test]
fn dispatches_are_seen() {
    let code = concat!(
        "fn f() {\n",
        "  match x {\n",
        "    \"a\" => { g(\"z\") }\n",
        "    \"b\" | \"c\" if y == \"e\" => h('{', 1),\n",
        "    // \"f\"\n",
        "Some(\"d\") => match y { \"a\" => 1, _ => 2 },\n",
        " _ => \"g\",\n",
        "  }\n",
        "}\n",
    );
    let found = dispatches(code, &[]);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].0, found[0].1.join(" ")),
        (2, "a b c d".to_owned())
    );
    assert!(dispatches(code, &["d".to_owned()]).is_empty());
}

#[test]
fn words_of_the_world_stand_in_tables() {
    let kinds = std::fs::read_dir(root().join("src/facts/nodes")).unwrap();
    let kinds = kinds.map(|entry| entry.unwrap().path().with_extension(""));
    let own: Vec<String> = kinds
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    let mut wrong = Vec::new();
    let mut folders: Vec<_> = PARTS.iter().map(|part| root().join(part)).collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "tests" {
                folders.push(path);
            } else if name.ends_with(".rs") && name != "tests.rs" {
                let code = std::fs::read_to_string(&path).unwrap();
                let shown = path.strip_prefix(root()).unwrap().display().to_string();
                let told = lists(&code, &own).into_iter().map(|(line, count)| {
                    format!(
                        "{shown}:{line}: a list of {count} names: give it a question and put it into the table of its \
                         kind, `rules/data/*-words.tsv` with `src/knowledge/words.rs`, or a role into `programs.tsv`; \
                         words of a grammar belong to what reads it"
                    )
                });
                wrong.extend(told);
                let found = dispatches(&code, &own);
                let known = GRAMMARS.iter().find(|(grammar, ..)| *grammar == shown);
                if known.is_some_and(|(_, count, _)| *count == found.len()) {
                    continue;
                }
                let told = found.into_iter().map(|(line, names)| {
                    format!(
                        "{shown}:{line}: a match over {}: make what each means a column of the table that has them, or \
                         name the file in `GRAMMARS` with the grammar that it reads",
                        names.join(", ")
                    )
                });
                wrong.extend(told);
            }
        }
    }
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
