//! The build context: ignore files, which directory it is, where image paths come from.

use std::collections::BTreeMap;

use crate::context::ignore::Ignore;
use crate::context::image::ImageFs;
use crate::context::{Certainty, Context, Origin, Presence, Search};
use crate::source::{MemoryFile, Root, Sources};
use crate::span::Span;

mod image;

/// A project of these files; a name that ends in `*` is executable.
fn project(files: &[(&str, &str)]) -> Root {
    let file = |content: &str, is_executable| MemoryFile {
        content: content.as_bytes().to_vec(),
        is_executable,
    };
    let entries = files
        .iter()
        .map(|(name, content)| match name.strip_suffix('*') {
            Some(name) => (name.to_owned(), file(content, true)),
            None => ((*name).to_owned(), file(content, false)),
        });
    Root::memory(entries.collect::<BTreeMap<_, _>>())
}

fn certain(files: &[(&str, &str)]) -> Context {
    let search = Search {
        dockerfile: Some("Dockerfile"),
        explicit: Some(""),
        ..Search::default()
    };
    Context::find(&project(files), &Sources::new(), &search).0
}

fn here() -> Span {
    Span::new(Sources::new().add("Dockerfile", ""), 0, 0)
}

/// What a lookup says, in a few letters.
fn told(fs: &ImageFs, context: &Context, path: &str) -> String {
    let found = fs.lookup(context, path);
    let mode = match found.is_executable {
        Some(true) => " +x",
        Some(false) => " -x",
        None => "",
    };
    let origin = match found.origin {
        Origin::Context(path) => format!("context {path}"),
        Origin::Inline(text) => format!("inline {text}"),
        Origin::Directory(Some(path)) => format!("directory {path}"),
        Origin::Directory(None) => "directory".to_owned(),
        Origin::Ignored(path, pattern) => format!("ignored {path} by {}", pattern.text),
        Origin::Missing => "missing".to_owned(),
        Origin::Generated => "generated".to_owned(),
        Origin::Unknown => "unknown".to_owned(),
    };
    format!("{}{mode}", origin.trim_end())
}

fn ignore(text: &str) -> Ignore {
    let sources = Sources::new();
    Ignore::parse(sources.add(".dockerignore", text), text)
}

#[test]
fn the_last_pattern_that_matches_decides() {
    let table: &[(&str, &[&str], &[&str])] = &[
        (
            "node_modules",
            &["node_modules", "node_modules/a/b"],
            &["x/node_modules"],
        ),
        ("/.git/\n", &[".git", ".git/config"], &[".gitignore"]),
        ("./a//b/../c/", &["a/c", "a/c/d"], &["a", "a/b"]),
        (
            "**/__pycache__",
            &["__pycache__/x", "a/b/__pycache__/x.pyc"],
            &["pycache"],
        ),
        ("__pycache__", &["__pycache__/x"], &["a/__pycache__/x"]),
        ("*.md\n!README.md", &["a.md"], &["README.md", "docs/a.md"]),
        ("*.md\n!README.md\nREADME.md", &["README.md"], &[]),
        (
            "*\n!src\n!manage.py",
            &["a", "docs/x"],
            &["src", "src/a/b.py", "manage.py"],
        ),
        ("*\n!src\nsrc/tests", &["src/tests/a.py"], &["src/a.py"]),
        ("a\n!a/keep", &["a/x"], &["a/keep", "a/keep/y"]),
        (
            "# .env\n\n   \n  .env  \r\n",
            &[".env"],
            &[".env.example", "# .env"],
        ),
        ("\u{feff}.env", &[".env"], &[]),
        (" # no comment", &["# no comment"], &[]),
        ("! a\n", &[], &["a"]),
        ("**\n!**/*.py", &["a.txt", "a/b.txt"], &["a.py", "a/b.py"]),
        ("docs/**", &["docs/a", "docs/a/b"], &["docs"]),
        (
            "**/.env*\n!**/.env.example",
            &[".env", "a/.env.local"],
            &["a/.env.example"],
        ),
        (
            "[Dd]ocker*",
            &["Dockerfile", "docker-compose.yml"],
            &["a/Dockerfile"],
        ),
        ("a?.txt", &["ab.txt"], &["a.txt", "abc.txt"]),
        ("../x\nb", &["b"], &["x"]),
        ("*/*.log", &["a/x.log"], &["x.log", "a/b/x.log"]),
        ("**/*.log", &["a/x.log", "x.log", "a/b/x.log"], &["x.logs"]),
        ("..", &[], &["a"]),
        (".", &[], &["a"]),
    ];
    for (text, out, sent) in table {
        let ignore = ignore(text);
        for path in *out {
            assert!(ignore.excludes(path).is_some(), "{text:?} keeps {path} out");
        }
        for path in *sent {
            assert!(ignore.excludes(path).is_none(), "{text:?} sends {path}");
        }
    }
}

