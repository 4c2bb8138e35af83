//! What an image that runs as root needs before it can run as another user, and whether anything but development runs
//! it.

use crate::dockerfile::ast::Keyword;
use crate::facts::build::users;
use crate::facts::deploy::purpose;
use crate::facts::files::bound;
use crate::facts::model::{BaseKind, ServiceFact};
use crate::facts::nodes::image::View;
use crate::facts::nodes::node::Id;
use crate::facts::start::unprivileged;
use crate::facts::table::Cell;
use crate::knowledge::intent_words::Intent;

impl View<'_> {
    pub(super) fn is_unprivileged_in_cluster(&self) -> Cell {
        Cell::bool(self.p.is_unprivileged_in_cluster)
    }

    pub(super) fn in_home_of_root(&self) -> Cell {
        let paths = unprivileged::in_home_of_root(self.p, self.i);
        Cell::list(paths.iter().map(|path| Cell::str(path)).collect())
    }

    pub(super) fn is_for_any_user(&self) -> Cell {
        Cell::bool(unprivileged::is_for_any_user(self.p, self.fact()))
    }

    pub(super) fn is_only_developed(&self) -> Cell {
        let own = self.p.services.iter().filter(|it| it.image == Some(self.i));
        let mut own = own.peekable();
        let develops = |fact: &ServiceFact| {
            purpose::is_stack_for_development(self.p, fact)
                || fact.purpose(self.p) != Some(Intent::Production)
                    && bound::binds_code(self.p, fact.image, fact.deployed(self.p))
        };
        Cell::bool(own.peek().is_some() && own.all(develops))
    }

    pub(super) fn root_by_compose(&self) -> Cell {
        let own = self.p.services.iter().filter(|it| it.image == Some(self.i));
        let is_root = own.filter_map(|fact| {
            let compose = fact.compose(self.p)?;
            let user = compose.user.as_ref()?.value.as_ref()?;
            let name = user.as_str().split(':').next()?;
            users::is_root_name(name).then(|| Cell::str(compose.name.as_str()).at(user.span()))
        });
        Cell::list(is_root.collect())
    }

    pub(super) fn roots_after(&self) -> Cell {
        let own = self.fact().stage;
        let acts = |stage: &usize| {
            let fact = &self.p.stages[*stage];
            let all = self
                .p
                .dockerfile
                .instructions
                .get(fact.instructions.clone());
            let mut all = all.into_iter().flatten().map(|it| it.keyword);
            let first = all.find(|it| matches!(it, Keyword::Run | Keyword::User));
            matches!(fact.base.kind, BaseKind::Stage(parent) if parent == own)
                && first == Some(Keyword::Run)
        };
        let mut later = own + 1..self.p.stages.len();
        later
            .find(acts)
            .map_or(Cell::ABSENT, |stage| Id::Stage(stage).cell(self.p))
    }
}
