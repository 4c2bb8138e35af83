//! A Python package that an install requires; where a lock file lists them, also what these depend on.

mod fails;

use crate::facts::django::removed;
use crate::facts::model::{InstallFact, Maybe};
use crate::facts::nodes::cells::{at, known_bool, known_str, str_or_absent};
use crate::facts::nodes::node::{Facts, Id, table, view};
use crate::facts::nodes::shared::is_tool;
use crate::facts::python::{dependencies, drivers, newest};
use crate::facts::system::{compiling, libraries, programs, succession};
use crate::facts::table::{Cell, Kind, Selected, Type};
use crate::knowledge::django::{self, DjangoSeries};
use crate::knowledge::pypi::OldestRelease;
use crate::knowledge::words::ValueWords;
use crate::knowledge::{Series, pypi};
use crate::python::requirements::{Requirement, Specifier, Versions};
use crate::span::Span;

pub(super) const KIND: Kind = Kind {
    name: "requirement",
    table: &TABLE,
    key: "the normalised name: `django`",
    vars: &["install", "stage"],
    doc: "a Python package that an install requires",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, install) in p.installs.iter().enumerate() {
        for (at, requirement) in install.set.requirements.iter().enumerate() {
            let node = Id::Requirement { install: i, i: at }.node(p);
            let command = p.commands[install.command].command.span;
            let covers = vec![command, requirement.span];
            let selected = facts.selected(Some(install.stage), &requirement.name, node, covers);
            each(selected.lasting());
        }
    }
}

