//! What a Dockerfile or a compose stack is for, where no name says so: by what lies around, what starts, and what
//! compose makes of the image; never by what the rules judge.

use crate::compose::{CommandLine, EnvVar, MountKind, Service};
use crate::deployed::Deployed;
use crate::facts::build::{application, at};
use crate::facts::ci::{
    has_runtime_of_app_engine, has_server_in_procfile, is_described_so, is_in_copied_project,
    is_named_nowhere, is_of_buildpacks, is_of_cloud_foundry, is_published,
};
use crate::facts::deploy::development_signs;
use crate::facts::deploy::groups;
use crate::facts::deploy::local_use::answers_only_itself;
use crate::facts::deploy::siblings::{
    has_production_directory, has_sibling, is_shipped_by_another,
};
use crate::facts::files::bound::{binds_code, holds_code};
use crate::facts::intent::{by_name, by_words, starts_development, tag_intent, words};
use crate::facts::model::{
    Beside, BuildPhase, CopyFrom, DeployPhase, ImageFact, ProcessFact, Project, ServiceFact,
};
use crate::facts::start::image::server_of;
use crate::knowledge::intent_words::{self, Intent};
use crate::knowledge::servers::Server;
use crate::shell::ast::{Command, Runs};
use crate::source::{Entry, Sources};
use crate::span::Traced;

/// What a Dockerfile whose path tells nothing is for. Without a witness it is for production.
pub(crate) fn judge(p: &DeployPhase, sources: &Sources) -> Intent {
    reason(p, sources).0
}

/// [`judge`], and what shows it, for people.
pub(crate) fn reason(p: &DeployPhase, sources: &Sources) -> (Intent, &'static str) {
    let production = |why| (Intent::Production, why);
    let development = |why| (Intent::Development, why);
    let around = &p.around;
    let Some(path) = around.dockerfile.as_deref() else {
        return production("nothing is known of its project");
    };
    let root = &around.root;
    // What lies among the workflows is for them, as long as none of them publishes it.
    if path.starts_with(".github/") && !is_published(root, sources, path) {
        return (
            Intent::Ci,
            "it is among the workflows, and none publishes it",
        );
    }
    if around.has_production() {
        return production("a file for production builds it");
    }
    if has_sibling(root, path, Intent::Development, intent_words::of_dockerfile) {
        return production("there is another one for development beside it");
    }
    if is_in_copied_project(root, path) && is_named_nowhere(root, sources, path) {
        return development("it is in a copy of another project, and nothing names it");
    }
    // What it starts is called so.
    let scripts = p.images.iter().flat_map(|image| &image.scripts);
    let own = scripts.filter(|script| script.caller.is_none());
    // `start_old.sh` is no start of an old image.
    let by_start = |name| by_words(name, intent_words::of_compose);
    let mut called = own.filter_map(|script| by_start(script.path.rsplit('/').next()?));
    if let Some(intent) = called.next_back()
        && intent != Intent::Production
    {
        return (intent, "the name of the script it starts says so");
    }
    let serves = p.images.iter().any(serves);
    if let Some(intent) = by_program(p) {
        return (intent, "the program it starts says so");
    }
    if !serves && is_debugged(p) {
        return development("it is started with a debugger");
    }
    let says_so = intent_words::says_development(&p.text.text) || is_built_as_stand_in(p, sources);
    if (says_so || is_described_so(root, sources, path)) && !is_published(root, sources, path) {
        return development("a comment or README says so, and nothing publishes it");
    }
    let is_beside = has_sibling(root, path, Intent::Production, intent_words::of_dockerfile)
        || !serves && has_sibling(root, path, Intent::Production, intent_words::of_sibling)
        || !serves && has_production_directory(root, path);
    let is_developed = || !serves && (is_developed_in(p) || is_served_elsewhere(p, sources));
    let is_only_developed = is_beside
        || is_developed()
        || is_deployed_without(p, sources)
        || answers_only_itself(p)
        || is_mounted_only(p) && is_shipped_by_another(root, sources, path);
    if is_only_developed && !is_published(root, sources, path) {
        return development(match is_beside {
            true => "there is another one for production, and nothing publishes it",
            false => "only development stacks build and start it, and nothing publishes it",
        });
    }
    if !serves && is_built_for_development(p) && !is_published(root, sources, path)
        || !serves && (has_settings_for_development(p) || is_made_for_development(p, sources, path))
    {
        return development(
            "what it starts, what it installs or what builds it is for development",
        );
    }
    if development_signs::is_only_tested(p) && !is_published(root, sources, path) {
        return (
            Intent::Ci,
            "it starts nothing by itself, and only services that run tests build it",
        );
    }
    if is_shipped_by_nobody(p, sources, path) {
        return development("it makes no application, and nothing ships it");
    }
    production("nothing says otherwise")
}

