//! What building a project itself needs of its files, as its `pyproject.toml` says.

use crate::knowledge::build_backends::{self, BuildBackend};
use crate::source::{Root, Sources, clean, join};
use crate::span::{Span, Traced};

use super::toml_tree::{Table, with_table};

/// A project that can be built.
#[derive(Clone, Debug, Default)]
pub(crate) struct Building {
    /// A backend is named, or it is said to be a package: uv builds no other.
    pub is_package: bool,
    /// The backend is setuptools, and nothing says which packages there are: it takes those that it finds.
    pub finds_packages: bool,
    pub needs: Vec<BuildNeed>,
}

/// Where git keeps the history, from which tools read a version.
pub(crate) const HISTORY: &str = ".git";

/// Files without which building fails.
#[derive(Clone, Debug)]
pub(crate) struct BuildNeed {
    /// Below the project, normalised; one of them is enough.
    pub paths: Vec<String>,
    /// Where the project names them.
    pub span: Span,
    /// Poetry looks for it in each release; before 2.0 it only warned of others.
    pub is_named: bool,
}

/// Reads the project in `directory`, to be built by poetry itself or by the backend that it names; `None` when there is
/// none that can be read, or the backend is not known.
#[must_use]
pub(crate) fn building(
    sources: &Sources,
    root: &Root,
    directory: &str,
    by_poetry: bool,
) -> Option<Building> {
    let file = root
        .read(sources, &join(directory, "pyproject.toml"))
        .ok()?;
    // hatchling reads that file too.
    if root.read(sources, &join(directory, "hatch.toml")).is_ok() {
        return None;
    }
    let source = sources.get(file);
    with_table(file, &source.text, |table, error| match error {
        Some(_) => None,
        None => read(table, by_poetry),
    })
}

fn read(table: Table<'_, '_>, by_poetry: bool) -> Option<Building> {
    const POETRY: &str = "poetry.core.masonry.api";
    const SETUPTOOLS: &str = "setuptools.build_meta";
    let system = table.at(&["build-system"]);
    if system.is_some_and(|system| system.get("backend-path").is_some()) {
        return None;
    }
    let poetry = table.at(&["tool", "poetry"]);
    let says = poetry.and_then(|poetry| poetry.bool("package-mode"));
    if by_poetry && says == Some(false) {
        return Some(Building::default());
    }
    let named = system.and_then(|system| system.str("build-backend"));
    let name = match named {
        _ if by_poetry => POETRY,
        Some(name) => name,
        None => SETUPTOOLS,
    };
    let backend = build_backends::backend(name)?;
    let is_package = match table.at(&["tool", "uv"]).and_then(|uv| uv.bool("package")) {
        Some(says) => says,
        None => system.is_some(),
    };
    let mut needs = Vec::new();
    if let Some(project) = table.at(&["project"]) {
        metadata(project, backend, &mut needs);
    }
    if let Some(poetry) = poetry.filter(|_| name == POETRY) {
        of_poetry(poetry, by_poetry, &mut needs);
    }
    needs.extend(module(table, backend));
    needs.extend(version_file(table).filter(|_| name == "hatchling.build"));
    needs.extend(history(table, name).map(|span| BuildNeed {
        paths: vec![HISTORY.to_owned()],
        span,
        is_named: true,
    }));
    if let Some(tool) = table
        .at(&["tool", "setuptools"])
        .filter(|_| name == SETUPTOOLS)
    {
        of_setuptools(tool, &mut needs);
    }
    let finds_packages = name == SETUPTOOLS
        && table.at(&["project"]).is_some()
        && table.at(&["tool", "setuptools"]).is_none();
    Some(Building {
        is_package,
        finds_packages,
        needs,
    })
}

/// Where the project says that its version comes from git, with nothing that takes its place.
fn history(table: Table<'_, '_>, backend: &str) -> Option<Span> {
    let dynamic = table.at(&["project"])?.strings("dynamic");
    dynamic.iter().find(|name| name.as_str() == "version")?;
    let tool = |name: &str| {
        let requires = table.at(&["build-system"])?.strings("requires");
        let is_it = |text: &Traced| {
            let text = text.as_str().replace('_', "-");
            let rest = text.strip_prefix(name);
            rest.is_some_and(|rest| {
                !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-')
            })
        };
        requires.into_iter().find(is_it)
    };
    let has_other = |table: Table<'_, '_>| {
        let mut keys = table.entries().into_iter();
        keys.any(|(key, _)| {
            let key = key.as_str();
            key.contains("fallback") || key.contains("root") || key.contains("options")
        })
    };
    let (settings, name) = match backend {
        "setuptools.build_meta" => (table.at(&["tool", "setuptools_scm"])?, "setuptools-scm"),
        "hatchling.build" => {
            let version = table.at(&["tool", "hatch", "version"])?;
            (version.str("source")? == "vcs").then_some((version, "hatch-vcs"))?
        }
        _ => return None,
    };
    tool(name)
        .filter(|_| !has_other(settings))
        .map(|text| text.span())
}

/// A file or directory that is named.
fn named(text: &Traced) -> Option<BuildNeed> {
    let path = plain(text.as_str())?;
    Some(BuildNeed {
        paths: vec![path],
        span: text.span(),
        is_named: false,
    })
}

