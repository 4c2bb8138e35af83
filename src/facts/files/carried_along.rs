//! What a COPY of whole directories takes along that has no place in an image: version history,
//! secrets, virtual environments, databases. Looked for in the copied directory itself; files of variables also below.

use crate::context::Pattern;
use crate::facts::build::at;
use crate::facts::files::certificates;
use crate::facts::model::{BuildPhase, Category, CopyFrom, UnwantedFact};
use crate::knowledge::frontend_tools::for_browsers;
use crate::knowledge::intent_words::{self, Intent};
use crate::knowledge::secret;
use crate::knowledge::words::{DirectoryWords, FileWords, ValueWords};
use crate::source::{Entry, Sources, is_in, join, normalize};
use crate::span::{FileId, Span};

/// What a secret is called that no variable holds.
const KEY: &str = "a private key";

/// Looks through the directories that are copied from the context.
pub(crate) fn collect(p: &BuildPhase, sources: &Sources) -> Vec<UnwantedFact> {
    let mut out = Vec::new();
    // In another directory other files lie.
    if !p.around.context.is_settled() {
        return out;
    }
    for (index, copy) in p.copies.iter().enumerate() {
        if copy.from != CopyFrom::Context || copy.has_parents || !copy.excludes.is_empty() {
            continue;
        }
        for (span, text) in &copy.sources {
            let Some(text) = text else { continue };
            let path = text.as_str();
            if path.contains(['*', '?', '[']) || path.contains("://") || path.starts_with("<<") {
                continue;
            }
            let Some(directory) = crate::source::normalize(path.trim_matches('/')) else {
                continue;
            };
            directory_of(p, sources, index, *span, &directory, &mut out);
        }
    }
    // The same for every COPY that takes the history along.
    let is_history = |fact: &&mut UnwantedFact| fact.category == Category::History;
    let mut histories = out.iter_mut().filter(is_history).peekable();
    if histories.peek().is_some() {
        let is_published = is_published(p, sources);
        let is_built_from_git = crate::facts::ci::is_built_from_git(&p.around.root, sources);
        let is_archived = crate::facts::ci::is_archived(&p.around.root, sources);
        let is_one_commit = crate::facts::ci::checks_out_one_commit(&p.around.root, sources);
        let project = p.around.context.read(sources, "pyproject.toml");
        let gives_version = project.is_ok_and(|file| {
            let text = &sources.get(file).text;
            FileWords::VersionByGit
                .iter()
                .any(|tool| text.contains(tool))
        });
        histories.for_each(|fact| {
            fact.is_published = is_published;
            fact.is_built_from_git = is_built_from_git;
            fact.is_archived = is_archived;
            fact.is_one_commit = is_one_commit;
            fact.gives_version = gives_version;
        });
    }
    out
}

fn directory_of(
    p: &BuildPhase,
    sources: &Sources,
    copy: usize,
    source: Span,
    directory: &str,
    out: &mut Vec<UnwantedFact>,
) {
    let context = &p.around.context;
    let shown = if directory.is_empty() { "." } else { directory };
    if context.entry(shown) != Entry::Directory {
        return;
    }
    let Some(names) = context.list(directory) else {
        return;
    };
    let own = names.iter().map(|name| join(directory, name));
    let below = env_files_below(p, directory, &names);
    for path in own.chain(below) {
        let name = path.rsplit('/').next().unwrap_or(&path);
        let Some(category) = category(p, &path, name) else {
            continue;
        };
        let is_directory = context.entry(&path) == Entry::Directory;
        if context.ignored_by(&path).is_some() {
            continue;
        }
        // Everything in the directory may be kept out one level down.
        if is_directory && is_emptied(p, &path) {
            continue;
        }
        // An empty database holds nothing of anybody.
        let size = || context.root.size(&context.below_root(&path)?);
        if category == Category::Database && size() == Some(0) {
            continue;
        }
        let mut secret = None;
        let mut secrets = Vec::new();
        let mut is_for_development = false;
        let mut is_generated = false;
        if category == Category::Secret {
            let Ok(file) = context.read(sources, &path) else {
                continue;
            };
            let text = &sources.get(file).text;
            let found = secrets_in(file, text);
            let own = |(_, _, value): &(String, Span, &str)| !value.starts_with("django-insecure-");
            is_generated = !found.iter().any(own);
            secrets.extend(found.iter().map(|(_, _, value)| (*value).to_owned()));
            let Some((name, span, _)) = found.into_iter().next() else {
                continue;
            };
            is_for_development = (says_development(&name_of(&path), text)
                || name == KEY && certificates::is_of_development(p, sources, &path))
                && !is_used_in_production(p, &path);
            secret = Some((name, span));
        }
        let head = (category == Category::History)
            .then(|| context.read(sources, &join(&path, "HEAD")).ok())
            .flatten();
        let ignore_file = context.ignore.as_ref();
        let ignore_file = ignore_file.map(|ignore| sources.get(ignore.file).name.clone());
        out.push(UnwantedFact {
            ignore_file,
            is_published: false,
            is_built_from_git: false,
            is_archived: false,
            is_one_commit: false,
            repository: head.map(|file| Span::point(file, 0)),
            copy,
            source,
            path,
            category,
            secret,
            secrets,
            gives_version: false,
            is_for_development,
            is_generated,
        });
    }
}

