//! Configuration of servers, of platforms and of frontends.

use super::compose::{WEB, compose};
use super::project::project;
use super::{Kind, Texts, many};

pub(crate) const KINDS: &[Kind] = &[
    Kind::project("nginx", "locations of nginx", |n| {
        nginx(&many(n, |i| {
            format!("location /l{i}/ {{ alias /srv/d{i}/; proxy_pass http://web:80{i}; }}\n")
        }))
    }),
    Kind::project("nginx-servers", "servers and upstreams of nginx", |n| {
        let block = |i| {
            format!(
                "upstream u{i} {{ server web:8000; }}\n\
                server {{ listen {i}; location / {{ proxy_pass http://u{i}; }} }}\n"
            )
        };
        nginx_whole(many(n, block))
    }),
    Kind::project("nginx-upstream", "servers of one upstream", |n| {
        nginx_whole(format!(
            "upstream u {{\n{}}}\nserver {{ location / {{ proxy_pass http://u; }} }}\n",
            many(n, |i| format!("server s{i}:8000;\n"))
        ))
    }),
    Kind::project("nginx-nested", "blocks in blocks of nginx", |n| {
        nginx(&format!("{}{}", "location / { ".repeat(n), "}".repeat(n)))
    }),
    Kind::project(
        "nginx-includes",
        "files that nginx includes, each including all, by their product",
        |n| {
            let side = n.isqrt();
            let all = many(side, |i| format!("include /etc/nginx/conf.d/i{i}.conf;\n"));
            let mut files = nginx(&all);
            let mounts = many(side, |i| {
                format!("      - ./i{i}.conf:/etc/nginx/conf.d/i{i}.conf\n")
            });
            files[1].1.push_str(&mounts);
            files.extend((0..side).map(|i| {
                (
                    format!("i{i}.conf"),
                    format!("{all}location /i{i} {{ root /srv; }}\n"),
                )
            }));
            files
        },
    ),
    Kind::project(
        "nginx-services",
        "services of nginx that share a file, by the product with its lines",
        |n| {
            let side = n.isqrt() * 2;
            let mut files = nginx(&many(side, |i| {
                format!("location /l{i}/ {{ proxy_pass http://web:{i}; }}\n")
            }));
            let service = |i| {
                format!(
                    "  p{i}:\n    image: nginx:1.29\n    volumes:\n\
                    \x20     - ./nginx.conf:/etc/nginx/conf.d/default.conf\n"
                )
            };
            files[1].1.push_str(&many(side, service));
            files
        },
    ),
    Kind::project("caddy", "blocks in blocks of a Caddyfile", |n| {
        let mut files = compose(&format!(
            "{WEB}  proxy:\n    image: caddy:2\n    volumes:\n      - ./Caddyfile:/etc/caddy/Caddyfile\n"
        ));
        let sites = many(n, |i| {
            format!("s{i}.example.org {{\n  reverse_proxy web:{i}\n}}\n")
        });
        files.push((
            "Caddyfile".to_owned(),
            format!("{sites}{}{}", "a {\n".repeat(n), "}\n".repeat(n)),
        ));
        files
    }),
    Kind::project("supervisord", "programs of supervisord", |n| {
        supervisord(many(n, |i| {
            format!(
                "[program:p{i}]\ncommand=gunicorn s{i}.wsgi --bind 0.0.0.0:{i}\nuser=u{i}\n\
                environment=A=\"%(ENV_B{i})s\"\n"
            )
        }))
    }),
    Kind::project(
        "supervisord-scripts",
        "programs of supervisord with a script each",
        |n| {
            let mut files = supervisord(many(n, |i| {
                format!("[program:p{i}]\ncommand=/app/s{i}.sh\n")
            }));
            files.extend((0..n).map(|i| {
                (
                    format!("s{i}.sh"),
                    format!("#!/bin/sh\nexec gunicorn s{i}.wsgi\n"),
                )
            }));
            files
        },
    ),
    Kind::project("supervisord-words", "words of one program", |n| {
        supervisord(format!(
            "[program:p]\ncommand=celery{}\nenvironment={}\n",
            many(n, |i| format!(" --o{i}")),
            many(n, |i| format!("A{i}=\"b\","))
        ))
    }),
    Kind::project("ini-sections", "sections of a file", |n| {
        super::project::uwsgi(vec![(
            "u0.ini".to_owned(),
            many(n, |i| {
                format!("[s{i}]\na = %(b)\n[uwsgi]\nfor = a b c\nmount = /%(_)\nendfor =\n")
            }),
        )])
    }),
    Kind::project(
        "uwsgi-crossed",
        "values of uWSGI, each with the one before twice",
        |n| {
            let text = many(n, |i: usize| {
                format!("a{i} = %(a{0})%(a{0})\n", i.wrapping_sub(1))
            });
            super::project::uwsgi(vec![(
                "u0.ini".to_owned(),
                format!("[uwsgi]\n{text}module = %(a{})\n", n.saturating_sub(1)),
            )])
        },
    ),
    Kind::project(
        "uwsgi-workers",
        "sockets, workers and mules of uWSGI",
        |n| {
            super::project::uwsgi(vec![(
                "u0.ini".to_owned(),
                format!(
                    "[uwsgi]\n{}",
                    many(n, |i| format!(
                        "http-socket = :{i}\nattach-daemon = celery w{i}\nprocesses = {i}\n"
                    ))
                ),
            )])
        },
    ),
    Kind::project("gunicorn-code", "code of gunicorn.conf.py", |n| {
        project(vec![(
            "gunicorn.conf.py".to_owned(),
            "import os\n".to_owned()
                + &many(n, |i| {
                    format!("for k, v in os.environ.items():\n    bind = bind + '{i}' + v\n")
                }),
        )])
    }),
    Kind::project("kubernetes", "manifests", |n| {
        let one = |i| {
            format!(
                "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d{i}}}\nspec:\n  template:\n\
                \x20   spec:\n      containers:\n        - name: c\n          image: shop/app{i}\n          env:\n\
                \x20           - {{name: A, value: b}}\n"
            )
        };
        kubernetes(many(n, one))
    }),
    Kind::project("kubernetes-files", "files with a manifest each", |n| {
        let one = |i| {
            (
                format!("k8s/d{i}.yaml"),
                format!(
                    "apiVersion: v1\nkind: Pod\nmetadata: {{name: d{i}}}\n\
                    spec: {{containers: [{{name: c, image: shop/app}}]}}\n"
                ),
            )
        };
        project((0..n).map(one).collect())
    }),
    Kind::project("kubernetes-env", "variables of a container", |n| {
        let env = many(n, |i| {
            format!(
                "        - {{name: A{i}, valueFrom: {{configMapKeyRef: {{name: m, key: k{i}}}}}}}\n"
            )
        });
        kubernetes(format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: d}}\nspec:\n  containers:\n    - name: c\n\
            \x20     image: shop/app\n      env:\n{env}"
        ))
    }),
    Kind::project("kubernetes-deep", "maps in maps of a manifest", |n| {
        kubernetes(format!(
            "apiVersion: v1\nkind: Pod\nspec: {}{}\n",
            "{a: ".repeat(n),
            "}".repeat(n)
        ))
    }),
    Kind::project("ecs", "containers of a task", |n| {
        let containers = many(n, |i| {
            format!(
                "{{\"name\": \"c{i}\", \"image\": \"shop/app{i}\", \"environment\": [{{\"name\": \"A\", \"value\": \"b\"}}]}}, "
            )
        });
        project(vec![(
            "task-definition.json".to_owned(),
            format!("{{\"containerDefinitions\": [{containers}{{\"name\": \"z\"}}]}}"),
        )])
    }),
    Kind::project("fly", "processes of fly.toml", |n| {
        let text = format!(
            "app = \"a\"\n[build]\ndockerfile = \"Dockerfile\"\n[processes]\n{}[env]\n{}",
            many(n, |i| format!("p{i} = \"gunicorn s{i}.wsgi\"\n")),
            many(n, |i| format!("A{i} = \"b\"\n"))
        );
        project(vec![("fly.toml".to_owned(), text)])
    }),
    Kind::project("render", "services of render.yaml", |n| {
        let one = |i| {
            format!(
                "  - type: web\n    name: s{i}\n    runtime: docker\n    dockerCommand: gunicorn s{i}.wsgi\n\
                \x20   envVars: [{{key: A, value: b}}]\n"
            )
        };
        project(vec![(
            "render.yaml".to_owned(),
            format!("services:\n{}", many(n, one)),
        )])
    }),
    Kind::project("heroku", "processes of heroku.yml and of a Procfile", |n| {
        let run = many(n, |i| format!("  p{i}: gunicorn s{i}.wsgi\n"));
        let build = many(n, |i| format!("    p{i}: Dockerfile\n"));
        let file = |path: &str, text| (path.to_owned(), text);
        project(vec![
            file(
                "heroku.yml",
                format!("build:\n  docker:\n{build}run:\n{run}"),
            ),
            file(
                "Procfile",
                many(n, |i| format!("p{i}: gunicorn s{i}.wsgi\n")),
            ),
            file("app.json", "{\"stack\": \"container\"}".to_owned()),
        ])
    }),
    Kind::project("by-hand", "containers that scripts build and start", |n| {
        let lines = many(n, |i| {
            format!(
                "docker build -t a{i} --build-arg B={i} .\ndocker run -d -p {i}:80 -e A=b --name n{i} a{i}\n"
            )
        });
        project(vec![
            ("deploy.sh".to_owned(), format!("#!/bin/sh\n{lines}")),
            (
                "Makefile".to_owned(),
                format!("all:\n\t{}", lines.replace('\n', "\n\t")),
            ),
        ])
    }),
    Kind::project("workflow-files", "files of continuous integration", |n| {
        let one = |i| {
            (
                format!(".github/workflows/w{i}.yml"),
                format!(
                    "on: push\njobs:\n  j:\n    steps:\n      - uses: docker/build-push-action@v6\n\
                    \x20       with: {{context: ., tags: a{i}, push: true}}\n"
                ),
            )
        };
        project((0..n).map(one).collect())
    }),
    Kind::project("gitlab", "jobs of .gitlab-ci.yml", |n| {
        project(vec![(
            ".gitlab-ci.yml".to_owned(),
            many(n, |i| {
                format!(
                    "j{i}:\n  extends: j{}\n  script: [docker build -t a{i} ., docker push a{i}]\n",
                    i / 2
                )
            }),
        )])
    }),
    Kind::project("bake", "targets of a bake file", |n| {
        project(vec![(
            "docker-bake.hcl".to_owned(),
            many(n, |i| {
                format!(
                    "target \"t{i}\" {{\n  inherits = [\"t{}\"]\n  dockerfile = \"Dockerfile\"\n}}\n",
                    i / 2
                )
            }),
        )])
    }),
    Kind::project(
        "package-json",
        "scripts of package.json, each running the next",
        |n| {
            let scripts = many(n, |i| {
                format!(
                    "\"s{i}\": \"npm run s{} && webpack --config w{i}.js\", ",
                    i + 1
                )
            });
            frontend(
                format!("{{\"scripts\": {{{scripts}\"build\": \"npm run s0\"}}}}"),
                "{}".to_owned(),
            )
        },
    ),
    Kind::project("package-json-deep", "maps in maps of package.json", |n| {
        frontend(
            format!("{}1{}", "{\"a\": ".repeat(n), "}".repeat(n)),
            format!("{}1{}", "[".repeat(n), "]".repeat(n)),
        )
    }),
    Kind::project("package-lock", "packages of package-lock.json", |n| {
        let packages = many(n, |i| {
            format!(
                "\"node_modules/p{i}\": {{\"version\": \"1.{i}.0\", \"dependencies\": {{\"p{}\": \"*\"}}}}, ",
                i + 1
            )
        });
        let wanted = many(n / 4, |i| format!("\"p{i}\": \"*\", "));
        frontend(
            format!("{{\"dependencies\": {{{wanted}\"z\": \"1\"}}}}"),
            format!("{{\"lockfileVersion\": 3, \"packages\": {{{packages}\"\": {{}}}}}}"),
        )
    }),
    Kind::project(
        "frontend-imports",
        "modules of a frontend, each importing two others",
        |n| {
            let mut files = frontend(
                "{\"scripts\": {\"build\": \"vite build\"}}".to_owned(),
                "{}".to_owned(),
            );
            files.push(("ui/src/main.js".to_owned(), "import './m0'\n".to_owned()));
            files.extend((0..n).map(|i| {
                (
                    format!("ui/src/m{i}.js"),
                    format!("import './m{}'\nimport x from './m{}'\n", i + 1, i / 2),
                )
            }));
            files
        },
    ),
    Kind::project(
        "env-nested",
        "values in place of values in an env file",
        |n| {
            let mut files = compose(&format!(
                "{WEB}    env_file: .env\n    environment:\n      A: {}x{}\n",
                "${B:-".repeat(n),
                "}".repeat(n)
            ));
            files.push((
                ".env".to_owned(),
                format!("A={}x{}\n", "${B:-".repeat(n), "}".repeat(n)),
            ));
            files
        },
    ),
    Kind::project(
        "compose-configs",
        "configs, secrets and networks of a stack",
        |n| {
            let tops = |what: &str| format!("{what}:\n{}", many(n, |i| format!("  x{i}: {{}}\n")));
            let names = |what: &str| format!("    {what}: [{}]\n", many(n, |i| format!("x{i}, ")));
            let mut files = compose(&format!(
                "{WEB}{}{}{}",
                names("configs"),
                names("secrets"),
                names("networks")
            ));
            files[1].1.push_str(
                &(tops("configs") + &tops("secrets") + &tops("networks") + &tops("volumes")),
            );
            files
        },
    ),
    Kind::project("compose-commands", "services with a long command", |n| {
        compose(&many(n, |i| {
            format!(
                "  s{i}:\n    build: .\n\
                \x20   command: sh -c 'python manage.py migrate && gunicorn s{i}.wsgi --bind :{i} --workers 3'\n\
                \x20   healthcheck: {{test: curl -f http://localhost:{i}}}\n"
            )
        }))
    }),
    Kind::project(
        "compose-scripts",
        "services and lines of a script that they start, by their product",
        |n| {
            let side = n.isqrt() * 2;
            let mut files = compose(&many(side, |i| {
                format!("  s{i}:\n    build: .\n    command: /app/e.sh {i}\n")
            }));
            files.push((
                "e.sh".to_owned(),
                format!(
                    "#!/bin/sh\n{}exec gunicorn site.wsgi\n",
                    many(side, |i| format!("mkdir -p /d{i}\n"))
                ),
            ));
            files
        },
    ),
    Kind::project(
        "compose-settings",
        "services and assignments of settings that they load, by their product",
        |n| {
            let side = n.isqrt() * 2;
            let mut files = compose(&many(side, |i| {
                format!("  s{i}:\n    build: .\n    environment: {{A: v{i}}}\n")
            }));
            files.push((
                "site/settings.py".to_owned(),
                "import os\n".to_owned()
                    + &many(side, |i| format!("N{i} = os.environ.get('A') + '{i}'\n")),
            ));
            files
        },
    ),
    Kind::project("compose-projects", "directories with a stack each", |n| {
        let one = |i| {
            (
                format!("d{i}/compose.yaml"),
                format!("services:\n  w{i}:\n    build: ..\n    command: gunicorn s{i}.wsgi\n"),
            )
        };
        project((0..n).map(one).collect())
    }),
    Kind::project("compose-merged", "merges of maps", |n| {
        let line = |i: usize| format!("x-a{}: &a{}\n  <<: *a{i}\n  k{i}: {i}\n", i + 1, i + 1);
        let mut files = compose(&format!("{WEB}    environment:\n      <<: *a{n}\n"));
        files[1]
            .1
            .insert_str(0, &format!("x-a0: &a0 {{x: y}}\n{}", many(n, line)));
        files
    }),
    Kind::project("yaml-blocks", "blocks in blocks of a compose file", |n| {
        let depth = n.min(1200);
        compose(&format!(
            "{WEB}    x-a:\n{}",
            many(depth, |i| format!("{}a:\n", " ".repeat(i + 6)))
        ))
    }),
    Kind::project("yaml-text", "lines of one text", |n| {
        compose(&format!(
            "{WEB}    command: |\n{}",
            many(n, |i| format!("      echo {i}\n"))
        ))
    }),
    Kind::project("yaml-documents", "documents of one file", |n| {
        compose(&format!("{WEB}{}", "---\na: b\n".repeat(n)))
    }),
];

