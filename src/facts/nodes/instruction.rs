//! Instructions, variables, layers, copies, ports, users.

use std::sync::Arc;

use crate::dockerfile::ast::{Args, Instruction, Keyword};
use crate::facts::build::at;
use crate::facts::model::{
    BaseKind, CopyFact, CopyFrom, Fate, ImageFact, LayerFact, Maybe, Mount, PortFact, Project,
    UserFact,
};
use crate::facts::nodes::script::{Owner, ScriptNode};
use crate::facts::nodes::{
    CommandNode, PackageNode, StageNode, at, known_bool, known_str, list, map, maybe_str,
    str_or_absent, table, traced,
};
use crate::facts::system::{apt_lists, fate as system, leftovers};
use crate::facts::table::{Cell, NodeRef, Type};
use crate::knowledge::packages::BuildOnly;
use crate::knowledge::programs::{self, Role};
use crate::span::{Span, Traced};

#[derive(Debug, Clone)]
pub(crate) struct InstructionNode {
    p: Arc<Project>,
    i: usize,
    stage: Option<usize>,
}

impl InstructionNode {
    pub(crate) fn new(p: &Arc<Project>, i: usize, stage: Option<usize>) -> Self {
        Self {
            p: Arc::clone(p),
            i,
            stage,
        }
    }

    fn ast(&self) -> &Instruction {
        &self.p.dockerfile.instructions[self.i]
    }

    fn words(&self) -> Vec<Cell> {
        match &self.ast().args {
            Args::Json(words) | Args::Words(words) => words.iter().map(traced).collect(),
            Args::Text(text) => vec![traced(text)],
            Args::Pairs(pairs) => pairs.iter().map(|pair| traced(&pair.key)).collect(),
            Args::None => Vec::new(),
        }
    }

    fn relative_workdir(&self) -> Option<bool> {
        let Some(stage) = self.stage else {
            return Some(false);
        };
        let Some(position) = self.p.stages[stage]
            .workdirs
            .iter()
            .position(|w| w.instruction == self.i)
        else {
            return Some(false);
        };
        let has_earlier = position > 0
            || crate::facts::build::at::chain(&self.p.stages, stage)[1..]
                .iter()
                .any(|parent| !self.p.stages[*parent].workdirs.is_empty());
        if has_earlier {
            return Some(false);
        }
        self.p.stages[stage].workdirs[position]
            .is_absolute
            .map(|absolute| !absolute)
    }

    /// `None` where a script, the ENTRYPOINT of a base image or that of an image built on it may take the words apart.
    fn is_started_as_written(&self) -> Option<bool> {
        let Args::Json(_) = &self.ast().args else {
            return Some(false);
        };
        if self.ast().keyword != Keyword::Cmd {
            return Some(true);
        }
        let stage = self.stage?;
        let images = self.p.images.iter().enumerate();
        let mut images = images
            .filter(|(_, image)| image.cmd == Some(stage))
            .peekable();
        images.peek()?;
        images
            .map(|(i, image)| self.is_passed_on(i, image))
            .try_fold(true, |all, one| Some(all && one?))
    }

    /// Whether what starts an image hands the words of its CMD on as they are.
    fn is_passed_on(&self, i: usize, image: &ImageFact) -> Option<bool> {
        let p = &self.p;
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
            return Some(true);
        }
        let scripts = image.scripts.iter().enumerate();
        let mut called = scripts.filter(|(_, script)| script.caller.is_none());
        let (script, _) = called.next().filter(|_| called.next().is_none())?;
        ScriptNode::new(p, Owner::Image(i), script).passes_words_on()
    }

    /// The next instruction with this keyword in the same stage.
    fn repeated(&self) -> Cell {
        let Some(stage) = self.stage else {
            return Cell::ABSENT;
        };
        let range = self.i + 1..self.p.stages[stage].instructions.end;
        range
            .clone()
            .find(|i| self.p.dockerfile.instructions[*i].keyword == self.ast().keyword)
            .map_or(Cell::ABSENT, |i| {
                Cell::fact(Arc::new(InstructionNode::new(&self.p, i, self.stage)))
            })
    }

    pub(crate) fn place(&self) -> Option<Span> {
        Some(self.ast().span)
    }

    pub(crate) fn label(&self) -> String {
        self.ast().keyword.name().to_owned()
    }
}

