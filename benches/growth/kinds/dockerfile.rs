//! What a Dockerfile can have many of.

use super::{Kind, many};

const FROM: &str = "FROM python:3.13-slim-trixie AS base\n";

const START: &str = "WORKDIR /app\nCOPY . /app/\nUSER 1000\nCMD [\"gunicorn\", \"site.wsgi\"]\n";

pub(crate) const KINDS: &[Kind] = &[
    Kind::dockerfile(
        "triples",
        "RUN, ENV and COPY in turn, with six programs",
        |n| lines(n, triple),
    ),
    Kind::dockerfile("copies", "COPY of a file", |n| {
        lines(n, |i| format!("COPY file{i}.txt /app/file{i}.txt\n"))
    }),
    Kind::dockerfile("copies-from", "COPY --from another stage", |n| {
        let made = lines(n, |i| format!("RUN touch /made/file{i}\n"));
        let taken = lines(n, |i| {
            format!("COPY --from=base /made/file{i} /app/file{i}\n")
        });
        made + &taken.replacen("AS base", "", 1)
    }),
    Kind::dockerfile("stages-chained", "stages, each FROM the one before", |n| {
        stages(n, |i, before| {
            format!("FROM {before} AS s{i}\nENV A{i}=1\nRUN touch /a{i}\n")
        })
    }),
    Kind::dockerfile(
        "stages-copied",
        "stages, each with all of the one before",
        |n| {
            stages(n, |i, before| {
                format!(
                    "FROM python:3.13-slim AS s{i}\nCOPY --from={before} / /\nRUN touch /a{i}\n"
                )
            })
        },
    ),
    Kind::dockerfile(
        "stages-collected",
        "stages, a file of each in the last",
        |n| {
            let all = stages(n, |i, _| {
                format!("FROM python:3.13-slim AS s{i}\nRUN touch /a{i}\n")
            });
            let taken = many(n, |i| format!("COPY --from=s{} /a{i} /b{i}\n", i + 1));
            all.replace(START, "") + FROM + &taken + START
        },
    ),
    Kind::dockerfile(
        "stages-shipped",
        "stages that nothing uses, each with a start",
        |n| {
            stages(n, |i, _| {
                format!("FROM python:3.13-slim AS s{i}\nRUN pip install a{i}\n{START}")
            })
        },
    ),
    Kind::dockerfile("env-lines", "ENV", |n| {
        lines(n, |i| format!("ENV NAME{i}=value{i}\n"))
    }),
    Kind::dockerfile("env-pairs", "variables of one ENV", |n| {
        with(&format!("ENV{}", many(n, |i| format!(" NAME{i}=value{i}"))))
    }),
    Kind::dockerfile(
        "env-pairs-used",
        "variables of one ENV, each with the one before",
        |n| {
            lines(1, |_| {
                let pairs = many(n, |i| format!(" V{i}=${{V{}:-x}}", i.wrapping_sub(1)));
                format!("ENV A=1{pairs}\n")
            })
        },
    ),
    Kind::dockerfile("apt-purge", "RUN apt-get install and purge", |n| {
        lines(n, |i| {
            format!("RUN apt-get update && apt-get install -y p{i} && apt-get purge -y p{i}\n")
        })
    }),
    Kind::dockerfile("venvs", "virtual environments with an install each", |n| {
        lines(n, |i| {
            format!("RUN python -m venv /v{i} && /v{i}/bin/pip install django==5.2\n")
        })
    }),
    Kind::dockerfile("copies-all", "COPY . . and a user", |n| {
        lines(n, |i| format!("COPY . /app{i}/\nUSER u{i}\n"))
    }),
    Kind::dockerfile("env-chain", "ENV, each with the one before in it", |n| {
        let link = |i: usize| format!("ENV A{}=$A{i}\n", i + 1);
        with(&format!("ENV A0=/srv\n{}", many(n, link)))
    }),
    Kind::dockerfile("env-path", "directories that ENV puts before PATH", |n| {
        lines(n, |i| format!("ENV PATH=/opt/d{i}/bin:$PATH\n"))
    }),
    Kind::dockerfile("args", "ARG with use", |n| {
        lines(n, |i| {
            format!("ARG VERSION{i}=1.{i}\nRUN pip install package{i}==$VERSION{i}\n")
        })
    }),
    Kind::dockerfile("global-args", "ARG before FROM, used in it", |n| {
        let args = many(n, |i| format!("ARG TAG{i}=3.13-slim\n"));
        args + &many(n, |i| format!("FROM python:$TAG{i}\n")) + START
    }),
    Kind::dockerfile("expansions", "uses of a variable in RUN", |n| {
        let uses = many(n, |_| "RUN echo $A ${A:-b} ${A%c}\n".to_owned());
        with(&format!("ENV A=value\n{uses}"))
    }),
    Kind::dockerfile(
        "expansions-long",
        "bytes of a variable that many RUN use",
        |n| {
            let uses = many(n / 20, |_| "RUN e $A\n".to_owned());
            with(&format!("ENV A={}\n{uses}", "a".repeat(n)))
        },
    ),
    Kind::dockerfile(
        "copies-long",
        "bytes of a variable that many COPY use",
        |n| {
            let uses = many(n / 20, |_| "COPY $A $A\n".to_owned());
            with(&format!("ENV A={}\n{uses}", "a".repeat(n)))
        },
    ),
    Kind::dockerfile("workdirs", "relative WORKDIR", |n| {
        lines(n, |i| format!("WORKDIR d{i}\nRUN ls\n"))
    }),
    Kind::dockerfile("pip", "RUN pip install", |n| {
        lines(n, |i| format!("RUN pip install package{i}==1.{i}\n"))
    }),
    Kind::dockerfile("pip-words", "packages of one pip install", |n| {
        with(&format!(
            "RUN pip install{}",
            many(n, |i| format!(" package{i}==1.{i}"))
        ))
    }),
    Kind::dockerfile("pip-same", "RUN pip install of the same package", |n| {
        lines(n, |i| {
            format!("RUN pip install django=={}.{}\n", i % 7, i % 5)
        })
    }),
    Kind::dockerfile(
        "venvs-later",
        "virtual environments with an install into each",
        |n| {
            lines(n, |i| {
                format!("RUN python -m venv /v{i}\nRUN /v{i}/bin/pip install package{i}\n")
            })
        },
    ),
    Kind::dockerfile("apt", "RUN apt-get install", |n| {
        lines(n, |i| {
            format!("RUN apt-get update && apt-get install -y lib{i}-dev\n")
        })
    }),
    Kind::dockerfile("apt-words", "packages of one apt-get install", |n| {
        let words = many(n, |i| format!(" lib{i}-dev"));
        with(&format!("RUN apt-get update && apt-get install -y{words}"))
    }),
    Kind::dockerfile(
        "apt-removed",
        "packages installed and removed in turn",
        |n| {
            lines(n, |i| {
                format!("RUN apt-get install -y lib{i}-dev\nRUN apt-get purge -y lib{i}-dev\n")
            })
        },
    ),
    Kind::dockerfile(
        "apt-pip",
        "apt and pip in turn, with packages that need libraries",
        |n| {
            let packages = [
                "psycopg2",
                "mysqlclient",
                "lxml",
                "pillow",
                "uwsgi",
                "psycopg",
            ];
            let libraries = ["libpq-dev", "gcc", "build-essential", "libxml2-dev", "git"];
            lines(n, |i| {
                let (package, library) =
                    (packages[i % packages.len()], libraries[i % libraries.len()]);
                format!(
                    "RUN apt-get update && apt-get install -y {library}\nRUN pip install {package}\n"
                )
            })
        },
    ),
    Kind::dockerfile("apk", "RUN apk add", |n| {
        lines(n, |i| format!("RUN apk add lib{i}-dev\n")).replacen("slim-trixie", "alpine", 1)
    }),
    Kind::dockerfile("chown", "RUN chown, chmod, mkdir and rm", |n| {
        lines(n, |i| {
            format!("RUN mkdir /d{i} && chown app /d{i} && chmod 755 /d{i} && rm -r /d{i}/x\n")
        })
    }),
    Kind::dockerfile("accounts", "RUN useradd and USER", |n| {
        lines(n, |i| {
            format!("RUN groupadd g{i} && useradd -g g{i} u{i}\nUSER u{i}\n")
        })
    }),
    Kind::dockerfile("curl", "downloads that are unpacked", |n| {
        lines(n, |i| {
            format!("RUN curl -L https://example.org/{i}.tar.gz | tar -xz -C /opt/d{i}\n")
        })
    }),
    Kind::dockerfile("collectstatic", "COPY . . with collectstatic", |n| {
        lines(n, |_| {
            "COPY . .\nRUN python manage.py collectstatic --noinput\n".to_owned()
        })
    }),
    Kind::dockerfile("one-line", "commands of one RUN", |n| {
        with(&format!(
            "RUN true{}",
            many(n, |i| format!(" && mkdir /d{i}"))
        ))
    }),
    Kind::dockerfile("continuations", "lines of one RUN", |n| {
        let installs = many(n, |i| {
            format!(" \\\n    && pip install --no-cache-dir package{i}")
        });
        with(&format!("RUN set -ex{installs}"))
    }),
    Kind::dockerfile("words", "words of one command", |n| {
        with(&format!("RUN echo{}", " word".repeat(n)))
    }),
    Kind::dockerfile("long-word", "times sixteen bytes of one word", |n| {
        with(&format!("RUN echo {}", "a".repeat(16 * n)))
    }),
    Kind::dockerfile("shell-variables", "variables of one RUN, each used", |n| {
        with(&format!(
            "RUN true{}",
            many(n, |i| format!(" && a{i}=/d{i} && mkdir $a{i}"))
        ))
    }),
    Kind::dockerfile("shell-grown", "additions to a shell variable", |n| {
        let additions = many(n, |i| format!(" && a=\"$a p{i}\""));
        with(&format!("RUN true{additions} && pip install $a"))
    }),
    Kind::dockerfile("shell-blocks", "conditions and loops of one RUN", |n| {
        let block = |i| format!("; if [ -e /d{i} ]; then for f in /d{i}/*; do rm $f; done; fi");
        with(&format!("RUN true{}", many(n, block)))
    }),
    Kind::dockerfile(
        "shell-nested",
        "conditions in conditions, substitutions in substitutions",
        |n| {
            let blocks = format!(
                "RUN {}ls; {}\n",
                "if true; then ".repeat(n),
                "fi; ".repeat(n)
            );
            with(&format!(
                "{blocks}RUN {}ls{}",
                "$(".repeat(n),
                ")".repeat(n)
            ))
        },
    ),
    Kind::dockerfile("shell-strings", "commands handed to another shell", |n| {
        lines(n, |i| {
            format!("RUN sh -c \"pip install p{i} && bash -c 'ls /d{i}'\"\n")
        })
    }),
    Kind::dockerfile("heredocs", "RUN and COPY with heredocs", |n| {
        lines(n, |i| {
            format!("RUN <<EOF\npip install p{i}\nls\nEOF\nCOPY <<EOF /etc/c{i}\nkey = {i}\nEOF\n")
        })
    }),
    Kind::dockerfile("heredoc-lines", "lines of one heredoc", |n| {
        with(&format!(
            "RUN <<EOF\n{}EOF",
            many(n, |i| format!("mkdir /d{i}\n"))
        ))
    }),
    Kind::dockerfile("mounts", "mounts of a RUN", |n| {
        let mount = |i| format!(" --mount=type=bind,from=base,source=/d{i},target=/m{i}");
        let mounts = many(n, mount);
        with(&format!(
            "FROM base\nRUN{mounts} pip install -r /m1/requirements.txt"
        ))
    }),
    Kind::dockerfile("comments", "comments", |n| {
        lines(n, |i| format!("# Comment {i}.\n"))
    }),
    Kind::dockerfile("ignores", "comments that silence", |n| {
        lines(n, |i| {
            format!("# seatrial: ignore=pip-unpinned\nRUN pip install p{i}\n")
        })
    }),
    Kind::dockerfile("labels", "LABEL", |n| {
        lines(n, |i| format!("LABEL org.example.l{i}=\"value {i}\"\n"))
    }),
    Kind::dockerfile("label-pairs", "pairs of one LABEL", |n| {
        with(&format!("LABEL{}", many(n, |i| format!(" l{i}=v{i}"))))
    }),
    Kind::dockerfile("healthchecks", "HEALTHCHECK", |n| {
        lines(n, |i| {
            format!(
                "HEALTHCHECK CMD curl -f http://localhost:{}/\n",
                8000 + i % 1000
            )
        })
    }),
    Kind::dockerfile("ports", "EXPOSE", |n| {
        lines(n, |i| format!("EXPOSE {}\n", 1 + i % 60000))
    }),
    Kind::dockerfile("onbuild", "ONBUILD", |n| {
        lines(n, |i| format!("ONBUILD RUN pip install p{i}\n"))
    }),
    Kind::dockerfile("shells", "SHELL", |n| {
        lines(n, |_| "SHELL [\"/bin/bash\", \"-c\"]\nRUN ls\n".to_owned())
    }),
    Kind::dockerfile("starts", "CMD and ENTRYPOINT", |n| {
        lines(n, |i| {
            format!("ENTRYPOINT [\"/e{i}.sh\"]\nCMD [\"gunicorn\", \"site{i}.wsgi\"]\n")
        })
    }),
    Kind::dockerfile("start-words", "words of CMD", |n| {
        with(&format!(
            "CMD [\"gunicorn\", \"site.wsgi\"{}]",
            many(n, |i| format!(", \"--opt{i}\""))
        ))
    }),
    Kind::dockerfile("uwsgi-words", "options of uWSGI on the command line", |n| {
        let options = many(n, |i| format!(", \"--static-map\", \"/s{i}=/d{i}\""));
        start(
            "",
            &format!("[\"uwsgi\", \"--module\", \"site.wsgi\"{options}]"),
        )
    }),
    Kind::dockerfile("uwsgi-env", "options of uWSGI in ENV", |n| {
        let option = |i| format!("ENV UWSGI_OPTION_{i}=1 UWSGI_STATIC_MAP=/s{i}=/d{i}\n");
        start(&many(n, option), "[\"uwsgi\", \"--module\", \"site.wsgi\"]")
    }),
    Kind::dockerfile("broken", "lines that are no instructions", |n| {
        lines(n, |i| format!("RUNN {i}\n"))
    }),
    Kind::dockerfile("quotes", "quotes and brackets that nothing closes", |n| {
        lines(n, |_| "RUN echo \"a 'b ${c $(d\nENV A=\"b\n".to_owned())
    }),
];

