//! Which flags an instruction takes, and whether their values can be.
//!
//! Only what BuildKit refuses whatever the variables hold: a value with `$` is not judged.

use super::ast::{Flag, Keyword};
use super::suggest;
use crate::span::{Span, Traced};

/// What a flag takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing, `=true` or `=false`.
    Switch,
    One,
    /// It may be repeated.
    Many,
}

type Problem = (Span, String);

fn known(keyword: Keyword) -> &'static [(&'static str, Kind)] {
    match keyword {
        Keyword::Add => &[
            ("checksum", Kind::One),
            ("chmod", Kind::One),
            ("chown", Kind::One),
            ("exclude", Kind::Many),
            ("keep-git-dir", Kind::Switch),
            ("link", Kind::Switch),
            ("unpack", Kind::Switch),
        ],
        Keyword::Copy => &[
            ("chmod", Kind::One),
            ("chown", Kind::One),
            ("exclude", Kind::Many),
            ("from", Kind::One),
            ("link", Kind::Switch),
            ("parents", Kind::Switch),
        ],
        Keyword::From => &[("platform", Kind::One)],
        Keyword::Healthcheck => &[
            ("interval", Kind::One),
            ("retries", Kind::One),
            ("start-interval", Kind::One),
            ("start-period", Kind::One),
            ("timeout", Kind::One),
        ],
        Keyword::Run => &[
            ("device", Kind::Many),
            ("mount", Kind::Many),
            ("network", Kind::One),
            ("security", Kind::One),
        ],
        _ => &[],
    }
}

/// Checks the flags of an instruction that reads them; the first problem of each is told.
pub(super) fn check(keyword: Keyword, flags: &[Flag], problems: &mut Vec<Problem>) {
    for (index, flag) in flags.iter().enumerate() {
        if let Err(message) = one(keyword, flag, &flags[..index]) {
            problems.push((flag.span, message));
        } else if let Some(value) = &flag.value
            && let Err(problem) = value_of(keyword, flag.name.as_str(), value)
        {
            problems.push(problem);
        }
    }
}

fn one(keyword: Keyword, flag: &Flag, before: &[Flag]) -> Result<(), String> {
    let name = flag.name.as_str();
    let instruction = keyword.name();
    let flags = known(keyword);
    let Some((_, kind)) = flags.iter().find(|(known, _)| *known == name) else {
        if flags.is_empty() {
            return Err(format!(
                "{instruction} takes no flags: `--{name}` is not read"
            ));
        }
        let names = flags.iter().map(|(name, _)| *name);
        return Err(match suggest::nearest(name, names.clone()) {
            Some(meant) => {
                format!("{instruction} has no flag `--{name}`: did you mean `--{meant}`?")
            }
            None => {
                let list: Vec<_> = names.map(|name| format!("`--{name}`")).collect();
                let list = list.join(", ");
                format!("{instruction} has no flag `--{name}`: it takes {list}")
            }
        });
    };
    if *kind != Kind::Many && before.iter().any(|other| other.name.as_str() == name) {
        return Err(format!("`--{name}` stands twice"));
    }
    let value = flag.value.as_ref().map(Traced::as_str);
    match (kind, value) {
        (Kind::Switch, None) => Ok(()),
        (Kind::Switch, Some(value))
            if value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false") =>
        {
            Ok(())
        }
        (Kind::Switch, Some(value)) => {
            Err(format!("`--{name}` is `true` or `false`, not `{value}`"))
        }
        (_, None) => Err(format!("`--{name}` needs a value: write `--{name}=...`")),
        (_, Some(_)) => Ok(()),
    }
}

fn value_of(keyword: Keyword, name: &str, value: &Traced) -> Result<(), Problem> {
    let text = value.as_str();
    let at_value = |message| (value.span(), message);
    match (keyword, name) {
        (Keyword::Run, "network") => choice(text, &["default", "none", "host"], "network mode"),
        (Keyword::Run, "security") => choice(text, &["insecure", "sandbox"], "security mode"),
        (Keyword::Run, "mount") => return mount(value),
        (Keyword::Run, "device") => return device(value),
        (Keyword::Healthcheck, "retries") => retries(text),
        (Keyword::Healthcheck, _) => interval(name, text),
        _ => Ok(()),
    }
    .map_err(at_value)
}

fn choice(value: &str, choices: &[&str], what: &str) -> Result<(), String> {
    if choices.contains(&value) {
        return Ok(());
    }
    let list: Vec<_> = choices.iter().map(|choice| format!("`{choice}`")).collect();
    let list = list.join(", ");
    Err(format!("`{value}` is not a {what}: use one of {list}"))
}

fn retries(value: &str) -> Result<(), String> {
    if value.is_empty() || value.parse::<i32>().is_ok_and(|number| number >= 0) {
        return Ok(());
    }
    Err(format!(
        "`{value}` is not a number of retries: use a whole number"
    ))
}

