//! What a base image can be moved to: the same flavour with a Python and a Debian that are supported, as far as what is
//! installed on it allows. One answer for one FROM, whoever asks.

mod losses;
mod pins;

use std::sync::OnceLock;

use crate::facts::model::{BaseFact, Project, stage_called};
use crate::facts::table::{Intent, Reach};
use crate::facts::{base, effective};
use crate::knowledge::images::Family;
use crate::knowledge::python::{self, PythonSeries, PythonTag, Variant};
use crate::knowledge::{Date, Series, alpine, debian, ubuntu};
use crate::span::{Span, Traced};

pub(crate) use losses::{lost, slim_lacks};
pub(crate) use pins::{blocking_django, steps, steps_of_django};

use pins::Verdict;

/// The image to write in FROM, and the Debian suite it is built on.
#[derive(Debug, Clone)]
pub(crate) struct Successor {
    pub(crate) image: String,
    pub(crate) suite: Option<&'static str>,
    pub(crate) python: Option<Series>,
    /// What has to be raised first, as people read it.
    pub(crate) held_by: Vec<String>,
}

/// What was found out, for each stage.
#[derive(Debug, Default)]
pub(crate) struct Known {
    graph: OnceLock<pins::Graph>,
    successors: OnceLock<Vec<OnceLock<Option<Successor>>>>,
}

/// What to write instead of the base image of a stage; `None` when that is not known, or when Django has to be
/// upgraded first ([`blocking_django`]).
pub(crate) fn successor(p: &Project, stage: usize) -> Option<&Successor> {
    let known = p.succession.successors.get_or_init(|| {
        let stages = p.stages.iter();
        stages.map(|_| OnceLock::new()).collect()
    });
    known[stage].get_or_init(|| find(p, stage)).as_ref()
}

