//! What people are shown of a Dockerfile: what it is for, its build context, its images with the server and settings
//! that were found in them, or why not, who starts them, and what the compose files are for.

use crate::context::Certainty;
use crate::facts::Facts;
use crate::facts::build::reach;
use crate::facts::deploy::purpose;
use crate::facts::django::settings::RunEnv;
use crate::facts::model::{BaseKind, ImageFact, ModulePresence, Project, ServerFact, StartFact};
use crate::facts::python::dependencies;
use crate::facts::start::image::server_of;
use crate::facts::start::{foreground, handed};
use crate::facts::table::Reach;
use crate::finding::Unfound;
use crate::knowledge::intent_words::Intent;
use crate::knowledge::programs::{self, Role};
use crate::knowledge::servers;
use crate::python::settings::{EnvSource, EnvValue};
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
    pub(crate) images: Vec<ShownImage>,
    /// Stages that are part of no image that is shipped.
    pub(crate) unused: Vec<String>,
    /// What starts its images: the service, and the file that names it.
    pub(crate) services: Vec<String>,
    /// The compose files that start them: what each stack is for, and what shows it.
    pub(crate) stacks: Vec<String>,
}

/// What is known of an image.
#[derive(Debug)]
pub(crate) struct ShownImage {
    /// The stage, its base image, what starts.
    pub(crate) what: String,
    /// The server and where it is started, or why none was found.
    pub(crate) server: String,
    /// The settings module and its file, or why none was read; absent where no Django is installed.
    pub(crate) settings: Option<String>,
}

