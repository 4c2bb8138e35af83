//! What fuzzers and long runs of mutations call: any bytes, as each kind of file that is read. Every function panics
//! when something does not hold, and with nothing else; what it holds to is the same for all.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::{Checked, Request, Workspace};
use crate::dockerfile::ast::{Args, Dockerfile, Instruction};
use crate::dockerfile::parse;
use crate::finding::Safety;
use crate::fix::Fixed;
use crate::knowledge::Date;
use crate::report::{Format, Report, write};
use crate::source::{Files, Memory, MemoryFile, Overlay, Sources};
use crate::span::Span;

/// A kind of input, and what is done with it.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name; the file in `fuzz/fuzz_targets` is called like it.
    pub name: &'static str,
    /// Panics when something does not hold.
    pub run: fn(&[u8]),
    /// Whether a file is of its kind, by its path.
    pub takes: fn(&str) -> bool,
}

/// Every kind of input.
pub const TARGETS: &[Target] = &[
    target("dockerfile", dockerfile, |path| path.contains("Dockerfile")),
    target("shell", shell, |path| path.ends_with(".sh")),
    target("markers", markers, is_list),
    target("requirements", requirements, is_list),
    target("locks", locks, |path| {
        LOCKS.iter().any(|(name, _)| path.ends_with(name))
    }),
    target("settings", settings, |path| path.ends_with(".py")),
    target("compose", compose, |path| {
        path.ends_with(".yml") || path.ends_with(".yaml")
    }),
    target("ini", ini, |path| path.ends_with(".ini")),
    target("ignores", ignores, |path| path.ends_with("ignore")),
    target("rules", rules, |path| path.ends_with("rule.toml")),
    target("configuration", configuration, |path| {
        path.ends_with("seatrial.toml")
    }),
    target("platforms", platforms, |path| {
        PLATFORMS.iter().any(|name| path.ends_with(name))
    }),
    target("project", project, |path| path.ends_with(".archive")),
    target("fixes", fixes, |path| path.ends_with(".archive")),
];

/// The files of platforms.
const PLATFORMS: [&str; 7] = [
    "Dockerrun.aws.json",
    "Procfile",
    "fly.toml",
    "heroku.yml",
    "k8s/web.yaml",
    "render.yaml",
    "task-definition.json",
];

const fn target(name: &'static str, run: fn(&[u8]), takes: fn(&str) -> bool) -> Target {
    Target { name, run, takes }
}

fn is_list(path: &str) -> bool {
    path.ends_with(".txt") || path.ends_with(".in")
}

/// Files of tools that install, and the step that reads them.
const LOCKS: &[(&str, &str)] = &[
    ("uv.lock", "uv sync --locked --no-dev"),
    ("poetry.lock", "poetry install --only main"),
    ("Pipfile.lock", "pipenv sync"),
    ("Pipfile", "pipenv install"),
    ("pyproject.toml", "pip install ."),
    ("pylock.toml", "pip install -r pylock.toml"),
    ("setup.cfg", "pip install ."),
    ("setup.py", "pip install ."),
    ("pdm.lock", "pdm sync"),
];

const DOCKERFILE: &str = "FROM python:3.13-slim-trixie\nWORKDIR /srv\nCOPY . .\nENV \
    DJANGO_SETTINGS_MODULE=shop.settings\n\
    RUN pip install --no-cache-dir -r requirements.txt\nRUN python manage.py collectstatic --noinput\n\
    ENTRYPOINT [\"/srv/start.sh\"]\nCMD [\"uwsgi\", \"--ini\", \"uwsgi.ini\"]\n";

const START: &str = "#!/bin/sh\npython manage.py migrate\nexec \"$@\"\n";

