//! Which services of a stack run at the same time: each is started whenever the stack is, and none waits for the end of
//! the other.

use crate::compose::{Service, Stack, Text};

/// Services that are followed to see what is waited for.
const MAX_FOLLOWED: usize = 100;

/// It is started whenever its stack is, one container of it.
pub(crate) fn starts_once(service: &Service) -> bool {
    let is_other = |key: &str| matches!(key, "deploy" | "scale" | "extends");
    // A name with a dot before it is that of a pattern for others.
    !service.name.as_str().starts_with('.')
        && service.profiles.is_empty()
        && !service.keys.iter().any(|key| is_other(key.as_str()))
}

/// A service only starts when another has ended, itself or by way of those that it waits for:
/// `depends_on` with `condition: service_completed_successfully`.
pub(crate) fn waits_for_end(stack: &Stack, service: &Service, ended: &Service) -> bool {
    waits(stack, service, ended, |condition| {
        condition == Some("service_completed_successfully")
    })
}

/// A service only starts when another is healthy or has ended, itself or by way of those that it waits for.
pub(crate) fn waits_until_ready(stack: &Stack, service: &Service, other: &Service) -> bool {
    waits(stack, service, other, |condition| {
        !matches!(condition, None | Some("service_started"))
    })
}

/// Along `depends_on` from a service, an entry names another one with a condition that is meant.
fn waits(
    stack: &Stack,
    service: &Service,
    other: &Service,
    is_meant: impl Fn(Option<&str>) -> bool,
) -> bool {
    let mut seen = vec![service.name.as_str()];
    let mut todo = vec![service];
    while let Some(one) = todo.pop() {
        for dependency in &one.depends_on {
            let name = dependency.service.as_str();
            let condition = dependency.condition.as_ref();
            if name == other.name.as_str() && is_meant(condition.map(text_of)) {
                return true;
            }
            if seen.len() < MAX_FOLLOWED && !seen.contains(&name) {
                seen.push(name);
                let mut services = stack.services.iter();
                todo.extend(services.find(|it| it.name.as_str() == name));
            }
        }
    }
    false
}

/// What a condition says; something else than compose knows where that is not known.
fn text_of(condition: &Text) -> &str {
    condition.as_str().unwrap_or("?")
}
