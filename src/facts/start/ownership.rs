//! Recursive changes of owner or mode: which copied files they store a second time, and how much that is.

use crate::context::image::strip;
use crate::facts::build::at;
use crate::facts::build::copied;
use crate::facts::build::users;
use crate::facts::model::{AccountFact, CommandFact, CopyFact, CopyFrom, Maybe, Project};
use crate::facts::start::user;
use crate::shell::ast::{Arg, Runs};

/// COPY instructions of a stage, and changes of owner before one, that are looked at.
const MAX_LOOKED_AT: usize = 50;

/// What is stored twice below this many bytes is not worth a word.
const SMALL: u64 = 1_000_000;

/// From here on it makes the image noticeably larger.
const LARGE: u64 = 50_000_000;

/// How much is stored a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    Small,
    Medium,
    Large,
    /// The files are not there to be measured.
    Unmeasured,
}

impl Weight {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
            Self::Unmeasured => "unmeasured",
        }
    }
}

/// The owner or mode that a recursive `chown` or `chmod` gives for sure, and the places it changes.
fn change<'p>(p: &'p Project, fact: &'p CommandFact) -> Option<(&'p str, Vec<String>)> {
    let command = &fact.command;
    let mut flags = command.flags.iter();
    let is_recursive = flags.any(|flag| matches!(flag.name.as_str(), "-R" | "--recursive"));
    let is_mode = match command.name.as_deref() {
        Some("chown") => false,
        Some("chmod") => true,
        _ => return None,
    };
    if !is_recursive || command.runs != Runs::Always {
        return None;
    }
    let value = command.operands.first().and_then(Arg::as_str)?;
    // Files of the context belong to root already, and a symbolic mode may change nothing.
    let is_sure = match is_mode {
        true => value.bytes().all(|b| b.is_ascii_digit()),
        false => !value
            .split([':', '.'])
            .next()
            .is_some_and(users::is_root_name),
    };
    if !is_sure {
        return None;
    }
    let places = command.operands[1..].iter().filter_map(Arg::as_str);
    let places = places.filter_map(|text| at::path_of(p, fact, text));
    Some((value, places.collect()))
}

fn is_below(places: &[String], copy: &CopyFact) -> bool {
    let target = copy.target.as_deref();
    target.is_some_and(|target| {
        let mut places = places.iter();
        places.any(|place| place == target || place != "/" && strip(target, place).is_some())
    })
}

/// For a recursive `chown` or `chmod`: the COPY and ADD of its stage whose files it stores a second time.
pub(crate) fn recopied(p: &Project, index: usize) -> Vec<usize> {
    let fact = &p.commands[index];
    let Some((value, places)) = change(p, fact) else {
        return Vec::new();
    };
    let is_owner = fact.command.name.as_deref() == Some("chown");
    let before = p.stages[fact.stage].copies.iter().copied();
    let before: Vec<usize> = before
        .filter(|copy| p.copies[*copy].layer < fact.layer)
        .take(MAX_LOOKED_AT)
        .collect();
    if !before
        .iter()
        .any(|copy| is_below(&places, &p.copies[*copy]))
    {
        return Vec::new();
    }
    let earlier = changes_before(p, index, value);
    let changed = before.iter().copied().filter(|at| {
        let copy = &p.copies[*at];
        let own = if is_owner { &copy.chown } else { &copy.chmod };
        // Whose files have the owner already, or one that is not known, may stay as they are.
        let may_have_it = match own {
            None => false,
            Some(Some(own)) => is_same(own, value),
            Some(None) => true,
        };
        !may_have_it
            && is_below(&places, copy)
            && !before.iter().any(|later| is_replaced(p, *at, *later))
            && !is_removed(p, copy, fact.layer)
            && !earlier
                .iter()
                .any(|(layer, places)| copy.layer < *layer && is_below(places, copy))
    });
    changed.collect()
}

/// The same owner, with the group or without.
fn is_same(one: &str, other: &str) -> bool {
    let user = |text: &str| text.split([':', '.']).next().map(str::to_owned);
    one == other || user(one) == user(other)
}

