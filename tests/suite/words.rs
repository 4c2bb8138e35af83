//! Words of the world stand in the tables of `rules/data`: the code that answers questions has no lists of them.

use crate::support::root;

/// Where no list may stand.
const PARTS: [&str; 3] = ["src/facts", "src/server", "src/context"];

/// As many names in a row are no list yet.
const FEW: usize = 3;

/// A text in quotes, where it stands.
struct Quoted {
    start: usize,
    end: usize,
    text: String,
}

/// The texts in quotes of a file, comments and unit tests aside. Byte and raw strings are read as others: a list of them is one, too.
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

#[test]
fn lists_are_seen() {
    let code = "fn f() {\n  // \"a\", \"b\", \"c\", \"d\"\n  matches!(x, '\"' | \"a\");\n  [\"a\", \"b\",\n \"c\", \"d\"]\n}\n\
                matches!(x, \"a\" | \"b\" | \"c\");\nlet y = [(\"a\", \"b\"), (\"c\", \"d\"), (\"e\", \"a few words\")];\n";
    assert_eq!(lists(code, &[]), [(4, 4), (8, 5)]);
    assert!(lists("x(\"a\" | \"b\" | \"c\" | \"own\")", &["own".to_owned()]).is_empty());
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
            }
        }
    }
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
