//! Directives in blocks that may not have them: nginx ends at the first.

use super::syntax::{Config, Directive};
use crate::knowledge::nginx_directives::{NginxContext, contexts};
use crate::span::Traced;

/// The first directive of a file that nginx does not allow where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Misplaced {
    pub(crate) name: Traced,
    pub(crate) within: NginxContext,
    pub(crate) allowed: &'static [NginxContext],
}

/// Looks through a file whose directives stand in a block, or in none.
pub(crate) fn first(config: &Config, within: NginxContext) -> Option<Misplaced> {
    of_block(&config.directives, within)
}

fn of_block(directives: &[Directive], within: NginxContext) -> Option<Misplaced> {
    directives.iter().find_map(|it| {
        let allowed = contexts(it.name.as_str());
        if let Some(allowed) = allowed.filter(|allowed| !allowed.contains(&within)) {
            return Some(Misplaced {
                name: it.name.clone(),
                within,
                allowed,
            });
        }
        let inner = NginxContext::opened_by(it.name.as_str())?;
        of_block(it.block.as_deref()?, inner)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nginx::parse;
    use crate::span::FileId;

    fn found(text: &str, within: NginxContext) -> Option<(String, NginxContext)> {
        let config = parse(FileId(0), text);
        first(&config, within).map(|it| (it.name.as_str().to_owned(), it.within))
    }

    #[test]
    fn the_first_that_stands_elsewhere_is_found() {
        let server =
            "upstream a { server b:1; keepalive 4; } server { listen 80; location / { root /x; } }";
        assert_eq!(found(server, NginxContext::Http), None);
        let top = Some(("upstream".to_owned(), NginxContext::Main));
        assert_eq!(found(server, NginxContext::Main), top);
        let events = Some(("worker_rlimit_nofile".to_owned(), NginxContext::Events));
        assert_eq!(
            found("events { worker_rlimit_nofile 9; }", NginxContext::Main),
            events
        );
        let map =
            "http { map $a $b { default server; listen 1; } server { if ($a) { listen 2; } } }";
        assert_eq!(found(map, NginxContext::Main), None);
        assert_eq!(
            found(
                "of_a_module; server { location / { own x; } }",
                NginxContext::Http
            ),
            None
        );
    }
}
