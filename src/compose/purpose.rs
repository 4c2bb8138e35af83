//! What a compose file is for, from its name and the directories it lies in.

use super::model::Purpose;
use crate::knowledge::intent_words::{self, Meaning};

/// Whether a file name is one compose or its users give to compose files.
#[must_use]
pub fn is_compose_name(name: &str) -> bool {
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

/// What the name of a file says; where it says nothing, what its directories say, nearest first.
#[must_use]
pub fn purpose_of(path: &str) -> Purpose {
    if intent_words::is_put_away(path) {
        return Purpose::Development;
    }
    path.rsplit('/')
        .map(of_name)
        .find(|purpose| *purpose != Purpose::Unspoken)
        .unwrap_or(Purpose::Unspoken)
}

/// What the last word of a project's name says, where that is to develop: `name: shop-dev`.
pub(crate) fn of_project(name: &str) -> Purpose {
    let name = name.to_ascii_lowercase();
    let word = name.rsplit(|c: char| !c.is_ascii_alphanumeric()).next();
    match word.and_then(intent_words::of_compose) {
        Some(Meaning::Development) => Purpose::Development,
        _ => Purpose::Unspoken,
    }
}

fn of_name(name: &str) -> Purpose {
    let name = name.to_ascii_lowercase();
    let words = || name.split(|c: char| !c.is_ascii_alphanumeric());
    let has = |meaning: Meaning, part: &str| {
        words().any(|word| {
            intent_words::of_compose(word) == Some(meaning)
                || (!part.is_empty() && word.contains(part))
        })
    };
    // `docker-compose.test.prod.yml` tests; `local-production` is for a laptop.
    if has(Meaning::Test, "") {
        Purpose::Test
    } else if has(Meaning::Development, "local") {
        Purpose::Development
    } else if has(Meaning::Production, "prod") {
        Purpose::Production
    } else {
        Purpose::Unspoken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_projects_speak_by_their_last_word() {
        assert_eq!(of_project("shop-dev"), Purpose::Development);
        assert_eq!(of_project("dev-tools-portal"), Purpose::Unspoken);
        assert_eq!(of_project("shop_prod"), Purpose::Unspoken);
        assert_eq!(of_project(""), Purpose::Unspoken);
    }

    #[test]
    fn names_speak() {
        let table = [
            ("docker-compose.yml", Purpose::Unspoken),
            ("compose.override.yaml", Purpose::Development),
            ("docker-compose.prod.yml", Purpose::Production),
            ("docker-compose-production.yaml", Purpose::Production),
            ("production.yml", Purpose::Production),
            ("local.yml", Purpose::Development),
            ("compose.ci.yml", Purpose::Test),
            ("docker-compose.local-prod.yml", Purpose::Development),
            (".devcontainer/docker-compose.yml", Purpose::Development),
            ("deploy/compose.yaml", Purpose::Unspoken),
            ("docker-compose.travis.yml", Purpose::Test),
            (
                "compose/production/docker-compose.dev.yml",
                Purpose::Development,
            ),
            ("devices/compose.yml", Purpose::Unspoken),
            ("archives/docker-compose.prod.yml", Purpose::Development),
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