#[test]
fn patterns_know_their_place_and_errors_do_too() {
    let text = "\u{feff}# é\n  **/x \r\n[\n!\nkeep\n! keep\n";
    let ignore = ignore(text);
    let written: Vec<&str> = ignore
        .patterns
        .iter()
        .map(|p| p.span().slice(text))
        .collect();
    assert_eq!(written, ["**/x", "keep", "! keep"]);
    let wrong: Vec<&str> = ignore.errors.iter().map(|e| e.span.slice(text)).collect();
    assert_eq!(wrong, ["[", "!"]);
    let decided = ignore
        .matches("keep")
        .map(|p| (p.is_exception, p.cleaned.as_str()));
    assert_eq!(decided, Some((true, "keep")));
}

#[test]
fn ten_thousand_paths_are_fast() {
    let patterns: Vec<String> = (0..50).map(|i| format!("**/dir{i}/*.tmp")).collect();
    let ignore = ignore(&patterns.join("\n"));
    let started = std::time::Instant::now();
    for i in 0..10_000 {
        let path = format!("a/b/c/d{}/file{i}.py", i % 100);
        assert!(ignore.excludes(&path).is_none());
    }
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn where_the_context_is() {
    struct Case {
        files: &'static [&'static str],
        dockerfile: &'static str,
        explicit: Option<&'static str>,
        compose: &'static [&'static str],
        is: (&'static str, Certainty),
    }
    let cases = [
        Case {
            files: &["Dockerfile", "manage.py"],
            dockerfile: "Dockerfile",
            explicit: None,
            compose: &[],
            is: ("", Certainty::Guessed),
        },
        Case {
            files: &[
                "compose/production/django/Dockerfile",
                "manage.py",
                ".git/HEAD",
            ],
            dockerfile: "compose/production/django/Dockerfile",
            explicit: None,
            compose: &[],
            is: ("", Certainty::Guessed),
        },
        Case {
            files: &[
                "backend/docker/Dockerfile",
                "backend/pyproject.toml",
                ".git/HEAD",
            ],
            dockerfile: "backend/docker/Dockerfile",
            explicit: None,
            compose: &[],
            is: ("backend", Certainty::Guessed),
        },
        Case {
            files: &["sub/.git/HEAD", "sub/docker/Dockerfile", "manage.py"],
            dockerfile: "sub/docker/Dockerfile",
            explicit: None,
            compose: &[],
            is: ("sub", Certainty::Guessed),
        },
        Case {
            files: &["Dockerfile", "requirements.txt"],
            dockerfile: "Dockerfile",
            explicit: None,
            compose: &[],
            is: ("", Certainty::Unknown),
        },
        Case {
            files: &["docker/Dockerfile", "manage.py", "app/x"],
            dockerfile: "docker/Dockerfile",
            explicit: Some("app"),
            compose: &["docker"],
            is: ("app", Certainty::Certain),
        },
        Case {
            files: &["docker/Dockerfile", "manage.py", "app/x"],
            dockerfile: "docker/Dockerfile",
            explicit: None,
            compose: &["./app/", "app"],
            is: ("app", Certainty::Certain),
        },
        Case {
            files: &["docker/Dockerfile", "manage.py", "app/x"],
            dockerfile: "docker/Dockerfile",
            explicit: None,
            compose: &["app", "."],
            is: ("app", Certainty::Guessed),
        },
        Case {
            files: &["Dockerfile", "manage.py"],
            dockerfile: "Dockerfile",
            explicit: Some("../elsewhere"),
            compose: &[],
            is: ("", Certainty::Unknown),
        },
    ];
    for case in cases {
        let files: Vec<(&str, &str)> = case.files.iter().map(|name| (*name, "")).collect();
        let search = Search {
            dockerfile: Some(case.dockerfile),
            explicit: case.explicit,
            compose: case.compose.iter().map(|c| (*c).to_owned()).collect(),
            ..Search::default()
        };
        let (context, error) = Context::find(&project(&files), &Sources::new(), &search);
        assert!(error.is_none());
        assert_eq!(
            (context.base.as_str(), context.certainty),
            case.is,
            "{:?}",
            case.files
        );
    }
}

