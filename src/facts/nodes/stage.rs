//! Stages and base images.

use std::sync::Arc;

use crate::facts::build::{application, at, base, users};
use crate::facts::model::{BaseFact, BaseKind, Fate, Project, StageFact};
use crate::facts::nodes::{
    LayerNode, PackageNode, at, cells, known_bool, known_str, list, map, str_or_absent, table,
    traced,
};
use crate::facts::system::succession;
use crate::facts::table::{Cell, Intent, NodeRef, Reach, Type};
use crate::knowledge::django::DjangoSeries;
use crate::knowledge::images::{Family, Libc, PackageManager};
use crate::knowledge::{Series, debian, python};
use crate::span::{Span, Traced};

#[derive(Debug, Clone)]
pub(crate) struct StageNode {
    p: Arc<Project>,
    i: usize,
}

impl StageNode {
    pub(crate) fn new(p: &Arc<Project>, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            i,
        }
    }

    fn fact(&self) -> &StageFact {
        &self.p.stages[self.i]
    }

    fn user(&self) -> Cell {
        users::current(&self.p.stages, self.i)
            .map_or(Cell::UNKNOWN, |user| at(Cell::str(&user.name), user.span))
    }

    fn left(&self) -> Cell {
        let chain = at::chain(&self.p.stages, self.i);
        let mut unknown = false;
        let items = self
            .p
            .packages
            .iter()
            .enumerate()
            .filter(|(_, package)| chain.contains(&package.stage))
            .filter(|(_, package)| {
                unknown |= package.fate == Fate::Unknown;
                package.fate == Fate::Left
            })
            .map(|(i, _)| Cell::fact(Arc::new(PackageNode::new(&self.p, i)) as NodeRef))
            .collect();
        let opaque = self
            .p
            .layers
            .iter()
            .any(|layer| chain.contains(&layer.stage) && layer.is_opaque);
        list(items, !unknown && !opaque)
    }

    fn labels(&self) -> Cell {
        let chain = at::chain(&self.p.stages, self.i);
        let mut items = Vec::new();
        for stage in &chain {
            for (key, value) in &self.p.stages[*stage].labels {
                let cell = known_str(value.as_ref().map(Traced::as_str)).at(key.span());
                items.push((Arc::from(key.as_str()), cell));
            }
        }
        map(items, at::is_closed(&self.p.stages, self.i))
    }

    pub(crate) fn place(&self) -> Option<Span> {
        Some(
            self.fact()
                .name
                .as_ref()
                .map_or_else(|| self.fact().base.written.span(), Traced::span),
        )
    }

    pub(crate) fn label(&self) -> String {
        match &self.fact().name {
            Some(name) => name.as_str().to_owned(),
            None => self.i.to_string(),
        }
    }
}

