//! What is known of a base image, as plain data.

use crate::knowledge::debian::DebianRelease;
use crate::knowledge::ubuntu::UbuntuRelease;
use crate::knowledge::{Series, alpine};

/// An image reference as written, in its parts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ImageLike<'a> {
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
}

/// How a tag is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reads {
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
pub(super) struct ImageRow {
    pub(super) name: &'static str,
    pub(super) family: Family,
    pub(super) reads: Reads,
    pub(super) package_manager: PackageManager,
    pub(super) libc: Libc,
    pub(super) user: Option<&'static str>,
    pub(super) shell: Option<bool>,
    pub(super) compilers: Option<bool>,
    pub(super) mime_types: Option<bool>,
    pub(super) config: bool,
    pub(super) entrypoint: &'static [&'static str],
    pub(super) cmd: &'static [&'static str],
    pub(super) env: &'static [&'static str],
}

/// What the official Python image has ever set. GPG_KEY names a public key.
pub(super) const PYTHON_ENV: &[&str] = &[
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
