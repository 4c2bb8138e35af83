//! What the failing of a command does to its script, and whether a command runs.

use super::{Setup, check};
use crate::shell::ast::{Connector, OnFailure, Runs};
use crate::shell::{Dialect, Options};

/// `name+` certain, `name?` perhaps; `!` when its failing stops the script.
fn circumstances(text: &str, dialect: Dialect, options: &Options) -> String {
    let setup = Setup::new(&["UNKNOWN?"]);
    let commands = setup.script(text, dialect).commands(&setup, options);
    let mut out = Vec::new();
    for command in &commands {
        let name = command.name.as_deref().unwrap_or("?");
        if matches!(name, "set" | "") {
            continue;
        }
        let connector = match command.connector {
            Connector::Sequence => "",
            Connector::And => "&&",
            Connector::Or => "||",
            Connector::Pipe => "|",
        };
        let runs = if command.runs == Runs::Always {
            "+"
        } else {
            "?"
        };
        let stops = if command.on_failure == OnFailure::Stops {
            "!"
        } else {
            ""
        };
        out.push(format!("{connector}{name}{runs}{stops}"));
    }
    out.join(" ")
}

#[test]
fn what_failing_does() {
    let rows = [
        ("a", "a+!"),
        ("a && b && c", "a+! &&b+! &&c+!"),
        ("a; b", "a+ b+!"),
        ("a\nb", "a+ b+!"),
        ("a && b; c", "a+ &&b? c+!"),
        ("set -e; a; b", "a+! b+!"),
        ("set -ex && a; b", "&&a+! b+!"),
        ("set -o errexit; a; b", "a+! b+!"),
        ("set -e; set +e; a; b", "a+ b+!"),
        ("set -e; a && b; c", "a+ &&b?! c+!"),
        ("a || true", "a+ ||true?!"),
        ("a || b; c", "a+ ||b? c+!"),
        ("a || exit 1; b", "a+! ||exit?! b+!"),
        ("a || { echo no; exit 1; }; b", "a+! ||echo? exit?! b+!"),
        ("a || exit 0; b", "a+ ||exit?! b?!"),
        ("a && b || c", "a+ &&b? ||c?!"),
        ("a | b", "a+ |b+!"),
        ("set -o pipefail; a | b", "a+! |b+!"),
        ("set -e; a | b; c", "a+ |b+! c+!"),
        ("set -eo pipefail; a | b; c", "a+! |b+! c+!"),
        ("! a", "a+"),
        ("set -e; ! a; b", "a+ b+!"),
        ("(a; b)", "a+ b+!"),
        ("set -e; (a; b); c", "a+! b+! c+!"),
        ("(set -e; a); b", "a+ b+!"),
        ("{ a; b; } && c", "a+ b+! &&c+!"),
        ("{ a && b; } || c", "a+ &&b? ||c?!"),
        ("if a; then b; else c; fi", "a+ b?! c?!"),
        ("if a; then b; fi; c", "a+ b? c+!"),
        ("set -e; if a; then b; fi; c", "a+ b?! c+!"),
        ("while a; do b; done", "a+ b?"),
        ("for x in 1 2; do a; done", "a+ a+!"),
        ("for x in $UNKNOWN; do a; done; b", "a? b+!"),
        ("set -e; for x in 1 2; do a; done; b", "a+! a+! b+!"),
        (
            "for x in 1 2; do a && break; done",
            "a? &&break? a?! &&break?!",
        ),
        ("case $UNKNOWN in a) b;; *) c;; esac", "b?! c?!"),
        ("a & b", "a+ b+!"),
        ("a; exit 0", "a+ exit+!"),
        ("a; exit $?", "a+! exit+!"),
        ("exit 0; a", "exit+! a?!"),
        ("if a; then exit 0; fi; b", "a+ exit?! b?!"),
        ("if a; then exit 1; fi; b", "a+ exit?! b+!"),
        ("exec a; b", "a+! b?!"),
        ("if a; then exec b; fi; exec c", "a+ b?! c?!"),
        ("x=$(a; b)", "a+ b+!"),
        ("x=$(a); b", "a+ b+!"),
        ("set -e; x=$(a); b", "a+! b+!"),
        ("b $(a)", "a+ b+!"),
        ("f() { a; b; }; f; c", "f+ a+ b+ c+!"),
        ("f() { a; b; }; c", "c+! a? b?"),
        ("f() { a || return 0; b; }; f; c", "f+ a+ ||return? b? c+!"),
        ("sh -c 'a; b'; c", "a+ b+ c+!"),
        ("sh -ec 'a; b'", "a+! b+!"),
        ("a; sh -c 'b && c'", "a+ b+! &&c+!"),
        ("echo x && a; b", "echo+ &&a+ b+!"),
        ("[ -f x ] && a; b", "[+ &&a? b+!"),
        ("test -f x || a; b", "test+ ||a? b+!"),
    ];
    check(rows, |text| {
        circumstances(text, Dialect::Posix, &Options::default())
    });
    let strict = Options {
        errexit: true,
        pipefail: true,
        args: None,
    };
    let rows = [
        ("a; b", "a+! b+!"),
        ("a | b; c", "a+! |b+! c+!"),
        ("x=$(a; b)", "a+ b+!"),
    ];
    check(rows, |text| circumstances(text, Dialect::Bash, &strict));

    let given = Options {
        args: Some(vec![Setup::new(&[]).traced("web")]),
        ..Options::default()
    };
    let rows = [
        ("case $1 in web) a;; *) b;; esac", "a+! b?!"),
        ("case $1 in worker) a;; *) b;; esac", "a?! b+!"),
        ("case $1 in worker|web) exec a;; esac; b", "a+! b?!"),
        ("case $1 in worker) exec a;; esac; b", "a?! b+!"),
        ("if [ $1 = web ]; then a; else b; fi", "[+ a+! b?!"),
        (
            "if [ $1 = x ]; then a; elif c; then d; else b; fi",
            "[+ a?! c? d?! b?!",
        ),
        ("if [ $1 = x ]; then exec a; fi; b", "[+ a?! b+!"),
        ("[ $1 = web ] && exec a; b", "[+ &&a+! b?!"),
        ("[ $1 = x ] && exec a; b", "[+ &&a?! b+!"),
        ("[ $1 = web ] || exit 0; b", "[+ ||exit?! b+!"),
    ];
    check(rows, |text| circumstances(text, Dialect::Posix, &given));
}
