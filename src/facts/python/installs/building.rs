//! What building a project needs, and what of it is not there when its installer runs.

use super::Follower;
use crate::context::Origin;
use crate::facts::files::origin;
use crate::facts::model::Lack;
use crate::knowledge::installers::{Dialect, Installer};
use crate::python::requirements::{BuildNeed, HISTORY, building};
use crate::source::{Entry, absolute, join};

impl Follower<'_> {
    /// What building the project in a directory below the root needs, which lies at `place` for the command, and what
    /// is certainly not there.
    pub(super) fn lacking(&self, row: &Installer, place: &str, directory: &str) -> Vec<Lack> {
        let root = &self.p.around.root;
        let by_poetry = row.dialect == Dialect::Poetry;
        let found = building(self.sources, root, directory, by_poetry);
        // pdm has settings of its own for what is installed.
        let found = found.filter(|found| match row.dialect {
            Dialect::Uv => found.is_package,
            Dialect::Pip | Dialect::Poetry => true,
            _ => false,
        });
        let (Some(found), Some(place)) = (found, self.absolute(place)) else {
            return Vec::new();
        };
        let project = absolute(&place, "pyproject.toml");
        if !origin::is_as_copied(self.p, self.command, &project) {
            return Vec::new();
        }
        let lack = |need: &BuildNeed| self.lack(&place, directory, need, by_poetry);
        found.needs.iter().filter_map(lack).collect()
    }

    fn lack(
        &self,
        place: &str,
        directory: &str,
        need: &BuildNeed,
        is_strict: bool,
    ) -> Option<Lack> {
        let root = &self.p.around.root;
        let origin =
            |path: &str| origin::as_command_sees(self.p, self.command, &absolute(place, path));
        if need.paths.iter().any(|path| path == HISTORY) && self.may_know_version(place, directory)
        {
            return None;
        }
        let mut ignored = None;
        for path in &need.paths {
            // Of a directory that is kept out some files may be let in.
            let name = path.rsplit('/').next().unwrap_or(path);
            let module = (!name.contains('.')).then(|| join(path, "__init__.py"));
            for path in std::iter::once(path).chain(&module) {
                match origin(path) {
                    Origin::Missing => {}
                    Origin::Ignored(_, pattern) => ignored = ignored.or(Some(pattern)),
                    _ => return None,
                }
            }
        }
        // What git does not have may be made before the build.
        let is_made = |path: &String| root.is_git_ignored(&join(directory, path));
        if need.paths.iter().any(is_made) {
            return None;
        }
        // Of several places the one where the project has it.
        let exists = |path: &&String| root.entry(&join(directory, path)) != Entry::Missing;
        let found = need.paths.iter().find(exists);
        let is_nowhere = found.is_none() && need.paths.len() > 1;
        let path = match found {
            Some(path) => path,
            // Other backends have more ways of finding it.
            None if !is_nowhere || is_strict => need.paths.first()?,
            None => return None,
        };
        Some(Lack {
            path: path.clone(),
            span: need.span,
            ignored,
            is_named: need.is_named,
            is_nowhere,
        })
    }

    /// The version may come from elsewhere than the history: a variable, a file of a source distribution; or the
    /// history is mounted, or this working copy has none either.
    fn may_know_version(&self, place: &str, directory: &str) -> bool {
        let p = self.p;
        let packed = absolute(place, "PKG-INFO");
        let packed = origin::as_command_sees(p, self.command, &packed);
        let history = join(directory, HISTORY);
        let text = &p.text.text;
        text.contains("PRETEND_VERSION")
            || text.contains("git init")
            || !p.layers[p.commands[self.command].layer].mounts.is_empty()
            || !matches!(packed, Origin::Missing)
            || p.around.root.entry(&history) == Entry::Missing
                && p.around.context.ignored_by(&history).is_none()
    }
}
