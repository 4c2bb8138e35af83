//! Lists and wheels that one command writes and another installs: which command wrote the file or the
//! directory that an install is given, in its own stage or in one that files are copied from.

use super::grammar;
use crate::facts::build::at;
use crate::facts::model::{CopyFrom, FilesPhase, Taken};
use crate::shell::ast::{Arg, Command};
use crate::source::absolute;

/// Stages that a file is followed through at most.
const MAX_STAGES: usize = 8;

/// Commands that write lists or wheels which are looked at.
const MAX_WRITERS: usize = 200;

/// What a command writes for another one to install.
#[derive(Debug)]
struct Output {
    /// Absolute; `None` when the working directory or the word is not known.
    path: Option<String>,
    /// The last part of the path; empty when not known.
    name: String,
    /// All that was written is in it: nothing in between may have dropped a line.
    is_whole: bool,
}

impl Output {
    fn new(p: &FilesPhase, index: usize, arg: &Arg, is_whole: bool) -> Self {
        let text = arg.as_str();
        let name = text.unwrap_or(&arg.suffix).trim_end_matches('/');
        Self {
            path: text.and_then(|text| at::path_of(p, &p.commands[index], text)),
            name: name.rsplit('/').next().unwrap_or(name).to_owned(),
            is_whole,
        }
    }

    fn named(p: &FilesPhase, index: usize, name: &str) -> Self {
        Self {
            path: at::path_of(p, &p.commands[index], name),
            name: name.rsplit('/').next().unwrap_or(name).to_owned(),
            is_whole: true,
        }
    }
}

/// The commands that write lists or build wheels, in order; at most so many.
pub(super) fn writers(p: &FilesPhase) -> Vec<usize> {
    let writes = |index: &usize| {
        let command = &p.commands[*index].command;
        grammar::exports(command) || grammar::builds_wheels(command)
    };
    (0..p.commands.len())
        .filter(writes)
        .take(MAX_WRITERS)
        .collect()
}

/// The commands that wrote the list at a path that a command is given; without one for that path,
/// those that wrote a file of its name, which is not certain.
pub(super) fn of_list(
    p: &FilesPhase,
    writers: &[usize],
    command: usize,
    path: Option<&str>,
    name: &str,
) -> Vec<Taken> {
    if writers.is_empty() {
        return Vec::new();
    }
    let search = Search {
        p,
        writers,
        writes: lists,
    };
    let found = path.map_or_else(Vec::new, |path| search.trace(command, path));
    if !found.is_empty() {
        return found;
    }
    let name = name.rsplit('/').next().unwrap_or(name);
    let before = writers.iter().copied().filter(|index| *index < command);
    before
        .filter(|index| lists(p, *index).iter().any(|output| output.name == name))
        .map(|index| Taken {
            command: index,
            takes_all: true,
            is_certain: false,
        })
        .collect()
}

/// The commands that built the wheels in a directory that a command is given.
pub(super) fn of_wheels(
    p: &FilesPhase,
    writers: &[usize],
    command: usize,
    directory: &str,
) -> Vec<Taken> {
    if writers.is_empty() {
        return Vec::new();
    }
    let search = Search {
        p,
        writers,
        writes: wheels,
    };
    search.trace(command, directory)
}

/// Looks for the commands that wrote what lies at a path.
struct Search<'a> {
    p: &'a FilesPhase,
    writers: &'a [usize],
    writes: fn(&FilesPhase, usize) -> Vec<Output>,
}

/// The files that a command writes lists to.
fn lists(p: &FilesPhase, index: usize) -> Vec<Output> {
    let command = &p.commands[index].command;
    if !grammar::exports(command) {
        return Vec::new();
    }
    let mut out = Vec::new();
    for flag in &command.flags {
        if (flag.name.starts_with("--output") || flag.name == "-o")
            && let Some(value) = &flag.value
        {
            out.push(Output::new(p, index, value, true));
        }
    }
    // What stands behind a pipe may leave lines out.
    let length = command.pipeline.1.saturating_sub(command.pipeline.0);
    let layer = &p.layers[p.commands[index].layer];
    let end = (index + length.max(1) as usize).min(layer.commands.end);
    for (at, fact) in p.commands[index..end].iter().enumerate() {
        let is_copied_on = fact.command.name.as_deref() == Some("tee");
        let is_whole = at == 0 || is_copied_on && at == 1;
        for redirect in &fact.command.redirects {
            if redirect.operator.starts_with('>')
                && let Some(target) = &redirect.target
            {
                out.push(Output::new(p, index, target, is_whole));
            }
        }
        if is_copied_on {
            let files = fact.command.operands.iter();
            out.extend(files.map(|arg| Output::new(p, index, arg, is_whole)));
        }
    }
    if out.is_empty() && command.name.as_deref() == Some("pip-compile") {
        out = compiled(p, index, command);
    }
    out
}

