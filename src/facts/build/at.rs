//! What holds at a point of the Dockerfile: at a command, or at the end of a stage over all it inherits.

use crate::dockerfile::ast::{Args, Keyword};
use crate::facts::model::{BaseKind, BuildPhase, CommandFact, Project, StageFact};
use crate::facts::table::Reach;
use crate::shell::ast::Connector;
use crate::source::absolute;
use crate::span::Traced;

/// A stage and the stages it starts from, itself first.
pub(crate) fn chain(stages: &[StageFact], stage: usize) -> Vec<usize> {
    parts(stages, stage).collect()
}

/// The same, one by one.
pub(crate) fn parts(stages: &[StageFact], stage: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(stage), |at| match stages[*at].base.kind {
        BaseKind::Stage(parent) => Some(parent),
        _ => None,
    })
}

/// A stage is another one, or that one stands on it.
pub(crate) fn is_part(stages: &[StageFact], part: usize, stage: usize) -> bool {
    // A stage stands on earlier ones only.
    let mut at = stage;
    while at > part {
        let BaseKind::Stage(parent) = stages[at].base.kind else {
            return false;
        };
        at = parent;
    }
    at == part
}

/// A stage is an image of the project, or one stands on it.
pub(crate) fn is_shipped(p: &BuildPhase, stage: usize) -> bool {
    p.stages[stage].reach == Reach::Shipped
}

/// ENV of the stage, or of one that it stands on, sets the variable.
pub(crate) fn sets_env(p: &BuildPhase, stage: usize, name: &str) -> bool {
    parts(&p.stages, stage).any(|part| p.stages[part].set.envs.contains_key(name))
}

pub(crate) fn root(stages: &[StageFact], stage: usize) -> &StageFact {
    &stages[stages[stage].root]
}

/// Nothing at the end of a stage is `/bin/sh`; `None` where one may have been brought.
pub(crate) fn lacks_shell(p: &Project, stage: usize) -> Option<bool> {
    let base = &root(&p.stages, stage).base;
    let has_shell = match base.kind {
        BaseKind::Scratch => false,
        // Who lets a shell run something in it has one.
        _ => match base.knowledge.has_shell {
            Some(has_shell) => has_shell,
            None if runs_shell(p, stage) => true,
            None => return None,
        },
    };
    if has_shell {
        return Some(false);
    }
    let chain = chain(&p.stages, stage);
    let named = chain.iter().any(|part| {
        let instructions = &p.dockerfile.instructions[p.stages[*part].instructions.clone()];
        instructions
            .iter()
            .any(|instruction| instruction.keyword == Keyword::Shell)
    });
    let brought = p.copies.iter().any(|copy| {
        let is_programs = |target: &str| {
            target == "/" || target.split('/').any(|part| matches!(part, "bin" | "usr"))
        };
        chain.contains(&copy.stage) && copy.target.as_deref().is_none_or(is_programs)
    });
    (!named && !brought).then_some(true)
}

/// A RUN of the stage, or of those that it stands on, is read by a shell.
fn runs_shell(p: &BuildPhase, stage: usize) -> bool {
    chain(&p.stages, stage).iter().any(|part| {
        let own = p.stages[*part].instructions.clone();
        let mut runs = p.dockerfile.instructions[own].iter();
        runs.any(|it| it.keyword == Keyword::Run && !matches!(it.args, Args::Json(_)))
    })
}

/// Everything the base image brings is known: no environment, ports or labels beside the tables'.
pub(crate) fn is_closed(stages: &[StageFact], stage: usize) -> bool {
    let base = &root(stages, stage).base;
    match base.kind {
        BaseKind::Scratch => true,
        _ => base.knowledge.env.is_some(),
    }
}

/// The base image sets the variable, or nobody knows.
pub(crate) fn base_may_set(stages: &[StageFact], stage: usize, name: &str) -> bool {
    let base = &root(stages, stage).base;
    match base.kind {
        BaseKind::Scratch => false,
        _ => base.knowledge.sets_env(name) != Some(false),
    }
}

/// The working directory of a stage before an instruction; `None` when not known.
pub(crate) fn workdir_before(stages: &[StageFact], stage: usize, before: usize) -> Option<String> {
    let mut at = stage;
    loop {
        let fact = &stages[at];
        let mut workdirs = fact.workdirs.iter().rev();
        if let Some(workdir) = workdirs.find(|workdir| workdir.instruction < before) {
            return workdir.path.clone();
        }
        at = match fact.base.kind {
            BaseKind::Stage(_) => fact.workdir_from,
            BaseKind::Scratch => return Some("/".to_owned()),
            BaseKind::Image | BaseKind::Unknown => {
                return crate::facts::build::base::workdir(&fact.base.knowledge).map(str::to_owned);
            }
        };
    }
}

/// The working directory at the end of a stage; `None` when not known.
pub(crate) fn workdir(stages: &[StageFact], stage: usize) -> Option<String> {
    workdir_before(stages, stage, usize::MAX)
}

/// The ENVs in force at the end of a stage, oldest stage first.
pub(crate) fn env_indices(p: &BuildPhase, stage: usize) -> Vec<usize> {
    let mut seen = crate::maps::HashSet::default();
    let mut out: Vec<usize> = Vec::new();
    for part in chain(&p.stages, stage) {
        for index in p.stages[part].envs.iter().rev() {
            if seen.insert(p.envs[*index].name.as_str()) {
                out.push(*index);
            }
        }
    }
    out.reverse();
    out
}

