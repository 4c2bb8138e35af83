//! What becomes of installed packages: left in the image, removed in the same layer, or too late.

use crate::maps::{HashMap, HashSet};
use std::ops::Range;

use crate::facts::build::at;
use crate::facts::build::manager::{Action, package_action};
use crate::facts::build::opaque::may_clean;
use crate::facts::model::Arena;
use crate::facts::model::{BaseKind, CommandFact, Fate, PackageFact, Project};
use crate::knowledge::images::{Family, Flavour};
use crate::knowledge::packages::{self, BuildOnly, is_build_only};
use crate::knowledge::texts::List;
use crate::knowledge::words::OptionWords;
use crate::shell::ast::{Arg, Command, Runs};
use crate::span::Span;

/// Packages that pull one that are looked at.
const MAX_PULLERS: usize = 64;

/// The commands that may take packages away, in order. Looked for once: most files have few, and
/// thousands of packages would each look for them again.
struct Removers {
    /// Removals by a package manager.
    removals: Vec<usize>,
    /// Those, and what changes how packages are removed.
    touching: Vec<usize>,
    /// Commands that may do anything.
    cleaning: Vec<usize>,
}

impl Removers {
    fn of(arena: &Arena) -> Self {
        let of = |is: &dyn Fn(&Command) -> bool| {
            let commands = arena.commands.iter().enumerate();
            commands
                .filter(|(_, fact)| is(&fact.command))
                .map(|(index, _)| index)
                .collect::<Vec<_>>()
        };
        let removes =
            |command: &Command| matches!(package_action(command), Some((_, Action::Remove)));
        Self {
            removals: of(&removes),
            touching: of(&|command| {
                matches!(command.name.as_deref(), Some("apt-mark" | "dpkg")) || removes(command)
            }),
            cleaning: of(&may_clean),
        }
    }
}

/// Those of sorted positions that lie in a range.
fn within(positions: &[usize], range: Range<usize>) -> &[usize] {
    let from = positions.partition_point(|at| *at < range.start);
    let to = positions.partition_point(|at| *at < range.end);
    positions.get(from..to).unwrap_or_default()
}

/// What one later command does to a package.
enum Effect {
    None,
    Removes(Span),
    Unknown,
}

/// Settles the fate of every package. Stages that start from a stage are read after it.
pub(crate) fn decide(arena: &mut Arena) {
    let removers = Removers::of(arena);
    let fates: Vec<Fate> = arena
        .packages
        .iter()
        .map(|package| fate(arena, package, &removers))
        .collect();
    for (package, fate) in arena.packages.iter_mut().zip(fates) {
        package.fate = fate;
    }
    decide_removals(arena);
    let repeated = repeated(arena);
    for (package, is_repeated) in arena.packages.iter_mut().zip(repeated) {
        package.is_repeated = is_repeated;
    }
}

/// What has been left over in a stage for `autoremove`.
#[derive(Default)]
struct LeftOver {
    /// Compilers: what they pulled is certainly there.
    compilers: Vec<usize>,
    /// There may be more.
    is_open: bool,
}

/// Gives each removal the packages that it removes, of those that commands of its stage installed before it: what it
/// names, and for `autoremove` what earlier removals left over.
fn decide_removals(arena: &mut Arena) {
    let mut by_span: HashMap<Span, Vec<usize>> = HashMap::default();
    for (i, package) in arena.packages.iter().enumerate() {
        if let Fate::RemovedInLayer(at) | Fate::RemovedLater(at) = package.fate {
            by_span.entry(at).or_default().push(i);
        }
    }
    let mut left: HashMap<usize, LeftOver> = HashMap::default();
    for fact in &mut arena.commands {
        let command = &fact.command;
        let over = left.entry(fact.stage).or_default();
        over.is_open |= command.name.as_deref() == Some("apt-mark");
        match package_action(command) {
            Some((_, Action::Remove)) => {
                let named = by_span.remove(&command.span).unwrap_or_default();
                let subcommand = command.subcommand.as_ref().and_then(Arg::as_str);
                let takes_all = matches!(subcommand, Some("autoremove" | "autopurge"))
                    || command
                        .flags
                        .iter()
                        .any(|flag| flag.name == "--auto-remove");
                if !takes_all {
                    let is_compiler = |i: &&usize| {
                        is_build_only(&arena.packages[**i].name) == Some(BuildOnly::Compiler)
                    };
                    over.compilers.extend(named.iter().filter(is_compiler));
                }
                over.is_open = true;
                let is_closed = command.operands.is_empty() && command.is_complete;
                fact.removes = (named, is_closed);
            }
            Some((_, Action::AutoRemove)) => {
                fact.removes = (std::mem::take(&mut over.compilers), !over.is_open);
            }
            _ => {}
        }
    }
}