#[test]
fn a_guess_calls_nothing_missing_alone() {
    let files = [
        ("docker/Dockerfile", ""),
        ("docker/.dockerignore", ""),
        ("docker/known.sh", ""),
        ("requirements.txt", ""),
        ("backend/poetry.lock", ""),
    ];
    let search = Search {
        dockerfile: Some("docker/Dockerfile"),
        ..Search::default()
    };
    let (mut context, _) = Context::find(&project(&files), &Sources::new(), &search);
    assert_eq!(context.base, "docker");
    assert_eq!(context.presence("gone.sh"), Presence::Unknown);
    context.confirm([".", "gone.sh", "known.sh", "https://x/y"]);
    assert_eq!(context.presence("gone.sh"), Presence::Missing);
    // Both lie where the context could be instead.
    assert_eq!(context.presence("requirements.txt"), Presence::Unknown);
    assert_eq!(context.presence("poetry.lock"), Presence::Unknown);
    assert_eq!(context.presence("../requirements.txt"), Presence::Unknown);
}

#[test]
fn the_ignore_file_of_the_dockerfile_wins() {
    let files = [
        ("manage.py", ""),
        (".dockerignore", "a"),
        ("docker/prod.Dockerfile", ""),
        ("docker/prod.Dockerfile.dockerignore", "b"),
    ];
    let search = Search {
        dockerfile: Some("docker/prod.Dockerfile"),
        explicit: Some("."),
        ..Search::default()
    };
    let (context, _) = Context::find(&project(&files), &Sources::new(), &search);
    assert!(context.ignored_by("b").is_some());
    assert!(context.ignored_by("a").is_none());
    assert_eq!(
        context.dockerfile.as_deref(),
        Some("docker/prod.Dockerfile")
    );
}

proptest::proptest! {
    /// Whatever stands in an ignore file: no panic, and every pattern lies in its file.
    #[test]
    fn any_ignore_file_is_survived(
        pieces in proptest::collection::vec(
            proptest::sample::select(vec![
                "*", "**", "?", "[", "]", "^", "-", "\\", "/", "!", "#", "a", "b.c", "é", "\n", "\r\n", " ", "..", ".",
                "\u{feff}",
            ]),
            0..40,
        ),
        path in "[ab/.é]{0,12}",
    ) {
        let text = pieces.concat();
        let ignore = ignore(&text);
        let _ = ignore.matches(&path);
        for pattern in &ignore.patterns {
            proptest::prop_assert_eq!(pattern.span().slice(&text), pattern.text.as_str());
        }
        for error in &ignore.errors {
            proptest::prop_assert!(text.get(error.span.range()).is_some());
        }
    }
}
