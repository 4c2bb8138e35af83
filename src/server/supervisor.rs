//! Configuration files of supervisord: what it starts, as far as one file says.

use crate::compose::split;
use crate::shell::reserved;
use crate::span::{FileId, Span, Traced};

/// Options of one file that are read.
const MAX_OPTIONS: usize = 2_000;

/// What a file says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Supervisor {
    /// `nodaemon` of `[supervisord]`.
    pub(crate) nodaemon: Option<Traced>,
    /// `logfile` of `[supervisord]`.
    pub(crate) logfile: Value,
    /// `user` of `[supervisord]`.
    pub(crate) user: Value,
    /// Other files are read with it.
    pub(crate) has_include: bool,
    pub(crate) programs: Vec<Program>,
}

/// The value of an option.
#[derive(Debug, Clone, Default)]
pub(crate) enum Value {
    #[default]
    Absent,
    /// It has a variable in it, or goes on in another line.
    Unknown,
    Known(Traced),
}

impl Value {
    pub(crate) fn known(&self) -> Option<&Traced> {
        match self {
            Self::Known(value) => Some(value),
            Self::Absent | Self::Unknown => None,
        }
    }
}

/// `[program:name]`
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) name: Traced,
    pub(crate) command: Value,
    /// The directory that it starts in.
    pub(crate) directory: Value,
    /// All processes of its group get the signal that stops it, not the first one alone.
    pub(crate) stops_group: Value,
    pub(crate) user: Value,
    /// The variables of the program, or of all of them.
    pub(crate) environment: Value,
    /// `stdout_logfile` and `stderr_logfile`.
    pub(crate) logs: Vec<Traced>,
}

impl Program {
    /// The first operator of a shell among the words of the command, which supervisord hands to the program.
    pub(crate) fn operator(&self) -> Option<Traced> {
        let words = split(self.command.known()?)?;
        words
            .into_iter()
            .find(|word| reserved::is_operator(word.as_str()))
    }

    /// The program, where that is what only a shell knows.
    pub(crate) fn built_in(&self) -> Option<Traced> {
        let words = split(self.command.known()?)?;
        let first = words.into_iter().next()?;
        matches!(first.as_str(), "cd" | "source" | "export").then_some(first)
    }
}

/// The words of a command, as supervisord takes it apart.
pub(crate) fn words(command: &Traced) -> Option<Vec<Traced>> {
    split(command)
}

/// The part of `environment` at which supervisord gives up: it reads `NAME=value` and a comma in turns, and takes every
/// character for a part of its own that is neither of a word (letters, digits, `_/.+-():`) nor in quotes
/// (`dict_of_key_value_pairs` of supervisor 4.3).
pub(crate) fn broken_pair(value: &Traced) -> Option<Traced> {
    let parts = parts(value.as_str())?;
    let mut rest = parts.as_slice();
    while let Some(first) = rest.first() {
        let is_pair = matches!(rest, [_, equals, _, ..] if &value.as_str()[equals.clone()] == "=");
        if !is_pair {
            let text = &value.as_str()[first.clone()];
            return Some(Traced::new(text, value.span_of(first.clone())));
        }
        rest = rest.get(4..).unwrap_or_default();
    }
    None
}

/// The parts of a value as Python's `shlex.shlex` finds them; `None` where a quote or a comment makes that another
/// matter.
fn parts(text: &str) -> Option<Vec<std::ops::Range<usize>>> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_/.+-():".contains(c);
    let is_quote = |c: char| c == '"' || c == '\'';
    let mut out = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, first)) = chars.next() {
        let mut end = start + first.len_utf8();
        if first == '#' {
            return None;
        }
        if first.is_whitespace() {
            continue;
        }
        if is_quote(first) {
            end = chars.by_ref().find(|(_, c)| *c == first)?.0 + 1;
        } else if is_word(first) {
            while let Some((at, c)) = chars.next_if(|(_, c)| is_word(*c) || is_quote(*c)) {
                end = at + c.len_utf8();
            }
        }
        out.push(start..end);
    }
    Some(out)
}

