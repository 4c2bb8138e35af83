//! uWSGI's options: what each takes, by which names it is set, and which values end the server.

mod pattern;

use super::texts::{List, Text};
use super::{find, nearest};

/// One option of uWSGI.
#[derive(Debug)]
pub struct UwsgiOption {
    /// As in ini files and on the command line, without dashes.
    pub name: Text,
    pub takes: Takes,
    pub kind: ValueKind,
    /// Given several times, all values count; through the environment there can be one only.
    pub is_repeatable: bool,
    /// Other names of the same thing.
    pub aliases: List,
    /// The letter of `-p`.
    pub short: Option<Text>,
    /// `core`, or the plugin that brings it.
    pub plugin: Text,
    /// The build that `pip install uwsgi` makes has it (if what it [needs](Self::needs) is there).
    pub embedded: bool,
    /// An environment variable can set it; not so where its name has an underscore.
    pub env: bool,
    /// Build-time features without which it does not exist.
    pub needs: &'static [Feature],
    /// What it switches on, whatever its value: `master`, `threads`, `mime`, ...
    pub implies: List,
    pub standing: Standing,
    pub next: Next,
}

/// Whether an option takes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    No,
    Required,
    Optional,
}

/// What uWSGI reads a value as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// On, unless the value is `0`, `false`, `off` or `no`.
    Flag,
    /// Off, unless it is one of those.
    InvertedFlag,
    /// An integer by `atoi`, refused below 0. What is no number is 0.
    Count,
    /// An integer by `strtoul`.
    Unsigned,
    /// 0 to 65535, clamped.
    Short,
    /// Any integer.
    Number,
    Octal,
    /// `:8000`, `127.0.0.1:8000`, or the path of a UNIX socket: without a colon it is a path.
    Address,
    /// `address,certificate,key`
    TlsAddress,
    /// `regex action:argument`
    Route,
    /// `condition:argument action:argument`
    RouteIf,
    /// `action:argument`
    RouteRun,
    /// `regex value`
    RegexValue,
    /// `value regex`
    ValueRegex,
    Regex,
    /// `key=value`, fatal without the `=`.
    Mapping,
    /// `NAME=value`, a name alone unsets.
    Assignment,
    /// Names with commas between.
    Names,
    Path,
    Folder,
    Command,
    User,
    Group,
    Text,
    /// `if-`, `for-` and their like.
    Logic,
    /// Accepted and without effect.
    Ignored,
    /// Read by a function of its own.
    Other,
}

/// Something found, or not, when uWSGI is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    Pcre,
    Ssl,
    Cap,
    Xml,
    Zlib,
    Yaml,
    Json,
    Freebsd,
}

impl Feature {
    /// Returns the name that people know it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pcre => "PCRE",
            Self::Ssl => "OpenSSL",
            Self::Cap => "libcap",
            Self::Xml => "XML",
            Self::Zlib => "zlib",
            Self::Yaml => "YAML",
            Self::Json => "JSON",
            Self::Freebsd => "FreeBSD",
        }
    }
}

/// What its makers say of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Current,
    Deprecated,
    Discouraged,
    /// For development or tests only.
    Development,
    /// Without effect since 2.0.27.
    Ignored,
}

/// What 2.1 (unreleased) makes of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    Same,
    /// It exists there only: unknown to every 2.0.
    New,
    Ignored,
    Removed,
}

static OPTIONS: &[UwsgiOption] = include!(concat!(env!("OUT_DIR"), "/uwsgi-options.rs"));

#[derive(Debug)]
struct NearMiss {
    name: &'static str,
    meant: Option<&'static str>,
}

static NEAR_MISSES: &[NearMiss] = include!(concat!(env!("OUT_DIR"), "/uwsgi-near-misses.rs"));

#[derive(Debug)]
struct SpecialName {
    name: &'static str,
    role: Role,
}

#[derive(Debug, Clone, Copy)]
enum Role {
    Skipped,
    Build,
}

static SPECIAL_NAMES: &[SpecialName] =
    include!(concat!(env!("OUT_DIR"), "/uwsgi-special-names.rs"));

/// What an option does, for people.
#[derive(Debug)]
pub(crate) struct Help {
    pub name: &'static str,
    /// What holds without it; `None` for nothing.
    pub default: Option<&'static str>,
    pub text: &'static str,
}

