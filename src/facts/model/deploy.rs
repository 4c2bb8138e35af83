//! What starts the images, and who of it holds which password.

use crate::maps::{HashMap, HashSet};
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use crate::compose::EnvVar;
use crate::facts::model::{DjangoPhase, ImageFact, NamedFileFact, RunFact, StageFact, StartFact};
use crate::knowledge::Series;
use crate::knowledge::databases::Engine;
use crate::nginx::{Misplaced, Site};
use crate::server::supervisor::Supervisor;
use crate::source::SourceFile;
use crate::span::{FileId, Span, Traced};

/// A service of a compose stack, a process of a platform: what lies around the Dockerfile starts it.
#[derive(Debug)]
pub struct ServiceFact {
    /// What settings take from its variables and cannot use; see [`crate::facts::deploy::hosts`].
    pub(crate) misfits: Vec<MisfitFact>,
    /// Where it stands in [`crate::deployed::Deployments::all`].
    pub deployed: usize,
    /// It builds this Dockerfile.
    pub builds_this: bool,
    /// Something around the Dockerfile builds an image of the name that it runs.
    pub(crate) is_built_beside: bool,
    /// The shipped image that it runs, among `images`; `None` when it is another one.
    pub image: Option<usize>,
    /// What it starts in that image, when that is not the image's own.
    pub run: Option<RunFact>,
    /// The server that it runs, with its own variables.
    pub served: Option<Arc<crate::server::Server>>,
}

/// What a setting takes from a variable of a service and cannot use.
#[derive(Debug)]
pub(crate) struct MisfitFact {
    /// The variable, by its position.
    pub(crate) variable: usize,
    pub(crate) kind: Misfit,
    pub(crate) setting: &'static str,
    pub(crate) texts: Vec<String>,
}

/// What is wrong with a text of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// It matches no host.
    Host,
    /// An address of files that does not end with a slash.
    Slash,
    /// An origin without its scheme.
    Scheme,
    /// An origin with a path.
    Path,
}

/// A file that git ignores and the project uses, in a directory that a COPY takes along: whoever builds has it.
#[derive(Debug)]
pub(crate) struct LocalFileFact {
    /// In the build context.
    pub(crate) path: String,
    pub(crate) kind: LocalKind,
    /// Where the project names it.
    pub(crate) named: Span,
    /// The service that is given it, in the project's `services`.
    pub(crate) service: Option<usize>,
    pub(crate) copy: usize,
    /// The source that takes it along.
    pub(crate) source: Span,
    /// The `.dockerignore` that excludes it and that is not read, as another ignore file takes its place.
    pub(crate) unread: Option<Span>,
    /// The ignore file of the context, as shown to people.
    pub(crate) ignore_file: Option<String>,
    /// The pattern of the ignore file that takes it back in: `!.env`.
    pub(crate) taken_back: Option<Traced>,
    pub(crate) is_published: bool,
}

/// What such a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LocalKind {
    Variables,
    Credentials,
    Database,
}

impl LocalKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Variables => "variables",
            Self::Credentials => "credentials",
            Self::Database => "database",
        }
    }
}

/// The nginx of a stack, with all that its configuration says.
#[derive(Debug)]
pub(crate) struct ProxyFact {
    /// In the project's `services`.
    pub(crate) service: usize,
    pub(crate) site: Site,
    /// A directive in a block that may not have it.
    pub(crate) misplaced: Option<Misplaced>,
    /// Its image is nginx's own: it has no files of the application.
    pub(crate) is_plain: bool,
    /// Where files and directories of the project lie below nginx's own; `None` where more may lie there than these
    /// and what the image has.
    pub(crate) placed: Option<Vec<String>>,
}

/// A server beside the application that asks others, with the addresses that its file says.
#[derive(Debug)]
pub(crate) struct AskerFact {
    pub(crate) name: &'static str,
    pub(crate) proxy: ProxyFact,
}

/// A mount of a service whose file is certainly not there.
#[derive(Debug)]
pub(crate) struct MissingMount {
    /// In the project's `services`.
    pub(crate) service: usize,
    /// Among its mounts.
    pub(crate) mount: usize,
}

