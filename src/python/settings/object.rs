//! Things the interpreter handles that are no values of settings: modules, functions, readers.

use std::collections::BTreeMap;
use std::sync::Arc;

use ruff_python_ast::{Expr, Stmt};

use crate::span::{FileId, Span};

use super::value::{Cast, Value};

/// Opaque outside the interpreter.
#[derive(Clone, Debug, PartialEq)]
pub struct Object(pub(super) Thing);

#[derive(Clone, Debug)]
pub(super) enum Thing {
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
    pub(super) fn depth(&self) -> u8 {
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
pub(super) struct Function {
    pub(super) name: String,
    pub(super) module: usize,
    pub(super) file: FileId,
    pub(super) parameters: Vec<Parameter>,
    /// `*args`, `**kwargs`, decorators, `yield`, `global`: nothing is known of a call.
    pub(super) is_opaque: bool,
    /// Something in it raises, asserts or exits.
    pub(super) can_stop: bool,
    /// All of it.
    pub(super) place: Span,
    /// It looks at its callers or executes text: a call may change any setting.
    pub(super) is_dynamic: bool,
    /// Names it declares `global`: a call may change them.
    pub(super) globals: Vec<String>,
    pub(super) body: Body,
    pub(super) depth: u8,
    /// Decorated with `property` or `classproperty`: evaluated when read.
    pub(super) is_property: bool,
}

#[derive(Debug)]
pub(super) enum Body {
    Statements(Vec<Stmt>),
    Expression(Box<Expr>),
}

#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) default: Option<Value>,
    pub(super) is_keyword_only: bool,
}

/// A class of the project: its own names, then those of its bases.
#[derive(Debug)]
pub(super) struct Class {
    pub(super) name: String,
    pub(super) bases: Vec<Value>,
    pub(super) names: BTreeMap<String, Member>,
    /// Annotated names in order, for classes of settings; with the annotation's last part.
    pub(super) fields: Vec<(String, Option<String>, Span)>,
    pub(super) role: Role,
    /// A base is not known: names that are not here may come from it.
    pub(super) is_open: bool,
    /// Its bases of the project and theirs, in the order in which Python asks them.
    pub(super) lineage: Vec<Arc<Class>>,
    pub(super) depth: u8,
}

#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) value: Value,
    pub(super) span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Plain,
    /// Derives from `configurations.Configuration`.
    Configuration,
    /// Derives from pydantic's `BaseSettings`.
    Pydantic,
}

/// `environ.Env(NAME=(cast, default))`.
#[derive(Clone, Debug)]
pub(super) struct Scheme {
    pub(super) names: BTreeMap<String, (Cast, Option<Value>)>,
    /// A text takes the type of the default (`smart_cast`); `None` when that is not known.
    pub(super) casts_by_default: Option<bool>,
    pub(super) depth: u8,
}

/// `decouple.Csv(cast=str, delimiter=",")`.
#[derive(Debug)]
pub(super) struct Csv {
    pub(super) delimiter: String,
    pub(super) is_tuple: bool,
}

/// A value of django-configurations.
#[derive(Debug)]
pub(super) struct LateValue {
    pub(super) cast: Cast,
    pub(super) default: Option<Value>,
    pub(super) is_required: bool,
    /// `environ_name`, else the attribute's name.
    pub(super) name: Option<String>,
    /// `environ_prefix`; empty for none.
    pub(super) prefix: String,
    /// `environ=False`: the default is the value.
    pub(super) is_fixed: bool,
    pub(super) depth: u8,
}
