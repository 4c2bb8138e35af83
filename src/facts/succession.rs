//! What a base image can be moved to: the same flavour with a Python and a Debian that are supported, as far as the
//! Django of the images built on it allows.

use crate::facts::model::{BaseFact, Project};
use crate::facts::{base, dependencies, effective};
use crate::knowledge::images::Family;
use crate::knowledge::packages;
use crate::knowledge::python::{self, PythonSeries, PythonTag, Variant};
use crate::knowledge::{Date, Series, alpine, debian, django::DjangoSeries, ubuntu};
use crate::span::Traced;

/// So long after a first release the packages of PyPI have followed.
const SETTLED_DAYS: i32 = 180;

/// The image to write in FROM, and the Debian suite it is built on.
#[derive(Debug, Clone)]
pub(crate) struct Successor {
    pub(crate) image: String,
    pub(crate) suite: Option<&'static str>,
}

/// What to write instead of the base image of a stage; `None` when that is not known, or when Django has to be
/// upgraded first ([`blocking_django`]).
pub(crate) fn successor(p: &Project, stage: usize) -> Option<Successor> {
    let fact = &p.stages[stage].base;
    if !fact.tag_is_known {
        return None;
    }
    let tag = fact.image.as_ref()?.tag.as_ref().map(Traced::as_str);
    let (tag, suite) = match fact.knowledge.family {
        Family::Python => python_tag(p, stage, tag.unwrap_or("latest"))?,
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
    })
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

fn python_tag(p: &Project, stage: usize, tag: &str) -> Option<(String, Option<&'static str>)> {
    let tag = PythonTag::parse(tag)?;
    let own = tag.series().and_then(python::series);
    // A series that is supported stays.
    let row = match own.filter(|row| !row.is_eol(p.today)) {
        Some(row) => row,
        None => newest_for(p, stage)?,
    };
    let version = row.series;
    Some(match tag.variant {
        Variant::Alpine => {
            // The image is built on the two newest releases.
            let mut built = alpine::all().iter().rev().take(2);
            let kept = built.find(|row| tag.suite == Some(row.version.to_string().as_str()));
            let suite = kept.map_or(String::new(), |row| row.version.to_string());
            (format!("{version}-alpine{suite}"), None)
        }
        Variant::Windows => return None,
        Variant::Slim | Variant::Bare => {
            let suite = suite_for(row, tag.suite, p.today)?;
            let flavour = if tag.variant == Variant::Slim {
                "-slim"
            } else {
                ""
            };
            (format!("{version}{flavour}-{suite}"), Some(suite))
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

/// The newest Python that has settled and that Django runs on.
fn newest_for(p: &Project, stage: usize) -> Option<&'static PythonSeries> {
    let highest = oldest_django(p, stage).map(|row| row.python_max);
    let has_settled = |row: &&PythonSeries| {
        row.released.is_some_and(|day| {
            day.until(p.today)
                .is_ok_and(|span| span.get_days() >= SETTLED_DAYS)
        })
    };
    python::maintained(p.today)
        .filter(|row| highest.is_none_or(|highest: Series| row.series <= highest))
        .filter(has_settled)
        .last()
}

/// The Django that has to be upgraded before the Python of a stage can be: no supported Python runs it.
pub(crate) fn blocking_django(p: &Project, stage: usize) -> Option<&'static DjangoSeries> {
    oldest_django(p, stage)
        .filter(|row| python::maintained(p.today).all(|python| python.series > row.python_max))
}

/// The oldest Django that the images built on a stage's base certainly get.
fn oldest_django(p: &Project, stage: usize) -> Option<&'static DjangoSeries> {
    let root = root(p, stage);
    let installs = p
        .installs
        .iter()
        .filter(|install| self::root(p, install.stage) == root);
    installs
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
