//! Lists of words, each with the question that it answers: names of options, variables, files, directories, packages,
//! values. A table of `rules/data` holds the lists of one kind; here stands what each is for.

use super::texts::List;

/// The lists of one table: a variant for each, in the order of the table.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident in $file:literal: $($(#[$of:meta])* $list:ident,)*) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $name {
            $($(#[$of])* $list,)*
        }

        impl std::ops::Deref for $name {
            type Target = List;

            /// The words, in the order of the table.
            fn deref(&self) -> &List {
                struct Row {
                    list: $name,
                    words: List,
                }
                static ROWS: &[Row] = include!(concat!(env!("OUT_DIR"), "/", $file, ".rs"));
                // A list that the table lacks or has in another place does not compile.
                const _: () = {
                    let names = [$($name::$list),*];
                    assert!(names.len() == ROWS.len());
                    let mut at = 0;
                    while at < names.len() {
                        assert!(ROWS[at].list as usize == at);
                        at += 1;
                    }
                };
                ROWS.get(*self as usize).map_or(&List::EMPTY, |row| &row.words)
            }
        }
    };
}

words! {
    /// Options and subcommands of programs.
    OptionWords in "option-words":
    /// Set the id of an account or a group that is created.
    AccountId,
    /// Let apt change packages without a question, or change none.
    AptAnswers,
    /// Subcommands of apt that need no lists, or fetch or remove them.
    AptWithoutLists,
    /// Let curl ask another one than the address says, or name a second address.
    AsksElsewhere,
    /// Where awk has its program when it is no operand.
    AwkProgram,
    /// Of `docker build`: their value is the next word.
    BuildWithValue,
    /// Of celery: they say where it connects to.
    CeleryAddress,
    /// Programs of celery that answer nobody who asks for workers.
    CeleryDeaf,
    /// Options of celery itself, which stand before its subcommand since 5.0.
    CeleryOwn,
    /// Subcommands of celery; all but the last stay in the foreground.
    CeleryRuns,
    /// Say where its beat keeps its schedule, or that something else may say so.
    CelerySchedule,
    /// Subcommands of celery that refuse its own options.
    CeleryStrict,
    /// Name a file that celery writes.
    CeleryWrites,
    /// Programs that build and run images with the words of Docker.
    ContainerProgram,
    /// Of curl: they may make it fail for an answer, or say what somebody else looks at.
    CurlFails,
    /// dpkg changes what is installed.
    DpkgChanges,
    /// dpkg removes what is installed.
    DpkgRemoves,
    /// Of chmod: modes that let others run a file that they may not read before.
    ExecutableOnly,
    /// Let npm, yarn and pnpm work in another directory.
    FrontendElsewhere,
    /// Settings of gunicorn that name a file that it writes.
    GunicornWrites,
    /// Say where the home directory of a user is that is created.
    HomeOfUser,
    /// Name a place that an install of pip writes to.
    InstallPlace,
    /// An installer of Python packages, or a program that fetches, writes nothing into a project when it is called so.
    InstallerQuiet,
    /// Name the environment that packages are installed into.
    Into,
    /// Keep uv from bringing back groups of the project by itself.
    KeepsGroupsOut,
    /// Management commands that make the tables of the database.
    ManagementMakesTables,
    /// Management commands that read or write tables which `migrate` makes.
    ManagementNeedsTables,
    /// Management commands that write nothing into the code of a project.
    ManagementQuiet,
    /// Management commands that fail only where something is wrong.
    ManagementSure,
    /// Let a command of `manage.py` say what it would do, or something else.
    ManagementTrial,
    /// Management commands that work off what others put into a queue, and listen on no port.
    ManagementWorks,
    /// Of `useradd`: home directories lie elsewhere, or the accounts of another root are meant.
    MovesHome,
    /// Let a package manager of Node.js work in another directory.
    NodeElsewhere,
    /// Subcommands of these that install what a project lists.
    NodeInstalls,
    /// Of the instruction HEALTHCHECK: they stand before its CMD.
    OfHealthcheck,
    /// Subcommands of `oc` that start something in a project of OpenShift, or name the one that is meant.
    OpenshiftDeploys,
    /// Modes of `chmod` that let the owner of a file execute it and change nothing for others.
    OwnerExecutes,
    /// Let pip of the system install beside its packages, or elsewhere.
    PipElsewhere,
    /// Let pip put programs into another directory, or install nothing.
    PipScripts,
    /// Options of PyMySQL that say how it connects: by TLS, by a socket, or as a file says.
    PymysqlTls,
    /// `python -m` of these, or alone, writes nothing into a project.
    PythonQuiet,
    /// Of redis-cli: say as whom it asks.
    RedisAccount,
    /// Fetch again what is installed already, or install it elsewhere.
    Replaces,
    /// Let yum and dnf take packages from other repositories.
    RepositoriesElsewhere,
    /// Of `docker run`: their value is the next word.
    RunWithValue,
    /// Of a job of Prometheus: its targets may be asked elsewhere, or by another host.
    ScrapesElsewhere,
    /// Where sed has its program when it is no operand.
    SedProgram,
    /// Of curl and wget: they send something along, by another method.
    SendsData,
    /// Let a server answer and end.
    ServerAnswers,
    /// Of servers: they set a variable for the application.
    SetsVariable,
    /// Names that supervisord expands in the options of a program.
    SupervisorExpands,
    /// Name another environment than the one of the directory to `uv pip`.
    UvElsewhere,
    /// Let `uv sync` read another project or fill another environment.
    UvProjectElsewhere,
    /// Say which Pythons uv takes, and whether it downloads one.
    UvPythons,
    /// Options of uWSGI that name a file that it writes.
    UwsgiWrites,
    /// Of programs that make virtual environments: a value follows.
    VirtualenvValue,
    /// Let what the project lists be installed without the project itself.
    WithoutProject,
}