/// Directories that are looked through for files of variables, in each directory that is copied.
const MAX_DIRECTORIES: usize = 200;

/// Files of variables one and two directories below one that is copied, where directories by their names are deployed.
fn env_files_below(p: &BuildPhase, directory: &str, names: &[String]) -> Vec<String> {
    let context = &p.around.context;
    let is_deployed = |name: &str| {
        let name = name.to_ascii_lowercase();
        // What has a dot in its name is hardly a directory, and is not asked for.
        !name.contains('.') && !DirectoryWords::NotDeployed.contains(&name)
    };
    let is_directory = |path: &String| {
        let name = path.rsplit('/').next().unwrap_or(path);
        is_deployed(name)
            && context.entry(path) == Entry::Directory
            && context.ignored_by(path).is_none()
    };
    let listed = |path: &str| -> Vec<String> {
        let names = context.list(path);
        let names = names.iter().flat_map(|names| names.iter());
        names.map(|name| join(path, name)).collect()
    };
    let first = names.iter().map(|name| join(directory, name));
    let first: Vec<String> = first.filter(is_directory).take(MAX_DIRECTORIES).collect();
    // Variables of a frontend are what browsers get.
    let add = |paths: Vec<String>, out: &mut Vec<String>| {
        if !paths.iter().any(|path| name_of(path) == "package.json") {
            out.extend(paths.into_iter().filter(|path| is_env_file(path)));
        }
    };
    let mut out = Vec::new();
    let mut left = MAX_DIRECTORIES;
    for path in first {
        let inner = listed(&path);
        for below in inner.iter().filter(|path| is_directory(path)) {
            if left == 0 {
                return out;
            }
            left -= 1;
            add(listed(below), &mut out);
        }
        add(inner, &mut out);
    }
    out
}

/// The file itself: with a word behind it, it may be there to be copied.
fn is_env_file(path: &str) -> bool {
    name_of(path) == ".env"
}

/// A path of the context that a COPY or ADD of a shipped stage takes with all that is in it.
pub(crate) struct TakenAlong {
    pub(crate) copy: usize,
    /// Where it is written.
    pub(crate) source: Span,
    /// Empty for the whole context.
    pub(crate) directory: String,
}

impl TakenAlong {
    /// A path of the context is taken along.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.directory.is_empty() || is_in(path, &self.directory)
    }
}

/// All of them that are written without a pattern, in the order of the file.
pub(crate) fn taken_along(p: &BuildPhase) -> Vec<TakenAlong> {
    let mut out = Vec::new();
    for (i, copy) in p.copies.iter().enumerate() {
        let is_meant = copy.from == CopyFrom::Context && at::is_shipped(p, copy.stage);
        if !is_meant || copy.has_parents || !copy.excludes.is_empty() {
            continue;
        }
        let has_pattern = |text: &str| text.contains(['*', '?', '[', ':', '<', '$']);
        out.extend(copy.sources.iter().filter_map(|(source, text)| {
            let text = text.as_ref()?.as_str();
            let directory = normalize(text.trim_matches('/'))?;
            (!has_pattern(text)).then_some(TakenAlong {
                copy: i,
                source: *source,
                directory,
            })
        }));
    }
    out
}

/// A path of the context that is not there and that git ignores, so that whoever builds may have it, and that the
/// ignore file does not exclude.
pub(crate) fn is_left_to_builders(p: &BuildPhase, path: &str) -> bool {
    let context = &p.around.context;
    let below = context.below_root(path);
    below.is_some_and(|below| {
        context.root.entry(&below) == Entry::Missing && context.root.is_git_ignored(&below)
    }) && context.ignored_by(path).is_none()
}

/// A file of variables that is not in the project, and that people have beside it.
pub(crate) struct ExpectedFile {
    /// In the build context.
    pub(crate) path: String,
    /// The file beside it that shows what to write into it; `None` where compose reads it.
    pub(crate) sample: Option<String>,
}

