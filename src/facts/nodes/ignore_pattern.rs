//! A line of the ignore file.

use crate::context::Pattern;
use crate::facts::deploy::messages;
use crate::facts::files::carried_along::{self, ExpectedFile};
use crate::facts::model::{CopyFrom, LeftOutModule, Project};
use crate::facts::nodes::cells::{at, str_or_absent};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::knowledge::installers;
use crate::knowledge::names_below::name_below;
use crate::source::Entry;
use crate::source::join;
use crate::span::Span;

pub(super) const KIND: Kind = Kind {
    name: "ignore_pattern",
    table: &TABLE,
    key: "the pattern as Docker matches it: `./a/`, `/a` and `a` are `a`",
    vars: &[],
    doc: "a line of the ignore file",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    let context = &p.around.context;
    // One below the top that may not be the context's is read by nobody.
    let is_read = context.base.is_empty() || context.is_settled();
    let ignore = context.ignore.as_deref().filter(|_| is_read);
    let patterns = ignore.map_or(&[][..], |ignore| &ignore.patterns);
    for (i, pattern) in patterns.iter().enumerate() {
        let node = Id::IgnorePattern(i).node(p);
        let covers = vec![pattern.span()];
        each(facts.selected(None, &pattern.cleaned, node, covers));
    }
}

table! {
    "ignore_pattern",
    "A line of the ignore file.";
    text: Type::Str, "as written";
    pattern: Type::Str, "what Docker matches with: `./a/`, `/a` and `a` are `a`";
    left_out_module: Type::Str,
        "a module of a frontend that its code imports and this excludes, by its path in the build context; absent \
         otherwise";
    left_out_import: Type::Str, "its name as the code imports it; marks the import; absent where `left_out_module` is";
    commented: Type::List(&Type::Str),
        "for the first of them: all patterns of the file that contain a space and `#`; absent for others";
    top_only: Type::List(&Type::Str),
        "for the first of them: all patterns that are meant for every directory (`__pycache__`, `*.pyc`, \
         `.DS_Store`) and match at the top only; absent for others, where other lines exclude such files below, \
         and where no directory of the context is copied";
    open_env_files: Type::List(&Type::Str),
        "for the first that excludes a file of variables (`.env`): others that the project reads (`env_file` of a \
         service, a sample beside it), that git ignores, that COPY takes and that no pattern excludes; absent for \
         others";
    env_file_sample: Type::Str,
        "the sample beside the first of these, where nothing is known to read the file itself: no service of compose, \
         no compose file beside it that fills in variables, no settings; absent otherwise";
    let_in_by: Type::Str,
        "the exception that lets the first of these in; absent where none does";
    may_mirror_git: Type::Bool, "a comment of the file speaks of `.gitignore`: the two may have to say the same";
    messages: Type::Str,
        "the compiled translation of the project (`django.mo`) that it excludes, where the settings let visitors \
         choose their language and nothing compiles it in the image; absent otherwise";
    alike: Type::List(&Type::Str),
        "all patterns of the file that are meant for every directory and are written for the top one, also \
         those for which another line does it below";
}

view! { IgnorePattern(i: usize) }

