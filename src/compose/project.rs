//! The compose files of a project: each as written, and the stacks they make together.

use crate::knowledge::intent_words::Intent;
use crate::maps::HashMap;
use std::cell::{OnceCell, RefCell};
use std::sync::Arc;

use super::model::{Build, ComposeFile, Pair, Port, Service};
use super::purpose::{is_own, of_project, purpose_of};
use super::read::Reader;
use super::stacks::{BASES, OVERRIDES, stacks};
use super::tree::{Forest, Tree, is_complete, overlay};
use super::yaml::{Entry, Node, Tag, YamlError};
use super::{base, dotenv, lower_case, started, text};
use crate::knowledge::intent_words;
use crate::source::{Entry as Place, Root, SourceError, Sources, join, normalize, parent};
use crate::span::{FileId, Span, Traced};

/// In the name of a file that shows what another is to have.
const EXAMPLES: [&str; 5] = ["example", "sample", "template", "dist", "default"];

/// Services of one file that are read.
const MAX_SERVICES: usize = 500;

/// Variables of the services of one file or stack.
const MAX_VARIABLES: usize = 20_000;

/// The compose files of a project.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// Files that could be read, in order of their paths.
    pub files: Vec<ComposeFile>,
    /// What is started together, in order of the last file of each.
    pub stacks: Vec<Stack>,
    /// What could not be read of files that are there, but for their size, which is told elsewhere.
    pub unread: Vec<Unread>,
}

/// A file, or a line of it, that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Below the root.
    pub path: String,
    /// In the file; `None` for all of it.
    pub span: Option<Span>,
    /// One clause, lower case.
    pub message: String,
}

/// What is to be said of a file that is there and was not read.
fn unread(path: &str, error: &SourceError) -> Option<Unread> {
    matches!(error, SourceError::Io { .. }).then(|| Unread {
        path: path.to_owned(),
        span: None,
        message: error.without_name(),
    })
}

/// Files that are used together, put together.
#[derive(Debug, Clone)]
pub struct Stack {
    /// Positions in [`Project::files`], the base first.
    pub files: Vec<usize>,
    pub purpose: Option<Intent>,
    /// `extends` followed, overrides merged.
    pub services: Vec<Service>,
    /// Every service says what it runs; otherwise the files are meant to be used with others.
    pub is_complete: bool,
    /// Networks that others made: services of other stacks may answer there.
    pub external_networks: Vec<String>,
    /// Networks without a way out, for which no port is published.
    pub internal_networks: Vec<String>,
    /// It is what `docker compose up` starts in the project's directory, by itself: a service that is
    /// not there is missing.
    pub is_whole: bool,
    /// None of its files includes others.
    pub is_closed: bool,
    /// Variables that examples of the `.env` of its directory give: `.env.example`.
    pub exemplary: Vec<String>,
}

