//! What `codespan-reporting` reads the lines from: files made harmless, and lines too long to be read cut
//! around what is marked. Knows nothing of findings.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use codespan_reporting::diagnostic::{Diagnostic, Label, LabelStyle};
use codespan_reporting::files::{Error, Files, column_index};

use super::super::Report;
use super::super::text::{one_line, tame};
use crate::source::SourceFile;
use crate::span::FileId;

/// Lines with more bytes are cut, where nobody says how wide they may be.
const LONG: usize = 180;
/// So much is kept then before and after what is marked, in bytes.
const AROUND: usize = 60;
/// What stands before the lines: their numbers and a border.
const GUTTER: usize = 8;
/// Marks with more bytes are cut themselves.
const LONG_MARK: usize = 1000;
/// So much is kept of them, in bytes.
const OF_MARK: usize = 300;
/// How many lines are shown below the first and above the last line of a mark, and one more.
const BELOW: usize = 4;
const ABOVE: usize = 2;
/// What stands for the rest of a line.
const REST: &str = "...";

/// The files of the diagnostics, tamed.
pub(super) struct Shelf {
    files: BTreeMap<FileId, Shelved>,
}

struct Shelved {
    file: Arc<SourceFile>,
    name: String,
    tamed: OnceCell<Option<String>>,
    /// Lines with more bytes are cut.
    long: usize,
    /// So much is kept before and after what is marked, in bytes.
    around: usize,
}

impl Shelf {
    /// The files of the labels; lines of no more than `width` columns are wanted.
    pub(super) fn new<'l>(
        report: &Report<'_>,
        labels: impl Iterator<Item = &'l Label<FileId>>,
        width: Option<usize>,
    ) -> Self {
        let (long, around) = match width {
            Some(width) => (width - GUTTER, (width / 3).min(AROUND)),
            None => (LONG, AROUND),
        };
        let mut files = BTreeMap::new();
        for label in labels {
            files.entry(label.file_id).or_insert_with(|| {
                let file = report.sources.get(label.file_id);
                Shelved {
                    name: one_line(&file.name),
                    file,
                    tamed: OnceCell::new(),
                    long,
                    around,
                }
            });
        }
        Self { files }
    }

    fn get(&self, id: FileId) -> Result<&Shelved, Error> {
        self.files.get(&id).ok_or(Error::FileMissing)
    }
}

impl Shelved {
    fn text(&self) -> &str {
        self.tamed
            .get_or_init(|| match tame(&self.file.text) {
                Cow::Borrowed(_) => None,
                Cow::Owned(tamed) => Some(tamed),
            })
            .as_deref()
            .unwrap_or(&self.file.text)
    }
}

impl Shelf {
    /// The files as one diagnostic shows them; its labels are moved to where their text then stands, and those are
    /// gone whose text is not shown: of a very long line that around the primary label is.
    pub(super) fn excerpt(&self, diagnostic: &mut Diagnostic<FileId>) -> Excerpt<'_> {
        let mut cut = BTreeMap::new();
        let is_further = |label: &Label<FileId>| label.style != LabelStyle::Primary;
        diagnostic.labels.sort_by_key(is_further);
        let points: Vec<bool> = diagnostic
            .labels
            .iter()
            .map(|it| it.range.is_empty())
            .collect();
        let mut marked: BTreeMap<FileId, Vec<&mut Range<usize>>> = BTreeMap::new();
        for label in &mut diagnostic.labels {
            marked
                .entry(label.file_id)
                .or_default()
                .push(&mut label.range);
        }
        for (id, mut ranges) in marked {
            let made = self
                .files
                .get(&id)
                .and_then(|shelved| shelved.cut(&mut ranges));
            cut.extend(made.map(|made| (id, made)));
        }
        let mut points = points.into_iter();
        let mut was_point = || points.next().unwrap_or_default();
        diagnostic
            .labels
            .retain(|label| was_point() || !label.range.is_empty());
        Excerpt { shelf: self, cut }
    }
}

