//! What a base image brings: from its name and tag alone, without asking a registry.
//!
//! An image the table does not name is unknown in every respect, and so is every single thing
//! about a known image that its name does not decide.

mod tags;

use super::debian::DebianRelease;
use super::python::PythonTag;
use super::ubuntu::UbuntuRelease;
use super::{Date, Series, alpine, find, python};

/// An image reference as written, in its parts.
#[derive(Debug, Clone, Copy)]
pub struct ImageLike<'a> {
    /// `None`: Docker Hub.
    pub registry: Option<&'a str>,
    /// `python`, `library/python`, `astral-sh/uv`
    pub repository: &'a str,
    pub tag: Option<&'a str>,
    pub digest: Option<&'a str>,
}

/// What kind of image it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Python,
    Debian,
    Ubuntu,
    Alpine,
    BuildpackDeps,
    Busybox,
    Scratch,
    Uv,
    Distroless,
    Chainguard,
    /// Docker Hardened Images.
    Hardened,
    Pypy,
    Conda,
    Bitnami,
    UbiPython,
    /// Fedora, UBI, Amazon Linux, ...
    RedHat,
    Devcontainer,
    CiImage,
    Lambda,
    Node,
    /// Go, Rust, Ruby, gcc.
    Toolchain,
    Nginx,
    Httpd,
    Database,
    Cuda,
    /// `tiangolo/uwsgi-nginx` and its like, given up by their author.
    Tiangolo,
    Unit,
    Other,
}

impl Family {
    /// Its images keep apt's configuration as Debian and Ubuntu ship it.
    #[must_use]
    pub fn has_plain_apt(self) -> bool {
        matches!(
            self,
            Self::Python
                | Self::Debian
                | Self::Ubuntu
                | Self::BuildpackDeps
                | Self::Uv
                | Self::Pypy
                | Self::Node
                | Self::Toolchain
                | Self::Nginx
                | Self::Httpd
                | Self::Database
                | Self::Cuda
        )
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackageManager {
    Apt,
    Apk,
    /// dnf, microdnf, yum.
    Dnf,
    /// There is none.
    None,
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Libc {
    Glibc,
    Musl,
    Unknown,
}

/// How much is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// With compilers and headers.
    Full,
    Slim,
    Alpine,
    Unknown,
}

/// Whom the container runs as without USER.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultUser {
    Root,
    /// A login or uid that is not root's.
    Named(&'static str),
    Unknown,
}

/// What it is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    General,
    Development,
    Ci,
}

/// Whether it is still published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Current,
    Discontinued,
}

/// The operating system, as far as the name tells.
#[derive(Debug, Clone, Copy)]
pub enum Os {
    Debian(&'static DebianRelease),
    Ubuntu(&'static UbuntuRelease),
    /// The release where the tag has one the table knows.
    Alpine(Option<&'static alpine::AlpineRelease>),
    /// No operating system: scratch.
    None,
    Unknown,
}

/// What is known of a base image. `None` is not known.
#[derive(Debug, Clone, Copy)]
pub struct Base {
    pub family: Family,
    pub flavour: Flavour,
    pub package_manager: PackageManager,
    pub libc: Libc,
    pub os: Os,
    /// The Python that `python3` is in an image made for Python; not the one a distribution could install.
    pub python: Option<Series>,
    pub user: DefaultUser,
    /// A login it comes with beside root, uid 1000.
    pub login: Option<&'static str>,
    /// Empty: it has none.
    pub entrypoint: Option<&'static [&'static str]>,
    /// Empty: it has none.
    pub cmd: Option<&'static [&'static str]>,
    /// Names of every variable it sets.
    pub env: Option<&'static [&'static str]>,
    pub has_shell: Option<bool>,
    pub has_bash: Option<bool>,
    /// `useradd` and `groupadd` of the passwd package.
    pub has_useradd: Option<bool>,
    pub has_compilers: Option<bool>,
    /// `/etc/mime.types`
    pub has_mime_types: Option<bool>,
    pub purpose: Purpose,
    pub standing: Standing,
}

/// How a tag is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reads {
    Python,
    Debian,
    Ubuntu,
    /// Built on some Ubuntu the tag does not name.
    UbuntuOther,
    Alpine,
    /// An official image with Debian codenames, `slim` and `alpine` among the words of its tag.
    Library,
    Uv,
    Distroless,
    Chainguard,
    Unread,
}

#[derive(Debug)]
struct ImageRow {
    name: &'static str,
    family: Family,
    reads: Reads,
    package_manager: PackageManager,
    libc: Libc,
    user: Option<&'static str>,
    shell: Option<bool>,
    compilers: Option<bool>,
    mime_types: Option<bool>,
    config: bool,
    entrypoint: &'static [&'static str],
    cmd: &'static [&'static str],
    env: &'static [&'static str],
    purpose: Purpose,
    standing: Standing,
}

static ROWS: &[ImageRow] = include!(concat!(env!("OUT_DIR"), "/base-images.rs"));

#[derive(Debug)]
struct Mirror {
    prefix: &'static str,
}

static MIRRORS: &[Mirror] = include!(concat!(env!("OUT_DIR"), "/registries.rs"));

/// What the official Python image has ever set. GPG_KEY names a public key.
const PYTHON_ENV: &[&str] = &[
    "GPG_KEY",
    "LANG",
    "PATH",
    "PYTHON_GET_PIP_SHA256",
    "PYTHON_GET_PIP_URL",
    "PYTHON_PIP_VERSION",
    "PYTHON_SETUPTOOLS_VERSION",
    "PYTHON_SHA256",
    "PYTHON_VERSION",
];

