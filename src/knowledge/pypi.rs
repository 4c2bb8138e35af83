//! PyPI distributions that need more than pip: compilers, headers, shared libraries.

use super::images::Libc;
use super::texts::List;
use super::{Series, find};

/// Wheels for one kind of platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wheels {
    /// Compiled ones.
    Native,
    /// One for every platform.
    Pure,
    None,
}

/// When the libraries are loaded from the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    Always,
    /// Only when it was compiled here: wheels bring their own.
    Source,
    Never,
}

/// What a distribution needs.
#[derive(Debug)]
pub(crate) struct Distribution {
    /// Normalised: lower case, dashes. `django.contrib.gis` stands for GeoDjango.
    pub name: &'static str,
    /// The newest version when the table was made.
    pub version: &'static str,
    /// Wheels of that version for x86_64.
    pub glibc: Wheels,
    pub musl: Wheels,
    /// The newest Python its wheels are for, where that is an old one.
    pub wheels_until: Option<Series>,
    /// From this version on no Linux wheel was ever published; `0`: never.
    pub no_wheel_from: Option<&'static str>,
    /// Debian packages that compile it.
    pub build: &'static [&'static str],
    /// Debian packages of the libraries it loads, by suite.
    pub bookworm: &'static [&'static str],
    pub trixie: &'static [&'static str],
    pub needs: Needs,
}

static DISTRIBUTIONS: &[Distribution] = include!(concat!(env!("OUT_DIR"), "/pypi.rs"));

/// A distribution by its normalised name; `None`: not known, which is not the same as needing nothing.
#[must_use]
pub(crate) fn distribution(name: &str) -> Option<&'static Distribution> {
    find(DISTRIBUTIONS, name, |row| row.name)
}

impl Distribution {
    /// pip certainly compiles it on Linux, whatever the version, Python and processor. (For versions
    /// before [`Self::no_wheel_from`] wheels existed: compare where the version is pinned.)
    #[must_use]
    pub(crate) fn is_always_compiled(&self) -> bool {
        self.no_wheel_from.is_some() && self.glibc == Wheels::None && self.musl == Wheels::None
    }

    /// Wheels of the version the table knows, for x86_64. `None`: the libc is not known.
    #[must_use]
    pub(crate) fn wheels(&self, libc: Libc, python: Series) -> Option<Wheels> {
        let wheels = match libc {
            Libc::Glibc => self.glibc,
            Libc::Musl => self.musl,
            Libc::Unknown => return None,
        };
        let is_too_new = self.wheels_until.is_some_and(|newest| newest < python);
        Some(if is_too_new && wheels == Wheels::Native {
            Wheels::None
        } else {
            wheels
        })
    }

    /// Its wheels for glibc are linked to libraries of the system: importing it fails without them.
    #[must_use]
    pub(crate) fn has_linked_wheels(&self) -> bool {
        self.glibc == Wheels::Native && self.needs == Needs::Always
    }

    /// Libraries that it is linked to as well where it is compiled in the full Python image.
    #[must_use]
    pub(crate) fn libraries_of_full_image(&self) -> &'static [&'static str] {
        find(FULL_IMAGE_LIBRARIES, self.name, |row| row.name).map_or(&[], |row| row.libraries)
    }

    /// Libraries it loads at run time, by Debian suite; `None` for suites the table does not cover.
    #[must_use]
    pub(crate) fn libraries(&self, suite: &str) -> Option<&'static [&'static str]> {
        match suite {
            "bookworm" => Some(self.bookworm),
            "trixie" => Some(self.trixie),
            _ => None,
        }
    }
}

#[derive(Debug)]
struct FullImageLibraries {
    name: &'static str,
    libraries: &'static [&'static str],
}

static FULL_IMAGE_LIBRARIES: &[FullImageLibraries] =
    include!(concat!(env!("OUT_DIR"), "/full-image-libraries.rs"));

/// The oldest release of a distribution that works with a series of Python.
#[derive(Debug)]
pub(crate) struct OldestRelease {
    name: &'static str,
    python: Series,
    /// `None` where no release works.
    pub version: Option<&'static str>,
    /// The first release that fails; absent: the first of all.
    pub first_failing: Option<&'static str>,
    /// Where the older ones fail: `install`, `import` or `start`.
    pub fails: &'static str,
    /// Another distribution that makes the older ones work.
    pub cured_by: Option<&'static str>,
    /// The first release of it that does not.
    pub cured_below: Option<&'static str>,
    /// What people use where no release works.
    pub instead: Option<&'static str>,
}

