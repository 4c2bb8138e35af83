//! A source of COPY or ADD in the build context.

use crate::facts::files::{cron_jobs, origin};
use crate::facts::intent;
use crate::facts::model::{SourceFact, SourcePresence};
use crate::facts::nodes::cells::{str_or_absent, traced};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::start::{elsewhere, scheduled};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::knowledge::intent_words::Intent;
use crate::source::{Entry, is_in, join, normalize};
use crate::span::Span;

pub(super) const KIND: Kind = Kind {
    name: "source",
    table: &TABLE,
    key: "the path as written",
    vars: &["copy", "stage"],
    doc: "a source of COPY or ADD in the build context",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, source) in p.sources.iter().enumerate() {
        let copy = &p.copies[source.copy];
        let node = Id::Source(i).node(p);
        let covers = facts.instruction_span(copy.instruction);
        each(facts.selected(Some(copy.stage), source.path.as_str(), node, covers));
    }
}

table! {
    "source",
    "A source of COPY or ADD in the build context.";
    path: Type::Str, "as written, expanded";
    presence: Type::Str,
        "`there`, `missing` or `ignored`; unknown when the build context is not certain enough to say";
    ignored_by: Type::Str, "the pattern of the ignore file that excludes it; absent otherwise";
    context: Type::Str, "the directory that is the build context";
    instead: Type::Str,
        "for a missing one: the same path below the one directory of the context, at most two levels down, that \
         has it; absent otherwise";
    above: Type::Str,
        "for a missing one: the nearest directory above the context that has it, as seen from the project; absent \
         where none has";
    above_in_compose: Type::Str,
        "the same as the file that sets the context has to write it: `../..`; marks the service there; absent where \
         no file sets it";
    dockerfile_from_above: Type::Str, "the Dockerfile as seen from there";
    missing_directory: Type::Str,
        "for a missing one: the first directory on the way that is not there; marks the first source of the \
         stage for which it is missing; absent where only the last part is";
    unfound_by_cron: Type::List(&Type::Str),
        "for a table of cron: the programs that its jobs call by their bare names and that are in `/usr/local/bin`, \
         where Debian's cron does not look";
    cron_fault: Type::Str,
        "for a table of cron that Debian's cron passes over: `user` (a job names none, or one that does not exist), \
         `name` (the name of the file has characters such as a dot), `newline` (its last line does not end), `owner` \
         (`crontab` makes it the table of a user, whose jobs name none); absent otherwise";
    cron_elsewhere: Type::Str,
        "for a table of Debian's cron: the directory in which the Python program certainly is that a job calls by \
         another path; marks that path; absent otherwise";
    cron_cut: Type::Str,
        "for a table that Debian's cron reads: the `%` at which it cuts the command of a job, where quotes or brackets \
         are open; marks it; absent otherwise";
    cron_lacks: Type::Str,
        "for a table of Debian's cron: a variable that the settings require and that nothing gives a job, since cron \
         does not hand on those of the container; marks the job; absent otherwise";
    cron_lacks_read: Type::Str, "that variable, where the settings read it";
    cron_place: Type::Str, "marks what of the table is meant";
    is_system_table: Type::Bool,
        "it becomes a table of cron's own, `/etc/crontab` or in `/etc/cron.d`, whatever `crontab` makes of it as well";
    copy: Type::Link("copy"), "the COPY or ADD";
    stage: Type::Link("stage"), "its stage";
}

view! { Source(i: usize) }

impl View<'_> {
    fn fact(&self) -> &SourceFact {
        &self.p.sources[self.i]
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().path.span())
    }

    fn label(&self) -> String {
        self.fact().path.as_str().to_owned()
    }

    fn normal(&self) -> Option<String> {
        normalize(self.fact().path.as_str().trim_matches('/'))
    }

    /// The first directory on the way to a missing source that is not there.
    fn find_missing_directory(&self) -> Option<String> {
        let path = self.normal()?;
        let context = &self.p.around.context;
        let slashes = path.match_indices('/').map(|(at, _)| &path[..at]);
        let mut above = slashes.filter(|above| context.entry(above) == Entry::Missing);
        above.next().map(str::to_owned)
    }

    /// The first source of the stage for which the same directory is missing.
    fn first_below(&self) -> Option<Cell> {
        if !matches!(self.fact().presence, SourcePresence::Missing) {
            return None;
        }
        let directory = self.find_missing_directory()?;
        let stage = |fact: &SourceFact| self.p.copies[fact.copy].stage;
        let first = (0..self.p.sources.len()).find(|i| {
            let other = View { p: self.p, i: *i };
            matches!(other.fact().presence, SourcePresence::Missing)
                && stage(other.fact()) == stage(self.fact())
                && other.find_missing_directory().as_ref() == Some(&directory)
        });
        let first = self.p.sources.get(first?)?;
        Some(Cell::str(&directory).at(first.path.span()))
    }

    /// The one directory of the context, at most two levels down, that has a missing source.
    fn find_instead(&self) -> Option<String> {
        if !matches!(self.fact().presence, SourcePresence::Missing) {
            return None;
        }
        let path = self.normal()?;
        let context = &self.p.around.context;
        let below = |directory: &str| -> Vec<String> {
            let names = context.list(directory);
            let names = names.iter().flat_map(|names| names.iter().take(MAX_LISTED));
            let directories = names.filter(|name| !name.contains('.'));
            directories.map(|name| join(directory, name)).collect()
        };
        let first = below("");
        let second: Vec<String> = first
            .iter()
            .flat_map(|directory| below(directory))
            .collect();
        let all = first.iter().chain(&second).map(|it| join(it, &path));
        let found = all.filter(|path| {
            matches!(context.entry(path), Entry::File { .. } | Entry::Directory)
                && context.ignored_by(path).is_none()
        });
        // What lies in `docs` or `tests` is for those.
        let is_aside = |path: &String| {
            let intent = intent::by_path(path);
            matches!(intent, Some(Intent::Development | Intent::Ci))
        };
        let mut found = found.filter(|path| !is_aside(path));
        found.next().filter(|_| found.next().is_none())
    }

    /// See [`origin::above`].
    fn find_above(&self) -> Option<&str> {
        origin::above(self.p, self.fact())
    }

    /// What the file that sets the context has to say for that directory, and where it names the service.
    fn find_setter(&self) -> Option<(String, Span)> {
        let above = self.find_above()?;
        let mut building = self.p.around.deployed.building();
        let own = building.next()?;
        let directory = own.path.rsplit_once('/').map_or("", |(above, _)| above);
        let from = way(directory, above)?;
        building.next().is_none().then(|| (from, own.place()))
    }

    /// The directory of the context as people see it.
    fn find_context(&self) -> String {
        let context = &self.p.around.context;
        let name = context.root.display(&context.base);
        if name.is_empty() {
            ".".to_owned()
        } else {
            name
        }
    }
}