/// A file of variables that a service names and that is certainly not there.
#[derive(Debug)]
pub(crate) struct MissingEnvFile {
    /// In the project's `services`.
    pub(crate) service: usize,
    /// The path as written.
    pub(crate) written: Traced,
    /// Where a file of that name is.
    pub(crate) instead: String,
}

/// A service whose server its configuration sends to the background.
#[derive(Debug)]
pub(crate) struct Daemonized {
    /// In the project's `services`.
    pub(crate) service: usize,
    pub(crate) server: &'static str,
    /// The setting, in the file or on the command line.
    pub(crate) span: Span,
}

/// An address that a server of a stack listens on and that nothing but its own container reaches.
#[derive(Debug)]
pub(crate) struct OwnAddress {
    /// In the project's `services`.
    pub(crate) service: usize,
    pub(crate) found: Traced,
}

/// A supervisord that certainly reads a file of the project.
#[derive(Debug)]
pub(crate) struct SupervisorFact {
    pub(crate) image: usize,
    /// The word that names it.
    pub(crate) word: Span,
    /// The file, by its path in the image.
    pub(crate) path: String,
    pub(crate) config: Arc<Supervisor>,
    /// It goes to the background, and the container ends with the process that started it.
    pub(crate) daemonizes: bool,
    /// Nothing starts before it.
    pub(crate) is_alone: bool,
    /// It starts whenever the container does, and everything that starts is read.
    pub(crate) is_certain: bool,
    /// The log files that it opens itself, by their option.
    pub(crate) logs: Vec<(&'static str, Traced)>,
    /// What each of its programs starts, where its command is known.
    pub(crate) runs: Vec<Option<RunFact>>,
}

/// A query that runs before `migrate` has made its table.
#[derive(Debug)]
pub(crate) struct EarlyQuery {
    /// In the project's `settings`.
    pub(crate) settings: usize,
    pub(crate) model: String,
    pub(crate) span: Span,
}

/// A directory of a log file that the image does not have.
#[derive(Debug)]
pub(crate) struct LogLack {
    /// In the project's `settings`.
    pub(crate) settings: usize,
    /// The handler of LOGGING.
    pub(crate) handler: String,
    pub(crate) directory: String,
    /// Where the file is named.
    pub(crate) span: Span,
    /// The pattern of the ignore file that keeps the directory out.
    pub(crate) ignored_by: Option<(String, Span)>,
    /// `collectstatic` of the build opens the file already.
    pub(crate) stops_build: bool,
}

/// A job of cron that ends as it loads the settings, since cron does not give it a variable.
#[derive(Debug)]
pub(crate) struct CronLack {
    /// The table among the sources of COPY.
    pub(crate) source: usize,
    pub(crate) variable: String,
    /// Where the settings read it.
    pub(crate) read: Span,
    pub(crate) job: Span,
}

/// An application of celery that a command names and that is not there.
#[derive(Debug)]
pub(crate) struct CeleryLack {
    pub(crate) command: Span,
    pub(crate) module: Traced,
    pub(crate) lack: NoCelery,
    /// The one other module of the project that makes one.
    pub(crate) elsewhere: Option<String>,
}

/// Why celery finds no application.
#[derive(Debug)]
pub(crate) enum NoCelery {
    /// The module is not there; a package beside it that has one.
    Module(Option<String>),
    /// The module is there and has none.
    Application,
}

/// A variable of nginx in a configuration that `envsubst` fills without a list of names.
#[derive(Debug)]
pub(crate) struct Emptied {
    pub(crate) name: String,
    pub(crate) span: Span,
    /// The `envsubst`.
    pub(crate) command: Span,
    /// The service that runs it, in the project's `services`; `None` for a shipped image.
    pub(crate) service: Option<usize>,
}

/// What a program of Python in the project does that is the process of a container: it waits for another one, or for
/// nothing, and no signal but that of a keyboard ends it.
#[derive(Debug)]
pub(crate) struct PythonProcess {
    /// The command that starts it.
    pub(crate) command: Span,
    /// The server or worker that it starts as its child and waits for: its first words, and the call.
    pub(crate) child: Option<(String, Span)>,
    /// The head of a loop without end.
    pub(crate) endless: Option<Span>,
}

/// A variable of a service that holds a password.
#[derive(Debug)]
pub(crate) struct Holder {
    /// In the project's `services`.
    pub(crate) service: usize,
    pub(crate) var: EnvVar,
}

/// Who writes a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writer {
    /// The settings, when they are loaded.
    Settings,
    /// A handler of LOGGING.
    Log,
    /// A database of SQLite.
    Database,
    /// A cache in files.
    Cache,
    /// What users of the application hand in.
    Uploads,
    /// An option of a server or worker: its log, its number, its socket.
    Option,
    Collectstatic,
    /// celery's beat: when it last sent each task.
    Schedule,
    /// A command of a script, or its redirection.
    Script,
    /// A tool that keeps what it downloads, or may, in the home directory.
    Tool,
}

