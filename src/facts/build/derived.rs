//! Facts about a command that look beyond it: what ran before in the layer, what was copied before.

use crate::context::Certainty;
use crate::dockerfile::ast::Keyword;
use crate::facts::build::at;
use crate::facts::build::walk::clean_path;
use crate::facts::model::{CommandFact, CopyFrom, Project};
use crate::knowledge::accounts;
use crate::knowledge::packages::makes_no_account;
use crate::knowledge::pypi_names;
use crate::shell::ast::{Arg, Command, Connector, OnFailure, Runs};

/// A later command of the layer runs although this one failed: the next one, or the one behind those that `&&` joins to it.
pub(crate) fn hides_failure(p: &Project, index: usize) -> bool {
    let fact = &p.commands[index];
    if fact.command.name.as_deref().is_none_or(str::is_empty) {
        return false;
    }
    let mut later = p.commands[index + 1..p.layers[fact.layer].commands.end].iter();
    let is_skipped = |later: &&CommandFact| {
        let later = &later.command;
        later.is_substitution || matches!(later.connector, Connector::And | Connector::Pipe)
    };
    let next = later.find(|later| !is_skipped(later));
    next.is_some_and(|next| fact.command.hides_failure_from(&next.command))
}

/// The last command of the layer cannot do without a package that the system's manager installs before it: it is called so,
/// or is `git` and a requirement comes from a repository.
pub(crate) fn last_needs_installs(p: &Project, index: usize) -> bool {
    let layer = p.commands[index].layer;
    let Some(last) = p.layers[layer].commands.clone().last() else {
        return false;
    };
    let last = &p.commands[last].command;
    let takes = |word: &str| {
        let mut args = last.args.iter();
        args.any(|arg| arg.as_str().unwrap_or(&arg.prefix).contains(word))
    };
    let is_needed =
        |name: &str| last.name.as_deref() == Some(name) || name == "git" && takes("git+");
    let mut packages = p.packages[p.layers[layer].packages.clone()].iter();
    last.runs == Runs::Always
        && last.on_failure == OnFailure::Stops
        && packages.any(|package| is_needed(&package.name))
}

/// The COPY or ADD of the whole context that stands before an install of dependencies in its stage.
pub(crate) fn copied_all_before(p: &Project, index: usize) -> Option<usize> {
    let fact = &p.commands[index];
    p.stages[fact.stage].copies.iter().copied().find(|copy| {
        let copy = &p.copies[*copy];
        copy.layer < fact.layer && crate::facts::build::copy::copies_all(copy) == Some(true)
    })
}

/// The name that an operand of an install begins with: `django` of `django[argon2]>=4`.
pub(crate) fn package_name(text: &str) -> &str {
    let end = text.find(['=', '<', '>', '~', '!', '[', ';', ' ', '@']);
    &text[..end.unwrap_or(text.len())]
}

/// Operands of an install that name a package without an upper bound: `django`, `django>=4`.
/// The flag tells whether all operands could be read.
pub(crate) fn unbounded(fact: &CommandFact) -> (Vec<&Arg>, bool) {
    let command = &fact.command;
    let mut closed = true;
    let mut out = Vec::new();
    for operand in &command.operands {
        let text = operand.as_str().unwrap_or(&operand.prefix);
        let name = package_name(text);
        let is_path = text.contains("://")
            || text.contains(['/', '\\', '*'])
            || text.starts_with(['.', '-', '$'])
            || [".whl", ".gz", ".zip", ".tgz"]
                .iter()
                .any(|ending| text.ends_with(ending));
        let is_bounded = ["==", "~=", "<", "@"]
            .iter()
            .any(|bound| text.contains(bound));
        if is_path || is_bounded || name.is_empty() && operand.text.is_some() {
            continue;
        }
        if operand.text.is_none() {
            closed = false;
            continue;
        }
        let name = crate::python::requirements::normalize_name(name);
        let is_left_out = pypi_names::is_installer(&name)
            || pypi_names::is_tool(&name)
            || pypi_names::is_finished(&name);
        if !is_left_out {
            out.push(operand);
        }
    }
    (out, closed)
}

