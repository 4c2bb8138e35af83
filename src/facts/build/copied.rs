//! What a COPY or ADD takes of the build context.

use crate::facts::model::{BuildPhase, CopyFact, CopyFrom, Project, StageFact};
use crate::knowledge::words::FileWords;
use crate::source::absolute;

/// A COPY or ADD takes the whole build context; `None` when a source is not known and none of the others is it.
pub(crate) fn copies_all(copy: &CopyFact) -> Option<bool> {
    if copy.from != CopyFrom::Context {
        return Some(false);
    }
    let is_all = |text: &str| text.trim_end_matches('/') == "*" || absolute("/", text) == "/";
    let mut texts = copy.sources.iter().map(|(_, text)| text.as_ref());
    if texts.clone().flatten().any(|text| is_all(text.as_str())) {
        return Some(true);
    }
    texts.all(|text| text.is_some()).then_some(false)
}

/// All that it copies are files of text named one by one, some kilobytes: `COPY app.py requirements.txt ./`.
pub(crate) fn is_few_files(copy: &CopyFact) -> bool {
    let is_text = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        name.rsplit_once('.').is_some_and(|(stem, ending)| {
            !stem.is_empty()
                && !stem.contains('*')
                && (1..=4).contains(&ending.len())
                && !FileWords::NotCode.contains(ending)
        })
    };
    !copy.sources.is_empty()
        && copy
            .sources
            .iter()
            .all(|(_, text)| text.as_ref().is_some_and(|text| is_text(text.as_str())))
}

/// The first COPY or ADD of the whole context in each stage.
pub(crate) fn first_whole(p: &BuildPhase) -> Vec<Option<usize>> {
    let is_whole = |copy: &usize| copies_all(&p.copies[*copy]) == Some(true);
    let first = |stage: &StageFact| stage.copies.iter().copied().find(is_whole);
    p.stages.iter().map(first).collect()
}

/// The COPY or ADD of the whole context that stands before an install of dependencies in its stage; `None` where a
/// plugin of Poetry reads the version of the project from its history, as it does before anything is installed.
pub(crate) fn copied_all_before(p: &Project, index: usize) -> Option<usize> {
    let fact = &p.commands[index];
    let is_poetry = fact.command.name.as_deref() == Some("poetry");
    if is_poetry && FileWords::VersionByGit.is_within(&p.text.text) {
        return None;
    }
    p.first_whole[fact.stage].filter(|copy| p.copies[*copy].layer < fact.layer)
}
