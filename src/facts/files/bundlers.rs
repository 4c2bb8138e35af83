//! Bundlers of frontends that the Node.js of their stage refuses: webpack before it had a hash of its own asks OpenSSL
//! for MD4, which OpenSSL 3 does not give.

use serde_json::Value;

use crate::context::Origin;
use crate::facts::build::at;
use crate::facts::files::origin;
use crate::facts::model::{BuildPhase, FilesPhase, Frontend, Webpacks};
use crate::knowledge::frontend_tools::{self, webpack_caller};
use crate::knowledge::images::Family;
use crate::knowledge::words::{FileWords, OptionWords, PackageWords};
use crate::python::requirements::Versions;
use crate::shell::ast::{Command, Runs};
use crate::source::{Sources, join};
use crate::span::Traced;

/// Lock files that are read, in the order of those that write them.
const LOCKS: [&str; 3] = ["package-lock.json", "yarn.lock", "pnpm-lock.yaml"];

/// Files beside a `package.json` that are looked through.
const MAX_FILES: usize = 60;

/// Scripts that call each other at most.
const MAX_DEPTH: usize = 4;

/// The first Node.js with OpenSSL 3.
const REFUSES_SINCE: u32 = 17;

/// What Node.js is told by to take old hashes, and the function that a configuration may change to make others.
/// (`output.hashFunction` of webpack changes some of its hashes only.)
const OTHERWISE: [&str; 2] = ["openssl-legacy-provider", "createHash"];

fn text(p: &BuildPhase, sources: &Sources, path: &str) -> Option<String> {
    let path = p.around.context.below_root(path)?;
    let file = p.around.root.read(sources, &path).ok()?;
    Some(sources.get(file).text.clone())
}

/// What the lock files of a directory say of webpack.
pub(crate) fn webpacks(
    p: &BuildPhase,
    sources: &Sources,
    directory: &str,
    of_npm: Option<&Value>,
) -> Vec<Webpacks> {
    let read = |lock: &'static str| {
        let releases = match (lock, of_npm) {
            (_, Some(list)) if lock == LOCKS[0] => by_npm(list),
            (_, None) if lock == LOCKS[0] => return None,
            _ => {
                let text = text(p, sources, &join(directory, lock))?;
                listed(&text).into_iter().map(|it| (None, it)).collect()
            }
        };
        Some(Webpacks { lock, releases })
    };
    LOCKS.into_iter().filter_map(read).collect()
}

/// The release that each package which brings webpack gets: its own, or the one beside it.
fn by_npm(list: &Value) -> Vec<(Option<&'static str>, String)> {
    let version = |entry: &Value| Some(entry.get("version")?.as_str()?.to_owned());
    let own = |package: &str| -> Option<String> {
        let flat = || {
            let all = list.get("packages")?;
            let path = format!("node_modules/{package}/node_modules/webpack");
            all.get(path).or_else(|| all.get("node_modules/webpack"))
        };
        let nested = || {
            let all = list.get("dependencies")?;
            let own = all.get(package).and_then(|it| it.get("dependencies"));
            own.and_then(|it| it.get("webpack"))
                .or_else(|| all.get("webpack"))
        };
        version(flat().or_else(nested)?)
    };
    let packages = frontend_tools::webpack_packages();
    packages
        .filter_map(|name| Some((Some(name), own(name)?)))
        .collect()
}

/// Every release of webpack that a lock file of yarn or pnpm names.
fn listed(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut is_webpack = false;
    let digits = |text: &str| -> String {
        let is_of_version = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        text.chars().take_while(is_of_version).collect()
    };
    for line in text.lines() {
        let name = line.trim().trim_start_matches(['"', '\'', '/']);
        let is_entry = line.trim_end().ends_with(':') && name.starts_with("webpack");
        let rest = name.strip_prefix("webpack").filter(|_| is_entry);
        let found = match rest.and_then(|rest| rest.strip_prefix(['@', '/'])) {
            // pnpm names each by its release.
            Some(rest) if line.starts_with(' ') => Some(digits(rest)),
            Some(_) => {
                is_webpack = true;
                None
            }
            None if is_webpack => {
                let version = line.trim().strip_prefix("version");
                let version = version.map(|it| it.trim_start_matches([':', ' ', '"']));
                is_webpack = version.is_none() && line.starts_with(' ');
                version.map(digits)
            }
            None => None,
        };
        let is_release = |it: &String| it.starts_with(|c: char| c.is_ascii_digit());
        if let Some(found) = found.filter(is_release)
            && !out.contains(&found)
        {
            out.push(found);
        }
    }
    out
}

