//! Settings and image together: the Django that reads the settings, where static files go, what the
//! settings need and the image lacks.

use crate::facts::model::Project;
use crate::facts::python::dependencies;
use crate::knowledge::django::{self, DjangoSeries};
use crate::knowledge::python_modules;
use crate::knowledge::secret;
use crate::python::settings::verdicts::{self, Answer};
use crate::python::settings::{EnvState, Kind, Settings, Value};
use crate::span::Span;

/// The series of Django that pip installs into an image: the newest that every requirement and the
/// Python allow; `None` when no requirement names it, or several differ.
pub(crate) fn django(p: &Project, image: usize) -> Option<&'static DjangoSeries> {
    *p.installed_django
        .get(image)?
        .get_or_init(|| find_django(p, image))
}

fn find_django(p: &Project, image: usize) -> Option<&'static DjangoSeries> {
    let listed = p.dependencies.get(image)?;
    let mut found: Option<&'static DjangoSeries> = None;
    let mut decided: Option<usize> = None;
    for (install, at) in &listed.items {
        let requirement = &p.installs[*install].set.requirements[*at];
        // All lines of an install that name it allow the same.
        if requirement.name != "django" || decided == Some(*install) {
            continue;
        }
        decided = Some(*install);
        let install = &p.installs[*install];
        let python = dependencies::python_for(p, install)?;
        let series = dependencies::django_series(install, requirement)?;
        let newest = series
            .into_iter()
            .rev()
            .find(|row| row.python_min <= python)?;
        if found.is_some_and(|found| found.series != newest.series) {
            return None;
        }
        found = Some(newest);
    }
    found
}

/// Whether the image's Django ignores a setting of that name.
pub(crate) fn is_dead(p: &Project, image: usize, name: &str) -> Option<bool> {
    let Some(setting) = django::setting(name) else {
        return Some(false);
    };
    if setting.removed.is_none() {
        return Some(false);
    }
    Some(setting.is_dead(django(p, image)?.series))
}

/// A middleware looks the host of each request up in a table of tenants, and refuses others.
pub(crate) fn checks_tenants(p: &Project, i: usize) -> Option<bool> {
    const MIDDLEWARE: [&str; 2] = [
        "django_tenants.middleware.main.TenantMainMiddleware",
        "tenant_schemas.middleware.TenantMiddleware",
    ];
    const DISTRIBUTIONS: &[&str] = &["django-tenants", "django-tenant-schemas"];
    let fact = &p.settings[i];
    let unknown = || {
        dependencies::lacks(p, fact.image, DISTRIBUTIONS).and_then(|lacks| lacks.then_some(false))
    };
    match verdicts::middleware(&fact.settings) {
        Answer::Known(known) => {
            // A subclass of the project is called like what it is made of.
            let ends = |name: &str| {
                let class = name.rsplit('.').next().unwrap_or(name);
                MIDDLEWARE.contains(&name) || class.contains("Tenant")
            };
            if known.value.entries.iter().any(|(name, _)| ends(name)) {
                return Some(true);
            }
            if known.value.is_open {
                return unknown();
            }
            Some(false)
        }
        Answer::Unassigned => Some(false),
        Answer::Env(_) | Answer::Unknown => unknown(),
    }
}

/// Distributions that the settings cannot be loaded without and the image certainly lacks, with the
/// place that needs each.
pub(crate) fn missing_distributions(p: &Project, i: usize) -> Vec<(&'static str, Span)> {
    let fact = &p.settings[i];
    let settings = &fact.settings;
    let mut out: Vec<(&'static str, Span)> = Vec::new();
    let mut need = |names: &'static [&'static str], span: Span| {
        if let Some(first) = names.first()
            && !out.iter().any(|(known, _)| known == first)
            && dependencies::lacks(p, fact.image, names) == Some(true)
        {
            out.push((first, span));
        }
    };
    for (module, span) in &settings.external_imports {
        if let Some(names) = python_modules::distributions(module) {
            need(names, *span);
        }
    }
    for answer in [
        verdicts::middleware(settings),
        verdicts::installed_apps(settings),
    ] {
        let Answer::Known(known) = answer else {
            continue;
        };
        for (name, span) in &known.value.entries {
            let module = name.split('.').next().unwrap_or_default();
            if let Some(names) = python_modules::distributions(module) {
                need(names, *span);
            }
        }
    }
    if loads_database(settings) {
        for (names, span) in engines(settings, |alias| alias == "default") {
            need(names, span);
        }
    }
    out
}

/// Drivers that the databases need and the image certainly lacks, where Django starts without them.
pub(crate) fn missing_drivers(p: &Project, i: usize) -> Vec<(&'static str, Span)> {
    let fact = &p.settings[i];
    let starts_without = !loads_database(&fact.settings);
    engines(&fact.settings, |alias| starts_without || alias != "default")
        .into_iter()
        .filter(|(names, _)| dependencies::lacks(p, fact.image, names) == Some(true))
        .filter_map(|(names, span)| Some((*names.first()?, span)))
        .collect()
}

/// An application of Django's own has models that load the default database as Django starts.
fn loads_database(settings: &Settings) -> bool {
    ["django.contrib.auth", "django.contrib.sessions"]
        .iter()
        .any(|app| application(settings, app).is_some())
}

