//! Standard output and files to write to.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

use super::args::Colour;
use crate::fix::write;
use crate::report::text::tame;

/// Whether escape sequences are wanted on standard output.
pub(super) fn wants_colour(colour: Colour) -> bool {
    match colour {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => {
            let is_off = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
            !is_off && !is_dumb && io::stdout().is_terminal()
        }
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

/// A word on standard error about what was probably not meant.
pub(super) fn warn(message: &str) {
    remark(&format!("warning: {message}"));
}

/// A line on standard error. Control characters of file names do not reach the terminal.
pub(super) fn remark(message: &str) {
    // Nobody is left to tell when standard error is gone.
    let _ = writeln!(io::stderr(), "{}", tame(message));
}
