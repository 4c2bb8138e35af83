//! Addresses, applications, workers, and the files that set them.

use crate::server::Setting;
use crate::server::uwsgi::ConfigState;

use super::{run, summary};

#[test]
fn servers_say_where_they_listen() {
    type Line = (
        &'static str,
        &'static [(&'static str, &'static str)],
        &'static str,
    );
    let table: &[Line] = &[
        (
            "gunicorn p.wsgi",
            &[],
            "!127.0.0.1:8000 app p.wsgi workers - flags -",
        ),
        (
            "gunicorn p.wsgi:app -b :80 -w 4",
            &[],
            ":80 app p.wsgi:app workers 4 flags -",
        ),
        (
            "gunicorn --bind=0.0.0.0:8000 --bind unix:/run/g.sock p.wsgi --reload",
            &[],
            "0.0.0.0:8000 unix /run/g.sock app p.wsgi workers - flags reload",
        ),
        (
            "gunicorn p.wsgi",
            &[("PORT", "5000")],
            "!0.0.0.0:5000 app p.wsgi workers - flags -",
        ),
        (
            "gunicorn p.wsgi",
            &[("PORT", "?")],
            "!0.0.0.0:? app p.wsgi workers - flags -",
        ),
        (
            "gunicorn p.wsgi",
            &[("WEB_CONCURRENCY", "3")],
            "!127.0.0.1:8000 app p.wsgi workers 3 flags -",
        ),
        (
            "gunicorn p.wsgi -w 2",
            &[(
                "GUNICORN_CMD_ARGS",
                "--bind '0.0.0.0:9000' -w 5 --threads=2",
            )],
            "0.0.0.0:9000 app p.wsgi workers 2 flags -",
        ),
        (
            "gunicorn p.wsgi",
            &[("GUNICORN_CMD_ARGS", "?")],
            " app p.wsgi workers ? flags - open",
        ),
        (
            "gunicorn p.wsgi --bind=0.0.0.0:?",
            &[],
            " app p.wsgi workers - flags -",
        ),
        ("gunicorn ?", &[], " app - workers ? flags - open"),
        (
            "gunicorn -b0.0.0.0:81 p.wsgi -k gevent --preload",
            &[],
            "0.0.0.0:81 app p.wsgi workers - flags -",
        ),
        (
            "gunicorn p.wsgi --bind [::]:8000",
            &[],
            ":::8000 app p.wsgi workers - flags -",
        ),
        (
            "uvicorn p.asgi:application",
            &[],
            "!127.0.0.1:8000 app p.asgi:application workers - flags -",
        ),
        (
            "uvicorn p.asgi:application --host 0.0.0.0 --port 80 --reload --workers=2",
            &[],
            "0.0.0.0:80 app p.asgi:application workers 2 flags reload",
        ),
        (
            "uvicorn p:a --port 81",
            &[("UVICORN_HOST", "0.0.0.0"), ("UVICORN_PORT", "82")],
            "0.0.0.0:81 app p:a workers - flags -",
        ),
        (
            "uvicorn p:a --uds /run/u.sock",
            &[],
            "unix /run/u.sock app p:a workers - flags -",
        ),
        (
            "uvicorn p:a --host 0.0.0.0 --port=?",
            &[],
            "0.0.0.0:? app p:a workers - flags -",
        ),
        (
            "daphne p.asgi:application",
            &[],
            "!127.0.0.1:8000 app p.asgi:application workers - flags -",
        ),
        (
            "daphne -b 0.0.0.0 -p 8001 p.asgi:a",
            &[],
            "0.0.0.0:8001 app p.asgi:a workers - flags -",
        ),
        (
            "daphne -u /run/d.sock p:a",
            &[],
            "unix /run/d.sock app p:a workers - flags -",
        ),
        (
            "daphne -e tcp:port=80:interface=0.0.0.0 p:a",
            &[],
            "0.0.0.0:80 app p:a workers - flags -",
        ),
        (
            "hypercorn p.asgi",
            &[],
            "!127.0.0.1:8000 app p.asgi workers - flags -",
        ),
        (
            "hypercorn -b 0.0.0.0:80 -w 3 --debug p:a",
            &[],
            "0.0.0.0:80 app p:a workers 3 flags debug",
        ),
        (
            "granian --interface asgi p:a --host 0.0.0.0",
            &[],
            "0.0.0.0:8000 app p:a workers - flags -",
        ),
        (
            "granian p:a",
            &[("GRANIAN_PORT", "81")],
            "127.0.0.1:81 app p:a workers - flags -",
        ),
        (
            "waitress-serve p:a",
            &[],
            "!0.0.0.0:8080 app p:a workers - flags -",
        ),
        (
            "waitress-serve --listen=*:80 --listen 127.0.0.1:81 p:a",
            &[],
            "0.0.0.0:80 127.0.0.1:81 app p:a workers - flags -",
        ),
        (
            "python manage.py runserver",
            &[],
            "!127.0.0.1:8000 app - workers - flags runserver",
        ),
        (
            "python manage.py runserver 81",
            &[],
            "127.0.0.1:81 app - workers - flags runserver",
        ),
        (
            "python manage.py runserver 0:82",
            &[],
            "0.0.0.0:82 app - workers - flags runserver",
        ),
        (
            "manage.py runserver 0.0.0.0:?",
            &[],
            "0.0.0.0:? app - workers - flags runserver open",
        ),
        (
            "uwsgi --http :8000 --module p.wsgi:app -p 4",
            &[],
            ":8000 app p.wsgi:app workers 4 flags -",
        ),
        (
            "uwsgi --http 8000 --wsgi-file p/wsgi.py",
            &[],
            "unix 8000 app p/wsgi.py workers - flags -",
        ),
        (
            "uwsgi",
            &[
                ("UWSGI_HTTP", ":8000"),
                ("UWSGI_MODULE", "p.wsgi"),
                ("UWSGI_WORKERS", "2"),
                ("UWSGI_PY_AUTORELOAD", "1"),
            ],
            ":8000 app p.wsgi workers 2 flags py-autoreload",
        ),
        (
            "uwsgi --py-autoreload=0 --socket 127.0.0.1:3031",
            &[],
            "127.0.0.1:3031 app - workers - flags -",
        ),
        (
            "uwsgi ?",
            &[("UWSGI_HTTP", ":8000")],
            ":8000 app - workers ? flags - open",
        ),
    ];
    for (line, env, expected) in table {
        assert_eq!(summary(&run(line, env, &[])), *expected, "{line} {env:?}");
    }
}

