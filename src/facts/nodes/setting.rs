//! A setting as the container sees it: what the settings say with the variables that ENV, compose and the command line
//! give, and with the defaults of all others.

use std::sync::Arc;

use crate::facts::build::at as held;
use crate::facts::deploy::queues;
use crate::facts::django::needs;
use crate::facts::model::Celery;
use crate::facts::model::{Project, SettingsFact};
use crate::facts::nodes::cells::{at, effective, known_bool, str_or_absent, texts_cell};
use crate::facts::nodes::node::{Facts, Id, Node, table};
use crate::facts::system::zones;
use crate::facts::table::{Cell, Kind as FactKind, Selected, Type};
use crate::knowledge::Series;
use crate::knowledge::django;
use crate::knowledge::form_template_packs::FormTemplatePack;
use crate::knowledge::secret::{self, Verdict};
use crate::knowledge::words::{ValueWords, VariableWords};
use crate::python::settings::{
    Cast, Env, EnvState, Kind, Reader, Reason, Setting, Value, origins, verdicts,
};
use crate::span::Span;

pub(super) const KIND: FactKind = FactKind {
    name: "setting",
    table: &TABLE,
    key: "the setting: `DEBUG`",
    vars: &["settings"],
    doc: "a setting as the container sees it",
};

/// Calls `each` for every fact of the kind, in file order.
pub(super) fn visit(facts: &Facts, each: &mut dyn FnMut(Selected)) {
    let p = &facts.0;
    for (i, settings) in p.settings.iter().enumerate() {
        let stage = p.images[settings.image].stage;
        for (name, setting) in &settings.settings.values {
            let node = Id::Setting {
                settings: i,
                name: Arc::from(name.as_str()),
            }
            .node(p);
            let covers = vec![setting.span, setting.value.span];
            each(facts.selected(Some(stage), name, node, covers));
        }
    }
}

table! {
    "setting",
    "A setting as the container sees it: what the settings say with the variables that ENV, compose and the \
     command line give, and with the defaults of all others.";
    name: Type::Str, "in capitals; marks the last assignment";
    value: Type::Str,
        "as Python would print it, shortened; secrets are omitted; unknown when computed from what is not known";
    source: Type::Str,
        "`settings` (written there), `environment` (a variable that is given), `default` (of a variable that \
         nothing sets), `required` (a variable without default) or `file`";
    variable: Type::Str, "the environment variable that it reads; absent without";
    given_by: Type::Str, "that variable, where the compose file for production gives it; absent when none does";
    set_by: Type::Link("env"), "the ENV that sets that variable, where nothing else gives it; absent without";
    unless: Type::Str,
        "the variable that would change it, and that nothing which was read sets; absent when it holds for sure";
    unless_is_of_platform: Type::Bool, "a platform sets that variable wherever it runs a container: `RENDER`";
    read_beside: Type::Str,
        "the other variable from which a line of the settings reads it, where `unless` only decides which line counts; \
         absent otherwise";
    unless_too: Type::Str, "the other variable that would change it, which its default is read from; absent without";
    is_true: Type::Bool, "Python takes it as true";
    text: Type::Str, "its text; empty for `None`";
    weak_secret: Type::Str,
        "what the settings use instead of a secret: `guessable` (words anybody would try) or \
         `stand-in` (it or a comment beside it says so); absent when it is a secret, and where nothing is \
         written";
    number: Type::Int, "its number";
    items: Type::List(&Type::Str), "its texts, of a list or tuple; a lone text is its only item";
    unmatched: Type::List(&Type::Str),
        "those of its texts that match no `Host` header, as entries of ALLOWED_HOSTS: with a scheme, a port, a \
         path, a space, a comma, or `*` in front of more; without those whose host another of its texts matches";
    with_path: Type::List(&Type::Str),
        "those of its texts that are an address of HTTP with a path, or a slash at the end: no browser names one as \
         origin; without those of CSRF_TRUSTED_ORIGINS that have a `*`, of which Django takes scheme and host only";
    without_scheme: Type::List(&Type::Str), "those of its texts that do not say a scheme: `shop.example`, `*`";
    is_text: Type::Bool, "it is text, or becomes the text of its variable when that is set";
    is_uncast: Type::Bool,
        "it is the text of a variable, or `bool()` of it: any value but the empty one is true, `False` too";
    reader: Type::Str,
        "what reads its variable: `os`, `environ`, `environs`, `decouple`, `configurations`, or `other`; absent \
         without a variable";
    default_means: Type::Bool,
        "what is meant by the default of its variable: `\"False\"` is no; absent without one, and for other words";
    unread_queue: Type::Str,
        "the first queue that CELERY_TASK_ROUTES sends tasks to and that certainly no worker of the project reads; \
         absent otherwise, and for other settings";
    read_queues: Type::List(&Type::Str), "the queues that they read, where `unread_queue` is one";
    is_unread_by_celery: Type::Bool,
        "the application of celery reads its settings from Django's under other names: with `CELERY_` in front, or \
         without; and none of these is set";
    celery_name: Type::Str, "the name that it reads: `CELERY_BROKER_URL` for `BROKER_URL`; absent without";
    regenerated_by: Type::Str,
        "the function that generates its value each time the settings are imported: `secrets.token_hex`; absent \
         otherwise";
    lacks_zones: Type::Bool,
        "it names a time zone, Django uses it, and the image certainly has no time zones at all";
    is_legacy_zone: Type::Bool,
        "it names a time zone that Debian has in `tzdata-legacy` only, which the image lacks; unknown where the \
         packages of the image are not known";
    lacks_pack: Type::Str,
        "of CRISPY_TEMPLATE_PACK: the distribution with the form templates that it chooses, where no application of \
         INSTALLED_APPS and no directory of templates certainly has them; absent otherwise, and for packs that nothing \
         is known of";
    pack_application: Type::Str, "the application of that distribution: `crispy_bootstrap5`; absent without";
    is_dead: Type::Bool, "the Django of the image ignores a setting of this name";
    replacement: Type::Str, "the setting that took its place; absent without";
    settings: Type::Link("settings"), "the settings that it belongs to";
}

