//! A mount of a service.

use crate::compose::{Mount, MountKind, Service};
use crate::context::Origin;
use crate::facts::build::copied;
use crate::facts::deploy::{
    databases, frontend_servers, groups, kept_data, mounted_code, needed_mounts, uploads,
    volume_owners,
};
use crate::facts::model::{CopyFact, CopyFrom, SettingsFact, StartFact};
use crate::facts::nodes::cells::{known_bool, str_or_absent, traced};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::nodes::shared::{deployed, is_inherited};
use crate::facts::nodes::storage;
use crate::facts::start::{script_place, service};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::knowledge::databases::keeps_data_in;
use crate::knowledge::words::ValueWords;
use crate::python::settings::{self, verdicts};
use crate::shell::ast::Runs;
use crate::source::{Entry, is_in, join};
use crate::span::{Span, Traced};

pub(super) const KIND: Kind = Kind {
    name: "service_volume",
    table: &TABLE,
    key: "its path in the container, or empty",
    vars: &["service"],
    doc: "a mount of a service",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, fact) in p.services.iter().enumerate() {
        let purpose = fact.purpose(p);
        for (at, mount) in fact.deployed(p).mounts.iter().enumerate() {
            let key = mount.target.as_ref().map_or("", Traced::as_str);
            let node = Id::ServiceVolume { service: i, i: at }.node(p);
            each(facts.of_service(purpose, key, node));
        }
    }
}

table! {
    "service_volume",
    "A mount of a service.";
    kind: Type::Str, "`bind`, `volume` (named), `anonymous` or `tmpfs`; unknown when a variable decides";
    source: Type::Str, "the path or name; absent for anonymous ones";
    target: Type::Str, "its path in the container";
    is_read_only: Type::Bool, "it is mounted read-only";
    is_undefined: Type::Bool,
        "a named volume that the top level of the files does not declare; unknown when other files may";
    is_inherited: Type::Bool, "it is in another file than the one that is for production by its name";
    hides_code: Type::Bool,
        "a directory of the project mounted over the working directory of the image and the code that COPY put there";
    is_needed_to_start: Type::Bool,
        "`command` or `entrypoint` of the service name a file below it that the image certainly lacks";
    is_beside_data: Type::Bool,
        "a named volume of PostgreSQL's image that by its path is meant for the data and lies where the image keeps \
         none, while nothing else is mounted over them";
    kept_elsewhere: Type::Str,
        "where the image of a cache or broker keeps what lasts, where this named volume is mounted at the place that \
         packages of distributions use; absent otherwise";
    data_in_context: Type::Str,
        "for a directory of the host where a database keeps its data beside a service of this Dockerfile: the \
         directory as the build context has it, where a COPY or ADD takes the whole context along and no pattern \
         excludes it; absent otherwise";
    hides_environment: Type::Str,
        "the virtual environment that the image was built with, that the start command uses, and over which this \
         directory of the host is certainly mounted; absent otherwise";
    hides_packages: Type::Str,
        "the packages that the image installed for a frontend, where the service starts it with them, a bind mount is \
         over them, and git ignores those of the host; absent otherwise";
    hides_collected: Type::Str,
        "STATIC_ROOT, where the build collected static files over which this directory of the host, which has none, is \
         mounted; absent otherwise, and where the service collects them itself; unknown where a file of variables that \
         is not there may enable DEBUG";
    misses_collected: Type::Str,
        "STATIC_ROOT, where this volume is shared with a web server, is named after static files but mounted \
         elsewhere: it contains nothing of the image; absent otherwise";
    misses_uploads: Type::Str,
        "MEDIA_ROOT, where this named volume is called after uploads and mounted elsewhere, while nothing is mounted \
         over MEDIA_ROOT; absent otherwise";
    lacks_file: Type::Bool,
        "by their names it mounts a file of the project over a file, and nobody has that file: the project has none, \
         git ignores none, nothing names it; Docker makes a directory of it";
    also_data_of: Type::Str,
        "the service whose database keeps its data in the same volume or directory of the host as this one, both \
         always started; absent otherwise";
    keeps_first_static: Type::Str,
        "STATIC_ROOT, where the build collects static files, this named volume is mounted over them and nothing that \
         the stack starts collects them again: Docker fills a volume once, so that those of later builds are never \
         seen; absent otherwise";
    owner: Type::Str,
        "for a named volume of a service with a `user`: the other account to which the image gave the directory that \
         the volume takes over, so that this user may not write there; marks `user`; absent otherwise";
    user: Type::Str, "that user";
    keeps: Type::Str, "what lies there by the settings: `MEDIA_ROOT` or `STATIC_ROOT`; absent otherwise";
    refuses_collected: Type::Str,
        "STATIC_ROOT, where it is below this mount, which is read-only, while `collectstatic` certainly runs as the \
         service starts; absent otherwise";
    service: Type::Link("service"), "the service";
}

