//! The build context: what is copied along, patterns of the ignore file.

use std::sync::Arc;

use crate::context::{Pattern, join};
use crate::facts::model::{CopyFrom, Project, UnwantedFact};
use crate::facts::nodes::{CopyNode, StageNode, str_or_absent, table};
use crate::facts::table::{Cell, Type};
use crate::knowledge::names_below::name_below;
use crate::source::Entry;
use crate::span::Span;

/// Something that a COPY takes along.
#[derive(Debug, Clone)]
pub(crate) struct UnwantedNode {
    p: Arc<Project>,
    i: usize,
}

impl UnwantedNode {
    pub(crate) fn new(p: &Arc<Project>, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            i,
        }
    }

    fn fact(&self) -> &UnwantedFact {
        &self.p.unwanted[self.i]
    }

    /// A command or a build tool of the stage reads the history.
    fn uses_git(&self) -> bool {
        let stage = self.p.copies[self.fact().copy].stage;
        self.p.commands.iter().any(|fact| {
            fact.stage == stage
                && (fact.command.name.as_deref() == Some("git")
                    || crate::facts::build::opaque::may_clean(&fact.command)
                    || fact.command.operands.iter().any(|operand| {
                        matches!(operand.as_str(), Some("." | "./" | ".[all]"))
                            && fact.command.name.as_deref() == Some("pip")
                    }))
        })
    }

    /// An instruction behind the COPY names the file.
    fn is_named(&self) -> bool {
        let path = &self.fact().path;
        let name = path.rsplit('/').next().unwrap_or(path);
        let at = self.fact().source.end as usize;
        let rest = self.p.text.text.get(at..).unwrap_or_default();
        rest.lines().skip(1).any(|line| {
            let words = line.split(|c: char| c.is_whitespace() || "=\"',;/".contains(c));
            !line.trim_start().starts_with('#') && words.into_iter().any(|word| word == name)
        })
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().source)
    }

    fn label(&self) -> String {
        self.fact().path.clone()
    }
}

table! {
    UNWANTED = "unwanted", "A file or directory of the build context that a COPY or ADD of the directory around it takes into the image.", for UnwantedNode;
    path: Type::Str, "in the build context", |n| Cell::str(&n.fact().path).at(n.fact().source);
    category: Type::Str, "`history` (`.git`), `secret`, `virtualenv`, `database`, `node-modules` or `cache`", |n| Cell::str(n.fact().category.name());
    secret: Type::Str, "for a secret: the variable that holds it, or `a private key`; marks it; absent for others", |n| n.fact().secret.as_ref().map_or(Cell::ABSENT, |(name, span)| Cell::str(name).at(*span));
    first: Type::Str, "the first of the same category that a COPY of the Dockerfile takes along", |n| { let p = &n.p; let first = p.unwanted.iter().find(|other| other.category == n.fact().category); first.map_or(Cell::ABSENT, |first| Cell::str(&first.path).at(first.source)) };
    is_for_development: Type::Bool, "for a secret: the file is to develop or test with, by its name, DEBUG or the settings that it chooses, and no compose file for production reads it", |n| Cell::bool(n.fact().is_for_development);
    is_generated: Type::Bool, "for a secret: the only one is a key as Django's `startproject` makes it", |n| Cell::bool(n.fact().is_generated);
    is_named: Type::Bool, "an instruction behind the COPY names the file", |n| Cell::bool(n.is_named());
    repository: Type::Str, "for `.git`: marks a file of the repository, the same one for every Dockerfile; absent for others", |n| n.fact().repository.map_or(Cell::ABSENT, |span| Cell::str(&n.fact().path).at(span));
    is_published: Type::Bool, "for `.git`: continuous integration or a platform publishes the image, or a compose stack for production builds it", |n| Cell::bool(n.fact().is_published);
    is_built_from_git: Type::Bool, "for `.git`: a workflow or platform builds the image from git by itself, which leaves it out", |n| Cell::bool(n.fact().is_built_from_git);
    is_used: Type::Bool, "for `.git`: a command of the stage may read it", |n| Cell::bool(n.uses_git());
    ignore_file: Type::Str, "the ignore file of the build context; absent without", |n| str_or_absent(n.fact().ignore_file.as_deref());
    copy: Type::Link(&super::instruction::COPY), "the COPY or ADD", |n| Cell::fact(Arc::new(CopyNode::new(&n.p, n.fact().copy)));
    stage: Type::Link(&super::stage::STAGE), "its stage", |n| Cell::fact(Arc::new(StageNode::new(&n.p, n.p.copies[n.fact().copy].stage)));
}

/// A line of the ignore file.
#[derive(Debug, Clone)]
pub(crate) struct PatternNode {
    p: Arc<Project>,
    i: usize,
}