/// A small project that leads to every kind of file.
fn small() -> BTreeMap<String, MemoryFile> {
    let mut files = BTreeMap::new();
    for (path, text) in [
        (".git/HEAD", "ref: refs/heads/main\n"),
        ("Dockerfile", DOCKERFILE),
        ("compose.yaml", "services:\n  web:\n    build: .\n"),
        (
            "manage.py",
            "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
        ),
        ("requirements.txt", "django==5.2.8\nuwsgi==2.0.31\n"),
        ("shop/__init__.py", ""),
        (
            "shop/settings.py",
            "DEBUG = False\nSTATIC_ROOT = '/srv/static'\n",
        ),
        ("shop/wsgi.py", ""),
        ("uwsgi.ini", "[uwsgi]\nhttp = :8000\nmodule = shop.wsgi\n"),
    ] {
        files.insert(path.to_owned(), MemoryFile::new(text));
    }
    let mut start = MemoryFile::new(START);
    start.is_executable = true;
    files.insert("start.sh".to_owned(), start);
    files
}

fn request() -> Request {
    let today: Option<Date> = "2026-11-22".parse().ok();
    Request::new("/", today.unwrap_or_default()).paths(["."])
}

/// Checks the small project with other files in it.
fn with(files: &[(&str, &[u8])]) {
    let mut all = small();
    for (path, content) in files {
        let file = all.entry((*path).to_owned()).or_default();
        file.content = content.to_vec();
    }
    checked(&(Arc::new(Memory::new(all)) as _), &request());
}

/// As a Dockerfile: what its tree consists of makes the same tree again, and the whole of it is checked.
pub fn dockerfile(bytes: &[u8]) {
    let sources = Sources::new();
    let file = sources.add("Dockerfile", bytes);
    let source = sources.get(file);
    let tree = parse(file, &source.text);
    let copy = in_pieces(&tree, &source.text);
    let again = parse(file, &copy);
    assert_eq!(
        shape(&tree),
        shape(&again),
        "{:?} is read as {copy:?}",
        source.text
    );
    with(&[("Dockerfile", bytes)]);
}

/// The places of directives, comments and instructions one below the other, nothing between them. An empty line stays,
/// because no directive stands below one.
fn in_pieces(tree: &Dockerfile, text: &str) -> String {
    let directives = tree.directives.iter().map(|directive| directive.span);
    let comments = tree
        .comments
        .iter()
        .filter(|comment| !comment.is_inside_instruction);
    let instructions = tree.instructions.iter().map(|instruction| instruction.span);
    let mut spans: Vec<Span> = directives
        .chain(comments.map(|comment| comment.span))
        .chain(instructions)
        .collect();
    spans.sort();
    let mut copy = String::new();
    let mut done = 0;
    for span in spans {
        let gap = text.get(done..span.range().start);
        let gap = gap.unwrap_or_else(|| panic!("{span:?} overlaps in {text:?}"));
        assert!(
            gap.chars()
                .all(|char| char.is_whitespace() || matches!(char, '\0' | '\u{feff}')),
            "{gap:?} belongs to nothing in {text:?}"
        );
        let lines = gap.matches('\n').count();
        copy.push_str(match (done, lines) {
            (0, 0) => "",
            (0, _) | (_, 0 | 1) => "\n",
            _ => "\n\n",
        });
        copy.push_str(span.slice(text));
        done = span.range().end;
    }
    // A heredoc that nothing closes has all that follows.
    if text.ends_with('\n') {
        copy.push('\n');
    }
    copy
}

/// What a tree says, without its places.
fn shape(tree: &Dockerfile) -> Vec<String> {
    let directives = tree.directives.iter();
    let directives =
        directives.map(|directive| format!("{} {}", directive.name, directive.value.as_str()));
    let errors = tree.errors.iter().map(|error| error.message.clone());
    let instructions = tree.instructions.iter().map(said);
    directives.chain(instructions).chain(errors).collect()
}

