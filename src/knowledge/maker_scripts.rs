//! Scripts by which the makers of a program install it, and where they put it.

use super::texts::List;

/// Such a script.
#[derive(Debug)]
pub(crate) struct MakerScript {
    program: &'static str,
    /// Where it is fetched, without the scheme.
    pub(crate) address: &'static str,
    /// The variable that names another place.
    pub(crate) home: Option<&'static str>,
    /// The directory of programs below that place; `None`: that place itself.
    pub(crate) below: Option<&'static str>,
    /// The directory of programs below the home directory, when nothing is said.
    pub(crate) directory: &'static str,
    /// Other variables that move it.
    pub(crate) moved_by: List,
}

static SCRIPTS: &[MakerScript] = include!(concat!(env!("OUT_DIR"), "/maker-scripts.rs"));

/// The scripts that install a program.
pub(crate) fn of(program: &str) -> impl Iterator<Item = &'static MakerScript> + use<'_> {
    SCRIPTS.iter().filter(move |row| row.program == program)
}

/// A program whose `activate` is a function of the shell.
#[must_use]
pub(crate) fn activates(name: &str) -> bool {
    matches!(name, "conda" | "mamba")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_found_by_their_program() {
        let addresses = of("poetry").map(|row| row.address);
        assert!(
            addresses
                .into_iter()
                .any(|it| it == "install.python-poetry.org")
        );
        assert_eq!(of("pip").count(), 0);
    }
}
