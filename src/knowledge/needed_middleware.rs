//! Middleware that applications of Django cannot do without.

/// An application that ends Django where a middleware is not in its settings.
#[derive(Debug)]
pub(crate) struct NeededMiddleware {
    application: &'static str,
    pub(crate) distribution: &'static str,
    /// The first release that wants it.
    pub(crate) from: &'static str,
    /// A release that is installed where no bound keeps it out.
    pub(crate) newest: &'static str,
    pub(crate) middleware: &'static str,
}

static NEEDED: &[NeededMiddleware] = include!(concat!(env!("OUT_DIR"), "/needed-middleware.rs"));

/// What an entry of INSTALLED_APPS needs: the application by its name, or by a configuration of its own.
pub(crate) fn of(entry: &str) -> Option<&'static NeededMiddleware> {
    NEEDED.iter().find(|row| {
        let rest = entry.strip_prefix(row.application);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(".apps."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_is_known_by_its_configuration_too() {
        assert!(
            of("allauth.account").is_some() && of("allauth.account.apps.AccountConfig").is_some()
        );
        assert!(of("allauth").is_none() && of("allauth.accounts").is_none());
    }
}
