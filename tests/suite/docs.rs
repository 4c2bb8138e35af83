//! What the documents say is typed here as it is written there.

use std::path::Path;

use super::support::{Project, TODAY, finish, root, seatrial};

const DOCUMENTS: [&str; 3] = ["README.md", "docs/ci.md", "docs/editors.md"];

/// A fenced block: its language and its lines.
struct Block {
    language: String,
    text: String,
    /// The lines of the document that it fills, without the fences, from 0.
    lines: std::ops::Range<usize>,
}

fn blocks(document: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, usize)> = None;
    let lines: Vec<&str> = document.lines().collect();
    for (number, line) in lines.iter().enumerate() {
        let Some(fence) = line.strip_prefix("```") else {
            continue;
        };
        match open.take() {
            None => open = Some((fence.to_owned(), number + 1)),
            Some((language, start)) => blocks.push(Block {
                language,
                text: lines[start..number].join("\n"),
                lines: start..number,
            }),
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every `console` block with one command: help is given whole; of findings some are shown as they
/// are printed, and `...` stands for the rest. Rewritten with `SEATRIAL_BLESS=1`.
#[test]
fn commands_print_what_is_printed_below_them() {
    let bless = std::env::var_os("SEATRIAL_BLESS").is_some_and(|value| value == "1");
    let mut count = 0;
    for name in DOCUMENTS {
        let path = root().join(name);
        let document = read(&path);
        let mut lines: Vec<String> = document.lines().map(str::to_owned).collect();
        for block in blocks(&document).iter().rev() {
            let Some(command) = block.text.strip_prefix("$ ") else {
                continue;
            };
            let (command, below) = command.split_once('\n').unwrap_or((command, ""));
            let Some(arguments) = arguments(command) else {
                continue;
            };
            count += 1;
            let mut run = seatrial();
            run.current_dir(root()).args(&arguments);
            let ran = finish(run, None);
            let printed = format!("{}{}", ran.out, ran.err);
            if arguments.iter().any(|argument| argument == "--help") {
                let whole = printed.trim_end();
                if bless {
                    let new = format!("$ {command}\n{whole}");
                    lines.splice(block.lines.clone(), new.lines().map(str::to_owned));
                } else {
                    assert_eq!(
                        below, whole,
                        "{name}: `{command}`: run `SEATRIAL_BLESS=1 cargo test`"
                    );
                }
                continue;
            }
            let now: Vec<&str> = below
                .split("\n\n")
                .map(|part| current(part, &printed))
                .collect();
            let now = format!("$ {command}\n{}\n...", now.join("\n\n"));
            if bless {
                lines.splice(block.lines.clone(), now.lines().map(str::to_owned));
            } else {
                assert_eq!(block.text, now, "{name}: run `SEATRIAL_BLESS=1 cargo test`");
            }
        }
        if bless {
            // In one step: other tests read it at the same time.
            let new = path.with_extension("new");
            std::fs::write(&new, format!("{}\n", lines.join("\n"))).unwrap();
            std::fs::rename(&new, &path).unwrap();
        }
    }
    assert!(count >= 4, "{count} commands");
}

/// The paragraph of `printed` that says the same as `part`, a finding or a mistake, says: that of the
/// same rule, else the same first line.
fn current<'p>(part: &str, printed: &'p str) -> &'p str {
    let key = |paragraph: &str| -> String {
        let first = paragraph.lines().next().unwrap_or_default();
        let rule = first
            .split(['[', ']'])
            .nth(1)
            .filter(|_| first.contains("]: "));
        rule.unwrap_or(first).to_owned()
    };
    let wanted = key(part);
    let mut paragraphs = printed.split("\n\n");
    paragraphs
        .find(|paragraph| key(paragraph) == wanted)
        .unwrap_or_else(|| panic!("nothing is said of `{wanted}` any more in\n{printed}"))
}

