//! Words that are handed to a program which makes nothing of them, or something else: those behind the script of
//! `sh -c`, a command behind the server that ENTRYPOINT starts, the second line of a command that no shell reads.

use crate::compose::{CommandForm, CommandLine};
use crate::facts::model::{Project, ScriptFact, StartFact};
use crate::facts::start::image::server_of;
use crate::facts::start::{foreground, script_arguments, written};
use crate::knowledge::programs::{self, Role, is_shell};
use crate::knowledge::servers;
use crate::shell::ast::{Arg, Command};
use crate::shell::{self, program};
use crate::span::{Span, Traced};

/// The words behind the script of `sh -c` that a command stands in as the first, where the script looks at no
/// argument. What only fills the place of `$0` is none.
pub(crate) fn unread<'a>(words: &'a [Traced], starts: &[StartFact], at: usize) -> &'a [Traced] {
    let has = |word: &Traced, start: &StartFact| word.span().contains(start.command.name_span);
    let own = starts
        .get(at)
        .filter(|own| own.command.wrappers.iter().any(|name| is_shell(name)));
    let Some(own) = own else {
        return &[];
    };
    let is_script =
        |at: &usize| shell::script_word(&words[at - 2..=*at]) == Some(2) && has(&words[*at], own);
    let Some(script) = (2..words.len()).find(is_script) else {
        return &[];
    };
    let (script, rest) = (&words[script], &words[script + 1..]);
    let text = script.as_str();
    let is_read = script_arguments::are_used(text) || text.contains("$0") || text.contains("${0");
    if rest.is_empty() || is_read || starts[..at].iter().any(|start| has(script, start)) {
        return &[];
    }
    match rest {
        [name] if is_placeholder(name.as_str()) => &[],
        rest => rest,
    }
}

/// What people write for `$0`.
fn is_placeholder(word: &str) -> bool {
    matches!(word, "" | "_" | "x") || word.starts_with('-') || is_shell(program(word))
}

/// The first word of a service's command, where the script that gets it looks at none of its arguments.
pub(crate) fn unread_by_script<'a>(
    script: &'a ScriptFact,
    words: &'a [Traced],
    line: &CommandLine,
) -> Option<(&'a ScriptFact, &'a Traced)> {
    let at = words.iter().position(|word| word.span() == script.word)?;
    let first = words.get(at + 1)?;
    // A word for a way of starting, `web`, may be left over.
    let is_given = line.span.contains(first.span()) && names_program(first.as_str());
    let is_plain = script.is_certain && !script.is_sourced && script.dialect.is_some();
    let text = script.text.as_ref()?.as_str();
    let is_unread = script_arguments::are_looked_at(text) == Some(false);
    (is_given && is_plain && is_unread).then_some((script, first))
}

/// A line of the script begins with the first two of these words: `python manage.py runserver`, `gunicorn shop.wsgi`.
pub(crate) fn runs_the_same(script: &ScriptFact, words: &[Traced]) -> bool {
    let is_python = |word: &str| program(word).starts_with("python");
    let wanted: Vec<&str> = words.iter().map(Traced::as_str).collect();
    let wanted = match wanted.first() {
        Some(first) if is_python(first) => &wanted[1..],
        _ => &wanted[..],
    };
    let count = wanted.len().min(2);
    let text = script.text.as_ref().map_or("", Traced::as_str);
    text.lines().any(|line| {
        let line = line.split_whitespace().filter(|word| *word != "exec");
        let line: Vec<&str> = line.filter(|word| !is_python(word)).collect();
        count > 0 && line.starts_with(&wanted[..count])
    })
}

/// A word that names a server, a worker, Python or a shell.
fn names_program(word: &str) -> bool {
    let name = program(word);
    !word.starts_with('-')
        && (is_shell(name)
            || programs::is(name, Role::Application)
            || servers::by_command(name).is_some())
}

/// A server or a worker: none of its arguments is a command.
fn takes_no_command(command: &Command) -> bool {
    server_of(command).is_some() || command.name.as_deref() == Some("celery")
}

fn is_value(command: &Command, arg: &Arg) -> bool {
    let mut flags = command.flags.iter();
    flags.any(|flag| {
        flag.value
            .as_ref()
            .is_some_and(|value| value.span == arg.span)
    })
}

