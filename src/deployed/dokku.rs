//! `Procfile`, where Dokku builds the Dockerfile at the root of the repository: its lines take the place of CMD.
//!
//! Heroku reads it for buildpacks only, and so may anybody else: what says that Dokku is meant stands in `app.json`,
//! in `.dokku` files or in a workflow.
//! Whether a shell reads a line is not said, so only plain words are known; config vars
//! are set elsewhere.
//! <https://dokku.com/docs/deployment/builders/dockerfiles/>, <https://dokku.com/docs/processes/process-management/>

use super::built::Built;
use super::model::{Deployed, Deployments, Look, Source};
use crate::compose::{CommandForm, CommandLine, Text};
use crate::knowledge::intent_words::Intent;
use crate::knowledge::words::FileWords;
use crate::source::join;
use crate::span::{FileId, Span, Traced};

const PROCFILE: &str = "Procfile";
const DOCKERFILE: &str = "Dockerfile";
/// Says how an application is deployed, by Heroku and by Dokku.
const APP: &str = "app.json";
const WORKFLOWS: &str = ".github/workflows";

/// Processes, and names of a directory, that are read.
const MAX_ENTRIES: usize = 100;

pub(super) struct Dokku;

impl Source for Dokku {
    fn name(&self) -> &'static str {
        "dokku"
    }

    fn files(&self) -> &'static [&'static str] {
        &[PROCFILE, APP]
    }

    fn read(&self, look: &Look<'_>, found: &mut Deployments) {
        let is_there = |path: &str| look.root.is_file(path);
        if !is_there(PROCFILE) || !is_there(DOCKERFILE) || !is_of_dokku(look) {
            return;
        }
        let Some(file) = look.read(PROCFILE) else {
            return;
        };
        let group = found.next_group();
        let source = look.sources.get(file);
        for (name, line) in lines(file, &source.text).into_iter().take(MAX_ENTRIES) {
            found.all.push(Deployed {
                group,
                purpose: Some(Intent::Production),
                build: Some(Built {
                    context: Some(String::new()),
                    dockerfile: Some(DOCKERFILE.to_owned()),
                    target: None,
                    ..Built::default()
                }),
                command: Some(command(line)),
                ..Deployed::new(self.name(), name, PROCFILE)
            });
        }
    }
}

/// Something says that Dokku is meant, and nothing that it takes buildpacks.
fn is_of_dokku(look: &Look<'_>) -> bool {
    let says = |path: &str| {
        look.text(path)
            .is_some_and(|source| source.text.contains("dokku"))
    };
    let names = look.root.list("", MAX_ENTRIES);
    let mut names = names.iter().map(String::as_str);
    let is_dokku = names
        .clone()
        .any(|name| name.to_ascii_lowercase().contains("dokku"));
    let takes_packs = names.any(|name| FileWords::PacksOfDokku.contains(name));
    let workflows = look.root.list(WORKFLOWS, MAX_ENTRIES);
    let mut workflows = workflows.iter().map(|name| join(WORKFLOWS, name));
    !takes_packs
        && (is_dokku || says(APP) || says(".gitlab-ci.yml") || workflows.any(|path| says(&path)))
}

/// `web: gunicorn shop.wsgi`
fn lines(file: FileId, text: &str) -> Vec<(Traced, Traced)> {
    let mut at = 0;
    let mut out = Vec::new();
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let written = line.trim_end();
        let Some((name, rest)) = written.split_once(':') else {
            continue;
        };
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || !name.chars().all(is_name) {
            continue;
        }
        let body = rest.trim_start();
        let place = |from: usize, text: &str| {
            let start = u32::try_from(from).unwrap_or(u32::MAX);
            let end = u32::try_from(from + text.len()).unwrap_or(u32::MAX);
            Traced::new(text, Span::new(file, start, end))
        };
        out.push((
            place(start, name),
            place(start + written.len() - body.len(), body),
        ));
    }
    out
}

fn command(line: Traced) -> CommandLine {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " -_./:=,@%+".contains(c);
    let span = line.span();
    let text = match line.as_str().chars().all(is_plain) {
        true => Text::from(line),
        false => Text::unknown(span),
    };
    CommandLine {
        span,
        form: CommandForm::Line(text),
    }
}
