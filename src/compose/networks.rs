//! The networks of stacks: those that others made, and those without a way out.

use super::model::Service;
use super::project::Stack;
use super::tree::Forest;
use super::yaml::{Entry, Node};

/// The networks of a file for which a key is set: `external`, those that it does not make itself, where nothing says
/// no; `internal`, where it is certainly on.
pub(super) fn networks_with(forest: &mut Forest<'_>, path: &str, key: &str) -> Vec<String> {
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

impl Stack {
    /// A service is in a network that another stack made.
    #[must_use]
    pub fn joins_others(&self, service: &Service) -> bool {
        let is_external = |name: &str| self.external_networks.iter().any(|other| other == name);
        if service.networks.is_empty() {
            return is_external("default");
        }
        service
            .networks
            .iter()
            .any(|network| is_external(network.name.as_str()))
    }

    /// No network of a service has a way out.
    #[must_use]
    pub fn is_shut_in(&self, service: &Service) -> bool {
        let is_internal = |name: &str| {
            let is_same = |other: &String| other == name;
            self.internal_networks.iter().any(is_same)
                && !self.external_networks.iter().any(is_same)
        };
        if service.networks.is_empty() {
            return is_internal("default");
        }
        let mut all = service.networks.iter();
        all.all(|network| is_internal(network.name.as_str()))
    }
}
