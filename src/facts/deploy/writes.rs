//! Paths that what starts in an image, or a step of its build, writes as another user than root, and the directory in
//! which that user certainly may not.

mod celery;
mod frontends;

use crate::compose::Mount;
use crate::context::{Origin, Presence};
use crate::deployed::Deployed;
use crate::facts::build::{at, users};
use crate::facts::deploy::log_directories::log_files;
use crate::facts::deploy::rights;
use crate::facts::files::origin;
use crate::facts::model::{
    Moment, Project, ScriptFact, SettingsFact, StartFact, WriteFact, Writer, storage_needs_root,
};
use crate::facts::python::script_directories::home_of;
use crate::facts::start::{unprivileged, written};
use crate::knowledge::programs::{self, Role};
use crate::knowledge::words::{DirectoryWords, OptionWords, VariableWords};
use crate::python::settings::Settings;
use crate::python::settings::verdicts::{self, Answer};
use crate::server::{Address, Server, Setting};
use crate::shell::ast::{Command, OnFailure, Runs};
use crate::source::{absolute, is_in};
use crate::span::{Span, Traced};

/// Where Django keeps uploads when nothing says otherwise.
const FILES: &str = "django.core.files.storage.FileSystemStorage";

/// All of them, in the order of images, then steps of the build.
pub(crate) fn of(p: &Project) -> &[WriteFact] {
    p.writes.get_or_init(|| {
        let mut out = Vec::new();
        for image in 0..p.images.len() {
            started(p, image, &mut out);
        }
        collected(p, &mut out);
        frontends::collect(p, &mut out);
        // What is not read may mount something.
        if p.around.deployed.is_open {
            out.clear();
        }
        out
    })
}

/// The user that everything in an image starts as: one that is not root and that nothing changes.
pub(crate) fn user_of(p: &Project, image: usize) -> Option<String> {
    let fact = &p.images[image];
    let user = users::current(&p.stages, fact.stage)?;
    let mut building = p.around.deployed.building();
    let is_changed = |it: &Deployed| it.user.is_some() || it.is_unprivileged;
    let may_switch = |start: &StartFact| {
        start.command.run_as.is_some() || start.command.wrappers.iter().any(|it| it == "sudo")
    };
    let mut packages = p
        .packages
        .iter()
        .filter(|it| fact.chain.contains(&it.stage));
    let switches =
        |name: &str| matches!(name, "sudo" | "doas") || programs::is(name, Role::SwitchesUser);
    let is_kept = !users::is_root(&user)
        && !packages.any(|it| switches(&it.name))
        && !building.any(is_changed)
        && !fact.starts.iter().any(may_switch)
        && !unprivileged::is_for_any_user(p, fact)
        && !unprivileged::is_for_openshift(p);
    is_kept.then_some(user.name)
}

/// Something in a directory, where that is written to.
fn written_path(path: &str, is_directory: bool) -> String {
    match is_directory {
        true => format!("{path}/x"),
        false => path.to_owned(),
    }
}

struct Place<'a> {
    p: &'a Project,
    image: usize,
    stage: usize,
    user: String,
    out: &'a mut Vec<WriteFact>,
}

impl Place<'_> {
    /// A file that is written.
    fn add(&mut self, path: &str, span: Span, writer: Writer, name: &str, moment: Moment) {
        self.add_in(path, false, span, writer, name, moment);
    }

    /// A file, or a directory in which something is written.
    fn add_in(
        &mut self,
        path: &str,
        is_directory: bool,
        span: Span,
        writer: Writer,
        name: &str,
        moment: Moment,
    ) {
        let path = absolute("/", path);
        let p = self.p;
        let written = written_path(&path, is_directory);
        // What nobody shows to be started without may have a volume there.
        let is_shown = p.around.deployed.building().len() > 0
            || origin::is_in_own_directory(p, self.image, &written);
        // A socket is shared with others by a volume.
        if !is_shown && (writer != Writer::Option || name == "socket") {
            return;
        }
        // A file that is there may be the user's.
        let found = origin::made(p, self.stage, &written, None);
        let is_there = !matches!(found.origin, Origin::Missing | Origin::Unknown);
        if is_there && writer != Writer::Database {
            return;
        }
        let Some(directory) = rights::closed_directory(p, self.stage, &self.user, &written, None)
        else {
            return;
        };
        // Nor is what the image has no directory for meant to lie in it.
        if !is_shown && (directory == "/" || DirectoryWords::Empty.contains(&directory)) {
            return;
        }
        self.out.push(WriteFact {
            stage: self.stage,
            path,
            is_directory,
            span,
            writer,
            name: name.to_owned(),
            moment,
            user: self.user.clone(),
            directory,
            is_shown,
        });
    }
}