impl Shelved {
    fn line(&self, byte: usize) -> usize {
        let starts = self.file.line_starts();
        starts
            .partition_point(|start| *start as usize <= byte)
            .saturating_sub(1)
    }

    fn line_range(&self, line: usize) -> Option<Range<usize>> {
        let starts = self.file.line_starts();
        let start = *starts.get(line)? as usize;
        let end = starts.get(line + 1).map(|end| *end as usize);
        Some(start..end.unwrap_or(self.file.text.len()))
    }

    /// The lines that are shown, those cut that are long and marked, and `ranges` in them; `None` when no line is cut.
    fn cut(&self, ranges: &mut [&mut Range<usize>]) -> Option<Cut> {
        // What is to be seen of each line.
        let mut windows: BTreeMap<usize, Range<usize>> = BTreeMap::new();
        let mut shown = BTreeSet::new();
        for range in ranges.iter() {
            let (first, last) = (self.line(range.start), self.line(range.end));
            let (whole, end) = (self.line_range(first)?, self.line_range(last)?);
            shown.extend(first.saturating_sub(1)..=(first + BELOW).min(last + 1));
            shown.extend(last.saturating_sub(ABOVE).max(first)..=last + 1);
            let of_mark = match range.len() > LONG_MARK {
                true => range.start..range.start + OF_MARK,
                false => (**range).clone(),
            };
            if first == last || range.end == whole.end {
                widen(&mut windows, first, of_mark);
                continue;
            }
            // Nothing is cut of a line that a label runs through, unless it is very long.
            let from = match whole.len() > LONG_MARK {
                true => range.start..(range.start + OF_MARK).min(whole.end),
                false => whole,
            };
            let to = match end.len() > LONG_MARK {
                true => range.end.saturating_sub(OF_MARK).max(end.start)..range.end,
                false => end,
            };
            widen(&mut windows, first, from);
            widen(&mut windows, last, to);
        }
        let mut pieces = BTreeMap::new();
        for (line, window) in windows {
            let whole = self.line_range(line)?;
            if whole.len() > self.long {
                pieces.extend(self.piece(&whole, &window).map(|piece| (line, piece)));
            }
        }
        if pieces.is_empty() {
            return None;
        }
        let mut cut = Cut::default();
        for line in shown {
            let Some(whole) = self.line_range(line) else {
                break;
            };
            cut.add(line, whole, self.text(), pieces.remove(&line))?;
        }
        let moved = |byte: usize| cut.moved(self.line(byte), byte);
        let moved: Option<Vec<Range<usize>>> = ranges
            .iter()
            .map(|range| Some(moved(range.start)?..moved(range.end)?))
            .collect();
        for (range, moved) in ranges.iter_mut().zip(moved?) {
            **range = moved;
        }
        Some(cut)
    }

    /// What is kept of a long line, without its end.
    fn piece(&self, whole: &Range<usize>, window: &Range<usize>) -> Option<Piece> {
        let text = self.text();
        let content = text.get(whole.clone())?.trim_end_matches('\n').len();
        let line = whole.start..whole.start + content;
        let mut seen = Range {
            start: window.start.saturating_sub(self.around).max(line.start),
            end: (window.end + self.around).min(line.end),
        };
        while !text.is_char_boundary(seen.start) {
            seen.start -= 1;
        }
        while !text.is_char_boundary(seen.end) {
            seen.end += 1;
        }
        let before = if seen.start > line.start { REST } else { "" };
        let after = if seen.end < line.end { REST } else { "" };
        let is_shorter = seen.len() + before.len() + after.len() < line.len();
        is_shorter.then_some(Piece {
            line,
            seen,
            before,
            after,
        })
    }
}

/// Makes the window of a line hold what is to be seen of it, as far as that does not get too long.
fn widen(windows: &mut BTreeMap<usize, Range<usize>>, line: usize, range: Range<usize>) {
    let seen = windows.entry(line).or_insert_with(|| range.clone());
    let both = seen.start.min(range.start)..seen.end.max(range.end);
    if both.len() <= LONG_MARK {
        *seen = both;
    }
}