table! {
    INSTRUCTION = "instruction", "An instruction of the Dockerfile.", for InstructionNode;
    keyword: Type::Str, "in upper case", |n| Cell::str(n.ast().keyword.name()).at(n.ast().keyword_text.span());
    text: Type::Str, "what follows keyword and flags, as written, continuations joined", |n| traced(&n.ast().rest);
    words: Type::List(&Type::Str), "elements of a JSON form, words of FROM, EXPOSE, ARG, ADD, COPY, VOLUME, keys of ENV and LABEL, the one text of other instructions; as written", |n| Cell::list(n.words());
    flags: Type::Map(&Type::Str), "flags by name without dashes, as written; empty for a flag without value", |n| map(n.ast().flags.iter().map(|flag| (Arc::from(flag.name.as_str()), Cell::str(flag.value.as_ref().map_or("", Traced::as_str)).at(flag.span))).collect(), true);
    is_json: Type::Bool, "it is in JSON (exec) form", |n| Cell::bool(matches!(n.ast().args, Args::Json(_)));
    is_legacy: Type::Bool, "ENV or LABEL in the form with a blank: `ENV KEY value`", |n| Cell::bool(matches!(&n.ast().args, Args::Pairs(pairs) if pairs.iter().any(|pair| pair.is_legacy)));
    is_relative_workdir: Type::Bool, "a relative WORKDIR with no other before it in its stages", |n| known_bool(n.relative_workdir());
    is_started_as_written: Type::Bool, "for CMD and ENTRYPOINT in exec form: the first string is looked up as a program. Unknown for a CMD behind an ENTRYPOINT that may take it apart", |n| known_bool(n.is_started_as_written());
    next_same: Type::Link(&INSTRUCTION), "the next instruction with the same keyword in this stage; absent when there is none", |n| n.repeated();
    stage: Type::Link(&super::stage::STAGE), "the stage it stands in", |n| n.stage.map_or(Cell::ABSENT, |stage| Cell::fact(Arc::new(StageNode::new(&n.p, stage))));
}

/// What one RUN, COPY or ADD does.
#[derive(Debug, Clone)]
pub(crate) struct LayerNode {
    p: Arc<Project>,
    i: usize,
}

impl LayerNode {
    pub(crate) fn new(p: &Arc<Project>, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            i,
        }
    }

    fn fact(&self) -> &LayerFact {
        &self.p.layers[self.i]
    }

    pub(crate) fn place(&self) -> Option<Span> {
        Some(self.p.dockerfile.instructions[self.fact().instruction].span)
    }

    pub(crate) fn label(&self) -> String {
        self.fact().keyword.name().to_owned()
    }

    /// Packages of a kind that stay: known ones only, so a closed list.
    fn left(&self, kind: BuildOnly) -> Cell {
        Cell::list(
            system::left(&self.p, self.i, kind)
                .into_iter()
                .map(|i| Cell::fact(Arc::new(PackageNode::new(&self.p, i)) as NodeRef))
                .collect(),
        )
    }

    fn removals(&self) -> Cell {
        let mut spans: Vec<Span> = Vec::new();
        for package in &self.p.packages[self.fact().packages.clone()] {
            if let Fate::RemovedLater(span) = package.fate
                && !spans.contains(&span)
            {
                spans.push(span);
            }
        }
        Cell::list(
            spans
                .into_iter()
                .map(|span| Cell::str("").at(span))
                .collect(),
        )
    }

    fn mounts(&self) -> Vec<Cell> {
        let count = self.fact().mounts.len();
        (0..count)
            .map(|mount| {
                Cell::fact(Arc::new(MountNode {
                    p: Arc::clone(&self.p),
                    layer: self.i,
                    i: mount,
                }))
            })
            .collect()
    }
}

