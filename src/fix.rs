//! Applies the edits of fixes: which of them go together, what the text becomes, how it is written.
//!
//! Nothing here knows rules or configuration: whoever calls has chosen the findings. A fix is applied
//! whole or not at all, and a file of which some bytes are not UTF-8 is left alone, since its spans
//! do not fit what is on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::finding::{Edit, Finding, Fix, Safety};
use crate::source::{SourceFile, Sources};
use crate::span::FileId;

pub(crate) mod write;

/// Stands for the path of what comes from standard input.
pub(crate) const INPUT: &str = "-";

/// How often the project is checked anew after edits before giving up on calm.
pub(crate) const MAX_PASSES: usize = 10;

/// The text after the edits of one file, in any order. An edit that does not fit the text or
/// overlaps an earlier one is left out.
#[must_use]
pub(crate) fn apply(text: &str, edits: &[Edit]) -> String {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| edit.span);
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for edit in sorted {
        let range = edit.span.range();
        if range.start < done {
            continue;
        }
        let (Some(before), true) = (
            text.get(done..range.start),
            text.get(range.clone()).is_some(),
        ) else {
            continue;
        };
        out.push_str(before);
        out.push_str(&edit.text);
        done = range.end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

/// Whether two edits cannot both be applied. The same edit twice is one edit.
#[must_use]
pub(crate) fn conflicts(a: &Edit, b: &Edit) -> bool {
    if a == b || a.span.file != b.span.file {
        return false;
    }
    match (a.span.is_empty(), b.span.is_empty()) {
        // Which of two insertions comes first, nobody said.
        (true, true) => a.span.start == b.span.start,
        (true, false) => b.span.start < a.span.start && a.span.start < b.span.end,
        (false, true) => a.span.start < b.span.start && b.span.start < a.span.end,
        (false, false) => a.span.start < b.span.end && b.span.start < a.span.end,
    }
}

/// Edits by file, in order, of fixes that go together.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Sorted by place, none overlapping another.
    pub edits: BTreeMap<FileId, Vec<Edit>>,
    /// The fixes that were taken, by their place among those that were given.
    pub taken: Vec<usize>,
    /// How many fixes were left out because they overlap one that was taken.
    pub postponed: usize,
}

/// Takes each fix that is at least as safe as `least` and does not overlap one already taken.
pub(crate) fn plan<'f>(fixes: impl IntoIterator<Item = &'f Fix>, least: Safety) -> Plan {
    let mut plan = Plan::default();
    for (number, fix) in fixes.into_iter().enumerate() {
        if fix.safety > least || fix.edits.is_empty() {
            continue;
        }
        let is_free = fix.edits.iter().all(|edit| {
            let taken = plan.edits.get(&edit.span.file);
            taken.is_none_or(|taken| taken.iter().all(|other| !conflicts(edit, other)))
        });
        if !is_free {
            plan.postponed += 1;
            continue;
        }
        plan.taken.push(number);
        for edit in &fix.edits {
            let taken = plan.edits.entry(edit.span.file).or_default();
            if !taken.contains(edit) {
                taken.push(edit.clone());
            }
        }
    }
    for edits in plan.edits.values_mut() {
        edits.sort_by_key(|edit| edit.span);
    }
    plan
}

/// What one check of the project found.
pub(crate) struct Pass<'s> {
    pub sources: &'s Sources,
    /// A Dockerfile comes from standard input: it is mended, and no file on disk.
    pub input: bool,
    /// Those that may be mended: not suppressed, not in the baseline.
    pub findings: Vec<Finding>,
    /// How many places could not be parsed. Edits that raise it are taken back.
    pub problems: usize,
}

/// A file as it was and as it becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// As shown to people.
    pub name: String,
    pub before: String,
    pub after: String,
}

/// What mending came to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Fixed {
    /// By the path on disk; only files that differ in the end.
    pub changes: BTreeMap<PathBuf, Change>,
    /// How many findings were mended.
    pub count: usize,
    /// Sentences about what was left alone, and why.
    pub refused: Vec<String>,
}

