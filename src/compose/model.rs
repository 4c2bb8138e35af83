//! What a compose file says, as data with places. How it is read stands in `read`, how files are
//! put together in `merge` and `project`.

use crate::maps::HashMap;
use std::sync::Arc;

use super::text::Text;
use super::yaml::{Scalar, Style, YamlError};
use crate::knowledge::intent_words::Intent;
use crate::knowledge::words::ValueWords;
use crate::span::{FileId, Span, Traced};

/// One compose file, as written: `extends` not followed, other files not merged in.
#[derive(Debug, Clone)]
pub struct ComposeFile {
    pub file: FileId,
    /// Relative to the root.
    pub path: String,
    pub purpose: Option<Intent>,
    /// The key `version` and its value.
    pub version: Option<(Scalar, Text)>,
    /// The lines they stand in, when nothing else does.
    pub version_lines: Option<Span>,
    pub name: Option<Text>,
    pub services: Vec<Service>,
    /// Names of the named volumes.
    pub volumes: Vec<Scalar>,
    /// Those of which nothing else is said: no driver, not made elsewhere.
    pub plain_volumes: Vec<String>,
    pub networks: Vec<Scalar>,
    pub secrets: Vec<Scalar>,
    /// Syntax errors, values of the wrong shape, `$` that is refused. What could be read is kept.
    pub errors: Vec<YamlError>,
}

/// A service.
#[derive(Debug, Clone)]
pub struct Service {
    pub name: Traced,
    /// The mapping of the service.
    pub span: Span,
    pub image: Option<Text>,
    pub build: Option<Build>,
    pub command: Option<CommandLine>,
    pub entrypoint: Option<CommandLine>,
    /// In order; later ones win over earlier ones of the same name.
    pub environment: Vec<Pair>,
    pub env_files: Vec<EnvFile>,
    pub ports: Vec<Port>,
    pub expose: Vec<Text>,
    pub volumes: Vec<Mount>,
    pub depends_on: Vec<Dependency>,
    pub links: Vec<Text>,
    /// The key `links`.
    pub links_key: Option<Span>,
    /// The networks it is in, with the aliases it has there.
    pub networks: Vec<Network>,
    pub profiles: Vec<Text>,
    pub healthcheck: Option<Healthcheck>,
    pub extends: Option<Extends>,
    pub secrets: Vec<Text>,
    pub user: Option<Text>,
    pub read_only: Option<Text>,
    pub working_dir: Option<Text>,
    pub container_name: Option<Text>,
    /// `deploy.replicas`, or `scale`.
    pub replicas: Option<Text>,
    pub hostname: Option<Text>,
    pub network_mode: Option<Text>,
    pub restart: Option<Text>,
    pub stop_signal: Option<Text>,
    pub stop_grace_period: Option<Text>,
    pub init: Option<Text>,
    pub privileged: Option<Text>,
    /// As written, with their options: `/run:mode=1777`.
    pub tmpfs: Vec<Text>,
    pub cap_drop: Vec<Text>,
    pub cap_add: Vec<Text>,
    pub(crate) security_opt: Vec<Text>,
    /// Those of its container, and those of `deploy`.
    pub(crate) labels: Vec<Pair>,
    pub platform: Option<Text>,
    /// Every key it has, in order.
    pub keys: Vec<Scalar>,
    /// It sets variables that were not read, because there are too many in all.
    pub is_cut: bool,
}

/// `build`
#[derive(Debug, Clone)]
pub struct Build {
    pub span: Span,
    /// `None`: the directory of the compose file.
    pub context: Option<Text>,
    /// The context as a directory below the root (empty for the root); `None` when it is remote, lies outside or
    /// is not known.
    pub context_path: Option<String>,
    pub dockerfile: Option<Text>,
    /// The Dockerfile below the root; `None` when not known, outside, or inline.
    pub dockerfile_path: Option<String>,
    pub dockerfile_inline: Option<Text>,
    pub target: Option<Text>,
    pub args: Vec<Pair>,
    /// The image that its Dockerfile is based on, where that has one stage and names it.
    pub base: Option<Traced>,
}

/// `KEY=value` or `KEY: value`.
#[derive(Debug, Clone)]
pub struct Pair {
    pub key: Traced,
    /// `None` when there is none: the value is taken from the shell that runs compose.
    pub value: Option<Text>,
}

