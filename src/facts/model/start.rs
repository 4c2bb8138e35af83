//! What runs when a container starts: scripts, commands, servers.

use std::ops::Deref;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::facts::model::{Firsts, PythonPhase, Scripts, ShippedImage};
use crate::knowledge::servers::Server as Product;
use crate::maps::HashMap;
use crate::server::supervisor::Supervisor;
use crate::shell::ast::Command;
use crate::span::{Span, Traced};

/// A script that runs when the container starts.
#[derive(Debug, Clone)]
pub struct ScriptFact {
    /// In the image, absolute.
    pub path: String,
    /// The word that names it, in the Dockerfile or another script.
    pub word: Span,
    /// The words by which programs are called that run it: `tini`, `gosu`, a shell.
    pub(crate) runners: Vec<Traced>,
    pub found: crate::context::Found,
    /// `sh script`: neither mode nor shebang matter.
    pub is_interpreted: bool,
    /// `. script`
    pub is_sourced: bool,
    /// The build takes carriage returns away.
    pub line_ends_are_fixed: bool,
    /// The script that starts it, in `scripts`; `None`: ENTRYPOINT or CMD.
    pub caller: Option<usize>,
    /// The kernel starts it as the container's process: no shell and no other program does.
    pub is_process: bool,
    /// How many commands start before it.
    pub before: usize,
    /// It runs at every start.
    pub is_certain: bool,
    /// When it fails, the start fails.
    pub stops: bool,
    /// When it fails, the next command runs all the same.
    pub hides_failure: bool,
    /// `None` when it could not be read.
    pub text: Option<Traced>,
    pub shebang: Option<crate::shell::Shebang>,
    /// How it was read; `None` when no shell does.
    pub dialect: Option<crate::shell::Dialect>,
    pub errors: Vec<crate::shell::ShellError>,
}

/// A command that runs when the container starts.
#[derive(Debug, Clone)]
pub struct StartFact {
    /// ENTRYPOINT or CMD it comes from.
    pub instruction: usize,
    /// In the image's `scripts`; `None`: ENTRYPOINT or CMD itself.
    pub script: Option<usize>,
    /// A shell reads it.
    pub in_shell: bool,
    /// In a script that is only called under a condition it runs perhaps.
    pub command: Command,
    /// When it fails, the start fails: neither its script nor one that calls it goes on.
    pub stops: bool,
    /// When it fails, the next command of its script runs all the same.
    pub hides_failure: bool,
    /// What a shell outside of its script runs as its child.
    pub kept: Option<Kept>,
    /// The earlier command of its script that `exec` puts in the place of the shell, at every start.
    pub behind_exec: Option<usize>,
    /// The earlier one that stays in the foreground until it is stopped, as far as its command line says.
    pub behind_foreground: Option<usize>,
    /// The directory it starts in; `None` when not known.
    pub directory: Option<String>,
}

/// A command that a shell runs as its child and waits for, so that the shell gets the signals.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    /// ENTRYPOINT or CMD it comes from.
    pub instruction: usize,
    /// The command as written.
    pub span: Span,
    /// A script without `#!`, which only a shell starts.
    pub needs_shell: bool,
}

/// One of several servers that an image starts.
#[derive(Debug, Clone)]
pub struct BesideFact {
    pub server: ServerFact,
    pub served: Option<Arc<crate::server::Server>>,
}

/// What starts: from ENTRYPOINT and CMD, or what a compose service puts in their place.
#[derive(Debug, Clone, Default)]
pub struct RunFact {
    /// Callers first.
    pub scripts: Vec<ScriptFact>,
    /// In order, scripts followed.
    pub starts: Vec<StartFact>,
    /// See [`ImageFact::supervised`].
    pub(crate) supervised: Supervised,
    pub server: Option<ServerFact>,
    /// The servers, when there are several processes.
    pub beside: Vec<ServerFact>,
    /// What is started, word by word; empty where a shell reads it.
    pub words: Vec<Traced>,
    /// Everything that starts could be read.
    pub is_known: bool,
    /// See [`ImageFact::gains`].
    pub(crate) gains: Gains,
}

/// What a start installs that its image does not have; see [`crate::facts::start::gains`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Gains {
    /// The packages that it names.
    pub(crate) named: Vec<String>,
    /// Others too: those of a list or a project, those that the named ones bring, words that are not known.
    pub(crate) others: bool,
    /// It may bring programs.
    pub(crate) programs: bool,
}

