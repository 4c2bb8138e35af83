//! RUN: its commands, mounts, and what each command installs or creates.

use crate::dockerfile::ast::{Args, Instruction, Keyword};
use crate::facts::build::manager::{Action, package_action, package_name};
use crate::facts::build::shell::ShellState;
use crate::facts::build::walker::Walker;
use crate::facts::model::{
    AccountFact, CommandFact, CopyFrom, Fate, LayerFact, Mount, PackageFact,
};
use crate::knowledge::programs::{self, Role};
use crate::knowledge::words::OptionWords;
use crate::shell::ast::Command;
use crate::shell::{self, Dialect, Options, ShellError};
use crate::span::Traced;

impl Walker<'_> {
    /// Reads a RUN (or the RUN of an ONBUILD) into a layer with its commands and packages.
    pub(crate) fn run_layer(&mut self, index: usize, instruction: &Instruction, onbuild: bool) {
        let stage = self.stage_index();
        let layer = self.arena.layers.len();
        let first_command = self.arena.commands.len();
        let first_package = self.arena.packages.len();
        let mut errors = Vec::new();
        let body = self.run_commands(instruction, &mut errors);
        let mounts = self.mounts(instruction);
        let as_root = self.runs_as_root();
        let runs_own = body.commands.iter().any(|one| self.runs_own_program(one));
        self.arena.commands.reserve(body.commands.len());
        for (position, command) in body.commands.into_iter().enumerate() {
            let at = self.arena.commands.len();
            self.packages_of(stage, layer, at, &command);
            self.accounts_of(stage, at, &command);
            let runs_as_root = match &command.run_as {
                Some(user) => user.as_str().map(|user| user == "root" || user == "0"),
                None if command.wrappers.iter().any(|wrapper| wrapper == "sudo") => Some(true),
                None => as_root,
            };
            self.arena.commands.push(CommandFact {
                stage,
                layer,
                command,
                position,
                removes: (Vec::new(), true),
                runs_as_root,
            });
        }
        self.arena.layers.push(LayerFact {
            stage,
            instruction: index,
            keyword: Keyword::Run,
            is_onbuild: onbuild,
            mounts,
            commands: first_command..self.arena.commands.len(),
            packages: first_package..self.arena.packages.len(),
            is_opaque: body.is_opaque || runs_own || !errors.is_empty(),
            // Before anything that could fail unseen.
            has_errexit: body.has_errexit
                || self.arena.commands[first_command..]
                    .iter()
                    .take(3)
                    .any(|fact| fact.command.sets_errexit()),
            shell_errors: errors,
        });
        self.arena.stages[stage].layers.push(layer);
    }

    fn runs_as_root(&self) -> Option<bool> {
        crate::facts::build::users::current(&self.arena.stages, self.stage_index())
            .map(|user| crate::facts::build::users::is_root(&user))
    }

    fn run_commands(&self, instruction: &Instruction, errors: &mut Vec<ShellError>) -> Body {
        let state = self.shells[self.stage_index()].clone();
        let options = Options {
            errexit: state.errexit,
            pipefail: state.pipefail,
            args: None,
        };
        let scope = self.variables();
        let opaque = Body {
            commands: Vec::new(),
            is_opaque: true,
            has_errexit: false,
        };
        let text = match &instruction.args {
            Args::Json(words) => {
                return Body {
                    commands: shell::exec_form(words, &scope, &Options::default()),
                    is_opaque: false,
                    has_errexit: false,
                };
            }
            Args::Text(text) => text,
            _ => return opaque,
        };
        if instruction.heredocs.is_empty() {
            let Some(dialect) = state.dialect else {
                return opaque;
            };
            let script = shell::parse(text, dialect);
            errors.extend(script.errors.iter().cloned());
            return Body {
                commands: script.commands(&scope, &options),
                has_errexit: state.errexit,
                is_opaque: false,
            };
        }
        let line = without_heredocs(text, instruction);
        let Some(heredoc) = instruction.heredocs.first() else {
            return opaque;
        };
        if line.as_str().trim().is_empty() {
            let (dialect, options) = match shell::shebang(&heredoc.content) {
                Some(shebang) => match shebang.dialect() {
                    Some(dialect) => (Some(dialect), shebang.options()),
                    None => (None, Options::default()),
                },
                None => (state.dialect, options),
            };
            let Some(dialect) = dialect else {
                return opaque;
            };
            return heredoc_body(&heredoc.content, dialect, &options, &scope, errors);
        }
        let Some(dialect) = state.dialect else {
            return opaque;
        };
        let script = shell::parse(&line, dialect);
        errors.extend(script.errors.iter().cloned());
        let mut body = Body {
            has_errexit: state.errexit,
            commands: script.commands(&scope, &options),
            is_opaque: false,
        };
        // `bash <<EOF`, `sh -e <<EOF`: the heredoc is the script of the one shell that reads it.
        let reader = match body.commands.as_slice() {
            [only] => shell_reading_stdin(only),
            _ => None,
        };
        match reader {
            Some(inner) => {
                let Some(dialect) = inner.dialect else {
                    return opaque;
                };
                let options = Options {
                    errexit: inner.errexit,
                    pipefail: inner.pipefail,
                    args: None,
                };
                heredoc_body(&heredoc.content, dialect, &options, &scope, errors)
            }
            None => {
                body.is_opaque = body.commands.iter().any(|command| {
                    !command
                        .name
                        .as_deref()
                        .is_some_and(|name| name.is_empty() || programs::is(name, Role::HandsOn))
                });
                body
            }
        }
    }

    fn mounts(&self, instruction: &Instruction) -> Vec<Mount> {
        let mut mounts = Vec::new();
        for flag in &instruction.flags {
            let (Some(value), "mount") = (&flag.value, flag.name.as_str()) else {
                continue;
            };
            let mut mount = Mount {
                kind: "bind".to_owned(),
                target: String::new(),
                source: String::new(),
                env: None,
                from_stage: None,
                is_external: false,
                from_image: None,
                uid: None,
                mode: None,
                span: flag.span,
            };
            let expanded =
                crate::dockerfile::expand::expand(value, self.dockerfile.escape, &self.variables());
            let text = expanded
                .text
                .map_or(expanded.prefix, |text| text.as_str().to_owned());
            for field in text.split(',') {
                let (key, value) = field.split_once('=').unwrap_or((field, ""));
                match key.trim().to_ascii_lowercase().as_str() {
                    "type" => mount.kind = value.to_owned(),
                    "target" | "dst" | "destination" => {
                        mount.target = self.absolute(value).unwrap_or_default();
                    }
                    "source" | "src" => mount.source = value.to_owned(),
                    "env" => mount.env = Some(value.to_owned()),
                    "uid" => mount.uid = Some(value.to_owned()),
                    "mode" => mount.mode = Some(value.to_owned()),
                    "from" => match self.copy_source(Some(value)) {
                        CopyFrom::Stage(stage) => mount.from_stage = Some(stage),
                        other => {
                            mount.is_external = true;
                            if let CopyFrom::Other(name) = other {
                                mount.from_image = name;
                            }
                        }
                    },
                    _ => {}
                }
            }
            mounts.push(mount);
        }
        mounts
    }

    fn packages_of(&mut self, stage: usize, layer: usize, at: usize, command: &Command) {
        let Some((manager, Action::Install)) = package_action(command) else {
            return;
        };
        let group = command
            .flags
            .iter()
            .find(|flag| flag.name == "--virtual" || flag.name == "-t")
            .filter(|_| manager == "apk")
            .and_then(|flag| flag.value.as_ref())
            .and_then(|value| value.as_str())
            .map(str::to_owned);
        for operand in &command.operands {
            let Some((name, version)) = operand
                .as_str()
                .and_then(|text| package_name(manager, text))
            else {
                continue;
            };
            self.arena.packages.push(PackageFact {
                stage,
                layer,
                command: at,
                manager,
                name,
                version,
                span: operand.span,
                word: operand.word,
                fate: Fate::Unknown,
                group: group.clone(),
                is_repeated: false,
            });
        }
    }

    fn accounts_of(&mut self, stage: usize, at: usize, command: &Command) {
        let is_group = match command.name.as_deref() {
            Some("useradd" | "adduser") => false,
            Some("groupadd" | "addgroup") => true,
            _ => return,
        };
        let is_user_and_group = command.name.as_deref() == Some("adduser")
            && command.flags.iter().any(|flag| flag.name == "--group");
        let id = command
            .flags
            .iter()
            .find(|flag| OptionWords::AccountId.contains(&flag.name))
            .filter(|flag| is_group == matches!(flag.name.as_str(), "-g" | "--gid"))
            .and_then(|flag| flag.value.as_ref())
            .and_then(|value| value.as_str())
            .map(str::to_owned);
        // useradd takes the name last, adduser first (then a group).
        let name = match command.name.as_deref() {
            Some("adduser" | "addgroup") => command.operands.first(),
            _ => command.operands.last(),
        };
        let (name, span) = match name {
            Some(arg) => (arg.as_str().map(str::to_owned), arg.span),
            None => (None, command.span),
        };
        self.arena.accounts.push(AccountFact {
            stage,
            command: at,
            is_group,
            name: name.clone(),
            id,
            span,
        });
        if is_user_and_group {
            self.arena.accounts.push(AccountFact {
                stage,
                command: at,
                is_group: true,
                name,
                id: None,
                span,
            });
        }
    }
}