/// Files of variables that the project shows to be made beside its code, which git ignores and the ignore file does not
/// keep out: a COPY of the directory takes them along. Named by compose files, which read them, or by a sample that
/// lies beside them.
pub(crate) fn expected_env_files(p: &BuildPhase) -> Vec<ExpectedFile> {
    let context = &p.around.context;
    let taken = taken_along(p);
    let mut out: Vec<ExpectedFile> = Vec::new();
    let mut add = |path: String, sample: Option<String>| {
        let is_copied = taken.iter().any(|it| it.has(&path));
        let is_new = !out.iter().any(|it| it.path == path);
        if is_copied && is_new && !is_for_tests(&path) && is_left_to_builders(p, &path) {
            out.push(ExpectedFile { path, sample });
        }
    };
    let above = context.below_root("").unwrap_or_default();
    let services = p
        .around
        .deployed
        .compose
        .stacks
        .iter()
        .flat_map(|it| &it.services);
    for file in services.flat_map(|service| &service.env_files) {
        let path = file.resolved.as_deref();
        let own = path.and_then(|path| match above.trim_end_matches('/') {
            "" => Some(path),
            above => path.strip_prefix(above)?.strip_prefix('/'),
        });
        if let Some(own) =
            own.filter(|own| own.rsplit('/').next().is_some_and(|it| it.contains(".env")))
        {
            add(own.to_owned(), None);
        }
    }
    for TakenAlong { directory, .. } in &taken {
        for name in context
            .list(directory)
            .iter()
            .flat_map(|names| names.iter())
        {
            let lower = name.to_ascii_lowercase();
            // `.env.docker-example` is the sample of another one.
            if let Some((made, kind)) = lower.rsplit_once('.')
                && made.starts_with(".env")
                && FileWords::EnvSample.contains(kind)
            {
                add(join(directory, made), Some(join(directory, name)));
            }
        }
    }
    out
}

/// A sample of a file of variables that is not here lies beside it, and all its variables are written into scripts that
/// browsers get anyway.
pub(crate) fn is_public(p: &BuildPhase, sources: &Sources, path: &str) -> bool {
    let context = &p.around.context;
    let (directory, own) = path.rsplit_once('/').unwrap_or((".", path));
    let names = context.list(directory);
    let mut samples = names.iter().flat_map(|names| names.iter()).filter(|name| {
        let lower = name.to_ascii_lowercase();
        lower.contains(own) && FileWords::EnvSample.is_within(&lower)
    });
    samples.any(|name| {
        let file = context.read(sources, &join(directory, name));
        file.is_ok_and(|file| {
            let text = &sources.get(file).text;
            let mut all = lines(text).peekable();
            all.peek().is_some() && all.all(|line| for_browsers(line.name).is_some())
        })
    })
}

/// A file is for tests by its name: `.env.test.local`.
pub(crate) fn is_for_tests(path: &str) -> bool {
    let name = name_of(path);
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| intent_words::of_compose(word) == Some(Intent::Ci))
}

/// A pattern of the ignore file is about files of variables.
pub(crate) fn has_pattern_for_env_files(p: &BuildPhase) -> bool {
    let ignore = p.around.context.ignore.as_deref();
    let mut patterns = ignore.iter().flat_map(|ignore| &ignore.patterns);
    patterns.any(is_for_env_files)
}

/// The pattern keeps out files of variables: `.env`, `**/.env.*`, `.env*`.
pub(crate) fn is_for_env_files(pattern: &Pattern) -> bool {
    let last = pattern.cleaned.rsplit('/').next().unwrap_or_default();
    let is_one = last == ".env" || last.starts_with(".env.") || last.starts_with(".env*");
    is_one && !pattern.is_exception
}

/// Whether something publishes the image, or a compose stack for production builds it.
pub(crate) fn is_published(p: &BuildPhase, sources: &Sources) -> bool {
    p.around.dockerfile.as_deref().is_some_and(|path| {
        p.around.has_production() || crate::facts::ci::is_published(&p.around.root, sources, path)
    })
}

/// The ignore file keeps out what lies in the directory, if not the directory itself.
fn is_emptied(p: &BuildPhase, directory: &str) -> bool {
    let context = &p.around.context;
    match context.list(directory) {
        Some(names) => names
            .iter()
            .all(|name| context.ignored_by(&join(directory, name)).is_some()),
        None => true,
    }
}

