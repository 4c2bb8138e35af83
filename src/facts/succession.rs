//! What a base image can be moved to: the same flavour with a Python and a Debian that are supported, as far as the
//! Django of the images built on it allows.

use crate::facts::model::{BaseFact, InstallFact, Project, stage_called};
use crate::facts::{base, dependencies, effective};
use crate::knowledge::images::Family;
use crate::knowledge::packages;
use crate::knowledge::pypi::{self, Wheels};
use crate::knowledge::python::{self, PythonSeries, PythonTag, Variant};
use crate::knowledge::{Date, Series, alpine, debian, django::DjangoSeries, ubuntu};
use crate::python::requirements::Versions;
use crate::span::{Span, Traced};

/// So long after a first release the packages of PyPI have followed.
const SETTLED_DAYS: i32 = 180;

/// The image to write in FROM, and the Debian suite it is built on.
#[derive(Debug, Clone)]
pub(crate) struct Successor {
    pub(crate) image: String,
    pub(crate) suite: Option<&'static str>,
    pub(crate) python: Option<Series>,
}

/// What to write instead of the base image of a stage; `None` when that is not known, or when Django has to be
/// upgraded first ([`blocking_django`]).
pub(crate) fn successor(p: &Project, stage: usize) -> Option<Successor> {
    let fact = &p.stages[stage].base;
    if !fact.tag_is_known {
        return None;
    }
    let tag = fact.image.as_ref()?.tag.as_ref().map(Traced::as_str);
    let mut python = None;
    let (tag, suite) = match fact.knowledge.family {
        Family::Python => {
            let (series, tag, suite) = python_tag(p, stage, tag.unwrap_or("latest"))?;
            python = Some(series);
            (tag, suite)
        }
        Family::Debian | Family::BuildpackDeps => {
            let suite = debian::stable(p.today)?.codename;
            let kept = tag
                .and_then(|tag| tag.rsplit_once('-'))
                .map(|(_, word)| word);
            let kept = kept.filter(|word| matches!(*word, "slim" | "curl" | "scm"));
            let tag = kept.map_or(suite.to_owned(), |word| format!("{suite}-{word}"));
            (tag, Some(suite))
        }
        Family::Ubuntu => (ubuntu::by_tag("latest", p.today)?.version.to_owned(), None),
        Family::Alpine => {
            let newest = alpine::all().iter().rev().find(|row| !row.is_eol(p.today));
            (newest?.version.to_string(), None)
        }
        _ => return None,
    };
    Some(Successor {
        image: format!("{}:{tag}", repository(fact)?),
        suite,
        python,
    })
}

/// The slim variant of a successor on Debian's Python image.
pub(crate) fn slim(successor: &Successor) -> Option<String> {
    let (suite, image) = (successor.suite?, &successor.image);
    successor.python?;
    let head = image.strip_suffix(suite)?.strip_suffix('-')?;
    let head = head.strip_suffix("-slim").unwrap_or(head);
    Some(format!("{head}-slim-{suite}"))
}

/// The reference as written, without tag and digest.
fn repository(fact: &BaseFact) -> Option<&str> {
    let text = fact.text.as_ref()?.as_str();
    let text = text.split('@').next().unwrap_or(text);
    let after_path = text.rfind('/').map_or(0, |at| at + 1);
    let end = text[after_path..]
        .find(':')
        .map_or(text.len(), |at| after_path + at);
    text.get(..end)
}

fn python_tag(
    p: &Project,
    stage: usize,
    tag: &str,
) -> Option<(Series, String, Option<&'static str>)> {
    let tag = PythonTag::parse(tag)?;
    let own = tag.series().and_then(python::series);
    // A series that is supported stays.
    let row = match own.filter(|row| !row.is_eol(p.today)) {
        Some(row) => row,
        None => moved_to(p, stage, own.is_none())?,
    };
    let version = row.series;
    Some(match tag.variant {
        Variant::Alpine => {
            // The image is built on the two newest releases.
            let mut built = alpine::all().iter().rev().take(2);
            let kept = built.find(|row| tag.suite == Some(row.version.to_string().as_str()));
            let suite = kept.map_or(String::new(), |row| row.version.to_string());
            (version, format!("{version}-alpine{suite}"), None)
        }
        Variant::Windows => return None,
        Variant::Slim | Variant::Bare => {
            let suite = suite_for(row, tag.suite, p.today)?;
            let flavour = if tag.variant == Variant::Slim {
                "-slim"
            } else {
                ""
            };
            let tag = format!("{version}{flavour}-{suite}");
            (version, tag, Some(suite))
        }
    })
}