/// A command between a COPY of one file and a layer removes the file.
fn is_removed(p: &Project, copy: &CopyFact, layer: usize) -> bool {
    let [(_, Some(source))] = &copy.sources[..] else {
        return false;
    };
    let Some(target) = copy.target.as_deref() else {
        return false;
    };
    let name = source.as_str().rsplit('/').next().unwrap_or_default();
    let below = format!("{}/{name}", target.trim_end_matches('/'));
    let start = p.commands.partition_point(|fact| fact.layer <= copy.layer);
    let later = p.commands[start..].iter().take(MAX_LOOKED_AT);
    let mut later = later
        .take_while(|fact| fact.layer <= layer)
        .filter(|fact| fact.stage == copy.stage);
    later.any(|fact| {
        let mut operands = fact.command.operands.iter().filter_map(Arg::as_str);
        fact.command.name.as_deref() == Some("rm") && operands.any(|it| it == target || it == below)
    })
}

/// A later COPY with an owner of its own brings the same files again.
fn is_replaced(p: &Project, copy: usize, later: usize) -> bool {
    let (copy, other) = (&p.copies[copy], &p.copies[later]);
    let is_over = match (&copy.target, &other.target) {
        (Some(target), Some(over)) => strip(target, over).is_some(),
        _ => false,
    };
    copy.layer < other.layer
        && copy.from == CopyFrom::Context
        && other.chown.is_some()
        && is_over
        && copied::copies_all(other) == Some(true)
}

/// The earlier commands of the stage that give the same owner or mode, by layer, and where.
fn changes_before(p: &Project, index: usize, value: &str) -> Vec<(usize, Vec<String>)> {
    let fact = &p.commands[index];
    let before = &p.commands[index.saturating_sub(MAX_LOOKED_AT)..index];
    let same = before
        .iter()
        .filter(|other| other.stage == fact.stage && other.command.name == fact.command.name);
    same.filter_map(|other| {
        let (own, places) = change(p, other)?;
        (own == value).then_some((other.layer, places))
    })
    .collect()
}

/// How much of these COPY is stored a second time.
pub(crate) fn weight(p: &Project, recopied: &[usize]) -> Weight {
    let mut sum = 0;
    let mut is_open = false;
    for copy in recopied.iter().map(|at| &p.copies[*at]) {
        if holds_packages(p, copy) {
            return Weight::Large;
        }
        let sources = copy.sources.iter();
        let named: Option<Vec<&str>> = sources
            .map(|(_, text)| text.as_ref().map(|text| text.as_str()))
            .collect();
        let is_plain = copy.from == CopyFrom::Context
            && !copy.has_parents
            && copy.excludes.is_empty()
            && !copy.has_heredocs;
        let measured = match named {
            Some(named) if is_plain => crate::context::weigh(&p.around.context, named, LARGE),
            _ => None,
        };
        match measured {
            Some(bytes) => sum += bytes,
            None if copy.has_heredocs || copied::is_few_files(copy) => {}
            None => is_open = true,
        }
    }
    match sum {
        LARGE.. => Weight::Large,
        _ if is_open => Weight::Unmeasured,
        SMALL.. => Weight::Medium,
        _ => Weight::Small,
    }
}

/// It takes a directory of installed packages from another stage.
fn holds_packages(p: &Project, copy: &CopyFact) -> bool {
    let CopyFrom::Stage(stage) = copy.from else {
        return false;
    };
    let chain = at::chain(&p.stages, stage);
    let made = crate::facts::python::virtualenvs::virtualenvs(p, &chain);
    let mut sources = copy.sources.iter().filter_map(|(_, text)| text.as_ref());
    sources.any(|text| {
        let text = text.as_str().trim_end_matches('/');
        let name = text.rsplit('/').next().unwrap_or_default();
        matches!(name, "site-packages" | "node_modules" | ".venv")
            || made.iter().any(|(path, _)| path == text)
    })
}

/// The flag that gives the files of a COPY this owner or mode as they are copied.
pub(crate) fn flag(p: &Project, index: usize) -> Option<String> {
    let fact = &p.commands[index];
    let (value, _) = change(p, fact)?;
    if fact.command.name.as_deref() == Some("chmod") {
        return Some(format!("--chmod={value}"));
    }
    let owner = match value.contains(':') {
        true => value.to_owned(),
        false => value.replacen('.', ":", 1),
    };
    Some(format!("--chown={}", owner.trim_end_matches(':')))
}

