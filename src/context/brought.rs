//! What COPY and ADD bring to a path: BuildKit's rules for sources and destinations.

use std::sync::Arc;

use super::Presence;
use super::glob::{Glob, has_wildcard};
use super::image::{CopyFrom, CopySource, CopyStep, ImageFs, strip};
use super::sources::{expand, is_archive, parents_source, source_path};
use super::trail::{Follow, Found, Origin, Trail};
use crate::source::Entry;
use crate::source::absolute;
use crate::source::clean;
use crate::source::join;
use crate::span::Span;

pub(crate) fn through_copy(
    question: &dyn Follow,
    fs: &ImageFs,
    index: usize,
    copy: &CopyStep,
    path: &str,
    trail: &mut Trail,
    depth: u32,
) -> Option<Found> {
    let span = fs.effects[index].span;
    let to = copy.directory();
    let Some(rest) = strip(path, &to) else {
        // A directory above the destination is made on the way.
        if strip(&to, path).is_some() {
            trail.directory.get_or_insert(span);
        }
        return None;
    };
    for source in copy.sources.iter().rev() {
        let found = match (source, &copy.from) {
            (CopySource::Opaque, _) | (_, CopyFrom::External) => {
                trail.is_unknown = true;
                None
            }
            (CopySource::Inline(name, content), _) => {
                let is_it = if copy.is_into() {
                    rest == name
                } else {
                    rest.is_empty()
                        || (rest == name
                            && question.is_directory(fs, index, &to, depth) != Some(false))
                };
                is_it.then(|| {
                    let origin = Origin::Inline(Arc::clone(content));
                    trail.clone().found(origin, copy, Some(false), span)
                })
            }
            (CopySource::Path(source), from) => {
                let brought = Brought {
                    fs,
                    index,
                    copy,
                    to: &to,
                    rest,
                };
                match from {
                    CopyFrom::Stage(stage) => {
                        out_of_stage(question, &brought, stage, source, trail, depth)
                    }
                    _ => out_of_context(question, &brought, source, trail, depth),
                }
            }
        };
        if found.is_some() {
            return found;
        }
    }
    if copy.is_into() && rest.is_empty() {
        trail.directory.get_or_insert(span);
    }
    None
}

fn out_of_context(
    question: &dyn Follow,
    brought: &Brought<'_>,
    source: &str,
    trail: &mut Trail,
    depth: u32,
) -> Option<Found> {
    let copy = brought.copy;
    let span = brought.fs.effects[brought.index].span;
    if copy.has_parents {
        // The source path itself appears below the destination.
        let found = parents_source(source, brought.rest);
        return match found {
            Some(path) => take(question, copy, &path, brought.rest, span, trail),
            None => None,
        };
    }
    let Some(sources) = expand(question.context(), source) else {
        trail.is_unknown = true;
        return None;
    };
    let is_wild = has_wildcard(source);
    if is_wild && may_be_made(question, brought, source) {
        trail.is_unknown = true;
    }
    for source in sources.iter().rev() {
        let presence = question.context().presence(source);
        match presence {
            Presence::Missing => {}
            Presence::Unknown => trail.is_unknown = true,
            Presence::Directory => {
                if let Some(pattern) = question.context().ignored_by(source)
                    && !question.context().may_reinclude(source)
                {
                    let inner = clean(&join(source, brought.rest));
                    if question.context().entry(&inner) != Entry::Missing {
                        trail.ignored = Some((inner, pattern.clone(), span));
                    }
                    continue;
                }
                let inner = clean(&join(source, brought.rest));
                let found = take(question, copy, &inner, brought.rest, span, trail);
                if found.is_some() {
                    return found;
                }
            }
            Presence::File { .. } => {
                let name = source.rsplit('/').next().unwrap_or(source);
                if copy.is_add && is_archive(name) {
                    trail.is_generated = true;
                    trail.may_have_another_mode = true;
                    continue;
                }
                let fits = file_fits(question, brought, name, is_wild && sources.len() > 1, depth);
                match fits {
                    Some(true) => {
                        let found = take(question, copy, source, name, span, trail);
                        if found.is_some() {
                            return found;
                        }
                    }
                    Some(false) => {}
                    None => trail.is_unknown = true,
                }
            }
        }
    }
    None
}