/// What every supervisord starts among the commands that start.
#[derive(Debug, Clone, Default)]
pub(crate) struct Supervised {
    /// Each in the background, with its own variables and directory; empty where it is not known what it is.
    pub(crate) starts: Vec<StartFact>,
    /// Those that certainly read files of the project.
    pub(crate) by: Vec<Supervising>,
}

/// A supervisord with the configuration that it certainly reads.
#[derive(Debug, Clone)]
pub(crate) struct Supervising {
    /// The word that names it, in the command that starts it.
    pub(crate) word: Span,
    /// The file, by its path in the image.
    pub(crate) path: String,
    /// What it says, with the files that it includes.
    pub(crate) config: Arc<Supervisor>,
}

/// The server process.
#[derive(Debug, Clone)]
pub struct ServerFact {
    /// Which one, with what is known of it.
    pub product: &'static Product,
    pub command: Command,
    pub instruction: usize,
    /// Started by a shell that stays process 1: what that shell runs as its child.
    pub kept: Option<Kept>,
    /// The line of a script that starts it as a child of the script's shell, where `kept` is another command.
    pub own_line: Option<Span>,
    /// A proxy, or what starts others, runs in its container too: that may answer in its place, and gets the signals.
    pub(crate) shares: bool,
}

impl ServerFact {
    /// Its name in rules.
    pub(crate) fn name(&self) -> &'static str {
        self.product.called.unwrap_or(self.product.name)
    }

    /// The command of `manage.py` that starts it.
    pub(crate) fn management(&self) -> Option<&str> {
        self.command.management_name()
    }
}

impl RunFact {
    /// See [`ImageFact::all_starts`].
    pub(crate) fn all_starts(&self) -> impl Iterator<Item = &StartFact> {
        self.starts.iter().chain(&self.supervised.starts)
    }

    /// Its server, or the several of which none is *the* server.
    pub(crate) fn servers(&self) -> impl Iterator<Item = &ServerFact> {
        self.server.iter().chain(&self.beside)
    }
}

impl ImageFact {
    /// All that starts, also what a supervisord does.
    pub(crate) fn all_starts(&self) -> impl Iterator<Item = &StartFact> {
        self.starts.iter().chain(&self.supervised.starts)
    }

    /// Its server, or the several of which none is *the* server.
    pub(crate) fn servers(&self) -> impl Iterator<Item = &ServerFact> {
        let beside = self.beside.iter().map(|one| &one.server);
        self.server.iter().chain(beside)
    }
}

/// A shipped image with what starts in it.
#[derive(Debug)]
pub struct ImageFact {
    pub shipped: ShippedImage,
    /// The command that starts the server, or the last one known to run; `None` when not known.
    pub server: Option<ServerFact>,
    /// That server with all that it is told; `None` for servers that are only known by name.
    pub served: Option<Arc<crate::server::Server>>,
    /// The servers of an image that starts several processes, of which none is *the* server; `server` is then
    /// `None`.
    pub beside: Vec<BesideFact>,
    /// What files beside the Dockerfile start in it, where the image itself says nothing; where it stands in
    /// [`crate::deployed::Deployments::all`].
    pub started_by: Option<usize>,
    /// What is started, word by word; empty where a shell reads it.
    pub words: Vec<Traced>,
    /// Everything that starts is known: no script, word or base image leaves it open.
    pub process_is_known: bool,
    /// The scripts that ENTRYPOINT and CMD lead to, callers first.
    pub scripts: Vec<ScriptFact>,
    /// The commands that run when the container starts, in order, scripts followed.
    pub starts: Vec<StartFact>,
    /// What a supervisord among them starts.
    pub(crate) supervised: Supervised,
    /// What they install.
    pub(crate) gains: Gains,
    /// Why its server certainly does not start, where something asked.
    pub(crate) lost: OnceLock<Option<Lost>>,
    /// The Python that its virtual environment starts with and that it lacks; found when it is asked for.
    pub(crate) no_python: OnceLock<Option<NoPython>>,
}

/// What an install puts into an image.
#[derive(Debug, Clone)]
pub(crate) struct Brought {
    /// The install.
    pub(crate) install: usize,
    pub(crate) made: Scripts,
    /// Where the programs lie at the end; `None` when they stayed behind in their stage.
    pub(crate) now: Option<String>,
    /// The COPY that brought them last, or the packages without them.
    pub(crate) copy: Option<usize>,
}

