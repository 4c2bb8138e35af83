//! COPY and ADD: sources, destination, where they copy from.

use crate::dockerfile::ast::{Args, Instruction};
use crate::facts::build::walker::{MAX_PATH, Walker};
use crate::facts::model::{CopyFact, CopyFrom, LayerFact};
use crate::knowledge::words::DirectoryWords;
use crate::shell::ast::Command;
use crate::span::{Span, Traced};

impl Walker<'_> {
    /// Records a COPY or ADD and its layer.
    pub(crate) fn copy(&mut self, index: usize, instruction: &Instruction) {
        let words = match &instruction.args {
            Args::Words(words) | Args::Json(words) => words,
            _ => return,
        };
        let Some((destination, sources)) = words.split_last() else {
            return;
        };
        let destination_text = self.expand(index, destination).text;
        let sources: Vec<_> = sources
            .iter()
            .map(|word| {
                let text = self.expand(index, word).text;
                (word.span(), text.filter(|text| text.len() <= MAX_PATH))
            })
            .collect();
        let flag = |name: &str| {
            instruction
                .flags
                .iter()
                .find(|flag| flag.name.as_str() == name)
                .and_then(|flag| flag.value.clone())
        };
        let from = match flag("from") {
            None => CopyFrom::Context,
            Some(written) => {
                let text = self.expand(index, &written).text;
                self.copy_source(text.as_ref().map(Traced::as_str))
            }
        };
        let chown = flag("chown").map(|value| {
            let text = self.expand(index, &value).text;
            text.map(|text| text.as_str().to_owned())
        });
        let chmod = flag("chmod").map(|value| {
            let text = self.expand(index, &value).text;
            text.map(|text| text.as_str().to_owned())
        });
        let target = destination_text
            .as_ref()
            .and_then(|text| self.absolute(text.as_str()));
        let stage = self.stage_index();
        let layer = self.arena.layers.len();
        let at = self.arena.commands.len();
        let packages = self.arena.packages.len();
        self.arena.layers.push(LayerFact {
            stage,
            instruction: index,
            keyword: instruction.keyword,
            is_onbuild: false,
            mounts: Vec::new(),
            commands: at..at,
            packages: packages..packages,
            is_opaque: false,
            has_errexit: false,
            shell_errors: Vec::new(),
        });
        if from == CopyFrom::Context
            && let Some(target) = &target
        {
            let written = destination_text.as_ref().map_or("", Traced::as_str);
            self.bring(&sources, target, written.ends_with(['/', '.']));
        }
        let copy = self.arena.copies.len();
        self.arena.copies.push(CopyFact {
            stage,
            layer,
            instruction: index,
            keyword: instruction.keyword,
            sources,
            destination: (destination.span(), destination_text),
            target,
            from,
            chown,
            chmod,
            has_heredocs: !instruction.heredocs.is_empty(),
            has_parents: instruction
                .flags
                .iter()
                .any(|flag| flag.name.as_str() == "parents"),
            excludes: instruction
                .flags
                .iter()
                .filter(|flag| flag.name.as_str() == "exclude")
                .filter_map(|flag| flag.value.as_ref())
                .map(|value| value.as_str().to_owned())
                .collect(),
        });
        let stage = self.stage_mut();
        stage.layers.push(layer);
        stage.copies.push(copy);
    }

    /// Notes the files that a COPY of the build context brings: the one it names, or what is in a directory beside it.
    fn bring(&mut self, sources: &[(Span, Option<Traced>)], target: &str, is_directory: bool) {
        let context = &self.inputs.around.context;
        for source in sources.iter().filter_map(|(_, text)| text.as_ref()) {
            let source = source.as_str().trim_matches('/');
            let name = source.rsplit('/').next().unwrap_or(source);
            if is_directory || sources.len() > 1 {
                self.brought_as(format!("{target}/{name}"));
            } else {
                self.brought_as(target.to_owned());
            }
            let is_for_programs = DirectoryWords::Programs.contains(target);
            let inner = is_for_programs.then(|| context.list(source)).flatten();
            for name in inner.iter().flat_map(|names| names.iter()) {
                self.brought_as(format!("{target}/{name}"));
            }
        }
    }

    fn brought_as(&mut self, path: String) {
        if let Some((directory, name)) = path.rsplit_once('/')
            && DirectoryWords::Programs.contains(directory)
        {
            self.brought.insert(name.to_owned());
        }
        self.brought.insert(path);
    }

    /// The command runs a file of the project, by its path or from a directory on PATH.
    pub(crate) fn runs_own_program(&self, command: &Command) -> bool {
        let program = command.program.as_deref().or(command.name.as_deref());
        program.is_some_and(|program| self.brought.contains(program))
    }

    /// What `--from=` names: a stage by name or number, else another image or context.
    pub(crate) fn copy_source(&self, text: Option<&str>) -> CopyFrom {
        let Some(text) = text else {
            return CopyFrom::Other(None);
        };
        match self.arena.names.named(text, self.stage_index()) {
            Some(stage) => CopyFrom::Stage(stage),
            None => CopyFrom::Other(Some(text.to_owned())),
        }
    }
}