static OLDEST: &[OldestRelease] = include!(concat!(env!("OUT_DIR"), "/oldest-for-python.rs"));

/// The oldest release of a distribution that works with a series of Python; `None` where the table knows none.
#[must_use]
pub(crate) fn oldest_for(name: &str, python: Series) -> Option<&'static OldestRelease> {
    let mut rows = OLDEST.iter();
    rows.find(|row| row.name == name && row.python == python)
}

/// A library of a suite of Debian that a distribution is built against.
#[derive(Debug)]
pub(crate) struct Binding {
    name: &'static str,
    /// The headers of the library.
    pub package: &'static str,
    pub suite: &'static str,
    pub version: &'static str,
}

static BINDINGS: &[Binding] = include!(concat!(env!("OUT_DIR"), "/library-bindings.rs"));

/// The libraries that a distribution is built against, a row each suite.
pub(crate) fn bindings(name: &str) -> impl Iterator<Item = &'static Binding> + use<'_> {
    BINDINGS.iter().filter(move |row| row.name == name)
}

/// A program that a release does not install any more.
#[derive(Debug)]
pub(crate) struct RemovedProgram {
    name: &'static str,
    pub distribution: &'static str,
    /// The first release without it.
    pub from: &'static str,
    /// The oldest Python that gets that release unasked.
    pub python: Series,
    pub instead: &'static str,
}

static REMOVED_PROGRAMS: &[RemovedProgram] =
    include!(concat!(env!("OUT_DIR"), "/removed-programs.rs"));

/// The distribution that had a program.
#[must_use]
pub(crate) fn removed_program(name: &str) -> Option<&'static RemovedProgram> {
    find(REMOVED_PROGRAMS, name, |row| row.name)
}

/// Releases whose metadata newer pips refuse.
#[derive(Debug)]
pub(crate) struct RefusedMetadata {
    name: &'static str,
    pub from: &'static str,
    /// The first release that pip takes.
    pub before: &'static str,
}

static REFUSED: &[RefusedMetadata] = include!(concat!(env!("OUT_DIR"), "/refused-metadata.rs"));

/// The releases of a distribution whose metadata newer pips refuse.
#[must_use]
pub(crate) fn refused_metadata(name: &str) -> Option<&'static RefusedMetadata> {
    find(REFUSED, name, |row| row.name)
}

/// A distribution whose older releases its makers have deleted.
#[derive(Debug)]
struct GoneRelease {
    name: &'static str,
    oldest: &'static str,
}

static GONE: &[GoneRelease] = include!(concat!(env!("OUT_DIR"), "/gone-releases.rs"));

/// The oldest release of a distribution that PyPI still has, where older ones were deleted.
#[must_use]
pub(crate) fn oldest_kept(name: &str) -> Option<&'static str> {
    Some(find(GONE, name, |row| row.name)?.oldest)
}

/// A name that no distribution has.
#[derive(Debug)]
pub(crate) struct UnpublishedName {
    name: &'static str,
    /// `python`, `ubuntu` or `other`; see the table.
    pub why: &'static str,
    /// The distribution that is meant, for `other`.
    pub meant: Option<&'static str>,
}

static UNPUBLISHED: &[UnpublishedName] =
    include!(concat!(env!("OUT_DIR"), "/unpublished-names.rs"));

/// What is known of a name that no distribution of PyPI has.
#[must_use]
pub(crate) fn unpublished(name: &str) -> Option<&'static UnpublishedName> {
    find(UNPUBLISHED, name, |row| row.name)
}

/// A distribution with the name of a module of another one.
#[derive(Debug)]
pub(crate) struct Namesake {
    name: &'static str,
    pub module: &'static str,
    /// The distribution with the module that people mean.
    pub meant: &'static str,
}

static NAMESAKES: &[Namesake] = include!(concat!(env!("OUT_DIR"), "/namesakes.rs"));

/// The one that people mean who require a distribution by the name of a module.
#[must_use]
pub(crate) fn namesake(name: &str) -> Option<&'static Namesake> {
    find(NAMESAKES, name, |row| row.name)
}

/// A program that compiling calls.
#[derive(Debug)]
pub(crate) struct BuildTool {
    name: &'static str,
    /// Its Debian package.
    pub package: &'static str,
    /// The first release that calls it; `0` for all.
    pub from: &'static str,
    /// A variable that takes its place.
    pub unless: Option<&'static str>,
}

