//! What leads to what: variables to where they are set, stages to where they begin, names of modules, scripts and
//! lists to their files. For definitions, references and links alike.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use gen_lsp_types::{DefinitionParams, DocumentLinkParams, Position, Range, ReferenceParams};
use serde_json::{Value, json};

use super::analysis::{Analysis, Goal, Link, Places, Project};
use super::ask;
use crate::dockerfile;
use crate::dockerfile::ast::{Args, Keyword};
use crate::facts::Facts;
use crate::facts::table::{NodeRef, Val};
use crate::span::{FileId, Span, Traced};

/// Every link of the files of a project.
fn all(project: &Project) -> &[Link] {
    project.links.get_or_init(|| make(project))
}

fn make(project: &Project) -> Vec<Link> {
    let mut links = Vec::new();
    for (dockerfile, facts) in &project.checked.facts {
        let maker = Maker {
            project,
            facts,
            dockerfile: *dockerfile,
        };
        maker.variables(&mut links);
        maker.stages(&mut links);
        maker.modules(&mut links);
        maker.files(&mut links);
        maker.services(&mut links);
    }
    links.sort();
    links.dedup();
    links
}

struct Maker<'a> {
    project: &'a Project,
    facts: &'a Facts,
    dockerfile: FileId,
}

impl Maker<'_> {
    /// `$NAME` to the ENV or ARG that sets it: the last one before it in its stage, else the last one of the stage that
    /// this one is built on, and so on. An ENV counts before any ARG. FROM sees the ARGs before all stages.
    fn variables(&self, links: &mut Vec<Link>) {
        let stage = |node: &NodeRef| ask::fact(node, "stage").and_then(|stage| stage.span());
        let setters = |kind: &str| {
            let mut by_place: HashMap<(Option<Span>, String), Vec<Span>> = HashMap::new();
            for node in ask::all(self.facts, kind) {
                if let Some(span) = node.span() {
                    let key = (stage(&node), node.text());
                    by_place.entry(key).or_default().push(span);
                }
            }
            by_place
        };
        let mut set = ["env", "arg"].map(setters);
        for name in self.globals() {
            let key = (None, name.as_str().to_owned());
            let [_, args] = &mut set;
            args.entry(key).or_default().push(name.span());
        }
        let parents = self.parents();
        for reference in ask::all(self.facts, "reference") {
            let Some(from) = reference.span() else {
                continue;
            };
            let name = reference.text();
            let is_from = ask::text(&reference, "keyword").as_deref() == Some("FROM");
            let own = stage(&reference).filter(|_| !is_from);
            let mut chain = vec![own];
            chain.extend(above(&parents, own).map(Some));
            // What one instruction sets it does not see itself.
            let begin = ask::fact(&reference, "instruction").and_then(|whole| whole.span());
            let begin = begin.map_or(from.start, |whole| whole.start);
            let last = |set: &HashMap<(Option<Span>, String), Vec<Span>>| {
                chain.iter().find_map(|place| {
                    let spans = set.get(&(*place, name.clone()))?.iter();
                    let before = spans.filter(|at| at.file == from.file && at.start < begin);
                    before.max().copied()
                })
            };
            if let Some(to) = set.iter().find_map(last) {
                links.push(Link {
                    from,
                    to: Goal::Place(to),
                });
            }
        }
    }

    /// The names of the ARGs before the first FROM, which are facts of no stage.
    fn globals(&self) -> Vec<Traced> {
        let file = self.project.checked.sources.get(self.dockerfile);
        let tree = dockerfile::parse(self.dockerfile, &file.text);
        let instructions = tree.instructions.into_iter();
        let before = instructions.take_while(|one| one.keyword != Keyword::From);
        let words = before.filter_map(|one| match one.args {
            Args::Words(words) if one.keyword == Keyword::Arg => Some(words),
            _ => None,
        });
        let name = |word: Traced| word.slice(0..word.as_str().find('=').unwrap_or(word.len()));
        words.flatten().map(name).collect()
    }

    /// The stages that stages are built on.
    fn parents(&self) -> HashMap<Span, Span> {
        let stages = ask::all(self.facts, "stage");
        let parents = stages.iter().enumerate().filter_map(|(index, stage)| {
            let name = ask::plain(&ask::get(stage, "from"))?;
            let parent = named(stages.get(..index)?, &name)?;
            Some((stage.span()?, parent.span()?))
        });
        parents.collect()
    }

    /// `--from=` and FROM to the stage they name.
    fn stages(&self, links: &mut Vec<Link>) {
        let stages = ask::all(self.facts, "stage");
        for copy in ask::all(self.facts, "copy") {
            let to = ask::fact(&copy, "from_stage").and_then(|stage| stage.span());
            let Some((to, span)) = to.zip(copy.span()) else {
                continue;
            };
            for instruction in ask::at(self.facts, "instruction", span) {
                let (flags, _) = ask::map(&instruction, "flags");
                let from = flags.iter().find(|(name, _)| name == "from");
                if let Some(from) = from.and_then(|(_, cell)| cell.span) {
                    let to = Goal::Place(to);
                    links.push(Link { from, to });
                }
            }
        }
        for (index, stage) in stages.iter().enumerate() {
            let cell = ask::get(stage, "from");
            let (Some(from), Some(name)) = (cell.span, ask::plain(&cell)) else {
                continue;
            };
            let named = stages.get(..index).and_then(|above| named(above, &name));
            if let Some(to) = named.and_then(|one| one.span()) {
                let to = Goal::Place(to);
                links.push(Link { from, to });
            }
        }
    }

    /// Names of settings and applications to their files.
    fn modules(&self, links: &mut Vec<Link>) {
        let settings = ask::all(self.facts, "settings");
        let env = ask::all(self.facts, "env");
        let mut add = |node: &NodeRef, name: &str| {
            if let Some((from, to)) = node.span().zip(self.module(name)) {
                let to = Goal::File(to);
                links.push(Link { from, to });
            }
        };
        for node in &settings {
            add(node, &node.text());
        }
        for node in &env {
            let value = ask::text(node, "value");
            // Where the settings themselves are named there, the name leads to them.
            let within = |one: &NodeRef| Some((node.span()?, one.span()?));
            let is_known = settings
                .iter()
                .filter_map(within)
                .any(|(pair, name)| pair.contains(name));
            let names_settings = node.text() == "DJANGO_SETTINGS_MODULE" && !is_known;
            if let Some(value) = value.filter(|_| names_settings) {
                add(node, &value);
            }
        }
        for node in ask::all(self.facts, "application") {
            let target = node.text();
            if ask::text(&node, "is_path").as_deref() == Some("yes") {
                if let Some((from, to)) = node.span().zip(self.ending(&target)) {
                    let to = Goal::File(to);
                    links.push(Link { from, to });
                }
            } else if let Some((from, to)) = node.span().zip(self.module(&target)) {
                let to = Goal::File(to);
                links.push(Link { from, to });
            }
        }
    }

    /// Scripts, lists of requirements and sources of COPY to their files.
    fn files(&self, links: &mut Vec<Link>) {
        let of = |kind: &str, field: &str| -> Vec<(Span, String)> {
            let nodes = ask::all(self.facts, kind).into_iter();
            nodes
                .filter_map(|node| Some((node.span()?, ask::text(&node, field)?)))
                .collect()
        };
        let named = [
            of("script", "source"),
            of("requirement_file", "path"),
            of("source", "path"),
        ];
        for (from, path) in named.into_iter().flatten() {
            if let Some(to) = self.ending(&path) {
                let to = Goal::File(to);
                links.push(Link { from, to });
            }
        }
    }

    /// Services to the Dockerfile that they build, and to its stage.
    fn services(&self, links: &mut Vec<Link>) {
        let stages = ask::all(self.facts, "stage");
        for service in ask::all(self.facts, "service") {
            if ask::text(&service, "builds_this").as_deref() != Some("yes") {
                continue;
            }
            let file = self.project.checked.sources.get(self.dockerfile);
            if let Some((from, path)) = service.span().zip(file.path.clone()) {
                let to = Goal::File(path);
                links.push(Link { from, to });
            }
            let target = ask::get(&service, "build_target");
            let stage = stages.iter().find(|stage| match &target.value {
                Val::Str(name) => stage.text().eq_ignore_ascii_case(name),
                _ => false,
            });
            if let Some((from, to)) = target.span.zip(stage.and_then(|stage| stage.span())) {
                let to = Goal::Place(to);
                links.push(Link { from, to });
            }
        }
    }

    /// The file of a module, of those that were read.
    fn module(&self, name: &str) -> Option<PathBuf> {
        let path = name.replace('.', "/");
        let file = self.ending(&format!("{path}.py"));
        file.or_else(|| self.ending(&format!("{path}/__init__.py")))
    }

    /// The file of the project that a path leads to: beside the Dockerfile or above it, else the one that was read
    /// under a path that ends so.
    fn ending(&self, path: &str) -> Option<PathBuf> {
        let clean = path.trim_start_matches("./").trim_matches('/');
        if clean.is_empty() || clean.split('/').any(|part| part == "..") {
            return None;
        }
        let sources = &self.project.checked.sources;
        let dockerfile = sources.get(self.dockerfile);
        let read = sources.ids().filter_map(|id| sources.get(id).path.clone());
        let mut read: Vec<PathBuf> = read
            .filter(|read| read.ends_with(Path::new(clean)))
            .collect();
        read.sort_by_key(|path| path.components().count());
        let beside = dockerfile.path.as_deref().and_then(Path::parent);
        let above = beside.into_iter().flat_map(Path::ancestors);
        let mut above = above.take_while(|place| place.starts_with(&self.project.root));
        let files = sources.file_system();
        let found = above.find_map(|place| {
            let path = place.join(clean);
            files.has_file(&path).then_some(path)
        });
        found.or_else(|| read.into_iter().next())
    }
}

