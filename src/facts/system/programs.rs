//! Programs that an installer of Python packages calls, where nothing brought them.

use crate::facts::build::at;
use crate::facts::model::{CopyFrom, InstallFact, Project};
use crate::facts::system::alpine;
use crate::facts::system::installed::{There, base_of, system};
use crate::knowledge::images::{Family, Flavour};
use crate::knowledge::installers::Dialect;
use crate::python::requirements::{Requirement, Specifier};

/// An install clones a requirement with git, which certainly is not there; `None` where that is not known.
pub(crate) fn lacks_git(
    p: &Project,
    install: &InstallFact,
    requirement: &Requirement,
) -> Option<bool> {
    let is_cloned = matches!(requirement.specifier, Specifier::Url { is_git: true, .. });
    // poetry has a git of its own.
    let calls_git = matches!(install.row.dialect, Dialect::Pip | Dialect::Uv);
    if !is_cloned || !calls_git || install.is_export && install.row.dialect != Dialect::Pip {
        return Some(false);
    }
    let base = base_of(p, install.stage);
    if !matches!(base.family, Family::Python | Family::Uv) {
        return None;
    }
    let chain = at::chain(&p.stages, install.stage);
    let brings = |target: &str| {
        let target = target.trim_end_matches('/');
        target.is_empty() || target.ends_with("/bin") || target.contains("git") || target == "/usr"
    };
    let may_be_copied = p.copies.iter().any(|copy| {
        chain.contains(&copy.stage)
            && copy.from != CopyFrom::Context
            && copy.target.as_deref().is_none_or(brings)
    });
    if may_be_copied {
        return None;
    }
    match base.flavour {
        Flavour::Alpine => {
            let added = alpine::added(p, install)?;
            let may_bring = |name: &&str| name.contains("git") || name.contains("sdk");
            Some(!added.iter().any(may_bring))
        }
        Flavour::Slim => match system(p, install.stage, Some(install.command))?.has("git") {
            There::No => Some(true),
            There::Yes => Some(false),
            There::Unknown => None,
        },
        _ => None,
    }
}