/// The way from a directory to one above it, or below it: `../..`, `web`.
fn way(from: &str, to: &str) -> Option<String> {
    if from == to {
        return Some(".".to_owned());
    }
    if is_in(to, from) {
        return Some(to.get(from.len()..)?.trim_start_matches('/').to_owned());
    }
    let rest = is_in(from, to).then(|| from.get(to.len()..))??;
    let steps = rest.trim_start_matches('/').split('/').map(|_| "..");
    Some(steps.collect::<Vec<_>>().join("/"))
}

/// Names of one directory below which a missing source is looked for.
const MAX_LISTED: usize = 200;

impl View<'_> {
    fn path(&self) -> Cell {
        Cell::str(self.fact().path.as_str()).at(self.fact().path.span())
    }

    fn presence(&self) -> Cell {
        match &self.fact().presence {
            SourcePresence::There => Cell::str("there"),
            SourcePresence::Missing => Cell::str("missing"),
            SourcePresence::Ignored(..) => Cell::str("ignored"),
            SourcePresence::Unknown => Cell::UNKNOWN,
        }
    }

    fn ignored_by(&self) -> Cell {
        match &self.fact().presence {
            SourcePresence::Ignored(span, text) => Cell::str(text).at(*span),
            SourcePresence::Unknown => Cell::UNKNOWN,
            _ => Cell::ABSENT,
        }
    }

    fn context(&self) -> Cell {
        Cell::str(&self.find_context())
    }

    fn instead(&self) -> Cell {
        str_or_absent(self.find_instead().as_deref())
    }

    fn above(&self) -> Cell {
        let shown = |above: &str| match above {
            "" => ".".to_owned(),
            above => above.to_owned(),
        };
        str_or_absent(self.find_above().map(shown).as_deref())
    }

    fn above_in_compose(&self) -> Cell {
        let found = self.find_setter();
        found.map_or(Cell::ABSENT, |(from, span)| Cell::str(&from).at(span))
    }

    fn dockerfile_from_above(&self) -> Cell {
        let path = self.p.around.dockerfile.as_deref();
        let above = self.find_above();
        let seen = path.zip(above).and_then(|(path, above)| {
            let rest = path.strip_prefix(above)?;
            Some(rest.trim_start_matches('/'))
        });
        str_or_absent(seen)
    }

    fn missing_directory(&self) -> Cell {
        self.first_below().unwrap_or(Cell::ABSENT)
    }

    fn unfound_by_cron(&self) -> Cell {
        let found = scheduled::unfound(self.p, self.i).into_iter();
        Cell::list(
            found
                .map(|(name, span)| Cell::str(&name).at(span))
                .collect(),
        )
    }

    fn cron_elsewhere(&self) -> Cell {
        let found = elsewhere::of_cron(self.p, self.i);
        found.map_or(Cell::ABSENT, |it| Cell::str(&it.directory).at(it.span()))
    }

    fn cron_cut(&self) -> Cell {
        scheduled::cut(self.p, self.i).map_or(Cell::ABSENT, |sign| traced(&sign))
    }

    fn cron_lacks(&self) -> Cell {
        let found = self.p.cron_lacks.iter().find(|it| it.source == self.i);
        found.map_or(Cell::ABSENT, |it| Cell::str(&it.variable).at(it.job))
    }

    fn cron_lacks_read(&self) -> Cell {
        let found = self.p.cron_lacks.iter().find(|it| it.source == self.i);
        found.map_or(Cell::ABSENT, |it| Cell::str(&it.variable).at(it.read))
    }

    fn cron_fault(&self) -> Cell {
        scheduled::fault(self.p, self.i).map_or(Cell::ABSENT, |it| Cell::str(it.kind))
    }

    fn cron_place(&self) -> Cell {
        let found = scheduled::fault(self.p, self.i);
        found.map_or(Cell::ABSENT, |it| Cell::str(&it.text).at(it.span))
    }

    fn is_system_table(&self) -> Cell {
        let table = self.fact().cron_table.as_ref();
        let is_read = |path: &str| cron_jobs::is_table(path) && cron_jobs::is_read_by_name(path);
        Cell::bool(table.is_some_and(|table| is_read(&table.target)))
    }

    fn copy(&self) -> Cell {
        Id::Copy(self.fact().copy).cell(self.p)
    }

    fn stage(&self) -> Cell {
        Id::Stage(self.p.copies[self.fact().copy].stage).cell(self.p)
    }
}
