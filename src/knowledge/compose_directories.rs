//! Directories that hold compose files for what lies beside them.

#[derive(Debug)]
struct Directory {
    name: &'static str,
}

static DIRECTORIES: &[Directory] = include!(concat!(env!("OUT_DIR"), "/compose-directories.rs"));

/// Their names, at the top of a project.
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    DIRECTORIES.iter().map(|row| row.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(DIRECTORIES.is_sorted_by(|a, b| a.name < b.name));
    }
}