/// Mends until nothing changes, at most [`MAX_PASSES`] times.
///
/// `check` is given the changed texts by path, and checks the project as if they were on disk. It
/// hands what it found to the function it is given.
pub(crate) fn until_stable(
    least: Safety,
    mut check: impl FnMut(&BTreeMap<PathBuf, String>, &mut dyn FnMut(Pass<'_>)),
) -> Fixed {
    let mut fixed = Fixed::default();
    let mut texts = BTreeMap::new();
    let mut problems = None;
    let mut last: Option<Before> = None;
    // Fixes that do not cure are not tried again.
    let mut useless: BTreeSet<Mended> = BTreeSet::new();
    for _ in 0..MAX_PASSES {
        let mut is_changed = false;
        let mut is_broken = false;
        check(&texts.clone(), &mut |pass| {
            if problems.is_some_and(|before| pass.problems > before) {
                is_broken = true;
                return;
            }
            problems = Some(pass.problems);
            let found = mendable(&pass, least);
            if let Some(before) = last.take() {
                let cured = |(what, count): (&Mended, &usize)| {
                    found.get(what).is_none_or(|now| now < count)
                };
                let left: Vec<Mended> = before
                    .mended
                    .iter()
                    .filter(|one| !cured(*one))
                    .map(|(what, _)| what.clone())
                    .collect();
                if !left.is_empty() {
                    texts.clone_from(&before.texts);
                    let refused = std::mem::take(&mut fixed.refused);
                    fixed = Fixed {
                        refused,
                        ..before.fixed
                    };
                    for (rule, name) in &left {
                        let sentence =
                            format!("the fix of `{rule}` does not work in `{name}` and was undone");
                        fixed.refused.push(sentence);
                    }
                    useless.extend(left);
                    is_changed = true;
                    return;
                }
            }
            let (texts_before, fixed_before) = (texts.clone(), fixed.clone());
            let (changed, rules) = step(&pass, least, &useless, &mut texts, &mut fixed);
            is_changed = changed;
            let mended = found.into_iter().filter(|(what, _)| rules.contains(what));
            last = Some(Before {
                texts: texts_before,
                fixed: fixed_before,
                mended: mended.collect(),
            });
        });
        if is_broken {
            if let Some(before) = last.take() {
                fixed = before.fixed;
            }
            let sentence = "a fix would have broken the syntax of a file and was undone";
            fixed.refused.push(sentence.to_owned());
            break;
        }
        if !is_changed {
            break;
        }
    }
    fixed
        .changes
        .retain(|_, change| change.before != change.after);
    fixed
}

/// A rule, and the file that it finds something in, as shown to people.
type Mended = (String, String);

/// How it was before a step.
struct Before {
    texts: BTreeMap<PathBuf, String>,
    fixed: Fixed,
    /// What the step mends, and how much of that there was.
    mended: BTreeMap<Mended, usize>,
}

fn mended(pass: &Pass<'_>, finding: &Finding) -> Mended {
    let name = &pass.sources.get(finding.primary.file).name;
    (finding.rule.to_string(), name.clone())
}

/// How many findings there are that can be mended, by rule and file.
fn mendable(pass: &Pass<'_>, least: Safety) -> BTreeMap<Mended, usize> {
    let mut found = BTreeMap::new();
    let safe = |finding: &&Finding| finding.fix.as_ref().is_some_and(|fix| fix.safety <= least);
    for finding in pass.findings.iter().filter(safe) {
        *found.entry(mended(pass, finding)).or_default() += 1;
    }
    found
}

/// Applies what goes together; whether anything changed, and what is mended.
fn step(
    pass: &Pass<'_>,
    least: Safety,
    useless: &BTreeSet<Mended>,
    texts: &mut BTreeMap<PathBuf, String>,
    fixed: &mut Fixed,
) -> (bool, BTreeSet<Mended>) {
    let mut chosen = Vec::new();
    let mut whats = Vec::new();
    for finding in &pass.findings {
        let Some(fix) = finding.fix.as_ref().filter(|fix| fix.safety <= least) else {
            continue;
        };
        let what = mended(pass, finding);
        if useless.contains(&what) {
            continue;
        }
        let is_on_disk = |edit: &Edit| pass.sources.get(edit.span.file).path.is_some();
        if pass.input && fix.edits.iter().any(is_on_disk) {
            continue;
        }
        let edits = fix.edits.iter();
        let refusals: Vec<String> = edits
            .filter_map(|edit| refusal(&pass.sources.get(edit.span.file), pass.input))
            .collect();
        if refusals.is_empty() {
            chosen.push(fix);
            whats.push(what);
        }
        for refusal in refusals {
            if !fixed.refused.contains(&refusal) {
                fixed.refused.push(refusal);
            }
        }
    }
    let plan = plan(chosen, least);
    let mut is_changed = false;
    for (id, edits) in &plan.edits {
        let file = pass.sources.get(*id);
        let path = match &file.path {
            Some(path) => path.clone(),
            None if pass.input => PathBuf::from(INPUT),
            None => continue,
        };
        let after = apply(&file.text, edits);
        if after == file.text {
            continue;
        }
        is_changed = true;
        let change = fixed.changes.entry(path.clone()).or_insert_with(|| Change {
            name: file.name.clone(),
            before: file.text.clone(),
            after: String::new(),
        });
        change.after.clone_from(&after);
        texts.insert(path.clone(), after);
    }
    if is_changed {
        fixed.count += plan.taken.len();
    }
    let taken = plan.taken.iter().filter_map(|at| whats.get(*at).cloned());
    (is_changed, taken.collect())
}

/// Why a file cannot be mended; `None` when it can.
fn refusal(file: &SourceFile, is_input: bool) -> Option<String> {
    let reason = if file.is_lossy {
        "is not valid UTF-8"
    } else if file.path.is_none() && !is_input {
        "is not a file on disk"
    } else {
        return None;
    };
    Some(format!("`{}` {reason} and was not changed", file.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::About;
    use crate::finding::Severity;
    use crate::span::Span;

    fn edit(start: u32, end: u32, text: &str) -> Edit {
        Edit {
            span: Span::new(FileId(0), start, end),
            text: text.to_owned(),
        }
    }

    fn fix(safety: Safety, edits: Vec<Edit>) -> Fix {
        Fix {
            title: String::new(),
            safety,
            edits,
        }
    }

    #[test]
    fn edits_apply_in_order_of_place() {
        let edits = [edit(4, 4, "!"), edit(0, 1, "A"), edit(2, 3, "")];
        assert_eq!(apply("abcd", &edits), "Abd!");
        assert_eq!(apply("é", &[edit(1, 2, "x")]), "é");
        assert_eq!(apply("ab", &[edit(0, 2, "x"), edit(1, 2, "y")]), "x");
        assert_eq!(apply("ab", &[edit(9, 9, "x")]), "ab");
    }

    #[test]
    fn a_fix_is_taken_whole_or_not_at_all() {
        let first = fix(Safety::Safe, vec![edit(0, 2, "x")]);
        let overlapping = fix(Safety::Safe, vec![edit(1, 3, "y"), edit(8, 9, "z")]);
        let risky = fix(Safety::Unsafe, vec![edit(5, 6, "q")]);
        let again = fix(Safety::Safe, vec![edit(0, 2, "x"), edit(4, 4, "n")]);
        let all = [first, overlapping, risky, again];
        let safe = plan(&all, Safety::Safe);
        assert_eq!((safe.taken.len(), safe.postponed), (2, 1));
        assert_eq!(safe.edits[&FileId(0)], [edit(0, 2, "x"), edit(4, 4, "n")]);
        assert_eq!(plan(&all, Safety::Unsafe).taken.len(), 3);
    }

    #[test]
    fn two_insertions_at_one_point_conflict() {
        assert!(conflicts(&edit(1, 1, "a"), &edit(1, 1, "b")));
        assert!(!conflicts(&edit(1, 1, "a"), &edit(1, 1, "a")));
        assert!(!conflicts(&edit(1, 1, "a"), &edit(1, 3, "b")));
        assert!(conflicts(&edit(2, 2, "a"), &edit(1, 3, "b")));
    }

    fn finding(fix: Fix) -> Finding {
        Finding {
            rule: "r".into(),
            severity: Severity::Warning,
            tags: Vec::new(),
            message: String::new(),
            help: None,
            primary: fix.edits[0].span,
            also: Vec::new(),
            group: None,
            follows: Vec::new(),
            related: Vec::new(),
            about: About::Other,
            lasting: None,
            fix: Some(fix),
            url: None,
            covers: Vec::new(),
        }
    }

    /// Replaces every `a` by `by`, one at a time because the edits overlap; `c` breaks the syntax.
    fn mend(bytes: &[u8], by: &str) -> (Fixed, tempfile::TempDir) {
        let folder = tempfile::tempdir().expect("a directory");
        let path = folder.path().join("f");
        std::fs::write(&path, bytes).expect("a file");
        let fixed = until_stable(Safety::Safe, |texts, then| {
            let sources = Sources::new();
            for (path, text) in texts {
                std::fs::write(path, text).expect("a file");
            }
            let id = sources.read(&path, "f").expect("the file");
            let text = sources.get(id).text.clone();
            let size = u32::try_from(text.len()).expect("small");
            let findings = text.match_indices('a').map(|(at, _)| {
                let (before, after) = (&text[..at], &text[at + 1..]);
                let whole = format!("{before}{by}{after}");
                finding(fix(Safety::Safe, vec![edit(0, size, &whole)]))
            });
            then(Pass {
                input: false,
                sources: &sources,
                findings: findings.collect(),
                problems: text.matches('c').count(),
            });
        });
        (fixed, folder)
    }

    #[test]
    fn mending_goes_on_until_nothing_changes() {
        let (fixed, _folder) = mend(b"aaa", "b");
        let change = fixed.changes.values().next().expect("a change");
        assert_eq!((fixed.count, change.after.as_str()), (3, "bbb"));
        assert_eq!(change.before, "aaa");
    }

    #[test]
    fn what_does_not_cure_is_taken_back() {
        let (fixed, _folder) = mend(b"a", "ba");
        assert!(fixed.changes.is_empty() && fixed.count == 0);
        assert_eq!(
            fixed.refused,
            ["the fix of `r` does not work in `f` and was undone"]
        );
    }

    #[test]
    fn what_breaks_the_syntax_is_taken_back() {
        let (fixed, _folder) = mend(b"a", "c");
        assert!(fixed.changes.is_empty());
        assert_eq!(fixed.refused.len(), 1);
    }

    #[test]
    fn a_file_that_is_not_text_is_left_alone() {
        let (fixed, _folder) = mend(b"a\xff", "b");
        assert!(fixed.changes.is_empty());
        assert_eq!(
            fixed.refused,
            ["`f` is not valid UTF-8 and was not changed"]
        );
    }
}