/// A release of webpack that asks OpenSSL for its hashes.
fn is_old(release: &str) -> bool {
    let lacks = |range: &str| Versions::parse(range).allow(release) == Some(true);
    lacks(">=4.0.0,<4.47.0") || lacks(">=5.0.0,<5.61.0")
}

/// A lock file names such a one.
pub(crate) fn has_old(webpacks: &[Webpacks]) -> bool {
    let mut releases = webpacks.iter().flat_map(|it| &it.releases);
    releases.any(|(_, release)| is_old(release))
}

/// Something in a frontend names what makes webpack hash otherwise, or Node.js take old hashes.
pub(crate) fn may_hash_otherwise(p: &BuildPhase, sources: &Sources, directory: &str) -> bool {
    let context = &p.around.context;
    let is_read = |name: &str| {
        (FileWords::FrontendCode.ends(name) || name.starts_with('.')) && !LOCKS.contains(&name)
    };
    let names = |path: &str| {
        let text = text(p, sources, path);
        text.is_some_and(|text| OTHERWISE.iter().any(|word| text.contains(word)))
    };
    let mut below = [""].into_iter().chain(FileWords::FrontendDirectory.iter());
    below.any(|below| {
        let directory = join(directory, below);
        let listed = context.list(if directory.is_empty() {
            "."
        } else {
            &directory
        });
        let all = listed.iter().flat_map(|names| names.iter()).take(MAX_FILES);
        let mut all = all.filter(|name| is_read(name));
        all.any(|name| names(&join(&directory, name)))
    })
}

/// A release of webpack that a command of the build bundles with, and the Node.js that refuses its hashes.
pub(crate) struct Refused {
    pub(crate) release: String,
    pub(crate) node: u32,
}

/// The command certainly bundles with a webpack that the Node.js of its stage refuses.
pub(crate) fn refused(p: &FilesPhase, index: usize) -> Option<Refused> {
    let fact = &p.commands[index];
    let command = &fact.command;
    // Asked first: nearly every command is another one.
    let name = command
        .name
        .as_deref()
        .filter(|_| !p.frontends.is_empty())?;
    if !matches!(name, "npm" | "yarn" | "pnpm") && !frontend_tools::is_webpack_caller(name) {
        return None;
    }
    let is_plain = command.is_complete
        && command
            .wrappers
            .iter()
            .all(|it| frontend_tools::is_webpack_caller(it))
        && command.runs == Runs::Always
        && !OptionWords::FrontendElsewhere
            .iter()
            .any(|flag| command.flag(flag).is_some());
    if !is_plain {
        return None;
    }
    let directory = at::directory_of(p, fact)?;
    let see = |name: &str| {
        let path = format!("{}/{name}", directory.trim_end_matches('/'));
        origin::as_command_sees(p, index, &path)
    };
    let Origin::Context(path) = see("package.json") else {
        return None;
    };
    let frontend = p.frontends.iter().find(|it| it.path == path)?;
    let package = package_of(frontend, &words(command)?, MAX_DEPTH)?;
    let is_there = |it: &&Webpacks| matches!(see(it.lock), Origin::Context(_));
    let mut locks = frontend.webpacks.iter().filter(is_there);
    let lock = locks.next().filter(|_| locks.next().is_none())?;
    let mut own = lock
        .releases
        .iter()
        .filter(|(of, _)| of.is_none_or(|of| of == package));
    let (_, release) = own.clone().next()?;
    let is_old = own.all(|(_, release)| is_old(release));
    let is_told = frontend.may_hash_otherwise
        || [OTHERWISE[0], "NODE_OPTIONS", "OPENSSL_CONF"]
            .iter()
            .any(|word| p.text.text.contains(word))
        // Another release than that of the lock file.
        || p.text.text.contains("webpack@");
    let node = node_of(p, index).filter(|node| *node >= REFUSES_SINCE)?;
    (is_old && !is_told).then(|| Refused {
        release: release.clone(),
        node,
    })
}

/// The words of a command; `None` where one is not known.
fn words(command: &Command) -> Option<Vec<String>> {
    let name = command.name.clone()?;
    let args = command
        .args
        .iter()
        .map(|arg| arg.as_str().map(str::to_owned));
    std::iter::once(Some(name)).chain(args).collect()
}

