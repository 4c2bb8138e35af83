//! Under which names the images of a project are built: what compose files, scripts, workflows and skaffold call them,
//! and the directory that a Dockerfile lies in.
//!
//! A name is the last part of a reference, `shop` of `registry.example.com/team/shop:1.2`; what stands before it
//! differs where two are known to differ. A name that is given to two Dockerfiles is none of either.

use super::build_lines::{Line, Variables};
use super::builders::{self, builders};
use super::built::Built;
use crate::compose::yaml::Node;
use crate::compose::{Project, Text, documents};
use crate::knowledge::intent_words::may_build;
use crate::knowledge::words::FileWords;
use crate::source::{Root, Sources, join, normalize, parent};
use crate::span::{FileId, Span, Traced};

/// Files of one directory that are looked through.
const MAX_LISTED: usize = 200;

/// What the images of a project are called.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    /// A name, and what is built under it; `None` where that is not known.
    all: Vec<(Name, Option<Built>)>,
    /// How many of them compose files say; they are the first.
    of_compose: usize,
}

/// A reference without its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) last: String,
    /// `latest` where none is written; `None` where a variable stands there, or a digest.
    tag: Option<String>,
    /// Registry and owner; `None` where a variable stands there, empty for neither.
    above: Option<String>,
}

impl Name {
    /// `None` where the last part is not known.
    pub(super) fn of(reference: &str) -> Option<Self> {
        let mut depth = 0_u32;
        let (mut slash, mut end) = (None, None);
        for (at, c) in reference.char_indices() {
            match c {
                '{' | '(' => depth += 1,
                '}' | ')' => depth = depth.saturating_sub(1),
                '/' if depth == 0 => (slash, end) = (Some(at), None),
                ':' | '@' if depth == 0 && end.is_none() => end = Some(at),
                _ => {}
            }
        }
        let from = slash.map_or(0, |at| at + 1);
        let last = &reference[from..end.unwrap_or(reference.len())];
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if last.is_empty() || !last.chars().all(is_plain) {
            return None;
        }
        let above = &reference[..slash.unwrap_or(0)];
        let is_known = !above.contains(['$', '{', '<', '%']);
        let tag = match end.map(|end| &reference[end..]) {
            None => Some("latest"),
            Some(tail) => tail
                .strip_prefix(':')
                .filter(|tag| tag.chars().all(is_plain)),
        };
        Some(Self {
            last: last.to_owned(),
            tag: tag.map(str::to_owned),
            above: is_known.then(|| above.to_owned()),
        })
    }

    /// Nothing that is known of both says that they differ.
    fn may_be(&self, other: &Self) -> bool {
        let differ = match (self.above.as_deref(), other.above.as_deref()) {
            // What is built here may be pushed under an owner.
            (None | Some(""), _) | (_, None | Some("")) => false,
            (Some(one), Some(other)) => one != other,
        };
        self.last == other.last && !differ
    }

    /// It may be an image that the project builds: one of somebody, and none that is there to be beside others.
    pub(super) fn may_be_own(&self) -> bool {
        let mut words = self.last.split(['-', '_', '.']);
        self.above.as_deref() != Some("") && !words.any(|it| FileWords::ClusterBeside.contains(it))
    }
}

/// The context and the Dockerfile at the top, where the package that is served has the name.
fn of_package(root: &Root, name: &str) -> Option<(String, String)> {
    let package = name.replace('-', "_");
    let serves = |file: &str| root.is_file(&join(&package, file));
    let is_it = root.is_file("Dockerfile") && (serves("wsgi.py") || serves("asgi.py"));
    is_it.then(|| (String::new(), "Dockerfile".to_owned()))
}

impl Names {
    /// Looks through what builds.
    pub(super) fn collect(root: &Root, sources: &Sources, compose: &Project) -> Self {
        let mut names = Self::default();
        names.add_of_compose(compose);
        names.of_compose = names.all.len();
        for path in builders(root, std::iter::empty(), MAX_LISTED, may_build) {
            let Some((file, source)) = builders::source(root, sources, &path) else {
                continue;
            };
            for line in builders::lines_that_build(sources, file).iter() {
                names.add_line(root, &path, file, line);
            }
            if source.text.contains("build-push-action") {
                let documents = documents(sources, file);
                let variables = Variables::of(&source.text);
                for document in &documents.all {
                    names.of_workflow(root, document, &variables);
                }
            }
            if path
                .rsplit('/')
                .next()
                .unwrap_or(&path)
                .starts_with("skaffold")
            {
                let documents = documents(sources, file);
                documents.all.iter().for_each(|it| names.of_skaffold(it));
            }
        }
        names
    }

    /// Something is built under the name of a reference.
    pub(super) fn has(&self, reference: &str) -> bool {
        let name = Name::of(reference);
        name.is_some_and(|name| self.all.iter().any(|(own, _)| own.may_be(&name)))
    }