table! {
    LAYER = "layer", "A layer: what one RUN, COPY or ADD adds to the image.", for LayerNode;
    keyword: Type::Str, "`RUN`, `COPY` or `ADD`", |n| at(Cell::str(n.fact().keyword.name()), Some(n.p.dockerfile.instructions[n.fact().instruction].keyword_text.span()));
    is_onbuild: Type::Bool, "it stands under ONBUILD and runs in images built from this one", |n| Cell::bool(n.fact().is_onbuild);
    is_opaque: Type::Bool, "not all of it could be read: another language, a shell error", |n| Cell::bool(n.fact().is_opaque);
    has_errexit: Type::Bool, "`set -e` or the SHELL ends it at the first failure", |n| Cell::bool(n.fact().has_errexit);
    commands: Type::List(&Type::Fact(&super::command::COMMAND)), "its shell commands in order; open when it is opaque", |n| list(n.fact().commands.clone().map(|i| Cell::fact(Arc::new(CommandNode::new(&n.p, i)) as NodeRef)).collect(), !n.fact().is_opaque);
    packages: Type::List(&Type::Link(&super::command::PACKAGE)), "system packages it installs; open when it is opaque", |n| list(n.fact().packages.clone().map(|i| Cell::fact(Arc::new(PackageNode::new(&n.p, i)) as NodeRef)).collect(), !n.fact().is_opaque);
    compilers_left: Type::List(&Type::Link(&super::command::PACKAGE)), "compilers that it installs and does not remove, without those that an earlier layer brought", |n| n.left(BuildOnly::Compiler);
    headers_left: Type::List(&Type::Link(&super::command::PACKAGE)), "headers (`*-dev`) that it installs and does not remove, without those that an earlier layer brought", |n| n.left(BuildOnly::Headers);
    runtime_missing: Type::List(&Type::Str), "the libraries that belong to these headers and that the stage does not install by name: `libpq5` for `libpq-dev`; without those that are not known", |n| Cell::list(system::runtime_missing(&n.p, n.i).into_iter().map(Cell::str).collect());
    compiles_nothing: Type::Bool, "nothing is compiled from this layer on in the images that have it: wheels are there for all that is installed, and nothing else builds; unknown otherwise, and where others build on the image", |n| known_bool(leftovers::compiles_nothing(&n.p, n.i));
    compiled: Type::List(&Type::Str), "the packages that are certainly compiled in this layer or later", |n| Cell::list(leftovers::compiled(&n.p, n.i).into_iter().map(Cell::str).collect());
    inherited_by: Type::Link(&super::stage::STAGE), "the stage of an image that is made from this stage; absent where this stage makes the image itself", |n| leftovers::inherited_by(&n.p, n.i).map_or(Cell::ABSENT, |stage| Cell::fact(Arc::new(StageNode::new(&n.p, stage))));
    finds_libraries: Type::Bool, "on Alpine, and GDAL or GEOS is installed: Django finds these with the help of the compiler", |n| Cell::bool(leftovers::finds_libraries(&n.p, n.i));
    building_stage: Type::Link(&super::stage::STAGE), "a stage made from this one, of no image itself, that installs Python packages: it compiles for the images; absent when there is none", |n| leftovers::building_stage(&n.p, n.i).map_or(Cell::ABSENT, |stage| Cell::fact(Arc::new(StageNode::new(&n.p, stage))));
    called_at_start: Type::Str, "the first of these compilers that something calls when an image with it starts, or `make`, where nothing but these brings it; absent when there is none", |n| str_or_absent(leftovers::called_at_start(&n.p, n.i));
    only_updates: Type::Link(&super::command::COMMAND), "the `apt-get update` of a layer that does nothing else, while a later layer installs without an update of its own; absent otherwise", |n| apt_lists::only_updates(&n.p, n.i).map_or(Cell::ABSENT, |i| Cell::fact(Arc::new(CommandNode::new(&n.p, i))));
    unchecked: Type::List(&Type::Str), "marks what has to change so that the first failure ends it, each with what takes its place: `&&` for each `;`, `set -e` as the first line of a heredoc; empty where more than that has to change", |n| Cell::list(crate::facts::build::joined::unchecked(&n.p, n.i).into_iter().map(|(span, text)| Cell::str(&text).at(span)).collect());
    is_in_earnest: Type::Bool, "every command whose failure goes unseen is one that nobody runs to see whether it works: a package manager, a download, `rm -f`", |n| Cell::bool(crate::facts::build::joined::is_all_in_earnest(&n.p, n.i));
    removals: Type::List(&Type::Str), "marks the commands of later layers that remove these too late", |n| n.removals();
    mounts: Type::List(&Type::Fact(&MOUNT)), "its `--mount` flags", |n| Cell::list(n.mounts());
    stage: Type::Link(&super::stage::STAGE), "its stage", |n| Cell::fact(Arc::new(StageNode::new(&n.p, n.fact().stage)));
}

/// `--mount` of a RUN.
#[derive(Debug, Clone)]
pub(crate) struct MountNode {
    p: Arc<Project>,
    layer: usize,
    i: usize,
}

impl MountNode {
    fn fact(&self) -> &Mount {
        &self.p.layers[self.layer].mounts[self.i]
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().span)
    }

    fn label(&self) -> String {
        self.fact().kind.clone()
    }
}

table! {
    MOUNT = "mount", "A `--mount` of a RUN.", for MountNode;
    kind: Type::Str, "`bind`, `cache`, `tmpfs`, `secret` or `ssh`", |n| Cell::str(&n.fact().kind);
    target: Type::Str, "absolute; empty when not given or not known", |n| Cell::str(&n.fact().target);
    source: Type::Str, "as written; empty when not given", |n| Cell::str(&n.fact().source);
}

