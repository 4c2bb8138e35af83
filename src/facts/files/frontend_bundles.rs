//! Where the bundlers of frontends write.

use crate::facts::model::BuildPhase;
use crate::knowledge::frontend_tools::{self, FrontendBundle};
use crate::shell::ast::{Arg, Command};
use crate::source::{Sources, join};

/// How the names of files begin that bundlers read variables from.
const VARIABLES: &str = ".env";

/// The directory that a script of `package.json` makes: one call of a bundler, whose configuration says nothing of it.
pub(super) fn directory(
    p: &BuildPhase,
    sources: &Sources,
    frontend: &str,
    script: &[Command],
) -> Option<&'static str> {
    let [command] = script else {
        return None;
    };
    let row = frontend_tools::bundle(command.program.as_deref()?)?;
    let words: Option<Vec<&str>> = command.args.iter().map(Arg::as_str).collect();
    let words = words?;
    let builds = words.first() == Some(&"build") && command.assignments.is_empty();
    let moves = |word: &&str| {
        row.options
            .iter()
            .any(|it| word.split('=').next() == Some(it))
    };
    let says = |name: &String| {
        let file = p.around.context.below_root(&join(frontend, name));
        let read = file.and_then(|file| p.around.root.read(sources, &file).ok());
        read.is_none_or(|file| !is_silent(row, &sources.get(file).text))
    };
    let below = p.around.context.below_root(frontend)?;
    let names = p.around.root.list(&below, 200);
    let may_say = |name: &&String| name.starts_with(row.config) || name.starts_with(VARIABLES);
    let mut files = names.iter().filter(may_say);
    let is_kept = !row.signs.is_within(&p.text.text);
    (builds && is_kept && !words.iter().any(moves) && !files.any(says)).then_some(row.directory)
}

/// A configuration leaves the directory as it is: it names none, and loads nothing that may.
fn is_silent(row: &FrontendBundle, text: &str) -> bool {
    let mut lines = text.lines();
    let is_known = |line: &str| {
        let from = line.split_once(" from ").map_or(line, |(_, from)| from);
        row.imports.iter().any(|it| from.contains(it))
    };
    !row.signs.is_within(text) && lines.all(|line| !line.starts_with("import") || is_known(line))
}
