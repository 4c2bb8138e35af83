//! The Dockerfile front end against BuildKit, and against everything that could break it.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use seatrial::dockerfile::{buildkit, parse};
use seatrial::source::Sources;
use serde_json::Value;

/// The shared corpus, where it is: `SEATRIAL_CORPUS`, else beside the repository.
fn corpus() -> Option<PathBuf> {
    let directory = std::env::var_os("SEATRIAL_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    let is_there = directory.join("buildkit.jsonl.gz").is_file();
    if !is_there {
        println!("skipped: no corpus at {}", directory.display());
    }
    is_there.then_some(directory)
}

fn unzipped(path: &Path) -> Vec<u8> {
    let file = std::fs::File::open(path).unwrap();
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(file)
        .read_to_end(&mut bytes)
        .unwrap();
    bytes
}

/// The regular files of a tar archive in POSIX form.
fn untarred(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let text = |field: &[u8]| {
        let end = field.iter().position(|b| *b == 0).unwrap_or(field.len());
        String::from_utf8_lossy(&field[..end]).into_owned()
    };
    let mut files = BTreeMap::new();
    let mut long_name = None;
    let mut at = 0;
    while at + 512 <= bytes.len() && bytes[at] != 0 {
        let header = &bytes[at..at + 512];
        let size = usize::from_str_radix(text(&header[124..136]).trim(), 8).unwrap();
        let content = &bytes[at + 512..at + 512 + size];
        match header[156] {
            b'x' => {
                let records = text(content);
                let path = records.lines().find_map(|line| line.split_once(" path="));
                long_name = path.map(|(_, name)| name.to_owned());
            }
            b'0' => {
                let name = long_name.take().unwrap_or_else(|| text(&header[..100]));
                files.insert(name, content.to_vec());
            }
            _ => {}
        }
        at += 512 + size.div_ceil(512) * 512;
    }
    files
}

struct Oracle {
    /// What BuildKit says, one line a file.
    lines: Vec<String>,
    files: BTreeMap<String, Vec<u8>>,
}

fn oracle() -> Option<Oracle> {
    let directory = corpus()?;
    let lines = String::from_utf8(unzipped(&directory.join("buildkit.jsonl.gz"))).unwrap();
    Some(Oracle {
        lines: lines.lines().map(str::to_owned).collect(),
        files: untarred(&unzipped(&directory.join("dockerfiles.tar.gz"))),
    })
}

fn json_of(name: &str, bytes: &[u8]) -> String {
    let sources = Sources::new();
    let id = sources.add(name, bytes);
    let source = sources.get(id);
    buildkit::to_json(&parse(id, &source.text), &source.text, name)
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

#[test]
fn agrees_with_buildkit_on_every_file_of_the_corpus() {
    let Some(oracle) = oracle() else { return };
    let mut wrong = Vec::new();
    let mut refused = 0;
    for line in &oracle.lines {
        let expected = comparable(line);
        let name = expected["file"].as_str().unwrap();
        let ours_line = json_of(name, &oracle.files[name]);
        let ours = comparable(&ours_line);
        let is_refused = |value: &Value| {
            ["parse_error", "instruction_error"].map(|key| value.get(key).is_some())
        };
        refused += usize::from(is_refused(&ours).contains(&true));
        let is_accepted = !is_refused(&expected).contains(&true);
        if ours != expected || (is_accepted && &ours_line != line) {
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