/// Whether a pattern may match a file that git ignores and that lands where it was asked for.
fn may_be_made(question: &dyn Follow, brought: &Brought<'_>, source: &str) -> bool {
    let source = source_path(source);
    let above = source.rsplit_once('/').map_or("", |(above, _)| above);
    let Some(glob) = Glob::path(&source).filter(|_| !has_wildcard(above)) else {
        return false;
    };
    let first = brought.rest.split('/').next();
    let last = brought.to.rsplit('/').next();
    first.into_iter().chain(last).any(|name| {
        let made = join(above, name);
        !name.is_empty()
            && glob.matches(&made)
            && question.context().entry(&made) == Entry::Missing
            && question.context().is_git_ignored(&made)
    })
}

/// A context path that COPY brings to where it was asked for: the answer when it is there.
fn take(
    question: &dyn Follow,
    copy: &CopyStep,
    path: &str,
    relative: &str,
    span: Span,
    trail: &mut Trail,
) -> Option<Found> {
    let presence = question.context().presence(path);
    if matches!(presence, Presence::Missing) {
        return None;
    }
    if question.context().is_kept_out_when_made(path) {
        return None;
    }
    if matches!(presence, Presence::Unknown) || copy.may_exclude(relative, path) {
        trail.is_unknown = true;
        return None;
    }
    let is_directory = presence == Presence::Directory;
    if let Some(pattern) = question.context().ignored_by(path)
        && !(is_directory && question.context().may_reinclude(path))
    {
        trail.ignored = Some((path.to_owned(), pattern.clone(), span));
        return None;
    }
    Some(match presence {
        Presence::File { is_executable } => {
            let origin = Origin::Context(path.to_owned());
            let is_executable = question.context().is_executable(path, is_executable);
            trail.clone().found(origin, copy, is_executable, span)
        }
        _ => {
            let path = if path == "." {
                String::new()
            } else {
                path.to_owned()
            };
            trail
                .clone()
                .found(Origin::Directory(Some(path)), copy, None, span)
        }
    })
}

fn out_of_stage(
    question: &dyn Follow,
    brought: &Brought<'_>,
    stage: &Arc<ImageFs>,
    source: &str,
    trail: &mut Trail,
    depth: u32,
) -> Option<Found> {
    let copy = brought.copy;
    let span = brought.fs.effects[brought.index].span;
    if has_wildcard(source) || copy.has_parents || !copy.excludes.is_empty() {
        trail.is_unknown = true;
        return None;
    }
    let from = absolute("/", source);
    let is_directory = question.is_directory(stage, stage.effects.len(), &from, depth);
    let mut paths = Vec::new();
    if is_directory != Some(false) {
        paths.push((absolute(&from, brought.rest), true));
    }
    let name = from.rsplit('/').next().unwrap_or_default().to_owned();
    if is_directory != Some(true) {
        match file_fits(question, brought, &name, false, depth) {
            Some(true) => paths.push((from, true)),
            Some(false) => {}
            None => paths.push((from, false)),
        }
    }
    for (path, is_sure) in paths {
        let found = question.find(
            stage,
            stage.effects.len(),
            path,
            Trail::default(),
            depth + 1,
        );
        match found.origin {
            Origin::Missing => {}
            Origin::Generated => {
                trail.is_generated = true;
                trail.may_have_another_mode = true;
            }
            Origin::Unknown => trail.is_unknown = true,
            Origin::Ignored(path, pattern) => trail.ignored = Some((path, pattern, span)),
            _ if !is_sure => trail.is_unknown = true,
            origin => {
                let mut moved = trail.clone().found(origin, copy, found.is_executable, span);
                moved.mode_span = moved.mode_span.or(found.mode_span);
                return Some(moved);
            }
        }
    }
    None
}

/// Whether a source file called `name` lands where it was asked for. Where it is not known if
/// the destination is a directory, the path that was asked for tells what its author takes it
/// for. `None`: perhaps.
fn file_fits(
    question: &dyn Follow,
    brought: &Brought<'_>,
    name: &str,
    is_one_of_many: bool,
    depth: u32,
) -> Option<bool> {
    if brought.copy.is_into() {
        return Some(brought.rest == name);
    }
    if !brought.rest.is_empty() && brought.rest != name {
        return Some(false);
    }
    if is_one_of_many {
        return None;
    }
    let is_directory = question.is_directory(brought.fs, brought.index, brought.to, depth);
    Some(is_directory.is_none_or(|is_directory| is_directory != brought.rest.is_empty()))
}

/// What was asked of a COPY: the path is `to` plus `rest`.
struct Brought<'a> {
    fs: &'a ImageFs,
    index: usize,
    copy: &'a CopyStep,
    to: &'a str,
    rest: &'a str,
}
