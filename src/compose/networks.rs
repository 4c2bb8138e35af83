//! What the networks of a stack mean for a service: others may answer there, or there is no way out.

use super::model::Service;
use super::project::Stack;

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
