//! Programs that `collectstatic` calls to compress what it collects, where the image certainly lacks them.

use crate::facts::build::at;
use crate::facts::model::Project;
use crate::facts::start::placed::may_be_placed;
use crate::knowledge::compressors;
use crate::knowledge::images::Family;
use crate::python::settings::Kind;
use crate::python::settings::verdicts::{self, Answer, Entry};
use crate::span::Span;

/// The files that django-pipeline compresses, and who names the class that does.
const STYLES: (&str, &str) = ("STYLESHEETS", "CSS_COMPRESSOR");
const SCRIPTS: (&str, &str) = ("JAVASCRIPT", "JS_COMPRESSOR");

/// The program that a `collectstatic` of the build calls and lacks, and the files that it is called for.
pub(crate) fn lacking(p: &Project, i: usize) -> Option<(&'static str, Span)> {
    let fact = &p.collects[i];
    let storage = verdicts::static_storage(&fact.settings);
    let is_pipeline = |answer: &Answer<String>| {
        answer
            .known()
            .is_some_and(|class| class.starts_with("pipeline."))
    };
    if !is_pipeline(&storage.storages) && !is_pipeline(&storage.legacy) {
        return None;
    }
    let (entries, is_open) = verdicts::entries(&fact.settings, "PIPELINE")?;
    let named = |name: &str| entries.iter().find(|entry| entry.alias == name);
    let says_where = entries.iter().any(|entry| entry.alias.ends_with("_BINARY"));
    if is_open || says_where {
        return None;
    }
    let has_files = |entry: &&Entry| match &entry.value.kind {
        Kind::Dict(groups) => !groups.entries.is_empty(),
        _ => false,
    };
    let mut called = [STYLES, SCRIPTS].into_iter().filter_map(|(files, class)| {
        let files = named(files).filter(has_files)?;
        let program = match named(class).map(|entry| &entry.value.kind) {
            None => compressors::program(compressors::DEFAULT)?,
            Some(Kind::Str(class)) => compressors::program(class)?,
            Some(_) => return None,
        };
        Some((program, files.alias_span))
    });
    called.find(|(program, _)| is_missing(p, fact.command, program))
}

/// Nothing before a command of the build may have brought a program of npm.
fn is_missing(p: &Project, command: usize, program: &str) -> bool {
    let stage = p.commands[command].stage;
    let base = &at::root(&p.stages, stage).base.knowledge;
    let is_own = |part: usize| at::is_part(&p.stages, part, stage);
    let brings =
        |name: &str| name.contains(program) || name.contains("node") || name.contains("npm");
    let mut packages = p.packages.iter().filter(|one| is_own(one.stage));
    let mut commands = p.commands[..command].iter().filter(|it| is_own(it.stage));
    let installs = |name: Option<&str>| {
        name.is_none_or(|name| matches!(name, "npm" | "yarn" | "pnpm") || brings(name))
    };
    base.family == Family::Python
        && !packages.any(|one| brings(&one.name))
        && !commands.any(|it| installs(it.command.name.as_deref()))
        && !may_be_placed(p, command)
}
