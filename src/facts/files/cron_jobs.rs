//! The jobs of the tables of cron that a COPY brings: what each of them calls by its bare name.

use crate::shell::{self, Dialect, Options, UnknownVariables};
use crate::span::{FileId, Span, Traced};

/// Files and directories of tables with a user before each command.
const WITH_USER: [&str; 2] = ["/etc/cron.d", "/etc/crontab"];

/// cron reads the file at a path of the image.
pub(crate) fn is_table(path: &str) -> bool {
    WITH_USER.iter().any(|one| crate::source::is_in(path, one))
}

/// The programs that the jobs of a table call by their bare names, in the order of the file; none where the table says
/// where programs are. Debian's cron looks in `/usr/bin` and `/bin` alone. Tried with cron 3.0pl1 of Debian.
pub(crate) fn bare_programs(file: FileId, text: &str) -> Vec<(String, Span)> {
    let mut out = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let from = start;
        start += line.len();
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let head = trimmed.split(['=', ' ', '\t']).next().unwrap_or_default();
        let is_assignment = trimmed[head.len()..].trim_start().starts_with('=');
        if is_assignment {
            if matches!(head, "PATH" | "SHELL" | "BASH_ENV") {
                return Vec::new();
            }
            continue;
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
    fn programs_stand_behind_the_times_and_the_user() {
        let text = "# jobs\nHOME=/srv\n0 3 * * * app cd /srv && python manage.py clearsessions\n\
                    @daily root /usr/local/bin/python x.py\n";
        assert_eq!(read(text), ["cd", "python"]);
        assert!(read("PATH=/usr/local/bin:/usr/bin:/bin\n0 3 * * * app python x.py\n").is_empty());
        assert!(read("0 3 * * * app . /env.sh; python x.py\n0 3 * * *\n").is_empty());
    }
}
