//! Packages that apt installs because others recommend them: which of them are needed, and where a flag keeps the
//! others out.

use crate::maps::{HashMap, HashSet};

use crate::facts::build::manager::{Action, package_action};
use crate::facts::build::{application, at};
use crate::facts::model::{AptHabit, CommandFact, PackageFact, Project};
use crate::facts::system::{apt, leftovers};
use crate::knowledge::images::Family;
use crate::knowledge::packages::{self, is_in_full, is_in_slim};
use crate::knowledge::texts::List;
use crate::knowledge::words::PackageWords;
use crate::shell::ast::Command;
use crate::span::Span;

/// What a compiler is of no use without.
const LIBRARY_OF_C: &str = "libc6-dev";

const FLAG: &str = "--no-install-recommends";

/// Places of one package that are remembered.
const MAX_PLACES: usize = 8;

/// Packages that a command installs only because those that it names recommend them.
pub(crate) fn all(p: &Project, command: usize) -> Vec<&'static str> {
    let stage = p.commands[command].stage;
    let base = &at::root(&p.stages, stage).base.knowledge;
    // What the full image has brings much of it along already, and the table is about slim ones.
    if base.has_compilers == Some(true) || apt::refuses_recommended(&p.commands[command].command) {
        return Vec::new();
    }
    let suite = crate::facts::build::base::suite(base);
    let layer = &p.layers[p.commands[command].layer];
    let chain = at::chain(&p.stages, stage);
    // apt leaves what is installed as it is, and looks at no recommendation of it.
    let is_there = |it: &PackageFact| {
        let places = habit(p).installed.get(&it.name).into_iter().flatten();
        let mut before = places.map(|at| &p.packages[*at]);
        before.any(|other| other.command < command && chain.contains(&other.stage))
    };
    let is_of_others = |it: &PackageFact| {
        PackageWords::SoldByMakers.contains(&it.name) && apt::has_added_source(p, command)
    };
    let own = || {
        let all = p.packages[layer.packages.clone()].iter();
        let all = all.filter(|it| it.command == command && it.manager == "apt");
        all.filter(|it| !is_there(it) && !is_of_others(it))
    };
    // What others of the list depend on comes in any case.
    let pulled = |it: &PackageFact| {
        let pulled = packages::pulls(&it.name, suite.unwrap_or("trixie"));
        pulled.map_or(List::EMPTY, |pulled| pulled.always)
    };
    let mut anyway: HashSet<&str> = own().map(|it| it.name.as_str()).collect();
    anyway.extend(own().flat_map(pulled).map(|one: &str| one));
    let mut out: Vec<&str> = Vec::new();
    for package in own() {
        for name in packages::recommends(&package.name, suite) {
            if anyway.insert(name) {
                out.push(name);
            }
        }
    }
    out
}

/// What `all` names comes along for no other reason: the command installs one package only.
pub(crate) fn is_exact(p: &Project, command: usize) -> bool {
    let layer = &p.layers[p.commands[command].layer];
    let own = p.packages[layer.packages.clone()].iter();
    own.filter(|package| package.command == command).count() == 1
}

