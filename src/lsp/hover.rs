//! What is known of the thing under the cursor.

use std::fmt::Write as _;

use gen_lsp_types::{HoverParams, Range};
use serde_json::{Value, json};

use super::analysis::{Analysis, Project};
use super::ask;
use super::text::Lines;
use super::words;
use crate::check::run_example;
use crate::facts::table::{NodeRef, Val};
use crate::facts::{Facts, SCHEMA};
use crate::knowledge::uwsgi::{Next, Standing, Takes, UwsgiOption};
use crate::policy::own;
use crate::report::text::{code_block, inline_code as code};
use crate::rule::{Catalogue, docs, example};
use crate::span::Span;

/// As many variables of an environment are shown.
const MOST_VARIABLES: usize = 24;

/// Settings that say how a project serves.
const TELLING: [&str; 7] = [
    "DEBUG",
    "ALLOWED_HOSTS",
    "SECRET_KEY",
    "STATIC_ROOT",
    "STATIC_URL",
    "WSGI_APPLICATION",
    "SECURE_SSL_REDIRECT",
];

/// Markdown, and what it is about.
#[derive(Default)]
struct Told {
    parts: Vec<String>,
    range: Option<Range>,
}

impl Told {
    fn add(&mut self, part: String, range: Option<Range>) {
        if !self.parts.contains(&part) {
            self.parts.push(part);
            self.range = self.range.or(range);
        }
    }
}

pub(super) fn hover(analysis: &Analysis, params: &HoverParams) -> Result<Value, String> {
    let at = &params.text_document_position_params;
    let uri = &at.text_document.uri.0;
    let mut told = Told::default();
    for (project, file) in analysis.files(uri) {
        let places = analysis.places(project);
        let offset = places.offset(file, at.position);
        let place = Span::point(file, offset);
        for (_, facts) in &project.checked.facts {
            for (part, span) in known(facts, place) {
                let range = (span.file == file).then(|| places.range(span));
                told.add(part, range);
            }
        }
    }
    if let Some(document) = analysis.document(uri) {
        let lines = Lines::new(document.text.as_str(), analysis.snapshot.client.encoding);
        let offset = lines.offset(at.position);
        let path = document.path.to_string_lossy();
        if let Some((option, range)) = words::option(&path, &document.text, offset) {
            told.add(about_option(option), Some(lines.range(range)));
        }
    }
    for (project, file) in analysis.files(uri) {
        let places = analysis.places(project);
        let place = Span::point(file, places.offset(file, at.position));
        for reported in &project.checked.outcome.findings {
            let finding = &reported.finding;
            if finding.primary.contains(place) {
                let range = places.range(finding.primary);
                told.add(about_rule(project, &finding.rule), Some(range));
            }
        }
    }
    if told.parts.is_empty() {
        return Ok(Value::Null);
    }
    let value = told.parts.join("\n\n---\n\n");
    Ok(json!({
        "contents": {"kind": "markdown", "value": value},
        "range": told.range,
    }))
}

/// Why a rule is there, with its examples.
fn about_rule(project: &Project, id: &str) -> String {
    if let Some(own) = own::ALL.iter().find(|own| own.id == id) {
        return format!("# {}\n\n{}\n\n{}\n", own.id, own.summary, own.why);
    }
    let request = &project.request;
    let catalogue = project.workspace.catalogue(request);
    let named = catalogue.as_ref().ok();
    let named = named.and_then(|catalogue| catalogue.called(id));
    named.map_or_else(String::new, |rule| {
        let finding = example::first_finding(rule, &SCHEMA, &run_example);
        let told = docs::explain(rule, finding.as_ref());
        // What a project says of rules of its own may show no picture from elsewhere.
        let is_ours = Catalogue::embedded()
            .rules()
            .any(|ours| ours.id == rule.id && ours.toml == rule.toml);
        if is_ours { told } else { code_block(&told) }
    })
}

/// What an option of uWSGI does.
pub(super) fn about_option(option: &UwsgiOption) -> String {
    let mut out = format!("**{}** (uWSGI)\n\n", option.name.as_str());
    let help = option.help();
    if let Some(help) = help {
        let _ = write!(out, "{}\n\n", help.text);
    }
    let mut say = |what: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(out, "- {what}: {value}");
        }
    };
    let value = match option.takes {
        Takes::No => "none, or `true`",
        Takes::Required | Takes::Optional => option.value_in_words(),
    };
    say("value", value.to_owned());
    let default = help.and_then(|help| help.default);
    say(
        "without it",
        default.map_or_else(String::new, |text| format!("`{text}`")),
    );
    let many = option
        .is_repeatable
        .then_some("repeatable, but only once as a variable");
    say("several", many.unwrap_or_default().to_owned());
    let names: Vec<String> = option
        .aliases
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    say("also called", names.join(", "));
    if option.env {
        let name = crate::knowledge::uwsgi::env_name(option.name.as_str());
        say("as a variable", format!("`{name}`"));
    }
    let plugin = option.plugin.as_str();
    if plugin != "core" {
        say("plugin", format!("`{plugin}`"));
    }
    let needs: Vec<String> = option
        .needs
        .iter()
        .map(|need| need.name().to_owned())
        .collect();
    say("only in a build with", needs.join(", "));
    let implied: Vec<String> = option
        .implies
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    say("switches on", implied.join(", "));
    say(
        "status",
        match option.standing {
            Standing::Current => "",
            Standing::Deprecated => "deprecated",
            Standing::Discouraged => "discouraged",
            Standing::Development => "for development only",
            Standing::Ignored => "no longer has an effect",
        }
        .to_owned(),
    );
    say(
        "release",
        match option.next {
            Next::Same => "",
            Next::New => "only since 2.1, not in any 2.0 release",
            Next::Ignored => "has no effect in 2.1",
            Next::Removed => "removed in 2.1",
        }
        .to_owned(),
    );
    out
}

