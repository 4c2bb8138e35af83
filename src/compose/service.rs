//! One service, from its node to what it says.

use crate::compose::merge::as_mapping;
use crate::compose::model::{
    Build, CommandForm, CommandLine, Dependency, EnvFile, Extends, Healthcheck, Network, Service,
};
use crate::compose::read::{MAX_ITEMS, Reader};
use crate::compose::text::{Dialect, Text};
use crate::compose::yaml::{Entry, Node, Scalar};
use crate::compose::{ports, volumes};
use crate::source::join;
use crate::source::normalize;

/// What `depends_on` may wait for.
const CONDITIONS: [&str; 3] = [
    "service_started",
    "service_healthy",
    "service_completed_successfully",
];

/// Names of one list that are compared with each other.
const MAX_NAMES: usize = 100;

impl Reader<'_> {
    fn command(&mut self, key: &str, node: &Node) -> CommandLine {
        let form = match node.scalar() {
            Some(scalar) if scalar.is_null() => CommandForm::Null,
            Some(scalar) => CommandForm::Line(self.scalar_text(scalar)),
            None if node.is_mapping() => {
                self.fail(node.span, format!("`{key}` takes a string or a list"));
                CommandForm::Null
            }
            None if node.items().is_empty() => CommandForm::Null,
            None => CommandForm::List(self.texts(Some(node))),
        };
        CommandLine {
            span: node.span,
            form,
        }
    }

    /// A service; never fails, parts of the wrong shape are left out and told.
    pub(crate) fn service(&mut self, name: &Scalar, node: &Node) -> Service {
        for entry in node.entries() {
            let len = entry.value.items().len().max(entry.value.entries().len());
            if len > MAX_ITEMS {
                let message = format!("only the first {MAX_ITEMS} entries are read");
                self.limit(entry.key.span, message);
            }
        }
        let links = node.entry("links");
        Service {
            name: name.text.clone(),
            span: node.span,
            image: self.value(node, "image"),
            build: node.get("build").and_then(|node| self.build(node)),
            command: node
                .get("command")
                .map(|node| self.command("command", node)),
            entrypoint: node
                .get("entrypoint")
                .map(|node| self.command("entrypoint", node)),
            environment: self.pairs(node.get("environment")),
            env_files: self.env_files(node.get("env_file")),
            ports: ports::read(self, node.get("ports")),
            expose: self.texts(node.get("expose")),
            volumes: volumes::read(self, node.get("volumes")),
            depends_on: self.depends_on(node.get("depends_on")),
            links: self.texts(links.map(|entry| &entry.value)),
            links_key: links.map(|entry| entry.key.span),
            networks: self.networks(node.get("networks")),
            profiles: self.list(node, "profiles"),
            healthcheck: node.get("healthcheck").map(|node| self.healthcheck(node)),
            extends: node.get("extends").and_then(|node| self.extends(node)),
            secrets: self.names(node.get("secrets"), "source"),
            user: self.value(node, "user"),
            read_only: self.value(node, "read_only"),
            working_dir: self.value(node, "working_dir"),
            container_name: self.value(node, "container_name"),
            replicas: self.replicas(node),
            hostname: self.value(node, "hostname"),
            network_mode: self.value(node, "network_mode"),
            restart: self.value(node, "restart"),
            stop_signal: self.value(node, "stop_signal"),
            stop_grace_period: self.duration(node, "stop_grace_period"),
            init: self.value(node, "init"),
            privileged: self.value(node, "privileged"),
            tmpfs: self.texts(node.get("tmpfs")),
            cap_drop: self.texts(node.get("cap_drop")),
            cap_add: self.texts(node.get("cap_add")),
            security_opt: self.texts(node.get("security_opt")),
            labels: {
                let deploy = node.get("deploy").filter(|deploy| deploy.is_mapping());
                let of_container = self.pairs(node.get("labels"));
                let of_service = self.pairs(deploy.and_then(|deploy| deploy.get("labels")));
                of_container.into_iter().chain(of_service).collect()
            },
            platform: self.value(node, "platform"),
            keys: node
                .entries()
                .iter()
                .map(|entry| entry.key.clone())
                .collect(),
            is_cut: false,
        }
    }

    fn replicas(&mut self, node: &Node) -> Option<Text> {
        let deploy = node.get("deploy").filter(|deploy| deploy.is_mapping());
        let replicas = deploy.and_then(|deploy| self.value(deploy, "replicas"));
        replicas.or_else(|| self.value(node, "scale"))
    }

    fn build(&mut self, node: &Node) -> Option<Build> {
        let (context, map) = match node.scalar() {
            Some(scalar) if scalar.is_null() => return None,
            Some(scalar) => (Some(self.scalar_text(scalar)), None),
            None => (self.value(node, "context"), Some(node)),
        };
        let context_path = match &context {
            None => self.path(".", node.span),
            Some(text) => {
                let written = text.as_str();
                written
                    .filter(|w| !is_remote(w))
                    .and_then(|w| self.path(w, text.span()))
            }
        };
        let mut build = Build {
            span: node.span,
            context,
            dockerfile_path: None,
            context_path,
            dockerfile: None,
            dockerfile_inline: None,
            target: None,
            args: Vec::new(),
            base: None,
        };
        if let Some(map) = map {
            build.dockerfile = self.value(map, "dockerfile");
            build.dockerfile_inline = self.value(map, "dockerfile_inline");
            build.target = self.value(map, "target");
            build.args = self.pairs(map.get("args"));
        }
        if build.dockerfile_inline.is_none() {
            let written = match &build.dockerfile {
                None => Some("Dockerfile"),
                Some(text) => text.as_str(),
            };
            build.dockerfile_path = match (&build.context_path, written) {
                (Some(context), Some(written)) if !written.starts_with('/') => {
                    normalize(&join(context, written))
                }
                _ => None,
            };
        }
        Some(build)
    }

    fn env_files(&mut self, node: Option<&Node>) -> Vec<EnvFile> {
        let Some(node) = node else {
            return Vec::new();
        };
        let alone = [node.clone()];
        let items = if node.is_sequence() {
            node.items()
        } else {
            &alone
        };
        let mut files = Vec::new();
        for item in items.iter().take(MAX_ITEMS) {
            let (path, is_required) = if item.is_mapping() {
                let required = self.value(item, "required");
                let is_required = required.is_none_or(|text| text.as_str() != Some("false"));
                (self.value(item, "path"), is_required)
            } else if item.is_null() {
                (None, true)
            } else {
                (self.text("env_file", item), true)
            };
            let Some(path) = path else {
                continue;
            };
            let resolved = path
                .as_str()
                .and_then(|written| self.path(written, path.span()));
            let pairs = resolved.as_deref().and_then(|path| (self.env_file)(path));
            files.push(EnvFile {
                path,
                resolved,
                is_required,
                pairs,
            });
        }
        files
    }

    fn depends_on(&mut self, node: Option<&Node>) -> Vec<Dependency> {
        let Some(node) = node else {
            return Vec::new();
        };
        self.names_only("depends_on", node);
        let mapping = as_mapping(node);
        if node.is_mapping() {
            for entry in node.entries().iter().take(MAX_ITEMS) {
                self.dependency(entry);
            }
        }
        let entries = mapping.entries().iter().take(MAX_ITEMS);
        entries
            .map(|entry| Dependency {
                service: entry.key.text.clone(),
                condition: self.value(&entry.value, "condition"),
                is_required: self
                    .value(&entry.value, "required")
                    .is_none_or(|text| text.as_str() != Some("false")),
            })
            .collect()
    }

    /// What compose refuses in an entry of `depends_on` as a mapping.
    fn dependency(&mut self, entry: &Entry) {
        let (name, value) = (entry.key.as_str(), &entry.value);
        if value.tag.is_some() {
            return;
        }
        if !value.is_mapping() {
            let message = format!("`{name}` takes a mapping with `condition` here");
            self.fail(entry.key.span, message);
            return;
        }
        let condition = value.get("condition").and_then(Node::scalar);
        let Some(condition) =
            condition.map(|it| Text::new(it.clone(), Dialect::Compose, self.lookup))
        else {
            return;
        };
        if let Some(text) = condition.as_str().filter(|it| !CONDITIONS.contains(it)) {
            let message = format!("`{text}` is not a condition: {}", CONDITIONS.join(", "));
            self.fail(condition.span(), message);
        }
    }

    /// Where a list holds names, compose refuses anything else in it, the same name twice, and one name without a list.
    fn names_only(&mut self, key: &str, node: &Node) {
        if node.scalar().is_some_and(|it| !it.is_null()) && node.tag.is_none() {
            self.fail(node.span, format!("`{key}` takes a list"));
        }
        let mut seen: Vec<&str> = Vec::new();
        for item in node.items().iter().take(MAX_ITEMS) {
            match item.scalar().map(Scalar::as_str) {
                None if item.is_mapping() => {
                    let message = format!("a list in `{key}` holds names only: write a mapping");
                    self.fail(item.span, message);
                    return;
                }
                Some(name) if seen.contains(&name) => {
                    self.fail(item.span, format!("`{name}` is listed twice in `{key}`"));
                }
                Some(name) if seen.len() < MAX_NAMES => seen.push(name),
                _ => {}
            }
        }
    }

    /// A list of texts, without which compose refuses the file.
    fn list(&mut self, node: &Node, key: &str) -> Vec<Text> {
        if let Some(one) = node.get(key).filter(|it| it.tag.is_none())
            && one.scalar().is_some_and(|it| !it.is_null())
        {
            self.fail(one.span, format!("`{key}` takes a list"));
        }
        self.texts(node.get(key))
    }

    fn networks(&mut self, node: Option<&Node>) -> Vec<Network> {
        let Some(node) = node else {
            return Vec::new();
        };
        self.names_only("networks", node);
        let mapping = as_mapping(node);
        let entries = mapping.entries().iter().take(MAX_ITEMS);
        entries
            .map(|entry| Network {
                name: entry.key.text.clone(),
                aliases: self.texts(entry.value.get("aliases")),
            })
            .collect()
    }

    fn healthcheck(&mut self, node: &Node) -> Healthcheck {
        let disable = self.value(node, "disable");
        for key in ["interval", "timeout", "start_period", "start_interval"] {
            self.duration(node, key);
        }
        let test = node.get("test").map(|node| self.command("test", node));
        let is_none = match test.as_ref().map(|test| &test.form) {
            Some(CommandForm::List(items)) => items.first().and_then(Text::as_str) == Some("NONE"),
            _ => false,
        };
        Healthcheck {
            span: node.span,
            test,
            is_disabled: is_none || disable.is_some_and(|text| text.as_str() == Some("true")),
        }
    }

    /// A duration; compose refuses a number without a unit.
    fn duration(&mut self, node: &Node, key: &str) -> Option<Text> {
        let text = self.value(node, key)?;
        let written = text.scalar.as_str();
        if written != "0" && written.bytes().all(|byte| byte.is_ascii_digit()) {
            let message = format!("`{key}` takes a duration with its unit: `{written}s`");
            self.fail(text.span(), message);
        }
        Some(text)
    }

    fn extends(&mut self, node: &Node) -> Option<Extends> {
        let (service, file) = if node.is_mapping() {
            (self.value(node, "service"), self.value(node, "file"))
        } else {
            (self.text("extends", node), None)
        };
        Some(Extends {
            span: node.span,
            service: service?,
            file,
        })
    }

    /// Scalars of a list, or a key of its mappings.
    fn names(&mut self, node: Option<&Node>, key: &str) -> Vec<Text> {
        let items = node.map_or(&[][..], Node::items).iter().take(MAX_ITEMS);
        items
            .filter_map(|item| match item.scalar() {
                Some(scalar) => Some(self.scalar_text(scalar)),
                None => self.value(item, key),
            })
            .collect()
    }
}

/// A repository or an archive as build context.
fn is_remote(context: &str) -> bool {
    context.contains("://") || context.starts_with("git@") || context.starts_with("github.com/")
}
