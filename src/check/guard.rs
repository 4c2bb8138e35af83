//! An internal error in the check of one Dockerfile, which silences no other one.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};

thread_local! {
    /// A check runs on this thread whose fault is told as a problem.
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
    /// Where it went wrong.
    static PLACE: Cell<Option<String>> = const { Cell::new(None) };
}

/// What `run` gives; a panic becomes what people are told of it.
pub(crate) fn caught<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    let before = IS_GUARDED.replace(true);
    // Of what is half done nothing is used: the check gives no findings.
    let done = panic::catch_unwind(AssertUnwindSafe(run));
    IS_GUARDED.set(before);
    done.map_err(|payload| {
        let place = PLACE
            .take()
            .map_or_else(String::new, |place| format!(" at {place}"));
        let said = said(&*payload);
        format!("internal error{place}: {said}; please report this bug with the file")
    })
}

fn said(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref().copied())
        .unwrap_or("no reason given")
}

/// Lets a fault in a check be told as a problem only, with its place, and nothing on standard error.
pub(crate) fn tell_as_problem() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |fault| match IS_GUARDED.get() {
        true => PLACE.set(fault.location().map(ToString::to_string)),
        false => usual(fault),
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_and_everything_else_comes_through() {
        assert_eq!(caught(|| 1), Ok(1));
        let told = caught(|| {
            let numbers: Vec<u8> = Vec::new();
            numbers.first().copied().expect("a number")
        });
        assert!(
            told.is_err_and(|told| told.contains("internal error") && told.contains("a number"))
        );
        assert!(!IS_GUARDED.get());
    }
}
