//! What the interpreter knows of a value, and where it was written.
//!
//! Containers are shared and copied on writing; their depth and size are bounded when they are
//! built, so that comparing, copying and dropping them stays cheap whatever the code did.

use std::collections::BTreeMap;
use std::sync::Arc;

use ruff_python_ast::{Expr, Stmt};

use crate::span::{FileId, Span};

/// A value and the place where it is written.
#[derive(Clone, Debug)]
pub struct Value {
    pub kind: Kind,
    /// The expression that made it: for a name, the expression that was assigned to it.
    pub span: Span,
}

/// What is known of a value.
#[derive(Clone, Debug)]
pub enum Kind {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// Text; `bytes` count as text.
    Str(Arc<str>),
    /// A `pathlib.Path`, normalised; absolute ones are paths of the container.
    Path(Arc<str>),
    List(Arc<Items>),
    /// Also sets and frozen sets: what is asked of them is the same.
    Tuple(Arc<Items>),
    Dict(Arc<Entries>),
    /// Depends on an environment variable.
    Env(Arc<Env>),
    /// The content of a file; the path where it is known.
    FromFile(Option<Arc<str>>),
    /// One of these, and it is not known which.
    Either(Arc<Vec<Value>>),
    /// No assignment on this way: what Django has by default.
    Unset,
    /// A module, function, class or reader: nothing that a setting holds.
    Object(Object),
    Unknown(Reason),
}

/// Elements in order.
#[derive(Clone, Debug, Default)]
pub struct Items {
    pub items: Vec<Value>,
    /// There may be more, anywhere between these.
    pub is_open: bool,
    pub(super) depth: u8,
    pub(super) size: u32,
}

/// Entries in order of insertion.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    pub entries: Vec<(Value, Value)>,
    /// There may be more under other keys; these are there, with these values.
    pub is_open: bool,
    pub(super) depth: u8,
    pub(super) size: u32,
}

/// A value computed from an environment variable.
#[derive(Clone, Debug)]
pub struct Env {
    pub name: String,
    /// What a value set from outside becomes.
    pub cast: Cast,
    /// The value when the variable is not set; `None`: the import fails without it.
    pub default: Option<Value>,
    /// The text of its default, where the cast only asks whether there is any.
    pub default_text: Option<Arc<str>>,
    pub state: EnvState,
    /// The value that the known environment gives, cast.
    pub resolved: Option<Value>,
    /// The expression that reads the variable.
    pub span: Span,
    pub reader: Reader,
    pub(crate) weight: Weight,
}

/// Makes a list or a tuple of elements; true: there may be more.
pub(crate) type MakeItems = fn(Vec<Value>, bool, Span) -> Value;

/// Depth and size of what hangs below a value.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weight {
    pub(super) depth: u8,
    pub(super) size: u32,
}

/// What the environment says of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvState {
    /// It has a value.
    Set,
    /// Nothing that is known sets it; whoever starts the container may.
    Unset,
    /// Not known.
    Unknown,
}

/// What becomes of the text of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cast {
    /// It stays text: any text that is not empty is true, `False` too.
    Str,
    /// Read as true or false by its meaning, or compared with something.
    Bool,
    /// `bool(text)`: true for every text that is not empty.
    Truthy,
    Int,
    Float,
    List,
    /// JSON, a dictionary, a literal.
    Data,
    /// An address of a database, cache, mail or search server, as a dictionary.
    Url,
    Path,
    Other,
}

/// The library that reads the variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reader {
    Stdlib,
    DjangoEnviron,
    Decouple,
    Environs,
    DjDatabaseUrl,
    Pydantic,
    Configurations,
    Other,
}

/// Why a value is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It comes from a module that is not part of the project.
    External(String),
    /// The module is missing or cannot be read.
    NotRead(String),
    /// The name is not assigned before.
    Undefined(String),
    /// The result of a call that is not evaluated.
    Call(String),
    /// `exec`, `globals()`, a loader of settings.
    Dynamic(String),
    /// A form that is not evaluated.
    Unsupported,
    /// It differs between two ways and there are too many of them.
    Alternatives,
    /// The work was bounded.
    Bounded,
}

/// Opaque outside the interpreter.
#[derive(Clone, Debug, PartialEq)]
pub struct Object(pub(crate) Thing);

#[derive(Clone, Debug)]
pub(crate) enum Thing {
    /// A module of the project, by its index.
    Module(usize),
    /// A name of a module of the project that is looked up when it is used.
    Lazy {
        module: usize,
        name: String,
    },
    /// Something of the language or of a package, by its dotted name (`os.path.join`).
    External(Arc<str>),
    Function(Arc<Function>),
    Class(Arc<Class>),
    /// `environ.Env(...)`.
    DjangoEnv(Arc<Scheme>),
    /// `environs.Env()`.
    Environs,
    /// `decouple.Csv(...)`.
    Csv(Arc<Csv>),
    /// `values.BooleanValue(...)` before its attribute is known.
    LateValue(Arc<LateValue>),
    /// An instance of a class of the project.
    Instance(Arc<Class>),
    /// `environ.Path(...)`.
    EnvironPath(Arc<str>),
    /// `open(path)`.
    OpenFile(Option<Arc<str>>),
    /// `globals()`, `locals()`, `vars()`.
    Namespace,
    /// `optional(...)` of django-split-settings.
    Optional(Arc<str>),
}

