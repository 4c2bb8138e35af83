//! Whether a script that is called after production starts the files that compose finds by itself.

use super::model::ComposeFile;
use super::purpose::purpose_of;
use super::stacks::{BASES, OVERRIDES};
use crate::knowledge::intent_words::Intent;
use crate::knowledge::words::FileWords;
use crate::source::{Entry, Root, Sources, join};

/// Names of a directory that are looked at.
const MAX_LISTED: usize = 100;

/// A file that says nothing and the one that compose puts over it by itself, the only ones of their kind, which
/// `bin/prod/start.sh` starts.
pub(super) fn is_for_production(
    root: &Root,
    sources: &Sources,
    files: &[ComposeFile],
    stack: &[usize],
) -> bool {
    let file = |at: &usize| files.get(*at);
    let [Some(base), Some(over)] = stack.iter().map(file).collect::<Vec<_>>()[..] else {
        return false;
    };
    let name = |file: &ComposeFile| file.path.rsplit('/').next().unwrap_or_default().to_owned();
    let is_base = |file: &&ComposeFile| BASES.contains(&name(file).as_str());
    base.purpose.is_none()
        && OVERRIDES.contains(&name(over).as_str())
        && files.iter().filter(is_base).count() == 1
        && scripts(root).iter().any(|path| {
            let file = root.read(sources, path);
            file.is_ok_and(|file| starts(&sources.get(file).text))
        })
}

/// Scripts that are called after production, by their name or their directory.
fn scripts(root: &Root) -> Vec<String> {
    let mut out = Vec::new();
    let is_meant = |path: &String| purpose_of(path) == Some(Intent::Production);
    let list = |directory: &str| -> Vec<String> {
        let names = root.list(directory, MAX_LISTED);
        names.iter().map(|name| join(directory, name)).collect()
    };
    let directories = [""].into_iter().chain(*FileWords::CiDirectory);
    for path in directories.flat_map(list).filter(is_meant) {
        match root.entry(&path) {
            Entry::Directory => out.extend(list(&path)),
            _ => out.push(path),
        }
    }
    out.retain(|path| path.ends_with(".sh") && is_meant(path));
    out
}

/// A line calls `docker compose up` without naming files.
fn starts(text: &str) -> bool {
    let is_call = |line: &str| {
        let line = line.trim().trim_start_matches("sudo ");
        let rest = ["docker-compose ", "docker compose "]
            .iter()
            .find_map(|call| line.strip_prefix(call));
        rest.is_some_and(|rest| rest.split_whitespace().next() == Some("up"))
    };
    !text.contains("COMPOSE_FILE") && text.lines().any(is_call)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_starts_both_files() {
        assert!(starts(
            "#!/bin/sh\nset -e\ndocker-compose down\nsudo docker compose up -d\n"
        ));
        assert!(!starts("docker compose -f compose.prod.yml up -d\n"));
        assert!(!starts("# docker compose up\ndocker compose up-to-date\n"));
        assert!(!starts("export COMPOSE_FILE=a.yml\ndocker compose up\n"));
    }
}
