//! Projects that are installed before their packages are there.

use crate::context::Origin;
use crate::facts::build::at;
use crate::facts::files::origin;
use crate::facts::model::{FilesPhase, InstallFact, Project};
use crate::python::requirements::building;
use crate::source::{Sources, absolute, join};

/// Names of one directory that are looked through.
const MAX_LISTED: usize = 100;

/// The package of the project in `src`, where that is certainly not there yet: setuptools installs the project without
/// a module then. `place` is where the command has the project, `directory` where it is below the root.
pub(super) fn package(
    p: &FilesPhase,
    sources: &Sources,
    command: usize,
    place: &str,
    directory: &str,
) -> Option<String> {
    const SOURCES: &str = "src";
    let root = &p.around.root;
    let found = building(sources, root, directory, false)?;
    let origin = |path: &str| origin::as_command_sees(p, command, &absolute(place, path));
    let has_setup = ["setup.py", "setup.cfg"]
        .iter()
        .any(|file| root.is_file(&join(directory, file)));
    if !found.finds_packages || has_setup || !matches!(origin(SOURCES), Origin::Missing) {
        return None;
    }
    let names = root.list(&join(directory, SOURCES), MAX_LISTED);
    let mut packages = names
        .iter()
        .filter(|name| root.is_file(&join(directory, &format!("{SOURCES}/{name}/__init__.py"))));
    packages.next().cloned()
}

/// That package, where a server loads its application from it and nothing else makes Python find it.
pub(crate) fn installs_nothing<'p>(p: &Project, install: &'p InstallFact) -> Option<&'p str> {
    let package = install.sourceless.as_deref()?;
    let text = p.text.text.to_ascii_lowercase();
    let leads = ["pythonpath", "chdir", ".pth"];
    let is_led = leads.iter().any(|word| text.contains(word));
    let is_there = (0..p.stages.len()).any(|stage| {
        let workdir = at::workdir(&p.stages, stage);
        workdir.is_none_or(|workdir| workdir.ends_with("/src"))
    });
    let is_project = |word: Option<&str>| {
        word.is_none_or(|word| word == "." || word.starts_with("./") || word.starts_with(".["))
    };
    let mut others = p
        .installs
        .iter()
        .filter(|it| !it.is_export && it.command != install.command);
    let is_installed_again = others.any(|it| {
        let mut words = p.commands[it.command].command.args.iter();
        words.any(|arg| is_project(arg.as_str()))
    });
    let is_loaded = p.applications.iter().any(|it| {
        let first = it.target.as_str().split('.').next();
        !it.is_path && first == Some(package)
    });
    (!is_led && !is_there && !is_installed_again && is_loaded).then_some(package)
}