table! {
    "requirement",
    "A Python package that an install requires; where a lock file lists them, also what these depend on.";
    name: Type::Str, "normalised: `django-environ`; empty for a path or an address that does not contain it";
    specifier: Type::Str,
        "how the version is fixed: `unbounded`, `lower`, `bounded`, `pinned`, `vcs`, `url` or `path`";
    version: Type::Str, "the one version that is allowed; absent when there are several";
    extras: Type::List(&Type::Str), "required extras";
    group: Type::Str, "the dependency group or extra that lists it; absent for the project's own list";
    is_direct: Type::Bool, "the project requires it itself; otherwise only a lock file lists it";
    is_locked: Type::Bool, "a lock file decides the version";
    is_generated: Type::Bool,
        "it is in a file that a requirements compiler wrote, by the head of the file or the hash beside it";
    is_tool: Type::Bool, "it only tests, lints, debugs or documents, by its name";
    is_editable: Type::Bool, "with `-e`";
    unpublished: Type::Str,
        "why PyPI has no distribution of that name: `python` (Python has it built in), `ubuntu` (a package of Ubuntu \
         that `pip freeze` lists) or `other` (another name is meant); absent otherwise";
    meant: Type::Str, "the distribution that is meant by such a name, and by that of a `namesake`; absent without";
    namesake: Type::Str,
        "the module that the project imports, where the distribution of its name is another one, with which the \
         import ends in an error, and the one that is meant is not required; absent otherwise";
    lacks_hash: Type::Bool,
        "the first that pip refuses: another package of the same install has a hash, or `--require-hashes` is given, \
         and it has none";
    applies: Type::Bool, "its marker holds on Linux with the stage's Python";
    names_branch: Type::Bool,
        "for the address of a repository: it names no revision, or one that by its name is a branch: `main`";
    revision: Type::Str, "what follows `@` in the address of a repository; absent without";
    lacks_git: Type::Bool, "the install clones it with git, which the image does not have then";
    is_refused: Type::Bool,
        "its address is `git://` at GitHub, which has served nothing there since March 2022, and no `git \
         config` may write another one in its place";
    is_commit: Type::Bool, "the address names a commit by its hash";
    missing_build: Type::List(&Type::Str),
        "system packages without which compiling it fails there; unknown unless the base is the official Python \
         image and all its packages are known; absent for packages that are not compiled";
    also_without_wheel: Type::List(&Type::Str),
        "pinned ones beside it without a wheel, with the first release that has one: `regex` to 2023.10.3";
    wheels_from: Type::Str,
        "the first later release with a wheel for the stage's Python, where the required one has none; absent \
         otherwise, and where that is not known";
    is_linked: Type::Bool,
        "it is linked to libraries of the system, by being compiled or by its wheels, so that importing it \
         fails without them";
    missing_libraries: Type::List(&Type::Str),
        "Debian packages of shared libraries that it loads and a shipped image lacks; marks the FROM of that \
         image; absent for packages that need none";
    taken_from: Type::Str,
        "the first release that pip takes, where the metadata of the required one are refused by the pip \
         of the stage; absent otherwise";
    kept_from: Type::Str,
        "the oldest release that PyPI still has, where the one that is required was older and is gone; absent \
         otherwise";
    refuses_django: Type::Str,
        "the first Django that the one required release refuses, where the same install only requires that one or a \
         later one; absent otherwise";
    is_loaded: Type::Bool,
        "a module of the project that is certainly loaded imports it at its top, or INSTALLED_APPS names it";
    conflicts_with: Type::Str,
        "another requirement of the same install, as written, that its pin certainly cannot be installed with: one of \
         the same package, or of one that it needs in other versions; marks that one; absent otherwise";
    conflicts_needs: Type::Str,
        "the versions of the other package that its release requires; absent where `conflicts_with` is, or both are \
         of one package";
    breaks_with: Type::Str, "the package of the same install whose release breaks that of its pin; absent without";
    breaks_unasked: Type::Bool, "that one is listed nowhere: its newest release comes along";
    breaks_by: Type::Str, "the error, when it is imported or used";
    lacks_browser: Type::Str,
        "for a package that drives a browser: the command that fetches one, where nothing shows that the image gets \
         one or asks one elsewhere; absent otherwise";
    lacks_program: Type::Str,
        "the program that it calls and is of no use without, where an image with it certainly lacks that: `pdftoppm` \
         for pdf2image; absent otherwise";
    program_package: Type::Str, "the system package that contains this program";
    is_named_nowhere: Type::Bool, "a module of it is known, and no code of the project has its name";
    removed_at: Type::Str, "marks the command that removes one of these libraries; absent without";
    is_started: Type::Bool, "it is the server that an image with it starts";
    oldest_for_python: Type::Str,
        "the oldest release that works with the stage's Python, where the one required version is older; \
         absent for others";
    fails_at: Type::Str,
        "where a release before `oldest_for_python` fails: `install`, when it is compiled or first imported; `import`, \
         when it is imported; `start`, when the server starts; absent for others";
    older_library: Type::Str, "the release of the suite's library, older than this, that it is built against: `3.10.3`";
    is_given_up: Type::Bool, "no release of it works with the stage's Python";
    used_instead: Type::Str, "what people use instead then, with what to know of it; absent where that is not known";
    is_built_in: Type::Bool,
        "the stage's Python has what it gives to older ones, and cannot install it: `backports.zoneinfo`";
    cured_by: Type::Str, "the other distribution that makes such a release work; absent without";
    cure: Type::Str, "that distribution with its bound: `setuptools<82`";
    broken_by: Type::Str,
        "the distribution whose newest release, which the stage certainly gets, the one required version does not work \
         with: `setuptools`; absent for others";
    django: Type::Str, "for Django, the newest series that is allowed: `5.2`; unknown without an upper bound";
    django_eol: Type::Str, "the day that series reached or reaches its end of life";
    days_past_eol: Type::Int, "days since then; negative before";
    held: Type::Str,
        "for Django, the version that only the lock file holds, where the project's own list allows a supported \
         one or does not name it; marks it in the lock file; absent otherwise";
    needs_newer_python: Type::Bool,
        "for Django, every release that is allowed refuses the stage's Python for being too old";
    python_is_too_new: Type::Bool,
        "for Django, no allowed series supports the stage's Python, which is newer";
    fails_on_python: Type::Bool,
        "for Django, every series that is allowed imports a module that the stage's Python no longer has, \
         and nothing in the image provides it";
    python_at_least: Type::Str,
        "the Python that it is installed for; where the tag of the base image moves, the one that it means at least";
    steps: Type::List(&Type::Str),
        "for Django, how to come from it and the stage's Python to a series that gets fixes: `Django 4.2`, \
         `Python 3.12`, `Django 5.2`; empty where that is not known";
    supported_django: Type::Str, "the newest series of Django with long-term support: `5.2`";
    supported_django_python: Type::Str, "the oldest Python that this one runs on";
    python_range: Type::Str, "for Django, the Pythons of the newest series that is allowed: `3.10 to 3.14`";
    with_psycopg_3: Type::Bool, "the same install includes psycopg 3, which Django takes before psycopg2";
    with_source: Type::Str,
        "for `psycopg2-binary`: `psycopg2`, where the same install requires it too; absent otherwise";
    conflicting_django: Type::Link("requirement"),
        "for psycopg2 and psycopg, the requirement of Django that cannot work with it; absent without";
    is_left_over: Type::Bool,
        "for psycopg2 and psycopg, the settings are known and none of their databases is a PostgreSQL";
    fitting_versions: Type::Str,
        "the versions of it that work with `conflicting_django`: `>=2.8,<2.9`; absent where none does";
    is_for_windows: Type::Bool, "nothing of it can be installed on Linux: it has files for Windows only";
    missing_path: Type::Str,
        "the directory or file of its `file:` address that is certainly not there; absent otherwise";
    lost_module: Type::Str,
        "the module of the standard library that it imports and that the stage's Python lacks; absent otherwise";
    lost_module_from: Type::Str, "the distribution that provides it again";
    refused_by: Type::Str,
        "for `elasticsearch`, the service of a stack beside it whose release refuses its requests; absent otherwise";
    refused_login_by: Type::Str,
        "for PyMySQL in an image without cryptography: the service with a MySQL whose accounts it cannot log in to; \
         absent otherwise";
    is_let_in_after: Type::Bool, "a health check of that server logs in, so that it takes the password of others then";
    install: Type::Link("install"), "the install that requires it";
    base: Type::Link("base"), "the base image of that stage";
    stage: Type::Link("stage"), "the stage it is installed in";
}

