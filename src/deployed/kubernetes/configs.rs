//! What other documents say of containers: variables of ConfigMaps, names of images that kustomize exchanges, and what
//! a patch may change.

use super::pod::{Document, kind, text};
use crate::compose::Text;
use crate::compose::yaml::{Entry, Node};
use crate::deployed::built::Built;
use crate::deployed::names::{Name, Names};
use crate::maps::HashMap;
use crate::source::Root;

/// Entries of one ConfigMap that are read.
const MAX_ENTRIES: usize = 200;

pub(super) struct Configs {
    /// The variables of a ConfigMap by its name; `None` where another of that name says something else.
    maps: HashMap<String, Option<Vec<Entry>>>,
    /// Names of images that are exchanged for others.
    images: Vec<(String, String)>,
    /// The texts of patches.
    patches: String,
}

/// The image of a container.
pub(super) struct Image {
    pub(super) built: Option<Built>,
    /// It may be one of the project, and which is not known.
    pub(super) is_open: bool,
}

impl Configs {
    pub(super) fn of(documents: &[Document<'_>], patches: &str) -> Self {
        let mut configs = Self {
            maps: HashMap::default(),
            images: Vec::new(),
            patches: patches.to_owned(),
        };
        for document in documents {
            let node = document.node;
            if kind(node) == Some("ConfigMap")
                && let Some(name) = text(node, &["metadata", "name"])
            {
                let entries = node.get("data").map_or(&[][..], Node::entries);
                let entries = &entries[..entries.len().min(MAX_ENTRIES)];
                configs.add(name, entries.to_vec());
            }
            let generated = node.get("configMapGenerator").map_or(&[][..], Node::items);
            for name in generated.iter().filter_map(|it| text(it, &["name"])) {
                // Its files are read by kustomize alone.
                configs.maps.insert(name.to_owned(), None);
            }
            let images = node.get("images").map_or(&[][..], Node::items);
            for image in images {
                let (name, new) = (text(image, &["name"]), text(image, &["newName"]));
                let exchanged = name.zip(new);
                configs
                    .images
                    .extend(exchanged.map(|(name, new)| (name.to_owned(), new.to_owned())));
            }
        }
        configs
    }

    fn add(&mut self, name: &str, entries: Vec<Entry>) {
        let said = |entries: &[Entry]| -> Vec<(String, Option<String>)> {
            let one = |entry: &Entry| {
                let value = entry.value.scalar().map(|value| value.as_str().to_owned());
                (entry.key.as_str().to_owned(), value)
            };
            entries.iter().map(one).collect()
        };
        match self.maps.get_mut(name) {
            None => {
                self.maps.insert(name.to_owned(), Some(entries));
            }
            Some(first) => {
                let is_same = first.as_ref().is_some_and(|it| said(it) == said(&entries));
                if !is_same {
                    *first = None;
                }
            }
        }
    }

    /// The variables of a ConfigMap, where there is one of that name and nothing changes it.
    pub(super) fn map(&self, name: &str) -> Option<&[Entry]> {
        self.maps
            .get(name)?
            .as_deref()
            .filter(|_| !self.changes("data"))
    }

    /// A patch may change what such a key says.
    pub(super) fn changes(&self, key: &str) -> bool {
        self.patches.contains(key)
    }

    /// What a container runs, by the name that it has in the end.
    pub(super) fn image(&self, root: &Root, names: &Names, written: &Node) -> Image {
        let open = Image {
            built: None,
            is_open: true,
        };
        let Some(written) = written.scalar().map(|it| it.as_str()) else {
            return open;
        };
        let bare = bare(written);
        let exchanged = self.images.iter().filter(|(name, _)| name == bare);
        let mut all = exchanged.map(|(_, new)| new.as_str()).peekable();
        if all.peek().is_none() {
            return of(root, names, written);
        }
        let Some(first) = all.next().map(|it| of(root, names, it)) else {
            return open;
        };
        let dockerfile = |image: &Image| image.built.as_ref().and_then(|it| it.dockerfile.clone());
        let own = dockerfile(&first);
        if all.all(|other| dockerfile(&of(root, names, other)) == own) {
            return first;
        }
        open
    }
}

/// Without tag and digest.
fn bare(reference: &str) -> &str {
    let reference = reference.split('@').next().unwrap_or(reference);
    let from = reference.rfind('/').map_or(0, |at| at + 1);
    let end = reference[from..]
        .find(':')
        .map_or(reference.len(), |at| from + at);
    &reference[..end]
}

fn of(root: &Root, names: &Names, reference: &str) -> Image {
    let built = names.built(root, reference);
    let is_open = built.is_none()
        && (Name::of(reference).is_none_or(|name| name.may_be_own()) || names.has(reference));
    Image { built, is_open }
}

/// The text of a value, which a template or a placeholder leaves open.
pub(super) fn value(node: &Node) -> Text {
    match node.scalar() {
        Some(scalar) if !scalar.as_str().contains("${") => Text::verbatim(scalar.clone()),
        _ => Text::unknown(node.span),
    }
}