/// The last of some stages that has a name.
fn named<'a>(stages: &'a [NodeRef], name: &str) -> Option<&'a NodeRef> {
    let has_name = |stage: &&NodeRef| {
        let own = ask::text(stage, "name");
        own.is_some_and(|own| own.eq_ignore_ascii_case(name))
    };
    stages.iter().rev().find(has_name)
}

/// The stages that one is built on, the nearest first.
fn above(parents: &HashMap<Span, Span>, stage: Option<Span>) -> impl Iterator<Item = Span> + '_ {
    let parent = move |stage: &Span| parents.get(stage).copied();
    std::iter::successors(stage.as_ref().and_then(parent), parent)
}

fn told(analysis: &Analysis, places: &Places<'_>, goal: &Goal) -> Option<Value> {
    match goal {
        Goal::Place(span) => places.location(*span).map(|location| json!(location)),
        Goal::File(path) => {
            let start = Position::new(0, 0);
            let uri = analysis.names.uri(path);
            Some(json!({"uri": uri, "range": Range::new(start, start)}))
        }
    }
}

/// Leaves out what is there twice: folders may lie in each other.
fn once(found: &mut Vec<Value>) {
    let mut known = BTreeSet::new();
    found.retain(|one| known.insert(one.to_string()));
}

/// Where the thing under the cursor is written.
pub(super) fn definition(analysis: &Analysis, params: &DefinitionParams) -> Result<Value, String> {
    let at = &params.text_document_position_params;
    let mut found = Vec::new();
    for (project, file) in analysis.files(&at.text_document.uri.0) {
        let places = analysis.places(project);
        let place = Span::point(file, places.offset(file, at.position));
        let links = all(project).iter();
        let links = links.filter(|link| link.from.contains(place));
        // Of places in each other the narrow one is meant.
        let mut links: Vec<&Link> = links.collect();
        links.sort_by_key(|link| link.from.len());
        let narrow = links.first().map(|link| link.from.len());
        let meant = links.iter().filter(|link| Some(link.from.len()) == narrow);
        found.extend(meant.filter_map(|link| told(analysis, &places, &link.to)));
    }
    once(&mut found);
    Ok(json!(found))
}

