//! What lies around Dockerfiles: many of them, configuration, baselines, rules of users, ignore files, files.

use super::project::project;
use super::{Kind, Texts, many};

const SMALL: &str = "FROM python:3.13-slim\nCOPY . /app\nRUN pip install django\nCMD [\"gunicorn\", \"site.wsgi\"]\n";

const RULE: &str = "\
severity = \"warning\"
select = { command = [\"*\"] }
intent = \"any\"
scope = \"any\"
at = \"command\"
";

const EXAMPLES: &str = "\
[[bad]]
dockerfile = '''
FROM python
«RUN ls»
'''
[[good]]
dockerfile = '''
FROM python
'''
";

pub(crate) const KINDS: &[Kind] = &[
    Kind::project("dockerfiles", "Dockerfiles", |n| {
        let mut files = vec![("Dockerfile".to_owned(), SMALL.to_owned())];
        files.extend(dockerfiles(n));
        files
    }),
    Kind::project("dockerfiles-django", "Dockerfiles of one project", |n| {
        let mut files = project(Vec::new());
        files.extend(dockerfiles(n));
        files
    }),
    Kind::project(
        "dockerfiles-compose",
        "Dockerfiles and the services that build them",
        |n| {
            let service =
                |i| format!("  s{i}: {{build: {{context: ., dockerfile: d{i}/Dockerfile}}}}\n");
            let mut files = project(vec![(
                "compose.yaml".to_owned(),
                format!("services:\n{}", many(n, service)),
            )]);
            files.extend(dockerfiles(n));
            files
        },
    ),
    Kind::project(
        "dockerfiles-compose-each",
        "Dockerfiles with a stack each",
        |n| {
            let mut files = project(Vec::new());
            files.extend(dockerfiles(n));
            files.extend((0..n).map(|i| {
                (
                    format!("d{i}/compose.yaml"),
                    format!("services:\n  w{i}:\n    build: .\n"),
                )
            }));
            files
        },
    ),
    Kind::project(
        "dockerfiles-settings",
        "Dockerfiles and assignments of the settings they share, by their product",
        |n| {
            let side = n.isqrt() * 4;
            let mut files = project(vec![(
                "site/settings.py".to_owned(),
                many(side, |i| format!("A{i} = {i}\n")),
            )]);
            let own = files[0].1.clone();
            files.extend((0..side).map(|i| (format!("Dockerfile.d{i}"), own.clone())));
            files
        },
    ),
    Kind::project(
        "dockerfiles-requirements",
        "Dockerfiles and requirements they share, by their product",
        |n| {
            let side = n.isqrt() * 4;
            let mut files = project(vec![(
                "requirements.txt".to_owned(),
                many(side, |i| format!("p{i}==1.{i}\n")),
            )]);
            let own = files[0].1.clone();
            files.extend((0..side).map(|i| (format!("Dockerfile.d{i}"), own.clone())));
            files
        },
    ),
    Kind::project(
        "dockerfiles-services",
        "Dockerfiles and services of a stack, by their product",
        |n| {
            let side = n.isqrt() * 2;
            let services = many(side, |i| {
                format!("  s{i}: {{build: ., environment: {{A: b}}, depends_on: [s0]}}\n")
            });
            let mut files = project(vec![(
                "compose.yaml".to_owned(),
                format!("services:\n{services}"),
            )]);
            let own = files[0].1.clone();
            files.extend((0..side).map(|i| (format!("Dockerfile.d{i}"), own.clone())));
            files
        },
    ),
    Kind::project(
        "dockerfiles-code",
        "Dockerfiles and modules of the project, by their product",
        |n| {
            let side = n.isqrt() * 2;
            let mut files = project(super::project::modules(side));
            let own = files[0].1.clone();
            files.extend((0..side).map(|i| (format!("Dockerfile.d{i}"), own.clone())));
            files
        },
    ),
    Kind::project("config-unknown", "unknown rules of a configuration", |n| {
        config(&format!(
            "ignore = [{}]\n",
            many(n, |i| format!("\"r{i}\", "))
        ))
    }),
    Kind::project("config-keys", "unknown keys of a configuration", |n| {
        config(&many(n, |i| format!("k{i} = {i}\n")))
    }),
    Kind::project("config-severity", "severities of unknown rules", |n| {
        config(&format!(
            "[severity]\n{}",
            many(n, |i| format!("r{i} = \"error\"\n"))
        ))
    }),
    Kind::project("config-tables", "tables of unknown rules", |n| {
        config(&many(n, |i| {
            format!("[rule.r{i}]\nenabled = true\nexclude = [\"d{i}/\"]\n")
        }))
    }),
    Kind::project("config-select", "names that select one rule", |n| {
        config(&format!(
            "select = [{}]\n",
            "\"default\", \"pip-unpinned\", ".repeat(n)
        ))
    }),
    Kind::project("config-exclude", "patterns of Dockerfiles to skip", |n| {
        config(&format!(
            "exclude = [{}]\n",
            many(n, |i| format!("\"**/a{i}*/**\", "))
        ))
    }),
    Kind::project(
        "config-exclude-files",
        "patterns and Dockerfiles, by their product",
        |n| {
            let side = n.isqrt() * 2;
            let mut files = config(&format!(
                "exclude = [{}]\n",
                many(side, |i| format!("\"**/a{i}*/**\", "))
            ));
            files.extend(dockerfiles(side));
            files
        },
    ),
    Kind::project("config-per-file", "patterns with rules", |n| {
        config(&format!(
            "[per-file-ignores]\n{}",
            many(n, |i| format!("\"**/d{i}/**\" = [\"runs-as-root\"]\n"))
        ))
    }),
    Kind::project("config-arguments", "build arguments", |n| {
        config(&format!(
            "[build-args]\n{}",
            many(n, |i| format!("A{i} = \"b\"\n"))
        ))
    }),
    Kind::project(
        "config-intent",
        "patterns of what Dockerfiles are for",
        |n| {
            config(&format!(
                "[intent]\n{}",
                many(n, |i| format!("\"d{i}/**\" = \"ci\"\n"))
            ))
        },
    ),
    Kind::project("config-deep", "lists in lists", |n| {
        config(&format!(
            "ignore = {}{}\n[{}a]\n",
            "[".repeat(n),
            "]".repeat(n),
            "a.".repeat(n)
        ))
    }),
    Kind::project(
        "config-extends",
        "configurations, each extending two others",
        |n| {
            let mut files = config("extends = [\"c0.toml\"]\n");
            files.extend((0..n).map(|i| {
                (
                    format!("c{i}.toml"),
                    format!(
                        "extends = [\"c{}.toml\", \"c{}.toml\"]\nignore = [\"runs-as-root\"]\n",
                        i + 1,
                        i + 2
                    ),
                )
            }));
            files
        },
    ),
    Kind::project("config-broken", "mistakes of syntax", |n| {
        config(&"a = = [\n".repeat(n))
    }),
    Kind::project(
        "configs",
        "directories with a configuration and a Dockerfile each",
        |n| {
            let mut files = project(dockerfiles(n));
            files.extend((0..n).map(|i| {
                (
                    format!("d{i}/seatrial.toml"),
                    "fail-on = \"error\"\n".to_owned(),
                )
            }));
            files
        },
    ),
    Kind::project("baseline", "entries of a baseline", |n| {
        let entry = |i| {
            format!(
                "{{\"rule\": \"r{i}\", \"file\": \"Dockerfile\", \"fingerprint\": \"{i:032x}\", \"count\": 1}}, "
            )
        };
        let mut files = config("baseline = \"b.json\"\n");
        files.push((
            "b.json".to_owned(),
            format!(
                "{{\"schema_version\": 1, \"findings\": [{}{{}}]}}",
                many(n, entry)
            ),
        ));
        files
    }),
    Kind::project("baseline-deep", "lists in lists of a baseline", |n| {
        let mut files = config("baseline = \"b.json\"\n");
        files.push((
            "b.json".to_owned(),
            format!("{}{}", "[".repeat(n), "]".repeat(n)),
        ));
        files
    }),
    Kind::project("rule-files", "rules of a user", |n| {
        let text = format!(
            "summary = \"a\"\n{RULE}message = \"no `{{{{ command.name }}}}`\"\nhelp = \"a\"\n\
            when = \"command.name == 'ls'\"\n{EXAMPLES}"
        );
        rules(
            (0..n)
                .map(|i| (format!("lint/own/r{i}.toml"), text.clone()))
                .collect(),
        )
    }),
    Kind::project("rule-condition", "parts of a condition of a user", |n| {
        let when = many(n, |i| format!("command.name == 'a{i}' or "));
        rule(&format!("when = \"{when}false\"\nmessage = \"a\"\n"))
    }),
    Kind::project("rule-condition-nested", "brackets of a condition", |n| {
        rule(&format!(
            "when = \"{}true{}\"\nmessage = \"a\"\n",
            "(".repeat(n),
            ")".repeat(n)
        ))
    }),
    Kind::project("rule-message", "values of a message of a user", |n| {
        rule(&format!(
            "when = \"true\"\nmessage = \"{}\"\n",
            "{{ command.name | replace('a', 'bbbbbbbb') }}".repeat(n)
        ))
    }),
    Kind::project("rule-heavy", "filters of one value", |n| {
        rule(&format!(
            "when = \"true\"\nmessage = \"{{{{ command.name{} }}}}\"\n",
            " | replace('', 'abcdefgh')".repeat(n)
        ))
    }),
    Kind::project(
        "rule-commands",
        "commands that a heavy rule is asked of",
        |n| {
            let heavy = " | replace('s', 'ssssssss')".repeat(6);
            let mut files = rule(&format!(
                "when = \"true\"\nmessage = \"{{{{ command.name{heavy} }}}}\"\n"
            ));
            files[0].1 = format!("FROM python:3.13\n{}", "RUN sssss\n".repeat(n));
            files
        },
    ),
    Kind::project(
        "rule-lists",
        "commands that a rule compares with all others",
        |n| {
            let mut files = rule(
                "when = \"stage.commands | selectattr('name', 'equalto', 'ls') | list | length > 100000\"\n\
                message = \"a\"\n",
            );
            files[0].1 = format!("FROM python:3.13\n{}", "RUN ls\n".repeat(n));
            files
        },
    ),
    Kind::project("rule-pattern", "stars of a pattern of a rule", |n| {
        let mut files = rule(&format!(
            "when = \"command.text is matching('{}b')\"\nmessage = \"a\"\n",
            "a*".repeat(n / 4)
        ));
        files[0].1 = format!("FROM python:3.13\nRUN {}\n", "a".repeat(n.min(60_000)));
        files
    }),
    Kind::project("rule-examples", "examples of a rule", |n| {
        let mut files = rule("when = \"true\"\nmessage = \"a\"\n");
        if let Some(file) = files.iter_mut().find(|file| file.0.starts_with("lint/")) {
            file.1.push_str(&EXAMPLES.repeat(n));
        }
        files
    }),
    Kind::project("dockerignore-comments", "comments of .dockerignore", |n| {
        ignore("# a\n\n".repeat(n))
    }),
    Kind::project("dockerignore-long", "letters of one pattern", |n| {
        ignore(format!("{}\n", "[a-z]?".repeat(n)))
    }),
    Kind::project(
        "dockerignore-files",
        "patterns and files, by their product",
        |n| {
            let side = n.isqrt() * 2;
            let mut files = ignore(many(side.min(1990), |i| format!("**/*a{i}*/**/b\n")));
            files.extend(super::project::modules(side * 4));
            files
        },
    ),
    Kind::project(
        "dockerignore-copies",
        "patterns and COPY of directories, by their product",
        |n| {
            let side = n.isqrt() * 4;
            let mut files = ignore(many(side.min(1990), |i| {
                format!("**/*a{i}*\n!d{i}/**\n")
                    .chars()
                    .take(14)
                    .collect::<String>()
                    + "\n"
            }));
            files[0].1 = format!(
                "FROM python:3.13\n{}CMD [\"gunicorn\", \"site.wsgi\"]\n",
                many(side, |i| format!("COPY d{i}/*.txt /app/d{i}/\n"))
            );
            files
        },
    ),
    Kind::project(
        "dockerignores",
        "Dockerfiles with an ignore file each",
        |n| {
            let mut files = project(dockerfiles(n));
            files.extend((0..n).map(|i| {
                (
                    format!("d{i}/Dockerfile.dockerignore"),
                    "**/*.pyc\n!a\n".to_owned(),
                )
            }));
            files
        },
    ),
    Kind::project("gitignores", "directories with a .gitignore each", |n| {
        project(
            (0..n)
                .map(|i| (format!("d{i}/.gitignore"), format!("*.a{i}\n!b\n**/c\n")))
                .collect(),
        )
    }),
    Kind::project(
        "gitignore-deep",
        "directories in directories with a .gitignore each",
        |n| {
            let depth = n.min(400);
            project(
                (0..depth)
                    .map(|i| {
                        (
                            format!("{}.gitignore", "d/".repeat(i)),
                            "**/*.log\n".repeat(n / depth.max(1)),
                        )
                    })
                    .collect(),
            )
        },
    ),
    Kind::project(
        "gitignore-files",
        "patterns of .gitignore and files, by their product",
        |n| {
            let side = n.isqrt() * 4;
            let mut files = super::project::modules(side);
            files.push((
                ".gitignore".to_owned(),
                many(side, |i| format!("**/a{i}*/**/*.log\n")),
            ));
            project(files)
        },
    ),
    Kind::project("gitattributes", "lines of .git", |n| {
        let own = |path: &str, text| (path.to_owned(), text);
        project(vec![
            own(".git/HEAD", "ref: refs/heads/main\n".to_owned()),
            own(
                ".git/config",
                many(n, |i| {
                    format!("[remote \"r{i}\"]\n\turl = https://example.org/{i}\n")
                }),
            ),
            own(".git/info/exclude", many(n, |i| format!("*.x{i}\n"))),
        ])
    }),
    Kind::project("files-deep", "directories in directories", |n| {
        let depth = n.min(700);
        project(
            (0..n / depth.max(1))
                .map(|i| (format!("{}f{i}.py", "d/".repeat(depth)), String::new()))
                .collect(),
        )
    }),
    Kind::project(
        "files-copied",
        "files and COPY of some, by their product",
        |n| {
            let side = n.isqrt() * 4;
            let mut files = project(super::project::modules(side));
            files[0].1 = format!(
                "FROM python:3.13\n{}CMD [\"gunicorn\", \"site.wsgi\"]\n",
                many(side, |i| format!(
                    "COPY app{}/*{i}.py app*/ /app/d{i}/\n",
                    i % 97
                ))
            );
            files
        },
    ),
    Kind::project("migrations", "migrations of applications", |n| {
        let one = |i| {
            (
                format!("a{}/migrations/{i:04}_x.py", i % 40),
                format!(
                    "class Migration:\n    dependencies = [('a{}', '{:04}_x')]\n",
                    i % 40,
                    i / 2
                ),
            )
        };
        project((0..n).map(one).collect())
    }),
    Kind::project("templates", "templates and static files", |n| {
        let mut files = project(Vec::new());
        for i in 0..n {
            files.push((
                format!("templates/t{i}.html"),
                format!(
                    "{{% load static %}}{{% extends 't{}.html' %}}{{% static 's{i}.css' %}}",
                    i + 1
                ),
            ));
            files.push((
                format!("static/s{i}.css"),
                format!(
                    "@import 's{}.css'; a {{ background: url(i{i}.png) }}",
                    i + 1
                ),
            ));
        }
        files
    }),
];

fn dockerfiles(n: usize) -> Texts {
    (0..n)
        .map(|i| (format!("d{i}/Dockerfile"), SMALL.to_owned()))
        .collect()
}

fn config(text: &str) -> Texts {
    project(vec![("seatrial.toml".to_owned(), text.to_owned())])
}

fn rules(files: Texts) -> Texts {
    let mut all = config("rules = [\"lint\"]\n");
    all.extend(files);
    all
}

/// With what a rule of a user asks and says.
fn rule(text: &str) -> Texts {
    rules(vec![(
        "lint/own/r.toml".to_owned(),
        format!("summary = \"a\"\n{RULE}help = \"a\"\n{text}{EXAMPLES}"),
    )])
}

fn ignore(text: String) -> Texts {
    project(vec![(".dockerignore".to_owned(), text)])
}