impl Project {
    /// Reads compose files (paths below the root) and what they lead to. Files without `services` and `include`
    /// are left out, but for override files that declare volumes.
    #[must_use]
    pub fn load(root: &Root, sources: &Sources, paths: &[String]) -> Self {
        let mut paths = paths.to_vec();
        paths.sort();
        paths.dedup();
        let mut forest = Forest::new(root, sources);
        let mut project = Self::default();
        for path in &paths {
            forest.place_included(path);
        }
        for path in &paths {
            match forest.tree(path) {
                Err(error) if root.is_file(path) => project.unread.extend(unread(path, &error)),
                Err(_) => {}
                Ok(Tree { file, root: node }) => {
                    if let Some(first) = node.as_ref().and_then(|node| of_first_format(path, node))
                    {
                        forest.errors.push(first);
                    }
                    let is_broken = forest.errors.iter().any(|error| error.span.file == file);
                    // What is put over another file may declare volumes only.
                    let is_over = OVERRIDES.iter().any(|name| path.ends_with(name));
                    let has_services = node.as_ref().is_some_and(|node| {
                        let has = |key: &str| node.get(key).is_some();
                        has("services") || has("include") || is_over && has("volumes")
                    });
                    let text = &sources.get(file).text;
                    let is_template = || is_broken && is_template(path, text);
                    let is_compose = || has_services || is_broken && is_sure(path, text);
                    if is_compose() && !is_template() {
                        let values = Values::new(root, sources, parent(path).to_owned());
                        project
                            .files
                            .push(values.file(&forest, path, file, node.as_ref()));
                        project.tell(values);
                    }
                }
            }
        }
        let known: Vec<String> = project.files.iter().map(|file| file.path.clone()).collect();
        for files in stacks(root, &known, &mut forest) {
            let values = Values::new(root, sources, parent(&known[files[0]]).to_owned());
            let mut entries = Vec::new();
            for index in &files {
                entries = overlay(entries, forest.services(&known[*index], 0));
            }
            let base = &known[files[0]];
            let is_complete = is_complete(&entries, is_base(base));
            let includes = |index: &usize| {
                let tree = forest.tree(&known[*index]).ok();
                tree.and_then(|tree| tree.root)
                    .is_none_or(|node| node.get("include").is_some())
            };
            let is_closed = !files.iter().any(includes);
            let is_whole = is_complete && is_started_here(root, base) && is_closed;
            let (services, _) = values.services(&forest, &entries);
            let exemplary = values.exemplary();
            project.tell(values);
            let purpose = together(&files, &project.files);
            // The file that compose puts over another says nothing where production starts the two.
            let is_started = purpose == Some(Intent::Development)
                && started::is_for_production(root, sources, &project.files, &files);
            let purpose = if is_started {
                Some(Intent::Production)
            } else {
                purpose
            };
            let purpose = match purpose {
                // A rehearsal on one's own machine.
                Some(Intent::Production)
                    if services
                        .iter()
                        .any(|it| is_tagged_local(it) || answers_locally(it)) =>
                {
                    Some(Intent::Development)
                }
                purpose => purpose,
            };
            project.stacks.push(Stack {
                purpose,
                exemplary,
                external_networks: files
                    .iter()
                    .flat_map(|index| networks_with(&mut forest, &known[*index], "external"))
                    .collect(),
                internal_networks: files
                    .iter()
                    .flat_map(|index| networks_with(&mut forest, &known[*index], "internal"))
                    .collect(),
                files,
                services,
                is_complete,
                is_whole,
                is_closed,
            });
        }
        // What is wrong with a file stands with it, also when another file led there.
        for error in forest.errors {
            let of_file = |file: &&mut ComposeFile| file.file == error.span.file;
            if let Some(file) = project.files.iter_mut().find(of_file)
                && !file.errors.contains(&error)
            {
                file.errors.push(error);
            }
        }
        for file in &mut project.files {
            file.errors
                .sort_by_key(|error| (error.span.start, error.span.end));
        }
        project
    }

    /// Keeps what could not be read while values were filled in.
    fn tell(&mut self, values: Values<'_>) {
        for unread in values.unread.into_inner() {
            if !self.unread.contains(&unread) {
                self.unread.push(unread);
            }
        }
    }
}

/// The networks of a file for which a key is set: `external`, those that it does not make itself, where nothing says
/// no; `internal`, where it is certainly on.
fn networks_with(forest: &mut Forest<'_>, path: &str, key: &str) -> Vec<String> {
    let root = forest.tree(path).ok().and_then(|tree| tree.root);
    let networks = root.as_ref().and_then(|root| root.get("networks"));
    let entries = networks.map_or(&[][..], Node::entries).iter();
    let is_set = |entry: &&Entry| {
        entry.value.get(key).is_some_and(|value| match key {
            "internal" => value
                .scalar()
                .is_some_and(|it| it.as_str().eq_ignore_ascii_case("true")),
            _ => value
                .scalar()
                .is_none_or(|it| !it.as_str().eq_ignore_ascii_case("false")),
        })
    };
    entries
        .filter(is_set)
        .map(|entry| entry.key.as_str().to_owned())
        .collect()
}

/// A service builds an image whose tag says that it stays here: `shop:local`.
fn is_tagged_local(service: &Service) -> bool {
    let image = service.image.as_ref().and_then(text::Text::as_str);
    let tag = image.and_then(|image| image.rsplit('/').next()?.split_once(':'));
    service.build.is_some()
        && tag.is_some_and(|(_, tag)| of_project(tag) == Some(Intent::Development))
}