impl Facts {
    /// What people are shown of it.
    pub(crate) fn shown(&self, sources: &Sources) -> Shown {
        let p = &*self.0;
        let name = |stage: usize| match &p.stages[stage].name {
            Some(name) => format!("stage `{}`", name.as_str()),
            None => format!("stage {stage}"),
        };
        let images = p.images.iter().enumerate().map(|(index, image)| {
            let base = &p.stages[p.stages[image.stage].root].base;
            let base = base.text.as_ref().unwrap_or(&base.written).as_str();
            let starts = match started(image) {
                Some(program) => format!(", starts {program}"),
                None => ", what it starts is not known".to_owned(),
            };
            ShownImage {
                what: format!("{} on {base}{starts}", name(image.stage)),
                server: server(p, image, sources),
                settings: settings(p, index, sources),
            }
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
            stacks: stacks(p),
        }
    }
}

impl Facts {
    /// What was not found of images that are shipped, so that no rule could ask it.
    pub(crate) fn unfound(&self) -> Vec<Unfound> {
        let p = &*self.0;
        let shipped = p.intent == Intent::Production;
        let images = p.images.iter().enumerate().filter(|_| shipped);
        let found = images.flat_map(|(index, image)| {
            let from = p.stages[image.stage].from;
            let span = p.dockerfile.instructions[from].span;
            let settings = why_no_settings(p, index);
            let is_django = settings.is_some() || dependencies::lists(p, index, "django");
            let server = why_no_server(p, image).filter(|_| is_django);
            let reason = |word: &str, why: String| Unfound {
                span,
                reason: format!("{word}: {why}"),
            };
            let server = server.map(|why| reason("server", why));
            server
                .into_iter()
                .chain(settings.map(|why| reason("settings", why)))
        });
        found.collect()
    }
}

/// What goes on running in an image: its servers, else the last command that is more than a step or an end.
fn started(image: &ImageFact) -> Option<String> {
    let names: Vec<&str> = image.servers().map(ServerFact::name).collect();
    if !names.is_empty() {
        return Some(names.join(" and "));
    }
    let named = |start: &StartFact| {
        let name = start.command.name.clone()?;
        (!name.is_empty()).then_some(name)
    };
    let ends = |start: &&StartFact| {
        let name = start.command.name.as_deref().unwrap_or_default();
        [Role::Quiet, Role::Closes]
            .into_iter()
            .any(|role| programs::is(name, role))
    };
    let starts = || image.starts.iter().rev();
    let serves = |start: &&StartFact| {
        let name = start.command.name.as_deref().unwrap_or_default();
        servers::by_command(name).is_some() || foreground::stays(&start.command)
    };
    let last = || starts().find(|start| !ends(start)).and_then(named);
    let first = starts().find(serves);
    let first = first.or_else(|| starts().find(|start| handed::may_stay(&start.command)));
    first.and_then(named).or_else(last)
}

/// The servers of which an image starts one, where that depends on how it is started.
fn one_of(image: &ImageFact) -> Option<String> {
    let mut names: Vec<&str> = image
        .all_starts()
        .filter_map(|start| server_of(&start.command)?.called)
        .collect();
    names.dedup();
    (!names.is_empty()).then(|| names.join(", "))
}

fn server(p: &Project, image: &ImageFact, sources: &Sources) -> String {
    let servers = image.servers().map(|server| {
        let place = sources.place(server.command.name_span);
        let place = format!("{}:{}", place.file, place.start.line);
        format!("{} ({place})", server.name())
    });
    let found: Vec<String> = servers.collect();
    why_no_server(p, image).unwrap_or_else(|| found.join(", "))
}

/// Why no server of an image was found; absent where one was.
fn why_no_server(p: &Project, image: &ImageFact) -> Option<String> {
    if image.servers().next().is_some() {
        return None;
    }
    let is_bare = image.entrypoint.is_none() && image.cmd.is_none();
    let is_of_base = is_bare && !reach::says_nothing(&p.stages, image);
    let hands_over = |start: &StartFact| start.command.runs_arguments;
    let unread = image.scripts.iter().find(|script| script.text.is_none());
    let why = if let Some(script) = unread {
        return Some(format!(
            "start not known: `{}` is not a file of the project",
            script.path
        ));
    } else if is_of_base {
        "start not known: the base image defines it"
    } else if is_bare || image.cmd.is_none() && image.starts.iter().any(hands_over) {
        match p.services.iter().any(|fact| fact.run.is_some()) {
            true => {
                "start not known: it has no CMD, and the services that run it start no production server"
            }
            false => "start not known: it has no CMD, and no file shows what runs in it",
        }
    } else if let Some(names) = one_of(image) {
        return Some(format!(
            "start not known: one of {names}, as a variable or an argument says"
        ));
    } else if image.process_is_known {
        "none: everything that starts is known"
    } else {
        "start not known: a script, a variable or the base image may start something else"
    };
    Some(why.to_owned())
}

/// The settings that were read of an image, or why none were; absent where nothing shows that it has Django.
fn settings(p: &Project, index: usize, sources: &Sources) -> Option<String> {
    why_no_settings(p, index).or_else(|| {
        let found = p.settings.iter().find(|it| it.image == index)?;
        let ModulePresence::There(file) = &found.presence else {
            return None;
        };
        let module = found.module.as_str();
        Some(format!("{module} ({})", sources.get(*file).name))
    })
}

/// Why no settings of an image were read; absent where they were, or where no list of packages has Django.
fn why_no_settings(p: &Project, index: usize) -> Option<String> {
    let image = &p.images[index];
    if let Some(found) = p.settings.iter().find(|it| it.image == index) {
        let why = match &found.presence {
            ModulePresence::There(_) => return None,
            ModulePresence::Missing(_) => "it is not in the image",
            ModulePresence::Ignored(_) => "the ignore file excludes it",
            ModulePresence::Unknown => "it may be a module of a package, or made by the build",
        };
        return Some(format!("{} not read: {why}", found.module.as_str()));
    }
    if !dependencies::lists(p, index, "django") {
        return None;
    }
    let env = RunEnv::new(p, image);
    let why = match env.get("DJANGO_SETTINGS_MODULE") {
        EnvValue::Unknown => "DJANGO_SETTINGS_MODULE may be set where the container is started",
        _ if image.servers().count() > 1 => "several servers start",
        _ if image.server.is_none() => "no server is known to start",
        _ if p.around.may_give("DJANGO_SETTINGS_MODULE") => {
            "a service, or a file of variables that is not here, may name others than the default of the code"
        }
        _ => "neither the environment nor the application of the server names them",
    };
    Some(format!("not found: {why}"))
}

/// The stacks of compose that run an image of this Dockerfile: their files, what each is for, and what shows it.
fn stacks(p: &Project) -> Vec<String> {
    let compose = &p.around.deployed.compose;
    let all = compose.stacks.iter().enumerate();
    let shown = all.filter_map(|(group, stack)| {
        let mut own = p.services.iter().filter(|fact| fact.image.is_some());
        let fact = own.find(|fact| {
            let deployed = fact.deployed(p);
            deployed.service.is_some() && deployed.group == group
        })?;
        let files = stack
            .files
            .iter()
            .map(|file| p.around.root.display(&compose.files[*file].path));
        let files: Vec<String> = files.collect();
        let (intent, why) = match (fact.purpose(p), purpose::why_for_development(p, fact)) {
            (Some(intent), _) => (intent, "its name says so"),
            (None, Some(why)) => (Intent::Development, why),
            (None, None) => (Intent::Production, "nothing says otherwise"),
        };
        Some(format!(
            "{}: {} ({why})",
            files.join(" with "),
            intent.called()
        ))
    });
    shown.collect()
}
