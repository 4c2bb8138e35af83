//! The nginx of a stack, and the configuration that it certainly reads: what is mounted into its container, or what the
//! Dockerfile that it builds copies into its image.

use std::sync::Arc;

use crate::compose::{CommandLine, MountKind, Service, Text};
use crate::dockerfile::ast::{Args, Instruction, Keyword};
use crate::dockerfile::beside;
use crate::dockerfile::image::ImageRef;
use crate::facts::build::application;
use crate::facts::deploy::groups;
use crate::facts::model::{DjangoPhase, ProxyFact, ServiceFact};
use crate::facts::start::service;
use crate::knowledge::nginx_directives::NginxContext;
use crate::knowledge::programs::{self, Role};
use crate::knowledge::words::{FileWords, ValueWords};
use crate::maps::HashSet;
use crate::nginx::{Config, Site, misplaced};
use crate::shell::ast::{Command, Runs};
use crate::shell::{self, Options, UnknownVariables};
use crate::source::{Entry, Sources, is_in, join};
use crate::span::Traced;

/// Files of a directory that are read.
const MAX_FILES: usize = 50;

/// Where nginx keeps its configuration.
const HOME: &str = "/etc/nginx";

/// Where it keeps neither configuration nor what it serves.
const SCRATCH: [&str; 3] = ["/var/cache", "/run", "/tmp"];

/// What its image runs before it.
const SCRIPTS: &str = "/docker-entrypoint.d";

/// A file or directory of the project, and where it lies in the container.
struct Placed {
    path: String,
    target: String,
}

/// A file of the project that nginx reads.
type Read = Arc<Config>;

/// Every nginx that stands in a stack with a service of this Dockerfile.
pub(crate) fn collect(
    p: &DjangoPhase,
    services: &[ServiceFact],
    sources: &Sources,
) -> Vec<ProxyFact> {
    let mut out = Vec::new();
    // Nothing is read of what has nothing to do with this Dockerfile.
    for (i, fact) in groups::others(p, services) {
        let Some(service) = fact.compose(p) else {
            continue;
        };
        let Some((placed, is_plain, is_bare)) = placed(p, service, sources) else {
            continue;
        };
        if placed.is_empty() {
            continue;
        }
        let (configs, has_main) = configs(p, &placed, sources);
        let configs: Vec<&Config> = configs.iter().map(AsRef::as_ref).collect();
        if configs.is_empty() || configs.iter().any(|it| it.is_broken) {
            continue;
        }
        out.push(ProxyFact {
            service: i,
            site: Site::read(&configs),
            misplaced: match has_main {
                true => misplaced::first(configs[0], NginxContext::Main),
                // The configuration of the image includes them in `http`.
                false => configs
                    .iter()
                    .find_map(|config| misplaced::first(config, NginxContext::Http)),
            },
            is_plain,
            placed: is_bare.then(|| placed.into_iter().map(|it| it.target).collect()),
        });
    }
    out
}

/// An image of nginx's makers.
fn is_nginx(image: &ImageRef) -> bool {
    image.official() == Some("nginx") || image.repository.ends_with("nginxinc/nginx-unprivileged")
}

