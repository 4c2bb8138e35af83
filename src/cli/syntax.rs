//! `seatrial syntax`: how Dockerfiles are read, for tool authors.

use std::path::PathBuf;

use super::output;
use crate::dockerfile::{self, buildkit};
use crate::policy::Status;
use crate::report::text;
use crate::source::Sources;

/// One JSON object a line, `file` as given. A file that cannot be read is told on standard error.
pub(super) fn run(files: &[PathBuf]) -> anyhow::Result<Status> {
    let mut status = Status::Clean;
    output::to_stdout(|out| {
        for path in files {
            // Each file has its own table: nothing is kept while thousands are read.
            let sources = Sources::new();
            let name = path.to_string_lossy();
            match sources.read(path, &name) {
                Ok(id) => {
                    let source = sources.get(id);
                    let tree = dockerfile::parse(id, &source.text);
                    let line = buildkit::to_json(&tree, &source.text, &name);
                    writeln!(out, "{}", text::json_escaped(&line))?;
                }
                Err(error) => {
                    output::complain(&error.to_string());
                    status = Status::Failed;
                }
            }
        }
        Ok(())
    })?;
    Ok(status)
}
