//! Errors: where the caret stands, what it says, and that one mistake is told once.

use super::parse;
use crate::dockerfile::ast::SyntaxErrorKind::{self, Instruction, Parse};

/// Kind, marked text and message of each error.
fn errors(text: &str) -> Vec<(SyntaxErrorKind, String, String)> {
    parse(text)
        .errors
        .into_iter()
        .map(|error| (error.kind, error.span.slice(text).to_owned(), error.message))
        .collect()
}

/// The single error of a file; its instruction is marked as broken.
fn only(text: &str) -> (SyntaxErrorKind, String, String) {
    let mut errors = errors(text);
    assert_eq!(errors.len(), 1, "{text:?}: {errors:?}");
    errors.remove(0)
}

fn check(kind: SyntaxErrorKind, cases: &[(&str, &str, &str)]) {
    for (text, marked, message) in cases {
        let expected = (kind, (*marked).to_owned(), (*message).to_owned());
        assert_eq!(only(text), expected, "{text:?}");
    }
}

#[test]
fn what_the_parser_refuses() {
    check(
        Parse,
        &[
            ("", "", "this file contains no instruction"),
            ("# a\n", "", "this file contains no instruction"),
            (
                "# escape=x\nFROM a",
                "x",
                "the escape is `\\` or a backtick, not `x`",
            ),
            (
                "#check=a\n#CHECK=b\nFROM a",
                "#CHECK=b",
                "`check` is set twice: one line is enough",
            ),
            (
                "FROM a\nENV B\nUSER c",
                "B",
                "`ENV B` has no value: write `B=value`",
            ),
            (
                "FROM a\nENV B=1 c D\nUSER e",
                "c",
                "`c` has no `=`: ENV takes `name=value`, and quotes around a value with spaces",
            ),
            (
                "FROM a\nENV B=1 \\\nRUN c",
                "RUN",
                "`RUN` is read as part of this ENV: end the line before it without a continuation",
            ),
            (
                "FROM a\nCMD [\"b\", {\"c\": 1}, \"d\"]",
                "{\"c\": 1}",
                "every element of the JSON form must be a string: quote this one",
            ),
            (
                "FROM a\nONBUILD CMD [ 12 ]",
                "12",
                "every element of the JSON form must be a string: quote this one",
            ),
            (
                "FROM a\nRUN <<B\nc\n",
                "<<B",
                "the heredoc is not closed: a line `B` is missing",
            ),
            (
                "FROM a\nRUN <<B\nc\n  B\n",
                "<<B",
                "the heredoc is not closed: line 4 must be `B` without spaces around it",
            ),
            (
                "FROM a\nRUN <<B\nc\n\tB\n",
                "<<B",
                "the heredoc is not closed: line 4 is indented, open it with `<<-B` or start the line with `B`",
            ),
            (
                "FROM a\nRUN (cat <<B)\nc\nB\n",
                "<<B)",
                "the heredoc ends at a line `B)`, not `B`: put a space after `<<B`",
            ),
        ],
    );
}

#[test]
fn a_line_can_be_too_long() {
    let line = |length: usize| format!("FROM a\nRUN {}\nUSER c\n", "b".repeat(length - 4));
    assert!(errors(&line(65_535)).is_empty());
    let (kind, marked, message) = only(&line(65_536));
    assert_eq!((kind, marked.len()), (Parse, 65_536));
    assert_eq!(message, "the line is longer than 65535 bytes: break it up");
    let within = format!("FROM a\nRUN <<B\n{}\nB\n", "c".repeat(70_000));
    assert_eq!(only(&within).1.len(), 70_000);
}

