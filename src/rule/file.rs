//! The shape of a rule file, as TOML gives it.
//!
//! Shared with the build script, which turns the rules of this repository into static data; so this
//! file knows nothing of the rest of the crate. Positions are kept (`toml::Spanned`) wherever a
//! mistake can be made that only the check of the rule finds.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use toml::Spanned;

/// A string and the bytes of the file, quotes included, where it is written.
pub(crate) type Text = Spanned<String>;

/// A whole rule file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleFile {
    pub(crate) summary: Text,
    pub(crate) severity: Level,
    /// Conditions under which a finding has another one.
    #[serde(default)]
    pub(crate) severity_when: SeverityWhen,
    #[serde(default)]
    pub(crate) recommendation: Many,
    #[serde(default)]
    pub(crate) aliases: Many,
    /// Its earlier ids, the oldest first.
    #[serde(default)]
    pub(crate) renamed_from: Many,
    #[serde(default)]
    pub(crate) tags: Vec<Tag>,
    #[serde(default)]
    pub(crate) security: bool,
    #[serde(default = "yes")]
    pub(crate) default: bool,
    #[serde(default)]
    pub(crate) scope: Scope,
    #[serde(default)]
    pub(crate) intent: Audience,
    /// One kind of fact, and the keys it is visited for.
    pub(crate) select: Spanned<BTreeMap<Text, Many>>,
    pub(crate) when: Option<Text>,
    pub(crate) at: Text,
    /// Findings with this place in common are reported as one.
    pub(crate) group: Option<Text>,
    /// The rules whose findings bring about those of this one.
    #[serde(default)]
    pub(crate) follows: Vec<Cause>,
    pub(crate) message: Text,
    pub(crate) help: Option<Text>,
    pub(crate) why: Option<Text>,
    /// What was tried, with which versions, on which day, and what happened.
    pub(crate) evidence: Option<Text>,
    #[serde(default)]
    pub(crate) references: Many,
    #[serde(default)]
    pub(crate) label: Vec<LabelFile>,
    #[serde(default)]
    pub(crate) options: BTreeMap<Text, OptionFile>,
    pub(crate) fix: Option<Spanned<FixFile>>,
    #[serde(default)]
    pub(crate) bad: Vec<Spanned<ExampleFile>>,
    #[serde(default)]
    pub(crate) good: Vec<Spanned<ExampleFile>>,
}

/// How editors show what is marked, beside the severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Tag {
    Unnecessary,
    Deprecated,
}

/// The severity of the findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Error,
    Warning,
    Info,
}

/// The conditions of `severity_when`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeverityWhen {
    pub(crate) info: Option<Text>,
    pub(crate) warning: Option<Text>,
    pub(crate) error: Option<Text>,
}

impl SeverityWhen {
    /// The mildest first.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = (Level, &Text)> {
        [
            (Level::Info, self.info.as_ref()),
            (Level::Warning, self.warning.as_ref()),
            (Level::Error, self.error.as_ref()),
        ]
        .into_iter()
        .filter_map(|(level, when)| Some((level, when?)))
    }
}

/// Which stages are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Scope {
    /// What is in a shipped image.
    #[default]
    Shipped,
    /// Also the stages that a shipped one copies from.
    Built,
    /// Every stage.
    Any,
}

/// What the Dockerfiles that are looked at are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Audience {
    /// Not those for development or CI.
    #[default]
    Production,
    Any,
}

/// An item of `follows`: the id of a rule, or `{ rule = "...", at = "..." }`.
#[derive(Debug)]
pub(crate) struct Cause {
    pub(crate) rule: Text,
    /// Where a finding of that rule brings about one of this one; absent: where both mark the same.
    pub(crate) at: Option<Text>,
}

/// The table of [`Cause`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CauseTable {
    rule: Text,
    at: Option<Text>,
}

impl<'de> Deserialize<'de> for Cause {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Cause;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the id of a rule, or `{ rule = \"...\", at = \"...\" }`")
            }

            fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
                Ok(Cause {
                    rule: Spanned::new(0..0, value.to_owned()),
                    at: None,
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let table = CauseTable::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Cause {
                    rule: table.rule,
                    at: table.at,
                })
            }
        }

        deserializer.deserialize_any(Either)
    }
}

/// `[[label]]`: a second place.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LabelFile {
    pub(crate) at: Text,
    pub(crate) text: Text,
}

