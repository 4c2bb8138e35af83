//! What Django answers with these settings, and what keeps it from starting.

use crate::facts::deploy::{plain_databases, uploads, writes};
use crate::facts::django::{
    answered, cache_tables, finders, gone, middleware, needs, refused, unfit,
};
use crate::facts::model::LogLack;
use crate::facts::nodes::cells::{effective, list, str_or_absent, traced};
use crate::facts::nodes::settings::{View, beside};
use crate::facts::table::Cell;
use crate::knowledge::Series;
use crate::knowledge::unfit_settings::ListSetting;
use crate::python::settings::verdicts;

impl View<'_> {
    pub(super) fn asks_tls(&self) -> Cell {
        let found = plain_databases::of_settings(self.p, self.i);
        found.map_or(Cell::ABSENT, |(span, name)| {
            Cell::str(name.as_str()).at(span)
        })
    }

    pub(super) fn checks_origins(&self) -> Cell {
        let fact = self.fact();
        let django = needs::django(self.p, fact.image).map(|row| row.series >= Series(4, 0));
        let applications = verdicts::installed_apps(&fact.settings);
        let of_others = applications
            .known()
            .and_then(|apps| apps.contains("corsheaders"));
        // Before that, django-cors-headers took names of hosts.
        let takes_origins = || {
            let name = "django-cors-headers";
            gone::is_since(self.p, fact.image, name, "3.0.0", "4.9.0")
        };
        let of_old = of_others.map(|it| it && takes_origins());
        let settings = [
            (django, "CSRF_TRUSTED_ORIGINS"),
            (of_others, "CORS_ALLOWED_ORIGINS"),
            (of_old, "CORS_ORIGIN_WHITELIST"),
        ];
        let checked = settings
            .iter()
            .filter(|(is_checked, _)| *is_checked == Some(true));
        let names = checked.map(|(_, name)| Cell::str(name)).collect();
        list(names, django.is_some() && of_others.is_some())
    }

    pub(super) fn early_query(&self) -> Cell {
        let mut all = self.p.early_queries.iter();
        let found = all.find(|it| it.settings == self.i);
        found.map_or(Cell::ABSENT, |it| Cell::str(&it.model).at(it.span))
    }

    fn log_lack(&self) -> Option<&LogLack> {
        self.p.log_lacks.iter().find(|it| it.settings == self.i)
    }

    pub(super) fn lacks_log_directory(&self) -> Cell {
        // A user who may not write there is another finding.
        let is_told = |span| writes::of(self.p).iter().any(|it| it.span == span);
        let found = self.log_lack();
        let found = found.filter(|it| it.stops_build || !is_told(it.span));
        found.map_or(Cell::ABSENT, |it| Cell::str(&it.directory).at(it.span))
    }

    pub(super) fn lacks_log_handler(&self) -> Cell {
        str_or_absent(self.log_lack().map(|it| it.handler.as_str()))
    }

    pub(super) fn lacks_log_by(&self) -> Cell {
        let found = self.log_lack().and_then(|it| it.ignored_by.as_ref());
        found.map_or(Cell::ABSENT, |(text, span)| Cell::str(text).at(*span))
    }

    pub(super) fn lacks_log_at_build(&self) -> Cell {
        Cell::bool(self.log_lack().is_some_and(|it| it.stops_build))
    }

    pub(super) fn unloaded_celery(&self) -> Cell {
        let found = self.fact().unloaded_celery.as_ref();
        found.map_or(Cell::ABSENT, |it| Cell::str(&it.call).at(it.call_span))
    }

    pub(super) fn unloaded_celery_module(&self) -> Cell {
        let found = self.fact().unloaded_celery.as_ref();
        found.map_or(Cell::ABSENT, |it| Cell::str(&it.module).at(it.place))
    }

    pub(super) fn uploads_unserved(&self) -> Cell {
        let fact = &self.p.settings[self.i];
        let settings = &fact.settings;
        let storages = settings.get("STORAGES").map(|setting| &setting.value);
        let is_plain_storage = settings.get("DEFAULT_FILE_STORAGE").is_none()
            && storages.is_none_or(|value| {
                let default = value.as_dict().and_then(|it| it.get("default"));
                let class = default.and_then(|it| it.as_dict()?.get("BACKEND")?.as_str());
                class == Some("django.core.files.storage.FileSystemStorage")
            });
        let url = verdicts::url_path(settings, "MEDIA_URL");
        let root = verdicts::text(settings, "MEDIA_ROOT");
        let is_off = finders::is_without_debug(settings);
        let image = &self.p.images[fact.image];
        let is_plain = image.served.as_ref().is_some_and(|it| it.uwsgi.is_none());
        let found = fact
            .uploads_in_debug
            .filter(|_| is_off && is_plain && is_plain_storage);
        match (found, url.known(), root.known()) {
            (Some(place), Some(url), Some(root))
                if url.len() > 1
                    && url.starts_with('/')
                    && beside::keeps_uploads(self.p, fact.image, root)
                    // What packages keep there may be for nobody: keys.
                    && uploads::field(self.p, self.i).is_some() =>
            {
                Cell::str(url).at(place)
            }
            _ => Cell::ABSENT,
        }
    }

    pub(super) fn refuses_healthcheck(&self) -> Cell {
        let asked = refused::healthcheck(self.p, self.i);
        asked.map_or(Cell::ABSENT, |asked| Cell::str(asked.host).at(asked.span))
    }

    pub(super) fn lacks_cache_table(&self) -> Cell {
        let found = cache_tables::lacking(self.p, self.i);
        found.map_or(Cell::ABSENT, |(backend, table)| {
            Cell::str(&table).at(backend.span())
        })
    }

    pub(super) fn upload_storage(&self) -> Cell {
        let settings = &self.p.settings[self.i].settings;
        let Some((entries, is_open)) = verdicts::entries(settings, "STORAGES") else {
            return Cell::UNKNOWN;
        };
        let class = |answer: &verdicts::Answer<String>| effective(answer, |text| Cell::str(text));
        match entries.iter().find(|entry| entry.alias == "default") {
            Some(entry) => class(&entry.text("BACKEND")),
            None if is_open => Cell::UNKNOWN,
            None => class(&verdicts::text(settings, "DEFAULT_FILE_STORAGE")),
        }
    }

    pub(super) fn lone_texts(&self) -> Cell {
        let found = unfit::lone_texts(self.p, self.i).into_iter();
        let name = |row: &ListSetting| match row.key {
            Some(key) => format!("{}.{key}", row.setting),
            None => row.setting.to_owned(),
        };
        Cell::list(
            found
                .map(|(row, span)| Cell::str(&name(row)).at(span))
                .collect(),
        )
    }

    pub(super) fn lone_text_effect(&self) -> Cell {
        let found = unfit::lone_texts(self.p, self.i);
        str_or_absent(found.first().map(|(row, _)| row.effect))
    }

    pub(super) fn foreign_options(&self) -> Cell {
        let found = unfit::foreign_options(self.p, self.i).into_iter();
        Cell::list(found.map(|it| traced(&it.option)).collect())
    }

    fn first_foreign(&self, say: fn(&unfit::ForeignOption) -> &str) -> Cell {
        let found = unfit::foreign_options(self.p, self.i);
        str_or_absent(found.first().map(say))
    }

    pub(super) fn foreign_options_of(&self) -> Cell {
        self.first_foreign(|it| &it.backend)
    }

    pub(super) fn foreign_options_in(&self) -> Cell {
        self.first_foreign(|it| it.row.setting)
    }

    pub(super) fn foreign_options_raise(&self) -> Cell {
        self.first_foreign(|it| it.row.effect)
    }

    pub(super) fn late_entry(&self) -> Cell {
        let found = unfit::late(self.p, self.i);
        found.map_or(Cell::ABSENT, |(row, span)| Cell::str(row.first).at(span))
    }

    pub(super) fn late_entry_after(&self) -> Cell {
        str_or_absent(unfit::late(self.p, self.i).map(|(row, _)| row.second))
    }

    pub(super) fn late_entry_effect(&self) -> Cell {
        str_or_absent(unfit::late(self.p, self.i).map(|(row, _)| row.effect))
    }

    pub(super) fn refuses_probe(&self) -> Cell {
        refused::probe(self.p, self.i).map_or(Cell::ABSENT, traced)
    }

    pub(super) fn lacks_healthcheck_url(&self) -> Cell {
        let asked = answered::missing(self.p, self.i);
        asked.map_or(Cell::ABSENT, |asked| Cell::str(&asked.path).at(asked.span))
    }

    pub(super) fn healthcheck_method(&self) -> Cell {
        let found = answered::method(self.p, self.i);
        found.map_or(Cell::ABSENT, |(method, _, asked)| {
            Cell::str(&method).at(asked.span)
        })
    }

    pub(super) fn healthcheck_methods(&self) -> Cell {
        let methods = answered::method(self.p, self.i).map(|(_, methods, _)| methods);
        let methods = methods.unwrap_or_default();
        Cell::list(methods.iter().map(|one| Cell::str(one)).collect())
    }

    pub(super) fn may_redirect_healthcheck(&self) -> Cell {
        Cell::bool(answered::may_be_redirected(self.p, self.i))
    }

    pub(super) fn redirects_healthcheck(&self) -> Cell {
        let asked = answered::redirect(self.p, self.i);
        asked.map_or(Cell::ABSENT, |asked| Cell::str(&asked.path).at(asked.span))
    }

    pub(super) fn lacks_middleware(&self) -> Cell {
        let found = middleware::lacking(self.p, self.i);
        found.map_or(Cell::ABSENT, |(row, span)| {
            Cell::str(row.middleware).at(span)
        })
    }

    pub(super) fn healthcheck_login(&self) -> Cell {
        let found = answered::login(self.p, self.i);
        found.map_or(Cell::ABSENT, |(asked, class)| {
            Cell::str(&class).at(asked.span)
        })
    }
}
