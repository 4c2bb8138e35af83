//! Distribution packages: which are for building only, which exist where, what each brings along.

use super::find;
use super::texts::{List, Text};

/// How sure it is that a package serves building only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BuildOnly {
    /// A compiler, or a package that brings one.
    Compiler,
    /// Headers: `*-dev`.
    Headers,
}

#[derive(Debug)]
struct BuildPackage {
    name: &'static str,
    kind: BuildOnly,
}

#[derive(Debug)]
struct PackageAccount {
    name: &'static str,
    makes: bool,
}

static PACKAGE_ACCOUNTS: &[PackageAccount] =
    include!(concat!(env!("OUT_DIR"), "/package-accounts.rs"));

/// Installing the package certainly creates no user or group, apart from those that [its dependencies
/// bring](super::accounts::may_exist).
#[must_use]
pub(crate) fn makes_no_account(package: &str) -> bool {
    let name = package.split(['=', ':', '/']).next().unwrap_or(package);
    if let Some(row) = find(PACKAGE_ACCOUNTS, name, |row| row.name) {
        return !row.makes;
    }
    name.ends_with("-dev")
        || name.strip_prefix("postgresql-client-").is_some_and(|version| {
            !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit())
        })
        // `libvirt-daemon-system` and the like run as users of their own.
        || name.starts_with("lib") && !name.contains("daemon") && !name.contains("server")
}

#[derive(Debug)]
struct HeadersWithoutPcre {
    name: &'static str,
}

static WITHOUT_PCRE: &[HeadersWithoutPcre] =
    include!(concat!(env!("OUT_DIR"), "/headers-without-pcre.rs"));

/// Headers whose installation certainly does not bring PCRE's along.
#[must_use]
pub(crate) fn lacks_pcre(package: &str) -> bool {
    find(WITHOUT_PCRE, package, |row| row.name).is_some()
}

#[derive(Debug)]
struct ListeningPackage {
    name: &'static str,
}

static LISTENING: &[ListeningPackage] =
    include!(concat!(env!("OUT_DIR"), "/listening-packages.rs"));

/// The package of a program that listens itself, or starts what listens.
#[must_use]
pub(crate) fn listens(package: &str) -> bool {
    find(LISTENING, package, |row| row.name).is_some()
}

static BUILD_PACKAGES: &[BuildPackage] = include!(concat!(env!("OUT_DIR"), "/build-packages.rs"));

/// Why a package of Debian, Ubuntu or Alpine has no place in an image that only runs; `None` for all
/// others, `git`, `make`, `cmake` and `pkg-config` among them, which programs call at run time too.
///
/// A version (`gcc=4:12.2.0-3`), an architecture (`libpq-dev:amd64`) and a release (`/bookworm`) are
/// taken off first.
#[must_use]
pub(crate) fn is_build_only(package: &str) -> Option<BuildOnly> {
    let name = bare_name(package);
    if let Some(row) = find(BUILD_PACKAGES, name, |row| row.name) {
        return Some(row.kind);
    }
    for compiler in ["gcc-", "g++-", "clang-", "gfortran-", "rustc-", "cargo-"] {
        let version = name.strip_prefix(compiler);
        if version.is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.')) {
            return Some(BuildOnly::Compiler);
        }
    }
    (name.len() > 4 && name.ends_with("-dev")).then_some(BuildOnly::Headers)
}

/// The name of an operand of `apt-get install`: `curl=7.*`, `curl/stable`, `curl:arm64`, `curl-`.
#[must_use]
pub(crate) fn bare_name(operand: &str) -> &str {
    let end = operand
        .find(['=', '/', ':', '~', '<', '>'])
        .unwrap_or(operand.len());
    operand.get(..end).unwrap_or(operand)
}

/// What a suite makes of a package name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Present,
    /// An empty package that pulls its successor.
    Transitional,
    /// Another package provides the name, and apt installs that one.
    Provided,
    /// Several packages provide the name: apt installs none of them and fails.
    Ambiguous,
    /// apt fails.
    Absent,
}

impl Presence {
    /// `apt-get install` with it works.
    #[must_use]
    pub(crate) fn can_be_installed(self) -> bool {
        !matches!(self, Self::Ambiguous | Self::Absent)
    }
}

#[derive(Debug)]
struct PackageName {
    name: &'static str,
    bullseye: Presence,
    bookworm: Presence,
    trixie: Presence,
    replacements: &'static [&'static str],
}

static NAMES: &[PackageName] = include!(concat!(env!("OUT_DIR"), "/debian-names.rs"));

