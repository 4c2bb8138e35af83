//! Lines of scripts, recipes and workflows that build or run an image with Docker's command. Read as text: each of
//! those files has a language of its own around them.

use crate::knowledge::words::OptionWords;
use crate::maps::HashMap;

/// Lines that are read of one file.
const MAX_LINES: usize = 60;

/// `docker build -t shop -f docker/Dockerfile .`
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) tags: Vec<String>,
    pub(super) dockerfile: Option<String>,
    pub(super) target: Option<String>,
    /// `None` where it is not known.
    pub(super) context: Option<String>,
    /// The directory that the same line goes to.
    pub(super) directory: Option<String>,
    /// Another line of the file may have gone elsewhere in the project.
    pub(super) is_moved: bool,
    /// Another line of the file went to a place outside of it, where a checkout of it may lie.
    pub(super) is_elsewhere: bool,
}

/// The lines that build.
pub(super) fn read(text: &str) -> Vec<Line> {
    if !text.contains("build") || !text.contains("-t") {
        return Vec::new();
    }
    let variables = Variables::of(text);
    let joined = text.replace("\\\r\n", " ").replace("\\\n", " ");
    let goes = |line: &str| {
        let line = line.trim_start_matches(['-', ' ', '\t', '@']);
        let leads = |word: &str| line.starts_with(word);
        let is_left = leads("cd /") || leads("cd ~");
        leads("cd ") && !line.contains("&&") && !is_left
            || leads("pushd ")
            || leads("working-directory:")
    };
    // On a server a checkout of the project lies anywhere: `cd /srv/shop`.
    let leaves = |line: &str| {
        let line = line.trim_start_matches(['-', ' ', '\t', '@']);
        line.starts_with("cd /") || line.starts_with("cd ~")
    };
    let is_moved = joined.lines().any(goes);
    let is_elsewhere = joined.lines().any(leaves);
    let lines = joined
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    let built = lines.filter_map(|line| {
        let (before, rest) = behind(line, "build")?;
        let directory = before.rsplit_once("cd ").map(|(_, rest)| {
            let word = rest.split(['&', ';', ' ']).next().unwrap_or_default();
            variables.expand(word.trim_matches(['"', '\'']))
        });
        Some(Line {
            directory,
            is_moved,
            is_elsewhere,
            ..of_words(&words(rest, &variables))
        })
    });
    built.take(MAX_LINES).collect()
}

/// `docker run -e DEBUG=1 -v ./src:/code shop python manage.py test`
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) image: String,
    /// Where the line begins in the file.
    pub(super) at: usize,
    pub(super) words: Vec<String>,
    pub(super) entrypoint: Option<String>,
    /// `None` where the shell gives the value.
    pub(super) env: Vec<(String, Option<String>)>,
    /// The files of variables that it is given.
    pub(super) env_files: Vec<String>,
    pub(super) user: Option<String>,
    pub(super) mounts: Vec<String>,
    /// Quotes part its words otherwise than blanks do.
    pub(super) is_open: bool,
    /// Somebody sits before it, or it goes when it ends.
    pub(super) is_tried: bool,
}

/// The lines that run.
pub(super) fn runs(text: &str) -> Vec<Run> {
    if !text.contains(" run ") {
        return Vec::new();
    }
    let variables = Variables::of(text);
    let mut out = Vec::new();
    let mut at = 0;
    let mut pending: Option<(usize, String)> = None;
    for line in text.split_inclusive('\n') {
        if out.len() >= MAX_LINES {
            break;
        }
        let start = at;
        at += line.len();
        let body = line.trim_end();
        let (begin, mut whole) = pending.take().unwrap_or((start, String::new()));
        if let Some(open) = body.strip_suffix('\\') {
            whole.push_str(open);
            whole.push(' ');
            pending = Some((begin, whole));
            continue;
        }
        whole.push_str(body);
        if whole.trim_start().starts_with('#') {
            continue;
        }
        let run = behind(&whole, "run").and_then(|(_, rest)| run_of(&words(rest, &variables)));
        if let Some(run) = run {
            let indent = whole.len() - whole.trim_start().len();
            out.push(Run {
                at: begin + indent,
                is_open: whole.contains(['"', '\'']),
                ..run
            });
        }
    }
    out
}

