//! Users and groups of an image, as far as they are known.

use crate::dockerfile::ast::Keyword;
use crate::facts::build::at;
use crate::facts::model::Project;
use crate::knowledge::accounts;
use crate::knowledge::packages::makes_no_account;
use crate::knowledge::programs::{self, Role};
use crate::shell::ast::Arg;

/// Whether the user of a USER instruction exists there; `None` when the image's accounts are not all known.
pub(crate) fn user_exists(p: &Project, stage: usize, user: usize) -> Option<bool> {
    let fact = &p.stages[stage].users[user];
    let name = fact.name.as_deref()?;
    if name.is_empty() || name.bytes().all(|b| b.is_ascii_digit()) {
        return Some(true);
    }
    let chain = at::chain(&p.stages, stage);
    let root = &p.stages[*chain.last()?].base.knowledge;
    if accounts::is_there(root.package_manager, name) || root.login == Some(name) {
        return Some(true);
    }
    let mut open = accounts::may_exist(name);
    for account in own_accounts(p, &chain) {
        match account.name.as_deref() {
            Some(known) if known == name && !account.is_group => return Some(true),
            Some(_) => {}
            None => open = true,
        }
    }
    open |= may_have_others(p, stage, &chain, "passwd");
    (!open).then_some(false)
}

/// Whether the group of a USER exists; `None` when not known. A user's tools make a group of its name too.
pub(crate) fn group_exists(p: &Project, stage: usize, user: usize) -> Option<bool> {
    let name = p.stages[stage].users[user].group.known()?.as_str();
    if name.is_empty() || name.bytes().all(|b| b.is_ascii_digit()) {
        return Some(true);
    }
    let chain = at::chain(&p.stages, stage);
    let root = &p.stages[*chain.last()?].base.knowledge;
    if accounts::has_group(root.package_manager, name) || root.login == Some(name) {
        return Some(true);
    }
    let mut open = accounts::may_exist(name) || accounts::is_there(root.package_manager, name);
    for account in own_accounts(p, &chain) {
        match account.name.as_deref() {
            Some(known) if known == name && account.is_group => return Some(true),
            Some(known) => open |= known == name,
            None => open = true,
        }
    }
    open |= may_have_others(p, stage, &chain, "group");
    (!open).then_some(false)
}

fn own_accounts<'p>(
    p: &'p Project,
    chain: &'p [usize],
) -> impl Iterator<Item = &'p crate::facts::model::AccountFact> {
    let accounts = p.accounts.iter();
    accounts.filter(|account| chain.contains(&account.stage))
}

/// Something may make accounts without saying which: the base image, a layer that could not be read, a file under
/// /etc that is copied.
fn may_have_others(p: &Project, stage: usize, chain: &[usize], file: &str) -> bool {
    let root = chain.last().map(|root| &p.stages[*root].base.knowledge);
    let mut open =
        !at::is_closed(&p.stages, stage) || root.is_none_or(|root| root.has_shell == Some(false));
    for layer in p.layers.iter().filter(|layer| chain.contains(&layer.stage)) {
        open |= layer.is_opaque || layer.is_onbuild;
        if layer.keyword == Keyword::Run {
            open |= p.commands[layer.commands.clone()]
                .iter()
                .any(|command| may_make_users(&command.command));
        }
    }
    // A copied passwd file, a root file system, an archive unpacked over it.
    open |= p.copies.iter().any(|copy| {
        chain.contains(&copy.stage)
            && copy.target.as_deref().is_none_or(|target| {
                let rest = target.strip_prefix("/etc");
                let is_it = |rest: &str| rest.is_empty() || rest.strip_prefix('/') == Some(file);
                target == "/" || rest.is_some_and(is_it)
            })
    });
    open
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
