//! All options of one uWSGI process, in the order it applies them.

use crate::knowledge::uwsgi as table;
use crate::knowledge::uwsgi::{UwsgiOption, ValueKind};
use crate::span::{Span, Traced};

/// Where an option was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionSource {
    /// `UWSGI_NAME`
    Env,
    CommandLine,
    File,
}

/// One option as it reached uWSGI.
#[derive(Debug, Clone)]
pub struct OptionValue {
    /// Without dashes, as uWSGI knows it: `lazy-apps`.
    pub name: String,
    /// The option of that name; `None`: unknown to uWSGI, or a placeholder of a file.
    pub option: Option<&'static UwsgiOption>,
    /// The variable, flag or key.
    pub name_span: Span,
    /// After placeholders; `true` for a flag of the command line, empty where nothing was written.
    /// `None` when not known.
    pub value: Option<Traced>,
    /// The value; the name where it has none.
    pub span: Span,
    pub source: OptionSource,
    /// Inside `if-...` or `for`: it may not be given at all.
    pub is_conditional: bool,
}

impl OptionValue {
    /// Whether that is one of its names.
    fn is_called(&self, name: &str) -> bool {
        self.name == name
            || self
                .option
                .is_some_and(|option| option.aliases.contains(name))
    }
}

/// A file uWSGI was told to read.
#[derive(Debug, Clone)]
pub struct ConfigFile {
    /// As written.
    pub path: Traced,
    /// In the container; `None` when not known.
    pub absolute: Option<String>,
    pub state: ConfigState,
}

/// What came of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigState {
    Read,
    /// The section asked for is not in it: nothing is configured.
    NoSection,
    /// uWSGI does not start.
    Missing,
    Unknown,
}

/// The value of a scalar option.
#[derive(Debug, Clone, Copy)]
pub enum Effective<'a> {
    Known(&'a OptionValue, &'a Traced),
    /// Given nowhere.
    Absent,
    Unknown,
}

/// A position in the queue.
#[derive(Debug, Clone)]
pub(crate) enum Item {
    Option(OptionValue),
    /// Options nobody could read.
    Gap,
}

/// All options of one uWSGI process.
#[derive(Debug, Clone, Default)]
pub struct UwsgiConfig {
    pub(crate) items: Vec<Item>,
    pub files: Vec<ConfigFile>,
    /// Words of the command line that uWSGI refuses to start with.
    pub refused: Vec<Span>,
}

impl UwsgiConfig {
    /// Every option in the order uWSGI applies them.
    pub fn all(&self) -> impl Iterator<Item = &OptionValue> {
        self.items.iter().filter_map(|item| match item {
            Item::Option(value) => Some(value),
            Item::Gap => None,
        })
    }

    /// There may be options that are not known.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.items.iter().any(|item| matches!(item, Item::Gap))
    }

    /// Every value of an option, under any of its names, in order.
    #[must_use]
    pub fn get(&self, name: &str) -> Vec<&OptionValue> {
        self.all().filter(|value| value.is_called(name)).collect()
    }

    /// The value of a scalar option: the last one, when nothing unknown may come after it.
    #[must_use]
    pub fn effective(&self, name: &str) -> Effective<'_> {
        for item in self.items.iter().rev() {
            match item {
                Item::Gap => return Effective::Unknown,
                Item::Option(value) if value.is_called(name) => {
                    return match &value.value {
                        Some(text) if !value.is_conditional => Effective::Known(value, text),
                        _ => Effective::Unknown,
                    };
                }
                Item::Option(_) => {}
            }
        }
        Effective::Absent
    }

    /// Whether a flag is on; `None` when not known.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<bool> {
        match self.effective(name) {
            Effective::Known(_, text) => Some(table::is_on(ValueKind::Flag, text.as_str())),
            Effective::Absent => Some(false),
            Effective::Unknown => None,
        }
    }

    /// Whether a master runs: told so, or some other option brings it where `master` is not given.
    /// `None` when not known.
    #[must_use]
    pub fn has_master(&self) -> Option<bool> {
        let is_implied = |value: &OptionValue| {
            !value.is_conditional && value.option.is_some_and(UwsgiOption::implies_master)
        };
        match self.effective("master") {
            Effective::Known(_, text) => Some(table::is_on(ValueKind::Flag, text.as_str())),
            _ if self.get("master").is_empty() && self.all().any(is_implied) => Some(true),
            Effective::Absent => Some(false),
            Effective::Unknown => None,
        }
    }
}
