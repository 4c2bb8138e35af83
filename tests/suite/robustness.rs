//! Nothing panics and nothing hangs: whole checks of real files, of real files cut short, and of
//! what nobody would write.

use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use rayon::prelude::*;
use seatrial::{Buffer, Checked, Disk, Outcome, Overlay, Request, Sources, Status, Workspace};

use crate::shared::corpus;

/// Longest time for one file, on a busy machine and without optimization.
const LIMIT: Duration = Duration::from_secs(120);

/// Without `SEATRIAL_THOROUGH`, one file in so many is cut; the thorough run takes minutes.
const SAMPLE: usize = 40;

fn checked(bytes: &[u8]) -> (Sources, Outcome) {
    let today = jiff::civil::date(2026, 11, 22);
    let request = Request::new(std::env::temp_dir(), today).buffer(Buffer {
        path: None,
        text: bytes.to_vec(),
    });
    let start = Instant::now();
    let Checked {
        sources, outcome, ..
    } = Workspace::disk().check(&request);
    assert!(start.elapsed() < LIMIT, "{:?}", start.elapsed());
    (sources, outcome)
}

/// Every place of an outcome lies in its file, at boundaries of characters.
fn assert_places(sources: &Sources, outcome: &Outcome) {
    let findings = outcome.findings.iter().map(|reported| &reported.finding);
    let mut places = Vec::new();
    for finding in findings {
        places.push(finding.primary);
        places.extend(&finding.also);
        places.extend(&finding.covers);
        places.extend(finding.related.iter().map(|related| related.span));
        let edits = finding.fix.iter().flat_map(|fix| &fix.edits);
        places.extend(edits.map(|edit| edit.span));
    }
    places.extend(outcome.undecided.iter().map(|undecided| undecided.span));
    places.extend(outcome.problems.iter().filter_map(|problem| problem.span));
    for place in places {
        let text = &sources.get(place.file).text;
        assert!(text.get(place.range()).is_some(), "{place:?} in {text:?}");
    }
}

#[test]
#[ignore = "needs the shared corpus"]
fn real_files_whole_and_cut_short() {
    let corpus = corpus::oracle();
    let files: Vec<&Vec<u8>> = corpus.files.values().collect();
    let count = files.len();
    assert_eq!(count, corpus.lines.len());
    let every = if std::env::var_os("SEATRIAL_THOROUGH").is_some() {
        1
    } else {
        SAMPLE
    };
    let results: usize = files
        .par_iter()
        .enumerate()
        .map(|(number, bytes)| {
            let (sources, outcome) = checked(bytes);
            assert_places(&sources, &outcome);
            let mut cuts = 0;
            if number % every != 0 {
                return cuts;
            }
            for end in (97..bytes.len()).step_by(97) {
                let (sources, outcome) = checked(&bytes[..end]);
                assert_places(&sources, &outcome);
                cuts += 1;
            }
            cuts
        })
        .sum();
    assert!(results * every > count, "{results} cuts of {count} files");
}

/// Characters of several bytes at places where nobody thinks of them: in every kind of file that is read.
#[test]
fn characters_of_several_bytes_anywhere() {
    const SIGNS: [&str; 5] = ["é", "\u{3000}", "—", "🙂", "é # seatrial: ignore[x]"];
    /// Bytes from one place to the next.
    const STEP: usize = 397;
    let projects = super::support::root().join("fixtures/projects");
    let mut files = Vec::new();
    let mut rest = vec![projects.clone()];
    while let Some(directory) = rest.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                rest.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                files.push((path, text));
            }
        }
    }
    files.sort();
    let count: usize = files
        .par_iter()
        .enumerate()
        .map(|(number, (path, text))| {
            let project = path.strip_prefix(&projects).unwrap().iter().next().unwrap();
            let directory = projects.join(project).canonicalize().unwrap();
            let places = (number * 31 % STEP..text.len()).step_by(STEP);
            let places = places.filter(|at| text.is_char_boundary(*at));
            let runs = places.enumerate().map(|(turn, at)| {
                let sign = SIGNS[(number + turn) % SIGNS.len()];
                let changed = format!("{}{sign}{}", &text[..at], &text[at..]);
                let path = path.canonicalize().unwrap();
                let files = Overlay::new(Arc::new(Disk)).with(path, changed);
                let today = jiff::civil::date(2026, 11, 22);
                let request = Request::new(&directory, today).paths([&directory]);
                let Checked {
                    sources, outcome, ..
                } = Workspace::new(Arc::new(files)).check(&request);
                assert_places(&sources, &outcome);
                1
            });
            runs.sum::<usize>()
        })
        .sum();
    assert!(count > 50, "{count} runs");
}

