//! Python projects: hostile inputs and idioms of settings, through the library's own door.

mod idioms;

use std::collections::BTreeMap;

use seatrial::python::requirements::{Groups, Invocation, installed_by, read_requirements};
use seatrial::source::{MemoryFile, Root, Sources};

fn project(files: &[(&str, &str)]) -> (Sources, Root) {
    let files: BTreeMap<String, MemoryFile> = files
        .iter()
        .map(|(path, text)| {
            let file = MemoryFile {
                content: text.as_bytes().to_vec(),
                is_executable: false,
            };
            ((*path).to_owned(), file)
        })
        .collect();
    (Sources::new(), Root::memory(files))
}

#[test]
fn hostile_lists_end_soon() {
    let mut files: Vec<(String, String)> = Vec::new();
    for n in 0..200 {
        files.push((
            format!("r{n}.txt"),
            format!("-r r{}.txt\n-r r{}.txt\nx{n}\n", n + 1, n + 2),
        ));
    }
    files.push((
        "long.txt".into(),
        "a".repeat(100_000) + "==1 " + &"\\\n".repeat(50_000),
    ));
    files.push((
        "blank.txt".into(),
        "[".repeat(50_000) + &"é\u{0}".repeat(1000) + "\n-r\n-e\n--hash",
    ));
    files.push((
        "pyproject.toml".into(),
        format!("[project]\ndependencies = {}", "[".repeat(10_000)),
    ));
    files.push(("Pipfile.lock".into(), "{\"default\":".repeat(10_000)));
    files.push(("Pipfile".into(), "[packages".into()));
    let borrowed: Vec<(&str, &str)> = files
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let (sources, root) = project(&borrowed);
    for path in ["r0.txt", "long.txt", "blank.txt"] {
        let set = read_requirements(&sources, &root, path);
        assert!(set.files.len() <= 100);
    }
    let set = installed_by(
        &Invocation::Pipenv {
            directory: String::new(),
            dev: true,
            uses_lock: true,
        },
        &sources,
        &root,
    );
    assert!(!set.problems.is_empty());
    let set = installed_by(
        &Invocation::Uv {
            directory: String::new(),
            groups: Groups::default(),
        },
        &sources,
        &root,
    );
    assert!(!set.is_complete);
}
