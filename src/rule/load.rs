//! Reads rule files: the embedded catalogue, and the directories of users.
//!
//! A file that cannot be read or has a mistake is an error with its place; nothing falls back to a
//! default.

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::Spanned;

use crate::facts::table::{Reach, Schema};
use crate::finding::{Safety, Severity, Tag};
use crate::source::{Entry, Root, SourceError, Sources};
use crate::span::{FileId, Span};

use super::file::{
    Audience as AudienceFile, EditFile, FixFile, Level, Many, RuleFile, SafetyFile, Scope,
    Tag as TagFile, Text,
};
use super::source::{
    Audience, Cause, EditOp, EditSource, FixSource, Label, OptionSpec, OptionValue, Rule, Str, Strs,
};
use super::{check, compile, parse, suggest};

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// How many files and folders of a directory of rules are looked at.
const MAX_ENTRIES: usize = 10_000;

/// A mistake in a rule file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RuleError {
    /// As shown to people.
    pub file: String,
    /// Where; absent when the file could not be read at all.
    pub span: Option<Span>,
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// A rule that costs nothing when it is embedded.
#[derive(Debug, Clone)]
pub(crate) enum Held {
    Embedded(&'static Rule),
    Loaded(Arc<Rule>),
}

impl std::ops::Deref for Held {
    type Target = Rule;

    fn deref(&self) -> &Rule {
        match self {
            Self::Embedded(source) => source,
            Self::Loaded(source) => source,
        }
    }
}

/// All rules there are, sorted by id.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    rules: Vec<Held>,
}

impl Catalogue {
    /// The rules of this repository.
    #[must_use]
    pub fn embedded() -> Self {
        Self {
            rules: RULES.iter().map(Held::Embedded).collect(),
        }
    }

    /// No rules: a start for the directories of users alone.
    pub(crate) fn empty() -> Self {
        Self::default()
    }