/// Whether all compose files that build it say in the comment at their top that it stands in for something else.
fn is_built_as_stand_in(p: &DeployPhase, sources: &Sources) -> bool {
    let mut building = p.around.deployed.building();
    building.len() > 0
        && building.all(|found| {
            let file = sources.get(found.name.span().file);
            intent_words::says_stand_in(&file.text)
        })
}

/// Whether two things say that its images are made for development: what they start, a list that is installed, settings
/// that are copied.
fn is_made_for_development(p: &DeployPhase, sources: &Sources, path: &str) -> bool {
    let starts = || {
        let mut images = p.images.iter();
        !p.images.is_empty() && images.all(|image| image_starts_development(p, image))
    };
    let mut signs = 0;
    for is_sign in [
        starts(),
        development_signs::installs_development_list(p),
        development_signs::copies_development_settings(p),
    ] {
        signs += usize::from(is_sign);
    }
    signs > 1 && !is_published(&p.around.root, sources, path)
}

/// Whether a Dockerfile makes no Python application, and only development stacks build it, or nothing does
/// while compose builds other Dockerfiles of the project.
fn is_shipped_by_nobody(p: &DeployPhase, sources: &Sources, path: &str) -> bool {
    let any = |is: fn(&BuildPhase, usize) -> bool| (0..p.stages.len()).any(|it| is(p, it));
    if any(application::has_requirements) || any(application::has_django) {
        return false;
    }
    let is_python = any(application::is_python);
    let root = &p.around.root;
    let building = || p.services.iter().filter(|fact| fact.builds_this);
    let is_spared = if building().next().is_some() {
        if is_python {
            // One program in Python alone is a helper where the code beside it is that of the host.
            let may_ship = |fact: &ServiceFact| {
                fact.purpose(p) == Some(Intent::Production) || serves_itself(p, fact)
            };
            p.installs.is_empty()
                && p.stages.len() == 1
                && building().any(|fact| is_stack_for_development(p, fact))
                && !building().any(may_ship)
        } else {
            building().all(|fact| is_developed_stack(p, fact))
        }
    } else if is_python {
        false
    } else {
        builds_others(p) && is_named_nowhere(root, sources, path)
    };
    is_spared && !is_published(root, sources, path)
}

/// Whether a service and those beside it are for development or tests by the names of their files, or by a development
/// server that one of them starts.
pub(crate) fn is_developed_stack(p: &DeployPhase, fact: &ServiceFact) -> bool {
    match fact.purpose(p) {
        Some(Intent::Development | Intent::Ci) => true,
        Some(Intent::Production) => false,
        None => {
            let beside = groups::beside(p, fact);
            *beside
                .develops
                .get_or_init(|| voters(p, beside).any(|fact| develops(p, fact)))
        }
    }
}

/// Whether a service runs a known server that is not for development.
fn serves_itself(p: &DeployPhase, fact: &ServiceFact) -> bool {
    let server = fact.server(p);
    server.is_some_and(|server| !is_development_server(&server.command))
}

/// Whether something builds Dockerfiles of the project, all of them known.
fn builds_others(p: &DeployPhase) -> bool {
    let all = p.around.deployed.all.iter();
    let mut builds = all.filter_map(|it| it.build.as_ref()).peekable();
    builds.peek().is_some() && builds.all(|build| build.dockerfile.is_some())
}

