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
    let mut todo = vec![service];
    let mut seen = 0;
    while let Some(one) = todo.pop() {
        seen += 1;
        if seen > MAX_FOLLOWED {
            return false;
        }
        for dependency in &one.depends_on {
            let condition = dependency.condition.as_ref().and_then(Text::as_str);
            let is_end = condition == Some("service_completed_successfully");
            if is_end && dependency.service.as_str() == ended.name.as_str() {
                return true;
            }
            let mut services = stack.services.iter();
            todo.extend(services.find(|it| it.name.as_str() == dependency.service.as_str()));
        }
    }
    false
}
