//! The Dockerfile syntax: trees, errors and spans, against BuildKit and against everything that could break it.

mod against_buildkit;
mod errors;
mod expand;
mod properties;
mod second_opinion;
mod tree;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ast::Dockerfile;
use crate::source::{SourceFile, Sources};
use crate::span::FileId;

/// The file of every test.
pub(super) const FILE: FileId = FileId(0);

pub(super) fn parse(text: &str) -> Dockerfile {
    super::parse(FILE, text)
}

/// A file and its tree.
struct Parsed {
    source: Arc<SourceFile>,
    tree: Dockerfile,
}

fn parsed(name: &str, bytes: &[u8]) -> Parsed {
    let sources = Sources::new();
    let id = sources.add(name, bytes);
    let source = sources.get(id);
    let tree = super::parse(id, &source.text);
    Parsed { source, tree }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/syntax")
}

/// The Dockerfiles of `fixtures/syntax`, by name.
fn own_files() -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(fixtures()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".Dockerfile") {
            files.push((name, std::fs::read(&path).unwrap()));
        }
    }
    files.sort();
    assert!(files.len() > 30, "the fixtures are missing");
    files
}
