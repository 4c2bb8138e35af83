//! Inputs of every kind that can be long: for each a project of a given size.

mod around;
mod compose;
mod dockerfile;
mod hostile;
mod project;
mod python;
mod servers;
mod shell;

use std::collections::BTreeMap;

use seatrial::MemoryFile;

/// Texts by path.
type Texts = Vec<(String, String)>;

/// A kind of input.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// What there is `n` of.
    pub(crate) what: &'static str,
    make: Make,
}

enum Make {
    /// A Dockerfile alone.
    Dockerfile(fn(usize) -> String),
    Project(fn(usize) -> Texts),
}

impl Kind {
    const fn dockerfile(name: &'static str, what: &'static str, make: fn(usize) -> String) -> Self {
        let make = Make::Dockerfile(make);
        Self { name, what, make }
    }

    const fn project(name: &'static str, what: &'static str, make: fn(usize) -> Texts) -> Self {
        let make = Make::Project(make);
        Self { name, what, make }
    }

    /// The files of a project with `size` of it.
    pub(crate) fn files(&self, size: usize) -> BTreeMap<String, MemoryFile> {
        let texts = match self.make {
            Make::Dockerfile(make) => vec![("Dockerfile".to_owned(), make(size))],
            Make::Project(make) => make(size),
        };
        let file = |(path, text): (String, String)| {
            let is_executable = path.ends_with(".sh");
            let content = text.into_bytes();
            (
                path,
                MemoryFile {
                    content,
                    is_executable,
                },
            )
        };
        texts.into_iter().map(file).collect()
    }

    /// What the files of that size and their paths have.
    pub(crate) fn bytes(&self, size: usize) -> usize {
        let files = self.files(size);
        let lengths = files
            .iter()
            .map(|(path, file)| path.len() + file.content.len());
        lengths.sum()
    }
}

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = &'static Kind> {
    let kinds = [
        dockerfile::KINDS,
        project::KINDS,
        compose::KINDS,
        hostile::KINDS,
        shell::KINDS,
        python::KINDS,
        servers::KINDS,
        around::KINDS,
    ];
    kinds.into_iter().flatten()
}

/// So many of these, one behind the other.
fn many(n: usize, one: impl Fn(usize) -> String) -> String {
    (0..n).map(one).collect()
}