table! {
    STAGE = "stage", "A stage: one FROM and what follows it. What it inherits from the stages and images before it counts.", for StageNode;
    name: Type::Str, "after AS; absent without", |n| n.fact().name.as_ref().map_or(Cell::ABSENT, traced);
    index: Type::Int, "from 0", |n| Cell::int(i64::try_from(n.i).unwrap_or(i64::MAX));
    from: Type::Str, "the image or stage as written in FROM", |n| traced(&n.fact().base.written);
    base: Type::Fact(&BASE), "the base image, through the stages it starts from", |n| Cell::fact(Arc::new(BaseNode::new(&n.p, n.i)));
    is_shipped: Type::Bool, "it is (part of) a shipped image", |n| Cell::bool(n.fact().reach == Reach::Shipped);
    is_built: Type::Bool, "a shipped image needs it", |n| Cell::bool(n.fact().reach >= Reach::Built);
    is_last: Type::Bool, "no stage follows", |n| Cell::bool(n.i + 1 == n.p.stages.len());
    intent: Type::Str, "`production`, `development` or `ci`, by names and config", |n| Cell::str(match n.fact().intent { Intent::Production => "production", Intent::Development => "development", Intent::Ci => "ci" });
    user: Type::Str, "the user at its end; empty for an empty USER", |n| n.user();
    is_root: Type::Bool, "that user is root", |n| known_bool(users::current(&n.p.stages, n.i).map(|user| users::is_root(&user)));
    workdir: Type::Str, "the working directory at its end", |n| known_str(at::workdir(&n.p.stages, n.i).as_deref());
    env: Type::Map(&Type::Str), "the environment at its end; open when the base image's is not known", |n| cells::env_cell(&n.p, n.i);
    labels: Type::Map(&Type::Str), "its labels; open when the base image's are not known", |n| n.labels();
    packages: Type::List(&Type::Link(&super::command::PACKAGE)), "system packages that stay installed; open when not all layers could be read", |n| n.left();
    is_python: Type::Bool, "(part of) a Python application: on the official python image, with Django, or where an application's requirements are installed and something starts; unknown otherwise", |n| if application::is_python(&n.p, n.i) { Cell::bool(true) } else { Cell::UNKNOWN };
    is_for_openshift: Type::Bool, "the platform may choose the user, as OpenShift does: the Dockerfile or its path speaks of it, or a user is put into the group of root", |n| Cell::bool(crate::facts::start::unprivileged::is_for_openshift(&n.p));
    is_helper_to_develop: Type::Bool, "it is no part of a Python application, and only compose files to develop or test with build its Dockerfile", |n| Cell::bool(n.p.around.is_built_for_development_only() && !application::is_python(&n.p, n.i));
    is_workbench: Type::Bool, "what is built on it starts a shell that waits for commands, `tail -f /dev/null`, or `make` without a target, or has ONBUILD: a place to build and test in, no application", |n| Cell::bool(application::is_workbench(&n.p, n.i));
    is_developed_on: Type::Bool, "a compose service that builds its Dockerfile is to develop with: by its file, the code of the host over that of the image, or a development server", |n| Cell::bool(crate::facts::deploy::purpose::is_developed_on(&n.p));
    starts_nothing: Type::Bool, "no image with it says what it runs, nor does anything beside the Dockerfile: others build on it", |n| Cell::bool(application::starts_nothing(&n.p, n.i));
    layers: Type::List(&Type::Fact(&super::instruction::LAYER)), "its own layers in order", |n| Cell::list(n.fact().layers.iter().map(|i| Cell::fact(Arc::new(LayerNode::new(&n.p, *i)) as NodeRef)).collect());
    lacks_shell: Type::Bool, "it has no /bin/sh: the base image has none, and no SHELL, COPY or ADD can have brought one", |n| known_bool(at::lacks_shell(&n.p, n.i));
    healthcheck: Type::Str, "marks its HEALTHCHECK; absent without", |n| n.fact().healthcheck.map_or(Cell::ABSENT, |i| { let span = n.p.dockerfile.instructions[i].span; Cell::str("HEALTHCHECK").at(span) });
}

impl StageFact {
    /// The base image may set the variable.
    pub(crate) fn base_env_is_open(&self, p: &Project, name: &str) -> bool {
        at::base_may_set(&p.stages, self.index, name)
    }
}

/// The image at the bottom of a stage.
#[derive(Debug, Clone)]
pub(crate) struct BaseNode {
    p: Arc<Project>,
    /// The stage whose FROM names the image.
    i: usize,
}

impl BaseNode {
    pub(crate) fn new(p: &Arc<Project>, stage: usize) -> Self {
        let root = at::chain(&p.stages, stage).pop().unwrap_or(stage);
        Self {
            p: Arc::clone(p),
            i: root,
        }
    }

    fn fact(&self) -> &BaseFact {
        &self.p.stages[self.i].base
    }

    fn tag(&self) -> Cell {
        if !self.fact().tag_is_known {
            return Cell::UNKNOWN;
        }
        match self
            .fact()
            .image
            .as_ref()
            .and_then(|image| image.tag.as_ref())
        {
            Some(tag) => traced(tag),
            None => Cell::ABSENT,
        }
    }

    /// Another FROM of the file names the image in the same words.
    fn is_repeated(&self) -> bool {
        let own = self.fact().written.as_str();
        let mut stages = self.p.stages.iter().enumerate();
        stages.any(|(i, stage)| i != self.i && stage.base.written.as_str() == own)
    }

