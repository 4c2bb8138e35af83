//! What is started together, looked through once for all that ask: a service asks of all that stand beside it.

use crate::maps::HashSet;

use crate::facts::model::{Beside, DeployPhase, DjangoPhase, Project, ServiceFact};
use crate::facts::start::service;

/// What is started together with a service, itself among it.
pub(crate) fn beside<'p>(p: &'p DeployPhase, fact: &ServiceFact) -> &'p Beside {
    let all = p.groups.get_or_init(|| groups(p));
    &all[fact.deployed(p).group]
}

fn groups(p: &DeployPhase) -> Vec<Beside> {
    let count = p.services.iter().map(|fact| fact.deployed(p).group + 1);
    let mut all: Vec<Beside> = Vec::new();
    all.resize_with(count.max().unwrap_or(0), Beside::default);
    for (index, fact) in p.services.iter().enumerate() {
        let group = &mut all[fact.deployed(p).group];
        group.services.push(index);
        group.is_used |= fact.image.is_some();
        let name = fact.deployed(p).name.as_str().to_owned();
        group.names.entry(name).or_insert(index);
    }
    for (group, stack) in all.iter_mut().zip(&p.around.deployed.compose.stacks) {
        for one in &stack.services {
            let engine = service::engine(one);
            group.databases += usize::from(engine.is_some());
            group.built_databases += usize::from(service::built_on(one).is_some());
            let series = group.series.entry(engine).or_default();
            series.insert(service::series(one));
        }
    }
    all
}

/// What is started together with a service that runs an image of this Dockerfile, by its number.
pub(crate) fn used(p: &DjangoPhase, services: &[ServiceFact]) -> HashSet<usize> {
    let own = services.iter().filter(|fact| fact.image.is_some());
    own.map(|fact| fact.deployed(p).group).collect()
}

/// The names of services that a compose file only adds to: it says neither what they run nor what they build.
pub(crate) fn added_to(p: &Project) -> &HashSet<String> {
    p.added_to.get_or_init(|| {
        let files = p.around.deployed.compose.files.iter();
        let services = files.flat_map(|file| &file.services);
        let parts = services.filter(|one| one.image.is_none() && one.build.is_none());
        parts.map(|one| one.name.as_str().to_owned()).collect()
    })
}

/// The names of services that others of the files extend and that publish no port: nothing says that one is started
/// itself.
pub(crate) fn extended(p: &Project) -> &HashSet<String> {
    p.extended.get_or_init(|| {
        let files = p.around.deployed.compose.files.iter();
        let services = files.flat_map(|file| &file.services);
        let named = services.clone().filter_map(|one| one.extends.as_ref());
        let mut names: HashSet<String> = named
            .filter_map(|extends| extends.service.as_str())
            .map(str::to_owned)
            .collect();
        let publishes = services.filter(|one| !one.ports.is_empty());
        for one in publishes {
            names.remove(one.name.as_str());
        }
        names
    })
}
