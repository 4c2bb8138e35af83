//! What a service builds: its context, its Dockerfile, the stage.

use crate::compose::{Build, Service, Text};
use crate::context::placed::may_be_placed_to_build;
use crate::facts::deploy::together::starts_once;
use crate::facts::nodes::cells::{at, known_bool, str_or_absent, traced};
use crate::facts::nodes::service::view::{View, text};
use crate::facts::table::Cell;
use crate::source::{Entry, Root, join, normalize};
use crate::span::Traced;

/// The project is a template that projects are made from.
fn is_template(root: &Root) -> bool {
    let mut marks = ["cookiecutter.json", "copier.yml", "copier.yaml"].iter();
    marks.any(|name| root.is_file(name))
}

impl View<'_> {
    pub(super) fn target_exists(&self) -> Cell {
        let target = self
            .deployed()
            .build
            .as_ref()
            .and_then(|build| build.target.as_ref());
        let Some(target) = target else {
            return Cell::ABSENT;
        };
        if !self.fact().builds_this {
            return Cell::UNKNOWN;
        }
        let exists = target
            .as_str()
            .map(|name| self.p.stage_named(name).is_some());
        at(known_bool(exists), Some(target.span()))
    }

    pub(super) fn build_context(&self) -> Cell {
        let build = self.compose().and_then(|service| service.build.as_ref());
        build.map_or(Cell::ABSENT, |build| {
            self.presence(build.context_path.as_ref(), build.context.as_ref())
        })
    }

    pub(super) fn build_dockerfile(&self) -> Cell {
        let build = self.compose().and_then(|service| service.build.as_ref());
        build.map_or(Cell::ABSENT, |build| {
            self.presence(build.dockerfile_path.as_ref(), build.dockerfile.as_ref())
        })
    }

    pub(super) fn first_alike_build(&self) -> Cell {
        self.find_first_alike_build().unwrap_or(Cell::ABSENT)
    }

    pub(super) fn name_taken_by(&self) -> Cell {
        self.find_name_taken_by().map_or(Cell::ABSENT, traced)
    }

    pub(super) fn stop_signal(&self) -> Cell {
        let signal = self
            .compose()
            .and_then(|service| service.stop_signal.as_ref());
        str_or_absent(signal.and_then(Text::as_str))
    }

    pub(super) fn has_dockerfile_key(&self) -> Cell {
        let build = self.compose().and_then(|service| service.build.as_ref());
        Cell::bool(build.is_some_and(|build| build.dockerfile.is_some()))
    }

    pub(super) fn build_target(&self) -> Cell {
        let build = self.deployed().build.as_ref();
        let target = build.and_then(|build| build.target.as_ref());
        target.map_or(Cell::ABSENT, text)
    }

    /// A path of `build`: there or missing, when it can be told.
    fn presence(&self, path: Option<&String>, written: Option<&Text>) -> Cell {
        let Some(path) = path else {
            return Cell::UNKNOWN;
        };
        // What a part of a service lacks stands in the file that it is put over.
        let build = self.compose().and_then(|service| service.build.as_ref());
        let is_part = |build: &Build| build.context.is_none() && !self.is_whole();
        if build.is_some_and(is_part) {
            return Cell::UNKNOWN;
        }
        // A template's own files are used where it was filled in.
        let is_elsewhere = || build.is_none_or(|build| self.is_found_elsewhere(build));
        if self.is_behind_another() && is_elsewhere() || is_template(&self.p.around.root) {
            return Cell::UNKNOWN;
        }
        let span = match (written, build) {
            (Some(written), _) => written.span(),
            (None, Some(build)) => build.context.as_ref().map_or(build.span, Text::span),
            (None, None) => return Cell::UNKNOWN,
        };
        let cell = match self.p.around.root.entry(path) {
            Entry::Missing if may_be_placed_to_build(&self.p.around.root, path) => Cell::UNKNOWN,
            Entry::Missing => Cell::str("missing"),
            Entry::File { .. } | Entry::Directory => Cell::str("there"),
            _ => Cell::UNKNOWN,
        };
        cell.at(span)
    }

    fn find_first_alike_build(&self) -> Option<Cell> {
        let path = self.deployed().build.as_ref()?.dockerfile.as_ref()?;
        let file = self.deployed().place().file;
        let first = self.in_stack().iter().find(|other| {
            let build = other.build.as_ref();
            other.name.span().file == file
                && build.and_then(|build| build.dockerfile_path.as_ref()) == Some(path)
        })?;
        Some(Cell::str(first.name.as_str()).at(first.name.span()))
    }

    /// A service before it in the stack that has the same name of a container.
    fn find_name_taken_by(&self) -> Option<&Traced> {
        let (stack, own) = (self.stack()?, self.compose()?);
        let name = own.container_name.as_ref()?.as_str()?;
        if !stack.is_complete || !starts_once(own) {
            return None;
        }
        let has_it = |other: &&Service| {
            let named = other.container_name.as_ref();
            named.and_then(Text::as_str) == Some(name) && starts_once(other)
        };
        let first = stack.services.iter().find(has_it)?;
        (first.name.span() != own.name.span()).then_some(&first.name)
    }

    /// What it builds is there as seen from the directory of another compose file, from one above it, or outside.
    fn is_found_elsewhere(&self, build: &Build) -> bool {
        let written = |text: &Option<Text>, usual: &'static str| match text {
            Some(text) => text.as_str().map(str::to_owned),
            None => Some(usual.to_owned()),
        };
        let context = written(&build.context, ".");
        let Some((context, name)) = context.zip(written(&build.dockerfile, "Dockerfile")) else {
            return true;
        };
        let files = &self.p.around.deployed.compose.files;
        let mut directories = files.iter().flat_map(|file| {
            let ends = file.path.match_indices('/').map(|(end, _)| end);
            ends.chain([0]).map(|end| &file.path[..end])
        });
        directories.any(|directory| {
            let context = normalize(&join(directory, &context));
            let path = context.and_then(|context| normalize(&join(&context, &name)));
            path.is_none_or(|path| self.p.around.root.entry(&path) != Entry::Missing)
        })
    }

    /// Its paths may start at the directory of a file that nothing names.
    fn is_behind_another(&self) -> bool {
        let compose = &self.p.around.deployed.compose;
        let first = self.stack().and_then(|stack| stack.files.first());
        let first = first.and_then(|at| compose.files.get(*at));
        first.is_some_and(|file| crate::compose::may_be_behind(&file.path))
    }
}
