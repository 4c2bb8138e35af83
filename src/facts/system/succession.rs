//! What a base image can be moved to: the same Python and flavour on a Debian that is supported, and the Pythons that
//! Django and the bounds of the projects allow. Which release of them all that is installed runs on is for a person
//! to try.

mod losses;
mod pins;

use std::sync::OnceLock;

use crate::dockerfile::ast::{Instruction, Keyword};
use crate::facts::build::base;
use crate::facts::model::{BaseFact, Project, Successor};
use crate::facts::system::succession::losses::{is_read, of_suite, python2_of_alpine};
use crate::facts::system::succession::pins::{compiles_older, root};
use crate::knowledge::images::{Family, Libc};
use crate::knowledge::python::{self, PythonSeries, PythonTag, Variant};
use crate::knowledge::{Date, Series, debian};
use crate::span::{Span, Traced};

pub(crate) use pins::{
    Pythons, blocking_django, built_in, held_by, pythons, steps, steps_of_django,
};

/// The base image of a stage on the newest Debian that gets fixes and has what the stage uses: the same Python in the
/// same flavour. `None` when that is not known.
pub(crate) fn successor(p: &Project, stage: usize) -> Option<&Successor> {
    let known = p.succession.successors.get_or_init(|| {
        let stages = p.stages.iter();
        stages.map(|_| OnceLock::new()).collect()
    });
    known[stage].get_or_init(|| find(p, stage)).as_ref()
}

fn find(p: &Project, stage: usize) -> Option<Successor> {
    let fact = &p.stages[stage].base;
    if !fact.tag_is_known || !is_read(p, stage) {
        return None;
    }
    let tag = fact.image.as_ref()?.tag.as_ref().map(Traced::as_str)?;
    let (tag, suite) = match fact.knowledge.family {
        Family::Python => python_tag(p, stage, tag)?,
        Family::Debian | Family::BuildpackDeps => {
            let suite = debian_for(p, stage)?;
            let kept = tag.rsplit_once('-').map(|(_, word)| word);
            let kept = kept.filter(|word| matches!(*word, "slim" | "curl" | "scm"));
            let tag = kept.map_or(suite.to_owned(), |word| format!("{suite}-{word}"));
            (tag, suite)
        }
        _ => return None,
    };
    Some(Successor {
        image: format!("{}:{tag}", repository(fact)?),
        suite,
    })
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

/// The image with `<version>` where its tag says nothing of one: `python:<version>-slim`, `nginx:<version>`.
pub(crate) fn with_version(p: &Project, stage: usize) -> Option<String> {
    let fact = &p.stages[stage].base;
    let tag = fact.image.as_ref()?.tag.as_ref().map_or("", Traced::as_str);
    let first = tag.split('-').next().unwrap_or_default();
    let is_version = first == "latest" || first.starts_with(|c: char| c.is_ascii_digit());
    let rest = if is_version { &tag[first.len()..] } else { tag };
    let rest = rest.strip_prefix('-').unwrap_or(rest);
    let dash = if rest.is_empty() { "" } else { "-" };
    Some(format!("{}:<version>{dash}{rest}", repository(fact)?))
}

fn python_tag(p: &Project, stage: usize, written: &str) -> Option<(String, &'static str)> {
    let tag = PythonTag::parse(written)?;
    let row = python::series(tag.series()?)?;
    let flavour = match tag.variant {
        Variant::Slim => "-slim",
        Variant::Bare => "",
        Variant::Alpine | Variant::Windows => return None,
    };
    if let Some((version, suite)) = kept_patch(p, stage, row, &tag) {
        return Some((format!("{version}{flavour}-{suite}"), suite));
    }
    let suite = suite_for(p, stage, row, tag.suite)?;
    Some((format!("{}{flavour}-{suite}", row.series), suite))
}

/// The project allows exactly the patch release that the tag names: only the suite moves.
fn kept_patch(
    p: &Project,
    stage: usize,
    row: &PythonSeries,
    tag: &PythonTag<'_>,
) -> Option<(String, &'static str)> {
    let patch = tag.version?.patch?;
    let version = format!("{}.{patch}", row.series);
    if !pins::needs_patch(p, stage, row, &version) {
        return None;
    }
    let suite = PythonTag::parse(&version)?.resolved_suite(p.today)?;
    is_supported(suite, p.today).then_some((version, suite))
}

/// The suite that is written, as long as it gets fixes and the series is built on it; else the newest that has all
/// packages of the stages, or the newest. What is compiled is left to the oldest of them, whose compiler refuses least.
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
            let mut all = kept.filter(|suite| of_suite(p, stage, suite).is_empty());
            let newest = all.next();
            let oldest = all.next_back().filter(|_| compiles_older(p, stage));
            oldest.or(newest)
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
    let is_one =
        |row: &&debian::DebianRelease| (newest.number - 1..=newest.number).contains(&row.number);
    let rows = debian::all().iter().filter(is_one);
    rows.filter(|row| is_supported(row.codename, p.today) && pins::fits(p, stage, row.python))
        .max_by_key(|row| row.number)
        .map(|row| row.codename)
}

