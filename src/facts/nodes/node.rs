//! A fact of a project, whichever kind it is of. Kinds link to each other by it, without knowing each other.

use crate::knowledge::intent_words::Intent;
use std::sync::Arc;

use crate::facts::build::at;
use crate::facts::deploy::services;
use crate::facts::model::Project;
use crate::facts::nodes::owner::Owner;
use crate::facts::start::uwsgi::slot::Slot;
use crate::facts::table::{Cell, NodeRef, Reach, Selected};
use crate::finding::About;
use crate::python::settings::verdicts::Entry;
use crate::server::Server as Served;
use crate::span::{Span, Traced};

/// The project behind a shared pointer, as rules and `seatrial facts` use it.
#[derive(Debug, Clone)]
pub struct Facts(pub Arc<Project>);

/// One fact of a project.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(super) p: Arc<Project>,
    pub(super) id: Id,
}

/// Which fact: its kind, and where it is among those of its kind.
#[derive(Debug, Clone)]
pub(crate) enum Id {
    Instruction {
        i: usize,
        stage: Option<usize>,
    },
    Stage(usize),
    /// By the stage whose FROM names the image.
    Base(usize),
    Env(usize),
    Arg {
        stage: Option<usize>,
        i: usize,
    },
    Layer(usize),
    Command(usize),
    Package(usize),
    Copy(usize),
    Source(usize),
    Unwanted(usize),
    LocalFile(usize),
    EmptiedVariable(usize),
    NamedFile(usize),
    Write(usize),
    IgnorePattern(usize),
    Install(usize),
    RequirementFile {
        install: usize,
        i: usize,
    },
    Requirement {
        install: usize,
        i: usize,
    },
    LostVariable(usize),
    Settings(usize),
    /// By its name.
    Setting {
        settings: usize,
        name: Arc<str>,
    },
    Application(usize),
    Import(usize),
    Collectstatic(usize),
    Port {
        stage: usize,
        i: usize,
    },
    User {
        stage: usize,
        i: usize,
    },
    Reference(usize),
    Image(usize),
    /// By its image; `beside`: among several servers of it.
    Server {
        i: usize,
        beside: Option<usize>,
    },
    Script {
        owner: Owner,
        i: usize,
    },
    Start {
        owner: Owner,
        i: usize,
    },
    UwsgiOption(usize),
    ComposeFile(usize),
    Service(usize),
    ServiceEnv {
        service: usize,
        i: usize,
    },
    ServicePort {
        service: usize,
        i: usize,
    },
    ServiceVolume {
        service: usize,
        i: usize,
    },
    AskedAddress {
        asker: usize,
        i: usize,
    },
    NginxPass {
        proxy: usize,
        i: usize,
    },
    SupervisorProgram {
        supervisor: usize,
        i: usize,
    },
    Nginx(usize),
    NginxFiles {
        proxy: usize,
        i: usize,
    },
    Process {
        image: usize,
        is_cmd: bool,
    },
    Mount {
        layer: usize,
        i: usize,
    },
    Account(usize),
    Pull(Pulled),
    Bind {
        served: Arc<Served>,
        i: usize,
    },
    Dependency {
        service: usize,
        i: usize,
        is_link: bool,
    },
    Database {
        settings: usize,
        entry: Box<Entry>,
    },
    /// `otherwise`: the server, marked where no file is.
    Slot {
        slot: Box<Slot>,
        otherwise: Option<Span>,
    },
}

/// Where an image is named.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pulled {
    /// By the stage.
    Base(usize),
    Copy(usize),
    Mount {
        layer: usize,
        i: usize,
    },
    Service(usize),
}

impl Id {
    pub(crate) fn node(self, p: &Arc<Project>) -> NodeRef {
        Arc::new(Node {
            p: Arc::clone(p),
            id: self,
        })
    }

    pub(crate) fn cell(self, p: &Arc<Project>) -> Cell {
        Cell::fact(self.node(p))
    }

    /// The image at the bottom of a stage.
    pub(crate) fn base(p: &Project, stage: usize) -> Self {
        let root = at::chain(&p.stages, stage).pop().unwrap_or(stage);
        Self::Base(root)
    }

    /// The one server of an image.
    pub(crate) fn server(image: usize) -> Self {
        Self::Server {
            i: image,
            beside: None,
        }
    }

    pub(crate) fn slot(slot: Slot, otherwise: Option<Span>) -> Self {
        Self::Slot {
            slot: Box::new(slot),
            otherwise,
        }
    }
}