static TOOLS: &[BuildTool] = include!(concat!(env!("OUT_DIR"), "/build-tools.rs"));

/// The programs that compiling a distribution calls, beside the compiler.
pub(crate) fn build_tools(name: &str) -> impl Iterator<Item = &'static BuildTool> {
    TOOLS.iter().filter(move |row| row.name == name)
}

/// What compiling a distribution needs of Alpine.
#[derive(Debug)]
pub(crate) struct AlpineBuild {
    name: &'static str,
    /// The package that has the compiler.
    pub compiler: &'static str,
    needs: List,
}

static ALPINE_BUILDS: &[AlpineBuild] = include!(concat!(env!("OUT_DIR"), "/alpine-builds.rs"));

/// What is known of compiling a distribution on Alpine.
#[must_use]
pub(crate) fn alpine_build(name: &str) -> Option<&'static AlpineBuild> {
    find(ALPINE_BUILDS, name, |row| row.name)
}

impl AlpineBuild {
    /// The packages that are needed beside the compiler: the one to say, and whether a package will do.
    pub(crate) fn needs(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        let said = |need: &'static str| need.split('|').next().unwrap_or(need);
        self.needs.into_iter().map(move |need| (said(need), need))
    }

    /// A package is one of `a|b*`.
    #[must_use]
    pub(crate) fn is_one(package: &str, need: &str) -> bool {
        need.split('|').any(|one| match one.rsplit_once('*') {
            None => one == package,
            Some((before, after)) => {
                let middle = before.trim_start_matches('*');
                let begins = package.starts_with(middle);
                let is_in = before.starts_with('*') && package.contains(middle);
                package.ends_with(after) && (begins || is_in)
            }
        })
    }
}

/// The library of a database that a distribution loads on Alpine.
#[derive(Debug)]
pub(crate) struct AlpineLibrary {
    name: &'static str,
    /// The package that has it.
    pub library: &'static str,
    brought_by: List,
}

static ALPINE_LIBRARIES: &[AlpineLibrary] =
    include!(concat!(env!("OUT_DIR"), "/alpine-libraries.rs"));

/// The library of a database that a distribution loads on Alpine, or is linked to where it is compiled.
#[must_use]
pub(crate) fn alpine_library(name: &str) -> Option<&'static AlpineLibrary> {
    find(ALPINE_LIBRARIES, name, |row| row.name)
}

impl AlpineLibrary {
    /// A package of Alpine is the library, or may bring it along.
    #[must_use]
    pub(crate) fn may_be_brought_by(&self, package: &str) -> bool {
        package == self.library || self.brought_by.is_within(package)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distributions_are_normalised_and_consistent() {
        assert!(DISTRIBUTIONS.is_sorted_by(|a, b| a.name < b.name));
        for row in DISTRIBUTIONS {
            assert!(
                !row.name.contains(['_', ' ']) && row.name == row.name.to_ascii_lowercase(),
                "{}",
                row.name
            );
            let needs_library = !row.bookworm.is_empty();
            assert_eq!(needs_library, !row.trixie.is_empty(), "{}", row.name);
            assert!(row.needs == Needs::Never || needs_library, "{}", row.name);
            assert!(
                !row.is_always_compiled() || !row.build.is_empty(),
                "{}",
                row.name
            );
        }
    }

    #[test]
    fn what_a_build_needs() {
        let get = |name| distribution(name).expect("it is in the table");
        let psycopg2 = get("psycopg2");
        assert!(psycopg2.is_always_compiled() && psycopg2.build.contains(&"libpq-dev"));
        assert_eq!(psycopg2.libraries("trixie"), Some(&["libpq5"][..]));
        assert_eq!(psycopg2.libraries("buster"), None);
        assert!(!get("psycopg2-binary").is_always_compiled());
        let pylibmc = get("pylibmc");
        assert_eq!(
            pylibmc.wheels(Libc::Glibc, Series(3, 11)),
            Some(Wheels::Native)
        );
        assert_eq!(
            pylibmc.wheels(Libc::Glibc, Series(3, 13)),
            Some(Wheels::None)
        );
        assert_eq!(
            get("libsass").wheels(Libc::Musl, Series(3, 13)),
            Some(Wheels::None)
        );
        assert_eq!(get("weasyprint").needs, Needs::Always);
        assert!(get("pyuwsgi").has_linked_wheels() && !get("weasyprint").has_linked_wheels());
        assert_eq!(get("uwsgi").libraries_of_full_image(), ["libxml2"]);
        assert!(distribution("requests").is_none());
    }
}
