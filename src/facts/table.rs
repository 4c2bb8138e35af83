//! The table of facts: what rules may ask, with type and documentation, in one place.
//!
//! Every fact is a [`Node`] with a static [`Table`] of fields. Rule conditions, the marks of
//! findings, the type check of rule files, `seatrial facts` and the reference in `rules/README.md`
//! all read the same table, so a field is added once. Values are three-valued: a [`Cell`] is known
//! (perhaps absent) or unknown, and collections are closed or open.

use std::fmt::Debug;
use std::sync::Arc;

use crate::finding::About;
use crate::knowledge::intent_words::Intent;
use crate::span::Span;

/// A fact that can be asked for its fields.
pub(crate) trait Node: Debug + Send + Sync + 'static {
    fn table(&self) -> &'static Table;
    /// The value of field `index` of the table.
    fn field(&self, index: usize) -> Cell;
    /// Where a person sees it; marks `at = "<the fact itself>"`.
    fn span(&self) -> Option<Span>;
    /// How templates print it: `{{ package }}`.
    fn text(&self) -> String;
}

pub(crate) type NodeRef = Arc<dyn Node>;

/// The fields of one kind of fact.
#[derive(Debug)]
pub(crate) struct Table {
    /// As rules name it: `command`, `stage`.
    pub name: &'static str,
    pub doc: &'static str,
    pub fields: &'static [Field],
}

impl Table {
    /// The field of that name with its position.
    #[must_use]
    pub(crate) fn field(&self, name: &str) -> Option<(usize, &'static Field)> {
        self.fields
            .iter()
            .enumerate()
            .find(|(_, field)| field.name == name)
    }
}

/// One thing that can be asked of a fact.
#[derive(Debug)]
pub(crate) struct Field {
    pub name: &'static str,
    pub ty: Type,
    pub doc: &'static str,
}

/// The type of a field. Any of them may also be absent (`none`) or unknown.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Type {
    Bool,
    Int,
    Str,
    List(&'static Type),
    /// Keys are strings.
    Map(&'static Type),
    /// A fact that belongs to this one, by the name of its table.
    Fact(&'static str),
    /// A fact that is reached from here but belongs elsewhere: `command.stage`. `seatrial facts` prints only its text.
    Link(&'static str),
}

impl Type {
    /// The name of the table that it leads to, perhaps by way of lists and maps.
    #[must_use]
    pub(crate) fn leads_to(self) -> Option<&'static str> {
        match self {
            Self::Fact(table) | Self::Link(table) => Some(table),
            Self::List(item) | Self::Map(item) => item.leads_to(),
            Self::Bool | Self::Int | Self::Str => None,
        }
    }
}

/// A value with the place it was written at.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub value: Val,
    pub span: Option<Span>,
}

/// A value, or the lack of one.
#[derive(Debug, Clone)]
pub(crate) enum Val {
    /// Not known from the files. Looking at it makes the check undecided.
    Unknown,
    /// Known not to be there: `none` in a condition.
    Absent,
    Bool(bool),
    Int(i64),
    Str(Arc<str>),
    List(List),
    Map(Map),
    Fact(NodeRef),
}

/// A list; when not closed, there may be more than these.
#[derive(Debug, Clone)]
pub(crate) struct List {
    pub items: Vec<Cell>,
    pub is_closed: bool,
}

/// A map in the order of writing; when not closed, a missing key is not known to be missing.
#[derive(Debug, Clone)]
pub(crate) struct Map {
    pub items: Arc<[(Arc<str>, Cell)]>,
    pub is_closed: bool,
}

impl Cell {
    pub(crate) const UNKNOWN: Cell = Cell {
        value: Val::Unknown,
        span: None,
    };
    pub(crate) const ABSENT: Cell = Cell {
        value: Val::Absent,
        span: None,
    };

    #[must_use]
    pub(crate) fn new(value: Val) -> Self {
        Self { value, span: None }
    }

    #[must_use]
    pub(crate) fn at(self, span: Span) -> Self {
        Self {
            value: self.value,
            span: Some(span),
        }
    }

    #[must_use]
    pub(crate) fn bool(value: bool) -> Self {
        Self::new(Val::Bool(value))
    }

    #[must_use]
    pub(crate) fn int(value: i64) -> Self {
        Self::new(Val::Int(value))
    }

    #[must_use]
    pub(crate) fn str(value: &str) -> Self {
        Self::new(Val::Str(Arc::from(value)))
    }

    /// A fact, marked where the fact is.
    #[must_use]
    pub(crate) fn fact(node: NodeRef) -> Self {
        let span = node.span();
        Self {
            value: Val::Fact(node),
            span,
        }
    }

    /// A closed list.
    #[must_use]
    pub(crate) fn list(items: Vec<Cell>) -> Self {
        Self::new(Val::List(List {
            items,
            is_closed: true,
        }))
    }
}

/// A kind of fact that `select` can visit.
#[derive(Debug)]
pub(crate) struct Kind {
    /// As written in `select = { command = [...] }`.
    pub name: &'static str,
    pub table: &'static Table,
    /// What the literal keys of `select` are compared with.
    pub key: &'static str,
    /// Fields of `table` that conditions may name without the fact: `stage` for `command.stage`.
    pub vars: &'static [&'static str],
    pub doc: &'static str,
}

/// Everything that rules may ask.
#[derive(Debug)]
pub(crate) struct Schema {
    /// In the order of the reference.
    pub kinds: &'static [Kind],
    /// Each table once, in several lists. Tables name each other, so that what answers them need not know each other.
    pub tables: &'static [&'static [&'static Table]],
    /// Kinds that `seatrial facts` prints under another key than their name, or only as parts of other facts.
    pub printed: &'static [(&'static str, Option<&'static str>)],
}

impl Schema {
    /// The key under which `seatrial facts` prints a kind; `None` where its facts are parts of others.
    #[must_use]
    pub(crate) fn key(&self, kind: &Kind) -> Option<&'static str> {
        let other = self.printed.iter().find(|(name, _)| *name == kind.name);
        other.map_or(Some(kind.name), |(_, key)| *key)
    }

    /// The kind of that name.
    #[must_use]
    pub(crate) fn kind(&self, name: &str) -> Option<&'static Kind> {
        self.kinds.iter().find(|kind| kind.name == name)
    }

    /// The table of that name.
    #[must_use]
    pub(crate) fn table(&self, name: &str) -> Option<&'static Table> {
        let mut all = self.tables.iter().copied().flatten();
        all.find(|table| table.name == name).copied()
    }
}

/// How much of a Dockerfile a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// In a stage that nothing shipped needs.
    Unused,
    /// In a stage that is built for a shipped one but is not part of it.
    Built,
    /// In a shipped image.
    Shipped,
}

/// A fact offered to the rules that select its kind.
#[derive(Debug, Clone)]
pub(crate) struct Selected {
    pub key: Arc<str>,
    pub node: NodeRef,
    pub reach: Reach,
    pub intent: Intent,
    pub about: About,
    /// Places where a suppression silences findings about this fact.
    pub covers: Vec<Span>,
    /// What stays when only the release of it is another: the name of a package or an image.
    pub lasting: Option<Arc<str>>,
}

impl Selected {
    /// The key stays when only the release is another.
    pub(crate) fn lasting(mut self) -> Self {
        self.lasting = Some(Arc::clone(&self.key)).filter(|key| !key.is_empty());
        self
    }
}

/// Facts that rules can be run over.
pub(crate) trait Visit {
    /// Calls `each` for every fact of the kind, in file order.
    fn visit(&self, kind: &Kind, each: &mut dyn FnMut(Selected));
}
