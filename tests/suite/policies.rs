//! What is told where a policy is laid over several projects: once, of the file that decides, and nothing untrue.

use super::organisation::{BAD, house, told};
use super::support::Project;

#[test]
fn what_a_project_excludes_is_not_said_to_be_without_effect() {
    let project = house();
    let config = "exclude = [\"/legacy/\"]\n[rule.registry-not-allowed]\nenabled = true\n\
                  registries = [\"docker.io\"]\n";
    project.write("shop/seatrial.toml", config);
    project.write("shop/legacy/Dockerfile", BAD);
    let policy = ["check", "--policy", "org/policy.toml", "-f", "concise"];
    let ran = project.run(&[&policy[..], &["shop", "blog"]].concat());
    assert_eq!(ran.out.matches("[run-forbidden]").count(), 3, "{}", ran.out);
    // The rule runs in what is not excluded.
    assert_eq!(ran.err, "", "{}", ran.err);
}

#[test]
fn a_mistake_of_the_policy_is_told_once() {
    let project = house();
    project.write(
        "org/policy.toml",
        "rules = [\"house\"]\nselekt = [\"own\"]\n",
    );
    for name in ["shop", "blog"] {
        project.write(&format!("{name}/seatrial.toml"), "fail-on = \"error\"\n");
    }
    let ran = project.run(&["check", "--policy", "org/policy.toml", "shop", "blog"]);
    assert_eq!(ran.code, 2, "{}", told(&ran));
    assert_eq!(
        told(&ran).matches("unknown key").count(),
        1,
        "{}",
        told(&ran)
    );
    project.write("org/policy.toml", "baseline = \"known.json\"\n");
    project.write("org/known.json", "{}");
    let ran = project.run(&["check", "--policy", "org/policy.toml", "shop", "blog"]);
    assert_eq!(ran.code, 2, "{}", told(&ran));
    assert_eq!(
        told(&ran).matches("this is not a baseline").count(),
        1,
        "{}",
        told(&ran)
    );
}

#[test]
fn a_project_without_a_repository_begins_at_its_configuration() {
    let project = Project::new(&[
        (
            "shop/seatrial.toml",
            "rules = [\"house\"]\nselect = [\"own\"]\nbaseline = \"known.json\"\n",
        ),
        ("shop/house/own/run-forbidden.toml", super::support::RULE),
        ("shop/Dockerfile", BAD),
    ]);
    let written = project.run(&["check", "shop", "--write-baseline"]);
    assert_eq!(written.code, 0, "{}", told(&written));
    let known = project.read("shop/known.json");
    assert!(known.contains("\"file\": \"Dockerfile\""), "{known}");
    assert!(!known.contains("\"project\""), "{known}");
    assert_eq!(project.run(&["check", "shop"]).code, 0);
    // Whoever looks from above finds out what no longer occurs.
    project.write("shop/Dockerfile", "FROM python:3.13-slim\n");
    let pruned = project.run(&["check", "shop", "--prune-baseline"]);
    assert!(
        pruned.err.contains("removed from `shop/known.json`"),
        "{}",
        told(&pruned)
    );
}

#[test]
fn settings_name_the_file_that_decides() {
    let project = house();
    project.write(
        "org/policy.toml",
        "rules = [\"house\"]\nselect = [\"own\"]\n[severity]\nown = \"error\"\n",
    );
    let shown = |config: &str| {
        project.write("shop/seatrial.toml", config);
        let base = ["check", "--policy", "org/policy.toml"];
        let ran = project.run(&[&base[..], &["--show-settings", "--all", "shop"]].concat());
        let lines = ran.out.lines().filter(|line| line.contains("severity"));
        lines.collect::<Vec<_>>().join("\n")
    };
    for config in [
        "[rule.run-forbidden]\nexclude = [\"legacy/**\"]\n",
        "[severity]\nown = \"info\"\n",
        "select = [\"own\"]\n",
    ] {
        let lines = shown(config);
        assert!(lines.contains("org/policy.toml"), "{config}{lines}");
        assert!(!lines.contains("shop/seatrial.toml"), "{config}{lines}");
    }
    project.write(
        "org/policy.toml",
        "rules = [\"house\"]\nselect = [\"own\"]\n",
    );
    let lines = shown("[severity]\nown = \"error\"\n");
    assert!(lines.contains("shop/seatrial.toml"), "{lines}");
}