words! {
    /// Variables of the environment.
    VariableWords in "variable-words":
    /// Celery's own default application takes its broker or its configuration from them.
    CeleryDefault,
    /// In a Dockerfile: cron, its shell or PAM may read variables for a job.
    CronReads,
    /// In a script, in lower case and without spaces: it may write variables to where another process finds them.
    HandsOn,
    /// Say to a small process 1 whom it sends a signal to.
    InitSignals,
    /// Say where a broker of Kafka sends its clients.
    KafkaAdvertises,
    /// Say where a broker of Kafka listens.
    KafkaListens,
    /// In the name of a variable that holds the path of a key.
    KeyFile,
    /// Where prometheus_client keeps what several processes count.
    Metrics,
    /// Move what programs install, and where they find it.
    MovesInstall,
    /// Part of names of variables that say which release of something is meant.
    NamesRelease,
    /// A platform sets them wherever it runs a container.
    OfPlatform,
    /// Let pip of the system install beside its packages, or elsewhere.
    PipElsewhere,
    /// Let pip put programs into another directory.
    PipScripts,
    /// Move the environments of pipenv out of the home directory
    /// (<https://pipenv.pypa.io/en/latest/configuration.html>).
    PipenvElsewhere,
    /// Let pipenv read another Pipfile or take another environment.
    PipenvProject,
    /// Ends of names of variables that hold a place.
    PlaceEnding,
    /// Let poetry make its environments in another place.
    PoetryElsewhere,
    /// Send requests by HTTP to a proxy.
    Proxy,
    /// Of PostgreSQL's image and `psql`: they say in another way who connects to what.
    PsqlAccount,
    /// Set where a virtual environment is activated.
    SetByActivation,
    /// Debian's cron, its shell or PAM may give them to a job.
    SetByCron,
    /// Say where temporary files are.
    Temporary,
    /// Say where uv keeps its cache, or that it keeps none.
    UvCache,
    /// Name another environment than the one of the directory to `uv pip`.
    UvElsewhere,
    /// Say which Pythons uv takes, and where it keeps those that it downloads.
    UvPythons,
}