    /// The official python image's tag, when it is one and known.
    fn python_tag(&self) -> Option<python::PythonTag<'_>> {
        let fact = self.fact();
        if fact.knowledge.family != Family::Python || !fact.tag_is_known {
            return None;
        }
        let image = fact.image.as_ref()?;
        // A digest without a tag is that of any tag.
        match &image.tag {
            Some(tag) => python::PythonTag::parse(tag.as_str()),
            None if image.digest.is_some() => None,
            None => python::PythonTag::parse("latest"),
        }
    }

    fn series(&self) -> Option<Series> {
        self.fact().knowledge.python
    }

    fn python_row(&self) -> Option<&'static python::PythonSeries> {
        python::series(self.series()?)
    }

    fn debian(&self) -> Option<&'static debian::DebianRelease> {
        self.fact().knowledge.debian()
    }

    fn python_eol(&self) -> Cell {
        match self.python_row() {
            None => Cell::UNKNOWN,
            Some(row) => date(row.eol),
        }
    }

    fn days_past(&self, eol: Option<crate::knowledge::Date>) -> Cell {
        let days = |eol: crate::knowledge::Date| {
            eol.until(self.p.today)
                .ok()
                .map(|span| i64::from(span.get_days()))
        };
        eol.and_then(days).map_or(Cell::ABSENT, Cell::int)
    }

    fn pythons(&self, get: impl Fn(&succession::Pythons) -> Option<String>) -> Cell {
        let found = succession::pythons(&self.p, self.i);
        str_or_absent(found.as_ref().and_then(get).as_deref())
    }

    fn marks(&self, spans: Vec<Span>) -> Cell {
        let mark = |span: Span| Cell::str(span.slice(&self.p.text.text)).at(span);
        Cell::list(spans.into_iter().map(mark).collect())
    }

    fn blocking_django(&self, get: impl Fn(&DjangoSeries) -> Series) -> Cell {
        succession::blocking_django(&self.p, self.i)
            .map_or(Cell::ABSENT, |row| Cell::str(&get(row).to_string()))
    }

    pub(crate) fn place(&self) -> Option<Span> {
        Some(self.fact().written.span())
    }

    pub(crate) fn label(&self) -> String {
        self.fact().written.as_str().to_owned()
    }

    fn is_variant(&self, wanted: python::Variant) -> Cell {
        if self.fact().knowledge.family != Family::Python {
            return Cell::bool(false);
        }
        match self.python_tag() {
            Some(tag) => Cell::bool(tag.variant == wanted),
            None if self.fact().tag_is_known => Cell::bool(false),
            None => Cell::UNKNOWN,
        }
    }
}

/// Texts without places.
fn texts(texts: Vec<String>) -> Cell {
    Cell::list(texts.iter().map(|text| Cell::str(text)).collect())
}

/// A day as `YYYY-MM-DD`; absent when the tables lack it.
fn date(day: Option<crate::knowledge::Date>) -> Cell {
    day.map_or(Cell::ABSENT, |day| Cell::str(&day.to_string()))
}

