//! Values of settings that do not fit: one text in the place of a list, options of another backend, entries of a list
//! in the wrong order.

use crate::facts::django::gone;
use crate::facts::model::Project;
use crate::knowledge::unfit_settings::{self, BackendOptions, ListSetting, Order};
use crate::python::settings::verdicts::{self, Answer};
use crate::python::settings::{Kind, Value};
use crate::span::{Span, Traced};

/// Settings that are one text where Django or a package goes through a list.
pub(crate) fn lone_texts(p: &Project, i: usize) -> Vec<(&'static ListSetting, Span)> {
    let settings = &p.settings[i].settings;
    let found = unfit_settings::lists().filter_map(|row| {
        let value = &settings.get(row.setting)?.value;
        let value = match row.key {
            Some(key) => value.as_dict()?.get(key)?,
            None => value,
        };
        let is_lone = matches!(&value.kind, Kind::Str(text) | Kind::Path(text) if text.len() > 1);
        is_lone.then_some((row, value.span))
    });
    found.collect()
}

/// An option that the backend of its entry does not take.
#[derive(Debug)]
pub(crate) struct ForeignOption {
    pub(crate) row: &'static BackendOptions,
    pub(crate) backend: String,
    /// The name, where the settings have it.
    pub(crate) option: Traced,
}

/// Options in the settings that the backends certainly do not take.
pub(crate) fn foreign_options(p: &Project, i: usize) -> Vec<ForeignOption> {
    let fact = &p.settings[i];
    let mut out: Vec<ForeignOption> = Vec::new();
    for row in unfit_settings::backends() {
        let entries = verdicts::entries(&fact.settings, row.setting).unwrap_or_default();
        let named = if row.setting == "DATABASES" {
            "ENGINE"
        } else {
            "BACKEND"
        };
        for entry in entries.0 {
            let Answer::Known(backend) = entry.text(named) else {
                continue;
            };
            if backend.env.is_some() || !row.is_of(&backend.value) {
                continue;
            }
            let options = entry
                .value
                .as_dict()
                .and_then(|it| it.get(row.key)?.as_dict());
            let written = |key: &Value| {
                let name = key.as_str()?;
                let text = fact.text_of(key.span.file)?;
                // What a library adds for an address is not written there.
                let is_written = key.span.slice(text).contains(name);
                (is_written && row.is_refused(name)).then(|| Traced::new(name.to_owned(), key.span))
            };
            let keys = options
                .into_iter()
                .flat_map(|it| it.entries.iter().map(|(key, _)| key));
            out.extend(keys.filter_map(written).map(|option| ForeignOption {
                row,
                backend: backend.value.clone(),
                option,
            }));
        }
    }
    out
}

/// The first entry that stands behind one that wants it in front, with the place of that one.
pub(crate) fn late(p: &Project, i: usize) -> Option<(&'static Order, Span)> {
    let fact = &p.settings[i];
    unfit_settings::orders().find_map(|row| {
        let setting = fact.settings.get(row.setting)?;
        // Of alternatives the order is not known.
        let items = setting.value.as_items()?;
        let at = |name: &str| {
            let mut all = items.items.iter().enumerate();
            let mut own = all.by_ref().filter(|(_, item)| {
                let text = item.as_str();
                text.is_some_and(|text| {
                    let rest = text.strip_prefix(name);
                    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(".apps."))
                })
            });
            own.next().map(|(at, item)| (at, item.span))
        };
        let (first, span) = at(row.first)?;
        let (second, _) = at(row.second)?;
        let is_late =
            first > second && gone::is_since(p, fact.image, row.distribution, row.from, row.newest);
        is_late.then_some((row, span))
    })
}