impl View<'_> {
    fn all(&self) -> &[Pattern] {
        self.p
            .around
            .context
            .ignore
            .as_deref()
            .map_or(&[], |ignore| &ignore.patterns)
    }

    fn find_pattern(&self) -> Option<&Pattern> {
        self.all().get(self.i)
    }

    fn messages(&self) -> Cell {
        let copies = Self::is_copied_from(self.p);
        let pattern = self.find_pattern().filter(|_| copies);
        let found = pattern.and_then(|pattern| messages::kept_out(self.p, pattern));
        str_or_absent(found.as_deref())
    }

    /// For the first of them: the patterns that are meant for every directory and match at the top only, when one of
    /// them is worth a finding.
    fn find_top_only(&self) -> Option<Cell> {
        let ignore = self.p.around.context.ignore.as_deref()?;
        let bare = ignore.top_only();
        if bare.first() != Some(&self.i)
            || !Self::is_copied_from(self.p)
            || Self::is_built_from_above(self.p)
        {
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
                    || installers::project_files().any(|file| file == name)
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

    /// A COPY takes what the context does not have and the directory above it has: builds begin there, and read no
    /// ignore file here.
    fn is_built_from_above(p: &Project) -> bool {
        let context = &p.around.context;
        let Some(directory) = context.below_root("") else {
            return false;
        };
        let directory = directory.trim_end_matches('/');
        if directory.is_empty() {
            return false;
        }
        let above = directory.rsplit_once('/').map_or("", |(above, _)| above);
        let from_context = p.copies.iter();
        let from_context = from_context.filter(|copy| copy.from == CopyFrom::Context);
        let mut sources = from_context
            .flat_map(|copy| &copy.sources)
            .filter_map(|(_, text)| text.as_ref());
        sources.any(|text| {
            let path = text.as_str().trim_start_matches('/').trim_end_matches('/');
            context.entry(path) == Entry::Missing
                && matches!(
                    context.root.entry(&join(above, path)),
                    Entry::File { .. } | Entry::Directory
                )
        })
    }

    /// For the first of them: the patterns with a comment behind.
    fn find_commented(&self) -> Option<Cell> {
        let has_comment = |it: &Pattern| {
            let text = it.text.as_str();
            let mut signs = text.match_indices('#');
            signs.any(|(at, _)| {
                let before = &text[..at];
                before.ends_with([' ', '\t']) && !before.trim().is_empty()
            })
        };
        // Asked of every line: most end here.
        if !has_comment(self.find_pattern()?)
            || self.all().iter().position(has_comment) != Some(self.i)
        {
            return None;
        }
        let found = self.all().iter().filter(|it| has_comment(it));
        let items = found.map(|it| Cell::str(it.text.as_str()).at(it.span()));
        Some(Cell::list(items.collect()))
    }

    fn find_open_env_files(&self) -> Vec<ExpectedFile> {
        let mut all = self.all().iter();
        if all.position(carried_along::is_for_env_files) != Some(self.i) {
            return Vec::new();
        }
        carried_along::expected_env_files(self.p)
    }

    /// The sample of the first of these, where nothing is known to read the file itself.
    fn find_env_file_sample(&self) -> Option<String> {
        let first = self.find_open_env_files().into_iter().next()?;
        let sample = first.sample?;
        let context = &self.p.around.context;
        // Compose fills in variables from the file beside its own.
        let directory = |path: &str| path.rsplit_once('/').map_or("", |(it, _)| it).to_owned();
        let own = context.below_root(&first.path)?;
        let mut files = self.p.around.deployed.compose.files.iter();
        let is_of_compose = own.rsplit('/').next() == Some(".env")
            && files.any(|file| directory(&file.path) == directory(&own));
        let mut settings = self.p.settings.iter();
        let is_read = settings.any(|fact| !fact.settings.env_files.is_empty());
        (!is_of_compose && !is_read).then_some(sample)
    }

    /// The exception that lets a file of variables in.
    fn find_let_in_by(&self) -> Option<&Pattern> {
        let first = self.find_open_env_files().into_iter().next()?;
        let ignore = self.p.around.context.ignore.as_deref()?;
        let found = ignore.matches(&first.path).filter(|it| it.is_exception);
        // One that undoes nothing would undo a pattern that is written for it.
        let is_idle = |it: &&Pattern| it.is_exception && it.matches(&first.path);
        found.or_else(|| ignore.patterns.iter().rfind(is_idle))
    }

    /// All patterns of the file that are meant for every directory and have no `**/`, also where another line does for
    /// them.
    fn find_alike(&self) -> Vec<Cell> {
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
        self.find_pattern().map(Pattern::span)
    }

    fn label(&self) -> String {
        self.find_pattern()
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

impl View<'_> {
    fn text(&self) -> Cell {
        self.find_pattern().map_or(Cell::UNKNOWN, |pattern| {
            Cell::str(pattern.text.as_str()).at(pattern.span())
        })
    }

    fn pattern(&self) -> Cell {
        self.find_pattern().map_or(Cell::UNKNOWN, |pattern| {
            Cell::str(&pattern.cleaned).at(pattern.span())
        })
    }

    fn find_left_out(&self) -> Option<&LeftOutModule> {
        let pattern = self.find_pattern()?.span();
        let mut all = self.p.frontends.iter().flat_map(|it| &it.left_out_modules);
        all.find(|it| it.pattern == pattern)
    }

    fn left_out_module(&self) -> Cell {
        let found = self.find_left_out();
        found.map_or(Cell::ABSENT, |it| Cell::str(&it.module))
    }

    fn left_out_import(&self) -> Cell {
        let found = self.find_left_out();
        found.map_or(Cell::ABSENT, |it| Cell::str(&it.module).at(it.import))
    }

    fn commented(&self) -> Cell {
        self.find_commented().unwrap_or(Cell::ABSENT)
    }

    fn top_only(&self) -> Cell {
        self.find_top_only().unwrap_or(Cell::ABSENT)
    }

    fn open_env_files(&self) -> Cell {
        let place = self.place();
        let found = self.find_open_env_files();
        let cells = found.iter().map(|it| at(Cell::str(&it.path), place));
        Cell::list(cells.collect())
    }

    fn env_file_sample(&self) -> Cell {
        str_or_absent(self.find_env_file_sample().as_deref())
    }

    fn let_in_by(&self) -> Cell {
        let found = self.find_let_in_by();
        found.map_or(Cell::ABSENT, |it| Cell::str(it.text.as_str()).at(it.span()))
    }

    fn may_mirror_git(&self) -> Cell {
        Cell::bool(
            self.p
                .around
                .context
                .ignore
                .as_deref()
                .is_some_and(|ignore| ignore.speaks_of_git),
        )
    }

    fn alike(&self) -> Cell {
        Cell::list(self.find_alike())
    }
}
