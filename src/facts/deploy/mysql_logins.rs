//! Logins to MySQL that a driver in Python cannot make: `caching_sha2_password` over a connection without TLS needs
//! RSA, which PyMySQL takes from the package cryptography.

use crate::compose::Service;
use crate::facts::deploy::{asked_database, databases};
use crate::facts::model::{InstallFact, Project};
use crate::facts::python::{closure, dependencies};
use crate::facts::start::service;
use crate::knowledge::databases::Engine;
use crate::knowledge::words::{OptionWords, ValueWords};
use crate::python::requirements::Requirement;
use crate::python::settings::verdicts::{self, Answer};
use crate::span::Traced;

/// The first release whose accounts log in so.
const SINCE: u32 = 8;

/// The first PyMySQL that takes TLS where the server has it, as new servers of MySQL do.
const TLS_SINCE: &str = "1.2.0";

/// A login that PyMySQL certainly cannot make.
pub(crate) struct Refused<'p> {
    /// The service that runs the database.
    pub(crate) database: &'p Traced,
    /// The health check of the database logs in by TLS, after which the server takes the password without RSA for as
    /// long as it runs.
    pub(crate) is_let_in_after: bool,
}

/// The MySQL of a stack that a service with an image asks by the PyMySQL of a requirement, which lacks cryptography
/// there.
pub(crate) fn refused<'p>(
    p: &'p Project,
    image: usize,
    install: &InstallFact,
    requirement: &Requirement,
) -> Option<Refused<'p>> {
    let versions = dependencies::versions(install, requirement);
    if versions.stay_below(TLS_SINCE) != Some(true) {
        return None;
    }
    let lacks = |names: &[&str]| closure::lacks(p, image, names) == Some(true);
    if !lacks(&["cryptography"]) || !lacks(&["mysqlclient"]) {
        return None;
    }
    let mut settings = p.settings.iter().filter(|it| it.image == image);
    let own = settings.next().filter(|_| settings.next().is_none())?;
    let (entries, _) = verdicts::databases(&own.settings)?;
    let default = entries.iter().find(|entry| entry.alias == "default")?;
    let is_mysql = default.text("ENGINE").known()?.ends_with(".mysql");
    let is_unsaid = |key| matches!(default.within("OPTIONS", key), Answer::Unassigned);
    let is_plain = OptionWords::PymysqlTls.iter().all(is_unsaid);
    if !is_mysql || !is_plain {
        return None;
    }
    let mut services = p.services.iter().filter(|fact| fact.image == Some(image));
    services.find_map(|fact| {
        let database = asked_database::only(p, fact)?;
        let asks = asked_database::asks(p, fact, database) == Some(true);
        (asks && needs_rsa(database)).then(|| Refused {
            database: &database.name,
            is_let_in_after: logs_in_itself(database),
        })
    })
}

/// Its new accounts have a password and log in by `caching_sha2_password`.
fn needs_rsa(database: &Service) -> bool {
    let Some(image) = service::image(database) else {
        return false;
    };
    let is_library = image.official() == Some("mysql") && image.digest.is_none();
    let tag = image.tag.as_ref().map_or("latest", Traced::as_str);
    let major = tag.split(['.', '-']).next().unwrap_or_default();
    let is_new = matches!(major, "latest" | "lts" | "innovation")
        || major.parse::<u32>().is_ok_and(|major| major >= SINCE);
    let is_told = database.command.as_ref().is_some_and(|command| {
        let text = command.joined();
        text.is_none_or(|text| text.contains("native") || text.contains("policy"))
    });
    // Files of its own may say more.
    let is_configured = database.volumes.iter().any(|mount| {
        let target = mount.target.as_ref().map(Traced::as_str);
        target.is_none_or(|target| target.starts_with("/etc"))
    });
    let env = database.env();
    let has_password = env.vars.iter().any(|var| {
        let name = var.name.as_str();
        matches!(
            name,
            "MYSQL_PASSWORD" | "MYSQL_ROOT_PASSWORD" | "MYSQL_PASSWORD_FILE"
        )
    });
    is_library
        && is_new
        && has_password
        && service::engine(database) == Some(Engine::Mysql)
        && database.entrypoint.is_none()
        && database.extends.is_none()
        && !is_told
        && !is_configured
        && !database.has_key(ValueWords::MountsMore)
        && !databases::initializes(database)
}

/// Its health check logs in with a password.
fn logs_in_itself(database: &Service) -> bool {
    let Some(check) = &database.healthcheck else {
        return false;
    };
    let test = check.test.as_ref();
    test.is_none_or(|test| {
        let text = test.joined();
        text.is_none_or(|text| {
            let mut words = text.split([' ', '"', '\'', '=']);
            words.any(|word| word.starts_with("-p") || word == "--password")
        })
    })
}