/// What lies in the container of a service that certainly runs nginx, whether its image is nginx's own, and whether
/// nothing else can have been put beside what that has.
fn placed(
    p: &DjangoPhase,
    service: &Service,
    sources: &Sources,
) -> Option<(Vec<Placed>, bool, bool)> {
    let mut placed = Vec::new();
    let mut is_bare = true;
    let is_plain = service.build.is_none();
    if is_plain {
        let image = service::image(service)?;
        if !is_nginx(&image) {
            return None;
        }
    } else {
        (placed, is_bare) = copied(p, service, sources)?;
    }
    let command = service.command.as_ref();
    let command = command.filter(|command| !command.texts().is_empty());
    let runs = command.is_none_or(|command| {
        let starts_nginx = |text: String| text.contains("nginx") && !rewrites(&text);
        command.joined().is_some_and(starts_nginx)
    });
    let shell = command.filter(|_| !runs).map(through_shell);
    if service.entrypoint.is_some() || service.extends.is_some() || shell == Some(false) {
        return None;
    }
    // What is put in place otherwise may be configuration.
    let is_scratch = |it: &Text| {
        let path = it.as_str().and_then(|it| it.split(':').next());
        path.is_some_and(|path| SCRATCH.iter().any(|it| is_in(path, it)))
    };
    if service.mounts_unread() || !service.tmpfs.iter().all(is_scratch) {
        return None;
    }
    let env = service.env();
    let fills = |var: &crate::compose::EnvVar| var.name.as_str().starts_with("NGINX_ENVSUBST");
    is_bare &= env.is_closed && !env.vars.iter().any(fills);
    for mount in &service.volumes {
        let target = mount.target.as_ref()?.as_str();
        is_bare &= !is_in(target, SCRIPTS) && !is_in(HOME, target);
        if !is_in(target, HOME) {
            continue;
        }
        let is_bind = mount.kind == MountKind::Bind;
        let path = mount.source_path.clone().filter(|_| is_bind)?;
        placed.push(Placed {
            path,
            target: target.trim_end_matches('/').to_owned(),
        });
    }
    // The entrypoint of the image makes files of templates for nginx alone, not for a shell.
    let is_made = |one: &Placed| is_in(&one.target, &format!("{HOME}/templates"));
    if shell.is_some() && placed.iter().any(is_made) {
        return None;
    }
    Some((placed, is_plain, is_bare))
}

/// A shell starts nginx, with the configuration that it finds, and else only commands that write nothing: the loop that
/// makes nginx read new certificates.
fn through_shell(line: &CommandLine) -> bool {
    let Some(words) = line.words() else {
        return false;
    };
    let commands = shell::exec_form(&words, &UnknownVariables, &Options::default());
    let is_plain = |command: &Command| {
        let name = command.name.as_deref().unwrap_or("?");
        let is_nginx = name == "nginx"
            && command.is_complete
            && command.flag("-c").is_none()
            && command.flag("-p").is_none();
        command.redirects.is_empty() && (is_nginx || programs::is(name, Role::Quiet))
    };
    let starts = |command: &Command| {
        command.name.as_deref() == Some("nginx")
            && command.runs == Runs::Always
            && command.flag("-s").is_none()
            && command.flag("-t").is_none()
    };
    commands.iter().all(is_plain) && commands.iter().any(starts)
}

/// The services that only pass requests on or serve files: a web server runs there, and no application.
pub(crate) fn only_proxies(
    p: &DjangoPhase,
    services: &[ServiceFact],
    sources: &Sources,
) -> HashSet<usize> {
    let used = groups::used(p, services);
    let is_server = |image: &ImageRef| {
        let name = image.repository.rsplit('/').next();
        name.is_some_and(|name| ValueWords::WebServers.contains(name))
    };
    let is_one = |fact: &ServiceFact| {
        let service = fact.compose(p)?;
        let is_application = |image: usize| application::has_requirements(p, p.images[image].stage);
        if !used.contains(&fact.deployed(p).group) || fact.image.is_some_and(is_application) {
            return None;
        }
        let image = match &service.build {
            None => service::image(service)?,
            Some(build) => last_base(p, build.dockerfile_path.as_ref()?, sources)?,
        };
        is_server(&image).then_some(())
    };
    let all = services.iter().enumerate();
    all.filter_map(|(i, fact)| is_one(fact).map(|()| i))
        .collect()
}

/// The base image of the last stage of a Dockerfile; `None` where that is another stage or not written out.
fn last_base(p: &DjangoPhase, path: &str, sources: &Sources) -> Option<ImageRef> {
    let tree = beside::read(&p.around.root, sources, path)?;
    let last = tree.stages().next_back()?;
    tree.instructions[last].written_base().map(ImageRef::parse)
}

