//! What `codespan-reporting` reads the lines from: files made harmless, and lines too long to be read cut
//! around what is marked. Knows nothing of findings.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use codespan_reporting::diagnostic::Diagnostic;
use codespan_reporting::files::{Error, Files, column_index};

use super::super::Report;
use super::super::text::{one_line, tame};
use crate::source::SourceFile;
use crate::span::FileId;

/// Lines with more bytes are cut.
const LONG: usize = 180;
/// So much is kept before and after what is marked, in bytes.
const AROUND: usize = 60;
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
}

impl Shelf {
    pub(super) fn new(report: &Report<'_>, diagnostics: &[Diagnostic<FileId>]) -> Self {
        let mut files = BTreeMap::new();
        for label in diagnostics.iter().flat_map(|diagnostic| &diagnostic.labels) {
            files.entry(label.file_id).or_insert_with(|| {
                let file = report.sources.get(label.file_id);
                Shelved {
                    name: one_line(&file.name),
                    file,
                    tamed: OnceCell::new(),
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
    /// The files as one diagnostic shows them; its labels are moved to where their text then stands.
    pub(super) fn excerpt(&self, diagnostic: &mut Diagnostic<FileId>) -> Excerpt<'_> {
        let mut cut = BTreeMap::new();
        for (id, shelved) in &self.files {
            let labels = diagnostic.labels.iter_mut();
            let mut ranges: Vec<&mut Range<usize>> = labels
                .filter(|label| label.file_id == *id)
                .map(|label| &mut label.range)
                .collect();
            if let Some(made) = shelved.cut(&mut ranges) {
                cut.insert(*id, made);
            }
        }
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

    /// The text with its long marked lines cut, and `ranges` in it; `None` when no line is.
    fn cut(&self, ranges: &mut [&mut Range<usize>]) -> Option<Cut> {
        // What is to be seen of each line; nothing is cut of one that a label runs through.
        let mut windows: BTreeMap<usize, Option<Range<usize>>> = BTreeMap::new();
        for range in ranges.iter() {
            let (first, last) = (self.line(range.start), self.line(range.end));
            let end = self.line_range(first)?.end;
            if first != last && range.end != end {
                windows.insert(first, None);
                windows.insert(last, None);
                continue;
            }
            let seen = windows
                .entry(first)
                .or_insert_with(|| Some((**range).clone()));
            if let Some(seen) = seen {
                *seen = seen.start.min(range.start)..seen.end.max(range.end);
            }
        }
        let mut pieces = Vec::new();
        for (line, window) in windows {
            let whole = self.line_range(line)?;
            if let Some(window) = window.filter(|_| whole.len() > LONG) {
                pieces.extend(self.piece(line, &whole, &window));
            }
        }
        if pieces.is_empty() {
            return None;
        }
        let text = self.text();
        let mut cut = Cut {
            text: String::with_capacity(text.len()),
            starts: Vec::new(),
            columns: BTreeMap::new(),
        };
        let mut moved: Vec<Range<usize>> = ranges.iter().map(|range| (**range).clone()).collect();
        let mut at = 0;
        for piece in &pieces {
            cut.text.push_str(text.get(at..piece.line.start)?);
            let begin = cut.text.len();
            cut.text.push_str(piece.before);
            let shown = cut.text.len();
            cut.text.push_str(text.get(piece.seen.clone())?);
            cut.text.push_str(piece.after);
            let shift = |byte: usize| {
                shown + byte.clamp(piece.seen.start, piece.seen.end) - piece.seen.start
            };
            let rest = cut.text.len();
            for (moved, range) in moved.iter_mut().zip(ranges.iter()) {
                for (to, from) in [(&mut moved.start, range.start), (&mut moved.end, range.end)] {
                    if piece.line.contains(&from) || from == piece.line.end {
                        *to = shift(from);
                    } else if from > piece.line.end {
                        *to = rest + (from - piece.line.end);
                    }
                }
            }
            let hidden = text
                .get(piece.line.start..piece.seen.start)?
                .chars()
                .count();
            let instead = cut.text.get(begin..shown)?.chars().count();
            cut.columns.insert(piece.number, (hidden, instead));
            at = piece.line.end;
        }
        cut.text.push_str(text.get(at..)?);
        cut.starts.push(0);
        let ends = cut.text.match_indices('\n').map(|(at, _)| at + 1);
        cut.starts.extend(ends);
        for (range, moved) in ranges.iter_mut().zip(moved) {
            **range = moved;
        }
        Some(cut)
    }

    /// What is kept of a long line, without its end.
    fn piece(&self, number: usize, whole: &Range<usize>, window: &Range<usize>) -> Option<Piece> {
        let text = self.text();
        let content = text.get(whole.clone())?.trim_end_matches('\n').len();
        let line = whole.start..whole.start + content;
        let mut seen = Range {
            start: window.start.saturating_sub(AROUND).max(line.start),
            end: (window.end + AROUND).min(line.end),
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
            number,
            line,
            seen,
            before,
            after,
        })
    }
}

/// A part of a line that stands for it.
struct Piece {
    /// The line, from 0.
    number: usize,
    /// Where it is, without its end.
    line: Range<usize>,
    /// What is shown of it.
    seen: Range<usize>,
    before: &'static str,
    after: &'static str,
}

/// A text with long lines cut.
struct Cut {
    text: String,
    starts: Vec<usize>,
    /// For cut lines, from 0: how many characters are hidden at the beginning, and by how many others.
    columns: BTreeMap<usize, (usize, usize)>,
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
            Some(cut) => Ok(cut.starts.partition_point(|start| *start <= byte) - 1),
            None => Ok(self.shelf.get(id)?.line(byte)),
        }
    }

    fn column_number(&'a self, id: FileId, line: usize, byte: usize) -> Result<usize, Error> {
        let source = self.source(id)?;
        let column = column_index(source, self.line_range(id, line)?, byte) + 1;
        let cut = self.cut.get(&id).and_then(|cut| cut.columns.get(&line));
        let (hidden, instead) = cut.copied().unwrap_or_default();
        Ok(column + hidden - instead.min(column))
    }

    fn line_range(&'a self, id: FileId, line: usize) -> Result<Range<usize>, Error> {
        let (range, max) = match self.cut.get(&id) {
            Some(cut) => {
                let start = cut.starts.get(line).copied();
                let end = cut.starts.get(line + 1).copied();
                let range = start.map(|start| start..end.unwrap_or(cut.text.len()));
                (range, cut.starts.len())
            }
            None => {
                let shelved = self.shelf.get(id)?;
                (shelved.line_range(line), shelved.file.line_starts().len())
            }
        };
        range.ok_or(Error::LineTooLarge { given: line, max })
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
        let through = format!("{filler}MARK\nEND{filler}\n");
        assert_eq!(cut(&through, &["MARK\nEND"]), None);
        let whole = format!("{filler}\n");
        assert_eq!(cut(&whole, &[filler.as_str()]), None);
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
