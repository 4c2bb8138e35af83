//! Forms of requirements and what an installer makes of them. Places are asserted as text.

use super::*;
use crate::python::tests::{asks, project};
use crate::source::Sources;

fn parse(text: &str) -> (Sources, RequirementSet) {
    let (sources, root) = project(&[("requirements.txt", text)]);
    let set = read_requirements(&sources, &root, "requirements.txt");
    (sources, set)
}

fn names(set: &RequirementSet) -> Vec<String> {
    let mut names: Vec<String> = set.requirements.iter().map(|r| r.name.clone()).collect();
    names.sort();
    names
}

/// Line, normalised name, tightness, text of the version.
#[test]
fn every_form_of_a_line() {
    let url = |is_vcs, revision: Option<&str>, is_commit_pinned| Specifier::Url {
        is_vcs,
        is_git: is_vcs,
        revision: revision.map(str::to_owned),
        is_commit_pinned,
        is_refused: false,
    };
    let pinned = |version: &str| Specifier::Pinned(version.to_owned());
    let sha = "0123456789abcdef0123456789abcdef01234567";
    let at_sha = format!("git+https://host/x.git@{sha}#egg=Some_Thing");
    let table: Vec<(&str, &str, Specifier, &str)> = vec![
        ("Django", "django", Specifier::Unbounded, ""),
        ("Django==5.2.1", "django", pinned("5.2.1"), "==5.2.1"),
        ("Django == 5.2.1", "django", pinned("5.2.1"), "== 5.2.1"),
        ("Django===5.2.1", "django", pinned("5.2.1"), "===5.2.1"),
        ("Django==5.2.*", "django", Specifier::Bounded, "==5.2.*"),
        ("Django~=5.2", "django", Specifier::Bounded, "~=5.2"),
        (
            "Django>=5.2,<5.3",
            "django",
            Specifier::Bounded,
            ">=5.2,<5.3",
        ),
        (
            "Django>=5.2 , <5.3  # why",
            "django",
            Specifier::Bounded,
            ">=5.2 , <5.3",
        ),
        ("Django (>=5.2)", "django", Specifier::LowerOnly, ">=5.2"),
        ("Django>=5.2", "django", Specifier::LowerOnly, ">=5.2"),
        ("Django!=5.1", "django", Specifier::Unbounded, "!=5.1"),
        ("Django<6", "django", Specifier::Bounded, "<6"),
        ("Django>=1.0.*", "django", Specifier::Unknown, ">=1.0.*"),
        (
            "psycopg[binary,pool]>=3.1",
            "psycopg",
            Specifier::LowerOnly,
            ">=3.1",
        ),
        ("zope.interface==6", "zope-interface", pinned("6"), "==6"),
        ("a_b-.c", "a-b-c", Specifier::Unbounded, ""),
        ("x==1; python_version<'3.9'", "x", pinned("1"), "==1"),
        (
            "x==1 --hash=sha256:aa --hash=sha256:bb",
            "x",
            pinned("1"),
            "==1",
        ),
        (
            "x @ https://host/x-1.0.tar.gz",
            "x",
            url(false, None, false),
            "https://host/x-1.0.tar.gz",
        ),
        (
            "x@git+https://host/x@v1 ; os_name=='posix'",
            "x",
            url(true, Some("v1"), false),
            "git+https://host/x@v1",
        ),
        (
            "git+https://host/x.git#egg=Some_Thing",
            "some-thing",
            url(true, None, false),
            "git+https://host/x.git#egg=Some_Thing",
        ),
        (&at_sha, "some-thing", url(true, Some(sha), true), &at_sha),
        (
            "git+ssh://git@host/x.git@main",
            "",
            url(true, Some("main"), false),
            "git+ssh://git@host/x.git@main",
        ),
        (
            "git+https://${TOKEN}@host/x.git",
            "",
            url(true, None, false),
            "git+https://${TOKEN}@host/x.git",
        ),
        (
            "-e git+https://host/x.git@dev#egg=x",
            "x",
            url(true, Some("dev"), false),
            "git+https://host/x.git@dev#egg=x",
        ),
        (
            "https://host/x/archive/0123456789abcdef0123456789abcdef01234567.zip",
            "",
            url(false, None, true),
            "https://host/x/archive/0123456789abcdef0123456789abcdef01234567.zip",
        ),
        (
            "https://host/Foo-1.0-py3-none-any.whl",
            "foo",
            url(false, None, false),
            "https://host/Foo-1.0-py3-none-any.whl",
        ),
        (".", "", Specifier::Path, "."),
        ("-e .", "", Specifier::Path, "."),
        ("-e .[dev]", "", Specifier::Path, ".[dev]"),
        ("./libs/x", "", Specifier::Path, "./libs/x"),
        ("../libs/x", "", Specifier::Path, "../libs/x"),
        ("--editable=libs/x", "", Specifier::Path, "libs/x"),
        (
            "wheels/Foo-1.0-py3-none-any.whl",
            "foo",
            Specifier::Path,
            "wheels/Foo-1.0-py3-none-any.whl",
        ),
        ("file:///srv/x", "", Specifier::Path, "file:///srv/x"),
    ];
    for (line, name, specifier, version) in table {
        let (sources, set) = parse(line);
        assert_eq!(set.problems, [], "{line}");
        let [entry] = set.requirements.as_slice() else {
            panic!("{line}: {:?}", set.requirements);
        };
        assert_eq!(entry.name, name, "{line}");
        assert_eq!(entry.specifier, specifier, "{line}");
        let written = entry.specifier_span.map(|span| sources.slice(span));
        assert_eq!(written.unwrap_or_default(), version, "{line}");
        let written = sources.slice(entry.name_span);
        assert!(
            entry.name.is_empty() || normalize_name(&written) == entry.name,
            "{line}: {written}"
        );
    }
}