pub(crate) fn category(p: &BuildPhase, path: &str, name: &str) -> Option<Category> {
    let context = &p.around.context;
    let is_directory = || context.entry(path) == Entry::Directory;
    let is_file = || matches!(context.entry(path), Entry::File { .. });
    let lower = name.to_ascii_lowercase();
    match lower.as_str() {
        // A repository below is a submodule, whose history lies elsewhere.
        ".git" => {
            (path == name && context.is_settled() && is_directory()).then_some(Category::History)
        }
        "node_modules" => is_directory().then_some(Category::NodeModules),
        name if FileWords::CacheDirectory.contains(name) => {
            is_directory().then_some(Category::Caches)
        }
        name if FileWords::PrivateKey.contains(name) => is_file().then_some(Category::Secret),
        _ if lower == ".env" || lower.starts_with(".env.") || lower.ends_with(".env") => {
            let is_example = FileWords::EnvSample.is_within(&lower);
            (!is_example && is_file()).then_some(Category::Secret)
        }
        _ if lower.ends_with(".pem") || lower.ends_with(".key") => {
            is_file().then_some(Category::Secret)
        }
        _ if [".sqlite3", ".sqlite", ".db"]
            .iter()
            .any(|end| lower.ends_with(end)) =>
        {
            is_file().then_some(Category::Database)
        }
        _ if is_directory() => {
            let config = join(path, "pyvenv.cfg");
            matches!(context.entry(&config), Entry::File { .. }).then_some(Category::Virtualenv)
        }
        _ => None,
    }
}

fn name_of(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase()
}

/// Whether a file of variables is for development or tests: by its name, DEBUG, or the settings that it chooses.
fn says_development(name: &str, text: &str) -> bool {
    let is_one = |word: &str| {
        matches!(
            intent_words::of_compose(word),
            Some(Intent::Development | Intent::Ci)
        )
    };
    let is_on = |value: &str| ValueWords::Yes.contains(&value.to_ascii_lowercase());
    name.split(|c: char| !c.is_ascii_alphanumeric()).any(is_one)
        || lines(text).any(|line| match line.name {
            "DJANGO_SETTINGS_MODULE" => line.value.rsplit(['.', '_']).next().is_some_and(is_one),
            "DEBUG" => is_on(line.value),
            name => name.ends_with("_DEBUG") && name.contains("DJANGO") && is_on(line.value),
        })
}

/// Whether a compose stack for production reads a file of the context.
pub(crate) fn is_used_in_production(p: &BuildPhase, path: &str) -> bool {
    let Some(path) = p.around.context.below_root(path) else {
        return false;
    };
    let stacks = p.around.deployed.compose.stacks.iter();
    stacks
        .filter(|stack| stack.purpose == Some(Intent::Production))
        .flat_map(|stack| &stack.services)
        .flat_map(|service| &service.env_files)
        .any(|file| file.resolved.as_deref() == Some(path.as_str()))
}

/// `NAME=value` of a file of variables.
struct Line<'t> {
    name: &'t str,
    value: &'t str,
    /// Where the name and the line begin.
    at: usize,
    start: usize,
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut end = 0;
    text.split_inclusive('\n').filter_map(move |raw| {
        let start = end;
        end += raw.len();
        let line = raw.trim_end();
        let body = line.trim_start();
        let body = body.strip_prefix("export ").unwrap_or(body);
        let (name, value) = body.split_once('=')?;
        let value = value.split(" #").next().unwrap_or(value);
        let at = start + line.len() - body.len();
        let (name, value) = (name.trim(), value.trim().trim_matches(['"', '\'']));
        let is_one = !name.starts_with('#');
        is_one.then_some(Line {
            name,
            value,
            at,
            start,
        })
    })
}

/// The secrets of a file of variables with their values, or the head of a private key.
fn secrets_in(file: FileId, text: &str) -> Vec<(String, Span, &str)> {
    let span = |from: usize, length: usize| {
        let offset = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        Span::new(file, offset(from), offset(from + length))
    };
    let mut out = Vec::new();
    let mut end = 0;
    for raw in text.split_inclusive('\n') {
        let line = raw.trim_end();
        if line.starts_with("-----BEGIN") && line.contains("PRIVATE KEY") {
            out.push((KEY.to_owned(), span(end, line.len()), line));
        }
        end += raw.len();
    }
    for line in lines(text).filter(|line| !line.value.is_empty()) {
        let verdict = secret::judge_in(line.name, Some(line.value), text, line.start, true);
        if matches!(verdict, secret::Verdict::Secret(_)) {
            let at = span(line.at, line.name.len());
            out.push((line.name.to_owned(), at, line.value));
        }
    }
    out
}