impl Owner {
    pub(super) fn image(self, p: &Arc<Project>) -> Cell {
        self.image_index(p)
            .map_or(Cell::UNKNOWN, |i| Id::Image(i).cell(p))
    }

    pub(super) fn service(self, p: &Arc<Project>) -> Cell {
        match self {
            Self::Image(_) => Cell::ABSENT,
            Self::Service(i) => Id::Service(i).cell(p),
        }
    }
}

impl Facts {
    /// A fact of what is started; it is about shipped images.
    pub(super) fn of_service(&self, purpose: Option<Intent>, key: &str, node: NodeRef) -> Selected {
        Selected {
            key: Arc::from(key),
            covers: node.span().into_iter().collect(),
            node,
            reach: Reach::Shipped,
            intent: services::intent(purpose),
            about: About::Other,
            lasting: None,
        }
    }

    pub(super) fn selected(
        &self,
        stage: Option<usize>,
        key: &str,
        node: NodeRef,
        covers: Vec<Span>,
    ) -> Selected {
        let stage = stage.and_then(|stage| self.0.stages.get(stage));
        let name = stage.and_then(|stage| stage.name.as_ref());
        let (reach, intent) = match stage {
            Some(stage) => (stage.reach, stage.intent),
            None => (Reach::Shipped, self.0.intent),
        };
        Selected {
            key: Arc::from(key),
            node,
            reach,
            intent: if intent == Intent::Production {
                self.0.intent
            } else {
                intent
            },
            about: About::Image(name.map(Traced::span)),
            covers,
            lasting: None,
        }
    }

    pub(super) fn instruction_span(&self, index: usize) -> Vec<Span> {
        self.0
            .dockerfile
            .instructions
            .get(index)
            .map(|instruction| vec![instruction.span])
            .unwrap_or_default()
    }
}

/// How a kind of fact is looked at.
pub(super) struct Row {
    pub(super) table: &'static crate::facts::table::Table,
    pub(super) field: fn(&Node, usize) -> Cell,
    pub(super) span: fn(&Node) -> Option<Span>,
    pub(super) text: fn(&Node) -> String,
}

/// The view of a kind: the project, and where the fact is.
macro_rules! view {
    ($Variant:ident ($i:ident: $ty:ty)) => {
        pub(super) struct View<'a> {
            pub(super) p: &'a std::sync::Arc<crate::facts::model::Project>,
            pub(super) $i: $ty,
        }

        impl<'a> View<'a> {
            pub(super) fn of(node: &'a crate::facts::nodes::node::Node) -> Option<Self> {
                match node.id {
                    crate::facts::nodes::node::Id::$Variant($i) => Some(Self { p: &node.p, $i }),
                    _ => None,
                }
            }
        }
    };
    ($Variant:ident { $($i:ident: $ty:ty),* }) => {
        pub(super) struct View<'a> {
            pub(super) p: &'a std::sync::Arc<crate::facts::model::Project>,
            $(pub(super) $i: $ty,)*
        }

        impl<'a> View<'a> {
            pub(super) fn of(node: &'a crate::facts::nodes::node::Node) -> Option<Self> {
                match node.id {
                    crate::facts::nodes::node::Id::$Variant { $($i),* } => {
                        Some(Self { p: &node.p, $($i),* })
                    }
                    _ => None,
                }
            }
        }
    };
}
pub(super) use view;

/// The table of a kind; the method of a field's name answers it.
macro_rules! table {
    ($name:literal, $doc:literal; $( $field:ident: $ty:expr, $fdoc:literal; )*) => {
        pub(super) static TABLE: crate::facts::table::Table = crate::facts::table::Table {
            name: $name,
            doc: $doc,
            fields: &[ $( crate::facts::table::Field {
                name: stringify!($field),
                ty: $ty,
                doc: $fdoc,
            } ),* ],
        };

        pub(super) static ROW: crate::facts::nodes::node::Row = crate::facts::nodes::node::Row {
            table: &TABLE,
            field: |node, index| {
                static GETTERS: &[fn(&View<'_>) -> crate::facts::table::Cell] =
                    &[ $( |view| view.$field() ),* ];
                let view = View::of(node);
                let getter = GETTERS.get(index);
                match (view, getter) {
                    (Some(view), Some(get)) => get(&view),
                    _ => crate::facts::table::Cell::UNKNOWN,
                }
            },
            span: |node| View::of(node).and_then(|view| view.place()),
            text: |node| View::of(node).map(|view| view.label()).unwrap_or_default(),
        };
    };
}
pub(super) use table;