static HELP: &[Help] = include!(concat!(env!("OUT_DIR"), "/uwsgi-help.rs"));

/// An action of a route.
#[derive(Debug)]
pub(crate) struct RouteAction {
    pub name: &'static str,
}

static ROUTE_ACTIONS: &[RouteAction] =
    include!(concat!(env!("OUT_DIR"), "/uwsgi-route-actions.rs"));

/// What uWSGI makes of an environment variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EnvName {
    /// It does not begin with `UWSGI_`.
    Foreign,
    /// uWSGI's own bookkeeping: never an option.
    Skipped,
    /// Read when uWSGI is compiled; an unknown name at run time.
    BuildOnly,
    Option(&'static UwsgiOption),
    /// The option name it is taken for; unknown, so silently ignored (fatal with `strict`).
    Unknown(String),
}

impl PartialEq for UwsgiOption {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for UwsgiOption {}

/// Every option, by name; [`Next::New`] ones included.
#[must_use]
pub(crate) fn options() -> &'static [UwsgiOption] {
    OPTIONS
}

/// An option of a released uWSGI, by its name without dashes.
#[must_use]
pub(crate) fn option(name: &str) -> Option<&'static UwsgiOption> {
    find(OPTIONS, name, |row| row.name.as_str()).filter(|row| row.next != Next::New)
}

/// The option of `-p`.
#[must_use]
pub(crate) fn by_short(letter: &str) -> Option<&'static UwsgiOption> {
    OPTIONS
        .iter()
        .find(|row| row.short.is_some_and(|short| &*short == letter))
}

/// What an environment variable is to uWSGI: `UWSGI_LAZY_APPS` is the option `lazy-apps`.
#[must_use]
pub(crate) fn from_env(name: &str) -> EnvName {
    let Some(rest) = name.strip_prefix("UWSGI_") else {
        return EnvName::Foreign;
    };
    match find(SPECIAL_NAMES, name, |row| row.name).map(|row| row.role) {
        Some(Role::Skipped) => return EnvName::Skipped,
        Some(Role::Build) => return EnvName::BuildOnly,
        None => {}
    }
    let wanted = rest.to_ascii_lowercase().replace('_', "-");
    match option(&wanted) {
        Some(option) => EnvName::Option(option),
        None => EnvName::Unknown(wanted),
    }
}

/// The option name that a variable is taken for, whether there is one or not.
#[must_use]
pub(crate) fn option_name(variable: &str) -> String {
    let rest = variable.strip_prefix("UWSGI_").unwrap_or(variable);
    rest.to_ascii_lowercase().replace('_', "-")
}

/// Whether a long option is cut short: getopt takes any beginning that leaves no doubt.
#[must_use]
pub(crate) fn is_abbreviation(name: &str) -> bool {
    OPTIONS
        .iter()
        .any(|row| row.next != Next::New && &*row.name != name && row.name.starts_with(name))
}

/// The variable that sets an option; meaningless where [`UwsgiOption::env`] is false.
#[must_use]
pub(crate) fn env_name(option: &str) -> String {
    format!("UWSGI_{}", option.to_ascii_uppercase().replace('-', "_"))
}

/// The option meant by an unknown name: from the table of known slips, else the nearest one.
#[must_use]
pub(crate) fn suggest(name: &str) -> Option<&'static str> {
    if let Some(row) = find(NEAR_MISSES, name, |row| row.name) {
        return row.meant;
    }
    let released = OPTIONS.iter().filter(|row| row.next != Next::New);
    nearest(name, released.map(|row| row.name.as_str()))
}

/// The option behind a variable whose prefix is one edit from `UWSGI_`: `USGI_MASTER`, `UWSGT_LAZY_APPS`.
#[must_use]
pub(crate) fn misspelt_prefix(name: &str) -> Option<&'static UwsgiOption> {
    let (prefix, rest) = name.split_once('_')?;
    if prefix == "UWSGI"
        || !(4..=6).contains(&prefix.len())
        || strsim::osa_distance(prefix, "UWSGI") > 1
    {
        return None;
    }
    option(&rest.to_ascii_lowercase().replace('_', "-")).filter(|row| row.env)
}