fn started(p: &Project, image: usize, out: &mut Vec<WriteFact>) {
    let Some(user) = user_of(p, image) else {
        return;
    };
    let stage = p.images[image].stage;
    let mut place = Place {
        p,
        image,
        stage,
        user,
        out,
    };
    // What a supervisord runs as another user writes as that one.
    let supervised = &p.images[image].supervised.starts;
    let is_own = !supervised
        .iter()
        .any(|start| start.command.run_as.is_some());
    let own = p.settings.iter().filter(|it| it.image == image && is_own);
    let settings: Vec<&SettingsFact> = own.collect();
    for fact in &settings {
        of_settings(fact, &mut place);
        of_uploads(fact, &mut place);
        of_metrics(fact, &mut place);
    }
    let supervisors = p.supervisors.iter();
    for fact in supervisors.filter(|it| it.image == image && it.is_certain) {
        for (name, log) in &fact.logs {
            place.add(
                log.as_str(),
                log.span(),
                Writer::Option,
                name,
                Moment::Start,
            );
        }
    }
    let fact = &p.images[image];
    let beside = fact.beside.iter().map(|it| (&it.server, &it.served));
    let one = fact.server.iter().map(|server| (server, &fact.served));
    for (server, served) in one.chain(beside) {
        if let Some(served) = served
            && is_own
        {
            of_server(server.name(), served, &mut place);
        }
    }
    let options = p.uwsgi_options.iter();
    let mut options = options.filter(|it| it.image == image && is_own);
    for option in options.by_ref().filter(|it| it.overridden_by.is_none()) {
        if OptionWords::UwsgiWrites.contains(&option.name)
            && let Some(value) = option
                .value
                .as_ref()
                .filter(|it| it.as_str().starts_with('/'))
        {
            place.add(
                value.as_str(),
                value.span(),
                Writer::Option,
                &option.name,
                Moment::Start,
            );
        }
    }
    of_starts(&fact.starts, &fact.scripts, &settings, &mut place);
    for run in p.runs_of(image) {
        of_starts(&run.starts, &run.scripts, &settings, &mut place);
    }
}

fn of_settings(fact: &SettingsFact, place: &mut Place<'_>) {
    let settings = &fact.settings;
    // Where the build ends there already, nothing starts.
    let lacks = &place.p.log_lacks;
    let files = log_files(settings).into_iter();
    for (name, path, span) in files.filter(|it| {
        !lacks
            .iter()
            .any(|lack| lack.stops_build && lack.span == it.2)
    }) {
        place.add(path, span, Writer::Log, name, Moment::Start);
    }
    // What loads them in a RUN makes it there.
    if !loads_settings(place.p, place.stage) {
        for (path, span) in &settings.made {
            let found = origin::made(place.p, place.stage, path, None);
            if matches!(found.origin, Origin::Missing) {
                place.add(path, *span, Writer::Settings, "", Moment::Start);
            }
        }
    }
    let (databases, _) = verdicts::databases(settings).unwrap_or_default();
    for entry in databases {
        let is_sqlite =
            matches!(entry.text("ENGINE"), Answer::Known(it) if it.value.ends_with("sqlite3"));
        if let Answer::Known(name) = entry.text("NAME")
            && is_sqlite
            && name.value.starts_with('/')
        {
            place.add(
                &name.value,
                name.span,
                Writer::Database,
                &entry.alias,
                Moment::Use,
            );
        }
    }
    let (caches, _) = verdicts::entries(settings, "CACHES").unwrap_or_default();
    for entry in caches {
        let is_file = matches!(entry.text("BACKEND"), Answer::Known(it) if it.value.ends_with("FileBasedCache"));
        if let Answer::Known(location) = entry.text("LOCATION")
            && is_file
            && location.value.starts_with('/')
        {
            place.add_in(
                &location.value,
                true,
                location.span,
                Writer::Cache,
                &entry.alias,
                Moment::Use,
            );
        }
    }
}

/// MEDIA_ROOT, where a volume shows that something is put there.
fn of_uploads(fact: &SettingsFact, place: &mut Place<'_>) {
    let settings = &fact.settings;
    let Answer::Known(root) = verdicts::directory(settings, "MEDIA_ROOT") else {
        return;
    };
    let mut mounts = place.p.around.deployed.building().flat_map(|it| &it.mounts);
    let holds = |mount: &Mount| {
        let target = mount.target.as_ref().map(|it| it.as_str());
        target.is_some_and(|target| is_in(&root.value, target.trim_end_matches('/')))
    };
    if root.value.starts_with('/') && keeps_uploads(settings) && mounts.any(holds) {
        place.add_in(
            &root.value,
            true,
            root.span,
            Writer::Uploads,
            "",
            Moment::Use,
        );
    }
}

