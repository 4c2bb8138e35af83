//! What may be written at a place: told by the text around it, since what is being typed is hardly ever whole.

use std::ops::Range;
use std::path::Path;

use gen_lsp_types::CompletionParams;
use serde_json::{Value, json};

use super::analysis::{Analysis, Project};
use super::hover::about_option;
use super::text::Lines;
use super::words;
use crate::config;
use crate::knowledge::uwsgi::{self, EnvName, Next, UwsgiOption, ValueKind};
use crate::policy::own;
use crate::source::{Files, Kind};

/// As many files are looked at for modules of settings.
const MOST_FILES: usize = 5000;

/// Directories that hold no settings of the project.
const NOT_LOOKED_INTO: [&str; 5] = ["node_modules", "static", "templates", "migrations", "venv"];

/// The kinds of items, as the protocol counts them.
const KEY: u32 = 10;
const VALUE: u32 = 12;
const MODULE: u32 = 9;
const CONSTANT: u32 = 21;

/// Something that may be written.
struct Item {
    text: String,
    kind: u32,
    detail: String,
    documentation: Option<String>,
}

impl Item {
    fn new(text: impl Into<String>, kind: u32, detail: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            kind,
            detail: detail.into(),
            documentation: None,
        }
    }
}

/// The cursor in a text.
struct Cursor<'a> {
    path: &'a str,
    name: &'a str,
    text: &'a str,
    at: usize,
    is_dockerfile: bool,
    /// The line up to the cursor.
    before: &'a str,
}

pub(super) fn completion(analysis: &Analysis, params: &CompletionParams) -> Result<Value, String> {
    let place = &params.text_document_position_params;
    let Some(document) = analysis.document(&place.text_document.uri.0) else {
        return Ok(json!([]));
    };
    let lines = Lines::new(document.text.as_str(), analysis.snapshot.client.encoding);
    let at = lines.offset(place.position);
    let text = document.text.as_str();
    let path = document.path.to_string_lossy();
    let cursor = Cursor {
        path: &path,
        name: document
            .path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default(),
        text,
        at,
        is_dockerfile: document.is_dockerfile,
        before: &text[words::line(text, at).start..at],
    };
    let project = analysis
        .projects
        .iter()
        .find(|one| document.path.starts_with(&one.root));
    let (start, items) = items(project.or(analysis.projects.first()), &cursor);
    // What is left of the word behind the cursor is replaced with it.
    let end = words::around(text, at).end;
    let range = lines.range(start..end);
    let told = items.into_iter().map(|item| {
        let mut told = json!({
            "label": item.text,
            "kind": item.kind,
            "detail": item.detail,
            "textEdit": {"range": range, "newText": item.text},
        });
        if let Some(text) = item.documentation {
            told["documentation"] = json!({"kind": "markdown", "value": text});
        }
        told
    });
    let told: Vec<Value> = told.collect();
    Ok(json!(told))
}

/// What fits, and where the word begins that it takes the place of.
fn items(project: Option<&Project>, cursor: &Cursor<'_>) -> (usize, Vec<Item>) {
    let word = words::around(cursor.text, cursor.at);
    let word: Range<usize> = word.start..cursor.at;
    let written = &cursor.text[word.clone()];
    let start = word.start;
    if let Some((_, rest)) = cursor.before.rsplit_once("seatrial:") {
        let is_in_brackets = rest
            .rsplit_once('[')
            .is_some_and(|(_, inner)| !inner.contains(']'));
        return (
            start,
            if is_in_brackets {
                rules(project)
            } else {
                Vec::new()
            },
        );
    }
    if is_configuration(cursor) {
        return (start, in_configuration(project, cursor, written));
    }
    if cursor.is_dockerfile {
        if cursor.before.ends_with(&format!("--from={written}")) {
            return (start, stages(cursor));
        }
        if cursor
            .before
            .trim_start()
            .to_ascii_uppercase()
            .starts_with("FROM ")
        {
            return (start, stages(cursor));
        }
    }
    let (key, value) = match cursor.before.rsplit_once(['=', ':']) {
        Some((key, value)) => (key, Some(value)),
        None => (cursor.before, None),
    };
    let key = key.trim_end();
    let key = &key[words::around(key, key.len()).start..];
    let key = key.trim_start_matches(['-', '"', '\'']);
    if let Some(value) = value {
        let is_value = !value
            .trim_start_matches([' ', '"', '\''])
            .contains([' ', '"', '\'']);
        if key == "DJANGO_SETTINGS_MODULE" && is_value {
            let modules = project.map(settings).unwrap_or_default().iter();
            let items = modules.map(|module| Item::new(module, MODULE, "settings"));
            return (start, items.collect());
        }
        let option = match uwsgi::from_env(key) {
            EnvName::Option(option) => Some(option),
            _ => None,
        };
        let option = option.or_else(|| {
            let is_ini = words::is_in_uwsgi_ini(cursor.path, cursor.text, cursor.at);
            uwsgi::option(key).filter(|_| is_ini)
        });
        if let Some(option) = option.filter(|_| is_value) {
            return (start, values(option));
        }
    }
    if words::is_in_uwsgi_ini(cursor.path, cursor.text, cursor.at) && value.is_none() {
        return (start, options(|option| option.name.as_str().to_owned()));
    }
    // Lower case and a few letters are enough to be meant.
    let is_variable =
        written.len() >= 2 && "UWSGI_".starts_with(written) || written.starts_with("UWSGI_");
    let takes_variables =
        cursor.is_dockerfile || cursor.name.ends_with("ml") || cursor.name.contains(".env");
    if is_variable && takes_variables {
        let variables = options(|option| match option.env {
            true => uwsgi::env_name(option.name.as_str()),
            false => String::new(),
        });
        return (start, variables);
    }
    (start, Vec::new())
}

