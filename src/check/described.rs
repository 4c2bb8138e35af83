//! What a check makes of each Dockerfile before any rule is asked: `--show-files`.

use super::examine::Subject;
use crate::context::Certainty;

/// A Dockerfile, as people are shown it: a name, and what is known in lines of a word and a sentence.
#[derive(Debug)]
pub(crate) struct Described {
    pub(crate) name: String,
    pub(crate) lines: Vec<(&'static str, String)>,
}

/// Longest list of files that are named.
const MOST_FILES: usize = 200;

impl Subject<'_> {
    /// What the Dockerfile is taken for, with the files that were read to find out and for its check.
    pub(super) fn describe(&self) -> Described {
        let facts = self.facts(self.parse());
        let shown = facts.shown(self.sources);
        let mut lines = Vec::new();
        let word = shown.intent.called();
        let said = self.intent(self.home()).map(|(_, why)| why);
        lines.push(("for", format!("{word} ({})", said.unwrap_or(shown.why))));
        let context = match shown.context.as_str() {
            "" => ".",
            context => context,
        };
        lines.push((
            "context",
            match shown.certainty {
                Certainty::Unknown => "not known".to_owned(),
                Certainty::Guessed => format!("{context} (a guess: nothing names it)"),
                Certainty::Certain => context.to_owned(),
            },
        ));
        if let Some(target) = &self.setup.target {
            lines.push(("target", target.clone()));
        }
        for image in shown.images {
            lines.push(("image", image.what));
            lines.push(("server", image.server));
            lines.extend(image.settings.map(|settings| ("settings", settings)));
        }
        lines.extend(shown.unused.into_iter().map(|stage| ("not shipped", stage)));
        lines.extend(
            shown
                .services
                .into_iter()
                .map(|service| ("started by", service)),
        );
        lines.extend(shown.stacks.into_iter().map(|stack| ("compose", stack)));
        // The rules may make it read more: a module, a script.
        drop(crate::lint::run(&self.setup.rules, &facts));
        let mut files: Vec<String> = self
            .sources
            .ids()
            .filter(|file| *file != self.file)
            .map(|file| self.sources.get(file).name.clone())
            .collect();
        files.sort();
        files.dedup();
        files.truncate(MOST_FILES);
        if !files.is_empty() {
            lines.push(("reads", files.join(", ")));
        }
        Described {
            name: self.sources.get(self.file).name.clone(),
            lines,
        }
    }
}