#[test]
fn what_is_refused_of_single_instructions() {
    check(
        Instruction,
        &[
            (
                "FORM a",
                "FORM",
                "`FORM` is not an instruction: did you mean `FROM`?",
            ),
            (
                "FROM a\n\nsomething b",
                "something",
                "`something` is not an instruction",
            ),
            (
                "FROM a\nRUN b &&\n  apt-get c\n  d e",
                "apt-get",
                "`apt-get` is not an instruction: if it belongs to the RUN above, end the line before it with a \
                    continuation",
            ),
            ("FROM", "FROM", "FROM needs an image"),
            (
                "FROM a as",
                "as",
                "the name of the stage is missing after `AS`",
            ),
            (
                "FROM a # b c",
                "# b c",
                "a comment must be on a line of its own",
            ),
            ("FROM a b", "b", "FROM takes an image, or `image AS name`"),
            (
                "FROM a AS 1b",
                "1b",
                "`1b` is not a valid stage name: it starts with a letter, then letters, digits, `-`, `_` and `.`",
            ),
            ("FROM a\nCOPY b", "b", "COPY needs a destination after `b`"),
            ("FROM a\nADD", "ADD", "ADD needs a source and a destination"),
            (
                "FROM a\nCOPY b <<C\nC",
                "<<C",
                "COPY needs a destination: a heredoc is only a source",
            ),
            ("FROM a\nWORKDIR", "WORKDIR", "WORKDIR needs an argument"),
            ("FROM a\nEXPOSE", "EXPOSE", "EXPOSE needs a port"),
            ("FROM a\nENV", "ENV", "ENV needs `name=value`"),
            ("FROM a\nENV =b", "", "a name is missing before `=`"),
            ("FROM a\nARG =b", "=b", "a name is missing before `=`"),
            (
                "FROM a\nVOLUME [\"b\", \" \"]",
                " ",
                "a volume cannot be empty",
            ),
            ("FROM a\nVOLUME []", "VOLUME", "VOLUME needs a path"),
            (
                "FROM a\nSHELL bash -c",
                "bash -c",
                "SHELL takes a JSON array: `[\"/bin/bash\", \"-c\"]`",
            ),
            ("FROM a\nSHELL []", "SHELL", "SHELL needs a JSON array"),
            (
                "FROM a\nHEALTHCHECK curl b",
                "curl",
                "HEALTHCHECK takes `CMD` or `NONE`, not `curl`",
            ),
            (
                "FROM a\nHEALTHCHECK CMD",
                "CMD",
                "a command is missing after `HEALTHCHECK CMD`",
            ),
            ("FROM a\nONBUILD", "ONBUILD", "ONBUILD needs an instruction"),
            (
                "FROM a\nONBUILD FROM b",
                "FROM",
                "ONBUILD cannot contain FROM",
            ),
            (
                "FROM a\nONBUILD ONBUILD RUN b",
                "ONBUILD",
                "ONBUILD cannot contain ONBUILD",
            ),
        ],
    );
}

#[test]
fn what_is_refused_of_flags() {
    check(
        Instruction,
        &[
            (
                "FROM a\nCOPY --form=b c d",
                "--form=b",
                "COPY has no flag `--form`: did you mean `--from`?",
            ),
            (
                "FROM --user=b a",
                "--user=b",
                "FROM has no flag `--user`: it takes `--platform`",
            ),
            (
                "FROM a\nWORKDIR --b /c",
                "--b",
                "WORKDIR takes no flags: `--b` is not read",
            ),
            (
                "FROM a\nCOPY --from b c",
                "--from",
                "`--from` needs a value: write `--from=...`",
            ),
            (
                "FROM a\nCOPY --from=b --from=c d e",
                "--from=c",
                "`--from` stands twice",
            ),
            (
                "FROM a\nCOPY --link=yes b c",
                "--link=yes",
                "`--link` is `true` or `false`, not `yes`",
            ),
            (
                "FROM a\nRUN --network=lan b",
                "lan",
                "`lan` is not a network mode: use one of `default`, `none`, `host`",
            ),
            (
                "FROM a\nHEALTHCHECK --interval=5 CMD b",
                "5",
                "`5` is not a duration: write a number with its unit, such as `30s` or `1m30s`",
            ),
            (
                "FROM a\nHEALTHCHECK --timeout=9us CMD b",
                "9us",
                "`--timeout` cannot be below `1ms`",
            ),
            (
                "FROM a\nHEALTHCHECK --retries=-1 CMD b",
                "-1",
                "`-1` is not a number of retries: use a whole number",
            ),
            (
                "FROM a\nRUN --mount=type=cache,tarket=/b c",
                "tarket=/b",
                "a mount has no field `tarket`: did you mean `target`?",
            ),
            (
                "FROM a\nRUN --mount=type=cash,target=/b c",
                "type=cash",
                "`cash` is not a mount type: use one of `bind`, `cache`, `tmpfs`, `secret`, `ssh`",
            ),
            (
                "FROM a\nRUN --mount=from=$B,target=/c d",
                "from=$B",
                "`from` takes no variables: name a stage built from the image instead",
            ),
            (
                "FROM a\nRUN --mount=target b",
                "target",
                "`target` needs a value: write `target=...`",
            ),
            ("FROM a\nRUN --mount= b", "", "the mount is empty"),
        ],
    );
}

