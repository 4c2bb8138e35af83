//! Where paths of an image come from.

use std::sync::Arc;

use crate::context::Context;
use crate::context::image::{Base, CopyFrom, CopySource, CopyStep, ImageFs, executable_mode};
use crate::span::Traced;

use super::{certain, here, project, told};

/// COPY of paths of the context, without flags.
fn copy_of<S: Into<String>>(sources: impl IntoIterator<Item = S>, dest: &str) -> CopyStep {
    let sources = sources
        .into_iter()
        .map(|source| CopySource::Path(source.into()));
    CopyStep {
        sources: sources.collect(),
        from: CopyFrom::Context,
        dest: dest.to_owned(),
        chmod: None,
        chown: None,
        has_parents: false,
        excludes: Vec::new(),
        is_add: false,
    }
}

#[test]
fn copy_follows_buildkit() {
    let context = certain(&[
        ("manage.py", ""),
        ("entrypoint.sh*", "#!/bin/sh"),
        ("plain.sh", ""),
        ("app/wsgi.py", ""),
        ("app/settings/base.py", ""),
        ("deploy/uwsgi.ini", ""),
        ("requirements/base.txt", ""),
        ("requirements/dev.txt", ""),
        ("secret.env", ""),
        ("logs/keep/a", ""),
        ("logs/b", ""),
        ("x.tar.gz", ""),
        (".dockerignore", "*.env\nlogs\n!logs/keep\n"),
    ]);
    type Copied = (
        &'static [&'static str],
        &'static str,
        &'static [(&'static str, &'static str)],
    );
    let table: &[Copied] = &[
        (
            &["."],
            "/code/",
            &[
                ("/code/manage.py", "context manage.py -x"),
                ("/code/entrypoint.sh", "context entrypoint.sh +x"),
                ("/code/app", "directory app"),
                ("/code", "directory"),
                (
                    "/code/app/settings/base.py",
                    "context app/settings/base.py -x",
                ),
                ("/code/none.py", "missing"),
                ("/code/secret.env", "ignored secret.env by *.env"),
                ("/code/logs/b", "ignored logs/b by logs"),
                ("/code/logs/keep/a", "context logs/keep/a -x"),
                ("/other/manage.py", "missing"),
                ("/usr/bin/psql", "unknown"),
                ("/", "directory"),
            ],
        ),
        (
            &["app"],
            "/code/app",
            &[("/code/app/wsgi.py", "context app/wsgi.py -x")],
        ),
        // The content of a directory is copied, not the directory.
        (
            &["app"],
            "/code/",
            &[
                ("/code/wsgi.py", "context app/wsgi.py -x"),
                ("/code/app/wsgi.py", "missing"),
            ],
        ),
        (
            &["deploy/uwsgi.ini"],
            "/etc/app.ini",
            &[
                ("/etc/app.ini", "context deploy/uwsgi.ini -x"),
                ("/etc/app.ini/other.ini", "unknown"),
            ],
        ),
        (
            &["deploy/uwsgi.ini"],
            "/usr/local/bin",
            &[("/usr/local/bin/uwsgi.ini", "context deploy/uwsgi.ini -x")],
        ),
        (
            &["manage.py"],
            "/new",
            &[
                ("/new", "context manage.py -x"),
                ("/new/manage.py", "missing"),
            ],
        ),
        (
            &["manage.py", "app"],
            "/code/",
            &[
                ("/code/manage.py", "context manage.py -x"),
                ("/code/wsgi.py", "context app/wsgi.py -x"),
            ],
        ),
        (
            &["*.sh"],
            "/bin/",
            &[
                ("/bin/plain.sh", "context plain.sh -x"),
                ("/bin/other.sh", "unknown"),
            ],
        ),
        (
            &["requirements/*.txt"],
            "/r/",
            &[
                ("/r/base.txt", "context requirements/base.txt -x"),
                ("/r/x.txt", "missing"),
            ],
        ),
        (
            &["requ*"],
            "/r/",
            &[("/r/base.txt", "context requirements/base.txt -x")],
        ),
        (
            &["/app/", "./manage.py"],
            "/c/",
            &[("/c/wsgi.py", "context app/wsgi.py -x")],
        ),
        (
            &["../app"],
            "/c/",
            &[("/c/wsgi.py", "context app/wsgi.py -x")],
        ),
        (
            &["secret.env"],
            "/c/",
            &[("/c/secret.env", "ignored secret.env by *.env")],
        ),
        (
            &["gone"],
            "/c/",
            &[("/c/gone", "missing"), ("/c/x", "missing")],
        ),
        (
            &["x.tar.gz"],
            "/c/",
            &[("/c/x.tar.gz", "context x.tar.gz -x")],
        ),
    ];
    for (sources, dest, asked) in table {
        let mut fs = ImageFs::new(Base::System);
        fs.copy(copy_of(sources.iter().copied(), dest), here());
        for (path, answer) in *asked {
            assert_eq!(
                told(&fs, &context, path),
                *answer,
                "COPY {sources:?} {dest}: {path}"
            );
        }
    }
}