/// The arguments for our own command; `None` for other commands.
fn arguments(command: &str) -> Option<Vec<String>> {
    let rest = command
        .strip_prefix("seatrial")
        .or_else(|| command.strip_prefix("cargo run --release --"))?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

/// The rules of the README are written to the files they name; their examples hold.
#[test]
fn the_rules_in_the_readme_work() {
    let project = Project::new(&[("Dockerfile", "FROM python:3.13-slim\nRUN nc -l 1\n")]);
    let mut count = 0;
    for block in blocks(&read(&root().join("README.md"))) {
        let first = block.text.lines().next().unwrap_or_default();
        if let Some(path) = first.strip_prefix("# lint/") {
            assert_eq!(block.language, "toml");
            project.write(&format!("lint/{path}"), &block.text);
            count += 1;
        }
    }
    assert_eq!(count, 3);
    let tested = project.run(&["rules", "test", "lint"]);
    assert_eq!(tested.code, 0, "{}{}", tested.out, tested.err);
    let found = project.run(&["--rules", "lint", "--select", "acme", "--format", "concise"]);
    assert_eq!(found.out.lines().count(), 3, "{}", found.out);
}

/// The configuration in the README is one that is accepted.
#[test]
fn the_configuration_in_the_readme_is_accepted() {
    let text = read(&root().join("README.md"));
    let block = blocks(&text)
        .into_iter()
        .find(|block| block.language == "toml" && block.text.contains("fail-on"))
        .unwrap();
    let project = Project::new(&[("Dockerfile", "FROM scratch\n"), ("lint/own/.keep", "")]);
    project.write("lint/own/run-forbidden.toml", super::support::RULE);
    project.write("seatrial.toml", &block.text);
    let ran = project.run(&["--today", TODAY]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    for key in [
        "select", "ignore", "fail-on", "exclude", "rules", "intent", "context", "target",
    ] {
        assert!(block.text.contains(&format!("\n{key} = ")), "{key}");
    }
}

/// Links between the documents lead somewhere.
#[test]
fn links_lead_somewhere() {
    for name in [
        "README.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "SECURITY.md",
        "docs/ci.md",
        "docs/editors.md",
        "rules/README.md",
    ] {
        let path = root().join(name);
        for link in read(&path).split("](").skip(1) {
            let link = link.split(')').next().unwrap();
            let file = link.split('#').next().unwrap();
            if link.contains("://") || file.is_empty() {
                continue;
            }
            let target = path.parent().unwrap().join(file);
            assert!(target.exists(), "{name}: {link}");
            if let (Some((_, anchor)), true) = (link.split_once('#'), file.ends_with(".md")) {
                assert!(
                    anchors(&read(&target)).contains(&anchor.to_owned()),
                    "{name}: {link}"
                );
            }
        }
    }
}

/// The anchors of the headings of a document, as forges make them.
fn anchors(document: &str) -> Vec<String> {
    let headings = document.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let text = line.trim_start_matches('#').trim().to_lowercase();
            let kept = text
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.collect::<String>().replace(' ', "-")
        })
        .collect()
}

/// Our own commands in the `sh` blocks, typed in a project one after the other: each does its job.
#[test]
fn commands_in_blocks_work() {
    let mut count = 0;
    for name in DOCUMENTS {
        for block in blocks(&read(&root().join(name))) {
            if block.language != "sh" {
                continue;
            }
            let project = Project::new(&[
                (
                    "Dockerfile",
                    "FROM python:3.8\nCMD python manage.py runserver 0:8000\n",
                ),
                (".git/HEAD", ""),
            ]);
            for line in block.text.lines() {
                let line = line.split(" #").next().unwrap_or(line).trim();
                if let Some(arguments) = arguments(line) {
                    count += 1;
                    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                    let ran = project.run(&arguments);
                    assert!(ran.code < 2, "{name}: {line}: {}{}", ran.out, ran.err);
                }
            }
        }
    }
    assert!(count >= 8, "{count} commands");
}

/// The hook of the documents is one that is defined.
#[test]
fn hooks_of_the_documents_exist() {
    let hooks = read(&root().join(".pre-commit-hooks.yaml"));
    let mut count = 0;
    for name in DOCUMENTS {
        for block in blocks(&read(&root().join(name))) {
            let is_ours = block.language == "yaml" && block.text.contains("OWNER/seatrial");
            let ids = block
                .text
                .lines()
                .filter_map(|line| line.trim().strip_prefix("- id: "));
            for id in ids.filter(|_| is_ours) {
                count += 1;
                assert!(hooks.contains(&format!("- id: {id}\n")), "{name}: {id}");
            }
        }
    }
    assert!(count >= 2, "{count} hooks");
}

/// Every format is told of in the documents.
#[test]
fn every_format_is_documented() {
    let text = read(&root().join("docs/ci.md"));
    for (name, _) in seatrial::Format::ALL {
        assert!(text.contains(&format!("`{name}`")), "{name}");
    }
}