/// A part of a line that stands for it.
struct Piece {
    /// Where the line is, without its end.
    line: Range<usize>,
    /// What is shown of it.
    seen: Range<usize>,
    before: &'static str,
    after: &'static str,
}

/// Some lines of a file, the long ones among them cut.
#[derive(Default)]
struct Cut {
    text: String,
    /// In order.
    lines: Vec<Line>,
}

struct Line {
    /// From 0.
    number: usize,
    /// Where it is in the text that is shown.
    shown: Range<usize>,
    /// The part of the file that stands there, and where.
    seen: Range<usize>,
    at: usize,
    /// How many characters are hidden at the beginning, and by how many others.
    columns: (usize, usize),
}

impl Cut {
    fn add(
        &mut self,
        number: usize,
        whole: Range<usize>,
        text: &str,
        piece: Option<Piece>,
    ) -> Option<()> {
        let start = self.text.len();
        let mut line = Line {
            number,
            shown: start..start,
            seen: whole.clone(),
            at: start,
            columns: (0, 0),
        };
        match piece {
            None => self.text.push_str(text.get(whole)?),
            Some(piece) => {
                let hidden = text.get(piece.line.start..piece.seen.start)?;
                line.columns = (hidden.chars().count(), piece.before.chars().count());
                self.text.push_str(piece.before);
                line.at = self.text.len();
                line.seen = piece.seen.clone();
                self.text.push_str(text.get(piece.seen)?);
                self.text.push_str(piece.after);
                self.text.push_str(text.get(piece.line.end..whole.end)?);
            }
        }
        line.shown.end = self.text.len();
        self.lines.push(line);
        Some(())
    }

    fn line(&self, number: usize) -> Result<&Line, usize> {
        let found = self.lines.binary_search_by_key(&number, |line| line.number);
        found.map(|at| &self.lines[at])
    }

    /// Where a byte of a line stands.
    fn moved(&self, line: usize, byte: usize) -> Option<usize> {
        let line = self.line(line).ok()?;
        Some(line.at + byte.clamp(line.seen.start, line.seen.end) - line.seen.start)
    }

    /// Where a line is; one that is not shown is empty.
    fn range(&self, number: usize) -> Range<usize> {
        match self.line(number) {
            Ok(line) => line.shown.clone(),
            Err(next) => {
                let start = self
                    .lines
                    .get(next)
                    .map_or(self.text.len(), |line| line.shown.start);
                start..start
            }
        }
    }
}

/// The files of one diagnostic.
pub(super) struct Excerpt<'s> {
    shelf: &'s Shelf,
    cut: BTreeMap<FileId, Cut>,
}