/// Why the server does not start.
#[derive(Debug, Clone)]
pub(crate) enum Lost {
    /// Its program lies where the search path does not lead.
    OffPath(Brought),
    /// COPY took the packages of another stage without their programs.
    LeftBehind(Brought),
    /// Its first line names the interpreter of a virtual environment that has another place now.
    Moved(Brought),
}

/// A virtual environment without the Python that it starts with.
#[derive(Debug, Clone)]
pub(crate) struct NoPython {
    pub(crate) brought: Brought,
    /// Its path, or the directory of those that uv keeps.
    pub(crate) python: String,
    /// It is there, where the user of the container may not go.
    pub(crate) is_closed_off: bool,
}

impl Deref for ImageFact {
    type Target = ShippedImage;

    fn deref(&self) -> &ShippedImage {
        &self.shipped
    }
}

/// What is known when it is known what starts.
#[derive(Debug)]
pub struct StartPhase {
    /// The phase before.
    pub before: PythonPhase,
    /// One for each shipped stage, in file order.
    pub images: Vec<ImageFact>,
}

impl Deref for StartPhase {
    type Target = PythonPhase;

    fn deref(&self) -> &PythonPhase {
        &self.before
    }
}

/// An option of uWSGI, wherever it was given.
#[derive(Debug, Clone)]
pub struct UwsgiOptionFact {
    pub image: usize,
    /// As uWSGI names it: `lazy-apps`.
    pub name: String,
    /// As written: `UWSGI_LAZY_APPS`, `--lazy-apps`.
    pub written: String,
    pub name_span: Span,
    /// Whole assignment or flag.
    pub span: Span,
    /// `None` when not known; empty for a flag without value.
    pub value: Option<Traced>,
    /// `env`, `environment`, `command line` or `file`.
    pub source: &'static str,
    /// The configuration file, when from one.
    pub path: Option<String>,
    /// The `uwsgi_options` index of the later one that wins, under any name of the option; never for lists.
    pub overridden_by: Option<usize>,
    /// `envs` index when from ENV.
    pub env: Option<usize>,
    /// In an ini file, what stands before the name on its line, and between name and value.
    pub(crate) style: Option<(String, String)>,
    /// For `static-map`, see [`crate::facts::start::uwsgi::answers`]: nothing else answers for STATIC_URL.
    pub(crate) is_only_way: Option<bool>,
    /// See [`Self::meant`]: looking through all names is dear, and several rules ask.
    pub(crate) meant: std::sync::OnceLock<Option<&'static str>>,
}

impl UwsgiOptionFact {
    /// The option that was probably meant by a name uWSGI does not know; `None` when it is known, or
    /// nothing is near.
    pub(crate) fn meant(&self) -> Option<&'static str> {
        use crate::knowledge::uwsgi::{EnvName, from_env, option, suggest};
        let find = || {
            let is_judged =
                option(&self.name).is_none() && from_env(&self.written) != EnvName::BuildOnly;
            is_judged.then(|| suggest(&self.name)).flatten()
        };
        *self.meant.get_or_init(find)
    }
}

/// What may first bring programs to each stage; see [`crate::facts::start::placed`].
#[derive(Debug)]
pub(crate) struct ProgramMarks {
    /// Commands that may install programs in another way than by packages of the system.
    pub(crate) installing: Firsts,
    /// Layers that are not read.
    pub(crate) opaque: Firsts,
    /// By stage.
    pub(crate) searched: Vec<OnceLock<Searched>>,
    /// The commands that install packages with a word in their names, by that word.
    pub(crate) packaged: Mutex<HashMap<String, Arc<Firsts>>>,
}

/// Where a stage looks for programs.
#[derive(Debug)]
pub(crate) struct Searched {
    /// What ENV adds to the search path, `None` for a directory that is not known.
    pub(crate) added: Vec<Option<String>>,
    /// The layer of the first COPY that may put programs there.
    pub(crate) first_copy: Option<usize>,
}

impl ProgramMarks {
    /// The commands that install packages with a word in their names, found once for each word.
    pub(crate) fn packaged(&self, word: &str, find: impl FnOnce() -> Firsts) -> Arc<Firsts> {
        let mut all = self.packaged.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(word) {
            return Arc::clone(known);
        }
        let found = Arc::new(find());
        all.insert(word.to_owned(), Arc::clone(&found));
        found
    }
}