/// Where pip-compile writes when nothing says so: beside its input.
fn compiled(p: &FilesPhase, index: usize, command: &Command) -> Vec<Output> {
    let inputs: Vec<&str> = command.operands.iter().filter_map(Arg::as_str).collect();
    let name = match inputs.first() {
        Some(input) if input.ends_with(".in") => format!("{}.txt", input.trim_end_matches(".in")),
        _ => "requirements.txt".to_owned(),
    };
    vec![Output::named(p, index, &name)]
}

/// The directory that a command builds wheels in.
fn wheels(p: &FilesPhase, index: usize) -> Vec<Output> {
    let command = &p.commands[index].command;
    if !grammar::builds_wheels(command) {
        return Vec::new();
    }
    let flag = command
        .flag("--wheel-dir")
        .or_else(|| command.flag("--dest"));
    match flag.and_then(|flag| flag.value.as_ref()) {
        Some(value) => vec![Output::new(p, index, value, true)],
        None => vec![Output::named(p, index, ".")],
    }
}

impl Search<'_> {
    /// The commands whose output lies at a path as a command sees it.
    fn trace(&self, command: usize, path: &str) -> Vec<Taken> {
        let fact = &self.p.commands[command];
        let mut out = Vec::new();
        for mount in self.p.layers[fact.layer].mounts.iter().rev() {
            let Some(from) = mount.from_stage.filter(|_| mount.kind == "bind") else {
                continue;
            };
            if let Some(inner) = inside(path, &mount.target, &mount.source) {
                self.in_stage(from, None, &inner, MAX_STAGES, &mut out);
                return out;
            }
        }
        self.in_stage(fact.stage, Some(command), path, MAX_STAGES, &mut out);
        out
    }

    /// Looks among the commands of a stage and of those that it starts from, up to one of them, then among
    /// the stages that it copies the path from.
    fn in_stage(
        &self,
        stage: usize,
        upto: Option<usize>,
        path: &str,
        depth: usize,
        out: &mut Vec<Taken>,
    ) {
        let p = self.p;
        let chain = at::chain(&p.stages, stage);
        let end = upto.unwrap_or(p.commands.len());
        let before = self.writers.iter().copied().filter(|index| *index < end);
        for index in before.filter(|index| chain.contains(&p.commands[*index].stage)) {
            let found = (self.writes)(p, index)
                .into_iter()
                .find(|output| output.path.as_deref() == Some(path));
            if let Some(output) = found {
                out.push(Taken {
                    command: index,
                    takes_all: true,
                    is_certain: output.is_whole,
                });
            }
        }
        if !out.is_empty() || depth == 0 {
            return;
        }
        let layer = upto.map(|upto| p.commands[upto].layer);
        for copy in p.copies.iter().rev() {
            let CopyFrom::Stage(from) = copy.from else {
                continue;
            };
            let is_before = layer.is_none_or(|layer| copy.layer < layer);
            let Some(target) = copy.target.as_deref() else {
                continue;
            };
            if !chain.contains(&copy.stage) || !is_before {
                continue;
            }
            for source in copy.sources.iter().filter_map(|(_, text)| text.as_ref()) {
                for inner in candidates(path, target, source.as_str()) {
                    self.in_stage(from, None, &inner, depth - 1, out);
                    if !out.is_empty() {
                        return;
                    }
                }
            }
        }
    }
}

/// The path below `source` for one below `target`.
fn inside(path: &str, target: &str, source: &str) -> Option<String> {
    let target = target.trim_end_matches('/');
    let rest = path.strip_prefix(target)?;
    let source = absolute("/", source);
    (rest.is_empty() || rest.starts_with('/'))
        .then(|| absolute(&source, rest.trim_start_matches('/')))
}

/// The paths in the stage it comes from that a copy may have put at `path`.
fn candidates(path: &str, target: &str, source: &str) -> Vec<String> {
    let source = absolute("/", source);
    let (parent, last) = source.rsplit_once('/').unwrap_or(("", &source));
    let mut out = Vec::new();
    if last.contains(['*', '?', '[']) {
        // `/wheels/*`: the files of the directory.
        out.extend(inside(
            path,
            target,
            if parent.is_empty() { "/" } else { parent },
        ));
        return out;
    }
    // The file itself in a directory, or the content of a directory.
    let below = format!("{}/{last}", target.trim_end_matches('/'));
    if path == below {
        out.push(source.clone());
    }
    out.extend(inside(path, target, &source));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copied_paths_are_traced_back() {
        assert_eq!(
            candidates("/app/requirements.txt", "/app", "/tmp/requirements.txt"),
            [
                "/tmp/requirements.txt",
                "/tmp/requirements.txt/requirements.txt"
            ]
        );
        assert_eq!(
            candidates("/reqs.txt", "/reqs.txt", "tmp/list.txt"),
            ["/tmp/list.txt"]
        );
        assert_eq!(
            candidates("/wheels", "/wheels", "/build/wheels"),
            ["/build/wheels"]
        );
        assert_eq!(
            candidates("/wheels", "/wheels/", "/build/*.whl"),
            ["/build"]
        );
        assert!(candidates("/other", "/wheels", "/wheels").is_empty());
    }
}
