//! How tightly a requirement fixes its version, and which versions it allows.

use std::str::FromStr;

use pep440_rs::{Operator, Version, VersionSpecifier, VersionSpecifiers};

/// Bounds of the versions of one package; what more of them allow is not worked out.
const MAX_SPECIFIERS: usize = 64;

/// How tightly the version is fixed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Specifier {
    /// No version at all, or only exclusions.
    Unbounded,
    /// A lower bound and no upper one.
    LowerOnly,
    /// An upper bound: `<`, `<=`, `~=`, `==1.*`, `^1`.
    Bounded,
    /// One version: `==1.2`, `===1.2`, an entry of a lock file.
    Pinned(String),
    /// An address.
    Url {
        /// `git+`, `hg+`, `svn+`, `bzr+`; otherwise an archive.
        is_vcs: bool,
        /// `git+`.
        is_git: bool,
        /// What follows `@` in a version-control address.
        revision: Option<String>,
        /// The revision or the archive is named by a whole commit hash.
        is_commit_pinned: bool,
        /// `git://` of GitHub, which serves it no more.
        is_refused: bool,
    },
    /// A directory or an archive on disk.
    Path,
    /// The text is not understood.
    Unknown,
}

/// A set of versions; unknown where the specifier is not understood or is no version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Versions(Option<VersionSpecifiers>);

impl Versions {
    /// Nothing is known.
    #[must_use]
    pub fn unknown() -> Self {
        Self(None)
    }

    /// Reads PEP 440 specifiers; empty text allows all versions.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let specifiers = VersionSpecifiers::from_str(text).ok();
        Self(specifiers.filter(|all| all.len() <= MAX_SPECIFIERS))
    }

    /// Whether the specifiers were understood.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.0.is_some()
    }

    /// All of the sets at once.
    #[must_use]
    pub fn all(sets: &[&Versions]) -> Versions {
        if let [only] = sets {
            return (*only).clone();
        }
        let mut all: Vec<&VersionSpecifier> = Vec::new();
        for set in sets {
            let Some(specifiers) = &set.0 else {
                return Versions(None);
            };
            for specifier in specifiers.iter() {
                if !all.contains(&specifier) {
                    all.push(specifier);
                }
                if all.len() > MAX_SPECIFIERS {
                    return Versions(None);
                }
            }
        }
        Versions(Some(all.into_iter().cloned().collect()))
    }

    /// Whether a version may be installed; `None` when unknown or when the version is none.
    #[must_use]
    pub fn allow(&self, version: &str) -> Option<bool> {
        let version = Version::from_str(version).ok()?;
        Some(self.0.as_ref()?.contains(&version))
    }

    /// [`Versions::allow`] for plain release numbers, without reading them from text.
    #[must_use]
    pub fn allow_release(&self, release: &[u64]) -> Option<bool> {
        let version = Version::new(release.iter().copied());
        Some(self.0.as_ref()?.contains(&version))
    }

    /// Whether a release `major.minor.patch` is allowed, with a patch below `patches`; `None` when the
    /// specifiers are not known. What is allowed begins and ends beside a version that is named, so
    /// that no other one has to be tried.
    #[must_use]
    pub fn allow_series(&self, major: u64, minor: u64, patches: u64) -> Option<bool> {
        let specifiers = self.0.as_ref()?;
        let named = specifiers.iter().filter_map(|one| {
            let release = one.version().release();
            let at = |index: usize| release.get(index).copied().unwrap_or_default();
            (at(0) == major && at(1) == minor).then(|| at(2))
        });
        let beside =
            named.flat_map(|patch| [patch.saturating_sub(1), patch, patch.saturating_add(1)]);
        let mut tried = [0, patches.saturating_sub(1)].into_iter().chain(beside);
        Some(tried.any(|patch| {
            patch < patches && self.allow_release(&[major, minor, patch]) == Some(true)
        }))
    }

    /// The only version allowed.
    #[must_use]
    pub fn pinned(&self) -> Option<String> {
        self.0
            .as_ref()?
            .iter()
            .find(|one| matches!(one.operator(), Operator::Equal | Operator::ExactEqual))
            .map(|one| one.version().to_string())
    }

    /// The highest lower bound, as release numbers; `None` without one.
    #[must_use]
    pub fn lowest(&self) -> Option<Vec<u64>> {
        let bounds = self.0.as_ref()?.iter();
        bounds
            .filter(|one| is_lower_bound(one.operator()))
            .map(|one| one.version())
            .max()
            .map(|version| version.release().to_vec())
    }

    /// Whether no version from `version` on is allowed: an upper bound at or below it.
    #[must_use]
    pub fn stay_below(&self, version: &str) -> Option<bool> {
        let limit = Version::from_str(version).ok()?;
        let specifiers = self.0.as_ref()?;
        Some(specifiers.iter().any(|one| match one.operator() {
            Operator::LessThan => *one.version() <= limit,
            Operator::LessThanEqual | Operator::Equal | Operator::ExactEqual => {
                *one.version() < limit
            }
            Operator::EqualStar => next(one.version().release(), 0) <= limit,
            Operator::TildeEqual => next(one.version().release(), 1) <= limit,
            _ => false,
        }))
    }

    /// Whether every version allowed is `version` or later: a lower bound at or above it.
    #[must_use]
    pub fn start_at(&self, version: &str) -> Option<bool> {
        let limit = Version::from_str(version).ok()?;
        let specifiers = self.0.as_ref()?;
        Some(
            specifiers
                .iter()
                .any(|one| is_lower_bound(one.operator()) && *one.version() >= limit),
        )
    }

    /// The tightness that these versions show.
    #[must_use]
    pub fn specifier(&self) -> Specifier {
        let Some(specifiers) = &self.0 else {
            return Specifier::Unknown;
        };
        if let Some(version) = self.pinned() {
            return Specifier::Pinned(version);
        }
        let has_upper = specifiers.iter().any(|one| {
            matches!(
                one.operator(),
                Operator::LessThan
                    | Operator::LessThanEqual
                    | Operator::TildeEqual
                    | Operator::EqualStar
            )
        });
        let has_lower = specifiers.iter().any(|one| {
            matches!(
                one.operator(),
                Operator::GreaterThan | Operator::GreaterThanEqual
            )
        });
        match (has_upper, has_lower) {
            (true, _) => Specifier::Bounded,
            (false, true) => Specifier::LowerOnly,
            (false, false) => Specifier::Unbounded,
        }
    }
}

fn is_lower_bound(operator: &Operator) -> bool {
    matches!(
        operator,
        Operator::Equal
            | Operator::EqualStar
            | Operator::ExactEqual
            | Operator::TildeEqual
            | Operator::GreaterThan
            | Operator::GreaterThanEqual
    )
}

/// The release after all that share `release` but for its last `drop` numbers.
fn next(release: &[u64], drop: usize) -> Version {
    let kept = release.len().saturating_sub(drop).max(1);
    let mut numbers: Vec<u64> = release.iter().take(kept).copied().collect();
    if let Some(last) = numbers.last_mut() {
        *last = last.saturating_add(1);
    }
    Version::new(numbers)
}
