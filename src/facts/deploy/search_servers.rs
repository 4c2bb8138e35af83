//! Search servers of stacks that refuse what a newer client of the application sends.

use crate::facts::deploy::groups;
use crate::facts::model::{Project, ServiceFact};
use crate::facts::python::dependencies;
use crate::facts::start::service;
use crate::knowledge::Series;
use crate::span::Span;

/// Majors of the client, newest first, each with a release of it and the oldest Python that takes it unasked.
const CLIENTS: [(u16, &str, Series); 2] =
    [(9, "9.2.0", Series(3, 10)), (8, "8.19.0", Series(3, 8))];

/// The service beside an image with this requirement that refuses every request of its client, and its image: a client
/// asks for answers in the form of its own major, which older servers do not know.
pub(crate) fn refusing(p: &Project, install: usize, at: usize) -> Option<(String, Span)> {
    let set = &p.installs[install];
    let one = &set.set.requirements[at];
    if one.name != "elasticsearch" {
        return None;
    }
    let versions = dependencies::versions(set, one);
    let python = dependencies::python_for(p, set);
    let client = CLIENTS.iter().find(|(major, release, oldest)| {
        let is_newest = || {
            versions.allow(release) == Some(true) && python.is_some_and(|python| python >= *oldest)
        };
        versions.start_at(&major.to_string()) == Some(true) || is_newest()
    });
    let (client, ..) = client?;
    let has_it = |fact: &&ServiceFact| {
        let listed = fact.image.and_then(|image| p.dependencies.get(image));
        listed.is_some_and(|listed| listed.items.contains(&(install, at)))
    };
    let mut users = p.services.iter().filter(has_it);
    users.find_map(|user| {
        let beside = groups::beside(p, user).services.iter();
        let mut servers = beside.filter_map(|i| {
            let fact = &p.services[*i];
            let own = fact.compose(p)?;
            let image = service::image(own)?;
            let name = image.repository.rsplit('/').next()?;
            (name == "elasticsearch").then_some((own, image))
        });
        let (own, image) = servers.next().filter(|_| servers.next().is_none())?;
        let series = Series::parse(image.tag.as_ref()?.as_str().split('-').next()?)?;
        (series.0 < *client && series.0 >= 5).then(|| (own.name.as_str().to_owned(), image.span))
    })
}