/// Uploads are stored below MEDIA_ROOT.
pub(crate) fn keeps_uploads(settings: &Settings) -> bool {
    let is_files = |class: &str| class == FILES;
    match verdicts::static_storage(settings).has_storages {
        Some(true) => {
            let (all, _) = verdicts::entries(settings, "STORAGES").unwrap_or_default();
            let mut own = all.iter().filter(|entry| entry.alias == "default");
            own.any(|it| {
                it.text("BACKEND")
                    .known()
                    .is_some_and(|class| is_files(class))
            })
        }
        Some(false) => match verdicts::text(settings, "DEFAULT_FILE_STORAGE") {
            Answer::Unassigned => true,
            class => class.known().is_some_and(|class| is_files(class)),
        },
        None => false,
    }
}

/// The directory in which prometheus_client keeps what it counts, which the middleware of django-prometheus makes it do
/// as the server loads it.
fn of_metrics(fact: &SettingsFact, place: &mut Place<'_>) {
    let p = place.p;
    let middleware = verdicts::middleware(&fact.settings);
    let counts = middleware.known().is_some_and(|all| {
        let mut all = all.entries.iter();
        all.any(|(class, _)| class.starts_with("django_prometheus.middleware."))
    });
    let given = VariableWords::Metrics.iter().find_map(|name| {
        let is_changed = p.around.service_variables().contains(name);
        let value = at::env(p, place.stage, name).flatten();
        value.filter(|_| !is_changed).map(|value| (name, value))
    });
    if let Some((name, value)) =
        given.filter(|(_, value)| counts && value.as_str().starts_with('/'))
    {
        place.add_in(
            value.as_str(),
            true,
            value.span(),
            Writer::Option,
            name,
            Moment::Start,
        );
    }
}

fn of_server(name: &str, served: &Server, place: &mut Place<'_>) {
    for bind in &served.binds {
        if let Address::Unix(path) = &bind.address
            && path.starts_with('/')
        {
            place.add(path, bind.span, Writer::Option, "socket", Moment::Start);
        }
    }
    if name != "gunicorn" {
        return;
    }
    for (key, setting) in &served.settings {
        if let Setting::Given(value, _) = setting
            && OptionWords::GunicornWrites.contains(key)
            && value.as_str().starts_with('/')
        {
            place.add(
                value.as_str(),
                value.span(),
                Writer::Option,
                key,
                Moment::Start,
            );
        }
    }
}

fn of_starts(
    starts: &[StartFact],
    scripts: &[ScriptFact],
    settings: &[&SettingsFact],
    place: &mut Place<'_>,
) {
    for start in starts {
        let command = &start.command;
        if command.runs != Runs::Always || command.run_as.is_some() {
            continue;
        }
        let resolve = |text: &str| match text.starts_with('/') {
            true => Some(text.to_owned()),
            false => Some(absolute(start.directory.as_deref()?, text)),
        };
        // What may fail, or is asked whether it does, is no fault.
        let is_meant =
            start.stops && !start.hides_failure && command.on_failure == OnFailure::Stops;
        for redirect in command
            .redirects
            .iter()
            .filter(|it| is_meant && it.operator.ends_with('>'))
        {
            let target = redirect.target.as_ref().and_then(|it| it.text.as_ref());
            if let Some(target) = target.filter(|it| !it.as_str().starts_with('&'))
                && let Some(path) = resolve(target.as_str())
            {
                place.add(&path, target.span(), Writer::Script, "", Moment::Start);
            }
        }
        if command.wrappers.iter().any(|it| it == "uv run") {
            of_uv(start, scripts, place);
        }
        let management = command.management_name();
        match command.name.as_deref() {
            Some(name) if is_meant && programs::is(name, Role::Makes) => {
                for operand in command.operands.iter().filter_map(|it| it.text.as_ref()) {
                    if let Some(path) = resolve(operand.as_str()) {
                        made(name, &path, operand, place);
                    }
                }
            }
            Some("celery") => {
                for (name, value) in celery::options(command) {
                    if let Some(path) = resolve(value.as_str()) {
                        place.add(&path, value.span(), Writer::Option, name, Moment::Start);
                    }
                }
                if let Some((file, span)) = celery::schedule(start, settings)
                    && let Some(path) = resolve(file)
                {
                    place.add(&path, span, Writer::Schedule, "beat", Moment::Start);
                }
            }
            _ if management == Some("collectstatic") && is_plain(command) && is_meant => {
                let mut local = settings
                    .iter()
                    .filter(|it| storage_needs_root(&it.settings) == Some(true));
                let root = local.find_map(|it| {
                    verdicts::static_root(&it.settings)
                        .known()
                        .map(|it| it.to_owned())
                });
                let span = command
                    .management
                    .as_ref()
                    .map_or(command.span, |it| it.span);
                if let Some(root) = root.filter(|it| it.starts_with('/')) {
                    place.add_in(&root, true, span, Writer::Collectstatic, "", Moment::Start);
                }
            }
            _ => {}
        }
    }
}

