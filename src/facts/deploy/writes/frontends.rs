//! Packages of a frontend that a step of the build installs into a directory in which its user may not write.

use crate::facts::build::{at, users};
use crate::facts::deploy::rights;
use crate::facts::model::{CommandFact, Moment, Project, WriteFact, Writer};
use crate::shell::ast::Runs;

/// Where npm puts packages beside `package.json`.
const MODULES: &str = "node_modules";

pub(super) fn collect(p: &Project, out: &mut Vec<WriteFact>) {
    for (index, fact) in p.commands.iter().enumerate() {
        if !installs(p, fact) {
            continue;
        }
        let instruction = p.layers[fact.layer].instruction;
        let user = users::before(&p.stages, fact.stage, instruction);
        let (Some(user), Some(directory)) = (user, at::directory_of(p, fact)) else {
            continue;
        };
        let path = format!("{}/{MODULES}", directory.trim_end_matches('/'));
        let closed = rights::closed_directory(p, fact.stage, &user.name, &path, Some(index));
        let Some(directory) = closed else { continue };
        let name = fact.command.name.clone().unwrap_or_default();
        out.push(WriteFact {
            stage: fact.stage,
            path,
            is_directory: true,
            span: fact.command.span,
            writer: Writer::Script,
            name,
            moment: Moment::Build,
            user: user.name,
            directory,
            is_shown: true,
        });
    }
}

/// It certainly installs beside `package.json`, as another user than root.
fn installs(p: &Project, fact: &CommandFact) -> bool {
    let command = &fact.command;
    let is_it = command.name.as_deref() == Some("npm")
        && matches!(command.subcommand(), Some("ci" | "install" | "i"));
    let mut elsewhere = ["--global", "--prefix"].into_iter();
    is_it
        && !elsewhere.any(|flag| command.flag(flag).is_some())
        && command.runs == Runs::Always
        && rights::is_unprivileged(p, fact)
}
