//! COPY and ADD: sources, destination, where they copy from.

use crate::dockerfile::ast::{Args, Instruction};
use crate::facts::build::walker::Walker;
use crate::facts::model::{CopyFact, CopyFrom, LayerFact, stage_named};
use crate::span::Traced;

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
        let sources = sources
            .iter()
            .map(|word| (word.span(), self.expand(index, word).text))
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

    /// What `--from=` names: a stage by name or number, else another image or context.
    pub(crate) fn copy_source(&self, text: Option<&str>) -> CopyFrom {
        let Some(text) = text else {
            return CopyFrom::Other(None);
        };
        let before = &self.arena.stages[..self.stage_index()];
        match stage_named(before, text) {
            Some(stage) => CopyFrom::Stage(stage),
            None => CopyFrom::Other(Some(text.to_owned())),
        }
    }
}
