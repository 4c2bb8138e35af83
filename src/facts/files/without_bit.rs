//! Scripts of the build context that a RUN calls and that have no execute bit in the image.

use crate::context::Origin;
use crate::facts::build::at;
use crate::facts::model::FilesPhase;

/// The path of the file that a command calls and that certainly has no execute bit when it does.
pub(crate) fn called(p: &FilesPhase, command: usize) -> Option<String> {
    let fact = &p.commands[command];
    let program = fact.command.program.as_deref()?;
    let layer = &p.layers[fact.layer];
    let is_plain = fact.command.wrappers.is_empty() && layer.mounts.is_empty() && !layer.is_onbuild;
    if !program.contains('/') || !is_plain {
        return None;
    }
    let path = at::path_of(p, fact, program)?;
    let files = &p.files[fact.stage];
    let upto = files.before_command(command);
    let found = files.fs.lookup_before(&p.around.context, &path, upto);
    let is_closed = found.is_executable == Some(false);
    (is_closed && matches!(found.origin, Origin::Context(_))).then_some(path)
}
