//! What the tag adds to what a base image is: suite, flavour, Python, user.

use super::super::debian::DebianRelease;
use super::super::python::{PythonTag, Variant};
use super::super::{Date, Series, alpine, debian, ubuntu};
use super::model::{
    Base, DefaultUser, Family, Flavour, Libc, Os, PYTHON_ENV, PackageManager, Reads,
};

#[derive(Debug)]
struct NodeSuite {
    major: &'static str,
    suite: &'static str,
}

static NODE_SUITES: &[NodeSuite] = include!(concat!(env!("OUT_DIR"), "/node-default-suites.rs"));

impl Base {
    pub(super) fn read(&mut self, reads: Reads, tag: &str, today: Date) {
        match reads {
            Reads::Python => self.read_python(tag, today),
            Reads::Debian => {
                self.set_debian(debian::by_tag(tag, today));
                self.has_useradd = Some(true);
                self.has_bash = Some(true);
                let is_full = self.family == Family::BuildpackDeps
                    && !tag.ends_with("curl")
                    && !tag.ends_with("scm");
                if self.family == Family::BuildpackDeps && !tag.is_empty() {
                    self.has_compilers = Some(is_full);
                    self.has_mime_types = is_full.then_some(true);
                    self.flavour = if is_full {
                        Flavour::Full
                    } else {
                        Flavour::Slim
                    };
                }
            }
            Reads::Ubuntu => {
                self.has_useradd = Some(true);
                self.has_bash = Some(true);
                if let Some(release) = ubuntu::by_tag(tag, today) {
                    self.os = Os::Ubuntu(release);
                    self.login = release.user;
                }
            }
            Reads::UbuntuOther | Reads::Unread => {}
            Reads::Alpine => self.set_alpine(Some(tag)),
            Reads::Library => self.read_library(tag),
            Reads::Uv => self.read_uv(tag, today),
            Reads::Distroless => self.read_distroless(tag),
            Reads::Chainguard => {
                if tag.ends_with("-dev") {
                    self.has_shell = Some(true);
                    self.package_manager = PackageManager::Apk;
                } else if !tag.is_empty() {
                    self.has_shell = Some(false);
                    self.has_bash = Some(false);
                    self.package_manager = PackageManager::None;
                    self.has_compilers = Some(false);
                }
                self.entrypoint = Some(&["/usr/bin/python"]);
                self.python = tag
                    .starts_with("3.")
                    .then(|| Series::parse(tag.trim_end_matches("-dev")))
                    .flatten();
            }
        }
    }

    /// Under a digest, what the tag leaves open is what it was on a day that nobody knows.
    pub(super) fn forget_moving(&mut self, reads: Reads, tag: &str) {
        let names_release = match reads {
            Reads::Python => {
                let read = PythonTag::parse(tag);
                if read.is_some_and(|read| read.series().is_none()) {
                    self.python = None;
                }
                read.is_some_and(|read| read.suite.is_some())
            }
            Reads::Debian => tag.split('-').any(|word| {
                debian::by_codename(word).is_some()
                    || word.starts_with(|c: char| c.is_ascii_digit())
            }),
            Reads::Ubuntu => !matches!(tag, "latest" | "rolling" | "devel"),
            _ => true,
        };
        if !names_release && !matches!(self.os, Os::Alpine(_)) {
            self.os = Os::Unknown;
            self.login = None;
        }
    }

    fn read_python(&mut self, tag: &str, today: Date) {
        self.env = Some(PYTHON_ENV);
        let Some(read) = PythonTag::parse(tag) else {
            // Alpine, Windows or Debian: nobody knows.
            *self = Self {
                family: Family::Python,
                user: self.user,
                ..Self::UNKNOWN
            };
            return;
        };
        self.python = read.series_on(today);
        match read.variant {
            Variant::Bare | Variant::Slim => {
                let is_full = read.variant == Variant::Bare;
                self.flavour = if is_full {
                    Flavour::Full
                } else {
                    Flavour::Slim
                };
                self.has_compilers = Some(is_full);
                self.has_mime_types = Some(is_full);
                self.has_bash = Some(true);
                self.has_useradd = Some(true);
                self.set_debian(read.resolved_suite(today).and_then(debian::by_codename));
            }
            Variant::Alpine => self.set_alpine(read.suite),
            Variant::Windows => {
                *self = Self {
                    family: Family::Python,
                    python: self.python,
                    ..Self::UNKNOWN
                };
            }
        }
    }