/// What the facts say of a place, the nearest first.
fn known(facts: &Facts, place: Span) -> Vec<(String, Span)> {
    let mut told: Vec<(String, Span)> = Vec::new();
    let mut add = |node: &NodeRef, part: Option<String>| {
        if let (Some(part), Some(span)) = (part, node.span()) {
            told.push((part, span));
        }
    };
    for node in ask::at(facts, "reference", place) {
        add(&node, about_reference(&node));
    }
    for node in ask::at(facts, "env", place) {
        add(&node, about_env(&node));
        add(&node, settings_of_env(facts, &node));
    }
    for node in ask::at(facts, "settings", place) {
        add(&node, Some(about_settings(&node)));
    }
    for node in ask::at(facts, "base", place) {
        add(&node, about_base(&node));
    }
    for node in ask::at(facts, "copy", place) {
        add(&node, Some(about_copy(facts, &node)));
    }
    for node in ask::at(facts, "instruction", place) {
        let keyword = ask::text(&node, "keyword");
        if matches!(keyword.as_deref(), Some("CMD" | "ENTRYPOINT")) {
            for image in ask::all(facts, "image") {
                add(&node, started(&node, &image));
            }
        }
    }
    told
}

fn about_reference(node: &NodeRef) -> Option<String> {
    let name = ask::text(node, "name")?;
    let cell = ask::get(node, "value");
    Some(match &cell.value {
        Val::Absent => format!("{} is not set here", code(&name)),
        Val::Unknown => format!("the value of {} is unknown", code(&name)),
        _ => format!(
            "{} is here\n\n{}",
            code(&name),
            code_block(&ask::plain(&cell)?)
        ),
    })
}

fn about_env(node: &NodeRef) -> Option<String> {
    let name = ask::text(node, "name")?;
    let value = ask::text(node, "value");
    if let Some(later) = ask::fact(node, "replaced_by") {
        return Some(format!("a later ENV replaces it: {}", code(&later.text())));
    }
    let value = value.filter(|value| Some(value) != ask::text(node, "raw").as_ref())?;
    Some(format!("{} becomes\n\n{}", code(&name), code_block(&value)))
}

fn settings_of_env(facts: &Facts, node: &NodeRef) -> Option<String> {
    if ask::text(node, "name").as_deref() != Some("DJANGO_SETTINGS_MODULE") {
        return None;
    }
    let module = ask::text(node, "value")?;
    let all = ask::all(facts, "settings");
    let mut found = all
        .iter()
        .filter(|one| ask::text(one, "module").as_ref() == Some(&module));
    found.next().map(about_settings)
}

/// What a process with these settings sees.
fn about_settings(node: &NodeRef) -> String {
    let module = ask::text(node, "module").unwrap_or_default();
    let mut out = format!("{}, as seen by a process of the image\n\n", code(&module));
    let mut say = |what: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let _ = writeln!(out, "- {what}: {value}");
        }
    };
    say("named by", ask::text(node, "source"));
    say("in the image", ask::text(node, "presence"));
    let (values, is_open) = ask::map(node, "values");
    for name in TELLING {
        let found = values.iter().find(|(key, _)| key == name);
        let setting = found.and_then(|(_, cell)| match &cell.value {
            Val::Fact(setting) => Some(setting),
            _ => None,
        });
        say(&format!("`{name}`"), setting.map(value_of));
    }
    for cell in ask::list(node, "databases") {
        if let Val::Fact(database) = &cell.value {
            let engine = ask::text(database, "engine");
            say(
                &format!("database {}", code(&database.text())),
                engine.map(|engine| code(&engine)),
            );
        }
    }
    say("Django", ask::text(node, "django"));
    if is_open {
        say("also", Some("the list may be incomplete".to_owned()));
    }
    out
}

fn value_of(setting: &NodeRef) -> String {
    let value = ask::text(setting, "value");
    let value = value.map_or_else(|| "unknown".to_owned(), |it| code(&it));
    let unless = ask::text(setting, "unless");
    let from = ask::text(setting, "variable");
    match (unless, from) {
        (Some(unless), _) => format!("{value}, unless {} overrides it", code(&unless)),
        (None, Some(from)) => format!("{value}, from {}", code(&from)),
        (None, None) => value,
    }
}