    /// Every rule, in the order of ids.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = &Rule> {
        self.rules.iter().map(|rule| &**rule)
    }

    pub(crate) fn held(&self) -> &[Held] {
        &self.rules
    }

    /// The rule of that id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Rule> {
        let at = self
            .rules
            .binary_search_by(|rule| (*rule.id).cmp(id))
            .ok()?;
        self.rules.get(at).map(|rule| &**rule)
    }

    /// The rule of that id, or the one that had it in an earlier version.
    pub(crate) fn called(&self, id: &str) -> Option<&Rule> {
        let earlier = || {
            self.rules()
                .find(|rule| rule.renamed_from.iter().any(|old| old == id))
        };
        self.get(id).or_else(earlier)
    }

    /// The id that was probably meant.
    pub(crate) fn suggest(&self, id: &str) -> Option<&str> {
        suggest(id, self.rules.iter().map(|rule| rule.id.as_ref()))
    }

    /// The rules that an id, an earlier id, a topic or an alias of another tool names, in the order of ids.
    pub(crate) fn named<'c>(&'c self, name: &str) -> impl Iterator<Item = &'c Rule> {
        let name = name.to_owned();
        self.rules.iter().map(|rule| &**rule).filter(move |rule| {
            rule.id == name
                || rule.topic == name
                || rule
                    .aliases
                    .iter()
                    .chain(rule.renamed_from.iter())
                    .any(|other| *other == name)
        })
    }

    /// Adds a rule.
    ///
    /// # Errors
    /// When there is one of that id, or was in an earlier version; or when the rule has the id of another one as an
    /// earlier id of its own.
    pub(crate) fn add(&mut self, source: Rule) -> Result<(), String> {
        let mut earlier = source.renamed_from.iter();
        if let Some(old) = earlier.find(|old| self.get(old).is_some()) {
            return Err(format!("the earlier id `{old}` is the id of another rule"));
        }
        if let Some(rule) = self.called(&source.id).filter(|rule| rule.id != source.id) {
            return Err(format!(
                "`{}` is an earlier id of the rule `{}`",
                source.id, rule.id
            ));
        }
        match self.rules.binary_search_by(|rule| rule.id.cmp(&source.id)) {
            Ok(at) => Err(format!(
                "the rule `{}` already exists in `{}`",
                source.id, self.rules[at].path
            )),
            Err(at) => {
                self.rules.insert(at, Held::Loaded(Arc::new(source)));
                Ok(())
            }
        }
    }

    /// Adds every `*.toml` below a directory, checked against the facts there are. `name` is the
    /// directory as shown to people.
    ///
    /// # Errors
    /// Every mistake in every file. The rules without one are added all the same.
    pub(crate) fn load_directory(
        &mut self,
        directory: &Path,
        name: &str,
        schema: &'static Schema,
        sources: &Sources,
    ) -> Result<(), Vec<RuleError>> {
        let unreadable = |error: &SourceError| RuleError {
            file: name.to_owned(),
            span: None,
            message: error.to_string(),
            help: None,
        };
        let root = sources
            .root(directory, name)
            .map_err(|error| vec![unreadable(&error)])?;
        let mut errors = Vec::new();
        let mut count = 0;
        for path in rule_files(&root) {
            count += 1;
            let id = match root.read(sources, &path) {
                Ok(id) => id,
                Err(error) => {
                    errors.push(unreadable(&error));
                    continue;
                }
            };
            let file = sources.get(id);
            let shown = root.display(&path);
            match read_rule(&shown, &file.text, id, schema) {
                Ok(source) => {
                    if let Err(message) = self.add(source) {
                        errors.push(RuleError {
                            file: shown,
                            span: Some(Span::point(id, 0)),
                            message,
                            help: Some("a rule needs names that no other rule has".to_owned()),
                        });
                    }
                }
                Err(found) => errors.extend(found),
            }
        }
        if count == 0 {
            errors.push(RuleError {
                file: name.to_owned(),
                span: None,
                message: "there is no rule file (`*.toml`) in this directory".to_owned(),
                help: None,
            });
        }
        errors.extend(self.unknown_causes(sources, &root));
        self.rename_causes();
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors)
        }
    }

    /// Gives the rules that others follow their current ids.
    fn rename_causes(&mut self) {
        let renamed = |rule: &Rule| {
            let current = |cause: &Cause| {
                let id = self
                    .called(&cause.rule)
                    .filter(|rule| rule.id != cause.rule)?;
                Some(Cause {
                    rule: id.id.clone(),
                    at: cause.at.clone(),
                })
            };
            let follows = rule.follows.iter();
            follows.clone().find_map(current)?;
            let follows = follows.map(|cause| current(cause).unwrap_or_else(|| cause.clone()));
            Some(Arc::new(Rule {
                follows: follows.collect(),
                ..rule.clone()
            }))
        };
        let rules = self.rules.iter().enumerate();
        let loaded = rules.filter_map(|(at, rule)| match rule {
            Held::Loaded(rule) => Some((at, renamed(rule)?)),
            Held::Embedded(_) => None,
        });
        let loaded: Vec<_> = loaded.collect();
        for (at, rule) in loaded {
            self.rules[at] = Held::Loaded(rule);
        }
    }

    /// What the rules of a directory follow, and no rule is called.
    fn unknown_causes(&self, sources: &Sources, root: &Root) -> Vec<RuleError> {
        let mut errors = Vec::new();
        for rule in &self.rules {
            let Held::Loaded(rule) = rule else { continue };
            for cause in rule.follows.iter() {
                if self.called(&cause.rule).is_some() {
                    continue;
                }
                let file = rule_files(root)
                    .into_iter()
                    .find(|path| root.display(path) == rule.path)
                    .and_then(|path| root.read(sources, &path).ok());
                let at = rule.toml.find(&*cause.rule).unwrap_or_default();
                let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
                let span = |file| Span::new(file, offset(at), offset(at + cause.rule.len()));
                let near = self.suggest(&cause.rule);
                errors.push(RuleError {
                    file: rule.path.to_string(),
                    span: file.map(span),
                    message: format!("there is no rule `{}` to follow", cause.rule),
                    help: near.map(|near| format!("did you mean `{near}`?")),
                });
            }
        }
        errors
    }
}

/// The paths of the rule files below a directory, sorted; `data` holds tables, not rules.
fn rule_files(root: &Root) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![String::new()];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for name in root.list(&folder, MAX_ENTRIES).iter() {
            seen += 1;
            if seen > MAX_ENTRIES || name.starts_with('.') {
                continue;
            }
            let path = if folder.is_empty() {
                name.clone()
            } else {
                format!("{folder}/{name}")
            };
            match root.entry(&path) {
                Entry::Directory if path != "data" => folders.push(path),
                Entry::File { .. } if name.ends_with(".toml") => files.push(path),
                _ => {}
            }
        }
    }
    files.sort();
    files
}

/// Reads and checks one rule file.
///
/// # Errors
/// Every mistake in it.
pub(crate) fn read_rule(
    path: &str,
    text: &str,
    file: FileId,
    schema: &'static Schema,
) -> Result<Rule, Vec<RuleError>> {
    let error = |range: Range<usize>, message: String, help: Option<String>| {
        // Parsers report bytes, and not always whole characters.
        let start = text.floor_char_boundary(range.start);
        let end = text.ceil_char_boundary(range.end).max(start);
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        RuleError {
            file: path.to_owned(),
            span: Some(Span::new(file, offset(start), offset(end))),
            message,
            help,
        }
    };
    let (id, topic) = names_of(path);
    let (parsed, mut faults) = parse::parse(text);
    if let Some(parsed) = parsed {
        faults.extend(check::rule(&id, &parsed, text, schema));
        if faults.is_empty() {
            return Ok(source(id, topic, path, parsed, text));
        }
    }
    faults.sort_by_key(|fault| fault.range.start);
    let faults = faults.into_iter();
    Err(faults
        .map(|fault| error(fault.range, fault.message, fault.help))
        .collect())
}