fn find(p: &Project, stage: usize) -> Option<Successor> {
    let fact = &p.stages[stage].base;
    if !fact.tag_is_known {
        return None;
    }
    let tag = fact.image.as_ref()?.tag.as_ref().map(Traced::as_str);
    let mut python = None;
    let mut held_by = Vec::new();
    let (tag, suite) = match fact.knowledge.family {
        Family::Python => {
            let found = python_tag(p, stage, tag.unwrap_or("latest"))?;
            python = Some(found.series);
            held_by = found.held_by;
            (found.tag, found.suite)
        }
        Family::Debian | Family::BuildpackDeps => {
            let suite = debian_for(p, stage)?;
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
        held_by,
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

/// The repository, without tag and digest: as written where it comes from a variable, else as it is.
fn repository(fact: &BaseFact) -> Option<&str> {
    let is_plain = |text: &&str| !text.contains('@') && text.contains('$');
    let written = fact.written.as_str();
    let by_variable = written.rsplit_once(':').map(|(name, _)| name);
    if let Some(name) = by_variable.filter(is_plain)
        && name.ends_with('}')
        && !name.contains(":-")
    {
        return Some(name);
    }
    let text = fact.text.as_ref()?.as_str();
    let text = text.split('@').next().unwrap_or(text);
    let after_path = text.rfind('/').map_or(0, |at| at + 1);
    let end = text[after_path..]
        .find(':')
        .map_or(text.len(), |at| after_path + at);
    text.get(..end)
}

struct Tag {
    series: Series,
    tag: String,
    suite: Option<&'static str>,
    held_by: Vec<String>,
}

fn python_tag(p: &Project, stage: usize, written: &str) -> Option<Tag> {
    let tag = PythonTag::parse(written)?;
    let own = tag.series().and_then(python::series);
    if let Some(kept) = kept_patch(p, stage, &tag) {
        return Some(kept);
    }
    // A series that is supported stays.
    let (row, held_by) = match own.filter(|row| !row.is_eol(p.today)) {
        Some(row) => (row, pins::bounds_against(p, stage, row)),
        None => moved_to(p, stage, own.is_none())?,
    };
    let version = row.series;
    let (tag, suite) = match tag.variant {
        Variant::Alpine => {
            // The image is built on the two newest releases.
            let mut built = alpine::all().iter().rev().take(2);
            let kept = built.find(|row| tag.suite == Some(row.version.to_string().as_str()));
            let suite = kept.map_or(String::new(), |row| row.version.to_string());
            (format!("{version}-alpine{suite}"), None)
        }
        Variant::Windows => return None,
        Variant::Slim | Variant::Bare => {
            let suite = suite_for(p, stage, row, tag.suite)?;
            let is_slim = tag.variant == Variant::Slim || should_be_slim(p, stage);
            let flavour = if is_slim { "-slim" } else { "" };
            (format!("{version}{flavour}-{suite}"), Some(suite))
        }
    };
    Some(Tag {
        series: version,
        tag,
        suite,
        held_by,
    })
}

/// The project allows exactly the patch release that the tag names: only the suite moves.
fn kept_patch(p: &Project, stage: usize, tag: &PythonTag<'_>) -> Option<Tag> {
    let row = python::series(tag.series()?).filter(|row| !row.is_eol(p.today))?;
    let patch = tag.version?.patch?;
    let version = format!("{}.{patch}", row.series);
    if !pins::needs_patch(p, stage, row, &version) {
        return None;
    }
    let suite = PythonTag::parse(&version)?.resolved_suite(p.today)?;
    if !is_supported(suite, p.today) {
        return None;
    }
    let is_slim = match tag.variant {
        Variant::Slim => true,
        Variant::Bare => should_be_slim(p, stage),
        Variant::Alpine | Variant::Windows => return None,
    };
    let flavour = if is_slim { "-slim" } else { "" };
    Some(Tag {
        series: row.series,
        tag: format!("{version}{flavour}-{suite}"),
        suite: Some(suite),
        held_by: Vec::new(),
    })
}

/// The full image is shipped, where the slim one would do.
fn should_be_slim(p: &Project, stage: usize) -> bool {
    let fact = &p.stages[stage];
    p.intent == Intent::Production
        && fact.intent == Intent::Production
        && fact.reach == Reach::Shipped
        && !effective::is_workbench(p, stage)
}

/// The suite that is written, as long as it gets fixes and the series is built on it; else the newest that has all
/// packages of the stages, or the newest.
fn suite_for(
    p: &Project,
    stage: usize,
    row: &PythonSeries,
    written: Option<&str>,
) -> Option<&'static str> {
    let alive = |suite: &&&str| is_supported(suite, p.today);
    let kept = row.suites.iter().filter(alive);
    let kept = kept
        .clone()
        .find(|suite| Some(**suite) == written)
        .or_else(|| {
            let mut all = kept;
            all.find(|suite| losses::of_suite(p, stage, suite).is_empty())
        });
    kept.or_else(|| row.suites.first()).copied()
}

/// Long-term support goes on.
fn is_supported(suite: &str, today: Date) -> bool {
    debian::by_codename(suite).is_some_and(|row| row.lts_end.is_none_or(|end| today <= end))
}

/// The Debian whose Python runs what is installed with it: the newest, or the one before it.
fn debian_for(p: &Project, stage: usize) -> Option<&'static str> {
    let newest = debian::stable(p.today)?;
    if pins::installs_nothing(p, stage) {
        return Some(newest.codename);
    }
    let before = debian::all().iter().rev();
    let mut before = before.filter(|row| row.number <= newest.number).take(2);
    before
        .find(|row| is_supported(row.codename, p.today) && pins::fits(p, stage, row.python))
        .map(|row| row.codename)
}

/// The newest Python that has settled, that Django and the project run on and that everything asked for can be installed
/// for, and what is in the way of all; where the tag names none, the one that paths name.
fn moved_to(
    p: &Project,
    stage: usize,
    is_floating: bool,
) -> Option<(&'static PythonSeries, Vec<String>)> {
    let named = paths(p, stage).into_iter().map(|(series, _)| series).max();
    match pins::verdict(p, stage, named.filter(|_| is_floating)) {
        Verdict::To(row, held) => Some((row, held)),
        // Nothing newer runs it; the image has to be named all the same.
        Verdict::Django(django) if is_floating => {
            Some((python::series(django.python_max)?, Vec::new()))
        }
        Verdict::Django(_) | Verdict::Unknown => None,
    }
}

/// What has to be raised before the base image of a stage can be moved, as people read it; of an image that is not
/// known, too.
pub(crate) fn holding(p: &Project, stage: usize) -> Vec<String> {
    successor(p, stage).map_or(Vec::new(), |successor| successor.held_by.clone())
}

/// The other FROM words whose stages hand packages on to these, or take them: they need the same Python.
pub(crate) fn moves_with(p: &Project, stage: usize) -> Vec<usize> {
    let mut out = pins::companions(p, stage);
    let own = p.stages[stage].base.knowledge.python;
    out.retain(|other| *other != root(p, stage) && p.stages[*other].base.knowledge.python == own);
    out.sort_unstable();
    out
}

/// What Pythons files of the project name beside the image: `.python-version`, `[requires]` of a Pipfile.
pub(crate) fn named_pythons(p: &Project, stage: usize) -> Vec<Traced> {
    let Some(series) = successor(p, stage).and_then(|successor| successor.python) else {
        return Vec::new();
    };
    let mut out = pins::named(p, stage);
    out.retain(|text| Series::parse(text.as_str()).is_some_and(|named| named != series));
    out
}

/// The defaults of ARGs that the image word takes its text from.
pub(crate) fn arguments(p: &Project, stage: usize) -> Vec<Span> {
    let fact = &p.stages[stage].base;
    let Some(text) = &fact.text else {
        return Vec::new();
    };
    let own = fact.written.span();
    let mut out: Vec<Span> = text.pieces().map(|(_, span)| span).collect();
    out.retain(|span| !span.is_empty() && (span.file != own.file || !own.contains(*span)));
    out.sort();
    out.dedup();
    out
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

/// The stage whose FROM names the image that a stage goes back to.
fn root(p: &Project, stage: usize) -> usize {
    pins::graph(p).roots[stage]
}