/// Recommended packages that those which a command installs need for what most install them for, as far as nothing
/// installs them by name or as what another one depends on.
pub(crate) fn needed(p: &Project, command: usize) -> Vec<&'static str> {
    let stage = p.commands[command].stage;
    let chain = at::chain(&p.stages, stage);
    let base = &at::root(&p.stages, stage).base.knowledge;
    let suite = crate::facts::build::base::suite(base);
    let is_full = base.has_compilers == Some(true);
    let is_there = |name: &str| {
        let in_base = suite.is_some_and(|suite| {
            base.family == Family::Python
                && (is_in_slim(name, suite) || is_full && is_in_full(name, suite))
        });
        let pulls = |it: &PackageFact| {
            let pulled = packages::pulls(&it.name, suite.unwrap_or("trixie"));
            pulled.is_some_and(|pulled| pulled.always.contains(name))
        };
        let is_here =
            |it: &PackageFact| chain.contains(&it.stage) && (it.name == name || pulls(it));
        in_base || p.packages.iter().any(is_here)
    };
    let mut out: Vec<&str> = Vec::new();
    let layer = &p.layers[p.commands[command].layer];
    let own = &p.packages[layer.packages.clone()];
    let is_called = |name: &str| {
        let mut all = p.commands.iter();
        all.any(|it| it.stage == stage && it.command.name.as_deref() == Some(name))
    };
    let compiles_nothing = leftovers::compiles_nothing(p, p.commands[command].layer) == Some(true);
    let is_idle = |name: &str| name == LIBRARY_OF_C && compiles_nothing;
    for package in own.iter().filter(|it| it.command == command) {
        let called = packages::recommended_programs(&package.name).iter();
        let called = called.filter(|name| is_called(name));
        for name in packages::needed_recommends(&package.name)
            .iter()
            .chain(called)
        {
            if !out.contains(name) && !is_there(name) && !is_idle(name) {
                out.push(name);
            }
        }
    }
    out
}

pub(crate) fn habit(p: &Project) -> &AptHabit {
    p.recommends.get_or_init(|| {
        let installs = || {
            p.commands
                .iter()
                .enumerate()
                .filter(|(_, fact)| is_install(&fact.command))
        };
        let is_first = |fact: &CommandFact| {
            let words = words(&fact.command);
            words.first().is_some_and(|(word, _)| *word == FLAG)
                && words.get(1).is_some_and(|(word, _)| is_yes(word))
        };
        let mut installed: HashMap<String, Vec<usize>> = HashMap::default();
        for (at, package) in p
            .packages
            .iter()
            .enumerate()
            .filter(|(_, it)| it.manager == "apt")
        {
            let places = installed.entry(package.name.clone()).or_default();
            if places.len() < MAX_PLACES {
                places.push(at);
            }
        }
        AptHabit {
            installed,
            can_go: installs()
                .filter(|(_, fact)| fact.command.flag(FLAG).is_none())
                .all(|(i, fact)| {
                    application::is_python(p, fact.stage)
                        && crate::facts::system::apt::apt_is_configured(p, i) == Some(false)
                        && fact.command.is_complete
                        && needed(p, i).is_empty()
                }),
            is_first: installs().any(|(_, fact)| is_first(fact)),
        }
    })
}

fn is_install(command: &Command) -> bool {
    package_action(command) == Some(("apt", Action::Install))
        && command.subcommand() == Some("install")
}

/// The words behind the subcommand.
fn words(command: &Command) -> Vec<(&str, Span)> {
    let start = command.subcommand.as_ref().map_or(0, |it| it.span.end);
    let args = command.args.iter().filter(|arg| arg.span.start >= start);
    args.filter_map(|arg| Some((arg.as_str()?, arg.span)))
        .collect()
}

/// A flag that answers or quietens.
fn is_yes(word: &str) -> bool {
    let letters = word.strip_prefix('-').unwrap_or_default();
    !letters.is_empty() && letters.bytes().all(|b| matches!(b, b'y' | b'q'))
        || matches!(word, "--yes" | "--assume-yes")
}

/// Where the flag is written: behind the subcommand, and behind the `-y` there unless the file has it the other way
/// round.
pub(crate) fn place(p: &Project, command: usize) -> Option<Span> {
    let fact = &p.commands[command];
    let subcommand = fact.command.subcommand.as_ref()?.span;
    if habit(p).is_first {
        return Some(subcommand);
    }
    let words = words(&fact.command);
    let flags = words.iter().take_while(|(word, _)| is_yes(word));
    let last = flags.map(|(_, span)| *span).last();
    let is_here = |span: &Span| {
        let between = Span::new(span.file, subcommand.end, span.end.max(subcommand.end));
        span.file == subcommand.file && !p.text.slice(between).contains('\n')
    };
    Some(last.filter(is_here).unwrap_or(subcommand))
}
