//! System packages of a stage.
//!
//! Followed for the official Python image on Debian only, whose content is known. Everything that
//! could bring a package unseen makes the answer unknown.

use std::collections::{BTreeMap, BTreeSet};

use crate::context::Origin;
use crate::facts::build::at;
use crate::facts::build::manager::{Action, package_action};
use crate::facts::model::{PackageFact, Project};
use crate::facts::system::apt;
use crate::knowledge::images::{Family, Flavour, Libc};
use crate::knowledge::packages::{self, BuildOnly};
use crate::knowledge::programs::{self, Role};
use crate::knowledge::words::{OptionWords, PackageWords};
use crate::shell::ast::{Command, Runs};

/// Commands of a stage that are followed; of one with more nothing is known.
const MAX_COMMANDS: usize = 256;

/// The system packages of a stage at one moment.
#[derive(Debug, Default)]
pub(crate) struct System {
    pub(crate) suite: &'static str,
    /// Asked for by name, and whether that is certain.
    manual: BTreeMap<String, bool>,
    /// Brought by packages that are gone, and not removed with them.
    orphans: BTreeSet<&'static str>,
    /// Something may have installed or removed packages unseen.
    is_open: bool,
    /// Packages that may be there: recommended by others.
    maybe: BTreeSet<&'static str>,
    /// Only what was asked for and its dependencies.
    is_lean: bool,
}

/// Whether a package is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum There {
    Yes,
    No,
    Unknown,
}

pub(crate) fn base_of(p: &Project, stage: usize) -> &crate::knowledge::images::Base {
    &p.stages[stage].base.knowledge
}

/// The system packages at the end of a stage, or when a command of it runs; `None` when the base
/// image's are not known.
pub(crate) fn system(p: &Project, stage: usize, upto: Option<usize>) -> Option<System> {
    let base = &at::root(&p.stages, stage).base.knowledge;
    let is_followed = matches!(base.family, Family::Python | Family::Uv);
    follow(p, stage, upto).filter(|_| is_followed && base.flavour == Flavour::Slim)
}

/// The system packages that are installed on Debian, whatever the base image has of its own.
pub(crate) fn follow(p: &Project, stage: usize, upto: Option<usize>) -> Option<System> {
    let mut chain = at::chain(&p.stages, stage);
    chain.reverse();
    let commands = chain.iter().map(|part| commands_of(p, *part, upto));
    if commands.sum::<usize>() > MAX_COMMANDS {
        return None;
    }
    let base = &p.stages[*chain.first()?].base.knowledge;
    let mut system = System {
        suite: base.debian()?.codename,
        is_lean: true,
        ..System::default()
    };
    for part in chain {
        for layer in &p.stages[part].layers {
            let fact = &p.layers[*layer];
            if fact.is_onbuild {
                continue;
            }
            system.is_open |= fact.is_opaque;
            for index in fact.commands.clone() {
                if upto.is_some_and(|upto| index >= upto) {
                    return Some(system);
                }
                let of_command = |package: &&PackageFact| package.command == index;
                let packages: Vec<&PackageFact> = p.packages[fact.packages.clone()]
                    .iter()
                    .filter(of_command)
                    .collect();
                system.run(&p.commands[index].command, &packages, p, index);
            }
        }
    }
    Some(system)
}

/// How many commands of a stage run before one.
fn commands_of(p: &Project, stage: usize, upto: Option<usize>) -> usize {
    let layers = &p.stages[stage].layers;
    let (Some(first), Some(last)) = (layers.first(), layers.last()) else {
        return 0;
    };
    let (start, end) = (
        p.layers[*first].commands.start,
        p.layers[*last].commands.end,
    );
    upto.map_or(end, |upto| end.min(upto)).saturating_sub(start)
}

impl System {
    fn run(&mut self, command: &Command, packages: &[&PackageFact], p: &Project, index: usize) {
        if crate::facts::build::opaque::may_clean(command) {
            self.is_open = true;
            return;
        }
        if let Some(name) = command
            .name
            .as_deref()
            .filter(|name| programs::is(name, Role::ChangesPackages))
        {
            let changes = |name: &str| OptionWords::DpkgChanges.contains(name);
            self.is_open |= name != "dpkg" || command.flags.iter().any(|flag| changes(&flag.name));
            return;
        }
        let Some((manager, action)) = package_action(command) else {
            return;
        };
        if manager != "apt" {
            return;
        }
        let auto = command
            .flags
            .iter()
            .any(|flag| matches!(flag.name.as_str(), "--auto-remove" | "--autoremove"))
            || command
                .subcommand()
                .is_some_and(|word| word.starts_with("auto"));
        match action {
            Action::Update => {}
            Action::Install => {
                self.is_open |= !command.is_complete
                    || command.subcommand() == Some("build-dep")
                    || command.operands.iter().any(|operand| {
                        operand
                            .as_str()
                            .is_none_or(|text| text.starts_with(['.', '/']) || text.contains('*'))
                    });
                let is_lean = apt::is_lean(p, index);
                for package in packages {
                    let certain = command.runs == Runs::Always;
                    self.manual.insert(package.name.clone(), certain);
                    match packages::pulls(&package.name, self.suite) {
                        Some(pulled) if !is_lean => self.maybe.extend(pulled.recommended),
                        _ => {}
                    }
                    self.is_lean &= is_lean;
                }
            }
            Action::Remove | Action::AutoRemove => self.remove(command, auto),
        }
    }