#[test]
fn a_line_that_is_no_requirement_is_a_problem() {
    for line in [
        "@@@",
        "Django=5.2",
        "Django 5.2",
        "a==1 b==2",
        "x[y",
        "=1",
        "<<<<<<< HEAD",
        "import os",
    ] {
        let (_, set) = parse(line);
        assert_eq!(set.problems.len(), 1, "{line}: {set:?}");
        let kind = match line {
            "Django=5.2" => ProblemKind::SingleEquals,
            _ => ProblemKind::Syntax,
        };
        assert_eq!(set.problems[0].kind, kind, "{line}");
        assert!(!set.is_complete, "{line}");
    }
    let (_, set) = parse("{% if x %}\nDjango=={{ version }}\n{% endif %}");
    assert!(
        set.problems
            .iter()
            .all(|p| p.kind == ProblemKind::Unresolved)
    );
}

#[test]
fn comments_continuations_and_options() {
    let text = "\u{feff}# head\r\n--index-url https://a/simple --extra-index-url=https://b/simple\r\n\
                -f ./wheels\n--no-binary :all:\n--only-binary=psycopg2,Foo_Bar\n--require-hashes\n--pre\n\
                Django==5.2 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nuwsgi  # server\n";
    let (sources, set) = parse(text);
    assert_eq!(names(&set), ["django", "uwsgi"]);
    assert_eq!(set.requirements[0].hashes, 2);
    assert_eq!(sources.slice(set.requirements[1].span), "uwsgi");
    assert!(set.options.is_private());
    let texts = |list: &[crate::span::Traced]| -> Vec<String> {
        list.iter().map(|t| t.as_str().to_owned()).collect()
    };
    assert_eq!(
        set.options.index_url.as_ref().map(|t| t.as_str()),
        Some("https://a/simple")
    );
    assert_eq!(texts(&set.options.extra_index_urls), ["https://b/simple"]);
    assert_eq!(texts(&set.options.find_links), ["./wheels"]);
    assert_eq!(texts(&set.options.no_binary), [":all:"]);
    assert_eq!(texts(&set.options.only_binary), ["psycopg2", "foo-bar"]);
    assert!(set.options.require_hashes.is_some() && set.options.pre.is_some());
    assert_eq!(set.problems, []);
}

