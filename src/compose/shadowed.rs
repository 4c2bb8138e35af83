//! Variables that compose fills in where a shell's own are meant: `$name` behind `for name in ...`.

use super::model::{CommandForm, CommandLine, Service, split};
use super::text::{Text, Variable};
use crate::shell::{self, Dialect, Options, UnknownVariables};
use crate::span::{Span, Traced};

/// The variables of a command line that the script in it sets before it names them. `is_shell`: a text that is no
/// list is read by a shell, as in `healthcheck`.
pub(crate) fn shadowed(line: &CommandLine, is_shell: bool) -> Vec<&Variable> {
    let words = match &line.form {
        CommandForm::Line(text) if is_shell => return in_script(&text.scalar.text, line.texts()),
        CommandForm::Line(text) => split(&text.scalar.text).unwrap_or_default(),
        CommandForm::List(items) => items.iter().map(|item| item.scalar.text.clone()).collect(),
        CommandForm::Shell(_) | CommandForm::Null => return Vec::new(),
    };
    let is_check = words
        .first()
        .is_some_and(|word| word.as_str() == "CMD-SHELL");
    let at = if is_check {
        Some(1)
    } else {
        shell::script_word(&words)
    };
    match at.and_then(|at| words.get(at)) {
        Some(script) => in_script(script, line.texts()),
        None => Vec::new(),
    }
}

/// The variables of a command line that the service itself gives its container, as they stand, and that compose has no
/// value for.
pub(crate) fn given_inside<'a>(line: &'a CommandLine, service: &Service) -> Vec<&'a Variable> {
    let is_given = |variable: &&Variable| {
        let mut pairs = service.environment.iter();
        !variable.has_default
            && pairs.any(|pair| {
                let value = pair.value.as_ref();
                pair.key.as_str() == variable.name
                    && value.is_some_and(|value| value.variables.is_empty())
            })
    };
    let unknown = line.texts().iter().filter(|text| text.value.is_none());
    unknown
        .flat_map(|text| &text.variables)
        .filter(is_given)
        .collect()
}

fn in_script<'a>(script: &Traced, texts: &'a [Text]) -> Vec<&'a Variable> {
    let variables = texts.iter().flat_map(|text| &text.variables);
    let mut variables = variables
        .filter(|variable| !variable.has_default)
        .peekable();
    if variables.peek().is_none() {
        return Vec::new();
    }
    let set = set_in(script);
    let is_set = |variable: &&Variable| {
        let mut all = set.iter();
        all.any(|(name, place)| {
            let (own, set) = (variable.span, place);
            *name == variable.name && own.file == set.file && set.end <= own.start
        })
    };
    variables.filter(is_set).collect()
}

/// The variables that a script sets, and behind which place; one that is made of itself is not.
fn set_in(script: &Traced) -> Vec<(String, Span)> {
    let commands =
        shell::parse(script, Dialect::Bash).commands(&UnknownVariables, &Options::default());
    let mut all = Vec::new();
    for command in commands
        .iter()
        .filter(|command| command.name.as_deref() == Some(""))
    {
        for assignment in &command.assignments {
            all.push((assignment.name.clone(), assignment.span));
        }
    }
    let text = script.as_str();
    let words: Vec<(usize, &str)> = words(text).collect();
    for (at, (from, word)) in words.iter().enumerate() {
        let next = |by: usize| words.get(at + by).map(|(_, word)| *word);
        let end = from + word.len();
        match (*word, next(1), next(2)) {
            ("for", Some(name), Some("in")) => {
                all.push((name.to_owned(), script.span_of(*from..end)));
            }
            ("read", ..) => {
                let names = words[at + 1..].iter().map(|(_, word)| *word);
                let names = names.filter(|word| !word.starts_with('-'));
                let is_name =
                    |word: &&str| word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
                let place = script.span_of(*from..end);
                all.extend(
                    names
                        .take_while(is_name)
                        .map(|name| (name.to_owned(), place)),
                );
            }
            _ => {}
        }
    }
    // `export PORT=${PORT}` hands on what compose knows.
    let is_own = |name: &str| {
        let mut own = words
            .iter()
            .filter_map(|(_, word)| word.strip_prefix(name)?.strip_prefix('='));
        own.any(|value| {
            value.contains(&["$", name].concat()) || value.contains(&["${", name].concat())
        })
    };
    all.retain(|(name, _)| !is_own(name));
    all
}

/// The words of a script with their places, cut at what joins commands as well.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_end = |c: char| c.is_whitespace() || ";&|()".contains(c);
    let start = text.as_ptr() as usize;
    let words = text.split(is_end).filter(|word| !word.is_empty());
    words.map(move |word| (word.as_ptr() as usize - start, word))
}
