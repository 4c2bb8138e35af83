//! Many repositories under one roof: policies, patterns of a shared configuration, exceptions with a day, baselines.

use super::support::{Project, Ran};

pub(super) const BAD: &str = "FROM python:3.13-slim\nRUN ls\n";

/// A shared directory beside two repositories.
pub(super) fn house() -> Project {
    let project = Project::new(&[
        (
            "org/policy.toml",
            "rules = [\"house\"]\nselect = [\"own\"]\nfail-on = \"warning\"\n",
        ),
        ("org/house/own/run-forbidden.toml", super::support::RULE),
        ("shop/.git/HEAD", ""),
        ("shop/Dockerfile", BAD),
        ("blog/.git/HEAD", ""),
        ("blog/Dockerfile", BAD),
    ]);
    project.write(
        "rules.toml",
        "rules = [\"org/house\"]\nselect = [\"own\", \"policy\"]\n",
    );
    project
}

pub(super) fn told(ran: &Ran) -> String {
    format!("{}{}", ran.out, ran.err)
}

#[test]
fn patterns_of_a_configuration_elsewhere_are_relative_to_what_is_checked() {
    let project = house();
    project.write("shop/legacy/Dockerfile", BAD);
    let shared = |more: &str| {
        let text = format!("rules = [\"house\"]\nselect = [\"own\"]\n{more}");
        project.write("org/shared.toml", text);
    };
    let in_shop = |arguments: &[&str]| {
        let given = [
            "check",
            "--config",
            "../org/shared.toml",
            "--format",
            "concise",
        ];
        let mut command = project.command(&[&given[..], arguments].concat());
        command.current_dir(project.path().join("shop"));
        super::support::finish(command, None)
    };
    for more in [
        "exclude = [\"/legacy/\"]\n",
        "[per-file-ignores]\n\"legacy/**\" = [\"own\"]\n",
        "[rule.run-forbidden]\nexclude = [\"legacy/Dockerfile\"]\n",
    ] {
        shared(more);
        let ran = in_shop(&["."]);
        let line = "Dockerfile:2:1: warning[run-forbidden] `RUN` is forbidden\n";
        assert_eq!(ran.out, line, "{more}{}", ran.err);
        // From above, and by the names that a hook passes.
        let above = [
            "check",
            "--config",
            "org/shared.toml",
            "-f",
            "concise",
            "shop",
            "blog",
        ];
        let above = project.run(&above);
        assert_eq!(above.out.lines().count(), 2, "{more}{}", above.out);
        let named = in_shop(&["--force-exclude", "Dockerfile", "legacy/Dockerfile"]);
        assert_eq!(named.out, line, "{more}{}", named.err);
    }
    shared("intent = { \"legacy/**\" = \"ci\" }\n");
    let shown = in_shop(&["--show-files", "."]).out;
    assert!(shown.contains("CI (the configuration says so)"), "{shown}");
    // A configuration above what is checked keeps its own directory.
    project.write(
        "shop/seatrial.toml",
        "exclude = [\"shop/\", \"/legacy/\"]\n",
    );
    let own = project.run(&[
        "check",
        "--config",
        "shop/seatrial.toml",
        "--show-files",
        "shop",
    ]);
    assert!(own.out.starts_with("shop/Dockerfile\n"), "{}", told(&own));
    assert!(!own.out.contains("legacy"), "{}", own.out);
}

/// Checks the shop under the policy of the organisation.
fn under_policy(project: &Project, more: &[&str]) -> Ran {
    let base = ["check", "--policy", "org/policy.toml"];
    project.run(&[&base[..], &["--format", "concise", "shop"], more].concat())
}