impl Writer {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Log => "log",
            Self::Database => "database",
            Self::Cache => "cache",
            Self::Uploads => "uploads",
            Self::Option => "option",
            Self::Collectstatic => "collectstatic",
            Self::Schedule => "schedule",
            Self::Script => "script",
            Self::Tool => "tool",
        }
    }
}

/// When it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// While the image is built: the build fails.
    Build,
    /// The start fails.
    Start,
    /// When somebody asks for something that needs it.
    Use,
}

impl Moment {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Start => "start",
            Self::Use => "use",
        }
    }
}

/// A path that is written by a user who may not.
#[derive(Debug)]
pub(crate) struct WriteFact {
    pub(crate) stage: usize,
    /// Absolute.
    pub(crate) path: String,
    /// Something is written in it; otherwise it is itself what is written.
    pub(crate) is_directory: bool,
    pub(crate) span: Span,
    pub(crate) writer: Writer,
    /// Of the handler, alias, option or command; empty where it has none.
    pub(crate) name: String,
    pub(crate) moment: Moment,
    pub(crate) user: String,
    /// The nearest directory that is there; it belongs to root.
    pub(crate) directory: String,
    /// Files say how the image is started, or the image itself is meant to bring the path.
    pub(crate) is_shown: bool,
}

/// All of them by what is started together, password, and the name that they must share.
pub(crate) type Holders = HashMap<(usize, String, String), Vec<Holder>>;

/// What is started together.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    /// In the project's `services`.
    pub(crate) services: Vec<usize>,
    /// The first of each name.
    pub(crate) names: HashMap<String, usize>,
    /// One of it runs an image of this Dockerfile.
    pub(crate) is_used: bool,
    /// How many databases are among the services of the stack.
    pub(crate) databases: usize,
    /// How many services of it build an image that is based on a database.
    pub(crate) built_databases: usize,
    /// The releases of its services, by the database that they are.
    pub(crate) series: HashMap<Option<Engine>, HashSet<Option<Series>>>,
    /// Services that wait for each other, each for the next and the last for the first; empty where none do.
    pub(crate) circle: Vec<usize>,
    /// One of it starts a development server.
    pub(crate) develops: OnceLock<bool>,
    /// See [`crate::facts::deploy::purpose::why_for_development`].
    pub(crate) for_development: OnceLock<Option<String>>,
}

