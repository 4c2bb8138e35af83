//! Packages of the distribution, and what was found out about apt and about other bases.

use crate::maps::HashMap;
use std::sync::OnceLock;

use crate::span::Span;

/// A system package that a layer installs.
#[derive(Debug)]
pub struct PackageFact {
    pub stage: usize,
    pub layer: usize,
    pub command: usize,
    /// `apt`, `apk`, `dnf`.
    pub manager: &'static str,
    pub name: String,
    /// After `=`.
    pub version: Option<String>,
    pub span: Span,
    /// The word of the install command.
    pub word: Span,
    pub fate: Fate,
    /// Group of `apk add --virtual`.
    pub group: Option<String>,
    /// An earlier layer of its stages brought it and left it.
    pub is_repeated: bool,
}

/// What becomes of an installed package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Left,
    RemovedInLayer(Span),
    /// A later layer hides it; the bytes stay.
    RemovedLater(Span),
    Unknown,
}

/// The first commands of a stage that touch what apt reads. Looked for once: every install asks.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct AptMarks {
    /// It writes apt's configuration.
    pub(crate) configured: Option<usize>,
    /// It writes apt's list of sources, or may.
    pub(crate) sources: Option<usize>,
    /// It adds a source that is not Debian's, or may.
    pub(crate) added_source: Option<usize>,
    /// The layer of a COPY or ADD that brings configuration of apt, or may.
    pub(crate) copied_configuration: Option<usize>,
    /// That of one that brings lists of sources, or may.
    pub(crate) copied_sources: Option<usize>,
}

/// The package lists of apt where a command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PackageLists {
    /// Those of the base image are empty, and nothing fetched any so far.
    NeverFetched,
    There,
    /// They were there, and were deleted.
    Deleted,
    Unknown,
}

/// The accounts that commands make, and where others may be.
#[derive(Debug)]
pub(crate) struct AccountMarks {
    /// The accounts of each name, of all stages.
    pub(crate) names: HashMap<String, Vec<usize>>,
    /// For each stage.
    pub(crate) others: Vec<OtherAccounts>,
}

/// Whether there may be accounts that nothing names.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OtherAccounts {
    pub(crate) users: bool,
    pub(crate) groups: bool,
}

/// What the installs of a Dockerfile have in common.
#[derive(Debug)]
pub(crate) struct AptHabit {
    /// The first few places where apt installs each package, among `packages`.
    pub(crate) installed: HashMap<String, Vec<usize>>,
    /// No install of apt needs what it recommends, so that all of them can have the flag.
    pub(crate) can_go: bool,
    /// One has the flag before its `-y`.
    pub(crate) is_first: bool,
}

/// Where something builds or may, after which compilers are of use.
#[derive(Debug)]
pub(crate) struct Builders {
    /// For each stage the last layer of the images with it.
    pub(crate) last: Vec<Option<usize>>,
    /// A package of GDAL or GEOS is installed.
    pub(crate) has_geo: bool,
}

/// The image to write in FROM, and the Debian suite it is built on.
#[derive(Debug, Clone)]
pub(crate) struct Successor {
    pub(crate) image: String,
    pub(crate) suite: &'static str,
}

/// What was found out, for each stage.
#[derive(Debug, Default)]
pub(crate) struct Succession {
    pub(crate) graph: OnceLock<BaseGraph>,
    pub(crate) successors: OnceLock<Vec<OnceLock<Option<Successor>>>>,
}

/// Which stages belong together.
#[derive(Debug)]
pub(crate) struct BaseGraph {
    /// For each stage the one whose FROM names its image.
    pub(crate) roots: Vec<usize>,
    /// Base images one of which takes packages from the other.
    pub(crate) pairs: Vec<(usize, usize)>,
    /// The installs of the stages on each base image.
    pub(crate) installs: Vec<Vec<usize>>,
}
