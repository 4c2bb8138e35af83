//! The jobs of the tables of cron that a COPY brings: what each of them calls by its bare name, and what makes Debian's
//! cron ignore a table as a whole.

use crate::facts::model::CronTable;
use crate::shell::{self, Dialect, Options, UnknownVariables};
use crate::source::is_in;
use crate::span::{FileId, Span, Traced};

/// Files and directories of tables with a user before each command.
const WITH_USER: [&str; 2] = ["/etc/cron.d", "/etc/crontab"];

/// cron reads the file at a path of the image.
pub(crate) fn is_table(path: &str) -> bool {
    WITH_USER.iter().any(|one| is_in(path, one))
}

/// A directory of tables.
pub(crate) fn is_directory(path: &str) -> bool {
    path.trim_end_matches('/') == WITH_USER[0]
}

/// Reads a table, of which each job names its user.
pub(crate) fn read(file: FileId, text: &str) -> CronTable {
    CronTable {
        called: bare_programs(file, text),
        users: users(file, text),
        jobs: commands(file, text),
        variables: variables(text),
        unended: unended(file, text),
    }
}

/// Debian's cron passes over the files of its directory whose names have other characters (cron(8), "run-parts").
pub(crate) fn is_read_by_name(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !is_in(path, WITH_USER[0]) || name.chars().all(is_allowed)
}

/// The word at the place of the user in each job, as far as it may be told from the rest.
fn users(file: FileId, text: &str) -> Vec<Traced> {
    let mut out = Vec::new();
    for (from, line) in jobs(text) {
        let fields = if line.trim_start().starts_with('@') {
            1
        } else {
            5
        };
        let Some(at) = behind(line, fields) else {
            continue;
        };
        let word = line[at..].split_whitespace().next().unwrap_or_default();
        out.push(traced(file, from + at, word));
    }
    out
}

/// A job without the word for its user.
pub(crate) fn behind_user(job: &Traced) -> Option<Traced> {
    let (user, rest) = job.as_str().split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    let at = job.len() - rest.len();
    (!user.is_empty() && !rest.is_empty()).then(|| job.slice(at..job.len()))
}

/// What stands behind the times of each job.
fn commands(file: FileId, text: &str) -> Vec<Traced> {
    let of = |(from, line): (usize, &str)| {
        let is_named = line.trim_start().starts_with('@');
        let at = behind(line, if is_named { 1 } else { 5 })?;
        Some(traced(file, from + at, line[at..].trim_end()))
    };
    jobs(text).filter_map(of).collect()
}

/// The sign of a command at which cron cuts it, where a shell cannot read what stands before it.
pub(crate) fn cut(job: &Traced) -> Option<Traced> {
    let text = job.as_str();
    let at = text.match_indices('%').map(|(at, _)| at);
    let at = at.into_iter().find(|at| !text[..*at].ends_with('\\'))?;
    let before = job.slice(0..at);
    let whole = job.slice(0..text.len());
    let is_read = |text: &Traced| shell::parse(text, Dialect::Posix).errors.is_empty();
    (!is_read(&before) && is_read(&whole)).then(|| job.slice(at..at + 1))
}

/// The variables that a table sets for its jobs.
fn variables(text: &str) -> Vec<String> {
    let names = text.lines().filter_map(assigned);
    names
        .map(|name| name.trim_matches(['"', '\'']).to_owned())
        .collect()
}

/// The lines, with where they begin.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let from = start;
        start += line.len();
        (from, line)
    })
}

/// The lines that are jobs, with where they begin.
fn jobs(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let begins = |line: &str| {
        let mut chars = line.trim_start().chars();
        chars
            .next()
            .is_some_and(|c| c.is_ascii_digit() || "*@".contains(c))
    };
    lines(text).filter(move |(_, line)| begins(line) && assigned(line).is_none())
}

/// The variable that a line sets.
fn assigned(line: &str) -> Option<&str> {
    let line = line.trim();
    let name = line.split(['=', ' ', '\t']).next().unwrap_or_default();
    let rest = line[name.len()..].trim_start();
    rest.starts_with('=').then_some(name)
}