/// What leads to the thing under the cursor; to the file, where nothing leads to that.
pub(super) fn references(analysis: &Analysis, params: &ReferenceParams) -> Result<Value, String> {
    let at = &params.text_document_position_params;
    let uri = &at.text_document.uri.0;
    let mut found = Vec::new();
    for (project, file) in analysis.files(uri) {
        let places = analysis.places(project);
        let place = Span::point(file, places.offset(file, at.position));
        let links = all(project);
        let own = links
            .iter()
            .find(|link| link.from.contains(place))
            .map(|link| &link.to);
        let is_meant = |goal: &Goal| match goal {
            Goal::Place(span) => span.contains(place),
            Goal::File(_) => false,
        };
        let mut meant: Vec<&Link> = links
            .iter()
            .filter(|link| Some(&link.to) == own || is_meant(&link.to))
            .collect();
        if meant.is_empty() {
            let here = project.checked.sources.get(file).path.clone();
            let is_here = |link: &&Link| match &link.to {
                Goal::File(path) => Some(path) == here.as_ref(),
                Goal::Place(_) => false,
            };
            meant = links.iter().filter(is_here).collect();
        }
        found.extend(meant.iter().filter_map(|link| places.location(link.from)));
        if params.context.include_declaration {
            let goals = meant.iter().filter_map(|link| match &link.to {
                Goal::Place(span) => places.location(*span),
                Goal::File(_) => None,
            });
            found.extend(goals);
        }
    }
    found.sort_by(|a, b| (a.uri.as_ref(), a.range).cmp(&(b.uri.as_ref(), b.range)));
    found.dedup();
    Ok(json!(found))
}

/// The places of a file that lead to other files.
pub(super) fn links(analysis: &Analysis, params: &DocumentLinkParams) -> Result<Value, String> {
    let mut found = Vec::new();
    for (project, file) in analysis.files(&params.text_document.uri.0) {
        let places = analysis.places(project);
        let links = all(project).iter();
        let links = links.filter(|link| link.from.file == file);
        found.extend(links.filter_map(|link| match &link.to {
            Goal::File(path) => Some(json!({
                "range": places.range(link.from),
                "target": analysis.names.uri(path),
            })),
            Goal::Place(_) => None,
        }));
    }
    once(&mut found);
    Ok(json!(found))
}