/// Which packages an earlier layer of their stages brought and left. Only those for building are asked about.
fn repeated(arena: &Arena) -> Vec<bool> {
    let mut inherited: Vec<HashSet<&str>> = Vec::new();
    let mut brought: Vec<HashSet<&str>> = Vec::new();
    // They are read stage by stage.
    let mut packages = arena.packages.iter().peekable();
    for stage in &arena.stages {
        let from = match stage.base.kind {
            BaseKind::Stage(parent) => brought.get(parent).cloned().unwrap_or_default(),
            _ => HashSet::default(),
        };
        brought.push(from.clone());
        inherited.push(from);
        let own = brought.len() - 1;
        while let Some(package) = packages.next_if(|package| package.stage == own) {
            if package.fate == Fate::Left && is_build_only(&package.name).is_some() {
                brought[own].insert(&package.name);
            }
        }
    }
    let mut first: HashMap<(usize, &str), usize> = HashMap::default();
    for package in &arena.packages {
        if package.fate == Fate::Left {
            let key = (package.stage, package.name.as_str());
            first.entry(key).or_insert(package.layer);
        }
    }
    let has = |package: &PackageFact, name: &str| {
        let inherited = inherited.get(package.stage);
        inherited.is_some_and(|names| names.contains(name))
            || first
                .get(&(package.stage, name))
                .is_some_and(|layer| *layer < package.layer)
    };
    let is_repeated = |package: &PackageFact| {
        let name = package.name.as_str();
        let sets = ["build-essential", "g++", "gcc"];
        has(package, name)
            || sets
                .iter()
                .any(|set| has(package, set) && is_part_of(set, std::iter::once(name)))
    };
    arena.packages.iter().map(is_repeated).collect()
}

/// `removals`: the commands that remove packages, in order.
fn fate(arena: &Arena, package: &PackageFact, removers: &Removers) -> Fate {
    let install = &arena.commands[package.command];
    if install.command.runs == Runs::Perhaps || arena.layers[package.layer].is_onbuild {
        return Fate::Unknown;
    }
    let layer = &arena.layers[package.layer];
    let after = package.command + 1..layer.commands.end;
    let mut unknown = layer.is_opaque || !within(&removers.cleaning, after.clone()).is_empty();
    for later in within(&removers.touching, after) {
        match effect(package, &arena.commands[*later]) {
            Effect::Removes(span) => return Fate::RemovedInLayer(span),
            Effect::Unknown => unknown = true,
            Effect::None => {}
        }
    }
    if unknown {
        return Fate::Unknown;
    }
    for index in within(&removers.removals, layer.commands.end..usize::MAX) {
        let later = &arena.commands[*index];
        if later.stage != package.stage {
            break;
        }
        if let Effect::Removes(span) = effect(package, later) {
            return Fate::RemovedLater(span);
        }
    }
    Fate::Left
}

fn effect(package: &PackageFact, later: &CommandFact) -> Effect {
    let command = &later.command;
    let name = command.name.as_deref();
    if name == Some("apt-mark") && package.manager == "apt" {
        // Marked automatic, it goes with the next autoremove.
        return Effect::Unknown;
    }
    if name == Some("dpkg") && package.manager == "apt" {
        let removes = command
            .flags
            .iter()
            .any(|flag| OptionWords::DpkgRemoves.contains(&flag.name));
        return if removes {
            Effect::Unknown
        } else {
            Effect::None
        };
    }
    let Some((manager, action)) = package_action(command) else {
        return Effect::None;
    };
    if manager != package.manager {
        return Effect::None;
    }
    match action {
        Action::Remove => {}
        // Packages named in `install` are manual; autoremove leaves them.
        Action::AutoRemove | Action::Update | Action::Install => return Effect::None,
    }
    let named = command.operands.iter().find(|operand| {
        operand
            .as_str()
            .is_some_and(|text| matches_package(package, text))
    });
    match named {
        Some(_) if command.runs == Runs::Perhaps => Effect::Unknown,
        Some(_) => Effect::Removes(command.span),
        None if !command.is_complete => Effect::Unknown,
        None if is_implied(package, command.operands.iter().filter_map(Arg::as_str)) => {
            Effect::Unknown
        }
        None => Effect::None,
    }
}