fn nginx(locations: &str) -> Texts {
    nginx_whole(format!("server {{\nlisten 80;\n{locations}}}\n"))
}

fn nginx_whole(text: String) -> Texts {
    let proxy = "  proxy:\n    image: nginx:1.29\n    volumes:\n\
    \x20     - ./nginx.conf:/etc/nginx/conf.d/default.conf:ro\n";
    let mut files = compose(&format!("{WEB}{proxy}"));
    files.push(("nginx.conf".to_owned(), text));
    files
}

fn supervisord(programs: String) -> Texts {
    let mut files = project(vec![(
        "supervisord.conf".to_owned(),
        format!("[supervisord]\nnodaemon=true\n{programs}"),
    )]);
    files[0].1 = files[0].1.replace(
        "\"gunicorn\", \"site.wsgi\"",
        "\"supervisord\", \"-c\", \"/app/supervisord.conf\"",
    );
    files
}

fn kubernetes(text: String) -> Texts {
    project(vec![("k8s/web.yaml".to_owned(), text)])
}

fn frontend(package: String, lock: String) -> Texts {
    let own = |path: &str, text| (path.to_owned(), text);
    let mut files = project(vec![
        own("ui/package.json", package),
        own("ui/package-lock.json", lock),
    ]);
    let stage = "FROM node:22 AS ui\nWORKDIR /ui\nCOPY ui/ /ui/\nRUN npm ci && npm run build\n";
    files[0].1 = format!("{stage}{}COPY --from=ui /ui/dist /app/dist\n", files[0].1);
    files
}
