//! Shell programs that no one writes: deep, long, self-doubling.

use std::time::{Duration, Instant};

use crate::shell::{Dialect, Options, Script, UnknownVariables, parse};
use crate::source::Sources;
use crate::span::{Span, Traced};

fn script(text: &str) -> Script {
    let file = Sources::new().add("run", text);
    let end = u32::try_from(text.len()).unwrap();
    parse(&Traced::new(text, Span::new(file, 0, end)), Dialect::Bash)
}

#[test]
fn hostile_programs_end_fast() {
    let doubling = "a=xx; ".to_owned() + &"a=$a$a; ".repeat(60) + "echo $a \"$a\"";
    let words = "a='".to_owned() + &"w ".repeat(30_000) + "'; " + &"echo $a; ".repeat(3_000);
    let items = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20";
    let loops = (0..12)
        .map(|i| format!("for v{i} in {items}; do "))
        .collect::<String>()
        + "f() { :; }; "
        + &"done; ".repeat(12);
    let calls = (1..24)
        .map(|i| format!("f{i}() {{ f{}; f{}; }}; ", i + 1, i + 1))
        .collect::<String>()
        + "f24() { pip install x; }; f1";
    let mut quoted = "pip install x".to_owned();
    for _ in 0..12 {
        quoted = format!(
            "sh -c '{}'",
            quoted.replace('\\', "\\\\").replace('\'', "'\\''")
        );
        if quoted.len() > 200_000 {
            break;
        }
    }
    let cases: Vec<(&str, String)> = vec![
        (
            "parentheses",
            "(".repeat(10_000) + "a" + &")".repeat(10_000),
        ),
        ("open parentheses", "( ".repeat(50_000)),
        (
            "substitutions",
            "echo ".to_owned() + &"$(echo ".repeat(10_000) + &")".repeat(10_000),
        ),
        ("quoted substitutions", "\"$(".repeat(10_000)),
        (
            "defaults",
            "echo ".to_owned() + &"${a:-".repeat(10_000) + &"}".repeat(10_000),
        ),
        ("braces", "{ ".repeat(10_000) + "a;" + &" }".repeat(10_000)),
        (
            "brace expansion",
            "echo ".to_owned() + &"{a,b}".repeat(2_000),
        ),
        (
            "nested brace expansion",
            "echo ".to_owned() + &"{a,".repeat(2_000) + &"}".repeat(2_000),
        ),
        ("ifs", "if a; then ".repeat(5_000) + &"fi; ".repeat(5_000)),
        (
            "loops",
            "while a; do ".repeat(5_000) + &"done; ".repeat(5_000),
        ),
        ("and", "a && ".repeat(20_000) + "b"),
        ("and below the bound", "a && ".repeat(900) + "b"),
        ("pipes", "a | ".repeat(20_000) + "b"),
        ("sequence", "a b c; ".repeat(30_000)),
        ("assignments", "a=1; if b; then a=2; fi; ".repeat(4_000)),
        (
            "many variables",
            (0..4_000)
                .map(|i| format!("a{i}=1; if b; then c=2; fi; "))
                .collect(),
        ),
        ("one word", "x".repeat(200_000)),
        (
            "one quoted word",
            "\"".to_owned() + &"$x".repeat(50_000) + "\"",
        ),
        ("open quotes", "\"'".repeat(100_000)),
        ("backticks", "`".repeat(100_001)),
        (
            "escaped backticks",
            "echo `".to_owned() + &"\\`".repeat(50_000) + "`",
        ),
        ("heredocs", "cat <<A <<B\n".repeat(5_000)),
        ("case", "case x in ".repeat(3_000)),
        ("functions", "f() { ".repeat(5_000)),
        ("arithmetic", "echo $((".to_owned() + &"(".repeat(20_000)),
        ("conditional", "[[ ".to_owned() + &"( ".repeat(20_000)),
        ("too long", "a ".repeat(3_000_000)),
        ("doubling", doubling),
        ("words", words),
        ("known loops", loops),
        ("doubling calls", calls),
        ("quoted shells", quoted),
        ("recursion", "f() { f; g; }; g() { f; g; }; f".to_owned()),
        ("evals", "eval \"eval 'a'\"; ".repeat(3_000)),
        ("shells", "sh -c 'a; b'; ".repeat(3_000)),
        (
            "patterns",
            "a=".to_owned() + &"ab".repeat(2_000) + "; " + &"echo ${a%%*b*b*b*c}; ".repeat(50),
        ),
    ];
    for (name, text) in cases {
        let start = Instant::now();
        let script = script(&text);
        let parsed = start.elapsed();
        let commands = script.commands(&UnknownVariables, &Options::default());
        let took = start.elapsed();
        println!(
            "{name}: {} bytes, {} commands, {} errors, parse {parsed:?}, all {took:?}",
            text.len(),
            commands.len(),
            script.errors.len()
        );
        assert!(took < Duration::from_secs(120), "{name} took {took:?}");
        if name == "parentheses" {
            assert!(!script.errors.is_empty(), "{name}");
        }
    }
}

#[test]
fn what_is_too_deep_to_read_is_no_mistake_of_the_script() {
    let deep = "(".repeat(3_000) + "ls" + &")".repeat(3_000);
    for (text, is_limit) in [(deep.as_str(), true), ("if true; then ls", false)] {
        let errors = script(text).errors;
        assert!(!errors.is_empty());
        assert!(errors.iter().all(|error| error.is_limit == is_limit));
    }
}
