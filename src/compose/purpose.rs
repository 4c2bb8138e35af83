//! What a compose file is for, from its name and the directories it lies in.

use crate::knowledge::intent_words::{self, Intent};

/// Whether a file name is one compose or its users give to compose files.
#[must_use]
pub(crate) fn is_compose_name(name: &str) -> bool {
    let Some(stem) = name
        .strip_suffix(".yml")
        .or_else(|| name.strip_suffix(".yaml"))
    else {
        return false;
    };
    // Old templates call them `local.yml` and `production.yml`.
    stem.contains("compose")
        || matches!(
            stem,
            "local" | "prod" | "production" | "staging" | "docker-stack"
        )
}

/// Whether a file that is not called as compose files are may be one for compose's `-f`: `dev.yml`, `docs.yaml`.
pub(crate) fn may_be_compose_name(name: &str) -> bool {
    let stem = name
        .strip_suffix(".yml")
        .or_else(|| name.strip_suffix(".yaml"));
    stem.is_some_and(|stem| {
        let stem = stem.to_ascii_lowercase();
        let says = |word: &str| {
            intent_words::of_compose(word).is_some()
                || matches!(word, "docker" | "services" | "stack" | "run")
        };
        // `build_production.yml` runs what builds.
        !stem.starts_with('.')
            && !stem.contains("build")
            && !is_compose_name(name)
            && stem.split(|c: char| !c.is_ascii_alphanumeric()).any(says)
    })
}

/// `localhost`, or an address of the machine itself.
pub(crate) fn is_own(name: &str) -> bool {
    name == "localhost" || name.starts_with("127.") || matches!(name, "::1" | "[::1]" | "0.0.0.0")
}

/// Files for production come first, then those that do not say.
#[must_use]
pub(crate) fn rank(purpose: Option<Intent>) -> u8 {
    match purpose {
        Some(Intent::Production) => 0,
        None => 1,
        Some(Intent::Development) => 2,
        Some(Intent::Ci) => 3,
    }
}

/// What the name of a file says; where it says nothing, what its directories say, nearest first.
#[must_use]
pub(crate) fn purpose_of(path: &str) -> Option<Intent> {
    if intent_words::is_put_away(path) {
        return Some(Intent::Development);
    }
    path.rsplit('/').find_map(of_name)
}

/// What the last word of a project's name says, where that is for development: `name: shop-dev`.
pub(crate) fn of_project(name: &str) -> Option<Intent> {
    let name = name.to_ascii_lowercase();
    let word = name.rsplit(|c: char| !c.is_ascii_alphanumeric()).next();
    let says = word.and_then(intent_words::of_compose);
    says.filter(|intent| *intent == Intent::Development)
}

fn of_name(name: &str) -> Option<Intent> {
    let name = name.to_ascii_lowercase();
    let words = || name.split(|c: char| !c.is_ascii_alphanumeric());
    let has = |meaning: Intent, part: &str| {
        words().any(|word| {
            intent_words::of_compose(word) == Some(meaning)
                || (!part.is_empty() && word.contains(part))
        })
    };
    // `docker-compose.test.prod.yml` tests; `local-production` is for a laptop, and so is `proddev`.
    let is_both = |word: &str| word.contains("prod") && word.contains("dev");
    if has(Intent::Ci, "") {
        Some(Intent::Ci)
    } else if has(Intent::Development, "local") || words().any(is_both) {
        Some(Intent::Development)
    } else if has(Intent::Production, "prod") {
        Some(Intent::Production)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_projects_speak_by_their_last_word() {
        assert_eq!(of_project("shop-dev"), Some(Intent::Development));
        assert_eq!(of_project("dev-tools-portal"), None);
        assert_eq!(of_project("shop_prod"), None);
        assert_eq!(of_project(""), None);
    }

    #[test]
    fn names_speak() {
        let table = [
            ("docker-compose.yml", None),
            ("compose.override.yaml", Some(Intent::Development)),
            ("docker-compose.prod.yml", Some(Intent::Production)),
            ("docker-compose-production.yaml", Some(Intent::Production)),
            ("production.yml", Some(Intent::Production)),
            ("local.yml", Some(Intent::Development)),
            ("compose.ci.yml", Some(Intent::Ci)),
            ("docker-compose.local-prod.yml", Some(Intent::Development)),
            ("compose-proddev.yml", Some(Intent::Development)),
            (
                ".devcontainer/docker-compose.yml",
                Some(Intent::Development),
            ),
            ("deploy/compose.yaml", None),
            ("docker-compose.travis.yml", Some(Intent::Ci)),
            (
                "compose/production/docker-compose.dev.yml",
                Some(Intent::Development),
            ),
            ("devices/compose.yml", None),
            (
                "archives/docker-compose.prod.yml",
                Some(Intent::Development),
            ),
        ];
        for (path, purpose) in table {
            assert_eq!(purpose_of(path), purpose, "{path}");
        }
    }

    #[test]
    fn compose_files_are_recognised() {
        for name in [
            "compose.yml",
            "docker-compose.prod.yaml",
            "local.yml",
            "my-compose.yml",
        ] {
            assert!(is_compose_name(name), "{name}");
        }
        for name in ["dev.yml", "docker-services.yaml", "stack.yml"] {
            assert!(may_be_compose_name(name), "{name}");
        }
        for name in [
            "compose.yml",
            "openapi.yml",
            ".gitlab-ci.yml",
            "dev.json",
            "build_prod.yml",
        ] {
            assert!(!may_be_compose_name(name), "{name}");
        }
        for name in ["compose.json", "mkdocs.yml", "compose"] {
            assert!(!is_compose_name(name), "{name}");
        }
    }
}
