//! Files of known findings: which one a configuration names, what is in it, and what of it no longer occurs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::discover;
use super::places::{self, is_within};
use super::request::{Knowing, Request};
use crate::config::{Config, Named};
use crate::finding::Problem;
use crate::policy::{
    Baseline, Compared, Comparison, KnownFile, Outcome, Reported, Silence, Silenced, Terms,
};
use crate::source::{Files, MAX_BASELINE_SIZE, Sources, whole};
use crate::span::FileId;

/// Reads a file of known findings; one that is not there, or is none any more, is empty where it `is_written`.
///
/// # Errors
/// What is wrong with it, for people.
pub(crate) fn read(files: &dyn Files, path: &Path, is_written: bool) -> Result<Baseline, String> {
    if is_written && !files.has(path) {
        return Ok(Baseline::default());
    }
    let bytes = whole(files, path, MAX_BASELINE_SIZE).map_err(|error| error.to_string())?;
    match Baseline::parse(&String::from_utf8_lossy(&bytes)) {
        Err(_) if is_written => Ok(Baseline::default()),
        read => read.map_err(|error| error.to_string()),
    }
}

/// The files of known findings that a run has read, or what is wrong with them.
#[derive(Debug, Default)]
pub(super) struct Baselines(BTreeMap<PathBuf, Result<Arc<Baseline>, String>>);

impl Baselines {
    fn get(
        &mut self,
        files: &dyn Files,
        path: &Path,
        is_written: bool,
    ) -> Result<Arc<Baseline>, String> {
        if let Some(known) = self.0.get(path) {
            return known.clone();
        }
        let baseline = read(files, path, is_written).map(Arc::new);
        self.0.insert(path.to_owned(), baseline.clone());
        baseline
    }
}

/// The known findings of what a configuration is for.
///
/// # Errors
/// When the file lies outside the project, which is at `bound`, or cannot be read.
pub(super) fn of(
    sources: &Sources,
    request: &Request,
    config: &Config,
    bound: Option<&Path>,
    baselines: &mut Baselines,
) -> Result<Option<Arc<KnownFile>>, Problem> {
    let home = |path: &Path| {
        let home = places::project_of(sources, path.parent()?, config);
        home.map(Path::to_owned)
    };
    let is_written = match &request.known {
        Knowing::Nothing => return Ok(None),
        Knowing::All(known) => {
            let home = home(&known.path);
            let known = known.clone();
            return Ok(Some(Arc::new(KnownFile { home, ..known })));
        }
        Knowing::Configured { is_written } => *is_written,
    };
    let policy = config.policy.as_deref();
    let of_policy = policy.and_then(|policy| Some((policy.baseline.as_ref()?, policy)));
    let own = || Some((config.baseline.as_ref()?, config));
    let Some((named, from)) = of_policy.or_else(own) else {
        return Ok(None);
    };
    let problem = |message: String| Problem {
        file: config.name_of(named),
        span: named.span,
        message,
    };
    let path = discover::absolute(&from.directory, Path::new(&named.text));
    let files = &**sources.file_system();
    let is_there = files.has(&path);
    if of_policy.is_none() {
        // It may be there to be written.
        let inside = if is_there {
            Some(&*path)
        } else {
            path.parent()
        };
        if !inside.is_some_and(|inside| is_within(sources, inside, bound)) {
            return Err(problem(format!(
                "`{}` is outside the project; only `--baseline` can name it",
                named.text
            )));
        }
    }
    if !is_there && !is_written {
        return Err(problem(missing(named)));
    }
    let baseline = baselines.get(files, &path, is_written);
    let baseline = baseline.map_err(|error| problem(format!("`{}`: {error}", named.text)))?;
    Ok(Some(Arc::new(KnownFile {
        home: home(&path),
        path,
        baseline,
        is_trusted: of_policy.is_some(),
    })))
}

fn missing(named: &Named) -> String {
    format!(
        "`{}` is not there yet: write it with `--write-baseline`, or check without it with `--no-baseline`",
        named.text
    )
}

/// Where the paths of a file's project begin.
pub(super) fn root(sources: &Sources, file: FileId, config: &Config) -> Option<PathBuf> {
    let source = sources.get(file);
    let directory = source.path.as_deref()?.parent()?;
    places::project_of(sources, directory, config).map(Path::to_owned)
}