#[test]
fn what_is_right_is_no_error() {
    for text in [
        "ARG A\nARG B=1",
        "ARG A=1\nFROM $A\nRUN\nCMD\nENTRYPOINT []",
        "FROM a AS B.c_d-1\nCOPY --exclude=b --exclude=c --link --parents d e",
        "FROM a\nRUN --mount=type=$T,id=x,ro --mount=type=cache,target=/b,uid=$U,readonly=true c",
        "FROM a\nRUN --mount=\"type=bind,source=/b c,target=/d\" e",
        "FROM a\nHEALTHCHECK --interval=1.5h --timeout=0 --start-period=1m30s --retries=0 CMD b",
        "FROM a\nHEALTHCHECK --whatever NONE",
        "FROM a\nSTOPSIGNAL --whatever 9",
        "FROM a\nONBUILD WHATEVER b",
        "FROM a\nRUN [1e999]\nRUN ['b']",
    ] {
        assert_eq!(errors(text), [], "{text:?}");
    }
}

#[test]
fn a_file_without_from_is_told_once() {
    let message = "RUN is before the first FROM, where only ARG is allowed";
    let expected = (Instruction, "RUN".to_owned(), message.to_owned());
    assert_eq!(only("ARG A\nRUN b\nCMD c\nUSER d\n"), expected);
    // What was most likely meant as FROM is the only mistake.
    assert_eq!(only("FORM a\nRUN b\n").1, "FORM");
    assert_eq!(only("FROM\nRUN b\n").1, "FROM");
}

#[test]
fn everything_after_an_error_is_read() {
    let text = "FROM a\nENV B\nRUN <<C\nd\nCOPY e f\nUSER\nCMD [1]\nEXPOSE 80\n";
    let tree = parse(text);
    let told: Vec<_> = tree
        .instructions
        .iter()
        .map(|instruction| (instruction.keyword.name(), instruction.is_broken))
        .collect();
    assert_eq!(
        told,
        [
            ("FROM", false),
            ("ENV", true),
            ("RUN", true),
            ("COPY", false),
            ("USER", true),
            ("CMD", true),
            ("EXPOSE", false),
        ]
    );
    assert_eq!(tree.instructions[2].heredocs[0].content.as_str(), "d\n");
    let marked: Vec<_> = tree
        .errors
        .iter()
        .map(|error| error.span.slice(text))
        .collect();
    assert_eq!(marked, ["B", "<<C", "USER", "1"]);
}

#[test]
fn a_broken_trigger_is_no_error_of_this_file() {
    let tree = parse("FROM a\nONBUILD COPY b\nONBUILD RUN c\n");
    assert!(tree.errors.is_empty());
    let broken: Vec<_> = tree
        .instructions
        .iter()
        .map(|instruction| instruction.is_broken)
        .collect();
    assert_eq!(broken, [false, true, false]);
}
