//! RUN bodies, scripts and command strings as commands with spans.
pub mod ast;
use crate::span::{Span, Traced};
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Posix,
    Bash,
    BusyBox,
}
#[derive(Debug)]
pub struct Script {
    pub errors: Vec<ShellError>,
}
#[derive(Debug, Clone)]
pub struct ShellError {
    pub span: Span,
    pub message: String,
}
#[derive(Debug, Clone)]
pub enum Var {
    Known(Traced),
    Unset,
    Unknown,
}
pub trait Variables {
    fn get(&self, name: &str) -> Var;
}
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub errexit: bool,
    pub pipefail: bool,
    pub args: Option<Vec<Traced>>,
}
pub fn parse(_: &Traced, _: Dialect) -> Script {
    Script { errors: vec![] }
}
impl Script {
    pub fn commands(&self, _: &dyn Variables, _: &Options) -> Vec<ast::Command> {
        vec![]
    }
}
pub fn exec_form(_: &[Traced]) -> Vec<ast::Command> {
    vec![]
}
#[derive(Debug, Clone)]
pub struct Shebang;
impl Shebang {
    pub fn dialect(&self) -> Option<Dialect> {
        None
    }
    pub fn options(&self) -> Options {
        Options::default()
    }
}
pub fn shebang(_: &Traced) -> Option<Shebang> {
    None
}
pub fn canonical_flag<'a>(_: &str, f: &'a str) -> &'a str {
    f
}
