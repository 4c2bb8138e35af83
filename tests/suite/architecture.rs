//! The shape of the house: who may use whom, how long a file is, what every file says of itself.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::imports;
use super::support::root;

/// The parts of `src`, each using only those before it. A name is a file or a folder.
const ORDER: [&str; 25] = [
    "maps",
    "span",
    "source",
    "knowledge",
    "dockerfile",
    "shell",
    "python",
    "context",
    "nginx",
    "compose",
    "deployed",
    "server",
    "finding",
    "facts",
    "fix",
    "rule",
    "lint",
    "config",
    "policy",
    "check",
    "report",
    "lsp",
    "cli",
    "fuzzing",
    "main",
];

/// Longest file, in lines.
const MOST_LINES: usize = 600;

pub(super) fn rust_files(directory: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(directory)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

pub(super) fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

/// The part of `src` that a file belongs to; `None` for `lib.rs`.
fn part(path: &Path) -> Option<String> {
    let below = path.strip_prefix(root().join("src")).unwrap();
    let first = below.components().next().unwrap();
    let name = Path::new(first.as_os_str()).with_extension("");
    let name = name.to_string_lossy().into_owned();
    (name != "lib").then_some(name)
}

/// Tests may look at everything.
fn is_test(path: &Path) -> bool {
    let below = shown(path);
    below
        .split('/')
        .any(|part| part == "tests" || part == "tests.rs" || part == "toy.rs")
}

/// Without its unit tests, comments and literals blanked where they begin a line.
fn code(text: &str) -> String {
    let text = match text.find("#[cfg(test)]\nmod tests {") {
        Some(end) => &text[..end],
        None => text,
    };
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn uses(code: &str) -> BTreeSet<String> {
    code.split("crate::")
        .skip(1)
        .map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_');
            rest[..end.unwrap_or(rest.len())].to_owned()
        })
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn each_stage_uses_only_what_stands_to_its_left() {
    let mut wrong = Vec::new();
    for path in rust_files("src") {
        let Some(own) = part(&path) else { continue };
        let Some(position) = ORDER.iter().position(|name| *name == own) else {
            wrong.push(format!(
                "{}: `{own}` has no place in ORDER of tests/suite/architecture.rs and in ARCHITECTURE.md",
                shown(&path)
            ));
            continue;
        };
        if is_test(&path) {
            continue;
        }
        for used in uses(&code(&std::fs::read_to_string(&path).unwrap())) {
            if ORDER
                .iter()
                .position(|name| *name == used)
                .is_none_or(|at| at > position)
            {
                wrong.push(format!(
                    "{}: `{own}` uses `{used}`, which stands to its right: move what both need to the left, \
                     or hand it over as an argument",
                    shown(&path)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Which file of `src` uses which, tests aside.
pub(super) fn graph() -> imports::Graph {
    let paths = rust_files("src")
        .into_iter()
        .filter(|path| !is_test(path) && !path.ends_with("src/main.rs"));
    let texts: Vec<(String, String)> = paths
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let below = path.strip_prefix(root().join("src")).unwrap();
            (below.display().to_string(), text)
        })
        .collect();
    imports::graph(&texts)
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let graph = graph();
    let mut told = Vec::new();
    for circle in imports::circles(&graph) {
        let way = imports::way_round(&graph, &circle[0]);
        let steps = way.windows(2).map(|step| {
            let names: Vec<&str> = graph[&step[0]][&step[1]]
                .iter()
                .map(String::as_str)
                .collect();
            format!("\n  {} uses {} of {}", step[0], names.join(", "), step[1])
        });
        told.push(format!(
            "{} files: {}; one way round:{}",
            circle.len(),
            circle.join(", "),
            steps.collect::<String>()
        ));
    }
    assert!(
        told.is_empty(),
        "move what two files need of each other to a third one below both, or hand it over as an argument\n{}",
        told.join("\n")
    );
}

/// What ARCHITECTURE.md says that a part knows nothing of, though it stands to its left. The second is a part, or what
/// lies below one.
const STRANGERS: &[(&str, &str)] = &[
    ("config", "rule/load"),
    ("config", "rule/set"),
    ("deployed", "dockerfile"),
    ("nginx", "dockerfile"),
    ("server", "deployed"),
    ("server", "dockerfile"),
];

#[test]
fn parts_do_not_know_what_the_page_says_they_do_not() {
    let is_of = |file: &str, part: &str| {
        let rest = file.strip_prefix(part);
        rest.is_some_and(|rest| rest.starts_with(['/', '.']))
    };
    let graph = graph();
    let mut wrong = Vec::new();
    for (part, stranger) in STRANGERS {
        assert!(graph.keys().any(|file| is_of(file, part)), "no `{part}`");
        assert!(
            graph.keys().any(|file| is_of(file, stranger)),
            "no `{stranger}`"
        );
        for (file, uses) in graph.iter().filter(|(file, _)| is_of(file, part)) {
            let used = uses.keys().filter(|used| is_of(used, stranger));
            wrong.extend(used.map(|used| format!("src/{file}: uses src/{used}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The phases in their order, each with the floor that makes it. A function of a floor asks of phases up to its own,
/// or, where rules ask it only, of the whole project.
const PHASES: &[(&str, &str)] = &[
    ("build", "BuildPhase"),
    ("files", "FilesPhase"),
    ("python", "InstallPhase"),
    ("python", "PythonPhase"),
    ("system", "PythonPhase"),
    ("start", "StartPhase"),
    ("django", "DjangoPhase"),
    ("deploy", "DeployPhase"),
];

#[test]
fn no_floor_of_facts_asks_of_a_later_phase() {
    let mut wrong = Vec::new();
    for (floor, _) in PHASES {
        let last = PHASES.iter().rposition(|(name, _)| name == floor).unwrap();
        let later = &PHASES[last + 1..];
        for path in rust_files(&format!("src/facts/{floor}")) {
            let code = code(&std::fs::read_to_string(&path).unwrap());
            let named = later
                .iter()
                .filter(|(_, phase)| *phase != PHASES[last].1 && code.contains(phase));
            wrong.extend(named.map(|(_, phase)| {
                format!(
                    "{}: asks of `{phase}`, which is made of what `{floor}` finds: take an earlier phase, or move \
                     the question to a later floor",
                    shown(&path)
                )
            }));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Longest line of Rust, in characters.
const WIDEST: usize = 120;

/// What people are told word for word stands as it is told.
const WIDE: [&str; 1] = ["src/rule/tests/user.rs"];

#[test]
fn lines_are_short() {
    let mut wrong = Vec::new();
    for path in ["src", "build", "tests", "examples", "fuzz/fuzz_targets"]
        .iter()
        .flat_map(|folder| rust_files(folder))
        .filter(|path| !WIDE.contains(&shown(path).as_str()))
    {
        let text = std::fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            let width = line.chars().count();
            if width > WIDEST {
                let place = format!("{}:{}", shown(&path), number + 1);
                wrong.push(format!(
                    "{place}: {width} characters; end a string with `\\` and go on below"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    let mut wrong = Vec::new();
    for path in ["src", "build", "tests", "examples", "fuzz/fuzz_targets"]
        .iter()
        .flat_map(|folder| rust_files(folder))
    {
        let text = std::fs::read_to_string(&path).unwrap();
        let lines = text.lines().count();
        let doc = text
            .lines()
            .take_while(|line| line.starts_with("//!"))
            .count();
        if doc == 0 {
            wrong.push(format!("{}: begins without `//!`", shown(&path)));
        }
        if lines > MOST_LINES {
            wrong.push(format!(
                "{}: {lines} lines; split it by what it is about",
                shown(&path)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What only some files may name: the doors that ARCHITECTURE.md speaks of. A place is a part of `src`
/// or a path below it.
const DOORS: &[(&str, &[&str])] = &[
    // Reading is `source/disk.rs`, whoever reads asks `source::Files`; writing is the command line and `fix`.
    ("std::fs", &["source/disk.rs", "fix", "cli"]),
    ("fs::write(", &["fix/write"]),
    (".symlink_metadata()", &["source/disk.rs"]),
    (".metadata()", &["source/disk.rs", "fix"]),
    (".canonicalize()", &["source/disk.rs", "fix"]),
    (".read_dir()", &["source/disk.rs"]),
    (".is_file()", &["source/disk.rs", "cli", "fix"]),
    (".is_symlink()", &["source/disk.rs"]),
    ("std::env", &["cli"]),
    ("std::process", &["cli", "main", "fix"]),
    ("io::stdout", &["cli/output.rs"]),
    ("io::stderr", &["cli/output.rs"]),
    // Plain data is not serialized: what leaves has structures of its own.
    (
        "Serialize",
        &["rule/tree", "policy/baseline", "report", "lsp", "cli/rules"],
    ),
    ("SystemTime", &["source/disk.rs", "cli"]),
    ("Timestamp::now", &["cli"]),
    ("anyhow", &["cli"]),
    ("clap", &["cli"]),
    ("codespan_reporting", &["report/human"]),
    ("dockerfile_parser", &["dockerfile"]),
    ("gen_lsp_types", &["lsp"]),
    ("lsp_server", &["lsp"]),
    ("minijinja", &["rule"]),
    ("pep440_rs", &["python/requirements"]),
    ("ruff_python_parser", &["python"]),
    ("saphyr_parser", &["compose/yaml.rs"]),
    ("shuck_parser", &["shell"]),
];

#[test]
fn only_the_doors_are_used() {
    let mut wrong = Vec::new();
    for path in rust_files("src") {
        if is_test(&path) {
            continue;
        }
        let below = path.strip_prefix(root().join("src")).unwrap();
        let code = code(&std::fs::read_to_string(&path).unwrap());
        for (what, places) in DOORS {
            let is_door = |place: &&str| {
                below.with_extension("") == Path::new(place) || below.starts_with(place)
            };
            if code.contains(what) && !places.iter().any(is_door) {
                wrong.push(format!(
                    "{}: `{what}` belongs to {}",
                    shown(&path),
                    places.join(", ")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The words in backticks of a line.
pub(super) fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

#[test]
fn every_dependency_is_used_and_says_what_for() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let names = |key: &str| -> BTreeSet<String> {
        let table = manifest[key].as_table().unwrap();
        table.keys().cloned().collect()
    };
    let page = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let (_, section) = page.split_once("\n## Dependencies\n").unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let told: BTreeSet<String> = rows
        .flat_map(|row| quoted(row.split('|').nth(1).unwrap()))
        .map(str::to_owned)
        .collect();
    assert_eq!(
        told,
        names("dependencies"),
        "the table of dependencies in ARCHITECTURE.md and `[dependencies]` of Cargo.toml"
    );
    let (_, below) = section.split_once("For tests alone: ").unwrap();
    let told: BTreeSet<String> = quoted(below.split("\n\n").next().unwrap())
        .map(str::to_owned)
        .collect();
    assert_eq!(
        told,
        names("dev-dependencies"),
        "the paragraph `For tests alone` in ARCHITECTURE.md and `[dev-dependencies]` of Cargo.toml"
    );

    let texts = |folders: &[&str]| -> String {
        let files = folders.iter().flat_map(|folder| rust_files(folder));
        files
            .map(|path| code(&std::fs::read_to_string(path).unwrap()))
            .collect()
    };
    let used = texts(&["src"]);
    let used_by_tests = texts(&["src", "tests", "benches"]);
    for (key, texts) in [
        ("dependencies", &used),
        ("dev-dependencies", &used_by_tests),
    ] {
        for name in names(key) {
            let path = format!("{}::", name.replace('-', "_"));
            assert!(texts.contains(&path), "nothing uses `{name}`");
        }
    }
}

/// Ids of the rules in `rules/`, from the names of their files.
fn rule_ids() -> Vec<String> {
    let mut ids = Vec::new();
    for folder in std::fs::read_dir(root().join("rules")).unwrap() {
        let folder = folder.unwrap().path();
        if !folder.is_dir() || folder.ends_with("data") {
            continue;
        }
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            ids.push(path.file_stem().unwrap().to_string_lossy().into_owned());
        }
    }
    ids.sort();
    assert!(ids.len() >= 12);
    ids
}

#[test]
fn no_rule_is_named_in_the_code() {
    let ids = rule_ids();
    let mut wrong = Vec::new();
    for path in rust_files("src") {
        if is_test(&path) {
            continue;
        }
        let code = code(&std::fs::read_to_string(&path).unwrap());
        for id in &ids {
            let named = [format!("\"{id}\""), format!("`{id}`"), format!("[{id}]")];
            if named.iter().any(|name| code.contains(name)) {
                wrong.push(format!(
                    "{}: names the rule `{id}`: what a rule needs to know is a fact or a key of its file",
                    shown(&path)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_map_names_every_part_and_nothing_else() {
    let map = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let named: Vec<&str> = map
        .lines()
        .filter_map(|line| line.strip_prefix("### `src/"))
        .map(|line| {
            line.split('`')
                .next()
                .unwrap()
                .trim_end_matches('/')
                .trim_end_matches(".rs")
        })
        .collect();
    let mut present: BTreeSet<String> = rust_files("src")
        .iter()
        .filter_map(|path| part(path))
        .collect();
    present.insert("lib".to_owned());
    let mut expected: Vec<&str> = ORDER.to_vec();
    expected.push("lib");
    expected.retain(|name| present.contains(*name));
    assert_eq!(
        named, expected,
        "the code map of ARCHITECTURE.md, in the order of the data flow"
    );
}
