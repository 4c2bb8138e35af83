//! A server that a package of the distribution brings, with a Python of its own, where the application's packages are
//! in that of the image.

use crate::context::Origin;
use crate::facts::build::at;
use crate::facts::files::origin;
use crate::facts::model::{Fate, PackageFact, Project};
use crate::facts::python::dependencies;
use crate::facts::start::script_place::hands_path_on;
use crate::knowledge::dependencies as known;
use crate::knowledge::images::{Family, PackageManager};

/// The server of an image that is certainly the package's, which finds none of the packages that pip installed.
pub(crate) fn serves(p: &Project, package: usize) -> bool {
    let one = &p.packages[package];
    let base = &at::root(&p.stages, one.stage).base.knowledge;
    let is_plain = base.family == Family::Python && base.package_manager == PackageManager::Apt;
    is_plain && one.fate == Fate::Left && (0..p.images.len()).any(|image| is_started(p, image, one))
}

fn is_started(p: &Project, image: usize, package: &PackageFact) -> bool {
    let fact = &p.images[image];
    let Some(server) = fact.server.as_ref().filter(|_| fact.process_is_known) else {
        return false;
    };
    let name = package.name.as_str();
    let command = &server.command;
    let is_it = server.product.distributions.contains(&name)
        && command.program.as_deref() == Some(name)
        && command.wrappers.iter().all(|it| hands_path_on(it))
        && at::is_part(&p.stages, package.stage, fact.stage);
    let Some(listed) = p.dependencies.get(image).filter(|_| is_it) else {
        return false;
    };
    let is_read = |install: &usize| {
        let install = &p.installs[*install];
        install.is_followed && install.set.is_complete
    };
    // None of what is listed brings it along.
    let is_without = |(install, at): &(usize, usize)| {
        let one = &p.installs[*install].set.requirements[*at];
        let row = known::of(&one.name);
        one.name != name && row.is_some_and(|row| row.brings().all(|(other, _)| other != name))
    };
    let lies_there = |directory: &str| {
        let path = format!("{}/{name}", directory.trim_end_matches('/'));
        !matches!(origin::at_end(p, fact.stage, &path).origin, Origin::Missing)
    };
    let mut added = at::added_to_path(p, fact.stage, usize::MAX).into_iter();
    let is_first = added.any(|it| it.is_none_or(|directory| lies_there(&directory)));
    let mut packages = p.packages.iter();
    let has_other = packages.any(|one| one.name == "python3-django");
    dependencies::lists(p, image, "django")
        && listed.installs.iter().all(is_read)
        && listed.items.iter().all(is_without)
        && !at::sets_env(p, fact.stage, "PYTHONPATH")
        && !is_first
        && !has_other
}