words! {
    /// Names of files and directories, and parts of such names.
    FileWords in "file-words":
    /// What packs or compresses files, by the end of the name: ADD unpacks them.
    Archive,
    /// Others that only new versions of BuildKit unpack.
    ArchiveFurther,
    /// Where bundlers of frontends write.
    BundleDirectory,
    /// How the configuration files begin of what bundles a frontend.
    Bundler,
    /// Directories that tools of Python keep their caches in.
    CacheDirectory,
    /// Files and directories of continuous integration that work at the root of a repository only.
    CiAtRoot,
    /// Directories with files that build, beside those on the way to the Dockerfile.
    CiDirectory,
    /// Keys of such files whose value is a Dockerfile.
    CiKey,
    /// In the name of an image: it is none of the project's.
    ClusterBeside,
    /// In the name of a directory: manifests of Kubernetes or charts lie in it or below.
    ClusterDirectory,
    /// Ends of names of manifests, charts' values and templates of them.
    ClusterFile,
    /// Directories that say what a cluster starts, and are called so for nothing else.
    ClusterOnly,
    /// Lists of requirements for development or tests, by their name without `requirements` and the ending.
    DevelopmentList,
    /// Directories at the top in which each service has one of its own.
    DirectoryOfServices,
    /// Beginnings of names of files at the top of a project that say what is done before a build.
    DrivesBuild,
    /// In the name of a file of variables: it is a sample, or for tests.
    EnvSample,
    /// Endings of keys and certificates that a build fetches.
    FetchedKey,
    /// How files of a frontend end that say how it is bundled.
    FrontendCode,
    /// Directories of a frontend with such files.
    FrontendDirectory,
    /// Modules that bundlers of frontends read.
    FrontendModule,
    /// Configurations of pip and uv, which may name another index.
    InstallerSettings,
    /// Files of keys, by their endings.
    KeyEnding,
    /// In the name of a file at the top: it may be a manifest of Kubernetes.
    ManifestName,
    /// Endings of files with configuration, scripts or statements that containers get by a mount: no secrets, no data.
    MountedFile,
    /// Endings of files that hold no code to run.
    NotCode,
    /// What a path has that installed packages or wheels may lie in.
    PackagePlace,
    /// Make a Python package of a directory.
    Packaging,
    /// Files at the top by which Dokku takes buildpacks in the place of a Dockerfile.
    PacksOfDokku,
    /// Files that keep an otherwise empty directory in a repository.
    Placeholder,
    /// Files at the root by which a platform knows what containers run.
    PlatformCommand,
    /// Those of them by which it starts an image that says nothing itself.
    PlatformStart,
    /// Private keys of SSH.
    PrivateKey,
    /// Files of a project that a tool looks for by their whole names, each of another kind.
    ProjectFile,
    /// What marks the directory that a project is built from, nearest first.
    ProjectMarker,
    /// What Python packages are packed in.
    PythonArchive,
    /// What describes a directory to people.
    Readme,
    /// Endings of files that list requirements.
    RequirementList,
    /// In the name of a file: it is to be copied and filled in.
    Sample,
    /// In the version of a document of a cluster: a proxy stands before its containers.
    ServiceMesh,
    /// Stages that others begin with, by what they are called.
    SharedStage,
    /// In the name of a file of JSON: it may be a task definition of ECS.
    TaskDefinition,
    /// Directories in which task definitions lie, beside the root.
    TaskDirectory,
    /// Endings of files that may make another file, or say how: scripts, workflows, pages.
    TellsOfFiles,
    /// Named in `pyproject.toml` by who takes the version from the history of git.
    VersionByGit,
    /// Configuration of a web server, or its directory.
    WebServer,
    /// What stands before the name of a file that a line of a script writes.
    WritesBehind,
    /// What a line of a script that writes a file has in it.
    WritesInside,
}

