//! Projects that are installed before their packages are there.

use crate::context::Origin;
use crate::facts::files::origin;
use crate::facts::model::FilesPhase;
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
