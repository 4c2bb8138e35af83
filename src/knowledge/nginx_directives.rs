//! Which blocks of nginx's configuration may have which directives.

use super::find;

/// What stands around a directive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NginxContext {
    /// Nothing, in `nginx.conf`.
    Main,
    Events,
    Http,
    Server,
    Location,
    Upstream,
}

#[derive(Debug)]
struct NginxDirective {
    name: &'static str,
    within: &'static [NginxContext],
}

static DIRECTIVES: &[NginxDirective] = include!(concat!(env!("OUT_DIR"), "/nginx-directives.rs"));

/// Where a directive may stand; `None` for those that the table lacks.
#[must_use]
pub(crate) fn contexts(name: &str) -> Option<&'static [NginxContext]> {
    find(DIRECTIVES, name, |row| row.name).map(|row| row.within)
}

impl NginxContext {
    /// What the block is called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Events => "events",
            Self::Http => "http",
            Self::Server => "server",
            Self::Location => "location",
            Self::Upstream => "upstream",
        }
    }

    /// The block that a directive opens; `None` for others, in which other rules hold.
    pub(crate) fn opened_by(name: &str) -> Option<Self> {
        let all = [
            Self::Events,
            Self::Http,
            Self::Server,
            Self::Location,
            Self::Upstream,
        ];
        all.into_iter().find(|it| it.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_have_their_blocks() {
        assert_eq!(
            contexts("worker_rlimit_nofile"),
            Some(&[NginxContext::Main][..])
        );
        assert_eq!(contexts("upstream"), Some(&[NginxContext::Http][..]));
        assert_eq!(contexts("of_a_module"), None);
        assert_eq!(NginxContext::opened_by("if"), None);
    }
}