/// What the one program that the images start is for: `mkdocs`, `pytest`; or what most of a script is for, in which
/// tests run and nothing that stays.
fn by_program(p: &DeployPhase) -> Option<Intent> {
    if let Some(intent) = by_tests(p) {
        return Some(intent);
    }
    let mut programs = p.images.iter().map(|image| {
        let start = image.starts.last();
        start?.command.name.as_deref()
    });
    let first = intent_words::of_program(programs.next()??);
    first.filter(|_| programs.next().is_none())
}

/// Tests are among what the images start, and neither a server nor a program of the project.
fn by_tests(p: &DeployPhase) -> Option<Intent> {
    let mut tests = false;
    for start in p.images.iter().flat_map(|image| &image.starts) {
        let command = &start.command;
        let name = command.name.as_deref()?;
        let is_module = command.args.iter().any(|arg| arg.as_str() == Some("-m"));
        if server_of(command).is_some() || command.management_name().is_some() {
            return None;
        }
        tests = tests || intent_words::of_program(name) == Some(Intent::Ci);
        if name == "python" && !is_module || name.contains('$') || name.ends_with(".py") {
            return None;
        }
    }
    // What stays may be called in words that are not followed.
    let mut scripts = p.images.iter().flat_map(|image| &image.scripts);
    let may_stay = scripts.any(|script| {
        script.text.as_ref().is_none_or(|text| {
            let mut words = text
                .as_str()
                .split(|c: char| c.is_whitespace() || "();".contains(c));
            words.any(|it| it.ends_with(".py") || matches!(it, "exec" | "start" | "serve"))
        })
    });
    if may_stay {
        return None;
    }
    let mut images = p.images.iter();
    let is_alone = images.all(|image| image.server.is_none() && image.cmd.is_none());
    let mut building = p.services.iter().filter(|fact| fact.builds_this);
    let serves = building.any(|fact| fact.server(p).is_some());
    (tests && is_alone && !serves).then_some(Intent::Ci)
}

/// Whether something starts under a debugger that others connect to: `python -m debugpy manage.py`.
fn is_debugged(p: &DeployPhase) -> bool {
    let starts = p.images.iter().flat_map(|image| &image.starts);
    let says = |name: &String| intent_words::is_development_wrapper(name);
    let mut commands = starts.map(|start| &start.command);
    commands.any(|command| command.wrappers.iter().chain(&command.name).any(says))
}

/// Whether a compose stack is for development or tests: its name says so, or another stack of the project is for
/// production, or it starts a development server, or the code of the host lies over that of an image.
pub(crate) fn is_stack_for_development(p: &DeployPhase, fact: &ServiceFact) -> bool {
    match fact.purpose(p) {
        Some(Intent::Development | Intent::Ci) => true,
        Some(Intent::Production) => false,
        None => why_for_development(p, fact).is_some(),
    }
}

/// What shows that a stack is for development or tests whose name does not say what it is for.
pub(crate) fn why_for_development<'p>(p: &'p DeployPhase, fact: &ServiceFact) -> Option<&'p str> {
    let beside = groups::beside(p, fact);
    let find = || {
        let stacks = p.around.deployed.compose.stacks.iter();
        let mut purposes = stacks.map(|other| other.purpose);
        if purposes.any(|purpose| purpose == Some(Intent::Production)) {
            return Some("another file is for production".to_owned());
        }
        voters(p, beside).find_map(|fact| {
            let name = fact.deployed(p).name.as_str();
            Some(format!("`{name}` {}", shows_development(p, fact)?))
        })
    };
    beside.for_development.get_or_init(find).as_deref()
}

/// What shows of a service that its stack is for development or tests.
fn shows_development(p: &DeployPhase, fact: &ServiceFact) -> Option<&'static str> {
    let deployed = fact.deployed(p);
    let compose = |is: fn(&Service) -> bool| fact.compose(p).is_some_and(is);
    if develops(p, fact) {
        Some("starts a development server or tool")
    } else if binds_code(p, fact.image, deployed) {
        Some("has the code of the host over that of its image")
    } else if compose(is_configured_for_development) {
        Some("is configured for development or tests")
    } else if is_tester(deployed) {
        Some("runs tests")
    } else if compose(is_watched) {
        Some("watches its code")
    } else if has_development_volume(deployed) {
        Some("keeps its data in a volume named so")
    } else {
        None
    }
}