/// A step of the build may load the settings.
fn loads_settings(p: &Project, stage: usize) -> bool {
    let chain = at::chain(&p.stages, stage);
    let mut commands = p.commands.iter().filter(|it| chain.contains(&it.stage));
    commands.any(|it| {
        let name = it.command.name.as_deref();
        it.command.management.is_some() || matches!(name, Some("python" | "django-admin"))
    })
}

/// `uv run` makes its cache directory, whether it has to download something or not.
fn of_uv(start: &StartFact, scripts: &[ScriptFact], place: &mut Place<'_>) {
    let p = place.p;
    let is_moved = |name: &str| {
        at::sets_env(p, place.stage, name) || p.around.service_variables().contains(name)
    };
    let command = &start.command;
    // Options of `uv run`, files of uv, and what a script sets before it.
    let written = written::at(p, place.image, command.span);
    let script = start
        .script
        .map(|it| scripts.get(it).and_then(|it| it.text.as_ref()));
    let is_said = |text: &str| {
        let text = text.to_ascii_lowercase();
        ["cache", "home", "-n "].iter().any(|it| text.contains(it))
    };
    let has_file = !matches!(p.around.context.presence("uv.toml"), Presence::Missing);
    let text = &p.text.text;
    let is_without = written.is_none_or(is_said)
        || script.is_some_and(|it| it.is_none_or(|it| is_said(it.as_str())))
        || has_file
        || text.contains("login.defs")
        || text.contains("/etc/uv")
        || command
            .assignments
            .iter()
            .any(|it| it.name.starts_with("UV_"));
    if VariableWords::UvCache.iter().any(is_moved) || is_without {
        return;
    }
    let user = users::current(&p.stages, place.stage);
    let Some((home, true)) = user.and_then(|it| home_of(p, place.stage, &it)) else {
        return;
    };
    let path = format!("{home}/.cache/uv");
    let made = origin::made(p, place.stage, &home, None);
    let mounted = origin::is_mounted(p, &path);
    // What the commands of the build leave open is open.
    let chain = at::chain(&p.stages, place.stage);
    let is_sure = rights::are_read(p, &chain) && matches!(made.origin, Origin::Missing) && !mounted;
    if is_sure {
        place.out.push(WriteFact {
            stage: place.stage,
            path,
            is_directory: true,
            span: command.span,
            writer: Writer::Tool,
            name: "uv run".to_owned(),
            moment: Moment::Start,
            user: place.user.clone(),
            directory: "/home".to_owned(),
            is_shown: true,
        });
    }
}

/// `collectstatic` with no option that changes what it does, and no settings of its own.
fn is_plain(command: &Command) -> bool {
    command.assignments.is_empty() && command.flag("--settings").is_none() && !is_trial(command)
}

/// It says what it would do, or something else.
fn is_trial(command: &Command) -> bool {
    let is_given = |name: &str| command.flag(name).is_some();
    OptionWords::ManagementTrial.iter().any(is_given)
}

/// `mkdir -p` of what is there does nothing.
fn made(name: &str, path: &str, operand: &Traced, place: &mut Place<'_>) {
    let found = origin::made(place.p, place.stage, path, None);
    if name != "mkdir" || matches!(found.origin, Origin::Missing) {
        place.add(path, operand.span(), Writer::Script, name, Moment::Start);
    }
}

/// `collectstatic` of the build as a user who may not write STATIC_ROOT.
fn collected(p: &Project, out: &mut Vec<WriteFact>) {
    for fact in &p.collects {
        let command = &p.commands[fact.command];
        let has_mounts = !p.layers[command.layer].mounts.is_empty();
        let stops = command.command.on_failure == OnFailure::Stops;
        if command.runs_as_root != Some(false)
            || command.command.run_as.is_some()
            || is_trial(&command.command)
            || has_mounts
            || !stops
        {
            continue;
        }
        let instruction = p.layers[command.layer].instruction;
        let user = users::before(&p.stages, fact.stage, instruction);
        let root = verdicts::static_root(&fact.settings);
        let (Some(user), Some(root)) = (user, root.known()) else {
            continue;
        };
        if !root.starts_with('/') || fact.storage_needs_root() != Some(true) {
            continue;
        }
        let written = written_path(root, true);
        let before = Some(fact.command);
        let closed = rights::closed_directory(p, fact.stage, &user.name, &written, before);
        let Some(directory) = closed else { continue };
        out.push(WriteFact {
            stage: fact.stage,
            path: root.clone(),
            is_directory: true,
            span: command
                .command
                .management
                .as_ref()
                .map_or(command.command.span, |it| it.span),
            writer: Writer::Collectstatic,
            name: String::new(),
            moment: Moment::Build,
            user: user.name,
            directory,
            is_shown: true,
        });
    }
}
