//! Variables that do not reach the RUN that uses them.

use std::sync::Arc;

use crate::facts::model::{LostVariable, Project};
use crate::facts::nodes::{LayerNode, StageNode, table};
use crate::facts::table::{Cell, Type};
use crate::span::Span;

#[derive(Debug, Clone)]
pub(crate) struct LostNode {
    p: Arc<Project>,
    i: usize,
}

impl LostNode {
    pub(crate) fn new(p: &Arc<Project>, i: usize) -> Self {
        Self {
            p: Arc::clone(p),
            i,
        }
    }

    fn fact(&self) -> &LostVariable {
        &self.p.lost_variables[self.i]
    }

    fn place(&self) -> Option<Span> {
        Some(self.fact().span)
    }

    fn label(&self) -> String {
        self.fact().name.clone()
    }
}

table! {
    LOST_VARIABLE = "lost_variable", "A shell variable that a RUN uses and only an earlier RUN of the stage, or an ARG before the first FROM, has set.", for LostNode;
    name: Type::Str, "the variable", |n| Cell::str(&n.fact().name).at(n.fact().span);
    is_global: Type::Bool, "an ARG before the first FROM has set it", |n| Cell::bool(n.fact().is_global);
    assigned: Type::Str, "marks the assignment in the earlier RUN, or the ARG", |n| Cell::str(&n.fact().name).at(n.fact().assigned);
    layer: Type::Link(&super::instruction::LAYER), "the layer that uses it", |n| Cell::fact(Arc::new(LayerNode::new(&n.p, n.fact().layer)));
    stage: Type::Link(&super::stage::STAGE), "its stage", |n| Cell::fact(Arc::new(StageNode::new(&n.p, n.p.layers[n.fact().layer].stage)));
}