/// The program that CMD, or the command of a service, names, where what `entrypoint` starts takes it for an argument.
pub(crate) fn swallowed<'a>(entrypoint: &[Traced], start: &'a StartFact) -> Option<&'a Arg> {
    let (first, last) = (entrypoint.first()?.span(), entrypoint.last()?.span());
    let own = if first.file == last.file {
        first.cover(last)
    } else {
        return None;
    };
    let command = &start.command;
    if start.script.is_some() || !own.contains(command.name_span) {
        return None;
    }
    let arg = command.args.iter().find(|arg| !own.contains(arg.span))?;
    let is_management = command
        .management
        .as_ref()
        .is_some_and(|name| name.span == arg.span);
    let is_module = command.name.as_deref() == Some("python")
        && command.management.is_none()
        && command
            .operands
            .first()
            .is_some_and(|first| first.span == arg.span)
        && !arg.as_str()?.contains(".py");
    let is_taken = is_management || is_module || takes_no_command(command);
    (is_taken && names_program(arg.as_str()?) && !is_value(command, arg)).then_some(arg)
}

/// The program that a later line of a service's command names, where no shell reads the lines: they are one command.
pub(crate) fn later_line<'a>(
    p: &Project,
    image: usize,
    line: &CommandLine,
    start: &'a StartFact,
) -> Option<&'a Arg> {
    let command = &start.command;
    let is_one = matches!(line.form, CommandForm::Line(_))
        && line.span.contains(command.name_span)
        && !command.wrappers.iter().any(|name| is_shell(name))
        && (command.management.is_some() || takes_no_command(command));
    if !is_one {
        return None;
    }
    let begins_line = |arg: &&Arg| {
        let is_program = arg.as_str().is_some_and(names_program);
        let before =
            || written::before(p, image, arg.span).and_then(|text| text.rsplit('\n').next());
        is_program
            && line.span.contains(arg.span)
            && !is_value(command, arg)
            && before().is_some_and(|line| line.trim().is_empty())
    };
    command.args.iter().find(begins_line)
}

/// It may run until it is stopped: no step of a start of which that is known not to be so.
pub(crate) fn may_stay(command: &Command) -> bool {
    let ends = |name: &str| {
        let roles = [Role::Quiet, Role::Probe, Role::Sure, Role::Closes];
        name.is_empty() || roles.into_iter().any(|role| programs::is(name, role))
    };
    // `until python -c "..."` asks whether something is there.
    let is_test = command.is_condition
        && command.name.as_deref() == Some("python")
        && command.args.first().and_then(Arg::as_str) == Some("-c");
    let is_step =
        is_test || command.management.is_some() || command.name.as_deref().is_some_and(ends);
    foreground::stays(command) || !is_step
}

/// The `"$@"` of a start script whose last line hands over to its arguments, where it is given none and nothing else
/// of it stays.
pub(crate) fn hands_over_nothing(
    words: &[Traced],
    scripts: &[ScriptFact],
    starts: &[StartFact],
) -> Option<Span> {
    let script = scripts.first().filter(|script| script.caller.is_none())?;
    if words.last()?.span() != script.word || starts.iter().any(|start| may_stay(&start.command)) {
        return None;
    }
    let text = script.text.as_ref()?;
    let is_code = |line: &&str| !line.trim().is_empty() && !line.starts_with('#');
    let last = text.as_str().lines().rfind(is_code)?.trim_end();
    let hands_over = matches!(
        last,
        "exec \"$@\"" | "\"$@\"" | "exec $@" | "$@" | "exec \"${@}\""
    );
    let is_set = script_arguments::code_words(text.as_str()).any(|word| word == "set");
    let sets = || text.as_str().contains("set --") || text.as_str().contains("set -- ");
    if !hands_over || is_set && sets() {
        return None;
    }
    Some(script_arguments::first(text)?.0)
}

/// What a script compares its first argument with that it never is: CMD in shell form hands it over as `/bin/sh`,
/// and no test of the script looks for a shell.
pub(crate) fn never_equal(starts: &[StartFact], at: usize) -> Option<&Arg> {
    let start = &starts[at];
    let compared = |start: &StartFact| {
        let command = &start.command;
        let is_test = matches!(command.name.as_deref(), Some("[" | "test" | "[["));
        let texts = command.args.get(..3)?;
        let [one, operator, _] = texts else {
            return None;
        };
        let is_first = one.as_str() == Some("/bin/sh") && one.span.file != command.span.file;
        let is_equal = matches!(operator.as_str(), Some("=" | "=="));
        (is_test && is_first && is_equal).then_some(())
    };
    let value = |start: &StartFact| start.command.args.get(2).cloned();
    compared(start)?;
    let script = start.script?;
    let same = || starts.iter().filter(move |it| it.script == Some(script));
    let knows_shell = |it: &StartFact| {
        let mut args = it.command.args.iter().skip(1);
        args.any(|arg| {
            arg.as_str()
                .is_none_or(|text| text.ends_with("sh") || text.contains('*'))
        })
    };
    let mut tests = same().filter(|it| compared(it).is_some());
    let is_alone = tests.all(|it| !knows_shell(it) && value(it).is_some());
    start.command.args.get(2).filter(|_| is_alone)
}
