//! `seatrial facts`: what rules can ask of each Dockerfile, as JSON.

use std::path::Path;

use serde_json::Value;

use super::args::{BuildArgs, RulesArgs};
use super::output;
use super::request::{request, workspace};
use crate::policy::Status;
use crate::report::text;

/// Prints a list with one object for each Dockerfile.
pub(super) fn run(path: &Path, build: &BuildArgs, rules: &RulesArgs) -> anyhow::Result<Status> {
    let request = request(build, rules)?.paths([path]);
    let (sources, files, problems) = workspace(rules).facts(&request);
    let files: Vec<Value> = files
        .iter()
        .map(|(_, facts)| facts.to_json(&sources))
        .collect();
    output::to_stdout(|out| {
        text::json(out, &files)?;
        out.write_all(b"\n")
    })?;
    for problem in &problems {
        output::complain(&format!("{}: {}", problem.file, problem.message));
    }
    Ok(if problems.is_empty() {
        Status::Clean
    } else {
        Status::Failed
    })
}
