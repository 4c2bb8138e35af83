//! A `collectstatic` of a RUN with the settings that it reads.

use crate::facts::django::compressors;
use crate::facts::model::{CollectFact, CopyFrom, SettingsFact, StartFact};
use crate::facts::nodes::cells::{effective, known_bool, traced};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::nodes::shared::{ignored_cell, presence_cell};
use crate::facts::nodes::storage;
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::knowledge::words::ValueWords;
use crate::python::settings::storages;
use crate::python::settings::verdicts::{self, Answer};
use crate::shell::ast::{Command, OnFailure};
use crate::source::is_in;
use crate::span::Span;

pub(super) const KIND: Kind = Kind {
    name: "collectstatic",
    table: &TABLE,
    key: "`collectstatic`",
    vars: &["command", "stage"],
    doc: "a `collectstatic` of the build with the settings it reads",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, collect) in p.collects.iter().enumerate() {
        let node = Id::Collectstatic(i).node(p);
        let covers = vec![p.commands[collect.command].command.span];
        each(facts.selected(Some(collect.stage), KIND.name, node, covers));
    }
}

table! {
    "collectstatic",
    "A `collectstatic` of a RUN with the settings that it reads.";
    module: Type::Str, "the settings module; unknown when nothing that was read names it";
    presence: Type::Str, "of that module: `there`, `missing` or `ignored`";
    ignored_by: Type::Str, "the pattern of the ignore file that excludes it; absent otherwise";
    is_named_here: Type::Bool,
        "what names that module does not name the settings of a shipped image: the command itself, or another \
         stage";
    missing_variables: Type::List(&Type::Str),
        "variables without which the settings cannot be imported, and that are certainly not set for it; each \
         marked where the settings read it";
    lost: Type::Str,
        "one of these that is set for another command of the layer instead: `X=1 cd /code && ...`; absent without";
    static_root: Type::Str, "STATIC_ROOT; empty for none; absent when no module assigns it";
    root_in_dirs: Type::Str,
        "the entry of STATICFILES_DIRS that is STATIC_ROOT as well; absent without; unknown where other finders \
         are named";
    is_default_storage: Type::Bool,
        "no setting names another storage for static files than one that needs STATIC_ROOT";
    needs_root: Type::Bool,
        "it needs STATIC_ROOT: it clears that directory, or an application of INSTALLED_APPS contains static files; \
         unknown otherwise, since it ends well where there is no file to copy";
    lacks_staticfiles: Type::Bool,
        "INSTALLED_APPS lacks `django.contrib.staticfiles`, which has the command; unknown where it may have more";
    no_names_for: Type::Str,
        "the settings module that an image with its files runs with, where that asks the manifest of a storage for the \
         names of static files, and this storage writes none; absent otherwise";
    served_root: Type::Str,
        "STATIC_ROOT of the image with its files, where that is another directory, which nothing fills; absent \
         otherwise";
    served_is_hashed: Type::Bool, "the storage of that image looks names up in a manifest of that directory";
    later_files: Type::List(&Type::Str),
        "where later COPY put files from elsewhere into directories of STATICFILES_DIRS; empty where static files are \
         collected again, or may be";
    lacks_program: Type::Str,
        "the program of npm that it calls to compress files and that the image certainly lacks then; marks these \
         files; absent otherwise";
    stops_build: Type::Bool, "when it fails, the build fails";
    command: Type::Link("command"), "the command";
    stage: Type::Link("stage"), "the stage it runs in";
}

view! { Collectstatic(i: usize) }