/// A service listens on the machine itself, and answers under names that nobody else can reach:
/// `DJANGO_ALLOWED_HOSTS: "web localhost"`.
fn answers_locally(service: &Service) -> bool {
    let hosts = |pair: &&Pair| pair.key.as_str().ends_with("ALLOWED_HOSTS");
    let mut hosts = service.environment.iter().filter(hosts).peekable();
    let is_local = |pair: &Pair| {
        let names = pair.value.as_ref().and_then(text::Text::as_str);
        let names = names.unwrap_or_default();
        let mut names = names
            .split([' ', ',', ';'])
            .filter(|name| !name.is_empty())
            .peekable();
        let is_reachable = |name: &str| name.contains(['.', '*', '$']) && !is_own(name);
        names.peek().is_some() && !names.any(is_reachable)
    };
    let is_kept = |port: &Port| {
        port.host_ip
            .as_ref()
            .is_some_and(|ip| ip.as_str() != "0.0.0.0" && is_own(ip.as_str()))
    };
    let ports = &service.ports;
    hosts.peek().is_some() && hosts.all(is_local) && !ports.is_empty() && ports.iter().all(is_kept)
}

/// The purpose of files used together: the last that speaks.
fn together(files: &[usize], all: &[ComposeFile]) -> Option<Intent> {
    let purposes = files.iter().rev().filter_map(|index| all.get(*index));
    let mut purposes = purposes.map(|file| file.purpose);
    purposes.find_map(|purpose| purpose)
}

/// The lines of a span, with their ends, when only a comment stands beside it.
fn whole_lines(text: &str, span: Span) -> Option<Span> {
    let (start, end) = (span.start as usize, span.end as usize);
    let before = text.get(..start)?;
    let after = text.get(end..)?;
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let rest = after.find('\n').map_or(after.len(), |at| at + 1);
    let tail = after[..rest].trim();
    let is_alone = before[line..].trim().is_empty() && (tail.is_empty() || tail.starts_with('#'));
    // No empty lines stay at the top, nor twice as many between two parts.
    let above = &before[..line];
    let is_first = above.trim().is_empty()
        || above.ends_with("\n\n")
        || above.trim_end().lines().next_back() == Some("---");
    let blank = after[rest..]
        .split_inclusive('\n')
        .take_while(|line| is_first && line.trim().is_empty())
        .map(str::len)
        .sum::<usize>();
    let until = u32::try_from(end + rest + blank).ok()?;
    is_alone.then(|| Span::new(span.file, u32::try_from(line).unwrap_or(span.start), until))
}

/// A file that compose finds by itself.
fn is_base(path: &str) -> bool {
    BASES.contains(&path.rsplit('/').next().unwrap_or(path))
}

/// Whether a file may be put behind another one of another directory (`-f compose.yml -f docker/extra.yml`), whose
/// directory its paths then start at: compose does not find it by itself, and it lies below the project's directory.
#[must_use]
pub(crate) fn may_be_behind(path: &str) -> bool {
    path.contains('/') && !is_base(path)
}

/// A file that compose finds by itself, in the directory of a project.
fn is_started_here(root: &Root, path: &str) -> bool {
    let directory = parent(path);
    let is_project = directory.is_empty()
        || ["manage.py", ".git"]
            .iter()
            .any(|marker| root.entry(&join(directory, marker)) != Place::Missing);
    is_base(path) && is_project
}

/// A file that something fills in before compose reads it: of a project template, of a deployment tool.
fn is_template(path: &str, text: &str) -> bool {
    path.contains("{{") || ["{{", "{%", "<%"].iter().any(|open| text.contains(open))
}

/// A compose file, although not all of it could be read.
/// The error at a file of compose's first format, which has its services at the top: no release since 2.0 reads it.
fn of_first_format(path: &str, root: &Node) -> Option<YamlError> {
    let entries = root.entries();
    let runs = |entry: &Entry| {
        ["image", "build"]
            .iter()
            .any(|key| entry.value.get(key).is_some())
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    let first = entries.first().filter(|_| BASES.contains(&name))?;
    entries.iter().all(runs).then(|| YamlError {
        span: first.key.span,
        message: "its services must be below `services:`".to_owned(),
        is_limit: false,
    })
}

fn is_sure(path: &str, text: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.contains("compose") || text.lines().any(|line| line.trim_end() == "services:")
}

/// What values are filled in with: the variables of a project directory, the env files of services.
struct Values<'a> {
    root: &'a Root,
    sources: &'a Sources,
    directory: String,
    variables: OnceCell<Vec<Pair>>,
    env_files: RefCell<HashMap<String, Option<Arc<[Pair]>>>>,
    unread: RefCell<Vec<Unread>>,
}

