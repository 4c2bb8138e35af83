//! What is started together, looked through once for all that ask: a service asks of all that stand beside it.

use crate::maps::{HashMap, HashSet};

use crate::compose::Service;
use crate::facts::model::{Beside, DeployPhase, DjangoPhase, Project, ServiceFact};
use crate::facts::start::service;
use crate::span::Traced;

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
    for group in &mut all {
        group.circle = circle(p, group);
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

/// The service of an entry of `links`: `db` of `db:database`.
pub(crate) fn linked_service(link: &Traced) -> Traced {
    link.slice(0..link.as_str().find(':').unwrap_or(link.len()))
}

/// The services that another one waits for: `depends_on`, and `links`, which compose takes for it.
pub(crate) fn waits_for<'p>(service: &'p Service) -> impl Iterator<Item = Traced> + 'p {
    let named = service.depends_on.iter().filter(|one| one.is_required);
    let linked = service.links.iter().filter_map(|link| link.value.as_ref());
    let linked = linked.map(linked_service);
    named.map(|one| one.service.clone()).chain(linked)
}

/// The first services of a stack that wait for each other.
fn circle(p: &DeployPhase, group: &Beside) -> Vec<usize> {
    let next = |index: usize| -> Vec<usize> {
        let service = p.services[index].compose(p);
        let names = service.into_iter().flat_map(waits_for);
        names
            .filter_map(|name| group.names.get(name.as_str()).copied())
            .collect()
    };
    // Those that wait for nobody who is left are taken away, one after the other: what stays leads into a circle.
    let mut waiting: HashMap<usize, usize> = HashMap::default();
    let mut waiters: HashMap<usize, Vec<usize>> = HashMap::default();
    for index in &group.services {
        let all = next(*index);
        waiting.insert(*index, all.len());
        for one in all {
            waiters.entry(one).or_default().push(*index);
        }
    }
    let mut free: Vec<usize> = group.services.clone();
    free.retain(|index| waiting[index] == 0);
    while let Some(index) = free.pop() {
        for waiter in waiters.get(&index).into_iter().flatten() {
            if let Some(left) = waiting.get_mut(waiter) {
                *left -= 1;
                if *left == 0 {
                    free.push(*waiter);
                }
            }
        }
    }
    let is_left = |index: &usize| waiting.get(index).is_some_and(|left| *left > 0);
    let mut way: Vec<usize> = group
        .services
        .iter()
        .copied()
        .find(is_left)
        .into_iter()
        .collect();
    let mut seen: HashMap<usize, usize> = HashMap::default();
    while let Some(last) = way.last().copied() {
        if let Some(from) = seen.insert(last, way.len() - 1) {
            way.pop();
            return way.split_off(from);
        }
        way.extend(next(last).into_iter().find(is_left));
    }
    Vec::new()
}

/// What is started together with a service that runs an image of this Dockerfile, by its number.
pub(crate) fn used(p: &DjangoPhase, services: &[ServiceFact]) -> HashSet<usize> {
    let own = services.iter().filter(|fact| fact.image.is_some());
    own.map(|fact| fact.deployed(p).group).collect()
}

/// The services that run none of its images and are started together with one that does, by their place.
pub(crate) fn others<'s>(
    p: &DjangoPhase,
    services: &'s [ServiceFact],
) -> impl Iterator<Item = (usize, &'s ServiceFact)> {
    let used = used(p, services);
    let all = services.iter().enumerate();
    all.filter(move |(_, fact)| fact.image.is_none() && used.contains(&fact.deployed(p).group))
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
