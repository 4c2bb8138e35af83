//! A few invented facts for the tests of the engine.

use crate::finding::About;
use crate::knowledge::intent_words::Intent;
use std::sync::Arc;

use crate::facts::table::{
    Cell, Field, Kind, List, Map, Node, NodeRef, Reach, Schema, Selected, Table, Type, Val, Visit,
};
use crate::span::{FileId, Span};

pub(crate) const FILE: FileId = FileId(0);

static STAGE: Table = Table {
    name: "stage",
    doc: "A stage.",
    fields: &[
        field("name", Type::Str, "What follows `AS`."),
        field("is_slim", Type::Bool, "Of a slim image."),
    ],
};

static PACKAGE: Table = Table {
    name: "package",
    doc: "A package.",
    fields: &[
        field("name", Type::Str, "Without version."),
        field("is_build", Type::Bool, "Only needed to compile."),
    ],
};

static COMMAND: Table = Table {
    name: "command",
    doc: "A command.",
    fields: &[
        field("name", Type::Str, "As meant."),
        field("flags", Type::Map(&Type::Str), "Its flags."),
        field("words", Type::List(&Type::Str), "Its words."),
        field("packages", Type::List(&Type::Fact("package")), "Installed."),
        field("stage", Type::Link("stage"), "Where it runs."),
        field("uid", Type::Int, "Who runs it."),
        field("is_last", Type::Bool, "The last of its layer."),
    ],
};

pub(crate) static SCHEMA: Schema = Schema {
    kinds: KINDS,
    tables: &[&[&STAGE, &PACKAGE, &COMMAND]],
    printed: &[],
};

static KINDS: &[Kind] = &[Kind {
    name: "command",
    table: &COMMAND,
    key: "name",
    vars: &["stage"],
    doc: "Each command.",
}];

const fn field(name: &'static str, ty: Type, doc: &'static str) -> Field {
    Field { name, ty, doc }
}

#[derive(Debug, Clone)]
struct Toy {
    table: &'static Table,
    cells: Vec<Cell>,
    span: Option<Span>,
    text: String,
}

impl Node for Toy {
    fn table(&self) -> &'static Table {
        self.table
    }

    fn field(&self, index: usize) -> Cell {
        self.cells.get(index).cloned().unwrap_or(Cell::ABSENT)
    }

    fn span(&self) -> Option<Span> {
        self.span
    }

    fn text(&self) -> String {
        self.text.clone()
    }
}

pub(crate) fn span(start: u32, end: u32) -> Span {
    Span::new(FILE, start, end)
}

/// `pip install «--flag» gcc django $MORE`, in a stage of which `is_slim` is not known.
pub(crate) fn command() -> NodeRef {
    let stage: NodeRef = Arc::new(Toy {
        table: &STAGE,
        cells: vec![Cell::str("build").at(span(90, 95)), Cell::UNKNOWN],
        span: Some(span(80, 95)),
        text: "build".to_owned(),
    });
    let package = |name: &str, is_build: Cell, start: u32, end: u32| {
        let node: NodeRef = Arc::new(Toy {
            table: &PACKAGE,
            cells: vec![Cell::str(name), is_build],
            span: Some(span(start, end)),
            text: name.to_owned(),
        });
        Cell::fact(node)
    };
    let flags = Map {
        items: [(Arc::from("--flag"), Cell::str("").at(span(12, 18)))].into(),
        is_closed: false,
    };
    let words = List {
        items: vec![
            Cell::str("pip").at(span(0, 3)),
            Cell::UNKNOWN,
            Cell::str("django").at(span(23, 29)),
        ],
        is_closed: false,
    };
    Arc::new(Toy {
        table: &COMMAND,
        cells: vec![
            Cell::str("pip").at(span(0, 3)),
            Cell::new(Val::Map(flags)),
            Cell::new(Val::List(words)),
            Cell::new(Val::List(List {
                items: vec![
                    package("gcc", Cell::bool(true), 19, 22),
                    package("django", Cell::bool(false), 23, 29),
                    package("g++", Cell::bool(true), 30, 33),
                    package("other", Cell::UNKNOWN, 34, 39),
                ],
                is_closed: false,
            })),
            Cell::fact(stage),
            Cell::ABSENT,
            Cell::bool(true),
        ],
        span: Some(span(0, 40)),
        text: "pip install".to_owned(),
    })
}

/// A command for every `pip` in a text, with its name alone.
pub(crate) fn commands(file: FileId, text: &str) -> Vec<NodeRef> {
    let offset = |at: usize| u32::try_from(at).expect("a short text");
    let places = text.match_indices("pip");
    let nodes = places.map(|(at, found)| {
        let span = Span::new(file, offset(at), offset(at + found.len()));
        let node: NodeRef = Arc::new(Toy {
            table: &COMMAND,
            cells: vec![Cell::str("pip").at(span)],
            span: Some(span),
            text: "pip".to_owned(),
        });
        node
    });
    nodes.collect()
}

/// Some commands, all of one key.
pub(crate) struct Facts {
    pub(crate) nodes: Vec<NodeRef>,
    pub(crate) key: &'static str,
    pub(crate) reach: Reach,
    pub(crate) intent: Intent,
}

impl Facts {
    /// Shipped, for production, called `pip`.
    pub(crate) fn new(nodes: Vec<NodeRef>) -> Self {
        Self {
            nodes,
            key: "pip",
            reach: Reach::Shipped,
            intent: Intent::Production,
        }
    }
}

impl Visit for Facts {
    fn visit(&self, kind: &Kind, each: &mut dyn FnMut(Selected)) {
        assert_eq!(kind.name, "command");
        for node in &self.nodes {
            each(Selected {
                key: Arc::from(self.key),
                node: Arc::clone(node),
                reach: self.reach,
                intent: self.intent,
                about: About::Other,
                covers: node.span().into_iter().collect(),
                lasting: None,
            });
        }
    }
}