impl<'a> Values<'a> {
    fn new(root: &'a Root, sources: &'a Sources, directory: String) -> Self {
        Self {
            root,
            sources,
            directory,
            variables: OnceCell::new(),
            env_files: RefCell::default(),
            unread: RefCell::default(),
        }
    }

    /// A variable of the `.env` of the project directory.
    fn variable(&self, name: &str) -> Option<Traced> {
        let pairs = self.variables.get_or_init(|| {
            let path = join(&self.directory, ".env");
            let pairs = self.lines(&path, &|_| None).map(|(_, pairs)| pairs);
            pairs.unwrap_or_default()
        });
        let pair = pairs.iter().rev().find(|pair| pair.key.as_str() == name)?;
        pair.value.as_ref()?.value.clone()
    }

    /// The variables of files beside the compose files that show what `.env` is to have.
    fn exemplary(&self) -> Vec<String> {
        const MAX_NAMES: usize = 500;
        let names = self.root.list(&self.directory, MAX_NAMES);
        let is_example = |name: &&String| {
            name.contains("env") && EXAMPLES.iter().any(|word| name.contains(word))
        };
        let files = names.iter().filter(is_example);
        files
            .filter_map(|name| self.lines(&join(&self.directory, name), &|_| None))
            .flat_map(|(_, pairs)| pairs)
            .map(|pair| pair.key.as_str().to_owned())
            .collect()
    }

    fn lines(&self, path: &str, outer: &text::Lookup<'_>) -> Option<(FileId, Vec<Pair>)> {
        if !self.root.is_file(path) {
            return None;
        }
        match self.root.read(self.sources, path) {
            Ok(file) => {
                let pairs = dotenv::parse(file, &self.sources.get(file).text, outer);
                Some((file, pairs))
            }
            Err(error) => {
                self.unread.borrow_mut().extend(unread(path, &error));
                None
            }
        }
    }

    fn env_file(&self, path: &str) -> Option<Arc<[Pair]>> {
        let known = self.env_files.borrow().get(path).cloned();
        known.unwrap_or_else(|| {
            let lines = self.lines(path, &|name| self.variable(name));
            if let Some((file, _)) = &lines {
                let text = &self.sources.get(*file).text;
                let refused = dotenv::refused(*file, text).map(|(span, message)| Unread {
                    path: path.to_owned(),
                    span: Some(span),
                    message,
                });
                self.unread.borrow_mut().extend(refused);
            }
            let pairs: Option<Arc<[Pair]>> = lines.map(|(_, pairs)| pairs.into());
            self.env_files
                .borrow_mut()
                .insert(path.to_owned(), pairs.clone());
            pairs
        })
    }

    fn services(&self, forest: &Forest<'_>, entries: &[Entry]) -> (Vec<Service>, Vec<YamlError>) {
        let lookup = |name: &str| self.variable(name);
        let directory = |file: FileId| forest.directories.get(&file).cloned().unwrap_or_default();
        let env_file = |path: &str| self.env_file(path);
        let mut reader = Reader {
            lookup: &lookup,
            directory: &directory,
            env_file: &env_file,
            errors: Vec::new(),
        };
        let mut services = Vec::new();
        let mut left = MAX_VARIABLES;
        for entry in entries.iter().take(MAX_SERVICES) {
            if entry.value.tag == Some(Tag::Reset) {
                continue;
            }
            if !entry.value.is_mapping() {
                let message = format!("service `{}` takes a mapping", entry.key.as_str());
                reader.fail(entry.key.span, message);
                continue;
            }
            let mut service = reader.service(&entry.key, &entry.value);
            if let Some(build) = &mut service.build {
                if let Some(path) = &mut build.dockerfile_path {
                    lower_case::take_lower_case(self.root, path);
                }
                self.doubt(build);
                let path = build.dockerfile_path.as_deref();
                build.base = path.and_then(|path| base::of(self.root, self.sources, path));
            }
            let files = service.env_files.iter();
            let files = files.filter_map(|file| file.pairs.as_ref().map(|pairs| pairs.len()));
            let count = service.environment.len() + files.sum::<usize>();
            match left.checked_sub(count) {
                Some(rest) => left = rest,
                None => {
                    service.environment.clear();
                    service
                        .env_files
                        .iter_mut()
                        .for_each(|file| file.pairs = None);
                    service.is_cut = true;
                    reader.limit(
                        entry.key.span,
                        format!("more than {MAX_VARIABLES} variables of services are not read"),
                    );
                }
            }
            services.push(service);
        }
        if let Some(entry) = entries.get(MAX_SERVICES) {
            reader.limit(
                entry.key.span,
                format!("more than {MAX_SERVICES} services are not read"),
            );
        }
        (services, reader.errors)
    }

