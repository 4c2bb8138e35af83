//! Uploads of users that go with the container: nothing is mounted where a service keeps them.

use crate::compose::Mount;
use crate::dockerfile::ast::Keyword;
use crate::facts::deploy::writes::keeps_uploads;
use crate::facts::model::{Project, ServiceFact};
use crate::knowledge::words::ValueWords;
use crate::python::settings::verdicts;
use crate::source::is_in;
use crate::span::Span;

/// Where a service keeps uploads that are lost with its container, and the field of a model that they belong to.
pub(crate) fn lost(p: &Project, fact: &ServiceFact) -> Option<(String, Span)> {
    let image = fact.image?;
    let service = fact.compose(p)?;
    fact.served.as_deref()?;
    let mut settings = (0..p.settings.len()).filter(|i| p.settings[*i].image == image);
    let i = settings.next().filter(|_| settings.next().is_none())?;
    let own = &p.settings[i].settings;
    let root = verdicts::directory(own, "MEDIA_ROOT");
    let root = root.known()?.as_str();
    let chooses = service.env().get("DJANGO_SETTINGS_MODULE").is_some();
    let mut instructions = p.dockerfile.instructions.iter();
    let is_open = chooses
        || service.extends.is_some()
        || service.has_key(ValueWords::MountsMore)
        || instructions.any(|it| it.keyword == Keyword::Volume);
    if is_open || !root.starts_with('/') || !keeps_uploads(own) {
        return None;
    }
    // Whoever mounts something there elsewhere has thought of it.
    let may_hold = |mount: &Mount| {
        let target = mount
            .target
            .as_ref()
            .map(|it| it.as_str().trim_end_matches('/'));
        target.is_none_or(|target| is_in(root, target) || is_in(target, root))
    };
    let mut mounts = p.around.deployed.all.iter().flat_map(|it| &it.mounts);
    if mounts.any(may_hold) || service.volumes.iter().any(may_hold) {
        return None;
    }
    let mut imports = p.imports.iter().filter(|it| it.settings == i);
    let field = imports.find_map(|it| {
        let is_models = it.module == "django.db" && it.name.as_deref() == Some("models");
        it.calls.first().filter(|_| is_models)
    })?;
    Some((root.to_owned(), field.1))
}
