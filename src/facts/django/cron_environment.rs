//! Jobs of Debian's cron that load the settings: cron starts them without the variables of the container.

use crate::facts::build::at;
use crate::facts::django::found::{manage_script, one_default, presence_of, reads_file_first};
use crate::facts::files::cron_jobs;
use crate::facts::model::{
    self, CronFact, CronLack, DjangoPhase, ModulePresence, ScriptFact, ServiceFact, StartFact,
};
use crate::facts::python::import_path::PythonPath;
use crate::facts::start::scheduled;
use crate::knowledge::programs::is_shell;
use crate::knowledge::words::VariableWords;
use crate::python::module::read_module;
use crate::python::settings::{EnvSource, EnvValue, Interpreter, RequiredEnv};
use crate::shell::ast::{Command, Runs};
use crate::shell::{self, Dialect, Options, UnknownVariables};
use crate::source::{Sources, absolute};
use crate::span::{Span, Traced};

/// What cron gives a job: what its table sets, and little of its own.
struct CronEnv<'a>(&'a CronFact);

impl EnvSource for CronEnv<'_> {
    fn get(&self, name: &str) -> EnvValue {
        let is_set = self.0.table.variables.iter().any(|it| it == name);
        match is_set || VariableWords::SetByCron.contains(name) {
            true => EnvValue::Unknown,
            false => EnvValue::Absent,
        }
    }
}

/// The first job of each table that ends as it loads the settings.
pub(crate) fn collect(
    p: &DjangoPhase,
    services: &[ServiceFact],
    sources: &Sources,
) -> Vec<CronLack> {
    let find = |(source, fact): (usize, &crate::facts::model::SourceFact)| {
        let cron = fact.cron_table.as_ref()?;
        let stage = p.copies[fact.copy].stage;
        let is_read = scheduled::is_read(p, stage, cron) && runs(p, services, stage);
        if !is_read || is_told(p, services) {
            return None;
        }
        let mut jobs = cron.table.jobs.iter();
        let (lack, job) = jobs.find_map(|job| {
            let command = match cron.installed {
                Some(_) => job.clone(),
                None => cron_jobs::behind_user(job)?,
            };
            Some((lacking(p, stage, cron, &command, sources)?, command))
        })?;
        Some(CronLack {
            source,
            variable: lack.name,
            read: lack.span,
            job: job.span(),
        })
    };
    p.sources.iter().enumerate().filter_map(find).collect()
}

/// cron is started in an image with the stage.
fn runs(p: &DjangoPhase, services: &[ServiceFact], stage: usize) -> bool {
    let is_cron = |start: &StartFact| start.command.name.as_deref() == Some("cron");
    let has = |image: usize| at::is_part(&p.stages, stage, p.images[image].stage);
    model::started(&p.images, services).any(|(image, start)| has(image) && is_cron(start))
}

/// Something may write the variables to where jobs find them.
fn is_told(p: &DjangoPhase, services: &[ServiceFact]) -> bool {
    let hands_on = |text: &str| {
        let text: String = text.split_whitespace().collect();
        VariableWords::HandsOn.is_within(&text.to_ascii_lowercase())
    };
    let says = |script: &ScriptFact| {
        let text = script.text.as_ref();
        text.is_none_or(|text| hands_on(text.as_str()))
    };
    let runs = || services.iter().filter_map(|fact| fact.run.as_ref());
    let mut scripts = p.images.iter().flat_map(|image| &image.scripts);
    let is_scripted = scripts.any(says) || runs().flat_map(|run| &run.scripts).any(says);
    let mut starts = model::started(&p.images, services);
    let built = p.commands.iter().map(|fact| &fact.command);
    let is_env = |command: &Command| {
        let name = command.name.as_deref();
        matches!(name, Some("env" | "printenv" | "declare"))
            || matches!(name, Some("export" | "set")) && !command.redirects.is_empty()
    };
    is_scripted
        || built.into_iter().any(is_env)
        || starts.any(|(_, start)| is_env(&start.command))
        || VariableWords::CronReads.is_within(&p.text.text)
}

/// What a job, or a script of one, calls before anything that may set a variable.
enum Calls {
    /// The `manage.py` of a management command.
    Manage(String),
    Script(String),
}

fn managed(text: &Traced) -> Option<Calls> {
    let script = shell::parse(text, Dialect::Posix);
    let commands = script.commands(&UnknownVariables, &Options::default());
    let is_quiet = |it: &&Command| matches!(it.name.as_deref(), Some("cd" | "set" | "echo"));
    let mut rest = commands.iter().skip_while(is_quiet);
    let command = rest.next()?;
    let is_plain = command.assignments.is_empty()
        && command.wrappers.is_empty()
        && command.runs == Runs::Always
        && command.flag("--settings").is_none();
    let directory = command.cd.as_deref().filter(|it| it.starts_with('/'));
    if !is_plain {
        return None;
    }
    if command.management.is_some() {
        return manage_script(command, directory).map(Calls::Manage);
    }
    let program = command.program.as_deref()?;
    let path = match is_shell(command.name.as_deref()?) {
        true => command.operands.first()?.as_str()?,
        false => program,
    };
    let is_known = path.starts_with('/') || directory.is_some() && path.contains('/');
    let whole = absolute(directory.unwrap_or("/"), path);
    is_known.then_some(Calls::Script(whole))
}

/// The variable without which the settings certainly end the job: it only changes its directory and calls `manage.py`.
fn lacking(
    p: &DjangoPhase,
    stage: usize,
    cron: &CronFact,
    job: &Traced,
    sources: &Sources,
) -> Option<RequiredEnv> {
    let sets = ["DJANGO_SETTINGS_MODULE", "PYTHONPATH", "BASH_ENV"];
    let is_set = |name: &&str| cron.table.variables.iter().any(|it| it == name);
    if job.as_str().contains('%') || sets.iter().any(is_set) {
        return None;
    }
    let mut path = PythonPath::at_end(p, sources, stage);
    let manage = match managed(job)? {
        Calls::Manage(manage) => manage,
        Calls::Script(script) => {
            let (file, source) = path.read(&script)?;
            let end = u32::try_from(source.text.len()).ok()?;
            let text = Traced::new(source.text.as_str(), Span::new(file, 0, end));
            match managed(&text)? {
                Calls::Manage(manage) => manage,
                Calls::Script(_) => return None,
            }
        }
    };
    path.add(manage.rsplit_once('/')?.0);
    let (file, source) = path.read(&manage)?;
    let module = one_default(&read_module(file, &source.text))?;
    let is_there = matches!(
        presence_of(&path, module.as_str()),
        ModulePresence::There(_)
    );
    // What `manage.py` reads itself, it may set.
    if !is_there || reads_file_first(&source.text) {
        return None;
    }
    let env = CronEnv(cron);
    let settings = Interpreter::new(&path, &env).settings(module.as_str());
    if !settings.env_files.is_empty() {
        return None;
    }
    let mut required = settings.required_env.iter();
    let is_lacking =
        |it: &&RequiredEnv| it.is_certain && !it.is_set && env.get(&it.name) == EnvValue::Absent;
    required.find(is_lacking).cloned()
}
