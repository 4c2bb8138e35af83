//! The types of expressions in rules, from the table of facts.

use crate::facts::table::{Schema, Table, Type};

use super::source::OptionValue;

/// What is known of a value before there is one. Any value may also be absent or unknown.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ty {
    /// Nothing is known, or a mistake was already reported.
    Any,
    None,
    Bool,
    Int,
    Str,
    List(Box<Ty>),
    Map(Box<Ty>),
    Fact(Same),
}

/// A table, compared by identity: there is one for each kind of fact.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Same(pub(crate) &'static Table);

impl PartialEq for Same {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0) || self.0.name == other.0.name
    }
}

impl Ty {
    /// The type of a field.
    pub(crate) fn of(ty: Type, schema: &Schema) -> Self {
        match ty {
            Type::Bool => Self::Bool,
            Type::Int => Self::Int,
            Type::Str => Self::Str,
            Type::List(item) => Self::List(Box::new(Self::of(*item, schema))),
            Type::Map(item) => Self::Map(Box::new(Self::of(*item, schema))),
            // A table that is not there is a mistake of the schema; a test looks all of them up.
            Type::Fact(name) | Type::Link(name) => schema
                .table(name)
                .map_or(Self::Any, |table| Self::Fact(Same(table))),
        }
    }
}

impl From<&OptionValue> for Ty {
    fn from(value: &OptionValue) -> Self {
        match value {
            OptionValue::Bool(_) => Self::Bool,
            OptionValue::Int(_) => Self::Int,
            OptionValue::Str(_) => Self::Str,
            OptionValue::List(_) => Self::List(Box::new(Self::Str)),
        }
    }
}

impl Ty {
    /// With its article: `a string`.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Any => "a value".to_owned(),
            Self::None => "`none`".to_owned(),
            Self::Bool => "a boolean".to_owned(),
            Self::Int => "a number".to_owned(),
            Self::Str => "a string".to_owned(),
            Self::List(item) => match **item {
                Self::Any => "a list".to_owned(),
                _ => format!("a list of {}", item.plural()),
            },
            Self::Map(item) => match **item {
                Self::Any => "a map".to_owned(),
                _ => format!("a map of {}", item.plural()),
            },
            Self::Fact(table) => format!("the fact `{}`", table.0.name),
        }
    }

    fn plural(&self) -> String {
        match self {
            Self::Any | Self::None => "values".to_owned(),
            Self::Bool => "booleans".to_owned(),
            Self::Int => "numbers".to_owned(),
            Self::Str => "strings".to_owned(),
            Self::List(_) => "lists".to_owned(),
            Self::Map(_) => "maps".to_owned(),
            Self::Fact(table) => format!("`{}`", table.0.name),
        }
    }

    /// Whether `==` between the two can ever be anything but false.
    pub(crate) fn is_comparable(&self, other: &Ty) -> bool {
        match (self, other) {
            (Self::Any | Self::None, _) | (_, Self::Any | Self::None) => true,
            (Self::List(a), Self::List(b)) | (Self::Map(a), Self::Map(b)) => a.is_comparable(b),
            _ => self == other,
        }
    }

    /// The type of a value that is one of the two.
    pub(crate) fn or(self, other: Ty) -> Ty {
        match (self, other) {
            (Self::None, ty) | (ty, Self::None) => ty,
            (a, b) if a == b => a,
            (Self::List(a), Self::List(b)) if *a == Self::Any => Self::List(b),
            (Self::List(a), Self::List(b)) if *b == Self::Any => Self::List(a),
            _ => Self::Any,
        }
    }
}