impl<'a> Files<'a> for Excerpt<'_> {
    type FileId = FileId;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: FileId) -> Result<&'a str, Error> {
        Ok(&self.shelf.get(id)?.name)
    }

    fn source(&'a self, id: FileId) -> Result<&'a str, Error> {
        match self.cut.get(&id) {
            Some(cut) => Ok(&cut.text),
            None => Ok(self.shelf.get(id)?.text()),
        }
    }

    fn line_index(&'a self, id: FileId, byte: usize) -> Result<usize, Error> {
        match self.cut.get(&id) {
            Some(cut) => {
                let next = cut.lines.partition_point(|line| line.shown.start <= byte);
                let line = next.checked_sub(1).and_then(|at| cut.lines.get(at));
                Ok(line.map_or(0, |line| line.number))
            }
            None => Ok(self.shelf.get(id)?.line(byte)),
        }
    }

    fn column_number(&'a self, id: FileId, line: usize, byte: usize) -> Result<usize, Error> {
        let source = self.source(id)?;
        let column = column_index(source, self.line_range(id, line)?, byte) + 1;
        let cut = self.cut.get(&id).and_then(|cut| cut.line(line).ok());
        let (hidden, instead) = cut.map(|line| line.columns).unwrap_or_default();
        Ok(column + hidden - instead.min(column))
    }

    fn line_range(&'a self, id: FileId, line: usize) -> Result<Range<usize>, Error> {
        let shelved = self.shelf.get(id)?;
        let range = match self.cut.get(&id) {
            Some(cut) => Some(cut.range(line)),
            None => shelved.line_range(line),
        };
        let max = shelved.file.line_starts().len();
        range
            .filter(|_| line < max)
            .ok_or(Error::LineTooLarge { given: line, max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, marked: &[&str]) -> Option<(String, Vec<String>)> {
        let file = crate::source::Sources::new();
        let id = file.add("x", text);
        let shelved = Shelved {
            file: file.get(id),
            name: String::new(),
            tamed: OnceCell::new(),
            long: LONG,
            around: AROUND,
        };
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for word in marked {
            let at = text.find(word).unwrap();
            ranges.push(at..at + word.len());
        }
        let mut moved: Vec<&mut Range<usize>> = ranges.iter_mut().collect();
        let cut = shelved.cut(&mut moved)?;
        let words = ranges
            .iter()
            .map(|range| cut.text[range.clone()].to_owned());
        Some((cut.text.clone(), words.collect()))
    }

    #[test]
    fn long_lines_are_cut_around_what_is_marked() {
        let filler = "é ".repeat(100);
        let text = format!("first\n{filler}MARK{filler}\nlast MORE\n");
        let (short, words) = cut(&text, &["MARK", "MORE", "first"]).unwrap();
        assert_eq!(words, ["MARK", "MORE", "first"]);
        assert_eq!(short.lines().count(), 3);
        let line = short.lines().nth(1).unwrap();
        assert!(
            line.len() < 140 && line.starts_with("...") && line.ends_with("..."),
            "{line}"
        );
        assert_eq!(cut("short MARK\n", &["MARK"]), None);
        // What is too far away for one piece of the line is not shown, and the first one is.
        let apart = format!("FAR {} NEAR", "é ".repeat(3000));
        let (short, words) = cut(&apart, &["NEAR", "FAR"]).unwrap();
        assert!(short.len() < 200 && short.ends_with("NEAR"), "{short}");
        assert_eq!(words, ["NEAR", ""]);
        let through = format!("{filler}MARK\nEND{filler}\n");
        assert_eq!(cut(&through, &["MARK\nEND"]), None);
        let whole = format!("{filler}\n");
        assert_eq!(cut(&whole, &[filler.as_str()]), None);
        let long = "é ".repeat(5000);
        let (short, _) = cut(&format!("{long}\n"), &[&long]).unwrap();
        assert!(short.len() < 600, "{short}");
        let through = format!("{long}MARK{long}\n{long}END{long}");
        let (short, words) = cut(&through, &[&format!("MARK{long}\n{long}END")]).unwrap();
        assert!(
            short.len() < 1500 && words[0].starts_with("MARK") && words[0].ends_with("END"),
            "{short}"
        );
    }

    #[test]
    fn lines_that_nobody_sees_are_not_copied() {
        let filler = "x".repeat(300);
        let text = format!(
            "{}{filler}ONE\n{}",
            "first\n".repeat(100),
            "last\n".repeat(100)
        );
        let (short, words) = cut(&text, &["ONE"]).unwrap();
        assert_eq!(words, ["ONE"]);
        assert!(short.len() < 200, "{short}");
    }

    #[test]
    fn two_cut_lines_do_not_confuse_each_other() {
        let filler = "x".repeat(300);
        let text = format!("{filler}ONE{filler}\n{filler}TWO\nTHREE{filler}");
        let (short, words) = cut(&text, &["TWO", "ONE", "THREE"]).unwrap();
        assert_eq!(words, ["TWO", "ONE", "THREE"]);
        assert!(short.len() < 500, "{short}");
    }
}
