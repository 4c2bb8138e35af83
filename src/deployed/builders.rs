//! Files of a project that may build images, or tell people how: scripts, recipes, workflows. They lie at its root and
//! where those of continuous integration do.

use super::build_lines::{Line, Run, read, runs};
use crate::knowledge::intent_words::may_build;
use crate::knowledge::words::FileWords;
use crate::source::{Root, SourceFile, Sources, join};
use crate::span::FileId;
use std::sync::Arc;

/// Bytes of a file of which the lines are read.
const MAX_TEXT: usize = 1 << 18;

/// The paths of those files whose names `is_one` takes, in `further` directories as well, of each of which at most
/// `limit` names are looked at.
pub(crate) fn builders<'a>(
    root: &'a Root,
    further: impl Iterator<Item = &'a str>,
    limit: usize,
    is_one: impl Fn(&str) -> bool,
) -> impl Iterator<Item = String> {
    let usual = FileWords::CiDirectory.into_iter();
    let directories = [""].into_iter().chain(further).chain(usual);
    let paths = directories.flat_map(move |directory| {
        let names = root.list(directory, limit);
        let names = names.iter().filter(|name| is_one(name));
        let paths = names.map(|name| join(directory, name));
        paths.collect::<Vec<String>>()
    });
    paths.filter(|path| root.is_file(path))
}

/// Names of one directory that are looked through for [`called`].
const MAX_LISTED: usize = 200;

/// See [`called`].
pub(super) struct Called(pub(super) Vec<String>);

/// The paths of the files that may build or run images themselves, looked for once; a README only tells people how.
pub(super) fn called(root: &Root) -> Arc<Called> {
    let is_one = |name: &str| may_build(name) && !name.to_ascii_lowercase().starts_with("readme");
    root.once(|root| Called(builders(root, std::iter::empty(), MAX_LISTED, is_one).collect()))
}

/// A file that can be read and is not too large, for what builds in it or runs what is built.
pub(super) fn source(
    root: &Root,
    sources: &Sources,
    path: &str,
) -> Option<(FileId, Arc<SourceFile>)> {
    let file = root.read(sources, path).ok()?;
    let source = sources.get(file);
    (source.text.len() <= MAX_TEXT).then_some((file, source))
}

/// The lines of a file that build, read once.
pub(super) fn lines_that_build(sources: &Sources, file: FileId) -> Arc<Vec<Line>> {
    sources.once(file, |source| read(&source.text))
}

/// The lines of a file that run what is built, read once.
pub(super) fn lines_that_run(sources: &Sources, file: FileId) -> Arc<Vec<Run>> {
    sources.once(file, |source| runs(&source.text))
}