fn run_of(words: &[String]) -> Option<Run> {
    let mut run = Run::default();
    let mut all = words.iter();
    while let Some(word) = all.next() {
        if !word.starts_with('-') {
            run.image.clone_from(word);
            run.words = all.cloned().collect();
            return Some(run);
        }
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) => (flag, Some(value.to_owned())),
            None if OptionWords::RunWithValue.contains(word) => {
                (word.as_str(), all.next().cloned())
            }
            None => (word.as_str(), None),
        };
        let is_short = !flag.starts_with("--");
        run.is_tried |= is_short && flag.contains(['i', 't']) || flag == "--rm" || flag == "--tty";
        match flag {
            "-e" | "--env" => {
                let (name, value) = match value.as_deref()?.split_once('=') {
                    Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                    None => (value?, None),
                };
                run.env.push((name, value));
            }
            "--env-file" => run.env_files.extend(value),
            "-u" | "--user" => run.user = value,
            "-v" | "--volume" => run.mounts.extend(value),
            // Its target is not looked for.
            "--mount" | "--tmpfs" | "--volumes-from" => run.mounts.push(String::new()),
            "--entrypoint" => run.entrypoint = value,
            _ => {}
        }
    }
    None
}

/// What stands before a command of Docker and behind it, up to what ends it: `docker build`, `podman image build`.
fn behind<'l>(line: &'l str, wanted: &str) -> Option<(&'l str, &'l str)> {
    let mut programs = OptionWords::ContainerProgram.iter();
    let at = programs.find_map(|program| {
        let mut found = line.match_indices(program).map(|(at, _)| at);
        found.find(|at| line[at + program.len()..].starts_with(' '))
    })?;
    let mut rest = line[at..].split_once(' ')?.1.trim_start();
    loop {
        let (word, behind) = rest.split_once([' ', '\t'])?;
        match word {
            "buildx" | "image" | "container" => rest = behind.trim_start(),
            _ if word == wanted => rest = behind,
            _ => return None,
        }
        if word == wanted {
            break;
        }
    }
    let end = rest.find(['&', ';', '|', '`']).unwrap_or(rest.len());
    Some((&line[..at], &rest[..end]))
}

/// Words without quotes, variables of the file filled in.
fn words(rest: &str, variables: &Variables<'_>) -> Vec<String> {
    let words = rest.split_ascii_whitespace();
    words
        .map(|word| variables.expand(word.trim_matches(['"', '\'', ','])))
        .collect()
}

fn of_words(words: &[String]) -> Line {
    let mut line = Line {
        tags: Vec::new(),
        dockerfile: None,
        target: None,
        context: None,
        directory: None,
        is_moved: false,
        is_elsewhere: false,
    };
    let mut operands: Vec<&str> = Vec::new();
    let mut all = words.iter();
    while let Some(word) = all.next() {
        if !word.starts_with('-') || word == "-" {
            operands.push(word);
            continue;
        }
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) => (flag, Some(value.to_owned())),
            None if OptionWords::BuildWithValue.contains(word) => {
                (word.as_str(), all.next().cloned())
            }
            None => (word.as_str(), None),
        };
        match flag {
            "-t" | "--tag" => line.tags.extend(value),
            "-f" | "--file" => line.dockerfile = value,
            "--target" => line.target = value,
            _ => {}
        }
    }
    // With an option that is not known its value stands there too.
    if let [context] = operands[..] {
        let is_known = !context.contains(['$', ':', '{']) && !context.starts_with(['/', '-']);
        line.context = is_known.then(|| context.to_owned());
    }
    line
}

/// What a file sets its variables to: `NAME=shop`, `NAME := shop`, `NAME: shop`.
pub(super) struct Variables<'t> {
    /// `None` where two values differ, or the first is not plain.
    all: HashMap<&'t str, Option<&'t str>>,
}

impl<'t> Variables<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let mut all = HashMap::default();
        for (name, value) in text.lines().filter_map(set) {
            let is_plain = !value.is_empty() && !value.contains(['$', '{', '`', ' ']);
            let known = all.entry(name).or_insert(is_plain.then_some(value));
            *known = known.filter(|first| *first == value);
        }
        Self { all }
    }

    /// A word with the variables filled in that have one plain value: `$NAME`, `${NAME}`, `$(NAME)`, `${{ env.NAME }}`.
    pub(super) fn expand(&self, word: &str) -> String {
        let mut out = String::new();
        let mut rest = word;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            let tail = &rest[at..];
            let (name, len) = variable(tail);
            let value = name.and_then(|name| self.all.get(name).copied().flatten());
            out.push_str(value.unwrap_or(&tail[..len]));
            rest = &tail[len..];
        }
        out.push_str(rest);
        out
    }
}