#[test]
fn a_policy_is_not_weakened() {
    let project = house();
    let run = |more: &[&str]| under_policy(&project, more);
    let line = "shop/Dockerfile:2:1: warning[run-forbidden] `RUN` is forbidden\n";
    let plain = run(&[]);
    assert_eq!((plain.code, plain.out.as_str()), (1, line), "{}", plain.err);
    for (config, says) in [
        (
            "ignore = [\"own\"]\n",
            "shop/seatrial.toml:1: the ignore of `run-forbidden` has no effect",
        ),
        (
            "select = [\"dockerfile\"]\n",
            "`select` leaves out `run-forbidden` has no effect",
        ),
        (
            "[rule.run-forbidden]\nenabled = false\n",
            "shop/seatrial.toml:1: the ignore of `run-forbidden`",
        ),
        (
            "[severity]\nown = \"info\"\n",
            "shop/seatrial.toml:2: the lower severity of `run-forbidden`",
        ),
        (
            "fail-on = \"error\"\n",
            "`fail-on = \"error\"` has no effect: `org/policy.toml` sets it",
        ),
        (
            "min-severity = \"error\"\n",
            "`min-severity = \"error\"` has no effect",
        ),
        (
            "[per-file-ignores]\n\"**\" = [\"own\"]\n",
            "shop/seatrial.toml:2: the ignore of `run-forbidden`",
        ),
        ("exclude = [\"Dockerfile\"]\n", ""),
        ("[rule.run-forbidden]\nexclude = [\"Dockerfile\"]\n", ""),
    ] {
        project.write("shop/seatrial.toml", config);
        let ran = run(&[]);
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (1, line),
            "{config}{}",
            ran.err
        );
        assert!(ran.err.contains(says), "{config}{}", ran.err);
        assert_eq!(ran.err.is_empty(), says.is_empty(), "{config}{}", ran.err);
        let json = project.run(&["check", "--policy", "org/policy.toml", "-f", "json", "shop"]);
        let warnings = json.json()["warnings"].as_array().unwrap().len();
        assert_eq!(warnings, usize::from(!says.is_empty()), "{config}");
    }
    // What makes it stricter counts, and so does what the policy leaves open.
    project.write("shop/seatrial.toml", "[severity]\nown = \"error\"\n");
    assert!(run(&[]).out.contains(" error[run-forbidden]"));
    project.write(
        "shop/seatrial.toml",
        "[rule.hsts-disabled]\nenabled = true\n",
    );
    let settings = [
        "check",
        "--policy",
        "org/policy.toml",
        "--show-settings",
        "--all",
        "shop",
    ];
    let settings = project.run(&settings).out;
    assert!(settings.contains("hsts-disabled"), "{settings}");
    assert!(settings.contains("run-forbidden"), "{settings}");
    assert!(!settings.contains("runs-as-root"), "{settings}");
    // Who runs the command is not the project.
    project.write("shop/seatrial.toml", "");
    assert_eq!(run(&["--ignore", "own"]).out, "");
    // The variable does the same; a policy that is not there is an error.
    let mut command = project.command(&["check", "-f", "concise", "shop"]);
    command.env("SEATRIAL_POLICY", "org/policy.toml");
    assert_eq!(super::support::finish(command, None).out, line);
    let none = project.run(&["check", "--policy", "nowhere.toml", "shop"]);
    assert_eq!(none.code, 2, "{}", told(&none));
}

#[test]
fn comments_and_baselines_do_not_weaken_a_policy() {
    let project = house();
    let run = |more: &[&str]| under_policy(&project, more);
    let found = |ran: &Ran| ran.out.matches("[run-forbidden]").count();
    project.write(
        "org/policy.toml",
        "rules = [\"house\"]\nselect = [\"own\", \"policy\"]\n",
    );
    project.write("shop/seatrial.toml", "baseline = \"known.json\"\n");
    let written = run(&["--write-baseline"]);
    assert_eq!(written.code, 0, "{}", told(&written));
    assert_eq!(found(&run(&[])), 1);
    project.write("shop/seatrial.toml", "");
    // One that the policy names counts.
    let policy = "rules = [\"house\"]\nselect = [\"own\", \"policy\"]\nbaseline = \"known.json\"\n";
    project.write("org/policy.toml", policy);
    let written = run(&["--write-baseline"]);
    assert_eq!(written.code, 0, "{}", told(&written));
    assert!(
        project
            .read("org/known.json")
            .contains("\"project\": \"shop\"")
    );
    assert_eq!(found(&run(&[])), 0);
    assert_eq!(found(&run(&["--no-baseline"])), 1);
    // A comment does not, and says so.
    project.write(
        "shop/Dockerfile",
        "FROM python:3.13-slim\n# seatrial: ignore[run-forbidden] we need it\nRUN ls\n",
    );
    let ran = run(&["--no-baseline"]);
    assert_eq!(found(&ran), 1, "{}", ran.out);
    assert!(ran.out.contains("info[overruled-ignore]"), "{}", ran.out);
    assert!(!ran.out.contains("unused-ignore"), "{}", ran.out);
}

