//! Random changes of a text: bytes, characters, chunks, lines, depth, length.

/// Numbers that follow from the first one.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(number: u64) -> Self {
        Self(number.wrapping_mul(0x2545_f491_4f6c_dd1d))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Less than `end`; 0 when that is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let number = usize::try_from(self.next() >> 1).unwrap_or_default();
        number.checked_rem(end).unwrap_or_default()
    }

    pub(crate) fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// What means something to one of the readers, and what is at the edge of what any may hold.
const WORDS: &[&str] = &[
    "é",
    "\u{3000}",
    "—",
    "🙂",
    "\u{feff}",
    "\u{202e}",
    "\u{85}",
    "\u{2028}",
    "ß",
    "İ",
    "\0",
    "\r",
    "\r\n",
    "\t",
    "\u{b}",
    "\u{c}",
    "\\",
    "\\\n",
    "`",
    "'",
    "\"",
    "'''",
    "\"\"\"",
    "$",
    "${",
    "}",
    "$(",
    ")",
    "((",
    "))",
    "[[",
    "]]",
    "{{",
    "}}",
    "%(",
    "%%",
    "@(",
    "#",
    "# seatrial: ignore=all",
    "# seatrial: ignore[",
    "# syntax=x\n",
    "# escape=`\n",
    "<<EOF",
    "<<-'E'",
    "\nEOF\n",
    ";",
    "&&",
    "||",
    "|",
    "&",
    "=",
    "==",
    "===",
    "~=",
    ">=",
    "!=",
    "<",
    ">",
    ",",
    ":",
    "::",
    "/",
    "//",
    "..",
    "../",
    "/..",
    "*",
    "**",
    "***",
    "?",
    "!",
    "-",
    "--",
    "@",
    "0",
    "-1",
    "1e999",
    "18446744073709551616",
    "9223372036854775807",
    "4294967296",
    "0x",
    "1_0",
    "0.0.0.0",
    "65536",
    "$A",
    "${A:-$A}",
    "${A:+x}",
    "${A#*}",
    "${A//a/b}",
    "$$",
    "$1",
    "$@",
    "$*",
    "$?",
    "\nFROM ",
    " AS ",
    "\nRUN ",
    "\nCOPY --from=",
    "\nENV A=$A$A\n",
    "\nARG A\n",
    "\nWORKDIR ..\n",
    "\nUSER ",
    "\nONBUILD ",
    "\nSHELL [\"a\"]\n",
    "--mount=type=cache,target=",
    "[\"",
    "\"]",
    "pip install ",
    "-r ",
    "-c ",
    "-e ",
    "apt-get install -y ",
    "rm -rf ",
    " set -e\n",
    "exec ",
    "exit 1",
    "import *",
    "from . import ",
    "lambda: ",
    "if x: ",
    "for x in y: ",
    "f'{",
    "*",
    "**",
    "os.environ[",
    "[x for x in ",
    "= a = ",
    " if a else b",
    "&a ",
    "*a",
    "<<: *a",
    "- ",
    "? ",
    "| ",
    ">-\n",
    "--- ",
    "...\n",
    "%TAG ! a\n",
    "!!binary ",
    "extends: ",
    "env_file: ",
    "include: ",
    "[tool.seatrial]\n",
    "[[package]]\n",
    "[",
    "]",
    "[a.b.c]\n",
    "{ version = ",
    "; extra == 'a'",
    " and ",
    " or ",
    "python_version",
    "not in ",
];

/// Longest text that is made.
const MOST: usize = 400_000;

/// The text with one to six changes; `other` is where chunks come from.
pub(crate) fn broken(mut text: Vec<u8>, other: &[u8], random: &mut Random) -> Vec<u8> {
    let count = 1 + random.below(6);
    for _ in 0..count {
        change(&mut text, other, random);
    }
    text.truncate(MOST);
    text
}

fn change(text: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let at = random.below(text.len() + 1);
    match random.below(16) {
        0 => {
            if let Some(byte) = text.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        1 => text.insert(at, u8::try_from(random.below(256)).unwrap_or_default()),
        2 => drop(text.drain(chunk(text.len(), random))),
        3..=6 => insert(text, at, random.one(WORDS).as_bytes()),
        7 => insert(text, at, &other[chunk(other.len(), random)]),
        8 => {
            let copy = text[chunk(text.len(), random)].to_vec();
            insert(text, at, &copy);
        }
        9 => text.truncate(at),
        10 => {
            let lines = lines(text, random);
            drop(text.drain(lines));
        }
        11 => {
            let copy = text[lines(text, random)].to_vec();
            let to = lines(text, random).start;
            insert(text, to, &copy);
        }
        12 => {
            let copy = other[lines(other, random)].to_vec();
            let to = lines(text, random).start;
            insert(text, to, &copy);
        }
        // A line or a word, very often.
        13 => {
            let copy = match random.below(2) {
                0 => text[lines(text, random)].to_vec(),
                _ => random.one(WORDS).as_bytes().to_vec(),
            };
            let times = 1 << random.below(12);
            let times = times.min(100_000 / copy.len().max(1));
            let to = lines(text, random).start;
            insert(text, to, &copy.repeat(times));
        }
        14 => {
            let pairs = [
                ("(", ")"),
                ("[", "]"),
                ("{", "}"),
                ("$(", ")"),
                ("${A:-", "}"),
                ("{a: ", "}"),
                ("not ", ""),
                ("if a; then ", "; fi"),
            ];
            let (open, close) = random.one(&pairs);
            let depth = 1 << random.below(13);
            let end = at + random.below(text.len() + 1 - at);
            insert(text, end, close.repeat(depth).as_bytes());
            insert(text, at, open.repeat(depth).as_bytes());
        }
        _ => {
            let to = random.below(text.len() + 1);
            if at < text.len() && to < text.len() {
                text.swap(at, to);
            }
        }
    }
}

fn insert(text: &mut Vec<u8>, at: usize, what: &[u8]) {
    text.splice(at..at, what.iter().copied());
}

fn chunk(length: usize, random: &mut Random) -> std::ops::Range<usize> {
    let start = random.below(length + 1);
    let most = if random.below(4) == 0 { length } else { 40 };
    start..start + random.below((length - start).min(most) + 1)
}

/// One to eight whole lines.
fn lines(text: &[u8], random: &mut Random) -> std::ops::Range<usize> {
    let at = random.below(text.len() + 1);
    let start = text[..at]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |end| end + 1);
    let mut end = start;
    for _ in 0..=random.below(8) {
        let rest = text[end..].iter().position(|byte| *byte == b'\n');
        end = rest.map_or(text.len(), |length| end + length + 1);
    }
    start..end
}
