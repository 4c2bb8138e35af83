//! Names, flags and operands of command lines.

use super::{check, shown};
use crate::shell::Dialect;

#[test]
fn commands_are_read_by_their_grammar() {
    let rows = [
        ("apt-get update", "apt-get(update)"),
        ("apt-get install -y gcc", "apt-get(install) -y gcc"),
        ("apt-get -qy install gcc", "apt-get(install) -q -y gcc"),
        (
            "apt-get install -yq --no-install-recommends a b",
            "apt-get(install) -y -q --no-install-recommends a b",
        ),
        (
            "apt-get install --yes --assume-yes a",
            "apt-get(install) -y -y a",
        ),
        (
            "apt-get install -qq -o Dpkg::Options::=--x a",
            "apt-get(install) -q -q -o=Dpkg::Options::=--x a",
        ),
        (
            "apt-get install -oAcquire::Retries=3 -q=2 a",
            "apt-get(install) -o=Acquire::Retries=3 -q=2 a",
        ),
        (
            "apt-get install -t bookworm-backports a",
            "apt-get(install) -t=bookworm-backports a",
        ),
        (
            "apt-get install -y -- -strange",
            "apt-get(install) -y -strange",
        ),
        ("apt install -y gcc", "apt(install) -y gcc"),
        ("apt-mark hold a", "apt-mark(hold) a"),
        ("aptitude -y install a", "aptitude(install) -y a"),
        (
            "dpkg -i a.deb && dpkg --purge b",
            "dpkg -i a.deb; dpkg -P b",
        ),
        (
            "apk add --no-cache --virtual .build-deps gcc musl-dev",
            "apk(add) --no-cache -t=.build-deps gcc musl-dev",
        ),
        (
            "apk --no-cache -U add gcc",
            "apk(add) --no-cache --update-cache gcc",
        ),
        ("apk add -X http://x a", "apk(add) -X=http://x a"),
        (
            "dnf install -y --setopt=tsflags=nodocs gcc",
            "dnf(install) -y --setopt=tsflags=nodocs gcc",
        ),
        ("microdnf -y install gcc", "microdnf(install) -y gcc"),
        (
            "yum -y --enablerepo epel install gcc",
            "yum(install) -y --enablerepo=epel gcc",
        ),
        ("pip install django==5.2", "pip(install) django==5.2"),
        (
            "pip3 install -r requirements.txt",
            "pip(install) --requirement=requirements.txt",
        ),
        (
            "pip install -rrequirements.txt -c c.txt",
            "pip(install) --requirement=requirements.txt --constraint=c.txt",
        ),
        (
            "pip install --no-cache -U pip",
            "pip(install) --no-cache-dir --upgrade pip",
        ),
        (
            "pip install --requirement=a.txt -e .[dev]",
            "pip(install) --requirement=a.txt --editable=.[dev]",
        ),
        (
            "pip --no-cache-dir install 'django>=5,<6'",
            "pip(install) --no-cache-dir django>=5,<6",
        ),
        (
            "pip install -i https://x/simple --extra-index-url https://y a",
            "pip(install) --index-url=https://x/simple --extra-index-url=https://y a",
        ),
        ("pip cache purge", "pip(cache purge)"),
        (
            "pip config set global.no-cache-dir true",
            "pip(config set) global.no-cache-dir true",
        ),
        (
            "pip wheel -w /wheels -r r.txt",
            "pip(wheel) --wheel-dir=/wheels --requirement=r.txt",
        ),
        (
            "pip-compile -o r.txt r.in",
            "pip-compile --output-file=r.txt r.in",
        ),
        ("python -m piptools sync r.txt", "pip-sync r.txt"),
        ("pipx install poetry", "pipx(install) poetry"),
        ("uv sync --frozen --no-dev", "uv(sync) --frozen --no-dev"),
        (
            "uv pip install --system -r r.txt",
            "uv(pip install) --system --requirements=r.txt",
        ),
        ("uv tool install ruff", "uv(tool install) ruff"),
        ("uv cache clean", "uv(cache clean)"),
        (
            "poetry install --only main --no-root",
            "poetry(install) --only=main --no-root",
        ),
        (
            "poetry config virtualenvs.create false",
            "poetry(config) virtualenvs.create false",
        ),
        (
            "pipenv install --system --deploy",
            "pipenv(install) --system --deploy",
        ),
        (
            "pdm install --prod -G web",
            "pdm(install) --prod --group=web",
        ),
        ("hatch -e prod build", "hatch(build) --env=prod"),
        (
            "conda install -y -c conda-forge gdal",
            "conda(install) -y -c=conda-forge gdal",
        ),
        (
            "micromamba env create -f env.yml",
            "micromamba(env create) -f=env.yml",
        ),
        ("npm ci --omit=dev", "npm(ci) --omit=dev"),
        ("npm cache clean --force", "npm(cache clean) --force"),
        (
            "yarn install --frozen-lockfile --prod",
            "yarn(install) --frozen-lockfile --production",
        ),
        ("pnpm -r install", "pnpm(install) --recursive"),
        (
            "python manage.py collectstatic --noinput",
            "python[collectstatic] --noinput",
        ),
        (
            "python3 -u ./src/manage.py migrate --database x --no-input app",
            "python[migrate] -u --database=x --noinput app",
        ),
        (
            "./manage.py runserver 0.0.0.0:8000",
            "django-admin[runserver] 0.0.0.0:8000",
        ),
        (
            "python -m django check --settings=a.b",
            "django-admin[check] --settings=a.b",
        ),
        (
            "django-admin compilemessages -v 2",
            "django-admin[compilemessages] --verbosity=2",
        ),
        (
            "python setup.py install --user",
            "python --user setup.py install",
        ),
        ("python -c 'import x' -v", "python -c='import x' -v"),
        (
            "python -m venv --copies /venv",
            "python -m=venv --copies /venv",
        ),
        (
            "useradd -r -u 1000 -g app -m app",
            "useradd -r -u=1000 -g=app -m app",
        ),
        (
            "useradd --system --uid=1000 --no-create-home app",
            "useradd -r -u=1000 -M app",
        ),
        ("adduser -D -u 1000 app", "adduser -D -u=1000 app"),
        ("addgroup -S app", "addgroup -S app"),
        ("groupadd -g 1000 app", "groupadd -g=1000 app"),
        ("usermod -aG docker app", "usermod -a -G=docker app"),
        ("chown -R app:app /app", "chown -R app:app /app"),
        ("chmod -R 777 /app", "chmod -R 777 /app"),
        ("chmod -x /a", "chmod -x /a"),
        (
            "curl -fsSL -o /x https://x",
            "curl -f -s -S -L -o=/x https://x",
        ),
        (
            "curl -sSLo/x --retry 3 https://x",
            "curl -s -S -L -o=/x --retry=3 https://x",
        ),
        ("wget -qO- https://x", "wget -q -O=- https://x"),
        ("wget -nv https://x", "wget -nv https://x"),
        (
            "git clone --depth 1 -b main https://x /y",
            "git(clone) --depth=1 --branch=main https://x /y",
        ),
        ("tar xzf a.tgz -C /opt", "tar -x -z -f=a.tgz -C=/opt"),
        (
            "tar -xzf a.tgz --strip-components=1",
            "tar -x -z -f=a.tgz --strip-components=1",
        ),
        (
            "rm -rf /var/lib/apt/lists/*",
            "rm -r -f /var/lib/apt/lists/*",
        ),
        ("rm --recursive --force /a", "rm -r -f /a"),
        ("mkdir -p /a /b", "mkdir -p /a /b"),
        ("ln -sf a b", "ln -s -f a b"),
        ("cp -r a b", "cp -r a b"),
        ("sed -i.bak -e s/a/b/ x", "sed -i=.bak -e=s/a/b/ x"),
        ("find / -name '*.pyc' -delete", "find -name=*.pyc -delete /"),
        (
            "env -S 'A=1 pip install -q' x",
            "env>pip(install) --quiet x A:=1",
        ),
        ("env -S 'a; b'", "env -S 'a; b'"),
        ("bash -e <<'EOF'\npip install $A\nEOF", "bash -e"),
        (
            "sh -s <<EOF\npip install a\nx\nEOF",
            "sh>pip(install) a; sh>x",
        ),
        ("sh run.sh <<EOF\na\nEOF", "sh run.sh"),
        (
            "find a -exec rm -rf {} + -o -name '*.o' -exec chmod -x {} \\; -print",
            "find -exec=rm -o -name=*.o -exec=chmod -print a; find>rm -r -f a/?; find>chmod -x a/?",
        ),
        (
            "openssl req -x509 -newkey rsa:4096 -keyout k.pem -nodes",
            "openssl(req) -x509 -newkey=rsa:4096 -keyout=k.pem -nodes",
        ),
        ("make -j4 install", "make -j=4 install"),
        ("make -j install", "make -j install"),
        ("set -eux", "set -e -u -x"),
        ("set +e -o pipefail", "set +e -o=pipefail"),
        ("bash -x script.sh -v", "bash -x script.sh -v"),
        (
            "gunicorn -w 4 -b :8000 app.wsgi",
            "gunicorn --workers=4 --bind=:8000 app.wsgi",
        ),
        (
            "gunicorn --bind=0.0.0.0:8000 --worker-class uvicorn.workers.UvicornWorker a:b",
            "gunicorn --bind=0.0.0.0:8000 --worker-class=uvicorn.workers.UvicornWorker a:b",
        ),
        (
            "uvicorn app:app --host 0.0.0.0 --port 80 --reload",
            "uvicorn --host=0.0.0.0 --port=80 --reload app:app",
        ),
        (
            "daphne -b 0.0.0.0 -p 8001 app.asgi:application",
            "daphne --bind=0.0.0.0 --port=8001 app.asgi:application",
        ),
        (
            "hypercorn -w 2 -b :80 a:b",
            "hypercorn --workers=2 --bind=:80 a:b",
        ),
        (
            "granian --interface wsgi --port 8000 a:b",
            "granian --interface=wsgi --port=8000 a:b",
        ),
        (
            "waitress-serve --listen=*:80 a:b",
            "waitress-serve --listen=*:80 a:b",
        ),
        (
            "uwsgi --http :8000 --master -p 4 --module a.wsgi",
            "uwsgi --http=:8000 --master --processes=4 --module=a.wsgi",
        ),
        ("uwsgi --ini uwsgi.ini", "uwsgi --ini=uwsgi.ini"),
        ("uwsgi uwsgi.ini", "uwsgi uwsgi.ini"),
        (
            "celery -A proj worker -l info -c 2",
            "celery(worker) --app=proj --loglevel=info --concurrency=2",
        ),
        ("celery -A proj beat", "celery(beat) --app=proj"),
        (
            "supervisord -n -c /etc/s.conf",
            "supervisord --nodaemon --configuration=/etc/s.conf",
        ),
        ("nginx -g 'daemon off;'", "nginx -g='daemon off;'"),
        (
            "psql -h db -U app -c 'select 1'",
            "psql -h=db -U=app -c='select 1'",
        ),
        ("pg_isready -h db -q", "pg_isready -h=db -q"),
        (
            "docker compose -f a.yml up -d",
            "docker(compose up) --file=a.yml -d",
        ),
        ("frobnicate -abc --x=1 --y z", "frobnicate -abc --x=1 --y z"),
        ("echo -n a -b", "echo -n a -b"),
    ];
    assert!(rows.len() >= 80);
    check(rows, |text| shown(text, Dialect::Posix, &[]));
}

