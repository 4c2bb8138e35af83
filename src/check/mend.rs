//! What the fixes of a project come to: checks and edits in turn, until nothing changes. Writes nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Request, Workspace};
use crate::finding::{Finding, Safety};
use crate::fix::{self, Fixed, Pass};
use crate::source::{Overlay, Sources};

impl Workspace {
    /// Applies the fixes that are at least as safe as `least`, of the findings that are `wanted`.
    pub(crate) fn mend(
        &self,
        request: &Request,
        least: Safety,
        wanted: impl Fn(&Sources, &Finding) -> bool,
    ) -> Fixed {
        fix::until_stable(least, |texts: &BTreeMap<PathBuf, String>, pass| {
            let mut files = Overlay::new(Arc::clone(&self.files));
            for (path, text) in texts.iter().filter(|(path, _)| path.is_absolute()) {
                files = files.with(path, text.as_str());
            }
            let mut request = request.clone();
            if let (Some(buffer), Some(text)) =
                (&mut request.buffer, texts.get(Path::new(fix::INPUT)))
            {
                buffer.text = text.clone().into_bytes();
            }
            let checked = self.on(Arc::new(files)).check(&request);
            let findings = checked.outcome.findings.into_iter();
            let findings = findings.map(|reported| reported.finding);
            pass(Pass {
                input: request.buffer.is_some(),
                sources: &checked.sources,
                problems: checked.outcome.problems.len(),
                findings: findings
                    .filter(|finding| wanted(&checked.sources, finding))
                    .collect(),
            });
        })
    }
}
