//! Documents of manifests, and the pods that they make.

use crate::compose::purpose_of;
use crate::compose::yaml::Node;
use crate::knowledge::intent_words::Intent;
use crate::knowledge::manifest_kinds;
use crate::knowledge::words::FileWords;

/// A document of a manifest.
#[derive(Clone, Copy)]
pub(super) struct Document<'a> {
    pub(super) path: &'a str,
    pub(super) node: &'a Node,
}

impl Document<'_> {
    /// It is for a proxy that stands before all containers.
    pub(super) fn is_of_mesh(&self) -> bool {
        let version = text(self.node, &["apiVersion"]).unwrap_or_default();
        let mut words = FileWords::ServiceMesh.iter();
        words.any(|word| version.contains(word))
    }
}

pub(super) fn text<'n>(node: &'n Node, path: &[&str]) -> Option<&'n str> {
    let node = path.iter().try_fold(node, |node, key| node.get(key))?;
    node.scalar().map(|scalar| scalar.as_str())
}

pub(super) fn kind(node: &Node) -> Option<&str> {
    text(node, &["kind"])
}

/// The pods that a document makes.
pub(super) struct Pod<'a> {
    pub(super) path: &'a str,
    pub(super) document: &'a Node,
    pub(super) template: &'a Node,
    pub(super) spec: &'a Node,
}

impl<'a> Pod<'a> {
    pub(super) fn of(document: Document<'a>) -> Option<Self> {
        let node = document.node;
        let mut keys = manifest_kinds::pod_of(kind(node)?)?;
        let template = keys.try_fold(node, |node, key| node.get(key))?;
        Some(Self {
            path: document.path,
            document: node,
            template,
            spec: template.get("spec")?,
        })
    }

    /// Of a document that lies anywhere.
    pub(super) fn of_node(node: &'a Node) -> Option<Self> {
        Self::of(Document { path: "", node })
    }

    /// With those that run before the others.
    pub(super) fn containers(&self) -> impl Iterator<Item = (&'a Node, bool)> + use<'a> {
        let spec = self.spec;
        let of = |key: &str| spec.get(key).map_or(&[][..], Node::items).iter();
        let first = of("initContainers").map(|it| (it, true));
        first.chain(of("containers").map(|it| (it, false)))
    }

    /// Whether nothing else runs in it.
    pub(super) fn is_alone(&self) -> bool {
        let keeps_on = |it: &Node| text(it, &["restartPolicy"]) == Some("Always");
        let mut all = self.containers();
        let after = all.by_ref().filter(|(_, is_init)| !is_init).count();
        after == 1
            && !self
                .containers()
                .any(|(it, is_init)| is_init && keeps_on(it))
    }

    /// What a container of it is for: by where it lies and the names that it has; else to serve, where its image is
    /// one that is fetched from somebody.
    pub(super) fn purpose(&self, container: &Node) -> Option<Intent> {
        let of = |key: &str| text(self.document, &["metadata", key]).and_then(purpose_of);
        let named = purpose_of(self.path).or_else(|| of("namespace"));
        let is_fetched = text(container, &["image"]).is_some_and(|image| image.contains('/'))
            && text(container, &["imagePullPolicy"]) != Some("Never");
        let named = named.or_else(|| of("name"));
        named.or(is_fetched.then_some(Intent::Production))
    }
}
