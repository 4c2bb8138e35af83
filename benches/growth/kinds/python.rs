//! What requirements, lock files and settings can have many of that real ones never do.

use super::project::{installed, project, requirements, settings, uv_locked};
use super::{Kind, many};

pub(crate) const KINDS: &[Kind] = &[
    Kind::project(
        "requirements-bounds",
        "requirements of one name with many bounds",
        |n| {
            requirements(many(n, |i| {
                format!("django>=1.{i},!=2.{i},!=3.{i},<9.{i}\n")
            }))
        },
    ),
    Kind::project(
        "requirements-specifiers",
        "bounds of one requirement",
        |n| requirements(format!("django>=1{}\n", many(n, |i| format!(",!=2.{i}")))),
    ),
    Kind::project("requirements-extras", "extras of one requirement", |n| {
        requirements(format!("django[a{}]==5.2\n", many(n, |i| format!(",e{i}"))))
    }),
    Kind::project(
        "requirements-editable",
        "directories that are installed",
        |n| requirements(many(n, |i| format!("-e ./d{i}\n./e{i}\n"))),
    ),
    Kind::project("requirements-options", "options of a list", |n| {
        requirements(many(n, |i| {
            format!("--extra-index-url https://u:p{i}@example.org/{i}\n--find-links d{i}\n")
        }))
    }),
    Kind::project("requirements-continued", "lines of one requirement", |n| {
        requirements(format!("django==5.2 {}\n", "\\\n  ".repeat(n)))
    }),
    Kind::project("requirements-constraints", "constraints of a list", |n| {
        let mut files = requirements(many(n, |i| format!("p{i}\n")) + "-c c.txt\n");
        files.push((
            "c.txt".to_owned(),
            many(n, |i| format!("p{i}=={i}\np{i}<{i}\n")),
        ));
        files
    }),
    Kind::project(
        "requirements-tree",
        "lists that include all of the others, by their product",
        |n| {
            let side = n.isqrt();
            let all = many(side, |i| format!("-r r{i}.txt\n"));
            let mut files = requirements(all.clone());
            files.extend((0..side).map(|i| (format!("r{i}.txt"), format!("p{i}\n{all}"))));
            files
        },
    ),
    Kind::project(
        "requirements-often",
        "RUN pip install of a list, by the product with its lines",
        |n| {
            let side = n.isqrt() * 4;
            let mut files = requirements(many(side, |i| format!("p{i}==1.{i}\n")));
            let runs = many(side, |_| "RUN pip install -r requirements.txt\n".to_owned());
            files[0].1 = files[0].1.replacen("RUN", &format!("{runs}RUN"), 1);
            files
        },
    ),
    Kind::project(
        "requirements-known",
        "requirements of well-known packages",
        |n| {
            let names = [
                "psycopg2",
                "mysqlclient",
                "lxml",
                "pillow",
                "uwsgi",
                "celery",
                "djangorestframework",
                "numpy",
            ];
            requirements(many(n, |i| format!("{}>=1.{i}\n", names[i % names.len()])))
        },
    ),
    Kind::project("requirements-env", "variables in a list", |n| {
        requirements(many(n, |i| {
            format!("git+https://${{TOKEN{i}}}@example.org/p{i}.git\n")
        }))
    }),
    Kind::project(
        "extras",
        "extras of pyproject.toml, each with the one before",
        |n| {
            let extra = |i: usize| {
                format!(
                    "e{i} = [\"site[e{}]\", \"site[e{}]\", \"p{i}\"]\n",
                    i.wrapping_sub(1),
                    i / 2
                )
            };
            let text = format!(
                "[project]\nname = \"site\"\nversion = \"1\"\n[project.optional-dependencies]\n{}",
                many(n, extra)
            );
            installed(
                &format!("pip install .[e{}]", n.saturating_sub(1)),
                vec![("pyproject.toml", text)],
            )
        },
    ),
    Kind::project(
        "groups",
        "groups of pyproject.toml, each with two others",
        |n| {
            let group = |i: usize| {
                format!(
                    "g{i} = [\"p{i}\", {{include-group = \"g{}\"}}, {{include-group = \"g{}\"}}]\n",
                    i.saturating_sub(1),
                    i / 2
                )
            };
            let text = format!(
                "[project]\nname = \"site\"\nversion = \"1\"\n[dependency-groups]\n{}",
                many(n, group)
            );
            installed(
                &format!("uv sync --group g{}", n.saturating_sub(1)),
                vec![("pyproject.toml", text)],
            )
        },
    ),
    Kind::project("poetry-groups", "groups of Poetry", |n| {
        let group = |i| {
            format!(
                "[tool.poetry.group.g{i}.dependencies]\np{i} = {{ version = \"^1\", optional = true }}\n"
            )
        };
        let text = "[tool.poetry]\nname = \"s\"\n".to_owned() + &many(n, group);
        installed(
            "poetry install --without g0",
            vec![("pyproject.toml", text)],
        )
    }),
    Kind::project(
        "poetry-lock-same",
        "packages of one name in poetry.lock",
        |n| {
            let package = |i| {
                format!(
                    "[[package]]\nname = \"django\"\nversion = \"1.{i}\"\nmarkers = \"python_version < '3.{i}'\"\n\n"
                )
            };
            let text = "[tool.poetry]\nname = \"s\"\n[tool.poetry.dependencies]\npython = \"^3.13\"\n\
            django = \"*\"\n";
            installed(
                "poetry install",
                vec![
                    ("pyproject.toml", text.to_owned()),
                    ("poetry.lock", many(n, package)),
                ],
            )
        },
    ),
    Kind::project(
        "uv-lock-crossed",
        "packages of uv.lock, each with all of a few",
        |n| {
            let package = |i: usize| {
                let all = many(20, |j| {
                    format!("{{ name = \"p{}\" }}, ", (i * 31 + j * 17) % n)
                });
                format!(
                    "[[package]]\nname = \"p{i}\"\nversion = \"1\"\nsource = {{ registry = \"r\" }}\n\
                    dependencies = [{all}]\n"
                )
            };
            uv_locked(&many(n, package))
        },
    ),
    Kind::project("uv-lock-files", "wheels of one package of uv.lock", |n| {
        let wheels = many(n, |i| {
            format!(
                "    {{ url = \"https://e/p-1-cp{i}-none-any.whl\", hash = \"sha256:{i}\" }},\n"
            )
        });
        let lock = format!(
            "version = 1\n\n[[package]]\nname = \"p0\"\nversion = \"1\"\nsource = {{ registry = \"r\" }}\n\
            wheels = [\n{wheels}]\n"
        );
        let text = "[project]\nname = \"site\"\nversion = \"1\"\ndependencies = [\"p0\"]\n";
        installed(
            "uv sync --frozen",
            vec![("pyproject.toml", text.to_owned()), ("uv.lock", lock)],
        )
    }),
    Kind::project("toml-deep", "tables in tables of pyproject.toml", |n| {
        let text = format!(
            "[project]\nname = \"site\"\n[tool{}]\na = {}1{}\n",
            ".t".repeat(n),
            "[".repeat(n),
            "]".repeat(n)
        );
        installed("pip install .", vec![("pyproject.toml", text)])
    }),
    Kind::project("toml-dotted", "dotted keys of pyproject.toml", |n| {
        let text = "[project]\nname = \"site\"\n[tool]\n".to_owned()
            + &many(n, |i| {
                format!("a.b.c.d{i}.e = {{ f = [1, {{ g = {i} }}] }}\n")
            });
        installed("pip install .", vec![("pyproject.toml", text)])
    }),
    Kind::project("json-deep", "lists in lists of Pipfile.lock", |n| {
        let lock = format!(
            "{{\"default\": {}1{}}}",
            "{\"a\": [".repeat(n),
            "]}".repeat(n)
        );
        installed(
            "pipenv install --deploy",
            vec![
                ("Pipfile", "[packages]\n".to_owned()),
                ("Pipfile.lock", lock),
            ],
        )
    }),
    Kind::project("setup-py", "requirements of setup.py", |n| {
        let text = format!(
            "from setuptools import setup\nsetup(install_requires=[{}])\n",
            many(n, |i| format!("'p{i}>=1.{i}', "))
        );
        installed("pip install .", vec![("setup.py", text)])
    }),
    Kind::project("environment-yml", "packages of environment.yml", |n| {
        let text = format!(
            "dependencies:\n{}",
            many(n, |i| format!("  - p{i}=1.{i}\n"))
        );
        installed(
            "conda env create -f environment.yml",
            vec![("environment.yml", text)],
        )
    }),
    Kind::project(
        "settings-grown",
        "strings, each twice the one before",
        |n| {
            settings(
                "A = 'a'\n".to_owned()
                    + &"A = A + A\nB = f'{A}{A}'\nC = '%s%s' % (A, B)\n".repeat(n),
            )
        },
    ),
    Kind::project(
        "settings-lists-grown",
        "lists, each twice the one before",
        |n| settings("A = ['a']\n".to_owned() + &"A = A + A\nB = [*A, *A]\nC = A * 9\n".repeat(n)),
    ),
    Kind::project(
        "settings-dicts-merged",
        "dictionaries, each with the one before",
        |n| {
            settings(
                "D0 = {'a': {}}\n".to_owned()
                    + &many(n, |i| format!("D{} = {{**D{i}, 'k{i}': D{i}}}\n", i + 1)),
            )
        },
    ),
    Kind::project("settings-powers", "numbers to the power of numbers", |n| {
        settings(many(n, |i| {
            format!(
                "A{i} = 9 ** 9 ** {i}\nB{i} = 'a' * 10 ** {i}\nC{i} = [0] * 1{}\nD{i} = 1 << {i}00\n",
                "0".repeat(i % 20)
            )
        }))
    }),
    Kind::project("settings-ranges", "loops over ranges in each other", |n| {
        settings(many(n, |i| {
            format!(
                "for i in range(10 ** {}):\n    for j in range(i):\n        A{i} = [x for x in range(j)]\n",
                i % 30
            )
        }))
    }),
    Kind::project(
        "settings-comprehensions",
        "comprehensions in comprehensions",
        |n| {
            let depth = n.min(150);
            settings(many(n / 100, |i| {
                format!(
                    "A{i} = {}1{}\n",
                    "[".repeat(depth),
                    " for x in range(99)]".repeat(depth)
                )
            }))
        },
    ),
    Kind::project(
        "settings-recursion",
        "functions that call themselves twice",
        |n| {
            settings(many(n, |i| {
                format!("def f{i}(x):\n    return f{i}(x + 1) + f{i}(x - 1)\nA{i} = f{i}(0)\n")
            }))
        },
    ),
    Kind::project(
        "settings-tree",
        "functions, each calling the one before twice",
        |n| {
            let line = |i: usize| {
                format!(
                    "def f{i}(x):\n    return f{0}(x) + f{0}(x)\n",
                    i.saturating_sub(1)
                )
            };
            settings(format!(
                "def f0(x):\n    return 1\n{}A = f{}(1)\n",
                many(n, |i| line(i + 1)),
                n
            ))
        },
    ),
    Kind::project("settings-arguments", "arguments of a call", |n| {
        settings(format!(
            "def f(**a):\n    return a\nA = f({})\n",
            many(n, |i| format!("a{i}={i}, "))
        ))
    }),
    Kind::project("settings-attributes", "attributes of attributes", |n| {
        settings(many(n.div_ceil(1000), |i| {
            format!("A{i} = a{}\n", ".b".repeat(n.min(1000)))
        }))
    }),
    Kind::project("settings-strings", "strings side by side", |n| {
        settings(format!("A = ({})\n", "'a' f'{b}' ".repeat(n)))
    }),
    Kind::project("settings-fstrings", "parts of an f-string", |n| {
        settings(format!("A = f'{}'\n", "{a}b".repeat(n)))
    }),
    Kind::project("settings-lambdas", "lambdas in lambdas", |n| {
        settings(format!("A = {}1\n", "lambda: ".repeat(n)))
    }),
    Kind::project("settings-not", "words in front of a value", |n| {
        settings(format!("A = {}1\n", "not ".repeat(n)))
    }),
    Kind::project("settings-or", "alternatives of a value", |n| {
        settings(format!(
            "import os\nA = {}1\n",
            many(n, |i| format!("os.environ.get('A{i}') or "))
        ))
    }),
    Kind::project("settings-ternary", "conditions of a value", |n| {
        settings(format!(
            "A = {}0\n",
            many(n, |i| format!("{i} if x{i} else "))
        ))
    }),
    Kind::project(
        "settings-alternatives",
        "conditions, each with another value of two settings",
        |n| {
            settings(many(n, |i| {
                format!("if x{i}:\n    A = B\nelse:\n    B = [A, {i}]\n")
            }))
        },
    ),
    Kind::project("settings-elif", "branches of a condition", |n| {
        settings(format!(
            "if x:\n    A = 0\n{}",
            many(n, |i| format!("elif x{i}:\n    A = {i}\n"))
        ))
    }),
    Kind::project("settings-try", "attempts", |n| {
        settings(many(n, |i| {
            format!("try:\n    from .local{i} import *\nexcept ImportError:\n    A{i} = 1\n")
        }))
    }),
    Kind::project("settings-match", "cases of a match", |n| {
        settings(format!(
            "match x:\n{}",
            many(n, |i| format!("    case {i}:\n        A = {i}\n"))
        ))
    }),
    Kind::project("settings-globals", "names made by code", |n| {
        settings(many(n, |i| {
            format!("globals()['A{i}'] = {i}\nlocals().update(B{i}={i})\nsetattr(x, 'a{i}', 1)\n")
        }))
    }),
    Kind::project("settings-environ", "settings of django-environ", |n| {
        let lines = many(n, |i| {
            format!("A{i} = env.list('A{i}', default=['{i}'])\nB{i} = env.db('B{i}')\n")
        });
        let mut files = settings(
            "import environ\nenv = environ.Env()\nenv.read_env('.env')\n".to_owned() + &lines,
        );
        files.push((
            ".env".to_owned(),
            many(n, |i| format!("A{i}=$A{}\n", i + 1)),
        ));
        files
    }),
    Kind::project(
        "settings-circle",
        "modules that import all of the others, by their product",
        |n| {
            let side = n.isqrt();
            let all = many(side, |i| format!("from .m{i} import *\n"));
            let mut files = settings(all.clone());
            files.extend((0..side).map(|i| (format!("site/m{i}.py"), format!("{all}A{i} = 1\n"))));
            files
        },
    ),
    Kind::project("settings-packages", "packages in packages", |n| {
        let depth = n.min(300);
        let path = |i: usize| format!("site/{}__init__.py", "p/".repeat(i));
        let mut files = settings(format!("from .{} import *\n", vec!["p"; depth].join(".")));
        files.extend((1..=depth).map(|i| {
            (
                path(i),
                format!(
                    "A{i} = {i}\nfrom . import *\n{}",
                    "B = 1\n".repeat(n / depth.max(1))
                ),
            )
        }));
        files
    }),
    Kind::project(
        "settings-commands",
        "commands of Django with settings of their own",
        |n| {
            let mut files = settings("A = 1\n".repeat(n));
            let runs = many(n / 8, |i| {
                format!("RUN python manage.py c{i} --settings site.s{i}\n")
            });
            files[0].1 = files[0].1.replacen("RUN", &format!("{runs}RUN"), 1);
            files.extend((0..n / 8).map(|i| {
                (
                    format!("site/s{i}.py"),
                    "from .settings import *\n".to_owned(),
                )
            }));
            files
        },
    ),
    Kind::project("apps", "applications with models", |n| {
        let apps = many(n, |i| format!("    'app{i}',\n"));
        let mut files = settings(format!("INSTALLED_APPS = [\n{apps}]\n"));
        for i in 0..n {
            files.push((format!("app{i}/__init__.py"), String::new()));
            let next = i + 1;
            let text = format!(
                "from django.db import models\nimport app{next}.models\nclass M(models.Model):\n\
                \x20   f = models.ImageField()\n"
            );
            files.push((format!("app{i}/models.py"), text));
        }
        files
    }),
    Kind::project("urls", "lists of routes, each including two others", |n| {
        let file = |i: usize| {
            let text = format!(
                "urlpatterns = [path('a/', include('site.u{}')), path('b/', include('site.u{}'))]\n",
                i + 1,
                i / 2
            );
            (format!("site/u{i}.py"), text)
        };
        let mut files = settings("ROOT_URLCONF = 'site.u0'\n".to_owned());
        files.extend((0..n).map(file));
        files
    }),
    Kind::project("urls-one", "routes of one list", |n| {
        let routes = many(n, |i| format!("    path('a{i}/', views.v{i}),\n"));
        let mut files = settings("ROOT_URLCONF = 'site.urls'\n".to_owned());
        files.push((
            "site/urls.py".to_owned(),
            format!("from . import views\nurlpatterns = [\n{routes}]\n"),
        ));
        files
    }),
    Kind::project("celery", "tasks and schedules of Celery", |n| {
        let beat = many(n, |i| {
            format!("    't{i}': {{'task': 'site.tasks.t{i}', 'schedule': {i}}},\n")
        });
        let mut files = settings(format!(
            "CELERY_BROKER_URL = 'redis://r'\nCELERY_BEAT_SCHEDULE = {{\n{beat}}}\n"
        ));
        files.push((
            "site/tasks.py".to_owned(),
            many(n, |i| format!("@shared_task\ndef t{i}():\n    pass\n")),
        ));
        files.push((
            "site/celery.py".to_owned(),
            "from celery import Celery\napp = Celery('site')\napp.autodiscover_tasks()\n"
                .to_owned(),
        ));
        files
    }),
    Kind::project("logging", "handlers of a log", |n| {
        let handlers = many(n, |i| {
            format!("'h{i}': {{'class': 'logging.FileHandler', 'filename': '/var/log/f{i}.log'}}, ")
        });
        settings(format!(
            "LOGGING = {{'version': 1, 'handlers': {{{handlers}}}}}\n"
        ))
    }),
    Kind::project("python-broken", "lines that are no Python", |n| {
        settings("def (:\n  'a\n \"\"\"\n".repeat(n))
    }),
    Kind::project("code", "lines of code beside the settings", |n| {
        let text = many(n, |i| {
            format!("def f{i}(x):\n    return open('/data/f{i}', 'w').write(os.environ['A{i}'])\n")
        });
        project(vec![(
            "site/views.py".to_owned(),
            "import os\n".to_owned() + &text,
        )])
    }),
    Kind::project(
        "code-imports",
        "modules that wsgi.py imports, each importing two others",
        |n| {
            let mut files = project(vec![(
                "site/wsgi.py".to_owned(),
                "import site.c0\napplication = None\n".to_owned(),
            )]);
            files.extend((0..n).map(|i| {
                (
                    format!("site/c{i}.py"),
                    format!("import site.c{}\nfrom site import c{}\n", i + 1, i / 2),
                )
            }));
            files
        },
    ),
];