#[test]
fn ignores_expire() {
    let comment =
        |words: &str| format!("FROM x\n# seatrial: ignore[run-forbidden] {words}\nRUN a\n");
    let found = |text: &str, day: &str| {
        let project = Project::with_rule(&[("Dockerfile", text)]);
        let ran = project.own(&["--format", "concise", "--today", day]);
        let lines = ran
            .out
            .lines()
            .map(|line| line.split(['[', ']']).nth(1).unwrap_or_default().to_owned());
        lines.collect::<Vec<_>>().join(" ")
    };
    let dated = comment("until=2027-01-31 the vendor fixes it");
    assert_eq!(found(&dated, "2027-01-31"), "");
    assert_eq!(found(&dated, "2027-02-01"), "expired-ignore run-forbidden");
    assert_eq!(
        found(
            &comment("the vendor fixes it until=2027-01-31"),
            "2027-01-31"
        ),
        ""
    );
    assert_eq!(
        found(&comment("until=spring"), "2026-01-01"),
        "expired-ignore run-forbidden"
    );
    let unused = "FROM x\n# seatrial: ignore[run-forbidden] until=2027-01-31\nCMD a\n";
    assert_eq!(found(unused, "2027-01-01"), "unused-ignore");

    // In the configuration.
    let project = Project::with_rule(&[("Dockerfile", BAD)]);
    for config in [
        "ignore = [{ rule = \"own\", until = 2027-01-31, reason = \"the vendor\" }]\n",
        "[per-file-ignores]\n\"*\" = [{ rule = \"own\", until = \"2027-01-31\" }]\n",
    ] {
        project.write(
            "seatrial.toml",
            format!("rules = [\"house\"]\nselect = [\"own\"]\n{config}"),
        );
        let on = |day: &str| project.run(&["check", "-f", "concise", "--today", day]);
        assert_eq!(told(&on("2027-01-31")), "", "{config}");
        let after = on("2027-02-01");
        assert_eq!(after.code, 1, "{config}");
        let says = "the ignore of `own` expired on 2027-01-31";
        assert!(after.err.contains(says), "{config}{}", after.err);
        assert!(
            after.err.contains("warning: seatrial.toml:"),
            "{}",
            after.err
        );
    }
    for (config, says) in [
        (
            "ignore = [{ until = 2027-01-31 }]\n",
            "an ignore needs a `rule`",
        ),
        (
            "ignore = [{ rule = \"own\", until = \"soon\" }]\n",
            "`soon` is not a day",
        ),
        (
            "ignore = [{ rule = \"own\", til = 1 }]\n",
            "unknown key `til`",
        ),
    ] {
        project.write("seatrial.toml", config);
        let ran = project.run(&["check"]);
        assert!(
            ran.code == 2 && told(&ran).contains(says),
            "{config}{}",
            told(&ran)
        );
    }
}

#[test]
fn entries_of_a_baseline_expire() {
    let project = Project::with_rule(&[("Dockerfile", BAD)]);
    project.write(".git/HEAD", "");
    let run = |more: &[&str]| project.own(&[&["--baseline", "known.json"], more].concat());
    assert_eq!(run(&["--write-baseline"]).code, 0);
    let dated = project.read("known.json").replace(
        "\"message\"",
        "\"until\": \"2027-01-31\",\n      \"message\"",
    );
    project.write("known.json", dated);
    assert_eq!(run(&["--today", "2027-01-31"]).code, 0);
    let after = run(&["--today", "2027-02-01"]);
    assert_eq!(after.code, 1);
    assert!(
        after.err.contains("1 entry of `known.json` has expired"),
        "{}",
        after.err
    );
    assert!(!after.err.contains("no longer occur"), "{}", after.err);
    // The day stays when the file is written again.
    assert_eq!(run(&["--write-baseline"]).code, 0);
    assert!(
        project
            .read("known.json")
            .contains("\"until\": \"2027-01-31\"")
    );
    project.write(
        "known.json",
        project.read("known.json").replace("2027-01-31", "soon"),
    );
    let wrong = run(&[]);
    assert!(
        wrong.code == 2 && wrong.err.contains("`soon` is not a day"),
        "{}",
        wrong.err
    );
}