/// The working directory of a command: WORKDIR and the `cd` before it; `None` when not known.
pub(crate) fn directory_of(p: &Project, fact: &CommandFact) -> Option<String> {
    let layer = &p.layers[fact.layer];
    let mut directory = None;
    let mut found = false;
    for stage in at::chain(&p.stages, fact.stage) {
        let before = p.stages[stage]
            .workdirs
            .iter()
            .rev()
            .find(|workdir| stage != fact.stage || workdir.instruction < layer.instruction);
        if let Some(workdir) = before {
            directory = workdir.path.clone();
            found = true;
            break;
        }
    }
    if !found {
        let root = *at::chain(&p.stages, fact.stage).last()?;
        directory =
            crate::facts::build::base::workdir(&p.stages[root].base.knowledge).map(str::to_owned);
    }
    match fact.command.cd.as_deref() {
        Some("") => directory,
        Some(cd) if cd.starts_with('/') => Some(clean_path(cd)),
        Some(cd) => Some(clean_path(&format!("{}/{cd}", directory?))),
        None => None,
    }
}

/// The first commands of a stage that touch what apt reads. Looked for once: every install asks.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct AptMarks {
    /// It writes apt's configuration.
    configured: Option<usize>,
    /// It writes apt's list of sources, or may.
    sources: Option<usize>,
}

/// The marks of every stage.
pub(crate) fn apt_marks(stages: usize, commands: &[CommandFact]) -> Vec<AptMarks> {
    let mut all = vec![AptMarks::default(); stages];
    for (index, fact) in commands.iter().enumerate() {
        let Some(marks) = all.get_mut(fact.stage) else {
            continue;
        };
        if marks.configured.is_none() && configures_apt(&fact.command) {
            marks.configured = Some(index);
        }
        if marks.sources.is_none() && writes_sources(&fact.command) {
            marks.sources = Some(index);
        }
    }
    all
}

fn is_apt_config(path: &str) -> bool {
    path.contains("/etc/apt/apt.conf") || path == "/etc/apt" || path == "/etc"
}

fn configures_apt(command: &Command) -> bool {
    let is_config = |arg: &Arg| is_apt_config(arg.as_str().unwrap_or(&arg.prefix));
    command
        .redirects
        .iter()
        .any(|redirect| redirect.target.as_ref().is_some_and(is_config))
        || matches!(
            command.name.as_deref(),
            Some("tee" | "sed" | "cp" | "mv" | "ln")
        ) && command.operands.iter().any(is_config)
}

fn writes_sources(command: &Command) -> bool {
    let mentions = |arg: &Arg| {
        let text = arg.as_str().unwrap_or(&arg.prefix);
        text.contains("/etc/apt")
            || text.contains("archive.debian.org")
            || text.contains("sources.list")
    };
    command.args.iter().any(mentions)
        || command
            .redirects
            .iter()
            .any(|redirect| redirect.target.as_ref().is_some_and(mentions))
        || crate::facts::system::caches::may_clean(command)
}

/// Something before a command of a stage writes apt's configuration, which may answer its questions
/// and turn recommended packages off; `None` when the base image may have done so.
pub(crate) fn apt_is_configured(p: &Project, index: usize) -> Option<bool> {
    let fact = &p.commands[index];
    let is_written = writes_apt_config(p, fact, index);
    let base = &at::root(&p.stages, fact.stage).base.knowledge;
    (is_written || base.family.has_plain_apt()).then_some(is_written)
}

fn writes_apt_config(p: &Project, fact: &CommandFact, index: usize) -> bool {
    let chain = at::chain(&p.stages, fact.stage);
    let written = chain.iter().any(|stage| {
        p.apt_marks[*stage]
            .configured
            .is_some_and(|first| first < index)
    });
    let variable = p
        .envs
        .iter()
        .any(|env| chain.contains(&env.stage) && env.name.as_str() == "APT_CONFIG");
    written
        || variable
        || p.copies.iter().any(|copy| {
            chain.contains(&copy.stage)
                && copy.layer < fact.layer
                && copy
                    .target
                    .as_deref()
                    .is_none_or(|target| is_apt_config(target) || target == "/")
        })
}

