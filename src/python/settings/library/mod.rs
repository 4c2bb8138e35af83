//! What functions, methods and packages do that are not of the project. Knows values, and of
//! whoever runs the code only what [`Host`] offers.

mod apply;
mod builtins;
mod calls;
mod casters;
mod collections;
mod configuration;
mod data;
mod host;
mod lift;
mod packages;
mod paths;
mod readers;
mod text;
mod urls;
mod variables;

pub(crate) use apply::apply_function;
pub(crate) use builtins::{builtin, exit};
pub(crate) use calls::{library, library_constant};
pub(crate) use casters::{Caster, Parts, caster_of, truth_of};
pub(crate) use collections::{collection_method, dict_of, iterate, method_change};
pub(crate) use configuration::{late, value_class};
pub(crate) use data::{json, literal, parsed};
pub(crate) use host::Host;
pub(crate) use lift::{lift, lift2};
pub(crate) use packages::{django_environ, environs, reader_call};
pub(crate) use paths::{environ_path, join_path, new_path, os_path, path_attribute, path_method};
pub(crate) use readers::{cast, env_file, is_in_environment, read, read_required};
pub(crate) use text::{known_text, percent, text_method, text_of_value};
pub(crate) use variables::Variables;
