//! What of a requirement certainly cannot be installed, imported or used.

use crate::context::Origin;
use crate::facts::deploy::{code_names, mysql_logins, search_servers};
use crate::facts::django::removed;
use crate::facts::files::origin;
use crate::facts::model::Listed;
use crate::facts::nodes::cells::{at, str_or_absent, traced};
use crate::facts::nodes::requirement::View;
use crate::facts::python::{conflicts, dependencies, downloads, hashes, newest, releases};
use crate::facts::start::called_programs;
use crate::facts::system::{bindings, compiling};
use crate::facts::table::Cell;
use crate::knowledge::pypi::{Namesake, UnpublishedName};
use crate::knowledge::words::{DirectoryWords, PackageWords};
use crate::knowledge::{built_in, pypi};
use crate::python::requirements::Specifier;

impl View<'_> {
    pub(super) fn lacks_hash(&self) -> Cell {
        Cell::bool(hashes::first_without(self.p, self.install) == Some(self.i))
    }

    /// It is asked for by its name.
    fn is_of_index(&self) -> bool {
        !matches!(
            self.fact().specifier,
            Specifier::Url { .. } | Specifier::Path
        )
    }

    fn find_unpublished(&self) -> Option<&'static UnpublishedName> {
        pypi::unpublished(&self.fact().name).filter(|_| self.is_of_index())
    }

    fn find_namesake(&self) -> Option<&'static Namesake> {
        let found = pypi::namesake(&self.fact().name).filter(|_| self.is_of_index())?;
        let mut others = self.find_install().set.named(found.meant);
        let has_meant = others.next().is_some();
        let is_it = |module: &str| module.split('.').next() == Some(found.module);
        (!has_meant && removed::loads(self.p, self.install, is_it)).then_some(found)
    }

    pub(super) fn unpublished(&self) -> Cell {
        str_or_absent(self.find_unpublished().map(|row| row.why))
    }

    pub(super) fn meant(&self) -> Cell {
        let meant = self.find_unpublished().and_then(|row| row.meant);
        str_or_absent(meant.or_else(|| Some(self.find_namesake()?.meant)))
    }

    pub(super) fn namesake(&self) -> Cell {
        str_or_absent(self.find_namesake().map(|row| row.module))
    }

    pub(super) fn is_refused(&self) -> Cell {
        Cell::bool(
            matches!(
                self.fact().specifier,
                Specifier::Url {
                    is_refused: true,
                    ..
                }
            ) && !downloads::configures_git(self.p),
        )
    }

    pub(super) fn taken_from(&self) -> Cell {
        str_or_absent(releases::refused_metadata(
            self.p,
            self.find_install(),
            self.fact(),
        ))
    }

    pub(super) fn kept_from(&self) -> Cell {
        let fact = self.fact();
        let pinned = dependencies::versions(self.find_install(), fact).pinned();
        let oldest = pypi::oldest_kept(&fact.name);
        let gone = oldest.filter(|oldest| {
            let version = pinned.as_deref();
            version.is_some_and(|version| !releases::is_at_least(version, oldest))
        });
        str_or_absent(gone)
    }

    pub(super) fn oldest_for_python(&self) -> Cell {
        str_or_absent(self.find_oldest().and_then(|oldest| oldest.version))
    }

    pub(super) fn fails_at(&self) -> Cell {
        let built_in = || self.find_built_in().then_some("install");
        let found = self.find_oldest().map(|oldest| oldest.fails);
        str_or_absent(found.or_else(built_in))
    }

    pub(super) fn older_library(&self) -> Cell {
        let found = bindings::older_library(self.p, self.find_install(), self.fact());
        str_or_absent(found.map(|row| row.version))
    }

    pub(super) fn is_given_up(&self) -> Cell {
        let found = self.find_oldest();
        Cell::bool(found.is_some_and(|oldest| oldest.version.is_none()))
    }

    pub(super) fn used_instead(&self) -> Cell {
        str_or_absent(self.find_oldest().and_then(|oldest| oldest.instead))
    }

    fn find_built_in(&self) -> bool {
        let (install, fact) = (self.find_install(), self.fact());
        let pinned = dependencies::versions(install, fact).pinned();
        let python = dependencies::python_for(self.p, install);
        python.is_some_and(|python| built_in::is_one(&fact.name, python, pinned.as_deref()))
    }

    pub(super) fn is_built_in(&self) -> Cell {
        Cell::bool(self.find_built_in())
    }

    pub(super) fn cured_by(&self) -> Cell {
        str_or_absent(self.find_oldest().and_then(|oldest| oldest.cured_by))
    }

    pub(super) fn broken_by(&self) -> Cell {
        let found = newest::broken_by(self.p, self.find_install(), self.fact());
        str_or_absent(found.and_then(|oldest| oldest.cured_by))
    }

    pub(super) fn conflicts_with(&self) -> Cell {
        let found = conflicts::conflict(self.p, self.install, self.i);
        found.map_or(Cell::ABSENT, |it| {
            let name = &it.other.name;
            let text = match it.other.versions.pinned() {
                Some(version) => format!("{name}=={version}"),
                None => name.clone(),
            };
            Cell::str(&text).at(it.other.span)
        })
    }

    pub(super) fn breaks_with(&self) -> Cell {
        let found = conflicts::breaks(self.p, self.install, self.i);
        found.map_or(Cell::ABSENT, |(row, other)| {
            at(Cell::str(row.other), other.map(|other| other.span))
        })
    }

    pub(super) fn breaks_unasked(&self) -> Cell {
        let found = conflicts::breaks(self.p, self.install, self.i);
        Cell::bool(found.is_some_and(|(_, other)| other.is_none()))
    }

    pub(super) fn breaks_by(&self) -> Cell {
        let found = conflicts::breaks(self.p, self.install, self.i);
        str_or_absent(found.map(|(row, _)| row.raises))
    }

    pub(super) fn conflicts_needs(&self) -> Cell {
        let found = conflicts::conflict(self.p, self.install, self.i);
        str_or_absent(found.and_then(|it| it.needs))
    }

    pub(super) fn lacks_browser(&self) -> Cell {
        let found = called_programs::lacks_browser(self.p, self.install, self.i);
        str_or_absent(found.map(|row| row.fetches))
    }

    pub(super) fn lacks_program(&self) -> Cell {
        let found = called_programs::missing(self.p, self.install, self.i);
        str_or_absent(found.map(|(row, _)| row.program))
    }

    pub(super) fn program_package(&self) -> Cell {
        let found = called_programs::missing(self.p, self.install, self.i);
        str_or_absent(found.map(|(_, package)| package))
    }

    pub(super) fn also_without_wheel(&self) -> Cell {
        let found = compiling::others_without_wheel(self.p, self.find_install(), self.fact());
        Cell::list(found.iter().map(|text| Cell::str(text)).collect())
    }

    pub(super) fn is_named_nowhere(&self) -> Cell {
        let module = code_names::module(self.fact());
        Cell::bool(module.is_some_and(|module| self.p.code_names.lack(&module)))
    }

    pub(super) fn is_for_windows(&self) -> Cell {
        Cell::bool(PackageWords::WindowsOnly.contains(&self.fact().name))
    }

    pub(super) fn missing_path(&self) -> Cell {
        let fact = self.fact();
        let (Some(path), Some(span)) = (&fact.path, fact.specifier_span) else {
            return Cell::ABSENT;
        };
        let is_address = fact.specifier == Specifier::Path
            && !fact.name.is_empty()
            && !fact.is_editable
            && self.find_install().set.lock.is_none();
        let bare = path.trim_start_matches('/');
        let has_drive = bare.as_bytes().get(1) == Some(&b':');
        if !is_address || !path.starts_with('/') && !has_drive {
            return Cell::ABSENT;
        }
        let is_of_builder = DirectoryWords::OfBuilders.begins(path);
        let is_missing = || {
            let command = self.find_install().command;
            matches!(
                origin::as_command_sees(self.p, command, path),
                Origin::Missing
            )
        };
        match has_drive || is_of_builder || is_missing() {
            true => Cell::str(path).at(span),
            false => Cell::ABSENT,
        }
    }

    pub(super) fn cure(&self) -> Cell {
        let found = self.find_oldest();
        let parts = found.and_then(|oldest| oldest.cured_by.zip(oldest.cured_below));
        parts.map_or(Cell::ABSENT, |(name, below)| {
            Cell::str(&format!("{name}<{below}"))
        })
    }

    pub(super) fn lost_module(&self) -> Cell {
        let found = releases::lost_module(self.p, self.install, self.i);
        found.map_or(Cell::ABSENT, |row| Cell::str(row.module))
    }

    pub(super) fn lost_module_from(&self) -> Cell {
        let found = releases::lost_module(self.p, self.install, self.i);
        let first = found.and_then(|row| row.unless.first());
        first.map_or(Cell::ABSENT, |name| Cell::str(name))
    }

    pub(super) fn refused_by(&self) -> Cell {
        let found = search_servers::refusing(self.p, self.install, self.i);
        found.map_or(Cell::ABSENT, |(service, span)| Cell::str(&service).at(span))
    }

    /// The login that PyMySQL cannot make in an image that has it.
    fn find_refused_login(&self) -> Option<mysql_logins::Refused<'_>> {
        let has_it = |listed: &Listed| listed.has(self.install, self.i);
        let mut images = self.p.dependencies.iter().enumerate();
        images.find_map(|(image, listed)| {
            let is_it = self.fact().name == "pymysql" && has_it(listed);
            let install = &self.p.installs[self.install];
            let find = || mysql_logins::refused(self.p, image, install, self.fact());
            is_it.then(find).flatten()
        })
    }

    pub(super) fn refused_login_by(&self) -> Cell {
        self.find_refused_login()
            .map_or(Cell::ABSENT, |it| traced(it.database))
    }

    pub(super) fn is_let_in_after(&self) -> Cell {
        let found = self.find_refused_login();
        found.map_or(Cell::ABSENT, |it| Cell::bool(it.is_let_in_after))
    }
}
