//! What a shell's text can have many of, or can nest.

use super::dockerfile::{lines, with};
use super::project::script;
use super::{Kind, many};

pub(crate) const KINDS: &[Kind] = &[
    Kind::dockerfile("loops", "loops over three words", |n| {
        lines(n, |i| {
            format!("RUN for p in a{i} b{i} c{i}; do pip install $p && rm /tmp/$p; done\n")
        })
    }),
    Kind::dockerfile("loops-one", "loops of one RUN", |n| {
        with(&format!(
            "RUN true{}",
            many(n, |i| format!("; for p in a b c; do touch /d{i}/$p; done"))
        ))
    }),
    Kind::dockerfile("loop-words", "words of a loop", |n| {
        with(&format!(
            "RUN for p in{}; do apt-get install -y $p && pip install $p; done",
            many(n, |i| format!(" p{i}"))
        ))
    }),
    Kind::dockerfile(
        "loop-body",
        "words of a loop and commands in it, by their product",
        |n| {
            let side = n.isqrt() * 4;
            let words = many(side, |i| format!(" p{i}"));
            with(&format!(
                "RUN for p in{words}; do true{}; done",
                many(side, |i| format!("; mkdir /$p/d{i}"))
            ))
        },
    ),
    Kind::dockerfile("loops-nested", "loops in loops", |n| {
        let open = many(n, |i| format!("for v{i} in a b c; do "));
        with(&format!(
            "RUN {open}pip install $v0; {}",
            "done; ".repeat(n)
        ))
    }),
    Kind::dockerfile(
        "loops-nested-words",
        "words of six loops in each other",
        |n| {
            let words = |d: usize| many(n / 6, move |i| format!(" w{d}x{i}"));
            let open = many(6, |d| format!("for v{d} in{}; do ", words(d)));
            with(&format!(
                "RUN {open}pip install $v0$v1$v2$v3$v4$v5; {}",
                "done; ".repeat(6)
            ))
        },
    ),
    Kind::dockerfile("loops-nested-many", "pairs of loops in each other", |n| {
        lines(n, |i| {
            let words = "a b c d e f g h";
            format!(
                "RUN for x in {words}; do for y in {words}; do mkdir -p /d{i}/$x/$y; done; done\n"
            )
        })
    }),
    Kind::dockerfile("loops-while", "loops that read lines", |n| {
        lines(n, |i| {
            format!("RUN while read l; do pip install $l; done < r{i}.txt\n")
        })
    }),
    Kind::dockerfile("cases", "cases of one word", |n| {
        with(&format!(
            "RUN case \"$A\" in {} esac",
            many(n, |i| format!("a{i}|b{i}) pip install p{i};; "))
        ))
    }),
    Kind::dockerfile("cases-nested", "cases in cases", |n| {
        with(&format!(
            "RUN {}ls {}",
            "case $A in a) ".repeat(n),
            ";; esac ".repeat(n)
        ))
    }),
    Kind::dockerfile("pipes", "commands of a pipe", |n| {
        with(&format!("RUN cat a{}", many(n, |i| format!(" | grep {i}"))))
    }),
    Kind::dockerfile("or", "commands joined by ||", |n| {
        with(&format!(
            "RUN false{}",
            many(n, |i| format!(" || pip install p{i}"))
        ))
    }),
    Kind::dockerfile("else", "branches of one condition", |n| {
        let branch = |i| format!(" elif [ \"$A\" = {i} ]; then pip install p{i};");
        with(&format!("RUN if false; then ls;{} fi", many(n, branch)))
    }),
    Kind::dockerfile("subshells", "shells in shells", |n| {
        with(&format!("RUN {}ls{}", "(cd a; ".repeat(n), ")".repeat(n)))
    }),
    Kind::dockerfile("braces", "groups in groups", |n| {
        with(&format!("RUN {}ls; {}", "{ ".repeat(n), "}; ".repeat(n)))
    }),
    Kind::dockerfile("arithmetic", "brackets of a sum", |n| {
        with(&format!(
            "RUN echo $(({}1{}))",
            "(1+".repeat(n),
            ")".repeat(n)
        ))
    }),
    Kind::dockerfile("backticks", "commands in backticks", |n| {
        with(&format!("RUN echo{}", many(n, |i| format!(" `cat f{i}`"))))
    }),
    Kind::dockerfile("brace-words", "braces that make words", |n| {
        with(&format!("RUN mkdir -p /{}", "{a,b}".repeat(n)))
    }),
    Kind::dockerfile("strings-nested", "shells in the words of shells", |n| {
        let depth = n.min(12);
        let mut command = many(n / 4, |i| format!("ls {i}; "));
        for _ in 0..depth.min(4) {
            command = format!(
                "sh -c \"{}\"",
                command.replace('\\', "\\\\").replace('"', "\\\"")
            );
        }
        with(&format!("RUN {command}"))
    }),
    Kind::dockerfile("evals", "eval of a variable", |n| {
        lines(n, |i| format!("RUN a='pip install p{i}' && eval \"$a\"\n"))
    }),
    Kind::dockerfile("cd", "changes of the directory", |n| {
        with(&format!(
            "RUN true{}",
            many(n, |i| format!(" && cd d{i} && touch f"))
        ))
    }),
    Kind::dockerfile("exports", "exports of one RUN", |n| {
        with(&format!(
            "RUN true{} && pip install a",
            many(n, |i| format!(" && export A{i}=$A{}", i.wrapping_sub(1)))
        ))
    }),
    Kind::dockerfile(
        "shell-crossed",
        "variables of a shell, each with the two before",
        |n| {
            let link = |i: usize| format!(" && a{}=\"$a{}$a{i}\"", i + 2, i + 1);
            with(&format!(
                "RUN a0=x && a1=y{} && pip install $a{}",
                many(n, link),
                n + 1
            ))
        },
    ),
    Kind::dockerfile(
        "shell-every",
        "variables of a shell and commands with them all, by their product",
        |n| {
            let side = n.isqrt() * 2;
            let set = many(side, |i| format!(" && a{i}=v{i}"));
            let uses = many(side, |i| format!(" $a{i}"));
            with(&format!(
                "RUN true{set}{}",
                many(side, |_| format!(" && echo{uses}"))
            ))
        },
    ),
    Kind::dockerfile("assigned", "variables before a command", |n| {
        with(&format!(
            "RUN{} pip install a",
            many(n, |i| format!(" A{i}=b"))
        ))
    }),
    Kind::dockerfile(
        "functions",
        "functions, each calling the one before twice",
        |n| {
            let function = |i: usize| format!("f{i}() {{ f{0}; f{0}; }}; ", i.wrapping_sub(1));
            with(&format!(
                "RUN {}f{}",
                many(n, function),
                n.saturating_sub(1)
            ))
        },
    ),
    Kind::dockerfile("redirects", "files that commands write", |n| {
        lines(n, |i| {
            format!("RUN echo a{i} > /etc/f{i} && cat /etc/f{i} >> /etc/g\n")
        })
    }),
    Kind::dockerfile("redirects-one", "files that one command writes", |n| {
        with(&format!("RUN ls{}", many(n, |i| format!(" > /f{i} 2>&1"))))
    }),
    Kind::dockerfile("echoes", "lines of a file that echo writes", |n| {
        with(&format!(
            "RUN echo '[uwsgi]' > /u.ini{}",
            many(n, |i| format!(" && echo 'env = A{i}=b' >> /u.ini"))
        ))
    }),
    Kind::dockerfile("seds", "sed in place", |n| {
        lines(n, |i| {
            format!("RUN sed -i 's/a{i}/b/g' /etc/apt/sources.list\n")
        })
    }),
    Kind::dockerfile("links", "links of files", |n| {
        lines(n, |i| format!("RUN ln -s /l{i} /l{}\n", i + 1))
    }),
    Kind::dockerfile("moves", "moves of a directory", |n| {
        lines(n, |i| {
            format!("RUN mv /m{i} /m{} && cp -r /m{} /c{i}\n", i + 1, i + 1)
        })
    }),
    Kind::dockerfile("xargs", "commands that others hand arguments to", |n| {
        lines(n, |i| {
            format!(
                "RUN cat p{i} | xargs -n1 pip install && find /d{i} -name '*.pyc' -exec rm {{}} +\n"
            )
        })
    }),
    Kind::dockerfile("wrapped", "programs that run the next", |n| {
        with(&format!("RUN {}pip install a", "env nice -n 1 ".repeat(n)))
    }),
    Kind::project("script-long", "lines of a script", |n| {
        script(&many(n, |i| format!("echo {i}\n")))
    }),
    Kind::project(
        "script-functions",
        "functions of a script, each calling two others",
        |n| {
            script(&many(n, |i: usize| {
                format!("f{i}() {{ f{}; f{}; }}\n", i.saturating_sub(1), i / 2)
            }))
        },
    ),
    Kind::project("script-loops", "loops of a script", |n| {
        script(&many(n, |i| {
            format!("for a in x y z; do python manage.py c{i} $a; done\n")
        }))
    }),
    Kind::project(
        "script-loops-nested",
        "loops of a script in each other",
        |n| {
            script(&format!(
                "{}python manage.py migrate\n{}",
                many(n, |i| format!("for a{i} in x y; do\n")),
                "done\n".repeat(n)
            ))
        },
    ),
    Kind::project("script-conditions", "conditions of a script", |n| {
        script(&many(n, |i| {
            format!(
                "if [ \"$A{i}\" = 1 ]; then python manage.py migrate; else exec gunicorn s{i}.wsgi; fi\n"
            )
        }))
    }),
    Kind::project(
        "script-variables",
        "variables of a script that refer to each other",
        |n| {
            script(&many(n, |i| {
                format!(
                    "A{i}=\"${{A{}:-x}} $B{i}\"\nexport A{i}\n",
                    i.wrapping_sub(1)
                )
            }))
        },
    ),
    Kind::project("script-grown", "additions to a variable of a script", |n| {
        script(&"A=\"$A$A b\"\n".repeat(n))
    }),
    Kind::project("script-waits", "waits for other services", |n| {
        script(&many(n, |i| {
            format!("until nc -z db{i} 5432; do sleep 1; done\n")
        }))
    }),
    Kind::project("script-heredocs", "heredocs of a script", |n| {
        script(&many(n, |i| {
            format!(
                "cat > /etc/f{i} <<EOF\nname = $A{i}\nEOF\npython manage.py shell <<EOF\nprint({i})\nEOF\n"
            )
        }))
    }),
    Kind::project("script-case", "cases of a script's first word", |n| {
        script(&format!(
            "case \"$1\" in\n{}esac\n",
            many(n, |i| format!("c{i}) exec gunicorn s{i}.wsgi ;;\n"))
        ))
    }),
    Kind::project(
        "scripts-circle",
        "scripts that source all of the others, by their product",
        |n| {
            let side = n.isqrt();
            let all = many(side, |i| format!(". /app/s{i}.sh\n"));
            let mut files = script(&all);
            files.extend((0..side).map(|i| {
                (
                    format!("s{i}.sh"),
                    format!("#!/bin/sh\nexport A{i}=1\n{all}"),
                )
            }));
            files
        },
    ),
    Kind::project("scripts-run", "scripts that are run in RUN", |n| {
        let mut files = script("");
        let runs = many(n, |i| format!("RUN /app/s{i}.sh\n"));
        files[0].1 = files[0].1.replacen("RUN", &format!("{runs}RUN"), 1);
        files
            .extend((0..n).map(|i| (format!("s{i}.sh"), format!("#!/bin/sh\npip install p{i}\n"))));
        files
    }),
    Kind::project(
        "script-run-often",
        "lines of a script and RUN of it, by their product",
        |n| {
            let side = n.isqrt() * 4;
            let mut files = script(&many(side, |i| format!("pip install p{i}\n")));
            let runs = many(side, |_| "RUN /app/entrypoint.sh\n".to_owned());
            files[0].1 = files[0].1.replacen("RUN", &format!("{runs}RUN"), 1);
            files
        },
    ),
];
