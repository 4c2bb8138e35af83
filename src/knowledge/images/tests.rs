//! Tests of what base images are taken for.

use super::*;

const TODAY: Date = jiff::civil::date(2026, 11, 22);

fn base(reference: &str) -> Base {
    let (name, digest) = match reference.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (reference, None),
    };
    let (path, tag) = match name.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
        _ => (name, None),
    };
    let (registry, repository) = match path.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => {
            (Some(first), rest)
        }
        _ => (None, path),
    };
    classify(
        &ImageLike {
            registry,
            repository,
            tag,
            digest,
        },
        TODAY,
    )
}

#[test]
fn the_table_is_sorted_and_names_are_canonical() {
    assert!(ROWS.is_sorted_by(|a, b| a.name < b.name));
    for row in ROWS {
        assert!(
            row.name
                .split('/')
                .next()
                .is_some_and(|host| host.contains('.')),
            "{}",
            row.name
        );
    }
}

#[test]
fn spellings_of_the_official_image() {
    for name in [
        "python:3.13-slim",
        "docker.io/python:3.13-slim",
        "docker.io/library/python:3.13-slim",
        "library/python:3.13-slim",
        "index.docker.io/library/python:3.13-slim",
        "amd64/python:3.13-slim",
        "public.ecr.aws/docker/library/python:3.13-slim",
        "mirror.gcr.io/library/python:3.13-slim",
        "proxy.example.com/hub/library/python:3.13-slim",
        "gitlab.example.com/group/dependency_proxy/containers/python:3.13-slim",
        "python:3.13-slim@sha256:0000",
    ] {
        let base = base(name);
        assert_eq!(base.family, Family::Python, "{name}");
        assert_eq!(base.python, Some(Series(3, 13)), "{name}");
        // A digest may be of the day of another Debian.
        let suite = (!name.contains('@')).then_some("trixie");
        assert_eq!(base.debian().map(|row| row.codename), suite, "{name}");
        assert_eq!(base.has_compilers, Some(false), "{name}");
        assert_eq!(base.user, DefaultUser::Root, "{name}");
    }
}

#[test]
fn flavours_of_the_official_image() {
    let bare = base("python:3.13");
    assert_eq!(
        (bare.has_compilers, bare.has_mime_types),
        (Some(true), Some(true))
    );
    assert_eq!(bare.flavour, Flavour::Full);
    let alpine = base("python:3.13-alpine3.20");
    assert_eq!(
        (alpine.package_manager, alpine.libc),
        (PackageManager::Apk, Libc::Musl)
    );
    assert_eq!(alpine.os_eol(), Some(jiff::civil::date(2026, 4, 1)));
    assert_eq!(
        (alpine.has_bash, alpine.has_useradd),
        (Some(false), Some(false))
    );
    assert_eq!(base("python:3.13-slim").cmd, Some(&["python3"][..]));
    assert_eq!(base("python").python, None);
    assert_eq!(
        base("python:3.7-slim").debian().map(|row| row.codename),
        Some("bookworm")
    );
    assert_eq!(base("python:nonsense").libc, Libc::Unknown);
    assert_eq!(
        base("python:3.13-slim").sets_env("PYTHONUNBUFFERED"),
        Some(false)
    );
    assert_eq!(
        base("python:3.13-slim").sets_env("PYTHON_VERSION"),
        Some(true)
    );
    assert_eq!(base("corp.example.com/python:3.8").sets_env("X"), None);
}

#[test]
fn other_families() {
    let uv = base("ghcr.io/astral-sh/uv:python3.13-trixie-slim");
    assert_eq!(
        (uv.family, uv.python, uv.flavour),
        (Family::Uv, Some(Series(3, 13)), Flavour::Slim)
    );
    assert_eq!(base("ghcr.io/astral-sh/uv:0.9.1").has_shell, Some(false));
    assert_eq!(
        base("ghcr.io/astral-sh/uv:0.9.1-python3.13-alpine").libc,
        Libc::Musl
    );
    let distroless = base("gcr.io/distroless/python3-debian13:nonroot");
    assert_eq!(distroless.user, DefaultUser::Named("65532"));
    assert_eq!(
        (distroless.has_shell, distroless.python),
        (Some(false), Some(Series(3, 13)))
    );
    assert_eq!(
        base("gcr.io/distroless/python3-debian13").user,
        DefaultUser::Root
    );
    assert_eq!(
        base("gcr.io/distroless/python3-debian13:debug").has_shell,
        Some(true)
    );
    let chainguard = base("cgr.dev/chainguard/python:latest");
    assert_eq!(
        (chainguard.user, chainguard.has_shell),
        (DefaultUser::Named("nonroot"), Some(false))
    );
    let ubuntu = base("ubuntu:24.04");
    assert_eq!(
        (ubuntu.python, ubuntu.login, ubuntu.pip_needs_venv()),
        (None, Some("ubuntu"), Some(true))
    );
    assert_eq!(
        base("debian:12-slim").debian().map(|row| row.codename),
        Some("bookworm")
    );
    assert_eq!(
        base("node:22-bookworm-slim")
            .debian()
            .map(|row| row.codename),
        Some("bookworm")
    );
    assert_eq!(base("node:22-alpine").package_manager, PackageManager::Apk);
    assert_eq!(base("nginx:1.27").debian().map(|row| row.codename), None);
    assert_eq!(base("scratch").user, DefaultUser::Root);
    assert_eq!(
        base("registry.access.redhat.com/ubi9/python-312:1").user,
        DefaultUser::Named("1001")
    );
}

#[test]
fn what_is_not_known_stays_unknown() {
    for name in [
        "corp.example.com/base/python:3.11",
        "myorg/app:1",
        "python:3.13-corp",
        "python@sha256:0",
    ] {
        let base = base(name);
        assert_eq!(
            (base.package_manager, base.libc),
            (PackageManager::Unknown, Libc::Unknown),
            "{name}"
        );
        assert_eq!(
            (base.has_shell, base.cmd, base.has_compilers),
            (None, None, None),
            "{name}"
        );
        assert!(matches!(base.os, Os::Unknown), "{name}");
    }
    let lookalike = base("corp.example.com/base/python:3.11");
    assert_eq!(
        (lookalike.family, lookalike.python),
        (Family::Other, Some(Series(3, 11)))
    );
    assert_eq!(lookalike.user, DefaultUser::Unknown);
    assert_eq!(base("corp.example.com/base/python:8.1").python, None);
}