fn said(instruction: &Instruction) -> String {
    let args: Vec<&str> = match &instruction.args {
        Args::Json(words) | Args::Words(words) => words.iter().map(|word| word.as_str()).collect(),
        Args::Text(text) => vec![text.as_str()],
        Args::Pairs(pairs) => pairs
            .iter()
            .flat_map(|pair| [pair.key.as_str(), pair.value.as_str()])
            .collect(),
        Args::None => Vec::new(),
    };
    let flags = instruction.flags.iter();
    let flags: Vec<_> = flags
        .map(|flag| {
            (
                flag.name.as_str(),
                flag.value.as_ref().map(|value| value.as_str()),
            )
        })
        .collect();
    let heredocs = instruction.heredocs.iter();
    let heredocs: Vec<_> = heredocs
        .map(|one| (&one.name, one.content.as_str(), one.expand, one.chomp))
        .collect();
    format!(
        "{} {:?} {flags:?} {args:?} {heredocs:?} {} {:?}",
        instruction.keyword_text.as_str(),
        instruction.rest.as_str(),
        instruction.is_broken,
        instruction.trigger.as_deref().map(said)
    )
}

/// As a script that a container starts, as what RUN runs, and as a command line.
pub fn shell(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let heredoc = format!(
        "{DOCKERFILE}RUN <<'END-OF-IT'\n{text}\nEND-OF-IT\nCMD {}\n",
        text.replace('\n', " ")
    );
    with(&[("start.sh", bytes), ("Dockerfile", heredoc.as_bytes())]);
}

/// As the markers of requirements, one a line.
pub fn markers(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().map(|line| format!("django==5.2.8; {line}\n"));
    with(&[("requirements.txt", lines.collect::<String>().as_bytes())]);
}

/// As a list of requirements.
pub fn requirements(bytes: &[u8]) {
    with(&[("requirements.txt", bytes)]);
}

/// As every file of the tools that install; the first byte says which of them is used.
pub fn locks(bytes: &[u8]) {
    let first = usize::from(bytes.first().copied().unwrap_or_default());
    let rest = bytes.get(1..).unwrap_or_default();
    let Some((name, step)) = LOCKS.get(first % LOCKS.len()) else {
        return;
    };
    let text = DOCKERFILE.replace("pip install --no-cache-dir -r requirements.txt", step);
    let project = "[project]\nname = \"shop\"\nversion = \"1\"\ndependencies = [\"django\"]\n";
    with(&[
        ("pyproject.toml", project.as_bytes()),
        ("Dockerfile", text.as_bytes()),
        (name, rest),
    ]);
}

/// As a settings module.
pub fn settings(bytes: &[u8]) {
    with(&[("shop/settings.py", bytes)]);
}

/// As a compose file.
pub fn compose(bytes: &[u8]) {
    with(&[("compose.yaml", bytes)]);
}

/// As the configuration of uWSGI.
pub fn ini(bytes: &[u8]) {
    with(&[("uwsgi.ini", bytes)]);
}

/// As the files that say what is ignored.
pub fn ignores(bytes: &[u8]) {
    with(&[
        (".dockerignore", bytes),
        (".gitignore", bytes),
        (".ignore", bytes),
    ]);
}

/// As a rule of the project.
pub fn rules(bytes: &[u8]) {
    let configuration = b"rules = [\"house\"]\nextend-select = [\"own\"]\n";
    with(&[
        ("seatrial.toml", configuration),
        ("house/own/rule.toml", bytes),
    ]);
}

/// As the configuration, by itself and in another file.
pub fn configuration(bytes: &[u8]) {
    with(&[("seatrial.toml", bytes)]);
    let table = [b"[tool.seatrial]\n", bytes].concat();
    with(&[("pyproject.toml", &table)]);
}

/// As the files of platforms that start images.
pub fn platforms(bytes: &[u8]) {
    let names = PLATFORMS.iter().chain(&[".env"]);
    with(&names.map(|name| (*name, bytes)).collect::<Vec<_>>());
}

/// What begins a file of an archive; its path is the rest of the line.
const BEGINS: &str = "=== ";