/// Something before a command of a stage writes apt's list of sources.
pub(crate) fn sources_changed(p: &Project, index: usize) -> bool {
    let fact = &p.commands[index];
    let chain = at::chain(&p.stages, fact.stage);
    chain.iter().any(|stage| {
        p.apt_marks[*stage]
            .sources
            .is_some_and(|first| first < index)
    }) || p.copies.iter().any(|copy| {
        chain.contains(&copy.stage)
            && copy.layer < fact.layer
            && copy.target.as_deref().is_none_or(|target| {
                target == "/" || target == "/etc" || target.starts_with("/etc/apt")
            })
    })
}

/// The tool installed in an earlier layer of the stage: the code copied in between does not make that run again.
pub(crate) fn installed_before(p: &Project, index: usize) -> bool {
    let fact = &p.commands[index];
    let chain = at::chain(&p.stages, fact.stage);
    p.commands[..index].iter().any(|earlier| {
        chain.contains(&earlier.stage)
            && earlier.layer < fact.layer
            && earlier.command.name == fact.command.name
            && earlier
                .command
                .subcommand
                .as_ref()
                .and_then(Arg::as_str)
                .is_some_and(|word| word.contains("install") || word.contains("sync"))
            && (fact.command.name.as_deref() != Some("pip")
                || earlier
                    .command
                    .flags
                    .iter()
                    .any(|flag| flag.name == "--requirement"))
    })
}

/// The update of a layer that only updates, when a later layer installs with these lists.
pub(crate) fn only_updates(p: &Project, layer: usize) -> Option<usize> {
    let fact = &p.layers[layer];
    let [only] = &p.commands[fact.commands.clone()] else {
        return None;
    };
    let action = |command: &CommandFact| crate::facts::build::run::package_action(&command.command);
    let update = crate::facts::build::run::Action::Update;
    if fact.is_opaque || action(only) != Some(("apt", update)) {
        return None;
    }
    let user = crate::facts::system::apt_lists::lists_used_by(p, fact.commands.start)?;
    // Whoever changes an install changes the Dockerfile, and with it the copy: the lists are fetched again.
    let is_copied =
        copied_all_before(p, fact.commands.start).is_some() && context_has_dockerfile(p);
    // So it is where the packages stand in a file: `xargs apt-get install < apt.txt`, `$(cat apt.txt)`.
    let operands = &p.commands[user].command.operands;
    let is_listed = operands.iter().all(|operand| operand.as_str().is_none());
    let copies = p.stages[fact.stage]
        .copies
        .iter()
        .map(|copy| &p.copies[*copy]);
    let mut earlier = copies.filter(|copy| copy.from == CopyFrom::Context && copy.layer < layer);
    let is_list_copied = is_listed && earlier.next().is_some();
    (!is_copied && !is_list_copied).then_some(fact.commands.start)
}

/// The Dockerfile lies in its build context and is not kept out; so it is where the context is not known.
fn context_has_dockerfile(p: &Project) -> bool {
    let context = &p.around.context;
    match &context.dockerfile {
        Some(path) => context.ignored_by(path).is_none(),
        None => p.around.dockerfile.is_none() || context.certainty == Certainty::Unknown,
    }
}

/// Directories that an image's commands make virtual environments in.
pub(crate) fn virtualenvs(p: &Project, chain: &[usize]) -> Vec<(String, usize)> {
    let mut out = Vec::new();
    for (index, fact) in p.commands.iter().enumerate() {
        if !chain.contains(&fact.stage) || fact.command.runs != Runs::Always {
            continue;
        }
        let command = &fact.command;
        let words: Vec<&str> = command.args.iter().filter_map(Arg::as_str).collect();
        let path = match command.name.as_deref() {
            Some("python") if words.first() == Some(&"-m") && words.get(1) == Some(&"venv") => {
                first_path(&words[2..])
            }
            Some("venv" | "virtualenv") => first_path(&words),
            Some("uv") if words.first() == Some(&"venv") => first_path(&words[1..]),
            _ => None,
        };
        let Some(path) = path else { continue };
        let absolute = match path.starts_with('/') {
            true => Some(clean_path(path)),
            false => {
                directory_of(p, fact).map(|directory| clean_path(&format!("{directory}/{path}")))
            }
        };
        if let Some(absolute) = absolute {
            out.push((absolute, index));
        }
    }
    out
}

