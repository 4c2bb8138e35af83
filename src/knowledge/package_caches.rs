//! Download caches of package managers: what fills them, what keeps them out of a layer.

/// How a tool caches and how that is turned off.
#[derive(Debug)]
pub(crate) struct PackageCache {
    pub name: &'static str,
    /// Names of the program.
    pub commands: &'static [&'static str],
    /// Subcommands that fill the cache.
    pub subcommands: &'static [&'static str],
    /// Flags that turn it off for one command.
    pub flags: &'static [&'static str],
    /// Variables that turn it off.
    pub off: &'static [&'static str],
    /// They do so with a value that says yes; otherwise with any value that is not empty.
    pub only_yes: bool,
    /// Variables that move it: where they point is known to the reader of the Dockerfile.
    pub moved: &'static [&'static str],
    /// Part of the path of its cache, wherever the home is.
    pub paths: &'static [&'static str],
    /// The command fails where it may not write there; `None` where that is not known.
    pub needed: Option<bool>,
    /// The subcommand and arguments that empty it.
    pub purge: &'static [&'static str],
}

static CACHES: &[PackageCache] = include!(concat!(env!("OUT_DIR"), "/package-caches.rs"));

/// The cache that a program fills; `None` when it has none.
#[must_use]
pub(crate) fn of(program: &str) -> Option<&'static PackageCache> {
    CACHES
        .iter()
        .find(|cache| cache.commands.contains(&program))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caches_are_known_by_the_program() {
        let name = |program: &str| of(program).map(|cache| cache.name);
        assert_eq!(name("mamba"), Some("conda"));
        assert_eq!(name("apt-get"), None);
        let uv = of("uv").expect("it is in the table");
        assert!(uv.subcommands.contains(&"pip install") && uv.only_yes);
    }
}