fn triple(i: usize) -> String {
    let run = match i % 6 {
        0 => format!("pip install package{i}==1.{i}"),
        1 => format!(
            "apt-get update && apt-get install -y lib{i}-dev && rm -rf /var/lib/apt/lists/*"
        ),
        2 => format!("python -m venv /venv{i}"),
        3 => format!("chown -R app:app /srv/d{i}"),
        4 => format!("curl -fsSL -o /tmp/file{i} https://example.org/{i}"),
        _ => format!("/srv/script{i}.sh --all"),
    };
    format!("RUN {run}\nENV NAME{i}=value{i}\nCOPY file{i}.txt /srv/d{i}/\n")
}

/// A stage with so many of these, that starts something.
pub(super) fn lines(n: usize, line: impl Fn(usize) -> String) -> String {
    with(&many(n, line))
}

/// A stage with these lines, that starts something.
pub(super) fn with(lines: &str) -> String {
    format!("{FROM}{}\n{START}", lines.trim_end_matches('\n'))
}

/// A stage that starts this.
pub(super) fn start(lines: &str, command: &str) -> String {
    format!("{FROM}{lines}WORKDIR /app\nCMD {command}\n")
}

/// So many stages after a first one, each made from its number and the name of the one before.
pub(super) fn stages(n: usize, stage: impl Fn(usize, String) -> String) -> String {
    let all = many(n, |i| stage(i + 1, format!("s{i}")));
    format!("FROM python:3.13-slim-trixie AS s0\n{all}{START}")
}
