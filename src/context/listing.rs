//! What a directory of the image holds, and where a file of the context ends up in it.
//!
//! Both collect every name an effect could have made and let [`ImageFs::lookup`] decide.

use super::Context;
use super::glob::has_wildcard;
use super::image::{Base, CopyFrom, CopySource, CopyStep, EffectKind, ImageFs, strip};
use super::lookup::is_system_content;
use super::sources::expand;
use super::trail::{Listing, MAX_DEPTH, Origin};
use crate::source::Entry;
use crate::source::absolute;
use crate::source::clean;
use crate::source::join;

impl ImageFs {
    /// The names in an image directory when effect `upto` runs.
    #[must_use]
    pub(crate) fn listing(&self, context: &Context, directory: &str, upto: usize) -> Listing {
        let directory = absolute("/", directory);
        let mut listing = Listing {
            names: Vec::new(),
            is_closed: true,
        };
        self.names(context, &directory, upto, &mut listing, 0);
        listing.names.sort();
        listing.names.dedup();
        let mut is_closed = listing.is_closed;
        listing.names.retain(|name| {
            let found = self.lookup_before(context, &join(&directory, name), upto);
            match found.origin {
                Origin::Unknown => {
                    is_closed = false;
                    false
                }
                Origin::Missing | Origin::Ignored(..) => false,
                _ => true,
            }
        });
        listing.is_closed = is_closed;
        listing
    }

    fn names(
        &self,
        context: &Context,
        directory: &str,
        upto: usize,
        listing: &mut Listing,
        depth: u32,
    ) {
        if depth > MAX_DEPTH {
            listing.is_closed = false;
            return;
        }
        match &self.base {
            Base::Empty => {}
            Base::Stage(stage) => {
                stage.names(context, directory, stage.effects.len(), listing, depth + 1);
            }
            Base::System if !is_system_content(directory) => {}
            Base::System | Base::Unknown => listing.is_closed = false,
        }
        for effect in self.effects.iter().take(upto) {
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
                EffectKind::Opaque(path) | EffectKind::Filled(path) => {
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
                stage.names(context, &inner, stage.effects.len(), listing, depth + 1);
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
