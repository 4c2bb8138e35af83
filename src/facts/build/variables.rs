//! The environment as one command of a RUN sees it: ENV and ARG before it, what its own line sets.

use crate::facts::build::at;
use crate::facts::model::{BaseKind, BuildPhase, Maybe};
use crate::knowledge::words::ValueWords;
use crate::span::Traced;

/// The value of a variable for a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seen {
    Set(Traced),
    /// Set to something that is not known.
    SetUnknown,
    Unset,
    /// The base image or the shell may set it.
    Unknown,
}

/// What a command of a RUN finds in the environment.
pub(crate) fn seen(p: &BuildPhase, command: usize, name: &str) -> Seen {
    let fact = &p.commands[command];
    let known = |value: Option<&Traced>| value.cloned().map_or(Seen::SetUnknown, Seen::Set);
    if let Some(own) = fact
        .command
        .assignments
        .iter()
        .rev()
        .find(|a| a.name == name)
        && fact.command.name.as_deref() != Some("")
    {
        return known(own.value.as_ref());
    }
    let layer = &p.layers[fact.layer];
    let marks = p.index.shell_marks(&(layer.commands.start..command), name);
    let of_command = |at: usize| &p.commands[at].command;
    let export = marks.export.filter(|at| Some(*at) > marks.sourcing);
    let start = export.or(marks.sourcing);
    // A shell variable: in the environment only if something exports it.
    let assignment = marks.assignment.filter(|at| Some(*at) > start);
    let setting = marks.setting.filter(|at| Some(*at) > start);
    let assigned = match assignment {
        Some(at) if assignment > setting => {
            let mut lines = of_command(at).assignments.iter().rev();
            let own = lines.find(|own| own.name == name);
            own.map(|own| known(own.value.as_ref()))
        }
        _ => setting.map(|_| Seen::Unknown),
    };
    if let Some(at) = export {
        let args = of_command(at).args.iter().rev();
        let mut texts = args.filter_map(|arg| {
            let rest = arg.prefix.strip_prefix(name)?;
            (rest.is_empty() || rest.starts_with('=')).then_some(&arg.text)
        });
        return match texts.next() {
            Some(Some(text)) if text.len() > name.len() => {
                Seen::Set(text.slice(name.len() + 1..text.len()))
            }
            _ => assigned.unwrap_or(Seen::SetUnknown),
        };
    }
    if marks.sourcing.is_some() {
        return Seen::Unknown;
    }
    if assigned == Some(Seen::Unknown) {
        return Seen::Unknown;
    }
    if layer
        .mounts
        .iter()
        .any(|mount| mount.env.as_deref() == Some(name))
    {
        return Seen::SetUnknown;
    }
    let at = layer.instruction;
    for stage in at::chain(&p.stages, fact.stage) {
        if let Some(env) = p.stages[stage].env_before(&p.envs, name, at) {
            // An exported shell variable of the name takes the new value along.
            return assigned.unwrap_or_else(|| known(env.value.as_ref()));
        }
        let arg = p.stages[stage].arg_before(name, at);
        match arg.map(|arg| &arg.value) {
            Some(Maybe::Known(value)) => {
                return assigned.unwrap_or_else(|| Seen::Set(value.clone()));
            }
            // Whoever builds may give it.
            Some(Maybe::Absent | Maybe::Unknown) => return Seen::Unknown,
            None => {}
        }
        if matches!(
            p.stages[stage].base.kind,
            BaseKind::Image | BaseKind::Unknown
        ) && at::base_may_set(&p.stages, stage, name)
        {
            return Seen::Unknown;
        }
    }
    Seen::Unset
}

/// Something switches it on by the variable, or could: `0`, `false`, `no` and `off` do not.
pub(crate) fn may_be_on(p: &BuildPhase, command: usize, name: &str) -> bool {
    let is_off = |value: &str| ValueWords::No.contains(&value.to_ascii_lowercase());
    match seen(p, command, name) {
        Seen::Set(value) => !value.is_empty() && !is_off(value.as_str()),
        _ => may_be_set(p, command, name),
    }
}

/// Something sets the variable, or could.
pub(crate) fn may_be_set(p: &BuildPhase, command: usize, name: &str) -> bool {
    let fact = &p.commands[command];
    match seen(p, command, name) {
        Seen::Set(value) => !value.is_empty(),
        Seen::SetUnknown => true,
        Seen::Unset => false,
        // Of a base image that is not known nothing is assumed; an ARG without value is a wish.
        Seen::Unknown => at::chain(&p.stages, fact.stage)
            .iter()
            .any(|stage| p.stages[*stage].set.args.contains_key(name)),
    }
}