impl PackageName {
    fn presence(&self, suite: &str) -> Option<Presence> {
        match suite {
            "bullseye" => Some(self.bullseye),
            "bookworm" => Some(self.bookworm),
            "trixie" => Some(self.trixie),
            _ => None,
        }
    }
}

/// What Debian's own repositories of a suite make of a package name. `None`: not known, which is so
/// for every name that is nothing special.
#[must_use]
pub(crate) fn presence(package: &str, suite: &str) -> Option<Presence> {
    find(NAMES, bare_name(package), |row| row.name)?.presence(suite)
}

/// Whether something is known of a package name: a suite may lack it.
#[must_use]
pub(crate) fn is_special(package: &str) -> bool {
    find(NAMES, bare_name(package), |row| row.name).is_some()
}

/// What to install instead in that suite.
#[must_use]
pub(crate) fn replacement(package: &str, suite: &str) -> Option<&'static str> {
    let row = find(NAMES, bare_name(package), |row| row.name)?;
    row.replacements
        .iter()
        .copied()
        .find(|name| match find(NAMES, name, |row| row.name) {
            Some(other) => other
                .presence(suite)
                .is_some_and(Presence::can_be_installed),
            None => true,
        })
}

#[derive(Debug)]
struct GoneProgram {
    name: &'static str,
    gone: &'static str,
    package: Option<&'static str>,
    image: bool,
    instead: &'static str,
}

static GONE_PROGRAMS: &[GoneProgram] = include!(concat!(env!("OUT_DIR"), "/gone-programs.rs"));

/// What does the work of a program that a Debian suite no longer has; `None` when it has it, or when that is not known.
#[must_use]
pub(crate) fn gone_program(name: &str, suite: &str) -> Option<&'static str> {
    gone_row(name, suite)
        .filter(|row| !row.image)
        .map(|row| row.instead)
}

/// What does the work of a program that the images of a Debian suite no longer have before its package is installed.
#[must_use]
pub(crate) fn left_out_of(name: &str, suite: &str) -> Option<&'static str> {
    gone_row(name, suite)
        .filter(|row| row.image)
        .map(|row| row.instead)
}

fn gone_row(name: &str, suite: &str) -> Option<&'static GoneProgram> {
    let row = find(GONE_PROGRAMS, name, |row| row.name)?;
    let number = |name: &str| super::debian::by_codename(name).map(|row| row.number);
    (number(suite)? >= number(row.gone)?).then_some(row)
}

/// The programs that came with a package which a Debian suite no longer has; empty where that is not known.
pub(crate) fn programs_of(package: &str) -> impl Iterator<Item = &'static str> {
    let package = bare_name(package).to_owned();
    let is_of = move |row: &&GoneProgram| !row.image && row.package == Some(package.as_str());
    GONE_PROGRAMS.iter().filter(is_of).map(|row| row.name)
}

#[derive(Debug)]
struct NeededRecommends {
    name: &'static str,
    needs: &'static [&'static str],
    called: &'static [&'static str],
}

static NEEDED_RECOMMENDS: &[NeededRecommends] =
    include!(concat!(env!("OUT_DIR"), "/needed-recommends.rs"));

/// Recommended packages without which a package does not do what most install it for.
#[must_use]
pub(crate) fn needed_recommends(package: &str) -> &'static [&'static str] {
    find(NEEDED_RECOMMENDS, bare_name(package), |row| row.name).map_or(&[], |row| row.needs)
}

/// Recommended packages of programs of the same name, which are needed where something calls these.
#[must_use]
pub(crate) fn recommended_programs(package: &str) -> &'static [&'static str] {
    find(NEEDED_RECOMMENDS, bare_name(package), |row| row.name).map_or(&[], |row| row.called)
}

#[derive(Debug)]
struct Recommends {
    name: Text,
    bookworm: List,
    trixie: List,
}

static RECOMMENDS: &[Recommends] = include!(concat!(env!("OUT_DIR"), "/recommends.rs"));

/// What apt installs beside a package only because it is recommended, the first few; empty for nothing, or
/// where that is not known. Without a suite of the table what is so in each.
pub(crate) fn recommends(package: &str, suite: Option<&str>) -> impl Iterator<Item = &'static str> {
    let row = find(RECOMMENDS, bare_name(package), |row| row.name.as_str());
    let (names, others) = match (row, suite) {
        (None, _) => (List::EMPTY, None),
        (Some(row), Some("bookworm")) => (row.bookworm, None),
        (Some(row), Some("trixie")) => (row.trixie, None),
        (Some(row), _) => (row.bookworm, Some(row.trixie)),
    };
    let in_each = move |name: &&'static str| others.is_none_or(|others| others.contains(name));
    names.iter().filter(in_each)
}

