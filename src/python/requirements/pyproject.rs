//! What a project directory declares: `pyproject.toml` in its dialects, else `setup.cfg` and
//! `setup.py`.

use crate::source::{Root, SourceError, Sources};

use super::name::normalize_name;
use super::problem::kind_of;
use super::project::Project;
use super::specifier::Versions;
use super::toml_tree::{Table, with_table};
use super::{ProblemKind, Requirement, RequirementSet, poetry, setup, txt};
use crate::source::join;

impl Project {
    /// Reads the project in `directory` (empty: the root).
    pub(super) fn read(sources: &Sources, root: &Root, directory: &str) -> Project {
        let mut project = Project {
            set: RequirementSet::new(),
            ..Project::default()
        };
        let path = join(directory, "pyproject.toml");
        let mut is_declared = false;
        match root.read(sources, &path) {
            Ok(file) => {
                let source = sources.get(file);
                project.set.files.push(file);
                is_declared = with_table(file, &source.text, |table, error| {
                    if let Some((span, message)) = error {
                        project
                            .set
                            .problem(ProblemKind::Syntax, Some(span), message);
                    }
                    project.pyproject(table, sources, root, directory)
                });
            }
            Err(SourceError::Missing { .. }) => {}
            Err(error) => project
                .set
                .problem(kind_of(&error), None, error.to_string()),
        }
        if !is_declared {
            setup::read(&mut project, sources, root, directory);
        }
        project
    }

    /// Fills the lists; false when the file leaves them to `setup.cfg` or `setup.py`.
    fn pyproject(
        &mut self,
        table: Table<'_, '_>,
        sources: &Sources,
        root: &Root,
        directory: &str,
    ) -> bool {
        let mut is_declared = false;
        if let Some(project) = table.at(&["project"]) {
            self.name = project.str("name").map(normalize_name);
            self.set.requires_python = project
                .get("requires-python")
                .and_then(|value| project.traced(value));
            let bound = self.set.requires_python.as_ref();
            self.set.python_versions = bound.map(|text| Versions::parse(text.as_str()));
            let dynamic: Vec<String> = project
                .strings("dynamic")
                .iter()
                .map(|name| name.as_str().to_owned())
                .collect();
            is_declared = !dynamic.iter().any(|name| name == "dependencies");
            self.dependencies = self.list(&project.strings("dependencies"), None);
            if let Some(extras) = project.at(&["optional-dependencies"]) {
                for (name, _) in extras.entries() {
                    let list = self.list(&extras.strings(name.as_str()), Some(name.as_str()));
                    self.extras.insert(normalize_name(name.as_str()), list);
                }
            }
            if !is_declared
                && let Some(dynamic) = table.at(&["tool", "setuptools", "dynamic", "dependencies"])
            {
                is_declared = true;
                self.dynamic_files(dynamic, sources, root, directory);
            }
        }
        if let Some(groups) = table.at(&["dependency-groups"]) {
            for (name, _) in groups.entries() {
                let list = self.group(groups, name.as_str(), &mut Vec::new());
                self.groups.insert(normalize_name(name.as_str()), list);
            }
        }
        if let Some(uv) = table.at(&["tool", "uv"]) {
            let dev = self.list(&uv.strings("dev-dependencies"), Some("dev"));
            if !dev.is_empty() {
                self.groups.entry("dev".to_owned()).or_default().extend(dev);
            }
            self.uv(uv);
        }
        if let Some(groups) = table.at(&["tool", "pdm", "dev-dependencies"]) {
            for (name, _) in groups.entries() {
                let list = self.list(&groups.strings(name.as_str()), Some(name.as_str()));
                let name = normalize_name(name.as_str());
                self.groups.entry(name).or_default().extend(list);
            }
        }
        if let Some(poetry) = table.at(&["tool", "poetry"]) {
            is_declared |= poetry::read(self, poetry);
        }
        is_declared
    }

    /// `[tool.setuptools.dynamic] dependencies = {file = [...]}`.
    fn dynamic_files(
        &mut self,
        dynamic: Table<'_, '_>,
        sources: &Sources,
        root: &Root,
        directory: &str,
    ) {
        let mut files = dynamic.strings("file");
        if let Some(value) = dynamic.get("file") {
            files.extend(dynamic.traced(value));
        }
        for file in files {
            let set = txt::read_requirements(sources, root, &join(directory, file.as_str()));
            self.dependencies.extend(set.requirements.iter().cloned());
            self.set.merge(RequirementSet {
                requirements: Vec::new(),
                ..set
            });
        }
    }

    /// Indexes and default groups of uv.
    fn uv(&mut self, uv: Table<'_, '_>) {
        if uv.get("default-groups").is_some() {
            self.set.default_groups = uv.strings("default-groups");
            self.uv_default_groups = Some(
                uv.strings("default-groups")
                    .iter()
                    .map(|name| normalize_name(name.as_str()))
                    .collect(),
            );
            if uv.str("default-groups") == Some("all") {
                self.uv_default_groups = Some(self.groups.keys().cloned().collect());
            }
        }
        for index in uv.array("index") {
            if let Some(index) = index.get_ref().as_table() {
                let index = uv.inner(index);
                let url = index.get("url").and_then(|url| index.traced(url));
                self.set.options.extra_index_urls.extend(url);
            }
        }
        if let Some(url) = uv.get("index-url") {
            self.set.options.index_url = uv.traced(url);
        }
        let more = uv.strings("extra-index-url");
        self.set.options.extra_index_urls.extend(more);
        self.set.options.find_links.extend(uv.strings("find-links"));
        // Sources replace the place a package comes from; its version is then no version of the
        // index.
        let Some(sources) = uv.at(&["sources"]) else {
            return;
        };
        for (name, value) in sources.entries() {
            let Some(table) = value.get_ref().as_table() else {
                continue;
            };
            let table = sources.inner(table);
            let name = normalize_name(name.as_str());
            let lists = std::iter::once(&mut self.dependencies)
                .chain(self.extras.values_mut())
                .chain(self.groups.values_mut());
            for requirement in lists.flatten().filter(|entry| entry.name == name) {
                poetry::source(table, requirement);
            }
        }
    }

    /// A dependency group with the groups it includes.
    fn group(
        &mut self,
        groups: Table<'_, '_>,
        name: &str,
        open: &mut Vec<String>,
    ) -> Vec<Requirement> {
        if open.len() > 10 || open.iter().any(|outer| outer == name) {
            return Vec::new();
        }
        open.push(name.to_owned());
        let outermost = open.first().cloned().unwrap_or_default();
        let mut list = Vec::new();
        for value in groups.array(name) {
            if let Some(text) = groups.traced(value) {
                list.extend(self.list(&[text], Some(&outermost)));
            } else if let Some(table) = value.get_ref().as_table()
                && let Some(included) = groups.inner(table).str("include-group")
            {
                let wanted = normalize_name(included);
                let names = groups.entries();
                let found = names
                    .iter()
                    .map(|(name, _)| name.as_str())
                    .find(|name| normalize_name(name) == wanted);
                match found {
                    Some(found) => list.extend(self.group(groups, found, open)),
                    None => self.set.problem(
                        ProblemKind::Missing,
                        Some(groups.span(value)),
                        format!("there is no group `{included}`"),
                    ),
                }
            }
        }
        open.pop();
        list
    }
}
