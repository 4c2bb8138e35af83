//! The project of the post, broken in one place at a time: what starts, and what runs beside it. Each
//! change gives exactly its finding, in the right file, at the right text.

use std::path::Path;

use crate::rules::root;
use crate::support::{copy_tree, findings};

/// What is done to a file of the project.
enum Change {
    /// The text, which stands there once, and what comes in its place.
    Replace(&'static str, &'static str, &'static str),
    /// Written, or written anew.
    Write(&'static str, &'static str),
    Remove(&'static str),
    Rename(&'static str, &'static str),
    Mode(&'static str, u32),
    /// Every line end becomes CR LF.
    WindowsLineEnds(&'static str),
}

use Change::{Mode, Remove, Rename, Replace, WindowsLineEnds, Write};

struct Mutation {
    recommendation: &'static str,
    changes: &'static [Change],
    /// Rule, file, marked text.
    expected: &'static [(&'static str, &'static str, &'static str)],
}

const DOCKERFILE: &str = "Dockerfile";
const SCRIPT: &str = "docker-entrypoint.sh";
const COMPOSE: &str = "docker-compose.yml";
const PRODUCTION: &str = "docker-compose.prod.yml";

const MUTATIONS: &[Mutation] = &[
    Mutation {
        recommendation: "R12",
        changes: &[Replace(
            DOCKERFILE,
            "    postgresql-client \\\n    \" \\",
            "    libpq5 \\\n    \" \\",
        )],
        expected: &[("program-missing", SCRIPT, "psql")],
    },
    Mutation {
        recommendation: "R12",
        changes: &[Replace(DOCKERFILE, "    media-types \\\n", "")],
        expected: &[(
            "static-files-without-types",
            DOCKERFILE,
            "UWSGI_STATIC_MAP=\"/static/=/code/static/\"",
        )],
    },
    Mutation {
        recommendation: "R22",
        changes: &[Replace(DOCKERFILE, "USER ${APP_USER}:${APP_USER}\n", "")],
        expected: &[("runs-as-root", DOCKERFILE, "python:3.13-slim-trixie")],
    },
    Mutation {
        recommendation: "R22",
        changes: &[
            Rename(COMPOSE, PRODUCTION),
            Replace(PRODUCTION, "  app:\n", "  app:\n    user: root\n"),
        ],
        expected: &[("root-by-compose", PRODUCTION, "root")],
    },
    Mutation {
        recommendation: "R25",
        changes: &[Replace(
            SCRIPT,
            "python manage.py migrate --noinput\nfi\n",
            ":\nfi\npython management/manage.py migrate --noinput\n",
        )],
        expected: &[
            ("migrate-at-every-start", SCRIPT, "migrate"),
            ("manage-script-missing", SCRIPT, "management/manage.py"),
        ],
    },
    Mutation {
        recommendation: "R27",
        changes: &[Replace(DOCKERFILE, "EXPOSE 8000", "EXPOSE 9000")],
        expected: &[("exposed-port-differs", DOCKERFILE, ":8000")],
    },
    Mutation {
        recommendation: "R27",
        changes: &[Replace(
            DOCKERFILE,
            "UWSGI_HTTP=:8000",
            "UWSGI_HTTP=127.0.0.1:8000",
        )],
        expected: &[("listens-on-loopback", DOCKERFILE, "127.0.0.1:8000")],
    },
    Mutation {
        recommendation: "R28",
        changes: &[Replace(
            COMPOSE,
            "      SECRET_KEY: changeme\n",
            "      SECRET_KEY: changeme\n      UWSGI_ROUTE_HOST: \"^(?!localhost:8000$) break:400\"\n",
        )],
        expected: &[("dollar-not-doubled", COMPOSE, "$)")],
    },
    Mutation {
        recommendation: "R36",
        changes: &[Replace(DOCKERFILE, "UWSGI_HTTP=:8000", "UWSGI_HTTP=8000")],
        expected: &[("port-without-colon", DOCKERFILE, "8000")],
    },
    Mutation {
        recommendation: "R37",
        changes: &[Replace(DOCKERFILE, "UWSGI_MASTER=1", "UWSGI_MASTER=0")],
        expected: &[("master-process-off", DOCKERFILE, "UWSGI_MASTER=0")],
    },
    Mutation {
        recommendation: "R38",
        changes: &[Replace(DOCKERFILE, "UWSGI_WORKERS=2", "UWSGI_WORKERS=auto")],
        expected: &[("workers-not-a-number", DOCKERFILE, "auto")],
    },
    Mutation {
        recommendation: "R39",
        changes: &[Replace(DOCKERFILE, "UWSGI_LAZY_APPS=1", "UWSGI_LAZY=1")],
        expected: &[("lazy-mode", DOCKERFILE, "UWSGI_LAZY")],
    },
    Mutation {
        recommendation: "R40",
        changes: &[Replace(DOCKERFILE, "=holy", "=holly")],
        expected: &[("unknown-env-behavior", DOCKERFILE, "holly")],
    },
    Mutation {
        recommendation: "R41",
        changes: &[Replace(DOCKERFILE, "UWSGI_HTTP_KEEPALIVE=1 ", "")],
        expected: &[(
            "chunking-without-keepalive",
            DOCKERFILE,
            "UWSGI_HTTP_AUTO_CHUNKED=1",
        )],
    },
    Mutation {
        recommendation: "R42",
        changes: &[Replace(DOCKERFILE, "UWSGI_DIE_ON_TERM=1 ", "")],
        expected: &[("term-reloads", DOCKERFILE, "uwsgi")],
    },
    Mutation {
        recommendation: "R43",
        changes: &[Replace(DOCKERFILE, " UWSGI_NEED_APP=1", "")],
        expected: &[("broken-application-served", DOCKERFILE, "uwsgi")],
    },
    Mutation {
        recommendation: "R44",
        changes: &[Replace(
            DOCKERFILE,
            "UWSGI_THREADS=4",
            "UWSGI_THREADS=4 UWSGI_PY_AUTORELOAD=1",
        )],
        expected: &[("development-option", DOCKERFILE, "UWSGI_PY_AUTORELOAD=1")],
    },
    Mutation {
        recommendation: "R45",
        changes: &[Replace(
            DOCKERFILE,
            "UWSGI_THREADS=4",
            "UWSGI_THREADS=4 UWSGI_UID=appuser",
        )],
        expected: &[("user-named-twice", DOCKERFILE, "UWSGI_UID=appuser")],
    },
    Mutation {
        recommendation: "R46",
        changes: &[Replace(
            DOCKERFILE,
            "# ENV UWSGI_ROUTE_HOST=\"^(?!localhost:8000$) break:400\"",
            "ENV UWSGI_ROUTE_HOST=\"(?!localhost:8000$) break:400\"",
        )],
        expected: &[(
            "host-filter-not-anchored",
            DOCKERFILE,
            "(?!localhost:8000$) break:400",
        )],
    },
    Mutation {
        recommendation: "R47",
        changes: &[Replace(
            DOCKERFILE,
            "\n# Deny invalid hosts",
            "\nENV UWSGI_STATIC_MAP=/media/=/code/media/\n# Deny invalid hosts",
        )],
        expected: &[(
            "list-option-replaced",
            DOCKERFILE,
            "UWSGI_STATIC_MAP=\"/static/=/code/static/\"",
        )],
    },
    Mutation {
        recommendation: "R48",
        changes: &[Replace(
            DOCKERFILE,
            "CMD [\"uwsgi\", \"--show-config\"]",
            "CMD uwsgi --show-config",
        )],
        expected: &[("shell-keeps-signals", DOCKERFILE, "uwsgi")],
    },
    Mutation {
        recommendation: "R49",
        changes: &[Mode(SCRIPT, 0o644)],
        expected: &[(
            "script-not-executable",
            DOCKERFILE,
            "/code/docker-entrypoint.sh",
        )],
    },
    Mutation {
        recommendation: "R49",
        changes: &[WindowsLineEnds(SCRIPT)],
        expected: &[("script-with-windows-line-ends", SCRIPT, "#!/bin/sh\r")],
    },
    Mutation {
        recommendation: "R49",
        changes: &[Replace(SCRIPT, "#!/bin/sh\n", "# starts the container\n")],
        expected: &[(
            "script-without-interpreter-line",
            DOCKERFILE,
            "/code/docker-entrypoint.sh",
        )],
    },
    Mutation {
        recommendation: "R49",
        changes: &[Remove(SCRIPT)],
        expected: &[("script-missing", DOCKERFILE, "/code/docker-entrypoint.sh")],
    },
    Mutation {
        recommendation: "R49",
        changes: &[Write(".dockerignore", ".git\n.env\n**/__pycache__\n*.sh\n")],
        expected: &[("script-ignored", DOCKERFILE, "/code/docker-entrypoint.sh")],
    },
    Mutation {
        recommendation: "R50",
        changes: &[Replace(SCRIPT, "set -e\n", "")],
        expected: &[(
            "failed-step-ignored",
            SCRIPT,
            "python manage.py migrate --noinput",
        )],
    },
    Mutation {
        recommendation: "R50",
        changes: &[Replace(SCRIPT, "exec \"$@\"", "\"$@\"")],
        expected: &[("shell-keeps-signals", DOCKERFILE, "uwsgi")],
    },
    Mutation {
        recommendation: "R50",
        changes: &[Replace(SCRIPT, "exec \"$@\"", "exec $@")],
        expected: &[("arguments-split", SCRIPT, "$@")],
    },
    Mutation {
        recommendation: "R50",
        changes: &[Replace(SCRIPT, "exec \"$@\"", "exec uwsgi")],
        expected: &[(
            "command-ignored-by-script",
            DOCKERFILE,
            "CMD [\"uwsgi\", \"--show-config\"]",
        )],
    },
    Mutation {
        recommendation: "R51",
        changes: &[Replace(SCRIPT, "\"$DATABASE_URL\"", "$DATABASE_URL")],
        expected: &[("database-url-split", SCRIPT, "$DATABASE_URL")],
    },
    Mutation {
        recommendation: "R51",
        changes: &[Replace(
            SCRIPT,
            "    tries=$((tries + 1))\n    if [ \"$tries\" -ge 60 ]; then\n        >&2 echo \"Postgres did not come up\"\n        exit 1\n    fi\n",
            "",
        )],
        expected: &[("wait-without-end", SCRIPT, "psql")],
    },
    Mutation {
        recommendation: "R52",
        changes: &[Replace(
            SCRIPT,
            "if [ \"x$DJANGO_MANAGEPY_MIGRATE\" = 'xon' ]; then\n    python manage.py migrate --noinput\nfi\n",
            "python manage.py migrate --noinput\n",
        )],
        expected: &[("migrate-at-every-start", SCRIPT, "migrate")],
    },
    Mutation {
        recommendation: "R52",
        changes: &[Replace(
            COMPOSE,
            "DJANGO_MANAGEPY_MIGRATE: \"on\"",
            "DJANGO_MANAGEPY_MIGRATE: on",
        )],
        expected: &[("boolean-as-value", COMPOSE, "on")],
    },
    Mutation {
        recommendation: "R53",
        changes: &[Replace(
            SCRIPT,
            "exec \"$@\"",
            "python manage.py collectstatic --noinput\n\nexec \"$@\"",
        )],
        expected: &[("collected-at-build-and-start", SCRIPT, "collectstatic")],
    },
    Mutation {
        recommendation: "R54",
        changes: &[Replace(
            SCRIPT,
            "\"x$DJANGO_MANAGEPY_MIGRATE\" = 'xon'",
            "\"x$DJANGO_MANAGEPY_MIGRATE\" == 'xon'",
        )],
        expected: &[("bash-syntax-in-sh", SCRIPT, "==")],
    },
    Mutation {
        recommendation: "R54",
        changes: &[Replace(SCRIPT, "--noinput\nfi\n", "--noinput\nFi\n")],
        expected: &[("unreadable-script", SCRIPT, "\n")],
    },
    Mutation {
        recommendation: "R55",
        changes: &[Replace(
            COMPOSE,
            "dockerfile: ./Dockerfile",
            "dockerfile: ./Dockerfil",
        )],
        expected: &[("build-file-missing", COMPOSE, "./Dockerfil")],
    },
    Mutation {
        recommendation: "R55",
        changes: &[Replace(
            COMPOSE,
            "dockerfile: ./Dockerfile",
            "target: production",
        )],
        expected: &[("build-target-missing", COMPOSE, "production")],
    },
    Mutation {
        recommendation: "R56",
        changes: &[Replace(
            COMPOSE,
            "services:\n",
            "version: \"2\"\nservices:\n",
        )],
        expected: &[("obsolete-version", COMPOSE, "version: \"2\"")],
    },
    Mutation {
        recommendation: "R56",
        changes: &[Replace(
            COMPOSE,
            "    depends_on:\n      - db\n",
            "    links:\n      - \"db:db\"\n",
        )],
        expected: &[("obsolete-links", COMPOSE, "links")],
    },
    Mutation {
        recommendation: "R56",
        changes: &[Replace(
            COMPOSE,
            "    depends_on:\n      - db\n",
            "    depends_on:\n      - postgres\n",
        )],
        expected: &[("unknown-dependency", COMPOSE, "postgres")],
    },
    Mutation {
        recommendation: "R57",
        changes: &[Replace(COMPOSE, "@db/app_db", "@postgres/app_db")],
        expected: &[("database-url-differs", COMPOSE, "postgres")],
    },
    Mutation {
        recommendation: "R57",
        changes: &[Replace(
            COMPOSE,
            "POSTGRES_USER: app_user",
            "POSTGRES_USER: app",
        )],
        expected: &[("database-url-differs", COMPOSE, "app_user")],
    },
    Mutation {
        recommendation: "R57",
        changes: &[Replace(COMPOSE, "app_user:changeme@", "app_user:secret@")],
        expected: &[("database-url-differs", COMPOSE, "secret")],
    },
    Mutation {
        recommendation: "R57",
        changes: &[Replace(COMPOSE, "@db/app_db", "@db:5433/app_db")],
        expected: &[("database-url-differs", COMPOSE, "5433")],
    },
    Mutation {
        recommendation: "R57",
        changes: &[Replace(COMPOSE, "@db/app_db", "@db/app")],
        expected: &[("database-url-differs", COMPOSE, "app")],
    },
    Mutation {
        recommendation: "R58",
        changes: &[Replace(COMPOSE, "\"8000:8000\"", "\"8000:80\"")],
        expected: &[("published-port-unserved", COMPOSE, "80")],
    },
    Mutation {
        recommendation: "R58",
        changes: &[Replace(
            COMPOSE,
            "    expose:\n      - \"5432\"\n",
            "    ports:\n      - 5432:55\n",
        )],
        expected: &[("port-read-as-number", COMPOSE, "5432:55")],
    },
    Mutation {
        recommendation: "R59",
        changes: &[Replace(COMPOSE, "postgres:17", "postgres")],
        expected: &[("unpinned-database", COMPOSE, "postgres")],
    },
    Mutation {
        recommendation: "R59",
        changes: &[Replace(COMPOSE, "postgres:17", "postgres:12")],
        expected: &[
            ("end-of-life-database", COMPOSE, "postgres:12"),
            ("database-older-than-django", COMPOSE, "postgres:12"),
        ],
    },
    Mutation {
        recommendation: "R59",
        changes: &[Replace(
            COMPOSE,
            "postgres:17\n",
            "postgres:18\n    volumes:\n      - /srv/data:/var/lib/postgresql/data\n",
        )],
        expected: &[(
            "database-volume-unused",
            COMPOSE,
            "/var/lib/postgresql/data",
        )],
    },
    Mutation {
        recommendation: "R60",
        changes: &[
            Rename(COMPOSE, PRODUCTION),
            Replace(
                PRODUCTION,
                "    ports:\n",
                "    command: python manage.py runserver 0.0.0.0:8000\n    ports:\n",
            ),
        ],
        expected: &[(
            "development-server-in-production",
            PRODUCTION,
            "python manage.py runserver",
        )],
    },
    Mutation {
        recommendation: "R60",
        changes: &[
            Rename(COMPOSE, PRODUCTION),
            Replace(
                PRODUCTION,
                "    ports:\n",
                "    volumes:\n      - .:/code\n    ports:\n",
            ),
        ],
        expected: &[("source-mounted-in-production", PRODUCTION, ".:/code")],
    },
    Mutation {
        recommendation: "R60",
        changes: &[
            Rename(COMPOSE, PRODUCTION),
            Replace(
                PRODUCTION,
                "SECRET_KEY: changeme",
                "SECRET_KEY: changeme\n      DEBUG: \"1\"",
            ),
        ],
        expected: &[("debug-in-production", PRODUCTION, "DEBUG: \"1\"")],
    },
    Mutation {
        recommendation: "R68",
        changes: &[
            Rename(COMPOSE, PRODUCTION),
            Replace(
                PRODUCTION,
                "SECRET_KEY: changeme",
                "SECRET_KEY: 3f9c0a7be21d44f8",
            ),
        ],
        expected: &[(
            "secret-in-compose-file",
            PRODUCTION,
            "SECRET_KEY: 3f9c0a7be21d44f8",
        )],
    },
    Mutation {
        recommendation: "R55",
        changes: &[Replace(
            COMPOSE,
            "    ports:\n      - \"8000:8000\"",
            "    ports: [\"8000:8000\"",
        )],
        expected: &[("unreadable-compose-file", COMPOSE, "")],
    },
];

fn apply(directory: &Path, change: &Change) {
    let path = |name: &str| directory.join(name);
    let read = |name: &str| std::fs::read_to_string(path(name)).expect("it is there");
    let write = |name: &str, text: String| std::fs::write(path(name), text).expect("it is written");
    match change {
        Replace(name, old, new) => {
            let text = read(name);
            assert_eq!(text.matches(old).count(), 1, "{name}: `{old}`");
            write(name, text.replace(old, new));
        }
        Write(name, text) => write(name, (*text).to_owned()),
        Remove(name) => std::fs::remove_file(path(name)).expect("it is there"),
        Rename(from, to) => std::fs::rename(path(from), path(to)).expect("it is there"),
        Mode(name, mode) => set_mode(&path(name), *mode),
        WindowsLineEnds(name) => write(name, read(name).replace('\n', "\r\n")),
    }
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("its mode is set");
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) {}

#[test]
fn the_project_of_the_post_has_no_finding() {
    let found = findings(&root().join("fixtures/projects/the-post"));
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn each_change_gives_exactly_its_finding() {
    let mut wrong = String::new();
    for (index, mutation) in MUTATIONS.iter().enumerate() {
        let has_mode = mutation
            .changes
            .iter()
            .any(|change| matches!(change, Mode(..)));
        if has_mode && !cfg!(unix) {
            continue;
        }
        let directory = tempfile::tempdir().expect("a directory");
        copy_tree(&root().join("fixtures/projects/the-post"), directory.path());
        for change in mutation.changes {
            apply(directory.path(), change);
        }
        let mut found = findings(directory.path());
        found.sort();
        let mut expected: Vec<(String, String, String)> = mutation
            .expected
            .iter()
            .map(|(rule, file, text)| ((*rule).to_owned(), (*file).to_owned(), (*text).to_owned()))
            .collect();
        expected.sort();
        if found != expected {
            let recommendation = mutation.recommendation;
            wrong += &format!(
                "{recommendation}, number {index}\nexpected {expected:#?}\nfound {found:#?}\n"
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