/// An action of `route = regex action:argument`.
#[must_use]
pub(crate) fn route_action(name: &str) -> Option<&'static RouteAction> {
    find(ROUTE_ACTIONS, name, |row| row.name)
}

impl UwsgiOption {
    /// Given several times, the last value holds and the others are lost. Options read by a function of
    /// their own may do anything, so they are none.
    #[must_use]
    pub fn is_scalar(&self) -> bool {
        let by_function = [
            ValueKind::Command,
            ValueKind::Other,
            ValueKind::Path,
            ValueKind::Logic,
            ValueKind::Ignored,
        ];
        !self.is_repeatable && !by_function.contains(&self.kind)
    }

    /// Given several times, all values count.
    #[must_use]
    pub fn is_list(&self) -> bool {
        self.is_repeatable || self.kind == ValueKind::Command
    }

    /// It exists only in a build that found PCRE.
    #[must_use]
    pub fn needs_pcre(&self) -> bool {
        self.needs.contains(&Feature::Pcre)
    }

    /// It exists only in a build that found OpenSSL.
    #[must_use]
    pub fn needs_ssl(&self) -> bool {
        self.needs.contains(&Feature::Ssl)
    }

    /// What it does, where the tables say so of it or of another name of the same thing.
    #[must_use]
    pub(crate) fn help(&self) -> Option<&'static Help> {
        let names = std::iter::once(self.name.as_str()).chain(self.aliases.iter());
        let mut found = names.filter_map(|name| find(HELP, name, |row| row.name));
        found.next()
    }

    /// What its value is, in words; empty where nothing can be said.
    #[must_use]
    pub(crate) fn value_in_words(&self) -> &'static str {
        match self.kind {
            ValueKind::Flag | ValueKind::InvertedFlag => "`true` or `false`",
            ValueKind::Count | ValueKind::Unsigned => "a number from 0 on",
            ValueKind::Short => "a number from 0 to 65535",
            ValueKind::Number => "a number",
            ValueKind::Octal => "a mode such as 660",
            ValueKind::Address => "an address such as `:8000`, or the path of a socket",
            ValueKind::TlsAddress => "`address,certificate,key`",
            ValueKind::Route => "`regex action:argument`",
            ValueKind::RouteIf => "`condition:argument action:argument`",
            ValueKind::RouteRun => "`action:argument`",
            ValueKind::RegexValue => "`regex value`",
            ValueKind::ValueRegex => "`value regex`",
            ValueKind::Regex => "a regular expression",
            ValueKind::Mapping => "`key=value`",
            ValueKind::Assignment => "`NAME=value`",
            ValueKind::Names => "names with commas between",
            ValueKind::Path => "a path",
            ValueKind::Folder => "a directory",
            ValueKind::Command => "a command",
            ValueKind::User => "a user",
            ValueKind::Group => "a group",
            ValueKind::Ignored => "nothing that has an effect",
            ValueKind::Text | ValueKind::Logic | ValueKind::Other => "",
        }
    }

    /// It starts a master process even where `master` is absent or off.
    #[must_use]
    pub fn implies_master(&self) -> bool {
        self.implies.contains("master")
    }

    /// What is wrong with a value, as far as the value alone tells. Values with `%(..)`, `$(..)` or
    /// `@(..)` are put together at start and never judged.
    #[must_use]
    pub fn fault(&self, value: &str) -> Option<Fault> {
        if ["%(", "$(", "@("].iter().any(|sign| value.contains(sign)) {
            return None;
        }
        match self.kind {
            ValueKind::Count if value.trim_start().starts_with('-') => Some(Fault::Negative),
            ValueKind::Count | ValueKind::Unsigned | ValueKind::Short
                if (self.takes == Takes::Required || !value.trim().is_empty())
                    && !is_number(value) =>
            {
                Some(Fault::NotANumber)
            }
            ValueKind::Short if value.trim().parse::<u64>().is_ok_and(|n| n > 65535) => {
                Some(Fault::TooLarge)
            }
            ValueKind::Route | ValueKind::RegexValue
                if value
                    .split_once(' ')
                    .is_some_and(|(pattern, _)| pattern::broken(pattern).is_some()) =>
            {
                Some(Fault::Pattern)
            }
            ValueKind::Regex if pattern::broken(value).is_some() => Some(Fault::Pattern),
            ValueKind::Mapping if !value.contains('=') => Some(Fault::NoEquals),
            ValueKind::RegexValue if !value.contains(' ') => Some(Fault::NoSpace),
            ValueKind::Route | ValueKind::RouteIf => match value.split_once(' ') {
                Some((_, command)) => command_fault(command),
                None => Some(Fault::NoSpace),
            },
            ValueKind::RouteRun => command_fault(value),
            ValueKind::Address if self.is_listener() && is_bare_port(value) => Some(Fault::NoColon),
            _ if self.name.starts_with("wsgi-env-behavio")
                && !matches!(value, "holy" | "cheat") =>
            {
                Some(Fault::Behavior)
            }
            _ => None,
        }
    }

    fn is_listener(&self) -> bool {
        ["http", "https"].contains(&self.name.as_str())
            || self.name.ends_with("socket")
            || &*self.name == "httprouter"
    }
}

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Fatal at start.
    Negative,
    /// Silently read as 0, or as the digits it begins with.
    NotANumber,
    /// Fatal at start: `key=value` is wanted.
    NoEquals,
    /// Fatal at start: two fields with a blank between are wanted.
    NoSpace,
    /// A port alone is a UNIX socket of that name: nothing listens on the network.
    NoColon,
    /// Fatal at start: a route wants `action:argument`.
    NoAction,
    /// Fatal at start: no such action.
    UnknownAction,
    /// Fatal at start: neither `holy` nor `cheat`.
    Behavior,
    /// Fatal at start: PCRE refuses the pattern.
    Pattern,
    /// Silently cut to 65535.
    TooLarge,
}