fn about_base(node: &NodeRef) -> Option<String> {
    let mut out = format!("{}\n\n", code(&ask::text(node, "text")?));
    let mut say = |what: &str, value: Option<String>, end: Option<String>| {
        if let Some(value) = value {
            let end = end.map_or_else(String::new, |end| format!(", until {end}"));
            let _ = writeln!(out, "- {what}: {value}{end}");
        }
    };
    let kind = ask::text(node, "kind").or_else(|| ask::text(node, "family"));
    say("image", kind, None);
    say(
        "Python",
        ask::text(node, "python"),
        ask::text(node, "python_eol"),
    );
    say(
        "Debian",
        ask::text(node, "suite"),
        ask::text(node, "suite_lts_end"),
    );
    say(
        "Ubuntu",
        ask::text(node, "ubuntu"),
        ask::text(node, "ubuntu_eol"),
    );
    say("packages by", ask::text(node, "package_manager"), None);
    Some(out)
}

/// What a COPY takes along.
fn about_copy(facts: &Facts, node: &NodeRef) -> String {
    let target = ask::text(node, "target").or_else(|| ask::text(node, "destination"));
    let mut out = format!("to {}", code(&target.unwrap_or_default()));
    match (
        ask::text(node, "from").as_deref(),
        ask::fact(node, "from_stage"),
    ) {
        (_, Some(stage)) => {
            let _ = write!(out, " from the stage {}", code(&stage.text()));
        }
        (Some("context"), _) => out.push_str(" from the build context"),
        _ => {}
    }
    out.push_str("\n\n");
    let is_ours = |one: &NodeRef| {
        let copy = ask::fact(one, "copy");
        copy.is_some_and(|copy| copy.span() == node.span())
    };
    for source in ask::all(facts, "source").iter().filter(|one| is_ours(one)) {
        let presence = ask::text(source, "presence");
        let presence = presence.unwrap_or_else(|| "not known".to_owned());
        let by = ask::text(source, "ignored_by");
        let by = by.map_or_else(String::new, |by| format!(" by {}", code(&by)));
        let _ = writeln!(out, "- {}: {presence}{by}", code(&source.text()));
    }
    let unwanted = ask::all(facts, "unwanted");
    let mut unwanted = unwanted.iter().filter(|one| is_ours(one)).peekable();
    if unwanted.peek().is_some() {
        out.push_str("\nwith it come\n\n");
    }
    for one in unwanted {
        let category = ask::text(one, "category").unwrap_or_default();
        let _ = writeln!(
            out,
            "- {} ({category})",
            code(&ask::text(one, "path").unwrap_or_default())
        );
    }
    out
}

/// What an image starts, shown at the instruction that says so.
fn started(instruction: &NodeRef, image: &NodeRef) -> Option<String> {
    let within = |field: &str| {
        let process = ask::fact(image, field).and_then(|process| process.span());
        let instruction = instruction.span();
        process
            .zip(instruction)
            .is_some_and(|(process, whole)| whole.contains(process))
    };
    if !within("cmd") && !within("entrypoint") {
        return None;
    }
    let mut out = String::new();
    let mut say = |what: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let _ = writeln!(out, "- {what}: {value}");
        }
    };
    let server = ask::fact(image, "server");
    say(
        "server",
        server
            .as_ref()
            .and_then(|server| ask::text(server, "name"))
            .map(|text| code(&text)),
    );
    if let Some(server) = &server {
        let binds = ask::list(server, "binds");
        let binds: Vec<String> = binds
            .iter()
            .filter_map(ask::plain)
            .map(|text| code(&text))
            .collect();
        say("listens on", Some(binds.join(", ")));
        say(
            "workers",
            ask::text(server, "workers").map(|text| code(&text)),
        );
    }
    let user = ask::text(image, "user");
    say(
        "user",
        user.map(|user| code(if user.is_empty() { "root" } else { &user })),
    );
    say(
        "directory",
        ask::text(image, "workdir").map(|text| code(&text)),
    );
    say(
        "stopped by",
        ask::text(image, "stop_signal").map(|signal| code(&format!("SIG{signal}"))),
    );
    let (env, is_open) = ask::map(image, "env");
    let more = env.len().saturating_sub(MOST_VARIABLES);
    let shown = env
        .iter()
        .take(MOST_VARIABLES)
        .map(|(name, cell)| match ask::plain(cell) {
            Some(value) => format!("{name}={value}"),
            None => format!("{name}=?"),
        });
    let mut lines: Vec<String> = shown.collect();
    if more > 0 || is_open {
        lines.push("...".to_owned());
    }
    if !env.is_empty() {
        let _ = write!(out, "\n{}\n", code_block(&lines.join("\n")));
    }
    (!out.is_empty()).then_some(out)
}
