//! What starts in an image applies migrations, and nothing makes any there.

use crate::dockerfile::ast::Keyword;
use crate::facts::deploy::databases;
use crate::facts::model::{
    self, DjangoPhase, ImportFact, NoMigrations, Project, ScriptFact, ServiceFact, StartFact,
};
use crate::knowledge::words::ValueWords;
use crate::python::settings::verdicts::{self, Answer};
use crate::shell::ast::{Command, Runs};
use crate::source::is_in;
use crate::span::Traced;

/// What starts with these settings applies migrations, and nothing that starts there or is built into the image makes
/// them.
pub(crate) fn migrates(p: &Project, import: &ImportFact) -> bool {
    let image = p.settings[import.settings].image;
    let all = || p.starts_in(image).map(|start| &start.command);
    let mut built = p.commands.iter().map(|fact| &fact.command);
    all().any(applies)
        && !all().any(|it| is(it, "makemigrations") || is(it, "migrate") && !applies(it))
        && !built.any(|it| is(it, "makemigrations"))
}

/// Something that starts in the image applies migrations and loads the URLs to check them first, and its failure is not
/// passed over.
pub(crate) fn checks(p: &DjangoPhase, services: &[ServiceFact], image: usize) -> bool {
    model::started(&p.images, services).any(|(own, start)| {
        let command = &start.command;
        own == image
            && applies(command)
            && command.runs == Runs::Always
            && command.flag("--skip-checks").is_none()
            && command.operands.is_empty()
    })
}

/// Compose has services of an image start something else in place of its ENTRYPOINT, and one service alone starts with
/// it: whoever wrote that has thought of who does what ENTRYPOINT does.
pub(crate) fn is_set_apart(p: &Project, image: usize) -> bool {
    let own = || p.services.iter().filter(|fact| fact.image == Some(image));
    let replaces = |fact: &&ServiceFact| fact.deployed(p).entrypoint.is_some();
    let mut starting = own().filter(|fact| !replaces(fact));
    let is_one = |fact: &ServiceFact| {
        let replicas = fact.compose(p).map(|service| service.replicas.as_ref());
        replicas.is_some_and(|it| it.is_none_or(|count| count.as_str() == Some("1")))
    };
    p.images[image].entrypoint.is_some()
        && own().any(|fact| replaces(&fact))
        && starting.next().is_some_and(is_one)
        && starting.next().is_none()
}

fn is(command: &Command, name: &str) -> bool {
    command.management_name() == Some(name)
}

fn applies(command: &Command) -> bool {
    is(command, "migrate") && command.flag("--run-syncdb").is_none()
}

/// The application whose tables `migrate` does not make, where neither the project nor anybody beside it makes
/// migrations or the tables.
pub(crate) fn without_tables<'p>(
    p: &'p Project,
    import: &'p ImportFact,
) -> Option<&'p NoMigrations> {
    let lacks = import.lacks.as_ref()?;
    let fact = &p.settings[import.settings];
    let settings = &fact.settings;
    let is_plain = !settings.is_open
        && settings.get("MIGRATION_MODULES").is_none()
        && settings.get("DATABASE_ROUTERS").is_none();
    let is_met = is_plain
        && migrates(p, import)
        && !p.makes_migrations_by_hand
        && !says_so(p, fact.image)
        && !is_filled(p)
        && !is_other_database(p, import)
        && migrates_own_code(p, fact.image, &lacks.directory);
    is_met.then_some(lacks)
}

/// A script makes migrations in a way that no command shows.
fn says_so(p: &Project, image: usize) -> bool {
    let says = |script: &ScriptFact| {
        let text = script.text.as_ref();
        text.is_none_or(|text| ValueWords::MakesTables.is_within(text.as_str()))
    };
    let mut scripts = p.images[image].scripts.iter();
    scripts.any(says)
        || p.runs_of(image).flat_map(|run| &run.scripts).any(says)
        || ValueWords::MakesTables.is_within(&p.text.text)
}

/// A server of databases is filled when it starts for the first time.
fn is_filled(p: &Project) -> bool {
    let mut mounts = p.around.deployed.all.iter().flat_map(|it| &it.mounts);
    mounts.any(|mount| {
        let target = mount.target.as_ref().map(Traced::as_str);
        target.is_none_or(|it| it.contains("initdb"))
    })
}

/// A database without tables, or one that is in the image already.
fn is_other_database(p: &Project, import: &ImportFact) -> bool {
    let settings = &p.settings[import.settings].settings;
    let (entries, is_open) = verdicts::databases(settings).unwrap_or_default();
    is_open
        || entries.iter().any(|entry| match entry.text("ENGINE") {
            Answer::Known(engine) => {
                let engine = engine.value;
                engine.contains("mongo") || engine.ends_with("sqlite3")
            }
            _ => false,
        })
}

/// Some service applies migrations with the code of the image, not with that of the host above it.
fn migrates_own_code(p: &Project, image: usize, directory: &str) -> bool {
    let services = || p.services.iter().filter(|it| it.image == Some(image));
    let any = |starts: &[StartFact]| starts.iter().any(|it| applies(&it.command));
    let own = any(&p.images[image].starts);
    if services().next().is_none() {
        return own;
    }
    services().any(|service| {
        let runs = service.run.as_ref().map_or(own, |run| any(&run.starts));
        let mut mounts = service.deployed(p).mounts.iter();
        let is_over = mounts.any(|mount| {
            let target = mount.target.as_ref().map(Traced::as_str);
            target.is_none_or(|it| is_in(directory, it.trim_end_matches('/')))
        });
        runs && !is_over
    })
}

/// Every database of an image is a file of SQLite that each of its containers has for itself: nothing is mounted there.
pub(crate) fn are_of_each_container(p: &Project, image: usize) -> bool {
    let fact = &p.images[image];
    let names = p.settings.iter().filter(|it| it.image == image);
    let names = names.filter_map(|it| verdicts::databases(&it.settings));
    let names: Vec<_> = names
        .flat_map(|(entries, _)| entries)
        .map(|entry| entry.text("NAME").known().cloned())
        .collect();
    let own = p.services.iter().filter(|it| it.image == Some(image));
    let mut targets = own.flat_map(|it| it.deployed(p).mounts.iter().map(|it| &it.target));
    let may_hold = |target: &Option<Traced>| {
        let target = target.as_ref().map(|it| it.as_str().trim_end_matches('/'));
        let holds = |target: &str| {
            let is_there = |name: &Option<String>| match name {
                Some(name) if name.starts_with('/') => is_in(name, target),
                _ => true,
            };
            names.iter().any(is_there)
        };
        target.is_none_or(holds)
    };
    let mut instructions = p.dockerfile.instructions.iter();
    databases::is_in_files(p, fact.stage) == Some(true)
        && !instructions.any(|it| it.keyword == Keyword::Volume)
        && !targets.any(may_hold)
}
