//! Tests of release tables and tags.

use super::python::{PythonTag, Variant};
use super::*;
use jiff::civil::date;

const TODAY: Date = date(2026, 11, 22);

#[test]
fn series_are_read_and_ordered() {
    assert_eq!(Series::parse("3.13.9"), Some(Series(3, 13)));
    assert_eq!(Series::parse("14"), Some(Series(14, 0)));
    assert!(Series::parse("3.9") < Series::parse("3.10"));
    for text in ["", "3.x", "+3.1", "3.", "v3", "99999.1"] {
        assert_eq!(Series::parse(text), None, "{text}");
    }
    assert_eq!(Series(3, 13).to_string(), "3.13");
}

#[test]
fn tables_are_ordered_and_agree() {
    assert!(python::all().is_sorted_by(|a, b| a.series < b.series));
    assert!(django::all().is_sorted_by(|a, b| a.series < b.series));
    assert!(alpine::all().is_sorted_by(|a, b| a.version < b.version));
    assert!(debian::all().is_sorted_by(|a, b| a.codename < b.codename));
    for row in python::all() {
        assert!(row.released < row.eol, "{}", row.series);
        for suite in row.suites.iter().chain(row.never) {
            assert!(debian::by_codename(suite).is_some(), "{suite}");
            assert!(
                !(row.suites.contains(suite) && row.never.contains(suite)),
                "{suite}"
            );
        }
    }
    for row in django::all() {
        assert!(row.released < row.eol, "{}", row.series);
        assert!(row.python_min <= row.python_max, "{}", row.series);
        assert!(python::series(row.python_max).is_some(), "{}", row.series);
    }
    for row in debian::all() {
        assert!(
            row.released < row.eol && row.eol < row.lts_end,
            "{}",
            row.codename
        );
    }
    for row in ubuntu::all() {
        assert!(row.released < row.eol, "{}", row.version);
    }
}

#[test]
fn python_ends() {
    let eol = |minor| python::series(Series(3, minor)).map(|row| row.is_eol(TODAY));
    assert_eq!(eol(9), Some(true));
    assert_eq!(eol(10), Some(true));
    assert_eq!(eol(11), Some(false));
    assert_eq!(eol(99), None);
    let row = python::series(Series(3, 10)).expect("3.10 is known");
    assert!(!row.is_eol(date(2026, 10, 31)) && row.is_eol(date(2026, 11, 1)));
    assert_eq!(row.is_rebuilt(date(2026, 1, 1)), Some(true));
    assert_eq!(row.is_rebuilt(TODAY), None);
    assert_eq!(
        python::newest(date(2026, 8, 1)).map(|row| row.series),
        Some(Series(3, 14))
    );
    assert!(python::newest(TODAY).is_none());
    let names: Vec<String> = python::maintained(date(2026, 8, 1))
        .map(|row| row.series.to_string())
        .collect();
    assert_eq!(names, ["3.10", "3.11", "3.12", "3.13", "3.14"]);
}

#[test]
fn python_tags_are_read() {
    let tag = PythonTag::parse("3.13.9-slim-bookworm").expect("a tag");
    assert_eq!(tag.series(), Some(Series(3, 13)));
    assert_eq!((tag.variant, tag.suite), (Variant::Slim, Some("bookworm")));
    assert_eq!(tag.version.and_then(|version| version.patch), Some(9));
    let is_pre = |text| {
        PythonTag::parse(text)
            .and_then(|tag| tag.version)
            .map(|v| v.is_prerelease)
    };
    assert_eq!(is_pre("3.15-rc-slim"), Some(true));
    assert_eq!(is_pre("3.15.0rc1-alpine3.24"), Some(true));
    assert_eq!(is_pre("3.15.0a2"), Some(true));
    assert_eq!(is_pre("3.14"), Some(false));
    for text in [
        "latest",
        "3",
        "slim",
        "slim-trixie",
        "alpine",
        "alpine3.23",
        "trixie",
        "3-alpine",
        "2.7-slim-buster",
        "3.14-windowsservercore-ltsc2022",
        "3.9-sid",
    ] {
        assert!(PythonTag::parse(text).is_some(), "{text}");
    }
    for text in [
        "",
        "3.",
        "3.13-slim-",
        "3.13-bookworm-slim",
        "3.13.1.1",
        "3.13-corp",
        "latest-slim",
        "v3.13",
        "3.13-alpine-slim",
        "3.13-rcslim",
        "nonsense",
        "3.13x",
    ] {
        assert!(PythonTag::parse(text).is_none(), "{text}");
    }
}

