//! What the documents say is typed here as it is written there.

use std::collections::BTreeSet;
use std::path::Path;

use super::support::{Project, TODAY, finish, root, seatrial};

const DOCUMENTS: [&str; 13] = [
    "README.md",
    "docs/adopt.md",
    "docs/ci.md",
    "docs/command.md",
    "docs/configuration.md",
    "docs/editors.md",
    "docs/formats.md",
    "docs/hadolint.md",
    "docs/introduction.md",
    "docs/many-repositories.md",
    "docs/own-rules.md",
    "docs/questions.md",
    "docs/stability.md",
];

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
    assert!(count >= 3, "{count} commands");
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
    // What is in quotes is one argument.
    let mut arguments = Vec::new();
    for (number, part) in rest.split('"').enumerate() {
        match number % 2 {
            0 => arguments.extend(part.split_whitespace().map(str::to_owned)),
            _ => arguments.push(part.to_owned()),
        }
    }
    Some(arguments)
}

/// The rules of the book are written to the files they name; their examples hold.
#[test]
fn the_rules_in_the_book_work() {
    let project = Project::new(&[(
        "Dockerfile",
        "FROM python:3.13-slim\nRUN pip install django\n",
    )]);
    let mut count = 0;
    for block in blocks(&read(&root().join("docs/own-rules.md"))) {
        let first = block.text.lines().next().unwrap_or_default();
        if let Some(path) = first.strip_prefix("# lint/") {
            assert_eq!(block.language, "toml");
            project.write(&format!("lint/{path}"), &block.text);
            count += 1;
        }
    }
    assert_eq!(count, 2);
    let tested = project.run(&["rules", "test", "lint"]);
    assert_eq!(tested.code, 0, "{}{}", tested.out, tested.err);
    let found = project.run(&["--rules", "lint", "--select", "acme", "--format", "concise"]);
    assert_eq!(found.out.lines().count(), 2, "{}", found.out);
}

/// The configuration in the book is one that is accepted, and every key is there, in the table and in the schema.
#[test]
fn the_configuration_in_the_book_is_accepted() {
    let text = read(&root().join("docs/configuration.md"));
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
    let schema = read(&root().join("schemas/seatrial-config.json"));
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let keys = seatrial::made::configuration_keys();
    for key in &keys {
        assert!(
            text.contains(&format!("\n| `{key}` | ")),
            "{key} is not in the table"
        );
        assert!(
            schema["properties"].get(key).is_some(),
            "{key} is not in the schema"
        );
    }
    assert_eq!(schema["properties"].as_object().unwrap().len(), keys.len());
    let validator = jsonschema::validator_for(&schema).unwrap();
    let value: toml::Value = toml::from_str(&block.text).unwrap();
    super::report::assert_valid(&validator, &serde_json::to_value(value).unwrap());
}

/// The comments that the page shows stand where they have an effect.
#[test]
fn comments_of_the_documents_silence_what_they_name() {
    let page = std::fs::read_to_string(root().join("docs/adopt.md")).unwrap();
    let mut blocks = page.split("```dockerfile\n").skip(1);
    let text = blocks.next().unwrap().split("```").next().unwrap();
    assert!(text.contains("# seatrial: ignore["), "{text}");
    let project = super::support::Project::new(&[(".git/HEAD", ""), ("Dockerfile", text)]);
    let report = project.run(&["check", "-f", "json"]).json();
    for finding in report["findings"].as_array().unwrap() {
        let rule = finding["rule"].as_str().unwrap();
        assert!(
            rule != "unused-ignore" && !text.contains(rule),
            "{finding:#}"
        );
    }
}

/// Pages that are made from rules and tables.
#[test]
fn generated_pages_are_current() {
    let page = seatrial::made::foreign_page();
    let without: Vec<&str> = page.lines().filter(|line| line.contains("|  |")).collect();
    assert!(
        without.is_empty(),
        "no level in `hadolint-levels.tsv`: {without:#?}"
    );
    super::support::assert_kept(&root().join("docs/hadolint.md"), &page);
    super::support::assert_kept(&root().join("docs/knowledge.md"), &knowledge());
}

/// What each table of `rules/data` knows, from where, and as of when.
fn knowledge() -> String {
    let mut page = String::from(
        "# What it knows\n\nReleases, images, packages, options and names of the world are tables in `rules/data`. \
         What a table does not say is unknown, and never reported. `seatrial --version` prints the newest of these \
         days. The head of each table has the details: what was built or run, with which releases.\n\n\
         | table | as of | from |\n|---|---|---|\n",
    );
    let entries = std::fs::read_dir(root().join("rules/data")).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "tsv"));
    paths.sort();
    for path in paths {
        let text = read(&path);
        let comments: Vec<&str> = text
            .lines()
            .map_while(|line| line.strip_prefix('#'))
            .map(str::trim)
            .collect();
        let all = comments.join(" ");
        let (before, after) = all
            .split_once("As of ")
            .unwrap_or_else(|| panic!("{}: no `As of`", path.display()));
        let stem = path.file_stem().unwrap().to_string_lossy();
        let (_, from) = before
            .rsplit_once("From ")
            .unwrap_or_else(|| panic!("{}: no `From`", path.display()));
        let from = first_sentence(from).replace('|', "\\|");
        page.push_str(&format!("| `{stem}` | {} | {from} |\n", &after[..10]));
    }
    page
}