/// The project that an entry for a finding names: what lies where its baseline does needs none.
pub(crate) fn project(sources: &Sources, reported: &Reported) -> Option<String> {
    let Terms { config, known, .. } = &*reported.terms;
    let home = known.as_ref().and_then(|known| known.home.clone());
    let root = root(sources, reported.finding.primary.file, config);
    let is_own = home.is_some() && home == root;
    reported.project.clone().filter(|_| !is_own)
}

/// What was checked, by the project it belongs to.
#[derive(Debug, Default)]
pub(super) struct Projects {
    /// The directories that paths of a project begin at.
    pub(super) roots: BTreeMap<String, BTreeSet<PathBuf>>,
}

/// Directories that are called alike: what is known of one would count for the other.
pub(super) fn doubled(request: &Request, projects: &Projects) -> Vec<Problem> {
    let name = |root: &PathBuf| match discover::display_name(&request.working_directory, root) {
        name if name.is_empty() => ".".to_owned(),
        name => name,
    };
    let several = projects.roots.iter().filter(|(_, roots)| roots.len() > 1);
    let problem = |(project, roots): (&String, &BTreeSet<PathBuf>)| {
        let names: Vec<String> = roots
            .iter()
            .map(|root| format!("`{}`", name(root)))
            .collect();
        Problem {
            file: roots.first().map(name).unwrap_or_default(),
            span: None,
            message: format!(
                "{} are all called `{project}`; give them different names with `project` in their configurations",
                names.join(" and ")
            ),
        }
    };
    several.map(problem).collect()
}

/// Keeps what is known quiet, and finds out what no longer occurs: the files of such entries were checked, or
/// `was_walked`.
pub(super) fn apply(
    sources: &Sources,
    request: &Request,
    terms: &[&Arc<Terms>],
    projects: &Projects,
    outcome: &mut Outcome,
    was_walked: impl Fn(&Path) -> bool,
) {
    let base = &request.working_directory;
    let checked: BTreeSet<PathBuf> = outcome
        .files
        .iter()
        .map(|name| discover::absolute(base, Path::new(name)))
        .collect();
    let broken: BTreeSet<String> = outcome.problems.iter().map(|it| it.file.clone()).collect();
    let mut files: BTreeMap<&Path, File> = BTreeMap::new();
    for known in terms.iter().filter_map(|terms| terms.known.as_ref()) {
        let file = files.entry(&known.path).or_insert_with(|| File {
            baseline: &known.baseline,
            comparison: Comparison::new(&known.baseline, request.today),
            homes: BTreeSet::new(),
        });
        file.homes.extend(known.home.as_deref());
    }
    for reported in std::mem::take(&mut outcome.findings) {
        let Terms {
            known, selection, ..
        } = &*reported.terms;
        let known = known.as_ref();
        let known = known
            .filter(|known| known.is_trusted || !selection.is_locked(&reported.finding.rule))
            .and_then(|known| files.get_mut(&*known.path));
        match known.is_some_and(|file| file.comparison.hides(&reported)) {
            true => outcome.silenced.push(Silenced {
                reported,
                by: Silence::Baseline,
            }),
            false => outcome.findings.push(reported),
        }
    }
    for (path, file) in files {
        let Comparison {
            mut occurred,
            mut expired,
            ..
        } = file.comparison;
        occurred.sort_unstable();
        expired.sort_unstable();
        let mut homes = file.homes;
        if homes.is_empty() {
            homes.insert(sources.repository(base).unwrap_or(base));
        }
        let was_seen = |root: &Path, file: &str| {
            let path = discover::absolute(root, Path::new(file));
            let name = discover::display_name(base, &path);
            (checked.contains(&path) || was_walked(&path)) && !broken.contains(&name)
        };
        let entries = file.baseline.entries.iter().enumerate();
        let stale = entries
            .filter(|(position, _)| occurred.binary_search(position).is_err())
            .filter(|(_, entry)| match &entry.project {
                None => homes.iter().any(|home| was_seen(home, &entry.file)),
                Some(project) => {
                    let roots = projects.roots.get(project).into_iter().flatten();
                    roots.into_iter().any(|root| was_seen(root, &entry.file))
                }
            })
            .map(|(position, _)| position)
            .collect();
        outcome.baselines.push(Compared {
            path: path.to_owned(),
            baseline: Arc::clone(file.baseline),
            stale,
            expired,
        });
    }
}

/// A file of known findings as it is compared.
struct File<'a> {
    baseline: &'a Arc<Baseline>,
    comparison: Comparison<'a>,
    /// See [`KnownFile::home`]: of each configuration that it is for.
    homes: BTreeSet<&'a Path>,
}
