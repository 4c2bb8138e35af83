//! Build arguments that a start command names: the container does not have them.

use crate::facts::build::at;
use crate::facts::model::{ProcessFact, Project};
use crate::knowledge::programs;
use crate::span::Traced;

/// The use of a build argument of a stage in CMD or ENTRYPOINT, where nothing gives the container a variable of that
/// name.
pub(crate) fn lost_at_start(p: &Project, stage: usize, name: &str) -> Option<Traced> {
    // Platforms set it.
    const OF_PLATFORMS: &str = "PORT";
    p.images.iter().enumerate().find_map(|(i, image)| {
        if !image.chain.contains(&stage) || at::sets_env(p, image.stage, name) {
            return None;
        }
        let mut services = p
            .services
            .iter()
            .filter(|it| it.image == Some(i))
            .peekable();
        let is_alone = services.peek().is_none();
        let is_given = services.any(|service| {
            let deployed = service.deployed(p);
            deployed.env.get(name).is_some()
                || !deployed.env.is_closed
                || deployed.has_unread_env_file
                || deployed.changes_start()
        });
        if is_given || is_alone && name == OF_PLATFORMS || p.around.deployed.is_open {
            return None;
        }
        let entrypoint = image
            .entrypoint
            .and_then(|at| p.stages[at].entrypoint.as_ref());
        let cmd = image.cmd.and_then(|at| p.stages[at].cmd.as_ref());
        let lines = [entrypoint, cmd].into_iter().flatten();
        lines.filter_map(line).find_map(|line| used(line, name))
    })
}

/// What a shell reads of CMD or ENTRYPOINT.
fn line(process: &ProcessFact) -> Option<&Traced> {
    match process.words.as_slice() {
        [line] if !process.is_json => Some(line),
        [shell, option, line, ..] if option.as_str().ends_with('c') => {
            let name = shell.as_str().rsplit('/').next().unwrap_or_default();
            programs::is_shell(name).then_some(line)
        }
        _ => None,
    }
}

/// `$NAME` or `${NAME}`, outside of single quotes, where the line does not set it.
fn used(line: &Traced, name: &str) -> Option<Traced> {
    let text = line.as_str();
    if text.contains('\'') || text.contains(&format!("{name}=")) {
        return None;
    }
    text.match_indices('$').find_map(|(at, _)| {
        let rest = &text[at + 1..];
        let braced = rest.strip_prefix('{');
        let inner = braced.unwrap_or(rest).strip_prefix(name)?;
        let ends = match braced {
            Some(_) => inner.starts_with('}'),
            None => !inner.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'),
        };
        let end = at + 1 + name.len() + 2 * usize::from(braced.is_some());
        let is_escaped = text[..at].ends_with(['\\', '$']);
        (ends && !is_escaped).then(|| line.slice(at..end))
    })
}
