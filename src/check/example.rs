//! Projects that exist in memory only: the examples of rule files.

use crate::dockerfile;
use crate::facts;
use crate::facts::Inputs;
use crate::facts::intent;
use crate::facts::surroundings::Surroundings;
use crate::knowledge::Date;
use crate::lint;
use crate::rule::RuleSet;
use crate::rule::example::{Checked, Project};
use crate::source::{Root, Sources};

/// The day of examples that name none; it never changes.
const DAY: &str = "2026-11-22";

/// Lints an example with these rules and no configuration; the runner of
/// [`crate::rule::example::test_rules`].
///
/// # Errors
/// When the example is no project: its Dockerfile is missing, its date is none.
pub(crate) fn run_example(rules: &RuleSet, project: &Project) -> Result<Checked, String> {
    let sources = Sources::new();
    let day = project.today.as_deref().unwrap_or(DAY);
    let today: Date = day
        .parse()
        .map_err(|_| format!("`{day}` is not a date; write YYYY-MM-DD"))?;
    let path = project
        .dockerfile
        .as_deref()
        .ok_or("the example has no `dockerfile`")?;
    let content = project
        .files
        .get(path)
        .ok_or_else(|| format!("there is no `{path}` among the files"))?;
    let file = sources.add(path, content.content.clone());
    let text = sources.get(file);
    let tree = dockerfile::parse(file, &text.text);
    let problems = tree.errors.len();
    let root = Root::memory(project.files.clone());
    let around = if project.files.len() > 1 || project.has_context {
        Surroundings::find(
            &root,
            &sources,
            Some(path),
            project.has_context.then_some(""),
            false,
        )
    } else {
        Surroundings::unknown(&root)
    };
    let inputs = Inputs {
        around: &around,
        sources: &sources,
        text,
        build_args: &project.args,
        target: project.target.as_deref(),
        intent: intent::by_path(path),
        today,
    };
    let found = lint::run(rules, &facts::build(tree, &inputs));
    Ok(Checked {
        sources,
        findings: found.findings,
        undecided: found.undecided,
        problems,
    })
}