#[test]
fn python_tags_mean_a_suite() {
    let suite = |tag: &str, today| PythonTag::parse(tag).and_then(|tag| tag.resolved_suite(today));
    for (tag, wanted) in [
        ("3.13-slim", Some("trixie")),
        ("3.13", Some("trixie")),
        ("latest", Some("trixie")),
        ("slim", Some("trixie")),
        ("3", Some("trixie")),
        ("2", Some("buster")),
        ("2.7", Some("buster")),
        ("3.7-slim", Some("bookworm")),
        ("3.6-slim", Some("bullseye")),
        ("3.9-slim", Some("trixie")),
        ("3.10-slim", Some("trixie")),
        ("3.8.5-slim", Some("buster")),
        ("3.8.20-slim", Some("bookworm")),
        ("3.11.4", Some("bookworm")),
        ("3.13.6-slim", None),
        ("3.13-slim-bookworm", Some("bookworm")),
        ("3.13-alpine", None),
        ("3.15-rc-slim", None),
        ("4.0-slim", None),
    ] {
        assert_eq!(suite(tag, TODAY), wanted, "{tag}");
    }
    assert_eq!(suite("3.11-slim", date(2025, 8, 1)), Some("bookworm"));
    assert_eq!(suite("3.11-slim", date(2030, 1, 1)), None);
    assert_eq!(suite("3.7-slim", date(2019, 10, 29)), Some("buster"));
    let is_impossible = |tag| PythonTag::parse(tag).is_some_and(|tag| tag.is_impossible());
    assert!(
        is_impossible("3.14-slim-bullseye")
            && is_impossible("3.12-buster")
            && is_impossible("3.8-slim-trixie")
    );
    assert!(
        !is_impossible("3.13-slim-bullseye")
            && !is_impossible("3.13-slim")
            && !is_impossible("slim-bullseye")
    );
    let is_moving = |tag| PythonTag::parse(tag).and_then(|tag| tag.is_moving(TODAY));
    assert_eq!(
        (
            is_moving("3.7-slim"),
            is_moving("3.13-slim"),
            is_moving("slim")
        ),
        (Some(false), Some(true), Some(true))
    );
}

#[test]
fn debian_tags_mean_a_release() {
    let name = |tag| debian::by_tag(tag, TODAY).map(|row| row.codename);
    for (tag, wanted) in [
        ("bookworm-slim", Some("bookworm")),
        ("12", Some("bookworm")),
        ("12.5-slim", Some("bookworm")),
        ("bookworm-20260101-slim", Some("bookworm")),
        ("latest", Some("trixie")),
        ("stable-slim", Some("trixie")),
        ("oldstable", Some("bookworm")),
        ("testing", None),
        ("sid-slim", None),
        ("", None),
    ] {
        assert_eq!(name(tag), wanted, "{tag}");
    }
    assert!(
        debian::by_codename("buster")
            .is_some_and(|row| row.archived && row.slim_lacks_man_directories())
    );
    assert!(
        debian::by_codename("bookworm")
            .is_some_and(|row| row.is_lts_only(TODAY) && !row.is_eol(TODAY))
    );
    assert!(debian::by_codename("bullseye").is_some_and(|row| row.is_eol(TODAY)));
}

#[test]
fn ubuntu_and_alpine_tags() {
    let name = |tag| ubuntu::by_tag(tag, TODAY).map(|row| row.version);
    assert_eq!(name("24.04"), Some("24.04"));
    assert_eq!(name("jammy-20260101"), Some("22.04"));
    assert_eq!(name("latest"), Some("26.04"));
    assert_eq!(name("rolling"), None);
    assert!(ubuntu::by_tag("20.04", TODAY).is_some_and(|row| row.is_eol(TODAY)));
    assert!(alpine::by_version("3.19.1").is_some_and(|row| row.is_eol(TODAY)));
    assert!(alpine::by_version("latest").is_none() && alpine::by_version("3").is_none());
}

#[test]
fn django_facts() {
    let row = django::series(Series(5, 2)).expect("5.2 is known");
    assert!(!row.is_eol(TODAY) && row.is_lts);
    let dead = django::setting("STATICFILES_STORAGE").expect("it has a history");
    assert!(dead.is_dead(Series(5, 1)) && !dead.is_dead(Series(5, 0)));
    assert_eq!(dead.replacement, Some("STORAGES"));
    assert!(django::setting("DEBUG").is_none());
}

#[test]
fn database_images() {
    use databases::{Engine, engine, series_of_tag};
    assert_eq!(engine("postgres"), Some(Engine::Postgres));
    assert_eq!(engine("library/postgres"), Some(Engine::Postgres));
    assert_eq!(engine("postgis/postgis"), Some(Engine::Postgres));
    assert_eq!(engine("acme/postgres"), None);
    for (tag, wanted) in [
        ("16-alpine", Some(Series(16, 0))),
        ("12.22", Some(Series(12, 0))),
        ("9.6", Some(Series(9, 6))),
        ("9", None),
        ("14-3.3", Some(Series(14, 0))),
        ("pg16", Some(Series(16, 0))),
        ("2.14.2-pg15", Some(Series(15, 0))),
        ("2.14.2", None),
        ("latest", None),
        ("alpine", None),
    ] {
        assert_eq!(series_of_tag(Engine::Postgres, tag), wanted, "{tag}");
    }
    assert_eq!(series_of_tag(Engine::Mysql, "8.0.36"), Some(Series(8, 0)));
    assert_eq!(series_of_tag(Engine::Mysql, "8"), None);
    let row = databases::series(Engine::Postgres, Series(12, 0)).expect("12 is known");
    assert!(row.eol < TODAY);
    assert!(databases::moved_its_data(Engine::Postgres, Series(18, 0)));
}

#[test]
fn the_nearest_name_is_unambiguous() {
    let names = ["threads", "thread", "lazy-apps"];
    assert_eq!(nearest("thraeds", names.into_iter()), Some("threads"));
    assert_eq!(nearest("lazyapps", names.into_iter()), Some("lazy-apps"));
    assert_eq!(nearest("abc", names.into_iter()), None);
    assert_eq!(nearest("cart", ["card", "care"].into_iter()), None);
}
