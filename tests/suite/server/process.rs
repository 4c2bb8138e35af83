//! Programs behind the programs that start them.

use seatrial::knowledge::servers::Server as Product;
use seatrial::server::{Argv, Kind, identify};
use seatrial::source::Sources;

use super::words;

#[test]
fn processes_are_named() {
    use Kind::{Manage, Other, Procfile, Python, Server, Shell, Unknown, Worker};
    let table: &[(&str, Kind, &str)] = &[
        ("uwsgi --ini x.ini", Server(Product::Uwsgi), "uwsgi"),
        (
            "/venv/bin/uwsgi --http :8000",
            Server(Product::Uwsgi),
            "uwsgi",
        ),
        ("pyuwsgi --master", Server(Product::Uwsgi), "pyuwsgi"),
        ("gunicorn p.wsgi", Server(Product::Gunicorn), "gunicorn"),
        (
            "/usr/local/bin/gunicorn3 p.wsgi",
            Server(Product::Gunicorn),
            "gunicorn",
        ),
        (
            "python -m gunicorn p.wsgi",
            Server(Product::Gunicorn),
            "gunicorn",
        ),
        (
            "python3.12 -u -m uvicorn p.asgi:application",
            Server(Product::Uvicorn),
            "uvicorn",
        ),
        (
            "python /app/manage.py runserver 0.0.0.0:8000",
            Server(Product::Runserver),
            "manage.py",
        ),
        (
            "python -u manage.py runserver",
            Server(Product::Runserver),
            "manage.py",
        ),
        (
            "./manage.py runserver_plus",
            Server(Product::RunserverPlus),
            "manage.py",
        ),
        (
            "django-admin runserver",
            Server(Product::Runserver),
            "django-admin",
        ),
        (
            "python -m django runserver",
            Server(Product::Runserver),
            "django-admin",
        ),
        (
            "python manage.py --settings=x runserver",
            Server(Product::Runserver),
            "manage.py",
        ),
        ("python manage.py migrate", Manage, "manage.py"),
        ("python manage.py ?", Unknown, "manage.py"),
        (
            "uv run gunicorn p.wsgi",
            Server(Product::Gunicorn),
            "gunicorn",
        ),
        (
            "uv run --no-sync --group prod -- gunicorn p.wsgi",
            Server(Product::Gunicorn),
            "gunicorn",
        ),
        (
            "uv run python manage.py runserver",
            Server(Product::Runserver),
            "manage.py",
        ),
        (
            "uv run --no-dev manage.py runserver",
            Server(Product::Runserver),
            "manage.py",
        ),
        ("uv sync", Other, "uv"),
        (
            "poetry run gunicorn p.wsgi",
            Server(Product::Gunicorn),
            "gunicorn",
        ),
        (
            "pipenv run python manage.py runserver",
            Server(Product::Runserver),
            "manage.py",
        ),
        ("tini -- uwsgi", Server(Product::Uwsgi), "uwsgi"),
        (
            "/usr/bin/tini -g -- gunicorn p.wsgi",
            Server(Product::Gunicorn),
            "gunicorn",
        ),
        (
            "dumb-init --rewrite 15:2 uwsgi",
            Server(Product::Uwsgi),
            "uwsgi",
        ),
        (
            "newrelic-admin run-program gunicorn p.wsgi",
            Server(Product::Gunicorn),
            "gunicorn",
        ),
        ("newrelic-admin generate-config x", Other, "newrelic-admin"),
        (
            "ddtrace-run gunicorn p.wsgi",
            Server(Product::Gunicorn),
            "gunicorn",
        ),
        (
            "opentelemetry-instrument --traces_exporter=x uvicorn p:a",
            Server(Product::Uvicorn),
            "uvicorn",
        ),
        (
            "gosu app gunicorn p.wsgi",
            Server(Product::Gunicorn),
            "gunicorn",
        ),
        (
            "su-exec app:app tini -- daphne p.asgi:a",
            Server(Product::Daphne),
            "daphne",
        ),
        (
            "setpriv --reuid=app --regid app --init-groups uwsgi",
            Server(Product::Uwsgi),
            "uwsgi",
        ),
        (
            "env A=1 B=2 hypercorn p:a",
            Server(Product::Hypercorn),
            "hypercorn",
        ),
        (
            "timeout 10 granian p:a",
            Server(Product::Granian),
            "granian",
        ),
        (
            "wait-for-it.sh db:5432 -t 30 -- gunicorn p.wsgi",
            Server(Product::Gunicorn),
            "gunicorn",
        ),
        (
            "dockerize -wait tcp://db:5432 -timeout 30s gunicorn p",
            Server(Product::Gunicorn),
            "gunicorn",
        ),
        (
            "chamber exec prod x -- gunicorn p.wsgi",
            Server(Product::Gunicorn),
            "gunicorn",
        ),
        (
            "doppler run -- gunicorn p.wsgi",
            Server(Product::Gunicorn),
            "gunicorn",
        ),
        (
            "python -m debugpy --listen 0.0.0.0:5678 manage.py runserver",
            Server(Product::Runserver),
            "manage.py",
        ),
        ("coverage run manage.py runserver", Other, "coverage"),
        (
            "python -m coverage run manage.py runserver",
            Server(Product::Runserver),
            "manage.py",
        ),
        (
            "waitress-serve --port=80 p.wsgi:application",
            Server(Product::Waitress),
            "waitress-serve",
        ),
        (
            "supervisord -n -c /etc/s.conf",
            Server(Product::Supervisord),
            "supervisord",
        ),
        ("nginx -g daemon", Server(Product::Nginx), "nginx"),
        (
            "mod_wsgi-express start-server p.wsgi",
            Server(Product::ModWsgiExpress),
            "mod_wsgi-express",
        ),
        ("celery -A proj worker", Worker, "celery"),
        ("python -m celery -A proj beat", Worker, "celery"),
        ("honcho start", Procfile, "honcho"),
        ("sh ./run.sh", Shell, "sh"),
        ("bash -e start.sh", Shell, "bash"),
        ("./entrypoint.sh", Other, "entrypoint.sh"),
        ("python app.py", Python, "python"),
        ("python", Python, "python"),
        ("python -c x", Python, "python"),
        (
            "flask run --host 0.0.0.0",
            Server(Product::FlaskRun),
            "flask",
        ),
        ("?", Unknown, ""),
        (
            "gosu ? gunicorn p.wsgi",
            Server(Product::Gunicorn),
            "gunicorn",
        ),
        ("gosu app ?", Unknown, ""),
        ("exec uwsgi", Server(Product::Uwsgi), "uwsgi"),
        ("tini", Other, "tini"),
    ];
    let sources = Sources::new();
    for (line, kind, name) in table {
        let line: Vec<&str> = line.split(' ').collect();
        let process = identify(&Argv {
            words: words(&sources, &line),
        });
        assert_eq!(
            (process.kind, process.name.as_str()),
            (*kind, *name),
            "{line:?}"
        );
    }
    assert_eq!(identify(&Argv::default()).kind, Unknown);
}