#[derive(Debug)]
struct Kin {
    name: &'static str,
    needs: List,
    same: List,
}

static KIN: &[Kin] = include!(concat!(env!("OUT_DIR"), "/package-kin.rs"));

/// Other packages with the same headers or programs.
#[must_use]
pub(crate) fn same_as(package: &str) -> List {
    find(KIN, package, |row| row.name).map_or(List::EMPTY, |row| row.same)
}

/// Packages with which it is removed.
#[must_use]
pub(crate) fn goes_with(package: &str) -> List {
    find(KIN, package, |row| row.name).map_or(List::EMPTY, |row| row.needs)
}

#[derive(Debug)]
struct RuntimeLibrary {
    name: Text,
    bullseye: List,
    bookworm: List,
    trixie: List,
    alpine: List,
}

static RUNTIME_LIBRARIES: &[RuntimeLibrary] =
    include!(concat!(env!("OUT_DIR"), "/runtime-libraries.rs"));

/// The libraries that belong to a package of headers in a suite of Debian, or in `alpine`; empty when they are not
/// known.
#[must_use]
pub(crate) fn runtime_libraries(package: &str, distribution: &str) -> List {
    let Some(row) = find(RUNTIME_LIBRARIES, bare_name(package), |row| {
        row.name.as_str()
    }) else {
        return List::EMPTY;
    };
    match distribution {
        "bullseye" => row.bullseye,
        "bookworm" => row.bookworm,
        "trixie" => row.trixie,
        "alpine" => row.alpine,
        _ => List::EMPTY,
    }
}

/// What a package brings along, of the packages that matter to Python projects.
#[derive(Debug)]
struct Pulls {
    name: Text,
    bookworm_known: bool,
    bookworm_pulls: List,
    bookworm_may_pull: List,
    trixie_known: bool,
    trixie_pulls: List,
    trixie_may_pull: List,
}

static PULLS: &[Pulls] = include!(concat!(env!("OUT_DIR"), "/debian-pulls.rs"));

/// Which of the libraries, headers, compilers and clients known here a package brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pulled {
    /// By dependency: always.
    pub always: List,
    /// Further ones by recommendation: not with `--no-install-recommends`.
    pub recommended: List,
}

/// What installing a package brings along in a suite. `None`: not known.
#[must_use]
pub(crate) fn pulls(package: &str, suite: &str) -> Option<Pulled> {
    let row = find(PULLS, bare_name(package), |row| row.name.as_str())?;
    match suite {
        "bookworm" if row.bookworm_known => Some(Pulled {
            always: row.bookworm_pulls,
            recommended: row.bookworm_may_pull,
        }),
        "trixie" if row.trixie_known => Some(Pulled {
            always: row.trixie_pulls,
            recommended: row.trixie_may_pull,
        }),
        _ => None,
    }
}

#[derive(Debug)]
struct Preinstalled {
    name: Text,
    slim: List,
    full: List,
}

static PREINSTALLED: &[Preinstalled] =
    include!(concat!(env!("OUT_DIR"), "/debian-preinstalled.rs"));

/// `python:X.Y-slim` of that suite certainly has the package before anything is installed.
#[must_use]
pub(crate) fn is_in_slim(package: &str, suite: &str) -> bool {
    find(PREINSTALLED, bare_name(package), |row| row.name.as_str())
        .is_some_and(|row| row.slim.contains(suite))
}

