//! Which server a project starts: command lines of real projects in other words. What cannot be told is
//! unknown, never another server.

use serde_json::Value;

use crate::support::Project;

/// A project: what its Dockerfile ends with, its scripts and compose file.
struct Row {
    name: &'static str,
    /// Behind `FROM python:3.13-slim-trixie`, `WORKDIR /code` and `COPY . /code/`.
    dockerfile: &'static str,
    files: &'static [(&'static str, &'static str)],
    /// `None`: not known, or none.
    server: Option<&'static str>,
    /// Services of compose.yaml that build it, and what they start; empty: certainly no server.
    services: &'static [(&'static str, Option<&'static str>)],
}

const fn image(name: &'static str, dockerfile: &'static str, server: Option<&'static str>) -> Row {
    Row {
        name,
        dockerfile,
        files: &[],
        server,
        services: &[],
    }
}

const fn script(
    name: &'static str,
    dockerfile: &'static str,
    files: &'static [(&'static str, &'static str)],
    server: Option<&'static str>,
) -> Row {
    Row {
        name,
        dockerfile,
        files,
        server,
        services: &[],
    }
}

const ENTRY: &str = "ENTRYPOINT [\"/code/entry.sh\"]\nCMD [\"uwsgi\", \"--show-config\"]";

const ROWS: &[Row] = &[
    image(
        "exec form",
        r#"CMD ["gunicorn", "site.wsgi", "-b", ":8000"]"#,
        Some("gunicorn"),
    ),
    image(
        "shell form",
        "CMD gunicorn site.wsgi -w 4 -k gevent -b 0.0.0.0:80",
        Some("gunicorn"),
    ),
    image(
        "path",
        r#"CMD ["/venv/bin/uwsgi", "--http-auto-chunked"]"#,
        Some("uwsgi"),
    ),
    image(
        "ini",
        r#"CMD ["/usr/local/bin/uwsgi", "--ini", "/app/uwsgi.ini"]"#,
        Some("uwsgi"),
    ),
    image(
        "chain",
        "CMD ./manage.py migrate && uwsgi --master --http :8000 --module app.wsgi",
        Some("uwsgi"),
    ),
    image(
        "chain of three",
        "CMD python manage.py collectstatic --noinput && python manage.py migrate && gunicorn -c ${CONF} ${APP}",
        Some("gunicorn"),
    ),
    image(
        "shell in exec form",
        r#"CMD ["/bin/sh", "-c", "wait4ports tcp://${DB_HOST:-db}:5432 && manage.py migrate && gunicorn a.wsgi"]"#,
        Some("gunicorn"),
    ),
    image(
        "bash in shell form",
        "CMD bash -c \"djcli dbcheck && uwsgi --http-socket=:8000\"",
        Some("uwsgi"),
    ),
    image(
        "agent",
        r#"CMD ["newrelic-admin", "run-program", "uwsgi", "--single-interpreter"]"#,
        Some("uwsgi"),
    ),
    image(
        "uv run",
        r#"CMD ["uv", "run", "--no-sync", "gunicorn", "site.wsgi"]"#,
        Some("gunicorn"),
    ),
    image(
        "poetry run",
        r#"CMD ["poetry", "run", "uvicorn", "site.asgi:application"]"#,
        Some("uvicorn"),
    ),
    image(
        "module",
        r#"CMD ["python", "-m", "gunicorn", "site.wsgi"]"#,
        Some("gunicorn"),
    ),
    image(
        "module uvicorn",
        r#"CMD ["python3", "-m", "uvicorn", "site.asgi:application"]"#,
        Some("uvicorn"),
    ),
    image(
        "daphne",
        r#"CMD ["daphne", "-b", "0.0.0.0", "-p", "8000", "site.asgi:application"]"#,
        Some("daphne"),
    ),
    image(
        "hypercorn",
        r#"CMD ["hypercorn", "site.asgi:application", "--bind", ":8000"]"#,
        Some("hypercorn"),
    ),
    image(
        "granian",
        r#"CMD ["granian", "--interface", "asgi", "site.asgi:application"]"#,
        Some("granian"),
    ),
    image(
        "waitress",
        r#"CMD ["waitress-serve", "--port=8000", "site.wsgi:application"]"#,
        Some("waitress"),
    ),
    image(
        "runserver",
        r#"CMD ["python", "manage.py", "runserver", "0.0.0.0:8000"]"#,
        Some("runserver"),
    ),
    image(
        "runserver_plus",
        "CMD python manage.py runserver_plus 0.0.0.0:8000",
        Some("runserver"),
    ),
    image(
        "tini",
        "ENTRYPOINT [\"tini\", \"--\"]\nCMD [\"gunicorn\", \"site.wsgi\"]",
        Some("gunicorn"),
    ),
    image(
        "dumb-init",
        "ENTRYPOINT [\"dumb-init\", \"gunicorn\"]\nCMD [\"site.wsgi\"]",
        Some("gunicorn"),
    ),
    image("celery", r#"CMD ["celery", "-A", "site", "worker"]"#, None),
    image(
        "manager",
        r#"CMD ["supervisord", "-c", "/etc/supervisor/supervisord.conf"]"#,
        None,
    ),
    image("shell", r#"CMD ["bash"]"#, None),
    image("not said", "", None),
    image("procfile", r#"CMD ["honcho", "start", "web"]"#, None),
    script(
        "entrypoint passes on",
        ENTRY,
        &[(
            "entry.sh",
            "#!/bin/sh\nset -e\npython manage.py migrate\nexec \"$@\"\n",
        )],
        Some("uwsgi"),
    ),
    script(
        "gosu",
        ENTRY,
        &[(
            "entry.sh",
            "#!/bin/sh\nchown app /data\nexec gosu app \"$@\"\n",
        )],
        Some("uwsgi"),
    ),
    script(
        "fixed server",
        ENTRY,
        &[("entry.sh", "#!/bin/sh\nexec daphne site.asgi:application\n")],
        Some("daphne"),
    ),
    script(
        "by first argument",
        "ENTRYPOINT [\"/code/entry.sh\"]\nCMD [\"serve\"]",
        &[(
            "entry.sh",
            concat!(
                "#!/bin/sh\n",
                "case \"$1\" in\n",
                "  serve) exec gunicorn site.wsgi ;;\n",
                "  work) exec celery -A site worker ;;\n",
                "esac\n",
            ),
        )],
        Some("gunicorn"),
    ),
    script(
        "two branches disagree",
        "CMD [\"/code/entry.sh\"]",
        &[(
            "entry.sh",
            concat!(
                "#!/bin/sh\n",
                "if [ \"$DEV\" = 1 ]; then\n",
                "  python manage.py runserver 0.0.0.0:8000\n",
                "else\n",
                "  exec gunicorn site.wsgi\n",
                "fi\n",
            ),
        )],
        None,
    ),
    script(
        "two branches agree",
        "CMD [\"/code/entry.sh\"]",
        &[(
            "entry.sh",
            "#!/bin/sh\nif [ -n \"$NEW_RELIC_KEY\" ]; then\n  exec newrelic-admin run-program gunicorn \
                site.wsgi\nelse\n  exec gunicorn site.wsgi\nfi\n",
        )],
        Some("gunicorn"),
    ),
    script(
        "script calls script",
        "ENTRYPOINT [\"/code/entry.sh\"]",
        &[
            ("entry.sh", "#!/bin/sh\n/code/bin/serve.sh\n"),
            (
                "bin/serve.sh",
                "#!/bin/sh\nexec uvicorn site.asgi:application --host 0.0.0.0\n",
            ),
        ],
        Some("uvicorn"),
    ),
    script(
        "function nobody calls for sure",
        "ENTRYPOINT [\"/code/entry.sh\"]\nCMD [\"dev\"]",
        &[(
            "entry.sh",
            concat!(
                "#!/bin/bash\n",
                "serve() {\n",
                "  exec gunicorn site.wsgi\n",
                "}\n",
                "case \"$MODE\" in\n",
                "  prod) serve ;;\n",
                "  *) site runserver ;;\n",
                "esac\n",
            ),
        )],
        None,
    ),
    script(
        "script that is not there",
        "ENTRYPOINT [\"start-it.sh\"]",
        &[],
        None,
    ),
    script(
        "script in python",
        "CMD [\"/code/run.py\"]",
        &[("run.py", "#!/usr/bin/env python\nimport os\n")],
        None,
    ),
    script(
        "wait, then serve",
        "CMD [\"/code/wait.sh\", \"gunicorn\", \"site.wsgi\"]",
        &[(
            "wait.sh",
            "#!/bin/sh\nuntil nc -z db 5432; do sleep 1; done\nexec \"$@\"\n",
        )],
        Some("gunicorn"),
    ),
    Row {
        name: "compose starts the server",
        dockerfile: "ENTRYPOINT [\"/code/entry.sh\"]",
        files: &[
            ("entry.sh", "#!/bin/sh\nset -e\nexec \"$@\"\n"),
            (
                "start",
                "#!/bin/sh\npython manage.py collectstatic --noinput\nexec gunicorn site.wsgi --bind 0.0.0.0:5000\n",
            ),
            (
                "compose.yaml",
                concat!(
                    "services:\n",
                    "  web:\n",
                    "    build: .\n",
                    "    command: /code/start\n",
                    "  dev:\n",
                    "    build: .\n",
                    "    command: python manage.py runserver 0.0.0.0:8000\n",
                    "  worker:\n",
                    "    build: .\n",
                    "    command: celery -A site worker\n",
                    "  idle:\n",
                    "    build: .\n",
                    "    command: sleep infinity\n",
                ),
            ),
        ],
        server: None,
        services: &[
            ("web", Some("gunicorn")),
            ("dev", Some("runserver")),
            ("worker", Some("")),
            ("idle", Some("")),
        ],
    },
    Row {
        name: "compose keeps the image's",
        dockerfile: "CMD [\"uvicorn\", \"site.asgi:application\"]",
        files: &[(
            "compose.yaml",
            "services:\n  web:\n    build: .\n  sh:\n    build: .\n    entrypoint: [sh, -c, \"python manage.py migrate \
                && daphne site.asgi:application\"]\n  odd:\n    build: .\n    command: ${COMMAND}\n",
        )],
        server: Some("uvicorn"),
        services: &[
            ("web", Some("uvicorn")),
            ("sh", Some("daphne")),
            ("odd", None),
        ],
    },
    Row {
        name: "compose overrides a server",
        dockerfile: "ENTRYPOINT [\"gunicorn\"]\nCMD [\"site.wsgi\"]",
        files: &[(
            "compose.yaml",
            concat!(
                "services:\n",
                "  web:\n",
                "    build: .\n",
                "    command: site.wsgi --reload\n",
                "  worker:\n",
                "    build: .\n",
                "    entrypoint: celery -A site worker\n",
            ),
        )],
        server: Some("gunicorn"),
        services: &[("web", Some("gunicorn")), ("worker", Some(""))],
    },
];

fn name(value: &Value) -> Option<&str> {
    match value {
        Value::String(name) => Some(name),
        Value::Null => Some(""),
        _ => None,
    }
}

#[test]
fn the_servers_of_real_projects_are_named_or_unknown() {
    let project = Project::new(&[]);
    for (index, row) in ROWS.iter().enumerate() {
        let directory = format!("p{index:02}");
        let dockerfile = format!(
            "FROM python:3.13-slim-trixie\nWORKDIR /code\nCOPY --chmod=755 . /code/\n{}\n",
            row.dockerfile
        );
        project.write(&format!("{directory}/Dockerfile"), dockerfile);
        project.write(&format!("{directory}/.git/HEAD"), "ref: refs/heads/main\n");
        project.write(&format!("{directory}/manage.py"), "");
        for (path, text) in row.files {
            project.write(&format!("{directory}/{path}"), text);
        }
    }
    let ran = project.run(&["facts", "."]);
    let facts: Vec<Value> = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(facts.len(), ROWS.len());
    let mut wrong = String::new();
    for (row, fact) in ROWS.iter().zip(&facts) {
        let server = fact["images"][0]["server"]["name"].as_str();
        if server != row.server {
            wrong += &format!("{}: {server:?}, not {:?}\n", row.name, row.server);
        }
        let services = fact["service"].as_array().expect("a list");
        for (service, expected) in row.services {
            let found = services.iter().find(|value| value["name"] == *service);
            let found = found.map(|value| name(&value["server"]));
            if found != Some(*expected) {
                wrong += &format!("{}, {service}: {found:?}, not {expected:?}\n", row.name);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
