//! Queues that the settings send tasks of celery to and that no worker of the project reads.

use crate::facts::model::{Celery, Project, StartFact};
use crate::facts::start::celery;
use crate::maps::HashSet;
use crate::python::settings::verdicts::{self, Answer};
use crate::shell::ast::Arg;
use crate::span::Span;

/// A queue that no worker reads.
pub(crate) struct Unread {
    pub(crate) queue: String,
    pub(crate) span: Span,
    /// What they read, by name.
    pub(crate) read: Vec<String>,
}

/// The first queue of CELERY_TASK_ROUTES that certainly no worker reads: every service is read, at least one of them is
/// a worker, and nothing else says which queues there are.
pub(crate) fn unread(p: &Project, settings: usize) -> Option<Unread> {
    let fact = &p.settings[settings];
    let own = &fact.settings;
    let is_plain = fact.celery == Celery::Prefixed && own.get("CELERY_TASK_QUEUES").is_none();
    if !is_plain || own.is_open || !p.supervisors.is_empty() {
        return None;
    }
    let default = match verdicts::text(own, "CELERY_TASK_DEFAULT_QUEUE") {
        Answer::Unassigned => "celery".to_owned(),
        Answer::Known(known) => known.value,
        Answer::Env(_) | Answer::Unknown => return None,
    };
    let (routes, _) = verdicts::entries(own, "CELERY_TASK_ROUTES")?;
    if routes.is_empty() {
        return None;
    }
    let read = read_by_workers(p, &default)?;
    routes.iter().find_map(|route| match route.text("queue") {
        Answer::Known(queue) if !read.contains(&queue.value) => {
            let mut names: Vec<String> = read.iter().cloned().collect();
            names.sort();
            Some(Unread {
                queue: queue.value,
                span: queue.span,
                read: names,
            })
        }
        _ => None,
    })
}

/// The queues that the workers read; `None` where there is none, or one may be that is not read.
fn read_by_workers(p: &Project, default: &str) -> Option<HashSet<String>> {
    let mut all: Vec<&[StartFact]> = Vec::new();
    for fact in &p.services {
        match (fact.image, &fact.run) {
            (Some(_), _) if !fact.is_known(p) => return None,
            (Some(_), Some(run)) => all.push(&run.starts),
            (Some(image), None) => all.push(&p.images[image].starts),
            (None, _) if may_work(p, fact) => return None,
            (None, _) => {}
        }
    }
    if p.services.is_empty() {
        let is_known = p.images.iter().all(|image| image.process_is_known);
        all.extend(
            p.images
                .iter()
                .filter(|_| is_known)
                .map(|it| &it.starts[..]),
        );
    }
    let mut read = HashSet::default();
    let mut is_any = false;
    for command in all.into_iter().flatten().map(|start| &start.command) {
        if command.name.as_deref() != Some("celery") {
            continue;
        }
        if !command.is_complete {
            return None;
        }
        match celery::runs(command) {
            Some("worker") => is_any = true,
            // Starts workers, and hands options on to some of them.
            Some("multi") => return None,
            _ => continue,
        }
        if command.flag("--exclude-queues").is_some() {
            return None;
        }
        match command.flag("--queues") {
            None => {
                read.insert(default.to_owned());
            }
            Some(flag) => {
                let value = flag.value.as_ref().and_then(Arg::as_str)?;
                read.extend(value.split(',').map(|name| name.trim().to_owned()));
            }
        }
    }
    is_any.then_some(read)
}

/// A service that is not of this Dockerfile may run a worker.
fn may_work(p: &Project, fact: &crate::facts::model::ServiceFact) -> bool {
    let is_built = fact.compose(p).is_none_or(|it| it.build.is_some());
    let command = fact.deployed(p).command.as_ref();
    let is_named = command.is_some_and(|line| {
        let text = line.joined();
        text.is_none_or(|text| text.contains("celery") || text.contains("worker"))
    });
    is_built || is_named
}