/// The entry of INSTALLED_APPS for an application, by its module or its configuration.
fn application(settings: &Settings, wanted: &str) -> Option<(String, Span)> {
    let Answer::Known(known) = verdicts::installed_apps(settings) else {
        return None;
    };
    let mut apps = known.value.entries.into_iter();
    apps.find(|(name, _)| {
        name.strip_prefix(wanted)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// What makes Django load the libraries of GeoDjango, and whether it does so as it starts: the engine of a database,
/// or its application where the admin's looks for admin modules.
pub(crate) fn loads_geodjango(p: &Project, i: usize) -> Option<(Span, bool)> {
    const APPLICATION: &str = "django.contrib.gis";
    let settings = &p.settings[i].settings;
    // They say themselves where the libraries are.
    let may_name = |name: &&str| {
        settings
            .get(name)
            .is_some_and(|setting| match &setting.value.kind {
                Kind::None => false,
                Kind::Env(env) if env.state == EnvState::Unset => {
                    let default = env.default.as_ref();
                    !default.is_some_and(|default| matches!(default.kind, Kind::None))
                }
                _ => true,
            })
    };
    let names_libraries = ["GDAL_LIBRARY_PATH", "GEOS_LIBRARY_PATH"]
        .iter()
        .any(may_name);
    if names_libraries || settings.is_open {
        return None;
    }
    let entries = verdicts::databases(settings).map_or(Vec::new(), |(entries, _)| entries);
    let mut engine = None;
    for entry in entries {
        if let Answer::Known(known) = entry.text("ENGINE")
            && known.value.starts_with("django.contrib.gis.")
        {
            let is_at_start = entry.alias == "default" && loads_database(settings);
            engine = engine.or(Some((known.span, is_at_start)));
        }
    }
    if engine.is_some_and(|(_, is_at_start)| is_at_start) {
        return engine;
    }
    let admin = application(settings, "django.contrib.admin");
    let discovers = admin.is_some_and(|(name, _)| !name.ends_with(".SimpleAdminConfig"));
    let found = application(settings, APPLICATION).filter(|_| discovers);
    found.map(|(_, span)| (span, true)).or(engine)
}

/// The drivers of the databases that `wanted` picks by alias.
fn engines(
    settings: &Settings,
    wanted: impl Fn(&str) -> bool,
) -> Vec<(&'static [&'static str], Span)> {
    let entries = verdicts::databases(settings).map_or(Vec::new(), |(entries, _)| entries);
    let mut out = Vec::new();
    for entry in entries.iter().filter(|entry| wanted(&entry.alias)) {
        if let Answer::Known(known) = entry.text("ENGINE") {
            out.push((django::drivers(&known.value), known.span));
        }
    }
    out
}

/// Longest text shown of a value, in characters.
const SHOWN: usize = 160;

/// A value as Python would print it, secrets left out; `None` when it is not known.
pub(crate) fn display(name: &str, value: &Value) -> Option<String> {
    let is_secret = secret::hides(name);
    let mut out = String::new();
    print(value, is_secret, &mut out, 0)?;
    if out.chars().count() > SHOWN {
        out = out.chars().take(SHOWN).collect();
        out.push('…');
    }
    Some(out)
}

fn print(value: &Value, is_secret: bool, out: &mut String, depth: u8) -> Option<()> {
    if depth > 6 || out.len() > SHOWN * 4 {
        out.push('…');
        return Some(());
    }
    match &value.kind {
        Kind::None => out.push_str("None"),
        Kind::Bool(true) => out.push_str("True"),
        Kind::Bool(false) => out.push_str("False"),
        Kind::Int(int) => out.push_str(&int.to_string()),
        Kind::Float(float) => out.push_str(&format!("{float:?}")),
        Kind::Str(text) | Kind::Path(text) => {
            let shown = if is_secret && !text.is_empty() {
                "…"
            } else {
                text
            };
            out.push_str(&format!("{shown:?}"));
        }
        Kind::List(items) | Kind::Tuple(items) => {
            out.push('[');
            for (at, item) in items.items.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                if print(item, is_secret, out, depth + 1).is_none() {
                    out.push('?');
                }
            }
            if items.is_open {
                out.push_str(", ...");
            }
            out.push(']');
        }
        Kind::Dict(entries) => {
            out.push('{');
            for (at, (key, item)) in entries.entries.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                if print(key, false, out, depth + 1).is_none() {
                    out.push('?');
                }
                out.push_str(": ");
                if print(item, is_secret, out, depth + 1).is_none() {
                    out.push('?');
                }
            }
            if entries.is_open {
                out.push_str(", ...");
            }
            out.push('}');
        }
        Kind::Env(env) => match (env.state, &env.resolved, &env.default) {
            (EnvState::Set, Some(resolved), _) => {
                return print(resolved, is_secret, out, depth + 1);
            }
            (EnvState::Unset, _, Some(default)) => {
                return print(default, is_secret, out, depth + 1);
            }
            _ => return None,
        },
        Kind::FromFile(_) | Kind::Either(_) | Kind::Unset | Kind::Object(_) | Kind::Unknown(_) => {
            return None;
        }
    }
    Some(())
}
