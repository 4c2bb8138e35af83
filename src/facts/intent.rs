//! What a Dockerfile or stage is for. Names decide; where they say nothing, what lies around the Dockerfile
//! and what it starts: never what the rules judge.

use crate::compose::Purpose;
use crate::context::join;
use crate::facts::model::Project;
use crate::facts::table::Intent;
use crate::knowledge::intent_words::{self, Meaning};
use crate::source::{Root, Sources};

/// Names of one directory that are looked through for other Dockerfiles.
const MAX_LISTED: usize = 300;

fn words(name: &str) -> impl Iterator<Item = String> {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
}

/// The intent that a name tells: `Dockerfile.dev`, `test`, `local-base`; `None` when it tells none.
#[must_use]
pub fn by_name(name: &str) -> Option<Intent> {
    let mut intent = None;
    for word in words(name) {
        match intent_words::of_dockerfile(&word) {
            Some(Meaning::Production) => return Some(Intent::Production),
            Some(Meaning::Development) => intent = intent.or(Some(Intent::Development)),
            Some(Meaning::Test) => intent = intent.or(Some(Intent::Ci)),
            None => {}
        }
    }
    intent
}

/// The intent that the path of a Dockerfile from the project root, with `/`, tells: the file name decides,
/// else the nearest directory that tells one; `None` when none does.
#[must_use]
pub fn by_path(path: &str) -> Option<Intent> {
    path.rsplit('/').find_map(by_name)
}

/// What a Dockerfile whose path tells nothing is for. Without a witness it is for production.
pub(crate) fn judge(p: &Project, sources: &Sources) -> Intent {
    let around = &p.around;
    let Some(path) = around.dockerfile.as_deref() else {
        return Intent::Production;
    };
    let root = &around.root;
    if around.has_production() || has_sibling(root, path, Intent::Development) {
        return Intent::Production;
    }
    // What it starts is called so.
    let scripts = p.images.iter().flat_map(|image| &image.scripts);
    let own = scripts.filter(|script| script.caller.is_none());
    let mut called = own.filter_map(|script| by_name(script.path.rsplit('/').next()?));
    if let Some(intent) = called.next_back()
        && intent != Intent::Production
    {
        return intent;
    }
    let serves = p.images.iter().any(|image| {
        let server = image.server.as_ref();
        server.is_some_and(|server| server.name != "runserver")
    });
    let is_beside = has_sibling(root, path, Intent::Production)
        || !serves && has_production_directory(root, path);
    if is_beside && !is_published(root, sources, path) {
        return Intent::Development;
    }
    if !serves && (is_built_for_development(p, path) || has_settings_for_development(p)) {
        return Intent::Development;
    }
    Intent::Production
}

/// Whether a Dockerfile lies beside that is called the same but for words that tell `intent`:
/// `Dockerfile.prod`, `prod.Dockerfile` beside `Dockerfile`.
fn has_sibling(root: &Root, path: &str, intent: Intent) -> bool {
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    let own: Vec<String> = words(name).collect();
    let names = root.list(directory, MAX_LISTED);
    names.iter().any(|other| {
        other != name
            && other.len() < name.len() + 16
            && by_name(other) == Some(intent)
            && words(other)
                .filter(|word| intent_words::of_dockerfile(word).is_none())
                .eq(own.iter().cloned())
    })
}

/// Whether a Dockerfile of that name lies in a directory for production: `prod/Dockerfile` or
/// `docker/prod/Dockerfile` beside `Dockerfile`.
fn has_production_directory(root: &Root, path: &str) -> bool {
    let (directory, own) = path.rsplit_once('/').unwrap_or(("", path));
    // A name with an ending is hardly ever a directory.
    let below = |directory: &str| -> Vec<String> {
        let names = root.list(directory, MAX_LISTED).into_iter();
        let names = names.filter(|name| !name.contains('.'));
        names.map(|name| join(directory, &name)).collect()
    };
    let is_production = |directory: &String| {
        let name = directory.rsplit('/').next().unwrap_or(directory);
        by_name(name) == Some(Intent::Production) && is_file(root, &join(directory, own))
    };
    let near = below(directory);
    near.iter().any(is_production)
        || near.iter().any(|directory| {
            ["prod", "production"]
                .iter()
                .any(|word| is_file(root, &join(&join(directory, word), own)))
        })
}