#[test]
fn each_project_has_its_own_baseline() {
    let project = house();
    for name in ["shop", "blog"] {
        let config = "baseline = \"known.json\"\nselect = [\"own\"]\n";
        project.write(&format!("{name}/seatrial.toml"), config);
    }
    let run = |more: &[&str]| {
        let base = ["check", "--rules", "org/house", "shop", "blog"];
        project.run(&[&base[..], more].concat())
    };
    let missing = run(&[]);
    assert_eq!(missing.code, 2);
    for says in [
        "`known.json` is not there yet",
        "--write-baseline",
        "--no-baseline",
    ] {
        assert!(told(&missing).contains(says), "{says}{}", told(&missing));
    }
    assert_eq!(
        run(&["--no-baseline", "-f", "concise"]).out.lines().count(),
        2
    );
    let written = run(&["--write-baseline"]);
    assert_eq!(written.code, 0, "{}", told(&written));
    for name in ["shop", "blog"] {
        let known = project.read(&format!("{name}/known.json"));
        assert_eq!(known.matches("\"fingerprint\"").count(), 1, "{known}");
        assert!(!known.contains("project"), "{known}");
    }
    let json = run(&["-f", "json"]).json();
    assert_eq!(json["summary"]["known"], 2, "{json:#}");
    assert_eq!(json["findings"].as_array().unwrap().len(), 0);
    // One new fault in one of them; one that is gone in the other.
    project.write("shop/Dockerfile", format!("{BAD}RUN b\n"));
    project.write("blog/Dockerfile", "FROM x\n");
    let json = run(&["-f", "json"]).json();
    assert_eq!(json["findings"][0]["project"], "shop", "{json:#}");
    assert_eq!(json["summary"]["known"], 1);
    assert!(
        run(&["--prune-baseline"])
            .err
            .contains("removed from `blog/known.json`")
    );
    assert!(!project.read("blog/known.json").contains("fingerprint"));
    assert!(project.read("shop/known.json").contains("fingerprint"));
}

#[test]
fn one_baseline_holds_several_projects() {
    let project = house();
    let base = [
        "check",
        "--config",
        "rules.toml",
        "--baseline",
        "org/known.json",
    ];
    let run = |more: &[&str]| project.run(&[&base[..], more].concat());
    let missing = run(&["shop"]);
    assert_eq!(missing.code, 2);
    assert!(missing.err.contains("--write-baseline"), "{}", missing.err);
    assert_eq!(run(&["shop", "--write-baseline"]).code, 0);
    // The same fault in another project is new.
    assert_eq!(run(&["shop"]).code, 0);
    assert_eq!(run(&["blog"]).code, 1);
    // Writing and pruning leave alone what was not looked at.
    assert_eq!(run(&["blog", "--write-baseline"]).code, 0);
    let both = project.read("org/known.json");
    assert!(both.contains("\"project\": \"shop\"") && both.contains("\"project\": \"blog\""));
    assert_eq!(run(&["shop", "blog"]).code, 0);
    for name in ["shop", "blog"] {
        project.write(&format!("{name}/Dockerfile"), "FROM x\n");
    }
    let pruned = run(&["shop", "--prune-baseline"]);
    assert!(pruned.err.contains("1 entry removed"), "{}", pruned.err);
    assert!(
        project
            .read("org/known.json")
            .contains("\"project\": \"blog\"")
    );
    // A name of its own, and two of the same.
    project.write(
        "shop/seatrial.toml",
        "project = \"acme/shop\"\nselect = [\"own\"]\n",
    );
    project.write("shop/Dockerfile", BAD);
    let named = project
        .run(&["check", "--rules", "org/house", "-f", "json", "shop"])
        .json();
    assert_eq!(named["findings"][0]["project"], "acme/shop");
    project.write("old/shop/.git/HEAD", "");
    project.write("old/shop/Dockerfile", BAD);
    let doubled = project.run(&[
        "check",
        "--no-config",
        "--rules",
        "org/house",
        "shop",
        "old/shop",
    ]);
    assert!(
        doubled.err.contains("are all called `shop`"),
        "{}",
        doubled.err
    );
}

