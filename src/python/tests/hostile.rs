//! Inputs made to hang, crash or leak: each ends soon, with problems instead of answers.

use std::time::{Duration, Instant};

use crate::python::module::read_module;
use crate::python::requirements::{Groups, installed_by, read_requirements};
use crate::python::settings::outcome::ProblemKind;
use crate::python::settings::{Interpreter, Settings};
use crate::source::{Root, Sources};

use super::loader::{ImportRoot, RootLoader, UnsetEnv};
use super::{asks, project};

/// Generous for a build without optimisation on a busy machine; hanging code takes for ever.
const SOON: Duration = Duration::from_secs(120);

fn run(sources: &Sources, root: &Root) -> Settings {
    let loader = RootLoader {
        sources,
        root,
        roots: vec![ImportRoot {
            directory: String::new(),
            container: Some("/code".to_owned()),
        }],
    };
    let start = Instant::now();
    let settings = Interpreter::new(&loader, &UnsetEnv).settings("s");
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    settings
}

fn settings(code: &str) -> Settings {
    let (sources, root) = project(&[("s.py", code)]);
    run(&sources, &root)
}

#[test]
fn deep_code() {
    let n = 10_000;
    let table: Vec<String> = vec![
        format!("X = {}1{}", "(".repeat(n), ")".repeat(n)),
        format!("X = {}{}", "[".repeat(n), "]".repeat(n)),
        format!("X = {}1", "-".repeat(n)),
        format!("X = {}1", "not ".repeat(n)),
        format!("X = 1{}", " + 1".repeat(n)),
        format!("X = a{}", ".b".repeat(n)),
        format!("X = f{}", "()".repeat(n)),
        format!("X = {}1", "lambda: ".repeat(n)),
        format!("X = 1{}", " if 1 else 1".repeat(n)),
        format!("X = {}", "f'{".repeat(n)),
        format!("X = 1{}", " or 1".repeat(n)),
        (0..n)
            .map(|i| format!("{}if x:\n", " ".repeat(i.min(300))))
            .collect(),
        "(".repeat(n),
        "{[(".repeat(n),
    ];
    for code in table {
        let settings = settings(&code);
        let head: String = code.chars().take(30).collect();
        assert_eq!(settings.problems.len(), 1, "{head}");
        assert_eq!(settings.problems[0].kind, ProblemKind::Syntax, "{head}");
    }
}

#[test]
fn code_that_grows_what_it_holds() {
    let n = 3_000;
    let table: Vec<String> = vec![
        "X = [1]\n".to_owned() + &"X = X + X\n".repeat(n),
        "X = 'a'\n".to_owned() + &"X = X + X\n".repeat(n),
        "X = []\n".to_owned() + &"X = [X, X]\n".repeat(n),
        "X = {}\n".to_owned() + &"X = {'a': X, 'b': X}\n".repeat(n),
        "X = {}\n".to_owned() + &"X['a'] = X\n".repeat(n),
        "import os\nX = 1\n".to_owned() + &"X = os.environ.get('A', X)\n".repeat(n),
        "X = []\n".to_owned() + &"if a:\n    X = X + [1]\nelse:\n    X = X + [2]\n".repeat(n),
        "X = []\nfor a in range(1000):\n    for b in range(1000):\n        X.append(a)\n".to_owned(),
        "X = 1\n".to_owned() + &"class C:\n    a = C\n".repeat(n),
        "class C: pass\n".to_owned() + &"class C(C): pass\n".repeat(n),
        "f = 1\n".to_owned() + &"def f(a=f): return a\n".repeat(n),
        "f = 1\n".to_owned() + &"f = lambda a=f: a\n".repeat(n),
        "import environ\ne = 1\n".to_owned() + &"e = environ.Env(A=(str, e))\n".repeat(n),
        "def f(a): return f(f(a))\nX = f(1)".to_owned(),
        "def f(a): return g(a) + g(a)\ndef g(a): return f(a) + f(a)\nX = f(1)".to_owned(),
        "X = [[[[a for a in range(900)] for b in range(900)] for c in range(900)] for d in range(900)]"
            .to_owned(),
        "X = 'a' * 10 ** 18\nY = 10 ** 10 ** 10\nZ = 1 << 1000000".to_owned(),
        "X = '%s' * 2000\nX = X % (X, X)\n".repeat(50),
        "class A: pass\nclass B: pass\n".to_owned()
            + &"class C(A, B): pass\nclass D(A, B): pass\nclass A(C, D): pass\nclass B(C, D): pass\n"
                .repeat(200),
        "X = [".to_owned() + &"'a', ".repeat(60_000) + "]\n" + &"X += ['b']\n".repeat(2000),
        "A = 1\n".repeat(100_000),
    ];
    for code in table {
        settings(&code);
        let facts = read_module(Sources::new().add("s.py", ""), &code);
        assert!(facts.error.is_none() || facts.names.is_empty());
    }
}

#[test]
fn modules_without_end() {
    let mut files: Vec<(String, String)> = vec![("s.py".into(), "from m0 import *\nX = 1".into())];
    for n in 0..1000 {
        let text = format!("from m{} import *\nfrom m{} import *\n", n + 1, n / 2);
        files.push((format!("m{n}.py"), text));
    }
    let borrowed: Vec<(&str, &str)> = files
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let (sources, root) = project(&borrowed);
    let settings = run(&sources, &root);
    assert!(settings.modules.len() <= 200);
    assert!(
        settings
            .problems
            .iter()
            .any(|p| p.kind == ProblemKind::Bounded)
    );
    assert!(settings.is_open);

    let (sources, root) = project(&[
        (
            "s.py",
            "from s import *\nfrom a import *\nimport s\nX = s.s.s.X",
        ),
        ("a.py", "from b import *\nA = 1"),
        ("b.py", "from a import *\nfrom s import *\nB = 1"),
    ]);
    let settings = run(&sources, &root);
    assert!(settings.get("A").is_some() && settings.get("B").is_some());
}

