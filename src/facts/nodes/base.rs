//! The base image of a stage.

use crate::facts::build::base;
use crate::facts::model::{BaseFact, BaseKind};
use crate::facts::nodes::cells::{at, date, known_bool, known_str, str_or_absent, texts, traced};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::system::{apt, succession};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::knowledge::django::DjangoSeries;
use crate::knowledge::images::{Family, Libc, Os, PackageManager};
use crate::knowledge::ubuntu::{self, UbuntuRelease};
use crate::knowledge::{Series, debian, python};
use crate::span::{Span, Traced};

pub(super) const KIND: Kind = Kind {
    name: "base",
    table: &TABLE,
    key: "the image without registry, tag and digest: `python`",
    vars: &["stage"],
    doc: "a base image that a stage starts from (stages and scratch are none)",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, stage) in p.stages.iter().enumerate() {
        let Some(key) = stage
            .base
            .image
            .as_ref()
            .map(|image| base::short_name(image).to_owned())
        else {
            continue;
        };
        let node = Id::base(p, i).node(p);
        let selected = facts.selected(Some(i), &key, node, facts.instruction_span(stage.from));
        each(selected.lasting());
    }
}

table! {
    "base",
    "The base image of a stage.";
    text: Type::Str, "as FROM writes it, ARGs expanded";
    written: Type::Str, "as FROM writes it";
    is_repeated: Type::Bool, "another FROM of the file names it in the same words";
    name: Type::Str,
        "the repository without registry, and `python` for every spelling of the official image; absent for \
         scratch";
    registry: Type::Str, "as written; absent when none is written (Docker Hub)";
    tag: Type::Str, "as written; absent without; unknown when an ARG in it has no value";
    digest: Type::Str, "with its algorithm: `sha256:...`; absent without";
    is_scratch: Type::Bool, "FROM scratch";
    family: Type::Str,
        "what the tables know it as: `python`, `debian`, `ubuntu`, `alpine`, `uv`, `distroless`, ...; unknown \
         for other images";
    is_official_python: Type::Bool, "the official `python` image, under any name or mirror";
    is_bare: Type::Bool, "the full variant of the official python image, with compilers";
    is_alpine: Type::Bool, "built on Alpine";
    package_manager: Type::Str, "`apt`, `apk`, `dnf`; absent when it has none";
    python: Type::Str, "series of its Python: `3.13`; unknown when the tag does not say";
    python_eol: Type::Str, "the day that series reached or reaches its end of life; absent when the tables lack it";
    python_days_past_eol: Type::Int, "days since then; negative before; absent where the tag moves on before";
    python_is_floating: Type::Bool,
        "a tag of the official python image that does not say `X.Y`: `latest`, `3`, `slim`";
    has_suite: Type::Bool, "the tag names the Debian suite or Alpine release";
    was_never_built: Type::Bool,
        "the tag of the official python image names a pair of Python and Debian that was never built";
    is_rebuilt: Type::Bool, "the tag can still move: to a new patch release, another Debian";
    is_frozen: Type::Bool, "an image of Docker Hub that its makers no longer build: every tag stays what it is";
    suite: Type::Str, "Debian suite that the image is built on, also where the tag leaves it open";
    suite_lts_end: Type::Str, "the day its Debian suite leaves long-term support; absent when the tables lack it";
    suite_days_past_lts: Type::Int, "days since then; negative before";
    suite_matters: Type::Bool, "a stage on it installs packages of the distribution, from the sources of the image";
    suite_is_archived: Type::Bool, "the suite's package sources have moved to the archive: `apt-get update` fails";
    archived_backports: Type::Str,
        "the backports that the image of Debian is made with, where they have moved to the archive: \
         `bullseye-backports`; absent otherwise";
    ubuntu: Type::Str, "version of the Ubuntu that the image is built on: `22.04`; absent for other systems";
    ubuntu_eol: Type::Str, "the last day of that release's standard support; absent for other systems";
    ubuntu_days_past_eol: Type::Int, "days since then; negative before, absent for other systems";
    ubuntu_is_archived: Type::Bool,
        "the packages of that release have moved to old-releases.ubuntu.com; absent for other systems";
    ubuntu_successor: Type::Str, "version of the newest Ubuntu with long-term support: `26.04`";
    ubuntu_successor_python: Type::Str, "the series of the `python3` that this Ubuntu has";
    successor: Type::Str,
        "the same Python in the same flavour of the official image, or Debian's own image, on the newest Debian \
         that gets fixes and has what these stages use; unknown for other images and without a version";
    successor_python: Type::Str, "the series of the `python3` that the Debian of `successor` has";
    with_version: Type::Str,
        "the image with `<version>` where its tag says nothing of one: `python:<version>-slim`, `nginx:<version>`";
    blocking_django: Type::Str,
        "the series of the Django of these stages, when no supported Python runs it: `2.2`; absent otherwise";
    blocking_django_python: Type::Str, "the newest Python that this Django supports";
    oldest_python: Type::Str,
        "the oldest supported Python that all that is known of these stages allows: `3.11`; absent when Django \
         has to be upgraded first";
    newest_python: Type::Str, "the newest one, where something does not allow newer ones";
    python_bound_by: Type::Str, "what does not allow newer ones, as text for people: `Django 4.2`, `the project`";
    is_named_after_python: Type::Bool,
        "the Dockerfile or a directory above it is named after its Python, `worker_py3_9`: there is one for each";
    held_by: Type::List(&Type::Str),
        "what has to be raised for `oldest_python` at least, as text for people: ``the bound `<3.10` on \
         Python``, `` `pillow` to at least 9.2.0 ``";
    steps: Type::List(&Type::Str),
        "how to come from the Python and Django of these stages to a supported Python: `Django 4.2`, `Python \
         3.12`; empty where Django is not in the way";
    moves_with: Type::List(&Type::Link("stage")),
        "the stages with a FROM of their own that hand packages on to these stages, or take theirs: they need \
         the same Python";
    named_pythons: Type::List(&Type::Str),
        "where files of the project name its Python, too: `.python-version` for uv, `[requires]` of a Pipfile";
    arguments: Type::List(&Type::Str), "marks the defaults of ARGs that the image word takes its text from";
    named_paths: Type::List(&Type::Str),
        "marks the paths of these stages that name its Python: `/usr/local/lib/python3.8`; of a tag without a \
         version, every Python";
    named_suites: Type::List(&Type::Str),
        "marks where the instructions of these stages name its Debian: `bullseye`, `debian/11/`";
    namesake: Type::Link("stage"),
        "an earlier stage with the same name as the image, where no tag or digest is written: `FROM \
         docker.io/python` after `AS python`";
    built_in_on_move: Type::List(&Type::Str),
        "packages that are installed and that `oldest_python` has built in and cannot install";
    lost_on_move: Type::List(&Type::Str),
        "packages, programs and files that these stages use and the Debian of `successor` lacks, or every \
         Debian that `oldest_python` is built on, with what took their place, as text for people";
    has_compilers: Type::Bool, "it ships gcc and headers";
    has_mime_types: Type::Bool, "it has /etc/mime.types";
    has_sources_list: Type::Bool,
        "it has `/etc/apt/sources.list`: images of Debian do until bullseye; unknown for images that are not made \
         from Debian's as they are";
    pads_login_records: Type::Bool,
        "its `useradd` writes a login record for every id up to the new one; unknown for systems without a row";
    has_plain_shell: Type::Bool,
        "its `/bin/sh` is known to run a command as a child and to keep signals from it; false where that is not \
         known";
    workdir: Type::Str, "the working directory that it sets";
    has_bash: Type::Bool, "it has bash";
    stage: Type::Link("stage"), "the stage whose FROM names it";
}

