//! The words that users read: those of the field, none that sound translated.
//!
//! Code in backticks, code blocks and template tags are left out: names of options and quoted errors are what they
//! are.

use std::fmt::Write as _;
use std::path::Path;

use regex::Regex;
use toml::Value;

use crate::strings::strings;
use crate::support::{finish, root, seatrial};

/// What is not written, what is written instead, and a text that is refused.
const GLOSSARY: &[(&str, &str, &str)] = &[
    (r"mend(s|ed|ing)?", "fix", "mended twice"),
    (
        r"tells?|told",
        "report, show, configure",
        "the server is told",
    ),
    (r"for ever", "forever, with no timeout", "waits for ever"),
    (r"(is|are) no [A-Za-z]+", "is not a", "it is no YAML"),
    (
        r"stands? (in|behind|beside|for|there|here)",
        "is in, means",
        "it stands in a file",
    ),
    (
        r"(lies|lie|lay) (in|over|beside|at|behind|outside)",
        "is in",
        "it lies over the code",
    ),
    (
        r"(keeps?|kept) (it |them )?out",
        "excludes",
        "kept out by a pattern",
    ),
    (r"the sum", "the summary", "the sum of them"),
    (r"blanks?", "a space", "a blank where"),
    (r"whoever", "anyone who", "whoever has it"),
    (
        r"brings?|brought",
        "installs, contains",
        "the wheel brings it",
    ),
    (r"wants?", "needs, expects", "Django wants a list"),
    (
        r"(ask|asks|asked) for",
        "needs, requires",
        "an install asks for it",
    ),
    (
        r"(drop|take|leave) (it|them) out|drop it|leave out|left out",
        "remove it",
        "take it out",
    ),
    (
        r"made for",
        "meant for, built for, supports",
        "made for development",
    ),
    (r"what starts", "the start command", "what starts calls it"),
    (r"the post", "Caktus' guide", "the post uses it"),
    (r"R\d\d", "what the recommendation says", "as R15 says"),
    (r"anew", "again, a new one", "starts anew"),
    (r"in the place of", "instead of", "in the place of it"),
    (
        r"to (develop|test)( or (develop|test))? with",
        "for development, for tests",
        "a stack to develop or test with",
    ),
    (r"shall", "would, must", "the file that it shall change"),
    (r"such (a )?ones?", "one", "has such a one"),
    (r"any more", "no longer", "does not have it any more"),
    (r"fault of ours", "internal error", "a fault of ours"),
    (r"probably meant", "did you mean", "probably meant: it"),
];

/// What the patterns would refuse although it is right.
const FINE: &[&str] = &[
    "there is no ",
    "there are no ",
    "is no longer",
    "are no longer",
    "asks for confirmation",
    "ask for one",
    "want to",
];

/// Where every string is for users.
const SOURCES: &[&str] = &[
    "src/check",
    "src/cli",
    "src/compose",
    "src/config",
    "src/context/ignore.rs",
    "src/deployed",
    "src/dockerfile",
    "src/facts/deploy/purpose.rs",
    "src/facts/limits.rs",
    "src/facts/nodes",
    "src/facts/shown.rs",
    "src/fix",
    "src/fix.rs",
    "src/knowledge",
    "src/lint.rs",
    "src/lsp",
    "src/policy",
    "src/python/requirements",
    "src/report",
    "src/rule",
    "src/source",
];

struct Glossary {
    words: Vec<(Regex, &'static str)>,
    code: Regex,
}

impl Glossary {
    fn new() -> Self {
        let words = GLOSSARY.iter().map(|(pattern, instead, _)| {
            let pattern = format!(r"\b(?:{pattern})\b");
            (Regex::new(&pattern).expect("a pattern"), *instead)
        });
        Self {
            words: words.collect(),
            code: Regex::new(r"(?s)```.*?```|`[^`]*`|\{\{.*?\}\}|\{%.*?%\}|https?://\S+")
                .expect("a pattern"),
        }
    }

    /// What of a text is not written so.
    fn refused(&self, text: &str) -> Vec<String> {
        let mut plain = self.code.replace_all(text, " X ").into_owned();
        for fine in FINE {
            plain = plain.replace(fine, " ");
        }
        let mut found = Vec::new();
        for (word, instead) in &self.words {
            for hit in word.find_iter(&plain) {
                let from = plain.floor_char_boundary(hit.start().saturating_sub(30));
                let to = plain.ceil_char_boundary((hit.end() + 30).min(plain.len()));
                let around = plain[from..to].replace('\n', " ");
                found.push(format!(
                    "`{}` in \"...{around}...\": write {instead}",
                    hit.as_str()
                ));
            }
        }
        found
    }
}

#[test]
fn every_pattern_refuses_its_example() {
    let glossary = Glossary::new();
    for (pattern, _, example) in GLOSSARY {
        assert!(
            !glossary.refused(example).is_empty(),
            "{pattern}: {example}"
        );
    }
    for fine in FINE {
        assert!(glossary.refused(&format!("{fine} x")).is_empty(), "{fine}");
    }
    assert!(
        glossary
            .refused("run `tell` in {{ what.starts }}")
            .is_empty()
    );
}

/// What no text needs is no exception.
#[test]
fn every_exception_occurs() {
    let code = Glossary::new().code;
    let mut texts = rules();
    texts.extend(sources());
    texts.extend(pages());
    let plain = texts.iter().map(|(_, text)| code.replace_all(text, " X "));
    let plain: Vec<_> = plain.collect();
    for fine in FINE {
        assert!(plain.iter().any(|text| text.contains(fine)), "{fine}");
    }
}

/// The texts of rules for people, each with its file.
fn rules() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for path in files("rules", "toml") {
        if path.starts_with("rules/data/") {
            continue;
        }
        let rule: Value = toml::from_str(&read(&path)).expect("a rule");
        let mut texts = Vec::new();
        for key in ["summary", "message", "help", "why", "evidence"] {
            texts.extend(rule.get(key));
        }
        texts.extend(rule.get("fix").and_then(|fix| fix.get("title")));
        for (list, key) in [("label", "text"), ("bad", "note"), ("good", "note")] {
            let items = rule
                .get(list)
                .and_then(Value::as_array)
                .into_iter()
                .flatten();
            texts.extend(items.filter_map(|item| item.get(key)));
        }
        let options = rule
            .get("options")
            .and_then(Value::as_table)
            .into_iter()
            .flatten();
        texts.extend(options.filter_map(|(_, option)| option.get("doc")));
        let texts = texts.into_iter().filter_map(Value::as_str);
        found.extend(texts.map(|text| (path.clone(), text.to_owned())));
    }
    let count = found.len();
    assert!(count > 1000, "{count} texts");
    found
}

