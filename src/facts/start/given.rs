//! Who starts an image that says nothing itself: neither ENTRYPOINT nor CMD, so that what it starts is what files
//! beside the Dockerfile say.

use crate::compose::CommandLine;
use crate::deployed::Deployed;
use crate::facts::build::{application, reach};
use crate::facts::files::bound;
use crate::facts::intent::{by_name, starts_to_develop, tag_intent};
use crate::facts::model::BuildPhase;
use crate::knowledge::intent_words::Intent;

/// The shipped image that what is started runs, when it builds this Dockerfile.
pub(crate) fn image_of(p: &BuildPhase, deployed: &Deployed) -> Option<usize> {
    let target = deployed.build.as_ref()?.target.as_ref();
    let stage = match target {
        None => p.stages.len().checked_sub(1)?,
        Some(text) => p.stage_named(text.as_str()?)?,
    };
    p.images.iter().position(|image| image.stage == stage)
}

/// What starts an image that says nothing, among all that is started: what is for production, else what does not say
/// what it is for, unless one of those is to develop with. Empty where a platform may say something else.
pub(crate) fn starters(p: &BuildPhase, index: usize) -> Vec<usize> {
    if !reach::says_nothing(&p.stages, &p.images[index])
        || application::has_platform(p)
        || p.around.deployed.is_open
    {
        return Vec::new();
    }
    let deployed = &p.around.deployed;
    let wanted = p.around.has_production().then_some(Intent::Production);
    let building = deployed.building.iter().copied();
    let meant: Vec<usize> = building
        .filter(|i| deployed.all[*i].purpose == wanted)
        .filter(|i| image_of(p, &deployed.all[*i]) == Some(index))
        .collect();
    let develops = |i: &usize| {
        let it = &deployed.all[*i];
        let is_known = it.build.as_ref().is_some_and(|it| it.context.is_some());
        !is_known
            || bound::binds_code(p, Some(index), it)
            || wanted.is_none() && (is_to_develop(it) || is_for_few(p, it))
    };
    if meant.iter().any(develops) {
        return Vec::new();
    }
    let starts = |i: &usize| deployed.all[*i].changes_start();
    meant.into_iter().filter(starts).collect()
}

/// Compose watches its code, or starts it for a profile that is called so.
fn is_for_few(p: &BuildPhase, it: &Deployed) -> bool {
    let Some(service) = p.around.deployed.service(it) else {
        return false;
    };
    let mut profiles = service.profiles.iter().filter_map(|it| it.as_str());
    service.keys.iter().any(|key| key.as_str() == "develop")
        || profiles.any(|it| by_name(it).is_some_and(|it| it != Intent::Production))
}

/// Its name, the words that it starts or the tag that it gives say that it is to develop or test with.
fn is_to_develop(deployed: &Deployed) -> bool {
    let given = [&deployed.entrypoint, &deployed.command];
    let given = given.into_iter().flatten().filter_map(CommandLine::words);
    let is_other = |intent: Intent| intent != Intent::Production;
    by_name(deployed.name.as_str()).is_some_and(is_other)
        || tag_intent(deployed).is_some_and(is_other)
        || given.flatten().any(|word| starts_to_develop(word.as_str()))
}
