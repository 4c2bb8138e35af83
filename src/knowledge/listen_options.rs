//! Servers beside an application, and the options that say where they listen.

use super::by_name::find_by_name;

/// What the image of a server starts.
#[derive(Debug)]
pub(crate) struct Listens {
    image: &'static str,
    pub(crate) program: &'static str,
    /// With the addresses.
    pub(crate) options: &'static [&'static str],
}

static LISTENS: &[Listens] = include!(concat!(env!("OUT_DIR"), "/listen-options.rs"));

/// What an image of Docker Hub starts, by its repository.
pub(crate) fn of(image: &str) -> Option<&'static Listens> {
    find_by_name!(LISTENS, image)(image)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_found_by_image() {
        assert!(LISTENS.is_sorted_by_key(|row| row.image));
        assert_eq!(of("redis").map(|row| row.program), Some("redis-server"));
        assert!(of("nginx").is_none());
    }
}