impl PatternNode {
    pub(crate) fn new(p: &Arc<Project>, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            i,
        }
    }

    fn all(&self) -> &[Pattern] {
        self.p
            .around
            .context
            .ignore
            .as_deref()
            .map_or(&[], |ignore| &ignore.patterns)
    }

    fn pattern(&self) -> Option<&Pattern> {
        self.all().get(self.i)
    }

    /// For the first of them: the patterns that are meant for every directory and match at the top only, when one of
    /// them is worth a finding.
    fn top_only(&self) -> Option<Cell> {
        let ignore = self.p.around.context.ignore.as_deref()?;
        let bare = ignore.top_only();
        if bare.first() != Some(&self.i) || !Self::is_copied_from(&self.p) {
            return None;
        }
        let bare = || bare.iter().filter_map(|i| ignore.patterns.get(*i));
        let is_foreign = self.is_of_another_language();
        let is_worth = |it: &Pattern| {
            name_below(&it.cleaned)
                .is_some_and(|row| row.alone && !(is_foreign && row.sample.contains("py")))
        };
        let items = || bare().map(|it| Cell::str(below(it)).at(it.span()));
        bare().any(is_worth).then(|| Cell::list(items().collect()))
    }

    /// The context is a package of Node, and nothing at its top is of Python: its patterns for Python are idle.
    fn is_of_another_language(&self) -> bool {
        let context = &self.p.around.context;
        let is_there = |name: &str| matches!(context.entry(name), Entry::File { .. });
        let names = context.list("");
        let mut names = names.iter().flat_map(|names| names.iter());
        is_there("package.json")
            && !names.any(|name| {
                name.ends_with(".py")
                    || name.starts_with("requirements")
                    || matches!(name.as_str(), "pyproject.toml" | "Pipfile" | "setup.cfg")
                    || is_there(&join(name, "manage.py"))
                    || is_there(&join(name, "__init__.py"))
            })
    }

    /// A COPY or ADD takes a directory of the context along.
    fn is_copied_from(p: &Project) -> bool {
        let context = &p.around.context;
        let from_context = p
            .copies
            .iter()
            .filter(|copy| copy.from == CopyFrom::Context);
        let mut sources = from_context.flat_map(|copy| &copy.sources);
        sources.any(|(_, text)| {
            text.as_ref().is_none_or(|text| {
                let path = text.as_str();
                path.contains(['*', '?', '[', '$'])
                    || !matches!(
                        context.entry(path.trim_start_matches('/')),
                        Entry::File { .. }
                    ) && !path.contains("://")
                        && !path.starts_with("<<")
            })
        })
    }

    /// For the first of them: the patterns with a comment behind.
    fn commented(&self) -> Option<Cell> {
        let has_comment = |it: &Pattern| {
            let text = it.text.as_str();
            let mut signs = text.match_indices('#');
            signs.any(|(at, _)| {
                let before = &text[..at];
                before.ends_with([' ', '\t']) && !before.trim().is_empty()
            })
        };
        // Asked of every line: most end here.
        if !has_comment(self.pattern()?) || self.all().iter().position(has_comment) != Some(self.i)
        {
            return None;
        }
        let found = self.all().iter().filter(|it| has_comment(it));
        let items = found.map(|it| Cell::str(it.text.as_str()).at(it.span()));
        Some(Cell::list(items.collect()))
    }

    /// All patterns of the file that are meant for every directory and have no `**/`, also where another line does for them.
    fn alike(&self) -> Vec<Cell> {
        let has_twin = |it: &Pattern| {
            let twin = format!("**/{}", it.cleaned);
            self.all().iter().any(|other| other.cleaned == twin)
        };
        let bare = self
            .all()
            .iter()
            .filter(|it| !it.is_exception && name_below(&it.cleaned).is_some() && !has_twin(it));
        bare.map(|it| Cell::str(below(it)).at(it.span())).collect()
    }

    fn place(&self) -> Option<Span> {
        self.pattern().map(Pattern::span)
    }

    fn label(&self) -> String {
        self.pattern()
            .map_or("", |pattern| pattern.text.as_str())
            .to_owned()
    }
}

/// As written, without what ties it to the top directory.
fn below(pattern: &Pattern) -> &str {
    let text = pattern.text.as_str();
    text.strip_prefix("./")
        .unwrap_or(text)
        .trim_start_matches('/')
}

table! {
    IGNORE_PATTERN = "ignore_pattern", "A line of the ignore file.", for PatternNode;
    text: Type::Str, "as written", |n| n.pattern().map_or(Cell::UNKNOWN, |pattern| Cell::str(pattern.text.as_str()).at(pattern.span()));
    pattern: Type::Str, "what Docker matches with: `./a/`, `/a` and `a` are `a`", |n| n.pattern().map_or(Cell::UNKNOWN, |pattern| Cell::str(&pattern.cleaned).at(pattern.span()));
    is_exception: Type::Bool, "with `!`: it takes paths back in", |n| n.pattern().map_or(Cell::UNKNOWN, |pattern| Cell::bool(pattern.is_exception));
    commented: Type::List(&Type::Str), "for the first of them: all patterns of the file with a blank and `#` in them; absent for others", |n| n.commented().unwrap_or(Cell::ABSENT);
    top_only: Type::List(&Type::Str), "for the first of them: all patterns that are meant for every directory (`__pycache__`, `*.pyc`, `.DS_Store`) and match at the top only; absent for others, where other lines exclude such files below, and where no directory of the context is copied", |n| n.top_only().unwrap_or(Cell::ABSENT);
    may_mirror_git: Type::Bool, "a comment of the file speaks of `.gitignore`: the two may have to say the same", |n| Cell::bool(n.p.around.context.ignore.as_deref().is_some_and(|ignore| ignore.speaks_of_git));
    alike: Type::List(&Type::Str), "all patterns of the file that are meant for every directory and are written for the top one, also those for which another line does it below", |n| Cell::list(n.alike());
}