#[test]
fn markers_are_asked_about_linux() {
    let applies = |marker: &str, python| {
        let (_, set) = parse(&format!("x; {marker}"));
        set.requirements[0]
            .marker
            .as_ref()
            .unwrap()
            .applies(python, &[])
    };
    assert_eq!(applies("sys_platform == 'win32'", None), Some(false));
    assert_eq!(applies("platform_system != 'Windows'", None), Some(true));
    assert_eq!(
        applies("python_version < '3.9'", Some((3, 12))),
        Some(false)
    );
    assert_eq!(applies("python_version < '3.9'", None), None);
    assert_eq!(applies("platform_machine == 'x86_64'", Some((3, 12))), None);
    assert_eq!(applies("nonsense", None), None);
}

#[test]
fn versions_answer_questions() {
    let versions = |text| Versions::parse(text);
    assert_eq!(versions("==5.2").allow("5.2.0"), Some(true));
    assert_eq!(versions(">=5.2,<6").allow("6.1"), Some(false));
    assert_eq!(versions(">=4,<5.1").stay_below("5.1"), Some(true));
    assert_eq!(versions("~=4.2.0").stay_below("5.0"), Some(true));
    assert_eq!(versions("~=4.2").stay_below("5.0"), Some(true));
    assert_eq!(versions("==4.*").stay_below("5.0"), Some(true));
    assert_eq!(versions(">=4").stay_below("5.0"), Some(false));
    assert_eq!(versions(">=5.1").start_at("5.1"), Some(true));
    assert_eq!(versions(">=5.0").start_at("5.1"), Some(false));
    assert_eq!(versions("what").start_at("5.1"), None);
    assert_eq!(versions(">=4.2,<6").lowest(), Some(vec![4, 2]));
}

#[test]
fn a_series_is_allowed_when_one_of_its_releases_is() {
    let operators = ["==", "!=", ">", ">=", "<", "<=", "~="];
    let ends = [
        "4.1", "4.2", "4.2.0", "4.2.7", "4.2.59", "4.2.60", "4.3.1", "5", "4.2rc1",
    ];
    let mut texts = vec![String::new(), "==4.2.*".to_owned(), "!=4.2.*".to_owned()];
    let single = |operator: &&str| ends.map(|end| format!("{operator}{end}"));
    texts.extend(operators.iter().flat_map(single));
    let pairs: Vec<String> = texts
        .iter()
        .flat_map(|a| texts.iter().map(move |b| format!("{a},{b}")))
        .collect();
    texts.extend(pairs);
    texts.push(">4.2.2,<4.2.5,!=4.2.3".to_owned());
    texts.push(">4.2.2,<4.2.4,!=4.2.3".to_owned());
    for text in texts.iter().map(|text| text.trim_matches(',')) {
        let versions = Versions::parse(text);
        let one_by_one = (0..60).any(|patch| versions.allow_release(&[4, 2, patch]) == Some(true));
        let known = versions.is_known().then_some(one_by_one);
        assert_eq!(versions.allow_series(4, 2, 60), known, "{text}");
    }
}

#[test]
fn includes_are_followed_inside_the_root_only() {
    let (sources, root) = project(&[
        (
            "requirements/prod.txt",
            "-r base.txt\n-r../requirements/db.txt\n-c ../constraints.txt\nuwsgi\n",
        ),
        (
            "requirements/base.txt",
            "Django\n-r base.txt\n--requirement prod.txt\n",
        ),
        (
            "requirements/db.txt",
            "psycopg2\n-r ../../../etc/passwd\n-r /etc/passwd\n-r gone.txt\n-r base.txt\n",
        ),
        ("constraints.txt", "Django==5.2\n"),
    ]);
    let set = read_requirements(&sources, &root, "requirements/prod.txt");
    assert_eq!(names(&set), ["django", "psycopg2", "uwsgi"]);
    assert_eq!(
        set.versions_of("DJANGO")
            .and_then(|v| v.pinned())
            .as_deref(),
        Some("5.2")
    );
    let mut kinds: Vec<(ProblemKind, String)> = set
        .problems
        .iter()
        .map(|p| (p.kind, sources.slice(p.span.unwrap())))
        .collect();
    kinds.sort();
    let expected = [
        (ProblemKind::Missing, "gone.txt"),
        (ProblemKind::Outside, "../../../etc/passwd"),
        (ProblemKind::Outside, "/etc/passwd"),
        (ProblemKind::TooDeep, "base.txt"),
        (ProblemKind::TooDeep, "prod.txt"),
    ];
    assert_eq!(kinds, expected.map(|(kind, text)| (kind, text.to_owned())));
    assert!(!set.is_complete);
    assert_eq!(set.installs("gunicorn"), None);
    let paths: Vec<_> = set
        .includes
        .iter()
        .filter_map(|i| i.path.as_deref())
        .collect();
    assert!(paths.contains(&"requirements/gone.txt"));
}

