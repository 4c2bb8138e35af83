//! What a directory of the image holds, and where a file of the context ends up in it.
//!
//! Both collect every name an effect could have made and let [`ImageFs::lookup`] decide.

use super::glob::{Glob, clean, has_wildcard};
use super::image::{Base, CopyFrom, CopySource, CopyStep, EffectKind, ImageFs, absolute, strip};
use super::lookup::{Question, is_system_content};
use super::sources::{expand, source_path};
use super::trail::{Listing, MAX_DEPTH, Origin};
use super::{Context, join};
use crate::source::Entry;

impl ImageFs {
    /// The names in an image directory.
    #[must_use]
    pub fn listing(&self, context: &Context, directory: &str) -> Listing {
        let directory = absolute("/", directory);
        let mut listing = Listing {
            names: Vec::new(),
            is_closed: true,
        };
        self.names(context, &directory, &mut listing, 0);
        listing.names.sort();
        listing.names.dedup();
        let mut is_closed = listing.is_closed;
        listing.names.retain(
            |name| match self.lookup(context, &join(&directory, name)).origin {
                Origin::Unknown => {
                    is_closed = false;
                    false
                }
                Origin::Missing | Origin::Ignored(..) => false,
                _ => true,
            },
        );
        listing.is_closed = is_closed;
        listing
    }

    /// The image paths at which a file or directory of the context is found, in order of copying.
    #[must_use]
    pub fn locate(&self, context: &Context, path: &str) -> Vec<String> {
        let path = clean(path.trim_start_matches('/'));
        let mut places = Vec::new();
        self.places(&path, &mut places, 0);
        let question = Question::about_many(context);
        let mut out: Vec<String> = Vec::new();
        for place in places {
            let is_there = match question.ask(self, &place).origin {
                Origin::Context(from) | Origin::Directory(Some(from)) => from == path,
                _ => false,
            };
            if is_there && !out.contains(&place) {
                out.push(place);
            }
        }
        out
    }

    fn names(&self, context: &Context, directory: &str, listing: &mut Listing, depth: u32) {
        if depth > MAX_DEPTH {
            listing.is_closed = false;
            return;
        }
        match &self.base {
            Base::Empty => {}
            Base::Stage(stage) => stage.names(context, directory, listing, depth + 1),
            Base::System if !is_system_content(directory) => {}
            Base::System | Base::Unknown => listing.is_closed = false,
        }
        for effect in &self.effects {
            match &effect.kind {
                EffectKind::Mkdir(path) => add_child(directory, path, listing),
                EffectKind::Link { at, .. } => add_child(directory, at, listing),
                EffectKind::Move { from, to, .. } => {
                    add_child(directory, to, listing);
                    if from.is_pattern() || strip(directory, to).is_some() {
                        listing.is_closed = false;
                    }
                    let name = from.path.rsplit('/').next().unwrap_or_default();
                    add_child(directory, &join(to, name), listing);
                }
                EffectKind::Opaque(path) | EffectKind::Mount(path) => {
                    add_child(directory, path, listing);
                    if strip(directory, path).is_some() {
                        listing.is_closed = false;
                    }
                }
                EffectKind::UnknownAll => listing.is_closed = false,
                EffectKind::Copy(copy) => {
                    copied_names(context, copy, directory, listing, depth);
                }
                EffectKind::Remove(_) | EffectKind::Chmod { .. } | EffectKind::Chown { .. } => {}
            }
        }
    }