/// What is known when it is known who starts the images.
#[derive(Debug)]
pub struct DeployPhase {
    /// The phase before.
    pub before: DjangoPhase,
    /// What the files around it start, one for each [`crate::deployed::Deployed`].
    pub services: Vec<ServiceFact>,
    /// Every nginx whose configuration is certain and that stands beside a service of this Dockerfile.
    pub(crate) proxies: Vec<ProxyFact>,
    pub(crate) askers: Vec<AskerFact>,
    /// The services, by their place in `services`, that only pass requests on or serve files.
    pub(crate) only_proxies: HashSet<usize>,
    pub(crate) supervisors: Vec<SupervisorFact>,
    /// See [`crate::facts::deploy::substituted`].
    pub(crate) emptied: Vec<Emptied>,
    pub(crate) celery_lacks: Vec<CeleryLack>,
    /// See [`crate::facts::deploy::early_queries`].
    pub(crate) early_queries: Vec<EarlyQuery>,
    /// See [`crate::facts::deploy::log_directories`].
    pub(crate) log_lacks: Vec<LogLack>,
    /// Files that compose mounts and that are not there.
    pub(crate) missing_mounts: Vec<MissingMount>,
    /// Files of variables that compose reads and that are not there.
    pub(crate) missing_env_files: Vec<MissingEnvFile>,
    /// See [`crate::facts::deploy::daemonized`].
    pub(crate) daemonized: Vec<Daemonized>,
    /// See [`crate::facts::django::cron_environment`].
    pub(crate) cron_lacks: Vec<CronLack>,
    pub(crate) python_processes: Vec<PythonProcess>,
    /// See [`crate::facts::django::finders`].
    pub(crate) named_files: Vec<NamedFileFact>,
    /// See [`crate::facts::deploy::local_files`].
    pub(crate) local_files: Vec<LocalFileFact>,
    /// Every server of a stack that listens at the loopback address only.
    pub(crate) own_addresses: Vec<OwnAddress>,
    /// Compose and env files that git ignores.
    pub uncommitted: Vec<FileId>,
    /// See [`crate::facts::deploy::cluster::is_unprivileged`].
    pub(crate) is_unprivileged_in_cluster: bool,
    /// The compose and env files, as written.
    pub(crate) texts: Vec<(FileId, Arc<SourceFile>)>,
    /// See [`crate::facts::deploy::compose_callers::read_version`].
    pub(crate) version_is_read: bool,
    /// See [`crate::facts::deploy::compose_callers::collect_by_hand`].
    pub(crate) collects_by_hand: bool,
    /// See [`crate::facts::deploy::compose_callers::make_migrations`].
    pub(crate) makes_migrations_by_hand: bool,
    /// See [`crate::facts::deploy::compose_callers::tell_hosts`].
    pub(crate) hosts_are_told: bool,
    /// A file of the project makes tables of caches, or says that somebody does.
    pub(crate) makes_cache_tables: bool,
    /// What is started together, by its number; see [`crate::facts::deploy::groups`].
    pub(crate) groups: OnceLock<Vec<Beside>>,
}

/// What of the names that were looked for code of the project has.
#[derive(Debug, Default)]
pub(crate) struct CodeNames {
    /// What was looked for in all of the code, and is not there; empty where some of it was not read.
    pub(crate) lacking: HashSet<String>,
}

impl CodeNames {
    /// No code of the project has a name that was looked for.
    pub(crate) fn lack(&self, name: &str) -> bool {
        self.lacking.contains(name)
    }
}

impl DeployPhase {
    /// What services start in an image in place of what it starts by itself.
    pub(crate) fn runs_of(&self, image: usize) -> impl Iterator<Item = &RunFact> {
        let services = self.services.iter();
        let of_image = services.filter(move |it| it.image == Some(image));
        of_image.filter_map(|it| it.run.as_ref())
    }

    /// All that starts in the containers of an image, by a service or by itself, also what a supervisord does.
    pub(crate) fn starts_in(&self, image: usize) -> impl Iterator<Item = &StartFact> {
        let of_services = self.runs_of(image).flat_map(RunFact::all_starts);
        of_services.chain(self.images[image].all_starts())
    }
}

/// What images start by themselves, and services in them, each with its image; what a supervisord starts has facts of
/// its own.
pub(crate) fn started<'a>(
    images: &'a [ImageFact],
    services: &'a [ServiceFact],
) -> impl Iterator<Item = (usize, &'a StartFact)> {
    let images = images.iter().enumerate();
    let own = images.flat_map(|(i, image)| image.starts.iter().map(move |start| (i, start)));
    let runs = services.iter();
    let runs = runs.filter_map(|fact| Some((fact.image?, fact.run.as_ref()?)));
    own.chain(runs.flat_map(|(i, run)| run.starts.iter().map(move |start| (i, start))))
}

impl Deref for DeployPhase {
    type Target = DjangoPhase;

    fn deref(&self) -> &DjangoPhase {
        &self.before
    }
}

impl DeployPhase {
    /// The stages, whose intent shows when everything else is known.
    pub(crate) fn stages_mut(&mut self) -> &mut [StageFact] {
        let python = &mut self.before.before.before;
        &mut python.before.before.before.stages
    }
}