impl Object {
    /// How deep the values that hang on it are; see [`Value::depth_over`].
    pub(crate) fn depth(&self) -> u8 {
        match &self.0 {
            Thing::Function(function) => function.depth,
            Thing::Class(class) | Thing::Instance(class) => class.depth,
            Thing::DjangoEnv(scheme) => scheme.depth,
            Thing::LateValue(late) => late.depth,
            _ => 0,
        }
    }
}

impl PartialEq for Thing {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Thing::Module(a), Thing::Module(b)) => a == b,
            (Thing::Lazy { module: a, name: x }, Thing::Lazy { module: b, name: y }) => {
                a == b && x == y
            }
            (Thing::External(a), Thing::External(b))
            | (Thing::EnvironPath(a), Thing::EnvironPath(b))
            | (Thing::Optional(a), Thing::Optional(b)) => a == b,
            (Thing::Function(a), Thing::Function(b)) => Arc::ptr_eq(a, b),
            (Thing::Class(a), Thing::Class(b)) | (Thing::Instance(a), Thing::Instance(b)) => {
                Arc::ptr_eq(a, b)
            }
            (Thing::DjangoEnv(a), Thing::DjangoEnv(b)) => Arc::ptr_eq(a, b),
            (Thing::Csv(a), Thing::Csv(b)) => Arc::ptr_eq(a, b),
            (Thing::LateValue(a), Thing::LateValue(b)) => Arc::ptr_eq(a, b),
            (Thing::Environs, Thing::Environs) | (Thing::Namespace, Thing::Namespace) => true,
            (Thing::OpenFile(a), Thing::OpenFile(b)) => a == b,
            _ => false,
        }
    }
}

/// A function of the project that can be evaluated.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) module: usize,
    pub(crate) file: FileId,
    pub(crate) parameters: Vec<Parameter>,
    /// `*args`, `**kwargs`, decorators, `yield`, `global`: nothing is known of a call.
    pub(crate) is_opaque: bool,
    /// Something in it raises, asserts or exits.
    pub(crate) can_stop: bool,
    /// All of it.
    pub(crate) place: Span,
    /// It looks at its callers or executes text: a call may change any setting.
    pub(crate) is_dynamic: bool,
    /// Names it declares `global`: a call may change them.
    pub(crate) globals: Vec<String>,
    pub(crate) body: Body,
    pub(crate) depth: u8,
    /// Decorated with `property` or `classproperty`: evaluated when read.
    pub(crate) is_property: bool,
}

#[derive(Debug)]
pub(crate) enum Body {
    Statements(Vec<Stmt>),
    Expression(Box<Expr>),
}

#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) default: Option<Value>,
    pub(crate) is_keyword_only: bool,
}

/// A class of the project: its own names, then those of its bases.
#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) name: String,
    pub(crate) bases: Vec<Value>,
    pub(crate) names: BTreeMap<String, Member>,
    /// Annotated names in order, for classes of settings; with the annotation's last part.
    pub(crate) fields: Vec<(String, Option<String>, Span)>,
    pub(crate) role: Role,
    /// A base is not known: names that are not here may come from it.
    pub(crate) is_open: bool,
    /// Its bases of the project and theirs, in the order in which Python asks them.
    pub(crate) lineage: Vec<Arc<Class>>,
    pub(crate) depth: u8,
}

#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) value: Value,
    pub(crate) span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Plain,
    /// Derives from `configurations.Configuration`.
    Configuration,
    /// Derives from pydantic's `BaseSettings`.
    Pydantic,
}

/// `environ.Env(NAME=(cast, default))`.
#[derive(Clone, Debug)]
pub(crate) struct Scheme {
    pub(crate) names: BTreeMap<String, (Cast, Option<Value>)>,
    /// A text takes the type of the default (`smart_cast`); `None` when that is not known.
    pub(crate) casts_by_default: Option<bool>,
    pub(crate) depth: u8,
}

/// `decouple.Csv(cast=str, delimiter=",")`.
#[derive(Debug)]
pub(crate) struct Csv {
    pub(crate) delimiter: String,
    pub(crate) is_tuple: bool,
}

/// A value of django-configurations.
#[derive(Debug)]
pub(crate) struct LateValue {
    pub(crate) cast: Cast,
    pub(crate) default: Option<Value>,
    pub(crate) is_required: bool,
    /// `environ_name`, else the attribute's name.
    pub(crate) name: Option<String>,
    /// `environ_prefix`; empty for none.
    pub(crate) prefix: String,
    /// `environ=False`: the default is the value.
    pub(crate) is_fixed: bool,
    pub(crate) depth: u8,
}
