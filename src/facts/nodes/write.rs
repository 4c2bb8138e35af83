//! A path that what starts in an image, or a step of its build, writes as a user who may not.

use crate::facts::deploy::writes;
use crate::facts::model::{WriteFact, Writer};
use crate::facts::nodes::cells::str_or_absent;
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::knowledge::words::DirectoryWords;
use crate::span::Span;

pub(super) const KIND: Kind = Kind {
    name: "write",
    table: &TABLE,
    key: "who writes: `settings`, `log`, `database`, `cache`, `option`, `uploads`, `schedule`, `collectstatic`, ...",
    vars: &["stage"],
    doc: "a path that its user is certainly not allowed to write",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, fact) in writes::of(p).iter().enumerate() {
        let node = Id::Write(i).node(p);
        let covers = vec![fact.span];
        each(facts.selected(Some(fact.stage), fact.writer.name(), node, covers));
    }
}

table! {
    "write",
    "A path that its user is certainly not allowed to write: the nearest existing directory belongs to root.";
    path: Type::Str, "the file, or the directory that is made or filled; absolute";
    by: Type::Str,
        "`settings`: they make a directory when they are loaded; `log`: a handler of LOGGING; `database`: SQLite; \
         `cache`: a cache in files; `uploads`: files below MEDIA_ROOT; `option`: a server or worker, as an option \
         says; `schedule`: beat of celery; `collectstatic`; `script`: a command of a script, or its redirection; \
         `tool`: `uv run`, in the home directory of the user";
    name: Type::Str, "of the handler, alias, option or command; absent where it has none";
    moment: Type::Str,
        "`build`: the build fails; `start`: the start fails; `use`: what needs it fails, or the next step goes on \
         without it";
    user: Type::Str, "who writes, by name or number";
    is_shown: Type::Bool,
        "files beside the Dockerfile say how the image is started, or the path is in a directory that the image fills; \
         where not, something may be mounted there";
    directory: Type::Str, "the nearest directory on the way to the path that is there";
    is_of_system: Type::Bool, "that is a directory of every system: `/var/log`";
    to_make: Type::Str,
        "the directory to make for the user: the path itself, where that is one, or the directory of the path, where \
         it is not there; absent otherwise";
    stage: Type::Link("stage"), "the stage of the image, or of the step";
}

view! { Write(i: usize) }

impl View<'_> {
    fn fact(&self) -> &WriteFact {
        &writes::of(self.p)[self.i]
    }

    fn path(&self) -> Cell {
        Cell::str(&self.fact().path).at(self.fact().span)
    }

    fn by(&self) -> Cell {
        Cell::str(self.fact().writer.name())
    }

    fn name(&self) -> Cell {
        let name = &self.fact().name;
        str_or_absent(Some(name.as_str()).filter(|name| !name.is_empty()))
    }

    fn moment(&self) -> Cell {
        Cell::str(self.fact().moment.name())
    }

    fn user(&self) -> Cell {
        let user = &self.fact().user;
        Cell::str(user.split(':').next().unwrap_or(user))
    }

    fn directory(&self) -> Cell {
        Cell::str(&self.fact().directory)
    }

    fn is_shown(&self) -> Cell {
        Cell::bool(self.fact().is_shown)
    }

    fn is_of_system(&self) -> Cell {
        Cell::bool(DirectoryWords::System.contains(&self.fact().directory))
    }

    fn to_make(&self) -> Cell {
        let fact = self.fact();
        let path = fact.path.as_str();
        if fact.is_directory || fact.writer == Writer::Settings {
            return Cell::str(path);
        }
        let parent = path.rsplit_once('/').map(|(parent, _)| parent);
        str_or_absent(parent.filter(|parent| *parent != fact.directory))
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().span)
    }

    fn stage(&self) -> Cell {
        Id::Stage(self.fact().stage).cell(self.p)
    }

    fn label(&self) -> String {
        self.fact().path.clone()
    }
}
