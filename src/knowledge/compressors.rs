//! Compressors of static files that call programs which npm installs.

use super::by_name::find_by_name;

/// A class that compresses by calling a program.
#[derive(Debug)]
struct Compressor {
    class: &'static str,
    program: &'static str,
}

static COMPRESSORS: &[Compressor] = include!(concat!(env!("OUT_DIR"), "/frontend-compressors.rs"));

/// What django-pipeline compresses with where its settings do not say.
pub(crate) const DEFAULT: &str = "pipeline.compressors.yuglify.YuglifyCompressor";

/// The program that a class calls.
pub(crate) fn program(class: &str) -> Option<&'static str> {
    find_by_name!(COMPRESSORS, class)(class).map(|row| row.program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_by_class() {
        assert!(COMPRESSORS.is_sorted_by_key(|row| row.class));
        assert_eq!(program(DEFAULT), Some("yuglify"));
        assert_eq!(program("pipeline.compressors.NoopCompressor"), None);
    }
}
