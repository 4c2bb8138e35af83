//! Clients of search servers, which refuse those of a newer major.

use super::Series;

/// A major of a client.
#[derive(Debug)]
pub(crate) struct SearchClient {
    name: &'static str,
    pub major: i64,
    /// A release of it.
    pub release: &'static str,
    /// The oldest Python that gets it unasked.
    pub python: Series,
}

static CLIENTS: &[SearchClient] = include!(concat!(env!("OUT_DIR"), "/search-clients.rs"));

/// The majors of a client, newest first.
pub(crate) fn of(name: &str) -> impl Iterator<Item = &'static SearchClient> + use<'_> {
    CLIENTS.iter().filter(move |row| row.name == name)
}