/// A command line may write other configuration than is mounted.
fn rewrites(text: &str) -> bool {
    let mut words = text.split(|c: char| c.is_whitespace() || c == ';');
    text.contains("envsubst")
        || FileWords::WritesInside.is_within(text)
        || words.any(|word| word == "sed" || word == "-c" || FileWords::WritesBehind.contains(word))
}

/// What the Dockerfile of a service copies to nginx's directory, and whether it runs nothing that may put more there;
/// `None` where it makes no plain nginx, or may write there otherwise.
fn copied(p: &DjangoPhase, service: &Service, sources: &Sources) -> Option<(Vec<Placed>, bool)> {
    let build = service.build.as_ref()?;
    let (context, path) = (
        build.context_path.as_ref()?,
        build.dockerfile_path.as_ref()?,
    );
    if build.target.is_some() {
        return None;
    }
    let tree = beside::read(&p.around.root, sources, path)?;
    let instructions = &tree.instructions;
    let from = tree.stages().next_back()?;
    if !is_nginx(&ImageRef::parse(instructions[from].written_base()?)) {
        return None;
    }
    let mut out = Vec::new();
    let mut is_bare = true;
    for instruction in &instructions[from + 1..] {
        is_bare &= instruction.keyword != Keyword::Run || only_removes(instruction);
        is_bare &= !instruction.rest.as_str().contains(SCRIPTS);
        match instruction.keyword {
            Keyword::Copy | Keyword::Add => out.extend(copies(p, context, instruction)?),
            Keyword::Run if writes_home(instruction) => return None,
            Keyword::Entrypoint => return None,
            Keyword::Cmd => {
                let text = instruction.rest.as_str();
                if !text.contains("nginx") || rewrites(text) {
                    return None;
                }
            }
            _ => {}
        }
    }
    Some((out, is_bare))
}

/// A RUN puts nothing anywhere.
fn only_removes(run: &Instruction) -> bool {
    let mut steps = run.rest.as_str().split(['&', ';', '\n']).map(str::trim);
    run.heredocs.is_empty()
        && steps.all(|step| {
            let name = step.split_whitespace().next().unwrap_or_default();
            matches!(name, "" | "rm" | "mkdir") || programs::is(name, Role::SetsRights)
        })
}

/// A RUN may write below nginx's directory.
fn writes_home(run: &Instruction) -> bool {
    let text = run.rest.as_str();
    let mut steps = text.split(['&', ';', '\n']).map(str::trim);
    !run.heredocs.is_empty()
        || steps.any(|step| {
            let name = step.split_whitespace().next().unwrap_or_default();
            step.contains(HOME) && !matches!(name, "rm" | "mkdir" | "chown")
        })
}

/// What a COPY puts below nginx's directory; `None` where that is not known.
fn copies(p: &DjangoPhase, context: &str, copy: &Instruction) -> Option<Vec<Placed>> {
    let (Args::Words(words) | Args::Json(words)) = &copy.args else {
        return None;
    };
    let (destination, sources) = words.split_last()?;
    let target = destination.as_str();
    if target.contains('$') || !target.starts_with('/') {
        return None;
    }
    if !is_in(target, HOME) && !is_in(HOME, target) {
        return Some(Vec::new());
    }
    let is_plain = |word: &Traced| !word.as_str().contains(['$', '*', '?', '[', '<', '"']);
    let has_from = copy.flags.iter().any(|flag| flag.name.as_str() == "from");
    if has_from || !copy.heredocs.is_empty() || !sources.iter().all(is_plain) {
        return None;
    }
    let root = &p.around.root;
    let is_known_directory = |target: &str| {
        ["", "/conf.d", "/templates"]
            .iter()
            .any(|below| target == format!("{HOME}{below}"))
    };
    let into = target.ends_with('/') || sources.len() > 1 || is_known_directory(target);
    let target = target.trim_end_matches('/');
    let mut out = Vec::new();
    for source in sources {
        let source = crate::source::clean(source.as_str().trim_start_matches('/'));
        let path = join(context, source.trim_matches('/'));
        let path = crate::source::normalize(&path)?;
        let target = match root.entry(&path) {
            Entry::Directory => target.to_owned(),
            Entry::File { .. } if into => {
                format!("{target}/{}", path.rsplit('/').next().unwrap_or(&path))
            }
            Entry::File { .. } => target.to_owned(),
            _ => return None,
        };
        out.push(Placed { path, target });
    }
    Some(out)
}

