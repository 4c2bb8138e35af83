//! Servers beside databases that others reach by an address: caches, brokers, and what catches mail.

/// What is known of one.
#[derive(Debug)]
pub(crate) struct Broker {
    pub name: &'static str,
    schemes: &'static [&'static str],
    /// Where it listens when nothing says so.
    pub port: u16,
    images: &'static [&'static str],
    /// Where the images keep what lasts.
    pub data: Option<&'static str>,
    /// Where packages of distributions keep it, and the images nothing.
    pub elsewhere: Option<&'static str>,
    /// The variable of the one account that the image makes in place of its usual one.
    pub user: Option<&'static str>,
    /// The variable of the virtual host that the image makes in place of its usual one.
    pub place: Option<&'static str>,
    /// That virtual host.
    pub usual_place: Option<&'static str>,
}

static BROKERS: &[Broker] = include!(concat!(env!("OUT_DIR"), "/brokers.rs"));

/// The one that addresses with this scheme lead to: `redis` of `redis://cache`.
#[must_use]
pub(crate) fn of_scheme(scheme: &str) -> Option<&'static Broker> {
    BROKERS.iter().find(|row| row.schemes.contains(&scheme))
}

/// The one of that name.
#[must_use]
pub(crate) fn named(name: &str) -> Option<&'static Broker> {
    BROKERS.iter().find(|row| row.name == name)
}

/// The one that images of the repository run.
#[must_use]
pub(crate) fn of_image(repository: &str) -> Option<&'static Broker> {
    BROKERS.iter().find(|row| row.is_run_by(repository))
}

/// Images of the repository run one of them.
#[must_use]
pub(crate) fn is_image(repository: &str) -> bool {
    BROKERS.iter().any(|row| row.is_run_by(repository))
}

impl Broker {
    /// Images of the repository run it.
    #[must_use]
    pub(crate) fn is_run_by(&self, repository: &str) -> bool {
        let repository = repository.strip_prefix("library/").unwrap_or(repository);
        self.images.contains(&repository)
    }
}
