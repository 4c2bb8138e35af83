//! Configurations, suppressions, fingerprints: which findings count.

use super::support::Project;

const BAD: &str = "FROM python:3.13-slim\nRUN ls\n";

/// The lines of one Dockerfile on which something was found, with the rule.
fn found(dockerfile: &str) -> String {
    let project = Project::with_rule(&[("Dockerfile", dockerfile)]);
    short(&project.lines(&[]))
}

/// `2 run-forbidden, 3 unused-ignore`
fn short(lines: &str) -> String {
    let lines = lines.lines().map(|line| {
        let place = line.split(':').nth(1).unwrap();
        let rule = line.split(['[', ']']).nth(1).unwrap_or("error");
        format!("{place} {rule}")
    });
    lines.collect::<Vec<_>>().join(", ")
}

#[test]
fn a_comment_covers_the_next_instruction() {
    assert_eq!(
        found(
            "FROM x\n# seatrial: ignore[run-forbidden] why not\n\n# more\nRUN a \\\n  b\nRUN c\n"
        ),
        "7 run-forbidden"
    );
    assert_eq!(
        found("FROM x\n# seatrial: ignore-file[run-forbidden]\nRUN a\nRUN b\n"),
        ""
    );
    assert_eq!(
        found("FROM x\nRUN a # seatrial: ignore[run-forbidden]\n"),
        "2 run-forbidden"
    );
}

#[test]
fn ignores_that_do_nothing_are_told() {
    assert_eq!(
        found("# seatrial: ignore[run-forbidden]\nFROM x\n"),
        "1 unused-ignore"
    );
    assert_eq!(
        found("FROM x\n# seatrial: ignore[run-forbidden]\n"),
        "2 unused-ignore"
    );
    assert_eq!(
        found("FROM x\n# seatrial: ignore[run-forbiden]\nRUN a\n"),
        "2 unknown-ignore, 3 run-forbidden"
    );
    assert_eq!(
        found("FROM x\n# seatrial: ignore run-forbidden\nRUN a\n"),
        "2 unknown-ignore, 3 run-forbidden"
    );
    assert_eq!(
        found("FROM x\n# seatrial: disable=run-forbidden\nRUN a\n"),
        "2 unknown-ignore, 3 run-forbidden"
    );
    assert_eq!(found("# seatrial: see the wiki\nFROM x\n"), "");
    // A rule that does not run cannot be ignored in vain; neither can one in a broken file.
    assert_eq!(
        found("FROM x\n# seatrial: ignore[runs-as-root]\nCMD a\n"),
        ""
    );
    let broken = found("FROM x\n# seatrial: ignore[run-forbidden]\nENV\n");
    assert!(!broken.contains("unused"), "{broken}");
}

#[test]
fn comments_of_other_linters_go_through_aliases() {
    assert_eq!(
        found("FROM x\n# hadolint ignore=DL9000,DL9001\nRUN a\nRUN b\n"),
        "4 run-forbidden"
    );
    assert_eq!(
        found("# hadolint global ignore=DL9001\nFROM x\nRUN a\n"),
        ""
    );
    assert_eq!(found("# hadolint ignore=DL9999\nFROM x\n"), "");
    assert_eq!(
        found("# check=skip=norunplease;error=true\nFROM x\nRUN a\n"),
        ""
    );
    assert_eq!(found("# check=skip=all\nFROM x\nRUN a\n"), "");
    assert_eq!(
        found("# check=skip=Other\nFROM x\nRUN a\n"),
        "3 run-forbidden"
    );
    assert_eq!(
        found("# check=skip=DL9001\nFROM x\nRUN a\n"),
        "3 run-forbidden"
    );
}

