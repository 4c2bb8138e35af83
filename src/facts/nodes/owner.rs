//! What starts something in a container.

use crate::facts::model::{Project, ScriptFact, StartFact};
use crate::knowledge::intent_words::Intent;

/// What starts something: a shipped image by itself, or a service that runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    Image(usize),
    Service(usize),
}

impl Owner {
    pub(crate) fn scripts(self, p: &Project) -> &[ScriptFact] {
        match self {
            Self::Image(i) => &p.images[i].scripts,
            Self::Service(i) => p.services[i].run.as_ref().map_or(&[], |run| &run.scripts),
        }
    }

    pub(crate) fn starts(self, p: &Project) -> &[StartFact] {
        match self {
            Self::Image(i) => &p.images[i].starts,
            Self::Service(i) => p.services[i].run.as_ref().map_or(&[], |run| &run.starts),
        }
    }

    pub(super) fn image_index(self, p: &Project) -> Option<usize> {
        match self {
            Self::Image(i) => Some(i),
            Self::Service(i) => p.services[i].image,
        }
    }

    /// The service that starts it, where the image does not by itself.
    pub(super) fn service_index(self) -> Option<usize> {
        match self {
            Self::Image(_) => None,
            Self::Service(i) => Some(i),
        }
    }

    pub(crate) fn serves(self, p: &Project) -> Option<bool> {
        let (server, is_known) = match self {
            Self::Image(i) => {
                let image = &p.images[i];
                let serves = image.server.is_some() || !image.beside.is_empty();
                (serves, image.process_is_known)
            }
            Self::Service(i) => {
                let run = p.services[i].run.as_ref()?;
                (run.server.is_some() || !run.beside.is_empty(), run.is_known)
            }
        };
        (server || is_known).then_some(server)
    }
}

/// Who starts something: the images, then the services that start something else in them, with the
/// stage and, for services, what they are for.
pub(super) fn owners(p: &Project) -> Vec<(Owner, usize, Option<Intent>)> {
    let images = p.images.iter().enumerate();
    let images = images.map(|(i, image)| (Owner::Image(i), image.stage, None));
    let services = p.services.iter().enumerate().filter_map(|(i, service)| {
        service.run.as_ref()?;
        let stage = p.images[service.image?].stage;
        // What starts in a development image is not for production.
        let intent = match crate::facts::deploy::services::intent(service.purpose(p)) {
            Intent::Production => p.stages[stage].intent,
            intent => intent,
        };
        Some((Owner::Service(i), stage, Some(intent)))
    });
    images.chain(services).collect()
}
