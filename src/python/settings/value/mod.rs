//! What is known of a value. Knows neither libraries nor the interpreter.

mod arguments;
mod ask;
mod dict;
mod equality;
mod make;
mod names;
pub(crate) mod path;
mod types;

pub(crate) use types::{Cast, Entries, Env, EnvState, Items, Kind, Object, Reader, Reason, Value};

pub(crate) use arguments::Arguments;
pub(crate) use dict::{Growing, external, is_plain, position, unknown_reason};
pub(crate) use equality::{equals, integer, number, ordered};
pub(crate) use names::{Changes, Names, is_setting};
pub(crate) use types::{
    Body, Class, Csv, Function, LateValue, MakeItems, Member, Parameter, Role, Scheme, Thing,
    Weight,
};
