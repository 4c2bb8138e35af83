//! Uploads of users that go with the container: nothing is mounted where a service keeps them.

use crate::compose::{Mount, MountKind};
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
    Some((root.to_owned(), field(p, i)?))
}

/// A field of a model that certainly keeps files of users, in an application of some settings.
pub(crate) fn field(p: &Project, settings: usize) -> Option<Span> {
    let mut imports = p.imports.iter().filter(|it| it.settings == settings);
    let field = imports.find_map(|it| {
        let is_models = it.module == "django.db" && it.name.as_deref() == Some("models");
        it.calls.first().filter(|_| is_models)
    })?;
    Some(field.1)
}

/// Where a service keeps uploads, where this named volume is meant for them and mounted elsewhere.
pub(crate) fn missed_by(p: &Project, fact: &ServiceFact, mount: &Mount) -> Option<String> {
    let (root, _) = lost(p, fact)?;
    let named = [mount.source.as_ref()?, mount.target.as_ref()?];
    let is_meant = named.iter().any(|text| {
        let text = text.as_str().to_ascii_lowercase();
        text.contains("media") || text.contains("upload")
    });
    let is_kept = mount.kind == MountKind::Named && !mount.is_read_only;
    (is_meant && is_kept).then_some(root)
}