view! { Requirement { install: usize, i: usize } }

impl View<'_> {
    fn find_install(&self) -> &InstallFact {
        &self.p.installs[self.install]
    }

    fn fact(&self) -> &Requirement {
        &self.find_install().set.requirements[self.i]
    }

    /// Where a person edits it: the project's own list, not the lock.
    fn own_place(&self) -> Span {
        self.fact().declared.unwrap_or(self.fact().span)
    }

    fn find_is_locked(&self) -> bool {
        self.find_install()
            .set
            .lock
            .is_some_and(|lock| lock == self.fact().span.file)
    }

    fn specifier(&self) -> Cell {
        let text = match &self.fact().specifier {
            Specifier::Unbounded => "unbounded",
            Specifier::LowerOnly => "lower",
            Specifier::Bounded => "bounded",
            Specifier::Pinned(_) => "pinned",
            Specifier::Url { is_vcs: true, .. } => "vcs",
            Specifier::Url { .. } => "url",
            Specifier::Path => "path",
            Specifier::Unknown => return Cell::UNKNOWN,
        };
        at(Cell::str(text), self.fact().specifier_span)
    }

    fn newest_django(&self) -> Option<&'static DjangoSeries> {
        dependencies::newest_django(self.find_install(), self.fact())
    }

    fn find_days_past_eol(&self) -> Cell {
        let Some(row) = self.newest_django() else {
            return Cell::UNKNOWN;
        };
        let days = self.p.today.since(row.eol).map(|span| span.get_days());
        days.map_or(Cell::UNKNOWN, |days| Cell::int(i64::from(days)))
    }

    /// The lock file alone holds an old Django: the project's own list allows a supported one.
    fn find_held(&self) -> Cell {
        let fact = self.fact();
        let Specifier::Pinned(version) = &fact.specifier else {
            return Cell::ABSENT;
        };
        let allows_supported = |versions: &Versions| {
            let mut supported = django::all().iter().filter(|row| row.eol >= self.p.today);
            supported.any(|row| {
                let Series(major, minor) = row.series;
                let release = |patch| [u64::from(major), u64::from(minor), patch];
                (0..40).any(|patch| versions.allow_release(&release(patch)) == Some(true))
            })
        };
        if self.find_is_locked() && fact.declared_versions.as_ref().is_none_or(allows_supported) {
            Cell::str(version).at(fact.specifier_span.unwrap_or(fact.span))
        } else {
            Cell::ABSENT
        }
    }

    fn missing_libraries(&self) -> Cell {
        match libraries::missing_libraries(self.p, self.install, self.i) {
            Maybe::Known((image, names)) => {
                let from = self.p.stages[self.p.images[image].stage]
                    .base
                    .written
                    .span();
                Cell::list(names.into_iter().map(Cell::str).collect()).at(from)
            }
            Maybe::Absent => Cell::ABSENT,
            Maybe::Unknown => Cell::UNKNOWN,
        }
    }

    fn missing_build(&self) -> Cell {
        match compiling::missing_build(self.p, self.find_install(), self.fact()) {
            Maybe::Known(names) => Cell::list(names.into_iter().map(Cell::str).collect()),
            Maybe::Absent => Cell::ABSENT,
            Maybe::Unknown => Cell::UNKNOWN,
        }
    }

    fn removed_at(&self) -> Cell {
        let Maybe::Known((image, names)) =
            libraries::missing_libraries(self.p, self.install, self.i)
        else {
            return Cell::ABSENT;
        };
        let place = libraries::removed_at(self.p, image, &names);
        place.map_or(Cell::ABSENT, |span| Cell::str("").at(span))
    }

    fn with_source(&self) -> Cell {
        let name = self.fact().name.strip_suffix("-binary");
        let twin = name.and_then(|name| self.find_install().set.named(name).next());
        twin.map_or(Cell::ABSENT, |twin| Cell::str(&twin.name).at(twin.span))
    }

    fn find_oldest(&self) -> Option<&'static OldestRelease> {
        dependencies::oldest_for_python(self.p, self.find_install(), self.fact())
            .or_else(|| newest::broken_by(self.p, self.find_install(), self.fact()))
    }

    fn find_is_started(&self) -> bool {
        let images = self.p.dependencies.iter().zip(&self.p.images);
        let mut images = images.filter(|(listed, _)| listed.has(self.install, self.i));
        images.any(|(_, image)| {
            let server = image.server.as_ref();
            server.is_some_and(|server| {
                server
                    .product
                    .distributions
                    .contains(&self.fact().name.as_str())
            })
        })
    }

    fn is_django(&self) -> bool {
        self.fact().name == "django"
    }

    /// Of other packages than Django there is nothing to say.
    fn for_django(&self, get: impl Fn(&Self) -> Cell) -> Cell {
        if self.is_django() {
            get(self)
        } else {
            Cell::ABSENT
        }
    }

    fn place(&self) -> Option<Span> {
        Some(self.own_place())
    }

    fn label(&self) -> String {
        if self.fact().name.is_empty() {
            self.fact().path.clone().unwrap_or_default()
        } else {
            self.fact().name.clone()
        }
    }
}

