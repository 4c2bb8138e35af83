//! `docker run` in scripts, recipes and workflows of the project, where it names an image that the project builds.
//!
//! Who calls them, and for what, is not said: what they start is known, that it serves is not.

use super::builders;
use super::model::{Deployed, Deployments, Look, Source};
use crate::compose::{
    CommandForm, CommandLine, EnvVar, Environment, Mount, MountKind, Text, purpose_of,
};
use crate::source::{join, normalize, parent};
use crate::span::{Span, Traced};

/// What is started by hand in all.
const MAX_STARTED: usize = 60;
/// Variables of a file that are kept.
const MAX_QUOTED: usize = 30;

pub(super) struct ByHand;

impl Source for ByHand {
    fn name(&self) -> &'static str {
        "script"
    }

    fn files(&self) -> &'static [&'static str] {
        &["Makefile"]
    }

    fn read(&self, look: &Look<'_>, found: &mut Deployments) {
        let mut left = MAX_STARTED;
        for path in &builders::called(look.root).0 {
            let Some((file, _)) = builders::source(look.root, look.sources, path) else {
                continue;
            };
            for run in builders::lines_that_run(look.sources, file).iter() {
                if left == 0 {
                    return;
                }
                // Whoever sits before it tries something.
                if run.is_tried {
                    continue;
                }
                let names = look.names(&found.compose);
                let Some(built) = names.built(look.root, &run.image) else {
                    continue;
                };
                left -= 1;
                let at = u32::try_from(run.at).unwrap_or(0);
                let len = u32::try_from(run.image.len()).unwrap_or(0);
                let place = Span::new(file, at, at.saturating_add(len));
                let group = found.next_group();
                found.all.push(Deployed {
                    group,
                    purpose: purpose_of(path),
                    build: Some(built),
                    command: match run.is_open && !run.words.is_empty() {
                        true => Some(CommandLine {
                            span: place,
                            form: CommandForm::Line(Text::unknown(place)),
                        }),
                        false => line(&run.words, place),
                    },
                    entrypoint: line(run.entrypoint.as_slice(), place),
                    env: Environment::open(run.env.iter().map(|(name, value)| {
                        let value = value.as_ref().map(|it| Traced::new(it.as_str(), place));
                        EnvVar {
                            name: Traced::new(name.as_str(), place),
                            may_vary: true,
                            scalar: value.clone().map(|value| Text::from(value).scalar),
                            value,
                        }
                    })),
                    has_unread_env_file: !run.env_files.is_empty(),
                    quoted: run
                        .env_files
                        .iter()
                        .flat_map(|file| quoted(look, path, file))
                        .collect(),
                    user: run.user.as_ref().map(|user| text(user, place)),
                    mounts: run.mounts.iter().map(|it| mount(it, place)).collect(),
                    ..Deployed::new(self.name(), Traced::new(run.image.as_str(), place), path)
                });
            }
        }
    }
}

/// The variables of a file of `docker run --env-file` whose values stand in quotes, which become a part of them; each
/// at its value. The file is looked for from where the project is, and beside the script.
fn quoted(look: &Look<'_>, script: &str, file: &str) -> Vec<Traced> {
    if file.contains(['$', '{']) || file.starts_with('/') {
        return Vec::new();
    }
    let paths = [normalize(file), normalize(&join(parent(script), file))];
    let mut paths = paths.into_iter().flatten();
    let Some((id, source)) = paths.find_map(|path| {
        let found = look.root.is_file(&path).then_some(path)?;
        builders::source(look.root, look.sources, &found)
    }) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    let mut at = 0;
    for line in source.text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let Some((name, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) else {
            continue;
        };
        let value = value.trim_end_matches(['\n', '\r']);
        let inner = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
        let is_quoted = ['"', '\''].iter().any(|quote| {
            inner(*quote).is_some_and(|inner| !inner.is_empty() && !inner.contains(*quote))
        });
        if is_quoted && out.len() < MAX_QUOTED {
            let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            let from = start + name.len() + 1;
            let span = Span::new(id, byte(from), byte(from + value.len()));
            out.push(Traced::new(name.trim(), span));
        }
    }
    out
}

fn text(word: &str, place: Span) -> Text {
    match word.contains(['$', '{', '(']) {
        true => Text::unknown(place),
        false => Text::from(Traced::new(word, place)),
    }
}

fn line(words: &[String], place: Span) -> Option<CommandLine> {
    let words: Vec<Text> = words.iter().map(|word| text(word, place)).collect();
    (!words.is_empty()).then_some(CommandLine {
        span: place,
        form: CommandForm::List(words),
    })
}

/// `./src:/code:ro`
fn mount(written: &str, place: Span) -> Mount {
    let target = written.split(':').nth(1).filter(|it| it.starts_with('/'));
    Mount {
        span: place,
        kind: MountKind::Unknown,
        source: None,
        source_path: None,
        target: target.map(|target| Traced::new(target, place)),
        is_read_only: written.ends_with(":ro"),
    }
}
