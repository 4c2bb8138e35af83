//! What a base image brings: from its name and tag alone, without asking a registry.
//!
//! An image the table does not name is unknown in every respect, and so is every single thing
//! about a known image that its name does not decide.

mod model;
mod tags;

use super::debian::DebianRelease;
use super::python::PythonTag;
use super::{Date, Series, find, python};

static ROWS: &[ImageRow] = include!(concat!(env!("OUT_DIR"), "/base-images.rs"));

#[derive(Debug)]
struct Mirror {
    prefix: &'static str,
}

static MIRRORS: &[Mirror] = include!(concat!(env!("OUT_DIR"), "/registries.rs"));

/// Takes an image for what it is on that day (what `latest` and `slim` mean moves).
#[must_use]
pub(crate) fn classify(image: &ImageLike<'_>, today: Date) -> Base {
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
    // A digest without a tag can be any version; with one, the tag names it, and what the tag leaves open may be
    // another one than today.
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

/// Whether the table has the image, in any tag.
pub(crate) fn is_known(image: &ImageLike<'_>) -> bool {
    row(&canonical_name(image)).is_some()
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

pub(crate) use model::{Base, DefaultUser, Family, Flavour, ImageLike, Libc, Os, PackageManager};
use model::{ImageRow, Reads};
