//! Nothing panics and nothing hangs: whole checks of real files, of real files cut short, and of
//! what nobody would write.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use rayon::prelude::*;
use seatrial::check::{Buffer, Request, check};
use seatrial::policy::{Outcome, Status};
use seatrial::source::Sources;

use super::syntax::corpus;

/// Longest time for one file, on a busy machine and without optimization.
const LIMIT: Duration = Duration::from_secs(20);

/// Without `SEATRIAL_THOROUGH`, one file in so many is cut; the thorough run takes minutes.
const SAMPLE: usize = 40;

fn checked(bytes: &[u8]) -> (Sources, Outcome) {
    let sources = Sources::new();
    let today = jiff::civil::date(2026, 11, 22);
    let mut request = Request::new(std::env::temp_dir(), today);
    request.buffer = Some(Buffer {
        path: None,
        text: bytes.to_vec(),
    });
    let start = Instant::now();
    let outcome = check(&sources, &request);
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
fn real_files_whole_and_cut_short() {
    let Some(corpus) = corpus::oracle() else {
        return;
    };
    let files: Vec<&Vec<u8>> = corpus.files.values().collect();
    let count = files.len();
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