impl View<'_> {
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

    fn find_is_named_here(&self) -> bool {
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

    /// Django asks the storage for a path, and so for STATIC_ROOT, when there is a file to copy.
    fn needs_root(&self) -> Cell {
        let command = &self.p.commands[self.fact().command].command;
        let mut words = command.args.iter().filter_map(|arg| arg.as_str());
        let ignores = |word: &str| word == "-i" || word.starts_with("--ignore");
        if command
            .args
            .iter()
            .any(|arg| arg.as_str().is_none_or(ignores))
        {
            return Cell::UNKNOWN;
        }
        if words.any(|word| word == "-c" || word == "--clear") {
            return Cell::bool(true);
        }
        let settings = &self.fact().settings;
        let finder = "django.contrib.staticfiles.finders.AppDirectoriesFinder";
        match verdicts::texts(settings, "STATICFILES_FINDERS") {
            Answer::Unassigned => {}
            answer => {
                let finders = answer.known();
                if finders.and_then(|finders| finders.contains(finder)) != Some(true) {
                    return Cell::UNKNOWN;
                }
            }
        }
        let Answer::Known(apps) = verdicts::installed_apps(settings) else {
            return Cell::UNKNOWN;
        };
        let is_known = |name: &str| {
            let application = name.split_once(".apps.").map_or(name, |(before, _)| before);
            ValueWords::HasStaticFiles.contains(application)
        };
        if apps.value.entries.iter().any(|(name, _)| is_known(name)) {
            Cell::bool(true)
        } else {
            Cell::UNKNOWN
        }
    }

    fn lacks_staticfiles(&self) -> Cell {
        let Answer::Known(apps) = verdicts::installed_apps(&self.fact().settings) else {
            return Cell::UNKNOWN;
        };
        let entries = || apps.value.entries.iter().map(|(name, _)| name.as_str());
        let has = entries().any(|name| name.contains("staticfiles") || name.contains("collect"));
        // A configuration of the project's own may be made of Django's.
        let is_class = |name: &str| {
            let class = name.rsplit('.').next().unwrap_or(name);
            class.starts_with(|c: char| c.is_ascii_uppercase()) && !name.starts_with("django.")
        };
        match (has, apps.value.is_open || entries().any(is_class)) {
            (true, _) => Cell::bool(false),
            (false, true) => Cell::UNKNOWN,
            (false, false) => Cell::bool(true),
        }
    }

    /// The settings of the image that has its files, among those of the project, where nothing collects them again.
    fn served_with(&self) -> Option<usize> {
        let fact = self.fact();
        let of_image = |settings: &SettingsFact| {
            let image = &self.p.images[settings.image];
            image.chain.contains(&fact.stage) && settings.settings.is_found
        };
        let i = self.p.settings.iter().position(of_image)?;
        let image = self.p.settings[i].image;
        let collects = |command: &Command| {
            let management = command.management.as_ref();
            management.is_none_or(|name| name.as_str().is_none_or(|name| name.contains("collect")))
        };
        let is_again =
            |start: &StartFact| start.command.management.is_some() && collects(&start.command);
        let mut starts = self.p.starts_in(image);
        let chain = &self.p.images[image].chain;
        let mut others = self.p.collects.iter();
        let is_other =
            |other: &CollectFact| other.command != fact.command && chain.contains(&other.stage);
        (!starts.any(is_again) && !others.any(is_other)).then_some(i)
    }

    fn no_names_for(&self) -> Cell {
        let Some(i) = self.served_with() else {
            return Cell::ABSENT;
        };
        let served = &self.p.settings[i];
        let own = storage::storage_of(self.p, served.image, &self.fact().settings);
        let own = storage::class_in(&own).and_then(|class| storages::is_hashed(&class));
        let is_strict = storage::asks_manifest(self.p, i);
        let debug = verdicts::flag(&served.settings, "DEBUG");
        let is_off = debug.known().is_some_and(|debug| !debug);
        if own == Some(false) && is_strict && is_off {
            traced(&served.module)
        } else {
            Cell::ABSENT
        }
    }

    /// The settings of the image with its files look for them in another directory.
    fn find_served_root(&self) -> Option<(usize, String)> {
        let i = self.served_with()?;
        let served = &self.p.settings[i];
        let own = verdicts::static_root(&self.fact().settings)
            .known()?
            .to_owned();
        let root = verdicts::static_root(&served.settings).known()?.to_owned();
        let (own, root) = (own.trim_end_matches('/'), root.trim_end_matches('/'));
        let apart =
            own.starts_with('/') && root.starts_with('/') && !is_in(own, root) && !is_in(root, own);
        if !apart || storage::storage_is_local(self.p, i) != Some(true) {
            return None;
        }
        let touches = |path: &str| path == "/" || is_in(root, path) || is_in(path, root);
        let fact = &self.p.commands[self.fact().command];
        let chain = &self.p.images[served.image].chain;
        let later = |layer: usize, stage: usize| layer >= fact.layer && chain.contains(&stage);
        let is_copied = self.p.copies.iter().any(|copy| {
            later(copy.layer, copy.stage) && copy.target.as_deref().is_none_or(touches)
        });
        let names = |command: &Command| {
            command.args.iter().any(|arg| match arg.as_str() {
                Some(text) => text.contains(own) || text.contains(root),
                None => true,
            })
        };
        let is_moved = self.p.commands.iter().enumerate().any(|(index, other)| {
            index != self.fact().command && later(other.layer, other.stage) && names(&other.command)
        });
        let services = self
            .p
            .services
            .iter()
            .filter(|it| it.image == Some(served.image));
        let mut mounts = services.flat_map(|it| &it.deployed(self.p).mounts);
        let is_mounted = mounts.any(|mount| {
            let target = mount.target.as_ref();
            target.is_none_or(|target| touches(target.as_str().trim_end_matches('/')))
        });
        (!is_copied && !is_moved && !is_mounted).then(|| (i, root.to_owned()))
    }

    fn served_root(&self) -> Cell {
        let found = self.find_served_root();
        found.map_or(Cell::ABSENT, |(_, root)| Cell::str(&root))
    }

    fn served_is_hashed(&self) -> Cell {
        let found = self.find_served_root();
        Cell::bool(found.is_some_and(|(i, _)| storage::asks_manifest(self.p, i)))
    }

    fn later_files(&self) -> Cell {
        let Some(i) = self.served_with() else {
            return Cell::list(Vec::new());
        };
        let served = &self.p.settings[i];
        let dirs = match verdicts::texts(&served.settings, "STATICFILES_DIRS") {
            Answer::Known(dirs) => dirs.value.entries,
            _ => Vec::new(),
        };
        let is_with_finders = served.settings.get("WHITENOISE_USE_FINDERS").is_some()
            || served.settings.get("WHITENOISE_AUTOREFRESH").is_some();
        let layer = self.p.commands[self.fact().command].layer;
        let chain = &self.p.images[served.image].chain;
        let is_source = |target: &str| {
            let target = target.trim_end_matches('/');
            dirs.iter()
                .any(|(dir, _)| is_in(target, dir.trim_end_matches('/')))
        };
        let copies = self.p.copies.iter().filter(|copy| {
            copy.layer > layer
                && chain.contains(&copy.stage)
                && copy.from != CopyFrom::Context
                && copy.target.as_deref().is_some_and(is_source)
        });
        let copies = copies.filter(|_| !is_with_finders);
        let cells = copies.map(|copy| {
            Cell::str(copy.target.as_deref().unwrap_or_default()).at(copy.destination.0)
        });
        Cell::list(cells.collect())
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

impl View<'_> {
    fn module(&self) -> Cell {
        self.fact().module.as_ref().map_or(Cell::UNKNOWN, traced)
    }

    fn presence(&self) -> Cell {
        presence_cell(&self.fact().presence)
    }

    fn ignored_by(&self) -> Cell {
        ignored_cell(&self.fact().presence)
    }

    fn is_named_here(&self) -> Cell {
        Cell::bool(self.find_is_named_here())
    }

    fn missing_variables(&self) -> Cell {
        self.missing()
    }

    fn static_root(&self) -> Cell {
        effective(&verdicts::static_root(&self.fact().settings), |text| {
            Cell::str(text)
        })
    }

    fn is_default_storage(&self) -> Cell {
        known_bool(self.fact().storage_needs_root())
    }

    fn lacks_program(&self) -> Cell {
        let found = compressors::lacking(self.p, self.i);
        found.map_or(Cell::ABSENT, |(program, span)| Cell::str(program).at(span))
    }

    fn stops_build(&self) -> Cell {
        Cell::bool(self.p.commands[self.fact().command].command.on_failure == OnFailure::Stops)
    }

    fn command(&self) -> Cell {
        Id::Command(self.fact().command).cell(self.p)
    }

    fn stage(&self) -> Cell {
        Id::Stage(self.fact().stage).cell(self.p)
    }
}
