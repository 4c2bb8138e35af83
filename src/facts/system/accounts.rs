//! Users and groups of an image, as far as they are known.

use crate::maps::{HashMap, HashSet};

use crate::dockerfile::ast::Keyword;
use crate::facts::build::at;
use crate::facts::model::{
    AccountFact, AccountMarks, BaseKind, CopyFact, OtherAccounts, Project, StageFact,
};
use crate::knowledge::accounts;
use crate::knowledge::packages::makes_no_account;
use crate::knowledge::programs::{self, Role};
use crate::shell::ast::Arg;

/// Whether the user of a USER instruction exists there; `None` when the image's accounts are not all known.
pub(crate) fn user_exists(p: &Project, stage: usize, user: usize) -> Option<bool> {
    let fact = &p.stages[stage].users[user];
    is_account(p, stage, fact.name.as_deref()?)
}

/// Whether an account of that name, or number, exists in a stage; `None` when its accounts are not all known.
pub(crate) fn is_account(p: &Project, stage: usize, name: &str) -> Option<bool> {
    if name.is_empty() || name.bytes().all(|b| b.is_ascii_digit()) {
        return Some(true);
    }
    let root = &at::root(&p.stages, stage).base.knowledge;
    if accounts::is_there(root.package_manager, name) || root.login == Some(name) {
        return Some(true);
    }
    let marks = marks(p);
    if marks.made(p, stage, name, false) {
        return Some(true);
    }
    let open = accounts::may_exist(name) || marks.others[stage].users;
    (!open).then_some(false)
}

/// Whether the group of a USER exists; `None` when not known. A user's tools make a group of its name too.
pub(crate) fn group_exists(p: &Project, stage: usize, user: usize) -> Option<bool> {
    let name = p.stages[stage].users[user].group.known()?.as_str();
    if name.is_empty() || name.bytes().all(|b| b.is_ascii_digit()) {
        return Some(true);
    }
    let root = &at::root(&p.stages, stage).base.knowledge;
    if accounts::has_group(root.package_manager, name) || root.login == Some(name) {
        return Some(true);
    }
    let marks = marks(p);
    if marks.made(p, stage, name, true) {
        return Some(true);
    }
    let open = accounts::may_exist(name)
        || accounts::is_there(root.package_manager, name)
        || marks.made(p, stage, name, false)
        || marks.others[stage].groups;
    (!open).then_some(false)
}

/// The user or group of a `--chown` that does not exist when it copies, and the later command of the stage that makes
/// it; `None` where they exist, and where that is not known.
pub(crate) fn unknown_owner<'p>(
    p: &'p Project,
    copy: &'p CopyFact,
) -> Option<(&'p str, Option<usize>)> {
    let owner = copy.chown.as_ref()?.as_deref()?;
    let (user, group) = match owner.split_once(':') {
        Some((user, group)) => (user, Some(group)),
        None => (owner, None),
    };
    let parts = [(Some(user), false), (group, true)].into_iter();
    let mut parts = parts.filter_map(|(name, is_group)| Some((name?, is_group)));
    parts.find_map(|(name, is_group)| {
        if name.is_empty() || name.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let root = &at::root(&p.stages, copy.stage).base.knowledge;
        let is_of_base = accounts::may_exist(name)
            || accounts::is_there(root.package_manager, name)
            || accounts::has_group(root.package_manager, name)
            || root.login == Some(name);
        let others = &marks(p).others[copy.stage];
        if is_of_base || others.users || others.groups {
            return None;
        }
        // A user's tools make a group of its name too.
        let named = marks(p).names.get(name).into_iter().flatten();
        let named = named.map(|account| &p.accounts[*account]);
        let mut named = named.filter(|one| {
            (is_group || !one.is_group) && at::is_part(&p.stages, one.stage, copy.stage)
        });
        let is_later = |one: &AccountFact| {
            one.stage == copy.stage && p.commands[one.command].layer > copy.layer
        };
        match named.next() {
            Some(first) if is_later(first) => Some((name, Some(first.command))),
            Some(_) => None,
            None => Some((name, None)),
        }
    })
}