/// What nginx reads of the files that were put into its directory: those that its image's own configuration names, or
/// one that takes its place, which is the first then.
fn configs(p: &DjangoPhase, placed: &[Placed], sources: &Sources) -> (Vec<Read>, bool) {
    let root = &p.around.root;
    let read = |path: &str| -> Option<(Read, String)> {
        let is_file = matches!(root.entry(path), Entry::File { .. });
        let file = is_file.then(|| root.read(sources, path).ok())??;
        let text = sources.get(file);
        let config = sources.once::<Config>(file, |source| crate::nginx::parse(file, &source.text));
        Some((config, text.text.clone()))
    };
    // The last that lies at a path counts.
    let at = |target: &str| -> Vec<String> {
        let found = placed.iter().rev().find_map(|one| {
            let rest = target.strip_prefix(one.target.as_str())?;
            let is_it = rest.is_empty() || rest.starts_with('/');
            let path = join(&one.path, rest.trim_start_matches('/'));
            (is_it && root.entry(&path) != Entry::Missing).then_some(path)
        });
        found.into_iter().collect()
    };
    let mut out = Vec::new();
    let main = at(&format!("{HOME}/nginx.conf"));
    let main = main.first().map(|path| read(path));
    let includes = |directory: &str| match &main {
        None => directory != "sites-enabled",
        Some(None) => false,
        Some(Some((_, text))) => text.lines().any(|line| {
            line.trim_start().starts_with("include ") && line.contains(&format!("{directory}/*"))
        }),
    };
    let is_included = |target: &str| {
        let below = target.strip_prefix(HOME).unwrap_or_default();
        let below = below.trim_start_matches('/');
        let Some((directory, name)) = below.rsplit_once('/') else {
            return false;
        };
        match directory {
            "conf.d" => name.ends_with(".conf") && includes("conf.d"),
            "sites-enabled" => includes("sites-enabled"),
            // The entrypoint of the image makes a file of `conf.d` of it.
            "templates" => name.ends_with(".template") && includes("conf.d"),
            _ => false,
        }
    };
    if let Some(main) = &main {
        match main {
            Some((config, _)) => out.push(Arc::clone(config)),
            None => return (Vec::new(), false),
        }
    }
    for (i, one) in placed.iter().enumerate() {
        let hidden = |target: &str| placed[i + 1..].iter().any(|later| later.target == target);
        match root.entry(&one.path) {
            Entry::Directory => {
                for name in root.list(&one.path, MAX_FILES).iter() {
                    let inner = ["conf.d", "sites-enabled", "templates"];
                    if one.target == HOME && inner.contains(&name.as_str()) {
                        let below = join(&one.path, name);
                        for file in root.list(&below, MAX_FILES).iter() {
                            if is_included(&format!("{HOME}/{name}/{file}")) {
                                out.extend(read(&join(&below, file)).map(|(it, _)| it));
                            }
                        }
                    }
                    let target = format!("{}/{name}", one.target);
                    if is_included(&target) && !hidden(&target) {
                        out.extend(read(&join(&one.path, name)).map(|(it, _)| it));
                    }
                }
            }
            Entry::File { .. } if is_included(&one.target) && !hidden(&one.target) => {
                out.extend(read(&one.path).map(|(it, _)| it));
            }
            _ => {}
        }
    }
    (out, main.is_some())
}
