//! A rule as it was written: plain data, the same for embedded rules and for those of users.
//!
//! Everything can be borrowed from static data, so that the embedded rules cost nothing to load.
//! Conditions and templates are still text here; `super::compile` reads them on first use. What
//! only documentation and tests need (`why`, examples) stays in the text of the rule file.

use crate::knowledge::intent_words::Intent;
use std::borrow::Cow;

use crate::facts::table::Reach;
use crate::finding::{Safety, Severity, Tag};

/// Text that is either embedded or was read from a file.
pub(crate) type Str = Cow<'static, str>;
/// A list of such texts.
pub(crate) type Strs = Cow<'static, [Str]>;

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The name of the file, without `.toml`.
    pub(crate) id: Str,
    /// The name of the folder.
    pub(crate) topic: Str,
    pub(crate) summary: Str,
    pub(crate) severity: Severity,
    /// What another severity needs; the mildest comes first, and the first that holds counts.
    pub(crate) severity_when: Cow<'static, [(Severity, Str)]>,
    /// Ids of the recommendations it checks: `R15`.
    pub(crate) recommendations: Strs,
    /// The same check in other tools: `DL3042`.
    pub(crate) aliases: Strs,
    /// Its earlier ids, the oldest first: configurations, comments and baselines that have them stay valid.
    pub(crate) renamed_from: Strs,
    /// How editors show what it marks.
    pub(crate) tags: Cow<'static, [Tag]>,
    /// What it finds can be used against whoever runs the image.
    pub(crate) is_security: bool,
    /// Whether it runs without being selected.
    pub(crate) is_default: bool,
    /// The least reach of a fact it is asked of.
    pub(crate) scope: Reach,
    pub(crate) audience: Audience,
    /// The kind of fact that is visited.
    pub(crate) kind: Str,
    /// Literal keys, prefixes ending in `*`, or `*` alone.
    pub(crate) keys: Strs,
    pub(crate) when: Option<Str>,
    /// What `when` joins with `and`, each a condition of its own; all of it when that is one. Each is
    /// compiled when those before it hold. Trees as bytes (`postcard`), so that no text is parsed in a run.
    pub(crate) clauses: Cow<'static, [Cow<'static, [u8]>]>,
    pub(crate) at: Str,
    /// A place: findings that have it in common are reported as one.
    pub(crate) group: Option<Str>,
    /// The rules whose findings bring about those of this one, which are then not reported.
    pub(crate) follows: Cow<'static, [Cause]>,
    pub(crate) message: Str,
    pub(crate) help: Option<Str>,
    pub(crate) labels: Cow<'static, [Label]>,
    pub(crate) options: Cow<'static, [OptionSpec]>,
    pub(crate) fix: Option<FixSource>,
    pub(crate) references: Strs,
    /// The path of the rule file, as shown to people.
    pub(crate) path: Str,
    /// The whole rule file.
    pub(crate) toml: Str,
}

/// What the Dockerfiles that a rule looks at are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    Production,
    Any,
}

impl Audience {
    /// Whether a Dockerfile of that intent is looked at.
    #[must_use]
    pub(crate) fn includes(self, intent: Intent) -> bool {
        self == Self::Any || intent == Intent::Production
    }
}

/// A rule whose findings bring about those of another one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cause {
    /// The id of that rule.
    pub rule: Str,
    /// The places at which its findings do so. Absent: where both mark the same.
    pub at: Option<Str>,
}

/// A second place and what it has to do with the finding.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Label {
    pub at: Str,
    pub text: Str,
}

/// A value that the configuration can set.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OptionSpec {
    pub name: Str,
    pub default: OptionValue,
    pub doc: Str,
}

/// The value of an option; the variant is its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OptionValue {
    Bool(bool),
    Int(i64),
    Str(Str),
    List(Strs),
}

impl OptionValue {
    /// As written under `type`.
    #[must_use]
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Str(_) => "string",
            Self::List(_) => "list",
        }
    }

    /// The value in a TOML file; `None` when it is none of the four types.
    #[must_use]
    pub(crate) fn from_toml(value: &toml::Value) -> Option<Self> {
        match value {
            toml::Value::Boolean(value) => Some(Self::Bool(*value)),
            toml::Value::Integer(value) => Some(Self::Int(*value)),
            toml::Value::String(value) => Some(Self::Str(Cow::Owned(value.clone()))),
            toml::Value::Array(values) => {
                let items = values
                    .iter()
                    .map(|value| Some(Cow::Owned(value.as_str()?.to_owned())));
                items
                    .collect::<Option<Vec<Str>>>()
                    .map(|items| Self::List(Cow::Owned(items)))
            }
            _ => None,
        }
    }
}

/// As TOML.
impl std::fmt::Display for OptionValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let string = |text: &Str| toml::Value::String(text.to_string());
        let value = match self {
            Self::Bool(value) => toml::Value::Boolean(*value),
            Self::Int(value) => toml::Value::Integer(*value),
            Self::Str(text) => string(text),
            Self::List(items) => toml::Value::Array(items.iter().map(string).collect()),
        };
        value.fmt(f)
    }
}

/// How a finding is mended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FixSource {
    pub title: Str,
    pub safety: Safety,
    /// Only where this holds.
    pub when: Option<Str>,
    /// An unsafe fix is safe where this holds.
    pub safe_when: Option<Str>,
    pub edits: Cow<'static, [EditSource]>,
}

/// One edit of a fix.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EditSource {
    pub op: EditOp,
    pub at: Str,
    /// A template; empty for a deletion.
    pub text: Str,
}

/// What happens at the place of an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EditOp {
    InsertBefore,
    InsertAfter,
    Replace,
    Delete,
}

impl Rule {
    /// The name of its file, without `.toml`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name of the folder it lies in.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// What it finds, in a few words.
    #[must_use]
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// How bad its findings are, unless something says otherwise.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// Whether it runs without being selected.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.is_default
    }

    /// Ids of the recommendations of `rules/data/recommendations.toml` that it checks.
    pub fn recommendations(&self) -> impl Iterator<Item = &str> {
        self.recommendations.iter().map(AsRef::as_ref)
    }

    /// Pages that say more.
    pub fn references(&self) -> impl Iterator<Item = &str> {
        self.references.iter().map(AsRef::as_ref)
    }

    /// The option of that name with its position.
    pub(crate) fn option(&self, name: &str) -> Option<(usize, &OptionSpec)> {
        let mut all = self.options.iter().enumerate();
        all.find(|(_, option)| option.name == name)
    }

    /// Whether a value fits the option of that name.
    ///
    /// # Errors
    /// A sentence for the person who wrote the configuration.
    pub(crate) fn check_option(&self, name: &str, value: &OptionValue) -> Result<(), String> {
        let Some((_, spec)) = self.option(name) else {
            let names = self.options.iter().map(|option| option.name.as_ref());
            return Err(match super::suggest(name, names) {
                Some(near) => {
                    format!(
                        "`{}` has no option `{name}`; did you mean `{near}`?",
                        self.id
                    )
                }
                None if self.options.is_empty() => format!("`{}` has no options", self.id),
                None => format!("`{}` has no option `{name}`", self.id),
            });
        };
        if spec.default.type_name() == value.type_name() {
            Ok(())
        } else {
            Err(format!(
                "`{name}` of `{}` is a {}, not a {}",
                self.id,
                spec.default.type_name(),
                value.type_name()
            ))
        }
    }
}