/// The suite that is written, as long as it is supported and the series is built on it; else the newest.
fn suite_for(row: &PythonSeries, written: Option<&str>, today: Date) -> Option<&'static str> {
    let is_kept = |suite: &&&str| {
        Some(**suite) == written && debian::by_codename(suite).is_some_and(|row| !row.is_eol(today))
    };
    let kept = row.suites.iter().find(is_kept);
    kept.or_else(|| row.suites.first()).copied()
}

/// The newest Python that has settled, that Django and the project run on and that everything asked for can be installed
/// for; where the tag names none, the one that paths name.
fn moved_to(p: &Project, stage: usize, is_floating: bool) -> Option<&'static PythonSeries> {
    let mut fitting: Vec<_> = allowed(p, stage);
    fitting.retain(|row| held_by(p, stage, row.series).is_empty());
    let named = paths(p, stage).into_iter().map(|(series, _)| series).max();
    let by_path = fitting
        .iter()
        .find(|row| is_floating && Some(row.series) == named);
    by_path.or(fitting.last()).copied()
}

/// The settled series that Django and `requires-python` allow, oldest first.
fn allowed(p: &Project, stage: usize) -> Vec<&'static PythonSeries> {
    let highest = oldest_django(p, stage).map(|row| row.python_max);
    let has_settled = |row: &&PythonSeries| {
        row.released.is_some_and(|day| {
            day.until(p.today)
                .is_ok_and(|span| span.get_days() >= SETTLED_DAYS)
        })
    };
    let bounds: Vec<Versions> = installs(p, stage)
        .filter_map(|install| install.set.requires_python.as_ref())
        .map(|text| Versions::parse(text.as_str()))
        .collect();
    let is_refused = |row: &PythonSeries| {
        let refuses = |bound: &Versions| {
            (0..40).all(|patch| bound.allow(&format!("{}.{patch}", row.series)) == Some(false))
        };
        bounds.iter().any(refuses)
    };
    python::maintained(p.today)
        .filter(|row| highest.is_none_or(|highest: Series| row.series <= highest))
        .filter(has_settled)
        .filter(|row| !is_refused(row))
        .collect()
}

/// What keeps the images built on a base from every supported Python, as people read it: the project's bound, or pins of
/// releases that cannot be installed for the oldest one.
pub(crate) fn holding(p: &Project, stage: usize) -> Vec<String> {
    if blocking_django(p, stage).is_some() {
        return Vec::new();
    }
    let allowed = allowed(p, stage);
    let Some(oldest) = allowed.first() else {
        let bounds = installs(p, stage).filter_map(|install| install.set.requires_python.as_ref());
        let mut out: Vec<String> = bounds
            .map(|text| format!("`requires-python = \"{}\"`", text.as_str()))
            .collect();
        out.sort();
        out.dedup();
        return out;
    };
    if moved_to(p, stage, false).is_some() {
        return Vec::new();
    }
    held_by(p, stage, oldest.series)
}

/// Requirements of a base's images that cannot be installed for a series: the release asked for does not compile with it, or
/// no wheel was made for it.
fn held_by(p: &Project, stage: usize, series: Series) -> Vec<String> {
    let libc = p.stages[stage].base.knowledge.libc;
    let mut out = Vec::new();
    for install in installs(p, stage).filter(|install| !install.is_private) {
        for requirement in &install.set.requirements {
            if let Some(oldest) = dependencies::oldest_for(p, install, requirement, series) {
                out.push(format!("`{}` to {oldest}", requirement.name));
            } else if pypi::distribution(&requirement.name).is_some_and(|row| {
                row.wheels_until.is_some_and(|newest| newest < series)
                    && row.wheels(libc, series) == Some(Wheels::None)
            }) {
                out.push(format!("`{}`", requirement.name));
            }
        }
    }
    out.sort();
    out.dedup();
    out
}