/// The packages of a kind that a layer installs and that stay: known ones only. What an earlier layer brought is not
/// counted again.
pub(crate) fn left(p: &Project, layer: usize, kind: BuildOnly) -> Vec<usize> {
    let stays = |i: &usize| {
        let package = &p.packages[*i];
        !package.is_repeated
            && matches!(package.fate, Fate::Left | Fate::RemovedLater(_))
            && is_build_only(&package.name) == Some(kind)
            && !(kind == BuildOnly::Headers && is_pulled(p, *i))
    };
    p.layers[layer].packages.clone().filter(stays).collect()
}

/// Another package that stays in the image needs these headers: npm of Debian compiles with those of OpenSSL.
fn is_pulled(p: &Project, package: usize) -> bool {
    let own = &p.packages[package];
    let pullers = p.pullers.get_or_init(|| pullers(p)).get(&own.name);
    let mut others = pullers.into_iter().flatten().take(MAX_PULLERS);
    others.any(|other| at::is_part(&p.stages, own.stage, p.packages[*other].stage))
}

/// The packages that stay and pull others, by the names of these.
fn pullers(p: &Project) -> HashMap<String, Vec<usize>> {
    // Of Ubuntu, and of older releases, no table says what they pull.
    const OF_NPM: [&str; 2] = ["nodejs-dev", "libssl1.0-dev"];
    let mut all: HashMap<String, Vec<usize>> = HashMap::default();
    for (index, other) in p.packages.iter().enumerate() {
        if !matches!(other.fate, Fate::Left) || is_build_only(&other.name).is_some() {
            continue;
        }
        let place = distribution(p, other);
        let pulled = place.and_then(|place| packages::pulls(&other.name, place));
        let listed = pulled.into_iter().flat_map(|it| it.always.iter());
        let of_npm = OF_NPM.into_iter().filter(|_| other.name == "npm");
        for name in listed.chain(of_npm).filter(|name| other.name != *name) {
            all.entry(name.to_owned()).or_default().push(index);
        }
    }
    all
}

/// Where the packages of a stage come from, as the tables of libraries name it.
fn distribution(p: &Project, package: &PackageFact) -> Option<&'static str> {
    let base = &at::root(&p.stages, package.stage).base.knowledge;
    match package.manager {
        "apk" => Some("alpine"),
        _ => crate::facts::build::base::suite(base),
    }
}

/// The libraries that programs compiled with the headers of a package load.
pub(crate) fn runtime(p: &Project, package: usize) -> List {
    let package = &p.packages[package];
    distribution(p, package).map_or(List::EMPTY, |place| {
        crate::knowledge::packages::runtime_libraries(&package.name, place)
    })
}

/// The libraries of the headers that a layer leaves, without those that the stage installs by name.
pub(crate) fn runtime_missing(p: &Project, layer: usize) -> Vec<&'static str> {
    let chain = at::chain(&p.stages, p.layers[layer].stage);
    let mut out: Vec<&str> = Vec::new();
    let headers = left(p, layer, BuildOnly::Headers);
    // Part of the list would be taken for the whole.
    let is_of_python = |package: &usize| p.packages[*package].name.starts_with("python");
    let is_open = |package: &usize| runtime(p, *package).iter().next().is_none();
    if headers.iter().any(|it| is_open(it) && !is_of_python(it)) {
        return out;
    }
    for package in headers {
        for name in runtime(p, package) {
            let is_named = p
                .packages
                .iter()
                .any(|other| other.name == name && chain.contains(&other.stage));
            if !is_named && !out.contains(&name) {
                out.push(name);
            }
        }
    }
    out
}