/// The services of a stack that show what it is for: those that do more than to pass requests on.
fn voters<'p>(p: &'p DeployPhase, beside: &'p Beside) -> impl Iterator<Item = &'p ServiceFact> {
    let own = beside.services.iter();
    let own = own.filter(|own| !p.only_proxies.contains(own));
    own.map(|own| &p.services[*own])
}

/// Whether the image by itself starts a server that is not for development. A branch of an ENTRYPOINT is only
/// one where there is a CMD that may choose it.
fn serves(image: &ImageFact) -> bool {
    let named = image.server.iter().map(|server| &server.command);
    let chosen = |command: &&Command| image.cmd.is_some() || command.runs == Runs::Always;
    let starts = image.starts.iter().map(|start| &start.command);
    named
        .chain(starts.filter(chosen))
        .any(|command| server_of(command).is_some() && !is_development_server(command))
}

/// `runserver`, or a server that reloads when the code changes.
pub(crate) fn is_development_server(command: &Command) -> bool {
    let mut flags = command.args.iter().filter_map(|arg| arg.as_str());
    server_of(command).is_some_and(Server::is_for_development)
        || flags.any(|arg| arg.starts_with('-') && starts_development(arg))
}

/// Whether every compose service that builds the Dockerfile makes a development image of it: by its tag, or by
/// the code of the host that lies over that of the image.
fn is_developed_in(p: &DeployPhase) -> bool {
    let is_product = |name: &Traced| by_name(name.as_str()) == Some(Intent::Production);
    let mut names = p.stages.iter().filter_map(|stage| stage.name.as_ref());
    let building: Vec<&ServiceFact> = p
        .services
        .iter()
        .filter(|fact| fact.builds_this && fact.purpose(p) != Some(Intent::Ci))
        .collect();
    let Some(image) = building.first().and_then(|fact| fact.image) else {
        return false;
    };
    // Another target is for something else.
    let is_last = p.images[image].stage + 1 == p.stages.len();
    let is_one = building.iter().all(|fact| fact.image == Some(image));
    if !is_last || !is_one || names.any(is_product) {
        return false;
    }
    let all = |is: &dyn Fn(&ServiceFact) -> bool| building.iter().all(|fact| is(fact));
    let any = |is: &dyn Fn(&ServiceFact) -> bool| building.iter().any(|fact| is(fact));
    let is_marked = |fact: &ServiceFact| {
        tag_intent(fact.deployed(p)) == Some(Intent::Development)
            || fact.compose(p).is_some_and(is_watched)
    };
    if all(&is_marked) {
        return true;
    }
    let is_idle = |fact: &ServiceFact| fact.server(p).is_none();
    let is_developed = || all(&|fact| is_idle(fact) || develops(p, fact));
    let starts_nothing = p.images[image].starts.is_empty();
    // What only migrates needs no code of the host beside the one that serves.
    let is_served =
        |fact: &ServiceFact| binds_code(p, fact.image, fact.deployed(p)) && develops(p, fact);
    starts_nothing && any(&is_served) && is_developed()
        || all(&|fact| binds_code(p, fact.image, fact.deployed(p)))
            && (brings_no_code(p, image)
                || (any(&|fact| develops(p, fact)) || starts_nothing) && is_developed())
}

/// A compose service that builds the Dockerfile is for development: by its file, the code of the host or what it
/// starts.
pub(crate) fn is_developed_on(p: &Project) -> bool {
    let mut building = p.services.iter().filter(|fact| fact.builds_this);
    building.any(|fact| {
        fact.purpose(p) == Some(Intent::Development)
            || binds_code(p, fact.image, fact.deployed(p))
            || develops(p, fact)
    })
}