table! {
    BASE = "base", "The base image of a stage.", for BaseNode;
    text: Type::Str, "as FROM writes it, ARGs expanded", |n| at(known_str(n.fact().text.as_ref().map(Traced::as_str)), n.place());
    written: Type::Str, "as FROM writes it", |n| traced(&n.fact().written);
    is_repeated: Type::Bool, "another FROM of the file names it in the same words", |n| Cell::bool(n.is_repeated());
    name: Type::Str, "the repository without registry, and `python` for every spelling of the official image; absent for scratch", |n| match (&n.fact().image, n.fact().kind) { (Some(image), _) => at(Cell::str(base::short_name(image)), n.place()), (None, BaseKind::Scratch) => Cell::ABSENT, _ => Cell::UNKNOWN };
    registry: Type::Str, "as written; absent when none is written (Docker Hub)", |n| match &n.fact().image { Some(image) => str_or_absent(image.registry.as_deref()), None if n.fact().kind == BaseKind::Scratch => Cell::ABSENT, None => Cell::UNKNOWN };
    tag: Type::Str, "as written; absent without; unknown when an ARG in it has no value", |n| n.tag();
    digest: Type::Str, "with its algorithm: `sha256:...`; absent without", |n| if n.fact().tag_is_known { n.fact().image.as_ref().and_then(|image| image.digest.as_ref()).map_or(Cell::ABSENT, traced) } else { Cell::UNKNOWN };
    is_scratch: Type::Bool, "FROM scratch", |n| Cell::bool(n.fact().kind == BaseKind::Scratch);
    family: Type::Str, "what the tables know it as: `python`, `debian`, `ubuntu`, `alpine`, `uv`, `distroless`, ...; unknown for other images", |n| known_str(base::family_name(n.fact().knowledge.family));
    is_official_python: Type::Bool, "the official `python` image, under any name or mirror", |n| if n.fact().kind == BaseKind::Unknown { Cell::UNKNOWN } else { Cell::bool(n.fact().knowledge.family == Family::Python) };
    is_slim: Type::Bool, "the `-slim` variant of the official python image", |n| n.is_variant(python::Variant::Slim);
    is_bare: Type::Bool, "the full variant of the official python image, with compilers", |n| n.is_variant(python::Variant::Bare);
    is_alpine: Type::Bool, "built on Alpine", |n| match n.fact().knowledge.libc { Libc::Musl => Cell::bool(true), Libc::Glibc => Cell::bool(false), Libc::Unknown => Cell::UNKNOWN };
    package_manager: Type::Str, "`apt`, `apk`, `dnf`; absent when it has none", |n| match n.fact().knowledge.package_manager { PackageManager::Unknown => Cell::UNKNOWN, PackageManager::None => Cell::ABSENT, PackageManager::Apt => Cell::str("apt"), PackageManager::Apk => Cell::str("apk"), PackageManager::Dnf => Cell::str("dnf") };
    python: Type::Str, "series of its Python: `3.13`; unknown when the tag does not say", |n| known_str(n.series().map(|series| series.to_string()).as_deref());
    python_eol: Type::Str, "the day that series reached or reaches its end of life; absent when the tables lack it", |n| n.python_eol();
    python_days_past_eol: Type::Int, "days since then; negative before", |n| n.python_row().map_or(Cell::UNKNOWN, |row| n.days_past(row.eol));
    python_is_floating: Type::Bool, "a tag of the official python image that does not say `X.Y`: `latest`, `3`, `slim`", |n| match n.python_tag() { Some(tag) => Cell::bool(tag.series().is_none()), None => Cell::UNKNOWN };
    has_suite: Type::Bool, "the tag names the Debian suite or Alpine release", |n| match n.python_tag() { Some(tag) => Cell::bool(tag.suite.is_some()), None => Cell::UNKNOWN };
    was_never_built: Type::Bool, "the tag of the official python image names a pair of Python and Debian that was never built", |n| match n.python_tag() { Some(tag) => Cell::bool(tag.is_impossible()), None => Cell::UNKNOWN };
    is_rebuilt: Type::Bool, "the tag can still move: to a new patch release, another Debian", |n| match n.python_tag() { Some(tag) => known_bool(tag.is_moving(n.p.today)), None => Cell::UNKNOWN };
    suite: Type::Str, "Debian suite that the image is built on, also where the tag leaves it open", |n| known_str(base::suite(&n.fact().knowledge));
    suite_lts_end: Type::Str, "the day its Debian suite leaves long-term support; absent when the tables lack it", |n| n.debian().map_or(Cell::UNKNOWN, |row| date(row.lts_end));
    suite_days_past_lts: Type::Int, "days since then; negative before", |n| n.debian().map_or(Cell::UNKNOWN, |row| n.days_past(row.lts_end));
    suite_days_past_eol: Type::Int, "days since the security team's support ended; negative before", |n| n.debian().map_or(Cell::UNKNOWN, |row| n.days_past(row.eol));
    suite_is_archived: Type::Bool, "the suite's package sources have moved to the archive: `apt-get update` fails", |n| n.debian().map_or(Cell::UNKNOWN, |row| Cell::bool(row.archived && row.lts_end.is_none_or(|end| end < n.p.today)));
    successor: Type::Str, "the same Python in the same flavour of the official image, or Debian's own image, on the newest Debian that gets fixes and has what these stages use; unknown for other images and without a version", |n| known_str(succession::successor(&n.p, n.i).map(|found| found.image.as_str()));
    successor_python: Type::Str, "the series of the `python3` that the Debian of `successor` has", |n| { let found = succession::successor(&n.p, n.i).and_then(|found| debian::by_codename(found.suite)); known_str(found.map(|row| row.python.to_string()).as_deref()) };
    with_version: Type::Str, "the image with `<version>` where its tag says nothing of one: `python:<version>-slim`, `nginx:<version>`", |n| known_str(succession::with_version(&n.p, n.i).as_deref());
    blocking_django: Type::Str, "the series of the Django of these stages, when no supported Python runs it: `2.2`; absent otherwise", |n| n.blocking_django(|row| row.series);
    blocking_django_python: Type::Str, "the newest Python that this Django supports", |n| n.blocking_django(|row| row.python_max);
    oldest_python: Type::Str, "the oldest supported Python that all that is known of these stages allows: `3.11`; absent when Django has to be upgraded first", |n| n.pythons(|found| Some(found.oldest.series.to_string()));
    newest_python: Type::Str, "the newest one, where something does not allow newer ones", |n| n.pythons(|found| found.newest.as_ref().map(|(series, _)| series.to_string()));
    python_bound_by: Type::Str, "what does not allow newer ones, as people read it: `Django 4.2`, `the project`", |n| n.pythons(|found| found.newest.as_ref().map(|(_, by)| by.clone()));
    is_named_after_python: Type::Bool, "the Dockerfile or a directory above it is named after its Python, `worker_py3_9`: there is one for each", |n| known_bool(succession::is_named_after_python(&n.p, n.i));
    held_by: Type::List(&Type::Str), "what has to be raised for `oldest_python` at least, as people read it: ``the bound `<3.10` on Python``, `` `pillow` to at least 9.2.0 ``", |n| texts(succession::held_by(&n.p, n.i));
    steps: Type::List(&Type::Str), "how to come from the Python and Django of these stages to a supported Python: `Django 4.2`, `Python 3.12`; empty where Django is not in the way", |n| texts(if succession::blocking_django(&n.p, n.i).is_some() { succession::steps(&n.p, n.i) } else { Vec::new() });
    moves_with: Type::List(&Type::Link(&STAGE)), "the stages with a FROM of their own that hand packages on to these stages, or take theirs: they need the same Python", |n| Cell::list(succession::moves_with(&n.p, n.i).into_iter().map(|stage| Cell::fact(Arc::new(StageNode::new(&n.p, stage)) as NodeRef)).collect());
    named_pythons: Type::List(&Type::Str), "where files of the project name its Python, too: `.python-version` for uv, `[requires]` of a Pipfile", |n| Cell::list(succession::named_pythons(&n.p, n.i).iter().map(traced).collect());
    arguments: Type::List(&Type::Str), "marks the defaults of ARGs that the image word takes its text from", |n| n.marks(succession::arguments(&n.p, n.i));
    named_paths: Type::List(&Type::Str), "marks the paths of these stages that name its Python: `/usr/local/lib/python3.8`; of a tag without a version, every Python", |n| n.marks(succession::named_paths(&n.p, n.i));
    named_suites: Type::List(&Type::Str), "marks where the instructions of these stages name its Debian: `bullseye`, `debian/11/`", |n| n.marks(succession::named_suites(&n.p, n.i));
    namesake: Type::Link(&STAGE), "an earlier stage of the very name that the image has, where no tag or digest is written: `FROM docker.io/python` after `AS python`", |n| succession::namesake(&n.p, n.i).map_or(Cell::ABSENT, |stage| Cell::fact(Arc::new(StageNode::new(&n.p, stage))));
    lost_on_move: Type::List(&Type::Str), "packages, programs and files that these stages use and the Debian of `successor` lacks, or every Debian that `oldest_python` is built on, with what took their place, as people read it", |n| texts(succession::lost(&n.p, n.i));
    has_compilers: Type::Bool, "it ships gcc and headers", |n| known_bool(n.fact().knowledge.has_compilers);
    has_mime_types: Type::Bool, "it has /etc/mime.types", |n| known_bool(n.fact().knowledge.has_mime_types);
    workdir: Type::Str, "the directory it leaves off in", |n| known_str(base::workdir(&n.fact().knowledge));
    has_bash: Type::Bool, "it has bash", |n| known_bool(n.fact().knowledge.has_bash);
    has_shell: Type::Bool, "it has /bin/sh", |n| known_bool(n.fact().knowledge.has_shell);
    stage: Type::Link(&STAGE), "the stage whose FROM names it", |n| Cell::fact(Arc::new(StageNode::new(&n.p, n.i)));
}
