//! Data that a build fetches into the home directory of root, where the process of the image, which is another user,
//! neither looks nor may look.

use crate::facts::build::at;
use crate::facts::model::Project;
use crate::facts::start::user;
use crate::knowledge::home_downloads::{self, HomeDownload};
use crate::shell::ast::{Arg, Command, Runs};

/// Variables that say for every program where a home directory or what is in it is.
const OF_ALL: [&str; 2] = ["HOME", "XDG_CACHE_HOME"];

/// A download that the process of an image does not find.
pub(crate) struct Unfound {
    pub(crate) row: &'static HomeDownload,
    /// The user that the process runs as.
    pub(crate) user: String,
    pub(crate) image: usize,
}

/// What a command of a build fetches into the home directory of root and the process of the image never finds.
pub(crate) fn unfound(p: &Project, index: usize) -> Option<Unfound> {
    let fact = &p.commands[index];
    let command = &fact.command;
    let row = row_of(command)?;
    let names = || OF_ALL.iter().chain(row.variables);
    let layer = &p.layers[fact.layer];
    let is_plain = fact.runs_as_root == Some(true)
        && command.runs == Runs::Always
        && layer.mounts.is_empty()
        && !layer.is_onbuild
        && command.run_as.is_none();
    let text = p.text.text.as_str();
    let is_led = names()
        .any(|name| text.contains(&format!("{name}=")) || text.contains(&format!("ENV {name} ")));
    // Whatever is said of these directories may open them, or take what is in them elsewhere.
    let is_named = text.contains(row.directory) || names_home_of_root(text);
    if !is_plain || is_led || is_named {
        return None;
    }
    let has = |image: &usize| at::is_part(&p.stages, fact.stage, p.images[*image].stage);
    (0..p.images.len()).filter(has).find_map(|image| {
        let user = user::not_root(p, image, None)?;
        let mut services = p.services.iter().filter(|it| it.image == Some(image));
        let is_given = services.any(|it| {
            let env = &it.deployed(p).env;
            names().any(|name| env.get(name).is_some())
        });
        (!is_given).then_some(Unfound { row, user, image })
    })
}

/// The settings of an image certainly load a module that imports the package.
pub(crate) fn is_imported(p: &Project, found: &Unfound) -> bool {
    let settings = p.settings.iter().filter(|it| it.image == found.image);
    let mut taken = settings.flat_map(|it| &it.loaded).flat_map(|it| &it.takes);
    taken.any(|module| {
        let rest = module.strip_prefix(found.row.package);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// Something beside the caches of installers names the home directory of root.
fn names_home_of_root(text: &str) -> bool {
    let mut all = text
        .match_indices("/root")
        .map(|(at, it)| &text[at + it.len()..]);
    all.any(|rest| {
        let is_it = rest.is_empty() || !rest.starts_with(|c: char| c.is_alphanumeric() || c == '-');
        is_it && !rest.starts_with("/.cache/pip") && !rest.starts_with("/.cache/uv")
    })
}

/// The row of a command: by its words, those of a module of Python, or the text of `python -c`.
fn row_of(command: &Command) -> Option<&'static HomeDownload> {
    let words = || command.args.iter().map(|arg| arg.as_str().unwrap_or(""));
    let line = |words: &mut dyn Iterator<Item = &str>| words.collect::<Vec<_>>().join(" ");
    let name = command.name.as_deref()?;
    if matches!(name, "python" | "python3") {
        let mut args = command.args.iter();
        return match args.next().and_then(Arg::as_str)? {
            "-c" => home_downloads::of(args.next()?.as_str()?, true),
            "-m" => home_downloads::of(&line(&mut words().skip(1)), false),
            _ => None,
        };
    }
    if !matches!(name, "npx" | "uv") && !home_downloads::may_begin(name) {
        return None;
    }
    let own = line(&mut std::iter::once(name).chain(words()));
    let own = own.strip_prefix("npx ").unwrap_or(&own);
    let own = own.strip_prefix("uv run ").unwrap_or(own);
    home_downloads::of(own, false)
}
