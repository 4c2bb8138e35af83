//! Settings whose values have to be of a shape: lists, options that a backend takes, an order.

/// A setting that is a list of texts.
#[derive(Debug)]
pub(crate) struct ListSetting {
    pub(crate) setting: &'static str,
    /// The entry, where the setting is a dictionary.
    pub(crate) key: Option<&'static str>,
    /// What becomes of one text in its place.
    pub(crate) effect: &'static str,
}

/// What a backend makes of the options of its entry.
#[derive(Debug)]
pub(crate) struct BackendOptions {
    pub(crate) setting: &'static str,
    pub(crate) key: &'static str,
    backend: &'static str,
    takes: &'static [&'static str],
    refuses: &'static [&'static str],
    /// The error that is raised.
    pub(crate) effect: &'static str,
}

/// Two entries of a list, of which one has to come first.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) setting: &'static str,
    pub(crate) first: &'static str,
    pub(crate) second: &'static str,
    pub(crate) distribution: &'static str,
    /// The first release that wants it.
    pub(crate) from: &'static str,
    /// A release that is installed where no bound keeps it out.
    pub(crate) newest: &'static str,
    pub(crate) effect: &'static str,
}

static LISTS: &[ListSetting] = include!(concat!(env!("OUT_DIR"), "/list-settings.rs"));
static OPTIONS: &[BackendOptions] = include!(concat!(env!("OUT_DIR"), "/backend-options.rs"));
static ORDERS: &[Order] = include!(concat!(env!("OUT_DIR"), "/settings-order.rs"));

/// Settings that are lists.
pub(crate) fn lists() -> impl Iterator<Item = &'static ListSetting> {
    LISTS.iter()
}

/// Entries of lists that have to come before others.
pub(crate) fn orders() -> impl Iterator<Item = &'static Order> {
    ORDERS.iter()
}

/// Backends whose options are known.
pub(crate) fn backends() -> impl Iterator<Item = &'static BackendOptions> {
    OPTIONS.iter()
}

impl BackendOptions {
    /// The row is of that backend; engines of databases are known by the last part of Django's own.
    pub(crate) fn is_of(&self, backend: &str) -> bool {
        let engine = || {
            let (path, name) = backend.rsplit_once('.')?;
            let paths = ["django.db.backends", "django.contrib.gis.db.backends"];
            paths.contains(&path).then_some(name)
        };
        match self.setting {
            "DATABASES" => engine() == Some(self.backend),
            _ => backend == self.backend,
        }
    }

    /// It certainly does not take this option.
    pub(crate) fn is_refused(&self, option: &str) -> bool {
        match self.takes {
            [] => self.refuses.contains(&option),
            takes => !takes.contains(&option),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_judged_by_the_backend() {
        let refused = |backend: &str, option: &str| {
            let mut rows = backends().filter(|row| row.is_of(backend));
            rows.any(|row| row.is_refused(option))
        };
        let redis = "django.core.cache.backends.redis.RedisCache";
        assert!(refused(redis, "CLIENT_CLASS") && !refused(redis, "db"));
        assert!(!refused("django_redis.cache.RedisCache", "CLIENT_CLASS"));
        assert!(refused("django.db.backends.mysql", "sslmode"));
        assert!(!refused("mysql.connector.django", "sslmode"));
        assert!(refused(
            "django.core.files.storage.FileSystemStorage",
            "bucket_name"
        ));
    }
}