/// A path below the project, without patterns.
fn plain(text: &str) -> Option<String> {
    let is_plain = !text.is_empty()
        && !text.starts_with('/')
        && !text.contains(['*', '?', '[', '{', '\\'])
        && !text.split('/').any(|part| part == "..");
    is_plain.then(|| clean(text))
}

/// What `[project]` names.
fn metadata(project: Table<'_, '_>, backend: &BuildBackend, needs: &mut Vec<BuildNeed>) {
    let file_of = |key: &str| {
        let value = project.get(key)?;
        let inner = value.get_ref().as_table().map(|table| project.inner(table));
        inner.and_then(|inner| inner.traced(inner.get("file")?))
    };
    if backend.readme {
        let readme = project
            .get("readme")
            .and_then(|value| project.traced(value));
        needs.extend(
            readme
                .or_else(|| file_of("readme"))
                .and_then(|text| named(&text)),
        );
    }
    if backend.license {
        needs.extend(file_of("license").and_then(|text| named(&text)));
    }
    if backend.license_files {
        needs.extend(project.strings("license-files").iter().filter_map(named));
    }
}

/// What `[tool.poetry]` names.
fn of_poetry(poetry: Table<'_, '_>, by_poetry: bool, needs: &mut Vec<BuildNeed>) {
    let mut readmes = poetry.strings("readme");
    readmes.extend(poetry.get("readme").and_then(|value| poetry.traced(value)));
    needs.extend(readmes.iter().filter_map(named));
    for package in poetry.array("packages") {
        let Some(package) = package
            .get_ref()
            .as_table()
            .map(|table| poetry.inner(table))
        else {
            continue;
        };
        // Other tools build a wheel, which may not have it.
        if !by_poetry && package.get("format").is_some() {
            continue;
        }
        let from = package.str("from").unwrap_or_default();
        let include = package
            .get("include")
            .and_then(|value| package.traced(value));
        if let Some(include) = include
            && let Some(path) = plain(&join(from, include.as_str()))
        {
            needs.push(BuildNeed {
                paths: vec![path],
                span: include.span(),
                is_named: true,
            });
        }
    }
}

/// The module that the backend looks for by the name of the project.
fn module(table: Table<'_, '_>, backend: &BuildBackend) -> Option<BuildNeed> {
    let name_of = |path: &[&str]| {
        let table = table.at(path)?;
        table.traced(table.get("name")?)
    };
    let name = name_of(&["project"]).or_else(|| name_of(&["tool", "poetry"]))?;
    let mut module = name.as_str().replace(['-', '.'], "_");
    let keys: Vec<&str> = backend.unless.iter().collect();
    let (last, parents) = keys.split_last()?;
    let mut directory = None;
    if let Some(says) = table.at(parents).and_then(|parent| parent.get(last)) {
        // `module-name` and `module-root` of uv's own.
        let says = table.inner(says.get_ref().as_table()?);
        let known = ["module-name", "module-root"];
        if !says
            .entries()
            .iter()
            .all(|(key, _)| known.contains(&key.as_str()))
        {
            return None;
        }
        if says.get("module-name").is_some() {
            module = says.str("module-name")?.to_owned();
        }
        directory = Some(says.str("module-root").unwrap_or("src"));
    } else {
        // Whether it is looked for in lower case differs.
        if module.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return None;
        }
    }
    if module.contains('.') {
        return None;
    }
    let paths: Vec<String> = match directory {
        Some(directory) => vec![plain(&join(directory, &format!("{module}/__init__.py")))?],
        None => {
            let modules = backend.modules.iter();
            modules.map(|path| path.replace("NAME", &module)).collect()
        }
    };
    (!paths.is_empty()).then(|| BuildNeed {
        paths,
        span: name.span(),
        is_named: false,
    })
}

/// `[tool.hatch.version] path`: the file with the version.
fn version_file(table: Table<'_, '_>) -> Option<BuildNeed> {
    let project = table.at(&["project"])?;
    let dynamic = project.strings("dynamic");
    let version = table.at(&["tool", "hatch", "version"])?;
    let is_read = dynamic.iter().any(|name| name.as_str() == "version");
    if !is_read
        || version
            .str("source")
            .is_some_and(|source| source != "regex")
    {
        return None;
    }
    named(&version.traced(version.get("path")?)?)
}

/// `packages`, `packages.find.where` and `package-dir` of setuptools.
fn of_setuptools(tool: Table<'_, '_>, needs: &mut Vec<BuildNeed>) {
    let directories = tool.at(&["package-dir"]);
    let all = directories.and_then(|table| table.traced(table.get("")?));
    let is_mapped =
        directories.is_some_and(|table| table.entries().len() > usize::from(all.is_some()));
    if is_mapped {
        return;
    }
    needs.extend(all.as_ref().and_then(named));
    let root = all.as_ref().map_or("", Traced::as_str);
    for package in tool.strings("packages") {
        let path = join(root, &package.as_str().replace('.', "/"));
        needs.extend(plain(&path).map(|path| BuildNeed {
            paths: vec![path],
            span: package.span(),
            is_named: false,
        }));
    }
    if let Some(find) = tool.at(&["packages", "find"])
        && let [only] = &find.strings("where")[..]
        && all.is_none()
    {
        needs.extend(named(only));
    }
}
