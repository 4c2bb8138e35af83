//! What a Dockerfile or stage is for, by its name. Where names say nothing, `deploy::purpose` looks further.

use crate::deployed::Deployed;
use crate::knowledge::intent_words::{self, Intent};
use crate::knowledge::words::FileWords;

/// The words of a name in lower case: `DevDjangoDockerfile` has three, as `dev-django.dockerfile` has. Other names are
/// not parted at their capitals: `DevOps`.
pub(crate) fn words(name: &str) -> impl Iterator<Item = String> {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .flat_map(humps)
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
}

/// A word with `Dockerfile` in it, parted before each capital that follows a small letter.
fn humps(word: &str) -> impl Iterator<Item = &str> {
    let is_parted = word.contains("Dockerfile");
    let mut rest = Some(word);
    std::iter::from_fn(move || {
        let text = rest?;
        let bytes = text.as_bytes();
        let is_start =
            |at: &usize| bytes[*at].is_ascii_uppercase() && bytes[*at - 1].is_ascii_lowercase();
        let (head, tail) = match (1..bytes.len()).find(|at| is_parted && is_start(at)) {
            Some(at) => (&text[..at], Some(&text[at..])),
            None => (text, None),
        };
        rest = tail;
        Some(head)
    })
}

/// The intent that a name tells: `Dockerfile.dev`, `test`, `local-base`; `None` when it tells none.
#[must_use]
pub(crate) fn by_name(name: &str) -> Option<Intent> {
    by_words(name, intent_words::of_dockerfile)
}

pub(crate) fn by_words(name: &str, meaning: impl Fn(&str) -> Option<Intent>) -> Option<Intent> {
    let mut intent = None;
    for word in words(name) {
        match meaning(&word) {
            Some(Intent::Production) => return Some(Intent::Production),
            found => intent = intent.or(found),
        }
    }
    intent
}

/// The intent that the path of a Dockerfile from the project root, with `/`, tells: the file name decides,
/// else the nearest directory that tells one; `None` when none does.
#[must_use]
pub(crate) fn by_path(path: &str) -> Option<Intent> {
    if intent_words::is_put_away(path) {
        return Some(Intent::Development);
    }
    path.rsplit('/').find_map(by_name)
}

/// Whether a word of a command line says that it starts something for development: `runserver`, the `dev` of
/// `npm run dev`, `start_dev`, `./run-dev.sh`, `--reload`, or a script for `sh -c` with such words.
pub(crate) fn starts_development(word: &str) -> bool {
    let says = |word: &str| intent_words::of_start(word) == Some(Intent::Development);
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    word.split_ascii_whitespace().any(|piece| {
        if piece.starts_with('-') {
            let flag = piece.trim_start_matches('-');
            return says(flag.split('=').next().unwrap_or(flag));
        }
        let name = piece.rsplit('/').next().unwrap_or(piece);
        let is_script = [".sh", ".py"].iter().any(|ending| name.ends_with(ending));
        let is_value = name.contains(['.', '=', '@', '[']) || name.split(':').any(is_number);
        (is_script || !is_value) && words(name).any(|word| says(&word))
    })
}

/// What the tag says that an image is given: `image: shop:dev`.
pub(crate) fn tag_intent(deployed: &Deployed) -> Option<Intent> {
    let image = deployed.image.as_ref()?.as_str()?;
    let (_, tag) = image.rsplit('/').next()?.split_once(':')?;
    by_name(tag)
}

/// Whether a list of requirements is called after development or tests: `dev.txt`, `requirements-test.txt`,
/// `local_requirements.txt`.
pub(crate) fn is_development_list(path: &str) -> bool {
    const LIST: &str = "requirements";
    let name = stem_of_list(path).to_ascii_lowercase();
    let sign = ['-', '_', '.'];
    let name = name
        .strip_prefix(LIST)
        .and_then(|rest| rest.strip_prefix(sign))
        .unwrap_or(&name);
    let bare = name
        .strip_suffix(LIST)
        .map(|rest| rest.strip_suffix(sign).unwrap_or(rest));
    FileWords::DevelopmentList.contains(bare.unwrap_or(name))
}

/// The name of a list of requirements without its ending.
pub(crate) fn stem_of_list(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".txt").unwrap_or(name)
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
            ("docker/DevDjangoDockerfile", Some(Intent::Development)),
            ("DockerfileProd", Some(Intent::Production)),
            ("Devices.Dockerfile", None),
            ("DevOps/Dockerfile", None),
            ("CircleCI/Dockerfile", None),
            ("legacy/Dockerfile.prod", Some(Intent::Development)),
        ];
        for (path, intent) in table {
            assert_eq!(by_path(path), intent, "{path}");
        }
        assert_eq!(by_name("latest"), None);
    }

    #[test]
    fn words_tell_what_starts() {
        for word in [
            "runserver",
            "runserver_plus",
            "--reload",
            "--py-autoreload=1",
            "dev",
            "start:dev",
            "start_dev",
            "./bin/run-dev.sh",
            "wait-for db:5432 && python manage.py runserver 0.0.0.0:8000",
        ] {
            assert!(starts_development(word), "{word}");
        }
        for word in [
            "gunicorn",
            "config.dev:application",
            "redis-dev:6379",
            "requirements/dev.txt",
            "--touch-reload",
            "--settings=shop.settings.dev",
            "user@dev",
            ".[dev]",
            "DEV=1",
            "device",
            "",
        ] {
            assert!(!starts_development(word), "{word}");
        }
    }
}
