//! Which user a stage runs as.

use crate::facts::model::{BaseKind, StageFact};
use crate::knowledge::images::DefaultUser;
use crate::span::Span;

/// The user in force, as far as known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CurrentUser {
    /// Name or number; empty for none given.
    pub(crate) name: String,
    /// The USER instruction that says so; `None`: the base image.
    pub(crate) span: Option<Span>,
    /// The stage it stands in, or whose base it comes from.
    pub(crate) stage: usize,
}

/// The user at the end of what has been read of a stage; `None` when not known.
pub(crate) fn current(stages: &[StageFact], stage: usize) -> Option<CurrentUser> {
    before(stages, stage, usize::MAX)
}

/// The user of a stage before one of its instructions; `None` when not known.
pub(crate) fn before(stages: &[StageFact], stage: usize, before: usize) -> Option<CurrentUser> {
    let mut at = stage;
    loop {
        let fact = stages.get(at)?;
        let mut users = fact.users.iter().rev();
        if let Some(user) = users.find(|user| user.instruction < before) {
            return user.name.clone().map(|name| CurrentUser {
                name,
                span: Some(user.span),
                stage: at,
            });
        }
        match fact.base.kind {
            BaseKind::Stage(_) => at = fact.user_from,
            BaseKind::Scratch => {
                return Some(CurrentUser {
                    name: "root".to_owned(),
                    span: None,
                    stage: at,
                });
            }
            BaseKind::Image | BaseKind::Unknown => {
                return match fact.base.knowledge.user {
                    DefaultUser::Root => Some(CurrentUser {
                        name: "root".to_owned(),
                        span: None,
                        stage: at,
                    }),
                    DefaultUser::Named(name) => Some(CurrentUser {
                        name: name.to_owned(),
                        span: None,
                        stage: at,
                    }),
                    DefaultUser::Unknown => None,
                };
            }
        }
    }
}

/// An empty USER is stored as it is: the container runs as root.
pub(crate) fn is_root(user: &CurrentUser) -> bool {
    is_root_name(&user.name)
}

/// Whether a user or group of that name or number is root's.
pub(crate) fn is_root_name(name: &str) -> bool {
    matches!(name, "" | "root" | "0")
}
