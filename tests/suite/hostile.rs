//! Projects that mean harm: their checks end soon, and nothing from outside of them is shown.

use std::time::{Duration, Instant};

use crate::support::Project;

/// Stands in every file outside the project; no output may have it.
const OUTSIDE: &str = "outside-4711";

/// For a build with optimization; one without takes longer.
const LIMIT: Duration = if cfg!(debug_assertions) {
    Duration::from_secs(120)
} else {
    Duration::from_secs(1)
};

pub(crate) const FORMATS: [&str; 11] = [
    "human",
    "concise",
    "json",
    "sarif",
    "github",
    "gitlab",
    "checkstyle",
    "junit",
    "rdjson",
    "hadolint-json",
    "markdown",
];

const DOCKERFILE: &str = "\
FROM python:3.13-slim-trixie
WORKDIR /code
COPY requirements.txt linked.txt /code/
RUN pip install --no-cache-dir -r requirements.txt -r linked.txt
COPY . /code/
COPY linked /code/linked
COPY ../neighbour/script.sh /code/
ENV DJANGO_SETTINGS_MODULE=site.settings
RUN python manage.py collectstatic --noinput
EXPOSE 8000
ENTRYPOINT [\"/code/entrypoint.sh\"]
CMD [\"uwsgi\", \"--ini\", \"/code/uwsgi.ini\"]
";

/// Nothing hides where the settings are.
const PLAIN: &str = "\
FROM python:3.13-slim-trixie
WORKDIR /code
COPY . /code/
ENV DJANGO_SETTINGS_MODULE=site.settings
CMD [\"gunicorn\", \"site.wsgi\"]
";

const REQUIREMENTS: &str = "\
-r ../../../etc/passwd
-r ../neighbour/requirements.txt
-r /etc/passwd
-c ../neighbour/requirements.txt
-r requirements.txt
-r more/cycle.txt
-e ../neighbour
django==5.2.9
";

const COMPOSE: &str = "\
version: '3'
include:
  - ../neighbour/compose.yml
services:
  web:
    build: .
    extends:
      file: ../neighbour/compose.yml
      service: web
    env_file:
      - ../neighbour/.env
      - linked.env
      - /etc/passwd
  up:
    build: ../../..
";

const SETTINGS: &str = "\
import environ
from .first import *
from .linked import *
from ..neighbour import *
env = environ.Env()
environ.Env.read_env('/etc/passwd')
environ.Env.read_env('../neighbour/.env')
exec(open('../neighbour/settings.py').read())
SECRET_KEY = open('../neighbour/key').read()
";

/// The project in a directory with a neighbour that it must not read.
fn hostile() -> Project {
    let project = Project::new(&[
        ("project/Dockerfile", DOCKERFILE),
        ("project/requirements.txt", REQUIREMENTS),
        (
            "project/more/cycle.txt",
            "-r ../requirements.txt\n-r cycle.txt\n",
        ),
        ("project/docker-compose.yml", COMPOSE),
        (
            "project/manage.py",
            "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site.settings')\n",
        ),
        ("project/site/__init__.py", ""),
        ("project/site/settings.py", SETTINGS),
        (
            "project/site/first.py",
            "from .second import *\nDEBUG = True\n",
        ),
        (
            "project/site/second.py",
            "from .first import *\nfrom .settings import *\n",
        ),
    ]);
    let text = |start: &str| format!("{start}{OUTSIDE}\n");
    for (path, text) in [
        ("requirements.txt", text("django==4.2.1 # ")),
        (
            "compose.yml",
            text("services:\n  web:\n    command: runserver "),
        ),
        (
            "settings.py",
            format!("DEBUG = True\nSECRET_KEY = '{OUTSIDE}'\nALLOWED_HOSTS = ['*', '{OUTSIDE}']\n"),
        ),
        (
            "script.sh",
            text("#!/bin/bash\nset -x\npython manage.py migrate\nexport TOKEN="),
        ),
        (
            "uwsgi.ini",
            format!("[uwsgi]\nhttp = 8000\nwsgi-file = {OUTSIDE}\nlazy = true\n"),
        ),
        ("dockerignore", text("*.md\n__pycache__\n")),
        (".env", text("DEBUG=1\nSECRET_KEY=")),
        ("key", text("")),
    ] {
        project.write(&format!("neighbour/{path}"), text);
    }
    link(&project, "neighbour/requirements.txt", "linked.txt");
    link(&project, "neighbour/script.sh", "entrypoint.sh");
    link(&project, "neighbour/uwsgi.ini", "uwsgi.ini");
    link(&project, "neighbour/dockerignore", ".dockerignore");
    link(&project, "neighbour/settings.py", "site/linked.py");
    link(&project, "neighbour/.env", "linked.env");
    link(&project, "neighbour", "linked");
    link(&project, "project", "round");
    project
}

#[cfg(unix)]
fn link(project: &Project, to: &str, at: &str) {
    let target = project.path().join(to);
    let place = project.path().join("project").join(at);
    std::os::unix::fs::symlink(target, place).expect("it is made");
}

#[cfg(not(unix))]
fn link(_: &Project, _: &str, _: &str) {}

/// Runs a command on the project and returns all that it says.
fn said(project: &Project, arguments: &[&str]) -> String {
    let mut command = project.command(arguments);
    command.current_dir(project.path().join("project"));
    let start = Instant::now();
    let ran = crate::support::finish(command, None);
    let taken = start.elapsed();
    assert!(taken < LIMIT, "{arguments:?}: {taken:?}");
    assert!((0..=2).contains(&ran.code), "{arguments:?}: {ran:?}");
    assert!(!ran.err.contains("panicked"), "{arguments:?}: {}", ran.err);
    ran.out + &ran.err
}

/// What must not come out: the neighbour's content and the system's list of accounts.
fn assert_silent(arguments: &[&str], said: &str) {
    for word in [OUTSIDE, "root:x:", "/bin/bash\n", "nologin"] {
        assert!(!said.contains(word), "{arguments:?} says `{word}`: {said}");
    }
}

#[test]
fn nothing_from_outside_is_shown() {
    let project = hostile();
    for format in FORMATS {
        let arguments = [
            "check",
            ".",
            "--show-undecided",
            "--select",
            "all",
            "--format",
            format,
        ];
        let said = said(&project, &arguments);
        assert_silent(&arguments, &said);
        assert!(said.contains("docker-compose.yml"), "{said}");
    }
    for arguments in [&["facts", "."][..], &["check", ".", "--diff"]] {
        assert_silent(arguments, &said(&project, arguments));
    }
    let arguments = ["check", ".", "--fix", "--unsafe-fixes"];
    assert_silent(&arguments, &said(&project, &arguments));
    let kept = std::fs::read_to_string(project.path().join("neighbour/uwsgi.ini"));
    assert!(
        kept.expect("it is there").contains("lazy = true"),
        "a file outside was changed"
    );
}

/// The settings of the project, and all that is said of them.
fn with_settings(settings: impl AsRef<[u8]>) -> String {
    let project = Project::new(&[
        ("project/Dockerfile", PLAIN),
        ("project/manage.py", ""),
        ("project/site/__init__.py", ""),
    ]);
    project.write("project/site/settings.py", settings);
    let arguments = ["check", ".", "--format", "concise"];
    said(&project, &["facts", "."]) + &said(&project, &arguments)
}

#[test]
fn settings_of_ten_megabytes_are_not_read() {
    let said = with_settings("X = 1 # and so on\n".repeat(600_000));
    assert!(said.contains("site.settings"), "{said}");
    let told = "site/settings.py: error has 10800000 bytes; files over 4194304 bytes are not read";
    assert!(said.contains(told), "{said}");
}

#[test]
fn settings_just_small_enough_are_read_soon() {
    let lines = "A = [1, 2, {'b': (3, 'four')}]\n".repeat(110_000);
    let said = with_settings(lines + "DEBUG = True\n");
    assert!(said.contains("site.settings"), "{said}");
    assert!(!said.contains("are not read"), "{said}");
}

#[test]
fn nesting_has_an_end() {
    let depth = 10_000;
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{1: ", "}"),
        ("not ", ""),
        ("-", ""),
        ("f(", ")"),
    ] {
        let nested = format!("DEBUG = {}1{}\n", open.repeat(depth), close.repeat(depth));
        assert!(with_settings(nested).contains("site.settings"), "`{open}`");
    }
    let blocks: String = (0..900).map(|n| " ".repeat(n) + "if x:\n").collect();
    with_settings(blocks + &" ".repeat(900) + "DEBUG = True\n");
    with_settings(format!("X = {}1\n", "1 + ".repeat(depth)));
    with_settings(format!("X = a{}\n", ".b".repeat(depth)));
    with_settings(format!("X = f'{}'\n", "{f\"".repeat(depth)));
}

#[test]
fn text_that_is_no_utf8_is_read_as_far_as_it_goes() {
    let said = with_settings(b"DEBUG = True\nNAME = '\xff\xfe\xc3'\nSECRET_KEY = 'x'\n");
    assert!(said.contains("site.settings"), "{said}");
}

#[test]
fn imports_in_a_circle_of_a_thousand_modules_end() {
    let project = hostile();
    for number in 0..1000 {
        let next = (number + 1) % 1000;
        let text = format!("from .m{next} import *\nX{number} = 1\n");
        project.write(&format!("project/site/m{number}.py"), text);
    }
    project.write("project/site/settings.py", "from .m0 import *\n");
    said(&project, &["check", "."]);
}

/// A whole project made to hang, crash or leak.
#[cfg(unix)]
#[test]
fn a_hostile_project_is_checked_soon_and_leaks_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let project = directory.path().join("project");
    std::fs::create_dir_all(project.join("site/settings")).unwrap();
    let write = |name: &str, text: &[u8]| std::fs::write(project.join(name), text).unwrap();
    std::fs::write(
        directory.path().join("outside.txt"),
        "outside-secret==1\nSECRET = 'outside-secret'\n",
    )
    .unwrap();
    std::os::unix::fs::symlink(
        directory.path().join("outside.txt"),
        project.join("linked.txt"),
    )
    .unwrap();
    std::os::unix::fs::symlink(
        directory.path().join("outside.txt"),
        project.join("site/settings/linked.py"),
    )
    .unwrap();
    write(
        "Dockerfile",
        b"FROM python:3.13-slim\nWORKDIR /code\nCOPY . .\nENV DJANGO_SETTINGS_MODULE=site.settings.deploy\n\
          RUN pip install --no-cache-dir -r r.txt -r linked.txt\nRUN python manage.py collectstatic --noinput\n\
          CMD [\"gunicorn\", \"site.wsgi\"]\n",
    );
    write(
        "r.txt",
        b"-r ../../../etc/passwd\n-r ../outside.txt\n-r linked.txt\n-r r.txt\nDjango\xff\n",
    );
    write("manage.py", "(".repeat(10_000).as_bytes());
    write("site/__init__.py", b"");
    write("site/wsgi.py", b"\xff\xfe\x00");
    write("site/settings/__init__.py", b"from .deploy import *\n");
    write(
        "site/settings/big.py",
        "X = 1\n".repeat(1_800_000).as_bytes(),
    );
    write(
        "site/settings/deep.py",
        format!("X = {}{}", "(".repeat(10_000), ")".repeat(10_000)).as_bytes(),
    );
    write(
        "site/settings/deploy.py",
        b"from . import *\nfrom .linked import *\nfrom .big import *\nfrom .deep import *\nDEBUG = True\nNAME = \
            '\xe9'\n",
    );
    let start = Instant::now();
    let output = crate::support::seatrial()
        .args(["--format", "json", "."])
        .current_dir(&project)
        .output()
        .unwrap();
    assert!(start.elapsed() < LIMIT, "{:?}", start.elapsed());
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0..=2)), "{text}");
    assert!(!text.contains("panicked"), "{text}");
    assert!(
        !text.contains("outside-secret") && !text.contains("root:"),
        "{text}"
    );
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(json.is_object());
}

