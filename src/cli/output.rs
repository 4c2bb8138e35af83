//! Standard output and files to write to.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

use super::args::Colour;
use crate::finding::Problem;
use crate::fix::write;
use crate::policy::Outcome;
use crate::report::text::tame;
use crate::report::{self, Format, Report};
use crate::source::Sources;

/// What standard output can show.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Screen {
    /// Escape sequences for colours are wanted.
    pub(super) colour: bool,
    /// So are those for links.
    pub(super) links: bool,
    /// The columns of the terminal.
    pub(super) width: Option<usize>,
}

impl Screen {
    pub(super) fn of(colour: Colour) -> Self {
        let is_terminal = io::stdout().is_terminal();
        let colour = match colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => is_wanted(),
        };
        let width = is_terminal.then(terminal_size::terminal_size).flatten();
        Self {
            colour,
            // Whatever else reads them would show the address.
            links: colour && is_terminal,
            width: width.map(|(width, _)| usize::from(width.0)),
        }
    }
}

/// Whether the environment or the terminal asks for colours: `NO_COLOR`, `FORCE_COLOR`, `CLICOLOR_FORCE`, `CLICOLOR`.
fn is_wanted() -> bool {
    let force = std::env::var_os("FORCE_COLOR");
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match force.as_ref().and_then(|value| value.to_str()) {
        _ if is_set("NO_COLOR") => false,
        Some("0" | "false") => false,
        Some(value) if !value.is_empty() => true,
        _ => anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never,
    }
}

/// Runs `write` on standard output. A reader that goes away early (`| head`) is no error.
///
/// # Errors
/// Whatever else goes wrong with standard output.
pub(super) fn to_stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(64 * 1024, io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// Standard output for whoever writes all the time.
pub(super) fn stream() -> impl Write + Send + 'static {
    io::stdout()
}

/// Runs `write` on memory and then replaces `path` with the result, so that a file is never half
/// written.
///
/// # Errors
/// When the file cannot be written.
pub(super) fn to_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut bytes = Vec::new();
    write(&mut bytes)?;
    write::whole(path, &bytes)
}

/// A word on standard error about what could not be done.
pub(super) fn complain(message: &str) {
    remark(&format!("error: {message}"));
}

/// What could not be read, a line each.
pub(super) fn problems(problems: &[Problem]) {
    for problem in problems {
        complain(&format!("{}: {}", problem.file, problem.message));
    }
}

/// Mistakes in files that were read, each with the place that it is at.
///
/// # Errors
/// When they cannot be written to memory.
pub(super) fn mistakes(sources: &Sources, problems: Vec<Problem>) -> io::Result<()> {
    let mut outcome = Outcome::default();
    outcome.add_problems(problems);
    let report = Report {
        quiet: true,
        ..Report::plain(&outcome, sources)
    };
    let mut text = Vec::new();
    report::write(Format::Human, &report, &mut text)?;
    remark(String::from_utf8_lossy(&text).trim_end());
    Ok(())
}

/// A word on standard error about what was probably not meant.
pub(super) fn warn(message: &str) {
    remark(&format!("warning: {message}"));
}

/// What has no effect, a line each.
pub(super) fn warnings(sources: &Sources, warnings: &[Problem]) {
    for warning in warnings {
        let place = warning.span.map(|span| sources.place(span).start);
        let line = place
            .map(|start| format!(":{}", start.line))
            .unwrap_or_default();
        warn(&format!("{}{line}: {}", warning.file, warning.message));
    }
}

/// A line on standard error. Control characters of file names do not reach the terminal.
pub(super) fn remark(message: &str) {
    // Nobody is left to tell when standard error is gone.
    let _ = writeln!(io::stderr(), "{}", tame(message));
}