/// The files of an archive: each begins with a line of `=== ` and its path.
fn unpacked(bytes: &[u8]) -> BTreeMap<String, MemoryFile> {
    let mut files = BTreeMap::from([(
        ".git/HEAD".to_owned(),
        MemoryFile::new("ref: refs/heads/main\n"),
    )]);
    let mut path: Option<String> = None;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_prefix(BEGINS.as_bytes()) {
            Some(name) => {
                let name = String::from_utf8_lossy(name).trim().to_owned();
                path = crate::source::normalize(&name).filter(|name| !name.is_empty());
            }
            None => {
                let Some(path) = &path else { continue };
                let file: &mut MemoryFile = files.entry(path.clone()).or_default();
                file.content.extend_from_slice(line);
                file.is_executable = path.ends_with(".sh");
            }
        }
    }
    files
}

/// Several files as one text; see [`project`].
#[must_use]
pub fn packed(files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let mut archive = Vec::new();
    for (path, content) in files {
        archive.extend_from_slice(format!("{BEGINS}{path}\n").as_bytes());
        archive.extend_from_slice(content);
        if !content.ends_with(b"\n") {
            archive.push(b'\n');
        }
    }
    archive
}

/// As a whole project.
pub fn project(bytes: &[u8]) {
    checked(&(Arc::new(Memory::new(unpacked(bytes))) as _), &request());
}

/// As a whole project that is mended.
pub fn fixes(bytes: &[u8]) {
    mended(&(Arc::new(Memory::new(unpacked(bytes))) as _), &request());
}

/// Checks, and holds: no fault of ours, every place in its file at boundaries of characters, and every format can be
/// written.
#[must_use = "what it found may be counted"]
pub fn held(files: &Arc<dyn Files>, request: &Request) -> Checked {
    let checked = Workspace::new(Arc::clone(files)).check(request);
    let Checked {
        sources, outcome, ..
    } = &checked;
    let mut places = Vec::new();
    for reported in &outcome.findings {
        let finding = &reported.finding;
        places.push(finding.primary);
        places.extend(finding.also.iter().chain(&finding.covers).copied());
        places.extend(finding.related.iter().map(|related| related.span));
        let edits = finding.fix.iter().flat_map(|fix| &fix.edits);
        places.extend(edits.map(|edit| edit.span));
    }
    places.extend(outcome.undecided.iter().map(|undecided| undecided.span));
    places.extend(outcome.problems.iter().filter_map(|problem| problem.span));
    for place in places {
        let file = sources.get(place.file);
        assert!(
            file.text.get(place.range()).is_some(),
            "{place:?} is not inside `{}`",
            file.name
        );
    }
    for problem in &outcome.problems {
        assert!(
            !problem.message.starts_with("internal error"),
            "{}: {}",
            problem.file,
            problem.message
        );
    }
    let report = Report {
        show_undecided: true,
        ..Report::plain(outcome, sources)
    };
    for (name, format) in Format::ALL {
        let written = write(format, &report, &mut std::io::sink());
        assert!(written.is_ok(), "{name} cannot be written");
    }
    checked
}

fn checked(files: &Arc<dyn Files>, request: &Request) {
    drop(held(files, request));
}

/// Mends with every fix there is, and holds: nothing that was read before is unreadable after it, and to mend again
/// changes nothing. How many findings were mended.
pub fn mended(files: &Arc<dyn Files>, request: &Request) -> usize {
    let before = held(files, request);
    let workspace = Workspace::new(Arc::clone(files));
    let first = workspace.mend(request, Safety::Unsafe, |_, _| true);
    if first.changes.is_empty() {
        return 0;
    }
    let after: Arc<dyn Files> = Arc::new(laid_over(files, &first));
    let left = held(&after, request);
    let problems = |checked: &Checked| checked.outcome.problems.len();
    assert!(
        problems(&left) <= problems(&before),
        "{:?}: {first:?}",
        left.outcome.problems
    );
    let second = Workspace::new(after).mend(request, Safety::Unsafe, |_, _| true);
    assert!(
        second.changes.is_empty(),
        "mended again: {:?}",
        second.changes
    );
    first.count
}

fn laid_over(files: &Arc<dyn Files>, fixed: &Fixed) -> Overlay {
    let changes = fixed.changes.iter();
    changes.fold(Overlay::new(Arc::clone(files)), |files, (path, change)| {
        files.with(path, change.after.as_str())
    })
}
