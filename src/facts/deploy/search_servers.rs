//! Search servers of stacks that refuse what a newer client of the application sends.

use crate::facts::deploy::groups;
use crate::facts::model::{Project, ServiceFact};
use crate::facts::python::dependencies;
use crate::facts::start::service;
use crate::knowledge::{Series, search_clients};
use crate::span::Span;

/// The service beside an image with this requirement that refuses every request of its client, and its image: a client
/// asks for answers in the form of its own major, which older servers do not know.
pub(crate) fn refusing(p: &Project, install: usize, at: usize) -> Option<(String, Span)> {
    let set = &p.installs[install];
    let one = &set.set.requirements[at];
    let mut clients = search_clients::of(&one.name).peekable();
    clients.peek()?;
    let versions = dependencies::versions(set, one);
    let python = dependencies::python_for(p, set);
    let client = clients.find(|row| {
        let is_newest = || {
            versions.allow(row.release) == Some(true)
                && python.is_some_and(|python| python >= row.python)
        };
        versions.start_at(&row.major.to_string()) == Some(true) || is_newest()
    })?;
    let has_it = |fact: &&ServiceFact| {
        let listed = fact.image.and_then(|image| p.dependencies.get(image));
        listed.is_some_and(|listed| listed.has(install, at))
    };
    let mut users = p.services.iter().filter(has_it);
    users.find_map(|user| {
        let beside = groups::beside(p, user).services.iter();
        let mut servers = beside.filter_map(|i| {
            let fact = &p.services[*i];
            let own = fact.compose(p)?;
            let image = service::image(own)?;
            let name = image.repository.rsplit('/').next()?;
            (name == one.name).then_some((own, image))
        });
        let (own, image) = servers.next().filter(|_| servers.next().is_none())?;
        let series = Series::parse(image.tag.as_ref()?.as_str().split('-').next()?)?;
        let is_older = i64::from(series.0) < client.major && series.0 >= 5;
        is_older.then(|| (own.name.as_str().to_owned(), image.span))
    })
}
