//! Files that packages of nginx have beside the configuration of others.

use super::find;

/// Who makes a package of nginx.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NginxPackage {
    /// Those of nginx: the official images have it.
    Makers,
    /// Debian and Ubuntu.
    Debian,
}

#[derive(Debug)]
struct NginxFile {
    path: &'static str,
    of: &'static [NginxPackage],
}

static FILES: &[NginxFile] = include!(concat!(env!("OUT_DIR"), "/nginx-files.rs"));

/// A package has the file at a path below `/etc/nginx`.
pub(crate) fn has(package: NginxPackage, path: &str) -> bool {
    find(FILES, path, |row| row.path).is_some_and(|row| row.of.contains(&package))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_those_of_their_package() {
        assert!(has(NginxPackage::Debian, "proxy_params"));
        assert!(!has(NginxPackage::Makers, "proxy_params"));
        assert!(has(NginxPackage::Makers, "uwsgi_params"));
    }
}