struct Body {
    commands: Vec<Command>,
    is_opaque: bool,
    has_errexit: bool,
}

fn heredoc_body(
    content: &Traced,
    dialect: Dialect,
    options: &Options,
    scope: &crate::facts::build::variables::Variables<'_>,
    errors: &mut Vec<ShellError>,
) -> Body {
    let script = shell::parse(content, dialect);
    errors.extend(script.errors.iter().cloned());
    Body {
        has_errexit: options.errexit,
        commands: script.commands(scope, options),
        is_opaque: false,
    }
}

/// The line with its heredoc words blanked out.
fn without_heredocs(text: &Traced, instruction: &Instruction) -> Traced {
    let mut line = Traced::empty(text.span());
    for (piece, span) in text.pieces() {
        let mut from = 0;
        for heredoc in &instruction.heredocs {
            let word = heredoc.word;
            if !span.contains(word) || span.len() as usize != piece.len() {
                continue;
            }
            let start = (word.start - span.start) as usize;
            let end = (word.end - span.start) as usize;
            if start < from || end > piece.len() {
                continue;
            }
            let place = |a: usize, b: usize| {
                crate::span::Span::new(
                    span.file,
                    span.start + u32::try_from(a).unwrap_or(0),
                    span.start + u32::try_from(b).unwrap_or(0),
                )
            };
            if let Some(before) = piece.get(from..start) {
                line.push(before, place(from, start));
            }
            line.push(&" ".repeat(end - start), place(start, end));
            from = end;
        }
        let rest = crate::span::Span::new(
            span.file,
            (span.start + u32::try_from(from).unwrap_or(0)).min(span.end),
            span.end,
        );
        if let Some(after) = piece.get(from..) {
            line.push(after, rest);
        }
    }
    line
}

/// The shell that a command is, when it reads its script from standard input.
fn shell_reading_stdin(command: &Command) -> Option<ShellState> {
    let name = command.name.as_deref()?;
    if !programs::is_shell(name) {
        return None;
    }
    let mut words = vec![name];
    for arg in &command.args {
        let text = arg.as_str()?;
        // A script file or `-c` takes the place of standard input.
        let takes_name = |word: &&&str| word.starts_with('-') && word.ends_with('o');
        if !text.starts_with('-') && words.last().filter(takes_name).is_none() {
            return None;
        }
        words.push(text);
    }
    Some(ShellState::from_words(&words))
}
