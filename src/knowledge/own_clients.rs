//! Clients in the images of servers, and where they ask.

/// A client that asks the server of its own container.
#[derive(Debug)]
pub(crate) struct OwnClient {
    client: &'static str,
    images: &'static [&'static str],
    /// Options of the server that take its port; with `=` at the end behind `-c`.
    pub(crate) listens: &'static [&'static str],
    /// The port that both take where nothing is said.
    pub(crate) usual: u32,
    /// Options of the client that take a port.
    pub(crate) port: &'static [&'static str],
    /// Options of the client that lead elsewhere.
    pub(crate) away: &'static [&'static str],
    /// Variables that one of them reads.
    pub(crate) variables: &'static [&'static str],
}

static CLIENTS: &[OwnClient] = include!(concat!(env!("OUT_DIR"), "/own-clients.rs"));

/// The client of that name in an image.
pub(crate) fn of(image: &str, client: &str) -> Option<&'static OwnClient> {
    let mut rows = CLIENTS.iter();
    rows.find(|row| row.client == client && row.images.contains(&image))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_known_by_image_and_name() {
        assert!(of("redis", "redis-cli").is_some_and(|row| row.usual == 6379));
        assert!(of("postgres", "redis-cli").is_none());
    }
}
