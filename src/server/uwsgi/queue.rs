//! The queue of options uWSGI fills before it applies them.

use crate::maps::HashMap;

use super::files::{self, Format};
use super::{ConfigFile, ConfigState, Item, OptionSource, OptionValue, UwsgiConfig};
use crate::knowledge::uwsgi::{EnvName, Next, Takes, by_short, from_env, option, options};
use crate::knowledge::words::UwsgiWords;
use crate::server::env::{EnvValue, FileState, Surroundings};
use crate::shell::ast::Arg;
use crate::span::{Span, Traced};

/// Files that include each other.
const MAX_FILES: usize = 40;
/// Bytes of all configuration files that are read.
const MAX_TEXT: usize = 1 << 20;
/// Options one process may have.
const MAX_OPTIONS: usize = 1_000;
/// Bytes a value may grow to through placeholders.
const MAX_VALUE: usize = 65_536;

/// Options whose value is a file that is read at once.
const LOADERS: [(&str, Option<Format>); 12] = [
    ("ini", Some(Format::Ini)),
    ("xml", Some(Format::Xml)),
    ("xmlconfig", Some(Format::Xml)),
    ("yaml", Some(Format::Yaml)),
    ("yml", Some(Format::Yaml)),
    ("json", Some(Format::Json)),
    ("js", Some(Format::Json)),
    ("ini-paste", None),
    ("ini-paste-logged", None),
    ("config", None),
    ("include", None),
    ("config-py", None),
];

/// Reads the options of a uWSGI process: `args` is what follows the program name.
#[must_use]
pub(crate) fn read(args: &[Arg], around: &Surroundings<'_>) -> UwsgiConfig {
    let mut queue = Queue {
        around,
        config: UwsgiConfig::default(),
        raw: Vec::new(),
        blocks: 0,
        depth: 0,
        read: 0,
        current: None,
        inherited: Vec::new(),
        firsts: HashMap::default(),
        first_gap: None,
    };
    queue.environment();
    queue.command_line(args);
    queue.inherit();
    queue.index();
    queue.substitute();
    let mut config = queue.config;
    config.items = queue.raw.into_iter().map(|raw| raw.item).collect();
    config
}

struct Raw {
    item: Item,
    /// It took effect before placeholders are filled in.
    is_done: bool,
}

struct Queue<'a> {
    around: &'a Surroundings<'a>,
    config: UwsgiConfig,
    raw: Vec<Raw>,
    /// Conditions and loops that are open.
    blocks: u32,
    depth: usize,
    /// Bytes of the files read so far.
    read: usize,
    /// The file being read, for `ini = :section`.
    current: Option<String>,
    /// Files that are read when everything else is queued.
    inherited: Vec<Traced>,
    /// Position of the first option of each name, and of the first gap, once all are queued.
    firsts: HashMap<String, usize>,
    first_gap: Option<usize>,
}