fn series_text(series: Option<Series>) -> Cell {
    series.map_or(Cell::UNKNOWN, |series| Cell::str(&series.to_string()))
}

impl View<'_> {
    fn name(&self) -> Cell {
        Cell::str(&self.fact().name).at(self.fact().declared.unwrap_or(self.fact().name_span))
    }

    fn version(&self) -> Cell {
        let pinned = dependencies::versions(self.find_install(), self.fact()).pinned();
        at(str_or_absent(pinned.as_deref()), self.fact().specifier_span)
    }

    fn extras(&self) -> Cell {
        Cell::list(
            self.fact()
                .extras
                .iter()
                .map(|extra| Cell::str(extra))
                .collect(),
        )
    }

    fn group(&self) -> Cell {
        str_or_absent(self.fact().group.as_deref())
    }

    fn is_direct(&self) -> Cell {
        Cell::bool(!self.find_is_locked() || self.fact().declared.is_some())
    }

    fn is_locked(&self) -> Cell {
        Cell::bool(self.find_is_locked())
    }

    fn is_generated(&self) -> Cell {
        Cell::bool(
            self.fact().hashes > 0 && !self.find_is_locked()
                || self
                    .find_install()
                    .set
                    .compiled_files
                    .contains(&self.fact().span.file),
        )
    }

    fn is_tool(&self) -> Cell {
        Cell::bool(is_tool(self.fact()))
    }

    fn is_editable(&self) -> Cell {
        Cell::bool(self.fact().is_editable)
    }

    fn applies(&self) -> Cell {
        known_bool(dependencies::applies(self.find_install(), self.fact()))
    }

    fn names_branch(&self) -> Cell {
        Cell::bool(match &self.fact().specifier {
            Specifier::Url { revision, .. } => {
                let revision = revision.as_deref();
                revision.is_none_or(|name| ValueWords::Branch.contains(name))
            }
            _ => false,
        })
    }

    fn revision(&self) -> Cell {
        match &self.fact().specifier {
            Specifier::Url { revision, .. } => str_or_absent(revision.as_deref()),
            _ => Cell::ABSENT,
        }
    }

    fn lacks_git(&self) -> Cell {
        known_bool(programs::lacks_git(
            self.p,
            self.find_install(),
            self.fact(),
        ))
    }

    fn is_commit(&self) -> Cell {
        match &self.fact().specifier {
            Specifier::Url {
                is_commit_pinned, ..
            } => Cell::bool(*is_commit_pinned),
            _ => Cell::bool(false),
        }
    }

    fn wheels_from(&self) -> Cell {
        str_or_absent(compiling::wheels_from(
            self.p,
            self.find_install(),
            self.fact(),
        ))
    }

    fn is_linked(&self) -> Cell {
        if pypi::distribution(&self.fact().name).is_some_and(pypi::Distribution::has_linked_wheels)
        {
            Cell::bool(true)
        } else {
            known_bool(compiling::is_compiled(
                self.p,
                self.find_install(),
                self.fact(),
            ))
        }
    }

    fn refuses_django(&self) -> Cell {
        str_or_absent(dependencies::refuses_django(
            self.find_install(),
            self.fact(),
        ))
    }

    fn is_loaded(&self) -> Cell {
        Cell::bool(removed::is_loaded(self.p, self.install, &self.fact().name))
    }

    fn is_started(&self) -> Cell {
        Cell::bool(self.find_is_started())
    }

    fn django(&self) -> Cell {
        self.for_django(|_n| series_text(self.newest_django().map(|row| row.series)))
    }

    fn django_eol(&self) -> Cell {
        self.for_django(|_| {
            self.newest_django()
                .map_or(Cell::UNKNOWN, |row| Cell::str(&row.eol.to_string()))
        })
    }

    fn days_past_eol(&self) -> Cell {
        self.for_django(View::find_days_past_eol)
    }

    fn held(&self) -> Cell {
        self.for_django(View::find_held)
    }

    fn needs_newer_python(&self) -> Cell {
        self.for_django(|_n| {
            known_bool(dependencies::needs_newer_python(
                self.p,
                self.find_install(),
                self.fact(),
            ))
        })
    }

    fn python_is_too_new(&self) -> Cell {
        self.for_django(|_n| {
            known_bool(dependencies::python_is_too_new(
                self.p,
                self.find_install(),
                self.fact(),
            ))
        })
    }

    fn fails_on_python(&self) -> Cell {
        self.for_django(|_n| {
            known_bool(dependencies::fails_on_python(
                self.p,
                self.install,
                self.fact(),
            ))
        })
    }

    fn python_at_least(&self) -> Cell {
        let python = dependencies::python_at_least(self.p, self.find_install());
        known_str(python.map(|python| python.to_string()).as_deref())
    }

    fn steps(&self) -> Cell {
        self.for_django(|_n| {
            let steps =
                dependencies::python_for(self.p, self.find_install()).zip(self.newest_django());
            let steps = steps.map_or(Vec::new(), |(python, django)| {
                succession::steps_of_django(self.p.today, python, django)
            });
            Cell::list(steps.iter().map(|text| Cell::str(text)).collect())
        })
    }

    fn supported_django(&self) -> Cell {
        str_or_absent(
            django::lts(self.p.today)
                .map(|row| row.series.to_string())
                .as_deref(),
        )
    }

    fn supported_django_python(&self) -> Cell {
        str_or_absent(
            django::lts(self.p.today)
                .map(|row| row.python_min.to_string())
                .as_deref(),
        )
    }

    fn python_range(&self) -> Cell {
        let rows = dependencies::django_series(self.find_install(), self.fact());
        rows.and_then(|rows| rows.last().copied())
            .map_or(Cell::UNKNOWN, |row| {
                Cell::str(&format!("{} to {}", row.python_min, row.python_max))
            })
    }

    fn with_psycopg_3(&self) -> Cell {
        Cell::bool(
            self.find_install()
                .set
                .requirements
                .iter()
                .any(|other| other.name == "psycopg"),
        )
    }

    fn conflicting_django(&self) -> Cell {
        drivers::conflicting_django(self.p, self.find_install(), self.fact()).map_or(
            Cell::ABSENT,
            |i| {
                Id::Requirement {
                    install: self.install,
                    i,
                }
                .cell(self.p)
            },
        )
    }

    fn is_left_over(&self) -> Cell {
        Cell::bool(
            crate::facts::deploy::databases::lack_postgres(self.p, self.find_install().stage)
                == Some(true),
        )
    }

    fn fitting_versions(&self) -> Cell {
        str_or_absent(drivers::fitting(self.p, self.find_install(), self.fact()).as_deref())
    }

    fn install(&self) -> Cell {
        Id::Install(self.install).cell(self.p)
    }

    fn base(&self) -> Cell {
        Id::base(self.p, self.find_install().stage).cell(self.p)
    }

    fn stage(&self) -> Cell {
        Id::Stage(self.find_install().stage).cell(self.p)
    }
}
