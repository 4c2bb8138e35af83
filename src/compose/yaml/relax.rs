//! What YAML's letter forbids and the parsers that compose is built on read all the same: inside `[]`, `{}` and
//! quotes they look at no indentation, at no line end and at no tab.

/// The text with these blanked out, byte for byte as long; `None` when there is nothing to blank out.
#[must_use]
pub(super) fn relax(text: &str) -> Option<String> {
    let mut scan = Scan {
        bytes: text.as_bytes(),
        out: text.as_bytes().to_vec(),
        at: 0,
        depth: 0,
    };
    scan.run();
    // Only single bytes of ASCII were replaced by blanks.
    let out = String::from_utf8(scan.out).ok()?;
    (out != text).then_some(out)
}

struct Scan<'a> {
    bytes: &'a [u8],
    out: Vec<u8>,
    at: usize,
    /// How many brackets and braces are open.
    depth: usize,
}

impl Scan<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(b'\n')
    }

    fn is_blank(byte: u8) -> bool {
        matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
    }

    fn run(&mut self) {
        // A token may begin here.
        let mut is_start = true;
        while self.at < self.bytes.len() {
            let byte = self.peek(0);
            match byte {
                b'\n' | b'\r' | b'\t' | b' ' => {
                    if self.depth > 0 {
                        self.out[self.at] = b' ';
                    }
                    is_start |= byte == b'\n';
                    self.at += 1;
                }
                b'#' if self.at == 0 || Self::is_blank(self.bytes[self.at - 1]) => self.comment(),
                b'"' | b'\'' if is_start => {
                    self.quoted(byte);
                    self.comment_beside();
                    is_start = false;
                }
                b'[' | b'{' if is_start || self.depth > 0 => {
                    self.depth += 1;
                    self.at += 1;
                    is_start = true;
                }
                b']' | b'}' if self.depth > 0 => {
                    self.depth -= 1;
                    self.at += 1;
                    self.comment_beside();
                    is_start = false;
                }
                b',' if self.depth > 0 => {
                    self.at += 1;
                    is_start = true;
                }
                b':' if Self::is_blank(self.peek(1)) || self.depth > 0 => {
                    self.at += 1;
                    is_start = true;
                }
                b'-' | b'?' if is_start && Self::is_blank(self.peek(1)) => self.at += 1,
                b'&' | b'!' | b'*' if is_start => {
                    while !Self::is_blank(self.peek(0)) {
                        self.at += 1;
                    }
                }
                b'|' | b'>' if is_start && self.depth == 0 => {
                    self.block();
                    is_start = true;
                }
                _ => {
                    is_start = false;
                    self.at += 1;
                }
            }
        }
    }

    /// Up to the end of the line.
    fn comment(&mut self) {
        while self.at < self.bytes.len() && self.peek(0) != b'\n' {
            if self.depth > 0 {
                self.out[self.at] = b' ';
            }
            self.at += 1;
        }
    }

    /// A comment right behind a quote or a bracket.
    fn comment_beside(&mut self) {
        if self.peek(0) != b'#' {
            return;
        }
        while self.at < self.bytes.len() && self.peek(0) != b'\n' {
            self.out[self.at] = b' ';
            self.at += 1;
        }
    }

    fn quoted(&mut self, quote: u8) {
        let start = self.at;
        self.at += 1;
        while self.at < self.bytes.len() {
            let byte = self.peek(0);
            let is_escape = quote == b'"' && byte == b'\\';
            let is_double = quote == b'\'' && byte == quote && self.peek(1) == quote;
            if is_escape || is_double {
                self.at += 2;
            } else if byte == quote {
                self.at += 1;
                self.join(start);
                return;
            } else {
                self.at += 1;
            }
        }
    }

    /// Makes the lines of what was quoted one, unless an empty line stands in it, which is a line end of the value.
    fn join(&mut self, start: usize) {
        let inner = &self.bytes[start..self.at];
        let lines = || inner.split(|byte| *byte == b'\n');
        let count = lines().count();
        let is_empty = |line: &[u8]| line.iter().all(|byte| Self::is_blank(*byte));
        if count < 2 || lines().skip(1).take(count - 2).any(is_empty) {
            return;
        }
        let is_escaped = |line: &[u8]| line.strip_suffix(b"\r").unwrap_or(line).ends_with(b"\\");
        if lines().take(count - 1).any(is_escaped) {
            return;
        }
        for at in start..self.at {
            if matches!(self.bytes[at], b'\n' | b'\r' | b'\t') {
                self.out[at] = b' ';
            }
        }
    }

    /// The lines of a block scalar: those further in than the line that opens it.
    fn block(&mut self) {
        let line = self.bytes[..self.at]
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        let indent = self.indent(line);
        self.end_line();
        while self.at < self.bytes.len() {
            let is_empty = {
                let end = self.bytes[self.at..].iter().position(|byte| *byte == b'\n');
                let line = &self.bytes[self.at..end.map_or(self.bytes.len(), |end| self.at + end)];
                line.iter().all(|byte| Self::is_blank(*byte))
            };
            if !is_empty && self.indent(self.at) <= indent {
                return;
            }
            self.end_line();
        }
    }

    fn end_line(&mut self) {
        while self.at < self.bytes.len() && self.bytes[self.at] != b'\n' {
            self.at += 1;
        }
        self.at = (self.at + 1).min(self.bytes.len());
    }

    fn indent(&self, line: usize) -> usize {
        let rest = self.bytes[line..].iter();
        rest.take_while(|byte| **byte == b' ').count()
    }
}