words! {
    /// Directories of an image.
    DirectoryWords in "directory-words":
    /// The lists of apt, and the directories above them.
    AptLists,
    /// A plain system image holds nothing in them.
    Empty,
    /// Virtual environments, and what packages of Python lie in, are called so.
    Environment,
    /// What programs put into the home directory of root for themselves.
    HomeOfRoot,
    /// By their names they hold what no deployment reads.
    NotDeployed,
    /// Only the machines have them on which conda's packages, and macOS and its Pythons, are built.
    OfBuilders,
    /// Everybody may write there, or they are on no disk, or each user has one of them.
    Open,
    /// Programs are found in them without a path.
    Programs,
    /// Every system image has them.
    System,
    /// Python looks in them for a place for temporary files.
    Temporary,
    /// Whatever is copied to them may have programs in it.
    Wide,
    /// Parts of the paths of directories on PATH that have no pip of another Python.
    WithoutPip,
}

impl DirectoryWords {
    /// Directories of programs that the distribution leaves to others.
    pub(crate) fn own_programs() -> impl Iterator<Item = &'static str> {
        Self::Programs
            .iter()
            .filter(|one| one.starts_with("/usr/local/"))
    }

    /// A path of a program of the distribution: no script of the project lies there.
    #[must_use]
    pub(crate) fn is_of_system(path: &str) -> bool {
        let directory = path.rsplit_once('/').map_or("", |(above, _)| above);
        Self::Programs.contains(directory) && !Self::own_programs().any(|own| own == directory)
    }
}

words! {
    /// Packages of distributions.
    PackageWords in "package-words":
    /// Any image of Debian or Ubuntu may be made with them, libraries and parts of compilers aside.
    Base,
    /// Python packages that cannot be imported without their compiled modules.
    Compiled,
    /// Python packages that are installed without their compiled modules where nothing compiles them.
    CompiledAtWill,
    /// One of them brings a compiler of C.
    Compiler,
    /// Packages of Alpine that are a compiler of C, or bring one.
    CompilerOfAlpine,
    /// Parts of names of packages of Alpine that may bring GDAL along.
    Geography,
    /// Beginnings of names of Python packages that hold celery at a release of their own.
    HoldsCelery,
    /// Python itself and its tools, no library for it.
    Interpreter,
    /// Beginnings of names of packages of Alpine that bring `/etc/mime.types` along.
    MimeTypes,
    /// Packages of Alpine that have the headers of musl, or bring them along.
    MuslHeaders,
    /// Names of what installs another Node.js, as texts have them.
    NodeManager,
    /// Headers of Alpine that bring none along but such as are no library of a server, graph or map.
    PlainHeaders,
    /// A list of requirements may need them, whatever is in it.
    RequirementsNeed,
    /// Beginnings of names of packages that bring Python packages along: servers and managers.
    Serves,
    /// Packages that their makers have repositories of their own for, with other dependencies than Debian's.
    SoldByMakers,
    /// They bring no program that a start of an application calls under another name.
    StartsNothing,
    /// Python packages that have files for Windows only: nothing of them can be installed on Linux.
    WindowsOnly,
    /// Packages of Alpine that bring no time zones along.
    WithoutZones,
    /// Python packages that bring time zones along on Windows only.
    ZonesOnWindows,
}

