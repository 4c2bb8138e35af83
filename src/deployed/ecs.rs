//! Task definitions of Amazon ECS, in files of JSON at the root of the repository and in directories that are called
//! so.
//!
//! `entryPoint` and `command` take the place of ENTRYPOINT and CMD, no shell reads them; a HEALTHCHECK of the image is
//! not looked at.

use super::model::{Deployed, Deployments, Look, Source};
use super::task;
use crate::knowledge::words::FileWords;
use crate::source::join;

/// Files of one directory that are looked through.
const MAX_LISTED: usize = 200;

pub(super) struct Ecs;

impl Source for Ecs {
    fn name(&self) -> &'static str {
        "ecs"
    }

    fn files(&self) -> &'static [&'static str] {
        &["task-definition.json"]
    }

    fn is_file(&self, name: &str) -> bool {
        let stem = name.strip_suffix(".json");
        stem.is_some_and(|stem| FileWords::TaskDefinition.is_within(&stem.to_ascii_lowercase()))
    }

    fn read(&self, look: &Look<'_>, found: &mut Deployments) {
        let directories = FileWords::TaskDirectory.into_iter();
        for directory in [""].into_iter().chain(directories) {
            for name in look.root.list(directory, MAX_LISTED).iter() {
                if !self.is_file(name) {
                    continue;
                }
                let path = join(directory, name);
                let Some(documents) = look.documents(&path) else {
                    continue;
                };
                let Some(definition) = documents.all.first().filter(|_| documents.is_whole) else {
                    found.is_open = true;
                    continue;
                };
                let group = found.next_group();
                let (all, is_open) =
                    task::containers(self.name(), look, &found.compose, &path, definition);
                found.is_open |= is_open;
                found
                    .all
                    .extend(all.into_iter().map(|it| Deployed { group, ..it }));
            }
        }
    }
}