/// Words that real files are made of, so that what is generated gets somewhere.
const WORDS: [&str; 40] = [
    "FROM ",
    "python:3.13-slim",
    " AS build",
    "\nRUN ",
    "apt-get install -y ",
    "pip install ",
    "$X ",
    "${X:-y} ",
    "\\\n",
    "# comment\n",
    " && ",
    " || true",
    "\nENV A=",
    "\"b c\"",
    "\nCOPY --from=",
    "build /a /b",
    "\nCMD [\"a\", ",
    "\"b\"]",
    "\nUSER ",
    "root",
    " <<EOF\n",
    "\nEOF\n",
    "\nARG X",
    "=1",
    "\nEXPOSE 8000",
    "\nONBUILD ",
    "é🙂",
    "\nHEALTHCHECK ",
    "CMD ",
    "--mount=type=cache,target=/x ",
    "(",
    ")",
    "{ ",
    "; }",
    "if x; then ",
    "fi",
    "'",
    "`",
    "\t",
    "\r\n",
];

/// Short files that would grow without end, and long ones in which everything concerns everything.
#[test]
fn hostile_dockerfiles_end() {
    let lines = |count: usize, line: &dyn Fn(usize) -> String| (0..count).map(line).collect();
    let doubled =
        |word: &str| format!("{word} A=aaaaaaaaaa\n") + &format!("{word} A=$A$A\n").repeat(60);
    let cases: [String; 8] = [
        doubled("ENV") + "RUN pip install $A\nWORKDIR $A\n",
        doubled("ARG") + "RUN pip install $A\nUSER $A\n",
        "ENV P=/a\n".to_owned() + &"ENV P=/a/$P$P$P$P\nWORKDIR $P\nRUN cd $P && ls\n".repeat(200),
        lines(2000, &|i| format!("ENV NAME{}=x$NAME{i}\n", i + 1)),
        format!(
            "RUN {}true\n",
            lines(2000, &|i| format!("A{}=x$A{i}; echo $A{i}; ", i + 1))
        ),
        format!(
            "RUN <<END\n{}END\n",
            lines(20_000, &|i| format!("pip install x{i}\n"))
        ),
        lines(2000, &|i| {
            format!("COPY a{i} /srv/b{i}\nRUN chmod +x /srv/b{i}\n")
        }),
        lines(500, &|i| {
            format!("FROM python AS s{i}\nCOPY --from=s{} / /\n", i.max(1) - 1)
        }),
    ];
    for case in cases {
        let text = format!("FROM python:3.13-slim-trixie\n{case}CMD [\"gunicorn\", \"a.wsgi\"]\n");
        let (sources, outcome) = checked(text.as_bytes());
        assert_places(&sources, &outcome);
        assert!(outcome.status() <= Status::Failed);
    }
}

/// What stands behind the last command that is looked at may take everything back.
#[test]
fn a_layer_cut_short_proves_nothing() {
    let found = |count: usize| {
        let installs =
            "RUN apt-get update \\\n && apt-get install -y --no-install-recommends gcc \\\n"
                .to_owned();
        let rest = " && pip install --no-cache-dir x \\\n".repeat(count);
        let text = format!(
            "FROM python:3.13-slim-trixie\n{installs}{rest} && rm -rf /var/lib/apt/lists/* \\\n\
             && apt-get purge -y gcc\nUSER 1000\n"
        );
        let (_, outcome) = checked(text.as_bytes());
        let rules = outcome
            .findings
            .iter()
            .map(|reported| reported.finding.rule.to_string());
        rules
            .filter(|rule| rule.contains("left"))
            .collect::<Vec<_>>()
    };
    assert_eq!(found(10), Vec::<String>::new());
    assert_eq!(found(1_500), Vec::<String>::new());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let (sources, outcome) = checked(&bytes);
        assert_places(&sources, &outcome);
        prop_assert!(outcome.status() <= Status::Failed);
    }

    #[test]
    fn random_words(words in proptest::collection::vec(0..WORDS.len(), 0..60)) {
        let text: String = words.into_iter().map(|word| WORDS[word]).collect();
        let (sources, outcome) = checked(text.as_bytes());
        assert_places(&sources, &outcome);
    }
}