    /// What a service of compose runs that only names an image: what scripts and workflows build under this name,
    /// without a Dockerfile where it is not known which; `None` where they build none of that name.
    pub(super) fn run(&self, reference: &str) -> Option<Built> {
        let name = Name::of(reference)?;
        let said = self.all.iter().filter(|(own, _)| own.may_be(&name));
        let mut by_others = self.all.iter().skip(self.of_compose);
        by_others.find(|(own, _)| own.may_be(&name))?;
        // Images of one name differ by their tags: `backend:latest`, `backend:docs`.
        let is_it = |own: &Name| own.tag.is_some() && own.tag == name.tag;
        let mut said = said.filter(|(own, _)| is_it(own)).map(|(_, built)| built);
        let found = said.next().and_then(|first| agreed(first, said));
        Some(found.unwrap_or_else(|| Built {
            is_named: true,
            ..Built::default()
        }))
    }

    /// What is certainly built under the name of a reference.
    pub(super) fn built(&self, root: &Root, reference: &str) -> Option<Built> {
        let name = Name::of(reference)?;
        let mut said = self.all.iter().filter(|(own, _)| own.may_be(&name));
        if let Some((_, first)) = said.next() {
            return agreed(first, said.map(|(_, other)| other));
        }
        // What is called as the directory of one Dockerfile.
        if !name.may_be_own() {
            return None;
        }
        let above = FileWords::DirectoryOfServices.into_iter();
        let mut found = [""].into_iter().chain(above).filter_map(|above| {
            let directory = join(above, &name.last);
            let path = join(&directory, "Dockerfile");
            root.is_file(&path).then_some((directory, path))
        });
        let is_called = |path: &str| {
            let mut built = self.all.iter().map(|(_, built)| built.as_ref());
            built.any(|it| it.is_none_or(|it| it.dockerfile.as_deref().is_none_or(|it| it == path)))
        };
        let of_package = || of_package(root, &name.last).filter(|(_, path)| !is_called(path));
        let first = found.next().or_else(of_package);
        let (directory, path) = first?;
        found.next().is_none().then_some(Built {
            context: Some(directory),
            dockerfile: Some(path),
            is_named: true,
            ..Built::default()
        })
    }

    fn add(&mut self, reference: &str, built: Option<Built>) {
        if let Some(name) = Name::of(reference) {
            self.all.push((name, built));
        }
    }

    fn add_of_compose(&mut self, compose: &Project) {
        let services = compose.stacks.iter().flat_map(|stack| &stack.services);
        for service in services {
            let Some((build, image)) = service.build.as_ref().zip(service.image.as_ref()) else {
                continue;
            };
            let built = build.dockerfile_path.is_some().then(|| Built {
                context: build.context_path.clone(),
                dockerfile: build.dockerfile_path.clone(),
                target: build.target.clone(),
                ..Built::default()
            });
            self.add(image.scalar.as_str(), built);
        }
    }

    fn add_line(&mut self, root: &Root, path: &str, file: FileId, line: &Line) {
        let own = parent(path);
        let place = |from: &str| -> Option<(String, String)> {
            let context = normalize(&join(from, line.context.as_deref()?))?;
            let dockerfile = match &line.dockerfile {
                Some(written) => normalize(&join(from, written))?,
                None => join(&context, "Dockerfile"),
            };
            root.is_file(&dockerfile).then_some((context, dockerfile))
        };
        // A recipe of make runs where its file lies, a script where it is called.
        let from = if path.ends_with("akefile") { own } else { "" };
        let from = match &line.directory {
            Some(directory) => normalize(&join(from, directory)),
            None => Some(from.to_owned()),
        };
        let found = from
            .filter(|_| !line.is_moved && (!line.is_elsewhere || names_path(line)))
            .and_then(|from| place(&from));
        let built = found.map(|(context, dockerfile)| Built {
            context: Some(context),
            dockerfile: Some(dockerfile),
            target: line
                .target
                .as_ref()
                .map(|target| Text::from(Traced::new(target.as_str(), Span::point(file, 0)))),
            ..Built::default()
        });
        for tag in &line.tags {
            self.add(tag, built.clone());
        }
    }

