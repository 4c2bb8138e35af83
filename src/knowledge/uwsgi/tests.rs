//! Tests of the option table and its lookups.

use super::*;

fn unknown(name: &str) -> String {
    match from_env(name) {
        EnvName::Unknown(wanted) => wanted,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn every_option_is_found_by_its_variable() {
    for row in OPTIONS.iter().filter(|row| row.next != Next::New) {
        let name = env_name(&row.name);
        let found = matches!(from_env(&name), EnvName::Option(found) if found.name == row.name);
        assert_eq!(found, row.env, "{name}");
        assert!(row.env || row.name.contains('_'), "{name}");
    }
}

#[test]
fn tables_are_sorted_and_aliases_exist() {
    assert!(OPTIONS.is_sorted_by(|a, b| *a.name < *b.name));
    assert!(NEAR_MISSES.is_sorted_by(|a, b| a.name < b.name));
    assert!(ROUTE_ACTIONS.is_sorted_by(|a, b| a.name < b.name));
    assert_eq!(OPTIONS.len(), 1327);
    for row in OPTIONS {
        for alias in row.aliases {
            assert!(
                find(OPTIONS, alias, |row| row.name.as_str()).is_some(),
                "{alias} of {}",
                row.name
            );
        }
    }
    for row in NEAR_MISSES {
        assert!(option(row.name).is_none(), "{} exists", row.name);
        assert!(
            row.meant.is_none_or(|meant| option(meant).is_some()),
            "{}",
            row.name
        );
    }
}

#[test]
fn variables_are_read_as_uwsgi_reads_them() {
    assert!(matches!(from_env("UWSGI_LAZY_APPS"), EnvName::Option(row) if row.name == "lazy-apps"));
    assert!(matches!(from_env("UWSGI_Http"), EnvName::Option(row) if row.name == "http"));
    assert!(
        matches!(from_env("UWSGI_HTTP-KEEPALIVE"), EnvName::Option(row) if row.name == "http-keepalive")
    );
    assert_eq!(from_env("uwsgi_http"), EnvName::Foreign);
    assert_eq!(from_env("Uwsgi_HTTP"), EnvName::Foreign);
    assert_eq!(from_env("UWSGIHTTP"), EnvName::Foreign);
    assert_eq!(from_env("UWSGI_RELOADS"), EnvName::Skipped);
    assert_eq!(from_env("UWSGI_PROFILE_OVERRIDE"), EnvName::BuildOnly);
    assert_eq!(unknown("UWSGI_LAZY_APP"), "lazy-app");
    assert_eq!(unknown("UWSGI_"), "");
}

#[test]
fn slips_are_understood() {
    for (wrong, meant) in [
        ("lazy-app", Some("lazy-apps")),
        ("process", Some("processes")),
        ("wsgi-module", Some("module")),
        ("ini-file", Some("ini")),
        ("maxrequests", Some("max-requests")),
        ("harakri", Some("harakiri")),
        ("env-behavior", Some("wsgi-env-behavior")),
        ("log-level", None),
        ("completely-different-thing", None),
        ("abc", None),
    ] {
        assert_eq!(suggest(wrong), meant, "{wrong}");
    }
    assert_eq!(
        misspelt_prefix("USGI_MASTER").map(|row| row.name.as_str()),
        Some("master")
    );
    assert_eq!(
        misspelt_prefix("UWSGT_LAZY_APPS").map(|row| row.name.as_str()),
        Some("lazy-apps")
    );
    assert_eq!(
        misspelt_prefix("WSGI_MODULE").map(|row| row.name.as_str()),
        Some("module")
    );
    assert!(misspelt_prefix("UWSGI_MASTER").is_none());
    assert!(misspelt_prefix("USGI_NOTHING").is_none());
}

#[test]
fn values_that_end_the_server_are_known() {
    let fault = |name: &str, value: &str| option(name).expect("it exists").fault(value);
    assert_eq!(fault("static-map", "/static/"), Some(Fault::NoEquals));
    assert_eq!(fault("static-map", "/static/=/code/static/"), None);
    assert_eq!(fault("static-map", "%(url)"), None);
    assert_eq!(
        fault("static-expires-uri", "/static/.*"),
        Some(Fault::NoSpace)
    );
    assert_eq!(fault("route-host", "^x$ break:400"), None);
    assert_eq!(
        fault("route-host", "^x$ brake:400"),
        Some(Fault::UnknownAction)
    );
    assert_eq!(fault("route-host", "^x$ break"), Some(Fault::NoAction));
    assert_eq!(fault("route-host", "^x$"), Some(Fault::NoSpace));
    assert_eq!(fault("route-run", "addheader:X: y"), None);
    assert_eq!(fault("route-label", "end"), None);
    assert_eq!(fault("workers", "two"), Some(Fault::NotANumber));
    assert_eq!(fault("workers", "%k"), Some(Fault::NotANumber));
    assert_eq!(fault("workers", "-1"), Some(Fault::Negative));
    assert_eq!(fault("workers", "4"), None);
    assert_eq!(fault("http", "8000"), Some(Fault::NoColon));
    assert_eq!(fault("http", ":8000"), None);
    assert_eq!(fault("wsgi-env-behaviour", "holly"), Some(Fault::Behavior));
    assert_eq!(fault("env", "NAME"), None);
    assert!(!Fault::NotANumber.is_fatal() && Fault::NoEquals.is_fatal());
}

#[test]
fn flags_and_numbers_are_read_as_c_does() {
    for value in ["1", "yes", "banana", ""] {
        assert!(is_on(ValueKind::Flag, value), "{value}");
        assert!(!is_on(ValueKind::InvertedFlag, value), "{value}");
    }
    for value in ["0", "False", "OFF", "no"] {
        assert!(!is_on(ValueKind::Flag, value), "{value}");
    }
    assert_eq!(atoi(" 4 # comment"), 4);
    assert_eq!(atoi("2.5"), 2);
    assert_eq!(atoi("-3"), -3);
    assert_eq!(atoi("auto"), 0);
}

#[test]
fn features_and_implied_options() {
    let row = option("route-host").expect("it exists");
    assert!(row.needs_pcre() && !row.needs_ssl());
    assert!(
        option("static-expires-uri")
            .expect("it exists")
            .needs_pcre()
    );
    assert!(!option("static-map").expect("it exists").needs_pcre());
    assert!(option("py-autoreload").expect("it exists").implies_master());
    assert!(option("https").expect("it exists").needs_ssl());
    let aliases = option("processes").expect("it exists").aliases;
    assert!(aliases.iter().eq(["workers"]));
}

#[test]
fn patterns_are_balanced() {
    let fault = |value: &str| option("route-host").and_then(|option| option.fault(value));
    for fine in [
        r"^(?!(www\.)?example\.com(:\d+)?$) break:400",
        r"^a\(b[]()]?[[:alpha:]]*[^]x]$ break:404",
        r"\Q(\E break:404",
    ] {
        assert_eq!(fault(fine), None, "{fine}");
    }
    for torn in [
        "(a break:404",
        "a) break:404",
        "[a break:404",
        r"a\ break:404",
    ] {
        assert_eq!(fault(torn), Some(Fault::Pattern), "{torn}");
    }
    let size = option("buffer-size").expect("it is in the table");
    assert_eq!(size.fault("131072"), Some(Fault::TooLarge));
    assert_eq!(size.fault("65535"), None);
}