/// The other FROM words whose stages hand packages on to these, or take them: they need the same Python.
pub(crate) fn moves_with(p: &Project, stage: usize) -> Vec<usize> {
    let mut out = pins::companions(p, stage);
    let own = p.stages[stage].base.knowledge.python;
    out.retain(|other| *other != root(p, stage) && p.stages[*other].base.knowledge.python == own);
    out.sort_unstable();
    out
}

/// What files of the project say of the Python that the image has: `.python-version`, `[requires]` of a Pipfile.
pub(crate) fn named_pythons(p: &Project, stage: usize) -> Vec<Traced> {
    let own = p.stages[stage].base.knowledge.python;
    let mut out = pins::named(p, stage);
    out.retain(|text| own.is_some() && Series::parse(text.as_str()) == own);
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

/// Directories of one series of Python that the instructions on a base image name: `/usr/local/lib/python3.11`,
/// `/venv/lib/python3.11`.
fn paths(p: &Project, stage: usize) -> Vec<(Series, Span)> {
    const BEFORE: &str = "/lib/python";
    let mut out = Vec::new();
    for instruction in instructions(p, stage) {
        let text = instruction.span.slice(&p.text.text);
        for (at, _) in text.match_indices(BEFORE) {
            let rest = &text[at + BEFORE.len()..];
            let end = rest
                .find(|c: char| c != '.' && !c.is_ascii_digit())
                .unwrap_or(rest.len());
            let Some(series) = Series::parse(rest[..end].trim_end_matches('.')) else {
                continue;
            };
            let is_path = |c: char| !c.is_whitespace() && !"\"'=:,".contains(c);
            let before = text[..at].chars().rev().take_while(|c| is_path(*c));
            let start = at - before.map(char::len_utf8).sum::<usize>();
            let offset =
                |at: usize| u32::try_from(instruction.span.range().start + at).unwrap_or(u32::MAX);
            let end = offset(at + BEFORE.len() + end);
            out.push((series, Span::new(instruction.span.file, offset(start), end)));
        }
    }
    out
}

/// The instructions of the stages that go back to the same base image as one.
fn instructions(p: &Project, stage: usize) -> impl Iterator<Item = &Instruction> {
    let root = root(p, stage);
    let stages = p
        .stages
        .iter()
        .take_while(|_| p.stages.len() <= pins::MAX_STAGES)
        .filter(move |it| pins::root(p, it.index) == root);
    stages.flat_map(|it| {
        let all = &p.dockerfile.instructions;
        all.get(it.instructions.clone()).unwrap_or(&[])
    })
}

/// Where a text stands in a span of the Dockerfile.
fn places(p: &Project, span: Span, wanted: &str) -> Vec<Span> {
    let text = span.slice(&p.text.text);
    let offset = |at: usize| u32::try_from(span.range().start + at).unwrap_or(u32::MAX);
    // Not `sid` of `sidekiq`.
    let is_word = |c: char| c.is_alphanumeric();
    let before = |at: usize| text[..at].chars().next_back();
    let after = |at: usize| text[at + wanted.len()..].chars().next();
    let is_whole = |at: usize| {
        !before(at).is_some_and(is_word)
            && !after(at).is_some_and(|c| is_word(c) && !wanted.ends_with('/'))
    };
    text.match_indices(wanted)
        .filter(|(at, _)| is_whole(*at))
        .map(|(at, _)| Span::new(span.file, offset(at), offset(at + wanted.len())))
        .collect()
}

/// The paths that name the Python that the image has; of an image whose tag names none, all.
pub(crate) fn named_paths(p: &Project, stage: usize) -> Vec<Span> {
    let own = p.stages[stage].base.knowledge.python;
    let mut paths = paths(p, stage);
    paths.retain(|(named, _)| own.is_none_or(|own| own == *named));
    paths.into_iter().map(|(_, span)| span).collect()
}

/// The words of the instructions on a base image that name its Debian: `bullseye` in an entry of apt's sources,
/// `/debian/11/` in an address.
pub(crate) fn named_suites(p: &Project, stage: usize) -> Vec<Span> {
    let Some(release) = p.stages[stage].base.knowledge.debian() else {
        return Vec::new();
    };
    let by_number = format!("debian/{}/", release.number);
    let mut out = Vec::new();
    for instruction in instructions(p, stage).filter(|it| it.keyword != Keyword::From) {
        for word in [release.codename, by_number.as_str()] {
            out.extend(places(p, instruction.span, word));
        }
    }
    out
}

/// The Dockerfile, or a directory above it, is named after the Python: there is one for each.
pub(crate) fn is_named_after_python(p: &Project, stage: usize) -> Option<bool> {
    let python = p.stages[stage].base.knowledge.python?;
    let path = p.around.dockerfile.as_deref()?.to_ascii_lowercase();
    let path: String = path.split(['.', '_', '-']).collect();
    let digits = format!("{}{}", python.0, python.1);
    let is_named = |at: usize, name: &str| {
        let rest = path[at + name.len()..].strip_prefix(&digits);
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    Some(["py", "python"].iter().any(|name| {
        path.match_indices(name)
            .any(|(at, name)| is_named(at, name))
    }))
}

/// The earlier stage whose very name the image has, without tag or digest: the stage was meant.
pub(crate) fn namesake(p: &Project, stage: usize) -> Option<usize> {
    let image = p.stages[stage].base.image.as_ref()?;
    if image.tag.is_some() || image.digest.is_some() || !p.stages[stage].base.tag_is_known {
        return None;
    }
    p.names.called(base::short_name(image), stage)
}

/// What the suite of the successor lacks, as people read it; where the Python has to change, what none of the suites
/// that the next one is built on has.
pub(crate) fn lost(p: &Project, stage: usize) -> Vec<String> {
    let own = p.stages[stage]
        .base
        .knowledge
        .python
        .and_then(python::series);
    if own.is_none_or(|row| !row.is_eol(p.today)) {
        return successor(p, stage).map_or(Vec::new(), |found| of_suite(p, stage, found.suite));
    }
    let Some(next) = pythons(p, stage) else {
        return Vec::new();
    };
    if p.stages[stage].base.knowledge.libc == Libc::Musl {
        return python2_of_alpine(p, stage);
    }
    let mut suites = next.oldest.suites.iter();
    let newest = suites.next();
    let mut out = newest.map_or(Vec::new(), |suite| of_suite(p, stage, suite));
    let name = |text: &str| text.split(' ').next().unwrap_or_default().to_owned();
    // A tag that leaves the suite open has the newest.
    let tag = p.stages[stage]
        .base
        .image
        .as_ref()
        .and_then(|image| image.tag.as_ref());
    let tag = tag.and_then(|tag| PythonTag::parse(tag.as_str()));
    let is_open = tag.is_some_and(|tag| tag.suite.is_none());
    for suite in suites.filter(|_| !is_open) {
        let lacks = of_suite(p, stage, suite);
        out.retain(|text| lacks.iter().any(|other| name(other) == name(text)));
    }
    out
}