#[test]
fn a_compiled_list_is_closed() {
    let (_, set) =
        parse("#\n# This file is autogenerated by pip-compile with Python 3.12\n#\nDjango==5.2\n");
    assert_eq!(set.installs("uwsgi"), Some(false));
    let (_, set) = parse("Django==5.2\n");
    assert_eq!(set.installs("uwsgi"), None);
    assert_eq!(set.installs("django"), Some(true));
}

const UV: &[(&str, &str)] = &[
    (
        "pyproject.toml",
        concat!(
            "[project]\n",
            "name = \"Site\"\n",
            "version = \"1\"\n",
            "requires-python = \">=3.12\"\n",
            "dependencies = [\n",
            "  \"Django>=5.2,<5.3\",\n",
            "  \"psycopg[binary]\",\n",
            "]\n",
            "[project.optional-dependencies]\n",
            "prod = [\"uwsgi\"]\n",
            "[dependency-groups]\n",
            "dev = [\"pytest\", {include-group = \"lint\"}]\n",
            "lint = [\"ruff\"]\n",
        ),
    ),
    (
        "uv.lock",
        "version = 1\n[[package]]\nname = \"site\"\nversion = \"1\"\nsource = { virtual = \".\" }\n\
         dependencies = [{ name = \"django\" }, { name = \"psycopg\", extra = [\"binary\"] }]\n\
         [package.optional-dependencies]\nprod = [{ name = \"uwsgi\" }]\n\
         [package.dev-dependencies]\ndev = [{ name = \"pytest\" }, { name = \"ruff\" }]\nlint = [{ name = \"ruff\" }]\n\
         [[package]]\nname = \"django\"\nversion = \"5.2.3\"\nsource = { registry = \"https://pypi.org/simple\" }\n\
         dependencies = [{ name = \"asgiref\" }, { name = \"tzdata\", marker = \"sys_platform == 'win32'\" }]\n\
         sdist = { url = \"x\" }\nwheels = [{ url = \"x\" }]\n\
         [[package]]\nname = \"asgiref\"\nversion = \"3.8\"\n[[package]]\nname = \"tzdata\"\nversion = \"1\"\n\
         [[package]]\nname = \"psycopg\"\nversion = \"3.2\"\n[package.optional-dependencies]\nbinary = [{ name \
         = \"psycopg-binary\" }]\n\
         [[package]]\nname = \"psycopg-binary\"\nversion = \"3.2\"\n[[package]]\nname = \"uwsgi\"\nversion \
         = \"2.0.30\"\n\
         [[package]]\nname = \"pytest\"\nversion = \"8\"\n[[package]]\nname = \"ruff\"\nversion = \"1\"\n",
    ),
];

fn uv(files: &[(&str, &str)], groups: Groups) -> (Sources, RequirementSet) {
    let (sources, root) = project(files);
    let invocation = asks("uv", "", groups, true);
    let set = installed_by(&invocation, &sources, &root);
    (sources, set)
}

#[test]
fn uv_installs_what_the_lock_reaches() {
    let (sources, set) = uv(
        UV,
        Groups {
            no_dev: true,
            ..Groups::default()
        },
    );
    assert_eq!(
        names(&set),
        ["asgiref", "django", "psycopg", "psycopg-binary"]
    );
    assert_eq!(set.installs("uwsgi"), Some(false));
    let django = set.named("Django").next().unwrap();
    assert_eq!(django.specifier, Specifier::Pinned("5.2.3".to_owned()));
    assert_eq!(sources.slice(django.declared.unwrap()), "Django>=5.2,<5.3");
    assert_eq!(
        sources.slice(django.name_span),
        "\"django\"".trim_matches('"')
    );
    let (_, set) = uv(
        UV,
        Groups {
            extras: vec!["prod".into()],
            ..Groups::default()
        },
    );
    assert_eq!(
        names(&set),
        [
            "asgiref",
            "django",
            "psycopg",
            "psycopg-binary",
            "pytest",
            "ruff",
            "uwsgi"
        ]
    );
    let (_, set) = uv(
        UV,
        Groups {
            only: vec!["lint".into()],
            ..Groups::default()
        },
    );
    assert_eq!(names(&set), ["ruff"]);
    let (_, set) = uv(&UV[..1], Groups::default());
    assert_eq!(names(&set), ["django", "psycopg", "pytest", "ruff"]);
    assert_eq!(set.installs("gunicorn"), None);
    assert_eq!(
        set.requires_python.as_ref().map(|t| t.as_str()),
        Some(">=3.12")
    );
}