pub(super) struct View<'a> {
    p: &'a Arc<Project>,
    settings: usize,
    name: &'a str,
}

impl<'a> View<'a> {
    fn of(node: &'a Node) -> Option<Self> {
        match &node.id {
            Id::Setting { settings, name } => Some(Self {
                p: &node.p,
                settings: *settings,
                name,
            }),
            _ => None,
        }
    }
}

impl View<'_> {
    fn owner(&self) -> &SettingsFact {
        &self.p.settings[self.settings]
    }

    fn setting(&self) -> Option<&Setting> {
        self.owner().settings.get(self.name)
    }

    fn find_value(&self) -> Option<&Value> {
        self.setting().map(|setting| &setting.value)
    }

    fn env(&self) -> Option<&Env> {
        match &self.find_value()?.kind {
            Kind::Env(env) => Some(env),
            // One element that is not set is enough.
            Kind::List(items) | Kind::Tuple(items) => {
                items.items.iter().find_map(|item| match &item.kind {
                    Kind::Env(env) if env.state != EnvState::Set => Some(&**env),
                    _ => None,
                })
            }
            _ => None,
        }
    }

    /// A line of the settings that assigns it names another variable than the one that decides, and none that one.
    fn read_beside(&self) -> Cell {
        let names = self.owner().variables_of(self.name);
        match self.env() {
            Some(env) if !names.contains(&env.name) => {
                str_or_absent(names.first().map(String::as_str))
            }
            _ => Cell::ABSENT,
        }
    }

    /// The variable that the default of its variable is read from.
    fn unless_too(&self) -> Cell {
        let default = self.env().and_then(|env| env.default.as_ref());
        match default.map(|default| &default.kind) {
            Some(Kind::Env(inner)) => Cell::str(&inner.name).at(inner.span),
            _ => Cell::ABSENT,
        }
    }

    /// The line of a compose file for production that gives the variable it reads.
    fn given_by(&self) -> Cell {
        let Some(env) = self.env() else {
            return Cell::ABSENT;
        };
        let mut given = self.p.around.environment().iter();
        let found = given.find(|(name, _, value)| *name == env.name && value.is_some());
        found.map_or(Cell::ABSENT, |(name, span, _)| Cell::str(name).at(*span))
    }

    fn set_by(&self) -> Cell {
        let Some(env) = self.env().filter(|env| env.state == EnvState::Set) else {
            return Cell::ABSENT;
        };
        let mut given = self.p.around.environment().iter();
        if given.any(|(name, ..)| *name == env.name) {
            return Cell::ABSENT;
        }
        let stage = self.p.images[self.owner().image].stage;
        let envs = held::env_indices(self.p, stage);
        let mut envs = envs.into_iter();
        let found = envs.find(|at| self.p.envs[*at].name.as_str() == env.name);
        found.map_or(Cell::ABSENT, |at| Id::Env(at).cell(self.p))
    }

    fn source(&self) -> Cell {
        let Some(value) = self.find_value() else {
            return Cell::UNKNOWN;
        };
        match &value.kind {
            Kind::Env(env) => match (env.state, &env.default) {
                (EnvState::Set, _) => Cell::str("environment"),
                (EnvState::Unset, Some(_)) => Cell::str("default"),
                (EnvState::Unset, None) => Cell::str("required"),
                (EnvState::Unknown, _) => Cell::UNKNOWN,
            },
            Kind::FromFile(_) => Cell::str("file"),
            Kind::Unknown(_) | Kind::Either(_) | Kind::Unset | Kind::Object(_) => Cell::UNKNOWN,
            _ => Cell::str("settings"),
        }
    }

    /// What stands in the settings in the place of a secret.
    fn weak_secret(&self) -> Cell {
        let Some(value) = self.find_value() else {
            return Cell::UNKNOWN;
        };
        let Some(text) = value.as_str() else {
            return Cell::ABSENT;
        };
        let file = self.owner().text_of(value.span.file).unwrap_or_default();
        let at = value.span.start as usize;
        match secret::judge_in(self.name, Some(text), file, at, false) {
            Verdict::Guessable => Cell::str("guessable"),
            Verdict::Dummy => Cell::str("stand-in"),
            Verdict::Secret(_) | Verdict::Harmless => Cell::ABSENT,
        }
    }

    fn is_list_from_text(&self) -> Option<bool> {
        let value = self.find_value()?;
        match &value.kind {
            Kind::Str(_) => Some(true),
            Kind::Env(env) => Some(env.cast == Cast::Str),
            Kind::Unknown(_)
            | Kind::Either(_)
            | Kind::FromFile(_)
            | Kind::Object(_)
            | Kind::Unset => None,
            _ => Some(false),
        }
    }

    fn is_uncast(&self) -> Cell {
        match verdicts::uncast_flag(&self.owner().settings, self.name) {
            Some((_, span)) => Cell::bool(true).at(span),
            None => match self.find_value().map(|value| &value.kind) {
                Some(Kind::Unknown(_) | Kind::Object(_)) | None => Cell::UNKNOWN,
                _ => Cell::bool(false),
            },
        }
    }

    fn own_reader(&self) -> Cell {
        let Some(env) = self.env() else {
            return Cell::ABSENT;
        };
        Cell::str(match env.reader {
            Reader::Stdlib => "os",
            Reader::DjangoEnviron => "environ",
            Reader::Decouple => "decouple",
            Reader::Environs => "environs",
            Reader::Configurations => "configurations",
            Reader::DjDatabaseUrl | Reader::Pydantic | Reader::Other => "other",
        })
    }

    /// What is meant by the default of its variable: `"False"` is no.
    fn default_means(&self) -> Cell {
        let Some(env) = self.env() else {
            return Cell::ABSENT;
        };
        let Some(default) = &env.default else {
            return Cell::ABSENT;
        };
        let written = env.default_text.as_deref();
        let means = match written.or(default.as_str()) {
            Some(text) => match text.to_ascii_lowercase().as_str() {
                text if ValueWords::YesOfSetting.contains(text) => Some(true),
                text if text.is_empty() || ValueWords::NoOfSetting.contains(text) => Some(false),
                _ => None,
            },
            None => default.truth(),
        };
        means.map_or(Cell::ABSENT, Cell::bool)
    }

    fn place(&self) -> Option<Span> {
        self.setting().map(|setting| setting.value.span)
    }

    fn label(&self) -> String {
        self.name.to_owned()
    }
}

