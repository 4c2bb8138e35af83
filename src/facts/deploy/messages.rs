//! Compiled translations that the project has and an ignore file keeps out of the build, where nothing compiles them.

use crate::context::Pattern;
use crate::facts::model::{Project, StartFact};
use crate::python::settings::verdicts;
use crate::source::{Entry, join};

const COMPILE: &str = "compilemessages";
const MIDDLEWARE: &str = "django.middleware.locale.LocaleMiddleware";

/// Directories that are looked at.
const MAX_PLACES: usize = 200;

/// Something in the image, or as it starts, compiles them.
fn are_compiled(p: &Project) -> bool {
    let compiles = |start: &StartFact| start.command.management_name() == Some(COMPILE);
    p.text.text.contains(COMPILE)
        || p.text.text.contains("msgfmt")
        || p.images.iter().any(|it| !it.process_is_known)
        || (0..p.images.len()).any(|image| p.starts_in(image).any(compiles))
}

/// A compiled file that this pattern keeps out, where the settings let visitors choose their language.
pub(crate) fn kept_out(p: &Project, pattern: &Pattern) -> Option<String> {
    let chooses = |middleware: verdicts::Answer<verdicts::Texts>| {
        middleware
            .known()
            .is_some_and(|all| all.contains(MIDDLEWARE) == Some(true))
    };
    let mut settings = p.settings.iter();
    let is_meant = pattern.cleaned.ends_with(".mo")
        && settings.any(|it| chooses(verdicts::middleware(&it.settings)));
    if !is_meant || are_compiled(p) {
        return None;
    }
    let context = &p.around.context;
    let list = |directory: &str| context.list(directory).unwrap_or_default();
    let top = list("");
    let below = top.iter().map(|name| join(name, "locale"));
    let places = std::iter::once("locale".to_owned()).chain(below);
    let mut files = places.take(MAX_PLACES).flat_map(|place| {
        let names = list(&place);
        let file = |name: &String| join(&place, &format!("{name}/LC_MESSAGES/django.mo"));
        names.iter().map(file).collect::<Vec<_>>()
    });
    files.find(|file| {
        let is_file = matches!(context.entry(file), Entry::File { .. });
        let by = context.ignored_by(file).map(Pattern::span);
        is_file && !context.is_git_ignored(file) && by == Some(pattern.span())
    })
}
