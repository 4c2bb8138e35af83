//! The base image of a stage: the reference in FROM and what the tables know of it.

use crate::dockerfile::image::ImageRef;
use crate::knowledge::Date;
use crate::knowledge::images::{self, Base, Family, ImageLike, PackageManager};
use crate::knowledge::words::ValueWords;
use crate::shell::Dialect;
use crate::span::Traced;

/// Looks an image up; its tag is what FROM says, absent meaning `latest`.
pub(crate) fn classify(image: &ImageRef, today: Date) -> Base {
    images::classify(
        &ImageLike {
            registry: image.registry.as_deref(),
            repository: &image.repository,
            tag: image.tag.as_ref().map(Traced::as_str),
            digest: image.digest.as_ref().map(Traced::as_str),
        },
        today,
    )
}

/// What is known of an image whose tag is not: only what all tags of these families share.
pub(crate) fn classify_untagged(image: &ImageRef, today: Date) -> Base {
    let base = classify(image, today);
    match base.family {
        Family::Python | Family::Debian | Family::Ubuntu | Family::Alpine => Base {
            family: base.family,
            user: base.user,
            entrypoint: base.entrypoint,
            cmd: base.cmd,
            env: base.env,
            has_shell: base.has_shell,
            ..Base::UNKNOWN
        },
        family => Base {
            family,
            ..Base::UNKNOWN
        },
    }
}

/// The name that rules see: the official name, else the repository.
pub(crate) fn short_name(image: &ImageRef) -> &str {
    image.official().unwrap_or(&image.repository)
}

/// Its makers build it no longer, and every tag of it stays what it is.
pub(crate) fn is_frozen(image: &ImageRef) -> bool {
    image.registry.is_none() && ValueWords::FrozenImage.contains(short_name(image))
}

/// The shell that RUN uses before any SHELL. Nearly every image has a `sh`; where nothing is known of
/// it, it is taken for a POSIX shell.
pub(crate) fn dialect(base: &Base) -> Option<Dialect> {
    match (base.has_shell, base.package_manager) {
        (Some(false), _) => None,
        (_, PackageManager::Apk) => Some(Dialect::BusyBox),
        // Their sh is bash.
        (_, PackageManager::Dnf) => Some(Dialect::Bash),
        _ => Some(Dialect::Posix),
    }
}

/// The codename of the Debian release an image is built on; `None` when not known or not Debian.
pub(crate) fn suite(base: &Base) -> Option<&'static str> {
    base.debian().map(|release| release.codename)
}

/// The working directory an image starts in; `None` when not known.
pub(crate) fn workdir(base: &Base) -> Option<&'static str> {
    // Images whose whole configuration is in the tables set none.
    base.env.map(|_| "/")
}

/// The name of a family as rules write it.
pub(crate) fn family_name(family: Family) -> Option<&'static str> {
    Some(match family {
        Family::Python => "python",
        Family::Debian => "debian",
        Family::Ubuntu => "ubuntu",
        Family::Alpine => "alpine",
        Family::BuildpackDeps => "buildpack-deps",
        Family::Busybox => "busybox",
        Family::Scratch => "scratch",
        Family::Uv => "uv",
        Family::Distroless => "distroless",
        Family::Chainguard => "chainguard",
        Family::Hardened => "hardened",
        Family::Pypy => "pypy",
        Family::Conda => "conda",
        Family::Bitnami => "bitnami",
        Family::UbiPython => "ubi-python",
        Family::RedHat => "redhat",
        Family::Devcontainer => "devcontainer",
        Family::CiImage => "ci",
        Family::Lambda => "lambda",
        Family::Node => "node",
        Family::Toolchain => "toolchain",
        Family::Nginx => "nginx",
        Family::Httpd => "httpd",
        Family::Database => "database",
        Family::Cuda => "cuda",
        Family::Tiangolo => "tiangolo",
        Family::Unit => "unit",
        Family::Other => return None,
    })
}
