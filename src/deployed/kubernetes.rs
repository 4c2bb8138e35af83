//! Manifests of Kubernetes: what its pods start, with what kustomize makes of them.
//!
//! `command` takes the place of ENTRYPOINT and drops CMD, `args` that of CMD; no shell reads them, `$(NAME)` is a
//! variable of the container.
//! A HEALTHCHECK of the image is not run. What a patch or a template may change is not known.
//! <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/>

mod configs;
mod container;
mod exposed;
mod pod;

use super::manifests::Manifests;
use super::model::{Deployed, Deployments, Look, Source};
use crate::compose::yaml::Node;
use crate::knowledge::words::FileWords;
use crate::source::is_in;
use configs::Configs;
use container::Project;
use exposed::Exposed;
use pod::{Document, Pod, kind};

/// Containers that are read.
const MAX_CONTAINERS: usize = 300;

pub(super) struct Kubernetes;

impl Source for Kubernetes {
    fn name(&self) -> &'static str {
        "kubernetes"
    }

    fn files(&self) -> &'static [&'static str] {
        &["deployment.yaml", "kustomization.yaml"]
    }

    fn read(&self, look: &Look<'_>, found: &mut Deployments) {
        let manifests = Manifests::of(look.root);
        let read = Files::read(look, &manifests);
        found.is_open |= read.is_open;
        let documents: Vec<Document<'_>> = read.documents().collect();
        let project = Project {
            configs: Configs::of(&documents, &read.patches),
            exposed: Exposed::of(&documents),
            has_mesh: documents.iter().any(Document::is_of_mesh),
        };
        let mut started: Vec<&str> = Vec::new();
        for document in &documents {
            let Some(pod) = Pod::of(*document) else {
                continue;
            };
            started.push(document.path);
            let group = found.next_group();
            for (container, is_init) in pod.containers() {
                if found.all.len() >= MAX_CONTAINERS {
                    found.is_open = true;
                    break;
                }
                // A part of one is a patch.
                let Some(image) = container.get("image").filter(|it| !it.is_null()) else {
                    continue;
                };
                let names = look.names(&found.compose);
                let image = project.configs.image(look.root, names, image);
                found.is_open |= image.is_open;
                let deployed = container::read(self.name(), &project, &pod, container, is_init);
                found.all.extend(deployed.map(|it| Deployed {
                    group,
                    build: image.built,
                    ..it
                }));
            }
        }
        // Nothing that could be read starts anything there.
        let mut only = manifests.only.iter();
        found.is_open |= only.any(|directory| !started.iter().any(|path| is_in(path, directory)));
        found.manifests = manifests;
    }
}

/// The files, read.
struct Files<'a> {
    files: Vec<(&'a str, std::sync::Arc<crate::compose::Documents>)>,
    /// The texts that change what others say.
    patches: String,
    /// Some of it is a template, or cannot be read.
    is_open: bool,
}

impl<'a> Files<'a> {
    fn read(look: &Look<'_>, manifests: &'a Manifests) -> Self {
        let mut all = Self {
            files: Vec::new(),
            patches: String::new(),
            is_open: false,
        };
        for path in &manifests.paths {
            let name = path.rsplit('/').next().unwrap_or(path);
            let Some(source) = look.text(path) else {
                continue;
            };
            let text = &source.text;
            let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
            let is_template = !is_yaml || text.contains("{{") || text.contains("{%");
            if is_template || name.starts_with("Chart.") {
                // Values and templates of a chart start what they start.
                all.is_open |= text.contains("image") || name.starts_with("Chart.");
                continue;
            }
            let is_kustomize = name.starts_with("kustomization.");
            let is_manifest = text.contains("apiVersion:") && text.contains("kind:");
            if !is_kustomize && !is_manifest {
                if text.contains("op:") && text.contains("path:") {
                    all.patches.push_str(text);
                }
                // Another language that says what is started: a stack of a cloud, a playbook.
                let mentions = text.contains("image") || text.contains("Image");
                all.is_open |= mentions && !name.contains("compose");
                continue;
            }
            // What is there to be copied starts nothing.
            if FileWords::Sample.iter().any(|word| path.contains(word)) {
                all.is_open |= text.contains("image");
                continue;
            }
            let Some(documents) = look.documents(path) else {
                continue;
            };
            all.is_open |= !documents.is_whole && text.contains("image");
            if is_kustomize && has_patch(&documents.all) || documents.all.iter().any(is_part) {
                all.patches.push_str(text);
            }
            all.files.push((path, documents));
        }
        all
    }

    fn documents(&self) -> impl Iterator<Item = Document<'_>> {
        self.files.iter().flat_map(|(path, documents)| {
            let all = documents.all.iter().flat_map(|node| {
                let is_list = kind(node) == Some("List");
                let items = node.get("items").filter(|_| is_list);
                items.map_or(std::slice::from_ref(node), Node::items)
            });
            all.map(|node| Document { path, node })
        })
    }
}

/// A file of kustomize changes what the manifests say, beyond names of images.
fn has_patch(documents: &[Node]) -> bool {
    let entries = documents.iter().flat_map(Node::entries);
    let mut keys = entries.map(|entry| entry.key.as_str());
    keys.any(|key| {
        key.starts_with("patches")
            || matches!(
                key,
                "components" | "replacements" | "transformers" | "vars" | "helmCharts"
            )
    })
}

/// A document has a container without an image, or is a Service of nothing: it is put over another.
fn is_part(node: &Node) -> bool {
    let selector = node.get("spec").and_then(|spec| spec.get("selector"));
    if kind(node) == Some("Service") && selector.is_none() && Pod::of_node(node).is_none() {
        return true;
    }
    Pod::of_node(node).is_some_and(|pod| {
        let mut containers = pod.containers();
        containers.any(|(container, _)| container.get("image").is_none())
    })
}
