//! The facts as plain data: flat arenas that point at each other by index.
//!
//! `None` in an `Option` that says so means unknown; [`Maybe`] tells unknown from absent.

pub mod build;
pub mod deploy;
pub mod django;
pub mod files;
pub mod project;
pub mod python;
pub mod read;
pub mod start;
pub mod system;

pub use build::{
    AccountFact, ArgFact, BaseFact, BaseKind, CommandFact, CopyFact, CopyFrom, EnvFact, LayerFact,
    LostVariable, Maybe, Mount, PortFact, ProcessFact, Reference, ShippedImage, StageFact,
    UserFact, WorkdirFact,
};
pub(crate) use build::{Arena, Set, stage_called, stage_named};
pub use deploy::{DeployPhase, ServiceFact};
pub(crate) use deploy::{Holder, Holders};
pub use django::{
    ApplicationFact, CollectFact, DjangoPhase, ModulePresence, ModuleSource, SettingsFact,
};
pub use files::{Category, FilesPhase, SourceFact, SourcePresence, StageFiles, UnwantedFact};
pub(crate) use files::{Edit, Edited, Mounted};
pub use project::Project;
pub(crate) use python::{CacheHabits, PythonMarks};
pub use python::{InstallFact, InstallPhase, Listed, PythonPhase, Taken, TargetFact};
pub use read::BuildPhase;
pub(crate) use read::{ApplicationMarks, Firsts, Index};
pub use start::{BesideFact, Kept, RunFact, ScriptFact, ServerFact, StartFact};
pub use start::{ImageFact, StartPhase, UwsgiOptionFact};
pub(crate) use system::{AptHabit, AptMarks, BaseGraph, Builders, Succession, Successor};
pub use system::{Fate, PackageFact};