#[test]
fn commands_are_named_as_meant() {
    let rows = [
        ("pip3.12 install a", "pip(install) a"),
        ("/venv/bin/pip install a", "pip(install) a"),
        ("python -m pip install a", "pip(install) a"),
        ("python3.13 -m pip --version", "pip --version"),
        ("python3 -I -m pip list", "pip(list)"),
        ("$UNKNOWN/bin/pip install a", "pip(install) a"),
        ("\"$UNKNOWN\"/bin/python -m pip list", "pip(list)"),
        ("$UNKNOWN install a", "? install a"),
        ("${UNKNOWN}pip install a", "? install a"),
        ("python /venv/bin/pip install a", "pip(install) a"),
        ("env X=1 Y=2 pip install a", "env>pip(install) a X:=1 Y:=2"),
        ("X=1 pip install a", "pip(install) a X:=1"),
        ("env", "env"),
        ("sudo -E pip install a", "sudo>pip(install) a"),
        ("sudo -u app -- pip install a", "app@sudo>pip(install) a"),
        ("sudo -uapp X=1 pip list", "app@sudo>pip(list) X:=1"),
        (
            "echo a | xargs apt-get install -y",
            "echo a; xargs>apt-get(install) -y",
        ),
        (
            "xargs -a list.txt -r -n 1 apt-get install -y",
            "xargs>apt-get(install) -y",
        ),
        ("exec gunicorn a", "exec>gunicorn a"),
        ("exec -a name gunicorn a", "exec>gunicorn a"),
        ("exec 3>&1", "exec"),
        ("command pip list", "command>pip(list)"),
        ("command -v pip", "command -v pip"),
        ("nice -n 10 ionice -c 3 make", "nice>ionice>make"),
        ("timeout -k 5 30 pip install a", "timeout>pip(install) a"),
        ("nohup gunicorn a &", "nohup>gunicorn a"),
        ("gosu app:app gunicorn a", "app:app@gosu>gunicorn a"),
        ("su-exec app gunicorn a", "app@su-exec>gunicorn a"),
        ("gosu $UNKNOWN gunicorn a", "?@gosu>gunicorn a"),
        (
            "setpriv --reuid=app --regid=app --init-groups gunicorn a",
            "app@setpriv>gunicorn a",
        ),
        ("runuser -u app -- gunicorn a", "app@runuser>gunicorn a"),
        ("runuser app -c 'gunicorn a'", "app@runuser>gunicorn a"),
        ("su app -s /bin/sh -c 'gunicorn a'", "app@su>gunicorn a"),
        ("su - app -c 'pip list'", "app@su>pip(list)"),
        ("chroot /mnt apt-get update", "chroot>apt-get(update)"),
        ("tini -g -- gunicorn a", "tini>gunicorn a"),
        ("/usr/bin/dumb-init -- gunicorn a", "dumb-init>gunicorn a"),
        ("uv run pip list", "uv run>pip(list)"),
        (
            "uv run --no-sync --group dev python manage.py migrate",
            "uv run>python[migrate]",
        ),
        ("uv --directory /x run gunicorn a", "uv run>gunicorn a"),
        ("poetry run gunicorn a", "poetry run>gunicorn a"),
        (
            "pipenv run ./manage.py check",
            "pipenv run>django-admin[check]",
        ),
        ("pdm run gunicorn a", "pdm run>gunicorn a"),
        (
            "sh -c 'pip install a && pip list'",
            "sh>pip(install) a; sh>pip(list)",
        ),
        ("bash -lc \"pip install a\"", "bash>pip(install) a"),
        ("bash -euo pipefail -c 'pip list'", "bash>pip(list)"),
        ("sh -c \"$UNKNOWN\"", "sh -c=?"),
        ("sh -c 'echo $0 \"$@\"' a b c", "sh>echo ? b c"),
        ("sudo sh -c 'echo a > /x'", "sudo>sh>echo a"),
        ("eval \"pip install\" a", "eval>pip(install) a"),
        ("eval \"$UNKNOWN\"", "eval ?"),
        ("busybox wget http://x", "busybox>wget http://x"),
        (
            ". /venv/bin/activate && pip list",
            ". /venv/bin/activate; pip(list)",
        ),
        ("source x.sh", "source x.sh"),
        (
            "wait-for-it.sh db:5432 -t 30 -- gunicorn a",
            "wait-for-it>gunicorn a",
        ),
        (
            "python -m debugpy --listen 0.0.0.0:5678 manage.py runserver",
            "python -m debugpy>django-admin[runserver]",
        ),
        ("exec \"$@\"", "exec>?(arguments)"),
        ("exec gosu app \"$@\"", "app@exec>gosu>?(arguments)"),
        ("\"$@\"", "?(arguments)"),
        (
            "set -- gunicorn \"$@\"; exec \"$@\"",
            "set gunicorn ?; exec>gunicorn ?",
        ),
        ("shift; exec \"$@\"", "shift; exec>?"),
        (
            "[[ -f x && $A == b ]] && pip list",
            "[[ -f x && == b ]]; pip(list)",
        ),
        ("if ! pip list; then :; fi", "pip(list); :"),
        ("time -p pip list", "pip(list)"),
        ("npm() { echo; }; npm ci", "npm(ci); echo"),
    ];
    check(rows, |text| shown(text, Dialect::Posix, &["UNKNOWN?"]));
}
