//! What people are shown of a Dockerfile: what it is for, its build context, its images, and who starts them.

use crate::context::Certainty;
use crate::facts::Facts;
use crate::facts::deploy::purpose;
use crate::facts::model::BaseKind;
use crate::facts::table::Reach;
use crate::knowledge::intent_words::Intent;
use crate::source::Sources;

/// What is known of a Dockerfile as a whole, in words.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) intent: Intent,
    /// What shows what it is for, where neither its path nor the configuration says so.
    pub(crate) why: &'static str,
    /// The directory of the build context, as shown to people.
    pub(crate) context: String,
    pub(crate) certainty: Certainty,
    /// A line each: the stage, its base image, what starts.
    pub(crate) images: Vec<String>,
    /// Stages that are part of no image that is shipped.
    pub(crate) unused: Vec<String>,
    /// What starts its images: the service, and the file that names it.
    pub(crate) services: Vec<String>,
}

impl Facts {
    /// What people are shown of it.
    pub(crate) fn shown(&self, sources: &Sources) -> Shown {
        let p = &*self.0;
        let name = |stage: usize| match &p.stages[stage].name {
            Some(name) => format!("stage `{}`", name.as_str()),
            None => format!("stage {stage}"),
        };
        let images = p.images.iter().map(|image| {
            let base = &p.stages[p.stages[image.stage].root].base;
            let base = base.text.as_ref().unwrap_or(&base.written).as_str();
            let starts = match &image.server {
                Some(server) => format!(", starts {}", server.name()),
                None => match image
                    .starts
                    .last()
                    .and_then(|it| it.command.name.as_deref())
                {
                    Some(program) => format!(", starts {program}"),
                    None => ", what it starts is not known".to_owned(),
                },
            };
            format!("{} on {base}{starts}", name(image.stage))
        });
        let is_unused = |stage: &usize| p.stages[*stage].reach == Reach::Unused;
        let unused = (0..p.stages.len()).filter(is_unused).map(|stage| {
            let of = &p.stages[stage];
            match (of.intent, of.base.kind) {
                (Intent::Development, _) => format!("{} (development)", name(stage)),
                (Intent::Ci, _) => format!("{} (CI)", name(stage)),
                (Intent::Production, BaseKind::Scratch) => format!("{} (scratch)", name(stage)),
                (Intent::Production, _) => name(stage),
            }
        });
        let services = p
            .services
            .iter()
            .filter(|fact| fact.builds_this || fact.image.is_some());
        let services = services.map(|fact| {
            let deployed = fact.deployed(p);
            let file = p.around.root.display(&deployed.path);
            let target = deployed
                .build
                .as_ref()
                .and_then(|build| build.target.as_ref());
            let target = target.and_then(|target| target.as_str());
            let target = target.map(|target| format!(", target `{target}`"));
            format!(
                "`{}` of {file}{}",
                deployed.name.as_str(),
                target.unwrap_or_default()
            )
        });
        Shown {
            intent: p.intent,
            why: purpose::reason(p, sources).1,
            context: p.around.context.root.display(&p.around.context.base),
            certainty: p.around.context.certainty,
            images: images.collect(),
            unused: unused.collect(),
            services: services.collect(),
        }
    }
}
