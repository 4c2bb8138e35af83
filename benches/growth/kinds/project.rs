//! What the files around a Dockerfile can have many of, compose files aside.

use super::{Kind, Texts, many};

const DOCKERFILE: &str = "\
FROM python:3.13-slim-trixie
WORKDIR /app
COPY . /app/
RUN pip install --no-cache-dir -r requirements.txt
ENV DJANGO_SETTINGS_MODULE=site.settings
RUN python manage.py collectstatic --noinput
USER 1000
CMD [\"gunicorn\", \"site.wsgi\"]
";

const PIP: &str = "pip install --no-cache-dir -r requirements.txt";

pub(crate) const KINDS: &[Kind] = &[
    Kind::project("requirements", "requirements", |n| {
        requirements(many(n, |i| format!("package{i}==1.{i}\n")))
    }),
    Kind::project("requirements-open", "requirements without a version", |n| {
        requirements(many(n, |i| format!("package{i}\n")))
    }),
    Kind::project("requirements-same", "requirements of one name", |n| {
        requirements("django>=2.2,<2.3\n".repeat(n))
    }),
    Kind::project("requirements-self", "includes of the same list", |n| {
        requirements("-r requirements.txt\n".repeat(n))
    }),
    Kind::project(
        "requirements-versions",
        "requirements of one name, all different",
        |n| requirements(many(n, |i| format!("django>=2.{i},<5.{i}\n"))),
    ),
    Kind::project("requirements-url", "requirements by URL", |n| {
        requirements(many(n, |i| {
            format!("p{i} @ git+https://example.org/p{i}.git@main#egg=p{i}\n")
        }))
    }),
    Kind::project("requirements-hashes", "requirements with hashes", |n| {
        let line = |i| {
            format!("p{i}==1.{i} \\\n    --hash=sha256:{i:064x} \\\n    --hash=sha256:{i:064x}\n")
        };
        requirements(many(n, line))
    }),
    Kind::project(
        "requirements-chain",
        "requirements files, each in the one before",
        |n| {
            let file = |i| {
                (
                    format!("r{i}.txt"),
                    format!("-r r{}.txt\np{i}==1.0\n", i + 1),
                )
            };
            let mut files = requirements("-r r0.txt\n".to_owned());
            files.extend((0..n).map(file));
            files
        },
    ),
    Kind::project(
        "requirements-installed",
        "requirements and commands that install all of them, by their product",
        |n| {
            let side = n.isqrt() * 2;
            let runs = many(side / 4, |i| {
                format!("RUN pip install -r requirements.txt && ls /d{i}\n")
            });
            let mut files = requirements(many(side, |i| format!("package{i}==1.{i}\n")));
            files[0].1 = DOCKERFILE.replacen("RUN", &format!("{runs}RUN"), 1);
            files
        },
    ),
    Kind::project("markers", "parts of a marker", |n| {
        let part = |i| format!("(extra == \"a{i}\" and extra == \"b{i}\") or ");
        requirements(format!("a; {}extra == \"c\"\n", many(n, part)))
    }),
    Kind::project("markers-versions", "versions in a marker", |n| {
        let part = |i| format!("(python_version < \"3.{i}\" and sys_platform == \"p{i}\") or ");
        requirements(format!("a; {}extra == \"c\"\n", many(n, part)))
    }),
    Kind::project("markers-nested", "brackets around a marker", |n| {
        requirements(format!(
            "a; {}extra == \"a\"{}\n",
            "(".repeat(n),
            ")".repeat(n)
        ))
    }),
    Kind::project("marked", "requirements with markers", |n| {
        let line = |i| {
            format!(
                "p{i}==1; python_version < \"3.{}\" and sys_platform != \"win32\"\n",
                i % 20
            )
        };
        requirements(many(n, line))
    }),
    Kind::project("pyproject", "dependencies of pyproject.toml", |n| {
        let lines = many(n, |i| format!("    \"package{i}>=1.{i}\",\n"));
        let text =
            format!("[project]\nname = \"site\"\nversion = \"1\"\ndependencies = [\n{lines}]\n");
        installed("pip install .", vec![("pyproject.toml", text)])
    }),
    Kind::project("poetry-lock", "packages of poetry.lock", |n| {
        let package = |i| {
            let next = i + 1;
            format!(
                "[[package]]\nname = \"p{i}\"\nversion = \"1.{i}\"\n[package.dependencies]\np{next} = \"*\"\n\n"
            )
        };
        let text = "[tool.poetry]\nname = \"s\"\n[tool.poetry.dependencies]\npython = \"^3.13\"\np0 = \"*\"\n";
        let lock = many(n, package) + "[metadata]\nlock-version = \"2.0\"\n";
        installed(
            "poetry install",
            vec![("pyproject.toml", text.to_owned()), ("poetry.lock", lock)],
        )
    }),
    Kind::project("uv-lock", "packages of uv.lock", |n| {
        let package = |i| {
            let next = i + 1;
            format!(
                "[[package]]\nname = \"p{i}\"\nversion = \"1.{i}\"\nsource = {{ registry = \"r\" }}\n\
                 dependencies = [{{ name = \"p{next}\" }}]\n\n"
            )
        };
        uv_locked(&many(n, package))
    }),
    Kind::project("pipfile-lock", "packages of Pipfile.lock", |n| {
        let packages = many(n, |i| format!("\"p{i}\": {{\"version\": \"==1.{i}\"}},\n"));
        let last = "\"z\": {\"version\": \"==1\"}";
        let lock =
            format!("{{\"_meta\": {{}}, \"default\": {{{packages}{last}}}, \"develop\": {{}}}}\n");
        let own = "[packages]\np0 = \"*\"\n".to_owned();
        installed(
            "pipenv install --deploy",
            vec![("Pipfile", own), ("Pipfile.lock", lock)],
        )
    }),
    Kind::project("settings", "assignments of settings", |n| {
        settings(many(n, |i| format!("NAME_{i} = {i}\n")))
    }),
    Kind::project("settings-env", "settings from variables", |n| {
        let line =
            |i| format!("NAME_{i} = os.environ.get('NAME_{i}', 'a') + os.environ['B_{i}']\n");
        settings("import os\n".to_owned() + &many(n, line))
    }),
    Kind::project("settings-lists", "additions to a list", |n| {
        let lines = many(n, |i| format!("INSTALLED_APPS += ['a{i}']\n"));
        settings("INSTALLED_APPS = []\n".to_owned() + &lines)
    }),
    Kind::project("settings-list", "entries of a list", |n| {
        settings(format!(
            "INSTALLED_APPS = [\n{}]\n",
            many(n, |i| format!("    'app{i}',\n"))
        ))
    }),
    Kind::project("settings-dicts", "keys of a dictionary", |n| {
        settings("D = {}\n".to_owned() + &many(n, |i| format!("D['k{i}'] = {{'a': {i}}}\n")))
    }),
    Kind::project("settings-branches", "conditions that nobody knows", |n| {
        let line = |i| {
            format!(
                "if os.environ.get('B{i}'):\n    NAME_{i} = 1\n    DEBUG = True\nelse:\n    NAME_{i} = 2\n"
            )
        };
        settings("import os\n".to_owned() + &many(n, line))
    }),
    Kind::project("settings-nested", "brackets in brackets", |n| {
        settings(format!("A = {}1{}\n", "[".repeat(n), "]".repeat(n)))
    }),
    Kind::project("settings-blocks", "blocks in blocks", |n| {
        let depth = n.min(600);
        let open = many(depth, |depth| {
            format!("{}if x{depth}:\n", " ".repeat(depth))
        });
        settings(format!("{open}{}DEBUG = True\n", " ".repeat(depth)))
    }),
    Kind::project("settings-sum", "parts of one expression", |n| {
        settings(format!("A = {}'a'\n", "'a' + ".repeat(n)))
    }),
    Kind::project(
        "settings-functions",
        "functions, each calling the one before",
        |n| {
            let line = |i: usize| {
                format!(
                    "def f{i}(x):\n    return f{}(x) + 1\nN{i} = f{i}(1)\n",
                    i.saturating_sub(1)
                )
            };
            settings(many(n, line))
        },
    ),
    Kind::project("settings-loops", "turns of a loop", |n| {
        settings(format!(
            "A = []\nfor i in range({n}):\n    A.append('a%s' % i)\n    B = A + ['b']\n"
        ))
    }),
    Kind::project(
        "settings-modules",
        "modules, each importing the next",
        |n| {
            let file = |i| {
                (
                    format!("site/m{i}.py"),
                    format!("from .m{} import *\nNAME_{i} = 1\n", i + 1),
                )
            };
            let mut files = settings("from .m0 import *\n".to_owned());
            files.extend((0..n).map(file));
            files
        },
    ),
    Kind::project("settings-classes", "classes of settings", |n| {
        let line = |i| format!("class C{}(C{i}):\n    NAME_{i} = 1\n", i + 1);
        settings("class C0:\n    DEBUG = True\n".to_owned() + &many(n, line))
    }),
    Kind::project("settings-databases", "databases", |n| {
        let line = |i| {
            format!("    'd{i}': {{'ENGINE': 'django.db.backends.postgresql', 'HOST': 'db{i}'}},\n")
        };
        settings(format!("DATABASES = {{\n{}}}\n", many(n, line)))
    }),
    Kind::project("script", "lines of an entrypoint script", |n| {
        script(&many(n, |i| format!("mkdir -p /d{i}\nexport A{i}=b\n")))
    }),
    Kind::project("script-commands", "management commands of a script", |n| {
        script(&many(n, |i| {
            format!("python manage.py migrate --database d{i}\n")
        }))
    }),
    Kind::project("script-servers", "servers of a script", |n| {
        script(&many(n, |i| {
            format!("gunicorn site.wsgi --bind 0.0.0.0:{} &\n", 8000 + i % 1000)
        }))
    }),
    Kind::project("scripts", "scripts, each calling the next", |n| {
        let mut files = script("/app/s0.sh\n");
        files.extend((0..n).map(|i| {
            (
                format!("s{i}.sh"),
                format!("#!/bin/sh\n/app/s{}.sh\n", i + 1),
            )
        }));
        files
    }),
    Kind::project("scripts-beside", "scripts that one script calls", |n| {
        let mut files = script(&many(n, |i| format!("/app/s{i}.sh\n")));
        files.extend((0..n).map(|i| (format!("s{i}.sh"), format!("#!/bin/sh\nls /d{i}\n"))));
        files
    }),
    Kind::project("uwsgi-ini", "options of uwsgi.ini", |n| {
        let lines = many(n, |i| {
            format!("env = A{i}=b\nstatic-map = /s{i}=/d{i}\nodd{i} = 1\n")
        });
        uwsgi(vec![(
            "u0.ini".to_owned(),
            format!("[uwsgi]\nmodule = site.wsgi\n{lines}"),
        )])
    }),
    Kind::project(
        "uwsgi-includes",
        "uWSGI files, each in the one before",
        |n| {
            let file = |i| {
                (
                    format!("u{i}.ini"),
                    format!("[uwsgi]\nini = /app/u{}.ini\nlazy = 1\n", i + 1),
                )
            };
            uwsgi((0..n).map(file).collect())
        },
    ),
    Kind::project("gunicorn-conf", "settings of gunicorn.conf.py", |n| {
        project(vec![(
            "gunicorn.conf.py".to_owned(),
            many(n, |i| format!("name{i} = {i}\n")),
        )])
    }),
    Kind::project("dockerignore", "patterns of .dockerignore", |n| {
        project(vec![(
            ".dockerignore".to_owned(),
            many(n, |i| format!("dir{i}/*.log\n!dir{i}/a\n")),
        )])
    }),
    Kind::project("dockerignore-stars", "stars of a pattern", |n| {
        project(vec![(
            ".dockerignore".to_owned(),
            format!("{}b\n", "*a**/".repeat(n)),
        )])
    }),
    Kind::project("gitignore", "patterns of .gitignore", |n| {
        project(vec![(
            ".gitignore".to_owned(),
            many(n, |i| format!("dir{i}/*.log\n")),
        )])
    }),
    Kind::project(
        "environments-copied",
        "stages, each with the environment of the one before twice",
        |n| {
            let stage = |i| {
                let copy = |to: &str| format!("COPY --from=s{i} /venv {to}\n");
                let from = "FROM python:3.13-slim-trixie AS s";
                format!("{from}{}\n{}{}", i + 1, copy("/venv"), copy("/opt/venv"))
            };
            let mut files = project(Vec::new());
            let (from, rest) = DOCKERFILE.split_once('\n').unwrap_or((DOCKERFILE, ""));
            let first = format!("{from} AS s0\nRUN python -m venv /venv\n");
            files[0].1 = first + &many(n, stage) + rest;
            files
        },
    ),
    Kind::project("files", "files of the project", |n| project(modules(n))),
    Kind::project(
        "files-missing",
        "files of the project with COPY of others",
        |n| {
            let copies = many(n / 8, |i| format!("COPY missing{i}.txt /m/\n"));
            let mut files = project(modules(n));
            files[0].1 = DOCKERFILE.replacen("RUN", &format!("{copies}RUN"), 1);
            files
        },
    ),
    Kind::project("workflows", "jobs of continuous integration", |n| {
        let job = |i| {
            format!("  j{i}:\n    runs-on: x\n    steps:\n      - run: docker build -t i{i} .\n")
        };
        let text = format!("on: push\njobs:\n{}", many(n, job));
        project(vec![(".github/workflows/ci.yml".to_owned(), text)])
    }),
];

/// A Dockerfile with a Django project and these files, which stand right behind the Dockerfile.
pub(super) fn project(files: Texts) -> Texts {
    let own = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let manage = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site.settings')\n";
    let others = [
        own("manage.py", manage),
        own("site/__init__.py", ""),
        own("site/wsgi.py", "application = None\n"),
        own(
            "site/settings.py",
            "DEBUG = False\nSTATIC_ROOT = '/srv/static'\n",
        ),
        own("requirements.txt", "django==5.2.9\n"),
    ];
    let mut all = vec![own("Dockerfile", DOCKERFILE)];
    all.extend(files);
    for other in others {
        if all.iter().all(|(path, _)| *path != other.0) {
            all.push(other);
        }
    }
    all
}

pub(super) fn requirements(text: String) -> Texts {
    project(vec![("requirements.txt".to_owned(), text)])
}

pub(super) fn settings(text: String) -> Texts {
    project(vec![("site/settings.py".to_owned(), text)])
}

/// A project that needs the package `p0` of a lock file of uv.
pub(super) fn uv_locked(packages: &str) -> Texts {
    let own = "[[package]]\nname = \"site\"\nversion = \"1\"\nsource = { virtual = \".\" }\n\
               dependencies = [{ name = \"p0\" }]\n";
    let text = "[project]\nname = \"site\"\nversion = \"1\"\ndependencies = [\"p0\"]\n";
    let lock = format!("version = 1\nrequires-python = \">=3.13\"\n\n{packages}{own}");
    installed(
        "uv sync --frozen",
        vec![("pyproject.toml", text.to_owned()), ("uv.lock", lock)],
    )
}

/// With a Dockerfile that installs in another way.
pub(super) fn installed(command: &str, files: Vec<(&str, String)>) -> Texts {
    let files = files
        .into_iter()
        .map(|(path, text)| (path.to_owned(), text));
    let mut files = project(files.collect());
    files[0].1 = DOCKERFILE.replace(PIP, command);
    files
}

pub(super) fn script(lines: &str) -> Texts {
    let text = format!("#!/bin/sh\nset -e\n{lines}exec gunicorn site.wsgi\n");
    let mut files = project(vec![("entrypoint.sh".to_owned(), text)]);
    files[0].1.push_str("ENTRYPOINT [\"/app/entrypoint.sh\"]\n");
    files
}

pub(super) fn uwsgi(files: Texts) -> Texts {
    let mut files = project(files);
    files[0].1 = DOCKERFILE.replace(
        "\"gunicorn\", \"site.wsgi\"",
        "\"uwsgi\", \"--ini\", \"u0.ini\"",
    );
    files
}

pub(super) fn modules(n: usize) -> Texts {
    (0..n)
        .map(|i| (format!("app{}/module{i}.py", i % 97), String::new()))
        .collect()
}
