//! The facts as plain data: flat arenas that point at each other by index.
//!
//! `None` in an `Option` that says so means unknown; [`Maybe`] tells unknown from absent.

pub(crate) mod build;
pub(crate) mod deploy;
pub(crate) mod django;
pub(crate) mod files;
pub(crate) mod project;
pub(crate) mod python;
pub(crate) mod read;
pub(crate) mod start;
pub(crate) mod system;

pub(crate) use build::{
    AccountFact, ArgFact, BaseFact, BaseKind, CommandFact, CopyFact, CopyFrom, EnvFact, LayerFact,
    LostVariable, Maybe, Mount, PortFact, ProcessFact, Reference, ShippedImage, StageFact,
    UserFact, WorkdirFact,
};
pub(crate) use build::{Arena, GlobalArgs, Set, StageNames};
pub(crate) use deploy::{
    AskerFact, Beside, CodeNames, Daemonized, DeployPhase, MissingEnvFile, MissingMount,
    OwnAddress, ProxyFact, ServiceFact, SupervisorFact,
};
pub(crate) use deploy::{
    CeleryLack, CronLack, EarlyQuery, Emptied, LocalFileFact, LocalKind, LogLack, Misfit,
    MisfitFact, NoCelery, PythonProcess, started,
};
pub(crate) use deploy::{Holder, Holders, Moment, WriteFact, Writer};
pub(crate) use django::storage_needs_root;
pub(crate) use django::{
    ApplicationFact, Celery, CollectFact, DjangoPhase, ImportFact, ModulePresence, ModuleSource,
    RouteFact, RouteLeads, Routes, SettingsFact, ViewFact,
};
pub(crate) use django::{
    EarlyModels, FileNamed, FoundIn, LoadedModule, NamedFileFact, UnloadedCelery,
};
pub(crate) use django::{MigrationLack, NoMigrations};
pub(crate) use files::{
    Category, FilesPhase, Frontend, FrontendServer, LeftOutModule, SourceFact, SourcePresence,
    StageFiles, UnwantedFact, Webpacks,
};
pub(crate) use files::{CronFact, CronTable};
pub(crate) use files::{Edit, Edited, Edits, HistoryReaders, Mounted};
pub(crate) use project::Project;
pub(crate) use python::{CacheHabits, PlaceKind, PythonMarks, Scripts};
pub(crate) use python::{
    InstallFact, InstallPhase, Lack, Listed, Names, PythonPhase, Taken, TargetFact,
};
pub(crate) use read::BuildPhase;
pub(crate) use read::{ApplicationMarks, Firsts, Index};
pub(crate) use start::{
    BesideFact, Gains, Kept, ProgramMarks, RunFact, ScriptFact, Searched, ServerFact, StartFact,
};
pub(crate) use start::{Brought, ImageFact, Lost, NoPython, StartPhase, UwsgiOptionFact};
pub(crate) use start::{Supervised, Supervising};
pub(crate) use system::{AccountMarks, OtherAccounts};
pub(crate) use system::{
    AptHabit, AptMarks, BaseGraph, Builders, PackageLists, Succession, Successor,
};
pub(crate) use system::{Fate, PackageFact};