#[test]
fn the_fix_of_an_unused_ignore_removes_it() {
    let project = Project::with_rule(&[(
        "Dockerfile",
        "FROM x\n# seatrial: ignore[run-forbidden] old\nCMD a\n\
         # seatrial: ignore[run-forbidden, unused-ignore]\nRUN b\n",
    )]);
    let ran = project.own(&["--fix"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert_eq!(
        project.read("Dockerfile"),
        "FROM x\nCMD a\n# seatrial: ignore[run-forbidden]\nRUN b\n"
    );
    let again = project.own(&["--fix", "--exit-non-zero-on-fix"]);
    assert_eq!(again.code, 0);
}

#[test]
fn fixing_tells_what_is_left_and_can_fail() {
    let text = "FROM x\n# seatrial: ignore[run-forbidden]\nCMD a\n";
    let project = Project::with_rule(&[("Dockerfile", text)]);
    let diff = project.own(&["--diff"]);
    assert_eq!(diff.code, 1);
    assert!(
        diff.out.contains("-# seatrial: ignore[run-forbidden]"),
        "{}",
        diff.out
    );
    assert_eq!(project.read("Dockerfile"), text);
    assert_eq!(project.own(&["--fix", "--exit-non-zero-on-fix"]).code, 1);
    assert_eq!(project.own(&["--fix", "--exit-non-zero-on-fix"]).code, 0);
    assert_eq!(project.own(&["--diff"]).code, 0);
}

#[test]
fn the_nearest_configuration_counts() {
    let project = Project::with_rule(&[
        ("seatrial.toml", "rules = [\"house\"]\nselect = [\"own\"]\n"),
        ("Dockerfile", BAD),
        ("a/Dockerfile", BAD),
        (
            "a/pyproject.toml",
            "[tool.seatrial]\nrules = [\"../house\"]\nselect = [\"own\"]\nseverity = { own = \"error\" }\n",
        ),
        ("a/b/Dockerfile", BAD),
        ("a/b/pyproject.toml", "[project]\nname = \"b\"\n"),
        ("c/.git/HEAD", ""),
        ("c/Dockerfile", "FROM scratch\n"),
    ]);
    let ran = project.run(&["--format", "concise"]);
    assert_eq!(
        ran.out,
        "Dockerfile:2:1: warning[run-forbidden] `RUN` is forbidden\n\
         a/Dockerfile:2:1: error[run-forbidden] `RUN` is forbidden\n\
         a/b/Dockerfile:2:1: error[run-forbidden] `RUN` is forbidden\n",
        "{}",
        ran.err
    );
}

#[test]
fn a_mistake_in_a_configuration_stops_its_files_only() {
    let project = Project::with_rule(&[
        ("a/seatrial.toml", "fail-on = 3\n"),
        ("a/Dockerfile", BAD),
        ("b/Dockerfile", BAD),
    ]);
    let ran = project.own(&["--format", "concise"]);
    assert_eq!(ran.code, 2);
    assert_eq!(
        ran.out,
        "b/Dockerfile:2:1: warning[run-forbidden] `RUN` is forbidden\n\
         a/seatrial.toml:1:11: error a severity is a string, not an integer\n"
    );
}

#[test]
fn files_and_rules_are_left_out() {
    let base = "rules = [\"house\"]\nselect = [\"own\", \"policy\"]\n";
    let files = [("old/Dockerfile", BAD), ("new/Dockerfile", BAD)];
    let run = |more: &str, arguments: &[&str]| {
        let project = Project::with_rule(&files);
        project.write("seatrial.toml", format!("{base}{more}"));
        let ran = project.run(&[&["--format", "concise"], arguments].concat());
        assert_eq!(ran.err, "");
        let files = ran
            .out
            .lines()
            .map(|line| line.split('/').next().unwrap().to_owned());
        files.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(run("", &[]), "new old");
    assert_eq!(run("exclude = [\"old/\"]", &[]), "new");
    assert_eq!(run("exclude = [\"old\"]", &["old/Dockerfile"]), "old");
    assert_eq!(
        run(
            "exclude = [\"old\"]",
            &["new", "old/Dockerfile", "--force-exclude"]
        ),
        "new"
    );
    assert_eq!(
        run("[per-file-ignores]\n\"old/**\" = [\"run-forbidden\"]", &[]),
        "new"
    );
    assert_eq!(
        run("[rule.run-forbidden]\nexclude = [\"/new\"]", &[]),
        "old"
    );
    assert_eq!(run("[rule.run-forbidden]\nenabled = false", &["new"]), "");
}

#[test]
fn what_the_command_line_selects_runs() {
    let project = Project::with_rule(&[("Dockerfile", BAD)]);
    project.write("seatrial.toml", "rules = [\"house\"]\nignore = [\"own\"]\n");
    let count = |arguments: &[&str]| {
        let all = [&["--format", "concise"], arguments].concat();
        project.run(&all).out.matches("run-forbidden").count()
    };
    assert_eq!(count(&[]), 0);
    assert_eq!(count(&["--select", "run-forbidden"]), 1);
    assert_eq!(count(&["--select", "DL9001,unused-ignore"]), 1);
    assert_eq!(count(&["--select", "all"]), 1);
    assert_eq!(count(&["--select", "own", "--ignore", "all"]), 0);
}

#[test]
fn fingerprints_survive_edits_elsewhere() {
    let fingerprints = |dockerfile: &str| {
        let project = Project::with_rule(&[("Dockerfile", dockerfile)]);
        let json = project.own(&["--format", "json"]).json();
        let findings = json["findings"].as_array().unwrap().clone();
        findings
            .iter()
            .map(|finding| finding["fingerprint"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let plain = fingerprints(
        "FROM x AS build\nRUN --mount=type=bind,from=build,target=/x ls\nRUN ls\nRUN ls\n",
    );
    assert_eq!(plain.len(), 3);
    assert_ne!(plain[1], plain[2]);
    let edited = fingerprints(concat!(
        "# new\n",
        "ARG A=1\n",
        "FROM x AS builder\n",
        "\n",
        "RUN --mount=type=bind,from=builder,target=/x   ls\n",
        "ENV B=2\n",
        "RUN \\\n",
        "  ls\n",
        "RUN ls\n",
    ));
    assert_eq!(plain, edited);
    let ignored = fingerprints(
        "FROM x AS build\nRUN --mount=type=bind,from=build,target=/x ls\n# seatrial: ignore[run-forbidden]\nRUN \
            ls\nRUN ls\n",
    );
    assert_eq!(ignored, [plain[0].clone(), plain[2].clone()]);
}

#[test]
fn a_baseline_keeps_known_findings_quiet() {
    let text = |extra: &str| {
        format!(
            "FROM python:3.13-slim AS build\nRUN a\n{extra}RUN b\nRUN a\nFROM x AS other\nRUN \
                --mount=type=bind,from=build,target=/m c\n"
        )
    };
    let project = Project::with_rule(&[("Dockerfile", &text("")), ("app/Dockerfile", BAD)]);
    project.write(".git/HEAD", "");
    let known = ["--baseline", "known.json"];
    assert_eq!(project.own(&known).code, 2);
    let written = project.own(&[&known[..], &["--write-baseline"]].concat());
    assert_eq!(
        (written.code, written.out.as_str()),
        (0, ""),
        "{}",
        written.err
    );
    assert_eq!(
        project
            .read("known.json")
            .matches("\"fingerprint\"")
            .count(),
        5
    );

    let quiet = project.own(&known);
    assert_eq!(quiet.code, 0);
    assert_eq!(
        quiet.out,
        "no findings in 2 Dockerfiles (production) · 5 known from the baseline\n"
    );
    assert_eq!(quiet.err, "");

    // Thirty edits that have nothing to do with it.
    for edit in 0..30 {
        let now = project.read("Dockerfile");
        let now = match edit % 5 {
            0 => format!("# edit {edit}\n{now}"),
            1 => now.replace("\nRUN b", &format!("\nENV E{edit}=1\nRUN b")),
            2 => format!("{now}EXPOSE {}\n", 8000 + edit),
            3 => now
                .replace("RUN b", "RUN  b")
                .replace("RUN a\n", "RUN \\\n  a\n"),
            _ => now
                .replace(" AS build", " AS buil")
                .replace("from=build,", "from=buil,")
                .replace(" AS buil", " AS build")
                .replace("from=buil,", "from=build,"),
        };
        project.write("Dockerfile", now);
    }
    let renamed = project
        .read("Dockerfile")
        .replace("AS build", "AS wheels")
        .replace("from=build", "from=wheels");
    project.write("Dockerfile", renamed);
    let edited = project.own(&known);
    assert_eq!(
        (edited.code, edited.err.as_str()),
        (0, ""),
        "{}",
        edited.out
    );

    // One new fault, the same as an old one.
    project.write(
        "Dockerfile",
        project
            .read("Dockerfile")
            .replace("RUN  b", "RUN a\nRUN  b"),
    );
    let new = project.own(&[&known[..], &["--format", "concise"]].concat());
    assert_eq!((new.code, new.out.lines().count()), (1, 1), "{}", new.out);
    let sarif = project
        .own(&[&known[..], &["--format", "sarif"]].concat())
        .json();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let external = results
        .iter()
        .filter(|result| result["suppressions"][0]["kind"] == "external")
        .count();
    assert_eq!((results.len(), external), (6, 5));
}

#[test]
fn what_no_longer_occurs_can_be_pruned() {
    let project = Project::with_rule(&[
        ("a/Dockerfile", BAD),
        ("b/Dockerfile", BAD),
        ("c/Dockerfile", BAD),
    ]);
    project.write(".git/HEAD", "");
    let known = ["--baseline", "known.json"];
    project.own(&[&known[..], &["--write-baseline"]].concat());
    project.write("a/Dockerfile", "FROM x\n");
    std::fs::remove_dir_all(project.path().join("b")).unwrap();
    // Nothing is said of files that were not looked at.
    let other = project.own(&[&known[..], &["c/Dockerfile"]].concat());
    assert_eq!(other.err, "");
    let told = project.own(&known);
    assert_eq!(told.code, 0);
    assert!(
        told.err
            .contains("2 entries of `known.json` no longer occur"),
        "{}",
        told.err
    );
    assert!(
        told.err.contains("a/Dockerfile: run-forbidden"),
        "{}",
        told.err
    );
    project.own(&[&known[..], &["--prune-baseline"]].concat());
    assert_eq!(
        project
            .read("known.json")
            .matches("\"fingerprint\"")
            .count(),
        1
    );
    assert_eq!(project.own(&known).err, "");
    project.write("known.json", "{\"schema_version\": 2, \"findings\": []}");
    let later = project.own(&known);
    assert_eq!(later.code, 2);
    assert!(later.err.contains("version 2"), "{}", later.err);
}

#[test]
fn names_tell_the_intent_with_and_without_a_repository() {
    let bad = "FROM python:3.13-slim-trixie\nRUN apt-get update && apt-get install -y gcc\n";
    let project = Project::new(&[
        ("compose/local/django/Dockerfile", bad),
        ("dev.Dockerfile", bad),
        ("Dockerfile", bad),
    ]);
    let select = [
        "check",
        ".",
        "--select",
        "compiler-left-in-image",
        "--format",
        "concise",
    ];
    let found = || {
        let ran = project.run(&select);
        let lines = ran
            .out
            .lines()
            .map(|line| line.split(':').next().unwrap_or("").to_owned());
        lines.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(found(), "Dockerfile");
    project.write(".git/HEAD", "");
    assert_eq!(found(), "Dockerfile");
}

#[test]
fn directories_that_a_program_fills_in_are_not_walked() {
    let project = Project::with_rule(&[
        ("Dockerfile", BAD),
        (
            "{{cookiecutter.slug}}/Dockerfile",
            "{% if x %}\nFROM a\n{% endif %}\n",
        ),
        (".venv/Dockerfile", BAD),
    ]);
    assert_eq!(short(&project.lines(&["."])), "2 run-forbidden");
}

#[test]
fn an_earlier_id_works_as_the_current_one() {
    let rule = super::support::RULE.replace(
        "aliases",
        "renamed_from = [\"run-used\", \"no-run\"]\naliases",
    );
    let now = [("Dockerfile", BAD), ("house/own/run-forbidden.toml", &rule)];
    for old in ["run-used", "no-run"] {
        let project = Project::new(&now);
        // The command line.
        let config = "rules = [\"house\"]\nselect = [\"own\", \"policy\"]\n";
        project.write("seatrial.toml", config);
        let lines = |arguments: &[&str]| {
            let ran = project.run(&[&["check", "--format", "concise"], arguments].concat());
            assert!(ran.code < 2 && ran.err.is_empty(), "{old}: {}", ran.err);
            short(&ran.out)
        };
        assert_eq!(lines(&[]), "2 run-forbidden");
        assert_eq!(lines(&["--select", old]), "2 run-forbidden");
        assert_eq!(lines(&["--ignore", old]), "");
        // The configuration.
        for more in [
            format!("ignore = [\"{old}\"]\n"),
            format!("[rule.{old}]\nenabled = false\n"),
            format!("[rule.{old}]\nexclude = [\"Dockerfile\"]\n"),
            format!("[per-file-ignores]\nDockerfile = [\"{old}\"]\n"),
        ] {
            project.write("seatrial.toml", format!("{config}{more}"));
            assert_eq!(lines(&[]), "", "{more}");
        }
        for more in [
            format!("[severity]\n{old} = \"info\"\n"),
            format!("[rule.{old}]\nseverity = \"info\"\n"),
        ] {
            project.write("seatrial.toml", format!("{config}{more}"));
            let json = project.run(&["check", "--format", "json"]).json();
            assert_eq!(json["findings"][0]["severity"], "info", "{more}");
        }
        project.write("seatrial.toml", config);
        // Comments, of which those that do nothing are reported still.
        let ignore = format!("# seatrial: ignore[{old}]\n");
        project.write("Dockerfile", BAD.replace("RUN", &format!("{ignore}RUN")));
        assert_eq!(lines(&[]), "");
        project.write("Dockerfile", format!("{ignore}{BAD}"));
        assert_eq!(lines(&[]), "1 unused-ignore, 3 run-forbidden");
        // What explains it.
        let told = project.run(&["explain", old, "--rules", "house"]);
        assert!(told.out.starts_with("# run-forbidden\n"), "{}", told.out);
        assert!(told.out.contains("run-used, no-run"), "{}", told.out);
        let listed = project.run(&["rules", "list", "--rules", "house"]).out;
        assert!(!listed.contains(old), "{listed}");
    }
}

#[test]
fn a_baseline_survives_a_new_id() {
    let project = Project::new(&[
        ("Dockerfile", BAD),
        ("house/own/run-used.toml", super::support::RULE),
    ]);
    project.write(".git/HEAD", "");
    let known = ["--baseline", "known.json"];
    assert_eq!(
        project
            .own(&[&known[..], &["--write-baseline"]].concat())
            .code,
        0
    );
    assert!(project.read("known.json").contains("run-used"));
    std::fs::remove_file(project.path().join("house/own/run-used.toml")).unwrap();
    let renamed = super::support::RULE.replace("aliases", "renamed_from = [\"run-used\"]\naliases");
    project.write("house/own/run-forbidden.toml", renamed);
    let ran = project.own(&known);
    assert_eq!(
        ran.out,
        "no findings in 1 Dockerfile (production) · 1 known from the baseline\n"
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[test]
fn rules_of_users_follow_by_an_earlier_id_and_do_not_take_it() {
    let follows = |rule: &str| {
        let line = format!("follows = [{{ rule = \"{rule}\", at = \"instruction\" }}]\naliases");
        super::support::RULE.replace("aliases", &line)
    };
    // `env-with-blank` was what `legacy-env-format` is now.
    let env = "FROM python:3.13-slim\nENV A b\n";
    let rule = follows("env-with-blank").replace("RUN", "ENV");
    let project = Project::new(&[("Dockerfile", env), ("house/own/env-forbidden.toml", &rule)]);
    let select = "legacy-env-format,own";
    let run = |project: &Project| {
        project.run(&[
            "check", "--rules", "house", "--select", select, "--format", "concise",
        ])
    };
    let ran = run(&project);
    assert_eq!(
        (short(&ran.out).as_str(), ran.err.as_str()),
        ("2 legacy-env-format", "")
    );
    project.write("house/own/env-with-blank.toml", super::support::RULE);
    let ran = run(&project);
    assert_eq!(ran.code, 2);
    let refused = "`env-with-blank` is an earlier id of the rule `legacy-env-format`";
    assert!(
        ran.out.contains(refused) || ran.err.contains(refused),
        "{}{}",
        ran.out,
        ran.err
    );
}