/// An entry of `env_file`.
#[derive(Debug, Clone)]
pub struct EnvFile {
    pub path: Text,
    /// Below the root; `None` when not known or outside.
    pub resolved: Option<String>,
    /// `required: false` clears it.
    pub is_required: bool,
    /// Its lines; `None` when the file is not there or cannot be read.
    pub pairs: Option<Arc<[Pair]>>,
}

/// `command` or `entrypoint`. Compose splits a string into words itself, without a shell.
#[derive(Debug, Clone)]
pub struct CommandLine {
    pub span: Span,
    pub form: CommandForm,
}

/// How a command was written.
#[derive(Debug, Clone)]
pub enum CommandForm {
    Line(Text),
    List(Vec<Text>),
    /// A shell of the image reads it; no compose file says so.
    Shell(Text),
    /// `null` or an empty list: the image's own is dropped (entrypoint) or kept (command).
    Null,
}

/// A published port.
#[derive(Debug, Clone)]
pub struct Port {
    pub span: Span,
    /// The scalar of the short form.
    pub short: Option<Text>,
    /// `127.0.0.1` of `127.0.0.1:80:8000`.
    pub host_ip: Option<Traced>,
    /// On the host; `None` when docker chooses or it is not known. Ranges are kept as written.
    pub published: Option<Traced>,
    /// In the container, first and last of the range; `None` when not known.
    pub target: Option<(u16, u16)>,
    pub target_span: Span,
    /// `tcp` unless told otherwise.
    pub protocol: String,
}

/// What a [`Mount`] mounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MountKind {
    /// A path of the host.
    Bind,
    Named,
    Anonymous,
    Tmpfs,
    /// Its source is not known.
    Unknown,
}

/// An entry of `volumes`.
#[derive(Debug, Clone)]
pub struct Mount {
    pub span: Span,
    pub kind: MountKind,
    /// Path or name as written.
    pub source: Option<Traced>,
    /// The source of a bind mount below the root (empty for the root); `None` when outside or not known.
    pub source_path: Option<String>,
    /// Absolute, in the container; `None` when not known.
    pub target: Option<Traced>,
    pub is_read_only: bool,
}

/// An entry of `depends_on`.
#[derive(Debug, Clone)]
pub struct Dependency {
    pub service: Traced,
    /// `service_started` where nothing is said.
    pub condition: Option<Text>,
    /// `required: false` clears it.
    pub is_required: bool,
}

/// An entry of `networks` of a service.
#[derive(Debug, Clone)]
pub struct Network {
    pub name: Traced,
    pub aliases: Vec<Text>,
}

/// `healthcheck`
#[derive(Debug, Clone)]
pub struct Healthcheck {
    pub span: Span,
    /// `CMD` and `CMD-SHELL` kept in front.
    pub test: Option<CommandLine>,
    pub is_disabled: bool,
}

/// `extends`
#[derive(Debug, Clone)]
pub struct Extends {
    pub span: Span,
    pub service: Text,
    pub file: Option<Text>,
}

/// A variable of a container.
#[derive(Debug, Clone)]
pub struct EnvVar {
    pub name: Traced,
    pub value: Option<Traced>,
    /// What the value may be at run time otherwise: a default, a dotenv file, the shell.
    pub may_vary: bool,
    /// The scalar of the value, for how it was quoted; `None` when passed from the shell.
    pub scalar: Option<Scalar>,
}

/// The variables a service sets; by default, none that are known.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// One entry a name, in order of first appearance; a value of `None` is not known.
    pub vars: Vec<EnvVar>,
    /// There are no others.
    pub is_closed: bool,
    /// Where each one stands.
    positions: HashMap<String, usize>,
}

impl Environment {
    /// These variables, and perhaps others.
    pub(crate) fn open(vars: impl Iterator<Item = EnvVar>) -> Self {
        let mut env = Self::default();
        vars.for_each(|var| env.add(var));
        env
    }

    #[must_use]
    pub fn get(&self, name: &str) -> Option<&EnvVar> {
        self.positions.get(name).map(|at| &self.vars[*at])
    }
}

impl Service {
    /// One of its keys is among the words.
    pub(crate) fn has_key(&self, words: ValueWords) -> bool {
        self.keys.iter().any(|key| words.contains(key.as_str()))
    }

    /// A key mounts more than `volumes` and `tmpfs` say.
    pub(crate) fn mounts_unread(&self) -> bool {
        let mut keys = self.keys.iter().map(|key| key.as_str());
        keys.any(|key| key != "tmpfs" && ValueWords::MountsMore.contains(key))
    }

