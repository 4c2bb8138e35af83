//! Expansion: each form of BuildKit's, what is unknown, and where pieces come from.

use std::collections::BTreeMap;

use super::FILE;
use crate::dockerfile::expand::{Expanded, Lookup, Var, expand, unquote};
use crate::span::{Span, Traced};

/// Values were written at 1000 and on; `UNKNOWN...` is unknown.
struct Variables(BTreeMap<&'static str, Traced>);

impl Lookup for Variables {
    fn get(&self, name: &str) -> Var<'_> {
        match self.0.get(name) {
            Some(value) => Var::Known(value),
            None if name.starts_with("UNKNOWN") => Var::Unknown,
            None => Var::Unset,
        }
    }
}

fn variables() -> Variables {
    let mut at = 1000;
    let mut place = |text: &str| {
        let start = at;
        at += 100;
        Traced::new(
            text,
            Span::new(FILE, start, start + u32::try_from(text.len()).unwrap()),
        )
    };
    Variables(BTreeMap::from([
        ("A", place("apple")),
        ("EMPTY", place("")),
        ("FILE", place("dir/sub/name.tar.gz")),
        ("TWO", place("one  two")),
        ("_x1", place("under")),
    ]))
}

fn traced(text: &str) -> Traced {
    Traced::new(text, Span::new(FILE, 0, u32::try_from(text.len()).unwrap()))
}

fn run(text: &str) -> Expanded {
    expand(&traced(text), '\\', &variables())
}

fn text_of(text: &str) -> Option<String> {
    run(text).text.map(|text| text.as_str().to_owned())
}