    fn remove(&mut self, command: &Command, auto: bool) {
        if command.runs != Runs::Always || !command.is_complete {
            self.is_open = true;
            return;
        }
        for operand in &command.operands {
            let Some(text) = operand.as_str() else {
                continue;
            };
            let name = packages::bare_name(text);
            let gone: Vec<String> = match name.strip_suffix('*') {
                Some(stem) => self
                    .manual
                    .keys()
                    .filter(|known| known.starts_with(stem))
                    .cloned()
                    .collect(),
                None => vec![name.to_owned()],
            };
            for name in gone {
                self.manual.remove(&name);
                if let Some(pulled) = packages::pulls(&name, self.suite) {
                    self.orphans.extend(pulled.always);
                }
                self.orphans.remove(name.as_str());
                self.maybe.remove(name.as_str());
            }
        }
        if auto {
            self.orphans.clear();
            // What kept packages recommend stays.
            self.maybe = self
                .manual
                .keys()
                .filter_map(|name| packages::pulls(name, self.suite))
                .flat_map(|pulled| pulled.recommended)
                .collect();
        }
    }

    /// Whether a package is there. No only if everything that was installed is known not to bring it.
    pub(crate) fn has(&self, name: &str) -> There {
        if packages::is_in_slim(name, self.suite) {
            return There::Yes;
        }
        self.has_installed(name)
    }

    /// Whether a package is there that the base image lacks.
    pub(crate) fn has_installed(&self, name: &str) -> There {
        if self.manual.get(name) == Some(&true) {
            return There::Yes;
        }
        let mut there =
            if self.is_open || self.manual.contains_key(name) || self.maybe.contains(name) {
                There::Unknown
            } else {
                There::No
            };
        if self.orphans.contains(name) {
            return There::Yes;
        }
        for (package, is_certain) in &self.manual {
            match packages::pulls(package, self.suite) {
                Some(pulled) if pulled.always.contains(name) => {
                    if *is_certain {
                        return There::Yes;
                    }
                    there = There::Unknown;
                }
                Some(pulled) if !self.is_lean && pulled.recommended.contains(name) => {
                    there = There::Unknown
                }
                Some(_) => {}
                None if packages::presence(package, self.suite)
                    .is_some_and(|p| !p.can_be_installed()) => {}
                None => there = There::Unknown,
            }
        }
        there
    }

    pub(crate) fn has_compiler(&self) -> There {
        let mut there = PackageWords::Compiler
            .iter()
            .map(|name| self.has(name))
            .fold(There::No, most);
        let is_one = |name: &&String| packages::is_build_only(name) == Some(BuildOnly::Compiler);
        if self.manual.keys().any(|name| is_one(&name)) {
            there = There::Yes;
        }
        there
    }
}

/// Whether an image has /etc/mime.types at its end; `None` when something may bring it unseen.
pub(crate) fn has_mime_types(p: &Project, image: usize) -> Option<bool> {
    const PATH: &str = "/etc/mime.types";
    let stage = p.images[image].stage;
    let base = base_of(p, stage);
    if base.has_mime_types? {
        return Some(true);
    }
    match crate::facts::files::origin::at_end(p, stage, PATH).origin {
        Origin::Context(_) | Origin::Inline(_) => return Some(true),
        // The base image's own files are not listed: the table has answered for it.
        Origin::Missing | Origin::Unknown => {}
        _ => return None,
    }
    let chain = &p.images[image].chain;
    let may_be_copied = p.copies.iter().any(|copy| {
        chain.contains(&copy.stage)
            && matches!(
                copy.target.as_deref(),
                None | Some("/etc/mime.types" | "/etc" | "/")
            )
    });
    if may_be_copied || p.text.text.contains("mime.types") {
        return None;
    }
    let found = if let Some(system) = system(p, stage, None) {
        most(system.has("media-types"), system.has("mime-support"))
    } else if base.libc == Libc::Musl {
        // Alpine's packages that have it or bring it along.
        let brings = |name: &str| PackageWords::MimeTypes.begins(name);
        let mut layers = chain.iter().flat_map(|stage| &p.stages[*stage].layers);
        let is_open = layers.any(|layer| p.layers[*layer].is_opaque);
        let mut packages = p.packages.iter();
        let may = packages.any(|package| chain.contains(&package.stage) && brings(&package.name));
        if is_open || may {
            There::Unknown
        } else {
            There::No
        }
    } else {
        There::Unknown
    };
    match found {
        There::Yes => Some(true),
        There::No => Some(false),
        There::Unknown => None,
    }
}

pub(crate) fn most(a: There, b: There) -> There {
    match (a, b) {
        (There::Yes, _) | (_, There::Yes) => There::Yes,
        (There::Unknown, _) | (_, There::Unknown) => There::Unknown,
        _ => There::No,
    }
}
