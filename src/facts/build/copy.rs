//! COPY and ADD: sources, destination, where they copy from.

use crate::dockerfile::ast::{Args, Instruction};
use crate::facts::build::at;
use crate::facts::build::derived;
use crate::facts::build::walk::Walker;
use crate::facts::model::{CopyFact, CopyFrom, LayerFact, Maybe, Project, stage_named};
use crate::knowledge::images::Family;
use crate::shell::ast::Command;
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

/// A COPY or ADD takes the whole build context; `None` when a source is not known and none of the others is it.
pub(crate) fn copies_all(copy: &CopyFact) -> Option<bool> {
    if copy.from != CopyFrom::Context {
        return Some(false);
    }
    let is_all = |text: &str| matches!(text.trim_end_matches('/'), "." | "" | "./." | "*");
    let mut texts = copy.sources.iter().map(|(_, text)| text.as_ref());
    if texts.clone().flatten().any(|text| is_all(text.as_str())) {
        return Some(true);
    }
    texts.all(|text| text.is_some()).then_some(false)
}

/// All that it copies are files of text named one by one, some kilobytes: `COPY app.py requirements.txt ./`.
pub(crate) fn is_few_files(copy: &CopyFact) -> bool {
    let is_text = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        name.rsplit_once('.').is_some_and(|(stem, ending)| {
            !stem.is_empty()
                && !stem.contains('*')
                && (1..=4).contains(&ending.len())
                && !matches!(
                    ending,
                    "gz" | "bz2" | "xz" | "tgz" | "zst" | "tar" | "zip" | "whl" | "deb" | "jar"
                )
        })
    };
    !copy.sources.is_empty()
        && copy
            .sources
            .iter()
            .all(|(_, text)| text.as_ref().is_some_and(|text| is_text(text.as_str())))
}

/// The series of Python that the packages are for which a COPY takes from another stage into a place where only that
/// series looks: its own directory below `/usr/local`, or a virtual environment that it made.
pub(crate) fn brings_packages_for(p: &Project, copy: usize) -> Maybe<String> {
    let Some(series) = packages_of_series(p, &p.copies[copy]) else {
        return Maybe::Absent;
    };
    match is_on_python_path(p, &p.copies[copy]) {
        Some(true) => Maybe::Absent,
        Some(false) => Maybe::Known(series),
        None => Maybe::Unknown,
    }
}

/// PYTHONPATH names the place that a COPY fills, or one below it, so that any Python looks there; `None`
/// where a script, a compose file or a `.pth` file may say so.
fn is_on_python_path(p: &Project, copy: &CopyFact) -> Option<bool> {
    const NAME: &str = "PYTHONPATH";
    let target = copy.target.as_deref()?.trim_end_matches('/');
    let is_below = |part: &str| {
        let rest = part.trim_end_matches('/').strip_prefix(target);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let belongs = |stage: usize| at::chain(&p.stages, stage).contains(&copy.stage);
    for stage in (0..p.stages.len()).filter(|stage| belongs(*stage)) {
        match at::env(p, stage, NAME) {
            Some(Some(value)) if value.as_str().split(':').any(is_below) => return Some(true),
            Some(None) => return None,
            _ => {}
        }
    }
    let mut images = p.images.iter().filter(|image| belongs(image.stage));
    let in_scripts = images.any(|image| {
        let sets = |command: &Command| command.assignments.iter().any(|one| one.name == NAME);
        let mut texts = image
            .scripts
            .iter()
            .filter_map(|script| script.text.as_ref());
        texts.any(|text| text.as_str().contains(NAME))
            || image.starts.iter().any(|start| sets(&start.command))
    });
    let building = p.around.dockerfile.as_deref();
    let services = building.map(|path| p.around.compose.services_building(path));
    let mut services = services.iter().flatten();
    let in_compose = services.any(|found| {
        let mut variables = found.service.environment.iter();
        variables.any(|pair| pair.key.as_str() == NAME)
    });
    let has_path_file = p.text.text.contains(".pth");
    (!in_scripts && !in_compose && !has_path_file).then_some(false)
}

fn packages_of_series(p: &Project, copy: &CopyFact) -> Option<String> {
    let CopyFrom::Stage(from) = copy.from else {
        return None;
    };
    let target = copy.target.as_deref()?;
    if let Some(rest) = target.strip_prefix("/usr/local/lib/python")
        && let Some((series, rest)) = rest.split_once('/')
    {
        let is_packages = matches!(rest, "site-packages" | "dist-packages");
        return (is_packages && series.contains('.')).then(|| series.to_owned());
    }
    let [(_, Some(source))] = &copy.sources[..] else {
        return None;
    };
    let source = source.as_str().trim_end_matches('/');
    let chain = at::chain(&p.stages, from);
    let made = derived::virtualenvs(p, &chain);
    let (path, command) = made.iter().find(|(path, _)| path == source)?;
    let maker = &p.commands[*command].command;
    let is_own = path == target
        && maker.program.as_deref().is_some_and(|program| {
            matches!(
                program,
                "python" | "python3" | "/usr/local/bin/python" | "/usr/local/bin/python3"
            )
        });
    let base = &at::root(&p.stages, from).base.knowledge;
    let series = base.python.filter(|_| base.family == Family::Python)?;
    is_own.then(|| series.to_string())
}
