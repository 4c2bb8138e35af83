//! Scripts that a start command names without their directory, though they lie in the working directory only.

use crate::context::Origin;
use crate::facts::build::at;
use crate::facts::files::origin;
use crate::facts::model::{Project, StartFact};
use crate::knowledge::words::DirectoryWords;

/// The path of the file that a command names by its bare name, and that lies in no directory of the search path.
pub(crate) fn found(p: &Project, image: usize, start: &StartFact) -> Option<String> {
    let command = &start.command;
    let program = command.program.as_deref()?;
    let is_script = program.ends_with(".sh") || program.ends_with(".py");
    if !is_script || program.contains('/') || start.script.is_some() {
        return None;
    }
    let stage = p.images[image].stage;
    let is_there = |directory: &str| {
        let path = crate::source::absolute(directory, program);
        let found = origin::at_end(p, stage, &path);
        let is_file = matches!(found.origin, Origin::Context(_) | Origin::Inline(_));
        is_file.then_some(path)
    };
    let path = is_there(start.directory.as_deref()?)?;
    if DirectoryWords::Programs
        .iter()
        .any(|directory| is_there(directory).is_some())
    {
        return None;
    }
    // A step may put it there.
    let names = |text: &str| text.contains(program) || text.contains('*') || text.contains('$');
    let mut commands = p.commands.iter();
    let is_placed = commands.any(|fact| {
        let mut args = fact.command.args.iter();
        let name = fact.command.name.as_deref();
        matches!(name, None | Some("ln" | "cp" | "mv"))
            && args.any(|arg| arg.as_str().is_none_or(names))
    });
    let has_path = at::sets_env(p, stage, "PATH");
    (!is_placed && !has_path && p.images[image].process_is_known).then_some(path)
}