fn interval(name: &str, value: &str) -> Result<(), String> {
    if value.is_empty() {
        return Ok(());
    }
    match duration(value) {
        None => Err(format!(
            "`{value}` is not a duration: write a number with its unit, such as `30s` or `1m30s`"
        )),
        // In nanoseconds; zero means the default.
        Some(duration) if duration != 0.0 && duration < 1e6 => {
            Err(format!("`--{name}` cannot be below `1ms`"))
        }
        Some(_) => Ok(()),
    }
}

/// A duration as Go writes it, in nanoseconds.
fn duration(text: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 8] = [
        ("ns", 1.0),
        ("us", 1e3),
        ("\u{b5}s", 1e3),
        ("\u{3bc}s", 1e3),
        ("ms", 1e6),
        ("s", 1e9),
        ("m", 6e10),
        ("h", 3.6e12),
    ];
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0.0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let is_number = |c: char| c.is_ascii_digit() || c == '.';
        let number = &rest[..rest.find(|c| !is_number(c))?];
        let after = &rest[number.len()..];
        let unit = &after[..after.find(is_number).unwrap_or(after.len())];
        let (_, scale) = UNITS.iter().find(|(name, _)| *name == unit)?;
        if !number.bytes().any(|b| b.is_ascii_digit()) {
            return None;
        }
        total += number.parse::<f64>().ok()? * scale;
        rest = &after[unit.len()..];
    }
    // Go's durations are 64 bits wide.
    (total <= 9.223_372_036_854_776e18).then_some(sign * total)
}

/// The fields of a comma-separated value; each with its range when it is written without quotes.
fn fields(text: &str) -> Result<Vec<(String, std::ops::Range<usize>)>, &'static str> {
    if text.trim_end_matches('\n').is_empty() {
        return Err("is empty");
    }
    let mut fields = Vec::new();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let Some(quoted) = rest.strip_prefix('"') else {
            let length = rest.find(',').unwrap_or(rest.len());
            let field = &rest[..length];
            if field.contains('"') {
                return Err("has a quote inside a field");
            }
            fields.push((field.to_owned(), at..at + length));
            if length == rest.len() {
                return Ok(fields);
            }
            at += length + 1;
            continue;
        };
        let mut field = String::new();
        let mut tail = quoted;
        loop {
            let Some((part, after)) = tail.split_once('"') else {
                return Err("has a quote that is not closed");
            };
            field.push_str(part);
            tail = after;
            match tail.strip_prefix('"') {
                Some(after) => {
                    field.push('"');
                    tail = after;
                }
                None => break,
            }
        }
        let end = text.len() - tail.len();
        fields.push((field, at..end));
        if tail.is_empty() {
            return Ok(fields);
        }
        if !tail.starts_with(',') {
            return Err("has text after a closing quote");
        }
        at = end + 1;
    }
}

const MOUNT_KEYS: [&str; 19] = [
    "type",
    "from",
    "source",
    "target",
    "readonly",
    "id",
    "sharing",
    "required",
    "size",
    "mode",
    "uid",
    "gid",
    "src",
    "dst",
    "destination",
    "ro",
    "rw",
    "readwrite",
    "env",
];
const BARE_MOUNT_KEYS: [&str; 5] = ["readonly", "ro", "readwrite", "rw", "required"];

fn mount(value: &Traced) -> Result<(), Problem> {
    let text = value.as_str();
    let fields = fields(text).map_err(|why| (value.span(), format!("the mount {why}")))?;
    for (field, range) in fields {
        let span = value.span_of(range);
        let (name, given) = match field.split_once('=') {
            Some((name, given)) => (name, Some(given)),
            None => (field.as_str(), None),
        };
        let key = name.to_lowercase();
        if key.contains('$') {
            continue;
        }
        if !MOUNT_KEYS.contains(&key.as_str()) {
            return Err((span, unknown_field(&key)));
        }
        let Some(given) = given else {
            if BARE_MOUNT_KEYS.contains(&key.as_str()) {
                continue;
            }
            return Err((span, format!("`{key}` needs a value: write `{key}=...`")));
        };
        let has_variable = given.find('$').is_some_and(|at| at + 1 < given.len());
        if key == "from" && has_variable {
            let message = "`from` takes no variables: name a stage built from the image instead";
            return Err((span, message.to_owned()));
        }
        if has_variable {
            continue;
        }
        let types = ["bind", "cache", "tmpfs", "secret", "ssh"];
        let lower = given.to_lowercase();
        let result = match key.as_str() {
            "type" => choice(&lower, &types, "mount type"),
            "sharing" => choice(&lower, &["shared", "private", "locked"], "sharing mode"),
            _ => Ok(()),
        };
        result.map_err(|message| (span, message))?;
    }
    Ok(())
}

fn unknown_field(key: &str) -> String {
    match suggest::nearest(key, MOUNT_KEYS.iter().copied()) {
        Some(meant) => format!("a mount has no field `{key}`: did you mean `{meant}`?"),
        None => format!("a mount has no field `{key}`"),
    }
}

fn device(value: &Traced) -> Result<(), Problem> {
    match fields(value.as_str()) {
        Ok(_) => Ok(()),
        Err(why) => Err((value.span(), format!("the device {why}"))),
    }
}