#[test]
fn poetry_groups_extras_and_constraints() {
    let toml = "[tool.poetry]\nname = \"site\"\n[tool.poetry.dependencies]\npython = \"^3.12\"\nDjango = \"^4.2\"\n\
                celery = \"~5.3\"\nredis = \"*\"\nflask = \"1.0\"\nboth = \">=1 <2\"\neither = \"^1 || ^2\"\n\
                uwsgi = { version = \"^2.0\", optional = true }\nlib = { git = \"https://host/lib\", branch = \"main\" \
                }\n\
                local = { path = \"./local\" }\n[tool.poetry.extras]\nserver = [\"uwsgi\"]\n\
                [tool.poetry.group.dev.dependencies]\npytest = \"^8\"\n[tool.poetry.group.docs]\noptional = true\n\
                [tool.poetry.group.docs.dependencies]\nsphinx = \"*\"\n";
    let (sources, root) = project(&[("pyproject.toml", toml)]);
    let install = |groups| {
        let invocation = asks("poetry", "", groups, true);
        installed_by(&invocation, &sources, &root)
    };
    let set = install(Groups::default());
    assert_eq!(
        names(&set),
        [
            "both", "celery", "django", "either", "flask", "lib", "local", "pytest", "redis"
        ]
    );
    let main = install(Groups {
        only: vec!["main".into()],
        extras: vec!["server".into()],
        ..Groups::default()
    });
    assert!(main.named("uwsgi").next().is_some() && main.named("pytest").next().is_none());
    let with = install(Groups {
        with: vec!["docs".into()],
        without: vec!["dev".into()],
        ..Groups::default()
    });
    assert!(with.named("sphinx").next().is_some() && with.named("pytest").next().is_none());
    let kind = |name: &str| set.named(name).next().unwrap().specifier.clone();
    assert_eq!(kind("django"), Specifier::Bounded);
    assert_eq!(
        set.versions_of("django").unwrap().stay_below("5"),
        Some(true)
    );
    assert_eq!(set.versions_of("celery").unwrap().allow("5.4"), Some(false));
    assert_eq!(kind("redis"), Specifier::Unbounded);
    assert_eq!(kind("flask"), Specifier::Pinned("1.0".to_owned()));
    assert_eq!(kind("both"), Specifier::Bounded);
    assert_eq!(kind("either"), Specifier::Bounded);
    assert_eq!(kind("local"), Specifier::Path);
    assert!(matches!(
        kind("lib"),
        Specifier::Url {
            is_commit_pinned: false,
            ..
        }
    ));
}

#[test]
fn poetry_lock_is_walked_from_the_groups() {
    let (sources, root) = project(&[
        (
            "pyproject.toml",
            "[tool.poetry.dependencies]\ndjango = \"^4.2\"\n[tool.poetry.group.dev.dependencies]\npytest = \"*\"\n",
        ),
        (
            "poetry.lock",
            "[[package]]\nname = \"asgiref\"\nversion = \"3.8\"\n[[package]]\nname = \"django\"\nversion = \"4.2.1\"\n\
             [package.dependencies]\nasgiref = \">=3\"\nargon2-cffi = {version = \"*\", optional = true, markers \
             = \"extra == \\\"argon2\\\"\"}\n\
             [package.extras]\nargon2 = [\"argon2-cffi (>=19)\"]\n[[package]]\nname = \"pytest\"\nversion = \"8.0\"\n\
             [[package]]\nname = \"argon2-cffi\"\nversion = \"23\"\n",
        ),
    ]);
    let groups = Groups {
        without: vec!["dev".into()],
        ..Groups::default()
    };
    let invocation = asks("poetry", "", groups, true);
    let set = installed_by(&invocation, &sources, &root);
    assert_eq!(names(&set), ["asgiref", "django"]);
    assert!(set.is_closed && set.is_complete && set.lock.is_some());
}

