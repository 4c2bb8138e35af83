//! Servers that go to the background by themselves.

use super::find;

/// One of them.
#[derive(Debug)]
pub(crate) struct Daemon {
    pub name: &'static str,
    stays: &'static str,
    asks: &'static [&'static str],
    images: &'static [&'static str],
    /// Its main file, which may keep it in the foreground.
    pub config: Option<&'static str>,
}

static DAEMONS: &[Daemon] = include!(concat!(env!("OUT_DIR"), "/background-daemons.rs"));

/// The one of that program.
#[must_use]
pub(crate) fn of_program(name: &str) -> Option<&'static Daemon> {
    find(DAEMONS, name, |row| row.name)
}

impl Daemon {
    /// Its arguments keep it in the foreground, or let it do something else.
    #[must_use]
    pub(crate) fn stays(&self, args: &[&str]) -> bool {
        let joined = args.join(" ");
        // Another file may keep it there.
        let mut pairs = args.windows(2);
        let is_other = |file: &str| Some(file) != self.config;
        if pairs.any(|pair| matches!(pair[0], "-c" | "-f") && is_other(pair[1])) {
            return true;
        }
        self.stays.split('|').any(|words| joined.contains(words))
            || args.iter().any(|arg| self.asks.contains(arg))
    }

    /// A repository is that of its makers.
    #[must_use]
    pub(crate) fn is_image(&self, repository: &str) -> bool {
        self.images.iter().any(|it| {
            repository == *it
                || repository
                    .strip_suffix(it)
                    .is_some_and(|rest| rest.ends_with("library/"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn daemons_are_found() {
        let nginx = of_program("nginx").expect("the table has it");
        assert!(nginx.stays(&["-g", "daemon off;"]) && nginx.stays(&["-t"]));
        assert!(!nginx.stays(&["-c", "/etc/nginx/nginx.conf"]));
        assert!(nginx.stays(&["-c", "/etc/nginx/shop.conf"]));
        assert!(nginx.is_image("nginx") && !nginx.is_image("my/nginx"));
        assert!(DAEMONS.is_sorted_by(|a, b| a.name < b.name));
    }
}
