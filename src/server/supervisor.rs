//! Configuration files of supervisord: what it starts, as far as one file says.

use crate::compose::split;
use crate::knowledge::words::{OptionWords, ValueWords};
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
    /// `directory` of `[supervisord]`.
    pub(crate) directory: Value,
    /// `environment` of `[supervisord]`: the variables of all programs.
    pub(crate) environment: Value,
    /// Other files are read with it.
    pub(crate) has_include: bool,
    /// `files` of `[include]`: patterns of those, with spaces between.
    pub(crate) included: Value,
    /// It starts others than programs: `[fcgi-program:web]`.
    pub(crate) has_others: bool,
    pub(crate) programs: Vec<Program>,
}

/// The value of an option.
#[derive(Debug, Clone, Default)]
pub(crate) enum Value {
    #[default]
    Absent,
    /// It goes on in another line.
    Unknown,
    /// It has variables in it: `%(ENV_PORT)s`.
    Open(Traced),
    Known(Traced),
}

impl Value {
    pub(crate) fn known(&self) -> Option<&Traced> {
        match self {
            Self::Known(value) => Some(value),
            Self::Absent | Self::Open(_) | Self::Unknown => None,
        }
    }

    /// The value with its variables filled in by `get`; unknown where one is not known.
    pub(crate) fn filled(&self, get: &dyn Fn(&str) -> Option<Traced>) -> Self {
        match self {
            Self::Open(text) => fill(text, get).map_or(Self::Unknown, Self::Known),
            other => other.clone(),
        }
    }
}

/// A text with its variables filled in, as Python's `%` does it for strings; `None` where one is not known.
fn fill(text: &Traced, get: &dyn Fn(&str) -> Option<Traced>) -> Option<Traced> {
    let mut out = Traced::empty(text.span());
    let mut at = 0;
    while let Some(found) = text.as_str()[at..].find('%') {
        let start = at + found;
        out.push_slice(text, at..start);
        let rest = &text.as_str()[start + 1..];
        if rest.starts_with('%') {
            out.push("%", text.span_of(start..start + 2));
            at = start + 2;
            continue;
        }
        let (name, _) = rest.strip_prefix('(')?.split_once(")s")?;
        let value = get(name)?;
        at = start + name.len() + 4;
        // It is edited here, wherever the variable has its value from.
        out.push(value.as_str(), text.span_of(start..at));
    }
    out.push_slice(text, at..text.len());
    Some(out)
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
    /// Its variables.
    pub(crate) environment: Value,
    /// `autostart`; it is started where that is absent.
    pub(crate) autostart: Value,
    /// `stdout_logfile` and `stderr_logfile`.
    pub(crate) logs: Vec<Traced>,
    /// `stopsignal`
    pub(crate) stop_signal: Value,
    /// `stopwaitsecs`
    pub(crate) stop_wait: Value,
    /// The first `%` of its options that supervisord cannot expand, with what belongs to it.
    pub(crate) broken_percent: Option<Traced>,
}

impl Program {
    fn new(name: Traced) -> Self {
        Self {
            name,
            command: Value::Absent,
            user: Value::Absent,
            environment: Value::Absent,
            directory: Value::Absent,
            stops_group: Value::Absent,
            autostart: Value::Absent,
            logs: Vec::new(),
            stop_signal: Value::Absent,
            stop_wait: Value::Absent,
            broken_percent: None,
        }
    }

    /// It is started with supervisord; `None` where that is not known.
    pub(crate) fn is_started(&self) -> Option<bool> {
        match &self.autostart {
            Value::Absent => Some(true),
            Value::Known(value) => {
                let value = value.as_str().to_ascii_lowercase();
                let is_no = ValueWords::No.contains(&value);
                (is_no || ValueWords::Yes.contains(&value)).then_some(!is_no)
            }
            Value::Open(_) | Value::Unknown => None,
        }
    }

    /// The first operator of a shell among the words of the command, which supervisord hands to the program.
    pub(crate) fn operator(&self) -> Option<Traced> {
        let words = split(self.command.known()?)?;
        words
            .into_iter()
            .find(|word| reserved::is_operator(word.as_str()))
    }

