//! Which stages ship, which are built for those, and what each stage is for.

use crate::facts::build::at;
use crate::facts::intent::by_name;
use crate::facts::model::Arena;
use crate::facts::model::{BaseKind, CopyFrom, ShippedImage, StageFact};
use crate::facts::table::Reach;
use crate::knowledge::intent_words::Intent;
use crate::knowledge::words::FileWords;
use crate::span::Traced;

/// Marks which stages are shipped, built or unused, and gives the shipped ones.
///
/// With a target (a stage name or number) that stage is shipped; an unknown target ships what no
/// target would. `is_named` says whether a file beside the Dockerfile has the name of a stage.
pub(crate) fn decide_reach(
    arena: &mut Arena,
    target: Option<&str>,
    file: Intent,
    is_named: impl Fn(&str) -> bool,
) -> Vec<usize> {
    let count = arena.stages.len();
    if count == 0 {
        return Vec::new();
    }
    spread_intent(&mut arena.stages, file);
    let named = target.and_then(|target| arena.names.named(target, count));
    let uses: Vec<Vec<usize>> = (0..count).map(|stage| used_by(arena, stage)).collect();
    let shipped: Vec<usize> = match named {
        Some(stage) => vec![stage],
        None => {
            let mut is_used = vec![false; count];
            for used in uses.iter().flatten() {
                is_used[*used] = true;
            }
            let leaves: Vec<usize> = (0..count).filter(|stage| !is_used[*stage]).collect();
            // Beside a product that has to be asked for, what has no name is what one develops with.
            let is_product = |stage: &usize| {
                let name = arena.stages[*stage].name.as_ref();
                name.is_some_and(|name| by_name(name.as_str()) == Some(Intent::Production))
            };
            if arena.stages[count - 1].name.is_none() && leaves.iter().any(is_product) {
                arena.stages[count - 1].intent = Intent::Development;
            }
            let production: Vec<usize> = leaves
                .iter()
                .copied()
                .filter(|stage| {
                    file != Intent::Production || arena.stages[*stage].intent == Intent::Production
                })
                .filter(|stage| !is_left_over(&arena.stages, *stage, &is_named))
                .collect();
            if !production.is_empty() {
                production
            } else if file == Intent::Production {
                let started = started_on(&arena.stages, &uses);
                started.map_or_else(|| vec![count - 1], |stage| vec![stage])
            } else {
                vec![count - 1]
            }
        }
    };
    for stage in &shipped {
        // A target that is named for development stays one; what it starts from follows it, unless
        // an image for production starts there too.
        let intent = arena.stages[*stage].intent;
        for part in at::chain(&arena.stages, *stage) {
            let fact = &mut arena.stages[part];
            if fact.reach != Reach::Shipped || intent == Intent::Production {
                fact.intent = intent;
            }
            fact.reach = Reach::Shipped;
        }
    }
    let mut pending: Vec<usize> = shipped
        .iter()
        .flat_map(|stage| at::chain(&arena.stages, *stage))
        .collect();
    let mut seen = vec![false; count];
    while let Some(stage) = pending.pop() {
        if std::mem::replace(&mut seen[stage], true) {
            continue;
        }
        if arena.stages[stage].reach == Reach::Unused {
            arena.stages[stage].reach = Reach::Built;
        }
        pending.extend(&uses[stage]);
    }
    shipped
}

/// The last stage that says what it starts and that only stages for development or tests are made of, where one for
/// development begins with it: `runtime` below `runtime-dev`.
fn started_on(stages: &[StageFact], uses: &[Vec<usize>]) -> Option<usize> {
    let mut is_begun = vec![false; stages.len()];
    let mut is_product = vec![false; stages.len()];
    for (stage, used) in uses.iter().enumerate() {
        for other in used {
            is_product[*other] |= stages[stage].intent == Intent::Production;
        }
        if let BaseKind::Stage(parent) = stages[stage].base.kind {
            is_begun[parent] = true;
        }
    }
    let starts = |stage: usize| stages[stage].cmd.is_some() || stages[stage].entrypoint.is_some();
    (0..stages.len()).rev().find(|stage| {
        // What several stages begin with is no product by that.
        let is_shared =
            |name: &Traced| FileWords::SharedStage.contains(&name.as_str().to_ascii_lowercase());
        let name = stages[*stage].name.as_ref();
        let is_named = name.is_some_and(|name| !is_shared(name));
        let is_meant = stages[*stage].intent == Intent::Production && is_named;
        is_meant && is_begun[*stage] && !is_product[*stage] && starts(*stage)
    })
}

/// A stage that no other takes anything from, so that BuildKit skips it: without a name to ask for it, or one that
/// starts nothing, with a name for building or one that nobody asks for.
fn is_left_over(stages: &[StageFact], stage: usize, is_named: &impl Fn(&str) -> bool) -> bool {
    let fact = &stages[stage];
    let starts_nothing = || {
        let mut chain = at::chain(stages, stage).into_iter().map(|it| &stages[it]);
        chain.all(|fact| fact.cmd.is_none() && fact.entrypoint.is_none())
    };
    let is_for_building = |name: &str| name.to_ascii_lowercase().contains("build");
    stage + 1 < stages.len()
        && match fact.name.as_ref().map(Traced::as_str) {
            None => true,
            Some(name) if is_for_building(name) => fact.cmd.is_none() && fact.entrypoint.is_none(),
            Some(name) => starts_nothing() && !is_named(name),
        }
}

/// The stages of a file that is not for production are not either.
pub(crate) fn spread_intent(stages: &mut [StageFact], file: Intent) {
    for stage in stages {
        if file != Intent::Production && stage.intent == Intent::Production {
            stage.intent = file;
        }
    }
}

/// Stages that a stage needs directly.
fn used_by(arena: &Arena, stage: usize) -> Vec<usize> {
    let fact = &arena.stages[stage];
    let mut used = Vec::new();
    if let BaseKind::Stage(parent) = fact.base.kind {
        used.push(parent);
    }
    for copy in &fact.copies {
        if let CopyFrom::Stage(from) = arena.copies[*copy].from {
            used.push(from);
        }
    }
    for layer in &fact.layers {
        for mount in &arena.layers[*layer].mounts {
            used.extend(mount.from_stage);
        }
    }
    used
}

/// Neither the image nor what it starts from says what it starts. Python's own images say the interpreter, which waits
/// for nobody in a container.
pub(crate) fn says_nothing(stages: &[StageFact], image: &ShippedImage) -> bool {
    image.entrypoint.is_none() && image.cmd.is_none() && at::is_closed(stages, image.stage)
}

/// The image that a shipped stage makes.
pub(crate) fn image(arena: &Arena, stage: usize) -> ShippedImage {
    let chain = at::chain(&arena.stages, stage);
    let entrypoint = chain
        .iter()
        .copied()
        .find(|part| arena.stages[*part].entrypoint.is_some());
    let last = chain
        .iter()
        .copied()
        .find(|part| arena.stages[*part].cmd.is_some());
    let cmd = last.filter(|cmd| {
        // ENTRYPOINT in a stage resets the CMD that it inherits.
        let depth = |stage: usize| chain.iter().position(|part| *part == stage);
        entrypoint.is_none_or(|entrypoint| depth(*cmd) <= depth(entrypoint))
    });
    ShippedImage {
        stage,
        chain,
        entrypoint,
        cmd,
        reset_cmd: last.filter(|_| cmd.is_none()),
    }
}