/// The variable that a line sets, and what to.
fn set(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start_matches(['-', ' ', '\t']);
    let line = line.strip_prefix("export ").unwrap_or(line);
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = line.find(|c| !is_name(c)).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    let rest = rest.trim_start();
    let mut signs = [":=", "?=", "=", ":"].iter();
    let value = signs.find_map(|sign| rest.strip_prefix(sign))?;
    let value = value.split(" #").next().unwrap_or_default();
    let value = value.trim().trim_matches(['"', '\'']);
    (!name.is_empty()).then_some((name, value))
}

/// The name of the variable at the beginning of a text, and how long that is.
fn variable(tail: &str) -> (Option<&str>, usize) {
    for (open, close) in [("${{", "}}"), ("${", "}"), ("$(", ")")] {
        if let Some(inner) = tail.strip_prefix(open) {
            let Some(end) = inner.find(close) else {
                return (None, tail.len());
            };
            let name = inner[..end].trim();
            let name = name.strip_prefix("env.").unwrap_or(name);
            return (Some(name), open.len() + end + close.len());
        }
    }
    let name = &tail[1..];
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = name.find(|c| !is_name(c)).unwrap_or(name.len());
    (Some(&name[..end]), 1 + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_build() {
        let text = "\
NAME := shop
build:
\tdocker build --pull -t registry.example.com/team/$(NAME):$(TAG) \\
\t  -f docker/Dockerfile --target web .
\tcd worker && docker buildx build --tag=worker .
# docker build -t old .
\tdocker build -t both one two
";
        let found: Vec<_> = read(text)
            .into_iter()
            .map(|line| {
                (
                    line.tags.join(" "),
                    line.dockerfile,
                    line.context,
                    line.directory,
                )
            })
            .collect();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            found,
            [
                (
                    "registry.example.com/team/shop:$(TAG)".to_owned(),
                    some("docker/Dockerfile"),
                    some("."),
                    None
                ),
                ("worker".to_owned(), None, some("."), some("worker")),
                ("both".to_owned(), None, None, None),
            ]
        );
    }

    #[test]
    fn lines_that_run() {
        let text = "\
# docker run old
run:
\tdocker run --rm -it -p 8000:8000 -e DEBUG=1 -e KEY \\
\t  -v $(PWD):/code --user=1000 shop python manage.py test
\tdocker run -d --name shop registry.example.com/shop
\tdocker-compose run web
";
        let found = runs(text);
        assert_eq!(found.len(), 2);
        let first = &found[0];
        assert_eq!((first.image.as_str(), first.is_tried), ("shop", true));
        assert_eq!(first.words, ["python", "manage.py", "test"]);
        assert_eq!(first.user.as_deref(), Some("1000"));
        assert_eq!(first.mounts, ["$(PWD):/code"]);
        assert_eq!(first.env[0], ("DEBUG".to_owned(), Some("1".to_owned())));
        assert!(text[first.at..].starts_with("docker run --rm"));
        assert!(!found[1].is_tried && found[1].words.is_empty());
    }

    #[test]
    fn values_that_a_file_gives_once() {
        let text = "\
ONE = shop
export TWO='web' # the same
TWO: web
MANY ?= a
MANY := b
OPEN=$(ONE)
OPEN=shop
NAMES = other
";
        let variables = Variables::of(text);
        let word = "$ONE/${TWO}:$(MANY)-${{ env.OPEN }}-$NAME-$";
        assert_eq!(
            variables.expand(word),
            "shop/web:$(MANY)-${{ env.OPEN }}-$NAME-$"
        );
    }

    #[test]
    fn no_more_lines_than_are_read() {
        let text = "docker run shop\n".repeat(MAX_LINES + 5);
        assert_eq!(runs(&text).len(), MAX_LINES);
    }

    #[test]
    fn a_line_elsewhere_moves() {
        assert!(read("cd web\ndocker build -t web .\n")[0].is_moved);
        assert!(!read("docker build -t web .\n")[0].is_moved);
    }
}
