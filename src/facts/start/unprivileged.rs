//! What an image that runs as root would need to run as another user.

use std::collections::BTreeSet;

use crate::facts::build::at;
use crate::facts::model::{ImageFact, Project};
use crate::knowledge::words::{DirectoryWords, VariableWords};
use crate::shell::ast::{Arg, Command};

/// What the image needs and has in the home directory of root, which no other user can enter.
pub(crate) fn in_home_of_root(p: &Project, image: usize) -> Vec<String> {
    let fact = &p.images[image];
    let mut out = BTreeSet::new();
    let workdir = at::workdir(&p.stages, fact.stage);
    out.extend(workdir.filter(|path| path == "/root" || path.starts_with("/root/")));
    let paths = p.envs.iter().filter(|env| fact.chain.contains(&env.stage));
    for path in paths.filter(|env| env.name.as_str() == "PATH") {
        let words = path.raw.as_str().split([':', '"', '\'', ' ']);
        out.extend(words.filter_map(below_root).map(str::to_owned));
    }
    let mut add = |path: &str| {
        let place = DirectoryWords::HomeOfRoot
            .iter()
            .find(|place| path.starts_with(place));
        out.extend(place.map(|place| (*place).to_owned()));
    };
    let of_image = |stage: &usize| fact.chain.contains(stage);
    for copy in p.copies.iter().filter(|copy| of_image(&copy.stage)) {
        copy.target.as_deref().into_iter().for_each(&mut add);
    }
    let has_browsers = at::env(p, fact.stage, "PLAYWRIGHT_BROWSERS_PATH").is_some();
    let mut moved = VariableWords::PipenvElsewhere.iter();
    let is_moved = moved.any(|name| at::env(p, fact.stage, name).is_some());
    for command in p.commands.iter().filter(|fact| of_image(&fact.stage)) {
        let is_root = command.runs_as_root == Some(true);
        let command = &command.command;
        let (name, subcommand) = (command.name.as_deref(), command.subcommand());
        let is_user = command.flag("--user").is_some();
        match (name, subcommand) {
            (Some("pip"), Some("install")) if is_root && is_user => add("/root/.local"),
            (Some("pipenv"), Some("install" | "sync"))
                if is_root
                    && !is_moved
                    && command.flag("--system").is_none()
                    && command.assignments.is_empty() =>
            {
                add("/root/.local");
            }
            (Some("playwright"), _) if is_root && !has_browsers && is_install(command) => {
                add("/root/.cache/ms-playwright");
            }
            _ => {}
        }
    }
    out.into_iter().collect()
}

/// The directory in the home of root that a directory of programs is in: `/root/.local` of `/root/.local/bin`.
fn below_root(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("/root/")?;
    let end = rest.find('/').unwrap_or(rest.len());
    (end > 0).then(|| &path[.."/root/".len() + end])
}

fn is_install(command: &Command) -> bool {
    command.args.first().and_then(Arg::as_str) == Some("install")
}

/// The group of root gets the rights of the owner: the platform chooses the user, as OpenShift does.
pub(crate) fn is_for_any_user(p: &Project, image: &ImageFact) -> bool {
    let gives = |command: &Command| {
        let first = command
            .operands
            .first()
            .and_then(Arg::as_str)
            .unwrap_or_default();
        match command.name.as_deref() {
            Some("chgrp") => matches!(first, "0" | "root"),
            Some("chown") => {
                let group = first.split_once(':');
                group.is_some_and(|(user, group)| {
                    matches!(group, "0" | "root") && !matches!(user, "0" | "root")
                })
            }
            Some("chmod") => {
                let digits: Vec<u8> = first.bytes().collect();
                let is_mode = digits.len() >= 3 && digits.iter().all(u8::is_ascii_digit);
                let of_group = digits.len().checked_sub(2).and_then(|at| digits.get(at));
                first.contains("g=u")
                    || is_mode
                        && digits.last() == Some(&b'0')
                        && of_group == Some(&b'7')
                        && digits.get(digits.len() - 3) != Some(&b'7')
            }
            _ => false,
        }
    };
    let mut own = p
        .commands
        .iter()
        .filter(|fact| image.chain.contains(&fact.stage));
    own.any(|fact| gives(&fact.command))
}

/// The platform may choose the user, as OpenShift does: the Dockerfile speaks of it, or gives the group of root to a
/// user.
pub(crate) fn is_for_openshift(p: &Project) -> bool {
    let in_group = |command: &Command| {
        let group = ["--gid", "-g"].iter().find_map(|flag| command.flag(flag));
        let value = group.and_then(|flag| flag.value.as_ref()?.as_str());
        command.name.as_deref() == Some("useradd") && matches!(value, Some("0" | "root"))
    };
    *p.is_for_openshift.get_or_init(|| {
        let path = p.around.dockerfile.as_deref().unwrap_or_default();
        let mut texts = [path, &p.text.text].into_iter();
        texts.any(|text| speaks_of(text, b"openshift"))
            || p.commands.iter().any(|fact| in_group(&fact.command))
    })
}

fn speaks_of(text: &str, word: &[u8]) -> bool {
    let mut windows = text.as_bytes().windows(word.len());
    windows.any(|window| window.eq_ignore_ascii_case(word))
}