/// `[options]`: a value that the configuration can set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OptionFile {
    #[serde(rename = "type")]
    pub(crate) ty: OptionType,
    pub(crate) default: Spanned<toml::Value>,
    pub(crate) doc: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OptionType {
    String,
    Bool,
    Int,
    /// A list of strings.
    List,
}

/// `[fix]`: one edit given in place, or several in `edits`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FixFile {
    pub(crate) title: Text,
    pub(crate) safety: SafetyFile,
    /// Only where this holds; absent means always.
    pub(crate) when: Option<Text>,
    /// An unsafe fix is safe where this holds.
    pub(crate) safe_when: Option<Text>,
    pub(crate) insert_before: Option<Text>,
    pub(crate) insert_after: Option<Text>,
    pub(crate) replace: Option<Text>,
    pub(crate) delete: Option<Text>,
    pub(crate) text: Option<Text>,
    #[serde(default)]
    pub(crate) edits: Vec<Spanned<EditFile>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SafetyFile {
    Safe,
    Unsafe,
}

/// One of several edits of a fix.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditFile {
    pub(crate) insert_before: Option<Text>,
    pub(crate) insert_after: Option<Text>,
    pub(crate) replace: Option<Text>,
    pub(crate) delete: Option<Text>,
    pub(crate) text: Option<Text>,
}

/// `[[bad]]` and `[[good]]`: a small project that the tests run the rule on.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExampleFile {
    /// The Dockerfile; in a bad example `«` and `»` enclose what is marked.
    pub(crate) dockerfile: Option<String>,
    /// Where the Dockerfile lies; `Dockerfile` when absent.
    pub(crate) path: Option<String>,
    /// The other files, by path.
    #[serde(default)]
    pub(crate) files: BTreeMap<String, FileEntry>,
    /// Build arguments.
    #[serde(default)]
    pub(crate) args: BTreeMap<String, String>,
    pub(crate) target: Option<String>,
    /// The files are all of the build context, so that one can be called missing.
    #[serde(default)]
    pub(crate) context: bool,
    /// The date of the run, `YYYY-MM-DD`.
    pub(crate) today: Option<String>,
    #[serde(default)]
    pub(crate) options: BTreeMap<String, toml::Value>,
    /// What the findings of a bad example have; absent: what the rule has without condition.
    pub(crate) severity: Option<Level>,
    /// What the example shows.
    pub(crate) note: Option<String>,
    /// The Dockerfile after the fix.
    pub(crate) fixed: Option<String>,
    /// Other files after the fix.
    #[serde(default)]
    pub(crate) fixed_files: BTreeMap<String, String>,
}

fn yes() -> bool {
    true
}

/// A string or a list of strings.
#[derive(Debug, Default)]
pub(crate) struct Many(pub(crate) Vec<Text>);

impl<'de> Deserialize<'de> for Many {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Strings;

        impl<'de> Visitor<'de> for Strings {
            type Value = Vec<Text>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of strings")
            }

            fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
                Ok(vec![Spanned::new(0..0, value.to_owned())])
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(text) = seq.next_element()? {
                    all.push(text);
                }
                Ok(all)
            }
        }

        struct Inner(Vec<Text>);

        impl<'de> Deserialize<'de> for Inner {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Strings).map(Inner)
            }
        }

        // A lone string takes the place of the whole value.
        let outer = Spanned::<Inner>::deserialize(deserializer)?;
        let span = outer.span();
        let texts = outer.into_inner().0.into_iter();
        let placed = texts.map(|text| match text.span() {
            inner if inner.is_empty() => Spanned::new(span.clone(), text.into_inner()),
            _ => text,
        });
        Ok(Self(placed.collect()))
    }
}

/// A file of an example: its text, or a table with more.
#[derive(Debug, Default)]
pub(crate) struct FileEntry {
    pub(crate) content: String,
    pub(crate) executable: bool,
}

/// The table of [`FileEntry`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileTable {
    content: String,
    #[serde(default)]
    executable: bool,
}

impl<'de> Deserialize<'de> for FileEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entry;

        impl<'de> Visitor<'de> for Entry {
            type Value = FileEntry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the text of the file, or `{ content = \"...\", executable = true }`")
            }

            fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
                Ok(FileEntry {
                    content: value.to_owned(),
                    executable: false,
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let table = FileTable::deserialize(MapAccessDeserializer::new(map))?;
                Ok(FileEntry {
                    content: table.content,
                    executable: table.executable,
                })
            }
        }

        deserializer.deserialize_any(Entry)
    }
}
