//! Caches that are mounted for a step of the build, and who may write there.

use crate::facts::build::at;
use crate::facts::model::{CommandFact, Mount, Project};
use crate::knowledge::package_caches;
use crate::shell::ast::Arg;

/// The cache of a package manager that is mounted for a step of the build and belongs to root, while the step runs as
/// another user, and whether the step fails then.
pub(crate) fn closed_cache(p: &Project, i: usize) -> Option<(&Mount, bool)> {
    let fact = &p.commands[i];
    let command = &fact.command;
    let row = package_caches::of(command.name.as_deref()?)?;
    let called: Vec<&str> = command.args.iter().filter_map(Arg::as_str).collect();
    let called = called.join(" ");
    let fills = row.subcommands.iter().any(|it| {
        let rest = called.strip_prefix(it);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    });
    let has_flag = |flag: &str| command.args.iter().any(|arg| arg.as_str() == Some(flag));
    let is_off = row.flags.iter().any(|flag| has_flag(flag))
        || row.off.iter().any(|name| sets(p, fact, name));
    let is_meant = fact.runs_as_root == Some(false)
        && command.run_as.is_none()
        && command.wrappers.is_empty()
        && fills
        && !is_off;
    if !is_meant {
        return None;
    }
    // Another mount of the cache, of this step or of another one, may have made it for its user.
    let target = |mount: &Mount| mount.target.trim_end_matches('/').to_owned();
    let mut mounts = p.layers[fact.layer].mounts.iter();
    let mount = mounts.find(|mount| {
        let is_root = mount.uid.as_deref().is_none_or(|uid| uid == "0");
        let is_plain = mount.from_stage.is_none() && !mount.is_external && mount.source.is_empty();
        let is_of_root = target(mount).starts_with("/root/");
        let is_its = row
            .paths
            .iter()
            .any(|path| target(mount).ends_with(&format!("/{path}")));
        mount.kind == "cache"
            && is_root
            && is_plain
            && mount.mode.is_none()
            && is_its
            && !is_of_root
    })?;
    let all = p.layers.iter().flat_map(|layer| &layer.mounts);
    let mut alike = all.filter(|it| it.kind == "cache" && target(it) == target(mount));
    let is_only = alike.all(|it| it.uid.is_none() && it.mode.is_none());
    let is_moved = row.moved.iter().any(|name| sets(p, fact, name));
    (is_only && !is_moved).then_some((mount, row.needed?))
}

/// A variable is set for a step, by ENV or the step itself.
fn sets(p: &Project, fact: &CommandFact, name: &str) -> bool {
    at::sets_env(p, fact.stage, name) || fact.command.assignments.iter().any(|it| it.name == name)
}