/// Whether a service reads variables from a file that is called so, `.envs/.local/.django`, `local.env`, reloads by
/// one, or is told that continuous integration starts it.
fn is_configured_for_development(service: &Service) -> bool {
    let vars = &service.env().vars;
    if vars
        .iter()
        .any(|var| var.name.as_str().ends_with("AUTORELOAD") || is_ci(var))
    {
        return true;
    }
    let paths = service.env_files.iter().filter_map(|it| it.path.as_str());
    let mut words = paths.flat_map(words);
    words.any(|word| intent_words::of_compose(&word) == Some(Intent::Development))
}

/// `CI: "true"`, which platforms of continuous integration set.
fn is_ci(var: &EnvVar) -> bool {
    let value = var.value.as_ref().map(Traced::as_str);
    var.name.as_str() == "CI" && value.is_some_and(|value| matches!(value, "true" | "1"))
}

/// Whether a service is there for tests, by whose image it runs: `selenium/hub`.
fn is_tester(service: &Deployed) -> bool {
    let image = service.image.as_ref().and_then(|image| image.as_str());
    let owner = image.and_then(|image| image.split_once('/'));
    owner.is_some_and(|(owner, _)| intent_words::of_compose(owner) == Some(Intent::Ci))
}

/// Whether compose watches the code of a service, to put changes into its container.
fn is_watched(service: &Service) -> bool {
    service.keys.iter().any(|key| key.as_str() == "develop")
}

/// Whether a service keeps its data in a volume that is called so: `postgres_data_dev`.
fn has_development_volume(service: &Deployed) -> bool {
    let volumes = service
        .mounts
        .iter()
        .filter(|mount| mount.kind == MountKind::Named);
    let names = volumes.filter_map(|mount| mount.source.as_ref());
    let mut words = names.flat_map(|name| words(name.as_str()));
    words.any(|word| intent_words::of_compose(&word) == Some(Intent::Development))
}

/// Whether a service starts a development server: by the server it runs, else by the words it is started with.
fn develops(p: &DeployPhase, fact: &ServiceFact) -> bool {
    if let Some(server) = fact.server(p) {
        return is_development_server(&server.command);
    }
    let service = fact.deployed(p);
    let given = [&service.entrypoint, &service.command];
    let given = given.into_iter().flatten().filter_map(CommandLine::words);
    if given
        .flatten()
        .any(|word| starts_development(word.as_str()))
    {
        return true;
    }
    let image = fact.image.filter(|_| fact.run.is_none());
    image.is_some_and(|image| image_starts_development(p, &p.images[image]))
}

/// Whether a word of CMD or ENTRYPOINT of an image starts something for development.
pub(crate) fn image_starts_development(p: &DeployPhase, image: &ImageFact) -> bool {
    let cmd = image.cmd.and_then(|stage| p.stages[stage].cmd.as_ref());
    let entrypoint = image
        .entrypoint
        .and_then(|stage| p.stages[stage].entrypoint.as_ref());
    let own = |process: &ProcessFact| {
        let mut words = process.words.iter();
        words.any(|word| starts_development(word.as_str()))
    };
    cmd.is_some_and(own) || entrypoint.is_some_and(own)
}

/// Whether no COPY or ADD of an image, nor of the stages that it copies from, takes code, and nothing fetches it.
fn brings_no_code(p: &DeployPhase, image: usize) -> bool {
    let context = &p.around.context;
    let is_code = |path: &str| {
        let name = path.trim_end_matches('/').rsplit('/').next();
        let name = name.unwrap_or_default();
        if name.ends_with(".py") {
            return name != "setup.py";
        }
        match context.entry(path.trim_start_matches('/')) {
            Entry::Directory => context
                .below_root(path)
                .is_none_or(|path| holds_code(&context.root, &path)),
            Entry::File { .. } => false,
            Entry::Missing | Entry::Unknown => !name.contains('.') || name == ".",
        }
    };
    let mut pending = p.images[image].chain.clone();
    let mut seen = vec![false; p.stages.len()];
    while let Some(stage) = pending.pop() {
        if std::mem::replace(&mut seen[stage], true) {
            continue;
        }
        for copy in p.stages[stage].copies.iter().map(|copy| &p.copies[*copy]) {
            match copy.from {
                CopyFrom::Stage(from) => pending.extend(at::chain(&p.stages, from)),
                CopyFrom::Context => {
                    let text = |text: &Option<Traced>| {
                        let path = text.as_ref().map(Traced::as_str);
                        path.is_none_or(|path| !path.starts_with("<<") && is_code(path))
                    };
                    if copy.sources.iter().any(|(_, source)| text(source)) {
                        return false;
                    }
                }
                CopyFrom::Other(_) => {}
            }
        }
    }
    let mut commands = p.commands.iter().filter(|fact| seen[fact.stage]);
    !commands.any(|fact| fact.command.name.as_deref() == Some("git"))
}

