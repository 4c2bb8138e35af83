//! Physical lines, and when one goes on in the next.
//!
//! Knows line ends, the byte-order mark and the escape character; not what a line means.

/// The longest physical line BuildKit reads, in bytes without the line feed.
pub(super) const MAX_LINE: usize = 65_535;

/// A physical line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// Without the line end (any number of CR and LF) and without a byte-order mark.
    pub text: &'a str,
    /// Where `text` begins in the file.
    pub start: usize,
    /// From 1.
    pub number: u32,
    /// Longer than BuildKit reads.
    pub is_too_long: bool,
}

impl<'a> Line<'a> {
    /// Where `text` ends in the file.
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// The line without leading white space.
    pub(super) fn trimmed(&self) -> &'a str {
        self.text.trim_start()
    }

    /// Where the line begins once leading white space is gone.
    pub(super) fn indent(&self) -> usize {
        self.end() - self.trimmed().len()
    }
}

/// The lines of a file, one after the other.
#[derive(Debug, Clone)]
pub(super) struct Lines<'a> {
    text: &'a str,
    position: usize,
    number: u32,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            position: 0,
            number: 0,
        }
    }

    /// Where the next line begins.
    pub(super) fn offset(&self) -> usize {
        self.position
    }

    /// The number of the last line read; 0 before the first.
    pub(super) fn number(&self) -> u32 {
        self.number
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        let rest = self.text.get(self.position..)?;
        if rest.is_empty() {
            return None;
        }
        let content = rest.find('\n').unwrap_or(rest.len());
        let is_too_long = content > MAX_LINE;
        let mut start = self.position;
        let mut text = rest[..content].trim_end_matches('\r');
        if self.number == 0
            && let Some(without_mark) = text.strip_prefix('\u{feff}')
        {
            start += text.len() - without_mark.len();
            text = without_mark;
        }
        self.position += (content + 1).min(rest.len());
        self.number += 1;
        Some(Line {
            text,
            start,
            number: self.number,
            is_too_long,
        })
    }
}

/// The length of what stays of a line that goes on in the next; `None` when it ends here.
///
/// It goes on when its last character, blanks and tabs aside, is one escape character that does
/// not follow another.
pub(super) fn continued(line: &str, escape: char) -> Option<usize> {
    let kept = line.trim_end_matches([' ', '\t']).strip_suffix(escape)?;
    (!kept.ends_with(escape)).then_some(kept.len())
}

pub(super) fn is_comment(trimmed: &str) -> bool {
    trimmed.starts_with('#')
}