/// Up to the first full stop before a capital letter, without it.
fn first_sentence(text: &str) -> &str {
    let ends = text.match_indices(". ").map(|(at, _)| at);
    let mut ends = ends.filter(|at| text[at + 2..].starts_with(char::is_uppercase));
    let end = ends.next().unwrap_or(text.len());
    text[..end].trim().trim_end_matches('.')
}

/// A page for each rule: without templates, with links that lead somewhere, in the book's list.
#[test]
fn every_rule_has_a_page() {
    let project = Project::new(&[]);
    let ran = project.run(&["rules", "docs", "pages"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let list = project.read("pages/SUMMARY.md");
    let listed = project.run(&["rules", "list", "--format", "json"]).json();
    let mut wrong = Vec::new();
    let mut count = 0;
    for rule in listed.as_array().unwrap() {
        let id = rule["id"].as_str().unwrap();
        if rule["topic"] == "policy" {
            continue;
        }
        count += 1;
        assert!(list.contains(&format!("[{id}](rules/{id}.md)")), "{id}");
        let page = project.read(&format!("pages/{id}.md"));
        let mut is_code = false;
        for line in page.lines() {
            if line.starts_with("```") {
                is_code = !is_code;
            } else if !is_code && (line.contains("{{") || line.contains("{%")) {
                wrong.push(format!("{id}: {line}"));
            }
        }
    }
    assert!(count > 300, "{count} pages");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for page in ["README.md", "user.md"] {
        for link in project.read(&format!("pages/{page}")).split("](").skip(1) {
            let link = link.split(')').next().unwrap();
            assert!(
                project.path().join("pages").join(link).exists(),
                "{page}: {link}"
            );
        }
    }
}

/// The book's list has every page, and every page is there.
#[test]
fn the_book_has_all_pages() {
    let list = read(&root().join("docs/SUMMARY.md"));
    for entry in std::fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") && name != "SUMMARY.md" {
            assert!(list.contains(&format!("]({name})")), "{name}");
        }
    }
}

/// The README counts the rules of each topic.
#[test]
fn the_readme_counts_the_rules() {
    let listed = Project::new(&[])
        .run(&["rules", "list", "--format", "json"])
        .json();
    let mut counts = std::collections::BTreeMap::new();
    for rule in listed.as_array().unwrap() {
        *counts
            .entry(rule["topic"].as_str().unwrap().to_owned())
            .or_insert(0) += 1;
    }
    counts.remove("policy");
    let path = root().join("README.md");
    let mut lines: Vec<String> = Vec::new();
    for line in read(&path).lines() {
        let cells: Vec<&str> = line.split(" | ").collect();
        let topic = cells[0].trim_start_matches("| ");
        match (counts.remove(topic), &cells[..]) {
            (Some(count), [first, _, rest]) => lines.push(format!("{first} | {count} | {rest}")),
            _ => lines.push(line.to_owned()),
        }
    }
    assert!(counts.is_empty(), "not in the README: {counts:?}");
    super::support::assert_kept(&path, &format!("{}\n", lines.join("\n")));
}

/// Every option of a check is in a page that people write, not only in the help that `docs/command.md` shows.
#[test]
fn every_option_is_documented() {
    let options = |text: &str| -> BTreeSet<String> {
        let words = text.split(|char: char| char != '-' && !char.is_ascii_lowercase());
        let options = words.filter(|word| word.starts_with("--") && word.len() > 2);
        options.map(str::to_owned).collect()
    };
    let mut written = BTreeSet::new();
    for name in DOCUMENTS {
        let text = read(&root().join(name));
        let mut shown = blocks(&text);
        shown.retain(|block| block.language == "console");
        let lines = text.lines().enumerate();
        let by_hand = lines.filter(|(at, _)| !shown.iter().any(|block| block.lines.contains(at)));
        written.extend(by_hand.flat_map(|(_, line)| options(line)));
    }
    let help = Project::new(&[]).run(&["check", "--help"]).out;
    let mut known = options(&help);
    known.remove("--help");
    let missing: Vec<_> = known.difference(&written).collect();
    assert!(known.len() > 30 && missing.is_empty(), "{missing:?}");
}

/// Links between the documents lead somewhere.
#[test]
fn links_lead_somewhere() {
    for name in [
        "README.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "SECURITY.md",
        "CONTRIBUTING.md",
        "docs/SUMMARY.md",
        "docs/adopt.md",
        "docs/ci.md",
        "docs/command.md",
        "docs/configuration.md",
        "docs/editors.md",
        "docs/formats.md",
        "docs/hadolint.md",
        "docs/introduction.md",
        "docs/knowledge.md",
        "docs/own-rules.md",
        "docs/questions.md",
        "docs/stability.md",
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
    let text = read(&root().join("docs/formats.md"));
    for (name, _) in seatrial::Format::ALL {
        assert!(text.contains(&format!("`{name}`")), "{name}");
    }
}
