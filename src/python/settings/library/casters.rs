//! What readers of variables make of their text.

use crate::python::settings::value::{Cast, Kind, Object, Thing, Value};

/// What is done to the text of a variable.
#[derive(Clone, Debug)]
pub(crate) enum Caster {
    None,
    Str,
    Bool,
    Int,
    Float,
    List {
        separator: String,
        is_tuple: bool,
        parts: Parts,
    },
    Data,
    DatabaseUrl,
    Url,
    Path,
    /// A function of the project or something else that is called.
    Call(Value),
}

/// What a reader makes of the parts of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parts {
    /// Blanks go, and so do empty ones: decouple, django-configurations.
    Stripped,
    /// Empty ones go: django-environ.
    Filled,
    /// As they are: environs.
    All,
}

impl Caster {
    pub(crate) fn cast(&self) -> Cast {
        match self {
            Caster::None | Caster::Str => Cast::Str,
            Caster::Bool => Cast::Bool,
            Caster::Int => Cast::Int,
            Caster::Float => Cast::Float,
            Caster::List { .. } => Cast::List,
            Caster::Data => Cast::Data,
            Caster::DatabaseUrl | Caster::Url => Cast::Url,
            Caster::Path => Cast::Path,
            Caster::Call(_) => Cast::Other,
        }
    }

    pub(crate) fn list() -> Self {
        Self::separated(false, Parts::Stripped)
    }

    pub(crate) fn separated(is_tuple: bool, parts: Parts) -> Self {
        Self::List {
            separator: ",".to_owned(),
            is_tuple,
            parts,
        }
    }

    /// To the type of a value; `None` leaves the text.
    pub(crate) fn like(value: &Value) -> Self {
        match &value.settled().kind {
            Kind::None | Kind::Str(_) => Caster::Str,
            Kind::Bool(_) => Caster::Bool,
            Kind::Int(_) => Caster::Int,
            Kind::Float(_) => Caster::Float,
            Kind::List(_) => Caster::separated(false, Parts::Filled),
            Kind::Tuple(_) => Caster::separated(true, Parts::Filled),
            Kind::Dict(_) => Caster::Data,
            Kind::Path(_) => Caster::Path,
            _ => Caster::Call(value.clone()),
        }
    }

    /// From a value given as `cast=`.
    pub(crate) fn of(value: &Value) -> Self {
        match &value.kind {
            Kind::None => Caster::None,
            Kind::List(items) if items.items.iter().all(is_str) => {
                Caster::separated(false, Parts::Filled)
            }
            Kind::List(_) => Caster::Data,
            Kind::Tuple(items) if items.items.iter().all(is_str) => {
                Caster::separated(true, Parts::Filled)
            }
            Kind::Tuple(_) => Caster::Data,
            Kind::Dict(_) => Caster::Data,
            Kind::Object(Object(Thing::External(name))) => match &**name {
                "builtins.str" => Caster::Str,
                "builtins.bool" => Caster::Bool,
                "builtins.int" => Caster::Int,
                "builtins.float" => Caster::Float,
                "builtins.list" => Caster::separated(false, Parts::Filled),
                "builtins.tuple" => Caster::separated(true, Parts::Filled),
                "builtins.dict" | "json.loads" => Caster::Data,
                "decouple.Csv" => Caster::list(),
                "dj_database_url.parse" => Caster::DatabaseUrl,
                _ => Caster::Call(value.clone()),
            },
            Kind::Object(Object(Thing::Csv(csv))) => Caster::List {
                separator: csv.delimiter.clone(),
                is_tuple: csv.is_tuple,
                parts: Parts::Stripped,
            },
            _ => Caster::Call(value.clone()),
        }
    }
}

/// As `environ.Env` lists it: `Env(DEBUG=(bool, False))`.
pub(crate) fn caster_of(cast: Cast) -> Caster {
    match cast {
        Cast::Bool | Cast::Truthy => Caster::Bool,
        Cast::Int => Caster::Int,
        Cast::Float => Caster::Float,
        Cast::List => Caster::separated(false, Parts::Filled),
        Cast::Data => Caster::Data,
        Cast::Path => Caster::Path,
        Cast::Url => Caster::Url,
        Cast::Str | Cast::Other => Caster::Str,
    }
}

fn is_str(value: &Value) -> bool {
    matches!(&value.kind, Kind::Object(Object(Thing::External(name))) if &**name == "builtins.str")
}

/// The meaning of a text that stands for true or false in all readers that agree on it.
pub(crate) fn truth_of(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "on" | "y" | "yes" | "1" => Some(true),
        "false" | "off" | "n" | "no" | "0" => Some(false),
        _ => None,
    }
}
