//! Applies the edits of fixes: which of them go together, what the text becomes, how it is written.
//!
//! Nothing here knows rules or configuration: whoever calls has chosen the findings. A fix is applied
//! whole or not at all, and a file of which some bytes are not UTF-8 is left alone, since its spans
//! do not fit what is on disk.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::finding::{Edit, Finding, Fix, Safety};
use crate::source::{SourceFile, Sources};
use crate::span::FileId;

/// Stands for the path of what comes from standard input.
pub const INPUT: &str = "-";

/// How often the project is checked anew after edits before giving up on calm.
pub const MAX_PASSES: usize = 10;

/// The text after the edits of one file, in any order. An edit that does not fit the text or
/// overlaps an earlier one is left out.
#[must_use]
pub fn apply(text: &str, edits: &[Edit]) -> String {
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
pub fn conflicts(a: &Edit, b: &Edit) -> bool {
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
pub struct Plan {
    /// Sorted by place, none overlapping another.
    pub edits: BTreeMap<FileId, Vec<Edit>>,
    /// How many findings they mend.
    pub fixed: usize,
    /// How many fixes were left out because they overlap one that was taken.
    pub postponed: usize,
}

/// Takes each fix that is at least as safe as `least` and does not overlap one already taken.
pub fn plan<'f>(fixes: impl IntoIterator<Item = &'f Fix>, least: Safety) -> Plan {
    let mut plan = Plan::default();
    for fix in fixes {
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
        plan.fixed += 1;
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
pub struct Pass<'s> {
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
pub struct Change {
    /// As shown to people.
    pub name: String,
    pub before: String,
    pub after: String,
}

/// What mending came to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Fixed {
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
pub fn until_stable(
    least: Safety,
    mut check: impl FnMut(&BTreeMap<PathBuf, String>, &mut dyn FnMut(Pass<'_>)),
) -> Fixed {
    let mut fixed = Fixed::default();
    let mut texts = BTreeMap::new();
    let mut problems = None;
    let mut last: Option<(BTreeMap<PathBuf, String>, Fixed)> = None;
    for _ in 0..MAX_PASSES {
        let mut is_changed = false;
        let mut is_broken = false;
        check(&texts.clone(), &mut |pass| {
            if problems.is_some_and(|before| pass.problems > before) {
                is_broken = true;
                return;
            }
            problems = Some(pass.problems);
            last = Some((texts.clone(), fixed.clone()));
            is_changed = step(&pass, least, &mut texts, &mut fixed);
        });
        if is_broken {
            if let Some((_, before)) = last.take() {
                fixed = before;
            }
            let sentence = "a fix would have broken the syntax of a file and was taken back";
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

/// Applies what goes together; whether anything changed.
fn step(
    pass: &Pass<'_>,
    least: Safety,
    texts: &mut BTreeMap<PathBuf, String>,
    fixed: &mut Fixed,
) -> bool {
    let mut mendable = Vec::new();
    for fix in pass.findings.iter().filter_map(|found| found.fix.as_ref()) {
        if fix.safety > least {
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
            mendable.push(fix);
        }
        for refusal in refusals {
            if !fixed.refused.contains(&refusal) {
                fixed.refused.push(refusal);
            }
        }
    }
    let plan = plan(mendable, least);
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
        fixed.count += plan.fixed;
    }
    is_changed
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
    Some(format!("`{}` {reason} and was left alone", file.name))
}

/// Replaces a file in one step: a reader sees the old text or the new, never a part. The file keeps
/// its permissions; a symbolic link stays one.
///
/// # Errors
/// When the directory cannot be written. The file is unchanged then.
pub fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let target = path.canonicalize()?;
    let permissions = std::fs::metadata(&target)?.permissions();
    let folder = target.parent().unwrap_or(Path::new("."));
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let temporary = folder.join(format!(".{name}.seatrial-{}", std::process::id()));
    let result = (|| {
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        drop(file);
        std::fs::set_permissions(&temporary, permissions)?;
        std::fs::rename(&temporary, &target)
    })();
    if result.is_err() {
        // Nothing more can be done about a leftover; the error that is reported says why.
        let _ = std::fs::remove_file(&temporary);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
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
        assert_eq!((safe.fixed, safe.postponed), (2, 1));
        assert_eq!(safe.edits[&FileId(0)], [edit(0, 2, "x"), edit(4, 4, "n")]);
        assert_eq!(plan(&all, Safety::Unsafe).fixed, 3);
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
            message: String::new(),
            help: None,
            primary: fix.edits[0].span,
            also: Vec::new(),
            group: None,
            follows: Vec::new(),
            related: Vec::new(),
            fix: Some(fix),
            url: None,
            covers: Vec::new(),
        }
    }

    /// Replaces every `a` by `b`, one overlapping pair at a time; `c` breaks the syntax.
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
            let places = text.match_indices('a').take(1);
            let findings = places.map(|(at, _)| {
                let at = u32::try_from(at).expect("small");
                finding(fix(Safety::Safe, vec![edit(at, at + 1, by)]))
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
    fn mending_stops_when_it_does_not_end() {
        let (fixed, _folder) = mend(b"a", "ba");
        assert_eq!(fixed.count, MAX_PASSES);
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
        assert_eq!(fixed.refused, ["`f` is not valid UTF-8 and was left alone"]);
    }

    #[cfg(unix)]
    #[test]
    fn writing_keeps_permissions_and_links() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a directory");
        let path = folder.path().join("run.sh");
        std::fs::write(&path, "old").expect("a file");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o750)).expect("modes");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).expect("a link");
        write(&link, "new").expect("written");
        assert_eq!(std::fs::read_to_string(&path).expect("text"), "new");
        let mode = std::fs::metadata(&path)
            .expect("metadata")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o750);
        assert!(link.is_symlink());
        assert_eq!(std::fs::read_dir(folder.path()).expect("names").count(), 2);
    }
}
