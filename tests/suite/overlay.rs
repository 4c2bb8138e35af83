//! Unsaved texts, new files and deleted ones count wherever a file is read: one kind of file at a time is changed on
//! top of a project in memory, and the findings follow.

use std::collections::BTreeSet;
use std::sync::Arc;

use seatrial::{Checked, Disk, Files, Memory, MemoryFile, Overlay, Request, Workspace};

/// A project with little to report, below `/`.
const PROJECT: [(&str, &str); 12] = [
    (
        "project/Dockerfile",
        "FROM python:3.13-slim-trixie\n\
         ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1\n\
         WORKDIR /app\n\
         COPY requirements.txt .\n\
         RUN pip install --no-cache-dir -r requirements.txt\n\
         COPY . .\n\
         RUN useradd --no-log-init --uid 10001 app\n\
         USER app\n\
         ENTRYPOINT [\"/app/start.sh\"]\n",
    ),
    (
        "project/requirements.txt",
        "Django==5.2.8\ngunicorn==23.0.0\npyuwsgi==2.0.30\n",
    ),
    (
        "project/start.sh",
        "#!/bin/sh\nset -e\nexec uwsgi --ini /app/uwsgi.ini\n",
    ),
    (
        "project/uwsgi.ini",
        "[uwsgi]\nhttp-socket = :8000\nmaster = true\ndie-on-term = true\nmodule = proj.wsgi:application\n\
         processes = 2\nenable-threads = true\nlazy-apps = true\nneed-app = true\n",
    ),
    (
        "project/manage.py",
        "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'proj.settings')\n",
    ),
    ("project/proj/__init__.py", ""),
    (
        "project/proj/wsgi.py",
        "import os\nfrom django.core.wsgi import get_wsgi_application\n\
         os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'proj.settings')\napplication = get_wsgi_application()\n",
    ),
    (
        "project/proj/settings.py",
        "import os\nfrom .base import *\nSECRET_KEY = os.environ['SECRET_KEY']\n\
         ALLOWED_HOSTS = ['www.example.com']\n",
    ),
    (
        "project/proj/base.py",
        "DEBUG = False\nINSTALLED_APPS = []\nWSGI_APPLICATION = 'proj.wsgi.application'\n",
    ),
    (
        "project/.dockerignore",
        ".git\n.env\n.env.*\n**/__pycache__\n**/*.pyc\n.venv\nDockerfile\ncompose.yaml\n",
    ),
    (
        "project/compose.yaml",
        "services:\n  web:\n    build: .\n    environment:\n      SECRET_KEY: ${SECRET_KEY}\n",
    ),
    ("project/.git/HEAD", "ref: refs/heads/main\n"),
];

fn project() -> Arc<dyn Files> {
    let files = PROJECT.iter().map(|(path, text)| {
        let file = MemoryFile {
            content: text.as_bytes().to_vec(),
            is_executable: path.ends_with(".sh"),
        };
        ((*path).to_owned(), file)
    });
    Arc::new(Memory::new(files.collect()))
}

/// Names of files with the rules that report in them, and with the problems.
fn findings(files: Arc<dyn Files>) -> BTreeSet<String> {
    let today = jiff::civil::date(2026, 11, 22);
    let request = Request::new("/project", today).paths(["."]);
    let Checked {
        sources, outcome, ..
    } = Workspace::new(files).check(&request);
    let found = outcome.findings.iter().map(|reported| {
        let finding = &reported.finding;
        let name = sources.get(finding.primary.file).name.clone();
        format!("{name}: {}", finding.rule)
    });
    let problems = outcome
        .problems
        .iter()
        .map(|problem| format!("{}: {}", problem.file, problem.message));
    found.chain(problems).collect()
}

const HEALTHY: &str = concat!(
    "services:\n",
    "  web:\n",
    "    build: .\n",
    "    depends_on:\n",
    "      db:\n",
    "        condition: service_healthy\n",
    "  db:\n",
    "    image: postgres:17-bookworm\n",
);

/// What a change adds and what it takes away.
fn differences(change: impl FnOnce(Overlay) -> Overlay) -> Vec<String> {
    let before = findings(project());
    let after = findings(Arc::new(change(Overlay::new(project()))));
    let added = after.difference(&before).map(|one| format!("+ {one}"));
    let gone = before.difference(&after).map(|one| format!("- {one}"));
    added.chain(gone).collect()
}

macro_rules! changes {
    ($($name:ident: $change:expr => $expected:expr;)+) => {$(
        #[test]
        fn $name() {
            let expected: &[&str] = &$expected;
            assert_eq!(differences($change), expected);
        }
    )+};
}