    /// A context that is not where the file says, but where it would be seen from a directory above,
    /// belongs to a file that is used together with one there: then nobody knows which it is.
    fn doubt(&self, build: &mut Build) {
        let Some(path) = build.context_path.as_deref() else {
            return;
        };
        let is_missing = |path: &str| self.root.entry(path) == Place::Missing;
        let Some(written) = build.context.as_ref().and_then(text::Text::as_str) else {
            return;
        };
        let file = build.dockerfile_path.as_deref();
        let is_file_missing = !is_missing(path) && file.is_some_and(is_missing);
        if !is_missing(path) && !is_file_missing || self.directory.is_empty() {
            return;
        }
        let dockerfile = build.dockerfile.as_ref().and_then(text::Text::as_str);
        let slashes = self.directory.match_indices('/').map(|(at, _)| at);
        let is_above = slashes.chain([0]).any(|end| {
            let Some(other) = normalize(&join(&self.directory[..end], written)) else {
                return false;
            };
            if is_file_missing {
                let name = dockerfile.unwrap_or("Dockerfile");
                normalize(&join(&other, name)).is_some_and(|path| !is_missing(&path))
            } else {
                !is_missing(&other)
            }
        });
        if is_above {
            build.context_path = None;
            build.dockerfile_path = None;
        }
    }

    /// One file as written.
    fn file(
        &self,
        forest: &Forest<'_>,
        path: &str,
        file: FileId,
        node: Option<&Node>,
    ) -> ComposeFile {
        let key = |key: &str| node.and_then(|node| node.entry(key));
        let entries = key("services").map_or(&[][..], |entry| entry.value.entries());
        let (services, mut errors) = self.services(forest, entries);
        if forest.errors.iter().any(|error| error.span.file == file) {
            // Wrong shapes may come from the syntax error.
            errors.clear();
        }
        let names = |name: &str| {
            let entries = key(name).map_or(&[][..], |entry| entry.value.entries());
            entries
                .iter()
                .take(MAX_SERVICES)
                .map(|entry| entry.key.clone())
                .collect()
        };
        let scalar = |name: &str| {
            let entry = key(name)?;
            let lookup = |name: &str| self.variable(name);
            let value = text::Text::new(
                entry.value.scalar()?.clone(),
                text::Dialect::Compose,
                &lookup,
            );
            Some((entry.key.clone(), value))
        };
        let version = scalar("version");
        let name = scalar("name").map(|(_, value)| value);
        let named = || {
            name.as_ref()
                .and_then(text::Text::as_str)
                .and_then(of_project)
        };
        let commented = || intent_words::says_development(&self.sources.get(file).text);
        let purpose = purpose_of(path)
            .or_else(named)
            .or_else(|| commented().then_some(Intent::Development));
        ComposeFile {
            file,
            path: path.to_owned(),
            purpose,
            version_lines: version.as_ref().and_then(|(key, value)| {
                whole_lines(&self.sources.get(file).text, key.span.cover(value.span()))
            }),
            version,
            name,
            services,
            volumes: names("volumes"),
            plain_volumes: key("volumes")
                .map_or_else(Vec::new, |entry| plain_volumes(&entry.value)),
            networks: names("networks"),
            secrets: names("secrets"),
            errors,
        }
    }
}

/// The volumes of which no more is said than a name.
fn plain_volumes(node: &Node) -> Vec<String> {
    let is_plain = |entry: &&Entry| {
        let mut keys = entry.value.entries().iter();
        keys.all(|it| it.key.as_str() == "name")
    };
    let plain = node.entries().iter().take(MAX_SERVICES).filter(is_plain);
    plain.map(|entry| entry.key.as_str().to_owned()).collect()
}