    fn places(&self, path: &str, out: &mut Vec<String>, depth: u32) {
        if depth > MAX_DEPTH || out.len() > 100 {
            return;
        }
        if let Base::Stage(stage) = &self.base {
            stage.places(path, out, depth + 1);
        }
        for effect in &self.effects {
            match &effect.kind {
                EffectKind::Copy(copy) => {
                    let seen: Vec<String> = match &copy.from {
                        CopyFrom::Context => vec![path.to_owned()],
                        CopyFrom::Stage(stage) => {
                            let mut seen = Vec::new();
                            stage.places(path, &mut seen, depth + 1);
                            seen
                        }
                        CopyFrom::External => Vec::new(),
                    };
                    for source in &copy.sources {
                        let CopySource::Path(source) = source else {
                            continue;
                        };
                        for seen in &seen {
                            copied_to(copy, source, seen.trim_start_matches('/'), out);
                        }
                    }
                }
                EffectKind::Move { from, to, .. } => {
                    for place in out.clone() {
                        if let Some((source, rest)) = from.rest(&place) {
                            let name = source.trim_end_matches('/').rsplit('/').next();
                            out.push(absolute(to, rest));
                            out.push(absolute(&join(to, name.unwrap_or_default()), rest));
                        }
                    }
                }
                EffectKind::Link { target, at } => {
                    for place in out.clone() {
                        if let Some(rest) = strip(&place, target) {
                            out.push(absolute(at, rest));
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

/// Where COPY may put `path` (of its source tree), both as file and as part of a directory.
fn copied_to(copy: &CopyStep, source: &str, path: &str, out: &mut Vec<String>) {
    let to = copy.directory();
    let source = source_path(source);
    if copy.has_parents {
        out.push(absolute(&to, path));
        return;
    }
    let (matched, rest) = if has_wildcard(&source) {
        let Some(glob) = Glob::path(&source) else {
            return;
        };
        let mut ends = path
            .match_indices('/')
            .map(|(at, _)| at)
            .chain([path.len()]);
        let Some(end) = ends.find(|end| glob.matches(&path[..*end])) else {
            return;
        };
        (&path[..end], path[end..].trim_start_matches('/'))
    } else if source == "." {
        ("", path)
    } else {
        match strip(path, &source) {
            Some(rest) => (source.as_str(), rest),
            None => return,
        }
    };
    out.push(absolute(&to, rest));
    if rest.is_empty() {
        let name = matched.rsplit('/').next().unwrap_or_default();
        out.push(absolute(&to, name));
    }
}

fn copied_names(
    context: &Context,
    copy: &CopyStep,
    directory: &str,
    listing: &mut Listing,
    depth: u32,
) {
    let to = copy.directory();
    add_child(directory, &to, listing);
    let Some(below) = strip(directory, &to) else {
        return;
    };
    if !copy.excludes.is_empty() || copy.has_parents {
        listing.is_closed = false;
    }
    for source in &copy.sources {
        match (source, &copy.from) {
            (CopySource::Inline(name, _), _) => add_child(directory, &join(&to, name), listing),
            (CopySource::Opaque, _) | (_, CopyFrom::External) => listing.is_closed = false,
            (CopySource::Path(source), CopyFrom::Stage(stage)) => {
                let inner = absolute(&absolute("/", source), below);
                stage.names(context, &inner, listing, depth + 1);
                let name = source.trim_end_matches('/').rsplit('/').next();
                add_child(directory, &join(&to, name.unwrap_or_default()), listing);
                listing.is_closed &= !has_wildcard(source);
            }
            (CopySource::Path(source), CopyFrom::Context) => {
                let Some(sources) = expand(context, source) else {
                    listing.is_closed = false;
                    continue;
                };
                for source in sources {
                    match context.entry(&source) {
                        Entry::Directory => match context.list(&clean(&join(&source, below))) {
                            Some(names) => listing.names.extend(names.iter().cloned()),
                            None if context.entry(&join(&source, below)) == Entry::Missing => {}
                            None => listing.is_closed = false,
                        },
                        Entry::File { .. } => {
                            let name = source.rsplit('/').next().unwrap_or_default();
                            add_child(directory, &join(&to, name), listing);
                        }
                        Entry::Missing => {}
                        Entry::Unknown => listing.is_closed = false,
                    }
                }
            }
        }
    }
}

/// Adds the name under which `path` is seen in `directory`.
fn add_child(directory: &str, path: &str, listing: &mut Listing) {
    let name = strip(path, directory).and_then(|rest| rest.split('/').next());
    if let Some(name) = name.filter(|name| !name.is_empty()) {
        listing.names.push(name.to_owned());
    }
}