/// The first word that is neither an option nor its value.
fn first_path<'a>(words: &[&'a str]) -> Option<&'a str> {
    let takes_value = [
        "-p",
        "--python",
        "--prompt",
        "--seed-packages",
        "--seeder",
        "--pip",
        "--setuptools",
        "--wheel",
        "--app-data",
        "--creator",
        "--activators",
        "--cache-dir",
        "--index-url",
        "--extra-index-url",
        "--index",
        "--default-index",
        "--find-links",
        "-f",
        "-i",
        "--project",
        "--directory",
        "--config-file",
        "--link-mode",
        "--exclude-newer",
        "--python-preference",
    ];
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if takes_value.contains(word) {
            words.next();
        } else if !word.starts_with('-') {
            return Some(word);
        }
    }
    None
}

/// Something installs Python packages, or may, for the interpreter that is on PATH anyway.
pub(crate) fn installs_globally(p: &Project, chain: &[usize]) -> bool {
    let by_copy = p
        .copies
        .iter()
        .any(|copy| chain.contains(&copy.stage) && copy.from != CopyFrom::Context);
    by_copy
        || p.layers
            .iter()
            .any(|layer| chain.contains(&layer.stage) && layer.is_opaque)
        || p.commands.iter().any(|fact| {
            if !chain.contains(&fact.stage) {
                return false;
            }
            let command = &fact.command;
            let program = command.program.as_deref();
            let links = matches!(
                command.name.as_deref(),
                Some("ln" | "cp" | "mv" | "install")
            ) && command
                .args
                .iter()
                .any(|arg| arg.as_str().unwrap_or(&arg.prefix).contains("/bin"));
            if links {
                return true;
            }
            let is_inside = program
                .is_some_and(|program| program.contains("/bin/") && !program.starts_with("/usr/"));
            match command.name.as_deref() {
                Some("pip" | "uv" | "poetry" | "pipenv" | "pdm" | "pipx") => !is_inside,
                None => true,
                // `. /venv/bin/activate` and scripts may do anything.
                Some(_) => {
                    crate::facts::system::caches::may_clean(command)
                        || matches!(
                            crate::facts::build::run::package_action(command),
                            Some((_, crate::facts::build::run::Action::Install))
                        ) && command.operands.iter().any(|arg| {
                            arg.as_str().is_none_or(|name| {
                                name.contains("uwsgi") || name.contains("gunicorn")
                            })
                        })
                }
            }
        })
}

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
    if crate::facts::system::caches::may_clean(command) {
        return true;
    }
    match command.name.as_deref() {
        None => true,
        Some(
            "usermod" | "groupmod" | "newusers" | "sed" | "tee" | "cat" | "echo" | "printf"
            | "deluser" | "dpkg" | "ansible-playbook" | "tar" | "unzip",
        ) => {
            let text: Vec<&str> = command.args.iter().filter_map(Arg::as_str).collect();
            command.name.as_deref().is_some_and(|name| {
                matches!(
                    name,
                    "usermod" | "groupmod" | "newusers" | "dpkg" | "ansible-playbook"
                )
            }) || text.iter().any(|word| names_accounts(word))
                || command.redirects.iter().any(|redirect| {
                    redirect
                        .target
                        .as_ref()
                        .is_none_or(|target| target.as_str().is_none_or(names_accounts))
                })
        }
        Some(_) => {
            crate::facts::build::run::package_action(command)
                .is_some_and(|(_, action)| action == crate::facts::build::run::Action::Install)
                && command
                    .operands
                    .iter()
                    .any(|operand| operand.as_str().is_none_or(|name| !makes_no_account(name)))
        }
    }
}
