//! The first line of what is shown: severity, rule, message; lines that fit the terminal, links and colours.

use super::super::Report;

/// What the first line says.
pub(super) struct Head<'a> {
    /// `error`, `warning`, `info`, `undecided`.
    pub(super) word: &'static str,
    pub(super) rule: Option<&'a str>,
    /// Where the rule is explained.
    pub(super) url: Option<&'a str>,
    /// What `--fix` can do: `fix`, `unsafe fix`.
    pub(super) fix: Option<&'static str>,
    /// On one line.
    pub(super) message: String,
}

const RESET: &str = "\u{1b}[0m";
const BOLD: &str = "\u{1b}[1m";
/// Lines below the first are indented by so much.
const INDENT: usize = 4;
/// No line is made narrower.
const NARROWEST: usize = 40;

/// The width that lines are made to fit; `None` where nobody asks for one.
pub(super) fn width(report: &Report<'_>) -> Option<usize> {
    report.width.map(|width| width.max(NARROWEST))
}

impl Head<'_> {
    /// The line, or the lines, with the line feed.
    pub(super) fn text(&self, report: &Report<'_>) -> String {
        let rule = self.rule.map(|rule| format!("[{rule}]"));
        let rule = rule.unwrap_or_default();
        let fix = self.fix.map(|fix| format!(" [{fix}]")).unwrap_or_default();
        let lead = self.word.len() + rule.len() + fix.len() + ": ".len();
        let lines = match width(report) {
            Some(width) => wrapped(&self.message, lead, INDENT, width),
            None => vec![self.message.clone()],
        };
        let message = lines.join(&format!("\n{}", " ".repeat(INDENT)));
        if !report.colour {
            return format!("{}{rule}{fix}: {message}\n", self.word);
        }
        let colour = match self.word {
            "error" => "\u{1b}[1;31m",
            "warning" => "\u{1b}[1;33m",
            "info" => "\u{1b}[1;32m",
            _ => "\u{1b}[1;36m",
        };
        let rule = match (self.rule, self.url) {
            (Some(rule), Some(url)) if report.links && is_plain(url) => {
                format!("[\u{1b}]8;;{url}\u{1b}\\{rule}\u{1b}]8;;\u{1b}\\]")
            }
            _ => rule,
        };
        let word = self.word;
        format!("{colour}{word}{rule}{RESET}{fix}{BOLD}: {message}{RESET}\n")
    }
}

/// Whether an address can stand in an escape sequence.
fn is_plain(url: &str) -> bool {
    url.starts_with("https://") && url.bytes().all(|byte| byte.is_ascii_graphic())
}

/// `text` in bold where colours are wanted.
pub(super) fn bold(report: &Report<'_>, text: &str) -> String {
    match report.colour {
        true => format!("{BOLD}{text}{RESET}"),
        false => text.to_owned(),
    }
}

/// `text` in lines of at most `width` characters, broken at spaces. The first one begins at column `first`, the others
/// at column `rest`, both from 0.
pub(super) fn wrapped(text: &str, first: usize, rest: usize, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut column, mut begin) = (String::new(), first, first);
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > begin && column + 1 + length > width {
            lines.push(std::mem::take(&mut line));
            (column, begin) = (rest, rest);
        } else if !line.is_empty() || column > begin {
            line.push(' ');
            column += 1;
        }
        line.push_str(word);
        column += length;
    }
    lines.push(line);
    lines
}

/// A note below the lines of a file, which begin after `padding` columns. What is indented is to be typed, and stays
/// whole.
pub(super) fn note(text: &str, padding: usize, report: &Report<'_>) -> String {
    let Some(width) = width(report) else {
        return text.to_owned();
    };
    let lines = text.lines().map(|line| match line.starts_with(' ') {
        true => line.to_owned(),
        false => wrapped(line, padding, padding, width).join("\n"),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_spaces() {
        assert_eq!(wrapped("a bc d", 0, 0, 4), ["a bc", "d"]);
        assert_eq!(wrapped("a bc d", 3, 1, 4), ["a", "bc", "d"]);
        assert_eq!(wrapped("long a", 2, 0, 3), ["long", "a"]);
        assert_eq!(wrapped("a  b", 0, 0, 9), ["a  b"]);
        assert_eq!(wrapped("", 0, 0, 9), [""]);
    }
}
