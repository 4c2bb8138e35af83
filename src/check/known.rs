//! Files of known findings: which one a configuration names, what is in it, and what of it no longer occurs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::discover;
use super::places::is_within;
use super::request::{Knowing, Request};
use crate::config::{Config, Named};
use crate::finding::Problem;
use crate::policy::{Applied, Baseline, Compared, KnownFile, Outcome, Reported, Terms};
use crate::source::{Files, MAX_BASELINE_SIZE, Sources, whole};

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

/// The known findings of what a configuration is for.
///
/// # Errors
/// When the file lies outside the project, which is at `bound`, or cannot be read.
pub(super) fn of(
    sources: &Sources,
    request: &Request,
    config: &Config,
    bound: Option<&Path>,
) -> Result<Option<Arc<KnownFile>>, Problem> {
    let is_written = match &request.known {
        Knowing::Nothing => return Ok(None),
        Knowing::All(known) => return Ok(Some(Arc::new(known.clone()))),
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
    let baseline = read(files, &path, is_written);
    let baseline = baseline.map_err(|error| problem(format!("`{}`: {error}", named.text)))?;
    Ok(Some(Arc::new(KnownFile {
        path,
        baseline: Arc::new(baseline),
        is_trusted: of_policy.is_some(),
    })))
}

fn missing(named: &Named) -> String {
    format!(
        "`{}` is not there yet: write it with `--write-baseline`, or check without it with `--no-baseline`",
        named.text
    )
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
    let mut done: BTreeSet<&Path> = BTreeSet::new();
    for known in terms.iter().filter_map(|terms| terms.known.as_ref()) {
        if !done.insert(&known.path) {
            continue;
        }
        let may = |reported: &Reported| {
            let terms = &reported.terms;
            let own = terms.known.as_ref();
            own.is_some_and(|own| own.path == known.path)
                && (known.is_trusted || !terms.selection.is_locked(&reported.finding.rule))
        };
        let Applied { occurred, expired } = known.baseline.apply(outcome, request.today, may);
        let home = known
            .path
            .parent()
            .and_then(|place| sources.repository(place));
        let home = home.or_else(|| sources.repository(base)).unwrap_or(base);
        let was_seen = |root: &Path, file: &str| {
            let path = discover::absolute(root, Path::new(file));
            let name = discover::display_name(base, &path);
            (checked.contains(&path) || was_walked(&path)) && !broken.contains(&name)
        };
        let entries = known.baseline.entries.iter().enumerate();
        let stale = entries
            .filter(|(position, _)| occurred.binary_search(position).is_err())
            .filter(|(_, entry)| match &entry.project {
                None => was_seen(home, &entry.file),
                Some(project) => {
                    let roots = projects.roots.get(project).into_iter().flatten();
                    roots.into_iter().any(|root| was_seen(root, &entry.file))
                }
            })
            .map(|(position, _)| position)
            .collect();
        outcome.baselines.push(Compared {
            path: known.path.clone(),
            baseline: Arc::clone(&known.baseline),
            stale,
            expired,
        });
    }
}