fn is_configuration(cursor: &Cursor<'_>) -> bool {
    if cursor.name.trim_start_matches('.') == config::FILE {
        return true;
    }
    let above = &cursor.text[..words::line(cursor.text, cursor.at).start];
    let mut lines = above.lines().rev().map(str::trim);
    let section = lines.find(|line| line.starts_with('[') && line.ends_with(']'));
    cursor.name == "pyproject.toml" && section.is_some_and(|it| it.starts_with("[tool.seatrial"))
}

fn in_configuration(project: Option<&Project>, cursor: &Cursor<'_>, written: &str) -> Vec<Item> {
    let before = cursor.before;
    let before = &before[..before.len() - written.len()];
    let is_in_text = before.matches('"').count() % 2 == 1;
    let is_table = before.trim_start().starts_with('[') && !is_in_text;
    if is_in_text {
        let mut items = rules(project);
        let mut topics: Vec<String> = catalogue(project, |rule| rule.topic.to_string());
        topics.sort();
        topics.dedup();
        items.extend(
            topics
                .into_iter()
                .map(|topic| Item::new(topic, MODULE, "topic")),
        );
        return items;
    }
    if is_table {
        let prefix = match cursor.name {
            "pyproject.toml" => "tool.seatrial.rule",
            _ => "rule",
        };
        let items = rules(project).into_iter();
        return items
            .map(|item| Item {
                text: format!("{prefix}.{}", item.text),
                ..item
            })
            .collect();
    }
    match before.trim().is_empty() {
        true => config::KEYS
            .iter()
            .map(|key| Item::new(*key, KEY, "seatrial"))
            .collect(),
        false => Vec::new(),
    }
}

fn catalogue<T>(project: Option<&Project>, of: impl Fn(&crate::rule::Rule) -> T) -> Vec<T> {
    let project = project.map(|project| project.workspace.catalogue(&project.request));
    let catalogue = project.and_then(Result::ok);
    let catalogue = catalogue.unwrap_or_else(crate::rule::Catalogue::embedded);
    catalogue.rules().map(of).collect()
}

fn rules(project: Option<&Project>) -> Vec<Item> {
    let mut items = catalogue(project, |rule| {
        Item::new(rule.id.to_string(), VALUE, rule.summary.to_string())
    });
    items.extend(
        own::ALL
            .iter()
            .map(|own| Item::new(own.id, VALUE, own.summary)),
    );
    items
}

/// The names of stages before the cursor.
fn stages(cursor: &Cursor<'_>) -> Vec<Item> {
    let above = cursor.text[..cursor.at].lines();
    let names = above.filter_map(|line| {
        let mut words = line.split_whitespace();
        words
            .next()
            .filter(|word| word.eq_ignore_ascii_case("FROM"))?;
        let mut words = words.skip_while(|word| !word.eq_ignore_ascii_case("AS"));
        words
            .nth(1)
            .map(|name| Item::new(name, MODULE, line.trim()))
    });
    names.collect()
}

fn options(name: impl Fn(&UwsgiOption) -> String) -> Vec<Item> {
    let released = uwsgi::options()
        .iter()
        .filter(|option| option.next != Next::New);
    let items = released.filter_map(|option| {
        let text = name(option);
        let help = option.help();
        (!text.is_empty()).then(|| Item {
            text,
            kind: KEY,
            detail: option.value_in_words().to_owned(),
            documentation: help.map(|_| about_option(option)),
        })
    });
    items.collect()
}

fn values(option: &UwsgiOption) -> Vec<Item> {
    match option.kind {
        ValueKind::Flag | ValueKind::InvertedFlag => ["true", "false"]
            .map(|value| Item::new(value, CONSTANT, option.name.as_str()))
            .into(),
        _ => Vec::new(),
    }
}

/// Modules that are settings by their names, from the directories with a `manage.py` on, else from the root.
fn settings(project: &Project) -> &[String] {
    project.settings.get_or_init(|| modules(project))
}

fn modules(project: &Project) -> Vec<String> {
    let files = &**project.checked.sources.file_system();
    let mut found = Vec::new();
    let mut left = MOST_FILES;
    let mut directories = vec![(project.root.clone(), project.root.clone())];
    while let Some((directory, mut start)) = directories.pop() {
        if files.has_file(&directory.join("manage.py")) {
            start.clone_from(&directory);
        }
        let Ok(names) = files.list(&directory, left) else {
            continue;
        };
        left = left.saturating_sub(names.items.len());
        for (name, kind) in names.items {
            let Some(name) = name.to_str() else { continue };
            let path = directory.join(name);
            if kind == Kind::Directory && is_looked_into(files, &path, name) {
                directories.push((path, start.clone()));
            } else if kind == Kind::File && names_settings(&path) {
                found.extend(module(&start, &path));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

fn is_looked_into(files: &dyn Files, path: &Path, name: &str) -> bool {
    let is_environment = || files.has_file(&path.join("pyvenv.cfg"));
    !name.starts_with(['.', '_']) && !NOT_LOOKED_INTO.contains(&name) && !is_environment()
}

/// `settings.py`, `settings_prod.py`, `settings/prod.py`.
fn names_settings(path: &Path) -> bool {
    let stem = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default();
    let parent = path
        .parent()
        .and_then(Path::file_name)
        .and_then(|name| name.to_str());
    let is_python = path.extension().is_some_and(|ending| ending == "py");
    is_python && stem != "__init__" && (stem.contains("settings") || parent == Some("settings"))
}

/// The name of a module, seen from a directory.
fn module(start: &Path, path: &Path) -> Option<String> {
    let below = path.strip_prefix(start).ok()?.with_extension("");
    let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
    Some(parts?.join("."))
}