    /// The suite of a tag of node that names no suite and moves no more: `14`, `16-slim`.
    fn node_suite(&self, major: &str) -> Option<&'static DebianRelease> {
        let mut rows = NODE_SUITES.iter().filter(|_| self.family == Family::Node);
        let row = rows.find(|row| row.major == major)?;
        debian::by_codename(row.suite)
    }

    /// Words anywhere in the tag: `22-bookworm-slim`, `3.11-alpine3.20`.
    fn read_library(&mut self, tag: &str) {
        if tag.is_empty() {
            *self = Self {
                family: self.family,
                ..Self::UNKNOWN
            };
            return;
        }
        let mut words = tag.split(['-', '_']);
        if let Some(word) = words.clone().find(|word| word.starts_with("alpine")) {
            self.set_alpine(word.strip_prefix("alpine"));
            return;
        }
        if words
            .clone()
            .any(|word| word.contains("windows") || word.contains("nanoserver"))
        {
            *self = Self {
                family: self.family,
                ..Self::UNKNOWN
            };
            return;
        }
        let is_slim = words.clone().any(|word| word == "slim");
        self.has_bash = Some(true);
        self.has_useradd = Some(true);
        let first = words.clone().next().unwrap_or_default();
        let named = words.find_map(debian::by_codename);
        self.set_debian(named.or_else(|| self.node_suite(first)));
        if self.has_compilers.is_none() {
            self.has_compilers = Some(!is_slim);
            self.flavour = if is_slim {
                Flavour::Slim
            } else {
                Flavour::Full
            };
        }
        if self.family == Family::Pypy {
            self.python = Series::parse(tag.split('-').next().unwrap_or_default())
                .filter(|series| tag.contains('.') && series.0 >= 2);
        }
    }

    /// `0.9.1-python3.13-trixie-slim`, `debian-slim`, `alpine`; a bare version holds two binaries and nothing else.
    fn read_uv(&mut self, tag: &str, today: Date) {
        let words: Vec<&str> = tag.split('-').collect();
        let is_binaries =
            words.len() == 1 && (tag == "latest" || tag.starts_with(|c: char| c.is_ascii_digit()));
        if is_binaries {
            *self = Self {
                family: Family::Uv,
                entrypoint: None,
                cmd: None,
                ..Self::SCRATCH
            };
            return;
        }
        self.python = words
            .iter()
            .find_map(|word| {
                word.strip_prefix("python")
                    .filter(|rest| rest.contains('.'))
            })
            .and_then(Series::parse);
        if words.contains(&"dhi") || tag.is_empty() {
            *self = Self {
                family: Family::Uv,
                python: self.python,
                ..Self::UNKNOWN
            };
        } else if let Some(word) = words.iter().find(|word| word.starts_with("alpine")) {
            self.set_alpine(word.strip_prefix("alpine"));
        } else {
            let is_slim = words.contains(&"slim");
            let suite = words
                .iter()
                .find_map(|word| debian::by_codename(word))
                .or_else(|| {
                    words
                        .contains(&"debian")
                        .then(|| debian::stable(today))
                        .flatten()
                });
            self.flavour = if is_slim {
                Flavour::Slim
            } else {
                Flavour::Full
            };
            self.has_compilers = Some(!is_slim);
            self.has_mime_types = Some(!is_slim);
            self.has_bash = Some(true);
            self.has_useradd = Some(true);
            self.set_debian(suite);
        }
    }

    fn read_distroless(&mut self, tag: &str) {
        let is_debug = tag.starts_with("debug");
        self.has_shell = (!tag.is_empty()).then_some(is_debug);
        self.has_bash = Some(false);
        self.has_useradd = Some(false);
        self.user = if tag.contains("nonroot") {
            DefaultUser::Named("65532")
        } else if matches!(tag, "latest" | "debug") {
            DefaultUser::Root
        } else {
            DefaultUser::Unknown
        };
    }

    /// `gcr.io/distroless/python3-debian13`: the suite is in the name, Python is the suite's.
    pub(super) fn set_distroless(&mut self, name: &str) {
        let number = name
            .rsplit_once("-debian")
            .and_then(|(_, number)| number.parse().ok());
        self.set_debian(number.and_then(debian::by_number));
        if name.contains("/python3") {
            self.python = self.debian().map(|release| release.python);
            self.entrypoint = Some(&["/usr/bin/python3"]);
        }
    }

    fn set_debian(&mut self, release: Option<&'static DebianRelease>) {
        if let Some(release) = release {
            self.os = Os::Debian(release);
        }
    }

    fn set_alpine(&mut self, version: Option<&str>) {
        self.package_manager = PackageManager::Apk;
        self.libc = Libc::Musl;
        self.flavour = Flavour::Alpine;
        self.os = Os::Alpine(version.and_then(alpine::by_version));
        self.has_bash = Some(false);
        self.has_useradd = Some(false);
        self.has_compilers = Some(false);
        self.has_mime_types = Some(false);
        if matches!(
            self.family,
            Family::Node | Family::Toolchain | Family::Nginx | Family::Database | Family::Httpd
        ) {
            // Some of these install bash, compilers or mime types on top.
            self.has_bash = None;
            self.has_compilers = None;
            self.has_mime_types = None;
        }
    }
}
