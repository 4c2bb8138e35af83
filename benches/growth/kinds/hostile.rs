//! Lines of a Dockerfile as nobody writes them but to harm.

use super::dockerfile::{lines, stages, start, with};
use super::{Kind, many};

pub(crate) const KINDS: &[Kind] = &[
    Kind::dockerfile(
        "apt-purge-later",
        "packages of early layers that later ones purge, thirty a line",
        |n| {
            let names = |i: usize| many(30, |j| format!(" lib{i}x{j}"));
            let installed = many(n / 30, |i| format!("RUN apt-get install -y{}\n", names(i)));
            let purged = many(n / 30, |i| format!("RUN apt-get purge -y{}\n", names(i)));
            with(&(installed + &purged))
        },
    ),
    Kind::dockerfile(
        "apt-purge-all",
        "packages of two lines that a third purges",
        |n| {
            let names = |kind: &str| many(n / 3, |i| format!(" {kind}{i}"));
            let (libraries, tools) = (names("lib"), names("tool"));
            with(&format!(
                "RUN apt-get install -y{libraries}\nRUN apt-get install -y{tools}\n\
                RUN apt-get purge -y{libraries}{tools}"
            ))
        },
    ),
    Kind::dockerfile(
        "apt-lists",
        "updates and installs in layers of their own",
        |n| {
            lines(n, |i| {
                format!("RUN apt-get update\nRUN apt-get install -y lib{i}-dev\n")
            })
        },
    ),
    Kind::dockerfile("rm-later", "files that a later layer removes", |n| {
        let made = many(n, |i| format!("COPY big{i} /tmp/big{i}\n"));
        with(&(made + &many(n, |i| format!("RUN rm -rf /tmp/big{i}\n"))))
    }),
    Kind::dockerfile("chown-later", "files that a later layer gives away", |n| {
        let made = many(n, |i| format!("COPY big{i} /srv/big{i}\n"));
        with(&(made + &many(n, |i| format!("RUN chown -R app /srv/big{i}\n"))))
    }),
    Kind::dockerfile("chown-whole", "chown of everything", |n| {
        lines(n, |i| {
            format!("COPY d{i} /app/d{i}\nRUN chown -R app:app /app\n")
        })
    }),
    Kind::dockerfile(
        "env-every",
        "variables of an ENV and lines that use them all, by their product",
        |n| {
            let side = n.isqrt() * 2;
            let uses = many(side, |i| format!("$A{i}"));
            let set = many(side, |i| format!("ENV A{i}=v{i}\n"));
            with(&(set + &many(side, |i| format!("ENV B{i}={uses}\n"))))
        },
    ),
    Kind::dockerfile(
        "env-crossed",
        "ENV, each with the one before twice in it",
        |n| {
            let link = |i: usize| format!("ENV A{}=$A{i}$A{i}\n", i + 1);
            with(&format!("ENV A0=/srv\n{}", many(n, link)))
        },
    ),
    Kind::dockerfile(
        "args-crossed",
        "ARG and ENV that refer to each other",
        |n| {
            lines(n, |i| {
                let next = (i * 7 + 3) % n;
                format!("ARG A{i}=${{B{next}:-$A{next}}}\nENV B{i}=${{A{i}:-${{B{next}}}}}\n")
            })
        },
    ),
    Kind::dockerfile("env-same", "ENV of one name", |n| {
        lines(n, |i| format!("ENV A=\"$A {i}\"\n"))
    }),
    Kind::dockerfile("arg-same", "ARG of one name with use", |n| {
        lines(n, |i| format!("ARG A={i}\nRUN echo $A\n"))
    }),
    Kind::dockerfile("default-nested", "values in place of values", |n| {
        with(&format!("ENV A={}x{}", "${B:-".repeat(n), "}".repeat(n)))
    }),
    Kind::dockerfile(
        "default-long",
        "values in place of values, side by side",
        |n| {
            with(&format!(
                "ENV A={}",
                many(n, |i| format!("${{B{i}:-${{C{i}:+d}}}}"))
            ))
        },
    ),
    Kind::dockerfile(
        "pattern-stars",
        "stars of a pattern that cuts a value",
        |n| {
            let value = "a".repeat(n);
            let stars = "*a".repeat(n / 2);
            with(&format!(
                "ENV A={value}\nENV B=${{A%%{stars}b}} C=${{A##{stars}b}} D=${{A/{stars}b/c}}"
            ))
        },
    ),
    Kind::dockerfile("patterns", "patterns that cut a value", |n| {
        lines(n, |i| format!("ENV B{i}=${{PATH%%*{i}}}${{PATH//{i}/x}}\n"))
    }),
    Kind::dockerfile("continued", "lines of one instruction", |n| {
        with(&format!(
            "RUN true {}",
            many(n, |i| format!("\\\n  && ls /d{i} "))
        ))
    }),
    Kind::dockerfile(
        "continued-empty",
        "empty lines and comments inside of an instruction",
        |n| {
            with(&format!(
                "RUN true \\\n{}  && ls",
                "\n# nothing\n   \\\n".repeat(n)
            ))
        },
    ),
    Kind::dockerfile(
        "continued-letters",
        "letters of an instruction, each on a line",
        |n| with(&format!("RUN echo {}", "a\\\n".repeat(n))),
    ),
    Kind::dockerfile("blank", "blank lines", |n| with(&" \t \r\n".repeat(n))),
    Kind::dockerfile("spaces", "spaces of a line", |n| {
        with(&format!("RUN{}ls{}", " ".repeat(n), "\t".repeat(n)))
    }),
    Kind::dockerfile("nothing", "NUL, and what is no text", |n| {
        with(&"\0\u{7f}\u{202e}é\n".repeat(n))
    }),
    Kind::dockerfile("letters", "lines of one letter", |n| "a\n".repeat(n)),
    Kind::dockerfile("backslashes", "backslashes", |n| {
        with(&format!("RUN echo {}x", "\\".repeat(n)))
    }),
    Kind::dockerfile("dollars", "dollars", |n| {
        with(&format!(
            "ENV A={}\nRUN echo {}",
            "$".repeat(n),
            "$".repeat(n)
        ))
    }),
    Kind::dockerfile("quotes-many", "words in quotes", |n| {
        with(&format!("RUN echo{}", " \"a b\"'c d'\"$E\"".repeat(n)))
    }),
    Kind::dockerfile("heredocs-one", "heredocs of one instruction", |n| {
        let opened = many(n, |i| format!(" <<E{i}"));
        let bodies = many(n, |i| format!("text {i}\nE{i}\n"));
        with(&format!("COPY{opened} /etc/\n{bodies}"))
    }),
    Kind::dockerfile("heredocs-open", "heredocs that nothing closes", |n| {
        with(&format!("RUN cat{}", many(n, |i| format!(" <<E{i}"))))
    }),
    Kind::dockerfile("heredocs-python", "heredocs for Python", |n| {
        lines(n, |i| {
            format!("RUN python <<EOF\nimport os\nos.makedirs('/d{i}')\nEOF\n")
        })
    }),
    Kind::dockerfile(
        "heredoc-script",
        "lines of a script that a heredoc writes",
        |n| {
            let lines = many(n, |i| format!("python manage.py check --tag t{i}\n"));
            let script = format!(
                "COPY --chmod=755 <<EOF /e.sh\n#!/bin/sh\n{lines}exec gunicorn site.wsgi\nEOF\n"
            );
            start(&script, "[\"/e.sh\"]")
        },
    ),
    Kind::dockerfile("from-args", "FROM with an ARG of its own", |n| {
        many(n, |i| {
            format!(
                "ARG V{i}=3.{}\nFROM python:${{V{i}}}-slim AS s{i}\n",
                i % 14
            )
        })
    }),
    Kind::dockerfile("from-same", "stages of one name", |n| {
        many(n, |_| {
            "FROM python:3.13-slim AS a\nCOPY --from=a /x /x\n".to_owned()
        })
    }),
    Kind::dockerfile("from-fan", "stages, all FROM one with many lines", |n| {
        let side = n.isqrt() * 2;
        let first = many(side, |i| format!("ENV A{i}=1\nRUN pip install p{i}\n"));
        let others = many(side, |i| {
            format!(
                "FROM base AS s{i}\nRUN pip install q{i}\n{}",
                "USER 1000\nCMD [\"gunicorn\", \"a\"]\n"
            )
        });
        format!("FROM python:3.13-slim AS base\n{first}{others}")
    }),
    Kind::dockerfile(
        "from-all",
        "stages, each with files of every one before, by their product",
        |n| {
            let side = n.isqrt();
            stages(side, |i, _| {
                let copies = many(i, |j| format!("COPY --from=s{j} /a{j} /a{j}\n"));
                format!("FROM python:3.13-slim AS s{i}\nRUN touch /a{i}\n{copies}")
            })
        },
    ),
    Kind::dockerfile(
        "from-mounted",
        "stages, each with the one before mounted",
        |n| {
            stages(n, |i, before| {
                format!(
                    "FROM python:3.13-slim AS s{i}\n\
                    RUN --mount=from={before},target=/m cp -r /m /n && pip install /m/x\n"
                )
            })
        },
    ),
    Kind::dockerfile("copy-sources", "sources of one COPY", |n| {
        with(&format!(
            "COPY{} /app/",
            many(n, |i| format!(" file{i}.txt"))
        ))
    }),
    Kind::dockerfile("copy-stars", "stars of a source", |n| {
        with(&format!("COPY {}b /app/", "*a".repeat(n)))
    }),
    Kind::dockerfile("copy-deep", "directories of a path", |n| {
        lines(n.div_ceil(1000), |i| {
            format!(
                "COPY a{i} /{}\nWORKDIR /{}\n",
                "d/".repeat(n.min(1000)),
                "../e/".repeat(n.min(1000))
            )
        })
    }),
    Kind::dockerfile("add", "ADD of an address", |n| {
        lines(n, |i| {
            format!("ADD https://example.org/f{i}.tar.gz /opt/f{i}/\n")
        })
    }),
    Kind::dockerfile("mounts-cache", "RUN with a cache and a secret", |n| {
        lines(n, |i| {
            format!(
                "RUN --mount=type=cache,target=/root/.cache/c{i} --mount=type=secret,id=s{i},env=S{i} pip install p{i}\n"
            )
        })
    }),
    Kind::dockerfile("volumes-json", "volumes of one line", |n| {
        with(&format!(
            "VOLUME [{}\"/z\"]",
            many(n, |i| format!("\"/v{i}\", "))
        ))
    }),
    Kind::dockerfile("volumes-lines", "VOLUME and writes below it", |n| {
        lines(n, |i| format!("VOLUME /v{i}\nRUN touch /v{i}/f\n"))
    }),
    Kind::dockerfile("users", "USER with RUN", |n| {
        lines(n, |i| format!("USER {i}\nRUN touch /home/f{i}\n"))
    }),
    Kind::dockerfile("json-open", "quotes of a list that nothing closes", |n| {
        with(&format!("CMD [{}", "\"a\", ".repeat(n)))
    }),
    Kind::dockerfile("json-escapes", "escapes of a word", |n| {
        with(&format!(
            "CMD [\"gunicorn\", \"{}\"]",
            "\\u0041\\n".repeat(n)
        ))
    }),
    Kind::dockerfile("json-nested", "lists in lists", |n| {
        with(&format!("CMD {}{}", "[".repeat(n), "]".repeat(n)))
    }),
    Kind::dockerfile("onbuild-nested", "ONBUILD in ONBUILD", |n| {
        with(&format!("{}RUN ls", "ONBUILD ".repeat(n)))
    }),
    Kind::dockerfile("directives", "directives of the parser", |n| {
        many(n, |i| format!("# d{i}=v{i}\n")) + &with("")
    }),
    Kind::dockerfile("ignore-words", "rules of one comment", |n| {
        with(&format!(
            "# seatrial: ignore={}\nRUN pip install a",
            many(n, |i| format!("r{i},"))
        ))
    }),
    Kind::dockerfile("curl-secrets", "passwords in lines", |n| {
        lines(n, |i| {
            format!(
                "ENV SECRET_KEY_{i}=ab12cd34ef{i}\nRUN curl -u user:pa55w{i} https://example.org/{i}\n"
            )
        })
    }),
    Kind::dockerfile("git-clone", "clones of repositories", |n| {
        lines(n, |i| {
            format!(
                "RUN git clone https://token{i}@example.org/r{i}.git /src/r{i} && pip install -e /src/r{i}\n"
            )
        })
    }),
    Kind::dockerfile("npm", "installs and builds of a frontend", |n| {
        lines(n, |i| {
            format!("WORKDIR /ui{i}\nCOPY ui{i}/package.json .\nRUN npm ci && npm run build\n")
        })
    }),
    Kind::dockerfile("uv", "uv pip install and uv sync", |n| {
        lines(n, |i| {
            format!("RUN uv pip install --system p{i}==1.{i}\nRUN uv sync --frozen --group g{i}\n")
        })
    }),
    Kind::dockerfile("conda", "conda install", |n| {
        lines(n, |i| format!("RUN conda install -y p{i}\n"))
    }),
    Kind::dockerfile(
        "collect-env",
        "variables, and commands of Django that read them",
        |n| {
            lines(n, |i| {
                format!(
                    "RUN A{i}=b DJANGO_SETTINGS_MODULE=site.s{i} python manage.py migrate --database d{i}\n"
                )
            })
        },
    ),
    Kind::dockerfile("supervise-words", "servers joined in one line", |n| {
        start(
            "",
            &format!(
                "[\"sh\", \"-c\", \"{}wait\"]",
                many(n, |i| format!("gunicorn s{i}.wsgi & "))
            ),
        )
    }),
];
