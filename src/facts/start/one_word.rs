//! Words of an exec form that hold a program together with its arguments: no shell takes them apart.

use crate::compose::{CommandForm, CommandLine};
use crate::deployed::Deployed;
use crate::facts::build::at;
use crate::facts::model::{BaseKind, ImageFact, Project};
use crate::facts::start::script_arguments;
use crate::knowledge::programs::{self, Role};
use crate::knowledge::servers;
use crate::knowledge::words::DirectoryWords;
use crate::span::Traced;

/// A string that holds a program of an application, or a shell, and its arguments.
pub(crate) fn of(words: &[Traced]) -> Option<&Traced> {
    let first = words.first()?;
    let (program, rest) = first
        .as_str()
        .split_once(' ')
        .unwrap_or((first.as_str(), ""));
    let name = program.rsplit('/').next()?;
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let is_server = servers::by_command(name).is_some_and(|server| server.called.is_some());
    let is_script = name.ends_with(".sh") || programs::is_shell(name);
    let is_application = is_server || programs::is(name, Role::Application) || plain == "python";
    if !rest.is_empty() && (is_application || is_script) {
        return Some(first);
    }
    let second = words.get(1).filter(|_| is_application)?;
    let (script, rest) = second.as_str().split_once(' ')?;
    let is_command = rest.starts_with(|c: char| c.is_ascii_lowercase());
    (script.ends_with("manage.py") && is_command).then_some(second)
}

/// The same of a health check, whose program may be any.
pub(crate) fn of_check(words: &[Traced]) -> Option<&Traced> {
    let first = words.first()?;
    let (program, rest) = first.as_str().trim_start().split_once(' ')?;
    let is_program = match program.rsplit_once('/') {
        Some((directory, _)) => DirectoryWords::Programs.contains(directory),
        None => !program.is_empty(),
    };
    (is_program && !rest.trim().is_empty()).then_some(first)
}

/// Those of what a service starts and of its check.
pub(crate) fn of_service(p: &Project, image: Option<usize>, service: &Deployed) -> Vec<Traced> {
    let list = |line: Option<&CommandLine>| match &line?.form {
        CommandForm::List(items) => items.iter().map(|item| item.value.clone()).collect(),
        _ => None,
    };
    let entrypoint: Option<Vec<Traced>> = list(service.entrypoint.as_ref());
    let command: Option<Vec<Traced>> = list(service.command.as_ref());
    let is_passed_on = || match (&service.entrypoint, image) {
        (None, Some(image)) => is_passed_on(p, &p.images[image]) == Some(true),
        _ => false,
    };
    let command = command.filter(|_| is_passed_on());
    let started = [entrypoint, command].into_iter().flatten();
    let mut found: Vec<Traced> = started.filter_map(|words| of(&words).cloned()).collect();
    let check = service.probe.as_ref().and_then(|it| it.test.as_ref());
    if let Some(words) = list(check)
        && let Some((form, words)) = words.split_first()
        && form.as_str() == "CMD"
    {
        found.extend(of_check(words).cloned());
    }
    found
}

/// Whether what starts an image hands the words of its CMD on as they are.
pub(crate) fn is_passed_on(p: &Project, image: &ImageFact) -> Option<bool> {
    let Some(stage) = image.entrypoint else {
        let base = &at::root(&p.stages, image.stage).base;
        let is_empty = matches!(base.kind, BaseKind::Scratch)
            || base.knowledge.entrypoint.is_some_and(<[_]>::is_empty);
        return is_empty.then_some(true);
    };
    let entrypoint = p.stages[stage].entrypoint.as_ref()?;
    let words: Vec<&str> = entrypoint.words.iter().map(Traced::as_str).collect();
    let program = words.first()?.rsplit('/').next()?;
    if !entrypoint.is_json || programs::is_shell(program) && words.last() == Some(&"-c") {
        return Some(false);
    }
    if programs::is(program, Role::Init) {
        // What it starts by itself takes them as it likes.
        let mut others = words[1..].iter();
        return others.all(|word| word.starts_with('-')).then_some(true);
    }
    let scripts = image.scripts.iter().enumerate();
    let mut called = scripts.filter(|(_, script)| script.caller.is_none());
    let (script, _) = called.next().filter(|_| called.next().is_none())?;
    let text = image.scripts[script].text.as_ref()?;
    let written = text.as_str();
    let is_lone = written.matches("$@").count() == 1 && written.contains("exec \"$@\"");
    let is_taken_apart = ["$*", "$1", "eval ", "set --"]
        .iter()
        .any(|it| written.contains(it));
    let passed = script_arguments::are_passed_on(text);
    passed.filter(|is| !is || is_lone && !is_taken_apart)
}