/// The strings of the command, each with its place.
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut count = 0;
    for path in SOURCES.iter().flat_map(|part| files(part, "rs")) {
        if path.contains("/tests") {
            continue;
        }
        count += 1;
        let strings = strings(&read(&path)).into_iter();
        found.extend(strings.map(|(line, text)| (format!("{path}:{line}"), text)));
    }
    assert!(count > 80, "{count} files");
    found
}

/// The pages that people read.
fn pages() -> Vec<(String, String)> {
    let mut pages = files("docs", "md");
    pages.extend(files("editors", "md"));
    let others = [
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "README.md",
        "SECURITY.md",
        "rules/README.md",
    ];
    pages.extend(others.map(str::to_owned));
    let texts = pages.into_iter().map(|path| {
        let text = read(&path);
        (path, text)
    });
    texts.collect()
}

/// The strings of the extension for VS Code: those of its code, and of the settings and commands that it shows.
fn extension() -> Vec<(String, String)> {
    let template = Regex::new(r"`(?P<text>(?:[^`\\]|\\.)*)`").expect("a pattern");
    let mut found = Vec::new();
    for path in files("editors/vscode/src", "ts") {
        let text = read(&path);
        let plain = strings(&text).into_iter();
        found.extend(plain.map(|(line, text)| (format!("{path}:{line}"), text)));
        let templates = template.captures_iter(&text);
        found.extend(templates.map(|it| (path.clone(), it["text"].to_owned())));
    }
    let path = "editors/vscode/package.json";
    found.push((path.to_owned(), read(path)));
    assert!(found.len() > 1, "no code of the extension");
    found
}

/// What is not written so, a line each.
fn refused(texts: &[(String, String)]) -> String {
    let glossary = Glossary::new();
    let mut wrong = String::new();
    for (place, text) in texts {
        for one in glossary.refused(text) {
            let _ = writeln!(wrong, "{place}: {one}");
        }
    }
    wrong
}

#[test]
fn rules_speak_the_words_of_the_field() {
    let wrong = refused(&rules());
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn messages_are_one_clause() {
    for path in files("rules", "toml") {
        if path.starts_with("rules/data/") {
            continue;
        }
        let rule: Value = toml::from_str(&read(&path)).expect("a rule");
        for key in ["summary", "message", "help"] {
            let text = rule.get(key).and_then(Value::as_str).unwrap_or_default();
            assert!(!text.contains('\n'), "{path}: `{key}` is one line");
            assert!(
                !text.ends_with('.') || text.ends_with("..."),
                "{path}: `{key}` ends without a full stop"
            );
        }
    }
}

#[test]
fn the_command_speaks_the_words_of_the_field() {
    let mut texts = sources();
    let mut commands = 0;
    help(&[], &mut |command, text| {
        commands += 1;
        texts.push((command.to_owned(), text.to_owned()));
    });
    assert!(commands > 6, "{commands} commands");
    let wrong = refused(&texts);
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_extension_speaks_the_words_of_the_field() {
    let wrong = refused(&extension());
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn pages_speak_the_words_of_the_field() {
    let wrong = refused(&pages());
    assert!(wrong.is_empty(), "{wrong}");
}

/// The help of a command and of those below it.
fn help(command: &[&str], each: &mut dyn FnMut(&str, &str)) {
    let mut run = seatrial();
    run.args(command).arg("--help");
    let text = finish(run, None).out;
    each(&format!("{} --help", command.join(" ")), &text);
    let commands = text.lines().skip_while(|line| *line != "Commands:").skip(1);
    for line in commands.take_while(|line| line.starts_with("  ")) {
        let name = line.split_whitespace().next().unwrap_or_default();
        let is_name = line.starts_with("  ") && !line.starts_with("   ") && name != "help";
        if is_name {
            help(&[command, &[name]].concat(), each);
        }
    }
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The files below a folder, or that one file, from the root on, sorted.
fn files(below: &str, ending: &str) -> Vec<String> {
    fn walk(path: &Path, ending: &str, found: &mut Vec<String>) {
        if path.is_dir() {
            let skipped = ["node_modules", "target"];
            if path
                .file_name()
                .is_some_and(|name| skipped.iter().any(|one| name == *one))
            {
                return;
            }
            for entry in std::fs::read_dir(path).expect("a folder") {
                walk(&entry.expect("an entry").path(), ending, found);
            }
        } else if path
            .extension()
            .is_some_and(|extension| extension == ending)
        {
            let path = path.strip_prefix(root()).expect("a path below the root");
            found.push(path.to_string_lossy().replace('\\', "/"));
        }
    }
    let mut found = Vec::new();
    walk(&root().join(below), ending, &mut found);
    found.sort();
    found
}