/// The call of a program that came with a package which Debian dropped: the package, or the first call. `None` when its
/// programs are not known; `Some(None)` when certainly nothing calls one.
pub(crate) fn call_of_gone(p: &Project, package: usize) -> Option<Option<usize>> {
    let package = &p.packages[package];
    let programs: Vec<&str> = crate::knowledge::packages::programs_of(&package.name).collect();
    if programs.is_empty() {
        return None;
    }
    let is_after = |stage: usize| at::chain(&p.stages, stage).contains(&package.stage);
    let call = p.commands.iter().position(|fact| {
        is_after(fact.stage)
            && fact
                .command
                .name
                .as_deref()
                .is_some_and(|name| programs.contains(&name))
    });
    let is_open = p
        .layers
        .iter()
        .any(|layer| layer.is_opaque && is_after(layer.stage))
        || p.commands.iter().any(|fact| {
            is_after(fact.stage) && crate::facts::build::opaque::may_clean(&fact.command)
        });
    match call {
        Some(call) => Some(Some(call)),
        None => (!is_open).then_some(None),
    }
}

/// The word that names a package, and the same word of other commands of its manager in the stage.
pub(crate) fn words(p: &Project, package: usize) -> Vec<Span> {
    let fact = &p.packages[package];
    let commands = p.commands.iter().filter(|it| it.stage == fact.stage);
    let of_manager = commands.filter(|it| {
        package_action(&it.command).is_some_and(|(manager, _)| manager == fact.manager)
    });
    let operands = of_manager.flat_map(|it| &it.command.operands);
    let same = operands.filter(|it| it.as_str() == Some(fact.name.as_str()));
    let mut spans = vec![fact.span];
    for span in same.map(|it| it.span) {
        if !spans.contains(&span) {
            spans.push(span);
        }
    }
    spans
}

fn matches_package(package: &PackageFact, text: &str) -> bool {
    let text = text.split([':', '=']).next().unwrap_or(text);
    if package.group.as_deref() == Some(text) {
        return true;
    }
    if let Some(stem) = text.strip_suffix('*') {
        return package.name.starts_with(stem.trim_end_matches('.'));
    }
    package.name == text
}

/// Removing `gcc` takes `g++` and `build-essential` along, which depend on it.
fn is_implied<'a>(package: &PackageFact, removed: impl Iterator<Item = &'a str>) -> bool {
    is_part_of(&package.name, removed)
}

/// A package depends on one of the names.
fn is_part_of<'a>(package: &str, mut names: impl Iterator<Item = &'a str>) -> bool {
    let needs = packages::goes_with(package);
    names.any(|name| needs.contains(name))
}

/// A package that certainly comes along with those that an installation names: apt asks before it goes on.
pub(crate) fn unasked(p: &Project, command: usize) -> Option<&'static str> {
    let fact = &p.commands[command];
    let base = &at::root(&p.stages, fact.stage).base.knowledge;
    let suite = crate::facts::build::base::suite(base)?;
    let named = || {
        let own = p.packages[p.layers[fact.layer].packages.clone()].iter();
        own.filter(|package| package.command == command && package.manager == "apt")
    };
    let pulled = || named().filter_map(|package| packages::pulls(&package.name, suite));
    let mut others = pulled()
        .flat_map(|pulled| pulled.always)
        .filter(|one| named().all(|package| package.name != *one));
    if let Some(system) = crate::facts::system::installed::system(p, fact.stage, Some(command)) {
        return others.find(|one| system.has(one) == crate::facts::system::installed::There::No);
    }
    // In the full image, as long as nothing was installed.
    let chain = at::chain(&p.stages, fact.stage);
    let mut before = p.commands[..command].iter();
    let is_full = base.family == Family::Python && base.flavour == Flavour::Full;
    let is_update = |one: &CommandFact| {
        package_action(&one.command).is_some_and(|(_, action)| action == Action::Update)
    };
    let is_first = !before.any(|one| chain.contains(&one.stage) && !is_update(one));
    others.find(|one| is_full && is_first && !packages::is_in_full(one, suite))
}