/// COPY or ADD.
#[derive(Debug, Clone)]
pub(crate) struct CopyNode {
    p: Arc<Project>,
    i: usize,
}

impl CopyNode {
    pub(crate) fn new(p: &Arc<Project>, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            i,
        }
    }

    fn fact(&self) -> &CopyFact {
        &self.p.copies[self.i]
    }

    fn instruction(&self) -> &Instruction {
        &self.p.dockerfile.instructions[self.fact().instruction]
    }

    /// ADD does what COPY does: no URL, no git reference, no archive to unpack, no checksum.
    fn is_plain(&self) -> Option<bool> {
        let special = ["checksum", "keep-git-dir", "unpack"];
        if self
            .instruction()
            .flags
            .iter()
            .any(|flag| special.contains(&flag.name.as_str()))
        {
            return Some(false);
        }
        let mut unknown = false;
        for (_, source) in &self.fact().sources {
            match source {
                None => unknown = true,
                Some(text) if is_special(text.as_str()) => return Some(false),
                Some(_) => {}
            }
        }
        (!unknown).then_some(true)
    }

    /// The whole build context is copied.
    fn copies_all(&self) -> Option<bool> {
        crate::facts::build::copied::copies_all(self.fact())
    }

    pub(crate) fn place(&self) -> Option<Span> {
        Some(self.instruction().span)
    }

    pub(crate) fn label(&self) -> String {
        self.fact().keyword.name().to_owned()
    }
}

fn is_special(text: &str) -> bool {
    let archive = [
        ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".gz",
        ".xz", ".bz2", ".zst", ".tzst",
    ];
    text.contains("://")
        || text.starts_with("git@")
        || text.contains(['*', '?', '['])
        || archive.iter().any(|ending| text.ends_with(ending))
}

table! {
    COPY = "copy", "A COPY or ADD.", for CopyNode;
    keyword: Type::Str, "`COPY` or `ADD`", |n| Cell::str(n.fact().keyword.name()).at(n.instruction().keyword_text.span());
    sources: Type::List(&Type::Str), "expanded; open when one is not known", |n| list(n.fact().sources.iter().filter_map(|(span, text)| text.as_ref().map(|text| Cell::str(text.as_str()).at(*span))).collect(), n.fact().sources.iter().all(|(_, text)| text.is_some()));
    destination: Type::Str, "as written, expanded", |n| at(known_str(n.fact().destination.1.as_ref().map(Traced::as_str)), Some(n.fact().destination.0));
    target: Type::Str, "the destination as an absolute path", |n| at(known_str(n.fact().target.as_deref()), Some(n.fact().destination.0));
    from: Type::Str, "`context`, `stage` or `image`", |n| Cell::str(match n.fact().from { CopyFrom::Context => "context", CopyFrom::Stage(_) => "stage", CopyFrom::Other(_) => "image" });
    from_stage: Type::Link(&super::stage::STAGE), "the stage it copies from; absent for others", |n| match n.fact().from { CopyFrom::Stage(stage) => Cell::fact(Arc::new(StageNode::new(&n.p, stage))), _ => Cell::ABSENT };
    copies_all: Type::Bool, "the whole build context is a source: `.`", |n| known_bool(n.copies_all());
    brings_packages_for: Type::Str, "the series of Python whose packages it takes from another stage: `3.11` for `/usr/local/lib/python3.11/site-packages`, and for a virtual environment that was made with 3.11; absent for others, and where PYTHONPATH names that place", |n| match crate::facts::python::copied::brings_packages_for(&n.p, n.i) { Maybe::Known(series) => at(Cell::str(&series), Some(n.fact().destination.0)), Maybe::Absent => Cell::ABSENT, Maybe::Unknown => Cell::UNKNOWN };
    is_plain: Type::Bool, "nothing of it needs ADD: no URL, git reference, archive or checksum", |n| known_bool(n.is_plain());
    chown: Type::Str, "`--chown`, expanded; absent without", |n| match &n.fact().chown { None => Cell::ABSENT, Some(value) => known_str(value.as_deref()) };
    chmod: Type::Str, "`--chmod`, expanded; absent without", |n| match &n.fact().chmod { None => Cell::ABSENT, Some(value) => known_str(value.as_deref()) };
    stage: Type::Link(&super::stage::STAGE), "its stage", |n| Cell::fact(Arc::new(StageNode::new(&n.p, n.fact().stage)));
}

/// A port of EXPOSE.
#[derive(Debug, Clone)]
pub(crate) struct PortNode {
    p: Arc<Project>,
    stage: usize,
    i: usize,
}

