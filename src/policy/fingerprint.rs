//! Names for findings that survive edits elsewhere in the file and renames of a stage.
//!
//! A fingerprint is made of the rule, the path, the marked text with white space folded, and the
//! ordinal among findings that are equal in these. It holds no line numbers. Where a finding is about the release of a
//! package or an image, its name stands for the marked text: another release that is as bad is no new finding.

use crate::maps::HashSet;

use crate::dockerfile::ast::{Args, Dockerfile, Instruction, Keyword};
use crate::span::{Span, Traced};

/// The places in a Dockerfile where stages are named, in file order. Fingerprints leave them out.
#[must_use]
pub(crate) fn stage_names(dockerfile: &Dockerfile) -> Vec<Span> {
    let mut names = HashSet::default();
    let mut spans = Vec::new();
    for instruction in &dockerfile.instructions {
        if instruction.keyword == Keyword::From {
            if let Args::Words(words) = &instruction.args {
                from_words(words, &mut names, &mut spans);
            }
        } else {
            references(instruction, &names, &mut spans);
        }
    }
    spans.sort_unstable();
    spans
}

fn from_words(words: &[Traced], names: &mut HashSet<String>, spans: &mut Vec<Span>) {
    if let Some(base) = words.first()
        && is_stage(names, base.as_str())
    {
        spans.push(base.span());
    }
    if let [_, keyword, name, ..] = words
        && keyword.as_str().eq_ignore_ascii_case("as")
    {
        spans.push(name.span());
        names.insert(name.as_str().to_lowercase());
    }
}

fn references(instruction: &Instruction, names: &HashSet<String>, spans: &mut Vec<Span>) {
    for flag in &instruction.flags {
        let Some(value) = &flag.value else { continue };
        if flag.name.as_str() == "from" && is_stage(names, value.as_str()) {
            spans.push(value.span());
        }
        if flag.name.as_str() == "mount" {
            let mut start = 0;
            for part in value.as_str().split(',') {
                if let Some(name) = part.strip_prefix("from=")
                    && is_stage(names, name)
                {
                    spans.push(value.span_of(start + "from=".len()..start + part.len()));
                }
                start += part.len() + 1;
            }
        }
    }
}

fn is_stage(names: &HashSet<String>, name: &str) -> bool {
    names.contains(&name.to_lowercase())
}

/// The text at `span` of `text` without the `omit`ted places, white space and continuations folded
/// to one blank. `omit` is sorted.
#[must_use]
pub(crate) fn marked_text(text: &str, span: Span, omit: &[Span]) -> String {
    let mut kept = String::new();
    let mut at = span.start;
    let first = omit.partition_point(|gap| gap.start < span.start);
    let inside = omit[first..].iter().take_while(|gap| gap.start <= span.end);
    for gap in inside.filter(|gap| span.contains(**gap)) {
        if gap.start >= at {
            kept.push_str(Span::new(span.file, at, gap.start).slice(text));
            at = gap.end;
        }
    }
    kept.push_str(Span::new(span.file, at.min(span.end), span.end).slice(text));
    let joined = kept.replace("\\\r\n", " ").replace("\\\n", " ");
    let mut folded = String::with_capacity(joined.len());
    for word in joined.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}

/// The fingerprint of the `ordinal`th (from 0) finding of `rule` on `marked` in `path`.
#[must_use]
pub(crate) fn fingerprint(rule: &str, path: &str, marked: &str, ordinal: usize) -> String {
    let mut hash = Fnv::new();
    hash.field(rule.as_bytes());
    hash.field(path.as_bytes());
    hash.field(marked.as_bytes());
    hash.field(ordinal.to_string().as_bytes());
    format!("{:032x}", hash.0)
}

/// FNV-1a with 128 bits: the same on every machine and in every version, unlike the hashers of the
/// standard library. It names things; it protects nothing.
struct Fnv(u128);

impl Fnv {
    fn new() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }

    fn field(&mut self, bytes: &[u8]) {
        for byte in bytes.iter().chain(&[0xff]) {
            self.0 ^= u128::from(*byte);
            self.0 = self
                .0
                .wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;

    #[test]
    fn white_space_continuations_and_stage_names_do_not_matter() {
        let text = "FROM x AS build\nRUN a \\\n    b\tc";
        let name = Span::new(FileId(0), 10, 15);
        let whole = Span::new(FileId(0), 0, u32::try_from(text.len()).unwrap());
        assert_eq!(marked_text(text, whole, &[name]), "FROM x AS RUN a b c");
        assert_eq!(marked_text(text, name, &[name]), "");
    }

    #[test]
    fn every_part_counts() {
        let base = fingerprint("r", "p", "m", 0);
        assert_eq!(base.len(), 32);
        for other in [
            fingerprint("s", "p", "m", 0),
            fingerprint("r", "q", "m", 0),
            fingerprint("r", "p", "n", 0),
            fingerprint("r", "p", "m", 1),
            fingerprint("rp", "", "m", 0),
        ] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        let mut hash = Fnv::new();
        for byte in b"foobar" {
            hash.0 ^= u128::from(*byte);
            hash.0 = hash
                .0
                .wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
        assert_eq!(hash.0, 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18);
    }
}
