//! What the sh of Debian and Ubuntu, dash, does not know, in scripts and commands that it certainly reads.

use crate::dockerfile::ast::Keyword;
use crate::facts::build::at;
use crate::facts::model::{CommandFact, Project, ScriptFact, StartFact};
use crate::facts::start::written;
use crate::knowledge::bash_words;
use crate::knowledge::dash_options;
use crate::knowledge::images::{Base, Family, Os, PackageManager};
use crate::knowledge::programs::{self, Role};
use crate::shell::Dialect;
use crate::shell::ast::{Arg, Command, Redirect};
use crate::span::{Span, Traced};

fn base(p: &Project, stage: usize) -> &Base {
    &at::root(&p.stages, stage).base.knowledge
}

/// `/bin/sh` of a stage is certainly dash.
fn is_dash(p: &Project, stage: usize) -> bool {
    let base = base(p, stage);
    let is_debian = matches!(
        base.family,
        Family::Python | Family::Debian | Family::Ubuntu | Family::BuildpackDeps
    ) && base.package_manager == PackageManager::Apt;
    is_debian && !has_other_sh(p, stage)
}

/// dash certainly reads a script.
pub(crate) fn is_for_dash(p: &Project, stage: usize, script: &ScriptFact) -> bool {
    if script.dialect != Some(Dialect::Posix) || !is_dash(p, stage) {
        return false;
    }
    match &script.shebang {
        Some(shebang) if !script.is_interpreted => {
            matches!(shebang.interpreter.as_str(), "sh" | "dash")
        }
        _ => script.is_interpreted && !script.is_sourced,
    }
}

/// A signal that `trap` of a script names as only bash knows it, `SIGTERM`, where dash reads the script.
pub(crate) fn unknown_signal<'a>(
    p: &Project,
    stage: usize,
    script: &ScriptFact,
    command: &'a Command,
) -> Option<&'a Arg> {
    let is_trap = command.program.as_deref() == Some("trap");
    let begins = |arg: &&Arg| {
        let text = arg.as_str().unwrap_or_default();
        let (head, rest) = text.split_at_checked(3).unwrap_or_default();
        head.eq_ignore_ascii_case("sig") && rest.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    let mut signals = command.args.get(1..)?.iter();
    signals
        .find(begins)
        .filter(|_| is_trap && is_for_dash(p, stage, script))
}

/// Something may have put another shell in the place of `/bin/sh`.
fn has_other_sh(p: &Project, stage: usize) -> bool {
    let chain = at::chain(&p.stages, stage);
    p.commands
        .iter()
        .filter(|fact| chain.contains(&fact.stage))
        .any(|fact| {
            let names_it = fact.command.args.iter().any(|arg| {
                arg.as_str()
                    .is_none_or(|text| text.ends_with("/sh") || text == "dash")
            });
            names_it
                && fact
                    .command
                    .name
                    .as_deref()
                    .is_none_or(|name| programs::is(name, Role::Renames))
        })
}

/// An option of `set` that dash does not have: it ends the shell there, whatever stands around it.
fn refused<'a>(p: &Project, stage: usize, command: &'a Command) -> Option<&'a Traced> {
    let is_plain = command.program.as_deref() == Some("set")
        && command.pipeline.1 <= 1
        && !command.is_background
        && !command.is_substitution
        && command.function.is_none();
    let mut args = command.args.iter().filter(|_| is_plain);
    // The first release with `pipefail` is newer than those of the tables.
    let has_release = matches!(base(p, stage).os, Os::Debian(_) | Os::Ubuntu(_));
    while let Some(text) = args.next().and_then(|arg| arg.text.as_ref()) {
        let letters = text.as_str().strip_prefix(['-', '+'])?;
        if letters.is_empty() || letters == "-" {
            return None;
        }
        for letter in letters.chars() {
            if letter == 'o' {
                let name = args.next()?.text.as_ref()?;
                if !dash_options::has_name(name.as_str()) {
                    let is_sure = has_release || name.as_str() != "pipefail";
                    return Some(name).filter(|_| is_sure);
                }
            } else if !dash_options::has_letter(letter) {
                return Some(text);
            }
        }
    }
    None
}