impl PortNode {
    pub(crate) fn new(p: &Arc<Project>, stage: usize, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            stage,
            i,
        }
    }

    fn fact(&self) -> &PortFact {
        &self.p.stages[self.stage].ports[self.i]
    }

    pub(crate) fn place(&self) -> Option<Span> {
        Some(self.fact().written.span())
    }

    pub(crate) fn label(&self) -> String {
        self.fact().written.as_str().to_owned()
    }
}

table! {
    PORT = "port", "A port of EXPOSE.", for PortNode;
    text: Type::Str, "expanded", |n| at(known_str(n.fact().text.as_deref()), n.place());
    written: Type::Str, "as written", |n| traced(&n.fact().written);
    number: Type::Int, "the port; absent when it is no number (a range) ", |n| match (&n.fact().text, n.fact().port) { (None, _) => Cell::UNKNOWN, (_, Some(port)) => at(Cell::int(i64::from(port)), n.place()), (_, None) => Cell::ABSENT };
    protocol: Type::Str, "`tcp` unless written otherwise", |n| Cell::str(&n.fact().protocol);
    stage: Type::Link(&super::stage::STAGE), "its stage", |n| Cell::fact(Arc::new(StageNode::new(&n.p, n.stage)));
}

/// USER.
#[derive(Debug, Clone)]
pub(crate) struct UserNode {
    p: Arc<Project>,
    stage: usize,
    i: usize,
}

impl UserNode {
    pub(crate) fn new(p: &Arc<Project>, stage: usize, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            stage,
            i,
        }
    }

    fn fact(&self) -> &UserFact {
        &self.p.stages[self.stage].users[self.i]
    }

    pub(crate) fn place(&self) -> Option<Span> {
        Some(self.fact().span)
    }

    pub(crate) fn label(&self) -> String {
        self.fact().name.clone().unwrap_or_default()
    }
}

table! {
    USER = "user", "A USER instruction.", for UserNode;
    name: Type::Str, "the user, expanded", |n| at(known_str(n.fact().name.as_deref()), n.place());
    group: Type::Str, "after the colon; absent without", |n| maybe_str(&n.fact().group);
    is_root: Type::Bool, "`root`, `0` or empty", |n| known_bool(n.fact().name.as_deref().map(|name| matches!(name, "" | "root" | "0")));
    exists: Type::Bool, "the account exists: made by a RUN, or one that the base image has; a number needs none", |n| known_bool(crate::facts::system::accounts::user_exists(&n.p, n.stage, n.i));
    group_exists: Type::Bool, "the group behind the colon exists: made by a RUN, or one that the base image has; a number needs none; absent without one", |n| match &n.fact().group { Maybe::Known(_) => known_bool(crate::facts::system::accounts::group_exists(&n.p, n.stage, n.i)), Maybe::Absent => Cell::ABSENT, Maybe::Unknown => Cell::UNKNOWN };
    is_numeric: Type::Bool, "given as a number", |n| known_bool(n.fact().name.as_deref().map(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit())));
    is_last: Type::Bool, "no USER of the stage follows", |n| Cell::bool(n.i + 1 == n.p.stages[n.stage].users.len());
    is_expanded: Type::Bool, "written with a variable", |n| Cell::bool(n.fact().is_expanded);
    stage: Type::Link(&super::stage::STAGE), "its stage", |n| Cell::fact(Arc::new(StageNode::new(&n.p, n.stage)));
}

/// A user or group that a command creates.
#[derive(Debug, Clone)]
pub(crate) struct AccountNode {
    p: Arc<Project>,
    i: usize,
}

impl AccountNode {
    pub(crate) fn new(p: &Arc<Project>, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            i,
        }
    }

    fn fact(&self) -> &crate::facts::model::AccountFact {
        &self.p.accounts[self.i]
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().span)
    }

    fn label(&self) -> String {
        self.fact().name.clone().unwrap_or_default()
    }
}

table! {
    ACCOUNT = "account", "A user or group that a RUN creates.", for AccountNode;
    name: Type::Str, "its name", |n| at(known_str(n.fact().name.as_deref()), Some(n.fact().span));
    id: Type::Str, "its number as given; absent when left to the tool", |n| str_or_absent(n.fact().id.as_deref());
    is_group: Type::Bool, "a group, not a user", |n| Cell::bool(n.fact().is_group);
    command: Type::Link(&super::command::COMMAND), "the command that creates it", |n| Cell::fact(Arc::new(CommandNode::new(&n.p, n.fact().command)));
}
