//! What users of other linters look for: each option, key, variable and command that is not about findings themselves.

use super::support::{Project, finish};

const BAD: &str = "FROM python:3.13-slim\nRUN ls\n";

#[test]
fn rules_are_added_to_those_that_run() {
    let project = Project::with_rule(&[("Dockerfile", BAD)]);
    let run = |arguments: &[&str]| {
        let base = ["check", "--rules", "house", "-f", "json"];
        project.run(&[&base[..], arguments].concat()).json()
    };
    let has = |report: &serde_json::Value| {
        let all = report["findings"].as_array().unwrap();
        all.iter().any(|one| one["rule"] == "run-forbidden")
    };
    assert!(!has(&run(&["--select", "uwsgi"])));
    assert!(has(&run(&["--select", "uwsgi", "--extend-select", "own"])));
    let both = [
        "--select",
        "uwsgi",
        "--extend-select",
        "own",
        "--ignore",
        "own",
    ];
    assert!(!has(&run(&both)));
}

#[test]
fn dockerfiles_are_left_out() {
    let project = Project::with_rule(&[("a/Dockerfile", BAD), ("b/Dockerfile", BAD)]);
    assert_eq!(
        project.lines(&["--exclude", "b/"]),
        "a/Dockerfile:2:1: warning[run-forbidden] `RUN` is forbidden\n"
    );
    assert_eq!(project.lines(&["--exclude", "a/", "--exclude", "b/"]), "");
    let wrong = project.own(&["--exclude", "{a"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.out.contains("not a file pattern"), "{}", wrong.out);
}

#[test]
fn fixes_alone() {
    let project = Project::new(&[("Dockerfile", "FROM python:3.8\nENV A B\n")]);
    let ran = project.run(&["check", "--fix-only"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert_eq!(ran.err, "1 finding fixed\n");
    assert!(project.read("Dockerfile").contains("ENV A=B"));
    assert_eq!(
        project
            .run(&["check", "--fix-only", "--exit-non-zero-on-fix"])
            .code,
        0
    );
}

#[test]
fn a_diff_has_a_summary_and_colours() {
    let project = Project::new(&[("Dockerfile", "FROM python:3.8\nENV A B\n")]);
    let plain = project.run(&["check", "--diff"]);
    assert_eq!(plain.code, 1);
    assert!(
        plain.out.contains("\n-ENV A B\n+ENV A=B\n"),
        "{}",
        plain.out
    );
    assert_eq!(plain.err, "1 finding would be fixed in 1 file\n");
    let coloured = project.run(&["check", "--diff", "--color", "always"]).out;
    assert!(
        coloured.contains("\u{1b}[31m-ENV A B\u{1b}[0m\n\u{1b}[32m+ENV A=B\u{1b}[0m\n"),
        "{coloured}"
    );
}

#[test]
fn comments_are_written_and_seen_through() {
    let settings = "DEBUG = True\nSECRET_KEY = 'x'\nALLOWED_HOSTS = ['shop.example.org']\n";
    let dockerfile = "FROM python:3.13-slim-trixie\nWORKDIR /app\nCOPY . .\nUSER 1000\n\
        RUN pip install --no-cache-dir django==5.2.1 gunicorn==23.0.0\nENV DJANGO_SETTINGS_MODULE=shop.settings\n\
        CMD [\"gunicorn\", \"shop.wsgi\"]\n";
    let files = [
        ("Dockerfile", dockerfile),
        (
            "manage.py",
            "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
        ),
        ("shop/__init__.py", ""),
        ("shop/settings.py", settings),
        ("shop/wsgi.py", "application = None\n"),
        ("requirements.txt", "django\n"),
    ];
    let project = Project::new(&files);
    let count = |arguments: &[&str]| {
        let base = ["check", "-f", "json"];
        let report = project.run(&[&base[..], arguments].concat()).json();
        report["findings"].as_array().unwrap().len()
    };
    let before = count(&[]);
    assert!(before > 1, "{before}");
    let ran = project.run(&["check", "--add-ignores", "known since\n2026"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.err.contains("ignored now, by comments in"),
        "{}",
        ran.err
    );
    assert_eq!(count(&[]), 0);
    assert_eq!(count(&["--no-ignores"]), before);
    let text = project.read("shop/settings.py");
    assert!(
        text.contains("# seatrial: ignore[") && text.contains("] known since 2026\nDEBUG"),
        "{text}"
    );
    let again = project.run(&["check", "--add-ignores", "x"]);
    assert_eq!(
        again.err,
        "0 findings are ignored now, by comments in 0 files\n"
    );
}

/// What is told together is silenced place by place; what is left has the lines that the files have then.
#[test]
fn each_place_of_a_finding_gets_a_comment() {
    let project = Project::new(&[
        (".git/HEAD", ""),
        (
            "Dockerfile",
            "FROM python:3.13-slim-trixie\nENV A b\nRUN ls\nENV C d\nUSER 1000\nCMD [\"ls\"]\n",
        ),
    ]);
    let rule = ["--select", "legacy-env-format"];
    let before = project.run(&[&["check"], &rule[..]].concat());
    assert!(before.out.contains("(and 1 more place)"), "{}", before.out);
    let ran = project.run(&[&["check", "--add-ignores", "known"], &rule[..]].concat());
    assert!(
        ran.err
            .starts_with("2 findings are ignored now, by comments in 1 file"),
        "{}",
        ran.err
    );
    let text = project.read("Dockerfile");
    assert_eq!(text.matches("# seatrial: ignore[").count(), 2, "{text}");
}

/// A comment at another place than the finding says where to write it, and is not taken away.
#[test]
fn a_misplaced_ignore_is_told_where_it_belongs() {
    let project = Project::new(&[
        (".git/HEAD", ""),
        (
            "Dockerfile",
            "FROM python:3.13-slim-trixie\nRUN ls\n# seatrial: ignore[runs-as-root] why\n\
             CMD [\"gunicorn\", \"shop.wsgi\"]\n",
        ),
    ]);
    let rules = ["check", "--select", "runs-as-root,unused-ignore"];
    let ran = project.run(&rules);
    assert!(
        ran.out.contains("write it above line 1, or remove it"),
        "{}",
        ran.out
    );
    project.run(&[&rules[..], &["--fix"]].concat());
    assert!(project.read("Dockerfile").contains("ignore[runs-as-root]"));
}

#[test]
fn what_would_be_checked_is_shown() {
    let project = Project::new(&[
        (".git/HEAD", ""),
        (
            "web/Dockerfile",
            "FROM python:3.13-slim AS app\nCOPY run.sh .\nCMD [\"./run.sh\"]\nFROM app AS dev\n",
        ),
        ("web/run.sh", "#!/bin/sh\nexec gunicorn shop.wsgi\n"),
        (
            "compose.yaml",
            "services:\n  web:\n    build: { context: web, target: app }\n",
        ),
        ("Dockerfile.dev", "FROM python:3.13-slim\n"),
        ("Dockerfile.j2", "FROM {{ base }}\n"),
    ]);
    let ran = project.run(&["check", "--show-files"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for part in [
        "Dockerfile.dev\n  for:         development (its name says so)\n",
        "web/Dockerfile\n  for:         production (",
        "  context:     web\n",
        "  image:       stage `app` on python:3.13-slim, starts gunicorn\n",
        "  not shipped: stage `dev`",
        "  server:      gunicorn (web/run.sh:2)\n",
        "  started by:  `web` of compose.yaml, target `app`\n",
        "  compose:     compose.yaml: production (nothing says otherwise)\n",
        "web/run.sh",
        "Dockerfile.j2\n  a template, which is not checked\n",
    ] {
        assert!(ran.out.contains(part), "{part}\n{}", ran.out);
    }
    assert_eq!(project.run(&["check", "--show-files", "nowhere"]).code, 2);
}

#[test]
fn files_are_shown_with_what_was_not_found() {
    let requirements = ("requirements.txt", "django==5.2.9\ngunicorn==23.0.0\n");
    let shown = |dockerfile: &str, script: &str, compose: &str| {
        let project = Project::new(&[
            (".git/HEAD", ""),
            ("Dockerfile", dockerfile),
            ("run.sh", script),
            ("compose.yaml", compose),
            requirements,
        ]);
        project.run(&["check", "--show-files"]).out
    };
    let head =
        "FROM python:3.13-slim\nWORKDIR /code\nCOPY . .\nRUN pip install -r requirements.txt\n";
    let compose = "services:\n  web:\n    build: .\n";
    let out = shown(head, "", compose);
    for part in [
        "server:      start not known: it has no CMD, and no file shows what runs in it\n",
        "settings:    not found: no server is known to start\n",
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    let script =
        "#!/bin/sh\ndie() { exit 1; }\nif ./ready; then exec celery -A shop worker; else die; fi\n";
    let out = shown(&format!("{head}CMD [\"./run.sh\"]\n"), script, compose);
    assert!(out.contains("starts celery\n"), "{out}");
    let develops = "services:\n  web:\n    build: .\n    command: python manage.py runserver\n";
    let out = shown(head, "", develops);
    let part = "compose.yaml: development (`web` starts a development server or tool)\n";
    assert!(out.contains(part), "{out}");
}

#[test]
fn configurations_extend_others() {
    let project = Project::with_rule(&[
        (".git/HEAD", ""),
        ("shop/Dockerfile", BAD),
        (
            "seatrial.toml",
            "ignore = [\"own\"]\nfail-on = \"error\"\n[severity]\nrun-forbidden = \"info\"\n",
        ),
        (
            "shop/seatrial.toml",
            "extends = [\"../seatrial.toml\"]\nfail-on = \"info\"\n",
        ),
    ]);
    let base = ["check", "--rules", "house", "shop"];
    let run = |more: &[&str]| project.run(&[&base[..], more].concat());
    let settings = run(&["--show-settings", "--all"]).out;
    for line in [
        "# from shop/seatrial.toml, seatrial.toml\n",
        "fail-on = \"info\"  # shop/seatrial.toml, seatrial.toml; default \"warning\"\n",
        "[rule.run-forbidden]\nenabled = false  # seatrial.toml\n",
        "runs-as-root = \"warning\"\n",
    ] {
        assert!(settings.contains(line), "{line}{settings}");
    }
    assert!(!settings.contains("run-forbidden ="), "{settings}");
    let short = run(&["--show-settings"]).out;
    assert!(!short.contains("runs-as-root"), "{short}");
    let own = ["--select", "own", "-f", "concise"];
    assert_eq!(
        run(&own).out,
        "shop/Dockerfile:2:1: info[run-forbidden] `RUN` is forbidden\n"
    );
    let wrong = |text: &str, message: &str| {
        project.write("shop/seatrial.toml", text);
        let ran = run(&[]);
        assert_eq!(ran.code, 2, "{text}");
        assert!(ran.out.contains(message), "{text}: {}", ran.out);
    };
    wrong(
        "extends = [\"nowhere.toml\"]",
        "there is no file `nowhere.toml`",
    );
    wrong(
        "extends = [\"seatrial.toml\"]",
        "`seatrial.toml` extends itself",
    );
    wrong(
        "extends = \"../seatrial.toml\"",
        "`extends` is a list of strings",
    );
    wrong("extends = [\"../../elsewhere.toml\"]", "there is no file");
    project.write("seatrial.toml", "ignore = [\"own-rule\"]\n");
    wrong(
        "extends = [\"../seatrial.toml\"]",
        "there is no rule `own-rule`",
    );
    wrong(
        "required-version = \">=99\"",
        "the configuration requires `>=99`",
    );
    wrong("required-version = \"new\"", "`new` is not a version");
    project.write("shop/seatrial.toml", "required-version = \">=0.1, <99\"");
    assert!(run(&[]).code < 2);
}

#[test]
fn nothing_outside_the_project_is_extended() {
    let project = Project::with_rule(&[
        ("org.toml", "ignore = [\"own\"]\n"),
        ("repo/.git/HEAD", ""),
        ("repo/Dockerfile", BAD),
        ("repo/seatrial.toml", "extends = [\"../org.toml\"]\n"),
    ]);
    let ran = project.run(&["check", "repo"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.out.contains("`../org.toml` is outside the project"),
        "{}",
        ran.out
    );
    // Whoever names the configuration may.
    let named = project.run(&[
        "check",
        "repo",
        "--config",
        "repo/seatrial.toml",
        "--rules",
        "house",
    ]);
    assert!(named.code < 2, "{}", named.out);
}

#[test]
fn the_configuration_names_the_baseline() {
    let project = Project::with_rule(&[
        (".git/HEAD", ""),
        ("Dockerfile", BAD),
        ("seatrial.toml", "baseline = \"known.json\"\n"),
    ]);
    assert_eq!(project.own(&["."]).code, 2);
    let written = project.own(&[".", "--write-baseline"]);
    assert_eq!(
        (written.code, written.err.as_str()),
        (0, "1 known finding in `known.json`\n")
    );
    assert_eq!(project.own(&["."]).code, 0);
    assert_eq!(project.own(&[".", "--no-config"]).code, 1);
    project.write("Dockerfile", "FROM python:3.13-slim\n");
    let pruned = project.own(&[".", "--prune-baseline"]);
    assert!(pruned.err.contains("1 entry removed"), "{}", pruned.err);
    project.write("seatrial.toml", "baseline = \"../known.json\"\n");
    let outside = project.own(&["."]);
    assert_eq!(outside.code, 2);
    let said = format!("{}{}", outside.out, outside.err);
    assert!(said.contains("is outside the project"), "{said}");
    let none = project.own(&[".", "--no-config", "--write-baseline"]);
    assert!(none.err.contains("there is no baseline"), "{}", none.err);
}

#[test]
fn the_environment_says_format_and_configuration() {
    let project = Project::with_rule(&[
        ("Dockerfile", BAD),
        ("other.toml", "ignore = [\"own\"]\nselect = [\"own\"]\n"),
    ]);
    let run = |variables: &[(&str, &str)], arguments: &[&str]| {
        let base = ["check", "--rules", "house"];
        let mut command = project.command(&[&base[..], arguments].concat());
        command.envs(variables.iter().copied());
        finish(command, None)
    };
    let json = [("SEATRIAL_FORMAT", "json")];
    assert_eq!(run(&json, &[]).json()["schema_version"], 1);
    assert!(
        run(&json, &["-f", "concise"])
            .out
            .contains(": warning[run-forbidden]")
    );
    assert_eq!(
        run(&json, &["--frobnicate"]).json()["errors"][0]["file"],
        "command line"
    );
    assert_eq!(run(&[("SEATRIAL_FORMAT", "jsn")], &[]).code, 2);
    let config = [("SEATRIAL_CONFIG", "other.toml")];
    assert_eq!(run(&config, &[]).code, 0);
    assert_eq!(run(&config, &["--no-config"]).code, 1);
}

#[test]
fn rules_are_listed_for_programs() {
    let project = Project::new(&[]);
    let listed = project.run(&["rules", "list", "--format", "json"]).json();
    let all = listed.as_array().unwrap();
    let find = |id: &str| all.iter().find(|one| one["id"] == id).unwrap();
    assert_eq!(find("runs-as-root")["topic"], "user");
    assert_eq!(find("runs-as-root")["default"], true);
    assert_eq!(find("unused-ignore")["fix"], "safe");
    let registry = find("registry-not-allowed");
    assert_eq!(registry["default"], false);
    assert_eq!(registry["aliases"][0], "DL3026");
}

#[test]
fn several_rules_and_foreign_codes_are_explained() {
    let project = Project::new(&[]);
    let ran = project.run(&["explain", "runs-as-root", "DL3008", "DL3042", "SC2086"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for part in [
        "# runs-as-root\n",
        "# DL3008\n\nnot checked: Debian removes",
        "- also known as: DL3042",
        "# SC2086\n\nnot checked: it is ShellCheck's",
    ] {
        assert!(ran.out.contains(part), "{part}\n{}", ran.out);
    }
    assert_eq!(
        project.run(&["explain", "runs-as-root", "frobnicate"]).code,
        2
    );
}

/// A code of another linter is an alias of a rule, or there is a reason why it is none; never both.
#[test]
fn foreign_codes_have_one_answer() {
    let listed = Project::new(&[])
        .run(&["rules", "list", "--format", "json"])
        .json();
    let rules = listed.as_array().unwrap().iter();
    let aliases: Vec<&str> = rules
        .flat_map(|rule| rule["aliases"].as_array().unwrap())
        .filter_map(|alias| alias.as_str())
        .collect();
    let codes = seatrial::made::foreign_codes();
    assert!(codes.len() > 50);
    for (code, why) in codes {
        assert!(!aliases.contains(&code), "{code}");
        assert!(!why.is_empty() && !why.ends_with('.'), "{code}: {why}");
    }
}

#[test]
fn configurations_of_hadolint_are_migrated() {
    let project = Project::new(&[("Dockerfile", BAD)]);
    let migrate = |text: &str| {
        project.write(".hadolint.yaml", text);
        project.run(&["migrate", "hadolint"])
    };
    let ran = migrate(
        "ignored:\n  - DL3008 # pinned by the suite\n  - DL3042\n  - SC2086\n\
         override:\n  error: [DL3002]\n  style: [DL3015, DL3059]\nfailure-threshold: style\n\
         trustedRegistries:\n  - docker.io\n  - ghcr.io\nlabel-schema:\n  maintainer: text\n  version: semver\n\
         strict-labels: true\nno-fail: true\nformat: tty\n",
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    for part in [
        "# - DL3008: Debian removes",
        "# - SC2086: it is ShellCheck's",
        "# - DL3059: several RUN",
        "# - strict-labels: ",
        "# - no-fail: use `--exit-zero`",
        "# - format: use `--format human`",
        "# - label-schema: what `version` says",
        "fail-on = \"info\"\n",
        ", # DL3042\n",
        "runs-as-root = \"error\" # DL3002: error\n",
        "[rule.registry-not-allowed]\nenabled = true\nregistries = [\"docker.io\", \"ghcr.io\"]\n",
        "[rule.required-label-missing]\nenabled = true\nlabels = [\"maintainer\", \"version\"]\n",
    ] {
        assert!(ran.out.contains(part), "{part}\n{}", ran.out);
    }
    // What is printed is accepted.
    project.write("seatrial.toml", &ran.out);
    let checked = project.run(&["check", "-f", "json"]).json();
    assert_eq!(
        checked["errors"].as_array().unwrap().len(),
        0,
        "{checked:#}"
    );
    let rules: Vec<&str> = checked["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["rule"].as_str())
        .collect();
    assert!(rules.contains(&"required-label-missing"), "{rules:?}");

    let patterns = migrate("trustedRegistries: ['*.example.org', docker.io]\n").out;
    let kept = "registries = [\"*.example.org\", \"docker.io\"]\n";
    assert!(patterns.contains(kept), "{patterns}");
    assert!(
        patterns.contains("# - failure-threshold is not set"),
        "{patterns}"
    );
    let all = migrate("trustedRegistries: [docker.io, '*']\n").out;
    assert!(
        !all.contains("[rule.") && all.contains("allows every registry"),
        "{all}"
    );
    let threshold = migrate("failure-threshold: warning\n").out;
    assert!(threshold.contains("fail-on = \"warning\"\n"), "{threshold}");
    assert!(!threshold.contains("is not set"), "{threshold}");
    assert!(
        migrate("on: push\njobs: {}\n")
            .out
            .contains("# - jobs: not a key of hadolint")
    );
    for (wrong, message) in [
        ("", "is empty"),
        ("../lint.yml\n", "is not a configuration of hadolint"),
        ("ignored: [\n", "is not valid YAML"),
    ] {
        let ran = migrate(wrong);
        assert_eq!(ran.code, 2, "{wrong}");
        assert!(ran.err.contains(message), "{wrong}: {}", ran.err);
    }
}

#[test]
fn shells_and_manuals() {
    let project = Project::new(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = project.run(&["completions", shell]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(ran.out.contains("min-severity"), "{shell}");
    }
    let man = project.run(&["man"]).out;
    assert!(
        man.contains(".TH seatrial 1") && man.contains("min\\-severity"),
        "{man}"
    );
    let version = project.run(&["--version"]).out;
    assert!(
        version.starts_with(concat!(
            "seatrial ",
            env!("CARGO_PKG_VERSION"),
            " (data as of 20"
        )),
        "{version}"
    );
    assert_eq!(
        project.run(&["-V"]).out,
        concat!("seatrial ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn what_is_undecided_is_said_in_words() {
    let project = Project::new(&[("Dockerfile", "FROM example.org/base\nCMD [\"gunicorn\"]\n")]);
    let ran = project.run(&["check", "--show-undecided", "-f", "concise"]);
    assert!(ran.out.contains("unknown"), "{}", ran.out);
    for line in ran.out.lines().filter(|line| line.contains("undecided[")) {
        let said = line.split_once("] ").unwrap().1;
        assert!(!said.starts_with('`') || !said.contains('.'), "{line}");
    }
}

#[test]
fn what_is_not_found_is_told_to_whoever_asks() {
    let project = Project::new(&[
        (
            "Dockerfile",
            "FROM python:3.13-slim\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n",
        ),
        ("requirements.txt", "django==5.2\n"),
    ]);
    let json = project.run(&["check", "-f", "json"]).json();
    let unfound = json["unfound"].as_array().unwrap();
    let reasons: Vec<&str> = unfound
        .iter()
        .map(|it| it["reason"].as_str().unwrap())
        .collect();
    assert!(
        reasons.iter().any(|why| why.starts_with("server: ")),
        "{json:#}"
    );
    assert_eq!(unfound[0]["file"], "Dockerfile");
    // The same lines, and the same number, for people.
    let concise = project.run(&["check", "--show-undecided", "-f", "concise"]);
    for why in reasons {
        assert!(
            concise.out.contains(&format!("undecided {why}")),
            "{}",
            concise.out
        );
    }
    let count = unfound.len() + json["undecided"].as_array().unwrap().len();
    let people = project.run(&["check", "--show-undecided"]);
    let people = format!("{}{}", people.out, people.err);
    assert!(people.contains(&format!("{count} undecided")), "{people}");
    let plain = project.run(&["check", "-f", "concise"]);
    assert!(!plain.out.contains("undecided"), "{}", plain.out);
}
