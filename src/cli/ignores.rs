//! `--add-ignores`: comments that silence what is found, with a reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::CheckArgs;
use super::output;
use super::request::workspace;
use super::words::counted;
use crate::check::{Checked, Request, Workspace};
use crate::fix::write;
use crate::lsp::ignoring::{self, Insertion};
use crate::policy::{Reported, Silence, Status, own};
use crate::source::{Disk, Overlay};

/// A file as it was and as it becomes.
struct Changed {
    path: PathBuf,
    name: String,
    before: String,
    after: String,
}

/// A check, and the files that it saw.
struct Seen {
    checked: Checked,
    files: Overlay,
    /// Without links, the files of which the overlay has the text: what follows from another text of one of them can
    /// be found out without looking at the whole project again.
    noted: BTreeSet<PathBuf>,
}

impl Seen {
    /// A check of what is on the disk. All files in which something is found are given to it as texts.
    fn new(base: &Workspace, request: &Request) -> Self {
        let checked = base.check(request);
        let files = Overlay::new(Arc::new(Disk));
        let mut seen = Self {
            checked,
            files,
            noted: BTreeSet::new(),
        };
        // Standard input is no file, whatever it is called.
        if request.buffer.is_some() {
            return seen;
        }
        let found = seen.checked.outcome.findings.iter();
        let ids: BTreeSet<_> = found.map(|one| one.finding.primary.file).collect();
        for source in ids.into_iter().map(|id| seen.checked.sources.get(id)) {
            if let Some(path) = source.path.as_ref().filter(|_| !source.is_lossy) {
                seen.noted.insert(seen.files.place(path));
                seen.files = seen.files.with(path, source.text.as_str());
            }
        }
        if !seen.noted.is_empty() {
            seen.checked = base.on(Arc::new(seen.files.clone())).check(request);
        }
        seen
    }

    /// The same with another text of a file.
    fn with(&self, base: &Workspace, request: &Request, path: &Path, text: &str) -> Self {
        let place = self.files.place(path);
        let files = self.files.clone().with(path, text);
        let workspace = base.on(Arc::new(files.clone()));
        let mut noted = self.noted.clone();
        let again = match request.buffer.is_none() && !noted.insert(place.clone()) {
            true => workspace.check_again(request, &self.checked, &[place]),
            false => None,
        };
        Self {
            checked: again.unwrap_or_else(|| workspace.check(request)),
            files,
            noted,
        }
    }
}

/// Writes a comment for each finding. One that cannot have any is left and named.
pub(super) fn add(args: &CheckArgs, request: &Request, reason: &str) -> anyhow::Result<Status> {
    let base = workspace(&args.rules);
    let until = args.until.map(|day| format!("until={day}"));
    let words = until
        .as_deref()
        .into_iter()
        .chain(reason.split_whitespace());
    let reason = words.collect::<Vec<_>>().join(" ");
    let mut changed: Vec<Changed> = Vec::new();
    let mut left: BTreeMap<String, &str> = BTreeMap::new();
    let mut count = 0;
    let request = &Request {
        remembers: true,
        ..request.clone()
    };
    let mut seen = Seen::new(&base, request);
    loop {
        let checked = &seen.checked;
        let findings = checked.outcome.findings.iter();
        let is_own =
            |reported: &Reported| own::ALL.iter().any(|own| own.id == &*reported.finding.rule);
        let mut findings = findings.filter(|reported| !is_own(reported));
        let Some(reported) = findings.find(|it| !left.contains_key(&it.fingerprint)) else {
            break;
        };
        match silenced(&base, request, &seen, reported, &reason, &changed) {
            Ok((change, then)) => {
                count += 1;
                match changed.iter_mut().find(|one| one.path == change.path) {
                    Some(known) => known.after = change.after,
                    None => changed.push(change),
                }
                seen = then;
            }
            Err(why) => {
                left.insert(reported.fingerprint.clone(), why);
            }
        }
    }
    let mut is_written = true;
    for change in &changed {
        if let Err(error) = write::mended(&change.path, &change.before, &change.after) {
            is_written = false;
            output::complain(&format!("cannot write `{}`: {error}", change.name));
        }
    }
    if is_written {
        let comments = counted(count, "finding is", "findings are");
        let files = counted(changed.len(), "file", "files");
        output::remark(&format!("{comments} ignored now, by comments in {files}"));
    }
    // Their lines are those of the files as they are now.
    let findings = seen.checked.outcome.findings.iter();
    let left: Vec<String> = findings
        .filter_map(|reported| {
            let why = left.get(&reported.fingerprint)?;
            let place = seen.checked.sources.place(reported.finding.primary);
            let (file, line, rule) = (place.file, place.start.line, &reported.finding.rule);
            Some(format!("{file}:{line}: {rule}: {why}"))
        })
        .collect();
    if !left.is_empty() {
        output::remark(
            "no comment can be written for these; `per-file-ignores` in the configuration can ignore them:",
        );
    }
    for name in &left {
        output::remark(&format!("  {name}"));
    }
    let outcome = &seen.checked.outcome;
    output::problems(&outcome.problems);
    Ok(match (is_written, outcome.status()) {
        (false, _) | (_, Status::Failed) => Status::Failed,
        (true, _) if left.is_empty() => Status::Clean,
        _ => Status::Findings,
    })
}

/// The first comment that silences a finding and makes nothing worse; or why there is none.
fn silenced(
    base: &Workspace,
    request: &Request,
    seen: &Seen,
    reported: &Reported,
    reason: &str,
    changed: &[Changed],
) -> Result<(Changed, Seen), &'static str> {
    let checked = &seen.checked;
    let source = checked.sources.get(reported.finding.primary.file);
    let path = source.path.clone().ok_or("standard input is not a file")?;
    if source.is_lossy {
        return Err("the file is not UTF-8");
    }
    if reported.terms.selection.is_locked(&reported.finding.rule) {
        return Err("the policy sets the rule");
    }
    let is_dockerfile = checked.outcome.files.contains(&source.name);
    let text = source.text.as_str();
    let tries = ignoring::here(
        text,
        reported.finding.primary,
        &reported.finding.rule,
        ignoring::File {
            name: &source.name,
            is_dockerfile,
        },
    );
    if tries.is_empty() {
        return Err("the place is not in an instruction");
    }
    let mut why = "a comment there does not cover it";
    let known = changed.iter().find(|one| one.path == path);
    let before = known.map_or_else(|| text.to_owned(), |known| known.before.clone());
    let found = tries.into_iter().find_map(|mut insertion| {
        explain(&mut insertion, reason);
        let after = insertion.apply(text);
        let then = seen.with(base, request, &path, &after);
        let outcome = &then.checked.outcome;
        let is_silent = outcome.silenced.iter().any(|silenced| {
            silenced.reported.fingerprint == reported.fingerprint
                && matches!(silenced.by, Silence::Comment { .. })
        });
        let is_quieter = outcome.is_quieter_than(&checked.outcome, |_| true);
        if is_silent && !is_quieter {
            why = "a comment there causes another finding or a syntax error";
        }
        (is_silent && is_quieter).then(|| {
            let change = Changed {
                path: path.clone(),
                name: source.name.clone(),
                before: before.clone(),
                after,
            };
            (change, then)
        })
    });
    found.ok_or(why)
}

/// Writes the reason where there is a place for one.
fn explain(insertion: &mut Insertion, reason: &str) {
    if let Some(at) = insertion.reason.filter(|_| !reason.is_empty()) {
        insertion.text.insert_str(at, &format!(" {reason}"));
    }
}
