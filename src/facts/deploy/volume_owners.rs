//! Volumes that take over a directory which the image gave to one account, while compose runs the container as another.

use crate::compose::MountKind;
use crate::facts::build::{at, users};
use crate::facts::deploy::rights;
use crate::facts::model::{Project, StartFact};
use crate::knowledge::programs::{self, Role};
use crate::knowledge::words::ValueWords;
use crate::shell::ast::{Arg, Command, Runs};
use crate::source::is_in;
use crate::span::Traced;

/// An owner as the image has it, by its number; `None` where that is not known.
fn number(p: &Project, chain: &[usize], owner: &str) -> Option<u32> {
    let name = owner.split(':').next().unwrap_or_default();
    if let Ok(number) = name.parse() {
        return Some(number);
    }
    let mut accounts = p.accounts.iter().filter(|it| chain.contains(&it.stage));
    let account = accounts.find(|it| !it.is_group && it.name.as_deref() == Some(name))?;
    account.id.as_deref()?.parse().ok()
}

/// The owner that a command gives a directory, and whether it gives it to one.
fn gives<'a>(command: &'a Command, is_it: &dyn Fn(&str) -> bool) -> Option<&'a str> {
    let names = |args: &[Arg]| args.iter().any(|arg| arg.as_str().is_some_and(is_it));
    match command.name.as_deref()? {
        "chown" => {
            let (owner, paths) = command.operands.split_first()?;
            names(paths).then(|| owner.as_str()).flatten()
        }
        "install" => {
            let owner = command.flag("-o").or_else(|| command.flag("--owner"))?;
            let owner = owner.value.as_ref()?.as_str()?;
            names(&command.operands).then_some(owner)
        }
        _ => None,
    }
}

/// A command makes a directory in which not only its owner may write: `install -d -m 2775`, `mkdir -m 777`.
fn opens(command: &Command, is_it: &dyn Fn(&str) -> bool) -> bool {
    let makes = matches!(command.name.as_deref(), Some("install" | "mkdir"));
    let mode = command.flag("-m").or_else(|| command.flag("--mode"));
    let Some(mode) = mode.filter(|_| makes) else {
        return false;
    };
    let number = mode.value.as_ref().and_then(Arg::as_str);
    let number = number.and_then(|it| u32::from_str_radix(it, 8).ok());
    let mut operands = command.operands.iter();
    operands.any(|arg| arg.as_str().is_none_or(is_it)) && number.is_none_or(|it| it & 0o022 != 0)
}

/// For a named volume of a service with a `user` that is not root: the account, another one, to which the image gave
/// the directory that the volume takes over.
pub(crate) fn of_another(p: &Project, i: usize, mount: usize) -> Option<(String, Traced)> {
    let fact = &p.services[i];
    let own = fact.compose(p)?;
    let image = &p.images[fact.image?];
    let user = own.user.as_ref()?.value.clone()?;
    let mount = &fact.deployed(p).mounts[mount];
    let target = mount.target.as_ref()?.as_str().trim_end_matches('/');
    let is_plain = mount.kind == MountKind::Named
        && !mount.is_read_only
        && mount
            .source
            .as_ref()
            .is_some_and(|it| rights::is_own_volume(p, it.as_str()))
        && !own.has_key(ValueWords::MountsMore)
        && !own.keys.iter().any(|key| key.as_str() == "group_add")
        && own.extends.is_none();
    let name = user.as_str().split(':').next().unwrap_or_default().trim();
    if !is_plain || users::is_root_name(name) || !rights::are_read(p, &image.chain) {
        return None;
    }
    let mut owner = None;
    for command in p
        .commands
        .iter()
        .filter(|it| image.chain.contains(&it.stage))
    {
        let path = |text: &str| at::path_of(p, command, text);
        let is_it = |text: &str| path(text).as_deref() == Some(target);
        if opens(&command.command, &is_it) {
            return None;
        }
        if let Some(found) = gives(&command.command, &is_it) {
            let is_certain = command.command.runs == Runs::Always;
            owner = Some(found.to_owned()).filter(|_| is_certain);
            continue;
        }
        // Whatever else names it, or what lies above it, may give it to anybody.
        let name = command.command.name.as_deref().unwrap_or_default();
        let concerns = |arg: &Arg| {
            let whole = arg.as_str().and_then(path);
            whole.is_none_or(|whole| is_in(target, &whole) || is_in(&whole, target))
        };
        if programs::is(name, Role::SetsRights)
            && command.command.operands.iter().skip(1).any(concerns)
        {
            return None;
        }
    }
    let owner = owner?;
    let (theirs, ours) = (
        number(p, &image.chain, &owner)?,
        number(p, &image.chain, name)?,
    );
    let shares_group = owner.split(':').nth(1).is_some_and(|group| {
        let mine = user.as_str().split(':').nth(1).unwrap_or("0");
        group == mine || group.is_empty()
    });
    // Another container may give it to somebody else before.
    let changes = |start: &StartFact| {
        let name = start.command.name.as_deref();
        name.is_none_or(|name| programs::is(name, Role::SetsRights))
    };
    let mut all = p.services.iter().flat_map(|it| it.starts(p));
    let may_change = all.any(changes) || p.images.iter().flat_map(|it| &it.starts).any(changes);
    (theirs != ours && theirs != 0 && !shares_group && !may_change).then_some((owner, user))
}