    /// The steps of a workflow that build and push.
    fn of_workflow(&mut self, root: &Root, workflow: &Node, variables: &Variables<'_>) {
        let jobs = workflow.get("jobs").map_or(&[][..], Node::entries);
        for job in jobs {
            let steps = job.value.get("steps").map_or(&[][..], Node::items);
            let uses = |step: &&Node, action: &str| {
                let uses = step.get("uses").and_then(Node::scalar);
                uses.is_some_and(|uses| uses.as_str().contains(action))
            };
            let mut called: Vec<String> = Vec::new();
            for step in steps.iter().filter(|step| uses(step, "metadata-action")) {
                called.extend(lines(step, "images", variables));
            }
            for step in steps.iter().filter(|step| uses(step, "build-push-action")) {
                let with = |key: &str| match step.get("with").and_then(|with| with.get(key)) {
                    Some(node) => node.scalar().map(|it| variables.expand(it.as_str())),
                    None => Some(String::new()),
                };
                let place = || {
                    let context = normalize(with("context")?.trim_start_matches("./"));
                    let context = context.filter(|it| !it.contains('$'))?;
                    let file = with("file")?;
                    let dockerfile = match file.is_empty() {
                        true => join(&context, "Dockerfile"),
                        false => normalize(&file)?,
                    };
                    root.is_file(&dockerfile).then_some((context, dockerfile))
                };
                let target = step.get("with").and_then(|with| with.get("target"));
                let target = target.map(|node| match node.scalar() {
                    Some(text) if !text.as_str().contains('$') => Text::verbatim(text.clone()),
                    _ => Text::unknown(node.span),
                });
                let built = place().map(|(context, dockerfile)| Built {
                    context: Some(context),
                    dockerfile: Some(dockerfile),
                    target,
                    ..Built::default()
                });
                let tags = lines(step, "tags", variables);
                let tags = if tags.iter().any(|tag| tag.contains("steps.")) {
                    &called
                } else {
                    &tags
                };
                for tag in tags {
                    self.add(tag, built.clone());
                }
            }
        }
    }

    /// <https://skaffold.dev/docs/references/yaml/>
    fn of_skaffold(&mut self, document: &Node) {
        let artifacts = document
            .get("build")
            .and_then(|build| build.get("artifacts"));
        for artifact in artifacts.map_or(&[][..], Node::items) {
            let text = |node: &Node, key: &str| Some(node.get(key)?.scalar()?.as_str().to_owned());
            let Some(image) = text(artifact, "image") else {
                continue;
            };
            let docker = artifact.get("docker");
            let context = text(artifact, "context").unwrap_or_default();
            let written = docker.and_then(|docker| text(docker, "dockerfile"));
            let written = written.unwrap_or_else(|| "Dockerfile".to_owned());
            let context = normalize(&context);
            let dockerfile = context
                .as_ref()
                .and_then(|it| normalize(&join(it, &written)));
            let target = docker.and_then(|docker| docker.get("target")?.scalar().cloned());
            let built = dockerfile.map(|dockerfile| Built {
                context,
                dockerfile: Some(dockerfile),
                target: target.map(Text::verbatim),
                ..Built::default()
            });
            self.add(&image, built);
        }
    }
}

/// What all say that is built, where they say the same.
fn agreed<'a>(
    first: &Option<Built>,
    mut others: impl Iterator<Item = &'a Option<Built>>,
) -> Option<Built> {
    let first = first.as_ref()?;
    let is_same = |other: &Built| {
        let target = |built: &Built| {
            let target = built.target.as_ref();
            target.map(|it| it.as_str().map(str::to_owned))
        };
        other.dockerfile == first.dockerfile && target(other) == target(first)
    };
    let agree = others.all(|other| other.as_ref().is_some_and(is_same));
    agree.then(|| Built {
        is_named: true,
        ..first.clone()
    })
}

/// It names a Dockerfile below a directory, which lies there in the project alone.
fn names_path(line: &Line) -> bool {
    let written = line.dockerfile.as_deref();
    written.is_some_and(|written| written.trim_start_matches("./").contains('/'))
}

/// The lines or items of a value of an action, variables of the file filled in.
fn lines(step: &Node, key: &str, variables: &Variables<'_>) -> Vec<String> {
    let value = step.get("with").and_then(|with| with.get(key));
    let value = value.and_then(Node::scalar).map_or("", |it| it.as_str());
    let lines = value.split(['\n', ',']).map(str::trim);
    let lines = lines.filter(|line| !line.is_empty());
    lines.map(|line| variables.expand(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_references() {
        let last = |text: &str| Name::of(text).map(|name| name.last);
        let cases = [
            ("shop", Some("shop")),
            ("registry.example.com:5000/team/shop:1.2", Some("shop")),
            ("${REGISTRY:-a:b/c}/shop:${TAG:-x}", Some("shop")),
            ("shop@sha256:0123", Some("shop")),
            ("$IMAGE", None),
            ("team/{{ name }}:1", None),
            ("<IMAGE1_NAME>", None),
        ];
        for (text, expected) in cases {
            assert_eq!(last(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn names_that_may_be_one() {
        let may = |one: &str, other: &str| {
            let (one, other) = (Name::of(one).unwrap(), Name::of(other).unwrap());
            one.may_be(&other)
        };
        assert!(may("shop", "registry.example.com/team/shop:1"));
        assert!(may("$REGISTRY/shop", "registry.example.com/team/shop:1"));
        assert!(!may("one/shop", "two/shop"));
        assert!(!may("team/shop", "team/shop-worker"));
    }
}
