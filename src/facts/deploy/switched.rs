//! Users that a supervisord is told to become, or to run programs as, and that only root could give it.

use crate::facts::build::at;
use crate::facts::deploy::writes;
use crate::facts::model::{Project, SupervisorFact};
use crate::server::supervisor::Value;
use crate::span::Traced;

/// Each `user` of its configuration that is certainly another than the one that its container runs as, where that is
/// not root.
pub(crate) fn refused_by<'a>(p: &Project, fact: &'a SupervisorFact) -> Vec<&'a Traced> {
    let Some(own) = writes::user_of(p, fact.image) else {
        return Vec::new();
    };
    let own = own.split(':').next().unwrap_or_default();
    let stage = p.images[fact.image].stage;
    let config = &fact.config;
    let of_programs = config.programs.iter().map(|program| &program.user);
    let all = std::iter::once(&config.user).chain(of_programs);
    all.filter_map(Value::known)
        .filter(|user| is_another(p, stage, own, user.as_str()))
        .collect()
}

/// Two names, or numbers, of users are certainly not the same user's.
fn is_another(p: &Project, stage: usize, one: &str, other: &str) -> bool {
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let id_of = |name: &str| {
        let mut accounts = p.accounts.iter();
        let found = accounts.find(|it| {
            !it.is_group
                && it.name.as_deref() == Some(name)
                && at::is_part(&p.stages, it.stage, stage)
        });
        match name {
            "root" => Some("0"),
            _ => found?.id.as_deref(),
        }
    };
    match (is_number(one), is_number(other)) {
        (true, false) => id_of(other).is_some_and(|id| is_number(id) && id != one),
        (false, true) => id_of(one).is_some_and(|id| is_number(id) && id != other),
        _ => !other.is_empty() && one != other,
    }
}