#[test]
fn gunicorn_reads_its_file() {
    let conf = "import os, multiprocessing\n\nbind = f\"0.0.0.0:{os.environ.get('PORT', '8001')}\"\nworkers = \
        multiprocessing.cpu_count() * 2 + 1\nthreads = int(os.getenv('THREADS', 4))\nreload = False\nwsgi_app = \
        'proj.wsgi:application'\nif DEBUG:\n    loglevel = 'debug'\nuser = None\n";
    for line in [
        "gunicorn",
        "gunicorn -c gunicorn.conf.py",
        "gunicorn -c file:gunicorn.conf.py",
        "gunicorn --config python:gunicorn.conf",
    ] {
        let name = if line.ends_with("python:gunicorn.conf") {
            "gunicorn/conf.py"
        } else {
            "gunicorn.conf.py"
        };
        let server = run(line, &[], &[(name, conf)]);
        assert_eq!(
            summary(&server),
            "0.0.0.0:8001 app proj.wsgi:application workers ? flags -",
            "{line}"
        );
        assert_eq!(server.threads.as_str(), Some("4"));
        assert!(server.user.is_absent());
        assert!(matches!(
            server.setting("loglevel"),
            Setting::Unknown(Some(_))
        ));
        assert!(server.setting("timeout").is_absent());
    }
    let stronger = run(
        "gunicorn -w 2 other.wsgi",
        &[("GUNICORN_CMD_ARGS", "-b :9")],
        &[("gunicorn.conf.py", conf)],
    );
    assert_eq!(summary(&stronger), ":9 app other.wsgi workers 2 flags -");
    let missing = run("gunicorn -c conf/none.py p.wsgi", &[], &[]);
    assert_eq!(missing.files[0].state, ConfigState::Missing);
    assert!(missing.is_open && !missing.binds_are_known);
    let broken = run(
        "gunicorn p.wsgi",
        &[],
        &[("gunicorn.conf.py", "bind = (\n")],
    );
    assert!(broken.is_open && broken.binds.is_empty());
    let several = "bind = ['0.0.0.0:1', 'unix:/x']\n\ndef when_ready(server):\n    bind = 'no'\n";
    let several = run("gunicorn p.wsgi", &[], &[("gunicorn.conf.py", several)]);
    assert_eq!(
        summary(&several),
        "0.0.0.0:1 unix /x app p.wsgi workers - flags -"
    );
    let toml = run(
        "hypercorn -c h.toml p:a",
        &[],
        &[("h.toml", "bind = [\"0.0.0.0:7\"]\nworkers = 2\n")],
    );
    assert_eq!(summary(&toml), "0.0.0.0:7 app p:a workers 2 flags -");
}