fn unended(file: FileId, text: &str) -> Option<Span> {
    let last = text.rsplit('\n').next().filter(|last| !last.is_empty())?;
    Some(traced(file, text.len() - last.len(), last).span())
}

fn traced(file: FileId, from: usize, text: &str) -> Traced {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Traced::new(
        text,
        Span::new(file, offset(from), offset(from + text.len())),
    )
}

/// The programs that the jobs of a table call by their bare names, in the order of the file; none where the table says
/// where programs are. Debian's cron looks in `/usr/bin` and `/bin` alone. Tried with cron 3.0pl1 of Debian.
fn bare_programs(file: FileId, text: &str) -> Vec<(String, Span)> {
    let mut out = Vec::new();
    for (from, line) in lines(text) {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        match assigned(line) {
            Some("PATH" | "SHELL" | "BASH_ENV") => return Vec::new(),
            Some(_) => continue,
            None => {}
        }
        let fields = if trimmed.starts_with('@') { 2 } else { 6 };
        let Some(at) = behind(line, fields) else {
            continue;
        };
        let command = line[at..].trim_end();
        let offset = |at: usize| u32::try_from(from + at).unwrap_or(u32::MAX);
        let span = Span::new(file, offset(at), offset(at + command.len()));
        out.extend(called(&Traced::new(command, span)));
    }
    out
}

/// Where the word stands that so many words precede.
fn behind(line: &str, words: usize) -> Option<usize> {
    let mut at = 0;
    for _ in 0..words {
        let rest = line[at..].trim_start();
        at = line.len() - rest.len();
        at += rest.find(char::is_whitespace)?;
    }
    let rest = line[at..].trim_start();
    (!rest.is_empty()).then(|| line.len() - rest.len())
}

fn called(text: &Traced) -> Vec<(String, Span)> {
    let script = shell::parse(text, Dialect::Posix);
    let commands = script.commands(&UnknownVariables, &Options::default());
    let mut out = Vec::new();
    for command in &commands {
        let Some(program) = command.program.as_deref() else {
            break;
        };
        // Whatever follows may be found.
        let is_led = matches!(program, "." | "source" | "export")
            || command.assignments.iter().any(|it| it.name == "PATH");
        if is_led || command.wrappers.iter().any(|it| it != "exec") {
            break;
        }
        if !program.contains('/') {
            out.push((program.to_owned(), command.name_span));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let found = bare_programs(FileId(0), text).into_iter();
        found
            .map(|(name, span)| {
                assert_eq!(span.slice(text), name);
                name
            })
            .collect()
    }

    #[test]
    fn what_makes_cron_ignore_a_table() {
        let text = "MAILTO=\"\"\n# x\n0 3 * * * cd /srv && python x.py\n@daily root date\n*/5 * * * * root date";
        let table = super::read(FileId(0), text);
        let users: Vec<_> = table.users.iter().map(Traced::as_str).collect();
        assert_eq!(users, ["cd", "root", "root"]);
        let jobs: Vec<_> = table.jobs.iter().map(Traced::as_str).collect();
        let expected = ["cd /srv && python x.py", "root date", "root date"];
        assert_eq!(
            (jobs, table.variables),
            (expected.to_vec(), vec!["MAILTO".to_owned()])
        );
        let last = table.unended.map(|span| span.slice(text).to_owned());
        assert_eq!(last.as_deref(), Some("*/5 * * * * root date"));
        assert!(is_read_by_name("/etc/cron.d/shop-jobs") && is_read_by_name("/etc/crontab"));
        assert!(!is_read_by_name("/etc/cron.d/shop.cron"));
    }

    #[test]
    fn programs_stand_behind_the_times_and_the_user() {
        let text = "# jobs\nHOME=/srv\n0 3 * * * app cd /srv && python manage.py clearsessions\n\
                    @daily root /usr/local/bin/python x.py\n";
        assert_eq!(read(text), ["cd", "python"]);
        assert!(read("PATH=/usr/local/bin:/usr/bin:/bin\n0 3 * * * app python x.py\n").is_empty());
        assert!(read("0 3 * * * app . /env.sh; python x.py\n0 3 * * *\n").is_empty());
    }
}
