//! The text of a configuration file, key by key, with a caret for each mistake.

use crate::knowledge::intent_words::Intent;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::version;
use super::{Config, Globs, Named, RuleTable, Setting, Value};
use crate::finding::{Problem, Severity};
use crate::knowledge::Date;
use crate::rule::suggest;
use crate::source::SourceFile;
use crate::span::{FileId, Span};

/// The keys of a configuration.
pub(crate) const KEYS: [&str; 18] = [
    "allow-unread",
    "baseline",
    "build-args",
    "context",
    "exclude",
    "extends",
    "fail-on",
    "ignore",
    "intent",
    "min-severity",
    "per-file-ignores",
    "project",
    "required-version",
    "rule",
    "rules",
    "select",
    "severity",
    "target",
];

type Entry<'a> = (
    &'a Spanned<toml::de::DeString<'a>>,
    &'a Spanned<DeValue<'a>>,
);

/// Reads a configuration. `directory` is where it lies, absolute, and its patterns are relative to each of `bases`; a
/// file called `pyproject.toml` keeps it in `[tool.seatrial]`.
///
/// # Errors
/// Every mistake, in file order; a configuration with one is not used at all.
pub(crate) fn read(
    file: FileId,
    source: &SourceFile,
    directory: &Path,
    bases: &[PathBuf],
) -> Result<Config, Vec<Problem>> {
    let mut reader = Reader {
        file,
        name: &source.name,
        bases,
        keys: Vec::new(),
        problems: Vec::new(),
    };
    if source.is_lossy {
        reader.problem(0..0, "it is not UTF-8".to_owned());
        return Err(reader.problems);
    }
    let table = match DeTable::parse(&source.text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            let message = format!("not valid TOML: {}", error.message().replace('\n', ", "));
            reader.problem(error.span().unwrap_or(0..0), message);
            return Err(reader.problems);
        }
    };
    let is_shared = Path::new(&source.name)
        .file_name()
        .is_some_and(|name| name == "pyproject.toml");
    let config = if is_shared {
        match table.get("tool").map(Spanned::get_ref) {
            Some(DeValue::Table(tools)) => match tools.get("seatrial") {
                Some(own) => reader
                    .table(own, "`tool.seatrial`")
                    .map(|table| reader.config(table)),
                None => Some(Config::default()),
            },
            _ => Some(Config::default()),
        }
    } else {
        Some(reader.config(&table))
    };
    match config {
        Some(mut config) if reader.problems.is_empty() => {
            config.file = Some(file);
            config.names = vec![(file, source.name.clone())];
            config.keys = std::mem::take(&mut reader.keys)
                .into_iter()
                .map(|key| (key, file))
                .collect();
            config.directory = directory.to_owned();
            Ok(config)
        }
        _ => {
            let mut problems = reader.problems;
            problems.sort_by_key(|problem| problem.span);
            Err(problems)
        }
    }
}