impl Fault {
    /// The server does not start.
    #[must_use]
    pub fn is_fatal(self) -> bool {
        !matches!(self, Self::NotANumber | Self::NoColon | Self::TooLarge)
    }

    /// Kebab-case, for conditions.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Negative => "negative",
            Self::NotANumber => "not-a-number",
            Self::NoEquals => "no-equals",
            Self::NoSpace => "no-space",
            Self::NoColon => "no-colon",
            Self::NoAction => "no-action",
            Self::UnknownAction => "unknown-action",
            Self::Behavior => "behavior",
            Self::Pattern => "pattern",
            Self::TooLarge => "too-large",
        }
    }
}

/// Whether a flag with that value is on. `atoi` and `strcasecmp` decide, so `banana` and the empty string are on.
#[must_use]
pub(crate) fn is_on(kind: ValueKind, value: &str) -> bool {
    let is_off = value == "0"
        || ["false", "off", "no"]
            .iter()
            .any(|word| value.eq_ignore_ascii_case(word));
    is_off == (kind == ValueKind::InvertedFlag)
}

/// What `atoi` makes of a value.
#[must_use]
pub(crate) fn atoi(value: &str) -> i64 {
    let text = value.trim_start();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    sign * digits
        .get(..end)
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

fn is_number(value: &str) -> bool {
    let text = value.trim();
    let digits = text.strip_prefix('+').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_bare_port(value: &str) -> bool {
    !value.is_empty() && value.len() <= 5 && value.bytes().all(|byte| byte.is_ascii_digit())
}

fn command_fault(command: &str) -> Option<Fault> {
    let Some((action, _)) = command.split_once(':') else {
        return Some(Fault::NoAction);
    };
    route_action(action)
        .is_none()
        .then_some(Fault::UnknownAction)
}

#[derive(Debug)]
struct OtherWay {
    part: &'static str,
    /// It may bring a socket.
    listens: bool,
}

static OTHER_WAYS: &[OtherWay] = include!(concat!(env!("OUT_DIR"), "/uwsgi-other-ways.rs"));

/// The option may bring sockets or applications in a way of its own, by its name.
#[must_use]
pub(crate) fn is_other_way(option: &str) -> bool {
    OTHER_WAYS.iter().any(|way| option.contains(way.part))
}

/// The option may bring a socket in a way of its own, by its name.
#[must_use]
pub(crate) fn may_listen(option: &str) -> bool {
    let mut ways = OTHER_WAYS.iter();
    ways.any(|way| way.listens && option.contains(way.part))
}

#[cfg(test)]
mod tests;