    /// `env_file` in order, `environment` over it.
    #[must_use]
    pub fn env(&self) -> Environment {
        let mut out = Environment {
            vars: Vec::new(),
            // What it extends could not be read where that is still said.
            is_closed: self.extends.is_none() && !self.is_cut,
            positions: HashMap::default(),
        };
        for file in &self.env_files {
            match &file.pairs {
                Some(pairs) => pairs.iter().for_each(|pair| out.set(pair)),
                None => out.is_closed = false,
            }
        }
        self.environment.iter().for_each(|pair| out.set(pair));
        out
    }

    /// The names other services reach it by: its own, aliases, `container_name`, `hostname`.
    #[must_use]
    pub fn host_names(&self) -> Vec<&str> {
        let mut names = vec![self.name.as_str()];
        let others = [&self.container_name, &self.hostname];
        names.extend(others.into_iter().flatten().filter_map(Text::as_str));
        let aliases = self.networks.iter().flat_map(|network| &network.aliases);
        names.extend(aliases.filter_map(Text::as_str));
        names
    }
}

impl Environment {
    fn set(&mut self, pair: &Pair) {
        let var = EnvVar {
            name: pair.key.clone(),
            value: pair.value.as_ref().and_then(|text| text.value.clone()),
            may_vary: pair.value.as_ref().is_none_or(|text| text.may_vary),
            scalar: pair.value.as_ref().map(|text| text.scalar.clone()),
        };
        self.add(var);
    }

    fn add(&mut self, var: EnvVar) {
        match self.positions.get(var.name.as_str()) {
            Some(at) => self.vars[*at] = var,
            None => {
                let name = var.name.as_str().to_owned();
                self.positions.insert(name, self.vars.len());
                self.vars.push(var);
            }
        }
    }
}

impl CommandLine {
    /// The texts as written, a string as one; empty for none.
    #[must_use]
    pub(crate) fn texts(&self) -> &[Text] {
        match &self.form {
            CommandForm::Line(text) | CommandForm::Shell(text) => std::slice::from_ref(text),
            CommandForm::List(items) => items,
            CommandForm::Null => &[],
        }
    }

    /// All of it as one text; `None` when a part is not known.
    #[must_use]
    pub(crate) fn joined(&self) -> Option<String> {
        let words: Option<Vec<&str>> = self.texts().iter().map(Text::as_str).collect();
        words.map(|words| words.join(" "))
    }

    /// The words the container is started with; `None` when one is not known. A string is split as
    /// compose does: quotes and backslashes, no variables, no operators.
    #[must_use]
    pub fn words(&self) -> Option<Vec<Traced>> {
        match &self.form {
            CommandForm::Line(text) => split(text.value.as_ref()?),
            CommandForm::List(items) => items.iter().map(|item| item.value.clone()).collect(),
            CommandForm::Shell(text) => Some(vec![text.value.clone()?]),
            CommandForm::Null => Some(Vec::new()),
        }
    }
}

impl From<Traced> for Text {
    /// Text of a file without variables.
    fn from(text: Traced) -> Self {
        Self::verbatim(Scalar {
            span: text.span(),
            style: Style::Plain,
            text,
        })
    }
}

/// Splits a command line into words; `None` when a quote is not closed.
#[must_use]
pub(crate) fn split(text: &Traced) -> Option<Vec<Traced>> {
    let raw = text.as_str();
    let mut words = Vec::new();
    let mut word: Option<Traced> = None;
    let mut quote: Option<char> = None;
    let mut chars = raw.char_indices();
    while let Some((at, ch)) = chars.next() {
        let mut take = |from: usize, to: usize| {
            let piece = text.slice(from..to);
            word.get_or_insert_with(|| Traced::empty(piece.span()))
                .push_traced(&piece);
        };
        match (quote, ch) {
            (None, '\'' | '"') => {
                quote = Some(ch);
                take(at, at);
            }
            (Some(open), _) if ch == open => quote = None,
            (None | Some('"'), '\\') => {
                let (next, escaped) = chars.next()?;
                if quote.is_some() && !matches!(escaped, '"' | '\\' | '$' | '`') {
                    take(at, at + 1);
                }
                take(next, next + escaped.len_utf8());
            }
            (None, _) if ch.is_whitespace() => words.extend(word.take()),
            _ => take(at, at + ch.len_utf8()),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}