/// The one COPY as it is written with that flag; `None` where there are several, and where it is long.
pub(crate) fn form(p: &Project, index: usize, recopied: &[usize]) -> Option<String> {
    let [copy] = recopied else {
        return None;
    };
    let copy = &p.copies[*copy];
    let flag = flag(p, index)?;
    let name = flag.split('=').next().unwrap_or_default();
    let text = p
        .text
        .slice(p.dockerfile.instructions[copy.instruction].span);
    let keyword = copy.keyword.name();
    let rest = text.get(keyword.len()..)?.trim();
    let is_short = rest.len() <= 100 && !rest.contains('\n') && !rest.contains(name);
    is_short.then(|| format!("{keyword} {flag} {rest}"))
}

/// The command after the first of these COPY that creates the new owner: a user or group of that name.
pub(crate) fn made_later(p: &Project, index: usize, recopied: &[usize]) -> Option<usize> {
    let first = &p.copies[*recopied.first()?];
    let fact = &p.commands[index];
    if fact.command.name.as_deref() != Some("chown") {
        return None;
    }
    let (owner, _) = change(p, fact)?;
    let is_owner = |account: &&AccountFact| {
        let name = account.name.as_deref();
        account.stage == first.stage
            && account.command < index
            && p.commands[account.command].layer > first.layer
            && name.is_some_and(|name| owner.split([':', '.']).any(|part| part == name))
    };
    p.accounts
        .iter()
        .find(is_owner)
        .map(|account| account.command)
}

/// The user that a `chown` names, where the Dockerfile creates it and every image of its stage certainly runs as root.
pub(crate) fn unused_owner(p: &Project, index: usize) -> Maybe<&str> {
    let fact = &p.commands[index];
    if fact.command.name.as_deref() != Some("chown") {
        return Maybe::Absent;
    }
    let Some((owner, _)) = change(p, fact) else {
        return Maybe::Absent;
    };
    let name = owner.split([':', '.']).next().unwrap_or_default();
    let is_made =
        |account: &AccountFact| !account.is_group && account.name.as_deref() == Some(name);
    if !p.accounts.iter().any(is_made) {
        return Maybe::Absent;
    }
    for (at, image) in p.images.iter().enumerate() {
        if !image.chain.contains(&fact.stage) {
            continue;
        }
        let user = users::current(&p.stages, image.stage);
        let starts_as_root = user.as_ref().is_some_and(users::is_root);
        if !starts_as_root || user::keeps_root(p, at) != Some(true) {
            return Maybe::Absent;
        }
    }
    Maybe::Known(name)
}

/// For a `chown`: a recursive `chmod` stands in its layer.
pub(crate) fn mode_changes_too(p: &Project, index: usize) -> bool {
    let fact = &p.commands[index];
    let own = &p.commands[p.layers[fact.layer].commands.clone()];
    let is_recursive = |fact: &CommandFact| {
        let command = &fact.command;
        let flags = ["-R", "--recursive"];
        command.name.as_deref() == Some("chmod")
            && flags.iter().any(|flag| command.flag(flag).is_some())
    };
    fact.command.name.as_deref() == Some("chown") && own.iter().any(is_recursive)
}

/// For a recursive `chmod`: a COPY or ADD of its stages brought something to a directory that it changes, or to one
/// around it; `None` where a directory is not known.
pub(crate) fn changes_copied(p: &Project, index: usize) -> Option<bool> {
    let fact = &p.commands[index];
    let mut is_open = false;
    let mut places = Vec::new();
    for operand in fact.command.operands.iter().skip(1) {
        let path = operand.as_str().and_then(|text| at::path_of(p, fact, text));
        is_open |= path.is_none();
        places.extend(path);
    }
    let chain = at::chain(&p.stages, fact.stage);
    let at = p.layers[fact.layer].instruction;
    let is_before = |copy: &&CopyFact| copy.stage != fact.stage || copy.instruction < at;
    let mut own = p
        .copies
        .iter()
        .filter(|copy| chain.contains(&copy.stage) && is_before(copy));
    let is_changed = own.any(|copy| match &copy.target {
        Some(target) => places.iter().any(|place| {
            place == target || strip(target, place).is_some() || strip(place, target).is_some()
        }),
        None => {
            is_open = true;
            false
        }
    });
    (is_changed || !is_open).then_some(is_changed)
}