impl Queue<'_> {
    fn gap(&mut self) {
        self.raw.push(Raw {
            item: Item::Gap,
            is_done: true,
        });
    }

    fn environment(&mut self) {
        if !self.around.env.is_closed {
            self.gap();
        }
        for var in &self.around.env.vars {
            let name = match from_env(&var.name) {
                EnvName::Foreign | EnvName::Skipped => continue,
                EnvName::Option(option) => option.name.to_string(),
                EnvName::Unknown(name) => name,
                EnvName::BuildOnly => var.name[6..].to_ascii_lowercase().replace('_', "-"),
            };
            let span = var.value.as_ref().map_or(var.name_span, Traced::span);
            self.add(
                &name,
                var.name_span,
                var.value.clone(),
                span,
                OptionSource::Env,
            );
        }
    }

    /// As getopt reads it: options first, operands (files) after all of them.
    fn command_line(&mut self, args: &[Arg]) {
        let mut operands: Vec<&Arg> = Vec::new();
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            let Some(text) = &arg.text else {
                self.unknown_word(arg);
                continue;
            };
            let raw = text.as_str();
            if raw == "--" {
                operands.extend(rest.by_ref());
            } else if let Some(long) = raw.strip_prefix("--") {
                self.long(long, arg, text, &mut rest);
            } else if raw.len() > 1 && raw.starts_with('-') {
                self.short(arg, text, &mut rest);
            } else {
                operands.push(arg);
            }
        }
        for arg in operands {
            match &arg.text {
                Some(text) if text.as_str().starts_with('[') => {}
                Some(text) => self.load(text, None),
                None => self.gap(),
            }
        }
    }

    /// `--opt=$VALUE` tells the option at least; `$OPTIONS` may be anything.
    fn unknown_word(&mut self, arg: &Arg) {
        let named = arg
            .prefix
            .strip_prefix("--")
            .and_then(|rest| rest.split_once('='));
        match named.and_then(|(name, _)| long_name(name)) {
            Some(name) => self.add(name, arg.word, None, arg.span, OptionSource::CommandLine),
            None => self.gap(),
        }
    }

    fn long<'b>(
        &mut self,
        long: &str,
        arg: &Arg,
        text: &Traced,
        rest: &mut impl Iterator<Item = &'b Arg>,
    ) {
        let (name, inline) = match long.split_once('=') {
            Some((name, _)) => (name, Some(text.slice(2 + name.len() + 1..text.len()))),
            None => (long, None),
        };
        let Some(known) = long_name(name) else {
            self.config.refused.push(arg.span);
            return;
        };
        let takes = option(known).map_or(Takes::Required, |option| option.takes);
        let name_span = text.span_of(0..2 + name.len());
        let source = OptionSource::CommandLine;
        match (takes, inline) {
            (Takes::No | Takes::Optional, None) => {
                let value = Traced::new("true", name_span);
                self.add(known, name_span, Some(value), name_span, source);
            }
            (Takes::No, Some(_)) => self.config.refused.push(arg.span),
            (_, Some(value)) => {
                let span = value.span();
                self.add(known, name_span, Some(value), span, source);
            }
            (Takes::Required, None) => match rest.next() {
                Some(value) => self.add(known, name_span, value.text.clone(), value.span, source),
                None => self.config.refused.push(arg.span),
            },
        }
    }

    fn short<'b>(&mut self, arg: &Arg, text: &Traced, rest: &mut impl Iterator<Item = &'b Arg>) {
        let raw = text.as_str();
        let source = OptionSource::CommandLine;
        for (at, letter) in raw.char_indices().skip(1) {
            let end = at + letter.len_utf8();
            let name_span = text.span_of(at..end);
            let Some(known) = by_short(&raw[at..end]) else {
                self.config.refused.push(arg.span);
                return;
            };
            if known.takes == Takes::No {
                let value = Traced::new("true", name_span);
                self.add(&known.name, name_span, Some(value), name_span, source);
                continue;
            }
            if end < raw.len() {
                let value = text.slice(end..raw.len());
                let span = value.span();
                self.add(&known.name, name_span, Some(value), span, source);
            } else if known.takes == Takes::Optional {
                let value = Traced::new("true", name_span);
                self.add(&known.name, name_span, Some(value), name_span, source);
            } else {
                match rest.next() {
                    Some(value) => {
                        self.add(
                            &known.name,
                            name_span,
                            value.text.clone(),
                            value.span,
                            source,
                        );
                    }
                    None => self.config.refused.push(arg.span),
                }
            }
            return;
        }
    }

    fn add(
        &mut self,
        name: &str,
        name_span: Span,
        value: Option<Traced>,
        span: Span,
        source: OptionSource,
    ) {
        if self.raw.len() >= MAX_OPTIONS {
            if !matches!(self.raw.last().map(|raw| &raw.item), Some(Item::Gap)) {
                self.gap();
            }
            return;
        }
        let loader = LOADERS.iter().find(|(loader, _)| *loader == name);
        let is_end = UwsgiWords::BlockEnd.contains(name);
        if is_end {
            self.blocks = self.blocks.saturating_sub(1);
        }
        self.raw.push(Raw {
            item: Item::Option(OptionValue {
                name: name.to_owned(),
                option: option(name),
                name_span,
                value: value.clone(),
                span,
                source,
                is_conditional: self.blocks > 0,
            }),
            is_done: loader.is_some(),
        });
        if is_block(name) {
            self.blocks += 1;
        }
        match (loader, value) {
            (Some((_, format)), Some(path)) if self.blocks == 0 => self.load(&path, *format),
            (Some(_), _) => self.gap(),
            (None, Some(path)) if name == "inherit" => self.inherited.push(path),
            (None, None) if name == "inherit" => self.gap(),
            _ => {}
        }
    }

    /// Reads a file where it is named. `file:section` names a section, `:section` one of this file.
    fn load(&mut self, written: &Traced, format: Option<Format>) {
        let raw = written.as_str();
        let (name, section) = match (raw.rsplit_once(':'), format) {
            _ if raw.contains("://") => (raw, "uwsgi"),
            (Some((name, section)), Some(Format::Ini)) => (name, section),
            (Some(("", section)), None) => ("", section),
            _ => (raw, "uwsgi"),
        };
        let path = if name.is_empty() {
            self.current.clone()
        } else {
            self.around.absolute(name)
        };
        let is_remote = name.contains("://") || name == "-";
        let format = format.or_else(|| Format::of(path.as_deref().unwrap_or(name)));
        let state = match (&path, format) {
            _ if is_remote || self.depth >= MAX_FILES || self.config.files.len() >= MAX_FILES => {
                FileState::Unknown
            }
            (Some(path), Some(_)) => self.around.files.read(path),
            _ => FileState::Unknown,
        };
        let index = self.config.files.len();
        self.config.files.push(ConfigFile {
            path: written.clone(),
            absolute: path.clone(),
            state: ConfigState::Unknown,
        });
        let (Some(path), Some(format)) = (path, format) else {
            self.gap();
            return;
        };
        let (file, source) = match state {
            FileState::Known(file, source) => (file, source),
            FileState::Missing => {
                self.config.files[index].state = ConfigState::Missing;
                self.gap();
                return;
            }
            FileState::Unknown => {
                self.gap();
                return;
            }
        };
        self.read += source.text.len();
        if self.read > MAX_TEXT {
            self.gap();
            return;
        }
        let read = files::read(format, file, &source, &path, section);
        self.config.files[index].state = if read.has_section {
            ConfigState::Read
        } else {
            ConfigState::NoSection
        };
        let outer = self.current.replace(path);
        let blocks = std::mem::take(&mut self.blocks);
        self.depth += 1;
        for pair in read.pairs {
            let key = pair.key.as_str().to_owned();
            self.add(
                &key,
                pair.key.span(),
                pair.value,
                pair.span,
                OptionSource::File,
            );
        }
        if read.is_partial {
            self.gap();
        }
        self.depth -= 1;
        self.blocks = blocks;
        self.current = outer;
    }

    /// `inherit` is read when everything else is queued: its options come last.
    fn inherit(&mut self) {
        let mut done = 0;
        while let Some(path) = self.inherited.get(done).cloned() {
            done += 1;
            if done > MAX_FILES {
                self.gap();
                return;
            }
            self.load(&path, None);
        }
    }

    /// The three passes, in uWSGI's order.
    fn substitute(&mut self) {
        for symbol in ['$', '@', '%'] {
            for index in 0..self.raw.len() {
                if self.raw[index].is_done {
                    continue;
                }
                let Item::Option(option) = &self.raw[index].item else {
                    continue;
                };
                let Some(value) = &option.value else {
                    continue;
                };
                if !value.as_str().contains(symbol) {
                    continue;
                }
                let filled = self.fill(value, symbol);
                if let Item::Option(option) = &mut self.raw[index].item {
                    option.value = filled;
                }
            }
        }
    }

    /// Fills in `$(...)`, `@(...)` or `%(...)`; `None` when one is not known. What uWSGI cannot
    /// resolve it leaves as it is.
    fn fill(&self, value: &Traced, symbol: char) -> Option<Traced> {
        let raw = value.as_str();
        let open = format!("{symbol}(");
        let mut out = Traced::empty(value.span());
        let mut at = 0;
        while let Some(start) = raw[at..].find(&open).map(|found| at + found) {
            out.push_traced(&value.slice(at..start));
            let Some(end) = raw[start..].find(')').map(|found| start + found) else {
                at = start;
                break;
            };
            let name = &raw[start + 2..end];
            let place = value.span_of(start..end + 1);
            match symbol {
                '$' => match self.around.env.get(name) {
                    EnvValue::Known(text) => out.push(text.as_str(), place),
                    EnvValue::Unset => out.push_traced(&value.slice(start..end + 1)),
                    EnvValue::Unknown => return None,
                },
                '%' => match self.placeholder(name) {
                    Some(Some(text)) => out.push(&text, place),
                    Some(None) => out.push_traced(&value.slice(start..end + 1)),
                    None => return None,
                },
                _ => return None,
            }
            if out.len() > MAX_VALUE {
                return None;
            }
            at = end + 1;
        }
        out.push_traced(&value.slice(at..raw.len()));
        Some(out)
    }

    /// The first value of that name; inner `None`: there is none.
    fn placeholder(&self, name: &str) -> Option<Option<String>> {
        let at = self.firsts.get(name).copied();
        if self
            .first_gap
            .is_some_and(|gap| at.is_none_or(|at| gap < at))
        {
            return None;
        }
        let Some(at) = at else {
            let is_plain = name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
            return is_plain.then_some(None);
        };
        match &self.raw.get(at)?.item {
            Item::Option(option) if !option.is_conditional => {
                Some(Some(option.value.as_ref()?.as_str().to_owned()))
            }
            _ => None,
        }
    }

    /// Where each name is first given, for placeholders.
    fn index(&mut self) {
        for (at, raw) in self.raw.iter().enumerate() {
            match &raw.item {
                Item::Gap => {
                    self.first_gap.get_or_insert(at);
                }
                Item::Option(option) => {
                    self.firsts.entry(option.name.clone()).or_insert(at);
                }
            }
        }
    }
}

/// Conditions and loops; what follows holds until their end.
fn is_block(name: &str) -> bool {
    name.starts_with("if-") || UwsgiWords::BlockBegin.contains(name)
}

/// The option getopt takes a long name for: itself, or the only one it begins.
fn long_name(name: &str) -> Option<&'static str> {
    if let Some(known) = option(name) {
        return Some(known.name.as_str());
    }
    let mut begun = options()
        .iter()
        .filter(|row| row.next != Next::New && row.embedded && row.name.starts_with(name));
    let first = begun.next()?;
    begun.next().is_none().then_some(first.name.as_str())
}
