//! What words are expanded with.

use crate::shell::Dialect;
use crate::shell::environment::Environment;
use crate::shell::positional::Positional;

pub(super) struct Expander<'e, 'v> {
    pub(super) environment: &'e mut Environment<'v>,
    pub(super) args: &'e Positional,
    pub(super) dialect: Dialect,
    /// Inside backticks some escapes were already taken away once.
    pub(super) in_backticks: bool,
    /// `IFS` was assigned: where values split is not known.
    pub(super) has_own_separators: bool,
    pub(super) depth: u32,
}