#[test]
fn files_that_are_no_modules() {
    let big = "X = 1\n".repeat(2_000_000);
    let (sources, root) = project(&[
        ("s.py", "X = 1\nfrom secret import *"),
        ("secret.py", "\0\u{feff}\u{fffd} = (\r\r"),
    ]);
    let settings = run(&sources, &root);
    assert_eq!(settings.problems.len(), 1, "{:?}", settings.problems);

    let directory = tempfile::tempdir().unwrap();
    let inner = directory.path().join("project");
    std::fs::create_dir(&inner).unwrap();
    std::fs::write(
        directory.path().join("outside.py"),
        "TOKEN = 'outside-secret'",
    )
    .unwrap();
    std::fs::write(inner.join("big.py"), big).unwrap();
    std::fs::write(inner.join("latin.py"), b"NAME = '\xe9\xff'\n").unwrap();
    std::fs::write(
        inner.join("s.py"),
        "from linked import *\nfrom big import *\nfrom latin import *\nX = 1\n",
    )
    .unwrap();
    std::fs::write(
        inner.join("r.txt"),
        "-r ../../../etc/passwd\n-r ../outside.py\n-r linked.py\n",
    )
    .unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(directory.path().join("outside.py"), inner.join("linked.py"))
        .unwrap();
    let sources = Sources::new();
    let root = sources.root(&inner, "").unwrap();
    let settings = run(&sources, &root);
    assert!(settings.get("X").is_some() && settings.get("NAME").is_some());
    assert!(settings.get("TOKEN").is_none());
    let set = read_requirements(&sources, &root, "r.txt");
    let all = format!("{settings:?}{set:?}");
    assert!(
        !all.contains("outside-secret") && !all.contains("root:"),
        "{all}"
    );
    assert!(!set.is_complete);
}

/// Half a million random words of the language.
#[test]
fn words_in_any_order() {
    const WORDS: &[&str] = &[
        "X",
        "Y",
        "=",
        "+=",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        ":",
        ",",
        ".",
        "'a'",
        "f'{X}'",
        "1",
        "if ",
        "else",
        "for ",
        " in ",
        "try",
        "except",
        "def ",
        "class ",
        "return ",
        "lambda ",
        "import ",
        "from ",
        "*",
        "os",
        "environ",
        "get",
        "import os\n",
        "\n",
        "\n    ",
        "\n",
        "del ",
        "not ",
        " or ",
        " and ",
        "globals()",
        "update",
        "append",
        "env",
        "is ",
        "None",
        "raise ",
        "with ",
        "as ",
        "é",
        "\u{2028}",
        "\\",
        "#",
        "%",
        "|",
        "split",
        "join",
        "X.append(1)\n",
        "X = []\n",
        "Y = X\n",
        "if Y:\n    X = [Y]\n",
        "import environ\nenv = environ.Env()\n",
        "X = env('A')\n",
        "__file__",
    ];
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed >> 33).unwrap()
    };
    for _ in 0..3_000 {
        let length = next() % 40;
        let code: String = (0..length).map(|_| WORDS[next() % WORDS.len()]).collect();
        settings(&code);
        let facts = read_module(Sources::new().add("s.py", ""), &code);
        assert!(facts.error.is_none() || facts.names.is_empty());
        let (sources, root) = project(&[("r.txt", &code), ("pyproject.toml", &code)]);
        let set = read_requirements(&sources, &root, "r.txt");
        for one in &set.requirements {
            assert!(one.span.end as usize <= code.len());
        }
    }
}

#[test]
fn hostile_lists_end_soon() {
    let mut files: Vec<(String, String)> = Vec::new();
    for n in 0..200 {
        files.push((
            format!("r{n}.txt"),
            format!("-r r{}.txt\n-r r{}.txt\nx{n}\n", n + 1, n + 2),
        ));
    }
    files.push((
        "long.txt".into(),
        "a".repeat(100_000) + "==1 " + &"\\\n".repeat(50_000),
    ));
    files.push((
        "blank.txt".into(),
        "[".repeat(50_000) + &"é\u{0}".repeat(1000) + "\n-r\n-e\n--hash",
    ));
    files.push((
        "pyproject.toml".into(),
        format!("[project]\ndependencies = {}", "[".repeat(10_000)),
    ));
    files.push(("Pipfile.lock".into(), "{\"default\":".repeat(10_000)));
    files.push(("Pipfile".into(), "[packages".into()));
    let borrowed: Vec<(&str, &str)> = files
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let (sources, root) = project(&borrowed);
    for path in ["r0.txt", "long.txt", "blank.txt"] {
        let set = read_requirements(&sources, &root, path);
        assert!(set.files.len() <= 100);
    }
    let set = installed_by(
        &asks(
            "pipenv",
            "",
            Groups {
                dev: true,
                ..Groups::default()
            },
            true,
        ),
        &sources,
        &root,
    );
    assert!(!set.problems.is_empty());
    let set = installed_by(&asks("uv", "", Groups::default(), true), &sources, &root);
    assert!(!set.is_complete);
}
