//! What compose files and the env files beside them can have many of.

use super::project::project;
use super::{Kind, Texts, many};

pub(super) const WEB: &str = "  web:\n    build: .\n";

pub(crate) const KINDS: &[Kind] = &[
    Kind::project("services", "compose services", |n| {
        let service = |i| {
            let port = 1000 + i % 60000;
            format!(
                "  s{i}:\n    build: .\n    environment:\n      A: b{i}\n    ports: [\"{port}:80\"]\n"
            )
        };
        compose(&many(n, service))
    }),
    Kind::project(
        "services-stages",
        "compose services, and stages that they build",
        |n| {
            let service =
                |i| format!("  s{i}:\n    build:\n      context: .\n      target: t{i}\n");
            let stage = |i| {
                format!(
                    "FROM python:3.13-slim AS t{i}\nRUN pip install a{i}\nCMD [\"gunicorn\", \"a\"]\n"
                )
            };
            let mut files = compose(&many(n, service));
            files[0].1 = many(n, stage);
            files
        },
    ),
    Kind::project(
        "services-linked",
        "compose services, each after the one before",
        |n| {
            let service = |i: usize| {
                let (before, address) = (i.saturating_sub(1), "redis://");
                let env = format!("    environment:\n      A: {address}s{before}:6379/0\n");
                format!("  s{i}:\n    image: redis:7\n    depends_on: [s{before}]\n{env}")
            };
            compose(&(many(n, service) + WEB))
        },
    ),
    Kind::project(
        "services-passwords",
        "compose services with a password",
        |n| {
            let service = |i| {
                let env = format!("      POSTGRES_PASSWORD: secret{i}\n      POSTGRES_DB: d{i}\n");
                format!("  s{i}:\n    image: postgres:17\n    environment:\n{env}")
            };
            compose(&(many(n, service) + WEB))
        },
    ),
    Kind::project("service-variables", "variables of a compose service", |n| {
        let lines = many(n, |i| format!("      NAME_{i}: value{i}\n"));
        compose(&format!("{WEB}    environment:\n{lines}"))
    }),
    Kind::project(
        "services-variables",
        "compose services and variables of each, by their product",
        |n| {
            let side = n.isqrt() * 4;
            let lines = many(side, |i| format!("      NAME_{i}: value{i}\n"));
            compose(&many(side, |i| {
                format!("  s{i}:\n    build: .\n    environment:\n{lines}")
            }))
        },
    ),
    Kind::project(
        "services-shared",
        "compose services and variables that they share by an anchor, by their product",
        |n| {
            let side = n.isqrt() * 2;
            let lines = many(side, |i| format!("  NAME_{i}: value{i}\n"));
            let services = many(side, |i| {
                format!("  s{i}:\n    build: .\n    environment: *shared\n")
            });
            let mut files = compose("");
            files[1].1 = format!("x-shared: &shared\n{lines}services:\n{services}");
            files
        },
    ),
    Kind::project(
        "services-extended",
        "compose services, each extending the one before",
        |n| {
            let service = |i| {
                format!(
                    "  s{}:\n    extends: s{i}\n    environment:\n      A{i}: b\n",
                    i + 1
                )
            };
            compose(&format!("  s0:\n    build: .\n{}", many(n, service)))
        },
    ),
    Kind::project(
        "services-files",
        "env files and services that name all of them, by their product",
        |n| {
            let side = n.isqrt();
            let files = many(side, |i| format!("      - e{i}.env\n"));
            let mut project = compose(&many(side, |i| {
                format!("  s{i}:\n    build: .\n    env_file:\n{files}")
            }));
            project.extend((0..side).map(|i| (format!("e{i}.env"), format!("A{i}=b\nB={i}\n"))));
            project
        },
    ),
    Kind::project("env-file", "lines of an env file", |n| {
        env_file(many(n, |i| format!("NAME_{i}=value{i}\n")))
    }),
    Kind::project(
        "env-file-chain",
        "lines of an env file, each with the one before in it",
        |n| env_file(many(n, |i| format!("A{}=${{A{i}}}b\n", i + 1))),
    ),
    Kind::project(
        "env-file-shared",
        "lines of an env file and services that share it, by their product",
        |n| {
            let side = n.isqrt() * 2;
            let mut files = compose(&many(side, |i| {
                format!("  s{i}:\n    build: .\n    env_file: .env\n")
            }));
            files.push((
                ".env".to_owned(),
                many(side, |i| format!("NAME_{i}=value{i}\n")),
            ));
            files
        },
    ),
    Kind::project("compose-files", "compose files", |n| {
        let file = |i| {
            (
                format!("docker-compose.f{i}.yml"),
                format!("services:\n  web{i}:\n    build: .\n"),
            )
        };
        project((0..n).map(file).collect())
    }),
    Kind::project(
        "compose-included",
        "compose files, each including the next",
        |n| {
            let file = |i: usize| {
                let name = if i == 0 {
                    "compose.yaml".to_owned()
                } else {
                    format!("c{i}.yaml")
                };
                (
                    name,
                    format!(
                        "include: [c{}.yaml]\nservices:\n  web{i}:\n    build: .\n",
                        i + 1
                    ),
                )
            };
            project((0..n).map(file).collect())
        },
    ),
    Kind::project(
        "compose-aliases",
        "aliases of aliases, by the power of two",
        |n| {
            let depth = n.ilog2() as usize * 3;
            let line = |i: usize| format!("x-a{}: &a{} [*a{i}, *a{i}]\n", i + 1, i + 1);
            let mut files = compose(WEB);
            files[1]
                .1
                .insert_str(0, &format!("x-a0: &a0 [x]\n{}", many(depth, line)));
            files
        },
    ),
    Kind::project("compose-nested", "lists in lists of a compose file", |n| {
        compose(&format!(
            "{WEB}    x-a: {}{}\n",
            "[".repeat(n),
            "]".repeat(n)
        ))
    }),
    Kind::project("volumes", "volumes of a service", |n| {
        let volumes = many(n, |i| format!("      - ./d{i}:/app/d{i}\n"));
        compose(&format!("{WEB}    volumes:\n{volumes}"))
    }),
    Kind::project("compose-ports", "ports of a service", |n| {
        let ports = many(n, |i| format!("      - {}:80\n", 1000 + i % 60000));
        compose(&format!("{WEB}    ports:\n{ports}"))
    }),
];

pub(super) fn compose(services: &str) -> Texts {
    project(vec![(
        "compose.yaml".to_owned(),
        format!("services:\n{services}"),
    )])
}

fn env_file(text: String) -> Texts {
    let mut files = compose(&format!("{WEB}    env_file: .env\n"));
    files.push((".env".to_owned(), text));
    files
}