/// Takes an image for what it is on that day (what `latest` and `slim` mean moves).
#[must_use]
pub fn classify(image: &ImageLike<'_>, today: Date) -> Base {
    if image.registry.is_none() && image.repository == "scratch" && image.tag.is_none() {
        return Base::SCRATCH;
    }
    let name = canonical_name(image);
    let Some(row) = row(&name) else {
        return Base {
            python: image.tag.and_then(|tag| lookalike_python(&name, tag)),
            ..Base::UNKNOWN
        };
    };
    let mut base = Base::of(row);
    // A digest without a tag can be any version; with one, the tag names it, and what the tag leaves open may be another one
    // than today.
    let tag = match (image.tag, image.digest) {
        (Some(tag), _) => tag,
        (None, None) => "latest",
        (None, Some(_)) => "",
    };
    base.read(row.reads, tag, today);
    if image.digest.is_some() {
        base.forget_moving(row.reads, tag);
    }
    if row.reads == Reads::Distroless {
        base.set_distroless(&name);
    }
    base
}

/// The name in the table's spelling: mirrors and architectures taken off.
fn canonical_name(image: &ImageLike<'_>) -> String {
    let repository = image.repository.to_ascii_lowercase();
    let full = match image.registry {
        None | Some("docker.io") if !repository.contains('/') => {
            format!("docker.io/library/{repository}")
        }
        None => format!("docker.io/{repository}"),
        Some(registry) => format!("{}/{repository}", registry.to_ascii_lowercase()),
    };
    for mirror in MIRRORS {
        if let Some(name) = full.strip_prefix(mirror.prefix)
            && !name.contains('/')
        {
            return format!("docker.io/library/{name}");
        }
    }
    // A proxy keeps `library/` in the path, GitLab's says so by its own.
    for path in ["/library/", "/dependency_proxy/containers/"] {
        if let Some((_, name)) = full.rsplit_once(path)
            && !name.contains('/')
        {
            return format!("docker.io/library/{name}");
        }
    }
    full
}

fn row(name: &str) -> Option<&'static ImageRow> {
    if let Some(row) = find(ROWS, name, |row| row.name) {
        return Some(row);
    }
    ROWS.iter()
        .filter(|row| row.name.contains('*') && matches_pattern(row.name, name))
        .max_by_key(|row| row.name.len())
}

/// `*` stands for any text.
fn matches_pattern(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Images called `.../python` elsewhere keep the official tags, as a rule: the version can be read, no more.
fn lookalike_python(name: &str, tag: &str) -> Option<Series> {
    if name.rsplit('/').next() != Some("python") {
        return None;
    }
    let series = PythonTag::parse(tag)?.series()?;
    python::series(series).map(|row| row.series)
}

impl Base {
    /// Of this one nothing is known.
    pub const UNKNOWN: Self = Self {
        family: Family::Other,
        flavour: Flavour::Unknown,
        package_manager: PackageManager::Unknown,
        libc: Libc::Unknown,
        os: Os::Unknown,
        python: None,
        user: DefaultUser::Unknown,
        login: None,
        entrypoint: None,
        cmd: None,
        env: None,
        has_shell: None,
        has_bash: None,
        has_useradd: None,
        has_compilers: None,
        has_mime_types: None,
        purpose: Purpose::General,
        standing: Standing::Current,
    };

    /// `FROM scratch`: there is nothing.
    pub const SCRATCH: Self = Self {
        family: Family::Scratch,
        package_manager: PackageManager::None,
        os: Os::None,
        user: DefaultUser::Root,
        entrypoint: Some(&[]),
        cmd: Some(&[]),
        env: Some(&["PATH"]),
        has_shell: Some(false),
        has_bash: Some(false),
        has_useradd: Some(false),
        has_compilers: Some(false),
        has_mime_types: Some(false),
        ..Self::UNKNOWN
    };

    fn of(row: &'static ImageRow) -> Self {
        Self {
            family: row.family,
            package_manager: row.package_manager,
            libc: row.libc,
            user: match row.user {
                Some("root") => DefaultUser::Root,
                Some(name) => DefaultUser::Named(name),
                None => DefaultUser::Unknown,
            },
            entrypoint: row.config.then_some(row.entrypoint),
            cmd: row.config.then_some(row.cmd),
            env: row.config.then_some(row.env),
            has_shell: row.shell,
            has_compilers: row.compilers,
            has_mime_types: row.mime_types,
            purpose: row.purpose,
            standing: row.standing,
            ..Self::UNKNOWN
        }
    }

    /// The Debian release it is built on.
    #[must_use]
    pub fn debian(&self) -> Option<&'static DebianRelease> {
        match self.os {
            Os::Debian(release) => Some(release),
            _ => None,
        }
    }

    /// The last day its operating system is mended: LTS counted, paid support not.
    #[must_use]
    pub fn os_eol(&self) -> Option<Date> {
        match self.os {
            Os::Debian(release) => release.lts_end,
            Os::Ubuntu(release) => Some(release.eol),
            Os::Alpine(release) => release.map(|release| release.eol),
            Os::None | Os::Unknown => None,
        }
    }

    /// PEP 668: pip of the distribution refuses to install outside a virtual environment. The
    /// official Python image brings a pip of its own that does not.
    #[must_use]
    pub fn pip_needs_venv(&self) -> Option<bool> {
        if matches!(self.family, Family::Python | Family::Uv | Family::Pypy) {
            return Some(false);
        }
        match self.os {
            Os::Debian(release) => Some(release.pip_needs_venv),
            Os::Ubuntu(release) => Some(release.pip_needs_venv),
            _ => None,
        }
    }

    /// Whether it sets an environment variable.
    #[must_use]
    pub fn sets_env(&self, name: &str) -> Option<bool> {
        self.env.map(|names| names.contains(&name))
    }
}

#[cfg(test)]
mod tests;