view! { ServiceVolume { service: usize, i: usize } }

impl View<'_> {
    fn fact(&self) -> &Mount {
        &deployed(self.p, self.service).mounts[self.i]
    }

    fn owner(&self) -> Cell {
        let found = volume_owners::of_another(self.p, self.service, self.i);
        found.map_or(Cell::ABSENT, |(owner, user)| {
            Cell::str(&owner).at(user.span())
        })
    }

    fn user(&self) -> Cell {
        let found = volume_owners::of_another(self.p, self.service, self.i);
        found.map_or(Cell::ABSENT, |(_, user)| traced(&user))
    }

    fn keeps(&self) -> Cell {
        let target = self
            .fact()
            .target
            .as_ref()
            .map(|it| it.as_str().trim_end_matches('/'));
        let settings = self.p.services[self.service].settings(self.p);
        let found = target.zip(settings).and_then(|(target, fact)| {
            let mut names = ["MEDIA_ROOT", "STATIC_ROOT"].into_iter();
            names.find(|name| {
                let root = verdicts::directory(&fact.settings, name);
                root.known().is_some_and(|root| root == target)
            })
        });
        str_or_absent(found)
    }

    /// A directory of the project lies over a directory that COPY filled with code.
    fn hides_code(&self) -> Cell {
        known_bool(mounted_code::hides_code(self.p, self.service, self.fact()))
    }

    fn is_needed_to_start(&self) -> Cell {
        let own = &self.p.services[self.service];
        Cell::bool(needed_mounts::is_needed(self.p, own, self.fact()))
    }

    fn is_beside_data(&self) -> Cell {
        let service = self.p.services[self.service].compose(self.p);
        let found = service.map(|service| databases::is_beside_data(service, self.fact()));
        found.map_or(Cell::bool(false), known_bool)
    }

    fn kept_elsewhere(&self) -> Cell {
        let service = self.p.services[self.service].compose(self.p);
        str_or_absent(service.and_then(|service| kept_data::kept_elsewhere(service, self.fact())))
    }

    fn data_in_context(&self) -> Cell {
        let mount = self.fact();
        let context = &self.p.around.context;
        let found = || {
            let target = mount.target.as_ref()?;
            let path = context.of_root(mount.source_path.as_deref()?)?;
            let is_taken = |copy: &CopyFact| {
                copy.from == CopyFrom::Context && copied::copies_all(copy) == Some(true)
            };
            let is_out = || {
                let mut paths = [path.clone(), format!("{path}/base")].into_iter();
                paths.any(|path| context.ignored_by(&path).is_some())
            };
            let own = &self.p.services[self.service];
            // Who only pulls the image has no context to build.
            let is_built_here = own.stack(self.p).is_some_and(|stack| {
                let mut builds = stack.services.iter().filter_map(|it| it.build.as_ref());
                builds.any(|it| it.dockerfile_path == self.p.around.dockerfile)
            });
            let is_it = is_built_here
                && groups::beside(self.p, own).is_used
                && mount.kind == MountKind::Bind
                && keeps_data_in(target.as_str())
                && self.p.copies.iter().any(is_taken)
                && !path.is_empty()
                && !is_out();
            is_it.then_some(path)
        };
        found().map_or(Cell::ABSENT, |path| Cell::str(&path))
    }

    fn hides_environment(&self) -> Cell {
        let mount = self.fact();
        let target = mount
            .target
            .as_ref()
            .filter(|_| mount.kind == MountKind::Bind);
        let (Some(target), Some(image)) = (target, self.p.services[self.service].image) else {
            return Cell::ABSENT;
        };
        let mounts = || deployed(self.p, self.service).mounts.iter();
        let targets = || mounts().filter_map(|mount| mount.target.as_ref());
        let is_all_known = mounts().count() == targets().count();
        let target = target.as_str();
        let is_hidden = |directory: &str| {
            // A volume of its own, which Docker fills from the image.
            let is_over = |other: &Traced| {
                other.as_str().len() > target.len() && is_in(directory, other.as_str())
            };
            is_in(directory, target) && !targets().any(is_over)
        };
        let found = script_place::environment(self.p, image, self.service);
        match found.filter(|directory| is_all_known && is_hidden(directory)) {
            Some(directory) => Cell::str(&directory),
            None => Cell::ABSENT,
        }
    }

    fn hides_packages(&self) -> Cell {
        let found =
            frontend_servers::hidden_packages(self.p, &self.p.services[self.service], self.fact());
        found.map_or(Cell::ABSENT, |directory| Cell::str(&directory))
    }

    /// The image that the service runs, with its STATIC_ROOT.
    fn static_root(&self) -> Option<(usize, String)> {
        let image = self.p.services[self.service].image?;
        let settings = self
            .p
            .settings
            .iter()
            .find(|settings| settings.image == image)?;
        let root = verdicts::static_root(&settings.settings);
        let root = root.known().filter(|root| root.starts_with('/'))?;
        Some((image, root.trim_end_matches('/').to_owned()))
    }

    /// The build collects static files.
    fn collects_in_build(&self, image: usize) -> bool {
        let chain = &self.p.images[image].chain;
        let mut collects = self.p.collects.iter();
        collects.any(|collect| chain.contains(&collect.stage))
    }

    /// What starts in the service collects static files; `None` where it is not known what starts.
    fn collects_at_start(&self) -> Option<bool> {
        self.collects_in(self.service)
    }

    fn collects_in(&self, service: usize) -> Option<bool> {
        let fact = &self.p.services[service];
        let collects = |start: &StartFact| {
            let name = start.command.management.as_ref();
            name.is_some_and(|name| name.as_str().is_none_or(|name| name.contains("collect")))
        };
        let mut starts = fact.starts(self.p).iter();
        fact.is_known(self.p).then(|| starts.any(collects))
    }

    fn hides_collected(&self) -> Cell {
        let mount = self.fact();
        let target = mount
            .target
            .as_ref()
            .filter(|_| mount.kind == MountKind::Bind);
        let Some(((target, source), (image, root))) = target
            .zip(mount.source_path.as_ref())
            .zip(self.static_root())
        else {
            return Cell::ABSENT;
        };
        let target = target.as_str().trim_end_matches('/');
        let mounts = &deployed(self.p, self.service).mounts;
        let is_over = |other: &Mount| {
            let other = other.target.as_ref().map(Traced::as_str);
            other.is_none_or(|other| {
                let other = other.trim_end_matches('/');
                other.len() > target.len() && is_in(&root, other)
            })
        };
        if !is_in(&root, target)
            || mounts.iter().any(is_over)
            || !self.collects_in_build(image)
            || self.collects_at_start() != Some(false)
        {
            return Cell::ABSENT;
        }
        let below = root[target.len()..].trim_start_matches('/');
        let path = join(source, below);
        let project = &self.p.around.root;
        let is_there = !below.is_empty() && project.entry(&path) != Entry::Missing
            || project.entry(source) != Entry::Directory;
        if is_there {
            Cell::ABSENT
        } else if self.may_be_debugged(image) {
            Cell::UNKNOWN
        } else {
            Cell::str(&root)
        }
    }

    /// A file of variables that is not there may enable DEBUG for the service: Django and WhiteNoise then serve static
    /// files from where the applications have them.
    fn may_be_debugged(&self, image: usize) -> bool {
        let env = &deployed(self.p, self.service).env;
        let is_open = |fact: &SettingsFact| {
            let debug = fact.settings.get("DEBUG").map(|debug| &debug.value.kind);
            matches!(debug, Some(settings::Kind::Env(read)) if env.get(&read.name).is_none())
        };
        let mut settings = self.p.settings.iter();
        !env.is_closed && settings.any(|fact| fact.image == image && is_open(fact))
    }

    fn refuses_collected(&self) -> Cell {
        let mount = self.fact();
        let target = mount.target.as_ref().filter(|_| mount.is_read_only);
        let Some((target, (_, root))) = target.zip(self.static_root()) else {
            return Cell::ABSENT;
        };
        let target = target.as_str().trim_end_matches('/');
        let mounts = &deployed(self.p, self.service).mounts;
        let is_nearer = |other: &Mount| {
            let other = other
                .target
                .as_ref()
                .map(|it| it.as_str().trim_end_matches('/'));
            other.is_none_or(|other| other.len() > target.len() && is_in(&root, other))
        };
        let fact = &self.p.services[self.service];
        let collects = |start: &StartFact| {
            let command = &start.command;
            let is_plain = command.is_complete
                && !["--dry-run", "-n", "--help"]
                    .iter()
                    .any(|it| command.flag(it).is_some());
            command.management_name() == Some("collectstatic")
                && command.runs == Runs::Always
                && is_plain
        };
        let mut settings =
            (0..self.p.settings.len()).filter(|i| Some(self.p.settings[*i].image) == fact.image);
        let is_local = settings.any(|i| storage::storage_is_local(self.p, i) == Some(true));
        let is_it = is_in(&root, target)
            && is_local
            && !mounts.iter().any(is_nearer)
            && fact.starts(self.p).iter().any(collects);
        match is_it {
            true => Cell::str(&root),
            false => Cell::ABSENT,
        }
    }

    fn misses_collected(&self) -> Cell {
        let mount = self.fact();
        let named = mount.target.as_ref().zip(mount.source.as_ref());
        let named = named.filter(|_| mount.kind == MountKind::Named);
        let Some(((target, source), (image, root))) = named.zip(self.static_root()) else {
            return Cell::ABSENT;
        };
        let target = target.as_str().trim_end_matches('/');
        let speaks = |text: &str| text.to_ascii_lowercase().contains("static");
        let covers = |other: &Mount| {
            other.target.as_ref().is_none_or(|other| {
                let other = other.as_str().trim_end_matches('/');
                is_in(&root, other) || is_in(other, &root)
            })
        };
        let mounts = &deployed(self.p, self.service).mounts;
        let at_start = self.collects_at_start();
        let is_collected =
            at_start == Some(true) || at_start.is_some() && self.collects_in_build(image);
        // Without what this very volume may bring.
        let files = &self.p.files[self.p.images[image].stage].fs;
        let found = files.lookup(&self.p.around.context, target);
        let is_empty = matches!(found.origin, Origin::Missing);
        if !speaks(target) && !speaks(source.as_str())
            || mounts.iter().any(covers)
            || !is_empty
            || !is_collected
        {
            return Cell::ABSENT;
        }
        let Some(stack) = self.p.services[self.service].stack(self.p) else {
            return Cell::ABSENT;
        };
        let is_shared = |other: &Service| {
            let name = service::image(other).map(|image| image.repository);
            let name = name.as_deref().and_then(|name| name.rsplit('/').next());
            let mut volumes = other.volumes.iter();
            name.is_some_and(|name| ValueWords::WebServers.contains(name))
                && volumes.any(|it| it.source.as_ref().map(Traced::as_str) == Some(source.as_str()))
        };
        match stack.services.iter().any(is_shared) {
            true => Cell::str(&root),
            false => Cell::ABSENT,
        }
    }

    fn misses_uploads(&self) -> Cell {
        let fact = &self.p.services[self.service];
        let found = uploads::missed_by(self.p, fact, self.fact());
        str_or_absent(found.as_deref())
    }

    fn lacks_file(&self) -> Cell {
        let mut all = self.p.missing_mounts.iter();
        Cell::bool(all.any(|it| it.service == self.service && it.mount == self.i))
    }

    fn also_data_of(&self) -> Cell {
        let fact = &self.p.services[self.service];
        kept_data::shared_with(self.p, fact, self.fact()).map_or(Cell::ABSENT, traced)
    }

    fn keeps_first_static(&self) -> Cell {
        let mount = self.fact();
        let named = mount.target.as_ref().zip(mount.source.as_ref());
        let named = named.filter(|_| mount.kind == MountKind::Named && !mount.is_read_only);
        let Some(((target, source), (image, root))) = named.zip(self.static_root()) else {
            return Cell::ABSENT;
        };
        let own = &self.p.services[self.service];
        let Some(stack) = own.stack(self.p) else {
            return Cell::ABSENT;
        };
        let compose = &self.p.around.deployed.compose;
        let mut files = stack.files.iter().filter_map(|i| compose.files.get(*i));
        let is_plain = files.any(|file| file.plain_volumes.iter().any(|it| it == source.as_str()));
        let mounts = &deployed(self.p, self.service).mounts;
        let target = target.as_str().trim_end_matches('/');
        let is_nearer = |other: &Mount| {
            let other = other.target.as_ref().map(Traced::as_str);
            other.is_none_or(|other| {
                let other = other.trim_end_matches('/');
                other.len() > target.len() && is_in(&root, other)
            })
        };
        // Others that are started with it may collect into the same volume.
        let beside = groups::beside(self.p, own).services.iter();
        let mut others = beside.map(|i| (*i, &self.p.services[*i]));
        let collects = others.any(|(i, other)| {
            let mut mounts = other.deployed(self.p).mounts.iter();
            let is_shared =
                mounts.any(|it| it.source.as_ref().map(Traced::as_str) == Some(source.as_str()));
            let is_own = other.image.is_some();
            is_shared && is_own && self.collects_in(i) != Some(false)
        });
        let is_kept = is_plain
            && is_in(&root, target)
            && !mounts.iter().any(is_nearer)
            && self.collects_in_build(image)
            && !collects
            && !self.p.collects_by_hand;
        match is_kept {
            true => Cell::str(&root),
            false => Cell::ABSENT,
        }
    }

    /// A named volume that no file of the stack declares.
    fn is_undefined(&self) -> Cell {
        let mount = self.fact();
        let Some(source) = mount
            .source
            .as_ref()
            .filter(|_| mount.kind == MountKind::Named)
        else {
            return Cell::bool(false);
        };
        let fact = &self.p.services[self.service];
        let compose = &self.p.around.deployed.compose;
        let Some((stack, service)) = fact.stack(self.p).zip(fact.compose(self.p)) else {
            return Cell::bool(false);
        };
        let files = || stack.files.iter().filter_map(|i| compose.files.get(*i));
        let is_known = |name: &str| {
            let declared = files().flat_map(|file| &file.volumes);
            declared.into_iter().any(|other| other.as_str() == name)
        };
        // One letter is a drive of Windows.
        if is_known(source.as_str()) || source.as_str().len() < 2 {
            return Cell::bool(false);
        }
        // Others are put together by hand, with files that may declare it.
        let is_usual = |path: &str| {
            let name = path.rsplit('/').next().unwrap_or(path);
            let stem = name.trim_start_matches("docker-").rsplit_once('.');
            stem.is_some_and(|(stem, _)| matches!(stem, "compose" | "compose.override"))
        };
        if !files().all(|file| is_usual(&file.path)) {
            return Cell::UNKNOWN;
        }
        // What cannot be read may declare it, and so may a file that this one is used with.
        let is_readable = files().all(|file| file.errors.is_empty());
        if stack.is_whole && is_readable && service.extends.is_none() {
            Cell::bool(true)
        } else {
            Cell::UNKNOWN
        }
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().span)
    }

    fn label(&self) -> String {
        let fact = self.fact();
        let source = fact.source.as_ref().map_or("", Traced::as_str);
        let target = fact.target.as_ref().map_or("", Traced::as_str);
        format!("{source}:{target}")
    }
}

impl View<'_> {
    fn kind(&self) -> Cell {
        match self.fact().kind {
            MountKind::Bind => Cell::str("bind"),
            MountKind::Named => Cell::str("volume"),
            MountKind::Anonymous => Cell::str("anonymous"),
            MountKind::Tmpfs => Cell::str("tmpfs"),
            MountKind::Unknown => Cell::UNKNOWN,
        }
    }

    fn source(&self) -> Cell {
        self.fact().source.as_ref().map_or(Cell::ABSENT, traced)
    }

    fn target(&self) -> Cell {
        self.fact().target.as_ref().map_or(Cell::UNKNOWN, traced)
    }

    fn is_read_only(&self) -> Cell {
        Cell::bool(self.fact().is_read_only)
    }

    fn is_inherited(&self) -> Cell {
        Cell::bool(is_inherited(self.p, self.fact().span))
    }

    fn service(&self) -> Cell {
        Id::Service(self.service).cell(self.p)
    }
}
