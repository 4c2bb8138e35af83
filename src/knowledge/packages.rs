//! Distribution packages: which are for building only.

/// How sure it is that a package serves building only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuildOnly {
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

static BUILD_PACKAGES: &[BuildPackage] = include!(concat!(env!("OUT_DIR"), "/build-packages.rs"));

/// Why a package of Debian, Ubuntu or Alpine has no place in an image that only runs; `None` for all
/// others, `git`, `make`, `cmake` and `pkg-config` among them, which programs call at run time too.
///
/// A version (`gcc=4:12.2.0-3`), an architecture (`libpq-dev:amd64`) and a release (`/bookworm`) are
/// taken off first.
#[must_use]
pub fn is_build_only(package: &str) -> Option<BuildOnly> {
    let name = bare_name(package);
    if let Some(row) = super::find(BUILD_PACKAGES, name, |row| row.name) {
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
pub fn bare_name(operand: &str) -> &str {
    let end = operand
        .find(['=', '/', ':', '~', '<', '>'])
        .unwrap_or(operand.len());
    operand.get(..end).unwrap_or(operand)
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
}