/// The value of a variable at the end of a stage: `Some(None)` when it is set to something unknown.
pub(crate) fn env<'a>(p: &'a BuildPhase, stage: usize, name: &str) -> Option<Option<&'a Traced>> {
    parts(&p.stages, stage).find_map(|part| {
        let env = p.stages[part].env_before(&p.envs, name, usize::MAX);
        env.map(|env| env.value.as_ref())
    })
}

const HOME: &str = "HOME";

/// The build may know HOME: by the base image, or by an ARG.
fn may_have_home(p: &BuildPhase, stage: usize) -> bool {
    let mut all = parts(&p.stages, stage).flat_map(|part| &p.stages[part].args);
    base_may_set(&p.stages, stage, HOME) || all.any(|arg| arg.name.as_str() == HOME)
}

/// The directories that ENV adds to the search path of a stage before one of its instructions, those of the stage
/// first; `None` for one that is not known.
pub(crate) fn added_to_path(p: &BuildPhase, stage: usize, before: usize) -> Vec<Option<String>> {
    let chain = chain(&p.stages, stage);
    let envs = chain
        .iter()
        .flat_map(|part| p.stages[*part].envs.iter().rev())
        .map(|env| &p.envs[*env])
        .filter(|env| env.stage != stage || env.instruction < before);
    let own = envs.filter(|env| env.name.as_str() == "PATH");
    let words = own.flat_map(|env| env.raw.as_str().trim_matches(['"', '\'']).split(':'));
    let added = words.filter(|word| !matches!(*word, "" | "$PATH" | "${PATH}"));
    added
        .map(|word| {
            // Quotes and defaults inside of a word are not read.
            if word.contains(['"', '\'', '\\'])
                || word.matches('{').count() != word.matches('}').count()
            {
                return None;
            }
            let value = match word.strip_prefix('$') {
                None => word.to_owned(),
                Some(rest) => {
                    let end = rest.find('/').unwrap_or(rest.len());
                    let name = rest[..end].trim_start_matches('{').trim_end_matches('}');
                    let value = match env(p, stage, name) {
                        Some(known) => known?.as_str(),
                        // Only whoever starts the container or a RUN sets it.
                        None if name == HOME && !may_have_home(p, stage) => "",
                        None => return None,
                    };
                    format!("{value}{}", &rest[end..])
                }
            };
            let is_plain = value.starts_with('/') && !value.contains('$');
            is_plain.then(|| absolute("/", &value))
        })
        .collect()
}

/// A later command of the layer runs although this one failed: the next one, or the one behind those that `&&` joins
/// to it.
pub(crate) fn hides_failure(p: &Project, index: usize) -> bool {
    let fact = &p.commands[index];
    if fact.command.name.as_deref().is_none_or(str::is_empty) {
        return false;
    }
    let mut later = p.commands[index + 1..p.layers[fact.layer].commands.end].iter();
    let is_skipped = |later: &&CommandFact| {
        let later = &later.command;
        later.is_substitution || matches!(later.connector, Connector::And | Connector::Pipe)
    };
    let next = later.find(|later| !is_skipped(later));
    next.is_some_and(|next| fact.command.hides_failure_from(&next.command))
}

/// The commands of a layer that `&&` joins behind one.
pub(crate) fn list_behind(p: &BuildPhase, index: usize, end: usize) -> std::ops::Range<usize> {
    let is_joined = |at: &usize| {
        let command = &p.commands[*at].command;
        command.is_substitution || matches!(command.connector, Connector::And | Connector::Pipe)
    };
    let last = (index + 1..end).take_while(is_joined);
    let last = last.filter(|at| p.commands[*at].command.connector == Connector::And);
    index + 1..last.last().map_or(index + 1, |at| at + 1)
}

/// The working directory of a command: WORKDIR and the `cd` before it; `None` when not known.
pub(crate) fn directory_of(p: &BuildPhase, fact: &CommandFact) -> Option<String> {
    let cd = fact.command.cd.as_deref()?;
    if cd.starts_with('/') {
        return Some(absolute("/", cd));
    }
    let directory = workdir_before(&p.stages, fact.stage, p.layers[fact.layer].instruction)?;
    Some(absolute(&directory, cd))
}

/// A path as a command sees it, absolute and clean; `None` when its directory is not known.
pub(crate) fn path_of(p: &BuildPhase, fact: &CommandFact, path: &str) -> Option<String> {
    // Most paths are absolute: they need no look at the stages.
    if path.starts_with('/') {
        return Some(absolute("/", path));
    }
    Places::of(p, fact).path(path)
}

/// What the words of a command mean as paths.
pub(crate) struct Places<'p> {
    p: &'p BuildPhase,
    fact: &'p CommandFact,
    /// Where the command runs; `None` when not known.
    pub directory: Option<String>,
}

impl<'p> Places<'p> {
    /// Those of a command.
    pub(crate) fn of(p: &'p BuildPhase, fact: &'p CommandFact) -> Self {
        let directory = directory_of(p, fact);
        Self { p, fact, directory }
    }

    /// What a shell makes of `~`; `None` when not known.
    fn home(&self) -> Option<&'static str> {
        let (p, fact) = (self.p, self.fact);
        let is_root = fact.runs_as_root == Some(true)
            && fact.command.run_as.is_none()
            && !sets_env(p, fact.stage, HOME)
            && !may_have_home(p, fact.stage);
        is_root.then_some("/root")
    }

    /// A word as a path, absolute, clean and without slash at the end; `None` when that is not known.
    pub(crate) fn path(&self, word: &str) -> Option<String> {
        if word.starts_with('/') {
            return Some(absolute("/", word));
        }
        match word.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                Some(absolute(self.home()?, rest.trim_start_matches('/')))
            }
            // `~name`: the home of another user.
            Some(_) => None,
            None => Some(absolute(self.directory.as_deref()?, word)),
        }
    }
}
