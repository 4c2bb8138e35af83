//! Which releases of the PostgreSQL drivers work with the Django that is installed beside them.

use crate::facts::model::{InstallFact, Project, SettingsFact};
use crate::facts::python::dependencies::{django_series, python_for, versions};
use crate::knowledge::Series;
use crate::knowledge::django::DjangoSeries;
use crate::python::requirements::Requirement;
use crate::python::settings::verdicts::{self, Answer, Default};

/// The lowest Python of psycopg2 2.9, from its `python_requires`.
const PSYCOPG2_2_9_PYTHON: Series = Series(3, 6);

/// The requirement of Django that a driver's requirement cannot work with: index in the same set.
pub(crate) fn conflicting_django(
    p: &Project,
    install: &InstallFact,
    requirement: &Requirement,
) -> Option<usize> {
    let is_psycopg2 = matches!(requirement.name.as_str(), "psycopg2" | "psycopg2-binary");
    if !is_psycopg2 && requirement.name != "psycopg" {
        return None;
    }
    let versions = versions(install, requirement);
    if !versions.is_known() {
        return None;
    }
    let newest = crate::knowledge::pypi::distribution(&requirement.name)?.version;
    let at = install
        .set
        .requirements
        .iter()
        .position(|other| other.name == "django")?;
    let series = django_series(install, &install.set.requirements[at])?;
    // Older Pythons get the last psycopg2 that still runs on them, whatever is newest.
    let gets_newest = versions.allow(newest) == Some(true)
        && python_for(p, install).is_some_and(|python| python >= PSYCOPG2_2_9_PYTHON);
    let conflicts = |row: &DjangoSeries| {
        let too_new = is_psycopg2
            && may_use_time_zones(p, install.stage)
            && row
                .psycopg2_below
                .is_some_and(|limit| versions.start_at(limit) == Some(true) || gets_newest);
        let from = if is_psycopg2 {
            row.psycopg2_from
        } else {
            row.psycopg_from
        };
        let too_old = from.is_some_and(|limit| versions.stay_below(limit) == Some(true));
        too_new
            || too_old
            || !is_psycopg2
                && row.psycopg_from.is_none()
                && !install
                    .set
                    .requirements
                    .iter()
                    .any(|other| other.name.starts_with("psycopg2"))
    };
    series.iter().all(|row| conflicts(row)).then_some(at)
}

/// The versions of a driver that work with the newest series of a requirement of Django that it conflicts with:
/// `>=2.8,<2.9`. `None` where no release of it does.
pub(crate) fn fitting(
    p: &Project,
    install: &InstallFact,
    requirement: &Requirement,
) -> Option<String> {
    let at = conflicting_django(p, install, requirement)?;
    let series = django_series(install, &install.set.requirements[at])?;
    let row = series.last()?;
    if requirement.name == "psycopg" {
        return Some(format!(">={}", row.psycopg_from?));
    }
    match (row.psycopg2_below, row.psycopg2_from) {
        (Some(below), _) => Some(format!(">=2.8,<{below}")),
        (None, Some(from)) => Some(format!(">={from}")),
        (None, None) => None,
    }
}

/// Whether settings of an image with the stage may have `USE_TZ` on: psycopg2 2.9 works with the old Django where all
/// that were read have it off, which is what a Django that old takes where nothing is said.
fn may_use_time_zones(p: &Project, stage: usize) -> bool {
    let own = |fact: &&SettingsFact| {
        let image = &p.images[fact.image];
        image.chain.contains(&stage)
    };
    let mut own = p.settings.iter().filter(own).peekable();
    own.peek().is_none()
        || own.any(|fact| match verdicts::flag(&fact.settings, "USE_TZ") {
            Answer::Known(known) => known.value,
            Answer::Env(variable) => !matches!(variable.default, Default::Known(false, _)),
            Answer::Unassigned => false,
            Answer::Unknown => true,
        })
}
