//! The options that uWSGI is given: by ENV, by compose, on its command line, in its configuration files.

use crate::maps::HashMap;

use crate::facts::build::at;
use crate::facts::model::{StartPhase, UwsgiOptionFact};
use crate::knowledge::uwsgi::{self as tables, EnvName};
use crate::server::UwsgiConfig;
use crate::server::uwsgi::{OptionSource, OptionValue};
use crate::source::Sources;
use crate::span::{Span, Traced};

/// Collects the options of every image, in the order in which uWSGI applies them. Where another server
/// starts, those that its environment would give to uWSGI.
pub(crate) fn collect(p: &StartPhase, sources: &Sources) -> Vec<UwsgiOptionFact> {
    let mut all = Vec::new();
    for (index, image) in p.images.iter().enumerate() {
        let start = all.len();
        let config = image
            .served
            .as_ref()
            .and_then(|served| served.uwsgi.as_ref());
        match config {
            Some(config) => {
                let envs: HashMap<Span, usize> = at::env_indices(p, image.stage)
                    .into_iter()
                    .map(|env| (p.envs[env].name.span(), env))
                    .collect();
                for option in config.all() {
                    all.extend(given(p, index, option, &envs, sources));
                }
                refused(index, config, sources, &mut all);
            }
            None => from_env(p, index, &mut all),
        }
        mark_overridden(&mut all, start);
    }
    all
}

/// An option as uWSGI applies it; `None` for what is a placeholder of a file.
fn given(
    p: &StartPhase,
    image: usize,
    option: &OptionValue,
    envs: &HashMap<Span, usize>,
    sources: &Sources,
) -> Option<UwsgiOptionFact> {
    let env = match option.source {
        OptionSource::Env => envs.get(&option.name_span).copied(),
        _ => None,
    };
    let source = match option.source {
        OptionSource::Env if env.is_some() => "env",
        OptionSource::Env => "environment",
        OptionSource::CommandLine => "command line",
        OptionSource::File => "file",
    };
    let file = sources.get(option.name_span.file);
    if source == "file" && option.option.is_none() && is_placeholder(&file.text, &option.name) {
        return None;
    }
    let written = match option.source {
        OptionSource::Env => env.map_or_else(
            || tables::env_name(&option.name),
            |index| p.envs[index].name.as_str().to_owned(),
        ),
        OptionSource::CommandLine => format!("--{}", option.name),
        OptionSource::File => option.name.clone(),
    };
    // A switch of the command line has no value of its own.
    let is_bare = option.source == OptionSource::CommandLine && option.span == option.name_span;
    let value = if is_bare {
        option
            .value
            .is_some()
            .then(|| Traced::empty(option.name_span))
    } else {
        option.value.clone().filter(|_| !option.is_conditional)
    };
    let mut name_span = option.name_span;
    if option.source == OptionSource::CommandLine && is_bare_letter(&file.text, name_span) {
        name_span.start -= 1;
    }
    let span = match env {
        Some(index) => name_span.cover(p.envs[index].raw.span()),
        None if option.span.file == name_span.file => name_span.cover(option.span),
        None => name_span,
    };
    Some(UwsgiOptionFact {
        image,
        name: option.name.clone(),
        written,
        name_span,
        span,
        value,
        source,
        path: (source == "file").then(|| file.name.clone()),
        overridden_by: None,
        env,
        style: (source == "file")
            .then(|| style(&file.text, option))
            .flatten(),
        is_only_way: None,
        meant: std::sync::OnceLock::new(),
    })
}

/// How the line of a file is written: what stands before the name, and between name and value.
fn style(text: &str, option: &OptionValue) -> Option<(String, String)> {
    let name = option.name_span.range();
    let lead = text.get(..name.start)?.rsplit('\n').next()?;
    let sign = text.get(name.end..option.span.start as usize)?;
    let is_line =
        lead.trim().is_empty() && sign.trim() == "=" && option.span.end > option.name_span.end;
    is_line.then(|| (lead.to_owned(), sign.to_owned()))
}

/// The letter of a short option alone, behind its dash: `p` of `-p`.
fn is_bare_letter(text: &str, span: Span) -> bool {
    let before = (span.start as usize).checked_sub(1);
    span.end == span.start + 1 && before.and_then(|at| text.as_bytes().get(at)) == Some(&b'-')
}

/// A key of a file that its values use: `%(base)`, `$(base)`, `@(base)`, or that says so of itself.
fn is_placeholder(text: &str, name: &str) -> bool {
    ["%(", "$(", "@("]
        .iter()
        .any(|open| text.contains(&format!("{open}{name}")))
}

/// Flags that uWSGI does not know.
fn refused(image: usize, config: &UwsgiConfig, sources: &Sources, out: &mut Vec<UwsgiOptionFact>) {
    for span in &config.refused {
        let text = sources.slice(*span);
        let Some(name) = text.trim_matches(['"', '\'']).strip_prefix("--") else {
            continue;
        };
        let name = name.split_once('=').map_or(name, |(name, _)| name);
        let is_name = name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if name.is_empty() || !is_name || tables::option(name).is_some() {
            continue;
        }
        out.push(UwsgiOptionFact {
            image,
            name: name.to_owned(),
            written: format!("--{name}"),
            name_span: *span,
            span: *span,
            value: Some(Traced::empty(*span)),
            source: "command line",
            path: None,
            overridden_by: None,
            env: None,
            style: None,
            is_only_way: None,
            meant: std::sync::OnceLock::new(),
        });
    }
}

fn from_env(p: &StartPhase, image: usize, out: &mut Vec<UwsgiOptionFact>) {
    for env in at::env_indices(p, p.images[image].stage) {
        let fact = &p.envs[env];
        let written = fact.name.as_str();
        let name = match tables::from_env(written) {
            EnvName::Option(option) => option.name.to_string(),
            EnvName::Unknown(name) => name,
            EnvName::BuildOnly => tables::option_name(written),
            EnvName::Foreign | EnvName::Skipped => continue,
        };
        let name_span: Span = fact.name.span();
        out.push(UwsgiOptionFact {
            image,
            name,
            written: written.to_owned(),
            name_span,
            span: name_span.cover(fact.raw.span()),
            value: fact.value.clone(),
            source: "env",
            path: None,
            overridden_by: None,
            env: Some(env),
            style: None,
            is_only_way: None,
            meant: std::sync::OnceLock::new(),
        });
    }
}

/// Scalars: the last one given wins, under any of the option's names.
fn mark_overridden(options: &mut [UwsgiOptionFact], start: usize) {
    for i in start..options.len() {
        let Some(known) = tables::option(&options[i].name) else {
            continue;
        };
        if !known.is_scalar() {
            continue;
        }
        options[i].overridden_by = (i + 1..options.len())
            .rev()
            .find(|later| is_name_of(known, &options[*later].name));
    }
}

fn is_name_of(option: &tables::UwsgiOption, name: &str) -> bool {
    &*option.name == name || option.aliases.contains(name)
}