fn marks(p: &Project) -> &AccountMarks {
    p.account_marks.get_or_init(|| {
        let mut names: HashMap<String, Vec<usize>> = HashMap::default();
        for (index, account) in p.accounts.iter().enumerate() {
            if let Some(name) = &account.name {
                names.entry(name.clone()).or_default().push(index);
            }
        }
        AccountMarks {
            names,
            others: others(p),
        }
    })
}

impl AccountMarks {
    /// A command of the stage, or of those that it stands on, makes the account.
    fn made(&self, p: &Project, stage: usize, name: &str, is_group: bool) -> bool {
        let accounts = self.names.get(name).into_iter().flatten();
        let mut accounts = accounts.map(|account| &p.accounts[*account]);
        accounts.any(|one| one.is_group == is_group && at::is_part(&p.stages, one.stage, stage))
    }
}

/// For each stage, whether something may make accounts without saying which: the base image, a layer that could not be
/// read, a file under /etc that is copied.
fn others(p: &Project) -> Vec<OtherAccounts> {
    // An account without a known name may be any.
    let nameless = p.accounts.iter().filter(|account| account.name.is_none());
    let nameless: HashSet<usize> = nameless.map(|account| account.stage).collect();
    // A copied passwd file, a root file system, an archive unpacked over it.
    let brings = |stage: &StageFact, file: &str| {
        let copies = stage.copies.iter();
        let mut targets = copies.map(|copy| p.copies[*copy].target.as_deref());
        targets.any(|target| {
            target.is_none_or(|target| {
                let rest = target.strip_prefix("/etc");
                let is_it = |rest: &str| rest.is_empty() || rest.strip_prefix('/') == Some(file);
                target == "/" || rest.is_some_and(is_it)
            })
        })
    };
    let mut all: Vec<OtherAccounts> = Vec::with_capacity(p.stages.len());
    for (index, stage) in p.stages.iter().enumerate() {
        let root = &at::root(&p.stages, index).base.knowledge;
        let mut layers = stage.layers.iter().map(|layer| &p.layers[*layer]);
        let is_open = nameless.contains(&index)
            || !at::is_closed(&p.stages, index)
            || root.has_shell == Some(false)
            || layers.any(|layer| {
                let mut commands = p.commands[layer.commands.clone()].iter();
                let is_run = layer.keyword == Keyword::Run;
                layer.is_opaque
                    || layer.is_onbuild
                    || is_run && commands.any(|command| may_make_users(&command.command))
            });
        let before = match stage.base.kind {
            BaseKind::Stage(parent) => all[parent],
            _ => OtherAccounts::default(),
        };
        all.push(OtherAccounts {
            users: is_open || before.users || brings(stage, "passwd"),
            groups: is_open || before.groups || brings(stage, "group"),
        });
    }
    all
}

/// A word with `/etc/passwd` or `/etc/group` in it.
fn names_accounts(word: &str) -> bool {
    word.contains("passwd") || word.contains("etc/group")
}

/// Commands that could create an account without saying which: scripts, packages of daemons.
fn may_make_users(command: &crate::shell::ast::Command) -> bool {
    if crate::facts::build::opaque::may_clean(command) {
        return true;
    }
    match command.name.as_deref() {
        None => true,
        Some(name) if programs::is(name, Role::EditsAccounts) => true,
        Some(name) if programs::is(name, Role::MayEditAccounts) => {
            let mut text = command.args.iter().filter_map(Arg::as_str);
            text.any(names_accounts)
                || command.redirects.iter().any(|redirect| {
                    redirect
                        .target
                        .as_ref()
                        .is_none_or(|target| target.as_str().is_none_or(names_accounts))
                })
        }
        Some(_) => {
            crate::facts::build::manager::package_action(command)
                .is_some_and(|(_, action)| action == crate::facts::build::manager::Action::Install)
                && command
                    .operands
                    .iter()
                    .any(|operand| operand.as_str().is_none_or(|name| !makes_no_account(name)))
        }
    }
}