#[test]
fn flags_of_copy_and_add() {
    let context = certain(&[
        ("a/b/c.py", ""),
        ("a/b/c.txt", ""),
        ("x.tgz", ""),
        ("run.sh", ""),
    ]);
    let fs_of = |change: &dyn Fn(&mut CopyStep), sources: &[&str], dest: &str| {
        let mut copy = copy_of(sources.iter().copied(), dest);
        change(&mut copy);
        let mut fs = ImageFs::new(Base::System);
        fs.copy(copy, here());
        fs
    };
    let parents = fs_of(&|c| c.has_parents = true, &["a/b"], "/d/");
    assert_eq!(
        told(&parents, &context, "/d/a/b/c.py"),
        "context a/b/c.py -x"
    );
    assert_eq!(told(&parents, &context, "/d/c.py"), "missing");
    let pivot = fs_of(&|c| c.has_parents = true, &["a/./b"], "/d/");
    assert_eq!(told(&pivot, &context, "/d/b/c.py"), "context a/b/c.py -x");
    let without = fs_of(&|c| c.excludes = vec!["*.txt".to_owned()], &["a/b"], "/d/");
    assert_eq!(told(&without, &context, "/d/c.txt"), "unknown");
    assert_eq!(told(&without, &context, "/d/c.py"), "context a/b/c.py -x");
    let add = fs_of(&|c| c.is_add = true, &["x.tgz"], "/d/");
    assert_eq!(told(&add, &context, "/d/inside.py"), "generated");
    let mode = fs_of(
        &|c| c.chmod = Some(executable_mode("755").0),
        &["run.sh"],
        "/d/",
    );
    assert_eq!(told(&mode, &context, "/d/run.sh"), "context run.sh +x");
    let url = fs_of(&|c| c.sources = vec![CopySource::Opaque], &["x"], "/d/");
    assert_eq!(told(&url, &context, "/d/run.sh"), "unknown");
    assert_eq!(told(&url, &context, "/e/run.sh"), "missing");
    let external = fs_of(&|c| c.from = CopyFrom::External, &["/uv"], "/bin/");
    assert_eq!(told(&external, &context, "/bin/uv"), "unknown");
    let text = Arc::new(Traced::new("echo", here()));
    let inline =
        |c: &mut CopyStep| c.sources = vec![CopySource::Inline("EOF".to_owned(), text.clone())];
    assert_eq!(
        told(&fs_of(&inline, &["x"], "/run.sh"), &context, "/run.sh"),
        "inline echo -x"
    );
    assert_eq!(
        told(&fs_of(&inline, &["x"], "/d/"), &context, "/d/EOF"),
        "inline echo -x"
    );
}