impl View<'_> {
    fn name(&self) -> Cell {
        at(
            Cell::str(self.name),
            self.setting().map(|setting| setting.span),
        )
    }

    fn value(&self) -> Cell {
        self.find_value()
            .and_then(|value| needs::display(self.name, value))
            .map_or(Cell::UNKNOWN, |text| at(Cell::str(&text), self.place()))
    }

    fn variable(&self) -> Cell {
        match self.env() {
            Some(env) => Cell::str(&env.name).at(env.span),
            None => match self.find_value().map(|value| &value.kind) {
                Some(Kind::Unknown(_) | Kind::Either(_)) | None => Cell::UNKNOWN,
                _ => Cell::ABSENT,
            },
        }
    }

    fn unless(&self) -> Cell {
        match self.env() {
            Some(env) if env.state == EnvState::Unset => Cell::str(&env.name).at(env.span),
            Some(env) if env.state == EnvState::Unknown => Cell::UNKNOWN,
            _ => Cell::ABSENT,
        }
    }

    fn unless_is_of_platform(&self) -> Cell {
        let is_set = |env: &Env| VariableWords::OfPlatform.contains(&env.name);
        Cell::bool(self.env().is_some_and(is_set))
    }

    fn is_true(&self) -> Cell {
        effective(
            &verdicts::flag(&self.owner().settings, self.name),
            |value| Cell::bool(*value),
        )
    }

    fn text(&self) -> Cell {
        effective(&verdicts::text(&self.owner().settings, self.name), |text| {
            Cell::str(text)
        })
    }

    fn number(&self) -> Cell {
        effective(
            &verdicts::number(&self.owner().settings, self.name),
            |number| Cell::int(*number),
        )
    }

    fn items(&self) -> Cell {
        effective(
            &verdicts::texts(&self.owner().settings, self.name),
            texts_cell,
        )
    }

    fn with_path(&self) -> Cell {
        let texts = verdicts::texts(&self.owner().settings, self.name);
        let is_one = match self.name {
            "CSRF_TRUSTED_ORIGINS" => origins::is_trusted_origin_with_path,
            _ => origins::is_origin_with_path,
        };
        effective(&texts, |texts| {
            let mut own = texts.clone();
            own.entries.retain(|(text, _)| is_one(text));
            texts_cell(&own)
        })
    }

    fn without_scheme(&self) -> Cell {
        let texts = verdicts::texts(&self.owner().settings, self.name);
        effective(&texts, |texts| {
            let mut own = texts.clone();
            // Of CORS, `null` is an origin.
            let is_null = |text: &str| text == "null" && self.name.starts_with("CORS_");
            own.entries
                .retain(|(text, _)| origins::lacks_scheme(text) && !is_null(text));
            texts_cell(&own)
        })
    }

    fn unmatched(&self) -> Cell {
        let texts = verdicts::texts(&self.owner().settings, self.name);
        effective(&texts, |texts| {
            let mut own = texts.clone();
            own.entries.retain(|(text, _)| {
                verdicts::matches_no_host(text)
                    && !verdicts::is_matched_beside(text, &texts.entries)
            });
            texts_cell(&own)
        })
    }

    fn is_text(&self) -> Cell {
        known_bool(self.is_list_from_text())
    }

    fn reader(&self) -> Cell {
        self.own_reader()
    }

    fn find_celery_name(&self) -> Option<String> {
        let name = match self.owner().celery {
            Celery::Prefixed if ValueWords::CeleryOld.contains(self.name) => {
                let name = self.name.replacen("CELERYBEAT_", "BEAT_", 1);
                let name = match name.strip_prefix("CELERYD_") {
                    Some(rest) if rest.starts_with("TASK_") => rest.to_owned(),
                    Some(rest) => ["WORKER_", rest].concat(),
                    None => name,
                };
                ["CELERY_", &name].concat()
            }
            Celery::AsSettings if ValueWords::CeleryPrefixed.contains(self.name) => {
                let name = self.name.strip_prefix("CELERY_")?;
                match name.strip_prefix("BEAT_") {
                    Some(rest) => ["CELERYBEAT_", rest].concat(),
                    None => name.to_owned(),
                }
            }
            _ => return None,
        };
        Some(name)
    }

    fn celery_name(&self) -> Cell {
        str_or_absent(self.find_celery_name().as_deref())
    }

    fn find_unread(&self) -> Option<queues::Unread> {
        let is_it = self.name == "CELERY_TASK_ROUTES";
        is_it
            .then(|| queues::unread(self.p, self.settings))
            .flatten()
    }

    fn unread_queue(&self) -> Cell {
        let found = self.find_unread();
        found.map_or(Cell::ABSENT, |it| Cell::str(&it.queue).at(it.span))
    }

    fn read_queues(&self) -> Cell {
        let found = self.find_unread().map(|it| it.read).unwrap_or_default();
        Cell::list(found.iter().map(|name| Cell::str(name)).collect())
    }

    fn is_unread_by_celery(&self) -> Cell {
        let Some(name) = self.find_celery_name() else {
            return Cell::bool(false);
        };
        let settings = &self.owner().settings;
        if settings.get(&name).is_some() {
            return Cell::bool(false);
        }
        match !settings.is_open {
            true => Cell::bool(true),
            false => Cell::UNKNOWN,
        }
    }

    fn regenerated_by(&self) -> Cell {
        match self.find_value().map(|value| &value.kind) {
            Some(Kind::Unknown(Reason::Call(name))) => str_or_absent(
                Some(name.as_str()).filter(|name| ValueWords::GeneratesValue.contains(name)),
            ),
            _ => Cell::ABSENT,
        }
    }

    fn lacks_zones(&self) -> Cell {
        let owner = self.owner();
        let zone = verdicts::text(&owner.settings, self.name);
        let is_on = match verdicts::flag(&owner.settings, "USE_TZ") {
            verdicts::Answer::Known(known) => known.value,
            verdicts::Answer::Unassigned => {
                let django = needs::django(self.p, owner.image);
                django.is_some_and(|row| row.series >= Series(5, 0))
            }
            _ => false,
        };
        let is_named = zone.known().is_some_and(|zone| !zone.is_empty());
        Cell::bool(is_named && is_on && zones::are_missing(self.p, owner.image))
    }

    fn is_legacy_zone(&self) -> Cell {
        let stage = self.p.images[self.owner().image].stage;
        let zone = verdicts::text(&self.owner().settings, self.name);
        match zone.known() {
            Some(zone) => known_bool(zones::is_lacking(self.p, stage, zone)),
            None => Cell::UNKNOWN,
        }
    }

    fn find_pack(&self) -> Option<&'static FormTemplatePack> {
        self.owner()
            .lacks_pack
            .filter(|_| self.name == "CRISPY_TEMPLATE_PACK")
    }

    fn lacks_pack(&self) -> Cell {
        let found = self.find_pack();
        at(
            str_or_absent(found.map(|row| row.distribution)),
            self.place(),
        )
    }

    fn pack_application(&self) -> Cell {
        str_or_absent(self.find_pack().map(|row| row.application))
    }

    fn is_dead(&self) -> Cell {
        known_bool(needs::is_dead(self.p, self.owner().image, self.name))
    }

    fn replacement(&self) -> Cell {
        str_or_absent(django::setting(self.name).and_then(|row| row.replacement))
    }

    fn settings(&self) -> Cell {
        Id::Settings(self.settings).cell(self.p)
    }
}