/// The installs of the images built on a stage's base.
fn installs(p: &Project, stage: usize) -> impl Iterator<Item = &InstallFact> {
    let root = root(p, stage);
    p.installs
        .iter()
        .filter(move |install| self::root(p, install.stage) == root)
}

/// Directories of one series of Python that the instructions on a base image name: `/usr/local/lib/python3.11`.
pub(crate) fn paths(p: &Project, stage: usize) -> Vec<(Series, Span)> {
    const BEFORE: &str = "/usr/local/lib/python";
    let root = root(p, stage);
    let mut out = Vec::new();
    let stages = p.stages.iter().filter(|it| self::root(p, it.index) == root);
    for instruction in stages.flat_map(|it| {
        p.dockerfile
            .instructions
            .get(it.instructions.clone())
            .unwrap_or(&[])
    }) {
        let text = instruction.span.slice(&p.text.text);
        for (at, _) in text.match_indices(BEFORE) {
            let rest = &text[at + BEFORE.len()..];
            let end = rest
                .find(|c: char| c != '.' && !c.is_ascii_digit())
                .unwrap_or(rest.len());
            if let Some(series) = Series::parse(&rest[..end]) {
                let start = instruction.span.range().start + at;
                let span = instruction.span.file;
                let length = BEFORE.len() + end;
                let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
                out.push((
                    series,
                    Span::new(span, offset(start), offset(start + length)),
                ));
            }
        }
    }
    out
}

/// The paths that name another Python than the successor's.
pub(crate) fn paths_left_behind(p: &Project, stage: usize) -> Vec<Span> {
    let Some(series) = successor(p, stage).and_then(|successor| successor.python) else {
        return Vec::new();
    };
    let mut paths = paths(p, stage);
    paths.retain(|(named, _)| *named != series);
    paths.into_iter().map(|(_, span)| span).collect()
}

/// The earlier stage whose very name the image has, without tag or digest: the stage was meant.
pub(crate) fn namesake(p: &Project, stage: usize) -> Option<usize> {
    let image = p.stages[stage].base.image.as_ref()?;
    if image.tag.is_some() || image.digest.is_some() || !p.stages[stage].base.tag_is_known {
        return None;
    }
    stage_called(&p.stages[..stage], base::short_name(image))
}

/// The Django that has to be upgraded before the Python of a stage can be: no supported Python runs it.
pub(crate) fn blocking_django(p: &Project, stage: usize) -> Option<&'static DjangoSeries> {
    oldest_django(p, stage)
        .filter(|row| python::maintained(p.today).all(|python| python.series > row.python_max))
}

/// The oldest Django that the images built on a stage's base certainly get.
fn oldest_django(p: &Project, stage: usize) -> Option<&'static DjangoSeries> {
    installs(p, stage)
        .flat_map(|install| {
            let requirements = install.set.requirements.iter();
            requirements.filter_map(move |it| dependencies::newest_django(install, it))
        })
        .min_by_key(|row| row.series)
}

fn root(p: &Project, stage: usize) -> usize {
    effective::chain(&p.stages, stage).pop().unwrap_or(stage)
}

/// What commands on a base image use and the suite of its successor lacks, as people read it.
pub(crate) fn lost(p: &Project, stage: usize) -> Vec<String> {
    let Some(suite) = successor(p, stage).and_then(|successor| successor.suite) else {
        return Vec::new();
    };
    if base::suite(&p.stages[stage].base.knowledge) == Some(suite) {
        return Vec::new();
    }
    let base = root(p, stage);
    let mut out = Vec::new();
    for package in p.packages.iter().filter(|it| it.manager == "apt") {
        let is_gone = packages::presence(&package.name, suite)
            .is_some_and(|presence| !presence.can_be_installed());
        if is_gone && root(p, package.stage) == base {
            out.push(match packages::replacement(&package.name, suite) {
                Some(name) => format!("`{}` (now `{name}`)", package.name),
                None => format!("`{}`", package.name),
            });
        }
    }
    for fact in p.commands.iter().filter(|fact| root(p, fact.stage) == base) {
        let name = fact.command.name.as_deref().unwrap_or_default();
        if let Some(instead) = packages::gone_program(name, suite) {
            out.push(format!("`{name}` (use {instead})"));
        }
    }
    out.sort();
    out.dedup();
    out
}