    /// The program that it starts itself, without its directory.
    pub(crate) fn program(&self) -> Option<Traced> {
        let words = split(self.command.known()?)?;
        let first = words.into_iter().next()?;
        let from = first.as_str().rfind('/').map_or(0, |at| at + 1);
        Some(first.slice(from..first.len()))
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

/// The variables of an `environment`, each with its value as written, without quotes; `None` where supervisord gives
/// up.
pub(crate) fn pairs(value: &Traced) -> Option<Vec<(Traced, Traced)>> {
    if broken_pair(value).is_some() {
        return None;
    }
    let parts = parts(value.as_str())?;
    let pairs = parts.chunks(4).map(|pair| {
        let (name, text) = (value.slice(pair[0].clone()), value.slice(pair[2].clone()));
        let quotes = ['"', '\''];
        let inner = quotes.iter().find_map(|quote| {
            let inner = text.as_str().strip_prefix(*quote)?.strip_suffix(*quote)?;
            Some(1..=inner.len())
        });
        let text = match inner {
            Some(inner) => text.slice(*inner.start()..inner.end() + 1),
            None => text,
        };
        (name, text)
    });
    Some(pairs.collect())
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

/// Where an option of a program has a `%` that supervisord cannot expand: it formats each of them as Python does, with
/// the names that it knows (`expand` of supervisor 4.3).
fn broken_percent(text: &str) -> Option<std::ops::Range<usize>> {
    let mut at = 0;
    while let Some(found) = text[at..].find('%') {
        let start = at + found;
        let mut rest = &text[start + 1..];
        let mut name = None;
        if let Some(inner) = rest.strip_prefix('(') {
            let Some(end) = inner.find(')') else {
                return Some(start..text.len());
            };
            name = Some(&inner[..end]);
            rest = &inner[end + 1..];
        }
        rest = rest.trim_start_matches(['#', '0', '-', ' ', '+']);
        rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        if let Some(precision) = rest.strip_prefix('.') {
            rest = precision.trim_start_matches(|c: char| c.is_ascii_digit());
        }
        rest = rest.strip_prefix(['h', 'l', 'L']).unwrap_or(rest);
        let Some(kind) = rest.chars().next() else {
            return Some(start..text.len());
        };
        at = text.len() - rest.len() + kind.len_utf8();
        let is_text = matches!(kind, 's' | 'r' | 'a');
        let is_fine = match name {
            _ if matches!(kind, '%' | '*') => true,
            Some(name) if is_text => is_expansion(name),
            // Whether the value of a variable is a number is not known.
            Some(name) => is_expansion(name) && kind.is_ascii_alphabetic(),
            None => is_text,
        };
        if !is_fine {
            let end = text[start..at].find(char::is_whitespace);
            return Some(start..end.map_or(at, |end| start + end));
        }
    }
    None
}

/// A name that stands for something in each program.
fn is_expansion(name: &str) -> bool {
    name.starts_with("ENV_") || OptionWords::SupervisorExpands.contains(name)
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

/// Where a comment behind a value begins, with the space before it.
fn comment(value: &str) -> Option<usize> {
    let mut pairs = value.as_bytes().windows(2);
    pairs.position(|pair| matches!(pair, [b' ' | b'\t', b';' | b'#']))
}

/// Reads a file. Values with `%(NAME)s` in them are open.
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
            let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            let end = Span::new(file, byte(start + lead), byte(start + lead + line.len()));
            out.goes_on(section, &last, &Traced::new(line, end));
            out.note_percent(section, &place(start + lead, without_comment(line)));
            continue;
        }
        if let Some(rest) = line.strip_prefix('[') {
            section = rest.split(']').next().unwrap_or_default().trim();
            last.clear();
            out.has_include |= section == "include";
            out.has_others |= section.starts_with("fcgi-program:");
            if let Some(name) = section.strip_prefix("program:") {
                let from = raw.find(name).map_or(start, |at| start + at);
                out.programs.push(Program::new(place(from, name)));
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
        // A comment behind a value begins with a space; with `#` since supervisor runs on Python 3.
        let value = without_comment(value);
        let known = match value.contains('%') {
            true => Value::Open(place(from, value)),
            false => Value::Known(place(from, value)),
        };
        last.clone_from(&key);
        out.note_percent(section, &place(from, value));
        if section == "supervisord" {
            match key.as_str() {
                "nodaemon" => out.nodaemon = Some(place(from, value)),
                "logfile" => out.logfile = known,
                "user" => out.user = known,
                "directory" => out.directory = known,
                "environment" => out.environment = known,
                _ => {}
            }
            continue;
        }
        if section == "include" && key == "files" {
            out.included = known;
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
            "autostart" => program.autostart = known,
            "stopsignal" => program.stop_signal = known,
            "stopwaitsecs" => program.stop_wait = known,
            "stdout_logfile" | "stderr_logfile" => program.logs.extend(known.known().cloned()),
            _ => {}
        }
    }
    out
}

/// A value without the comment behind it.
fn without_comment(value: &str) -> &str {
    value[..comment(value).unwrap_or(value.len())].trim_end()
}

impl Supervisor {
    /// Looks for what cannot be expanded in an option of the last program.
    fn note_percent(&mut self, section: &str, value: &Traced) {
        let Some(program) = self.programs.last_mut() else {
            return;
        };
        if section.starts_with("program:") && program.broken_percent.is_none() {
            let found = broken_percent(value.as_str());
            program.broken_percent = found.map(|range| value.slice(range));
        }
    }

    /// The value of an option goes on in another line.
    fn goes_on(&mut self, section: &str, option: &str, line: &Traced) {
        if section == "include" {
            self.included = Value::Unknown;
            return;
        }
        if section == "supervisord" && option == "environment" {
            return self.environment.add(line);
        }
        let program = self.programs.last_mut();
        let Some(program) = program.filter(|_| section.starts_with("program:")) else {
            return;
        };
        match option {
            "command" => program.command.add(line),
            "environment" => program.environment.add(line),
            _ => {}
        }
    }

    /// What a file says that is read with it.
    pub(crate) fn include(&mut self, other: Self) {
        let instead = |own: &mut Value, other: Value| {
            if !matches!(other, Value::Absent) {
                *own = other;
            }
        };
        self.nodaemon = other.nodaemon.or_else(|| self.nodaemon.take());
        instead(&mut self.logfile, other.logfile);
        instead(&mut self.user, other.user);
        instead(&mut self.directory, other.directory);
        instead(&mut self.environment, other.environment);
        self.has_others |= other.has_others;
        self.programs.extend(other.programs);
    }
}

impl Value {
    /// A line that the value goes on with: Python's reader of such files keeps the end of the line between, and
    /// supervisord takes it for white space.
    fn add(&mut self, line: &Traced) {
        let is_comment = comment(line.as_str()).is_some();
        let (Self::Known(own) | Self::Open(own)) = self else {
            return;
        };
        let mut all = own.clone();
        if !all.is_empty() {
            all.push("\n", Span::point(line.span().file, line.span().start));
        }
        all.push_traced(line);
        *self = match (is_comment, all.as_str().contains('%')) {
            (true, _) => Self::Unknown,
            (false, true) => Self::Open(all),
            (false, false) => Self::Known(all),
        };
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
    fn variables_of_programs_are_read() {
        let text = "[supervisord]\nenvironment=A=1\n[program:web]\nautostart=False\n\
                    environment=\n  B='x,y',\n  C=\"%(here)s\"\n\
                    [include]\nfiles = conf.d/*.conf # more\n";
        let found = read(FileId(0), text);
        assert_eq!(found.environment.known().map(Traced::as_str), Some("A=1"));
        assert_eq!(
            found.included.known().map(Traced::as_str),
            Some("conf.d/*.conf")
        );
        let web = &found.programs[0];
        assert_eq!(web.is_started(), Some(false));
        let Value::Open(environment) = &web.environment else {
            panic!("it has a variable");
        };
        let found: Vec<String> = pairs(environment)
            .unwrap()
            .iter()
            .map(|(name, value)| format!("{}={}", name.as_str(), value.as_str()))
            .collect();
        assert_eq!(found, ["B=x,y", "C=%(here)s"]);
    }

    #[test]
    fn percent_signs_that_nothing_expands() {
        let broken = |text: &str| broken_percent(text).map(|range| text[range].to_owned());
        for fine in [
            "celery worker -n shop@%%h",
            "gunicorn -b %(ENV_HOST)s -n %(program_name)s_%(process_num)02d",
            "%(here)s/run",
            "a %s b",
            "100%%",
        ] {
            assert_eq!(broken(fine), None, "{fine}");
        }
        assert_eq!(broken("worker -n shop@%h --beat").as_deref(), Some("%h"));
        assert_eq!(broken("worker -n %n@shop").as_deref(), Some("%n"));
        assert_eq!(broken("date +%Y").as_deref(), Some("%Y"));
        assert_eq!(broken("--format '%(h)s %(t)s'").as_deref(), Some("%(h)s"));
        assert_eq!(broken("at 100%").as_deref(), Some("%"));
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
        assert!(matches!(found.logfile, Value::Open(_)));
        let text_of = |part: &Option<Traced>| part.as_ref().map(|it| it.as_str().to_owned());
        let [web, beat, long, env] = found.programs.as_slice() else {
            panic!("four programs");
        };
        assert_eq!(text_of(&web.operator()).as_deref(), Some(">"));
        let user = web.user.known().unwrap();
        assert_eq!(user.as_str(), "app");
        let log = &web.logs[0];
        assert_eq!(log.span().slice(text), "/var/log/shop/out.log");
        assert_eq!(web.name.span().slice(text), "web");
        assert_eq!(text_of(&beat.built_in()).as_deref(), Some("cd"));
        let words = split(long.command.known().unwrap()).unwrap();
        assert_eq!(words.len(), 3);
        assert!(matches!(env.command, Value::Open(_)));
        let filled = |value: &Value| value.filled(&|name| (name == "ENV_X").then(|| user.clone()));
        assert_eq!(
            filled(&env.command).known().map(Traced::as_str),
            Some("app && y")
        );
        assert!(matches!(filled(&found.logfile), Value::Unknown));
    }
}
