//! Which files of some directories are compose files, and which file a `build` means.

use super::purpose::{is_compose_name, may_be_compose_name};
use super::tree::{self, parsed, sibling};
use super::yaml::Node;
use crate::source::join;
use crate::source::{Root, Sources};
use crate::span::FileId;

/// Names of one directory that are looked through for compose files.
const MAX_LISTED: usize = 2000;
/// Files of one directory with another name that are read.
const MAX_OTHERS: usize = 20;

/// The compose files in some directories below the root, sorted. Nothing below them is looked at. Files of other
/// names (`dev.yml`) are compose files by what stands in them, unless another one leads to them.
#[must_use]
pub(crate) fn discover<'a>(
    root: &Root,
    sources: &Sources,
    directories: impl IntoIterator<Item = &'a str>,
) -> Vec<String> {
    let mut paths = Vec::new();
    let mut others = Vec::new();
    for directory in directories {
        let names = root.list(directory, MAX_LISTED);
        let named = names.iter().filter(|name| is_compose_name(name));
        paths.extend(named.map(|name| join(directory, name)));
        let other = names.iter().filter(|name| may_be_compose_name(name));
        others.extend(other.take(MAX_OTHERS).map(|name| join(directory, name)));
    }
    others.retain(|path| {
        let file = root.read(sources, path);
        file.is_ok_and(|file| is_compose(sources, file))
    });
    // `production.yml` may be the configuration of anything.
    paths.retain(|path| {
        let name = path.rsplit('/').next().unwrap_or(path);
        name.contains("compose")
            || root
                .read(sources, path)
                .map_or(true, |file| !is_something_else(sources, file))
    });
    if !others.is_empty() {
        let all = paths.iter().chain(&others);
        let led_to: Vec<String> = all.flat_map(|path| leads_to(root, sources, path)).collect();
        others.retain(|path| !led_to.contains(path));
    }
    paths.extend(others);
    paths.sort();
    paths.dedup();
    paths
}

/// Whether the file is made of services that all say what they run, and of nothing else than compose knows.
fn is_compose(sources: &Sources, file: FileId) -> bool {
    let text = &sources.get(file).text;
    if !text.lines().any(|line| line.trim_end() == "services:") {
        return false;
    }
    let parsed = parsed(sources, file);
    let Some(root) = &parsed.root else {
        return false;
    };
    let services = root.get("services").map_or(&[][..], Node::entries);
    let runs = |node: &Node| node.get("image").or(node.get("build")).is_some();
    parsed.errors.is_empty()
        && has_known_keys(root)
        && !services.is_empty()
        && services.iter().all(|entry| runs(&entry.value))
}

/// Nothing else than compose knows stands at the top of a file.
fn has_known_keys(root: &Node) -> bool {
    const KEYS: [&str; 9] = [
        "version", "name", "include", "services", "networks", "volumes", "configs", "secrets",
        "models",
    ];
    let mut keys = root.entries().iter().map(|entry| entry.key.as_str());
    keys.all(|key| KEYS.contains(&key) || key.starts_with("x-"))
}

/// Whether the file can be read and has something at its top that compose would refuse.
fn is_something_else(sources: &Sources, file: FileId) -> bool {
    let parsed = parsed(sources, file);
    let root = parsed.root.as_ref();
    root.is_some_and(|root| root.get("services").is_some() && !has_known_keys(root))
}

/// The files that the services of a compose file extend, and those that it includes.
fn leads_to(root: &Root, sources: &Sources, path: &str) -> Vec<String> {
    let Ok(file) = root.read(sources, path) else {
        return Vec::new();
    };
    let text = &sources.get(file).text;
    if !text.contains("extends") && !text.contains("include") {
        return Vec::new();
    }
    let parsed = parsed(sources, file);
    let Some(root) = &parsed.root else {
        return Vec::new();
    };
    let services = root.get("services").map_or(&[][..], Node::entries).iter();
    let extended = services.filter_map(|entry| entry.value.get("extends")?.get("file")?.scalar());
    let included = root.get("include").map_or(&[][..], Node::items).iter();
    let included = included.flat_map(|item| tree::included(path, item));
    let extended = extended.filter_map(|scalar| sibling(path, scalar.as_str()));
    extended.chain(included).collect()
}
