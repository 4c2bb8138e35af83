//! What can be done about findings: their fixes, all fixes of a file, and the ways to ignore one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gen_lsp_types::{CodeActionParams, Range};
use serde_json::{Value, json};

use super::analysis::{Analysis, Places, Project};
use super::edits::{Changes, Replacement};
use super::ignoring::{self, Insertion};
use super::tell;
use super::text::{self, Lines};
use super::uri;
use crate::config;
use crate::finding::{Finding, Safety};
use crate::policy::Reported;
use crate::source::Overlay;
use crate::span::FileId;

const QUICK_FIX: &str = "quickfix";
/// All fixes of a file.
pub(super) const FIX_ALL: &str = "source.fixAll.seatrial";

/// The kinds of actions there are.
pub(super) const KINDS: [&str; 2] = [QUICK_FIX, FIX_ALL];

/// Where a finding is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Scope {
    Here,
    File,
    Configuration,
}

/// What an action comes to, worked out when it is chosen.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Later {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ignore: Option<Ignore>,
}

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct Ignore {
    rule: String,
    range: Range,
    scope: Scope,
}

/// The actions for a range of a file.
pub(super) fn actions(analysis: &Analysis, params: &CodeActionParams) -> Result<Value, String> {
    let uri = &params.text_document.uri.0;
    let only = params.context.only.as_ref();
    let is_wanted = |kind: &str| {
        let Some(only) = only else { return true };
        only.iter().any(|wanted| {
            let wanted = json!(wanted);
            let wanted = wanted.as_str().unwrap_or_default();
            let below = kind.strip_prefix(wanted);
            wanted.is_empty() || below.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    };
    let mut fixes = Vec::new();
    let mut ignores = Vec::new();
    let mut has_safe_fix = false;
    for (project, file) in analysis.files(uri) {
        let places = analysis.places(project);
        for reported in &project.checked.outcome.findings {
            let finding = &reported.finding;
            has_safe_fix |= is_fixed_in(finding, file);
            let marks = std::iter::once(&finding.primary).chain(&finding.also);
            let mut marks = marks.filter(|span| span.file == file);
            if is_wanted(QUICK_FIX)
                && marks.any(|span| touches(&places.range(*span), &params.range))
            {
                fixes.extend(fix(analysis, &places, reported));
                ignores.extend(ignore(analysis, &places, reported, uri));
            }
        }
    }
    let is_risky = |fix: &Value| fix["isPreferred"] != true;
    fixes.sort_by_key(is_risky);
    let mut all = fixes;
    // It costs checks of the whole project: where it has to be worked out now, only who asks for it has it.
    let is_asked = only.is_some() || analysis.snapshot.client.resolves_edits;
    if has_safe_fix && is_asked && is_wanted(FIX_ALL) {
        let later = Later {
            uri: uri.clone(),
            ignore: None,
        };
        let title = "Apply all safe fixes in this file";
        all.extend(action(analysis, title, FIX_ALL, None, &later));
    }
    all.extend(ignores);
    Ok(json!(all))
}

/// Whether ranges have a place in common, ends included.
fn touches(a: &Range, b: &Range) -> bool {
    a.start <= b.end && b.start <= a.end
}

/// A safe fix that changes this file only.
fn is_fixed_in(finding: &Finding, file: FileId) -> bool {
    let fix = finding
        .fix
        .as_ref()
        .filter(|fix| fix.safety == Safety::Safe);
    fix.is_some_and(|fix| fix.edits.iter().all(|edit| edit.span.file == file))
}

fn fix(analysis: &Analysis, places: &Places<'_>, reported: &Reported) -> Option<Value> {
    let fix = reported.finding.fix.as_ref()?;
    let edit = Changes::of(places, &fix.edits)?.told(analysis)?;
    let title = match fix.safety {
        Safety::Safe => sentence(&fix.title),
        Safety::Unsafe => format!("{} (review the change)", sentence(&fix.title)),
    };
    Some(json!({
        "title": title,
        "kind": QUICK_FIX,
        "isPreferred": fix.safety == Safety::Safe,
        "diagnostics": [tell::finding(places, reported)],
        "edit": edit,
    }))
}

fn sentence(title: &str) -> String {
    let mut chars = title.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}

fn ignore(analysis: &Analysis, places: &Places<'_>, reported: &Reported, uri: &str) -> Vec<Value> {
    let finding = &reported.finding;
    // What the policy sets nothing in the project silences.
    if reported.terms.selection.is_locked(&finding.rule) {
        return Vec::new();
    }
    let rule = finding.rule.to_string();
    let scopes = [
        (Scope::Here, format!("Ignore `{rule}` here")),
        (Scope::File, format!("Ignore `{rule}` in this file")),
        (
            Scope::Configuration,
            format!("Ignore `{rule}` in the configuration"),
        ),
    ];
    let actions = scopes.into_iter().filter_map(|(scope, title)| {
        let later = Later {
            uri: uri.to_owned(),
            ignore: Some(Ignore {
                rule: rule.clone(),
                range: places.range(finding.primary),
                scope,
            }),
        };
        let told = tell::finding(places, reported);
        action(analysis, &title, QUICK_FIX, Some(json!([told])), &later)
    });
    actions.collect()
}

/// An action whose change is worked out when it is chosen, or now, for clients that know no other way.
fn action(
    analysis: &Analysis,
    title: &str,
    kind: &str,
    diagnostics: Option<Value>,
    later: &Later,
) -> Option<Value> {
    let mut action = json!({"title": title, "kind": kind});
    if let Some(diagnostics) = diagnostics {
        action["diagnostics"] = diagnostics;
    }
    if analysis.snapshot.client.resolves_edits {
        action["data"] = json!(later);
    } else {
        // The comment that is likely to do it: to try it is to check the whole project.
        action["edit"] = change(analysis, later, |_, _, _, _| true).ok()?;
    }
    Some(action)
}

/// Completes an action.
pub(super) fn resolve(analysis: &Analysis, mut action: Value) -> Result<Value, String> {
    let Some(data) = action.get("data") else {
        return Ok(action);
    };
    let later: Later = serde_json::from_value(data.clone()).map_err(|error| error.to_string())?;
    action["edit"] = change(analysis, &later, |project, ignore, path, text| {
        silences(analysis, project, ignore, path, text)
    })?;
    Ok(action)
}

/// The edit that an action comes to; `holds` tells whether another text of a file keeps more quiet.
fn change(
    analysis: &Analysis,
    later: &Later,
    holds: impl Fn(&Project, &Ignore, &Path, &str) -> bool,
) -> Result<Value, String> {
    let changes = match &later.ignore {
        None => fix_all(analysis, &later.uri),
        Some(ignore) => ignored(analysis, &later.uri, ignore, holds),
    };
    let changes = changes.ok_or_else(|| match &later.ignore {
        Some(ignore) => format!("no comment or key can ignore `{}` there", ignore.rule),
        None => "nothing to fix".to_owned(),
    })?;
    let told = changes.told(analysis);
    told.ok_or_else(|| "the editor cannot create files".to_owned())
}

/// What `--fix` does to a file, of the fixes that touch no other.
fn fix_all(analysis: &Analysis, uri: &str) -> Option<Changes> {
    let (project, _) = analysis.files(uri).next()?;
    let is_in_file = |sources: &crate::source::Sources, finding: &Finding| {
        let edits = finding.fix.iter().flat_map(|fix| &fix.edits);
        let mut files = edits.map(|edit| sources.get(edit.span.file));
        files.all(|file| {
            let path = file.path.as_deref();
            path.is_some_and(|path| analysis.names.uri(path) == uri)
        })
    };
    let fixed = project
        .workspace
        .mend(&analysis.request(project), Safety::Safe, is_in_file);
    let mut changes = fixed.changes.into_iter();
    let change = changes.find(|(path, _)| analysis.names.uri(path) == uri);
    let (before, after) = match change {
        Some((_, change)) => (change.before, change.after),
        None => return Some(Changes::default()),
    };
    Some(Changes::between(analysis, uri.to_owned(), &before, &after))
}

/// What keeps a finding quiet: the first of the ways that holds.
fn ignored(
    analysis: &Analysis,
    uri: &str,
    ignore: &Ignore,
    holds: impl Fn(&Project, &Ignore, &Path, &str) -> bool,
) -> Option<Changes> {
    let (project, file) = analysis.files(uri).next()?;
    let places = analysis.places(project);
    let outcome = &project.checked.outcome;
    let mut findings = outcome.findings.iter().map(|reported| &reported.finding);
    let finding = findings.find(|finding| {
        *finding.rule == *ignore.rule
            && finding.primary.file == file
            && places.range(finding.primary) == ignore.range
    })?;
    let source = project.checked.sources.get(file);
    let known = ignoring::File {
        name: &source.name,
        is_dockerfile: outcome.files.contains(&source.name),
    };
    let text = source.text.as_str();
    let (path, text, tries) = match ignore.scope {
        Scope::Here => {
            let tries = ignoring::here(text, finding.primary, &ignore.rule, known);
            (source.path.clone()?, text.to_owned(), tries)
        }
        Scope::File => {
            let one = ignoring::in_file(file, text, &ignore.rule, known);
            (source.path.clone()?, text.to_owned(), vec![one])
        }
        Scope::Configuration => {
            let (path, text) = configuration(project, &source.path.clone()?)?;
            let is_shared = path.ends_with("pyproject.toml");
            let one = ignoring::in_configuration(&text, is_shared, &ignore.rule)?;
            (path, text, vec![one])
        }
    };
    let holds = |one: &&Insertion| holds(project, ignore, &path, &one.apply(&text));
    let insertion = tries.iter().find(holds)?;
    Some(inserted(analysis, &path, &text, insertion))
}

/// The configuration that counts for a file, with its text; a new one at the root of the project.
fn configuration(project: &Project, file: &Path) -> Option<(PathBuf, String)> {
    let sources = &project.checked.sources;
    let files = sources.file_system();
    let found = config::Finder::default().find(&**files, file.parent()?);
    let Some(path) = found else {
        let root = sources.repository(&project.root).unwrap_or(&project.root);
        let root = if root.starts_with(&project.root) {
            root
        } else {
            &project.root
        };
        return Some((root.join(config::FILE), String::new()));
    };
    let bytes = crate::source::whole(&**files, &path, crate::source::MAX_FILE_SIZE).ok()?;
    Some((path, String::from_utf8(bytes).ok()?))
}

/// Whether a finding is ignored with another text of a file, and nothing is worse.
fn silences(
    analysis: &Analysis,
    project: &Project,
    ignore: &Ignore,
    path: &Path,
    text: &str,
) -> bool {
    let files = Arc::clone(project.checked.sources.file_system());
    let overlay = Overlay::new(files).with(path, text);
    let then = project
        .workspace
        .on(Arc::new(overlay))
        .check(&analysis.request(project));
    let now = &project.checked.outcome;
    then.outcome.is_quieter_than(now, |one| match ignore.scope {
        Scope::Here | Scope::File => true,
        // What a rule that does not run brought about is reported by itself.
        Scope::Configuration => *one.finding.rule == *ignore.rule,
    })
}

fn inserted(analysis: &Analysis, path: &Path, text: &str, one: &Insertion) -> Changes {
    let address = analysis.names.uri(path);
    let is_open = analysis.document(&address).is_some();
    let hidden = text::hidden(text, is_open);
    let lines = Lines::new(&text[hidden..], analysis.snapshot.client.encoding);
    let at = lines.position(one.at.saturating_sub(hidden));
    let has_snippets = analysis.snapshot.client.has_snippet_edits;
    let (text, is_snippet) = match one.reason.filter(|_| has_snippets) {
        Some(place) => {
            let escape = |text: &str| text.replace('\\', "\\\\").replace('$', "\\$");
            let (before, after) = one.text.split_at(place);
            (
                format!("{} ${{1:why}}{}", escape(before), escape(after)),
                true,
            )
        }
        None => (one.text.clone(), false),
    };
    let mut changes = Changes::default();
    let is_there = is_open
        || analysis
            .projects
            .iter()
            .any(|project| project.checked.sources.file_system().has_file(path));
    if !is_there {
        changes.made.push(uri::of(path));
    }
    let replacement = Replacement {
        range: Range::new(at, at),
        text,
        is_snippet,
    };
    changes.files.insert(address, vec![replacement]);
    changes
}