/// Id and topic from the path of a rule file.
fn names_of(path: &str) -> (String, String) {
    let mut parts = path.rsplit('/');
    let file = parts.next().unwrap_or_default();
    let id = file.strip_suffix(".toml").unwrap_or(file);
    (id.to_owned(), parts.next().unwrap_or("own").to_owned())
}

fn owned(text: Text) -> Str {
    Cow::Owned(text.into_inner())
}

fn strings(many: Many) -> Strs {
    many.0.into_iter().map(owned).collect()
}

/// The rule in a checked file.
fn source(id: String, topic: String, path: &str, file: RuleFile, text: &str) -> Rule {
    let (kind, keys) = match file.select.into_inner().into_iter().next() {
        Some((kind, keys)) => (owned(kind), strings(keys)),
        None => (Str::default(), Strs::default()),
    };
    let labels = file.label.into_iter().map(|label| Label {
        at: owned(label.at),
        text: owned(label.text),
    });
    let options = file.options.into_iter().filter_map(|(name, option)| {
        Some(OptionSpec {
            name: owned(name),
            default: OptionValue::from_toml(option.default.get_ref())?,
            doc: Cow::Owned(option.doc),
        })
    });
    Rule {
        id: Cow::Owned(id),
        topic: Cow::Owned(topic),
        summary: owned(file.summary),
        severity_when: file
            .severity_when
            .conditions()
            .map(|(level, when)| (severity(level), Cow::Owned(when.get_ref().clone())))
            .collect(),
        severity: severity(file.severity),
        recommendations: strings(file.recommendation),
        aliases: strings(file.aliases),
        renamed_from: strings(file.renamed_from),
        is_security: file.security,
        tags: file
            .tags
            .iter()
            .map(|tag| match tag {
                TagFile::Unnecessary => Tag::Unnecessary,
                TagFile::Deprecated => Tag::Deprecated,
            })
            .collect(),
        is_default: file.default,
        scope: match file.scope {
            Scope::Shipped => Reach::Shipped,
            Scope::Built => Reach::Built,
            Scope::Any => Reach::Unused,
        },
        audience: match file.intent {
            AudienceFile::Production => Audience::Production,
            AudienceFile::Any => Audience::Any,
        },
        kind,
        keys,
        clauses: file
            .when
            .as_ref()
            .map_or(Cow::default(), |when| clauses(when.get_ref())),
        when: file.when.map(owned),
        at: owned(file.at),
        group: file.group.map(owned),
        follows: file
            .follows
            .into_iter()
            .map(|cause| Cause {
                rule: owned(cause.rule),
                at: cause.at.map(owned),
            })
            .collect(),
        message: owned(file.message),
        help: file.help.map(owned),
        labels: labels.collect(),
        options: options.collect(),
        fix: file.fix.map(Spanned::into_inner).map(fix),
        references: strings(file.references),
        path: Cow::Owned(path.to_owned()),
        toml: Cow::Owned(text.to_owned()),
    }
}

pub(super) fn severity(level: Level) -> Severity {
    match level {
        Level::Error => Severity::Error,
        Level::Warning => Severity::Warning,
        Level::Info => Severity::Info,
    }
}

fn fix(file: FixFile) -> FixSource {
    let mut edits = Vec::new();
    let first = EditFile {
        insert_before: file.insert_before,
        insert_after: file.insert_after,
        replace: file.replace,
        delete: file.delete,
        text: file.text,
    };
    let rest = file.edits.into_iter().map(Spanned::into_inner);
    for edit in std::iter::once(first).chain(rest) {
        let ops = [
            (EditOp::InsertBefore, edit.insert_before),
            (EditOp::InsertAfter, edit.insert_after),
            (EditOp::Replace, edit.replace),
            (EditOp::Delete, edit.delete),
        ];
        let op = ops.into_iter().find_map(|(op, at)| Some((op, at?)));
        if let Some((op, at)) = op {
            edits.push(EditSource {
                op,
                at: owned(at),
                text: edit.text.map_or(Cow::Borrowed(""), owned),
            });
        }
    }
    FixSource {
        title: owned(file.title),
        safety: match file.safety {
            SafetyFile::Safe => Safety::Safe,
            SafetyFile::Unsafe => Safety::Unsafe,
        },
        when: file.when.map(owned),
        safe_when: file.safe_when.map(owned),
        edits: Cow::Owned(edits),
    }
}

/// The clauses of a condition; of one with a mistake, which is reported elsewhere, one that never holds.
fn clauses(when: &str) -> Cow<'static, [Cow<'static, [u8]>]> {
    let Ok(tree) = compile::tree(when) else {
        return Cow::Borrowed(const { &[Cow::Borrowed(&[])] });
    };
    let bytes = tree.clauses().into_iter().map(|clause| {
        let bytes = postcard::to_allocvec(&clause).unwrap_or_default();
        Cow::Owned(bytes)
    });
    bytes.collect()
}
