//! Files that say that an image is shipped.

#[derive(Debug)]
pub struct Publishing {
    /// From the root of the project; a directory stands for the files in it.
    pub file: &'static str,
    /// What the file says; `None`: it says so by being there.
    pub says: Option<&'static str>,
}

static FILES: &[Publishing] = include!(concat!(env!("OUT_DIR"), "/publishing.rs"));

/// Every file and text of the table.
pub fn all() -> impl Iterator<Item = &'static Publishing> {
    FILES.iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        assert!(FILES.is_sorted_by(|a, b| (a.file, a.says) < (b.file, b.says)));
    }
}
