//! What images of others need and lack: capabilities, programs, and servers that answer by TLS only.

use super::Series;

/// An image whose entrypoint goes on as an account of its own.
#[derive(Debug)]
pub(crate) struct StepDownImage {
    repository: &'static str,
    pub account: &'static str,
    /// Capabilities of Linux, without `CAP_`.
    pub needed: &'static [&'static str],
    /// What it starts as that account.
    pub programs: &'static [&'static str],
}

static STEP_DOWN: &[StepDownImage] = include!(concat!(env!("OUT_DIR"), "/step-down-images.rs"));

/// What the entrypoint of an image needs to go on as another account.
pub(crate) fn steps_down(repository: &str) -> Option<&'static StepDownImage> {
    STEP_DOWN.iter().find(|row| row.repository == repository)
}

/// A server that answers by TLS unless something switches that off.
#[derive(Debug)]
pub(crate) struct TlsServer {
    pub name: &'static str,
    images: &'static [&'static str],
    /// The first release that does so.
    pub from: Series,
    pub port: u16,
    /// Where it is installed, with its configuration.
    pub home: &'static str,
    /// Parts of the names of variables that may say otherwise.
    pub switches: &'static [&'static str],
    /// What switches it off, as compose files write it.
    pub off: &'static str,
}

static TLS_SERVERS: &[TlsServer] = include!(concat!(env!("OUT_DIR"), "/tls-servers.rs"));

/// The server that answers by TLS in an image.
pub(crate) fn tls_server(repository: &str) -> Option<&'static TlsServer> {
    TLS_SERVERS
        .iter()
        .find(|row| row.images.contains(&repository))
}

/// A program that an official image does not contain.
#[derive(Debug)]
pub(crate) struct ImageProgram {
    image: &'static str,
    pub program: &'static str,
    /// The variant on Alpine contains it.
    pub debian_only: bool,
    /// The first release without it.
    pub from: Series,
    /// The first release that contains it again.
    pub until: Option<Series>,
    pub instead: &'static str,
}

static PROGRAMS: &[ImageProgram] = include!(concat!(env!("OUT_DIR"), "/image-programs.rs"));

/// What is known of a program that an official image does not contain.
pub(crate) fn lacking(image: &str, program: &str) -> Option<&'static ImageProgram> {
    let mut rows = PROGRAMS.iter();
    rows.find(|row| row.image == image && row.program == program)
}

/// An image of its makers, which is no official one of Docker Hub, whose programs are known.
pub(crate) fn is_of_makers(image: &str) -> bool {
    image.contains('/') && PROGRAMS.iter().any(|row| row.image == image)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_images_of_others_need_and_lack() {
        let needed = steps_down("library/postgres").map(|row| row.needed);
        assert_eq!(needed, Some(&["SETGID", "SETUID"][..]));
        assert!(steps_down("library/redis").is_none());
        assert!(tls_server("elasticsearch/elasticsearch").is_some_and(|row| row.port == 9200));
        assert!(lacking("mongo", "mongo").is_some_and(|row| row.from == Series(6, 0)));
        assert!(lacking("postgres", "pg_isready").is_none());
    }
}