#[test]
fn commands_change_what_was_copied() {
    let context = certain(&[("entry.sh", ""), ("app/wsgi.py", ""), ("conf/a.ini", "")]);
    let base = || {
        let mut fs = ImageFs::new(Base::System);
        fs.mkdir("/code", here());
        fs.copy(copy_of(["."], "/code/"), here());
        fs
    };
    type Change = fn(&mut ImageFs);
    let table: &[(Change, &[(&str, &str)])] = &[
        (
            |fs| fs.chmod("/code/entry.sh", Some("+x"), false, here()),
            &[
                ("/code/entry.sh", "context entry.sh +x"),
                ("/code/app/wsgi.py", "context app/wsgi.py -x"),
            ],
        ),
        (
            |fs| fs.chmod("/code/*.sh", Some("0755"), false, here()),
            &[("/code/entry.sh", "context entry.sh +x")],
        ),
        (
            |fs| fs.chmod("/code", Some("a+rwX"), true, here()),
            &[("/code/entry.sh", "context entry.sh")],
        ),
        (
            |fs| fs.chmod("/code", Some("755"), true, here()),
            &[("/code/entry.sh", "context entry.sh +x")],
        ),
        (
            |fs| fs.chmod("/code/entry.sh", None, false, here()),
            &[("/code/entry.sh", "context entry.sh")],
        ),
        (
            |fs| fs.rename("/code/entry.sh", "/entrypoint", here(), true),
            &[
                ("/entrypoint", "context entry.sh -x"),
                ("/code/entry.sh", "missing"),
            ],
        ),
        (
            |fs| fs.rename("/code/entry.sh", "/usr/local/bin/", here(), true),
            &[("/usr/local/bin/entry.sh", "context entry.sh -x")],
        ),
        (
            |fs| fs.rename("/code/entry.sh", "/usr/local/bin", here(), true),
            &[("/usr/local/bin/entry.sh", "context entry.sh -x")],
        ),
        (
            |fs| fs.rename("/code/entry.sh", "/entrypoint", here(), false),
            &[
                ("/entrypoint", "unknown"),
                ("/code/entry.sh", "context entry.sh -x"),
            ],
        ),
        (
            |fs| fs.duplicate("/code/conf", "/etc/conf", here(), true),
            &[
                ("/code/conf/a.ini", "context conf/a.ini -x"),
                ("/etc/conf/a.ini", "context conf/a.ini -x"),
            ],
        ),
        (
            |fs| fs.duplicate("/code/conf/*.ini", "/srv/ini", here(), true),
            &[("/srv/ini/a.ini", "context conf/a.ini -x")],
        ),
        (
            |fs| fs.link("/code/app", "/srv/app", here()),
            &[
                ("/srv/app/wsgi.py", "context app/wsgi.py -x"),
                ("/srv/app/no.py", "missing"),
            ],
        ),
        (
            |fs| fs.link("/loop", "/loop", here()),
            &[("/loop/x", "unknown")],
        ),
        (
            |fs| fs.remove("/code/app", here(), true),
            &[
                ("/code/app/wsgi.py", "missing"),
                ("/code/entry.sh", "context entry.sh -x"),
            ],
        ),
        (
            |fs| fs.opaque("/code/static", here()),
            &[
                ("/code/static/a.css", "generated"),
                ("/code/b.css", "missing"),
            ],
        ),
        (
            |fs| fs.opaque("/code", here()),
            &[
                ("/code/new.sh", "generated"),
                ("/code/entry.sh", "context entry.sh"),
            ],
        ),
        (
            |fs| fs.unknown_all(here()),
            &[
                ("/code/new.sh", "unknown"),
                ("/code/entry.sh", "context entry.sh -x"),
            ],
        ),
    ];
    for (i, (change, asked)) in table.iter().enumerate() {
        let mut fs = base();
        change(&mut fs);
        for (path, answer) in *asked {
            assert_eq!(told(&fs, &context, path), *answer, "case {i}: {path}");
        }
    }
}