/// `python:X.Y` of that suite certainly has the package before anything is installed.
#[must_use]
pub(crate) fn is_in_full(package: &str, suite: &str) -> bool {
    find(PREINSTALLED, bare_name(package), |row| row.name.as_str())
        .is_some_and(|row| row.full.contains(suite))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn build_packages() {
        for name in [
            "gcc",
            "build-essential",
            "g++-12",
            "gcc=4:12.2",
            "rustc",
            "cargo",
            "build-base",
            "gfortran",
        ] {
            assert_eq!(is_build_only(name), Some(BuildOnly::Compiler), "{name}");
        }
        for name in [
            "libpq-dev",
            "python3-dev",
            "libpq-dev:amd64",
            "libffi-dev/bookworm",
            "musl-dev",
            "linux-headers",
        ] {
            assert_eq!(is_build_only(name), Some(BuildOnly::Headers), "{name}");
        }
        for name in [
            "git",
            "make",
            "pkg-config",
            "libpq5",
            "-dev",
            "",
            "gcc-doc",
            "gcc-base",
            "cpp",
            "media-types",
            "cargo-outdated",
        ] {
            assert_eq!(is_build_only(name), None, "{name}");
        }
    }

    #[test]
    fn tables_are_sorted() {
        assert!(BUILD_PACKAGES.is_sorted_by(|a, b| a.name < b.name));
        assert!(NAMES.is_sorted_by(|a, b| a.name < b.name));
        assert!(PULLS.is_sorted_by(|a, b| *a.name < *b.name));
        assert!(PREINSTALLED.is_sorted_by(|a, b| *a.name < *b.name));
        assert!(RUNTIME_LIBRARIES.is_sorted_by(|a, b| *a.name < *b.name));
        assert!(NEEDED_RECOMMENDS.is_sorted_by(|a, b| a.name < b.name));
        assert!(GONE_PROGRAMS.is_sorted_by(|a, b| a.name < b.name));
    }

    #[test]
    fn headers_have_libraries() {
        for (name, distribution, wanted) in [
            ("libxslt1-dev", "trixie", "libxslt1.1"),
            ("libpq-dev=15.*", "bookworm", "libpq5"),
            ("libffi-dev", "bullseye", "libffi7"),
            ("postgresql-dev", "alpine", "libpq"),
            ("libglib2.0-dev", "trixie", "libglib2.0-0t64"),
        ] {
            let found: Vec<&str> = runtime_libraries(name, distribution).iter().collect();
            assert_eq!(found, [wanted], "{name}");
        }
        assert!(runtime_libraries("libpq-dev", "noble").is_empty());
        assert!(runtime_libraries("musl-dev", "alpine").is_empty());
    }

    #[test]
    fn programs_go_with_a_release() {
        assert!(gone_program("apt-key", "trixie").is_some());
        assert_eq!(gone_program("apt-key", "bookworm"), None);
        assert_eq!(gone_program("apt-get", "trixie"), None);
    }

    #[test]
    fn names_come_and_go() {
        for (name, suite, wanted) in [
            ("libpcre3", "trixie", Some(Presence::Absent)),
            ("libpcre3", "bookworm", Some(Presence::Present)),
            ("libpcre3-dev=2:8.39", "trixie", Some(Presence::Absent)),
            ("mime-support", "bookworm", Some(Presence::Transitional)),
            ("mime-support", "trixie", Some(Presence::Absent)),
            ("netcat", "bullseye", Some(Presence::Transitional)),
            ("netcat", "bookworm", Some(Presence::Ambiguous)),
            ("libmagic1", "trixie", Some(Presence::Provided)),
            ("libpq12", "bookworm", Some(Presence::Absent)),
            ("libpcre3", "buster", None),
            ("libpq5", "trixie", None),
            ("my-package", "trixie", None),
        ] {
            assert_eq!(presence(name, suite), wanted, "{name} in {suite}");
        }
        assert_eq!(replacement("libpcre3-dev", "trixie"), Some("libpcre2-dev"));
        assert_eq!(replacement("libssl1.1", "bookworm"), Some("libssl3"));
        assert_eq!(replacement("libicu67", "bookworm"), Some("libicu72"));
        assert_eq!(replacement("libffi6", "bullseye"), Some("libffi7"));
        assert_eq!(replacement("libpq5", "trixie"), None);
        for row in NAMES {
            for suite in ["bullseye", "bookworm", "trixie"] {
                assert_ne!(replacement(row.name, suite), Some(row.name), "{}", row.name);
            }
        }
    }

    #[test]
    fn packages_bring_others() {
        let always = |name, suite| {
            pulls(name, suite)
                .map(|pulled| pulled.always)
                .unwrap_or_default()
        };
        for suite in ["bookworm", "trixie"] {
            assert!(
                always("postgresql-client", suite).contains("libpq5"),
                "{suite}"
            );
            assert!(always("libpq-dev", suite).contains("libpq5"), "{suite}");
            assert!(
                always("build-essential", suite).contains("libc6-dev"),
                "{suite}"
            );
            assert!(!always("gcc", suite).contains("libc6-dev"), "{suite}");
            assert!(
                always("default-libmysqlclient-dev", suite).contains("libmariadb3"),
                "{suite}"
            );
        }
        assert!(
            pulls("libpcre3-dev", "bookworm")
                .is_some_and(|pulled| pulled.always.contains("libpcre3"))
        );
        assert_eq!(pulls("libpcre3-dev", "trixie"), None);
        assert_eq!(pulls("my-package", "trixie"), None);
        assert!(is_in_slim("libpcre2-8-0", "trixie") && !is_in_slim("libpcre3", "bookworm"));
        assert!(!is_in_slim("media-types", "trixie") && is_in_full("media-types", "trixie"));
        assert!(is_in_full("libpq-dev", "bookworm") && !is_in_slim("gcc", "bookworm"));
    }
}
