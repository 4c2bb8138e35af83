//! Words after expansion, and where they were written.

use super::{Setup, arg, check, shown};
use crate::shell::{Dialect, Options};

/// The arguments of the last command, each followed by where it was written when that is elsewhere
/// or looks different.
fn resolved(text: &str, dialect: Dialect, environment: &[&str], args: Option<&[&str]>) -> String {
    let setup = Setup::new(environment);
    let options = Options {
        args: args.map(|args| args.iter().map(|text| setup.traced(text)).collect()),
        ..Options::default()
    };
    let commands = setup.script(text, dialect).commands(&setup, &options);
    let Some(command) = commands.last() else {
        return String::new();
    };
    let mut out = Vec::new();
    for found in &command.args {
        let place = setup.slice(found.span);
        let shown = arg(found);
        if place == shown {
            out.push(shown);
        } else {
            out.push(format!("{shown} «{place}»"));
        }
    }
    out.join(", ")
}

#[test]
fn words_are_resolved() {
    let rows = [
        ("x a 'b c' \"d e\"", "a, 'b c', 'd e' «\"d e\"»"),
        (
            "x a\\ b \"\\$A\" '$A' \\$A",
            "'a b' «a\\ b», $A «\"\\$A\"», $A «'$A'», $A «\\$A»",
        ),
        ("A=gcc; x $A", "gcc"),
        ("A=gcc; x $A-12", "gcc-12 «$A-12»"),
        (
            "A=' gcc  make '; x $A \"$A\"",
            "gcc, make, ' gcc  make ' « gcc  make »",
        ),
        ("A='a b'; x p$A-s", "pa «p$A-s», b-s «p$A-s»"),
        ("A=a B=$A-b; x $B", "a-b «$B»"),
        ("A=a; B=\"$A c\"; x $B", "a, c"),
        ("A=a; A=$A$A; x $A", "aa «$A»"),
        ("A=a; A+=b; x $A", "ab «$A»"),
        ("x $NOTHING \"$NOTHING\" y", "'' «\"$NOTHING\"», y"),
        (
            "x $UNKNOWN a$UNKNOWN.b \"$UNKNOWN\"",
            "? «$UNKNOWN», a?.b «a$UNKNOWN.b», ? «\"$UNKNOWN\"»",
        ),
        (
            "x $OUTER ${OUTER}1",
            "from, outside, from, outside1 «${OUTER}1»",
        ),
        ("A=$(b); x $A", "? «$A»"),
        ("x $(b) `c`", "? «$(b)», ? «`c`»"),
        (
            "x ${A:-d} ${A-d} \"${A:-d e}\" ${A:-d e}",
            "d «${A:-d}», d «${A-d}», 'd e' «\"${A:-d e}\"», d «${A:-d e}», e «${A:-d e}»",
        ),
        ("A=; x ${A:-d} ${A-d}y", "d «${A:-d}», y «${A-d}y»"),
        (
            "A=1; x ${A:+d} ${B:+e} ${A:?} ${B:+}z",
            "d «${A:+d}», 1, z «${B:+}z»",
        ),
        (": ${A:=d}; x $A", "d"),
        (
            "A=a.tar.gz; x ${A%.gz} ${A%%.*} ${A#*.} ${A##*.}",
            "a.tar, a, tar.gz, gz",
        ),
        (
            "A=a-b-c; x ${A//-/_} ${A/-/_} ${A^^}",
            "a_b_c «${A//-/_}», a_b-c «${A/-/_}», A-B-C «a-b-c»",
        ),
        (
            "A=abc; x ${#A} ${A: -1} ${!A} $((1+1)) $?",
            "? «${#A}», ? «${A: -1}», ? «${!A}», ? «$((1+1))», ? «$?»",
        ),
        ("x *.txt ~/a [ab]", "*.txt, ~/a, [ab]"),
        ("x {a,b} man{1..3}", "{a,b}, man{1..3}"),
        ("export A=1 B; x $A $B", "1"),
        ("readonly A=1; x $A", "1"),
        ("A=1; unset A; x $A y", "y"),
        ("read A; x $A", "? «$A»"),
        ("if b; then A=1; else A=2; fi; x $A", "? «$A»"),
        ("if b; then A=1; else A=1; fi; x $A", "1"),
        ("A=1; if b; then A=2; fi; x $A", "? «$A»"),
        ("A=1; if b; then A=2; exit 1; fi; x $A", "1"),
        ("A=1; b && A=2; x $A", "? «$A»"),
        ("A=1; b || A=2; x $A", "? «$A»"),
        ("A=1; (A=2); x $A", "1"),
        ("A=1; b | A=2; x $A", "1"),
        ("A=1; while b; do A=2; done; x $A", "? «$A»"),
        ("A=1; while b; do x $A; A=2; done", ""),
        ("for A in 1 2; do :; done; x $A", "2"),
        ("for A in $UNKNOWN; do x $A; done", "? «$A»"),
        ("for A in *.txt; do x $A; done", "? «$A»"),
        ("case $UNKNOWN in a) A=1;; *) A=1;; esac; x $A", "1"),
        ("case $UNKNOWN in a) A=1;; esac; x $A", "? «$A»"),
        ("f() { local A=1; B=2; }; A=0; f; x $A $B", "0, 2"),
        ("f() { x $1 $2 \"$@\"; }; f a", "a, a"),
        ("x $1 \"$2\" \"$@\"", "? «$1», ? «\"$2\"», ? «\"$@\"»"),
        ("set -- a b; x \"$@\" $# $2", "a, b, 2 «$#», b"),
        ("set -- a b; shift; x $1 $2 y", "b, y"),
        ("A=1; . ./env; x $A $B", "? «$A», ? «$B»"),
        ("A=1; . venv/bin/activate; x $A", "1"),
        (
            ". /etc/os-release; x $VERSION_CODENAME $B y",
            "? «$VERSION_CODENAME», y",
        ),
        ("IFS=,; A=a,b; x $A \"$A\"", "? «$A», a,b"),
        ("A=1 x $A y", "y"),
        ("A=1; export A; sh -c 'x $A'", "1"),
        ("A=1; sh -c 'x $A y'", "y"),
        ("A=1; sh -c \"x $A y\"", "1, y"),
        ("A=1 sh -c 'x $A'", "1"),
        ("PKG='a b'; eval \"x $PKG\"", "a, b"),
        ("x $'a\\n'", "$a\\n «$'a\\n'»"),
        ("x a\\\nb c", "ab «a\\\nb», c"),
    ];
    let environment = ["UNKNOWN?", "OUTER=from outside"];
    check(rows, |text| {
        resolved(text, Dialect::Posix, &environment, None)
    });

    let rows = [
        (
            "x {a,b}c man{1..3} {01..03} {a..c} '{a,b}' {a} {a,{b,c}}",
            "ac «{a,b}c», bc «{a,b}c», man1 «man{1..3}», man2 «man{1..3}», man3 «man{1..3}», 01 «{01..03}», 02 \
                «{01..03}», 03 «{01..03}», a «{a..c}», b «{a..c}», c «{a..c}», {a,b} «'{a,b}'», {a}, a «{a,{b,c}}», b \
                «{a,{b,c}}», c «{a,{b,c}}»",
        ),
        (
            "A=(a 'b c'); x \"${A[@]}\" ${A[@]} $A",
            "a, 'b c' «b c», a, b, c, a",
        ),
        ("A=(a); A+=(b); x ${A[*]}", "a, b"),
        ("x $'a\\tb' $\"c\"", "a\tb «$'a\\tb'», c «$\"c\"»"),
        (
            "A=({a,b}.c); x \"${A[@]}\"",
            "a.c «\"${A[@]}\"», b.c «\"${A[@]}\"»",
        ),
        ("declare -a A=(a b); x ${A[0]} $B", "? «${A[0]}»"),
    ];
    check(rows, |text| {
        resolved(text, Dialect::Bash, &environment, None)
    });

    let rows = [
        ("x \"$1\" ${2:-d} $3", "run, -v"),
        ("shift; x \"$@\"", "-v"),
        ("[ $# -gt 0 ] || set -- y; x \"$@\"", "run, -v"),
        ("[ $# -gt 3 ] && set -- y; x $1", "run"),
        ("[ $# -lt 3 ] && set -- y; x $1", "y"),
        (
            "if [ \"${1#-}\" != \"$1\" ]; then set -- y; fi; x $1",
            "run",
        ),
        ("if [ -n \"$2\" ]; then A=1; else A=2; fi; x $A", "1"),
        ("case $1 in r*) A=1;; *) A=2;; esac; x $A", "1"),
        ("case $UNKNOWN in r*) A=1;; *) A=2;; esac; x $A", "? «$A»"),
        ("case $1 in web) A=1;; *) A=2;; esac; x $A", "2"),
        ("if [ \"${1:0:1}\" = - ]; then set -- y; fi; x $1", "run"),
        (
            "x ${1:1} ${1:1:1} ${1:0:9} ${1:5}z",
            "un, u, run, z «${1:5}z»",
        ),
        ("for a; do x $a; done", "-v"),
    ];
    check(rows, |text| {
        resolved(text, Dialect::Posix, &environment, Some(&["run", "-v"]))
    });
    let commands = shown("exec \"$@\"", Dialect::Posix, &[]);
    assert_eq!(commands, "exec>?(arguments)");
}