/// The package whose webpack bundles when some words are called.
fn package_of(frontend: &Frontend, words: &[String], depth: usize) -> Option<&'static str> {
    let depth = depth.checked_sub(1)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (first, rest) = words.split_first()?;
    let name = first.rsplit('/').next()?;
    let script = |name: &str| {
        let sure = frontend
            .scripts
            .get(name)?
            .iter()
            .filter(|it| it.runs == Runs::Always);
        sure.filter_map(words_whole)
            .find_map(|words| package_of(frontend, &words, depth))
    };
    if matches!(name, "npm" | "yarn" | "pnpm") {
        let mut operands = rest.iter().filter(|word| !word.starts_with('-'));
        let word = operands.next()?;
        let runs = matches!(*word, "run" | "run-script");
        return match (runs, name) {
            (true, _) => script(operands.next()?),
            (false, "npm") => None,
            (false, _) if frontend.scripts.contains_key(*word) => script(word),
            (false, _) => {
                let at = rest.iter().position(|it| it == word)?;
                let rest: Vec<String> = rest[at..].iter().map(|&it| it.to_owned()).collect();
                package_of(frontend, &rest, depth)
            }
        };
    }
    let row = webpack_caller(name, rest)?;
    if row.package.is_some() {
        return row.package;
    }
    // What follows its options and variables is another program.
    let is_other = |word: &&str| !word.starts_with('-') && !word.contains('=');
    let at = rest.iter().position(is_other)?;
    let rest: Vec<String> = rest[at..].iter().map(|&it| it.to_owned()).collect();
    package_of(frontend, &rest, depth)
}

/// The words of a command of a script, with what runs it left aside.
fn words_whole(command: &Command) -> Option<Vec<String>> {
    let known = command
        .args
        .iter()
        .map(|arg| arg.as_str().unwrap_or("?").to_owned());
    Some(
        std::iter::once(command.name.clone()?)
            .chain(known)
            .collect(),
    )
}

/// The release of Node.js in the stage of a command, at least; `None` where that is not known.
fn node_of(p: &FilesPhase, index: usize) -> Option<u32> {
    let fact = &p.commands[index];
    let text = p.text.text.as_str();
    if PackageWords::NodeManager.is_within(text) {
        return None;
    }
    let base = &at::root(&p.stages, fact.stage).base;
    if base.knowledge.family == Family::Node {
        let image = base.image.as_ref().filter(|_| base.tag_is_known)?;
        let official = image.digest.is_none() && image.official() == Some("node");
        let tag = image.tag.as_ref().map_or("latest", Traced::as_str);
        let first = tag.split(['-', '.']).next()?;
        return first.parse().ok().filter(|_| official);
    }
    let made_by = text.match_indices("setup_").filter_map(|(at, _)| {
        let rest = &text[at + "setup_".len()..];
        let (major, _) = rest.split_once(".x")?;
        major.parse::<u32>().ok()
    });
    let made_by: Vec<u32> = made_by.collect();
    let is_node = |name: &str| matches!(name, "nodejs" | "npm");
    let mut packages = p.packages.iter();
    let is_installed = packages.any(|one| {
        is_node(&one.name) && one.command < index && at::is_part(&p.stages, one.stage, fact.stage)
    });
    if !is_installed {
        return None;
    }
    match made_by.as_slice() {
        [only] => Some(*only),
        [] if !text.contains("nodesource") => {
            let suite = base.knowledge.debian()?.codename;
            let is_own = !text.contains("sources.list") && !text.contains("node:");
            frontend_tools::node_of_debian(suite).filter(|_| is_own)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_read_from_lock_files() {
        let yarn = concat!(
            "webpack-cli@^4.0.0:\n  version \"4.10.0\"\n\n",
            "webpack@^4.44.2, webpack@4.46.0:\n  version \"4.46.0\"\n  resolved \"x\"\n\n",
            "\"@types/webpack@1\":\n  version \"1.0.0\"\n",
        );
        assert_eq!(listed(yarn), ["4.46.0"]);
        let berry =
            "\"webpack@npm:^5.0.0\":\n  version: 5.90.1\n  resolution: \"webpack@npm:5.90.1\"\n";
        assert_eq!(listed(berry), ["5.90.1"]);
        let pnpm = concat!(
            "packages:\n\n  /webpack/4.46.0_webpack-cli@3:\n    resolution: {}\n",
            "  webpack@5.1.0(x@1):\n    resolution: {}\n",
        );
        assert_eq!(listed(pnpm), ["4.46.0", "5.1.0"]);
        let npm = r#"{"packages": {"node_modules/webpack": {"version": "5.1.0"},
            "node_modules/react-scripts/node_modules/webpack": {"version": "4.44.2"}}}"#;
        let found = by_npm(&serde_json::from_str(npm).unwrap());
        assert!(found.contains(&(Some("react-scripts"), "4.44.2".to_owned())));
        assert!(found.contains(&(Some("webpack"), "5.1.0".to_owned())));
    }
}