/// Characters that a terminal or a page obeys, or that nobody sees: all of Cc but line feed and tab, what turns the
/// direction of writing, what has no picture of its own.
fn is_wild(char: char) -> bool {
    char.is_control() && char != '\n' && char != '\t'
        || matches!(
            u32::from(char),
            0xad | 0x61c | 0x180e
                | 0x200b..=0x200f
                | 0x2028..=0x202e
                | 0x2060..=0x206f
                | 0xfeff
                | 0xfff9..=0xfffb
                | 0x1bca0..=0x1bca3
                | 0x1d173..=0x1d17a
                | 0xe0001..=0xe007f
        )
}

#[test]
fn no_format_lets_a_character_through_that_a_reader_obeys() {
    // What may stand in a line of a Dockerfile and in a name of a file.
    let wild: String = (1..=0xe_007f)
        .filter_map(char::from_u32)
        .filter(|char| is_wild(*char) && *char != '\r')
        .collect();
    let rule = format!(
        "summary = '{visible}'\nwhy = '{visible}'\nseverity = \"warning\"\nselect = {{ instruction = [\"RUN\"] }}\n\
         at = \"instruction\"\nmessage = \"`{{{{ instruction.text }}}}` is forbidden\"\nhelp = '{visible}'\n\
         references = [\"https://example.org\"]\nintent = \"any\"\nscope = \"any\"\n\
         [fix]\ntitle = '{visible}'\nsafety = \"safe\"\nedits = [{{ replace = \"instruction\", text = 'LABEL \
         b=\"{visible}\"' }}]\n\
         [[bad]]\ndockerfile = '''\nFROM python\n«RUN ls»\n'''\n[[good]]\ndockerfile = '''\nFROM python\n'''\n",
        // TOML itself refuses control characters.
        visible = wild
            .chars()
            .filter(|char| !char.is_control())
            .collect::<String>(),
    );
    let project = Project::new(&[("house/own/run-forbidden.toml", &rule)]);
    let text = format!("FROM python:3.13-slim\nLABEL a=\"{wild}\"\nRUN echo {wild}\n");
    let short: String = wild.chars().take(60).filter(|char| *char != '/').collect();
    for name in [
        "Dockerfile".to_owned(),
        format!("Dockerfile.{short}"),
        format!("x{short}/Dockerfile"),
    ] {
        project.write(&name, &text);
    }
    let mut runs: Vec<Vec<&str>> = FORMATS
        .iter()
        .map(|format| {
            vec![
                "check",
                "--rules",
                "house",
                "--select",
                "own,dockerfile",
                "--format",
                format,
            ]
        })
        .collect();
    runs.push(vec![
        "check", "--rules", "house", "--select", "own", "--diff",
    ]);
    runs.push(vec!["facts", "."]);
    runs.push(vec!["syntax", "Dockerfile"]);
    runs.push(vec!["explain", "run-forbidden", "--rules", "house"]);
    runs.push(vec!["rules", "list", "--rules", "house"]);
    runs.push(vec!["rules", "test", "house"]);
    for arguments in runs {
        let ran = project.run(&arguments);
        let all = format!("{}{}", ran.out, ran.err);
        let left: Vec<char> = all.chars().filter(|char| is_wild(*char)).collect();
        assert!(left.is_empty(), "{arguments:?}: {left:?}");
        assert!(!ran.out.is_empty(), "{arguments:?}: {}", ran.err);
    }
}