/// SHELL names the shell of a stage.
fn names_shell(p: &Project, stage: usize) -> bool {
    at::parts(&p.stages, stage).any(|part| {
        let own = p.stages[part].instructions.clone();
        let mut all = p.dockerfile.instructions[own].iter();
        all.any(|it| it.keyword == Keyword::Shell)
    })
}

/// A subshell is all that the option ends: `(set -o pipefail)`.
fn is_in_parentheses(text: &str, at: usize) -> bool {
    text.get(..at)
        .is_none_or(|before| before.trim_end().ends_with(['(', '`']))
}

/// The option of a `set` of the start that dash, which certainly reads it, does not have.
pub(crate) fn refused_at_start<'a>(
    p: &Project,
    image: usize,
    script: Option<&ScriptFact>,
    start: &'a StartFact,
) -> Option<&'a Traced> {
    let stage = p.images[image].stage;
    let option = refused(p, stage, &start.command)?;
    let (span, wrappers) = (start.command.span, &start.command.wrappers);
    let reads = match script {
        Some(script) => {
            let whole = script.text.as_ref()?;
            let at = span.start.checked_sub(whole.span().start)? as usize;
            wrappers.is_empty()
                && is_for_dash(p, stage, script)
                && whole.span().file == span.file
                && !is_in_parentheses(whole.as_str(), at)
        }
        None => {
            let is_sh = |name: &str| matches!(name, "sh" | "dash");
            let is_named = match wrappers.last() {
                Some(last) => is_sh(last),
                None => start.in_shell && !names_shell(p, stage),
            };
            let before = written::before(p, image, span)?;
            is_named && is_dash(p, stage) && !is_in_parentheses(before, before.len())
        }
    };
    reads.then_some(option)
}

/// What of a command only bash understands. `text`: what stands at a place.
pub(crate) fn bash_only<'t>(
    command: &Command,
    text: &dyn Fn(Span) -> Option<&'t str>,
) -> Option<(&'static str, Span)> {
    let here = |it: &&Redirect| it.operator == "<<<";
    if let Some(redirect) = command.redirects.iter().find(here) {
        return Some(("<<<", redirect.span));
    }
    let is_substituted = |arg: &&Arg| {
        let text = text(arg.word).unwrap_or_default();
        text.starts_with("<(") || text.starts_with(">(")
    };
    if let Some(arg) = command.args.iter().find(is_substituted) {
        return Some(("<(...)", arg.word));
    }
    match command.program.as_deref()? {
        "[" | "test" => {
            let equals = command.args.iter().find(|arg| arg.as_str() == Some("=="))?;
            (!equals.is_quoted).then_some(("==", equals.span))
        }
        name => bash_words::only_bash(name).map(|row| (row.name, command.name_span)),
    }
}

/// What of a command of RUN only bash understands, where dash certainly reads it.
pub(crate) fn bash_only_in_run(p: &Project, i: usize) -> Option<(&'static str, Span)> {
    let fact = &p.commands[i];
    let at = |span: Span| {
        let is_here = span.file == p.dockerfile.file;
        let range = span.start as usize..span.end as usize;
        is_here.then(|| p.text.text.get(range)).flatten()
    };
    let (name, span) = bash_only(&fact.command, &at)?;
    let is_made = |one: &CommandFact| one.command.function.as_deref() == Some(name);
    let mut layer = p.commands[p.layers[fact.layer].commands.clone()].iter();
    (reads_run(p, i) && !layer.any(is_made)).then_some((name, span))
}

/// dash certainly reads a command of RUN.
fn reads_run(p: &Project, i: usize) -> bool {
    let fact = &p.commands[i];
    let layer = &p.layers[fact.layer];
    let instruction = &p.dockerfile.instructions[layer.instruction];
    fact.command.span.file == p.dockerfile.file
        && instruction.heredocs.is_empty()
        && !names_shell(p, fact.stage)
        && fact.command.wrappers.is_empty()
        && is_dash(p, fact.stage)
}

/// The option of a `set` of RUN that dash, which certainly reads it, does not have.
pub(crate) fn refused_in_run(p: &Project, i: usize) -> Option<&Traced> {
    let fact = &p.commands[i];
    let option = refused(p, fact.stage, &fact.command)?;
    let own = fact.command.span;
    let is_read = reads_run(p, i) && !is_in_parentheses(&p.text.text, own.start as usize);
    is_read.then_some(option)
}
