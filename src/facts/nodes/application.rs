//! The application that a server loads, and `collectstatic` runs of the build.

use std::sync::Arc;

use crate::facts::model::{ApplicationFact, CollectFact, Project};
use crate::facts::nodes::cells::effective;
use crate::facts::nodes::setting::{ignored_cell, presence_cell};
use crate::facts::nodes::{
    CommandNode, ImageNode, StageNode, at, known_bool, str_or_absent, table, traced,
};
use crate::facts::table::{Cell, Type};
use crate::python::settings::verdicts::{self, Answer};
use crate::shell::ast::OnFailure;
use crate::span::Span;

/// The application that a server is told to load.
#[derive(Debug, Clone)]
pub(crate) struct ApplicationNode {
    p: Arc<Project>,
    i: usize,
}

impl ApplicationNode {
    pub(crate) fn new(p: &Arc<Project>, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            i,
        }
    }

    fn fact(&self) -> &ApplicationFact {
        &self.p.applications[self.i]
    }

    fn defines(&self) -> Option<bool> {
        let attribute = self.fact().attribute.split(['.', '(']).next()?;
        self.fact().module.as_ref()?.defines(attribute)
    }

    /// The settings module that it puts in the place of any other.
    fn forced(&self) -> Cell {
        let Some(module) = &self.fact().module else {
            return Cell::UNKNOWN;
        };
        let write = module.settings_modules().last();
        match write.filter(|write| !write.is_default) {
            Some(write) if !write.is_conditional => {
                write.value.as_ref().map_or(Cell::UNKNOWN, traced)
            }
            Some(_) => Cell::UNKNOWN,
            None => Cell::ABSENT,
        }
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().target.span())
    }

    fn label(&self) -> String {
        self.fact().target.as_str().to_owned()
    }
}

table! {
    APPLICATION = "application", "The application that the server of an image is told to load.", for ApplicationNode;
    target: Type::Str, "as written: a dotted name or a path, without the attribute", |n| traced(&n.fact().target);
    is_path: Type::Bool, "it is the path of a file, not the name of a module", |n| Cell::bool(n.fact().is_path);
    presence: Type::Str, "`there`, `missing` or `ignored`; unknown when it may come from elsewhere", |n| presence_cell(&n.fact().presence);
    ignored_by: Type::Str, "the pattern of the ignore file that keeps it out; absent otherwise", |n| ignored_cell(&n.fact().presence);
    instead: Type::Str, "for a missing one, what is there and was probably meant; absent without", |n| str_or_absent(n.fact().instead.as_deref());
    attribute: Type::Str, "the name of the application in it: `application`", |n| at(Cell::str(&n.fact().attribute), n.fact().attribute_span.or(n.place()));
    defines_attribute: Type::Bool, "it defines that name", |n| known_bool(n.defines());
    settings: Type::Str, "the settings module that it assigns, whatever the environment says; absent without", |n| n.forced();
    image: Type::Link(&super::image::IMAGE), "the image", |n| Cell::fact(Arc::new(ImageNode::new(&n.p, n.fact().image)));
}

/// A `collectstatic` of a RUN.
#[derive(Debug, Clone)]
pub(crate) struct CollectNode {
    p: Arc<Project>,
    i: usize,
}