/// Reads a file. Values with `%(NAME)s` in them are not known.
#[must_use]
pub(crate) fn read(file: FileId, text: &str) -> Supervisor {
    let mut out = Supervisor::default();
    let mut section = "";
    let mut at = 0;
    let place = |start: usize, text: &str| {
        let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Traced::new(text, Span::new(file, byte(start), byte(start + text.len())))
    };
    // The option that a line which begins with a space goes on with.
    let mut last = String::new();
    let mut left = MAX_OPTIONS;
    for raw in text.split_inclusive('\n') {
        let start = at;
        at += raw.len();
        let line = raw.trim();
        let lead = raw.len() - raw.trim_start().len();
        if line.is_empty() || line.starts_with([';', '#']) {
            continue;
        }
        if raw.starts_with([' ', '\t']) {
            out.forget(&last);
            continue;
        }
        if let Some(rest) = line.strip_prefix('[') {
            section = rest.split(']').next().unwrap_or_default().trim();
            last.clear();
            out.has_include |= section == "include";
            if let Some(name) = section.strip_prefix("program:") {
                let from = raw.find(name).map_or(start, |at| start + at);
                out.programs.push(Program {
                    name: place(from, name),
                    command: Value::Absent,
                    directory: Value::Absent,
                    stops_group: Value::Absent,
                    user: Value::Absent,
                    environment: Value::Absent,
                    logs: Vec::new(),
                });
            }
            continue;
        }
        let Some(equals) = line.find(['=', ':']) else {
            continue;
        };
        if left == 0 {
            break;
        }
        left -= 1;
        let key = line[..equals].trim().to_ascii_lowercase();
        let value = &line[equals + 1..];
        let from = start + lead + equals + 1 + (value.len() - value.trim_start().len());
        let value = value.trim();
        // A comment behind a value begins with a space.
        let end = value.find(" ;").or_else(|| value.find("\t;"));
        let value = value[..end.unwrap_or(value.len())].trim_end();
        let known = match value.contains("%(") {
            true => Value::Unknown,
            false => Value::Known(place(from, value)),
        };
        last.clone_from(&key);
        if section == "supervisord" {
            match key.as_str() {
                "nodaemon" => out.nodaemon = Some(place(from, value)),
                "logfile" => out.logfile = known,
                "user" => out.user = known,
                _ => {}
            }
            continue;
        }
        let Some(program) = out.programs.last_mut() else {
            continue;
        };
        if !section.starts_with("program:") {
            continue;
        }
        match key.as_str() {
            "command" => program.command = known,
            "user" => program.user = known,
            "directory" => program.directory = known,
            "stopasgroup" => program.stops_group = known,
            "environment" => program.environment = known,
            "stdout_logfile" | "stderr_logfile" => program.logs.extend(known.known().cloned()),
            _ => {}
        }
    }
    out
}

impl Supervisor {
    /// The value of an option goes on in another line.
    fn forget(&mut self, option: &str) {
        let Some(program) = self.programs.last_mut() else {
            return;
        };
        match option {
            "command" => program.command = Value::Unknown,
            "environment" => program.environment = Value::Unknown,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_of_variables() {
        let broken = |text: &str| {
            let end = u32::try_from(text.len()).unwrap();
            broken_pair(&Traced::new(text, Span::new(FileId(0), 0, end)))
                .map(|it| it.as_str().to_owned())
        };
        for fine in [
            "A=1",
            "A=1,B=2",
            "A=\"x,y\",B='z@'",
            "PATH=/venv/bin:/usr/bin",
            "A=\"1\", B=2",
            "",
        ] {
            assert_eq!(broken(fine), None, "{fine}");
        }
        let hosts = "HOSTS=a.example,b.example,N=3";
        assert_eq!(broken(hosts).as_deref(), Some("b.example"));
        assert_eq!(broken("URL=redis://x@y").as_deref(), Some("y"));
        assert_eq!(broken("A=").as_deref(), Some("A"));
    }

    #[test]
    fn programs_are_read() {
        let text = "[supervisord]\nnodaemon = true ; stay\nuser=root\nlogfile=%(here)s/log\n\n[program:web]\n\
                    command=gunicorn shop.wsgi > /var/log/x\n\
                    user: app\nstdout_logfile=/var/log/shop/out.log\n[program:beat]\ncommand=cd /code\n[program:long]\n\
                    command=celery\n  -A shop\n[program:e]\ncommand=%(ENV_X)s && y\n";
        let found = read(FileId(0), text);
        assert_eq!(found.nodaemon.as_ref().map(Traced::as_str), Some("true"));
        assert_eq!(found.user.known().map(Traced::as_str), Some("root"));
        assert!(matches!(found.logfile, Value::Unknown));
        let text_of = |part: &Option<Traced>| part.as_ref().map(|it| it.as_str().to_owned());
        let [web, beat, long, env] = found.programs.as_slice() else {
            panic!("four programs");
        };
        assert_eq!(text_of(&web.operator()).as_deref(), Some(">"));
        assert_eq!(web.user.known().map(Traced::as_str), Some("app"));
        let log = &web.logs[0];
        assert_eq!(log.span().slice(text), "/var/log/shop/out.log");
        assert_eq!(web.name.span().slice(text), "web");
        assert_eq!(text_of(&beat.built_in()).as_deref(), Some("cd"));
        let is_open = |it: &Program| matches!(it.command, Value::Unknown);
        assert!(is_open(long) && is_open(env));
    }
}
