//! The ports of pods to which Services hand requests on.

use super::pod::{Document, Pod, kind, text};
use crate::compose::Port;
use crate::compose::yaml::Node;
use crate::span::Traced;

/// Services, and ports of each, that are read.
const MAX_SERVICES: usize = 200;

pub(super) struct Exposed {
    services: Vec<Node>,
}

impl Exposed {
    pub(super) fn of(documents: &[Document<'_>]) -> Self {
        let services = documents.iter().map(|document| document.node);
        let services = services.filter(|node| kind(node) == Some("Service"));
        Self {
            services: services.take(MAX_SERVICES).cloned().collect(),
        }
    }

    /// The ports of the only container of a pod that Services name; each of the same names as the pod.
    pub(super) fn ports(&self, pod: &Pod<'_>, container: &Node) -> Vec<Port> {
        if !pod.is_alone() {
            return Vec::new();
        }
        // Knative hands requests to the port that the container names.
        if kind(pod.document) == Some("Service") {
            let ports = container.get("ports").map_or(&[][..], Node::items);
            let named = ports.iter().filter_map(|port| port.get("containerPort"));
            return named.map(|node| port(pod, node, "tcp")).collect();
        }
        let mut all = Vec::new();
        for service in self.services.iter().filter(|service| selects(service, pod)) {
            let ports = service.get("spec").and_then(|spec| spec.get("ports"));
            for one in ports.map_or(&[][..], Node::items).iter().take(MAX_SERVICES) {
                let protocol = text(one, &["protocol"]).unwrap_or("TCP");
                let target = one.get("targetPort").or_else(|| one.get("port"));
                all.extend(target.map(|node| port(pod, node, protocol)));
            }
        }
        all
    }
}

fn selects(service: &Node, pod: &Pod<'_>) -> bool {
    let space = |node| text(node, &["metadata", "namespace"]);
    let labels = pod.template.get("metadata").and_then(|it| it.get("labels"));
    let selector = service.get("spec").and_then(|spec| spec.get("selector"));
    let wanted = selector.map_or(&[][..], Node::entries);
    !wanted.is_empty()
        && space(service) == space(pod.document)
        && wanted.iter().all(|entry| {
            let own = labels.and_then(|labels| text(labels, &[entry.key.as_str()]));
            own.is_some() && own == entry.value.scalar().map(|it| it.as_str())
        })
}

fn port(pod: &Pod<'_>, node: &Node, protocol: &str) -> Port {
    let target = number(pod, node);
    Port {
        span: node.span,
        short: None,
        host_ip: None,
        published: None::<Traced>,
        target: target.map(|number| (number, number)),
        target_span: node.span,
        protocol: protocol.to_ascii_lowercase(),
    }
}

/// A port by its number, or by the name that a container gives it.
pub(super) fn number(pod: &Pod<'_>, node: &Node) -> Option<u16> {
    let written = node.scalar()?.as_str();
    if let Ok(number) = written.parse() {
        return Some(number);
    }
    let containers = pod.containers();
    let ports = containers.flat_map(|(it, _)| it.get("ports").map_or(&[][..], Node::items));
    let mut named = ports.filter(|port| text(port, &["name"]) == Some(written));
    text(named.next()?, &["containerPort"])?.parse().ok()
}