struct Reader<'a> {
    file: FileId,
    name: &'a str,
    bases: &'a [PathBuf],
    keys: Vec<String>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn config(&mut self, table: &DeTable<'_>) -> Config {
        let mut config = Config::default();
        for (key, value) in table {
            self.keys.push(key.get_ref().to_string());
            match key.get_ref().as_ref() {
                "baseline" => config.baseline = self.name(value, "`baseline`"),
                "extends" => config.extends = self.names(value, "extends"),
                "required-version" => self.required_version(value),
                "allow-unread" => config.unread = self.globs(value, "allow-unread"),
                "select" => config.select = Some(self.names(value, "select")),
                "ignore" => config.ignore = self.ignores(value, "ignore"),
                "severity" => config.severity = self.severities(value),
                "fail-on" => config.fail_on = self.severity(value),
                "min-severity" => config.min_severity = self.severity(value),
                "exclude" => config.exclude = self.globs(value, "exclude"),
                "rules" => config.rules = self.names(value, "rules"),
                "intent" => config.intent = self.intents(value),
                "project" => config.project = self.name(value, "`project`"),
                "context" => config.context = self.name(value, "`context`"),
                "target" => config.target = self.name(value, "`target`"),
                "build-args" => config.build_args = self.build_args(value),
                "per-file-ignores" => config.per_file_ignores = self.per_file(value),
                "rule" => config.rule = self.rules(value),
                other => self.unknown_key(key.span(), other, &KEYS),
            }
        }
        config
    }

    fn required_version(&mut self, value: &Spanned<DeValue<'_>>) {
        let Some(text) = self.string(value, "`required-version`") else {
            return;
        };
        const OURS: &str = env!("CARGO_PKG_VERSION");
        let message = match version::meets(OURS, &text) {
            Some(true) => return,
            Some(false) => {
                format!("this is seatrial {OURS}, but the configuration requires `{text}`")
            }
            None => format!("`{text}` is not a version; write `>=0.1.0` or `>=0.1,<0.2`"),
        };
        self.problem(value.span(), message);
    }

    fn severities(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<(Named, Severity)> {
        let mut found = Vec::new();
        for (key, value) in self.entries(value, "`severity`") {
            let name = key.get_ref();
            // What is appended to a file belongs to its last table.
            if KEYS.contains(&&**name) {
                let message = format!(
                    "`{name}` is not a rule; as a key of its own it stands above `[severity]`"
                );
                self.problem(key.span(), message);
                continue;
            }
            found.extend(self.severity(value).map(|level| (self.key(key), level)));
        }
        found
    }

    fn intents(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<(Globs, Intent)> {
        if let DeValue::String(_) = value.get_ref() {
            let everything = Globs::new(self.bases, ["*"]).unwrap_or_default();
            return self
                .intent(value)
                .map(|intent| (everything, intent))
                .into_iter()
                .collect();
        }
        let mut entries = self.entries(value, "`intent`");
        entries.sort_by_key(|(key, _)| key.span().start);
        entries
            .into_iter()
            .filter_map(|(key, value)| Some((self.glob(key)?, self.intent(value)?)))
            .collect()
    }

    fn intent(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Intent> {
        let text = self.string(value, "`intent`")?;
        match text.as_str() {
            "production" => Some(Intent::Production),
            "development" => Some(Intent::Development),
            "ci" => Some(Intent::Ci),
            other => {
                let message =
                    format!("`{other}` is not an intent; use `production`, `development` or `ci`");
                self.problem(value.span(), message);
                None
            }
        }
    }

    fn build_args(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<(String, String)> {
        let entries = self.entries(value, "`build-args`");
        entries
            .into_iter()
            .filter_map(|(key, value)| {
                let text = self.string(value, "a build argument")?;
                Some((key.get_ref().to_string(), text))
            })
            .collect()
    }

    fn per_file(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<(Globs, Vec<Named>)> {
        let entries = self.entries(value, "`per-file-ignores`");
        entries
            .into_iter()
            .filter_map(|(key, value)| {
                Some((self.glob(key)?, self.ignores(value, "per-file-ignores")))
            })
            .collect()
    }

    fn rules(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<RuleTable> {
        let mut tables = Vec::new();
        for (key, value) in self.entries(value, "`rule`") {
            let id = self.key(key);
            let mut table = RuleTable {
                id,
                severity: None,
                enabled: None,
                exclude: Globs::default(),
                options: Vec::new(),
            };
            let what = format!("`rule.{}`", table.id.text);
            for (key, value) in self.entries(value, &what) {
                match key.get_ref().as_ref() {
                    "severity" => table.severity = self.severity(value),
                    "enabled" => table.enabled = self.boolean(value, "`enabled`"),
                    "exclude" => table.exclude = self.globs(value, "exclude"),
                    _ => {
                        if let Some(setting) = self.setting(value) {
                            table.options.push((self.key(key), setting));
                        }
                    }
                }
            }
            tables.push(table);
        }
        tables
    }

    fn setting(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Setting> {
        let span = self.span(value.span());
        let read = match value.get_ref() {
            DeValue::Boolean(value) => Value::Bool(*value),
            DeValue::String(text) => Value::Str(text.to_string()),
            DeValue::Integer(number) => {
                match i64::from_str_radix(number.as_str(), number.radix()) {
                    Ok(number) => Value::Int(number),
                    Err(_) => {
                        self.problem(value.span(), "the number is too large".to_owned());
                        return None;
                    }
                }
            }
            DeValue::Array(items) => {
                Value::List(items.iter().filter_map(|item| self.setting(item)).collect())
            }
            other => {
                let message = format!("an option cannot be {}", kind(other));
                self.problem(value.span(), message);
                return None;
            }
        };
        Some(Setting { value: read, span })
    }

    fn severity(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Severity> {
        let text = self.string(value, "a severity")?;
        let severity = Severity::parse(&text);
        if severity.is_none() {
            let message = match text.as_str() {
                "off" | "none" => {
                    format!("`{text}` is not a severity; to disable a rule, `ignore` it")
                }
                _ => format!("`{text}` is not a severity; use `error`, `warning` or `info`"),
            };
            self.problem(value.span(), message);
        }
        severity
    }

    fn globs(&mut self, value: &Spanned<DeValue<'_>>, key: &str) -> Globs {
        let names = self.names(value, key);
        match Globs::new(self.bases, names.iter().map(|name| name.text.as_str())) {
            Ok(globs) => globs,
            Err((index, reason)) => {
                self.problems.push(Problem {
                    file: self.name.to_owned(),
                    span: names.get(index).and_then(|name| name.span),
                    message: format!("not a file pattern: {reason}"),
                });
                Globs::default()
            }
        }
    }

    fn glob(&mut self, key: &Spanned<toml::de::DeString<'_>>) -> Option<Globs> {
        match Globs::new(self.bases, [key.get_ref().as_ref()]) {
            Ok(globs) => Some(globs),
            Err((_, reason)) => {
                self.problem(key.span(), format!("not a file pattern: {reason}"));
                None
            }
        }
    }

    fn names(&mut self, value: &Spanned<DeValue<'_>>, key: &str) -> Vec<Named> {
        let DeValue::Array(items) = value.get_ref() else {
            let message = format!(
                "`{key}` is a list of strings, not {}",
                kind(value.get_ref())
            );
            self.problem(value.span(), message);
            return Vec::new();
        };
        items
            .iter()
            .filter_map(|item| self.name(item, &format!("an item of `{key}`")))
            .collect()
    }

    /// Rules that are ignored: a name, or a table with the last day on which it counts.
    fn ignores(&mut self, value: &Spanned<DeValue<'_>>, key: &str) -> Vec<Named> {
        let DeValue::Array(items) = value.get_ref() else {
            return self.names(value, key);
        };
        let mut ignores = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::Table(table) => ignores.extend(self.ignore(item.span(), table)),
                _ => ignores.extend(self.name(item, &format!("an item of `{key}`"))),
            }
        }
        ignores
    }

    /// `{ rule = "runs-as-root", until = "2027-01-31", reason = "..." }`
    fn ignore(&mut self, range: Range<usize>, table: &DeTable<'_>) -> Option<Named> {
        let (mut rule, mut until) = (None, None);
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "rule" => rule = self.name(value, "`rule`"),
                "until" => until = self.day(value),
                "reason" => drop(self.string(value, "`reason`")),
                other => self.unknown_key(key.span(), other, &["rule", "until", "reason"]),
            }
        }
        if rule.is_none() && !table.contains_key("rule") {
            self.problem(range, "an ignore needs a `rule`".to_owned());
        }
        Some(Named { until, ..rule? })
    }

    /// A day, as a date of TOML or as a string.
    fn day(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Date> {
        let text = match value.get_ref() {
            DeValue::Datetime(day) => day.to_string(),
            _ => self.string(value, "`until`")?,
        };
        let day = text.parse().ok();
        if day.is_none() {
            let message = format!("`{text}` is not a day; write `2027-01-31`");
            self.problem(value.span(), message);
        }
        day
    }

    fn name(&mut self, value: &Spanned<DeValue<'_>>, what: &str) -> Option<Named> {
        Some(Named {
            text: self.string(value, what)?,
            span: Some(self.span(value.span())),
            until: None,
        })
    }

    fn string(&mut self, value: &Spanned<DeValue<'_>>, what: &str) -> Option<String> {
        if let DeValue::String(text) = value.get_ref() {
            return Some(text.to_string());
        }
        let message = format!("{what} is a string, not {}", kind(value.get_ref()));
        self.problem(value.span(), message);
        None
    }

    fn boolean(&mut self, value: &Spanned<DeValue<'_>>, what: &str) -> Option<bool> {
        if let DeValue::Boolean(value) = value.get_ref() {
            return Some(*value);
        }
        let message = format!("{what} is `true` or `false`, not {}", kind(value.get_ref()));
        self.problem(value.span(), message);
        None
    }

    fn entries<'a>(&mut self, value: &'a Spanned<DeValue<'a>>, what: &str) -> Vec<Entry<'a>> {
        self.table(value, what)
            .map(|table| table.iter().collect())
            .unwrap_or_default()
    }

    fn table<'a>(
        &mut self,
        value: &'a Spanned<DeValue<'a>>,
        what: &str,
    ) -> Option<&'a DeTable<'a>> {
        if let DeValue::Table(table) = value.get_ref() {
            return Some(table);
        }
        let message = format!("{what} is a table, not {}", kind(value.get_ref()));
        self.problem(value.span(), message);
        None
    }

    fn key(&self, key: &Spanned<toml::de::DeString<'_>>) -> Named {
        Named {
            text: key.get_ref().to_string(),
            span: Some(self.span(key.span())),
            until: None,
        }
    }

    fn unknown_key(&mut self, range: Range<usize>, key: &str, known: &[&str]) {
        let message = match suggest(key, known.iter().copied()) {
            Some(close) => format!("unknown key `{key}`; did you mean `{close}`?"),
            None => format!("unknown key `{key}`; the keys are `{}`", known.join("`, `")),
        };
        self.problem(range, message);
    }

    fn problem(&mut self, range: Range<usize>, message: String) {
        self.problems.push(Problem {
            file: self.name.to_owned(),
            span: Some(self.span(range)),
            message,
        });
    }

    fn span(&self, range: Range<usize>) -> Span {
        let start = u32::try_from(range.start).unwrap_or(u32::MAX);
        let end = u32::try_from(range.end).unwrap_or(u32::MAX);
        Span::new(self.file, start, end.max(start))
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
