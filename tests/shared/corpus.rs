//! The shared corpus of real Dockerfiles.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The shared corpus: `SEATRIAL_CORPUS`, else beside the repository. Tests that need it are ignored unless asked for;
/// `.ci/run` asks where it is.
fn corpus() -> PathBuf {
    let directory = std::env::var_os("SEATRIAL_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    assert!(
        directory.join("buildkit.jsonl.gz").is_file(),
        "no corpus at {}: say with SEATRIAL_CORPUS where it is",
        directory.display()
    );
    directory
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

pub(crate) struct Oracle {
    /// What BuildKit says, one line a file.
    pub(crate) lines: Vec<String>,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

pub(crate) fn oracle() -> Oracle {
    let directory = corpus();
    let lines = String::from_utf8(unzipped(&directory.join("buildkit.jsonl.gz"))).unwrap();
    Oracle {
        lines: lines.lines().map(str::to_owned).collect(),
        files: untarred(&unzipped(&directory.join("dockerfiles.tar.gz"))),
    }
}