/// Whether what builds it says so: every compose service that does is for development, and one is called so.
fn is_built_for_development(p: &Project, path: &str) -> bool {
    let building = p.around.compose.services_building(path);
    let is_called = |name: &str| by_name(name) == Some(Intent::Development);
    building
        .iter()
        .any(|found| is_called(found.service.name.as_str()))
        && building.iter().all(|found| {
            matches!(found.stack.purpose, Purpose::Development | Purpose::Test)
                || by_name(found.service.name.as_str()).is_some_and(|it| it != Intent::Production)
        })
}

/// Whether it sets settings that are called so: `DJANGO_SETTINGS_MODULE=config.settings.local`.
fn has_settings_for_development(p: &Project) -> bool {
    let chains = p.images.iter().flat_map(|image| &image.chain);
    let envs = chains.flat_map(|stage| &p.stages[*stage].envs);
    let mut modules = envs
        .map(|env| &p.envs[*env])
        .filter(|env| env.name.as_str() == "DJANGO_SETTINGS_MODULE")
        .filter_map(|env| env.value.as_ref());
    modules.any(|module| {
        let name = module.as_str().rsplit('.').next();
        name.and_then(by_name) == Some(Intent::Development)
    })
}

/// Whether continuous integration or a platform publishes what it builds: a workflow that builds and pushes
/// it, `heroku.yml`.
fn is_published(root: &Root, sources: &Sources, path: &str) -> bool {
    let text = |path: &str| -> Option<String> {
        let file = root.read(sources, path).ok()?;
        Some(sources.get(file).text.clone())
    };
    let names = |text: &str| {
        let mut values = text.split_ascii_whitespace();
        values.any(|word| word.trim_matches(['"', '\'']).trim_start_matches("./") == path)
    };
    if is_file(root, "heroku.yml") && text("heroku.yml").is_some_and(|text| names(&text)) {
        return true;
    }
    let workflows = ".github/workflows";
    let files = root.list(workflows, MAX_LISTED).into_iter();
    let files = files.filter(|name| name.ends_with(".yml") || name.ends_with(".yaml"));
    let mut texts = files.filter_map(|name| text(&join(workflows, &name)));
    texts.any(|text| {
        let pushes = text.contains("push: true")
            || text.contains("docker push")
            || text.contains("build-push-action") && text.contains("push:");
        let names_another = text.lines().any(|line| {
            let line = line.trim();
            line.starts_with("file:") || line.contains(" -f ") || line.contains("--file")
        });
        // Without a name it is the Dockerfile at the root.
        pushes && (names(&text) || path == "Dockerfile" && !names_another)
    })
}

fn is_file(root: &Root, path: &str) -> bool {
    matches!(root.entry(path), crate::source::Entry::File { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_intent() {
        let table = [
            ("compose/local/django/Dockerfile", Some(Intent::Development)),
            (
                "compose/production/django/Dockerfile",
                Some(Intent::Production),
            ),
            ("Dockerfile.dev", Some(Intent::Development)),
            ("dev/Dockerfile.prod", Some(Intent::Production)),
            (".devcontainer/Dockerfile", Some(Intent::Development)),
            ("docker/test.Dockerfile", Some(Intent::Ci)),
            ("ci/Dockerfile", Some(Intent::Ci)),
            ("devices/Dockerfile", None),
        ];
        for (path, intent) in table {
            assert_eq!(by_path(path), intent, "{path}");
        }
        assert_eq!(by_name("latest"), None);
    }
}