impl CollectNode {
    pub(crate) fn new(p: &Arc<Project>, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            i,
        }
    }

    fn fact(&self) -> &CollectFact {
        &self.p.collects[self.i]
    }

    fn missing(&self) -> Cell {
        let items = self
            .fact()
            .missing
            .iter()
            .map(|required| Cell::str(&required.name).at(required.span))
            .collect();
        Cell::list(items)
    }

    fn is_named_here(&self) -> bool {
        let of_images = |span| self.p.settings.iter().any(|s| s.module.span() == span);
        self.fact()
            .module
            .as_ref()
            .is_some_and(|module| !of_images(module.span()))
    }

    /// An assignment before another command of the layer that was meant for this one.
    fn root_in_dirs(&self) -> Cell {
        let settings = &self.fact().settings;
        let finder = "django.contrib.staticfiles.finders.FileSystemFinder";
        match verdicts::texts(settings, "STATICFILES_FINDERS") {
            Answer::Unassigned => {}
            answer => match answer.known().and_then(|finders| finders.contains(finder)) {
                Some(true) => {}
                Some(false) => return Cell::ABSENT,
                None => return Cell::UNKNOWN,
            },
        }
        let root = match verdicts::static_root(settings) {
            Answer::Known(known) if known.value.starts_with('/') => known.value,
            Answer::Known(_) | Answer::Unassigned => return Cell::ABSENT,
            Answer::Env(_) | Answer::Unknown => return Cell::UNKNOWN,
        };
        match verdicts::texts(settings, "STATICFILES_DIRS") {
            Answer::Known(dirs) => {
                let mut entries = dirs.value.entries.iter();
                match entries.find(|(dir, _)| verdicts::is_path(dir, &root)) {
                    Some((dir, span)) => Cell::str(dir).at(*span),
                    None if dirs.value.is_open => Cell::UNKNOWN,
                    None => Cell::ABSENT,
                }
            }
            Answer::Unassigned => Cell::ABSENT,
            Answer::Env(_) | Answer::Unknown => Cell::UNKNOWN,
        }
    }

    fn lost(&self) -> Cell {
        let index = self.fact().command;
        let layer = &self.p.layers[self.p.commands[index].layer];
        for earlier in &self.p.commands[layer.commands.start..index] {
            let command = &earlier.command;
            if command.name.as_deref().is_none_or(str::is_empty) {
                continue;
            }
            for assignment in &command.assignments {
                let is_missing = |name: &str| {
                    self.fact()
                        .missing
                        .iter()
                        .any(|required| required.name == name)
                };
                if is_missing(&assignment.name) {
                    return Cell::str(&assignment.name).at(assignment.span);
                }
            }
        }
        Cell::ABSENT
    }

    fn place(&self) -> Option<Span> {
        let command = &self.p.commands[self.fact().command].command;
        command.management.as_ref().map(|name| name.span)
    }

    fn label(&self) -> String {
        "collectstatic".to_owned()
    }
}

table! {
    COLLECTSTATIC = "collectstatic", "A `collectstatic` of a RUN with the settings that it reads.", for CollectNode;
    module: Type::Str, "the settings module; unknown when nothing that was read names it", |n| n.fact().module.as_ref().map_or(Cell::UNKNOWN, traced);
    presence: Type::Str, "of that module: `there`, `missing` or `ignored`", |n| presence_cell(&n.fact().presence);
    ignored_by: Type::Str, "the pattern of the ignore file that keeps it out; absent otherwise", |n| ignored_cell(&n.fact().presence);
    is_named_here: Type::Bool, "what names that module does not name the settings of a shipped image: the command itself, or another stage", |n| Cell::bool(n.is_named_here());
    missing_variables: Type::List(&Type::Str), "variables without which the settings cannot be imported, and that are certainly not set for it; each marked where the settings read it", |n| n.missing();
    lost: Type::Str, "one of these that is set for another command of the layer instead: `X=1 cd /code && ...`; absent without", |n| n.lost();
    static_root: Type::Str, "STATIC_ROOT; empty for none; absent when no module assigns it", |n| effective(&verdicts::static_root(&n.fact().settings), |text| Cell::str(text));
    root_in_dirs: Type::Str, "the entry of STATICFILES_DIRS that is STATIC_ROOT as well; absent without; unknown where other finders are named", |n| n.root_in_dirs();
    is_default_storage: Type::Bool, "no setting names another storage for static files than one that needs STATIC_ROOT", |n| known_bool(n.fact().storage_needs_root());
    stops_build: Type::Bool, "when it fails, the build fails", |n| Cell::bool(n.p.commands[n.fact().command].command.on_failure == OnFailure::Stops);
    command: Type::Link(&super::command::COMMAND), "the command", |n| Cell::fact(Arc::new(CommandNode::new(&n.p, n.fact().command)));
    stage: Type::Link(&super::stage::STAGE), "the stage it runs in", |n| Cell::fact(Arc::new(StageNode::new(&n.p, n.fact().stage)));
}