changes! {
    an_unsaved_dockerfile: |on| on.with("/project/Dockerfile", "FROM python\n")
        => [
            "+ Dockerfile: floating-base-tag",
            "+ Dockerfile: start-command-missing",
            "- requirements.txt: shared-library-missing",
        ];
    a_new_dockerfile: |on| on.with("/project/web/Dockerfile", "FROM python\n")
        => ["+ web/Dockerfile: floating-base-tag"];
    a_deleted_dockerfile: |on| on.without("/project/Dockerfile")
        => [
            "+ .: no Dockerfile was found here: name a file, or pass `--allow-empty` if that is fine",
            "- requirements.txt: shared-library-missing",
        ];
    unsaved_requirements: |on| on.with("/project/requirements.txt", "Django==3.2\npyuwsgi==2.0.30\n")
        => ["+ requirements.txt: django-fails-on-python", "+ requirements.txt: end-of-life-django"];
    deleted_requirements: |on| on.without("/project/requirements.txt")
        => ["+ Dockerfile: copied-file-missing", "- requirements.txt: shared-library-missing"];
    unsaved_settings: |on| on.with("/project/proj/settings.py", "from .base import *\nDEBUG = True\n")
        => ["+ proj/settings.py: debug-enabled"];
    unsaved_settings_below_others: |on| on.with("/project/proj/base.py", "DEBUG = True\n")
        => ["+ proj/base.py: debug-enabled"];
    a_deleted_application: |on| on.without("/project/proj/wsgi.py")
        => ["+ uwsgi.ini: application-module-missing"];
    an_unsaved_script: |on| on.with("/project/start.sh", "#!/bin/sh\nuwsgi --ini /app/uwsgi.ini\n")
        => ["+ start.sh: shell-blocks-signals"];
    a_deleted_script: |on| on.without("/project/start.sh")
        => ["+ Dockerfile: script-missing"];
    an_unsaved_ini: |on| on.with("/project/uwsgi.ini", "[uwsgi]\nhttp-socket = :8000\nmodule = proj.wsgi\n")
        => [
            "+ start.sh: single-uwsgi-worker",
            "+ uwsgi.ini: broken-application-served",
            "+ uwsgi.ini: master-process-missing",
        ];
    a_deleted_ini: |on| on.without("/project/uwsgi.ini")
        => ["+ start.sh: server-config-missing"];
    a_deleted_ini_that_a_new_gitignore_names:
        |on| on.without("/project/uwsgi.ini").with("/project/.gitignore", "uwsgi.ini\n")
        => [];
    an_unsaved_dockerignore: |on| on.with("/project/.dockerignore", ".git\nstart.sh\n")
        => ["+ Dockerfile: script-ignored"];
    a_deleted_dockerignore: |on| on.without("/project/.dockerignore")
        => ["+ Dockerfile: version-history-in-image"];
    an_unsaved_compose_file: |on| on.with("/project/compose.yaml", HEALTHY)
        => ["+ compose.yaml: database-without-password", "+ compose.yaml: healthy-without-healthcheck"];
    a_new_compose_file: |on| on.without("/project/compose.yaml").with("/project/docker-compose.yml", HEALTHY)
        => ["+ docker-compose.yml: database-without-password", "+ docker-compose.yml: healthy-without-healthcheck"];
    a_new_configuration: |on| on.with("/project/seatrial.toml", "ignore = [\"shared-library-missing\"]\n")
        => ["- requirements.txt: shared-library-missing"];
    a_new_configuration_with_a_mistake: |on| on.with("/project/seatrial.toml", "selekt = []\n")
        => [
            "+ seatrial.toml: unknown key `selekt`; did you mean `select`?",
            "- requirements.txt: shared-library-missing",
        ];
}

#[test]
fn an_overlay_on_a_disk_follows_links_and_lists_what_is_new() {
    let directory = tempfile::tempdir().expect("a directory");
    let root = directory.path().canonicalize().expect("a directory");
    let write = |name: &str, text: &str| std::fs::write(root.join(name), text).expect("a file");
    std::fs::create_dir(root.join("real")).expect("a directory");
    write("real/a.txt", "old");
    write("real/gone.txt", "old");
    #[cfg(unix)]
    for (to, link) in [("real", "way"), ("real/a.txt", "link.txt")] {
        std::os::unix::fs::symlink(root.join(to), root.join(link)).expect("a link");
    }
    let files = Overlay::new(Arc::new(Disk))
        .with(root.join("real/a.txt"), "new")
        .with(root.join("fresh/below/b.txt"), "b")
        .without(root.join("real/gone.txt"));
    let text = |name: &str| {
        let bytes = files.read(&root.join(name), 100).ok()?;
        String::from_utf8(bytes).ok()
    };
    let names = |name: &str| {
        let listed = files.list(&root.join(name), 100).unwrap_or_default();
        let names = listed.items.into_iter();
        let mut names: Vec<String> = names
            .filter_map(|(name, _)| name.into_string().ok())
            .collect();
        names.sort();
        names.join(" ")
    };
    assert_eq!(text("real/a.txt").as_deref(), Some("new"));
    assert_eq!(text("real/gone.txt"), None);
    assert_eq!(text("fresh/below/b.txt").as_deref(), Some("b"));
    assert!(
        files.has_directory(&root.join("fresh/below")) && files.has_directory(&root.join("fresh"))
    );
    assert!(!files.has(&root.join("real/gone.txt")) && !files.has(&root.join("fresh/other")));
    assert_eq!(
        (names("real").as_str(), names("fresh").as_str()),
        ("a.txt", "below")
    );
    #[cfg(unix)]
    {
        assert_eq!(text("way/a.txt").as_deref(), Some("new"));
        assert_eq!(text("link.txt").as_deref(), Some("new"));
        assert_eq!(text("way/gone.txt"), None);
        assert_eq!(
            (names(""), names("way")),
            ("fresh link.txt real way".to_owned(), "a.txt".to_owned())
        );
    }
}