view! { Base(i: usize) }

impl View<'_> {
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
    fn find_is_repeated(&self) -> bool {
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

    fn of_debian(&self, answer: impl Fn(&debian::DebianRelease) -> Cell) -> Cell {
        match self.fact().knowledge.os {
            Os::Ubuntu(_) | Os::Alpine(_) | Os::None => Cell::ABSENT,
            Os::Unknown if self.fact().knowledge.libc == Libc::Musl => Cell::ABSENT,
            Os::Debian(_) | Os::Unknown => self.debian().map_or(Cell::UNKNOWN, answer),
        }
    }

    fn of_ubuntu(&self, answer: impl Fn(&UbuntuRelease) -> Cell) -> Cell {
        match self.fact().knowledge.os {
            Os::Ubuntu(row) => answer(row),
            Os::Unknown => Cell::UNKNOWN,
            Os::Debian(_) | Os::Alpine(_) | Os::None => Cell::ABSENT,
        }
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
        let found = succession::pythons(self.p, self.i);
        str_or_absent(found.as_ref().and_then(get).as_deref())
    }

    fn marks(&self, spans: Vec<Span>) -> Cell {
        let mark = |span: Span| Cell::str(span.slice(&self.p.text.text)).at(span);
        Cell::list(spans.into_iter().map(mark).collect())
    }

    fn find_blocking_django(&self, get: impl Fn(&DjangoSeries) -> Series) -> Cell {
        succession::blocking_django(self.p, self.i)
            .map_or(Cell::ABSENT, |row| Cell::str(&get(row).to_string()))
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().written.span())
    }

    fn label(&self) -> String {
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

impl View<'_> {
    fn text(&self) -> Cell {
        at(
            known_str(self.fact().text.as_ref().map(Traced::as_str)),
            self.place(),
        )
    }

    fn written(&self) -> Cell {
        traced(&self.fact().written)
    }

    fn is_repeated(&self) -> Cell {
        Cell::bool(self.find_is_repeated())
    }

    fn name(&self) -> Cell {
        match (&self.fact().image, self.fact().kind) {
            (Some(image), _) => at(Cell::str(base::short_name(image)), self.place()),
            (None, BaseKind::Scratch) => Cell::ABSENT,
            _ => Cell::UNKNOWN,
        }
    }

    fn registry(&self) -> Cell {
        match &self.fact().image {
            Some(image) => str_or_absent(image.registry.as_deref()),
            None if self.fact().kind == BaseKind::Scratch => Cell::ABSENT,
            None => Cell::UNKNOWN,
        }
    }

    fn digest(&self) -> Cell {
        if self.fact().tag_is_known {
            self.fact()
                .image
                .as_ref()
                .and_then(|image| image.digest.as_ref())
                .map_or(Cell::ABSENT, traced)
        } else {
            Cell::UNKNOWN
        }
    }

    fn is_scratch(&self) -> Cell {
        Cell::bool(self.fact().kind == BaseKind::Scratch)
    }

    fn family(&self) -> Cell {
        known_str(base::family_name(self.fact().knowledge.family))
    }

    fn is_official_python(&self) -> Cell {
        if self.fact().kind == BaseKind::Unknown {
            Cell::UNKNOWN
        } else {
            Cell::bool(self.fact().knowledge.family == Family::Python)
        }
    }

    fn is_bare(&self) -> Cell {
        self.is_variant(python::Variant::Bare)
    }

    fn is_alpine(&self) -> Cell {
        match self.fact().knowledge.libc {
            Libc::Musl => Cell::bool(true),
            Libc::Glibc => Cell::bool(false),
            Libc::Unknown => Cell::UNKNOWN,
        }
    }

    fn package_manager(&self) -> Cell {
        match self.fact().knowledge.package_manager {
            PackageManager::Unknown => Cell::UNKNOWN,
            PackageManager::None => Cell::ABSENT,
            PackageManager::Apt => Cell::str("apt"),
            PackageManager::Apk => Cell::str("apk"),
            PackageManager::Dnf => Cell::str("dnf"),
        }
    }

    fn python(&self) -> Cell {
        known_str(self.series().map(|series| series.to_string()).as_deref())
    }

    fn python_days_past_eol(&self) -> Cell {
        let moves = |tag: python::PythonTag<'_>| tag.at_least(self.p.today).is_some();
        match self.python_row() {
            Some(row) => self.days_past(row.eol),
            // Such a tag moves on before the end.
            None if self.python_tag().is_some_and(moves) => Cell::ABSENT,
            None => Cell::UNKNOWN,
        }
    }

    fn python_is_floating(&self) -> Cell {
        match self.python_tag() {
            Some(tag) => Cell::bool(tag.series().is_none()),
            None => Cell::UNKNOWN,
        }
    }

    fn has_suite(&self) -> Cell {
        match self.python_tag() {
            Some(tag) => Cell::bool(tag.suite.is_some()),
            None => Cell::UNKNOWN,
        }
    }

    fn was_never_built(&self) -> Cell {
        match self.python_tag() {
            Some(tag) => Cell::bool(tag.is_impossible()),
            None => Cell::UNKNOWN,
        }
    }

    fn is_rebuilt(&self) -> Cell {
        match self.python_tag() {
            Some(tag) => known_bool(tag.is_moving(self.p.today)),
            None => Cell::UNKNOWN,
        }
    }

    fn is_frozen(&self) -> Cell {
        Cell::bool(self.fact().image.as_ref().is_some_and(base::is_frozen))
    }

    fn suite(&self) -> Cell {
        known_str(base::suite(&self.fact().knowledge))
    }

    fn suite_lts_end(&self) -> Cell {
        self.of_debian(|row| date(row.lts_end))
    }

    fn suite_days_past_lts(&self) -> Cell {
        self.of_debian(|row| self.days_past(row.lts_end))
    }

    fn suite_matters(&self) -> Cell {
        Cell::bool(apt::installs_from_suite(self.p, self.i))
    }

    fn suite_is_archived(&self) -> Cell {
        self.of_debian(|row| {
            Cell::bool(row.archived && row.lts_end.is_none_or(|end| end < self.p.today))
        })
    }

    fn has_sources_list(&self) -> Cell {
        match self.fact().knowledge.family {
            Family::Python | Family::Debian | Family::Uv => self
                .debian()
                .map_or(Cell::UNKNOWN, |row| Cell::bool(row.sources_list)),
            _ => Cell::UNKNOWN,
        }
    }

    fn pads_login_records(&self) -> Cell {
        match self.fact().knowledge.os {
            Os::Debian(_) => self
                .debian()
                .map_or(Cell::UNKNOWN, |row| Cell::bool(row.pads_login_records)),
            Os::Ubuntu(row) => Cell::bool(row.pads_login_records),
            Os::Alpine(_) | Os::None => Cell::bool(false),
            Os::Unknown => Cell::UNKNOWN,
        }
    }

    fn has_plain_shell(&self) -> Cell {
        let family = self.fact().knowledge.family;
        Cell::bool(matches!(
            family,
            Family::Python
                | Family::Debian
                | Family::Ubuntu
                | Family::Alpine
                | Family::BuildpackDeps
                | Family::Uv
        ))
    }

    fn archived_backports(&self) -> Cell {
        let fact = self.fact();
        let tag = fact.image.as_ref().and_then(|image| image.tag.as_ref());
        let tag = tag.map_or("", |tag| tag.as_str());
        let is_it = |row: &debian::DebianRelease| {
            let suite = tag.strip_suffix("-backports");
            fact.knowledge.family == Family::Debian
                && row.backports_archived
                && suite == Some(row.codename)
        };
        str_or_absent(self.debian().filter(|row| is_it(row)).map(|_| tag))
    }

    fn ubuntu(&self) -> Cell {
        self.of_ubuntu(|row| Cell::str(row.version))
    }

    fn ubuntu_eol(&self) -> Cell {
        self.of_ubuntu(|row| date(Some(row.eol)))
    }

    fn ubuntu_days_past_eol(&self) -> Cell {
        self.of_ubuntu(|row| self.days_past(Some(row.eol)))
    }

    fn ubuntu_is_archived(&self) -> Cell {
        self.of_ubuntu(|row| Cell::bool(row.archived && row.is_eol(self.p.today)))
    }

    fn ubuntu_successor(&self) -> Cell {
        str_or_absent(ubuntu::newest_lts(self.p.today).map(|row| row.version))
    }

    fn ubuntu_successor_python(&self) -> Cell {
        let newest = ubuntu::newest_lts(self.p.today);
        str_or_absent(newest.map(|row| row.python.to_string()).as_deref())
    }

    fn successor(&self) -> Cell {
        known_str(succession::successor(self.p, self.i).map(|found| found.image.as_str()))
    }

    fn successor_python(&self) -> Cell {
        let found = succession::successor(self.p, self.i)
            .and_then(|found| debian::by_codename(found.suite));
        known_str(found.map(|row| row.python.to_string()).as_deref())
    }

    fn with_version(&self) -> Cell {
        known_str(succession::with_version(self.p, self.i).as_deref())
    }

    fn blocking_django(&self) -> Cell {
        self.find_blocking_django(|row| row.series)
    }

    fn blocking_django_python(&self) -> Cell {
        self.find_blocking_django(|row| row.python_max)
    }

    fn oldest_python(&self) -> Cell {
        self.pythons(|found| Some(found.oldest.series.to_string()))
    }

    fn newest_python(&self) -> Cell {
        self.pythons(|found| found.newest.as_ref().map(|(series, _)| series.to_string()))
    }

    fn python_bound_by(&self) -> Cell {
        self.pythons(|found| found.newest.as_ref().map(|(_, by)| by.clone()))
    }

    fn is_named_after_python(&self) -> Cell {
        // Where nothing is known of a path, nothing is named.
        Cell::bool(succession::is_named_after_python(self.p, self.i) == Some(true))
    }

    fn held_by(&self) -> Cell {
        texts(succession::held_by(self.p, self.i))
    }

    fn steps(&self) -> Cell {
        texts(if succession::blocking_django(self.p, self.i).is_some() {
            succession::steps(self.p, self.i)
        } else {
            Vec::new()
        })
    }

    fn moves_with(&self) -> Cell {
        Cell::list(
            succession::moves_with(self.p, self.i)
                .into_iter()
                .map(|stage| Id::Stage(stage).cell(self.p))
                .collect(),
        )
    }

    fn named_pythons(&self) -> Cell {
        Cell::list(
            succession::named_pythons(self.p, self.i)
                .iter()
                .map(traced)
                .collect(),
        )
    }

    fn arguments(&self) -> Cell {
        self.marks(succession::arguments(self.p, self.i))
    }

    fn named_paths(&self) -> Cell {
        self.marks(succession::named_paths(self.p, self.i))
    }

    fn named_suites(&self) -> Cell {
        self.marks(succession::named_suites(self.p, self.i))
    }

    fn namesake(&self) -> Cell {
        succession::namesake(self.p, self.i)
            .map_or(Cell::ABSENT, |stage| Id::Stage(stage).cell(self.p))
    }

    fn built_in_on_move(&self) -> Cell {
        texts(succession::built_in(self.p, self.i))
    }

    fn lost_on_move(&self) -> Cell {
        texts(succession::lost(self.p, self.i))
    }

    fn has_compilers(&self) -> Cell {
        known_bool(self.fact().knowledge.has_compilers)
    }

    fn has_mime_types(&self) -> Cell {
        known_bool(self.fact().knowledge.has_mime_types)
    }

    fn workdir(&self) -> Cell {
        known_str(base::workdir(&self.fact().knowledge))
    }

    fn has_bash(&self) -> Cell {
        known_bool(self.fact().knowledge.has_bash)
    }

    fn stage(&self) -> Cell {
        Id::Stage(self.i).cell(self.p)
    }
}