#[test]
fn stages_are_followed() {
    let context = certain(&[("app/wsgi.py", ""), ("run.sh*", "")]);
    let mut builder = ImageFs::new(Base::System);
    builder.mkdir("/src", here());
    builder.copy(copy_of(["."], "/src/"), here());
    builder.opaque("/venv", here());
    let builder = Arc::new(builder);
    let mut fs = ImageFs::new(Base::System);
    for (source, dest) in [
        ("/venv", "/venv"),
        ("/src/app", "/code/app"),
        ("src/run.sh", "/run.sh"),
    ] {
        let mut copy = copy_of([source], dest);
        copy.from = CopyFrom::Stage(builder.clone());
        copy.chown = Some(Some("app".to_owned()));
        fs.copy(copy, here());
    }
    let last = ImageFs::new(Base::Stage(Arc::new(fs)));
    assert_eq!(told(&last, &context, "/venv/bin/uwsgi"), "generated");
    assert_eq!(
        told(&last, &context, "/code/app/wsgi.py"),
        "context app/wsgi.py -x"
    );
    assert_eq!(told(&last, &context, "/code/app/asgi.py"), "missing");
    assert_eq!(told(&last, &context, "/run.sh"), "context run.sh +x");
    let listing = last.listing(&context, "/code", last.effects.len());
    assert_eq!(
        (listing.names, listing.is_closed),
        (vec!["app".to_owned()], true)
    );
    assert!(!last.listing(&context, "/usr", last.effects.len()).is_closed);
}

#[test]
fn an_unknown_context_says_nothing() {
    let context = Context::unknown(&project(&[("a", "")]));
    let mut fs = ImageFs::new(Base::System);
    fs.copy(copy_of(["."], "/code/"), here());
    assert_eq!(told(&fs, &context, "/code/a"), "unknown");
    assert_eq!(told(&fs, &context, "/elsewhere"), "missing");
    let mut unknown = ImageFs::new(Base::Unknown);
    unknown.mkdir("/code", here());
    assert_eq!(told(&unknown, &context, "/code/a"), "unknown");
    assert_eq!(told(&unknown, &context, "/code"), "directory");
}

#[test]
fn modes_are_read() {
    let table = [
        ("755", (Some(true), true)),
        ("0644", (Some(false), true)),
        ("+x", (Some(true), true)),
        ("u+x", (Some(true), true)),
        ("a+rx,g-w", (Some(true), true)),
        ("-x", (Some(false), true)),
        ("u-x", (None, true)),
        ("g+w", (None, true)),
        ("a=r", (Some(false), true)),
        ("u=rwx,go=rX", (None, false)),
        ("999", (None, false)),
        ("$MODE", (None, false)),
    ];
    for (mode, verdict) in table {
        assert_eq!(executable_mode(mode), verdict, "{mode}");
    }
}

#[test]
fn hostile_effects_end() {
    let context = certain(&[("a", "")]);
    let mut fs = ImageFs::new(Base::System);
    for i in 0..2000 {
        fs.rename("/x", "/x/y", here(), i % 2 == 0);
        fs.duplicate(&format!("/x/{i}"), "/x", here(), false);
    }
    let started = std::time::Instant::now();
    let _ = told(&fs, &context, "/x/y/y/y");
    let _ = fs.listing(&context, "/x", fs.effects.len());
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn what_git_ignores_is_unknown_until_the_ignore_file_keeps_it_out() {
    let context = certain(&[
        ("a.txt", ""),
        ("app/base.py", ""),
        (".gitignore", "local.*\n/dist/\n"),
        (".dockerignore", "**/local.env\n"),
    ]);
    let mut fs = ImageFs::new(Base::Empty);
    fs.copy(copy_of(["*.txt"], "/lists/"), here());
    fs.copy(copy_of(["app"], "/app"), here());
    fs.copy(copy_of(["dist"], "/dist"), here());
    for (path, wanted) in [
        ("/lists/a.txt", "context a.txt -x"),
        ("/lists/local.txt", "unknown"),
        ("/lists/other.txt", "missing"),
        ("/app/local.py", "unknown"),
        ("/app/live.py", "missing"),
        ("/app/local.env", "missing"),
        ("/dist/any/thing", "unknown"),
    ] {
        assert_eq!(told(&fs, &context, path), wanted, "{path}");
    }
}
