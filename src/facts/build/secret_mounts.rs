//! Secrets that are mounted for a step of the build, and who may read them.

use crate::facts::model::{BuildPhase, Mount};
use crate::knowledge::programs::{self, Role};
use crate::shell::ast::OnFailure;

/// The secret that a layer mounts as a file of root, while every command of it certainly runs as another user; and
/// whether one that ends the build names its path.
pub(crate) fn closed(p: &BuildPhase, layer: usize) -> Option<(&Mount, bool)> {
    let fact = &p.layers[layer];
    let commands = &p.commands[fact.commands.clone()];
    let is_of_root = |mount: &&Mount| {
        let is_given = mount.uid.is_some() || mount.mode.is_some() || mount.env.is_some();
        mount.kind == "secret" && !is_given
    };
    let mount = fact.mounts.iter().find(is_of_root)?;
    let is_other = commands.iter().all(|it| {
        let name = it.command.name.as_deref().unwrap_or_default();
        it.runs_as_root == Some(false)
            && it.command.run_as.is_none()
            && !programs::is(name, Role::SwitchesUser)
    });
    if fact.is_opaque || commands.is_empty() || !is_other {
        return None;
    }
    let target = mount.target.as_str();
    let reads = commands.iter().any(|it| {
        let stops = it.command.on_failure == OnFailure::Stops;
        let mut args = it.command.args.iter().filter_map(|arg| arg.as_str());
        let is_named =
            |arg: &str| arg.contains("/run/secrets/") || !target.is_empty() && arg.contains(target);
        stops && args.any(is_named)
    });
    Some((mount, reads))
}