#[test]
fn another_release_that_is_as_old_is_no_new_finding() {
    let project = Project::new(&[
        (".git/HEAD", ""),
        (
            "Dockerfile",
            "FROM python:3.13-slim\nCOPY requirements.txt /\nRUN pip install -r requirements.txt\n",
        ),
        ("requirements.txt", "Django==3.0.5\n"),
    ]);
    let select = [
        "check",
        "--select",
        "end-of-life-django",
        "--baseline",
        "known.json",
    ];
    let run = |more: &[&str]| project.run(&[&select[..], more].concat());
    assert_eq!(run(&["--write-baseline"]).code, 0);
    assert!(project.read("known.json").contains("end-of-life-django"));
    project.write("requirements.txt", "# newer\nDjango==3.0.14\n");
    let ran = run(&[]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
}

#[test]
fn what_has_no_effect_is_said() {
    let project = Project::new(&[
        (
            "Dockerfile",
            "FROM ghcr.io/acme/python:3.13\nCMD [\"python\"]\n",
        ),
        (
            "seatrial.toml",
            "[rule.registry-not-allowed]\nregistries = [\"docker.io\"]\n",
        ),
    ]);
    let ran = project.run(&["check"]);
    let says =
        "seatrial.toml:1: `registry-not-allowed` does not run, so its options have no effect";
    assert!(ran.err.contains(says), "{}", ran.err);
    assert!(project.run(&["check", "-q"]).err.is_empty());
    let on = "[rule.registry-not-allowed]\nenabled = true\nregistries = [\"docker.io\"]\n";
    project.write("seatrial.toml", on);
    let ran = project.run(&["check", "-f", "concise"]);
    assert!(
        ran.out.contains("[registry-not-allowed]") && ran.err.is_empty(),
        "{}",
        told(&ran)
    );
    // A policy's list is not replaced.
    project.write("org.toml", on.replace("docker.io", "*.example.org"));
    project.write("seatrial.toml", on.replace("docker.io", "ghcr.io"));
    let ran = project.run(&["check", "--policy", "org.toml", "-f", "concise"]);
    assert!(ran.out.contains("[registry-not-allowed]"), "{}", told(&ran));
    assert!(
        ran.err
            .contains("`registries` has no effect: `org.toml` sets it"),
        "{}",
        ran.err
    );
    // One directory of several without a Dockerfile.
    project.write("docs/index.md", "");
    project.write("app/Dockerfile", "FROM scratch\n");
    let ran = project.run(&["check", "--no-config", "app", "docs"]);
    assert!(
        ran.code < 2 && ran.err.contains("warning: docs: no Dockerfile"),
        "{}",
        told(&ran)
    );
    let quiet = project.run(&["check", "--no-config", "--allow-empty", "app", "docs"]);
    assert!(quiet.err.is_empty(), "{}", quiet.err);
}

#[test]
fn a_help_text_names_what_is_known() {
    let dockerfile = "FROM python:3.13-slim\nARG APP_USER\nRUN useradd --no-log-init -m \"$APP_USER\"\n\
                      CMD [\"gunicorn\", \"shop.wsgi\"]\n";
    let project = Project::new(&[("Dockerfile", dockerfile)]);
    let run = ["check", "--select", "runs-as-root", "-f", "json"];
    let json = project.run(&run).json();
    let help = json["findings"][0]["help"].as_str().unwrap();
    assert!(help.contains("create a user"), "{help}");
    // Also where the text of a rule does not ask.
    let rule = super::support::RULE.replace(
        "help = \"do something else\"",
        "help = \"end it with `USER {{ instruction.next_same }}`\"",
    );
    let project = Project::new(&[
        ("house/own/run-forbidden.toml", &rule),
        ("Dockerfile", "FROM x\nRUN ls\n"),
    ]);
    let json = project.own(&["-f", "json"]).json();
    assert_eq!(json["errors"].as_array().unwrap().len(), 0, "{json:#}");
    assert!(json["findings"][0]["help"].is_null(), "{json:#}");
}