words! {
    /// Words in values: switches, hosts, names of images, suites and modules.
    ValueWords in "value-words":
    /// In the name of a middleware of Django: it may answer what nobody else answers, or in the place of a view.
    AnswersItself,
    /// Values of `sslmode` with which libpq refuses a server without TLS.
    AsksTls,
    /// Revisions of repositories that are branches by their names.
    Branch,
    /// Variables that celery reads before any settings.
    CeleryAddress,
    /// In settings of celery: how or where its beat keeps its schedule.
    CeleryBeat,
    /// In a module: it may say something to celery's own default application.
    CeleryDefault,
    /// In the module of celery: it says there itself where it connects to.
    CeleryItself,
    /// Settings of celery by their old names, which it does not read with a namespace.
    CeleryOld,
    /// Settings of celery that it reads with the namespace `CELERY` only.
    CeleryPrefixed,
    /// Schedulers of celery's beat that keep their tasks in tables of the project.
    CeleryTables,
    /// Images of Docker Hub that have had no build for years and get none any more, as their makers say.
    FrozenImage,
    /// Functions that return another value each time, by their dotted names.
    GeneratesValue,
    /// Functions of Python that go through what they are given at once.
    GoesThrough,
    /// Applications whose distribution contains static files; seen in their wheels.
    HasStaticFiles,
    /// Parts of an expression that matches names with a hash in them.
    Hashed,
    /// Images of brokers of Kafka, without the names of their makers.
    Kafka,
    /// Time zones that Debian has in `tzdata-legacy` only, from trixie on (2026a-0+deb13u1).
    LegacyZone,
    /// In a module or a script: it makes directories.
    MakesDirectories,
    /// In a script of a project of Django: it makes migrations, or tables without them.
    MakesTables,
    /// In the `Meta` of a model: it has no table, or one that migrations do not make or that has another name.
    ModelMeta,
    /// Modules of packages with models.
    ModelsOfPackages,
    /// In a module with one of them any name may be assigned, at any time.
    ModuleNames,
    /// Keys of a service, beside `volumes`, by which something is mounted into it.
    MountsMore,
    /// Methods of a set of rows of Django that make no query yet.
    NarrowsQuery,
    /// Leave a switch off that any other value turns on.
    No,
    /// Leave a switch of a server off, in any of their languages.
    NoOfServer,
    /// What settings take for no, beside nothing.
    NoOfSetting,
    /// Programs that call the scripts of `package.json`.
    NodeTools,
    /// Beginnings of tags of `debian` whose pip is older than its options.
    OldDebian,
    /// The same of `ubuntu`.
    OldUbuntu,
    /// The container itself, as its processes see it.
    OwnHost,
    /// How the Python of the official image is called.
    OwnPython,
    /// Middleware that lets every request through which is not meant for itself.
    PassesOn,
    /// Registries that anybody pulls from: of makers of images, and Docker Hub.
    PublicRegistry,
    /// Keys of a service by which browsers may come to it without its proxy.
    ReachedOtherwise,
    /// In a module: variables may be read by the names of what it sets, or with a beginning that stands elsewhere.
    ReadsByField,
    /// In a module: it sets variables as a file says.
    ReadsVariables,
    /// Keys of a service by which it finds other hosts than the stack has.
    ResolvesNames,
    /// Methods of a set of rows, or of a manager, that make a query at once.
    RunsQuery,
    /// In the name of a module or middleware: it serves static files.
    ServesStatic,
    /// In the name of a variable of a broker's image: it may have other accounts and virtual hosts with it.
    SetsAccounts,
    /// Calls that set Django up.
    SetsDjangoUp,
    /// In the name of a variable of an image: its server may listen elsewhere with it.
    SetsPort,
    /// In a URLconf: it has a view for static files.
    StaticView,
    /// How pip of the distribution's Python is called.
    SystemPip,
    /// On the command line of a run of tests only, or among its modules.
    TestRun,
    /// Images of servers that hand out files.
    WebServers,
    /// Turn a switch on.
    Yes,
    /// What settings take for yes.
    YesOfSetting,
    /// What package managers take for yes.
    YesOfTool,
}

words! {
    /// Options of uWSGI and words of its files.
    UwsgiWords in "uwsgi-words":
    /// Begin a condition or a loop, beside all that begin with `if-`.
    BlockBegin,
    /// End one.
    BlockEnd,
    /// Directories that the server adds to where modules are found; also those of other servers.
    ImportPath,
    /// Name an address to listen on.
    Listens,
    /// Name an application.
    LoadsApplication,
    /// Lines of a configuration that a new one stands well behind, best first.
    Main,
    /// Name a virtual environment.
    Virtualenv,
}