#[test]
fn quotes_and_escapes() {
    for (word, expected) in [
        ("plain", "plain"),
        ("a'b'c", "abc"),
        (r"a\'b", "a'b"),
        (r"\a\\b", r"a\b"),
        (r"end\", "end"),
        (r#""a\tb""#, r"a\tb"),
        (r#""a\\b""#, r"a\b"),
        (r#""a\"b""#, r#"a"b"#),
        (r"'a\b'", r"a\b"),
        (r#""it's""#, "it's"),
        ("'$A'", "$A"),
        (r"\$A", "$A"),
        (r#""\$A""#, "$A"),
        ("a b  c", "a b  c"),
        ("한'국'어", "한국어"),
        ("", ""),
        ("''", ""),
        ("a << b", "a << b"),
    ] {
        assert_eq!(text_of(word).as_deref(), Some(expected), "{word}");
    }
}

#[test]
fn variables_and_modifiers() {
    for (word, expected) in [
        ("$A", "apple"),
        ("${A}s", "apples"),
        ("$As", ""),
        ("$_x1", "under"),
        ("$.", "$."),
        ("a$", "a$"),
        ("${A:-x}", "apple"),
        ("${NO:-x}", "x"),
        ("${NO-x}", "x"),
        ("${EMPTY-x}", ""),
        ("${EMPTY:-x}", "x"),
        ("${EMPTY+x}", "x"),
        ("${EMPTY:+x}", ""),
        ("${A:+x}", "x"),
        ("${NO+x}", ""),
        ("${A:?no}", "apple"),
        ("${EMPTY?no}", ""),
        ("${NO:-${A}}", "apple"),
        ("${NO:-${NEITHER:-z}}y", "zy"),
        ("${NO:-'a b'}", "a b"),
        (r"${NO:-\}}", "}"),
        ("${NO:-\"$A\"}", "apple"),
        ("${A}}", "apple}"),
        ("${FILE#*/}", "sub/name.tar.gz"),
        ("${FILE##*/}", "name.tar.gz"),
        ("${FILE%.*}", "dir/sub/name.tar"),
        ("${FILE%%.*}", "dir/sub/name"),
        ("${FILE%?z}", "dir/sub/name.tar."),
        ("${FILE#no}", "dir/sub/name.tar.gz"),
        ("${FILE/\\//-}", "dir-sub/name.tar.gz"),
        ("${FILE//\\//-}", "dir-sub-name.tar.gz"),
        ("${FILE/.*/}", "dir/sub/name"),
        ("${FILE//a/$A}", "dir/sub/nappleme.tappler.gz"),
        ("${NO/a/b}", ""),
        ("${A#$A}", ""),
    ] {
        assert_eq!(text_of(word).as_deref(), Some(expected), "{word}");
    }
}

#[test]
fn special_and_positional_parameters_vanish() {
    for (word, expected) in [
        ("$1", ""),
        ("a$1b", "ab"),
        ("$12b", "b"),
        ("${1:-x}", "x"),
        ("$@", ""),
        ("$@@", "@"),
        ("$$", ""),
        ("$*$#$?$-$!$0", ""),
        ("${@:+x}", ""),
        ("${?:-x}", "x"),
    ] {
        let expanded = run(word);
        assert_eq!(expanded.text.unwrap().as_str(), expected, "{word}");
        assert!(expanded.names.is_empty(), "{word}");
    }
}

#[test]
fn what_buildkit_refuses_is_an_error_with_a_place() {
    for (word, place) in [
        ("a'b", "'b"),
        ("a\"b", "\"b"),
        (r"a\\'b", "'b"),
        ("x${", "${"),
        ("x${A", "${A"),
        ("x${}", "${}"),
        ("x${:-b}", "${:"),
        ("x${A:=b}y", "${A:=b}"),
        ("x${A:b}y", "${A:b}"),
        ("x${A:#b}y", "${A:#"),
        ("x${A^^}", "${A^"),
        ("x${A:-b", "${A:-b"),
        ("x${A:-'b}", "${A:-'b}"),
        ("x${A/b}", "${A/b}"),
        ("x${NO?}y", "${NO?}"),
        ("x${EMPTY:?must be}y", "${EMPTY:?must be}"),
        (r"x${A#\q}y", r"${A#\q}"),
    ] {
        let expanded = run(word);
        assert!(expanded.text.is_none(), "{word}");
        let (span, message) = expanded.error.expect(word);
        assert_eq!(span.slice(word), place, "{word}: {message}");
    }
    let (_, message) = run("${EMPTY:?must be}").error.unwrap();
    assert_eq!(message, "`EMPTY` must have a value: must be");
}

#[test]
fn the_unknown_is_never_guessed() {
    for (word, prefix) in [
        ("$UNKNOWN", ""),
        ("a/$A/$UNKNOWN/b", "a/apple/"),
        ("\"a$UNKNOWN\"b", "a"),
        ("x${UNKNOWN:-d}", "x"),
        ("x${UNKNOWN:+d}", "x"),
        ("x${UNKNOWN:?d}", "x"),
        ("x${UNKNOWN%d}", "x"),
        ("x${UNKNOWN/a/b}", "x"),
        ("x${NO:-y$UNKNOWN}", "xy"),
        ("x${A#$UNKNOWN}", "x"),
        ("x${A/p/$UNKNOWN}", "x"),
    ] {
        let expanded = run(word);
        assert!(expanded.text.is_none(), "{word}");
        assert!(expanded.error.is_none(), "{word}");
        assert_eq!(expanded.prefix, prefix, "{word}");
    }
    // What is not needed may be unknown.
    assert_eq!(text_of("${A:-$UNKNOWN}").as_deref(), Some("apple"));
    assert_eq!(text_of("${NO:+$UNKNOWN}").as_deref(), Some(""));
}

#[test]
fn names_tell_where_each_variable_stands() {
    let word = "$A ${NO:-${EMPTY}} ${UNKNOWN_1}";
    let names: Vec<_> = run(word)
        .names
        .into_iter()
        .map(|(name, span)| (name, span.slice(word).to_owned()))
        .collect();
    let expected = [
        ("A", "$A"),
        ("NO", "${NO"),
        ("EMPTY", "${EMPTY}"),
        ("UNKNOWN_1", "${UNKNOWN_1}"),
    ];
    assert_eq!(names, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
}

#[test]
fn pieces_point_to_where_they_were_written() {
    let pieces = |text: &str| -> Vec<(String, u32, u32)> {
        let text = run(text).text.unwrap();
        text.pieces()
            .map(|(text, span)| (text.to_owned(), span.start, span.end))
            .collect()
    };
    let own = |text: &str, start, end| (text.to_owned(), start, end);
    assert_eq!(
        pieces("x$A/y"),
        [own("x", 0, 1), own("apple", 1000, 1005), own("/y", 3, 5)]
    );
    assert_eq!(pieces("${NO:-dflt}"), [own("dflt", 6, 10)]);
    // `FILE` was written at 1200.
    assert_eq!(pieces("${FILE##*/}"), [own("name.tar.gz", 1208, 1219)]);
    assert_eq!(pieces("${FILE%.tar*}"), [own("dir/sub/name", 1200, 1212)]);
    assert_eq!(
        pieces(r"a\'b"),
        [own("a", 0, 1), own("'", 1, 3), own("b", 3, 4)]
    );
    assert_eq!(pieces("a'b c'"), [own("a", 0, 1), own("b c", 2, 5)]);
}

#[test]
fn a_backtick_escapes_where_the_file_says_so() {
    let read = |text: &str| expand(&traced(text), '`', &variables()).text.unwrap();
    assert_eq!(read(r"C:\dir`$A").as_str(), r"C:\dir$A");
    assert_eq!(read("`\"a").as_str(), "\"a");
    assert_eq!(unquote(&traced(r"a`'b\c"), '`').as_str(), r"a'b\c");
}

#[test]
fn unquote_leaves_variables() {
    let read = |text: &str| unquote(&traced(text), '\\').as_str().to_owned();
    assert_eq!(read("\"$A b\"'c'"), "$A bc");
    assert_eq!(read(r"\$A \\"), r"$A \");
    assert_eq!(read("${A:-\"x y\"}"), "${A:-x y}");
    assert_eq!(read("$"), "$");
    // An open quote is no reason to lose the word.
    assert_eq!(read("it's"), "it's");
}

#[test]
fn nesting_has_a_limit() {
    let deep = format!("{}x{}", "${NO:-".repeat(100_000), "}".repeat(100_000));
    let expanded = run(&deep);
    assert!(expanded.error.unwrap().1.contains("too deep"));
}
