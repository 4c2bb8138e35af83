//! What the commands of a Dockerfile do to its Pythons, found out once for all that ask: where something is first the
//! case in a stage, and which commands name a package.

use crate::maps::HashMap;

use crate::facts::build::{at, opaque};
use crate::facts::model::{BaseFact, BaseKind, BuildPhase, Firsts, PythonMarks};
use crate::facts::python::{commands, downloads, environments, virtualenvs};
use crate::knowledge::images::Family;
use crate::knowledge::installers;
use crate::knowledge::programs::{self, Role};
use crate::knowledge::python::PythonTag;
use crate::knowledge::{Date, Series};
use crate::python::requirements::normalize_name;
use crate::shell::ast::{Arg, Command};

/// Goes through the commands once.
pub(crate) fn of(p: &BuildPhase) -> PythonMarks {
    let firsts = |is_one: &dyn Fn(&Command) -> bool| {
        Firsts::new(&p.stages, &p.commands, |fact| is_one(&fact.command))
    };
    let unseen = |command: &Command| opaque::may_clean(command) || command.activates_virtualenv();
    let mut marks = PythonMarks {
        pythons: pythons(p, &firsts(&replaces_python), |base| base.knowledge.python),
        moving: pythons(p, &firsts(&replaces_python), |base| moving(base, p.today)),
        uninstalls: firsts(&downloads::uninstalls),
        unseen: firsts(&unseen),
        environments: firsts(&environments::makes_one),
        changes: firsts(&environments::changes_python),
        listed: HashMap::default(),
        named: HashMap::default(),
        virtualenvs: p.stages.iter().map(|_| Vec::new()).collect(),
    };
    for (index, fact) in p.commands.iter().enumerate() {
        for name in named(&fact.command) {
            let all = marks.named.entry(name).or_default();
            if all.last() != Some(&index) {
                all.push(index);
            }
        }
        if let Some(name) = commands::installs_list(&fact.command) {
            let first = marks.listed.entry((fact.stage, name.to_owned()));
            first.or_insert(fact.layer);
        }
        if let Some(directory) = virtualenvs::made_by(p, fact) {
            marks.virtualenvs[fact.stage].push((directory, index));
        }
    }
    marks
}

/// The names that an install gives on its command line.
fn named(command: &Command) -> Vec<String> {
    let subcommand = command.subcommand().unwrap_or_default();
    let name = command.name.as_deref();
    let installs = name.is_some_and(|name| installers::takes_names(name, subcommand));
    let operands = command.operands.iter().filter(|_| installs);
    let name = |operand: &Arg| {
        let text = operand.as_str().unwrap_or(&operand.prefix);
        normalize_name(commands::package_name(text))
    };
    operands.map(name).collect()
}

/// A version manager, or a Python of its own, takes the place of the image's.
fn replaces_python(command: &Command) -> bool {
    let Some(name) = command.name.as_deref() else {
        return false;
    };
    let word = command.subcommand();
    programs::is(name, Role::BringsPython)
        || name == "uv" && word.is_some_and(|word| word.starts_with("python"))
}

/// The Python that a tag of the official image which moves from one to the next means at least: `python:3`,
/// `python:slim`.
fn moving(base: &BaseFact, today: Date) -> Option<Series> {
    let image = base.image.as_ref()?;
    let is_official = base.knowledge.family == Family::Python && base.tag_is_known;
    if !is_official || image.digest.is_some() || base.knowledge.python.is_some() {
        return None;
    }
    let tag = image.tag.as_ref().map_or("latest", |tag| tag.as_str());
    PythonTag::parse(tag)?.at_least(today)
}

/// The Python of each stage, by that of its base image.
fn pythons(
    p: &BuildPhase,
    replaced: &Firsts,
    of_base: impl Fn(&BaseFact) -> Option<Series>,
) -> Vec<Option<Series>> {
    let mut is_told: Vec<bool> = Vec::with_capacity(p.stages.len());
    for stage in &p.stages {
        let is_inherited = matches!(stage.base.kind, BaseKind::Stage(parent) if is_told[parent]);
        is_told.push(is_inherited || stage.set.envs.contains_key("UV_PYTHON"));
    }
    let python = |stage: usize| {
        let python = of_base(&at::root(&p.stages, stage).base);
        python.filter(|_| !replaced.is_in(stage) && !is_told[stage])
    };
    (0..p.stages.len()).map(python).collect()
}