#[test]
fn pdm_pipenv_and_setup_files() {
    let (sources, root) = project(&[
        (
            "pyproject.toml",
            "[project]\nname = \"s\"\ndependencies = [\"django\"]\n[tool.pdm.dev-dependencies]\ntest = [\"pytest\"]\n",
        ),
        (
            "pdm.lock",
            "[[package]]\nname = \"django\"\nversion = \"5\"\ndependencies = [\"asgiref<4,>=3\", \"tzdata; \
                sys_platform == \\\"win32\\\"\"]\n[[package]]\nname = \"asgiref\"\nversion = \"3\"\n[[package]]\nname \
                = \"tzdata\"\nversion = \"3\"\n[[package]]\nname = \"pytest\"\nversion = \"3\"\n",
        ),
        (
            "env/Pipfile",
            "[[source]]\nurl = \"https://pypi.org/simple\"\n[packages]\nDjango = \"*\"\npsycopg2 = {version \
                = \"==2.9\", extras = [\"x\"]}\n[dev-packages]\npytest = \"*\"\n",
        ),
        (
            "env/Pipfile.lock",
            "{\"_meta\": {}, \"default\": {\"asgiref\": {\"version\": \"==3.8\"}, \"django\": {\"hashes\": \
                [\"sha256:a\"], \"version\": \"==4.2\"}}, \"develop\": {\"pytest\": {\"version\": \"==8\"}}}",
        ),
        (
            "cfg/setup.cfg",
            concat!(
                "[metadata]\n",
                "name = lib\n",
                "[options]\n",
                "install_requires =\n",
                "    Django>=4\n",
                "    requests  # http\n",
                "[options.extras_require]\n",
                "server = uwsgi\n",
            ),
        ),
        (
            "py/setup.py",
            "from setuptools import setup\nREQ = ['Django>=4', \"celery\"]\nsetup(name='lib', install_requires=REQ, \
                extras_require={'s': ['uwsgi']})\n",
        ),
        (
            "dyn/setup.py",
            "from setuptools import setup\nsetup(install_requires=open('r').read().split())\n",
        ),
    ]);
    let run = |invocation| installed_by(&invocation, &sources, &root);
    let groups = Groups {
        no_dev: true,
        ..Groups::default()
    };
    let pdm = run(asks("pdm", "", groups, true));
    assert_eq!(names(&pdm), ["asgiref", "django"]);
    let pipenv = |dev, uses_lock| {
        let groups = Groups {
            dev,
            ..Groups::default()
        };
        run(asks("pipenv", "env", groups, uses_lock))
    };
    let locked = pipenv(false, true);
    assert_eq!(names(&locked), ["asgiref", "django"]);
    let django = locked.named("django").next().unwrap();
    assert_eq!(sources.slice(django.name_span), "django");
    assert_eq!(sources.slice(django.declared.unwrap()), "Django = \"*\"");
    assert_eq!(names(&pipenv(true, true)), ["asgiref", "django", "pytest"]);
    assert_eq!(
        names(&pipenv(true, false)),
        ["django", "psycopg2", "pytest"]
    );
    let pip = |directory: &str, extra: &str| {
        run(Invocation::Pip {
            files: Vec::new(),
            constraints: Vec::new(),
            requirements: Vec::new(),
            projects: vec![PipProject {
                directory: directory.to_owned(),
                extras: vec![extra.to_owned()],
                ..PipProject::default()
            }],
            no_deps: false,
        })
    };
    let cfg = pip("cfg", "server");
    assert_eq!(names(&cfg), ["django", "requests", "uwsgi"]);
    assert_eq!(sources.slice(cfg.requirements[1].span), "requests");
    let py = pip("py", "s");
    assert_eq!(names(&py), ["celery", "django", "uwsgi"]);
    assert_eq!(sources.slice(py.requirements[0].span), "Django>=4");
    assert!(py.is_complete);
    assert!(!pip("dyn", "").is_complete);
}