/// Whether the image serves with a development server while the Procfile of the project has one for production.
fn is_served_elsewhere(p: &DeployPhase, sources: &Sources) -> bool {
    let image = |image: &ImageFact| {
        let server = image.server.as_ref();
        server.is_some_and(|server| is_development_server(&server.command))
    };
    if !p.images.iter().any(image) {
        return false;
    }
    has_server_in_procfile(&p.around.root, sources)
}

/// Whether a platform builds the project without its Dockerfile, by `app.json` and the server in the Procfile, and
/// every compose service that builds the Dockerfile has the code of the host over that of the image.
fn is_deployed_without(p: &DeployPhase, sources: &Sources) -> bool {
    let mut building = p
        .services
        .iter()
        .filter(|fact| fact.builds_this && fact.purpose(p) != Some(Intent::Ci))
        .peekable();
    building.peek().is_some()
        && building.all(|fact| binds_code(p, fact.image, fact.deployed(p)) || develops(p, fact))
        && (is_of_buildpacks(&p.around.root, sources)
            || is_of_cloud_foundry(&p.around.root, sources)
            || has_runtime_of_app_engine(&p.around.root, sources))
}

/// Whether compose builds it, and every service that does has the code of the host over that of the image.
fn is_mounted_only(p: &DeployPhase) -> bool {
    let mut building = p.services.iter().filter(|fact| fact.builds_this).peekable();
    building.peek().is_some() && building.all(|fact| binds_code(p, fact.image, fact.deployed(p)))
}

/// Whether what builds it says so: every compose service that does is for development, and one is called so.
fn is_built_for_development(p: &DeployPhase) -> bool {
    let mut building = p.around.deployed.building();
    let intent = |found: &Deployed| by_name(found.name.as_str());
    let is_called = |found: &Deployed| intent(found) == Some(Intent::Development);
    building.clone().any(is_called)
        && building.all(|found| {
            matches!(found.purpose, Some(Intent::Development | Intent::Ci))
                || intent(found).is_some_and(|it| it != Intent::Production)
        })
}

/// Whether it sets settings that are called so: `DJANGO_SETTINGS_MODULE=config.settings.local`.
fn has_settings_for_development(p: &DeployPhase) -> bool {
    let chains = p.images.iter().flat_map(|image| &image.chain);
    let envs = chains.flat_map(|stage| &p.stages[*stage].envs);
    let mut modules = envs
        .map(|env| &p.envs[*env])
        .filter(|env| env.name.as_str() == "DJANGO_SETTINGS_MODULE")
        .filter_map(|env| env.value.as_ref());
    modules.any(|module| {
        let name = module.as_str().rsplit('.').next();
        name.and_then(by_name) == Some(Intent::Development)
    })
}

/// Whether every compose service of a stack that is not for development and that builds an image has a command or
/// entrypoint of its own, and there is one.
pub(crate) fn cmd_is_replaced(p: &Project, image: usize) -> bool {
    let own = p.services.iter().filter(|fact| fact.image == Some(image));
    let mut building = own.filter(|fact| !is_stack_for_development(p, fact));
    // What an ENTRYPOINT starts runs whatever the command is.
    let is_entrypoint = p.images[image].entrypoint.is_some();
    let says = |fact: &ServiceFact| {
        let service = fact.deployed(p);
        service.command.is_some() && !is_entrypoint || service.entrypoint.is_some()
    };
    let Some(first) = building.next() else {
        return false;
    };
    says(first) && building.all(says)
}
